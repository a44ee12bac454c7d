//! The expected information, which needs an n × n inverse of each process.

use ndarray::{Array1, Array2, Axis};

use super::super::design::Design;
use super::information::Blocks;
use super::search::Values;
use crate::error::Result;
use crate::linalg::dense;
use crate::weights::Weights;

/// G = W (I - theta W)^-1 as a dense matrix; the caller bounds n.
pub(crate) fn dense_g(w: &Weights, theta: f64) -> Result<Array2<f64>> {
    let mut a = w.csr().to_dense() * -theta;
    a.diag_mut().mapv_inplace(|d| d + 1.0);
    let inverse = dense::inverse(a.view(), "I - rho W")?;
    Ok(w.csr().product_columns(inverse.view()))
}

/// The expected information, and what of it the sandwich of quasi-maximum likelihood needs.
pub(crate) struct Expected {
    pub(crate) blocks: Blocks,
    /// D^(1/2) B X.
    pub(crate) bx: Array2<f64>,
    /// D^(1/2) B G X b, where there is a lag.
    pub(crate) bgxb: Option<Array1<f64>>,
    /// Diagonals of H, where there is a lag, and of F, where there is a spatial error.
    pub(crate) diagonals: Vec<Array1<f64>>,
}

/// Minus the expected Hessian of the normal likelihood at the estimate.
///
/// With G = W A^-1, H = B G B^-1 and F = M B^-1 (Anselin 1988, chapter 6): (b, rho) (B X)'B G X b / s², (rho, rho) tr G² + tr H'H + |B G X b|² / s²,
/// (lambda, lambda) tr F² + tr F'F, (rho, lambda) tr F'H + tr F H, (theta, s²) tr G / s² and tr F / s². Observation weights D enter as B multiplied by
/// D^(1/2) from the left.
pub(crate) fn expected(
    design: &Design,
    coefficients: &Array1<f64>,
    sigma2: f64,
    f: &[Values],
    lag: Option<(&Weights, f64)>,
    error: Option<(&Weights, f64)>,
) -> Result<Expected> {
    let n = design.n() as f64;
    let root = design.root_weights();
    // D^(1/2) m D^(-1/2)
    let weighted = |mut m: Array2<f64>| {
        if let Some(root) = root {
            m *= &root.insert_axis(Axis(1));
            m /= &root.insert_axis(Axis(0));
        }
        m
    };
    // D^(1/2) B v
    let filter = |v: Array2<f64>| {
        let mut v = match error {
            Some((m, lambda)) => &v - &(m.csr().product_columns(v.view()) * lambda),
            None => v,
        };
        if let Some(root) = root {
            v *= &root.insert_axis(Axis(1));
        }
        v
    };
    let p = f.len();
    let bx = filter(design.x.clone());
    let mut diagonals = Vec::new();
    let mut of_lag = None;
    let mut b_theta = Array2::zeros((design.k(), p));
    let mut theta = Array2::zeros((p, p));
    let big_f = match error {
        Some((m, lambda)) => Some(weighted(dense_g(m, lambda)?)),
        None => None,
    };
    if let Some((w, rho)) = lag {
        let g = dense_g(w, rho)?;
        let gxb = g.dot(&design.x.dot(coefficients));
        let bgxb = filter(gxb.insert_axis(Axis(1))).remove_axis(Axis(1));
        b_theta
            .column_mut(0)
            .assign(&filter(design.x.clone()).t().dot(&bgxb));
        let h = match error {
            // (I - lambda M) G (I - lambda M)^-1 = B G + lambda B G F
            Some((m, lambda)) => {
                let bg = &g - &(m.csr().product_columns(g.view()) * lambda);
                let mf = dense_g(m, lambda)?;
                weighted(&bg + &(bg.dot(&mf) * lambda))
            }
            None => weighted(g),
        };
        theta[[0, 0]] = -f[0].2 + squares(&h) + bgxb.dot(&bgxb) / sigma2;
        if let Some(big_f) = &big_f {
            let both = (&h * big_f).sum() + (&h.t() * big_f).sum();
            theta[[0, 1]] = both;
            theta[[1, 0]] = both;
        }
        diagonals.push(h.diag().to_owned());
        of_lag = Some(bgxb);
    }
    if let Some(big_f) = &big_f {
        theta[[p - 1, p - 1]] = -f[p - 1].2 + squares(big_f);
        diagonals.push(big_f.diag().to_owned());
    }
    Ok(Expected {
        blocks: Blocks {
            r: dense::triangular_factor(bx.view())?,
            b_theta,
            theta,
            theta_sigma2: f.iter().map(|f| -f.1 / sigma2).collect::<Array1<f64>>(),
            sigma2_sigma2: n / (2.0 * sigma2 * sigma2),
            sigma2,
        },
        bx,
        bgxb: of_lag,
        diagonals,
    })
}

fn squares(m: &Array2<f64>) -> f64 {
    m.iter().map(|x| x * x).sum()
}
