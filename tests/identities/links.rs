//! Weights made from weights, labels and lattices: orders, sets, symmetrisation, groups, rasters, traces, beside dense matrices.

use geo::{LineString, MultiPolygon, Polygon};
use ndarray::{Array2, Zip};
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::maps::{Kind, Map, Random, any_map, matrix};

/// Which pairs are linked.
fn pattern(w: &Weights) -> Array2<bool> {
    matrix(w).mapv(|x| x > 0.0)
}

/// Binary raw weights with these links and no others.
#[track_caller]
fn links_are(what: &str, w: &Weights, expected: &Array2<bool>) {
    assert_eq!(w.transform(), Transform::Raw, "{what}");
    let wanted = expected.mapv(|linked| if linked { 1.0 } else { 0.0 });
    assert_eq!(matrix(w), wanted, "{what}");
    assert_eq!(w.links(), expected.iter().filter(|l| **l).count(), "{what}");
}

/// Two maps over the same units, some of them with units that are their own neighbours.
fn two_maps(map: &Map) -> (Weights, Weights) {
    let mut random = Random::new(map.seed ^ 0xb0b);
    let a = map.weights();
    let b = Map {
        kind: [Kind::Nearest, Kind::Symmetric, Kind::Asymmetric][random.below(3)],
        n: a.n(),
        seed: random.bits(),
        ..*map
    };
    let mut maybe = |w: Weights| match random.below(4) {
        0 => w.with_diagonal(0.7).unwrap(),
        _ => w,
    };
    (maybe(a), maybe(b.weights()))
}

fn dense_pairs(a: &Weights, b: &Weights, keep: impl Fn(bool, bool) -> bool) -> Array2<bool> {
    Zip::from(&pattern(a))
        .and(&pattern(b))
        .map_collect(|&a, &b| keep(a, b))
}

fn same(a: &Weights, b: &Weights) -> bool {
    a.units() == b.units() && matrix(a) == matrix(b)
}

