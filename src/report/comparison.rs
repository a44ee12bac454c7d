//! `Comparison`: several fits side by side, as papers print them.

use std::fmt;

use super::sheet::Sheet;
use crate::error::{Error, Result};
use crate::inference::Estimate;
use crate::regression::Fit;
use crate::text::significant;

/// Several fits of the same response side by side: coefficients with stars, standard errors in brackets, rho and lambda, the criteria.
///
/// Stars: `***` p < 0.01, `**` p < 0.05, `*` p < 0.1.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Comparison, Regression, Table};
/// let table = Table::from_columns([
///     ("y", array![1.0, 2.1, 2.9, 4.2, 4.8]),
///     ("x", array![1.0, 2.0, 3.0, 4.0, 5.0]),
/// ])?;
/// let with = Regression::of("y").on(["x"]).fit(&table)?;
/// let without = Regression::of("y").fit(&table)?;
/// let both = Comparison::of([("with x", &with), ("without", &without)])?;
/// assert!(both.sheet().markdown().contains("0.9700***"));
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(alias("stargazer", "texreg", "esttab", "modelsummary"))]
pub struct Comparison(Sheet);

impl Comparison {
    /// The fits given, each under its heading.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there is no fit, or the fits do not have the same response and units.
    pub fn of<'a, S: Into<String>>(fits: impl IntoIterator<Item = (S, &'a Fit)>) -> Result<Self> {
        let fits: Vec<(String, &Fit)> = fits.into_iter().map(|(n, f)| (n.into(), f)).collect();
        let refuse = |why: &str| Error::Unsupported {
            what: "a comparison of these fits".to_owned(),
            why: why.to_owned(),
        };
        let Some((_, first)) = fits.first() else {
            return Err(refuse("there is none"));
        };
        for (_, fit) in &fits {
            if fit.response() != first.response() {
                return Err(refuse(
                    "they have different responses, so that their likelihoods cannot be compared",
                ));
            }
            first
                .units()
                .check_same("the first fit", fit.units(), "another fit")?;
        }
        let title = format!("{}, n = {}", first.response(), first.n());
        let mut sheet = Sheet::new(
            &title,
            std::iter::once(String::new()).chain(fits.iter().map(|(n, _)| n.clone())),
        );
        let mut names: Vec<String> = Vec::new();
        for (_, fit) in &fits {
            for e in estimates(fit) {
                if !names.contains(&e.name) {
                    names.push(e.name);
                }
            }
        }
        // The spatial parameters stand last, whatever model brought them.
        names.sort_by_key(|n| n == "rho" || n == "lambda");
        for name in &names {
            let found: Vec<Option<Estimate>> = fits
                .iter()
                .map(|(_, f)| estimates(f).into_iter().find(|e| e.name == *name))
                .collect();
            let value = |e: &Option<Estimate>| {
                e.as_ref().map_or_else(String::new, |e| {
                    significant(e.value, 4) + stars(e.p_value())
                })
            };
            let error = |e: &Option<Estimate>| {
                e.as_ref().map_or_else(String::new, |e| {
                    format!("({})", significant(e.std_error, 4))
                })
            };
            sheet = sheet.row(std::iter::once(name.clone()).chain(found.iter().map(value)))?;
            sheet = sheet.row(std::iter::once(String::new()).chain(found.iter().map(error)))?;
        }
        let criteria: [(&str, Value); 7] = [
            ("n", |f| f.n().to_string()),
            ("R2", |f| {
                f.r_squared()
                    .ordinary
                    .map_or_else(String::new, |r| format!("{r:.4}"))
            }),
            ("sigma2", |f| significant(f.sigma2(), 4)),
            ("log-likelihood", |f| format!("{:.4}", f.log_likelihood())),
            ("AIC", |f| format!("{:.4}", f.aic())),
            ("BIC", |f| format!("{:.4}", f.bic())),
            ("standard errors", Fit::standard_errors),
        ];
        for (name, value) in criteria {
            sheet = sheet
                .row(std::iter::once(name.to_owned()).chain(fits.iter().map(|(_, f)| value(f))))?;
        }
        Ok(Self(sheet.note(
            "Standard errors in brackets; *** p < 0.01, ** p < 0.05, * p < 0.1.",
        )))
    }

    /// The table, to be written as Markdown, LaTeX or CSV.
    #[must_use]
    pub fn sheet(&self) -> &Sheet {
        &self.0
    }
}

/// What a row of criteria shows of a fit.
type Value = fn(&Fit) -> String;

fn estimates(fit: &Fit) -> Vec<Estimate> {
    fit.coefficients()
        .into_iter()
        .chain(fit.rho())
        .chain(fit.lambda())
        .collect()
}

fn stars(p: f64) -> &'static str {
    match p {
        p if p < 0.01 => "***",
        p if p < 0.05 => "**",
        p if p < 0.1 => "*",
        _ => "",
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
