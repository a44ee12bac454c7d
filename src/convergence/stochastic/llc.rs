//! The test of Levin, Lin and Chu.

use std::fmt;

use super::adf::{UnitRoots, lower_p, walk};
use super::dickey_fuller::{Columns, Degenerate, choose, dot, partialled, regress, subtract};
use super::lags::Deterministic;
use super::{StochasticConvergence, long_run_variance};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Draws, Note, TestResult, write_notes};
use crate::parallel::map_with_memory;
use crate::random::Stream;
use crate::text::{counted, significant};

/// The panel test of Levin, Lin and Chu: one rho for all units.
///
/// ```text
/// Δy_it and y_i,t-1 without their parts in d_t and Δy_i,t-1 … Δy_i,t-p_i: e_it, v_it, divided by the s_i of unit i's own regression
/// e_it = rho v_it + u_it,    t* = (t - n T~ S σ^-2 se(rho) μ*) / σ*     N(0, 1), lower tail
/// ```
///
/// t and se have the variance σ² = Σ u² / (n T~), T~ = T - 1 - mean(p); S is the mean over units of ω_i / s_i, with ω_i the root of the long-run variance of Δy_i and s_i² = RSS_i / (T - 1 - p_i).
/// μ* and σ* are those of the paper's Table 2 at T~, on a line between two rows.
///
/// The null is a unit root in every unit, the alternative that **all** are stationary with the same rho. **Units are taken to be independent.**
#[derive(Debug, Clone)]
#[doc(alias("levinlin", "xtunitroot llc", "LLC"))]
#[must_use]
pub struct LevinLinChu {
    roots: UnitRoots,
    parts: Parts,
    truncation: usize,
    adjustment: (f64, f64),
    test: TestResult,
    draws: Option<(usize, u64)>,
    notes: Vec<Note>,
}

/// What t* is made of.
#[derive(Debug, Clone, Copy)]
struct Parts {
    rho: f64,
    std_error: f64,
    /// σ².
    variance: f64,
    /// n T~.
    observations: f64,
    /// S.
    ratio: f64,
}

impl Parts {
    fn adjusted(&self, (mu, sigma): (f64, f64)) -> f64 {
        let shift = self.observations * self.ratio / self.variance * self.std_error * mu;
        (self.rho / self.std_error - shift) / sigma
    }
}

/// Table 2: T~, and μ* and σ* without terms, with a constant, with a trend.
#[rustfmt::skip]
const TABLE: [(f64, [(f64, f64); 3]); 13] = [
    (25.0, [(0.004, 1.049), (-0.554, 0.919), (-0.703, 1.003)]),
    (30.0, [(0.003, 1.035), (-0.546, 0.889), (-0.674, 0.949)]),
    (35.0, [(0.002, 1.027), (-0.541, 0.867), (-0.653, 0.906)]),
    (40.0, [(0.002, 1.021), (-0.537, 0.850), (-0.637, 0.871)]),
    (45.0, [(0.001, 1.017), (-0.533, 0.837), (-0.624, 0.842)]),
    (50.0, [(0.001, 1.014), (-0.531, 0.826), (-0.614, 0.818)]),
    (60.0, [(0.001, 1.011), (-0.527, 0.810), (-0.598, 0.780)]),
    (70.0, [(0.000, 1.008), (-0.524, 0.798), (-0.587, 0.751)]),
    (80.0, [(0.000, 1.007), (-0.521, 0.789), (-0.578, 0.728)]),
    (90.0, [(0.000, 1.006), (-0.520, 0.782), (-0.571, 0.710)]),
    (100.0, [(0.000, 1.005), (-0.518, 0.776), (-0.566, 0.695)]),
    (250.0, [(0.000, 1.001), (-0.509, 0.742), (-0.533, 0.603)]),
    (500.0, [(0.000, 1.000), (-0.500, 0.707), (-0.500, 0.500)]),
];

