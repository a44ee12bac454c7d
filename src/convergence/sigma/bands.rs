//! `SigmaBands`: the dispersion of every period with its bootstrap draws over whole histories of units.

use super::bootstrapped::Bootstrapped;
use super::histories::{Histories, KINDS};
use super::trend;
use super::{Measure, SigmaConvergence};
use crate::error::{Error, Result};
use crate::inference::Draws;
use crate::parallel;

/// Numbers that may be held at a time: two for each draw, period and measure.
const MOST: usize = 100_000_000;
const LEAST_UNITS: usize = 4;

/// Bootstrap bands of dispersion: units are drawn with replacement, each with all its periods and weights.
///
/// The dependence between periods is in the draws, so that they serve a level, a change between two periods and the slope of a trend alike.
/// Units are taken as independent of each other: where neighbours are alike, the intervals are too short.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Draws, Measure, Panel, SigmaConvergence, Units};
/// let panel = Panel::from_columns(
///     &Units::range(8),
///     &[2000, 2005, 2010],
///     [("income", array![
///         [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 9.0, 12.0],
///         [2.0, 3.0, 3.5, 5.0, 6.5, 8.0, 9.5, 11.0],
///         [4.0, 4.5, 5.5, 6.0, 7.0, 8.5, 9.0, 10.0],
///     ])],
/// )?;
/// let sigma = SigmaConvergence::of(&panel, "income")?;
/// let bands = sigma.bootstrap(Draws::new(999).seed(42))?;
/// let (low, high) = bands.of(Measure::SdLog, 2010)?.interval(0.95);
/// assert!(low < 0.311 && 0.311 < high); // the sd of logs of 2010
/// assert!(bands.change(Measure::SdLog, 2000, 2010)?.interval(0.9).1 < 0.0);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Efron and Tibshirani (1993), An Introduction to the Bootstrap; Mills and Zandvakili (1997), Journal of Applied Econometrics 12.
#[derive(Debug, Clone)]
pub struct SigmaBands {
    variable: String,
    histories: Histories,
    weighted: bool,
    periods: Vec<i32>,
    draws: (usize, u64),
    /// Period after period, four measures of one kind, then of the other.
    levels: Vec<Bootstrapped>,
}

impl SigmaConvergence {
    /// Draws units with replacement, each with its whole history, and measures their dispersion in every period.
    ///
    /// Cost: draws × periods × units, twice where there are weights.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] (draws); [`Error::TooFewUnits`] for fewer than four units; [`Error::TooLarge`].
    pub fn bootstrap(&self, draws: Draws) -> Result<SigmaBands> {
        let (count, seed) = draws.checked()?;
        let histories = self.histories("a bootstrap of dispersion")?;
        let weighted = self.weights.is_some();
        let kinds = if weighted { 2 } else { 1 };
        let numbers = count * histories.count() * KINDS * kinds * 2;
        if numbers > MOST {
            return Err(Error::TooLarge {
                what: "a bootstrap of dispersion (two numbers for each draw, period and measure)",
                n: numbers,
                limit: MOST,
                instead: "take fewer draws or periods",
            });
        }
        let drawn = parallel::map_with_memory(count, Vec::new, |counts, r| {
            histories.draw(seed, r, counts);
            let mut out = Vec::with_capacity(histories.count() * KINDS * kinds);
            for t in 0..histories.count() {
                for w in 0..kinds {
                    let (values, errors) = histories.level(t, w == 1, counts);
                    out.extend(values.into_iter().zip(errors));
                }
            }
            out
        });
        let ones = vec![1.0; histories.n()];
        let levels = parallel::map_indexed(histories.count() * KINDS * kinds, |at| {
            let (t, k) = (at / (KINDS * kinds), at % (KINDS * kinds));
            let (kind, w) = (k % KINDS, k / KINDS);
            let measure = if w == 1 {
                Measure::WEIGHTED
            } else {
                Measure::ALL
            }[kind];
            let value = self.series[t].get(measure).unwrap_or(0.0);
            let mut only = vec![0.0; histories.count()];
            only[t] = 1.0;
            let mut influences = Vec::new();
            histories.contrast(&only, kind, w == 1, &ones, &mut influences);
            let of_draws = drawn.iter().map(|d| d[at]).collect();
            Bootstrapped::new(value, &influences, of_draws, true)
        });
        Ok(SigmaBands {
            variable: self.variable.clone(),
            histories,
            weighted,
            periods: self.periods().collect(),
            draws: (count, seed),
            levels,
        })
    }

