//! Contacts that no common vertex or edge tells: T-junctions and edges that overlap in part.

use rstar::{AABB, RTree, RTreeObject};

use super::edges::Loose;
use super::grouped::Grouped;
use super::mesh::{Edge, Mesh};
use crate::parallel::map_indexed;

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

/// What `meet` makes of each pair of loose edges of different polygons whose boxes are closer than the tolerance.
fn meetings<T: Send>(
    mesh: &Mesh,
    loose: &[Loose],
    tolerance: f64,
    meet: impl Fn(&Loose, &Loose, &mut Vec<T>) + Sync + Send,
) -> Vec<T> {
    const BLOCK: usize = 1024;
    let envelope = |l: &Loose| {
        let [a, b] = l.edge.map(|v| mesh.vertices[v as usize]);
        let low = [0, 1].map(|d| a[d].min(b[d]) - tolerance);
        let high = [0, 1].map(|d| a[d].max(b[d]) + tolerance);
        AABB::from_corners(low, high)
    };
    let boxes = loose.iter().zip(0..).map(|(l, index)| Boxed {
        index,
        envelope: envelope(l),
    });
    let tree = RTree::bulk_load(boxes.collect());
    let found = map_indexed(loose.len().div_ceil(BLOCK), |block| {
        let mut found = Vec::new();
        let start = block * BLOCK;
        for (one, e) in loose.iter().enumerate().skip(start).take(BLOCK) {
            for other in tree.locate_in_envelope_intersecting(&envelope(e)) {
                let f = &loose[other.index as usize];
                if other.index as usize > one && e.polygon != f.polygon {
                    meet(e, f, &mut found);
                }
            }
        }
        found
    });
    found.into_iter().flatten().collect()
}

/// Pairs of polygons of whom loose edges have a point in common, perhaps more than once; then all owners of a vertex that
/// lies on an edge, or on another vertex, touch.
pub(super) fn touching(
    mesh: &Mesh,
    owners: &Grouped<u32>,
    loose: &[Loose],
    tolerance: f64,
) -> Vec<(u32, u32)> {
    meetings(mesh, loose, tolerance, |e, f, found| {
        touch(mesh, owners, e, f, tolerance, found);
    })
}

/// Pairs of polygons of whom loose edges have a stretch in common, with its two ends, for each such pair of edges.
pub(super) fn overlapping(mesh: &Mesh, loose: &[Loose], tolerance: f64) -> Vec<((u32, u32), Edge)> {
    meetings(mesh, loose, tolerance, |e, f, found| {
        if let Some(ends) = overlap(mesh, e.edge, f.edge, tolerance) {
            found.push(((e.polygon, f.polygon), ends));
        }
    })
}

fn touch(
    mesh: &Mesh,
    owners: &Grouped<u32>,
    e: &Loose,
    f: &Loose,
    tolerance: f64,
    found: &mut Vec<(u32, u32)>,
) {
    let at = |v: u32| mesh.vertices[v as usize];
    let mut contact = false;
    for (from, to) in [(e, f), (f, e)] {
        for v in from.edge {
            if to.edge.contains(&v) {
                contact = true;
            } else if distance(at(v), at(to.edge[0]), at(to.edge[1])) <= tolerance {
                contact = true;
                for &p in owners.of(v) {
                    found.push((p, to.polygon));
                    for u in to.edge {
                        if distance(at(v), at(u), at(u)) <= tolerance {
                            found.extend(owners.of(u).iter().map(|&q| (p, q)));
                        }
                    }
                }
            }
        }
    }
    if contact || cross(e.edge.map(at), f.edge.map(at)) {
        found.push((e.polygon, f.polygon));
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
    let left = |p: [f64; 2], q: [f64; 2], r: [f64; 2]| {
        let (pq, pr) = (minus(q, p), minus(r, p));
        pq[0] * pr[1] - pq[1] * pr[0]
    };
    let apart = |s: f64, t: f64| (s < 0.0 && t > 0.0) || (s > 0.0 && t < 0.0);
    apart(left(a, b, c), left(a, b, d)) && apart(left(c, d, a), left(c, d, b))
}

/// Ends of the stretch that two segments have in common, where it is longer than the tolerance.
fn overlap(mesh: &Mesh, e: Edge, f: Edge, tolerance: f64) -> Option<Edge> {
    let at = |v: u32| mesh.vertices[v as usize];
    let on = |v: u32, [a, b]: Edge| distance(at(v), at(a), at(b)) <= tolerance;
    let common = [(e[0], f), (e[1], f), (f[0], e), (f[1], e)];
    let mut longest = (4.0 * tolerance, None);
    for (k, &(u, _)) in common.iter().enumerate().filter(|(_, c)| on(c.0, c.1)) {
        for &(v, _) in common[..k].iter().filter(|c| on(c.0, c.1)) {
            let length = (at(u)[0] - at(v)[0]).hypot(at(u)[1] - at(v)[1]);
            if length > longest.0 {
                longest = (length, Some([u, v]));
            }
        }
    }
    longest.1
}
