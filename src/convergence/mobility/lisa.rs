//! LISA Markov: moves between the quadrants of the Moran scatter plot.

use ndarray::{Array2, ArrayView2, Axis};

use super::against::ChainTest;
use super::chain::{Histories, Kind, MarkovChain, check_periods};
use super::homogeneity::Found;
use super::spatial::check_islands;
use crate::autocorrelation::LocalMoran;
use crate::data::{Panel, Variable};
use crate::error::{Error, Result};
use crate::inference::{Adjustment, Note, Permutations};
use crate::weights::Weights;

/// The LISA Markov chain: how units move between the quadrants of the Moran scatter plot, HH, LH, LL, HL.
///
/// The first letter is the unit (high where its value is above the mean of its period), the second its neighbours (high where the weighted sum of their deviations
/// from the mean is above zero). A value at the mean, within rounding, is low.
///
/// [`independence`](Self::independence) tests whether a unit and its neighbours move independently of each other.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{LisaMarkov, Panel, Units, Weights};
/// let income = array![[1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0], [2.0, 1.0, 3.0, 4.0]];
/// let units = Units::new(["a", "b", "c", "d"])?;
/// let panel = Panel::from_columns(&units, &[2000, 2001, 2002], [("income", income)])?;
/// let w = Weights::from_pairs(&units, [("a", "b"), ("b", "c"), ("c", "d")])?.row_standardized()?;
/// let lisa = LisaMarkov::of(&panel, "income", &w)?;
/// assert_eq!(lisa.chain().labels(), ["HH", "LH", "LL", "HL"]);
/// assert_eq!(lisa.chain().transitions().sum(), 8.0);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Rey (2001), Geographical Analysis 33: 195-214; Anselin (1995), Geographical Analysis 27.
#[derive(Debug, Clone)]
#[doc(alias = "LISA_Markov")]
pub struct LisaMarkov {
    /// Periods × units, and the weights: what the quadrants were made of.
    values: Array2<f64>,
    weights: Weights,
    chain: MarkovChain,
    own: MarkovChain,
    neighbours: MarkovChain,
}

/// Moves by whether the unit's local Moran was significant at their start and at their end; each 4 × 4 in the order HH, LH, LL, HL.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SignificantMoves {
    /// At both.
    pub both: Array2<f64>,
    /// At the start only.
    pub start: Array2<f64>,
    /// At the end only.
    pub end: Array2<f64>,
    /// At neither.
    pub neither: Array2<f64>,
    pub(super) level: f64,
    pub(super) notes: Vec<Note>,
}

impl SignificantMoves {
    /// What to mind.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// Whether the unit, and whether its neighbours are low, by quadrant.
const LOW: [(usize, usize); 4] = [(0, 0), (1, 0), (1, 1), (0, 1)];

impl LisaMarkov {
    /// The chain of quadrants of a panel's column.
    ///
    /// W need not be standardised: the quadrant depends on the sign of the lag only. Cost: one spatial lag a period.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::UnitsDiffer`]; [`Error::TooFewPeriods`]; [`Error::Constant`], which names a period without variance;
    /// [`Error::Unsupported`] for islands, and where periods are not equally spaced.
    pub fn of(panel: &Panel, column: &str, w: &Weights) -> Result<Self> {
        let values = panel.values(column)?;
        panel
            .units()
            .check_same("the panel", w.units(), "the weights")?;
        check_islands(w)?;
        check_periods(column, panel.periods(), 1)?;
        let (mut own, mut lag) = (
            Array2::zeros(values.raw_dim()),
            Array2::zeros(values.raw_dim()),
        );
        let sums = w.csr().row_sums();
        for (t, row) in values.rows().into_iter().enumerate() {
            let mean = row.sum() / row.len() as f64;
            let largest = row.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
            let rounding = 8.0 * f64::EPSILON * largest;
            let z = row.mapv(|v| v - mean);
            if z.iter().all(|z| z.abs() <= rounding) {
                return Err(Error::Constant {
                    name: format!("{column}, period {}", panel.periods()[t]),
                    what: "the Moran scatter plot",
                });
            }
            let of_neighbours = w.lag(Variable::from(z.view()))?;
            for i in 0..z.len() {
                own[[t, i]] = u32::from(z[i] <= rounding);
                lag[[t, i]] = u32::from(of_neighbours[i] <= rounding * sums[i]);
            }
        }
        let states = Array2::from_shape_fn(own.raw_dim(), |at| match (own[at], lag[at]) {
            (0, 0) => 0,
            (1, 0) => 1,
            (1, _) => 2,
            _ => 3,
        });
        let chain = |name: String, labels: &[&str], states: Array2<u32>| {
            let histories = Histories {
                units: panel.units().clone(),
                periods: panel.periods().to_vec(),
                states,
                step: 1,
                kind: Kind::Class,
            };
            let labels = labels.iter().map(ToString::to_string).collect();
            MarkovChain::of_histories(&name, labels, None, histories)
        };
        Ok(Self {
            values: values.to_owned(),
            weights: w.clone(),
            chain: chain(
                format!("quadrants of {column}"),
                &["HH", "LH", "LL", "HL"],
                states,
            ),
            own: chain(column.to_owned(), &["high", "low"], own),
            neighbours: chain(format!("W {column}"), &["high", "low"], lag),
        })
    }

