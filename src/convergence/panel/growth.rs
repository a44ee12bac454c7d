//! `PanelGrowth`: growth over successive or overlapping spans, as a panel.

use std::fmt;

use ndarray::{Array1, Array2};

use crate::convergence::growth::{GROWTH, INITIAL, logs};
use crate::data::Panel;
use crate::error::{Error, Result};
use crate::regression::{Effects, Regression};
use crate::text::counted;

/// Growth over spans of s years, ready to be regressed: a panel with the columns `growth`, `(1 / s) ln(y_{t+s} / y_t)`, and `ln_initial`, `ln y_t`.
///
/// A period of this panel is the year in which a span starts. Spans of three to five years damp business cycles; yearly growth has the span 1.
///
/// - [`spans`](Self::spans): one after the other, from the first period on.
/// - [`overlapping`](Self::overlapping): one from every period; growth of spans that share years shares their shocks, so that errors are moving averages, of
///   order s - 1 in a panel of every year, and standard errors have to allow for it (see [`PanelBetaConvergence`](crate::PanelBetaConvergence)).
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Panel, PanelGrowth, Units};
/// let panel = Panel::from_columns(
///     &Units::new(["poor", "rich"])?,
///     &[2000, 2001, 2002, 2003, 2004],
///     [("income", array![[1.0, 4.0], [1.1, 4.1], [1.3, 4.2], [1.4, 4.5], [1.6, 4.6]])],
/// )?;
/// let growth = PanelGrowth::spans(&panel, "income", 2)?;
/// assert_eq!(growth.panel().periods(), [2000, 2002]);
/// assert!((growth.panel().values("growth")?[[0, 0]] - 1.3_f64.ln() / 2.0).abs() < 1e-15);
/// assert_eq!(PanelGrowth::overlapping(&panel, "income", 2)?.panel().periods(), [2000, 2001, 2002]);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PanelGrowth {
    panel: Panel,
    variable: String,
    span: i32,
    overlapping: bool,
    left_out: Vec<i32>,
}

impl PanelGrowth {
    /// Growth over spans of so many years, one after the other from the first period of the panel on.
    ///
    /// Periods that lie in no span are [left out](Self::left_out).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a span of less than a year, and where no two periods lie so far apart; [`Error::UnknownColumn`];
    /// [`Error::NonPositive`], which names unit and year.
    pub fn spans(panel: &Panel, column: &str, years: i32) -> Result<Self> {
        let mut starts: Vec<i32> = Vec::new();
        for start in possible(panel, years)? {
            if starts
                .last()
                .is_none_or(|last| i64::from(start) - i64::from(*last) >= i64::from(years))
            {
                starts.push(start);
            }
        }
        Self::starting(panel, column, years, &starts, false)
    }

    /// Growth over spans of so many years, one from every period that has another so many years later.
    ///
    /// # Errors
    ///
    /// As [`spans`](Self::spans).
    pub fn overlapping(panel: &Panel, column: &str, years: i32) -> Result<Self> {
        let starts = possible(panel, years)?;
        Self::starting(panel, column, years, &starts, true)
    }

    fn starting(
        panel: &Panel,
        column: &str,
        span: i32,
        starts: &[i32],
        overlapping: bool,
    ) -> Result<Self> {
        let shape = (starts.len(), panel.units().len());
        let (mut growth, mut initial) = (Array2::zeros(shape), Array2::zeros(shape));
        for (row, &start) in starts.iter().enumerate() {
            let from = logs(panel, column, start)?;
            let rates = (logs(panel, column, start + span)? - &from) / f64::from(span);
            growth.row_mut(row).assign(&rates);
            initial.row_mut(row).assign(&from);
        }
        let mut spans = Panel::over(panel.units(), starts)?
            .column(GROWTH, growth)?
            .column(INITIAL, initial)?;
        for name in panel.label_names() {
            spans = spans.label(name, panel.labels(name)?)?;
        }
        let used = |p: &i32| starts.iter().any(|s| (*s..=s + span).contains(p));
        let left_out = panel
            .periods()
            .iter()
            .copied()
            .filter(|p| !used(p))
            .collect();
        Ok(Self {
            panel: spans,
            variable: column.to_owned(),
            span,
            overlapping,
            left_out,
        })
    }

    /// Adds determinants of the steady state, each at the start of its span, from columns of a panel that has those periods.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::UnknownColumn`], [`Error::UnknownPeriod`], [`Error::DuplicateColumn`].
    pub fn with_initial<S: AsRef<str>>(
        self,
        source: &Panel,
        columns: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        self.with(source, columns, |source, column, start, _| {
            Ok(source.variable_at(column, start)?.values().to_owned())
        })
    }

    /// Adds determinants of the steady state, each as its mean over the periods from the start of its span to the last before its end.
    ///
    /// # Errors
    ///
    /// As [`with_initial`](Self::with_initial).
    pub fn with_means<S: AsRef<str>>(
        self,
        source: &Panel,
        columns: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        self.with(source, columns, |source, column, start, span| {
            source.variable_at(column, start)?;
            let within = source.between(start, start + span - 1)?;
            let values = within.values(column)?;
            Ok(values.sum_axis(ndarray::Axis(0)) / values.nrows() as f64)
        })
    }

