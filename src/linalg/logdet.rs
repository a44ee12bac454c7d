//! The Jacobian term ln|I - rho W|, its derivatives, and the interval of admissible rho.
//!
//! Up to [`DENSE_LIMIT`] units the eigenvalues omega are computed once and everything is exact in closed form (Ord 1975):
//! ln|I - rho W| = sum ln(1 - rho omega), tr G = sum omega / (1 - rho omega), tr G² = sum (omega / (1 - rho omega))², with G = W (I - rho W)^-1.
//! Above it the value is an exact sparse factorisation, and the derivatives f' = -tr G, f'' = -tr G² come from an interpolant of exact values
//! in u = ln[(rho - lo) / (hi - rho)], where the singularities at both ends become smooth. What is interpolated is the difference to the
//! stochastic start of [`super::moments`], so smooth that three or four values do; the start changes only where they lie.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ndarray::Array1;

use super::dense;
use super::factor::Resolvent;
use super::moments::Moments;
use super::pace_lesage::chebyshev;
use super::sparse::Csr;
use crate::error::{Error, Result};

/// Largest n for which n × n arrays are made (eigenvalues, inverses): 8 MB an array.
pub(crate) const DENSE_LIMIT: usize = 1_000;

/// The stochastic start.
const PROBES: usize = 8;
const DEGREE: usize = 60;
const POWERS: usize = 40;
const SEED: u64 = 0x5EED;
/// A real eigenvalue of an asymmetric matrix ends the interval of rho where it is at least this share of the largest modulus; where
/// none is, the interval ends at one over that modulus.
pub(crate) const SMALLEST_END: f64 = 0.1;

/// How ln|I - rho W| is computed.
///
/// The first three are exact, and one of them is chosen where none is named: eigenvalues up to 1,000 units, above a sparse factorisation, Cholesky
/// where W is similar to a symmetric matrix. The last two are approximations, taken only where they are named, with an error that is stated.
/// They need no factor, and serve where weights link so many distant units that a factor does not fit in memory.
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
    /// The Chebyshev polynomial of this order that interpolates ln(1 - rho x), with exact traces of powers of W (Pace and LeSage 2004); W has to be
    /// similar to a symmetric matrix. Its error is bounded, and large near the ends of the interval: order 5 is as in spatialreg, 10 to 20 are
    /// better.
    #[doc(alias = "cheb_setup")]
    Chebyshev {
        /// Order of the polynomial, 1 to 20.
        order: usize,
    },
    /// Chebyshev traces (of powers, where W is not similar to a symmetric matrix) estimated by random probes (Hutchinson 1990; Barry and Pace 1999;
    /// Pace and LeSage 2004). Its error is the standard error over the probes and what the degree leaves out.
    #[doc(alias = "mcdet_setup")]
    Stochastic {
        /// Random vectors, from 2 on; 30 are usual.
        probes: usize,
        /// Highest power, from 2 on; 60 are usual.
        degree: usize,
        /// Seed of the probes.
        seed: u64,
    },
}

impl fmt::Display for LogDeterminant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eigenvalues => f.write_str("eigenvalues"),
            Self::Cholesky => f.write_str("sparse Cholesky factorisations"),
            Self::Lu => f.write_str("sparse LU factorisations"),
            Self::Chebyshev { order } => write!(f, "Chebyshev approximation of order {order}"),
            Self::Stochastic {
                probes,
                degree,
                seed,
            } => write!(
                f,
                "stochastic approximation of degree {degree} with {probes} probes, seed {seed}"
            ),
        }
    }
}

/// A function that is near ln|I - rho W|.
#[derive(Debug)]
pub(crate) enum Approximation {
    /// Exact traces of the powers of W of n units; `scale` times its spectrum is inside [-1, 1].
    Chebyshev {
        traces: Vec<f64>,
        n: usize,
        scale: f64,
        order: usize,
    },
    Stochastic(Moments),
}

impl Approximation {
    /// The value, and its error.
    fn at(&self, rho: f64) -> (f64, f64) {
        match self {
            Self::Chebyshev {
                traces,
                n,
                scale,
                order,
            } => chebyshev(traces, *n, *scale, *order, rho),
            Self::Stochastic(moments) => (moments.at(rho).0, moments.error(rho)),
        }
    }
}

/// ln|I - rho W| for one W.
#[derive(Debug)]
pub(crate) struct Jacobian {
    pub(super) kind: Kind,
    method: LogDeterminant,
    /// Open interval of admissible rho.
    pub(crate) interval: (f64, f64),
}

