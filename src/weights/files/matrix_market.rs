//! MatrixMarket files in coordinate form.

use std::fmt::Write as _;
use std::path::Path;

use super::super::Weights;
use super::super::links::SelfLinks;
use super::words::{Text, from_file, from_text};
use super::{Shortest, write};
use crate::error::Result;

const FORMAT: &str = "MatrixMarket";
const BANNER: &str = "%%MatrixMarket matrix coordinate real general";

impl Weights {
    /// Weights from a MatrixMarket file in coordinate form: real, integer or pattern (every entry 1), general or symmetric.
    ///
    /// The units are `1` to `n`, rows of the matrix; give them their ids with [`relabelled`](Self::relabelled). An entry of zero is no
    /// link; a diagonal is kept. Of a symmetric matrix the file holds the lower triangle, and each entry makes two links.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io); [`Error::Syntax`](crate::Error::Syntax) with line and column, also for an entry given twice,
    /// matrices that are not square, dense (`array`), complex or skew ones, and a size without entries above 100,000.
    ///
    /// # References
    ///
    /// Boisvert, Pozo and Remington (1996), The Matrix Market exchange formats, NISTIR 5935.
    #[doc(alias = "mtx")]
    #[doc(alias = "readMM")]
    pub fn read_matrix_market(path: impl AsRef<Path>) -> Result<Self> {
        from_file(path, FORMAT, parse)
    }

    /// Weights from the text of a MatrixMarket file, as [`read_matrix_market`](Self::read_matrix_market).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`](crate::Error::Syntax) with line and column; its path reads `MatrixMarket text`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let text = "%%MatrixMarket matrix coordinate pattern symmetric\n% a path\n3 3 2\n2 1\n3 2\n";
    /// let w = Weights::matrix_market_text(text)?.relabelled(&Units::new(["a", "b", "c"])?)?;
    /// assert_eq!((w.links(), w.weight(0, 1)), (4, 1.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn matrix_market_text(text: &str) -> Result<Self> {
        from_text(text, FORMAT, parse)
    }

    /// The text of a MatrixMarket file (coordinate, real, general) with the weights as they are now, after a transformation.
    ///
    /// Ids are not in it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidLink`](crate::Error::InvalidLink) where a transformation made a weight zero.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::range(2), [("0", "1", 0.5)])?;
    /// assert_eq!(w.to_matrix_market()?, "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 0.5\n");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "writeMM")]
    pub fn to_matrix_market(&self) -> Result<String> {
        let mut text = format!("{BANNER}\n{0} {0} {1}\n", self.n(), self.links());
        for (i, j, w) in self.checked_links()? {
            // writing to a String cannot fail
            let _ = writeln!(text, "{} {} {}", i + 1, j + 1, Shortest(w));
        }
        Ok(text)
    }

    /// Writes a MatrixMarket file, as [`to_matrix_market`](Self::to_matrix_market).
    ///
    /// # Errors
    ///
    /// Those of [`to_matrix_market`](Self::to_matrix_market); [`Error::Io`](crate::Error::Io).
    pub fn write_matrix_market(&self, path: impl AsRef<Path>) -> Result<()> {
        write(path, self.to_matrix_market()?)
    }
}

/// What the first line says: whether entries have values, and whether they stand for two.
struct Banner {
    values: bool,
    symmetric: bool,
}

fn banner(text: &Text<'_>) -> Result<Banner> {
    let line = text.lines().next().unwrap_or(text.whole());
    let words: Vec<&str> = line.split_whitespace().collect();
    let [first, object, form, field, symmetry] = words[..] else {
        let problem = format!("the first line is `{BANNER}` or alike");
        return Err(text.at(line, problem));
    };
    let is = |word: &str, any: &[&str]| any.iter().any(|a| word.eq_ignore_ascii_case(a));
    for (word, any) in [
        (first, &["%%MatrixMarket"][..]),
        (object, &["matrix"]),
        (form, &["coordinate"]),
        (field, &["real", "double", "integer", "pattern"]),
        (symmetry, &["general", "symmetric"]),
    ] {
        if !is(word, any) {
            let problem = format!("`{word}` is not read; {} is", any.join(" or "));
            return Err(text.at(word, problem));
        }
    }
    Ok(Banner {
        values: !is(field, &["pattern"]),
        symmetric: is(symmetry, &["symmetric"]),
    })
}

fn parse(text: &Text<'_>) -> Result<Weights> {
    let banner = banner(text)?;
    let mut lines = text.filled().filter(|line| !line.starts_with('%'));
    let Some(size) = lines.next() else {
        return Err(text.end("the line `rows columns entries` is missing"));
    };
    let [rows, columns, entries] = text.exactly(size, "rows columns entries")?;
    let n = text.count(rows, "a number of rows")?;
    if text.count(columns, "a number of columns")? != n {
        let problem = format!("weights are square, and this matrix is {rows} by {columns}");
        return Err(text.at(columns, problem));
    }
    let stated = text.count(entries, "a number of entries")?;
    let (mut links, mut found) = (Vec::new(), 0);
    for line in lines {
        let ([i, j], w) = if banner.values {
            let [i, j, w] = text.exactly(line, "row column value")?;
            ([i, j], Some(w))
        } else {
            (text.exactly(line, "row column")?, None)
        };
        if found == stated {
            let problem = format!("this is one more than the {stated} entries stated");
            return Err(text.at(i, problem));
        }
        found += 1;
        let (row, column) = (text.number(i, n)?, text.number(j, n)?);
        if banner.symmetric && row < column {
            let problem = "a symmetric matrix is given by its lower triangle";
            return Err(text.at(j, problem));
        }
        let weight = w.map_or(Ok(1.0), |w| text.weight(w))?;
        if weight > 0.0 {
            links.push(text.stated(row, column, weight, j));
            if banner.symmetric && row != column {
                links.push(text.stated(column, row, weight, j));
            }
        }
    }
    if found < stated {
        let problem = format!("{stated} entries are stated, and there are {found}");
        return Err(text.end(problem));
    }
    text.assemble(&text.numbered(n, rows)?, links, SelfLinks::Kept)
}
