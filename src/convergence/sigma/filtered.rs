//! `FilteredSigma`: how much of measured dispersion is spatial dependence.

use ndarray::{Array1, ArrayView1};

use super::SigmaConvergence;
use crate::data::{Table, Units};
use crate::disparity::{Ddof, standard_deviation};
use crate::error::{Error, Result};
use crate::inference::Estimate;
use crate::linalg::dense;
use crate::linalg::factor::Factor;
use crate::linalg::logdet::DENSE_LIMIT;
use crate::parallel;
use crate::regression::Regression;
use crate::weights::Weights;

/// Units up to which the trace is summed over as many sparse solves.
const MOST_SOLVES: usize = 10_000;

/// The dispersion of logs by period with spatial dependence taken out.
///
/// ln y_t = μ_t + u_t, u_t = λ_t W u_t + v_t, by exact maximum likelihood in each period on its own. With S = (I - λ_t W)^-1 and Q the matrix that takes the mean
/// out, the expected sample variance of ln y_t is σ_v² tr(Q S S') / (n - 1): measured sigma mixes the dispersion σ_v of the shocks with their
/// spread over neighbours.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Panel, SigmaConvergence, Weights, Lattice};
/// let w = Weights::lattice(Lattice::rook(1, 8))?.row_standardized()?;
/// let income = array![
///     [1.0, 1.2, 1.5, 2.5, 3.0, 4.0, 4.5, 5.0],
///     [2.0, 3.5, 2.5, 4.0, 3.0, 5.0, 4.0, 4.5],
/// ];
/// let panel = Panel::from_columns(w.units(), &[2000, 2010], [("income", income)])?;
/// let filtered = SigmaConvergence::of(&panel, "income")?.filtered(&w)?;
/// let first = &filtered.series()[0];
/// assert!(first.lambda.value > 0.5 && first.filtered < 0.5 * first.measured);
/// assert!(first.share_of_dependence().is_some_and(|s| s > 0.5));
/// // Sigma of 2010, had dependence been that of 2000.
/// let fixed = filtered.at_dependence_of(2000)?;
/// assert!(fixed[1] > filtered.series()[1].measured);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Rey and Dev (2006), Papers in Regional Science 85.
#[derive(Debug, Clone)]
pub struct FilteredSigma {
    pub(super) variable: String,
    pub(super) w: Weights,
    pub(super) ddof: Ddof,
    pub(super) series: Vec<FilteredDispersion>,
    /// Shocks v, one array a period.
    shocks: Vec<Array1<f64>>,
}

/// The dispersion of one period, measured and with dependence taken out.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FilteredDispersion {
    /// The period.
    pub period: i32,
    /// Standard deviation of logs.
    pub measured: f64,
    /// λ_t.
    pub lambda: Estimate,
    /// μ_t, the mean of logs by generalised least squares.
    pub mu: f64,
    /// Standard deviation of the shocks v_t = (I - λ_t W)(ln y_t - μ_t), about their mean and with the divisor of the measured one.
    pub filtered: f64,
    /// √(v'v / n), the maximum likelihood estimate of σ_v.
    pub sigma_v: f64,
    /// tr(Q S S') / (n - 1), the factor by which dependence raises the expected sample variance; computed at once up to 1,000 units, above on demand
    /// by [`FilteredSigma::inflation`].
    pub inflation: Option<f64>,
}

impl FilteredDispersion {
    /// The share of the expected sample variance that is due to dependence, 1 - (n - 1) / tr(Q S S'); negative where dependence lowers it.
    #[must_use]
    pub fn share_of_dependence(&self) -> Option<f64> {
        self.inflation.map(|i| 1.0 - 1.0 / i)
    }
}

impl SigmaConvergence {
    /// Takes spatial dependence out of the dispersion of logs, period by period.
    ///
    /// Weights of units, where there are any, have no part in it.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`]; [`Error::Constant`] for a period in which all units are equal, which it names; what else a
    /// [spatial error](Regression::spatial_error) model refuses.
    pub fn filtered(&self, w: &Weights) -> Result<FilteredSigma> {
        self.units
            .check_same("the dispersion", w.units(), "the weights")?;
        let mut series = Vec::with_capacity(self.series.len());
        let mut shocks = Vec::with_capacity(self.series.len());
        let ddof = self.ddof();
        for (d, row) in self.series.iter().zip(self.logs.rows()) {
            let name = format!("ln {}, {}", self.variable, d.period);
            if !(d.sd_log > 0.0) {
                return Err(Error::Constant {
                    name,
                    what: "its spatial dependence",
                });
            }
            let (mu, lambda) = error_model(&name, &self.units, row, w)?;
            let deviations = row.mapv(|l| l - mu);
            let v = &deviations - &(w.csr().product(deviations.view()) * lambda.value);
            let inflation = if w.n() <= DENSE_LIMIT {
                Some(dense_inflation(w, lambda.value)?)
            } else {
                None
            };
            series.push(FilteredDispersion {
                period: d.period,
                measured: d.sd_log,
                mu,
                filtered: standard_deviation(&v, ddof)?,
                sigma_v: (v.dot(&v) / v.len() as f64).sqrt(),
                inflation,
                lambda,
            });
            shocks.push(v);
        }
        Ok(FilteredSigma {
            variable: self.variable.clone(),
            w: w.clone(),
            ddof,
            series,
            shocks,
        })
    }
}

