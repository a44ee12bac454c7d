//! Polygons: what makes one valid, its area and its centroid.

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{Coord, Line, LineString, MultiPolygon, Polygon, coord};

use super::crossing::crossing;
use super::points::{Coordinates, EARTH_RADIUS_KM, unit_vector};
use crate::error::{Error, Result};

/// Area, and the area's first moments, of a figure.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    pub(super) area: f64,
    x: f64,
    y: f64,
}

impl Moments {
    fn plus(self, other: Self, sign: f64) -> Self {
        Self {
            area: self.area + sign * other.area,
            x: self.x + sign * other.x,
            y: self.y + sign * other.y,
        }
    }

    /// ∫ 1, ∫ (x - x_0), ∫ (y - y_0) over the inside of a ring, whatever its orientation.
    fn of_ring(ring: &LineString<f64>, coordinates: Coordinates, origin: Coord<f64>) -> Self {
        let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
        for side in ring.lines() {
            let (a, b) = (
                project(coordinates, side.start) - origin,
                project(coordinates, side.end) - origin,
            );
            let cross = a.x * b.y - b.x * a.y;
            area += cross / 2.0;
            x += (a.x + b.x) * cross / 6.0;
            y += (a.y + b.y) * cross / 6.0;
        }
        Self { area, x, y }.times(if area < 0.0 { -1.0 } else { 1.0 })
    }

    fn times(self, factor: f64) -> Self {
        Self::default().plus(self, factor)
    }

    /// The same integrals over a polygon, its holes left out.
    fn of_polygon(polygon: &Polygon<f64>, coordinates: Coordinates, origin: Coord<f64>) -> Self {
        let outer = Self::of_ring(polygon.exterior(), coordinates, origin);
        (polygon.interiors().iter()).fold(outer, |sum, hole| {
            sum.plus(Self::of_ring(hole, coordinates, origin), -1.0)
        })
    }
}

/// The plane in which areas are true: the plane itself, or, for longitude and latitude, the cylindrical equal-area
/// projection (λ, sin φ) of the unit sphere.
fn project(coordinates: Coordinates, c: Coord<f64>) -> Coord<f64> {
    match coordinates {
        Coordinates::Planar => c,
        Coordinates::LonLat => coord! { x: c.x.to_radians(), y: c.y.to_radians().sin() },
    }
}

fn origin(region: &MultiPolygon<f64>, coordinates: Coordinates) -> Coord<f64> {
    let first = region.0.first().and_then(|p| p.exterior().0.first());
    project(coordinates, first.copied().unwrap_or_default())
}

/// Area in the square of the unit of the coordinates, or in km² on the sphere.
pub(super) fn area(region: &MultiPolygon<f64>, coordinates: Coordinates) -> f64 {
    let origin = origin(region, coordinates);
    let parts = region.0.iter();
    let area: f64 = parts
        .map(|p| Moments::of_polygon(p, coordinates, origin).area)
        .sum();
    match coordinates {
        Coordinates::Planar => area,
        Coordinates::LonLat => area * EARTH_RADIUS_KM.powi(2),
    }
}

/// Centroid of a region, or of its largest part; NaN where the sphere has none (a figure that is its own mirror image in
/// the centre).
pub(super) fn centroid(
    region: &MultiPolygon<f64>,
    coordinates: Coordinates,
    largest_part: bool,
) -> (f64, f64) {
    let origin = origin(region, coordinates);
    let mut parts: Vec<(&Polygon<f64>, Moments)> = (region.0.iter())
        .map(|p| (p, Moments::of_polygon(p, coordinates, origin)))
        .collect();
    if largest_part {
        let largest = parts.iter().copied().reduce(|best, part| {
            let larger = part.1.area > best.1.area;
            if larger { part } else { best }
        });
        parts = largest.into_iter().collect();
    }
    match coordinates {
        Coordinates::Planar => {
            let all = parts.iter().map(|(_, moments)| *moments);
            let sum = all.fold(Moments::default(), |sum, part| sum.plus(part, 1.0));
            (origin.x + sum.x / sum.area, origin.y + sum.y / sum.area)
        }
        Coordinates::LonLat => {
            let sum = parts.iter().fold([0.0; 3], |sum, (polygon, _)| {
                let holes = polygon.interiors().iter();
                let outer = add(sum, inside(polygon.exterior()), 1.0);
                holes.fold(outer, |sum, hole| add(sum, inside(hole), -1.0))
            });
            let length = sum.iter().map(|v| v * v).sum::<f64>().sqrt();
            let [x, y, z] = sum.map(|v| v / length);
            (y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees())
        }
    }
}