proptest! {
    #![proptest_config(crate::cases(128))]

    #[test]
    fn sets_obey_their_algebra(map in any_map()) {
        let (a, b) = two_maps(&map);
        let union = a.union(&b).unwrap();
        let common = a.intersection(&b).unwrap();
        let (ours, theirs) = (a.difference(&b).unwrap(), b.difference(&a).unwrap());
        let either = a.symmetric_difference(&b).unwrap();
        links_are("union", &union, &dense_pairs(&a, &b, |a, b| a || b));
        links_are("intersection", &common, &dense_pairs(&a, &b, |a, b| a && b));
        links_are("difference", &ours, &dense_pairs(&a, &b, |a, b| a && !b));
        links_are("symmetric difference", &either, &dense_pairs(&a, &b, |a, b| a ^ b));
        prop_assert!(same(&union, &b.union(&a).unwrap()));
        prop_assert!(same(&common, &b.intersection(&a).unwrap()));
        prop_assert!(same(&either, &b.symmetric_difference(&a).unwrap()));
        prop_assert_eq!(union.links() + common.links(), a.links() + b.links());
        let again = common.union(&ours).unwrap();
        links_are("(A ∩ B) ∪ (A ∖ B)", &again, &pattern(&a));
        prop_assert!(same(&either, &ours.union(&theirs).unwrap()));
        prop_assert!(same(&either, &union.difference(&common).unwrap()));
        for own in [a.symmetric_difference(&a).unwrap(), a.difference(&a).unwrap()] {
            prop_assert_eq!(own.links(), 0);
        }
        // the complement knows no diagonal
        let (not_a, not_b) = (a.complement().unwrap(), b.complement().unwrap());
        let back = a.raw().without_diagonal().unwrap();
        links_are("complement twice", &not_a.complement().unwrap(), &pattern(&back));
        prop_assert_eq!(not_a.links() + back.links(), a.n() * (a.n() - 1));
        prop_assert!(same(&union.complement().unwrap(), &not_a.intersection(&not_b).unwrap()));
    }

    #[test]
    fn restricted_and_symmetrised_weights_equal_dense_ones(map in any_map()) {
        let (a, b) = two_maps(&map);
        let raw = matrix(a.raw());
        let kept = a.restricted_to(&b).unwrap();
        let expected = Zip::from(&raw).and(&pattern(&b)).map_collect(|&w, &l| if l { w } else { 0.0 });
        prop_assert_eq!(matrix(&kept), expected);
        let largest = a.symmetrized(Symmetrize::Max).unwrap();
        let smallest = a.symmetrized(Symmetrize::Min).unwrap();
        let mean = a.symmetrized(Symmetrize::Mean).unwrap();
        let of = |f: fn(f64, f64) -> f64| Zip::from(&raw).and(&raw.t()).map_collect(|&x, &y| f(x, y));
        prop_assert_eq!(matrix(&largest), of(f64::max));
        prop_assert_eq!(matrix(&smallest), of(f64::min));
        prop_assert_eq!(matrix(&mean), of(f64::midpoint));
        for w in [&largest, &smallest, &mean] {
            prop_assert!(w.is_symmetric() && w.transform() == Transform::Raw);
            prop_assert!(same(w, &w.symmetrized(Symmetrize::Mean).unwrap()));
        }
        prop_assert_eq!(largest.links() + smallest.links(), 2 * a.links());
        let sum = mean.constants().s0;
        close("a mean keeps the sum", sum, a.raw().constants().s0, 1e-13, 0.0);
    }

    #[test]
    fn orders_equal_powers_of_the_dense_pattern(map in any_map(), k in 1_usize..6) {
        let (w, _) = two_maps(&map);
        let n = w.n();
        // within 0, 1, 2, … steps
        let mut within = vec![Array2::from_shape_fn((n, n), |(i, j)| i == j)];
        let links = pattern(&w);
        for s in 0..n {
            let before: &Array2<bool> = &within[s];
            within.push(Array2::from_shape_fn((n, n), |(i, j)| {
                before[[i, j]] || (0..n).any(|m| before[[i, m]] && links[[m, j]])
            }));
        }
        let exactly = |k: usize| {
            Zip::from(&within[k]).and(&within[k - 1]).map_collect(|&now, &before| now && !before)
        };
        let up_to = |k: usize| {
            Zip::from(&within[k]).and(&within[0]).map_collect(|&now, &own| now && !own)
        };
        links_are("order", &w.order(k).unwrap(), &exactly(k));
        links_are("orders up to", &w.up_to_order(k).unwrap(), &up_to(k));
        // all orders together are the pairs that can be reached, each of them once
        let mut all = w.order(1).unwrap();
        for k in 2..n {
            let order = w.order(k).unwrap();
            prop_assert_eq!(all.intersection(&order).unwrap().links(), 0);
            all = all.union(&order).unwrap();
        }
        links_are("all orders", &all, &up_to(n));
        prop_assert!(same(&all, &w.up_to_order(n).unwrap()));
        prop_assert!(same(&all.order(1).unwrap(), &all));
        prop_assert_eq!(w.order(n).unwrap().links(), 0);
    }

    #[test]
    fn the_order_of_the_units_does_not_matter(map in any_map()) {
        let (a, b) = two_maps(&map);
        let mut random = map.random();
        let turned = Units::new(random.order(a.n()).iter().map(ToString::to_string)).unwrap();
        let (a2, b2) = (a.only(&turned).unwrap(), b.only(&turned).unwrap());
        let one: [fn(&Weights) -> Result<Weights>; 6] = [
            |w| w.order(2),
            |w| w.up_to_order(3),
            Weights::complement,
            |w| w.symmetrized(Symmetrize::Max),
            |w| w.symmetrized(Symmetrize::Min),
            |w| w.symmetrized(Symmetrize::Mean),
        ];
        for (at, f) in one.iter().enumerate() {
            let (here, there) = (f(&a).unwrap().only(&turned).unwrap(), f(&a2).unwrap());
            prop_assert!(same(&here, &there), "{}", at);
        }
        let two: [fn(&Weights, &Weights) -> Result<Weights>; 5] = [
            Weights::union,
            Weights::intersection,
            Weights::difference,
            Weights::symmetric_difference,
            Weights::restricted_to,
        ];
        for (at, f) in two.iter().enumerate() {
            let (here, there) = (f(&a, &b).unwrap(), f(&a2, &b2).unwrap());
            prop_assert!(same(&here.only(&turned).unwrap(), &there), "{}", at);
        }
        prop_assert_eq!(a.is_similar_to_symmetric(), a2.is_similar_to_symmetric());
        if a.is_similar_to_symmetric() {
            let ((l, h), (l2, h2)) = (a.extreme_eigenvalues().unwrap(), a2.extreme_eigenvalues().unwrap());
            close("smallest eigenvalue", l, l2, 1e-11, h.abs());
            close("largest eigenvalue", h, h2, 1e-11, 0.0);
        }
        let labels: Vec<String> = (0..a.n()).map(|_| random.below(5).to_string()).collect();
        let blocks = Weights::block(a.units(), &labels).unwrap();
        let labels: Vec<&String> = turned.iter().map(|id| &labels[id.parse::<usize>().unwrap()]).collect();
        prop_assert!(same(&blocks.only(&turned).unwrap(), &Weights::block(&turned, &labels).unwrap()));
    }

    #[test]
    fn groups_link_all_with_the_same_label(n in 0_usize..40, groups in 1_usize..12, seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let labels: Vec<String> = (0..n).map(|_| format!("group {}", random.below(groups))).collect();
        let w = Weights::block(&Units::range(n), &labels).unwrap();
        let expected = Array2::from_shape_fn((n, n), |(i, j)| i != j && labels[i] == labels[j]);
        links_are("groups", &w, &expected);
        // all within one step
        prop_assert!(same(&w.up_to_order(4).unwrap(), &w));
    }

    #[test]
    fn rasters_are_polygons_that_touch(rows in 1_usize..7, columns in 1_usize..7, seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let mask = Array2::from_shape_fn((rows, columns), |_| random.below(3) > 0);
        let full = Array2::from_elem((rows, columns), true);
        for contiguity in [Contiguity::rook(), Contiguity::queen()] {
            let lattice = if contiguity == Contiguity::rook() {
                Lattice::rook
            } else {
                Lattice::queen
            };
            let plain = Weights::lattice(lattice(rows, columns)).unwrap();
            for mask in [&full, &mask] {
                let cells: Vec<MultiPolygon<f64>> = mask
                    .indexed_iter()
                    .filter(|(_, here)| **here)
                    .map(|((r, c), _)| {
                        let (x, y) = (c as f64, -(r as f64));
                        let ring = vec![(x, y), (x + 1.0, y), (x + 1.0, y + 1.0), (x, y + 1.0)];
                        Polygon::new(LineString::from(ring), Vec::new()).into()
                    })
                    .collect();
                let units = Units::range(cells.len());
                let regions = Regions::from_polygons(&units, Coordinates::Planar, cells).unwrap();
                let w = Weights::lattice(lattice(rows, columns).masked(mask.view())).unwrap();
                links_are("raster", &w, &pattern(&Weights::contiguity(&regions, contiguity).unwrap()));
                // the plane lattice among the cells of the mask
                let kept = mask.iter().enumerate().filter(|(_, here)| **here);
                let kept = Units::new(kept.map(|(cell, _)| cell.to_string())).unwrap();
                prop_assert_eq!(matrix(&plain.only(&kept).unwrap()), matrix(&w));
            }
        }
        let rook = Weights::lattice(Lattice::rook(rows, columns)).unwrap();
        let bishop = Weights::lattice(Lattice::bishop(rows, columns)).unwrap();
        let queen = Weights::lattice(Lattice::queen(rows, columns)).unwrap();
        prop_assert!(same(&rook.union(&bishop).unwrap(), &queen));
    }
}

