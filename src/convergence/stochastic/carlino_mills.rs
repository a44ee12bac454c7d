//! Carlino and Mills: do gaps close, and do they come back to the line on which they close?

use std::fmt;

use super::adf::UnitRoot;
use super::dickey_fuller::{dot, norm, subtract};
use super::lags::Deterministic;
use super::{PRINTED, StochasticConvergence, long_run_variance};
use crate::data::{Table, Units};
use crate::error::Result;
use crate::inference::{Distribution, Estimate};
use crate::regression::newey_west_lags;
use crate::text::{Layout, counted, p_value, significant};

/// Level at which a gap, its trend and a unit root are told from nothing.
const LEVEL: f64 = 0.05;

/// The line of a unit's relative income, and its unit root.
///
/// ```text
/// RI_it = a_i + b_i t + u_it,   t = 0 in the first period
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GapLine {
    /// Id of the unit.
    pub unit: String,
    /// a, the gap of the first period on the line; its standard error is Newey and West's, t(T - 2).
    pub level: Estimate,
    /// b, the change of the gap in a period; its standard error is Newey and West's, t(T - 2).
    pub trend: Estimate,
    /// The Dickey-Fuller test round a constant and a trend.
    pub unit_root: UnitRoot,
    /// What level and trend say together.
    pub path: GapPath,
}

impl GapLine {
    /// Whether the unit converges in both senses: its gap closes, and a unit root is rejected at 5 %.
    #[must_use]
    pub fn converges(&self) -> bool {
        self.path == GapPath::Closes && self.unit_root.p_value() <= LEVEL
    }
}

/// Where a gap goes, by its level and trend, each told from zero at 5 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GapPath {
    /// Level and trend have opposite signs: beta convergence in the sense of Carlino and Mills.
    Closes,
    /// Level and trend have the same sign.
    Opens,
    /// A level, and no trend.
    Lasts,
    /// A trend that begins at no gap.
    Begins,
    /// Neither level nor trend.
    None,
}

impl fmt::Display for GapPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closes => "closes",
            Self::Opens => "opens",
            Self::Lasts => "lasts",
            Self::Begins => "begins",
            Self::None => "no gap",
        })
    }
}

/// Level, trend and unit root of every unit's relative income.
///
/// Convergence in the sense of Carlino and Mills takes both: a gap that closes (level and trend of opposite sign), and shocks to it that die out (no unit root round the line).
/// Standard errors are Newey and West's with ⌊4 (T/100)^(2/9)⌋ lags and no small-sample factor. **Where a unit root is not rejected, those of level and trend do not hold**; with few
/// periods they are too small even where it is.
#[derive(Debug, Clone)]
#[must_use]
pub struct CarlinoMills {
    subject: String,
    lag: usize,
    units: Vec<GapLine>,
}

impl StochasticConvergence {
    /// Level and trend of every unit's gap, with the Dickey-Fuller test round them.
    ///
    /// The unit-root tests have a constant and a trend whatever [`deterministic`](Self::deterministic) says, and the lags in force.
    ///
    /// # Errors
    ///
    /// Those of [`adf`](Self::adf).
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::Array2;
    /// use spatialecon::{GapPath, Lags, Panel, StochasticConvergence, Units};
    /// let years: Vec<i32> = (2000..2020).collect();
    /// // A poor unit that catches up with two others.
    /// let income = Array2::from_shape_fn((20, 3), |(t, i)| {
    ///     let noise = 0.02 * (2.7 * (t + 1) as f64 * (i + 1) as f64).sin();
    ///     let gap = if i == 0 { -1.0 + 0.03 * t as f64 } else { 0.0 };
    ///     (0.05 * t as f64 + gap + noise).exp()
    /// });
    /// let panel = Panel::from_columns(&Units::new(["poor", "b", "c"])?, &years, [("income", income)])?;
    /// let lines = StochasticConvergence::of(&panel, "income")?.lags(Lags::Fixed(0)).carlino_mills()?;
    /// let poor = &lines.units()[0];
    /// assert_eq!(poor.path, GapPath::Closes);
    /// assert!((poor.trend.value - 0.03).abs() < 0.001);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Carlino and Mills (1993), Journal of Monetary Economics 32: 335-346.
    pub fn carlino_mills(&self) -> Result<CarlinoMills> {
        let round = self.clone().deterministic(Deterministic::Trend);
        let roots = round.adf_all()?;
        let t = self.periods.len();
        let lag = newey_west_lags(t);
        let lines = roots.units().iter().enumerate().map(|(i, root)| {
            let y = self.row(i);
            let (level, trend) = line(y, lag);
            if !(level.std_error > 0.0 && trend.std_error > 0.0) {
                return Err(self.refuse(i, "it lies on a straight line, so that nothing is left to estimate a standard error from; leave the unit out with `Panel::without`"));
            }
            Ok(GapLine {
                unit: root.unit().to_owned(),
                path: path(&level, &trend),
                level,
                trend,
                unit_root: root.clone(),
            })
        });
        Ok(CarlinoMills {
            units: lines.collect::<Result<_>>()?,
            subject: round.subject().to_string(),
            lag,
        })
    }
}

