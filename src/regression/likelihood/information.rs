//! From the blocks of an information matrix to the covariance of (b, rho, sigma²).

use ndarray::{Array1, Array2};

use crate::error::Result;
use crate::linalg::dense;

/// The blocks of the information of (b, rho, sigma²); the block of b and sigma² is zero at the estimate.
pub(crate) struct Blocks {
    pub(crate) bb: Array2<f64>,
    pub(crate) b_rho: Array1<f64>,
    pub(crate) rho_rho: f64,
    pub(crate) rho_sigma2: f64,
    pub(crate) sigma2_sigma2: f64,
}

impl Blocks {
    /// The inverse, in the order b, rho, sigma².
    pub(crate) fn covariance(&self) -> Result<Array2<f64>> {
        let k = self.b_rho.len();
        let mut m = Array2::zeros((k + 2, k + 2));
        for i in 0..k {
            for j in 0..k {
                m[[i, j]] = self.bb[[i, j]];
            }
            m[[i, k]] = self.b_rho[i];
            m[[k, i]] = self.b_rho[i];
        }
        m[[k, k]] = self.rho_rho;
        m[[k, k + 1]] = self.rho_sigma2;
        m[[k + 1, k]] = self.rho_sigma2;
        m[[k + 1, k + 1]] = self.sigma2_sigma2;
        // To a unit diagonal first: a variance of 1e-6 beside coefficients of 1 would look singular.
        let scale: Array1<f64> = m.diag().mapv(|d| d.abs().sqrt().recip());
        for ((i, j), v) in m.indexed_iter_mut() {
            *v *= scale[i] * scale[j];
        }
        let mut inverse = dense::inverse(m.view(), "the information matrix")?;
        for ((i, j), v) in inverse.indexed_iter_mut() {
            *v *= scale[i] * scale[j];
        }
        Ok(inverse)
    }
}
