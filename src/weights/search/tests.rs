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
        6 if !i.is_multiple_of(3) => (0.25, 0.5),
        // the same on a line through the date line, and at a pole
        7 => ([-179.9, 179.8][i % 2] + 0.1 * x, y),
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
    prop::collection::vec((0.0..1.0, 0.0..1.0), 2..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

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

    #[test]
    fn balls_as_by_brute_force(seeds in seeds(), kind in 0_u8..10, sphere: bool, some in 0_usize..1000, how in 0_u8..3) {
        let n = seeds.len();
        let map = map(kind, &seeds);
        let points = if sphere { Points::lon_lat(map) } else { Points::planar(map) }.unwrap();
        let d = |i: usize, j: usize| points.distance(i, j).unwrap();
        // a distance that occurs, so that the bound is met, or one from the first point outward
        let max = match how {
            0 => d(some % n, (some * 7 + 1) % n),
            1 => d(0, n / 2) * 0.3,
            _ => (1..n).map(|j| d(0, j)).fold(f64::INFINITY, f64::min) * 1.5,
        };
        let max = max.max(1e-7);
        let expected = |r: &dyn Fn(usize) -> f64| -> Vec<Vec<u32>> {
            let inside = |i: usize, j: usize| j != i && d(i, j) <= r(i) * (1.0 + ULPS);
            (0..n).map(|i| (0..n).filter(|&j| inside(i, j)).map(|j| j as u32).collect()).collect()
        };
        let rows = |(offsets, columns): (Vec<u32>, Vec<u32>)| -> Vec<Vec<u32>> {
            offsets.windows(2).map(|o| columns[o[0] as usize..o[1] as usize].to_vec()).collect()
        };
        let space = Space::of(&points);
        prop_assert_eq!(rows(space.band(&points, max).unwrap()), expected(&|_| max), "map {}", kind);
        let radii: Vec<f64> = (0..n).map(|i| max * (1 + i % 5) as f64).collect();
        prop_assert_eq!(rows(space.balls(&radii).unwrap()), expected(&|i| radii[i]), "map {}", kind);
        let k = 1 + some % (n - 1).min(10);
        for (i, &found) in space.kth_distances(k).iter().enumerate() {
            let mut all: Vec<f64> = (0..n).filter(|&j| j != i).map(|j| d(i, j)).collect();
            all.sort_by(f64::total_cmp);
            prop_assert!((found - all[k - 1]).abs() <= 1e-9 * all[k - 1] + 1e-10);
        }
    }
}

#[test]
fn no_point_and_one() {
    for map in [vec![], vec![(1.0, 2.0)]] {
        for points in [Points::planar(map.clone()), Points::lon_lat(map)] {
            let points = points.unwrap();
            let space = Space::of(&points);
            let none = (vec![0; points.len() + 1], vec![]);
            assert_eq!(space.band(&points, 1.0).unwrap(), none);
            assert_eq!(space.balls(&vec![1.0; points.len()]).unwrap(), none);
            assert!(space.nearest(&[], 1).is_empty());
        }
    }
}

/// More than a block of points, in cells and by the tree.
#[test]
fn cells_and_tree_agree() {
    let at = |i: usize| ((1.7 * i as f64).sin(), (2.9 * i as f64 + 0.1).cos());
    let lattice = |i: usize| ((i % 97) as f64, (i / 97) as f64);
    let outliers = |i: usize| match i % 900 {
        7 => (3.0 * (i + 1) as f64, at(i).1),
        11 => (-1e6, -(i as f64)),
        _ => at(i),
    };
    for map in [
        (0..5_000).map(at).collect::<Vec<_>>(),
        (0..5_000).map(lattice).collect(),
        (0..5_000).map(outliers).collect(),
    ] {
        let points = Points::planar(map).unwrap();
        let tree = Tree::new(points.xy());
        let all: Vec<usize> = (0..5_000).collect();
        for k in [1, 4, 6, 8, 12, 16] {
            assert!(cells_for(points.xy(), k).is_some());
            let mut expected = vec![0; 5_000 * k];
            nearest(&tree, &|id| id, k, &mut expected);
            assert!(Space::of(&points).nearest(&all, k) == expected);
            assert!(Space::of(&points).nearest_of_all(k) == expected);
        }
        for max in [0.01, 0.05, 0.1, 1.0] {
            let (space, inside) = (Space::of(&points), |i, j| at_most(&points, i, j, max));
            let bounds = space.bounds(max);
            assert!(cells_of(points.xy(), bounds.radius).is_some());
            let expected = balls_by_tree(&tree, |_| bounds, inside).unwrap();
            assert!(space.band(&points, max).unwrap() == expected);
        }
    }
}

/// Some are asked for beside others that are not and whose own answer needs the tree: far ones in a cell at the edge, and crowds.
#[test]
fn some_of_a_crowd_and_beside_outliers() {
    let at = |i: usize| ((1.7 * i as f64).sin(), (2.9 * i as f64 + 0.1).cos());
    let far = |i: usize| match i {
        500 => (1e6, 0.3),
        501 => (1e7, -0.3),
        _ => at(i),
    };
    let crowd = |i: usize| match i % 3 {
        0 => (0.5 + 1e-9 * at(i).0, 0.5 + 1e-9 * at(i).1),
        _ => at(i),
    };
    for map in [
        (0..1_000).map(far).collect::<Vec<_>>(),
        (0..1_000).map(crowd).collect(),
    ] {
        let points = Points::planar(map).unwrap();
        assert!(cells_for(points.xy(), 1).is_some());
        let space = Space::of(&points);
        let all = space.nearest_of_all(1);
        for (one, &nearest) in all.iter().enumerate() {
            assert_eq!(space.nearest(&[one], 1), [nearest]);
        }
    }
}

// a radius in the wrong unit is found out before the memory is full
#[test]
fn too_many_links_are_noticed_at_once() {
    let at = |i: u32| (f64::from(i % 300) * 0.01, f64::from(i / 300) * 0.01);
    for points in [
        Points::planar((0..70_000).map(at)).unwrap(),
        Points::lon_lat((0..70_000).map(at)).unwrap(),
    ] {
        let error = Space::of(&points).band(&points, 1e6).unwrap_err();
        assert!(error.to_string().contains("4899930000 are asked for"));
    }
}

#[test]
fn certain_links_are_links() {
    let at = |i: u32| (f64::from(i % 40), f64::from(i * i % 37));
    for points in [
        Points::planar((0..800).map(at)).unwrap(),
        Points::lon_lat((0..800).map(at)).unwrap(),
    ] {
        let unit = if points.coordinates() == Coordinates::Planar {
            1.0
        } else {
            111.0
        };
        let space = Space::of(&points);
        for max in [0.5, 1.5, 6.0, 20.0, 100.0].map(|d| d * unit) {
            let bounds = space.bounds(max);
            let certain = match &space.form {
                Form::Plane(xy, _) => band::certain(xy, bounds),
                Form::Sphere(_) => band::certain(&points.unit_vectors(), bounds),
            };
            let links = space.band(&points, max).unwrap().1.len();
            assert!(certain <= links && (max < 5.0 * unit || 16 * certain > links));
        }
    }
    assert_eq!(band::certain::<2>(&[], Bounds::between(1.0, 1.0)), 0);
}
