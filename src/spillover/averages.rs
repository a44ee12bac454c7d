//! The averages that every impact is made of, as functions of rho.
//!
//! With A = I - rho W and V the weights of the W X term, the effect matrix of a regressor with coefficients b and theta is
//! P = A^-1 (b I + theta V). Its average diagonal and its average row sum need four numbers only:
//! t0 = tr A^-1 / n, t1 = tr A^-1 V / n, s0 = 1'A^-1 1 / n, s1 = 1'A^-1 V 1 / n. With V = W the traces follow from the Jacobian term,
//! tr A^-1 = n + rho tr G and tr A^-1 W = tr G, exactly and at any n; the sums need two sparse solves.

use ndarray::{Array1, Array2};

use crate::error::{Error, Result};
use crate::linalg::chebyshev::Chebyshev;
use crate::linalg::dense;
use crate::linalg::logdet::{DENSE_LIMIT, Local, common, from_u, to_u};
use crate::regression::Fit;
use crate::weights::Weights;

/// t0, t1, s0, s1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Averages {
    pub(crate) t0: f64,
    pub(crate) t1: f64,
    pub(crate) s0: f64,
    pub(crate) s1: f64,
}

impl Averages {
    /// Average direct effect, tr P / n.
    pub(crate) fn direct(&self, b: f64, theta: f64) -> f64 {
        b * self.t0 + theta * self.t1
    }

    /// Average total effect, 1'P 1 / n.
    pub(crate) fn total(&self, b: f64, theta: f64) -> f64 {
        b * self.s0 + theta * self.s1
    }
}

/// The averages at the estimate, and their derivatives with respect to rho (zero for models without rho).
pub(crate) fn at_estimate(fit: &Fit) -> Result<(Averages, Averages)> {
    exact(fit, lag(fit).map_or(0.0, |(_, rho)| rho))
}

/// The averages at any rho, and their derivatives.
fn exact(fit: &Fit, rho: f64) -> Result<(Averages, Averages)> {
    let n = fit.n() as f64;
    let ones = Array1::<f64>::ones(fit.n());
    let v_ones = fit
        .durbin_weights()
        .map_or_else(|| Array1::zeros(fit.n()), |v| v.csr().row_sums());
    let Some((w, _)) = lag(fit) else {
        let t1 = fit.durbin_weights().map_or(0.0, |v| {
            (0..v.n()).map(|i| v.csr().get(i, i)).sum::<f64>() / n
        });
        let zero = Averages {
            t0: 0.0,
            t1: 0.0,
            s0: 0.0,
            s1: 0.0,
        };
        return Ok((
            Averages {
                t0: 1.0,
                t1,
                s0: 1.0,
                s1: v_ones.sum() / n,
            },
            zero,
        ));
    };
    let (s, ds) = w.with_factor(rho, |factor| {
        let x = factor.solve(ones.view())?;
        let z = factor.solve(v_ones.view())?;
        let wy = w
            .csr()
            .transposed_product(factor.solve_transposed(ones.view())?.view());
        Ok(((x.sum() / n, z.sum() / n), (wy.dot(&x) / n, wy.dot(&z) / n)))
    })?;
    let (t, dt) = match other_durbin(fit, w) {
        None => {
            let (g, g2) = w.jacobian()?.near(rho, window(fit, w)?)?.traces(rho)?;
            ((1.0 + rho * g / n, g / n), ((g + rho * g2) / n, g2 / n))
        }
        Some(v) => {
            let a = inverse(w, rho)?;
            let wa = w.csr().product_columns(a.view());
            let awa = a.dot(&wa);
            (
                (trace(&a) / n, trace_product(&a, v) / n),
                (trace(&awa) / n, trace_product(&awa, v) / n),
            )
        }
    };
    Ok((
        Averages {
            t0: t.0,
            t1: t.1,
            s0: s.0,
            s1: s.1,
        },
        Averages {
            t0: dt.0,
            t1: dt.1,
            s0: ds.0,
            s1: ds.1,
        },
    ))
}

/// The weights of the spatial lag and rho, where the model has one.
pub(crate) fn lag(fit: &Fit) -> Option<(&Weights, f64)> {
    fit.lag().map(|p| (&p.w, p.value))
}

/// The weights of W X where they are not those of the lag.
fn other_durbin<'a>(fit: &'a Fit, w: &Weights) -> Option<&'a Weights> {
    fit.durbin_weights().filter(|v| v.csr() != w.csr())
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
        instead: "take the average effects, or the sums by unit, which need no n × n matrix",
    })
}

/// (I - rho W)^-1 as a dense matrix, for at most [`DENSE_LIMIT`] units.
pub(crate) fn inverse(w: &Weights, rho: f64) -> Result<Array2<f64>> {
    check_dense(w.n())?;
    let mut a = w.csr().to_dense() * -rho;
    a.diag_mut().mapv_inplace(|d| d + 1.0);
    dense::inverse(a.view(), "I - rho W")
}

fn trace(a: &Array2<f64>) -> f64 {
    a.diag().sum()
}

/// tr A V.
fn trace_product(a: &Array2<f64>, v: &Weights) -> f64 {
    (0..v.n())
        .map(|i| v.csr().row(i).map(|(j, x)| a[[j, i]] * x).sum::<f64>())
        .sum()
}

