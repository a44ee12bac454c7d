//! The averages that every impact is made of, as functions of rho.
//!
//! With A = I - rho W and V the weights of the W X term, the effect matrix of a regressor with coefficients b and theta is
//! P = A^-1 (b I + theta V). Its average diagonal and its average row sum need four numbers only:
//! t0 = tr A^-1 / n, t1 = tr A^-1 V / n, s0 = 1'A^-1 1 / n, s1 = 1'A^-1 V 1 / n. With V = W the traces follow from the Jacobian term,
//! tr A^-1 = n + rho tr G and tr A^-1 W = tr G, exactly and at any n; with other weights tr A^-1 V is the sum of selected entries of the inverse.
//! The sums need two sparse solves.

use ndarray::{Array1, Array2};

use super::curve::{Smooth, cross_near_estimate};
use super::delta::{Slopes, Terms};
use crate::error::{Error, Result};
use crate::linalg::dense;
use crate::linalg::local::Local;
use crate::linalg::logdet::DENSE_LIMIT;
use crate::linalg::selected::OwnEntries;
use crate::regression::Fit;
use crate::weights::Weights;

/// t0, t1, s0, s1, or their derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Averages {
    pub(crate) t0: f64,
    pub(crate) t1: f64,
    pub(crate) s0: f64,
    pub(crate) s1: f64,
}

impl Averages {
    /// Average direct effect, tr P / n.
    pub(crate) fn direct(&self, terms: &Terms) -> f64 {
        terms.b * self.t0 + terms.theta * self.t1
    }

    /// Average total effect, 1'P 1 / n.
    pub(crate) fn total(&self, terms: &Terms) -> f64 {
        terms.b * self.s0 + terms.theta * self.s1
    }

    /// Derivatives of the average direct effect; `slope` holds the derivatives of the averages with respect to rho.
    pub(crate) fn direct_slopes(&self, slope: &Self, terms: &Terms) -> Slopes {
        Slopes {
            b: self.t0,
            theta: self.t1,
            rho: slope.direct(terms),
        }
    }

    /// Derivatives of the average total effect.
    pub(crate) fn total_slopes(&self, slope: &Self, terms: &Terms) -> Slopes {
        Slopes {
            b: self.s0,
            theta: self.s1,
            rho: slope.total(terms),
        }
    }
}

/// The exact functions of rho behind the averages: tr G, and t1 where W X has weights of its own.
#[derive(Debug, Clone)]
pub(crate) struct Traces {
    pub(crate) local: Local,
    pub(crate) cross: Option<Smooth>,
}

/// What the last exact value may change: tr G / n, and its derivative.
const TRACE_TOLERANCE: f64 = 1e-11;
const SLOPE_TOLERANCE: f64 = 1e-7;

impl Traces {
    /// Known at the estimate; none for models without rho.
    pub(crate) fn of(fit: &Fit) -> Result<Option<Self>> {
        let Some(process) = fit.lag() else {
            return Ok(None);
        };
        let n = fit.n() as f64;
        let mut local = process.local.clone();
        let tolerances = [f64::INFINITY, TRACE_TOLERANCE * n, SLOPE_TOLERANCE * n];
        while !local.is_known(&[process.value], tolerances)? {
            local.add(1)?;
        }
        Ok(Some(Self {
            local,
            cross: cross_near_estimate(fit)?,
        }))
    }
}

/// The averages at the estimate, and their derivatives with respect to rho (zero for models without rho).
pub(crate) fn at_estimate(fit: &Fit, traces: Option<&Traces>) -> Result<(Averages, Averages)> {
    exact(fit, lag(fit).map_or(0.0, |(_, rho)| rho), traces)
}

/// The averages at any rho, and their derivatives; that of t1, where W X has weights of its own, near the estimate only.
pub(crate) fn exact(fit: &Fit, rho: f64, traces: Option<&Traces>) -> Result<(Averages, Averages)> {
    let n = fit.n() as f64;
    let v_ones = durbin_sums(fit);
    let (Some((w, _)), Some(traces)) = (lag(fit), traces) else {
        let t1 = fit.durbin_weights().map_or(0.0, trace) / n;
        return Ok((
            Averages {
                t0: 1.0,
                t1,
                s0: 1.0,
                s1: v_ones.sum() / n,
            },
            Averages {
                t0: 0.0,
                t1: 0.0,
                s0: 0.0,
                s1: 0.0,
            },
        ));
    };
    let ones = Array1::<f64>::ones(fit.n());
    let (s, ds) = w.with_factor(rho, |factor| {
        let x = factor.solve(ones.view())?;
        let z = factor.solve(v_ones.view())?;
        let wy = w
            .csr()
            .transposed_product(factor.solve_transposed(ones.view())?.view());
        Ok(((x.sum() / n, z.sum() / n), (wy.dot(&x) / n, wy.dot(&z) / n)))
    })?;
    let (g, g2) = traces.local.traces(rho)?;
    let (t1, dt1) = match other_durbin(fit) {
        None => (g / n, g2 / n),
        Some(v) => {
            let (_, own) = Own::new(w, Some(v))?.at(rho)?;
            (
                own.sum() / n,
                traces.cross.as_ref().map_or(f64::NAN, |c| c.slope(rho)),
            )
        }
    };
    Ok((
        Averages {
            t0: 1.0 + rho * g / n,
            t1,
            s0: s.0,
            s1: s.1,
        },
        Averages {
            t0: (g + rho * g2) / n,
            t1: dt1,
            s0: ds.0,
            s1: ds.1,
        },
    ))
}

