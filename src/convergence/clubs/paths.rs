//! `TransitionPaths`: each unit's log relative to the mean of logs, and how far units lie apart.

use std::fmt;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::group::Group;
use super::log_t::{LogT, LogTOptions, refusal};
use super::trend::Trend;
use crate::data::{Panel, Units, evenly_spaced};
use crate::error::{Cell, Error, Result};
use crate::inference::{Note, write_notes};
use crate::text::{counted, significant};

/// Relative transition paths of a panel's column.
///
/// ```text
/// h_it = y_it / (1/n) Σ_j y_jt        H_t = (1/n) Σ_i (h_it - 1)²
/// ```
///
/// y_it are **logarithms**: [`of`](Self::of) takes levels and takes their logs, [`of_logs`](Self::of_logs) takes logs and takes no log again. y is the trend of the
/// logs where [`filtered`](Self::filtered) says so.
///
/// h divides by a mean of logs, so that it depends on the unit of money: income in yuan and in 10,000 yuan have different h, H, b and clubs. State the unit; every
/// log has to be positive, and it should lie well away from zero.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Panel, TransitionPaths, Units};
/// let income = array![[100.0, 10_000.0], [1_000.0, 10_000.0]];
/// let panel = Panel::from_columns(&Units::new(["a", "b"])?, &[2000, 2001], [("income", income)])?;
/// let paths = TransitionPaths::of(&panel, "income")?;
/// // ln 100 and ln 10,000 are as 1 to 2, their mean is 1.5.
/// assert!((paths.relative()[[0, 0]] - 2.0 / 3.0).abs() < 1e-12);
/// assert!((paths.dispersion()[0] - 1.0 / 9.0).abs() < 1e-12);
/// assert!((paths.of_unit("b")?[1] - 8.0 / 7.0).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Phillips and Sul (2007), Econometrica 75; (2009), Journal of Applied Econometrics 24.
#[derive(Debug, Clone)]
#[doc(alias("computeH", "transition_paths", "relative transition"))]
pub struct TransitionPaths {
    variable: String,
    units: Units,
    periods: Vec<i32>,
    /// Logs before any filter, units × periods.
    logs: Array2<f64>,
    /// Their trend, units × periods.
    series: Array2<f64>,
    trend: Trend,
    all: Group,
    notes: Vec<Note>,
}

/// Levels that are all below this look like logs.
const LOGS_BELOW: f64 = 25.0;
/// Logs above this look like levels.
const LEVELS_ABOVE: f64 = 50.0;

impl TransitionPaths {
    /// The paths of a column of levels, whose logs are taken here.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::TooFewUnits`] for one unit; [`Error::NonPositive`], and [`Error::InvalidValue`] for a level of one or less, whose log is
    /// not positive, both with unit and period.
    pub fn of(panel: &Panel, column: &str) -> Result<Self> {
        let values = panel.values(column)?;
        let cell = |t: usize, i: usize| {
            Cell::new(
                panel.units().name(i),
                panel.periods().get(t).copied(),
                column,
            )
        };
        let below = |bound: f64| values.indexed_iter().find(|(_, v)| !(**v > bound));
        if let Some(((t, i), &value)) = below(0.0) {
            return Err(Error::NonPositive {
                cell: cell(t, i),
                value,
            });
        }
        if let Some(((t, i), &value)) = below(1.0) {
            return Err(Error::InvalidValue {
                cell: cell(t, i),
                value,
                expected: "a level above 1, since paths are relative to a mean of logs; state it in a smaller unit (yuan, not 10,000 yuan)",
            });
        }
        let mut notes = Vec::new();
        let highest = values.iter().fold(0.0_f64, |m, v| m.max(*v));
        if highest < LOGS_BELOW {
            notes.push(Note::LogsOrLevels {
                taken_as: "levels",
                extreme: highest,
            });
        }
        Self::new(panel, column, values.t().mapv(f64::ln), notes)
    }

