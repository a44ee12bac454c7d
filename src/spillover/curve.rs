//! The averages as a function of rho, read from interpolants, for many draws at a cost that does not depend on n.

use std::collections::HashMap;

use ndarray::Array1;

use super::averages::{Averages, Own, Traces, at_estimate, durbin_sums, exact, lag, other_durbin};
use crate::error::{Error, Result};
use crate::linalg::chebyshev::Chebyshev;
use crate::linalg::logdet::{common, from_u, to_u};
use crate::regression::Fit;

/// The averages as a function of rho.
#[derive(Debug, Clone)]
pub(crate) enum Curve {
    /// A model without rho: they do not move.
    Fixed(Averages),
    /// Read from a window round the estimate; a draw outside it gets its own exact value.
    Window(Box<Window>),
}

#[derive(Debug, Clone)]
pub(crate) struct Window {
    interval: (f64, f64),
    /// None where an interpolant would need too many values, as over the whole admissible interval.
    series: Option<Series>,
}

#[derive(Debug, Clone)]
struct Series {
    /// tr G / n.
    g: Smooth,
    sums: Sums,
    /// t1 where W X has weights of its own.
    t1: Option<Smooth>,
}

/// How the sums s0 and s1 are had.
#[derive(Debug, Clone)]
enum Sums {
    /// Every row of W sums to c, every row of V to d: 1 / (1 - rho c) and d / (1 - rho c).
    Constant { c: f64, d: f64 },
    /// By interpolation of exact values.
    Smooth { s0: Smooth, s1: Smooth },
}

/// Interpolation stops at this size of the last coefficients.
const TOLERANCE: f64 = 1e-12;
/// The same for traces that are themselves derivatives of an interpolant.
pub(super) const TOLERANCE_OF_TRACES: f64 = 1e-10;
const MOST_NODES: usize = 129;
/// What the last exact value may change of tr G / n half way to the ends of the window.
const DRAW_TOLERANCE: f64 = 1e-8;
/// Standard errors to either side of the estimate that the window holds, and the share of the admissible interval that it keeps from
/// its ends.
const REACH: f64 = 6.0;
const MARGIN: f64 = 1e-4;
/// The smaller window of a trace, as a share of the distance of rho from the nearer end of its interval.
pub(super) const NARROW: f64 = 0.1;

impl Curve {
    pub(crate) fn of(fit: &Fit, traces: Option<&Traces>) -> Result<Self> {
        let (Some((w, rho)), Some(traces)) = (lag(fit), traces) else {
            return Ok(Self::Fixed(at_estimate(fit, None)?.0));
        };
        let (lo, hi) = w.jacobian()?.interval;
        let (mut a, mut b) = window(fit, (lo, hi), rho);
        let (low, high) = traces.local.interval();
        (a, b) = (a.max(low), b.min(high));
        if let Some(cross) = &traces.cross {
            (a, b) = (a.max(cross.window.0), b.min(cross.window.1));
        }
        let series = match Series::over(fit, traces, (a, b)) {
            Ok(series) => Some(series),
            Err(Error::NotConverged { .. }) => None,
            Err(other) => return Err(other),
        };
        Ok(Self::Window(Box::new(Window {
            interval: (a, b),
            series: series.filter(|_| a < b),
        })))
    }

    /// The averages at a value of rho.
    pub(crate) fn at(&self, fit: &Fit, traces: Option<&Traces>, rho: f64) -> Result<Averages> {
        match self {
            Self::Fixed(averages) => Ok(*averages),
            Self::Window(window) => window.at(fit, traces, rho),
        }
    }
}

impl Window {
    fn at(&self, fit: &Fit, traces: Option<&Traces>, rho: f64) -> Result<Averages> {
        let inside = rho >= self.interval.0 && rho <= self.interval.1;
        let Some(series) = self.series.as_ref().filter(|_| inside) else {
            return Ok(exact(fit, rho, traces)?.0);
        };
        let g = series.g.at(rho);
        let (s0, s1) = match &series.sums {
            Sums::Constant { c, d } => (1.0 / (1.0 - rho * c), d / (1.0 - rho * c)),
            Sums::Smooth { s0, s1 } => (s0.at(rho), s1.at(rho)),
        };
        Ok(Averages {
            t0: 1.0 + rho * g,
            t1: series.t1.as_ref().map_or(g, |t| t.at(rho)),
            s0,
            s1,
        })
    }
}

