//! `Sheet`: a table of text that becomes Markdown, LaTeX, CSV or a screen.

use std::fmt;

use crate::data::Table;
use crate::error::{Error, Result};
use crate::text::{Layout, csv_field, width};

/// A titled table of text cells, written as Markdown, LaTeX (booktabs), CSV, or printed.
///
/// # Example
///
/// ```
/// use spatialecon::Sheet;
/// let sheet = Sheet::new("Dispersion", ["year", "sd"]).row(["2000", "0.5959"])?.row(["2023", "0.4698"])?;
/// assert_eq!(sheet.csv(), "year,sd\n2000,0.5959\n2023,0.4698\n");
/// assert!(sheet.latex().contains("2000 & 0.5959 \\\\"));
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Sheet {
    /// A table with a title and the names of its columns.
    pub fn new<S: Into<String>>(title: &str, head: impl IntoIterator<Item = S>) -> Self {
        Self {
            title: title.to_owned(),
            head: head.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The columns and labels of a [`Table`](crate::Table), a row a unit, with all digits: what results give by `table()`, for
    /// a file or another program.
    ///
    /// # Errors
    ///
    /// None that the table itself has not raised.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{LocalMoran, Permutations, Sheet, Units, Weights};
    /// let w = Weights::from_pairs(&Units::new(["a", "b", "c"])?, [("a", "b"), ("b", "c")])?;
    /// let local = LocalMoran::of(&[1.0, 2.0, 6.0][..], &w, Permutations::all())?;
    /// let csv = Sheet::of_table("Local Moran's I", &local.table()?)?.csv();
    /// assert!(csv.starts_with("unit,I,z,lag,p,p_fdr,quadrant,cluster,cluster_fdr\na,0.428571428571428"));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn of_table(title: &str, table: &Table) -> Result<Self> {
        let names = |names: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            names.map(str::to_owned).collect()
        };
        let columns = names(&mut table.column_names());
        let labels = names(&mut table.label_names());
        let head = ["unit".to_owned()]
            .into_iter()
            .chain(columns.clone())
            .chain(labels.clone());
        let mut sheet = Self::new(title, head);
        for i in 0..table.len() {
            let mut row = vec![table.units().name(i)];
            for column in &columns {
                row.push(table.values(column)?[i].to_string());
            }
            for label in &labels {
                row.push(table.labels(label)?[i].clone());
            }
            sheet = sheet.row(row)?;
        }
        Ok(sheet)
    }

    /// Adds a row, one cell a column.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`].
    pub fn row<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Result<Self> {
        let cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        if cells.len() != self.head.len() {
            return Err(Error::LengthMismatch {
                what: format!("a row of `{}`", self.title),
                expected: self.head.len(),
                found: cells.len(),
            });
        }
        self.rows.push(cells);
        Ok(self)
    }

    /// Adds a note under the table.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// As a Markdown table, the title above, the notes below.
    #[must_use]
    pub fn markdown(&self) -> String {
        let escape = |cell: &String| cell.replace('|', "\\|");
        let line = |cells: &[String]| {
            format!(
                "| {} |\n",
                cells.iter().map(escape).collect::<Vec<_>>().join(" | ")
            )
        };
        let mut out = format!("**{}**\n\n{}", self.title, line(&self.head));
        let rule = (0..self.head.len())
            .map(|i| if i == 0 { ":---" } else { "---:" })
            .collect::<Vec<_>>();
        out.extend([
            "| ",
            &rule.join(" | "),
            " |
",
        ]);
        out.extend(self.rows.iter().map(|r| line(r)));
        out.extend(self.notes.iter().map(|n| format!("\n{n}\n")));
        out
    }

    /// As a LaTeX table for the package booktabs, the title as caption, the notes below.
    #[must_use]
    pub fn latex(&self) -> String {
        let line = |cells: &[String]| {
            format!(
                "{} \\\\\n",
                cells
                    .iter()
                    .map(|c| cell(c))
                    .collect::<Vec<_>>()
                    .join(" & ")
            )
        };
        let columns = "l".to_owned() + &"r".repeat(self.head.len().saturating_sub(1));
        let mut out = format!(
            "\\begin{{table}}\n\\centering\n\\caption{{{}}}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n",
            latex(&self.title)
        );
        out.push_str(&line(&self.head));
        out.push_str("\\midrule\n");
        out.extend(self.rows.iter().map(|r| line(r)));
        out.push_str("\\bottomrule\n\\end{tabular}\n");
        out.extend(self.notes.iter().map(|n| format!("\n{}\n", latex(n))));
        out.push_str("\\end{table}\n");
        out
    }

    /// As CSV: the names of the columns and the rows, fields quoted where they have to be.
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |cells: &[String]| {
            cells
                .iter()
                .map(|c| csv_field(c))
                .collect::<Vec<_>>()
                .join(",")
                + "\n"
        };
        std::iter::once(&self.head)
            .chain(&self.rows)
            .map(|r| line(r))
            .collect()
    }
}

/// A cell for LaTeX: the sign of a negative number is a minus, not a hyphen.
fn cell(text: &str) -> String {
    let number = text
        .strip_prefix('-')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    number.map_or_else(|| latex(text), |rest| format!("$-${}", latex(rest)))
}

fn latex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            '<' => out.push_str("$<$"),
            '>' => out.push_str("$>$"),
            _ => out.push(c),
        }
    }
    out
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Layout::new();
        table.row(self.head.iter().cloned()).rule();
        self.rows.iter().for_each(|r| {
            table.row(r.iter().cloned());
        });
        writeln!(f, "{}\n{}", self.title, "=".repeat(width(&self.title)))?;
        write!(f, "{table}")?;
        self.notes.iter().try_for_each(|n| writeln!(f, "{n}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped_in_each_format() {
        let sheet = Sheet::new("A_b", ["x"]).row(["1,5 | \"<\" & 3%"]).unwrap();
        assert_eq!(sheet.csv(), "x\n\"1,5 | \"\"<\"\" & 3%\"\n");
        assert!(sheet.markdown().contains("1,5 \\| "));
        assert!(sheet.latex().contains("\"$<$\" \\& 3\\%") && sheet.latex().contains("A\\_b"));
        assert!(sheet.row(["a", "b"]).is_err());
    }
}
