//! Search among points: the k nearest of each, and all within a distance, on the plane and on the sphere.

mod band;
mod cells;
mod few;
mod nearest;
mod tree;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use self::band::{Bounds, Rows};
use self::cells::Cells;
pub(super) use self::tree::Tree;
use super::check_links;
use crate::data::{Coordinates, EARTH_RADIUS_KM, Points};
use crate::error::Result;
use crate::parallel::map_indexed;

/// Relative slack of an inclusive bound, so that a distance that was computed bounds itself.
pub(super) const ULPS: f64 = 4.0 * f64::EPSILON;

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
                let xy = match scale {
                    None => Cow::Borrowed(points.xy()),
                    Some(scale) => points.xy().iter().map(|p| p.map(|x| x * scale)).collect(),
                };
                (scale.unwrap_or(1.0), Form::Plane(xy, OnceLock::new()))
            }
            Coordinates::LonLat => {
                let vectors = points.unit_vectors();
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
        let mut slots = vec![u32::MAX; self.points.len()];
        for (s, &p) in positions.iter().enumerate() {
            slots[p] = s as u32;
        }
        self.nearest_into(&|id| slots[id as usize], positions.len(), k)
    }

    /// The k nearest others of each unit, one after the other, nearest first.
    pub(super) fn nearest_of_all(&self, k: usize) -> Vec<u32> {
        self.nearest_into(&|id| id, self.points.len(), k)
    }

    /// The distance of each unit to its k-th nearest other, in the unit of distances; 1 ≤ k < n.
    pub(super) fn kth_distances(&self, k: usize) -> Vec<f64> {
        let found = self.nearest_of_all(k);
        let rows = found.chunks(k).enumerate();
        // chords order as great circles do up to rounding
        rows.map(|(i, row)| {
            row.iter()
                .filter_map(|&j| self.points.distance(i, j as usize))
                .fold(0.0, f64::max)
        })
        .collect()
    }

    /// The k nearest others of the units that have a slot below `count`, each row in its slot.
    fn nearest_into(&self, slot: &Slot<'_>, count: usize, k: usize) -> Vec<u32> {
        let mut out = vec![0; count * k];
        match &self.form {
            Form::Plane(xy, tree) => {
                let tree = || tree.get_or_init(|| Tree::new(xy));
                match cells_for(xy, k) {
                    Some(cells) => nearest_in_cells(&cells, tree, slot, k, &mut out),
                    None => nearest(tree(), slot, k, &mut out),
                }
            }
            Form::Sphere(tree) => nearest(tree, slot, k, &mut out),
        }
        out
    }

    /// Rows of the pairs at a distance of at most `max`.
    pub(super) fn band(&self, points: &Points, max: f64) -> Result<(Vec<u32>, Vec<u32>)> {
        let inside = |i: u32, j: u32| at_most(points, i, j, max);
        let bounds = self.bounds(max);
        match &self.form {
            Form::Plane(xy, tree) => {
                check_links(band::certain(xy, bounds))?;
                if let Some(cells) = cells_of(xy, bounds.radius) {
                    let rows = |range| band::rows(&cells, range, bounds, inside);
                    return assembled(cells.ids(), rows);
                }
                let tree = tree.get_or_init(|| Tree::new(xy));
                balls_by_tree(tree, |_| bounds, inside)
            }
            Form::Sphere(tree) => {
                let vectors: Vec<_> = tree.in_order().map(|(_, v)| *v).collect();
                check_links(band::certain(&vectors, bounds))?;
                balls_by_tree(tree, |_| bounds, inside)
            }
        }
    }

    /// Rows of the others at a distance of at most `radii[i]` from unit i: balls of unequal size.
    ///
    /// A pair with d(i, j) < r(i) + r(j) is in the ball of radius 2 r around that of the two with the larger r.
    pub(super) fn balls(&self, radii: &[f64]) -> Result<(Vec<u32>, Vec<u32>)> {
        let bounds = |i: u32| self.bounds(radii[i as usize]);
        let inside = |i: u32, j: u32| at_most(self.points, i, j, radii[i as usize]);
        match &self.form {
            Form::Plane(xy, tree) => {
                balls_by_tree(tree.get_or_init(|| Tree::new(xy)), bounds, inside)
            }
            Form::Sphere(tree) => balls_by_tree(tree, bounds, inside),
        }
    }

    /// What a distance means for the squares that are searched.
    fn bounds(&self, max: f64) -> Bounds {
        match &self.form {
            Form::Plane(..) => {
                let radius = max * self.scale;
                Bounds::between(radius * (1.0 - 4.0 * ULPS), radius * (1.0 + 4.0 * ULPS))
            }
            Form::Sphere(_) => {
                let angle = (max / EARTH_RADIUS_KM).min(std::f64::consts::PI);
                let chord = 2.0 * (angle / 2.0).sin();
                let surely = chord * (1.0 - 1e-9) - 1e-14;
                Bounds::between(surely, chord * (1.0 + 1e-9) + 1e-14)
            }
        }
    }
}

/// Whether a distance is at most `max`, with the slack of an inclusive bound.
fn at_most(points: &Points, i: u32, j: u32, max: f64) -> bool {
    points
        .distance(i as usize, j as usize)
        .is_some_and(|d| d <= max * (1.0 + ULPS))
}

