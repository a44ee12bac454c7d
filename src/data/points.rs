//! `Points`: one coordinate pair per unit, with the kind of coordinate that decides the metric.

use super::units::Units;
use crate::error::{Error, Result};

/// The kind of coordinates, which decides what a distance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Coordinates {
    /// Longitude and latitude in degrees; distances are great-circle ones, in kilometres.
    LonLat,
    /// Coordinates of a plane; distances are Euclidean, in the unit of the coordinates.
    Planar,
}

impl Coordinates {
    /// Whether a pair is finite and, for longitude and latitude, in its range.
    pub(crate) fn contains(self, x: f64, y: f64) -> bool {
        match self {
            Self::LonLat => x.abs() <= 180.0 && y.abs() <= 90.0,
            Self::Planar => x.is_finite() && y.is_finite(),
        }
    }
}

/// One point per unit.
///
/// There is no default metric: [`Points::lon_lat`] measures great-circle distances in kilometres on the sphere of radius
/// 6371.0088 km, [`Points::planar`] Euclidean distances in the unit of the coordinates.
#[derive(Debug, Clone)]
pub struct Points {
    units: Units,
    coordinates: Coordinates,
    xy: Vec<[f64; 2]>,
}

/// Mean radius of the earth in kilometres (IUGG).
pub(crate) const EARTH_RADIUS_KM: f64 = 6371.0088;

/// The point of the unit sphere at a longitude and a latitude in degrees.
pub(super) fn unit_vector([lon, lat]: [f64; 2]) -> [f64; 3] {
    let (lon, lat) = (lon.to_radians(), lat.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

impl Points {
    /// Points from (longitude, latitude) in degrees, over the units `0..n`; other ids by [`relabelled`](Self::relabelled).
    ///
    /// # Errors
    ///
    /// [`Error::CoordinateOutOfRange`].
    pub fn lon_lat(points: impl IntoIterator<Item = (f64, f64)>) -> Result<Self> {
        Self::new(Coordinates::LonLat, None, points)
    }

    /// Points of a plane, over the units `0..n`; other ids by [`relabelled`](Self::relabelled).
    ///
    /// # Errors
    ///
    /// [`Error::CoordinateOutOfRange`] where a coordinate is not finite.
    pub fn planar(points: impl IntoIterator<Item = (f64, f64)>) -> Result<Self> {
        Self::new(Coordinates::Planar, None, points)
    }

    /// The same points with other ids for their units, by position.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`].
    pub fn relabelled(&self, units: &Units) -> Result<Self> {
        self.units.check_relabel(units, "the points")?;
        Ok(Self {
            units: units.clone(),
            ..self.clone()
        })
    }

    pub(crate) fn new(
        coordinates: Coordinates,
        units: Option<Units>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Result<Self> {
        let xy: Vec<[f64; 2]> = points.into_iter().map(|(x, y)| [x, y]).collect();
        let units = units.unwrap_or_else(|| Units::range(xy.len()));
        for (i, &[x, y]) in xy.iter().enumerate() {
            if !coordinates.contains(x, y) {
                return Err(Error::CoordinateOutOfRange {
                    unit: units.name(i),
                    x,
                    y,
                });
            }
        }
        Ok(Self {
            units,
            coordinates,
            xy,
        })
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// Number of points.
    #[must_use]
    pub fn len(&self) -> usize {
        self.xy.len()
    }

    /// Whether there is no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.xy.is_empty()
    }

    /// The kind of coordinates.
    #[must_use]
    pub fn coordinates(&self) -> Coordinates {
        self.coordinates
    }

    /// Distance between the points at two positions; `None` beyond the end.
    ///
    /// Euclidean on a plane, in the unit of the coordinates. For longitude and latitude along the great circle,
    /// 2 R asin √(sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2)) with R = 6371.0088, in kilometres.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::Points;
    /// let seats = Points::lon_lat([(113.25, 23.11667), (113.58333, 24.8)])?;
    /// let d = seats.distance(0, 1).unwrap_or(f64::NAN);
    /// assert!((d - 190.2176).abs() < 5e-5);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[must_use]
    pub fn distance(&self, i: usize, j: usize) -> Option<f64> {
        let (&[x1, y1], &[x2, y2]) = (self.xy.get(i)?, self.xy.get(j)?);
        Some(match self.coordinates {
            Coordinates::Planar => (x1 - x2).hypot(y1 - y2),
            Coordinates::LonLat => {
                let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
                let cosines = y1.to_radians().cos() * y2.to_radians().cos();
                let h = half(y1 - y2) + cosines * half(x1 - x2);
                2.0 * EARTH_RADIUS_KM * h.sqrt().min(1.0).asin()
            }
        })
    }

    /// Longitudes and latitudes as vectors of length one.
    pub(crate) fn unit_vectors(&self) -> Vec<[f64; 3]> {
        self.xy.iter().copied().map(unit_vector).collect()
    }

    /// The coordinate pairs, in the order of the units.
    #[must_use]
    pub fn xy(&self) -> &[[f64; 2]] {
        &self.xy
    }
}