/// Sides are straight in longitude and latitude; pieces no longer than this, in degrees of longitude, are taken as arcs of great
/// circles (at most 4 m away from them).
const LONGEST_ARC: f64 = 0.1;

/// ∫ r dA over the inside of a ring of the unit sphere: half the sum, over arcs of its sides, of the angle of an arc times the unit
/// vector perpendicular to its plane.
fn inside(ring: &LineString<f64>) -> [f64; 3] {
    let mut integral = [0.0; 3];
    let mut turn = 0.0;
    for side in ring.lines() {
        let pieces = ((side.end.x - side.start.x).abs() / LONGEST_ARC)
            .ceil()
            .clamp(1.0, 3_600.0) as usize;
        let at =
            |k: usize| on_sphere(side.start + (side.end - side.start) * (k as f64 / pieces as f64));
        let mut start = at(0);
        for k in 1..=pieces {
            let end = at(k);
            integral = add(integral, arc(start, end), 0.5);
            start = end;
        }
        let (a, b) = (
            project(Coordinates::LonLat, side.start),
            project(Coordinates::LonLat, side.end),
        );
        turn += (b.x - a.x) * (a.y + b.y);
    }
    // ∮ sin φ dλ is negative for a ring that turns counterclockwise, which has its inside on its left.
    integral.map(|v| if turn > 0.0 { -v } else { v })
}

/// A hole that lies outside its polygon; boundaries that do not cross are on one side of each other.
fn stray_hole(region: &MultiPolygon<f64>) -> Option<Place> {
    for (part, polygon) in region.0.iter().enumerate() {
        if polygon.interiors().is_empty() {
            continue;
        }
        let shell = Polygon::new(polygon.exterior().clone(), Vec::new());
        for (hole, ring) in polygon.interiors().iter().enumerate() {
            let mut sides = ring.coords().map(|c| shell.coordinate_position(c));
            if sides.find(|side| *side != CoordPos::OnBoundary) == Some(CoordPos::Outside) {
                return Some(Place {
                    part,
                    hole: Some(hole),
                });
            }
        }
    }
    None
}

/// The angle between two points of the unit sphere times the unit vector perpendicular to both.
fn arc(start: [f64; 3], end: [f64; 3]) -> [f64; 3] {
    // a × b = (a + b) × (b - a) / 2, which keeps its digits where the ends are close to each other.
    let (s, d) = (add(start, end, 1.0), add(end, start, -1.0));
    let normal = [
        (s[1] * d[2] - s[2] * d[1]) / 2.0,
        (s[2] * d[0] - s[0] * d[2]) / 2.0,
        (s[0] * d[1] - s[1] * d[0]) / 2.0,
    ];
    let sine = normal.iter().map(|v| v * v).sum::<f64>().sqrt();
    let cosine = start.iter().zip(end).map(|(a, b)| a * b).sum::<f64>();
    let angle = if sine > 0.0 {
        sine.atan2(cosine) / sine
    } else {
        0.0
    };
    normal.map(|v| v * angle)
}

fn on_sphere(c: Coord<f64>) -> [f64; 3] {
    unit_vector([c.x, c.y])
}

fn add(a: [f64; 3], b: [f64; 3], factor: f64) -> [f64; 3] {
    [
        a[0] + factor * b[0],
        a[1] + factor * b[1],
        a[2] + factor * b[2],
    ]
}

