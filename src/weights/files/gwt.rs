//! GWT and KWT files: links with weights or distances as text.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Weights;
use super::super::links::SelfLinks;
use super::links::{Named, positions};
use super::words::{Text, from_file, from_text};
use super::{Shortest, positive_weight_of, write};
use crate::data::Units;
use crate::error::Result;

const FORMAT: &str = "GWT";

impl Weights {
    /// Weights from a GWT or KWT file: a header `n` or `0 n name variable`, then a line `i j weight` a link.
    ///
    /// The third column is kept as the weight whatever it is: GeoDa writes distances into the GWT files of its k nearest
    /// neighbours and distance bands, and kernel weights with their diagonal into KWT files, whose diagonal is kept. Of
    /// distances [`links_only`](Self::links_only) makes raw binary weights of the links, which can be row-standardised, and
    /// [`decayed`](Self::decayed) weights that fall with them; [`binary`](Self::binary) alone is a transformation, which
    /// another one does not build on. Ids are taken as text, units in the order in which they first appear as origins, then
    /// as destinations. Every unit of the header has to appear; where some have no link,
    /// [`read_gwt_over`](Self::read_gwt_over) takes the units from elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io); [`Error::Syntax`](crate::Error::Syntax) with line and column, also where a weight is zero (as a
    /// distance: two units at the same point).
    #[doc(alias = "read.gwt2nb")]
    #[doc(alias = "KWT")]
    pub fn read_gwt(path: impl AsRef<Path>) -> Result<Self> {
        from_file(path, FORMAT, |text| parse(text, None))
    }

    /// Weights from a GWT or KWT file over the units given, in their order; units without links are islands.
    ///
    /// # Errors
    ///
    /// As [`read_gwt`](Self::read_gwt), also where the header states another number of units, or an id is not among them.
    pub fn read_gwt_over(units: &Units, path: impl AsRef<Path>) -> Result<Self> {
        from_file(path, FORMAT, |text| parse(text, Some(units)))
    }

    /// Weights from the text of a GWT or KWT file, as [`read_gwt`](Self::read_gwt).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`](crate::Error::Syntax) with line and column; its path reads `GWT text`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Weights;
    /// let w = Weights::gwt_text("0 3 towns name\nA B 12.5\nA C 37.5\nB A 12.5\nC A 37.5\n")?;
    /// assert_eq!((w.weight(0, 1), w.binary().weight(0, 1)), (12.5, 1.0));
    /// assert_eq!(w.links_only().row_standardized()?.weight(0, 2), 0.5);
    /// // from the distances: the farther one weighs more
    /// assert_eq!(w.binary().row_standardized()?.weight(0, 2), 0.75);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn gwt_text(text: &str) -> Result<Self> {
        from_text(text, FORMAT, |text| parse(text, None))
    }

    /// Weights from the text of a GWT or KWT file over the units given, as [`read_gwt_over`](Self::read_gwt_over).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`](crate::Error::Syntax) with line and column; its path reads `GWT text`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::new(["A", "B", "C"])?;
    /// let w = Weights::gwt_text_over(&units, "3\nC A 1\nA C 1\n")?;
    /// assert_eq!(w.islands(), ["B"]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn gwt_text_over(units: &Units, text: &str) -> Result<Self> {
        from_text(text, FORMAT, |text| parse(text, Some(units)))
    }

    /// The text of a GWT file with the weights as they are now, after a transformation.
    ///
    /// Units without links leave no trace but in the number of units, so that
    /// [`read_gwt_over`](Self::read_gwt_over) has to read them again. A KWT file is the same text.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) where an id holds blanks or nothing;
    /// [`Error::InvalidLink`](crate::Error::InvalidLink) where a transformation made a weight zero.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::new(["A", "B"])?, [("A", "B", 0.5)])?;
    /// assert_eq!(w.to_gwt()?, "0 2 weights id\nA B 0.5\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "write.sn2gwt")]
    pub fn to_gwt(&self) -> Result<String> {
        self.check_words(FORMAT)?;
        let mut text = format!("0 {} weights id\n", self.n());
        for (i, j, w) in self.checked_links()? {
            let (i, j) = (self.units().name(i), self.units().name(j));
            // writing to a String cannot fail
            let _ = writeln!(text, "{i} {j} {}", Shortest(w));
        }
        Ok(text)
    }

    /// Writes a GWT file, as [`to_gwt`](Self::to_gwt).
    ///
    /// # Errors
    ///
    /// Those of [`to_gwt`](Self::to_gwt); [`Error::Io`](crate::Error::Io).
    pub fn write_gwt(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_gwt()?)
    }
}

fn parse(text: &Text<'_>, over: Option<&Units>) -> Result<Weights> {
    let mut lines = text.filled();
    let (n, stated) = text.header(lines.next())?;
    let links = lines.map(|line| {
        let [i, j, w] = text.exactly(line, "i j weight")?;
        let weight = positive_weight_of(w).map_err(|problem| text.at(w, problem))?;
        Ok(Named {
            from: (i, text.offset(i)),
            to: (j, text.offset(j)),
            weight,
        })
    });
    let links: Vec<_> = links.collect::<Result<_>>()?;
    let (units, links) = positions(&links, over, |at, problem| text.at_offset(at, problem))?;
    if units.len() != n {
        let found = units.len();
        let problem = match over {
            Some(_) => format!("the header states {n} units, and {found} units are given"),
            None if found < n => format!(
                "the header states {n} units, and {found} have links; say which the units are, with `read_gwt_over` or `gwt_text_over`, so that the others are islands"
            ),
            None => format!("the header states {n} units, and {found} have links"),
        };
        return Err(text.at(stated, problem));
    }
    text.assemble(&units, links, SelfLinks::Kept)
}
