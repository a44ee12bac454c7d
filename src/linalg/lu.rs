//! Sparse LU of a general matrix: left-looking, column by column, with threshold pivoting that prefers the diagonal.
//!
//! It serves where [`super::fronts`], which exchanges no rows, is not stable.
//!
//! For each column the sparse triangular solve visits only the columns of L that it reaches (Gilbert and Peierls 1988), so
//! that the cost is proportional to the multiplications.

use crate::error::{Error, Result};

/// A sparse matrix by columns.
#[derive(Debug, Clone)]
pub(crate) struct Csc {
    pub(crate) offsets: Vec<usize>,
    pub(crate) rows: Vec<u32>,
    pub(crate) values: Vec<f64>,
}

/// L and U with row order `pivot_row`: row `pivot_row[k]` of the matrix is the k-th pivot.
#[derive(Debug)]
pub(crate) struct Lu {
    pub(super) lower: Csc,
    pub(super) upper: Csc,
    pub(super) diagonal: Vec<f64>,
    pub(super) pivot_row: Vec<u32>,
}

/// A diagonal entry is taken as pivot where it is at least this share of the largest candidate.
pub(crate) const DIAGONAL_PREFERENCE: f64 = 0.1;
const NONE: u32 = u32::MAX;

impl Lu {
    /// Factorises a square matrix; `what` names it in the error.
    pub(crate) fn new(a: &Csc, what: &str) -> Result<Self> {
        let n = a.offsets.len() - 1;
        let empty = || Csc {
            offsets: vec![0],
            rows: Vec::new(),
            values: Vec::new(),
        };
        let (mut lower, mut upper) = (empty(), empty());
        let mut diagonal = Vec::with_capacity(n);
        let mut pivot_row = Vec::with_capacity(n);
        let mut step_of_row = vec![NONE; n];
        let mut x = vec![0.0; n];
        let mut visited = vec![NONE; n];
        let mut order: Vec<u32> = Vec::new();
        let mut stack: Vec<(u32, usize)> = Vec::new();
        for column in 0..n {
            let entries = a.offsets[column]..a.offsets[column + 1];
            order.clear();
            for &row in &a.rows[entries.clone()] {
                reach(
                    row,
                    column as u32,
                    &lower,
                    &step_of_row,
                    &mut visited,
                    &mut stack,
                    &mut order,
                );
            }
            for k in entries {
                x[a.rows[k] as usize] = a.values[k];
            }
            // Reverse post-order is a topological order of the rows reached.
            for &row in order.iter().rev() {
                let step = step_of_row[row as usize];
                if step == NONE {
                    continue;
                }
                let value = x[row as usize];
                for k in lower.offsets[step as usize]..lower.offsets[step as usize + 1] {
                    x[lower.rows[k] as usize] -= lower.values[k] * value;
                }
                upper.rows.push(step);
                upper.values.push(value);
            }
            let mut largest = 0.0;
            let mut pivot = NONE;
            for &row in &order {
                if step_of_row[row as usize] == NONE && x[row as usize].abs() > largest {
                    (largest, pivot) = (x[row as usize].abs(), row);
                }
            }
            if step_of_row[column] == NONE
                && x[column].abs() >= DIAGONAL_PREFERENCE * largest
                && x[column] != 0.0
            {
                pivot = column as u32;
            }
            if pivot == NONE || x[pivot as usize] == 0.0 || !x[pivot as usize].is_finite() {
                return Err(Error::Singular {
                    what: what.to_owned(),
                });
            }
            let value = x[pivot as usize];
            diagonal.push(value);
            step_of_row[pivot as usize] = column as u32;
            pivot_row.push(pivot);
            for &row in &order {
                if step_of_row[row as usize] == NONE {
                    lower.rows.push(row);
                    lower.values.push(x[row as usize] / value);
                }
                x[row as usize] = 0.0;
            }
            lower.offsets.push(lower.rows.len());
            upper.offsets.push(upper.rows.len());
        }
        Ok(Self {
            lower,
            upper,
            diagonal,
            pivot_row,
        })
    }

    /// ln|det|.
    pub(crate) fn ln_abs_det(&self) -> f64 {
        self.diagonal.iter().map(|d| d.abs().ln()).sum()
    }

    /// Whether the determinant is negative.
    pub(crate) fn is_negative(&self) -> bool {
        let mut negative = self.diagonal.iter().filter(|d| **d < 0.0).count() % 2 == 1;
        // a cycle of even length is an odd permutation
        let mut seen = vec![false; self.pivot_row.len()];
        for start in 0..seen.len() {
            let (mut at, mut length) = (start, 0);
            while !seen[at] {
                seen[at] = true;
                at = self.pivot_row[at] as usize;
                length += 1;
            }
            negative ^= length > 0 && length % 2 == 0;
        }
        negative
    }

