//! Pesaran's CIPS: a panel test of a unit root for units that share a common factor.

use std::fmt;

use super::adf::{lower_p, walk};
use super::cadf::{Memory, Refused, Shape, statistics};
use super::lags::Deterministic;
use super::{PRINTED, StochasticConvergence};
use crate::data::{Table, Units};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Draws, Note, TestResult, write_notes};
use crate::parallel::map_with_memory;
use crate::random::Stream;
use crate::text::{Layout, counted, p_value, significant};

/// Pesaran's CIPS: the mean of the units' t in Dickey-Fuller regressions with the averages over units.
///
/// ```text
/// Δy_it = d_it + b_i y_i,t-1 + c_i ybar_t-1 + Σ_(j=0..p) f_ij Δybar_t-j + Σ_(j=1..p) g_ij Δy_i,t-j + e_it
/// CIPS = Σ_i t_i / n,   CIPS* = Σ_i min(max(t_i, -K1), K2) / n
/// ```
///
/// t_i = b_i / se(b_i); the averages stand in for one common factor, which each unit may load on in its own way. K1, K2 are 6.12, 4.16 without terms, 6.19, 2.61 with a constant,
/// 6.42, 1.70 with a trend. The null is a unit root in every unit, the alternative that some are stationary; small values reject.
///
/// **p-values and critical values are simulated** for this n, T, p and these terms: independent random walks y_it with standard normal steps. A common factor with
/// independent normal steps of any variance and **mean zero**, on which all units load alike, changes nothing in them: y_it - ybar_t is independent of the path of ybar, and the scale of that
/// path drops out. The variances of the units drop out only if they are alike, different loadings only as n grows.
///
/// **With a constant, series that drift, as logs of growing incomes do, and incomes relative to a mean over units can reject a true null far too often**, as the page of the method shows:
/// the path of their averages is not that of the draws. Take [`Deterministic::Trend`] for them, or incomes relative to a leader ([`Reference::Unit`](super::Reference::Unit)).
///
/// # References
///
/// Pesaran (2007), Journal of Applied Econometrics 22: 265-312.
#[derive(Debug, Clone)]
#[doc(alias("cipstest", "pescadf", "xtcips", "CADF"))]
#[must_use]
pub struct Cips {
    subject: String,
    lags: usize,
    units: Vec<Cadf>,
    plain: Drawn,
    truncated: Drawn,
    draws: (usize, u64),
    notes: Vec<Note>,
}

/// The test of one unit within [`Cips`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Cadf {
    /// Id of the unit.
    pub unit: String,
    /// t of its lagged level.
    pub statistic: f64,
    /// P(t' ≤ t) under a unit root, from the draws of the panel test.
    pub p_value: f64,
}

/// A statistic with its sorted draws.
#[derive(Debug, Clone)]
struct Drawn {
    test: TestResult,
    sorted: Vec<f64>,
}

impl Drawn {
    fn new(name: &str, value: f64, mut draws: Vec<f64>) -> Self {
        draws.sort_unstable_by(f64::total_cmp);
        Self {
            test: TestResult {
                name: name.to_owned(),
                statistic: value,
                distribution: Distribution::Empirical { draws: draws.len() },
                null: "every unit has a unit root".to_owned(),
                alternative: Alternative::Less,
                p_value: lower_p(&draws, value),
            },
            sorted: draws,
        }
    }

    /// The value below which p ≤ level.
    fn critical_value(&self, level: f64) -> Result<f64> {
        let at = (level * (1.0 + self.sorted.len() as f64) + 1e-9).floor() as usize;
        let value = at.checked_sub(1).and_then(|at| self.sorted.get(at));
        value.copied().ok_or_else(|| Error::InvalidOption {
            option: "level",
            value: level.to_string(),
            expected: "a level between 0 and 1 that the number of draws can tell from zero, such as 0.05",
        })
    }
}

/// K1 and K2.
fn bounds(deterministic: Deterministic) -> (f64, f64) {
    match deterministic {
        Deterministic::None => (-6.12, 4.16),
        Deterministic::Constant => (-6.19, 2.61),
        Deterministic::Trend => (-6.42, 1.70),
    }
}

