//! A variance for every group of units: e_i ~ N(0, sigma²_g / w_i) for unit i of group g.
//!
//! Given the variances the likelihood is that of weights 1 / sigma²_g, whose maximum over b, rho and lambda is known; given these each variance is
//! e_g'e_g / n_g. The two steps are taken in turn until nothing changes; the likelihood rises at each. One pass over the data
//! makes a triangular factor of every group, which all steps stand on.

use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::super::regimes::Groups;
use super::compressed::{Columns, GroupProducts};
use super::information::{Blocks, GroupBlocks};
use super::search::{Peak, Profile, both, standard_errors};
use crate::error::{Error, Result};
use crate::linalg::local::Local;
use crate::linalg::logdet::Jacobian;

/// The variances no longer change by more than this share of themselves.
const TOLERANCE: f64 = 1e-12;
const MOST_STEPS: usize = 10_000;
/// The estimates of rho and lambda on new exact log-determinants are the same within this share of their standard errors.
const SAME: f64 = 1e-4;
const MOST_ROUNDS: usize = 12;
/// A variance this small a share of the common one is that of an exact fit.
const EXACT: f64 = 1e-14;
/// A lambda at which the rank of (I - lambda M) X is that of nearly all.
const SOME_LAMBDA: f64 = 0.37;

/// The maximum over everything: the peak given the variances, and the variances.
pub(crate) fn maximize(
    columns: &Columns,
    groups: &Groups,
    jacobians: &[Arc<Jacobian>],
    has_lag: bool,
) -> Result<(Peak, Vec<f64>)> {
    check_sizes(columns, groups, jacobians.len(), has_lag)?;
    let mut search = Search {
        columns,
        groups,
        jacobians,
        has_lag,
        variances: vec![1.0; groups.len()],
        common: 0.0,
        steps: 0,
    };
    let mut peak = search.peak()?;
    let (rho, lambda) = both(&peak.theta, has_lag);
    let sse = |p: &[GroupProducts]| p.iter().map(|p| p.sse).sum::<f64>();
    let all = columns.products(rho, lambda, &peak.point.coefficients);
    search.common = sse(&all) / groups.of.len() as f64;
    search.update(&all)?;
    for _ in 0..MOST_ROUNDS {
        let (theta, errors) = search.settle(&peak)?;
        peak = search.peak()?;
        let same = (peak.theta.iter().zip(&theta).zip(&errors))
            .all(|((new, old), se)| (new - old).abs() <= SAME * se);
        if same {
            peak.evaluations += search.steps;
            return Ok((peak, search.variances));
        }
    }
    Err(Error::NotConverged {
        what: "the likelihood with a variance for every group",
        iterations: MOST_ROUNDS,
    })
}

struct Search<'a> {
    columns: &'a Columns,
    groups: &'a Groups,
    jacobians: &'a [Arc<Jacobian>],
    has_lag: bool,
    variances: Vec<f64>,
    /// The variance that all groups would have in common.
    common: f64,
    steps: usize,
}

