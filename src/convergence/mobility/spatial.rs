//! Spatial Markov: transitions conditional on the class of the neighbours.

use ndarray::ArrayView2;

use super::against::ChainTest;
use super::chain::{Kind, MarkovChain, check_periods};
use super::classes::{Classes, Classified};
use super::homogeneity::{Found, Homogeneity, compare};
use crate::data::{Panel, Variable};
use crate::error::{Error, Result};
use crate::weights::Weights;

/// A spatial Markov chain: the transitions of a column's classes, by the class of the spatial lag at the start of the transition.
///
/// If neighbours do not matter, the conditional chains are one: [`homogeneity`](Self::homogeneity) tests it.
///
/// The spatial lag is that of the values that are classed: of relative values where the classes are [relative](Classes::relative). It is the mean of the neighbours, so
/// that W has to be row-standardised and without islands. By default it is put into classes by the rule of the values themselves, with cut points of its own
/// where that rule is quantiles: of the lags in all periods, or of each period.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Classes, Panel, SpatialMarkov, Units, Weights};
/// let income = array![[1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0], [2.0, 1.0, 3.0, 4.0], [1.0, 2.0, 4.0, 3.0]];
/// let units = Units::new(["a", "b", "c", "d"])?;
/// let panel = Panel::from_columns(&units, &[2000, 2001, 2002, 2003], [("income", income)])?;
/// let w = Weights::from_pairs(&units, [("a", "b"), ("b", "c"), ("c", "d")])?.row_standardized()?;
/// let spatial = SpatialMarkov::of(&panel, "income", &w, &Classes::cut_points([2.5]))?;
/// assert_eq!(spatial.conditional(0)?.transitions(), array![[3.0, 1.0], [1.0, 2.0]]);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Rey (2001), Geographical Analysis 33: 195-214; Rey, Kang and Wolf (2016), Journal of Geographical Systems 18; Bickenbach and Bode (2003).
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "Spatial_Markov")]
pub struct SpatialMarkov {
    pub(super) pooled: MarkovChain,
    pub(super) lag: MarkovChain,
    pub(super) conditional: Vec<MarkovChain>,
}

impl SpatialMarkov {
    /// The spatial chain of a panel's column; the lag is put into classes by the same rule.
    ///
    /// Cost: one spatial lag and one sort a period.
    ///
    /// # Errors
    ///
    /// As [`MarkovChain::of`], for the values and for their lag; [`Error::UnitsDiffer`]; [`Error::Unsupported`] for W with islands, and for W that is not
    /// row-standardised.
    pub fn of(panel: &Panel, column: &str, w: &Weights, classes: &Classes) -> Result<Self> {
        Self::with_lag_classes(panel, column, w, classes, classes)
    }

    /// The spatial chain with other classes of the lag, say fewer.
    ///
    /// The option [`relative`](Classes::relative) of the lag's classes has to be that of the values'.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of); [`Error::InvalidOption`] where one of both is relative and the other not.
    pub fn with_lag_classes(
        panel: &Panel,
        column: &str,
        w: &Weights,
        classes: &Classes,
        lag_classes: &Classes,
    ) -> Result<Self> {
        if classes.is_relative() != lag_classes.is_relative() {
            return Err(Error::InvalidOption {
                option: "lag_classes",
                value: lag_classes.to_string(),
                expected: "`relative` for both, the values and their lag, or for none",
            });
        }
        let values = panel.values(column)?;
        check_weights(w, panel)?;
        let periods = panel.periods();
        check_periods(column, periods, 1)?;
        let scaled = classes.scaled(values, column, periods)?;
        let mut lag = scaled.clone();
        for (row, mut to) in scaled.rows().into_iter().zip(lag.rows_mut()) {
            to.assign(&w.lag(Variable::from(row))?);
        }
        let of = classes.of_scaled(scaled.view(), column, panel.units(), periods)?;
        let of_lag: Classified =
            lag_classes.of_scaled(lag.view(), &format!("W {column}"), panel.units(), periods)?;
        let pooled = MarkovChain::of_classified(panel, column, of);
        let lag = MarkovChain::of_classified(panel, &format!("W {column}"), of_lag);
        let counts = match (&pooled.histories, &lag.histories) {
            (Some(own), Some(of_lag)) if own.kind == Kind::Class => {
                pooled.split(own, lag.k(), |t, unit| of_lag.states[[t, unit]] as usize)
            }
            _ => Vec::new(),
        };
        let conditional = counts.into_iter().zip(&lag.labels).map(|(counts, label)| {
            let name = format!("W {column} {label}");
            MarkovChain::of_counts(name, &pooled.labels, counts)
        });
        Ok(Self {
            conditional: conditional.collect(),
            pooled,
            lag,
        })
    }

    /// The chain of all transitions together.
    #[must_use]
    pub fn pooled(&self) -> &MarkovChain {
        &self.pooled
    }

    /// The chain of the spatial lag itself: its classes, cut points and moves.
    #[must_use]
    pub fn lag(&self) -> &MarkovChain {
        &self.lag
    }

