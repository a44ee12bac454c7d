//! Voronoi neighbours against libpysal, and against cells cut by half-planes.

use geo::polygon;
use proptest::prelude::*;

use super::super::tests::{Site, distinct, has};
use super::{Clip, Weights};
use crate::data::Points;
use crate::error::Error;
use crate::weights::test_data::{checksum, columbus_points};

// libpysal 4.14.1, Graph.build_triangulation(xy, method="voronoi", rook=True, clip=...); without a clip and in an angle, cells
// by half-planes with shapely 2.2.0 (libpysal bounds the former, and its links of the latter are not symmetric)
#[test]
fn voronoi_of_columbus() {
    let points = columbus_points();
    let angle = polygon![(x: 25., y: 24.), (x: 52., y: 24.), (x: 52., y: 36.), (x: 40., y: 36.), (x: 40., y: 45.), (x: 25., y: 45.)];
    for (clip, links, sum) in [
        (Clip::bounding_box(), 248, 5_982_977),
        (Clip::convex_hull(), 244, 5_903_898),
        (Clip::to(angle), 238, 5_934_929),
        (Clip::none(), 270, 6_648_642),
    ] {
        let w = Weights::voronoi(&points, clip.clone()).unwrap();
        assert_eq!((w.links(), checksum(&w)), (links, sum), "{clip:?}");
        assert!(w.is_symmetric() && w.is_binary());
    }
}

/// Whether the cells of i and j meet in one of the boxes: their bisector cut by the half-planes nearer to them than to others.
fn cells_meet(sites: &[Site], i: usize, j: usize, boxes: &[[f64; 4]]) -> bool {
    let at = |k: usize| (sites[k].0 as f64, sites[k].1 as f64);
    let (p, q) = (at(i), at(j));
    let (m, n) = (
        (f64::midpoint(p.0, q.0), f64::midpoint(p.1, q.1)),
        (p.1 - q.1, q.0 - p.0),
    );
    let (mut low, mut high) = (-1e9_f64, 1e9_f64);
    let cut = |(low, high): (f64, f64), slope: f64, most: f64| match slope {
        0.0 if most <= 0.0 => (1.0, 0.0),
        0.0 => (low, high),
        s if s > 0.0 => (low, high.min(most / s)),
        s => (low.max(most / s), high),
    };
    for k in (0..sites.len()).filter(|&k| k != i && k != j) {
        // |x - p|² ≤ |x - c|² for x = m + s n
        let c = at(k);
        let (u, v) = (2.0 * (c.0 - p.0), 2.0 * (c.1 - p.1));
        let most = c.0 * c.0 + c.1 * c.1 - p.0 * p.0 - p.1 * p.1 - u * m.0 - v * m.1;
        (low, high) = cut((low, high), u * n.0 + v * n.1, most);
    }
    boxes.iter().any(|b| {
        let mut part = (low, high);
        part = cut(part, n.0, b[2] - m.0);
        part = cut(part, -n.0, m.0 - b[0]);
        part = cut(part, n.1, b[3] - m.1);
        part = cut(part, -n.1, m.1 - b[1]);
        part.1 - part.0 > 1e-9
    })
}

fn area(boxes: &[[f64; 4]]) -> geo::MultiPolygon<f64> {
    use geo::BooleanOps;
    let polygon = |b: &[f64; 4]| geo::Rect::new((b[0], b[1]), (b[2], b[3])).to_polygon();
    let none = geo::MultiPolygon(Vec::new());
    boxes.iter().fold(none, |all, b| all.union(&polygon(b)))
}

