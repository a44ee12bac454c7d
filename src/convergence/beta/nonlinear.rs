//! Nonlinear least squares of the growth equation, in which the speed is a parameter.

use std::fmt;

use ndarray::{Array1, Array2};

use super::BetaConvergence;
use crate::convergence::growth::Convention;
use crate::convergence::speed::Speed;
use crate::error::{Error, Result};
use crate::inference::Estimate;
use crate::linalg::least_squares::solve;
use crate::linalg::triangular::inverse_cross_product;
use crate::regression::Vcov;
use crate::text::{Layout, p_value, significant};

/// The growth equation of Barro and Sala-i-Martin, fitted by nonlinear least squares with the speed s as a parameter.
///
/// (1/T) ln(y_T / y_0) = a - [(1 - exp(-sT)) / T] ln y_0 + X d + u; for total growth both sides times T. It is the linear regression in another
/// parameter, b = -(1 - exp(-sT)) / T: sum of squares, speed, standard error and the other coefficients are those of
/// [`BetaConvergence`], whichever covariance is chosen. Where they are not, a program has a mistake; this one is checked so.
///
/// # References
///
/// Barro and Sala-i-Martin (1992), Journal of Political Economy 100: 223-251.
#[derive(Debug, Clone)]
#[doc(alias("betaconv.nls", "nls", "nl"))]
pub struct NonlinearBeta {
    speed: Speed,
    coefficients: Vec<Estimate>,
    sse: f64,
    iterations: usize,
    label: String,
    convention: Convention,
    n: usize,
    vcov: Vcov,
}

/// Steps of Gauss and Newton, and halvings of one of them.
const MOST_STEPS: usize = 500;
const MOST_HALVINGS: usize = 60;
/// The iteration ends after a step of s T smaller than this: the next one is about its square.
const LAST_STEP: f64 = 1e-9;

impl BetaConvergence {
    /// The same equation by nonlinear least squares, with the speed as a parameter; see [`NonlinearBeta`].
    ///
    /// Gauss-Newton steps from a speed of zero, halved until the sum of squares falls. OLS, with weights of the observations or without, and SLX.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`] where 1 + bT ≤ 0: the sum of squares falls without end as the speed grows. [`Error::Unsupported`] for models
    /// with rho, lambda or variances by group. [`Error::NotConverged`].
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{BetaConvergence, Growth, Table};
    /// let table = Table::from_columns([
    ///     ("y0", array![100.0, 150.0, 220.0, 400.0, 700.0]),
    ///     ("y1", array![190.0, 240.0, 330.0, 520.0, 830.0]),
    /// ])?;
    /// let growth = Growth::of_columns(&table, "y0", "y1", 20.0)?;
    /// let beta = BetaConvergence::fit(&growth, &growth.regression())?;
    /// let nls = beta.nonlinear()?;
    /// assert!((nls.speed().value() - 0.013296).abs() < 1e-6);
    /// assert!((nls.speed().std_error() / beta.speed()?.std_error() - 1.0).abs() < 1e-10);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn nonlinear(&self) -> Result<NonlinearBeta> {
        let (fit, growth) = (self.regression(), self.growth());
        if !fit.is_least_squares() {
            return Err(Error::Unsupported {
                what: format!("nonlinear least squares of a {} by maximum likelihood", fit.model().abbreviation()),
                why: "the speed of a model with rho comes from its impacts, and with lambda or variances by group the fit is not of least squares; take `speed`".to_owned(),
            });
        }
        // The error of 1 + bT <= 0.
        self.speed()?;
        let design = &fit.sample.design;
        let names = &design.names;
        let at = self.at();
        let equation = Equation {
            z: design.weighted_x().to_owned(),
            y: design.weighted(design.y.view()),
            at,
            span: growth.span(),
            scale: growth.multiplier(),
        };
        let found = equation.minimize()?;
        let k = names.len();
        let mut variances: Vec<f64> = match fit.vcov_kind() {
            Vcov::Classical => {
                let sigma2 = found.sse / (fit.n() - k) as f64;
                (inverse_cross_product(found.r.view()) * sigma2)
                    .diag()
                    .to_vec()
            }
            // The columns of the Jacobian are those of X, one of them times h': the sandwich is that of the linear fit, carried over.
            _ => fit.vcov().matrix().diag().iter().take(k).copied().collect(),
        };
        if fit.vcov_kind() != Vcov::Classical {
            variances[at] /= equation.slope(found.speed).powi(2);
        }
        let estimate = |name: &str, value: f64, i: usize| {
            Estimate::new(name, value, variances[i].sqrt(), fit.distribution())
        };
        Ok(NonlinearBeta {
            speed: Speed::from_estimate(estimate("speed", found.speed, at)),
            coefficients: (0..k)
                .filter(|i| *i != at)
                .map(|i| estimate(&names[i], found.others[i], i))
                .collect(),
            sse: found.sse,
            iterations: found.iterations,
            label: growth.label().to_owned(),
            convention: growth.convention(),
            n: fit.n(),
            vcov: fit.vcov_kind(),
        })
    }
}

