//! What all local statistics share: which units are tested, their p-values, corrections and notes, and how they print.

use std::fmt;

use ndarray::{Array1, ArrayView1};

use crate::data::{Table, Units};
use crate::error::{Error, Result};
use crate::inference::permutation::{Conditional, Local, conditional, conditional_draws};
use crate::inference::{Adjustment, Alternative, Note, Permutations};
use crate::text;
use crate::weights::Weights;

/// Up to here Display lists every unit.
const LISTED: usize = 50;

/// How each unit's statistic stands among its draws, against an alternative.
#[derive(Debug, Clone)]
pub(super) struct LocalInference {
    weights: Weights,
    draws: Conditional,
    tested: Vec<bool>,
    islands: usize,
    alternative: Alternative,
}

impl LocalInference {
    /// By conditional permutation. `sign` says of each unit whether its statistic rises with what is drawn (above zero),
    /// falls with it (below), or has nothing to test (zero), as a unit without neighbours has.
    pub(super) fn of(
        w: &Weights,
        statistic: &impl Local,
        permutations: Permutations<'_>,
        sign: impl Fn(usize) -> f64,
    ) -> Result<Self> {
        let mut draws = conditional(w.csr(), w.units(), statistic, permutations)?;
        draws.mirror((0..w.n()).filter(|&i| sign(i) < 0.0));
        Ok(Self::with(w, draws, |i| sign(i) != 0.0))
    }

    /// From counted draws; a unit without neighbours has nothing to test.
    pub(super) fn with(
        w: &Weights,
        mut draws: Conditional,
        tested: impl Fn(usize) -> bool,
    ) -> Self {
        let lonely = |&i: &usize| w.csr().pattern.row(i).iter().all(|&j| j as usize == i);
        let islands = (0..w.n()).filter(lonely).count();
        let tested: Vec<bool> = (0..w.n()).map(|i| !lonely(&i) && tested(i)).collect();
        draws.tie((0..w.n()).filter(|&i| !tested[i]));
        Self {
            weights: w.clone(),
            draws,
            tested,
            islands,
            alternative: Alternative::TwoSided,
        }
    }

    pub(super) fn against(mut self, alternative: Alternative) -> Self {
        self.alternative = alternative;
        self
    }

    pub(super) fn alternative(&self) -> Alternative {
        self.alternative
    }

    pub(super) fn weights(&self) -> &Weights {
        &self.weights
    }

    pub(super) fn units(&self) -> &Units {
        self.weights.units()
    }

    pub(super) fn tested(&self) -> &[bool] {
        &self.tested
    }

    pub(super) fn is_island(&self, i: usize) -> bool {
        let row = self.weights.csr().pattern.row(i);
        row.iter().all(|&j| j as usize == i)
    }

    /// Sum of the weights of unit i, and its weight for itself.
    pub(super) fn row(&self, i: usize) -> (f64, f64) {
        let csr = self.weights.csr();
        (weight_sums(&self.weights, i, true).0, csr.get(i, i))
    }

    /// Fewer draws are at most as large as observed than are at least as large.
    pub(super) fn is_low(&self, i: usize) -> bool {
        let tails = self.draws.tails(i);
        tails.at_most < tails.at_least
    }

    pub(super) fn at_least(&self) -> Vec<usize> {
        let counts = (0..self.tested.len()).map(|i| self.draws.tails(i).at_least as usize);
        counts.collect()
    }

    pub(super) fn at_most(&self) -> Vec<usize> {
        let counts = (0..self.tested.len()).map(|i| self.draws.tails(i).at_most as usize);
        counts.collect()
    }

    pub(super) fn draws(&self) -> Vec<usize> {
        (0..self.tested.len())
            .map(|i| self.draws.draws(i))
            .collect()
    }

    pub(super) fn p_values(&self) -> Array1<f64> {
        (0..self.tested.len())
            .map(|i| self.draws.p_value(i, self.alternative))
            .collect()
    }

    pub(super) fn adjusted(&self, adjustment: Adjustment) -> Array1<f64> {
        self.corrected(self.p_values(), adjustment)
    }

