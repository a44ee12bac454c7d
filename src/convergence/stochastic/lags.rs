//! Deterministic terms, and how many lagged differences a regression has.

use std::fmt;

use super::moments::fewest_observations;
use crate::error::{Error, Result};

/// The deterministic terms of a series.
///
/// For relative incomes they say which convergence is tested: with a [`Constant`](Self::Constant) a gap may last but has to be of constant size, with a
/// [`Trend`](Self::Trend) it may close, or open, along a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[doc(alias("exo", "drift", "ct", "nc"))]
pub enum Deterministic {
    /// None: the series has mean zero.
    None,
    /// A constant.
    #[default]
    Constant,
    /// A constant and a linear trend.
    Trend,
}

impl Deterministic {
    /// Number of columns.
    pub(super) fn count(self) -> usize {
        match self {
            Self::None => 0,
            Self::Constant => 1,
            Self::Trend => 2,
        }
    }

    /// Appends the columns over a number of rows, the trend about its middle.
    pub(super) fn append(self, rows: usize, to: &mut Vec<f64>) {
        if self != Self::None {
            to.extend(std::iter::repeat_n(1.0, rows));
        }
        if self == Self::Trend {
            let middle = 0.5 * (rows as f64 - 1.0);
            to.extend((0..rows).map(|t| t as f64 - middle));
        }
    }

    /// An error where a test is not defined without a constant.
    pub(super) fn require_constant(self, what: &str) -> Result<()> {
        if self != Self::None {
            return Ok(());
        }
        Err(Error::Unsupported {
            what: format!("{what} without a constant"),
            why: "it has no moments for this case; take `Deterministic::Constant` or `Deterministic::Trend`".to_owned(),
        })
    }
}

impl fmt::Display for Deterministic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no constant",
            Self::Constant => "constant",
            Self::Trend => "constant and trend",
        })
    }
}

/// How many lagged differences the regression of a unit has.
///
/// All choices of one unit are compared on the sample that the largest number of lags leaves; the regression with the lags chosen then takes all
/// periods that it can, as `plm::purtest` of R does.
///
/// Without a choice it is [`GeneralToSpecific`](Self::GeneralToSpecific) from the smallest of Schwert's ⌊12 (T/100)^(1/4)⌋, the largest number for which Im, Pesaran and Shin have moments at T - 1 - p observations, and the largest
/// that leaves twice as many observations as coefficients; with 24 periods and a constant these are 8, 4 and 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias("pmax", "maxlag", "autolag", "Hall", "SIC"))]
pub enum Lags {
    /// This many in every unit.
    Fixed(usize),
    /// Up to this many, by the smallest ln(RSS/n) + 2 k/n.
    Aic(usize),
    /// Up to this many, by the smallest ln(RSS/n) + k ln(n)/n.
    Bic(usize),
    /// From this many downwards, until the last one has |t| ≥ 1.96 (Hall 1994; Ng and Perron 1995).
    GeneralToSpecific(usize),
}

impl Lags {
    /// The rule for a series of this many periods.
    pub(super) fn default_for(periods: usize, deterministic: Deterministic) -> Self {
        let schwert = (12.0 * (periods as f64 / 100.0).powf(0.25)).floor() as usize;
        // periods - 1 - p ≥ 2 (d + 1 + p)
        let room = (periods).saturating_sub(3 + 2 * deterministic.count()) / 3;
        let tabulated = |p: &usize| {
            let observations = periods.saturating_sub(1 + p);
            fewest_observations(*p).is_some_and(|fewest| fewest <= observations)
        };
        let most = schwert.min(room);
        // Below ten observations the tables have nothing, whatever the lags.
        Self::GeneralToSpecific((0..=most).rev().find(tabulated).unwrap_or(most))
    }

    /// The largest number.
    pub(super) fn most(self) -> usize {
        match self {
            Self::Fixed(p) | Self::Aic(p) | Self::Bic(p) | Self::GeneralToSpecific(p) => p,
        }
    }
}

impl fmt::Display for Lags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(p) => write!(f, "{p} in every unit"),
            Self::Aic(p) => write!(f, "AIC, up to {p}"),
            Self::Bic(p) => write!(f, "BIC, up to {p}"),
            Self::GeneralToSpecific(p) => write!(f, "general to specific from {p}"),
        }
    }
}
