//! One feature of a GeoJSON file: its id, its properties and its polygon.

use std::path::{Path, PathBuf};

use geo::{Coord, LineString, MultiPolygon, Polygon};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// One feature of a file, with what its errors say.
pub(super) struct Feature {
    path: PathBuf,
    /// Counted from 1.
    number: usize,
    members: Map<String, Value>,
}

impl Feature {
    pub(super) fn new(path: &Path, number: usize, value: Value) -> Result<Self> {
        let (members, what) = match value {
            Value::Object(members) => (members, None),
            other => (Map::new(), Some(kind(&other))),
        };
        let feature = Self {
            path: path.to_path_buf(),
            number,
            members,
        };
        match (what, feature.member("type")) {
            (Some(what), _) => Err(feature.fault(&format!("a Feature is expected, not {what}"))),
            (None, Value::String(t)) if t == "Feature" => Ok(feature),
            (None, t) => Err(feature.fault(&format!("its type is {t}, not \"Feature\""))),
        }
    }

    pub(super) fn member(&self, name: &str) -> &Value {
        self.members.get(name).unwrap_or(&Value::Null)
    }

    pub(super) fn properties(&self) -> Option<&Map<String, Value>> {
        self.member("properties").as_object()
    }

    pub(super) fn property(&self, name: &str) -> &Value {
        let property = self.properties().and_then(|p| p.get(name));
        property.unwrap_or(&Value::Null)
    }

    pub(super) fn fault(&self, problem: &str) -> Error {
        Error::Feature {
            path: self.path.clone(),
            feature: self.number,
            id: id_text(self.member("id")),
            problem: problem.to_owned(),
        }
    }

    pub(super) fn id(&self, value: &Value, of: &str) -> Result<String> {
        id_text(value).ok_or_else(|| match value {
            Value::Null => self.fault(&format!("it has no `{of}`")),
            other => self.fault(&format!("`{of}` is {other}, neither a text nor an integer")),
        })
    }

    pub(super) fn polygon(mut self, unit: &str) -> Result<MultiPolygon<f64>> {
        let fault = |feature: &Self, problem: &str| -> Error {
            let mut error = feature.fault(problem);
            if let Error::Feature { id, .. } = &mut error {
                *id = Some(unit.to_owned());
            }
            error
        };
        let Some(Value::Object(mut geometry)) = self.members.remove("geometry") else {
            return Err(fault(
                &self,
                "it has no geometry; leave it out, or give it a polygon",
            ));
        };
        let coordinates = geometry.remove("coordinates").unwrap_or(Value::Null);
        let read = match geometry.get("type").and_then(Value::as_str) {
            Some("Polygon") => polygon(&coordinates).map(|p| MultiPolygon(vec![p])),
            Some("MultiPolygon") => {
                let parts = array(&coordinates, "its coordinates");
                let parts = parts.and_then(|parts| parts.iter().map(polygon).collect());
                parts.map(MultiPolygon)
            }
            Some(other) => {
                let problem =
                    format!("its geometry is a {other}; a Polygon or MultiPolygon is needed");
                return Err(fault(&self, &problem));
            }
            None => return Err(fault(&self, "its geometry has no type")),
        };
        read.map_err(|problem| match problem {
            Problem::Structure(problem) => fault(&self, &problem),
            Problem::Geometry(problem) => Error::InvalidGeometry {
                unit: unit.to_owned(),
                problem,
            },
        })
    }
}

/// The id that a member or a property holds.
fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim())
            .filter(|t| !t.is_empty())
            .map(str::to_owned),
        Value::Number(number) if number.is_f64() => {
            let value = number
                .as_f64()
                .filter(|v| v.fract() == 0.0 && v.abs() < 1e15)?;
            Some(format!("{value:.0}"))
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Coordinates that are none, or that make no polygon.
enum Problem {
    Structure(String),
    Geometry(String),
}

fn array<'a>(value: &'a Value, what: &str) -> Result<&'a Vec<Value>, Problem> {
    let fault = || Problem::Structure(format!("{what} are {}, not an array", kind(value)));
    value.as_array().ok_or_else(fault)
}

fn polygon(value: &Value) -> Result<Polygon<f64>, Problem> {
    let rings = array(value, "the coordinates of a polygon")?;
    let mut rings = rings.iter().map(ring);
    let outer = rings
        .next()
        .ok_or_else(|| Problem::Geometry("a polygon without a ring".to_owned()))??;
    Ok(Polygon::new(outer, rings.collect::<Result<_, _>>()?))
}

fn ring(value: &Value) -> Result<LineString<f64>, Problem> {
    let positions = array(value, "the coordinates of a ring")?;
    let coords: Vec<Coord<f64>> = positions.iter().map(position).collect::<Result<_, _>>()?;
    match (coords.first(), coords.last()) {
        (Some(first), Some(last)) if first != last => Err(Problem::Geometry(format!(
            "a ring is not closed: it starts at ({}, {}) and ends at ({}, {})",
            first.x, first.y, last.x, last.y
        ))),
        _ if coords.len() < 4 => Err(Problem::Geometry(format!(
            "a ring has {} coordinates, and four at least are needed (the last one being the first)",
            coords.len()
        ))),
        _ => Ok(LineString(coords)),
    }
}

fn position(value: &Value) -> Result<Coord<f64>, Problem> {
    let number = |k: usize| value.get(k).and_then(Value::as_f64);
    if let (Some(x), Some(y)) = (number(0), number(1)) {
        return Ok(Coord { x, y });
    }
    let mut text = value.to_string();
    if text.chars().count() > 60 {
        text = text.chars().take(60).chain(['…']).collect();
    }
    let problem = format!("{text} is not a position, which is an array of two numbers");
    Err(Problem::Structure(problem))
}

/// What a JSON value is, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
