//! `RegionsReader`: a GeoJSON FeatureCollection of polygons.

use std::collections::HashMap;
use std::path::Path;

use geo::MultiPolygon;
use serde_json::Value;

use super::feature::{Feature, kind};
use super::{Dropped, Source, distinct, none_missing, strings};
use crate::data::{Coordinates, Regions, Table, Units};
use crate::error::{Cell, Error, Result};

/// Reads [`Regions`] from GeoJSON; made by [`Regions::geojson`] or [`Regions::geojson_text`].
#[derive(Debug, Clone)]
#[must_use = "nothing is read before `read` or `read_complete`"]
pub struct RegionsReader {
    source: Source,
    unit: Option<String>,
    columns: Vec<String>,
    labels: Vec<String>,
    coordinates: Coordinates,
}

impl Regions {
    /// Reads a GeoJSON file in longitude and latitude; `Regions::geojson(path).read()`.
    ///
    /// The ids of the units are the `id` members of the features where every feature has one; otherwise the units are
    /// `0..n`, in the order of the features.
    ///
    /// # Errors
    ///
    /// Those of [`RegionsReader::read`].
    #[doc(alias = "st_read")]
    #[doc(alias = "read_file")]
    pub fn from_geojson(path: impl AsRef<Path>) -> Result<Self> {
        Self::geojson(path).read()
    }

    /// A reader of a GeoJSON file: a FeatureCollection of polygons and multipolygons.
    ///
    /// Coordinates are longitudes and latitudes in degrees (WGS 84), as the standard prescribes, unless
    /// [`planar`](RegionsReader::planar) says otherwise. The `crs` member of old GeoJSON is not interpreted; projected coordinates that
    /// are not said to be planar are found out by their range. A third coordinate is passed over.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Regions;
    /// let text = r#"{"type": "FeatureCollection", "features": [
    ///     {"type": "Feature", "properties": {"code": 1, "name": "left", "pop": 7},
    ///      "geometry": {"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,2],[0,2],[0,0]]]}},
    ///     {"type": "Feature", "properties": {"code": 2, "name": "right", "pop": 9},
    ///      "geometry": {"type": "Polygon", "coordinates": [[[1,0],[4,0],[4,2],[1,2],[1,0]]]}}]}"#;
    /// let regions = Regions::geojson_text(text)
    ///     .unit("code")
    ///     .columns(["pop"])
    ///     .labels(["name"])
    ///     .planar()
    ///     .read()?;
    /// assert_eq!(regions.areas()[1], 6.0);
    /// assert_eq!(regions.attributes().values("pop")?[0], 7.0);
    /// assert_eq!(regions.units().position("2"), Some(1));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Butler et al. (2016), The GeoJSON Format, RFC 7946.
    pub fn geojson(path: impl AsRef<Path>) -> RegionsReader {
        RegionsReader::new(Source::file(path))
    }

    /// A reader of GeoJSON text, as [`geojson`](Self::geojson); errors name it `<text>`.
    pub fn geojson_text(text: impl Into<String>) -> RegionsReader {
        RegionsReader::new(Source::text(text))
    }
}

impl RegionsReader {
    fn new(source: Source) -> Self {
        Self {
            source,
            unit: None,
            columns: Vec::new(),
            labels: Vec::new(),
            coordinates: Coordinates::LonLat,
        }
    }

    /// The property that holds the ids of the units: texts, or integers (`440100.0` is read as `440100`).
    ///
    /// By default the `id` members of the features where every feature has one, otherwise `0..n`.
    pub fn unit(mut self, property: impl Into<String>) -> Self {
        self.unit = Some(property.into());
        self
    }

    /// The properties to read as numeric columns; none by default.
    pub fn columns<S: Into<String>>(mut self, properties: impl IntoIterator<Item = S>) -> Self {
        self.columns = strings(properties);
        self
    }

