//! CSV: records with true line numbers, columns by name, cells as numbers.

use std::collections::HashSet;
use std::io::Cursor;
use std::path::PathBuf;

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::{Source, distinct, strings};
use crate::error::{Cell, Error, Result};

/// What is to be read of a file, as the readers of tables and panels share it.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) source: Source,
    pub(super) unit: Option<String>,
    pub(super) period: Option<String>,
    pub(super) columns: Option<Vec<String>>,
    pub(super) labels: Vec<String>,
    pub(super) missing: HashSet<String>,
    pub(crate) delimiter: u8,
}

impl Choice {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            unit: None,
            period: None,
            columns: None,
            labels: Vec::new(),
            missing: HashSet::from(["NA".to_owned()]),
            delimiter: b',',
        }
    }

    pub(super) fn columns<S: Into<String>>(&mut self, names: impl IntoIterator<Item = S>) {
        self.columns = Some(strings(names));
    }

    /// Whether a cell counts as missing.
    pub(super) fn is_missing(&self, text: &str) -> bool {
        text.is_empty() || self.missing.contains(text)
    }
}

/// Positions, in a record, of what is to be read.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) unit: Option<usize>,
    pub(super) period: Option<usize>,
    pub(super) columns: Vec<(String, usize)>,
    pub(super) labels: Vec<(String, usize)>,
}

/// A file whose quoting has been checked, and whose header has been read.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    header: Vec<String>,
    /// The line at which each record begins, the header being the first.
    lines: Vec<u64>,
    reader: csv::Reader<Cursor<Vec<u8>>>,
}

impl File {
    pub(super) fn open(choice: &Choice) -> Result<Self> {
        let file = Self::records(choice)?;
        if file.lines.len() < 2 {
            return Err(file.syntax(file.line(0), 1, "there is no row below the header"));
        }
        Ok(file)
    }

    /// A file of which the header may be all.
    pub(crate) fn records(choice: &Choice) -> Result<Self> {
        let path = choice.source.path();
        let delimiter = choice.delimiter;
        if !delimiter.is_ascii() || matches!(delimiter, b'"' | b'\r' | b'\n') {
            return Err(Error::InvalidOption {
                option: "delimiter",
                value: format!("{:?}", char::from(delimiter)),
                expected: "an ASCII character other than the quote and the line break",
            });
        }
        let bytes = choice.source.clone().bytes("CSV")?;
        let lines = scan(&bytes, delimiter)
            .map_err(|(line, column, problem)| syntax(&path, line, column, problem))?;
        if lines.is_empty() {
            return Err(syntax(
                &path,
                1,
                1,
                "the file is empty; a header is expected",
            ));
        }
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .from_reader(Cursor::new(bytes));
        let mut file = Self {
            path,
            header: Vec::new(),
            lines,
            reader,
        };
        let mut record = StringRecord::new();
        file.next(0, &mut record)?;
        file.header = record.iter().map(|name| name.trim().to_owned()).collect();
        Ok(file)
    }

