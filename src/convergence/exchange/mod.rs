//! Exchange mobility: who changes places with whom, and where. Rank mobility in space, and directional LISA.

mod directional;
mod directional_test;
mod local;
mod local_test;
mod regional;
mod spatial;
mod tau;
mod theta;

pub use directional::{DirectionalLisa, LisaScale};
pub use directional_test::DirectionalTest;
pub use local::{LocalTau, NeighbourSet};
pub use local_test::LocalTauTest;
pub use regional::{RegionalTau, RegionalTauTest};
pub use spatial::{SpatialTau, SpatialTauTest};
pub use tau::KendallTau;
pub use theta::Theta;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ndarray::Array1;

use super::gamma::ranks::centred_ranks;
use crate::data::{Panel, Table, Units, Variable};
use crate::error::{Error, Result};
use crate::weights::Weights;

/// The exchange of ranks between two dates: how many pairs of units changed places, and which.
///
/// A pair is concordant where it has the same order at both dates, discordant where it changed places. The same pairs are read in five ways:
///
/// | | by | |
/// |---|---|---|
/// | all pairs | [`tau`](Self::tau) | Kendall's tau-b, its tests |
/// | pairs of neighbours | [`spatial_tau`](Self::spatial_tau) | tau among neighbours, beside that of the others (Rey 2014) |
/// | pairs of one unit | [`local_tau`](Self::local_tau), [`local_tau_of`](Self::local_tau_of) | with all, with its neighbours, within its neighbourhood: LIMA (Rey 2016) |
/// | pairs by region | [`regional_tau`](Self::regional_tau) | within regions and between them (Rey 2016) |
/// | changes of rank | [`theta`](Self::theta) | the share that does not cancel within regions (Rey 2004) |
///
/// Only the order of the units matters, so that logs, or incomes relative to the mean, change nothing. tau costs n ln n.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Alternative, ExchangeMobility, Panel, Permutations, Units, Weights};
/// let units = Units::new(["a", "b", "c", "d", "e", "f"])?;
/// let panel = Panel::from_columns(
///     &units,
///     &[2000, 2010],
///     [("income", array![[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]])],
/// )?
/// .label("coast", ["yes", "yes", "no", "no", "yes", "yes"])?;
/// let w = Weights::from_pairs(&units, [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f")])?;
/// let mobility = ExchangeMobility::between(&panel, "income", 2000, 2010)?;
/// // Three of the 15 pairs changed places, and all three are neighbours.
/// assert_eq!(mobility.tau().discordant(), 3);
/// assert!((mobility.tau().value() - 0.6).abs() < 1e-12);
/// let spatial = mobility.spatial_tau(&w)?;
/// assert!((spatial.value() + 0.2).abs() < 1e-12);
/// let exact = spatial.permutation(Permutations::all())?;
/// assert!((exact.neighbours().p_value(Alternative::Less) - 48.0 / 720.0).abs() < 1e-12);
/// // Every change of rank is cancelled within its region.
/// assert_eq!(mobility.theta("coast")?.value(), 0.0);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Rey (2004), Spatial dependence in the evolution of regional income distributions; Rey (2014), Fast algorithms for a space-time concordance measure,
/// Computational Statistics 29; Rey (2016), Space-time patterns of rank concordance: local indicators of mobility association,
/// Annals of the American Association of Geographers 106.
#[derive(Debug, Clone)]
#[doc(alias("rank mobility", "giddy.rank", "concordance", "exchange mobility"))]
pub struct ExchangeMobility {
    pub(super) name: String,
    /// Labels; its units are those of the variables, or 0..n.
    table: Table,
    /// Whether the units came with the variables.
    named: bool,
    ranks: Ranks,
    tau: KendallTau,
}

/// Centred doubled mid-ranks of the two dates.
#[derive(Debug, Clone)]
pub(super) struct Ranks {
    first: Arc<[i64]>,
    last: Arc<[i64]>,
}

impl Ranks {
    /// 1 where the pair is concordant, -1 where it changed places, 0 where it is tied.
    fn sign(&self, i: usize, j: usize) -> i64 {
        ((self.first[i] - self.first[j]) * (self.last[i] - self.last[j])).signum()
    }