/// Nothing where a region can be measured: rings of four coordinates at least, in range, not over the antimeridian, of some
/// area, that cross neither themselves nor each other. Rings may touch.
pub(super) fn check(
    unit: impl Fn() -> String,
    region: &MultiPolygon<f64>,
    coordinates: Coordinates,
) -> Result<()> {
    let invalid = |problem: String| Error::InvalidGeometry {
        unit: unit(),
        problem,
    };
    if region.0.is_empty() {
        return Err(invalid("the polygon is empty".to_owned()));
    }
    let origin = origin(region, coordinates);
    for (place, ring) in rings(region) {
        if ring.0.len() < 4 {
            return Err(invalid(format!(
                "{place} has {} coordinates, and four at least are needed (the last one being the first)",
                ring.0.len()
            )));
        }
        if let Some(c) = ring.coords().find(|c| !coordinates.contains(c.x, c.y)) {
            return Err(Error::CoordinateOutOfRange {
                unit: unit(),
                x: c.x,
                y: c.y,
            });
        }
        if let Some(side) = ring
            .lines()
            .find(|side| coordinates == Coordinates::LonLat && wraps(side))
        {
            return Err(invalid(format!(
                "a side of {place} goes from ({}, {}) to ({}, {}), over {} degrees of longitude; if it crosses the antimeridian, \
                 split the region there into two parts, and if it is as long as that, put a coordinate between",
                side.start.x,
                side.start.y,
                side.end.x,
                side.end.y,
                (side.end.x - side.start.x).abs()
            )));
        }
        let area = Moments::of_ring(ring, coordinates, origin).area;
        if !(area > 0.0 && area.is_finite()) {
            return Err(invalid(format!("{place} has the area {area}")));
        }
    }
    for (k, polygon) in region.0.iter().enumerate() {
        if Moments::of_polygon(polygon, coordinates, origin).area <= 0.0 {
            let part = Place {
                part: k,
                hole: None,
            };
            return Err(invalid(format!(
                "the holes of {part} are as large as it is"
            )));
        }
    }
    match crossed(region) {
        None => match stray_hole(region) {
            None => Ok(()),
            Some(hole) => Err(invalid(format!("{hole} lies outside its polygon"))),
        },
        Some((a, b, at)) if a == b => Err(invalid(format!(
            "{a} crosses itself at ({}, {})",
            at.x, at.y
        ))),
        Some((a, b, at)) => Err(invalid(format!(
            "{a} and {b} cross at ({}, {})",
            at.x, at.y
        ))),
    }
}

/// Whether a side is too long to be one: over more than half the globe, and neither from meridian 180 to itself nor along a pole.
/// It is that of a ring which jumps from 179 to -179 degrees.
fn wraps(side: &Line<f64>) -> bool {
    let frame = |x: f64| x.abs() >= 180.0;
    let pole = |y: f64| y.abs() >= 90.0;
    (side.end.x - side.start.x).abs() > 180.0
        && !(frame(side.start.x) && frame(side.end.x))
        && !(pole(side.start.y) && pole(side.end.y))
}

/// Which ring of a region, for messages; counted from 0, printed from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    part: usize,
    hole: Option<usize>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.hole {
            None => write!(f, "the outer ring of part {}", self.part + 1),
            Some(hole) => write!(f, "hole {} of part {}", hole + 1, self.part + 1),
        }
    }
}

fn rings(region: &MultiPolygon<f64>) -> impl Iterator<Item = (Place, &LineString<f64>)> + Clone {
    region.0.iter().enumerate().flat_map(|(part, polygon)| {
        let holes = polygon.interiors().iter().enumerate();
        let outer = std::iter::once((Place { part, hole: None }, polygon.exterior()));
        outer.chain(holes.map(move |(k, ring)| {
            let hole = Some(k);
            (Place { part, hole }, ring)
        }))
    })
}

