//! `LogT`: the log t test of Phillips and Sul, and its options.

use std::fmt;

use super::regression::{Degenerate, Design, Line};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Estimate, Note, TestResult, write_notes};
use crate::text::{counted, p_value, significant};

/// Where the log t regression begins. Periods are counted t = 1 … T; t = 1 is H_1, and has no ln ln t, so that none begins before t = 2.
///
/// | | first t | as |
/// |---|---|---|
/// | `Share(r)` | ⌊rT⌋ + 1, the first ⌊rT⌋ periods left out | Phillips and Sul (2009), r = 1/3 |
/// | `From(r)` | ⌊rT⌋ | the formula t = \[rT\], \[rT\] + 1, …, T as printed in Phillips and Sul (2007), who advise r = 0.3 for T ≤ 50 and 0.2 for T ≥ 100 |
/// | `Rounded(r)` | rT rounded (halves to even), + 1 | ConvergenceClubs of R |
/// | `First(t)` | t | |
///
/// ⌊rT⌋ is taken of rT + 1e-9, so that 0.29 · 100 is 29.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[doc(alias("time_trim", "kq"))]
pub enum Trim {
    /// This share of the periods is left out, rounded down.
    Share(f64),
    /// From this share of the periods on, itself included.
    From(f64),
    /// This share of the periods is left out, rounded.
    Rounded(f64),
    /// From this period on, counted from 1.
    First(usize),
}

impl Default for Trim {
    fn default() -> Self {
        Self::Share(1.0 / 3.0)
    }
}

/// Fewer observations leave no long-run variance to speak of.
const LEAST: usize = 4;

impl Trim {
    /// The first t for so many periods.
    fn first(self, periods: usize) -> usize {
        let count = periods as f64;
        let down = |r: f64| (r * count + 1e-9).floor() as usize;
        let first = match self {
            Self::Share(r) => down(r) + 1,
            Self::From(r) => down(r),
            Self::Rounded(r) => (r * count).round_ties_even() as usize + 1,
            Self::First(t) => t,
        };
        first.max(2)
    }

    /// The first t, if it leaves enough periods.
    fn checked(self, periods: usize) -> Result<usize> {
        if let Self::Share(r) | Self::From(r) | Self::Rounded(r) = self {
            if !((0.0..=0.9).contains(&r)) {
                return Err(Error::InvalidOption {
                    option: "trim",
                    value: r.to_string(),
                    expected: "a share of the periods from 0 to 0.9, such as 1/3",
                });
            }
        } else if self == Self::First(0) || self == Self::First(1) {
            return Err(Error::InvalidOption {
                option: "trim",
                value: format!("{self:?}"),
                expected: "a first period from the second on: ln ln t is not defined at t = 1",
            });
        }
        let first = self.first(periods);
        let enough = |t: usize| t + 1 >= self.first(t).saturating_add(LEAST);
        if enough(periods) {
            return Ok(first);
        }
        let needed = match self {
            Self::First(t) => t.saturating_add(LEAST - 1),
            // A share of at most 0.9 leaves four of forty periods.
            _ => (periods..10 * LEAST)
                .find(|&t| enough(t))
                .unwrap_or(10 * LEAST),
        };
        Err(Error::TooFewPeriods {
            what: format!("a log t regression ({LEAST} observations after the trim)"),
            needed,
            periods,
        })
    }
}

/// The long-run variance of log t residuals.
///
/// With m residuals u, r their first autocorrelation Σ u_t u_t-1 / Σ u²_t-1, a = 4r² / (1 - r)⁴ and k the quadratic spectral kernel:
///
/// | | ω² | |
/// |---|---|---|
/// | `QuadraticSpectral` (default) | γ_0 + 2 Σ_{j=1}^{m-1} k(j / S) γ_j, γ_j = Σ_t u_t u_t+j / m, S = 1.3221 (a m)^(1/5) | the formula of Andrews (1991); r is bounded to ± 0.97, at which S is finite still |
/// | `OneLeftOut` | the same S, r not bounded; Σ u² and all products but those with the last residual, over m - 1 | what ConvergenceClubs of R computes after its authors' code, and published tables hold |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[doc(alias("FQSB", "HACmethod", "kernHAC"))]
pub enum LongRunVariance {
    /// The quadratic spectral kernel over all residuals.
    #[default]
    QuadraticSpectral,
    /// The last residual left out of the autocovariances.
    OneLeftOut,
}

/// Options of the log t test.
///
/// | option | default | range |
/// |---|---|---|
/// | [`trim`](Self::trim) | `Trim::Share(1/3)` | see [`Trim`] |
/// | [`variance`](Self::variance) | `LongRunVariance::QuadraticSpectral` | see [`LongRunVariance`] |
/// | [`critical`](Self::critical) | -1.65, 5 % one-sided | any number |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogTOptions {
    trim: Trim,
    variance: LongRunVariance,
    critical: f64,
}

