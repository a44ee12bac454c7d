//! The tail of a quadratic form as an integral along a hyperbola in the complex plane.
//!
//! P(Q > q) = 1 / (2πi) ∫ exp(K(t) - tq) / t dt. The contour is t = v + m sin(f + is), one of the hyperbolas with foci v ± m,
//! where no singularity lies between the foci: a vertical line (f = 0), or bent to the right or left (f = ±π/6). In s the
//! integrand is analytic in a strip of half-width π/2 - |f| at least and decays like exp(-s Σ h / 2), or faster, so that
//! the trapezoidal rule converges geometrically even where Q has two terms alone (Trefethen and Weideman 2014).
//!
//! For q ≠ 0 it is bent to the side on which exp(-tq) decays. For q = 0 each of the three is allowed, and the one is taken on
//! which the phase turns least before the integrand is gone: a thousand equal terms act like a q of their own.
//!
//! Two errors: that of the end of the contour, kept below 1e-16 of the tail by a bound; and that of the step, which is halved
//! until the tail changes by less than 1e-10 of itself: convergence is geometric, so that the error left is about the square
//! of the last change. The rounding errors of the sum K come on top.

use std::f64::consts::{FRAC_PI_6, PI};

use super::{derivatives, rising_root};
use crate::error::{Error, Result};

/// The step of the quadrature is halved until this changes a tail by less than this, relative to the tail.
const CHANGE: f64 = 1e-10;

/// What is cut off at the end of the contour is below this, relative to the tail.
const CUT: f64 = 1e-16;

/// Halvings of the step before the quadrature gives up.
const HALVINGS: usize = 12;

/// P(Q > q) for q not below the mean, so that the saddle point is to the right of zero, and Q not bounded by q.
///
/// `terms`: coefficients and multiplicities, ascending, the largest modulus 1.
pub(super) fn upper_tail(terms: &[(f64, f64)], q: f64) -> Result<f64> {
    let highest = terms.last().map_or(0.0, |t| t.0);
    let pole = if highest > 0.0 {
        0.5 / highest
    } else {
        f64::INFINITY
    };
    // where the integrand, the pole at zero included, is least on the real axis
    let at = rising_root(0.0, pole, |t| {
        let (first, second) = derivatives(terms, t);
        (first - q - 1.0 / t, second + 1.0 / (t * t))
    });
    let bent = |angle: f64| Contour::new(terms, q, at, pole, angle);
    if q > 0.0 {
        return bent(FRAC_PI_6).integral();
    }
    if q < 0.0 {
        return bent(-FRAC_PI_6).integral();
    }
    let mut best = bent(0.0);
    let mut least = best.turns();
    for angle in [FRAC_PI_6, -FRAC_PI_6] {
        let other = bent(angle);
        let turns = other.turns();
        // the vertical line has the wider strip
        if turns < 0.5 * least {
            (best, least) = (other, turns);
        }
    }
    best.integral()
}

/// A coefficient, and what its factor 1 - 2λt does along the contour: its modulus falls up to cosh(s) = `turn`, to a square whose
/// logarithm is `least`, and rises from there on.
struct Term {
    lambda: f64,
    count: f64,
    turn: f64,
    least: f64,
}

struct Contour<'a> {
    pairs: &'a [(f64, f64)],
    terms: Vec<Term>,
    q: f64,
    focal: f64,
    angle: f64,
    /// Where it crosses the real axis, and the logarithm of the modulus of exp(K(t) - tq) there.
    at: f64,
    peak: f64,
}

/// exp(K(t) - tq): logarithm of its modulus, phase, and a bound c y^-rate of its modulus from here on.
struct Exponential {
    ln_modulus: f64,
    phase: f64,
    ln_bound: f64,
    rate: f64,
}

/// The integrand at a node, and a bound of the integral beyond it.
struct Node {
    value: f64,
    beyond: f64,
}

