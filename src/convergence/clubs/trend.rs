//! `Trend`: what is kept of a unit's history, and the filter of Hodrick and Prescott.

use std::fmt;

use super::phases;
use crate::error::{Error, Result};
use crate::text::significant;

/// The filter that takes business cycles out of a unit's logs.
///
/// | | trend |
/// |---|---|
/// | `None` | the logs as they are |
/// | `HodrickPrescott` | min Σ (y_t - τ_t)² + λ Σ (τ_t+1 - 2τ_t + τ_t-1)²; λ = 400 for annual data as Phillips and Sul have it, [`Trend::hodrick_prescott`] |
/// | `BoschanEbanks` | the phase-average trend, for annual data; exact rules below |
///
/// `BoschanEbanks`, in steps:
///
/// 1. m_t, the mean of seven years centred at t (their 75 months); before the first of these means, the line through it and the mean three years on;
///    likewise after the last.
/// 2. Peaks and troughs of d_t = y_t - m_t: d_t > d_t-1 and d_t ≥ d_t+1, d_t < d_t-1 and d_t ≤ d_t+1. Of successive peaks the highest is
///    kept, of successive troughs the lowest, the first where they are equal.
/// 3. A phase is what lies after a turning point up to and with the next one; what lies before the first turning point or after the last
///    one is no full phase and left out.
/// 4. Means of y over each phase, and from them the mean of each three successive phases, placed at the mean of the middles of those three.
/// 5. The line from each of these points to the next, continued at both ends; then shifted so that y - τ has mean zero.
///
/// Steps 1, 4 and 5 leave a straight line as it is. The original is for months and quarters, with rules on extreme values and on the least length of
/// a phase that have no counterpart in annual data; this is our version of it, not a copy of a program.
///
/// # References
///
/// Hodrick and Prescott (1997), Journal of Money, Credit and Banking 29; Boschan and Ebanks (1978), The phase-average trend: a new way of measuring
/// economic growth, Proceedings of the Business and Economic Statistics Section, American Statistical Association; Phillips and Sul (2007), Econometrica 75.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
#[doc(alias("hpfilter", "pfilter", "detrend", "phase-average trend"))]
pub enum Trend {
    /// The logs as they are.
    #[default]
    None,
    /// Hodrick and Prescott.
    HodrickPrescott {
        /// Penalty of changes in slope.
        lambda: f64,
    },
    /// The phase-average trend.
    BoschanEbanks,
}

impl Trend {
    /// Hodrick and Prescott with λ = 400, for annual data.
    #[must_use]
    pub fn hodrick_prescott() -> Self {
        Self::HodrickPrescott { lambda: 400.0 }
    }

    /// The filter for series of so many periods.
    pub(super) fn filter(self, periods: usize) -> Result<Filter> {
        match self {
            Self::None => Ok(Filter::None),
            Self::HodrickPrescott { lambda } => {
                if !(lambda >= 0.0 && lambda.is_finite()) {
                    return Err(Error::InvalidOption {
                        option: "lambda",
                        value: lambda.to_string(),
                        expected: "a penalty of zero or more: 400 (Phillips and Sul), 6.25 or 100 for annual data",
                    });
                }
                if periods < 3 {
                    return Err(too_few("the filter of Hodrick and Prescott", 3, periods));
                }
                Ok(Filter::Penalty(Penalty::new(lambda, periods)))
            }
            Self::BoschanEbanks => {
                if periods < phases::LEAST {
                    return Err(too_few("a phase-average trend", phases::LEAST, periods));
                }
                Ok(Filter::Phases)
            }
        }
    }
}

fn too_few(what: &str, needed: usize, periods: usize) -> Error {
    Error::TooFewPeriods {
        what: what.to_owned(),
        needed,
        periods,
    }
}

impl fmt::Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no filter"),
            Self::HodrickPrescott { lambda } => {
                write!(
                    f,
                    "Hodrick-Prescott trend, lambda {}",
                    significant(*lambda, 3)
                )
            }
            Self::BoschanEbanks => f.write_str("phase-average trend (Boschan-Ebanks, annual)"),
        }
    }
}

/// A filter, ready for every unit.
#[derive(Debug)]
pub(super) enum Filter {
    None,
    Penalty(Penalty),
    Phases,
}

