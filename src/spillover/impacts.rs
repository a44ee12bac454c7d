//! Average direct, indirect and total impacts, with their delta-method standard errors.

use std::fmt;
use std::sync::OnceLock;

use super::averages::{Averages, Traces, at_estimate};
use super::curve::Curve;
use super::delta::{Delta, Slopes, Terms};
use super::regimes::{ByRegime, common};
use crate::error::{Error, Result};
use crate::inference::{Estimate, Note};
use crate::regression::Fit;
use crate::text::{Layout, p_value, significant};

/// The direct, indirect and total effect of one regressor, each an [`Estimate`] or a [`Simulated`](crate::Simulated).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Impact<E = Estimate> {
    /// The regressor; in a partition by order the order.
    pub name: String,
    /// Average effect of a unit's own regressor on its response, tr P / n.
    pub direct: E,
    /// Average effect of all other units' regressors on a unit's response, total less direct.
    pub indirect: E,
    /// Average effect of the same change everywhere, 1'P 1 / n.
    pub total: E,
}

impl Impact {
    pub(crate) fn new(
        name: &str,
        terms: &Terms,
        delta: &Delta,
        direct: Slopes,
        total: Slopes,
    ) -> Self {
        let estimate = |slopes: &Slopes| delta.estimate(name, terms, slopes);
        Self {
            name: name.to_owned(),
            direct: estimate(&direct),
            indirect: estimate(&(total - direct)),
            total: estimate(&total),
        }
    }

    /// The cells of a table: the name, and estimate, standard error and p-value of the three effects.
    pub(crate) fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.name.clone()];
        for e in [&self.direct, &self.indirect, &self.total] {
            // A model without spillovers has an indirect impact of zero, with no error.
            let p = if e.std_error > 0.0 {
                p_value(e.p_value())
            } else {
                "-".to_owned()
            };
            cells.extend([significant(e.value, 5), significant(e.std_error, 4), p]);
        }
        cells
    }

    /// The heads of those cells.
    pub(crate) const HEADS: [&str; 10] = [
        "", "direct", "se", "p", "indirect", "se", "p", "total", "se", "p",
    ];
}

/// The impacts of one regressor, or an error that lists them.
pub(crate) fn named<'a, E>(impacts: &'a [Impact<E>], name: &str) -> Result<&'a Impact<E>> {
    (impacts.iter().find(|i| i.name == name))
        .ok_or_else(|| crate::data::unknown(name, impacts.iter().map(|i| i.name.as_str())))
}

/// Direct, indirect and total impacts of every regressor of a fit.
///
/// The effect matrix of a regressor with coefficient b and lag coefficient theta is P = (I - rho W)^-1 (b I + theta V), P_ij the effect on unit i of
/// the regressor of unit j; V are the weights of the Durbin term, W or others (rho = 0 for OLS, SLX, SEM, SDEM; theta = 0 without a
/// Durbin term; the lambda of SEM, SDEM, SAC and GNS does not enter). Averages are exact for every model
/// and any weights at any number of units, also where rows do not sum to one. Standard errors are of the delta method with the analytic
/// derivatives with respect to b, theta and rho; [`simulated`](Self::simulated) gives percentile intervals, which show the skewness of
/// indirect impacts.
///
/// Which impacts are local and which global: without rho a change reaches the neighbours only; with rho it reaches
/// everyone who is connected, and comes back. In the SAR the ratio of indirect to direct is the same for every regressor, by construction.
///
/// Where the coefficients of a regressor x differ by [regime](crate::Regression::regimes), those of the unit that a change reaches first count: P =
/// (I - rho W)^-1 (diag(b) + diag(theta) V), b_i and theta_i those of the regime of unit i. The impacts of `x [g]` are of x changed in the n_g units
/// of g, as seen from there: direct (1 / n_g) sum over j in g of P_jj, total (1 / n_g) sum over j in g and all i of P_ij. Those of `x` are the averages
/// over all units, tr P / n and 1'P 1 / n, and so the averages of those of `x [g]`, weighted by n_g. The effects by unit, group, order and distance of
/// such a regressor are not supported.
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
    by_regime: Option<ByRegime>,
    /// At the estimate, and their derivatives with respect to rho.
    averages: (Averages, Averages),
    traces: Option<Traces>,
    curve: OnceLock<Curve>,
}

