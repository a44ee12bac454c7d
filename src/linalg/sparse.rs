//! CSR storage of a spatial weight matrix and its products.
//!
//! Three vectors, `u32` offsets and columns; values only where they carry information: a binary or a row-standardised
//! binary matrix stores none, equal weights within each row store one a row. Every product costs one pass over the
//! links, sums in row order from zero on, and is the same on any number of threads.

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
        let mut out = vec![0.0; self.n()];
        in_parts(&mut out, 1, self.links(), |first, out| {
            self.rows_into(x, first, out);
        });
        Array1::from_vec(out)
    }

    /// The rows of W x from `first` on.
    fn rows_into(&self, x: &[f64], first: usize, out: &mut [f64]) {
        let ends = self.pattern.offsets[first..].windows(2);
        let columns = |w: &[u32]| &self.pattern.columns[w[0] as usize..w[1] as usize];
        let rows = out.iter_mut().zip(ends);
        match &self.values {
            Values::One => {
                for (to, w) in rows {
                    *to = sum_at(x, columns(w));
                }
            }
            Values::InverseCount => {
                for (to, w) in rows {
                    let columns = columns(w);
                    if !columns.is_empty() {
                        *to = sum_at(x, columns) / columns.len() as f64;
                    }
                }
            }
            Values::PerRow(v) => {
                for ((to, w), v) in rows.zip(&v[first..]) {
                    *to = v * sum_at(x, columns(w));
                }
            }
            Values::PerLink(v) => {
                for (to, w) in rows {
                    let v = &v[w[0] as usize..w[1] as usize];
                    let links = v.iter().zip(columns(w));
                    *to = links.fold(0.0, |sum, (v, &j)| sum + v * x[j as usize]);
                }
            }
        }
    }

    /// W X, all columns together, each as by [`product`](Self::product).
    pub(crate) fn product_columns(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let k = x.ncols();
        let x = x.as_standard_layout();
        let (Some(x), true) = (x.as_slice(), k > 0) else {
            return Array2::zeros(x.raw_dim());
        };
        let mut out = Array2::zeros((self.n(), k));
        if let Some(out) = out.as_slice_mut() {
            in_parts(out, k, self.links() * k, |first, out| {
                for (i, to) in out.chunks_mut(k).enumerate().map(|(i, to)| (first + i, to)) {
                    self.row_into(x, i, to);
                }
            });
        }
        out
    }

    /// Row i of W X, for X row by row.
    fn row_into(&self, x: &[f64], i: usize, to: &mut [f64]) {
        let (k, mut first) = (to.len(), 0);
        let (fours, rest) = to.as_chunks_mut::<4>();
        for four in fours {
            *four = self.columns_of(x, k, i, first);
            first += 4;
        }
        let (twos, rest) = rest.as_chunks_mut::<2>();
        for two in twos {
            *two = self.columns_of(x, k, i, first);
            first += 2;
        }
        for one in rest {
            [*one] = self.columns_of(x, k, i, first);
        }
    }

    /// L of the k columns of row i of W X, from `first` on.
    fn columns_of<const L: usize>(&self, x: &[f64], k: usize, i: usize, first: usize) -> [f64; L] {
        let range = self.pattern.range(i);
        let columns = &self.pattern.columns[range.clone()];
        let row = |j: u32| &x[j as usize * k + first..][..L];
        let mut sums = [0.0; L];
        if let Values::PerLink(v) = &self.values {
            for (v, &j) in v[range].iter().zip(columns) {
                for (sum, x) in sums.iter_mut().zip(row(j)) {
                    *sum += v * x;
                }
            }
            return sums;
        }
        for &j in columns {
            for (sum, x) in sums.iter_mut().zip(row(j)) {
                *sum += x;
            }
        }
        match &self.values {
            Values::InverseCount if !range.is_empty() => sums.map(|s| s / range.len() as f64),
            Values::PerRow(v) => sums.map(|s| v[i] * s),
            _ => sums,
        }
    }

    /// W' x.
    pub(crate) fn transposed_product(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        let mut out = vec![0.0; self.n()];
        let mut add = |i: usize, w: f64| {
            let wx = w * x[i];
            for &j in self.pattern.row(i) {
                out[j as usize] += wx;
            }
        };
        match &self.values {
            Values::One => (0..self.n()).for_each(|i| add(i, 1.0)),
            Values::InverseCount => {
                (0..self.n()).for_each(|i| add(i, 1.0 / self.pattern.range(i).len() as f64));
            }
            Values::PerRow(v) => (0..self.n()).for_each(|i| add(i, v[i])),
            Values::PerLink(v) => {
                for (i, x) in x.iter().enumerate() {
                    let range = self.pattern.range(i);
                    for (w, &j) in v[range.clone()].iter().zip(&self.pattern.columns[range]) {
                        out[j as usize] += w * x;
                    }
                }
            }
        }
        Array1::from_vec(out)
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

    /// Whether the units fall into two sets without a link inside either; the pattern has to be symmetric.
    pub(crate) fn is_bipartite(&self) -> bool {
        let mut side = vec![0_i8; self.n()];
        let mut stack = Vec::new();
        for start in 0..self.n() {
            if side[start] != 0 {
                continue;
            }
            side[start] = 1;
            stack.push(start);
            while let Some(i) = stack.pop() {
                for (j, w) in self.row(i) {
                    if w == 0.0 {
                        continue;
                    }
                    if side[j] == side[i] {
                        return false;
                    }
                    if side[j] == 0 {
                        side[j] = -side[i];
                        stack.push(j);
                    }
                }
            }
        }
        true
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

/// The sum of the elements at some positions, in their order.
// a call for each row would cost a fifth of the product
#[allow(clippy::inline_always)]
#[inline(always)]
fn sum_at(x: &[f64], positions: &[u32]) -> f64 {
    let (fours, rest) = positions.as_chunks::<4>();
    let mut sum = 0.0;
    for &[a, b, c, d] in fours {
        sum += x[a as usize];
        sum += x[b as usize];
        sum += x[c as usize];
        sum += x[d as usize];
    }
    rest.iter().fold(sum, |sum, &j| sum + x[j as usize])
}

/// Work on rows of `width` numbers: at once, or where there are many links in parts over threads (first row, its numbers).
fn in_parts(
    out: &mut [f64],
    width: usize,
    links: usize,
    work: impl Fn(usize, &mut [f64]) + Sync + Send,
) {
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        const MANY: usize = 1 << 19;
        const ROWS: usize = 1 << 14;
        if links >= MANY && rayon::current_num_threads() > 1 {
            let parts = out.par_chunks_mut(ROWS * width).enumerate();
            parts.for_each(|(part, out)| work(part * ROWS, out));
            return;
        }
    }
    let _ = (width, links);
    work(0, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The four ways to store a matrix of some 1,000 rows, some of them empty.
    fn samples() -> Vec<Csr> {
        let n = 1000_u32;
        let row = |i: u32| (0..i % 12).map(move |j| (i * 7 + j * 131) % n);
        let rows: Vec<Vec<u32>> = (0..n)
            .map(|i| {
                let mut r: Vec<u32> = row(i).filter(|&j| j != i).collect();
                r.sort_unstable();
                r.dedup();
                r
            })
            .collect();
        let weight = |i: usize, j: u32| 1.0 / (1.0 + ((i * 3 + j as usize) % 17) as f64);
        let with = |w: &dyn Fn(usize, u32) -> f64| {
            let rows: Vec<Vec<(u32, f64)>> = rows
                .iter()
                .enumerate()
                .map(|(i, r)| r.iter().map(|&j| (j, w(i, j))).collect())
                .collect();
            Csr::from_rows(&rows)
        };
        let one = with(&|_, _| 1.0);
        let mut inverse = one.clone();
        inverse.values = Values::InverseCount;
        vec![one, inverse, with(&|i, _| weight(i, 0)), with(&weight)]
    }

    #[test]
    fn products_are_those_of_the_dense_matrix() {
        for w in samples() {
            let dense = w.to_dense();
            let n = w.n();
            for k in [0, 1, 3, 8] {
                let x =
                    Array2::from_shape_fn((n, k), |(i, j)| ((i * 7 + j * 13) % 29) as f64 - 9.3);
                let (found, expected) = (w.product_columns(x.view()), dense.dot(&x));
                assert!(
                    found
                        .iter()
                        .zip(&expected)
                        .all(|(a, b)| (a - b).abs() < 1e-12)
                );
                let turned = Array2::from_shape_fn((k, n), |(j, i)| x[[i, j]]);
                assert_eq!(w.product_columns(turned.t()), found);
                for j in 0..k {
                    // to the last bit
                    assert_eq!(w.product(x.column(j)), found.column(j));
                    let (found, expected) = (
                        w.transposed_product(x.column(j)),
                        dense.t().dot(&x.column(j)),
                    );
                    assert!(
                        found
                            .iter()
                            .zip(&expected)
                            .all(|(a, b)| (a - b).abs() < 1e-12)
                    );
                }
            }
        }
    }

    #[test]
    fn parts_are_put_together() {
        let n = 70_000_u32;
        let rows: Vec<Vec<(u32, f64)>> = (0..n)
            .map(|i| {
                (0..8)
                    .map(|j| ((i + j * 7919 + 1) % n, 1.0))
                    .collect::<Vec<_>>()
            })
            .map(|mut r| {
                r.sort_by_key(|l| l.0);
                r
            })
            .collect();
        let w = Csr::from_rows(&rows);
        let x = Array1::from_shape_fn(n as usize, |i| (i as f64).sin());
        let mut expected = vec![0.0; n as usize];
        let Some(slice) = x.as_slice() else { return };
        w.rows_into(slice, 0, &mut expected);
        assert_eq!(w.product(x.view()).to_vec(), expected);
        let column = x.view().insert_axis(ndarray::Axis(1));
        assert_eq!(
            w.product_columns(column).into_raw_vec_and_offset().0,
            expected
        );
    }
}
