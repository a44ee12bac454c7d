//! Weights from the lengths of common borders.

use super::edges::Edges;
use super::mesh::{Edge, Mesh};
use super::touching::overlapping;
use super::{RELATIVE, check_tolerance, links, report, snap_to};
use crate::data::{Coordinates, Points, Regions};
use crate::error::Result;
use crate::linalg::sparse::{Csr, Pattern};
use crate::weights::links::offsets;
use crate::weights::{Weights, check_links};

/// What a common border weighs: its length, or its share of the perimeter.
///
/// ```
/// use spatialecon::Borders;
/// let imprecise = Borders::share_of_perimeter().snapped(1e-6);
/// # let _ = imprecise;
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Borders {
    share: bool,
    snap: f64,
}

impl Borders {
    /// `w_ij` = `l_ij`, the length of the common border of i and j.
    #[must_use]
    pub fn length() -> Self {
        Self {
            share: false,
            snap: 0.0,
        }
    }

    /// `w_ij` = `l_ij` / `l_i`, the share of the common border in the perimeter of i: all its rings, holes included.
    ///
    /// A row sums to one where the region has neighbours on all sides, to less at a coast or at the edge of the map.
    ///
    /// # References
    ///
    /// Cliff and Ord (1973), Spatial Autocorrelation; Cliff and Ord (1981), Spatial Processes.
    #[must_use]
    pub fn share_of_perimeter() -> Self {
        Self {
            share: true,
            snap: 0.0,
        }
    }

    /// As [`Contiguity::snapped`](super::Contiguity::snapped): close vertices are one point, and borders are measured between
    /// these points.
    #[must_use]
    pub fn snapped(self, tolerance: f64) -> Self {
        Self {
            snap: tolerance,
            ..self
        }
    }
}

impl Weights {
    /// Weights from the lengths of common borders: `l_ij`, or the share `l_ij` / `l_i` of the perimeter `l_i`.
    ///
    /// Neighbours are those of [`rook`](Self::rook). Lengths are in the unit of planar coordinates; for longitude and latitude in
    /// kilometres along great circles from vertex to vertex, as [`Points::distance`] measures. All stretches that two regions
    /// have in common add up; of edges that overlap in part the stretch in common counts, between the vertices at its ends.
    /// Lengths are symmetric, shares are not.
    ///
    /// # Errors
    ///
    /// As [`contiguity`](Self::contiguity).
    ///
    /// # Example
    ///
    /// ```
    /// use geo::{MultiPolygon, polygon};
    /// use spatialecon::{Borders, Coordinates, Regions, Units, Weights};
    /// let left = polygon![(x: 0., y: 0.), (x: 1., y: 0.), (x: 1., y: 2.), (x: 0., y: 2.)];
    /// let right = polygon![(x: 1., y: 0.), (x: 4., y: 0.), (x: 4., y: 2.), (x: 1., y: 2.)];
    /// let polygons: Vec<MultiPolygon> = vec![left.into(), right.into()];
    /// let regions = Regions::from_polygons(&Units::new(["l", "r"])?, Coordinates::Planar, polygons)?;
    /// let lengths = Weights::shared_borders(&regions, Borders::length())?;
    /// assert_eq!(lengths.weight(0, 1), 2.0);
    /// let shares = Weights::shared_borders(&regions, Borders::share_of_perimeter())?;
    /// assert_eq!((shares.weight(0, 1), shares.weight(1, 0)), (2.0 / 6.0, 2.0 / 10.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Cliff and Ord (1973), Spatial Autocorrelation; Cliff and Ord (1981), Spatial Processes.
    #[doc(alias = "by_perimeter")]
    #[doc(alias = "border_length")]
    pub fn shared_borders(regions: &Regions, borders: Borders) -> Result<Self> {
        let Borders { share, snap } = borders;
        check_tolerance(snap)?;
        let mut mesh = Mesh::new(regions.polygons())?;
        let rounding = RELATIVE * mesh.largest;
        let exact = if snap > rounding {
            let exact = links(&mesh, true, rounding)?;
            snap_to(&mut mesh, snap)?;
            Some(exact)
        } else {
            None
        };
        let ruler = Points::new(
            regions.coordinates(),
            None,
            mesh.vertices.iter().map(|v| (v[0], v[1])),
        )?;
        let length = |[a, b]: Edge| ruler.distance(a as usize, b as usize).unwrap_or(0.0);
        let common = common(&mesh, snap.max(rounding), length);
        let (pattern, mut weights) = rows(mesh.n(), &common)?;
        if share {
            for p in 0..mesh.n() {
                let perimeter: f64 = mesh.edges_of(p).map(length).sum();
                for w in &mut weights[pattern.range(p)] {
                    *w /= perimeter;
                }
            }
        }
        let what = match (share, regions.coordinates()) {
            (true, _) => "shares of the perimeter",
            (false, Coordinates::LonLat) => "lengths in km",
            (false, Coordinates::Planar) => "lengths",
        };
        let snapped = exact.map(|exact| format!("; snapped to {snap}{}", report(&pattern, &exact)));
        let built = format!("common borders ({what}{})", snapped.unwrap_or_default());
        let csr = Csr::compact(pattern, weights);
        Ok(Self::from_csr(regions.units().clone(), csr, built))
    }
}

/// Length of the common border of each pair of polygons that has one, the smaller position first, in ascending order.
fn common(mesh: &Mesh, tolerance: f64, length: impl Fn(Edge) -> f64) -> Vec<(u32, u32, f64)> {
    let edges = Edges::new(mesh);
    let mut stretches = Vec::new();
    edges.for_each(|edge, owners| {
        for (k, &p) in owners.iter().enumerate() {
            for &q in &owners[k + 1..] {
                stretches.push((p, q, length(edge)));
            }
        }
    });
    let loose = edges.loose();
    drop(edges);
    for ((p, q), ends) in overlapping(mesh, &loose, tolerance) {
        stretches.push((p.min(q), p.max(q), length(ends)));
    }
    // summed from the shortest to the longest, so that the order of the polygons does not matter
    stretches.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    stretches.dedup_by(|next, sum| {
        let same = (next.0, next.1) == (sum.0, sum.1);
        if same {
            sum.2 += next.2;
        }
        same
    });
    stretches.retain(|s| s.2 > 0.0);
    stretches
}

/// Both links of each pair, in rows, and their lengths; pairs in ascending order.
fn rows(n: usize, pairs: &[(u32, u32, f64)]) -> Result<(Pattern, Vec<f64>)> {
    let links = 2 * pairs.len();
    check_links(links)?;
    let ends = pairs.iter().flat_map(|&(p, q, _)| [p, q]);
    let offsets = offsets(n, ends);
    let mut next = offsets.clone();
    let (mut columns, mut lengths) = (vec![0; links], vec![0.0; links]);
    for &(p, q, length) in pairs {
        // a row gets its smaller neighbours first, while they are p
        for (i, j) in [(p, q), (q, p)] {
            let at = next[i as usize] as usize;
            (columns[at], lengths[at]) = (j, length);
            next[i as usize] += 1;
        }
    }
    Ok((Pattern { offsets, columns }, lengths))
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests;
