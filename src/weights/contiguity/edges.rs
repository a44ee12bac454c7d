//! The edges of polygons with their owners, and the loose ones among them, which have one owner only.

use super::grouped::Grouped;
use super::mesh::{Edge, Mesh};

/// An edge that belongs to one polygon only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Loose {
    pub(super) edge: Edge,
    pub(super) polygon: u32,
}

/// All edges: under the smaller of their ends the other end and the owner.
pub(super) struct Edges(Grouped<[u32; 2]>);

/// Longer lists are searched by halving.
const SHORT: usize = 24;

impl Edges {
    pub(super) fn new(mesh: &Mesh) -> Self {
        let entries = (0..mesh.n()).flat_map(|p| {
            let edges = mesh.edges_of(p);
            edges.map(move |[a, b]| (a, [b, p as u32]))
        });
        let mut edges = Grouped::new(mesh.vertices.len(), entries);
        for a in 0..mesh.vertices.len() as u32 {
            let here = edges.of_mut(a);
            if here.len() > SHORT {
                here.sort_unstable();
            }
        }
        Self(edges)
    }

    /// Owners of an edge.
    pub(super) fn owners(&self, [a, b]: Edge) -> impl Iterator<Item = u32> {
        let mut here = self.0.of(a);
        if here.len() > SHORT {
            here = &here[here.partition_point(|e| e[0] < b)..];
            here = &here[..here.partition_point(|e| e[0] == b)];
        }
        here.iter().filter(move |e| e[0] == b).map(|e| e[1])
    }

    /// The edges one after the other with their owners, which are distinct and in ascending order.
    pub(super) fn for_each(&self, mut f: impl FnMut(Edge, &[u32])) {
        let (mut here, mut owners) = (Vec::new(), Vec::new());
        for a in 0..self.0.groups() as u32 {
            here.clear();
            here.extend_from_slice(self.0.of(a));
            here.sort_unstable();
            here.dedup();
            for edge in here.chunk_by(|e, f| e[0] == f[0]) {
                owners.clear();
                owners.extend(edge.iter().map(|e| e[1]));
                f([a, edge[0][0]], &owners);
            }
        }
    }

    pub(super) fn loose(&self) -> Vec<Loose> {
        let mut loose = Vec::new();
        for a in 0..self.0.groups() as u32 {
            for &[b, polygon] in self.0.of(a) {
                let edge = [a, b];
                if self.owners(edge).all(|owner| owner == polygon) {
                    loose.push(Loose { edge, polygon });
                }
            }
        }
        loose.sort_unstable();
        loose.dedup();
        loose
    }
}

/// What the edges have left at their ends: exclusive or, over all edges at a vertex, of the words of their other ends.
pub(super) struct Left {
    words: Vec<u64>,
    /// Vertices with the same edge on both sides of a corner.
    turns: Vec<u32>,
}

impl Left {
    pub(super) fn new(mesh: &Mesh) -> Self {
        let mut words = vec![0; mesh.vertices.len()];
        let mut turns = Vec::new();
        for ring in (0..mesh.n()).flat_map(|p| mesh.rings_of(p)) {
            let [.., before, last] = *ring else {
                continue;
            };
            let (mut before, mut here) = (before, last);
            let (mut word_before, mut word_here) = (word(before), word(here));
            for &after in ring {
                let word_after = word(after);
                words[here as usize] ^= word_before ^ word_after;
                if before == after {
                    turns.push(here);
                }
                (before, here) = (here, after);
                (word_before, word_here) = (word_here, word_after);
            }
        }
        Self { words, turns }
    }
}

/// The loose edges without a table of all edges.
///
/// An edge with two owners puts the word of its one end twice into the other, so that it cancels. The words that are left
/// at an end are those of edges passed an odd number of times, and their exclusive or is zero with probability 2⁻⁶⁴ only. So a
/// loose edge that is passed once leaves something at both ends. One that is passed more often has at either end two corners
/// of its polygon, or one that has it on both sides. Hence loose edges are among those between two ends which have something
/// left, or such corners, and only these are counted.
pub(super) fn loose(mesh: &Mesh, owners: &Grouped<u32>, left: Left) -> Vec<Loose> {
    let twice = |v: u32| owners.of(v).windows(2).any(|o| o[0] == o[1]);
    let words = (0..).zip(left.words);
    let mut open: Vec<bool> = words.map(|(v, word)| word != 0 || twice(v)).collect();
    for v in left.turns {
        open[v as usize] = true;
    }
    let mut found = Vec::new();
    for polygon in 0..mesh.n() {
        for edge in mesh.edges_of(polygon) {
            if edge.iter().all(|&v| open[v as usize]) {
                let polygon = polygon as u32;
                found.push(Loose { edge, polygon });
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    let edges = found.chunk_by(|a, b| a.edge == b.edge);
    edges.filter(|e| e.len() == 1).flatten().copied().collect()
}

/// A word for a vertex, different for each; the words of several are as good as independent.
fn word(vertex: u32) -> u64 {
    let x = (u64::from(vertex) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 32)
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests;
