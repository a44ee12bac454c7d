//! The Jacobian term ln|I - rho W|, its derivatives, and the interval of admissible rho.
//!
//! Up to [`DENSE_LIMIT`] units the eigenvalues omega are computed once and everything is exact in closed form (Ord 1975):
//! ln|I - rho W| = sum ln(1 - rho omega), tr G = sum omega / (1 - rho omega), tr G² = sum (omega / (1 - rho omega))², with G = W (I - rho W)^-1.
//! Above it the value is an exact sparse factorisation, and the derivatives f' = -tr G, f'' = -tr G² come from a Chebyshev interpolant
//! of exact values in u = ln[(rho - lo) / (hi - rho)], where the singularities at both ends become smooth.

use ndarray::Array1;

use super::chebyshev::Chebyshev;
use super::dense;
use super::factor::Resolvent;
use super::sparse::Csr;
use crate::error::{Error, Result};

/// Largest n for which n × n arrays are made (eigenvalues, inverses): 8 MB an array.
pub(crate) const DENSE_LIMIT: usize = 1_000;

/// Interpolation stops where the last Chebyshev coefficients are this small, relative to the largest.
const INTERPOLATION_TOLERANCE: f64 = 1e-13;
const MOST_NODES: usize = 129;
/// A real eigenvalue of an asymmetric matrix ends the interval of rho where it is at least this share of the largest modulus; where
/// none is, the interval ends at one over that modulus.
const SMALLEST_END: f64 = 0.1;
/// The window keeps this share of the distance of rho from each end.
const NEAREST: f64 = 0.02;

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
    /// Sparse factorisations.
    Sparse(Resolvent),
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
            kind: Kind::Sparse(Resolvent::new(w, symmetrizer)?),
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
            Kind::Sparse(resolvent) => Ok(resolvent.at(rho)?.ln_det()),
        }
    }

    /// The sparse analysis, where the log-determinant rests on one.
    pub(crate) fn resolvent(&self) -> Option<&Resolvent> {
        match &self.kind {
            Kind::Eigen(_) => None,
            Kind::Sparse(resolvent) => Some(resolvent),
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
            Kind::Sparse(_) => None,
        }
    }

    /// Derivatives near rho: exact from eigenvalues, otherwise from an interpolant over rho ± `half_width`.
    pub(crate) fn near(&self, rho: f64, half_width: f64) -> Result<Local<'_>> {
        let smooth = match &self.kind {
            Kind::Eigen(_) => None,
            Kind::Sparse(resolvent) => {
                let (lo, hi) = self.interval;
                // Nearer to an end than this a draw of rho gets a window of its own.
                let a = (rho - half_width).max(lo + NEAREST * (rho - lo));
                let b = (rho + half_width).min(hi - NEAREST * (hi - rho));
                Some(Chebyshev::fit(
                    to_u(self.interval, a),
                    to_u(self.interval, b),
                    INTERPOLATION_TOLERANCE,
                    MOST_NODES,
                    |u| Ok(resolvent.at(from_u(self.interval, u))?.ln_det()),
                )?)
            }
        };
        Ok(Local { of: self, smooth })
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
#[derive(Debug)]
pub(crate) struct Local<'a> {
    of: &'a Jacobian,
    smooth: Option<Chebyshev>,
}

impl Local<'_> {
    /// tr G and tr G² with G = W (I - rho W)^-1.
    pub(crate) fn traces(&self, rho: f64) -> Result<(f64, f64)> {
        if let Kind::Eigen(omega) = &self.of.kind {
            return Ok(omega.iter().fold((0.0, 0.0), |(one, two), &(re, im)| {
                // g = omega / (1 - rho omega); real parts of g and g².
                let size = shifted(rho, re, im);
                let a = (re - rho * (re * re + im * im)) / size;
                let b = im / size;
                (one + a, two + a * a - b * b)
            }));
        }
        let Some(smooth) = self.smooth.as_ref().filter(|s| {
            let (a, b) = s.interval();
            let u = to_u(self.of.interval, rho);
            u >= a - 1e-9 && u <= b + 1e-9
        }) else {
            // A value outside the window gets a window of its own.
            let (lo, hi) = self.of.interval;
            if !(rho > lo && rho < hi) {
                return Err(Error::Singular {
                    what: format!("I - rho W at rho = {rho}, outside ({lo}, {hi})"),
                });
            }
            let width = 0.02 * (hi - rho).min(rho - lo).min(1.0);
            return self.of.near(rho, width)?.traces(rho);
        };
        let (lo, hi) = self.of.interval;
        let (_, f_u, f_uu) = smooth.at(to_u(self.of.interval, rho));
        let (below, above) = (1.0 / (rho - lo), 1.0 / (hi - rho));
        let u1 = below + above;
        let u2 = above * above - below * below;
        Ok((-f_u * u1, -(f_uu * u1 * u1 + f_u * u2)))
    }
}

/// The common value of all entries, where they have one.
pub(crate) fn common(sums: &Array1<f64>) -> Option<f64> {
    let first = sums.first().copied()?;
    sums.iter()
        .all(|s| (s - first).abs() <= 1e-12 * first.abs())
        .then_some(first)
}
