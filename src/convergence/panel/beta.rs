//! Beta convergence within units: growth regressions on panels.

use std::fmt;

use super::growth::PanelGrowth;
use crate::convergence::growth::{Convention, INITIAL, check_regression};
use crate::convergence::show::write_speed;
use crate::convergence::speed::Speed;
use crate::error::{Error, Result};
use crate::inference::Estimate;
use crate::regression::{Effects, Fit, Jackknife, Regression, Vcov};
use crate::spillover::Impact;

/// Spans that a half-panel jackknife needs.
const HALVES: usize = 4;

/// A growth regression on a panel, with the speeds of convergence that follow from it.
///
/// `(1 / s) ln(y_{i,t+s} / y_it) = b ln y_it + X_it d + mu_i + xi_t + u_it`, speed = -ln(1 + s b) / s: with unit effects, how fast a unit returns to its own
/// steady state, which is another question than whether poor units catch up with rich ones ([`BetaConvergence`](crate::BetaConvergence)).
///
/// - Unit effects bias b downwards by about (1 + r) / (T - 1) / s, r = 1 + s b, with T spans (Nickell 1981): the speed is overstated, much so in short panels.
///   [`jackknifed`](Self::jackknifed) removes the bias of that order; pooled least squares ([`Effects::None`]) is biased the other way, so that the two
///   bracket the truth (Bond, Hoeffler and Temple 2001).
/// - Standard errors: classical for successive spans; for overlapping ones Hansen and Hodrick's within units, with as many lags as later spans
///   start before one ends (s - 1 in a panel of every year; Newey and West's where it is not
///   positive, clustered by unit where periods are not evenly spaced), until
///   [`with_vcov`](Self::with_vcov) chooses others.
///
/// # Example
///
/// ```
/// use ndarray::Array2;
/// use spatialecon::{Panel, PanelBetaConvergence, PanelGrowth, Units};
/// // Two units return to 1 and to 2 from below, a tenth of the gap a year, with a little noise.
/// let y = Array2::from_shape_fn((9, 3), |(t, i)| {
///     let noise = [0.01, -0.02, 0.015, 0.0, -0.01][(3 * t + 2 * i) % 5];
///     ((i + 1) as f64 - 0.9_f64.powi(t as i32) * (0.5 + 0.3 * (i * i) as f64) + noise).exp()
/// });
/// let panel = Panel::from_columns(&Units::range(3), &[0, 1, 2, 3, 4, 5, 6, 7, 8], [("y", y)])?;
/// let growth = PanelGrowth::spans(&panel, "y", 1)?;
/// let beta = PanelBetaConvergence::fit(&growth, &growth.regression())?;
/// assert!((beta.speed()?.value() - 0.139753).abs() < 1e-6);
/// assert!((beta.jackknifed()?.speed()?.value() - 0.017724).abs() < 1e-6);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Islam (1995), Quarterly Journal of Economics 110; Caselli, Esquivel and Lefort (1996), Journal of Economic Growth 1.
#[derive(Debug, Clone)]
pub struct PanelBetaConvergence {
    growth: PanelGrowth,
    regression: Regression,
    fit: Fit,
    beta: Estimate,
    impact: Impact,
}

impl PanelBetaConvergence {
    /// Fits a regression of `growth` on `ln_initial` and whatever was added to it (see [`PanelGrowth::regression`]).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the regression is not one of `growth` on `ln_initial`, or has regimes; those of [`Regression::fit`].
    pub fn fit(growth: &PanelGrowth, regression: &Regression) -> Result<Self> {
        check_regression(regression, "beta convergence in a panel")?;
        if regression.regimes.is_some() {
            return Err(Error::Unsupported {
                what: "beta convergence in a panel by regimes".to_owned(),
                why: "each regime has a speed of its own; fit the units of each".to_owned(),
            });
        }
        let mut fit = regression.fit(growth.panel())?;
        if growth.is_overlapping() {
            let lags = growth.overlapping_lags();
            let all = growth.panel().periods().len() - 1;
            let kinds = [
                Vcov::HansenHodrick { lags },
                Vcov::NeweyWest { lags: Some(lags) },
                Vcov::HansenHodrick { lags: all },
            ];
            // The first is right; the second where that is not positive, the third where periods are unevenly spaced.
            let found = kinds
                .iter()
                .find_map(|kind| fit.clone().with_vcov(*kind).ok());
            fit = match found {
                Some(fit) => fit,
                None => fit.with_vcov(kinds[0])?,
            };
        }
        Self::assemble(growth.clone(), regression.clone(), fit)
    }

