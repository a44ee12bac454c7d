//! `ConditionalDensity`: a stochastic kernel on a grid of cells.

use ndarray::{Array1, Array2, ArrayView1};

use super::super::sample::normal_below;
use super::StochasticKernel;
use crate::error::{Error, Result};
use crate::parallel;

/// The density of y given x on a grid: rows are x at the centres of the cells, columns the cells of y.
///
/// A cell holds its share of the mass, which is exact (differences of normal distribution functions); the density is that share over the width
/// of the cell, its mean over the cell.
///
/// # Example
///
/// ```
/// use ndarray::Array2;
/// use spatialecon::{Panel, StochasticKernel, Units};
/// let wobble = |t: usize, i: usize| if (t + i) % 2 == 0 { 0.02 } else { -0.02 };
/// let gap = |t: usize, i: usize| (i as f64 - 9.5) / 10.0 * 0.5_f64.powi(t as i32) + wobble(t, i);
/// let income = Array2::from_shape_fn((3, 20), |(t, i)| 100.0 * (1.0 + gap(t, i)));
/// let panel = Panel::from_columns(&Units::range(20), &[2000, 2010, 2020], [("income", income)])?;
/// let kernel = StochasticKernel::of(&panel, "income", 10)?.with_bandwidths(0.1, 0.05)?;
/// let surface = kernel.conditional_density()?;
/// assert!(surface.probabilities().rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-12));
/// // The middle stays where it is.
/// let middle = surface.centres().iter().position(|x| *x > 1.0).unwrap_or(0);
/// assert!((surface.ridge()[middle] - 1.0).abs() < 0.05);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConditionalDensity {
    centres: Array1<f64>,
    edges: Array1<f64>,
    probabilities: Array2<f64>,
    support: Array1<f64>,
    leak: f64,
}

/// Points of a block; sums are taken block by block, in order.
const BLOCK: usize = 4096;
/// Kernels beyond so many bandwidths are below 2e-16 of their height.
const REACH: f64 = 8.5;
/// Mass that may lie outside the grid.
const MOST_LEAK: f64 = 1e-3;

/// Sums over the points of a block.
struct Sums {
    mass: Vec<f64>,
    inside: Vec<f64>,
    weight: Vec<f64>,
}

