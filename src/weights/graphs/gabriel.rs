//! Neighbours by the graph of Gabriel and Sokal.

use super::super::Weights;
use super::shapes::in_disc;
use super::symmetric;
use super::triangulation::{Edge, Mesh, Net};
use crate::data::Points;
use crate::error::Result;

impl Weights {
    /// Binary weights: units are neighbours where the disc between them holds no other unit.
    ///
    /// The disc is the closed one with the segment between the two as its diameter: i and j are neighbours where
    /// d²(i, k) + d²(j, k) > d²(i, j) for every other k. So a unit on the circle (up to rounding of the coordinates)
    /// separates them, the graph is part of every Delaunay triangulation, and it is unique; on a square lattice it is that
    /// of the rook. (spdep keeps pairs with a unit exactly on the circle where its triangulation has them.) For longitude
    /// and latitude the disc is the cap around the midpoint of the arc between the two.
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
    /// let w = Weights::gabriel(&points)?;
    /// assert_eq!(w.cardinalities(), [2, 2, 2, 2]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Gabriel, K. R. and Sokal, R. R. (1969), Systematic Zoology 18; Matula, D. W. and Sokal, R. R. (1980), Geographical
    /// Analysis 12.
    #[doc(alias = "gabrielneigh")]
    #[doc(alias = "Gabriel")]
    pub fn gabriel(points: &Points) -> Result<Self> {
        let edges = match Net::new(points)? {
            Net::Plane(mesh) => edges(&mesh),
            Net::Sphere(mesh) => edges(&mesh),
        };
        let pairs: Vec<[u32; 2]> = edges.iter().map(|e| e.ends).collect();
        symmetric(points, &pairs, "Gabriel graph")
    }
}

/// The edges whose disc holds no other point; if one does, one of the apexes beside the edge does.
pub(super) fn edges<const D: usize>(mesh: &Mesh<D>) -> Vec<Edge> {
    let edges = mesh.edges.iter().copied();
    edges.filter(|e| is_empty(&mesh.points, e)).collect()
}

/// Whether the closed disc over an edge holds none of the apexes beside it.
pub(super) fn is_empty<const D: usize>(points: &[[f64; D]], edge: &Edge) -> bool {
    let [p, q] = edge.ends.map(|i| &points[i as usize]);
    let mut apexes = edge.apexes.iter().filter_map(|&c| points.get(c as usize));
    !apexes.any(|c| in_disc(p, q, c))
}