    /// The chain of the four quadrants HH, LH, LL, HL, which answers what every chain does.
    #[must_use]
    pub fn chain(&self) -> &MarkovChain {
        &self.chain
    }

    /// The chain of the units' own moves between high and low.
    #[must_use]
    pub fn own(&self) -> &MarkovChain {
        &self.own
    }

    /// The chain of their neighbours' moves between high and low.
    #[must_use]
    pub fn neighbours(&self) -> &MarkovChain {
        &self.neighbours
    }

    /// The transitions that independent moves of unit and neighbours would lead to: n_i times the product of both probabilities.
    #[must_use]
    #[doc(alias = "expected_t")]
    pub fn expected(&self) -> Array2<f64> {
        let starts = self.chain.starts();
        let share = |chain: &MarkovChain, i: usize, j: usize| {
            let row = chain.counts.row(i);
            row[j] / row.sum()
        };
        Array2::from_shape_fn((4, 4), |(i, j)| {
            // A quadrant that is left has been left by its unit and by its neighbours.
            if starts[i] > 0.0 {
                let (from, to) = (LOW[i], LOW[j]);
                starts[i] * share(&self.own, from.0, to.0) * share(&self.neighbours, from.1, to.1)
            } else {
                0.0
            }
        })
    }

    /// Tests that a unit and its neighbours move independently of each other.
    ///
    /// Pearson and likelihood ratio of the transitions beside the [`expected`](Self::expected) ones. The chain of quadrants has 12 free probabilities, the two chains that the
    /// expected ones are made of have 2 each: 8 degrees of freedom. (giddy's `chi_2` refers to 9, and its `expected_t` is made of other chains: see `docs/methods/mobility.md`.)
    /// The lags of neighbouring units share values, so that transitions are not independent, and the p-value is too small.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where too few kinds of moves were seen.
    #[doc(alias = "chi_2")]
    pub fn independence(&self) -> Result<ChainTest> {
        let expected = self.expected();
        let free = |m: ArrayView2<'_, f64>| -> usize {
            let positive =
                |row: ndarray::ArrayView1<'_, f64>| row.iter().filter(|v| **v > 0.0).count();
            let rows = m.axis_iter(Axis(0));
            rows.map(|row| positive(row).saturating_sub(1)).sum()
        };
        let estimated = free(self.own.counts.view()) + free(self.neighbours.counts.view());
        let df = free(expected.view()).saturating_sub(estimated);
        let found = Found::against(self.chain.counts.view(), expected.view(), df);
        let found = found.ok_or_else(|| Error::Unsupported {
            what: format!("a test of independence of {}", self.chain.name),
            why: "units or their neighbours hardly change sides; take longer steps or more periods"
                .to_owned(),
        })?;
        Ok(ChainTest::new(
            &self.chain.name,
            "a unit and its neighbours move independently",
            &found,
        ))
    }

    /// The moves by whether the local Moran of the unit was significant at their start and at their end.
    ///
    /// The p-values are those of [`LocalMoran`], two-sided, by conditional permutation; period t (counted from 0) takes the seed of the
    /// permutations + t. `adjustment` corrects for the n tests of a period.
    ///
    /// # Errors
    ///
    /// As [`LocalMoran::of`]; [`Error::InvalidOption`] for a level outside 0 to 1.
    pub fn significant(
        &self,
        permutations: Permutations<'_>,
        level: f64,
        adjustment: Option<Adjustment>,
    ) -> Result<SignificantMoves> {
        let known = self.chain.known("significance")?;
        let mut significant = Vec::new();
        for (t, values) in self.values.rows().into_iter().enumerate() {
            let seed = permutations.seed_value().wrapping_add(t as u64);
            let variable = Variable::from(values).named(self.own.name());
            let local = LocalMoran::of(variable, &self.weights, permutations.seed(seed))?;
            significant.push(local.significant(level, adjustment)?);
        }
        let tests = self.weights.n();
        // Two-sided: twice the smallest share.
        let least = permutations.count().map(|r| 2.0 / (1.0 + r as f64));
        let coarse = least.filter(|p| adjustment.is_some() && *p > level / tests as f64);
        let coarse = coarse.map(|least| Note::CoarseDraws {
            least,
            tests,
            level,
        });
        let notes = coarse.into_iter().collect();
        let mut moves = vec![Array2::<f64>::zeros((4, 4)); 4];
        known.each(|t, unit, i, j| {
            let (start, end) = (significant[t][unit], significant[t + known.step][unit]);
            moves[2 * usize::from(!start) + usize::from(!end)][[i, j]] += 1.0;
        });
        let mut moves = moves.into_iter();
        let mut next = || moves.next().unwrap_or_else(|| Array2::zeros((4, 4)));
        Ok(SignificantMoves {
            both: next(),
            start: next(),
            end: next(),
            neither: next(),
            level,
            notes,
        })
    }
}
