//! Tests of one chain: against probabilities that are given, and of its order.

use std::fmt;

use ndarray::{Array2, ArrayView2};

use super::chain::MarkovChain;
use super::homogeneity::{Found, compare};
use crate::error::{Error, Result};
use crate::inference::{Distribution, Note, TestResult, write_notes};

/// Pearson's test and the likelihood ratio of one null hypothesis, with the same degrees of freedom.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChainTest {
    /// Pearson's chi-squared.
    pub pearson: TestResult,
    /// The likelihood ratio.
    pub likelihood_ratio: TestResult,
    /// What to know of both.
    pub notes: Vec<Note>,
}

impl ChainTest {
    pub(super) fn new(of: &str, null: &str, found: &Found) -> Self {
        let df = found.df as f64;
        let result = |name: &str, statistic| {
            let distribution = Distribution::ChiSquared { df };
            TestResult::upper(format!("{name}, {of}"), statistic, distribution, null)
        };
        Self {
            pearson: result("Pearson", found.q),
            likelihood_ratio: result("Likelihood ratio", found.lr),
            notes: found.notes(),
        }
    }
}

impl fmt::Display for ChainTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.pearson)?;
        writeln!(f, "{}", self.likelihood_ratio)?;
        write_notes(f, &self.notes)
    }
}

/// More classes than this have too many triples.
const MOST_FOR_ORDER: usize = 100;

impl MarkovChain {
    /// Tests that the probabilities are those given (k × k, rows with the sum one).
    ///
    /// Q = Σ_ij (n_ij - n_i p⁰_ij)² / (n_i p⁰_ij), LR = 2 Σ n_ij ln(n_ij / (n_i p⁰_ij)), on Σ_i (a_i - 1) degrees of freedom: a_i positive p⁰_ij
    /// in each row i with n_i > 0.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; [`Error::InvalidOption`] for rows that are no probabilities, and where a move was seen that the given matrix excludes (the
    /// null is refuted); [`Error::Unsupported`] where no degrees of freedom are left.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::MarkovChain;
    /// let chain = MarkovChain::from_transitions(array![[8.0, 2.0], [3.0, 7.0]])?;
    /// let test = chain.test_against(array![[0.5, 0.5], [0.5, 0.5]].view())?;
    /// assert!((test.pearson.statistic - (3.6 + 1.6)).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Anderson and Goodman (1957), section 3.1; Kullback, Kupperman and Ku (1962).
    #[doc(alias("verifyEmpiricalToTheoretical"))]
    pub fn test_against(&self, given: ArrayView2<'_, f64>) -> Result<ChainTest> {
        let k = self.k();
        for found in [given.nrows(), given.ncols()] {
            if found != k {
                return Err(Error::LengthMismatch {
                    what: "rows or columns of the given probabilities".to_owned(),
                    expected: k,
                    found,
                });
            }
        }
        let invalid = |value: String, expected| Error::InvalidOption {
            option: "given probabilities",
            value,
            expected,
        };
        for (i, row) in given.rows().into_iter().enumerate() {
            if !(row.iter().all(|p| *p >= 0.0) && (row.sum() - 1.0).abs() < 1e-8) {
                return Err(invalid(
                    format!("row {} with the sum {}", i + 1, row.sum()),
                    "rows that are not negative and have the sum one",
                ));
            }
        }
        let excluded = self
            .counts
            .indexed_iter()
            .find(|(at, n)| **n > 0.0 && given[*at] <= 0.0);
        if let Some(((i, j), _)) = excluded {
            return Err(invalid(
                format!("0 from class {} to {}", self.labels[i], self.labels[j]),
                "a positive probability for every move that was seen; as it is, the data refute it",
            ));
        }
        let starts = self.starts();
        let expected = Array2::from_shape_fn((k, k), |(i, j)| starts[i] * given[[i, j]]);
        let df = expected
            .rows()
            .into_iter()
            .map(|row| row.iter().filter(|v| **v > 0.0).count().saturating_sub(1));
        let found = Found::against(self.counts.view(), expected.view(), df.sum());
        let found = found.ok_or_else(|| Error::Unsupported {
            what: format!("a test of {} against given probabilities", self.name),
            why: "the given matrix leaves no choice between moves; give one with probabilities between 0 and 1".to_owned(),
        })?;
        Ok(ChainTest::new(
            &format!("{} against given probabilities", self.name),
            "the given transition probabilities",
            &found,
        ))
    }

    /// Tests the order of the chain: 1, that the next class depends on the present one at all; 2, that it depends on the one before too.
    ///
    /// | order | null | strata | df |
    /// |---|---|---|---|
    /// | 1 | order 0: successive classes are independent | the present class | (classes left - 1)(classes entered - 1) |
    /// | 2 | order 1: the chain is a Markov chain | the class before the present one | Σ_j (a_j - 1)(b_j - 1) over present classes j |
    ///
    /// Order 2 compares the probabilities of the next class by the class before, given the present one, as [`Homogeneity`](crate::Homogeneity) compares strata.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for another order; for order 2 [`Error::TooFewPeriods`] for fewer than three periods, [`Error::Unsupported`] where only
    /// transitions are known, [`Error::TooLarge`] for more than 100 classes; [`Error::Unsupported`] where there is nothing to compare.
    ///
    /// # References
    ///
    /// Anderson and Goodman (1957), sections 3.3 and 4; Bickenbach and Bode (2003).
    #[doc(alias("assessOrder", "verifyMarkovProperty"))]
    pub fn order_test(&self, order: usize) -> Result<ChainTest> {
        let (found, null) = match order {
            1 => {
                let rows: Vec<_> = (self.counts.rows().into_iter())
                    .map(|row| row.insert_axis(ndarray::Axis(0)))
                    .collect();
                (
                    compare(&rows),
                    "the next class does not depend on the present one",
                )
            }
            2 => {
                let before = self.by_class_before()?;
                let views: Vec<_> = before.iter().map(|m| m.view()).collect();
                (
                    compare(&views),
                    "the next class depends on the present one only",
                )
            }
            other => {
                return Err(Error::InvalidOption {
                    option: "order",
                    value: other.to_string(),
                    expected: "1 (against independence) or 2 (against order 1)",
                });
            }
        };
        let found = found.ok_or_else(|| Error::Unsupported {
            what: format!("a test of order {order} of {}", self.name),
            why: "no class has two kinds of moves from two kinds of pasts; take fewer classes or longer histories".to_owned(),
        })?;
        let of = format!("order {order} of {}", self.name);
        Ok(ChainTest::new(&of, null, &found))
    }

    /// The transitions by the class one step before.
    fn by_class_before(&self) -> Result<Vec<Array2<f64>>> {
        let known = self.known("a test of the second order")?;
        let (k, s) = (self.k(), known.step);
        if k > MOST_FOR_ORDER {
            return Err(Error::TooLarge {
                what: "the number of classes in a test of the second order",
                n: k,
                limit: MOST_FOR_ORDER,
                instead: "take fewer classes",
            });
        }
        if known.periods.len() <= 2 * s {
            return Err(Error::TooFewPeriods {
                what: format!("a test of the second order of {}", self.name),
                needed: 2 * s + 1,
                periods: known.periods.len(),
            });
        }
        let mut counts = vec![Array2::zeros((k, k)); k];
        known.each(|t, unit, i, j| {
            if t >= s {
                counts[known.states[[t - s, unit]] as usize][[i, j]] += 1.0;
            }
        });
        Ok(counts)
    }
}
