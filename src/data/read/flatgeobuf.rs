//! FlatGeobuf: features one behind the other, each with its length in front; the index is passed over.

use std::path::Path;

use flatbuffers::VerifierOptions;
use flatgeobuf::{ColumnType, Geometry, GeometryType, Header};
use flatgeobuf::{size_prefixed_root_as_feature_with_opts, size_prefixed_root_as_header_with_opts};
use geo::{Coord, LineString, MultiPolygon, Polygon};

use super::binary::array;
use super::layer::{Feature, Layer, Problem, Property, ring};
use super::prj;
use super::regions::{Format, RegionsReader};
use crate::data::{Coordinates, Regions};
use crate::error::{Error, Result};

impl Regions {
    /// A reader of a FlatGeobuf file; needs the feature `flatgeobuf`.
    ///
    /// The units are `0..n` in the order of the file (an index puts features into an order of its own), or the ids of a column ([`unit`](RegionsReader::unit)). The reference system says
    /// whether the coordinates are longitudes and latitudes; where there is none, [`lon_lat`](RegionsReader::lon_lat) or
    /// [`planar`](RegionsReader::planar) has to.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use spatialecon::Regions;
    /// let regions = Regions::flatgeobuf("map.fgb").unit("code").read()?;
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "st_read")]
    #[doc(alias = "read_file")]
    #[doc(alias = "fgb")]
    pub fn flatgeobuf(path: impl AsRef<Path>) -> RegionsReader {
        RegionsReader::new(Format::FlatGeobuf(path.as_ref().to_path_buf()))
    }
}

pub(super) fn layer(path: &Path, asked: &[String]) -> Result<Layer> {
    let bytes = std::fs::read(path).map_err(|source| Error::Io {
        path: path.to_path_buf(),
        source,
    })?;
    let fault = |offset: usize, problem: &str| Error::Binary {
        path: path.to_path_buf(),
        format: "FlatGeobuf",
        offset: offset as u64,
        problem: problem.to_owned(),
    };
    if !bytes.starts_with(b"fgb\x03fgb") {
        return Err(fault(0, "it does not begin as one of version 3"));
    }
    let cut = |at: usize| fault(at, "a length that goes beyond the end of the file");
    let whole = block(&bytes, 8).ok_or_else(|| cut(8))?;
    let header = size_prefixed_root_as_header_with_opts(&options(whole.len()), whole)
        .map_err(|_| fault(8, "the header is broken"))?;
    let columns: Vec<(&str, ColumnType)> =
        (header.columns().iter().flat_map(flatbuffers::Vector::iter))
            .map(|c| (c.name(), c.type_()))
            .collect();
    let mut at = index(&header)
        .and_then(|size| size.checked_add(8 + whole.len()))
        .filter(|at| *at <= bytes.len())
        .ok_or_else(|| cut(8))?;
    let mut features = Vec::new();
    while at < bytes.len() {
        let buffer = block(&bytes, at).ok_or_else(|| cut(at))?;
        let number = features.len() + 1;
        let feature = size_prefixed_root_as_feature_with_opts(&options(buffer.len()), buffer)
            .map_err(|_| fault(at, &format!("feature {number} is broken")))?;
        let values = match feature.properties() {
            None => Some(vec![Property::Missing; asked.len()]),
            Some(properties) => values(properties.bytes(), &columns, asked),
        };
        features.push(Feature {
            number,
            id: Property::Missing,
            values: values.ok_or_else(|| {
                fault(
                    at,
                    &format!("the properties of feature {number} are broken"),
                )
            })?,
            polygon: feature.geometry().map_or_else(
                || {
                    let problem = "it has no geometry; leave it out, or give it a polygon";
                    Err(Problem::Structure(problem.to_owned()))
                },
                |geometry| polygons(&geometry, header.geometry_type()),
            ),
        });
        at += buffer.len();
    }
    let announced = header.features_count();
    if announced > 0 && announced != features.len() as u64 {
        let problem = format!(
            "{announced} features are announced, and there are {}",
            features.len()
        );
        return Err(fault(bytes.len(), &problem));
    }
    if features.is_empty() {
        return Err(fault(bytes.len(), "it has no feature"));
    }
    Ok(Layer {
        path: path.to_path_buf(),
        coordinates: coordinates(&header),
        fields: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        features,
    })
}

/// A length and as many bytes.
fn block(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = u32::from_le_bytes(array(bytes, at)?) as usize;
    bytes.get(at..at.checked_add(4)?.checked_add(length)?)
}

/// Parts of a buffer may be referred to again and again, so that its apparent size is bounded by its true one.
fn options(length: usize) -> VerifierOptions {
    VerifierOptions {
        max_depth: 16,
        max_apparent_size: 4 * length + 1_024,
        ..VerifierOptions::default()
    }
}

/// Bytes of the index: 40 for each feature, and each node above.
fn index(header: &Header<'_>) -> Option<usize> {
    let (mut level, size) = (
        usize::try_from(header.features_count()).ok()?,
        header.index_node_size(),
    );
    if size == 0 || level == 0 {
        return Some(0);
    }
    if size == 1 {
        return None;
    }
    let mut nodes = level;
    loop {
        level = level.div_ceil(usize::from(size));
        nodes = nodes.checked_add(level)?;
        if level == 1 {
            return nodes.checked_mul(40);
        }
    }
}

