//! `WeightsReader`: links from CSV, columns by name.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Weights;
use super::super::links::SelfLinks;
use super::links::{Named, assemble, positions};
use super::words::built;
use super::{Shortest, positive_weight_of, write};
use crate::data::csv::{Choice, File, field, syntax};
use crate::data::{Source, Units};
use crate::error::{Error, Result};
use crate::text::csv_field;

/// Reads [`Weights`] from CSV with a row a link; made by [`Weights::csv`] or [`Weights::csv_text`].
#[derive(Debug, Clone)]
#[must_use = "nothing is read before `read`"]
pub struct WeightsReader {
    choice: Choice,
    from: String,
    to: String,
    weight: Option<String>,
    binary: bool,
    over: Option<Units>,
}

impl Weights {
    /// A reader of links from a CSV file with a header and a row a link.
    ///
    /// The columns are `i`, `j` and `w`, as [`write_csv`](Self::write_csv) writes them, or those named. The file is as for
    /// [`Table::csv`](crate::Table::csv). A unit may be its own neighbour.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let text = "origin;destination;km\nA;B;12.5\nB;A;12.5\n";
    /// let w = Weights::csv_text(text)
    ///     .delimiter(b';')
    ///     .from("origin")
    ///     .to("destination")
    ///     .weight("km")
    ///     .over(&Units::new(["B", "A", "C"])?)
    ///     .read()?;
    /// assert_eq!((w.weight(0, 1), w.islands()), (12.5, vec!["C".to_owned()]));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "sn2listw")]
    #[doc(alias = "edge list")]
    #[doc(alias = "from_adjlist")]
    pub fn csv(path: impl AsRef<Path>) -> WeightsReader {
        WeightsReader::new(Source::file(path))
    }

    /// A reader of links from CSV text, as [`csv`](Self::csv); errors name it `<text>`.
    pub fn csv_text(text: impl Into<String>) -> WeightsReader {
        WeightsReader::new(Source::text(text))
    }

    /// CSV with the columns `i`, `j`, `w` and a row a link, with the weights as they are now, after a transformation.
    ///
    /// Units without links leave no trace: read it [`over`](WeightsReader::over) the units.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where an id is empty, or begins or ends with a blank; [`Error::InvalidLink`] where a transformation made
    /// a weight zero.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::new(["New York", "b"])?, [("New York", "b", 0.5)])?;
    /// assert_eq!(w.to_csv()?, "i,j,w\nNew York,b,0.5\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "listw2sn")]
    #[doc(alias = "to_adjlist")]
    pub fn to_csv(&self) -> Result<String> {
        self.check_fields()?;
        let mut text = "i,j,w\n".to_owned();
        for (i, j, w) in self.checked_links()? {
            let (i, j) = (self.units().name(i), self.units().name(j));
            // writing to a String cannot fail
            let _ = writeln!(text, "{},{},{}", csv_field(&i), csv_field(&j), Shortest(w));
        }
        Ok(text)
    }

    /// Writes a CSV file with a row a link, as [`to_csv`](Self::to_csv).
    ///
    /// # Errors
    ///
    /// Those of [`to_csv`](Self::to_csv); [`Error::Io`].
    pub fn write_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_csv()?)
    }

    /// Nothing where ids can be fields of CSV, around which spaces do not count.
    pub(super) fn check_fields(&self) -> Result<()> {
        let unfit = |id: &str| id.is_empty() || id.trim() != id;
        self.units().iter().find(|id| unfit(id)).map_or(Ok(()), |id| {
            Err(Error::Unsupported {
                what: format!("the id `{id}` in a CSV file"),
                why: "an id has a character, and no blank at its ends; give other ids with `relabelled`".to_owned(),
            })
        })
    }
}

impl WeightsReader {
    fn new(source: Source) -> Self {
        Self {
            choice: Choice::new(source),
            from: "i".to_owned(),
            to: "j".to_owned(),
            weight: None,
            binary: false,
            over: None,
        }
    }

    /// The column with the id of the row; `i` by default.
    pub fn from(mut self, column: impl Into<String>) -> Self {
        self.from = column.into();
        self
    }

    /// The column with the id of the neighbour; `j` by default.
    pub fn to(mut self, column: impl Into<String>) -> Self {
        self.to = column.into();
        self
    }

    /// The column with the weight; by default `w`, and in a file of two columns none: every link weighs 1.
    pub fn weight(mut self, column: impl Into<String>) -> Self {
        self.weight = Some(column.into());
        self.binary = false;
        self
    }

    /// Every link weighs 1, whatever other columns there are.
    pub fn binary(mut self) -> Self {
        self.weight = None;
        self.binary = true;
        self
    }

    /// The units, in their order; by default those that appear, first as origins and then as destinations.
    pub fn over(mut self, units: &Units) -> Self {
        self.over = Some(units.clone());
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
    /// [`Error::Io`]; [`Error::Syntax`] with line and field (also for a weight that is not positive and finite, a link given twice, an
    /// id that is not among the units given); [`Error::UnknownColumn`]; [`Error::InvalidOption`] (delimiter; no column of weights
    /// where there are more than two).
    pub fn read(self) -> Result<Weights> {
        let file = File::records(&self.choice)?;
        let (from, to) = (file.find(&self.from)?, file.find(&self.to)?);
        let weight = self.weight_column(&file)?;
        let path = file.path.clone();
        let mut links = Vec::new();
        file.each(|file, line, record| {
            let end = |k: usize| match field(record, k) {
                "" => Err(file.syntax(line, k + 1, "the unit has no id")),
                id => Ok((id.to_owned(), (line, k))),
            };
            let value = |k: usize| {
                positive_weight_of(field(record, k))
                    .map_err(|problem| file.syntax(line, k + 1, problem))
            };
            links.push(Named {
                from: end(from)?,
                to: end(to)?,
                weight: weight.map_or(Ok(1.0), value)?,
            });
            Ok(())
        })?;
        let syntax =
            |(line, k): (u64, usize), problem: String| syntax(&path, line, k as u64 + 1, problem);
        let (units, links) = positions(&links, self.over.as_ref(), syntax)?;
        assemble(&units, links, SelfLinks::Kept, &built(&path), syntax)
    }

    fn weight_column(&self, file: &File) -> Result<Option<usize>> {
        match &self.weight {
            _ if self.binary => Ok(None),
            Some(name) => file.find(name).map(Some),
            None if file.header().iter().any(|name| name == "w") => file.find("w").map(Some),
            None if file.header().len() <= 2 => Ok(None),
            None => Err(Error::InvalidOption {
                option: "weight",
                value: "none".to_owned(),
                expected: "the name of the column with the weights, or `binary()` where every link weighs 1, as the file has more than two columns and none is called `w`",
            }),
        }
    }
}
