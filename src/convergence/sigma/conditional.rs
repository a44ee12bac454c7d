//! `ConditionalSigma`: the dispersion that is left once determinants are given, at two dates, and the test that it is the same.

use std::fmt;

use ndarray::Array1;

use super::SigmaConvergence;
use crate::data::Table;
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, TestResult};
use crate::regression::Regression;
use crate::text::significant;

/// 1 - r² below this, and residuals below its root relative to the logs, are rounding.
const ROUNDING: f64 = 1e-13;

/// Dispersion of logs given determinants, at two dates.
///
/// ln y_t = Z b_t + e_t with the same Z (n × k, the constant included) at both dates. With e_1, e_2 the residuals and r the correlation of e_1 + e_2 and e_1 - e_2,
/// t = r sqrt((n - k - 1) / (1 - r²)) = (e_1'e_1 - e_2'e_2) sqrt(n - k - 1) / (2 sqrt(e_1'e_1 e_2'e_2 - (e_1'e_2)²)) is t(n - k - 1) where the two variances of e are the same.
///
/// Exact at any n where (e_1i, e_2i) are normal and independent between units: M = I - Z(Z'Z)^-1 Z' has n - k unit eigenvalues, in whose directions both residual vectors
/// are n - k independent pairs with mean zero, and e_1 + e_2 and e_1 - e_2 are independent exactly where the variances are equal. With k = 1 it is the test of Pitman and Morgan.
///
/// # References
///
/// Morgan (1939), Pitman (1939), Biometrika 31; Egger and Pfaffermayr (2006), Papers in Regional Science 85, for sigma convergence that is conditional.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConditionalSigma {
    /// The first period.
    pub first: i32,
    /// The last period.
    pub last: i32,
    /// Names of the determinants, without the constant.
    pub determinants: Vec<String>,
    /// √(e_1'e_1 / (n - k)).
    pub sd_first: f64,
    /// √(e_2'e_2 / (n - k)).
    pub sd_last: f64,
    /// n - k.
    pub df: usize,
    /// Pitman and Morgan's test on the residuals, positive where dispersion fell.
    pub test: TestResult,
}

impl SigmaConvergence {
    /// Tests that the variance of logs given determinants is the same in two periods.
    ///
    /// `table` holds the determinants over the same units, for instance `panel.at(2000)?`; they are the same for both dates.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`]; [`Error::InvalidOption`] where last is not after first; [`Error::UnitsDiffer`]; [`Error::UnknownColumn`]; [`Error::Collinear`];
    /// [`Error::TooFewUnits`] where n - k - 1 is not positive; [`Error::Unsupported`] where a date is a combination of the determinants, or both residuals are proportional.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Panel, SigmaConvergence, Units};
    /// let panel = Panel::from_columns(
    ///     &Units::range(7),
    ///     &[2000, 2010],
    ///     [
    ///         ("income", array![[1.0, 2.5, 3.0, 9.0, 2.0, 8.0, 3.0], [2.0, 3.0, 4.0, 8.5, 3.5, 8.0, 5.0]]),
    ///         ("coast", array![[0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0]]),
    ///     ],
    /// )?;
    /// let sigma = SigmaConvergence::of(&panel, "income")?;
    /// let given = sigma.conditional(&panel.at(2000)?, ["coast"], 2000, 2010)?;
    /// assert!(given.sd_last < given.sd_first);
    /// assert_eq!(given.df, 5);
    /// assert!((given.test.p_value - 0.0178).abs() < 1e-4);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn conditional<S: Into<String>>(
        &self,
        table: &Table,
        determinants: impl IntoIterator<Item = S>,
        first: i32,
        last: i32,
    ) -> Result<ConditionalSigma> {
        let determinants: Vec<String> = determinants.into_iter().map(Into::into).collect();
        let (start, end) = self.logs_of_both(first, last)?;
        table
            .units()
            .check_same("the table", &self.units, "the dispersion")?;
        let n = self.units.len();
        let k = determinants.len() + 1;
        let Some(df) = n.checked_sub(k).filter(|df| *df > 1) else {
            return Err(Error::TooFewUnits {
                what: format!("a test of dispersion given {} determinant(s)", k - 1),
                needed: k + 2,
                n,
            });
        };
        let residuals = |logs: Array1<f64>, period: i32| {
            let name = format!("ln {}, {period}", self.variable);
            let mean = logs.sum() / n as f64;
            let total = logs.fold(0.0, |s, l| s + (l - mean).powi(2));
            let data = table.clone().column(&name, logs)?;
            let regression = Regression::of(&name).on(determinants.iter().cloned());
            let e = regression.fit(&data)?.residuals().to_owned();
            let left = e.dot(&e);
            if left > ROUNDING * total {
                return Ok((e, left));
            }
            Err(Error::Unsupported {
                what: format!("a test of the variance of `{name}` given determinants"),
                why: "the determinants explain it whole".to_owned(),
            })
        };
        let (e1, v1) = residuals(start, first)?;
        let (e2, v2) = residuals(end, last)?;
        let c = e1.dot(&e2);
        let left = v1 * v2 - c * c;
        if !(left > ROUNDING * v1 * v2) {
            return Err(Error::Unsupported {
                what: "a test of conditional dispersion".to_owned(),
                why: "the residuals of the two dates are perfectly correlated; compare other dates, or leave determinants out".to_owned(),
            });
        }
        let t = (&e1 + &e2).dot(&(&e1 - &e2)) * (0.25 * (df as f64 - 1.0) / left).sqrt();
        Ok(ConditionalSigma {
            first,
            last,
            sd_first: (v1 / df as f64).sqrt(),
            sd_last: (v2 / df as f64).sqrt(),
            df,
            test: TestResult::symmetric(
                "Pitman-Morgan given determinants",
                t,
                Distribution::T {
                    df: df as f64 - 1.0,
                },
                "the variance of logs given the determinants is the same at both dates",
                Alternative::TwoSided,
            ),
            determinants,
        })
    }
}

impl fmt::Display for ConditionalSigma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = if self.determinants.is_empty() {
            "a constant".to_owned()
        } else {
            self.determinants.join(", ")
        };
        writeln!(
            f,
            "Sd of logs given {given}: {} in {}, {} in {} (divisor {})",
            significant(self.sd_first, 5),
            self.first,
            significant(self.sd_last, 5),
            self.last,
            self.df
        )?;
        writeln!(f, "{}", self.test)
    }
}