impl FilteredSigma {
    /// The dispersion by period, in order.
    #[must_use]
    pub fn series(&self) -> &[FilteredDispersion] {
        &self.series
    }

    /// The shocks v_t of a period, in the order of the units.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`].
    pub fn shocks(&self, period: i32) -> Result<ArrayView1<'_, f64>> {
        Ok(self.shocks[self.position(period)?].view())
    }

    /// tr(Q S S') / (n - 1) of a period: exact at any size, from the dense inverse up to 1,000 units, from n sparse solves up to 10,000.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`]; [`Error::TooLarge`] above 10,000 units.
    pub fn inflation(&self, period: i32) -> Result<f64> {
        let d = &self.series[self.position(period)?];
        if let Some(known) = d.inflation {
            return Ok(known);
        }
        if self.w.n() > MOST_SOLVES {
            return Err(Error::TooLarge {
                what: "the share of dependence in dispersion, of as many solves as there are units,",
                n: self.w.n(),
                limit: MOST_SOLVES,
                instead: "compare `measured` and `filtered`",
            });
        }
        let n = self.w.n();
        self.w
            .with_factor(d.lambda.value, |factor| solved_inflation(n, factor))
    }

    /// The share of the expected sample variance of a period that is due to dependence, 1 - (n - 1) / tr(Q S S').
    ///
    /// # Errors
    ///
    /// As [`inflation`](Self::inflation).
    pub fn share_of_dependence(&self, period: i32) -> Result<f64> {
        Ok(1.0 - 1.0 / self.inflation(period)?)
    }

    /// Sigma of every period, had dependence been that of the period given: see [`at_dependence`](Self::at_dependence).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`].
    pub fn at_dependence_of(&self, period: i32) -> Result<Array1<f64>> {
        self.at_dependence(self.series[self.position(period)?].lambda.value)
    }

    /// Sigma of every period at fixed dependence λ_0, the standard deviation of (I - λ_0 W)^-1 v_t; at λ_0 = λ_t it is the measured one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where λ_0 is not admissible.
    pub fn at_dependence(&self, lambda: f64) -> Result<Array1<f64>> {
        let (low, high) = self.w.admissible_interval()?;
        // The ends are known to rounding.
        if !(lambda > low * (1.0 - 1e-12) && lambda < high * (1.0 - 1e-12)) {
            return Err(Error::InvalidOption {
                option: "lambda",
                value: lambda.to_string(),
                expected: "a value inside `Weights::admissible_interval`",
            });
        }
        self.w.with_factor(lambda, |factor| {
            let sd = |v: &Array1<f64>| standard_deviation(&factor.solve(v.view())?, self.ddof);
            self.shocks.iter().map(sd).collect()
        })
    }

    fn position(&self, period: i32) -> Result<usize> {
        let found = self.series.iter().position(|d| d.period == period);
        found.ok_or_else(|| Error::UnknownPeriod {
            period,
            available: self.series.iter().map(|d| d.period).collect(),
        })
    }
}

/// μ and λ of ln y on a constant with a spatial error.
fn error_model(
    name: &str,
    units: &Units,
    logs: ArrayView1<'_, f64>,
    w: &Weights,
) -> Result<(f64, Estimate)> {
    let table = Table::over(units).column(name, logs.to_owned())?;
    let fit = Regression::of(name).spatial_error(w).fit(&table)?;
    let mu = fit.coefficient("const")?.value;
    let lambda = fit.lambda().ok_or_else(|| Error::Unsupported {
        what: "the spatial error of logs".to_owned(),
        why: "the model has none".to_owned(),
    })?;
    Ok((mu, lambda))
}

/// tr(Q S S') = |S|² - |S'1|² / n.
fn dense_inflation(w: &Weights, lambda: f64) -> Result<f64> {
    let mut a = w.csr().to_dense() * -lambda;
    a.diag_mut().mapv_inplace(|d| d + 1.0);
    let s = dense::inverse(a.view(), "I - lambda W")?;
    let n = w.n() as f64;
    let centred: f64 = s
        .columns()
        .into_iter()
        .map(|c| {
            let mean = c.sum() / n;
            c.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
        })
        .sum();
    Ok(centred / (n - 1.0))
}

/// The same, column after column of S by a sparse solve.
fn solved_inflation(n: usize, factor: &Factor<'_>) -> Result<f64> {
    let column = |j: usize| {
        let mut unit = Array1::zeros(n);
        unit[j] = 1.0;
        let c = factor.solve(unit.view())?;
        let mean = c.sum() / n as f64;
        Ok(c.fold(0.0, |sum, v| sum + (v - mean).powi(2)))
    };
    let columns: Result<Vec<f64>> = parallel::map_indexed(n, column).into_iter().collect();
    Ok(columns?.iter().sum::<f64>() / (n as f64 - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Lattice;

    #[test]
    fn solves_and_the_dense_inverse_agree() {
        let raw = Weights::lattice(Lattice::rook(5, 6)).unwrap();
        for w in [raw.row_standardized().unwrap(), raw.binary()] {
            for lambda in [-0.2, 0.0, 0.2] {
                let dense = dense_inflation(&w, lambda).unwrap();
                let sparse = w.with_factor(lambda, |f| solved_inflation(30, f)).unwrap();
                assert!((dense / sparse - 1.0).abs() < 1e-12);
                if lambda == 0.0 {
                    assert!((dense - 1.0).abs() < 1e-14);
                }
            }
        }
    }
}
