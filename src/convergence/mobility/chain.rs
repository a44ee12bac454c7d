//! `MarkovChain`: transitions between classes, and their probabilities.

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::classes::{Classes, Classified, MOST_CLASSES};
use crate::data::{Panel, Units, evenly_spaced};
use crate::error::{Cell, Error, Result};

/// A Markov chain: how often units move from class i to class j from one period to the next.
///
/// ```text
/// p_ij = n_ij / n_i,   n_ij: moves from i to j of all units and periods,   n_i = Σ_j n_ij
/// ```
///
/// the maximum likelihood estimate where all units follow one chain that does not change over time. A class that is never left because it is never
/// visited has no probabilities: [`probabilities`](Self::probabilities) names it in an error, [`probabilities_from`](Self::probabilities_from) is `None`.
///
/// | made by | states |
/// |---|---|
/// | [`of`](Self::of) | [`Classes`] of a panel's column |
/// | [`full_rank`](Self::full_rank) | the ranks of the units |
/// | [`geographic_rank`](Self::geographic_rank) | the units themselves: who takes whose rank |
/// | [`from_states`](Self::from_states), [`from_transitions`](Self::from_transitions) | those given |
///
/// | answers | |
/// |---|---|
/// | counts | [`transitions`](Self::transitions), [`starts`](Self::starts), [`class_counts`](Self::class_counts) |
/// | long run | [`ergodic`](Self::ergodic), [`mean_first_passage`](Self::mean_first_passage), [`sojourn_times`](Self::sojourn_times), [`half_life`](Self::half_life) |
/// | structure | [`communicating_classes`](Self::communicating_classes), [`absorbing`](Self::absorbing) |
/// | mobility | [`mobility`](Self::mobility), [`prais`](Self::prais), with [`bootstrap`](Self::bootstrap) over units |
/// | tests | [`homogeneity_over_time`](Self::homogeneity_over_time), [`homogeneity_across`](Self::homogeneity_across), [`test_against`](Self::test_against), [`order_test`](Self::order_test) |
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Classes, MarkovChain, Panel, Units};
/// let income = array![[1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 3.0, 4.0], [1.0, 2.0, 4.0, 3.0], [1.0, 3.0, 4.0, 2.0]];
/// let panel = Panel::from_columns(&Units::range(4), &[2000, 2001, 2002, 2003], [("income", income)])?;
/// let chain = MarkovChain::of(&panel, "income", &Classes::quantiles(2).by_period())?;
/// assert_eq!(chain.transitions(), array![[5.0, 1.0], [1.0, 5.0]]);
/// assert!((chain.probabilities()?[[0, 1]] - 1.0 / 6.0).abs() < 1e-15);
/// assert!((chain.ergodic()?.shares()[0] - 0.5).abs() < 1e-15);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Anderson and Goodman (1957), Annals of Mathematical Statistics 28; Quah (1993), European Economic Review 37; Bickenbach and Bode (2003),
/// International Regional Science Review 26.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias("Markov", "markovchain", "markovchainFit", "transition matrix"))]
pub struct MarkovChain {
    pub(super) name: String,
    pub(super) labels: Vec<String>,
    pub(super) cuts: Option<Array2<f64>>,
    pub(super) counts: Array2<f64>,
    pub(super) histories: Option<Arc<Histories>>,
}

/// The states of every unit in every period.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Histories {
    pub(super) units: Units,
    pub(super) periods: Vec<i32>,
    /// Periods × units, from 0.
    pub(super) states: Array2<u32>,
    /// How many periods a transition takes.
    pub(super) step: usize,
    pub(super) kind: Kind,
}

/// What a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Class,
    Rank,
    /// Columns of the states are ranks, and states are units.
    Unit,
}