    fn assemble(growth: PanelGrowth, regression: Regression, fit: Fit) -> Result<Self> {
        let beta = fit.coefficient(INITIAL)?;
        let impact = fit.impacts()?.of(INITIAL)?.clone();
        Ok(Self {
            growth,
            regression,
            fit,
            beta,
            impact,
        })
    }

    /// The same regression with another covariance.
    ///
    /// # Errors
    ///
    /// As [`Fit::with_vcov`].
    pub fn with_vcov(self, vcov: Vcov) -> Result<Self> {
        Self::assemble(self.growth, self.regression, self.fit.with_vcov(vcov)?)
    }

    /// The growth that was regressed.
    #[must_use]
    pub fn growth(&self) -> &PanelGrowth {
        &self.growth
    }

    /// The fitted regression.
    #[must_use]
    pub fn regression(&self) -> &Fit {
        &self.fit
    }

    /// The coefficient of ln initial.
    #[must_use]
    pub fn beta(&self) -> Estimate {
        self.beta.clone()
    }

    /// The speed of convergence per year.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`] where 1 + sb ≤ 0.
    pub fn speed(&self) -> Result<Speed> {
        speed("speed", &self.impact.direct, &self.growth)
    }

    /// The half-panel jackknife of the same regression, with the same covariance.
    ///
    /// # Errors
    ///
    /// As [`Regression::half_panel_jackknife`].
    pub fn jackknifed(&self) -> Result<JackknifedBeta> {
        let jackknife = self.regression.half_panel_jackknife(self.growth.panel())?;
        let jackknife = jackknife.with_vcov(self.fit.vcov_kind())?;
        let beta = jackknife.coefficient(INITIAL)?;
        Ok(JackknifedBeta {
            growth: self.growth.clone(),
            jackknife,
            beta,
        })
    }
}

/// The half-panel jackknife of a growth regression, with its speed.
#[derive(Debug, Clone)]
pub struct JackknifedBeta {
    growth: PanelGrowth,
    jackknife: Jackknife,
    beta: Estimate,
}

impl JackknifedBeta {
    /// The coefficient of ln initial.
    #[must_use]
    pub fn beta(&self) -> &Estimate {
        &self.beta
    }

    /// The regression.
    #[must_use]
    pub fn regression(&self) -> &Jackknife {
        &self.jackknife
    }

    /// The speed of convergence per year.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`] where 1 + sb ≤ 0.
    pub fn speed(&self) -> Result<Speed> {
        speed("speed, jackknifed", &self.beta, &self.growth)
    }
}

fn speed(name: &str, b: &Estimate, growth: &PanelGrowth) -> Result<Speed> {
    Speed::new(name, b, Convention::Annual, f64::from(growth.span()))
}

impl fmt::Display for PanelBetaConvergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Beta convergence of {}", self.growth)?;
        write!(f, "{}", self.fit)?;
        write_speed(f, "Speed", &self.speed())?;
        if !self.growth.left_out().is_empty() {
            let years: Vec<String> = self.growth.left_out().iter().map(i32::to_string).collect();
            writeln!(f, "Periods that lie in no span: {}", years.join(", "))?;
        }
        if matches!(self.fit.effects(), Effects::Unit | Effects::TwoWays) {
            let t = self.growth.panel().periods().len();
            let more = if t < HALVES {
                "more spans are needed for a jackknife"
            } else {
                "see the jackknife"
            };
            writeln!(
                f,
                "Unit effects with {t} spans overstate the speed (Nickell bias); {more}"
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for JackknifedBeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Beta convergence of {}", self.growth)?;
        write!(f, "{}", self.jackknife)?;
        write_speed(f, "Speed", &self.speed())?;
        writeln!(
            f,
            "It takes units to be about their steady states from the start; where they are far from them it can be far off, in sign too"
        )
    }
}
