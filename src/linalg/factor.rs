//! Factorisations of I - rho W for many values of rho: the symbolic analysis once, a numeric factorisation a value.
//!
//! Where W is similar to a symmetric matrix S = D^(1/2) W D^(-1/2) (any row-standardised symmetric matrix is), I - rho S is factorised
//! by sparse Cholesky (faer, approximate minimum degree); it is positive definite just for the admissible rho. Otherwise
//! I - rho W is factorised by the sparse LU of [`super::fronts`], without exchanges of rows, or where that is not stable
//! by that of [`super::lu`]. Memory is the fill of the factor; no n × n array.

use std::sync::OnceLock;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::mat::MatMut;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymbolicCholeskyRaw, SymmetricOrdering,
    factorize_symbolic_cholesky, supernodal::SupernodalLltRef,
};
use faer::sparse::linalg::{SupernodalThreshold, amd};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};
use faer::{Conj, Par, Side};
use ndarray::{Array1, ArrayView1};

use super::fronts::{Analysis, Failure, Fronts};
use super::lu::{Csc, DIAGONAL_PREFERENCE, Lu};
use super::registers::with_wide;
use super::sparse::Csr;
use crate::error::{Error, Result};

/// Most entries of a factor: 4 GB.
const MOST_ENTRIES: usize = 500_000_000;
/// Most multiplications of a factorisation, in millions: a minute or so of one processor, and some ten minutes a fit.
const MOST_MILLIONS: usize = 2_000_000;
const INSTEAD: &str = "the weights link too many distant units; take weights with fewer links, or name an approximation, `LogDeterminant::Stochastic`, whose error is stated";
/// From this size on the supernodal factorisation is the faster one on maps.
const SUPERNODAL_FROM: usize = 10_000;

/// The analysis of I - rho W, for any rho.
#[derive(Debug)]
pub(crate) enum Resolvent {
    /// W is similar to a symmetric matrix.
    Symmetric(Box<Symmetric>),
    /// W is not.
    General(Box<General>),
}

#[derive(Debug)]
pub(crate) struct Symmetric {
    /// Square roots of the symmetrizer.
    scale: Array1<f64>,
    /// Upper triangle of S with the diagonal last in each column.
    offsets: Vec<u32>,
    rows: Vec<u32>,
    values: Vec<f64>,
    symbolic: SymbolicCholesky<u32>,
}

#[derive(Debug)]
pub(crate) struct General {
    w: Csr,
    analysis: Analysis,
    /// Largest row and column sum of |W|.
    norm: f64,
    /// A bound of the spectral radius of |W|.
    radius: OnceLock<f64>,
}

/// One numeric factorisation.
#[derive(Debug)]
pub(crate) struct Factor<'a> {
    of: &'a Resolvent,
    numeric: Numeric,
    ln_det: f64,
}

#[derive(Debug)]
enum Numeric {
    Cholesky(Vec<f64>),
    Fronts(Fronts),
    Lu(Lu),
}

impl Resolvent {
    /// Analyses W; `symmetrizer` is d with d_i w_ij = d_j w_ji, where there is one.
    pub(crate) fn new(w: &Csr, symmetrizer: Option<&Array1<f64>>) -> Result<Self> {
        let new = match symmetrizer {
            Some(d) => Self::Symmetric(Box::new(Symmetric::new(w, d)?)),
            None => Self::General(Box::new(General::new(w)?)),
        };
        if new.entries() > MOST_ENTRIES {
            return Err(too_many_entries(new.entries()));
        }
        let millions = (1e-6 * new.flops()) as usize;
        if millions > MOST_MILLIONS {
            return Err(Error::TooLarge {
                what: "the cost of one sparse factorisation of I - rho W, in millions of multiplications,",
                n: millions,
                limit: MOST_MILLIONS,
                instead: INSTEAD,
            });
        }
        Ok(new)
    }

    /// Number of units.
    pub(crate) fn n(&self) -> usize {
        match self {
            Self::Symmetric(s) => s.scale.len(),
            Self::General(g) => g.w.n(),
        }
    }

    /// Numbers stored in one factor, known before any is made: 8 bytes each, and about a fifth more in passing.
    pub(crate) fn entries(&self) -> usize {
        match self {
            Self::Symmetric(s) => s.symbolic.len_val(),
            Self::General(g) => g.analysis.entries(),
        }
    }

