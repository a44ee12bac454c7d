//! Likelihood ratio tests.

use crate::error::{Error, Result};
use crate::inference::{Distribution, TestResult};
use crate::regression::design::{CONSTANT, Design};
use crate::regression::fit::Process;
use crate::regression::terms::Model;
use crate::regression::{Effects, Fit};
use crate::weights::Weights;

impl Fit {
    /// Likelihood ratio test of a restricted model against this one: 2 (log L - log L_restricted), chi-squared with as many degrees of
    /// freedom as there are restrictions.
    ///
    /// Nested are: a model whose terms are among those of this one, with the same weights (OLS in every model; SLX in SDM, SDEM and GNS;
    /// SAR and SEM in SAC and GNS, SAR in SDM, SEM in SDEM; SDM, SDEM and SAC in GNS); fewer regressors; common coefficients in
    /// [regimes](crate::Regression::regimes); one variance in [variances by group](crate::Regression::variance_by); and SEM in SDM (the common factor
    /// restrictions theta = -rho b).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the two fits are not nested, or not of the same sample and weights.
    #[doc(alias("LR.Sarlm", "lrtest", "common factor test"))]
    pub fn lr_test(&self, restricted: &Fit) -> Result<TestResult> {
        if let Some(mut why) = self.why_not_nested(restricted) {
            let swapped = restricted.parameters() > self.parameters();
            if swapped && restricted.why_not_nested(self).is_none() {
                "it is the other way round: ask it of the larger fit, with the restricted one as the argument".clone_into(&mut why);
            }
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
        use Model::{Sdm, Sem};
        if self.response() != restricted.response()
            || self.units() != restricted.units()
            || self.response_values() != restricted.response_values()
        {
            return Some("the two fits have different samples".to_owned());
        }
        if !self.effects().nest(restricted.effects()) {
            return Some(format!(
                "{} do not restrict {}",
                restricted.effects(),
                self.effects()
            ));
        }
        if !self.variances_are_nested(restricted) {
            return Some("the two fits have different weights of the observations, or the restricted one variances by other groups".to_owned());
        }
        if !self.regimes_are_nested(restricted) {
            return Some("the restricted fit has other regimes".to_owned());
        }
        let (a, b) = (restricted.model(), self.model());
        let common_factors = (a, b) == (Sem, Sdm);
        let among = |x: Option<&Weights>, y: Option<&Weights>| x.is_none() || y.is_some();
        let process = |p: Option<&Process>| p.map(|p| p.w.clone());
        let terms = [
            (process(restricted.lag()), process(self.lag())),
            (process(restricted.error()), process(self.error())),
            (
                restricted.durbin_weights().cloned(),
                self.durbin_weights().cloned(),
            ),
        ];
        if !common_factors && !terms.iter().all(|(x, y)| among(x.as_ref(), y.as_ref())) {
            return Some("neither model restricts the other".to_owned());
        }
        let differ = |(x, y): &(Option<Weights>, Option<Weights>)| match (x, y) {
            (Some(x), Some(y)) => x.csr() != y.csr(),
            _ => false,
        };
        if terms.iter().any(differ)
            || common_factors
                && terms[1].0.as_ref().map(Weights::csr) != terms[0].1.as_ref().map(Weights::csr)
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
        if let Some(absent) = restricted.sample.design.names.iter().find(|n| {
            let absorbed = n.as_str() == CONSTANT && self.effects() != Effects::None;
            !names.contains(n) && !self.differs_by_regime(n) && !absorbed
        }) {
            return Some(format!("`{absent}` is in the restricted model only"));
        }
        if common_factors && (self.regimes().is_some() || restricted.regimes().is_some()) {
            return Some("with coefficients by regime no SEM restricts an SDM: the lags of its regressors go by the group of the sender".to_owned());
        }
        if common_factors
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

    /// Whether the variances of a restricted fit restrict those of this one: the same weights of the observations, and the same
    /// groups or one variance.
    fn variances_are_nested(&self, restricted: &Self) -> bool {
        let (a, b) = (&restricted.sample.design, &self.sample.design);
        let weights = |d: &Design| d.weighted_by.clone();
        let same_column = weights(a) == weights(b);
        let same_weights =
            a.variances.is_some() || b.variances.is_some() || a.root_weights() == b.root_weights();
        let groups = a.variances.is_none() || a.variances == b.variances;
        same_column && same_weights && groups
    }

    /// Whether a restricted fit has common coefficients, or the regimes of this one.
    fn regimes_are_nested(&self, restricted: &Self) -> bool {
        let groups = |f: &Self| f.sample.design.regimes.as_ref().map(|r| r.groups.clone());
        let theirs = groups(restricted);
        theirs.is_none() || theirs == groups(self)
    }
}
