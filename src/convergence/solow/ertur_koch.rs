//! The Solow model with technology that spills over to neighbours, after Ertur and Koch.

use std::fmt;

use ndarray::Array1;

use super::fit::show;
use super::structural::{RATE, delta, nonzero};
use super::{both, difference};
use crate::data::Table;
use crate::error::{Error, Result};
use crate::inference::{Distribution, Estimate, TestResult};
use crate::regression::Fit;
use crate::text::significant;
use crate::weights::Weights;

/// The Solow model with interdependent technology, a spatial Durbin model of levels; made by
/// [`Solow::spatial_levels`](crate::Solow::spatial_levels).
///
/// Technology of unit i has externalities of its own capital (phi) and of the technology of its neighbours (gamma):
/// A_i = Omega k_i^phi prod_j A_j^(gamma w_ij). In the steady state
///
/// ```text
/// ln y = c + B [ln s - ln(n + g + delta)] + th W [ln s - ln(n + g + delta)] + rho W ln y + u
/// B = (alpha + phi) / (1 - alpha - phi)    th = -alpha gamma / (1 - alpha - phi)    rho = gamma (1 - alpha) / (1 - alpha - phi)
/// ```
///
/// which is fitted without and with the two restrictions that the coefficients of ln s and ln(n + g + delta), and those of their lags, sum
/// to zero. From the restricted fit
///
/// ```text
/// alpha = th / (th - rho)      phi = B / (1 + B) - alpha      gamma = (rho - th) / (1 + B) = rho / [(1 + B)(1 - alpha)]
/// ```
///
/// with delta-method standard errors. The rows of W sum to one, as in the paper.
///
/// At gamma = 0 both rho and th are zero, and alpha and phi cannot be told apart: where `no_interdependence` is not rejected, read
/// neither alpha nor phi.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Solow, Table, Weights};
/// let table = Table::from_columns([
///     ("gdp", array![900.0, 2100.0, 3900.0, 5200.0, 8800.0, 9900.0, 12000.0, 15000.0]),
///     ("invest", array![0.08, 0.15, 0.12, 0.18, 0.22, 0.21, 0.25, 0.24]),
///     ("n", array![0.029, 0.025, 0.027, 0.018, 0.012, 0.015, 0.008, 0.006]),
/// ])?;
/// let line = (0..7).map(|i| (i.to_string(), (i + 1).to_string()));
/// let w = Weights::from_pairs(table.units(), line)?.row_standardized()?;
/// let fit = Solow::of("gdp").saving("invest").population_growth("n").spatial_levels(&table, &w)?;
/// let b = fit.restricted().coefficient("ln_invest_over_n_g_delta")?.value;
/// assert!((fit.alpha()?.value + fit.phi()?.value - b / (1.0 + b)).abs() < 1e-12);
/// assert!(fit.restriction_lr().statistic >= 0.0);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Ertur and Koch (2007), Journal of Applied Econometrics 22.
#[derive(Debug, Clone)]
#[doc(alias("interdependence", "spatial Solow"))]
pub struct ErturKoch {
    unrestricted: Fit,
    restricted: Fit,
    saving: String,
    regressor: String,
    lagged: String,
    /// B, th, rho of the restricted fit.
    parameters: [f64; 3],
}

const RHO: &str = "rho";

impl ErturKoch {
    pub(crate) fn of(response: &str, table: &Table, saving: &str, w: &Weights) -> Result<Self> {
        require_unit_rows(w)?;
        let shares = [saving.to_owned()];
        let (free, bound) = both(response, &shares, false);
        let regressor = difference(saving);
        let unrestricted = free
            .spatial_lag(w)
            .durbin_of([saving, RATE], w)
            .fit(table)?;
        let restricted = bound
            .spatial_lag(w)
            .durbin_of([regressor.as_str()], w)
            .fit(table)?;
        let lagged = format!("W {regressor}");
        let parameters = [
            restricted.coefficient(&regressor)?.value,
            restricted.coefficient(&lagged)?.value,
            restricted.rho().map_or(0.0, |r| r.value),
        ];
        Ok(Self {
            unrestricted,
            restricted,
            saving: saving.to_owned(),
            regressor,
            lagged,
            parameters,
        })
    }

    /// The spatial Durbin model on ln s and ln(n + g + delta).
    #[must_use]
    pub fn unrestricted(&self) -> &Fit {
        &self.unrestricted
    }

    /// The spatial Durbin model on ln s - ln(n + g + delta).
    #[must_use]
    pub fn restricted(&self) -> &Fit {
        &self.restricted
    }

    /// The likelihood ratio test of the two restrictions, chi-squared with two degrees of freedom.
    #[must_use]
    pub fn restriction_lr(&self) -> TestResult {
        let gain = self.unrestricted.log_likelihood() - self.restricted.log_likelihood();
        let (s, r) = (&self.saving, RATE);
        TestResult::upper(
            "Likelihood ratio",
            2.0 * gain,
            Distribution::ChiSquared { df: 2.0 },
            format!("{s} + {r} = 0, W {s} + W {r} = 0"),
        )
    }

