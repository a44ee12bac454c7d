//! The distribution of a quadratic form in independent standard normal variables.
//!
//! Q = Σ λ_r χ²_r, with independent χ²_r of h_r degrees of freedom. Its cumulant generating function is
//! K(t) = -½ Σ h_r ln(1 - 2 λ_r t), analytic off the real half-lines beyond the poles 1 / (2 λ_r).

mod contour;

use contour::upper_tail;

use crate::error::Result;

/// Σ λ_r χ²(h_r), λ of either sign.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QuadraticForm {
    /// Coefficients λ, without zeros, divided by the largest modulus, with their multiplicities h.
    terms: Vec<(f64, f64)>,
    /// The largest modulus.
    scale: f64,
}

/// P(Q ≤ q) and P(Q > q), each of which is accurate relative to itself however small it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TwoTails {
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

impl TwoTails {
    fn with_upper(upper: f64) -> Self {
        let upper = upper.clamp(0.0, 1.0);
        Self {
            lower: 1.0 - upper,
            upper,
        }
    }

    fn mirrored(self) -> Self {
        Self {
            lower: self.upper,
            upper: self.lower,
        }
    }
}

impl QuadraticForm {
    /// From coefficients and their multiplicities, in any order; neighbours closer than rounding errors become one.
    pub(crate) fn new(terms: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut sorted: Vec<(f64, f64)> = terms.into_iter().filter(|t| t.1 > 0.0).collect();
        let scale = sorted.iter().fold(0.0_f64, |most, t| most.max(t.0.abs()));
        if scale <= 0.0 {
            return Self {
                terms: Vec::new(),
                scale,
            };
        }
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut terms: Vec<(f64, f64)> = Vec::new();
        for (lambda, h) in sorted {
            let lambda = lambda / scale;
            if lambda.abs() <= f64::MIN_POSITIVE {
                continue;
            }
            match terms.last_mut() {
                Some(last) if lambda - last.0 <= 2.0 * f64::EPSILON * lambda.abs() => last.1 += h,
                _ => terms.push((lambda, h)),
            }
        }
        Self { terms, scale }
    }

    /// Both tails at q.
    ///
    /// P(Q > q) is the integral of exp(K(t) - tq) / t, over 2πi, along a contour from -i∞ to i∞ that crosses the real axis
    /// at some c between zero and the first positive pole: for q above the mean the upper tail is taken in this way, below it
    /// the upper tail of -Q. Imhof's (1961) integral is the same with c = 0. Through the saddle point of the integrand it has
    /// no cancellation, so that the error is relative to the tail (Helstrom and Rice 1984).
    ///
    /// The error is about 1e-14 of the tail, times what rounding errors there are in K: for Σ h = 5,000 about 1e-12, for a
    /// million 1e-10.
    ///
    /// # Errors
    ///
    /// [`Error::NotConverged`](crate::Error::NotConverged) where the quadrature does not settle.
    pub(crate) fn tails(&self, q: f64) -> Result<TwoTails> {
        if self.terms.is_empty() {
            return Ok(TwoTails::with_upper(if q < 0.0 { 1.0 } else { 0.0 }));
        }
        let q = q / self.scale;
        let (lowest, highest) = self.ends();
        if lowest >= 0.0 && q <= 0.0 {
            return Ok(TwoTails::with_upper(1.0));
        }
        if highest <= 0.0 && q >= 0.0 {
            return Ok(TwoTails::with_upper(0.0));
        }
        if q >= self.terms.iter().map(|t| t.0 * t.1).sum::<f64>() {
            upper_tail(&self.terms, q).map(TwoTails::with_upper)
        } else {
            let mirrored: Vec<(f64, f64)> = self.terms.iter().rev().map(|t| (-t.0, t.1)).collect();
            upper_tail(&mirrored, -q).map(|p| TwoTails::with_upper(p).mirrored())
        }
    }

