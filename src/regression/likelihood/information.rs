//! From the blocks of an information matrix to the covariance of (b, rho, lambda, sigma²).

use ndarray::{Array1, Array2};

use crate::error::{Error, Result};
use crate::linalg::triangular::{inverse_cross_product, solve_upper, solve_upper_transposed};

/// The blocks of the information of (b, theta, sigma²), theta the parameters of the spatial processes; that of b and sigma² is zero at
/// the estimate.
#[derive(Debug, Clone)]
pub(crate) struct Blocks {
    /// Triangular factor R: sigma² times the block of b is R'R.
    pub(crate) r: Array2<f64>,
    /// sigma² times the block of b and theta: k × p.
    pub(crate) b_theta: Array2<f64>,
    /// p × p.
    pub(crate) theta: Array2<f64>,
    pub(crate) theta_sigma2: Array1<f64>,
    pub(crate) sigma2_sigma2: f64,
    pub(crate) sigma2: f64,
}

impl Blocks {
    /// What is left of the block of theta once b and sigma² are accounted for: of the observed information, minus the Hessian of the
    /// profile likelihood.
    ///
    /// By the triangular factor, so that R'R is never formed: regressors far from zero keep the digits that they have in least squares.
    pub(crate) fn schur(&self) -> Array2<f64> {
        let z = self.z();
        let c = &self.theta_sigma2;
        let outer = Array2::from_shape_fn((c.len(), c.len()), |(i, j)| c[i] * c[j]);
        &self.theta - &(z.t().dot(&z) / self.sigma2) - outer / self.sigma2_sigma2
    }

    /// R'^-1 (b, theta).
    fn z(&self) -> Array2<f64> {
        let mut z = Array2::zeros(self.b_theta.dim());
        for (mut to, from) in z.columns_mut().into_iter().zip(self.b_theta.columns()) {
            to.assign(&solve_upper_transposed(self.r.view(), from));
        }
        z
    }

    /// The inverse, in the order b, theta, sigma².
    pub(crate) fn covariance(&self) -> Result<Array2<f64>> {
        let (k, p) = self.b_theta.dim();
        let of_theta = inverse_of_few(&self.schur()).ok_or_else(|| Error::Singular {
            what: "the information matrix".to_owned(),
        })?;
        let mut to_b = self.z();
        for mut column in to_b.columns_mut() {
            let solved = solve_upper(self.r.view(), column.view());
            column.assign(&solved);
        }
        let to_sigma2 = &self.theta_sigma2 / self.sigma2_sigma2;
        // How each estimate moves with theta: minus to_b, one, minus to_sigma2.
        let mut moves = Array2::zeros((k + p + 1, p));
        for j in 0..p {
            for i in 0..k {
                moves[[i, j]] = -to_b[[i, j]];
            }
            moves[[k + j, j]] = 1.0;
            moves[[k + p, j]] = -to_sigma2[j];
        }
        let mut v = moves.dot(&of_theta).dot(&moves.t());
        let bb = inverse_cross_product(self.r.view()) * self.sigma2;
        for ((i, j), value) in bb.indexed_iter() {
            v[[i, j]] += value;
        }
        v[[k + p, k + p]] += 1.0 / self.sigma2_sigma2;
        Ok(v)
    }
}

/// The inverse of a symmetric matrix of one or two rows; none where it is singular.
pub(crate) fn inverse_of_few(a: &Array2<f64>) -> Option<Array2<f64>> {
    let usable = |d: f64| (d.abs() > 0.0 && d.is_finite()).then_some(d);
    if a.nrows() == 1 {
        return usable(a[[0, 0]]).map(|d| Array2::from_elem((1, 1), 1.0 / d));
    }
    let d = usable(a[[0, 0]] * a[[1, 1]] - a[[0, 1]] * a[[1, 0]])?;
    Some(Array2::from_shape_fn((2, 2), |(i, j)| {
        if i == j {
            a[[1 - i, 1 - i]] / d
        } else {
            -a[[i, j]] / d
        }
    }))
}
