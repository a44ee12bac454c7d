//! Stata's text files of weights: full matrices and lists of neighbours.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Weights;
use super::super::links::SelfLinks;
use super::links::Ids;
use super::words::{Text, from_file, from_text};
use super::{Shortest, write};
use crate::error::Result;

const FORMAT: &str = "Stata text";

impl Weights {
    /// Weights from a text file of Stata's `spmatrix export` or of `spmat export`.
    ///
    /// The first line is the number of units n; then comes a line a unit, which begins with its id. In the full form the n weights
    /// of its row follow, of which a zero is no link; in the sparse form the ids of its neighbours, which weigh 1. A line of
    /// n + 1 words tells the full form. Ids are taken as text, units in the order of the file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io); [`Error::Syntax`](crate::Error::Syntax) with line and column.
    ///
    /// # References
    ///
    /// Drukker, Peng, Prucha and Raciborski (2013), The Stata Journal 13: 242-286.
    #[doc(alias = "spmatrix import")]
    #[doc(alias = "spmat import")]
    pub fn read_stata(path: impl AsRef<Path>) -> Result<Self> {
        from_file(path, FORMAT, parse)
    }

    /// Weights from the text of such a file, as [`read_stata`](Self::read_stata).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`](crate::Error::Syntax) with line and column; its path reads `Stata text`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Weights;
    /// let full = Weights::stata_text("2\n11 0 .5\n12 .25 0\n")?;
    /// assert_eq!((full.weight(0, 1), full.weight(1, 0)), (0.5, 0.25));
    /// let sparse = Weights::stata_text("3\n11 12\n12 11\n13\n")?;
    /// assert_eq!(sparse.islands(), ["13"]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn stata_text(text: &str) -> Result<Self> {
        from_text(text, FORMAT, parse)
    }

    /// The full form with the weights as they are now, after a transformation, for `spmatrix import`, which wants ids that are
    /// numbers.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`](crate::Error::TooLarge) above 5,000 units; [`Error::Unsupported`](crate::Error::Unsupported) where an id holds
    /// blanks or nothing; [`Error::InvalidLink`](crate::Error::InvalidLink) where a transformation made a weight zero.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::new(["11", "12"])?, [("11", "12", 0.5)])?;
    /// assert_eq!(w.to_stata()?, "2\n11 0 0.5\n12 0 0\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "spmatrix export")]
    pub fn to_stata(&self) -> Result<String> {
        self.check_dense()?;
        self.check_words(FORMAT)?;
        self.check_values()?;
        let mut text = format!("{}\n", self.n());
        for i in 0..self.n() {
            text.push_str(&self.units().name(i));
            for w in self.dense_row(i) {
                // writing to a String cannot fail
                let _ = write!(text, " {}", Shortest(w));
            }
            text.push('\n');
        }
        Ok(text)
    }

    /// Writes the full form, as [`to_stata`](Self::to_stata).
    ///
    /// # Errors
    ///
    /// Those of [`to_stata`](Self::to_stata); [`Error::Io`](crate::Error::Io).
    pub fn write_stata(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_stata()?)
    }

    /// The sparse form with the raw links, which have to be binary: it holds no weights.
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
    /// let w = Weights::from_pairs(&Units::new(["11", "12", "13"])?, [("11", "12")])?;
    /// assert_eq!(w.to_stata_sparse()?, "3\n11 12\n12 11\n13\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn to_stata_sparse(&self) -> Result<String> {
        self.check_ones(FORMAT)?;
        self.check_words(FORMAT)?;
        self.check_no_diagonal(FORMAT)?;
        let mut text = format!("{}\n", self.n());
        for i in 0..self.n() {
            text.push_str(&self.units().name(i));
            for &j in self.csr().pattern.row(i) {
                text.push(' ');
                text.push_str(&self.units().name(j as usize));
            }
            text.push('\n');
        }
        Ok(text)
    }

    /// Writes the sparse form, as [`to_stata_sparse`](Self::to_stata_sparse).
    ///
    /// # Errors
    ///
    /// Those of [`to_stata_sparse`](Self::to_stata_sparse); [`Error::Io`](crate::Error::Io).
    pub fn write_stata_sparse(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_stata_sparse()?)
    }
}

fn parse(text: &Text<'_>) -> Result<Weights> {
    let mut lines = text.filled();
    let Some(first) = lines.next() else {
        return Err(text.end("the file is empty"));
    };
    let [stated] = text.exactly(first, "number of units")?;
    let n = text.count(stated, "a number of units")?;
    let mut lines = lines.peekable();
    let full = lines
        .peek()
        .is_some_and(|line| line.split_whitespace().count() == n.saturating_add(1));
    let mut ids = Ids::default();
    let (mut links, mut neighbours) = (Vec::new(), Vec::new());
    for line in lines {
        let mut words = line.split_whitespace();
        let id = words.next().unwrap_or(line);
        if ids.len() == n {
            let problem = format!("unit `{id}` is one more than the {n} of the first line");
            return Err(text.at(id, problem));
        }
        let from = ids.len() as u32;
        text.add(&mut ids, id)?;
        if !full {
            neighbours.extend(words.map(|word| (from, word)));
            continue;
        }
        let (mut found, mut last) = (0, id);
        for word in words {
            if found == n {
                let problem = format!("the row of `{id}` has more than {n} weights");
                return Err(text.at(word, problem));
            }
            let weight = text.weight(word)?;
            if weight > 0.0 {
                links.push(text.stated(from, found as u32, weight, word));
            }
            (found, last) = (found + 1, word);
        }
        if found < n {
            let problem = format!("the row of `{id}` has {found} weights in place of {n}");
            return Err(text.behind(last, problem));
        }
    }
    if ids.len() < n {
        let problem = format!(
            "the first line states {n} units, and there are {}",
            ids.len()
        );
        return Err(text.end(problem));
    }
    if full {
        return text.assemble(&ids.units()?, links, SelfLinks::Kept);
    }
    text.binary(&ids, neighbours)
}
