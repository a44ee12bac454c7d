//! The features of a map as every format yields them: an id, the properties that are asked for, and a polygon.

use std::fmt;
use std::path::PathBuf;

use geo::{Coord, LineString, MultiPolygon};

use crate::data::Coordinates;
use crate::error::{Error, Result};

/// What a file holds.
pub(super) struct Layer {
    /// The file that errors name.
    pub(super) path: PathBuf,
    /// What the file says of its coordinates, or why it says nothing.
    pub(super) coordinates: Result<Coordinates, String>,
    /// The names of the properties, in the order of the file; of a great many, the first ones and those asked for.
    pub(super) fields: Vec<String>,
    pub(super) features: Vec<Feature>,
}

impl Layer {
    pub(super) fn fault(&self, feature: &Feature, unit: Option<&str>, problem: String) -> Error {
        Error::Feature {
            path: self.path.clone(),
            feature: feature.number,
            id: unit.map(str::to_owned).or_else(|| feature.id.id()),
            problem,
        }
    }
}

/// One feature of a file.
pub(super) struct Feature {
    /// Its position in the file, counted from 1.
    pub(super) number: usize,
    /// The id that the format itself gives it.
    pub(super) id: Property,
    /// The properties that are asked for, in the order in which they are.
    pub(super) values: Vec<Property>,
    pub(super) polygon: Result<MultiPolygon<f64>, Problem>,
}

/// Why a feature has no polygon.
#[derive(Debug, PartialEq)]
pub(super) enum Problem {
    /// The file does not hold one.
    Structure(String),
    /// What it holds is none.
    Geometry(String),
}

/// The value of a property.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Property {
    Missing,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    /// Something that is neither, in words.
    Other(&'static str),
}

impl Property {
    /// A text without the spaces around it, which is missing where nothing else is left.
    pub(super) fn text(text: &str) -> Self {
        match text.trim() {
            "" => Self::Missing,
            text => Self::Text(text.to_owned()),
        }
    }

    /// The id of a unit that it holds: a text, or an integer, which may be written as a decimal number.
    pub(super) fn id(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.trim())
                .filter(|t| !t.is_empty())
                .map(str::to_owned),
            Self::Integer(value) => Some(value.to_string()),
            Self::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Some(format!("{value:.0}"))
            }
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Missing => "null",
            Self::Flag(_) => "a truth value",
            Self::Integer(_) | Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Other(what) => what,
        }
    }
}

/// As it stands in the file; texts in quotes.
impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "null"),
            Self::Flag(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "\"{}\"", shortened(text)),
            Self::Other(what) => write!(f, "{what}"),
        }
    }
}

/// At most 60 characters of a text.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// A ring of coordinates, which has to be closed and to have four of them at least.
pub(super) fn ring(mut coords: Vec<Coord<f64>>) -> Result<LineString<f64>, Problem> {
    match (coords.first(), coords.last()) {
        (Some(first), Some(last)) if first != last => Err(Problem::Geometry(format!(
            "a ring is not closed: it starts at ({}, {}) and ends at ({}, {})",
            first.x, first.y, last.x, last.y
        ))),
        _ if coords.len() < 4 => Err(Problem::Geometry(format!(
            "a ring has {} coordinates, and four at least are needed (the last one being the first)",
            coords.len()
        ))),
        _ => {
            coords.shrink_to_fit();
            Ok(LineString(coords))
        }
    }
}