proptest! {
    #![proptest_config(crate::cases(24))]

    #[test]
    fn traces_of_many_copies_are_as_many_times_those_of_one(map in any_map(), m in 1_usize..8) {
        let one = map.weights();
        let (n, copies) = (one.n(), 1_001_usize.div_ceil(one.n()));
        let links = (0..copies).flat_map(|c| {
            let one = &one;
            (0..n).flat_map(move |i| one.neighbours(i).map(move |(j, w)| (c * n + i, c * n + j, w)))
        });
        let many = Weights::from_links_at(&Units::range(copies * n), links).unwrap();
        let dense = matrix(&one);
        let mut power = dense.clone();
        for (k, trace) in many.traces(m).unwrap().into_iter().enumerate() {
            let scale = power.iter().map(|v| v.abs()).sum::<f64>();
            let (each, expected) = (trace / copies as f64, power.diag().sum());
            close(&format!("tr W^{}", k + 1), each, expected, 1e-12, scale);
            power = power.dot(&dense);
        }
        if many.is_similar_to_symmetric() {
            let (low, high) = many.extreme_eigenvalues().unwrap();
            let (l, h) = one.extreme_eigenvalues().unwrap();
            close("smallest eigenvalue of copies", low, l, 1e-8, h);
            close("largest eigenvalue of copies", high, h, 1e-8, 0.0);
        }
    }
}