    /// p-values of any kind, adjusted for the number of units that are tested; those of the others stay as they are.
    pub(super) fn corrected(&self, mut p: Array1<f64>, adjustment: Adjustment) -> Array1<f64> {
        let tested: Vec<usize> = (0..p.len()).filter(|&i| self.tested[i]).collect();
        let raw: Vec<f64> = tested.iter().map(|&i| p[i]).collect();
        for (&i, adjusted) in tested.iter().zip(adjustment.adjust(&raw)) {
            p[i] = adjusted;
        }
        p
    }

    pub(super) fn adjust(
        &self,
        p: ArrayView1<'_, f64>,
        adjustment: Adjustment,
    ) -> Result<Array1<f64>> {
        if p.len() != self.tested.len() {
            return Err(Error::LengthMismatch {
                what: "p-values in the order of the weights".to_owned(),
                expected: self.tested.len(),
                found: p.len(),
            });
        }
        Ok(self.corrected(p.to_owned(), adjustment))
    }

    pub(super) fn significant(
        &self,
        level: f64,
        adjustment: Option<Adjustment>,
    ) -> Result<Vec<bool>> {
        if level > 0.0 && level < 1.0 {
            return Ok(self.below(level, adjustment));
        }
        Err(Error::InvalidOption {
            option: "level",
            value: level.to_string(),
            expected: "a number between 0 and 1, such as 0.05",
        })
    }

    /// Where p is at most the level, among the units that are tested.
    pub(super) fn below(&self, level: f64, adjustment: Option<Adjustment>) -> Vec<bool> {
        let p = adjustment.map_or_else(|| self.p_values(), |a| self.adjusted(a));
        // A level such as 0.05 and a p-value of 50/1000 are equal, however they are rounded.
        let level = level * (1.0 + 4.0 * f64::EPSILON);
        let pairs = p.iter().zip(&self.tested);
        pairs.map(|(&p, &tested)| tested && p <= level).collect()
    }

    pub(super) fn draws_of(&self, statistic: &impl Local, unit: &str) -> Result<(usize, Vec<f64>)> {
        let i = self.units().require(unit, "the weights")?;
        let permutations = self.draws.plan().into();
        let csr = self.weights.csr();
        let draws = conditional_draws(csr, self.units(), statistic, permutations, i)?;
        Ok((i, draws))
    }

    pub(super) fn notes(&self) -> Vec<Note> {
        let tests = self.tested.iter().filter(|&&t| t).count();
        let mut notes = Vec::new();
        if self.islands > 0 {
            let count = self.islands;
            notes.push(Note::Islands { count });
        }
        let sides = if self.alternative == Alternative::TwoSided {
            2
        } else {
            1
        };
        // sides / (R + 1) ≤ 0.05 / tests
        let needed = (20 * sides * tests).saturating_sub(1);
        if let Some(permutations) = self.draws.plan().count()
            && permutations < needed
        {
            notes.push(Note::FewPermutations {
                permutations,
                tests,
                needed,
            });
        }
        notes
    }

    /// The table with p and p (FDR) as its last columns.
    pub(super) fn tabulate(&self, table: Table) -> Result<Table> {
        table
            .column("p", self.p_values())?
            .column("p_fdr", self.adjusted(Adjustment::Fdr))
    }

    /// The table with the labels of the units at 0.05, without and with a correction (FDR).
    pub(super) fn labelled<L: fmt::Display>(
        &self,
        table: Table,
        label: impl Fn(usize, bool) -> L,
    ) -> Result<Table> {
        let labels = |adjustment| {
            let significant = self.below(0.05, adjustment).into_iter().enumerate();
            significant
                .map(|(i, s)| label(i, s).to_string())
                .collect::<Vec<_>>()
        };
        table
            .label("cluster", labels(None))?
            .label("cluster_fdr", labels(Some(Adjustment::Fdr)))
    }

