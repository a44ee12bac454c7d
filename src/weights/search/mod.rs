//! Search among points: the k nearest of each, and all within a distance, on the plane and on the sphere.

mod cells;
mod nearest;

use std::borrow::Cow;
use std::sync::OnceLock;

use self::cells::Cells;
use super::check_links;
use super::tree::Tree;
use crate::data::{Coordinates, EARTH_RADIUS_KM, Points};
use crate::error::Result;
use crate::parallel::map_indexed;

/// Relative slack of an inclusive bound, so that a distance that was computed bounds itself.
const ULPS: f64 = 4.0 * f64::EPSILON;

/// Points to be searched: on the plane, or on the unit sphere, where chords order as great circles do.
pub(super) struct Space<'a> {
    points: &'a Points,
    /// Factor of the coordinates of a plane.
    scale: f64,
    form: Form<'a>,
}

enum Form<'a> {
    Plane(Cow<'a, [[f64; 2]]>, OnceLock<Tree<2>>),
    Sphere(Tree<3>),
}

impl<'a> Space<'a> {
    pub(super) fn of(points: &'a Points) -> Self {
        let (scale, form) = match points.coordinates() {
            Coordinates::Planar => {
                let scale = scale(points.xy());
                let xy = if scale == 1.0 {
                    Cow::Borrowed(points.xy())
                } else {
                    points.xy().iter().map(|p| p.map(|x| x * scale)).collect()
                };
                (scale, Form::Plane(xy, OnceLock::new()))
            }
            Coordinates::LonLat => {
                let vectors: Vec<[f64; 3]> = points
                    .xy()
                    .iter()
                    .map(|&[lon, lat]| {
                        let (lon, lat) = (lon.to_radians(), lat.to_radians());
                        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
                    })
                    .collect();
                (1.0, Form::Sphere(Tree::new(&vectors)))
            }
        };
        Self {
            points,
            scale,
            form,
        }
    }

    /// The k nearest others of each of the positions (ascending), one after the other, nearest first.
    pub(super) fn nearest(&self, positions: &[usize], k: usize) -> Vec<u32> {
        let n = self.points.len();
        let mut slot = vec![u32::MAX; n];
        for (s, &p) in positions.iter().enumerate() {
            slot[p] = s as u32;
        }
        let mut out = vec![0; positions.len() * k];
        match &self.form {
            Form::Plane(xy, tree) => {
                let tree = || tree.get_or_init(|| Tree::new(xy));
                match cells_for(xy, k) {
                    Some(cells) => nearest_in_cells(&cells, tree, &slot, k, &mut out),
                    None => nearest(tree(), &slot, k, &mut out),
                }
            }
            Form::Sphere(tree) => nearest(tree, &slot, k, &mut out),
        }
        out
    }

    /// Rows of the pairs at a distance of at most `max`.
    pub(super) fn band(&self, points: &Points, max: f64) -> Result<(Vec<u32>, Vec<u32>)> {
        let inside = |i: u32, j: u32| {
            points
                .distance(i as usize, j as usize)
                .is_some_and(|d| d <= max * (1.0 + ULPS))
        };
        match &self.form {
            Form::Plane(xy, tree) => {
                let radius = max * self.scale * (1.0 + 4.0 * ULPS);
                band(tree.get_or_init(|| Tree::new(xy)), radius * radius, inside)
            }
            Form::Sphere(tree) => {
                let angle = (max / EARTH_RADIUS_KM).min(std::f64::consts::PI);
                let chord = 2.0 * (angle / 2.0).sin() * (1.0 + 1e-9) + 1e-14;
                band(tree, chord * chord, inside)
            }
        }
    }
}

/// A power of two that keeps squares of coordinates in range, one for usual coordinates.
fn scale(xy: &[[f64; 2]]) -> f64 {
    let largest = xy.iter().flatten().fold(0.0_f64, |m, x| m.max(x.abs()));
    if largest == 0.0 || (1e-100..1e100).contains(&largest) {
        1.0
    } else {
        (-largest.log2().floor()).clamp(-1022.0, 1022.0).exp2()
    }
}

/// Cells for the k nearest, unless too many points crowd too few of them.
fn cells_for(xy: &[[f64; 2]], k: usize) -> Option<Cells> {
    if k > nearest::MOST_NEIGHBOURS {
        return None;
    }
    let cells = Cells::holding(xy, nearest::per_cell(k))?;
    (cells.crowding(nearest::CROWDED).0 <= xy.len() / 2).then_some(cells)
}

