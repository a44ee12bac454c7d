//! Interpolation of a smooth function by one point more at a time, with its first two derivatives.
//!
//! Newton's form on [a, b] mapped to [-2, 2], where products of distances stay near one, with points in the order of Leja (each as far from
//! the ones before as can be): stable for as many points as are ever asked for, and no value is computed twice.

/// The interpolant through the points given so far.
#[derive(Debug, Clone)]
pub(crate) struct Newton {
    centre: f64,
    /// A quarter of the length of the interval.
    quarter: f64,
    /// Points on the scale of [-2, 2].
    points: Vec<f64>,
    coefficients: Vec<f64>,
}

/// Candidates for the next point.
const GRID: usize = 512;

impl Newton {
    pub(crate) fn over(a: f64, b: f64) -> Self {
        Self {
            centre: 0.5 * (a + b),
            quarter: 0.25 * (b - a),
            points: Vec::new(),
            coefficients: Vec::new(),
        }
    }

    /// The interval.
    pub(crate) fn interval(&self) -> (f64, f64) {
        (
            self.centre - 2.0 * self.quarter,
            self.centre + 2.0 * self.quarter,
        )
    }

    /// How many points there are.
    pub(crate) fn len(&self) -> usize {
        self.points.len()
    }

    /// The points, in the order in which they were given.
    pub(crate) fn points(&self) -> impl Iterator<Item = f64> + '_ {
        self.points.iter().map(|t| self.centre + self.quarter * t)
    }

    /// The `count` points to add next: each where the product of the distances to all before is largest.
    pub(crate) fn next(&self, count: usize) -> Vec<f64> {
        let mut points = self.points.clone();
        (0..count)
            .map(|_| {
                let mut best = (0.0, -1.0);
                for j in 0..=GRID {
                    // Denser towards the ends, as good points are; the middle first, then outwards, so that of equal products the inner one
                    // is taken.
                    let angle = std::f64::consts::PI * j.div_ceil(2) as f64 / GRID as f64;
                    let t = 2.0
                        * if j % 2 == 0 {
                            angle.sin()
                        } else {
                            -angle.sin()
                        };
                    let product: f64 = points.iter().map(|p| (t - p).abs()).product();
                    if product > best.1 * (1.0 + 1e-12) {
                        best = (t, product);
                    }
                }
                points.push(best.0);
                self.centre + self.quarter * best.0
            })
            .collect()
    }

    /// Adds a point.
    pub(crate) fn push(&mut self, x: f64, value: f64) {
        let t = (x - self.centre) / self.quarter;
        let (mut sum, mut product) = (0.0, 1.0);
        for (c, p) in self.coefficients.iter().zip(&self.points) {
            sum += c * product;
            product *= t - p;
        }
        self.coefficients.push((value - sum) / product);
        self.points.push(t);
    }

    /// Value, first and second derivative at x.
    pub(crate) fn at(&self, x: f64) -> (f64, f64, f64) {
        let t = (x - self.centre) / self.quarter;
        let (mut f, mut d, mut s) = (0.0, 0.0, 0.0);
        for (c, p) in self.coefficients.iter().zip(&self.points).rev() {
            s = s * (t - p) + 2.0 * d;
            d = d * (t - p) + f;
            f = f * (t - p) + c;
        }
        (f, d / self.quarter, s / (self.quarter * self.quarter))
    }

    /// How far the value at the `k`-th point, counted from one, was from the interpolant before; infinite without one.
    pub(crate) fn surprise(&self, k: usize) -> f64 {
        let at = k.checked_sub(1).and_then(|i| self.points.get(i));
        at.map_or(f64::INFINITY, |t| {
            self.change(k, self.centre + self.quarter * t).0.abs()
        })
    }

    /// What the last point changed at x, in value and derivatives: an estimate, on the safe side, of the error.
    pub(crate) fn last_change(&self, x: f64) -> (f64, f64, f64) {
        self.change(self.points.len(), x)
    }

    /// What the `k`-th point changed at x, counted from one; infinite without one.
    pub(crate) fn change(&self, k: usize, x: f64) -> (f64, f64, f64) {
        let Some((c, points)) = k
            .checked_sub(1)
            .and_then(|at| self.coefficients.get(at).zip(self.points.get(..at)))
        else {
            return (f64::INFINITY, f64::INFINITY, f64::INFINITY);
        };
        let t = (x - self.centre) / self.quarter;
        let (mut f, mut d, mut s) = (*c, 0.0, 0.0);
        for p in points {
            s = s * (t - p) + 2.0 * d;
            d = d * (t - p) + f;
            f *= t - p;
        }
        (f, d / self.quarter, s / (self.quarter * self.quarter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_one_at_a_time_reach_the_exponential() {
        let mut p = Newton::over(-1.0, 3.0);
        while p.len() < 22 {
            for x in p.next(2) {
                p.push(x, x.exp());
            }
        }
        for x in [-1.0, -0.3, 0.7, 2.9] {
            let (f, d, s) = p.at(x);
            assert!((f / x.exp() - 1.0).abs() < 1e-13, "{f}");
            assert!((d / x.exp() - 1.0).abs() < 1e-11, "{d}");
            assert!((s / x.exp() - 1.0).abs() < 1e-9, "{s}");
            assert!(p.last_change(x).0.abs() < 1e-12);
        }
    }

    #[test]
    fn the_last_change_is_the_difference_of_two_interpolants() {
        let mut p = Newton::over(0.0, 1.0);
        for x in p.next(4) {
            p.push(x, x.sin());
        }
        let before = p.clone();
        let x = p.next(1)[0];
        p.push(x, x.sin());
        let (a, b, change) = (p.at(0.3), before.at(0.3), p.last_change(0.3));
        assert!((a.0 - b.0 - change.0).abs() < 1e-15);
        assert!((a.1 - b.1 - change.1).abs() < 1e-14);
        assert!((a.2 - b.2 - change.2).abs() < 1e-12);
    }
}