    /// The paths of a column of logarithms, of which no log is taken again.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::TooFewUnits`] for one unit; [`Error::InvalidValue`] for a log that is not positive, or that no number can have (not between 1e-100 and 1e100),
    /// with unit and period.
    pub fn of_logs(panel: &Panel, column: &str) -> Result<Self> {
        let logs = panel.values(column)?.t().to_owned();
        let absurd = |v: &f64| *v > 1e100 || (*v > 0.0 && *v < 1e-100);
        if let Some(((i, t), &value)) = logs.indexed_iter().find(|(_, v)| absurd(v)) {
            return Err(Error::InvalidValue {
                cell: Cell::new(panel.units().name(i), Some(panel.periods()[t]), column),
                value,
                expected: "a log between 1e-100 and 1e100, as others are not told from zero or infinity in squares",
            });
        }
        let mut notes = Vec::new();
        let highest = logs.iter().fold(0.0_f64, |m, v| m.max(*v));
        if highest > LEVELS_ABOVE {
            notes.push(Note::LogsOrLevels {
                taken_as: "logs",
                extreme: highest,
            });
        }
        Self::new(panel, column, logs, notes)
    }

    fn new(panel: &Panel, column: &str, logs: Array2<f64>, notes: Vec<Note>) -> Result<Self> {
        let n = panel.units().len();
        if n < 2 {
            return Err(Error::TooFewUnits {
                what: "relative transition paths".to_owned(),
                needed: 2,
                n,
            });
        }
        let paths = Self {
            variable: column.to_owned(),
            units: panel.units().clone(),
            periods: panel.periods().to_vec(),
            series: logs.clone(),
            all: Group::empty(0),
            logs,
            trend: Trend::None,
            notes,
        };
        paths.grouped()
    }

    /// The paths of the trend of the logs.
    ///
    /// The filter is applied to the logs as they were given, whatever filter these paths have. Cost: units × periods.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] (lambda); [`Error::TooFewPeriods`]; [`Error::Unsupported`] for unevenly spaced periods, and for a unit that has too few
    /// cycles for a phase-average trend; [`Error::InvalidValue`] for a trend that is not positive.
    pub fn filtered(mut self, trend: Trend) -> Result<Self> {
        let filter = trend.filter(self.periods.len())?;
        if trend != Trend::None {
            self.check_spacing(&trend.to_string())?;
        }
        for (i, (logs, mut series)) in self
            .logs
            .rows()
            .into_iter()
            .zip(self.series.rows_mut())
            .enumerate()
        {
            let smooth = filter.trend(&logs.to_vec()).map_err(|phases| Error::Unsupported {
                what: format!("a phase-average trend of unit `{}`", self.units.name(i)),
                why: format!(
                    "its deviations from a moving average have {} from turning point to turning point, and 4 are needed; take `Trend::HodrickPrescott`",
                    counted(phases, "full phase")
                ),
            })?;
            series.assign(&Array1::from_vec(smooth));
        }
        self.trend = trend;
        self.grouped()
    }

    /// Checks that logs are positive, and sums them up.
    fn grouped(mut self) -> Result<Self> {
        if let Some(((i, t), &value)) = self.series.indexed_iter().find(|(_, v)| !(**v > 0.0)) {
            let column = if self.trend == Trend::None {
                self.variable.clone()
            } else {
                format!("trend of {}", self.variable)
            };
            return Err(Error::InvalidValue {
                cell: Cell::new(self.units.name(i), self.periods.get(t).copied(), column),
                value,
                expected: "a log above 0, since paths are relative to a mean of logs; state levels in a smaller unit (yuan, not 10,000 yuan) before logs are taken",
            });
        }
        self.all = Group::of(self.periods.len(), self.series.rows());
        Ok(self)
    }

    /// h_it, periods × units.
    #[must_use]
    pub fn relative(&self) -> Array2<f64> {
        let shape = (self.periods.len(), self.units.len());
        Array2::from_shape_fn(shape, |(t, i)| self.series[[i, t]] / self.all.mean(t))
    }

