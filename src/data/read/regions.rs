//! `RegionsReader`: what is to be read of a map, in whatever format, and the regions made of it.

use std::collections::HashMap;
#[cfg(any(feature = "geopackage", feature = "flatgeobuf"))]
use std::path::PathBuf;

use geo::MultiPolygon;

#[cfg(feature = "flatgeobuf")]
use super::flatgeobuf;
#[cfg(feature = "geopackage")]
use super::geopackage;
use super::layer::{Feature, Layer, Problem, Property};
use super::{Dropped, Source, distinct, geojson, none_missing, shapefile, strings};
use crate::data::{Coordinates, Regions, Table, Units};
use crate::error::{Cell, Error, Result};

/// Reads [`Regions`] from a map; made by [`Regions::geojson`], [`Regions::shapefile`] and their like.
#[derive(Debug, Clone)]
#[must_use = "nothing is read before `read` or `read_complete`"]
pub struct RegionsReader {
    format: Format,
    unit: Option<String>,
    columns: Vec<String>,
    labels: Vec<String>,
    coordinates: Option<Coordinates>,
    encoding: Option<String>,
    layer_name: Option<String>,
}

/// The format of a map, with the place of its files.
#[derive(Debug, Clone)]
pub(super) enum Format {
    GeoJson(Source),
    Shapefile(shapefile::Files),
    #[cfg(feature = "flatgeobuf")]
    FlatGeobuf(PathBuf),
    #[cfg(feature = "geopackage")]
    GeoPackage(PathBuf),
}

impl RegionsReader {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            unit: None,
            columns: Vec::new(),
            labels: Vec::new(),
            coordinates: None,
            encoding: None,
            layer_name: None,
        }
    }

    /// The property that holds the ids of the units: texts, or integers (`440100.0` is read as `440100`).
    ///
    /// By default the `id` members of the features of GeoJSON where every feature has one, otherwise `0..n`.
    pub fn unit(mut self, property: impl Into<String>) -> Self {
        self.unit = Some(property.into());
        self
    }

    /// The properties to read as numeric columns; none by default.
    pub fn columns<S: Into<String>>(mut self, properties: impl IntoIterator<Item = S>) -> Self {
        self.columns = strings(properties);
        self
    }

    /// The properties to read as labels (texts; numbers, dates and truth values as they stand); none by default.
    pub fn labels<S: Into<String>>(mut self, properties: impl IntoIterator<Item = S>) -> Self {
        self.labels = strings(properties);
        self
    }

    /// Takes the coordinates as those of a plane, not as longitudes and latitudes.
    ///
    /// It is followed whatever the file says: degrees taken as a plane are what libpysal and GeoDa compute with.
    pub fn planar(mut self) -> Self {
        self.coordinates = Some(Coordinates::Planar);
        self
    }

    /// Takes the coordinates as longitudes and latitudes in degrees; needed where the file does not say it.
    pub fn lon_lat(mut self) -> Self {
        self.coordinates = Some(Coordinates::LonLat);
        self
    }

    /// The encoding of the texts of a shapefile, by its name (`"GBK"`, `"windows-1252"`), over what the files say.
    pub fn encoding(mut self, name: impl Into<String>) -> Self {
        self.encoding = Some(name.into());
        self
    }

    /// The layer of a GeoPackage, where it has several.
    pub fn layer(mut self, name: impl Into<String>) -> Self {
        self.layer_name = Some(name.into());
        self
    }

    /// Reads the regions, of which every named property has to be there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Syntax`], with line and column (not JSON, no FeatureCollection, no feature), and
    /// [`Error::Binary`], with the position in the file; [`Error::InvalidOption`] (a file that does not say what its
    /// coordinates are, or says that they are not longitudes and latitudes; an unknown encoding);
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

    fn features(&self, asked: &[String]) -> Result<Layer> {
        let unfit = |option, value: &str, expected| Error::InvalidOption {
            option,
            value: format!("{value:?}"),
            expected,
        };
        if let Some(name) = &self.encoding
            && !matches!(self.format, Format::Shapefile(_))
        {
            let expected = "nothing: texts of other formats than shapefiles are in UTF-8";
            return Err(unfit("encoding", name, expected));
        }
        match (&self.format, self.layer_name.as_deref()) {
            #[cfg(feature = "geopackage")]
            (Format::GeoPackage(path), name) => geopackage::layer(path, name, asked),
            (_, Some(name)) => Err(unfit(
                "layer",
                name,
                "nothing: only a GeoPackage has layers",
            )),
            #[cfg(feature = "flatgeobuf")]
            (Format::FlatGeobuf(path), None) => flatgeobuf::layer(path, asked),
            (Format::GeoJson(source), None) => geojson::layer(source, asked),
            (Format::Shapefile(files), None) => {
                shapefile::layer(files, self.encoding.as_deref(), asked)
            }
        }
    }

    /// The kind of the coordinates, from what is said here and what the file says.
    fn kind(&self, layer: &Layer) -> Result<Coordinates> {
        match (self.coordinates, &layer.coordinates) {
            (Some(Coordinates::LonLat), Ok(Coordinates::Planar)) => Err(Error::InvalidOption {
                option: "lon_lat",
                value: format!(
                    "said of {}, whose coordinates are projected",
                    layer.path.display()
                ),
                expected: "`planar()`, or nothing, since the file says it",
            }),
            (Some(said), _) => Ok(said),
            (None, Ok(found)) => Ok(*found),
            (None, Err(why)) => Err(Error::InvalidOption {
                option: "coordinates",
                value: format!("unknown for {}: {why}", layer.path.display()),
                expected: "`lon_lat()` of the reader for longitudes and latitudes in degrees, `planar()` for others",
            }),
        }
    }
}

