//! The panel test of Evans and Karras: do gaps die out, and to nothing or to constants?

use std::fmt;

use super::StochasticConvergence;
use super::adf::{UnitRoots, less_means, lower_p, walk};
use super::dickey_fuller::{Coefficient, Columns, Regression, choose, constant, restricted, rho};
use super::lags::{Deterministic, Lags};
use super::series::Reference;
use crate::convergence::growth::Convention;
use crate::convergence::speed::Speed;
use crate::data::{Table, Units};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Draws, Estimate, Note, TestResult, write_notes};
use crate::parallel::map_with_memory;
use crate::random::Stream;
use crate::text::significant;

/// The panel test of Evans and Karras: divergence, conditional or absolute convergence.
///
/// With z_it = ln y_it - Σ_j ln y_jt / n, the gap of a unit to the mean of logs:
///
/// ```text
/// unit by unit   Δz_it = δ_i + ρ_i z_i,t-1 + Σ_(j=1..p_i) φ_ij Δz_i,t-j + u_it       gives s_i, t(ρ_i), t(δ_i)
/// pooled         Δ(z_it / s_i) = d_i + ρ z_i,t-1 / s_i + Σ_j φ_ij Δz_i,t-j / s_i + e_it   τ = ρ / se(ρ)
/// intercepts     Φ = Σ_i t(δ_i)² / (n - 1)
/// ```
///
/// | | null | rejected |
/// |---|---|---|
/// | τ, lower tail | ρ_i = 0 in every unit: gaps wander, units diverge | gaps come back: units converge |
/// | Φ, upper tail, where τ is rejected | δ_i = 0 in every unit: gaps come back to zero, convergence is absolute | gaps come back to constants that are not zero: convergence is conditional |
///
/// The pooled ρ is the mean of the ρ_i weighted by 1 / se(ρ_i)², so that one regression a unit is enough. Φ divides by n - 1 as
/// the paper does; Σ t(δ_i)² / n would be nearer to F, as each t has the variance one, and the draws are free of the choice.
///
/// **p-values are simulated**, of this n, T and choice of lags. τ: independent random walks with standard normal steps, less their mean in each period, through both regressions. Φ: a parametric
/// bootstrap from the gaps of the first periods, with one ρ, zero at most, and φ_ij estimated under δ_i = 0 and normal shocks of each unit's size, less their mean. Φ can also be referred to F(n - 1, (n - 1)(T - p - 2)), with T observations, which is
/// [`absolute_by_f`](EvansKarras::absolute_by_f); with ρ near zero t(δ_i) is not t, and F rejects true zeros in 17 to 76 % of samples of 24 years at 5 %.
///
/// A common shock that moves all logs alike cancels in z. Other dependence between units does not: a note says where it is found.
///
/// # Example
///
/// ```
/// use ndarray::Array2;
/// use spatialecon::{Draws, EvansKarrasVerdict, Lags, Panel, Reference, StochasticConvergence, Units};
/// // Gaps that halve each period, to levels that differ.
/// let years: Vec<i32> = (2000..2024).collect();
/// let income = Array2::from_shape_fn((24, 5), |(t, i)| {
///     let (t, i) = (t as f64, i as f64);
///     (0.06 * t + 0.3 * i + 0.1 * (1.7 * t * (i + 1.0)).sin() + 0.5_f64.powf(t) * (2.0 - i)).exp()
/// });
/// let panel = Panel::from_columns(&Units::range(5), &years, [("income", income)])?;
/// let gaps = StochasticConvergence::of(&panel, "income")?.lags(Lags::Fixed(0)).relative_to(Reference::LogMean)?;
/// let test = gaps.evans_karras(Draws::new(999).seed(1))?;
/// assert_eq!(test.test().p_value, 0.001);
/// assert_eq!(test.verdict(), EvansKarrasVerdict::Conditional);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Evans and Karras (1996), Convergence revisited, Journal of Monetary Economics 37.
#[derive(Debug, Clone)]
#[doc(alias("Evans-Karras", "absolute convergence", "conditional convergence"))]
#[must_use]
pub struct EvansKarras {
    roots: UnitRoots,
    intercepts: Vec<Estimate>,
    pooled: Estimate,
    /// Mean ρ of the draws of τ: where random walks come out.
    under_null: f64,
    /// Years between periods.
    step: f64,
    test: TestResult,
    absolute: TestResult,
    by_f: TestResult,
    draws: (usize, u64),
    notes: Vec<Note>,
}

/// What the test of Evans and Karras says, both p-values at 5 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvansKarrasVerdict {
    /// A unit root in every gap is not rejected.
    Divergence,
    /// Gaps come back to constants that are not all zero.
    Conditional,
    /// Gaps come back, and zero constants are not rejected.
    Absolute,
}