    /// The properties to read as labels (texts; numbers and truth values as they stand); none by default.
    pub fn labels<S: Into<String>>(mut self, properties: impl IntoIterator<Item = S>) -> Self {
        self.labels = strings(properties);
        self
    }

    /// Takes the coordinates as those of a plane, not as longitudes and latitudes.
    pub fn planar(mut self) -> Self {
        self.coordinates = Coordinates::Planar;
        self
    }

    /// Reads the regions, of which every named property has to be there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Syntax`], with line and column (not JSON, no FeatureCollection, no feature);
    /// [`Error::Feature`] (no geometry, a point or a line, a coordinate or a property of the wrong type, no id);
    /// [`Error::DuplicateUnit`], with both features; [`Error::UnknownColumn`] (a property that no feature has);
    /// [`Error::DuplicateColumn`] (named twice); [`Error::Missing`] (a property that is absent or null);
    /// [`Error::InvalidGeometry`] and [`Error::CoordinateOutOfRange`], with the unit.
    pub fn read(self) -> Result<Regions> {
        let features = Features::read(&self)?;
        none_missing(&features.missing)?;
        let all = vec![true; features.ids.len()];
        Ok(features.regions(&self, &all)?.0)
    }

    /// Reads the regions without those that lack a named property, and tells which ones these are.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); [`Error::Missing`] only where no region is complete.
    pub fn read_complete(self) -> Result<(Regions, Dropped)> {
        let features = Features::read(&self)?;
        let mut keep = vec![true; features.ids.len()];
        for (unit, _) in &features.missing {
            keep[*unit] = false;
        }
        if !keep.contains(&true) {
            none_missing(&features.missing)?;
        }
        features.regions(&self, &keep)
    }
}

/// The features of a file as they stand, with NaN where a property is missing.
struct Features {
    named: bool,
    ids: Vec<String>,
    polygons: Vec<MultiPolygon<f64>>,
    values: Vec<Vec<f64>>,
    labels: Vec<Vec<String>>,
    missing: Vec<(usize, Cell)>,
}

impl Features {
    fn read(reader: &RegionsReader) -> Result<Self> {
        distinct(reader.columns.iter().chain(&reader.labels))?;
        let path = reader.source.path();
        let features = collection(reader, &path)?
            .into_iter()
            .enumerate()
            .map(|(k, value)| Feature::new(&path, k + 1, value))
            .collect::<Result<Vec<_>>>()?;
        for name in (reader.unit.iter())
            .chain(&reader.columns)
            .chain(&reader.labels)
        {
            known(name, &features)?;
        }
        let named = reader.unit.is_some() || features.iter().all(|f| !f.member("id").is_null());
        let ids = features
            .iter()
            .enumerate()
            .map(|(k, feature)| match &reader.unit {
                Some(property) => feature.id(feature.property(property), property),
                None if named => feature.id(feature.member("id"), "id"),
                None => Ok(k.to_string()),
            })
            .collect::<Result<Vec<_>>>()?;
        unique(&ids)?;
        let mut all = Self {
            named,
            polygons: Vec::with_capacity(ids.len()),
            values: vec![Vec::new(); reader.columns.len()],
            labels: vec![Vec::new(); reader.labels.len()],
            missing: Vec::new(),
            ids,
        };
        for (k, feature) in features.into_iter().enumerate() {
            let id = all.ids[k].clone();
            for (name, values) in reader.columns.iter().zip(&mut all.values) {
                values.push(match feature.property(name) {
                    Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
                    Value::Null => {
                        all.missing.push((k, Cell::new(id.as_str(), None, name)));
                        f64::NAN
                    }
                    other => {
                        let problem = format!("property `{name}` is {other}, not a number");
                        return Err(feature.fault(&problem));
                    }
                });
            }
            for (name, labels) in reader.labels.iter().zip(&mut all.labels) {
                let label = match feature.property(name) {
                    Value::Null => String::new(),
                    Value::String(text) => text.trim().to_owned(),
                    other @ (Value::Number(_) | Value::Bool(_)) => other.to_string(),
                    _ => return Err(feature.fault(&format!("property `{name}` is no label"))),
                };
                if label.is_empty() {
                    all.missing.push((k, Cell::new(id.as_str(), None, name)));
                }
                labels.push(label);
            }
            all.polygons.push(feature.polygon(&id)?);
        }
        Ok(all)
    }

