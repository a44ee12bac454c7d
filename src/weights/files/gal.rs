//! GAL files: binary links as text.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Weights;
use super::links::Ids;
use super::words::{Text, from_file, from_text};
use super::write;
use crate::error::Result;

const FORMAT: &str = "GAL";

impl Weights {
    /// Binary weights from a GAL file.
    ///
    /// The header is `n`, or `0 n name variable`; then for each unit a line `id count` and a line of `count` ids of
    /// neighbours. A unit without neighbours has an empty line or none. Ids are taken as text, units in the order of the
    /// file. Links are as in the file, in one direction or both.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io); [`Error::Syntax`](crate::Error::Syntax) with line and column.
    #[doc(alias = "read.gal")]
    pub fn read_gal(path: impl AsRef<Path>) -> Result<Self> {
        from_file(path, FORMAT, parse)
    }

    /// Binary weights from the text of a GAL file, as [`read_gal`](Self::read_gal).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`](crate::Error::Syntax) with line and column; its path reads `GAL text`.
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
        from_text(text, FORMAT, parse)
    }

    /// The text of a GAL file with the raw links, which have to be binary: the format holds no weights.
    ///
    /// Of a transformed matrix the links before the transformation are written.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) where the raw weights are not binary, or an id holds blanks or nothing;
    /// [`Error::InvalidLink`](crate::Error::InvalidLink) where a unit is its own neighbour.
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
        self.check_ones(FORMAT)?;
        self.check_words(FORMAT)?;
        self.check_no_diagonal(FORMAT)?;
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
    /// Those of [`to_gal`](Self::to_gal); [`Error::Io`](crate::Error::Io).
    pub fn write_gal(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_gal()?)
    }
}

fn parse(text: &Text<'_>) -> Result<Weights> {
    let blank = |line: &&str| line.trim().is_empty();
    let mut lines = text.lines().peekable();
    let (n, _) = text.header(lines.find(|line| !blank(line)))?;
    let mut ids = Ids::default();
    let mut neighbours: Vec<(u32, &str)> = Vec::new();
    while let Some(line) = lines.next() {
        if blank(&line) {
            continue;
        }
        let [id, count] = text.exactly::<2>(line, "id count")?;
        if ids.len() == n {
            let problem = format!("unit `{id}` is one more than the {n} of the header");
            return Err(text.at(id, problem));
        }
        let expected = text.count(count, "a number of neighbours")?;
        let from = ids.len() as u32;
        text.add(&mut ids, id)?;
        if expected == 0 {
            lines.next_if(blank);
            continue;
        }
        let row = lines.next();
        let start = neighbours.len();
        neighbours.extend(
            row.unwrap_or_default()
                .split_whitespace()
                .map(|w| (from, w)),
        );
        let found = neighbours.len() - start;
        if found != expected {
            let problem =
                format!("unit `{id}` states {expected} neighbours, and there are {found}");
            // the first word too many, or where one is missing
            return Err(
                match (
                    neighbours.get(start + expected),
                    neighbours[start..].last(),
                    row,
                ) {
                    (Some((_, word)), ..) => text.at(word, problem),
                    (None, Some((_, word)), _) => text.behind(word, problem),
                    (None, None, Some(row)) => text.at(row, problem),
                    (None, None, None) => text.end(problem),
                },
            );
        }
    }
    if ids.len() < n {
        let problem = format!("the header states {n} units, and there are {}", ids.len());
        return Err(text.end(problem));
    }
    text.binary(&ids, neighbours)
}

#[cfg(test)]
mod tests {
    use super::super::super::test_data::columbus;
    use super::*;
    use crate::data::Units;
    use crate::error::Error;

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
