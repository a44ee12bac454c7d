//! Homogeneity by permutation: the ends of transitions dealt to the strata anew.

use ndarray::Array1;

use super::chain::MarkovChain;
use super::homogeneity::Homogeneity;
use crate::error::{Error, Result};
use crate::inference::permutation::Tails;
use crate::inference::{Alternative, Distribution, Permutations, TestResult};
use crate::parallel::map_with_memory;
use crate::random::Stream;

impl Homogeneity {
    /// Q by permutation, for small counts: among the transitions that start in a class, their ends are dealt to the strata anew.
    ///
    /// The numbers of transitions that start and that end in each class are kept, for each class that is left (the conditional test of
    /// contingency tables). It is exact where those numbers are given; of a chain they are not quite, since how often a class is left in a later span depends on
    /// where earlier transitions ended: in simulated chains of 21 units and 24 years it rejects 6 to 8 % at 5 %, no less than the chi-squared Q. Replicate r draws from the stream (seed, r),
    /// p = (1 + #)/(1 + R), ties count as at least as large. Cost: transitions × R; the counts have to be whole numbers.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a count of permutations that is zero or above 2^31; [`Error::Unsupported`] for `Permutations::all`, and for
    /// counts that are not whole numbers or above 10 million.
    pub fn permutation(&self, permutations: Permutations<'_>) -> Result<TestResult> {
        let permutations = permutations.checked()?;
        let refuse = |what: &str, why: &str| Error::Unsupported {
            what: format!("{what} in a test of homogeneity by permutation"),
            why: why.to_owned(),
        };
        let Some(draws) = permutations.count() else {
            return Err(refuse(
                "all arrangements",
                "there are too many; take a sample of them, Permutations::new(9_999)",
            ));
        };
        let k = self.pooled.k();
        let total: f64 = self.pooled.counts.sum();
        if self
            .strata
            .iter()
            .any(|s| s.counts.iter().any(|v| v.fract() != 0.0))
            || total > 1e7
        {
            return Err(refuse(
                "counts that are not whole numbers, or more than 10 million",
                "transitions are drawn one by one; take the chi-squared p-value",
            ));
        }
        // For each class that is left: where its transitions end, stratum after stratum.
        let rows: Vec<Row> = (0..k)
            .map(|i| Row::of(&self.strata, i))
            .filter(Row::matters)
            .collect();
        let observed: f64 = rows
            .iter()
            .map(|r| r.pearson(&r.ends, &mut vec![0.0; k]))
            .sum();
        let least = observed * (1.0 - 1e-12);
        let watch = permutations.watch(draws);
        let above: u32 = map_with_memory(
            draws,
            || (Vec::new(), vec![0.0; k]),
            |(ends, counts), r| {
                let mut stream = Stream::new(permutations.seed_value(), r as u64);
                let mut q = 0.0;
                for row in &rows {
                    ends.clear();
                    ends.extend_from_slice(&row.ends);
                    stream.shuffle(ends);
                    q += row.pearson(ends, counts);
                }
                watch.advance(1);
                u32::from(q >= least)
            },
        )
        .into_iter()
        .sum();
        let tails = Tails {
            at_least: above,
            ..Tails::default()
        };
        let mut test = self.result("Permutation", self.found.q);
        test.distribution = Distribution::Empirical { draws };
        test.alternative = Alternative::Greater;
        test.p_value = tails.p_value(draws, true, Alternative::Greater);
        Ok(test)
    }
}

/// The transitions that start in one class.
struct Row {
    /// Where they end, one stratum after another.
    ends: Vec<u32>,
    /// How many there are in each stratum.
    sizes: Vec<usize>,
    shares: Array1<f64>,
}

impl Row {
    fn of(strata: &[MarkovChain], i: usize) -> Self {
        let (mut ends, mut sizes) = (Vec::new(), Vec::new());
        let mut shares = Array1::zeros(strata.first().map_or(0, MarkovChain::k));
        for stratum in strata {
            let before = ends.len();
            for (j, &count) in stratum.counts.row(i).iter().enumerate() {
                ends.extend(std::iter::repeat_n(j as u32, count as usize));
                shares[j] += count;
            }
            sizes.push(ends.len() - before);
        }
        let n = ends.len().max(1) as f64;
        Self {
            ends,
            sizes,
            shares: shares / n,
        }
    }

    /// Whether permutations change anything.
    fn matters(&self) -> bool {
        self.sizes.iter().filter(|n| **n > 0).count() > 1
            && self.shares.iter().filter(|p| **p > 0.0).count() > 1
    }

    fn pearson(&self, ends: &[u32], counts: &mut [f64]) -> f64 {
        let (mut q, mut rest) = (0.0, ends);
        for &n in &self.sizes {
            let (own, others) = rest.split_at(n);
            rest = others;
            counts.fill(0.0);
            for &j in own {
                counts[j as usize] += 1.0;
            }
            for (count, p) in counts.iter().zip(&self.shares).filter(|(_, p)| **p > 0.0) {
                let expected = n as f64 * p;
                if expected > 0.0 {
                    q += (count - expected).powi(2) / expected;
                }
            }
        }
        q
    }
}
