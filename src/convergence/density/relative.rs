//! `RelativeTo`: values relative to the mean of the period, to neighbours, or to a group.

use ndarray::{Array1, Array2};

use crate::data::Panel;
use crate::error::{Cell, Error, Result};
use crate::weights::Weights;

/// What values of a period are relative to.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Panel, RelativeTo, Units};
/// let income = array![[1.0, 2.0, 3.0], [2.0, 2.0, 8.0]];
/// let panel = Panel::from_columns(&Units::new(["a", "b", "c"])?, &[2000, 2010], [("income", income)])?;
/// let relative = RelativeTo::Mean.of(&panel, "income")?;
/// assert_eq!(relative.values("income")?.row(1).to_vec(), [0.5, 0.5, 2.0]);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum RelativeTo<'a> {
    /// The mean of all units in the period, each counting alike.
    Mean,
    /// The weighted mean of the neighbours in the period: y_i Σ_j w_ij / Σ_j w_ij y_j.
    Neighbours(&'a Weights),
    /// The mean, in the period, of the units that have a value of a label: the core, for instance.
    Group {
        /// Name of the label.
        label: &'a str,
        /// Its value.
        value: &'a str,
    },
}

impl RelativeTo<'_> {
    /// The panel with this column alone, relative; labels are kept.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::NonPositive`], which names unit and period; [`Error::UnitsDiffer`]; [`Error::Islands`] for units without
    /// neighbours; [`Error::InvalidOption`] for a value of the label that no unit has.
    #[doc(alias = "relative income")]
    pub fn of(self, panel: &Panel, column: &str) -> Result<Panel> {
        let values = panel.values(column)?;
        let (units, periods) = (panel.units(), panel.periods());
        if let Some(((t, i), &value)) = values.indexed_iter().find(|(_, v)| !(**v > 0.0)) {
            return Err(Error::NonPositive {
                cell: Cell::new(units.name(i), Some(periods[t]), column),
                value,
            });
        }
        let mut relative = Array2::zeros(values.dim());
        let members = self.members(panel)?;
        let sums = self.sums()?;
        for (t, row) in values.rows().into_iter().enumerate() {
            let mut to = relative.row_mut(t);
            if let (Self::Neighbours(w), Some(sums)) = (&self, &sums) {
                let lag = w.lag(panel.variable_at(column, periods[t])?)?;
                to.assign(&(&row * sums / lag));
            } else {
                let of = members.iter().map(|&i| row[i]);
                let mean = of.sum::<f64>() / members.len() as f64;
                to.assign(&(&row / mean));
            }
        }
        let mut out = Panel::from_columns(units, periods, [(column, relative)])?;
        for label in panel.label_names() {
            out = out.label(label, panel.labels(label)?.iter().cloned())?;
        }
        Ok(out)
    }

    /// The units whose mean is the base.
    fn members(self, panel: &Panel) -> Result<Vec<usize>> {
        let Self::Group { label, value } = self else {
            return Ok((0..panel.units().len()).collect());
        };
        let labels = panel.labels(label)?.iter().enumerate();
        let members: Vec<usize> = labels.filter(|(_, l)| *l == value).map(|p| p.0).collect();
        if members.is_empty() {
            return Err(Error::InvalidOption {
                option: "the value of the label",
                value: format!("`{value}` of `{label}`"),
                expected: "a value that a unit has",
            });
        }
        Ok(members)
    }

    /// Sums of the rows of the weights.
    fn sums(self) -> Result<Option<Array1<f64>>> {
        let Self::Neighbours(w) = self else {
            return Ok(None);
        };
        if !w.islands().is_empty() {
            return Err(Error::Islands { units: w.islands() });
        }
        let lowest = (0..w.n()).flat_map(|i| w.neighbours(i)).map(|(_, v)| v);
        if lowest.fold(0.0, f64::min) < 0.0 {
            return Err(Error::Unsupported {
                what: "values relative to neighbours by negative weights".to_owned(),
                why:
                    "a mean of neighbours need not be positive; take weights that are not negative"
                        .to_owned(),
            });
        }
        w.lag(&Array1::ones(w.n())).map(Some)
    }

    /// What stands after the variable in print.
    pub(super) fn words(self) -> String {
        match self {
            Self::Mean => "relative to the mean".to_owned(),
            Self::Neighbours(_) => "relative to neighbours".to_owned(),
            Self::Group { label, value } => format!("relative to {label} {value}"),
        }
    }
}
