//! `Clip`: the region inside which Voronoi cells have to meet.

use geo::{Coord, MultiPolygon};
use rstar::primitives::{GeomWithData, Line};
use rstar::{AABB, RTree};

use super::super::NONE;
use super::super::triangulation::Mesh;
use crate::data::{Coordinates, Regions, Units};
use crate::error::{Error, Result};

/// The region inside which Voronoi cells have to meet to make their units neighbours.
///
/// The default is [`bounding_box`](Self::bounding_box).
///
/// ```
/// use spatialecon::Clip;
/// assert_eq!(Clip::default(), Clip::bounding_box());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Clip(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    None,
    Box { margin: f64 },
    Hull,
    Polygon(MultiPolygon<f64>),
}

impl Clip {
    /// The smallest box with sides parallel to the axes that holds all points.
    #[must_use]
    pub fn bounding_box() -> Self {
        Self::bounding_box_grown(0.0)
    }

    /// The smallest box that holds all points, grown on every side by a margin in the unit of the coordinates.
    #[must_use]
    pub fn bounding_box_grown(margin: f64) -> Self {
        Self(Kind::Box { margin })
    }

    /// The convex hull of the points.
    #[must_use]
    pub fn convex_hull() -> Self {
        Self(Kind::Hull)
    }

    /// A polygon or several, such as the outline of a country, in the coordinates of the points.
    ///
    /// ```
    /// use geo::polygon;
    /// use spatialecon::Clip;
    /// let outline = Clip::to(polygon![(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.), (x: 0., y: 9.)]);
    /// # let _ = outline;
    /// ```
    #[must_use]
    pub fn to(outline: impl Into<MultiPolygon<f64>>) -> Self {
        Self(Kind::Polygon(outline.into()))
    }

    /// The whole plane: cells without bound meet however far out.
    #[must_use]
    pub fn none() -> Self {
        Self(Kind::None)
    }

    pub(super) fn is_none(&self) -> bool {
        self.0 == Kind::None
    }

    /// In words, as a part of `built`.
    pub(super) fn words(&self) -> String {
        match &self.0 {
            Kind::None => "not clipped".to_owned(),
            Kind::Box { margin: 0.0 } => "clipped to the bounding box".to_owned(),
            Kind::Box { margin } => format!("clipped to the bounding box grown by {margin}"),
            Kind::Hull => "clipped to the convex hull".to_owned(),
            Kind::Polygon(_) => "clipped to a polygon".to_owned(),
        }
    }

