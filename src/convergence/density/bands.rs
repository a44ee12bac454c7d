//! `DensityBands`: pointwise bootstrap bands of a density.

use ndarray::{Array1, Array2};

use super::kernel::KernelDensity;
use crate::error::{Error, Result};
use crate::inference::{Draws, Simulated};
use crate::parallel;
use crate::random::Stream;

/// Pointwise bootstrap bands of a kernel density: units are drawn with replacement, each with its weight.
///
/// The bandwidth stays that of the sample, so that a band is one for the smoothed density E f(y), point by point: it neither covers the bias of
/// smoothing nor the whole curve at once. Units are taken as independent; where neighbours are alike, bands are too narrow.
///
/// # Example
///
/// ```
/// use spatialecon::{Bandwidth, Draws, KernelDensity};
/// let relative = [0.4, 0.5, 0.55, 0.6, 0.62, 0.7, 1.6, 1.75, 1.8, 2.0];
/// let density = KernelDensity::of(&relative[..], Bandwidth::Silverman)?.with_grid(64)?;
/// let bands = density.bootstrap(Draws::new(500).seed(1))?;
/// let (low, high) = bands.interval(0.9);
/// assert!((0..64).all(|j| low[j] < density.values()[j] && density.values()[j] < high[j]));
/// assert!(bands.csv(0.9).starts_with("x,density,low,high\n"));
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Efron and Tibshirani (1993), An Introduction to the Bootstrap; Hall (1992), Annals of Statistics 20.
#[derive(Debug, Clone)]
pub struct DensityBands {
    pub(super) of: KernelDensity,
    points: Vec<Simulated>,
    draws: (usize, u64),
}

/// Numbers that may be held: kernels on the grid, and draws.
const MOST: usize = 100_000_000;
/// Kernels beyond so many bandwidths are below 2e-16 of their height.
const REACH: f64 = 8.5;

impl KernelDensity {
    /// Draws units with replacement, each with its weight, and estimates the density on the grid with the same bandwidth.
    ///
    /// Draw r is of the stream (seed, r). Cost: draws × units × points within 8.5 h of a unit.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] (draws); [`Error::TooLarge`] where kernels or draws exceed 100 million numbers.
    pub fn bootstrap(&self, draws: Draws) -> Result<DensityBands> {
        let (count, seed) = draws.checked()?;
        let (points, n, h) = (self.grid().len(), self.n(), self.bandwidth());
        let too_large = |numbers: usize| {
            if numbers <= MOST {
                return Ok(());
            }
            Err(Error::TooLarge {
                what: "a bootstrap of a density (kernels or draws on its grid)",
                n: numbers,
                limit: MOST,
                instead: "take a grid of fewer points, or fewer draws",
            })
        };
        too_large(count * points)?;
        let scale: Vec<f64> = if self.log {
            self.grid().iter().map(|y| y.ln()).collect()
        } else {
            self.grid().to_vec()
        };
        // The kernels of every unit on the part of the grid that they reach.
        let mut kernels = Vec::new();
        let mut rows = Vec::with_capacity(n);
        for (x, w) in self.sample.pairs() {
            let from = scale.partition_point(|z| *z < x - REACH * h);
            let to = scale.partition_point(|z| *z <= x + REACH * h);
            let start = kernels.len();
            kernels.extend(scale[from..to].iter().map(|z| {
                let u = (z - x) / h;
                w * (-0.5 * u * u).exp()
            }));
            too_large(kernels.len())?;
            rows.push((from, start..kernels.len()));
        }
        let constant = 1.0 / (h * std::f64::consts::TAU.sqrt());
        let drawn = parallel::map_with_memory(
            count,
            || vec![0_u32; n],
            |counts, r| {
                let mut stream = Stream::new(seed, r as u64);
                counts.fill(0);
                for _ in 0..n {
                    counts[stream.below(n as u32) as usize] += 1;
                }
                let mut density = vec![0.0; points];
                let mut total = 0.0;
                for ((times, w), (from, row)) in counts.iter().zip(self.sample.weights()).zip(&rows)
                {
                    if *times == 0 {
                        continue;
                    }
                    let times = f64::from(*times);
                    total += times * w;
                    let row = &kernels[row.clone()];
                    for (to, k) in density[*from..*from + row.len()].iter_mut().zip(row) {
                        *to += times * k;
                    }
                }
                for (j, f) in density.iter_mut().enumerate() {
                    let back = if self.log { self.grid()[j] } else { 1.0 };
                    *f *= constant / (total * back);
                }
                density
            },
        );
        let simulated = parallel::map_indexed(points, |j| {
            Simulated::new(self.values()[j], drawn.iter().map(|d| d[j]).collect())
        });
        Ok(DensityBands {
            of: self.clone(),
            points: simulated,
            draws: (count, seed),
        })
    }
}

impl DensityBands {
    /// The density that the bands are of.
    #[must_use]
    pub fn density(&self) -> &KernelDensity {
        &self.of
    }

    /// The draws at each point of the grid.
    #[must_use]
    pub fn points(&self) -> &[Simulated] {
        &self.points
    }

    /// The lower and the upper end at each point of the grid, by percentiles of the draws, at a level such as 0.95.
    #[must_use]
    pub fn interval(&self, level: f64) -> (Array1<f64>, Array1<f64>) {
        let (low, high): (Vec<f64>, Vec<f64>) =
            self.points.iter().map(|p| p.interval(level)).unzip();
        (Array1::from_vec(low), Array1::from_vec(high))
    }

    /// Points × 4: x, density, lower and upper end.
    #[must_use]
    pub fn columns(&self, level: f64) -> Array2<f64> {
        let (low, high) = self.interval(level);
        let columns = [self.of.grid(), self.of.values(), &low, &high];
        Array2::from_shape_fn((self.points.len(), 4), |(j, c)| columns[c][j])
    }

    /// These columns as CSV, with the names `x`, `density`, `low`, `high`.
    #[must_use]
    pub fn csv(&self, level: f64) -> String {
        let mut out = "x,density,low,high\n".to_owned();
        let columns = self.columns(level);
        let rows = columns.rows().into_iter();
        out.extend(rows.map(|r| format!("{},{},{},{}\n", r[0], r[1], r[2], r[3])));
        out
    }

    /// How many draws, and their seed.
    #[must_use]
    pub fn draws(&self) -> (usize, u64) {
        self.draws
    }
}
