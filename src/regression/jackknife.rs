//! The half-panel jackknife: fixed effects without the bias that short panels give to dynamic regressions.

use std::fmt;

use ndarray::Array1;

use super::panel::Effects;
use super::vcov::Vcov;
use super::{Fit, Regression};
use crate::data::Panel;
use crate::error::{Error, Result};
use crate::inference::Estimate;
use crate::text::{Layout, p_value, significant};

/// The half-panel jackknife of a regression with unit effects.
///
/// With unit effects, the coefficients of regressors that past responses move (the initial level in a growth regression) have a bias of the order
/// 1 / T (Nickell 1981). A half of the periods has twice that bias, so that
///
/// b_J = 2 b - (T1 b_1 + T2 b_2) / T
///
/// is free of it to that order, with b_1 and b_2 from the first T1 and the last T2 periods, each with effects of its own. Where T is odd the two ways to halve it
/// are averaged. The limit distribution is that of b, so that the standard errors are those of b.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Effects, Panel, Regression, Units};
/// let panel = Panel::from_columns(
///     &Units::new(["a", "b"])?,
///     &[2000, 2001, 2002, 2003],
///     [
///         ("x", array![[1.0, 2.0], [2.0, 1.0], [4.0, 3.0], [3.0, 5.0]]),
///         ("y", array![[1.0, 3.0], [3.0, 2.0], [5.0, 4.5], [4.5, 7.5]]),
///     ],
/// )?;
/// let spec = Regression::of("y").on(["x"]).effects(Effects::Unit);
/// let jackknife = spec.half_panel_jackknife(&panel)?;
/// // Within 15.2 / 11; in the first half 3 / 2, in the last 13 / 10.
/// assert!((jackknife.coefficient("x")?.value - (30.4 / 11.0 - 1.4)).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Nickell (1981), Econometrica 49; Dhaene and Jochmans (2015), Review of Economic Studies 82.
#[derive(Debug, Clone)]
#[doc(alias("HPJ", "xthpj", "split-panel jackknife"))]
pub struct Jackknife {
    whole: Fit,
    coefficients: Array1<f64>,
    /// The periods of each part: the two halves, or four parts where T is odd.
    parts: Vec<(i32, i32)>,
}

impl Regression {
    /// Fits the regression to a panel by the half-panel jackknife (see [`Jackknife`]).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] without unit effects, which alone make the bias; [`Error::InvalidOption`] for fewer than four periods; those of
    /// [`fit`](Self::fit) for the whole panel and for each part.
    pub fn half_panel_jackknife(&self, panel: &Panel) -> Result<Jackknife> {
        if !matches!(self.effects, Effects::Unit | Effects::TwoWays) {
            return Err(Error::Unsupported {
                what: format!("the half-panel jackknife of a regression with {}", self.effects),
                why: "it mends the bias that unit effects make; choose `Effects::Unit` or `Effects::TwoWays`".to_owned(),
            });
        }
        let periods = panel.periods();
        let t = periods.len();
        if t < 4 {
            return Err(Error::InvalidOption {
                option: "the panel of a half-panel jackknife",
                value: format!("{t} periods"),
                expected: "four periods or more, two for each half",
            });
        }
        let whole = self.fit(panel)?;
        let cuts = if t.is_multiple_of(2) {
            vec![t / 2]
        } else {
            vec![t / 2, t / 2 + 1]
        };
        let share = 1.0 / (t * cuts.len()) as f64;
        let mut coefficients = whole.b() * 2.0;
        let mut parts = Vec::with_capacity(2 * cuts.len());
        for cut in cuts {
            for part in [&periods[..cut], &periods[cut..]] {
                let (first, last) = (part[0], part[part.len() - 1]);
                let fit = self.fit(&panel.between(first, last)?)?;
                coefficients.scaled_add(-share * part.len() as f64, fit.b());
                parts.push((first, last));
            }
        }
        Ok(Jackknife {
            whole,
            coefficients,
            parts,
        })
    }
}

impl Jackknife {
    /// The coefficients, with the standard errors of the fit to all periods.
    #[must_use]
    pub fn coefficients(&self) -> Vec<Estimate> {
        let values = self.coefficients.iter().enumerate();
        values.map(|(i, v)| self.whole.estimate(i, *v)).collect()
    }

    /// One coefficient by its name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the names.
    pub fn coefficient(&self, name: &str) -> Result<Estimate> {
        let at = self.whole.position(name)?;
        Ok(self.whole.estimate(at, self.coefficients[at]))
    }

    /// The fit to all periods, with its bias.
    #[must_use]
    pub fn whole(&self) -> &Fit {
        &self.whole
    }

    /// The first and last period of each part that was fitted.
    #[must_use]
    pub fn parts(&self) -> &[(i32, i32)] {
        &self.parts
    }

    /// The same with another covariance of the fit to all periods.
    ///
    /// # Errors
    ///
    /// As [`Fit::with_vcov`].
    pub fn with_vcov(self, kind: Vcov) -> Result<Self> {
        Ok(Self {
            whole: self.whole.with_vcov(kind)?,
            ..self
        })
    }
}

impl fmt::Display for Jackknife {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.parts.iter().map(|(a, b)| format!("{a}-{b}")).collect();
        writeln!(
            f,
            "Half-panel jackknife of {}, {}",
            self.whole.response(),
            self.whole.effects()
        )?;
        writeln!(f, "Parts: {}", parts.join(", "))?;
        let mut table = Layout::new();
        table.rule();
        table.row(["", "all periods", "jackknife", "std error", "t", "p"]);
        table.rule();
        for (e, whole) in self.coefficients().iter().zip(self.whole.b()) {
            table.row([
                e.name.clone(),
                significant(*whole, 6),
                significant(e.value, 6),
                significant(e.std_error, 5),
                format!("{:.3}", e.statistic()),
                p_value(e.p_value()),
            ]);
        }
        table.rule();
        write!(f, "{table}")?;
        writeln!(
            f,
            "Standard errors: {}, of the fit to all periods",
            self.whole.standard_errors()
        )
    }
}
