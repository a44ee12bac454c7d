//! Weight files: one file a format, and what they share.

mod csv;
mod dat;
mod dense_csv;
mod gal;
mod geobugs;
mod gwt;
mod links;
mod matrix_market;
mod stata;
mod swm;
mod words;

use std::fmt;
use std::path::Path;

pub use self::csv::WeightsReader;
pub use self::dense_csv::DenseWeightsReader;
use super::Weights;
use super::links::{SelfLinks, check_weight, invalid};
use crate::error::{Error, Result};

/// The largest number of units of which a dense file is written.
const DENSE: usize = 5_000;

/// A number in the fewest digits that are read as the same number again.
struct Shortest(f64);

impl fmt::Display for Shortest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.fract() == 0.0 && self.0.abs() < 1e15 {
            write!(f, "{}", self.0)
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}

/// Why a text is no weight, if it is none; zero passes.
fn weight_of(text: &str) -> Result<f64, String> {
    let Ok(w) = text.parse::<f64>() else {
        let hint = if text.contains(',') {
            " (a decimal point is expected, no comma)"
        } else {
            ""
        };
        return Err(format!("`{text}` is not a number{hint}"));
    };
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    if w == 0.0 && mantissa.contains(|c: char| ('1'..='9').contains(&c)) {
        return Err(format!(
            "the weight `{text}` is too small for a number of double precision"
        ));
    }
    if w >= 0.0 && w.is_finite() {
        return Ok(w);
    }
    Err(format!(
        "the weight is `{text}`, and a positive finite number is needed"
    ))
}

/// As [`weight_of`]; zero does not pass.
fn positive_weight_of(text: &str) -> Result<f64, String> {
    match weight_of(text) {
        Ok(0.0) => Err("the weight is zero, which is no link; leave the line out".to_owned()),
        other => other,
    }
}

fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> Result<()> {
    let path = path.as_ref();
    std::fs::write(path, contents).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })
}

/// What files can hold of weights, and what they cannot.
impl Weights {
    /// Nothing where ids can be separated by blanks.
    fn check_words(&self, format: &'static str) -> Result<()> {
        let unfit = |id: &str| id.is_empty() || id.contains(char::is_whitespace);
        self.units()
            .iter()
            .find(|id| unfit(id))
            .map_or(Ok(()), |id| {
                Err(Error::Unsupported {
                    what: format!("the id `{id}` in a {format} file"),
                    why: "ids are separated by blanks; give other ids with `relabelled`".to_owned(),
                })
            })
    }

    /// Nothing where every link weighs 1.
    fn check_ones(&self, format: &'static str) -> Result<()> {
        if self.is_binary() {
            return Ok(());
        }
        Err(Error::Unsupported {
            what: format!("writing weights that are not binary as {format}"),
            why: "the format holds links without weights; `links_only` makes raw binary weights of the links".to_owned(),
        })
    }

    /// Nothing where no unit is its own neighbour.
    fn check_no_diagonal(&self, format: &'static str) -> Result<()> {
        let own = (0..self.n()).find(|&i| self.csr().pattern.find(i, i).is_some());
        own.map_or(Ok(()), |i| {
            let problem = format!("a {format} file cannot say that a unit is its own neighbour; take `without_diagonal()`");
            Err(invalid(self.units(), i, i, problem))
        })
    }

    /// Nothing where a dense file is not too large.
    fn check_dense(&self) -> Result<()> {
        if self.n() <= DENSE {
            return Ok(());
        }
        Err(Error::TooLarge {
            what: "the number of units of a dense weight file",
            n: self.n(),
            limit: DENSE,
            instead: "write a sparse one: `write_gwt`, `write_matrix_market`, `write_csv`",
        })
    }

    /// Nothing where every link weighs something, as a transformation may have left it weighing nothing.
    fn check_values(&self) -> Result<()> {
        (0..self.n()).try_for_each(|i| {
            let mut row = self.csr().row(i);
            row.try_for_each(|(j, w)| check_weight(self.units(), i, j, w, SelfLinks::Kept))
        })
    }

    /// The links as they are now, row by row, checked.
    fn checked_links(&self) -> Result<impl Iterator<Item = (usize, usize, f64)> + '_> {
        self.check_values()?;
        Ok((0..self.n()).flat_map(|i| self.csr().row(i).map(move |(j, w)| (i, j, w))))
    }

    /// The n entries of a row.
    fn dense_row(&self, i: usize) -> impl Iterator<Item = f64> + '_ {
        let mut row = self.csr().row(i).peekable();
        (0..self.n()).map(move |j| row.next_if(|&(k, _)| k == j).map_or(0.0, |(_, w)| w))
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::*;

    #[test]
    fn numbers_there_and_back() {
        for w in [
            1.0,
            0.1,
            1.0 / 3.0,
            1e-300,
            1e300,
            1e15,
            123456789012345680.0,
            5e-324,
        ] {
            let text = Shortest(w).to_string();
            assert_eq!(text.parse::<f64>().unwrap(), w, "{text}");
            assert!(text.len() < 25, "{text}");
        }
        assert_eq!(Shortest(2.0).to_string(), "2");
        assert_eq!(Shortest(0.25).to_string(), "0.25");
    }

    #[test]
    fn what_is_no_weight() {
        for (text, part) in [
            ("x", "not a number"),
            ("0,5", "no comma"),
            ("-1", "`-1`, and a positive finite"),
            ("nan", "`nan`"),
            ("inf", "`inf`"),
            ("1e400", "`1e400`"),
            ("0.001e-400", "too small"),
            ("", "not a number"),
        ] {
            let problem = weight_of(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
        assert_eq!(weight_of("0e5"), Ok(0.0));
        assert!(positive_weight_of("-0.0").unwrap_err().contains("zero"));
        assert_eq!(positive_weight_of("5e-324"), Ok(5e-324));
    }
}
