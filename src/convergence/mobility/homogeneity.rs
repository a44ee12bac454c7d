//! Tests that several transition matrices are one: over time, across groups, across any strata.

use std::collections::BTreeMap;
use std::fmt;

use ndarray::{Array1, Array2, ArrayView2};

use super::chain::{Histories, Kind, MarkovChain};
use crate::data::Panel;
use crate::error::{Error, Result};
use crate::inference::{Distribution, Note, TestResult, write_notes};
use crate::text::{Layout, p_value, significant};

/// Tests that the transition probabilities of several strata (spans of time, groups of units, classes of the spatial lag) are the same.
///
/// With n_ij|s the transitions of stratum s, n_i|s those that start in i, and p_ij of all strata together:
///
/// ```text
/// Q  = Σ_s Σ_ij n_i|s (p_ij|s - p_ij)² / p_ij           Pearson
/// LR = 2 Σ_s Σ_ij n_ij|s ln(p_ij|s / p_ij)
/// df = Σ_i (a_i - 1)(b_i - 1)
/// ```
///
/// over p_ij > 0; a_i is the number of classes that are entered from i in any stratum, b_i the number of strata in which i is left. Moves that were
/// never seen have no probability to estimate: (m - 1) k (k - 1) degrees of freedom, as some programs have it, are too many, and the test
/// then rejects too rarely.
///
/// # References
///
/// Anderson and Goodman (1957), Annals of Mathematical Statistics 28; Kullback, Kupperman and Ku (1962), Technometrics 4; Bickenbach and Bode (2003),
/// International Regional Science Review 26: 363-392.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias("verifyHomogeneity", "kullback", "Homogeneity_Results"))]
pub struct Homogeneity {
    by: String,
    pub(super) pooled: MarkovChain,
    pub(super) strata: Vec<MarkovChain>,
    pub(super) found: Found,
}

/// The numbers of a comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub(super) q: f64,
    pub(super) lr: f64,
    pub(super) df: usize,
    small: usize,
    cells: usize,
}

const NULL: &str = "the same transition probabilities in all strata";

impl Homogeneity {
    /// Strata that are known by name and counts (k × k, all of the same classes).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than two strata, and where counts are negative, not finite, or all zero; [`Error::LengthMismatch`] where
    /// strata differ in their number of classes; [`Error::Unsupported`] where no class is left in two strata by more than one move: there is nothing to compare.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::Homogeneity;
    /// let test = Homogeneity::of([
    ///     ("before", array![[8.0, 2.0], [3.0, 7.0]]),
    ///     ("after", array![[6.0, 4.0], [3.0, 7.0]]),
    /// ])?;
    /// assert!((test.pearson().statistic - 20.0 / 21.0).abs() < 1e-12);
    /// assert_eq!(test.df(), 2);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn of<S: Into<String>>(strata: impl IntoIterator<Item = (S, Array2<f64>)>) -> Result<Self> {
        let mut chains: Vec<MarkovChain> = Vec::new();
        for (name, counts) in strata {
            let mut chain = MarkovChain::from_transitions(counts)?;
            chain.name = name.into();
            if let Some(first) = chains.first().filter(|first| first.k() != chain.k()) {
                return Err(Error::LengthMismatch {
                    what: format!("classes of stratum `{}`", chain.name),
                    expected: first.k(),
                    found: chain.k(),
                });
            }
            chains.push(chain);
        }
        Self::of_chains("strata", "transitions", chains)
    }

    /// Of strata with the same classes.
    pub(super) fn of_chains(by: &str, name: &str, strata: Vec<MarkovChain>) -> Result<Self> {
        let Some(first) = strata.first().filter(|_| strata.len() > 1) else {
            return Err(Error::InvalidOption {
                option: "strata",
                value: strata.len().to_string(),
                expected: "two strata at least",
            });
        };
        let mut counts = Array2::zeros(first.counts.raw_dim());
        for stratum in &strata {
            counts += &stratum.counts;
        }
        let pooled = MarkovChain::of_counts(name.to_owned(), &first.labels, counts);
        let views: Vec<_> = strata.iter().map(|s| s.counts.view()).collect();
        let found = compare(&views).ok_or_else(|| Error::Unsupported {
            what: format!("a test of homogeneity of {name} by {by}"),
            why: "no class is left in two strata by more than one kind of move, so that there is nothing to compare; take fewer classes or longer strata".to_owned(),
        })?;
        Ok(Self {
            by: by.to_owned(),
            pooled,
            strata,
            found,
        })
    }

    /// Pearson's Q.
    #[must_use]
    #[doc(alias = "Q")]
    pub fn pearson(&self) -> TestResult {
        self.result("Pearson", self.found.q)
    }

    /// The likelihood ratio.
    #[must_use]
    #[doc(alias = "LR")]
    pub fn likelihood_ratio(&self) -> TestResult {
        self.result("Likelihood ratio", self.found.lr)
    }

    pub(super) fn result(&self, what: &str, statistic: f64) -> TestResult {
        TestResult::upper(
            format!("{what} test of homogeneity by {}", self.by),
            statistic,
            Distribution::ChiSquared {
                df: self.found.df as f64,
            },
            NULL,
        )
    }

    /// The degrees of freedom, Σ_i (a_i - 1)(b_i - 1).
    #[must_use]
    #[doc(alias = "dof_hom")]
    pub fn df(&self) -> usize {
        self.found.df
    }

    /// The chains of the strata; their [names](MarkovChain::name) are those of the strata.
    #[must_use]
    pub fn strata(&self) -> &[MarkovChain] {
        &self.strata
    }

    /// The chain of all strata together.
    #[must_use]
    pub fn pooled(&self) -> &MarkovChain {
        &self.pooled
    }

    /// What to know of the tests.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        self.found.notes()
    }
}

