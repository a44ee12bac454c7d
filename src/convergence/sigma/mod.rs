//! Sigma convergence: does dispersion fall?

mod bands;
mod bootstrapped;
mod conditional;
mod dispersion;
mod filtered;
mod histories;
mod show;
mod trend;
mod two_dates;

use ndarray::{Array1, Array2, ArrayViewMut1, Axis};

use crate::convergence::growth::logs;
use crate::data::{Panel, Units};
use crate::disparity::Ddof;
use crate::error::{Cell, Error, Result};
use crate::inference::TestResult;

pub use bands::SigmaBands;
pub use bootstrapped::{BootstrapInterval, Bootstrapped};
pub use conditional::ConditionalSigma;
pub use dispersion::{Dispersion, Measure, WeightedDispersion};
pub use filtered::{FilteredDispersion, FilteredSigma};
pub use trend::SigmaTrend;
pub use two_dates::SigmaTest;

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
    /// Levels: periods × units; in another unit in a period where squares and sums of them would leave the range of numbers.
    levels: Array2<f64>,
    /// Their logs.
    logs: Array2<f64>,
    /// The name and the values of the weights.
    weights: Option<(String, Array2<f64>)>,
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
        let mut levels = panel.values(column)?.to_owned();
        let mut series = Vec::with_capacity(panel.periods().len());
        let periods = panel.periods().iter().zip(rows.rows_mut());
        for ((&period, mut row), mut levels) in periods.zip(levels.rows_mut()) {
            row.assign(&logs(panel, column, period)?);
            tame(&mut levels);
            series.push(Dispersion::of(period, levels.view().into(), ddof)?);
        }
        Ok(Self {
            variable: column.to_owned(),
            units: panel.units().clone(),
            levels,
            logs: rows,
            weights: None,
            series,
        })
    }

    /// Adds the measures in which each unit counts by its weight of the period, such as its population.
    ///
    /// They stand beside those in which units count alike, under names of their own: [`Dispersion::weighted`], [`Measure::WEIGHTED`]. The shares
    /// f_i of the weights sum to one in each period, and `ddof` has no part in them. The weights may come from another panel of the same units
    /// that has the periods.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::UnknownPeriod`], [`Error::UnknownColumn`]; [`Error::NonPositive`] for a weight that is zero or negative,
    /// which names unit and period.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Measure, Panel, SigmaConvergence, Units};
    /// let panel = Panel::from_columns(
    ///     &Units::new(["country", "city"])?,
    ///     &[2000, 2010],
    ///     [
    ///         ("income", array![[2.0, 6.0], [4.0, 6.0]]),
    ///         ("people", array![[3.0, 1.0], [1.0, 1.0]]),
    ///     ],
    /// )?;
    /// let sigma = SigmaConvergence::of(&panel, "income")?.weighted_by(&panel, "people")?;
    /// let theil = sigma.values(Measure::WeightedTheil)?;
    /// assert!((theil[0] - 0.143_841_036).abs() < 1e-9); // ½ ln(2/3) + ½ ln 2
    /// assert!((sigma.values(Measure::Theil)?[0] - 0.130_812_036).abs() < 1e-9);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Williamson (1965), Economic Development and Cultural Change 13.
    #[doc(alias = "williamson")]
    pub fn weighted_by(mut self, panel: &Panel, column: &str) -> Result<Self> {
        let mut weights = Array2::zeros(self.levels.raw_dim());
        let rows = weights.rows_mut().into_iter().zip(self.levels.rows());
        for (d, (mut row, x)) in self.series.iter_mut().zip(rows) {
            let p = panel.variable_at(column, d.period)?;
            let values = p.checked_for(&self.units, "the dispersion")?;
            if let Some(i) = values.iter().position(|v| !(*v > 0.0)) {
                return Err(Error::NonPositive {
                    cell: Cell::new(self.units.name(i), Some(d.period), column),
                    value: values[i],
                });
            }
            row.assign(&values);
            tame(&mut row);
            d.weighted = Some(WeightedDispersion::of(x.into(), row.view().into())?);
        }
        self.weights = Some((column.to_owned(), weights));
        Ok(self)
    }

    /// The dispersion by period, in order.
    #[must_use]
    pub fn series(&self) -> &[Dispersion] {
        &self.series
    }

    /// A measure by period, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a weighted measure where no weights were given.
    pub fn values(&self, measure: Measure) -> Result<Array1<f64>> {
        let values: Option<Array1<f64>> = self.series.iter().map(|d| d.get(measure)).collect();
        values.ok_or_else(|| no_weights(measure))
    }

    /// The periods.
    #[must_use]
    pub fn periods(&self) -> impl ExactSizeIterator<Item = i32> + '_ {
        self.series.iter().map(|d| d.period)
    }

    /// Name of the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Name of the weights, where there are any.
    #[must_use]
    pub fn weights(&self) -> Option<&str> {
        self.weights.as_ref().map(|(name, _)| name.as_str())
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
        let (start, end) = self.logs_of_both(first, last)?;
        test.compute(&start, &end)
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// Logs at two dates, the second after the first.
    fn logs_of_both(&self, first: i32, last: i32) -> Result<(Array1<f64>, Array1<f64>)> {
        let (start, end) = (self.position(first)?, self.position(last)?);
        if last <= first {
            return Err(Error::InvalidOption {
                option: "the last period",
                value: last.to_string(),
                expected: "a period after the first",
            });
        }
        let row = |t: usize| self.logs.index_axis(Axis(0), t).to_owned();
        Ok((row(start), row(end)))
    }

    /// Position of a period.
    fn position(&self, period: i32) -> Result<usize> {
        let found = self.periods().position(|p| p == period);
        found.ok_or_else(|| Error::UnknownPeriod {
            period,
            available: self.periods().collect(),
        })
    }

    fn ddof(&self) -> Ddof {
        self.series.first().map_or(Ddof::Population, |d| d.ddof)
    }
}

/// Positive values in the unit of the largest one, where squares or sums of them would leave the range of numbers: dispersion is relative.
fn tame(values: &mut ArrayViewMut1<'_, f64>) {
    let most = values.iter().fold(0.0_f64, |m, v| m.max(*v));
    if !(1e-100..=1e100).contains(&most) {
        values.mapv_inplace(|v| v / most);
    }
}

fn no_weights(measure: Measure) -> Error {
    Error::Unsupported {
        what: measure.to_string(),
        why: "there are no weights; name their column with `SigmaConvergence::weighted_by`"
            .to_owned(),
    }
}
