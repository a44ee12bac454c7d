//! Sparse LU of I - rho W without exchanges, by fronts (Duff and Reid 1983): the analysis once, dense arithmetic a value of rho.
//!
//! Elimination on the pattern of W + W' in an order of least fill. Columns of equal structure form a supernode; its front, a dense
//! matrix, gathers the entries of W and what the fronts below it leave, is eliminated as far as its columns go, and the rest is left
//! to the front above. Without exchanges this is stable where I - rho W is diagonally dominant by rows or columns, perhaps after a positive
//! scaling of these, which the elimination does not see: wherever |rho| is below one over the spectral radius of |W|.

use faer::linalg::matmul::matmul;
use faer::mat::{MatMut, MatRef};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::SupernodalThreshold;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, SymbolicCholeskyRaw, SymmetricOrdering, factorize_symbolic_cholesky,
};
use faer::{Accum, Par, Side};

use super::registers::with_wide;
use super::sparse::Csr;
use crate::error::Result;

/// Columns eliminated together.
const PANEL: usize = 32;
/// From this many multiplications on a product goes to the general kernel.
const LARGE: usize = 1 << 14;
const NONE: u32 = u32::MAX;

/// The order of elimination and the structure of the factor, for any rho.
#[derive(Debug, Default)]
pub(crate) struct Analysis {
    /// Position in the order of each unit.
    position: Vec<u32>,
    /// Supernodes in an order in which those below the same one follow each other.
    nodes: Vec<Node>,
    /// The rows of the fronts below their own columns.
    rows: Vec<u32>,
    /// Entries w_ij in the order of elimination: with i >= j by columns, with i < j by rows.
    lower: Entries,
    upper: Entries,
    /// Length of the stored factor, and of the largest front.
    length: usize,
    largest: usize,
    flops: f64,
}

/// Columns eliminated in one front.
#[derive(Debug, Clone)]
struct Node {
    first: u32,
    columns: u32,
    /// Where its rows start, and how many they are.
    rows: usize,
    below: u32,
    /// Where its factor starts: columns x (columns + below) and then columns x below, by columns.
    start: usize,
    /// How many of the nodes processed before leave something to it.
    children: u32,
}

impl Node {
    fn size(&self) -> usize {
        (self.columns + self.below) as usize
    }

    fn rows<'a>(&self, all: &'a [u32]) -> &'a [u32] {
        &all[self.rows..][..self.below as usize]
    }
}

#[derive(Debug, Default)]
struct Entries {
    offsets: Vec<u32>,
    others: Vec<u32>,
    values: Vec<f64>,
}

impl Entries {
    /// Of (owner, other, value), in the order of the owners.
    fn new<I: Iterator<Item = (u32, u32, f64)>>(n: usize, entries: impl Fn() -> I) -> Self {
        let mut offsets = vec![0_u32; n + 1];
        for (owner, ..) in entries() {
            offsets[owner as usize + 1] += 1;
        }
        for k in 0..n {
            offsets[k + 1] += offsets[k];
        }
        let total = offsets[n] as usize;
        let (mut others, mut values) = (vec![0; total], vec![0.0; total]);
        let mut next = offsets.clone();
        for (owner, other, value) in entries() {
            let at = &mut next[owner as usize];
            others[*at as usize] = other;
            values[*at as usize] = value;
            *at += 1;
        }
        Self {
            offsets,
            others,
            values,
        }
    }

    fn of(&self, owner: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let range = self.offsets[owner] as usize..self.offsets[owner + 1] as usize;
        let others = self.others[range.clone()].iter().copied();
        others.zip(self.values[range].iter().copied())
    }
}

/// A numeric factor.
#[derive(Debug)]
pub(crate) struct Fronts {
    values: Vec<f64>,
    ln_abs_det: f64,
    negative: bool,
}

/// Why there is no factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A pivot vanishes.
    Singular,
    /// A pivot is small beside the entries below it.
    Unstable,
    /// The factor does not fit in memory.
    Memory,
}

