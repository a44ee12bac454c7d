//! Do the units of a panel depend on each other? Pesaran's CD, and the squares of the correlations.

use std::fmt;

use super::StochasticConvergence;
use super::dickey_fuller::{Regression, dot, norm};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, TestResult};
use crate::parallel::map_indexed;
use crate::regression::{Effects, Fit};
use crate::text::significant;

/// Dependence between the units of a panel, by the correlations of their residuals.
///
/// ```text
/// CD = sqrt(2 T / (n (n - 1))) Σ_(i<j) r_ij                                       N(0, 1)
/// z  = (Σ_(i<j) r_ij² - n (n - 1)/2 · E) / sqrt(n (n - 1)/2 · V),   E = 1/v, V = 2 (v - 1)/(v² (v + 2))     N(0, 1), upper tail
/// ```
///
/// r_ij are the correlations of residuals over the T periods that all units have, about their means; v = T - k, k the coefficients of a unit (its mean is one of them). E and V are
/// the moments of r² of independent normal residuals. The null of both is independence of units.
///
/// CD looks for correlations of one sign. **Where a mean over units was taken out of the data** (relative incomes, time effects), the correlations sum to about -n/2 by construction:
/// CD is then near -sqrt(T n / (2 (n - 1))), whatever the dependence that remains, and says nothing. The test of squares is read in its place; what the mean does to r² (1/(n - 1)²)
/// is taken out of it. [`test`](Self::test) is the one to be read.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{CrossDependence, Panel, Regression, Units};
/// let panel = Panel::from_columns(
///     &Units::range(3),
///     &[2000, 2001, 2002, 2003],
///     [("y", array![[1.0, 2.0, 5.0], [2.0, 3.0, 4.0], [1.5, 2.5, 6.0], [3.0, 4.5, 5.5]])],
/// )?;
/// let cd = CrossDependence::of_residuals(&Regression::of("y").fit(&panel)?)?;
/// assert!((cd.cd().statistic - 1.28493).abs() < 1e-5);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Breusch and Pagan (1980), Review of Economic Studies 47; Pesaran (2004), Cambridge Working Papers in Economics 0435; Pesaran, Ullah and Yamagata (2008), Econometrics Journal 11;
/// Juodis and Reese (2022), Journal of Business and Economic Statistics 40.
#[derive(Debug, Clone)]
#[doc(alias("pcdtest", "xtcsd", "xtcd", "CD test", "cross-sectional dependence"))]
#[must_use]
pub struct CrossDependence {
    of: String,
    n: usize,
    periods: usize,
    cd: TestResult,
    squares: TestResult,
    mean: f64,
    mean_absolute: f64,
    without_mean: bool,
}

const NULL: &str = "the units do not depend on each other";

impl StochasticConvergence {
    /// Dependence between units, by the residuals of their Dickey-Fuller regressions, before any panel test.
    ///
    /// The residuals of [`adf_all`](Self::adf_all), with the deterministic terms and lags in force, over the periods that all units have. Cost: n² T / 2.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] for fewer than two units; those of [`adf`](Self::adf).
    ///
    /// # References
    ///
    /// Pesaran (2007), Journal of Applied Econometrics 22, section 6.
    #[doc(alias("pcdtest", "CD"))]
    pub fn cross_dependence(&self) -> Result<CrossDependence> {
        self.require_units("a test of dependence between units", 2)?;
        self.dependence_of(&self.regressions()?)
    }

    pub(super) fn dependence_of(&self, regressions: &[Regression]) -> Result<CrossDependence> {
        let rows = regressions.iter().map(|r| r.rows).min().unwrap_or(0);
        let count: usize = regressions.iter().map(|r| r.count).sum();
        let residuals = regressions.iter();
        let residuals = residuals.map(|r| r.residuals[r.rows - rows..].to_vec());
        let of = format!("Dickey-Fuller regressions of {}", self.subject());
        let coefficients = count as f64 / regressions.len() as f64;
        CrossDependence::new(of, residuals.collect(), coefficients, self.without_mean())
    }
}

impl CrossDependence {
    /// Dependence between units by the residuals of a regression on a panel.
    ///
    /// Residuals are taken about their mean in each unit, as `plm::pcdtest` of R does.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a regression on a table; [`Error::TooFewUnits`] for fewer than two units; [`Error::TooFewPeriods`] for fewer than three.
    pub fn of_residuals(fit: &Fit) -> Result<Self> {
        let Some(periods) = fit.periods() else {
            return Err(Error::Unsupported {
                what: "dependence between the units of a table".to_owned(),
                why: "the correlation of two units is one over periods; fit a `Panel`, or take `Fit::residual_moran`".to_owned(),
            });
        };
        let t = periods.len();
        let n = fit.residuals().len() / t;
        let of_unit = |i: usize| (0..t).map(|p| fit.residuals()[p * n + i]).collect();
        let without_mean = matches!(fit.effects(), Effects::Time | Effects::TwoWays);
        let of = format!(
            "a regression with {}, {n} units, {t} periods",
            fit.effects()
        );
        Self::new(of, (0..n).map(of_unit).collect(), 1.0, without_mean)
    }