/// The weights of the spatial lag and rho, where the model has one.
pub(crate) fn lag(fit: &Fit) -> Option<(&Weights, f64)> {
    fit.lag().map(|p| (&p.w, p.value))
}

/// The weights of W X where there is a lag with other weights.
pub(crate) fn other_durbin(fit: &Fit) -> Option<&Weights> {
    let (w, _) = lag(fit)?;
    fit.durbin_weights().filter(|v| v.csr() != w.csr())
}

/// V 1, zero without a W X term.
pub(crate) fn durbin_sums(fit: &Fit) -> Array1<f64> {
    fit.durbin_weights()
        .map_or_else(|| Array1::zeros(fit.n()), |v| v.csr().row_sums())
}

/// tr V.
pub(crate) fn trace(v: &Weights) -> f64 {
    (0..v.n()).map(|i| v.csr().get(i, i)).sum()
}

/// The diagonals of A^-1 and A^-1 V at any rho.
pub(crate) enum Own<'a> {
    /// Most units are linked: the dense inverse is faster than a sparse one without zeros.
    Dense(&'a Weights, Option<&'a Weights>),
    Sparse(OwnEntries),
}

/// Links from which a matrix of up to [`DENSE_LIMIT`] units is treated as a dense one, as a share of n².
const DENSE_SHARE: f64 = 0.1;

impl<'a> Own<'a> {
    pub(crate) fn new(w: &'a Weights, v: Option<&'a Weights>) -> Result<Self> {
        let links = w.links() + v.map_or(0, Weights::links);
        if w.n() <= DENSE_LIMIT && links as f64 > DENSE_SHARE * (w.n() as f64).powi(2) {
            return Ok(Self::Dense(w, v));
        }
        OwnEntries::new(w.csr(), v.map(Weights::csr)).map(Self::Sparse)
    }

    pub(crate) fn at(&self, rho: f64) -> Result<(Array1<f64>, Array1<f64>)> {
        match self {
            Self::Sparse(entries) => entries.at(rho),
            Self::Dense(w, v) => {
                let a = inverse(w, rho)?;
                let mut lagged = Array1::zeros(w.n());
                if let Some(v) = v {
                    // (A^-1 V)_ii = sum over j of (A^-1)_ij v_ji
                    for j in 0..v.n() {
                        v.csr().row(j).for_each(|(i, x)| lagged[i] += a[[i, j]] * x);
                    }
                }
                Ok((a.diag().to_owned(), lagged))
            }
        }
    }
}

impl Own<'_> {
    /// The sums by groups of units: of (A^-1)_ii over the units i of each, and of (A^-1)_ij v_ji over i of one and j of another, the groups of
    /// i in rows.
    pub(crate) fn by_groups(
        &self,
        rho: f64,
        group_of: &[u32],
        groups: usize,
    ) -> Result<(Array1<f64>, Array2<f64>)> {
        let (w, v) = match self {
            Self::Sparse(entries) => return entries.by_groups(rho, group_of, groups),
            Self::Dense(w, v) => (w, v),
        };
        let a = inverse(w, rho)?;
        let group = |i: usize| group_of[i] as usize;
        let mut own = Array1::zeros(groups);
        for (i, x) in a.diag().indexed_iter() {
            own[group(i)] += x;
        }
        let mut lagged = Array2::zeros((groups, groups));
        if let Some(v) = v {
            for j in 0..v.n() {
                let links = v.csr().row(j);
                links.for_each(|(i, x)| lagged[[group(i), group(j)]] += a[[i, j]] * x);
            }
        }
        Ok((own, lagged))
    }
}

/// An error above [`DENSE_LIMIT`] units.
pub(crate) fn check_dense(n: usize) -> Result<()> {
    if n <= DENSE_LIMIT {
        return Ok(());
    }
    Err(Error::TooLarge {
        what: "an effect matrix of all units",
        n,
        limit: DENSE_LIMIT,
        instead: "take the average effects, the sums by unit, or single rows and columns, which need no n × n matrix",
    })
}

/// (I - rho W)^-1 as a dense matrix, for at most [`DENSE_LIMIT`] units.
pub(crate) fn inverse(w: &Weights, rho: f64) -> Result<Array2<f64>> {
    check_dense(w.n())?;
    let mut a = w.csr().to_dense() * -rho;
    a.diag_mut().mapv_inplace(|d| d + 1.0);
    dense::inverse(a.view(), "I - rho W")
}
