//! `KernelDensity`: the density of one variable by Gaussian kernels.

use ndarray::Array1;

use super::bandwidth::{Bandwidth, checked};
use super::modes::{APART, FINE, Slopes, starting};
use super::sample::Sample;
use crate::data::{Units, Variable};
use crate::error::{Cell, Error, Result};
use crate::parallel;

/// The density of a variable by Gaussian kernels, exactly summed.
///
/// ```text
/// f(y) = Σ w_i φ((y - y_i) / h) / h                     w_i = 1 / n, or the share of unit i in the weights
/// f(y) = Σ w_i φ((ln y - ln y_i) / h) / (h y)           on the log scale: none of it lies at y ≤ 0
/// ```
///
/// | option | default |
/// |---|---|
/// | [`weighted_by`](Self::weighted_by) | units count alike |
/// | [`on_log_scale`](Self::on_log_scale) | the variable as it is |
/// | [`with_grid`](Self::with_grid) | 512 points |
/// | [`with_cut`](Self::with_cut) | from 3 h below the smallest value to 3 h above the largest |
/// | [`between`](Self::between) | those ends |
///
/// Cost: grid × units, over threads. The bandwidth smooths: f estimates the density of y plus a normal error with standard deviation h, so that the
/// variance of f is larger than that of the values by h².
///
/// # Example
///
/// ```
/// use spatialecon::{Bandwidth, KernelDensity};
/// let relative = [0.4, 0.5, 0.55, 0.6, 0.62, 0.7, 1.6, 1.75, 1.8, 2.0];
/// let density = KernelDensity::of(&relative[..], Bandwidth::Fixed(0.2))?.on_log_scale()?;
/// let modes = density.modes();
/// assert_eq!(modes.len(), 2);
/// assert!((modes[0].at - 0.55).abs() < 0.02);
/// assert!((density.distribution(1.0) - 0.6).abs() < 0.01);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Silverman (1986), Density Estimation for Statistics and Data Analysis.
#[derive(Debug, Clone)]
#[doc(alias("density", "gaussian_kde", "kdensity", "ksdensity", "kde"))]
pub struct KernelDensity {
    pub(super) variable: String,
    units: Option<Units>,
    /// In the order of the units.
    values: Vec<f64>,
    weights: Option<(String, Vec<f64>)>,
    pub(super) log: bool,
    rule: Bandwidth,
    points: usize,
    cut: f64,
    ends: Option<(f64, f64)>,
    /// Values or their logs.
    pub(super) sample: Sample,
    h: f64,
    grid: Array1<f64>,
    density: Array1<f64>,
}

/// A mode of a density.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct DensityMode {
    /// Where it is.
    pub at: f64,
    /// The density there.
    pub density: f64,
}

const FEWEST: usize = 2;
pub(super) const MOST_POINTS: usize = 100_000;

