//! Sides of rings that cross, found through boxes around runs of consecutive sides.

use geo::{Coord, LineString};

/// How many sides, or boxes, a box holds.
const RUN: usize = 16;

#[derive(Debug, Clone, Copy)]
struct Side {
    start: Coord<f64>,
    end: Coord<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    low: Coord<f64>,
    high: Coord<f64>,
}

impl Bounds {
    fn of(side: &Side) -> Self {
        let (a, b) = (side.start, side.end);
        Self {
            low: Coord {
                x: a.x.min(b.x),
                y: a.y.min(b.y),
            },
            high: Coord {
                x: a.x.max(b.x),
                y: a.y.max(b.y),
            },
        }
    }

    fn around(self, other: Self) -> Self {
        Self {
            low: Coord {
                x: self.low.x.min(other.low.x),
                y: self.low.y.min(other.low.y),
            },
            high: Coord {
                x: self.high.x.max(other.high.x),
                y: self.high.y.max(other.high.y),
            },
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.low.x <= other.high.x
            && other.low.x <= self.high.x
            && self.low.y <= other.high.y
            && other.low.y <= self.high.y
    }
}

/// The sides of some rings, with the boxes of runs of them, and of runs of these, as long as there are several.
///
/// Sides that follow each other lie near each other, so that the boxes are small without any sorting; they take a sixteenth
/// of what the sides do.
struct Sides {
    sides: Vec<Side>,
    levels: Vec<Vec<Bounds>>,
}

impl Sides {
    fn new<'a>(rings: impl Iterator<Item = &'a LineString<f64>> + Clone) -> Self {
        let mut sides =
            Vec::with_capacity(rings.clone().map(|r| r.0.len().saturating_sub(1)).sum());
        sides.extend(rings.flat_map(LineString::lines).map(|l| Side {
            start: l.start,
            end: l.end,
        }));
        let mut levels: Vec<Vec<Bounds>> = Vec::new();
        let union = |run: &[Bounds]| run.iter().copied().reduce(Bounds::around);
        let first = sides
            .chunks(RUN)
            .filter_map(|run| run.iter().map(Bounds::of).reduce(Bounds::around));
        let mut level: Vec<Bounds> = first.collect();
        while level.len() > 1 {
            let next = level.chunks(RUN).filter_map(union).collect();
            levels.push(std::mem::replace(&mut level, next));
        }
        levels.push(level);
        Self { sides, levels }
    }

    /// The first side behind another that crosses it, among those of a box.
    fn met(
        &self,
        number: usize,
        side: &Side,
        bounds: &Bounds,
        level: usize,
        place: usize,
    ) -> Option<usize> {
        let span = RUN.saturating_pow(level as u32 + 1);
        let known = self.levels.get(level).and_then(|l| l.get(place))?;
        if (place + 1).saturating_mul(span) <= number + 1 || !known.meets(bounds) {
            return None;
        }
        let inner = place * RUN..(place + 1) * RUN;
        if level > 0 {
            return inner
                .into_iter()
                .find_map(|k| self.met(number, side, bounds, level - 1, k));
        }
        let run = self
            .sides
            .iter()
            .enumerate()
            .take(inner.end)
            .skip(inner.start.max(number + 1));
        run.filter(|(_, other)| Bounds::of(other).meets(bounds))
            .find(|(_, other)| cross(side, other))
            .map(|(k, _)| k)
    }
}

/// The numbers of the first two sides that cross properly, each having an end strictly on either side of the other, and
/// where they meet. Sides are numbered through all rings.
pub(super) fn crossing<'a>(
    rings: impl Iterator<Item = &'a LineString<f64>> + Clone,
) -> Option<(usize, usize, Coord<f64>)> {
    let all = Sides::new(rings);
    let top = all.levels.len() - 1;
    all.sides.iter().enumerate().find_map(|(number, side)| {
        let other = all.met(number, side, &Bounds::of(side), top, 0)?;
        Some((number, other, meeting(side, all.sides.get(other)?)))
    })
}

fn cross(a: &Side, b: &Side) -> bool {
    if a.start == b.end || a.end == b.start || a.start == b.start || a.end == b.end {
        return false;
    }
    opposite(a, b.start, b.end) && opposite(b, a.start, a.end)
}

/// Whether two points lie strictly on opposite sides of a line, decided exactly.
fn opposite(side: &Side, p: Coord<f64>, q: Coord<f64>) -> bool {
    use geo::Orientation::{Clockwise, CounterClockwise};
    use geo::kernels::{Kernel, RobustKernel};
    matches!(
        (
            RobustKernel::orient2d(side.start, side.end, p),
            RobustKernel::orient2d(side.start, side.end, q),
        ),
        (Clockwise, CounterClockwise) | (CounterClockwise, Clockwise)
    )
}

/// Where two sides that cross meet.
fn meeting(a: &Side, b: &Side) -> Coord<f64> {
    let (u, v, w) = (a.end - a.start, b.end - b.start, b.start - a.start);
    let share = (w.x * v.y - w.y * v.x) / (u.x * v.y - u.y * v.x);
    a.start + u * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every pair of sides, one after the other.
        #[test]
        fn the_first_crossing_is_that_of_brute_force(
            rings in prop::collection::vec(prop::collection::vec((0..40_i32, 0..40_i32), 1..60), 1..4),
        ) {
            let rings: Vec<LineString<f64>> = rings
                .into_iter()
                .map(|r| LineString(r.into_iter().map(|(x, y)| Coord { x: x.into(), y: y.into() }).collect()))
                .collect();
            let sides: Vec<Side> = rings
                .iter()
                .flat_map(LineString::lines)
                .map(|l| Side { start: l.start, end: l.end })
                .collect();
            let expected = (0..sides.len())
                .find_map(|a| (a + 1..sides.len()).find(|&b| cross(&sides[a], &sides[b])).map(|b| (a, b)));
            prop_assert_eq!(crossing(rings.iter()).map(|(a, b, _)| (a, b)), expected);
        }
    }
}
