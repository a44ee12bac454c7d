//! `Estimate`: a number with its standard error.

use super::distribution::Distribution;

/// An estimated quantity with its standard error and the distribution of their ratio.
///
/// # Example
///
/// ```
/// use spatialecon::{Distribution, Estimate};
/// let b = Estimate::new("ln_initial", -0.0105, 0.0022, Distribution::T { df: 19.0 });
/// assert!((b.statistic() + 4.7727).abs() < 1e-4);
/// let (low, high) = b.interval(0.95);
/// assert!(low < -0.0150 && high > -0.0060);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Name of the quantity.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its standard error; NaN where there is none (see the notes of the result).
    pub std_error: f64,
    /// The distribution to which value / std_error is referred.
    pub distribution: Distribution,
}

impl Estimate {
    /// An estimate from its parts.
    pub fn new(
        name: impl Into<String>,
        value: f64,
        std_error: f64,
        distribution: Distribution,
    ) -> Self {
        Self {
            name: name.into(),
            value,
            std_error,
            distribution,
        }
    }

    /// value / std_error; zero for a quantity that is zero by construction (value and error both zero).
    #[must_use]
    pub fn statistic(&self) -> f64 {
        if self.value == 0.0 {
            0.0
        } else {
            self.value / self.std_error
        }
    }

    /// Two-sided p-value of the hypothesis that the quantity is zero; one for a quantity that is zero by construction.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        self.distribution.two_tails(self.statistic())
    }

    /// Symmetric confidence interval, value ± quantile · std_error, at a level such as 0.95; the whole line
    /// for a level of one or more.
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let half = self
            .distribution
            .quantile(0.5 + 0.5 * level.clamp(0.0, 1.0))
            * self.std_error;
        (self.value - half, self.value + half)
    }
}
