//! Sums over the pairs of linked units, for eight rearrangements of the values at once.

use crate::inference::permutation::{Global, LANES};
use crate::linalg::sparse::{Csr, Values};

/// Each linked pair once, i < j, with the sum of its two weights, and the links of units to themselves.
#[derive(Debug)]
pub(super) struct Pairs {
    offsets: Vec<u32>,
    columns: Vec<u32>,
    /// w_ij + w_ji; empty where both are `weight` in every pair.
    weights: Vec<f64>,
    weight: f64,
    /// w_ii; empty where there is none.
    own: Vec<f64>,
}

/// Pairs of which sums are taken in one go, before they are added up: of a million, digits are lost otherwise.
const BLOCK: usize = 1 << 10;

impl Pairs {
    pub(super) fn of(w: &Csr) -> Self {
        let n = w.n();
        let transposed = w.transposed();
        let mut pairs = Self {
            offsets: Vec::with_capacity(n + 1),
            columns: Vec::with_capacity(w.links() / 2),
            weights: Vec::new(),
            weight: 2.0,
            own: Vec::new(),
        };
        // A symmetric binary matrix needs no weights.
        let plain = matches!(w.values, Values::One) && w.pattern == transposed.pattern;
        pairs.offsets.push(0);
        for i in 0..n {
            let above = |m: &Csr| {
                m.pattern.range(i).end
                    - m.pattern
                        .row(i)
                        .iter()
                        .rev()
                        .take_while(|&&j| j as usize > i)
                        .count()
            };
            let (mut a, mut b) = (above(w), above(&transposed));
            let (a_end, b_end) = (w.pattern.range(i).end, transposed.pattern.range(i).end);
            loop {
                let at = |m: &Csr, k: usize, end: usize| {
                    if k < end {
                        m.pattern.columns[k]
                    } else {
                        u32::MAX
                    }
                };
                let (to, back) = (at(w, a, a_end), at(&transposed, b, b_end));
                let j = to.min(back);
                if j == u32::MAX {
                    break;
                }
                let mut weight = 0.0;
                if to == j {
                    weight += w.value(i, a);
                    a += 1;
                }
                if back == j {
                    weight += transposed.value(i, b);
                    b += 1;
                }
                pairs.columns.push(j);
                if !plain {
                    pairs.weights.push(weight);
                }
            }
            pairs.offsets.push(pairs.columns.len() as u32);
            if w.pattern.find(i, i).is_some() {
                pairs.own.resize(n, 0.0);
                pairs.own[i] = w.get(i, i);
            }
        }
        pairs
    }

    /// Σ over i, j of w_ij x_i x_j.
    pub(super) fn products(&self, x: &[[f64; LANES]]) -> [f64; LANES] {
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                let mut total = self.sum(
                    x,
                    #[inline(always)]
                    |_, xj| xj,
                    #[inline(always)]
                    |xi, sum| xi * sum,
                );
                for (row, own) in x.iter().zip(&self.own) {
                    for l in 0..LANES {
                        total[l] += own * row[l] * row[l];
                    }
                }
                total
            },
        )
    }

    /// Σ over i, j of w_ij (x_i - x_j)².
    pub(super) fn squared_differences(&self, x: &[[f64; LANES]]) -> [f64; LANES] {
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                self.sum(
                    x,
                    #[inline(always)]
                    |xi, xj| (xi - xj) * (xi - xj),
                    #[inline(always)]
                    |_, sum| sum,
                )
            },
        )
    }

    /// Each pair i < j with w_ij + w_ji, in the order of the rows.
    pub(super) fn each(&self, mut f: impl FnMut(usize, usize, f64)) {
        for (i, ends) in self.offsets.windows(2).enumerate() {
            for k in ends[0] as usize..ends[1] as usize {
                let weight = self.weights.get(k).copied().unwrap_or(self.weight);
                f(i, self.columns[k] as usize, weight);
            }
        }
    }

    /// Σ over i of outer(x_i, Σ over j > i of (w_ij + w_ji) inner(x_i, x_j)).
    #[inline(always)]
    fn sum(
        &self,
        x: &[[f64; LANES]],
        inner: impl Fn(f64, f64) -> f64,
        outer: impl Fn(f64, f64) -> f64,
    ) -> [f64; LANES] {
        let mut total = [0.0; LANES];
        for block in 0..x.len().div_ceil(BLOCK) {
            let mut part = [0.0; LANES];
            for (i, xi) in x.iter().enumerate().skip(block * BLOCK).take(BLOCK) {
                let range = self.offsets[i] as usize..self.offsets[i + 1] as usize;
                let mut sum = [0.0; LANES];
                if self.weights.is_empty() {
                    for &j in &self.columns[range] {
                        let xj = &x[j as usize];
                        for l in 0..LANES {
                            sum[l] += inner(xi[l], xj[l]);
                        }
                    }
                    for s in &mut sum {
                        *s *= self.weight;
                    }
                } else {
                    for (&j, &weight) in
                        self.columns[range.clone()].iter().zip(&self.weights[range])
                    {
                        let xj = &x[j as usize];
                        for l in 0..LANES {
                            sum[l] += weight * inner(xi[l], xj[l]);
                        }
                    }
                }
                for l in 0..LANES {
                    part[l] += outer(xi[l], sum[l]);
                }
            }
            for l in 0..LANES {
                total[l] += part[l];
            }
        }
        total
    }
}