/// μ* and σ*, those of the first or last row outside the table.
fn adjustment(t: f64, deterministic: Deterministic) -> (f64, f64) {
    let of = |row: usize| TABLE[row].1[deterministic.count()];
    let right = TABLE.partition_point(|(rows, _)| *rows < t);
    if right == 0 || right == TABLE.len() {
        return of(right.min(TABLE.len() - 1));
    }
    let (a, b) = (TABLE[right - 1].0, TABLE[right].0);
    let share = (t - a) / (b - a);
    let ((m0, s0), (m1, s1)) = (of(right - 1), of(right));
    (m0 + share * (m1 - m0), s0 + share * (s1 - s0))
}

impl StochasticConvergence {
    /// The test of Levin, Lin and Chu.
    ///
    /// Long-run variances have Bartlett's weights 1 - l/(K + 1), K = 3.21 T~^(1/3) rounded. Δy is taken as it is without terms and with a constant, since under the null it has the
    /// mean zero there, and about its mean with a trend; only so does t* have the moments of the paper's Table 2. (`plm::purtest` takes Δy about its mean
    /// with a constant, and about its trend with a trend, which moves t* far to the left, more so the more units there are; and it enters Table 2 at T.)
    ///
    /// The table begins at T~ = 25; below, its first row is taken, and a note says so: take [`LevinLinChu::simulated`].
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] for one unit, or two relative to a mean; [`Error::Unsupported`] where a long-run variance is not positive; those of [`adf`](Self::adf).
    ///
    /// # References
    ///
    /// Levin, Lin and Chu (2002), Journal of Econometrics 108.
    pub fn llc(&self) -> Result<LevinLinChu> {
        self.require_panel("the test of Levin, Lin and Chu")?;
        let regressions = self.regressions()?;
        let lags: Vec<usize> = regressions.iter().map(|r| r.lag).collect();
        let t =
            self.periods.len() as f64 - 1.0 - lags.iter().sum::<usize>() as f64 / lags.len() as f64;
        let truncation = ((3.21 * t.cbrt()).round() as usize).min(self.periods.len() - 2);
        let mut columns = Columns::default();
        let rows: Vec<&[f64]> = (0..lags.len()).map(|i| self.row(i)).collect();
        let parts = parts(&mut columns, &rows, &lags, self.deterministic, truncation)
            .map_err(|(i, why)| match why {
                Some(why) => self.degenerate(i, why),
                None => self.refuse(i, "the long-run variance of its differences is not positive; leave the unit out with `Panel::without`"),
            })?;
        let adjustment = adjustment(t, self.deterministic);
        let mut notes = self.notes(&regressions);
        if t < TABLE[0].0 {
            notes.push(Note::NotTabulated {
                what: "Table 2 of Levin, Lin and Chu",
                least: TABLE[0].0,
                value: t,
                instead: "`LevinLinChu::simulated`",
            });
        }
        Ok(LevinLinChu {
            roots: self.unit_roots(&regressions),
            truncation,
            adjustment,
            test: TestResult::symmetric(
                "Levin-Lin-Chu t*",
                parts.adjusted(adjustment),
                Distribution::Normal,
                "every unit has a unit root",
                Alternative::Less,
            ),
            parts,
            draws: None,
            notes,
        })
    }
}

/// The pooled regression; the position of a unit that has none, with the reason (none: its long-run variance).
fn parts(
    columns: &mut Columns,
    rows: &[&[f64]],
    lags: &[usize],
    deterministic: Deterministic,
    truncation: usize,
) -> Result<Parts, (usize, Option<Degenerate>)> {
    let (mut vv, mut ve, mut ee) = (0.0, 0.0, 0.0);
    let (mut ratio, mut observations) = (0.0, 0.0);
    let mut differences = Vec::new();
    for (i, (y, &lag)) in rows.iter().zip(lags).enumerate() {
        let wrong = |why| (i, Some(why));
        let own = regress(columns, y, deterministic, lag).map_err(wrong)?;
        let (e, v) = partialled(columns, y, deterministic, lag).map_err(wrong)?;
        let variance = own.rss / own.rows as f64;
        vv += dot(&v, &v) / variance;
        ve += dot(&v, &e) / variance;
        ee += dot(&e, &e) / variance;
        observations += own.rows as f64;
        differences.clear();
        differences.extend(y.windows(2).map(|w| w[1] - w[0]));
        if deterministic == Deterministic::Trend {
            let mean = differences.iter().sum::<f64>() / differences.len() as f64;
            let ones = vec![1.0; differences.len()];
            subtract(&mut differences, mean, &ones);
        }
        let long_run = long_run_variance(&differences, truncation) / differences.len() as f64;
        if !(long_run > 0.0) {
            return Err((i, None));
        }
        ratio += (long_run / variance).sqrt();
    }
    let rho = ve / vv;
    let variance = (ee - rho * ve) / observations;
    Ok(Parts {
        rho,
        std_error: (variance / vv).sqrt(),
        variance,
        observations,
        ratio: ratio / rows.len() as f64,
    })
}