    fn with<S: AsRef<str>>(
        mut self,
        source: &Panel,
        columns: impl IntoIterator<Item = S>,
        of: impl Fn(&Panel, &str, i32, i32) -> Result<Array1<f64>>,
    ) -> Result<Self> {
        let units = self.panel.units();
        units.check_same("growth", source.units(), "the determinants")?;
        for column in columns {
            let column = column.as_ref();
            let starts = self.panel.periods();
            let mut values = Array2::zeros((starts.len(), self.panel.units().len()));
            for (mut row, &start) in values.rows_mut().into_iter().zip(starts) {
                row.assign(&of(source, column, start, self.span)?);
            }
            self.panel = self.panel.column(column, values)?;
        }
        Ok(self)
    }

    /// The panel: `growth`, `ln_initial`, whatever was added, and the labels; a period is the start of a span.
    #[must_use]
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// The regression of growth on ln initial within unit and time effects, to which determinants are added.
    ///
    /// Unit effects stand for steady states that differ, time effects for shocks that all share; other [`effects`](Regression::effects) replace them.
    pub fn regression(&self) -> Regression {
        Regression::of(GROWTH)
            .on([INITIAL])
            .effects(Effects::TwoWays)
    }

    /// Years of a span.
    #[must_use]
    pub fn span(&self) -> i32 {
        self.span
    }

    /// Whether spans overlap.
    #[must_use]
    pub fn is_overlapping(&self) -> bool {
        self.overlapping_lags() > 0
    }

    /// How many later spans start before one ends, at the most: the order of the moving average that their errors are.
    pub(crate) fn overlapping_lags(&self) -> usize {
        let starts = self.panel.periods();
        let later = |(i, start): (usize, &i32)| {
            let end = start + self.span;
            starts[i + 1..].partition_point(|s| *s < end)
        };
        let most = starts.iter().enumerate().map(later).max();
        most.filter(|_| self.overlapping).unwrap_or(0)
    }

    /// The periods of the source that lie in no span.
    #[must_use]
    pub fn left_out(&self) -> &[i32] {
        &self.left_out
    }

    /// Name of the variable that grows.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }
}

/// Variable, spans and periods, for headings.
impl fmt::Display for PanelGrowth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts = self.panel.periods();
        let (first, last) = (starts[0], starts[starts.len() - 1]);
        let kind = if self.is_overlapping() {
            "overlapping span"
        } else {
            "successive span"
        };
        write!(
            f,
            "{}, {} of {} from {first} to {}",
            self.variable,
            counted(starts.len(), kind),
            counted(self.span as usize, "year"),
            last + self.span
        )
    }
}

/// The periods that have another so many years later.
fn possible(panel: &Panel, years: i32) -> Result<Vec<i32>> {
    if years < 1 {
        return Err(Error::InvalidOption {
            option: "years of a span",
            value: years.to_string(),
            expected: "one year or more",
        });
    }
    let periods = panel.periods();
    let ends = |p: &i32| {
        p.checked_add(years)
            .is_some_and(|end| periods.binary_search(&end).is_ok())
    };
    let starts: Vec<i32> = periods.iter().copied().filter(ends).collect();
    if starts.is_empty() {
        return Err(Error::InvalidOption {
            option: "years of a span",
            value: years.to_string(),
            expected: "a number of years that lies between two periods of the panel",
        });
    }
    Ok(starts)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::PanelGrowth;
    use crate::random::Stream;
    use crate::{Panel, PanelBetaConvergence, Units, Vcov};

    /// Lags are counted in periods of the panel, not in years.
    #[test]
    fn errors_of_spans_are_averages_of_as_many_periods_as_spans_share() {
        let mut stream = Stream::new(1, 0);
        let y = Array2::from_shape_fn((12, 9), |_| (0.3 * stream.normal()).exp());
        for (step, span, lags) in [(1, 1, 0), (1, 3, 2), (5, 5, 0), (5, 10, 1), (5, 15, 2)] {
            let years: Vec<i32> = (0..12).map(|t| 1950 + step * t).collect();
            let panel = Panel::from_columns(&Units::range(9), &years, [("y", y.clone())]).unwrap();
            let growth = PanelGrowth::overlapping(&panel, "y", span).unwrap();
            assert_eq!(growth.is_overlapping(), lags > 0);
            assert_eq!(growth.overlapping_lags(), lags);
            let beta = PanelBetaConvergence::fit(&growth, &growth.regression()).unwrap();
            let kind = beta.regression().vcov_kind();
            assert!(match lags {
                0 => kind == Vcov::Classical,
                _ => [
                    Vcov::HansenHodrick { lags },
                    Vcov::NeweyWest { lags: Some(lags) }
                ]
                .contains(&kind),
            });
            let successive = PanelGrowth::spans(&panel, "y", span).unwrap();
            assert!(!successive.is_overlapping());
        }
    }
}
