//! `Growth`: the regressand of a growth regression, with its convention and its span.

use std::fmt;

use ndarray::Array1;

use crate::data::{Panel, Table, Units};
use crate::error::{Cell, Error, Result};
use crate::regression::Regression;

/// What the regressand of a growth regression is; the speed of convergence depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// Mean annual log growth, ln(y_T / y_0) / T; the coefficient of ln y_0 is b, and speed = -ln(1 + bT) / T.
    Annual,
    /// Total log growth, ln(y_T / y_0); the coefficient of ln y_0 is B = bT, and speed = -ln(1 + B) / T.
    Total,
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Annual => "mean annual log growth",
            Self::Total => "total log growth",
        })
    }
}

/// Growth of a variable between two dates, ready to be regressed: a table with the columns `growth` and `ln_initial`.
///
/// The convention is part of the type, so that the unit of the coefficient and the formula of the speed cannot come apart.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Growth, Panel, Units};
/// let panel = Panel::from_columns(
///     &Units::new(["poor", "rich"])?,
///     &[2000, 2010],
///     [("income", array![[100.0, 400.0], [200.0, 600.0]])],
/// )?;
/// let growth = Growth::between(&panel, "income", 2000, 2010)?;
/// assert!((growth.table().values("growth")?[0] - 2.0_f64.ln() / 10.0).abs() < 1e-15);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Growth {
    table: Table,
    variable: String,
    label: String,
    span: f64,
    convention: Convention,
}

/// Name of the regressand.
pub(crate) const GROWTH: &str = "growth";
/// Name of the regressor.
pub(crate) const INITIAL: &str = "ln_initial";

impl Growth {
    /// Mean annual log growth of a panel's column between two of its periods, (1 / T) ln(y_T / y_0), T = last - first in years; the labels
    /// of the panel come along.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], [`Error::UnknownPeriod`]; [`Error::NonPositive`], which names unit and year;
    /// [`Error::InvalidOption`] where last is not after first.
    pub fn between(panel: &Panel, column: &str, first: i32, last: i32) -> Result<Self> {
        if last <= first {
            return Err(Error::InvalidOption {
                option: "the last period",
                value: last.to_string(),
                expected: "a period after the first",
            });
        }
        let initial = logs(panel, column, first)?;
        let growth = logs(panel, column, last)? - &initial;
        let mut table = Self::columns(
            panel.units(),
            initial,
            growth,
            f64::from(last) - f64::from(first),
        )?;
        let start = panel.at(first)?;
        table = with_labels(table, &start)?;
        let label = format!("{column}, {first} to {last}");
        Ok(Self::assemble(
            table,
            column,
            label,
            f64::from(last) - f64::from(first),
        ))
    }

    /// Mean annual log growth from two columns of a table that lie `span` years apart; the labels of the table come along.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::NonPositive`], which names the unit; [`Error::InvalidOption`] for a span that is not positive.
    pub fn of_columns(table: &Table, initial: &str, last: &str, span: f64) -> Result<Self> {
        if !(span > 0.0 && span.is_finite()) {
            return Err(Error::InvalidOption {
                option: "span",
                value: span.to_string(),
                expected: "a positive number of years",
            });
        }
        let log = |name: &str| {
            let values = table.values(name)?;
            check_positive(values.iter().copied(), table.units(), None, name)?;
            Ok::<_, Error>(values.mapv(f64::ln))
        };
        let start = log(initial)?;
        let growth = log(last)? - &start;
        let columns = Self::columns(table.units(), start, growth, span)?;
        let columns = with_labels(columns, table)?;
        Ok(Self::assemble(
            columns,
            initial,
            format!("{initial} to {last}"),
            span,
        ))
    }

    fn columns(
        units: &Units,
        initial: Array1<f64>,
        growth: Array1<f64>,
        span: f64,
    ) -> Result<Table> {
        Table::over(units)
            .column(GROWTH, growth / span)?
            .column(INITIAL, initial)
    }

