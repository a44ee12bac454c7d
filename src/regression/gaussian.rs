//! The normal likelihood at its maximum over the variance.

use ndarray::Array1;

use crate::error::{Error, Result};

/// An error where the residuals are rounding only.
#[allow(clippy::float_cmp)]
pub(crate) fn check_not_exact(sse: f64, y: &Array1<f64>) -> Result<()> {
    let mean = y.sum() / y.len() as f64;
    let total: f64 = y.iter().map(|v| (v - mean).powi(2)).sum();
    if sse > 1e-22 * total.max(mean * mean * 1e-8) {
        return Ok(());
    }
    let varies = y.iter().any(|v| *v != y[0]);
    if varies && !total.is_normal() {
        return Err(Error::Unsupported {
            what: "a regression of a response of this size".to_owned(),
            why: "the squares of its values leave the range of floating-point numbers; take another unit of measurement".to_owned(),
        });
    }
    Err(Error::Unsupported {
        what: "a regression that fits exactly".to_owned(),
        why: "the residual variance is zero, so that nothing can be inferred; the response is constant or a combination of the regressors".to_owned(),
    })
}

/// -n/2 (ln 2 pi + ln(sse / n) + 1), the maximum of the normal log-likelihood over the variance.
pub(crate) fn concentrated(n: usize, sse: f64) -> f64 {
    let n = n as f64;
    -0.5 * n * ((2.0 * std::f64::consts::PI).ln() + (sse / n).ln() + 1.0)
}