    /// Title, a line a unit where they are few, how many units have which label, notes.
    pub(super) fn write<L: fmt::Display + PartialEq>(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        columns: &[(&str, &dyn Fn(usize) -> String)],
        labels: &[L],
        label: &dyn Fn(usize, bool) -> L,
    ) -> fmt::Result {
        let (n, plan) = (self.tested.len(), self.draws.plan());
        let how = match plan.count() {
            None => "all arrangements of the neighbours".to_owned(),
            Some(r) if plan.is_independent() => {
                format!("{r} conditional permutations (independent draws)")
            }
            Some(r) => format!("{r} conditional permutations (draws shared by all units)"),
        };
        writeln!(f, "{title}: n = {n}, {how}, {}", self.alternative)?;
        let (p, fdr) = (self.p_values(), self.adjusted(Adjustment::Fdr));
        let mut layout = text::Layout::new();
        if n <= LISTED {
            let names = columns.iter().map(|c| c.0);
            let header = ["unit"].into_iter().chain(names).chain(["p", "p (FDR)"]);
            layout.row(header).rule();
            for i in 0..n {
                let cells = columns.iter().map(|c| c.1(i));
                let ends = [text::p_value(p[i]), text::p_value(fdr[i])];
                layout.row([self.units().name(i)].into_iter().chain(cells).chain(ends));
            }
            writeln!(f, "{layout}")?;
            layout = text::Layout::new();
        }
        layout.row(["units", "p <= 0.05", "p (FDR) <= 0.05"]).rule();
        let both = [
            self.below(0.05, None),
            self.below(0.05, Some(Adjustment::Fdr)),
        ];
        for wanted in labels {
            let count = |significant: &Vec<bool>| {
                let each = significant.iter().enumerate();
                each.filter(|&(i, &s)| label(i, s) == *wanted).count()
            };
            let counts = both.each_ref().map(|s| count(s).to_string());
            layout.row([wanted.to_string()].into_iter().chain(counts));
        }
        write!(f, "{layout}")
    }
}

impl PartialEq for LocalInference {
    fn eq(&self, other: &Self) -> bool {
        self.units() == other.units()
            && self.draws == other.draws
            && self.tested == other.tested
            && self.alternative == other.alternative
    }
}

/// Expectation and variance of Σ_j w_ij a_j over the arrangements of `count` values with this mean and this sum of squared
/// deviations, where the weights of unit i sum to `sum` and their squares to `squares`.
pub(super) fn moments_of_sum(
    count: f64,
    (mean, deviations): (f64, f64),
    (sum, squares): (f64, f64),
) -> (f64, f64) {
    let spread = squares - sum * sum / count;
    // What is left of a difference of equal numbers is rounding error.
    let variance = if count < 2.0 || spread <= 1e-13 * squares {
        0.0
    } else {
        deviations.max(0.0) / (count - 1.0) * spread
    };
    (sum * mean, variance)
}

/// Sum of the weights of unit i and of their squares, over the others alone or with the unit itself.
pub(super) fn weight_sums(w: &Weights, i: usize, own: bool) -> (f64, f64) {
    let row = w.csr().row(i).filter(|&(j, _)| own || j != i);
    row.fold((0.0, 0.0), |(sum, squares), (_, w)| {
        (sum + w, squares + w * w)
    })
}

/// Pairs as two arrays.
pub(super) fn arrays(pairs: impl Iterator<Item = (f64, f64)>) -> (Array1<f64>, Array1<f64>) {
    let (first, second): (Vec<f64>, Vec<f64>) = pairs.unzip();
    (first.into(), second.into())
}

/// (value - expectation) / standard deviation; zero where the variance is.
pub(super) fn standardized(value: f64, expectation: f64, variance: f64) -> f64 {
    if variance > 0.0 {
        (value - expectation) / variance.sqrt()
    } else {
        0.0
    }
}

