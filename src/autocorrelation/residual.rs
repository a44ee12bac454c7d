//! Moran's I of the residuals of a least-squares regression.

use std::fmt;

use ndarray::{Array2, ArrayView1, ArrayView2};

use super::exact::NormalRatio;
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, TestResult};
use crate::linalg::sparse::Csr;
use crate::text;

const OF: &str = "the residuals";
const NULL: &str = "no spatial autocorrelation of the errors";

/// Moran's I of the residuals e of a regression on k columns X, with its moments under normal errors.
///
/// I = (n / S0) e'We / e'e. With M = I_n - X (X'X)⁻¹ X':
///
/// - E(I) = (n / S0) tr(MW) / (n - k),
/// - Var(I) = (n / S0)² [tr(MWMW') + tr((MW)²) + tr(MW)²] / ((n - k)(n - k + 2)) - E(I)².
///
/// n counts all units, islands too. The traces are expanded in X, WX and W'X, so that no n × n matrix is formed.
///
/// # References
///
/// Cliff and Ord (1981), Spatial Processes, chapter 8.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[doc(alias = "lm.morantest")]
#[doc(alias = "MoranRes")]
pub struct ResidualMoran {
    /// The statistic I.
    pub i: f64,
    /// Its expectation under independent normal errors.
    pub expectation: f64,
    /// Its variance under independent normal errors.
    pub variance: f64,
    /// Number of units.
    pub n: usize,
    weights: Csr,
    x: Array2<f64>,
}

impl ResidualMoran {
    /// (I - E(I)) / sd(I).
    #[must_use]
    pub fn z(&self) -> f64 {
        (self.i - self.expectation) / self.variance.sqrt()
    }

    /// The test by the standard normal.
    #[must_use]
    pub fn test(&self, alternative: Alternative) -> TestResult {
        TestResult::symmetric(
            "Moran's I of the residuals",
            self.z(),
            Distribution::Normal,
            NULL,
            alternative,
        )
    }

    /// The exact test under independent normal errors, as [`Moran::exact`](crate::Moran::exact): by the n - k eigenvalues
    /// of (n / S0) M ½(W + W') M on the range of M, up to 5,000 units.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above 5,000 units; [`Error::NotConverged`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Alternative, Regression, Table, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?;
    /// let table = Table::over(w.units())
    ///     .column("y", vec![1.0, 2.0, 4.0, 4.5, 3.0, 2.0])?
    ///     .column("x", vec![3.0, 1.0, 2.0, 5.0, 4.0, 6.0])?;
    /// let moran = Regression::of("y").on(["x"]).fit(&table)?.residual_moran(&w)?;
    /// let (up, down) = (moran.exact(Alternative::Greater)?, moran.exact(Alternative::Less)?);
    /// assert!((up.p_value + down.p_value - 1.0).abs() < 1e-12);
    /// assert!((up.statistic - moran.i).abs() < 1e-15);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Tiefelsdorf and Boots (1995), Environment and Planning A 27.
    #[doc(alias = "lm.morantest.exact")]
    pub fn exact(&self, alternative: Alternative) -> Result<TestResult> {
        self.ratio()?.exact_test(OF, self.i, NULL, alternative)
    }

    /// The test under independent normal errors by the saddle-point approximation, as
    /// [`Moran::saddlepoint`](crate::Moran::saddlepoint).
    ///
    /// # Errors
    ///
    /// As [`exact`](Self::exact).
    ///
    /// # References
    ///
    /// Tiefelsdorf (2002), Geographical Analysis 34.
    #[doc(alias = "lm.morantest.sad")]
    pub fn saddlepoint(&self, alternative: Alternative) -> Result<TestResult> {
        Ok(self
            .ratio()?
            .saddlepoint_test(OF, self.i, NULL, alternative))
    }

    fn ratio(&self) -> Result<NormalRatio> {
        NormalRatio::of_residuals(&self.weights, self.x.view())
    }
}

impl fmt::Display for ResidualMoran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Moran's I of the residuals: {} (expectation {}, variance {}), z = {}, p = {} (two-sided, n = {})",
            text::significant(self.i, 5),
            text::significant(self.expectation, 5),
            text::significant(self.variance, 5),
            text::significant(self.z(), 5),
            text::p_value(self.test(Alternative::TwoSided).p_value).replace("< ", "<"),
            self.n
        )
    }
}