impl<'a> Contour<'a> {
    fn new(pairs: &'a [(f64, f64)], q: f64, at: f64, pole: f64, angle: f64) -> Self {
        let (sine, cosine) = angle.sin_cos();
        let focal = ((pole - at) / (1.0 - sine)).min(at / (1.0 + sine));
        let centre = at - focal * sine;
        let terms = pairs
            .iter()
            .map(|&(lambda, count)| {
                // |t - τ|² = m² [(cosh s - T sin f)² + cos² f (T² - 1)] with τ = 1 / (2λ), T = (τ - v) / m
                let away = (0.5 / lambda - centre) / focal;
                let scale = 2.0 * lambda * focal * cosine;
                Term {
                    lambda,
                    count,
                    turn: away * sine,
                    least: (scale * scale * (away * away - 1.0)).ln(),
                }
            })
            .collect();
        let mut contour = Self {
            pairs,
            terms,
            q,
            focal,
            angle,
            at,
            peak: 0.0,
        };
        contour.peak = contour.exponential(0.0).ln_modulus;
        contour
    }

    /// t = v + m (sin f cosh s + i cos f sinh s).
    fn point(&self, s: f64) -> (f64, f64) {
        let (sine, cosine) = self.angle.sin_cos();
        (
            self.at + self.focal * sine * 2.0 * (0.5 * s).sinh().powi(2),
            self.focal * cosine * s.sinh(),
        )
    }

    fn exponential(&self, s: f64) -> Exponential {
        let ((x, y), cosh) = (self.point(s), s.cosh());
        let (mut modulus, mut phase, mut bound, mut rate) = (0.0, 0.0, 0.0, 0.0);
        for term in &self.terms {
            let (l, h) = (term.lambda, term.count);
            let (re, im) = (1.0 - 2.0 * l * x, -2.0 * l * y);
            let square = re * re + im * im;
            // 1 - 4λx + 4λ²|t|², whose logarithm many equal terms multiply
            let beside_one = 4.0 * l * (l * (x * x + y * y) - x);
            let ln = if beside_one.abs() < 0.5 {
                beside_one.ln_1p()
            } else {
                square.ln()
            };
            modulus -= h * ln;
            phase -= h * im.atan2(re);
            bound -= h * if cosh < term.turn { term.least } else { ln };
            // away from the contour's bend |1 - 2λt| rises at least like y to this power, which rises itself
            if term.turn <= 0.0 {
                rate += h * im * im / square;
            }
        }
        let tilt = self.q * x;
        Exponential {
            ln_modulus: 0.25 * modulus - tilt,
            phase: 0.5 * phase - self.q * y,
            ln_bound: 0.25 * bound - tilt,
            rate: 0.5 * rate,
        }
    }

    fn node(&self, s: f64) -> Node {
        let e = self.exponential(s);
        let (x, y) = self.point(s);
        let size = (e.ln_modulus - self.peak).exp();
        let (re, im) = (size * e.phase.cos(), size * e.phase.sin());
        // t' / (i t) with t' = im (cos f cosh s - i sin f sinh s)
        let (sine, cosine) = self.angle.sin_cos();
        let (sinh, cosh) = (s.sinh(), s.cosh());
        let (a, b) = (self.focal * cosine * cosh, -self.focal * sine * sinh);
        let square = x * x + y * y;
        let (u, v) = ((a * x + b * y) / square, (b * x - a * y) / square);
        // From here on |t'/t| is at most coth(s) / cos f. The exponential falls like y^-rate, and exp(-qx) in it at least like
        // exp(-|q| m |sin f| sinh(s) (s' - s)).
        let fall = e.rate.max((self.q * self.focal * sine).abs() * sinh);
        let beyond = if s > 0.0 {
            (e.ln_bound - self.peak).exp() * cosh / (sinh * cosine * PI * fall)
        } else {
            f64::INFINITY
        };
        Node {
            value: (re * u - im * v) / PI,
            beyond,
        }
    }

