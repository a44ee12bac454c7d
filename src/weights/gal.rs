//! GAL files: binary links as text.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use super::Weights;
use super::links::{binary, offsets};
use crate::data::Units;
use crate::error::{Error, Result};

impl Weights {
    /// Binary weights from a GAL file.
    ///
    /// The header is `n`, or `0 n name variable`; then for each unit a line `id count` and a line of `count` ids of
    /// neighbours. A unit without neighbours has an empty line or none. Ids are taken as text, units in the order of the
    /// file. Links are as in the file, in one direction or both.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Syntax`] with line and column.
    #[doc(alias = "read.gal")]
    pub fn read_gal(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        let text = std::str::from_utf8(&bytes).map_err(|e| {
            let before = &bytes[..e.valid_up_to()];
            let start = before
                .iter()
                .rposition(|&b| b == b'\n')
                .map_or(0, |p| p + 1);
            Error::Syntax {
                path: path.to_owned(),
                format: "GAL",
                line: before.split(|&b| b == b'\n').count() as u64,
                column: String::from_utf8_lossy(&before[start..]).chars().count() as u64 + 1,
                problem: "the text is not UTF-8".to_owned(),
            }
        })?;
        let name = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        parse(text, path, format!("links of {name}"))
    }

    /// Binary weights from the text of a GAL file, as [`read_gal`](Self::read_gal).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] with line and column; its path reads `GAL text`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Weights;
    /// let w = Weights::gal_text("0 3 towns name\nA 1\nB\nB 2\nA C\nC 1\nB\n")?;
    /// assert_eq!((w.n(), w.links(), w.pairs()), (3, 4, 2));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn gal_text(text: &str) -> Result<Self> {
        parse(text, Path::new("GAL text"), "links of GAL text".to_owned())
    }

    /// The text of a GAL file with the raw links, which have to be binary: the format holds no weights.
    ///
    /// Of a transformed matrix the links before the transformation are written.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the raw weights are not binary, or an id holds blanks or nothing.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::new(["A", "B"])?, [("A", "B")])?;
    /// assert_eq!(w.to_gal()?, "0 2 weights id\nA 1\nB\nB 1\nA\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "write.nb.gal")]
    pub fn to_gal(&self) -> Result<String> {
        if !self.is_binary() {
            return Err(Error::Unsupported {
                what: "writing weights that are not binary as GAL".to_owned(),
                why: "the format holds links without weights".to_owned(),
            });
        }
        let unfit = |id: &str| id.is_empty() || id.contains(char::is_whitespace);
        if let Some(id) = self.units().iter().find(|id| unfit(id)) {
            return Err(Error::Unsupported {
                what: format!("the id `{id}` in a GAL file"),
                why: "ids are separated by blanks; give other ids with `relabelled`".to_owned(),
            });
        }
        let mut text = format!("0 {} weights id\n", self.n());
        for i in 0..self.n() {
            let row = self.csr().pattern.row(i);
            // writing to a String cannot fail
            let _ = writeln!(text, "{} {}", self.units().name(i), row.len());
            for (k, &j) in row.iter().enumerate() {
                let blank = if k == 0 { "" } else { " " };
                let _ = write!(text, "{blank}{}", self.units().name(j as usize));
            }
            text.push('\n');
        }
        Ok(text)
    }

    /// Writes the raw links as a GAL file, as [`to_gal`](Self::to_gal).
    ///
    /// # Errors
    ///
    /// Those of [`to_gal`](Self::to_gal); [`Error::Io`].
    pub fn write_gal(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        std::fs::write(path, self.to_gal()?).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })
    }
}

/// A word of the text, and where it stands.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    line: usize,
    column: usize,
}

fn words(line: usize, text: &str) -> Vec<Word<'_>> {
    text.split_whitespace()
        .map(|word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            let column = text[..start].chars().count() + 1;
            Word {
                text: word,
                line,
                column,
            }
        })
        .collect()
}

fn syntax(path: &Path, line: usize, column: usize, problem: String) -> Error {
    Error::Syntax {
        path: path.to_owned(),
        format: "GAL",
        line: line as u64,
        column: column as u64,
        problem,
    }
}

