//! `StochasticKernel`: the density of relative values at a later date, given those at an earlier one.

mod conditional;
mod ergodic;
mod show;

pub use conditional::ConditionalDensity;
pub use ergodic::ErgodicDensity;

use super::bandwidth::{checked, spread};
use super::kernel::KernelDensity;
use super::relative::RelativeTo;
use super::sample::Sample;
use crate::data::{Panel, Units};
use crate::error::{Error, Result};

/// Quah's stochastic kernel: the density of y given x, where x is a relative value at t and y that at t + s.
///
/// ```text
/// f(y | x) = Σ_k φ((x - x_k) / h_x) φ((y - y_k) / h_y) / h_y  /  Σ_k φ((x - x_k) / h_x)
/// h = s (1 - r²)^(5/12) (1 + r²/2)^(-1/6) N^(-1/6)      s = min(sd, IQR / 1.349) of the axis, r the correlation of x and y
/// ```
///
/// N counts the spans of a unit that do not overlap: overlapping ones share the years in which they move, and y given x is not drawn anew. Under a chain of the
/// first order the others are independent given x.
///
/// | built by | x | y |
/// |---|---|---|
/// | [`of`](Self::of) | y_it over the mean of t | the same s years later, all t pooled |
/// | [`between`](Self::between) | at a first date | at a last date |
/// | [`of_relative`](Self::of_relative) | relative to neighbours or to a core, at t | the same s years later |
/// | [`conditioned`](Self::conditioned) | relative to the mean, at t | relative to neighbours or to a core, at the same t |
///
/// A ridge along y = x is persistence, a flat one convergence, two islands clubs. Of `conditioned`, a ridge along y = x says that neighbours explain
/// nothing, one at y = 1 that they explain the distribution.
///
/// **Few units.** A smooth surface over some twenty units is decoration: its ridges are single units. The points are kept
/// ([`points`](Self::points)); draw them. Where points of one unit depend on each other otherwise, as all do at one date ([`conditioned`](Self::conditioned)),
/// the bandwidths, which count them as if they did not, smooth too little; give others by [`with_bandwidths`](Self::with_bandwidths) and see what stays.
///
/// # Example
///
/// ```
/// use ndarray::Array2;
/// use spatialecon::{Panel, StochasticKernel, Units};
/// // Gaps to the mean halve from one period to the next, with something beside.
/// let wobble = |t: usize, i: usize| if (t + i) % 2 == 0 { 0.02 } else { -0.02 };
/// let gap = |t: usize, i: usize| (i as f64 - 9.5) / 10.0 * 0.5_f64.powi(t as i32) + wobble(t, i);
/// let income = Array2::from_shape_fn((3, 20), |(t, i)| 100.0 * (1.0 + gap(t, i)));
/// let panel = Panel::from_columns(&Units::range(20), &[2000, 2010, 2020], [("income", income)])?;
/// let kernel = StochasticKernel::of(&panel, "income", 10)?.with_bandwidths(0.1, 0.05)?;
/// assert_eq!(kernel.len(), 40);
/// let median = kernel.given(0.6)?.quantile(0.5);
/// assert!((median - 0.8).abs() < 0.02);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Quah (1996), European Economic Review 40; Quah (1997), Journal of Economic Growth 2; Hyndman, Bashtannyk and Grunwald (1996), Journal of
/// Computational and Graphical Statistics 5; Scott (1992), Multivariate Density Estimation (the bandwidths).
#[derive(Debug, Clone)]
#[doc(alias("Quah", "distribution dynamics", "cde", "hdrcde", "transition kernel"))]
pub struct StochasticKernel {
    variable: String,
    words: (String, String),
    units: Units,
    spans: Vec<(i32, i32)>,
    /// Span after span, units in their order.
    x: Vec<f64>,
    y: Vec<f64>,
    /// Whether x and y are the same quantity at two dates.
    transition: bool,
    log: bool,
    bandwidths: (f64, f64),
    given: bool,
    cells: Option<usize>,
    ends: Option<(f64, f64)>,
}