    /// Of residuals, one vector a unit, all of one length.
    fn new(
        of: String,
        mut residuals: Vec<Vec<f64>>,
        coefficients: f64,
        without_mean: bool,
    ) -> Result<Self> {
        let n = residuals.len();
        let periods = residuals.first().map_or(0, Vec::len);
        if n < 2 {
            return Err(Error::TooFewUnits {
                what: "a test of dependence between units".to_owned(),
                needed: 2,
                n,
            });
        }
        let v = periods as f64 - coefficients.max(1.0);
        if !(v > 1.0) {
            return Err(Error::TooFewPeriods {
                what: "a correlation of residuals".to_owned(),
                needed: coefficients.ceil() as usize + 2,
                periods,
            });
        }
        for (i, e) in residuals.iter_mut().enumerate() {
            let mean = e.iter().sum::<f64>() / periods as f64;
            let before = norm(e);
            for x in e.iter_mut() {
                *x -= mean;
            }
            let length = norm(e);
            if !(length > 1e-10 * before) {
                return Err(Error::Unsupported {
                    what: "dependence between units".to_owned(),
                    why: format!(
                        "the residuals of the unit at position {i} do not vary; leave it out with `Panel::without`"
                    ),
                });
            }
            for x in e.iter_mut() {
                *x /= length;
            }
        }
        let sums = map_indexed(n, |i| {
            let mut sums = [0.0; 3];
            for other in &residuals[..i] {
                let r = dot(&residuals[i], other);
                sums[0] += r;
                sums[1] += r.abs();
                sums[2] += r * r;
            }
            sums
        });
        let sum = |k: usize| sums.iter().map(|s| s[k]).sum::<f64>();
        let (n_, t) = (n as f64, periods as f64);
        let pairs = 0.5 * n_ * (n_ - 1.0);
        let mut expected = 1.0 / v;
        if without_mean {
            expected += (1.0 - expected) / (n_ - 1.0).powi(2);
        }
        let variance = 2.0 * (v - 1.0) / (v * v * (v + 2.0));
        let z = (sum(2) - pairs * expected) / (pairs * variance).sqrt();
        Ok(Self {
            of,
            n,
            periods,
            cd: TestResult::symmetric(
                "Pesaran's CD",
                (t / pairs).sqrt() * sum(0),
                Distribution::Normal,
                NULL,
                Alternative::TwoSided,
            ),
            squares: TestResult::symmetric(
                "squared correlations",
                z,
                Distribution::Normal,
                NULL,
                Alternative::Greater,
            ),
            mean: sum(0) / pairs,
            mean_absolute: sum(1) / pairs,
            without_mean,
        })
    }

    /// The test to be read: that of squares where a mean over units was taken out of the data, otherwise CD.
    #[must_use]
    pub fn test(&self) -> &TestResult {
        if self.without_mean {
            &self.squares
        } else {
            &self.cd
        }
    }

    /// Pesaran's CD.
    #[must_use]
    pub fn cd(&self) -> &TestResult {
        &self.cd
    }

    /// The test of the squared correlations.
    #[must_use]
    #[doc(alias("scaled LM", "Breusch-Pagan LM"))]
    pub fn squares(&self) -> &TestResult {
        &self.squares
    }

    /// The mean of the correlations of all pairs.
    #[must_use]
    pub fn mean_correlation(&self) -> f64 {
        self.mean
    }

    /// The mean of their absolute values.
    #[must_use]
    pub fn mean_absolute_correlation(&self) -> f64 {
        self.mean_absolute
    }

    /// Number of periods over which residuals are correlated.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.periods
    }

    /// Where a mean over units was taken out, about what CD is without any further dependence.
    #[must_use]
    pub fn expected_cd(&self) -> Option<f64> {
        let (n, t) = (self.n as f64, self.periods as f64);
        self.without_mean
            .then(|| -(t * n / (2.0 * (n - 1.0))).sqrt())
    }
}

impl fmt::Display for CrossDependence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Dependence between units, residuals of {}", self.of)?;
        writeln!(
            f,
            "{} pairs over {} periods: mean correlation {}, mean absolute correlation {}",
            self.n * (self.n - 1) / 2,
            self.periods,
            significant(self.mean, 4),
            significant(self.mean_absolute, 4)
        )?;
        writeln!(f, "{}", self.cd)?;
        writeln!(f, "{}", self.squares)?;
        if let Some(expected) = self.expected_cd() {
            writeln!(
                f,
                "A mean over units was taken out, which makes CD about {} by itself: read the squares",
                significant(expected, 4)
            )?;
        }
        Ok(())
    }
}
