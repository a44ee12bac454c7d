//! Groups of units by a label: regimes of coefficients, and groups of variances.

use std::collections::HashMap;

use ndarray::{Array1, ArrayView1};

use crate::data::Table;
use crate::error::{Error, Result};

/// The regimes that a specification asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Regimes {
    pub(crate) label: String,
    /// The terms that differ; none: all of them.
    pub(crate) terms: Option<Vec<String>>,
}

impl Regimes {
    /// Whether the term differs by group.
    pub(crate) fn has(&self, term: &str) -> bool {
        (self.terms.as_ref()).is_none_or(|terms| terms.iter().any(|t| t == term))
    }

    /// All terms asked for are there, once.
    pub(crate) fn check_terms(&self, known: &[String]) -> Result<()> {
        let terms = self.terms.as_deref().unwrap_or_default();
        if self.terms.is_some() && terms.is_empty() {
            return Err(Error::InvalidOption {
                option: "terms that differ by regime",
                value: "none".to_owned(),
                expected: "at least one regressor, or `const`; `regimes` for all",
            });
        }
        for (i, name) in terms.iter().enumerate() {
            if !known.contains(name) {
                return Err(Error::UnknownColumn {
                    name: name.clone(),
                    available: known.to_vec(),
                });
            }
            if terms[..i].contains(name) {
                return Err(Error::DuplicateColumn { name: name.clone() });
            }
        }
        Ok(())
    }
}

/// The regimes of a design: the columns of every term that differs, by group.
#[derive(Debug, Clone)]
pub(crate) struct RegimeTerms {
    pub(crate) groups: Groups,
    /// The name of the term without its group, and its columns in the order of the groups.
    pub(crate) terms: Vec<(String, Vec<usize>)>,
}

/// The groups of a label, in the order of their first unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Groups {
    pub(crate) label: String,
    pub(crate) names: Vec<String>,
    /// The group of each unit.
    pub(crate) of: Vec<u32>,
    pub(crate) sizes: Vec<usize>,
}

impl Groups {
    /// The groups of a label of the table; `what` says in errors what they are for.
    pub(crate) fn of(table: &Table, label: &str, what: &'static str) -> Result<Self> {
        if table.column_names().any(|c| c == label) {
            return Err(Error::Unsupported {
                what: format!("{what} of the numeric column `{label}`"),
                why: "groups are a label: read the column with `labels`, or add it with `Table::label`".to_owned(),
            });
        }
        let labels = table.labels(label)?;
        let mut at: HashMap<&str, u32> = HashMap::new();
        let mut names: Vec<String> = Vec::new();
        let mut sizes: Vec<usize> = Vec::new();
        let mut of = Vec::with_capacity(labels.len());
        for (i, name) in labels.iter().enumerate() {
            if name.is_empty() {
                return Err(Error::Unsupported {
                    what: format!(
                        "{what} of `{label}`, which is empty for unit `{}`",
                        table.units().name(i)
                    ),
                    why: "every unit belongs to a group; name it, or leave the unit out".to_owned(),
                });
            }
            let g = *at.entry(name).or_insert_with(|| {
                names.push(name.clone());
                sizes.push(0);
                (names.len() - 1) as u32
            });
            sizes[g as usize] += 1;
            of.push(g);
        }
        if names.len() < 2 {
            return Err(Error::Constant {
                name: label.to_owned(),
                what,
            });
        }
        Ok(Self {
            label: label.to_owned(),
            names,
            of,
            sizes,
        })
    }

    /// Number of groups.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The column where the unit is of the group, else zero.
    pub(crate) fn part(&self, v: ArrayView1<'_, f64>, group: usize) -> Array1<f64> {
        (v.iter().zip(&self.of))
            .map(|(v, g)| if *g as usize == group { *v } else { 0.0 })
            .collect()
    }

    /// The name of a parameter of one group.
    pub(crate) fn named(&self, term: &str, group: usize) -> String {
        format!("{term} [{}]", self.names[group])
    }

    /// The names of a parameter of every group.
    pub(crate) fn all_named(&self, term: &str) -> Vec<String> {
        (0..self.len()).map(|g| self.named(term, g)).collect()
    }

    /// An error that names the group where one has too few units for coefficients of its own; `counts` of them, by group.
    pub(crate) fn check_sizes(&self, counts: &[usize]) -> Result<()> {
        for ((name, n), count) in self.names.iter().zip(&self.sizes).zip(counts) {
            if *n < count + 1 {
                return Err(Error::TooFewUnits {
                    what: format!(
                        "the regime `{name}` of `{}` with {count} coefficients of its own",
                        self.label
                    ),
                    needed: count + 1,
                    n: *n,
                });
            }
        }
        Ok(())
    }
}