/// A unit at the two ends of a span.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct KernelPoint {
    /// Id of the unit.
    pub unit: String,
    /// The first date.
    pub from: i32,
    /// The last date.
    pub to: i32,
    /// The value that is conditioned on.
    pub x: f64,
    /// The value whose density is sought.
    pub y: f64,
}

const FEWEST: usize = 5;
/// Cells of the grid.
pub(super) const CELLS: std::ops::RangeInclusive<usize> = 10..=500;

impl StochasticKernel {
    /// Values relative to the mean of the period, `step` years apart, all periods pooled.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::NonPositive`]; [`Error::InvalidOption`] for a step that is not positive or that no two periods are apart;
    /// [`Error::TooFewUnits`] for fewer than five; [`Error::Constant`] where units do not differ; [`Error::Unsupported`] where x and y lie on a line
    /// (all units grew alike), so that there is nothing to smooth.
    pub fn of(panel: &Panel, column: &str, step: i32) -> Result<Self> {
        Self::of_relative(panel, column, RelativeTo::Mean, step)
    }

    /// Values relative to the mean of the period, at two dates.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`], and those of [`of`](Self::of).
    pub fn between(panel: &Panel, column: &str, first: i32, last: i32) -> Result<Self> {
        for period in [first, last] {
            panel.variable_at(column, period)?;
        }
        if last <= first {
            return Err(Error::InvalidOption {
                option: "the last period",
                value: last.to_string(),
                expected: "a period after the first",
            });
        }
        let relative = RelativeTo::Mean.of(panel, column)?;
        let words = RelativeTo::Mean.words();
        Self::new(
            &relative,
            &relative,
            column,
            (words.clone(), words),
            vec![(first, last)],
            true,
        )
    }

    /// Values relative to the mean, to neighbours or to a group, `step` years apart, all periods pooled.
    ///
    /// # Errors
    ///
    /// Those of [`of`](Self::of) and of [`RelativeTo::of`].
    pub fn of_relative(
        panel: &Panel,
        column: &str,
        relative: RelativeTo<'_>,
        step: i32,
    ) -> Result<Self> {
        let values = relative.of(panel, column)?;
        let periods = panel.periods();
        let later = |t: &i32| t.checked_add(step).filter(|to| periods.contains(to));
        let spans = periods.iter().filter_map(|t| later(t).map(|to| (*t, to)));
        let spans: Vec<(i32, i32)> = spans.collect();
        if step <= 0 || spans.is_empty() {
            return Err(Error::InvalidOption {
                option: "step",
                value: step.to_string(),
                expected: "a positive number of years that two periods of the panel are apart",
            });
        }
        let words = relative.words();
        Self::new(
            &values,
            &values,
            column,
            (words.clone(), words),
            spans,
            true,
        )
    }

    /// From values relative to the mean to values relative to neighbours or to a group, at the same dates, all periods pooled.
    ///
    /// How much of the distribution do neighbours explain? See also [`explained`](Self::explained). A group's mean is one number a period, so that it can
    /// explain what moves between periods, and nothing within one.
    ///
    /// # Errors
    ///
    /// Those of [`of`](Self::of) and of [`RelativeTo::of`].
    #[doc(alias = "conditioning scheme")]
    pub fn conditioned(panel: &Panel, column: &str, on: RelativeTo<'_>) -> Result<Self> {
        let (x, y) = (RelativeTo::Mean.of(panel, column)?, on.of(panel, column)?);
        let spans = panel.periods().iter().map(|&t| (t, t)).collect();
        Self::new(
            &x,
            &y,
            column,
            (RelativeTo::Mean.words(), on.words()),
            spans,
            false,
        )
    }

