//! Graphs over points against spdep, against their definitions by brute force, and on the inputs that break triangulations.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::super::Weights;
use super::super::test_data::{checksum, columbus_points};
use crate::data::{Points, Units};
use crate::error::{Error, Result};

type Builder = fn(&Points) -> Result<Weights>;

const BUILDERS: [Builder; 4] = [
    Weights::delaunay,
    Weights::gabriel,
    Weights::relative_neighbours,
    Weights::sphere_of_influence,
];

pub(super) fn has(w: &Weights, i: usize, j: usize) -> bool {
    w.weight(i, j) > 0.0
}

// spdep 1.2-7, tri2nb(xy), graph2nb(gabrielneigh(xy), sym = TRUE), graph2nb(relativeneigh(xy), sym = TRUE)
#[test]
fn graphs_of_columbus() {
    let points = columbus_points();
    let w = Weights::delaunay(&points).unwrap();
    assert_eq!((w.links(), checksum(&w)), (270, 6_648_642));
    let cards = [
        5, 4, 5, 5, 6, 5, 9, 7, 6, 7, 5, 6, 4, 4, 6, 7, 3, 4, 6, 8, 9, 5, 5, 5, 7, 6, 5, 7, 5, 5,
        5, 4, 5, 5, 5, 5, 6, 6, 5, 8, 4, 4, 5, 6, 8, 5, 3, 4, 6,
    ];
    assert_eq!(w.cardinalities(), cards);
    let w = Weights::gabriel(&points).unwrap();
    assert_eq!((w.links(), checksum(&w)), (190, 4_705_701));
    let w = Weights::relative_neighbours(&points).unwrap();
    assert_eq!((w.links(), checksum(&w)), (116, 2_838_836));
    let cards = [
        2, 2, 3, 3, 3, 2, 1, 2, 3, 2, 2, 2, 4, 2, 1, 2, 2, 3, 2, 2, 2, 3, 3, 3, 4, 3, 4, 4, 3, 3,
        2, 3, 2, 3, 2, 3, 1, 2, 1, 1, 2, 2, 3, 3, 1, 2, 1, 3, 2,
    ];
    assert_eq!(w.cardinalities(), cards);
    for build in BUILDERS {
        let w = build(&points).unwrap();
        assert!(w.is_symmetric() && w.is_binary());
    }
}

pub(super) type Site = (i64, i64);
type Fraction = (i128, i128);

fn cross(o: Site, a: Site, b: Site) -> i128 {
    let [x1, y1] = [a.0 - o.0, a.1 - o.1].map(i128::from);
    let [x2, y2] = [b.0 - o.0, b.1 - o.1].map(i128::from);
    x1 * y2 - y1 * x2
}

fn inner(o: Site, a: Site, b: Site) -> i128 {
    let [x1, y1] = [a.0 - o.0, a.1 - o.1].map(i128::from);
    let [x2, y2] = [b.0 - o.0, b.1 - o.1].map(i128::from);
    x1 * x2 + y1 * y2
}

fn apart(a: Site, b: Site) -> i128 {
    inner(a, b, b)
}

/// Where the centres of empty circles through a and b lie on their bisector, as an order of two fractions: the upper bound by
/// points on the left against the lower bound by points on the right. `None` where a point lies between a and b.
fn room(sites: &[Site], a: Site, b: Site) -> Option<Ordering> {
    let less = |x: (i128, i128), y: (i128, i128)| x.0 * y.1 < y.0 * x.1;
    let (mut upper, mut lower): (Option<Fraction>, Option<Fraction>) = (None, None);
    for &c in sites.iter().filter(|&&c| c != a && c != b) {
        let (side, cosine) = (cross(a, b, c), inner(c, a, b));
        if side > 0 && upper.is_none_or(|u| less((cosine, side), u)) {
            upper = Some((cosine, side));
        } else if side < 0 && lower.is_none_or(|l| less(l, (-cosine, -side))) {
            lower = Some((-cosine, -side));
        } else if side == 0 && cosine <= 0 {
            return None;
        }
    }
    Some(match (upper, lower) {
        (Some(u), Some(l)) => (u.0 * l.1).cmp(&(l.0 * u.1)),
        _ => Ordering::Greater,
    })
}