    /// Both dates as numbers, as the permutation engine takes them.
    fn as_numbers(&self) -> [Vec<f64>; 2] {
        [&self.first, &self.last].map(|ranks| ranks.iter().map(|&r| r as f64).collect())
    }
}

/// Fewer units have no exchange to test.
const FEWEST: usize = 3;

impl ExchangeMobility {
    /// The exchange of ranks of a panel's column between two periods; the labels of the panel come along.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the last period is not after the first; [`Error::UnknownColumn`], [`Error::UnknownPeriod`];
    /// [`Error::TooFewUnits`] for fewer than three; [`Error::Constant`], which names a period in which all values are equal.
    pub fn between(panel: &Panel, column: &str, first: i32, last: i32) -> Result<Self> {
        check_dates(first, last)?;
        let at = |period: i32| {
            let name = format!("{column}, period {period}");
            Ok::<_, Error>(panel.variable_at(column, period)?.named(&name))
        };
        let name = format!("{column}, {first} to {last}");
        let mut mobility = Self::build(name, &at(first)?, &at(last)?)?;
        for label in panel.label_names() {
            mobility.table = mobility.table.label(label, panel.labels(label)?)?;
        }
        Ok(mobility)
    }

    /// The exchange of ranks between two variables over the same units: columns of a table, or bare arrays.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`]; [`Error::TooFewUnits`] for fewer than three; [`Error::Constant`].
    pub fn of<'a, 'b>(
        first: impl Into<Variable<'a>>,
        last: impl Into<Variable<'b>>,
    ) -> Result<Self> {
        let (first, last) = (first.into(), last.into());
        let name = if first.name() == last.name() {
            first.name().to_owned()
        } else {
            format!("{} to {}", first.name(), last.name())
        };
        Self::build(name, &first, &last)
    }