    /// The chain of the units whose neighbours are in a class, counted from 0, at the start of the transition.
    ///
    /// It answers what every chain does: probabilities, ergodic distribution, passage times.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a class that does not exist; [`Error::EmptyClass`] for one from which no transition starts.
    pub fn conditional(&self, lag_class: usize) -> Result<&MarkovChain> {
        let chain = self
            .conditional
            .get(lag_class)
            .ok_or_else(|| Error::InvalidOption {
                option: "lag_class",
                value: lag_class.to_string(),
                expected: "a class of the spatial lag, counted from 0",
            })?;
        if chain.counts.iter().any(|v| *v > 0.0) {
            return Ok(chain);
        }
        Err(Error::EmptyClass {
            what: format!("the conditional chain of {}", self.pooled.name),
            class: format!("{} of the spatial lag", self.lag.labels[lag_class]),
            problem: "has no transition that starts in it",
        })
    }

    /// The number of classes of the spatial lag.
    #[must_use]
    pub fn lag_classes(&self) -> usize {
        self.conditional.len()
    }

    /// Tests that the probabilities do not depend on the class of the neighbours.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there is nothing to compare.
    #[doc(alias("Q", "LR", "x2", "ht"))]
    pub fn homogeneity(&self) -> Result<Homogeneity> {
        let by = format!("the class of {}", self.lag.name);
        Homogeneity::of_chains(&by, &self.pooled.name, self.conditional.clone())
    }

    /// One conditional chain beside all transitions, as if the latter were given: `chi2` of giddy, on Σ_i (a_i - 1) degrees of freedom over the classes that are left.
    ///
    /// All transitions hold those of the class, so that the statistic is too small by a factor of about one less the share of the class, and
    /// the test rejects too rarely; [`against_rest`](Self::against_rest) has the right size. The statistics of all classes have the sum Q of [`homogeneity`](Self::homogeneity).
    ///
    /// # Errors
    ///
    /// As [`conditional`](Self::conditional); [`Error::Unsupported`] where there is nothing to compare.
    pub fn against_pooled(&self, lag_class: usize) -> Result<ChainTest> {
        let chain = self.conditional(lag_class)?;
        let (starts, pooled) = (chain.starts(), self.pooled.starts());
        let mut expected = self.pooled.counts.clone();
        let mut df = 0;
        for (i, mut row) in expected.rows_mut().into_iter().enumerate() {
            if starts[i] > 0.0 {
                row *= starts[i] / pooled[i];
                df += row.iter().filter(|v| **v > 0.0).count() - 1;
            } else {
                row.fill(0.0);
            }
        }
        let found = Found::against(chain.counts.view(), expected.view(), df);
        self.test(found, &chain.name, "all transitions")
    }

    /// One conditional chain against all other transitions: the test of homogeneity of two strata.
    ///
    /// # Errors
    ///
    /// As [`against_pooled`](Self::against_pooled).
    pub fn against_rest(&self, lag_class: usize) -> Result<ChainTest> {
        let chain = self.conditional(lag_class)?;
        let rest = &self.pooled.counts - &chain.counts;
        let strata: [ArrayView2<'_, f64>; 2] = [chain.counts.view(), rest.view()];
        self.test(compare(&strata), &chain.name, "all other transitions")
    }

    fn test(&self, found: Option<Found>, class: &str, against: &str) -> Result<ChainTest> {
        let found = found.ok_or_else(|| Error::Unsupported {
            what: format!("a test of {class} against {against}"),
            why: "no class is left by more than one kind of move; take fewer classes".to_owned(),
        })?;
        Ok(ChainTest::new(
            &format!("{}: {class} against {against}", self.pooled.name),
            "the same transition probabilities",
            &found,
        ))
    }
}

/// Nothing where the lag is a mean of neighbours that every unit has.
fn check_weights(w: &Weights, panel: &Panel) -> Result<()> {
    panel
        .units()
        .check_same("the panel", w.units(), "the weights")?;
    check_islands(w)?;
    let sums = w.csr().row_sums();
    let other = sums.iter().position(|s| (s - 1.0).abs() > 1e-9);
    other.map_or(Ok(()), |i| {
        Err(Error::Unsupported {
            what: "classes of a spatial lag by weights that are not row-standardised".to_owned(),
            why: format!(
                "the weights of `{}` have the sum {}, so that its lag is no mean of its neighbours; take `row_standardized`",
                w.units().name(i),
                sums[i]
            ),
        })
    })
}

/// Nothing where every unit has a neighbour.
pub(super) fn check_islands(w: &Weights) -> Result<()> {
    let islands: Vec<String> = (0..w.n())
        .filter(|&i| w.csr().pattern.row(i).is_empty())
        .map(|i| format!("`{}`", w.units().name(i)))
        .collect();
    if islands.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = islands.iter().take(10).map(String::as_str).collect();
    Err(Error::Unsupported {
        what: format!("a class of neighbours for {} unit(s) without neighbours: {}", islands.len(), named.join(", ")),
        why: "a lag of zero is no poor neighbourhood; give them neighbours (`islands_attached`), or leave them out (`without_islands`, and `without` of the panel)".to_owned(),
    })
}