    /// The logs that h is taken of, or their trend where there is a filter; units × periods.
    #[must_use]
    pub fn trends(&self) -> ArrayView2<'_, f64> {
        self.series.view()
    }

    /// h of one unit, by period.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`].
    pub fn of_unit(&self, unit: &str) -> Result<Array1<f64>> {
        let i = self.units.require(unit, "the panel")?;
        Ok(self.mean_path(&[i]))
    }

    /// H_t by period.
    #[must_use]
    pub fn dispersion(&self) -> Array1<f64> {
        (0..self.periods.len())
            .map(|t| self.all.dispersion(t))
            .collect()
    }

    /// The log t test of all units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] (trim, critical value); [`Error::TooFewPeriods`]; [`Error::Unsupported`] for unevenly spaced periods, where all units are the same in
    /// a period, and where the regression fits exactly.
    pub fn log_t(&self, options: LogTOptions) -> Result<LogT> {
        let all: Vec<usize> = (0..self.units.len()).collect();
        self.test(&all, options)
    }

    /// The log t test of the units named, relative to the mean of these units alone.
    ///
    /// # Errors
    ///
    /// As [`log_t`](Self::log_t); [`Error::UnknownUnit`]; [`Error::DuplicateUnit`]; [`Error::TooFewUnits`] for fewer than two.
    pub fn log_t_of<S: AsRef<str>>(
        &self,
        units: impl IntoIterator<Item = S>,
        options: LogTOptions,
    ) -> Result<LogT> {
        let mut chosen = Vec::new();
        for unit in units {
            chosen.push(self.units.require(unit.as_ref(), "the panel")?);
        }
        let chosen_units = self.units.select(&chosen)?;
        if chosen_units.len() < 2 {
            return Err(Error::TooFewUnits {
                what: "log t".to_owned(),
                needed: 2,
                n: chosen_units.len(),
            });
        }
        self.test(&chosen, options)
    }

    /// The log t test of the units at these positions.
    pub(super) fn test(&self, positions: &[usize], options: LogTOptions) -> Result<LogT> {
        self.check_spacing("log t")?;
        let periods = self.periods.len();
        let design = options.design(periods)?;
        let group = Group::of(periods, positions.iter().map(|&i| self.row(i)));
        let line = design
            .fit(|t| group.dispersion(t))
            .map_err(|e| self.refuse(e, positions))?;
        let n = positions.len();
        let subject = format!("`{}`, {}", self.variable, counted(n, "unit"));
        Ok(LogT::new(line, &design, periods, n, subject, options))
    }

    pub(super) fn refuse(&self, e: super::regression::Degenerate, positions: &[usize]) -> Error {
        let mut names: Vec<_> = positions
            .iter()
            .take(3)
            .map(|&i| format!("`{}`", self.units.name(i)))
            .collect();
        if positions.len() > 3 {
            names.push(format!("… ({} in all)", counted(positions.len(), "unit")));
        }
        refusal(e, &names.join(", "), |t| match self.periods.get(t) {
            Some(period) => period.to_string(),
            None => format!("t = {}", t + 1),
        })
    }

    fn check_spacing(&self, what: &str) -> Result<()> {
        evenly_spaced(
            &self.periods,
            &format!("{what} of a panel"),
            "periods are counted t = 1, 2, 3, …",
        )
    }

    /// Mean of h over units.
    pub(super) fn mean_path(&self, positions: &[usize]) -> Array1<f64> {
        let mut mean = Array1::zeros(self.periods.len());
        for &i in positions {
            mean += &self.row(i);
        }
        mean /= positions.len() as f64;
        mean.iter_mut()
            .enumerate()
            .for_each(|(t, m)| *m /= self.all.mean(t));
        mean
    }

    pub(super) fn row(&self, unit: usize) -> ArrayView1<'_, f64> {
        self.series.row(unit)
    }

    /// Logs, or their trend, in one period counted from 0.
    pub(super) fn column(&self, t: usize) -> ArrayView1<'_, f64> {
        self.series.index_axis(Axis(1), t)
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The periods.
    #[must_use]
    pub fn periods(&self) -> &[i32] {
        &self.periods
    }

    /// Name of the column.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// The filter.
    #[must_use]
    pub fn trend(&self) -> Trend {
        self.trend
    }

    /// What a reader should know: the range of the mean log that everything is relative to, and whether logs look like levels.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let means = (0..self.periods.len()).map(|t| self.all.mean(t));
        let ends = means.fold((f64::INFINITY, 0.0_f64), |e, m| (e.0.min(m), e.1.max(m)));
        let mut notes = self.notes.clone();
        notes.push(Note::DependsOnUnit {
            lowest: ends.0,
            highest: ends.1,
        });
        notes
    }
}

impl fmt::Display for TransitionPaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = (self.periods.first(), self.periods.last());
        let (first, last) = (ends.0.unwrap_or(&0), ends.1.unwrap_or(&0));
        writeln!(
            f,
            "Relative transition paths of `{}`, {}, {first} to {last} ({}), {}",
            self.variable,
            counted(self.units.len(), "unit"),
            counted(self.periods.len(), "period"),
            self.trend
        )?;
        writeln!(
            f,
            "H {} in {first}, {} in {last}",
            significant(self.all.dispersion(0), 4),
            significant(self.all.dispersion(self.periods.len() - 1), 4)
        )?;
        write_notes(f, &self.notes())?;
        Ok(())
    }
}
