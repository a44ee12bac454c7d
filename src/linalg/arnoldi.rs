//! The most negative real eigenvalue of a general operator, by the method of Arnoldi (1951) with implicit restarts (Sorensen 1992).
//!
//! Memory is bounded by a few vectors. Each restart sweeps the unwanted Ritz values out of the basis, as shifts of the QR algorithm,
//! two at a time (Francis 1961), so that complex ones need no complex arithmetic.

use ndarray::Array2;

use super::dense;
use super::lanczos::norm;
use crate::error::Result;
use crate::parallel::{map_chunks, map_indexed};
use crate::random::Stream;

/// Room for the vectors of the basis, half of which outlive a restart.
const SIZE: usize = 40;
/// So many are used at first, and all from this restart on: complex eigenvalues may crowd round the one that is wanted.
const FEW: usize = 20;
const MANY_FROM: usize = 15;
/// Rows worked on and summed together, whatever the number of threads.
const ROWS: usize = 1024;
/// A Ritz value whose imaginary part is smaller, relatively to the largest modulus, counts as real.
const REAL: f64 = 1e-6;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    /// The Ritz value stands still where it moves less than this, relatively to the largest modulus, over two restarts.
    pub(crate) tolerance: f64,
    /// And its residual, and that of those to its left, is smaller than this, relatively to the largest modulus.
    pub(crate) residual: f64,
    pub(crate) most_restarts: usize,
}

