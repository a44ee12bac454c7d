//! GeoPackages: the polygons and attributes of a layer, through SQLite.

use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::layer::{Feature, Layer, Problem, Property};
use super::regions::{Format, RegionsReader};
use super::{prj, wkb};
use crate::data::{Coordinates, Regions};
use crate::error::{Error, Result};

impl Regions {
    /// A reader of a GeoPackage; needs the feature `geopackage`.
    ///
    /// [`layer`](RegionsReader::layer) names the layer where the file has several. The units are `0..n` in the order of the
    /// rows, or the ids of a column ([`unit`](RegionsReader::unit)), which may be the key of the table (`fid`). The reference
    /// system of the layer says whether the coordinates are longitudes and latitudes.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use spatialecon::Regions;
    /// let regions = Regions::geopackage("map.gpkg").layer("counties").unit("code").read()?;
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Open Geospatial Consortium (2021), GeoPackage Encoding Standard 1.3.
    #[doc(alias = "st_read")]
    #[doc(alias = "read_file")]
    #[doc(alias = "gpkg")]
    pub fn geopackage(path: impl AsRef<Path>) -> RegionsReader {
        RegionsReader::new(Format::GeoPackage(path.as_ref().to_path_buf()))
    }
}

pub(super) fn layer(path: &PathBuf, name: Option<&str>, asked: &[String]) -> Result<Layer> {
    let bytes = std::fs::File::open(path).and_then(|mut file| {
        let mut start = [0; 16];
        std::io::Read::read_exact(&mut file, &mut start).map(|()| start)
    });
    let broken = |problem: String| Error::Binary {
        path: path.clone(),
        format: "GeoPackage",
        offset: 0,
        problem,
    };
    match bytes {
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            return Err(broken("the file ends inside its header".to_owned()));
        }
        Err(source) => {
            return Err(Error::Io {
                path: path.clone(),
                source,
            });
        }
        Ok(start) if start != *b"SQLite format 3\0" => {
            return Err(broken(
                "it does not begin as one (with `SQLite format 3`)".to_owned(),
            ));
        }
        Ok(_) => {}
    }
    let sql = |e: rusqlite::Error| broken(e.to_string());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sql)?;
    let tables = tables(&connection).map_err(sql)?;
    let table = match (name, tables.as_slice()) {
        (_, []) => return Err(broken("it has no layer of features".to_owned())),
        (None, [one]) => one,
        (name, several) => {
            let found = several.iter().find(|t| Some(t.name.as_str()) == name);
            let names: Vec<&str> = several.iter().map(|t| t.name.as_str()).collect();
            found.ok_or_else(|| Error::InvalidOption {
                option: "layer",
                value: format!(
                    "{} (the layers are: {})",
                    name.unwrap_or("not said"),
                    names.join(", ")
                ),
                expected: "the name of one of the layers, said with `layer` of the reader",
            })?
        }
    };
    let columns = declared(&connection, table).map_err(sql)?;
    let fields: Vec<String> = (columns.iter().map(|(name, _)| name.clone()))
        .filter(|name| *name != table.column)
        .collect();
    // Truth values are integers of a declared type.
    let is_flag = |name: &String| {
        let kind = columns.iter().find(|(column, _)| column == name);
        kind.is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("BOOLEAN"))
    };
    let flags: Vec<bool> = asked.iter().map(is_flag).collect();
    let known: Vec<&String> = asked.iter().filter(|name| fields.contains(name)).collect();
    let mut features = Vec::new();
    if known.len() == asked.len() {
        let columns = [&table.column].into_iter().chain(asked).map(|c| quoted(c));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let query = format!("SELECT {columns} FROM {}", quoted(&table.name));
        let mut statement = connection.prepare(&query).map_err(sql)?;
        let mut rows = statement.query([]).map_err(sql)?;
        while let Some(row) = rows.next().map_err(sql)? {
            let value = |(k, flag): (usize, &bool)| match (row.get_ref(k + 1).map_err(sql)?, flag) {
                (ValueRef::Integer(value), true) => Ok(Property::Flag(value != 0)),
                (value, _) => Ok(property(value)),
            };
            features.push(Feature {
                number: features.len() + 1,
                id: Property::Missing,
                values: flags.iter().enumerate().map(value).collect::<Result<_>>()?,
                polygon: match row.get_ref(0).map_err(sql)? {
                    ValueRef::Blob(blob) => wkb::geopackage(blob),
                    ValueRef::Null => Err(Problem::Structure(
                        "it has no geometry; leave it out, or give it a polygon".to_owned(),
                    )),
                    _ => Err(Problem::Structure("its geometry is not binary".to_owned())),
                },
            });
        }
        if features.is_empty() {
            return Err(broken(format!("the layer `{}` has no feature", table.name)));
        }
    }
    let coordinates = coordinates(&connection, table).map_err(sql)?;
    Ok(Layer {
        path: path.clone(),
        coordinates,
        fields,
        features,
    })
}

/// A table of features.
struct Features {
    name: String,
    /// The column of the geometry.
    column: String,
    /// The reference system.
    system: i64,
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<Features>> {
    let query = "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns ORDER BY rowid";
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map([], |row| {
        Ok(Features {
            name: row.get(0)?,
            column: row.get(1)?,
            system: row.get(2)?,
        })
    })?;
    rows.collect()
}

/// The columns of a table, with their declared types.
fn declared(connection: &Connection, table: &Features) -> rusqlite::Result<Vec<(String, String)>> {
    let query = format!("PRAGMA table_info({})", quoted(&table.name));
    let mut statement = connection.prepare(&query)?;
    let rows = statement.query_map([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// A name as SQL quotes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn property(value: ValueRef<'_>) -> Property {
    match value {
        ValueRef::Null => Property::Missing,
        ValueRef::Integer(value) => Property::Integer(value),
        ValueRef::Real(value) => Property::Number(value),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map_or(Property::Other("a text that is not UTF-8"), Property::text),
        ValueRef::Blob(_) => Property::Other("binary"),
    }
}

/// What the reference system of a table says of its coordinates.
fn coordinates(
    connection: &Connection,
    table: &Features,
) -> rusqlite::Result<Result<Coordinates, String>> {
    // The standard's own: an undefined plane, and undefined degrees.
    match table.system {
        -1 => return Ok(Ok(Coordinates::Planar)),
        0 => return Ok(Ok(Coordinates::LonLat)),
        _ => {}
    }
    let query = "SELECT definition, upper(organization), organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?1";
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([table.system])?;
    let Some(row) = rows.next()? else {
        return Ok(Err(format!(
            "its reference system {} is not defined",
            table.system
        )));
    };
    let (definition, organization, code): (String, String, i64) =
        (row.get(0)?, row.get(1)?, row.get(2)?);
    if organization == "EPSG" && code == 4326 {
        return Ok(Ok(Coordinates::LonLat));
    }
    Ok(prj::coordinates(&definition))
}
