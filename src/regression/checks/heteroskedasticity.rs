//! Tests of a constant error variance; of weighted residuals, of a variance sigma² / w.

use ndarray::{Array1, Array2};

use super::require_least_squares;
use crate::error::{Error, Result};
use crate::inference::{Distribution, TestResult};
use crate::linalg::dense;
use crate::linalg::least_squares::solve;
use crate::linalg::triangular::dependent_columns;
use crate::regression::{Effects, Fit};

const NULL: &str = "constant error variance";

impl Fit {
    /// Breusch-Pagan test: half the explained sum of squares of e² / s² on the regressors, chi-squared; assumes normal errors.
    ///
    /// For maximum likelihood e are the residuals of the fit and the regressors are those of its last step: X where there is no spatial
    /// error, the filtered ones X - lambda M X where there is one (as `bptest.Sarlm`, which gives [`koenker`](Self::koenker) by default).
    /// That rho and lambda are estimated does not matter to the limit.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a fit without regressors, and for one with variances by group.
    ///
    /// # References
    ///
    /// Breusch and Pagan (1979), Econometrica 47.
    #[doc(alias = "bptest")]
    pub fn breusch_pagan(&self) -> Result<TestResult> {
        let z = self.variance_regressors("the Breusch-Pagan test")?;
        let (explained, _) = self.auxiliary(&z)?;
        let e = self.weighted_residuals();
        let s2 = e.dot(&e) / self.n() as f64;
        Ok(chi_squared(
            "Breusch-Pagan",
            0.5 * explained / (s2 * s2),
            &z,
        ))
    }

    /// Koenker's studentised Breusch-Pagan test: n R² of e² on the regressors, chi-squared; does not assume normal errors.
    ///
    /// # Errors
    ///
    /// As [`breusch_pagan`](Self::breusch_pagan).
    ///
    /// # References
    ///
    /// Koenker (1981), Journal of Econometrics 17.
    #[doc(alias = "Koenker-Bassett")]
    pub fn koenker(&self) -> Result<TestResult> {
        let z = self.variance_regressors("Koenker's test")?;
        let (explained, total) = self.auxiliary(&z)?;
        Ok(chi_squared(
            "Koenker",
            self.n() as f64 * explained / total,
            &z,
        ))
    }

    /// White's test: n R² of e² on the regressors, their squares and cross-products, chi-squared; columns that repeat others (the
    /// square of a dummy) are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a maximum likelihood fit and for a fit without regressors; [`Error::TooFewUnits`] where there are more products than units.
    ///
    /// # References
    ///
    /// White (1980), Econometrica 48.
    pub fn white(&self) -> Result<TestResult> {
        require_least_squares(self, "White's test")?;
        let x = self.variance_regressors("White's test")?;
        let columns: Vec<Array1<f64>> = x
            .columns()
            .into_iter()
            .skip(1)
            .map(|c| c.to_owned())
            .collect();
        let mut all = vec![Array1::ones(self.n())];
        all.extend(columns.iter().cloned());
        for (i, a) in columns.iter().enumerate() {
            all.extend(columns[i..].iter().map(|b| a * b));
        }
        let mut z = stack(&all);
        let repeated: Vec<usize> = dependent_columns(dense::triangular_factor(z.view())?.view())
            .into_iter()
            .map(|(j, _)| j)
            .collect();
        if !repeated.is_empty() {
            let kept: Vec<Array1<f64>> = all
                .into_iter()
                .enumerate()
                .filter(|(j, _)| !repeated.contains(j))
                .map(|(_, c)| c)
                .collect();
            z = stack(&kept);
        }
        if z.ncols() >= self.n() {
            return Err(Error::TooFewUnits {
                what: "White's test of this many regressors".to_owned(),
                needed: z.ncols() + 1,
                n: self.n(),
            });
        }
        let (explained, total) = self.auxiliary(&z)?;
        Ok(chi_squared(
            "White",
            self.n() as f64 * explained / total,
            &z,
        ))
    }

    /// A constant and the regressors without theirs, filtered where the error is a spatial process.
    fn variance_regressors(&self, what: &str) -> Result<Array2<f64>> {
        if self.effects() != Effects::None {
            self.require_cross_section(what)?;
        }
        let design = &self.sample.design;
        if design.variances.is_some() {
            // That the variances are estimated would have to enter the limit.
            self.require_one_variance(what)?;
        }
        let mut all = vec![Array1::ones(self.n())];
        let x = match self.error() {
            Some(p) => &self.x() - &(p.w.csr().product_columns(self.x()) * p.value),
            None => self.x().to_owned(),
        };
        let columns = x.columns().into_iter().enumerate();
        all.extend(
            columns
                .filter(|(j, _)| Some(*j) != design.constant)
                .map(|(_, c)| c.to_owned()),
        );
        if all.len() == 1 {
            return Err(Error::Unsupported {
                what: what.to_owned(),
                why: "the fit has no regressor that could explain the variance".to_owned(),
            });
        }
        Ok(stack(&all))
    }

    /// Explained and total sums of squares, about the mean, of e² on z.
    fn auxiliary(&self, z: &Array2<f64>) -> Result<(f64, f64)> {
        let squares = self.weighted_residuals().mapv(|e| e * e);
        let mean = squares.sum() / self.n() as f64;
        let left = solve(z.view(), &squares)?.residuals;
        let total = squares.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        Ok((total - left.dot(&left), total))
    }
}

fn stack(columns: &[Array1<f64>]) -> Array2<f64> {
    let n = columns.first().map_or(0, Array1::len);
    Array2::from_shape_fn((n, columns.len()), |(i, j)| columns[j][i])
}

fn chi_squared(name: &str, statistic: f64, z: &Array2<f64>) -> TestResult {
    TestResult::upper(
        name,
        statistic,
        Distribution::ChiSquared {
            df: (z.ncols() - 1) as f64,
        },
        NULL,
    )
}
