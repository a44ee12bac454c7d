//! The fitted Solow model: the restriction, the implied shares and speeds.

use std::fmt;

use super::structural::{RATE, delta, nonzero};
use super::{both, difference};
use crate::convergence::growth::{Growth, INITIAL};
use crate::convergence::speed::Speed;
use crate::data::Table;
use crate::error::{Error, Result};
use crate::inference::{Distribution, Estimate, TestResult};
use crate::regression::{Fit, Vcov};
use crate::text::{p_value, significant};

/// A Solow model that was fitted, without and with the restriction that the coefficients of ln s, ln s_h and ln(n + g + delta) sum to
/// zero; made by [`Solow::levels`](crate::Solow::levels) and [`Solow::growth`](crate::Solow::growth).
///
/// From the restricted equation, with theta = 1 in levels and theta = -B in growth,
///
/// ```text
/// alpha = b_k / (theta + b_k + b_h)      eta = b_h / (theta + b_k + b_h)
/// lambda = -ln(1 + B) / T                in growth
/// ```
///
/// with delta-method standard errors. Nothing holds alpha and eta in (0, 1): values outside speak against the model.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Solow, Table};
/// let table = Table::from_columns([
///     ("y0", array![900.0, 2100.0, 3900.0, 5200.0, 8800.0, 9900.0, 12000.0, 15000.0]),
///     ("y1", array![1000.0, 3100.0, 5200.0, 8000.0, 12500.0, 13900.0, 16400.0, 19000.0]),
///     ("invest", array![0.08, 0.15, 0.12, 0.18, 0.22, 0.21, 0.25, 0.24]),
///     ("n", array![0.029, 0.025, 0.027, 0.018, 0.012, 0.015, 0.008, 0.006]),
/// ])?;
/// let fit = Solow::of("y0").saving("invest").population_growth("n").growth(&table, "y1", 25.0)?;
/// // n + g + delta is 0.0675 on average.
/// let structural = 0.0675 * (1.0 - fit.alpha()?.value);
/// assert!((fit.structural_speed()?.value - structural).abs() < 1e-12);
/// assert!(fit.restriction()?.p_value > 0.0 && fit.eta()?.is_none());
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Mankiw, Romer and Weil (1992), Quarterly Journal of Economics 107.
#[derive(Debug, Clone)]
pub struct SolowFit {
    unrestricted: Fit,
    restricted: Fit,
    shares: Vec<String>,
    rate: f64,
    growth: Option<Growth>,
}

impl SolowFit {
    pub(crate) fn of(
        response: &str,
        table: &Table,
        shares: &[String],
        rate: f64,
        growth: Option<&Growth>,
    ) -> Result<Self> {
        let (free, bound) = both(response, shares, growth.is_some());
        Ok(Self {
            unrestricted: free.fit(table)?,
            restricted: bound.fit(table)?,
            shares: shares.to_vec(),
            rate,
            growth: growth.cloned(),
        })
    }

    /// The same fits with another covariance of the coefficients; HC3 in small samples.
    ///
    /// # Errors
    ///
    /// As [`Fit::with_vcov`].
    pub fn with_vcov(self, kind: Vcov) -> Result<Self> {
        Ok(Self {
            unrestricted: self.unrestricted.with_vcov(kind)?,
            restricted: self.restricted.with_vcov(kind)?,
            ..self
        })
    }

    /// The regression on `ln_` saving, (`ln_` schooling,) `ln_n_g_delta` (and `ln_initial`).
    #[must_use]
    pub fn unrestricted(&self) -> &Fit {
        &self.unrestricted
    }

    /// The regression on ln s - ln(n + g + delta), named `ln_` saving `_over_n_g_delta` (, the same of schooling) (and `ln_initial`).
    #[must_use]
    pub fn restricted(&self) -> &Fit {
        &self.restricted
    }

    /// The growth that was regressed; none in levels.
    #[must_use]
    pub fn growth(&self) -> Option<&Growth> {
        self.growth.as_ref()
    }

