//! The profile likelihood of rho or lambda as data, and the interval that a likelihood ratio test does not reject.

use std::sync::Arc;

use ndarray::Array1;

use super::compressed::{Columns, Compressed};
use super::search::Profile;
use crate::error::{Error, Result};
use crate::inference::Distribution;
use crate::linalg::logdet::Jacobian;
use crate::optim;
use crate::regression::Fit;
use crate::regression::gaussian::concentrated;

/// The log-likelihood over values of one spatial parameter, all other parameters at their best for each.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LikelihoodProfile {
    /// `rho` or `lambda`.
    pub parameter: &'static str,
    /// The values of the parameter.
    pub values: Array1<f64>,
    /// The log-likelihood at each.
    pub log_likelihood: Array1<f64>,
}

/// Values of the other parameter that are tried on either side of zero.
const SCAN: usize = 10;
/// The interval by likelihood ratio is known to this share of a standard error.
const NEAR: f64 = 1e-4;

impl Fit {
    /// The profile log-likelihood of `rho` or `lambda` at the values given: max over all other parameters.
    ///
    /// Up to 1,000 units a value costs a sum over eigenvalues, above a sparse factorisation (none near the estimate). Where the model has the other
    /// parameter too, the likelihood is maximised over it at each value.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`] where the model has no such parameter; [`Error::Unsupported`] with variances by group; [`Error::Singular`] for a value outside the admissible interval.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Lattice, Regression, Table, Weights};
    /// let w = Weights::lattice(Lattice::rook(5, 5))?.row_standardized()?;
    /// let x: Vec<f64> = (0..25).map(|i| f64::from(i * i % 7)).collect();
    /// let y: Vec<f64> = (0..25).map(|i| f64::from(i % 5 + i * i % 7)).collect();
    /// let table = Table::over(w.units()).column("x", x)?.column("y", y)?;
    /// let sar = Regression::of("y").on(["x"]).spatial_lag(&w).fit(&table)?;
    /// let rho = sar.rho().map_or(0.0, |r| r.value);
    /// let profile = sar.likelihood_profile("rho", &[rho - 0.1, rho, rho + 0.1])?;
    /// assert!((profile.log_likelihood[1] - sar.log_likelihood()).abs() < 1e-9);
    /// assert!(profile.log_likelihood[0] < profile.log_likelihood[1]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn likelihood_profile(&self, parameter: &str, values: &[f64]) -> Result<LikelihoodProfile> {
        let curve = Curve::new(self, parameter)?;
        let log_likelihood = (values.iter())
            .map(|v| curve.at(*v))
            .collect::<Result<Array1<f64>>>()?;
        Ok(LikelihoodProfile {
            parameter: curve.name(),
            values: values.iter().copied().collect(),
            log_likelihood,
        })
    }

    /// The interval of `rho` or `lambda` of all values that a likelihood ratio test at 1 - `level` does not reject: 2 (log L - log L(value)) ≤ the
    /// quantile of chi-squared(1). It follows the skewness of the likelihood and stays inside the admissible interval.
    ///
    /// # Errors
    ///
    /// Those of [`likelihood_profile`](Self::likelihood_profile); [`Error::InvalidOption`] for a level outside (0, 1).
    ///
    /// # References
    ///
    /// Venzon and Moolgavkar (1988), Applied Statistics 37: 87-94.
    pub fn likelihood_interval(&self, parameter: &str, level: f64) -> Result<(f64, f64)> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::InvalidOption {
                option: "level",
                value: level.to_string(),
                expected: "a share between 0 and 1, such as 0.95",
            });
        }
        let curve = Curve::new(self, parameter)?;
        let z = Distribution::Normal.quantile(0.5 + 0.5 * level);
        let floor = self.log_likelihood() - 0.5 * z * z;
        let process = &self.processes()[curve.at];
        let se = (self.vcov().std_error(self.b().len() + curve.at)).max(1e-9);
        let (lo, hi) = curve.jacobians[curve.at].interval;
        let end = |bound: f64| -> Result<f64> {
            // Outwards until the likelihood is below the floor, or next to the bound; then halving.
            let (mut inside, mut step) = (process.value, se * z);
            let mut outside = loop {
                let room = 0.5 * (bound - inside).abs();
                let next = inside + step.min(room) * (bound - inside).signum();
                if room < 1e-9 * (hi - lo) {
                    return Ok(inside);
                }
                match curve.at(next) {
                    Ok(value) if value >= floor => inside = next,
                    Ok(_) | Err(Error::Singular { .. }) => break next,
                    Err(e) => return Err(e),
                }
                step *= 1.5;
            };
            while (outside - inside).abs() > NEAR * se {
                let middle = 0.5 * (inside + outside);
                match curve.at(middle) {
                    Ok(value) if value >= floor => inside = middle,
                    Ok(_) | Err(Error::Singular { .. }) => outside = middle,
                    Err(e) => return Err(e),
                }
            }
            Ok(0.5 * (inside + outside))
        };
        Ok((end(lo)?, end(hi)?))
    }
}

/// The profile likelihood of a fit as a function.
struct Curve<'a> {
    fit: &'a Fit,
    compressed: Compressed,
    jacobians: Vec<Arc<Jacobian>>,
    /// Which process is varied.
    at: usize,
}