/// Half width of the window round rho over which draws fall: six standard errors, inside the admissible interval.
fn window(fit: &Fit, w: &Weights) -> Result<f64> {
    let (lo, hi) = w.jacobian()?.interval;
    let se = fit.rho().map_or(0.0, |r| r.std_error);
    let wide = if se.is_finite() && se > 0.0 {
        6.0 * se
    } else {
        0.1
    };
    Ok(wide.min(0.5 * (hi - lo)))
}

/// The averages as a function of rho, for many draws.
pub(crate) enum Curve<'a> {
    /// A model without rho: they do not move.
    Fixed(Averages),
    /// Read from a window round the estimate; a draw outside it gets its own exact value.
    Window(Box<Window<'a>>),
}

pub(crate) struct Window<'a> {
    fit: &'a Fit,
    interval: (f64, f64),
    local: Local,
    sums: Sums,
    /// Interpolant of t1 where W X has weights of its own.
    t1: Option<Smooth>,
}

/// How the sums s0 and s1 are had.
enum Sums {
    /// Every row of W sums to c, every row of V to d: 1 / (1 - rho c) and d / (1 - rho c).
    Constant { c: f64, d: f64 },
    /// By interpolation of exact values.
    Smooth { s0: Smooth, s1: Smooth },
}

const TOLERANCE: f64 = 1e-12;
const MOST_NODES: usize = 129;

impl<'a> Curve<'a> {
    pub(crate) fn of(fit: &'a Fit) -> Result<Self> {
        let Some((w, rho)) = lag(fit) else {
            return Ok(Self::Fixed(at_estimate(fit)?.0));
        };
        let half = window(fit, w)?;
        let jacobian = w.jacobian()?;
        let local = jacobian.near(rho, half)?;
        let (lo, hi) = jacobian.interval;
        let margin = 1e-4 * (hi - lo);
        let (a, b) = ((rho - half).max(lo + margin), (rho + half).min(hi - margin));
        let n = fit.n() as f64;
        let row_sums = w.csr().row_sums();
        let v_sums = fit
            .durbin_weights()
            .map_or_else(|| Array1::zeros(fit.n()), |v| v.csr().row_sums());
        let smooth = |f: &dyn Fn(f64) -> Result<f64>| Smooth::fit((lo, hi), (a, b), f);
        let sums = if let (Some(c), Some(d)) = (common(&row_sums), common(&v_sums)) {
            Sums::Constant { c, d }
        } else {
            let mean =
                |v: &Array1<f64>, r: f64| Ok(w.with_factor(r, |f| f.solve(v.view()))?.sum() / n);
            let ones = Array1::ones(fit.n());
            Sums::Smooth {
                s0: smooth(&|r| mean(&ones, r))?,
                s1: smooth(&|r| mean(&v_sums, r))?,
            }
        };
        let t1 = match other_durbin(fit, w) {
            None => None,
            Some(v) => Some(smooth(&|r| Ok(trace_product(&inverse(w, r)?, v) / n))?),
        };
        Ok(Self::Window(Box::new(Window {
            fit,
            interval: (a, b),
            local,
            sums,
            t1,
        })))
    }

    /// The admissible interval of rho; none for models without rho.
    pub(crate) fn admissible(&self) -> Result<Option<(f64, f64)>> {
        match self {
            Self::Fixed(_) => Ok(None),
            Self::Window(window) => match lag(window.fit) {
                Some((w, _)) => Ok(Some(w.jacobian()?.interval)),
                None => Ok(None),
            },
        }
    }

    /// The averages at a value of rho.
    pub(crate) fn at(&self, rho: f64) -> Result<Averages> {
        match self {
            Self::Fixed(averages) => Ok(*averages),
            Self::Window(window) => window.at(rho),
        }
    }
}

impl Window<'_> {
    fn at(&self, rho: f64) -> Result<Averages> {
        let inside = rho >= self.interval.0 && rho <= self.interval.1;
        if !inside && (self.t1.is_some() || matches!(self.sums, Sums::Smooth { .. })) {
            return Ok(exact(self.fit, rho)?.0);
        }
        let n = self.fit.n() as f64;
        let (g, _) = self.local.traces(rho)?;
        let t1 = self.t1.as_ref().map_or(g / n, |t| t.at(rho));
        let (s0, s1) = match &self.sums {
            Sums::Constant { c, d } => (1.0 / (1.0 - rho * c), d / (1.0 - rho * c)),
            Sums::Smooth { s0, s1 } => (s0.at(rho), s1.at(rho)),
        };
        Ok(Averages {
            t0: 1.0 + rho * g / n,
            t1,
            s0,
            s1,
        })
    }
}

/// A function of rho with poles at the ends of (lo, hi), read from an interpolant in u of the function times (rho - lo)(hi - rho).
pub(crate) struct Smooth {
    bounds: (f64, f64),
    series: Chebyshev,
}

impl Smooth {
    fn fit(bounds: (f64, f64), (a, b): (f64, f64), f: &dyn Fn(f64) -> Result<f64>) -> Result<Self> {
        let tame = |rho: f64| (rho - bounds.0) * (bounds.1 - rho);
        let series = Chebyshev::fit(
            to_u(bounds, a),
            to_u(bounds, b),
            TOLERANCE,
            MOST_NODES,
            |u| {
                let rho = from_u(bounds, u);
                Ok(f(rho)? * tame(rho))
            },
        )?;
        Ok(Self { bounds, series })
    }

    fn at(&self, rho: f64) -> f64 {
        self.series.at(to_u(self.bounds, rho)).0 / ((rho - self.bounds.0) * (self.bounds.1 - rho))
    }
}
