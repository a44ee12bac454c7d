//! `TableReader`: a CSV file with one row per unit.

use std::collections::HashMap;
use std::path::Path;

use super::csv::{Choice, File, Plan, field};
use super::{Dropped, Source, none_missing, strings};
use crate::data::{Table, Units};
use crate::error::{Cell, Error, Result};

/// Reads a [`Table`] from CSV; made by [`Table::csv`] or [`Table::csv_text`].
#[derive(Debug, Clone)]
#[must_use = "nothing is read before `read` or `read_complete`"]
pub struct TableReader {
    choice: Choice,
}

impl Table {
    /// A reader of a CSV file with a header and one row per unit.
    ///
    /// The file is UTF-8 (a byte order mark is skipped), with fields separated by commas, quoted by `"`. Spaces around
    /// names and cells do not count. The file may hold more than is asked for: only what is named has to be complete.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Table;
    /// let file = "code,city,gdp,fdi\n440100,广州市,2505.6,\n440200,韶关市,171.4,36.5\n";
    /// let table = Table::csv_text(file)
    ///     .unit("code")
    ///     .columns(["gdp"])
    ///     .labels(["city"])
    ///     .read()?;
    /// assert_eq!(table.values("gdp")?[1], 171.4);
    /// assert_eq!(table.labels("city")?[0], "广州市");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "read_csv")]
    #[doc(alias = "import_delimited")]
    pub fn csv(path: impl AsRef<Path>) -> TableReader {
        TableReader {
            choice: Choice::new(Source::file(path)),
        }
    }

    /// A reader of CSV text, as [`csv`](Self::csv); errors name it `<text>`.
    pub fn csv_text(text: impl Into<String>) -> TableReader {
        TableReader {
            choice: Choice::new(Source::text(text)),
        }
    }
}

impl TableReader {
    /// The column that holds the ids of the units; without it the units are `0..n`, in the order of the rows.
    pub fn unit(mut self, column: impl Into<String>) -> Self {
        self.choice.unit = Some(column.into());
        self
    }

    /// The numeric columns to read; by default all but the unit and the labels, all of which have then to be numeric.
    pub fn columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.choice.columns(names);
        self
    }

    /// The columns to read as labels (categories); none by default.
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

    /// Reads the table, of which every named cell has to be there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Syntax`] (ragged record, unclosed quote, not UTF-8, empty file, a unit without id, two
    /// columns of a name); [`Error::UnknownColumn`]; [`Error::DuplicateColumn`] (named twice); [`Error::DuplicateUnit`],
    /// with both lines; [`Error::NotANumber`], with line and cell; [`Error::NotFinite`] (`nan`, `inf`);
    /// [`Error::Missing`], with the cells; [`Error::InvalidOption`] (delimiter).
    pub fn read(self) -> Result<Table> {
        let rows = Rows::read(&self.choice)?;
        none_missing(&rows.missing)?;
        rows.table(&vec![true; rows.ids.len()])
    }

    /// Reads the table without the units that lack a named cell, and tells which ones these are.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); [`Error::Missing`] only where no unit is complete.
    pub fn read_complete(self) -> Result<(Table, Dropped)> {
        let rows = Rows::read(&self.choice)?;
        let mut keep = vec![true; rows.ids.len()];
        for (unit, _) in &rows.missing {
            keep[*unit] = false;
        }
        if !keep.contains(&true) {
            none_missing(&rows.missing)?;
        }
        let table = rows.table(&keep)?;
        let Rows { ids, missing, .. } = rows;
        let name = |i: usize| ids.get(i).cloned().unwrap_or_default();
        Ok((table, Dropped::new(ids.len(), missing, Vec::new(), name)))
    }
}

/// The rows of a file as they stand, with NaN where a cell is missing.
struct Rows {
    plan: Plan,
    ids: Vec<String>,
    values: Vec<Vec<f64>>,
    labels: Vec<Vec<String>>,
    missing: Vec<(usize, Cell)>,
}

