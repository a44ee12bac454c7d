//! `Bandwidth`: the rules by which a bandwidth is chosen.

use std::f64::consts::{PI, TAU};
use std::fmt;

use super::sample::Sample;
use crate::error::{Error, Result};

/// How the bandwidth h of a Gaussian kernel is chosen.
///
/// With s = min(sd, IQR / 1.34), quartiles of type 7, and n the number of units (with weights Kish's effective number, and weighted sd and quartiles):
///
/// | | h | in R |
/// |---|---|---|
/// | `Silverman` (default) | 0.9 s n^(-1/5) | `bw.nrd0` |
/// | `Scott` | 1.06 s n^(-1/5) | `bw.nrd` |
/// | `SheatherJones` | solves h = (R(K) / (n S(α h^(5/7))))^(1/5), "solve the equation" | `bw.SJ` |
/// | `Fixed(h)` | given; of logs for a density on the log scale | |
///
/// `Silverman` and `Scott` are right for a normal distribution and hide modes where there are several; `SheatherJones` estimates the
/// curvature. Its sums over pairs are exact here, by the characteristic function of the sample, where `bw.SJ` bins the data.
///
/// # References
///
/// Silverman (1986), Density Estimation, p. 48; Scott (1992), Multivariate Density Estimation; Sheather and Jones (1991), Journal of the Royal Statistical
/// Society B 53.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
#[doc(alias("bw.nrd0", "bw.nrd", "bw.SJ", "bw_method"))]
pub enum Bandwidth {
    /// Silverman's rule of thumb.
    #[default]
    Silverman,
    /// Scott's normal reference rule.
    Scott,
    /// The plug-in of Sheather and Jones.
    SheatherJones,
    /// A bandwidth that is given.
    Fixed(f64),
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Silverman => "Silverman",
            Self::Scott => "Scott",
            Self::SheatherJones => "Sheather-Jones",
            Self::Fixed(_) => "given",
        })
    }
}

impl Bandwidth {
    /// The bandwidth for a sample; `name` is that of the variable.
    pub(super) fn of(self, sample: &Sample, name: &str) -> Result<f64> {
        if let Self::Fixed(h) = self {
            return checked(h);
        }
        if sample.distinct() < 2 {
            return Err(Error::Constant {
                name: name.to_owned(),
                what: "a bandwidth by a rule",
            });
        }
        let n = sample.effective();
        let h = match self {
            Self::Silverman => 0.9 * spread(sample, 1.34) * n.powf(-0.2),
            Self::Scott => 1.06 * spread(sample, 1.34) * n.powf(-0.2),
            Self::SheatherJones => sheather_jones(sample, name)?,
            Self::Fixed(h) => h,
        };
        if !(h.is_finite() && h > f64::MIN_POSITIVE) {
            return Err(Error::Unsupported {
                what: format!("a bandwidth for `{name}` by the rule of {self}"),
                why: "the spread of its values cannot be told from zero, or one weight outweighs all the others; give one by Bandwidth::Fixed, or other weights"
                    .to_owned(),
            });
        }
        Ok(h)
    }
}

/// A bandwidth that can be used.
pub(super) fn checked(h: f64) -> Result<f64> {
    if h.is_finite() && h > f64::MIN_POSITIVE {
        return Ok(h);
    }
    Err(Error::InvalidOption {
        option: "bandwidth",
        value: h.to_string(),
        expected: "a positive finite number, in units of the variable (of its logarithm on the log scale)",
    })
}

/// min(sd, IQR / divisor); the sd where the quartiles coincide.
pub(super) fn spread(sample: &Sample, divisor: f64) -> f64 {
    let sd = sample.sd();
    let iqr = (sample.quantile(0.75) - sample.quantile(0.25)) / divisor;
    if iqr > 0.0 { sd.min(iqr) } else { sd }
}

