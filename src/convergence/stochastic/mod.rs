//! Stochastic convergence: do gaps between units come back to where they were, or do they wander?

mod adf;
mod cadf;
mod carlino_mills;
mod cips;
mod dependence;
mod dickey_fuller;
mod evans_karras;
mod fisher;
mod hadri;
mod ips;
mod lags;
mod llc;
mod mackinnon;
mod moments;
mod series;

use std::fmt;

use ndarray::{Array2, ArrayView1};

use crate::data::{Panel, Units, evenly_spaced};
use crate::error::{Cell, Error, Result};
use crate::inference::Note;

pub use adf::{UnitRoot, UnitRoots};
pub use carlino_mills::{CarlinoMills, GapLine, GapPath};
pub use cips::{Cadf, Cips};
pub use dependence::CrossDependence;
pub use evans_karras::{EvansKarras, EvansKarrasVerdict};
pub use fisher::FisherUnitRoot;
pub use hadri::Hadri;
pub use ips::ImPesaranShin;
pub use lags::{Deterministic, Lags};
pub use llc::LevinLinChu;
pub use series::Reference;

use dickey_fuller::{Degenerate, Regression, dot};

/// Stochastic convergence of a panel's column: tests of a unit root, and of its absence, in the incomes of units relative to a reference.
///
/// ```text
/// RI_it = ln y_it - ln(mean of the other units)_t
/// ```
///
/// Where RI_it has a unit root, shocks to a gap never die out: the unit does not converge, whatever the mean growth rates say. Where it is stationary round a
/// constant, or round a trend, gaps come back to a constant or to a line.
///
/// | question | by | null |
/// |---|---|---|
/// | do units depend on each other? | [`cross_dependence`](Self::cross_dependence), [`cross_dependence_simulated`](Self::cross_dependence_simulated) | they do not |
/// | does this unit have a unit root? | [`adf`](Self::adf), [`adf_all`](Self::adf_all) | it has |
/// | do all, if they are independent? | [`ips`](Self::ips), [`llc`](Self::llc), [`fisher`](Self::fisher) | all have |
/// | do all, with a common factor? | [`cips`](Self::cips) | all have |
/// | do gaps to the mean of logs die out, and to nothing? | [`evans_karras`](Self::evans_karras) | they do not; they do |
/// | do gaps close along a line? | [`carlino_mills`](Self::carlino_mills) | by unit |
/// | is every unit stationary? | [`hadri`](Self::hadri) | every unit is |
///
/// # Defaults
///
/// | option | default |
/// |---|---|
/// | [`relative_to`](Self::relative_to) | [`Reference::Others`] |
/// | [`deterministic`](Self::deterministic) | [`Deterministic::Constant`] |
/// | [`lags`](Self::lags) | [`Lags::GeneralToSpecific`] from a number that depends on the periods: see [`Lags`] |
///
/// # Example
///
/// ```
/// use ndarray::Array2;
/// use spatialecon::{Lags, Panel, StochasticConvergence, Units};
/// let years: Vec<i32> = (2000..2020).collect();
/// let income = Array2::from_shape_fn((20, 3), |(t, i)| {
///     let (t, i) = (t as f64, i as f64);
///     (0.05 * t + 0.2 * i + 0.1 * (1.7 * t * (i + 1.0)).sin()).exp()
/// });
/// let panel = Panel::from_columns(&Units::new(["a", "b", "c"])?, &years, [("income", income)])?;
/// let gaps = StochasticConvergence::of(&panel, "income")?.lags(Lags::Fixed(0));
/// let a = gaps.adf("a")?;
/// assert!((a.statistic() + 4.7972).abs() < 1e-4);
/// assert!(a.p_value() < 0.01);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Carlino and Mills (1993), Journal of Monetary Economics 32; Bernard and Durlauf (1995), Journal of Applied Econometrics 10; Evans and Karras (1996), Journal of Monetary
/// Economics 37; Pesaran (2007), Journal of Applied Econometrics 22.
#[derive(Debug, Clone)]
#[doc(alias("unit root", "purtest", "xtunitroot", "adfuller"))]
#[must_use]
pub struct StochasticConvergence {
    variable: String,
    /// Levels, periods × units, where incomes are relative, with their units and what they are relative to.
    levels: Option<(Array2<f64>, Units, Reference)>,
    units: Units,
    periods: Vec<i32>,
    /// Unit after unit, each over all periods.
    series: Vec<f64>,
    deterministic: Deterministic,
    lags: Option<Lags>,
}

