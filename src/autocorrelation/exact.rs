//! The exact distribution of Moran's I under normality, and its saddle-point approximation.

use ndarray::{Array2, ArrayView2};

use crate::error::{Error, Result};
use crate::inference::quadratic::{QuadraticForm, TwoTails};
use crate::inference::{Alternative, Distribution, TestResult};
use crate::linalg::sparse::Csr;
use crate::linalg::{dense, triangular};

/// Most units whose eigenvalues are taken: an n × n array is held.
const UNITS: usize = 5_000;

/// A ratio e'Ae / e'e of the residuals e = My of independent normal y, by the eigenvalues g of MAM on the range of M.
///
/// P(I > c) = P(Σ (g_r - c) x_r² > 0) with independent standard normal x_r: a quadratic form at zero.
#[derive(Debug)]
pub(super) struct NormalRatio {
    /// Eigenvalues and their multiplicities.
    eigenvalues: Vec<(f64, f64)>,
}

impl NormalRatio {
    pub(super) fn new(eigenvalues: Vec<(f64, f64)>) -> Self {
        Self { eigenvalues }
    }

    /// Of (n / S0) e'We / e'e, the residuals of a regression on the columns of `x` (n × k).
    ///
    /// The k structural zeros of M ½(W + W') M, whose eigenvectors are the columns of X, are dropped: M has rank n - k, and
    /// with them the distribution would be another. The k eigenvalues nearest to zero are left out: those of them that are
    /// not structural are zero up to rounding too.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above 5,000 units; [`Error::NotConverged`].
    pub(super) fn of_residuals(w: &Csr, x: ArrayView2<'_, f64>) -> Result<Self> {
        let n = w.n();
        if n > UNITS {
            return Err(Error::TooLarge {
                what: "the exact distribution of Moran's I",
                n,
                limit: UNITS,
                instead: "use the test under normality, which is close for so many units, or permutations",
            });
        }
        let scale = n as f64 / w.row_sums().sum();
        let projected = projected(w, orthonormal(x)?.view());
        let mut eigenvalues = dense::symmetric_eigenvalues(projected.view())?;
        eigenvalues.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
        eigenvalues.truncate(n.saturating_sub(x.ncols()));
        Ok(Self::new(
            eigenvalues.iter().map(|g| (scale * g, 1.0)).collect(),
        ))
    }

    fn at(&self, c: f64) -> QuadraticForm {
        QuadraticForm::new(self.eigenvalues.iter().map(|&(g, h)| (g - c, h)))
    }

    /// P(I ≤ c) and P(I > c).
    pub(super) fn tails(&self, c: f64) -> Result<TwoTails> {
        self.at(c).tails(0.0)
    }

    /// The standard normal deviate of c by the saddle-point approximation; infinite at and beyond the bounds of I.
    pub(super) fn saddlepoint(&self, c: f64) -> f64 {
        self.at(c).saddlepoint(0.0)
    }

    /// The exact test of an observed I.
    pub(super) fn exact_test(
        &self,
        of: &str,
        i: f64,
        null: &str,
        alternative: Alternative,
    ) -> Result<TestResult> {
        let rank: f64 = self.eigenvalues.iter().map(|e| e.1).sum();
        Ok(TestResult {
            name: format!("Moran's I of {of}, exact under normality"),
            statistic: i,
            distribution: Distribution::QuadraticForm {
                eigenvalues: rank as usize,
            },
            null: null.to_owned(),
            alternative,
            p_value: p_value(self.tails(i)?, alternative),
        })
    }

    /// The test of an observed I by the saddle-point approximation.
    pub(super) fn saddlepoint_test(
        &self,
        of: &str,
        i: f64,
        null: &str,
        alternative: Alternative,
    ) -> TestResult {
        TestResult::symmetric(
            format!("Moran's I of {of}, saddlepoint approximation under normality"),
            self.saddlepoint(i),
            Distribution::Normal,
            null,
            alternative,
        )
    }
}

/// Two-sided: twice the smaller tail, at most 1.
pub(super) fn p_value(tails: TwoTails, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::Greater => tails.upper,
        Alternative::Less => tails.lower,
        Alternative::TwoSided => (2.0 * tails.upper.min(tails.lower)).min(1.0),
    }
}

/// An orthonormal basis Q = X R⁻¹ of the columns of X (n × k).
fn orthonormal(x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let r = dense::triangular_factor(x)?;
    let mut basis = Array2::zeros(x.raw_dim());
    for (row, mut to) in x.rows().into_iter().zip(basis.rows_mut()) {
        to.assign(&triangular::solve_upper_transposed(r.view(), row));
    }
    Ok(basis)
}

/// MAM with A = ½(W + W') and M = I - QQ', as A - QU' - UQ' with U = AQ - ½ Q (Q'AQ).
fn projected(w: &Csr, q: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut a = Array2::zeros((w.n(), w.n()));
    for i in 0..w.n() {
        for (j, weight) in w.row(i) {
            a[[i, j]] += 0.5 * weight;
            a[[j, i]] += 0.5 * weight;
        }
    }
    let aq = a.dot(&q);
    let u = &aq - &(0.5 * q.dot(&q.t().dot(&aq)));
    for (i, mut row) in a.rows_mut().into_iter().enumerate() {
        for (j, v) in row.iter_mut().enumerate() {
            *v -= (0..q.ncols())
                .map(|c| q[[i, c]] * u[[j, c]] + u[[i, c]] * q[[j, c]])
                .sum::<f64>();
        }
    }
    a
}