/// Moran's I of the residuals `e` (n) of a regression on `x` (n × k, the constant included), given (X'X)⁻¹ (k × k).
///
/// # Errors
///
/// [`Error::LengthMismatch`]; [`Error::TooFewUnits`] where n ≤ k; [`Error::Constant`] where the residuals are zero;
/// [`Error::Unsupported`] where the weights sum to zero or the variance of I is zero.
pub(crate) fn residual_moran(
    e: ArrayView1<'_, f64>,
    x: ArrayView2<'_, f64>,
    xtx_inverse: ArrayView2<'_, f64>,
    w: &Csr,
) -> Result<ResidualMoran> {
    let (n, k) = x.dim();
    for (what, expected, found) in [
        ("residuals", w.n(), e.len()),
        ("rows of the regressors", w.n(), n),
        ("rows of the inverse cross-products", k, xtx_inverse.nrows()),
        (
            "columns of the inverse cross-products",
            k,
            xtx_inverse.ncols(),
        ),
    ] {
        if expected != found {
            return Err(Error::LengthMismatch {
                what: what.to_owned(),
                expected,
                found,
            });
        }
    }
    if n <= k {
        return Err(Error::TooFewUnits {
            what: "Moran's I of the residuals".to_owned(),
            needed: k + 1,
            n,
        });
    }
    let s0 = w.row_sums().sum();
    if s0 <= 0.0 {
        return Err(Error::Unsupported {
            what: "Moran's I of the residuals without a link".to_owned(),
            why: "the weights sum to zero".to_owned(),
        });
    }
    let sum_of_squares = e.dot(&e);
    if sum_of_squares <= 0.0 {
        return Err(Error::Constant {
            name: "residuals".to_owned(),
            what: "Moran's I of the residuals",
        });
    }
    let scale = n as f64 / s0;
    let traces = Traces::of(x, xtx_inverse, w);
    let freedom = (n - k) as f64;
    let expectation = scale * traces.mw / freedom;
    let square = scale * scale * (traces.mwmwt + traces.mwmw + traces.mw * traces.mw)
        / (freedom * (freedom + 2.0));
    let variance = square - expectation * expectation;
    if variance <= 1e-11 * square.abs() {
        return Err(Error::Unsupported {
            what: "a test of Moran's I of the residuals".to_owned(),
            why: "its variance is zero: all residuals over these weights give the same I"
                .to_owned(),
        });
    }
    Ok(ResidualMoran {
        i: scale * e.dot(&w.product(e)) / sum_of_squares,
        expectation,
        variance,
        n,
        weights: w.clone(),
        x: x.to_owned(),
    })
}

/// tr(MW), tr(MWMW') and tr((MW)²).
struct Traces {
    mw: f64,
    mwmwt: f64,
    mwmw: f64,
}