    /// The standard normal deviate of q by the saddle-point approximation: P(Q > q) is about 1 - Φ(of this).
    ///
    /// r + ln(u / r) / r with r = sign(t) √(2 (tq - K(t))), u = t √K''(t) and K'(t) = q; a sixth of the skewness of Q at the
    /// mean, where t = 0. Infinite where q lies outside the range of Q.
    ///
    /// # References
    ///
    /// Lugannani and Rice (1980); Barndorff-Nielsen (1986); Kuonen (1999), Biometrika 86.
    pub(crate) fn saddlepoint(&self, q: f64) -> f64 {
        let beyond = |above: bool| {
            if above {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            }
        };
        if self.terms.is_empty() {
            return beyond(q >= 0.0);
        }
        let q = q / self.scale;
        let (lowest, highest) = self.ends();
        if lowest >= 0.0 && q <= 0.0 {
            return beyond(false);
        }
        if highest <= 0.0 && q >= 0.0 {
            return beyond(true);
        }
        let low = if lowest < 0.0 {
            0.5 / lowest
        } else {
            f64::NEG_INFINITY
        };
        let high = if highest > 0.0 {
            0.5 / highest
        } else {
            f64::INFINITY
        };
        let t = rising_root(low, high, |t| {
            let (first, second) = derivatives(&self.terms, t);
            (first - q, second)
        });
        // κ_j = 2^(j-1) (j-1)! Σ h λ^j
        let power = |j: i32| self.terms.iter().map(|&(l, h)| h * l.powi(j)).sum::<f64>();
        let deviation = (2.0 * power(2)).sqrt();
        let (skewness, kurtosis) = (
            8.0 * power(3) / deviation.powi(3),
            48.0 * power(4) / deviation.powi(4),
        );
        let standard = t * deviation;
        if standard.abs() < 1e-5 {
            return standard * (1.0 + skewness * standard / 3.0)
                + skewness / 6.0
                + standard * (kurtosis / 8.0 - 7.0 * skewness * skewness / 36.0);
        }
        // 2 (t K'(t) - K(t)) = Σ h (y - ln(1 + y)) with y = 2 λ t / (1 - 2 λ t), no term below zero
        let square: f64 = self
            .terms
            .iter()
            .map(|&(l, h)| h * less_logarithm(2.0 * l * t / (1.0 - 2.0 * l * t)))
            .sum();
        let r = square.sqrt().copysign(t);
        let u = t * derivatives(&self.terms, t).1.sqrt();
        r + (u / r).ln() / r
    }

    fn ends(&self) -> (f64, f64) {
        let end = |t: Option<&(f64, f64)>| t.map_or(0.0, |t| t.0);
        (end(self.terms.first()), end(self.terms.last()))
    }
}

/// K'(t) and K''(t).
fn derivatives(terms: &[(f64, f64)], t: f64) -> (f64, f64) {
    terms.iter().fold((0.0, 0.0), |(first, second), &(l, h)| {
        let part = l / (1.0 - 2.0 * l * t);
        (first + h * part, second + 2.0 * h * part * part)
    })
}

/// y - ln(1 + y) without cancellation.
fn less_logarithm(y: f64) -> f64 {
    if y.abs() > 0.05 {
        return y - y.ln_1p();
    }
    // y²/2 - y³/3 + y⁴/4 - …
    let mut sum = 0.0;
    for j in (2..16).rev() {
        sum = 1.0 / f64::from(j) - y * sum;
    }
    y * y * sum
}

/// The zero between low and high, either of which may be infinite, of a function that rises from below zero to above it;
/// the function gives its derivative too. Newton's steps, and bisection where they leave the bracket.
fn rising_root(low: f64, high: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (low, high);
    let mut t = if low < 0.0 && high > 0.0 {
        0.0
    } else {
        middle(low, high)
    };
    for _ in 0..400 {
        let (value, slope) = f(t);
        if value > 0.0 {
            high = t;
        } else if value < 0.0 {
            low = t;
        } else {
            return t;
        }
        let newton = t - value / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            middle(low, high)
        };
        if (next - t).abs() <= f64::EPSILON * t.abs() {
            return next;
        }
        t = next;
    }
    t
}

