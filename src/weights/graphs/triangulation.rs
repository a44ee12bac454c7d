//! The Delaunay triangulation of a plane or of the sphere: its edges, each with the apexes of the triangles beside it.

use geo::kernels::{Kernel, Orientation, RobustKernel};
use spade::{DelaunayTriangulation, HasPosition, Point2, Triangulation};

use super::NONE;
use super::gabriel::is_empty;
use super::shapes::squared;
use crate::data::{Coordinates, Points};
use crate::error::{Error, Result};

/// Largest chord of the unit sphere that is no distance: a micrometre, as one point has many coordinates.
pub(super) const NO_CHORD: f64 = 1.6e-13;

/// Exponents between which products of four coordinates are exact in the predicates.
const EXPONENTS: (f64, f64) = (-142.0, 200.0);

/// An edge, from and to, with the apexes of the triangles on its left and on its right, [`NONE`] where there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) ends: [u32; 2],
    pub(super) apexes: [u32; 2],
}

/// Points, of a plane or as unit vectors, with the edges of their triangulation.
pub(super) struct Mesh<const D: usize> {
    pub(super) points: Vec<[f64; D]>,
    pub(super) edges: Vec<Edge>,
}

/// The triangulation of the points.
pub(super) enum Net {
    Plane(Mesh<2>),
    Sphere(Mesh<3>),
}

impl Net {
    pub(super) fn new(points: &Points) -> Result<Self> {
        let coincident = |[i, j]: [u32; 2]| Error::CoincidentPoints {
            first: points.units().name(i as usize),
            second: points.units().name(j as usize),
            consequence: "they have no triangulation and no graph that is taken from it",
        };
        Ok(match points.coordinates() {
            Coordinates::Planar => {
                let points = scaled(points.xy()).0;
                let edges =
                    triangulated(points.iter().copied().zip(0..).collect())?.map_err(coincident)?;
                Self::Plane(Mesh { points, edges })
            }
            Coordinates::LonLat => {
                let points = points.unit_vectors();
                let edges = on_sphere(&points)?.map_err(coincident)?;
                Self::Sphere(Mesh { points, edges })
            }
        })
    }
}

/// The coordinates times a power of two, one for usual ones, that makes predicates exact, and that power. Coordinates that
/// are smaller than 2^-342 of the largest become zero.
pub(super) fn scaled(xy: &[[f64; 2]]) -> (Vec<[f64; 2]>, f64) {
    let (least, most) = EXPONENTS;
    let (mut smallest, mut largest) = (f64::INFINITY, 0.0_f64);
    for x in xy.iter().flatten().map(|x| x.abs()).filter(|&x| x > 0.0) {
        (smallest, largest) = (smallest.min(x), largest.max(x));
    }
    let power = if smallest >= least.exp2() && largest <= most.exp2() {
        0.0
    } else {
        most - largest.log2().ceil()
    };
    // in two steps, as one would overflow for subnormal numbers
    let half = (power / 2.0).floor();
    let (first, second) = (half.exp2(), (power - half).exp2());
    let point = |p: &[f64; 2]| p.map(|x| flushed(x * first * second));
    (xy.iter().map(point).collect(), first * second)
}

/// The number, or zero (never minus zero) where predicates would underflow.
fn flushed(x: f64) -> f64 {
    if x.abs() < EXPONENTS.0.exp2() { 0.0 } else { x }
}

struct Site {
    point: [f64; 2],
    id: u32,
}

impl HasPosition for Site {
    type Scalar = f64;

    fn position(&self) -> Point2<f64> {
        Point2::new(self.point[0], self.point[1])
    }
}

/// Edges of the Delaunay triangulation of points of a plane; the path along a line; two that coincide where there are such.
///
/// The points are brought into the order of their coordinates first, so that the choice among several triangulations does
/// not depend on the order in which they are given.
fn triangulated(mut sites: Vec<([f64; 2], u32)>) -> Result<Result<Vec<Edge>, [u32; 2]>> {
    sites.sort_unstable_by(|(a, i), (b, j)| {
        let x = a[0].total_cmp(&b[0]);
        x.then(a[1].total_cmp(&b[1])).then(i.cmp(j))
    });
    let pairs = || sites.windows(2).map(|p| (&p[0], &p[1]));
    if let Some(pair) = pairs()
        .filter(|(a, b)| a.0.map(f64::to_bits) == b.0.map(f64::to_bits))
        .map(|(a, b)| [a.1, b.1])
        .min()
    {
        return Ok(Err(pair));
    }
    if on_a_line(&sites) {
        let path = pairs().map(|(a, b)| Edge {
            ends: [a.1, b.1],
            apexes: [NONE; 2],
        });
        return Ok(Ok(path.collect()));
    }
    let sites = sites.into_iter().map(|(point, id)| Site { point, id });
    let triangulation = DelaunayTriangulation::<Site>::bulk_load(sites.collect()).map_err(|e| {
        Error::Unsupported {
            what: "a triangulation of these coordinates".to_owned(),
            why: format!(
                "{e}: they are beyond the range of exact predicates; use other units of length"
            ),
        }
    })?;
    let edges = triangulation.undirected_edges().map(|edge| {
        let edge = edge.as_directed();
        let apex =
            |v: Option<spade::handles::VertexHandle<'_, Site>>| v.map_or(NONE, |v| v.data().id);
        Edge {
            ends: edge.vertices().map(|v| v.data().id),
            apexes: [
                apex(edge.opposite_vertex()),
                apex(edge.rev().opposite_vertex()),
            ],
        }
    });
    Ok(Ok(edges.collect()))
}