    fn new(
        from: &Panel,
        to: &Panel,
        column: &str,
        words: (String, String),
        spans: Vec<(i32, i32)>,
        transition: bool,
    ) -> Result<Self> {
        let n = from.units().len();
        if n < FEWEST {
            return Err(Error::TooFewUnits {
                what: "a stochastic kernel".to_owned(),
                needed: FEWEST,
                n,
            });
        }
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for &(first, last) in &spans {
            x.extend(from.variable_at(column, first)?.values());
            y.extend(to.variable_at(column, last)?.values());
        }
        let kernel = Self {
            variable: column.to_owned(),
            words,
            units: from.units().clone(),
            spans,
            x,
            y,
            transition,
            log: false,
            bandwidths: (0.0, 0.0),
            given: false,
            cells: None,
            ends: None,
        };
        kernel.by_rule()
    }

    /// Scott's bandwidths for a bivariate normal distribution.
    fn by_rule(mut self) -> Result<Self> {
        let (x, y) = (self.scaled(&self.x), self.scaled(&self.y));
        let samples = (Sample::new(&x, None), Sample::new(&y, None));
        for (sample, words) in [(&samples.0, &self.words.0), (&samples.1, &self.words.1)] {
            if sample.distinct() < 2 {
                return Err(Error::Constant {
                    name: format!("{} {words}", self.variable),
                    what: "a stochastic kernel",
                });
            }
        }
        let count = x.len() as f64;
        let (mx, my) = (x.iter().sum::<f64>() / count, y.iter().sum::<f64>() / count);
        let products = x.iter().zip(&y).map(|(a, b)| (a - mx) * (b - my));
        let covariance = products.sum::<f64>() / (count - 1.0);
        let square = (covariance / (samples.0.sd() * samples.1.sd())).powi(2);
        if !(1.0 - square > 1e-12) {
            return Err(Error::Unsupported {
                what: format!("a stochastic kernel of `{}`", self.variable),
                why: "both axes are perfectly correlated, as where all units grew alike, so that y given x has no spread; choose other dates"
                    .to_owned(),
            });
        }
        let factor = (1.0 - square).powf(5.0 / 12.0)
            / ((1.0 + 0.5 * square) * self.independent()).powf(1.0 / 6.0);
        let of = |s: &Sample| checked(spread(s, 1.349) * factor);
        self.bandwidths = (of(&samples.0)?, of(&samples.1)?);
        Ok(self)
    }

    /// Units × the most spans that do not overlap, taken from the first on; all spans of one date.
    fn independent(&self) -> f64 {
        let mut end = None;
        let mut spans = 0;
        for &(from, to) in &self.spans {
            if !self.transition || end.is_none_or(|end| from >= end) {
                spans += 1;
                end = Some(to);
            }
        }
        (self.units.len() * spans) as f64
    }

    /// The same kernel with bandwidths given: of x, and of y; of logs on the log scale.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for one that is not positive.
    pub fn with_bandwidths(mut self, x: f64, y: f64) -> Result<Self> {
        self.bandwidths = (checked(x)?, checked(y)?);
        self.given = true;
        Ok(self)
    }

    /// The same kernel estimated of logs and carried back, so that no mass lies at y ≤ 0; bandwidths are found anew by the rule.
    ///
    /// # Errors
    ///
    /// Those of [`of`](Self::of).
    pub fn on_log_scale(mut self) -> Result<Self> {
        self.log = true;
        self.given = false;
        self.by_rule()
    }

    /// The number of cells of the grid on which [`conditional_density`](Self::conditional_density) and [`ergodic`](Self::ergodic) are computed;
    /// otherwise as many as make a cell no wider than a bandwidth, from 100 to 200.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than 10 or more than 500.
    pub fn with_cells(mut self, cells: usize) -> Result<Self> {
        if !CELLS.contains(&cells) {
            return Err(Error::InvalidOption {
                option: "cells",
                value: cells.to_string(),
                expected: "from 10 to 500",
            });
        }
        self.cells = Some(cells);
        Ok(self)
    }

    /// The ends of that grid, in units of relative values; otherwise four bandwidths beyond the smallest and the largest point of either axis.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where `low` is not below `high`, or on the log scale not positive.
    pub fn with_ends(mut self, low: f64, high: f64) -> Result<Self> {
        if !(low.is_finite() && high.is_finite() && low < high && (!self.log || low > 0.0)) {
            return Err(Error::InvalidOption {
                option: "the ends of the grid",
                value: format!("{low} to {high}"),
                expected: "two finite numbers, the first below the second (and positive on the log scale)",
            });
        }
        self.ends = Some((low, high));
        Ok(self)
    }