/// The middle of an interval; of an infinite one a point ever farther out.
fn middle(low: f64, high: f64) -> f64 {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => 0.5 * (low + high),
        (true, false) => low + low.abs().max(0.5),
        (false, true) => high - high.abs().max(0.5),
        (false, false) => 0.0,
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, clippy::float_cmp)]
mod tests {
    use std::f64::consts::PI;

    use approx::assert_relative_eq;

    use super::*;
    use crate::inference::Distribution;

    fn upper(terms: &[(f64, f64)], q: f64) -> f64 {
        QuadraticForm::new(terms.iter().copied())
            .tails(q)
            .unwrap()
            .upper
    }

    /// P(χ²(2k) > x) = exp(-x/2) Σ_{j<k} (x/2)^j / j!.
    fn even_chi_squared(k: u32, x: f64) -> f64 {
        let (mut term, mut sum) = (1.0, 0.0);
        for j in 0..k {
            sum += term;
            term *= 0.5 * x / f64::from(j + 1);
        }
        sum * (-0.5 * x).exp()
    }

    #[test]
    fn chi_squared() {
        for k in [1_u32, 2, 5, 40] {
            let h = 2.0 * f64::from(k);
            for x in [1e-6, 0.01, 1.0, 3.0, 10.0, 80.0, 300.0, 1000.0] {
                let expected = even_chi_squared(k, x);
                assert_relative_eq!(upper(&[(1.0, h)], x), expected, max_relative = 1e-11);
                assert_relative_eq!(upper(&[(1e8, h)], 1e8 * x), expected, max_relative = 1e-11);
                // As a sum of separate terms, and the other way round.
                let each = vec![(1e-8, 1.0); 2 * k as usize];
                assert_relative_eq!(upper(&each, 1e-8 * x), expected, max_relative = 1e-11);
                let below = QuadraticForm::new([(-2.0, h)]).tails(-2.0 * x).unwrap();
                assert_relative_eq!(below.lower, expected, max_relative = 1e-11);
            }
        }
        for df in [1.0, 3.0, 7.0] {
            for x in [1e-4, 0.3, 2.0, 25.0] {
                let expected = Distribution::ChiSquared { df }.upper_tail(x);
                assert_relative_eq!(upper(&[(1.0, df)], x), expected, max_relative = 1e-10);
            }
        }
        // The lower tail is as accurate as the upper one: P(χ²(2) ≤ x) = 1 - exp(-x/2).
        let lower = QuadraticForm::new([(1.0, 2.0)]).tails(1e-9).unwrap().lower;
        assert_relative_eq!(lower, -(-0.5e-9_f64).exp_m1(), max_relative = 1e-11);
    }

    #[test]
    fn differences() {
        // a χ²(1) > b χ²(1): a Cauchy variable in square.
        for (a, b) in [(1.0_f64, 1.0), (2.0, 0.3), (1e-6, 5.0), (7.0, 1e-9)] {
            let expected = 2.0 / PI * (a / b).sqrt().atan();
            assert_relative_eq!(
                upper(&[(a, 1.0), (-b, 1.0)], 0.0),
                expected,
                max_relative = 1e-11
            );
        }
        // a χ²(2) - b χ²(2): two exponential variables, a / (a + b) exp(-q / 2a) from zero on.
        for (a, b, q) in [
            (1.0, 1.0, 0.0),
            (1.0, 3.0, 0.5),
            (2.0, 0.1, 7.0),
            (1.0, 1.0, 1e-12),
            (0.5, 4.0, 60.0),
        ] {
            let expected = a / (a + b) * (-0.5_f64 * q / a).exp();
            assert_relative_eq!(
                upper(&[(a, 2.0), (-b, 2.0)], q),
                expected,
                max_relative = 1e-11
            );
        }
        // χ²(h) / h over χ²(m) / m: F.
        for (h, m, f) in [(2.0, 30.0, 0.7), (5.0, 4.0, 9.0), (1.0, 45.0, 4.0)] {
            let expected = Distribution::F { df1: h, df2: m }.upper_tail(f);
            assert_relative_eq!(
                upper(&[(1.0 / h, h), (-f / m, m)], 0.0),
                expected,
                max_relative = 1e-9
            );
        }
    }

