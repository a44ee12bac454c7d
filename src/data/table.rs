//! `Table`: named columns and labels over units.

use ndarray::{Array1, ArrayView1};

use super::points::{Coordinates, Points};
use super::units::Units;
use super::variable::{Variable, check_finite};
use crate::error::{Cell, Error, Result};

/// Named numeric columns, and named labels (categories), over units.
///
/// Every column is complete and finite: a `Table` with a missing value cannot exist. A regression is fitted to a `Table`.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Table, Units};
/// let table = Table::over(&Units::new(["a", "b", "c"])?)
///     .column("income", array![1.0, 2.0, 4.0])?
///     .label("region", ["core", "core", "rest"])?;
/// assert_eq!(table.values("income")?[2], 4.0);
/// assert_eq!(table.labels("region")?[2], "rest");
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    units: Units,
    columns: Vec<(String, Array1<f64>)>,
    labels: Vec<(String, Vec<String>)>,
}

impl Table {
    /// An empty table over the units given; columns and labels are added in their order.
    #[must_use]
    pub fn over(units: &Units) -> Self {
        Self {
            units: units.clone(),
            columns: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// A table of bare columns over the units `0..n`, with n the length of the first column.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NotFinite`], [`Error::DuplicateColumn`].
    pub fn from_columns<N: Into<String>, V: Into<Array1<f64>>>(
        columns: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self> {
        let columns: Vec<(String, Array1<f64>)> = columns
            .into_iter()
            .map(|(n, v)| (n.into(), v.into()))
            .collect();
        let n = columns.first().map_or(0, |(_, v)| v.len());
        let mut table = Self::over(&Units::range(n));
        for (name, values) in columns {
            table = table.column(&name, values)?;
        }
        Ok(table)
    }

    /// The table with one more numeric column, in the order of its units.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NotFinite`] (the unit is named), [`Error::DuplicateColumn`].
    pub fn column(mut self, name: &str, values: impl Into<Array1<f64>>) -> Result<Self> {
        let values = values.into();
        self.check_new(name, values.len())?;
        check_finite(name, &self.units, values.view())?;
        self.columns.push((name.to_owned(), values));
        Ok(self)
    }

    /// The table with one more label (a category per unit), in the order of its units.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::DuplicateColumn`].
    pub fn label<S: Into<String>>(
        mut self,
        name: &str,
        labels: impl IntoIterator<Item = S>,
    ) -> Result<Self> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        self.check_new(name, labels.len())?;
        self.labels.push((name.to_owned(), labels));
        Ok(self)
    }

    /// The table with the natural logarithm of a column, named `ln_` and the column's name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::NonPositive`], which names the unit.
    pub fn with_ln(self, column: &str) -> Result<Self> {
        let values = self.values(column)?;
        if let Some(i) = values.iter().position(|&v| v <= 0.0) {
            return Err(Error::NonPositive {
                cell: Cell::new(self.units.name(i), None, column),
                value: values[i],
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

    /// Number of units.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there is no unit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Names of the numeric columns, in the order in which they were added.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(n, _)| n.as_str())
    }

    /// Names of the labels, in the order in which they were added.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|(n, _)| n.as_str())
    }

    /// Values of a numeric column.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the columns that exist.
    pub fn values(&self, name: &str) -> Result<ArrayView1<'_, f64>> {
        self.columns
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.view())
            .ok_or_else(|| unknown(name, self.column_names()))
    }

    /// A numeric column with its name and units, as statistics take it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`].
    pub fn variable(&self, name: &str) -> Result<Variable<'_>> {
        Ok(Variable::of_units(
            name,
            self.units.clone(),
            self.values(name)?,
        ))
    }

    /// A label, one category per unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the labels that exist.
    pub fn labels(&self, name: &str) -> Result<&[String]> {
        self.labels
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, l)| l.as_slice())
            .ok_or_else(|| unknown(name, self.label_names()))
    }

    /// Points from two columns that hold longitudes and latitudes in degrees, over the units of the table.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::CoordinateOutOfRange`], which names the unit.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Table;
    /// let seats = Table::csv_text("code,lon,lat\n440100,113.25,23.11667\n440200,113.58333,24.8\n")
    ///     .unit("code")
    ///     .read()?;
    /// let points = seats.points_lon_lat("lon", "lat")?;
    /// assert_eq!(points.xy()[1], [113.58333, 24.8]);
    /// assert_eq!(points.units(), seats.units());
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn points_lon_lat(&self, lon: &str, lat: &str) -> Result<Points> {
        self.points(Coordinates::LonLat, lon, lat)
    }

    /// Points from two columns that hold coordinates of a plane, over the units of the table.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`].
    pub fn points_planar(&self, x: &str, y: &str) -> Result<Points> {
        self.points(Coordinates::Planar, x, y)
    }

    fn points(&self, coordinates: Coordinates, x: &str, y: &str) -> Result<Points> {
        let (x, y) = (self.values(x)?, self.values(y)?);
        let pairs = x.iter().copied().zip(y.iter().copied());
        Points::new(coordinates, Some(self.units.clone()), pairs)
    }

    /// The rows of the units given, in their order; units of the table that are not among them are left out.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`] where the table lacks one of them.
    pub fn aligned_to(&self, units: &Units) -> Result<Self> {
        let positions: Vec<usize> = units
            .iter()
            .map(|id| self.units.require(&id, "the table"))
            .collect::<Result<_>>()?;
        Ok(Self {
            units: units.clone(),
            ..self.rows(&positions)?
        })
    }

    /// The table without the units given.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`] where one of them is not in the table.
    pub fn without<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Self> {
        self.rows(&self.units.complement(ids, "the table")?)
    }

    /// The same table with other ids for its units, by position.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`].
    pub fn relabelled(&self, units: &Units) -> Result<Self> {
        self.units.check_relabel(units, "the table")?;
        Ok(Self {
            units: units.clone(),
            ..self.clone()
        })
    }

    fn rows(&self, positions: &[usize]) -> Result<Self> {
        Ok(Self {
            units: self.units.select(positions)?,
            columns: self
                .columns
                .iter()
                .map(|(n, v)| (n.clone(), positions.iter().map(|&i| v[i]).collect()))
                .collect(),
            labels: self
                .labels
                .iter()
                .map(|(n, l)| (n.clone(), positions.iter().map(|&i| l[i].clone()).collect()))
                .collect(),
        })
    }

    fn check_new(&self, name: &str, found: usize) -> Result<()> {
        if self
            .column_names()
            .chain(self.label_names())
            .any(|n| n == name)
        {
            return Err(Error::DuplicateColumn {
                name: name.to_owned(),
            });
        }
        let expected = self.units.len();
        if found == expected {
            return Ok(());
        }
        Err(Error::LengthMismatch {
            what: format!("column `{name}`"),
            expected,
            found,
        })
    }
}

pub(crate) fn unknown<'a>(name: &str, available: impl Iterator<Item = &'a str>) -> Error {
    Error::UnknownColumn {
        name: name.to_owned(),
        available: available.map(str::to_owned).collect(),
    }
}
