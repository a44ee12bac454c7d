//! `SigmaTrend`: the slope of dispersion over time, with standard errors that allow for dependence between periods.

use std::fmt;

use ndarray::{Array1, Array2};

use super::{Measure, SigmaConvergence};
use crate::error::{Error, Result};
use crate::inference::quadratic::QuadraticForm;
use crate::inference::{Alternative, Distribution, Estimate, TestResult};
use crate::linalg::dense;
use crate::regression::newey_west_lags;
use crate::text::{counted, p_value, significant};

/// Periods up to which the exact distribution, by eigenvalues of a matrix of periods × periods, is had.
const MOST_PERIODS: usize = 1_000;
/// Residuals below this, relative to the values, are rounding.
const ROUNDING: f64 = 1e-12;

/// The trend of a measure of dispersion, sigma_t = a + b t + u_t, by least squares.
///
/// The variance of b is Newey and West's with L lags, Σ_s Σ_t k(|s - t| / (L + 1)) τ_s e_s τ_t e_t / (Σ τ_t²)², with τ_t = t - mean(t), residuals e_t and the Bartlett
/// weights k(z) = 1 - z, no small-sample factor. L is ⌊4 (T/100)^(2/9)⌋ unless it is given, which is one at least from three periods on; lags count periods, not years.
///
/// With few periods b / se is far from normal. It is referred to its distribution at this T, these dates and this L under independent
/// normal u ([`p_value`](Self::p_value), [`interval`](Self::interval)), the finite-sample twin of the fixed-b limit: P(|b| / se > c) is the probability that a quadratic form in
/// normal variables is positive, which is computed, not simulated. Dependence between successive u beyond what the lags take up makes it too small.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Measure, Panel, SigmaConvergence, Units};
/// let panel = Panel::from_columns(
///     &Units::range(3),
///     &[2000, 2001, 2002, 2003, 2004],
///     [("income", array![[1.0, 2.0, 9.0], [1.0, 2.0, 8.0], [1.1, 2.0, 8.0], [1.2, 2.0, 7.0], [1.5, 2.0, 7.0]])],
/// )?;
/// let trend = SigmaConvergence::of(&panel, "income")?.trend(Measure::SdLog)?;
/// assert_eq!(trend.lag(), 2);
/// assert!((trend.slope() + 0.0620).abs() < 1e-4);
/// assert!((trend.p_value() - 0.0053).abs() < 1e-4);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Newey and West (1987), Econometrica 55; Kiefer and Vogelsang (2005), Econometric Theory 21; Goncalves and Vogelsang (2011), Econometric Theory 27.
#[derive(Debug, Clone)]
pub struct SigmaTrend {
    measure: Measure,
    periods: Vec<i32>,
    values: Array1<f64>,
    intercept: f64,
    slope: f64,
    std_error: f64,
    lag: usize,
    /// Eigenvalues of the variance estimate in independent standard normal u, divided by the variance of b.
    lambda: Vec<f64>,
    p: f64,
}

impl SigmaConvergence {
    /// The trend of a measure over the periods.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewPeriods`] for fewer than three periods; [`Error::TooLarge`] above 1,000; [`Error::Unsupported`] where the values lie on a straight line, so that nothing is
    /// left to estimate a standard error from, and for a weighted measure where no weights were given.
    pub fn trend(&self, measure: Measure) -> Result<SigmaTrend> {
        let periods: Vec<i32> = self.periods().collect();
        let lag = newey_west_lags(periods.len());
        SigmaTrend::new(measure, periods, self.values(measure)?, lag)
    }
}

impl SigmaTrend {
    fn new(measure: Measure, periods: Vec<i32>, values: Array1<f64>, lag: usize) -> Result<Self> {
        let a = slope_weights(&periods)?;
        let count = periods.len();
        if count > MOST_PERIODS {
            return Err(Error::TooLarge {
                what: "the exact distribution of a trend",
                n: count,
                limit: MOST_PERIODS,
                instead: "take fewer periods with `Panel::between`",
            });
        }
        if lag >= count {
            return Err(Error::InvalidOption {
                option: "lag",
                value: lag.to_string(),
                expected: "fewer lags than there are periods",
            });
        }
        let years: Array1<f64> = periods.iter().map(|&p| f64::from(p)).collect();
        let middle = years.sum() / count as f64;
        let mean = values.sum() / count as f64;
        // a_t = τ_t / Σ τ²
        let a = Array1::from(a);
        let slope = a.dot(&(&values - mean));
        let residuals = &values - mean - (&years - middle) * slope;
        let size = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        if !(residuals.iter().any(|e| e.abs() > ROUNDING * size)) {
            return Err(Error::Unsupported {
                what: format!("the trend of the {measure}"),
                why: "its values lie on a straight line, so that nothing is left to estimate a standard error from; report them, or bootstrap over units"
                    .to_owned(),
            });
        }
        let kernel = Array2::from_shape_fn((count, count), |(s, t)| {
            let apart = s.abs_diff(t);
            let weight = (1.0 - apart as f64 / (lag as f64 + 1.0)).max(0.0);
            weight * a[s] * a[t]
        });
        let variance = residuals.dot(&kernel.dot(&residuals));
        let of_slope = a.dot(&a);
        let lambda = eigenvalues(kernel, &a, of_slope)?;
        let std_error = variance.sqrt();
        let mut trend = Self {
            measure,
            periods,
            values,
            intercept: mean - slope * middle,
            slope,
            std_error,
            lag,
            lambda,
            p: 1.0,
        };
        trend.p = trend.beyond(trend.statistic())?;
        Ok(trend)
    }

