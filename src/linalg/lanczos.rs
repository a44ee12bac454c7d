//! The ends of the spectrum of a symmetric operator, by the method of Lanczos (1950).
//!
//! Three vectors of memory and one product a step. Without reorthogonalisation copies of converged Ritz values appear, which do
//! not move the extremes (Paige 1980). Ritz values lie inside the spectrum: what is found is never beyond the true
//! extremes by more than rounding.

use ndarray::{Array1, ArrayView1};

use super::logdet::common;
use super::sparse::Csr;

const EPS: f64 = f64::EPSILON;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    /// Whether the smallest eigenvalue is wanted too.
    pub(crate) lowest: bool,
    /// Ritz values stand still where they move less than this, relatively, twice while the number of steps grows by a quarter.
    pub(crate) tolerance: f64,
    pub(crate) most_steps: usize,
}

/// For eigenvalues as such. On maps of a million units the ends of the spectrum are dense, and the last digits slow: the values are then
/// good to about 5e-5.
pub(crate) const FINE: Goal = Goal {
    lowest: true,
    tolerance: 1e-9,
    most_steps: 300,
};

/// For the interval of rho, whose lower end nothing comes near: on maps of a million units good to about 5e-4.
pub(crate) const INTERVAL: Goal = Goal {
    lowest: true,
    tolerance: 1e-9,
    most_steps: 100,
};

/// The extreme Ritz values that were reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extremes {
    /// Zero where it is not wanted.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Whether they stand still.
    pub(crate) settled: bool,
}

/// Smallest and largest eigenvalue of W with a symmetrizer d, which makes D^(1/2) W D^(-1/2) symmetric.
///
/// Where all row sums are equal, islands aside, that sum is the largest one, exactly. Where all links cross between two sets of units the
/// eigenvalues come in pairs of either sign.
pub(crate) fn extreme_eigenvalues(w: &Csr, d: &Array1<f64>, goal: Goal) -> (f64, f64) {
    // A start without symmetry of its own: a fixed irrational rotation.
    let start = (0..w.n())
        .map(|i| ((i as f64 + 1.0) * 0.618_033_988_749_894_9).fract() + 0.25)
        .collect();
    let scale = d.mapv(f64::sqrt);
    let found = extremes(start, goal, |x| {
        let scaled = &ArrayView1::from(x) / &scale;
        (w.product(scaled.view()) * &scale).to_vec()
    });
    let sums = w.row_sums();
    let linked = sums.iter().copied().filter(|s| *s > 0.0).collect();
    let high = common(&linked).unwrap_or(found.high);
    if w.is_bipartite() {
        let end = high.max(-found.low);
        return (-end, end);
    }
    (found.low, high)
}

/// Smallest and largest eigenvalue of W with a symmetrizer d once one Perron root is left out, whose right eigenvector is given.
///
/// The method is kept orthogonal to that vector; a second root of the same size (of another component) is found.
pub(crate) fn extremes_without(
    w: &Csr,
    d: &Array1<f64>,
    perron: ArrayView1<'_, f64>,
    goal: Goal,
) -> (f64, f64) {
    let scale = d.mapv(f64::sqrt);
    let mut q = (&perron * &scale).to_vec();
    let length = norm(&q);
    for q in &mut q {
        *q /= length;
    }
    let apart = |mut x: Vec<f64>| {
        let along = dot(&x, &q);
        for (x, q) in x.iter_mut().zip(&q) {
            *x -= along * q;
        }
        x
    };
    let start = (0..w.n())
        .map(|i| ((i as f64 + 1.0) * 0.618_033_988_749_894_9).fract() - 0.4)
        .collect();
    let found = extremes(apart(start), goal, |x| {
        let scaled = &ArrayView1::from(x) / &scale;
        apart((w.product(scaled.view()) * &scale).to_vec())
    });
    (found.low, found.high)
}

/// Smallest and largest eigenvalue of a symmetric operator on vectors as long as the start, which must not be orthogonal to the eigenvectors
/// that are wanted; zeros where it is empty.
pub(crate) fn extremes(
    start: Vec<f64>,
    goal: Goal,
    product: impl Fn(&[f64]) -> Vec<f64>,
) -> Extremes {
    let mut found = Extremes {
        low: 0.0,
        high: 0.0,
        settled: start.is_empty(),
    };
    let length = norm(&start);
    let mut v = start;
    for v in &mut v {
        *v /= length;
    }
    let mut before = vec![0.0; v.len()];
    let (mut alphas, mut betas) = (Vec::new(), Vec::<f64>::new());
    let (mut still, mut check, mut size) = (0, 4, 0.0_f64);
    for step in 1..=goal.most_steps {
        if found.settled {
            break;
        }
        let mut u = product(&v);
        let beta = betas.last().copied().unwrap_or(0.0);
        let alpha = dot(&u, &v);
        for ((u, v), b) in u.iter_mut().zip(&v).zip(&before) {
            *u -= alpha * v + beta * b;
        }
        let beta = norm(&u);
        alphas.push(alpha);
        size = size.max(alpha.abs());
        let invariant = beta <= 1e-15 * size;
        if step == check || step == goal.most_steps || invariant {
            let high = largest_of_tridiagonal(&alphas, &betas);
            let low = if goal.lowest {
                let negated: Vec<f64> = alphas.iter().map(|a| -a).collect();
                -largest_of_tridiagonal(&negated, &betas)
            } else {
                found.low
            };
            let moved = (high - found.high).abs().max((low - found.low).abs());
            still = if moved <= goal.tolerance * high.abs().max(low.abs()) {
                still + 1
            } else {
                0
            };
            found = Extremes {
                low,
                high,
                settled: still == 2 || invariant,
            };
            check += (check / 4).max(2);
        }
        size = size.max(beta);
        betas.push(beta);
        for u in &mut u {
            *u /= beta;
        }
        before = std::mem::replace(&mut v, u);
    }
    found
}

