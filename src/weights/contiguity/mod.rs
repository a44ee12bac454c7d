//! Weights from common boundaries of polygons: queen and rook contiguity.

mod intern;
mod mesh;
mod touching;

use self::intern::{Interner, Owners};
use self::mesh::Mesh;
use self::touching::{Loose, contacts};
use super::links::binary;
use super::{Weights, check_links};
use crate::data::Regions;
use crate::error::{Error, Result};

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
    /// have to agree, apart from rounding (1e-12 of the largest coordinate).
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
        let polygons = regions.polygons();
        let invalid = |expected| Error::InvalidOption {
            option: "snapped",
            value: options.snap.to_string(),
            expected,
        };
        if !(options.snap >= 0.0 && options.snap.is_finite()) {
            return Err(invalid("a finite tolerance of at least zero"));
        }
        let largest = polygons
            .iter()
            .flatten()
            .flat_map(|part| &part.exterior().0)
            .fold(0.0_f64, |m, c| m.max(c.x.abs()).max(c.y.abs()));
        let rounding = RELATIVE * largest;
        let snap = (options.snap > rounding).then_some(options.snap);
        let mesh = Mesh::new(polygons, snap)?;
        if snap.is_some() && mesh.collapsed().is_some() {
            return Err(invalid("a tolerance well below the size of every polygon"));
        }

        let (edge_numbers, edge_owners) = edges(&mesh);
        let loose: Vec<Loose> = mesh
            .edges()
            .zip(&edge_numbers)
            .filter(|&(_, &e)| edge_owners.of(e).len() == 1)
            .map(|((edge, polygon), _)| Loose { edge, polygon })
            .collect();
        let mut more: Vec<(u32, u32)> = Vec::new();
        let tolerance = snap.unwrap_or(rounding);
        contacts(&mesh, &loose, tolerance, options.rook, |p, q| {
            if p != q {
                more.extend([(p, q), (q, p)]);
            }
        });
        more.sort_unstable();
        more.dedup();

        let n = polygons.len();
        let (offsets, columns) = if options.rook {
            let items = mesh.edges().zip(&edge_numbers).map(|((_, p), &e)| (e, p));
            rows(n, items, &edge_owners, &more)?
        } else {
            rows(n, mesh.corners(), &mesh.vertex_owners, &more)?
        };
        let kind = if options.rook { "rook" } else { "queen" };
        let snapped = snap.map_or(String::new(), |s| format!(" (snapped to {s})"));
        let built = format!("{kind} contiguity{snapped}");
        Ok(binary(regions.units().clone(), offsets, columns, built))
    }
}

/// Number of every edge, and the owners of the numbers.
fn edges(mesh: &Mesh) -> (Vec<u32>, Owners) {
    let mut interner = Interner::with_capacity(mesh.vertices.len() * 2);
    let numbers: Vec<u32> = mesh
        .edges()
        .map(|([a, b], _)| interner.number(u64::from(a) << 32 | u64::from(b)))
        .collect();
    let entries = mesh.edges().zip(&numbers).map(|((_, p), &e)| (e, p));
    let owners = Owners::new(interner.keys().len(), entries);
    (numbers, owners)
}

/// Rows of the polygons: all other owners of what they own, and the pairs found otherwise (sorted).
fn rows(
    n: usize,
    items: impl Iterator<Item = (u32, u32)>,
    owners: &Owners,
    more: &[(u32, u32)],
) -> Result<(Vec<u32>, Vec<u32>)> {
    let mut offsets = Vec::with_capacity(n + 1);
    let mut columns: Vec<u32> = Vec::new();
    let mut seen = vec![u32::MAX; n];
    let (mut items, mut more) = (items.peekable(), more.iter().peekable());
    for p in 0..n as u32 {
        let start = columns.len();
        offsets.push(start as u32);
        seen[p as usize] = p;
        let mut add = |q: u32| {
            if seen[q as usize] != p {
                seen[q as usize] = p;
                columns.push(q);
            }
        };
        while let Some((item, _)) = items.next_if(|&(_, owner)| owner == p) {
            owners.of(item).iter().for_each(|&q| add(q));
        }
        while let Some(&(_, q)) = more.next_if(|&&(owner, _)| owner == p) {
            add(q);
        }
        columns[start..].sort_unstable();
        check_links(columns.len())?;
    }
    offsets.push(columns.len() as u32);
    Ok((offsets, columns))
}

#[cfg(test)]
mod tests;
