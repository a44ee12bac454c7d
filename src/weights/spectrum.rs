//! Eigenvalues, traces of powers, and the Jacobian term ln|I - rho W| of a weight matrix, computed once and shared by clones.

use std::sync::Arc;

use super::Weights;
use crate::error::{Error, Result};
use crate::linalg::factor::{Factor, Resolvent};
use crate::linalg::logdet::{DENSE_LIMIT, Jacobian};

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

impl Weights {
    /// The eigenvalues of W as (real, imaginary) pairs, for at most 1,000 units; real ones where W is similar to a symmetric matrix.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`].
    #[doc(alias = "eigenw")]
    pub fn eigenvalues(&self) -> Result<Vec<(f64, f64)>> {
        Ok(self.spectrum()?.to_vec())
    }

    /// The open interval of rho round zero in which I - rho W is invertible, (1 / omega_min, 1 / omega_max) over the real eigenvalues
    /// (of an asymmetric W those of at least a tenth of the spectral radius, else one over that radius); for an
    /// asymmetric W of more than 1,000 units the smaller one that follows from its norms.
    ///
    /// # Errors
    ///
    /// [`Error::NotConverged`].
    pub fn admissible_interval(&self) -> Result<(f64, f64)> {
        Ok(self.jacobian()?.interval)
    }

    /// ln|I - rho W|, by eigenvalues up to 1,000 units and by a sparse factorisation above.
    ///
    /// # Errors
    ///
    /// [`Error::Singular`] at an eigenvalue, and outside the admissible interval where a Cholesky factorisation is used.
    pub fn ln_determinant(&self, rho: f64) -> Result<f64> {
        self.jacobian()?.ln_det(rho)
    }

    /// ln|I - rho W| by the method named.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] for eigenvalues of more than 1,000 units; [`Error::Unsupported`] for a Cholesky factorisation where W is not similar
    /// to a symmetric matrix; [`Error::Singular`].
    pub fn ln_determinant_by(&self, method: LogDeterminant, rho: f64) -> Result<f64> {
        match method {
            LogDeterminant::Eigenvalues => {
                self.spectrum()?;
                self.jacobian()?.ln_det(rho)
            }
            LogDeterminant::Lu => Ok(Resolvent::new(self.csr(), None)?.at(rho)?.ln_det()),
            LogDeterminant::Cholesky => {
                let symmetrizer = self.symmetrizer().ok_or_else(|| Error::Unsupported {
                    what: "a Cholesky factorisation of I - rho W".to_owned(),
                    why: "W is not similar to a symmetric matrix; take LU".to_owned(),
                })?;
                Ok(Resolvent::new(self.csr(), Some(symmetrizer))?
                    .at(rho)?
                    .ln_det())
            }
        }
    }

    /// tr W, tr W², …, tr W^m from the eigenvalues, for at most 1,000 units.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`].
    #[doc(alias = "trW")]
    pub fn traces(&self, m: usize) -> Result<Vec<f64>> {
        let omega = self.spectrum()?;
        let mut powers: Vec<(f64, f64)> = vec![(1.0, 0.0); omega.len()];
        Ok((0..m)
            .map(|_| {
                for (p, o) in powers.iter_mut().zip(omega) {
                    *p = (p.0 * o.0 - p.1 * o.1, p.0 * o.1 + p.1 * o.0);
                }
                powers.iter().map(|p| p.0).sum()
            })
            .collect())
    }

    fn spectrum(&self) -> Result<&[(f64, f64)]> {
        self.jacobian()?.eigenvalues().ok_or(Error::TooLarge {
            what: "a computation with eigenvalues",
            n: self.n(),
            limit: DENSE_LIMIT,
            instead: "take a sparse factorisation",
        })
    }

    /// ln|I - rho W| as a function, by eigenvalues up to 1,000 units and by sparse factorisations above.
    pub(crate) fn jacobian(&self) -> Result<&Jacobian> {
        if let Some(known) = self.0.derived.jacobian.get() {
            return Ok(known);
        }
        let fresh = Arc::new(Jacobian::new(self.csr(), self.symmetrizer())?);
        Ok(self.0.derived.jacobian.get_or_init(|| fresh))
    }

    /// Hands a sparse factor of I - rho W to whoever needs solves with it; the analysis is shared where the Jacobian term has one.
    pub(crate) fn with_factor<T>(
        &self,
        rho: f64,
        then: impl FnOnce(&Factor<'_>) -> Result<T>,
    ) -> Result<T> {
        match self.jacobian()?.resolvent() {
            Some(shared) => then(&shared.at(rho)?),
            None => then(&Resolvent::new(self.csr(), self.symmetrizer())?.at(rho)?),
        }
    }
}