/// scale · Σ w_ij x_i x_j.
#[derive(Debug)]
pub(super) struct Products<'a> {
    pub(super) pairs: &'a Pairs,
    pub(super) scale: f64,
}

impl Global for Products<'_> {
    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        for (out, x) in out.iter_mut().zip(vectors) {
            *out = self.pairs.products(x).map(|sum| self.scale * sum);
        }
    }
}

/// scale · Σ w_ij (x_i - x_j)².
#[derive(Debug)]
pub(super) struct SquaredDifferences<'a> {
    pub(super) pairs: &'a Pairs,
    pub(super) scale: f64,
}

impl Global for SquaredDifferences<'_> {
    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        for (out, x) in out.iter_mut().zip(vectors) {
            *out = self
                .pairs
                .squared_differences(x)
                .map(|sum| self.scale * sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::random::Stream;

    #[test]
    fn sums_over_pairs_are_those_over_links() {
        let mut stream = Stream::new(4, 4);
        for (n, directed, weighted, diagonal) in [
            (40, false, false, false),
            (40, false, false, true),
            (2_500, true, false, false),
            (40, true, true, true),
        ] {
            let mut rows = vec![std::collections::BTreeMap::new(); n];
            for _ in 0..3 * n {
                let (i, j) = (stream.below(n as u32), stream.below(n as u32));
                if i == j && !diagonal {
                    continue;
                }
                let weight = if weighted { stream.uniform() } else { 1.0 };
                rows[i as usize].insert(j, weight);
                if !directed {
                    rows[j as usize].insert(i, weight);
                }
            }
            let rows: Vec<Vec<(u32, f64)>> =
                rows.into_iter().map(|r| r.into_iter().collect()).collect();
            let w = Csr::from_rows(&rows);
            let x: Vec<[f64; LANES]> = (0..n)
                .map(|_| std::array::from_fn(|_| stream.normal()))
                .collect();
            let pairs = Pairs::of(&w);
            let (products, squares) = (pairs.products(&x), pairs.squared_differences(&x));
            for l in 0..LANES {
                let over = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
                    (0..n)
                        .flat_map(|i| w.row(i).map(move |(j, v)| (i, j, v)))
                        .map(|(i, j, v)| v * f(x[i][l], x[j][l]))
                        .sum()
                };
                let size = over(&|a, b| (a * b).abs());
                assert_relative_eq!(products[l], over(&|a, b| a * b), epsilon = 1e-13 * size);
                assert_relative_eq!(
                    squares[l],
                    over(&|a, b| (a - b).powi(2)),
                    max_relative = 1e-12
                );
            }
        }
    }
}
