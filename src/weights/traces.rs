//! Traces of powers of a weight matrix, exact at any number of units.

use ndarray::Array1;

use super::Weights;
use crate::error::{Error, Result};
use crate::linalg::logdet::DENSE_LIMIT;
use crate::linalg::sparse::Csr;
use crate::parallel::map_with_memory;

/// Units followed one after the other on one thread.
const BLOCK: usize = 256;
/// Units from which the cost is estimated.
const SAMPLE: usize = 64;
/// The largest cost, in millions of multiplications: some minutes of one processor.
const MOST_MILLIONS: usize = 100_000;

impl Weights {
    /// tr W, tr W², …, tr W^m, exact up to rounding.
    ///
    /// Up to 1,000 units from the [`eigenvalues`](Self::eigenvalues). Above, each unit's row of W^a and column of W^b with a + b = k and a, b ≤ (m + 1)/2 are
    /// followed along the links, over threads: tr W^k = `Σ_ij` (W^a)_ij (W^b)_ji. That costs, for each unit, a multiplication for every link
    /// of the units within (m - 1)/2 steps, at each step, twice that where W is not similar to a symmetric matrix; it needs 24 n
    /// bytes a thread, 48 n and a transposed copy of W where it is not.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above 1,000 units where units reach so many others that more than 10¹¹ multiplications are expected (estimated
    /// from 64 units, evenly spaced); those of the eigenvalues.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Lattice, Weights};
    /// // closed walks on a square lattice: 4, 36, 400 a cell
    /// let w = Weights::lattice(Lattice::rook(40, 50).torus())?;
    /// assert_eq!(w.traces(6)?, [0.0, 8_000.0, 0.0, 72_000.0, 0.0, 800_000.0]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Martin (1993), Communications in Statistics: Theory and Methods 22: 1003-1015; LeSage and Pace (2009), Introduction to Spatial Econometrics,
    /// chapter 4.
    #[doc(alias = "trW")]
    pub fn traces(&self, m: usize) -> Result<Vec<f64>> {
        if self.n() <= DENSE_LIMIT {
            return Ok(powers_summed(self.spectrum()?, m));
        }
        self.traces_along_links(m, MOST_MILLIONS)
    }

    fn traces_along_links(&self, m: usize, most_millions: usize) -> Result<Vec<f64>> {
        let n = self.n();
        let back;
        let walk = Walk {
            m,
            rows: self.csr(),
            columns: if let Some(d) = self.symmetrizer() {
                Columns::FromRows(d)
            } else {
                back = self.csr().transposed();
                Columns::Followed(&back)
            },
        };
        walk.check_cost(most_millions)?;
        let blocks = map_with_memory(
            n.div_ceil(BLOCK),
            || Memory::new(&walk),
            |memory, block| {
                let mut sums = vec![0.0; m];
                for i in block * BLOCK..((block + 1) * BLOCK).min(n) {
                    walk.from(i, memory, &mut sums);
                }
                sums
            },
        );
        let mut traces = vec![0.0; m];
        for block in blocks {
            traces.iter_mut().zip(block).for_each(|(t, b)| *t += b);
        }
        Ok(traces)
    }
}

/// Sums of the first m powers of eigenvalues, which come in conjugate pairs.
fn powers_summed(omega: &[(f64, f64)], m: usize) -> Vec<f64> {
    let mut powers = vec![(1.0, 0.0); omega.len()];
    (0..m)
        .map(|_| {
            for (p, o) in powers.iter_mut().zip(omega) {
                *p = (p.0 * o.0 - p.1 * o.1, p.0 * o.1 + p.1 * o.0);
            }
            powers.iter().map(|p| p.0).sum()
        })
        .collect()
}

/// What is followed from every unit.
struct Walk<'a> {
    m: usize,
    rows: &'a Csr,
    columns: Columns<'a>,
}