    /// Additions and multiplications of one factorisation.
    pub(crate) fn flops(&self) -> f64 {
        match self {
            Self::Symmetric(s) => s.flops(),
            Self::General(g) => g.analysis.flops(),
        }
    }

    /// Factorises I - rho W. Several may be made at a time on different threads.
    ///
    /// [`Error::Singular`] where the matrix is singular or, in the symmetric case, rho is not admissible.
    pub(crate) fn at(&self, rho: f64) -> Result<Factor<'_>> {
        let (numeric, ln_det) = match self {
            Self::Symmetric(s) => s.factorize(rho).map(|(v, d)| (Numeric::Cholesky(v), d))?,
            Self::General(g) => g.factorize(rho)?,
        };
        Ok(Factor {
            of: self,
            numeric,
            ln_det,
        })
    }
}

fn singular(rho: f64) -> Error {
    Error::Singular {
        what: format!("I - rho W at rho = {rho}"),
    }
}

/// The factor has more entries than can be counted or stored.
fn too_many_entries(entries: usize) -> Error {
    Error::TooLarge {
        what: "the number of entries of a sparse factor of I - rho W",
        n: entries,
        limit: MOST_ENTRIES.min(entries.saturating_sub(1)),
        instead: INSTEAD,
    }
}

/// From the analysis, which counts in 32 bits.
fn uncountable() -> Error {
    too_many_entries((u32::MAX as usize).saturating_add(1))
}

impl Symmetric {
    fn new(w: &Csr, d: &Array1<f64>) -> Result<Self> {
        let n = w.n();
        let scale = d.mapv(f64::sqrt);
        let mut offsets = Vec::with_capacity(n + 1);
        let mut rows = Vec::with_capacity(w.links() / 2 + n);
        let mut values = Vec::with_capacity(rows.capacity());
        offsets.push(0);
        for i in 0..n {
            let mut diagonal = 0.0;
            for (j, weight) in w.row(i) {
                if j < i {
                    rows.push(j as u32);
                    values.push(weight * scale[i] / scale[j]);
                } else if j == i {
                    diagonal = weight;
                }
            }
            rows.push(i as u32);
            values.push(diagonal);
            offsets.push(rows.len() as u32);
        }
        let pattern = SymbolicSparseColMatRef::new_checked(n, n, &offsets, None, &rows);
        let threshold = if n >= SUPERNODAL_FROM {
            SupernodalThreshold::FORCE_SUPERNODAL
        } else {
            SupernodalThreshold::AUTO
        };
        let params = CholeskySymbolicParams {
            supernodal_flop_ratio_threshold: threshold,
            ..Default::default()
        };
        let symbolic =
            factorize_symbolic_cholesky(pattern, Side::Upper, SymmetricOrdering::Amd, params)
                .map_err(|_| uncountable())?;
        Ok(Self {
            scale,
            offsets,
            rows,
            values,
            symbolic,
        })
    }

    fn flops(&self) -> f64 {
        // of a column with so many entries below the diagonal
        let column = |below: usize| below as f64 * (below as f64 + 2.0) + 1.0;
        match self.symbolic.raw() {
            SymbolicCholeskyRaw::Simplicial(s) => {
                let lengths = s.col_ptr().windows(2).map(|c| (c[1] - c[0]) as usize);
                lengths.map(|l| column(l.saturating_sub(1))).sum()
            }
            SymbolicCholeskyRaw::Supernodal(s) => (0..s.n_supernodes())
                .map(|k| {
                    let columns = (s.supernode_end()[k] - s.supernode_begin()[k]) as usize;
                    let below = s.supernode(k).pattern().len();
                    (0..columns).map(|c| column(below + c)).sum::<f64>()
                })
                .sum(),
        }
    }