impl Found {
    /// Counts beside those expected; none without degrees of freedom.
    pub(super) fn against(
        counts: ArrayView2<'_, f64>,
        expected: ArrayView2<'_, f64>,
        df: usize,
    ) -> Option<Self> {
        let mut found = Self {
            q: 0.0,
            lr: 0.0,
            df,
            small: 0,
            cells: 0,
        };
        for (count, e) in counts.iter().zip(&expected).filter(|(_, e)| **e > 0.0) {
            found.add(*count, *e);
        }
        (df > 0).then_some(found)
    }

    fn add(&mut self, count: f64, expected: f64) {
        self.q += (count - expected).powi(2) / expected;
        if count > 0.0 {
            self.lr += 2.0 * count * (count / expected).ln();
        }
        self.cells += 1;
        self.small += usize::from(expected < 5.0);
    }

    pub(super) fn notes(&self) -> Vec<Note> {
        if self.small == 0 {
            return Vec::new();
        }
        vec![Note::SmallExpectedCounts {
            small: self.small,
            cells: self.cells,
        }]
    }
}

/// Q, LR and their degrees of freedom; none where there are no degrees of freedom. Matrices may have any number of rows.
pub(super) fn compare(strata: &[ArrayView2<'_, f64>]) -> Option<Found> {
    let first = strata.first()?;
    let (rows, columns) = first.dim();
    let mut found = Found {
        q: 0.0,
        lr: 0.0,
        df: 0,
        small: 0,
        cells: 0,
    };
    for i in 0..rows {
        let mut ends = Array1::<f64>::zeros(columns);
        for stratum in strata {
            ends += &stratum.row(i);
        }
        let n = ends.sum();
        let entered = ends.iter().filter(|v| **v > 0.0).count();
        let sizes: Vec<f64> = strata.iter().map(|s| s.row(i).sum()).collect();
        let left = sizes.iter().filter(|n| **n > 0.0).count();
        if entered < 2 || left < 2 {
            continue;
        }
        found.df += (entered - 1) * (left - 1);
        for (stratum, &size) in strata.iter().zip(&sizes).filter(|(_, n)| **n > 0.0) {
            for (count, all) in stratum
                .row(i)
                .iter()
                .zip(&ends)
                .filter(|(_, all)| **all > 0.0)
            {
                found.add(*count, size * all / n);
            }
        }
    }
    (found.df > 0).then_some(found)
}

impl MarkovChain {
    /// Tests that the probabilities are the same in sub-spans of the periods.
    ///
    /// `breaks` are the periods at which a new sub-span begins; a transition belongs to the sub-span in which it starts. All periods but the first
    /// as breaks test every transition against every other.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`] for a break that is no period at which a transition starts after the first; [`Error::InvalidOption`] where there is none, or where
    /// they do not increase; [`Error::Unsupported`] where only transitions are known, or where there is nothing to compare.
    pub fn homogeneity_over_time(
        &self,
        breaks: impl IntoIterator<Item = i32>,
    ) -> Result<Homogeneity> {
        let known = self.known("a test over time")?;
        let starts = known.periods.len() - known.step;
        let mut ends: Vec<usize> = Vec::new();
        for period in breaks {
            let place = known.periods[..starts].iter().position(|p| *p == period);
            if known.periods.contains(&period) && place.is_none_or(|t| t == 0) {
                return Err(Error::InvalidOption {
                    option: "breaks",
                    value: period.to_string(),
                    expected: "periods after the first at which a transition starts",
                });
            }
            let place = place
                .filter(|t| *t > 0)
                .ok_or_else(|| Error::UnknownPeriod {
                    period,
                    available: known.periods[1..starts.max(1)].to_vec(),
                })?;
            if ends.last().is_some_and(|last| *last >= place) {
                return Err(Error::InvalidOption {
                    option: "breaks",
                    value: format!("…, {}, {period}, …", known.periods[ends[ends.len() - 1]]),
                    expected: "strictly increasing periods",
                });
            }
            ends.push(place);
        }
        let k = self.k();
        let mut counts = vec![Array2::zeros((k, k)); ends.len() + 1];
        known.each(|t, _, i, j| counts[ends.partition_point(|e| *e <= t)][[i, j]] += 1.0);
        let froms = std::iter::once(0).chain(ends.iter().copied());
        let tos = ends.iter().copied().chain([starts]);
        let chains = froms.zip(tos).zip(counts).map(|((from, to), counts)| {
            let (first, last) = (known.periods[from], known.periods[to - 1 + known.step]);
            MarkovChain::of_counts(format!("{first} to {last}"), &self.labels, counts)
        });
        Homogeneity::of_chains("time", &self.name, chains.collect())
    }

    /// Tests that the probabilities are the same in groups of units: a label of the panel.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::UnitsDiffer`] where the panel has other units than the chain; [`Error::InvalidOption`] for one group;
    /// [`Error::Unsupported`] where only transitions are known, for a [`geographic_rank`](Self::geographic_rank) chain, or where there is nothing to compare.
    pub fn homogeneity_across(&self, panel: &Panel, label: &str) -> Result<Homogeneity> {
        let known = self.known("a test across groups")?;
        let labels = panel.labels(label)?;
        if known.kind == Kind::Unit {
            return Err(Error::Unsupported {
                what: "a test across groups of a geographic rank chain".to_owned(),
                why: "its units are ranks, which belong to no group; take the chain of classes or of full ranks".to_owned(),
            });
        }
        known
            .units
            .check_same("the chain", panel.units(), "the panel")?;
        let groups: BTreeMap<&str, usize> = {
            let mut names: Vec<&str> = labels.iter().map(String::as_str).collect();
            names.sort_unstable();
            names.dedup();
            names.into_iter().enumerate().map(|(g, n)| (n, g)).collect()
        };
        if groups.len() < 2 {
            return Err(Error::InvalidOption {
                option: "label",
                value: label.to_owned(),
                expected: "a label with two groups of units at least",
            });
        }
        let of: Vec<usize> = labels.iter().map(|l| groups[l.as_str()]).collect();
        let chains = self.split(known, groups.len(), |_, unit| of[unit]);
        let named = groups
            .keys()
            .zip(chains)
            .map(|(name, counts)| MarkovChain::of_counts((*name).to_owned(), &self.labels, counts));
        Homogeneity::of_chains(label, &self.name, named.collect())
    }

    /// The counts of the transitions by stratum; `stratum` is asked of the period (a row) and the unit at the start.
    pub(super) fn split(
        &self,
        known: &Histories,
        strata: usize,
        stratum: impl Fn(usize, usize) -> usize,
    ) -> Vec<Array2<f64>> {
        let mut counts = vec![Array2::zeros((self.k(), self.k())); strata];
        known.each(|t, unit, i, j| counts[stratum(t, unit)][[i, j]] += 1.0);
        counts
    }
}

impl fmt::Display for Homogeneity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Homogeneity of {} by {}", self.pooled.name, self.by)?;
        let mut table = Layout::new();
        table.row(["stratum", "transitions", "stay"]);
        table.rule();
        let strata = self.strata.iter().map(|s| (s.name.as_str(), s));
        for (name, chain) in strata.chain([("all", &self.pooled)]) {
            let n = chain.counts.sum();
            let stay = if n > 0.0 {
                significant(chain.counts.diag().sum() / n, 4)
            } else {
                "none".to_owned()
            };
            table.row([name.to_owned(), n.to_string(), stay]);
        }
        write!(f, "{table}")?;
        let k = self.pooled.k();
        let naive = (self.strata.len() - 1) * k * (k - 1);
        for (name, test) in [("Q ", self.pearson()), ("LR", self.likelihood_ratio())] {
            writeln!(
                f,
                "{name} {}, {}, p {}",
                significant(test.statistic, 5),
                test.distribution,
                p_value(test.p_value)
            )?;
        }
        writeln!(
            f,
            "null: {NULL}; df of the moves that were seen ({naive} of all in the matrices)"
        )?;
        write_notes(f, &self.notes())
    }
}
