//! Weights from graphs over points: Delaunay, Gabriel, relative neighbours, sphere of influence, Voronoi.
//!
//! The first three are nested, and the minimum spanning tree lies in the last of them, so that they are connected and have no
//! islands. Triangulations are made by the crate `spade`: its predicates are exact, so that no input breaks it, and it is
//! well kept.

mod delaunay;
mod gabriel;
mod influence;
mod relative;
mod shapes;
mod triangulation;
mod voronoi;

pub use self::voronoi::Clip;
use super::links::{binary, offsets};
use super::{Weights, check_links};
use crate::data::Points;
use crate::error::Result;

/// In place of a position: no point.
const NONE: u32 = u32::MAX;

/// Symmetric binary weights from distinct unordered pairs.
fn symmetric(points: &Points, pairs: &[[u32; 2]], built: &str) -> Result<Weights> {
    let n = points.len();
    check_links(n)?;
    check_links(pairs.len().saturating_mul(2))?;
    let offsets = offsets(n, pairs.iter().flatten().copied());
    let mut next = offsets.clone();
    let mut columns = vec![0; 2 * pairs.len()];
    for &[a, b] in pairs {
        for (from, to) in [(a, b), (b, a)] {
            columns[next[from as usize] as usize] = to;
            next[from as usize] += 1;
        }
    }
    for row in offsets.windows(2) {
        columns[row[0] as usize..row[1] as usize].sort_unstable();
    }
    Ok(binary(
        points.units().clone(),
        offsets,
        columns,
        built.to_owned(),
    ))
}

#[cfg(test)]
mod tests;
