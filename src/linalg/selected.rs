//! Entries of (I - rho W)^-1 where its sparse factors have entries, without the rest (selected inversion).
//!
//! With A = L D U, L and U with ones on their diagonals, the inverse Z satisfies Z = D^-1 L^-1 + (I - U) Z = U^-1 D^-1 + Z (I - L) (Takahashi, Fagan and
//! Chen 1973). From the last step to the first, entries of Z at the transposed places of L + U need only such entries (Erisman and
//! Tinney 1975): the cost is about that of the factorisation, the memory that of two more factors.

use ndarray::{Array1, Array2};

use super::factor::least_fill;
use super::lu::{Csc, Lu};
use super::sparse::{Csr, Pattern};
use crate::error::Result;

/// The analysis of I - rho W on the links of W and V together, for any rho.
#[derive(Debug)]
pub(crate) struct OwnEntries {
    /// W by columns on all places of W, V and the diagonal, rows and columns in the order of least fill.
    w: Csc,
    /// V on the same places.
    v: Vec<f64>,
    /// Position in the order of each unit.
    position: Vec<u32>,
}

impl OwnEntries {
    pub(crate) fn new(w: &Csr, v: Option<&Csr>) -> Result<Self> {
        let n = w.n();
        let mut together: Vec<Vec<(u32, f64, f64)>> = vec![Vec::new(); n];
        let mut pattern = Pattern {
            offsets: vec![0],
            columns: Vec::new(),
        };
        for (i, entries) in together.iter_mut().enumerate() {
            let mut row: Vec<(u32, f64, f64)> = vec![(i as u32, 0.0, 0.0)];
            row.extend(w.row(i).map(|(j, x)| (j as u32, x, 0.0)));
            row.extend(
                v.into_iter()
                    .flat_map(|v| v.row(i))
                    .map(|(j, x)| (j as u32, 0.0, x)),
            );
            row.sort_unstable_by_key(|entry| entry.0);
            row.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 += next.1;
                    kept.2 += next.2;
                }
                same
            });
            pattern.columns.extend(row.iter().map(|entry| entry.0));
            pattern.offsets.push(pattern.columns.len() as u32);
            *entries = row;
        }
        let position = least_fill(&Csr::ones(pattern.offsets, pattern.columns))?;
        let mut columns: Vec<Vec<(u32, f64, f64)>> = vec![Vec::new(); n];
        for (i, row) in together.into_iter().enumerate() {
            for (j, x, y) in row {
                columns[position[j as usize] as usize].push((position[i], x, y));
            }
        }
        let mut own = Self {
            w: Csc {
                offsets: vec![0],
                rows: Vec::new(),
                values: Vec::new(),
            },
            v: Vec::new(),
            position,
        };
        for column in columns {
            for (row, x, y) in column {
                own.w.rows.push(row);
                own.w.values.push(x);
                own.v.push(y);
            }
            own.w.offsets.push(own.w.rows.len());
        }
        Ok(own)
    }

    /// The diagonals of (I - rho W)^-1 and of (I - rho W)^-1 V.
    pub(crate) fn at(&self, rho: f64) -> Result<(Array1<f64>, Array1<f64>)> {
        let n = self.position.len();
        let (mut one, mut two) = (Array1::zeros(n), Array1::zeros(n));
        self.each(rho, |i, j, z, v| {
            two[i] += z * v;
            if j == i {
                one[i] = z;
            }
        })?;
        let back = |x: &Array1<f64>| self.position.iter().map(|&p| x[p as usize]).collect();
        Ok((back(&one), back(&two)))
    }

    /// The sums of the diagonals by groups of units: of `Z_ii` over the units i of each, and of `Z_ij V_ji` over i of one and j of another,
    /// the groups of i in rows; Z is (I - rho W)^-1.
    pub(crate) fn by_groups(
        &self,
        rho: f64,
        group_of: &[u32],
        groups: usize,
    ) -> Result<(Array1<f64>, Array2<f64>)> {
        let mut group = vec![0; group_of.len()];
        for (p, g) in self.position.iter().zip(group_of) {
            group[*p as usize] = *g as usize;
        }
        let mut one = Array1::zeros(groups);
        let mut two = Array2::zeros((groups, groups));
        self.each(rho, |i, j, z, v| {
            two[[group[i], group[j]]] += z * v;
            if j == i {
                one[group[i]] += z;
            }
        })?;
        Ok((one, two))
    }

    /// Hands over i, j, `Z_ij` and `V_ji`, for the places `ji` of W, V and the diagonal, units by their position in the order.
    fn each(&self, rho: f64, mut f: impl FnMut(usize, usize, f64, f64)) -> Result<()> {
        let n = self.position.len();
        let mut shifted = self.w.clone();
        for column in 0..n {
            for k in shifted.offsets[column]..shifted.offsets[column + 1] {
                let own = f64::from(u8::from(shifted.rows[k] as usize == column));
                shifted.values[k] = own - rho * shifted.values[k];
            }
        }
        let lu = Lu::new(&shifted, &format!("I - rho W at rho = {rho}"))?;
        let inverse = Selected::of(&lu);
        let mut row = vec![0.0; n];
        for i in 0..n {
            inverse.row_at_places(&lu, i, &mut row);
            for k in shifted.offsets[i]..shifted.offsets[i + 1] {
                let j = shifted.rows[k] as usize;
                f(i, j, row[inverse.step_of_row[j] as usize], self.v[k]);
            }
        }
        Ok(())
    }
}

