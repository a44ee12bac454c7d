//! The test of Im, Pesaran and Shin.

use std::fmt;

use super::StochasticConvergence;
use super::adf::{UnitRoot, UnitRoots, null_statistics};
use super::moments::{fewest_observations, moments};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Draws, Note, TestResult, write_notes};
use crate::text::significant;

/// The panel test of Im, Pesaran and Shin: the mean of the units' Dickey-Fuller t.
///
/// ```text
/// W = sqrt(n) (tbar - Σ E_i / n) / sqrt(Σ V_i / n)     N(0, 1), lower tail
/// ```
///
/// E_i and V_i are mean and variance of t with the observations and lags of unit i: those of the paper's Table 3, or simulated. The null is a unit root in every unit,
/// the alternative that some units are stationary. **Units are taken to be independent.**
#[derive(Debug, Clone)]
#[doc(alias("purtest", "xtunitroot ips", "Wtbar", "IPS"))]
#[must_use]
pub struct ImPesaranShin {
    roots: UnitRoots,
    moments: Vec<(f64, f64)>,
    draws: Option<(usize, u64)>,
    test: TestResult,
    notes: Vec<Note>,
}

impl StochasticConvergence {
    /// The test of Im, Pesaran and Shin, with the moments of their Table 3.
    ///
    /// Between two columns of the table moments lie on a line; above 100 observations they are those of 100. The t have the residual variance RSS / (n - k), as those of the paper;
    /// `plm::purtest` divides by n unless `dfcor = TRUE`, which makes every t larger in absolute value.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] for one unit, or two relative to a mean; [`Error::Unsupported`] without a constant, and where the table lacks the observations and lags of a unit (fewer than 10 observations,
    /// or 20 with five lags, 25 with six to eight; more than eight lags); those of [`adf`](Self::adf).
    ///
    /// # References
    ///
    /// Im, Pesaran and Shin (2003), Journal of Econometrics 115.
    pub fn ips(&self) -> Result<ImPesaranShin> {
        self.ips_by(None)
    }

    /// The test of Im, Pesaran and Shin, with moments from draws of random walks of this T, with this choice of lags.
    ///
    /// Any T and lags; where lags are chosen from the data every draw chooses its own. Cost: that of [`UnitRoots::simulated`].
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than 100 draws; [`Error::TooFewUnits`]; those of [`adf`](Self::adf). t has a variance with three degrees of freedom or more:
    /// [`Error::TooFewPeriods`] otherwise.
    pub fn ips_simulated(&self, draws: Draws) -> Result<ImPesaranShin> {
        self.ips_by(Some(draws.checked()?))
    }

    fn ips_by(&self, draws: Option<(usize, u64)>) -> Result<ImPesaranShin> {
        self.require_panel("the test of Im, Pesaran and Shin")?;
        let regressions = self.regressions()?;
        let roots = self.unit_roots(&regressions);
        let of_units = match draws {
            None => {
                self.deterministic
                    .require_constant("the test of Im, Pesaran and Shin")?;
                let each = roots.units().iter();
                each.map(|u| self.of_table(u)).collect::<Result<Vec<_>>>()?
            }
            Some(draws) => vec![self.of_draws(&roots, draws)?; roots.units().len()],
        };
        let n = roots.units().len() as f64;
        let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n;
        let tbar = mean(&mut roots.units().iter().map(UnitRoot::statistic));
        let expected = mean(&mut of_units.iter().map(|m| m.0));
        let variance = mean(&mut of_units.iter().map(|m| m.1));
        Ok(ImPesaranShin {
            test: TestResult::symmetric(
                "Im-Pesaran-Shin W",
                n.sqrt() * (tbar - expected) / variance.sqrt(),
                Distribution::Normal,
                "every unit has a unit root",
                Alternative::Less,
            ),
            notes: self.notes(&regressions),
            moments: of_units,
            roots,
            draws,
        })
    }

    fn of_table(&self, unit: &UnitRoot) -> Result<(f64, f64)> {
        moments(unit.observations(), unit.lag(), self.deterministic).ok_or_else(|| {
            let least = fewest_observations(unit.lag()).map_or_else(
                || "no more than eight lags".to_owned(),
                |least| format!("at least {least} observations for as many lags"),
            );
            Error::Unsupported {
                what: format!(
                    "Table 3 of Im, Pesaran and Shin at {} observations and {} lags, those of unit `{}`",
                    unit.observations(),
                    unit.lag(),
                    unit.unit()
                ),
                why: format!("it has {least}; take fewer lags, or simulated moments (`ips_simulated`)"),
            }
        })
    }

    /// The moments of every unit: those of one distribution, as all have the same periods and choice of lags.
    fn of_draws(&self, roots: &UnitRoots, draws: (usize, u64)) -> Result<(f64, f64)> {
        let what = || {
            "a variance of t, which three degrees of freedom have, in the test of Im, Pesaran and Shin".to_owned()
        };
        let most = roots.lags().most();
        self.require_periods(what, 2 * most + self.deterministic.count() + 5)?;
        let t = null_statistics(self.periods.len(), roots.lags(), self.deterministic, draws);
        let count = t.len() as f64;
        let mean = t.iter().sum::<f64>() / count;
        let variance = t.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Ok((mean, variance))
    }
}

impl ImPesaranShin {
    /// W, against the lower tail of the normal distribution.
    #[must_use]
    pub fn test(&self) -> &TestResult {
        &self.test
    }

    /// The mean of the units' t.
    #[must_use]
    pub fn t_bar(&self) -> f64 {
        let units = self.roots.units();
        units.iter().map(UnitRoot::statistic).sum::<f64>() / units.len() as f64
    }

    /// E and Var of t, unit by unit.
    #[must_use]
    pub fn moments(&self) -> &[(f64, f64)] {
        &self.moments
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

impl fmt::Display for ImPesaranShin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Im, Pesaran and Shin: {}", self.roots.subject())?;
        writeln!(f, "{}", self.test)?;
        writeln!(f, "alternative: some units are stationary")?;
        writeln!(
            f,
            "mean t {}; lags: {}; moments: {}",
            significant(self.t_bar(), 5),
            self.roots.lags(),
            match self.draws {
                Some((count, seed)) => format!("{count} draws (seed {seed})"),
                None => "Table 3 of the paper".to_owned(),
            }
        )?;
        write_notes(f, &self.notes)
    }
}
