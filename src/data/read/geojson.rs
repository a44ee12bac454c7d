//! GeoJSON: the features of a FeatureCollection, read into coordinates as they come.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use serde_core::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Source;
use super::json::{Geometry, any, drain, drain_map, no_geometry};
use super::layer::{Feature, Layer, Property};
use super::regions::{Format, RegionsReader};
use crate::data::{Coordinates, Regions};
use crate::error::{Error, Result};

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
        RegionsReader::new(Format::GeoJson(Source::file(path)))
    }

    /// A reader of GeoJSON text, as [`geojson`](Self::geojson); errors name it `<text>`.
    pub fn geojson_text(text: impl Into<String>) -> RegionsReader {
        RegionsReader::new(Format::GeoJson(Source::text(text)))
    }
}

/// How many names of properties are kept besides those asked for.
const NAMES: usize = 1_000;

/// The features of the collection that a file holds.
pub(super) fn layer(source: &Source, asked: &[String]) -> Result<Layer> {
    let path = source.path();
    let syntax = |line: usize, column: usize, problem: String| Error::Syntax {
        path: path.clone(),
        format: "GeoJSON",
        line: line.max(1) as u64,
        column: column.max(1) as u64,
        problem,
    };
    let bytes = source.clone().bytes("GeoJSON")?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(syntax(1, 1, "the file is empty".to_owned()));
    }
    let mut fields = Fields {
        asked,
        seen: HashSet::new(),
        names: Vec::new(),
    };
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    let parsed = CollectionOf(&mut fields).deserialize(&mut json);
    let parsed = parsed.and_then(|collection| json.end().map(|()| collection));
    let collection = parsed.map_err(|e| {
        let text = e.to_string();
        let problem = text.split(" at line ").next().unwrap_or_default();
        let early = if e.is_eof() {
            "the file ends early: "
        } else {
            ""
        };
        syntax(e.line(), e.column(), format!("{early}{problem}"))
    })?;
    let first = |problem: String| syntax(1, 1, problem);
    let unfit = |what: &str| first(format!("a FeatureCollection is expected, not {what}"));
    let collection = collection.map_err(unfit)?;
    match &collection.kind {
        Property::Text(t) if t == "FeatureCollection" => {}
        Property::Text(t) => return Err(unfit(&format!("a `{t}`"))),
        _ => return Err(unfit("an object without a `type`")),
    }
    match collection.features {
        None => Err(first(
            "the FeatureCollection has no array `features`".to_owned(),
        )),
        Some(Err((number, id, problem))) => Err(Error::Feature {
            path: path.clone(),
            feature: number,
            id,
            problem,
        }),
        Some(Ok(features)) if features.is_empty() => {
            Err(first("the FeatureCollection has no feature".to_owned()))
        }
        Some(Ok(features)) => Ok(Layer {
            path: path.clone(),
            coordinates: Ok(Coordinates::LonLat),
            fields: fields.names,
            features,
        }),
    }
}

/// The names of properties: those asked for, and those there are.
struct Fields<'a> {
    asked: &'a [String],
    seen: HashSet<String>,
    names: Vec<String>,
}

impl Fields<'_> {
    /// Takes note of a name, and says where it stands among those asked for.
    fn met(&mut self, name: &str) -> Option<usize> {
        let asked = self.asked.iter().position(|a| a == name);
        if (asked.is_some() || self.names.len() < NAMES) && !self.seen.contains(name) {
            self.seen.insert(name.to_owned());
            self.names.push(name.to_owned());
        }
        asked
    }
}

/// A collection, or what stands in its place.
struct Collection {
    kind: Property,
    features: Option<Features>,
}

/// The features, or number, id and problem of the first that is none.
type Features = Result<Vec<Feature>, (usize, Option<String>, String)>;

struct CollectionOf<'a, 'b>(&'a mut Fields<'b>);

impl CollectionOf<'_, '_> {
    #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
    fn scalar<E>(self, value: Property) -> Result<Result<Collection, &'static str>, E> {
        Ok(Err(value.kind()))
    }
}