    fn factorize(&self, rho: f64) -> Result<(Vec<f64>, f64)> {
        let n = self.scale.len();
        let mut shifted: Vec<f64> = self.values.iter().map(|v| -rho * v).collect();
        for end in &self.offsets[1..] {
            shifted[*end as usize - 1] += 1.0;
        }
        let pattern = SymbolicSparseColMatRef::new_checked(n, n, &self.offsets, None, &self.rows);
        let matrix = SparseColMatRef::new(pattern, &shifted);
        // pages of zeros are had for nothing, but not a typed error
        Vec::<f64>::new()
            .try_reserve_exact(self.symbolic.len_val())
            .map_err(|_| too_many_entries(self.symbolic.len_val()))?;
        let mut factor = vec![0.0; self.symbolic.len_val()];
        let need = self
            .symbolic
            .factorize_numeric_llt_scratch::<f64>(Par::Seq, faer::Spec::default());
        let mut memory =
            MemBuffer::try_new(need).map_err(|_| too_many_entries(self.symbolic.len_val()))?;
        with_wide(|| {
            self.symbolic.factorize_numeric_llt(
                &mut factor,
                matrix,
                Side::Upper,
                faer::linalg::cholesky::llt::factor::LltRegularization::default(),
                Par::Seq,
                MemStack::new(&mut memory),
                faer::Spec::default(),
            )
        })
        .map_err(|_| singular(rho))?;
        let half: f64 = match self.symbolic.raw() {
            SymbolicCholeskyRaw::Simplicial(s) => s.col_ptr()[..n]
                .iter()
                .map(|&start| factor[start as usize].ln())
                .sum(),
            SymbolicCholeskyRaw::Supernodal(s) => {
                let llt = SupernodalLltRef::new(s, &factor);
                (0..s.n_supernodes())
                    .map(|k| {
                        let block = llt.supernode(k).val();
                        (0..block.ncols()).map(|j| block[(j, j)].ln()).sum::<f64>()
                    })
                    .sum()
            }
        };
        if half.is_finite() {
            Ok((factor, 2.0 * half))
        } else {
            Err(singular(rho))
        }
    }

    /// (I - rho S)^-1 b in place.
    fn solve(&self, factor: &[f64], b: &mut [f64]) -> Result<()> {
        let n = b.len();
        let need = self.symbolic.solve_in_place_scratch::<f64>(1, Par::Seq);
        let mut memory =
            MemBuffer::try_new(need).map_err(|_| too_many_entries(self.symbolic.len_val()))?;
        with_wide(|| {
            LltRef::new(&self.symbolic, factor).solve_in_place_with_conj(
                Conj::No,
                MatMut::from_column_major_slice_mut(b, n, 1),
                Par::Seq,
                MemStack::new(&mut memory),
            );
        });
        Ok(())
    }
}

impl General {
    fn new(w: &Csr) -> Result<Self> {
        let n = w.n();
        let (mut rows, mut columns) = (0.0_f64, vec![0.0; n]);
        for i in 0..n {
            let mut sum = 0.0;
            for (j, weight) in w.row(i) {
                sum += weight.abs();
                columns[j] += weight.abs();
            }
            rows = rows.max(sum);
        }
        Ok(Self {
            analysis: Analysis::new(w, uncountable)?,
            w: w.clone(),
            norm: columns.into_iter().fold(0.0, f64::max).min(rows),
            radius: OnceLock::new(),
        })
    }

    fn factorize(&self, rho: f64) -> Result<(Numeric, f64)> {
        let growth = (!self.is_dominant(rho)).then_some(1.0 / DIAGONAL_PREFERENCE);
        match self.analysis.factorize(rho, growth) {
            Ok(fronts) => {
                let ln_det = fronts.ln_abs_det();
                Ok((Numeric::Fronts(fronts), ln_det))
            }
            Err(Failure::Memory) => Err(too_many_entries(self.analysis.entries())),
            Err(Failure::Singular | Failure::Unstable) => {
                let (offsets, rows, mut values) = self.analysis.columns();
                for (column, ends) in offsets.windows(2).enumerate() {
                    for k in ends[0]..ends[1] {
                        let own = f64::from(u8::from(rows[k] as usize == column));
                        values[k] = own - rho * values[k];
                    }
                }
                let shifted = Csc {
                    offsets,
                    rows,
                    values,
                };
                let lu = Lu::new(&shifted, &format!("I - rho W at rho = {rho}"))?;
                let ln_det = lu.ln_abs_det();
                Ok((Numeric::Lu(lu), ln_det))
            }
        }
    }

    /// Whether I - rho W is diagonally dominant, by rows or columns, or by rows of which the columns are scaled.
    fn is_dominant(&self, rho: f64) -> bool {
        rho.abs() * self.norm < 1.0
            || rho.abs() * self.radius.get_or_init(|| radius_bound(&self.w)) < 1.0
    }
}