impl Analysis {
    /// Analyses W; `too_large` is the error where not even the structure of the factor fits.
    pub(crate) fn new(w: &Csr, too_large: impl Fn() -> crate::error::Error) -> Result<Self> {
        let n = w.n();
        if n == 0 {
            return Ok(Self::default());
        }
        let (offsets, rows) = symmetrized(w);
        let pattern = SymbolicSparseColMatRef::new_checked(n, n, &offsets, None, &rows);
        let params = CholeskySymbolicParams {
            // below zero, so that a diagonal matrix has supernodes too
            supernodal_flop_ratio_threshold: SupernodalThreshold(-1.0),
            ..Default::default()
        };
        let symbolic =
            factorize_symbolic_cholesky(pattern, Side::Upper, SymmetricOrdering::Amd, params)
                .map_err(|_| too_large())?;
        let position: Vec<u32> = match symbolic.perm() {
            Some(perm) => perm.arrays().1.to_vec(),
            None => (0..n as u32).collect(),
        };
        let SymbolicCholeskyRaw::Supernodal(super_nodes) = symbolic.raw() else {
            return Err(too_large());
        };
        let mut nodes = Vec::with_capacity(super_nodes.n_supernodes());
        let mut rows = Vec::with_capacity(super_nodes.row_idx().len());
        for s in 0..super_nodes.n_supernodes() {
            let (first, end) = (
                super_nodes.supernode_begin()[s],
                super_nodes.supernode_end()[s],
            );
            let pattern = super_nodes.supernode(s).pattern();
            nodes.push(Node {
                first,
                columns: end - first,
                rows: rows.len(),
                below: pattern.len() as u32,
                start: 0,
                children: 0,
            });
            rows.extend_from_slice(pattern);
        }
        drop(symbolic);
        let (mut nodes, mut length, mut largest, mut flops) =
            (in_postorder(nodes, &rows, n), 0, 0, 0.0);
        for node in &mut nodes {
            node.start = length;
            let (columns, below) = (node.columns as usize, node.below as usize);
            length += columns * (columns + 2 * below);
            largest = largest.max(node.size());
            for k in 1..=columns {
                let left = (node.size() - k) as f64;
                flops += left * (1.0 + 2.0 * left);
            }
        }
        let placed = || {
            (0..n)
                .flat_map(|i| w.row(i).map(move |(j, v)| (i, j, v)))
                .map(|(i, j, v)| (position[i], position[j], v))
        };
        let lower = || {
            placed()
                .filter(|&(i, j, _)| i >= j)
                .map(|(i, j, v)| (j, i, v))
        };
        let upper = || placed().filter(|&(i, j, _)| i < j);
        let (lower, upper) = (Entries::new(n, lower), Entries::new(n, upper));
        Ok(Self {
            position,
            nodes,
            rows,
            lower,
            upper,
            length,
            largest,
            flops,
        })
    }

    /// Position in the order of each unit.
    pub(crate) fn position(&self) -> &[u32] {
        &self.position
    }

    /// Numbers stored in a factor.
    pub(crate) fn entries(&self) -> usize {
        self.length
    }

    /// Additions and multiplications of a factorisation.
    pub(crate) fn flops(&self) -> f64 {
        self.flops
    }

    /// The columns of W in the order of elimination, with a stored diagonal: (offsets, rows, values).
    pub(crate) fn columns(&self) -> (Vec<usize>, Vec<u32>, Vec<f64>) {
        let n = self.position.len();
        let mut columns: Vec<Vec<(u32, f64)>> = (0..n as u32).map(|j| vec![(j, 0.0)]).collect();
        for k in 0..n {
            for (other, v) in self.lower.of(k) {
                if other as usize == k {
                    columns[k][0].1 = v;
                } else {
                    columns[k].push((other, v));
                }
            }
            for (other, v) in self.upper.of(k) {
                columns[other as usize].push((k as u32, v));
            }
        }
        let mut out = (vec![0], Vec::new(), Vec::new());
        for column in columns {
            for (row, v) in column {
                out.1.push(row);
                out.2.push(v);
            }
            out.0.push(out.1.len());
        }
        out
    }