impl Default for LogTOptions {
    fn default() -> Self {
        Self {
            trim: Trim::default(),
            variance: LongRunVariance::default(),
            critical: -1.65,
        }
    }
}

impl LogTOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the regression begins.
    #[must_use]
    pub fn trim(self, trim: Trim) -> Self {
        Self { trim, ..self }
    }

    /// The long-run variance of the residuals.
    #[must_use]
    pub fn variance(self, variance: LongRunVariance) -> Self {
        Self { variance, ..self }
    }

    /// Convergence is rejected where t is less than this.
    #[must_use]
    pub fn critical(self, critical: f64) -> Self {
        Self { critical, ..self }
    }

    /// The critical value that was chosen.
    pub(super) fn threshold(self) -> f64 {
        self.critical
    }

    /// The regressor for so many periods.
    pub(super) fn design(self, periods: usize) -> Result<Design> {
        if !self.critical.is_finite() {
            return Err(Error::InvalidOption {
                option: "critical",
                value: self.critical.to_string(),
                expected: "a finite number, such as -1.65",
            });
        }
        let first = self.trim.checked(periods)?;
        Ok(Design::new(first, periods, self.variance))
    }
}

/// What a log t regression says of a group of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// t is below the critical value: the units do not converge as one group.
    Divergence,
    /// Convergence is not rejected, and b < 2: growth rates converge, levels need not.
    GrowthConvergence,
    /// Convergence is not rejected, and b ≥ 2: levels converge.
    LevelConvergence,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Divergence => "divergence",
            Self::GrowthConvergence => "convergence of growth rates",
            Self::LevelConvergence => "convergence of levels",
        })
    }
}

/// The log t test of convergence of a group of units.
///
/// With H_t the cross-section dispersion of relative transition paths, [`TransitionPaths::dispersion`](crate::TransitionPaths::dispersion),
///
/// ```text
/// ln(H_1 / H_t) - 2 ln ln t = a + b ln t + u_t,   t = first … T
/// se(b) = ω / √(Σ (ln t - mean)²),  ω² the long-run variance of u
/// ```
///
/// b = 2α, with α the speed at which the heterogeneity of loadings falls. The null hypothesis is convergence, b ≥ 0; it is rejected where
/// t = b / se is below -1.65 ([`LogTOptions::critical`]).
///
/// # Example
///
/// ```
/// use spatialecon::{LogT, LogTOptions, Verdict};
/// // H_t that falls like t^-1 / (ln t)², so that b = 1 but for a small wave.
/// let h: Vec<f64> = (1..=40).map(f64::from)
///     .map(|t| 0.1 * (0.02 * (1.7 * t).sin()).exp() / t / (t + 1.0).ln().powi(2))
///     .collect();
/// let log_t = LogT::of(&h, LogTOptions::new())?;
/// assert_eq!((log_t.first, log_t.observations), (14, 27));
/// assert!((log_t.b - 0.96614276).abs() < 1e-8);
/// assert_eq!(log_t.verdict(), Verdict::GrowthConvergence);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Phillips and Sul (2007), Econometrica 75; (2009), Journal of Applied Econometrics 24; Andrews (1991), Econometrica 59.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[doc(alias("logtreg", "estimateMod", "Phillips-Sul"))]
pub struct LogT {
    /// Slope of ln t, 2α.
    pub b: f64,
    /// Its standard error, from the long-run variance.
    pub std_error: f64,
    /// The constant.
    pub intercept: f64,
    /// b / se.
    pub t: f64,
    /// P(N(0, 1) < t): small values speak against convergence.
    pub p_value: f64,
    /// First t of the regression, counted from 1.
    pub first: usize,
    /// Number of observations of the regression.
    pub observations: usize,
    /// Number of periods T.
    pub periods: usize,
    /// Number of units; zero for a series of H given as it is.
    pub units: usize,
    /// ω², the long-run variance of the residuals.
    pub long_run_variance: f64,
    /// S, the bandwidth of its kernel, in periods.
    pub bandwidth: f64,
    /// First autocorrelation of the residuals, before it is bounded.
    pub autocorrelation: f64,
    /// What is tested, for print.
    subject: String,
    options: LogTOptions,
}

/// Below this many periods the test has little power and a poor size.
const FEW_PERIODS: usize = 20;
/// Below this many units H is noisy.
const FEW_UNITS: usize = 10;