/// Position of each unit in an approximate minimum degree order of W + W'.
pub(super) fn least_fill(w: &Csr) -> Result<Vec<u32>> {
    let n = w.n();
    let pattern =
        SymbolicSparseColMatRef::new_checked(n, n, &w.pattern.offsets, None, &w.pattern.columns);
    let (mut order, mut position) = (vec![0_u32; n], vec![0_u32; n]);
    let need = amd::order_scratch::<u32>(n, w.links());
    let mut memory = MemBuffer::try_new(need).map_err(|_| too_many_entries(w.links()))?;
    amd::order(
        &mut order,
        &mut position,
        pattern,
        amd::Control::default(),
        MemStack::new(&mut memory),
    )
    .map_err(|_| too_many_entries(w.links()))?;
    Ok(position)
}

/// The least of the largest ratios (|W| x)_i / x_i over some positive x, each of which bounds the spectral radius (Collatz 1942).
fn radius_bound(w: &Csr) -> f64 {
    const STEPS: usize = 30;
    let n = w.n();
    let mut x = vec![1.0; n];
    let mut best = f64::INFINITY;
    for _ in 0..STEPS {
        let product: Vec<f64> = (0..n)
            .map(|i| w.row(i).map(|(j, v)| v.abs() * x[j]).sum())
            .collect();
        let ratios = product.iter().zip(&x).map(|(y, x)| y / x);
        let (low, high) = ratios.fold((f64::INFINITY, 0.0_f64), |(l, h), r| (l.min(r), h.max(r)));
        best = best.min(high);
        if high - low <= 1e-9 * high {
            break;
        }
        // a positive share of the old x keeps it positive
        for (x, y) in x.iter_mut().zip(&product) {
            *x = 0.25 * *x + y / best;
        }
        let largest = x.iter().copied().fold(0.0, f64::max);
        for x in &mut x {
            *x /= largest;
        }
    }
    best
}

impl Factor<'_> {
    /// ln|I - rho W|.
    pub(crate) fn ln_det(&self) -> f64 {
        self.ln_det
    }

    /// Whether the determinant is negative.
    pub(crate) fn is_negative(&self) -> bool {
        match &self.numeric {
            Numeric::Cholesky(_) => false,
            Numeric::Fronts(f) => f.is_negative(),
            Numeric::Lu(lu) => lu.is_negative(),
        }
    }

    /// (I - rho W)^-1 b.
    pub(crate) fn solve(&self, b: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
        self.apply(b, false)
    }

    /// (I - rho W')^-1 b.
    pub(crate) fn solve_transposed(&self, b: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
        self.apply(b, true)
    }

    fn apply(&self, b: ArrayView1<'_, f64>, transposed: bool) -> Result<Array1<f64>> {
        match (self.of, &self.numeric) {
            (Resolvent::Symmetric(s), Numeric::Cholesky(factor)) => {
                // W = D^(-1/2) S D^(1/2), and its transpose has the scales exchanged.
                let (before, after) = if transposed {
                    (s.scale.mapv(f64::recip), s.scale.clone())
                } else {
                    (s.scale.clone(), s.scale.mapv(f64::recip))
                };
                let mut x = (&b * &before).to_vec();
                s.solve(factor, &mut x)?;
                Ok(Array1::from(x) * after)
            }
            (Resolvent::General(g), numeric) => {
                let position = g.analysis.position();
                let mut x = vec![0.0; b.len()];
                for (b, &p) in b.iter().zip(position) {
                    x[p as usize] = *b;
                }
                match (numeric, transposed) {
                    (Numeric::Fronts(f), false) => g.analysis.solve(f, &mut x),
                    (Numeric::Fronts(f), true) => g.analysis.solve_transposed(f, &mut x),
                    (Numeric::Lu(lu), false) => lu.solve(&mut x),
                    (Numeric::Lu(lu), true) => lu.solve_transposed(&mut x),
                    (Numeric::Cholesky(_), _) => return Err(mismatch()),
                }
                Ok(position.iter().map(|&p| x[p as usize]).collect())
            }
            _ => Err(mismatch()),
        }
    }
}