    /// Solves A x = b in place.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        let n = self.diagonal.len();
        let mut z = vec![0.0; n];
        for step in 0..n {
            let value = b[self.pivot_row[step] as usize];
            z[step] = value;
            for k in self.lower.offsets[step]..self.lower.offsets[step + 1] {
                b[self.lower.rows[k] as usize] -= self.lower.values[k] * value;
            }
        }
        for step in (0..n).rev() {
            let value = z[step] / self.diagonal[step];
            b[step] = value;
            for k in self.upper.offsets[step]..self.upper.offsets[step + 1] {
                z[self.upper.rows[k] as usize] -= self.upper.values[k] * value;
            }
        }
    }

    /// Solves A' x = b in place.
    pub(crate) fn solve_transposed(&self, b: &mut [f64]) {
        let n = self.diagonal.len();
        let mut z = vec![0.0; n];
        for step in 0..n {
            let above: f64 = (self.upper.offsets[step]..self.upper.offsets[step + 1])
                .map(|k| self.upper.values[k] * z[self.upper.rows[k] as usize])
                .sum();
            z[step] = (b[step] - above) / self.diagonal[step];
        }
        for step in (0..n).rev() {
            let below: f64 = (self.lower.offsets[step]..self.lower.offsets[step + 1])
                .map(|k| self.lower.values[k] * b[self.lower.rows[k] as usize])
                .sum();
            b[self.pivot_row[step] as usize] = z[step] - below;
        }
    }
}

/// Depth-first search from a row through the columns of L; finished rows are appended to `order`.
fn reach(
    start: u32,
    mark: u32,
    lower: &Csc,
    step_of_row: &[u32],
    visited: &mut [u32],
    stack: &mut Vec<(u32, usize)>,
    order: &mut Vec<u32>,
) {
    if visited[start as usize] == mark {
        return;
    }
    visited[start as usize] = mark;
    stack.push((start, 0));
    while let Some(&mut (row, ref mut next)) = stack.last_mut() {
        let step = step_of_row[row as usize];
        let below: &[u32] = if step == NONE {
            &[]
        } else {
            &lower.rows[lower.offsets[step as usize]..lower.offsets[step as usize + 1]]
        };
        let mut descend = None;
        while let Some(&child) = below.get(*next) {
            *next += 1;
            if visited[child as usize] != mark {
                descend = Some(child);
                break;
            }
        }
        if let Some(child) = descend {
            visited[child as usize] = mark;
            stack.push((child, 0));
        } else {
            order.push(row);
            stack.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::linalg::dense;

    fn csc(a: &Array2<f64>) -> Csc {
        let mut out = Csc {
            offsets: vec![0],
            rows: Vec::new(),
            values: Vec::new(),
        };
        for column in a.columns() {
            for (i, &v) in column.iter().enumerate().filter(|(_, v)| **v != 0.0) {
                out.rows.push(i as u32);
                out.values.push(v);
            }
            out.offsets.push(out.rows.len());
        }
        out
    }

    #[test]
    fn solves_and_determinant_agree_with_the_dense_ones() {
        // Entries from a fixed congruential sequence; zero diagonals force exchanges of rows.
        let mut state = 7_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as f64 / f64::from(u32::MAX) * 2.0 - 0.5
        };
        for n in [1, 2, 5, 30] {
            let mut a = Array2::zeros((n, n));
            for i in 0..n {
                for j in 0..n {
                    let (value, keep) = (next(), next());
                    if keep < 0.3 || j == (i + 1) % n {
                        a[[i, j]] = value + 0.1;
                    }
                }
            }
            let lu = Lu::new(&csc(&a), "a").unwrap();
            let omega = dense::eigenvalues(a.view()).unwrap();
            let ln_det: f64 = omega.iter().map(|(re, im)| re.hypot(*im).ln()).sum();
            assert!((lu.ln_abs_det() - ln_det).abs() < 1e-9, "{n}");
            // complex ones come in pairs
            let real = omega.iter().filter(|(re, im)| *im == 0.0 && *re < 0.0);
            assert_eq!(lu.is_negative(), real.count() % 2 == 1, "{n}");
            let x: Array1<f64> = (0..n).map(|i| i as f64 - 1.5).collect();
            let (mut b, mut c) = (a.dot(&x).to_vec(), a.t().dot(&x).to_vec());
            lu.solve(&mut b);
            lu.solve_transposed(&mut c);
            for i in 0..n {
                assert!((b[i] - x[i]).abs() < 1e-8 && (c[i] - x[i]).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn a_singular_matrix_is_an_error() {
        let a = ndarray::array![[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]];
        assert!(Lu::new(&csc(&a), "a").is_err());
    }
}
