//! Weights from distances between points: k nearest, distance band, ring.

use super::decay::unit_of;
use super::links::binary;
use super::search::{Space, ascending};
use super::{Weights, check_links, check_positive};
use crate::data::Points;
use crate::error::{Error, Result};
use crate::text::significant;

impl Weights {
    /// Binary weights: the k nearest other units are the neighbours.
    ///
    /// Every row has k links; the matrix is in general not symmetric. Of units at the same distance the first in order
    /// are taken, exactly so for planar coordinates; great-circle distances are equal up to rounding only. Points may
    /// coincide.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for k = 0 and k ≥ n; [`Error::TooLarge`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0), (7.0, 0.0)])?;
    /// let w = Weights::k_nearest(&points, 2)?;
    /// assert_eq!(w.neighbours(3).map(|(j, _)| j).collect::<Vec<_>>(), [1, 2]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "knearneigh")]
    #[doc(alias = "KNN")]
    pub fn k_nearest(points: &Points, k: usize) -> Result<Self> {
        let n = points.len();
        check_neighbours(k, n)?;
        let mut columns = Space::of(points).nearest_of_all(k);
        ascending(&mut columns, k);
        let offsets = (0..=n).map(|i| (i * k) as u32).collect();
        let built = match k {
            1 => "nearest neighbour".to_owned(),
            _ => format!("{k} nearest neighbours"),
        };
        Ok(binary(points.units().clone(), offsets, columns, built))
    }

    /// Binary weights: units at a distance of at most `max` are neighbours.
    ///
    /// `max` is included (with a slack of a few units in the last place); it is in kilometres for longitude and latitude,
    /// in the unit of the coordinates for a plane. [`smallest_band`](Self::smallest_band) is the smallest one without
    /// islands.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where `max` is not positive and finite; [`Error::TooLarge`] above 2³² - 1 links.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)])?;
    /// let w = Weights::distance_band(&points, Weights::smallest_band(&points)?)?;
    /// assert_eq!(w.cardinalities(), [1, 2, 1]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "dnearneigh")]
    #[doc(alias = "DistanceBand")]
    pub fn distance_band(points: &Points, max: f64) -> Result<Self> {
        check_positive("max", max)?;
        let (offsets, columns) = Space::of(points).band(points, max)?;
        let built = format!(
            "distance band up to {}{}",
            significant(max, 7),
            unit_of(points)
        );
        Ok(binary(points.units().clone(), offsets, columns, built))
    }

    /// Binary weights: units at a distance of more than `min` and at most `max` are neighbours.
    ///
    /// For rings of distance, as of a correlogram; rings that follow each other share no pair, and with [`distance_band`](Self::distance_band)
    /// for the first they make a band. `min` and `max` are in kilometres for longitude and latitude, in the unit of the coordinates for
    /// a plane.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where a bound is not positive and finite, or `max` does not exceed `min`; [`Error::TooLarge`]
    /// above 2³² - 1 links up to `max`.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)])?;
    /// assert_eq!(Weights::distance_ring(&points, 1.0, 2.0)?.cardinalities(), [0, 1, 1]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "dnearneigh(d1, d2)")]
    pub fn distance_ring(points: &Points, min: f64, max: f64) -> Result<Self> {
        check_positive("min", min)?;
        check_positive("max", max)?;
        if max <= min {
            return Err(Error::InvalidOption {
                option: "max",
                value: max.to_string(),
                expected: "a distance greater than `min`",
            });
        }
        let space = Space::of(points);
        let (outer, columns) = space.band(points, max)?;
        let (inner, near) = space.band(points, min)?;
        let (mut ends, mut ring) = (vec![0], Vec::with_capacity(columns.len() - near.len()));
        for i in 0..points.len() {
            let near = &near[inner[i] as usize..inner[i + 1] as usize];
            let row = &columns[outer[i] as usize..outer[i + 1] as usize];
            ring.extend(row.iter().filter(|j| near.binary_search(j).is_err()));
            ends.push(ring.len() as u32);
        }
        let built = format!(
            "ring of distance from {} up to {}{}",
            significant(min, 7),
            significant(max, 7),
            unit_of(points)
        );
        Ok(binary(points.units().clone(), ends, ring, built))
    }

    /// The largest distance of a unit to its nearest other unit: the smallest distance band without islands.
    ///
    /// In kilometres for longitude and latitude, in the unit of the coordinates for a plane.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] below two units.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)])?;
    /// assert_eq!(Weights::smallest_band(&points)?, 2.0);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "min_threshold_distance")]
    pub fn smallest_band(points: &Points) -> Result<f64> {
        let n = points.len();
        if n < 2 {
            return Err(Error::TooFewUnits {
                what: "the distance to the nearest other unit".to_owned(),
                needed: 2,
                n,
            });
        }
        let distances = Space::of(points).kth_distances(1);
        Ok(distances.into_iter().fold(0.0, f64::max))
    }
}

/// Nothing where each of n units has k others.
pub(super) fn check_neighbours(k: usize, n: usize) -> Result<()> {
    if k == 0 || k >= n {
        return Err(Error::InvalidOption {
            option: "k",
            value: format!("{k} of {n} units"),
            expected: "a number of neighbours from 1 to n - 1",
        });
    }
    check_links(n.saturating_mul(k))
}

