//! CSR storage of a spatial weight matrix and its products.
//!
//! Three vectors, `u32` offsets and columns; values only where they carry information: a binary or a row-standardised
//! binary matrix stores none, equal weights within each row store one a row. Every product costs one pass over the
//! links, sums in row order, and is the same on any number of threads.

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// The links of a square matrix: row i owns `columns[offsets[i]..offsets[i + 1]]`, sorted and distinct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) offsets: Vec<u32>,
    pub(crate) columns: Vec<u32>,
}

impl Pattern {
    pub(crate) fn n(&self) -> usize {
        self.offsets.len() - 1
    }

    pub(crate) fn range(&self, i: usize) -> std::ops::Range<usize> {
        self.offsets[i] as usize..self.offsets[i + 1] as usize
    }

    pub(crate) fn row(&self, i: usize) -> &[u32] {
        &self.columns[self.range(i)]
    }

    /// Where the link (i, j) is stored, if it is.
    pub(crate) fn find(&self, i: usize, j: usize) -> Option<usize> {
        self.row(i)
            .binary_search(&(j as u32))
            .ok()
            .map(|k| self.offsets[i] as usize + k)
    }
}

/// The weights of the links, stored as sparingly as they allow.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// Every link weighs one.
    One,
    /// Every link of row i weighs one over the number of links of row i.
    InverseCount,
    /// Every link of row i weighs `per_row[i]`.
    PerRow(Arc<[f64]>),
    /// Link k weighs `per_link[k]`.
    PerLink(Arc<[f64]>),
}

/// A square sparse matrix.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Csr {
    pub(crate) pattern: Arc<Pattern>,
    pub(crate) values: Values,
}

impl Csr {
    /// From the rows of an adjacency list: for each row its (column, weight) pairs, sorted by column and distinct.
    #[cfg(test)]
    pub(crate) fn from_rows(rows: &[Vec<(u32, f64)>]) -> Self {
        let mut offsets = vec![0];
        let (mut columns, mut weights) = (Vec::new(), Vec::new());
        for row in rows {
            columns.extend(row.iter().map(|&(j, _)| j));
            weights.extend(row.iter().map(|&(_, w)| w));
            offsets.push(columns.len() as u32);
        }
        Self::compact(Pattern { offsets, columns }, weights)
    }

    /// With one value a link, stored more sparingly where rows have equal weights.
    // Storage is chosen by equality to the last bit.
    #[allow(clippy::float_cmp)]
    pub(crate) fn compact(pattern: Pattern, weights: Vec<f64>) -> Self {
        let values = if weights.iter().all(|&w| w == 1.0) {
            Values::One
        } else if (0..pattern.n())
            .all(|i| weights[pattern.range(i)].windows(2).all(|p| p[0] == p[1]))
        {
            Values::PerRow(
                (0..pattern.n())
                    .map(|i| weights[pattern.range(i)].first().copied().unwrap_or(0.0))
                    .collect(),
            )
        } else {
            Values::PerLink(weights.into())
        };
        Self {
            pattern: Arc::new(pattern),
            values,
        }
    }

    /// Every link weighs one; rows are sorted and distinct.
    pub(crate) fn ones(offsets: Vec<u32>, columns: Vec<u32>) -> Self {
        Self {
            pattern: Arc::new(Pattern { offsets, columns }),
            values: Values::One,
        }
    }

    /// The transposed matrix; its links are as many, with one value each where rows had unequal ones.
    pub(crate) fn transposed(&self) -> Self {
        let n = self.n();
        let mut offsets = vec![0_u32; n + 1];
        for &j in &self.pattern.columns {
            offsets[j as usize + 1] += 1;
        }
        for j in 0..n {
            offsets[j + 1] += offsets[j];
        }
        let mut next = offsets.clone();
        let mut columns = vec![0; self.links()];
        let mut weights = match self.values {
            Values::One => Vec::new(),
            _ => vec![0.0; self.links()],
        };
        for i in 0..n {
            for k in self.pattern.range(i) {
                let at = &mut next[self.pattern.columns[k] as usize];
                columns[*at as usize] = i as u32;
                if let Some(w) = weights.get_mut(*at as usize) {
                    *w = self.value(i, k);
                }
                *at += 1;
            }
        }
        match self.values {
            Values::One => Self::ones(offsets, columns),
            _ => Self::compact(Pattern { offsets, columns }, weights),
        }
    }

    pub(crate) fn n(&self) -> usize {
        self.pattern.n()
    }

    pub(crate) fn links(&self) -> usize {
        self.pattern.columns.len()
    }

    /// Weight of the k-th stored link, which belongs to row i.
    pub(crate) fn value(&self, i: usize, k: usize) -> f64 {
        match &self.values {
            Values::One => 1.0,
            Values::InverseCount => 1.0 / self.pattern.range(i).len() as f64,
            Values::PerRow(v) => v[i],
            Values::PerLink(v) => v[k],
        }
    }

    /// Weight of (i, j), zero where there is no link.
    pub(crate) fn get(&self, i: usize, j: usize) -> f64 {
        self.pattern.find(i, j).map_or(0.0, |k| self.value(i, k))
    }

