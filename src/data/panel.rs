//! `Panel`: named columns over units and periods, balanced.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::table::{Table, unknown};
use super::units::Units;
use super::variable::Variable;
use crate::error::{Cell, Error, Result};

/// Named numeric columns over units and periods, and named labels (categories) over units.
///
/// A panel is balanced, complete and finite: each column holds one value for every unit in every period. A column is an
/// array of shape periods × units, so that a row is the cross-section of a period in the order of the units. Cells are
/// found by unit and period, never by the position of a row in a file.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Panel, Units};
/// let gdp = array![[10.0, 5.0], [11.0, 6.0], [12.0, 8.0]];
/// let panel = Panel::from_columns(&Units::new(["a", "b"])?, &[2000, 2001, 2002], [("gdp", gdp)])?;
/// assert_eq!(panel.at(2001)?.values("gdp")?[1], 6.0);
/// assert_eq!(panel.between(2001, 2002)?.values("gdp")?[[1, 0]], 12.0);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
#[doc(alias = "pdata.frame")]
#[doc(alias = "xtset")]
pub struct Panel {
    units: Units,
    periods: Vec<i32>,
    columns: Vec<(String, Array2<f64>)>,
    labels: Vec<(String, Vec<String>)>,
}

impl Panel {
    /// An empty panel over units and strictly increasing periods; columns and labels are added in their order.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where there is no period, or where a period does not exceed the one before it.
    pub fn over(units: &Units, periods: &[i32]) -> Result<Self> {
        let fault = if periods.is_empty() {
            Some("no period".to_owned())
        } else {
            let pair = periods.windows(2).find(|pair| pair[0] >= pair[1]);
            pair.map(|pair| format!("…, {}, {}, …", pair[0], pair[1]))
        };
        if let Some(value) = fault {
            return Err(Error::InvalidOption {
                option: "periods",
                value,
                expected: "strictly increasing periods, one at least",
            });
        }
        Ok(Self {
            units: units.clone(),
            periods: periods.to_vec(),
            columns: Vec::new(),
            labels: Vec::new(),
        })
    }

