//! Contiguity against hand-made maps, brute force and known counts.

use geo::{LineString, MultiPolygon, Polygon};

use super::*;
use crate::data::{Coordinates, Units};

pub(super) type Ring<'a> = &'a [(f64, f64)];
type Pairs = Vec<(usize, usize)>;

pub(super) fn polygon(exterior: Ring<'_>, holes: &[Ring<'_>]) -> Polygon<f64> {
    Polygon::new(
        LineString::from(exterior.to_vec()),
        holes.iter().map(|h| LineString::from(h.to_vec())).collect(),
    )
}

pub(super) fn regions(polygons: Vec<MultiPolygon<f64>>) -> Regions {
    Regions::from_polygons(&Units::range(polygons.len()), Coordinates::Planar, polygons).unwrap()
}

pub(super) fn simple(rings: &[Ring<'_>]) -> Regions {
    regions(rings.iter().map(|r| polygon(r, &[]).into()).collect())
}

pub(super) fn cell(x: f64, y: f64, w: f64, h: f64) -> Vec<(f64, f64)> {
    vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
}

pub(super) fn lattice(rows: usize, columns: usize) -> Regions {
    let cells = (0..rows * columns).map(|k| {
        let ring = cell((k % columns) as f64, (k / columns) as f64, 1.0, 1.0);
        polygon(&ring, &[]).into()
    });
    regions(cells.collect())
}

fn pairs(w: &Weights) -> Pairs {
    assert!(w.is_symmetric());
    (0..w.n())
        .flat_map(|i| w.neighbours(i).map(move |(j, _)| (i, j)))
        .filter(|(i, j)| i < j)
        .collect()
}

fn both(regions: &Regions) -> (Pairs, Pairs) {
    (
        pairs(&Weights::queen(regions).unwrap()),
        pairs(&Weights::rook(regions).unwrap()),
    )
}

#[test]
fn lattices() {
    // r (c - 1) + c (r - 1) common sides, and 2 (r - 1) (c - 1) common corners
    for (r, c) in [(1, 1), (1, 7), (4, 3), (20, 30)] {
        let map = lattice(r, c);
        let sides = r * (c - 1) + c * (r - 1);
        assert_eq!(Weights::rook(&map).unwrap().pairs(), sides);
        let queen = Weights::queen(&map).unwrap();
        assert_eq!(queen.pairs(), sides + 2 * (r - 1) * (c - 1));
        assert_eq!(queen.built(), "queen contiguity");
    }
}

#[test]
fn bricks_meet_at_t_junctions() {
    // rows of bricks of length 2, every other row shifted by 1: no vertex is common between rows
    let (rows, per_row) = (6_usize, 5_usize);
    let bricks = (0..rows * per_row).map(|k| {
        let (r, c) = (k / per_row, k % per_row);
        let ring = cell(2.0 * c as f64 + (r % 2) as f64, r as f64, 2.0, 1.0);
        polygon(&ring, &[]).into()
    });
    let (queen, rook) = both(&regions(bricks.collect()));
    assert_eq!(
        rook.len(),
        rows * (per_row - 1) + (rows - 1) * (2 * per_row - 1)
    );
    assert_eq!(queen, rook);
}

#[test]
fn a_corner_in_the_middle_of_an_edge() {
    // a wide cell below three triangles and gaps; the middle triangle touches it at one point only
    let map = simple(&[
        &cell(0.0, -1.0, 4.0, 1.0),
        &[(0.0, 0.0), (2.0, 0.0), (1.0, 2.0), (0.0, 2.0)],
        &[(2.0, 0.0), (3.0, 2.0), (1.0, 2.0)],
        &[(2.0, 0.0), (4.0, 0.0), (4.0, 2.0), (3.0, 2.0)],
    ]);
    let (queen, rook) = both(&map);
    assert_eq!(queen, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]);
    assert_eq!(rook, [(0, 1), (0, 3), (1, 2), (2, 3)]);
}

#[test]
fn two_common_vertices_are_no_common_edge() {
    // they meet at (0, 0) and (2, 0) and gape in between
    let map = simple(&[
        &[(0.0, 0.0), (1.0, 0.5), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)],
        &[
            (0.0, 0.0),
            (0.0, -2.0),
            (2.0, -2.0),
            (2.0, 0.0),
            (1.0, -0.5),
        ],
    ]);
    assert_eq!(both(&map), (vec![(0, 1)], vec![]));
}

#[test]
fn one_side_with_more_vertices() {
    let map = simple(&[
        &[(0.0, 0.0), (3.0, 0.0), (3.0, 1.0), (0.0, 1.0)],
        &[
            (0.0, 1.0),
            (1.0, 1.0),
            (2.0, 1.0),
            (3.0, 1.0),
            (3.0, 2.0),
            (0.0, 2.0),
        ],
        &[(1.2, 3.0), (1.2, 2.0), (1.8, 2.0)],
    ]);
    assert_eq!(both(&map), (vec![(0, 1), (1, 2)], vec![(0, 1), (1, 2)]));
}