impl StochasticKernel {
    /// The kernel on a grid of cells.
    ///
    /// All sums are direct: a point reaches the cells within 8.5 bandwidths. Rows sum to one; what lay outside the grid is in
    /// [`ConditionalDensity::leak`]. Cost: points × cells in reach of both axes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where more than a thousandth of the mass of a row lies outside the grid (after [`with_ends`](Self::with_ends)).
    #[doc(alias = "cde")]
    pub fn conditional_density(&self) -> Result<ConditionalDensity> {
        let (x, y) = (self.scaled(&self.x), self.scaled(&self.y));
        let (hx, hy) = self.bandwidths;
        let (low, high) = self.grid_ends(&x, &y);
        if !(self.back(low).is_finite() && self.back(high).is_finite())
            || (self.log && !(self.back(low) > 0.0))
        {
            return Err(Error::InvalidOption {
                option: "the ends of the grid",
                value: format!("{} to {}", self.back(low), self.back(high)),
                expected: "numbers: values lie so far apart that the grid leaves their range; give its ends by `with_ends`",
            });
        }
        let narrow = ((high - low) / hx.min(hy)).ceil();
        let m = self
            .cells
            .unwrap_or_else(|| narrow.clamp(100.0, 200.0) as usize);
        let width = (high - low) / m as f64;
        let edge = |j: usize| low + j as f64 * width;
        let centre = |i: usize| low + (i as f64 + 0.5) * width;
        let mut sorted = x.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        // Squared distance of the nearest point, in bandwidths.
        let nearest: Vec<f64> = (0..m)
            .map(|i| {
                let at = sorted.partition_point(|v| *v < centre(i));
                let around = sorted[at.saturating_sub(1)..sorted.len().min(at + 1)].iter();
                let distances = around.map(|v| ((v - centre(i)) / hx).powi(2));
                distances.fold(f64::INFINITY, f64::min)
            })
            .collect();
        let blocks = parallel::map_indexed(x.len().div_ceil(BLOCK), |b| {
            let mut sums = Sums {
                mass: vec![0.0; m * m],
                inside: vec![0.0; m],
                weight: vec![0.0; m],
            };
            let mut shares = Vec::with_capacity(m);
            let end = x.len().min((b + 1) * BLOCK);
            for (x, y) in x[b * BLOCK..end].iter().zip(&y[b * BLOCK..end]) {
                let cell = |z: f64| ((z - low) / width).floor().clamp(0.0, m as f64) as usize;
                let from = cell(y - REACH * hy).min(m - 1);
                let to = (cell(y + REACH * hy) + 1).clamp(from + 1, m);
                shares.clear();
                let mut below = normal_below((edge(from) - y) / hy);
                let first = below;
                shares.extend((from..to).map(|j| {
                    let above = normal_below((edge(j + 1) - y) / hy);
                    let share = above - below;
                    below = above;
                    share
                }));
                let inside = below - first;
                for (i, nearest) in nearest.iter().enumerate() {
                    let square = ((centre(i) - x) / hx).powi(2) - nearest;
                    if square > REACH * REACH {
                        continue;
                    }
                    let weight = (-0.5 * square).exp();
                    sums.weight[i] += weight;
                    sums.inside[i] += weight * inside;
                    let row = &mut sums.mass[i * m + from..i * m + to];
                    for (to, share) in row.iter_mut().zip(&shares) {
                        *to += weight * share;
                    }
                }
            }
            sums
        });
        let mut probabilities = Array2::<f64>::zeros((m, m));
        let (mut inside, mut weight) = (vec![0.0; m], vec![0.0; m]);
        for block in blocks {
            for (to, v) in probabilities.iter_mut().zip(block.mass) {
                *to += v;
            }
            for i in 0..m {
                inside[i] += block.inside[i];
                weight[i] += block.weight[i];
            }
        }
        let kept = inside.iter().zip(&weight).map(|(a, b)| a / b);
        let leak = (1.0 - kept.fold(1.0, f64::min)).max(0.0);
        if leak > MOST_LEAK {
            return Err(Error::InvalidOption {
                option: "the ends of the grid",
                value: format!("{} to {}", self.back(low), self.back(high)),
                expected: "ends beyond the points of both axes: more than a thousandth of the mass of a row lies outside",
            });
        }
        for mut row in probabilities.rows_mut() {
            let total = row.sum();
            row /= total;
        }
        let found = nearest.iter().zip(&weight);
        Ok(ConditionalDensity {
            centres: (0..m).map(|i| self.back(centre(i))).collect(),
            edges: (0..=m).map(|j| self.back(edge(j))).collect(),
            probabilities,
            support: found.map(|(d, w)| w * (-0.5 * d).exp()).collect(),
            leak,
        })
    }

    /// Ends of the grid on the scale of the kernel.
    fn grid_ends(&self, x: &[f64], y: &[f64]) -> (f64, f64) {
        if let Some((low, high)) = self.ends {
            return (self.place_of(low), self.place_of(high));
        }
        let beyond = 4.0 * self.bandwidths.0.max(self.bandwidths.1);
        let all = || x.iter().chain(y).copied();
        (
            all().fold(f64::INFINITY, f64::min) - beyond,
            all().fold(f64::NEG_INFINITY, f64::max) + beyond,
        )
    }

    fn back(&self, at: f64) -> f64 {
        if self.log { at.exp() } else { at }
    }
}

impl ConditionalDensity {
    /// Centres of the cells, in relative values; even in logs on the log scale.
    #[must_use]
    pub fn centres(&self) -> &Array1<f64> {
        &self.centres
    }

    /// Edges of the cells, one more than there are cells.
    #[must_use]
    pub fn edges(&self) -> &Array1<f64> {
        &self.edges
    }

    /// Cells × cells: the share of y in each cell, given x at the centre of the cell of the row; rows sum to one.
    #[must_use]
    pub fn probabilities(&self) -> &Array2<f64> {
        &self.probabilities
    }

    /// Cells × cells: the density of y given x.
    #[must_use]
    pub fn values(&self) -> Array2<f64> {
        let mut density = self.probabilities.clone();
        for mut row in density.rows_mut() {
            row /= &self.widths();
        }
        density
    }

    /// How many points there are at each x: Σ exp(-((x - x_k) / h_x)² / 2). Below one, a row rests on the nearest points alone.
    #[must_use]
    pub fn support(&self) -> &Array1<f64> {
        &self.support
    }

    /// The largest share of a row that lay outside the grid before rows were made to sum to one.
    #[must_use]
    pub fn leak(&self) -> f64 {
        self.leak
    }