    /// A panel of columns of shape periods × units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] (periods), [`Error::LengthMismatch`], [`Error::NotFinite`], [`Error::DuplicateColumn`].
    pub fn from_columns<N: AsRef<str>, V: Into<Array2<f64>>>(
        units: &Units,
        periods: &[i32],
        columns: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self> {
        let mut panel = Self::over(units, periods)?;
        for (name, values) in columns {
            panel = panel.column(name.as_ref(), values)?;
        }
        Ok(panel)
    }

    /// A panel of one column from a table that has a column per period.
    ///
    /// Every numeric column whose name is an integer is a period; the labels of the table are kept, its other numeric
    /// columns are not.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`] where no name of a column is an integer; [`Error::DuplicateColumn`] where two name the same
    /// period, or where a label has the name of the new column.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Panel, Table};
    /// let wide = Table::csv_text("state,1929,1930\nAlabama,323,267\nArizona,600,520\n")
    ///     .unit("state")
    ///     .read()?;
    /// let panel = Panel::from_wide(&wide, "income")?;
    /// assert_eq!(panel.periods(), [1929, 1930]);
    /// assert_eq!(panel.values("income")?[[1, 0]], 267.0);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "melt")]
    #[doc(alias = "reshape_long")]
    #[doc(alias = "pivot_longer")]
    pub fn from_wide(table: &Table, name: &str) -> Result<Self> {
        let mut columns: Vec<(i32, &str)> = table
            .column_names()
            .filter_map(|column| Some((column.parse().ok()?, column)))
            .collect();
        columns.sort_unstable();
        if columns.is_empty() {
            return Err(unknown("a period such as 2000", table.column_names()));
        }
        if let Some(pair) = columns.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::DuplicateColumn {
                name: pair[1].1.to_owned(),
            });
        }
        let periods: Vec<i32> = columns.iter().map(|(period, _)| *period).collect();
        let mut values = Array2::zeros((periods.len(), table.len()));
        for (mut row, (_, column)) in values.rows_mut().into_iter().zip(&columns) {
            row.assign(&table.values(column)?);
        }
        let mut panel = Self::over(table.units(), &periods)?.column(name, values)?;
        for label in table.label_names() {
            panel = panel.label(label, table.labels(label)?)?;
        }
        Ok(panel)
    }

    /// The panel with one more numeric column, of shape periods × units.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NotFinite`] (unit and period are named), [`Error::DuplicateColumn`].
    pub fn column(mut self, name: &str, values: impl Into<Array2<f64>>) -> Result<Self> {
        let values = values.into();
        self.check_name(name)?;
        for (what, found, expected) in [
            ("periods (rows)", values.nrows(), self.periods.len()),
            ("units (columns)", values.ncols(), self.units.len()),
        ] {
            if found != expected {
                return Err(Error::LengthMismatch {
                    what: format!("{what} of `{name}`"),
                    expected,
                    found,
                });
            }
        }
        if let Some(((t, i), &value)) = values.indexed_iter().find(|(_, v)| !v.is_finite()) {
            return Err(Error::NotFinite {
                cell: self.cell(t, i, name),
                value,
            });
        }
        self.columns.push((name.to_owned(), values));
        Ok(self)
    }

    /// The panel with one more label (a category per unit), in the order of its units.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::DuplicateColumn`].
    pub fn label<S: Into<String>>(
        mut self,
        name: &str,
        labels: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        self.check_name(name)?;
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        if labels.len() != self.units.len() {
            return Err(Error::LengthMismatch {
                what: format!("label `{name}`"),
                expected: self.units.len(),
                found: labels.len(),
            });
        }
        self.labels.push((name.to_owned(), labels));
        Ok(self)
    }

    /// The panel with the natural logarithm of a column, named `ln_` and the column's name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::NonPositive`], which names unit and period.
    pub fn with_ln(self, column: &str) -> Result<Self> {
        let values = self.values(column)?;
        if let Some(((t, i), &value)) = values.indexed_iter().find(|(_, v)| **v <= 0.0) {
            return Err(Error::NonPositive {
                cell: self.cell(t, i, column),
                value,
            });
        }
        let logs = values.mapv(f64::ln);
        self.column(&format!("ln_{column}"), logs)
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The periods, strictly increasing.
    #[must_use]
    pub fn periods(&self) -> &[i32] {
        &self.periods
    }

    /// Names of the numeric columns, in the order in which they were added.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(n, _)| n.as_str())
    }

    /// Names of the labels, in the order in which they were added.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|(n, _)| n.as_str())
    }

    /// Values of a numeric column, periods × units.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the columns that exist.
    pub fn values(&self, name: &str) -> Result<ArrayView2<'_, f64>> {
        let found = self.columns.iter().find(|(n, _)| n == name);
        found
            .map(|(_, v)| v.view())
            .ok_or_else(|| unknown(name, self.column_names()))
    }

    /// A numeric column in one period, with its name and units, as statistics take it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], [`Error::UnknownPeriod`].
    pub fn variable_at(&self, name: &str, period: i32) -> Result<Variable<'_>> {
        let row = self.position(period)?;
        let column = self.columns.iter().find(|(n, _)| n == name);
        let (_, values) = column.ok_or_else(|| unknown(name, self.column_names()))?;
        Ok(Variable::of_units(
            name,
            self.units.clone(),
            values.row(row),
        ))
    }

    /// A label, one category per unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the labels that exist.
    pub fn labels(&self, name: &str) -> Result<&[String]> {
        let found = self.labels.iter().find(|(n, _)| n == name);
        found
            .map(|(_, l)| l.as_slice())
            .ok_or_else(|| unknown(name, self.label_names()))
    }

    /// The cross-section of one period, with all columns and labels.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPeriod`], which lists the periods that exist.
    pub fn at(&self, period: i32) -> Result<Table> {
        let row = self.position(period)?;
        let mut table = Table::over(&self.units);
        for (name, values) in &self.columns {
            table = table.column(name, values.row(row).to_owned())?;
        }
        for (name, labels) in &self.labels {
            table = table.label(name, labels)?;
        }
        Ok(table)
    }

    /// The columns and labels named as a table of observations, every unit in the first period, then in the second; ids read `unit, period`.
    pub(crate) fn stacked<'a>(&'a self, names: impl IntoIterator<Item = &'a str>) -> Result<Table> {
        let mut table = Table::over(&Units::crossed(&self.units, &self.periods));
        for name in names {
            if table
                .column_names()
                .chain(table.label_names())
                .any(|n| n == name)
            {
                continue;
            }
            if let Ok(labels) = self.labels(name) {
                let all = labels
                    .iter()
                    .cycle()
                    .take(labels.len() * self.periods.len());
                table = table.label(name, all)?;
            } else {
                table = table.column(
                    name,
                    self.values(name)?.iter().copied().collect::<Array1<f64>>(),
                )?;
            }
        }
        Ok(table)
    }

    /// The panel from a first to a last period, both included; the ends need not be periods of the panel.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where no period of the panel lies between them.
    pub fn between(&self, first: i32, last: i32) -> Result<Self> {
        let rows: Vec<usize> = (0..self.periods.len())
            .filter(|&t| (first..=last).contains(&self.periods[t]))
            .collect();
        if rows.is_empty() {
            return Err(Error::InvalidOption {
                option: "between",
                value: format!("{first} to {last}"),
                expected: "a span that holds a period of the panel",
            });
        }
        Ok(Self {
            periods: rows.iter().map(|&t| self.periods[t]).collect(),
            columns: self.select(Axis(0), &rows),
            units: self.units.clone(),
            labels: self.labels.clone(),
        })
    }

    /// The panel of the units given, in their order; units of the panel that are not among them are left out.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`] where the panel lacks one of them.
    pub fn aligned_to(&self, units: &Units) -> Result<Self> {
        let positions: Vec<usize> = units
            .iter()
            .map(|id| self.units.require(&id, "the panel"))
            .collect::<Result<_>>()?;
        Ok(self.of_units(units.clone(), &positions))
    }

    /// The panel without the units given.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`] where one of them is not in the panel.
    pub fn without<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Self> {
        let positions = self.units.complement(ids, "the panel")?;
        Ok(self.of_units(self.units.select(&positions)?, &positions))
    }

    /// The same panel with other ids for its units, by position.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`].
    pub fn relabelled(&self, units: &Units) -> Result<Self> {
        self.units.check_relabel(units, "the panel")?;
        Ok(Self {
            units: units.clone(),
            ..self.clone()
        })
    }

    fn of_units(&self, units: Units, positions: &[usize]) -> Self {
        let pick = |l: &Vec<String>| positions.iter().map(|&i| l[i].clone()).collect();
        Self {
            units,
            periods: self.periods.clone(),
            columns: self.select(Axis(1), positions),
            labels: self
                .labels
                .iter()
                .map(|(n, l)| (n.clone(), pick(l)))
                .collect(),
        }
    }

    fn select(&self, axis: Axis, positions: &[usize]) -> Vec<(String, Array2<f64>)> {
        self.columns
            .iter()
            .map(|(n, v)| (n.clone(), v.select(axis, positions)))
            .collect()
    }

    fn position(&self, period: i32) -> Result<usize> {
        self.periods
            .binary_search(&period)
            .map_err(|_| Error::UnknownPeriod {
                period,
                available: self.periods.clone(),
            })
    }

    fn cell(&self, t: usize, i: usize, column: &str) -> Cell {
        Cell::new(self.units.name(i), self.periods.get(t).copied(), column)
    }

    fn check_name(&self, name: &str) -> Result<()> {
        let mut taken = self.column_names().chain(self.label_names());
        if taken.any(|n| n == name) {
            return Err(Error::DuplicateColumn {
                name: name.to_owned(),
            });
        }
        Ok(())
    }
}