    /// The (column, weight) pairs of row i.
    pub(crate) fn row(&self, i: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.pattern
            .range(i)
            .map(move |k| (self.pattern.columns[k] as usize, self.value(i, k)))
    }

    /// The values divided by one number.
    pub(crate) fn divided_by(&self, by: f64) -> Values {
        match &self.values {
            Values::One => Values::PerRow(vec![1.0 / by; self.n()].into()),
            Values::PerRow(w) => Values::PerRow(w.iter().map(|w| w / by).collect()),
            Values::PerLink(w) => Values::PerLink(w.iter().map(|w| w / by).collect()),
            Values::InverseCount => Values::PerRow(
                (0..self.n())
                    .map(|i| 1.0 / (self.pattern.row(i).len().max(1) as f64 * by))
                    .collect(),
            ),
        }
    }

    /// Row sums.
    pub(crate) fn row_sums(&self) -> Array1<f64> {
        (0..self.n())
            .map(|i| {
                let count = self.pattern.range(i).len();
                match &self.values {
                    Values::One => count as f64,
                    Values::InverseCount => f64::from(u8::from(count > 0)),
                    Values::PerRow(v) => v[i] * count as f64,
                    Values::PerLink(v) => v[self.pattern.range(i)].iter().sum(),
                }
            })
            .collect()
    }

    /// Column sums.
    pub(crate) fn column_sums(&self) -> Array1<f64> {
        self.transposed_product(Array1::ones(self.n()).view())
    }

    /// W x.
    pub(crate) fn product(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        let owned;
        let x = if let Some(s) = x.as_slice() {
            s
        } else {
            owned = x.to_vec();
            &owned
        };
        let plain = |i: usize| {
            self.pattern
                .row(i)
                .iter()
                .map(|&j| x[j as usize])
                .sum::<f64>()
        };
        (0..self.n())
            .map(|i| match &self.values {
                Values::One => plain(i),
                Values::InverseCount => {
                    let count = self.pattern.range(i).len();
                    if count == 0 {
                        0.0
                    } else {
                        plain(i) / count as f64
                    }
                }
                Values::PerRow(v) => v[i] * plain(i),
                Values::PerLink(v) => {
                    let range = self.pattern.range(i);
                    v[range.clone()]
                        .iter()
                        .zip(&self.pattern.columns[range])
                        .map(|(w, &j)| w * x[j as usize])
                        .sum()
                }
            })
            .collect()
    }

    /// W X, column by column.
    pub(crate) fn product_columns(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut out = Array2::zeros(x.raw_dim());
        for (from, mut to) in x.columns().into_iter().zip(out.columns_mut()) {
            to.assign(&self.product(from));
        }
        out
    }

    /// W' x.
    pub(crate) fn transposed_product(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        let mut out = Array1::zeros(self.n());
        for i in 0..self.n() {
            for k in self.pattern.range(i) {
                out[self.pattern.columns[k] as usize] += self.value(i, k) * x[i];
            }
        }
        out
    }

    /// tr(W W) and tr(W' W), over the links.
    pub(crate) fn traces_of_squares(&self) -> (f64, f64) {
        let (mut ww, mut wtw) = (0.0, 0.0);
        for i in 0..self.n() {
            for (j, w) in self.row(i) {
                wtw += w * w;
                ww += w * self.get(j, i);
            }
        }
        (ww, wtw)
    }

    /// Whether w_ij = w_ji for every pair, to a relative 1e-14.
    pub(crate) fn is_symmetric(&self) -> bool {
        (0..self.n()).all(|i| {
            self.row(i).all(|(j, w)| {
                self.pattern
                    .find(j, i)
                    .is_some_and(|k| (self.value(j, k) - w).abs() <= 1e-14 * w.abs())
            })
        })
    }

    /// Positive d with d_i w_ij = d_j w_ji for all pairs, where there is one: then D^(1/2) W D^(-1/2) is symmetric and has the
    /// eigenvalues of W. A row-standardised symmetric matrix has d = its row sums.
    pub(crate) fn symmetrizer(&self) -> Option<Array1<f64>> {
        const TOLERANCE: f64 = 1e-11;
        let n = self.n();
        let mut d = Array1::<f64>::zeros(n);
        let mut stack = Vec::new();
        for start in 0..n {
            if d[start] != 0.0 {
                continue;
            }
            d[start] = 1.0;
            stack.push(start);
            while let Some(i) = stack.pop() {
                for (j, w) in self.row(i) {
                    let back = self.get(j, i);
                    if w == 0.0 && back == 0.0 {
                        continue;
                    }
                    let implied = d[i] * w / back;
                    if !(implied.is_finite() && implied > 0.0) {
                        return None;
                    }
                    if d[j] == 0.0 {
                        d[j] = implied;
                        stack.push(j);
                    } else if (d[j] - implied).abs() > TOLERANCE * d[j] {
                        return None;
                    }
                }
            }
        }
        Some(d)
    }

    /// The dense matrix; the caller bounds n.
    pub(crate) fn to_dense(&self) -> Array2<f64> {
        let mut out = Array2::zeros((self.n(), self.n()));
        for i in 0..self.n() {
            for (j, w) in self.row(i) {
                out[[i, j]] = w;
            }
        }
        out
    }
}
