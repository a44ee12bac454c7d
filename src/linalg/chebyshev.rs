//! Chebyshev interpolation of a smooth function on an interval, with its first two derivatives.

use crate::error::{Error, Result};

/// The interpolant of f on [a, b] as a Chebyshev series.
#[derive(Debug, Clone)]
pub(crate) struct Chebyshev {
    a: f64,
    b: f64,
    coefficients: Vec<f64>,
}

impl Chebyshev {
    /// Interpolates functions at the same Chebyshev points of [a, b], 5 at first, doubling until the last coefficients of each are below
    /// `tolerance` times the largest of all.
    ///
    /// [`Error::NotConverged`] where that needs more than `most` points.
    pub(crate) fn fit(
        a: f64,
        b: f64,
        tolerance: f64,
        most: usize,
        mut f: impl FnMut(f64) -> Result<Vec<f64>>,
    ) -> Result<Vec<Self>> {
        // Chebyshev points of the second kind nest: each doubling keeps all earlier values.
        let mut degree = 4;
        let point = |j: usize, degree: usize| {
            let x = (std::f64::consts::PI * j as f64 / degree as f64).cos();
            0.5 * ((b - a) * x + a + b)
        };
        let mut values: Vec<Vec<f64>> = (0..=degree)
            .map(|j| f(point(j, degree)))
            .collect::<Result<_>>()?;
        loop {
            let count = values.first().map_or(0, Vec::len);
            let all: Vec<Vec<f64>> = (0..count)
                .map(|i| series(&values.iter().map(|v| v[i]).collect::<Vec<_>>()))
                .collect();
            let most_of = |of: &dyn Fn(&Vec<f64>) -> f64| all.iter().map(of).fold(0.0, f64::max);
            let largest = most_of(&|c| c.iter().fold(0.0_f64, |m, c| m.max(c.abs())));
            let tail = most_of(&|c| c[degree - 1].abs().max(c[degree].abs()));
            if tail <= tolerance * largest {
                return Ok(all
                    .into_iter()
                    .map(|coefficients| Self { a, b, coefficients })
                    .collect());
            }
            if 2 * degree + 1 > most {
                return Err(Error::NotConverged {
                    what: "the interpolation of a function of rho",
                    iterations: most,
                });
            }
            let mut finer = Vec::with_capacity(2 * degree + 1);
            for (j, known) in values.into_iter().enumerate() {
                if j > 0 {
                    finer.push(f(point(2 * j - 1, 2 * degree))?);
                }
                finer.push(known);
            }
            degree *= 2;
            values = finer;
        }
    }

    /// The value at x.
    pub(crate) fn value(&self, x: f64) -> f64 {
        let t = (2.0 * x - self.a - self.b) / (self.b - self.a);
        // Clenshaw's recurrence.
        let (mut one, mut two) = (0.0, 0.0);
        for c in self.coefficients[1..].iter().rev() {
            (one, two) = (c + 2.0 * t * one - two, one);
        }
        self.coefficients[0] + t * one - two
    }

    /// Value, first and second derivative at x.
    pub(crate) fn at(&self, x: f64) -> (f64, f64, f64) {
        let half = 0.5 * (self.b - self.a);
        let t = (x - 0.5 * (self.a + self.b)) / half;
        // T_k, U-like recurrences for the derivatives: T'_(k+1) = 2 T_k + 2 t T'_k - T'_(k-1), and once more.
        let (mut t0, mut t1) = (1.0, t);
        let (mut d0, mut d1) = (0.0, 1.0);
        let (mut s0, mut s1) = (0.0, 0.0);
        let mut sums = (self.coefficients[0], 0.0, 0.0);
        for (k, c) in self.coefficients.iter().enumerate().skip(1) {
            sums.0 += c * t1;
            sums.1 += c * d1;
            sums.2 += c * s1;
            if k + 1 < self.coefficients.len() {
                let t2 = 2.0 * t * t1 - t0;
                let d2 = 2.0 * t1 + 2.0 * t * d1 - d0;
                let s2 = 4.0 * d1 + 2.0 * t * s1 - s0;
                (t0, t1, d0, d1, s0, s1) = (t1, t2, d1, d2, s1, s2);
            }
        }
        (sums.0, sums.1 / half, sums.2 / (half * half))
    }
}

/// Chebyshev coefficients of the interpolant through values at the points of the second kind.
fn series(values: &[f64]) -> Vec<f64> {
    let m = values.len() - 1;
    (0..=m)
        .map(|k| {
            let sum: f64 = (0..=m)
                .map(|j| {
                    let end = if j == 0 || j == m { 0.5 } else { 1.0 };
                    end * values[j] * (std::f64::consts::PI * (j * k) as f64 / m as f64).cos()
                })
                .sum();
            sum * if k == 0 || k == m { 1.0 } else { 2.0 } / m as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_and_its_derivatives() {
        let all = Chebyshev::fit(-1.0, 2.0, 1e-14, 65, |x| {
            Ok(vec![x.exp(), 0.0, 1e-20 * x.sin()])
        });
        let [p, zero, small] = all.unwrap().try_into().unwrap();
        for x in [-1.0, -0.3, 0.7, 2.0] {
            assert!(
                zero.value(x).abs() < 1e-300 && (small.value(x) - 1e-20 * x.sin()).abs() < 1e-30
            );
            let (f, d, s) = p.at(x);
            assert!((f - x.exp()).abs() < 1e-13);
            assert!((p.value(x) - f).abs() < 1e-14);
            assert!((d - x.exp()).abs() < 1e-11);
            assert!((s - x.exp()).abs() < 1e-9);
        }
    }
}
