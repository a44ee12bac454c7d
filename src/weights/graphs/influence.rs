//! The sphere-of-influence graph of Toussaint.

use super::super::search::Tree;
use super::super::{Weights, check_links};
use super::shapes::{rounding, squared};
use super::triangulation::{NO_CHORD, scaled};
use super::{NONE, symmetric};
use crate::data::{Coordinates, Points};
use crate::error::{Error, Result};
use crate::parallel::map_indexed;

/// Points that one thread looks at in one go.
const BLOCK: usize = 2048;

/// Blocks between two looks at the number of links.
const TURN: usize = 64;

impl Weights {
    /// Binary weights: units are neighbours where their circles of influence overlap.
    ///
    /// The circle of a unit reaches to its nearest other unit: with r_i = min_k d(i, k), i and j are neighbours where
    /// d(i, j) < r_i + r_j. Circles that touch (up to rounding of the coordinates) do not overlap. Every unit is a neighbour
    /// of its nearest one, so that there are no islands, but there may be several components. Distances are great-circle
    /// ones for longitude and latitude. (spdep's `soi.graph` keeps of these pairs only those that are neighbours in a
    /// triangulation too, and intersects polygons in place of circles, by which it misses some.)
    ///
    /// # Errors
    ///
    /// [`Error::CoincidentPoints`], as a circle would have no radius; [`Error::TooLarge`] above 2³² - 1 links.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (2.5, 0.0), (7.0, 0.0)])?;
    /// let w = Weights::sphere_of_influence(&points)?;
    /// assert_eq!(w.cardinalities(), [1, 2, 2, 1]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Avis, D. and Horton, J. (1985), Annals of the New York Academy of Sciences 440; Toussaint, G. T. (1988), in
    /// *Computational Morphology*.
    #[doc(alias = "soi.graph")]
    #[doc(alias = "SOI")]
    pub fn sphere_of_influence(points: &Points) -> Result<Self> {
        let pairs = match points.coordinates() {
            Coordinates::Planar => pairs(points, &scaled(points.xy()).0, 0.0, |chord| chord),
            Coordinates::LonLat => {
                let vectors = points.unit_vectors();
                pairs(points, &vectors, NO_CHORD, |chord| {
                    2.0 * (chord / 2.0).min(1.0).asin()
                })
            }
        }?;
        symmetric(points, &pairs, "sphere of influence")
    }
}

/// Pairs whose circles overlap, where `length` makes distances of chords, and chords up to `nothing` are no distance.
///
/// Of a pair the one with the larger circle finds the other, which is at most twice its radius away. As that many circles of
/// one size cannot lie around one point, few points are looked at in vain.
fn pairs<const D: usize>(
    points: &Points,
    at: &[[f64; D]],
    nothing: f64,
    length: impl Fn(f64) -> f64 + Sync,
) -> Result<Vec<[u32; 2]>> {
    let tree = Tree::new(at);
    let order: Vec<u32> = tree.in_order().map(|(id, _)| id).collect();
    let blocks = order.len().div_ceil(BLOCK);
    let block = |b: usize| order.iter().skip(b * BLOCK).take(BLOCK).copied();
    let nearest = map_indexed(blocks, |b| {
        let mut found = Vec::new();
        let nearest = block(b).map(|i| {
            tree.nearest(i, &at[i as usize], 1, &mut found);
            found
                .first()
                .map_or((f64::INFINITY, NONE), |f| (f.0.sqrt(), f.1))
        });
        nearest.collect::<Vec<_>>()
    });
    let mut chords = vec![f64::INFINITY; at.len()];
    let mut coincident: Option<[u32; 2]> = None;
    for (&i, (chord, j)) in order.iter().zip(nearest.into_iter().flatten()) {
        chords[i as usize] = chord;
        if chord <= nothing {
            let pair = [i.min(j), i.max(j)];
            coincident = Some(coincident.map_or(pair, |c| c.min(pair)));
        }
    }
    if let Some([i, j]) = coincident {
        return Err(Error::CoincidentPoints {
            first: points.units().name(i as usize),
            second: points.units().name(j as usize),
            consequence: "their circles of influence have no radius",
        });
    }
    let radii: Vec<f64> = chords.iter().map(|&c| length(c)).collect();

    let mut pairs = Vec::new();
    for turn in (0..blocks).step_by(TURN) {
        let found = map_indexed(TURN.min(blocks - turn), |b| {
            let (mut pairs, mut near) = (Vec::new(), Vec::new());
            for i in block(turn + b) {
                let (own, p) = (radii[i as usize], &at[i as usize]);
                // twice the radius along an arc is at most twice its chord
                let reach = 2.0 * chords[i as usize] * (1.0 + 1e-9);
                if !reach.is_finite() {
                    continue;
                }
                tree.within(i, p, reach * reach, &mut near);
                for &j in &near {
                    let (other, q) = (radii[j as usize], &at[j as usize]);
                    let sum = own + other;
                    let larger = (other, j) < (own, i);
                    let slack = rounding([p, q, q]) + 4.0 * f64::EPSILON * sum;
                    if larger && length(squared(p, q).sqrt()) < sum - slack {
                        pairs.push([i.min(j), i.max(j)]);
                    }
                }
            }
            pairs
        });
        pairs.extend(found.into_iter().flatten());
        check_links(pairs.len().saturating_mul(2))?;
    }
    Ok(pairs)
}
