//! `TestResult`: a hypothesis test as a value.

use std::fmt;

use super::distribution::Distribution;
use crate::text;

/// The alternative of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alternative {
    /// Different from the null in either direction.
    #[default]
    TwoSided,
    /// Greater than under the null.
    Greater,
    /// Less than under the null.
    Less,
}

impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TwoSided => "two-sided",
            Self::Greater => "greater",
            Self::Less => "less",
        })
    }
}

/// The outcome of a hypothesis test.
///
/// A test that cannot be computed is an [`Error`](crate::Error), never a NaN.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TestResult {
    /// Name of the test.
    pub name: String,
    /// The statistic.
    pub statistic: f64,
    /// The distribution to which it is referred under the null.
    pub distribution: Distribution,
    /// The null hypothesis, in words.
    pub null: String,
    /// The alternative.
    pub alternative: Alternative,
    /// The p-value.
    pub p_value: f64,
}

impl TestResult {
    /// A test whose upper tail speaks against the null (chi-squared, F).
    pub(crate) fn upper(
        name: impl Into<String>,
        statistic: f64,
        distribution: Distribution,
        null: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            statistic,
            distribution,
            null: null.into(),
            alternative: Alternative::Greater,
            p_value: distribution.upper_tail(statistic),
        }
    }

    /// A test by a symmetric distribution.
    pub(crate) fn symmetric(
        name: impl Into<String>,
        statistic: f64,
        distribution: Distribution,
        null: impl Into<String>,
        alternative: Alternative,
    ) -> Self {
        let p_value = match alternative {
            Alternative::TwoSided => distribution.two_tails(statistic),
            Alternative::Greater => distribution.upper_tail(statistic),
            Alternative::Less => distribution.upper_tail(-statistic),
        };
        Self {
            name: name.into(),
            statistic,
            distribution,
            null: null.into(),
            alternative,
            p_value,
        }
    }
}

impl fmt::Display for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, {}, p {} (null: {}",
            self.name,
            text::significant(self.statistic, 5),
            self.distribution,
            p_text(self.p_value),
            self.null
        )?;
        if matches!(
            self.distribution,
            Distribution::Normal
                | Distribution::T { .. }
                | Distribution::Empirical { .. }
                | Distribution::Arrangements { .. }
                | Distribution::QuadraticForm { .. }
        ) {
            write!(f, "; {}", self.alternative)?;
        }
        write!(f, ")")
    }
}

/// `= 0.0312`, `< 0.0001`.
fn p_text(p: f64) -> String {
    let text = text::p_value(p);
    text.strip_prefix('<')
        .map_or_else(|| format!("= {text}"), |small| format!("< {small}"))
}
