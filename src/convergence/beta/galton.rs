//! Galton's decomposition: what a slope says of dispersion, and what it does not.

use std::fmt;

use super::BetaConvergence;
use crate::convergence::growth::{GROWTH, INITIAL};
use crate::error::Result;
use crate::text::significant;

/// The variance of logs at the last date, in parts.
///
/// With 1 + B the share of a gap that is left (B = bT; b the direct impact in models with spillovers) and u = ln y_T - (1 + B) ln y_0 less its mean,
///
/// var_T = (1 + B)² var_0 + 2 (1 + B) cov(ln y_0, u) + var_u,
///
/// an identity of the sample; variances divide by n, as those of [`SigmaConvergence::of`](crate::SigmaConvergence::of) do. u holds whatever the initial level does not:
/// shocks, determinants, spillovers. In an absolute OLS the covariance is zero.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct VarianceDecomposition {
    /// 1 + B.
    pub left: f64,
    /// Variance of ln y_0.
    pub initial: f64,
    /// Variance of ln y_T.
    pub last: f64,
    /// (1 + B)² var_0: what is left of the initial variance.
    pub carried: f64,
    /// 2 (1 + B) cov(ln y_0, u).
    pub covariance: f64,
    /// var_u.
    pub shocks: f64,
}

impl BetaConvergence {
    /// The variance of logs at the last date as a sum of what is left of the initial one and of what came on top; see [`VarianceDecomposition`].
    ///
    /// A negative beta shrinks the first part. It does not imply that dispersion falls (Galton's fallacy): shocks add to it in every span, and with the
    /// same slope and shocks dispersion goes to [`stationary`](VarianceDecomposition::stationary), from above or from below.
    ///
    /// # Errors
    ///
    /// None but those of its columns.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{BetaConvergence, Growth, Table};
    /// // The poorest and the richest change places with the middle: beta < 0, and dispersion rises.
    /// let table = Table::from_columns([
    ///     ("y0", array![100.0, 110.0, 120.0, 130.0, 140.0, 150.0]),
    ///     ("y1", array![150.0, 180.0, 90.0, 210.0, 120.0, 160.0]),
    /// ])?;
    /// let growth = Growth::of_columns(&table, "y0", "y1", 10.0)?;
    /// let beta = BetaConvergence::fit(&growth, &growth.regression())?;
    /// let v = beta.variance_decomposition()?;
    /// assert!(beta.beta().value < 0.0 && v.last > v.initial);
    /// assert!((v.carried + v.covariance + v.shocks - v.last).abs() < 1e-12);
    /// assert!(v.initial < v.stationary().unwrap());
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Friedman (1992), Journal of Economic Literature 30: 2129-2132; Quah (1993), Scandinavian Journal of Economics 95: 427-443; Young, Higgins and
    /// Levy (2008), Journal of Money, Credit and Banking 40: 1083-1093.
    #[doc(alias("Galton", "regression to the mean"))]
    pub fn variance_decomposition(&self) -> Result<VarianceDecomposition> {
        let growth = self.growth();
        let multiplier = growth.multiplier();
        let table = growth.table();
        let first = table.values(INITIAL)?;
        let total = table.values(GROWTH)?.mapv(|g| g * multiplier);
        let n = first.len() as f64;
        let left = 1.0 + multiplier * self.impact().direct.value;
        let x = &first - first.sum() / n;
        let last = &x + &(&total - total.sum() / n);
        let u = &last - &(&x * left);
        Ok(VarianceDecomposition {
            left,
            initial: x.dot(&x) / n,
            last: last.dot(&last) / n,
            carried: left * left * x.dot(&x) / n,
            covariance: 2.0 * left * x.dot(&u) / n,
            shocks: u.dot(&u) / n,
        })
    }
}

impl VarianceDecomposition {
    /// The variance towards which dispersion goes if every span has this slope and a new u of this variance, unrelated to the level before:
    /// var_u / (1 - (1 + B)²); none where |1 + B| ≥ 1.
    ///
    /// Where u holds determinants that stay what they are, as in conditional convergence, dispersion goes to another one.
    #[must_use]
    pub fn stationary(&self) -> Option<f64> {
        let room = 1.0 - self.left * self.left;
        (room > 0.0).then(|| self.shocks / room)
    }
}

impl fmt::Display for VarianceDecomposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is rounding of zero is zero.
        let s = |x: f64| {
            let rounding = x.abs() < 1e-12 * self.last;
            significant(if rounding { 0.0 } else { x }, 5)
        };
        write!(
            f,
            "Variance of logs: {} -> {} = {} left of the initial one ((1 + B)² = {}) + {} by covariance + {} by shocks; ",
            s(self.initial),
            s(self.last),
            s(self.carried),
            s(self.left * self.left),
            s(self.covariance),
            s(self.shocks)
        )?;
        let moves = if self.last > self.initial {
            "rises"
        } else {
            "falls"
        };
        match self.stationary() {
            Some(v) => writeln!(
                f,
                "beta is negative and dispersion {moves}, towards {}",
                s(v)
            ),
            None => writeln!(
                f,
                "dispersion {moves}, and has no end towards which it goes"
            ),
        }
    }
}