    fn regions(self, reader: &RegionsReader, keep: &[bool]) -> Result<(Regions, Dropped)> {
        let Self {
            named,
            ids,
            polygons,
            values,
            labels,
            missing,
        } = self;
        let units = if named || keep.contains(&false) {
            Units::new(kept(ids.clone(), keep))?
        } else {
            Units::range(ids.len())
        };
        let mut table = Table::over(&units);
        for (name, values) in reader.columns.iter().zip(values) {
            table = table.column(name, kept(values, keep).collect::<Vec<_>>())?;
        }
        for (name, labels) in reader.labels.iter().zip(labels) {
            table = table.label(name, kept(labels, keep))?;
        }
        let polygons = kept(polygons, keep).collect();
        let regions = Regions::new(reader.coordinates, polygons, table)?;
        let name = |i: usize| ids.get(i).cloned().unwrap_or_default();
        Ok((regions, Dropped::new(ids.len(), missing, Vec::new(), name)))
    }
}

fn kept<T>(items: Vec<T>, keep: &[bool]) -> impl Iterator<Item = T> {
    let marked = items.into_iter().zip(keep).filter(|(_, k)| **k);
    marked.map(|(item, _)| item)
}

/// The features of the collection that a file holds.
fn collection(reader: &RegionsReader, path: &Path) -> Result<Vec<Value>> {
    let syntax = |line: usize, column: usize, problem: String| Error::Syntax {
        path: path.to_path_buf(),
        format: "GeoJSON",
        line: line.max(1) as u64,
        column: column.max(1) as u64,
        problem,
    };
    let bytes = reader.source.clone().bytes("GeoJSON")?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(syntax(1, 1, "the file is empty".to_owned()));
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|e| {
        let text = e.to_string();
        let problem = text.split(" at line ").next().unwrap_or_default();
        let early = if e.is_eof() {
            "the file ends early: "
        } else {
            ""
        };
        syntax(e.line(), e.column(), format!("{early}{problem}"))
    })?;
    let unfit = |what: String| syntax(1, 1, format!("a FeatureCollection is expected, not {what}"));
    let Value::Object(mut object) = value else {
        return Err(unfit(kind(&value).to_owned()));
    };
    match object.get("type") {
        Some(Value::String(t)) if t == "FeatureCollection" => {}
        Some(Value::String(t)) => return Err(unfit(format!("a `{t}`"))),
        _ => return Err(unfit("an object without a `type`".to_owned())),
    }
    match object.remove("features") {
        Some(Value::Array(features)) if features.is_empty() => Err(syntax(
            1,
            1,
            "the FeatureCollection has no feature".to_owned(),
        )),
        Some(Value::Array(features)) => Ok(features),
        _ => Err(syntax(
            1,
            1,
            "the FeatureCollection has no array `features`".to_owned(),
        )),
    }
}

/// Nothing where a feature has the property; otherwise the properties that exist.
fn known(name: &str, features: &[Feature]) -> Result<()> {
    let mut available: Vec<String> = Vec::new();
    for properties in features.iter().filter_map(Feature::properties) {
        if properties.contains_key(name) {
            return Ok(());
        }
        let new = properties.keys().filter(|k| !available.contains(k));
        available.extend(new.cloned().collect::<Vec<_>>());
    }
    Err(Error::UnknownColumn {
        name: name.to_owned(),
        available,
    })
}