impl fmt::Display for EvansKarrasVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Divergence => "divergence is not rejected",
            Self::Conditional => "conditional convergence",
            Self::Absolute => "absolute convergence",
        })
    }
}

/// Level of both tests in a verdict.
const LEVEL: f64 = 0.05;

/// The pooled regression, from those of the units.
#[derive(Debug, Clone, Copy, Default)]
struct Pooled {
    /// Σ 1 / se_i², Σ ρ_i / se_i².
    weight: f64,
    weighted: f64,
    /// Σ of the squares of the standardised differences, without their parts in constants and lags.
    squares: f64,
    /// Degrees of freedom.
    df: f64,
}

impl Pooled {
    fn add(&mut self, rho: Coefficient) {
        let weight = rho.std_error.powi(-2);
        self.weight += weight;
        self.weighted += rho.value * weight;
        self.squares += rho.df + rho.t().powi(2);
        // The unit's own ρ is given up for the common one.
        self.df += rho.df + 1.0;
    }

    fn rho(&self) -> f64 {
        self.weighted / self.weight
    }

    fn std_error(&self) -> f64 {
        let rss = self.squares - self.rho() * self.weighted;
        (rss / (self.df - 1.0) / self.weight).sqrt()
    }

    fn t(&self) -> f64 {
        self.rho() / self.std_error()
    }
}

impl StochasticConvergence {
    /// The panel test of Evans and Karras: see [`EvansKarras`].
    ///
    /// Gaps are to the mean of logs ([`Reference::LogMean`]), with a constant ([`Deterministic::Constant`], the default). Cost: two regressions, and 2 T normal deviates, for each draw and unit.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for another reference, for other deterministic terms, and where a draw has no statistic, as T is too short for the lags; [`Error::InvalidOption`] for fewer than 100
    /// draws; [`Error::TooFewUnits`] for fewer than three units; those of [`adf`](Self::adf).
    pub fn evans_karras(&self, draws: Draws) -> Result<EvansKarras> {
        const WHAT: &str = "the test of Evans and Karras";
        const ABSOLUTE: &str = "every constant is zero";
        let (count, seed) = draws.checked()?;
        let refuse = |what: String, why: &str| {
            Err(Error::Unsupported {
                what: format!("{WHAT} {what}"),
                why: why.to_owned(),
            })
        };
        if self.reference() != Some(&Reference::LogMean) {
            let to = self.reference().map_or_else(
                || format!("of `{}` as it is", self.variable),
                |r| format!("of incomes relative to {r}"),
            );
            return refuse(
                to,
                "it is of gaps to the mean of logs; begin with `StochasticConvergence::of` and take `relative_to(Reference::LogMean)`",
            );
        }
        if self.deterministic != Deterministic::Constant {
            return refuse(
                format!("with {}", self.deterministic),
                "its question is whether constants are zero; take `Deterministic::Constant`",
            );
        }
        self.require_panel(WHAT)?;
        let regressions = self.regressions()?;
        let n = regressions.len();
        let lags: Vec<usize> = regressions.iter().map(|r| r.lag).collect();
        let constants = self.constants(&regressions)?;
        let (mut pooled, mut df) = (Pooled::default(), 0.0);
        for r in &regressions {
            let own = r.coefficient();
            pooled.add(own);
            df += own.df;
        }
        let phi = phi(constants.iter().map(Coefficient::t), n);
        let walks = walks((n, self.periods.len()), self.chosen_lags(), (count, seed))
            .ok_or_else(too_short)?;
        let mut tau: Vec<f64> = walks.iter().map(Pooled::t).collect();
        tau.sort_unstable_by(f64::total_cmp);
        let mut phis = self
            .without_constants(&lags, (count, seed))?
            .ok_or_else(too_short)?;
        phis.sort_unstable_by(f64::total_cmp);
        let below = phis.partition_point(|d| *d < phi);
        let distribution = Distribution::Empirical { draws: count };
        let share = (n - 1) as f64 / n as f64;
        Ok(EvansKarras {
            roots: self.unit_roots(&regressions),
            intercepts: self.intercepts(&constants),
            pooled: Estimate::new(
                "rho",
                pooled.rho(),
                pooled.std_error(),
                Distribution::Normal,
            ),
            under_null: walks.iter().map(Pooled::rho).sum::<f64>() / count as f64,
            step: f64::from(self.periods[1]) - f64::from(self.periods[0]),
            test: TestResult {
                name: "Evans-Karras tau".to_owned(),
                statistic: pooled.t(),
                distribution,
                null: "every gap has a unit root".to_owned(),
                alternative: Alternative::Less,
                p_value: lower_p(&tau, pooled.t()),
            },
            absolute: TestResult {
                name: "Evans-Karras Phi".to_owned(),
                statistic: phi,
                distribution,
                null: ABSOLUTE.to_owned(),
                alternative: Alternative::Greater,
                p_value: (1.0 + (count - below) as f64) / (1.0 + count as f64),
            },
            by_f: TestResult::upper(
                "Evans-Karras Phi",
                phi,
                Distribution::F {
                    df1: (n - 1) as f64,
                    df2: share * df,
                },
                ABSOLUTE,
            ),
            draws: (count, seed),
            notes: self.notes(&regressions),
        })
    }