fn coordinates(header: &Header<'_>) -> Result<Coordinates, String> {
    let Some(crs) = header.crs() else {
        return Err("it has no reference system".to_owned());
    };
    let epsg = crs.org().is_none_or(|org| org.eq_ignore_ascii_case("EPSG"));
    match crs.wkt() {
        Some(definition) if !definition.is_empty() => prj::coordinates(definition),
        _ if epsg && crs.code() == 4326 => Ok(Coordinates::LonLat),
        _ => Err(format!(
            "its reference system {} is not spelt out",
            crs.code()
        )),
    }
}

/// The properties asked for, out of pairs of the position of a column and a value.
fn values(bytes: &[u8], columns: &[(&str, ColumnType)], asked: &[String]) -> Option<Vec<Property>> {
    let mut values = vec![Property::Missing; asked.len()];
    let mut at = 0;
    while at < bytes.len() {
        let (name, kind) = columns.get(usize::from(u16::from_le_bytes(array(bytes, at)?)))?;
        at += 2;
        let (value, length) = value(bytes, at, *kind)?;
        at += length;
        if let Some(place) = asked.iter().position(|a| a == name) {
            values[place] = value;
        }
    }
    Some(values)
}

/// The value at a position, and its length.
fn value(bytes: &[u8], at: usize, kind: ColumnType) -> Option<(Property, usize)> {
    Some(match kind {
        ColumnType::Byte => (
            Property::Integer(i8::from_le_bytes(array(bytes, at)?).into()),
            1,
        ),
        ColumnType::UByte => (
            Property::Integer(u8::from_le_bytes(array(bytes, at)?).into()),
            1,
        ),
        ColumnType::Bool => (Property::Flag(array::<1>(bytes, at)? != [0]), 1),
        ColumnType::Short => (
            Property::Integer(i16::from_le_bytes(array(bytes, at)?).into()),
            2,
        ),
        ColumnType::UShort => (
            Property::Integer(u16::from_le_bytes(array(bytes, at)?).into()),
            2,
        ),
        ColumnType::Int => (
            Property::Integer(i32::from_le_bytes(array(bytes, at)?).into()),
            4,
        ),
        ColumnType::UInt => (
            Property::Integer(u32::from_le_bytes(array(bytes, at)?).into()),
            4,
        ),
        ColumnType::Long => (Property::Integer(i64::from_le_bytes(array(bytes, at)?)), 8),
        ColumnType::ULong => {
            let value = u64::from_le_bytes(array(bytes, at)?);
            let number = |_| Property::Number(value as f64);
            (
                i64::try_from(value).map_or_else(number, Property::Integer),
                8,
            )
        }
        ColumnType::Float => (
            Property::Number(f32::from_le_bytes(array(bytes, at)?).into()),
            4,
        ),
        ColumnType::Double => (Property::Number(f64::from_le_bytes(array(bytes, at)?)), 8),
        ColumnType::String | ColumnType::Json | ColumnType::DateTime | ColumnType::Binary => {
            let text = block(bytes, at)?;
            let value = match std::str::from_utf8(text.get(4..)?) {
                _ if kind == ColumnType::Binary => Property::Other("binary"),
                Ok(text) => Property::text(text),
                Err(_) => Property::Other("a text that is not UTF-8"),
            };
            (value, text.len())
        }
        _ => return None,
    })
}

/// The polygon of a geometry, whose type stands in the header where it is the same for all.
fn polygons(geometry: &Geometry<'_>, of_all: GeometryType) -> Result<MultiPolygon<f64>, Problem> {
    let kind = if of_all == GeometryType::Unknown {
        geometry.type_()
    } else {
        of_all
    };
    match kind {
        GeometryType::Polygon => Ok(MultiPolygon(vec![polygon(geometry)?])),
        GeometryType::MultiPolygon => {
            let parts = geometry.parts().into_iter().flat_map(|parts| parts.iter());
            let parts = parts
                .map(|part| polygon(&part))
                .collect::<Result<Vec<_>, _>>()?;
            // A multipolygon of one part may be written without parts.
            if parts.is_empty() && geometry.xy().is_some_and(|xy| !xy.is_empty()) {
                return Ok(MultiPolygon(vec![polygon(geometry)?]));
            }
            Ok(MultiPolygon(parts))
        }
        other => Err(Problem::Structure(format!(
            "its geometry is a {}; a Polygon or MultiPolygon is needed",
            other
                .variant_name()
                .unwrap_or("geometry of an unknown type")
        ))),
    }
}

fn polygon(geometry: &Geometry<'_>) -> Result<Polygon<f64>, Problem> {
    let numbers: Vec<f64> = geometry
        .xy()
        .iter()
        .flat_map(flatbuffers::Vector::iter)
        .collect();
    let coords: Vec<Coord<f64>> = (numbers.chunks_exact(2))
        .map(|c| Coord { x: c[0], y: c[1] })
        .collect();
    let ends: Vec<usize> = match geometry.ends() {
        Some(ends) if !ends.is_empty() => ends.iter().map(|end| end as usize).collect(),
        _ => vec![coords.len()],
    };
    let mut start = 0;
    let mut rings = Vec::with_capacity(ends.len());
    for end in ends {
        let part = coords.get(start..end).ok_or_else(|| {
            Problem::Structure("its rings end at coordinates that it does not have".to_owned())
        })?;
        rings.push(ring(part.to_vec())?);
        start = end;
    }
    let mut rings = rings.into_iter();
    let outer: Option<LineString<f64>> = rings.next();
    let outer = outer.ok_or_else(|| Problem::Geometry("a polygon without a ring".to_owned()))?;
    Ok(Polygon::new(outer, rings.collect()))
}
