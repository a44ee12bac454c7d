//! From the blocks of an information matrix to the covariance of (b, rho, sigma²).

use ndarray::{Array1, Array2};

use crate::error::{Error, Result};
use crate::linalg::triangular::{inverse_cross_product, solve_upper, solve_upper_transposed};

/// The blocks of the information of (b, rho, sigma²), the first two multiplied by sigma²; that of b and sigma² is zero at the estimate.
pub(crate) struct Blocks {
    /// Triangular factor R: sigma² times the block of b is R'R.
    pub(crate) r: Array2<f64>,
    /// sigma² times the block of b and rho.
    pub(crate) b_rho: Array1<f64>,
    pub(crate) rho_rho: f64,
    pub(crate) rho_sigma2: f64,
    pub(crate) sigma2_sigma2: f64,
    pub(crate) sigma2: f64,
}

impl Blocks {
    /// The inverse, in the order b, rho, sigma².
    ///
    /// By Schur complements on the triangular factor, so that R'R is never formed: regressors far from zero keep the digits
    /// that they have in least squares.
    pub(crate) fn covariance(&self) -> Result<Array2<f64>> {
        let k = self.b_rho.len();
        let z = solve_upper_transposed(self.r.view(), self.b_rho.view());
        // What is left of the block of rho once b, and then sigma², are accounted for.
        let rho = self.rho_rho
            - z.dot(&z) / self.sigma2
            - self.rho_sigma2 * self.rho_sigma2 / self.sigma2_sigma2;
        if !(rho.abs() > 0.0 && rho.is_finite()) {
            return Err(Error::Singular {
                what: "the information matrix".to_owned(),
            });
        }
        let v_rho = 1.0 / rho;
        let to_b = solve_upper(self.r.view(), z.view());
        let to_sigma2 = self.rho_sigma2 / self.sigma2_sigma2;
        let bb = inverse_cross_product(self.r.view()) * self.sigma2;
        let mut v = Array2::zeros((k + 2, k + 2));
        for i in 0..k {
            for j in 0..k {
                v[[i, j]] = bb[[i, j]] + to_b[i] * to_b[j] * v_rho;
            }
            for (row, column) in [(i, k), (k, i)] {
                v[[row, column]] = -to_b[i] * v_rho;
            }
            for (row, column) in [(i, k + 1), (k + 1, i)] {
                v[[row, column]] = to_b[i] * to_sigma2 * v_rho;
            }
        }
        v[[k, k]] = v_rho;
        v[[k, k + 1]] = -to_sigma2 * v_rho;
        v[[k + 1, k]] = -to_sigma2 * v_rho;
        v[[k + 1, k + 1]] = 1.0 / self.sigma2_sigma2 + to_sigma2 * to_sigma2 * v_rho;
        Ok(v)
    }
}
