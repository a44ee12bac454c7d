//! The Jacobian term ln|I - rho W|, its derivatives, and the interval of admissible rho.
//!
//! Up to [`DENSE_LIMIT`] units the eigenvalues omega are computed once and everything is exact in closed form (Ord 1975):
//! ln|I - rho W| = sum ln(1 - rho omega), tr G = sum omega / (1 - rho omega), tr G² = sum (omega / (1 - rho omega))², with G = W (I - rho W)^-1.
//! Above it the value is an exact sparse factorisation, and the derivatives f' = -tr G, f'' = -tr G² come from an interpolant of exact values
//! in u = ln[(rho - lo) / (hi - rho)], where the singularities at both ends become smooth. What is interpolated is the difference to the
//! stochastic start of [`super::moments`], so smooth that three or four values do; the start changes only where they lie.

use std::sync::{Arc, OnceLock};

use ndarray::Array1;

use super::dense;
use super::factor::Resolvent;
use super::moments::Moments;
use super::newton::Newton;
use super::sparse::Csr;
use crate::error::{Error, Result};
use crate::parallel::map_indexed;

/// Largest n for which n × n arrays are made (eigenvalues, inverses): 8 MB an array.
pub(crate) const DENSE_LIMIT: usize = 1_000;

/// Exact values at first, and at most.
const FIRST_NODES: usize = 3;
const MOST_NODES: usize = 60;
/// Factors of at most this many entries are computed side by side.
const ENTRIES_TOGETHER: usize = 40_000_000;
/// The stochastic start.
const PROBES: usize = 8;
const DEGREE: usize = 60;
const POWERS: usize = 40;
const SEED: u64 = 0x5EED;
/// Places at which an interpolant over a whole range is checked.
const PLACES: usize = 32;
/// Tolerance of tr G / n.
const TRACE_TOLERANCE: f64 = 1e-11;
/// A real eigenvalue of an asymmetric matrix ends the interval of rho where it is at least this share of the largest modulus; where
/// none is, the interval ends at one over that modulus.
pub(crate) const SMALLEST_END: f64 = 0.1;
/// The window keeps this share of the distance of rho from each end.
const NEAREST: f64 = 0.02;

/// How ln|I - rho W| is computed; every method is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogDeterminant {
    /// sum ln(1 - rho omega) over the eigenvalues; at most 1,000 units.
    Eigenvalues,
    /// Sparse Cholesky of a symmetric matrix similar to I - rho W; W has to be similar to a symmetric matrix, as every row-standardised
    /// symmetric one is.
    Cholesky,
    /// Sparse LU of I - rho W, for any W.
    Lu,
}

/// ln|I - rho W| for one W.
#[derive(Debug)]
pub(crate) struct Jacobian {
    kind: Kind,
    /// Open interval of admissible rho.
    pub(crate) interval: (f64, f64),
}

#[derive(Debug)]
enum Kind {
    /// Eigenvalues, as (real, imaginary) pairs.
    Eigen(Vec<(f64, f64)>),
    /// Sparse factorisations, and where they start from.
    Sparse {
        resolvent: Resolvent,
        start: OnceLock<Arc<Moments>>,
    },
}

impl Jacobian {
    /// By eigenvalues; the caller bounds n.
    pub(crate) fn by_eigenvalues(w: &Csr, symmetrizer: Option<&Array1<f64>>) -> Result<Self> {
        let omega: Vec<(f64, f64)> = match symmetrizer {
            Some(d) => {
                let mut s = w.to_dense();
                for ((i, j), v) in s.indexed_iter_mut() {
                    *v *= (d[i] / d[j]).sqrt();
                }
                dense::symmetric_eigenvalues(s.view())?
                    .into_iter()
                    .map(|o| (o, 0.0))
                    .collect()
            }
            None => dense::eigenvalues(w.to_dense().view())?,
        };
        let scale = omega
            .iter()
            .map(|(re, im)| re.hypot(*im))
            .fold(0.0, f64::max);
        // The general solver turns a multiple eigenvalue of zero into a cloud of small ones, real and complex, whose inverses would
        // be ends of the interval far out: of an asymmetric matrix only eigenvalues of some size are taken as ends.
        let (imaginary, smallest) = if symmetrizer.is_some() {
            (0.0, 1e-12)
        } else {
            (1e-6, SMALLEST_END)
        };
        let real = || {
            omega
                .iter()
                .filter(|o| o.1.abs() <= imaginary * scale)
                .map(|o| o.0)
        };
        let end = |omega: f64, otherwise: f64| {
            if omega.abs() > smallest * scale {
                1.0 / omega
            } else if scale > 0.0 {
                otherwise / scale
            } else {
                otherwise
            }
        };
        let interval = (
            end(real().fold(0.0, f64::min), -1.0),
            end(real().fold(0.0, f64::max), 1.0),
        );
        Ok(Self {
            kind: Kind::Eigen(omega),
            interval,
        })
    }