    /// The fields of the first record.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    pub(crate) fn syntax(&self, line: u64, column: usize, problem: impl Into<String>) -> Error {
        syntax(&self.path, line, column as u64, problem)
    }

    /// The line at which a record begins.
    pub(crate) fn line(&self, record: usize) -> u64 {
        self.lines.get(record).copied().unwrap_or_default()
    }

    fn next(&mut self, number: usize, record: &mut StringRecord) -> Result<bool> {
        let line = self.line(number);
        self.reader.read_record(record).map_err(|e| match e.kind() {
            ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => self.syntax(
                line,
                (*len).min(*expected_len) as usize + 1,
                format!("the header has {expected_len} fields, and this record has {len}"),
            ),
            ErrorKind::Utf8 { err, .. } => self.syntax(
                line,
                err.field() + 1,
                "the text is not UTF-8; convert the file (for instance from GBK or Latin-1)",
            ),
            _ => self.syntax(line, 1, e.to_string()),
        })
    }

    /// Calls `each` with the line, the record and the file's path for every record below the header.
    pub(crate) fn each(
        mut self,
        mut each: impl FnMut(&Self, u64, &StringRecord) -> Result<()>,
    ) -> Result<()> {
        let mut record = StringRecord::new();
        let mut number = 1;
        while self.next(number, &mut record)? {
            each(&self, self.line(number), &record)?;
            number += 1;
        }
        Ok(())
    }

    /// The positions of the columns that are asked for.
    pub(super) fn plan(&self, choice: &Choice) -> Result<Plan> {
        let unit = choice.unit.as_ref().map(|n| self.find(n)).transpose()?;
        let period = choice.period.as_ref().map(|n| self.find(n)).transpose()?;
        let named = |names: &[String]| -> Result<Vec<(String, usize)>> {
            let one = |n: &String| Ok((n.trim().to_owned(), self.find(n)?));
            names.iter().map(one).collect()
        };
        let labels = named(&choice.labels)?;
        let columns = match &choice.columns {
            Some(names) => named(names)?,
            None => self.others(unit, period, &labels)?,
        };
        distinct(columns.iter().chain(&labels).map(|(n, _)| n))?;
        Ok(Plan {
            unit,
            period,
            columns,
            labels,
        })
    }

    fn others(
        &self,
        unit: Option<usize>,
        period: Option<usize>,
        labels: &[(String, usize)],
    ) -> Result<Vec<(String, usize)>> {
        let taken = |k: usize| {
            Some(k) == unit
                || Some(k) == period
                || labels.iter().any(|(_, position)| *position == k)
        };
        let others = self.header.iter().enumerate().filter(|(k, _)| !taken(*k));
        others
            .map(|(k, name)| {
                if name.is_empty() {
                    let problem = "the column has no name; say with `columns` which ones to read";
                    return Err(self.syntax(self.line(0), k + 1, problem));
                }
                Ok((name.clone(), self.find(name)?))
            })
            .collect()
    }

    /// The position of a column.
    pub(crate) fn find(&self, name: &str) -> Result<usize> {
        let name = name.trim();
        let mut found = (0..self.header.len()).filter(|&k| self.header[k] == name);
        let Some(position) = found.next() else {
            return Err(Error::UnknownColumn {
                name: name.to_owned(),
                available: self.header.clone(),
            });
        };
        match found.next() {
            None => Ok(position),
            Some(k) => Err(self.syntax(
                self.line(0),
                k + 1,
                format!("two columns are called `{name}`"),
            )),
        }
    }

    /// The number in a cell.
    pub(super) fn number(&self, text: &str, line: u64, cell: impl Fn() -> Cell) -> Result<f64> {
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(value) => Err(Error::NotFinite {
                cell: cell(),
                value,
            }),
            Err(_) => Err(Error::NotANumber {
                path: self.path.clone(),
                line,
                cell: cell(),
                text: text.to_owned(),
            }),
        }
    }
}

/// The text of a field, without the spaces around it.
pub(crate) fn field(record: &StringRecord, position: usize) -> &str {
    record.get(position).unwrap_or_default().trim()
}

/// An error at a field, both counted from 1.
pub(crate) fn syntax(
    path: &std::path::Path,
    line: u64,
    column: u64,
    problem: impl Into<String>,
) -> Error {
    Error::Syntax {
        path: path.to_path_buf(),
        format: "CSV",
        line,
        column,
        problem: problem.into(),
    }
}

enum State {
    RecordStart,
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote that ends the field, or is the first of two.
    Closing,
    /// Behind spaces that follow a closing quote.
    Closed,
}

/// The line at which each record begins (empty lines are none), or the place of a quote out of place.
fn scan(bytes: &[u8], delimiter: u8) -> Result<Vec<u64>, (u64, u64, &'static str)> {
    let mut lines = Vec::new();
    let (mut line, mut field) = (1, 1);
    let mut opened = (1, 1);
    let mut state = State::RecordStart;
    for (i, &byte) in bytes.iter().enumerate() {
        let ends_line = byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
        match (&state, byte) {
            (State::Quoted, b'"') => state = State::Closing,
            (State::Quoted, _) => {}
            (_, b'\n' | b'\r') => {
                state = State::RecordStart;
                field = 1;
            }
            (State::RecordStart | State::FieldStart, _) => {
                if matches!(state, State::RecordStart) {
                    lines.push(line);
                }
                state = if byte == delimiter {
                    field += 1;
                    State::FieldStart
                } else if byte == b'"' {
                    opened = (line, field);
                    State::Quoted
                } else {
                    State::Plain
                };
            }
            (_, b) if b == delimiter => {
                field += 1;
                state = State::FieldStart;
            }
            (State::Plain, _) => {}
            (State::Closing, b'"') => state = State::Quoted,
            (State::Closing | State::Closed, b' ' | b'\t') => state = State::Closed,
            (State::Closing | State::Closed, _) => {
                return Err((line, field, "text follows the quote that ends the field"));
            }
        }
        if ends_line {
            line += 1;
        }
    }
    match state {
        State::Quoted => Err((
            opened.0,
            opened.1,
            "the quote that opens this field is not closed",
        )),
        _ => Ok(lines),
    }
}