/// The graphs of distinct points with integer coordinates, against exact arithmetic.
fn by_definition(sites: &[Site]) {
    let points = Points::planar(sites.iter().map(|s| (s.0 as f64, s.1 as f64))).unwrap();
    let [delaunay, gabriel, relative, influence] = BUILDERS.map(|build| build(&points).unwrap());
    let n = sites.len();
    let mut drawn = Vec::new();
    for i in 0..n {
        for j in 0..i {
            let (a, b) = (sites[i], sites[j]);
            let others = || sites.iter().copied().filter(move |&c| c != a && c != b);
            let room = room(sites, a, b);
            if has(&delaunay, i, j) {
                assert!(
                    room.is_some_and(Ordering::is_ge),
                    "{a:?} {b:?} in {sites:?}"
                );
                drawn.push((a, b));
            } else {
                assert!(
                    !room.is_some_and(Ordering::is_gt),
                    "{a:?} {b:?} in {sites:?}"
                );
            }
            let free = others().all(|c| inner(c, a, b) > 0);
            assert_eq!(has(&gabriel, i, j), free, "{a:?} {b:?} in {sites:?}");
            assert!(!free || has(&delaunay, i, j), "{a:?} {b:?} in {sites:?}");
            let free = others().all(|c| apart(a, c).max(apart(b, c)) >= apart(a, b));
            assert_eq!(has(&relative, i, j), free, "{a:?} {b:?} in {sites:?}");
            let radius2 = |p: Site| {
                sites
                    .iter()
                    .filter(|&&c| c != p)
                    .map(|&c| apart(p, c))
                    .min()
            };
            let (r, s) = (radius2(a).unwrap(), radius2(b).unwrap());
            let over = apart(a, b) - r - s;
            let meet = over < 0 || over * over < 4 * r * s;
            assert_eq!(has(&influence, i, j), meet, "{a:?} {b:?} in {sites:?}");
        }
    }
    // as many edges as a triangulation has, and none that cross
    let on_a_line = sites.iter().all(|&c| cross(sites[0], sites[n - 1], c) == 0)
        && sites.iter().all(|&c| cross(sites[0], sites[n / 2], c) == 0);
    let bounds = |p: Site| {
        sites.iter().any(|&q| {
            let sides = || sites.iter().map(move |&c| cross(p, q, c));
            p != q && (sides().all(|s| s >= 0) || sides().all(|s| s <= 0))
        })
    };
    let boundary = sites.iter().filter(|&&p| bounds(p)).count();
    let edges = if on_a_line {
        n - 1
    } else {
        3 * n - 3 - boundary
    };
    assert_eq!(delaunay.pairs(), edges, "{sites:?}");
    for &(a, b) in &drawn {
        for &(c, d) in &drawn {
            let across = |a, b, c, d| cross(a, b, c).signum() * cross(a, b, d).signum() < 0;
            assert!(!(across(a, b, c, d) && across(c, d, a, b)), "{sites:?}");
        }
    }
    assert_eq!(delaunay.components(), 1);
    assert_eq!(relative.components(), 1);
}

pub(super) fn distinct(mut sites: Vec<Site>) -> Vec<Site> {
    let mut seen = std::collections::HashSet::new();
    sites.retain(|&s| seen.insert(s));
    sites
}

