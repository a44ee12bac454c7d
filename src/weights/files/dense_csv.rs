//! `DenseWeightsReader`: a weight matrix as a square table in CSV.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Weights;
use super::super::links::SelfLinks;
use super::links::{Stated, assemble};
use super::words::built;
use super::{Shortest, weight_of, write};
use crate::data::csv::{Choice, File, syntax};
use crate::data::{Source, Units};
use crate::error::Result;
use crate::text::csv_field;

/// Reads [`Weights`] from a square table in CSV; made by [`Weights::dense_csv`] or [`Weights::dense_csv_text`].
#[derive(Debug, Clone)]
#[must_use = "nothing is read before `read`"]
pub struct DenseWeightsReader {
    choice: Choice,
    without_ids: bool,
}

impl Weights {
    /// A reader of a square table in a CSV file: ids in the header and in the first column, in the same order, and between them the
    /// weights, of which a zero is no link. A diagonal is kept.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Weights;
    /// let w = Weights::dense_csv_text("id,A,B\nA,0,0.5\nB,1,0\n").read()?;
    /// assert_eq!((w.units().position("B"), w.weight(0, 1), w.weight(1, 0)), (Some(1), 0.5, 1.0));
    /// let bare = Weights::dense_csv_text("0,0.5\n1,0\n").without_ids().read()?;
    /// assert_eq!(bare.relabelled(w.units())?.weight(0, 1), 0.5);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "mat2listw")]
    #[doc(alias = "full matrix")]
    pub fn dense_csv(path: impl AsRef<Path>) -> DenseWeightsReader {
        DenseWeightsReader::new(Source::file(path))
    }

    /// A reader of a square table in CSV text, as [`dense_csv`](Self::dense_csv); errors name it `<text>`.
    pub fn dense_csv_text(text: impl Into<String>) -> DenseWeightsReader {
        DenseWeightsReader::new(Source::text(text))
    }

    /// A square table in CSV, ids in the header and the first column, with the weights as they are now, after a transformation.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`](crate::Error::TooLarge) above 5,000 units; [`Error::Unsupported`](crate::Error::Unsupported) where an id is empty, or begins or ends with a blank;
    /// [`Error::InvalidLink`](crate::Error::InvalidLink) where a transformation made a weight zero.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::new(["A", "B"])?, [("A", "B", 0.5)])?;
    /// assert_eq!(w.to_dense_csv()?, "id,A,B\nA,0,0.5\nB,0,0\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "listw2mat")]
    pub fn to_dense_csv(&self) -> Result<String> {
        self.check_dense()?;
        self.check_fields()?;
        self.check_values()?;
        let mut text = "id".to_owned();
        for id in self.units().iter() {
            text.push(',');
            text.push_str(&csv_field(&id));
        }
        text.push('\n');
        for i in 0..self.n() {
            text.push_str(&csv_field(&self.units().name(i)));
            for w in self.dense_row(i) {
                // writing to a String cannot fail
                let _ = write!(text, ",{}", Shortest(w));
            }
            text.push('\n');
        }
        Ok(text)
    }

    /// Writes a square table as a CSV file, as [`to_dense_csv`](Self::to_dense_csv).
    ///
    /// # Errors
    ///
    /// Those of [`to_dense_csv`](Self::to_dense_csv); [`Error::Io`](crate::Error::Io).
    pub fn write_dense_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_dense_csv()?)
    }
}

impl DenseWeightsReader {
    fn new(source: Source) -> Self {
        Self {
            choice: Choice::new(source),
            without_ids: false,
        }
    }

    /// The table has neither a header nor a first column of ids: the units are `0`, `1`, …, to be given their ids with
    /// [`relabelled`](Weights::relabelled).
    pub fn without_ids(mut self) -> Self {
        self.without_ids = true;
        self
    }

    /// The ASCII character between fields; `,` by default.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.choice.delimiter = delimiter;
        self
    }

    /// Reads the weights.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io); [`Error::Syntax`](crate::Error::Syntax) with line and field (also where the table is not square, the ids of rows and columns differ, a
    /// cell is empty, or a weight negative or not finite); [`Error::InvalidOption`](crate::Error::InvalidOption) (delimiter).
    pub fn read(self) -> Result<Weights> {
        let file = File::records(&self.choice)?;
        let path = file.path.clone();
        let ids = usize::from(!self.without_ids);
        let head = file.header().to_vec();
        let units = self.units(&file)?;
        let mut links = Vec::new();
        let (mut rows, mut last) = (0, file.line(0));
        let mut row = |file: &File, line: u64, cells: &mut dyn Iterator<Item = &str>| {
            for (k, cell) in cells.enumerate() {
                let cell = cell.trim();
                let wrong = |problem: String| file.syntax(line, k + 1, problem);
                if rows == units.len() {
                    return Err(wrong(format!(
                        "this row is one more than the {rows} columns"
                    )));
                }
                if k < ids {
                    if cell != head[rows + 1] {
                        return Err(wrong(format!(
                            "the row is of `{cell}`, and column {} of `{}`; both have to be of the same units in the same order",
                            rows + 2,
                            head[rows + 1]
                        )));
                    }
                    continue;
                }
                let weight = weight_of(cell).map_err(wrong)?;
                if weight > 0.0 {
                    let (from, to) = (rows as u32, (k - ids) as u32);
                    links.push(Stated {
                        from,
                        to,
                        weight,
                        place: (line, k),
                    });
                }
            }
            (rows, last) = (rows + 1, line);
            Ok(())
        };
        if self.without_ids {
            row(&file, file.line(0), &mut head.iter().map(String::as_str))?;
        }
        file.each(|file, line, record| row(file, line, &mut record.iter()))?;
        let syntax =
            |(line, k): (u64, usize), problem: String| syntax(&path, line, k as u64 + 1, problem);
        if rows < units.len() {
            let problem = format!(
                "there are {} columns of weights, and {rows} rows",
                units.len()
            );
            return Err(syntax((last, 0), problem));
        }
        assemble(&units, links, SelfLinks::Kept, &built(&path), syntax)
    }

    /// The units of the header.
    fn units(&self, file: &File) -> Result<Units> {
        let head = file.header();
        if self.without_ids {
            return Ok(Units::range(head.len()));
        }
        if let Some(corner) = head.first().filter(|c| c.parse::<f64>().is_ok()) {
            // of symmetric weights without ids the first row and column would be taken for ids
            let problem = format!(
                "the header begins with the number `{corner}`, as tables without ids do; say `without_ids()`, or leave this field empty"
            );
            return Err(file.syntax(file.line(0), 1, problem));
        }
        let mut seen = super::links::Ids::default();
        for (k, id) in head.iter().enumerate().skip(1) {
            let problem = match seen.add_new(id.as_str()) {
                _ if id.is_empty() => "the unit has no id".to_owned(),
                Err(_) => format!("two columns are of unit `{id}`"),
                Ok(()) => continue,
            };
            return Err(file.syntax(file.line(0), k + 1, problem));
        }
        seen.units()
    }
}
