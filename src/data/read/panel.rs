//! `PanelReader`: a CSV file with one row per unit and period.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use ndarray::Array2;

use super::csv::{Choice, File, Plan, field};
use super::{Dropped, LISTED, Source, none_missing, strings};
use crate::data::{Panel, Units};
use crate::error::{Cell, Error, Result};

/// How many periods can be asked for.
const MOST_PERIODS: usize = 100_000;

/// Reads a [`Panel`] from CSV; made by [`Panel::csv`] or [`Panel::csv_text`].
#[derive(Debug, Clone)]
#[must_use = "nothing is read before `read` or `read_complete`"]
pub struct PanelReader {
    choice: Choice,
    periods: Option<Vec<i32>>,
}

impl Panel {
    /// A reader of a CSV file with a header and one row per unit and period, the rows in any order.
    ///
    /// [`unit`](PanelReader::unit) and [`period`](PanelReader::period) have to be named. The units stand in the order in
    /// which they first appear, the periods in increasing order. The format of the file is that of
    /// [`Table::csv`](crate::Table::csv).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Panel;
    /// let file = "code,year,region,gdp\n1,2000,east,10\n1,2001,east,11\n2,2001,west,6\n2,2000,west,5\n";
    /// let panel = Panel::csv_text(file)
    ///     .unit("code")
    ///     .period("year")
    ///     .columns(["gdp"])
    ///     .labels(["region"])
    ///     .read()?;
    /// assert_eq!(panel.periods(), [2000, 2001]);
    /// assert_eq!(panel.values("gdp")?[[1, 0]], 11.0);
    /// assert_eq!(panel.labels("region")?, ["east", "west"]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "read_csv")]
    #[doc(alias = "xtset")]
    #[doc(alias = "pdata.frame")]
    pub fn csv(path: impl AsRef<Path>) -> PanelReader {
        PanelReader::new(Source::file(path))
    }

    /// A reader of CSV text, as [`csv`](Self::csv); errors name it `<text>`.
    pub fn csv_text(text: impl Into<String>) -> PanelReader {
        PanelReader::new(Source::text(text))
    }
}

impl PanelReader {
    fn new(source: Source) -> Self {
        Self {
            choice: Choice::new(source),
            periods: None,
        }
    }

    /// The column that holds the ids of the units.
    pub fn unit(mut self, column: impl Into<String>) -> Self {
        self.choice.unit = Some(column.into());
        self
    }

    /// The column that holds the periods, which are integers.
    pub fn period(mut self, column: impl Into<String>) -> Self {
        self.choice.period = Some(column.into());
        self
    }

    /// The periods to read (`2000..=2010`, `[2000, 2010, 2020]`); by default all that occur in the file.
    ///
    /// The cells of other periods are passed over, whatever they hold; their units count, so that a unit which occurs only
    /// there lacks every period that is asked for. Each of the periods has to occur in the file; for a window within those
    /// that occur there is [`Panel::between`].
    pub fn periods(mut self, periods: impl IntoIterator<Item = i32>) -> Self {
        self.periods = Some(periods.into_iter().take(MOST_PERIODS + 1).collect());
        self
    }

