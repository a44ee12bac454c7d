//! Lagrange multiplier tests of spatial dependence in least squares residuals.

use std::fmt;

use ndarray::ArrayView1;

use super::require_least_squares;
use crate::error::{Error, Result};
use crate::inference::{Distribution, TestResult};
use crate::linalg::least_squares::solve;
use crate::regression::Fit;
use crate::text::{Layout, p_value};
use crate::weights::Weights;

/// The Lagrange multiplier (Rao score) tests against a spatial lag and a spatial error.
///
/// With e the residuals, s² = e'e / n, T = tr(WW + W'W), M = I - X(X'X)^-1 X' and NJ = [(WXb)'M(WXb) + T s²] / s²:
///
/// - error: (e'We / s²)² / T
/// - lag: (e'Wy / s²)² / NJ
/// - robust error: (e'We / s² - T / NJ · e'Wy / s²)² / [T (1 - T / NJ)]
/// - robust lag: (e'Wy / s² - e'We / s²)² / (NJ - T)
/// - SARMA: lag + robust error = error + robust lag, chi-squared with two degrees of freedom; the others have one.
///
/// With [weights of the observations](crate::Regression::weighted_by), D = diag(w), rows are multiplied by D^(1/2), and W stands for D^(1/2) W D^(-1/2).
///
/// # References
///
/// Burridge (1980); Anselin (1988), Geographical Analysis 20; Anselin, Bera, Florax and Yoon (1996), Regional Science and Urban Economics 26.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[doc(alias("lm.LMtests", "lm.RStests", "LMtests", "spatdiag"))]
pub struct LmTests {
    /// Against a spatial error.
    pub error: TestResult,
    /// Against a spatial lag.
    pub lag: TestResult,
    /// Against a spatial error, robust to a spatial lag.
    pub robust_error: TestResult,
    /// Against a spatial lag, robust to a spatial error.
    pub robust_lag: TestResult,
    /// Against both.
    pub sarma: TestResult,
}

impl Fit {
    /// The Lagrange multiplier tests of an OLS or SLX fit, against dependence through the weights given (see [`LmTests`]).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a maximum likelihood fit, and where W X b is a combination of the regressors (a regression on a
    /// constant alone), so that the robust tests do not exist; [`Error::UnitsDiffer`] and [`Error::Islands`] for the weights.
    pub fn lm_tests(&self, w: &Weights) -> Result<LmTests> {
        self.require_cross_section("the Lagrange multiplier tests")?;
        require_least_squares(self, "the Lagrange multiplier tests")?;
        self.units()
            .check_same("the fit", w.units(), "the weights")?;
        w.check_ready()?;
        // With weights D of the observations the rows are multiplied by D^(1/2), and W becomes D^(1/2) W D^(-1/2).
        let design = &self.sample.design;
        let e = self.weighted_residuals();
        let csr = w.csr();
        let s2 = e.dot(&e) / self.n() as f64;
        let lag = |v: ArrayView1<'_, f64>| design.weighted(csr.product(v).view());
        let with_error = e.dot(&lag(self.residuals())) / s2;
        let with_lag = e.dot(&lag(self.y().view())) / s2;
        let (ww, mut wtw) = csr.traces_of_squares();
        if let Some(root) = design.root_weights() {
            wtw = (0..csr.n())
                .map(|i| {
                    csr.row(i)
                        .map(|(j, v)| (root[i] * v / root[j]).powi(2))
                        .sum::<f64>()
                })
                .sum();
        }
        let t = ww + wtw;
        if !(t > 0.0) {
            return Err(Error::Unsupported {
                what: "Lagrange multiplier tests with weights that have no links".to_owned(),
                why: "every spatial lag is zero".to_owned(),
            });
        }
        let wxb = lag(self.x().dot(self.b()).view());
        let left = solve(design.weighted_x().view(), &wxb)?.residuals;
        if left.dot(&left) <= 1e-20 * wxb.dot(&wxb) {
            return Err(Error::Unsupported {
                what: "the robust Lagrange multiplier tests of this fit".to_owned(),
                why: "W X b is a combination of the regressors (as where the constant is the only one), so that lag and error cannot be told apart; take Moran's I of the residuals".to_owned(),
            });
        }
        let nj = left.dot(&left) / s2 + t;
        let one = |name: &str, statistic: f64, null: &str| {
            TestResult::upper(name, statistic, Distribution::ChiSquared { df: 1.0 }, null)
        };
        let error = with_error.powi(2) / t;
        let robust_lag = (with_lag - with_error).powi(2) / (nj - t);
        let two = Distribution::ChiSquared { df: 2.0 };
        Ok(LmTests {
            error: one("LM error", error, "lambda = 0"),
            lag: one("LM lag", with_lag.powi(2) / nj, "rho = 0"),
            robust_error: one(
                "Robust LM error",
                (with_error - t / nj * with_lag).powi(2) / (t * (1.0 - t / nj)),
                "lambda = 0, given a local rho",
            ),
            robust_lag: one("Robust LM lag", robust_lag, "rho = 0, given a local lambda"),
            sarma: TestResult::upper(
                "LM SARMA",
                error + robust_lag,
                two,
                "rho = 0 and lambda = 0",
            ),
        })
    }
}

impl LmTests {
    /// The five tests.
    #[must_use]
    pub fn all(&self) -> [&TestResult; 5] {
        [
            &self.lag,
            &self.robust_lag,
            &self.error,
            &self.robust_error,
            &self.sarma,
        ]
    }
}

impl fmt::Display for LmTests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Layout::new();
        table
            .row(["Lagrange multiplier test", "statistic", "distribution", "p"])
            .rule();
        for t in self.all() {
            table.row([
                t.name.clone(),
                format!("{:.4}", t.statistic),
                t.distribution.to_string(),
                p_value(t.p_value),
            ]);
        }
        write!(f, "{table}")
    }
}
