//! The speed of convergence and the half-life that follow from a coefficient.

use super::growth::Convention;
use crate::error::{Error, Result};
use crate::inference::{Distribution, Estimate};

/// A speed of convergence: the share of the gap to the steady state that closes in a year, with its standard error.
///
/// With b the coefficient of ln y_0 in a regression of mean annual growth over T years, speed = -ln(1 + bT) / T with standard error
/// se(b) / (1 + bT); with B that of total growth, speed = -ln(1 + B) / T with se(B) / (T (1 + B)). The
/// nonlinear regression (1 / T) ln(y_T / y_0) = a - [(1 - exp(-speed T)) / T] ln y_0 (Barro and Sala-i-Martin 1992) is the same model in
/// another parameter, and gives the identical speed and standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct Speed(Estimate);

impl Speed {
    pub(crate) fn new(
        name: &str,
        coefficient: &Estimate,
        convention: Convention,
        span: f64,
    ) -> Result<Self> {
        let (gap, expression, b, scale) = match convention {
            Convention::Annual => (
                1.0 + coefficient.value * span,
                "1 + bT",
                coefficient.value,
                1.0,
            ),
            Convention::Total => (
                1.0 + coefficient.value,
                "1 + B",
                coefficient.value / span,
                span,
            ),
        };
        if !(gap > 0.0) {
            return Err(Error::SpeedUndefined {
                expression,
                value: gap,
                b,
                span,
            });
        }
        let std_error = coefficient.std_error / (scale * gap);
        Ok(Self(Estimate::new(
            name,
            -gap.ln() / span,
            std_error,
            coefficient.distribution,
        )))
    }

    /// A speed that was estimated as such.
    pub(crate) fn from_estimate(estimate: Estimate) -> Self {
        Self(estimate)
    }

    /// The speed as an estimate, per year.
    #[must_use]
    pub fn estimate(&self) -> &Estimate {
        &self.0
    }

    /// The speed per year.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.0.value
    }

    /// Its delta-method standard error.
    #[must_use]
    pub fn std_error(&self) -> f64 {
        self.0.std_error
    }

    /// Years in which half the gap closes, ln 2 / speed.
    ///
    /// # Errors
    ///
    /// [`Error::HalfLifeUndefined`] where the speed is not positive: the gap does not close.
    pub fn half_life(&self) -> Result<HalfLife> {
        if self.value() > 0.0 {
            Ok(HalfLife(self.0.clone()))
        } else {
            Err(Error::HalfLifeUndefined {
                speed: self.value(),
            })
        }
    }
}

/// The half-life of the gap, in years.
#[derive(Debug, Clone, PartialEq)]
pub struct HalfLife(Estimate);

impl HalfLife {
    /// ln 2 / speed.
    #[must_use]
    pub fn years(&self) -> f64 {
        std::f64::consts::LN_2 / self.0.value
    }

    /// Delta-method standard error, ln 2 · se(speed) / speed².
    #[must_use]
    pub fn std_error(&self) -> f64 {
        std::f64::consts::LN_2 * self.0.std_error / self.0.value.powi(2)
    }

    /// The interval of the speed turned over, [ln 2 / upper, ln 2 / lower]; the upper end is infinite where the speed may be zero or less.
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let (low, high) = self.0.interval(level);
        let upper = if low > 0.0 {
            std::f64::consts::LN_2 / low
        } else {
            f64::INFINITY
        };
        (std::f64::consts::LN_2 / high, upper)
    }

    /// The distribution behind the interval.
    #[must_use]
    pub fn distribution(&self) -> Distribution {
        self.0.distribution
    }
}
