//! Contacts that no common vertex or edge tells: T-junctions and edges that overlap in part.

use rstar::{AABB, RTree, RTreeObject};

use super::mesh::{Edge, Mesh};

/// An edge that belongs to one polygon only.
pub(super) struct Loose {
    pub(super) edge: Edge,
    pub(super) polygon: u32,
}

struct Boxed {
    index: u32,
    envelope: AABB<[f64; 2]>,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// Calls `found` with each pair of polygons that loose edges bring into contact, perhaps more than once.
///
/// Rook: the edges overlap along a positive length. Queen: a point is enough; then all owners of a vertex that lies
/// on an edge, or on another vertex, touch.
pub(super) fn contacts(
    mesh: &Mesh,
    loose: &[Loose],
    tolerance: f64,
    rook: bool,
    mut found: impl FnMut(u32, u32),
) {
    let boxes = loose.iter().zip(0..).map(|(l, index)| {
        let [a, b] = l.edge.map(|v| mesh.vertices[v as usize]);
        let low = [0, 1].map(|d| a[d].min(b[d]) - tolerance);
        let high = [0, 1].map(|d| a[d].max(b[d]) + tolerance);
        Boxed {
            index,
            envelope: AABB::from_corners(low, high),
        }
    });
    let tree = RTree::bulk_load(boxes.collect());
    for one in &tree {
        let e = &loose[one.index as usize];
        for other in tree.locate_in_envelope_intersecting(&one.envelope) {
            let f = &loose[other.index as usize];
            if other.index > one.index && e.polygon != f.polygon {
                if rook {
                    if overlap(mesh, e.edge, f.edge, tolerance) {
                        found(e.polygon, f.polygon);
                    }
                } else {
                    touch(mesh, e, f, tolerance, &mut found);
                }
            }
        }
    }
}

fn touch(mesh: &Mesh, e: &Loose, f: &Loose, tolerance: f64, found: &mut impl FnMut(u32, u32)) {
    let at = |v: u32| mesh.vertices[v as usize];
    let mut contact = false;
    for (from, to) in [(e, f), (f, e)] {
        for v in from.edge {
            if to.edge.contains(&v) {
                contact = true;
            } else if distance(at(v), at(to.edge[0]), at(to.edge[1])) <= tolerance {
                contact = true;
                for &p in mesh.vertex_owners.of(v) {
                    found(p, to.polygon);
                    for u in to.edge {
                        if distance(at(v), at(u), at(u)) <= tolerance {
                            mesh.vertex_owners.of(u).iter().for_each(|&q| found(p, q));
                        }
                    }
                }
            }
        }
    }
    if contact || cross(e.edge.map(at), f.edge.map(at)) {
        found(e.polygon, f.polygon);
    }
}

/// Distance of a point from a segment.
fn distance(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (ab, ap) = (minus(b, a), minus(p, a));
    let length2 = ab[0] * ab[0] + ab[1] * ab[1];
    let t = if length2 > 0.0 {
        ((ap[0] * ab[0] + ap[1] * ab[1]) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (ap[0] - t * ab[0]).hypot(ap[1] - t * ab[1])
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

/// Whether two segments cross in the interior of both (polygons that overlap).
fn cross([a, b]: [[f64; 2]; 2], [c, d]: [[f64; 2]; 2]) -> bool {
    let side = |p: [f64; 2], q: [f64; 2], r: [f64; 2]| {
        let (pq, pr) = (minus(q, p), minus(r, p));
        pq[0] * pr[1] - pq[1] * pr[0]
    };
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

/// Whether two segments have a stretch in common that is longer than the tolerance.
fn overlap(mesh: &Mesh, e: Edge, f: Edge, tolerance: f64) -> bool {
    let [a, b] = e.map(|v| mesh.vertices[v as usize]);
    let [c, d] = f.map(|v| mesh.vertices[v as usize]);
    let common = [(a, c, d), (b, c, d), (c, a, b), (d, a, b)];
    let on = || {
        common
            .iter()
            .filter(|&&(p, q, r)| distance(p, q, r) <= tolerance)
            .map(|&(p, _, _)| p)
    };
    on().any(|p| on().any(|q| (p[0] - q[0]).hypot(p[1] - q[1]) > 4.0 * tolerance))
}
