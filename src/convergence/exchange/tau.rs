//! Kendall's tau of two dates: pairs counted, and its tests.

use std::fmt;

use crate::convergence::gamma::ranks::PairCounts;
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, TestResult};
use crate::text::{counted, significant};

/// Kendall's rank correlation of two dates, tau-b, with the pairs behind it.
///
/// ```text
/// tau = (C - D) / sqrt(N_x N_y)
/// ```
///
/// C are the pairs of units in the same order at both dates, D those that changed places, `N_x` and `N_y` the pairs that differ at the
/// first and at the last date. Without ties both are n (n - 1)/2, and (1 - tau)/2 is the share of pairs that changed places.
///
/// # References
///
/// Kendall and Gibbons (1990), Rank correlation methods; Knight (1966), Journal of the American Statistical Association 61.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias("Tau", "kendalltau", "cor.test"))]
pub struct KendallTau {
    name: String,
    n: usize,
    pairs: PairCounts,
    /// Variance of C - D under independence, with the ties of the data.
    variance: f64,
}

/// No exact distribution is computed of more units: its smallest probability, 1/n!, would be zero as a number.
const MOST_UNITS: usize = 170;

const NULL: &str = "no rank correlation";

impl KendallTau {
    /// Of centred doubled ranks; neither date may be constant.
    pub(super) fn of(name: String, first: &[i64], last: &[i64]) -> Self {
        Self {
            name,
            n: first.len(),
            pairs: PairCounts::of(first, last),
            variance: variance(first, last),
        }
    }

    /// tau-b; tau where there are no ties.
    #[must_use]
    pub fn value(&self) -> f64 {
        let (first, last) = self.pairs.differing();
        self.score() as f64 / ((first as f64).sqrt() * (last as f64).sqrt())
    }

    /// Pairs in the same order at both dates, C.
    #[must_use]
    pub fn concordant(&self) -> u64 {
        self.pairs.concordant
    }

    /// Pairs that changed places, D.
    #[must_use]
    pub fn discordant(&self) -> u64 {
        self.pairs.discordant
    }

    /// Pairs that are tied at the first date alone, at the last date alone, and at both.
    #[must_use]
    pub fn tied(&self) -> (u64, u64, u64) {
        let p = &self.pairs;
        (
            p.tied_first - p.tied_both,
            p.tied_second - p.tied_both,
            p.tied_both,
        )
    }

    /// Whether units are tied at some date.
    #[must_use]
    pub fn has_ties(&self) -> bool {
        self.pairs.tied_first + self.pairs.tied_second > 0
    }

    /// Number of units.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// C - D.
    pub(super) fn score(&self) -> i64 {
        self.pairs.concordant as i64 - self.pairs.discordant as i64
    }

    /// Pairs that differ at the first date, and at the last.
    pub(super) fn differing(&self) -> (u64, u64) {
        self.pairs.differing()
    }

    /// The test of independence by the normal approximation, z = (C - D)/sd with the variance for the ties that there are (Kendall 1970,
    /// chapter 4), without a correction for continuity.
    ///
    /// R's `cor.test(method = "kendall", exact = FALSE)` and scipy's `kendalltau(method = "asymptotic")` take the same.
    #[must_use]
    pub fn test(&self, alternative: Alternative) -> TestResult {
        self.normal("Kendall's tau", self.variance, alternative)
    }

    /// The same with the variance that holds without ties, n (n - 1)(2n + 5)/18 of C - D, and with z = tau-b/sd: what PySAL's `giddy.rank.Tau` prints.
    ///
    /// Where there are no ties it is [`test`](Self::test); where there are, that one is right.
    #[must_use]
    #[doc(alias = "tau_p")]
    pub fn uncorrected_test(&self, alternative: Alternative) -> TestResult {
        let n = self.n as f64;
        let z = self.value() / ((4.0 * n + 10.0) / (9.0 * n * (n - 1.0))).sqrt();
        TestResult::symmetric(
            format!("Kendall's tau, variance without ties, {}", self.name),
            z,
            Distribution::Normal,
            NULL,
            alternative,
        )
    }

    fn normal(&self, what: &str, variance: f64, alternative: Alternative) -> TestResult {
        TestResult::symmetric(
            format!("{what}, {}", self.name),
            self.score() as f64 / variance.sqrt(),
            Distribution::Normal,
            NULL,
            alternative,
        )
    }