/// The k nearest of the points that have a slot, each into its slot.
fn nearest_in_cells<'a>(
    cells: &Cells,
    tree: impl Fn() -> &'a Tree<2>,
    slot: &[u32],
    k: usize,
    out: &mut [u32],
) {
    let blocks = map_indexed(slot.len().div_ceil(nearest::BLOCK), |b| {
        let range = b * nearest::BLOCK..((b + 1) * nearest::BLOCK).min(slot.len());
        nearest::nearest(cells, range, k, |id| slot[id as usize] != u32::MAX)
    });
    for (ids, block) in cells.ids().chunks(nearest::BLOCK).zip(&blocks) {
        for (&id, row) in ids.iter().zip(block.rows.chunks(k)) {
            if let Some(to) = out.chunks_mut(k).nth(slot[id as usize] as usize) {
                to.copy_from_slice(row);
            }
        }
    }
    let left: Vec<(u32, &[f64; 2])> = blocks
        .iter()
        .flat_map(|b| &b.left)
        .map(|&at| (cells.ids()[at as usize], &cells.points()[at as usize]))
        .collect();
    if !left.is_empty() {
        nearest_in_tree(tree(), &left, slot, k, out);
    }
}

/// The k nearest of the points that have a slot, each into its slot.
fn nearest<const D: usize>(tree: &Tree<D>, slot: &[u32], k: usize, out: &mut [u32]) {
    let asked: Vec<(u32, &[f64; D])> = tree
        .in_order()
        .filter(|&(id, _)| slot[id as usize] != u32::MAX)
        .collect();
    nearest_in_tree(tree, &asked, slot, k, out);
}

fn nearest_in_tree<const D: usize>(
    tree: &Tree<D>,
    asked: &[(u32, &[f64; D])],
    slot: &[u32],
    k: usize,
    out: &mut [u32],
) {
    let blocks = in_blocks(asked, |block| {
        let mut found = Vec::with_capacity(k + 1);
        let mut out = Vec::with_capacity(block.len() * k);
        for &(id, point) in block {
            tree.nearest(id, point, k, &mut found);
            out.extend(found.iter().map(|f| f.1));
        }
        out
    });
    let found = blocks.iter().flat_map(|b| b.chunks(k));
    for (&(id, _), row) in asked.iter().zip(found) {
        let at = slot[id as usize] as usize * k;
        out[at..at + k].copy_from_slice(row);
    }
}

fn band<const D: usize>(
    tree: &Tree<D>,
    radius2: f64,
    inside: impl Fn(u32, u32) -> bool + Sync,
) -> Result<(Vec<u32>, Vec<u32>)> {
    let items: Vec<(u32, &[f64; D])> = tree.in_order().collect();
    let n = items.len();
    let mut counts = vec![0_u32; n + 1];
    let (mut blocks, mut links) = (Vec::new(), 0);
    // in turns, so that too many links are noticed before they fill the memory
    for turn in items.chunks(1 << 16) {
        let done = in_blocks(turn, |block| {
            let (mut rows, mut found) = (Vec::new(), Vec::new());
            let mut out = Vec::new();
            for &(id, point) in block {
                tree.within(id, point, radius2, &mut found);
                found.retain(|&j| inside(id, j));
                found.sort_unstable();
                rows.push((id, found.len() as u32));
                out.extend_from_slice(&found);
            }
            (rows, out)
        });
        links += done.iter().map(|(_, out)| out.len()).sum::<usize>();
        check_links(links)?;
        for &(id, count) in done.iter().flat_map(|(rows, _)| rows) {
            counts[id as usize + 1] = count;
        }
        blocks.extend(done);
    }
    for i in 0..n {
        counts[i + 1] += counts[i];
    }
    let mut columns = vec![0; links];
    for (rows, out) in &blocks {
        let mut at = 0;
        for &(id, count) in rows {
            let (to, count) = (counts[id as usize] as usize, count as usize);
            columns[to..to + count].copy_from_slice(&out[at..at + count]);
            at += count;
        }
    }
    Ok((counts, columns))
}

/// A function of blocks of the items, results in order, over threads where the feature `rayon` is on.
fn in_blocks<T: Sync, R: Send>(items: &[T], f: impl Fn(&[T]) -> R + Sync + Send) -> Vec<R> {
    const BLOCK: usize = 2048;
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        items.par_chunks(BLOCK).map(f).collect()
    }
    #[cfg(not(feature = "rayon"))]
    {
        items.chunks(BLOCK).map(f).collect()
    }
}

#[cfg(test)]
mod tests;