proptest! {
    #[test]
    fn on_lattices(sites in prop::collection::vec((0_i64..6, 0_i64..6), 2..36)) {
        by_definition(&distinct(sites));
    }

    #[test]
    fn on_few_lines(sites in prop::collection::vec((-40_i64..40, 0_i64..3), 2..40)) {
        by_definition(&distinct(sites));
    }

    #[test]
    fn at_random(sites in prop::collection::vec((-30_000_i64..30_000, 500_000_i64..600_000), 2..40)) {
        by_definition(&distinct(sites));
    }

    // circles of radius 25, 65 and 85 have many points with integer coordinates
    #[test]
    fn on_circles(picks in prop::collection::vec((0_usize..3, 0_usize..36), 2..40)) {
        let circle = |r: i64| -> Vec<Site> {
            let all = (-r..=r).flat_map(|x| (-r..=r).map(move |y| (x, y)));
            all.filter(|p| p.0 * p.0 + p.1 * p.1 == r * r).collect()
        };
        let circles = [25, 65, 85].map(circle);
        let sites = picks.iter().map(|&(c, k)| circles[c][k % circles[c].len()]);
        by_definition(&distinct(sites.collect()));
    }

    // even where the triangulation is not unique, as it is chosen by coordinates
    #[test]
    fn the_order_of_the_units_is_nothing(
        (sites, order) in prop::collection::vec((0_i64..7, 0_i64..7), 2..40).prop_flat_map(|sites| {
            let sites = distinct(sites);
            let order: Vec<usize> = (0..sites.len()).collect();
            (Just(sites), Just(order).prop_shuffle())
        }),
        sphere in any::<bool>(),
    ) {
        let points = |order: &[usize]| {
            let xy = order.iter().map(|&i| (sites[i].0 as f64, sites[i].1 as f64));
            let points = if sphere { Points::lon_lat(xy) } else { Points::planar(xy) };
            let units = Units::new(order.iter().map(ToString::to_string)).unwrap();
            points.unwrap().relabelled(&units).unwrap()
        };
        let plain: Vec<usize> = (0..sites.len()).collect();
        let (first, second) = (points(&plain), points(&order));
        for build in BUILDERS {
            let (first, second) = (build(&first).unwrap(), build(&second).unwrap());
            let back = second.only(first.units()).unwrap();
            prop_assert_eq!(back.csr(), first.csr());
        }
    }

    // as unit vectors of random directions, and in windows over the antimeridian and a pole
    #[test]
    fn on_the_sphere(
        window in 0_usize..6,
        uv in prop::collection::vec((0.0_f64..1.0, 0.0_f64..1.0), 2..40),
    ) {
        let (lon, width, lat, height) = [
            (109.0, 8.0, 20.0, 5.5),
            (175.0, 12.0, -20.0, 12.0),
            (-180.0, 360.0, 75.0, 15.0),
            (-85.0, 170.0, -80.0, 160.0),
            (-180.0, 360.0, -90.0, 180.0),
            (10.0, 0.001, 50.0, 0.001),
        ][window];
        let at = uv.iter().map(|&(u, v)| {
            let lon: f64 = lon + width * u;
            (if lon > 180.0 { lon - 360.0 } else { lon }, lat + height * v)
        });
        on_sphere_by_definition(&Points::lon_lat(at).unwrap());
    }
}