    fn histories(&self, what: &str) -> Result<Histories> {
        let n = self.units.len();
        if n < LEAST_UNITS {
            return Err(Error::TooFewUnits {
                what: what.to_owned(),
                needed: LEAST_UNITS,
                n,
            });
        }
        let weights = self.weights.as_ref().map(|(_, w)| w.view());
        Ok(Histories::new(
            self.levels.view(),
            weights,
            self.ddof().subtracted(),
        ))
    }
}

impl SigmaBands {
    /// A measure in one period.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`]; [`Error::Unsupported`] for a weighted measure where no weights were given.
    pub fn of(&self, measure: Measure, period: i32) -> Result<&Bootstrapped> {
        self.check(measure)?;
        Ok(self.at(measure, self.position(period)?))
    }

    /// A measure by period, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a weighted measure where no weights were given.
    pub fn series(
        &self,
        measure: Measure,
    ) -> Result<impl ExactSizeIterator<Item = (i32, &Bootstrapped)>> {
        self.check(measure)?;
        let periods = self.periods.iter().enumerate();
        Ok(periods.map(move |(t, &p)| (p, self.at(measure, t))))
    }

    /// The change of a measure between two periods, last less first, from the same draws; its p-value is of no change.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`]; [`Error::InvalidOption`] where last is not after first; [`Error::Unsupported`] for a weighted measure where no
    /// weights were given.
    pub fn change(&self, measure: Measure, first: i32, last: i32) -> Result<Bootstrapped> {
        let (start, end) = (self.position(first)?, self.position(last)?);
        if last <= first {
            return Err(Error::InvalidOption {
                option: "the last period",
                value: last.to_string(),
                expected: "a period after the first",
            });
        }
        let mut a = vec![0.0; self.periods.len()];
        a[start] = -1.0;
        a[end] = 1.0;
        self.contrast(measure, &a)
    }

    /// The slope of a measure on the period, by least squares as in [`SigmaConvergence::trend`], from the same draws; its p-value is of no trend.
    ///
    /// Here units are what varies: had other units been drawn, how would the slope be? The standard error of [`SigmaConvergence::trend`] takes the units
    /// as given, and shocks of the years as what varies.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewPeriods`] for fewer than three periods; [`Error::Unsupported`] for a weighted measure where no weights were given.
    pub fn trend(&self, measure: Measure) -> Result<Bootstrapped> {
        self.contrast(measure, &trend::slope_weights(&self.periods)?)
    }

    /// The periods.
    #[must_use]
    pub fn periods(&self) -> &[i32] {
        &self.periods
    }

    /// How many draws, and their seed.
    #[must_use]
    pub fn draws(&self) -> (usize, u64) {
        self.draws
    }

    /// Name of the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// The measures there are.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        let weighted = Measure::WEIGHTED.into_iter().filter(|_| self.weighted);
        Measure::ALL.into_iter().chain(weighted).collect()
    }

    pub(super) fn n(&self) -> usize {
        self.histories.n()
    }

    fn contrast(&self, measure: Measure, a: &[f64]) -> Result<Bootstrapped> {
        self.check(measure)?;
        let (kind, weighted) = (measure.position(), measure.is_weighted());
        let (count, seed) = self.draws;
        let memory = || (Vec::new(), Vec::new());
        let drawn = parallel::map_with_memory(count, memory, |(counts, influences), r| {
            self.histories.draw(seed, r, counts);
            let value = self
                .histories
                .contrast(a, kind, weighted, counts, influences);
            let squares = counts.iter().zip(influences.iter());
            let squares: f64 = squares.map(|(c, i)| c * i * i).sum();
            (value, squares.sqrt())
        });
        let mut influences = Vec::new();
        let ones = vec![1.0; self.histories.n()];
        self.histories
            .contrast(a, kind, weighted, &ones, &mut influences);
        let levels = a.iter().enumerate().filter(|(_, a)| **a != 0.0);
        let value = levels.map(|(t, a)| a * self.at(measure, t).value).sum();
        Ok(Bootstrapped::new(value, &influences, drawn, false))
    }

    fn at(&self, measure: Measure, t: usize) -> &Bootstrapped {
        let kinds = if self.weighted { 2 } else { 1 };
        let w = usize::from(measure.is_weighted());
        &self.levels[(t * kinds + w) * KINDS + measure.position()]
    }

    fn check(&self, measure: Measure) -> Result<()> {
        if self.weighted || !measure.is_weighted() {
            return Ok(());
        }
        Err(super::no_weights(measure))
    }

    fn position(&self, period: i32) -> Result<usize> {
        let found = self.periods.iter().position(|&p| p == period);
        found.ok_or_else(|| Error::UnknownPeriod {
            period,
            available: self.periods.clone(),
        })
    }
}
