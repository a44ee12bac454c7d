//! Questions asked of a fit: spatial dependence, heteroskedasticity, normality, collinearity, nested models.

pub(crate) mod chow;
pub(crate) mod goodness;
pub(crate) mod hausman;
pub(crate) mod heteroskedasticity;
pub(crate) mod lm;
pub(crate) mod nested;
pub(crate) mod residuals;
#[cfg(test)]
mod tests;
pub(crate) mod wald;

use crate::error::{Error, Result};
use crate::regression::Fit;

/// An error where a check that is derived for least squares residuals is asked of another fit.
fn require_least_squares(fit: &Fit, what: &str) -> Result<()> {
    if fit.is_least_squares() {
        return Ok(());
    }
    let by_group = match fit.group_variances() {
        Some(_) => " with variances by group",
        None => "",
    };
    Err(Error::Unsupported {
        what: format!("{what} for a {}{by_group}", fit.model().abbreviation()),
        why: "it is derived for least squares residuals; ask it of the OLS or SLX fit".to_owned(),
    })
}