    /// Factorises I - rho W; with `growth`, only where no entry of L exceeds that.
    pub(crate) fn factorize(&self, rho: f64, growth: Option<f64>) -> Result<Fronts, Failure> {
        let mut values = Vec::new();
        values
            .try_reserve_exact(self.length)
            .map_err(|_| Failure::Memory)?;
        let mut front = Vec::new();
        front
            .try_reserve_exact(self.largest * self.largest)
            .map_err(|_| Failure::Memory)?;
        // what is left to nodes above, the last one on top, and whose it is
        let (mut left, mut whose) = (Vec::<f64>::new(), Vec::<usize>::new());
        let mut local = vec![NONE; self.position.len()];
        let (mut ln_abs_det, mut negative) = (0.0, false);
        for (s, node) in self.nodes.iter().enumerate() {
            let (m, columns) = (node.size(), node.columns as usize);
            let rows = node.rows(&self.rows);
            front.clear();
            front.resize(m * m, 0.0);
            for k in 0..columns {
                local[node.first as usize + k] = k as u32;
            }
            for (k, &row) in rows.iter().enumerate() {
                local[row as usize] = (columns + k) as u32;
            }
            for k in 0..columns {
                let owner = node.first as usize + k;
                for (i, v) in self.lower.of(owner) {
                    front[k * m + local[i as usize] as usize] = -rho * v;
                }
                front[k * m + k] += 1.0;
                for (j, v) in self.upper.of(owner) {
                    front[local[j as usize] as usize * m + k] = -rho * v;
                }
            }
            for _ in 0..node.children {
                let Some(child) = whose.pop() else { break };
                let from = self.nodes[child].rows(&self.rows);
                let start = left.len() - from.len() * from.len();
                gather(&mut front, m, &local, from, &left[start..]);
                left.truncate(start);
            }
            eliminate(&mut front, m, columns, growth)?;
            for k in 0..columns {
                let pivot = front[k * m + k];
                ln_abs_det += pivot.abs().ln();
                negative ^= pivot < 0.0;
            }
            values.extend_from_slice(&front[..columns * m]);
            for column in front[columns * m..].chunks_exact(m) {
                values.extend_from_slice(&column[..columns]);
            }
            if columns < m {
                left.try_reserve((m - columns) * (m - columns))
                    .map_err(|_| Failure::Memory)?;
                for column in front[columns * m..].chunks_exact(m) {
                    left.extend_from_slice(&column[columns..]);
                }
                whose.push(s);
            }
        }
        if ln_abs_det.is_finite() {
            Ok(Fronts {
                values,
                ln_abs_det,
                negative,
            })
        } else {
            Err(Failure::Singular)
        }
    }

    /// Solves (I - rho W) x = b in place, units in the order of elimination.
    pub(crate) fn solve(&self, factor: &Fronts, b: &mut [f64]) {
        let mut sums = Vec::new();
        for node in &self.nodes {
            let (m, columns, rows) = (node.size(), node.columns as usize, node.rows(&self.rows));
            let lower = &factor.values[node.start..][..columns * m];
            sums.clear();
            sums.resize(rows.len(), 0.0);
            let own = &mut b[node.first as usize..][..columns];
            for (k, column) in lower.chunks_exact(m).enumerate() {
                let x = own[k];
                subtract(&mut own[k + 1..], x, &column[k + 1..columns]);
                subtract(&mut sums, x, &column[columns..]);
            }
            for (&row, sum) in rows.iter().zip(&sums) {
                b[row as usize] += sum;
            }
        }
        for node in self.nodes.iter().rev() {
            let (m, columns, rows) = (node.size(), node.columns as usize, node.rows(&self.rows));
            let (upper, right) = factor.values[node.start..].split_at(columns * m);
            sums.clear();
            sums.extend_from_slice(&b[node.first as usize..][..columns]);
            for (&row, column) in rows.iter().zip(right.chunks_exact(columns)) {
                subtract(&mut sums, b[row as usize], column);
            }
            for (k, column) in upper.chunks_exact(m).enumerate().rev() {
                sums[k] /= column[k];
                let x = sums[k];
                subtract(&mut sums[..k], x, &column[..k]);
            }
            b[node.first as usize..][..columns].copy_from_slice(&sums);
        }
    }