impl LevinLinChu {
    /// t*.
    #[must_use]
    pub fn test(&self) -> &TestResult {
        &self.test
    }

    /// t*, with its p-value from draws: independent random walks of these n and T with this choice of lags, (1 + #{t*_r ≤ t*}) / (1 + R).
    ///
    /// Any T. Cost: two regressions for each draw and unit.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than 100 draws; [`Error::Unsupported`] where a draw has no statistic, as T is too short for the lags.
    pub fn simulated(mut self, draws: Draws) -> Result<Self> {
        let (count, seed) = draws.checked()?;
        let (t, n) = (self.roots.periods(), self.roots.units().len());
        let deterministic = self.roots.deterministic();
        let memory = || (Columns::default(), vec![0.0; t * n]);
        let values = map_with_memory(count, memory, |(columns, walks), r| {
            let mut stream = Stream::new(seed, r as u64);
            walks.chunks_exact_mut(t).for_each(|y| walk(&mut stream, y));
            let rows: Vec<&[f64]> = walks.chunks_exact(t).collect();
            let chosen = rows
                .iter()
                .map(|y| choose(columns, y, deterministic, self.roots.lags()));
            let lags = chosen.collect::<Result<Vec<_>, _>>().ok()?;
            let parts = parts(columns, &rows, &lags, deterministic, self.truncation);
            parts.map(|p| p.adjusted(self.adjustment)).ok()
        });
        let values: Option<Vec<f64>> = values.into_iter().collect();
        let Some(mut values) = values else {
            return Err(Error::Unsupported {
                what: "draws of the test of Levin, Lin and Chu".to_owned(),
                why: "a draw has no statistic, as there are too few periods for the lags; take fewer lags".to_owned(),
            });
        };
        values.sort_unstable_by(f64::total_cmp);
        self.test.p_value = lower_p(&values, self.test.statistic);
        self.test.distribution = Distribution::Empirical { draws: count };
        self.notes
            .retain(|note| !matches!(note, Note::NotTabulated { .. }));
        self.draws = Some((count, seed));
        Ok(self)
    }

    /// The pooled rho.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.parts.rho
    }

    /// t of the pooled rho, without adjustment.
    #[must_use]
    pub fn unadjusted(&self) -> f64 {
        self.parts.rho / self.parts.std_error
    }

    /// S, the mean ratio of long-run to short-run standard deviations.
    #[must_use]
    pub fn mean_ratio(&self) -> f64 {
        self.parts.ratio
    }

    /// Lags of the long-run variances.
    #[must_use]
    pub fn truncation(&self) -> usize {
        self.truncation
    }

    /// The tests of the units.
    pub fn units(&self) -> &UnitRoots {
        &self.roots
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for LevinLinChu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Levin, Lin and Chu: {}", self.roots.subject())?;
        writeln!(f, "{}", self.test)?;
        writeln!(f, "alternative: all units are stationary, with one rho")?;
        writeln!(
            f,
            "rho {}, t without adjustment {}; lags: {}; long-run variances with {}",
            significant(self.parts.rho, 4),
            significant(self.unadjusted(), 4),
            self.roots.lags(),
            counted(self.truncation, "lag")
        )?;
        write_notes(f, &self.notes)
    }
}
