//! Dispersion and inequality of one variable over units, unweighted or weighted by population.

mod gini;
mod theil;
mod variation;

use ndarray::ArrayView1;

use crate::data::{Units, Variable};
use crate::error::{Cell, Error, Result};

pub use gini::{gini, gini_weighted};
pub use theil::{mean_log_deviation, mean_log_deviation_weighted, theil, theil_weighted};
pub use variation::{Ddof, coefficient_of_variation, sd_of_logs, standard_deviation, williamson};

/// Which values a measure takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Any,
    NonNegative,
    Positive,
}

/// The finite values of a variable with its units, at least `needed` of them and of the sign asked for.
fn checked<'a>(
    x: &Variable<'a>,
    units: &Units,
    sign: Sign,
    needed: usize,
    what: &str,
) -> Result<ArrayView1<'a, f64>> {
    let values = x.checked_for(units, "the other variable")?;
    if values.len() < needed {
        return Err(Error::TooFewUnits {
            what: what.to_owned(),
            needed,
            n: values.len(),
        });
    }
    let wrong = values.iter().position(|&v| match sign {
        Sign::Any => false,
        Sign::NonNegative => v < 0.0,
        Sign::Positive => v <= 0.0,
    });
    match wrong {
        None => Ok(values),
        Some(i) => Err(Error::NonPositive {
            cell: Cell::new(units.name(i), None, x.name()),
            value: values[i],
        }),
    }
}

/// The units of a variable; positions for a bare array.
fn units_of(x: &Variable<'_>) -> Units {
    x.units().cloned().unwrap_or_else(|| Units::range(x.len()))
}

/// The units of two variables, which must agree where both have them.
fn units_of_both(x: &Variable<'_>, population: &Variable<'_>) -> Units {
    x.units().cloned().unwrap_or_else(|| units_of(population))
}

/// Values per head with the population shares f_i, and their mean Σ f_i x_i.
struct PerHead<'a> {
    x: ArrayView1<'a, f64>,
    shares: Vec<f64>,
    mean: f64,
}

impl<'a> PerHead<'a> {
    fn of(
        x: &Variable<'a>,
        population: &Variable<'_>,
        sign: Sign,
        what: &'static str,
    ) -> Result<Self> {
        let units = units_of_both(x, population);
        let x_values = checked(x, &units, sign, 1, what)?;
        let population = checked(population, &units, Sign::Positive, 1, what)?;
        let total: f64 = population.sum();
        let shares: Vec<f64> = population.iter().map(|p| p / total).collect();
        let mean = x_values.iter().zip(&shares).map(|(x, f)| f * x).sum();
        check_mean(x, mean, what)?;
        Ok(Self {
            x: x_values,
            shares,
            mean,
        })
    }

    fn iter(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.x.iter().copied().zip(self.shares.iter().copied())
    }
}

/// A measure relative to the mean needs a positive one.
fn check_mean(x: &Variable<'_>, mean: f64, what: &str) -> Result<()> {
    if mean > 0.0 {
        return Ok(());
    }
    Err(Error::Unsupported {
        what: format!("{what} of `{}`", x.name()),
        why: format!("its mean is {mean}, and the measure is relative to a positive mean"),
    })
}

#[cfg(test)]
mod data {
    /// GDP per head of 32 Mexican states in 1940.
    pub(super) const MEXICO_1940: [f64; 32] = [
        10384.0, 22361.0, 9573.0, 3758.0, 2934.0, 8578.0, 8537.0, 6909.0, 17816.0, 12132.0, 4359.0,
        2181.0, 4414.0, 5309.0, 3408.0, 3327.0, 6936.0, 4836.0, 9073.0, 1892.0, 3569.0, 11016.0,
        21965.0, 4372.0, 4840.0, 6399.0, 2459.0, 7508.0, 3605.0, 5203.0, 7990.0, 3734.0,
    ];

    /// Populations of any size, for identities.
    pub(super) const SHARES_32: [f64; 32] = [
        1.4, 7.7, 6.9, 2.4, 4.6, 4.2, 5.9, 7.1, 1.0, 0.4, 7.6, 4.0, 6.9, 0.2, 4.1, 6.5, 2.2, 8.5,
        8.1, 0.5, 0.4, 5.0, 8.5, 3.6, 2.1, 3.9, 0.5, 2.2, 4.1, 4.6, 2.3, 2.2,
    ];
}
