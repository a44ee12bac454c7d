//! The extreme eigenvalues of a sparse symmetric operator, by Lanczos (1950).

use ndarray::Array1;

/// Ritz values are taken as converged where they move less than this, relatively, over ten steps. The ends of the interval of rho
/// need no more: an estimate that close to a bound is noted as lying at it.
const TOLERANCE: f64 = 1e-9;
/// On maps of a million units the ends of the spectrum are dense, and the last digits slow: the values are then good to about 1e-5.
const STEPS: usize = 300;

/// Smallest and largest eigenvalue of a symmetric operator on vectors of length n.
///
/// Three vectors of memory and one product a step. Without reorthogonalisation copies of converged Ritz values
/// appear, which do not move the extremes. Ritz values lie inside the spectrum: what is returned is
/// never beyond the true extremes by more than rounding.
pub(crate) fn extremes(n: usize, product: impl Fn(&Array1<f64>) -> Array1<f64>) -> (f64, f64) {
    if n == 0 {
        return (0.0, 0.0);
    }
    // A start without symmetry of its own: a fixed irrational rotation.
    let mut v: Array1<f64> = (0..n)
        .map(|i| ((i as f64 + 1.0) * 0.618_033_988_749_894_9).fract() + 0.25)
        .collect();
    v /= v.dot(&v).sqrt();
    let mut before = Array1::<f64>::zeros(n);
    let (mut alpha, mut beta) = (Vec::new(), Vec::<f64>::new());
    let mut last = (f64::INFINITY, f64::NEG_INFINITY);
    for step in 1..=STEPS {
        let mut next = product(&v);
        if let Some(&b) = beta.last() {
            next.scaled_add(-b, &before);
        }
        let a = next.dot(&v);
        next.scaled_add(-a, &v);
        alpha.push(a);
        let b = next.dot(&next).sqrt();
        let size = alpha
            .iter()
            .chain(&beta)
            .fold(0.0_f64, |m, x| m.max(x.abs()));
        let exhausted = b <= f64::EPSILON * size.max(f64::MIN_POSITIVE);
        if step % 10 == 0 || step >= n.min(STEPS) || exhausted {
            let now = tridiagonal_extremes(&alpha, &beta);
            let still =
                |x: f64, y: f64| (x - y).abs() <= TOLERANCE * (now.0.abs().max(now.1.abs()));
            if exhausted || (still(now.0, last.0) && still(now.1, last.1)) {
                return now;
            }
            last = now;
        }
        beta.push(b);
        before = std::mem::replace(&mut v, next / b);
    }
    last
}

/// Smallest and largest eigenvalue of a symmetric tridiagonal matrix, by bisection on Sturm counts.
fn tridiagonal_extremes(alpha: &[f64], beta: &[f64]) -> (f64, f64) {
    let m = alpha.len();
    let radius = |i: usize| {
        let left = if i > 0 { beta[i - 1].abs() } else { 0.0 };
        let right = if i + 1 < m { beta[i].abs() } else { 0.0 };
        left + right
    };
    let low = (0..m)
        .map(|i| alpha[i] - radius(i))
        .fold(f64::INFINITY, f64::min);
    let high = (0..m)
        .map(|i| alpha[i] + radius(i))
        .fold(f64::NEG_INFINITY, f64::max);
    // Number of eigenvalues below x.
    let below = |x: f64| {
        let mut count = 0;
        let mut q = 1.0_f64;
        for i in 0..m {
            let b2 = if i > 0 {
                beta[i - 1] * beta[i - 1]
            } else {
                0.0
            };
            q = alpha[i] - x - if i > 0 { b2 / q } else { 0.0 };
            if q.abs() < f64::MIN_POSITIVE {
                q = -f64::MIN_POSITIVE;
            }
            if q < 0.0 {
                count += 1;
            }
        }
        count
    };
    let bisect = |wanted: usize| {
        let (mut a, mut b) = (low, high);
        for _ in 0..120 {
            let middle = 0.5 * (a + b);
            if below(middle) >= wanted {
                b = middle;
            } else {
                a = middle;
            }
        }
        0.5 * (a + b)
    };
    (bisect(1), bisect(m))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_extremes_of_its_closed_form() {
        // Eigenvalues of the path of n vertices: 2 cos(pi j / (n + 1)).
        for n in [1, 2, 3, 40, 200] {
            let (low, high) = extremes(n, |x| {
                (0..n)
                    .map(|i| if i > 0 { x[i - 1] } else { 0.0 } + if i + 1 < n { x[i + 1] } else { 0.0 })
                    .collect()
            });
            let exact = 2.0 * (std::f64::consts::PI / (n as f64 + 1.0)).cos();
            assert!(
                (high - exact).abs() < 1e-7 && (low + exact).abs() < 1e-7,
                "{n}: {low} {high} {exact}"
            );
        }
    }
}
