//! The LAPACK backend, through ndarray-linalg.

use ndarray::{Array2, ArrayView2};
use ndarray_linalg::{EigVals, Inverse, JobSvd, Lapack, MatrixLayout, QR, SVDDC, UPLO};

use crate::error::{Error, Result};

fn failed(what: &'static str) -> Error {
    Error::NotConverged {
        what,
        iterations: 0,
    }
}

/// Eigenvalues of a symmetric matrix, ascending; only the lower triangle is read.
pub(crate) fn symmetric_eigenvalues(a: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
    // LAPACK takes no empty matrix
    if a.is_empty() {
        return Ok(Vec::new());
    }
    // `eigvalsh` of ndarray-linalg 0.18 computes the vectors too and throws them away; the trait below it does not.
    let n = a.nrows();
    let mut own: Vec<f64> = a.iter().copied().collect();
    let layout = MatrixLayout::C {
        row: n as i32,
        lda: n as i32,
    };
    <f64 as Lapack>::eigh(false, layout, UPLO::Lower, &mut own)
        .map_err(|_| failed("the symmetric eigenvalue iteration"))
}

/// Eigenvalues of a square matrix as (real, imaginary) pairs, in no particular order.
pub(crate) fn eigenvalues(a: ArrayView2<'_, f64>) -> Result<Vec<(f64, f64)>> {
    // LAPACK takes no empty matrix
    if a.is_empty() {
        return Ok(Vec::new());
    }
    let omega = a
        .to_owned()
        .eigvals()
        .map_err(|_| failed("the eigenvalue iteration"))?;
    Ok(omega.into_iter().map(|c| (c.re, c.im)).collect())
}

/// The upper triangular R of the QR factorisation of an m × k matrix: min(m, k) × k, with R'R = Z'Z.
pub(crate) fn triangular_factor(z: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let (_, r) = z
        .to_owned()
        .qr()
        .map_err(|_| failed("the QR factorisation"))?;
    Ok(r)
}

/// The inverse of a square matrix; `what` names it in the error.
pub(crate) fn inverse(a: ArrayView2<'_, f64>, what: &str) -> Result<Array2<f64>> {
    // LAPACK takes no empty matrix
    if a.is_empty() {
        return Ok(a.to_owned());
    }
    let singular = |_| Error::Singular {
        what: what.to_owned(),
    };
    let inverse = a.to_owned().inv().map_err(singular)?;
    let size = |m: &Array2<f64>| m.iter().fold(0.0_f64, |s, v| s.max(v.abs()));
    let condition = size(&a.to_owned()) * size(&inverse);
    if condition.is_finite() && condition < 1.0 / f64::EPSILON {
        Ok(inverse)
    } else {
        Err(Error::Singular {
            what: what.to_owned(),
        })
    }
}

/// Singular values, descending.
pub(crate) fn singular_values(z: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
    let (_, s, _) = z
        .to_owned()
        .svddc(JobSvd::None)
        .map_err(|_| failed("the singular value iteration"))?;
    Ok(s.to_vec())
}
