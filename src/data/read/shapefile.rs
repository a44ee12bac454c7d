//! Shapefiles: the polygons of a .shp, with the attributes of the .dbf, the coordinates of the .prj and the encoding of the .cpg.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use geo::{Coord, MultiPolygon};

use super::binary::{count_be, count_le, f64_le};
use super::charset::Charset;
use super::dbf::Dbf;
use super::layer::{Feature, Layer, Problem, Property, ring};
use super::regions::{Format, RegionsReader};
use super::{prj, rings};
use crate::data::Regions;
use crate::error::{Error, Result};

impl Regions {
    /// A reader of a shapefile of polygons: the .shp at the path, and the .dbf, .prj, .cpg and .shx beside it.
    ///
    /// The .dbf may be absent where no property is asked for, and the .shx always. The .prj says whether the coordinates are
    /// longitudes and latitudes; where there is none, [`lon_lat`](RegionsReader::lon_lat) or [`planar`](RegionsReader::planar) has to. Texts
    /// are in the encoding that [`encoding`](RegionsReader::encoding), the .cpg or the .dbf names, in this order, otherwise in UTF-8.
    /// Which rings are holes is decided by which ring lies in which, not by their turn. Records marked as deleted in the .dbf
    /// are left out with their shape; third coordinates and measures are passed over. Numbers below -10³⁸ stand for no data, and
    /// are missing.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use spatialecon::Regions;
    /// let regions = Regions::shapefile("columbus.shp")
    ///     .unit("POLYID")
    ///     .columns(["CRIME", "INC"])
    ///     .planar()
    ///     .read()?;
    /// assert_eq!(regions.len(), 49);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Environmental Systems Research Institute (1998), ESRI Shapefile Technical Description.
    #[doc(alias = "st_read")]
    #[doc(alias = "read_file")]
    #[doc(alias = "shp2dta")]
    #[doc(alias = "spshape2dta")]
    pub fn shapefile(path: impl AsRef<Path>) -> RegionsReader {
        let path = path.as_ref();
        let shp = if path.extension().is_none() {
            sibling(&path.with_extension("shp"), "shp")
        } else {
            path.to_path_buf()
        };
        RegionsReader::new(Format::Shapefile(Files::At(shp)))
    }

    /// A reader of the bytes of a .shp and a .dbf, as [`shapefile`](Self::shapefile); errors name them `<shp>` and `<dbf>`.
    ///
    /// What the other files would say has to be said: [`lon_lat`](RegionsReader::lon_lat) or [`planar`](RegionsReader::planar).
    pub fn shapefile_bytes(shp: impl Into<Vec<u8>>, dbf: Option<Vec<u8>>) -> RegionsReader {
        let shp = shp.into();
        RegionsReader::new(Format::Shapefile(Files::Bytes { shp, dbf }))
    }
}

/// The files of a shapefile.
#[derive(Debug, Clone)]
pub(super) enum Files {
    At(PathBuf),
    Bytes { shp: Vec<u8>, dbf: Option<Vec<u8>> },
}

/// The file beside another that has the extension given, in small or large letters.
fn sibling(shp: &Path, extension: &str) -> PathBuf {
    let path = shp.with_extension(extension);
    let large = shp.with_extension(extension.to_uppercase());
    if !path.exists() && large.exists() {
        large
    } else {
        path
    }
}

/// The bytes of a file that need not be there.
fn optional(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io {
            path: path.to_path_buf(),
            source,
        }),
    }
}

