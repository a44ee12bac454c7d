//! Do the units of a panel depend on each other? Pesaran's CD, and the squares of the correlations.

use std::fmt;

use super::StochasticConvergence;
use super::adf::{less_means, walk};
use super::dickey_fuller::{Columns, Regression, dot, left, norm, subtract};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Draws, TestResult};
use crate::parallel::{map_indexed, map_with_memory};
use crate::random::Stream;
use crate::regression::{Effects, Fit};
use crate::text::significant;

/// Dependence between the units of a panel, by the correlations of their residuals.
///
/// ```text
/// CD = sqrt(2 T / (n (n - 1))) Σ_(i<j) r_ij                        N(0, 1)
/// z  = Σ_(i<j) (r_ij² - E_ij) / sqrt(Σ_(i<j) V_ij)                 N(0, 1), upper tail
///
/// E_ij = tr(M_i M_j) / (v_i v_j)
/// V_ij = 3 (tr(M_i M_j)² + 2 tr((M_i M_j)²)) / (v_i (v_i + 2) v_j (v_j + 2)) - E_ij²
/// ```
///
/// r_ij are the correlations of residuals over the T periods that all units have, about their means; M_i takes out what the k_i regressors of unit i (the mean is one of them) span,
/// v_i = T - k_i. E and V are the moments of r² of independent normal residuals, given the regressors; where all units have the same ones E is 1/v. The null of both is independence of units.
/// **A lagged level is made of the errors**: of Dickey-Fuller residuals, above all with a trend and few periods, take
/// [`StochasticConvergence::cross_dependence_simulated`].
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
    mean_square: f64,
    without_mean: bool,
}

const NULL: &str = "the units do not depend on each other";

/// The residuals of a unit, and an orthonormal basis of what was taken out of them, the constant among it.
struct Residuals {
    residuals: Vec<f64>,
    basis: Vec<Vec<f64>>,
}

impl Residuals {
    fn new(residuals: Vec<f64>, regressors: impl IntoIterator<Item = Vec<f64>>) -> Self {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let constant = vec![1.0; residuals.len()];
        for mut column in std::iter::once(constant).chain(regressors) {
            let before = norm(&column);
            for done in &basis {
                let part = dot(done, &column);
                subtract(&mut column, part, done);
            }
            let left = norm(&column);
            if left > RANK * before {
                for x in &mut column {
                    *x /= left;
                }
                basis.push(column);
            }
        }
        Self { residuals, basis }
    }

    /// Residuals about their mean, of length one; false where they do not vary.
    fn standardize(&mut self) -> bool {
        standardize(&mut self.residuals)
    }

    /// Mean and variance of r² of independent normal residuals, given the regressors of both.
    fn moments(&self, other: &Self) -> (f64, f64) {
        let (k, l) = (self.basis.len(), other.basis.len());
        // The cosines between both bases, and their products C C'.
        let cosines: Vec<Vec<f64>> = self
            .basis
            .iter()
            .map(|a| other.basis.iter().map(|b| dot(a, b)).collect())
            .collect();
        let (mut first, mut second) = (0.0, 0.0);
        for (i, a) in cosines.iter().enumerate() {
            for (j, b) in cosines.iter().enumerate() {
                let product = dot(a, b);
                second += product * product;
                if i == j {
                    first += product;
                }
            }
        }
        let rest = self.residuals.len() as f64 - (k + l) as f64;
        let (first, second) = (rest + first, rest + second);
        let (v, w) = (rest + l as f64, rest + k as f64);
        let expected = first / (v * w);
        let fourth = 3.0 * (first * first + 2.0 * second) / (v * (v + 2.0) * w * (w + 2.0));
        (expected, fourth - expected * expected)
    }
}

/// About the mean, of length one; false where there is no variation.
fn standardize(e: &mut [f64]) -> bool {
    let before = norm(e);
    let mean = e.iter().sum::<f64>() / e.len() as f64;
    for x in e.iter_mut() {
        *x -= mean;
    }
    let length = norm(e);
    for x in e.iter_mut() {
        *x /= length;
    }
    length > RANK * before
}

/// A column that keeps less than this share of its length beside others is a combination of them.
const RANK: f64 = 1e-10;