    #[test]
    fn tails_of_any_size() {
        // With pairs of equal λ_r > 0, P(Q > q) = Σ_r exp(-q / 2 λ_r) Π_{s ≠ r} λ_r / (λ_r - λ_s).
        let lambda: [f64; 4] = [6.0, 3.0, 1.0, 0.5];
        let form = QuadraticForm::new(lambda.map(|l| (l, 2.0)));
        for q in [40.0, 200.0, 2000.0, 8000.0] {
            let expected: f64 = lambda
                .iter()
                .map(|&l| {
                    let product: f64 = lambda
                        .iter()
                        .filter(|&&s| s != l)
                        .map(|&s| l / (l - s))
                        .product();
                    product * (-0.5 * q / l).exp()
                })
                .sum();
            assert_relative_eq!(form.tails(q).unwrap().upper, expected, max_relative = 1e-11);
        }
        assert!(form.tails(8000.0).unwrap().upper > 0.0);
    }

    /// 1/2 + 1/π ∫ sin θ(u) / (u ρ(u)) du over u > 0 (Imhof 1961, equation 3.2), by Simpson's rule.
    fn imhof(terms: &[(f64, f64)], q: f64, end: f64, intervals: u32) -> f64 {
        let step = end / f64::from(2 * intervals);
        let sum: f64 = (0..=2 * intervals)
            .map(|k| {
                let u = step * f64::from(k);
                let theta: f64 = terms.iter().map(|&(l, h)| 0.5 * h * (l * u).atan()).sum();
                let ln_rho: f64 = terms
                    .iter()
                    .map(|&(l, h)| 0.25 * h * (l * u).powi(2).ln_1p())
                    .sum();
                let at_zero = 0.5 * (terms.iter().map(|&(l, h)| l * h).sum::<f64>() - q);
                let value = if k == 0 {
                    at_zero
                } else {
                    (theta - 0.5 * q * u).sin() / u * (-ln_rho).exp()
                };
                let weight = if k == 0 || k == 2 * intervals {
                    1.0
                } else if k % 2 == 1 {
                    4.0
                } else {
                    2.0
                };
                weight * value
            })
            .sum();
        0.5 + sum * step / 3.0 / PI
    }

