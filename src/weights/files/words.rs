//! Text files of weights: words and their places, numbers, headers, and the errors that name them.

use std::path::Path;

use super::super::Weights;
use super::super::links::SelfLinks;
use super::links::{Ids, Stated, assemble};
use super::weight_of;
use crate::data::{Source, Units};
use crate::error::{Error, Result};

/// The text of a file, and what its errors say of it.
pub(super) struct Text<'a> {
    whole: &'a str,
    path: &'a Path,
    format: &'static str,
}

/// Weights from a file.
pub(super) fn from_file(
    path: impl AsRef<Path>,
    format: &'static str,
    parse: impl FnOnce(&Text<'_>) -> Result<Weights>,
) -> Result<Weights> {
    let path = path.as_ref();
    let bytes = Source::file(path).bytes(format)?;
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        let before = String::from_utf8_lossy(&bytes[..e.valid_up_to()]);
        syntax(path, format, &before, "the text is not UTF-8".to_owned())
    })?;
    parse(&Text {
        whole: text,
        path,
        format,
    })
}

/// Weights from text; its errors call it after the format.
pub(super) fn from_text(
    text: &str,
    format: &'static str,
    parse: impl FnOnce(&Text<'_>) -> Result<Weights>,
) -> Result<Weights> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let path = format!("{} text", format.trim_end_matches(" text"));
    parse(&Text {
        whole: text,
        path: Path::new(&path),
        format,
    })
}

/// "links of states.gal".
pub(super) fn built(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    format!("links of {}", name.to_string_lossy())
}

/// A syntax error behind the text given.
fn syntax(path: &Path, format: &'static str, before: &str, problem: String) -> Error {
    let line = before.rsplit('\n').next().unwrap_or_default();
    Error::Syntax {
        path: path.to_owned(),
        format,
        line: before.matches('\n').count() as u64 + 1,
        column: line.chars().count() as u64 + 1,
        problem,
    }
}

impl<'a> Text<'a> {
    /// Where a part of the text begins, in bytes.
    pub(super) fn offset(&self, part: &str) -> usize {
        part.as_ptr() as usize - self.whole.as_ptr() as usize
    }

    /// An error at an offset.
    pub(super) fn at_offset(&self, offset: usize, problem: impl Into<String>) -> Error {
        let before = self.whole.get(..offset).unwrap_or(self.whole);
        syntax(self.path, self.format, before, problem.into())
    }

    /// An error at the first character of a part of the text.
    pub(super) fn at(&self, part: &str, problem: impl Into<String>) -> Error {
        self.at_offset(self.offset(part), problem)
    }

    /// An error at the end of a part of the text, where something is missing.
    pub(super) fn behind(&self, part: &str, problem: impl Into<String>) -> Error {
        self.at_offset(self.offset(part) + part.len(), problem)
    }

    /// An error at the end of the text.
    pub(super) fn end(&self, problem: impl Into<String>) -> Error {
        self.at_offset(self.whole.len(), problem)
    }

    pub(super) fn whole(&self) -> &'a str {
        self.whole
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.whole.lines()
    }

    /// The lines that are not blank.
    pub(super) fn filled(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.lines().filter(|line| !line.trim().is_empty())
    }

    /// The words of a line, of which there have to be N.
    pub(super) fn exactly<const N: usize>(
        &self,
        line: &'a str,
        form: &str,
    ) -> Result<[&'a str; N]> {
        let mut words = [line; N];
        let mut found = 0;
        for word in line.split_whitespace() {
            if let Some(place) = words.get_mut(found) {
                *place = word;
            }
            found += 1;
        }
        if found == N {
            return Ok(words);
        }
        let first = line.trim_start();
        Err(self.at(
            first,
            format!("`{form}` is expected, and there are {found} words"),
        ))
    }

    pub(super) fn count(&self, word: &str, what: &str) -> Result<usize> {
        word.parse::<usize>()
            .map_err(|_| self.at(word, format!("`{word}` is not {what}")))
    }

    /// The number of units in a header `n` or `0 n name variable`.
    pub(super) fn header(&self, line: Option<&'a str>) -> Result<(usize, &'a str)> {
        let Some(line) = line else {
            return Err(self.end("the file is empty"));
        };
        let mut words = line.split_whitespace();
        // the first of four words is kept for later use by GeoDa: 0, and 1 in some old GWT files
        let old = self.format == "GWT";
        let stated = match (words.next(), words.next(), words.count()) {
            (Some(n), None, _) | (Some("0"), Some(n), _) => n,
            (Some("1"), Some(n), 2) if old => n,
            (first, ..) => {
                let problem = "the header is `n` or `0 n name variable`";
                return Err(self.at(first.unwrap_or(line), problem));
            }
        };
        Ok((self.count(stated, "a number of units")?, stated))
    }

    /// A weight; zero passes.
    pub(super) fn weight(&self, word: &str) -> Result<f64> {
        weight_of(word).map_err(|problem| self.at(word, problem))
    }

    /// The position of a unit that is given by its number from 1 to n.
    pub(super) fn number(&self, word: &str, n: usize) -> Result<u32> {
        match word.parse::<u32>() {
            Ok(number) if number > 0 && number as usize <= n => Ok(number - 1),
            _ => Err(self.at(
                word,
                format!("`{word}` is not the number of a unit, from 1 to {n}"),
            )),
        }
    }

    /// A link by positions; its place is that of the neighbour.
    pub(super) fn stated(&self, from: u32, to: u32, weight: f64, at: &str) -> Stated<usize> {
        Stated {
            from,
            to,
            weight,
            place: self.offset(at),
        }
    }

    /// Units `1` to `n`; as rows take room and the text may state any number of them, it has to be one that the length of the text
    /// bears out.
    pub(super) fn numbered(&self, n: usize, stated: &str) -> Result<Units> {
        if n <= 1_000 + self.whole.len().saturating_mul(2) {
            return Ok(Units::numbered(n));
        }
        let problem = format!(
            "{n} units are stated in {} bytes; so many units without a neighbour are not read",
            self.whole.len()
        );
        Err(self.at(stated, problem))
    }

    /// Binary weights from units and the neighbours of each position.
    pub(super) fn binary(&self, ids: &Ids<&str>, neighbours: Vec<(u32, &str)>) -> Result<Weights> {
        let links = neighbours.into_iter().map(|(from, word)| {
            let to = ids.get(word).ok_or_else(|| {
                self.at(
                    word,
                    format!("the neighbour `{word}` is not among the units"),
                )
            })?;
            Ok(self.stated(from, to, 1.0, word))
        });
        let links = links.collect::<Result<_>>()?;
        self.assemble(&ids.units()?, links, SelfLinks::Refused)
    }

    /// Adds the id that begins a row; it has to be new.
    pub(super) fn add(&self, ids: &mut Ids<&'a str>, id: &'a str) -> Result<()> {
        ids.add_new(id).map_err(|first| {
            let line = self.whole[..self.offset(first)].matches('\n').count() + 1;
            self.at(id, format!("unit `{id}` stands on line {line} already"))
        })
    }

    pub(super) fn assemble(
        &self,
        units: &Units,
        links: Vec<Stated<usize>>,
        own: SelfLinks,
    ) -> Result<Weights> {
        assemble(units, links, own, &built(self.path), |at, problem| {
            self.at_offset(at, problem)
        })
    }
}
