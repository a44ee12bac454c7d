//! The permutation test of the counts of directional LISA.

use std::fmt;

use super::directional::{DirectionalLisa, sector, snapped};
use crate::error::Result;
use crate::inference::permutation::{Global, LANES, total};
use crate::inference::{Alternative, PermutationTest, Permutations};
use crate::text::{Layout, p_value, significant};

/// The permutation test of [`DirectionalLisa`]: one for each sector, and one of the moves in which unit and neighbours go the same way.
///
/// [`Alternative::Greater`] for a sector in which more units move than if values were at random over space, [`Alternative::Less`] for fewer. The
/// counts of the sectors are not independent of each other, as they sum to the number of units that move.
#[derive(Debug, Clone)]
pub struct DirectionalTest {
    name: String,
    tests: Vec<PermutationTest>,
    together: PermutationTest,
}

const NULL: &str = "moves are random over space";

/// The counts of rearranged moves: of the sectors, and of those with dx dy > 0. Beside them what rounding may leave of each lag.
struct Counts<'a>(&'a DirectionalLisa, Vec<f64>);

impl Global for Counts<'_> {
    fn outputs(&self) -> usize {
        self.0.sectors + 1
    }

    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        out.fill([0.0; LANES]);
        let [moves] = vectors else { return };
        for (i, dx) in moves.iter().enumerate() {
            if self.0.is_island(i) {
                continue;
            }
            let mut dy = [0.0; LANES];
            for (j, weight) in self.0.weights.csr().row(i) {
                for (dy, dx) in dy.iter_mut().zip(&moves[j]) {
                    *dy += weight * dx;
                }
            }
            for l in 0..LANES {
                dy[l] = snapped(dy[l], self.1[i]);
                if let Some(s) = sector(dx[l], dy[l], self.0.sectors) {
                    out[s][l] += 1.0;
                }
                out[self.0.sectors][l] += f64::from(u8::from(dx[l] * dy[l] > 0.0));
            }
        }
    }
}

impl DirectionalTest {
    pub(super) fn of(lisa: &DirectionalLisa, permutations: Permutations<'_>) -> Result<Self> {
        let moves = lisa.dx.to_vec();
        let same = |i: &usize| lisa.dx[*i] * lisa.dy()[*i] > 0.0;
        let together = (0..moves.len()).filter(same).count() as f64;
        let counts = lisa.counts.iter().map(|&c| c as f64);
        // Counts are whole numbers.
        let observed: Vec<(f64, f64)> = counts.chain([together]).map(|c| (c, 0.5)).collect();
        let name = format!("directional LISA, {}", lisa.name);
        let rounding = (0..moves.len()).map(|i| lisa.rounding_of_lag(i)).collect();
        let counts = Counts(lisa, rounding);
        let references = total(&name, &[&moves], &counts, &observed, permutations)?;
        let mut tests: Vec<PermutationTest> = references
            .into_iter()
            .zip(&observed)
            .enumerate()
            .map(|(s, (reference, &(count, _)))| {
                let what = if s < lisa.sectors {
                    format!("{name}, sector {}", s + 1)
                } else {
                    format!("{name}, unit and neighbours the same way")
                };
                PermutationTest::of(what, NULL, count, reference)
            })
            .collect();
        let together = tests.remove(lisa.sectors);
        Ok(Self {
            name: lisa.name.clone(),
            tests,
            together,
        })
    }

    /// The test of each sector; its mean is the expected count.
    #[must_use]
    #[doc(alias("expected_perm", "larger_perm"))]
    pub fn sectors(&self) -> &[PermutationTest] {
        &self.tests
    }

    /// The p-value of each sector.
    #[must_use]
    pub fn p_values(&self, alternative: Alternative) -> Vec<f64> {
        self.tests.iter().map(|t| t.p_value(alternative)).collect()
    }

    /// The test of the number of units that move the same way as their neighbours, dx dy > 0: one test where there are k of sectors.
    #[must_use]
    pub fn together(&self) -> &PermutationTest {
        &self.together
    }
}

impl fmt::Display for DirectionalTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Directional LISA of {}, permutation of the moves, {} {}",
            self.name,
            self.together.arrangements(),
            if self.together.is_exact() {
                "arrangements, all"
            } else {
                "draws"
            }
        )?;
        let mut table = Layout::new();
        let head = [
            "sector",
            "units",
            "expected",
            "p (greater)",
            "p (less)",
            "p (two-sided)",
        ];
        table.row(head).rule();
        let mut row = |name: String, test: &PermutationTest| {
            let p = |a| p_value(test.p_value(a));
            table.row([
                name,
                test.statistic().to_string(),
                significant(test.mean(), 4),
                p(Alternative::Greater),
                p(Alternative::Less),
                p(Alternative::TwoSided),
            ]);
        };
        for (s, test) in self.tests.iter().enumerate() {
            row((s + 1).to_string(), test);
        }
        row("same way".to_owned(), &self.together);
        write!(f, "{table}")
    }
}