    /// By sparse factorisations, over an interval of [`interval`].
    pub(crate) fn by_factors(
        w: &Csr,
        symmetrizer: Option<&Array1<f64>>,
        interval: (f64, f64),
    ) -> Result<Self> {
        Ok(Self {
            kind: Kind::Sparse {
                resolvent: Resolvent::new(w, symmetrizer)?,
                start: OnceLock::new(),
            },
            interval,
        })
    }

    /// ln|I - rho W|.
    pub(crate) fn ln_det(&self, rho: f64) -> Result<f64> {
        match &self.kind {
            Kind::Eigen(omega) => {
                // An eigenvalue is known to a few units of its last place.
                let rounding = (8.0 * f64::EPSILON * (1.0 + rho.abs())).powi(2);
                if omega
                    .iter()
                    .any(|(re, im)| !(shifted(rho, *re, *im) > rounding))
                {
                    return Err(Error::Singular {
                        what: format!("I - rho W at rho = {rho}"),
                    });
                }
                Ok(omega
                    .iter()
                    .map(|(re, im)| 0.5 * shifted(rho, *re, *im).ln())
                    .sum())
            }
            Kind::Sparse { resolvent, .. } => Ok(resolvent.at(rho)?.ln_det()),
        }
    }

    /// The sparse analysis, where the log-determinant rests on one.
    pub(crate) fn resolvent(&self) -> Option<&Resolvent> {
        match &self.kind {
            Kind::Eigen(_) => None,
            Kind::Sparse { resolvent, .. } => Some(resolvent),
        }
    }

    /// How the values are computed.
    pub(crate) fn method(&self) -> LogDeterminant {
        match &self.kind {
            Kind::Eigen(_) => LogDeterminant::Eigenvalues,
            Kind::Sparse {
                resolvent: Resolvent::Symmetric(_),
                ..
            } => LogDeterminant::Cholesky,
            Kind::Sparse {
                resolvent: Resolvent::General(_),
                ..
            } => LogDeterminant::Lu,
        }
    }

    /// Whether eigenvalues are at hand.
    pub(crate) fn is_exact_spectrum(&self) -> bool {
        matches!(self.kind, Kind::Eigen(_))
    }

    /// The eigenvalues, as (real, imaginary) pairs, where they are at hand.
    pub(crate) fn eigenvalues(&self) -> Option<&[(f64, f64)]> {
        match &self.kind {
            Kind::Eigen(omega) => Some(omega),
            Kind::Sparse { .. } => None,
        }
    }

    /// Prepares the start of a search: stochastic traces that place the exact values, and whose difference to them is smooth.
    pub(crate) fn start(&self, w: &Csr, symmetrizer: Option<&Array1<f64>>) {
        if let Kind::Sparse { start, .. } = &self.kind {
            start.get_or_init(|| {
                let (low, high) = (1.0 / self.interval.0, 1.0 / self.interval.1);
                Arc::new(match symmetrizer {
                    Some(d) => Moments::within(w, d, (low, high), PROBES, DEGREE, SEED),
                    None => Moments::of_powers(w, 1.0 / high, PROBES, POWERS, SEED),
                })
            });
        }
    }

    /// Value and derivatives, cheap at any rho: exact from eigenvalues, from the start otherwise.
    pub(crate) fn rough(&self, rho: f64) -> Result<(f64, f64, f64)> {
        match &self.kind {
            Kind::Eigen(omega) => Ok(by_eigenvalues(omega, rho)),
            Kind::Sparse { start, .. } => Ok(start
                .get()
                .map_or((0.0, 0.0, 0.0), |moments| moments.at(rho))),
        }
    }