pub(super) fn layer(files: &Files, encoding: Option<&str>, asked: &[String]) -> Result<Layer> {
    let said = encoding.map(|name| match Charset::named(name) {
        Charset::Known(encoding) => Ok(Charset::Known(encoding)),
        _ => Err(Error::InvalidOption {
            option: "encoding",
            value: name.to_owned(),
            expected: "the name of an encoding, such as UTF-8, GBK, Big5, windows-1252 or ISO-8859-2",
        }),
    });
    let said = said.transpose()?;
    match files {
        Files::Bytes { shp, dbf } => {
            let path = PathBuf::from("<shp>");
            let coordinates = Err("no file says it".to_owned());
            let dbf = dbf
                .clone()
                .map(|bytes| Dbf::new(Path::new("<dbf>"), bytes, said));
            let dbf = dbf.transpose()?.ok_or_else(|| PathBuf::from("<dbf>"));
            features(path, shp, None, dbf, asked, coordinates)
        }
        Files::At(path) => {
            let shp = std::fs::read(path).map_err(|source| Error::Io {
                path: path.clone(),
                source,
            })?;
            let coordinates = match optional(&sibling(path, "prj"))? {
                None => Err("there is no .prj beside it".to_owned()),
                Some(definition) => prj::coordinates(&String::from_utf8_lossy(&definition))
                    .map_err(|why| format!("the .prj beside it does not help ({why})")),
            };
            let named = optional(&sibling(path, "cpg"))?;
            let named = named.map(|name| Charset::named(&String::from_utf8_lossy(&name)));
            let named = named.filter(|charset| !matches!(charset, Charset::Unsaid));
            let shx = sibling(path, "shx");
            let index = optional(&shx)?.map(|bytes| (shx, bytes));
            let place = sibling(path, "dbf");
            let dbf = optional(&place)?.map(|bytes| Dbf::new(&place, bytes, said.or(named)));
            let dbf = dbf.transpose()?.ok_or(place);
            features(path.clone(), &shp, index, dbf, asked, coordinates)
        }
    }
}

/// Records of both files, in pairs; in place of an absent .dbf, where it would be.
fn features(
    path: PathBuf,
    shp: &[u8],
    index: Option<(PathBuf, Vec<u8>)>,
    dbf: Result<Dbf, PathBuf>,
    asked: &[String],
    coordinates: Result<crate::data::Coordinates, String>,
) -> Result<Layer> {
    header(&path, shp, "shapefile")?;
    let records = match index {
        None => in_sequence(&path, shp)?,
        Some((shx, index)) => by_index(&path, shp, &shx, &index)?,
    };
    let dbf = match dbf {
        Ok(dbf) if dbf.len() != records.len() => {
            return Err(fault(
                &path,
                shp.len(),
                "shapefile",
                format!(
                    "it has {} shapes, and its .dbf {} records; they have to be of one map",
                    records.len(),
                    dbf.len()
                ),
            ));
        }
        Ok(dbf) => Some(dbf),
        Err(_) if asked.is_empty() => None,
        Err(path) => {
            let absent = "there is no such file, which would hold the attributes asked for";
            let source = std::io::Error::new(ErrorKind::NotFound, absent);
            return Err(Error::Io { path, source });
        }
    };
    let positions = dbf
        .as_ref()
        .map(|dbf| dbf.positions(asked))
        .transpose()?
        .unwrap_or_default();
    let mut features = Vec::with_capacity(records.len());
    for (k, record) in records.into_iter().enumerate() {
        if dbf.as_ref().is_some_and(|dbf| dbf.deleted(k)) {
            continue;
        }
        let value = |field: &Option<usize>| match (&dbf, field) {
            (Some(dbf), Some(field)) => dbf.value(k, *field),
            _ => Ok(Property::Missing),
        };
        features.push(Feature {
            number: k + 1,
            id: Property::Missing,
            values: positions.iter().map(value).collect::<Result<_>>()?,
            polygon: polygon(shp.get(record).unwrap_or_default()),
        });
    }
    let fields = dbf.iter().flat_map(Dbf::names).map(str::to_owned).collect();
    Ok(Layer {
        path,
        coordinates,
        fields,
        features,
    })
}

fn fault(path: &Path, offset: usize, format: &'static str, problem: impl Into<String>) -> Error {
    Error::Binary {
        path: path.to_path_buf(),
        format,
        offset: offset as u64,
        problem: problem.into(),
    }
}

/// Bytes of the header of a .shp or .shx.
const HEADER: usize = 100;

/// Nothing where a file has the header of shapes that are polygons, and the length that it says.
fn header(path: &Path, bytes: &[u8], format: &'static str) -> Result<()> {
    let fault = |offset: usize, problem: String| Err(fault(path, offset, format, problem));
    if bytes.starts_with(b"PK\x03\x04") {
        return fault(
            0,
            "it is a ZIP archive; unpack it, and read the .shp".to_owned(),
        );
    }
    if count_be(bytes, 0) != Some(9994) {
        return fault(
            0,
            "it does not begin as one (with the number 9994)".to_owned(),
        );
    }
    let (Some(words), Some(kind)) = (count_be(bytes, 24), count_le(bytes, 32)) else {
        return fault(bytes.len(), "the file ends inside its header".to_owned());
    };
    if bytes.len() < HEADER || words.checked_mul(2) != Some(bytes.len()) {
        return fault(
            24,
            format!(
                "the header says {} bytes, and the file has {}; write it again, for instance with `ogr2ogr`",
                words.saturating_mul(2),
                bytes.len()
            ),
        );
    }
    if !matches!(kind, 0 | 5 | 15 | 25) {
        return fault(
            32,
            format!("its shapes are {}; polygons are needed", shapes(kind)),
        );
    }
    Ok(())
}