/// The inverse Z of the matrix with its rows in the order of the pivots, at the transposed places of L + U.
struct Selected {
    step_of_row: Vec<u32>,
    diagonal: Vec<f64>,
    /// `Z_ij` for each `L_ji`, j > i, in the order of L.
    after: Vec<f64>,
    /// `Z_ki` for each `U_ik`, k > i, row by row of U.
    before: Vec<f64>,
    /// Where each entry of U, column by column, stands among its rows.
    place: Vec<usize>,
}

impl Selected {
    fn of(lu: &Lu) -> Self {
        let n = lu.diagonal.len();
        let mut step_of_row = vec![0_u32; n];
        for (step, &row) in lu.pivot_row.iter().enumerate() {
            step_of_row[row as usize] = step as u32;
        }
        let (lower, upper) = (&lu.lower, &lu.upper);
        let below: Vec<u32> = (lower.rows.iter())
            .map(|&r| step_of_row[r as usize])
            .collect();
        // U, with ones on its diagonal, by rows.
        let mut start = vec![0_usize; n + 1];
        for &step in &upper.rows {
            start[step as usize + 1] += 1;
        }
        for i in 0..n {
            start[i + 1] += start[i];
        }
        let mut next = start.clone();
        let mut right = vec![0_u32; upper.rows.len()];
        let mut u = vec![0.0; upper.rows.len()];
        let mut place = vec![0_usize; upper.rows.len()];
        for column in 0..n {
            let range = upper.offsets[column]..upper.offsets[column + 1];
            for (k, place) in range.clone().zip(&mut place[range]) {
                let step = upper.rows[k] as usize;
                let at = next[step];
                next[step] += 1;
                right[at] = column as u32;
                u[at] = upper.values[k] / lu.diagonal[step];
                *place = at;
            }
        }
        let mut diagonal = vec![0.0; n];
        let mut after = vec![0.0; lower.rows.len()];
        let mut before = vec![0.0; upper.rows.len()];
        // Column i of L and row i of U, and what they sum to, spread out; zero elsewhere.
        let (mut x, mut y) = (vec![0.0; n], vec![0.0; n]);
        let (mut of_row, mut of_column) = (vec![0.0; n], vec![0.0; n]);
        for i in (0..n).rev() {
            let (rows, columns) = (
                lower.offsets[i]..lower.offsets[i + 1],
                start[i]..start[i + 1],
            );
            for e in rows.clone() {
                x[below[e] as usize] = lower.values[e];
                of_row[below[e] as usize] = 0.0;
            }
            for e in columns.clone() {
                y[right[e] as usize] = u[e];
                of_column[right[e] as usize] = 0.0;
            }
            for e in columns.clone() {
                let k = right[e] as usize;
                let mut sum = x[k] * diagonal[k];
                of_row[k] += u[e] * diagonal[k];
                for f in lower.offsets[k]..lower.offsets[k + 1] {
                    let j = below[f] as usize;
                    of_row[j] += u[e] * after[f];
                    sum += x[j] * after[f];
                }
                of_column[k] += sum;
            }
            for e in rows.clone() {
                let (j, l) = (below[e] as usize, lower.values[e]);
                let mut sum = 0.0;
                for f in start[j]..start[j + 1] {
                    let k = right[f] as usize;
                    sum += y[k] * before[f];
                    of_column[k] += l * before[f];
                }
                of_row[j] += sum;
            }
            let mut own = 1.0 / lu.diagonal[i];
            for e in rows {
                let j = below[e] as usize;
                after[e] = -of_row[j];
                x[j] = 0.0;
            }
            for e in columns {
                let k = right[e] as usize;
                before[e] = -of_column[k];
                own += u[e] * of_column[k];
                y[k] = 0.0;
            }
            diagonal[i] = own;
        }
        Self {
            step_of_row,
            diagonal,
            after,
            before,
            place,
        }
    }

