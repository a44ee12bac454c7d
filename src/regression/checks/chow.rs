//! Chow tests: whether coefficients differ by regime.

use ndarray::{Array1, Array2};

use crate::error::{Error, Result};
use crate::inference::{Distribution, TestResult};
use crate::linalg::dense;
use crate::regression::Fit;
use crate::regression::regimes::RegimeTerms;

impl Fit {
    /// Chow test that all coefficients are the same in all regimes: the Wald test of their differences, chi-squared with
    /// (number of groups - 1) degrees of freedom for every coefficient.
    ///
    /// With R the differences, (R b)' (R V R')^-1 R b, where V is the [covariance](Self::vcov) of the fit: after
    /// [`with_vcov`](Self::with_vcov) the test is robust to heteroskedasticity, and with spatial terms it is the spatial Chow test. For least
    /// squares the statistic divided by its degrees of freedom is the F of Chow (1960).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a fit without [regimes](crate::Regression::regimes).
    ///
    /// # References
    ///
    /// Chow (1960), Econometrica 28; Anselin (1990), Journal of Regional Science 30.
    #[doc(alias("Chow", "regimes test"))]
    pub fn chow_test(&self) -> Result<TestResult> {
        let regimes = self.regime_terms()?;
        let pairs = (regimes.terms.iter()).flat_map(|(_, at)| differences(at));
        let null = "the same coefficients in all regimes";
        self.wald_of_differences("Chow", &pairs.collect::<Vec<_>>(), null.to_owned())
    }

    /// Chow tests coefficient by coefficient: each is the same in all regimes; named `Chow, x`.
    ///
    /// # Errors
    ///
    /// As [`chow_test`](Self::chow_test).
    pub fn chow_tests(&self) -> Result<Vec<TestResult>> {
        let regimes = self.regime_terms()?;
        (regimes.terms.iter())
            .filter(|(_, at)| at.len() > 1)
            .map(|(name, at)| {
                let names = &self.sample.design.names;
                let all: Vec<&str> = at.iter().map(|i| names[*i].as_str()).collect();
                self.wald_of_differences(
                    &format!("Chow, {name}"),
                    &differences(at).collect::<Vec<_>>(),
                    all.join(" = "),
                )
            })
            .collect()
    }

    fn regime_terms(&self) -> Result<&RegimeTerms> {
        (self.sample.design.regimes.as_ref()).ok_or_else(|| Error::Unsupported {
            what: "a Chow test of a fit without regimes".to_owned(),
            why: "it compares coefficients of groups; fit with `.regimes(\"label\")` first"
                .to_owned(),
        })
    }

    /// Wald test that b_i = b_j for all pairs.
    fn wald_of_differences(
        &self,
        name: &str,
        pairs: &[(usize, usize)],
        null: String,
    ) -> Result<TestResult> {
        let (b, v) = (self.location(), self.vcov_of_location());
        let covariance = |(i, j): (usize, usize), (k, l): (usize, usize)| {
            v[[i, k]] - v[[i, l]] - v[[j, k]] + v[[j, l]]
        };
        // Correlations, so that units of measurement do not matter to the inverse.
        let scale: Vec<f64> = pairs.iter().map(|p| covariance(*p, *p).sqrt()).collect();
        let m = pairs.len();
        let correlation = Array2::from_shape_fn((m, m), |(i, j)| {
            covariance(pairs[i], pairs[j]) / (scale[i] * scale[j])
        });
        let z: Array1<f64> = (pairs.iter().zip(&scale))
            .map(|((i, j), s)| (b[*i] - b[*j]) / s)
            .collect();
        let inverse = dense::inverse(
            correlation.view(),
            "the covariance of the differences between regimes",
        )?;
        Ok(TestResult::upper(
            name,
            z.dot(&inverse.dot(&z)),
            Distribution::ChiSquared { df: m as f64 },
            null,
        ))
    }
}

/// Each against the first.
fn differences(at: &[usize]) -> impl Iterator<Item = (usize, usize)> + '_ {
    (at.iter().skip(1)).filter_map(|i| Some((*i, *at.first()?)))
}