#[derive(Debug)]
pub(super) enum Kind {
    /// Eigenvalues, as (real, imaginary) pairs.
    Eigen(Vec<(f64, f64)>),
    /// Sparse factorisations, and where they start from.
    Sparse {
        resolvent: Resolvent,
        start: OnceLock<Arc<Moments>>,
    },
    /// Named by the caller.
    Approximate(Approximation),
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
            method: LogDeterminant::Eigenvalues,
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
            method: match symmetrizer {
                Some(_) => LogDeterminant::Cholesky,
                None => LogDeterminant::Lu,
            },
            interval,
        })
    }

    /// By an approximation; the method is its name.
    pub(crate) fn by_approximation(
        approximation: Approximation,
        method: LogDeterminant,
        interval: (f64, f64),
    ) -> Self {
        Self {
            kind: Kind::Approximate(approximation),
            method,
            interval,
        }
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
            Kind::Approximate(approximation) => {
                self.check_inside(rho)?;
                Ok(approximation.at(rho).0)
            }
        }
    }

    /// ln det (I - rho W), where a negative determinant is an error: rho is then beyond a real eigenvalue.
    pub(super) fn ln_det_inside(&self, rho: f64) -> Result<f64> {
        let Kind::Sparse { resolvent, .. } = &self.kind else {
            return self.ln_det(rho);
        };
        let factor = resolvent.at(rho)?;
        if factor.is_negative() {
            return Err(Error::Singular {
                what: format!("I - rho W between zero and rho = {rho}"),
            });
        }
        Ok(factor.ln_det())
    }

    /// The sparse analysis, where the log-determinant rests on one.
    pub(crate) fn resolvent(&self) -> Option<&Resolvent> {
        match &self.kind {
            Kind::Sparse { resolvent, .. } => Some(resolvent),
            _ => None,
        }
    }

    /// How the values are computed.
    pub(crate) fn method(&self) -> LogDeterminant {
        self.method
    }

    /// The error of an approximation at rho; zero for exact methods.
    pub(crate) fn error(&self, rho: f64) -> f64 {
        match &self.kind {
            Kind::Approximate(approximation) => approximation.at(rho).1,
            _ => 0.0,
        }
    }

    /// Whether the values are exact up to rounding.
    pub(crate) fn is_exact(&self) -> bool {
        !matches!(self.kind, Kind::Approximate(_))
    }

    /// Whether eigenvalues are at hand.
    pub(crate) fn is_exact_spectrum(&self) -> bool {
        matches!(self.kind, Kind::Eigen(_))
    }

    /// The eigenvalues, as (real, imaginary) pairs, where they are at hand.
    pub(crate) fn eigenvalues(&self) -> Option<&[(f64, f64)]> {
        match &self.kind {
            Kind::Eigen(omega) => Some(omega),
            _ => None,
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

    /// The start and its derivatives; zero where there is none.
    pub(super) fn start_at(&self, rho: f64) -> (f64, f64, f64) {
        match &self.kind {
            Kind::Sparse { start, .. } => start
                .get()
                .map_or((0.0, 0.0, 0.0), |moments| moments.continued(rho)),
            _ => (0.0, 0.0, 0.0),
        }
    }

    /// Whether the start has been made.
    pub(super) fn has_start(&self) -> bool {
        matches!(&self.kind, Kind::Sparse { start, .. } if start.get().is_some())
    }

    /// The least rho of a window from which the start is subtracted.
    pub(super) fn start_from(&self) -> f64 {
        match &self.kind {
            Kind::Sparse { start, .. } => {
                (start.get()).map_or(f64::NEG_INFINITY, |m| m.smooth_from())
            }
            _ => f64::NEG_INFINITY,
        }
    }

    /// How far a cheap value may be from the truth: zero where it is the value itself, otherwise the standard error of the start.
    pub(crate) fn doubt(&self, rho: f64) -> f64 {
        match &self.kind {
            Kind::Sparse { start, .. } => (start.get()).map_or(f64::INFINITY, |moments| {
                moments.error(rho.max(moments.least()))
            }),
            _ => 0.0,
        }
    }

    /// Value and derivatives, cheap at any rho: exact from eigenvalues, from the start otherwise.
    pub(crate) fn rough(&self, rho: f64) -> (f64, f64, f64) {
        match &self.kind {
            Kind::Eigen(omega) => by_eigenvalues(omega, rho),
            Kind::Sparse { .. } => self.start_at(rho),
            Kind::Approximate(approximation) => {
                let (lo, hi) = self.interval;
                let h = 1e-4 * (rho - lo).min(hi - rho);
                let f = |rho| approximation.at(rho).0;
                let (below, at, above) = (f(rho - h), f(rho), f(rho + h));
                (
                    at,
                    (above - below) / (2.0 * h),
                    (above - 2.0 * at + below) / (h * h),
                )
            }
        }
    }

    /// An error for a rho outside the admissible interval, not-a-number among them.
    pub(crate) fn check_inside(&self, rho: f64) -> Result<()> {
        let (lo, hi) = self.interval;
        if rho > lo && rho < hi {
            return Ok(());
        }
        Err(Error::Singular {
            what: format!("I - rho W at rho = {rho}, outside ({lo:.6}, {hi:.6})"),
        })
    }
}

/// The open interval of rho round zero between the inverses of the extreme eigenvalues, one end minus one and one where there are none.
pub(crate) fn interval((low, high): (f64, f64)) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    (inverse_or(low, -1.0, size), inverse_or(high, 1.0, size))
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

/// ln|I - rho W| = sum ln(1 - rho omega), -tr G and -tr G², from eigenvalues.
pub(super) fn by_eigenvalues(omega: &[(f64, f64)], rho: f64) -> (f64, f64, f64) {
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