fn parse(text: &str, path: &Path, built: String) -> Result<Weights> {
    let syntax = |line, column, problem| syntax(path, line, column, problem);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let end = text.lines().count() + 1;
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(k, line)| (k + 1, words(k + 1, line)))
        .peekable();

    let header = lines.find(|(_, w)| !w.is_empty());
    let Some((_, header)) = header else {
        return Err(syntax(end, 1, "the file is empty".to_owned()));
    };
    let stated = match header[..] {
        [n] => n,
        [zero, n, ..] if zero.text == "0" => n,
        _ => {
            let problem = "the header is `n` or `0 n name variable`".to_owned();
            return Err(syntax(header[0].line, header[0].column, problem));
        }
    };
    let count_of = |word: Word<'_>, what: &str| {
        word.text.parse::<usize>().map_err(|_| {
            let problem = format!("`{}` is not {what}", word.text);
            syntax(word.line, word.column, problem)
        })
    };
    let n = count_of(stated, "a number of units")?;

    let mut ids: Vec<Word<'_>> = Vec::new();
    let mut neighbours: Vec<(u32, Word<'_>)> = Vec::new();
    while let Some((line, unit)) = lines.next() {
        if unit.is_empty() {
            continue;
        }
        let [id, count] = unit[..] else {
            let problem = format!("`id count` is expected, and there are {} words", unit.len());
            return Err(syntax(line, unit[0].column, problem));
        };
        if ids.len() == n {
            let problem = format!("unit `{}` is one more than the {n} of the header", id.text);
            return Err(syntax(id.line, id.column, problem));
        }
        let expected = count_of(count, "a number of neighbours")?;
        if expected == 0 {
            lines.next_if(|(_, w)| w.is_empty());
        } else {
            let (line, row) = lines.next().unwrap_or((end, Vec::new()));
            if row.len() != expected {
                let problem = format!(
                    "unit `{}` states {expected} neighbours, and there are {}",
                    id.text,
                    row.len()
                );
                // the first word too many, or where one is missing
                let column = row.get(expected).map_or_else(
                    || row.last().map_or(1, |w| w.column + w.text.chars().count()),
                    |w| w.column,
                );
                return Err(syntax(line, column, problem));
            }
            neighbours.extend(row.into_iter().map(|w| (ids.len() as u32, w)));
        }
        ids.push(id);
    }
    if ids.len() < n {
        let problem = format!("the header states {n} units, and there are {}", ids.len());
        return Err(syntax(end, 1, problem));
    }
    assemble(path, &ids, neighbours, built)
}