    /// The function near rho, its values and derivatives: exact from eigenvalues, otherwise from an interpolant over rho ± `half_width` whose
    /// derivative is known to [`TRACE_TOLERANCE`] a unit.
    pub(crate) fn near(self: &Arc<Self>, rho: f64, half_width: f64) -> Result<Local> {
        let mut local = self.window(rho, half_width)?;
        let tolerance = TRACE_TOLERANCE * self.resolvent().map_or(1, Resolvent::n) as f64;
        let places = [rho - 0.5 * half_width, rho, rho + 0.5 * half_width];
        local.refine(&places, tolerance)?;
        Ok(local)
    }

    /// The function over rho ± `half_width`, from the first few values.
    pub(crate) fn window(self: &Arc<Self>, rho: f64, half_width: f64) -> Result<Local> {
        let (lo, hi) = self.interval;
        self.check_inside(rho)?;
        // Nearer to an end than this a value gets a window of its own.
        let a = (rho - half_width).max(lo + NEAREST * (rho - lo));
        let b = (rho + half_width).min(hi - NEAREST * (hi - rho));
        self.between(a, b)
    }

    /// The function over [a, b], its values known to `tolerance` or to rounding.
    pub(crate) fn over(self: &Arc<Self>, a: f64, b: f64, tolerance: f64) -> Result<Local> {
        self.check_inside(a)?;
        self.check_inside(b)?;
        let mut local = self.between(a, b)?;
        let (from, to) = (to_u(self.interval, a), to_u(self.interval, b));
        let places: Vec<f64> = (0..=PLACES)
            .map(|j| from + (to - from) * j as f64 / PLACES as f64)
            .map(|u| from_u(self.interval, u))
            .collect();
        while !local.is_known(&places, [tolerance, f64::INFINITY, f64::INFINITY])? {
            local.add(1)?;
        }
        Ok(local)
    }

    fn between(self: &Arc<Self>, a: f64, b: f64) -> Result<Local> {
        let newton = match &self.kind {
            Kind::Eigen(_) => None,
            Kind::Sparse { .. } => {
                let ends = (to_u(self.interval, a), to_u(self.interval, b));
                Some(Newton::over(ends.0, ends.1))
            }
        };
        let mut local = Local {
            of: Arc::clone(self),
            newton,
        };
        local.add(FIRST_NODES)?;
        Ok(local)
    }

    fn check_inside(&self, rho: f64) -> Result<()> {
        let (lo, hi) = self.interval;
        if rho > lo && rho < hi {
            return Ok(());
        }
        Err(Error::Singular {
            what: format!("I - rho W at rho = {rho}, outside ({lo}, {hi})"),
        })
    }
}

/// Open interval round zero without a singular I - rho W: between the inverses of the extreme eigenvalues where they are known, otherwise
/// from norms.
pub(crate) fn interval(w: &Csr, extremes: Option<(f64, f64)>) -> (f64, f64) {
    if let Some((low, high)) = extremes {
        let size = low.abs().max(high.abs());
        return (inverse_or(low, -1.0, size), inverse_or(high, 1.0, size));
    }
    // Any norm bounds the spectral radius, so that this interval holds no singular matrix.
    let norm = |sums: Array1<f64>| sums.fold(0.0_f64, |m, s| m.max(*s));
    let bound = norm(w.row_sums()).min(norm(w.column_sums()));
    if bound > 0.0 {
        (-1.0 / bound, 1.0 / bound)
    } else {
        (-1.0, 1.0)
    }
}

/// u = ln[(rho - lo) / (hi - rho)], in which functions with singularities at both ends of (lo, hi) are smooth.
pub(crate) fn to_u((lo, hi): (f64, f64), rho: f64) -> f64 {
    ((rho - lo) / (hi - rho)).ln()
}

/// The rho of a u.
pub(crate) fn from_u((lo, hi): (f64, f64), u: f64) -> f64 {
    // Stable on both sides.
    if u > 0.0 {
        hi - (hi - lo) / (1.0 + u.exp())
    } else {
        lo + (hi - lo) / (1.0 + (-u).exp())
    }
}

/// |1 - rho (re + i im)|².
fn shifted(rho: f64, re: f64, im: f64) -> f64 {
    (1.0 - rho * re).powi(2) + (rho * im).powi(2)
}

