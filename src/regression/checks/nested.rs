//! Likelihood ratio and Wald tests.

use ndarray::{Array1, Array2};

use crate::error::{Error, Result};
use crate::inference::{Distribution, TestResult};
use crate::linalg::dense;
use crate::regression::Fit;
use crate::regression::fit::Process;
use crate::regression::terms::Model;

impl Fit {
    /// Likelihood ratio test of a restricted model against this one: 2 (log L - log L_restricted), chi-squared with as many degrees of
    /// freedom as there are restrictions.
    ///
    /// Nested are: a model whose terms are among those of this one (OLS in every model, SLX in SDM and SDEM, SAR in SDM, SEM in SDEM),
    /// fewer regressors, and SEM in SDM (the common factor restrictions theta = -rho b).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the two fits are not nested, or not of the same sample and weights.
    #[doc(alias("LR.Sarlm", "lrtest", "common factor test"))]
    pub fn lr_test(&self, restricted: &Fit) -> Result<TestResult> {
        if let Some(why) = self.why_not_nested(restricted) {
            return Err(Error::Unsupported {
                what: format!(
                    "a likelihood ratio test of {} against {}",
                    restricted.model().abbreviation(),
                    self.model().abbreviation()
                ),
                why,
            });
        }
        let df = (self.parameters() - restricted.parameters()) as f64;
        let statistic = 2.0 * (self.log_likelihood() - restricted.log_likelihood());
        let null = match (restricted.model(), self.model()) {
            (Model::Sem, Model::Sdm) => "theta = -rho b (common factors)".to_owned(),
            (r, _) => format!("the restrictions of {}", r.abbreviation()),
        };
        Ok(TestResult::upper(
            "Likelihood ratio",
            statistic,
            Distribution::ChiSquared { df },
            null,
        ))
    }

    fn why_not_nested(&self, restricted: &Fit) -> Option<String> {
        use Model::{Ols, Sar, Sdem, Sdm, Sem, Slx};
        if self.response() != restricted.response()
            || self.units() != restricted.units()
            || self.y() != restricted.y()
        {
            return Some("the two fits have different samples".to_owned());
        }
        if !self.variances_are_nested(restricted) {
            return Some("the two fits have different weights of the observations, or the restricted one variances by other groups".to_owned());
        }
        let (a, b) = (restricted.model(), self.model());
        let nested =
            a == b || a == Ols || matches!((a, b), (Slx | Sar | Sem, Sdm) | (Slx | Sem, Sdem));
        if !nested {
            return Some("neither model restricts the other".to_owned());
        }
        let same_process = |x: Option<&Process>, y: Option<&Process>| match (x, y) {
            (Some(x), Some(y)) => x.w.csr() == y.w.csr(),
            _ => true,
        };
        if !(same_process(restricted.lag(), self.lag())
            && same_process(restricted.error(), self.error()))
        {
            return Some("the two fits have different weights".to_owned());
        }
        if let (Some(x), Some(y)) = (restricted.durbin_weights(), self.durbin_weights())
            && x.csr() != y.csr()
        {
            return Some("the two fits have different weights".to_owned());
        }
        if let (Sdm, Some(lag), Some(durbin)) = (b, self.lag(), self.durbin_weights())
            && a == Sem
            && lag.w.csr() != durbin.csr()
        {
            return Some(
                "SEM restricts an SDM whose lag and Durbin terms have the same weights".to_owned(),
            );
        }
        let names = &self.sample.design.names;
        if let Some(absent) = restricted
            .sample
            .design
            .names
            .iter()
            .find(|n| !names.contains(n))
        {
            return Some(format!("`{absent}` is in the restricted model only"));
        }
        if (a, b) == (Sem, Sdm)
            && (self
                .regressors()
                .iter()
                .any(|r| r.own.is_none() || r.lagged.is_none())
                || restricted.regressors().len() != self.regressors().len())
        {
            return Some(
                "SEM restricts an SDM in which all its regressors, and no others, are lagged"
                    .to_owned(),
            );
        }
        (self.parameters() <= restricted.parameters())
            .then(|| "it has no fewer parameters".to_owned())
    }

    /// Wald test that all the parameters named (coefficients, `rho`, `lambda`) are zero: b' V^-1 b, chi-squared.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the names; [`Error::DuplicateColumn`] where a name is given twice.
    #[doc(alias = "Wald1.Sarlm")]
    pub fn wald_test<S: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<TestResult> {
        let all = self.location_names();
        let mut at = Vec::new();
        for name in names {
            let name = name.as_ref();
            let i = all
                .iter()
                .position(|n| n == name)
                .ok_or_else(|| Error::UnknownColumn {
                    name: name.to_owned(),
                    available: all.clone(),
                })?;
            if at.contains(&i) {
                return Err(Error::DuplicateColumn {
                    name: name.to_owned(),
                });
            }
            at.push(i);
        }
        if at.is_empty() {
            return Err(Error::InvalidOption {
                option: "names",
                value: "none".to_owned(),
                expected: "at least one parameter to test",
            });
        }
        let values = self.location();
        let v = self.vcov_of_location();
        let b: Array1<f64> = at.iter().map(|&i| values[i]).collect();
        let scale: Array1<f64> = at.iter().map(|&i| v[[i, i]].sqrt()).collect();
        // Correlations, so that units of measurement do not matter to the inverse.
        let sub = Array2::from_shape_fn((at.len(), at.len()), |(i, j)| {
            v[[at[i], at[j]]] / (scale[i] * scale[j])
        });
        let z = &b / &scale;
        let statistic =
            z.dot(&dense::inverse(sub.view(), "the covariance of the parameters tested")?.dot(&z));
        let tested: Vec<&str> = at.iter().map(|&i| all[i].as_str()).collect();
        let null = format!("{} = 0", tested.join(" = "));
        Ok(TestResult::upper(
            "Wald",
            statistic,
            Distribution::ChiSquared {
                df: at.len() as f64,
            },
            null,
        ))
    }
}
