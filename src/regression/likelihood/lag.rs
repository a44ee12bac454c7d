//! The spatial lag model: y = rho W y + X b + e (SAR, and SDM with W X among X).
//!
//! With e0 and e1 the residuals of y and W y on X, the concentrated log-likelihood is
//! ln|I - rho W| - n/2 ln[(e0 - rho e1)'(e0 - rho e1)] + const and b = b0 - rho b1 (Ord 1975). One QR of [X, W y, y] makes both
//! residuals two numbers each, so that a value of the profile costs the Jacobian term only.

use ndarray::Axis;

use super::super::Regression;
use super::super::design::Design;
use super::super::fit::{Fit, Parts, Process, RHO};
use super::super::gaussian::{check_not_exact, concentrated};
use super::super::terms::Model;
use super::Information;
use super::information::Blocks;
use super::profile::{Profile, choose, dense_terms, maximize};
use crate::error::Result;
use crate::inference::Distribution;
use crate::linalg::dense;
use crate::linalg::least_squares::block;
use crate::linalg::triangular::solve_upper;
use crate::weights::Weights;

struct LagProfile {
    /// Residuals of y on X, and of W y on X, in the two coordinates that are left.
    e0: [f64; 2],
    e1: [f64; 2],
}

impl LagProfile {
    fn residual(&self, rho: f64) -> [f64; 2] {
        [self.e0[0] - rho * self.e1[0], self.e0[1] - rho * self.e1[1]]
    }
}

impl Profile for LagProfile {
    fn sse(&self, rho: f64) -> Result<(f64, f64)> {
        let e = self.residual(rho);
        let slope = -2.0 * (self.e1[0] * e[0] + self.e1[1] * e[1]);
        Ok((e[0] * e[0] + e[1] * e[1], slope))
    }
}

pub(crate) fn fit(spec: &Regression, model: Model, design: Design, w: &Weights) -> Result<Fit> {
    let (n, k) = (design.n(), design.k());
    let information = choose(spec.information, n)?;
    let wy = w.csr().product(design.y.view());
    let r = dense::triangular_factor(design.x_and(&[wy.view(), design.y.view()]).view())?;
    let profile = LagProfile {
        e0: [r[[k, k + 1]], r[[k + 1, k + 1]]],
        e1: [r[[k, k]], 0.0],
    };
    check_not_exact(profile.sse(0.0)?.0, &design.y)?;
    let peak = maximize(RHO, w, &profile)?;
    let rho = peak.rho;
    check_not_exact(profile.sse(rho)?.0, &design.y)?;
    let head = |j: usize| r.column(j).slice_axis(Axis(0), (..k).into()).to_owned();
    let rxx = block(&r, k);
    let coefficients = solve_upper(rxx.view(), (head(k + 1) - head(k) * rho).view());
    let xb = design.x.dot(&coefficients);
    let residuals = &design.y - &(&wy * rho) - &xb;
    let sse = profile.sse(rho)?.0;
    let sigma2 = sse / n as f64;
    let blocks = match information {
        Information::Expected => {
            let (gtg, gxb) = dense_terms(w, rho, &xb)?;
            Blocks {
                r: rxx,
                sigma2,
                b_rho: design.x.t().dot(&gxb),
                rho_rho: peak.trace_squared + gtg + gxb.dot(&gxb) / sigma2,
                rho_sigma2: peak.trace / sigma2,
                sigma2_sigma2: n as f64 / (2.0 * sigma2 * sigma2),
            }
        }
        Information::Observed => Blocks {
            r: rxx,
            sigma2,
            b_rho: design.x.t().dot(&wy),
            rho_rho: peak.trace_squared + wy.dot(&wy) / sigma2,
            rho_sigma2: residuals.dot(&wy) / (sigma2 * sigma2),
            sigma2_sigma2: n as f64 / (2.0 * sigma2 * sigma2),
        },
    };
    Fit::assemble(
        spec,
        design,
        Parts {
            model,
            coefficients,
            processes: vec![Process {
                name: RHO,
                value: rho,
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
