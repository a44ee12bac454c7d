//! Tests that dispersion differs between two dates, for the same units seen twice.

use ndarray::Array1;

use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, TestResult};

/// A test that the variance of logs is the same at two dates.
///
/// With v1, v2 the sample variances of ln y at the first and the last date, c their covariance, r = corr(x + y, x - y) and p the slope
/// of the last on the first:
///
/// | | statistic | reference |
/// |---|---|---|
/// | `PitmanMorgan` (default) | r sqrt((n - 2) / (1 - r²)) | t(n - 2), exact under bivariate normality at any n |
/// | `CarreeKlompRatio` (T2) | (n - 2.5) ln[1 + (v1 - v2)² / (4 (v1 v2 - c²))] | chi-squared(1) |
/// | `CarreeKlompSlope` (T3) | sqrt(n) (v1 / v2 - 1) / (2 sqrt(1 - p²)) | normal; undefined where p ≥ 1 |
/// | `Lichtenberg` (T1) | v1 / v2 | F(n - 2, n - 2), **invalid** for the same units seen twice: the two variances are dependent, and it misses convergence |
///
/// # References
///
/// Morgan (1939), Pitman (1939), Biometrika 31; Lichtenberg (1994), Review of Economics and Statistics 76; Carree and Klomp (1997), Review
/// of Economics and Statistics 79.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SigmaTest {
    /// Pitman and Morgan; positive where dispersion fell.
    #[default]
    PitmanMorgan,
    /// Carree and Klomp's likelihood ratio, T2.
    CarreeKlompRatio,
    /// Carree and Klomp's T3, one-sided towards a fall.
    CarreeKlompSlope,
    /// Lichtenberg's T1, one-sided towards a fall; for comparison only.
    Lichtenberg,
}

/// 1 - r² below this is rounding.
const PERFECT: f64 = 1e-13;

const NULL: &str = "the variance of logs is the same at both dates";

impl SigmaTest {
    /// The name that is printed.
    fn name(self) -> &'static str {
        match self {
            Self::PitmanMorgan => "Pitman-Morgan",
            Self::CarreeKlompRatio => "Carree-Klomp T2",
            Self::CarreeKlompSlope => "Carree-Klomp T3",
            Self::Lichtenberg => "Lichtenberg T1 (invalid: the two variances are dependent)",
        }
    }

    /// The test of two vectors of logs, in the same order of units.
    pub(crate) fn compute(self, first: &Array1<f64>, last: &Array1<f64>) -> Result<TestResult> {
        let count = first.len();
        if count < 4 {
            return Err(Error::TooFewUnits {
                what: "a test of sigma convergence".to_owned(),
                needed: 4,
                n: count,
            });
        }
        let n = count as f64;
        let (v1, v2, c) = (
            covariance(first, first),
            covariance(last, last),
            covariance(first, last),
        );
        for (x, what) in [(first, "first"), (last, "last")] {
            if x.iter().all(|v| v.to_bits() == x[0].to_bits()) {
                return Err(Error::Constant {
                    name: format!("the {what} date"),
                    what: "a test of its variance",
                });
            }
        }
        let undefined = |why: &str| Error::Unsupported {
            what: self.name().to_owned(),
            why: why.to_owned(),
        };
        // The determinant of the two variances and the covariance.
        let left = v1 * v2 - c * c;
        if !(left > PERFECT * v1 * v2)
            && matches!(self, Self::PitmanMorgan | Self::CarreeKlompRatio)
        {
            return Err(undefined(
                "the two dates are perfectly correlated, as where all units grew alike; compare other dates, or report the dispersions",
            ));
        }
        match self {
            Self::PitmanMorgan => {
                // r sqrt((n - 2) / (1 - r²)), with 1 - r² = 4 left / ((v1 + v2)² - 4c²)
                let r = covariance(&(first + last), &(first - last));
                let t = r * (0.25 * (n - 2.0) / left).sqrt();
                let reference = Distribution::T { df: n - 2.0 };
                Ok(TestResult::symmetric(
                    self.name(),
                    t,
                    reference,
                    NULL,
                    Alternative::TwoSided,
                ))
            }
            Self::CarreeKlompRatio => {
                let statistic = (n - 2.5) * (0.25 * (v1 - v2).powi(2) / left).ln_1p();
                Ok(TestResult::upper(
                    self.name(),
                    statistic,
                    Distribution::ChiSquared { df: 1.0 },
                    NULL,
                ))
            }
            Self::CarreeKlompSlope => {
                let slope = c / v1;
                if slope.abs() >= 1.0 - PERFECT {
                    return Err(undefined(
                        "the slope of the last date on the first is one or more in absolute value, and the statistic has the root of 1 - slope²; take `SigmaTest::PitmanMorgan`",
                    ));
                }
                let statistic = n.sqrt() * (v1 / v2 - 1.0) / (2.0 * (1.0 - slope * slope).sqrt());
                let greater = Alternative::Greater;
                Ok(TestResult::symmetric(
                    self.name(),
                    statistic,
                    Distribution::Normal,
                    NULL,
                    greater,
                ))
            }
            Self::Lichtenberg => {
                let reference = Distribution::F {
                    df1: n - 2.0,
                    df2: n - 2.0,
                };
                Ok(TestResult::upper(self.name(), v1 / v2, reference, NULL))
            }
        }
    }
}

/// Sample covariance, with n - 1.
fn covariance(x: &Array1<f64>, y: &Array1<f64>) -> f64 {
    let n = x.len() as f64;
    let (mx, my) = (x.sum() / n, y.sum() / n);
    x.iter()
        .zip(y)
        .map(|(a, b)| (a - mx) * (b - my))
        .sum::<f64>()
        / (n - 1.0)
}
