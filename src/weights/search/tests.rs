//! Searches are held against brute force on lattices, lines, clusters, far outliers and equal points.

use proptest::prelude::*;

use super::*;

/// Maps of kinds that strain a search: `seeds` are pairs of numbers in [0, 1).
fn map(kind: u8, seeds: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let at = |i: usize, x: f64, y: f64| match kind {
        0 => (x, y),
        // a lattice, with its points in an arbitrary order, some of them twice
        1 => ((x * 13.0).floor(), (y * 13.0).floor()),
        // lines: along an axis, and oblique
        2 => (x, 5.0),
        3 => (x - 0.5, 2.0 * x),
        // clusters, far from each other and of unequal size
        4 => {
            let (center, spread) = [(0.0, 1e-4), (0.3, 1e-2), (1.0, 1e-6)][(i * i) % 3];
            (center + spread * x, center * center + spread * y)
        }
        // one far outlier
        5 if i == 3 => (50.0, -40.0),
        // many points at one place
        6 if i % 3 > 0 => (0.25, 0.5),
        // the same on a line through the date line, and at a pole
        7 => (if i % 2 == 0 { -179.9 } else { 179.8 } + 0.1 * x, y),
        8 => (360.0 * x - 180.0, 89.0 + y),
        _ => (0.1 * x, y),
    };
    let points = seeds.iter().enumerate();
    points.map(|(i, &(x, y))| at(i, x, y)).collect()
}

/// Unit vectors, or the coordinates themselves.
fn positions(points: &Points) -> Vec<Vec<f64>> {
    let space = Space::of(points);
    match &space.form {
        Form::Plane(xy, _) => xy.iter().map(|p| p.to_vec()).collect(),
        Form::Sphere(tree) => {
            let mut out = vec![Vec::new(); points.len()];
            for (id, p) in tree.in_order() {
                out[id as usize] = p.to_vec();
            }
            out
        }
    }
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn seeds() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0.0..1.0, 0.0..1.0), 2..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn nearest_as_by_brute_force(seeds in seeds(), kind in 0_u8..10, k in 1_usize..20, sphere: bool, part: bool) {
        let n = seeds.len();
        let k = k.min(n - 1);
        let map = map(kind, &seeds);
        let points = if sphere { Points::lon_lat(map) } else { Points::planar(map) }.unwrap();
        let at = positions(&points);
        let asked: Vec<usize> = (0..n).filter(|i| !part || i % 3 == 1).collect();
        let found = Space::of(&points).nearest(&asked, k);
        prop_assert_eq!(found.len(), asked.len() * k);
        for (&i, found) in asked.iter().zip(found.chunks(k)) {
            let others = (0..n).filter(|&j| j != i);
            let mut all: Vec<(f64, u32)> = others.map(|j| (squared(&at[i], &at[j]), j as u32)).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let expected: Vec<u32> = all[..k].iter().map(|a| a.1).collect();
            prop_assert_eq!(found, &expected[..], "unit {} of map {}", i, kind);
        }
    }
}

/// More than a block of points, in cells and by the tree.
#[test]
fn cells_and_tree_agree() {
    let at = |i: usize| ((1.7 * i as f64).sin(), (2.9 * i as f64 + 0.1).cos());
    let lattice = |i: usize| ((i % 97) as f64, (i / 97) as f64);
    for map in [
        (0..9_000).map(at).collect::<Vec<_>>(),
        (0..9_000).map(lattice).collect(),
    ] {
        let points = Points::planar(map).unwrap();
        let tree = Tree::new(points.xy());
        let slot: Vec<u32> = (0..9_000).collect();
        let all: Vec<usize> = (0..9_000).collect();
        for k in [1, 4, 6, 8, 12, 16] {
            assert!(cells_for(points.xy(), k).is_some());
            let mut expected = vec![0; 9_000 * k];
            nearest(&tree, &slot, k, &mut expected);
            assert!(Space::of(&points).nearest(&all, k) == expected);
        }
    }
}
