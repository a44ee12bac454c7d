//! All pairs of points within a distance, by cells.

use std::ops::Range;

use super::cells::Cells;
use super::few;

/// More than rounding moves points over the edges of cells, as a part of a cell.
const SLACK: f64 = 1e-6;

/// Side of the cells for a radius: the radius, or a part of it where a cell would hold many points.
pub(super) fn side(points: &[[f64; 2]], radius: f64) -> f64 {
    let ([left, bottom], [right, top]) = super::cells::extent(points);
    let density = points.len() as f64 / (right - left) / (top - bottom);
    let parts = (radius * (density / 4.0).sqrt()).floor();
    radius * (1.0 + 10.0 * SLACK) / parts.clamp(1.0, 4.0)
}

/// Which squared distances are inside: below the first number surely, above the second surely not, between them it has to be asked.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) surely: f64,
    pub(super) perhaps: f64,
    /// No distance inside is larger.
    pub(super) radius: f64,
}

impl Bounds {
    /// From the radii below and above which it is sure; nothing is where squares leave the range of numbers.
    pub(super) fn between(surely: f64, perhaps: f64) -> Self {
        let square = surely * surely;
        Self {
            surely: if surely > 0.0 && square > 1e-290 {
                square
            } else {
                -1.0
            },
            perhaps: (perhaps * perhaps).max(1e-290),
            radius: perhaps.max(1e-145),
        }
    }
}

/// Links within a radius that are there for sure, those of points in one cell whose diagonal is the radius; zero where such
/// cells would be too many to be counted in little memory.
pub(super) fn certain<const D: usize>(points: &[[f64; D]], bounds: Bounds) -> usize {
    const CELLS: usize = 1 << 21;
    let side = (bounds.surely / D as f64).sqrt() * (1.0 - 1e-9);
    let (mut low, mut high) = ([f64::INFINITY; D], [f64::NEG_INFINITY; D]);
    for p in points {
        for d in 0..D {
            (low[d], high[d]) = (low[d].min(p[d]), high[d].max(p[d]));
        }
    }
    let mut shape = [1; D];
    let mut cells = 1_usize;
    for d in 0..D {
        let parts = ((high[d] - low[d]) / side).floor() + 1.0;
        if !(parts <= CELLS as f64) {
            return 0;
        }
        shape[d] = parts as usize;
        cells = cells.saturating_mul(shape[d]);
    }
    if cells > CELLS {
        return 0;
    }
    let mut counts = vec![0_usize; cells];
    for p in points {
        let cell = (0..D).fold(0, |cell, d| {
            let part = ((p[d] - low[d]) / side) as usize;
            cell * shape[d] + part.min(shape[d] - 1)
        });
        counts[cell] += 1;
    }
    counts
        .iter()
        .fold(0, |sum, c| sum.saturating_add(c * c.saturating_sub(1)))
}

/// Rows of consecutive points: how many each has, and one after the other.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) counts: Vec<u32>,
    pub(super) columns: Vec<u32>,
}

/// The neighbours of the points of a range in the order of the cells; each row ascends.
pub(super) fn rows(
    cells: &Cells,
    range: Range<usize>,
    bounds: Bounds,
    inside: impl Fn(u32, u32) -> bool,
) -> Rows {
    // a point at the radius is at most so far away in each coordinate
    let rings = (bounds.radius * (1.0 + SLACK) / cells.side()).ceil() as usize;
    let mut out = Rows::default();
    let mut near: Vec<([f64; 2], u32)> = Vec::new();
    let mut q = range.start;
    while q < range.end {
        let point = &cells.points()[q];
        let own = cells.own(point);
        gather(cells, point, rings, &own, &mut near);
        let end = own.end.min(range.end);
        for at in q..end {
            // the point itself comes first, and the others of its cell keep their places until it is their turn
            near.swap(0, at - own.start);
            let Some(((point, id), others)) = near.split_first() else {
                break;
            };
            let first = out.columns.len();
            out.columns.resize(first + others.len(), 0);
            let row = &mut out.columns[first..];
            let (mut count, mut sure) = (0, 0);
            for (p, j) in others {
                let d = squared(p, point);
                row[count] = *j;
                count += usize::from(d <= bounds.perhaps);
                sure += usize::from(d <= bounds.surely);
            }
            if sure < count {
                count = 0;
                for (p, j) in others {
                    let d = squared(p, point);
                    if d <= bounds.surely || (d <= bounds.perhaps && inside(*id, *j)) {
                        row[count] = *j;
                        count += 1;
                    }
                }
            }
            few::sort(&mut row[..count]);
            out.columns.truncate(first + count);
            out.counts.push(count as u32);
        }
        q = end;
    }
    out
}

fn squared(a: &[f64; 2], b: &[f64; 2]) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    x * x + y * y
}

/// The points of the cells around one, those of its own cell first.
fn gather(
    cells: &Cells,
    point: &[f64; 2],
    rings: usize,
    own: &Range<usize>,
    near: &mut Vec<([f64; 2], u32)>,
) {
    near.clear();
    let mut add = |run: Range<usize>| {
        near.extend(
            (cells.points()[run.clone()].iter().copied()).zip(cells.ids()[run].iter().copied()),
        );
    };
    add(own.clone());
    let (columns, rows) = cells.around(point, rings);
    for row in rows {
        let run = cells.run(row, &columns);
        if run.start <= own.start && own.end <= run.end {
            add(run.start..own.start);
            add(own.end..run.end);
        } else {
            add(run);
        }
    }
}
