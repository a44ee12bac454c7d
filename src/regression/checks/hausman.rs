//! The spatial Hausman test, and autocorrelation that a spatial lag leaves.

use ndarray::{Array1, Array2};

use crate::error::{Error, Result};
use crate::inference::{Distribution, TestResult};
use crate::linalg::dense;
use crate::linalg::least_squares::solve;
use crate::linalg::triangular::{inverse_cross_product, solve_upper_transposed};
use crate::regression::Fit;
use crate::regression::terms::Model;
use crate::weights::Weights;

/// Sparse solves that the test of autocorrelation may take, one a unit.
const MOST_SOLVES: usize = 20_000;

/// A direction in which least squares and the error model agree up to this share of the variance has no test.
const RANK: f64 = 1e-9;

impl Fit {
    /// Spatial Hausman test of an error model against least squares, SEM against OLS or SDEM against SLX: d' (`V_OLS` - `V_SEM`)^-1 d for the
    /// difference d of their coefficients, chi-squared with a degree of freedom a coefficient.
    ///
    /// With B = I - lambda M, both covariances are those under the error model: `V_OLS` = s² (X'X)^-1 X'(B'B)^-1 X (X'X)^-1 and
    /// `V_SEM` = s² (X'B'B X)^-1. Under the null both estimate the same b; a rejection speaks for omitted variables that
    /// go with X. Directions in which the two estimators coincide for any y have no test and count no degree of freedom (the constant,
    /// where rows and columns of M all sum to one).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for other models, and where the estimators coincide in all directions (lambda = 0).
    ///
    /// # References
    ///
    /// Pace and LeSage (2008), Economics Letters 101.
    #[doc(alias = "Hausman.test")]
    pub fn hausman_test(&self) -> Result<TestResult> {
        let (Model::Sem | Model::Sdem, Some(error)) = (self.model(), self.error()) else {
            return Err(Error::Unsupported {
                what: format!("the spatial Hausman test for a {}", self.model().abbreviation()),
                why: "it compares an error model with least squares of the same equation; ask it of a SEM or SDEM".to_owned(),
            });
        };
        self.require_one_variance("the spatial Hausman test")?;
        let x = self.x();
        let k = x.ncols();
        let ols = solve(x, self.y())?;
        let mx = error.w.csr().product_columns(x);
        let filtered = dense::triangular_factor((&x - &(mx * error.value)).view())?;
        // X'(B'B)^-1 X = Z'Z with Z = B'^-1 X.
        let z = error.w.with_factor(error.value, |factor| {
            let mut z = Array2::zeros(x.raw_dim());
            for (mut to, from) in z.columns_mut().into_iter().zip(x.columns()) {
                to.assign(&factor.solve_transposed(from)?);
            }
            Ok(z)
        })?;
        let rz = dense::triangular_factor(z.view())?;
        // In the coordinates R b, R'R = X'X, where units of measurement do not matter: R^-T Z'Z R^-1 - R (X'B'B X)^-1 R'.
        let mut half = Array2::zeros((k, k));
        for (mut to, from) in half.rows_mut().into_iter().zip(rz.rows()) {
            to.assign(&solve_upper_transposed(ols.r.view(), from));
        }
        let inverse = ols
            .r
            .dot(&inverse_cross_product(filtered.view()))
            .dot(&ols.r.t());
        let least_squares = half.t().dot(&half);
        let d = ols.r.dot(&(&ols.coefficients - self.b()));
        let (statistic, df) = quadratic_form(&(&least_squares - &inverse), &d, |i| {
            RANK * least_squares[[i, i]]
        });
        if df == 0 {
            return Err(Error::Unsupported {
                what: "the spatial Hausman test of this fit".to_owned(),
                why: "least squares and the error model have the same coefficients for any response (as where lambda is zero)".to_owned(),
            });
        }
        Ok(TestResult::upper(
            "Spatial Hausman",
            statistic / self.sigma2(),
            Distribution::ChiSquared { df: df as f64 },
            format!(
                "the {} and least squares estimate the same coefficients",
                self.model().abbreviation()
            ),
        ))
    }

