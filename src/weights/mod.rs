//! `Weights`: the spatial weight matrix, its lag, and what is derived from it once.

mod block;
mod combine;
mod constants;
mod contiguity;
mod decay;
mod diagonal;
mod distance;
mod economic;
mod ends;
mod exposure;
mod files;
mod graphs;
mod islands;
mod kernel;
mod lattice;
mod links;
mod order;
mod perron;
mod search;
mod sets;
mod spectrum;
mod subset;
mod summary;
mod traces;
mod transform;

use std::fmt;
use std::sync::{Arc, OnceLock};

use ndarray::Array1;

pub use self::constants::Constants;
pub use self::contiguity::{Borders, Contiguity};
pub use self::decay::Decay;
pub use self::economic::Gravity;
pub use self::files::{DenseWeightsReader, WeightsReader};
pub use self::graphs::Clip;
pub use self::kernel::{Kernel, KernelFunction};
pub use self::lattice::Lattice;
pub use self::sets::Symmetrize;
pub use self::transform::Transform;
use crate::data::{Units, Variable};
use crate::error::{Error, Result};
use crate::linalg::logdet::Jacobian;
pub use crate::linalg::logdet::LogDeterminant;
use crate::linalg::sparse::{Csr, Values};

/// A spatial weight matrix W: for each unit its neighbours and their weights.
///
/// `w_ij` > 0 where j is a neighbour of i, zero elsewhere; `w_ii` = 0, but for kernels that ask for a diagonal and for
/// [`with_diagonal`](Self::with_diagonal). Rows receive, columns send. Immutable and cheap to clone. A *link* is a stored (i, j) entry, a
/// *pair* is unordered. An *island* is a unit without a neighbour (an empty row).
///
/// | built from | by |
/// |---|---|
/// | polygons | [`queen`](Self::queen), [`rook`](Self::rook), [`contiguity`](Self::contiguity), [`shared_borders`](Self::shared_borders) |
/// | a grid | [`lattice`](Self::lattice) |
/// | points | [`k_nearest`](Self::k_nearest), [`distance_band`](Self::distance_band), [`distance_ring`](Self::distance_ring), [`distance_decay`](Self::distance_decay), [`kernel`](Self::kernel), [`gravity`](Self::gravity) |
/// | points, as graphs | [`delaunay`](Self::delaunay), [`gabriel`](Self::gabriel), [`relative_neighbours`](Self::relative_neighbours), [`sphere_of_influence`](Self::sphere_of_influence), [`voronoi`](Self::voronoi) |
/// | links and tables | [`from_links`](Self::from_links), [`from_links_at`](Self::from_links_at), [`from_pairs`](Self::from_pairs), [`from_dense`](Self::from_dense), [`from_flows`](Self::from_flows), [`from_costs`](Self::from_costs) |
/// | values and groups | [`economic_distance`](Self::economic_distance), [`block`](Self::block) |
/// | other weights | [`combination`](Self::combination), [`nested`](Self::nested), [`elementwise_product`](Self::elementwise_product), [`order`](Self::order), [`up_to_order`](Self::up_to_order), [`union`](Self::union), [`intersection`](Self::intersection), [`difference`](Self::difference), [`symmetric_difference`](Self::symmetric_difference), [`complement`](Self::complement), [`restricted_to`](Self::restricted_to), [`symmetrized`](Self::symmetrized), [`links_only`](Self::links_only), [`decay_on_links`](Self::decay_on_links), [`economic_distance_on_links`](Self::economic_distance_on_links), [`weighted_by_sender`](Self::weighted_by_sender), [`senders`](Self::senders), [`receivers`](Self::receivers), [`exposures`](Self::exposures), [`only`](Self::only), [`without`](Self::without) |
/// | files | [`read_gal`](Self::read_gal), [`read_gwt`](Self::read_gwt), [`read_swm`](Self::read_swm), [`read_matrix_market`](Self::read_matrix_market), [`read_stata`](Self::read_stata), [`read_dat`](Self::read_dat), [`read_geobugs`](Self::read_geobugs), [`csv`](Self::csv), [`dense_csv`](Self::dense_csv), and the same from text |
///
/// | transformed by | |
/// |---|---|
/// | rows | [`row_standardized`](Self::row_standardized), [`variance_stabilized`](Self::variance_stabilized), [`doubly_standardized`](Self::doubly_standardized), [`binary`](Self::binary) |
/// | one number | [`globally_standardized`](Self::globally_standardized), [`unit_sum`](Self::unit_sum), [`min_max_normalized`](Self::min_max_normalized), [`spectrally_normalized`](Self::spectrally_normalized) |
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Units, Weights};
/// let units = Units::new(["west", "middle", "east"])?;
/// let w = Weights::from_pairs(&units, [("west", "middle"), ("middle", "east")])?.row_standardized()?;
/// assert_eq!((w.links(), w.pairs()), (4, 2));
/// assert_eq!(w.lag(&array![1.0, 2.0, 5.0])?, array![2.0, 3.0, 2.0]);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[doc(alias = "listw")]
#[doc(alias = "nb")]
#[doc(alias = "spmatrix")]
#[derive(Clone)]
pub struct Weights(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    units: Units,
    csr: Csr,
    transform: Transform,
    /// How the matrix was built: "queen contiguity", "6 nearest neighbours".
    built: String,
    /// The weights before the transformation.
    raw: Option<Weights>,
    islands_decided: bool,
    derived: Derived,
}