    fn assemble(table: Table, variable: &str, label: String, span: f64) -> Self {
        Self {
            table,
            variable: variable.to_owned(),
            label,
            span,
            convention: Convention::Annual,
        }
    }

    /// The same growth as a total over the span, ln(y_T / y_0).
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] where a growth rate overflows.
    pub fn total(self) -> Result<Self> {
        if self.convention == Convention::Total {
            return Ok(self);
        }
        let mut table = Table::over(self.table.units());
        for name in self.table.column_names() {
            let values = self.table.values(name)?;
            let scale = if name == GROWTH { self.span } else { 1.0 };
            table = table.column(name, values.mapv(|v| v * scale))?;
        }
        table = with_labels(table, &self.table)?;
        Ok(Self {
            table,
            convention: Convention::Total,
            ..self
        })
    }

    /// Adds a determinant of the steady state, in the order of the units, for conditional convergence.
    ///
    /// # Errors
    ///
    /// As [`Table::column`].
    pub fn column(self, name: &str, values: impl Into<Array1<f64>>) -> Result<Self> {
        Ok(Self {
            table: self.table.column(name, values)?,
            ..self
        })
    }

    /// Adds a label (a category per unit), in the order of the units, for variances by group.
    ///
    /// # Errors
    ///
    /// As [`Table::label`].
    pub fn labelled<S: Into<String>>(
        self,
        name: &str,
        labels: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        Ok(Self {
            table: self.table.label(name, labels)?,
            ..self
        })
    }

    /// The table: `growth`, `ln_initial`, whatever was added, and the labels.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The regression of absolute convergence, growth on ln initial, to which determinants and spatial terms are added.
    pub fn regression(&self) -> Regression {
        Regression::of(GROWTH).on([INITIAL])
    }

    /// What a coefficient of ln initial is multiplied by in the share of a gap that is left at the last date: 1 + bT or 1 + B.
    pub(crate) fn multiplier(&self) -> f64 {
        match self.convention {
            Convention::Annual => self.span,
            Convention::Total => 1.0,
        }
    }

    /// Years between the two dates.
    #[must_use]
    pub fn span(&self) -> f64 {
        self.span
    }

    /// What the regressand is.
    #[must_use]
    pub fn convention(&self) -> Convention {
        self.convention
    }

    /// Name of the variable that grows.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Variable and dates, for headings.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }
}

/// An error where a regression is not one of growth on ln initial.
pub(crate) fn check_regression(regression: &Regression, what: &str) -> Result<()> {
    if regression.response == GROWTH && regression.regressors.iter().any(|r| r == INITIAL) {
        return Ok(());
    }
    Err(Error::Unsupported {
        what: format!("{what} from this regression"),
        why: format!(
            "it has to be one of `{GROWTH}` on `{INITIAL}`; start from `growth.regression()`"
        ),
    })
}

/// The table with the labels of another over the same units.
fn with_labels(mut table: Table, from: &Table) -> Result<Table> {
    for name in from.label_names() {
        table = table.label(name, from.labels(name)?)?;
    }
    Ok(table)
}

/// Natural logarithms of a panel's column in one period.
pub(crate) fn logs(panel: &Panel, column: &str, period: i32) -> Result<Array1<f64>> {
    let variable = panel.variable_at(column, period)?;
    let values = variable.values();
    check_positive(values.iter().copied(), panel.units(), Some(period), column)?;
    Ok(values.mapv(f64::ln))
}

fn check_positive(
    values: impl Iterator<Item = f64>,
    units: &Units,
    period: Option<i32>,
    column: &str,
) -> Result<()> {
    for (i, value) in values.enumerate() {
        if value <= 0.0 {
            return Err(Error::NonPositive {
                cell: Cell::new(units.name(i), period, column),
                value,
            });
        }
    }
    Ok(())
}
