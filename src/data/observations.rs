//! `Observations`: what a regression is fitted to, a table or a panel.

use super::{Panel, Table};

/// The observations of a regression: the units of a [`Table`], or the units of a [`Panel`] in all its periods.
///
/// Made by itself wherever `&table` or `&panel` is passed.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Observations<'a> {
    /// One cross-section.
    Table(&'a Table),
    /// Several periods.
    Panel(&'a Panel),
}

impl<'a> From<&'a Table> for Observations<'a> {
    fn from(table: &'a Table) -> Self {
        Self::Table(table)
    }
}

impl<'a> From<&'a Panel> for Observations<'a> {
    fn from(panel: &'a Panel) -> Self {
        Self::Panel(panel)
    }
}