#[cfg(test)]
mod tests {
    use super::super::test_data::{checksum, columbus_points};
    use super::*;
    use approx::assert_relative_eq;

    // spdep 1.2-7, knn2nb(knearneigh(xy, k))
    #[test]
    fn k_nearest_of_columbus() {
        let points = columbus_points();
        for (k, components, sum) in [
            (1, 14, 1_226_249),
            (2, 2, 2_452_476),
            (4, 1, 4_904_912),
            (6, 1, 7_357_281),
        ] {
            let w = Weights::k_nearest(&points, k).unwrap();
            assert_eq!((w.links(), checksum(&w)), (49 * k, sum));
            assert_eq!((w.components(), w.is_symmetric()), (components, false));
        }
    }

    // spdep 1.2-7, dnearneigh(xy, 0, max_nn_distance)
    #[test]
    fn band_of_columbus() {
        let points = columbus_points();
        let max = Weights::smallest_band(&points).unwrap();
        assert_relative_eq!(max, 3.374_271_379_127_941_3, max_relative = 1e-14);
        let w = Weights::distance_band(&points, max).unwrap();
        assert_eq!((w.links(), checksum(&w)), (218, 5_493_488));
        assert_eq!((w.components(), w.is_symmetric()), (2, true));
        assert!(w.islands().is_empty());
    }

    #[test]
    fn rings_share_out_a_band() {
        let points = columbus_points();
        let whole = Weights::distance_band(&points, 12.0).unwrap();
        let links: usize = Weights::distance_band(&points, 4.0).unwrap().links()
            + Weights::distance_ring(&points, 4.0, 8.0).unwrap().links()
            + Weights::distance_ring(&points, 8.0, 12.0).unwrap().links();
        assert_eq!(links, whole.links());
        let bounds = Points::planar([(0.0, 0.0), (0.3, 0.0), (0.9, 0.0)]).unwrap();
        let (near, far) = (
            bounds.distance(0, 1).unwrap(),
            bounds.distance(1, 2).unwrap(),
        );
        let ring = Weights::distance_ring(&bounds, near, far).unwrap();
        assert_eq!(ring.cardinalities(), [0, 1, 1]);
        for (min, max) in [(2.0, 2.0), (3.0, 2.0), (-1.0, 2.0), (1.0, f64::NAN)] {
            let e = Weights::distance_ring(&points, min, max).unwrap_err();
            assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        }
    }

    #[test]
    fn great_circles_cross_the_date_line_and_the_pole() {
        let points = [
            (179.9, 10.0),
            (-179.9, 10.0),
            (170.0, 10.0),
            (0.0, 89.9),
            (180.0, 89.9),
        ];
        let points = Points::lon_lat(points).unwrap();
        let w = Weights::k_nearest(&points, 1).unwrap();
        let nearest: Vec<usize> = (0..5).flat_map(|i| w.neighbours(i)).map(|l| l.0).collect();
        assert_eq!(nearest, [1, 0, 0, 4, 3]);
        let w = Weights::distance_band(&points, 25.0).unwrap();
        assert_eq!(w.cardinalities(), [1, 1, 0, 1, 1]);
        let all = Weights::distance_band(&points, 30_000.0).unwrap();
        assert_eq!(all.links(), 20);
    }

    #[test]
    fn ties_go_to_the_first_in_order() {
        let points = Points::planar([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (0.0, 0.0)]);
        let w = Weights::k_nearest(&points.unwrap(), 2).unwrap();
        assert_eq!(w.neighbours(4).map(|l| l.0).collect::<Vec<_>>(), [0, 1]);
        let same = Points::planar(vec![(3.0, 3.0); 1000]).unwrap();
        let w = Weights::k_nearest(&same, 2).unwrap();
        assert_eq!(w.neighbours(999).map(|l| l.0).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(w.neighbours(0).map(|l| l.0).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn extreme_coordinates() {
        for unit in [1e-300, 1e300] {
            let points = Points::planar([0.0, 1.0, 3.0, 7.0].map(|x| (x * unit, 0.0))).unwrap();
            let w = Weights::k_nearest(&points, 1).unwrap();
            let nearest: Vec<usize> = (0..4).flat_map(|i| w.neighbours(i)).map(|l| l.0).collect();
            assert_eq!(nearest, [1, 0, 1, 2]);
            assert_eq!(
                Weights::distance_band(&points, 2.0 * unit).unwrap().links(),
                4
            );
        }
    }

    #[test]
    fn bad_options() {
        let points = Points::planar([(0.0, 0.0), (0.0, 0.0), (1.0, 0.0)]).unwrap();
        for k in [0, 3, usize::MAX] {
            let e = Weights::k_nearest(&points, k).unwrap_err();
            assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        }
        for max in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let e = Weights::distance_band(&points, max).unwrap_err();
            assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        }
        let one = Points::planar([(0.0, 0.0)]).unwrap();
        assert!(matches!(
            Weights::smallest_band(&one),
            Err(Error::TooFewUnits { .. })
        ));
    }
}