    /// The numeric columns to read; by default all but the unit, the period and the labels, all of which have then to be
    /// numeric.
    pub fn columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.choice.columns(names);
        self
    }

    /// The columns to read as labels (categories), constant within each unit; none by default.
    pub fn labels<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.choice.labels = strings(names);
        self
    }

    /// The texts that mean a missing value, besides the empty cell; `NA` by default, which the given texts replace.
    pub fn missing<S: Into<String>>(mut self, texts: impl IntoIterator<Item = S>) -> Self {
        self.choice.missing = texts.into_iter().map(Into::into).collect();
        self
    }

    /// The ASCII character between fields; `,` by default.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.choice.delimiter = delimiter;
        self
    }

    /// Reads the panel, which has to be balanced, and of which every named cell has to be there.
    ///
    /// # Errors
    ///
    /// [`Error::Unbalanced`], with the absent (unit, period) pairs; [`Error::Missing`], with the cells;
    /// [`Error::DuplicateUnit`], with both lines; [`Error::LabelVaries`], with both lines; [`Error::NotANumber`], with line and
    /// cell, also for a period that is no integer; [`Error::NotFinite`] (`nan`, `inf`); [`Error::UnknownPeriod`];
    /// [`Error::Io`]; [`Error::Syntax`] (ragged record, unclosed quote, not UTF-8, empty file, a row without unit or
    /// period, two columns of a name); [`Error::UnknownColumn`]; [`Error::DuplicateColumn`] (named twice);
    /// [`Error::InvalidOption`] (no unit, no period, delimiter).
    pub fn read(self) -> Result<Panel> {
        let rows = Rows::read(&self)?;
        rows.complete()?;
        rows.panel(&vec![true; rows.ids.len()])
    }

    /// Reads the panel without the units that lack a period or a named cell, and tells which ones these are.
    ///
    /// The periods are all that are read of any unit, before units are left out.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); [`Error::Unbalanced`] and [`Error::Missing`] only where no unit is complete.
    pub fn read_complete(self) -> Result<(Panel, Dropped)> {
        let rows = Rows::read(&self)?;
        let mut periods_of = vec![0; rows.ids.len()];
        for (unit, _) in rows.index.keys() {
            periods_of[*unit] += 1;
        }
        let mut keep: Vec<bool> = periods_of
            .iter()
            .map(|&n| n == rows.periods.len())
            .collect();
        for (unit, _) in &rows.missing {
            keep[*unit] = false;
        }
        if !keep.contains(&true) {
            rows.complete()?;
        }
        let holes = rows.holes().collect();
        let panel = rows.panel(&keep)?;
        let Rows { ids, missing, .. } = rows;
        let name = |i: usize| ids.get(i).cloned().unwrap_or_default();
        Ok((panel, Dropped::new(ids.len(), missing, holes, name)))
    }
}

/// The rows of a file as they stand.
struct Rows {
    plan: Plan,
    ids: Vec<String>,
    periods: Vec<i32>,
    /// The row of each (unit, period), and its line.
    index: HashMap<(usize, i32), (usize, u64)>,
    /// Per column the values of the rows, NaN where a cell is missing.
    values: Vec<Vec<f64>>,
    /// Per label, and per unit, the text and its line.
    labels: Vec<Vec<Option<(String, u64)>>>,
    missing: Vec<(usize, Cell)>,
}

impl Rows {
    fn read(reader: &PanelReader) -> Result<Self> {
        let choice = &reader.choice;
        for (option, given) in [("unit", &choice.unit), ("period", &choice.period)] {
            if given.is_none() {
                return Err(Error::InvalidOption {
                    option,
                    value: "none".to_owned(),
                    expected: "the name of a column",
                });
            }
        }
        let wanted: Option<BTreeSet<i32>> =
            (reader.periods.as_ref()).map(|periods| periods.iter().copied().collect());
        if reader
            .periods
            .as_ref()
            .is_some_and(|p| p.len() > MOST_PERIODS)
        {
            return Err(Error::InvalidOption {
                option: "periods",
                value: format!("more than {MOST_PERIODS} periods"),
                expected: "a closed range such as 2000..=2010, or a list",
            });
        }
        let file = File::open(choice)?;
        let plan = file.plan(choice)?;
        let mut rows = Self {
            values: vec![Vec::new(); plan.columns.len()],
            labels: vec![Vec::new(); plan.labels.len()],
            ids: Vec::new(),
            periods: Vec::new(),
            index: HashMap::new(),
            missing: Vec::new(),
            plan,
        };
        let mut units: HashMap<String, usize> = HashMap::new();
        let mut occurring = BTreeSet::new();
        file.each(|file, line, record| {
            let (Some(unit_field), Some(period_field)) = (rows.plan.unit, rows.plan.period) else {
                return Ok(());
            };
            let id = field(record, unit_field);
            if id.is_empty() {
                return Err(file.syntax(line, unit_field + 1, "the unit has no id"));
            }
            let period = period(file, line, record, period_field, choice, id)?;
            let unit = *units.entry(id.to_owned()).or_insert(rows.ids.len());
            if unit == rows.ids.len() {
                rows.ids.push(id.to_owned());
                for labels in &mut rows.labels {
                    labels.push(None);
                }
            }
            occurring.insert(period);
            if wanted.as_ref().is_some_and(|w| !w.contains(&period)) {
                return Ok(());
            }
            let row = rows.index.len();
            if let Some((_, first)) = rows.index.insert((unit, period), (row, line)) {
                return Err(Error::DuplicateUnit {
                    unit: id.to_owned(),
                    period: Some(period),
                    first: format!("line {first}"),
                    second: format!("line {line}"),
                });
            }
            for ((name, k), values) in rows.plan.columns.iter().zip(&mut rows.values) {
                let text = field(record, *k);
                let cell = || Cell::new(id, Some(period), name);
                values.push(if choice.is_missing(text) {
                    rows.missing.push((unit, cell()));
                    f64::NAN
                } else {
                    file.number(text, line, cell)?
                });
            }
            for ((name, k), labels) in rows.plan.labels.iter().zip(&mut rows.labels) {
                let text = field(record, *k);
                if choice.is_missing(text) {
                    let cell = Cell::new(id, Some(period), name);
                    rows.missing.push((unit, cell));
                } else if let Some(label) = labels.get_mut(unit) {
                    same_label(label, text, line, name, id)?;
                }
            }
            Ok(())
        })?;
        if let Some(&period) = wanted.iter().flatten().find(|p| !occurring.contains(p)) {
            return Err(Error::UnknownPeriod {
                period,
                available: occurring.into_iter().collect(),
            });
        }
        rows.periods = wanted.unwrap_or(occurring).into_iter().collect();
        Ok(rows)
    }

