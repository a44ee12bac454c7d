//! Least squares by QR: OLS and SLX.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::Regression;
use super::design::Design;
use super::fit::{Fit, Parts};
use super::terms::Model;
use crate::error::{Error, Result};
use crate::inference::Distribution;
use crate::linalg::dense;
use crate::linalg::triangular::{inverse_cross_product, solve_upper, solve_upper_transposed};

/// Least squares of y on X.
#[derive(Debug)]
pub(crate) struct Solution {
    pub(crate) coefficients: Array1<f64>,
    pub(crate) residuals: Array1<f64>,
    /// Upper triangular R with R'R = X'X.
    pub(crate) r: Array2<f64>,
}

/// Solves min |y - X b|² by the triangular factor of [X, y]; X has full column rank.
pub(crate) fn solve(x: ArrayView2<'_, f64>, y: &Array1<f64>) -> Result<Solution> {
    let k = x.ncols();
    let mut z = Array2::zeros((x.nrows(), k + 1));
    for (mut to, from) in z.columns_mut().into_iter().zip(x.columns()) {
        to.assign(&from);
    }
    z.column_mut(k).assign(y);
    let full = dense::triangular_factor(z.view())?;
    let r = block(&full, k);
    let coefficients = solve_upper(r.view(), full.column(k).slice_axis(Axis(0), (..k).into()));
    let residuals = y - &x.dot(&coefficients);
    Ok(Solution {
        coefficients,
        residuals,
        r,
    })
}

/// The leading k × k block.
pub(crate) fn block(r: &Array2<f64>, k: usize) -> Array2<f64> {
    r.slice_axis(Axis(0), (..k).into())
        .slice_axis(Axis(1), (..k).into())
        .to_owned()
}

/// Diagonal of X (X'X)^-1 X', from the triangular factor of X.
pub(crate) fn leverage(x: ArrayView2<'_, f64>, r: ArrayView2<'_, f64>) -> Array1<f64> {
    x.rows()
        .into_iter()
        .map(|row| {
            let q = solve_upper_transposed(r, row);
            q.dot(&q)
        })
        .collect()
}

/// An error where the residuals are rounding only.
pub(crate) fn check_not_exact(sse: f64, y: &Array1<f64>) -> Result<()> {
    let mean = y.sum() / y.len() as f64;
    let total: f64 = y.iter().map(|v| (v - mean).powi(2)).sum();
    if sse > 1e-22 * total.max(mean * mean * 1e-8) {
        return Ok(());
    }
    Err(Error::Unsupported {
        what: "a regression that fits exactly".to_owned(),
        why: "the residual variance is zero, so that nothing can be inferred; the response is constant or a combination of the regressors".to_owned(),
    })
}

/// -n/2 (ln 2 pi + ln(sse / n) + 1), the maximum of the normal log-likelihood over the variance.
pub(crate) fn concentrated(n: usize, sse: f64) -> f64 {
    let n = n as f64;
    -0.5 * n * ((2.0 * std::f64::consts::PI).ln() + (sse / n).ln() + 1.0)
}

pub(crate) fn fit(spec: &Regression, model: Model, design: Design) -> Result<Fit> {
    let Solution {
        coefficients,
        residuals,
        r,
    } = solve(design.x.view(), &design.y)?;
    let sse = residuals.dot(&residuals);
    check_not_exact(sse, &design.y)?;
    let (n, k) = (design.n(), design.k());
    let sigma2 = sse / (n - k) as f64;
    let vcov = inverse_cross_product(r.view()) * sigma2;
    let log_likelihood = concentrated(n, sse);
    Fit::assemble(
        spec,
        design,
        Parts {
            model,
            coefficients,
            spatial: None,
            sigma2,
            vcov,
            log_likelihood,
            parameters: k + 1,
            residuals,
            distribution: Distribution::T { df: (n - k) as f64 },
            optimization: None,
            notes: Vec::new(),
        },
    )
}