proptest! {
    #[test]
    fn voronoi_by_half_planes(
        sites in prop::collection::vec((0_i64..9, 0_i64..9), 2..30),
        wide in prop::collection::vec((0_i64..40, 0_i64..40), 2..30),
        apart in any::<bool>(),
    ) {
        let sites = distinct(if apart { wide } else { sites });
        let points = Points::planar(sites.iter().map(|s| (s.0 as f64, s.1 as f64))).unwrap();
        let side = |f: fn(f64, f64) -> f64, d: fn(&Site) -> i64| {
            sites.iter().map(d).map(|x| x as f64).reduce(f).unwrap()
        };
        let own = [side(f64::min, |s| s.0), side(f64::min, |s| s.1), side(f64::max, |s| s.0), side(f64::max, |s| s.1)];
        let grown = [own[0] - 3.0, own[1] - 3.0, own[2] + 3.0, own[3] + 3.0];
        // an angle, and a frame with a hole, whose sides run along edges of cells of a lattice
        let angle = vec![[0.5, 0.5, 4.5, 9.0], [0.5, 0.5, 20.0, 3.5]];
        let frame = vec![[1.0, 1.0, 8.0, 2.5], [1.0, 1.0, 2.5, 8.0], [1.0, 6.5, 8.0, 8.0], [6.5, 1.0, 8.0, 8.0]];
        let mut clips = vec![
            (Clip::none(), vec![[-1e9, -1e9, 1e9, 1e9]]),
            (Clip::bounding_box_grown(3.0), vec![grown]),
            (Clip::to(area(&angle)), angle),
            (Clip::to(area(&frame)), frame),
        ];
        if own[0] < own[2] && own[1] < own[3] {
            clips.push((Clip::bounding_box(), vec![own]));
            clips.push((Clip::to(area(&[own])), vec![own]));
        }
        for (clip, boxes) in clips {
            let w = Weights::voronoi(&points, clip.clone()).unwrap();
            for i in 0..sites.len() {
                for j in 0..i {
                    let meet = cells_meet(&sites, i, j, &boxes);
                    prop_assert_eq!(has(&w, i, j), meet, "{:?} {:?} {:?} {:?}", sites[i], sites[j], clip, &sites);
                }
            }
        }
    }
}

#[test]
fn voronoi_of_lattices_is_the_rook() {
    let square = |turn: f64| {
        let at = (0..100).map(move |k| (f64::from(k % 10) * 0.1, f64::from(k / 10) * 0.1));
        at.map(move |(x, y)| {
            (
                turn.cos() * x - turn.sin() * y,
                turn.sin() * x + turn.cos() * y,
            )
        })
    };
    for turn in [0.0, 0.3, 1.0] {
        let points = Points::planar(square(turn)).unwrap();
        for clip in [Clip::bounding_box(), Clip::convex_hull(), Clip::none()] {
            let w = Weights::voronoi(&points, clip.clone()).unwrap();
            let inner =
                (0..100).filter(|k| (1..9).contains(&(k % 10)) && (1..9).contains(&(k / 10)));
            assert!(
                inner.into_iter().all(|k| w.cardinalities()[k] == 4),
                "{clip:?}"
            );
        }
    }
    // cells of meridians and parallels
    let degrees = square(0.0).map(|(x, y)| (100.0 + 10.0 * x, 30.0 + 10.0 * y));
    let w = Weights::voronoi(&Points::lon_lat(degrees).unwrap(), Clip::none()).unwrap();
    assert_eq!(w.cardinalities()[44], 4);
}

// decimal coordinates put points on a line up to rounding only: the circles through three of them are as good as lines
#[test]
fn voronoi_of_points_nearly_on_a_line_is_a_path() {
    let path = |w: &Weights, what: &str| {
        let n = w.n();
        for i in 0..n {
            for j in 0..n {
                assert_eq!(has(w, i, j), i.abs_diff(j) == 1, "{what}: {i}, {j}");
            }
        }
    };
    for (a, b) in [(0.1, 0.3), (0.1, 0.7), (0.37, 0.11), (12.3, 45.6)] {
        for n in [3, 6, 40] {
            let line =
                Points::planar((0..n).map(|i| (f64::from(i) * a, b * f64::from(i)))).unwrap();
            for clip in [Clip::bounding_box(), Clip::bounding_box_grown(1.0)] {
                path(
                    &Weights::voronoi(&line, clip.clone()).unwrap(),
                    &format!("{a} {b} {clip:?}"),
                );
            }
        }
    }
    for longitude in [0.0, 113.25, -77.3] {
        let meridian = (0..12).map(|i| (longitude, 20.0 + 0.7 * f64::from(i)));
        let cities = Points::lon_lat(meridian).unwrap();
        path(
            &Weights::voronoi(&cities, Clip::none()).unwrap(),
            &longitude.to_string(),
        );
    }
}

