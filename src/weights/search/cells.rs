//! Points of a plane sorted into square cells, row by row, so that near points lie close in memory.

use std::ops::{Range, RangeInclusive};

use super::nearest::{greater, lesser};

/// The points by cell; inside a cell in the order of positions.
pub(super) struct Cells {
    low: [f64; 2],
    /// Side of a cell, and cells in a unit of length.
    side: f64,
    inverse: f64,
    /// Columns and rows of cells.
    shape: [usize; 2],
    starts: Vec<u32>,
    points: Vec<[f64; 2]>,
    ids: Vec<u32>,
}

/// Smallest and largest coordinates, of all points but a few that lie far out.
///
/// What lies outside counts to the cells at the edge, so that it must not be much.
pub(super) fn extent(points: &[[f64; 2]]) -> ([f64; 2], [f64; 2]) {
    const SAMPLE: usize = 1024;
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for p in points {
        for d in 0..2 {
            low[d] = lesser(low[d], p[d]);
            high[d] = greater(high[d], p[d]);
        }
    }
    let all = (low, high);
    for d in 0..2 {
        let step = (points.len() / SAMPLE).max(1);
        let mut sample: Vec<f64> = points.iter().step_by(step).map(|p| p[d]).collect();
        sample.sort_unstable_by(f64::total_cmp);
        let fiftieth = sample.len() / 50;
        let (Some(&from), Some(&to)) = (
            sample.get(fiftieth),
            sample.get(sample.len().saturating_sub(1 + fiftieth)),
        ) else {
            return all;
        };
        let margin = 0.2 * (to - from);
        low[d] = greater(low[d], from - margin);
        high[d] = lesser(high[d], to + margin);
    }
    let outside = |p: &&[f64; 2]| (0..2).any(|d| p[d] < low[d] || p[d] > high[d]);
    let count = points.iter().filter(outside).count();
    if count * count <= 64 * points.len() {
        (low, high)
    } else {
        all
    }
}

impl Cells {
    /// With about so many points in a cell; nothing where the points have no extent, or one out of the range of numbers.
    pub(super) fn holding(points: &[[f64; 2]], per_cell: f64) -> Option<Self> {
        let (low, high) = extent(points);
        let [x, y] = [high[0] - low[0], high[1] - low[1]];
        let cells = (points.len() as f64 / per_cell).max(1.0);
        let side = (x.sqrt() * y.sqrt() / cells.sqrt()).max(x.max(y) / cells);
        Self::sorted(points, low, high, side)
    }

    /// With a side, or a larger one where the cells would be more than four times the points.
    pub(super) fn of_side(points: &[[f64; 2]], side: f64) -> Option<Self> {
        let (low, high) = extent(points);
        let [x, y] = [high[0] - low[0], high[1] - low[1]];
        let most = 4.0 * points.len() as f64;
        let side = side
            .max(x.sqrt() * y.sqrt() / most.sqrt())
            .max(x.max(y) / most);
        Self::sorted(points, low, high, side)
    }

    fn sorted(points: &[[f64; 2]], low: [f64; 2], high: [f64; 2], side: f64) -> Option<Self> {
        let inverse = 1.0 / side;
        if !(inverse > 0.0 && inverse.is_finite() && side.is_finite()) {
            return None;
        }
        let shape = [0, 1].map(|d| ((high[d] - low[d]) * inverse) as usize + 1);
        let mut cells = Self {
            low,
            side,
            inverse,
            shape,
            starts: Vec::new(),
            points: vec![[0.0; 2]; points.len()],
            ids: vec![0; points.len()],
        };
        let mut starts = vec![0_u32; shape[0] * shape[1] + 2];
        let at: Vec<u32> = points
            .iter()
            .map(|p| {
                let cell = cells.cell(p);
                starts[cell + 2] += 1;
                cell as u32
            })
            .collect();
        for c in 2..starts.len() {
            starts[c] += starts[c - 1];
        }
        for (i, (p, &cell)) in points.iter().zip(&at).enumerate() {
            let to = &mut starts[cell as usize + 1];
            cells.points[*to as usize] = *p;
            cells.ids[*to as usize] = i as u32;
            *to += 1;
        }
        starts.pop();
        cells.starts = starts;
        Some(cells)
    }

    /// Column or row of a coordinate, which does not fall where the coordinate grows.
    fn line(&self, d: usize, x: f64) -> usize {
        (((x - self.low[d]) * self.inverse) as usize).min(self.shape[d] - 1)
    }

    fn cell(&self, p: &[f64; 2]) -> usize {
        self.line(1, p[1]) * self.shape[0] + self.line(0, p[0])
    }

    pub(super) fn points(&self) -> &[[f64; 2]] {
        &self.points
    }

    pub(super) fn ids(&self) -> &[u32] {
        &self.ids
    }

    pub(super) fn side(&self) -> f64 {
        self.side
    }

    /// The points in the cell of a point.
    pub(super) fn own(&self, p: &[f64; 2]) -> Range<usize> {
        let cell = self.cell(p);
        self.starts[cell] as usize..self.starts[cell + 1] as usize
    }

    /// The points of the cells of a row.
    pub(super) fn run(&self, row: usize, columns: &RangeInclusive<usize>) -> Range<usize> {
        let first = row * self.shape[0];
        self.starts[first + columns.start()] as usize
            ..self.starts[first + columns.end() + 1] as usize
    }

    /// Columns and rows of the cells up to `rings` around that of a point.
    pub(super) fn around(
        &self,
        p: &[f64; 2],
        rings: usize,
    ) -> (RangeInclusive<usize>, RangeInclusive<usize>) {
        let lines = |d: usize| {
            let line = self.line(d, p[d]);
            line.saturating_sub(rings)..=(line + rings).min(self.shape[d] - 1)
        };
        (lines(0), lines(1))
    }

    /// A distance below that from a point to any point outside the cells up to `rings` around its own.
    pub(super) fn clearance(&self, p: &[f64; 2], rings: usize) -> f64 {
        let mut least = f64::INFINITY;
        for (d, x) in p.iter().enumerate() {
            let u = (x - self.low[d]) * self.inverse;
            let line = self.line(d, *x);
            // what rounding can move a point over the edge of its cell
            let slack = 8.0 * f64::EPSILON * self.shape[d] as f64;
            if line > rings {
                least = least.min(u - (line - rings) as f64 - slack);
            }
            if line + rings + 1 < self.shape[d] {
                least = least.min((line + rings + 1) as f64 - u - slack);
            }
        }
        least.max(0.0) * self.side * (1.0 - 8.0 * f64::EPSILON)
    }

    /// Points that share their cell with more than `limit` others, and the mean number of points in a point's cell.
    pub(super) fn crowding(&self, limit: u32) -> (usize, f64) {
        let (mut crowded, mut squares) = (0, 0.0);
        for s in self.starts.windows(2) {
            let count = s[1] - s[0];
            if count > limit {
                crowded += count as usize;
            }
            squares += f64::from(count) * f64::from(count);
        }
        (crowded, squares / self.ids.len().max(1) as f64)
    }
}
