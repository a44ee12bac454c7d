//! Sigma convergence: does dispersion fall?

use std::fmt;

use ndarray::{Array1, Array2, Axis};

use super::growth::logs;
use super::sigma_tests::SigmaTest;
use crate::data::{Panel, Table, Units};
use crate::disparity::{Ddof, coefficient_of_variation, gini, sd_of_logs, theil};
use crate::error::{Error, Result};
use crate::inference::TestResult;
use crate::regression::{Fit, Regression};
use crate::text::{Layout, significant};

/// A measure of dispersion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// Standard deviation of logs.
    SdLog,
    /// Coefficient of variation of levels.
    Cv,
    /// Theil's T, unweighted.
    Theil,
    /// Gini, unweighted.
    Gini,
}

impl Measure {
    /// All measures.
    pub const ALL: [Self; 4] = [Self::SdLog, Self::Cv, Self::Theil, Self::Gini];
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SdLog => "sd of logs",
            Self::Cv => "CV",
            Self::Theil => "Theil T",
            Self::Gini => "Gini",
        })
    }
}

/// The dispersion of one period.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Dispersion {
    /// The period.
    pub period: i32,
    /// Standard deviation of logs.
    pub sd_log: f64,
    /// Coefficient of variation of levels.
    pub cv: f64,
    /// Theil's T, unweighted.
    pub theil: f64,
    /// Gini, unweighted.
    pub gini: f64,
    /// Largest value over smallest.
    pub max_over_min: f64,
    /// Divisor of sd and CV.
    pub ddof: Ddof,
}

impl Dispersion {
    /// The value of a measure.
    #[must_use]
    pub fn get(&self, measure: Measure) -> f64 {
        match measure {
            Measure::SdLog => self.sd_log,
            Measure::Cv => self.cv,
            Measure::Theil => self.theil,
            Measure::Gini => self.gini,
        }
    }
}

/// Dispersion of a panel's column by period, with tests of its change.
///
/// Each unit counts once. sd and CV divide by n (the 21 prefectures are all there are); [`with_ddof`](Self::with_ddof) takes n - 1.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Panel, SigmaConvergence, Units};
/// let panel = Panel::from_columns(
///     &Units::new(["a", "b", "c", "d"])?,
///     &[2000, 2010],
///     [("income", array![[100.0, 200.0, 400.0, 900.0], [300.0, 420.0, 700.0, 1100.0]])],
/// )?;
/// let sigma = SigmaConvergence::of(&panel, "income")?;
/// assert!(sigma.series()[1].sd_log < sigma.series()[0].sd_log);
/// assert!(sigma.test(2000, 2010)?.statistic > 0.0);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
#[doc(alias("sigmaconv", "sigmaconv.t"))]
pub struct SigmaConvergence {
    variable: String,
    units: Units,
    /// Logs: periods × units.
    logs: Array2<f64>,
    series: Vec<Dispersion>,
}

impl SigmaConvergence {
    /// The dispersion of a column in every period of the panel.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::NonPositive`], which names unit and period; [`Error::TooFewUnits`].
    pub fn of(panel: &Panel, column: &str) -> Result<Self> {
        Self::with_ddof(panel, column, Ddof::Population)
    }

    /// The same, sd and CV with the divisor given.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn with_ddof(panel: &Panel, column: &str, ddof: Ddof) -> Result<Self> {
        let n = panel.units().len();
        if n < 2 {
            return Err(Error::TooFewUnits {
                what: "dispersion".to_owned(),
                needed: 2,
                n,
            });
        }
        let mut rows = Array2::zeros((panel.periods().len(), n));
        let mut series = Vec::with_capacity(panel.periods().len());
        for (&period, mut row) in panel.periods().iter().zip(rows.rows_mut()) {
            row.assign(&logs(panel, column, period)?);
            let x = panel.variable_at(column, period)?;
            let values = x.values();
            let (low, high) = values
                .iter()
                .fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
            series.push(Dispersion {
                period,
                sd_log: sd_of_logs(x.clone(), ddof)?,
                cv: coefficient_of_variation(x.clone(), ddof)?,
                theil: theil(x.clone())?,
                gini: gini(x)?,
                max_over_min: high / low,
                ddof,
            });
        }
        Ok(Self {
            variable: column.to_owned(),
            units: panel.units().clone(),
            logs: rows,
            series,
        })
    }

    /// The dispersion by period, in order.
    #[must_use]
    pub fn series(&self) -> &[Dispersion] {
        &self.series
    }

    /// Tests that the variance of logs is the same in two periods, by Pitman and Morgan (see [`SigmaTest`] for the others).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`]; [`Error::InvalidOption`] where last is not after first; [`Error::TooFewUnits`];
    /// [`Error::Unsupported`] where the statistic is not defined.
    pub fn test(&self, first: i32, last: i32) -> Result<TestResult> {
        self.test_by(SigmaTest::PitmanMorgan, first, last)
    }

    /// Tests that the variance of logs is the same in two periods, by the test named.
    ///
    /// # Errors
    ///
    /// As [`test`](Self::test).
    pub fn test_by(&self, test: SigmaTest, first: i32, last: i32) -> Result<TestResult> {
        let logs = (self.logs_of(first)?, self.logs_of(last)?);
        if last <= first {
            return Err(Error::InvalidOption {
                option: "the last period",
                value: last.to_string(),
                expected: "a period after the first",
            });
        }
        test.compute(&logs.0, &logs.1)
    }

    /// The regression of a measure on the period, sigma_t = a + b t + u: the units of its sample are the periods.
    ///
    /// Successive values are of the same units and strongly dependent, so that its standard errors are too small: read the slope, and
    /// take significance from [`test`](Self::test).
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] for fewer than four periods.
    pub fn trend(&self, measure: Measure) -> Result<Fit> {
        let periods: Vec<String> = self.series.iter().map(|d| d.period.to_string()).collect();
        let table = Table::over(&Units::new(periods)?)
            .column(
                &measure.to_string(),
                self.series
                    .iter()
                    .map(|d| d.get(measure))
                    .collect::<Array1<f64>>(),
            )?
            .column(
                "period",
                self.series
                    .iter()
                    .map(|d| f64::from(d.period))
                    .collect::<Array1<f64>>(),
            )?;
        Regression::of(&measure.to_string())
            .on(["period"])
            .fit(&table)
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    fn logs_of(&self, period: i32) -> Result<Array1<f64>> {
        let at = self
            .series
            .iter()
            .position(|d| d.period == period)
            .ok_or_else(|| Error::UnknownPeriod {
                period,
                available: self.series.iter().map(|d| d.period).collect(),
            })?;
        Ok(self.logs.index_axis(Axis(0), at).to_owned())
    }
}

impl fmt::Display for SigmaConvergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ddof = self.series.first().map_or(0, |d| d.ddof.subtracted());
        writeln!(
            f,
            "Dispersion of {}, {} units; sd and CV with ddof = {ddof}",
            self.variable,
            self.units.len()
        )?;
        let mut table = Layout::new();
        let head = std::iter::once("period".to_owned()).chain(Measure::ALL.map(|m| m.to_string()));
        table.row(head.chain(["max / min".to_owned()])).rule();
        for d in &self.series {
            let values = Measure::ALL.map(|m| significant(d.get(m), 5));
            table.row(
                std::iter::once(d.period.to_string())
                    .chain(values)
                    .chain([significant(d.max_over_min, 4)]),
            );
        }
        write!(f, "{table}")
    }
}
