//! Q = C'C with C = (I - lambda M)(I - rho W), the precision of y times sigma², by sparse columns of C.

use ndarray::{Array1, ArrayView1};

use crate::error::{Error, Result};
use crate::linalg::factor::Resolvent;
use crate::linalg::sparse::{Csr, Pattern};

/// A sparse matrix by columns: for each its (row, value) pairs.
pub(super) type Columns = Vec<Vec<(u32, f64)>>;

/// C = (I - lambda M)(I - rho W); a term that is absent is I.
pub(super) struct Filter<'a> {
    lag: Option<Term<'a>>,
    error: Option<Term<'a>>,
    n: usize,
}

struct Term<'a> {
    value: f64,
    w: &'a Csr,
    transposed: Csr,
}

impl<'a> Filter<'a> {
    pub(super) fn new(
        lag: Option<(f64, &'a Csr)>,
        error: Option<(f64, &'a Csr)>,
        n: usize,
    ) -> Self {
        let term = |(value, w): (f64, &'a Csr)| Term {
            value,
            w,
            transposed: w.transposed(),
        };
        Self {
            lag: lag.map(term),
            error: error.map(term),
            n,
        }
    }

    /// (I - rho W) v.
    pub(super) fn lag(&self, v: &Array1<f64>) -> Array1<f64> {
        apply(self.lag.as_ref(), v, |t, v| t.w.product(v))
    }

    /// (I - lambda M) v.
    pub(super) fn error(&self, v: &Array1<f64>) -> Array1<f64> {
        apply(self.error.as_ref(), v, |t, v| t.w.product(v))
    }

    /// C' v.
    pub(super) fn transposed(&self, v: &Array1<f64>) -> Array1<f64> {
        let back = |t: &Term<'_>, v: ArrayView1<'_, f64>| t.transposed.product(v);
        apply(
            self.lag.as_ref(),
            &apply(self.error.as_ref(), v, back),
            back,
        )
    }

    /// The diagonal of Q: the squared lengths of the columns of C, its rows multiplied by the roots of the weights.
    pub(super) fn column_squares(&self, root: &Array1<f64>) -> Array1<f64> {
        let mut row = Accumulator::new(self.n);
        (0..self.n)
            .map(|j| {
                self.column(j, &mut row);
                (row.take().iter())
                    .map(|(i, c)| (c * root[*i as usize]).powi(2))
                    .sum::<f64>()
            })
            .collect()
    }

    /// The columns of C that are asked for.
    pub(super) fn columns(&self, at: &[usize]) -> Columns {
        let mut row = Accumulator::new(self.n);
        at.iter()
            .map(|&j| {
                self.column(j, &mut row);
                row.take()
            })
            .collect()
    }

    fn column(&self, j: usize, out: &mut Accumulator) {
        let first: Vec<(usize, f64)> = match &self.lag {
            None => vec![(j, 1.0)],
            Some(t) => std::iter::once((j, 1.0))
                .chain(t.transposed.row(j).map(|(i, w)| (i, -t.value * w)))
                .collect(),
        };
        for (i, a) in first {
            out.add(i, a);
            if let Some(t) = &self.error {
                for (l, m) in t.transposed.row(i) {
                    out.add(l, -t.value * m * a);
                }
            }
        }
    }
}

fn apply(
    term: Option<&Term<'_>>,
    v: &Array1<f64>,
    product: impl Fn(&Term<'_>, ArrayView1<'_, f64>) -> Array1<f64>,
) -> Array1<f64> {
    term.map_or_else(|| v.clone(), |t| v - &(product(t, v.view()) * t.value))
}

/// A sparse vector that is added to entry by entry.
struct Accumulator {
    values: Vec<f64>,
    seen: Vec<bool>,
    touched: Vec<u32>,
}

impl Accumulator {
    fn new(n: usize) -> Self {
        Self {
            values: vec![0.0; n],
            seen: vec![false; n],
            touched: Vec::new(),
        }
    }

    fn add(&mut self, i: usize, x: f64) {
        if !self.seen[i] {
            self.seen[i] = true;
            self.touched.push(i as u32);
        }
        self.values[i] += x;
    }

    /// The entries in order, and zero again.
    fn take(&mut self) -> Vec<(u32, f64)> {
        self.touched.sort_unstable();
        let out = self
            .touched
            .iter()
            .map(|&i| (i, self.values[i as usize]))
            .collect();
        for &i in &self.touched {
            self.values[i as usize] = 0.0;
            self.seen[i as usize] = false;
        }
        self.touched.clear();
        out
    }
}

/// min |r + C v|² over v, for some columns of C: -(C'C)^-1 C' r by sparse Cholesky, refined once.
pub(super) fn least_squares(columns: &Columns, r: &Array1<f64>) -> Result<Array1<f64>> {
    let m = columns.len();
    let normal = cross_product(columns, r.len())?;
    // I - (I - C'C), whose factorisation is that of the log-determinants.
    let resolvent = Resolvent::new(&normal, Some(&Array1::ones(m)))?;
    let factor = resolvent.at(1.0).map_err(|_| Error::Singular {
        what: "the precision of the new units (rho or lambda may be no value that the joined weights admit)".to_owned(),
    })?;
    let mut v = Array1::zeros(m);
    for _ in 0..2 {
        let mut left = r.clone();
        for (column, x) in columns.iter().zip(&v) {
            for &(i, c) in column {
                left[i as usize] += c * x;
            }
        }
        let slope: Array1<f64> = columns
            .iter()
            .map(|column| column.iter().map(|&(i, c)| c * left[i as usize]).sum())
            .collect();
        v = v - factor.solve(slope.view())?;
    }
    Ok(v)
}

/// I - C'C for some columns of C, of n rows each.
fn cross_product(columns: &Columns, n: usize) -> Result<Csr> {
    let mut rows: Vec<Vec<(u32, f64)>> = vec![Vec::new(); n];
    for (j, column) in columns.iter().enumerate() {
        for &(i, c) in column {
            rows[i as usize].push((j as u32, c));
        }
    }
    let (mut offsets, mut at, mut values) = (vec![0_u32], Vec::new(), Vec::new());
    let mut row = Accumulator::new(columns.len());
    for (j, column) in columns.iter().enumerate() {
        for &(i, c) in column {
            for &(l, d) in &rows[i as usize] {
                row.add(l as usize, -c * d);
            }
        }
        row.add(j, 1.0);
        for (l, x) in row.take() {
            at.push(l);
            values.push(x);
        }
        let links = u32::try_from(at.len()).map_err(|_| Error::TooLarge {
            what: "the precision of the new units",
            n: at.len(),
            limit: u32::MAX as usize,
            instead: "predict fewer units at a time, or take weights with fewer links",
        })?;
        offsets.push(links);
    }
    Ok(Csr::compact(
        Pattern {
            offsets,
            columns: at,
        },
        values,
    ))
}