/// The features of a map as they stand, with NaN where a property is missing.
struct Features {
    named: bool,
    ids: Vec<String>,
    coordinates: Coordinates,
    polygons: Vec<MultiPolygon<f64>>,
    values: Vec<Vec<f64>>,
    labels: Vec<Vec<String>>,
    missing: Vec<(usize, Cell)>,
}

impl Features {
    fn read(reader: &RegionsReader) -> Result<Self> {
        distinct(reader.columns.iter().chain(&reader.labels))?;
        let mut asked: Vec<String> = Vec::new();
        let named = reader.unit.iter().chain(&reader.columns);
        for name in named.chain(&reader.labels) {
            if !asked.contains(name) {
                asked.push(name.clone());
            }
        }
        let mut layer = reader.features(&asked)?;
        if let Some(name) = asked.iter().find(|name| !layer.fields.contains(name)) {
            return Err(Error::UnknownColumn {
                name: name.clone(),
                available: layer.fields,
            });
        }
        let position = |name: &String| asked.iter().position(|a| a == name).unwrap_or_default();
        let coordinates = reader.kind(&layer)?;
        let of_format = layer.features.iter().all(|f| f.id != Property::Missing);
        let named = reader.unit.is_some() || of_format;
        let ids = (layer.features.iter().enumerate())
            .map(|(k, feature)| match &reader.unit {
                Some(name) => id(&layer, feature, feature.values.get(position(name)), name),
                None if named => id(&layer, feature, Some(&feature.id), "id"),
                None => Ok(k.to_string()),
            })
            .collect::<Result<Vec<_>>>()?;
        unique(&ids, &layer)?;
        let positions = |names: &[String]| names.iter().map(position).collect::<Vec<_>>();
        let (columns, labels) = (positions(&reader.columns), positions(&reader.labels));
        let mut all = Self {
            named,
            coordinates,
            polygons: Vec::with_capacity(ids.len()),
            values: vec![Vec::new(); columns.len()],
            labels: vec![Vec::new(); labels.len()],
            missing: Vec::new(),
            ids,
        };
        for (k, feature) in std::mem::take(&mut layer.features).into_iter().enumerate() {
            let id = all.ids[k].as_str();
            let fault = |problem: String| layer.fault(&feature, Some(id), problem);
            for ((name, at), values) in reader.columns.iter().zip(&columns).zip(&mut all.values) {
                values.push(match feature.values.get(*at) {
                    Some(Property::Number(value)) if value.is_finite() => *value,
                    Some(Property::Integer(value)) => *value as f64,
                    None | Some(Property::Missing) => {
                        all.missing.push((k, Cell::new(id, None, name)));
                        f64::NAN
                    }
                    Some(Property::Number(value)) => {
                        return Err(Error::NotFinite {
                            cell: Cell::new(id, None, name),
                            value: *value,
                        });
                    }
                    Some(other) => {
                        return Err(fault(format!("property `{name}` is {other}, not a number")));
                    }
                });
            }
            for ((name, at), labels) in reader.labels.iter().zip(&labels).zip(&mut all.labels) {
                let label = match feature.values.get(*at) {
                    None | Some(Property::Missing) => String::new(),
                    Some(Property::Text(text)) => text.trim().to_owned(),
                    Some(Property::Other(what)) => {
                        return Err(fault(format!(
                            "property `{name}` is {what}, which is no label"
                        )));
                    }
                    Some(other) => other.to_string(),
                };
                if label.is_empty() {
                    all.missing.push((k, Cell::new(id, None, name)));
                }
                labels.push(label);
            }
            match feature.polygon {
                Ok(polygon) => all.polygons.push(polygon),
                Err(Problem::Structure(problem)) => {
                    return Err(Error::Feature {
                        path: layer.path,
                        feature: feature.number,
                        id: Some(id.to_owned()),
                        problem,
                    });
                }
                Err(Problem::Geometry(problem)) => {
                    let unit = id.to_owned();
                    return Err(Error::InvalidGeometry { unit, problem });
                }
            }
        }
        Ok(all)
    }

    fn regions(self, reader: &RegionsReader, keep: &[bool]) -> Result<(Regions, Dropped)> {
        let Self {
            named,
            ids,
            coordinates,
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
        let regions = Regions::new(coordinates, polygons, table)?;
        let name = |i: usize| ids.get(i).cloned().unwrap_or_default();
        Ok((regions, Dropped::new(ids.len(), missing, Vec::new(), name)))
    }
}

fn kept<T>(items: Vec<T>, keep: &[bool]) -> impl Iterator<Item = T> {
    let marked = items.into_iter().zip(keep).filter(|(_, k)| **k);
    marked.map(|(item, _)| item)
}

fn id(layer: &Layer, feature: &Feature, value: Option<&Property>, of: &str) -> Result<String> {
    let value = value.unwrap_or(&Property::Missing);
    value.id().ok_or_else(|| {
        let problem = match value {
            Property::Missing => format!("it has no `{of}`"),
            other => format!("`{of}` is {other}, neither a text nor an integer"),
        };
        layer.fault(feature, None, problem)
    })
}

fn unique(ids: &[String], layer: &Layer) -> Result<()> {
    let mut seen = HashMap::new();
    for (id, feature) in ids.iter().zip(&layer.features) {
        if let Some(first) = seen.insert(id, feature.number) {
            return Err(Error::DuplicateUnit {
                unit: id.clone(),
                period: None,
                first: format!("feature {first}"),
                second: format!("feature {}", feature.number),
            });
        }
    }
    Ok(())
}
