//! Spatial dependence and normality of the residuals, and collinearity of the regressors.

use super::require_least_squares;
use crate::autocorrelation::{ResidualMoran, residual_moran};
use crate::error::Result;
use crate::inference::{Distribution, TestResult};
use crate::linalg::dense;
use crate::linalg::triangular::inverse_cross_product;
use crate::regression::Fit;
use crate::weights::Weights;

impl Fit {
    /// Moran's I of the residuals of an OLS or SLX fit, with its exact moments under normal errors; of a weighted fit, of
    /// the [`weighted_residuals`](Self::weighted_residuals).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) for a maximum likelihood fit;
    /// [`Error::UnitsDiffer`](crate::Error::UnitsDiffer) and [`Error::Islands`](crate::Error::Islands) for the weights.
    #[doc(alias = "lm.morantest")]
    pub fn residual_moran(&self, w: &Weights) -> Result<ResidualMoran> {
        self.require_cross_section("Moran's I of the residuals")?;
        require_least_squares(self, "Moran's I of the residuals")?;
        self.units()
            .check_same("the fit", w.units(), "the weights")?;
        w.check_ready()?;
        let inverse = inverse_cross_product(self.sample.r.view());
        let x = self.sample.design.weighted_x();
        let e = self.weighted_residuals();
        residual_moran(e.view(), x.view(), inverse.view(), w.csr())
    }

    /// Jarque-Bera test: n / 6 · (S² + (K - 3)² / 4) with the skewness S and kurtosis K of the residuals (of a weighted
    /// fit, the weighted ones), chi-squared(2).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) for a maximum likelihood fit.
    ///
    /// # References
    ///
    /// Jarque and Bera (1980), Economics Letters 6.
    pub fn jarque_bera(&self) -> Result<TestResult> {
        require_least_squares(self, "the Jarque-Bera test")?;
        let e = self.weighted_residuals();
        let n = self.n() as f64;
        let mean = e.sum() / n;
        let moment = |p: i32| e.iter().map(|v| (v - mean).powi(p)).sum::<f64>() / n;
        let m2 = moment(2);
        let (s, k) = (moment(3) / m2.powf(1.5), moment(4) / (m2 * m2));
        let statistic = n / 6.0 * (s * s + 0.25 * (k - 3.0).powi(2));
        Ok(TestResult::upper(
            "Jarque-Bera",
            statistic,
            Distribution::ChiSquared { df: 2.0 },
            "normal errors",
        ))
    }

    /// Condition number of X (rows multiplied by the roots of the weights of the observations), its columns scaled to unit length: the ratio of the largest to the smallest singular value. Above 30
    /// the coefficients are hard to tell apart.
    ///
    /// # Errors
    ///
    /// [`Error::NotConverged`](crate::Error::NotConverged).
    ///
    /// # References
    ///
    /// Belsley, Kuh and Welsch (1980).
    #[doc(alias = "condition_index")]
    pub fn condition_number(&self) -> Result<f64> {
        // The triangular factor of X has its singular values, whatever n.
        let mut r = self.sample.r.clone();
        for mut column in r.columns_mut() {
            let length = column.dot(&column).sqrt();
            column /= length;
        }
        let s = dense::singular_values(r.view())?;
        Ok(s.first().copied().unwrap_or(1.0) / s.last().copied().unwrap_or(1.0))
    }
}
