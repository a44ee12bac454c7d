//! `PermutationTest`: what a test by total permutation returns.

use std::fmt;

use super::Permutations;
use super::total::{Global, Reference, total};
use crate::error::Result;
use crate::inference::distribution::Distribution;
use crate::inference::test_result::{Alternative, TestResult};
use crate::text;

/// A permutation test: the observed statistic among the values that it takes when the data are rearranged at random.
///
/// Of R rearrangements at random, p = (1 + #{draws ≥ observed})/(1 + R) for [`Alternative::Greater`],
/// (1 + #{draws ≤ observed})/(1 + R) for [`Alternative::Less`], and min(1, 2 min) of the two for [`Alternative::TwoSided`];
/// of all arrangements ([`Permutations::all`]) the same without the ones. Draws within a few units of the last
/// place of the observed value count as ties, and ties as at least as extreme.
///
/// # References
///
/// Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "moran.mc")]
#[doc(alias = "p_sim")]
pub struct PermutationTest {
    name: String,
    null: String,
    statistic: f64,
    reference: Reference,
}

impl PermutationTest {
    /// The vectors are rearranged jointly; draws within `tolerance` of `observed` are ties.
    pub(crate) fn total(
        name: impl Into<String>,
        null: impl Into<String>,
        vectors: &[&[f64]],
        (observed, tolerance): (f64, f64),
        statistic: &impl Global,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let name = name.into();
        let mut references = total(
            &name,
            vectors,
            statistic,
            &[(observed, tolerance)],
            permutations,
        )?;
        Ok(Self::of(name, null, observed, references.swap_remove(0)))
    }

    /// From what the rearrangements made of the statistic.
    pub(crate) fn of(
        name: impl Into<String>,
        null: impl Into<String>,
        observed: f64,
        reference: Reference,
    ) -> Self {
        Self {
            name: name.into(),
            null: null.into(),
            statistic: observed,
            reference,
        }
    }

    /// The observed statistic.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// The statistic of each rearrangement, in the order of the replicates, where
    /// [`Permutations::keep_draws`] asked for them.
    #[must_use]
    #[doc(alias = "sim")]
    pub fn draws(&self) -> Option<&[f64]> {
        self.reference.draws.as_deref()
    }

    /// Number of rearrangements.
    #[must_use]
    pub fn arrangements(&self) -> usize {
        self.reference.arrangements
    }

    /// Whether these were all arrangements, so that the p-values are exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.reference.sampled
    }

    /// Number of draws that are at least as large as the observed statistic.
    #[must_use]
    pub fn at_least(&self) -> usize {
        self.reference.tails.at_least as usize
    }

    /// Number of draws that are at most as large as the observed statistic.
    #[must_use]
    pub fn at_most(&self) -> usize {
        self.reference.tails.at_most as usize
    }

    /// Mean of the draws.
    #[must_use]
    #[doc(alias = "EI_sim")]
    pub fn mean(&self) -> f64 {
        self.reference.mean
    }

    /// Standard deviation of the draws (divisor R).
    #[must_use]
    #[doc(alias = "seI_sim")]
    pub fn standard_deviation(&self) -> f64 {
        self.reference.standard_deviation
    }

    /// The p-value against an alternative.
    #[must_use]
    pub fn p_value(&self, alternative: Alternative) -> f64 {
        let Reference {
            tails,
            arrangements,
            sampled,
            ..
        } = self.reference;
        tails.p_value(arrangements, sampled, alternative)
    }

    /// The test as a value; its statistic is the observed one.
    #[must_use]
    pub fn test(&self, alternative: Alternative) -> TestResult {
        let draws = self.arrangements();
        TestResult {
            name: self.name.clone(),
            statistic: self.statistic,
            distribution: if self.reference.sampled {
                Distribution::Empirical { draws }
            } else {
                Distribution::Arrangements {
                    count: draws as f64,
                }
            },
            null: self.null.clone(),
            alternative,
            p_value: self.p_value(alternative),
        }
    }
}

impl fmt::Display for PermutationTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.test(Alternative::TwoSided))?;
        write!(
            f,
            "{}: mean {}, standard deviation {}, {} at least and {} at most the observed value",
            if self.reference.sampled {
                "draws"
            } else {
                "arrangements"
            },
            text::significant(self.mean(), 5),
            text::significant(self.standard_deviation(), 5),
            self.at_least(),
            self.at_most()
        )
    }
}
