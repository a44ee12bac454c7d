//! For tests: small maps with directed links of unequal weights, and every order of their values.

use crate::data::Units;
use crate::linalg::sparse::Csr;
use crate::weights::Weights;

/// Six units: directed links with unequal weights, and an island that is kept.
pub(super) fn directed() -> Weights {
    let rows: [Vec<(u32, f64)>; 6] = [
        vec![(1, 0.5), (2, 2.0)],
        vec![(0, 1.0), (4, 0.75)],
        vec![(1, 1.0), (3, 0.25)],
        vec![(0, 3.0)],
        vec![(2, 1.5), (3, 0.2)],
        vec![],
    ];
    Weights::from_csr(Units::range(6), Csr::from_rows(&rows), "links").islands_kept()
}

/// All n! orders of 0, …, n - 1.
pub(super) fn orders(n: usize) -> Vec<Vec<usize>> {
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..n {
        let mut longer = Vec::new();
        for order in &orders {
            for j in (0..n).filter(|j| !order.contains(j)) {
                longer.push([order.as_slice(), &[j]].concat());
            }
        }
        orders = longer;
    }
    orders
}

/// The values in an order.
pub(super) fn arranged<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|&j| values[j]).collect()
}

/// Mean and variance (divisor: their number).
pub(super) fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, squares / n)
}
