//! The series that are tested: a column as it is, or incomes relative to a reference.

use std::fmt;

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::data::Units;
use crate::error::{Cell, Error, Result};

/// What an income is relative to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Reference {
    /// The mean of the other units: RI_it = ln y_it - ln(Σ_(j≠i) y_jt / (n - 1)).
    ///
    /// With few units a large one moves the mean of all, and with it its own ratio; this leaves it out.
    #[default]
    Others,
    /// The mean of all units: RI_it = ln y_it - ln(Σ_j y_jt / n) (Carlino and Mills 1993).
    Mean,
    /// The mean of the logs of all units: RI_it = ln y_it - Σ_j ln y_jt / n (Evans and Karras 1996).
    LogMean,
    /// One unit, a leader: RI_it = ln y_it - ln y_lt. Its own series is zero, and it is left out of the tests.
    Unit(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Others => f.write_str("the mean of the other units"),
            Self::Mean => f.write_str("the mean of all units"),
            Self::LogMean => f.write_str("the mean of logs of all units"),
            Self::Unit(id) => write!(f, "`{id}`"),
        }
    }
}

/// Relative incomes, units × periods, with their units, from levels, periods × units.
pub(super) fn relative(
    levels: ArrayView2<'_, f64>,
    units: &Units,
    periods: &[i32],
    column: &str,
    reference: &Reference,
) -> Result<(Units, Array2<f64>)> {
    let n = units.len();
    let leader = match reference {
        Reference::Unit(id) => Some(units.require(id, "the panel")?),
        _ => None,
    };
    let mut series = Array2::zeros((n, levels.nrows()));
    for (t, row) in levels.rows().into_iter().enumerate() {
        let logs = row.mapv(f64::ln);
        let to: Array1<f64> = match leader {
            Some(leader) => Array1::from_elem(n, logs[leader]),
            None if *reference == Reference::LogMean => Array1::from_elem(n, logs.sum() / n as f64),
            None => log_means(&row.to_vec(), *reference == Reference::Others),
        };
        series.column_mut(t).assign(&(logs - to));
    }
    if let Some(((i, t), &value)) = series.indexed_iter().find(|(_, v)| !v.is_finite()) {
        return Err(Error::NotFinite {
            cell: Cell::new(units.name(i), periods.get(t).copied(), column),
            value,
        });
    }
    match leader {
        None => Ok((units.clone(), series)),
        Some(leader) => {
            let others: Vec<usize> = (0..n).filter(|&i| i != leader).collect();
            Ok((units.select(&others)?, series.select(Axis(0), &others)))
        }
    }
}

/// The log of the mean, of all values or of all but the one whose place it is.
fn log_means(values: &[f64], others: bool) -> Array1<f64> {
    let n = values.len();
    // Sums in the unit of the largest value cannot leave the range of numbers.
    let most = values.iter().fold(0.0_f64, |m, v| m.max(*v));
    if !others {
        let sum: f64 = values.iter().map(|v| v / most).sum();
        return Array1::from_elem(n, most.ln() + (sum / n as f64).ln());
    }
    // Sums from both ends: nothing is subtracted, so that a large unit costs no digits.
    let mut before = vec![0.0; n + 1];
    let mut after = vec![0.0; n + 1];
    for i in 0..n {
        before[i + 1] = before[i] + values[i] / most;
        let j = n - 1 - i;
        after[j] = after[j + 1] + values[j] / most;
    }
    let mean = |i: usize| (before[i] + after[i + 1]) / (n as f64 - 1.0);
    (0..n).map(|i| most.ln() + mean(i).ln()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn references_are_what_they_say() {
        let units = Units::new(["a", "b", "c"]).unwrap();
        let levels = array![[1.0, 2.0, 6.0], [2.0, 2.0, 8.0]];
        let of = |r: &Reference| relative(levels.view(), &units, &[1, 2], "y", r).unwrap();
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15);
        let (_, others) = of(&Reference::Others);
        close(others[[0, 0]], (1.0_f64 / 4.0).ln());
        close(others[[2, 1]], (8.0_f64 / 2.0).ln());
        let (_, mean) = of(&Reference::Mean);
        close(mean[[2, 0]], 2.0_f64.ln());
        let (_, logs) = of(&Reference::LogMean);
        close(logs.column(1).sum(), 0.0);
        let (left, leader) = of(&Reference::Unit("c".to_owned()));
        assert_eq!(left.iter().collect::<Vec<_>>(), ["a", "b"]);
        close(leader[[1, 1]], 0.25_f64.ln());
        // No sum leaves the range of numbers.
        let huge = array![[1e308, 1e308, 1e308]];
        let (_, flat) = relative(huge.view(), &units, &[1], "y", &Reference::Others).unwrap();
        assert!(flat.iter().all(|v| v.abs() < 1e-12));
    }
}
