//! GeoBUGS files: the lists of R and of WinBUGS.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Weights;
use super::super::links::SelfLinks;
use super::words::{Text, from_file, from_text};
use super::{Shortest, positive_weight_of, write};
use crate::error::{Error, Result};

const FORMAT: &str = "GeoBUGS";

/// The vectors that a list may hold, in the order in which they are kept.
const NAMES: [&str; 4] = ["num", "adj", "weights", "sumNumNeigh"];

impl Weights {
    /// Weights from a GeoBUGS file, `list(num = c(..), adj = c(..), weights = c(..), sumNumNeigh = ..)`, as GeoBUGS and `dput` of spdep's
    /// `nb2WB` and `listw2WB` write it.
    ///
    /// `num` holds the number of neighbours of each unit, `adj` their numbers from 1, unit by unit; `weights`, by default 1, and
    /// `sumNumNeigh` may lack, and the order is free. The units are `1` to `n`; give them their ids with
    /// [`relabelled`](Self::relabelled).
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Syntax`] with line and column.
    ///
    /// # References
    ///
    /// Thomas, Best, Lunn, Arnold and Spiegelhalter (2004), GeoBUGS user manual.
    #[doc(alias = "nb2WB")]
    #[doc(alias = "listw2WB")]
    pub fn read_geobugs(path: impl AsRef<Path>) -> Result<Self> {
        from_file(path, FORMAT, parse)
    }

    /// Weights from the text of a GeoBUGS file, as [`read_geobugs`](Self::read_geobugs).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] with line and column; its path reads `GeoBUGS text`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Weights;
    /// let w = Weights::geobugs_text("list(num = c(1, 2, 1),\n adj = c(2,\n 1, 3,\n 2), sumNumNeigh = 4)")?;
    /// assert_eq!((w.n(), w.links(), w.weight(1, 2)), (3, 4, 1.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn geobugs_text(text: &str) -> Result<Self> {
        from_text(text, FORMAT, parse)
    }

    /// The text of a GeoBUGS file with the weights as they are now, after a transformation; `weights` lacks where all are 1.
    ///
    /// Ids are not in it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidLink`] where a unit is its own neighbour, or a transformation made a weight zero.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::range(2), [("0", "1", 0.5)])?;
    /// assert_eq!(w.to_geobugs()?, "list(num = c(1, 0),\nadj = c(2),\nweights = c(0.5),\nsumNumNeigh = 1)\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn to_geobugs(&self) -> Result<String> {
        self.check_no_diagonal(FORMAT)?;
        let mut text = String::new();
        let counts = self.cardinalities();
        vector(&mut text, "list(num", counts.iter());
        vector(
            &mut text,
            "adj",
            self.checked_links()?.map(|(_, j, _)| j + 1),
        );
        if self
            .checked_links()?
            .any(|(.., w)| w.to_bits() != 1.0_f64.to_bits())
        {
            vector(
                &mut text,
                "weights",
                self.checked_links()?.map(|(.., w)| Shortest(w)),
            );
        }
        // writing to a String cannot fail
        let _ = writeln!(text, "sumNumNeigh = {})", self.links());
        Ok(text)
    }

    /// Writes a GeoBUGS file, as [`to_geobugs`](Self::to_geobugs).
    ///
    /// # Errors
    ///
    /// Those of [`to_geobugs`](Self::to_geobugs); [`Error::Io`].
    pub fn write_geobugs(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_geobugs()?)
    }
}

fn vector(text: &mut String, name: &str, values: impl Iterator<Item = impl std::fmt::Display>) {
    let _ = write!(text, "{name} = c(");
    for (k, value) in values.enumerate() {
        let between = match k {
            0 => "",
            _ if k % 20 == 0 => ",\n",
            _ => ", ",
        };
        let _ = write!(text, "{between}{value}");
    }
    text.push_str("),\n");
}

/// Words and marks of the text, one after the other.
struct Tokens<'t, 'a> {
    text: &'t Text<'a>,
    rest: &'a str,
}

