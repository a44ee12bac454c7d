//! Vertices that are close to each other, made one.

use super::grouped::Grouped;
use super::intern::{Interner, Key};
use super::mesh::Mesh;
use crate::weights::constants::UnionFind;

impl Mesh {
    /// Makes one of all vertices that are connected by steps of at most `snap`: that with the smallest coordinates, so that
    /// the order of the polygons does not matter.
    pub(super) fn snap(&mut self, snap: f64) {
        let mut sets = close(&self.vertices, snap);
        let roots: Vec<u32> = (0..self.vertices.len() as u32)
            .map(|v| sets.root(v))
            .collect();
        let mut least = roots.clone();
        for (v, &root) in (0..).zip(&roots) {
            let [a, b] = [v, least[root as usize]].map(|v: u32| self.vertices[v as usize]);
            if a < b {
                least[root as usize] = v;
            }
        }
        for c in self.corners_mut() {
            *c = least[roots[*c as usize] as usize];
        }
    }
}

/// Sets of vertices that are connected by steps of at most `snap`.
fn close(vertices: &[[f64; 2]], snap: f64) -> UnionFind {
    // the diagonal of a cell is `snap`: all vertices of a cell are one
    let side = snap / std::f64::consts::SQRT_2;
    let keys: Vec<Key> = vertices
        .iter()
        .map(|v| v.map(|x| ((x / side).floor() + 0.0).to_bits()))
        .collect();
    let mut cells = Interner::with_capacity(vertices.len());
    let mut of = Vec::new();
    cells.number_all(&keys, &mut of);
    drop(keys);
    let cell_count = cells.keys().len() as u32;
    let members = Grouped::new(cell_count as usize, of.iter().copied().zip(0..));
    let mut sets = UnionFind::new(vertices.len());
    for c in 0..cell_count {
        for pair in members.of(c).windows(2) {
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
    for c in 0..cell_count {
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