impl MarkovChain {
    /// The chain of a panel's column in classes, from each period to the next.
    ///
    /// Cost: one sort of the values, and one pass over units × periods.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::TooFewPeriods`] for one period; [`Error::TooFewUnits`] for fewer values than quantile classes;
    /// [`Error::TiedCutPoints`] and [`Error::EmptyClass`] where ties make quantile classes coincide; [`Error::InvalidOption`] for options out of range;
    /// [`Error::Unsupported`] where periods are not equally spaced, or where the mean that values are divided by is not positive.
    pub fn of(panel: &Panel, column: &str, classes: &Classes) -> Result<Self> {
        let values = panel.values(column)?;
        check_periods(column, panel.periods(), 1)?;
        let scaled = classes.scaled(values, column, panel.periods())?;
        let of = classes.of_scaled(scaled.view(), column, panel.units(), panel.periods())?;
        Ok(Self::of_classified(panel, column, of))
    }

    pub(super) fn of_classified(panel: &Panel, column: &str, of: Classified) -> Self {
        let histories = Histories {
            units: panel.units().clone(),
            periods: panel.periods().to_vec(),
            states: of.states,
            step: 1,
            kind: Kind::Class,
        };
        Self::of_histories(column, of.labels, Some(of.cuts), histories)
    }

    /// From checked states.
    pub(super) fn of_histories(
        name: &str,
        labels: Vec<String>,
        cuts: Option<Array2<f64>>,
        histories: Histories,
    ) -> Self {
        let mut counts = Array2::zeros((labels.len(), labels.len()));
        histories.each(|_, _, i, j| counts[[i, j]] += 1.0);
        Self {
            name: name.to_owned(),
            labels,
            cuts,
            counts,
            histories: Some(Arc::new(histories)),
        }
    }

    /// From counts that are known to be valid.
    pub(super) fn of_counts(name: String, labels: &[String], counts: Array2<f64>) -> Self {
        Self {
            name,
            labels: labels.to_vec(),
            cuts: None,
            counts,
            histories: None,
        }
    }

    /// The chain of states 0 … k - 1 that are known already, periods × units; periods and units are numbered from 0.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than two classes or more than 1,000; [`Error::TooFewPeriods`]; [`Error::TooFewUnits`] where there is none;
    /// [`Error::InvalidValue`], which names the unit and the period of a state that is not below k.
    pub fn from_states(states: ArrayView2<'_, usize>, k: usize) -> Result<Self> {
        check_classes(k)?;
        let periods: Vec<i32> = (0..).take(states.nrows()).collect();
        check_periods("states", &periods, 1)?;
        let units = Units::range(states.ncols());
        if units.is_empty() {
            return Err(Error::TooFewUnits {
                what: "a Markov chain".to_owned(),
                needed: 1,
                n: 0,
            });
        }
        if let Some(((t, i), &state)) = states.indexed_iter().find(|(_, s)| **s >= k) {
            return Err(Error::InvalidValue {
                cell: Cell::new(units.name(i), Some(periods[t]), "state"),
                value: state as f64,
                expected: "a class from 0 to k - 1",
            });
        }
        let histories = Histories {
            units,
            periods,
            states: states.mapv(|s| s as u32),
            step: 1,
            kind: Kind::Class,
        };
        let labels = (1..=k).map(|j| j.to_string()).collect();
        Ok(Self::of_histories("states", labels, None, histories))
    }

    /// The chain of counts n_ij, k × k, row i the class that is left.
    ///
    /// Whole histories are not known, so that [`step`](Self::step), [`bootstrap`](Self::bootstrap) and the tests over time and across groups are not to be had.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] where it is not square; [`Error::InvalidOption`] for fewer than two classes or more than 1,000, for a count that is
    /// negative or not finite, and where there is no transition at all.
    pub fn from_transitions(counts: Array2<f64>) -> Result<Self> {
        let k = counts.nrows();
        if counts.ncols() != k {
            return Err(Error::LengthMismatch {
                what: "columns of the transitions".to_owned(),
                expected: k,
                found: counts.ncols(),
            });
        }
        check_classes(k)?;
        let invalid = |value: String| Error::InvalidOption {
            option: "transitions",
            value,
            expected: "counts that are finite and not negative, one positive at least",
        };
        if let Some(((i, j), v)) = counts
            .indexed_iter()
            .find(|(_, v)| !(**v >= 0.0 && v.is_finite()))
        {
            return Err(invalid(format!("{v} from class {} to {}", i + 1, j + 1)));
        }
        if !counts.iter().any(|v| *v > 0.0) {
            return Err(invalid("no transition".to_owned()));
        }
        let labels: Vec<String> = (1..=k).map(|j| j.to_string()).collect();
        Ok(Self::of_counts("transitions".to_owned(), &labels, counts))
    }