fn inverse_or(omega: f64, otherwise: f64, scale: f64) -> f64 {
    if omega.abs() > 1e-12 * scale {
        1.0 / omega
    } else {
        otherwise
    }
}

/// ln|I - rho W| and its derivatives over a neighbourhood of one rho.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    of: Arc<Jacobian>,
    /// Of what the start leaves, in u; none where eigenvalues are at hand.
    newton: Option<Newton>,
}

impl Local {
    /// Adds `count` exact values, computed side by side where their factors fit in memory together.
    pub(crate) fn add(&mut self, count: usize) -> Result<()> {
        let (Some(newton), Kind::Sparse { resolvent, start }) = (&mut self.newton, &self.of.kind)
        else {
            return Ok(());
        };
        let interval = self.of.interval;
        let value = |u: f64| {
            let rho = from_u(interval, u);
            let exact = resolvent.at(rho)?.ln_det();
            Ok(exact - start.get().map_or(0.0, |moments| moments.at(rho).0))
        };
        let points = newton.next(count);
        let values: Vec<Result<f64>> = if resolvent.entries() <= ENTRIES_TOGETHER {
            map_indexed(count, |i| value(points[i]))
        } else {
            points.iter().map(|u| value(*u)).collect()
        };
        for (u, value) in points.into_iter().zip(values) {
            newton.push(u, value?);
        }
        Ok(())
    }

    /// Adds values until the derivative is known to `tolerance` at the places given, or to rounding.
    pub(crate) fn refine(&mut self, places: &[f64], tolerance: f64) -> Result<()> {
        while !self.is_known(places, [f64::INFINITY, tolerance, f64::INFINITY])? {
            self.add(1)?;
        }
        Ok(())
    }

    /// Whether the value and the two derivatives are known to these tolerances, or to rounding, at the places given.
    ///
    /// [`Error::NotConverged`] where they are not and there are as many values as there may be.
    pub(crate) fn is_known(&self, places: &[f64], tolerances: [f64; 3]) -> Result<bool> {
        let Some(newton) = &self.newton else {
            return Ok(true);
        };
        let error = self.error(places);
        let rounding = self.rounding();
        if error.0 <= tolerances[0].max(rounding[0])
            && error.1 <= tolerances[1].max(rounding[1])
            && error.2 <= tolerances[2].max(rounding[2])
        {
            return Ok(true);
        }
        if newton.len() >= MOST_NODES {
            return Err(Error::NotConverged {
                what: "the interpolation of ln|I - rho W|",
                iterations: MOST_NODES,
            });
        }
        Ok(false)
    }

    /// How well the value and the derivatives can be known, for rounding of the exact values.
    fn rounding(&self) -> [f64; 3] {
        let (Some(newton), Some(resolvent)) = (&self.newton, self.of.resolvent()) else {
            return [0.0; 3];
        };
        let (a, b) = newton.interval();
        let u1 = self.slope(from_u(self.of.interval, 0.5 * (a + b))).0;
        let per_node = (newton.len() as f64).powi(2) / (b - a) * u1;
        let value = 16.0 * f64::EPSILON * (resolvent.n() as f64).sqrt();
        [value, value * per_node, value * per_node * per_node]
    }

    /// Estimates, on the safe side, of the errors of the value and of the derivatives: what the last exact value changed, at the
    /// worst of the places given; zero from eigenvalues.
    pub(crate) fn error(&self, places: &[f64]) -> (f64, f64, f64) {
        let Some(newton) = &self.newton else {
            return (0.0, 0.0, 0.0);
        };
        let (a, b) = newton.interval();
        places
            .iter()
            .fold((0.0_f64, 0.0_f64, 0.0_f64), |worst, rho| {
                let u = to_u(self.of.interval, *rho).clamp(a, b);
                let change = newton.last_change(u);
                let (f, d, s) = self.to_rho(from_u(self.of.interval, u), change);
                (
                    worst.0.max(f.abs()),
                    worst.1.max(d.abs()),
                    worst.2.max(s.abs()),
                )
            })
    }

    /// First and second derivative of u with respect to rho.
    fn slope(&self, rho: f64) -> (f64, f64) {
        let (lo, hi) = self.of.interval;
        let (below, above) = (1.0 / (rho - lo), 1.0 / (hi - rho));
        (below + above, above * above - below * below)
    }