    /// Row i of Z at the places where column i of L + U has entries; the other elements of `to` keep what they hold.
    fn row_at_places(&self, lu: &Lu, i: usize, to: &mut [f64]) {
        to[i] = self.diagonal[i];
        for e in lu.lower.offsets[i]..lu.lower.offsets[i + 1] {
            to[self.step_of_row[lu.lower.rows[e] as usize] as usize] = self.after[e];
        }
        for e in lu.upper.offsets[i]..lu.upper.offsets[i + 1] {
            to[lu.upper.rows[e] as usize] = self.before[self.place[e]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::dense;
    use crate::random::Stream;

    /// Rows of some random links each, values in (low, low + 1).
    fn random(n: usize, links: u32, low: f64, seed: u64) -> Csr {
        let mut stream = Stream::new(seed, 0);
        let rows: Vec<Vec<(u32, f64)>> = (0..n)
            .map(|_| {
                let count = stream.below(links + 1);
                let mut row: Vec<u32> = (0..count).map(|_| stream.below(n as u32)).collect();
                row.sort_unstable();
                row.dedup();
                row.into_iter()
                    .map(|j| (j, low + stream.uniform()))
                    .collect()
            })
            .collect();
        Csr::from_rows(&rows)
    }

    #[test]
    fn own_entries_are_those_of_the_dense_inverse() {
        // Negative and large values, own links and a small diagonal: rows are exchanged.
        for (n, links, low, rho) in [
            (1, 0, 0.0, 0.5),
            (2, 2, -0.5, 0.9),
            (40, 3, 0.0, 0.2),
            (60, 4, -0.5, 5.0),
            (150, 6, -0.3, 1.0),
            (300, 3, 0.0, 0.9),
        ] {
            for seed in 0..5 {
                let (w, v) = (random(n, links, low, seed), random(n, 2, -0.2, seed + 100));
                let a: Array2<f64> = Array2::eye(n) - w.to_dense() * rho;
                let inverse = dense::inverse(a.view(), "a").unwrap();
                let av = inverse.dot(&v.to_dense());
                let (own, lagged) = OwnEntries::new(&w, Some(&v)).unwrap().at(rho).unwrap();
                let size = inverse.iter().fold(0.0_f64, |m, z| m.max(z.abs()));
                for i in 0..n {
                    assert!(
                        (own[i] - inverse[[i, i]]).abs() < 1e-10 * size,
                        "{n} {seed}"
                    );
                    assert!((lagged[i] - av[[i, i]]).abs() < 1e-10 * size, "{n} {seed}");
                }
                let (alone, none) = OwnEntries::new(&w, None).unwrap().at(rho).unwrap();
                assert!((alone - own).iter().all(|d| d.abs() < 1e-10 * size));
                assert!(none.iter().all(|z| *z == 0.0));
            }
        }
    }
}
