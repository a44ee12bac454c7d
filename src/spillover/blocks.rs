//! Average effects between groups of units.

use std::collections::HashMap;
use std::fmt;

use ndarray::{Array1, Array2};

use super::delta::{Delta, Slopes};
use super::filter::with_filter;
use super::impacts::Impacts;
use crate::error::{Error, Result};
use crate::inference::{Estimate, Note};
use crate::text::{Layout, significant};

/// Average effects between groups of units: the effect on the mean unit of a receiving group of the same change of the regressor in all
/// units of a sending group.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks {
    regressor: String,
    groups: Vec<String>,
    sizes: Vec<usize>,
    /// Row: receiver; column: sender.
    effects: Vec<Vec<Estimate>>,
    notes: Vec<Note>,
}

/// Most groups: a table of a million effects.
const MOST_GROUPS: usize = 1_000;

impl Impacts {
    /// Average effects between groups: for receivers H and senders G, (1 / |H|) sum over i in H, j in G of P_ij, with
    /// delta-method standard errors; one label a unit, groups in the order of their first unit.
    ///
    /// Two sparse solves a group, at any number of units; no effect matrix is made.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::LengthMismatch`] for the labels; [`Error::TooLarge`] above 1,000 groups.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Lattice, Regression, Table, Weights};
    /// let ring = Weights::lattice(Lattice::rook(1, 6))?.row_standardized()?;
    /// let table = Table::over(ring.units())
    ///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    ///     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let impacts = Regression::of("y").on(["x"]).spatial_lag(&ring).fit(&table)?.impacts()?;
    /// let blocks = impacts.between("x", &["west", "west", "west", "east", "east", "east"])?;
    /// let received = blocks.effect("west", "west")?.value + blocks.effect("west", "east")?.value;
    /// // Rows of W sum to one: every group receives the same in total.
    /// assert!((received - impacts.of("x")?.total.value).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn between<S: AsRef<str>>(&self, regressor: &str, labels: &[S]) -> Result<Blocks> {
        let n = self.fit.n();
        if labels.len() != n {
            return Err(Error::LengthMismatch {
                what: "labels of the groups".to_owned(),
                expected: n,
                found: labels.len(),
            });
        }
        let terms = self.terms(regressor)?;
        let mut groups: Vec<String> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut group_of = Vec::with_capacity(n);
        let mut sizes: Vec<usize> = Vec::new();
        for label in labels {
            let label = label.as_ref();
            let group = *known.entry(label).or_insert_with(|| {
                groups.push(label.to_owned());
                sizes.push(0);
                groups.len() - 1
            });
            sizes[group] += 1;
            group_of.push(group);
        }
        if groups.len() > MOST_GROUPS {
            return Err(Error::TooLarge {
                what: "a table of effects between groups",
                n: groups.len(),
                limit: MOST_GROUPS,
                instead: "merge groups, or take single rows and columns of the effect matrix",
            });
        }
        let delta = Delta::of(&self.fit);
        let effects = with_filter(&self.fit, |filter| {
            (0..groups.len())
                .map(|receiver| {
                    let share = 1.0 / sizes[receiver] as f64;
                    let mean: Array1<f64> = (group_of.iter())
                        .map(|g| if *g == receiver { share } else { 0.0 })
                        .collect();
                    let by_unit = filter.received(&terms, mean.view())?;
                    let mut sums = vec![Slopes::default(); groups.len()];
                    for (j, sender) in group_of.iter().enumerate() {
                        sums[*sender] += by_unit.of(j);
                    }
                    let named = sums.iter().zip(&groups).map(|(slopes, sender)| {
                        let name = format!("{} <- {sender}", groups[receiver]);
                        delta.estimate(&name, &terms, slopes)
                    });
                    Ok(named.collect())
                })
                .collect::<Result<Vec<Vec<Estimate>>>>()
        })?;
        Ok(Blocks {
            regressor: regressor.to_owned(),
            groups,
            sizes,
            effects,
            notes: self.receiver_notes(),
        })
    }
}

impl Blocks {
    /// The regressor.
    #[must_use]
    pub fn regressor(&self) -> &str {
        &self.regressor
    }

    /// The groups, in the order of the rows and columns.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The effect on the mean unit of the receiving group of the sending group, by names.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the groups.
    pub fn effect(&self, receiver: &str, sender: &str) -> Result<&Estimate> {
        let at = |name: &str| {
            self.groups
                .iter()
                .position(|g| g == name)
                .ok_or_else(|| crate::data::unknown(name, self.groups.iter().map(String::as_str)))
        };
        Ok(&self.effects[at(receiver)?][at(sender)?])
    }

    /// The values, receivers in rows, senders in columns.
    #[must_use]
    pub fn values(&self) -> Array2<f64> {
        let g = self.groups.len();
        Array2::from_shape_fn((g, g), |(h, s)| self.effects[h][s].value)
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Effect of {} on the mean unit of the row's group of a unit change in all of the column's group",
            self.regressor
        )?;
        writeln!(f, "(standard errors in brackets)")?;
        let mut table = Layout::new();
        table
            .row(
                std::iter::once("receiver \\ sender").chain(self.groups.iter().map(String::as_str)),
            )
            .rule();
        for ((group, row), size) in self.groups.iter().zip(&self.effects).zip(&self.sizes) {
            let cells = row.iter().map(|e| {
                format!(
                    "{} ({})",
                    significant(e.value, 4),
                    significant(e.std_error, 3)
                )
            });
            table.row(std::iter::once(format!("{group} ({size})")).chain(cells));
        }
        write!(f, "{table}")?;
        self.notes
            .iter()
            .try_for_each(|n| writeln!(f, "Note: {n}."))
    }
}