impl Series {
    fn over(fit: &Fit, traces: &Traces, (a, b): (f64, f64)) -> Result<Self> {
        let Some((w, rho)) = lag(fit) else {
            return Err(Error::NotConverged {
                what: "the interpolation of a function of rho",
                iterations: 0,
            });
        };
        let jacobian = w.jacobian()?;
        let bounds = jacobian.interval;
        let n = fit.n() as f64;
        let mut local = traces.local.clone();
        let places = [0.5 * (rho + a), rho, 0.5 * (rho + b)];
        while !local.is_known(&places, [f64::INFINITY, DRAW_TOLERANCE * n, f64::INFINITY])? {
            local.add(1)?;
        }
        let tolerance = if jacobian.is_exact_spectrum() {
            TOLERANCE
        } else {
            TOLERANCE_OF_TRACES
        };
        let g = Smooth::fit(bounds, (a, b), tolerance, |r| Ok(local.traces(r)?.0 / n))?;
        let (row_sums, v_sums) = (w.csr().row_sums(), durbin_sums(fit));
        let sums = if let (Some(c), Some(d)) = (common(&row_sums), common(&v_sums)) {
            Sums::Constant { c, d }
        } else {
            // Both from one factorisation a value of rho.
            let mut known: HashMap<u64, (f64, f64)> = HashMap::new();
            let ones = Array1::ones(fit.n());
            let mut both = |r: f64| -> Result<(f64, f64)> {
                if let Some(pair) = known.get(&r.to_bits()) {
                    return Ok(*pair);
                }
                let pair = w.with_factor(r, |f| {
                    let x = f.solve_transposed(ones.view())?;
                    Ok((x.sum() / n, x.dot(&v_sums) / n))
                })?;
                known.insert(r.to_bits(), pair);
                Ok(pair)
            };
            Sums::Smooth {
                s0: Smooth::fit(bounds, (a, b), TOLERANCE, |r| Ok(both(r)?.0))?,
                s1: Smooth::fit(bounds, (a, b), TOLERANCE, |r| Ok(both(r)?.1))?,
            }
        };
        Ok(Self {
            g,
            sums,
            t1: traces.cross.clone(),
        })
    }
}

/// The window round rho over which draws fall, inside the admissible interval.
pub(super) fn window(fit: &Fit, (lo, hi): (f64, f64), rho: f64) -> (f64, f64) {
    let se = fit.rho().map_or(f64::NAN, |r| r.std_error);
    let half = if se.is_finite() && se > 0.0 {
        (REACH * se).min(0.5 * (hi - lo))
    } else {
        0.1 * (hi - lo)
    };
    let margin = MARGIN * (hi - lo);
    ((rho - half).max(lo + margin), (rho + half).min(hi - margin))
}

/// tr (I - rho W)^-1 V / n over the window of draws, or over a smaller one where that would need too many values; none where W X has the
/// weights of the lag.
pub(crate) fn cross_near_estimate(fit: &Fit) -> Result<Option<Smooth>> {
    let (Some((w, rho)), Some(v)) = (lag(fit), other_durbin(fit)) else {
        return Ok(None);
    };
    let (lo, hi) = w.jacobian()?.interval;
    let own = Own::new(w, Some(v))?;
    let n = w.n() as f64;
    let over = |window: (f64, f64)| {
        Smooth::fit((lo, hi), window, TOLERANCE_OF_TRACES, |rho| {
            Ok(own.at(rho)?.1.sum() / n)
        })
    };
    let half = NARROW * (hi - rho).min(rho - lo);
    let narrow = (rho - half, rho + half);
    let wide = window(fit, (lo, hi), rho);
    if !(wide.0 < rho && rho < wide.1) {
        return over(narrow).map(Some);
    }
    match over(wide) {
        Err(Error::NotConverged { .. }) => over(narrow).map(Some),
        other => other.map(Some),
    }
}

/// A function of rho with poles at the ends of (lo, hi), read from an interpolant in u of the function times (rho - lo)(hi - rho).
#[derive(Debug, Clone)]
pub(crate) struct Smooth {
    bounds: (f64, f64),
    window: (f64, f64),
    series: Chebyshev,
}

impl Smooth {
    fn fit(
        bounds: (f64, f64),
        window: (f64, f64),
        tolerance: f64,
        mut f: impl FnMut(f64) -> Result<f64>,
    ) -> Result<Self> {
        let mut one = Self::fit_together(bounds, window, tolerance, |rho| Ok(vec![f(rho)?]))?;
        one.pop().ok_or(Error::NotConverged {
            what: "the interpolation of a function of rho",
            iterations: 0,
        })
    }

    /// Many functions, known to `tolerance` times the largest of all.
    pub(super) fn fit_together(
        bounds: (f64, f64),
        window: (f64, f64),
        tolerance: f64,
        mut f: impl FnMut(f64) -> Result<Vec<f64>>,
    ) -> Result<Vec<Self>> {
        let (a, b) = (to_u(bounds, window.0), to_u(bounds, window.1));
        let all = Chebyshev::fit(a, b, tolerance, MOST_NODES, |u| {
            let rho = from_u(bounds, u);
            let tamed = (rho - bounds.0) * (bounds.1 - rho);
            Ok(f(rho)?.into_iter().map(|f| f * tamed).collect())
        })?;
        Ok(all
            .into_iter()
            .map(|series| Self {
                bounds,
                window,
                series,
            })
            .collect())
    }

    pub(super) fn at(&self, rho: f64) -> f64 {
        let (below, above) = (rho - self.bounds.0, self.bounds.1 - rho);
        self.series.value((below / above).ln()) / (below * above)
    }

    /// The derivative with respect to rho.
    pub(crate) fn slope(&self, rho: f64) -> f64 {
        let (below, above) = (rho - self.bounds.0, self.bounds.1 - rho);
        let (tamed, by_u, _) = self.series.at((below / above).ln());
        let product = below * above;
        let u1 = (below + above) / product;
        (by_u * u1 - tamed * (above - below) / product) / product
    }
}
