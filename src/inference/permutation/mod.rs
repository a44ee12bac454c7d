//! Permutations: how many, with which seed; the tests by total and the p-values by conditional permutation.

mod conditional;
mod draw;
mod enumeration;
mod ranked;
mod sets;
mod table;
mod tails;
mod test;
mod total;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use conditional::{
    Conditional, LANES as LOCAL_LANES, Local, Sum, conditional, conditional_draws,
};
pub(crate) use sets::conditional_sets;
pub(crate) use tails::Tails;
pub use test::PermutationTest;
pub(crate) use total::{Global, LANES, total};

use crate::error::{Error, Result};

/// How many permutations, and the seed of their streams.
///
/// Replicate r draws from its own stream (seed, r), so that a result depends on neither the number of threads nor the
/// order of the work. The seed is 0 unless [`seed`](Self::seed) says otherwise. With R permutations no p-value is below
/// 1/(R + 1) (2/(R + 1) two-sided), so that counts such as 999 or 9 999 give round ones. [`all`](Self::all) takes every
/// arrangement instead, for exact p-values of few units.
///
/// # Example
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use spatialecon::{Moran, Permutations, Units, Weights};
/// let permutations = Permutations::new(9_999).seed(42);
/// assert_eq!((permutations.count(), permutations.seed_value()), (Some(9_999), 42));
///
/// // A callback sees how far the work is.
/// let w = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2"), ("2", "3")])?;
/// let seen = AtomicUsize::new(0);
/// let progress = |done: usize, _all: usize| { seen.fetch_max(done, Ordering::Relaxed); };
/// let moran = Moran::of(&[1.0, 3.0, 4.0, 9.0][..], &w)?;
/// moran.permutation(permutations.on_progress(&progress))?;
/// assert_eq!(seen.into_inner(), 9_999);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Permutations<'a> {
    plan: Plan,
    keep: bool,
    progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
}

/// Which rearrangements are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// So many at random; all of them where there is no number.
    count: Option<usize>,
    seed: u64,
    independent: bool,
}

/// No more arrangements than this are enumerated.
pub(crate) const MOST_ARRANGEMENTS: u64 = 1_000_000;

impl<'a> Permutations<'a> {
    /// That many permutations with seed 0. A count of zero, or above 2^31, is an error where the permutations are used.
    #[must_use]
    #[doc(alias = "nsim")]
    pub fn new(count: usize) -> Self {
        Self::of(Some(count))
    }

    /// Every arrangement instead of a sample: the p-value is exact, the share of the arrangements that are at least as
    /// extreme as the observed one, which is among them.
    ///
    /// Of a global statistic these are the distinct orders of the values: n! where they all differ, n!/(m! (n - m)!) of m
    /// ones and n - m zeros. Of a local statistic, unit by unit, these are the sets of k among the other n - 1 units, or their
    /// ordered choices where the weights of the unit's k links differ. More than 10^6 arrangements are an error that says how
    /// many there are.
    ///
    /// ```
    /// use spatialecon::{Alternative, Moran, Permutations, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?;
    /// let moran = Moran::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..], &w)?;
    /// let test = moran.permutation(Permutations::all())?;
    /// assert_eq!((test.arrangements(), test.at_least()), (720, 16));
    /// assert!((test.p_value(Alternative::Greater) - 16.0 / 720.0).abs() < 1e-15);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[must_use]
    #[doc(alias = "exact")]
    #[doc(alias = "exhaustive")]
    pub fn all() -> Self {
        Self::of(None)
    }

    fn of(count: Option<usize>) -> Self {
        Self {
            plan: Plan {
                count,
                seed: 0,
                independent: false,
            },
            keep: false,
            progress: None,
        }
    }

