//! Mean and variance of a sum over pairs, Γ = Σ over i ≠ j of w_ij q_ij, when the values behind q are rearranged at random.

use crate::weights::Constants;

/// One number for each ordered pair of distinct units, the same in both directions: what the moments need to know of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) n: f64,
    /// Mean over the n (n - 1) pairs.
    pub(super) mean: f64,
    /// Sum of the squared deviations from the mean.
    pub(super) squares: f64,
    /// Sum over the units of the square of (sum of the deviations of the unit's pairs).
    pub(super) rows: f64,
    /// Largest size of a term of which `squares` or `rows` are the difference.
    pub(super) size: f64,
}

impl Spread {
    /// Of the weights of a matrix with a zero diagonal, each pair with half of w_ij + w_ji.
    pub(super) fn of_weights(w: &Constants) -> Self {
        let n = w.n as f64;
        let mean = w.s0 / (n * (n - 1.0));
        Self {
            n,
            mean,
            squares: w.s1 / 2.0 - w.s0 * mean,
            rows: w.s2 / 4.0 - w.s0 * w.s0 / n,
            size: (w.s1 / 2.0).max(w.s2 / 4.0),
        }
    }
}

/// Mean and variance over all arrangements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    pub(super) expectation: f64,
    /// Zero where what was left is rounding error.
    pub(super) variance: f64,
}

/// Of Γ over the n! arrangements (Cliff and Ord 1981, chapter 2; Mantel 1967).
///
/// With both sides less their means, Γ² has terms of pairs of links that share two units, one or none; for each kind the
/// sum over the weights is multiplied by the mean over the values.
pub(super) fn rearranged(w: &Spread, q: &Spread) -> Moments {
    let n = w.n;
    let two = n * (n - 1.0);
    let three = two * (n - 2.0);
    let four = three * (n - 3.0);
    let mut variance = 2.0 * w.squares * q.squares / two;
    if n > 2.0 {
        variance += 4.0 * (w.rows - w.squares) * (q.rows - q.squares) / three;
    }
    if n > 3.0 {
        variance += (2.0 * w.squares - 4.0 * w.rows) * (2.0 * q.squares - 4.0 * q.rows) / four;
    }
    if variance <= 1e-12 * w.size * q.size / two {
        variance = 0.0;
    }
    Moments {
        expectation: two * w.mean * q.mean,
        variance,
    }
}
