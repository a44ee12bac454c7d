//! Ordinary and weighted least squares: OLS and SLX.

use super::Regression;
use super::design::Design;
use super::fit::{Fit, Parts};
use super::gaussian::{check_not_exact, concentrated};
use super::terms::Model;
use crate::error::Result;
use crate::inference::Distribution;
use crate::linalg::least_squares::{Solution, solve};
use crate::linalg::triangular::inverse_cross_product;

pub(crate) fn fit(spec: &Regression, model: Model, design: Design) -> Result<Fit> {
    let y = design.weighted(design.y.view());
    let Solution {
        coefficients,
        mut residuals,
        r,
    } = solve(design.weighted_x().view(), &y)?;
    let sse = residuals.dot(&residuals);
    check_not_exact(sse, &y)?;
    if design.root_weights().is_some() {
        residuals = &design.y - &design.x.dot(&coefficients);
    }
    let (n, k) = (design.n(), design.k());
    let df = design.df() as f64;
    let sigma2 = sse / df;
    let vcov = inverse_cross_product(r.view()) * sigma2;
    let parameters = k + design.absorbed() + 1;
    let log_likelihood = concentrated(n, sse) + design.half_ln_weights();
    Fit::assemble(
        spec,
        design,
        Parts {
            model,
            coefficients,
            processes: Vec::new(),
            information: None,
            sigma2,
            variances: None,
            vcov,
            log_likelihood,
            parameters,
            residuals,
            distribution: Distribution::T { df },
            optimization: None,
            notes: Vec::new(),
        },
    )
}
