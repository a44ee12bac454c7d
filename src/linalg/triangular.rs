//! Small triangular systems: the end of every least squares problem.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::error::{Error, Result};

/// Relative size below which a diagonal of R counts as zero: the column depends on the ones before it.
const RANK_TOLERANCE: f64 = 1e-10;

/// Solves R x = b, R upper triangular with a non-zero diagonal.
pub(crate) fn solve_upper(r: ArrayView2<'_, f64>, b: ArrayView1<'_, f64>) -> Array1<f64> {
    let k = b.len();
    let mut x = b.to_owned();
    for i in (0..k).rev() {
        let rest: f64 = (i + 1..k).map(|j| r[[i, j]] * x[j]).sum();
        x[i] = (x[i] - rest) / r[[i, i]];
    }
    x
}

/// Solves R' x = b, R upper triangular with a non-zero diagonal.
pub(crate) fn solve_upper_transposed(
    r: ArrayView2<'_, f64>,
    b: ArrayView1<'_, f64>,
) -> Array1<f64> {
    let k = b.len();
    let mut x = b.to_owned();
    for i in 0..k {
        let before: f64 = (0..i).map(|j| r[[j, i]] * x[j]).sum();
        x[i] = (x[i] - before) / r[[i, i]];
    }
    x
}

/// (R'R)^-1, R upper triangular with a non-zero diagonal.
pub(crate) fn inverse_cross_product(r: ArrayView2<'_, f64>) -> Array2<f64> {
    let k = r.ncols();
    let mut inverse = Array2::zeros((k, k));
    for j in 0..k {
        let mut unit = Array1::zeros(k);
        unit[j] = 1.0;
        inverse.column_mut(j).assign(&solve_upper(r, unit.view()));
    }
    inverse.dot(&inverse.t())
}

/// The lower triangular L with L L' = a, for a small covariance matrix; rows are scaled first, so that units of measurement do not
/// matter. A parameter with zero variance gets a row of zeros.
pub(crate) fn cholesky(a: ArrayView2<'_, f64>, what: &str) -> Result<Array2<f64>> {
    let k = a.nrows();
    let scale: Array1<f64> = a.diag().mapv(f64::sqrt);
    let mut lower = Array2::<f64>::zeros((k, k));
    for i in 0..k {
        if scale[i] == 0.0 {
            continue;
        }
        for j in 0..=i {
            if scale[j] == 0.0 {
                continue;
            }
            let before: f64 = (0..j).map(|l| lower[[i, l]] * lower[[j, l]]).sum();
            let left = a[[i, j]] / (scale[i] * scale[j]) - before;
            if i == j {
                if !(left > 1e-14) {
                    return Err(Error::Singular {
                        what: what.to_owned(),
                    });
                }
                lower[[i, i]] = left.sqrt();
            } else {
                lower[[i, j]] = left / lower[[j, j]];
            }
        }
    }
    for (mut row, s) in lower.rows_mut().into_iter().zip(&scale) {
        row *= *s;
    }
    Ok(lower)
}

/// The columns that depend on earlier ones, each with the earlier ones that it is a combination of (none: it is zero).
pub(crate) fn dependent_columns(r: ArrayView2<'_, f64>) -> Vec<(usize, Vec<usize>)> {
    let (m, k) = r.dim();
    let mut independent: Vec<usize> = Vec::new();
    // Orthonormal basis, in the row space of R, of the independent columns, and their coordinates in it.
    let mut basis: Vec<Array1<f64>> = Vec::new();
    let mut coordinates: Vec<Array1<f64>> = Vec::new();
    let mut dependent = Vec::new();
    for j in 0..k {
        let column: Array1<f64> = (0..m).map(|i| r[[i, j]]).collect();
        let length = column.dot(&column).sqrt();
        let mut rest = column;
        let mut own = Array1::zeros(basis.len() + 1);
        for _ in 0..2 {
            for (b, q) in basis.iter().enumerate() {
                let projection = q.dot(&rest);
                own[b] += projection;
                rest.scaled_add(-projection, q);
            }
        }
        let left = rest.dot(&rest).sqrt();
        if left > RANK_TOLERANCE * length && length > 0.0 {
            own[basis.len()] = left;
            basis.push(rest / left);
            coordinates.push(own);
            independent.push(j);
            continue;
        }
        let size = basis.len();
        let system = Array2::from_shape_fn((size, size), |(a, b)| {
            coordinates[b].get(a).copied().unwrap_or(0.0)
        });
        let weights = solve_upper(
            system.view(),
            own.slice_axis(ndarray::Axis(0), (..size).into()),
        );
        let share = |b: usize| weights[b].abs() * coordinates[b].dot(&coordinates[b]).sqrt();
        let of = (0..size)
            .filter(|&b| share(b) > 1e-8 * length)
            .map(|b| independent[b])
            .collect();
        dependent.push((j, if length > 0.0 { of } else { Vec::new() }));
    }
    dependent
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::linalg::dense::triangular_factor;

    #[test]
    fn dependent_columns_are_named_with_their_partners() {
        let x = array![
            [1.0, 2.0, 5.0, 0.0, 3.0],
            [1.0, 4.0, 1.0, 0.0, 5.0],
            [1.0, 1.0, 2.0, 0.0, 2.0],
            [1.0, 0.5, 9.0, 0.0, 1.5],
            [1.0, 7.0, 4.0, 0.0, 8.0]
        ];
        let r = triangular_factor(x.view()).unwrap();
        assert_eq!(
            dependent_columns(r.view()),
            vec![(3, vec![]), (4, vec![0, 1])]
        );
    }

    #[test]
    fn solves_undo_products() {
        let r = array![[2.0, 1.0, 0.5], [0.0, 3.0, -1.0], [0.0, 0.0, 4.0]];
        let x = array![1.0, -2.0, 0.25];
        let back = solve_upper(r.view(), r.dot(&x).view());
        let across = solve_upper_transposed(r.view(), r.t().dot(&x).view());
        for i in 0..3 {
            assert!((back[i] - x[i]).abs() < 1e-15 && (across[i] - x[i]).abs() < 1e-15);
        }
    }
}
