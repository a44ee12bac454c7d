//! Neighbours by common edges of Voronoi cells.

mod clip;

pub use self::clip::Clip;
use self::clip::{Region, Stretch};
use super::super::Weights;
use super::shapes::{rounding, squared};
use super::symmetric;
use super::triangulation::{Edge, Mesh, Net, scaled};
use crate::data::{Coordinates, Points};
use crate::error::{Error, Result};
use crate::parallel::map_indexed;

/// Edges that one thread looks at in one go.
const BLOCK: usize = 2048;

impl Weights {
    /// Binary weights: units whose Voronoi cells share an edge inside the clip are neighbours.
    ///
    /// The cell of a unit (its Thiessen polygon) is what lies nearer to it than to any other one. Two cells count as
    /// neighbours where they have a stretch of positive length in common, in the interior of the clip: cells that meet in a
    /// point only, as those across the corner of a square lattice, are none (rook and not queen), and a stretch that is no
    /// longer than the rounding of the coordinates is a point. So every pair is one of the
    /// [`delaunay`](Self::delaunay) triangulation, and this graph is unique where that is not. A unit outside the clip
    /// can be without a neighbour.
    ///
    /// For longitude and latitude there is [`Clip::none`] only, and cells are those of the sphere, which meet at most a
    /// quarter of the way around it from their units.
    ///
    /// # Errors
    ///
    /// [`Error::CoincidentPoints`]; [`Error::InvalidOption`] for a margin that is negative or not finite, and for a clip
    /// without an area; [`Error::InvalidGeometry`] where its polygon is not valid; [`Error::Unsupported`] for longitude
    /// and latitude with a clip; [`Error::TooLarge`] above 2³² - 1 links.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Clip, Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (4.0, 1.0), (8.0, 0.0), (4.0, 2.0)])?;
    /// // the cells of the outer two meet far below the points
    /// assert_eq!(Weights::voronoi(&points, Clip::none())?.pairs(), 6);
    /// let w = Weights::voronoi(&points, Clip::bounding_box())?;
    /// assert_eq!(w.cardinalities(), [2, 3, 2, 3]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Okabe, A., Boots, B., Sugihara, K. and Chiu, S. N. (2000), *Spatial Tessellations*, 2nd ed.
    #[doc(alias = "build_triangulation(method = voronoi)")]
    #[doc(alias = "voronoi_frames")]
    #[doc(alias = "Thiessen")]
    pub fn voronoi(points: &Points, clip: Clip) -> Result<Self> {
        clip.check()?;
        if points.coordinates() == Coordinates::LonLat && !clip.is_none() {
            return Err(Error::Unsupported {
                what: "Voronoi cells of longitudes and latitudes inside a clip".to_owned(),
                why: "their edges are arcs of great circles, and clips are polygons of a plane; use `Clip::none`, or \
                      project the points to a plane"
                    .to_owned(),
            });
        }
        let net = Net::new(points)?;
        let pairs = match &net {
            _ if points.len() < 2 => Vec::new(),
            Net::Plane(mesh) => {
                let region = clip.region(mesh, scaled(points.xy()).1)?;
                kept(&mesh.edges, |e| in_plane(mesh, e, &region))
            }
            Net::Sphere(mesh) => kept(&mesh.edges, |e| on_sphere(mesh, e)),
        };
        let built = format!("Voronoi cells {}", clip.words());
        symmetric(points, &pairs, &built)
    }
}

fn kept(edges: &[Edge], keep: impl Fn(&Edge) -> bool + Sync) -> Vec<[u32; 2]> {
    let blocks = map_indexed(edges.len().div_ceil(BLOCK), |block| {
        let edges = edges.iter().skip(block * BLOCK).take(BLOCK);
        edges
            .filter(|e| keep(e))
            .map(|e| e.ends)
            .collect::<Vec<_>>()
    });
    blocks.concat()
}

/// Whether the cells on both sides of the bisector of an edge meet inside the region: between the centres of the circles
/// through its ends and each apex, which lie at m + s n with the midpoint m, the edge turned to the left n, and s half the
/// cotangent of the angle at the apex.
fn in_plane(mesh: &Mesh<2>, edge: &Edge, region: &Region) -> bool {
    let [p, q] = edge.ends.map(|i| &mesh.points[i as usize]);
    let nothing = rounding([p, q, q]) / squared(p, q).sqrt();
    let mut bound = [f64::INFINITY; 2];
    for (bound, &apex) in bound.iter_mut().zip(&edge.apexes) {
        let Some(c) = mesh.points.get(apex as usize) else {
            continue;
        };
        let (u, v) = ([p[0] - c[0], p[1] - c[1]], [q[0] - c[0], q[1] - c[1]]);
        let sine = (u[0] * v[1] - u[1] * v[0]).abs();
        *bound = least_quotient(u[0] * v[0] + u[1] * v[1], sine, error(p, q, c)) / 2.0;
    }
    let stretch = Stretch {
        m: [f64::midpoint(p[0], q[0]), f64::midpoint(p[1], q[1])],
        n: [p[1] - q[1], q[0] - p[0]],
        from: -bound[1],
        to: bound[0],
    };
    region.meets(stretch, nothing)
}

/// Whether the caps through both ends of an edge that are empty and smaller than a hemisphere are more than one. Their centres
/// are the midpoint turned to the left by an angle, whose tangent apexes on the left bound from above.
fn on_sphere(mesh: &Mesh<3>, edge: &Edge) -> bool {
    let [p, q] = edge.ends.map(|i| &mesh.points[i as usize]);
    let minus = |a: &[f64; 3], b: &[f64; 3]| [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    let apart = minus(q, p);
    let left = [
        p[1] * apart[2] - p[2] * apart[1],
        p[2] * apart[0] - p[0] * apart[2],
        p[0] * apart[1] - p[1] * apart[0],
    ];
    let length = squared(&left, &[0.0; 3]).sqrt();
    let sum = squared(p, &q.map(|x| -x)).sqrt();
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for c in edge
        .apexes
        .iter()
        .filter_map(|&c| mesh.points.get(c as usize))
    {
        let (u, v) = (minus(c, p), minus(c, q));
        let side = (left[0] * u[0] + left[1] * u[1] + left[2] * u[2]) / length;
        let error = error(p, q, c);
        let cosine = u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
        let bound = least_quotient(cosine, side.abs(), error) / sum;
        // an apex on the great circle through both ends may lie on either side of it
        if side >= -error {
            high = high.min(bound);
        }
        if side <= error {
            low = low.max(-bound);
        }
    }
    high > low
}

/// How far rounding of coordinates can move an inner or outer product of (p - c) and (q - c).
fn error<const D: usize>(p: &[f64; D], q: &[f64; D], c: &[f64; D]) -> f64 {
    rounding([p, q, c]) * squared(p, c).max(squared(q, c)).sqrt()
}

/// The least a / b can be where both are known up to an error and b > 0.
///
/// Points nearly on a line have angles whose sine is mere rounding: their circles reach far, and how far is not known, but
/// that they reach at least so far is.
fn least_quotient(a: f64, b: f64, error: f64) -> f64 {
    let a = a - error;
    if a > 0.0 {
        a / (b + error)
    } else if b > error {
        a / (b - error)
    } else {
        f64::NEG_INFINITY
    }
}

#[cfg(test)]
mod tests;
