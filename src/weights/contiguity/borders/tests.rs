//! Shared borders against known lengths and shapely.

use approx::assert_relative_eq;
use geo::{MultiPolygon, polygon};

use super::*;
use crate::data::Units;
use crate::error::Error;
use crate::weights::contiguity::tests::{cell, lattice, polygon, regions, simple};

fn lengths(map: &Regions) -> Weights {
    Weights::shared_borders(map, Borders::length()).unwrap()
}

fn shares(map: &Regions) -> Weights {
    Weights::shared_borders(map, Borders::share_of_perimeter()).unwrap()
}

fn links_of(w: &Weights) -> Vec<(usize, usize, f64)> {
    let rows = (0..w.n()).flat_map(|i| w.neighbours(i).map(move |(j, v)| (i, j, v)));
    rows.collect()
}

#[test]
fn lattices_and_rectangles() {
    let map = lattice(4, 5);
    let w = lengths(&map);
    assert!(w.is_binary());
    assert_eq!(w.built(), "common borders (lengths)");
    let rook = Weights::rook(&map).unwrap();
    assert_eq!(w.csr(), rook.csr());
    let w = shares(&map);
    assert_eq!(w.built(), "common borders (shares of the perimeter)");
    assert!(links_of(&w).iter().all(|l| l.2 == 0.25));
    // an inner cell has neighbours on all sides, one in the corner on two
    assert_eq!((w.row_sums()[6], w.row_sums()[0]), (1.0, 0.5));

    // 3 x 2 beside 1 x 2, and 4 x 1 above both
    let map = simple(&[
        &cell(0.0, 0.0, 3.0, 2.0),
        &cell(3.0, 0.0, 1.0, 2.0),
        &cell(0.0, 2.0, 4.0, 1.0),
        &cell(4.0, 3.0, 1.0, 1.0),
    ]);
    let expected = [
        (0, 1, 2.0),
        (0, 2, 3.0),
        (1, 0, 2.0),
        (1, 2, 1.0),
        (2, 0, 3.0),
        (2, 1, 1.0),
    ];
    assert_eq!(links_of(&lengths(&map)), expected);
    let perimeters = [10.0, 6.0, 10.0];
    for ((i, j, w), (k, l, length)) in links_of(&shares(&map)).into_iter().zip(expected) {
        assert_eq!((i, j, w), (k, l, length / perimeters[i]));
    }
    assert_eq!(lengths(&map).islands(), ["3"]);
}

#[test]
fn bricks_share_halves() {
    let bricks: Vec<_> = (0..12)
        .map(|k| {
            cell(
                2.0 * f64::from(k % 4) + f64::from(k / 4 % 2),
                f64::from(k / 4),
                2.0,
                1.0,
            )
        })
        .collect();
    let rings: Vec<&[(f64, f64)]> = bricks.iter().map(Vec::as_slice).collect();
    let w = lengths(&simple(&rings));
    // sides of 1, and halves of 2
    assert!(w.is_binary());
    assert_eq!(w.pairs(), 3 * 3 + 2 * 7);
    // the second brick of the middle row is surrounded
    assert_eq!(shares(&simple(&rings)).row_sums()[5], 1.0);
}

#[test]
fn stretches_add_up_and_count_once() {
    // an enclave of 1 x 1 in two parts of one region, which have an edge in common; and a comb that meets it twice
    let hole = cell(1.0, 1.0, 1.0, 1.0);
    let map = regions(vec![
        MultiPolygon::new(vec![
            polygon(&cell(0.0, 0.0, 3.0, 3.0), &[&hole]),
            polygon(&cell(3.0, 0.0, 1.0, 3.0), &[]),
        ]),
        polygon(&hole, &[]).into(),
        polygon(
            &[
                (4.0, 0.0),
                (5.0, 0.0),
                (5.0, 3.0),
                (4.0, 3.0),
                (4.0, 2.0),
                (4.5, 2.0),
                (4.5, 1.0),
                (4.0, 1.0),
            ],
            &[],
        )
        .into(),
    ]);
    let expected = [(0, 1, 4.0), (0, 2, 2.0), (1, 0, 4.0), (2, 0, 2.0)];
    assert_eq!(links_of(&lengths(&map)), expected);
    // the perimeter of the two parts counts their common edge twice: 12 + 4 + 8
    let w = shares(&map);
    assert_eq!((w.weight(0, 1), w.weight(0, 2)), (4.0 / 24.0, 2.0 / 24.0));
    assert_eq!((w.weight(1, 0), w.weight(2, 0)), (1.0, 2.0 / 9.0));

    // three that lie on each other share their edges pair by pair
    let one = cell(0.0, 0.0, 1.0, 1.0);
    let w = lengths(&simple(&[&one, &one, &one]));
    assert!(links_of(&w).iter().all(|l| l.2 == 4.0));
    assert_eq!(w.links(), 6);
}