/// Where the row of a unit goes; beyond all rows where it is not asked for.
type Slot<'a> = dyn Fn(u32) -> u32 + Sync + 'a;

/// Sort rows of k distinct columns each.
pub(super) fn ascending(columns: &mut [u32], k: usize) {
    columns.chunks_mut(k).for_each(few::sort);
}

/// A power of two that keeps squares of coordinates in range, where usual ones are not in it.
fn scale(xy: &[[f64; 2]]) -> Option<f64> {
    let largest = xy.iter().flatten().fold(0.0_f64, |m, x| m.max(x.abs()));
    let usual = largest == 0.0 || (1e-100..1e100).contains(&largest);
    (!usual).then(|| (-largest.log2().floor()).clamp(-1022.0, 1022.0).exp2())
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
    slot: &Slot<'_>,
    k: usize,
    out: &mut [u32],
) {
    let n = cells.ids().len();
    let blocks = map_indexed(n.div_ceil(nearest::BLOCK), |b| {
        let range = b * nearest::BLOCK..((b + 1) * nearest::BLOCK).min(n);
        nearest::nearest(cells, range, k, |id| slot(id) != u32::MAX)
    });
    for (ids, block) in cells.ids().chunks(nearest::BLOCK).zip(&blocks) {
        for (&id, row) in ids.iter().zip(block.rows.chunks(k)) {
            if let Some(to) = out.chunks_mut(k).nth(slot(id) as usize) {
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
fn nearest<const D: usize>(tree: &Tree<D>, slot: &Slot<'_>, k: usize, out: &mut [u32]) {
    let asked: Vec<(u32, &[f64; D])> = tree
        .in_order()
        .filter(|&(id, _)| slot(id) != u32::MAX)
        .collect();
    nearest_in_tree(tree, &asked, slot, k, out);
}

fn nearest_in_tree<const D: usize>(
    tree: &Tree<D>,
    asked: &[(u32, &[f64; D])],
    slot: &Slot<'_>,
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
        let at = slot(id) as usize * k;
        out[at..at + k].copy_from_slice(row);
    }
}

/// Cells for pairs within a radius, unless they would hold many more points than are near each other.
fn cells_of(xy: &[[f64; 2]], radius: f64) -> Option<Cells> {
    let cells = Cells::of_side(xy, band::side(xy, radius))?;
    (cells.side() < 1.1 * radius || cells.crowding(0).1 < 8.0).then_some(cells)
}

fn balls_by_tree<const D: usize>(
    tree: &Tree<D>,
    bounds: impl Fn(u32) -> Bounds + Sync + Send,
    inside: impl Fn(u32, u32) -> bool + Sync + Send,
) -> Result<(Vec<u32>, Vec<u32>)> {
    let (ids, points): (Vec<u32>, Vec<[f64; D]>) = tree.in_order().unzip();
    assembled(&ids, |range| {
        let (mut rows, mut found) = (Rows::default(), Vec::new());
        for at in range {
            let (id, bounds) = (ids[at], bounds(ids[at]));
            tree.within_squared(id, &points[at], bounds.perhaps, &mut found);
            found.retain(|&(d, j)| d <= bounds.surely || inside(id, j));
            let first = rows.columns.len();
            rows.columns.extend(found.iter().map(|f| f.1));
            few::sort(&mut rows.columns[first..]);
            rows.counts.push(found.len() as u32);
        }
        rows
    })
}

/// Offsets and columns from the rows of ranges of positions in an order of the units.
fn assembled(
    order: &[u32],
    rows: impl Fn(Range<usize>) -> Rows + Sync + Send,
) -> Result<(Vec<u32>, Vec<u32>)> {
    const BLOCK: usize = 2048;
    const TURN: usize = 32;
    let n = order.len();
    let mut offsets = vec![0_u32; n + 1];
    let (mut blocks, mut links) = (Vec::new(), 0);
    // in turns, so that too many links are noticed before they fill the memory
    for turn in (0..n).step_by(BLOCK * TURN) {
        let count = (n - turn).div_ceil(BLOCK).min(TURN);
        let done = map_indexed(count, |b| {
            let from = turn + b * BLOCK;
            rows(from..(from + BLOCK).min(n))
        });
        links += done.iter().map(|rows| rows.columns.len()).sum::<usize>();
        check_links(links)?;
        blocks.extend(done);
    }
    let counts = || blocks.iter().flat_map(|rows| &rows.counts);
    for (&id, count) in order.iter().zip(counts()) {
        offsets[id as usize + 1] = *count;
    }
    for i in 0..n {
        offsets[i + 1] += offsets[i];
    }
    let mut columns = vec![0; links];
    let mut ids = order.iter();
    for rows in blocks {
        let mut left = &rows.columns[..];
        for (&count, &id) in rows.counts.iter().zip(&mut ids) {
            let (row, rest) = left.split_at(count as usize);
            let to = offsets[id as usize] as usize;
            columns[to..to + row.len()].copy_from_slice(row);
            left = rest;
        }
    }
    Ok((offsets, columns))
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