    /// Nothing where the options are valid.
    pub(super) fn check(&self) -> Result<()> {
        match &self.0 {
            Kind::Box { margin } if !(*margin >= 0.0 && margin.is_finite()) => {
                Err(Error::InvalidOption {
                    option: "the margin of the clip",
                    value: margin.to_string(),
                    expected: "a finite number of at least zero, in the unit of the coordinates",
                })
            }
            Kind::Polygon(outline) => {
                let unit = Units::new(["the clip"])?;
                Regions::from_polygons(&unit, Coordinates::Planar, vec![outline.clone()]).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// The region for points of a plane whose coordinates are multiplied by `scale`.
    pub(super) fn region(&self, mesh: &Mesh<2>, scale: f64) -> Result<Region> {
        let (low, high) = bounds(mesh.points.iter().copied());
        let flat = |value: &str| Error::InvalidOption {
            option: "the clip",
            value: value.to_owned(),
            expected: "a region with an area; grow the box by a margin, or use `Clip::none`",
        };
        match &self.0 {
            Kind::None => Ok(Region::Plane),
            Kind::Box { margin } => {
                let margin = margin * scale;
                let (low, high) = (low.map(|x| x - margin), high.map(|x| x + margin));
                if !(low[0] < high[0] && low[1] < high[1]) {
                    return Err(flat(
                        "the bounding box of points on a line parallel to an axis",
                    ));
                }
                Ok(Region::Box(low, high))
            }
            Kind::Hull => {
                let boundary = mesh.edges.iter().filter(|e| e.apexes.contains(&NONE));
                if mesh.edges.iter().all(|e| e.apexes == [NONE; 2]) {
                    return Err(flat("the convex hull of points on a line"));
                }
                let ends = boundary.map(|e| e.ends.map(|i| mesh.points[i as usize]));
                Ok(Region::Outline(Outline::new(ends.collect())))
            }
            Kind::Polygon(outline) => {
                let at = |c: Coord<f64>| [c.x * scale, c.y * scale];
                let rings = outline
                    .iter()
                    .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
                let sides = rings.flat_map(|r| r.lines().map(|l| [at(l.start), at(l.end)]));
                let sides: Vec<_> = sides
                    .filter(|[a, b]| a.map(f64::to_bits) != b.map(f64::to_bits))
                    .collect();
                if sides.iter().flatten().flatten().any(|x| !x.is_finite()) {
                    return Err(Error::InvalidOption {
                        option: "the clip",
                        value: "a polygon".to_owned(),
                        expected: "coordinates of the size that the points have",
                    });
                }
                Ok(Region::Outline(Outline::new(sides)))
            }
        }
    }
}

impl Default for Clip {
    fn default() -> Self {
        Self::bounding_box()
    }
}

/// What a clip is for given points.
pub(super) enum Region {
    Plane,
    Box([f64; 2], [f64; 2]),
    Outline(Outline),
}

/// The sides of polygons in a search tree.
pub(super) struct Outline {
    sides: RTree<GeomWithData<Line<[f64; 2]>, ()>>,
    low: [f64; 2],
    high: [f64; 2],
    /// A distance that is nothing.
    rounding: f64,
}

/// The points m + s n for s between `from` and `to`, which may be infinite.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    pub(super) m: [f64; 2],
    pub(super) n: [f64; 2],
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Stretch {
    fn at(&self, s: f64) -> [f64; 2] {
        [self.m[0] + s * self.n[0], self.m[1] + s * self.n[1]]
    }

    /// The part inside a box.
    fn inside(mut self, low: [f64; 2], high: [f64; 2]) -> Self {
        for d in 0..2 {
            if self.n[d] == 0.0 {
                if !(low[d] <= self.m[d] && self.m[d] <= high[d]) {
                    self.to = f64::NEG_INFINITY;
                }
                continue;
            }
            let (a, b) = (
                (low[d] - self.m[d]) / self.n[d],
                (high[d] - self.m[d]) / self.n[d],
            );
            self.from = self.from.max(a.min(b));
            self.to = self.to.min(a.max(b));
        }
        self
    }
}

impl Region {
    /// Whether a stretch has a part inside that is longer than `nothing` (in units of s).
    pub(super) fn meets(&self, stretch: Stretch, nothing: f64) -> bool {
        match self {
            Self::Plane => stretch.to - stretch.from > nothing,
            Self::Box(low, high) => {
                let inside = stretch.inside(*low, *high);
                inside.to - inside.from > nothing
            }
            Self::Outline(outline) => outline.meets(stretch, nothing),
        }
    }
}

impl Outline {
    fn new(sides: Vec<[[f64; 2]; 2]>) -> Self {
        let (low, high) = bounds(sides.iter().flatten().copied());
        let largest = low
            .into_iter()
            .chain(high)
            .fold(0.0_f64, |m, x| m.max(x.abs()));
        let sides = sides
            .into_iter()
            .map(|[a, b]| GeomWithData::new(Line::new(a, b), ()));
        Self {
            sides: RTree::bulk_load(sides.collect()),
            low,
            high,
            rounding: 8.0 * f64::EPSILON * largest,
        }
    }

    fn sides(&self, low: [f64; 2], high: [f64; 2]) -> impl Iterator<Item = [[f64; 2]; 2]> {
        let around = AABB::from_corners(low, high);
        let sides = self.sides.locate_in_envelope_intersecting(&around);
        sides.map(|side| [side.geom().from, side.geom().to])
    }

    fn meets(&self, stretch: Stretch, nothing: f64) -> bool {
        let stretch = stretch.inside(self.low, self.high);
        if !(stretch.to - stretch.from > nothing) {
            return false;
        }
        let (low, high) = bounds([stretch.at(stretch.from), stretch.at(stretch.to)].into_iter());
        let Stretch { m, n, .. } = stretch;
        let length2 = n[0] * n[0] + n[1] * n[1];
        let mut cuts = vec![stretch.from, stretch.to];
        for [a, b] in self.sides(low, high) {
            let beside = |p: [f64; 2]| n[0] * (p[1] - m[1]) - n[1] * (p[0] - m[0]);
            let along = |p: [f64; 2]| (n[0] * (p[0] - m[0]) + n[1] * (p[1] - m[1])) / length2;
            let (left, right) = (beside(a), beside(b));
            if left == 0.0 && right == 0.0 {
                cuts.extend([along(a), along(b)]);
            } else if left.min(right) <= 0.0 && left.max(right) >= 0.0 {
                let t = left / (left - right);
                cuts.push(along([a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]));
            }
        }
        cuts.retain(|s| (stretch.from..=stretch.to).contains(s));
        cuts.sort_unstable_by(f64::total_cmp);
        let mut parts = cuts.windows(2).filter(|c| c[1] - c[0] > nothing);
        parts.any(|c| self.holds(stretch.at(f64::midpoint(c[0], c[1]))))
    }

    /// Whether a point lies inside, not on a side.
    fn holds(&self, [x, y]: [f64; 2]) -> bool {
        let near = self.rounding;
        let mut inside = false;
        for [a, b] in self.sides([x - near, y - near], [self.high[0].max(x) + near, y + near]) {
            let (u, v) = ([b[0] - a[0], b[1] - a[1]], [x - a[0], y - a[1]]);
            let t = (u[0] * v[0] + u[1] * v[1]) / (u[0] * u[0] + u[1] * u[1]);
            let t = t.clamp(0.0, 1.0);
            if (v[0] - t * u[0]).hypot(v[1] - t * u[1]) <= near {
                return false;
            }
            if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / u[1] * u[0] {
                inside = !inside;
            }
        }
        inside
    }
}

/// The corners of the smallest box around points.
fn bounds(points: impl Iterator<Item = [f64; 2]>) -> ([f64; 2], [f64; 2]) {
    points.fold(
        ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
        |(low, high), p| {
            (
                [low[0].min(p[0]), low[1].min(p[1])],
                [high[0].max(p[0]), high[1].max(p[1])],
            )
        },
    )
}
