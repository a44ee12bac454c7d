//! Permutations: how many, with which seed, and what a permutation test returns.

use std::fmt;

use super::distribution::Distribution;
use super::test_result::{Alternative, TestResult};
use crate::error::{Error, Result};
use crate::parallel::map_indexed;
use crate::random::Stream;
use crate::text;

/// How many permutations, and the seed of their streams.
///
/// Replicate r draws from its own stream (seed, r), so that a result depends on neither the number of threads nor the
/// order of the work. The seed is 0 unless [`seed`](Self::seed) says otherwise. With R permutations no p-value is below
/// 1/(R + 1) (2/(R + 1) two-sided), so that counts such as 999 or 9 999 give round ones.
///
/// # Example
///
/// ```
/// use spatialecon::Permutations;
/// let permutations = Permutations::new(9_999).seed(42);
/// assert_eq!((permutations.count(), permutations.seed_value()), (9_999, 42));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permutations {
    count: usize,
    seed: u64,
    independent: bool,
}

impl Permutations {
    /// That many permutations with seed 0. A count of zero, or above 2^31, is an error where the permutations are used.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            count,
            seed: 0,
            independent: false,
        }
    }

    /// The same number of permutations with another seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Local statistics only: every unit gets draws of its own instead of sharing one table of draws.
    ///
    /// Each p-value has the same distribution either way. With shared draws the Monte-Carlo errors of the units are
    /// correlated, so that the number of significant units varies more from seed to seed; independent draws cost 10 to
    /// 50 times the time.
    #[must_use]
    pub fn independent(mut self) -> Self {
        self.independent = true;
        self
    }

    /// Number of permutations.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The seed.
    #[must_use]
    pub fn seed_value(&self) -> u64 {
        self.seed
    }

    /// Whether every unit of a local statistic gets draws of its own.
    #[must_use]
    pub fn is_independent(&self) -> bool {
        self.independent
    }

    pub(crate) fn checked(self) -> Result<Self> {
        if (1..=1 << 31).contains(&self.count) {
            return Ok(self);
        }
        Err(Error::InvalidOption {
            option: "permutations",
            value: self.count.to_string(),
            expected: "a count from 1 to 2^31",
        })
    }
}

/// Replicates that share one buffer.
const BATCH: usize = 8;

/// The number of draws at least and at most as large as the observed value; a tie counts in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tails {
    pub(crate) at_least: u32,
    pub(crate) at_most: u32,
}

impl Tails {
    /// The tails of the negated statistic.
    pub(crate) fn mirrored(self) -> Self {
        Self {
            at_least: self.at_most,
            at_most: self.at_least,
        }
    }

    /// Every draw tied with the observed value.
    pub(crate) fn all_tied(draws: usize) -> Self {
        Self {
            at_least: draws as u32,
            at_most: draws as u32,
        }
    }

    /// (1 + #≥)/(1 + R), (1 + #≤)/(1 + R), or twice the smaller of the two, at most 1.
    pub(crate) fn p_value(self, draws: usize, alternative: Alternative) -> f64 {
        let share = |count: u32| (1.0 + f64::from(count)) / (1.0 + draws as f64);
        match alternative {
            Alternative::Greater => share(self.at_least),
            Alternative::Less => share(self.at_most),
            Alternative::TwoSided => (2.0 * share(self.at_least.min(self.at_most))).min(1.0),
        }
    }
}

/// A permutation test: the observed statistic among the values that it takes when the data are rearranged at random.
///
/// p = (1 + #{draws ≥ observed})/(1 + R) for [`Alternative::Greater`], (1 + #{draws ≤ observed})/(1 + R) for
/// [`Alternative::Less`], and min(1, 2 min) of the two for [`Alternative::TwoSided`]. Draws within a few units of the last
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
    draws: Vec<f64>,
    tails: Tails,
}