fn sheather_jones(sample: &Sample, name: &str) -> Result<f64> {
    const LARGEST: f64 = 3.0;
    const SMALLEST: f64 = 1e-3;
    // In units of the spread, since powers of the bandwidth up to the seventh leave the range of numbers.
    let (n, unit) = (sample.effective(), spread(sample, 1.349));
    let sample = &sample.over(unit);
    let (a, b) = (1.24 * n.powf(-1.0 / 7.0), 1.23 * n.powf(-1.0 / 9.0));
    let mut pilot = Spectrum::new(sample, a.max(b));
    let ratio = pilot.curvature(4, a, name)? / pilot.curvature(6, b, name)?;
    let alpha = 1.357 * ratio.powf(1.0 / 7.0);
    let second = |h: f64| alpha * h.powf(5.0 / 7.0);
    let top = 1.144 * n.powf(-0.2);
    let mut spectrum = Spectrum::new(sample, second(LARGEST * top));
    let kernel = 1.0 / (2.0 * PI.sqrt() * n);
    let mut excess = |h: f64| -> Result<f64> {
        let curvature = spectrum.curvature(4, second(h), name)?;
        Ok((kernel / curvature).powf(0.2) - h)
    };
    // The largest root: from above, where the equation asks for a smaller h.
    let (mut low, mut high) = (LARGEST * top, LARGEST * top);
    while !(excess(low)? > 0.0) {
        high = low;
        low *= 0.8;
        if low < SMALLEST * top {
            return Err(Error::Unsupported {
                what: format!("the bandwidth of Sheather and Jones for `{name}`"),
                why: "its equation has no root, as with many ties; take Bandwidth::Silverman, or give one"
                    .to_owned(),
            });
        }
    }
    while high - low > 1e-13 * high {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if excess(middle)? > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(0.5 * (low + high) * unit)
}

/// |Σ w exp(i t x)|² at t = δ, 2δ, …, as far as it is needed.
struct Spectrum {
    step: f64,
    turn: Vec<(f64, f64)>,
    now: Vec<(f64, f64)>,
    power: Vec<f64>,
    effective: f64,
}

/// Rotations that one bandwidth may take, and terms of one of its sums: a second or two.
const MOST_ROTATIONS: f64 = 1e9;
const MOST_TERMS: f64 = 2e6;

impl Spectrum {
    /// For bandwidths up to `largest`: sums over periods so far apart that their kernels do not meet.
    fn new(sample: &Sample, largest: f64) -> Self {
        let (low, high) = sample.ends();
        let middle = f64::midpoint(low, high);
        let step = TAU / (high - low + 14.0 * largest);
        let turn = sample.pairs().map(|(x, _)| {
            let angle = step * (x - middle);
            (angle.cos(), angle.sin())
        });
        Self {
            step,
            turn: turn.collect(),
            now: sample.weights().iter().map(|w| (*w, 0.0)).collect(),
            power: Vec::new(),
            effective: sample.effective(),
        }
    }

    /// ± n / (n - 1) Σ Σ w_i w_j φ^(order)((x_i - x_j) / h) / h^(order + 1), which is positive.
    ///
    /// By Fourier inversion it is an integral of t^order exp(-h² t² / 2) |Σ w exp(i t x)|², whose terms are positive: nothing cancels, and the
    /// trapezoid rule is exact to rounding.
    fn curvature(&mut self, order: i32, h: f64, name: &str) -> Result<f64> {
        // 11 / h: there the integrand is below 1e-20 of its maximum.
        let needed = (11.0 / (h * self.step)).ceil();
        if needed * self.turn.len() as f64 > MOST_ROTATIONS || needed > MOST_TERMS {
            return Err(Error::Unsupported {
                what: format!("the bandwidth of Sheather and Jones for `{name}`"),
                why: "values lie so far apart beside the bulk of them, or weights differ so much, that its sums are too long; take logs, or Bandwidth::Silverman"
                    .to_owned(),
            });
        }
        while (self.power.len() as f64) < needed {
            let (mut re, mut im) = (0.0, 0.0);
            for (now, turn) in self.now.iter_mut().zip(&self.turn) {
                *now = (
                    now.0 * turn.0 - now.1 * turn.1,
                    now.0 * turn.1 + now.1 * turn.0,
                );
                re += now.0;
                im += now.1;
            }
            self.power.push(re * re + im * im);
        }
        let terms = self.power.iter().take(needed as usize).enumerate();
        let sum: f64 = terms
            .map(|(k, p)| {
                let t = (k + 1) as f64 * self.step;
                t.powi(order) * (-0.5 * (h * t).powi(2)).exp() * p
            })
            .sum();
        Ok(sum * self.step / PI * self.effective / (self.effective - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slow twin: all pairs.
    fn by_pairs(sample: &Sample, order: i32, h: f64) -> f64 {
        let mut sum = 0.0;
        for (x, v) in sample.pairs() {
            for (y, w) in sample.pairs() {
                let s = ((x - y) / h).powi(2);
                let polynomial = if order == 4 {
                    s * s - 6.0 * s + 3.0
                } else {
                    -(s * s * s - 15.0 * s * s + 45.0 * s - 15.0)
                };
                sum += v * w * polynomial * (-0.5 * s).exp();
            }
        }
        let n = sample.effective();
        sum / TAU.sqrt() / h.powi(order + 1) * n / (n - 1.0)
    }

    #[test]
    fn sums_over_pairs_are_exact() {
        let x: Vec<f64> = (0..40)
            .map(|i| (f64::from(i) * 0.7).sin() * 3.0 + f64::from(i % 7))
            .collect();
        let w: Vec<f64> = (0..40).map(|i| 1.0 + f64::from(i % 5)).collect();
        for weights in [None, Some(w.as_slice())] {
            let sample = Sample::new(&x, weights);
            let mut spectrum = Spectrum::new(&sample, 1.5);
            for order in [4, 6] {
                for h in [1.5, 0.4, 0.03] {
                    let (ours, slow) = (
                        spectrum.curvature(order, h, "x").unwrap(),
                        by_pairs(&sample, order, h),
                    );
                    assert!(
                        (ours / slow - 1.0).abs() < 1e-11,
                        "{order} {h} {ours} {slow}"
                    );
                }
            }
        }
    }
}
