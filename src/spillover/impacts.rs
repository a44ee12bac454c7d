//! Average direct, indirect and total impacts, with their delta-method standard errors.

use std::fmt;

use ndarray::Array1;

use super::averages::at_estimate;
use crate::error::Result;
use crate::inference::{Estimate, Note};
use crate::regression::Fit;
use crate::text::{Layout, p_value, significant};

/// The impacts of one regressor.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Impact {
    /// The regressor.
    pub name: String,
    /// Average effect of a unit's own regressor on its response, tr P / n.
    pub direct: Estimate,
    /// Average effect of all other units' regressors on a unit's response, total less direct.
    pub indirect: Estimate,
    /// Average effect of the same change everywhere, 1'P 1 / n.
    pub total: Estimate,
}

/// Direct, indirect and total impacts of every regressor of a fit.
///
/// The effect matrix of a regressor with coefficient b and lag coefficient theta is P = (I - rho W)^-1 (b I + theta W), P_ij the effect on unit i of
/// the regressor of unit j (rho = 0 for OLS, SLX, SEM, SDEM; theta = 0 without a Durbin term). Averages are exact for every model
/// and any W, also where rows do not sum to one. Standard errors are of the delta method with the analytic
/// derivatives with respect to b, theta and rho; [`simulated`](Self::simulated) gives percentile intervals, which show the skewness of
/// indirect impacts.
///
/// Which impacts are local and which global: without rho a change reaches the neighbours only; with rho it reaches
/// everyone who is connected, and comes back. In the SAR the ratio of indirect to direct is the same for every regressor, by construction.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Regression, Table, Units, Weights};
/// let units = Units::range(6);
/// let ring = Weights::from_pairs(&units, [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5"), ("5", "0")])?
///     .row_standardized()?;
/// let table = Table::over(&units)
///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
///     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
/// let slx = Regression::of("y").on(["x"]).durbin(&ring).fit(&table)?;
/// let impacts = slx.impacts()?;
/// let x = &impacts.all()[0];
/// assert!((x.indirect.value - slx.coefficient("W x")?.value).abs() < 1e-12);
/// assert!((x.total.value - x.direct.value - x.indirect.value).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// LeSage and Pace (2009), chapter 2; Elhorst (2014); Halleck Vega and Elhorst (2015), Journal of Regional Science 55.
#[derive(Clone)]
pub struct Impacts {
    pub(crate) fit: Fit,
    all: Vec<Impact>,
    notes: Vec<Note>,
}

impl Fit {
    /// The direct, indirect and total impacts of every regressor (the constant has none); see [`Impacts`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) for a fit with regimes; [`Error::Singular`](crate::Error::Singular) at a unit root; [`Error::TooLarge`](crate::Error::TooLarge) where the lag and the Durbin
    /// term have different weights and there are more than 1,000 units.
    #[doc(alias("estat impact", "effects", "spillovers"))]
    pub fn impacts(&self) -> Result<Impacts> {
        self.require_common_coefficients("impacts")?;
        let (a, da) = at_estimate(self)?;
        let has_rho = self.rho().is_some();
        let v = self.vcov_of_location();
        let b = self.location();
        let k = self.b().len();
        let estimate = |name: &str, value: f64, gradient: &Array1<f64>| {
            Estimate::new(
                name,
                value,
                gradient.dot(&v.dot(gradient)).max(0.0).sqrt(),
                self.distribution(),
            )
        };
        let all = self
            .regressors()
            .iter()
            .map(|r| {
                let own = r.own.map_or(0.0, |i| b[i]);
                let theta = r.lagged.map_or(0.0, |i| b[i]);
                let gradient = |on_b: f64, on_theta: f64, on_rho: f64| {
                    let mut g = Array1::zeros(b.len());
                    if let Some(i) = r.own {
                        g[i] = on_b;
                    }
                    if let Some(i) = r.lagged {
                        g[i] = on_theta;
                    }
                    if has_rho {
                        g[k] = on_rho;
                    }
                    g
                };
                let direct = gradient(a.t0, a.t1, da.direct(own, theta));
                let total = gradient(a.s0, a.s1, da.total(own, theta));
                let (d, t) = (a.direct(own, theta), a.total(own, theta));
                Impact {
                    name: r.name.clone(),
                    direct: estimate(&r.name, d, &direct),
                    indirect: estimate(&r.name, t - d, &(&total - &direct)),
                    total: estimate(&r.name, t, &total),
                }
            })
            .collect();
        Ok(Impacts {
            fit: self.clone(),
            all,
            notes: Vec::new(),
        })
    }
}

impl Impacts {
    /// The impacts, one a regressor, in the order of the regressors.
    #[must_use]
    pub fn all(&self) -> &[Impact] {
        &self.all
    }

    /// The impacts of one regressor.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`](crate::Error::UnknownColumn), which lists the regressors.
    pub fn of(&self, regressor: &str) -> Result<&Impact> {
        self.all
            .iter()
            .find(|i| i.name == regressor)
            .ok_or_else(|| {
                crate::data::unknown(regressor, self.all.iter().map(|i| i.name.as_str()))
            })
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for Impacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Impacts, {}, delta-method standard errors",
            self.fit.model().abbreviation()
        )?;
        let mut table = Layout::new();
        table
            .row([
                "", "direct", "se", "p", "indirect", "se", "p", "total", "se", "p",
            ])
            .rule();
        for i in &self.all {
            let mut cells = vec![i.name.clone()];
            for e in [&i.direct, &i.indirect, &i.total] {
                // A model without spillovers has an indirect impact of zero, with no error.
                let p = if e.std_error > 0.0 {
                    p_value(e.p_value())
                } else {
                    "-".to_owned()
                };
                cells.extend([significant(e.value, 5), significant(e.std_error, 4), p]);
            }
            table.row(cells);
        }
        write!(f, "{table}")?;
        self.notes
            .iter()
            .try_for_each(|n| writeln!(f, "Note: {n}."))
    }
}

impl fmt::Debug for Impacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the sample behind the fit.
        f.debug_struct("Impacts")
            .field("model", &self.fit.model())
            .field("all", &self.all)
            .finish_non_exhaustive()
    }
}
