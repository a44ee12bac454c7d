//! The concordance of ranks over some dates, and its tests.

use std::fmt;
use std::sync::Arc;

use ndarray::Array2;

use super::rank_sums::{self, Orders};
use super::ranks::squares;
use crate::error::{Error, Result};
use crate::inference::permutation::Tails;
use crate::inference::{Alternative, Distribution, Permutations, TestResult};
use crate::parallel::map_with_memory;
use crate::random::Stream;
use crate::text::{p_value, significant};

/// Which dates are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Concordance {
    /// The first date and one later.
    Binary,
    /// All dates up to one.
    MultiYear,
}

impl fmt::Display for Concordance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "binary",
            Self::MultiYear => "multi-year",
        })
    }
}

/// The concordance of the ranks of k dates: k = 2, or all up to one.
///
/// With R_ij the mid-rank of unit i at date j and SS a sum of squares about the mean,
///
/// ```text
/// RC   = SS(sum_j R_ij) / (k² SS(R_i0))
/// W    = SS(sum_j R_ij) / (k sum_j SS(R_ij))         Kendall's coefficient of concordance, corrected for ties
/// chi2 = k (n - 1) W  on n - 1 df
/// ```
///
/// Without ties all SS(R_ij) are (n³ - n) / 12 and RC = W. With ties they differ: RC measures by the first date alone and may exceed one where
/// that has more ties than the others, W is always in `[0, 1]`. The test takes W, as `irr::kendall(correct = TRUE)` of R does; the
/// permutation test is the same for both, as permutations change the numerator only.
///
/// chi2 has the mean of its reference, but its variance is 2 (n - 1)(k - 1)/k instead of 2 (n - 1): of two dates half as much, so
/// that its p-values are far too large in the tail. Take [`permutation`](Self::permutation) for few dates.
///
/// # References
///
/// Boyle and McCarthy (1997), Oxford Bulletin of Economics and Statistics 59; Kendall and Babington Smith (1939), Annals of
/// Mathematical Statistics 10.
#[derive(Debug, Clone)]
pub struct RankConcordance {
    kind: Concordance,
    variable: String,
    first: i32,
    period: i32,
    /// Rows of `ranks`.
    dates: Vec<usize>,
    /// Centred doubled ranks, periods × units.
    ranks: Arc<Array2<i64>>,
    squares: i128,
    value: f64,
    kendall_w: f64,
    ties: bool,
}

const NULL: &str = "no concordance of ranks";

impl RankConcordance {
    /// `squares`: of the sums over the dates; `each`: of the ranks of each date.
    pub(crate) fn new(
        kind: Concordance,
        variable: &str,
        periods: &[i32],
        dates: Vec<usize>,
        ranks: &Arc<Array2<i64>>,
        squares: i128,
        each: &[i128],
    ) -> Self {
        let (k, n) = (dates.len() as f64, ranks.ncols() as i128);
        let of_dates = || dates.iter().map(|&t| each[t]);
        let last = dates.last().copied().unwrap_or(0);
        Self {
            kind,
            variable: variable.to_owned(),
            first: periods[0],
            period: periods[last],
            ranks: Arc::clone(ranks),
            squares,
            value: squares as f64 / (k * k * each[0] as f64),
            kendall_w: squares as f64 / (k * of_dates().sum::<i128>() as f64),
            // Four times (n³ - n) / 12, as the ranks are doubled.
            ties: of_dates().any(|s| 3 * s != n * n * n - n),
            dates,
        }
    }

    /// RC.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Kendall's W, corrected for ties; RC where there are none.
    #[must_use]
    #[doc(alias("coefficient of concordance", "irr::kendall"))]
    pub fn kendall_w(&self) -> f64 {
        self.kendall_w
    }

    /// Which dates are compared.
    #[must_use]
    pub fn kind(&self) -> Concordance {
        self.kind
    }

    /// The last period.
    #[must_use]
    pub fn period(&self) -> i32 {
        self.period
    }

    /// Number of dates, k.
    #[must_use]
    pub fn dates(&self) -> usize {
        self.dates.len()
    }

    /// Whether units are tied at some date.
    #[must_use]
    pub fn has_ties(&self) -> bool {
        self.ties
    }

    /// Kendall's test of no concordance, chi2 = k (n - 1) W on n - 1 degrees of freedom, the upper tail; the statistic is chi2.
    ///
    /// Of few dates its p-values are far too large (see above).
    #[must_use]
    pub fn test(&self) -> TestResult {
        let df = (self.ranks.ncols() - 1) as f64;
        TestResult::upper(
            format!("Kendall's W, {}", self.words()),
            self.dates() as f64 * df * self.kendall_w,
            Distribution::ChiSquared { df },
            NULL,
        )
    }

    /// The permutation test of no concordance: all orders of the units at every date but the first are equally likely, independently
    /// of each other.
    ///
    /// `Permutations::new(9_999)` samples them: replicate r shuffles the dates one after the other by the stream (seed, r), and
    /// p = (1 + #)/(1 + R). `Permutations::all()` gives the exact p-value without going through all the orders: of two dates by
    /// recursion over the sets of ranks that are taken, which serves 17 units at any RC and more where RC is in its tail (21 units beyond about 0.85
    /// or below 0.15, 30 beyond 0.97); of more dates by recursion over the sorted sums, for a few units. Which it was stands in
    /// [`ConcordanceTest::reference`]. Single replicates are not kept.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the exact distribution would take too much memory or time: take a sample;
    /// [`Error::InvalidOption`] for a count that is zero or above 2^31.
    pub fn permutation(&self, permutations: Permutations<'_>) -> Result<ConcordanceTest> {
        let permutations = permutations.checked()?;
        let reference = match permutations.count() {
            Some(count) => Reference::Sampled {
                tails: self.sampled(count, permutations),
                draws: count,
            },
            None => Reference::Exact(self.exact()?),
        };
        Ok(ConcordanceTest {
            name: format!("Permutation of ranks, {}", self.words()),
            statistic: self.value,
            reference,
        })
    }