    /// The exact test of independence: all n! orders of the last date are equally likely. Its statistic is tau.
    ///
    /// By the recursion of the number of orders with so many inversions, n times the smaller of C and D.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there are ties, and for more than 170 units: take [`test`](Self::test).
    ///
    /// # References
    ///
    /// Kendall (1938), Biometrika 30.
    pub fn exact_test(&self, alternative: Alternative) -> Result<TestResult> {
        let refused = |why: String| Error::Unsupported {
            what: "the exact distribution of Kendall's tau".to_owned(),
            why,
        };
        if self.has_ties() {
            return Err(refused(
                "units are tied, and it is known without ties only; take `test`, whose variance is that of the ties"
                    .to_owned(),
            ));
        }
        if self.n > MOST_UNITS {
            return Err(refused(format!(
                "{} units are more than {MOST_UNITS}; take `test`, the normal approximation",
                self.n
            )));
        }
        let (c, d) = (self.pairs.concordant, self.pairs.discordant);
        // As the distribution is symmetric, P(D' ≤ D) and P(D' ≥ D) = P(D' ≤ C).
        let p_value = match alternative {
            Alternative::Greater => at_most(self.n, d),
            Alternative::Less => at_most(self.n, c),
            Alternative::TwoSided => (2.0 * at_most(self.n, c.min(d))).min(1.0),
        };
        Ok(TestResult {
            name: format!("Kendall's tau, {}", self.name),
            statistic: self.value(),
            distribution: Distribution::Arrangements {
                count: (1..=self.n).map(|i| i as f64).product(),
            },
            null: NULL.to_owned(),
            alternative,
            p_value,
        })
    }
}

/// Variance of C - D where all orders of the last date are equally likely.
fn variance(first: &[i64], last: &[i64]) -> f64 {
    let n = first.len() as f64;
    let pairs = n * (n - 1.0);
    let ([x2, x3, x5], [y2, y3, y5]) = (tie_sums(first), tie_sums(last));
    let third = if n > 2.0 {
        x3 * y3 / (9.0 * pairs * (n - 2.0))
    } else {
        0.0
    };
    (pairs * (2.0 * n + 5.0) - x5 - y5) / 18.0 + x2 * y2 / (2.0 * pairs) + third
}

/// Over the groups of t tied ranks Σ t (t - 1), Σ t (t - 1)(t - 2), Σ t (t - 1)(2t + 5).
fn tie_sums(ranks: &[i64]) -> [f64; 3] {
    let mut sorted = ranks.to_vec();
    sorted.sort_unstable();
    let mut sums = [0.0; 3];
    for group in sorted.chunk_by(|a, b| a == b) {
        let t = group.len() as f64;
        let pairs = t * (t - 1.0);
        for (sum, term) in sums
            .iter_mut()
            .zip([pairs, pairs * (t - 2.0), pairs * (2.0 * t + 5.0)])
        {
            *sum += term;
        }
    }
    sums
}

/// The probability that a random order of n has at most so many inversions.
fn at_most(n: usize, inversions: u64) -> f64 {
    let all = (n * n.saturating_sub(1) / 2) as u64;
    if inversions >= all {
        return 1.0;
    }
    if 2 * inversions >= all {
        return 1.0 - at_most(n, all - inversions - 1);
    }
    // Up to the middle, probabilities rise, so that a sliding sum loses nothing.
    let most = inversions as usize;
    let mut probability = vec![0.0; most + 1];
    probability[0] = 1.0;
    for m in 2..=n {
        let before = probability.clone();
        let mut sum = 0.0_f64;
        for k in 0..=most {
            sum += before[k];
            if k >= m {
                sum -= before[k - m];
            }
            probability[k] = sum.max(0.0) / m as f64;
        }
    }
    probability.iter().sum()
}

impl fmt::Display for KendallTau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "tau {} of {}, {}: {} concordant, {} discordant",
            significant(self.value(), 5),
            self.name,
            counted(self.n, "unit"),
            self.concordant(),
            self.discordant()
        )?;
        let (first, last, both) = self.tied();
        if self.has_ties() {
            write!(
                f,
                ", tied at the first date {first}, at the last {last}, at both {both}"
            )?;
        }
        write!(f, "\n{}", self.test(Alternative::TwoSided))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_by_inversions_are_those_of_the_triangle() {
        // Row 5 of the triangle of Mahonian numbers (OEIS A008302): 1, 4, 9, 15, 20, 22, 20, 15, 9, 4, 1.
        let counts = [1, 4, 9, 15, 20, 22, 20, 15, 9, 4, 1];
        let mut below = 0.0;
        for (k, count) in counts.into_iter().enumerate() {
            below += f64::from(count) / 120.0;
            assert!((at_most(5, k as u64) - below).abs() < 1e-14);
        }
        // One order has none, and n - 1 have one; the smallest probability is a number.
        let tail = at_most(170, 1);
        let expected = (1..=170).fold(170.0, |p, i| p / f64::from(i));
        assert!(tail > 0.0 && (tail / expected - 1.0).abs() < 1e-10);
    }
}