impl StochasticConvergence {
    /// Pesaran's CIPS with p lags in every unit, and p-values from draws.
    ///
    /// Report it for several p. Replicate r owns the stream (seed, r), so that the numbers are the same on any number of threads. Cost: for each draw and unit some (d + 4 + p)(p + 2) T
    /// multiplications; on two cores 9,999 draws of 21 units and 24 periods take 0.3 s, 999 of 3,000 and 40 7 s.
    ///
    /// Without a constant series should begin near zero, as those of the draws do, whose first value is one step from zero: subtract the values of the period before.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than 100 draws; [`Error::TooFewUnits`] for one unit, or two relative to a mean; [`Error::TooFewPeriods`], fewer than 5 + d + 3p; [`Error::Unsupported`] where the
    /// averages over units are zero by construction ([`Reference::LogMean`](super::Reference::LogMean)), and for a unit that does not vary.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::Array2;
    /// use spatialecon::{Draws, Panel, StochasticConvergence, Units};
    /// let years: Vec<i32> = (2000..2020).collect();
    /// let income = Array2::from_shape_fn((20, 3), |(t, i)| {
    ///     let (t, i) = (t as f64, i as f64);
    ///     (0.05 * t + 0.2 * i + 0.1 * (1.7 * t * (i + 1.0)).sin()).exp()
    /// });
    /// let panel = Panel::from_columns(&Units::range(3), &years, [("income", income)])?;
    /// let cips = StochasticConvergence::of(&panel, "income")?.cips(0, Draws::new(999))?;
    /// assert!(cips.test().statistic < cips.critical_value(0.05)?);
    /// assert!(cips.test().p_value < 0.05);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn cips(&self, lags: usize, draws: Draws) -> Result<Cips> {
        let draws = draws.checked()?;
        self.require_panel("Pesaran's CIPS")?;
        let shape = Shape {
            periods: self.periods.len(),
            lags,
            deterministic: self.deterministic,
        };
        let what = || {
            format!(
                "CIPS with {} ({})",
                counted(lags, "lag"),
                self.deterministic
            )
        };
        self.require_periods(what, shape.fewest_periods())?;
        for i in 0..self.units.len() {
            self.require_variation(i)?;
        }
        self.require_averages()?;
        let n = self.units.len();
        let mut observed = Vec::with_capacity(n);
        statistics(&mut Memory::default(), &self.series, shape, |t| {
            observed.push(t);
        })
        .map_err(|refused| match refused {
            Refused::Averages => no_averages(),
            Refused::Unit(i, why) => self.degenerate(i, why),
        })?;
        let (low, high) = bounds(self.deterministic);
        let drawn = simulate(shape, n, (low, high), draws)?;
        let mean =
            |of: &dyn Fn(f64) -> f64| observed.iter().map(|t| of(*t)).sum::<f64>() / n as f64;
        let mut first: Vec<f64> = drawn.iter().map(|d| d[2]).collect();
        first.sort_unstable_by(f64::total_cmp);
        let column = |k: usize| drawn.iter().map(|d| d[k]).collect::<Vec<f64>>();
        let units = observed.iter().enumerate().map(|(i, t)| Cadf {
            unit: self.units.name(i),
            statistic: *t,
            p_value: lower_p(&first, *t),
        });
        Ok(Cips {
            subject: self.subject().to_string(),
            lags,
            plain: Drawn::new("CIPS", mean(&|t| t), column(0)),
            truncated: Drawn::new("CIPS*, truncated", mean(&|t| t.clamp(low, high)), column(1)),
            units: units.collect(),
            draws,
            notes: if self.without_mean() && self.deterministic == Deterministic::Constant {
                vec![Note::AveragesOfGaps]
            } else {
                Vec::new()
            },
        })
    }

    /// An error where averages over units are zero but for rounding.
    fn require_averages(&self) -> Result<()> {
        let (mut averages, mut all) = (0.0, 0.0);
        for t in 1..self.periods.len() {
            let changes = (0..self.units.len()).map(|i| self.row(i)[t] - self.row(i)[t - 1]);
            let (sum, squares) = changes.fold((0.0, 0.0), |(s, q), c| (s + c, q + c * c));
            averages += sum.powi(2) / self.units.len() as f64;
            all += squares;
        }
        if averages > 1e-16 * all {
            return Ok(());
        }
        Err(no_averages())
    }
}

fn no_averages() -> Error {
    Error::Unsupported {
        what: "CIPS of series whose averages over units do not vary".to_owned(),
        why: "the averages stand in for the common factor, and the mean was taken out already; take `Reference::Unit`, a leader, or the logs themselves by `StochasticConvergence::of_series`, with `Deterministic::Trend` as they grow".to_owned(),
    }
}

