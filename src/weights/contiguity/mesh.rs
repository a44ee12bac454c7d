//! The vertices of polygons, numbered, and the rings through them.

use std::ops::Range;

use geo::{LineString, MultiPolygon};

use super::grouped::Grouped;
use super::intern::{Interner, Key};
use crate::error::{Error, Result};
use crate::parallel::{map_indexed, threads};

/// An edge between two vertices, the smaller number first.
pub(super) type Edge = [u32; 2];

/// Corners are counted in 32 bits, and one number is kept free.
const MOST_CORNERS: usize = u32::MAX as usize - 1;

/// Corners that are numbered in one go.
const CHUNK: usize = 1024;

pub(super) struct Mesh {
    /// Coordinates of the vertices.
    pub(super) vertices: Vec<[f64; 2]>,
    rings: Rings,
    /// Largest modulus of a coordinate.
    pub(super) largest: f64,
}

#[derive(Default)]
struct Rings {
    /// Vertex of every corner of every ring, polygon after polygon, without the repeated last corner.
    corners: Vec<u32>,
    /// Start of each ring in `corners`, and its end.
    starts: Vec<u32>,
    /// First ring of each polygon, and the number of rings.
    first: Vec<u32>,
}

impl Mesh {
    /// Vertices with equal coordinates are one; they are numbered in the order in which they first come.
    pub(super) fn new(polygons: &[MultiPolygon<f64>]) -> Result<Self> {
        Self::up_to(MOST_CORNERS, polygons)
    }

    fn up_to(most: usize, polygons: &[MultiPolygon<f64>]) -> Result<Self> {
        // every block numbers its own vertices; those of later blocks are then numbered on, as if there had been one block
        let count = if polygons.len() < 256 { 1 } else { threads() };
        let size = polygons.len().div_ceil(count);
        let blocks = map_indexed(count, |b| {
            let [start, end] = [b, b + 1].map(|b| (b * size).min(polygons.len()));
            Block::read(most, &polygons[start..end])
        });
        let joined = blocks.into_iter().reduce(|a, b| a?.followed_by(b?, most));
        let Some(Some(Block {
            vertices,
            rings,
            largest,
        })) = joined
        else {
            return Err(Error::TooLarge {
                what: "the number of vertices of the polygons",
                n: corners(polygons),
                limit: most,
                instead: "simplify the polygons",
            });
        };
        let vertices = vertices.keys().iter().map(|k| k.map(f64::from_bits));
        Ok(Self {
            vertices: vertices.collect(),
            rings,
            largest,
        })
    }

    /// Number of polygons.
    pub(super) fn n(&self) -> usize {
        self.rings.first.len() - 1
    }

    /// Vertices of all corners, polygon after polygon.
    pub(super) fn corners_mut(&mut self) -> &mut [u32] {
        &mut self.rings.corners
    }

    /// Vertices of the corners of consecutive polygons.
    pub(super) fn corners_of(&self, polygons: Range<usize>) -> &[u32] {
        let rings = &self.rings;
        let [start, end] =
            [polygons.start, polygons.end].map(|p| rings.starts[rings.first[p] as usize] as usize);
        &rings.corners[start..end]
    }

    /// Vertices of the corners of each ring of a polygon.
    pub(super) fn rings_of(&self, polygon: usize) -> impl Iterator<Item = &[u32]> + Clone {
        let rings = &self.rings;
        (rings.first[polygon]..rings.first[polygon + 1]).map(|r| {
            let [start, end] = [r, r + 1].map(|r| rings.starts[r as usize] as usize);
            &rings.corners[start..end]
        })
    }

    /// Edges of positive length of a polygon.
    pub(super) fn edges_of(&self, polygon: usize) -> impl Iterator<Item = Edge> + Clone {
        self.rings_of(polygon).flat_map(|ring| {
            let mut last = ring.last().copied().unwrap_or(0);
            ring.iter().filter_map(move |&v| {
                let edge = [last.min(v), last.max(v)];
                last = v;
                (edge[0] != edge[1]).then_some(edge)
            })
        })
    }

    /// The polygons at each vertex, ascending; one that comes by more than once is repeated.
    pub(super) fn owners(&self) -> Grouped<u32> {
        let corners = (0..self.n()).flat_map(|p| {
            let corners = self.corners_of(p..p + 1).iter();
            corners.map(move |&v| (v, p as u32))
        });
        Grouped::new(self.vertices.len(), corners)
    }