    /// The test that the coefficients of ln s, ln s_h and ln(n + g + delta) sum to zero: F(1, n - k) of the unrestricted fit, with its covariance. With
    /// the classical one it is (e_r'e_r - e'e) / s².
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the regression fits perfectly.
    pub fn restriction(&self) -> Result<TestResult> {
        let factors: Vec<(&str, f64)> = self
            .shares
            .iter()
            .map(String::as_str)
            .chain([RATE])
            .map(|n| (n, 1.0))
            .collect();
        let wald = self.unrestricted.wald_restrictions(&[(&factors, 0.0)])?;
        let df2 = match self.unrestricted.distribution() {
            Distribution::T { df } => df,
            _ => f64::INFINITY,
        };
        Self::finite(wald.statistic)?;
        Ok(TestResult::upper(
            "F",
            wald.statistic,
            Distribution::F { df1: 1.0, df2 },
            wald.null,
        ))
    }

    /// The likelihood ratio test of the same restriction, n ln(e_r'e_r / e'e), chi-squared with one degree of freedom.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the regression fits perfectly.
    pub fn restriction_lr(&self) -> Result<TestResult> {
        let gain = self.unrestricted.log_likelihood() - self.restricted.log_likelihood();
        Self::finite(gain)?;
        Ok(TestResult::upper(
            "Likelihood ratio",
            2.0 * gain,
            Distribution::ChiSquared { df: 1.0 },
            format!("{} + {RATE} = 0", self.shares.join(" + ")),
        ))
    }

    fn finite(statistic: f64) -> Result<()> {
        if statistic.is_finite() {
            return Ok(());
        }
        Err(Error::Unsupported {
            what: "a test of the restriction of the Solow model".to_owned(),
            why: "the unrestricted regression fits perfectly, so that there is no variance to test with; use more units".to_owned(),
        })
    }

    /// The implied share of physical capital in income.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where theta + b_k + b_h is zero.
    pub fn alpha(&self) -> Result<Estimate> {
        self.share("alpha", 0)
    }

    /// The implied share of human capital in income; `None` without schooling.
    ///
    /// # Errors
    ///
    /// As [`alpha`](Self::alpha).
    pub fn eta(&self) -> Result<Option<Estimate>> {
        (self.shares.len() > 1)
            .then(|| self.share("eta", 1))
            .transpose()
    }

    /// b_j / (theta + sum of b).
    fn share(&self, name: &str, j: usize) -> Result<Estimate> {
        let (names, b, theta) = self.parts()?;
        let sum = Self::denominator(&b, theta)?;
        let derivatives = self.by_name(
            &names,
            |i| {
                let own = if i == j { 1.0 / sum } else { 0.0 };
                own - b[j] / (sum * sum)
            },
            b[j] / (sum * sum),
        );
        delta(&self.restricted, name, b[j] / sum, &derivatives)
    }

    /// 1 - alpha - eta = theta / (theta + sum of b), times the mean of n + g + delta: the speed at which the model says that a unit with the mean
    /// population growth nears its steady state, per year.
    ///
    /// Its standard error takes n + g + delta as known.
    ///
    /// # Errors
    ///
    /// As [`alpha`](Self::alpha).
    pub fn structural_speed(&self) -> Result<Estimate> {
        let (names, b, theta) = self.parts()?;
        let sum = Self::denominator(&b, theta)?;
        // The derivative by B is minus that by theta.
        let by_theta = self.rate * (sum - theta) / (sum * sum);
        let derivatives = self.by_name(&names, |_| -self.rate * theta / (sum * sum), -by_theta);
        delta(
            &self.restricted,
            "structural speed",
            self.rate * theta / sum,
            &derivatives,
        )
    }