impl StochasticConvergence {
    /// Incomes of a column relative to the mean of the other units.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::NonPositive`], which names unit and period; [`Error::TooFewUnits`] for a single unit; [`Error::Unsupported`] where periods are not
    /// evenly spaced.
    pub fn of(panel: &Panel, column: &str) -> Result<Self> {
        let mut new = Self::of_series(panel, column)?;
        let n = panel.units().len();
        if n < 2 {
            return Err(Error::TooFewUnits {
                what: "an income relative to other units".to_owned(),
                needed: 2,
                n,
            });
        }
        let levels = panel.values(column)?;
        if let Some(((t, i), &value)) = levels.indexed_iter().find(|(_, v)| !(**v > 0.0)) {
            return Err(Error::NonPositive {
                cell: Cell::new(panel.units().name(i), Some(panel.periods()[t]), column),
                value,
            });
        }
        let reference = Reference::default();
        let (units, series) =
            series::relative(levels, panel.units(), panel.periods(), column, &reference)?;
        (new.units, new.series) = (units, series.into_iter().collect());
        new.levels = Some((levels.to_owned(), panel.units().clone(), reference));
        Ok(new)
    }

    /// The series of a column as they are: any values, no logs, no reference.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::Unsupported`] where periods are not evenly spaced.
    pub fn of_series(panel: &Panel, column: &str) -> Result<Self> {
        let values = panel.values(column)?;
        evenly_spaced(
            panel.periods(),
            "unit-root tests of a panel",
            "a lag is a number of periods",
        )?;
        Ok(Self {
            variable: column.to_owned(),
            levels: None,
            units: panel.units().clone(),
            periods: panel.periods().to_vec(),
            series: values.t().iter().copied().collect(),
            deterministic: Deterministic::default(),
            lags: None,
        })
    }

    /// Chooses what incomes are relative to.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`] for a leader that is not in the panel; [`Error::Unsupported`] for series taken as they are.
    pub fn relative_to(mut self, reference: Reference) -> Result<Self> {
        let Some((levels, units, own)) = &mut self.levels else {
            return Err(Error::Unsupported {
                what: format!("`{}` relative to {reference}", self.variable),
                why: "the series are taken as they are; begin with `StochasticConvergence::of`"
                    .to_owned(),
            });
        };
        let (units, series) = series::relative(
            levels.view(),
            units,
            &self.periods,
            &self.variable,
            &reference,
        )?;
        (self.units, self.series) = (units, series.into_iter().collect());
        *own = reference;
        Ok(self)
    }

    /// Chooses the deterministic terms.
    pub fn deterministic(self, deterministic: Deterministic) -> Self {
        Self {
            deterministic,
            ..self
        }
    }

    /// Chooses the lagged differences of each unit's regression.
    pub fn lags(self, lags: Lags) -> Self {
        Self {
            lags: Some(lags),
            ..self
        }
    }

