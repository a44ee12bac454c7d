//! `ErgodicDensity`: the distribution that a stochastic kernel leads to.

use ndarray::{Array1, Array2};

use super::StochasticKernel;
use super::conditional::{middles, quantile, reached, widths};
use crate::error::{Error, Result};
use crate::linalg::stationary::{reachable, stationary as irreducible};

/// The stationary density of a stochastic kernel: π with π = π P, P the shares of its cells.
///
/// It is where the distribution would come to rest if the kernel of the sample went on for ever: no forecast, and very uncertain where few units pass
/// from one part of the distribution to another. Its mean need not be one, since nothing holds the mean of relative values in a kernel. See it beside the density of the last period.
///
/// # Example
///
/// ```
/// use ndarray::Array2;
/// use spatialecon::{Panel, StochasticKernel, Units};
/// let wobble = |t: usize, i: usize| if (t + i) % 2 == 0 { 0.02 } else { -0.02 };
/// let gap = |t: usize, i: usize| (i as f64 - 9.5) / 10.0 * 0.5_f64.powi(t as i32) + wobble(t, i);
/// let income = Array2::from_shape_fn((3, 20), |(t, i)| 100.0 * (1.0 + gap(t, i)));
/// let panel = Panel::from_columns(&Units::range(20), &[2000, 2010, 2020], [("income", income)])?;
/// let kernel = StochasticKernel::of(&panel, "income", 10)?.with_bandwidths(0.1, 0.05)?;
/// let ergodic = kernel.ergodic()?;
/// // Gaps halve: what is left is the smoothing.
/// assert!((ergodic.mean() - 1.0).abs() < 1e-3 && ergodic.modes().len() == 1);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Quah (1997), Journal of Economic Growth 2; Johnson (2005), Economics Letters 86; Grassmann, Taksar and Heyman (1985), Operations Research 33.
#[derive(Debug, Clone)]
#[doc(alias("steady state", "stationary distribution", "limiting distribution"))]
pub struct ErgodicDensity {
    pub(super) variable: String,
    centres: Array1<f64>,
    edges: Array1<f64>,
    probabilities: Array1<f64>,
    leak: f64,
}

impl StochasticKernel {
    /// The stationary density of the kernel on its grid of cells, by elimination without subtractions (Grassmann, Taksar and Heyman).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a kernel of two quantities at one date ([`conditioned`](Self::conditioned)), and where two parts of the grid
    /// are never left, so that there is no single one; and those of [`conditional_density`](Self::conditional_density).
    pub fn ergodic(&self) -> Result<ErgodicDensity> {
        if !self.transition {
            return Err(Error::Unsupported {
                what: "an ergodic density of two quantities at one date".to_owned(),
                why: "a distribution moves between dates; take StochasticKernel::of or of_relative"
                    .to_owned(),
            });
        }
        let conditional = self.conditional_density()?;
        let probabilities = stationary(conditional.probabilities()).ok_or_else(|| Error::Unsupported {
            what: format!("the ergodic density of `{}`", self.variable),
            why: "two parts of the distribution are never left, so that it depends on where units begin; take wider bandwidths"
                .to_owned(),
        })?;
        Ok(ErgodicDensity {
            variable: format!("{} {}", self.variable, self.words.0),
            centres: conditional.centres().clone(),
            edges: conditional.edges().clone(),
            probabilities,
            leak: conditional.leak(),
        })
    }
}

/// π = π P for rows that sum to one; none where there is more than one closed class of states.
fn stationary(p: &Array2<f64>) -> Option<Array1<f64>> {
    let m = p.nrows();
    let reached = reachable(p.view());
    let size = |from: usize| reached.row(from).iter().filter(|r| **r).count();
    // The smallest set that is never left; what leads to it and is not in it has no mass.
    let returning = (0..m).filter(|&from| reached[[from, from]]);
    let within = returning.min_by_key(|&from| size(from))?;
    if reached.column(within).iter().any(|r| !r) {
        return None;
    }
    let class: Vec<usize> = (0..m).filter(|&i| reached[[within, i]]).collect();
    let count = class.len();
    let inside = Array2::from_shape_fn((count, count), |(i, j)| p[[class[i], class[j]]]);
    let mut pi = Array1::zeros(m);
    for (i, share) in class.iter().zip(irreducible(inside)?) {
        pi[*i] = share;
    }
    Some(pi)
}

impl ErgodicDensity {
    /// Centres of the cells.
    #[must_use]
    pub fn centres(&self) -> &Array1<f64> {
        &self.centres
    }

    /// Edges of the cells, one more than there are cells.
    #[must_use]
    pub fn edges(&self) -> &Array1<f64> {
        &self.edges
    }

    /// The share of each cell; their sum is one.
    #[must_use]
    pub fn probabilities(&self) -> &Array1<f64> {
        &self.probabilities
    }

    /// The density in each cell: its share over its width.
    #[must_use]
    pub fn values(&self) -> Array1<f64> {
        &self.probabilities / &widths(&self.edges)
    }

    /// The mean, by the middles of cells.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.probabilities.dot(&middles(&self.edges))
    }

    /// A quantile, linear within a cell.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a p that is not between 0 and 1.
    pub fn quantile(&self, p: f64) -> Result<f64> {
        quantile(self.probabilities.view(), &self.edges, p)
    }

    pub(super) fn median(&self) -> f64 {
        reached(self.probabilities.view(), &self.edges, 0.5)
    }

    /// Centres of the cells that are higher than both neighbours.
    #[must_use]
    pub fn modes(&self) -> Vec<f64> {
        let density = self.values();
        let higher = |j: &usize| density[*j] > density[j - 1] && density[*j] >= density[j + 1];
        let inner = 1..density.len().saturating_sub(1);
        inner.filter(higher).map(|j| self.centres[j]).collect()
    }

    /// The largest share of a row of the kernel that lay outside the grid.
    #[must_use]
    pub fn leak(&self) -> f64 {
        self.leak
    }

    /// The density as CSV, with columns `x` and `density`.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = "x,density\n".to_owned();
        let pairs = self.centres.iter().zip(self.values());
        out.extend(pairs.map(|(x, f)| format!("{x},{f}\n")));
        out
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::stationary;

    #[test]
    fn states_that_are_left_for_ever_have_no_mass() {
        // The first state is never entered, the last leads into the middle.
        let p = array![
            [0.0, 0.5, 0.5, 0.0],
            [0.0, 0.6, 0.4, 0.0],
            [0.0, 0.2, 0.8, 0.0],
            [0.0, 0.0, 0.5, 0.5]
        ];
        let pi = stationary(&p).unwrap();
        for (a, b) in pi.iter().zip([0.0, 1.0 / 3.0, 2.0 / 3.0, 0.0]) {
            assert!((a - b).abs() < 1e-15);
        }
        let two = array![[1.0, 0.0], [0.0, 1.0]];
        assert!(stationary(&two).is_none());
    }
}
