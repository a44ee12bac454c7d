//! The spatial error model: y = X b + u, u = lambda W u + e (SEM, and SDEM with W X among X).
//!
//! For given lambda b is the least squares of (I - lambda W) y on (I - lambda W) X. One QR of [X, W X, W y, y] turns this into a least squares
//! problem with 2k + 2 rows, whatever n, with the conditioning of the data (no cross-products are formed).

use ndarray::{Array1, Array2, Axis};

use super::super::Regression;
use super::super::design::Design;
use super::super::fit::{Fit, LAMBDA, Parts, Process};
use super::super::gaussian::{check_not_exact, concentrated};
use super::super::terms::Model;
use super::Information;
use super::information::Blocks;
use super::profile::{Profile, choose, dense_terms, maximize};
use crate::error::Result;
use crate::inference::Distribution;
use crate::linalg::dense;
use crate::linalg::least_squares::{Solution, solve};
use crate::weights::Weights;

/// The triangular factor of [X, W X, W y, y], by columns.
struct ErrorProfile {
    x: Array2<f64>,
    wx: Array2<f64>,
    wy: Array1<f64>,
    y: Array1<f64>,
}

impl ErrorProfile {
    fn new(design: &Design, wx: &Array2<f64>, wy: &Array1<f64>) -> Result<Self> {
        let k = design.k();
        let mut more: Vec<_> = wx.columns().into_iter().collect();
        more.push(wy.view());
        more.push(design.y.view());
        let r = dense::triangular_factor(design.x_and(&more).view())?;
        let columns = |from: usize, to: usize| r.slice_axis(Axis(1), (from..to).into()).to_owned();
        Ok(Self {
            x: columns(0, k),
            wx: columns(k, 2 * k),
            wy: r.column(2 * k).to_owned(),
            y: r.column(2 * k + 1).to_owned(),
        })
    }

    fn solve(&self, lambda: f64) -> Result<Solution> {
        solve(
            (&self.x - &(&self.wx * lambda)).view(),
            &(&self.y - &(&self.wy * lambda)),
        )
    }
}

impl Profile for ErrorProfile {
    fn sse(&self, lambda: f64) -> Result<(f64, f64)> {
        let Solution {
            coefficients,
            residuals,
            ..
        } = self.solve(lambda)?;
        // b is at its minimum, so that only the direct derivative remains: d e / d lambda = -(W y - W X b).
        let change = self.wx.dot(&coefficients) - &self.wy;
        Ok((residuals.dot(&residuals), 2.0 * residuals.dot(&change)))
    }
}

pub(crate) fn fit(spec: &Regression, model: Model, design: Design, w: &Weights) -> Result<Fit> {
    let (n, k) = (design.n(), design.k());
    let information = choose(spec.information, n)?;
    let wy = w.csr().product(design.y.view());
    let wx = w.csr().product_columns(design.x.view());
    let profile = ErrorProfile::new(&design, &wx, &wy)?;
    check_not_exact(profile.sse(0.0)?.0, &design.y)?;
    let peak = maximize(LAMBDA, w, &profile)?;
    let lambda = peak.rho;
    check_not_exact(profile.sse(lambda)?.0, &design.y)?;
    let Solution {
        coefficients, r, ..
    } = profile.solve(lambda)?;
    let u = &design.y - &design.x.dot(&coefficients);
    let wu = w.csr().product(u.view());
    let residuals = &u - &(&wu * lambda);
    let sse = residuals.dot(&residuals);
    let sigma2 = sse / n as f64;
    let blocks = match information {
        Information::Expected => {
            let (gtg, _) = dense_terms(w, lambda, &u)?;
            Blocks {
                r,
                sigma2,
                b_rho: Array1::zeros(k),
                rho_rho: peak.trace_squared + gtg,
                rho_sigma2: peak.trace / sigma2,
                sigma2_sigma2: n as f64 / (2.0 * sigma2 * sigma2),
            }
        }
        Information::Observed => {
            let filtered = &design.x - &(&wx * lambda);
            Blocks {
                r,
                sigma2,
                b_rho: filtered.t().dot(&wu) + wx.t().dot(&residuals),
                rho_rho: peak.trace_squared + wu.dot(&wu) / sigma2,
                rho_sigma2: residuals.dot(&wu) / (sigma2 * sigma2),
                sigma2_sigma2: n as f64 / (2.0 * sigma2 * sigma2),
            }
        }
    };
    Fit::assemble(
        spec,
        design,
        Parts {
            model,
            coefficients,
            processes: vec![Process {
                name: LAMBDA,
                value: lambda,
                w: w.clone(),
            }],
            information: Some(information),
            sigma2,
            vcov: blocks.covariance()?,
            log_likelihood: peak.ln_det + concentrated(n, sse),
            parameters: k + 2,
            residuals,
            distribution: Distribution::Normal,
            optimization: Some(peak.optimization),
            notes: peak.notes,
        },
    )
}
