//! What questions ask of a fit: errors where it is another one.

use super::Fit;
use crate::error::{Error, Result};

impl Fit {
    /// An error where the sample is a panel.
    pub(crate) fn require_cross_section(&self, what: &str) -> Result<()> {
        if self.sample.design.panel.is_none() {
            return Ok(());
        }
        Err(Error::Unsupported {
            what: format!("{what} of a regression on a panel"),
            why: "it is derived for one cross-section; fit one with `panel.at(period)`".to_owned(),
        })
    }

    /// An error where coefficients differ by regime.
    pub(crate) fn require_common_coefficients(&self, what: &str) -> Result<()> {
        let Some(regimes) = &self.sample.design.regimes else {
            return Ok(());
        };
        Err(Error::Unsupported {
            what: format!("{what} of a fit with regimes by `{}`", regimes.groups.label),
            why: "a new unit would need the coefficients of its regime; let coefficients differ by columns that are zero outside of it, which the new units have too".to_owned(),
        })
    }

    /// An error where the errors do not all have the same variance.
    pub(crate) fn require_one_variance(&self, what: &str) -> Result<()> {
        let why = match (self.group_variances(), self.weighted_by()) {
            (Some(_), _) => "variances by group",
            (None, Some(_)) => "weights of the observations",
            (None, None) => return Ok(()),
        };
        Err(Error::Unsupported {
            what: format!("{what} of a fit with {why}"),
            why: "it is derived for errors of one variance; ask it of the fit without them"
                .to_owned(),
        })
    }
}
