//! Dickey-Fuller tests, unit by unit.

use std::fmt;

use super::dickey_fuller::{Columns, Regression, choose, fewest_periods, regress, rho};
use super::lags::{Deterministic, Lags};
use super::{PRINTED, StochasticConvergence, mackinnon};
use crate::data::{Table, Units};
use crate::error::{Error, Result};
use crate::inference::Draws;
use crate::parallel::map_with_memory;
use crate::random::Stream;
use crate::text::{Layout, counted, p_value, significant};

/// The augmented Dickey-Fuller test of one unit.
///
/// ```text
/// Δy_t = d_t + rho y_(t-1) + Σ_j φ_j Δy_(t-j) + e_t,   t = rho / se(rho)
/// ```
///
/// d_t are the deterministic terms, j = 1 … p. The null is a unit root, rho = 0; a small t speaks against it. The residual variance of se is RSS / (n - k), with n = T - 1 - p
/// observations and k coefficients.
///
/// p-values are those of MacKinnon (1994), which hold for many periods, or those of draws of this T and p ([`UnitRoots::simulated`]); critical values are those of
/// MacKinnon (2010) for n observations.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[doc(alias("adfuller", "ur.df", "dfuller", "Dickey-Fuller"))]
pub struct UnitRoot {
    unit: String,
    rho: f64,
    std_error: f64,
    lag: usize,
    observations: usize,
    coefficients: usize,
    deterministic: Deterministic,
    p: f64,
}

impl UnitRoot {
    /// Id of the unit.
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// t, rho over its standard error.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.rho / self.std_error
    }

    /// rho, the share of a gap that closes in a period, with the sign reversed; biased downwards in short series.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.rho
    }

    /// Its standard error.
    #[must_use]
    pub fn std_error(&self) -> f64 {
        self.std_error
    }

    /// Number of lagged differences, p.
    #[must_use]
    pub fn lag(&self) -> usize {
        self.lag
    }

    /// Number of observations of the regression, n = T - 1 - p.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.observations
    }

    /// Number of coefficients, k.
    #[must_use]
    pub fn coefficients(&self) -> usize {
        self.coefficients
    }

    /// The p-value: P(t' ≤ t) under a unit root.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        self.p
    }

    /// The critical value at 0.01, 0.05 or 0.10 with this number of observations (MacKinnon 2010): a t below it rejects the unit root.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for another level.
    pub fn critical_value(&self, level: f64) -> Result<f64> {
        let values = mackinnon::critical_values(self.observations, self.deterministic);
        let at = [0.01, 0.05, 0.10]
            .iter()
            .position(|l| (l - level).abs() < 1e-9);
        at.map(|at| values[at]).ok_or_else(|| Error::InvalidOption {
            option: "level",
            value: level.to_string(),
            expected: "0.01, 0.05 or 0.1",
        })
    }
}

/// The augmented Dickey-Fuller tests of all units.
#[derive(Debug, Clone)]
#[must_use]
pub struct UnitRoots {
    subject: String,
    lags: Lags,
    deterministic: Deterministic,
    units: Vec<UnitRoot>,
    /// Count and seed of the draws behind the p-values.
    draws: Option<(usize, u64)>,
    periods: usize,
}

impl StochasticConvergence {
    /// The augmented Dickey-Fuller test of one unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`]; [`Error::TooFewPeriods`] where periods do not suffice for the lags; [`Error::Unsupported`] for a series that does not vary, or is a straight
    /// line.
    pub fn adf(&self, unit: &str) -> Result<UnitRoot> {
        let i = self.units.require(unit, "the tests")?;
        self.require_adf()?;
        let regression = self.regression(&mut Columns::default(), i)?;
        Ok(self.unit_root(i, &regression))
    }

    /// The augmented Dickey-Fuller tests of all units.
    ///
    /// # Errors
    ///
    /// As [`adf`](Self::adf); the error names the first unit that has no test.
    pub fn adf_all(&self) -> Result<UnitRoots> {
        let regressions = self.regressions()?;
        Ok(self.unit_roots(&regressions))
    }

