//! `Regions`: one polygon per unit.

use geo::MultiPolygon;
use ndarray::Array1;

use super::geometry;
use super::points::{Coordinates, Points};
use super::table::Table;
use super::units::Units;
use crate::error::{Error, Result};

/// One (multi-)polygon per unit, with the attributes that came with it.
///
/// Every ring is closed, has at least four coordinates in range and some area, and crosses neither itself nor another ring
/// of its region; rings may touch. Whether regions overlap each other is not examined.
///
/// # Example
///
/// ```
/// use geo::{MultiPolygon, polygon};
/// use spatialecon::{Coordinates, Regions, Units};
/// let left = polygon![(x: 0., y: 0.), (x: 1., y: 0.), (x: 1., y: 2.), (x: 0., y: 2.)];
/// let right = polygon![(x: 1., y: 0.), (x: 4., y: 0.), (x: 4., y: 2.), (x: 1., y: 2.)];
/// let polygons: Vec<MultiPolygon> = vec![left.into(), right.into()];
/// let regions = Regions::from_polygons(&Units::new(["l", "r"])?, Coordinates::Planar, polygons)?;
/// assert_eq!(regions.areas().to_vec(), [2.0, 6.0]);
/// assert_eq!(regions.centroids()?.xy()[1], [2.5, 1.0]);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
#[doc(alias = "GeoDataFrame")]
#[doc(alias = "sf")]
#[doc(alias = "spset")]
pub struct Regions {
    units: Units,
    coordinates: Coordinates,
    polygons: Vec<MultiPolygon<f64>>,
    attributes: Table,
}

impl Regions {
    /// Regions from polygons, in the order of the units; for longitude and latitude in degrees.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; [`Error::InvalidGeometry`] (an empty polygon, a ring with less than four coordinates or
    /// without area, a boundary that crosses itself, and where); [`Error::CoordinateOutOfRange`]. Both name the unit.
    pub fn from_polygons(
        units: &Units,
        coordinates: Coordinates,
        polygons: Vec<MultiPolygon<f64>>,
    ) -> Result<Self> {
        Self::new(coordinates, polygons, Table::over(units))
    }

