//! Discs and lunes over two points: what holds a third one, up to the rounding of coordinates.
//!
//! All is said by squared distances and inner products of differences, which mean the same for points of a plane and for
//! unit vectors: on the sphere, (p - c)·(q - c) = 0 is the small circle with the arc pq as diameter, and chords order as
//! great-circle distances do.

pub(super) fn squared<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// How far rounding of the coordinates can move a point of some of them: a few units in the last place of the largest.
pub(super) fn rounding<const D: usize>(points: [&[f64; D]; 3]) -> f64 {
    let largest = points
        .into_iter()
        .flatten()
        .fold(0.0_f64, |m, x| m.max(x.abs()));
    8.0 * f64::EPSILON * largest
}

/// Whether c lies in the closed disc with p and q at the ends of a diameter, that is (p - c)·(q - c) ≤ 0.
///
/// A point on the circle up to rounding is inside. The slack is bounded by a quarter of the shorter distance squared, so that
/// of two edges of a triangle never each removes the other.
pub(super) fn in_disc<const D: usize>(p: &[f64; D], q: &[f64; D], c: &[f64; D]) -> bool {
    let mut inner = 0.0;
    for d in 0..D {
        inner += (p[d] - c[d]) * (q[d] - c[d]);
    }
    if inner <= 0.0 {
        return true;
    }
    let (to_p, to_q) = (squared(p, c), squared(q, c));
    let slack = rounding([p, q, c]) * to_p.max(to_q).sqrt();
    inner <= slack.min(to_p.min(to_q) / 4.0)
}

/// Whether c is nearer to both p and q than they are to each other, by more than rounding.
pub(super) fn in_lune<const D: usize>(p: &[f64; D], q: &[f64; D], c: &[f64; D]) -> bool {
    let apart = squared(p, q);
    let farther = squared(p, c).max(squared(q, c));
    farther < apart && farther < apart - 4.0 * rounding([p, q, c]) * apart.sqrt()
}
