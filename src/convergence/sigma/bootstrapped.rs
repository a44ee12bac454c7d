//! `Bootstrapped`: a quantity with its draws and their standard errors, and the intervals that they make.

use crate::inference::Distribution;

/// How an interval is made of bootstrap draws.
///
/// With v the value, v* a draw, s and s* their standard errors by linearisation (influence functions), q the quantiles of the draws:
///
/// | | interval |
/// |---|---|
/// | `Studentized` (default) | z* = (v* - v) / s*: v - z*_hi s to v - z*_lo s; for a dispersion the same of ln v, so that it stays positive |
/// | `Percentile` | q_lo to q_hi |
/// | `Basic` | 2v - q_hi to 2v - q_lo |
/// | `BiasCorrected` | percentiles moved by the median bias and the acceleration (BCa) |
///
/// Draws of units have less dispersion than the units, as the units have less than what they are drawn from: by (n - 1) / n for a variance of
/// logs, by more for Theil and CV. The percentile interval has this bias twice, the studentised one not at all in first order; `docs/methods/sigma.md` has the
/// coverage of each.
///
/// # References
///
/// Efron (1987), Journal of the American Statistical Association 82; Davison and Hinkley (1997), Bootstrap Methods and their Application, chapter 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[doc(alias = "boot.ci")]
pub enum BootstrapInterval {
    /// By draws over their own standard errors (bootstrap t).
    #[default]
    Studentized,
    /// By the draws as they are.
    Percentile,
    /// By the draws mirrored at the value.
    Basic,
    /// By percentiles moved for bias and skewness, BCa.
    BiasCorrected,
}

/// Standard errors so much smaller than the largest are rounding.
const ROUNDING: f64 = 1e-12;

/// A quantity with its bootstrap draws.
///
/// # Example
///
/// See [`SigmaBands`](crate::SigmaBands).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Bootstrapped {
    /// The value of the sample.
    pub value: f64,
    /// Mean of the draws less the value.
    pub bias: f64,
    /// Standard deviation of the draws.
    pub std_error: f64,
    /// Standard error of the value by linearisation: √(Σ (influence of a unit)²).
    pub linearized_std_error: f64,
    /// Whether the quantity is positive by construction, so that logs are studentised.
    positive: bool,
    acceleration: f64,
    draws: Vec<f64>,
    studentized: Vec<f64>,
}

impl Bootstrapped {
    /// From the sample's value, the influences of its units, and the value and the standard error of each draw.
    pub(super) fn new(
        value: f64,
        influences: &[f64],
        draws: Vec<(f64, f64)>,
        positive: bool,
    ) -> Self {
        let squares: f64 = influences.iter().map(|i| i * i).sum();
        let cubes: f64 = influences.iter().map(|i| i * i * i).sum();
        // Influences that cancel leave rounding, which is a standard error of zero and not a small one.
        let largest = draws.iter().fold(squares.sqrt(), |m, d| m.max(d.1));
        let known = |s: f64| if s > ROUNDING * largest { s } else { 0.0 };
        let linearized_std_error = known(squares.sqrt());
        let acceleration = if linearized_std_error > 0.0 {
            cubes / (6.0 * squares.powf(1.5))
        } else {
            0.0
        };
        let mut studentized: Vec<f64> = draws
            .iter()
            .map(|&(v, s)| {
                let s = known(s);
                if positive && value > 0.0 {
                    ratio(v.ln() - value.ln(), s / v)
                } else {
                    ratio(v - value, s)
                }
            })
            .collect();
        let mut draws: Vec<f64> = draws.into_iter().map(|d| d.0).collect();
        studentized.sort_unstable_by(f64::total_cmp);
        draws.sort_unstable_by(f64::total_cmp);
        let count = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / count;
        let spread: f64 = draws.iter().map(|d| (d - mean).powi(2)).sum();
        Self {
            value,
            bias: mean - value,
            std_error: (spread / (count - 1.0)).sqrt(),
            linearized_std_error,
            positive,
            acceleration,
            draws,
            studentized,
        }
    }