    fn build(name: String, first: &Variable<'_>, last: &Variable<'_>) -> Result<Self> {
        let units = first.units().or(last.units());
        let (units, named) = match units {
            Some(units) => (units.clone(), true),
            None => (Units::range(first.len()), false),
        };
        let n = units.len();
        if n < FEWEST {
            return Err(Error::TooFewUnits {
                what: "exchange mobility".to_owned(),
                needed: FEWEST,
                n,
            });
        }
        let ranks_of = |x: &Variable<'_>, of: &str| {
            let ranks = centred_ranks(&x.checked_for(&units, of)?.to_vec());
            if ranks.iter().all(|&r| r == 0) {
                return Err(Error::Constant {
                    name: x.name().to_owned(),
                    what: "the order of its units",
                });
            }
            Ok::<_, Error>(Arc::from(ranks))
        };
        let ranks = Ranks {
            first: ranks_of(first, "the last date")?,
            last: ranks_of(last, "the first date")?,
        };
        let tau = KendallTau::of(name.clone(), &ranks.first, &ranks.last);
        Ok(Self {
            name,
            table: Table::over(&units),
            named,
            ranks,
            tau,
        })
    }

    /// The same with a label, a category for each unit, for [`regional_tau`](Self::regional_tau) and [`theta`](Self::theta).
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::DuplicateColumn`].
    pub fn label<S: Into<String>>(
        mut self,
        name: &str,
        labels: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        self.table = self.table.label(name, labels)?;
        Ok(self)
    }

    /// Kendall's tau of the two dates.
    #[must_use]
    pub fn tau(&self) -> &KendallTau {
        &self.tau
    }

    /// tau of the pairs that are neighbours, beside that of the other pairs.
    ///
    /// Weights count as links only. A pair is one, whether W holds it in one direction or in both; a unit is no neighbour of itself;
    /// units without neighbours have no pair here and all of theirs among the others.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`] where W has other units; [`Error::Unsupported`] where there are no neighbours at all, and where every
    /// pair of neighbours is tied at one of the dates.
    #[doc(alias = "SpatialTau")]
    pub fn spatial_tau(&self, w: &Weights) -> Result<SpatialTau> {
        self.check_weights(w)?;
        SpatialTau::of(self.name.clone(), &self.ranks, &self.tau, w)
    }

    /// For each unit its concordance with all others, in `[-1, 1]`: Σ_j s_ij / (n - 1), with s = 1, -1, 0 for pairs that are concordant, changed places,
    /// are tied. Without ties the mean over the units is tau.
    ///
    /// Cost: n ln n.
    #[must_use]
    #[doc(alias = "Tau_Local")]
    pub fn local_tau(&self) -> Array1<f64> {
        let others = (self.n() - 1) as f64;
        let counts = local::with_all(&self.ranks);
        counts
            .into_iter()
            .map(|(plus, minus)| (plus as f64 - minus as f64) / others)
            .collect()
    }

    /// For each unit its concordance with its neighbours, or within its neighbourhood (LIMA).
    ///
    /// Weights count as links only; the neighbours of i are the columns of row i.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`] where W has other units; [`Error::Unsupported`] where there are no neighbours at all.
    #[doc(alias("LIMA", "Tau_Local_Neighbor", "Tau_Local_Neighborhood"))]
    pub fn local_tau_of(&self, w: &Weights, set: NeighbourSet) -> Result<LocalTau> {
        self.check_weights(w)?;
        LocalTau::of(self.name.clone(), &self.ranks, w, set)
    }

    /// Concordance within regions and between them.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::Unsupported`] where all units have the same label.
    #[doc(alias = "Tau_Regional")]
    pub fn regional_tau(&self, label: &str) -> Result<RegionalTau> {
        RegionalTau::of(self.name.clone(), &self.ranks, self.regions(label)?)
    }

    /// The share of the changes of rank that does not cancel within regions.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::Unsupported`] where all units have the same label, and where no unit changes its rank.
    #[doc(alias("Theta", "regime mobility"))]
    pub fn theta(&self, label: &str) -> Result<Theta> {
        Theta::of(self.name.clone(), &self.ranks, self.regions(label)?)
    }

    /// Number of units.
    #[must_use]
    pub fn n(&self) -> usize {
        self.ranks.first.len()
    }

    /// The units; 0..n for bare arrays.
    #[must_use]
    pub fn units(&self) -> &Units {
        self.table.units()
    }

    /// What is compared, in words.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn check_weights(&self, w: &Weights) -> Result<()> {
        if self.named {
            let what = format!("`{}`", self.name);
            self.units().check_same(&what, w.units(), "the weights")
        } else if self.n() == w.n() {
            Ok(())
        } else {
            Err(Error::LengthMismatch {
                what: format!("`{}` in the order of the weights", self.name),
                expected: w.n(),
                found: self.n(),
            })
        }
    }

    fn regions(&self, label: &str) -> Result<Regional> {
        let labels = self.table.labels(label)?;
        let regions = Regional::of(label, labels);
        if regions.names.len() < 2 {
            return Err(Error::Unsupported {
                what: format!("mobility by the label `{label}`"),
                why: "all units have the same one, so that nothing lies between regions; take a label with two regions at least"
                    .to_owned(),
            });
        }
        Ok(regions)
    }
}

impl fmt::Display for ExchangeMobility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exchange mobility: {}", self.tau)
    }
}

/// Nothing where the last period is after the first.
fn check_dates(first: i32, last: i32) -> Result<()> {
    if first < last {
        return Ok(());
    }
    Err(Error::InvalidOption {
        option: "the last period",
        value: last.to_string(),
        expected: "a period after the first",
    })
}

/// The regions of a label, in alphabetical order, and which each unit belongs to.
#[derive(Debug, Clone)]
pub(super) struct Regional {
    label: String,
    names: Vec<String>,
    region_of: Vec<u32>,
    sizes: Vec<u32>,
}

impl Regional {
    fn of(label: &str, labels: &[String]) -> Self {
        let mut places: BTreeMap<&str, u32> = labels.iter().map(|l| (l.as_str(), 0)).collect();
        for (place, to) in (0..).zip(places.values_mut()) {
            *to = place;
        }
        let region_of: Vec<u32> = labels.iter().map(|l| places[l.as_str()]).collect();
        let mut sizes = vec![0; places.len()];
        for &r in &region_of {
            sizes[r as usize] += 1;
        }
        Self {
            label: label.to_owned(),
            names: places.into_keys().map(str::to_owned).collect(),
            region_of,
            sizes,
        }
    }
}

/// No pair of neighbours to look at.
fn no_neighbours(what: &str) -> Error {
    Error::Unsupported {
        what: what.to_owned(),
        why: "no unit has a neighbour; take weights with links between units".to_owned(),
    }
}
