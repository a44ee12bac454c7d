//! Where a chain goes in the long run, and how fast: ergodic distribution, passage and sojourn times, half-life.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use super::chain::MarkovChain;
use super::structure::{CommunicatingClass, sets};
use crate::error::{Error, Result};
use crate::inference::Note;
use crate::linalg::dense::{eigenvalues, inverse};
use crate::linalg::stationary::{reachable, stationary};

/// The ergodic (steady-state, limiting) distribution of a chain: π'P = π'.
///
/// It is where the observed moves would lead if they went on for ever; it is no forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Ergodic {
    pub(super) shares: Array1<f64>,
    transient: Vec<usize>,
    notes: Vec<Note>,
}

impl Ergodic {
    /// The shares of the classes, with the sum one; zero for classes that are left for good.
    #[must_use]
    pub fn shares(&self) -> ArrayView1<'_, f64> {
        self.shares.view()
    }

    /// Classes that are left for good, counted from 0.
    #[must_use]
    pub fn transient(&self) -> &[usize] {
        &self.transient
    }

    /// What to know of it.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl MarkovChain {
    /// The ergodic distribution, by the elimination of Grassmann, Taksar and Heyman, which has no subtraction and loses no digit where classes are rarely left.
    ///
    /// Classes that are left for good have the share zero, and a note. Cost: k³.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`] for a class without transitions; [`Error::SeveralClosedSets`] where the long run depends on where a unit begins.
    ///
    /// # References
    ///
    /// Grassmann, Taksar and Heyman (1985), Operations Research 33.
    #[doc(alias("steady_state", "steadyStates", "stationary distribution"))]
    pub fn ergodic(&self) -> Result<Ergodic> {
        let p = self.probabilities()?;
        let all = sets(p.view());
        let Some(shares) = ergodic_of(p.view(), &all) else {
            return Err(self.several("the ergodic distribution", &all));
        };
        let transient: Vec<usize> = all
            .iter()
            .filter(|s| !s.closed)
            .flat_map(|s| s.members.iter().copied())
            .collect();
        let notes = if transient.is_empty() {
            Vec::new()
        } else {
            let classes = self.names(&transient);
            vec![Note::TransientClasses { classes }]
        };
        Ok(Ergodic {
            shares,
            transient,
            notes,
        })
    }

    fn several(&self, what: &str, all: &[CommunicatingClass]) -> Error {
        Error::SeveralClosedSets {
            what: format!("{what} of {}", self.name),
            sets: all
                .iter()
                .filter(|s| s.closed)
                .map(|s| self.names(&s.members))
                .collect(),
        }
    }

    /// Mean first passage times in steps, k × k: m_ij from i to j, and on the diagonal the mean time of return, 1 / π_i.
    ///
    /// With Z = (I - P + 1π')⁻¹: m_ij = (z_jj - z_ij) / π_j. Cost: k³.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`]; [`Error::SeveralClosedSets`]; [`Error::Unsupported`] where some class is not reached from every other, so that a time is infinite, or so
    /// rarely that it is beyond the range of numbers: [`passage_to`](Self::passage_to) has those that are finite.
    ///
    /// # References
    ///
    /// Kemeny and Snell (1976), Finite Markov Chains, chapter 4.
    #[doc(alias("mfpt", "meanFirstPassageTime"))]
    pub fn mean_first_passage(&self) -> Result<Array2<f64>> {
        let p = self.probabilities()?;
        let ergodic = self.ergodic()?;
        if !ergodic.transient.is_empty() {
            return Err(Error::Unsupported {
                what: format!(
                    "mean first passage times between all classes of {}",
                    self.name
                ),
                why: format!(
                    "class(es) {} are left for good, so that the time to come there is infinite; ask for single classes with `passage_to`",
                    self.names(&ergodic.transient).join(", ")
                ),
            });
        }
        let k = self.k();
        let pi = &ergodic.shares;
        let a = Array2::from_shape_fn((k, k), |(i, j)| {
            f64::from(u8::from(i == j)) - p[[i, j]] + pi[j]
        });
        let z = inverse(a.view(), "I - P + 1π' of a Markov chain")?;
        let times = Array2::from_shape_fn((k, k), |(i, j)| {
            if i == j {
                1.0 / pi[j]
            } else {
                (z[[j, j]] - z[[i, j]]) / pi[j]
            }
        });
        let beyond = times.indexed_iter().find(|(_, time)| !time.is_finite());
        beyond.map_or(Ok(()), |((_, j), _)| {
            Err(Error::Unsupported {
                what: format!("mean first passage times between all classes of {}", self.name),
                why: format!(
                    "class {} is come to so rarely that the time is beyond the range of numbers; take fewer classes, or single ones with `passage_to`",
                    self.labels[j]
                ),
            })
        })?;
        Ok(times)
    }

    /// The mean first passage time in steps from each class to one class, counted from 0; `None` where it may never be reached, so that the mean is infinite.
    ///
    /// The element of the class itself is the mean time of return.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`]; [`Error::InvalidOption`] for a class that does not exist; [`Error::Singular`].
    pub fn passage_to(&self, class: usize) -> Result<Vec<Option<f64>>> {
        let (p, k) = (self.probabilities()?, self.k());
        if class >= k {
            return Err(Error::InvalidOption {
                option: "class",
                value: class.to_string(),
                expected: "a class from 0 to k - 1",
            });
        }
        // The chain that stays at the class once it has come there.
        let mut kept = p.clone();
        kept.row_mut(class).fill(0.0);
        let reached = reachable(kept.view());
        let comes = |i: usize| i == class || reached[[i, class]];
        let surely = |i: usize| comes(i) && (0..k).all(|j| !reached[[i, j]] || comes(j));
        let inside: Vec<usize> = (0..k).filter(|&i| i != class && surely(i)).collect();
        let a = Array2::from_shape_fn((inside.len(), inside.len()), |(a, b)| {
            f64::from(u8::from(a == b)) - p[[inside[a], inside[b]]]
        });
        let times = inverse(a.view(), "I - P of the classes that lead to another")?
            .sum_axis(ndarray::Axis(1));
        let mut all = vec![None; k];
        for (&i, &time) in inside.iter().zip(&times) {
            all[i] = Some(time);
        }
        let back: Option<f64> = (0..k)
            .filter(|&j| j != class && p[[class, j]] > 0.0)
            .map(|j| all[j].map(|time| p[[class, j]] * time))
            .sum();
        all[class] = back.map(|b| 1.0 + b);
        Ok(all)
    }

    /// Mean sojourn times in steps, 1 / (1 - p_ii): how long a unit stays once it has come; `None` for a class that was never left.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`] for a class without transitions.
    #[doc(alias = "sojourn_time")]
    pub fn sojourn_times(&self) -> Result<Vec<Option<f64>>> {
        self.probabilities()?;
        let starts = self.starts();
        let leaving = (0..self.k()).map(|i| {
            let row = self.counts.row(i);
            let left: f64 = (0..self.k()).filter(|&j| j != i).map(|j| row[j]).sum();
            (left > 0.0).then(|| starts[i] / left)
        });
        Ok(leaving.collect())
    }

    /// |λ₂|, the second largest modulus of the eigenvalues of P: the share of a deviation from the ergodic distribution that is left after a step.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`]; [`Error::NotConverged`].
    pub fn second_eigenvalue(&self) -> Result<f64> {
        second_modulus(self.probabilities()?.view())
    }

    /// The asymptotic half-life of the convergence to the ergodic distribution in steps, ln 2 / -ln|λ₂|; zero where λ₂ is.
    ///
    /// # Errors
    ///
    /// [`Error::HalfLifeUndefined`] where |λ₂| = 1: the chain has several closed sets, or goes round in a circle. Otherwise as
    /// [`second_eigenvalue`](Self::second_eigenvalue).
    ///
    /// # References
    ///
    /// Shorrocks (1978), Econometrica 46; Magrini (1999), Regional Science and Urban Economics 29.
    pub fn half_life(&self) -> Result<f64> {
        let modulus = self.second_eigenvalue()?;
        if modulus >= 1.0 {
            return Err(Error::HalfLifeUndefined { speed: 0.0 });
        }
        Ok(std::f64::consts::LN_2 / -modulus.ln())
    }
}

