//! Simulated impacts: percentile intervals from draws of the estimates.

use std::fmt;

use ndarray::Array1;

use super::averages::Curve;
use super::impacts::Impacts;
use crate::error::{Error, Result};
use crate::inference::Note;
use crate::linalg::triangular::cholesky;
use crate::random::Stream;
use crate::text::{Layout, p_value, significant};

/// How many draws, and the seed of their streams.
///
/// | option | default | range |
/// |---|---|---|
/// | count | given | 100 to 10 million |
/// | [`seed`](Self::seed) | 0 | any |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    count: usize,
    seed: u64,
}

impl Draws {
    /// This many draws, from 100 to 10 million (checked where they are made).
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, seed: 0 }
    }

    /// The seed; the same seed gives the same draws, on any number of threads and any platform.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
}

/// One effect with its simulated distribution.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SimulatedEffect {
    /// The effect at the estimate.
    pub value: f64,
    /// Mean of the draws.
    pub mean: f64,
    /// Standard deviation of the draws.
    pub std_error: f64,
    sorted: Vec<f64>,
}

impl SimulatedEffect {
    fn new(value: f64, mut draws: Vec<f64>) -> Self {
        draws.sort_by(f64::total_cmp);
        let n = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / n;
        let std_error = (draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        Self {
            value,
            mean,
            std_error,
            sorted: draws,
        }
    }

    /// The percentile interval at a level such as 0.95.
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let tail = (0.5 - 0.5 * level).clamp(0.0, 0.5);
        (self.quantile(tail), self.quantile(1.0 - tail))
    }

    /// Two-sided p-value of the hypothesis of no effect: twice the smaller share of draws on one side of zero, with the estimate counted
    /// as a draw.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let r = self.sorted.len() as f64;
        let below = self.sorted.partition_point(|d| *d <= 0.0) as f64;
        let above = r - self.sorted.partition_point(|d| *d < 0.0) as f64;
        (2.0 * (1.0 + below.min(above)) / (1.0 + r)).min(1.0)
    }

    /// Linear interpolation between order statistics.
    fn quantile(&self, p: f64) -> f64 {
        let Some(last) = self.sorted.len().checked_sub(1) else {
            return f64::NAN;
        };
        let at = p * last as f64;
        let below = (at.floor() as usize).min(last);
        let above = (below + 1).min(last);
        self.sorted[below] + (at - below as f64) * (self.sorted[above] - self.sorted[below])
    }
}

/// The simulated impacts of one regressor.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SimulatedImpact {
    /// The regressor.
    pub name: String,
    /// Average effect of a unit's own regressor.
    pub direct: SimulatedEffect,
    /// Average effect of all other units' regressors.
    pub indirect: SimulatedEffect,
    /// Average effect of the same change everywhere.
    pub total: SimulatedEffect,
}

/// Impacts with percentile intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedImpacts {
    model: &'static str,
    draws: usize,
    impacts: Vec<SimulatedImpact>,
    notes: Vec<Note>,
}

const LEAST_DRAWS: usize = 100;
const MOST_DRAWS: usize = 10_000_000;
/// A draw is abandoned after this many values of rho outside the parameter space.
const MOST_REJECTIONS: usize = 1_000;