    /// By how many radians the phase turns while the modulus is above 1e-16 of its peak, coarsely; infinite where the modulus
    /// rises.
    fn turns(&self) -> f64 {
        const GONE: f64 = -37.0;
        let (mut phase, mut height, mut turned) = (0.0, 0.0, 0.0);
        for k in -12..=10 {
            let e = self.exponential(2.0_f64.powf(0.5 * f64::from(k)));
            let next = e.ln_modulus - self.peak;
            if next > 2.0 {
                return f64::INFINITY;
            }
            let turn = (e.phase - phase).abs();
            if next < GONE {
                return turned + turn * (height - GONE) / (height - next);
            }
            turned += turn;
            (phase, height) = (e.phase, next);
        }
        turned
    }

    /// The trapezoidal rule over s, by symmetry from zero on, its step halved until it no longer matters.
    fn integral(&self) -> Result<f64> {
        // The width of the peak: it is to be met by a few nodes from the beginning.
        let curvature = derivatives(self.pairs, self.at).1 + 1.0 / (self.at * self.at);
        let mut step = (1.0 / (self.focal * curvature.sqrt())).min(0.5);
        let mut sum = 0.5 * self.node(0.0).value;
        let mut nodes = 0_usize;
        loop {
            nodes += 1;
            let s = step * nodes as f64;
            let node = self.node(s);
            sum += node.value;
            if node.beyond <= CUT * step * sum.abs() {
                break;
            }
            // cosh(s) is the largest number there
            if s > 700.0 {
                return Err(not_converged(nodes));
            }
        }
        // Rounding errors of the logarithms, greatest where the contour passes close by a pole.
        let noise = |&(l, h): &(f64, f64)| {
            let part = (2.0 * l * self.at).abs();
            1.0 + h * part / (1.0 - 2.0 * l * self.at).abs()
        };
        let change = CHANGE.max(8.0 * f64::EPSILON * self.pairs.iter().map(noise).sum::<f64>());
        let mut before = sum * step;
        for _ in 0..HALVINGS {
            let odd: f64 = (0..nodes)
                .map(|k| self.node(step * (k as f64 + 0.5)).value)
                .sum();
            sum += odd;
            nodes *= 2;
            step *= 0.5;
            let now = sum * step;
            if (now - before).abs() <= change * now.abs() {
                return Ok(now * self.peak.exp());
            }
            before = now;
        }
        Err(not_converged(nodes))
    }
}

fn not_converged(nodes: usize) -> Error {
    Error::NotConverged {
        what: "the integral of the distribution of a quadratic form",
        iterations: nodes,
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// At q = 0 the integral does not depend on the contour: three of them, of very different integrands, agree.
    #[test]
    fn contours_agree() {
        for terms in [
            vec![(-0.3, 1.0), (1.0, 1.0)],
            vec![(-1.0, 2.0), (-0.01, 46.0), (0.4, 1.0)],
            vec![(-1.0, 1.0), (0.001, 997.0), (0.8, 1.0)],
            (0..200)
                .map(|i| (f64::from(i) / 100.0 - 1.0 + 1e-3, 1.0))
                .collect(),
        ] {
            let highest = terms.last().map_or(0.0, |t| t.0);
            let at = rising_root(0.0, 0.5 / highest, |t| {
                let (first, second) = derivatives(&terms, t);
                (first - 1.0 / t, second + 1.0 / (t * t))
            });
            let along = |angle: f64| {
                let contour = Contour::new(&terms, 0.0, at, 0.5 / highest, angle);
                contour.integral().unwrap()
            };
            for angle in [FRAC_PI_6, -FRAC_PI_6, 0.3, -0.9] {
                let contour = Contour::new(&terms, 0.0, at, 0.5 / highest, angle);
                // a contour on which the integrand rises first is never taken
                if contour.turns().is_finite() {
                    assert_relative_eq!(along(angle), along(0.0), max_relative = 1e-11);
                }
            }
        }
    }
}
