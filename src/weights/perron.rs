//! The largest modulus of an eigenvalue of a non-negative sparse matrix: its Perron root.
//!
//! It is the largest of the roots of the strongly connected components. Within one, the root lies between the smallest and
//! the largest of (Wx)_i / x_i for any positive x (Collatz 1942, Wielandt 1950).

use super::Weights;
use crate::error::{Error, Result};
use crate::linalg::lanczos::{Goal, dot, extremes, norm};
use crate::linalg::sparse::Csr;

const EPS: f64 = f64::EPSILON;

/// The spectral radius of W; zero where there is no cycle of links.
pub(super) fn spectral_radius(w: &Weights) -> Result<f64> {
    let csr = w.csr();
    let scaling = w.symmetrizer();
    let mut best = 0.0_f64;
    let mut local = vec![u32::MAX; csr.n()];
    let mut components = strong_components(csr);
    components.sort_by_key(|c| std::cmp::Reverse(c.len()));
    for members in &components {
        let mut block = Block::new(csr, members, &mut local);
        let sums = block.product(&vec![1.0; block.n()]);
        let (low, high) = range(sums.iter().copied());
        if high <= best {
            continue;
        }
        let root = if high - low <= 4.0 * EPS * high {
            f64::midpoint(low, high)
        } else if let Some(d) = scaling {
            // sqrt(w_ij w_ji) = w_ij sqrt(d_i / d_j)
            for i in 0..block.n() {
                for k in block.offsets[i]..block.offsets[i + 1] {
                    let j = block.columns[k] as usize;
                    block.weights[k] *= (d[members[i] as usize] / d[members[j] as usize]).sqrt();
                }
            }
            lanczos(&block)?
        } else {
            arnoldi(&block, high)?
        };
        best = best.max(root);
    }
    Ok(best)
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, 0.0), |(l, h), v| (l.min(v), h.max(v)))
}

/// The rows and columns of some units.
struct Block {
    offsets: Vec<usize>,
    columns: Vec<u32>,
    weights: Vec<f64>,
}

impl Block {
    /// `local` is filled with `u32::MAX`, and left so.
    fn new(csr: &Csr, members: &[u32], local: &mut [u32]) -> Self {
        for (k, &i) in members.iter().enumerate() {
            local[i as usize] = k as u32;
        }
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for &i in members {
            for (j, w) in csr.row(i as usize) {
                if local[j] != u32::MAX {
                    columns.push(local[j]);
                    weights.push(w);
                }
            }
            offsets.push(columns.len());
        }
        for &i in members {
            local[i as usize] = u32::MAX;
        }
        Self {
            offsets,
            columns,
            weights,
        }
    }

    fn n(&self) -> usize {
        self.offsets.len() - 1
    }

    fn product(&self, x: &[f64]) -> Vec<f64> {
        self.offsets
            .windows(2)
            .map(|o| {
                let row = self.columns[o[0]..o[1]].iter();
                row.zip(&self.weights[o[0]..o[1]])
                    .map(|(&j, w)| w * x[j as usize])
                    .sum()
            })
            .collect()
    }
}

/// Largest eigenvalue of a symmetric block, by the Lanczos method from a positive vector, which is never orthogonal to the
/// wanted eigenvector.
fn lanczos(block: &Block) -> Result<f64> {
    const GOAL: Goal = Goal {
        lowest: false,
        tolerance: 8.0 * EPS,
        most_steps: 60_000,
    };
    let found = extremes(vec![1.0; block.n()], GOAL, |x| block.product(x));
    if found.settled {
        return Ok(found.high);
    }
    Err(not_converged(GOAL.most_steps))
}

fn not_converged(iterations: usize) -> Error {
    Error::NotConverged {
        what: "the largest eigenvalue of the weights",
        iterations,
    }
}