    /// Regions over the units of the table of their attributes; every way to make regions ends here.
    pub(super) fn new(
        coordinates: Coordinates,
        polygons: Vec<MultiPolygon<f64>>,
        attributes: Table,
    ) -> Result<Self> {
        let units = attributes.units().clone();
        if polygons.len() != units.len() {
            return Err(Error::LengthMismatch {
                what: "polygons".to_owned(),
                expected: units.len(),
                found: polygons.len(),
            });
        }
        for (i, polygon) in polygons.iter().enumerate() {
            geometry::check(|| units.name(i), polygon, coordinates)?;
        }
        Ok(Self {
            units,
            coordinates,
            polygons,
            attributes,
        })
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// Number of regions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there is no region.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The kind of coordinates.
    #[must_use]
    pub fn coordinates(&self) -> Coordinates {
        self.coordinates
    }

    /// The polygons, in the order of the units.
    #[must_use]
    pub fn polygons(&self) -> &[MultiPolygon<f64>] {
        &self.polygons
    }

    /// The attributes that were read with the polygons, over the same units.
    #[must_use]
    pub fn attributes(&self) -> &Table {
        &self.attributes
    }

    /// Centroid of the area of each region, all its parts together.
    ///
    /// In the plane the mean of the coordinates over the area. For longitude and latitude the direction of ∫ r dA, the mean
    /// over the surface of the sphere, with arcs of great circles as sides: it depends on no projection, and neither poles
    /// nor the antimeridian disturb it. (Centroids taken in equal-area projections differ from it, and from each other,
    /// by some 10⁻⁴ degrees for a prefecture.) A centroid may lie outside its region.
    ///
    /// # Errors
    ///
    /// [`Error::CoordinateOutOfRange`] where a region, such as the whole sphere, has no centroid.
    #[doc(alias = "st_centroid")]
    pub fn centroids(&self) -> Result<Points> {
        self.points(false)
    }

    /// Centroid of the area of the largest part of each region, so that remote islands do not shift it.
    ///
    /// # Errors
    ///
    /// As [`centroids`](Self::centroids).
    #[doc(alias = "st_centroid")]
    #[doc(alias = "of_largest_polygon")]
    pub fn main_centroids(&self) -> Result<Points> {
        self.points(true)
    }

    fn points(&self, largest_part: bool) -> Result<Points> {
        let regions = self.polygons.iter();
        let points = regions.map(|p| geometry::centroid(p, self.coordinates, largest_part));
        Points::new(self.coordinates, Some(self.units.clone()), points)
    }

    /// Area of each region: in the square of the unit of planar coordinates, in km² for longitude and latitude.
    ///
    /// The latter is the area on the sphere of radius R = 6371.0088 km, R² |∮ sin φ dλ|, by the shoelace formula in the
    /// cylindrical equal-area projection (λ, sin φ). It is exact for sides that are straight there; on the ellipsoid
    /// WGS 84, areas differ from it by up to 0.6 %, which depends on the latitude.
    #[must_use]
    #[doc(alias = "st_area")]
    pub fn areas(&self) -> Array1<f64> {
        let regions = self.polygons.iter();
        regions
            .map(|p| geometry::area(p, self.coordinates))
            .collect()
    }

    /// The regions of the units given, in their order; regions that are not among them are left out.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`] where the regions lack one of them.
    pub fn aligned_to(&self, units: &Units) -> Result<Self> {
        let positions: Vec<usize> = units
            .iter()
            .map(|id| self.units.require(&id, "the regions"))
            .collect::<Result<_>>()?;
        Ok(Self {
            units: units.clone(),
            coordinates: self.coordinates,
            polygons: self.select(&positions),
            attributes: self.attributes.aligned_to(units)?,
        })
    }

    /// The regions without the units given.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`] where one of them is not among the regions.
    pub fn without<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Self> {
        let positions = self.units.complement(ids, "the regions")?;
        self.aligned_to(&self.units.select(&positions)?)
    }

    /// The same regions with other ids for their units, by position.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`].
    pub fn relabelled(&self, units: &Units) -> Result<Self> {
        self.units.check_relabel(units, "the regions")?;
        Ok(Self {
            units: units.clone(),
            attributes: self.attributes.relabelled(units)?,
            ..self.clone()
        })
    }

    fn select(&self, positions: &[usize]) -> Vec<MultiPolygon<f64>> {
        positions
            .iter()
            .map(|&i| self.polygons[i].clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;

    fn square(x: f64) -> MultiPolygon<f64> {
        polygon![(x: x, y: 0.), (x: x + 1., y: 0.), (x: x + 1., y: 1.), (x: x, y: 1.)].into()
    }

    fn regions() -> Regions {
        let attributes = Table::over(&Units::new(["a", "b", "c"]).unwrap())
            .column("pop", vec![1.0, 2.0, 3.0])
            .unwrap();
        let polygons = [0.0, 1.0, 2.0].map(square).to_vec();
        Regions::new(Coordinates::LonLat, polygons, attributes).unwrap()
    }

    #[test]
    fn regions_are_selected_with_their_attributes() {
        let order = Units::new(["c", "a"]).unwrap();
        let aligned = regions().aligned_to(&order).unwrap();
        assert_eq!(aligned.polygons()[0], square(2.0));
        assert_eq!(
            aligned.attributes().values("pop").unwrap().to_vec(),
            [3.0, 1.0]
        );
        let without = regions().without(["a"]).unwrap();
        assert_eq!(without.polygons()[0], square(1.0));
        assert_eq!(without.attributes().units(), without.units());
        let renamed = regions().relabelled(&Units::range(3)).unwrap();
        assert_eq!(renamed.attributes().units(), &Units::range(3));
        assert!(matches!(
            regions().without(["z"]),
            Err(Error::UnknownUnit { .. })
        ));
    }

    #[test]
    fn faults_name_the_unit() {
        let units = Units::new(["a", "b"]).unwrap();
        let of = |polygons| Regions::from_polygons(&units, Coordinates::LonLat, polygons);
        let Err(Error::CoordinateOutOfRange { unit, .. }) = of(vec![square(0.0), square(180.0)])
        else {
            panic!("another result")
        };
        assert_eq!(unit, "b");
        let Err(Error::InvalidGeometry { unit, .. }) =
            of(vec![square(0.0), MultiPolygon(Vec::new())])
        else {
            panic!("another result")
        };
        assert_eq!(unit, "b");
        assert!(matches!(
            of(vec![square(0.0)]),
            Err(Error::LengthMismatch { .. })
        ));
    }
}