    /// The same trend with another number of lags; zero is White's variance.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where there are not more periods than lags.
    pub fn with_lag(self, lag: usize) -> Result<Self> {
        Self::new(self.measure, self.periods, self.values, lag)
    }

    /// The measure.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// The periods.
    #[must_use]
    pub fn periods(&self) -> &[i32] {
        &self.periods
    }

    /// b, the change of the measure a year.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// a, the trend at year zero.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The standard error of b by Newey and West.
    #[must_use]
    pub fn std_error(&self) -> f64 {
        self.std_error
    }

    /// Lags of the standard error.
    #[must_use]
    pub fn lag(&self) -> usize {
        self.lag
    }

    /// b / se.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.slope / self.std_error
    }

    /// Two-sided p-value of no trend, from the distribution at this T and this lag under independent normal errors.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        self.p
    }

    /// The test of no trend with that p-value.
    #[must_use]
    pub fn test(&self) -> TestResult {
        TestResult {
            name: format!(
                "trend, Newey-West with {}, fixed-b",
                counted(self.lag, "lag")
            ),
            statistic: self.statistic(),
            distribution: Distribution::QuadraticForm {
                eigenvalues: self.lambda.len(),
            },
            null: "dispersion has no linear trend".to_owned(),
            alternative: Alternative::TwoSided,
            p_value: self.p,
        }
    }

    /// The slope as an estimate that is referred to t(T - 2), as other programs do; with few periods its p-value is too small.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let df = self.periods.len() as f64 - 2.0;
        Estimate::new("period", self.slope, self.std_error, Distribution::T { df })
    }

    /// The c with P(|b| / se > c) = 1 - level, to which |b| / se is compared at a level such as 0.95.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a level that is not between 0 and 1.
    pub fn critical_value(&self, level: f64) -> Result<f64> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::InvalidOption {
                option: "level",
                value: level.to_string(),
                expected: "a level between 0 and 1, such as 0.95",
            });
        }
        let (mut low, mut high) = (0.0, 1.0);
        while self.beyond(high)? > 1.0 - level {
            low = high;
            high *= 2.0;
        }
        while high - low > 1e-13 * high {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.beyond(middle)? > 1.0 - level {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(0.5 * (low + high))
    }

    /// b ± c · se with that critical value.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a level that is not between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<(f64, f64)> {
        let half = self.critical_value(level)? * self.std_error;
        Ok((self.slope - half, self.slope + half))
    }

    /// a + b t by period.
    #[must_use]
    pub fn fitted(&self) -> Array1<f64> {
        let line = |&p: &i32| self.intercept + self.slope * f64::from(p);
        self.periods.iter().map(line).collect()
    }

    /// P(|b| / se > c) = P(z² - c² Σ λ_j z_j² > 0): b is independent of the residuals.
    fn beyond(&self, c: f64) -> Result<f64> {
        let c = c.abs();
        let terms = self.lambda.iter().map(|l| (-c * c * l, 1.0));
        let form = QuadraticForm::new(terms.chain([(1.0, 1.0)]));
        Ok(form.tails(0.0)?.upper)
    }
}

/// The a_t with slope = Σ a_t sigma_t, a_t = τ_t / Σ τ².
pub(super) fn slope_weights(periods: &[i32]) -> Result<Vec<f64>> {
    let count = periods.len();
    if count < 3 {
        return Err(Error::TooFewPeriods {
            what: "a trend".to_owned(),
            needed: 3,
            periods: count,
        });
    }
    let mean = periods.iter().map(|&p| f64::from(p)).sum::<f64>() / count as f64;
    let tau: Vec<f64> = periods.iter().map(|&p| f64::from(p) - mean).collect();
    let square: f64 = tau.iter().map(|t| t * t).sum();
    Ok(tau.into_iter().map(|t| t / square).collect())
}

/// Eigenvalues of M A M, with M the residual maker of a constant and a trend, relative to the variance of the slope.
fn eigenvalues(mut a: Array2<f64>, slope: &Array1<f64>, of_slope: f64) -> Result<Vec<f64>> {
    let count = slope.len();
    let flat = Array1::from_elem(count, 1.0 / (count as f64).sqrt());
    for basis in [flat, slope / of_slope.sqrt()] {
        // (I - q q') A (I - q q')
        let column = a.dot(&basis);
        let middle = basis.dot(&column);
        for ((s, t), v) in a.indexed_iter_mut() {
            *v += basis[s] * basis[t] * middle - column[s] * basis[t] - basis[s] * column[t];
        }
    }
    let omega = dense::symmetric_eigenvalues(a.view())?;
    let most = omega.iter().fold(0.0_f64, |m, v| m.max(*v));
    Ok(omega
        .iter()
        .filter(|v| **v > 1e-13 * most)
        .map(|v| v / of_slope)
        .collect())
}

impl fmt::Display for SigmaTrend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = (self.periods.first(), self.periods.last());
        let (first, last) = (ends.0.unwrap_or(&0), ends.1.unwrap_or(&0));
        writeln!(
            f,
            "Trend of the {}, {first} to {last}, {} periods: {} a year",
            self.measure,
            self.periods.len(),
            significant(self.slope, 5)
        )?;
        writeln!(
            f,
            "se {} (Newey-West, {}), t {}, p {} (exact at this T and lag under independent normal errors)",
            significant(self.std_error, 4),
            counted(self.lag, "lag"),
            significant(self.statistic(), 4),
            p_value(self.p)
        )
    }
}