impl Fit {
    /// The direct, indirect and total impacts of every regressor (the constant has none); see [`Impacts`].
    ///
    /// Two sparse solves; where the lag and the Durbin term have different weights, or coefficients differ by regime, nine or more sparse
    /// factorisations in addition (up to 1,000 units, for regimes, one dense inverse).
    ///
    /// # Errors
    ///
    /// [`Error::Singular`] at a unit root.
    #[doc(alias("estat impact", "effects", "spillovers"))]
    pub fn impacts(&self) -> Result<Impacts> {
        let traces = Traces::of(self)?;
        let (averages, slopes) = at_estimate(self, traces.as_ref())?;
        let delta = Delta::of(self);
        let coefficients = self.b().to_vec();
        let by_regime = ByRegime::of(self)?;
        let mut all: Vec<Impact> = common(self)
            .into_iter()
            .map(|r| {
                let terms = Terms::new(r.own, r.lagged, &coefficients);
                let direct = averages.direct_slopes(&slopes, &terms);
                let total = averages.total_slopes(&slopes, &terms);
                Impact::new(&r.name, &terms, &delta, direct, total)
            })
            .collect();
        all.extend(by_regime.iter().flat_map(|r| r.impacts(self)));
        Ok(Impacts {
            fit: self.clone(),
            all,
            by_regime,
            averages: (averages, slopes),
            traces,
            curve: OnceLock::new(),
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
    /// [`Error::UnknownColumn`], which lists the regressors.
    pub fn of(&self, regressor: &str) -> Result<&Impact> {
        named(&self.all, regressor)
    }

    /// The coefficients of a regressor that has one of each for all units.
    pub(crate) fn terms(&self, regressor: &str) -> Result<Terms> {
        self.of(regressor)?;
        if let Some(regimes) = self.by_regime.as_ref().filter(|r| r.has(regressor)) {
            return Err(Error::Unsupported {
                what: format!(
                    "effects by unit, group, order or distance of `{regressor}`, whose coefficients differ by regime of `{}`",
                    regimes.groups.label
                ),
                why: "they are derived for a regressor with one coefficient for all units; average impacts, of each regime and of all units, are those of `of`".to_owned(),
            });
        }
        let found = self.fit.regressors().iter().find(|r| r.name == regressor);
        let (own, lagged) = found.map_or((None, None), |r| (r.own, r.lagged));
        Ok(Terms::new(own, lagged, &self.fit.b().to_vec()))
    }

    /// The regressors whose coefficients differ by regime.
    pub(crate) fn by_regime(&self) -> Option<&ByRegime> {
        self.by_regime.as_ref()
    }

    /// The averages at the estimate, and their derivatives with respect to rho.
    pub(crate) fn averages(&self) -> &(Averages, Averages) {
        &self.averages
    }

    /// The averages as a function of rho, made once.
    pub(crate) fn curve(&self) -> Result<&Curve> {
        if let Some(known) = self.curve.get() {
            return Ok(known);
        }
        let fresh = Curve::of(&self.fit, self.traces())?;
        Ok(self.curve.get_or_init(|| fresh))
    }

    /// The exact functions of rho behind the averages.
    pub(crate) fn traces(&self) -> Option<&Traces> {
        self.traces.as_ref()
    }

    /// What the reader of received effects should know.
    pub(crate) fn receiver_notes(&self) -> Vec<Note> {
        let one = |w: &crate::weights::Weights| {
            w.csr().row_sums().iter().all(|s| (s - 1.0).abs() < 1e-10)
        };
        let (lag, durbin) = (self.fit.lag(), self.fit.durbin_weights());
        let all = lag.is_none_or(|p| one(&p.w)) && durbin.is_none_or(one);
        if all && (lag.is_some() || durbin.is_some()) {
            vec![Note::RowStandardizedReceivers]
        } else {
            Vec::new()
        }
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
        table.row(Impact::HEADS).rule();
        for i in &self.all {
            table.row(i.cells());
        }
        write!(f, "{table}")?;
        if let Some(regimes) = &self.by_regime {
            writeln!(
                f,
                "Regimes by {}: `x [g]` is of x changed in the units of g, per unit of g; `x` of x changed in all units.",
                regimes.groups.label
            )?;
        }
        Ok(())
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
