//! The pure Rust backend.

use faer::linalg::solvers::DenseSolveCore;
use faer::{Mat, MatRef, Side};
use ndarray::{Array2, ArrayView2};

use crate::error::{Error, Result};
use crate::linalg::registers::with_wide;

fn mat(a: ArrayView2<'_, f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[[i, j]])
}

fn array(m: MatRef<'_, f64>) -> Array2<f64> {
    Array2::from_shape_fn((m.nrows(), m.ncols()), |(i, j)| m[(i, j)])
}

/// Eigenvalues of a symmetric matrix, ascending; only the lower triangle is read.
pub(crate) fn symmetric_eigenvalues(a: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
    with_wide(|| mat(a).self_adjoint_eigenvalues(Side::Lower)).map_err(|_| Error::NotConverged {
        what: "the symmetric eigenvalue iteration",
        iterations: 0,
    })
}

/// Eigenvalues of a square matrix as (real, imaginary) pairs, in no particular order.
pub(crate) fn eigenvalues(a: ArrayView2<'_, f64>) -> Result<Vec<(f64, f64)>> {
    let omega = with_wide(|| mat(a).eigenvalues()).map_err(|_| Error::NotConverged {
        what: "the eigenvalue iteration",
        iterations: 0,
    })?;
    Ok(omega.into_iter().map(|c| (c.re, c.im)).collect())
}

// The other backend can fail here.
#[allow(clippy::unnecessary_wraps)]
/// The upper triangular R of the QR factorisation of an m × k matrix: min(m, k) × k, with R'R = Z'Z.
pub(crate) fn triangular_factor(z: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let z = mat(z);
    let qr = with_wide(|| z.qr());
    let mut r = array(qr.thin_R());
    for ((i, j), v) in r.indexed_iter_mut() {
        if i > j {
            *v = 0.0;
        }
    }
    Ok(r)
}

/// The inverse of a square matrix; `what` names it in the error.
pub(crate) fn inverse(a: ArrayView2<'_, f64>, what: &str) -> Result<Array2<f64>> {
    let lu = with_wide(|| mat(a).partial_piv_lu());
    let singular = || Error::Singular {
        what: what.to_owned(),
    };
    let u = lu.U();
    let largest = (0..u.nrows()).map(|i| u[(i, i)].abs()).fold(0.0, f64::max);
    if (0..u.nrows()).any(|i| !(u[(i, i)].abs() > largest * f64::EPSILON)) {
        return Err(singular());
    }
    let inverse = array(with_wide(|| lu.inverse()).as_ref());
    if inverse.iter().all(|v| v.is_finite()) {
        Ok(inverse)
    } else {
        Err(singular())
    }
}

/// Singular values, descending.
pub(crate) fn singular_values(z: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
    with_wide(|| mat(z).singular_values()).map_err(|_| Error::NotConverged {
        what: "the singular value iteration",
        iterations: 0,
    })
}