    /// The same chain with other names of its classes.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; [`Error::InvalidOption`] for a name that is used twice.
    pub fn labelled<S: Into<String>>(
        mut self,
        labels: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        if labels.len() != self.k() {
            return Err(Error::LengthMismatch {
                what: "names of the classes".to_owned(),
                expected: self.k(),
                found: labels.len(),
            });
        }
        if let Some(twice) = (1..labels.len()).find(|&j| labels[..j].contains(&labels[j])) {
            return Err(Error::InvalidOption {
                option: "names of the classes",
                value: format!("{} twice", labels[twice]),
                expected: "a name of its own for every class",
            });
        }
        self.labels = labels;
        Ok(self)
    }

    /// The chain of transitions over s periods, from every period that has one s later.
    ///
    /// Such transitions overlap, so that successive ones of a unit are dependent even where the chain holds.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for s = 0; [`Error::TooFewPeriods`]; [`Error::Unsupported`] where only counts are known.
    pub fn step(&self, s: usize) -> Result<Self> {
        if s == 0 {
            return Err(Error::InvalidOption {
                option: "step",
                value: "0".to_owned(),
                expected: "one period at least",
            });
        }
        let known = self.known("transitions over several periods")?;
        check_periods(&self.name, &known.periods, s)?;
        let histories = Histories {
            step: s,
            ..known.clone()
        };
        Ok(Self::of_histories(
            &self.name,
            self.labels.clone(),
            self.cuts.clone(),
            histories,
        ))
    }

    /// The counts n_ij, k × k: row i the class that is left, column j the class that is entered.
    #[must_use]
    pub fn transitions(&self) -> ArrayView2<'_, f64> {
        self.counts.view()
    }

    /// The number of transitions that start in each class, n_i.
    #[must_use]
    pub fn starts(&self) -> Array1<f64> {
        self.counts.sum_axis(Axis(1))
    }

    /// How many units are in each class in each period, periods × k; `None` where only transitions are known.
    #[must_use]
    pub fn class_counts(&self) -> Option<Array2<usize>> {
        let known = self.histories.as_ref()?;
        let mut counts = Array2::zeros((known.periods.len(), self.k()));
        for ((t, _), &state) in known.states.indexed_iter() {
            counts[[t, state as usize]] += 1;
        }
        Some(counts)
    }

    /// The class of every unit in every period, from 0, periods × units; `None` where only transitions are known, and for
    /// [`geographic_rank`](Self::geographic_rank), where it is the unit at every rank.
    #[must_use]
    #[doc(alias = "class_ids")]
    pub fn states(&self) -> Option<Array2<usize>> {
        let known = self.histories.as_ref()?;
        (known.kind != Kind::Unit).then(|| known.states.mapv(|s| s as usize))
    }

    /// The probabilities p_ij, k × k, rows with the sum one.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`], which names a class from which there is no transition: its probabilities are not known.
    #[doc(alias = "p")]
    pub fn probabilities(&self) -> Result<Array2<f64>> {
        self.shares_of_rows().map_err(|class| Error::EmptyClass {
            what: format!("probabilities of {}", self.name),
            class: self.labels[class].clone(),
            problem: "has no transition that starts in it, so that its probabilities are not known",
        })
    }

    /// The probabilities, or the first class that has none.
    pub(super) fn shares_of_rows(&self) -> std::result::Result<Array2<f64>, usize> {
        shares_of_rows(self.counts.view())
    }

    /// The probabilities of the moves from one class, counted from 0; `None` where no transition starts in it, and beyond the last class.
    #[must_use]
    pub fn probabilities_from(&self, class: usize) -> Option<Array1<f64>> {
        let row = (class < self.k()).then(|| self.counts.row(class))?;
        let n = row.sum();
        (n > 0.0).then(|| row.mapv(|v| v / n))
    }

    /// Standard errors of the probabilities, √(p_ij (1 - p_ij) / n_i): those of independent transitions (see [`bootstrap`](Self::bootstrap)
    /// for whole histories).
    ///
    /// A probability of zero or one has the standard error zero, which is no certainty: it says that the data hold no other move.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`] as for [`probabilities`](Self::probabilities).
    pub fn standard_errors(&self) -> Result<Array2<f64>> {
        let mut p = self.probabilities()?;
        for (mut row, n) in p.rows_mut().into_iter().zip(self.starts()) {
            row.mapv_inplace(|p| (p * (1.0 - p) / n).sqrt());
        }
        Ok(p)
    }

    /// The cut points between classes: one row, or a row for each period where classes are [by period](Classes::by_period);
    /// `None` where states were not made of values.
    #[must_use]
    #[doc(alias("cutoffs", "bins"))]
    pub fn cut_points(&self) -> Option<ArrayView2<'_, f64>> {
        self.cuts.as_ref().map(|cuts| cuts.view())
    }

    /// The names of the classes.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The number of classes.
    #[must_use]
    pub fn k(&self) -> usize {
        self.labels.len()
    }

    /// What moves: the name of the column.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The histories, for what cannot be had from counts alone.
    pub(super) fn known(&self, what: &str) -> Result<&Histories> {
        self.histories.as_deref().ok_or_else(|| Error::Unsupported {
            what: format!("{what} of a chain of which only transitions are known"),
            why: "it needs the states of the units; make the chain of a panel (`MarkovChain::of`) or of states (`from_states`)".to_owned(),
        })
    }
}