/// Perron root of an irreducible block, by the Arnoldi method, restarted with the Ritz vector of the largest real part.
fn arnoldi(block: &Block, bound: f64) -> Result<f64> {
    const RESTARTS: usize = 3000;
    const SIZE: usize = 24;
    let n = block.n();
    let mut x = vec![1.0; n];
    let (mut theta, mut still) = (0.0_f64, 0);
    for _ in 0..RESTARTS {
        x = ritz_vector(block, &x, SIZE.min(n), bound);
        let wx = block.product(&x);
        let (low, high) = range(
            wx.iter()
                .zip(&x)
                .filter(|&(_, &x)| x > 0.0)
                .map(|(w, x)| w / x),
        );
        let now = dot(&x, &wx) / dot(&x, &x);
        if x.iter().all(|&x| x > 0.0) && high - low <= 1e-14 * high {
            return Ok(f64::midpoint(low, high));
        }
        let residual = wx
            .iter()
            .zip(&x)
            .map(|(w, x)| (w - now * x).powi(2))
            .sum::<f64>()
            .sqrt();
        let small = residual / (now * norm(&x));
        still = if (now - theta).abs() <= 8.0 * EPS * now {
            still + 1
        } else {
            0
        };
        theta = now;
        if small <= 4e-15 || (still >= 3 && small <= 1e-13) {
            return Ok(theta);
        }
    }
    Err(not_converged(RESTARTS))
}

/// A step of Arnoldi: the moduli of the Ritz vector of the largest real part over a Krylov space from x.
fn ritz_vector(block: &Block, x: &[f64], size: usize, bound: f64) -> Vec<f64> {
    let length = norm(x);
    let mut basis: Vec<Vec<f64>> = vec![x.iter().map(|x| x / length).collect()];
    let mut h = vec![vec![0.0; size]; size];
    for k in 0..size {
        let mut u = block.product(&basis[k]);
        for _ in 0..2 {
            for (j, v) in basis.iter().enumerate() {
                let c = dot(&u, v);
                h[j][k] += c;
                u.iter_mut().zip(v).for_each(|(u, v)| *u -= c * v);
            }
        }
        let beta = norm(&u);
        if k + 1 == size || beta <= 1e-14 * bound {
            break;
        }
        h[k + 1][k] = beta;
        for u in &mut u {
            *u /= beta;
        }
        basis.push(u);
    }
    let m = basis.len();
    // (H + c I)^(2^60): its columns are multiples of the dominant eigenvector
    let mut power: Vec<Vec<f64>> = (0..m)
        .map(|i| {
            (0..m)
                .map(|j| h[i][j] + if i == j { bound } else { 0.0 })
                .collect()
        })
        .collect();
    for _ in 0..60 {
        let largest = power.iter().flatten().fold(0.0_f64, |l, v| l.max(v.abs()));
        power.iter_mut().flatten().for_each(|v| *v /= largest);
        power = (0..m)
            .map(|i| {
                (0..m)
                    .map(|j| (0..m).map(|k| power[i][k] * power[k][j]).sum())
                    .collect()
            })
            .collect();
    }
    let column = |j: usize| power.iter().map(move |row| row[j]);
    let size_of = |j: usize| column(j).map(|v| v * v).sum::<f64>();
    let best = (0..m).fold(0, |b, j| if size_of(j) > size_of(b) { j } else { b });
    let mut out = vec![0.0; x.len()];
    for (v, y) in basis.iter().zip(column(best)) {
        out.iter_mut().zip(v).for_each(|(o, v)| *o += y * v);
    }
    let length = norm(&out);
    if length > 0.0 && length.is_finite() {
        for o in &mut out {
            *o = o.abs() / length;
        }
        out
    } else {
        block.product(x)
    }
}

