//! Kendall's tau of the pairs that are neighbours, and its permutation test.

use std::fmt;

use super::{KendallTau, Ranks, no_neighbours};
use crate::error::{Error, Result};
use crate::inference::permutation::{Global, LANES, total};
use crate::inference::{Alternative, PermutationTest, Permutations};
use crate::text::{p_value, significant};
use crate::weights::Weights;

/// Kendall's tau of the pairs that are neighbours, beside that of the pairs that are not.
///
/// ```text
/// tau_N = (C_N - D_N) / sqrt(N_x N_y)        of the pairs in N, the neighbours
/// ```
///
/// All is counted over pairs of neighbours: `C_N` keep their order, `D_N` change places, `N_x` and `N_y` differ at the first and at the last date. Where tau
/// of neighbours is below that of the others, exchange is local: units trade places with those beside them.
///
/// # References
///
/// Rey (2014), Computational Statistics 29.
#[derive(Debug, Clone)]
pub struct SpatialTau {
    name: String,
    ranks: Ranks,
    pairs: Vec<(u32, u32)>,
    found: Counts,
    all: Counts,
    concordant: u64,
    discordant: u64,
    islands: usize,
}

/// C - D and the pairs that differ at each date.
#[derive(Debug, Clone, Copy)]
struct Counts {
    score: f64,
    first: f64,
    last: f64,
}

impl Counts {
    /// tau-b; none where every pair is tied at a date.
    fn tau(self) -> Option<f64> {
        (self.first > 0.0 && self.last > 0.0)
            .then(|| self.score / (self.first.sqrt() * self.last.sqrt()))
    }

    fn without(self, other: Self) -> Self {
        Self {
            score: self.score - other.score,
            first: self.first - other.first,
            last: self.last - other.last,
        }
    }
}

/// Pairs (i, j), i < j, that are linked in one direction or in both.
fn pairs_of(w: &Weights) -> Vec<(u32, u32)> {
    let pattern = &w.csr().pattern;
    let mut pairs = Vec::with_capacity(w.links() / 2);
    for i in 0..w.n() {
        for &j in pattern.row(i) {
            let other = j as usize;
            if i < other {
                pairs.push((i as u32, j));
            } else if other < i && pattern.find(other, i).is_none() {
                pairs.push((j, i as u32));
            }
        }
    }
    pairs
}

impl SpatialTau {
    pub(super) fn of(name: String, ranks: &Ranks, tau: &KendallTau, w: &Weights) -> Result<Self> {
        let pairs = pairs_of(w);
        if pairs.is_empty() {
            return Err(no_neighbours("tau of neighbours"));
        }
        let (mut concordant, mut discordant, mut first, mut last) = (0, 0, 0_u64, 0_u64);
        let mut linked = vec![false; w.n()];
        for &(i, j) in &pairs {
            let (i, j) = (i as usize, j as usize);
            let sign = ranks.sign(i, j);
            concordant += u64::from(sign > 0);
            discordant += u64::from(sign < 0);
            first += u64::from(ranks.first[i] != ranks.first[j]);
            last += u64::from(ranks.last[i] != ranks.last[j]);
            (linked[i], linked[j]) = (true, true);
        }
        if first == 0 || last == 0 {
            return Err(Error::Unsupported {
                what: "tau of neighbours".to_owned(),
                why: format!(
                    "every pair of neighbours is tied at the {} date; take other weights, or values with fewer ties",
                    if first == 0 { "first" } else { "last" }
                ),
            });
        }
        let differing = tau.differing();
        Ok(Self {
            name,
            ranks: ranks.clone(),
            found: Counts {
                score: concordant as f64 - discordant as f64,
                first: first as f64,
                last: last as f64,
            },
            all: Counts {
                score: tau.score() as f64,
                first: differing.0 as f64,
                last: differing.1 as f64,
            },
            pairs,
            concordant,
            discordant,
            islands: linked.iter().filter(|&&l| !l).count(),
        })
    }

    /// tau of the pairs of neighbours.
    #[must_use]
    #[doc(alias = "tau_spatial")]
    pub fn value(&self) -> f64 {
        self.found.tau().unwrap_or(0.0)
    }

    /// tau of the pairs that are no neighbours; none where there is no such pair, or where all are tied.
    #[must_use]
    pub fn of_others(&self) -> Option<f64> {
        self.all.without(self.found).tau()
    }

    /// tau of neighbours less tau of the others: below zero where exchange is local.
    #[must_use]
    pub fn difference(&self) -> Option<f64> {
        Some(self.value() - self.of_others()?)
    }

    /// Number of pairs of neighbours, tied ones included.
    #[must_use]
    #[doc(alias = "pairs_spatial")]
    pub fn pairs(&self) -> usize {
        self.pairs.len()
    }