    /// The speed of convergence lambda = -ln(1 + B) / T that the coefficient of ln y_0 of the restricted fit implies; of the
    /// unrestricted one by [`unrestricted_speed`](Self::unrestricted_speed).
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`] where 1 + B ≤ 0; [`Error::Unsupported`] in levels.
    pub fn speed(&self) -> Result<Speed> {
        self.speed_of(&self.restricted)
    }

    /// The speed of convergence of the unrestricted fit.
    ///
    /// # Errors
    ///
    /// As [`speed`](Self::speed).
    pub fn unrestricted_speed(&self) -> Result<Speed> {
        self.speed_of(&self.unrestricted)
    }

    fn speed_of(&self, fit: &Fit) -> Result<Speed> {
        let Some(growth) = &self.growth else {
            return Err(Error::Unsupported {
                what: "a speed of convergence from levels".to_owned(),
                why: "it needs growth on the initial level, `Solow::growth`; what the model says of it is `structural_speed`".to_owned(),
            });
        };
        let initial = fit.coefficient(INITIAL)?;
        Speed::new("speed", &initial, growth.convention(), growth.span())
    }

    /// The names and values of the coefficients of the restricted fit, and theta.
    fn parts(&self) -> Result<(Vec<String>, Vec<f64>, f64)> {
        let names: Vec<String> = self.shares.iter().map(|s| difference(s)).collect();
        let b = names
            .iter()
            .map(|n| Ok(self.restricted.coefficient(n)?.value))
            .collect::<Result<Vec<f64>>>()?;
        let theta = match self.growth {
            Some(_) => -self.restricted.coefficient(INITIAL)?.value,
            None => 1.0,
        };
        Ok((names, b, theta))
    }

    fn denominator(b: &[f64], theta: f64) -> Result<f64> {
        let mut terms = b.to_vec();
        terms.push(theta);
        nonzero(
            terms.iter().sum(),
            &terms,
            "the shares of capital",
            "theta + b_k + b_h is zero, so that no share solves the model; report the coefficients",
        )
    }

    /// Derivatives by the coefficients of the shares, and in growth by B.
    fn by_name<'a>(
        &self,
        names: &'a [String],
        by_share: impl Fn(usize) -> f64,
        by_initial: f64,
    ) -> Vec<(&'a str, f64)> {
        let shares = names
            .iter()
            .enumerate()
            .map(|(i, n)| (n.as_str(), by_share(i)));
        let initial = self.growth.is_some().then_some((INITIAL, by_initial));
        shares.chain(initial).collect()
    }
}

impl fmt::Display for SolowFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.growth {
            Some(g) => writeln!(
                f,
                "Solow model of growth of {}; {}",
                g.label(),
                g.convention()
            )?,
            None => writeln!(f, "Solow model of levels")?,
        }
        write!(f, "Unrestricted. {}", self.unrestricted)?;
        write!(f, "Restricted. {}", self.restricted)?;
        for test in [self.restriction(), self.restriction_lr()] {
            match test {
                Ok(test) => writeln!(f, "{test}")?,
                Err(e) => writeln!(f, "{e}")?,
            }
        }
        show(f, "Implied alpha", self.alpha())?;
        if let Some(eta) = self.eta().transpose() {
            show(f, "Implied eta", eta)?;
        }
        if self.growth.is_some() {
            show(
                f,
                "Implied speed a year",
                self.speed().map(|s| s.estimate().clone()),
            )?;
        }
        let shares = if self.shares.len() > 1 {
            "1 - alpha - eta"
        } else {
            "1 - alpha"
        };
        show(
            f,
            &format!("Structural speed a year, (n + g + delta)({shares})"),
            self.structural_speed(),
        )
    }
}

/// A quantity with its standard error, or why there is none.
pub(crate) fn show(f: &mut fmt::Formatter<'_>, name: &str, of: Result<Estimate>) -> fmt::Result {
    match of {
        Ok(e) => writeln!(
            f,
            "{name}: {} (se {}, p {})",
            significant(e.value, 5),
            significant(e.std_error, 4),
            p_value(e.p_value())
        ),
        Err(e) => writeln!(f, "{name}: {e}"),
    }
}
