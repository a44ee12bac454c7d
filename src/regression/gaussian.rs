//! The normal likelihood at its maximum over the variance.

use ndarray::Array1;

use crate::error::{Error, Result};

/// An error where the residuals are rounding only.
#[allow(clippy::float_cmp)]
pub(crate) fn check_not_exact(sse: f64, y: &Array1<f64>) -> Result<()> {
    let mean = y.sum() / y.len() as f64;
    let total: f64 = y.iter().map(|v| (v - mean).powi(2)).sum();
    // Sums of n terms round by some roots of n; how many depends on the backend. A response without any variation is fitted by the constant, or
    // nowhere near.
    let n = y.len() as f64;
    let varies = y.iter().any(|v| *v != y[0]);
    let share = if varies {
        10.0 * n.sqrt().max(10.0) * f64::EPSILON
    } else {
        1e-8
    };
    let rounding = n * (share * mean).powi(2);
    if sse > rounding.max(1e-22 * total) {
        return Ok(());
    }
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

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use crate::random::Stream;
    use crate::{Error, Regression, Table};

    #[test]
    fn rounding_of_a_constant_response_is_no_variance() {
        let mut s = Stream::new(1, 0);
        for n in [60, 1500, 20_000] {
            for size in [0.3, 3.0, 1e9] {
                let x: Array1<f64> = (0..n).map(|_| s.normal()).collect();
                let y = Array1::from_elem(n, size);
                let table = Table::from_columns([("x", x), ("y", y)]).unwrap();
                let e = Regression::of("y").on(["x"]).fit(&table).unwrap_err();
                assert!(matches!(e, Error::Unsupported { .. }), "{e}");
            }
        }
    }

    #[test]
    fn a_small_variance_round_a_large_mean_is_one() {
        let mut s = Stream::new(1, 0);
        let x: Array1<f64> = (0..100).map(|_| s.normal()).collect();
        let y: Array1<f64> = (0..100).map(|_| 1e9 + s.normal()).collect();
        let table = Table::from_columns([("x", x), ("y", y)]).unwrap();
        let fit = Regression::of("y").on(["x"]).fit(&table).unwrap();
        assert!((fit.sigma2() - 1.0).abs() < 0.4);
    }
}