    /// The mode of y given x, for every x, by a parabola through the highest cell and its neighbours; the highest of several.
    #[must_use]
    pub fn ridge(&self) -> Array1<f64> {
        let density = self.values();
        let rows = density.rows().into_iter();
        rows.map(|row| self.peak(row)).collect()
    }

    fn peak(&self, row: ArrayView1<'_, f64>) -> f64 {
        let at = (0..row.len()).fold(0, |best, j| if row[j] > row[best] { j } else { best });
        if at == 0 || at + 1 == row.len() {
            return self.centres[at];
        }
        let (a, b, c) = (row[at - 1], row[at], row[at + 1]);
        let bend = a - 2.0 * b + c;
        let shift = if bend < 0.0 {
            0.5 * (a - c) / bend
        } else {
            0.0
        };
        let side = if shift < 0.0 { at - 1 } else { at + 1 };
        self.centres[at] + shift.abs() * (self.centres[side] - self.centres[at])
    }

    /// The quantile of y given x, for every x: linear within a cell. For one x exactly: [`StochasticKernel::given`].
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a p that is not between 0 and 1.
    pub fn quantile(&self, p: f64) -> Result<Array1<f64>> {
        let rows = self.probabilities.rows().into_iter();
        rows.map(|row| quantile(row, &self.edges, p)).collect()
    }

    /// The median of y given x, for every x.
    #[must_use]
    pub fn median(&self) -> Array1<f64> {
        let rows = self.probabilities.rows().into_iter();
        rows.map(|row| reached(row, &self.edges, 0.5)).collect()
    }

    /// The mean of y given x, for every x, by the middles of cells.
    #[must_use]
    pub fn mean(&self) -> Array1<f64> {
        self.probabilities.dot(&self.middles())
    }

    /// Curves as CSV, one row for every x: `x`, `support`, `ridge`, `low`, `median`, `high`, with the quantiles of a level such as 0.5.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a level that is not between 0 and 1.
    pub fn curves_csv(&self, level: f64) -> Result<String> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::InvalidOption {
                option: "level",
                value: level.to_string(),
                expected: "between 0 and 1, such as 0.5",
            });
        }
        let tail = 0.5 - 0.5 * level;
        let (low, high) = (self.quantile(tail)?, self.quantile(1.0 - tail)?);
        let (ridge, median) = (self.ridge(), self.median());
        let mut out = "x,support,ridge,low,median,high\n".to_owned();
        out.extend((0..self.centres.len()).map(|i| {
            format!(
                "{},{},{},{},{},{}\n",
                self.centres[i], self.support[i], ridge[i], low[i], median[i], high[i]
            )
        }));
        Ok(out)
    }

    /// The surface as CSV, one row for every pair of cells: `x`, `y`, `density`.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = "x,y,density\n".to_owned();
        out.extend(
            self.values()
                .indexed_iter()
                .map(|((i, j), f)| format!("{},{},{f}\n", self.centres[i], self.centres[j])),
        );
        out
    }

    pub(super) fn widths(&self) -> Array1<f64> {
        widths(&self.edges)
    }

    pub(super) fn middles(&self) -> Array1<f64> {
        middles(&self.edges)
    }
}

pub(super) fn widths(edges: &Array1<f64>) -> Array1<f64> {
    edges.windows(2).into_iter().map(|e| e[1] - e[0]).collect()
}

pub(super) fn middles(edges: &Array1<f64>) -> Array1<f64> {
    let pairs = edges.windows(2).into_iter();
    pairs.map(|e| f64::midpoint(e[0], e[1])).collect()
}

/// A quantile of cells, linear within them.
pub(super) fn quantile(row: ArrayView1<'_, f64>, edges: &Array1<f64>, p: f64) -> Result<f64> {
    if p > 0.0 && p < 1.0 {
        return Ok(reached(row, edges, p));
    }
    Err(Error::InvalidOption {
        option: "p",
        value: p.to_string(),
        expected: "a share between 0 and 1",
    })
}

/// Where the mass of cells comes to p.
pub(super) fn reached(row: ArrayView1<'_, f64>, edges: &Array1<f64>, p: f64) -> f64 {
    let mut below = 0.0;
    for (j, share) in row.iter().enumerate() {
        if below + share >= p && *share > 0.0 {
            let part = ((p - below) / share).clamp(0.0, 1.0);
            return edges[j] + part * (edges[j + 1] - edges[j]);
        }
        below += share;
    }
    edges[edges.len() - 1]
}
