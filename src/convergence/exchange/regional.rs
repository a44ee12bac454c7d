//! Concordance within regions and between them, and its permutation test.

use std::fmt;

use super::{Ranks, Regional};
use crate::error::{Error, Result};
use crate::inference::permutation::{Global, LANES, total};
use crate::inference::{Alternative, PermutationTest, Permutations};
use crate::text::{Layout, p_value, significant};

/// The concordance of pairs by the regions of their units.
///
/// With s_ij = 1 for a pair in the same order at both dates, -1 for one that changed places, 0 for a tied one,
///
/// ```text
/// within     tau_gg = Σ_{i < j in g} s_ij / (n_g (n_g - 1)/2)
/// between    tau_gh = Σ_{i in g, j in h} s_ij / (n_g n_h)
/// ```
///
/// A low value is exchange of ranks. Ties stay in the denominator (tau-a), as in the paper. Within a region of one unit there is no pair and no value.
///
/// # References
///
/// Rey (2016), Annals of the American Association of Geographers 106, equation 27.
#[derive(Debug, Clone)]
pub struct RegionalTau {
    name: String,
    regions: Regional,
    places: Places,
    scores: Vec<f64>,
}

/// Which is the cell of two regions, g ≤ h, in the upper triangle row by row.
fn cell(regions: usize, g: usize, h: usize) -> usize {
    let (g, h) = (g.min(h), g.max(h));
    g * regions - g * g.saturating_sub(1) / 2 + h - g
}

/// The units in the order of the first date, for counting concordance by region.
#[derive(Debug, Clone)]
struct Places {
    /// Units by rising rank at the first date, in groups of tied ones.
    groups: Vec<Vec<u32>>,
    /// Of each unit the rank at the last date, 0 to d - 1, tied ones alike.
    last: Vec<u32>,
    distinct: usize,
}

impl Places {
    fn of(ranks: &Ranks) -> Self {
        let n = ranks.first.len();
        let mut order: Vec<u32> = (0..n as u32).collect();
        order.sort_by_key(|&i| ranks.first[i as usize]);
        let groups = order
            .chunk_by(|&a, &b| ranks.first[a as usize] == ranks.first[b as usize])
            .map(<[u32]>::to_vec)
            .collect();
        let mut levels = ranks.last.to_vec();
        levels.sort_unstable();
        levels.dedup();
        Self {
            groups,
            last: ranks
                .last
                .iter()
                .map(|r| levels.partition_point(|l| l < r) as u32)
                .collect(),
            distinct: levels.len(),
        }
    }

    /// Adds to each cell the signs of its pairs, where unit i is of region `region(i)`: a Fenwick tree with a count for each region in every node, n k ln n.
    fn scores(&self, regions: usize, region: impl Fn(usize) -> usize, cells: &mut [i64]) {
        let k = regions;
        let mut tree = vec![0_i32; (self.distinct + 1) * k];
        let mut seen = vec![0_i32; k];
        let mut sums = vec![0_i32; k];
        for group in &self.groups {
            for &i in group {
                let i = i as usize;
                let place = self.last[i] as usize;
                // Of the units before, those that are lower at the last date too, less those that are higher: below + below with ties - all.
                for (sum, seen) in sums.iter_mut().zip(&seen) {
                    *sum = -seen;
                }
                for from in [place, place + 1] {
                    let mut node = from;
                    while node > 0 {
                        for (sum, count) in sums.iter_mut().zip(&tree[node * k..(node + 1) * k]) {
                            *sum += count;
                        }
                        node &= node - 1;
                    }
                }
                let own = region(i);
                for (other, &sum) in sums.iter().enumerate() {
                    cells[cell(k, own, other)] += i64::from(sum);
                }
            }
            for &i in group {
                let own = region(i as usize);
                seen[own] += 1;
                let mut node = self.last[i as usize] as usize + 1;
                while node <= self.distinct {
                    tree[node * k + own] += 1;
                    node += node & node.wrapping_neg();
                }
            }
        }
    }
}

/// No more regions than this: cells and nodes grow with them.
const MOST_REGIONS: usize = 200;

impl RegionalTau {
    pub(super) fn of(name: String, ranks: &Ranks, regions: Regional) -> Result<Self> {
        let k = regions.names.len();
        if k > MOST_REGIONS {
            return Err(Error::TooLarge {
                what: "the number of regions of a concordance matrix",
                n: k,
                limit: MOST_REGIONS,
                instead: "take a label with fewer regions",
            });
        }
        let places = Places::of(ranks);
        let mut cells = vec![0; k * (k + 1) / 2];
        places.scores(k, |i| regions.region_of[i] as usize, &mut cells);
        let mut tau = Self {
            name,
            scores: Vec::new(),
            regions,
            places,
        };
        tau.scores = tau.shares(&cells);
        Ok(tau)
    }

    /// Scores over pairs; zero where there is no pair.
    fn shares(&self, cells: &[i64]) -> Vec<f64> {
        let pairs = self.cells().map(|(g, h)| self.pairs(g, h).max(1.0));
        cells
            .iter()
            .zip(pairs)
            .map(|(&c, p)| c as f64 / p)
            .collect()
    }

    fn cells(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let k = self.regions.names.len();
        (0..k).flat_map(move |g| (g..k).map(move |h| (g, h)))
    }

    fn pairs(&self, g: usize, h: usize) -> f64 {
        let size = |r: usize| f64::from(self.regions.sizes[r]);
        if g == h {
            0.5 * size(g) * (size(g) - 1.0)
        } else {
            size(g) * size(h)
        }
    }