    /// The density of y given x, exactly summed: a weighted [`KernelDensity`] with its quantiles, modes and distribution function.
    ///
    /// Where no point is near x, the nearest ones count alone; [`support`](Self::support) says how many there are.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for an x that is not finite, or on the log scale not positive.
    pub fn given(&self, x: f64) -> Result<KernelDensity> {
        let at = self.place(x)?;
        let square = |v: &f64| ((self.place_of(*v) - at) / self.bandwidths.0).powi(2);
        let nearest = self.x.iter().map(square).fold(f64::INFINITY, f64::min);
        let weights = self.x.iter().map(|v| (-0.5 * (square(v) - nearest)).exp());
        let pairs = self.y.iter().copied().zip(weights).filter(|p| p.1 > 1e-18);
        let (values, weights) = pairs.unzip();
        KernelDensity::given(
            &format!("{} {} given {x}", self.variable, self.words.1),
            (values, weights),
            self.bandwidths.1,
            self.log,
        )
    }

    /// How many points there are at x: Σ exp(-((x - x_k) / h_x)² / 2).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for an x that is not finite, or on the log scale not positive.
    pub fn support(&self, x: f64) -> Result<f64> {
        let at = self.place(x)?;
        let square = |v: &f64| ((self.place_of(*v) - at) / self.bandwidths.0).powi(2);
        Ok(self.x.iter().map(|v| (-0.5 * square(v)).exp()).sum())
    }

    /// 1 - var(ln y) / var(ln x) over all points: what is gone from the distribution once values are relative to neighbours.
    ///
    /// Zero where they explain nothing; negative where values differ more from neighbours than from the mean. Of a transition it is the fall
    /// of the variance of logs.
    #[must_use]
    pub fn explained(&self) -> f64 {
        let variance = |v: &[f64]| {
            let logs: Vec<f64> = v.iter().map(|v| v.ln()).collect();
            Sample::new(&logs, None).sd().powi(2)
        };
        1.0 - variance(&self.y) / variance(&self.x)
    }

    /// The points, span after span.
    #[must_use]
    pub fn points(&self) -> impl ExactSizeIterator<Item = KernelPoint> + '_ {
        let n = self.units.len();
        (0..self.x.len()).map(move |k| {
            let (from, to) = self.spans[k / n];
            KernelPoint {
                unit: self.units.name(k % n),
                from,
                to,
                x: self.x[k],
                y: self.y[k],
            }
        })
    }

    /// The points as CSV, with columns `unit`, `from`, `to`, `x`, `y`.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = "unit,from,to,x,y\n".to_owned();
        out.extend(self.points().map(|p| {
            let unit = crate::text::csv_field(&p.unit).into_owned();
            format!("{unit},{},{},{},{}\n", p.from, p.to, p.x, p.y)
        }));
        out
    }

    /// Number of points, units × spans.
    #[must_use]
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is no point; there always is one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// First and last dates that are pooled.
    #[must_use]
    pub fn spans(&self) -> &[(i32, i32)] {
        &self.spans
    }

    /// h_x and h_y, of logs on the log scale.
    #[must_use]
    pub fn bandwidths(&self) -> (f64, f64) {
        self.bandwidths
    }

    /// Name of the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    fn place_of(&self, value: f64) -> f64 {
        if self.log { value.ln() } else { value }
    }

    fn place(&self, x: f64) -> Result<f64> {
        let at = self.place_of(x);
        if at.is_finite() {
            return Ok(at);
        }
        Err(Error::InvalidOption {
            option: "x",
            value: x.to_string(),
            expected: "a finite relative value (positive on the log scale)",
        })
    }

    fn scaled(&self, values: &[f64]) -> Vec<f64> {
        values.iter().map(|v| self.place_of(*v)).collect()
    }
}