impl Rows {
    fn read(choice: &Choice) -> Result<Self> {
        let file = File::open(choice)?;
        let plan = file.plan(choice)?;
        let mut rows = Self {
            values: vec![Vec::new(); plan.columns.len()],
            labels: vec![Vec::new(); plan.labels.len()],
            ids: Vec::new(),
            missing: Vec::new(),
            plan,
        };
        let mut first_lines: HashMap<String, u64> = HashMap::new();
        file.each(|file, line, record| {
            let row = rows.ids.len();
            let id = match rows.plan.unit {
                None => row.to_string(),
                Some(k) => {
                    let id = field(record, k);
                    if id.is_empty() {
                        return Err(file.syntax(line, k + 1, "the unit has no id"));
                    }
                    if let Some(first) = first_lines.insert(id.to_owned(), line) {
                        return Err(Error::DuplicateUnit {
                            unit: id.to_owned(),
                            period: None,
                            first: format!("line {first}"),
                            second: format!("line {line}"),
                        });
                    }
                    id.to_owned()
                }
            };
            for ((name, k), values) in rows.plan.columns.iter().zip(&mut rows.values) {
                let text = field(record, *k);
                let cell = || Cell::new(id.as_str(), None, name);
                values.push(if choice.is_missing(text) {
                    rows.missing.push((row, cell()));
                    f64::NAN
                } else {
                    file.number(text, line, cell)?
                });
            }
            for ((name, k), labels) in rows.plan.labels.iter().zip(&mut rows.labels) {
                let text = field(record, *k);
                if choice.is_missing(text) {
                    let cell = Cell::new(id.as_str(), None, name);
                    rows.missing.push((row, cell));
                }
                labels.push(text.to_owned());
            }
            rows.ids.push(id);
            Ok(())
        })?;
        Ok(rows)
    }

    fn table(&self, keep: &[bool]) -> Result<Table> {
        let all = !keep.contains(&false);
        let units = if self.plan.unit.is_none() && all {
            Units::range(self.ids.len())
        } else {
            Units::new(kept(&self.ids, keep))?
        };
        let mut table = Table::over(&units);
        for ((name, _), values) in self.plan.columns.iter().zip(&self.values) {
            table = table.column(name, kept(values, keep).collect::<Vec<_>>())?;
        }
        for ((name, _), labels) in self.plan.labels.iter().zip(&self.labels) {
            table = table.label(name, kept(labels, keep))?;
        }
        Ok(table)
    }
}

