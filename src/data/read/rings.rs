//! Rings of which the file does not say, or not reliably, which are holes: sorted by which lies in which.

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{Area, BoundingRect, LineString, MultiPolygon, Polygon, Rect};
use rstar::{AABB, RTree, RTreeObject};

use super::layer::Problem;

/// A ring's box in the tree.
struct Boxed {
    ring: usize,
    rect: Rect<f64>,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        let (low, high) = (self.rect.min(), self.rect.max());
        AABB::from_corners([low.x, low.y], [high.x, high.y])
    }
}

/// The polygons that rings make: a ring inside an even number of others is an outer one, inside an odd number a hole of the
/// innermost of these. Which way a ring turns does not count.
pub(super) fn polygons(rings: Vec<LineString<f64>>) -> Result<MultiPolygon<f64>, Problem> {
    if rings.is_empty() {
        return Err(Problem::Geometry("a polygon without a ring".to_owned()));
    }
    if rings.len() == 1 {
        let outer = rings.into_iter().map(|ring| Polygon::new(ring, Vec::new()));
        return Ok(MultiPolygon(outer.collect()));
    }
    let finite = |ring: &LineString<f64>| ring.coords().all(|c| c.x.is_finite() && c.y.is_finite());
    if !rings.iter().all(finite) {
        return Err(Problem::Geometry(
            "a coordinate is not a finite number".to_owned(),
        ));
    }
    let places = places(&rings)?;
    let outer = (0..rings.len()).filter(|&k| places[k].depth % 2 == 0);
    let mut part = vec![None; rings.len()];
    for (position, k) in outer.enumerate() {
        part[k] = Some(position);
    }
    let (shells, holes): (Vec<_>, Vec<_>) =
        (rings.into_iter().enumerate()).partition(|(k, _)| part[*k].is_some());
    let mut parts: Vec<Polygon<f64>> = (shells.into_iter())
        .map(|(_, ring)| Polygon::new(ring, Vec::new()))
        .collect();
    for (k, ring) in holes {
        let innermost = places[k].innermost.and_then(|(other, _)| part[other]);
        if let Some(position) = innermost {
            parts[position].interiors_push(ring);
        } else {
            let c = ring.0.first().copied().unwrap_or_default();
            return Err(Problem::Geometry(format!(
                "the ring that starts at ({}, {}) is a hole of no part",
                c.x, c.y
            )));
        }
    }
    Ok(MultiPolygon(parts))
}

/// Where a ring lies among others.
#[derive(Debug, Clone, Copy, Default)]
struct Nesting {
    /// In how many of them it lies.
    depth: usize,
    /// The smallest of these, with its area.
    innermost: Option<(usize, f64)>,
}

fn places(rings: &[LineString<f64>]) -> Result<Vec<Nesting>, Problem> {
    let boxes: Vec<Rect<f64>> = (rings.iter())
        .map(|r| {
            r.bounding_rect()
                .unwrap_or_else(|| Rect::new((0., 0.), (0., 0.)))
        })
        .collect();
    let of = |ring: usize| Boxed {
        ring,
        rect: boxes[ring],
    };
    let tree = RTree::bulk_load((0..rings.len()).map(of).collect());
    let mut shells: Vec<Option<Polygon<f64>>> = vec![None; rings.len()];
    let mut places = vec![Nesting::default(); rings.len()];
    for (k, ring) in rings.iter().enumerate() {
        for other in tree.locate_in_envelope_intersecting(&of(k).envelope()) {
            if other.ring == k || !covers(other.rect, boxes[k]) {
                continue;
            }
            let shell = shells[other.ring]
                .get_or_insert_with(|| Polygon::new(rings[other.ring].clone(), Vec::new()));
            match side(ring, shell) {
                Some(CoordPos::Inside) => {
                    let area = shell.unsigned_area();
                    let place = &mut places[k];
                    place.depth += 1;
                    if place.innermost.is_none_or(|(_, smallest)| area < smallest) {
                        place.innermost = Some((other.ring, area));
                    }
                }
                Some(_) => {}
                None => {
                    let c = ring.0.first().copied().unwrap_or_default();
                    return Err(Problem::Geometry(format!(
                        "two rings coincide at ({}, {})",
                        c.x, c.y
                    )));
                }
            }
        }
    }
    Ok(places)
}

fn covers(outer: Rect<f64>, inner: Rect<f64>) -> bool {
    outer.min().x <= inner.min().x
        && outer.min().y <= inner.min().y
        && outer.max().x >= inner.max().x
        && outer.max().y >= inner.max().y
}

/// The side of a polygon on which a ring lies that may touch its boundary; nothing where it does not leave the boundary.
fn side(ring: &LineString<f64>, shell: &Polygon<f64>) -> Option<CoordPos> {
    let corners = ring.coords().copied();
    let middles = ring.lines().map(|l| (l.start + l.end) / 2.0);
    let mut sides = corners
        .chain(middles)
        .map(|c| shell.coordinate_position(&c));
    sides.find(|side| *side != CoordPos::OnBoundary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64, clockwise: bool) -> LineString<f64> {
        let mut ring = vec![
            (x, y),
            (x + side, y),
            (x + side, y + side),
            (x, y + side),
            (x, y),
        ];
        if clockwise {
            ring.reverse();
        }
        ring.into()
    }

    /// The number of holes of each part.
    fn holes(rings: Vec<LineString<f64>>) -> Vec<usize> {
        let polygons = polygons(rings).unwrap();
        polygons.0.iter().map(|p| p.interiors().len()).collect()
    }

    #[test]
    fn holes_find_their_part_whatever_the_order_and_the_turn() {
        for turn in [true, false] {
            let rings = vec![
                square(21.0, 1.0, 2.0, !turn),
                square(0.0, 0.0, 10.0, turn),
                square(20.0, 0.0, 10.0, turn),
                square(1.0, 1.0, 2.0, turn),
                square(25.0, 5.0, 2.0, !turn),
            ];
            assert_eq!(holes(rings), [1, 2]);
        }
    }

    #[test]
    fn an_island_in_a_lake_is_a_part() {
        let rings = vec![
            square(0.0, 0.0, 10.0, true),
            square(1.0, 1.0, 8.0, false),
            square(2.0, 2.0, 6.0, true),
            square(3.0, 3.0, 1.0, false),
        ];
        assert_eq!(holes(rings), [1, 1]);
    }

    #[test]
    fn rings_that_touch_are_told_apart() {
        // A diamond that touches the square with all its corners is a hole; a square beside it is a part.
        let diamond = vec![(2.0, 0.0), (4.0, 2.0), (2.0, 4.0), (0.0, 2.0), (2.0, 0.0)];
        let rings = vec![
            square(0.0, 0.0, 4.0, true),
            diamond.into(),
            square(4.0, 0.0, 4.0, true),
        ];
        assert_eq!(holes(rings), [1, 0]);
        let twice = vec![square(0.0, 0.0, 4.0, true), square(0.0, 0.0, 4.0, false)];
        assert!(matches!(polygons(twice), Err(Problem::Geometry(p)) if p.contains("coincide")));
        assert!(polygons(Vec::new()).is_err());
    }
}