/// Strongly connected components (Tarjan 1972), without recursion.
pub(super) fn strong_components(csr: &Csr) -> Vec<Vec<u32>> {
    const NEW: u32 = u32::MAX;
    let n = csr.n();
    let pattern = &csr.pattern;
    let (mut index, mut low) = (vec![NEW; n], vec![0_u32; n]);
    let mut on_stack = vec![false; n];
    let (mut stack, mut calls, mut out) = (Vec::new(), Vec::new(), Vec::new());
    let mut next = 0;
    for start in 0..n {
        if index[start] != NEW {
            continue;
        }
        calls.push((start, 0));
        while let Some((i, done)) = calls.pop() {
            if done == 0 {
                index[i] = next;
                low[i] = next;
                next += 1;
                stack.push(i as u32);
                on_stack[i] = true;
            }
            let row = pattern.row(i);
            let mut at = done;
            let mut deeper = None;
            while let Some(&j) = row.get(at) {
                let j = j as usize;
                at += 1;
                if index[j] == NEW {
                    deeper = Some(j);
                    break;
                }
                if on_stack[j] {
                    low[i] = low[i].min(index[j]);
                }
            }
            if let Some(j) = deeper {
                calls.push((i, at));
                calls.push((j, 0));
                continue;
            }
            if low[i] == index[i] {
                let mut members = Vec::new();
                while let Some(j) = stack.pop() {
                    on_stack[j as usize] = false;
                    members.push(j);
                    if j as usize == i {
                        break;
                    }
                }
                members.sort_unstable();
                out.push(members);
            }
            if let Some(&(above, _)) = calls.last() {
                low[above] = low[above].min(low[i]);
            }
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::excessive_precision)]
mod tests {
    use super::super::Lattice;
    use super::super::test_data::{columbus, columbus_points};
    use super::*;
    use crate::data::Units;
    use approx::assert_relative_eq;

    #[test]
    fn lattices_have_known_roots() {
        // rook lattice, bipartite: 2 cos(π / (r + 1)) + 2 cos(π / (c + 1))
        for (r, c) in [(1, 2), (1, 50), (1, 2000), (7, 9), (40, 60), (100, 100)] {
            let root = |m: usize| {
                if m == 1 {
                    0.0
                } else {
                    2.0 * (std::f64::consts::PI / (m + 1) as f64).cos()
                }
            };
            let found = spectral_radius(&Weights::lattice(Lattice::rook(r, c)).unwrap()).unwrap();
            assert_relative_eq!(found, root(r) + root(c), max_relative = 4e-15);
        }
    }

    #[test]
    fn columbus_eigenvalue() {
        let found = spectral_radius(&columbus()).unwrap();
        assert_relative_eq!(found, 5.979_482_987_526_077_8, max_relative = 1e-13);
    }

    #[test]
    fn directed_weights() {
        // a cycle of three with product 24: root 24^(1/3), three eigenvalues of that modulus
        let cycle = [(0, 1, 2.0), (1, 2, 3.0), (2, 0, 4.0)];
        let w = Weights::from_links_at(&Units::range(5), cycle).unwrap();
        assert_relative_eq!(
            spectral_radius(&w).unwrap(),
            24_f64.cbrt(),
            max_relative = 1e-13
        );
        // a reducible matrix: the larger root of its blocks, whatever links join them
        let two = [
            (0, 1, 2.0),
            (1, 0, 2.0),
            (1, 2, 9.0),
            (2, 3, 1.0),
            (3, 2, 25.0),
        ];
        let w = Weights::from_links_at(&Units::range(4), two).unwrap();
        assert_relative_eq!(spectral_radius(&w).unwrap(), 5.0, max_relative = 1e-13);
        // every row of a k nearest matrix sums to k, so does not every strong component
        let w = Weights::k_nearest(&columbus_points(), 4).unwrap();
        assert_relative_eq!(spectral_radius(&w).unwrap(), 4.0, max_relative = 1e-13);
    }

    #[test]
    fn similar_to_symmetric_or_not() {
        // D C has the eigenvalues of D^(1/2) C D^(1/2); one more one-way link takes that away
        let c = columbus();
        let scaled: Vec<(usize, usize, f64)> = (0..49)
            .flat_map(|i| {
                c.neighbours(i)
                    .map(move |(j, w)| (i, j, w * (1.0 + i as f64)))
            })
            .collect();
        let w = Weights::from_links_at(&Units::range(49), scaled.clone()).unwrap();
        assert!(w.symmetrizer().is_some());
        let mut local = vec![u32::MAX; 49];
        let members: Vec<u32> = (0..49).collect();
        let block = Block::new(w.csr(), &members, &mut local);
        let other = arnoldi(&block, 500.0).unwrap();
        assert_relative_eq!(spectral_radius(&w).unwrap(), other, max_relative = 1e-13);
        let more = scaled.into_iter().chain([(0, 40, 1.0)]);
        let w = Weights::from_links_at(&Units::range(49), more).unwrap();
        assert!(w.symmetrizer().is_none());
        assert!(spectral_radius(&w).unwrap() >= other);
    }
}