    fn exact(&self) -> Result<Orders> {
        let rows: Vec<Vec<i64>> = self
            .dates
            .iter()
            .map(|&t| self.ranks.row(t).to_vec())
            .collect();
        let orders = if let [first, last] = rows.as_slice() {
            rank_sums::of_two(first, last)
        } else {
            let rows: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
            rank_sums::of_many(&rows, self.squares)
        };
        orders
            .filter(|o| o.all.is_finite())
            .ok_or_else(|| Error::Unsupported {
                what: format!("the exact distribution of the {}", self.words()),
                why: format!(
                    "{} units at {} dates have too many orders for it; take a sample of them, Permutations::new(9_999)",
                    self.ranks.ncols(),
                    self.dates()
                ),
            })
    }

    fn sampled(&self, count: usize, permutations: Permutations<'_>) -> Tails {
        const BLOCK: usize = 64;
        let n = self.ranks.ncols();
        let watch = permutations.watch(count);
        let parts = map_with_memory(
            count.div_ceil(BLOCK),
            || (vec![0_i64; n], vec![0_i64; n]),
            |(sums, order), block| {
                let mut tails = Tails::default();
                let end = count.min((block + 1) * BLOCK);
                for r in block * BLOCK..end {
                    let mut stream = Stream::new(permutations.seed_value(), r as u64);
                    sums.fill(0);
                    for (j, &t) in self.dates.iter().enumerate() {
                        for (to, rank) in order.iter_mut().zip(self.ranks.row(t)) {
                            *to = *rank;
                        }
                        if j > 0 {
                            stream.shuffle(order);
                        }
                        for (sum, rank) in sums.iter_mut().zip(order.iter()) {
                            *sum += rank;
                        }
                    }
                    let drawn = squares(sums);
                    tails.at_least += u32::from(drawn >= self.squares);
                    tails.at_most += u32::from(drawn <= self.squares);
                }
                watch.advance(end - block * BLOCK);
                tails
            },
        );
        let mut all = Tails::default();
        for part in parts {
            all.add(part);
        }
        all
    }

    fn words(&self) -> String {
        format!(
            "{} concordance of {}, {} to {}",
            self.kind, self.variable, self.first, self.period
        )
    }
}

impl fmt::Display for RankConcordance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RC {}", significant(self.value, 5))?;
        if self.ties {
            write!(
                f,
                ", W {} (corrected for ties)",
                significant(self.kendall_w, 5)
            )?;
        }
        write!(f, "; {}", self.test())
    }
}

/// What the observed concordance is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reference {
    Exact(Orders),
    Sampled { tails: Tails, draws: usize },
}

/// A permutation test of concordance; its statistic is RC.
///
/// [`Alternative::Greater`] is concordance (ranks are kept), [`Alternative::Less`] their reversal.
#[derive(Debug, Clone, PartialEq)]
pub struct ConcordanceTest {
    name: String,
    statistic: f64,
    reference: Reference,
}

impl ConcordanceTest {
    /// The observed RC.
    #[must_use]
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// Whether the p-values are exact, of all orders, and not of a sample.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        matches!(self.reference, Reference::Exact(_))
    }

    /// The number of orders that the observed one is among, or of those drawn.
    #[must_use]
    pub fn arrangements(&self) -> f64 {
        match self.reference {
            Reference::Exact(orders) => orders.all,
            Reference::Sampled { draws, .. } => draws as f64,
        }
    }

    /// The p-value against an alternative: of the exact distribution the share of orders at least as extreme, of a sample of R
    /// (1 + #)/(1 + R); two-sided twice the smaller tail.
    #[must_use]
    pub fn p_value(&self, alternative: Alternative) -> f64 {
        match self.reference {
            Reference::Sampled { tails, draws } => tails.p_value(draws, true, alternative),
            Reference::Exact(orders) => {
                let count = match alternative {
                    Alternative::Greater => orders.at_least,
                    Alternative::Less => orders.at_most,
                    Alternative::TwoSided => 2.0 * orders.at_least.min(orders.at_most),
                };
                (count / orders.all).min(1.0)
            }
        }
    }

    /// How the p-values were had, in words.
    #[must_use]
    pub fn reference(&self) -> String {
        match self.reference {
            Reference::Exact(orders) => {
                if orders.all < 1e15 {
                    format!("exact, all {:.0} orders", orders.all)
                } else {
                    format!("exact, all {} orders", significant(orders.all, 7))
                }
            }
            Reference::Sampled { draws, .. } => format!("{draws} draws"),
        }
    }

    /// The test as a value; its statistic is RC.
    #[must_use]
    pub fn test(&self, alternative: Alternative) -> TestResult {
        TestResult {
            name: self.name.clone(),
            statistic: self.statistic,
            distribution: match self.reference {
                Reference::Exact(orders) => Distribution::Arrangements { count: orders.all },
                Reference::Sampled { draws, .. } => Distribution::Empirical { draws },
            },
            null: NULL.to_owned(),
            alternative,
            p_value: self.p_value(alternative),
        }
    }
}

impl fmt::Display for ConcordanceTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: RC {}, {}, p {} (null: {NULL}; greater), {} (less)",
            self.name,
            significant(self.statistic, 5),
            self.reference(),
            p_value(self.p_value(Alternative::Greater)),
            p_value(self.p_value(Alternative::Less))
        )
    }
}
