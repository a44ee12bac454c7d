//! JSON as it is read for GeoJSON: scalars, and coordinates that become rings while they are read, never a tree of values.

use std::fmt;

use geo::{Coord, MultiPolygon, Polygon};
use serde_core::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::layer::{Problem, Property, ring};

/// A visitor to any JSON value, of which the methods given are other than those of a [`Property`].
macro_rules! any {
    ($value:ty, $($method:item)*) => {
        type Value = $value;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }

        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            self.scalar(Property::Flag(value))
        }

        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            self.scalar(Property::Integer(value))
        }

        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            let number = |_| Property::Number(value as f64);
            self.scalar(i64::try_from(value).map_or_else(number, Property::Integer))
        }

        fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
            self.scalar(Property::Number(value))
        }

        fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
            self.scalar(Property::Text(value.to_owned()))
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            self.scalar(Property::Missing)
        }

        $($method)*
    };
}

pub(super) use any;

/// Reads on to the end of an array.
pub(super) fn drain<'de, A: SeqAccess<'de>>(mut array: A) -> Result<(), A::Error> {
    while array.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Reads on to the end of an object.
pub(super) fn drain_map<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

impl<'de> Deserialize<'de> for Property {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl Scalar {
            #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
            fn scalar<E>(self, value: Property) -> Result<Property, E> {
                Ok(value)
            }
        }
        impl<'de> Visitor<'de> for Scalar {
            any! { Property,
                fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Property, A::Error> {
                    drain(array).map(|()| Property::Other("an array"))
                }

                fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Property, A::Error> {
                    drain_map(object).map(|()| Property::Other("an object"))
                }
            }
        }
        json.deserialize_any(Scalar)
    }
}

/// The polygon that a geometry is, or why it is none.
pub(super) struct Geometry(pub(super) Result<MultiPolygon<f64>, Problem>);

pub(super) fn no_geometry() -> Result<MultiPolygon<f64>, Problem> {
    let problem = "it has no geometry; leave it out, or give it a polygon";
    Err(Problem::Structure(problem.to_owned()))
}

impl<'de> Deserialize<'de> for Geometry {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Members;
        impl Members {
            #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
            fn scalar<E>(self, _: Property) -> Result<Geometry, E> {
                Ok(Geometry(no_geometry()))
            }
        }
        impl<'de> Visitor<'de> for Members {
            any! { Geometry,
                fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Geometry, A::Error> {
                    drain(array).map(|()| Geometry(no_geometry()))
                }

                fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Geometry, A::Error> {
                    let mut kind = Property::Missing;
                    let mut node = Node::Scalar(Property::Missing);
                    while let Some(key) = object.next_key::<String>()? {
                        match key.as_str() {
                            "type" => kind = object.next_value()?,
                            "coordinates" => node = object.next_value()?,
                            _ => drop(object.next_value::<IgnoredAny>()?),
                        }
                    }
                    Ok(Geometry(polygons(&kind, node)))
                }
            }
        }
        json.deserialize_any(Members)
    }
}

fn polygons(kind: &Property, node: Node) -> Result<MultiPolygon<f64>, Problem> {
    let Property::Text(kind) = kind else {
        return Err(Problem::Structure("its geometry has no type".to_owned()));
    };
    match kind.as_str() {
        "Polygon" => Ok(MultiPolygon(vec![polygon(node)?])),
        "MultiPolygon" => {
            let parts = node.list("its coordinates")?.into_iter().map(polygon);
            parts.collect::<Result<_, _>>().map(MultiPolygon)
        }
        other => Err(Problem::Structure(format!(
            "its geometry is a {other}; a Polygon or MultiPolygon is needed"
        ))),
    }
}

fn polygon(node: Node) -> Result<Polygon<f64>, Problem> {
    let rings = node.list("the coordinates of a polygon")?;
    let mut rings = rings.into_iter().map(|node| match node {
        Node::Ring(ring) => Ok(ring),
        other => match other.list("the coordinates of a ring")?.into_iter().next() {
            None => ring(Vec::new()),
            Some(inner) => Err(inner.no_position()),
        },
    });
    let outer = rings
        .next()
        .ok_or_else(|| Problem::Geometry("a polygon without a ring".to_owned()))??;
    Ok(Polygon::new(outer, rings.collect::<Result<_, _>>()?))
}