    /// Solves (I - rho W)' x = b in place, units in the order of elimination.
    pub(crate) fn solve_transposed(&self, factor: &Fronts, b: &mut [f64]) {
        let mut own = Vec::new();
        for node in &self.nodes {
            let (m, columns, rows) = (node.size(), node.columns as usize, node.rows(&self.rows));
            let (upper, right) = factor.values[node.start..].split_at(columns * m);
            own.clear();
            own.extend_from_slice(&b[node.first as usize..][..columns]);
            for (k, column) in upper.chunks_exact(m).enumerate() {
                own[k] = (own[k] - product(&own[..k], &column[..k])) / column[k];
            }
            for (&row, column) in rows.iter().zip(right.chunks_exact(columns)) {
                b[row as usize] -= product(&own, column);
            }
            b[node.first as usize..][..columns].copy_from_slice(&own);
        }
        let mut above = Vec::new();
        for node in self.nodes.iter().rev() {
            let (m, columns, rows) = (node.size(), node.columns as usize, node.rows(&self.rows));
            let lower = &factor.values[node.start..][..columns * m];
            above.clear();
            above.extend(rows.iter().map(|&row| b[row as usize]));
            let own = &mut b[node.first as usize..][..columns];
            for (k, column) in lower.chunks_exact(m).enumerate().rev() {
                own[k] -= product(&above, &column[columns..])
                    + product(&own[k + 1..], &column[k + 1..columns]);
            }
        }
    }
}

impl Fronts {
    /// ln|det|.
    pub(crate) fn ln_abs_det(&self) -> f64 {
        self.ln_abs_det
    }

    /// Whether the determinant is negative.
    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }
}

/// Upper triangle of the pattern of I + W + W', by columns.
fn symmetrized(w: &Csr) -> (Vec<u32>, Vec<u32>) {
    let n = w.n();
    let pairs = || {
        (0..n as u32).flat_map(|i| {
            let row = w.pattern.row(i as usize).iter();
            row.filter(move |&&j| j != i)
                .map(move |&j| (i.min(j), i.max(j)))
        })
    };
    let mut starts = vec![0_usize; n + 1];
    for (_, high) in pairs() {
        starts[high as usize + 1] += 1;
    }
    for k in 0..n {
        starts[k + 1] += starts[k];
    }
    let (mut rows, mut next) = (vec![0_u32; starts[n]], starts.clone());
    for (low, high) in pairs() {
        rows[next[high as usize]] = low;
        next[high as usize] += 1;
    }
    let (mut offsets, mut distinct) = (vec![0], Vec::with_capacity(rows.len() / 2 + n));
    for j in 0..n {
        let column = &mut rows[starts[j]..starts[j + 1]];
        column.sort_unstable();
        let from = distinct.len();
        for &row in &*column {
            if distinct[from..].last() != Some(&row) {
                distinct.push(row);
            }
        }
        distinct.push(j as u32);
        offsets.push(distinct.len() as u32);
    }
    (offsets, distinct)
}

/// Nodes so that those below a node come just before it, one family after the other; of siblings first what needs most memory beyond
/// what it leaves (Liu 1986).
fn in_postorder(nodes: Vec<Node>, rows: &[u32], n: usize) -> Vec<Node> {
    let mut node_of = vec![0_u32; n];
    for (s, node) in nodes.iter().enumerate() {
        node_of[node.first as usize..][..node.columns as usize].fill(s as u32);
    }
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); nodes.len()];
    let mut roots = Vec::new();
    let mut peaks = vec![0_usize; nodes.len()];
    let leaves = |s: u32| (nodes[s as usize].below as usize).pow(2);
    // a node comes after those below it
    for (s, node) in nodes.iter().enumerate() {
        let below = &mut children[s];
        below.sort_by_key(|&c| std::cmp::Reverse(peaks[c as usize] - leaves(c)));
        let (mut held, mut peak) = (0, 0);
        for &c in &*below {
            peak = peak.max(held + peaks[c as usize]);
            held += leaves(c);
        }
        peaks[s] = peak.max(held).max(leaves(s as u32));
        match node.rows(rows).iter().min() {
            Some(&row) => children[node_of[row as usize] as usize].push(s as u32),
            None => roots.push(s as u32),
        }
    }
    let mut order = Vec::with_capacity(nodes.len());
    // reversed preorder, last child first
    let mut stack = roots;
    while let Some(s) = stack.pop() {
        order.push(s);
        stack.extend(&children[s as usize]);
    }
    order.reverse();
    order
        .into_iter()
        .map(|s| Node {
            children: children[s as usize].len() as u32,
            ..nodes[s as usize].clone()
        })
        .collect()
}

