//! The vertices and edges of polygons, numbered, with the polygons that own them.

use geo::MultiPolygon;

use super::intern::{Interner, Owners};
use crate::error::{Error, Result};
use crate::weights::constants::UnionFind;

/// An edge between two vertices, the smaller number first.
pub(super) type Edge = [u32; 2];

pub(super) struct Mesh {
    /// Coordinates of the vertices.
    pub(super) vertices: Vec<[f64; 2]>,
    /// Vertex of every corner of every ring, polygon after polygon, without the repeated last corner.
    corners: Vec<u32>,
    /// Rings as (end in `corners`, polygon).
    rings: Vec<(usize, u32)>,
    pub(super) vertex_owners: Owners,
}

impl Mesh {
    /// Vertices at a distance of at most `snap` become one.
    pub(super) fn new(polygons: &[MultiPolygon<f64>], snap: Option<f64>) -> Result<Self> {
        let rings = || {
            polygons.iter().zip(0_u32..).flat_map(|(parts, p)| {
                parts.iter().flat_map(move |part| {
                    std::iter::once(part.exterior())
                        .chain(part.interiors())
                        .map(move |ring| (ring, p))
                })
            })
        };
        let total: usize = rings().map(|(ring, _)| ring.0.len()).sum();
        if total >= u32::MAX as usize {
            return Err(Error::TooLarge {
                what: "the number of vertices of the polygons",
                n: total,
                limit: u32::MAX as usize - 1,
                instead: "simplify the polygons",
            });
        }
        let mut interner = Interner::with_capacity(total / 3);
        let mut corners = Vec::with_capacity(total);
        let mut ends = Vec::new();
        for (ring, p) in rings() {
            let points = ring.0.split_last().map_or(&[][..], |(last, rest)| {
                if rest.first() == Some(last) {
                    rest
                } else {
                    &ring.0
                }
            });
            for c in points {
                // adding zero turns -0 into 0
                corners.push(interner.number([(c.x + 0.0).to_bits(), (c.y + 0.0).to_bits()]));
            }
            ends.push((corners.len(), p));
        }
        let mut vertices: Vec<[f64; 2]> = interner
            .keys()
            .iter()
            .map(|k| k.map(f64::from_bits))
            .collect();
        drop(interner);
        if let Some(snap) = snap {
            let mut merged = merge(&vertices, snap);
            for c in &mut corners {
                *c = merged.root(*c);
            }
            for v in 0..vertices.len() {
                vertices[v] = vertices[merged.root(v as u32) as usize];
            }
        }
        let vertex_owners = Owners::new(vertices.len(), owned(&corners, &ends));
        Ok(Self {
            vertices,
            corners,
            rings: ends,
            vertex_owners,
        })
    }

    /// Corners of the rings with their polygon.
    fn rings(&self) -> impl Iterator<Item = (&[u32], u32)> + Clone {
        (0..self.rings.len()).map(|r| {
            let start = if r == 0 { 0 } else { self.rings[r - 1].0 };
            let (end, p) = self.rings[r];
            (&self.corners[start..end], p)
        })
    }

    /// Vertices with their polygons, in ascending order of polygons.
    pub(super) fn corners(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        owned(&self.corners, &self.rings)
    }

    /// Edges of positive length with their polygons, in ascending order of polygons.
    pub(super) fn edges(&self) -> impl Iterator<Item = (Edge, u32)> + Clone {
        self.rings().flat_map(|(ring, p)| {
            let next = ring.iter().cycle().skip(1);
            ring.iter()
                .zip(next)
                .filter(|(a, b)| a != b)
                .map(move |(&a, &b)| ([a.min(b), a.max(b)], p))
        })
    }

    /// First polygon of which no three corners are left.
    pub(super) fn collapsed(&self) -> Option<u32> {
        let mut polygons = self.rings().peekable();
        while let Some((ring, p)) = polygons.next() {
            let mut distinct = ring.to_vec();
            while let Some((more, _)) = polygons.next_if(|&(_, q)| q == p) {
                distinct.extend_from_slice(more);
            }
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() < 3 {
                return Some(p);
            }
        }
        None
    }
}

fn owned<'a>(
    corners: &'a [u32],
    rings: &'a [(usize, u32)],
) -> impl Iterator<Item = (u32, u32)> + Clone + 'a {
    let mut ring = 0;
    corners.iter().enumerate().map(move |(k, &v)| {
        while rings[ring].0 <= k {
            ring += 1;
        }
        (v, rings[ring].1)
    })
}

/// Sets of vertices that are connected by steps of at most `snap`.
fn merge(vertices: &[[f64; 2]], snap: f64) -> UnionFind {
    // the diagonal of a cell is `snap`: all vertices of a cell are one
    let side = snap / std::f64::consts::SQRT_2;
    let cell = |v: &[f64; 2]| v.map(|x| (x / side).floor() + 0.0);
    let mut cells = Interner::with_capacity(vertices.len());
    let of: Vec<u32> = vertices
        .iter()
        .map(|v| cells.number(cell(v).map(f64::to_bits)))
        .collect();
    let members = {
        let entries: Vec<u32> = (0..vertices.len() as u32).collect();
        Owners::new(
            cells.keys().len(),
            of.iter().copied().zip(entries.iter().copied()),
        )
    };
    let mut sets = UnionFind::new(vertices.len());
    for c in 0..cells.keys().len() as u32 {
        let here = members.of(c);
        for pair in here.windows(2) {
            sets.union(pair[0], pair[1]);
        }
    }
    let near = |a: u32, b: u32| {
        let (a, b) = (vertices[a as usize], vertices[b as usize]);
        (a[0] - b[0]).hypot(a[1] - b[1]) <= snap
    };
    // each pair of cells once: forward in y, or level and forward in x
    let forward = (-2..=2_i32).flat_map(|dx| (0..=2_i32).map(move |dy| (dx, dy)));
    let forward: Vec<(i32, i32)> = forward.filter(|&(dx, dy)| dy > 0 || dx > 0).collect();
    for c in 0..cells.keys().len() as u32 {
        let [x, y] = cells.keys()[c as usize].map(f64::from_bits);
        for &(dx, dy) in &forward {
            let key = [x + f64::from(dx) + 0.0, y + f64::from(dy) + 0.0].map(f64::to_bits);
            let Some(other) = cells.find(key) else {
                continue;
            };
            let (here, there) = (members.of(c), members.of(other));
            if sets.root(here[0]) == sets.root(there[0]) {
                continue;
            }
            let touching = here.iter().any(|&a| there.iter().any(|&b| near(a, b)));
            if touching {
                sets.union(here[0], there[0]);
            }
        }
    }
    sets
}
