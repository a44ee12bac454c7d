//! dBASE tables, the attributes of shapefiles: records of fixed length, whose fields are texts for the most part.

use std::path::{Path, PathBuf};

use super::binary::{array, count_le, f64_le};
use super::charset::Charset;
use super::layer::Property;
use crate::error::{Error, Result};

/// Decimal numbers below it stand for no data, as writers of shapefiles have it.
const NO_DATA: f64 = -1e38;

/// A table whose header fits its length.
pub(super) struct Dbf {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Where the first record begins.
    start: usize,
    /// Bytes of a record.
    width: usize,
    records: usize,
    fields: Vec<Field>,
    charset: Charset,
}

struct Field {
    name: String,
    kind: u8,
    /// Where it begins in a record.
    at: usize,
    length: usize,
}

impl Dbf {
    /// `charset` where something else than the table says it.
    pub(super) fn new(path: &Path, bytes: Vec<u8>, charset: Option<Charset>) -> Result<Self> {
        let fault = |offset: usize, problem: &str| Error::Binary {
            path: path.to_path_buf(),
            format: "dBASE table",
            offset: offset as u64,
            problem: problem.to_owned(),
        };
        let size = |at: usize| array(&bytes, at).map(|b| usize::from(u16::from_le_bytes(b)));
        let (Some(records), Some(start), Some(width), Some(driver)) = (
            count_le(&bytes, 4),
            size(8),
            size(10),
            bytes.get(29).copied(),
        ) else {
            return Err(fault(bytes.len(), "the file ends inside its header"));
        };
        if start < 33 || start > bytes.len() {
            return Err(fault(8, "the records begin outside the file"));
        }
        if width == 0 {
            return Err(fault(10, "a record has no length"));
        }
        let room = (bytes.len() - start) / width;
        if room < records {
            let problem =
                format!("{records} records are announced, and the file ends after {room}");
            return Err(fault(bytes.len(), &problem));
        }
        let charset = charset.unwrap_or_else(|| Charset::of_driver(driver));
        let mut fields = Vec::new();
        let mut at = 1;
        for (k, descriptor) in bytes[32..start].chunks_exact(32).enumerate() {
            if descriptor[0] == 0x0D {
                break;
            }
            let name = descriptor[..11]
                .split(|b| *b == 0)
                .next()
                .unwrap_or_default();
            let decoded = charset.decode(name);
            let name = decoded.unwrap_or_else(|_| String::from_utf8_lossy(name).into_owned());
            let length = usize::from(descriptor[16]);
            fields.push(Field {
                name: name.trim().to_owned(),
                kind: descriptor[11],
                at,
                length,
            });
            at += length;
            if at > width {
                return Err(fault(32 + 32 * k, "the fields are longer than a record"));
            }
        }
        Ok(Self {
            path: path.to_path_buf(),
            start,
            width,
            records,
            fields,
            charset,
            bytes,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.records
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|f| f.name.as_str())
    }

    /// The positions of fields by name; of names that are no field's, none.
    pub(super) fn positions(&self, names: &[String]) -> Result<Vec<Option<usize>>> {
        let position = |name: &String| {
            let mut found = (0..self.fields.len()).filter(|&k| self.fields[k].name == *name);
            let first = found.next();
            match found.next() {
                None => Ok(first),
                Some(second) => Err(Error::Binary {
                    path: self.path.clone(),
                    format: "dBASE table",
                    offset: (32 + 32 * second) as u64,
                    problem: format!("two fields are called `{name}`"),
                }),
            }
        };
        names.iter().map(position).collect()
    }

    /// Whether a record is marked as deleted.
    pub(super) fn deleted(&self, record: usize) -> bool {
        self.bytes.get(self.start + record * self.width) == Some(&b'*')
    }

    /// The value of a field, or why there is none.
    pub(super) fn value(&self, record: usize, field: usize) -> Result<Property> {
        let Some(field) = self.fields.get(field) else {
            return Ok(Property::Missing);
        };
        let start = self.start + record * self.width + field.at;
        let cell = self
            .bytes
            .get(start..start + field.length)
            .unwrap_or_default();
        let blank = |b: &u8| *b == 0 || b.is_ascii_whitespace();
        let first = cell.iter().position(|b| !blank(b)).unwrap_or(cell.len());
        let last = cell
            .iter()
            .rposition(|b| !blank(b))
            .map_or(first, |k| k + 1);
        let text = cell.get(first..last).unwrap_or_default();
        Ok(match field.kind {
            b'N' | b'F' => number(text),
            b'C' => self
                .charset
                .decode(text)
                .map(|t| Property::text(&t))
                .map_err(|problem| Error::Feature {
                    path: self.path.clone(),
                    feature: record + 1,
                    id: None,
                    problem: format!("the text of the field `{}` {problem}", field.name),
                })?,
            b'L' => match text {
                [b'T' | b't' | b'Y' | b'y'] => Property::Flag(true),
                [b'F' | b'f' | b'N' | b'n'] => Property::Flag(false),
                [] | [b'?'] => Property::Missing,
                _ => Property::Other("neither true nor false"),
            },
            b'D' => date(text),
            b'I' | b'+' => array(cell, 0).map_or(Property::Other("an integer cut short"), |b| {
                Property::Integer(i64::from(i32::from_le_bytes(b)))
            }),
            b'O' | b'B' if cell.len() == 8 => {
                f64_le(cell, 0).map_or(Property::Missing, Property::Number)
            }
            b'M' => Property::Other("a memo"),
            _ => Property::Other("of a type that is not read"),
        })
    }
}

fn number(text: &[u8]) -> Property {
    if text.is_empty() || text.iter().all(|b| *b == b'*') {
        return Property::Missing;
    }
    let text = String::from_utf8_lossy(text);
    if let Ok(value) = text.parse::<i64>() {
        return Property::Integer(value);
    }
    match text.parse::<f64>() {
        Ok(value) if value < NO_DATA => Property::Missing,
        Ok(value) => Property::Number(value),
        Err(_) => Property::Text(text.into_owned()),
    }
}

/// Eight digits, as 1980-07-31.
fn date(text: &[u8]) -> Property {
    if text.iter().all(|b| *b == b'0') {
        return Property::Missing;
    }
    if text.len() != 8 || !text.iter().all(u8::is_ascii_digit) {
        return Property::Other("no date");
    }
    let text = String::from_utf8_lossy(text);
    Property::Text(format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of one record, with fields by name, type, and cell.
    fn table(fields: &[(&str, u8, &[u8])]) -> Vec<u8> {
        let width = 1 + fields.iter().map(|f| f.2.len()).sum::<usize>();
        let start = 32 + 32 * fields.len() + 1;
        let mut bytes = vec![0; 32];
        bytes[4] = 1;
        bytes[8..10].copy_from_slice(&(start as u16).to_le_bytes());
        bytes[10..12].copy_from_slice(&(width as u16).to_le_bytes());
        for (name, kind, cell) in fields {
            let mut descriptor = [0; 32];
            descriptor[..name.len()].copy_from_slice(name.as_bytes());
            descriptor[11] = *kind;
            descriptor[16] = cell.len() as u8;
            bytes.extend(descriptor);
        }
        bytes.extend(b"\x0D ");
        bytes.extend(fields.iter().flat_map(|f| f.2));
        bytes
    }

    #[test]
    fn cells_are_read_by_the_type_of_their_field() {
        let cases: [(u8, &[u8], Property); 18] = [
            (
                b'N',
                b"   123456789012345678",
                Property::Integer(123_456_789_012_345_678),
            ),
            // As many digits as there are, which single precision would not keep.
            (
                b'F',
                b" 1.2345678901e+003",
                Property::Number(1_234.567_890_1),
            ),
            (b'N', b"  ****", Property::Missing),
            (b'N', b"      ", Property::Missing),
            (b'F', b"-1.7976931348623e+308", Property::Missing),
            (b'N', b"1,5", Property::Text("1,5".to_owned())),
            (
                b'C',
                b"  two words \0\0",
                Property::Text("two words".to_owned()),
            ),
            (b'C', b"    ", Property::Missing),
            (b'L', b"T", Property::Flag(true)),
            (b'L', b"n", Property::Flag(false)),
            (b'L', b"?", Property::Missing),
            (b'D', b"19800731", Property::Text("1980-07-31".to_owned())),
            (b'D', b"00000000", Property::Missing),
            (b'D', b"  Juli  ", Property::Other("no date")),
            (b'I', &(-7_i32).to_le_bytes(), Property::Integer(-7)),
            (b'O', &2.5_f64.to_le_bytes(), Property::Number(2.5)),
            (b'M', b"0000000001", Property::Other("a memo")),
            (b'N', b"1e999", Property::Number(f64::INFINITY)),
        ];
        for (kind, cell, expected) in cases {
            let bytes = table(&[("first", b'C', b"abc"), ("x", kind, cell)]);
            let dbf = Dbf::new(Path::new("t.dbf"), bytes, None).unwrap();
            assert_eq!(dbf.names().collect::<Vec<_>>(), ["first", "x"]);
            assert_eq!(
                dbf.value(0, 1).unwrap(),
                expected,
                "{}",
                String::from_utf8_lossy(cell)
            );
        }
    }

    #[test]
    fn tables_that_do_not_fit_their_header_are_refused() {
        let bytes = table(&[("x", b'N', b"12"), ("x", b'N', b"12")]);
        let problem = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = bytes.clone();
            change(&mut bytes);
            match Dbf::new(Path::new("t.dbf"), bytes, None)
                .and_then(|t| t.positions(&["x".to_owned()]))
            {
                Err(Error::Binary { problem, .. }) => problem,
                other => panic!("{other:?}"),
            }
        };
        for (at, value, part) in [
            (4, 2, "ends after 1"),
            (7, 0x7F, "ends after 1"),
            (8, 3, "outside"),
            (9, 9, "outside"),
            (10, 0, "no length"),
            (10, 3, "longer"),
        ] {
            let text = problem(&|bytes: &mut Vec<u8>| bytes[at] = value);
            assert!(text.contains(part), "{text}");
        }
        assert!(problem(&|bytes: &mut Vec<u8>| bytes.truncate(20)).contains("inside its header"));
        assert!(problem(&|_: &mut Vec<u8>| ()).contains("two fields"));
    }
}
