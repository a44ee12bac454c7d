//! `Variable`: one value per unit, with a name, and with the units where they are known.

use ndarray::{Array1, ArrayView1};

use super::units::Units;
use crate::error::{Cell, Error, Result};

/// One finite value per unit: what a statistic is computed of.
///
/// A column of a [`Table`](crate::Table) (`table.variable("crime")?`) brings its units, which are compared with those of
/// the weights. A bare array (`&y`, `y.view()`, a slice) has none: it is taken in the order of the weights, and
/// only its length can be checked.
///
/// # Example
///
/// ```
/// use spatialecon::Variable;
/// let bare = Variable::from(&[1.0, 2.0, 4.0][..]).named("income");
/// assert_eq!((bare.name(), bare.len()), ("income", 3));
/// ```
#[derive(Debug, Clone)]
pub struct Variable<'a> {
    name: String,
    units: Option<Units>,
    values: ArrayView1<'a, f64>,
}

impl<'a> Variable<'a> {
    pub(crate) fn of_units(name: &str, units: Units, values: ArrayView1<'a, f64>) -> Self {
        Self {
            name: name.to_owned(),
            units: Some(units),
            values,
        }
    }

    /// The same values under another name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Name of the variable; `x` for a bare array.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> ArrayView1<'a, f64> {
        self.values
    }

    /// The units, where they are known.
    pub(crate) fn units(&self) -> Option<&Units> {
        self.units.as_ref()
    }

    /// The values, once they are known to belong to the units given and to be finite.
    pub(crate) fn checked_for(&self, units: &Units, of: &str) -> Result<ArrayView1<'a, f64>> {
        match &self.units {
            Some(own) => own.check_same(&format!("`{}`", self.name), units, of)?,
            None if self.values.len() != units.len() => {
                return Err(Error::LengthMismatch {
                    what: format!("`{}` in the order of {of}", self.name),
                    expected: units.len(),
                    found: self.values.len(),
                });
            }
            None => {}
        }
        check_finite(&self.name, units, self.values)?;
        Ok(self.values)
    }
}

/// The first NaN or infinity of a column, as an error that names its unit.
pub(crate) fn check_finite(name: &str, units: &Units, values: ArrayView1<'_, f64>) -> Result<()> {
    // zero times a number that is not finite is NaN; many at a time, as this runs before every lag
    if let Some(values) = values.as_slice() {
        let (many, few) = values.as_chunks::<8>();
        let mut zero = [0.0; 8];
        for chunk in many {
            for (zero, v) in zero.iter_mut().zip(chunk) {
                *zero += v * 0.0;
            }
        }
        if !zero.iter().any(|z| z.is_nan()) && few.iter().all(|v| v.is_finite()) {
            return Ok(());
        }
    }
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(i) => Err(Error::NotFinite {
            cell: Cell::new(units.name(i), None, name),
            value: values[i],
        }),
    }
}

impl<'a> From<ArrayView1<'a, f64>> for Variable<'a> {
    fn from(values: ArrayView1<'a, f64>) -> Self {
        Self {
            name: "x".to_owned(),
            units: None,
            values,
        }
    }
}

impl<'a> From<&'a Array1<f64>> for Variable<'a> {
    fn from(values: &'a Array1<f64>) -> Self {
        values.view().into()
    }
}

impl<'a> From<&'a [f64]> for Variable<'a> {
    fn from(values: &'a [f64]) -> Self {
        ArrayView1::from(values).into()
    }
}

impl<'a> From<&'a Vec<f64>> for Variable<'a> {
    fn from(values: &'a Vec<f64>) -> Self {
        ArrayView1::from(values.as_slice()).into()
    }
}
