//! The conditional permutation test of local concordance.

use std::fmt;

use ndarray::Array1;

use super::local::{LISTED, LocalTau, NeighbourSet, score};
use crate::data::{Table, Units};
use crate::error::Result;
use crate::inference::permutation::{Conditional, conditional_sets};
use crate::inference::{Alternative, Permutations};
use crate::text::{Layout, p_value, significant};

/// The conditional permutation test of each unit's local tau.
///
/// [`Alternative::Less`]: the unit changes places with its neighbours more often than with units at random. With many units take
/// [`Adjustment::adjust`](crate::Adjustment::adjust) of the p-values.
#[derive(Debug, Clone)]
pub struct LocalTauTest {
    name: String,
    set: NeighbourSet,
    units: Units,
    values: Array1<f64>,
    reference: Reference,
}

#[derive(Debug, Clone)]
enum Reference {
    Counted(Conditional),
    /// Probabilities of at least, and at most, the observed concordance of each unit.
    Hypergeometric(Vec<(f64, f64)>),
}

impl LocalTauTest {
    pub(super) fn of(tau: &LocalTau, permutations: Permutations<'_>) -> Result<Self> {
        let permutations = permutations.checked()?;
        let exact = permutations.count().is_none();
        let reference = if exact && tau.set == NeighbourSet::Neighbours {
            Reference::Hypergeometric(hypergeometric(tau))
        } else {
            let sizes: Vec<usize> = tau.neighbours.iter().map(Vec::len).collect();
            let statistic = |i: usize, js: &[u32]| score(&tau.ranks, tau.set, i, js);
            let counted =
                conditional_sets(&tau.units, &sizes, &tau.scores, &statistic, permutations)?;
            Reference::Counted(counted)
        };
        Ok(Self {
            name: tau.name.clone(),
            set: tau.set,
            units: tau.units.clone(),
            values: tau.values(),
            reference,
        })
    }

    /// The p-value of each unit; 1 for units without neighbours.
    #[must_use]
    #[doc(alias("tau_ln_pvalues", "tau_lnhood_pvalues"))]
    pub fn p_values(&self, alternative: Alternative) -> Array1<f64> {
        match &self.reference {
            Reference::Counted(draws) => (0..self.values.len())
                .map(|i| draws.p_value(i, alternative))
                .collect(),
            Reference::Hypergeometric(tails) => {
                let of = |&(at_least, at_most): &(f64, f64)| match alternative {
                    Alternative::Greater => at_least,
                    Alternative::Less => at_most,
                    Alternative::TwoSided => (2.0 * at_least.min(at_most)).min(1.0),
                };
                tails.iter().map(of).collect()
            }
        }
    }

    /// tau of each unit.
    #[must_use]
    pub fn values(&self) -> &Array1<f64> {
        &self.values
    }

    /// The test as a table: columns `tau`, `p_less` and `p_greater`.
    ///
    /// # Errors
    ///
    /// None that the test itself has not raised.
    pub fn table(&self) -> Result<Table> {
        Table::over(&self.units)
            .column("tau", self.values.clone())?
            .column("p_less", self.p_values(Alternative::Less))?
            .column("p_greater", self.p_values(Alternative::Greater))
    }

    /// Whether the p-values are exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        match &self.reference {
            Reference::Counted(draws) => draws.plan().count().is_none(),
            Reference::Hypergeometric(_) => true,
        }
    }

    /// How the p-values were had, in words.
    #[must_use]
    pub fn reference(&self) -> String {
        match &self.reference {
            Reference::Hypergeometric(_) => "exact, all sets of neighbours".to_owned(),
            Reference::Counted(draws) => draws.plan().count().map_or_else(
                || "exact, all sets of neighbours".to_owned(),
                |count| format!("{count} draws"),
            ),
        }
    }
}

/// Of k_i neighbours drawn from n - 1 units, of which a are concordant with i, b changed places and c are tied, p and m are of the first two kinds with
/// probability C(a, p) C(b, m) C(c, k - p - m) / C(n - 1, k).
fn hypergeometric(tau: &LocalTau) -> Vec<(f64, f64)> {
    let others = tau.scores.len() - 1;
    // ln m! for m up to n - 1.
    let mut logs = vec![0.0_f64; others + 1];
    for m in 1..=others {
        logs[m] = logs[m - 1] + (m as f64).ln();
    }
    let choose = |n: usize, k: usize| logs[n] - logs[k] - logs[n - k];
    let of = |((a, b), (js, &observed)): ((u64, u64), (&Vec<u32>, &i64))| {
        let (a, b, k) = (a as usize, b as usize, js.len());
        let c = others - a - b;
        let all = choose(others, k);
        let (mut at_least, mut at_most) = (0.0, 0.0);
        for p in 0..=k.min(a) {
            for m in (k - p).saturating_sub(c)..=(k - p).min(b) {
                let chance = (choose(a, p) + choose(b, m) + choose(c, k - p - m) - all).exp();
                let score = p as i64 - m as i64;
                at_least += if score >= observed { chance } else { 0.0 };
                at_most += if score <= observed { chance } else { 0.0 };
            }
        }
        (at_least.min(1.0), at_most.min(1.0))
    };
    let units = tau.neighbours.iter().zip(&tau.scores);
    tau.with_all().into_iter().zip(units).map(of).collect()
}

impl fmt::Display for LocalTauTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Local tau, {}, of {}; conditional permutation, {}",
            self.set,
            self.name,
            self.reference()
        )?;
        let (less, greater) = (
            self.p_values(Alternative::Less),
            self.p_values(Alternative::Greater),
        );
        let mut table = Layout::new();
        table.row(["unit", "tau", "p (less)", "p (greater)"]).rule();
        for (i, tau) in self.values.iter().enumerate().take(LISTED) {
            table.row([
                self.units.name(i),
                significant(*tau, 4),
                p_value(less[i]),
                p_value(greater[i]),
            ]);
        }
        write!(f, "{table}")?;
        if self.values.len() > LISTED {
            writeln!(f, "… {} more units", self.values.len() - LISTED)?;
        }
        Ok(())
    }
}