    pub(super) fn unit_roots(&self, regressions: &[Regression]) -> UnitRoots {
        let units = regressions.iter().enumerate();
        UnitRoots {
            subject: self.subject().to_string(),
            lags: self.chosen_lags(),
            deterministic: self.deterministic,
            units: units.map(|(i, r)| self.unit_root(i, r)).collect(),
            draws: None,
            periods: self.periods.len(),
        }
    }

    fn unit_root(&self, i: usize, r: &Regression) -> UnitRoot {
        UnitRoot {
            unit: self.units.name(i),
            rho: r.rho,
            std_error: r.std_error,
            lag: r.lag,
            observations: r.rows,
            coefficients: r.count,
            deterministic: self.deterministic,
            p: mackinnon::p_value(r.t(), self.deterministic),
        }
    }

    /// An error where periods do not suffice for the largest number of lags.
    pub(super) fn require_adf(&self) -> Result<()> {
        let most = self.chosen_lags().most();
        let what = || {
            format!(
                "a Dickey-Fuller regression with {} ({})",
                counted(most, "lagged difference"),
                self.deterministic
            )
        };
        self.require_periods(what, fewest_periods(self.deterministic, most))
    }

    /// The regressions of all units, each with its number of lags.
    pub(super) fn regressions(&self) -> Result<Vec<Regression>> {
        self.require_adf()?;
        let each = map_with_memory(self.units.len(), Columns::default, |columns, i| {
            self.regression(columns, i)
        });
        each.into_iter().collect()
    }

    fn regression(&self, columns: &mut Columns, i: usize) -> Result<Regression> {
        let (y, d) = (self.row(i), self.deterministic);
        self.require_variation(i)?;
        choose(columns, y, d, self.chosen_lags())
            .and_then(|lag| regress(columns, y, d, lag))
            .map_err(|why| self.degenerate(i, why))
    }
}

/// Sorted t of R random walks of this many periods, each with its choice of lags: replicate r owns the stream (seed, r).
pub(super) fn null_statistics(
    periods: usize,
    lags: Lags,
    deterministic: Deterministic,
    draws: (usize, u64),
) -> Vec<f64> {
    let memory = || (Columns::default(), vec![0.0; periods]);
    let mut t = map_with_memory(draws.0, memory, |(columns, y), r| {
        let mut stream = Stream::new(draws.1, r as u64);
        walk(&mut stream, y);
        choose(columns, y, deterministic, lags)
            .and_then(|lag| rho(columns, y, deterministic, lag))
            .map_or(f64::NAN, |rho| rho.t())
    });
    t.sort_unstable_by(f64::total_cmp);
    t
}

/// A random walk with independent standard normal steps, the first value a step from zero.
pub(super) fn walk(stream: &mut Stream, y: &mut [f64]) {
    let mut level = 0.0;
    for v in y {
        level += stream.normal();
        *v = level;
    }
}

/// Takes the mean of each period out of series that stand one after the other.
pub(super) fn less_means(series: &mut [f64], periods: usize) {
    let mut means = vec![0.0; periods];
    for y in series.chunks_exact(periods) {
        for (mean, v) in means.iter_mut().zip(y) {
            *mean += v;
        }
    }
    let n = (series.len() / periods) as f64;
    for y in series.chunks_exact_mut(periods) {
        for (mean, v) in means.iter().zip(y) {
            *v -= mean / n;
        }
    }
}

/// (1 + #{draws ≤ t}) / (1 + R), of sorted draws.
pub(super) fn lower_p(sorted: &[f64], t: f64) -> f64 {
    let below = sorted.partition_point(|d| *d <= t);
    (1.0 + below as f64) / (1.0 + sorted.len() as f64)
}

impl UnitRoots {
    /// The tests, in the order of the units.
    #[must_use]
    pub fn units(&self) -> &[UnitRoot] {
        &self.units
    }

