//! SWM files: the spatial weight matrices of ArcGIS, in binary.
//!
//! A line of text, then little-endian numbers without padding:
//!
//! | part | what |
//! |---|---|
//! | header, before 10.1 | `field;spatial reference`, newline |
//! | header, since 10.1 | `VERSION@10.1;UNIQUEID@field;…`, newline; `FIXEDWEIGHTS@True`: one weight a record, `HASID64@True`: integers of 8 bytes |
//! | integer | number of records |
//! | integer | 1 where rows are standardised, else 0 |
//! | each record: integer, integer | id, number of neighbours m |
//! | m integers | ids of the neighbours |
//! | m doubles, or one | weights |
//! | double | sum of the row's weights before they were standardised |
//!
//! Integers have 4 bytes but where the header says otherwise. Where m = 0 the record ends after m; libpysal writes a sum even then, and
//! a file that is read to its end only so is read so.

use std::collections::HashMap;
use std::path::Path;

use super::super::links::SelfLinks;
use super::super::{Transform, Weights};
use super::links::{Ids, Stated, assemble};
use super::words::built;
use super::write;
use crate::data::Units;
use crate::error::{Error, Result};

const FORMAT: &str = "SWM";

impl Weights {
    /// Weights from an SWM file of ArcGIS, of any version.
    ///
    /// Ids are its integers as text, units in the order of the records. Weights are as they stand in the file (standardised by row
    /// where ArcGIS did so); a weight of zero is no link, a diagonal is kept. Errors place what is wrong by the byte of the file,
    /// counted from 1, as the column of line 1.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Syntax`].
    #[doc(alias = "ArcGIS")]
    pub fn read_swm(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        parse(&bytes, path)
    }