impl<'de> DeserializeSeed<'de> for CollectionOf<'_, '_> {
    type Value = Result<Collection, &'static str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CollectionOf<'_, '_> {
    any! { Result<Collection, &'static str>,
        fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
            drain(array).map(|()| Err("an array"))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
            let mut collection = Collection { kind: Property::Missing, features: None };
            while let Some(key) = object.next_key::<String>()? {
                match key.as_str() {
                    "type" => collection.kind = object.next_value()?,
                    "features" => {
                        collection.features = object.next_value_seed(FeaturesOf(&mut *self.0))?;
                    }
                    _ => drop(object.next_value::<IgnoredAny>()?),
                }
            }
            Ok(Ok(collection))
        }
    }
}

struct FeaturesOf<'a, 'b>(&'a mut Fields<'b>);

impl FeaturesOf<'_, '_> {
    #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
    fn scalar<E>(self, _: Property) -> Result<Option<Features>, E> {
        Ok(None)
    }
}

impl<'de> DeserializeSeed<'de> for FeaturesOf<'_, '_> {
    type Value = Option<Features>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FeaturesOf<'_, '_> {
    any! { Option<Features>,
        fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
            let mut features = Vec::new();
            while let Some(feature) = {
                let number = features.len() + 1;
                array.next_element_seed(FeatureOf { fields: &mut *self.0, number })?
            } {
                match feature {
                    Ok(feature) => features.push(feature),
                    // Nothing behind it matters, as long as it is JSON.
                    Err((id, problem)) => {
                        drain(array)?;
                        return Ok(Some(Err((features.len() + 1, id, problem))));
                    }
                }
            }
            Ok(Some(Ok(features)))
        }

        fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
            drain_map(object).map(|()| None)
        }
    }
}

struct FeatureOf<'a, 'b> {
    fields: &'a mut Fields<'b>,
    number: usize,
}

impl FeatureOf<'_, '_> {
    fn no_feature(what: &str) -> (Option<String>, String) {
        (None, format!("a Feature is expected, not {what}"))
    }

    #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
    fn scalar<E>(self, value: Property) -> Result<<Self as Visitor<'static>>::Value, E> {
        Ok(Err(Self::no_feature(value.kind())))
    }
}

impl<'de> DeserializeSeed<'de> for FeatureOf<'_, '_> {
    type Value = Result<Feature, (Option<String>, String)>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FeatureOf<'_, '_> {
    any! { Result<Feature, (Option<String>, String)>,
        fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
            drain(array).map(|()| Err(Self::no_feature("an array")))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
            let mut kind = Property::Missing;
            let mut feature = Feature {
                number: self.number,
                id: Property::Missing,
                values: vec![Property::Missing; self.fields.asked.len()],
                polygon: no_geometry(),
            };
            while let Some(key) = object.next_key::<String>()? {
                match key.as_str() {
                    "type" => kind = object.next_value()?,
                    "id" => feature.id = object.next_value()?,
                    "properties" => object.next_value_seed(Properties {
                        fields: &mut *self.fields,
                        values: &mut feature.values,
                    })?,
                    "geometry" => feature.polygon = object.next_value::<Geometry>()?.0,
                    _ => drop(object.next_value::<IgnoredAny>()?),
                }
            }
            Ok(match kind {
                Property::Text(t) if t == "Feature" => Ok(feature),
                other => Err((feature.id.id(), format!("its type is {other}, not \"Feature\""))),
            })
        }
    }
}

struct Properties<'a, 'b> {
    fields: &'a mut Fields<'b>,
    values: &'a mut Vec<Property>,
}

impl Properties<'_, '_> {
    #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
    fn scalar<E>(self, _: Property) -> Result<(), E> {
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Properties<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Properties<'_, '_> {
    any! { (),
        fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<(), A::Error> {
            drain(array)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
            while let Some(name) = object.next_key::<String>()? {
                match self.fields.met(&name).and_then(|k| self.values.get_mut(k)) {
                    Some(value) => *value = object.next_value()?,
                    None => drop(object.next_value::<IgnoredAny>()?),
                }
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Units;
    use crate::error::Cell;

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
