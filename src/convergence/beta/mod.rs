//! Beta convergence: do poor units grow faster?

mod bootstrap;
mod clubs;
mod galton;
mod gap;
mod leave_one_out;
mod nonlinear;
mod resample;
mod spans;
mod threshold;

pub use bootstrap::{BootstrapSpeed, BootstrapSpeeds, Resampling};
pub use clubs::{BetaClub, BetaClubs};
pub use galton::VarianceDecomposition;
pub use leave_one_out::{Influence, LeaveOneOut, LeftOut};
pub use nonlinear::NonlinearBeta;
pub use spans::{BetaSpans, SpanBeta};
pub use threshold::Threshold;

use std::fmt;

use crate::convergence::growth::{Growth, INITIAL, check_regression};
use crate::convergence::show::write_speed;
use crate::convergence::speed::Speed;
use crate::error::Result;
use crate::inference::Estimate;
use crate::regression::{Fit, Regression, Vcov};
use crate::spillover::Impact;

/// A growth regression, with the speeds of convergence that follow from it.
///
/// Absolute convergence is growth on ln initial; conditional convergence adds determinants of the steady state; spatial models add
/// any spatial term. In a model with a spatial lag of growth, or with the neighbours' initial level, the coefficient of ln initial is not the effect of ln
/// initial: the speeds are computed from its impacts.
///
/// - [`speed`](Self::speed), *own*: from the direct impact, b in OLS and SEM; how fast a unit closes its own gap.
/// - [`total_speed`](Self::total_speed), *common*: from the total impact, (b + theta) / (1 - rho) under a row-standardised W; how fast
///   a gap closes that the unit shares with everyone.
/// - [`gap_speed`](Self::gap_speed), *gap*: from the eigenvalues of the transition; how fast units converge to each other.
///
/// Intervals by the [`bootstrap`](Self::bootstrap); single units by [`leave_one_out`](Self::leave_one_out); what beta says of dispersion, and
/// what it does not, by [`variance_decomposition`](Self::variance_decomposition).
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
/// assert!((beta.beta().value + 0.011675).abs() < 1e-6);
/// assert!((beta.speed()?.value() - 0.013296).abs() < 1e-6);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Barro and Sala-i-Martin (1992), Journal of Political Economy 100; Rey and Montouri (1999), Regional Studies 33; Elhorst, Piras and Arbia
/// (2010), Geographical Analysis 42.
#[derive(Debug, Clone)]
#[doc(alias("betaconv.ols", "betaconv.nls", "rbetaconv.ols"))]
pub struct BetaConvergence {
    growth: Growth,
    spec: Regression,
    fit: Fit,
    /// Where ln initial stands among the coefficients.
    at: usize,
    impact: Impact,
}

impl BetaConvergence {
    /// Fits a regression of `growth` on `ln_initial` and whatever was added to it (see [`Growth::regression`]).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) where the regression is not one of `growth` on `ln_initial`, or the coefficient of `ln_initial` differs by regime (see
    /// [`BetaClubs`](crate::BetaClubs)); those of [`Regression::fit`].
    pub fn fit(growth: &Growth, regression: &Regression) -> Result<Self> {
        clubs::refuse_regimes(regression)?;
        check_regression(regression, "beta convergence")?;
        let fit = regression.fit(growth.table())?;
        Self::assemble(growth.clone(), regression.clone(), fit)
    }

    fn assemble(growth: Growth, spec: Regression, fit: Fit) -> Result<Self> {
        let at = fit.position(INITIAL)?;
        let impact = fit.impacts()?.of(INITIAL)?.clone();
        Ok(Self {
            growth,
            spec,
            fit,
            at,
            impact,
        })
    }

    /// The same regression with another covariance (HC3 in small samples), for OLS and SLX.
    ///
    /// # Errors
    ///
    /// As [`Fit::with_vcov`].
    pub fn with_vcov(self, vcov: Vcov) -> Result<Self> {
        Self::assemble(self.growth, self.spec, self.fit.with_vcov(vcov)?)
    }

    /// The growth that was regressed.
    #[must_use]
    pub fn growth(&self) -> &Growth {
        &self.growth
    }

    /// The fitted regression.
    #[must_use]
    pub fn regression(&self) -> &Fit {
        &self.fit
    }

    /// Where ln initial stands among the coefficients.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The regression as it was asked for.
    pub(super) fn spec(&self) -> &Regression {
        &self.spec
    }

    /// The coefficient of ln initial.
    #[must_use]
    pub fn beta(&self) -> Estimate {
        self.fit.estimate(self.at, self.fit.b()[self.at])
    }

    /// The impacts of ln initial on growth.
    #[must_use]
    pub fn impact(&self) -> &Impact {
        &self.impact
    }

    /// The own speed of convergence, from the direct impact of ln initial.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`](crate::Error::SpeedUndefined) where 1 + bT ≤ 0.
    pub fn speed(&self) -> Result<Speed> {
        Speed::new(
            "own speed",
            &self.impact.direct,
            self.growth.convention(),
            self.growth.span(),
        )
    }

    /// The common speed of convergence, from the total impact of ln initial.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`](crate::Error::SpeedUndefined) where 1 + bT ≤ 0.
    pub fn total_speed(&self) -> Result<Speed> {
        Speed::new(
            "common speed",
            &self.impact.total,
            self.growth.convention(),
            self.growth.span(),
        )
    }
}

impl fmt::Display for BetaConvergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Beta convergence of {}; {} on {INITIAL}",
            self.growth.label(),
            self.growth.convention()
        )?;
        write!(f, "{}", self.fit)?;
        let spatial = self.impact.indirect.value != 0.0;
        let speeds = [
            Some(("own", self.speed())),
            spatial.then(|| ("common", self.total_speed())),
            spatial.then(|| ("gap", self.gap_speed())),
        ];
        for (name, speed) in speeds.into_iter().flatten() {
            write_speed(f, &format!("Speed ({name})"), &speed)?;
        }
        Ok(())
    }
}