/// The rings and the place of the first two sides that cross.
fn crossed(region: &MultiPolygon<f64>) -> Option<(Place, Place, Coord<f64>)> {
    let (a, b, at) = crossing(rings(region).map(|(_, ring)| ring))?;
    let place = |side: usize| {
        let mut sides = 0;
        let mut rings = rings(region).map(|(place, ring)| (place, ring.0.len().saturating_sub(1)));
        rings.find_map(|(place, length)| {
            sides += length;
            (side < sides).then_some(place)
        })
    };
    Some((place(a)?, place(b)?, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    fn problem(region: &MultiPolygon<f64>) -> String {
        match check(|| "u".to_owned(), region, Coordinates::Planar) {
            Err(Error::InvalidGeometry { problem, .. }) => problem,
            other => panic!("{other:?}"),
        }
    }

    fn valid(region: &MultiPolygon<f64>) -> bool {
        check(|| "u".to_owned(), region, Coordinates::Planar).is_ok()
    }

    #[test]
    fn a_bow_tie_is_located() {
        let tie = polygon![(x: 0., y: 0.), (x: 3., y: 2.), (x: 3., y: 0.), (x: 0., y: 2.5)];
        let text = problem(&tie.into());
        assert!(
            text.starts_with("the outer ring of part 1 crosses itself at (1.66"),
            "{text}"
        );
    }

    #[test]
    fn rings_may_touch_and_may_not_cross() {
        let outer = [(0., 0.), (4., 0.), (4., 4.), (0., 4.), (0., 0.)];
        let with = |hole: Vec<(f64, f64)>| {
            MultiPolygon::from(Polygon::new(outer.to_vec().into(), vec![hole.into()]))
        };
        assert!(valid(&with(vec![(0., 2.), (2., 1.), (2., 3.), (0., 2.)])));
        assert!(valid(&with(vec![(0., 0.), (2., 1.), (1., 2.), (0., 0.)])));
        let text = problem(&with(vec![(-1., 2.), (2., 1.), (2., 3.), (-1., 2.)]));
        assert!(
            text.contains("part 1 and hole 1 of part 1 cross at (0, "),
            "{text}"
        );
        // A ring that touches itself at a vertex, and a spike.
        let eight = polygon![
            (x: 0., y: 0.), (x: 2., y: 0.), (x: 1., y: 1.), (x: 2., y: 2.), (x: 0., y: 2.), (x: 1., y: 1.)
        ];
        assert!(valid(&eight.into()));
        let spike = polygon![(x: 0., y: 0.), (x: 2., y: 0.), (x: 2., y: 5.), (x: 2., y: 2.), (x: 0., y: 2.)];
        assert!(valid(&spike.into()));
    }

    #[test]
    fn rings_without_inside_are_invalid() {
        let flat = polygon![(x: 0., y: 0.), (x: 1., y: 1.), (x: 2., y: 2.)];
        assert!(problem(&flat.into()).contains("area 0"));
        let short = Polygon::new(LineString::from(vec![(0., 0.), (1., 1.)]), vec![]);
        assert!(problem(&short.into()).contains("3 coordinates"));
        assert!(problem(&MultiPolygon(Vec::new())).contains("empty"));
        let all = polygon!(
            exterior: [(x: 0., y: 0.), (x: 1., y: 0.), (x: 0., y: 1.)],
            interiors: [[(x: 0., y: 0.), (x: 1., y: 0.), (x: 0., y: 1.)]],
        );
        assert!(problem(&all.into()).contains("holes"));
    }

    #[test]
    fn rings_over_the_antimeridian_are_to_be_split() {
        let lon_lat = |w: f64, e: f64, s: f64, n: f64| {
            let region = polygon![(x: w, y: s), (x: e, y: s), (x: e, y: n), (x: w, y: n)].into();
            check(|| "Fiji".to_owned(), &region, Coordinates::LonLat)
        };
        let Err(Error::InvalidGeometry { unit, problem }) = lon_lat(179.0, -179.0, -19.0, -16.0)
        else {
            panic!("accepted")
        };
        assert_eq!(unit, "Fiji");
        assert!(
            problem.contains("(179, -19) to (-179, -19), over 358 degrees")
                && problem.contains("split")
        );
        // Half the globe, the whole of it, a polar cap, and degrees taken as a plane.
        assert!(lon_lat(-90.0, 90.0, 0.0, 10.0).is_ok());
        assert!(lon_lat(-180.0, 180.0, -90.0, 90.0).is_ok());
        let cap = polygon![
            (x: -180., y: -90.), (x: -180., y: -80.), (x: 0., y: -70.), (x: 180., y: -80.), (x: 180., y: -90.)
        ];
        assert!(check(String::new, &cap.into(), Coordinates::LonLat).is_ok());
        let wide =
            polygon![(x: 179., y: 0.), (x: -179., y: 0.), (x: -179., y: 1.), (x: 179., y: 1.)];
        assert!(valid(&wide.into()));
    }

    #[test]
    fn moments_are_those_of_rectangles() {
        // A 4 × 2 rectangle less a 1 × 1 square, far from the origin, with its rings turned the same way.
        let (e, n) = (500_000.0, 4_000_000.0);
        let region: MultiPolygon<f64> = polygon!(
            exterior: [(x: e, y: n), (x: e + 4., y: n), (x: e + 4., y: n + 2.), (x: e, y: n + 2.)],
            interiors: [[(x: e, y: n), (x: e + 1., y: n), (x: e + 1., y: n + 1.), (x: e, y: n + 1.)]],
        )
        .into();
        let (x, y) = centroid(&region, Coordinates::Planar, false);
        assert!((area(&region, Coordinates::Planar) - 7.0).abs() < 1e-12);
        assert!((x - e - (8.0 * 2.0 - 0.5) / 7.0).abs() < 1e-9);
        assert!((y - n - (8.0 - 0.5) / 7.0).abs() < 1e-9);
    }

    #[test]
    fn a_zone_of_the_sphere_has_its_area() {
        // 0 ≤ λ ≤ 90°, 0 ≤ φ ≤ 30°: R² (π/2) sin 30°.
        let zone: MultiPolygon<f64> =
            polygon![(x: 0., y: 0.), (x: 90., y: 0.), (x: 90., y: 30.), (x: 0., y: 30.)].into();
        let exact = EARTH_RADIUS_KM.powi(2) * std::f64::consts::PI / 4.0;
        assert!((area(&zone, Coordinates::LonLat) / exact - 1.0).abs() < 1e-14);
    }

    #[test]
    fn centroids_of_the_sphere_do_not_depend_on_the_meridian() {
        // An octant of the sphere: (1, 1, 1)/√3, whatever the orientation of the ring.
        let corners = [(0., 0.), (90., 0.), (90., 90.), (0., 90.), (0., 0.)];
        for ring in [corners.to_vec(), corners.iter().rev().copied().collect()] {
            let octant: MultiPolygon<f64> = Polygon::new(ring.into(), vec![]).into();
            let (lon, lat) = centroid(&octant, Coordinates::LonLat, false);
            assert!((lon - 45.0).abs() < 1e-12, "{lon}");
            assert!((lat - (1.0 / 3.0_f64.sqrt()).asin().to_degrees()).abs() < 1e-12);
        }
        // Two squares either side of the antimeridian, split there.
        let square = |w: f64| polygon![(x: w, y: -1.), (x: w + 1., y: -1.), (x: w + 1., y: 1.), (x: w, y: 1.)];
        let split = MultiPolygon(vec![square(179.0), square(-180.0)]);
        let (lon, lat) = centroid(&split, Coordinates::LonLat, false);
        assert!(
            (lon.abs() - 180.0).abs() < 1e-9 && lat.abs() < 1e-9,
            "{lon} {lat}"
        );
        // A square 10 m wide has its centroid to a millimetre.
        let (w, s, d) = (113.25, 23.125, 1e-4);
        let small: MultiPolygon<f64> =
            polygon![(x: w, y: s), (x: w + d, y: s), (x: w + d, y: s + d), (x: w, y: s + d)].into();
        let (lon, lat) = centroid(&small, Coordinates::LonLat, false);
        assert!((lon - w - d / 2.0).abs() < 1e-8 && (lat - s - d / 2.0).abs() < 1e-8);
    }

    #[test]
    fn the_centroid_of_the_largest_part_forgets_the_others() {
        let large = polygon![(x: 0., y: 0.), (x: 2., y: 0.), (x: 2., y: 2.), (x: 0., y: 2.)];
        let small = polygon![(x: 10., y: 0.), (x: 11., y: 0.), (x: 11., y: 1.), (x: 10., y: 1.)];
        let region = MultiPolygon(vec![small, large]);
        let (x, y) = centroid(&region, Coordinates::Planar, true);
        assert!((x - 1.0).abs() < 1e-12 && (y - 1.0).abs() < 1e-12);
        let (x, _) = centroid(&region, Coordinates::Planar, false);
        assert!((x - (4.0 + 10.5) / 5.0).abs() < 1e-12);
    }

    /// Of a box in longitude and latitude ∫ r dA is known in closed form.
    #[test]
    fn centroids_of_wide_boxes_are_those_of_the_closed_form() {
        for (west, east, south, north) in [
            (-109.0, -102.0, 37.0, 41.0),
            (30.0, 180.0, 50.0, 75.0),
            (-100.0, 100.0, 20.0, 60.0),
        ] {
            let corners = [
                (west, south),
                (east, south),
                (east, north),
                (west, north),
                (west, south),
            ];
            let polygon = Polygon::new(LineString::from(corners.to_vec()), vec![]);
            let found = centroid(
                &MultiPolygon::new(vec![polygon]),
                Coordinates::LonLat,
                false,
            );
            let (a, b) = (f64::to_radians(south), f64::to_radians(north));
            let width = f64::to_radians(east - west);
            let up = (b.sin().powi(2) - a.sin().powi(2)) / 2.0 * width;
            let out = ((b - a) + (b.sin() * b.cos() - a.sin() * a.cos())) * (width / 2.0).sin();
            let expected = (f64::midpoint(west, east), up.atan2(out).to_degrees());
            let off = (found.0 - expected.0).hypot(found.1 - expected.1);
            assert!(off < 1e-4, "{found:?} {expected:?}");
        }
    }
}