impl<'a> Tokens<'_, 'a> {
    /// The next word, mark, or nothing at the end.
    fn next(&mut self) -> &'a str {
        let rest = self.rest.trim_start();
        let is_mark = |c: char| matches!(c, '(' | ')' | ',' | '=') || c.is_whitespace();
        let length = match rest.chars().next() {
            Some(c) if is_mark(c) => c.len_utf8(),
            _ => rest.find(is_mark).unwrap_or(rest.len()),
        };
        let (token, rest) = rest.split_at(length);
        self.rest = rest;
        token
    }

    fn wrong(&self, found: &'a str, expected: &str) -> Error {
        let problem = if found.is_empty() {
            format!("the text ends where {expected} is expected")
        } else {
            format!("{expected} is expected in place of `{found}`")
        };
        self.text.at(found, problem)
    }

    fn must_be(&mut self, mark: &str) -> Result<()> {
        let found = self.next();
        if found == mark {
            return Ok(());
        }
        Err(self.wrong(found, &format!("`{mark}`")))
    }

    /// `c(1, 2)`, `numeric(0)`, or one number.
    fn vector(&mut self) -> Result<Vec<&'a str>> {
        let first = self.next();
        match first {
            "numeric" | "integer" => {
                self.must_be("(")?;
                self.must_be("0")?;
                self.must_be(")")?;
                return Ok(Vec::new());
            }
            "c" => self.must_be("(")?,
            "" | "(" | ")" | "," | "=" => return Err(self.wrong(first, "a number or `c(`")),
            number => return Ok(vec![number]),
        }
        let mut values = Vec::new();
        loop {
            match self.next() {
                ")" if values.is_empty() => return Ok(values),
                end @ ("" | "(" | ")" | "," | "=") => return Err(self.wrong(end, "a number")),
                number => values.push(number),
            }
            match self.next() {
                "," => {}
                ")" => return Ok(values),
                other => return Err(self.wrong(other, "`,` or `)`")),
            }
        }
    }
}

fn parse(text: &Text<'_>) -> Result<Weights> {
    let mut tokens = Tokens {
        text,
        rest: text.whole(),
    };
    tokens.must_be("list")?;
    tokens.must_be("(")?;
    let mut vectors: [Option<Vec<&str>>; 4] = [const { None }; 4];
    loop {
        let name = tokens.next();
        let Some(vector) = NAMES.iter().zip(&mut vectors).find(|(n, _)| **n == name) else {
            return Err(tokens.wrong(name, "`num`, `adj`, `weights` or `sumNumNeigh`"));
        };
        if vector.1.is_some() {
            return Err(text.at(name, format!("`{name}` is given twice")));
        }
        tokens.must_be("=")?;
        *vector.1 = Some(tokens.vector()?);
        match tokens.next() {
            "," => {}
            ")" => break,
            other => return Err(tokens.wrong(other, "`,` or `)`")),
        }
    }
    let behind = tokens.next();
    if !behind.is_empty() {
        return Err(tokens.wrong(behind, "the end of the text"));
    }
    let [num, adj, weights, sum] = vectors;
    let (Some(num), Some(adj)) = (num, adj) else {
        return Err(text.end("the list needs `num` and `adj`"));
    };
    let sum = sum.unwrap_or_default();
    if let Some(weights) = weights.as_ref().filter(|w| w.len() != adj.len()) {
        let problem = format!(
            "`weights` has {} values, and `adj` has {}",
            weights.len(),
            adj.len()
        );
        return Err(weights
            .first()
            .map_or_else(|| text.end(&problem), |w| text.at(w, &problem)));
    }
    for word in sum {
        if text.count(whole(word), "a number of links")? != adj.len() {
            let problem = format!(
                "`sumNumNeigh` is {word}, and `adj` has {} values",
                adj.len()
            );
            return Err(text.at(word, problem));
        }
    }
    let mut links = Vec::with_capacity(adj.len());
    for (i, word) in num.iter().enumerate() {
        let count = text.count(whole(word), "a number of neighbours")?;
        let start = links.len();
        let Some(row) = adj.get(start..).and_then(|rest| rest.get(..count)) else {
            let problem = format!(
                "the numbers in `num` sum to more than the {} values of `adj`",
                adj.len()
            );
            return Err(text.at(word, problem));
        };
        for (k, word) in row.iter().enumerate() {
            let to = text.number(whole(word), num.len())?;
            let weight = match weights.as_ref().and_then(|w| w.get(start + k)) {
                Some(w) => positive_weight_of(w).map_err(|problem| text.at(w, problem))?,
                None => 1.0,
            };
            links.push(text.stated(i as u32, to, weight, word));
        }
    }
    if let Some(word) = adj.get(links.len()) {
        let problem = format!(
            "`adj` has {} values, and the numbers in `num` sum to {}",
            adj.len(),
            links.len()
        );
        return Err(text.at(word, problem));
    }
    let units = text.numbered(num.len(), text.whole())?;
    text.assemble(&units, links, SelfLinks::Refused)
}

/// A whole number without the L by which R marks it.
fn whole(word: &str) -> &str {
    word.strip_suffix('L').unwrap_or(word)
}