/// a and b of y = a + b t with the standard errors of Newey and West.
fn line(y: &[f64], lag: usize) -> (Estimate, Estimate) {
    let n = y.len() as f64;
    let middle = 0.5 * (n - 1.0);
    let tau: Vec<f64> = (0..y.len()).map(|t| t as f64 - middle).collect();
    let square = dot(&tau, &tau);
    let mean = y.iter().sum::<f64>() / n;
    let mut e: Vec<f64> = y.iter().map(|v| v - mean).collect();
    let slope = dot(&tau, &e) / square;
    subtract(&mut e, slope, &tau);
    // Both are sums of y with these weights, so that their variances are those of weighted residuals.
    let of_slope: Vec<f64> = tau.iter().map(|t| t / square).collect();
    let of_level: Vec<f64> = of_slope.iter().map(|w| 1.0 / n - middle * w).collect();
    let rounding = 1e-12 * norm(y);
    let error = |weights: &[f64]| {
        if norm(&e) <= rounding {
            return 0.0;
        }
        let weighted: Vec<f64> = weights.iter().zip(&e).map(|(w, e)| w * e).collect();
        long_run_variance(&weighted, lag).max(0.0).sqrt()
    };
    let df = Distribution::T { df: n - 2.0 };
    (
        Estimate::new("level", mean - slope * middle, error(&of_level), df),
        Estimate::new("trend", slope, error(&of_slope), df),
    )
}

fn path(level: &Estimate, trend: &Estimate) -> GapPath {
    match (level.p_value() <= LEVEL, trend.p_value() <= LEVEL) {
        (false, false) => GapPath::None,
        (true, false) => GapPath::Lasts,
        (false, true) => GapPath::Begins,
        (true, true) if level.value * trend.value < 0.0 => GapPath::Closes,
        (true, true) => GapPath::Opens,
    }
}

impl CarlinoMills {
    /// The lines, in the order of the units.
    #[must_use]
    pub fn units(&self) -> &[GapLine] {
        &self.units
    }

    /// The lines as a table: columns `level`, `level_se`, `trend`, `trend_se`, `adf_t`, `adf_lags` and `adf_p`, label `gap`.
    ///
    /// # Errors
    ///
    /// None that the lines themselves have not raised.
    pub fn table(&self) -> Result<Table> {
        let of = |f: fn(&GapLine) -> f64| self.units.iter().map(f).collect::<Vec<f64>>();
        Table::over(&Units::new(self.units.iter().map(|u| u.unit.as_str()))?)
            .column("level", of(|u| u.level.value))?
            .column("level_se", of(|u| u.level.std_error))?
            .column("trend", of(|u| u.trend.value))?
            .column("trend_se", of(|u| u.trend.std_error))?
            .column("adf_t", of(|u| u.unit_root.statistic()))?
            .column("adf_lags", of(|u| u.unit_root.lag() as f64))?
            .column("adf_p", of(|u| u.unit_root.p_value()))?
            .label("gap", self.units.iter().map(|u| u.path.to_string()))
    }

    /// Lags of the standard errors.
    #[must_use]
    pub fn lag(&self) -> usize {
        self.lag
    }

    /// How many units converge in both senses.
    #[must_use]
    pub fn converging(&self) -> usize {
        self.units.iter().filter(|u| u.converges()).count()
    }
}

impl fmt::Display for CarlinoMills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Carlino and Mills: {}", self.subject)?;
        let mut table = Layout::new();
        table
            .row([
                "unit", "level", "se", "trend", "se", "gap", "ADF t", "lags", "p",
            ])
            .rule();
        for u in self.units.iter().take(PRINTED) {
            table.row([
                u.unit.clone(),
                significant(u.level.value, 4),
                significant(u.level.std_error, 3),
                significant(u.trend.value, 4),
                significant(u.trend.std_error, 3),
                u.path.to_string(),
                significant(u.unit_root.statistic(), 4),
                u.unit_root.lag().to_string(),
                p_value(u.unit_root.p_value()),
            ]);
        }
        write!(f, "{table}")?;
        if self.units.len() > PRINTED {
            writeln!(f, "… and {} more", self.units.len() - PRINTED)?;
        }
        writeln!(
            f,
            "se: Newey-West, {}, t({}); p: null of a unit root round the line, MacKinnon (1994)",
            counted(self.lag, "lag"),
            self.units
                .first()
                .map_or(0.0, |u| match u.trend.distribution {
                    Distribution::T { df } => df,
                    _ => 0.0,
                })
        )?;
        writeln!(
            f,
            "{} of {} converge: the gap closes, and a unit root is rejected at 5 %",
            self.converging(),
            self.units.len()
        )
    }
}