    /// The Wald test of the same restrictions, from the unrestricted fit.
    ///
    /// # Errors
    ///
    /// As [`Fit::wald_restrictions`].
    pub fn restriction_wald(&self) -> Result<TestResult> {
        let lagged = [format!("W {}", self.saving), format!("W {RATE}")];
        self.unrestricted.wald_restrictions(&[
            (&[(self.saving.as_str(), 1.0), (RATE, 1.0)], 0.0),
            (&[(lagged[0].as_str(), 1.0), (lagged[1].as_str(), 1.0)], 0.0),
        ])
    }

    /// The share of physical capital in income, th / (th - rho).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where th = rho.
    pub fn alpha(&self) -> Result<Estimate> {
        let [_, th, rho] = self.parameters;
        let d = self.gap("alpha")?;
        self.delta("alpha", th / d, [0.0, -rho / (d * d), th / (d * d)])
    }

    /// The externality of own capital, B / (1 + B) - alpha; zero without externalities, when the model is one of spatial errors.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where th = rho or B = -1.
    pub fn phi(&self) -> Result<Estimate> {
        let [b, th, rho] = self.parameters;
        let (d, scale) = (self.gap("phi")?, self.scale("phi")?);
        let slopes = [1.0 / (scale * scale), rho / (d * d), -th / (d * d)];
        self.delta("phi", b / scale - th / d, slopes)
    }

    /// The externality of the technology of the neighbours, (rho - th) / (1 + B).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where B = -1.
    pub fn gamma(&self) -> Result<Estimate> {
        let [_, th, rho] = self.parameters;
        let scale = self.scale("gamma")?;
        let slopes = [(th - rho) / (scale * scale), -1.0 / scale, 1.0 / scale];
        self.delta("gamma", (rho - th) / scale, slopes)
    }

    /// The Wald test of phi = 0, no externality of own capital, in the form th + rho B = 0 of common factors; chi-squared with one degree of freedom.
    ///
    /// The form does not divide by th - rho, so that it holds where gamma is small; [`phi`](Self::phi) over its standard error tests the same.
    ///
    /// # Errors
    ///
    /// As [`Fit::common_factor_test`].
    pub fn no_externalities(&self) -> Result<TestResult> {
        let mut test = self.restricted.common_factor_test()?;
        test.null = format!("phi = 0 ({})", test.null);
        Ok(test)
    }

    /// The Wald test of gamma = 0, no interdependence of technology, which is rho = th = 0; chi-squared with two degrees of freedom.
    ///
    /// # Errors
    ///
    /// As [`Fit::wald_test`].
    pub fn no_interdependence(&self) -> Result<TestResult> {
        let mut test = self.restricted.wald_test([self.lagged.as_str(), RHO])?;
        test.null = format!("gamma = 0 ({})", test.null);
        Ok(test)
    }

    fn gap(&self, what: &str) -> Result<f64> {
        let [_, th, rho] = self.parameters;
        nonzero(
            th - rho,
            &[th, rho],
            what,
            "the coefficient of the lagged regressor equals rho, as without interdependence, where alpha and phi cannot be told apart; report the coefficients",
        )
    }

    fn scale(&self, what: &str) -> Result<f64> {
        let [b, _, _] = self.parameters;
        nonzero(
            1.0 + b,
            &[1.0, b],
            what,
            "B = -1, which no alpha + phi gives; report the coefficients",
        )
    }

    fn delta(&self, name: &str, value: f64, by: [f64; 3]) -> Result<Estimate> {
        let names = [self.regressor.as_str(), self.lagged.as_str(), RHO];
        let derivatives: Vec<(&str, f64)> = names.into_iter().zip(by).collect();
        delta(&self.restricted, name, value, &derivatives)
    }
}

/// An error where the weights of some unit do not sum to one.
fn require_unit_rows(w: &Weights) -> Result<()> {
    let ones = Array1::ones(w.units().len());
    let sums = w.lag(&ones)?;
    let Some(i) = sums.iter().position(|sum: &f64| (sum - 1.0).abs() > 1e-9) else {
        return Ok(());
    };
    Err(Error::Unsupported {
        what: "the spatial Solow model with these weights".to_owned(),
        why: format!(
            "the weights of unit `{}` sum to {}, and the model takes averages of neighbours; decide what to do with units that have no neighbour, and call `row_standardized`",
            w.units().name(i),
            significant(sums[i], 6)
        ),
    })
}

impl fmt::Display for ErturKoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Solow model of levels with interdependent technology (Ertur and Koch)"
        )?;
        write!(f, "Unrestricted. {}", self.unrestricted)?;
        write!(f, "Restricted. {}", self.restricted)?;
        writeln!(f, "{}", self.restriction_lr())?;
        for test in [
            self.restriction_wald(),
            self.no_externalities(),
            self.no_interdependence(),
        ] {
            match test {
                Ok(test) => writeln!(f, "{test}")?,
                Err(e) => writeln!(f, "{e}")?,
            }
        }
        show(f, "Implied alpha", self.alpha())?;
        show(f, "Implied phi", self.phi())?;
        show(f, "Implied gamma", self.gamma())
    }
}