#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod tests {
    use approx::assert_relative_eq;
    use ndarray::{Array1, array};

    use super::super::columbus::{CRIME, weights};
    use super::super::{Assumption, Moran};
    use super::*;
    use crate::data::Units;
    use crate::random::Stream;
    use crate::weights::Weights;

    #[test]
    fn eigenvalues_have_the_moments_of_the_ratio() {
        for standardized in [true, false] {
            let w = weights(standardized);
            let moran = Moran::of(&CRIME[..], &w).unwrap();
            let ones = Array2::ones((49, 1));
            let ratio = NormalRatio::of_residuals(w.csr(), ones.view()).unwrap();
            assert_eq!(ratio.eigenvalues.len(), 48);
            let power = |p: i32| ratio.eigenvalues.iter().map(|e| e.0.powi(p)).sum::<f64>();
            // E = Σ g / (n - 1), Var = 2 [(n - 1) Σ g² - (Σ g)²] / ((n - 1)² (n + 1))
            assert_relative_eq!(power(1) / 48.0, moran.expectation(), max_relative = 1e-11);
            let variance = 2.0 * (48.0 * power(2) - power(1).powi(2)) / (48.0 * 48.0 * 50.0);
            let expected = moran.variance(Assumption::Normality).unwrap();
            assert_relative_eq!(variance, expected, max_relative = 1e-11);
        }
    }

    #[test]
    fn projection_is_that_by_the_definition() {
        let rows = [
            vec![(1, 2.0), (4, 1.0)],
            vec![(3, 0.3)],
            vec![(0, 1.0), (1, 0.1)],
            vec![],
            vec![(2, 1.5)],
        ];
        let w = Csr::from_rows(&rows);
        let x = array![
            [1.0, 2e8],
            [1.0, -1e8],
            [1.0, 0.5e8],
            [1.0, 3e8],
            [1.0, 1e8]
        ];
        let q = orthonormal(x.view()).unwrap();
        let m = Array2::eye(5) - q.dot(&q.t());
        for v in m.dot(&x) {
            assert!(v.abs() < 1e-6);
        }
        let dense = w.to_dense();
        let expected = m.dot(&(0.5 * (&dense + &dense.t()))).dot(&m);
        for (found, expected) in projected(&w, q.view()).iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-14);
        }
    }

    /// The share of a million simulated normal samples with I above some c, within four of its standard errors.
    #[test]
    fn tails_are_those_of_simulated_samples() {
        let samples = 1_000_000;
        // A ring of 21 units with some directed links of unequal weights, and an island.
        let rows: Vec<Vec<(u32, f64)>> = (0..22_u32)
            .map(|i| match i {
                21 => vec![],
                _ if i % 4 == 0 => {
                    let mut row = vec![((i + 1) % 21, 1.0), ((i + 5) % 21, 2.5)];
                    row.sort_by_key(|l| l.0);
                    row
                }
                _ => vec![((i + 1) % 21, 1.0)],
            })
            .collect();
        let w = Weights::from_csr(Units::range(22), Csr::from_rows(&rows), "links").islands_kept();
        let ones = Array2::ones((22, 1));
        let ratio = NormalRatio::of_residuals(w.csr(), ones.view()).unwrap();
        let points = [-0.5, -0.3, -0.1, 0.0, 0.2, 0.4, 0.55];
        let mut above = [0.0; 7];
        for sample in 0..samples {
            let mut stream = Stream::new(5, sample);
            let x: Array1<f64> = (0..22).map(|_| stream.normal()).collect();
            let i = Moran::of(&x, &w).unwrap().i();
            for (count, c) in above.iter_mut().zip(points) {
                *count += f64::from(u8::from(i > c));
            }
        }
        for (count, c) in above.iter().zip(points) {
            let p = ratio.tails(c).unwrap().upper;
            let error = (p * (1.0 - p) / samples as f64).sqrt();
            assert!(
                (count / samples as f64 - p).abs() < 4.0 * error,
                "{c}: {count} {p}"
            );
        }
    }

    #[test]
    fn too_many_units_and_bounds() {
        let n = 5_001;
        let rows: Vec<Vec<(u32, f64)>> = (0..n).map(|i| vec![((i + 1) % n, 1.0)]).collect();
        let w = Weights::from_csr(Units::range(n as usize), Csr::from_rows(&rows), "ring");
        let x: Array1<f64> = (0..n).map(|i| f64::from(i % 7)).collect();
        assert!(matches!(
            Moran::of(&x, &w).unwrap().exact(Alternative::Less),
            Err(Error::TooLarge {
                n: 5_001,
                limit: 5_000,
                ..
            })
        ));
        let ratio = NormalRatio::new(vec![(-1.0, 1.0), (0.5, 2.0)]);
        for (c, upper) in [(0.5, 0.0), (0.6, 0.0), (-1.0, 1.0), (-1.2, 1.0)] {
            assert_relative_eq!(ratio.tails(c).unwrap().upper, upper);
            assert!(ratio.saddlepoint(c).is_infinite());
        }
        let sides = |a| p_value(ratio.tails(0.0).unwrap(), a);
        let (greater, less) = (sides(Alternative::Greater), sides(Alternative::Less));
        assert_relative_eq!(greater + less, 1.0, max_relative = 1e-15);
        assert_relative_eq!(
            sides(Alternative::TwoSided),
            2.0 * greater.min(less),
            max_relative = 1e-15
        );
    }
}
