//! The slow and obvious twin of contiguity, and random maps on which both must agree.

use std::collections::{BTreeMap, BTreeSet};

use geo::{LineString, MultiPolygon, Polygon};
use proptest::prelude::*;

use crate::weights::contiguity::mesh::Mesh;
use crate::weights::contiguity::{RELATIVE, links, snap_to};

type Point = [f64; 2];
type Links = BTreeSet<(usize, usize)>;

fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn to_segment(p: Point, [a, b]: [Point; 2]) -> f64 {
    let along = (p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1]);
    let t = (along / distance(a, b).powi(2)).clamp(0.0, 1.0);
    distance(p, [0, 1].map(|d| a[d] + t * (b[d] - a[d])))
}

fn cross([a, b]: [Point; 2], [c, d]: [Point; 2]) -> bool {
    let turn = |p: Point, q: Point, r: Point| {
        ((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])).partial_cmp(&0.0)
    };
    let turns = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
    let straight = Some(std::cmp::Ordering::Equal);
    !turns.contains(&straight) && turns[0] != turns[1] && turns[2] != turns[3]
}

/// Points in ascending order, and owners by the positions of the points.
struct Owned {
    points: Vec<Point>,
    vertices: BTreeMap<usize, BTreeSet<usize>>,
    edges: BTreeMap<(usize, usize), BTreeSet<usize>>,
}

fn owned(polygons: &[MultiPolygon<f64>], snap: Option<f64>) -> Owned {
    let rings: Vec<(usize, Vec<Point>)> = polygons
        .iter()
        .enumerate()
        .flat_map(|(p, region)| region.0.iter().map(move |part| (p, part)))
        .flat_map(|(p, part)| {
            let rings = std::iter::once(part.exterior()).chain(part.interiors());
            rings.map(move |r| (p, r.0.iter().map(|c| [c.x + 0.0, c.y + 0.0]).collect()))
        })
        .collect();
    let mut points: Vec<Point> = rings.iter().flat_map(|(_, r)| r.clone()).collect();
    points.sort_by(|a, b| a.partial_cmp(b).unwrap());
    points.dedup();
    // the smallest point that can be reached
    let mut least: Vec<usize> = (0..points.len()).collect();
    if let Some(snap) = snap {
        for _ in 0..points.len() {
            for i in 0..points.len() {
                for j in 0..points.len() {
                    if distance(points[i], points[j]) <= snap {
                        least[i] = least[i].min(least[j]);
                    }
                }
            }
        }
    }
    let vertex = |p: &Point| {
        let at = points.iter().position(|q| q == p).unwrap();
        least[at]
    };
    let mut vertices: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut edges: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
    for (p, ring) in &rings {
        let ring: Vec<usize> = ring.iter().map(vertex).collect();
        for &v in &ring {
            vertices.entry(v).or_default().insert(*p);
        }
        for (&a, &b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            if a != b {
                edges.entry((a.min(b), a.max(b))).or_default().insert(*p);
            }
        }
    }
    Owned {
        points,
        vertices,
        edges,
    }
}

/// Every pair of points and every pair of edges is looked at.
fn slow(polygons: &[MultiPolygon<f64>], rook: bool, snap: Option<f64>) -> Links {
    let Owned {
        points,
        vertices,
        edges,
    } = owned(polygons, snap);
    let mut found = Links::new();
    let mut link = |p: usize, q: usize| {
        if p != q {
            found.extend([(p, q), (q, p)]);
        }
    };
    let mut every = |p: &BTreeSet<usize>, q: &BTreeSet<usize>| {
        for &p in p {
            for &q in q {
                link(p, q);
            }
        }
    };
    let common: Vec<_> = if rook {
        edges.values().collect()
    } else {
        vertices.values().collect()
    };
    for owners in common {
        every(owners, owners);
    }
    let largest = points
        .iter()
        .flatten()
        .fold(0.0, |m: f64, x| m.max(x.abs()));
    let tolerance = snap.unwrap_or(RELATIVE * largest);
    let loose: Vec<_> = edges
        .iter()
        .filter(|(_, owners)| owners.len() == 1)
        .collect();
    for &(&(a, b), p) in &loose {
        for &(&(c, d), q) in &loose {
            if p == q {
                continue;
            }
            let [e, f] = [[a, b], [c, d]];
            let at = |v: usize| points[v];
            let lies_on = |v: usize, e: [usize; 2]| to_segment(at(v), e.map(at)) <= tolerance;
            let mut common: Vec<usize> = e.into_iter().filter(|&v| lies_on(v, f)).collect();
            common.extend(f.into_iter().filter(|&v| lies_on(v, e)));
            if rook {
                let long = |&u: &usize| {
                    common
                        .iter()
                        .any(|&v| distance(at(u), at(v)) > 4.0 * tolerance)
                };
                if common.iter().any(long) {
                    every(p, q);
                }
                continue;
            }
            if !common.is_empty() || cross(e.map(at), f.map(at)) {
                every(p, q);
            }
            for v in e.into_iter().filter(|&v| !f.contains(&v) && lies_on(v, f)) {
                every(&vertices[&v], q);
                for u in f
                    .into_iter()
                    .filter(|&u| distance(at(u), at(v)) <= tolerance)
                {
                    every(&vertices[&v], &vertices[&u]);
                }
            }
        }
    }
    found
}