/// Adds what a front below left, by its rows, to a front.
fn gather(front: &mut [f64], m: usize, local: &[u32], rows: &[u32], left: &[f64]) {
    for (&column, values) in rows.iter().zip(left.chunks_exact(rows.len())) {
        let to = &mut front[local[column as usize] as usize * m..][..m];
        for (&row, v) in rows.iter().zip(values) {
            to[local[row as usize] as usize] += v;
        }
    }
}

/// Eliminates the first columns of an m x m matrix stored by columns.
fn eliminate(
    front: &mut [f64],
    m: usize,
    columns: usize,
    growth: Option<f64>,
) -> Result<(), Failure> {
    for first in (0..columns).step_by(PANEL) {
        let end = columns.min(first + PANEL);
        for k in first..end {
            let (before, after) = front.split_at_mut((k + 1) * m);
            let column = &mut before[k * m..];
            let pivot = column[k];
            if pivot == 0.0 || !pivot.is_finite() {
                return Err(Failure::Singular);
            }
            let inverse = 1.0 / pivot;
            for v in &mut column[k + 1..] {
                *v *= inverse;
            }
            if growth.is_some_and(|g| column[k + 1..].iter().any(|v| v.abs() > g)) {
                return Err(Failure::Unstable);
            }
            for other in after.chunks_exact_mut(m).take(end - k - 1) {
                let x = other[k];
                subtract(&mut other[k + 1..], x, &column[k + 1..]);
            }
        }
        let (panel, after) = front.split_at_mut(end * m);
        let panel = &panel[first * m..];
        for other in after.chunks_exact_mut(m) {
            let top = &mut other[first..end];
            for (k, column) in panel.chunks_exact(m).enumerate() {
                let x = top[k];
                subtract(&mut top[k + 1..], x, &column[first + k + 1..end]);
            }
        }
        // the other columns of the node, and the other rows of the node to their right
        update(panel, after, m, first, (end, m), (0, columns - end));
        update(
            panel,
            after,
            m,
            first,
            (end, columns),
            (columns - end, m - end),
        );
    }
    let (panels, after) = front.split_at_mut(columns * m);
    update(panels, after, m, 0, (columns, m), (0, m - columns));
    Ok(())
}

/// Subtracts the product of the given rows of a panel with as many rows of `after`, from row `first` on, from the given rows and columns of `after`.
fn update(
    panel: &[f64],
    after: &mut [f64],
    m: usize,
    first: usize,
    rows: (usize, usize),
    columns: (usize, usize),
) {
    let inner = panel.len() / m;
    let (height, width) = (rows.1 - rows.0, columns.1 - columns.0);
    if height == 0 || width == 0 {
        return;
    }
    let after = &mut after[columns.0 * m..columns.1 * m];
    if height * width * inner < LARGE {
        for column in after.chunks_exact_mut(m) {
            let (top, bottom) = column.split_at_mut(rows.0);
            let bottom = &mut bottom[..height];
            for (x, left) in top[first..][..inner].iter().zip(panel.chunks_exact(m)) {
                subtract(bottom, *x, &left[rows.0..rows.1]);
            }
        }
        return;
    }
    let left = MatRef::from_column_major_slice(panel, m, inner).subrows(rows.0, height);
    let after = MatMut::from_column_major_slice_mut(after, m, width);
    let (top, bottom) = after.split_at_row_mut(rows.0);
    let top = top.as_ref().subrows(first, inner);
    let bottom = bottom.subrows_mut(0, height);
    with_wide(|| matmul(bottom, Accum::Add, left, top, -1.0, Par::Seq));
}

