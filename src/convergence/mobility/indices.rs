//! Indices of mobility: one number for a matrix of transition probabilities.

use std::fmt;

use ndarray::{Array1, ArrayView2};

use super::chain::MarkovChain;
use super::long_run::second_modulus;
use crate::error::Result;
use crate::linalg::dense::singular_values;

/// Where units start, for the indices that weight the classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InitialDistribution {
    /// The same share in every class.
    Uniform,
    /// The ergodic distribution.
    Ergodic,
    /// The share of the observed transitions that start in each class.
    Observed,
    /// The distribution of the first period.
    First,
}

impl fmt::Display for InitialDistribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Uniform => "uniform",
            Self::Ergodic => "ergodic",
            Self::Observed => "observed",
            Self::First => "of the first period",
        })
    }
}

/// Indices of mobility of a k × k matrix P; zero where no unit ever leaves its class (P = I).
///
/// | | index | giddy |
/// |---|---|---|
/// | `Trace` | (k - tr P) / (k - 1); Shorrocks, Prais: the mean over classes of 1 - p_ii, times k / (k - 1) | `P` |
/// | `Determinant` | 1 - \|det P\|; Shorrocks | `D` |
/// | `SecondEigenvalue` | 1 - \|λ₂\|; Sommers and Conlisk | `L2` |
/// | `Leaving` | k / (k - 1) Σ_i π_i (1 - p_ii); Bartholomew: how many leave their class | `B1` |
/// | `Crossings` | 1 / (k - 1) Σ_i Σ_j π_i p_ij \|i - j\|; Bartholomew: how many borders between classes are crossed | `B2` |
///
/// π are the shares of [`InitialDistribution`]. `Trace` and `Determinant` are one where rows are alike (the class of a unit says nothing of the next one) and can exceed
/// one, respectively not tell one from a singular P. An index depends on k and on the length of a step: compare only chains that have both in common.
///
/// # References
///
/// Formby, Smith and Zheng (2004), Journal of Econometrics 120: 181-205; Shorrocks (1978), Econometrica 46; Bartholomew (1973), Stochastic Models
/// for Social Processes; Sommers and Conlisk (1979), Journal of Mathematical Sociology 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "markov_mobility")]
pub enum MobilityIndex {
    /// Shorrocks' trace.
    Trace,
    /// Shorrocks' determinant.
    Determinant,
    /// One less the modulus of the second eigenvalue.
    SecondEigenvalue,
    /// The share that leaves its class.
    Leaving(InitialDistribution),
    /// The mean number of borders that are crossed.
    Crossings(InitialDistribution),
}

impl MobilityIndex {
    /// The indices with uniform and with ergodic weights; `Leaving(InitialDistribution::Uniform)` is `Trace`.
    pub const ALL: [Self; 6] = [
        Self::Trace,
        Self::Determinant,
        Self::SecondEigenvalue,
        Self::Leaving(InitialDistribution::Ergodic),
        Self::Crossings(InitialDistribution::Uniform),
        Self::Crossings(InitialDistribution::Ergodic),
    ];

    /// Whether it is weighted by the ergodic distribution.
    pub(super) fn is_ergodic(self) -> bool {
        matches!(
            self,
            Self::Leaving(InitialDistribution::Ergodic)
                | Self::Crossings(InitialDistribution::Ergodic)
        )
    }

    /// The index of P; `shares` are asked for where the classes are weighted.
    pub(super) fn of(
        self,
        p: ArrayView2<'_, f64>,
        shares: impl FnOnce(InitialDistribution) -> Result<Array1<f64>>,
    ) -> Result<f64> {
        let k = p.nrows();
        let others = (k - 1) as f64;
        let stays = |i: usize| 1.0 - p[[i, i]];
        Ok(match self {
            Self::Trace => (0..k).map(stays).sum::<f64>() / others,
            Self::Determinant => 1.0 - singular_values(p)?.iter().product::<f64>(),
            Self::SecondEigenvalue => 1.0 - second_modulus(p)?,
            Self::Leaving(starts) => {
                let pi = shares(starts)?;
                k as f64 / others * (0..k).map(|i| pi[i] * stays(i)).sum::<f64>()
            }
            Self::Crossings(starts) => {
                let pi = shares(starts)?;
                let moves = p
                    .indexed_iter()
                    .map(|((i, j), v)| pi[i] * v * i.abs_diff(j) as f64);
                moves.sum::<f64>() / others
            }
        })
    }
}

impl fmt::Display for MobilityIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trace => write!(f, "Shorrocks, trace"),
            Self::Determinant => write!(f, "Shorrocks, determinant"),
            Self::SecondEigenvalue => write!(f, "1 - |second eigenvalue|"),
            Self::Leaving(s) => write!(f, "leaving a class, {s} starts"),
            Self::Crossings(s) => write!(f, "borders crossed, {s} starts"),
        }
    }
}

impl MarkovChain {
    /// An index of mobility.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`](crate::Error::EmptyClass) for a class without transitions; for ergodic weights as [`ergodic`](Self::ergodic); [`Error::Unsupported`](crate::Error::Unsupported) for the shares
    /// of the first period where only transitions are known.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{MarkovChain, MobilityIndex, InitialDistribution};
    /// let chain = MarkovChain::from_transitions(array![[8.0, 2.0], [1.0, 9.0]])?;
    /// assert!((chain.mobility(MobilityIndex::Trace)? - 0.3).abs() < 1e-12);
    /// assert!((chain.mobility(MobilityIndex::Determinant)? - 0.3).abs() < 1e-12);
    /// let ergodic = chain.mobility(MobilityIndex::Leaving(InitialDistribution::Ergodic))?;
    /// assert!((ergodic - 2.0 * (0.2 / 3.0 + 0.1 * 2.0 / 3.0)).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn mobility(&self, index: MobilityIndex) -> Result<f64> {
        let p = self.probabilities()?;
        index.of(p.view(), |starts| self.starting(starts))
    }

    fn starting(&self, starts: InitialDistribution) -> Result<Array1<f64>> {
        Ok(match starts {
            InitialDistribution::Uniform => Array1::from_elem(self.k(), 1.0 / self.k() as f64),
            InitialDistribution::Ergodic => self.ergodic()?.shares().to_owned(),
            InitialDistribution::Observed => {
                let n = self.starts();
                let total = n.sum();
                n / total
            }
            InitialDistribution::First => {
                let known = self.known("the distribution of the first period")?;
                let mut shares = Array1::zeros(self.k());
                for &state in known.states.row(0) {
                    shares[state as usize] += 1.0 / known.units.len() as f64;
                }
                shares
            }
        })
    }

    /// Prais' mobility of each class, 1 - p_ii: the share that leaves it in a step.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`](crate::Error::EmptyClass).
    ///
    /// # References
    ///
    /// Prais (1955), Journal of the Royal Statistical Society A 118.
    pub fn prais(&self) -> Result<Array1<f64>> {
        Ok(self.probabilities()?.diag().mapv(|p| 1.0 - p))
    }
}
