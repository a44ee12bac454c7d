//! Theta: the share of the changes of rank that does not cancel within regions.

use std::fmt;

use super::{Ranks, Regional};
use crate::error::{Error, Result};
use crate::inference::permutation::{Global, LANES};
use crate::inference::{PermutationTest, Permutations};
use crate::text::{counted, significant};

/// Regional cohesion of rank mobility: whether the units of a region rise and fall together.
///
/// ```text
/// theta = Σ_r |Σ_{i in r} d_i| / Σ_i |d_i|,        d_i the change of the rank of i
/// ```
///
/// One: the units of every region move in the same direction. Zero: every move is made good within its region. 1 - theta is the share of the changes of rank
/// that is cancelled within regions. Ranks are ascending, ties share the mean of theirs.
///
/// # References
///
/// Rey (2004), Spatial dependence in the evolution of regional income distributions, in Getis, Mur and Zoller, Spatial econometrics and spatial statistics.
#[derive(Debug, Clone)]
pub struct Theta {
    name: String,
    /// Twice the change of each rank.
    changes: Vec<f64>,
    regions: Regional,
    /// Twice the sum of the moduli of changes.
    total: f64,
    value: f64,
}

/// Quotients of whole numbers that are equal differ by rounding only.
const TOLERANCE: f64 = 1e-12;

const NULL: &str = "changes of rank are random over regions";

impl Theta {
    pub(super) fn of(name: String, ranks: &Ranks, regions: Regional) -> Result<Self> {
        let (first, last) = (ranks.first.iter(), ranks.last.iter());
        let changes: Vec<f64> = first.zip(last).map(|(a, b)| (b - a) as f64).collect();
        let total: f64 = changes.iter().map(|d| d.abs()).sum();
        if total == 0.0 {
            return Err(Error::Unsupported {
                what: format!("theta of {name}"),
                why: "no unit changes its rank, so that there is nothing to share out; take dates further apart"
                    .to_owned(),
            });
        }
        let mut sums = vec![0.0; regions.names.len()];
        for (change, &r) in changes.iter().zip(&regions.region_of) {
            sums[r as usize] += change;
        }
        let value = sums.iter().map(|s: &f64| s.abs()).sum::<f64>() / total;
        Ok(Self {
            name,
            changes,
            regions,
            total,
            value,
        })
    }

    /// theta, in `[0, 1]`.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// 1 - theta: the share of the changes of rank that is cancelled within regions.
    #[must_use]
    pub fn cancelled(&self) -> f64 {
        1.0 - self.value
    }

    /// Σ |d_i|, the sum of all changes of rank.
    #[must_use]
    pub fn total(&self) -> f64 {
        0.5 * self.total
    }

    /// The largest sum of changes that n units can have, that of a reversed order: the whole part of n²/2.
    #[must_use]
    pub fn max_total(&self) -> u64 {
        let n = self.changes.len() as u64;
        n * n / 2
    }

    /// Number of regions.
    #[must_use]
    pub fn regions(&self) -> usize {
        self.regions.names.len()
    }

    /// The permutation test: the changes of rank are rearranged over the units, so that regions keep their sizes.
    ///
    /// [`Alternative::Greater`](crate::Alternative::Greater) is cohesion, [`Alternative::Less`](crate::Alternative::Less) exchange within regions. Cost: n × permutations.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a count that is zero or above 2^31; [`Error::Unsupported`] for more than 10^6 arrangements.
    #[doc(alias("pvalue_left", "pvalue_right"))]
    pub fn permutation(&self, permutations: Permutations<'_>) -> Result<PermutationTest> {
        PermutationTest::total(
            format!("theta by {}, {}", self.regions.label, self.name),
            NULL,
            &[&self.changes],
            (self.value, TOLERANCE),
            self,
            permutations,
        )
    }
}

impl Global for Theta {
    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        out.fill([0.0; LANES]);
        let ([changes], [theta]) = (vectors, out) else {
            return;
        };
        let mut sums = vec![[0.0; LANES]; self.regions.names.len()];
        for (change, &r) in changes.iter().zip(&self.regions.region_of) {
            for (sum, change) in sums[r as usize].iter_mut().zip(change) {
                *sum += change;
            }
        }
        for sum in &sums {
            for (theta, sum) in theta.iter_mut().zip(sum) {
                *theta += sum.abs();
            }
        }
        for theta in theta {
            *theta /= self.total;
        }
    }
}

impl fmt::Display for Theta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "theta {} of {}, {} of `{}`: changes of rank sum to {}, of at most {}; {} cancel within regions",
            significant(self.value, 5),
            self.name,
            counted(self.regions(), "region"),
            self.regions.label,
            self.total(),
            self.max_total(),
            (self.cancelled() * self.total).round() / 2.0
        )
    }
}