impl Impacts {
    /// Draws (b, theta, rho) from the normal distribution of the estimates and computes the impacts of each draw, exactly.
    ///
    /// Draws with rho outside the admissible interval are rejected and drawn again; a note counts them. The cost of a
    /// draw does not depend on n.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than 100 or more than 10 million draws; [`Error::NotConverged`] where hardly any draw is admissible;
    /// [`Error::Singular`] where the covariance of the estimates is not positive definite.
    ///
    /// # References
    ///
    /// LeSage and Pace (2009), chapter 5.
    pub fn simulated(&self, draws: Draws) -> Result<SimulatedImpacts> {
        if !(LEAST_DRAWS..=MOST_DRAWS).contains(&draws.count) {
            return Err(Error::InvalidOption {
                option: "draws",
                value: draws.count.to_string(),
                expected: "from 100 (for percentile intervals) to 10 million draws",
            });
        }
        let fit = &self.fit;
        let (centre, k) = (fit.location(), fit.b().len());
        let lower = cholesky(
            fit.vcov_of_location().view(),
            "the covariance of the estimates",
        )?;
        let curve = Curve::of(fit)?;
        let admissible = curve.admissible()?;
        let mut rejected = 0;
        let mut effects: Vec<[Vec<f64>; 3]> = vec![Default::default(); fit.regressors().len()];
        for replicate in 0..draws.count {
            let mut stream = Stream::new(draws.seed, replicate as u64);
            let mut tries = 0;
            let parameters = loop {
                let z: Array1<f64> = (0..centre.len()).map(|_| stream.normal()).collect();
                let parameters = &centre + &lower.dot(&z);
                match admissible {
                    Some((lo, hi)) if !(parameters[k] > lo && parameters[k] < hi) => {
                        rejected += 1;
                        tries += 1;
                    }
                    _ => break parameters,
                }
                if tries >= MOST_REJECTIONS {
                    return Err(Error::NotConverged {
                        what: "the draw of an admissible rho",
                        iterations: tries,
                    });
                }
            };
            let averages = curve.at(if admissible.is_some() {
                parameters[k]
            } else {
                0.0
            })?;
            for (r, [direct, indirect, total]) in fit.regressors().iter().zip(&mut effects) {
                let b = r.own.map_or(0.0, |i| parameters[i]);
                let theta = r.lagged.map_or(0.0, |i| parameters[i]);
                let (d, t) = (averages.direct(b, theta), averages.total(b, theta));
                direct.push(d);
                indirect.push(t - d);
                total.push(t);
            }
        }
        let impacts = self
            .all()
            .iter()
            .zip(effects)
            .map(|(i, [direct, indirect, total])| SimulatedImpact {
                name: i.name.clone(),
                direct: SimulatedEffect::new(i.direct.value, direct),
                indirect: SimulatedEffect::new(i.indirect.value, indirect),
                total: SimulatedEffect::new(i.total.value, total),
            })
            .collect();
        let mut notes = self.notes().to_vec();
        if rejected > 0 {
            notes.push(Note::RejectedDraws {
                rejected,
                kept: draws.count,
            });
        }
        Ok(SimulatedImpacts {
            model: fit.model().abbreviation(),
            draws: draws.count,
            impacts,
            notes,
        })
    }
}

impl SimulatedImpacts {
    /// The impacts, one a regressor, in the order of the regressors.
    #[must_use]
    pub fn all(&self) -> &[SimulatedImpact] {
        &self.impacts
    }

    /// The impacts of one regressor.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the regressors.
    pub fn of(&self, regressor: &str) -> Result<&SimulatedImpact> {
        self.impacts
            .iter()
            .find(|i| i.name == regressor)
            .ok_or_else(|| {
                crate::data::unknown(regressor, self.impacts.iter().map(|i| i.name.as_str()))
            })
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for SimulatedImpacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Impacts, {}, {} draws", self.model, self.draws)?;
        let mut table = Layout::new();
        table
            .row([
                "",
                "effect",
                "estimate",
                "sd of draws",
                "95% percentile interval",
                "p",
            ])
            .rule();
        for i in &self.impacts {
            for (what, e) in [
                ("direct", &i.direct),
                ("indirect", &i.indirect),
                ("total", &i.total),
            ] {
                let (low, high) = e.interval(0.95);
                table.row([
                    i.name.clone(),
                    what.to_owned(),
                    significant(e.value, 5),
                    significant(e.std_error, 4),
                    format!("[{}, {}]", significant(low, 4), significant(high, 4)),
                    p_value(e.p_value()),
                ]);
            }
        }
        write!(f, "{table}")?;
        self.notes
            .iter()
            .try_for_each(|n| writeln!(f, "Note: {n}."))
    }
}