/// CIPS, CIPS* and the t of the first unit, of every draw.
fn simulate(
    shape: Shape,
    n: usize,
    (low, high): (f64, f64),
    (count, seed): (usize, u64),
) -> Result<Vec<[f64; 3]>> {
    let memory = || (Memory::default(), vec![0.0; n * shape.periods]);
    let drawn = map_with_memory(count, memory, |(memory, y), r| {
        let mut stream = Stream::new(seed, r as u64);
        for series in y.chunks_exact_mut(shape.periods) {
            walk(&mut stream, series);
        }
        let (mut sum, mut truncated, mut first) = (0.0, 0.0, None);
        let done = statistics(memory, y, shape, |t| {
            sum += t;
            truncated += t.clamp(low, high);
            first = first.or(Some(t));
        });
        done.ok()?;
        Some([sum / n as f64, truncated / n as f64, first?])
    });
    let drawn: Option<Vec<[f64; 3]>> = drawn.into_iter().collect();
    drawn.ok_or_else(|| Error::Unsupported {
        what: "draws of CIPS".to_owned(),
        why: "a draw has no statistic, as its columns are linearly dependent; take fewer lags or more periods".to_owned(),
    })
}

impl Cips {
    /// CIPS with its p-value.
    #[must_use]
    pub fn test(&self) -> &TestResult {
        &self.plain.test
    }

    /// CIPS*, of truncated t, with its p-value; it differs from CIPS only where periods are few.
    #[must_use]
    pub fn truncated(&self) -> &TestResult {
        &self.truncated.test
    }

    /// The value of CIPS below which it rejects at a level such as 0.05.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a level that is not between 0 and 1, or too small for the draws.
    pub fn critical_value(&self, level: f64) -> Result<f64> {
        self.plain.critical_value(level)
    }

    /// The value of CIPS* below which it rejects at a level such as 0.05.
    ///
    /// # Errors
    ///
    /// As [`critical_value`](Self::critical_value).
    pub fn truncated_critical_value(&self, level: f64) -> Result<f64> {
        self.truncated.critical_value(level)
    }

    /// The tests of the units; each rests on few periods.
    #[must_use]
    pub fn units(&self) -> &[Cadf] {
        &self.units
    }

    /// The tests of the units as a table: columns `t` and `p`.
    ///
    /// # Errors
    ///
    /// None that the test itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let of = |f: fn(&Cadf) -> f64| self.units.iter().map(f).collect::<Vec<f64>>();
        Table::over(&Units::new(self.units.iter().map(|u| u.unit.as_str()))?)
            .column("t", of(|u| u.statistic))?
            .column("p", of(|u| u.p_value))
    }

    /// Number of lags, p.
    #[must_use]
    pub fn lags(&self) -> usize {
        self.lags
    }

    /// What to mind.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Count and seed of the draws.
    #[must_use]
    pub fn draws(&self) -> (usize, u64) {
        self.draws
    }
}

impl fmt::Display for Cips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Pesaran's CIPS: {}, {}",
            self.subject,
            counted(self.lags, "lag")
        )?;
        writeln!(
            f,
            "null: every unit has a unit root; alternative: some are stationary; one common factor is allowed for"
        )?;
        let mut table = Layout::new();
        table
            .row(["", "statistic", "p", "1 %", "5 %", "10 %"])
            .rule();
        for (name, drawn) in [("CIPS", &self.plain), ("CIPS*", &self.truncated)] {
            let point = |level| {
                let value = drawn.critical_value(level);
                value.map_or_else(|_| "-".to_owned(), |v| format!("{v:.3}"))
            };
            table.row([
                name.to_owned(),
                format!("{:.3}", drawn.test.statistic),
                p_value(drawn.test.p_value),
                point(0.01),
                point(0.05),
                point(0.10),
            ]);
        }
        writeln!(f, "{table}")?;
        let mut table = Layout::new();
        table.row(["unit", "t", "p"]).rule();
        for u in self.units.iter().take(PRINTED) {
            table.row([
                u.unit.clone(),
                significant(u.statistic, 4),
                p_value(u.p_value),
            ]);
        }
        write!(f, "{table}")?;
        if self.units.len() > PRINTED {
            writeln!(f, "… and {} more", self.units.len() - PRINTED)?;
        }
        let (count, seed) = self.draws;
        writeln!(
            f,
            "p-values and critical values: {count} draws of this n, T, lags and terms (seed {seed})"
        )?;
        write_notes(f, &self.notes)
    }
}