/// Ids, and the neighbours of each position, as weights.
fn assemble(
    path: &Path,
    ids: &[Word<'_>],
    neighbours: Vec<(u32, Word<'_>)>,
    built: String,
) -> Result<Weights> {
    let syntax = |word: &Word<'_>, problem| syntax(path, word.line, word.column, problem);
    let mut position = HashMap::with_capacity(ids.len());
    for (i, id) in ids.iter().enumerate() {
        if let Some(first) = position.insert(id.text, i as u32) {
            let first = ids[first as usize].line;
            let problem = format!("unit `{}` stands on line {first} already", id.text);
            return Err(syntax(id, problem));
        }
    }
    let mut links: Vec<(u32, u32, Word<'_>)> = Vec::with_capacity(neighbours.len());
    for (i, word) in neighbours {
        let problem = match position.get(word.text) {
            Some(&j) if j != i => {
                links.push((i, j, word));
                continue;
            }
            Some(_) => format!("unit `{}` is its own neighbour", word.text),
            None => format!("the neighbour `{}` is not among the units", word.text),
        };
        return Err(syntax(&word, problem));
    }
    links.sort_by_key(|&(i, j, _)| (i, j));
    if let Some(twice) = links
        .windows(2)
        .find(|p| (p[0].0, p[0].1) == (p[1].0, p[1].1))
    {
        let word = twice[1].2;
        let problem = format!("the neighbour `{}` is given twice", word.text);
        return Err(syntax(&word, problem));
    }
    let units = Units::new(ids.iter().map(|w| w.text))?;
    let offsets = offsets(units.len(), links.iter().map(|l| l.0));
    let columns = links.iter().map(|l| l.1).collect();
    Ok(binary(units, offsets, columns, built))
}

#[cfg(test)]
mod tests {
    use super::super::test_data::columbus;
    use super::*;

    #[test]
    fn both_headers_and_units_without_neighbours() {
        for text in [
            "3\nA 1\nB\nB 1\nA\nC 0\n",
            "0 3 map name of it\r\nA 1\r\nB\r\nB 1\r\nA\r\nC 0\r\n\r\n",
            "\u{feff}3  \n  A 1  \n  B \nC 0\n\nB 1\nA",
            "3\nC 0\nA 1\nB\nB 1\nA\n\n\n",
        ] {
            let w = Weights::gal_text(text).unwrap();
            assert_eq!(
                (w.n(), w.links(), w.islands()),
                (3, 2, vec!["C".to_owned()]),
                "{text}"
            );
        }
        assert_eq!(Weights::gal_text("0").unwrap().n(), 0);
    }

    #[test]
    fn there_and_back() {
        let w = columbus();
        let again = Weights::gal_text(&w.to_gal().unwrap()).unwrap();
        assert_eq!((again.units(), again.csr()), (w.units(), w.csr()));
        let row = w.row_standardized().unwrap();
        assert_eq!(row.to_gal().unwrap(), w.to_gal().unwrap());
        let island = Weights::gal_text("2\nA 0\nB 0\n").unwrap();
        assert_eq!(island.to_gal().unwrap(), "0 2 weights id\nA 0\n\nB 0\n\n");
        let w = Weights::from_links(&Units::range(2), [("0", "1", 2.0)]).unwrap();
        assert!(matches!(w.to_gal(), Err(Error::Unsupported { .. })));
        let units = Units::new(["New York", "b"]).unwrap();
        let w = Weights::from_pairs(&units, [("New York", "b")]).unwrap();
        assert!(matches!(w.to_gal(), Err(Error::Unsupported { .. })));
    }

    #[test]
    fn bad_texts() {
        for (text, at, part) in [
            ("", (1, 1), "empty"),
            ("\n \n", (3, 1), "empty"),
            ("two\n", (1, 1), "not a number of units"),
            ("-3\nA 0\n", (1, 1), "not a number of units"),
            ("1 2 3\n", (1, 1), "the header is"),
            ("99999999999999999999999\n", (1, 1), "not a number of units"),
            (
                "4000000000\nA 0\n",
                (3, 1),
                "states 4000000000 units, and there are 1",
            ),
            ("1\nA 0\nB 0\n", (3, 1), "one more than the 1"),
            ("2\nA x\nB\n", (2, 3), "not a number of neighbours"),
            ("2\nA -1\nB\n", (2, 3), "not a number of neighbours"),
            ("2\nA 1000000000000\nB\n", (3, 2), "there are 1"),
            (
                "2\nA 2\nB\nB 0\n",
                (3, 2),
                "states 2 neighbours, and there are 1",
            ),
            (
                "2\nA 1\nB A\nB 0\n",
                (3, 3),
                "states 1 neighbours, and there are 2",
            ),
            ("2\nA 1\n", (3, 1), "there are 0"),
            ("2\nA 1\nZ\nB 0\n", (3, 1), "`Z` is not among"),
            ("2\nA 1\nA\nB 0\n", (3, 1), "its own"),
            ("2\nA 0\nA 0\n", (3, 1), "line 2 already"),
            ("3\nA 2\nB B\nB 0\nC 0\n", (3, 3), "twice"),
            ("2\nA 0 1\nB 0\n", (2, 1), "3 words"),
        ] {
            match Weights::gal_text(text) {
                Err(Error::Syntax {
                    line,
                    column,
                    problem,
                    ..
                }) => {
                    assert_eq!((line, column), at, "{text:?}: {problem}");
                    assert!(problem.contains(part), "{text:?}: {problem}");
                }
                other => panic!("{text:?}: {other:?}"),
            }
        }
        assert!(matches!(
            Weights::read_gal("no such file.gal"),
            Err(Error::Io { .. })
        ));
    }
}
