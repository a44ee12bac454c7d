//! From the blocks of an information matrix to the covariance of (b, rho, lambda, sigma²).

use ndarray::{Array1, Array2, Axis};

use crate::error::{Error, Result};
use crate::linalg::triangular::{
    cholesky, inverse_cross_product, solve_upper, solve_upper_transposed,
};

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

/// The information of (b, theta, a variance for each group).
#[derive(Debug, Clone)]
pub(crate) struct GroupBlocks {
    /// Those of b and theta, with rows divided by the roots of the variances: sigma² is one, and its own blocks are not used.
    pub(crate) location: Blocks,
    /// The block of (b, theta) and the variances: (k + p) × groups.
    pub(crate) across: Array2<f64>,
    pub(crate) variances: Vec<f64>,
    pub(crate) sizes: Vec<usize>,
}

impl GroupBlocks {
    /// The inverse, in the order b, theta, variances.
    ///
    /// The variances are eliminated first: their own block is diagonal, n_g / (2 sigma_g^4). That of b becomes R'(I - U U')R.
    pub(crate) fn covariance(&self) -> Result<Array2<f64>> {
        let (k, p) = self.location.b_theta.dim();
        let (m, g) = (k + p, self.variances.len());
        let inverse: Array1<f64> = (self.variances.iter().zip(&self.sizes))
            .map(|(v, n)| 2.0 * v * v / *n as f64)
            .collect();
        let of_b = self.across.slice_axis(Axis(0), (..k).into());
        let of_theta = self.across.slice_axis(Axis(0), (k..).into());
        let mut left = Array2::eye(k);
        for (column, inverse) in of_b.columns().into_iter().zip(&inverse) {
            let u = solve_upper_transposed(self.location.r.view(), column) * inverse.sqrt();
            for ((i, j), value) in left.indexed_iter_mut() {
                *value -= u[i] * u[j];
            }
        }
        let lower = cholesky(left.view(), "the information matrix")?;
        let weighted = &self.across * &inverse.view().insert_axis(Axis(0));
        let weighted_theta = weighted.slice_axis(Axis(0), (k..).into());
        let location = Blocks {
            r: lower.t().dot(&self.location.r),
            b_theta: &self.location.b_theta - &of_b.dot(&weighted_theta.t()),
            theta: &self.location.theta - &of_theta.dot(&weighted_theta.t()),
            theta_sigma2: Array1::zeros(p),
            sigma2_sigma2: 1.0,
            sigma2: 1.0,
        };
        let of_location = location.covariance()?;
        let of_location = of_location
            .slice_axis(Axis(0), (..m).into())
            .slice_axis(Axis(1), (..m).into())
            .to_owned();
        let moves = of_location.dot(&weighted);
        let of_variances = weighted.t().dot(&moves) + Array2::from_diag(&inverse);
        Ok(Array2::from_shape_fn((m + g, m + g), |(i, j)| {
            match (i < m, j < m) {
                (true, true) => of_location[[i, j]],
                (true, false) => -moves[[i, j - m]],
                (false, true) => -moves[[j, i - m]],
                (false, false) => of_variances[[i - m, j - m]],
            }
        }))
    }
}

/// The inverse of a symmetric matrix of at most two rows; none where it is singular.
pub(crate) fn inverse_of_few(a: &Array2<f64>) -> Option<Array2<f64>> {
    if a.is_empty() {
        return Some(Array2::zeros((0, 0)));
    }
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