    /// The series of a unit by period: what is tested.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`].
    pub fn series(&self, unit: &str) -> Result<ArrayView1<'_, f64>> {
        let unit = self.units.require(unit, "the tests")?;
        Ok(ArrayView1::from(self.row(unit)))
    }

    /// The units tested; a leader is not among them.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The periods.
    #[must_use]
    pub fn periods(&self) -> &[i32] {
        &self.periods
    }

    /// Name of the column.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// What incomes are relative to; nothing for series taken as they are.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        self.levels.as_ref().map(|(_, _, reference)| reference)
    }

    /// The choice of lags in force.
    fn chosen_lags(&self) -> Lags {
        self.lags
            .unwrap_or_else(|| Lags::default_for(self.periods.len(), self.deterministic))
    }

    /// Whether a mean over units was taken out of the series, so that they depend on each other by construction.
    fn without_mean(&self) -> bool {
        !matches!(self.reference(), None | Some(Reference::Unit(_)))
    }

    fn row(&self, unit: usize) -> &[f64] {
        let t = self.periods.len();
        &self.series[unit * t..(unit + 1) * t]
    }

    /// Units enough for a panel test: the gaps of two from a mean are each other's mirror image.
    fn require_panel(&self, what: &str) -> Result<()> {
        let n = self.units.len();
        let (needed, of) = if self.without_mean() {
            (3, " of incomes relative to a mean")
        } else {
            (2, "")
        };
        if n >= needed {
            return Ok(());
        }
        Err(Error::TooFewUnits {
            what: format!("{what}{of}"),
            needed,
            n,
        })
    }

    fn require_periods(&self, what: impl FnOnce() -> String, needed: usize) -> Result<()> {
        let periods = self.periods.len();
        if periods >= needed {
            return Ok(());
        }
        Err(Error::TooFewPeriods {
            what: what(),
            needed,
            periods,
        })
    }

    /// An error for a unit that does not vary, but for rounding.
    fn require_variation(&self, unit: usize) -> Result<()> {
        let y = self.row(unit);
        let mut size = y.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        // A gap is a difference of logs, and has their rounding.
        if let Some((levels, units, _)) = &self.levels {
            let column = units.require(&self.units.name(unit), "the panel")?;
            let logs = levels.column(column).into_iter().map(|v| v.ln().abs());
            size = logs.fold(size.max(1.0), f64::max);
        }
        if y.iter().any(|v| (v - y[0]).abs() > 1e-12 * size) {
            return Ok(());
        }
        Err(self.refuse(
            unit,
            "the series is the same in every period; leave the unit out with `Panel::without`",
        ))
    }

    /// The error for a unit whose series has no regression.
    fn degenerate(&self, unit: usize, why: Degenerate) -> Error {
        self.refuse(unit, match why {
            Degenerate::Collinear => "its level, its lagged differences and the deterministic terms are linearly dependent; take fewer lags, or leave the unit out with `Panel::without`",
            Degenerate::Exact => "its differences are explained without error, as those of a straight line; leave the unit out with `Panel::without`",
        })
    }

    /// What a test that takes units as independent has to say.
    fn notes(&self, regressions: &[Regression]) -> Vec<Note> {
        match self.dependence_for_note(regressions) {
            Ok(d) if d.test().p_value < 0.05 => vec![Note::DependentUnits {
                test: d.test().name.clone(),
                statistic: d.test().statistic,
                p_value: d.test().p_value,
            }],
            Ok(_) => Vec::new(),
            Err(e) => vec![Note::NotDefined {
                what: "the test of dependence between units",
                why: e.to_string(),
            }],
        }
    }

    fn refuse(&self, unit: usize, why: &str) -> Error {
        Error::Unsupported {
            what: format!(
                "a test of `{}`, unit `{}`",
                self.variable,
                self.units.name(unit)
            ),
            why: why.to_owned(),
        }
    }

    /// What is tested, in words.
    fn subject(&self) -> Subject<'_> {
        Subject(self)
    }
}

/// Σ_t e_t² + 2 Σ_l (1 - l/(L + 1)) Σ_t e_t e_(t-l): a long-run variance times its divisor.
fn long_run_variance(e: &[f64], lags: usize) -> f64 {
    let weighted = |l: usize| {
        let weight = 1.0 - l as f64 / (lags as f64 + 1.0);
        2.0 * weight * dot(&e[l..], &e[..e.len() - l])
    };
    dot(e, e)
        + (1..=lags.min(e.len().saturating_sub(1)))
            .map(weighted)
            .sum::<f64>()
}

/// Units that are printed one by one.
const PRINTED: usize = 60;

/// `income relative to the mean of the other units, 21 units, 24 periods; constant`.
struct Subject<'a>(&'a StochasticConvergence);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0;
        f.write_str(&s.variable)?;
        if let Some(reference) = s.reference() {
            write!(f, " relative to {reference}")?;
        }
        write!(
            f,
            ", {} units, {} periods; {}",
            s.units.len(),
            s.periods.len(),
            s.deterministic
        )
    }
}