fn shapes(kind: usize) -> &'static str {
    match kind {
        0 => "null shapes",
        1 | 11 | 21 => "points",
        3 | 13 | 23 => "lines",
        5 | 15 | 25 => "polygons",
        8 | 18 | 28 => "sets of points",
        31 => "patches of surfaces",
        _ => "of an unknown type",
    }
}

/// The content of the record whose header stands at a position.
fn record(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at.checked_add(8)?;
    let end = start.checked_add(count_be(bytes, at.checked_add(4)?)?.checked_mul(2)?)?;
    (end <= bytes.len() && end >= start + 4).then_some(start..end)
}

fn in_sequence(path: &Path, shp: &[u8]) -> Result<Vec<Range<usize>>> {
    let mut records = Vec::new();
    let mut at = HEADER;
    while at < shp.len() {
        let Some(content) = record(shp, at) else {
            let problem = format!("record {} does not end inside the file", records.len() + 1);
            return Err(fault(path, at, "shapefile", problem));
        };
        at = content.end;
        records.push(content);
    }
    Ok(records)
}

fn by_index(path: &Path, shp: &[u8], shx: &Path, index: &[u8]) -> Result<Vec<Range<usize>>> {
    header(shx, index, "index of a shapefile")?;
    let mut records = Vec::new();
    let mut room = shp.len();
    for at in (HEADER..index.len()).step_by(8) {
        let place = count_be(index, at).and_then(|words| words.checked_mul(2));
        let content = place.filter(|p| *p >= HEADER).and_then(|p| record(shp, p));
        // Records that overlap could be longer, all together, than the file.
        let left = content.as_ref().and_then(|c| room.checked_sub(c.len()));
        let (Some(content), Some(left)) = (content, left) else {
            let problem = format!(
                "entry {} is no place of a record in {}; without this file, records are read in their order",
                records.len() + 1,
                path.display()
            );
            return Err(fault(shx, at, "index of a shapefile", problem));
        };
        room = left;
        records.push(content);
    }
    Ok(records)
}

/// The polygon that the content of a record holds.
fn polygon(content: &[u8]) -> Result<MultiPolygon<f64>, Problem> {
    let structure = |problem: &str| Problem::Structure(problem.to_owned());
    match count_le(content, 0) {
        Some(5 | 15 | 25) => {}
        Some(0) => {
            return Err(structure(
                "it has no geometry (a null shape); leave it out, or give it a polygon",
            ));
        }
        other => {
            let kind = shapes(other.unwrap_or(usize::MAX));
            let problem = format!("its shape is one of {kind}; a polygon is needed");
            return Err(Problem::Structure(problem));
        }
    }
    let cut = || structure("its record is shorter than its numbers of rings and points say");
    let (Some(parts), Some(points)) = (count_le(content, 36), count_le(content, 40)) else {
        return Err(cut());
    };
    let first = parts
        .checked_mul(4)
        .and_then(|b| b.checked_add(44))
        .ok_or_else(cut)?;
    let end = points
        .checked_mul(16)
        .and_then(|b| b.checked_add(first))
        .ok_or_else(cut)?;
    if end > content.len() {
        return Err(cut());
    }
    let start = |part: usize| {
        if part == parts {
            Some(points)
        } else {
            count_le(content, 44 + 4 * part)
        }
    };
    if parts > 0 && start(0) != Some(0) {
        return Err(structure(
            "its first ring does not begin with its first point",
        ));
    }
    let mut found = Vec::new();
    for part in 0..parts {
        let range = start(part)
            .zip(start(part + 1))
            .filter(|(a, b)| a <= b && *b <= points);
        let Some((from, to)) = range else {
            return Err(structure("its rings begin at points that do not ascend"));
        };
        let coord = |point: usize| {
            let at = first + 16 * point;
            Some(Coord {
                x: f64_le(content, at)?,
                y: f64_le(content, at + 8)?,
            })
        };
        found.push(ring((from..to).filter_map(coord).collect())?);
    }
    rings::polygons(found)
}
