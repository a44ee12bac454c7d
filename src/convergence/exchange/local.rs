//! Local concordance: of one unit with all others, with its neighbours, and within its neighbourhood.

use std::fmt;

use ndarray::Array1;

use super::local_test::LocalTauTest;
use super::{Ranks, no_neighbours};
use crate::data::Units;
use crate::error::Result;
use crate::inference::{Note, Permutations};
use crate::text::{Layout, significant};
use crate::weights::Weights;

/// Which pairs a local tau counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NeighbourSet {
    /// The unit with each of its neighbours.
    Neighbours,
    /// All pairs within the unit and its neighbours.
    Neighbourhood,
}

impl fmt::Display for NeighbourSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Neighbours => "neighbours",
            Self::Neighbourhood => "neighbourhood",
        })
    }
}

/// Local indicators of mobility association (LIMA): the concordance of each unit's pairs.
///
/// With s_ij = 1 for a pair in the same order at both dates, -1 for one that changed places, 0 for a tied one, and k_i neighbours of i,
///
/// ```text
/// neighbours       tau_i = Σ_j w_ij s_ij / k_i                            j among the neighbours
/// neighbourhood    tau_i = Σ_{g < h} s_gh / (k_i (k_i + 1)/2)             g, h among i and its neighbours
/// ```
///
/// w_ij = 1 where j is a neighbour of i, whatever its weight. A unit without neighbours has tau 0, share 0 and p 1 (a [`Note`] counts
/// them). Ties count as zero and stay in the denominator (tau-a), as in the paper.
///
/// # References
///
/// Rey (2016), Annals of the American Association of Geographers 106, equations 16 and 22.
#[derive(Debug, Clone)]
pub struct LocalTau {
    pub(super) name: String,
    pub(super) set: NeighbourSet,
    pub(super) units: Units,
    pub(super) ranks: Ranks,
    /// Neighbours of each unit, itself not among them.
    pub(super) neighbours: Vec<Vec<u32>>,
    /// Sum of the signs of the pairs of each unit.
    pub(super) scores: Vec<i64>,
}

/// Up to here Display lists every unit.
pub(super) const LISTED: usize = 50;

impl LocalTau {
    pub(super) fn of(name: String, ranks: &Ranks, w: &Weights, set: NeighbourSet) -> Result<Self> {
        let others = |i: usize| {
            let row = w.csr().pattern.row(i).iter();
            row.copied().filter(|&j| j as usize != i).collect()
        };
        let neighbours: Vec<Vec<u32>> = (0..w.n()).map(others).collect();
        if neighbours.iter().all(Vec::is_empty) {
            return Err(no_neighbours("a local tau"));
        }
        let scores = neighbours
            .iter()
            .enumerate()
            .map(|(i, js)| score(ranks, set, i, js))
            .collect();
        Ok(Self {
            name,
            set,
            units: w.units().clone(),
            ranks: ranks.clone(),
            neighbours,
            scores,
        })
    }

    /// tau of each unit.
    #[must_use]
    #[doc(alias("tau_ln", "tau_lnhood"))]
    pub fn values(&self) -> Array1<f64> {
        let of =
            |(score, js): (&i64, &Vec<u32>)| *score as f64 / pairs(self.set, js.len()).max(1.0);
        self.scores.iter().zip(&self.neighbours).map(of).collect()
    }

    /// The share k_i / Σ k of each unit in all links. Where no pair is tied and W is symmetric, the taus of neighbours weighted by them sum to
    /// [`SpatialTau::value`](crate::SpatialTau::value).
    #[must_use]
    #[doc(alias = "tau_ln_weights")]
    pub fn shares(&self) -> Array1<f64> {
        let links: usize = self.neighbours.iter().map(Vec::len).sum();
        let share = |js: &Vec<u32>| js.len() as f64 / links as f64;
        self.neighbours.iter().map(share).collect()
    }

    /// Of each unit the pairs with all others that are concordant, and those that changed places.
    pub(super) fn with_all(&self) -> Vec<(u64, u64)> {
        with_all(&self.ranks)
    }

    /// Which pairs are counted.
    #[must_use]
    pub fn set(&self) -> NeighbourSet {
        self.set
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let count = self.neighbours.iter().filter(|js| js.is_empty()).count();
        (count > 0)
            .then_some(Note::Islands { count })
            .into_iter()
            .collect()
    }

