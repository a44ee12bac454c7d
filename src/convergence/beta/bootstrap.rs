//! Bootstrap intervals of speeds and half-lives.

use std::fmt;

use super::BetaConvergence;
use super::gap::{Left, Parameters, gap_weights, patterns};
use super::resample::replicates;
use crate::convergence::growth::INITIAL;
use crate::convergence::speed::Speed;
use crate::error::{Error, Result};
use crate::inference::{Draws, Note, Simulated};
use crate::regression::Fit;
use crate::text::{Layout, significant};

/// How the replicates of a bootstrap are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Resampling {
    /// Residuals are drawn with replacement, centred and times the root of n / (n - k); y* = S(rho) (X b + S(lambda) e*). For errors that are
    /// independent and alike, of any distribution.
    #[default]
    Residual,
    /// Every unit keeps its residual, divided by the root of 1 - h and times an independent v with mean zero and variance one: plus or minus one
    /// (Rademacher) from 12 units on, the six points of Webb below. For errors of different variances.
    Wild,
    /// Units are drawn with replacement, with all their values (and their lags, in an SLX). For OLS and SLX.
    Pairs,
}

impl fmt::Display for Resampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Residual => "residuals",
            Self::Wild => "wild",
            Self::Pairs => "pairs",
        })
    }
}

/// Below this many units the percentiles of a bootstrap mean nothing.
const FEWEST_UNITS: usize = 8;
/// So many replicates, as a share, may fail to be fitted.
const MOST_FAILED: f64 = 0.1;

impl BetaConvergence {
    /// Bootstrap intervals of the own, common and gap speeds and of their half-lives, by residuals; see [`Resampling`] for other kinds, and
    /// [`bootstrap_by`](Self::bootstrap_by).
    ///
    /// Every replicate is fitted anew, rho and lambda with it, with the covariance of this fit. 999 draws are usual, 100 the least.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than 100 draws; [`Error::TooFewUnits`] below 8 units, or fewer than three more than there are
    /// coefficients, rho and lambda; [`Error::SpeedUndefined`] where 1 + bT ≤ 0 for the own speed (of the others a note says so); [`Error::Unsupported`] where more than a
    /// tenth of the replicates cannot be fitted.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{BetaConvergence, Draws, Growth, Table};
    /// let table = Table::from_columns([
    ///     ("y0", array![100.0, 150.0, 160.0, 220.0, 400.0, 390.0, 700.0, 650.0, 120.0, 300.0]),
    ///     ("y1", array![190.0, 240.0, 290.0, 350.0, 520.0, 560.0, 830.0, 850.0, 230.0, 400.0]),
    /// ])?;
    /// let growth = Growth::of_columns(&table, "y0", "y1", 20.0)?;
    /// let beta = BetaConvergence::fit(&growth, &growth.regression())?;
    /// let bootstrap = beta.bootstrap(Draws::new(999).seed(42))?;
    /// let (low, high) = bootstrap.own().interval(0.95);
    /// assert!(0.0 < low && low < beta.speed()?.value() && beta.speed()?.value() < high);
    /// let (short, long) = bootstrap.own().half_life_interval(0.95)?;
    /// assert!((short - 2.0_f64.ln() / high).abs() < 1e-9 && (long - 2.0_f64.ln() / low).abs() < 1e-9);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Efron (1979), Annals of Statistics 7: 1-26; Davison and Hinkley (1997), chapter 6; Hall (1988), Annals of Statistics 16: 927-953.
    #[doc(alias("boot", "confint"))]
    pub fn bootstrap(&self, draws: Draws) -> Result<BootstrapSpeeds> {
        self.bootstrap_by(Resampling::Residual, draws)
    }

