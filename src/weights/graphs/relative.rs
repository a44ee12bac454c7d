//! Relative neighbours after Toussaint.

use super::super::Weights;
use super::super::search::Tree;
use super::shapes::{in_lune, squared};
use super::triangulation::{Mesh, Net};
use super::{gabriel, symmetric};
use crate::data::Points;
use crate::error::Result;
use crate::parallel::map_indexed;

/// Pairs that one thread looks at in one go.
const BLOCK: usize = 2048;

impl Weights {
    /// Binary weights: units are neighbours where no other unit is nearer to both than they are to each other.
    ///
    /// i and j are neighbours where max(d(i, k), d(j, k)) ≥ d(i, j) for every other k. Equal distances (up to rounding of the
    /// coordinates) separate nobody, so that on a lattice of equal triangles all six around a unit are its neighbours. The
    /// graph is part of [`gabriel`](Self::gabriel), holds a minimum spanning tree and so has one component, and is unique.
    /// Distances are great-circle ones for longitude and latitude. (spdep returns each pair once; this is
    /// `graph2nb(relativeneigh(xy), sym = TRUE)`.)
    ///
    /// # Errors
    ///
    /// [`Error::CoincidentPoints`](crate::Error::CoincidentPoints); [`Error::TooLarge`](crate::Error::TooLarge) above 2³² - 1 links.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 2.0)])?;
    /// let w = Weights::relative_neighbours(&points)?;
    /// assert_eq!(w.cardinalities(), [2, 2, 2, 2]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Toussaint, G. T. (1980), Pattern Recognition 12.
    #[doc(alias = "relativeneigh")]
    #[doc(alias = "Relative_Neighborhood")]
    #[doc(alias = "RNG")]
    pub fn relative_neighbours(points: &Points) -> Result<Self> {
        let pairs = match Net::new(points)? {
            Net::Plane(mesh) => pairs(&mesh),
            Net::Sphere(mesh) => pairs(&mesh),
        };
        symmetric(points, &pairs, "relative neighbours")
    }
}

/// The Gabriel pairs whose lune is empty.
fn pairs<const D: usize>(mesh: &Mesh<D>) -> Vec<[u32; 2]> {
    let points = &mesh.points;
    // most lunes that are not empty hold an apex
    let mut open = gabriel::edges(mesh);
    open.retain(|e| {
        let [p, q] = e.ends.map(|i| &points[i as usize]);
        let mut apexes = e.apexes.iter().filter_map(|&c| points.get(c as usize));
        !apexes.any(|c| in_lune(p, q, c))
    });
    let tree = Tree::new(points);
    let kept = map_indexed(open.len().div_ceil(BLOCK), |block| {
        let (mut kept, mut near) = (Vec::new(), Vec::new());
        for e in open.iter().skip(block * BLOCK).take(BLOCK) {
            let [p, q] = e.ends.map(|i| &points[i as usize]);
            tree.within(e.ends[0], p, squared(p, q), &mut near);
            let mut others = near.iter().filter(|&&c| c != e.ends[1]);
            if !others.any(|&c| in_lune(p, q, &points[c as usize])) {
                kept.push(e.ends);
            }
        }
        kept
    });
    kept.concat()
}