    /// Pairs of neighbours in the same order at both dates.
    #[must_use]
    #[doc(alias = "concordant_spatial")]
    pub fn concordant(&self) -> u64 {
        self.concordant
    }

    /// Pairs of neighbours that changed places.
    #[must_use]
    #[doc(alias = "discordant_spatial")]
    pub fn discordant(&self) -> u64 {
        self.discordant
    }

    /// Units without a neighbour.
    #[must_use]
    pub fn islands(&self) -> usize {
        self.islands
    }

    /// The permutation test: both dates are rearranged jointly over the locations, so that tau stays and only who is whose neighbour changes.
    ///
    /// [`Alternative::Less`] is local exchange: neighbours change places more often than units at random. An arrangement in which every pair of neighbours is tied at
    /// a date has tau zero. Cost: pairs × permutations; `Permutations::all()` for few units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a count that is zero or above 2^31; [`Error::Unsupported`] for more than 10^6 arrangements.
    pub fn permutation(&self, permutations: Permutations<'_>) -> Result<SpatialTauTest> {
        let [first, last] = self.ranks.as_numbers();
        let name = format!("tau of neighbours, {}", self.name);
        let difference = self.difference();
        let observed = [
            (self.value(), TOLERANCE),
            (difference.unwrap_or(0.0), TOLERANCE),
        ];
        let references = total(&name, &[&first, &last], self, &observed, permutations)?;
        let mut references = references.into_iter();
        let mut test = |name: String, observed: f64| {
            let reference = references.next()?;
            Some(PermutationTest::of(name, NULL, observed, reference))
        };
        let neighbours = test(name.clone(), self.value());
        let difference =
            difference.and_then(|d| test(format!("{name}, less that of the others"), d));
        neighbours
            .map(|neighbours| SpatialTauTest {
                neighbours,
                difference,
            })
            .ok_or_else(|| no_neighbours("tau of neighbours"))
    }
}

/// Quotients of whole numbers that are equal differ by rounding only.
const TOLERANCE: f64 = 1e-12;

const NULL: &str = "exchange of ranks is random over space";

impl Global for SpatialTau {
    fn outputs(&self) -> usize {
        2
    }

    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        out.fill([0.0; LANES]);
        let ([x, y], [tau, difference]) = (vectors, out) else {
            return;
        };
        let mut counts = [[0.0; LANES]; 3];
        for &(i, j) in &self.pairs {
            let (xi, xj) = (&x[i as usize], &x[j as usize]);
            let (yi, yj) = (&y[i as usize], &y[j as usize]);
            for l in 0..LANES {
                let (dx, dy) = (xi[l] - xj[l], yi[l] - yj[l]);
                let product = dx * dy;
                counts[0][l] +=
                    f64::from(u8::from(product > 0.0)) - f64::from(u8::from(product < 0.0));
                counts[1][l] += f64::from(u8::from(dx != 0.0));
                counts[2][l] += f64::from(u8::from(dy != 0.0));
            }
        }
        for l in 0..LANES {
            let found = Counts {
                score: counts[0][l],
                first: counts[1][l],
                last: counts[2][l],
            };
            tau[l] = found.tau().unwrap_or(0.0);
            difference[l] = tau[l] - self.all.without(found).tau().unwrap_or(0.0);
        }
    }
}

impl fmt::Display for SpatialTau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "tau of neighbours {} of {}: {} pairs, {} concordant, {} discordant",
            significant(self.value(), 5),
            self.name,
            self.pairs(),
            self.concordant,
            self.discordant
        )?;
        if let Some(others) = self.of_others() {
            write!(f, "; of the other pairs {}", significant(others, 5))?;
        }
        if self.islands > 0 {
            write!(f, "\n{} unit(s) without neighbours", self.islands)?;
        }
        Ok(())
    }
}

/// The permutation test of [`SpatialTau`].
#[derive(Debug, Clone, PartialEq)]
pub struct SpatialTauTest {
    neighbours: PermutationTest,
    difference: Option<PermutationTest>,
}

impl SpatialTauTest {
    /// The test of tau of neighbours.
    #[must_use]
    #[doc(alias("tau_spatial_psim", "taus"))]
    pub fn neighbours(&self) -> &PermutationTest {
        &self.neighbours
    }

    /// The test of tau of neighbours less that of the other pairs; none where that is not defined. Without ties both tests have the same p-values.
    #[must_use]
    pub fn difference(&self) -> Option<&PermutationTest> {
        self.difference.as_ref()
    }
}

impl fmt::Display for SpatialTauTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.neighbours)?;
        if let Some(test) = &self.difference {
            write!(
                f,
                "\nless that of the other pairs: {}, p {} (less), {} (two-sided)",
                significant(test.statistic(), 5),
                p_value(test.p_value(Alternative::Less)),
                p_value(test.p_value(Alternative::TwoSided))
            )?;
        }
        Ok(())
    }
}
