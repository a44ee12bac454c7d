//! Maximises a profile likelihood over rho (or lambda): what the lag and the error model share.

use ndarray::Array1;

use super::Information;
use crate::error::{Error, Result};
use crate::inference::Note;
use crate::linalg::dense;
use crate::linalg::logdet::{DENSE_LIMIT, Jacobian};
use crate::optim;
use crate::weights::Weights;

use super::super::fit::Optimization;

/// Sum of squares of a profile and its derivative, as functions of the spatial parameter.
pub(crate) trait Profile {
    /// (sse, d sse / d rho).
    fn sse(&self, rho: f64) -> Result<(f64, f64)>;
}

/// Where the profile is largest, with the traces of G = W (I - rho W)^-1 there.
pub(crate) struct Peak {
    pub(crate) rho: f64,
    pub(crate) ln_det: f64,
    pub(crate) trace: f64,
    pub(crate) trace_squared: f64,
    pub(crate) optimization: Optimization,
    pub(crate) notes: Vec<Note>,
}

/// Values of the scan before Brent, on either side of zero: cheap with eigenvalues, a factorisation each without.
const SCAN_EIGEN: usize = 30;
const SCAN_SPARSE: usize = 5;

/// Maximises ln|I - rho W| - n/2 ln sse(rho) over the admissible interval.
pub(crate) fn maximize(
    parameter: &'static str,
    w: &Weights,
    profile: &impl Profile,
) -> Result<Peak> {
    let n = w.n() as f64;
    let jacobian: &Jacobian = w.jacobian()?;
    let (lo, hi) = jacobian.interval;
    let points = if jacobian.is_exact_spectrum() {
        SCAN_EIGEN
    } else {
        SCAN_SPARSE
    };
    let found = optim::maximize(lo, hi, &optim::scan(lo, hi, points), |rho| {
        Ok(jacobian.ln_det(rho)? - 0.5 * n * profile.sse(rho)?.0.ln())
    })?;
    let width = (10.0 / n.sqrt()).min(0.25 * (hi - lo));
    let local = jacobian.near(found.at, width)?;
    let gradient = |rho: f64| {
        let (sse, slope) = profile.sse(rho)?;
        Ok(-local.traces(rho)?.0 - 0.5 * n * slope / sse)
    };
    let room = (hi - found.at).min(found.at - lo);
    let rho = optim::polish(found.at, (1e-4_f64).min(0.25 * room), gradient)?;
    let (trace, trace_squared) = local.traces(rho)?;
    let mut notes = Vec::new();
    if room < 1e-6 * (hi - lo) {
        notes.push(Note::AtBound {
            parameter,
            value: rho,
        });
    }
    if !jacobian.is_exact_spectrum() && w.symmetrizer().is_none() {
        notes.push(Note::BoundedInterval { low: lo, high: hi });
    }
    Ok(Peak {
        rho,
        ln_det: jacobian.ln_det(rho)?,
        trace,
        trace_squared,
        optimization: Optimization {
            interval: (lo, hi),
            evaluations: found.evaluations,
            gradient: gradient(rho)?,
            log_determinant: if jacobian.is_exact_spectrum() {
                "eigenvalues"
            } else if w.symmetrizer().is_some() {
                "sparse Cholesky factorisations"
            } else {
                "sparse LU factorisations"
            },
        },
        notes,
    })
}

/// The information to use: the one asked for, else the default for the size.
pub(crate) fn choose(asked: Option<Information>, n: usize) -> Result<Information> {
    match asked {
        Some(Information::Expected) if n > DENSE_LIMIT => Err(Error::TooLarge {
            what: "the expected information (it needs an n × n inverse)",
            n,
            limit: DENSE_LIMIT,
            instead: "take the observed information, the default at this size",
        }),
        Some(information) => Ok(information),
        None if n <= DENSE_LIMIT => Ok(Information::Expected),
        None => Ok(Information::Observed),
    }
}

/// tr G'G and G v, with G = W (I - rho W)^-1 as a dense matrix; n is at most [`DENSE_LIMIT`].
pub(crate) fn dense_terms(w: &Weights, rho: f64, v: &Array1<f64>) -> Result<(f64, Array1<f64>)> {
    let mut a = w.csr().to_dense() * -rho;
    a.diag_mut().mapv_inplace(|d| d + 1.0);
    let inverse = dense::inverse(a.view(), "I - rho W")?;
    let g = w.csr().product_columns(inverse.view());
    Ok((g.iter().map(|x| x * x).sum(), g.dot(v)))
}