impl StochasticConvergence {
    /// Dependence between units, by the residuals of their Dickey-Fuller regressions, before any panel test.
    ///
    /// The residuals of [`adf_all`](Self::adf_all), with the deterministic terms and lags in force, over the periods that all units have. Cost: n² T k² / 2, k the number of coefficients.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] for one unit, or two relative to a mean, whose gaps are mirror images; those of [`adf`](Self::adf).
    ///
    /// # References
    ///
    /// Pesaran (2007), Journal of Applied Econometrics 22, section 6.
    #[doc(alias("pcdtest", "CD"))]
    pub fn cross_dependence(&self) -> Result<CrossDependence> {
        self.require_panel("a test of dependence between units")?;
        self.dependence_of(&self.regressions()?)
    }

    /// The same, with p-values from draws: independent random walks of these n, T, lags and deterministic terms, less their mean where a mean over units was taken out.
    ///
    /// The moments E and V of [`CrossDependence`] hold given the regressors. y_(t-1) is made of the errors themselves, so that squared correlations of independent gaps are larger than E: with a
    /// trend and few periods the test of squares by the normal rejects far too often, the more so the more units there are. Here its z is about the mean and in the standard deviation of the draws. The
    /// draws have a unit root; gaps that return faster have less to correct, and the test is then cautious. Cost: n² T / 2 for each draw.
    ///
    /// # Errors
    ///
    /// As [`cross_dependence`](Self::cross_dependence); [`Error::InvalidOption`] for fewer than 100 draws.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::Array2;
    /// use spatialecon::{Deterministic, Draws, Lags, Panel, StochasticConvergence, Units};
    /// // Three units, two of which move alike.
    /// let years: Vec<i32> = (2000..2020).collect();
    /// let values = Array2::from_shape_fn((20, 3), |(t, i)| {
    ///     let (t, i) = (t as f64, i as f64);
    ///     (1.7 * t * t).sin() + if i > 1.0 { (2.9 * t * t).cos() * 9.0 } else { 0.1 * (1.1 * t * t + i).sin() }
    /// });
    /// let panel = Panel::from_columns(&Units::range(3), &years, [("gap", values)])?;
    /// let gaps = StochasticConvergence::of_series(&panel, "gap")?.lags(Lags::Fixed(0));
    /// let dependence = gaps.cross_dependence_simulated(Draws::new(999).seed(1))?;
    /// assert_eq!(dependence.squares().p_value, 0.001);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn cross_dependence_simulated(&self, draws: Draws) -> Result<CrossDependence> {
        self.require_panel("a test of dependence between units")?;
        self.dependence_by_draws(&self.regressions()?, draws.checked()?)
    }

    /// Dependence for a note: by draws where these take no time, else by the normal.
    pub(super) fn dependence_for_note(
        &self,
        regressions: &[Regression],
    ) -> Result<CrossDependence> {
        const DRAWS: usize = 199;
        const MOST: usize = 1_000_000_000;
        let n = regressions.len();
        if DRAWS * n * n / 2 * self.periods.len() <= MOST {
            self.dependence_by_draws(regressions, (DRAWS, 0))
        } else {
            self.dependence_of(regressions)
        }
    }

    fn dependence_by_draws(
        &self,
        regressions: &[Regression],
        (count, seed): (usize, u64),
    ) -> Result<CrossDependence> {
        let mut found = self.dependence_of(regressions)?;
        let (n, t) = (regressions.len(), self.periods.len());
        let rows = regressions.iter().map(|r| r.rows).min().unwrap_or(0);
        let memory = || (Columns::default(), vec![0.0; n * t], vec![0.0; n * rows]);
        let sums = map_with_memory(count, memory, |(columns, walks, residuals), r| {
            let mut stream = Stream::new(seed, r as u64);
            walks.chunks_exact_mut(t).for_each(|y| walk(&mut stream, y));
            if self.without_mean() {
                less_means(walks, t);
            }
            let units = walks.chunks_exact(t).zip(regressions);
            for (e, (y, own)) in residuals.chunks_exact_mut(rows).zip(units) {
                let all = left(columns, y, self.deterministic, own.lag).ok()?;
                e.copy_from_slice(&all[all.len() - rows..]);
                standardize(e);
            }
            let (mut sum, mut squares) = (0.0, 0.0);
            for (i, e) in residuals.chunks_exact(rows).enumerate() {
                for other in residuals.chunks_exact(rows).take(i) {
                    let r = dot(e, other);
                    sum += r;
                    squares += r * r;
                }
            }
            Some((sum, squares))
        });
        let Some(sums) = sums.into_iter().collect::<Option<Vec<_>>>() else {
            return Err(Error::Unsupported {
                what: "draws of dependence between units".to_owned(),
                why: "a draw has no residuals, as there are too few periods for the lags; take fewer lags"
                    .to_owned(),
            });
        };
        let r = count as f64;
        let share = |beyond: &dyn Fn(&(f64, f64)) -> bool| {
            (1.0 + sums.iter().filter(|s| beyond(s)).count() as f64) / (1.0 + r)
        };
        let pairs = 0.5 * (n * (n - 1)) as f64;
        let (sum, squares) = (found.mean * pairs, found.mean_square * pairs);
        let (below, above) = (share(&|s| s.0 <= sum), share(&|s| s.0 >= sum));
        let mean = sums.iter().map(|s| s.1).sum::<f64>() / r;
        let variance = sums.iter().map(|s| (s.1 - mean).powi(2)).sum::<f64>() / (r - 1.0);
        let distribution = Distribution::Empirical { draws: count };
        found.cd.distribution = distribution;
        found.cd.p_value = (2.0 * below.min(above)).min(1.0);
        found.squares.distribution = distribution;
        found.squares.statistic = (squares - mean) / variance.sqrt();
        found.squares.p_value = share(&|s| s.1 >= squares);
        Ok(found)
    }

    pub(super) fn dependence_of(&self, regressions: &[Regression]) -> Result<CrossDependence> {
        let rows = regressions.iter().map(|r| r.rows).min().unwrap_or(0);
        let units = regressions.iter().map(|r| {
            let tail = |column: &[f64]| column[r.rows - rows..].to_vec();
            let regressors = r.basis.chunks_exact(r.rows).map(tail);
            Residuals::new(tail(&r.residuals), regressors)
        });
        let of = format!("Dickey-Fuller regressions of {}", self.subject());
        CrossDependence::new(of, units.collect(), self.without_mean())
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
        let of_unit = |i: usize| {
            let residuals = (0..t).map(|p| fit.residuals()[p * n + i]);
            Residuals::new(residuals.collect(), [])
        };
        let without_mean = matches!(fit.effects(), Effects::Time | Effects::TwoWays);
        let of = format!(
            "a regression with {}, {n} units, {t} periods",
            fit.effects()
        );
        Self::new(of, (0..n).map(of_unit).collect(), without_mean)
    }

    /// Of the residuals of all units, over the same periods.
    fn new(of: String, mut units: Vec<Residuals>, without_mean: bool) -> Result<Self> {
        let n = units.len();
        let periods = units.first().map_or(0, |u| u.residuals.len());
        if n < 2 {
            return Err(Error::TooFewUnits {
                what: "a test of dependence between units".to_owned(),
                needed: 2,
                n,
            });
        }
        let most = units.iter().map(|u| u.basis.len()).max().unwrap_or(0);
        if periods < most + 2 {
            return Err(Error::TooFewPeriods {
                what: "a correlation of residuals".to_owned(),
                needed: most + 2,
                periods,
            });
        }
        for (i, unit) in units.iter_mut().enumerate() {
            if !unit.standardize() {
                return Err(Error::Unsupported {
                    what: "dependence between units".to_owned(),
                    why: format!(
                        "the residuals of the unit at position {i} do not vary; leave it out with `Panel::without`"
                    ),
                });
            }
        }
        let (n_, t) = (n as f64, periods as f64);
        // What a mean of the n units that was taken out does to r².
        let by_mean = if without_mean {
            (n_ - 1.0).powi(-2)
        } else {
            0.0
        };
        let sums = map_indexed(n, |i| {
            let mut sums = [0.0; 5];
            for other in &units[..i] {
                let r = dot(&units[i].residuals, &other.residuals);
                let (expected, variance) = units[i].moments(other);
                let of_pair = [
                    r,
                    r.abs(),
                    r * r,
                    expected + by_mean * (1.0 - expected),
                    variance,
                ];
                for (sum, x) in sums.iter_mut().zip(of_pair) {
                    *sum += x;
                }
            }
            sums
        });
        let sum = |k: usize| sums.iter().map(|s| s[k]).sum::<f64>();
        let pairs = 0.5 * n_ * (n_ - 1.0);
        let z = (sum(2) - sum(3)) / sum(4).sqrt();
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
            mean_square: sum(2) / pairs,
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