    /// The test of one unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`].
    pub fn of(&self, unit: &str) -> Result<&UnitRoot> {
        let found = self.units.iter().find(|u| u.unit == unit);
        found.ok_or_else(|| Error::UnknownUnit {
            unit: unit.to_owned(),
            place: "the tests".to_owned(),
        })
    }

    /// The same with p-values from simulated random walks of this T, with these deterministic terms and this choice of lags: (1 + #{t_r ≤ t}) / (1 + R).
    ///
    /// With few periods MacKinnon's p-values, which hold for many, are too small or too large by some hundredths; and a choice of lags from the data, which every draw makes for itself, makes them
    /// far too small. Steps are independent standard normal. Cost: a regression for each draw, and one with the largest number of lags where they are chosen; some hundredths of a second for 9,999 draws of 24 periods.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than 100 draws.
    pub fn simulated(mut self, draws: Draws) -> Result<Self> {
        let (count, seed) = draws.checked()?;
        let sorted = null_statistics(self.periods, self.lags, self.deterministic, (count, seed));
        for u in &mut self.units {
            u.p = lower_p(&sorted, u.statistic());
        }
        self.draws = Some((count, seed));
        Ok(self)
    }

    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    pub(super) fn deterministic(&self) -> Deterministic {
        self.deterministic
    }

    pub(super) fn periods(&self) -> usize {
        self.periods
    }

    /// The choice of lags.
    #[must_use]
    pub fn lags(&self) -> Lags {
        self.lags
    }

    /// The tests as a table: columns `rho`, `se`, `t`, `lags`, `n` (the observations of the regression) and `p`.
    ///
    /// # Errors
    ///
    /// None that the tests themselves have not raised.
    pub fn table(&self) -> Result<Table> {
        let of = |f: &dyn Fn(&UnitRoot) -> f64| self.units.iter().map(f).collect::<Vec<f64>>();
        Table::over(&Units::new(self.units.iter().map(|u| u.unit.as_str()))?)
            .column("rho", of(&|u| u.rho))?
            .column("se", of(&|u| u.std_error))?
            .column("t", of(&UnitRoot::statistic))?
            .column("lags", of(&|u| u.lag as f64))?
            .column("n", of(&|u| u.observations as f64))?
            .column("p", of(&|u| u.p))
    }

    /// How many units reject a unit root at a level such as 0.05.
    #[must_use]
    pub fn rejections(&self, level: f64) -> usize {
        self.units.iter().filter(|u| u.p <= level).count()
    }
}

impl fmt::Display for UnitRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Augmented Dickey-Fuller tests of {}", self.subject)?;
        writeln!(f, "null: the unit has a unit root; lags: {}", self.lags)?;
        let mut table = Layout::new();
        table
            .row(["unit", "rho", "t", "lags", "n", "p", "5 % point"])
            .rule();
        for u in self.units.iter().take(PRINTED) {
            let five = mackinnon::critical_values(u.observations, u.deterministic)[1];
            table.row([
                u.unit.clone(),
                significant(u.rho, 4),
                significant(u.statistic(), 4),
                u.lag.to_string(),
                u.observations.to_string(),
                p_value(u.p),
                significant(five, 4),
            ]);
        }
        write!(f, "{table}")?;
        if self.units.len() > PRINTED {
            writeln!(f, "… and {} more", self.units.len() - PRINTED)?;
        }
        writeln!(
            f,
            "{} of {} reject at 5 %; p-values: {}",
            self.rejections(0.05),
            self.units.len(),
            match self.draws {
                Some((count, seed)) => format!("{count} draws of this many periods (seed {seed})"),
                None => "MacKinnon (1994), for many periods".to_owned(),
            }
        )
    }
}

impl fmt::Display for UnitRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "ADF of {}: t {}, {}, n {}, {}, p {} (null: a unit root)",
            self.unit,
            significant(self.statistic(), 4),
            counted(self.lag, "lag"),
            self.observations,
            self.deterministic,
            p_value(self.p)
        )
    }
}