    /// Lagrange multiplier test of a spatial error, u = lambda M u + e, that a SAR or SDM leaves.
    ///
    /// With e the residuals, s² = e'e / n and G = W (I - rho W)^-1: (e'M e / s² - tr M)² / [tr(M M + M'M) - c'V c], where c has tr(M G + M'G) for rho
    /// and tr M / s² for sigma², and V is their covariance in the fit; chi-squared with one degree of freedom. M has mostly no diagonal, and is mostly W.
    ///
    /// Cost: a sparse solve a unit.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for other models (least squares have [`lm_tests`](Self::lm_tests)); [`Error::TooLarge`] above 20,000 units;
    /// [`Error::UnitsDiffer`], [`Error::Islands`] for the weights.
    ///
    /// # References
    ///
    /// Anselin (1988), Spatial Econometrics, section 8.1.1; Anselin and Bera (1998).
    #[doc(alias = "LMtest")]
    pub fn lm_error_left(&self, m: &Weights) -> Result<TestResult> {
        let (Model::Sar | Model::Sdm, Some(lag)) = (self.model(), self.lag()) else {
            return Err(Error::Unsupported {
                what: format!("the Lagrange multiplier test of what a lag leaves for a {}", self.model().abbreviation()),
                why: "it is derived for the residuals of a SAR or SDM; for OLS and SLX there is `lm_tests`".to_owned(),
            });
        };
        self.require_one_variance("the Lagrange multiplier test of what a lag leaves")?;
        self.units()
            .check_same("the fit", m.units(), "the weights")?;
        m.check_ready()?;
        let n = self.n();
        if n > MOST_SOLVES {
            return Err(Error::TooLarge {
                what: "the test of autocorrelation that a lag leaves (it needs a solve a unit)",
                n,
                limit: MOST_SOLVES,
                instead: "fit the SAC, which nests the SAR, and take `lr_test` or `wald_test([\"lambda\"])`",
            });
        }
        let csr = m.csr();
        let transposed = csr.transposed();
        let to_rho = lag.w.with_factor(lag.value, |factor| {
            let mut sum = 0.0;
            let mut unit = Array1::zeros(n);
            for j in 0..n {
                unit[j] = 1.0;
                let g = lag.w.csr().product(factor.solve(unit.view())?.view());
                unit[j] = 0.0;
                let dot = |row: &mut dyn Iterator<Item = (usize, f64)>| -> f64 {
                    row.map(|(i, w)| w * g[i]).sum()
                };
                sum += dot(&mut csr.row(j)) + dot(&mut transposed.row(j));
            }
            Ok(sum)
        })?;
        let e = self.residuals();
        let s2 = e.dot(&e) / n as f64;
        let trace: f64 = (0..n).map(|i| csr.get(i, i)).sum();
        let (mm, mtm) = csr.traces_of_squares();
        let c = [to_rho, trace / s2];
        let names = ["rho", "sigma2"];
        let mut known = 0.0;
        for (a, x) in names.iter().zip(c) {
            for (b, y) in names.iter().zip(c) {
                known += x * y * self.vcov().between(a, b)?;
            }
        }
        let variance = mm + mtm - known;
        if !(variance > 0.0) {
            return Err(Error::Singular {
                what: "the information of lambda given the fit".to_owned(),
            });
        }
        let score = e.dot(&csr.product(e)) / s2 - trace;
        Ok(TestResult::upper(
            "LM error, given the lag",
            score * score / variance,
            Distribution::ChiSquared { df: 1.0 },
            "lambda = 0",
        ))
    }
}

