//! Search among points: the k nearest of each, and all within a distance, on the plane and on the sphere.

use super::check_links;
use super::tree::Tree;
use crate::data::{Coordinates, EARTH_RADIUS_KM, Points};
use crate::error::Result;

/// Relative slack of an inclusive bound, so that a distance that was computed bounds itself.
const ULPS: f64 = 4.0 * f64::EPSILON;

/// Points in a search tree: on the plane, or on the unit sphere, where chords order as great circles do.
pub(super) enum Space {
    Plane { tree: Tree<2>, scale: f64 },
    Sphere(Tree<3>),
}

impl Space {
    pub(super) fn of(points: &Points) -> Self {
        match points.coordinates() {
            Coordinates::Planar => {
                let scale = scale(points.xy());
                let scaled: Vec<[f64; 2]> =
                    points.xy().iter().map(|p| p.map(|x| x * scale)).collect();
                Self::Plane {
                    tree: Tree::new(&scaled),
                    scale,
                }
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
                Self::Sphere(Tree::new(&vectors))
            }
        }
    }

    /// The k nearest others of each of the positions (ascending), one after the other, nearest first.
    pub(super) fn nearest(&self, positions: &[usize], k: usize) -> Vec<u32> {
        match self {
            Self::Plane { tree, .. } => nearest(tree, positions, k),
            Self::Sphere(tree) => nearest(tree, positions, k),
        }
    }

    /// Rows of the pairs at a distance of at most `max`.
    pub(super) fn band(&self, points: &Points, max: f64) -> Result<(Vec<u32>, Vec<u32>)> {
        let inside = |i: u32, j: u32| {
            points
                .distance(i as usize, j as usize)
                .is_some_and(|d| d <= max * (1.0 + ULPS))
        };
        match self {
            Self::Plane { tree, scale } => {
                let radius = max * scale * (1.0 + 4.0 * ULPS);
                band(tree, radius * radius, inside)
            }
            Self::Sphere(tree) => {
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

fn nearest<const D: usize>(tree: &Tree<D>, positions: &[usize], k: usize) -> Vec<u32> {
    let items: Vec<(u32, &[f64; D])> = tree.in_order().collect();
    let mut slot = vec![u32::MAX; items.len()];
    for (s, &p) in positions.iter().enumerate() {
        slot[p] = s as u32;
    }
    let asked: Vec<(u32, &[f64; D])> = items
        .into_iter()
        .filter(|&(id, _)| slot[id as usize] != u32::MAX)
        .collect();
    let blocks = in_blocks(&asked, |block| {
        let mut found = Vec::with_capacity(k + 1);
        let mut out = Vec::with_capacity(block.len() * k);
        for &(id, point) in block {
            tree.nearest(id, point, k, &mut found);
            out.extend(found.iter().map(|f| f.1));
        }
        out
    });
    let mut out = vec![0; positions.len() * k];
    let found = blocks.iter().flat_map(|b| b.chunks(k));
    for (&(id, _), row) in asked.iter().zip(found) {
        let at = slot[id as usize] as usize * k;
        out[at..at + k].copy_from_slice(row);
    }
    out
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