/// An error where the years (or whatever a period is) between successive periods differ; `why` says why they must not.
pub(crate) fn evenly_spaced(periods: &[i32], what: &str, why: &str) -> Result<()> {
    let step = |p: &[i32]| i64::from(p[1]) - i64::from(p[0]);
    let mut pairs = periods.windows(2);
    let Some(first) = pairs.next() else {
        return Ok(());
    };
    match pairs.find(|p| step(p) != step(first)) {
        None => Ok(()),
        Some(other) => Err(Error::Unsupported {
            what: format!("{what} whose periods are not evenly spaced"),
            why: format!(
                "{why}; {} to {} is a step of {}, {} to {} one of {}; choose evenly spaced periods, or a span of them with `between`",
                first[0],
                first[1],
                step(first),
                other[0],
                other[1],
                step(other)
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn panel() -> Panel {
        let units = Units::new(["a", "b", "c"]).unwrap();
        let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        Panel::from_columns(&units, &[2000, 2005], [("x", x)])
            .unwrap()
            .label("l", ["p", "q", "p"])
            .unwrap()
    }

    #[test]
    fn a_cross_section_has_columns_labels_and_units() {
        let table = panel().at(2005).unwrap();
        assert_eq!(table.values("x").unwrap(), array![4.0, 5.0, 6.0]);
        assert_eq!(table.labels("l").unwrap(), ["p", "q", "p"]);
        assert_eq!(table.units(), panel().units());
        let panel = panel();
        let variable = panel.variable_at("x", 2000).unwrap();
        assert_eq!(variable.values(), array![1.0, 2.0, 3.0]);
        assert!(variable.checked_for(panel.units(), "the panel").is_ok());
    }

    #[test]
    fn units_are_selected_with_their_labels() {
        let order = Units::new(["c", "a"]).unwrap();
        let aligned = panel().aligned_to(&order).unwrap();
        assert_eq!(aligned.values("x").unwrap(), array![[3.0, 1.0], [6.0, 4.0]]);
        let without = panel().without(["b"]).unwrap();
        assert_eq!(without.values("x").unwrap(), array![[1.0, 3.0], [4.0, 6.0]]);
        assert_eq!(without.labels("l").unwrap(), ["p", "p"]);
        assert!(matches!(
            panel().without(["z"]),
            Err(Error::UnknownUnit { .. })
        ));
        let renamed = panel().relabelled(&Units::range(3)).unwrap();
        assert_eq!(renamed.units(), &Units::range(3));
    }

    #[test]
    fn a_span_need_not_end_at_periods() {
        assert_eq!(panel().between(2001, 2030).unwrap().periods(), [2005]);
        assert!(matches!(
            panel().between(2001, 2004),
            Err(Error::InvalidOption { .. })
        ));
    }

    #[test]
    fn faults_are_named() {
        let units = Units::new(["a", "b"]).unwrap();
        for periods in [&[][..], &[1, 1], &[2, 1]] {
            assert!(matches!(
                Panel::over(&units, periods),
                Err(Error::InvalidOption { .. })
            ));
        }
        let one = |values| Panel::from_columns(&units, &[7, 8], [("x", values)]);
        let Err(Error::NotFinite { cell, .. }) = one(array![[1.0, 2.0], [3.0, f64::NAN]]) else {
            panic!("another result")
        };
        assert_eq!(cell, Cell::new("b", Some(8), "x"));
        let Err(Error::LengthMismatch {
            expected, found, ..
        }) = one(Array2::zeros((3, 2)))
        else {
            panic!("another result")
        };
        assert_eq!((expected, found), (2, 3));
        let Err(Error::NonPositive { cell, .. }) =
            one(array![[1.0, 2.0], [0.0, 1.0]]).unwrap().with_ln("x")
        else {
            panic!("another result")
        };
        assert_eq!(cell, Cell::new("a", Some(8), "x"));
        assert!(matches!(panel().at(2001), Err(Error::UnknownPeriod { .. })));
        assert!(matches!(
            panel().label("x", ["", "", ""]),
            Err(Error::DuplicateColumn { .. })
        ));
    }

    #[test]
    fn wide_columns_become_periods_in_increasing_order() {
        let column = |v: [f64; 2]| Array1::from(v.to_vec());
        let wide = |names: [&'static str; 3]| {
            let values = [[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]].map(column);
            Table::from_columns(names.into_iter().zip(values)).unwrap()
        };
        let panel = Panel::from_wide(&wide(["1930", "1929", "fips"]), "income").unwrap();
        assert_eq!(panel.periods(), [1929, 1930]);
        assert_eq!(
            panel.values("income").unwrap(),
            array![[3.0, 4.0], [1.0, 2.0]]
        );
        assert_eq!(panel.column_names().collect::<Vec<_>>(), ["income"]);
        let twice = Panel::from_wide(&wide(["1930", "+1930", "fips"]), "income");
        assert!(matches!(twice, Err(Error::DuplicateColumn { .. })));
        let none = Panel::from_wide(&wide(["x", "y", "fips"]), "income");
        assert!(matches!(none, Err(Error::UnknownColumn { .. })));
    }
}
