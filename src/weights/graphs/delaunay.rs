//! Neighbours by the Delaunay triangulation.

use super::super::Weights;
use super::symmetric;
use super::triangulation::Net;
use crate::data::Points;
use crate::error::Result;

impl Weights {
    /// Binary weights: units joined by an edge of the Delaunay triangulation are neighbours.
    ///
    /// Two units are neighbours where some circle passes through both that holds no other unit. Where more than three units
    /// lie on one empty circle, as on a lattice, the triangulation is not unique: one is chosen, by the coordinates and not
    /// by the order of the units. In the plane all decisions are exact for the coordinates as they are stored. Units on one
    /// line make a path. (Time grows a little faster than n; with n² where nearly all units, but not all, lie exactly on one line.)
    ///
    /// For longitude and latitude, two units are neighbours where some circle of the sphere passes through both whose cap
    /// is smaller than a hemisphere and holds no other unit: the triangulation of the sphere, by no projection, exact up to
    /// the rounding of unit vectors (some nanometres). It crosses the antimeridian and the poles, and covers the whole
    /// sphere where the units do not fit into a hemisphere. On a parallel other than the equator units are not on one
    /// line, so that along the edge of a map it may join units that a chart shows in a row.
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
    /// let w = Weights::delaunay(&points)?;
    /// assert_eq!(w.cardinalities(), [2, 3, 2, 3]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Delaunay, B. (1934). Okabe, A., Boots, B., Sugihara, K. and Chiu, S. N. (2000), *Spatial Tessellations*, 2nd ed.
    #[doc(alias = "tri2nb")]
    #[doc(alias = "build_triangulation")]
    #[doc(alias = "triangulation")]
    pub fn delaunay(points: &Points) -> Result<Self> {
        let net = Net::new(points)?;
        let edges = match &net {
            Net::Plane(mesh) => &mesh.edges,
            Net::Sphere(mesh) => &mesh.edges,
        };
        let pairs: Vec<[u32; 2]> = edges.iter().map(|e| e.ends).collect();
        symmetric(points, &pairs, "Delaunay triangulation")
    }
}
