//! Least squares by the triangular factor of [X, y].

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::dense;
use super::triangular::{solve_upper, solve_upper_transposed};
use crate::error::Result;

/// Least squares of y on X.
#[derive(Debug)]
pub(crate) struct Solution {
    pub(crate) coefficients: Array1<f64>,
    pub(crate) residuals: Array1<f64>,
    /// Upper triangular R with R'R = X'X.
    pub(crate) r: Array2<f64>,
}

/// Solves min |y - X b|²; X has full column rank.
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