    fn constants(&self, regressions: &[Regression]) -> Result<Vec<Coefficient>> {
        let each = map_with_memory(regressions.len(), Columns::default, |columns, i| {
            constant(columns, self.row(i), regressions[i].lag)
                .map_err(|why| self.degenerate(i, why))
        });
        each.into_iter().collect()
    }

    fn intercepts(&self, constants: &[Coefficient]) -> Vec<Estimate> {
        let each = constants.iter().enumerate();
        each.map(|(i, c)| {
            let distribution = Distribution::T { df: c.df };
            Estimate::new(self.units.name(i), c.value, c.std_error, distribution)
        })
        .collect()
    }

    /// Φ of draws from the model without constants; nothing where one has none.
    fn without_constants(&self, lags: &[usize], draws: (usize, u64)) -> Result<Option<Vec<f64>>> {
        let (n, periods) = (lags.len(), self.periods.len());
        let mut columns = Columns::default();
        let mut pooled = Pooled::default();
        for (i, &lag) in lags.iter().enumerate() {
            let own = rho(&mut columns, self.row(i), Deterministic::None, lag)
                .map_err(|why| self.degenerate(i, why))?;
            pooled.add(own);
        }
        // Gaps that grow are no null of convergence.
        let common = pooled.rho().min(0.0);
        let mut models = Vec::with_capacity(n);
        for (i, &lag) in lags.iter().enumerate() {
            let model = restricted(&mut columns, self.row(i), lag, common)
                .map_err(|why| self.degenerate(i, why))?;
            models.push(model);
        }
        // Shocks less their mean have the variance σ² (n - 1) / n where all have the same.
        let scale = (n as f64 / (n as f64 - 1.0)).sqrt();
        let memory = || (Columns::default(), vec![0.0; n * periods]);
        let each = map_with_memory(draws.0, memory, |(columns, shocks), r| {
            let mut stream = Stream::new(draws.1, (draws.0 + r) as u64);
            for (shocks, (_, sigma)) in shocks.chunks_exact_mut(periods).zip(&models) {
                shocks.fill_with(|| stream.normal() * sigma * scale);
            }
            less_means(shocks, periods);
            let each = shocks.chunks_exact_mut(periods).enumerate();
            let t: Option<Vec<f64>> = each
                .map(|(i, y)| {
                    let (lag, observed) = (lags[i], self.row(i));
                    y[..=lag].copy_from_slice(&observed[..=lag]);
                    for t in lag + 1..periods {
                        let before: f64 = (1..=lag)
                            .map(|j| models[i].0[j - 1] * (y[t - j] - y[t - j - 1]))
                            .sum();
                        y[t] += (1.0 + common) * y[t - 1] + before;
                    }
                    choose(columns, y, self.deterministic, self.chosen_lags())
                        .and_then(|lag| constant(columns, y, lag))
                        .ok()
                        .map(|c| c.t())
                })
                .collect();
            Some(phi(t?.into_iter(), n))
        });
        Ok(each.into_iter().collect())
    }
}

fn too_short() -> Error {
    Error::Unsupported {
        what: "draws of the test of Evans and Karras".to_owned(),
        why: "a draw has no statistic, as there are too few periods for the lags; take fewer lags"
            .to_owned(),
    }
}

/// Σ t² / (n - 1).
fn phi(t: impl Iterator<Item = f64>, n: usize) -> f64 {
    t.map(|t| t * t).sum::<f64>() / (n as f64 - 1.0)
}