    /// The forms of Imhof's (1961) Table 1 with weights 0.6, 0.3, 0.1, and others, by his integral.
    #[test]
    fn the_integral_of_imhof() {
        for (terms, points) in [
            (&[(0.6, 2.0), (0.3, 2.0), (0.1, 2.0)][..], [0.2, 2.0, 6.0]),
            (&[(0.6, 6.0), (0.3, 4.0), (0.1, 2.0)], [1.0, 5.0, 12.0]),
            (
                &[(0.6, 3.0), (0.3, 1.0), (-0.1, 5.0), (-0.4, 1.0)],
                [-2.0, 0.0, 3.0],
            ),
            (&[(0.7, 6.0), (-0.3, 2.0), (0.001, 300.0)], [-1.0, 0.0, 8.0]),
        ] {
            for q in points {
                let expected = imhof(terms, q, 400.0, 400_000);
                let found = upper(terms, q);
                assert!(
                    (found - expected).abs() < 2e-8,
                    "{terms:?} {q}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn bounds_and_nothing() {
        let none = QuadraticForm::new([(0.0, 3.0)]);
        assert_eq!(none.tails(0.0).unwrap().upper, 0.0);
        assert_eq!(none.tails(-1.0).unwrap().upper, 1.0);
        assert_eq!(upper(&[(1.0, 3.0)], -0.1), 1.0);
        assert_eq!(upper(&[(-1.0, 3.0), (-2.0, 1.0)], 0.0), 0.0);
        assert_eq!(
            QuadraticForm::new([(-1.0, 3.0)]).saddlepoint(0.5),
            f64::INFINITY
        );
    }

    #[test]
    fn many_terms_and_heavy_multiplicities() {
        // F again, its two coefficients a thousand times each and as separate terms.
        let form = QuadraticForm::new([(1.0 / 2000.0, 2000.0), (-1.1 / 3000.0, 3000.0)]);
        let expected = form.tails(0.0).unwrap().upper;
        let f = Distribution::F {
            df1: 2000.0,
            df2: 3000.0,
        }
        .upper_tail(1.1);
        assert_relative_eq!(expected, f, max_relative = 1e-7);
        // A spread of coefficients that are all distinct: nearly normal by the central limit theorem.
        let terms: Vec<(f64, f64)> = (0..4000)
            .map(|i| (f64::from(i) / 2000.0 - 0.99975, 1.0))
            .collect();
        let tails = QuadraticForm::new(terms.iter().copied())
            .tails(0.0)
            .unwrap();
        assert_relative_eq!(tails.upper, 0.5, max_relative = 1e-11);
        let sd = (2.0 * terms.iter().map(|t| t.0 * t.0).sum::<f64>()).sqrt();
        let far = upper(&terms, 3.0 * sd);
        assert_relative_eq!(
            far,
            Distribution::Normal.upper_tail(3.0),
            max_relative = 0.02
        );
    }

    #[test]
    fn saddle_points() {
        // Near the mean the limit and the formula meet.
        let form = QuadraticForm::new([(3.0, 1.0), (1.0, 2.0), (-0.7, 4.0)]);
        let (mean, sd) = (2.2_f64, (2.0_f64 * (9.0 + 2.0 + 4.0 * 0.49)).sqrt());
        let skewness = 8.0 * (27.0 + 2.0 - 4.0 * 0.343) / sd.powi(3);
        assert_relative_eq!(form.saddlepoint(mean), skewness / 6.0, max_relative = 1e-12);
        let around = |q: f64| form.saddlepoint(mean + q * sd) - skewness / 6.0;
        for q in [0.8e-5_f64, 1.3e-5, 1e-4] {
            assert_relative_eq!(
                around(q) / q,
                around(2.0 * q) / (2.0 * q),
                max_relative = 1e-3
            );
            assert_relative_eq!(around(q) / q, -around(-q) / q, max_relative = 1e-3);
        }
        // The approximation is good to a tenth of the tail.
        for q in [-20.0, -5.0, 0.0, 5.0, 20.0, 60.0] {
            let (p, exact) = (
                Distribution::Normal.upper_tail(form.saddlepoint(q)),
                form.tails(q).unwrap(),
            );
            assert!(
                (p - exact.upper).abs() < 0.1 * exact.upper.min(exact.lower),
                "{q}: {p} {exact:?}"
            );
        }
        // χ²(h), in closed form: t = (1 - h/q) / 2, r² = q - h - h ln(q/h), u = t q √(2/h).
        let (h, q) = (5.0_f64, 11.0_f64);
        let (r, u) = (
            (q - h - h * (q / h).ln()).sqrt(),
            0.5 * (1.0 - h / q) * q * (2.0 / h).sqrt(),
        );
        let found = QuadraticForm::new([(2.0, h)]).saddlepoint(2.0 * q);
        assert_relative_eq!(found, r + (u / r).ln() / r, max_relative = 1e-12);
    }
}
