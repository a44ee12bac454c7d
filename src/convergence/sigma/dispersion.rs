//! `Dispersion`: the dispersion of one period by each measure, units counting alike and weighted.

use std::fmt;

use crate::data::Variable;
use crate::disparity::{
    Ddof, coefficient_of_variation, gini, gini_weighted, sd_of_logs, theil, theil_weighted,
    williamson,
};
use crate::error::Result;

/// A measure of dispersion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// Standard deviation of logs.
    SdLog,
    /// Coefficient of variation of levels.
    Cv,
    /// Theil's T, unweighted.
    Theil,
    /// Gini, unweighted.
    Gini,
    /// Standard deviation of logs, weighted.
    WeightedSdLog,
    /// Coefficient of variation of levels, weighted (Williamson).
    WeightedCv,
    /// Theil's T, weighted.
    WeightedTheil,
    /// Gini, weighted.
    WeightedGini,
}

impl Measure {
    /// The measures in which each unit counts once.
    pub const ALL: [Self; 4] = [Self::SdLog, Self::Cv, Self::Theil, Self::Gini];

    /// The measures in which each unit counts by its weight.
    pub const WEIGHTED: [Self; 4] = [
        Self::WeightedSdLog,
        Self::WeightedCv,
        Self::WeightedTheil,
        Self::WeightedGini,
    ];

    /// Whether units count by their weight.
    #[must_use]
    pub fn is_weighted(self) -> bool {
        Self::WEIGHTED.contains(&self)
    }

    /// Position among the four of its kind.
    pub(super) fn position(self) -> usize {
        match self {
            Self::SdLog | Self::WeightedSdLog => 0,
            Self::Cv | Self::WeightedCv => 1,
            Self::Theil | Self::WeightedTheil => 2,
            Self::Gini | Self::WeightedGini => 3,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SdLog => "sd of logs",
            Self::Cv => "CV",
            Self::Theil => "Theil T",
            Self::Gini => "Gini",
            Self::WeightedSdLog => "weighted sd of logs",
            Self::WeightedCv => "weighted CV",
            Self::WeightedTheil => "weighted Theil T",
            Self::WeightedGini => "weighted Gini",
        })
    }
}

/// The dispersion of one period.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Dispersion {
    /// The period.
    pub period: i32,
    /// Standard deviation of logs.
    pub sd_log: f64,
    /// Coefficient of variation of levels.
    pub cv: f64,
    /// Theil's T, unweighted.
    pub theil: f64,
    /// Gini, unweighted.
    pub gini: f64,
    /// Largest value over smallest.
    pub max_over_min: f64,
    /// Divisor of the unweighted sd and CV.
    pub ddof: Ddof,
    /// The same measures with each unit counting by its weight, where there are weights.
    pub weighted: Option<WeightedDispersion>,
}

/// The dispersion of one period over persons (or whatever the weights count), each of whom has the value of the unit.
///
/// With f_i = p_i / Σ p the shares of the period's weights, m = Σ f_i y_i and l = Σ f_i ln y_i.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct WeightedDispersion {
    /// √(Σ f_i (ln y_i - l)²).
    pub sd_log: f64,
    /// Williamson's √(Σ f_i (y_i - m)²) / m.
    pub cv: f64,
    /// Σ f_i (y_i / m) ln(y_i / m).
    pub theil: f64,
    /// Σ_ij f_i f_j |y_i - y_j| / (2 m).
    pub gini: f64,
}

impl Dispersion {
    pub(super) fn of(period: i32, x: Variable<'_>, ddof: Ddof) -> Result<Self> {
        let (low, high) = x
            .values()
            .iter()
            .fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        if low >= high {
            // Exactly, not to rounding.
            return Ok(Self {
                period,
                sd_log: 0.0,
                cv: 0.0,
                theil: 0.0,
                gini: 0.0,
                max_over_min: 1.0,
                ddof,
                weighted: None,
            });
        }
        Ok(Self {
            period,
            sd_log: sd_of_logs(x.clone(), ddof)?,
            cv: coefficient_of_variation(x.clone(), ddof)?,
            theil: theil(x.clone())?,
            gini: gini(x)?,
            max_over_min: high / low,
            ddof,
            weighted: None,
        })
    }

    /// The value of a measure; none for a weighted one where there are no weights.
    #[must_use]
    pub fn get(&self, measure: Measure) -> Option<f64> {
        Some(match measure {
            Measure::SdLog => self.sd_log,
            Measure::Cv => self.cv,
            Measure::Theil => self.theil,
            Measure::Gini => self.gini,
            Measure::WeightedSdLog => self.weighted?.sd_log,
            Measure::WeightedCv => self.weighted?.cv,
            Measure::WeightedTheil => self.weighted?.theil,
            Measure::WeightedGini => self.weighted?.gini,
        })
    }
}

impl WeightedDispersion {
    /// x and p are positive and of the same units.
    pub(super) fn of(x: Variable<'_>, p: Variable<'_>) -> Result<Self> {
        let values = x.values();
        if values.iter().all(|v| v.to_bits() == values[0].to_bits()) {
            return Ok(Self {
                sd_log: 0.0,
                cv: 0.0,
                theil: 0.0,
                gini: 0.0,
            });
        }
        let total = p.values().sum();
        let logs = x.values().mapv(f64::ln);
        let mean = logs.dot(&p.values()) / total;
        let variance: f64 = logs
            .iter()
            .zip(p.values())
            .map(|(l, p)| p / total * (l - mean).powi(2))
            .sum();
        Ok(Self {
            sd_log: variance.sqrt(),
            cv: williamson(x.clone(), p.clone())?,
            theil: theil_weighted(x.clone(), p.clone())?,
            gini: gini_weighted(x, p)?,
        })
    }
}
