//! Rows and columns of the effect matrix, and weighted sums of them, by sparse solves.

use ndarray::{Array1, ArrayView1};

use super::averages::lag;
use super::delta::{SlopesByUnit, Terms};
use crate::error::Result;
use crate::linalg::factor::Factor;
use crate::regression::Fit;
use crate::weights::Weights;

/// The factor of A = I - rho W at the estimate; none for models without rho.
pub(crate) struct Filter<'a> {
    fit: &'a Fit,
    factor: Option<(&'a Weights, &'a Factor<'a>)>,
}

/// Hands the factor at the estimate to whoever needs solves with it.
pub(crate) fn with_filter<T>(fit: &Fit, then: impl FnOnce(&Filter<'_>) -> Result<T>) -> Result<T> {
    match lag(fit) {
        None => then(&Filter { fit, factor: None }),
        Some((w, rho)) => w.with_factor(rho, |factor| {
            then(&Filter {
                fit,
                factor: Some((w, factor)),
            })
        }),
    }
}

impl Filter<'_> {
    /// c'P, the effects of each unit on a weighted sum of units, by two solves: with x = A'^-1 c and y = A'^-1 W'x they are b x + theta V'x, and their
    /// derivatives with respect to rho b y + theta V'y.
    pub(crate) fn received(&self, terms: &Terms, c: ArrayView1<'_, f64>) -> Result<SlopesByUnit> {
        let v = self.durbin(terms);
        let lagged = |x: &Array1<f64>| {
            v.map_or_else(
                || Array1::zeros(x.len()),
                |v| v.csr().transposed_product(x.view()),
            )
        };
        let Some((w, factor)) = self.factor else {
            let b = c.to_owned();
            return Ok(SlopesByUnit {
                theta: lagged(&b),
                rho: Array1::zeros(b.len()),
                b,
            });
        };
        let x = factor.solve_transposed(c)?;
        let y = factor.solve_transposed(w.csr().transposed_product(x.view()).view())?;
        Ok(SlopesByUnit {
            theta: lagged(&x),
            rho: &y * terms.b + &(lagged(&y) * terms.theta),
            b: x,
        })
    }

    /// P c, the effects on each unit of a change c of the regressor, by two solves, or three with a W X term.
    pub(crate) fn sent(&self, terms: &Terms, c: ArrayView1<'_, f64>) -> Result<SlopesByUnit> {
        let lagged = self.durbin(terms).map(|v| v.csr().product(c));
        let Some((w, factor)) = self.factor else {
            return Ok(SlopesByUnit {
                theta: lagged.unwrap_or_else(|| Array1::zeros(c.len())),
                rho: Array1::zeros(c.len()),
                b: c.to_owned(),
            });
        };
        let x = factor.solve(c)?;
        let z = match lagged {
            Some(vc) => factor.solve(vc.view())?,
            None => Array1::zeros(c.len()),
        };
        let p = &x * terms.b + &(&z * terms.theta);
        Ok(SlopesByUnit {
            rho: factor.solve(w.csr().product(p.view()).view())?,
            b: x,
            theta: z,
        })
    }

    /// A^-1 b.
    pub(crate) fn solve(&self, b: Array1<f64>) -> Result<Array1<f64>> {
        match self.factor {
            Some((_, factor)) => factor.solve(b.view()),
            None => Ok(b),
        }
    }

    /// A'^-1 b.
    pub(crate) fn solve_transposed(&self, b: Array1<f64>) -> Result<Array1<f64>> {
        match self.factor {
            Some((_, factor)) => factor.solve_transposed(b.view()),
            None => Ok(b),
        }
    }

    fn durbin(&self, terms: &Terms) -> Option<&Weights> {
        self.fit.durbin_weights().filter(|_| terms.is_lagged())
    }
}