impl Traces {
    /// With A = (X'X)⁻¹ and B = X'WX:
    /// tr(MW) = tr W - tr(AB);
    /// tr(MWMW') = tr(WW') - tr(A (WX)'WX) - tr(A (W'X)'W'X) + tr(A B A B');
    /// tr((MW)²) = tr(WW) - 2 tr(A (W'X)'WX) + tr(A B A B).
    fn of(x: ArrayView2<'_, f64>, a: ArrayView2<'_, f64>, w: &Csr) -> Self {
        let wx = w.product_columns(x);
        let mut wtx = Array2::zeros(x.raw_dim());
        for (from, mut to) in x.columns().into_iter().zip(wtx.columns_mut()) {
            to.assign(&w.transposed_product(from));
        }
        let own: f64 = (0..w.n()).map(|i| w.get(i, i)).sum();
        let (ww, wtw) = w.traces_of_squares();
        let b = x.t().dot(&wx);
        let (ab, abt) = (a.dot(&b), a.dot(&b.t()));
        let with_a = |m: Array2<f64>| a.dot(&m).diag().sum();
        Self {
            mw: own - ab.diag().sum(),
            mwmwt: wtw - with_a(wx.t().dot(&wx)) - with_a(wtx.t().dot(&wtx))
                + ab.dot(&abt).diag().sum(),
            mwmw: ww - 2.0 * with_a(wtx.t().dot(&wx)) + ab.dot(&ab).diag().sum(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod tests {
    use approx::assert_relative_eq;
    use ndarray::{Array1, array};

    use super::super::columbus::{CRIME, HOVAL, INC, weights};
    use super::*;

    /// Inverse of a small symmetric positive definite matrix (Gauss-Jordan).
    fn inverse(a: &Array2<f64>) -> Array2<f64> {
        let k = a.nrows();
        let (mut a, mut inverse) = (a.clone(), Array2::eye(k));
        for p in 0..k {
            let pivot = a[[p, p]];
            for c in 0..k {
                a[[p, c]] /= pivot;
                inverse[[p, c]] /= pivot;
            }
            for r in (0..k).filter(|&r| r != p) {
                let factor = a[[r, p]];
                for c in 0..k {
                    a[[r, c]] -= factor * a[[p, c]];
                    inverse[[r, c]] -= factor * inverse[[p, c]];
                }
            }
        }
        inverse
    }

    fn columbus() -> (Array1<f64>, Array2<f64>, Array2<f64>) {
        let x = Array2::from_shape_fn((49, 3), |(i, j)| [1.0, INC[i], HOVAL[i]][j]);
        let a = inverse(&x.t().dot(&x));
        let y = Array1::from(CRIME.to_vec());
        let e = &y - &x.dot(&a.dot(&x.t().dot(&y)));
        (e, x, a)
    }

    /// spdep 1.2-7: lm.morantest(lm(CRIME ~ INC + HOVAL), nb2listw(col.gal.nb, style), alternative = "two.sided").
    #[test]
    fn moments_agree_with_spdep() {
        let (e, x, a) = columbus();
        for (standardized, i, expectation, variance, z, p) in [
            (
                true,
                0.21237415252309963,
                -0.03326828434668855,
                0.008394852785642505,
                2.6810002518804397,
                0.007340246069234121,
            ),
            (
                false,
                0.20520972405708307,
                -0.03348823646422643,
                0.007139682868181084,
                2.8249401262804286,
                0.004728945176189328,
            ),
        ] {
            let w = weights(standardized);
            let found = residual_moran(e.view(), x.view(), a.view(), w.csr()).unwrap();
            assert_relative_eq!(found.i, i, max_relative = 1e-10);
            assert_relative_eq!(found.expectation, expectation, max_relative = 1e-10);
            assert_relative_eq!(found.variance, variance, max_relative = 1e-10);
            assert_relative_eq!(found.z(), z, max_relative = 1e-10);
            let test = found.test(Alternative::TwoSided);
            assert_relative_eq!(test.p_value, p, max_relative = 1e-9);
        }
    }

    #[test]
    fn traces_agree_with_the_dense_ones() {
        // Not symmetric, with a diagonal.
        let rows = [
            vec![(0, 0.5), (1, 2.0), (4, 1.0)],
            vec![(3, 0.3)],
            vec![(0, 1.0), (1, 0.1)],
            vec![],
            vec![(2, 1.5), (3, 0.7)],
        ];
        let w = Csr::from_rows(&rows);
        let x = array![[1.0, 2.0], [1.0, -1.0], [1.0, 0.5], [1.0, 3.0], [1.0, 1.0]];
        let a = inverse(&x.t().dot(&x));
        let m = Array2::eye(5) - x.dot(&a).dot(&x.t());
        let (dense, traces) = (w.to_dense(), Traces::of(x.view(), a.view(), &w));
        let mw = m.dot(&dense);
        let tr = |m: Array2<f64>| m.diag().sum();
        assert_relative_eq!(traces.mw, tr(mw.clone()), max_relative = 1e-12);
        assert_relative_eq!(traces.mwmw, tr(mw.dot(&mw)), max_relative = 1e-12);
        let mwt = m.dot(&dense.t());
        assert_relative_eq!(traces.mwmwt, tr(mw.dot(&mwt)), max_relative = 1e-12);
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let (e, x, a) = columbus();
        let w = weights(true);
        let zero = Array1::zeros(49);
        assert!(matches!(
            residual_moran(zero.view(), x.view(), a.view(), w.csr()),
            Err(Error::Constant { .. })
        ));
        let none = Csr::from_rows(&vec![Vec::new(); 49]);
        assert!(matches!(
            residual_moran(e.view(), x.view(), a.view(), &none),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            residual_moran(
                e.view().split_at(ndarray::Axis(0), 48).0,
                x.view(),
                a.view(),
                w.csr()
            ),
            Err(Error::LengthMismatch { .. })
        ));
    }
}
