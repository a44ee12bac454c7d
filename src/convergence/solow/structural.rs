//! What the structural readings share: their columns in logs, and functions of coefficients by the delta method.

use ndarray::Array1;

use crate::data::Table;
use crate::error::{Cell, Error, Result};
use crate::inference::Estimate;
use crate::regression::Fit;

/// Name of the regressor ln(n + g + delta).
pub(crate) const RATE: &str = "ln_n_g_delta";

/// The logarithms of a column, which has to be positive.
pub(crate) fn ln_of(table: &Table, column: &str) -> Result<Array1<f64>> {
    let values = table.values(column)?;
    positive(table, column, values.iter().copied())?;
    Ok(values.mapv(f64::ln))
}

/// n + g + delta by unit.
pub(crate) fn rates(table: &Table, column: &str, depreciation: f64) -> Result<Array1<f64>> {
    let growth = table.values(column)?;
    if let Some(i) = growth.iter().position(|n| n.abs() >= 1.0) {
        return Err(Error::InvalidValue {
            cell: Cell::new(table.units().name(i), None, column),
            value: growth[i],
            expected: "growth of the population a year as a fraction, 0.012 and not 1.2 for 1.2 percent; divide the column by 100",
        });
    }
    let rates = growth.mapv(|n| n + depreciation);
    let name = format!("{column} + {depreciation}");
    positive(table, &name, rates.iter().copied())?;
    Ok(rates)
}

fn positive(
    table: &Table,
    column: &str,
    mut values: impl Iterator<Item = f64> + Clone,
) -> Result<()> {
    let found = values.clone().find(|v| !(*v > 0.0));
    match (found, values.position(|v| !(v > 0.0))) {
        (Some(value), Some(i)) => Err(Error::NonPositive {
            cell: Cell::new(table.units().name(i), None, column),
            value,
        }),
        _ => Ok(()),
    }
}

/// A function of the parameters of a fit, by its value and its derivatives by name, with its delta-method standard error.
pub(crate) fn delta(
    fit: &Fit,
    name: &str,
    value: f64,
    derivatives: &[(&str, f64)],
) -> Result<Estimate> {
    let mut variance = 0.0;
    for (a, da) in derivatives {
        for (b, db) in derivatives {
            variance += da * db * fit.vcov().between(a, b)?;
        }
    }
    // Rounding can make a variance of zero negative.
    let std_error = if variance < 0.0 { 0.0 } else { variance.sqrt() };
    Ok(Estimate::new(name, value, std_error, fit.distribution()))
}

/// An error where a denominator is zero but for the rounding of its terms.
pub(crate) fn nonzero(denominator: f64, terms: &[f64], what: &str, why: &str) -> Result<f64> {
    let size: f64 = terms.iter().map(|t| t.abs()).sum();
    if denominator.abs() > 1e-12 * size {
        return Ok(denominator);
    }
    Err(Error::Unsupported {
        what: format!("{what} at these estimates"),
        why: why.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_zero_but_for_rounding_is_refused() {
        let (a, b) = (0.1 + 0.2, 0.3);
        let e = nonzero(a - b, &[a, b], "alpha", "report the coefficients").unwrap_err();
        assert!(matches!(e, Error::Unsupported { .. }) && e.to_string().contains("alpha at these"));
        assert!(nonzero(0.0, &[0.0, 0.0], "alpha", "").is_err());
        assert!((nonzero(1e-6, &[a, b], "alpha", "").unwrap() - 1e-6).abs() < 1e-20);
    }
}