    /// Weights from the bytes of an SWM file, as [`read_swm`](Self::read_swm).
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`]; its path reads `SWM bytes`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::new(["7", "-3"])?, [("7", "-3", 0.5)])?;
    /// let again = Weights::swm_bytes(&w.to_swm("TOWN")?)?;
    /// assert_eq!((again.units(), again.weight(0, 1)), (w.units(), 0.5));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn swm_bytes(bytes: &[u8]) -> Result<Self> {
        parse(bytes, Path::new("SWM bytes"))
    }

    /// The bytes of an SWM file in the form before 10.1, which ArcGIS of every version and libpysal read, with the weights as they are
    /// now, after a transformation.
    ///
    /// `field` is the name of the integer field of the feature class that holds the ids; ArcGIS looks for it there. Row-standardised
    /// weights are marked as such, with the sums of their raw rows.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where an id is not an integer of 32 bits in plain digits; [`Error::InvalidOption`] for a field that is
    /// empty or holds `;`, `@` or a control character; [`Error::InvalidLink`] where a transformation made a weight zero.
    pub fn to_swm(&self, field: &str) -> Result<Vec<u8>> {
        if field.is_empty() || field.contains(|c: char| matches!(c, ';' | '@') || c.is_control()) {
            return Err(Error::InvalidOption {
                option: "field",
                value: field.to_owned(),
                expected: "the name of the field that holds the ids, without `;` and `@`",
            });
        }
        let ids: Vec<i32> = self
            .units()
            .iter()
            .map(|id| integer(&id))
            .collect::<Result<_>>()?;
        self.check_values()?;
        let sums = self.raw().row_sums();
        let standardized = self.transform() == Transform::Row;
        let mut bytes = format!("{field};Unknown\n").into_bytes();
        let int = |bytes: &mut Vec<u8>, i: i32| bytes.extend(i.to_le_bytes());
        int(&mut bytes, ids.len() as i32);
        int(&mut bytes, i32::from(standardized));
        for (i, &id) in ids.iter().enumerate() {
            let row = self.csr().pattern.row(i);
            int(&mut bytes, id);
            int(&mut bytes, row.len() as i32);
            for &j in row {
                int(&mut bytes, ids[j as usize]);
            }
            let mut sum = 0.0;
            for (_, w) in self.csr().row(i) {
                bytes.extend(w.to_le_bytes());
                sum += w;
            }
            if !row.is_empty() {
                let sum = if standardized { sums[i] } else { sum };
                bytes.extend(sum.to_le_bytes());
            }
        }
        Ok(bytes)
    }

    /// Writes an SWM file, as [`to_swm`](Self::to_swm).
    ///
    /// # Errors
    ///
    /// Those of [`to_swm`](Self::to_swm); [`Error::Io`].
    pub fn write_swm(&self, path: impl AsRef<Path>, field: &str) -> Result<()> {
        write(path, self.to_swm(field)?)
    }
}

fn integer(id: &str) -> Result<i32> {
    let number = id
        .parse::<i32>()
        .ok()
        .filter(|number| number.to_string() == id);
    number.ok_or_else(|| Error::Unsupported {
        what: format!("the id `{id}` in an SWM file"),
        why: "ids are integers of 32 bits; give such ids with `relabelled`".to_owned(),
    })
}

/// The bytes of a file behind its header.
#[derive(Clone, Copy)]
struct Reader<'a> {
    bytes: &'a [u8],
    path: &'a Path,
    at: usize,
    /// Bytes of an integer.
    width: usize,
    /// One weight a record.
    fixed: bool,
    /// A sum also where there is no neighbour.
    sums_of_nothing: bool,
}

fn syntax(path: &Path, at: usize, problem: String) -> Error {
    Error::Syntax {
        path: path.to_owned(),
        format: FORMAT,
        line: 1,
        column: at as u64 + 1,
        problem,
    }
}

impl Reader<'_> {
    fn syntax(&self, at: usize, problem: String) -> Error {
        syntax(self.path, at, problem)
    }

    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next bytes, the last of eight first; shorter numbers are filled up.
    fn take(&mut self, width: usize, what: &str) -> Result<[u8; 8]> {
        let Some(bytes) = self.bytes.get(self.at..).and_then(|rest| rest.get(..width)) else {
            return Err(self.syntax(
                self.bytes.len(),
                format!("the file ends where {what} is expected"),
            ));
        };
        let mut number = [0; 8];
        for (to, from) in number.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.at += width;
        Ok(number)
    }

    fn int(&mut self, what: &str) -> Result<i64> {
        let wide = i64::from_le_bytes(self.take(self.width, what)?);
        Ok(if self.width == 8 {
            wide
        } else {
            i64::from(wide as i32)
        })
    }

    fn double(&mut self, what: &str) -> Result<f64> {
        Ok(f64::from_le_bytes(self.take(8, what)?))
    }

    /// A count of things of at least so many bytes each, for which the file has room.
    fn count(&mut self, what: &str, each: usize) -> Result<usize> {
        let at = self.at;
        let count = self.int(what)?;
        let room = self.left() / each;
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= room)
            .ok_or_else(|| {
                self.syntax(
                    at,
                    format!("{count} is not {what}: there is room for {room}"),
                )
            })
    }
}

/// The header, and what it says of the numbers.
fn open<'a>(bytes: &'a [u8], path: &'a Path) -> Result<Reader<'a>> {
    let Some(end) = bytes.iter().position(|&b| b == b'\n') else {
        return Err(syntax(
            path,
            bytes.len(),
            "the header has no end of line".to_owned(),
        ));
    };
    let header = String::from_utf8_lossy(&bytes[..end]).to_ascii_uppercase();
    let new = header.trim_start().starts_with("VERSION@");
    if !new && !header.contains(';') {
        let problem = "the header is `field;spatial reference` or begins with `VERSION@`";
        return Err(syntax(path, 0, problem.to_owned()));
    }
    let says = |key: &str| {
        let mut pairs = header.split(';').filter_map(|pair| pair.split_once('@'));
        new && pairs.any(|(k, value)| k.trim() == key && value.trim() == "TRUE")
    };
    Ok(Reader {
        bytes,
        path,
        at: end + 1,
        width: if says("HASID64") { 8 } else { 4 },
        fixed: says("FIXEDWEIGHTS"),
        sums_of_nothing: false,
    })
}

fn parse(bytes: &[u8], path: &Path) -> Result<Weights> {
    let file = open(bytes, path)?;
    records(file).or_else(|error| {
        records(Reader {
            sums_of_nothing: true,
            ..file
        })
        .map_err(|_| error)
    })
}

fn records(mut file: Reader<'_>) -> Result<Weights> {
    let width = file.width;
    let n = file.count("a number of records", 2 * width)?;
    let at = file.at;
    let flag = file.int("the mark of standardised rows")?;
    if !(0..=1).contains(&flag) {
        let problem = format!("the mark of standardised rows is {flag}, neither 0 nor 1");
        return Err(file.syntax(at, problem));
    }
    let mut ids = Ids::default();
    let mut places: HashMap<i64, usize> = HashMap::with_capacity(n);
    let mut links: Vec<(u32, i64, Stated<usize>)> = Vec::new();
    for from in 0..n as u32 {
        let at = file.at;
        let id = file.int("an id")?;
        if let Err(first) = ids.add_new(id) {
            let first = places.get(&first).map_or(0, |at| at + 1);
            return Err(file.syntax(at, format!("unit {id} stands at byte {first} already")));
        }
        places.insert(id, at);
        let m = file.count(
            "a number of neighbours",
            if file.fixed { width } else { width + 8 },
        )?;
        let first = links.len();
        for _ in 0..m {
            let place = file.at;
            let to = file.int("the id of a neighbour")?;
            let stated = Stated {
                from,
                to: 0,
                weight: 0.0,
                place,
            };
            links.push((from, to, stated));
        }
        let mut weight = 0.0;
        for k in 0..m {
            if k == 0 || !file.fixed {
                let at = file.at;
                weight = file.double("a weight")?;
                if !(weight >= 0.0 && weight.is_finite()) {
                    let problem =
                        format!("the weight is {weight}, and a positive finite number is needed");
                    return Err(file.syntax(at, problem));
                }
            }
            if let Some(link) = links.get_mut(first + k) {
                link.2.weight = weight;
            }
        }
        if m > 0 || file.sums_of_nothing {
            file.double("the sum of the weights")?;
        }
    }
    if file.left() > 0 {
        let problem = format!("{} bytes follow the {n} records", file.left());
        return Err(file.syntax(file.at, problem));
    }
    let links = links
        .into_iter()
        .filter(|l| l.2.weight > 0.0)
        .map(|(_, id, stated)| {
            let to = ids.get(id).ok_or_else(|| {
                file.syntax(
                    stated.place,
                    format!("the neighbour {id} is not among the units"),
                )
            })?;
            Ok(Stated { to, ..stated })
        });
    let links = links.collect::<Result<_>>()?;
    let units: Units = ids.units()?;
    assemble(
        &units,
        links,
        SelfLinks::Kept,
        &built(file.path),
        |at, problem| file.syntax(at, problem),
    )
}