    /// The absent (unit, period) pairs, by unit and period.
    fn holes(&self) -> impl Iterator<Item = (usize, i32)> {
        let pairs = (0..self.ids.len()).flat_map(|u| self.periods.iter().map(move |&p| (u, p)));
        pairs.filter(|pair| !self.index.contains_key(pair))
    }

    fn complete(&self) -> Result<()> {
        let total = self.ids.len() * self.periods.len() - self.index.len();
        if total == 0 {
            return none_missing(&self.missing);
        }
        let named = |(unit, period)| (self.ids.get(unit).cloned().unwrap_or_default(), period);
        Err(Error::Unbalanced {
            holes: self.holes().take(LISTED).map(named).collect(),
            total,
        })
    }

    fn panel(&self, keep: &[bool]) -> Result<Panel> {
        let kept: Vec<usize> = (0..self.ids.len()).filter(|&u| keep[u]).collect();
        let units = Units::new(kept.iter().map(|&u| self.ids[u].clone()))?;
        let mut panel = Panel::over(&units, &self.periods)?;
        for ((name, _), values) in self.plan.columns.iter().zip(&self.values) {
            let shape = (self.periods.len(), kept.len());
            let value = |(t, i): (usize, usize)| {
                let row = self.index.get(&(kept[i], self.periods[t]));
                row.and_then(|(row, _)| values.get(*row))
                    .copied()
                    .unwrap_or(f64::NAN)
            };
            panel = panel.column(name, Array2::from_shape_fn(shape, value))?;
        }
        for ((name, _), labels) in self.plan.labels.iter().zip(&self.labels) {
            let label = |&u: &usize| labels[u].as_ref().map_or("", |(text, _)| text.as_str());
            panel = panel.label(name, kept.iter().map(label))?;
        }
        Ok(panel)
    }
}

/// The integer in the cell of the period; `2000.0` is read as 2000.
fn period(
    file: &File,
    line: u64,
    record: &csv::StringRecord,
    position: usize,
    choice: &Choice,
    unit: &str,
) -> Result<i32> {
    let text = field(record, position);
    if text.is_empty() {
        return Err(file.syntax(line, position + 1, "the row has no period"));
    }
    let integral = |v: &f64| v.fract() == 0.0 && v.abs() <= f64::from(i32::MAX);
    let value = text.parse().ok();
    let value = value.or_else(|| text.parse().ok().filter(integral).map(|v: f64| v as i32));
    value.ok_or_else(|| Error::NotANumber {
        path: file.path.clone(),
        line,
        cell: Cell::new(unit, None, choice.period.clone().unwrap_or_default()),
        text: text.to_owned(),
    })
}