    /// As [`bootstrap`](Self::bootstrap), with replicates of the kind named.
    ///
    /// # Errors
    ///
    /// Those of [`bootstrap`](Self::bootstrap); [`Error::Unsupported`] for pairs in a model with rho or lambda.
    ///
    /// # References
    ///
    /// Wu (1986), Annals of Statistics 14: 1261-1295; Davidson and Flachaire (2008), Journal of Econometrics 146: 162-169; Webb (2023), Canadian
    /// Journal of Economics 56: 839-858; Freedman (1981), Annals of Statistics 9: 1218-1228.
    pub fn bootstrap_by(&self, how: Resampling, draws: Draws) -> Result<BootstrapSpeeds> {
        let (count, seed) = draws.checked()?;
        let fit = self.regression();
        let needed = FEWEST_UNITS.max(fit.location().len() + 3);
        if fit.n() < needed {
            return Err(Error::TooFewUnits {
                what: format!("a bootstrap of {} coefficients", fit.location().len()),
                needed,
                n: fit.n(),
            });
        }
        let (mut wanted, mut notes) = Wanted::of(self);
        let mut speeds = vec![self.speed()?];
        if wanted.common {
            wanted.common = known(
                self.total_speed(),
                "the common speed",
                &mut speeds,
                &mut notes,
            );
        }
        if wanted.gap.is_some()
            && !known(self.gap_speed(), "the gap speed", &mut speeds, &mut notes)
        {
            wanted.gap = None;
        }
        let observed = wanted.measure(fit)?;
        let all = replicates(self, how, count, seed, &wanted)?;
        let failed = all.iter().filter(|r| r.is_err()).count();
        if failed as f64 > MOST_FAILED * count as f64 {
            let why = all.iter().find_map(|r| r.as_ref().err());
            return Err(Error::Unsupported {
                what: format!("a bootstrap by {how} of this regression"),
                why: format!(
                    "{failed} of {count} replicates cannot be fitted; the first: {}",
                    why.map_or_else(String::new, ToString::to_string)
                ),
            });
        }
        let kept: Vec<Vec<Left>> = all.into_iter().filter_map(Result::ok).collect();
        let span = self.growth().span();
        let mut measured = speeds
            .into_iter()
            .zip(observed)
            .enumerate()
            .map(|(i, (s, o))| {
                let draws: Vec<Left> = kept.iter().map(|k| k[i]).collect();
                BootstrapSpeed::new(s, o, span, &draws)
            });
        let own = measured.next().ok_or_else(|| Error::Unsupported {
            what: "a bootstrap without a speed".to_owned(),
            why: "there is nothing to draw".to_owned(),
        })?;
        let common = if wanted.common { measured.next() } else { None };
        let gap = measured.next();
        drop(measured);
        Ok(BootstrapSpeeds {
            own,
            common,
            gap,
            how,
            draws: kept.len(),
            failed,
            label: self.growth().label().to_owned(),
            n: fit.n(),
            notes,
        })
    }
}

/// Whether a speed is defined at the estimate; a note where it is not.
fn known(
    speed: Result<Speed>,
    what: &'static str,
    speeds: &mut Vec<Speed>,
    notes: &mut Vec<Note>,
) -> bool {
    match speed {
        Ok(speed) => speeds.push(speed),
        Err(e) => {
            let why = e.to_string();
            notes.push(Note::NotDefined { what, why });
            return false;
        }
    }
    true
}

/// What is measured in every replicate.
pub(super) struct Wanted {
    common: bool,
    /// The eigenvalues behind the gap speed.
    gap: Option<Vec<(f64, f64)>>,
    multiplier: f64,
    /// Positions of ln initial and of its lag among the coefficients.
    own: Option<usize>,
    lagged: Option<usize>,
    /// Mean row sum of the weights of the lag.
    mean_sum: f64,
}

impl Wanted {
    fn of(beta: &BetaConvergence) -> (Self, Vec<Note>) {
        let fit = beta.regression();
        let mut notes = Vec::new();
        let spectrum = gap_weights(fit).and_then(|w| w.map(patterns).transpose());
        let gap = spectrum.unwrap_or_else(|e| {
            let why = e.to_string();
            let what = "the gap speed";
            notes.push(Note::NotDefined { what, why });
            None
        });
        let found = fit.regressors().iter().find(|r| r.name == INITIAL);
        let sums = fit.durbin_weights().map(|v| v.csr().row_sums());
        let lagged = found.and_then(|r| r.lagged);
        let wanted = Self {
            common: fit.lag().is_some() || lagged.is_some(),
            gap,
            multiplier: beta.growth().multiplier(),
            own: found.and_then(|r| r.own),
            lagged,
            mean_sum: sums.map_or(0.0, |s| s.sum() / fit.n() as f64),
        };
        (wanted, notes)
    }