impl Filter {
    /// The trend of one unit; where there is none, how many full phases there are.
    pub(super) fn trend(&self, y: &[f64]) -> std::result::Result<Vec<f64>, usize> {
        match self {
            Self::None => Ok(y.to_vec()),
            Self::Penalty(penalty) => Ok(penalty.trend(y)),
            Self::Phases => phases::trend(y),
        }
    }
}

/// I / λ + D D' = L diag(d) L' with D second differences: five bands, and well conditioned for any λ.
#[derive(Debug)]
pub(super) struct Penalty {
    lambda: f64,
    d: Vec<f64>,
    below: Vec<f64>,
    second: Vec<f64>,
}

impl Penalty {
    fn new(lambda: f64, periods: usize) -> Self {
        let k = periods - 2;
        let (mut d, mut below, mut second) = (vec![0.0; k], vec![0.0; k], vec![0.0; k]);
        // Row i has L[i, i-1] = below[i] and L[i, i-2] = second[i].
        for i in 0..k {
            if i > 1 {
                second[i] = 1.0 / d[i - 2];
            }
            if i > 0 {
                let over = if i > 1 {
                    second[i] * d[i - 2] * below[i - 1]
                } else {
                    0.0
                };
                below[i] = (-4.0 - over) / d[i - 1];
            }
            d[i] = 6.0 + 1.0 / lambda;
            if i > 0 {
                d[i] -= below[i] * below[i] * d[i - 1];
            }
            if i > 1 {
                d[i] -= second[i] * second[i] * d[i - 2];
            }
        }
        Self {
            lambda,
            d,
            below,
            second,
        }
    }

    /// τ = y - D' (I / λ + D D')^-1 D y.
    fn trend(&self, y: &[f64]) -> Vec<f64> {
        let mut trend = y.to_vec();
        if !(self.lambda > 0.0) {
            return trend;
        }
        let mut z: Vec<f64> = y.windows(3).map(|w| w[0] - 2.0 * w[1] + w[2]).collect();
        let k = z.len();
        for i in 0..k {
            if i > 0 {
                z[i] -= self.below[i] * z[i - 1];
            }
            if i > 1 {
                z[i] -= self.second[i] * z[i - 2];
            }
        }
        z.iter_mut().zip(&self.d).for_each(|(z, d)| *z /= d);
        for i in (0..k).rev() {
            if i + 1 < k {
                z[i] -= self.below[i + 1] * z[i + 1];
            }
            if i + 2 < k {
                z[i] -= self.second[i + 2] * z[i + 2];
            }
        }
        for (i, z) in z.iter().enumerate() {
            trend[i] -= z;
            trend[i + 1] += 2.0 * z;
            trend[i + 2] -= z;
        }
        trend
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// The first-order conditions (I + λ D'D) τ = y.
    #[test]
    fn the_trend_solves_its_normal_equations() {
        let mut stream = Stream::new(3, 0);
        for periods in [3, 4, 5, 24, 81] {
            for lambda in [0.0, 1e-3, 6.25, 400.0, 1e6] {
                let y: Vec<f64> = (0..periods)
                    .map(|t| 9.0 + 0.02 * t as f64 + 0.1 * stream.normal())
                    .collect();
                let trend = Penalty::new(lambda, periods).trend(&y);
                let bends: Vec<f64> = trend.windows(3).map(|w| w[0] - 2.0 * w[1] + w[2]).collect();
                let mut left = trend.clone();
                for (i, bend) in bends.iter().enumerate() {
                    left[i] += lambda * bend;
                    left[i + 1] -= 2.0 * lambda * bend;
                    left[i + 2] += lambda * bend;
                }
                for (l, y) in left.iter().zip(&y) {
                    assert!(
                        (l - y).abs() < 1e-13 * (10.0 + 16.0 * lambda),
                        "{periods} {lambda}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_straight_line_is_its_own_trend() {
        let y: Vec<f64> = (0..30).map(|t| 5.0 + 0.25 * f64::from(t)).collect();
        for lambda in [1.0, 400.0, 1e15] {
            let trend = Penalty::new(lambda, 30).trend(&y);
            assert!(trend.iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }
}