fn mismatch() -> Error {
    Error::Singular {
        what: "a factor of another matrix".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::linalg::dense;

    /// A ring of n with one way links and shortcuts, weights unequal.
    fn ring(n: usize) -> Csr {
        let row = |i: usize| {
            let mut row: Vec<u32> = [1, 2 + i % 3, 7, n - 1]
                .map(|s| ((i + s) % n) as u32)
                .to_vec();
            row.sort_unstable();
            row.dedup();
            row.into_iter()
                .map(|j| (j, 1.0 + f64::from(j % 4)))
                .collect()
        };
        Csr::from_rows(&(0..n).map(row).collect::<Vec<_>>())
    }

    fn check(w: &Csr, symmetrizer: Option<&Array1<f64>>, rhos: &[f64]) {
        let resolvent = Resolvent::new(w, symmetrizer).unwrap();
        for &rho in rhos {
            let matrix = Array2::<f64>::eye(w.n()) - &(rho * &w.to_dense());
            let omega = dense::eigenvalues(matrix.view()).unwrap();
            let (f, x) = (
                resolvent.at(rho).unwrap(),
                Array1::from_iter((0..w.n()).map(|i| (i as f64).sin())),
            );
            let ln_det: f64 = omega.iter().map(|(re, im)| re.hypot(*im).ln()).sum();
            assert!(
                (f.ln_det() - ln_det).abs() < 1e-9,
                "{rho}: {} {ln_det}",
                f.ln_det()
            );
            let real = omega.iter().filter(|(re, im)| *im == 0.0 && *re < 0.0);
            assert_eq!(f.is_negative(), real.count() % 2 == 1, "{rho}");
            let (a, b) = (
                f.solve(matrix.dot(&x).view()).unwrap(),
                f.solve_transposed(matrix.t().dot(&x).view()).unwrap(),
            );
            for i in 0..w.n() {
                assert!(
                    (a[i] - x[i]).abs() < 1e-8 && (b[i] - x[i]).abs() < 1e-8,
                    "{rho}"
                );
            }
        }
    }

    #[test]
    fn inside_and_outside_the_spectral_radius() {
        let w = ring(90);
        // the largest row sum bounds the spectral radius, the scaled one more closely
        let omega = dense::eigenvalues(w.to_dense().view()).unwrap();
        let radius = omega
            .iter()
            .map(|(re, im)| re.hypot(*im))
            .fold(0.0, f64::max);
        let bound = radius_bound(&w);
        assert!(
            bound >= radius * (1.0 - 1e-12) && bound < 1.05 * radius,
            "{bound} {radius}"
        );
        let inside = [0.0, 0.5, 0.9, -0.9].map(|s| s / radius);
        check(&w, None, &inside);
        check(&w, None, &[-1.7, 1.3, 2.9, -4.1].map(|s| s / radius));
        let d = Array1::from_elem(90, 1.0);
        let mut both = w.to_dense();
        both = &both + &both.t();
        let rows: Vec<Vec<(u32, f64)>> = both
            .rows()
            .into_iter()
            .map(|r| {
                let links = r.iter().enumerate().filter(|(_, v)| **v != 0.0);
                links.map(|(j, v)| (j as u32, *v)).collect()
            })
            .collect();
        let both = Csr::from_rows(&rows);
        check(&both, Some(&d), &inside.map(|s| 0.4 * s));
        check(&both, None, &inside.map(|s| 0.4 * s));
    }

    #[test]
    fn exchanges_where_the_diagonal_vanishes() {
        // I - W = [0 -1; -2 1]
        let w = Csr::from_rows(&[vec![(0, 1.0), (1, 1.0)], vec![(0, 2.0)]]);
        let resolvent = Resolvent::new(&w, None).unwrap();
        let f = resolvent.at(1.0).unwrap();
        assert!(f.is_negative() && (f.ln_det() - 2.0_f64.ln()).abs() < 1e-15);
        let ring = Csr::from_rows(&[vec![(1, 1.0)], vec![(2, 1.0)], vec![(0, 1.0)]]);
        let e = Resolvent::new(&ring, None).unwrap().at(1.0).unwrap_err();
        assert!(matches!(e, Error::Singular { .. }), "{e}");
    }

    #[test]
    fn sizes_are_known_before_a_factor_is_made() {
        fn shared(_: &impl Sync) {}
        let path: Vec<_> = (0..50_u32)
            .map(|i| {
                [i.wrapping_sub(1), i + 1]
                    .iter()
                    .filter(|j| **j < 50)
                    .map(|j| (*j, 1.0))
                    .collect()
            })
            .collect();
        let path = Csr::from_rows(&path);
        let d = Array1::from_elem(50, 1.0);
        let resolvent = Resolvent::new(&path, Some(&d)).unwrap();
        // a tree has no fill
        assert_eq!(resolvent.entries(), 99);
        assert!((resolvent.flops() - (49.0 * 4.0 + 1.0)).abs() < 1e-12);
        shared(&resolvent);
        let general = Resolvent::new(&path, None).unwrap();
        assert!(general.entries() >= 50 + 2 * 49 && general.flops() >= 49.0 * 3.0);
    }
}