/// The ergodic shares; none where there is not exactly one closed set.
pub(super) fn ergodic_of(
    p: ArrayView2<'_, f64>,
    all: &[CommunicatingClass],
) -> Option<Array1<f64>> {
    let mut closed = all.iter().filter(|s| s.closed);
    let (one, None) = (closed.next()?, closed.next()) else {
        return None;
    };
    let members = &one.members;
    let inside = Array2::from_shape_fn((members.len(), members.len()), |(a, b)| {
        p[[members[a], members[b]]]
    });
    let mut shares = Array1::zeros(p.nrows());
    for (&i, share) in members.iter().zip(stationary(inside)?) {
        shares[i] = share;
    }
    Some(shares)
}

/// A second eigenvalue as close to one is one.
const UNIT_ROOT: f64 = 1e-12;

pub(super) fn second_modulus(p: ArrayView2<'_, f64>) -> Result<f64> {
    let mut moduli: Vec<f64> = eigenvalues(p)?
        .into_iter()
        .map(|(re, im)| re.hypot(im))
        .collect();
    moduli.sort_unstable_by(|a, b| b.total_cmp(a));
    let second = moduli.get(1).copied().unwrap_or(0.0);
    // What rounding leaves of zero, where rows are alike, and of one, where there are several closed sets.
    let rounding = 8.0 * f64::EPSILON * p.nrows() as f64;
    Ok(if second <= rounding {
        0.0
    } else if second >= 1.0 - UNIT_ROOT {
        1.0
    } else {
        second
    })
}