    /// Derivatives with respect to u to those with respect to rho.
    fn to_rho(&self, rho: f64, (f, d, s): (f64, f64, f64)) -> (f64, f64, f64) {
        let (u1, u2) = self.slope(rho);
        (f, d * u1, s * u1 * u1 + d * u2)
    }

    /// The window.
    pub(crate) fn interval(&self) -> (f64, f64) {
        self.newton.as_ref().map_or(self.of.interval, |newton| {
            let (a, b) = newton.interval();
            (from_u(self.of.interval, a), from_u(self.of.interval, b))
        })
    }

    /// Whether rho lies in the window, or beyond an end of it that lies as near to the end of the admissible interval as windows go.
    pub(crate) fn holds(&self, rho: f64) -> bool {
        if self.newton.is_none() {
            return true;
        }
        let ((lo, hi), (a, b)) = (self.of.interval, self.interval());
        let near = 2.0 * NEAREST * 0.5 * (b - a);
        (rho >= a || a - lo <= near) && (rho <= b || hi - b <= near)
    }

    /// The Jacobian of which it is a part.
    pub(crate) fn jacobian(&self) -> &Arc<Jacobian> {
        &self.of
    }

    /// Whether rho lies in the window.
    pub(crate) fn covers(&self, rho: f64) -> bool {
        let Some(newton) = &self.newton else {
            return true;
        };
        let (lo, hi) = self.of.interval;
        let (a, b) = newton.interval();
        let u = if rho > lo && rho < hi {
            to_u((lo, hi), rho)
        } else {
            f64::NAN
        };
        u >= a - 1e-9 && u <= b + 1e-9
    }

    /// ln|I - rho W| and its first two derivatives, in the window.
    pub(crate) fn inside(&self, rho: f64) -> (f64, f64, f64) {
        match (&self.of.kind, &self.newton) {
            (Kind::Eigen(omega), _) => by_eigenvalues(omega, rho),
            (Kind::Sparse { start, .. }, Some(newton)) => {
                let rest = self.to_rho(rho, newton.at(to_u(self.of.interval, rho)));
                let (f, d, s) = start
                    .get()
                    .map_or((0.0, 0.0, 0.0), |moments| moments.at(rho));
                (f + rest.0, d + rest.1, s + rest.2)
            }
            (Kind::Sparse { .. }, None) => (f64::NAN, f64::NAN, f64::NAN),
        }
    }

    /// ln|I - rho W| and its first two derivatives; a value outside the window gets a window of its own.
    pub(crate) fn at(&self, rho: f64) -> Result<(f64, f64, f64)> {
        if self.covers(rho) {
            return Ok(self.inside(rho));
        }
        let (lo, hi) = self.of.interval;
        let width = 0.02 * (hi - rho).min(rho - lo).min(1.0);
        let own = self.of.near(rho, width)?;
        Ok(own.inside(rho))
    }

    /// tr G and tr G² with G = W (I - rho W)^-1.
    pub(crate) fn traces(&self, rho: f64) -> Result<(f64, f64)> {
        self.at(rho).map(|(_, d, s)| (-d, -s))
    }

    /// The values of rho with exact factorisations; none from eigenvalues.
    pub(crate) fn nodes(&self) -> Vec<f64> {
        self.newton.as_ref().map_or_else(Vec::new, |newton| {
            newton
                .points()
                .map(|u| from_u(self.of.interval, u))
                .collect()
        })
    }
}

/// ln|I - rho W| = sum ln(1 - rho omega), -tr G and -tr G², from eigenvalues.
fn by_eigenvalues(omega: &[(f64, f64)], rho: f64) -> (f64, f64, f64) {
    omega.iter().fold((0.0, 0.0, 0.0), |(f, d, s), &(re, im)| {
        // g = omega / (1 - rho omega); real parts of g and g².
        let size = shifted(rho, re, im);
        let a = (re - rho * (re * re + im * im)) / size;
        let b = im / size;
        (f + 0.5 * size.ln(), d - a, s - (a * a - b * b))
    })
}

/// The common value of all entries, where they have one.
pub(crate) fn common(sums: &Array1<f64>) -> Option<f64> {
    let first = sums.first().copied()?;
    sums.iter()
        .all(|s| (s - first).abs() <= 1e-12 * first.abs())
        .then_some(first)
}