/// What is computed from the matrix once, on demand, and shared by clones.
#[derive(Clone, Default)]
struct Derived {
    symmetric: OnceLock<bool>,
    symmetrizer: OnceLock<Option<Array1<f64>>>,
    constants: OnceLock<Constants>,
    component_labels: OnceLock<Arc<[u32]>>,
    /// Smallest, where it is known, and largest real eigenvalue.
    extremes: OnceLock<(Option<f64>, f64)>,
    jacobian: OnceLock<Arc<Jacobian>>,
}

impl Weights {
    /// From checked rows; every builder ends here.
    pub(crate) fn from_csr(units: Units, csr: Csr, built: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            units,
            csr,
            transform: Transform::Raw,
            built: built.into(),
            raw: None,
            islands_decided: false,
            derived: Derived::default(),
        }))
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.0.units
    }

    /// Number of units.
    #[must_use]
    pub fn n(&self) -> usize {
        self.0.units.len()
    }

    /// Number of links: stored (i, j) entries.
    #[must_use]
    pub fn links(&self) -> usize {
        self.0.csr.links()
    }

    /// How the weights were scaled.
    #[must_use]
    pub fn transform(&self) -> Transform {
        self.0.transform
    }

    /// How the matrix was built, in words.
    #[must_use]
    pub fn built(&self) -> &str {
        &self.0.built
    }

    /// The weights before the transformation; themselves where there was none.
    #[must_use]
    pub fn raw(&self) -> &Self {
        self.0.raw.as_ref().unwrap_or(self)
    }

    /// Whether every raw weight is one.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        matches!(self.raw().0.csr.values, Values::One)
    }

    /// The (position, weight) pairs of the neighbours of the unit at a position; none beyond the end.
    pub fn neighbours(&self, position: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        (position < self.n())
            .then(|| self.0.csr.row(position))
            .into_iter()
            .flatten()
    }

    /// The weight `w_ij` by positions; zero where there is no link, and beyond the end.
    #[must_use]
    pub fn weight(&self, i: usize, j: usize) -> f64 {
        if i < self.n() && j < self.n() {
            self.0.csr.get(i, j)
        } else {
            0.0
        }
    }

    /// Whether `w_ij` = `w_ji` for every pair, to a relative 1e-14.
    #[doc(alias = "is.symmetric.nb")]
    #[must_use]
    pub fn is_symmetric(&self) -> bool {
        *self
            .0
            .derived
            .symmetric
            .get_or_init(|| self.0.csr.is_symmetric())
    }

    /// The spatial lag W x, of length n.
    ///
    /// The lag of an island is zero.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`] where x is a column over other units; [`Error::LengthMismatch`] for a bare array;
    /// [`Error::NotFinite`].
    #[doc(alias = "lag.listw")]
    #[doc(alias = "lag_spatial")]
    pub fn lag<'a>(&self, x: impl Into<Variable<'a>>) -> Result<Array1<f64>> {
        let x = x.into();
        Ok(self
            .0
            .csr
            .product(x.checked_for(self.units(), "the weights")?))
    }

    /// The same weights with other ids for their units, by position.
    ///
    /// For files that know their units only by position; nothing is compared but the number of units. Where the ids are the numbers
    /// 0, 1, … or 1, 2, … out of order, they and not the positions say which row is meant: bring them into order first, by
    /// [`only`](Self::only).
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; [`Error::Unsupported`] for numbers out of order.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let cities = Units::new(["440100", "440600"])?;
    /// let w = Weights::gal_text("2\n1 1\n2\n2 1\n1\n")?.relabelled(&cities)?;
    /// assert_eq!(w.units().position("440600"), Some(1));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn relabelled(&self, units: &Units) -> Result<Self> {
        self.units().check_relabel(units, "the weights")?;
        if let Some(first) = self.numbered_out_of_order() {
            return Err(Error::Unsupported {
                what: "relabelling weights whose ids are numbers out of order".to_owned(),
                why: format!(
                    "they count from {first} but do not stand in that order, so that positions would be mistaken for ids; bring them into order first, with `only(&Units::new(({first}..{}).map(|i| i.to_string()))?)`",
                    first + self.n()
                ),
            });
        }
        let raw = match &self.0.raw {
            None => None,
            Some(raw) => Some(raw.relabelled(units)?),
        };
        Ok(Self(Arc::new(Inner {
            units: units.clone(),
            raw,
            ..(*self.0).clone()
        })))
    }

    /// 0 or 1 where the ids are the numbers from there on, but not in order: rows of a table, as files often number them.
    fn numbered_out_of_order(&self) -> Option<usize> {
        let ids: Vec<usize> = self
            .units()
            .iter()
            .map(|id| id.parse().ok())
            .collect::<Option<_>>()?;
        let first = ids.iter().copied().min().filter(|first| *first <= 1)?;
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        let numbered = sorted.iter().enumerate().all(|(k, id)| *id == first + k);
        (numbered && sorted != ids).then_some(first)
    }

    pub(crate) fn csr(&self) -> &Csr {
        &self.0.csr
    }

    /// Positive d with d_i w_ij = d_j w_ji, where there is one (see [`Csr::symmetrizer`]).
    pub(crate) fn symmetrizer(&self) -> Option<&Array1<f64>> {
        self.0
            .derived
            .symmetrizer
            .get_or_init(|| self.0.csr.symmetrizer())
            .as_ref()
    }
}