/// y = h(s) x + Z d, where x is a column of z and Z the others, h(s) = -(1 - exp(-sT)) / T times the scale of the convention.
struct Equation {
    z: Array2<f64>,
    y: Array1<f64>,
    at: usize,
    span: f64,
    /// T for annual growth, one for total growth.
    scale: f64,
}

struct Minimum {
    speed: f64,
    /// At the position of ln initial, nothing.
    others: Array1<f64>,
    sse: f64,
    iterations: usize,
    /// Triangular factor of the Jacobian.
    r: Array2<f64>,
}

impl Equation {
    fn coefficient(&self, speed: f64) -> f64 {
        (-speed * self.span).exp_m1() / self.scale
    }

    fn slope(&self, speed: f64) -> f64 {
        -(-speed * self.span).exp() * self.span / self.scale
    }

    fn residuals(&self, speed: f64, others: &Array1<f64>) -> Array1<f64> {
        let mut all = others.clone();
        all[self.at] = self.coefficient(speed);
        &self.y - &self.z.dot(&all)
    }

    fn minimize(&self) -> Result<Minimum> {
        let (mut speed, mut others) = (0.0, Array1::zeros(self.z.ncols()));
        let mut e = self.residuals(speed, &others);
        let mut sse = e.dot(&e);
        for iterations in 1..=MOST_STEPS {
            let mut jacobian = self.z.clone();
            let slope = self.slope(speed);
            jacobian.column_mut(self.at).mapv_inplace(|x| x * slope);
            let step = solve(jacobian.view(), &e)?;
            let by = step.coefficients[self.at];
            let last = by.abs() * self.span <= LAST_STEP;
            let mut share = 1.0;
            for _ in 0..MOST_HALVINGS {
                let mut next = &others + &(&step.coefficients * share);
                next[self.at] = 0.0;
                let residuals = self.residuals(speed + share * by, &next);
                let fresh = residuals.dot(&residuals);
                if last || fresh < sse {
                    (speed, others) = (speed + share * by, next);
                    (e, sse) = (residuals, fresh);
                    break;
                }
                share *= 0.5;
            }
            if last {
                // The Jacobian after the last step.
                let mut r = step.r;
                let ratio = self.slope(speed) / slope;
                r.column_mut(self.at).mapv_inplace(|x| x * ratio);
                return Ok(Minimum {
                    speed,
                    others,
                    sse,
                    iterations,
                    r,
                });
            }
        }
        Err(Error::NotConverged {
            what: "nonlinear least squares of the speed",
            iterations: MOST_STEPS,
        })
    }
}

impl NonlinearBeta {
    /// The speed, a parameter of the equation.
    #[must_use]
    pub fn speed(&self) -> &Speed {
        &self.speed
    }

    /// The other coefficients: the constant and the determinants.
    #[must_use]
    pub fn coefficients(&self) -> &[Estimate] {
        &self.coefficients
    }

    /// The sum of squares at the minimum, weighted where the observations are.
    #[must_use]
    #[doc(alias = "deviance")]
    pub fn sse(&self) -> f64 {
        self.sse
    }

    /// How many steps of Gauss and Newton were made.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }
}

impl fmt::Display for NonlinearBeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Nonlinear least squares of {}; {}, n = {}",
            self.label, self.convention, self.n
        )?;
        let mut table = Layout::new();
        table
            .row([
                "",
                "estimate",
                "std error",
                "statistic",
                "p",
                "95% interval",
            ])
            .rule();
        for e in std::iter::once(self.speed.estimate()).chain(&self.coefficients) {
            let (low, high) = e.interval(0.95);
            table.row([
                e.name.clone(),
                significant(e.value, 6),
                significant(e.std_error, 5),
                format!("{:.3}", e.statistic()),
                p_value(e.p_value()),
                format!("[{}, {}]", significant(low, 4), significant(high, 4)),
            ]);
        }
        write!(f, "{table}")?;
        writeln!(
            f,
            "Standard errors: {}; p from {}; sum of squares {} after {} steps",
            self.vcov,
            self.speed.estimate().distribution,
            significant(self.sse, 6),
            self.iterations
        )
    }
}
