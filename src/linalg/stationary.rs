//! The stationary distribution of a matrix of transition probabilities, and which states lead where.

use ndarray::{Array1, Array2, ArrayView2};

/// π = π P of an irreducible matrix, by the elimination of Grassmann, Taksar and Heyman; its diagonal is not read.
///
/// There is no subtraction, and shares are scaled as they grow, so that those beyond the range of numbers are zero rather than what they are beside
/// infinite. None where a row underflows to zero. Cost: k³ / 3.
pub(crate) fn stationary(mut p: Array2<f64>) -> Option<Array1<f64>> {
    const LARGE: f64 = 1e10;
    let k = p.nrows();
    for n in (1..k).rev() {
        let leaving: f64 = (0..n).map(|j| p[[n, j]]).sum();
        if !(leaving > 0.0) {
            return None;
        }
        for i in 0..n {
            p[[i, n]] /= leaving;
            let through = p[[i, n]];
            if through > 0.0 {
                for j in 0..n {
                    p[[i, j]] += through * p[[n, j]];
                }
            }
        }
    }
    let mut shares = Array1::zeros(k);
    shares[0] = 1.0;
    for n in 1..k {
        let share: f64 = (0..n).map(|i| shares[i] * p[[i, n]]).sum();
        shares[n] = share;
        if share > LARGE {
            shares /= share;
        }
    }
    let total = shares.sum();
    (total.is_finite() && total > 0.0).then(|| shares / total)
}

/// Whether j can be reached from i by one move or more; moves are the positive entries.
pub(crate) fn reachable(moves: ArrayView2<'_, f64>) -> Array2<bool> {
    let k = moves.nrows();
    let next: Vec<Vec<usize>> = moves
        .rows()
        .into_iter()
        .map(|row| (0..k).filter(|&j| row[j] > 0.0).collect())
        .collect();
    let mut reached = Array2::from_elem((k, k), false);
    let mut stack = Vec::new();
    for i in 0..k {
        let mut row = reached.row_mut(i);
        stack.extend_from_slice(&next[i]);
        while let Some(j) = stack.pop() {
            if !row[j] {
                row[j] = true;
                stack.extend_from_slice(&next[j]);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A walk that goes up a hundred thousand times as often as down: shares rise by that factor from state to state, beyond the range of numbers.
    #[test]
    fn shares_beyond_the_range_of_numbers_are_zero() {
        let k = 100;
        let p = Array2::from_shape_fn((k, k), |(i, j)| {
            if j == i + 1 {
                1e-1
            } else if i == j + 1 {
                1e-6
            } else {
                0.0
            }
        });
        let shares = stationary(p).unwrap();
        assert!((shares.sum() - 1.0).abs() < 1e-15);
        assert!(shares.iter().all(|s| s.is_finite()));
        for i in 90..99 {
            assert!((shares[i + 1] / shares[i] / 1e5 - 1.0).abs() < 1e-12);
        }
        assert!(shares[0] <= 0.0);
    }
}
