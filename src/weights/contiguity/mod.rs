//! Weights from common boundaries of polygons: queen and rook contiguity.

mod borders;
mod edges;
mod grouped;
mod intern;
mod mesh;
mod rows;
mod snap;
mod touching;

pub use self::borders::Borders;
use self::edges::{Edges, Left, loose};
use self::mesh::Mesh;
use super::Weights;
use super::links::binary;
use crate::data::Regions;
use crate::error::{Error, Result};
use crate::linalg::sparse::Pattern;
use crate::parallel::join;

/// Tolerance of a contact relative to the largest coordinate, where nothing is snapped.
const RELATIVE: f64 = 1e-12;

/// What makes two polygons neighbours, and how exactly their borders have to agree.
///
/// ```
/// use spatialecon::Contiguity;
/// let imprecise = Contiguity::queen().snapped(1e-6);
/// # let _ = imprecise;
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contiguity {
    rook: bool,
    snap: f64,
}

impl Contiguity {
    /// Neighbours share at least one point of their boundaries.
    #[must_use]
    pub fn queen() -> Self {
        Self {
            rook: false,
            snap: 0.0,
        }
    }

    /// Neighbours share a stretch of their boundaries of positive length.
    #[must_use]
    pub fn rook() -> Self {
        Self {
            rook: true,
            snap: 0.0,
        }
    }

    /// Vertices at a distance of at most `tolerance`, in the unit of the coordinates, are one point, and a vertex at most as
    /// far from an edge lies on it; for borders that were digitised twice.
    ///
    /// Chains of close vertices become one, so `tolerance` has to be well below the lengths of edges. Default 0: coordinates
    /// have to agree, apart from rounding (1e-12 of the largest coordinate), and a smaller tolerance than this changes nothing.
    /// How many links exist only because of it is told by [`Weights::built`], for which the links are found twice, once
    /// without it.
    #[must_use]
    pub fn snapped(self, tolerance: f64) -> Self {
        Self {
            snap: tolerance,
            ..self
        }
    }
}

impl Weights {
    /// Binary weights: polygons that share at least one point of their boundaries are neighbours.
    ///
    /// [`contiguity`](Self::contiguity) with [`Contiguity::queen`], where the definition stands.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above 2³² - 1 vertices or links.
    #[doc(alias = "poly2nb")]
    #[doc(alias = "Queen")]
    pub fn queen(regions: &Regions) -> Result<Self> {
        Self::contiguity(regions, Contiguity::queen())
    }

    /// Binary weights: polygons that share a stretch of their boundaries of positive length are neighbours.
    ///
    /// [`contiguity`](Self::contiguity) with [`Contiguity::rook`], where the definition stands. Two common vertices are
    /// not enough: the edge between them has to be common.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above 2³² - 1 vertices or links.
    #[doc(alias = "poly2nb(queen = FALSE)")]
    #[doc(alias = "Rook")]
    pub fn rook(regions: &Regions) -> Result<Self> {
        Self::contiguity(regions, Contiguity::rook())
    }

    /// Binary weights from common boundaries, with options.
    ///
    /// Boundaries are the rings of all parts, holes included, so that an enclave is a neighbour of what surrounds it. A vertex
    /// of one polygon inside an edge of another counts as a common point, and edges that overlap in part as a common
    /// stretch. Nothing is a neighbour across water, and the antimeridian is a border like any other: regions that face each
    /// other across either need links of their own. Polygons that overlap without their boundaries meeting are not
    /// neighbours.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the tolerance is negative or not finite, or where it makes a polygon collapse;
    /// [`Error::TooLarge`] above 2³² - 1 vertices or links.
    #[doc(alias = "poly2nb(snap)")]
    pub fn contiguity(regions: &Regions, options: Contiguity) -> Result<Self> {
        let Contiguity { rook, snap } = options;
        check_tolerance(snap)?;
        let mut mesh = Mesh::new(regions.polygons())?;
        let rounding = RELATIVE * mesh.largest;
        let kind = if rook { "rook" } else { "queen" };
        let mut built = format!("{kind} contiguity");
        let mut links = links(&mesh, rook, rounding)?;
        if snap > rounding {
            snap_to(&mut mesh, snap)?;
            let exact = std::mem::replace(&mut links, self::links(&mesh, rook, snap)?);
            built = format!("{built} (snapped to {snap}{})", report(&links, &exact));
        }
        let Pattern { offsets, columns } = links;
        Ok(binary(regions.units().clone(), offsets, columns, built))
    }
}

/// Links between the polygons of a mesh.
fn links(mesh: &Mesh, rook: bool, tolerance: f64) -> Result<Pattern> {
    let (rows, pairs) = if rook {
        let edges = Edges::new(mesh);
        let (rows, loose) = join(|| rows::of_edges(mesh, &edges), || edges.loose());
        let overlaps = touching::overlapping(mesh, &loose, tolerance).into_iter();
        (rows?, overlaps.map(|(pair, _)| pair).collect())
    } else {
        let (owners, left) = join(|| mesh.owners(), || Left::new(mesh));
        let loose = loose(mesh, &owners, left);
        let rows = rows::of_vertices(mesh, &owners)?;
        (rows, touching::touching(mesh, &owners, &loose, tolerance))
    };
    rows::with_pairs(rows, &pairs)
}

/// What snapping has changed, in words.
fn report(snapped: &Pattern, exact: &Pattern) -> String {
    let all = snapped.columns.len();
    let new = rows::links_beyond(snapped, exact);
    let lost = rows::links_beyond(exact, snapped);
    let lost = match lost {
        0 => String::new(),
        _ => format!(", {lost} others lost by it"),
    };
    format!("; {new} of {all} links only by it{lost}")
}

fn check_tolerance(snap: f64) -> Result<()> {
    if snap >= 0.0 && snap.is_finite() {
        return Ok(());
    }
    Err(bad_tolerance(snap, "a finite tolerance of at least zero"))
}

fn snap_to(mesh: &mut Mesh, snap: f64) -> Result<()> {
    mesh.snap(snap);
    if mesh.collapsed() {
        let expected = "a tolerance well below the size of every polygon";
        return Err(bad_tolerance(snap, expected));
    }
    Ok(())
}

fn bad_tolerance(snap: f64, expected: &'static str) -> Error {
    Error::InvalidOption {
        option: "snapped",
        value: snap.to_string(),
        expected,
    }
}

#[cfg(test)]
mod tests;