/// Largest eigenvalue of a symmetric tridiagonal matrix, by bisection on the signs of the pivots of T - x I.
fn largest_of_tridiagonal(alphas: &[f64], betas: &[f64]) -> f64 {
    let beta = |k: usize| betas.get(k).copied().unwrap_or(0.0);
    let m = alphas.len();
    let above = |x: f64| {
        // whether x exceeds every eigenvalue: all pivots are negative
        let mut pivot = alphas[0] - x;
        for (alpha, beta) in alphas[1..].iter().zip(betas) {
            if pivot >= 0.0 {
                return false;
            }
            pivot = alpha - x - beta * beta / pivot;
        }
        pivot < 0.0
    };
    let reach = |k: usize| {
        alphas[k] + if k > 0 { beta(k - 1) } else { 0.0 } + if k + 1 < m { beta(k) } else { 0.0 }
    };
    let mut high = (0..m).map(reach).fold(f64::MIN, f64::max);
    let mut low = alphas.iter().copied().fold(f64::MIN, f64::max);
    high += 2.0 * EPS * high.abs();
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if above(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}

/// a'b by halves, so that rounding grows with the logarithm of the length.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    if a.len() <= 64 {
        return a.iter().zip(b).map(|(a, b)| a * b).sum();
    }
    let ((a, more_a), (b, more_b)) = (a.split_at(a.len() / 2), b.split_at(a.len() / 2));
    dot(a, b) + dot(more_a, more_b)
}

/// Length of a vector.
pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(n: usize) -> Csr {
        let row = |i: usize| {
            let ends = [i.checked_sub(1), (i + 1 < n).then_some(i + 1)];
            ends.into_iter()
                .flatten()
                .map(|j| (j as u32, 1.0))
                .collect()
        };
        Csr::from_rows(&(0..n).map(row).collect::<Vec<_>>())
    }

    #[test]
    fn a_path_has_the_extremes_of_its_closed_form() {
        // Eigenvalues of the path of n vertices: 2 cos(pi j / (n + 1)).
        for (n, tolerance) in [(1, 1e-15), (2, 1e-15), (3, 1e-15), (40, 1e-14), (200, 1e-9)] {
            let (low, high) = extreme_eigenvalues(&path(n), &Array1::ones(n), FINE);
            let exact = 2.0 * (std::f64::consts::PI / (n as f64 + 1.0)).cos();
            assert!(
                (high - exact).abs() <= 2.0 * tolerance && (low + exact).abs() <= 2.0 * tolerance,
                "{n}: {low} {high} {exact}"
            );
        }
        assert_eq!(
            extreme_eigenvalues(&path(0), &Array1::ones(0), FINE),
            (0.0, 0.0)
        );
    }

    #[test]
    fn equal_row_sums_are_the_largest_eigenvalue() {
        // a ring of even length: 2 cos(2 pi j / n), and an island
        let n = 2000;
        let ring = |i: usize| {
            let mut row = vec![((i + n - 1) % n) as u32, ((i + 1) % n) as u32];
            row.sort_unstable();
            row.into_iter().map(|j| (j, 0.7)).collect()
        };
        let mut rows: Vec<_> = (0..n).map(ring).collect();
        rows.push(Vec::new());
        let (low, high) = extreme_eigenvalues(&Csr::from_rows(&rows), &Array1::ones(n + 1), FINE);
        assert!((high - 1.4).abs() < 1e-15 && high >= 1.4 - 1e-15);
        // never beyond the true one, and good to 1e-4 of it after 300 steps
        assert!((-1.4 - 1e-12..-1.4 * (1.0 - 1e-4)).contains(&low), "{low}");
    }

    #[test]
    fn without_the_perron_root_of_a_path() {
        for (n, tolerance) in [(3, 1e-15), (40, 1e-13), (200, 1e-9)] {
            let angle = std::f64::consts::PI / (n as f64 + 1.0);
            let perron: Array1<f64> = (1..=n).map(|i| (angle * i as f64).sin()).collect();
            let (low, second) = extremes_without(&path(n), &Array1::ones(n), perron.view(), FINE);
            let exact = 2.0 * (2.0 * angle).cos();
            assert!(
                (second - exact).abs() <= 2.0 * tolerance,
                "{n}: {second} {exact}"
            );
            assert!(
                (low + 2.0 * angle.cos()).abs() <= 2.0 * tolerance,
                "{n}: {low}"
            );
        }
    }

    #[test]
    fn all_eigenvalues_equal_and_negative() {
        let goal = Goal {
            lowest: true,
            tolerance: 1e-14,
            most_steps: 50,
        };
        let found = extremes(vec![1.0, 2.0, 3.0], goal, |x| {
            x.iter().map(|x| -2.5 * x).collect()
        });
        assert!(found.settled);
        assert!((found.low + 2.5).abs() < 1e-15 && (found.high + 2.5).abs() < 1e-15);
        let found = extremes(vec![1.0; 3], goal, |x| vec![0.0; x.len()]);
        assert_eq!((found.low, found.high, found.settled), (0.0, 0.0, true));
    }
}