impl Histories {
    /// Every transition: its first period (a row), its unit (a column), and the two states.
    pub(super) fn each(&self, mut f: impl FnMut(usize, usize, usize, usize)) {
        for t in 0..self.periods.len().saturating_sub(self.step) {
            let pairs = self.states.row(t);
            let pairs = pairs.iter().zip(self.states.row(t + self.step));
            for (unit, (&i, &j)) in pairs.enumerate() {
                f(t, unit, i as usize, j as usize);
            }
        }
    }

    /// The length of a transition in years (or whatever periods count).
    pub(super) fn length(&self) -> i64 {
        match self.periods.as_slice() {
            [first, second, ..] => (i64::from(*second) - i64::from(*first)) * self.step as i64,
            _ => 0,
        }
    }
}

/// Rows over their sums, or the first row that is zero.
pub(super) fn shares_of_rows(
    counts: ArrayView2<'_, f64>,
) -> std::result::Result<Array2<f64>, usize> {
    let mut p = counts.to_owned();
    for (i, mut row) in p.rows_mut().into_iter().enumerate() {
        let n = sum(row.view());
        if !(n > 0.0) {
            return Err(i);
        }
        row /= n;
    }
    Ok(p)
}

fn sum(row: ArrayView1<'_, f64>) -> f64 {
    row.iter().sum()
}

fn check_classes(k: usize) -> Result<()> {
    if (2..=MOST_CLASSES).contains(&k) {
        return Ok(());
    }
    Err(Error::InvalidOption {
        option: "classes",
        value: k.to_string(),
        expected: "from 2 to 1000 classes",
    })
}

/// Nothing where there are transitions over `step` periods that are all equally long.
pub(super) fn check_periods(column: &str, periods: &[i32], step: usize) -> Result<()> {
    if periods.len() <= step {
        return Err(Error::TooFewPeriods {
            what: format!("a Markov chain of `{column}`"),
            needed: step.saturating_add(1),
            periods: periods.len(),
        });
    }
    evenly_spaced(
        periods,
        &format!("a Markov chain of `{column}` over a panel"),
        "a transition is a step from one period to the next",
    )
}