/// d' A^- d and the rank of a positive semidefinite A, by Cholesky that leaves out rows whose pivot is below what is given for it.
fn quadratic_form(a: &Array2<f64>, d: &Array1<f64>, least: impl Fn(usize) -> f64) -> (f64, usize) {
    let mut a = a.clone();
    let mut d = d.clone();
    let (mut sum, mut rank) = (0.0, 0);
    for i in 0..d.len() {
        let pivot = a[[i, i]];
        if pivot <= least(i) {
            continue;
        }
        sum += d[i] * d[i] / pivot;
        rank += 1;
        for j in i + 1..d.len() {
            let share = a[[j, i]] / pivot;
            let by = d[i];
            d[j] -= share * by;
            for l in i + 1..d.len() {
                let by = a[[i, l]];
                a[[j, l]] -= share * by;
            }
        }
    }
    (sum, rank)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::quadratic_form;
    use crate::data::{Table, Units};
    use crate::error::Error;
    use crate::regression::Regression;
    use crate::weights::Weights;

    fn table(n: usize) -> Table {
        let wave = |a: f64| -> Array1<f64> { (0..n).map(|i| (a * i as f64).sin()).collect() };
        let y = wave(1.3) * 2.0 + wave(0.61) + wave(2.9);
        Table::from_columns([("x", wave(1.3)), ("y", y)]).unwrap()
    }

    fn ring(n: usize, steps: &[usize]) -> Weights {
        let links = (0..n).flat_map(|i| steps.iter().map(move |s| (i, (i + s) % n, 1.0)));
        let w = Weights::from_links_at(&Units::range(n), links).unwrap();
        w.row_standardized().unwrap()
    }

    #[test]
    fn singular_quadratic_forms() {
        // Rank one: (1, 2)(1, 2)'.
        let a = array![[1.0, 2.0], [2.0, 4.0]];
        let (q, rank) = quadratic_form(&a, &array![3.0, 6.0], |_| 1e-12);
        assert_eq!(rank, 1);
        assert!((q - 9.0).abs() < 1e-12);
        assert_eq!(
            quadratic_form(&Array2::zeros((2, 2)), &array![0.0, 0.0], |_| 0.0).1,
            0
        );
    }

    /// With rows and columns that sum to one the constant is the same in both, and counts no degree of freedom.
    #[test]
    fn directions_in_which_both_agree() {
        let n = 40;
        let w = ring(n, &[1, n - 1]);
        let fit = Regression::of("y")
            .on(["x"])
            .spatial_error(&w)
            .fit(&table(n))
            .unwrap();
        let test = fit.hausman_test().unwrap();
        assert_eq!(test.distribution.to_string(), "chi2(1)");
        let constant = Regression::of("y")
            .spatial_error(&w)
            .fit(&table(n))
            .unwrap();
        assert!(matches!(
            constant.hausman_test(),
            Err(Error::Unsupported { .. })
        ));
        let ols = Regression::of("y").on(["x"]).fit(&table(n)).unwrap();
        assert!(matches!(ols.hausman_test(), Err(Error::Unsupported { .. })));
    }

    /// The traces of the test beside dense ones, with weights of the error that differ from those of the lag.
    #[test]
    fn what_a_lag_leaves_by_dense_algebra() {
        let n = 30;
        let (w, m) = (ring(n, &[1, 2, n - 1]), ring(n, &[3, n - 3, 5]));
        let fit = Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .fit(&table(n))
            .unwrap();
        let rho = fit.rho().unwrap();
        let (wd, md) = (w.csr().to_dense(), m.csr().to_dense());
        let a = Array2::eye(n) - &wd * rho.value;
        let g = wd.dot(&crate::linalg::dense::inverse(a.view(), "A").unwrap());
        let trace = |x: &Array2<f64>, y: &Array2<f64>| (x * &y.t()).sum();
        let t = trace(&md, &md) + (&md * &md).sum();
        let to_rho = trace(&md, &g) + (&md * &g).sum();
        let e = fit.residuals().to_owned();
        let s2 = e.dot(&e) / n as f64;
        let wanted =
            (e.dot(&md.dot(&e)) / s2).powi(2) / (t - to_rho.powi(2) * rho.std_error.powi(2));
        let found = fit.lm_error_left(&m).unwrap().statistic;
        assert!(
            (found - wanted).abs() < 1e-10 * wanted,
            "{found} and {wanted}"
        );
        let sem = Regression::of("y")
            .on(["x"])
            .spatial_error(&w)
            .fit(&table(n))
            .unwrap();
        assert!(matches!(
            sem.lm_error_left(&m),
            Err(Error::Unsupported { .. })
        ));
    }
}
