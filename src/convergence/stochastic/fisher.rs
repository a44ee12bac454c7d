//! Combinations of the units' p-values: Maddala and Wu, Choi.

use std::fmt;

use super::StochasticConvergence;
use super::adf::UnitRoots;
use crate::error::Result;
use crate::inference::{Alternative, Distribution, Draws, Note, TestResult, write_notes};

/// Panel tests that combine the p-values p_i of the units' Dickey-Fuller tests.
///
/// | | statistic | null distribution, tail |
/// |---|---|---|
/// | [`maddala_wu`](Self::maddala_wu) | P = -2 Σ ln p_i | chi2(2n), upper |
/// | [`modified`](Self::modified) | Pm = (P - 2n) / (2 sqrt(n)) | N(0, 1), upper |
/// | [`inverse_normal`](Self::inverse_normal) | Z = Σ Φ^-1(p_i) / sqrt(n) | N(0, 1), lower |
/// | [`logit`](Self::logit) | L* = sqrt(3 (5n + 4) / (π² n (5n + 2))) Σ ln(p_i / (1 - p_i)) | t(5n + 4), lower |
///
/// The null is a unit root in every unit, the alternative that some units are stationary. **Units are taken to be independent.** A p-value of zero or one counts as the
/// nearest number inside.
#[derive(Debug, Clone)]
#[doc(alias("madwu", "Maddala-Wu", "Choi", "xtunitroot fisher", "Pm", "invnormal"))]
#[must_use]
pub struct FisherUnitRoot {
    roots: UnitRoots,
    maddala_wu: TestResult,
    modified: TestResult,
    inverse_normal: TestResult,
    logit: TestResult,
    notes: Vec<Note>,
}

impl StochasticConvergence {
    /// The p-values of the units combined: Maddala and Wu, and Choi, with the p-values of MacKinnon (1994).
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`](crate::Error::TooFewUnits) for one unit, or two relative to a mean; those of [`adf`](Self::adf).
    ///
    /// # References
    ///
    /// Maddala and Wu (1999), Oxford Bulletin of Economics and Statistics 61; Choi (2001), Journal of International Money and Finance 20.
    pub fn fisher(&self) -> Result<FisherUnitRoot> {
        self.fisher_by(None)
    }

    /// The same, with p-values from draws of random walks of this T and these lags; see [`UnitRoots::simulated`].
    ///
    /// # Errors
    ///
    /// As [`fisher`](Self::fisher); [`Error::InvalidOption`](crate::Error::InvalidOption) for fewer than 100 draws.
    pub fn fisher_simulated(&self, draws: Draws) -> Result<FisherUnitRoot> {
        self.fisher_by(Some(draws))
    }

    fn fisher_by(&self, draws: Option<Draws>) -> Result<FisherUnitRoot> {
        self.require_panel("a combination of p-values")?;
        let regressions = self.regressions()?;
        let mut roots = self.unit_roots(&regressions);
        if let Some(draws) = draws {
            roots = roots.simulated(draws)?;
        }
        let inside = |p: f64| p.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
        let p: Vec<f64> = roots.units().iter().map(|u| inside(u.p_value())).collect();
        let n = p.len() as f64;
        let null = "every unit has a unit root";
        let fisher: f64 = p.iter().map(|p| -2.0 * p.ln()).sum();
        let normal: f64 = p.iter().map(|p| Distribution::Normal.quantile(*p)).sum();
        let logit: f64 = p.iter().map(|p| (p / (1.0 - p)).ln()).sum();
        let scale = 3.0 * (5.0 * n + 4.0) / (std::f64::consts::PI.powi(2) * n * (5.0 * n + 2.0));
        let z = |name: &str, value, distribution, tail| {
            TestResult::symmetric(name, value, distribution, null, tail)
        };
        Ok(FisherUnitRoot {
            maddala_wu: TestResult::upper(
                "Maddala-Wu P",
                fisher,
                Distribution::ChiSquared { df: 2.0 * n },
                null,
            ),
            modified: z(
                "Choi Pm",
                (fisher - 2.0 * n) / (2.0 * n.sqrt()),
                Distribution::Normal,
                Alternative::Greater,
            ),
            inverse_normal: z(
                "Choi Z",
                normal / n.sqrt(),
                Distribution::Normal,
                Alternative::Less,
            ),
            logit: z(
                "Choi L*",
                scale.sqrt() * logit,
                Distribution::T { df: 5.0 * n + 4.0 },
                Alternative::Less,
            ),
            notes: self.notes(&regressions),
            roots,
        })
    }
}

impl FisherUnitRoot {
    /// Maddala and Wu's P.
    #[must_use]
    pub fn maddala_wu(&self) -> &TestResult {
        &self.maddala_wu
    }

    /// Choi's Pm, for many units.
    #[must_use]
    pub fn modified(&self) -> &TestResult {
        &self.modified
    }

    /// Choi's Z.
    #[must_use]
    pub fn inverse_normal(&self) -> &TestResult {
        &self.inverse_normal
    }

    /// Choi's L*.
    #[must_use]
    pub fn logit(&self) -> &TestResult {
        &self.logit
    }

    /// The tests of the units.
    pub fn units(&self) -> &UnitRoots {
        &self.roots
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for FisherUnitRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Combined p-values: {}", self.roots.subject())?;
        for test in [
            &self.maddala_wu,
            &self.modified,
            &self.inverse_normal,
            &self.logit,
        ] {
            writeln!(f, "{test}")?;
        }
        writeln!(f, "alternative: some units are stationary")?;
        writeln!(f, "lags: {}", self.roots.lags())?;
        write_notes(f, &self.notes)
    }
}