impl KernelDensity {
    /// The density of a variable, with the bandwidth by a rule or given.
    ///
    /// From a panel: `panel.variable_at("income", 2020)?`, or relative to the mean of the period by `RelativeTo`.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] for fewer than two; [`Error::Constant`] where all values are equal and the bandwidth is to be found by a
    /// rule; [`Error::InvalidOption`] for a bandwidth that is not positive; [`Error::NotFinite`]; [`Error::Unsupported`] where Sheather and Jones' equation
    /// has no root.
    pub fn of<'a>(variable: impl Into<Variable<'a>>, bandwidth: Bandwidth) -> Result<Self> {
        let variable = variable.into();
        let values = finite(&variable)?;
        if values.len() < FEWEST {
            return Err(Error::TooFewUnits {
                what: "a kernel density".to_owned(),
                needed: FEWEST,
                n: values.len(),
            });
        }
        let (name, units) = (variable.name().to_owned(), variable.units().cloned());
        let density = Self::unfilled(name, units, values, bandwidth);
        density.computed()
    }

    /// Of values and weights without units, with the bandwidth given.
    pub(super) fn given(
        name: &str,
        (values, weights): (Vec<f64>, Vec<f64>),
        h: f64,
        log: bool,
    ) -> Result<Self> {
        let density = Self {
            log,
            weights: Some(("kernel".to_owned(), weights)),
            ..Self::unfilled(name.to_owned(), None, values, Bandwidth::Fixed(h))
        };
        density.computed()
    }

    fn unfilled(variable: String, units: Option<Units>, values: Vec<f64>, rule: Bandwidth) -> Self {
        Self {
            variable,
            units,
            sample: Sample::new(&values, None),
            values,
            weights: None,
            log: false,
            rule,
            points: 512,
            cut: 3.0,
            ends: None,
            h: 0.0,
            grid: Array1::zeros(0),
            density: Array1::zeros(0),
        }
    }

    /// The same density with units weighted, by their population for instance.
    ///
    /// Rules of bandwidth then take weighted quartiles and standard deviation, and Kish's effective number (Σ w)² / Σ w² as n.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`]; [`Error::NonPositive`], [`Error::NotFinite`]; and those of [`of`](Self::of).
    #[doc(alias("weights", "aweight"))]
    pub fn weighted_by<'a>(mut self, weights: impl Into<Variable<'a>>) -> Result<Self> {
        let weights = weights.into();
        let bare = Units::range(self.values.len());
        let units = match (&self.units, weights.units()) {
            (Some(own), _) => own,
            (None, Some(theirs)) if theirs.len() == self.values.len() => theirs,
            (None, _) => &bare,
        };
        let checked = weights.checked_for(units, &format!("`{}`", self.variable))?;
        if let Some(i) = checked.iter().position(|w| !(*w > 0.0)) {
            return Err(Error::NonPositive {
                cell: Cell::new(units.name(i), None, weights.name()),
                value: checked[i],
            });
        }
        // Only their proportions count; the squares of large ones would leave the range of numbers.
        let largest = checked.iter().copied().fold(0.0, f64::max);
        let shares = checked.iter().map(|w| w / largest).collect();
        self.weights = Some((weights.name().to_owned(), shares));
        self.computed()
    }

    /// The same density estimated of ln y and carried back: f(y) = f_ln(ln y) / y, on a grid that is even in ln y.
    ///
    /// The bandwidth is one of logs: relative to y it is the same everywhere, wide for high incomes and narrow for low ones.
    ///
    /// # Errors
    ///
    /// [`Error::NonPositive`], which names the unit; [`Error::InvalidOption`] where the grid would leave the range of numbers; and those of [`of`](Self::of).
    pub fn on_log_scale(mut self) -> Result<Self> {
        if let Some(i) = self.values.iter().position(|v| !(*v > 0.0)) {
            let name = self.units.as_ref().map(|u| u.name(i));
            return Err(Error::NonPositive {
                cell: Cell::new(name.unwrap_or_else(|| i.to_string()), None, &self.variable),
                value: self.values[i],
            });
        }
        if let Some((low, high)) = self.ends {
            check_ends(low, high, true)?;
        }
        self.log = true;
        self.computed()
    }

    /// The same density on a grid of so many points.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than two points, or more than 100,000.
    pub fn with_grid(mut self, points: usize) -> Result<Self> {
        if !(2..=MOST_POINTS).contains(&points) {
            return Err(Error::InvalidOption {
                option: "points of the grid",
                value: points.to_string(),
                expected: "from 2 to 100,000",
            });
        }
        self.points = points;
        self.computed()
    }

    /// The same density on a grid that ends so many bandwidths beyond the smallest and the largest value.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a cut that is negative or not finite.
    pub fn with_cut(mut self, cut: f64) -> Result<Self> {
        if !(cut >= 0.0 && cut.is_finite()) {
            return Err(Error::InvalidOption {
                option: "cut",
                value: cut.to_string(),
                expected: "a number of bandwidths, zero or more",
            });
        }
        self.cut = cut;
        self.ends = None;
        self.computed()
    }

    /// The same density on a grid from `low` to `high`, in units of the variable: to draw several years over the same axis.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where `low` is not below `high`, or on the log scale not positive.
    pub fn between(mut self, low: f64, high: f64) -> Result<Self> {
        check_ends(low, high, self.log)?;
        self.ends = Some((low, high));
        self.computed()
    }

    fn computed(mut self) -> Result<Self> {
        let logs: Vec<f64>;
        let values = if self.log {
            logs = self.values.iter().map(|v| v.ln()).collect();
            &logs
        } else {
            &self.values
        };
        let weights = self.weights.as_ref().map(|(_, w)| w.as_slice());
        self.sample = Sample::new(values, weights);
        self.h = self.rule.of(&self.sample, &self.variable)?;
        let (low, high) = match self.ends {
            Some((low, high)) if self.log => (low.ln(), high.ln()),
            Some(ends) => ends,
            None => {
                let (low, high) = self.sample.ends();
                (low - self.cut * self.h, high + self.cut * self.h)
            }
        };
        if !(low < high) {
            // A cut of zero round equal values.
            checked(high - low)?;
        }
        let step = (high - low) / (self.points - 1) as f64;
        let at = |j: usize| {
            if j + 1 == self.points {
                high
            } else {
                low + j as f64 * step
            }
        };
        let pairs = parallel::map_indexed(self.points, |j| {
            let z = at(j);
            let f = self.sample.density(z, self.h);
            if self.log {
                (z.exp(), f / z.exp())
            } else {
                (z, f)
            }
        });
        self.grid = pairs.iter().map(|p| p.0).collect();
        self.density = pairs.iter().map(|p| p.1).collect();
        let lost = |(x, f): &(f64, f64)| !(x.is_finite() && f.is_finite());
        if pairs.iter().any(lost) || (self.log && !(self.grid[0] > 0.0)) {
            return Err(Error::InvalidOption {
                option: "the ends of the grid",
                value: format!("exp({low}) to exp({high})"),
                expected: "numbers: values lie so far apart that the grid leaves their range; give its ends by `between`, or a smaller cut",
            });
        }
        Ok(self)
    }

    /// The density at y, exactly summed; zero at y ≤ 0 on the log scale.
    #[must_use]
    pub fn evaluate(&self, y: f64) -> f64 {
        if !self.log {
            return self.sample.density(y, self.h);
        }
        if y > 0.0 {
            self.sample.density(y.ln(), self.h) / y
        } else {
            0.0
        }
    }

    /// The share below y: Σ w_i Φ((y - y_i) / h), of logs on the log scale.
    #[must_use]
    #[doc(alias("cdf", "integrate_box_1d", "kcdf"))]
    pub fn distribution(&self, y: f64) -> f64 {
        if !self.log {
            return self.sample.distribution(y, self.h);
        }
        if y > 0.0 {
            self.sample.distribution(y.ln(), self.h)
        } else {
            0.0
        }
    }

    /// The value below which a share p lies, by bisection to rounding; an infinite one for p ≤ 0 or p ≥ 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let back = |z: f64| if self.log { z.exp() } else { z };
        if !(p > 0.0) {
            return back(f64::NEG_INFINITY);
        }
        if p >= 1.0 {
            return f64::INFINITY;
        }
        let (low, high) = self.sample.ends();
        let (mut low, mut high) = (low - 40.0 * self.h, high + 40.0 * self.h);
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.sample.distribution(middle, self.h) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        back(f64::midpoint(low, high))
    }

    /// The grid, ascending; even in ln y on the log scale.
    #[must_use]
    pub fn grid(&self) -> &Array1<f64> {
        &self.grid
    }

    /// The density on the grid.
    #[must_use]
    pub fn values(&self) -> &Array1<f64> {
        &self.density
    }

    /// h, of logs on the log scale.
    #[must_use]
    pub fn bandwidth(&self) -> f64 {
        self.h
    }

    /// The rule that h comes from.
    #[must_use]
    pub fn rule(&self) -> Bandwidth {
        self.rule
    }

    /// The effective number of units, (Σ w)² / Σ w².
    #[must_use]
    #[doc(alias = "neff")]
    pub fn effective_units(&self) -> f64 {
        self.sample.effective()
    }

    /// Number of units.
    #[must_use]
    pub fn n(&self) -> usize {
        self.sample.len()
    }

    /// Name of the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Name of the weights, where units are weighted.
    #[must_use]
    pub fn weights(&self) -> Option<&str> {
        self.weights.as_ref().map(|(name, _)| name.as_str())
    }

    /// Whether the density was estimated of logs.
    #[must_use]
    pub fn is_on_log_scale(&self) -> bool {
        self.log
    }

    /// The modes, ascending: where the density of y (not of ln y) turns from rising to falling, to rounding.
    ///
    /// Small bumps in the tails count like any others; whether there are more than k modes is tested by [`Modality`](crate::Modality).
    #[must_use]
    pub fn modes(&self) -> Vec<DensityMode> {
        let share = if self.log { self.h } else { 0.0 };
        let points: Vec<(f64, f64)> = self.sample.pairs().collect();
        let mut slopes = Slopes::new();
        let mut modes = Vec::new();
        // Groups whose kernels do not meet have grids of their own: there is nothing between them.
        for group in points.chunk_by(|a, b| b.0 - a.0 < APART * self.h) {
            let (Some(first), Some(last)) = (group.first(), group.last()) else {
                continue;
            };
            // d/dy of f_ln(ln y) / y has the sign of f_ln' - f_ln; modes of lognormals lie h² below their medians
            let low = starting(first.0, self.h) - share * self.h;
            slopes.fill(group.iter().copied(), self.h, share, (low, last.0), FINE);
            slopes.falls(|from, to| {
                let (mut from, mut to) = (from, to);
                for _ in 0..200 {
                    let middle = f64::midpoint(from, to);
                    if middle <= from || middle >= to {
                        break;
                    }
                    let (f, slope) = self.sample.density_and_slope(middle, self.h);
                    if -slope - share * f > 0.0 {
                        from = middle;
                    } else {
                        to = middle;
                    }
                }
                let z = f64::midpoint(from, to);
                let at = if self.log { z.exp() } else { z };
                modes.push(DensityMode {
                    at,
                    density: self.evaluate(at),
                });
            });
        }
        modes
    }

    /// The grid and the density as CSV, with columns `x` and `density`.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = "x,density\n".to_owned();
        out.extend(
            self.grid
                .iter()
                .zip(&self.density)
                .map(|(x, f)| format!("{x},{f}\n")),
        );
        out
    }
}

/// The values of a variable, once they are known to be finite, and far from the ends of the range of numbers.
pub(super) fn finite(variable: &Variable<'_>) -> Result<Vec<f64>> {
    const LARGEST: f64 = 1e300;
    const NEAREST: f64 = 1e-290;
    let bare = Units::range(variable.len());
    let units = variable.units().unwrap_or(&bare);
    let values = variable.checked_for(units, "itself")?.to_vec();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let wide = low.abs() > LARGEST || high.abs() > LARGEST;
    if !values.is_empty() && (wide || (high > low && high - low < NEAREST)) {
        return Err(Error::Unsupported {
            what: format!("a density of `{}`, from {low:e} to {high:e}", variable.name()),
            why: "values beyond 1e300, or all within 1e-290, leave the range of numbers; state them in another unit"
                .to_owned(),
        });
    }
    Ok(values)
}

fn check_ends(low: f64, high: f64, log: bool) -> Result<()> {
    if low.is_finite() && high.is_finite() && low < high && (!log || low > 0.0) {
        return Ok(());
    }
    Err(Error::InvalidOption {
        option: "the ends of the grid",
        value: format!("{low} to {high}"),
        expected: "two finite numbers, the first below the second (and positive on the log scale)",
    })
}
