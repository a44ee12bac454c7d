//! What the printed results of the global statistics have in common.

use std::fmt;

use super::moran::Assumption;
use crate::error::{Error, Result};
use crate::inference::{Alternative, Note, TestResult};
use crate::text;
use crate::weights::Weights;

/// A line for each assumption: variance, z and p; `none` where there is no test.
pub(super) fn assumptions(
    f: &mut fmt::Formatter<'_>,
    assumptions: &[Assumption],
    variance: impl Fn(Assumption) -> Result<f64>,
    test: impl Fn(Assumption, Alternative) -> Result<TestResult>,
) -> fmt::Result {
    let mut layout = text::Layout::new();
    layout.row(["", "variance", "z", "p (two-sided)"]);
    for &assumption in assumptions {
        let (variance, test) = (
            variance(assumption),
            test(assumption, Alternative::TwoSided),
        );
        match (variance, test) {
            (Ok(variance), Ok(test)) => layout.row([
                assumption.to_string(),
                text::significant(variance, 5),
                text::significant(test.statistic, 5),
                text::p_value(test.p_value),
            ]),
            _ => layout.row([assumption.to_string().as_str(), "none", "none", "none"]),
        };
    }
    write!(f, "{layout}")
}

/// How many units have no neighbour, where there are any.
pub(super) fn islands(w: &Weights) -> Vec<Note> {
    let pattern = &w.csr().pattern;
    let count = (0..pattern.n())
        .filter(|&i| pattern.row(i).is_empty())
        .count();
    if count == 0 {
        return Vec::new();
    }
    vec![Note::Islands { count }]
}

/// A variance that is zero makes no test.
pub(super) fn checked_variance(variance: f64, what: &str, statistic: &str) -> Result<f64> {
    if variance > 0.0 {
        return Ok(variance);
    }
    Err(Error::Unsupported {
        what: format!("a test of {what}"),
        why: format!(
            "its variance is zero: every arrangement of the values over these weights gives the same {statistic}"
        ),
    })
}