impl fmt::Debug for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Weights({} units, {} links, {}, {:?})",
            self.n(),
            self.links(),
            self.built(),
            self.transform()
        )
    }
}

/// Most units for which all pairs are linked.
const ALL_PAIRS: usize = 5000;

/// Nothing where the links can be counted in 32 bits.
fn check_links(links: usize) -> Result<()> {
    if u32::try_from(links).is_ok() {
        return Ok(());
    }
    Err(Error::TooLarge {
        what: "the number of links of a weight matrix",
        n: links,
        limit: u32::MAX as usize,
        instead: "use a shorter band, a smaller k, or fewer units",
    })
}

/// Nothing where an option is a positive finite number.
fn check_positive(option: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::InvalidOption {
        option,
        value: value.to_string(),
        expected: "a positive finite number",
    })
}

#[cfg(test)]
pub(crate) mod test_data;

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn lag_compares_units() {
        let w = test_data::columbus();
        let other = Units::range(49);
        let table = crate::data::Table::over(&other)
            .column("x", Array1::<f64>::ones(49))
            .unwrap();
        assert!(matches!(
            w.lag(table.variable("x").unwrap()),
            Err(Error::UnitsDiffer { .. })
        ));
        let w = w.relabelled(&other).unwrap();
        assert_eq!(w.lag(table.variable("x").unwrap()).unwrap().sum(), 230.0);
        assert!(matches!(
            w.lag(&array![1.0]),
            Err(Error::LengthMismatch { .. })
        ));
    }

    #[test]
    fn positions_beyond_the_end() {
        let w = test_data::columbus();
        assert_eq!(w.weight(0, 1), 1.0);
        assert_eq!(w.weight(0, 99), 0.0);
        assert_eq!(w.weight(99, 0), 0.0);
        assert_eq!(w.weight(0, (1 << 32) + 1), 0.0);
        assert_eq!(w.neighbours(99).count(), 0);
    }

    #[test]
    fn relabelling_a_transformed_matrix_relabels_its_raw_weights() {
        let units = Units::new((0..49).map(|i| format!("u{i}"))).unwrap();
        let w = test_data::columbus().row_standardized().unwrap();
        let w = w.relabelled(&units).unwrap();
        assert_eq!(w.raw().units(), &units);
        assert_eq!(w.transform(), Transform::Row);
        assert!(matches!(
            w.relabelled(&Units::range(3)),
            Err(Error::LengthMismatch { .. })
        ));
    }
}