    /// What is left of the gaps in a fit: own, common, between units.
    pub(super) fn measure(&self, fit: &Fit) -> Result<Vec<Left>> {
        let impacts = fit.impacts()?;
        let impact = impacts.of(INITIAL)?;
        let mut all = vec![Left::of(&impact.direct, self.multiplier)];
        if self.common {
            all.push(Left::of(&impact.total, self.multiplier));
        }
        if let Some(patterns) = &self.gap {
            all.push(Parameters::of(fit).slowest(patterns, self.multiplier));
        }
        Ok(all)
    }

    /// The same of a fit whose lags are columns, without rho.
    pub(super) fn measure_columns(&self, fit: &Fit) -> Vec<Left> {
        let parameters = Parameters::at(fit, self.own, self.lagged);
        let mut all = vec![parameters.sum(0.0, self.multiplier)];
        if self.common {
            all.push(parameters.sum(self.mean_sum, self.multiplier));
        }
        if let Some(patterns) = &self.gap {
            all.push(parameters.slowest(patterns, self.multiplier));
        }
        all
    }
}

/// A speed with its bootstrap intervals.
///
/// What is drawn is the share of the gap that is left at the end of the span, 1 + bT (b the coefficient or the impact; for the gap speed |a|); intervals of
/// the speed and of the half-life are that interval carried over, which is monotone. A replicate with 1 + bT ≤ 0 is an infinite speed, and counts as one.
#[derive(Debug, Clone)]
pub struct BootstrapSpeed {
    speed: Speed,
    span: f64,
    observed: Left,
    left: Simulated,
    pivots: Option<Simulated>,
    infinite: usize,
}

impl BootstrapSpeed {
    fn new(speed: Speed, observed: Left, span: f64, draws: &[Left]) -> Self {
        let pivots: Vec<f64> = draws
            .iter()
            .filter(|d| d.std_error > 0.0 && d.std_error.is_finite())
            .map(|d| (d.value - observed.value) / d.std_error)
            .collect();
        let all = pivots.len() == draws.len() && observed.std_error > 0.0;
        Self {
            speed,
            span,
            observed,
            infinite: draws.iter().filter(|d| !(d.value > 0.0)).count(),
            left: Simulated::new(observed.value, draws.iter().map(|d| d.value).collect()),
            pivots: all.then(|| Simulated::new(0.0, pivots)),
        }
    }

    /// The speed at the estimate.
    #[must_use]
    pub fn speed(&self) -> &Speed {
        &self.speed
    }

    /// The share of the gap left at the end of the span, with its draws.
    #[must_use]
    pub fn left(&self) -> &Simulated {
        &self.left
    }

    /// How many replicates have 1 + bT ≤ 0, an infinite speed.
    #[must_use]
    pub fn infinite(&self) -> usize {
        self.infinite
    }

    /// The percentile interval of the speed at a level such as 0.95.
    ///
    /// Its upper end is infinite where more than the upper tail of the replicates are.
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        self.speeds(self.left.interval(level))
    }

    /// The studentised interval (bootstrap t) of the speed: with t* = (g* - g) / se(g*), g = 1 + bT, that of g is from g - t*(upper) se(g) to
    /// g - t*(lower) se(g).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where some replicate has no standard error.
    pub fn studentized(&self, level: f64) -> Result<(f64, f64)> {
        let pivots = self.pivots.as_ref().ok_or_else(|| Error::Unsupported {
            what: "a studentised interval of this speed".to_owned(),
            why: "some replicate has no standard error, as at the bound of rho; take the percentile interval"
                .to_owned(),
        })?;
        let (low, high) = pivots.interval(level);
        let Left { value, std_error } = self.observed;
        Ok(self.speeds((value - high * std_error, value - low * std_error)))
    }

    /// The percentile interval of the half-life: that of the speed turned over, [ln 2 / upper, ln 2 / lower], with an infinite upper end where
    /// the speed may be zero or less.
    ///
    /// # Errors
    ///
    /// [`Error::HalfLifeUndefined`] where the whole interval of the speed is not positive.
    pub fn half_life_interval(&self, level: f64) -> Result<(f64, f64)> {
        turned_over(self.interval(level))
    }

    /// The studentised interval of the half-life.
    ///
    /// # Errors
    ///
    /// Those of [`half_life_interval`](Self::half_life_interval) and [`studentized`](Self::studentized).
    pub fn studentized_half_life(&self, level: f64) -> Result<(f64, f64)> {
        turned_over(self.studentized(level)?)
    }

    /// The interval of the speed from that of the share that is left.
    fn speeds(&self, (low, high): (f64, f64)) -> (f64, f64) {
        let speed = |left: f64| {
            if left > 0.0 {
                -left.ln() / self.span
            } else {
                f64::INFINITY
            }
        };
        (speed(high), speed(low))
    }
}

