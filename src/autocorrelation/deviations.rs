//! A variable less its mean, checked against the weights: where the statistics of Moran's kind begin.

use ndarray::Array1;

use crate::data::Variable;
use crate::error::{Error, Result};
use crate::weights::Weights;

/// z = x - mean(x), with what the statistics need to know of x.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Deviations {
    pub(super) name: String,
    pub(super) z: Array1<f64>,
    pub(super) mean: f64,
    /// z'z.
    pub(super) sum_of_squares: f64,
    /// Largest modulus of x: rounding errors are of this size times the machine epsilon.
    pub(super) magnitude: f64,
}

impl Deviations {
    /// Of a variable over the units of the weights, which must not be constant; the weights must have a link, and none
    /// from a unit to itself.
    pub(super) fn of(x: &Variable<'_>, w: &Weights, statistic: &'static str) -> Result<Self> {
        let deviations = Self::over(x, w, statistic)?;
        w.check_ready()?;
        check_links(w, statistic)?;
        Ok(deviations)
    }

    /// The same, where the weights may have a diagonal.
    pub(super) fn over(x: &Variable<'_>, w: &Weights, statistic: &'static str) -> Result<Self> {
        let values = x.checked_for(w.units(), "the weights")?;
        let name = x.name().to_owned();
        let (low, high) = values
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| {
                (l.min(v), h.max(v))
            });
        if values.len() < 2 {
            return Err(Error::TooFewUnits {
                what: statistic.to_owned(),
                needed: 2,
                n: values.len(),
            });
        }
        let mean = low + values.iter().map(|v| v - low).sum::<f64>() / values.len() as f64;
        let z = values.mapv(|v| v - mean);
        let sum_of_squares = z.dot(&z);
        if low < high && !sum_of_squares.is_normal() {
            return Err(Error::Unsupported {
                what: format!("{statistic} of `{name}`"),
                why: "the squares of its values leave the range of floating-point numbers; take another unit of measurement".to_owned(),
            });
        }
        if low >= high {
            return Err(Error::Constant {
                name,
                what: statistic,
            });
        }
        w.check_islands_decided()?;
        check_range(w, statistic)?;
        Ok(Self {
            name,
            z,
            mean,
            sum_of_squares,
            magnitude: low.abs().max(high.abs()),
        })
    }

    /// Largest modulus of a deviation.
    pub(super) fn largest(&self) -> f64 {
        self.z.iter().fold(0.0, |most, z| z.abs().max(most))
    }

    /// z / √(z'z).
    pub(super) fn of_length_one(&self) -> Array1<f64> {
        self.z.mapv(|z| z / self.sum_of_squares.sqrt())
    }

    /// Below this a deviation is rounding error.
    pub(super) fn tolerance(&self) -> f64 {
        8.0 * f64::EPSILON * self.magnitude
    }
}

/// The moments of statistics are of the fourth order in the weights: such powers have to be numbers.
pub(super) fn check_range(w: &Weights, statistic: &str) -> Result<()> {
    let csr = w.csr();
    let largest = (0..csr.n())
        .flat_map(|i| csr.row(i))
        .fold(0.0_f64, |most, (_, weight)| most.max(weight.abs()));
    if largest == 0.0 || (1e-60..1e60).contains(&largest) {
        return Ok(());
    }
    Err(Error::Unsupported {
        what: format!("{statistic} over weights of the size {largest:e}"),
        why: "their powers leave the range of floating-point numbers; scale them, as by `spectrally_normalized` or `row_standardized`".to_owned(),
    })
}

/// Nothing where there is a link, and none from a unit to itself.
pub(super) fn check_links(w: &Weights, statistic: &'static str) -> Result<()> {
    let csr = w.csr();
    if let Some(i) = (0..csr.n()).find(|&i| csr.pattern.find(i, i).is_some()) {
        return Err(Error::InvalidLink {
            from: w.units().name(i),
            to: w.units().name(i),
            problem: format!("{statistic} has no unit among its own neighbours"),
        });
    }
    if csr.row_sums().sum() > 0.0 {
        return Ok(());
    }
    Err(Error::Unsupported {
        what: format!("{statistic} without a link"),
        why: "the weights sum to zero".to_owned(),
    })
}
