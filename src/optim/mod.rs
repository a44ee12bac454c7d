//! One-dimensional maximisation: a scan that cannot miss a second mode, then Brent.

use crate::error::{Error, Result};

/// What the optimiser did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Maximum {
    /// Where the maximum is.
    pub(crate) at: f64,
    /// Its value.
    pub(crate) value: f64,
    /// How often the function was evaluated.
    pub(crate) evaluations: usize,
}

const MOST_ITERATIONS: usize = 100;

/// Maximises f over the open interval (lo, hi): its values at the points of a scan, which ascend inside the interval, then Brent (1973)
/// round each local maximum among them; the highest is returned.
///
/// An error of f counts as minus infinity (a point at which the model does not exist), unless every value is one.
pub(crate) fn maximize(
    lo: f64,
    hi: f64,
    at: &[f64],
    mut f: impl FnMut(f64) -> Result<f64>,
) -> Result<Maximum> {
    let mut evaluations = 0;
    let mut last_error = None;
    let mut value = |x: f64| {
        evaluations += 1;
        match f(x) {
            Ok(v) if v.is_finite() => v,
            Ok(_) => f64::NEG_INFINITY,
            Err(e) => {
                last_error = Some(e);
                f64::NEG_INFINITY
            }
        }
    };
    let points = at.len();
    let scan: Vec<f64> = at.iter().map(|x| value(*x)).collect();
    let mut best: Option<(f64, f64)> = None;
    for j in (0..points).filter(|&j| is_local_maximum(&scan, j)) {
        let a = if j == 0 { lo } else { at[j - 1] };
        let b = if j + 1 == points { hi } else { at[j + 1] };
        let found = brent(a, b, at[j], scan[j], &mut value)?;
        if best.is_none_or(|(_, top)| found.1 > top) {
            best = Some(found);
        }
    }
    match best {
        Some((at, value)) => Ok(Maximum {
            at,
            value,
            evaluations,
        }),
        None => Err(last_error.unwrap_or(Error::NotConverged {
            what: "the likelihood",
            iterations: points,
        })),
    }
}

/// Whether the j-th value of a scan is finite and no smaller than its neighbours (of equal neighbours, the first).
fn is_local_maximum(scan: &[f64], j: usize) -> bool {
    scan[j].is_finite()
        && (j == 0 || scan[j] > scan[j - 1])
        && (j + 1 == scan.len() || scan[j] >= scan[j + 1])
}

/// The points of a scan of (lo, hi) round zero: `count` on either side, so that neither end draws them away from the other; towards an end
/// much farther off than the other they spread like cubes.
pub(crate) fn scan(lo: f64, hi: f64, count: usize) -> Vec<f64> {
    let side = |end: f64, other: f64| {
        let power = if end.abs() > 4.0 * other.abs() { 3 } else { 1 };
        (0..count).map(move |j| end * ((j as f64 + 0.5) / count as f64).powi(power))
    };
    let mut points: Vec<f64> = side(lo, hi).chain(side(hi, lo)).collect();
    points.sort_by(f64::total_cmp);
    points
}

// Points are compared for identity, as in the published algorithm.
#[allow(clippy::float_cmp)]
/// Brent's minimisation of -f on [a, b] from an inner point.
fn brent(
    a: f64,
    b: f64,
    start: f64,
    start_value: f64,
    f: &mut impl FnMut(f64) -> f64,
) -> Result<(f64, f64)> {
    const GOLD: f64 = 0.381_966_011_250_105;
    let tolerance = 1e-9;
    let (mut a, mut b) = (a, b);
    let (mut x, mut w, mut v) = (start, start, start);
    let (mut fx, mut fw, mut fv) = (-start_value, -start_value, -start_value);
    let (mut step, mut before) = (0.0_f64, 0.0_f64);
    for _ in 0..MOST_ITERATIONS {
        let middle = 0.5 * (a + b);
        let tol = tolerance * x.abs() + 1e-11;
        if (x - middle).abs() <= 2.0 * tol - 0.5 * (b - a) {
            return Ok((x, -fx));
        }
        let mut golden = true;
        if before.abs() > tol {
            let r = (x - w) * (fx - fv);
            let mut q = (x - v) * (fx - fw);
            let mut p = (x - v) * q - (x - w) * r;
            q = 2.0 * (q - r);
            if q > 0.0 {
                p = -p;
            }
            q = q.abs();
            if p.abs() < (0.5 * q * before).abs() && p > q * (a - x) && p < q * (b - x) {
                before = step;
                step = p / q;
                let u = x + step;
                if u - a < 2.0 * tol || b - u < 2.0 * tol {
                    step = tol.copysign(middle - x);
                }
                golden = false;
            }
        }
        if golden {
            before = if x < middle { b - x } else { a - x };
            step = GOLD * before;
        }
        let u = if step.abs() >= tol {
            x + step
        } else {
            x + tol.copysign(step)
        };
        let fu = -f(u);
        if fu <= fx {
            if u < x {
                b = x;
            } else {
                a = x;
            }
            (v, fv, w, fw, x, fx) = (w, fw, x, fx, u, fu);
        } else {
            if u < x {
                a = u;
            } else {
                b = u;
            }
            if fu <= fw || w == x {
                (v, fv, w, fw) = (w, fw, u, fu);
            } else if fu <= fv || v == x || v == w {
                (v, fv) = (u, fu);
            }
        }
    }
    Err(Error::NotConverged {
        what: "the maximisation of the likelihood",
        iterations: MOST_ITERATIONS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_higher_of_two_modes_is_found() {
        // Maxima near -0.7 and 0.6; the second is higher.
        let f =
            |x: f64| (-50.0 * (x + 0.7).powi(2)).exp() + 1.2 * (-80.0 * (x - 0.6).powi(2)).exp();
        let found = maximize(-1.0, 1.0, &scan(-1.0, 1.0, 8), |x| Ok(f(x))).unwrap();
        assert!((found.at - 0.6).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn a_maximum_at_the_border_is_approached() {
        let found = maximize(0.0, 1.0, &scan(0.0, 1.0, 10)[10..], Ok).unwrap();
        assert!(found.at > 1.0 - 1e-6 && found.at < 1.0);
    }
}