#[test]
fn degenerate_maps() {
    assert_eq!(lengths(&regions(vec![])).n(), 0);
    let one = shares(&lattice(1, 1));
    assert_eq!((one.n(), one.links()), (1, 0));
    // a point in common is no border
    let corner = simple(&[&cell(0.0, 0.0, 1.0, 1.0), &cell(1.0, 1.0, 1.0, 1.0)]);
    assert_eq!(lengths(&corner).links(), 0);
    for scale in [1e-100, 1e100] {
        let map = simple(&[
            &cell(0.0, 0.0, 2.0 * scale, scale),
            &cell(scale, scale, 2.0 * scale, scale),
        ]);
        assert_eq!(lengths(&map).weight(0, 1), scale);
        assert_eq!(shares(&map).weight(1, 0), scale / (6.0 * scale));
    }
    let e = Weights::shared_borders(&lattice(2, 2), Borders::length().snapped(f64::NAN));
    assert!(matches!(e, Err(Error::InvalidOption { .. })));
}

#[test]
fn snapped_borders_are_measured_between_common_points() {
    let map = simple(&[
        &cell(0.0, 0.0, 3.0, 1.0),
        &cell(0.5, 1.0 + 1e-7, 2.0, 1.0),
        &[(3.0 + 1e-7, 0.0), (4.0, 0.0), (4.0, 1.0), (3.0 + 1e-7, 1.0)],
    ]);
    assert_eq!(lengths(&map).links(), 0);
    let w = Weights::shared_borders(&map, Borders::length().snapped(1e-6)).unwrap();
    assert_eq!(
        w.built(),
        "common borders (lengths; snapped to 0.000001; 4 of 4 links only by it)"
    );
    assert_eq!((w.weight(0, 1), w.weight(0, 2)), (2.0, 1.0));
}

#[test]
fn great_circles() {
    let square =
        |w: f64| polygon![(x: w, y: 60.), (x: w + 1., y: 60.), (x: w + 1., y: 61.), (x: w, y: 61.)];
    let polygons: Vec<MultiPolygon<f64>> = vec![square(10.0).into(), square(11.0).into()];
    let map = Regions::from_polygons(&Units::range(2), Coordinates::LonLat, polygons).unwrap();
    let w = lengths(&map);
    assert_eq!(w.built(), "common borders (lengths in km)");
    // one degree of a meridian
    assert_relative_eq!(
        w.weight(0, 1),
        6371.0088 * 1.0_f64.to_radians(),
        max_relative = 1e-13
    );
}

// shapely 2.2.0: a.boundary.intersection(b.boundary) of each pair, in degrees by .length, in km by the haversine with
// R = 6371.0088 between its vertices; libpysal 4.14.1, Graph.build_contiguity(map, by_perimeter=True), gives the same degrees
#[test]
fn prefectures_of_guangdong() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/guangdong/guangdong.geojson"
    );
    let map = Regions::geojson(path).read().unwrap();
    let w = lengths(&map);
    assert_eq!((w.pairs(), w.is_symmetric()), (39, true));
    assert_relative_eq!(w.weight(0, 1), 27.381_123_963_442_7, max_relative = 1e-10);
    assert_relative_eq!(
        w.constants().s0,
        2.0 * 4_522.614_699_508_91,
        max_relative = 1e-10
    );
    let s = shares(&map);
    assert_relative_eq!(
        s.weight(0, 1),
        27.381_123_963_442_7 / 624.880_263_262_695,
        max_relative = 1e-10
    );
    assert_relative_eq!(s.constants().s0, 14.133_859_876_262_8, max_relative = 1e-10);
    let squares: f64 = links_of(&s).iter().map(|l| l.2 * l.2).sum();
    assert_relative_eq!(squares, 3.281_605_152_706_78, max_relative = 1e-10);

    let polygons = map.polygons().to_vec();
    let flat = Regions::from_polygons(map.units(), Coordinates::Planar, polygons).unwrap();
    let (w, s) = (lengths(&flat), shares(&flat));
    assert_relative_eq!(
        w.constants().s0,
        2.0 * 42.436_257_447_921,
        max_relative = 1e-10
    );
    assert_relative_eq!(s.constants().s0, 14.126_284_334_868_8, max_relative = 1e-10);
}