impl<'a> Curve<'a> {
    fn new(fit: &'a Fit, parameter: &str) -> Result<Self> {
        let processes = fit.processes();
        let at = (processes.iter())
            .position(|p| p.name == parameter)
            .ok_or_else(|| crate::data::unknown(parameter, processes.iter().map(|p| p.name)))?;
        let (lag, error) = (fit.lag().map(|p| &p.w), fit.error().map(|p| &p.w));
        let design = &fit.sample.design;
        if design.variances.is_some() {
            return Err(Error::Unsupported {
                what: "the profile likelihood of a fit with variances by group".to_owned(),
                why: "the variances would have to be estimated anew for each value; test values by likelihood ratios of two fits".to_owned(),
            });
        }
        Ok(Self {
            fit,
            compressed: Columns::new(design, lag, error, None)?.compress(None)?,
            jacobians: (processes.iter())
                .map(|p| Arc::clone(p.local.jacobian()))
                .collect(),
            at,
        })
    }

    fn name(&self) -> &'static str {
        self.fit.processes()[self.at].name
    }

    /// Exact ln|I - theta W| of one process.
    fn ln_det(&self, process: usize, theta: f64) -> Result<f64> {
        let local = &self.fit.processes()[process].local;
        if local.covers(theta) {
            Ok(local.inside(theta).0)
        } else {
            self.jacobians[process].ln_det(theta)
        }
    }

    fn at(&self, value: f64) -> Result<f64> {
        let (lo, hi) = self.jacobians[self.at].interval;
        if !(value > lo && value < hi) {
            return Err(Error::Singular {
                what: format!(
                    "I - {0} W at {0} = {value}, outside ({lo}, {hi})",
                    self.name()
                ),
            });
        }
        let profile = Profile {
            compressed: &self.compressed,
            jacobians: self.jacobians.clone(),
            has_lag: self.fit.lag().is_some(),
        };
        let mut theta: Vec<f64> = self.fit.processes().iter().map(|p| p.value).collect();
        theta[self.at] = value;
        if theta.len() == 2 {
            // Where the other one is best is sought with cheap values, then with exact ones if it lies in their window; outside, its error enters
            // the maximum squared.
            let other = 1 - self.at;
            let (lo, hi) = self.jacobians[other].interval;
            let mut tried = theta.clone();
            let best = optim::maximize(lo, hi, &optim::scan(lo, hi, SCAN), |t| {
                tried[other] = t;
                profile.value(&tried, |i, t| Ok(self.jacobians[i].rough(t).0))
            })?;
            theta[other] = best.at;
            let local = &self.fit.processes()[other].local;
            if local.covers(best.at) {
                let (lo, hi) = local.interval();
                let exact = optim::maximize(lo, hi, &[best.at.clamp(lo, hi)], |t| {
                    tried[other] = t;
                    profile.value(&tried, |i, t| {
                        Ok(if i == other { local.inside(t).0 } else { 0.0 })
                    })
                })?;
                theta[other] = exact.at;
            }
        }
        let f = profile.value(&theta, |i, t| self.ln_det(i, t))?;
        let n = self.compressed.n;
        // The profile has -n/2 ln sse; the likelihood its constant too.
        Ok(f + concentrated(n, 1.0) + self.fit.sample.design.half_ln_weights())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use crate::random::Stream;
    use crate::{Lattice, Regression, Table, Weights};

    fn sample(w: &Weights) -> Table {
        let n = w.n();
        let mut s = Stream::new(3, 0);
        let mut draw = || -> Array1<f64> { (0..n).map(|_| s.normal()).collect() };
        let (x, e) = (draw(), draw());
        let mut u = e.clone();
        for _ in 0..60 {
            u = &e + &(w.lag(&u).unwrap() * 0.3);
        }
        let start = &x + &u;
        let mut y = start.clone();
        for _ in 0..60 {
            y = &start + &(w.lag(&y).unwrap() * 0.4);
        }
        Table::over(w.units())
            .column("x", x)
            .unwrap()
            .column("y", y)
            .unwrap()
    }

    #[test]
    fn of_both_parameters_with_eigenvalues_and_with_factors() {
        for side in [9, 34] {
            let w = Weights::lattice(Lattice::queen(side, side))
                .unwrap()
                .row_standardized()
                .unwrap();
            let fit = Regression::of("y")
                .on(["x"])
                .spatial_lag(&w)
                .spatial_error(&w)
                .fit(&sample(&w))
                .unwrap();
            for (name, value) in [
                ("rho", fit.rho().unwrap().value),
                ("lambda", fit.lambda().unwrap().value),
            ] {
                let (low, high) = fit.likelihood_interval(name, 0.95).unwrap();
                assert!(low < value && value < high && high < 1.0);
                let at = [low, value, high, value + 1e-3];
                let profile = fit.likelihood_profile(name, &at).unwrap().log_likelihood;
                let drop = |i: usize| 2.0 * (fit.log_likelihood() - profile[i]);
                assert!(drop(1).abs() < 1e-7, "{}", drop(1));
                assert!(drop(3) > 0.0);
                for end in [0, 2] {
                    assert!(
                        (drop(end) - 3.841_458_820_694_124).abs() < 2e-3,
                        "{}",
                        drop(end)
                    );
                }
            }
        }
    }

    #[test]
    fn a_parameter_that_is_not_there() {
        let w = Weights::lattice(Lattice::queen(5, 5)).unwrap();
        let w = w.row_standardized().unwrap();
        let fit = Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .fit(&sample(&w))
            .unwrap();
        assert!(fit.likelihood_profile("lambda", &[0.1]).is_err());
        assert!(fit.likelihood_profile("rho", &[1.2]).is_err());
        assert!(fit.likelihood_interval("rho", 95.0).is_err());
    }
}