fn fast(polygons: &[MultiPolygon<f64>], rook: bool, snap: Option<f64>) -> Links {
    let mut mesh = Mesh::new(polygons).unwrap();
    if let Some(snap) = snap {
        // polygons may collapse here
        let _ = snap_to(&mut mesh, snap);
    }
    let tolerance = snap.unwrap_or(RELATIVE * mesh.largest);
    let rows = links(&mesh, rook, tolerance).unwrap();
    let row = |p: usize| {
        let row = rows.row(p);
        assert!(row.windows(2).all(|w| w[0] < w[1]), "{row:?}");
        row.iter().map(move |&q| (p, q as usize))
    };
    (0..rows.n()).flat_map(row).collect()
}

fn agree(polygons: &[MultiPolygon<f64>], snap: Option<f64>) -> Result<(), TestCaseError> {
    let n = polygons.len();
    let reversed: Vec<_> = polygons.iter().rev().cloned().collect();
    for rook in [false, true] {
        let expected = slow(polygons, rook, snap);
        prop_assert_eq!(
            fast(polygons, rook, snap),
            expected.clone(),
            "rook {}",
            rook
        );
        let back = fast(&reversed, rook, snap);
        let back: Links = back
            .into_iter()
            .map(|(p, q)| (n - 1 - p, n - 1 - q))
            .collect();
        prop_assert_eq!(back, expected, "reversed, rook {}", rook);
    }
    Ok(())
}

/// Rings through points of a small grid, which cross, repeat points, turn back, and lie on each other.
fn tangle() -> impl Strategy<Value = Vec<MultiPolygon<f64>>> {
    let ring = prop::collection::vec((-2..3_i32, -2..3_i32), 2..8).prop_map(|r| {
        let points = r.into_iter().map(|(x, y)| (f64::from(x), f64::from(y)));
        LineString::from(points.collect::<Vec<_>>())
    });
    let part = (ring.clone(), prop::collection::vec(ring, 0..2));
    let part = part.prop_map(|(outer, holes)| Polygon::new(outer, holes));
    let region = prop::collection::vec(part, 1..3).prop_map(MultiPolygon::new);
    prop::collection::vec(region, 0..9)
}

/// Bricks or squares, dealt out to a few regions, some of them to none and some to two; corners apart by some noise.
fn bricks(noise: f64) -> impl Strategy<Value = Vec<MultiPolygon<f64>>> {
    let cells = prop::collection::vec((0..8_usize, 0..12_usize, 0..10_u8), 20);
    let noises = prop::collection::vec(-1.0..1.0, 2 * 6 * 20);
    (cells, noises, 0..3_u8, 0..2_u8).prop_map(move |(cells, noises, shift, middle)| {
        let mut regions = vec![MultiPolygon::new(Vec::new()); 10];
        let mut noises = noises.into_iter().map(|x: f64| noise * x);
        for (k, (first, second, kind)) in cells.into_iter().enumerate() {
            let (row, column) = (k / 5, k % 5);
            let (x, y) = (
                2.0 * column as f64 + f64::from(shift) * (row % 2) as f64 / 2.0,
                row as f64,
            );
            let mut ring = vec![(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0)];
            if middle == 1 {
                ring.insert(1, (1.0, 0.0));
            }
            if kind == 0 {
                // a spike, and a point given twice
                ring.insert(1, (0.0, -0.5));
                ring.insert(2, (0.0, 0.0));
                ring.insert(3, (0.0, 0.0));
            }
            for p in &mut ring {
                let mut n = || noises.next().unwrap_or(0.0);
                *p = (p.0 + x + n(), p.1 + y + n());
            }
            for region in [Some(first), (second < 8).then_some(second)]
                .into_iter()
                .flatten()
            {
                let part = Polygon::new(LineString::from(ring.clone()), Vec::new());
                regions[region].0.push(part);
            }
        }
        regions
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn tangles_agree(polygons in tangle()) {
        agree(&polygons, None)?;
    }

    #[test]
    fn bricks_agree(polygons in bricks(0.0)) {
        agree(&polygons, None)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn snapped_bricks_agree(polygons in bricks(0.02)) {
        agree(&polygons, Some(0.06))?;
    }

    #[test]
    fn snapped_tangles_agree(polygons in tangle(), snap in 0.01..0.6) {
        agree(&polygons, Some(snap))?;
    }
}

/// More polygons than are read in one block.
#[test]
fn threads_change_nothing() {
    let mut state = 3_u64;
    let mut random = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((state >> 33) % below) as f64
    };
    let polygons: Vec<MultiPolygon<f64>> = (0..300)
        .map(|_| {
            let ring: Vec<_> = (0..4).map(|_| (random(40), random(40))).collect();
            Polygon::new(LineString::from(ring), Vec::new()).into()
        })
        .collect();
    let mut results = [1, 2, 3, 7].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let mesh = Mesh::new(&polygons).unwrap();
            let rows = [false, true].map(|rook| links(&mesh, rook, 1e-11).unwrap());
            (
                mesh.vertices.clone(),
                mesh.corners_of(0..300).to_vec(),
                rows,
            )
        })
    });
    results.rotate_left(1);
    assert!(results.iter().all(|r| *r == results[0]));
}