/// The most negative real eigenvalue of an operator on vectors of length n > 40; nothing where it does not converge, or lies
/// above `least` < 0. `scale` is the largest modulus of an eigenvalue, about.
pub(crate) fn most_negative(
    n: usize,
    goal: Goal,
    scale: f64,
    least: f64,
    product: impl Fn(&[f64]) -> Vec<f64>,
) -> Result<Option<f64>> {
    let mut stream = Stream::new(0, 0);
    let start: Vec<f64> = (0..n).map(|_| stream.uniform() - 0.5).collect();
    let mut space = Space::new(n, start);
    let (mut before, mut still) = (f64::INFINITY, 0);
    for round in 0..goal.most_restarts {
        let exact = space.extend(if round < MANY_FROM { FEW } else { SIZE }, &product);
        let m = space.size;
        let h = corner(&space.h, m);
        let mut ritz = dense::eigenvalues(h.view())?;
        ritz.sort_by(|a, b| {
            (a.0, a.1)
                .partial_cmp(&(b.0, b.1))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        let first_real = ritz.iter().position(|r| r.1.abs() <= REAL * scale);
        if exact {
            let found = first_real.map(|k| ritz[k].0);
            return Ok(found.filter(|f| *f <= least));
        }
        let beta = norm(&space.next);
        let converged = |k: usize| residual(&h, ritz[k], beta) <= goal.residual * scale;
        if let Some(k) = first_real.filter(|k| ritz[*k].0 <= least) {
            let theta = ritz[k].0;
            let moved = (theta - before).abs();
            still = if moved <= goal.tolerance * scale {
                still + 1
            } else {
                0
            };
            before = theta;
            if still >= 2 && (0..=k).all(converged) {
                return Ok(Some(theta));
            }
        } else {
            (before, still) = (f64::INFINITY, 0);
            // nothing is left to find where all that could be wanted has converged
            if ritz
                .iter()
                .position(|r| r.0 > least)
                .is_some_and(|end| (0..=end).all(converged))
            {
                return Ok(None);
            }
        }
        space.restart(&ritz);
    }
    Ok(None)
}

/// The first m rows and columns.
fn corner(h: &Array2<f64>, m: usize) -> Array2<f64> {
    Array2::from_shape_fn((m, m), |at| h[at])
}

/// |A v - theta v| of the Ritz vector v = V y of length one: beta |last entry of y|. H is a Hessenberg matrix, whose eigenvector follows
/// from its last entry upwards.
fn residual(h: &Array2<f64>, theta: (f64, f64), beta: f64) -> f64 {
    let m = h.nrows();
    let mut y = vec![(0.0, 0.0); m];
    y[m - 1] = (1.0, 0.0);
    let mut squares = 1.0;
    for i in (1..m).rev() {
        // h[i, i-1] y[i-1] = theta y[i] - sum over j >= i of h[i, j] y[j]
        let (mut re, mut im) = (
            theta.0 * y[i].0 - theta.1 * y[i].1,
            theta.0 * y[i].1 + theta.1 * y[i].0,
        );
        for j in i..m {
            re -= h[[i, j]] * y[j].0;
            im -= h[[i, j]] * y[j].1;
        }
        let below = h[[i, i - 1]];
        if below == 0.0 {
            break;
        }
        y[i - 1] = (re / below, im / below);
        squares += y[i - 1].0.powi(2) + y[i - 1].1.powi(2);
    }
    beta / squares.sqrt()
}

/// A V = V H + f e': an orthonormal basis V of a Krylov space, by columns within blocks of rows, and what is left, f.
///
/// The last block is filled up with rows of zeros, and so is f.
struct Space {
    n: usize,
    size: usize,
    basis: Vec<f64>,
    h: Array2<f64>,
    next: Vec<f64>,
}

impl Space {
    fn new(n: usize, mut start: Vec<f64>) -> Self {
        let padded = n.next_multiple_of(ROWS);
        start.resize(padded, 0.0);
        Self {
            n,
            size: 0,
            basis: vec![0.0; padded * SIZE],
            h: Array2::zeros((SIZE, SIZE)),
            next: start,
        }
    }

    /// To a size; whether the space is invariant before that.
    fn extend(&mut self, limit: usize, product: &impl Fn(&[f64]) -> Vec<f64>) -> bool {
        let mut reach = self.h.iter().fold(0.0_f64, |m, h| m.max(h.abs()));
        while self.size < limit {
            let k = self.size;
            let beta = norm(&self.next);
            if k > 0 {
                if beta <= 1e-13 * reach {
                    return true;
                }
                self.h[[k, k - 1]] = beta;
            }
            let blocks = self.basis.chunks_exact_mut(SIZE * ROWS);
            for (block, u) in blocks.zip(self.next.chunks_exact_mut(ROWS)) {
                for u in &mut *u {
                    *u /= beta;
                }
                block[k * ROWS..][..ROWS].copy_from_slice(u);
            }
            self.next = product(&self.next[..self.n]);
            self.next.resize(self.n.next_multiple_of(ROWS), 0.0);
            self.size += 1;
            let length = norm(&self.next);
            reach = reach.max(length);
            self.orthogonalize();
            // once more where much was taken away
            if norm(&self.next) < 0.5 * length {
                self.orthogonalize();
            }
        }
        false
    }

    /// Takes the part inside the space out of f, into the last column of H.
    fn orthogonalize(&mut self) {
        let (basis, size) = (&self.basis, self.size);
        let next = &self.next;
        let columns = |part: usize| basis[part * SIZE * ROWS..][..size * ROWS].chunks_exact(ROWS);
        let parts = map_indexed(next.len() / ROWS, |part| {
            let u = &next[part * ROWS..][..ROWS];
            let mut sums = [0.0; SIZE];
            for (sum, v) in sums.iter_mut().zip(columns(part)) {
                *sum = product_of(u, v);
            }
            sums
        });
        let mut sums = [0.0; SIZE];
        for part in parts {
            sums.iter_mut().zip(part).for_each(|(s, p)| *s += p);
        }
        for (k, sum) in sums[..size].iter().enumerate() {
            self.h[[k, size - 1]] += sum;
        }
        map_chunks(&mut self.next, ROWS, |part, next| {
            for (sum, v) in sums.iter().zip(columns(part)) {
                next.iter_mut().zip(v).for_each(|(u, v)| *u -= sum * v);
            }
        });
    }

    /// Keeps the leftmost Ritz values and sweeps the others out.
    // conjugate eigenvalues are so to the last bit
    #[allow(clippy::float_cmp)]
    fn restart(&mut self, ritz: &[(f64, f64)]) {
        let m = self.size;
        let mut kept = m / 2;
        // conjugate pairs stay together, and shifts come in twos
        let split = |k: usize| {
            ritz[k - 1].1 != 0.0
                && ritz[k - 1].0 == ritz[k].0
                && ritz[k - 1].1 == -ritz[k].1
                && ritz[k].1 > 0.0
        };
        if split(kept) {
            kept += 1;
        }
        let mut unwanted: Vec<(f64, f64)> = ritz[kept..].to_vec();
        if unwanted.len() % 2 == 1 {
            // of an odd number one at least is real
            if let Some(real) = unwanted.iter().position(|r| r.1 == 0.0) {
                unwanted.remove(real);
            }
            kept += 1;
        }
        let mut h = corner(&self.h, m);
        let mut q = Array2::eye(m);
        let reals: Vec<f64> = unwanted
            .iter()
            .filter(|r| r.1 == 0.0)
            .map(|r| r.0)
            .collect();
        for pair in reals.chunks_exact(2) {
            sweep(&mut h, &mut q, pair[0] + pair[1], pair[0] * pair[1]);
        }
        for r in unwanted.iter().filter(|r| r.1 > 0.0) {
            sweep(&mut h, &mut q, 2.0 * r.0, r.0 * r.0 + r.1 * r.1);
        }
        let (below, last) = (h[[kept, kept - 1]], q[[m - 1, kept - 1]]);
        let blocks = self.basis.chunks_exact_mut(SIZE * ROWS);
        let mut turned = vec![0.0; (kept + 1) * ROWS];
        for (block, f) in blocks.zip(self.next.chunks_exact_mut(ROWS)) {
            turned.fill(0.0);
            for (k, to) in turned.chunks_exact_mut(ROWS).enumerate() {
                for (v, q) in block.chunks_exact(ROWS).zip(q.column(k)) {
                    to.iter_mut().zip(v).for_each(|(t, v)| *t += q * v);
                }
            }
            let (basis, first_left) = turned.split_at(kept * ROWS);
            block[..kept * ROWS].copy_from_slice(basis);
            for (f, t) in f.iter_mut().zip(first_left) {
                *f = below * t + last * *f;
            }
        }
        self.h.fill(0.0);
        for j in 0..kept {
            for i in 0..kept.min(j + 2) {
                self.h[[i, j]] = h[[i, j]];
            }
        }
        self.size = kept;
    }
}

/// a'b of a block, in eight sums.
fn product_of(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// A step of the QR algorithm with two shifts of a given sum and product: H becomes Q'HQ, and q becomes q Q.
fn sweep(h: &mut Array2<f64>, q: &mut Array2<f64>, sum: f64, product: f64) {
    let m = h.nrows();
    let mut v = [
        h[[0, 0]] * h[[0, 0]] + h[[0, 1]] * h[[1, 0]] - sum * h[[0, 0]] + product,
        h[[1, 0]] * (h[[0, 0]] + h[[1, 1]] - sum),
        h[[1, 0]] * h[[2, 1]],
    ];
    for r in 0..m - 1 {
        let wide = 3.min(m - r);
        reflect(h, q, r, &v[..wide]);
        v = [
            h[[r + 1, r]],
            if r + 2 < m { h[[r + 2, r]] } else { 0.0 },
            if r + 3 < m { h[[r + 3, r]] } else { 0.0 },
        ];
    }
}

/// The reflection of rows and columns r, r + 1, … that turns v into a multiple of the first unit vector.
fn reflect(h: &mut Array2<f64>, q: &mut Array2<f64>, r: usize, v: &[f64]) {
    let m = h.nrows();
    let length = norm(v);
    if length == 0.0 {
        return;
    }
    let mut u = v.to_vec();
    u[0] += length.copysign(u[0]);
    let factor = 2.0 / u.iter().map(|u| u * u).sum::<f64>();
    for j in 0..m {
        let inside: f64 = u.iter().enumerate().map(|(k, u)| u * h[[r + k, j]]).sum();
        for (k, u) in u.iter().enumerate() {
            h[[r + k, j]] -= factor * inside * u;
        }
    }
    for matrix in [h, q] {
        for i in 0..m {
            let inside: f64 = u
                .iter()
                .enumerate()
                .map(|(k, u)| u * matrix[[i, r + k]])
                .sum();
            for (k, u) in u.iter().enumerate() {
                matrix[[i, r + k]] -= factor * inside * u;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::sparse::Csr;

    const GOAL: Goal = Goal {
        tolerance: 1e-9,
        residual: 1e-5,
        most_restarts: 300,
    };

    #[test]
    fn a_sweep_keeps_the_eigenvalues_and_the_relation() {
        let n = 60;
        let mut stream = Stream::new(2, 0);
        let a = Array2::from_shape_fn((n, n), |_| stream.uniform() - 0.3);
        let product = |x: &[f64]| a.dot(&ndarray::ArrayView1::from(x)).to_vec();
        let mut space = Space::new(n, (0..n).map(|_| stream.uniform()).collect());
        assert!(!space.extend(FEW, &product));
        for _ in 0..3 {
            let mut ritz = dense::eigenvalues(corner(&space.h, FEW).view()).unwrap();
            ritz.sort_by(|a, b| a.partial_cmp(b).unwrap());
            space.restart(&ritz);
            let k = space.size;
            let v = Array2::from_shape_fn((n, k), |(i, j)| space.basis[j * ROWS + i]);
            let mut left = a.dot(&v) - v.dot(&corner(&space.h, k));
            for i in 0..n {
                left[[i, k - 1]] -= space.next[i];
            }
            assert!(left.iter().all(|e| e.abs() < 1e-11));
            let gram = v.t().dot(&v) - Array2::<f64>::eye(k);
            assert!(gram.iter().all(|e| e.abs() < 1e-12));
            assert!(!space.extend(FEW, &product));
        }
    }

    #[test]
    fn against_all_eigenvalues() {
        let mut stream = Stream::new(5, 0);
        for (n, links, loops) in [(200, 4, 0.0), (500, 6, 0.0), (300, 3, 0.4)] {
            let rows: Vec<Vec<(u32, f64)>> = (0..n)
                .map(|i| {
                    let mut row = vec![(i + n - 1) % n, (i + 1) % n];
                    row.extend((0..links).map(|_| (i + stream.below(15)) % n));
                    row.sort_unstable();
                    row.dedup();
                    let share = 1.0 / row.len() as f64;
                    row.into_iter()
                        .map(|j| (j, if i == j { loops } else { share }))
                        .collect()
                })
                .collect();
            let w = Csr::from_rows(&rows);
            let omega = dense::eigenvalues(w.to_dense().view()).unwrap();
            let real = omega.iter().filter(|o| o.1 == 0.0);
            let lowest = real.fold(f64::INFINITY, |l, o| l.min(o.0));
            let product = |x: &[f64]| w.product(ndarray::ArrayView1::from(x)).to_vec();
            let found = most_negative(n as usize, GOAL, 1.0, -0.1, product).unwrap();
            assert!(
                found.is_some_and(|f| (f - lowest).abs() < 1e-7),
                "{n}: {found:?} {lowest}"
            );
        }
    }

    #[test]
    fn nothing_negative_and_invariant_spaces() {
        // one way round a ring of 101: no real eigenvalue but one
        let ring =
            |n: u32| Csr::from_rows(&(0..n).map(|i| vec![((i + 1) % n, 1.0)]).collect::<Vec<_>>());
        let w = ring(101);
        let product = |x: &[f64]| w.product(ndarray::ArrayView1::from(x)).to_vec();
        assert_eq!(most_negative(101, GOAL, 1.0, -0.1, product).unwrap(), None);
        // a multiple of a projection: the space ends after two steps
        let mean = |x: &[f64]| vec![-3.0 * x.iter().sum::<f64>() / x.len() as f64; x.len()];
        let found = most_negative(50, GOAL, 3.0, -0.1, mean).unwrap();
        assert!(found.is_some_and(|f| (f + 3.0).abs() < 1e-13));
        assert_eq!(
            most_negative(50, GOAL, 3.0, -0.1, |x| vec![0.0; x.len()]).unwrap(),
            None
        );
    }
}