/// Coordinates of a depth that is not known before the type of the geometry is.
enum Node {
    Scalar(Property),
    Position(Coord<f64>),
    /// Positions that make a ring.
    Ring(geo::LineString<f64>),
    /// Rings or lists; nothing stands behind an element that can be part of no polygon.
    List(Vec<Node>),
    Fault(Problem),
}

impl Node {
    fn list(self, what: &str) -> Result<Vec<Self>, Problem> {
        match self {
            Self::List(list) => Ok(list),
            Self::Ring(ring) => Ok(ring.0.into_iter().take(1).map(Self::Position).collect()),
            Self::Fault(problem) => Err(problem),
            Self::Scalar(value) => Err(Problem::Structure(format!(
                "{what} are {}, not an array",
                value.kind()
            ))),
            Self::Position(_) => Err(Problem::Structure(format!(
                "{what} are a position, not an array of positions"
            ))),
        }
    }

    fn no_position(self) -> Problem {
        match self {
            Self::Fault(problem) => problem,
            other => Problem::Structure(format!("{} is not a position, {POSITION}", other.shown())),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Scalar(value) => value.to_string(),
            Self::Position(c) => format!("[{:?},{:?}]", c.x, c.y),
            _ => "an array".to_owned(),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Scalar(Property::Integer(value)) => Some(*value as f64),
            Self::Scalar(Property::Number(value)) => Some(*value),
            _ => None,
        }
    }
}

const POSITION: &str = "which is an array of two numbers";

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Nodes)
    }
}

struct Nodes;

impl Nodes {
    #[allow(clippy::unnecessary_wraps, clippy::unused_self)]
    fn scalar<E>(self, value: Property) -> Result<Node, E> {
        Ok(Node::Scalar(value))
    }
}

impl<'de> Visitor<'de> for Nodes {
    any! { Node,
        fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Node, A::Error> {
            match array.next_element::<Node>()? {
                None => Ok(Node::List(Vec::new())),
                Some(first @ Node::Scalar(_)) => position(first, array),
                Some(Node::Position(first)) => positions(first, array),
                Some(Node::Fault(problem)) => drain(array).map(|()| Node::Fault(problem)),
                Some(first) => list(first, array),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Node, A::Error> {
            drain_map(object).map(|()| Node::Scalar(Property::Other("an object")))
        }
    }
}

fn position<'de, A: SeqAccess<'de>>(first: Node, mut array: A) -> Result<Node, A::Error> {
    let second = array.next_element::<Node>()?;
    drain(array)?;
    if let (Some(x), Some(y)) = (first.number(), second.as_ref().and_then(Node::number)) {
        return Ok(Node::Position(Coord { x, y }));
    }
    let second = second
        .map(|s| format!(",{}", s.shown()))
        .unwrap_or_default();
    let problem = format!("[{}{second}] is not a position, {POSITION}", first.shown());
    Ok(Node::Fault(Problem::Structure(problem)))
}

fn positions<'de, A: SeqAccess<'de>>(first: Coord<f64>, mut array: A) -> Result<Node, A::Error> {
    let mut coords = vec![first];
    while let Some(node) = array.next_element::<Node>()? {
        match node {
            Node::Position(c) => coords.push(c),
            other => return drain(array).map(|()| Node::Fault(other.no_position())),
        }
    }
    Ok(ring(coords).map_or_else(Node::Fault, Node::Ring))
}

fn list<'de, A: SeqAccess<'de>>(first: Node, mut array: A) -> Result<Node, A::Error> {
    let mut list = vec![first];
    loop {
        match list.last() {
            Some(Node::Ring(_)) => {}
            Some(Node::List(inner)) if !inner.is_empty() => {}
            _ => {
                drain(array)?;
                break;
            }
        }
        match array.next_element::<Node>()? {
            Some(Node::Fault(problem)) => return drain(array).map(|()| Node::Fault(problem)),
            Some(node) => list.push(node),
            None => break,
        }
    }
    Ok(Node::List(list))
}