fn on_sphere_by_definition(points: &Points) {
    let vector = |&[lon, lat]: &[f64; 2]| {
        let (l, b) = (lon.to_radians(), lat.to_radians());
        [b.cos() * l.cos(), b.cos() * l.sin(), b.sin()]
    };
    let at: Vec<[f64; 3]> = points.xy().iter().map(vector).collect();
    let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let minus = |a: [f64; 3], b: [f64; 3]| [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    let [delaunay, gabriel, relative, influence] = BUILDERS.map(|build| build(points).unwrap());
    let n = at.len();
    let chord = |i: usize, j: usize| dot(minus(at[i], at[j]), minus(at[i], at[j])).sqrt();
    let d = |i: usize, j: usize| points.distance(i, j).unwrap();
    let radius = |i: usize| {
        (0..n)
            .filter(|&k| k != i)
            .map(|k| d(i, k))
            .fold(f64::MAX, f64::min)
    };
    for i in 0..n {
        for j in 0..i {
            let (p, q) = (at[i], at[j]);
            let others = || (0..n).filter(move |&k| k != i && k != j);
            // centres of caps through p and q: the midpoint, turned towards the normal by an angle of tangent t
            let sum = [p[0] + q[0], p[1] + q[1], p[2] + q[2]];
            let middle = sum.map(|x| x / dot(sum, sum).sqrt());
            let apart = minus(q, p);
            let normal = [
                p[1] * apart[2] - p[2] * apart[1],
                p[2] * apart[0] - p[0] * apart[2],
                p[0] * apart[1] - p[1] * apart[0],
            ];
            let normal = normal.map(|x| x / dot(normal, normal).sqrt());
            let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
            for k in others() {
                let height = dot(middle, minus(at[k], p));
                let side = dot(normal, minus(at[k], p));
                if side > 0.0 {
                    high = high.min(-height / side);
                } else {
                    low = low.max(-height / side);
                }
            }
            let doubt = 1e-9 * (1.0 + low.abs().min(high.abs())) / chord(i, j);
            if (high - low).abs() > doubt && low < 1e6 && high > -1e6 {
                assert_eq!(
                    has(&delaunay, i, j),
                    low < high,
                    "{i} {j} {low} {high} {points:?}"
                );
            }
            if low.abs() > doubt && high.abs() > doubt {
                assert_eq!(
                    has(&gabriel, i, j),
                    low < 0.0 && high > 0.0,
                    "{i} {j} {points:?}"
                );
            }
            assert!(!has(&gabriel, i, j) || has(&delaunay, i, j));
            assert!(!has(&relative, i, j) || has(&gabriel, i, j));
            let nearest = others()
                .map(|k| chord(i, k).max(chord(j, k)))
                .fold(f64::MAX, f64::min);
            if (nearest - chord(i, j)).abs() > 1e-13 {
                assert_eq!(
                    has(&relative, i, j),
                    nearest > chord(i, j),
                    "{i} {j} {points:?}"
                );
            }
            let over = radius(i) + radius(j) - d(i, j);
            if over.abs() > 1e-9 {
                assert_eq!(has(&influence, i, j), over > 0.0, "{i} {j} {points:?}");
            }
        }
    }
    assert_eq!((delaunay.components(), relative.components()), (1, 1));
}

#[test]
fn the_minimum_spanning_tree_is_part_of_all() {
    let points = columbus_points();
    let w = Weights::relative_neighbours(&points).unwrap();
    let mut pairs: Vec<(usize, usize)> =
        (0..49).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
    let length = |&(i, j): &(usize, usize)| points.distance(i, j).unwrap();
    pairs.sort_by(|a, b| length(a).total_cmp(&length(b)));
    let mut tree: Vec<usize> = (0..49).collect();
    for (i, j) in pairs {
        let (from, to) = (tree[i], tree[j]);
        if from != to {
            assert!(has(&w, i, j));
            tree.iter_mut()
                .filter(|t| **t == from)
                .for_each(|t| *t = to);
        }
    }
}

#[test]
fn few_points_and_lines() {
    for build in BUILDERS {
        for n in 0..3_usize {
            let at = [(3.0, 4.0), (5.0, 4.0)];
            for points in [
                Points::planar(at[..n].to_vec()),
                Points::lon_lat(at[..n].to_vec()),
            ] {
                let w = build(&points.unwrap()).unwrap();
                assert_eq!((w.n(), w.links()), (n, if n == 2 { 2 } else { 0 }));
            }
        }
    }
    let path = |w: &Weights| (1..w.n()).all(|i| has(w, i - 1, i)) && w.pairs() == w.n() - 1;
    let steps = (0..30).map(|i| f64::from(i * (i + 3)));
    let oblique = Points::planar(steps.clone().map(|t| (3.0 * t - 8.0, 500.0 - 7.0 * t))).unwrap();
    let equator = Points::lon_lat(steps.clone().map(|t| (t / 6.0 - 60.0, 0.0))).unwrap();
    let meridian = Points::lon_lat(steps.map(|t| (37.3, t / 8.0 - 50.0))).unwrap();
    for points in [&oblique, &equator, &meridian] {
        for build in &BUILDERS[..3] {
            let w = build(points).unwrap();
            assert!(
                path(&w),
                "{:?} {w:?}",
                (0..w.n())
                    .map(|i| w.neighbours(i).map(|l| l.0).collect::<Vec<_>>())
                    .collect::<Vec<_>>()
            );
        }
    }
    // around the whole equator the ring is closed
    let ring = Points::lon_lat((0..36).map(|i| (f64::from(i) * 10.0 - 180.0, 0.0))).unwrap();
    for build in &BUILDERS[..3] {
        assert_eq!(build(&ring).unwrap().cardinalities(), [2; 36]);
    }
}

#[test]
fn coincident_points_are_named() {
    let units = Units::new(["a", "b", "c", "d"]).unwrap();
    let plane = Points::planar([(1.0, 2.0), (0.0, 0.0), (3.0, 1.0), (-0.0, 0.0)]).unwrap();
    let dateline = Points::lon_lat([(1.0, 2.0), (180.0, 7.0), (3.0, 1.0), (-180.0, 7.0)]).unwrap();
    let pole = Points::lon_lat([(1.0, 2.0), (180.0, 90.0), (3.0, 1.0), (10.0, 90.0)]).unwrap();
    let south = Points::lon_lat([(1.0, 2.0), (3.0, -90.0), (3.0, 1.0), (0.0, -90.0)]).unwrap();
    for points in [plane, dateline, pole, south] {
        let points = points.relabelled(&units).unwrap();
        for build in BUILDERS {
            let e = build(&points).unwrap_err();
            let Error::CoincidentPoints { first, second, .. } = e else {
                panic!("{e}")
            };
            assert_eq!((first.as_str(), second.as_str()), ("b", "d"));
        }
    }
    for build in BUILDERS {
        let same = Points::lon_lat(vec![(113.0, 23.0); 5]).unwrap();
        assert!(matches!(build(&same), Err(Error::CoincidentPoints { .. })));
    }
}

#[test]
fn extreme_coordinates() {
    let at = [
        (0.0, 0.0),
        (4.0, 1.0),
        (3.0, 5.0),
        (-2.0, 3.0),
        (1.0, 2.0),
        (1.5, 7.0),
    ];
    let usual = Points::planar(at).unwrap();
    for unit in [
        f64::MIN_POSITIVE,
        1e-300,
        1e-40,
        1e40,
        1e80,
        1e300,
        f64::MAX / 8.0,
    ] {
        let points = Points::planar(at.map(|(x, y)| (x * unit, y * unit))).unwrap();
        for build in BUILDERS {
            assert_eq!(build(&points).unwrap().csr(), build(&usual).unwrap().csr());
        }
    }
    // far smaller than the rest, and yet apart
    let spread = Points::planar([(0.0, 0.0), (1e-60, 0.0), (1.0, 1.0), (1.0, -1.0)]).unwrap();
    for build in BUILDERS {
        assert!(has(&build(&spread).unwrap(), 0, 1));
    }
    let beside = Points::lon_lat([(1e-200, 1e-200), (5.0, 0.0), (0.0, 5.0)]).unwrap();
    assert_eq!(Weights::delaunay(&beside).unwrap().pairs(), 3);
}

#[test]
fn lattices() {
    let square = |turn: f64| {
        let at = (0..100).map(move |k| (f64::from(k % 10) * 0.1, f64::from(k / 10) * 0.1));
        Points::planar(at.map(move |(x, y)| {
            (
                turn.cos() * x - turn.sin() * y,
                turn.sin() * x + turn.cos() * y,
            )
        }))
        .unwrap()
    };
    // rook, whichever way the lattice lies and is rounded
    for turn in [0.0, 0.3, 1.0] {
        for build in &BUILDERS[1..3] {
            let w = build(&square(turn)).unwrap();
            assert_eq!(
                (w.pairs(), w.weight(0, 1), w.weight(0, 10)),
                (180, 1.0, 1.0)
            );
        }
        // circles of neighbours cross, those of diagonal ones too, the next in a row touch
        let w = Weights::sphere_of_influence(&square(turn)).unwrap();
        assert_eq!(w.cardinalities()[44], 8);
    }
    let hexagons = (0..100).map(|k| {
        let (x, y) = (f64::from(k % 10), f64::from(k / 10));
        (
            500_000.0 + x + (y % 2.0) / 2.0,
            4_000_000.0 + y * 0.75_f64.sqrt(),
        )
    });
    let hexagons = Points::planar(hexagons).unwrap();
    for build in BUILDERS.iter().take(3) {
        assert_eq!(build(&hexagons).unwrap().cardinalities()[44], 6);
    }
}