/// The methods that every local statistic delegates to its field `inference`.
macro_rules! local_inference {
    ($type:ident) => {
        impl $type {
            /// The same result with p-values against another alternative; the draws are kept.
            #[must_use]
            pub fn alternative(mut self, alternative: $crate::inference::Alternative) -> Self {
                self.inference = self.inference.against(alternative);
                self
            }

            /// The units.
            #[must_use]
            pub fn units(&self) -> &$crate::data::Units {
                self.inference.units()
            }

            /// Whether each unit is tested; those that are not have p = 1, and no correction counts them.
            #[must_use]
            pub fn tested(&self) -> &[bool] {
                self.inference.tested()
            }

            /// Number of draws (or arrangements) of each unit whose statistic is at least as large as the observed one, ties
            /// counted.
            #[must_use]
            #[doc(alias = "larger")]
            pub fn at_least(&self) -> Vec<usize> {
                self.inference.at_least()
            }

            /// Number of draws (or arrangements) of each unit whose statistic is at most as large as the observed one, ties
            /// counted.
            #[must_use]
            pub fn at_most(&self) -> Vec<usize> {
                self.inference.at_most()
            }

            /// Number of draws of each unit; with [`Permutations::all`](crate::Permutations::all) of its arrangements.
            #[must_use]
            pub fn arrangements(&self) -> Vec<usize> {
                self.inference.draws()
            }

            /// The p-value of each unit, not adjusted for their number.
            #[must_use]
            #[doc(alias = "p_sim")]
            #[doc(alias = "lisa_pvalues")]
            pub fn p_values(&self) -> ndarray::Array1<f64> {
                self.inference.p_values()
            }

            /// The p-values adjusted for the number of units that are [tested](Self::tested); 1 for the others.
            #[must_use]
            #[doc(alias = "p.adjustSP")]
            #[doc(alias = "lisa_fdr")]
            #[doc(alias = "lisa_bo")]
            pub fn adjusted(
                &self,
                adjustment: $crate::inference::Adjustment,
            ) -> ndarray::Array1<f64> {
                self.inference.adjusted(adjustment)
            }

            /// Other p-values of the units, such as those by moments or a distribution, adjusted for the number of units
            /// that are [tested](Self::tested); those of the others stay as they are.
            ///
            /// # Errors
            ///
            /// [`Error::LengthMismatch`](crate::Error::LengthMismatch) where there is not one for each unit.
            pub fn adjust(
                &self,
                p: ndarray::ArrayView1<'_, f64>,
                adjustment: $crate::inference::Adjustment,
            ) -> $crate::error::Result<ndarray::Array1<f64>> {
                self.inference.adjust(p, adjustment)
            }

            /// Whether each unit is tested and has p at most the level.
            ///
            /// `level` lies between 0 and 1, such as 0.05; `adjustment` is the correction for the number of tests, `None` for
            /// none.
            ///
            /// # Errors
            ///
            /// [`Error::InvalidOption`](crate::Error::InvalidOption) where the level is not between 0 and 1.
            pub fn significant(
                &self,
                level: f64,
                adjustment: Option<$crate::inference::Adjustment>,
            ) -> $crate::error::Result<Vec<bool>> {
                self.inference.significant(level, adjustment)
            }
        }
    };
}
pub(super) use local_inference;

/// The notes of a type that has none of its own.
macro_rules! local_notes {
    ($type:ident) => {
        impl $type {
            /// What the reader of the result should know.
            #[must_use]
            pub fn notes(&self) -> Vec<$crate::inference::Note> {
                self.inference.notes()
            }
        }
    };
}
pub(super) use local_notes;

/// The draws of one unit, for a type with `reported(i, value)`: what it makes of the value of the engine's statistic.
macro_rules! local_draws {
    ($type:ident, $this:ident => $statistic:expr) => {
        impl $type {
            /// The statistic of one unit in each draw (or arrangement), those that the p-value counts.
            ///
            /// # Errors
            ///
            /// [`Error::UnknownUnit`](crate::Error::UnknownUnit).
            #[doc(alias = "rlisas")]
            #[doc(alias = "keep_simulations")]
            pub fn draws_of(&self, unit: &str) -> $crate::error::Result<ndarray::Array1<f64>> {
                let $this = self;
                let (i, draws) = self.inference.draws_of($statistic, unit)?;
                Ok(draws.into_iter().map(|d| self.reported(i, d)).collect())
            }
        }
    };
}
pub(super) use local_draws;