#[test]
fn enclaves_and_parts() {
    let hole = cell(1.0, 1.0, 1.0, 1.0);
    let outer = polygon(&cell(0.0, 0.0, 3.0, 3.0), &[&hole]);
    let exclave = polygon(&cell(10.0, 0.0, 1.0, 1.0), &[]);
    let map = regions(vec![
        MultiPolygon::new(vec![outer, exclave]),
        polygon(&hole, &[]).into(),
        polygon(&cell(11.0, 0.0, 1.0, 1.0), &[]).into(),
        polygon(&cell(20.0, 0.0, 1.0, 1.0), &[]).into(),
    ]);
    let expected = vec![(0, 1), (0, 2)];
    assert_eq!(both(&map), (expected.clone(), expected));
    assert_eq!(Weights::queen(&map).unwrap().islands(), ["3"]);
}

#[test]
fn negative_zero_and_repeated_vertices() {
    let map = simple(&[
        &[
            (0.0, 0.0),
            (0.0, 0.0),
            (1.0, 0.0),
            (1.0, 1.0),
            (0.0, 1.0),
            (0.0, 1.0),
        ],
        &[(-0.0, -0.0), (-0.0, 1.0), (-1.0, 1.0), (-1.0, -0.0)],
    ]);
    assert_eq!(both(&map), (vec![(0, 1)], vec![(0, 1)]));
}

#[test]
fn snapped_borders() {
    // every cell of a lattice with its own noise: vertices agree to 1e-8 only
    let mut state = 1_u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 2e-8
    };
    let noisy = (0..400).map(|k| {
        let ring = cell(f64::from(k % 20), f64::from(k / 20), 1.0, 1.0);
        let ring: Vec<_> = ring
            .iter()
            .map(|&(x, y)| (x + noise(), y + noise()))
            .collect();
        polygon(&ring, &[]).into()
    });
    let map = regions(noisy.collect());
    let queen = Weights::contiguity(&map, Contiguity::queen().snapped(1e-6)).unwrap();
    let rook = Weights::contiguity(&map, Contiguity::rook().snapped(1e-6)).unwrap();
    assert_eq!((queen.pairs(), rook.pairs()), (760 + 722, 760));
    let exact = Weights::queen(&map).unwrap();
    assert!(exact.pairs() < 760 + 722);
    let told = format!(
        "queen contiguity (snapped to 0.000001; {} of 2964 links only by it)",
        2964 - exact.links()
    );
    assert_eq!(queen.built(), told);
}

#[test]
fn snapping_closes_narrow_gaps_on_long_edges() {
    let map = simple(&[
        &cell(0.0, 0.0, 3.0, 1.0),
        &cell(0.5, 1.0 + 1e-7, 2.0, 1.0),
        &cell(0.0, 5.0, 1.0, 1.0),
    ]);
    assert_eq!(both(&map), (vec![], vec![]));
    for options in [Contiguity::queen(), Contiguity::rook()] {
        let w = Weights::contiguity(&map, options.snapped(1e-6)).unwrap();
        assert_eq!(pairs(&w), [(0, 1)]);
    }
}

#[test]
fn what_snapping_changes_is_told() {
    let told = |map: &Regions, snap: f64| {
        let options = Contiguity::rook().snapped(snap);
        let w = Weights::contiguity(map, options).unwrap();
        w.built().to_owned()
    };
    let map = lattice(3, 3);
    assert_eq!(
        told(&map, 0.001),
        "rook contiguity (snapped to 0.001; 0 of 24 links only by it)"
    );
    // nothing is snapped below the tolerance for rounding
    assert_eq!(told(&map, 1e-12), "rook contiguity");
    // the short border of the first two closes, and the others meet
    let map = simple(&[
        &[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.01)],
        &[(0.0, 0.0), (0.0, 0.01), (-1.0, 1.0), (-1.0, 0.0)],
        &[(0.0, 0.01), (1.0, 1.005), (-1.0, 1.005)],
    ]);
    assert_eq!(
        told(&map, 0.02),
        "rook contiguity (snapped to 0.02; 4 of 4 links only by it, 2 others lost by it)"
    );
}

#[test]
fn bad_tolerances() {
    let map = lattice(2, 2);
    for tolerance in [-1.0, f64::NAN, f64::INFINITY, 3.0] {
        let e = Weights::contiguity(&map, Contiguity::queen().snapped(tolerance)).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
    }
    assert_eq!(Weights::queen(&regions(vec![])).unwrap().n(), 0);
}

#[test]
fn a_shape_far_from_the_origin() {
    // projected coordinates with a large false easting: thirds are not exact
    let x = 4.0e7;
    let third = 1.0 / 3.0;
    let map = simple(&[
        &[(x, 0.1), (x + 1.0, 0.1 + third), (x + 1.0, 2.0), (x, 2.0)],
        &[(x, 0.1), (x + 0.6, 0.1 + 0.2), (x + 0.6, -1.0), (x, -1.0)],
    ]);
    assert_eq!(both(&map), (vec![(0, 1)], vec![(0, 1)]));
}