fn turned_over((low, high): (f64, f64)) -> Result<(f64, f64)> {
    if !(high > 0.0) {
        return Err(Error::HalfLifeUndefined { speed: high });
    }
    let years = |speed: f64| {
        if speed > 0.0 {
            std::f64::consts::LN_2 / speed
        } else {
            f64::INFINITY
        }
    };
    Ok((years(high), years(low)))
}

/// The speeds of a growth regression with their bootstrap intervals; made by [`BetaConvergence::bootstrap`].
#[derive(Debug, Clone)]
pub struct BootstrapSpeeds {
    own: BootstrapSpeed,
    common: Option<BootstrapSpeed>,
    gap: Option<BootstrapSpeed>,
    how: Resampling,
    draws: usize,
    failed: usize,
    label: String,
    n: usize,
    notes: Vec<Note>,
}

impl BootstrapSpeeds {
    /// Which speeds are not defined at the estimate, and why.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The own speed.
    #[must_use]
    pub fn own(&self) -> &BootstrapSpeed {
        &self.own
    }

    /// The common speed; none where it is the own one by construction (OLS, SEM), or is not defined (see the [notes](Self::notes)).
    #[must_use]
    pub fn common(&self) -> Option<&BootstrapSpeed> {
        self.common.as_ref()
    }

    /// The gap speed; none where it is the own one by construction, or is not defined (see the [notes](Self::notes)).
    #[must_use]
    pub fn gap(&self) -> Option<&BootstrapSpeed> {
        self.gap.as_ref()
    }

    /// How the replicates were made.
    #[must_use]
    pub fn resampling(&self) -> Resampling {
        self.how
    }

    /// How many replicates the intervals rest on.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// How many replicates could not be fitted, and are left out.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failed
    }
}

/// An interval, its upper end infinite or not.
fn shown((low, high): (f64, f64), text: impl Fn(f64) -> String) -> String {
    let end = |x: f64| {
        if x.is_finite() {
            text(x)
        } else {
            "infinity".to_owned()
        }
    };
    format!("[{}, {}]", end(low), end(high))
}

impl fmt::Display for BootstrapSpeeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Bootstrap of {}; {}, {} draws, n = {}; 95% intervals",
            self.label, self.how, self.draws, self.n
        )?;
        let mut table = Layout::new();
        table
            .row(["", "estimate", "delta method", "percentile", "studentised"])
            .rule();
        let speeds = [
            Some(("own", &self.own)),
            self.common.as_ref().map(|s| ("common", s)),
            self.gap.as_ref().map(|s| ("gap", s)),
        ];
        let years = |x: f64| format!("{x:.1}");
        let per_year = |x: f64| significant(x, 4);
        let or_dash = |i: Result<(f64, f64)>, text: &dyn Fn(f64) -> String| {
            i.map_or_else(|_| "-".to_owned(), |i| shown(i, text))
        };
        for (name, s) in speeds.into_iter().flatten() {
            table.row([
                format!("speed ({name})"),
                significant(s.speed.value(), 5),
                shown(s.speed.estimate().interval(0.95), per_year),
                shown(s.interval(0.95), per_year),
                or_dash(s.studentized(0.95), &per_year),
            ]);
            let half_life = s.speed.half_life();
            table.row([
                format!("half-life ({name})"),
                half_life
                    .as_ref()
                    .map_or_else(|_| "-".to_owned(), |h| years(h.years())),
                or_dash(half_life.map(|h| h.interval(0.95)), &years),
                or_dash(s.half_life_interval(0.95), &years),
                or_dash(s.studentized_half_life(0.95), &years),
            ]);
        }
        write!(f, "{table}")?;
        for (name, s) in speeds.into_iter().flatten() {
            if s.infinite > 0 {
                writeln!(
                    f,
                    "Note: the gap more than closes in {} draws of the {name} speed, which count as infinite speeds.",
                    s.infinite
                )?;
            }
        }
        self.notes
            .iter()
            .try_for_each(|n| writeln!(f, "Note: {n}."))?;
        if self.failed > 0 {
            writeln!(
                f,
                "Note: {} draws could not be fitted, and are left out.",
                self.failed
            )?;
        }
        Ok(())
    }
}