impl Search<'_> {
    /// The maximum over b, rho and lambda, given the variances.
    fn peak(&self) -> Result<Peak> {
        let compressed = self.columns.compress(Some(&self.variances))?;
        if self.jacobians.is_empty() {
            return Ok(Peak {
                theta: Vec::new(),
                point: compressed.at(0.0, 0.0)?,
                f: Vec::new(),
                gradient: Array1::zeros(0),
                curvature: Array2::zeros((0, 0)),
                locals: Vec::new(),
                evaluations: 1,
            });
        }
        let profile = Profile {
            compressed: &compressed,
            jacobians: self.jacobians.to_vec(),
            has_lag: self.has_lag,
        };
        profile.maximize()
    }

    /// Takes the steps in turn, on the exact log-determinants of the peak; the estimates and their standard errors in the end.
    fn settle(&mut self, peak: &Peak) -> Result<(Vec<f64>, Vec<f64>)> {
        let bounds: Vec<(f64, f64)> = peak.locals.iter().map(Local::interval).collect();
        let f = |i: usize, t: f64| Ok(peak.locals[i].inside(t));
        let mut theta = peak.theta.clone();
        for _ in 0..MOST_STEPS {
            let compressed = self.columns.compress(Some(&self.variances))?;
            let profile = Profile {
                compressed: &compressed,
                jacobians: self.jacobians.to_vec(),
                has_lag: self.has_lag,
            };
            let (point, errors) = if theta.is_empty() {
                (compressed.at(0.0, 0.0)?, Vec::new())
            } else {
                let (found, step) = profile.climb(&theta, &bounds, &f, &mut self.steps)?;
                theta = found;
                (step.point, standard_errors(&step.curvature, self.jacobians))
            };
            let (rho, lambda) = both(&theta, self.has_lag);
            self.steps += 1;
            let products = self.columns.products(rho, lambda, &point.coefficients);
            if self.update(&products)? <= TOLERANCE {
                return Ok((theta, errors));
            }
        }
        Err(Error::NotConverged {
            what: "the variances by group",
            iterations: MOST_STEPS,
        })
    }

    /// New variances, and the largest relative change.
    fn update(&mut self, products: &[GroupProducts]) -> Result<f64> {
        let mut change = 0.0_f64;
        for (g, product) in products.iter().enumerate() {
            let new = product.sse / self.groups.sizes[g] as f64;
            if !(new > EXACT * self.common) {
                return Err(Error::Unsupported {
                    what: format!(
                        "a variance of the group `{}` of `{}`",
                        self.groups.names[g], self.groups.label
                    ),
                    why: "the regression fits all its units exactly, so that the likelihood has no maximum; merge the group with another"
                        .to_owned(),
                });
            }
            change = change.max((new / self.variances[g] - 1.0).abs());
            self.variances[g] = new;
        }
        Ok(change)
    }
}

/// An error that names the group where the coefficients, rho and lambda can fit all its units: the likelihood is then unbounded.
fn check_sizes(columns: &Columns, groups: &Groups, p: usize, has_lag: bool) -> Result<()> {
    let has_error = p > usize::from(has_lag);
    let ranks = columns.ranks(if has_error { SOME_LAMBDA } else { 0.0 });
    for (g, rank) in ranks.iter().enumerate() {
        let needed = rank + p + 1;
        if groups.sizes[g] < needed {
            return Err(Error::TooFewUnits {
                what: format!(
                    "a variance of the group `{}` of `{}`, whose units {} parameters can fit exactly,",
                    groups.names[g],
                    groups.label,
                    rank + p
                ),
                needed,
                n: groups.sizes[g],
            });
        }
    }
    Ok(())
}

/// The observed information from that of (b, theta), rows divided by the roots of the variances.
pub(crate) fn observed(
    location: Blocks,
    products: &[GroupProducts],
    variances: &[f64],
    groups: &Groups,
) -> GroupBlocks {
    let (k, p) = location.b_theta.dim();
    let across = Array2::from_shape_fn((k + p, variances.len()), |(i, g)| {
        let product = &products[g];
        let value = if i < k {
            product.x[i]
        } else {
            product.slope[i - k]
        };
        value / (variances[g] * variances[g])
    });
    GroupBlocks {
        location,
        across,
        variances: variances.to_vec(),
        sizes: groups.sizes.clone(),
    }
}

/// The expected one: the block of b and the variances is zero, that of theta and a variance the part of the trace that belongs to the group.
pub(crate) fn expected(
    location: Blocks,
    diagonals: &[Array1<f64>],
    variances: &[f64],
    groups: &Groups,
) -> GroupBlocks {
    let (k, p) = location.b_theta.dim();
    let mut across = Array2::zeros((k + p, variances.len()));
    for (j, diagonal) in diagonals.iter().enumerate() {
        for (value, g) in diagonal.iter().zip(&groups.of) {
            let g = *g as usize;
            across[[k + j, g]] += value / variances[g];
        }
    }
    GroupBlocks {
        location,
        across,
        variances: variances.to_vec(),
        sizes: groups.sizes.clone(),
    }
}