/// Keeps the label of a unit, or compares it with the one that is kept.
fn same_label(
    kept: &mut Option<(String, u64)>,
    text: &str,
    line: u64,
    label: &str,
    unit: &str,
) -> Result<()> {
    match kept {
        None => *kept = Some((text.to_owned(), line)),
        Some((first, _)) if first == text => {}
        Some((first, first_line)) => {
            return Err(Error::LabelVaries {
                label: label.to_owned(),
                unit: unit.to_owned(),
                first: format!("`{first}` in line {first_line}"),
                second: format!("`{text}` in line {line}"),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "id,year,l,x,y\nb,2001,q,4,\na,2000,p,1,7\nb,2000,q,3,8\na,2001,p,2,NA\n";

    fn reader(text: &str) -> PanelReader {
        Panel::csv_text(text)
            .unit("id")
            .period("year")
            .columns(["x"])
            .labels(["l"])
    }

    #[test]
    fn rows_are_placed_by_unit_and_period() {
        let panel = reader(FILE).read().unwrap();
        assert_eq!(panel.units(), &Units::new(["b", "a"]).unwrap());
        assert_eq!(panel.periods(), [2000, 2001]);
        let x = ndarray::array![[3.0, 1.0], [4.0, 2.0]];
        assert_eq!(panel.values("x").unwrap(), x);
        assert_eq!(panel.labels("l").unwrap(), ["q", "p"]);
        let all = Panel::csv_text("id,year,x\na,2000.0,1\na,1999,2\n")
            .unit("id")
            .period("year");
        assert_eq!(all.read().unwrap().periods(), [1999, 2000]);
    }

    #[test]
    fn periods_are_chosen_and_have_to_occur() {
        let panel = reader(FILE)
            .columns(["x", "y"])
            .periods([2000])
            .read()
            .unwrap();
        assert_eq!(panel.values("y").unwrap(), ndarray::array![[8.0, 7.0]]);
        let later_only = format!("{FILE}z,2001,q,1,1\n");
        let Err(Error::Unbalanced { holes, .. }) = reader(&later_only).periods([2000]).read()
        else {
            panic!("another result")
        };
        assert_eq!(holes, [("z".to_owned(), 2000)]);
        let Err(Error::UnknownPeriod { period, available }) =
            reader(FILE).periods(2000..=2005).read()
        else {
            panic!("another result")
        };
        assert_eq!((period, available), (2002, vec![2000, 2001]));
        assert!(matches!(
            reader(FILE).periods(0..).read(),
            Err(Error::InvalidOption {
                option: "periods",
                ..
            })
        ));
    }

    #[test]
    fn holes_and_missing_cells_are_listed_or_dropped() {
        let text = "id,year,x\na,1,1\na,2,2\nb,1,3\nc,1,\nc,2,NA\nd,1,5\nd,2,6\n";
        let reader = Panel::csv_text(text).unit("id").period("year");
        let Err(Error::Unbalanced { holes, total }) = reader.clone().read() else {
            panic!("another result")
        };
        assert_eq!((holes, total), (vec![("b".to_owned(), 2)], 1));
        let (panel, dropped) = reader.read_complete().unwrap();
        assert_eq!(panel.units(), &Units::new(["a", "d"]).unwrap());
        assert_eq!(
            panel.values("x").unwrap(),
            ndarray::array![[1.0, 5.0], [2.0, 6.0]]
        );
        assert_eq!(
            dropped.to_string(),
            "2 of 4 units dropped\n  `b`: no row for 2\n  `c`: `x` is missing in 1, `x` is missing in 2"
        );
        let Err(Error::Missing { cells, total }) =
            self::reader(FILE).columns(["x", "y"]).read_complete()
        else {
            panic!("another result")
        };
        assert_eq!(
            (cells[0].clone(), total),
            (Cell::new("b", Some(2001), "y"), 2)
        );
    }

    #[test]
    fn a_label_is_constant_within_its_unit() {
        let Err(Error::LabelVaries {
            unit,
            first,
            second,
            ..
        }) = reader("id,year,l,x\na,1,p,1\na,2,q,2\n").read()
        else {
            panic!("another result")
        };
        assert_eq!((unit.as_str(), first.as_str()), ("a", "`p` in line 2"));
        assert_eq!(second, "`q` in line 3");
    }

    #[test]
    fn keys_are_integers_and_distinct() {
        let Err(Error::DuplicateUnit {
            period,
            first,
            second,
            ..
        }) = reader("id,year,l,x\na,1,p,1\nb,1,p,2\na,1,p,3\n").read()
        else {
            panic!("another result")
        };
        assert_eq!(
            (period, first.as_str(), second.as_str()),
            (Some(1), "line 2", "line 4")
        );
        for (text, message) in [
            (
                "2000.5",
                "`2000.5` is not a number that can be a period (an integer is expected)",
            ),
            ("2000Q1", "`2000Q1` is not a number"),
        ] {
            let error = reader(&format!("id,year,l,x\na,{text},p,1\n"))
                .read()
                .unwrap_err();
            assert!(matches!(error, Error::NotANumber { line: 2, .. }));
            assert!(error.to_string().ends_with(message), "{error}");
        }
        let keyless = reader("id,year,l,x\na,,p,1\n").read();
        assert!(matches!(
            keyless,
            Err(Error::Syntax {
                line: 2,
                column: 2,
                ..
            })
        ));
        let no_unit = Panel::csv_text(FILE).period("year").read();
        assert!(matches!(
            no_unit,
            Err(Error::InvalidOption { option: "unit", .. })
        ));
    }
}