/// Where the columns of powers come from.
enum Columns<'a> {
    /// With `d_i w_ij = d_j w_ji` also `(W^b)_ji = (W^b)_ij d_i / d_j`.
    FromRows(&'a Array1<f64>),
    /// Along the links of the transposed matrix.
    Followed(&'a Csr),
}

/// A vector most of whose entries are zero.
struct Sparse {
    values: Vec<f64>,
    /// Entry j is there where `mark[j]` is the stamp.
    mark: Vec<u32>,
    stamp: u32,
    entries: Vec<u32>,
}

impl Sparse {
    fn new(n: usize) -> Self {
        Self {
            values: vec![0.0; n],
            mark: vec![0; n],
            stamp: 0,
            entries: Vec::new(),
        }
    }

    fn clear(&mut self) {
        if self.stamp == u32::MAX {
            self.mark.fill(0);
            self.stamp = 0;
        }
        self.stamp += 1;
        self.entries.clear();
    }

    fn set_unit(&mut self, i: usize) {
        self.clear();
        self.add(i, 1.0);
    }

    fn add(&mut self, j: usize, x: f64) {
        if self.mark[j] == self.stamp {
            self.values[j] += x;
        } else {
            self.mark[j] = self.stamp;
            self.values[j] = x;
            self.entries.push(j as u32);
        }
    }

    fn get(&self, j: usize) -> f64 {
        if self.mark[j] == self.stamp {
            self.values[j]
        } else {
            0.0
        }
    }

    /// This row vector times the matrix; how many multiplications it took.
    fn times(&self, matrix: &Csr, out: &mut Self) -> usize {
        out.clear();
        let mut cost = 0;
        for &j in &self.entries {
            let x = self.values[j as usize];
            for (l, w) in matrix.row(j as usize) {
                out.add(l, x * w);
            }
            cost += matrix.pattern.row(j as usize).len();
        }
        cost
    }
}

/// A row and a column of a power, and room for the next.
struct Memory {
    row: Sparse,
    next_row: Sparse,
    column: Sparse,
    next_column: Sparse,
}

impl Memory {
    fn new(walk: &Walk<'_>) -> Self {
        let n = walk.rows.n();
        let other = match walk.columns {
            Columns::FromRows(_) => 0,
            Columns::Followed(_) => n,
        };
        Self {
            row: Sparse::new(n),
            next_row: Sparse::new(n),
            column: Sparse::new(other),
            next_column: Sparse::new(other),
        }
    }
}

impl Walk<'_> {
    /// Adds (W^k)_ii to the sum of each k; how many multiplications it took.
    fn from(&self, i: usize, memory: &mut Memory, sums: &mut [f64]) -> usize {
        let Memory {
            row,
            next_row,
            column,
            next_column,
        } = memory;
        let mut cost = 0;
        row.set_unit(i);
        if let Columns::Followed(_) = self.columns {
            column.set_unit(i);
        }
        for pair in sums.chunks_mut(2) {
            cost += row.times(self.rows, next_row);
            // row a with column a - 1, then with column a
            match self.columns {
                Columns::FromRows(d) => {
                    let product = |other: &Sparse, row: &Sparse| {
                        let terms = other.entries.iter().map(|&j| {
                            let j = j as usize;
                            other.values[j] / d[j] * row.get(j)
                        });
                        d[i] * terms.sum::<f64>()
                    };
                    pair[0] += product(row, next_row);
                    if let Some(even) = pair.get_mut(1) {
                        *even += product(next_row, next_row);
                    }
                }
                Columns::Followed(back) => {
                    let product = |column: &Sparse, row: &Sparse| {
                        let terms = column.entries.iter().map(|&j| {
                            let j = j as usize;
                            column.values[j] * row.get(j)
                        });
                        terms.sum::<f64>()
                    };
                    pair[0] += product(column, next_row);
                    if let Some(even) = pair.get_mut(1) {
                        cost += column.times(back, next_column);
                        std::mem::swap(column, next_column);
                        *even += product(column, next_row);
                    }
                }
            }
            std::mem::swap(row, next_row);
        }
        cost
    }

    /// Nothing where the cost, estimated from units evenly spaced, is bearable.
    fn check_cost(&self, most_millions: usize) -> Result<()> {
        let n = self.rows.n();
        let sample = SAMPLE.min(n);
        let (mut memory, mut sums) = (Memory::new(self), vec![0.0; self.m]);
        let (mut cost, mut millions) = (0, 0);
        for s in 0..sample {
            cost += self.from(s * n / sample, &mut memory, &mut sums);
            millions = (cost as f64 * n as f64 / sample as f64 / 1e6) as usize;
            // enough is known before all of them are followed
            if millions > most_millions {
                break;
            }
        }
        if millions <= most_millions {
            return Ok(());
        }
        Err(Error::TooLarge {
            what: "the expected cost of exact traces, in millions of multiplications,",
            n: millions,
            limit: most_millions,
            instead: "take fewer powers, or weights with fewer links",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_data::{columbus, columbus_points};
    use super::super::{Lattice, Weights};
    use super::*;
    use crate::data::Units;
    use approx::assert_relative_eq;

    fn along_links(w: &Weights, m: usize) -> Vec<f64> {
        w.traces_along_links(m, 1).unwrap()
    }

    // spatialreg 1.2-6, trW(as(nb2listw(col.gal.nb), "CsparseMatrix"), m = 8, type = "mult")
    #[test]
    fn traces_of_columbus() {
        let expected = [
            0.0,
            10.908_301_209_372_636,
            3.650_684_591_296_836,
            5.619_320_671_729_786,
            3.664_687_273_810_806,
            4.003_647_354_002_945,
            3.291_860_841_256_034,
            3.272_573_375_580_100_3,
        ];
        let w = columbus().row_standardized().unwrap();
        for found in [w.traces(8).unwrap(), along_links(&w, 8), along_links(&w, 9)] {
            for (f, e) in found.iter().zip(expected) {
                assert_relative_eq!(*f, e, max_relative = 1e-12, epsilon = 1e-13);
            }
        }
    }

    #[test]
    fn both_ways_agree() {
        let nearest = Weights::k_nearest(&columbus_points(), 5).unwrap();
        assert!(!nearest.is_similar_to_symmetric());
        for w in [
            nearest.row_standardized().unwrap(),
            nearest
                .with_diagonal(0.5)
                .unwrap()
                .spectrally_normalized()
                .unwrap(),
            columbus()
                .with_diagonal(2.0)
                .unwrap()
                .row_standardized()
                .unwrap(),
            columbus().min_max_normalized().unwrap(),
        ] {
            for m in [0, 1, 2, 7, 12] {
                let (dense, sparse) = (w.traces(m).unwrap(), along_links(&w, m));
                assert_eq!((dense.len(), sparse.len()), (m, m));
                for (d, s) in dense.iter().zip(&sparse) {
                    assert_relative_eq!(*d, *s, max_relative = 1e-11, epsilon = 1e-11);
                }
            }
        }
    }

    #[test]
    fn closed_walks_on_large_maps() {
        // on a square lattice the square of a central binomial coefficient
        let w = Weights::lattice(Lattice::rook(40, 50).torus()).unwrap();
        let expected = [0.0, 4.0, 0.0, 36.0, 0.0, 400.0, 0.0, 4900.0].map(|t| 2000.0 * t);
        assert_eq!(w.traces(8).unwrap(), expected);
        // one way round rings of three, five and seven: each gives its length at multiples of it
        let links = (0..1050).map(|i| {
            let length = [3, 5, 7][i / 350];
            let first = i - (i % 350) % length;
            (i, first + (i - first + 1) % length, 2.0)
        });
        let links: Vec<_> = links.filter(|&(i, j, _)| i / 350 == j / 350).collect();
        let w = Weights::from_links_at(&Units::range(1050), links).unwrap();
        assert!(!w.is_similar_to_symmetric());
        let rings = w.traces(15).unwrap();
        for (k, trace) in (1..=15).zip(rings) {
            // 350 = 3 · 116 + 2, so that one ring of three is cut; those of five and seven fit
            let mut expected = 0.0;
            for (length, units) in [(3, 348.0), (5, 350.0), (7, 350.0)] {
                if k % length == 0 {
                    expected += units * 2.0_f64.powi(k);
                }
            }
            assert_relative_eq!(trace, expected, max_relative = 1e-14);
        }
    }

    #[test]
    fn too_dear() {
        // round a ring, step s goes from s places along two links each: 2 (1 + … + 100) = 10,100 multiplications a unit
        let ring = Weights::lattice(Lattice::rook(1, 2000).torus()).unwrap();
        let e = ring.traces_along_links(200, 19).unwrap_err();
        let expected = matches!(
            e,
            Error::TooLarge {
                n: 20,
                limit: 19,
                ..
            }
        );
        assert!(expected, "{e}");
        assert!(ring.traces_along_links(200, 20).is_ok());
    }
}
