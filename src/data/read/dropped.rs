//! `Dropped`: which units a reader left out, and why.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::Cell;

/// The units that `read_complete` left out, with the missing cells and absent periods that were the reason.
///
/// # Example
///
/// ```
/// use spatialecon::Table;
/// let (table, dropped) = Table::csv_text("id,gdp\na,1\nb,\nc,3\n")
///     .unit("id")
///     .read_complete()?;
/// assert_eq!(table.len(), 2);
/// assert_eq!(dropped.units(), ["b"]);
/// assert_eq!(dropped.to_string(), "1 of 3 units dropped\n  `b`: `gdp` is missing");
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    of: usize,
    units: Vec<String>,
    reasons: Vec<(usize, Reason)>,
    cells: Vec<Cell>,
    holes: Vec<(String, i32)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    Cell(usize),
    Hole(usize),
}

impl Dropped {
    /// From the missing cells and absent periods, each with the position of its unit; `name` gives the id of a position.
    pub(super) fn new(
        of: usize,
        cells: Vec<(usize, Cell)>,
        holes: Vec<(usize, i32)>,
        name: impl Fn(usize) -> String,
    ) -> Self {
        let mut by_unit: BTreeMap<usize, Vec<Reason>> = BTreeMap::new();
        for (k, (unit, _)) in holes.iter().enumerate() {
            by_unit.entry(*unit).or_default().push(Reason::Hole(k));
        }
        for (k, (unit, _)) in cells.iter().enumerate() {
            by_unit.entry(*unit).or_default().push(Reason::Cell(k));
        }
        let units = by_unit.keys().map(|&u| name(u)).collect();
        let reasons = by_unit
            .into_values()
            .enumerate()
            .flat_map(|(k, reasons)| reasons.into_iter().map(move |r| (k, r)))
            .collect();
        Self {
            of,
            units,
            reasons,
            cells: cells.into_iter().map(|(_, c)| c).collect(),
            holes: holes.into_iter().map(|(u, p)| (name(u), p)).collect(),
        }
    }

    /// Ids of the units left out, in the order of the file.
    #[must_use]
    pub fn units(&self) -> &[String] {
        &self.units
    }

    /// Number of units left out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether nothing was left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The missing cells of the units left out.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The absent (unit, period) pairs of the units left out; none outside panels.
    #[must_use]
    pub fn holes(&self) -> &[(String, i32)] {
        &self.holes
    }

    fn reason(&self, reason: &Reason) -> String {
        match *reason {
            Reason::Hole(k) => self.holes.get(k).map(|(_, p)| format!("no row for {p}")),
            Reason::Cell(k) => self.cells.get(k).map(|c| {
                let period = c.period.map(|p| format!(" in {p}")).unwrap_or_default();
                format!("`{}` is missing{period}", c.column)
            }),
        }
        .unwrap_or_default()
    }
}

/// One line per unit, with its reasons (five at most).
impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} units dropped", self.len(), self.of)?;
        let mut reasons = self.reasons.iter().peekable();
        for (k, unit) in self.units.iter().enumerate() {
            let mut own = Vec::new();
            while let Some((_, reason)) = reasons.next_if(|(owner, _)| *owner == k) {
                own.push(reason);
            }
            let shown: Vec<String> = own.iter().take(5).map(|r| self.reason(r)).collect();
            let more = if own.len() > 5 { ", …" } else { "" };
            write!(f, "\n  `{unit}`: {}{more}", shown.join(", "))?;
        }
        Ok(())
    }
}