impl LogT {
    /// The test of a series H_1 … H_T that is at hand.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] (trim, critical value); [`Error::TooFewPeriods`]; [`Error::InvalidOption`] for an H that is not positive or
    /// not finite; [`Error::Unsupported`] where H lies on the curve of the regression exactly, so that nothing is left for a standard error.
    pub fn of(dispersion: &[f64], options: LogTOptions) -> Result<Self> {
        let design = options.design(dispersion.len())?;
        let wrong = dispersion.iter().find(|h| !(**h > 0.0 && h.is_finite()));
        if let Some(h) = wrong {
            return Err(Error::InvalidOption {
                option: "dispersion",
                value: h.to_string(),
                expected: "positive and finite numbers H_1 … H_T",
            });
        }
        // The scale of H does not matter; here no value is rounding of zero.
        let smallest = dispersion.iter().fold(f64::INFINITY, |m, h| m.min(*h));
        let subject = "a series of H".to_owned();
        match design.fit(|t| dispersion[t] / smallest) {
            Ok(line) => Ok(Self::new(
                line,
                &design,
                dispersion.len(),
                0,
                subject,
                options,
            )),
            Err(e) => Err(refusal(e, &subject, |t| format!("t = {}", t + 1))),
        }
    }

    pub(super) fn new(
        line: Line,
        design: &Design,
        periods: usize,
        units: usize,
        subject: String,
        options: LogTOptions,
    ) -> Self {
        Self {
            b: line.b,
            std_error: line.std_error,
            intercept: line.intercept,
            t: line.t(),
            p_value: Distribution::Normal.upper_tail(-line.t()),
            first: design.first(),
            observations: design.observations(),
            periods,
            units,
            long_run_variance: line.long_run_variance,
            bandwidth: line.bandwidth,
            autocorrelation: line.autocorrelation,
            subject,
            options,
        }
    }

    /// α = b / 2.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        0.5 * self.b
    }

    /// Divergence where t is below the critical value; otherwise convergence, of levels where b ≥ 2.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.t < self.options.critical {
            Verdict::Divergence
        } else if self.b >= 2.0 {
            Verdict::LevelConvergence
        } else {
            Verdict::GrowthConvergence
        }
    }

    /// b with its standard error, referred to the normal.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        Estimate::new("ln t", self.b, self.std_error, Distribution::Normal)
    }

    /// The one-sided test of convergence, b ≥ 0.
    #[must_use]
    pub fn test(&self) -> TestResult {
        self.at_least(0.0, "the units converge (b ≥ 0)")
    }

    /// The one-sided test of convergence of levels, b ≥ 2.
    #[must_use]
    pub fn level_test(&self) -> TestResult {
        self.at_least(2.0, "levels converge (b ≥ 2)")
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> LogTOptions {
        self.options
    }

    /// What a reader should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.periods < FEW_PERIODS {
            notes.push(Note::FewPeriods {
                periods: self.periods,
                observations: self.observations,
            });
        }
        if (1..FEW_UNITS).contains(&self.units) {
            notes.push(Note::FewUnits { n: self.units });
        }
        notes
    }

    fn at_least(&self, bound: f64, null: &str) -> TestResult {
        let statistic = (self.b - bound) / self.std_error;
        let less = Alternative::Less;
        TestResult::symmetric("log t", statistic, Distribution::Normal, null, less)
    }
}

/// The error of a group without a log t regression.
pub(super) fn refusal(e: Degenerate, subject: &str, period: impl Fn(usize) -> String) -> Error {
    let what = format!("log t of {subject}");
    let why = match e {
        Degenerate::NoDispersion(t) => format!(
            "their values are the same in {}, so that H is zero and ln H is not defined; take out cycles with `filtered`, or leave all but one of them out",
            period(t)
        ),
        Degenerate::ExactFit => "the residuals are zero, or their long-run variance is, so that there is no standard error; take other periods".to_owned(),
    };
    Error::Unsupported { what, why }
}

impl fmt::Display for LogT {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "log t of {}, {}, t = {} to {}",
            self.subject,
            counted(self.periods, "period"),
            self.first,
            self.periods
        )?;
        let kernel = match self.options.variance {
            LongRunVariance::QuadraticSpectral => "quadratic spectral",
            LongRunVariance::OneLeftOut => "quadratic spectral, one residual left out",
        };
        writeln!(
            f,
            "b {} (se {}), alpha {}, t {}, one-sided p {}",
            significant(self.b, 4),
            significant(self.std_error, 4),
            significant(self.alpha(), 4),
            significant(self.t, 4),
            p_value(self.p_value)
        )?;
        writeln!(
            f,
            "{} (critical value {}); long-run variance: {kernel}, bandwidth {}",
            self.verdict(),
            self.options.critical,
            significant(self.bandwidth, 4)
        )?;
        write_notes(f, &self.notes())?;
        Ok(())
    }
}