/// The items whose position is kept.
fn kept<'a, T: Clone>(items: &'a [T], keep: &'a [bool]) -> impl Iterator<Item = T> + 'a {
    let marked = items.iter().zip(keep).filter(|(_, k)| **k);
    marked.map(|(item, _)| item.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Error {
        Table::csv_text(text).unit("id").read().unwrap_err()
    }

    #[test]
    fn names_are_trimmed_and_the_byte_order_mark_is_skipped() {
        let table = Table::csv_text("\u{feff} id ; x ;名\n a ; 1.5 ;广州\r\n b;-2e3;\"x;\ny\"\n")
            .delimiter(b';')
            .unit("id")
            .columns(["x"])
            .labels(["名"])
            .read()
            .unwrap();
        assert_eq!(table.units(), &Units::new(["a", "b"]).unwrap());
        assert_eq!(table.values("x").unwrap().to_vec(), [1.5, -2000.0]);
        assert_eq!(table.labels("名").unwrap(), ["广州", "x;\ny"]);
    }

    #[test]
    fn all_columns_are_read_where_none_is_named() {
        let table = Table::csv_text("x,y\n1,2\n3,4\n").read().unwrap();
        assert_eq!(table.column_names().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(table.units(), &Units::range(2));
        let none = Table::csv_text("x,y\n1,b\n").columns([""; 0]).labels(["y"]);
        assert_eq!(none.read().unwrap().column_names().count(), 0);
    }

    #[test]
    fn lines_are_true_behind_quoted_line_breaks_and_empty_lines() {
        let Error::NotANumber {
            line, cell, text, ..
        } = Table::csv_text("id,x,note\r\n\r\na,1,\"two\r\nlines\"\r\n\n\nb,\"1,234\",\n")
            .unit("id")
            .columns(["x"])
            .read()
            .unwrap_err()
        else {
            panic!("another error")
        };
        assert_eq!((line, text.as_str()), (7, "1,234"));
        assert_eq!(cell, Cell::new("b", None, "x"));
    }

    #[test]
    fn syntax_errors_have_line_and_field() {
        for (text, line, column, part) in [
            ("", 1, 1, "empty"),
            ("\n\n", 1, 1, "empty"),
            ("id,x\n", 1, 1, "no row"),
            ("id,x\na,1\nb,2,3\n", 3, 3, "2 fields"),
            ("id,x\na,1\nb\n", 3, 2, "2 fields"),
            ("id,x\na,\"1\nb,2\n", 2, 2, "not closed"),
            ("id,x\na,\"1\"2\n", 2, 2, "text follows"),
            ("id,x\na,1\n ,2\n", 3, 1, "no id"),
            ("id,x,x\na,1,2\n", 1, 3, "two columns"),
            ("id,x,\na,1,2\n", 1, 3, "no name"),
        ] {
            let Error::Syntax {
                line: l,
                column: c,
                problem,
                ..
            } = error(text)
            else {
                panic!("another error for {text:?}")
            };
            assert_eq!((l, c), (line, column), "{text:?}: {problem}");
            assert!(problem.contains(part), "{problem}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_located() {
        let path = std::env::temp_dir().join(format!("spatialecon-gbk-{}.csv", std::process::id()));
        std::fs::write(&path, b"id,x,name\na,1,b\nb,2,\xb9\xe3\n").unwrap();
        let reader = Table::csv(&path).unit("id").columns(["x"]);
        let Error::Syntax {
            line, column, path, ..
        } = reader.read().unwrap_err()
        else {
            panic!("another error")
        };
        std::fs::remove_file(&path).unwrap();
        assert_eq!((line, column), (3, 3));
        assert!(matches!(Table::csv(path).read(), Err(Error::Io { .. })));
    }

    #[test]
    fn cells_that_are_no_finite_numbers_are_errors() {
        assert!(matches!(
            error("id,x\na,12abc\n"),
            Error::NotANumber { line: 2, .. }
        ));
        assert!(matches!(error("id,x\na,nan\n"), Error::NotFinite { .. }));
        assert!(matches!(error("id,x\na,1e999\n"), Error::NotFinite { .. }));
        let Error::DuplicateUnit { first, second, .. } = error("id,x\na,1\nb,2\na,3\n") else {
            panic!("another error")
        };
        assert_eq!((first.as_str(), second.as_str()), ("line 2", "line 4"));
    }

    #[test]
    fn columns_are_asked_for_by_existing_distinct_names() {
        let text = "id,x,y\na,1,2\n";
        let reader = Table::csv_text(text).unit("id");
        let Err(Error::UnknownColumn { available, .. }) = reader.clone().columns(["z"]).read()
        else {
            panic!("another result")
        };
        assert_eq!(available, ["id", "x", "y"]);
        assert!(matches!(
            reader.clone().columns(["x"]).labels(["x"]).read(),
            Err(Error::DuplicateColumn { .. })
        ));
        assert!(matches!(
            reader.delimiter(b'"').read(),
            Err(Error::InvalidOption { .. })
        ));
    }

    #[test]
    fn missing_cells_are_listed_or_dropped_with_their_unit() {
        let text = "id,x,y,l\na,1,,p\nb,NA,2,q\nc,3,.,\n";
        let reader = Table::csv_text(text)
            .unit("id")
            .columns(["x"])
            .labels(["l"]);
        let Err(Error::Missing { cells, total }) = reader.clone().read() else {
            panic!("another result")
        };
        assert_eq!(total, 2);
        assert_eq!(cells[0], Cell::new("b", None, "x"));
        assert_eq!(cells[1], Cell::new("c", None, "l"));
        let (table, dropped) = reader.read_complete().unwrap();
        assert_eq!(table.units(), &Units::new(["a"]).unwrap());
        assert_eq!(dropped.units(), ["b", "c"]);
        assert_eq!(dropped.cells(), cells);

        let nothing_left = Table::csv_text(text).unit("id").columns(["x", "y"]);
        assert!(matches!(
            nothing_left.missing(["NA", "."]).read_complete(),
            Err(Error::Missing { total: 3, .. })
        ));
        let namibia = Table::csv_text("id,c\na,NA\n").unit("id").columns([""; 0]);
        let namibia = namibia.labels(["c"]).missing([""; 0]).read().unwrap();
        assert_eq!(namibia.labels("c").unwrap(), ["NA"]);
        let (table, _) = Table::csv_text("x\n1\n\"\"\n3\n").read_complete().unwrap();
        assert_eq!(table.units(), &Units::new(["0", "2"]).unwrap());
    }
}
