//! Factorisations of I - rho W for many values of rho: the symbolic analysis once, a numeric factorisation a value.
//!
//! Where W is similar to a symmetric matrix S = D^(1/2) W D^(-1/2) (any row-standardised symmetric matrix is), I - rho S is factorised
//! by sparse Cholesky (faer, approximate minimum degree); it is positive definite just for the admissible rho. Otherwise
//! I - rho W is factorised by the sparse LU of [`super::lu`]. Memory is the fill of the factor; no n × n array.

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

use super::lu::{Csc, Lu};
use super::sparse::Csr;
use crate::error::{Error, Result};

/// From this size on the supernodal factorisation is the faster one on maps.
const SUPERNODAL_FROM: usize = 10_000;

/// The analysis of I - rho W, for any rho.
#[derive(Debug)]
pub(crate) enum Resolvent {
    /// W is similar to a symmetric matrix.
    Symmetric(Box<Symmetric>),
    /// W is not.
    General(General),
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
    /// W in columns, rows and columns in the order of least fill, with the diagonal stored.
    matrix: Csc,
    /// Position in the order of each unit.
    position: Vec<u32>,
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
    Lu(Lu),
}

impl Resolvent {
    /// Analyses W; `symmetrizer` is d with d_i w_ij = d_j w_ji, where there is one.
    pub(crate) fn new(w: &Csr, symmetrizer: Option<&Array1<f64>>) -> Result<Self> {
        match symmetrizer {
            Some(d) => Ok(Self::Symmetric(Box::new(Symmetric::new(w, d)?))),
            None => General::new(w).map(Self::General),
        }
    }

    /// Number of units.
    pub(crate) fn n(&self) -> usize {
        match self {
            Self::Symmetric(s) => s.scale.len(),
            Self::General(g) => g.position.len(),
        }
    }

    /// Entries of a factor, as far as they are known before it is computed.
    pub(crate) fn entries(&self) -> usize {
        match self {
            Self::Symmetric(s) => s.symbolic.len_val(),
            Self::General(g) => g.position.len(),
        }
    }

    /// Factorises I - rho W.
    ///
    /// [`Error::Singular`] where the matrix is singular or, in the symmetric case, rho is not admissible.
    pub(crate) fn at(&self, rho: f64) -> Result<Factor<'_>> {
        let (numeric, ln_det) = match self {
            Self::Symmetric(s) => s.factorize(rho).map(|(v, d)| (Numeric::Cholesky(v), d))?,
            Self::General(g) => {
                let lu = g.factorize(rho)?;
                let ln_det = lu.ln_abs_det();
                (Numeric::Lu(lu), ln_det)
            }
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

fn out_of_memory() -> Error {
    Error::TooLarge {
        what: "the sparse factorisation of I - rho W",
        n: usize::MAX,
        limit: usize::MAX,
        instead: "the weights have too many links for a sparse factor to fit in memory",
    }
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
                .map_err(|_| out_of_memory())?;
        Ok(Self {
            scale,
            offsets,
            rows,
            values,
            symbolic,
        })
    }

    fn factorize(&self, rho: f64) -> Result<(Vec<f64>, f64)> {
        let n = self.scale.len();
        let mut shifted: Vec<f64> = self.values.iter().map(|v| -rho * v).collect();
        for end in &self.offsets[1..] {
            shifted[*end as usize - 1] += 1.0;
        }
        let pattern = SymbolicSparseColMatRef::new_checked(n, n, &self.offsets, None, &self.rows);
        let matrix = SparseColMatRef::new(pattern, &shifted);
        let mut factor = vec![0.0; self.symbolic.len_val()];
        let need = self
            .symbolic
            .factorize_numeric_llt_scratch::<f64>(Par::Seq, faer::Spec::default());
        let mut memory = MemBuffer::try_new(need).map_err(|_| out_of_memory())?;
        self.symbolic
            .factorize_numeric_llt(
                &mut factor,
                matrix,
                Side::Upper,
                faer::linalg::cholesky::llt::factor::LltRegularization::default(),
                Par::Seq,
                MemStack::new(&mut memory),
                faer::Spec::default(),
            )
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
        let mut memory = MemBuffer::try_new(need).map_err(|_| out_of_memory())?;
        LltRef::new(&self.symbolic, factor).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(b, n, 1),
            Par::Seq,
            MemStack::new(&mut memory),
        );
        Ok(())
    }
}

impl General {
    fn new(w: &Csr) -> Result<Self> {
        let n = w.n();
        let position = least_fill(w)?;
        let mut columns: Vec<Vec<(u32, f64)>> = vec![Vec::new(); n];
        for i in 0..n {
            let row = position[i];
            columns[row as usize].push((row, w.get(i, i)));
            for (j, weight) in w.row(i).filter(|(j, _)| *j != i) {
                columns[position[j] as usize].push((row, weight));
            }
        }
        let mut matrix = Csc {
            offsets: vec![0],
            rows: Vec::new(),
            values: Vec::new(),
        };
        for column in columns {
            matrix.rows.extend(column.iter().map(|(r, _)| *r));
            matrix.values.extend(column.iter().map(|(_, v)| *v));
            matrix.offsets.push(matrix.rows.len());
        }
        Ok(Self { matrix, position })
    }

    fn factorize(&self, rho: f64) -> Result<Lu> {
        let mut shifted = self.matrix.clone();
        for column in 0..shifted.offsets.len() - 1 {
            for k in shifted.offsets[column]..shifted.offsets[column + 1] {
                let own = f64::from(u8::from(shifted.rows[k] as usize == column));
                shifted.values[k] = own - rho * shifted.values[k];
            }
        }
        Lu::new(&shifted, &format!("I - rho W at rho = {rho}"))
    }
}

/// Position of each unit in an approximate minimum degree order of W + W'.
fn least_fill(w: &Csr) -> Result<Vec<u32>> {
    let n = w.n();
    let pattern =
        SymbolicSparseColMatRef::new_checked(n, n, &w.pattern.offsets, None, &w.pattern.columns);
    let (mut order, mut position) = (vec![0_u32; n], vec![0_u32; n]);
    let need = amd::order_scratch::<u32>(n, w.links());
    let mut memory = MemBuffer::try_new(need).map_err(|_| out_of_memory())?;
    amd::order(
        &mut order,
        &mut position,
        pattern,
        amd::Control::default(),
        MemStack::new(&mut memory),
    )
    .map_err(|_| out_of_memory())?;
    Ok(position)
}

impl Factor<'_> {
    /// ln|I - rho W|.
    pub(crate) fn ln_det(&self) -> f64 {
        self.ln_det
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
            (Resolvent::General(g), Numeric::Lu(lu)) => {
                let mut x = vec![0.0; b.len()];
                for (i, &p) in g.position.iter().enumerate() {
                    x[p as usize] = b[i];
                }
                if transposed {
                    lu.solve_transposed(&mut x);
                } else {
                    lu.solve(&mut x);
                }
                Ok(g.position.iter().map(|&p| x[p as usize]).collect())
            }
            _ => Err(Error::Singular {
                what: "a factor of another matrix".to_owned(),
            }),
        }
    }
}