    /// Whether less than three different corners of some polygon are left.
    pub(super) fn collapsed(&self) -> bool {
        (0..self.n()).any(|p| {
            let mut distinct = self.corners_of(p..p + 1).to_vec();
            distinct.sort_unstable();
            distinct.dedup();
            distinct.len() < 3
        })
    }
}

/// Consecutive polygons whose vertices are numbered for themselves.
struct Block {
    vertices: Interner,
    rings: Rings,
    largest: f64,
}

impl Block {
    /// Nothing where there are too many corners.
    fn read(most: usize, polygons: &[MultiPolygon<f64>]) -> Option<Self> {
        // a few polygons tell how much room is needed, more or less
        let step = polygons.len() / 64 + 1;
        let sample = polygons.iter().step_by(step);
        let expected = sample
            .map(|p| corners(std::slice::from_ref(p)) - p.0.len())
            .sum::<usize>()
            * step;
        let expected = expected.min(MOST_CORNERS);
        let mut vertices = Interner::with_capacity(expected / 4);
        let mut rings = Rings {
            corners: Vec::with_capacity(expected),
            starts: Vec::with_capacity(polygons.len() + 1),
            first: Vec::with_capacity(polygons.len() + 1),
        };
        let mut largest = 0.0_f64;
        let mut chunk: Vec<Key> = Vec::with_capacity(2 * CHUNK);
        for region in polygons {
            rings.first.push(rings.starts.len() as u32);
            for part in &region.0 {
                for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
                    let start = rings.corners.len() + chunk.len();
                    if start + ring.0.len() > most {
                        return None;
                    }
                    rings.starts.push(start as u32);
                    for c in open(ring) {
                        largest = largest.max(c.x.abs()).max(c.y.abs());
                        // adding zero turns -0 into 0
                        chunk.push([(c.x + 0.0).to_bits(), (c.y + 0.0).to_bits()]);
                    }
                    if chunk.len() >= CHUNK {
                        vertices.number_all(&chunk, &mut rings.corners);
                        chunk.clear();
                    }
                }
            }
        }
        vertices.number_all(&chunk, &mut rings.corners);
        rings.first.push(rings.starts.len() as u32);
        rings.starts.push(rings.corners.len() as u32);
        Some(Self {
            vertices,
            rings,
            largest,
        })
    }

    fn followed_by(mut self, next: Self, most: usize) -> Option<Self> {
        let rings = &mut self.rings;
        if rings.corners.len() + next.rings.corners.len() > most {
            return None;
        }
        let mut numbers = Vec::new();
        self.vertices.number_all(next.vertices.keys(), &mut numbers);
        drop(next.vertices);
        rings.starts.pop();
        rings.first.pop();
        let (corner, ring) = (rings.corners.len() as u32, rings.starts.len() as u32);
        rings
            .starts
            .extend(next.rings.starts.iter().map(|s| s + corner));
        rings
            .first
            .extend(next.rings.first.iter().map(|f| f + ring));
        let corners = next.rings.corners.iter();
        rings.corners.extend(corners.map(|&c| numbers[c as usize]));
        self.largest = self.largest.max(next.largest);
        Some(self)
    }
}

/// The coordinates of a ring without the last one, which repeats the first.
fn open(ring: &LineString<f64>) -> &[geo::Coord<f64>] {
    match ring.0.split_last() {
        Some((last, rest)) if rest.first() == Some(last) => rest,
        _ => &ring.0,
    }
}

/// Number of coordinates.
fn corners(polygons: &[MultiPolygon<f64>]) -> usize {
    let parts = polygons.iter().flat_map(|p| &p.0);
    let rings = parts.flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    rings.map(|ring| ring.0.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    #[test]
    fn too_many_corners() {
        let square = |x: f64| polygon![(x: x, y: 0.), (x: x + 1., y: 0.), (x: x + 1., y: 1.)];
        let map: Vec<MultiPolygon<f64>> = (0..500).map(|k| square(f64::from(k)).into()).collect();
        assert_eq!(Mesh::up_to(1504, &map).map(|m| m.n()).unwrap(), 500);
        for most in [10, 700, 1400] {
            let e = Mesh::up_to(most, &map).err();
            assert!(
                matches!(&e, Some(Error::TooLarge { n: 2000, limit, .. }) if *limit == most),
                "{e:?}"
            );
        }
    }
}