    /// The regions, in alphabetical order.
    #[must_use]
    pub fn regions(&self) -> &[String] {
        &self.regions.names
    }

    /// tau within a region (twice the same name) or between two; none within a region of one unit.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the label has no such name.
    #[doc(alias = "tau_reg")]
    pub fn value(&self, region: &str, other: &str) -> Result<Option<f64>> {
        let (g, h) = (self.position(region)?, self.position(other)?);
        Ok(self.at(g, h))
    }

    fn at(&self, g: usize, h: usize) -> Option<f64> {
        (self.pairs(g, h) > 0.0).then(|| self.scores[cell(self.regions.names.len(), g, h)])
    }

    fn position(&self, region: &str) -> Result<usize> {
        position(&self.regions, region)
    }

    /// The permutation test: both dates are rearranged jointly over the units, so that regions keep their sizes.
    ///
    /// [`Alternative::Less`] is more exchange than between units at random. Cost: n k ln n for each permutation, with k regions.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a count that is zero or above 2^31; [`Error::Unsupported`] for more than 10^6 arrangements of the labels.
    pub fn permutation(&self, permutations: Permutations<'_>) -> Result<RegionalTauTest> {
        // To rearrange the labels is the same, and keeps the order of the ranks.
        let labels: Vec<f64> = self
            .regions
            .region_of
            .iter()
            .map(|&r| f64::from(r))
            .collect();
        let observed: Vec<(f64, f64)> = self.scores.iter().map(|&s| (s, TOLERANCE)).collect();
        let what = format!("labels `{}`", self.regions.label);
        let references = total(&what, &[&labels], self, &observed, permutations)?;
        let tests = self.cells().zip(references).zip(&self.scores);
        let tests = tests
            .map(|(((g, h), reference), &observed)| {
                let names = &self.regions.names;
                let name = if g == h {
                    format!("tau within {}, {}", names[g], self.name)
                } else {
                    format!("tau between {} and {}, {}", names[g], names[h], self.name)
                };
                (self.pairs(g, h) > 0.0)
                    .then(|| PermutationTest::of(name, NULL, observed, reference))
            })
            .collect();
        Ok(RegionalTauTest {
            name: self.name.clone(),
            regions: self.regions.clone(),
            tests,
        })
    }
}

/// Quotients of whole numbers that are equal differ by rounding only.
const TOLERANCE: f64 = 1e-12;

const NULL: &str = "exchange of ranks is random over regions";

fn position(regions: &Regional, region: &str) -> Result<usize> {
    let found = regions.names.iter().position(|n| n == region);
    found.ok_or_else(|| Error::InvalidOption {
        option: "region",
        value: region.to_owned(),
        expected: "a name that the label has",
    })
}

impl Global for RegionalTau {
    fn outputs(&self) -> usize {
        self.scores.len()
    }

    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        let [labels] = vectors else { return };
        let mut cells = vec![0; self.scores.len()];
        for l in 0..LANES {
            cells.fill(0);
            let region = |i: usize| labels[i][l] as usize;
            self.places
                .scores(self.regions.names.len(), region, &mut cells);
            for (out, share) in out.iter_mut().zip(self.shares(&cells)) {
                out[l] = share;
            }
        }
    }
}

/// The matrix of a table of regions; cells above the diagonal stay empty.
fn matrix(
    f: &mut fmt::Formatter<'_>,
    names: &[String],
    text: impl Fn(usize, usize) -> String,
) -> fmt::Result {
    let mut table = Layout::new();
    table.row(std::iter::once("").chain(names.iter().map(String::as_str)));
    table.rule();
    for (g, name) in names.iter().enumerate() {
        table.row(std::iter::once(name.clone()).chain((0..=g).map(|h| text(g, h))));
    }
    write!(f, "{table}")
}

impl fmt::Display for RegionalTau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "tau within and between regions of `{}`, {}",
            self.regions.label, self.name
        )?;
        matrix(f, &self.regions.names, |g, h| {
            self.at(g, h)
                .map_or_else(|| "no pair".to_owned(), |t| significant(t, 4))
        })
    }
}

/// The permutation test of [`RegionalTau`], one for each cell.
#[derive(Debug, Clone)]
pub struct RegionalTauTest {
    name: String,
    regions: Regional,
    tests: Vec<Option<PermutationTest>>,
}

impl RegionalTauTest {
    /// The test within a region (twice the same name) or between two; none within a region of one unit.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the label has no such name.
    #[doc(alias = "tau_reg_pvalues")]
    pub fn of(&self, region: &str, other: &str) -> Result<Option<&PermutationTest>> {
        let (g, h) = (
            position(&self.regions, region)?,
            position(&self.regions, other)?,
        );
        Ok(self.at(g, h))
    }

    fn at(&self, g: usize, h: usize) -> Option<&PermutationTest> {
        self.tests[cell(self.regions.names.len(), g, h)].as_ref()
    }
}

impl fmt::Display for RegionalTauTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrangements = self.tests.iter().flatten().next();
        writeln!(
            f,
            "tau within and between regions of `{}`, {}: p (two-sided), {} {}",
            self.regions.label,
            self.name,
            arrangements.map_or(0, PermutationTest::arrangements),
            if arrangements.is_some_and(PermutationTest::is_exact) {
                "arrangements, all"
            } else {
                "draws"
            }
        )?;
        matrix(f, &self.regions.names, |g, h| {
            self.at(g, h).map_or_else(
                || "no pair".to_owned(),
                |t| p_value(t.p_value(Alternative::TwoSided)),
            )
        })
    }
}
