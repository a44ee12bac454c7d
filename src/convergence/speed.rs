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

#[cfg(test)]
mod tests {
    use super::*;

    /// REAT 3.0.3 on 402 German counties, 2010-2014 (tests/oracle/07_convergence.json, `reat_*`): its linear regression of mean annual growth has the
    /// coefficient and standard error below, from which it computes 0.00185 a year, -ln(1 + b) / T, too slow by the factor T; its nonlinear one has the speed
    /// and the standard error of ours as a parameter, and transforms that once more.
    #[test]
    fn the_speed_of_a_mean_annual_growth_has_the_span_in_it() {
        let t = Distribution::T { df: 400.0 };
        let b = Estimate::new(
            "b",
            -0.007_373_347_069_964_547,
            0.001_848_085_819_010_159_8,
            t,
        );
        let speed = Speed::new("speed", &b, Convention::Annual, 4.0).unwrap();
        // An iterative estimate of another program: 1e-6, as everywhere.
        assert!((speed.value() / 0.007_484_265_565_500_437 - 1.0).abs() < 1e-6);
        assert!((speed.std_error() / 0.001_904_248_773_341_993 - 1.0).abs() < 1e-6);
        assert!((speed.value() / 0.001_850_166_139_295_528_5 - 4.0).abs() < 0.05);
        assert!((speed.half_life().unwrap().years() - 92.6).abs() < 0.1);
    }
}
