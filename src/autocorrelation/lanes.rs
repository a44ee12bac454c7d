//! Spatial lags of eight rearrangements at once, row by row.

use crate::inference::permutation::LANES;
use crate::linalg::sparse::{Csr, Values};

/// Rows of which sums are taken in one go, before they are added up.
const BLOCK: usize = 1 << 10;

/// Σ over i of the K numbers f(i, lags of the V vectors at i, lane), lane by lane.
pub(super) fn over_lags<const V: usize, const K: usize>(
    w: &Csr,
    vectors: [&[[f64; LANES]]; V],
    f: impl Fn(usize, [f64; V], usize) -> [f64; K],
) -> [[f64; LANES]; K] {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut total = [[0.0; LANES]; K];
            let n = w.n();
            for first in (0..n).step_by(BLOCK) {
                let mut part = [[0.0; LANES]; K];
                for i in first..n.min(first + BLOCK) {
                    let lags: [[f64; LANES]; V] = std::array::from_fn(
                        #[inline(always)]
                        |v| lag(w, vectors[v], i),
                    );
                    for l in 0..LANES {
                        let terms = f(i, std::array::from_fn(|v| lags[v][l]), l);
                        for k in 0..K {
                            part[k][l] += terms[k];
                        }
                    }
                }
                for k in 0..K {
                    for l in 0..LANES {
                        total[k][l] += part[k][l];
                    }
                }
            }
            total
        },
    )
}

/// (W x)_i in each lane.
// only what is inlined into the dispatcher uses wide registers
#[allow(clippy::inline_always)]
#[inline(always)]
fn lag(w: &Csr, x: &[[f64; LANES]], i: usize) -> [f64; LANES] {
    let range = w.pattern.range(i);
    let columns = &w.pattern.columns[range.clone()];
    let mut sums = [0.0; LANES];
    if let Values::PerLink(values) = &w.values {
        for (&j, &weight) in columns.iter().zip(&values[range]) {
            let x = &x[j as usize];
            for l in 0..LANES {
                sums[l] += weight * x[l];
            }
        }
        return sums;
    }
    for &j in columns {
        let x = &x[j as usize];
        for l in 0..LANES {
            sums[l] += x[l];
        }
    }
    if let Some(first) = (!range.is_empty()).then_some(range.start) {
        let weight = w.value(i, first);
        for sum in &mut sums {
            *sum *= weight;
        }
    }
    sums
}