    /// The conditional permutation test: unit i keeps its place and values, its k_i neighbours are drawn from the other units.
    ///
    /// | `Permutations` | neighbours | neighbourhood |
    /// |---|---|---|
    /// | `new(999).seed(1)` | sampled, p = (1 + #)/(1 + R) | sampled |
    /// | `all()` | exact at any n: the drawn pairs are hypergeometric | exact, all sets of k_i of the n - 1 others, up to 10^6 a unit |
    ///
    /// What neighbours are expected to have is the unit's tau with all others, [`ExchangeMobility::local_tau`](crate::ExchangeMobility::local_tau).
    /// Cost, sampled: links × R for neighbours, Σ k_i (k_i + 1)/2 × R for neighbourhoods.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for a count that is zero or above 2^31;
    /// [`Error::Unsupported`](crate::Error::Unsupported) for more than 10^6 arrangements.
    pub fn permutation(&self, permutations: Permutations<'_>) -> Result<LocalTauTest> {
        LocalTauTest::of(self, permutations)
    }
}

/// Number of pairs of a unit with k neighbours.
fn pairs(set: NeighbourSet, k: usize) -> f64 {
    match set {
        NeighbourSet::Neighbours => k as f64,
        NeighbourSet::Neighbourhood => (k * (k + 1) / 2) as f64,
    }
}

/// Sum of the signs of the pairs of unit i, were its neighbours those given.
pub(super) fn score(ranks: &Ranks, set: NeighbourSet, i: usize, neighbours: &[u32]) -> i64 {
    let own: i64 = neighbours.iter().map(|&j| ranks.sign(i, j as usize)).sum();
    let among = match set {
        NeighbourSet::Neighbours => 0,
        NeighbourSet::Neighbourhood => neighbours
            .iter()
            .enumerate()
            .map(|(at, &g)| {
                let later = neighbours[at + 1..].iter();
                later
                    .map(|&h| ranks.sign(g as usize, h as usize))
                    .sum::<i64>()
            })
            .sum(),
    };
    own + among
}

/// Of each unit the pairs with all others that are concordant, and those that changed places, in n ln n.
pub(super) fn with_all(ranks: &Ranks) -> Vec<(u64, u64)> {
    let n = ranks.first.len();
    // Ranks from -(n - 1) to n - 1 in steps of one at least.
    let place = |i: usize| (ranks.last[i] + n as i64 - 1) as usize;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by_key(|&i| ranks.first[i]);
    let mut counts = vec![(0, 0); n];
    // Upwards, units before are lower at the first date; downwards, they are higher.
    for lower in [true, false] {
        let mut tree = Tree::new(2 * n);
        let mut seen = 0;
        for group in order.chunk_by(|&a, &b| ranks.first[a] == ranks.first[b]) {
            for &i in group {
                let below = tree.below(place(i));
                let above = seen - tree.below(place(i) + 1);
                let (same, opposite) = if lower {
                    (below, above)
                } else {
                    (above, below)
                };
                counts[i].0 += same;
                counts[i].1 += opposite;
            }
            for &i in group {
                tree.add(place(i));
            }
            seen += group.len() as u64;
        }
        order.reverse();
    }
    counts
}

/// Counts by place, and their sums from the first place on (Fenwick 1994).
struct Tree(Vec<u64>);

impl Tree {
    fn new(places: usize) -> Self {
        Self(vec![0; places + 1])
    }

    fn add(&mut self, place: usize) {
        let mut node = place + 1;
        while let Some(count) = self.0.get_mut(node) {
            *count += 1;
            node += node & node.wrapping_neg();
        }
    }

    /// How many are at a place before the one given.
    fn below(&self, place: usize) -> u64 {
        let (mut node, mut sum) = (place, 0);
        while node > 0 {
            sum += self.0[node];
            node &= node - 1;
        }
        sum
    }
}

impl fmt::Display for LocalTau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Local tau, {}, of {}", self.set, self.name)?;
        let mut table = Layout::new();
        table.row(["unit", "neighbours", "tau"]).rule();
        for (i, tau) in self.values().iter().enumerate().take(LISTED) {
            table.row([
                self.units.name(i),
                self.neighbours[i].len().to_string(),
                significant(*tau, 4),
            ]);
        }
        write!(f, "{table}")?;
        if self.scores.len() > LISTED {
            writeln!(f, "… {} more units", self.scores.len() - LISTED)?;
        }
        for note in self.notes() {
            writeln!(f, "{note}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::centred_ranks;
    use super::*;
    use crate::random::Stream;

    #[test]
    fn concordance_with_all_is_that_of_its_definition() {
        for seed in 0..100 {
            let mut stream = Stream::new(seed, 0);
            let n = 2 + stream.below(30) as usize;
            let levels = 1 + stream.below(2 * n as u32);
            let mut draw = || {
                let values: Vec<f64> = (0..n).map(|_| f64::from(stream.below(levels))).collect();
                centred_ranks(&values).into()
            };
            let ranks = Ranks {
                first: draw(),
                last: draw(),
            };
            for (i, found) in with_all(&ranks).into_iter().enumerate() {
                let count = |s: i64| (0..n).filter(|&j| ranks.sign(i, j) == s).count() as u64;
                assert_eq!(found, (count(1), count(-1)));
            }
        }
    }
}