/// to - x from.
#[inline]
fn subtract(to: &mut [f64], x: f64, from: &[f64]) {
    if x != 0.0 {
        for (to, from) in to.iter_mut().zip(from) {
            *to -= x * from;
        }
    }
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::error::Error;
    use crate::linalg::dense;
    use crate::linalg::lu::{Csc, Lu};

    fn analysis(w: &Csr) -> Analysis {
        let never = || Error::Singular {
            what: String::new(),
        };
        Analysis::new(w, never).unwrap()
    }

    /// n rows of about so many links each, and some loops; row sums below one.
    fn some(n: usize, links: usize, seed: u64) -> Csr {
        let mut stream = crate::random::Stream::new(seed, 0);
        let rows: Vec<Vec<(u32, f64)>> = (0..n)
            .map(|_| {
                let mut row: Vec<u32> = (0..links).map(|_| stream.below(n as u32)).collect();
                row.sort_unstable();
                row.dedup();
                let share = 0.99 / row.len().max(1) as f64;
                row.into_iter()
                    .map(|j| (j, share * stream.uniform()))
                    .collect()
            })
            .collect();
        Csr::from_rows(&rows)
    }

    fn solved(a: &Analysis, b: &Array1<f64>, solve: impl FnOnce(&mut [f64])) -> Array1<f64> {
        let mut x = vec![0.0; b.len()];
        for (&p, b) in a.position().iter().zip(b) {
            x[p as usize] = *b;
        }
        solve(&mut x);
        a.position().iter().map(|&p| x[p as usize]).collect()
    }

    #[test]
    fn solves_and_determinant_agree_with_the_dense_ones() {
        // the last ones have fronts that are eliminated in panels and by the general kernel
        for (n, links) in [
            (0, 0),
            (1, 0),
            (1, 1),
            (2, 2),
            (5, 2),
            (60, 2),
            (300, 3),
            (150, 60),
            (400, 8),
        ] {
            let w = some(n, links, 3 + n as u64);
            let (a, dense_w) = (analysis(&w), w.to_dense());
            for rho in [0.0, 0.9, -1.0] {
                let matrix: Array2<f64> = Array2::<f64>::eye(n) - &(rho * &dense_w);
                let f = a.factorize(rho, None).unwrap();
                let omega = if n == 0 {
                    Vec::new()
                } else {
                    dense::eigenvalues(matrix.view()).unwrap()
                };
                let ln_det: f64 = omega.iter().map(|(re, im)| re.hypot(*im).ln()).sum();
                assert!((f.ln_abs_det() - ln_det).abs() < 1e-9, "{n} {rho}");
                assert!(!f.is_negative());
                let x: Array1<f64> = (0..n).map(|i| (i % 7) as f64 - 1.5).collect();
                let found = solved(&a, &matrix.dot(&x), |b| a.solve(&f, b));
                let turned = solved(&a, &matrix.t().dot(&x), |b| a.solve_transposed(&f, b));
                for i in 0..n {
                    assert!((found[i] - x[i]).abs() < 1e-11 && (turned[i] - x[i]).abs() < 1e-11);
                }
            }
            // with the rows exchanged where that is better
            let (offsets, rows, values) = a.columns();
            let values = (0..n)
                .flat_map(|j| (offsets[j]..offsets[j + 1]).map(move |k| (j, k)))
                .map(|(j, k)| f64::from(u8::from(rows[k] as usize == j)) - 0.9 * values[k])
                .collect();
            let other = Lu::new(
                &Csc {
                    offsets,
                    rows,
                    values,
                },
                "a",
            )
            .unwrap();
            let f = a.factorize(0.9, Some(10.0)).unwrap();
            assert!((f.ln_abs_det() - other.ln_abs_det()).abs() < 1e-11);
        }
    }

    #[test]
    fn counts_of_a_full_matrix() {
        let n = 50;
        let w = some(n, 5000, 1);
        assert_eq!(w.links(), n * n);
        let a = analysis(&w);
        assert_eq!(a.entries(), n * n);
        // sum of k + 2 k² for k < n
        assert_eq!(
            a.flops() as usize,
            n * (n - 1) / 2 + (n - 1) * n * (2 * n - 1) / 3
        );
    }

    #[test]
    fn pivots_that_vanish_or_are_small() {
        let pair =
            |loops: f64| Csr::from_rows(&[vec![(0, loops), (1, 1.0)], vec![(0, 1.0), (1, loops)]]);
        let singular = analysis(&pair(0.0)).factorize(1.0, None);
        assert_eq!(singular.err(), Some(Failure::Singular));
        let a = analysis(&pair(0.99));
        assert_eq!(a.factorize(1.0, Some(10.0)).err(), Some(Failure::Unstable));
        let f = a.factorize(1.0, None).unwrap();
        assert!(f.is_negative() && (f.ln_abs_det() - 0.9999_f64.ln()).abs() < 1e-13);
    }
}