/// The pooled regressions of R panels of random walks less their mean; nothing where one has none.
fn walks((n, periods): (usize, usize), lags: Lags, draws: (usize, u64)) -> Option<Vec<Pooled>> {
    let memory = || (Columns::default(), vec![0.0; periods * n]);
    let each = map_with_memory(draws.0, memory, |(columns, walks), r| {
        let mut stream = Stream::new(draws.1, r as u64);
        walks
            .chunks_exact_mut(periods)
            .for_each(|y| walk(&mut stream, y));
        less_means(walks, periods);
        let mut pooled = Pooled::default();
        for y in walks.chunks_exact(periods) {
            let own = choose(columns, y, Deterministic::Constant, lags)
                .and_then(|lag| rho(columns, y, Deterministic::Constant, lag));
            pooled.add(own.ok()?);
        }
        Some(pooled)
    });
    each.into_iter().collect()
}

impl EvansKarras {
    /// τ, with its p-value from draws.
    #[must_use]
    pub fn test(&self) -> &TestResult {
        &self.test
    }

    /// Φ, with its p-value from draws; it says something where τ is rejected.
    #[must_use]
    pub fn absolute(&self) -> &TestResult {
        &self.absolute
    }

    /// Φ beside F(n - 1, (n - 1) ν), ν the mean degrees of freedom T - 2 p - 3 of the units' regressions, T the number of periods.
    #[must_use]
    pub fn absolute_by_f(&self) -> &TestResult {
        &self.by_f
    }

    /// What both tests say at 5 %, by draws.
    #[must_use]
    pub fn verdict(&self) -> EvansKarrasVerdict {
        self.verdict_of(LEVEL)
    }

    /// What both tests say at a level such as 0.10, by draws.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a level that is not between 1 / (1 + R), the smallest p-value of R draws, and one.
    pub fn verdict_at(&self, level: f64) -> Result<EvansKarrasVerdict> {
        if level * (1.0 + self.draws.0 as f64) >= 1.0 && level < 1.0 {
            return Ok(self.verdict_of(level));
        }
        Err(Error::InvalidOption {
            option: "level",
            value: level.to_string(),
            expected: "a number such as 0.05 below one, and not below the smallest p-value that the draws can have",
        })
    }

    fn verdict_of(&self, level: f64) -> EvansKarrasVerdict {
        if self.test.p_value > level {
            EvansKarrasVerdict::Divergence
        } else if self.absolute.p_value <= level {
            EvansKarrasVerdict::Conditional
        } else {
            EvansKarrasVerdict::Absolute
        }
    }

    /// The pooled ρ, the share of a gap that closes in a period, with a minus; biased downwards by about (2 + ρ)/T, as every unit has a constant.
    #[must_use]
    pub fn rho(&self) -> &Estimate {
        &self.pooled
    }

    /// The mean ρ of random walks, for which ρ is zero: how far from zero the bias alone leads.
    #[must_use]
    pub fn rho_of_random_walks(&self) -> f64 {
        self.under_null
    }

    /// The speed per year, -ln(1 + ρ) over the years of a period, with the bias of ρ.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`] where 1 + ρ is not positive.
    pub fn speed(&self) -> Result<Speed> {
        Speed::new("gap", &self.pooled, Convention::Total, self.step)
    }

    /// The Dickey-Fuller tests of the units.
    pub fn units(&self) -> &UnitRoots {
        &self.roots
    }

    /// The constants δ_i, in the order of the units, with t(T - 2 p_i - 3).
    #[must_use]
    pub fn intercepts(&self) -> &[Estimate] {
        &self.intercepts
    }

    /// The units as a table: columns `rho`, `se`, `t`, `lags`, `constant`, `constant_se` and `constant_t`.
    ///
    /// # Errors
    ///
    /// None that the test itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let roots = self.roots.table()?;
        let of = |f: fn(&Estimate) -> f64| self.intercepts.iter().map(f).collect::<Vec<f64>>();
        let mut table = Table::over(&Units::new(
            self.intercepts.iter().map(|e| e.name.as_str()),
        )?);
        for column in ["rho", "se", "t", "lags"] {
            table = table.column(column, roots.values(column)?.to_owned())?;
        }
        table
            .column("constant", of(|e| e.value))?
            .column("constant_se", of(|e| e.std_error))?
            .column("constant_t", of(|e| e.value / e.std_error))
    }

    /// Count and seed of the draws.
    #[must_use]
    pub fn draws(&self) -> (usize, u64) {
        self.draws
    }

    /// What to mind.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for EvansKarras {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Evans and Karras: {}", self.roots.subject())?;
        writeln!(f, "{}", self.test)?;
        writeln!(f, "{}", self.absolute)?;
        writeln!(f, "{}", self.by_f)?;
        writeln!(
            f,
            "{} at 5 %; rho {} (random walks: {} on average); lags: {}",
            self.verdict(),
            significant(self.pooled.value, 4),
            significant(self.under_null, 4),
            self.roots.lags()
        )?;
        write_notes(f, &self.notes)
    }
}