impl PermutationTest {
    /// R total permutations: replicate r shuffles `values` by the stream (seed, r) and evaluates `statistic`, which must
    /// depend on its argument alone. Draws within `tolerance` of `observed` are ties.
    pub(crate) fn total(
        name: impl Into<String>,
        null: impl Into<String>,
        values: &[f64],
        observed: f64,
        tolerance: f64,
        permutations: Permutations,
        statistic: impl Fn(&[f64]) -> f64 + Sync + Send,
    ) -> Result<Self> {
        let Permutations { count, seed, .. } = permutations.checked()?;
        // Every replicate starts from the original order.
        let draws: Vec<f64> = map_indexed(count.div_ceil(BATCH), |batch| {
            let mut shuffled = values.to_vec();
            (batch * BATCH..count.min((batch + 1) * BATCH))
                .map(|r| {
                    shuffled.copy_from_slice(values);
                    Stream::new(seed, r as u64).shuffle(&mut shuffled);
                    statistic(&shuffled)
                })
                .collect::<Vec<_>>()
        })
        .concat();
        let tails = Tails {
            at_least: draws.iter().filter(|&&d| d >= observed - tolerance).count() as u32,
            at_most: draws.iter().filter(|&&d| d <= observed + tolerance).count() as u32,
        };
        Ok(Self {
            name: name.into(),
            null: null.into(),
            statistic: observed,
            draws,
            tails,
        })
    }

    /// The observed statistic.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// The statistic of each permutation, in the order of the replicates.
    #[must_use]
    #[doc(alias = "sim")]
    pub fn draws(&self) -> &[f64] {
        &self.draws
    }

    /// Number of draws that are at least as large as the observed statistic.
    #[must_use]
    pub fn at_least(&self) -> usize {
        self.tails.at_least as usize
    }

    /// Number of draws that are at most as large as the observed statistic.
    #[must_use]
    pub fn at_most(&self) -> usize {
        self.tails.at_most as usize
    }

    /// Mean of the draws.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.draws.iter().sum::<f64>() / self.draws.len() as f64
    }

    /// Standard deviation of the draws (divisor R).
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.draws.iter().map(|d| (d - mean).powi(2)).sum();
        (squares / self.draws.len() as f64).sqrt()
    }

    /// The p-value against an alternative.
    #[must_use]
    pub fn p_value(&self, alternative: Alternative) -> f64 {
        self.tails.p_value(self.draws.len(), alternative)
    }

    /// The test as a value; its statistic is the observed one.
    #[must_use]
    pub fn test(&self, alternative: Alternative) -> TestResult {
        TestResult {
            name: self.name.clone(),
            statistic: self.statistic,
            distribution: Distribution::Empirical {
                draws: self.draws.len(),
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
            "draws: mean {}, standard deviation {}, {} at least and {} at most the observed value",
            text::significant(self.mean(), 5),
            text::significant(self.standard_deviation(), 5),
            self.tails.at_least,
            self.tails.at_most
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_give_the_p_values_of_their_definition() {
        let tails = Tails {
            at_least: 4,
            at_most: 96,
        };
        let p = |a| tails.p_value(99, a);
        assert!((p(Alternative::Greater) - 0.05).abs() < 1e-15);
        assert!((p(Alternative::Less) - 0.97).abs() < 1e-15);
        assert!((p(Alternative::TwoSided) - 0.10).abs() < 1e-15);
        let tied = Tails::all_tied(99).p_value(99, Alternative::TwoSided);
        assert!((tied - 1.0).abs() < 1e-15);
    }

    #[test]
    fn total_permutations_agree_with_the_enumeration() {
        // sum of i x_i over the 24 orders of 4 values: the observed order is the largest, 1 of 24.
        let values = [1.0, 2.0, 3.0, 4.0];
        let statistic = |x: &[f64]| x.iter().enumerate().map(|(i, v)| i as f64 * v).sum::<f64>();
        let draws = 24_000;
        let run = |seed| {
            PermutationTest::total(
                "t",
                "none",
                &values,
                statistic(&values),
                1e-12,
                Permutations::new(draws).seed(seed),
                statistic,
            )
            .unwrap()
        };
        let test = run(3);
        // Four standard errors of a binomial(24000, 1/24): 124.
        assert!((test.at_least() as f64 - 1000.0).abs() < 124.0);
        assert_eq!(test.at_most(), draws);
        // Mean (n - 1)/2 · sum x = 15, variance n (n + 1)/12 · sum of squares about the mean = 8.3333.
        assert!((test.mean() - 15.0).abs() < 4.0 * 2.8868 / 155.0);
        assert!((test.standard_deviation() - 2.8868).abs() < 0.06);
        assert_eq!(test, run(3));
        assert_ne!(test, run(4));
    }

    #[test]
    fn no_permutations_are_an_error() {
        assert!(matches!(
            Permutations::new(0).checked(),
            Err(Error::InvalidOption { .. })
        ));
    }
}