fn unique(ids: &[String]) -> Result<()> {
    let mut seen = HashMap::new();
    for (k, id) in ids.iter().enumerate() {
        if let Some(first) = seen.insert(id, k) {
            return Err(Error::DuplicateUnit {
                unit: id.clone(),
                period: None,
                first: format!("feature {}", first + 1),
                second: format!("feature {}", k + 1),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str = "[[[0,0],[1,0],[1,1],[0,1],[0,0]]]";

    fn collection(features: &[String]) -> String {
        let features = features.join(",\n");
        format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{features}]}}")
    }

    fn feature(members: &str, properties: &str, kind: &str, coordinates: &str) -> String {
        format!(
            "{{\"type\":\"Feature\",{members}\"properties\":{properties},\
             \"geometry\":{{\"type\":\"{kind}\",\"coordinates\":{coordinates}}}}}"
        )
    }

    fn square(members: &str, properties: &str) -> String {
        feature(members, properties, "Polygon", SQUARE)
    }

    fn read(text: &str) -> Result<Regions> {
        Regions::geojson_text(text).read()
    }

    #[test]
    fn ids_are_members_or_positions_or_a_property() {
        let with = |a: &str, b: &str| {
            collection(&[square(a, "{\"c\":440100.0}"), square(b, "{\"c\":\" x \"}")])
        };
        let ids = |regions: Regions| regions.units().clone();
        let members = read(&with("\"id\":7,", "\"id\":\"b\",")).unwrap();
        assert_eq!(ids(members), Units::new(["7", "b"]).unwrap());
        let some = with("\"id\":7,", "");
        assert_eq!(ids(read(&some).unwrap()), Units::range(2));
        let property = Regions::geojson_text(&*some).unit("c").read().unwrap();
        assert_eq!(ids(property), Units::new(["440100", "x"]).unwrap());
        let Err(Error::DuplicateUnit { first, second, .. }) =
            read(&with("\"id\":7,", "\"id\":\"7\","))
        else {
            panic!("another result")
        };
        assert_eq!(
            (first.as_str(), second.as_str()),
            ("feature 1", "feature 2")
        );
        let fraction = collection(&[square("", "{\"c\":1.5}")]);
        let fraction = Regions::geojson_text(fraction).unit("c").read();
        assert!(matches!(fraction, Err(Error::Feature { feature: 1, .. })));
    }

    #[test]
    fn files_that_are_no_collection_are_syntax_errors() {
        let valid = collection(&[square("", "null")]);
        for (text, line, part) in [
            ("", 1, "empty"),
            (" \n", 1, "empty"),
            ("[1]", 1, "an array"),
            ("{}", 1, "without a `type`"),
            ("{\"type\":\"Topology\"}", 1, "`Topology`"),
            ("{\"type\":\"FeatureCollection\"}", 1, "no array"),
            (
                "{\"type\":\"FeatureCollection\",\"features\":[]}",
                1,
                "no feature",
            ),
            (
                "{\"type\":\n\"FeatureCollection\",\n\"features\" []}",
                3,
                "expected `:`",
            ),
            (&valid[..valid.len() - 30], 2, "ends early"),
        ] {
            let Err(Error::Syntax {
                line: l, problem, ..
            }) = read(text)
            else {
                panic!("another result for {text}")
            };
            assert_eq!(l, line, "{problem}");
            assert!(problem.contains(part), "{problem}");
        }
        assert!(read(&format!("\u{feff}{valid}")).is_ok());
    }

    #[test]
    fn features_that_are_no_polygons_are_named() {
        let second = |broken: &str| collection(&[square("\"id\":1,", "{}"), broken.to_owned()]);
        for (broken, part) in [
            (feature("\"id\":9,", "{}", "Point", "[1,2]"), "a Point"),
            (
                feature("\"id\":9,", "{}", "Polygon", "[[[0,0],[1,\"x\"]]]"),
                "[1,\"x\"]",
            ),
            (feature("\"id\":9,", "{}", "Polygon", "7"), "a number"),
            (feature("\"id\":9,", "{}", "MultiPolygon", "null"), "null"),
            (
                "{\"type\":\"Feature\",\"id\":9,\"geometry\":null}".to_owned(),
                "no geometry",
            ),
            ("{\"type\":\"Point\",\"id\":9}".to_owned(), "\"Point\""),
        ] {
            let Err(Error::Feature {
                feature,
                id,
                problem,
                ..
            }) = read(&second(&broken))
            else {
                panic!("another result for {broken}")
            };
            assert_eq!((feature, id.as_deref()), (2, Some("9")));
            assert!(problem.contains(part), "{problem}");
        }
        assert!(matches!(
            read(&second("7")),
            Err(Error::Feature { feature: 2, .. })
        ));
    }

    #[test]
    fn rings_are_closed_and_in_range() {
        let one = |kind: &str, coordinates: &str| {
            read(&collection(&[feature(
                "\"id\":\"u\",",
                "{}",
                kind,
                coordinates,
            )]))
        };
        for (kind, coordinates) in [
            ("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]"),
            ("Polygon", "[[[0,0],[1,0],[0,0]]]"),
            ("Polygon", "[[]]"),
            ("Polygon", "[]"),
            ("MultiPolygon", "[]"),
            ("Polygon", "[[[0,0],[1,1],[1,0],[0,1],[0,0]]]"),
        ] {
            let Err(Error::InvalidGeometry { unit, .. }) = one(kind, coordinates) else {
                panic!("another result for {coordinates}")
            };
            assert_eq!(unit, "u");
        }
        let projected = "[[[500000,0],[500001,0],[500001,1],[500000,0]]]";
        assert!(matches!(
            one("Polygon", projected),
            Err(Error::CoordinateOutOfRange { .. })
        ));
        let text = collection(&[feature("", "{}", "Polygon", projected)]);
        let planar = Regions::geojson_text(text).planar().read().unwrap();
        assert!((planar.areas()[0] - 0.5).abs() < 1e-12);
        let solid = "[[[[0,0,5],[1,0,5],[1,1,5],[0,0,6]]]]";
        assert_eq!(one("MultiPolygon", solid).unwrap().polygons()[0].0.len(), 1);
    }

    #[test]
    fn properties_are_numbers_and_labels() {
        let text = collection(&[
            square(
                "\"id\":\"a\",",
                "{\"pop\":27.31,\"name\":\"广州\",\"zone\":3}",
            ),
            square(
                "\"id\":\"b\",",
                "{\"pop\":null,\"name\":\"深圳\",\"zone\":4}",
            ),
            square("\"id\":\"c\",", "{\"pop\":2,\"zone\":\"5\"}"),
        ]);
        let reader = Regions::geojson_text(text);
        let labels = reader.clone().labels(["zone"]).read().unwrap();
        assert_eq!(labels.attributes().labels("zone").unwrap(), ["3", "4", "5"]);
        let named = reader.clone().columns(["pop"]).labels(["name"]);
        let Err(Error::Missing { cells, total: 2 }) = named.clone().read() else {
            panic!("another result")
        };
        assert_eq!(cells[0], Cell::new("b", None, "pop"));
        assert_eq!(cells[1], Cell::new("c", None, "name"));
        let (regions, dropped) = named.read_complete().unwrap();
        assert_eq!(
            regions.attributes().values("pop").unwrap().to_vec(),
            [27.31]
        );
        assert_eq!(regions.attributes().labels("name").unwrap(), ["广州"]);
        assert_eq!(dropped.units(), ["b", "c"]);
        let text_in_column = reader.clone().columns(["zone"]).read();
        assert!(matches!(
            text_in_column,
            Err(Error::Feature { feature: 3, .. })
        ));
        let Err(Error::UnknownColumn { available, .. }) = reader.clone().columns(["gdp"]).read()
        else {
            panic!("another result")
        };
        assert_eq!(available.len(), 3);
        let twice = reader.columns(["pop"]).labels(["pop"]).read();
        assert!(matches!(twice, Err(Error::DuplicateColumn { .. })));
    }
}