    /// The studentised interval at a level such as 0.95.
    ///
    /// An end is infinite where the draws do not bound it, which happens with very few units.
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        self.interval_by(BootstrapInterval::Studentized, level)
    }

    /// The interval by the method named.
    #[must_use]
    pub fn interval_by(&self, method: BootstrapInterval, level: f64) -> (f64, f64) {
        let tail = if level.is_nan() {
            0.0
        } else {
            (0.5 - 0.5 * level).clamp(0.0, 0.5)
        };
        let percentiles = || {
            (
                quantile(&self.draws, tail),
                quantile(&self.draws, 1.0 - tail),
            )
        };
        match method {
            BootstrapInterval::Percentile => percentiles(),
            BootstrapInterval::Basic => {
                let (low, high) = percentiles();
                (2.0 * self.value - high, 2.0 * self.value - low)
            }
            BootstrapInterval::BiasCorrected => self.bias_corrected(tail),
            BootstrapInterval::Studentized => self.by_t(tail),
        }
    }

    /// Two-sided p-value of the hypothesis that the quantity (a change, a slope) is zero, by the studentised draws: twice the smaller share of z* beyond
    /// value / standard error, the estimate counted as a draw. None for a dispersion, which is positive by construction.
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        if self.positive {
            return None;
        }
        let z = ratio(self.value, self.linearized_std_error);
        let count = self.studentized.len() as f64;
        let below = self.studentized.partition_point(|s| *s <= z) as f64;
        let above = count - self.studentized.partition_point(|s| *s < z) as f64;
        Some((2.0 * (1.0 + below.min(above)) / (1.0 + count)).min(1.0))
    }

    /// The draws, in increasing order.
    #[must_use]
    pub fn draws(&self) -> &[f64] {
        &self.draws
    }

    fn by_t(&self, tail: f64) -> (f64, f64) {
        let s = self.linearized_std_error;
        if self.positive && !(self.value > 0.0) {
            return (self.value, self.value);
        }
        if !(s > 0.0) {
            let unmoved = self
                .draws
                .iter()
                .all(|d| d.to_bits() == self.value.to_bits());
            return match (unmoved, self.positive) {
                (true, _) => (self.value, self.value),
                (false, true) => (0.0, f64::INFINITY),
                (false, false) => (f64::NEG_INFINITY, f64::INFINITY),
            };
        }
        let (low, high) = (
            quantile(&self.studentized, tail),
            quantile(&self.studentized, 1.0 - tail),
        );
        if self.positive {
            let r = s / self.value;
            (
                self.value * (-high * r).exp(),
                self.value * (-low * r).exp(),
            )
        } else {
            (self.value - high * s, self.value - low * s)
        }
    }

    fn bias_corrected(&self, tail: f64) -> (f64, f64) {
        let count = self.draws.len() as f64;
        let less = self.draws.partition_point(|d| *d < self.value) as f64;
        let same = self.draws.partition_point(|d| *d <= self.value) as f64 - less;
        let share = (less + 0.5 * same) / count;
        let normal = Distribution::Normal;
        let z0 = normal.quantile(share.clamp(0.5 / count, 1.0 - 0.5 / count));
        let moved = |z: f64| {
            if z.is_infinite() {
                return if z > 0.0 { 1.0 } else { 0.0 };
            }
            let w = z0 + z;
            let left = 1.0 - self.acceleration * w;
            // Beyond the pole the end of the draws is reached.
            if left > 0.0 {
                1.0 - normal.upper_tail(z0 + w / left)
            } else if w > 0.0 {
                1.0
            } else {
                0.0
            }
        };
        let z = normal.quantile(1.0 - tail);
        (
            quantile(&self.draws, moved(-z)),
            quantile(&self.draws, moved(z)),
        )
    }
}

/// a / b; infinite with the sign of a for b = 0, and zero for both zero.
fn ratio(a: f64, b: f64) -> f64 {
    if a == 0.0 {
        0.0
    } else if b > 0.0 {
        a / b
    } else {
        a.signum() * f64::INFINITY
    }
}

/// Linear interpolation between order statistics; the nearer of two where one is infinite.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = p.clamp(0.0, 1.0) * last as f64;
    let below = (at.floor() as usize).min(last);
    let (a, b) = (sorted[below], sorted[(below + 1).min(last)]);
    let step = at - below as f64;
    if a.is_finite() && b.is_finite() {
        a + step * (b - a)
    } else if step < 0.5 {
        a
    } else {
        b
    }
}
