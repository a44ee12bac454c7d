//! DAT files: rows, columns and weights as text, without a header.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Weights;
use super::super::links::SelfLinks;
use super::words::{Text, from_file, from_text};
use super::{Shortest, write};
use crate::data::Units;
use crate::error::Result;

const FORMAT: &str = "DAT";

impl Weights {
    /// Weights from a DAT file of the Econometrics Toolbox: a line `row column weight` a link, rows and columns counted from 1.
    ///
    /// The number of units is the largest number that appears, their ids are `1`, `2`, …; give them their own with
    /// [`relabelled`](Self::relabelled). A weight of zero is no link: a last line `n n 0` only says how many units there are, as
    /// MATLAB's `spconvert` has it. Where it lacks and the last units have no links, [`read_dat_over`](Self::read_dat_over)
    /// takes the units from elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io); [`Error::Syntax`](crate::Error::Syntax) with line and column.
    #[doc(alias = "read.dat2listw")]
    #[doc(alias = "spconvert")]
    pub fn read_dat(path: impl AsRef<Path>) -> Result<Self> {
        from_file(path, FORMAT, |text| parse(text, None))
    }

    /// Weights from a DAT file whose rows and columns are the units given, in their order.
    ///
    /// # Errors
    ///
    /// As [`read_dat`](Self::read_dat), also where a number is larger than that of the units.
    pub fn read_dat_over(units: &Units, path: impl AsRef<Path>) -> Result<Self> {
        from_file(path, FORMAT, |text| parse(text, Some(units)))
    }

    /// Weights from the text of a DAT file, as [`read_dat`](Self::read_dat).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`](crate::Error::Syntax) with line and column; its path reads `DAT text`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Weights;
    /// let w = Weights::dat_text("2.0000 1.0000 0.2500\n1.0000 2.0000 0.3333\n")?;
    /// assert_eq!((w.n(), w.weight(1, 0)), (2, 0.25));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn dat_text(text: &str) -> Result<Self> {
        from_text(text, FORMAT, |text| parse(text, None))
    }

    /// Weights from the text of a DAT file over the units given, as [`read_dat_over`](Self::read_dat_over).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`](crate::Error::Syntax) with line and column; its path reads `DAT text`.
    pub fn dat_text_over(units: &Units, text: &str) -> Result<Self> {
        from_text(text, FORMAT, |text| parse(text, Some(units)))
    }

    /// The text of a DAT file with the weights as they are now, after a transformation; units by their numbers from 1.
    ///
    /// Ids are not in it. Where the last unit has no link, a last line `n n 0` says how many units there are.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidLink`](crate::Error::InvalidLink) where a transformation made a weight zero.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::range(3), [("0", "1", 0.5)])?;
    /// assert_eq!(w.to_dat()?, "1 2 0.5\n3 3 0\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "write.sn2dat")]
    pub fn to_dat(&self) -> Result<String> {
        let mut text = String::new();
        let mut last = 0;
        for (i, j, w) in self.checked_links()? {
            // writing to a String cannot fail
            let _ = writeln!(text, "{} {} {}", i + 1, j + 1, Shortest(w));
            last = last.max(i + 1).max(j + 1);
        }
        if last < self.n() {
            let _ = writeln!(text, "{0} {0} 0", self.n());
        }
        Ok(text)
    }

    /// Writes a DAT file, as [`to_dat`](Self::to_dat).
    ///
    /// # Errors
    ///
    /// Those of [`to_dat`](Self::to_dat); [`Error::Io`](crate::Error::Io).
    pub fn write_dat(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_dat()?)
    }
}

fn parse(text: &Text<'_>, over: Option<&Units>) -> Result<Weights> {
    let (mut n, mut stated) = (0, text.whole());
    let mut links = Vec::new();
    for line in text.filled() {
        let [i, j, w] = text.exactly(line, "row column weight")?;
        let mut at = [0; 2];
        for (at, word) in at.iter_mut().zip([i, j]) {
            let number = number(word).ok_or_else(|| {
                text.at(
                    word,
                    format!("`{word}` is not the number of a unit, counted from 1"),
                )
            })?;
            if let Some(units) = over.filter(|u| number as usize > u.len()) {
                let problem = format!("`{word}` is beyond the {} units given", units.len());
                return Err(text.at(word, problem));
            }
            if number as usize > n {
                (n, stated) = (number as usize, word);
            }
            *at = number - 1;
        }
        let weight = text.weight(w)?;
        if weight > 0.0 {
            links.push(text.stated(at[0], at[1], weight, j));
        }
    }
    let units = match over {
        Some(units) => units.clone(),
        None => text.numbered(n, stated)?,
    };
    text.assemble(&units, links, SelfLinks::Kept)
}

/// A whole number from 1, which may be written as `2.0000` or `1e3`.
fn number(word: &str) -> Option<u32> {
    word.parse().ok().filter(|n| *n > 0).or_else(|| {
        let x: f64 = word.parse().ok()?;
        (x >= 1.0 && x <= f64::from(u32::MAX) && x.fract() == 0.0).then_some(x as u32)
    })
}