    /// The same number of permutations with another seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.plan.seed = seed;
        self
    }

    /// Local statistics only: every unit gets draws of its own instead of sharing one table of draws.
    ///
    /// Each p-value has the same distribution either way. With shared draws the Monte-Carlo errors of the units are
    /// correlated, so that the number of significant units varies more from seed to seed; independent draws cost 10 to
    /// 200 times the time.
    #[must_use]
    #[doc(alias = "permutation_method")]
    pub fn independent(mut self) -> Self {
        self.plan.independent = true;
        self
    }

    /// Global statistics only: the test keeps the statistic of each permutation
    /// ([`PermutationTest::draws`]); otherwise only their counts, mean and standard deviation are kept.
    ///
    /// Local statistics give the draws of one unit when asked for them.
    #[must_use]
    #[doc(alias = "keep_simulations")]
    pub fn keep_draws(mut self) -> Self {
        self.keep = true;
        self
    }

    /// Calls `progress(done, all)` as the work goes on, in permutations (global statistics) or in units (local ones).
    ///
    /// Calls come from the threads that do the work, and may overtake each other.
    #[must_use]
    pub fn on_progress(self, progress: &(dyn Fn(usize, usize) + Sync)) -> Permutations<'_> {
        Permutations {
            plan: self.plan,
            keep: self.keep,
            progress: Some(progress),
        }
    }

    /// Number of permutations; `None` for all arrangements.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        self.plan.count
    }

    /// The seed.
    #[must_use]
    pub fn seed_value(&self) -> u64 {
        self.plan.seed
    }

    /// Whether every unit of a local statistic gets draws of its own.
    #[must_use]
    pub fn is_independent(&self) -> bool {
        self.plan.independent
    }

    /// How the rearrangements are taken, without the callback.
    pub(crate) fn plan(&self) -> Plan {
        self.plan
    }

    pub(crate) fn checked(self) -> Result<Self> {
        if self.plan.count.is_none_or(|c| (1..=1 << 31).contains(&c)) {
            return Ok(self);
        }
        Err(Error::InvalidOption {
            option: "permutations",
            value: self.plan.count.unwrap_or_default().to_string(),
            expected: "a count from 1 to 2^31",
        })
    }

    /// Counts work done, for the callback.
    pub(crate) fn watch(&self, all: usize) -> Watch<'a> {
        Watch {
            progress: self.progress,
            done: AtomicUsize::new(0),
            all,
        }
    }
}

impl Plan {
    pub(crate) fn count(self) -> Option<usize> {
        self.count
    }

    pub(crate) fn is_independent(self) -> bool {
        self.independent
    }
}

impl From<Plan> for Permutations<'static> {
    fn from(plan: Plan) -> Self {
        Self {
            plan,
            keep: false,
            progress: None,
        }
    }
}

impl fmt::Debug for Permutations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permutations")
            .field("plan", &self.plan)
            .field("keep", &self.keep)
            .field("progress", &self.progress.is_some())
            .finish()
    }
}

/// How far the work is.
pub(crate) struct Watch<'a> {
    progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
    done: AtomicUsize,
    all: usize,
}

impl Watch<'_> {
    pub(crate) fn advance(&self, by: usize) {
        if let Some(progress) = self.progress {
            progress(self.done.fetch_add(by, Ordering::Relaxed) + by, self.all);
        }
    }
}

/// Too many arrangements to take them all.
pub(crate) fn too_many(what: &str, arrangements: f64) -> Error {
    Error::Unsupported {
        what: format!("every arrangement of {what}"),
        why: format!(
            "there are {}, more than 10^6; take a sample of them, Permutations::new(9_999)",
            if arrangements.is_finite() {
                crate::text::significant(arrangements, 7)
            } else {
                "more than 10^308".to_owned()
            }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_permutations_are_an_error() {
        for count in [0, (1 << 31) + 1] {
            assert!(matches!(
                Permutations::new(count).checked(),
                Err(Error::InvalidOption { .. })
            ));
        }
        assert!(Permutations::all().checked().is_ok());
    }
}