/// Whether all points, in the order of their coordinates, lie on one line.
fn on_a_line(sites: &[([f64; 2], u32)]) -> bool {
    let (Some(first), Some(last)) = (sites.first(), sites.last()) else {
        return true;
    };
    let [a, b] = [first, last].map(|s| s.0.into());
    sites
        .iter()
        .all(|s| RobustKernel::orient2d(a, b, s.0.into()) == Orientation::Collinear)
}

/// Edges of the Delaunay triangulation of the sphere: of the pairs through which an empty cap passes that is smaller than a
/// hemisphere.
///
/// Inversion about one of the points maps the others to a plane, and caps that do not hold it to discs. So their planar
/// triangulation, with that point joined to all of its boundary, is the convex hull of the unit vectors. The triangles that
/// face the centre of the sphere belong to caps larger than a hemisphere, and do not count.
fn on_sphere(points: &[[f64; 3]]) -> Result<Result<Vec<Edge>, [u32; 2]>> {
    let order = |a: &[f64; 3], b: &[f64; 3]| {
        let x = a[0].total_cmp(&b[0]);
        x.then(a[1].total_cmp(&b[1])).then(a[2].total_cmp(&b[2]))
    };
    let Some((pole, origin)) = points.iter().enumerate().min_by(|a, b| order(a.1, b.1)) else {
        return Ok(Ok(Vec::new()));
    };
    let pole = pole as u32;
    let [e1, e2] = tangents(origin);
    let mut sites = Vec::with_capacity(points.len());
    for (q, id) in points.iter().zip(0..).filter(|&(_, id)| id != pole) {
        let w = [q[0] - origin[0], q[1] - origin[1], q[2] - origin[2]];
        let length2 = dot(&w, &w);
        if length2 <= NO_CHORD * NO_CHORD {
            return Ok(Err([pole.min(id), pole.max(id)]));
        }
        sites.push(([e1, e2].map(|e| flushed(dot(&w, &e) / length2)), id));
    }
    if let [(_, other)] = sites[..] {
        let only = Edge {
            ends: [pole, other],
            apexes: [NONE; 2],
        };
        return Ok(Ok(vec![only]));
    }
    let mut edges = match triangulated(sites)? {
        Ok(edges) => edges,
        Err(pair) => return Ok(Err(pair)),
    };

    let point = |i: u32| &points[i as usize];
    let faces_out = |[a, b, c]: [u32; 3]| faces_out(point(a), point(b), point(c));
    // (end of an edge from the pole, apex of a triangle beside it, whether that triangle faces outwards)
    let mut fan: Vec<(u32, u32, bool)> = Vec::new();
    let mut outward: Vec<bool> = Vec::with_capacity(edges.len());
    for edge in &mut edges {
        let [a, b] = edge.ends;
        let mut any = false;
        for (side, [from, to]) in [[a, b], [b, a]].into_iter().enumerate() {
            let apex = &mut edge.apexes[side];
            let boundary = *apex == NONE;
            if boundary {
                *apex = pole;
            }
            let out = faces_out([from, to, *apex]);
            any |= out;
            if boundary {
                fan.extend([(from, to, out), (to, from, out)]);
            }
        }
        outward.push(any);
    }
    fan.sort_unstable();
    for beside in fan.chunk_by(|a, b| a.0 == b.0) {
        let first = beside[0];
        let second = beside.iter().find(|b| b.1 != first.1);
        edges.push(Edge {
            ends: [pole, first.0],
            apexes: [first.1, second.map_or(NONE, |b| b.1)],
        });
        outward.push(beside.iter().any(|b| b.2));
    }
    let near = edges
        .iter()
        .map(|e| e.ends)
        .filter(|&[a, b]| squared(point(a), point(b)) <= NO_CHORD * NO_CHORD);
    if let Some(pair) = near.map(|[a, b]| [a.min(b), a.max(b)]).min() {
        return Ok(Err(pair));
    }
    let mut outward = outward.into_iter();
    // along one great circle no triangle faces outwards, and neighbours are those with an empty cap between them
    edges.retain(|e| outward.next() == Some(true) || is_empty(points, e));
    Ok(Ok(edges))
}

/// Whether a triangle of the hull, counter-clockwise in the inverted plane, faces away from the centre by more than the
/// rounding of its corners.
fn faces_out(a: &[f64; 3], b: &[f64; 3], c: &[f64; 3]) -> bool {
    let (u, v) = (
        [b[0] - a[0], b[1] - a[1], b[2] - a[2]],
        [c[0] - a[0], c[1] - a[1], c[2] - a[2]],
    );
    let perimeter = squared(a, b).sqrt() + squared(b, c).sqrt() + squared(c, a).sqrt();
    -dot(a, &cross(&u, &v)) > 4.0 * f64::EPSILON * perimeter
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Two unit vectors at right angles to a unit vector p and to each other, with p as their cross product.
fn tangents(p: &[f64; 3]) -> [[f64; 3]; 2] {
    let mut least = 0;
    for d in 1..3 {
        if p[d].abs() < p[least].abs() {
            least = d;
        }
    }
    let mut axis = [0.0; 3];
    axis[least] = 1.0;
    let e1 = cross(p, &axis);
    let length = dot(&e1, &e1).sqrt();
    let e1 = e1.map(|x| x / length);
    [e1, cross(p, &e1)]
}