#[test]
fn voronoi_of_few_points_and_bad_clips() {
    let clips = [Clip::bounding_box(), Clip::convex_hull(), Clip::none()];
    for clip in &clips {
        for n in 0..2_usize {
            let points = Points::planar(vec![(3.0, 4.0); n]).unwrap();
            assert_eq!(Weights::voronoi(&points, clip.clone()).unwrap().links(), 0);
        }
        let same = Points::planar(vec![(3.0, 4.0); 3]).unwrap();
        let e = Weights::voronoi(&same, clip.clone()).unwrap_err();
        assert!(matches!(e, Error::CoincidentPoints { .. }), "{e}");
    }
    let level = Points::planar([(0.0, 1.0), (2.0, 1.0), (5.0, 1.0)]).unwrap();
    let oblique = Points::planar([(0.0, 0.0), (2.0, 2.0), (5.0, 5.0)]).unwrap();
    for (points, clip) in [
        (&level, &clips[0]),
        (&level, &clips[1]),
        (&oblique, &clips[1]),
    ] {
        let e = Weights::voronoi(points, clip.clone()).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
    }
    for (points, clip) in [
        (&level, &clips[2]),
        (&level, &Clip::bounding_box_grown(0.1)),
        (&oblique, &clips[0]),
    ] {
        assert_eq!(
            Weights::voronoi(points, clip.clone())
                .unwrap()
                .cardinalities(),
            [1, 2, 1]
        );
    }
    for margin in [-1.0, f64::NAN, f64::INFINITY] {
        let e = Weights::voronoi(&level, Clip::bounding_box_grown(margin)).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
    }
    let bow = polygon![(x: 0., y: 0.), (x: 1., y: 1.), (x: 1., y: 0.), (x: 0., y: 1.)];
    for outline in [geo::MultiPolygon(Vec::new()), bow.into()] {
        let e = Weights::voronoi(&level, Clip::to(outline)).unwrap_err();
        assert!(matches!(e, Error::InvalidGeometry { .. }), "{e}");
    }
    let globe = Points::lon_lat([(0.0, 1.0), (2.0, 1.0)]).unwrap();
    let e = Weights::voronoi(&globe, Clip::default()).unwrap_err();
    assert!(matches!(e, Error::Unsupported { .. }), "{e}");
    assert_eq!(Weights::voronoi(&globe, Clip::none()).unwrap().pairs(), 1);
    // a unit outside the clip
    let w = Weights::voronoi(
        &oblique,
        Clip::to(polygon![(x: 0., y: 0.), (x: 3., y: 0.), (x: 3., y: 3.)]),
    );
    assert_eq!(w.unwrap().islands(), ["2"]);
}

#[test]
fn voronoi_of_extreme_coordinates() {
    let at = [
        (0.0, 0.0),
        (4.0, 1.0),
        (3.0, 5.0),
        (-2.0, 3.0),
        (1.0, 2.0),
        (1.5, 7.0),
    ];
    let build = |unit: f64| {
        let points = Points::planar(at.map(|(x, y)| (x * unit, y * unit))).unwrap();
        let box_of = |s: f64| geo::Rect::new((-s, -s), (4.0 * s, 8.0 * s)).to_polygon();
        let mut clips = vec![Clip::bounding_box_grown(unit), Clip::convex_hull()];
        if (1e-50..1e50).contains(&unit) {
            // beyond, polygons have no area in numbers
            clips.push(Clip::to(box_of(unit)));
        }
        clips
            .into_iter()
            .map(|clip| {
                Weights::voronoi(&points, clip.clone())
                    .unwrap()
                    .csr()
                    .clone()
            })
            .collect::<Vec<_>>()
    };
    for unit in [1e-300, 1e-40, 1e40, 1e300] {
        let found = build(unit);
        assert_eq!(found[..], build(1.0)[..found.len()]);
    }
}
