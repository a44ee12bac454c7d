//! Weights from distances between points: k nearest, distance band, inverse distance.

use super::links::{binary, invalid, offsets};
use super::tree::Tree;
use super::{Weights, check_links, check_positive};
use crate::data::{Coordinates, EARTH_RADIUS_KM, Points};
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Pattern};
use crate::text::significant;

/// Relative slack of an inclusive bound, so that a distance that was computed bounds itself.
const ULPS: f64 = 4.0 * f64::EPSILON;

/// Most units for which all pairs are linked.
const ALL_PAIRS: usize = 5000;

/// How weights fall with distance: w = d^-power, up to a cut-off where there is one.
///
/// d is in kilometres for longitude and latitude, in the unit of the coordinates for a plane.
///
/// ```
/// use spatialecon::InverseDistance;
/// let squared_up_to_300 = InverseDistance::power(2.0).within(300.0);
/// # let _ = squared_up_to_300;
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InverseDistance {
    power: f64,
    within: Option<f64>,
}

impl InverseDistance {
    /// w = d^-power, without a cut-off.
    #[must_use]
    pub fn power(power: f64) -> Self {
        Self {
            power,
            within: None,
        }
    }

    /// Only pairs at a distance of at most `max`, which is included.
    #[must_use]
    pub fn within(self, max: f64) -> Self {
        Self {
            within: Some(max),
            ..self
        }
    }
}

impl Default for InverseDistance {
    /// w = 1/d, without a cut-off.
    fn default() -> Self {
        Self::power(1.0)
    }
}

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
        if k == 0 || k >= n {
            return Err(Error::InvalidOption {
                option: "k",
                value: format!("{k} of {n} units"),
                expected: "a number of neighbours from 1 to n - 1",
            });
        }
        check_links(n.saturating_mul(k))?;
        let all: Vec<usize> = (0..n).collect();
        let mut columns = Space::of(points).nearest(&all, k);
        columns.chunks_mut(k).for_each(<[u32]>::sort_unstable);
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
            unit(points)
        );
        Ok(binary(points.units().clone(), offsets, columns, built))
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
        let all: Vec<usize> = (0..n).collect();
        let nearest = Space::of(points).nearest(&all, 1);
        let distances = all.iter().zip(&nearest);
        Ok(distances
            .filter_map(|(&i, &j)| points.distance(i, j as usize))
            .fold(0.0, f64::max))
    }

    /// Weights that fall with distance: `w_ij` = `d_ij`^-power for i ≠ j, up to a cut-off where there is one.
    ///
    /// d is in kilometres for longitude and latitude, in the unit of the coordinates for a plane; the unit changes
    /// weights by one common factor. Without a cut-off all pairs are linked, which is bounded to 5000 units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the power or the cut-off is not positive and finite; [`Error::TooLarge`] above 5000
    /// units without a cut-off, or 2³² - 1 links; [`Error::CoincidentPoints`]; [`Error::InvalidLink`] where a weight is
    /// beyond the range of numbers.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{InverseDistance, Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (2.0, 0.0), (6.0, 0.0)])?;
    /// let w = Weights::inverse_distance(&points, InverseDistance::power(2.0).within(5.0))?;
    /// assert_eq!((w.weight(0, 1), w.weight(1, 2), w.weight(0, 2)), (0.25, 0.0625, 0.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "nb2listwdist")]
    #[doc(alias = "idw")]
    pub fn inverse_distance(points: &Points, options: InverseDistance) -> Result<Self> {
        let n = points.len();
        check_positive("power", options.power)?;
        let (offsets, columns) = match options.within {
            Some(max) => {
                check_positive("within", max)?;
                Space::of(points).band(points, max)?
            }
            None if n > ALL_PAIRS => {
                return Err(Error::TooLarge {
                    what: "inverse distance without a cut-off",
                    n,
                    limit: ALL_PAIRS,
                    instead: "give a cut-off with `within`",
                });
            }
            None => {
                let others = |i: usize| (0..n as u32).filter(move |&j| j as usize != i);
                let rows = (0..n as u32).flat_map(|i| vec![i; n - 1]);
                (offsets(n, rows), (0..n).flat_map(others).collect())
            }
        };
        let units = points.units();
        let pattern = Pattern { offsets, columns };
        let mut weights = Vec::with_capacity(pattern.columns.len());
        for i in 0..n {
            for &j in pattern.row(i) {
                let j = j as usize;
                let d = points.distance(i, j).unwrap_or(f64::NAN);
                // On the sphere one point has many coordinates, equal up to rounding: a nanometre is no distance.
                let nothing = if points.coordinates() == Coordinates::LonLat {
                    1e-9
                } else {
                    0.0
                };
                if d <= nothing {
                    return Err(Error::CoincidentPoints {
                        first: units.name(i),
                        second: units.name(j),
                    });
                }
                let w = match options.power {
                    1.0 => 1.0 / d,
                    2.0 => 1.0 / (d * d),
                    power => d.powf(-power),
                };
                if !(w > 0.0 && w <= f64::MAX.sqrt()) {
                    let problem = format!(
                        "their distance {d} to the power of -{} is {w}; use other units of length or a smaller power",
                        options.power
                    );
                    return Err(invalid(units, i, j, problem));
                }
                weights.push(w);
            }
        }
        let limit = options
            .within
            .map_or(String::new(), |max| format!(" up to {max}{}", unit(points)));
        let built = match options.power {
            1.0 => format!("inverse distance{limit}"),
            power => format!("inverse distance to the power of {power}{limit}"),
        };
        Ok(Self::from_csr(
            units.clone(),
            Csr::compact(pattern, weights),
            built,
        ))
    }
}

fn unit(points: &Points) -> &'static str {
    match points.coordinates() {
        Coordinates::LonLat => " km",
        Coordinates::Planar => "",
    }
}

/// Points in a search tree: on the plane, or on the unit sphere, where chords order as great circles do.
pub(super) enum Space {
    Plane { tree: Tree<2>, scale: f64 },
    Sphere(Tree<3>),
}

impl Space {
    pub(super) fn of(points: &Points) -> Self {
        match points.coordinates() {
            Coordinates::Planar => {
                let scale = scale(points.xy());
                let scaled: Vec<[f64; 2]> =
                    points.xy().iter().map(|p| p.map(|x| x * scale)).collect();
                Self::Plane {
                    tree: Tree::new(&scaled),
                    scale,
                }
            }
            Coordinates::LonLat => {
                let vectors: Vec<[f64; 3]> = points
                    .xy()
                    .iter()
                    .map(|&[lon, lat]| {
                        let (lon, lat) = (lon.to_radians(), lat.to_radians());
                        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
                    })
                    .collect();
                Self::Sphere(Tree::new(&vectors))
            }
        }
    }

    /// The k nearest others of each of the positions (ascending), one after the other, nearest first.
    pub(super) fn nearest(&self, positions: &[usize], k: usize) -> Vec<u32> {
        match self {
            Self::Plane { tree, .. } => nearest(tree, positions, k),
            Self::Sphere(tree) => nearest(tree, positions, k),
        }
    }

    /// Rows of the pairs at a distance of at most `max`.
    fn band(&self, points: &Points, max: f64) -> Result<(Vec<u32>, Vec<u32>)> {
        let inside = |i: u32, j: u32| {
            points
                .distance(i as usize, j as usize)
                .is_some_and(|d| d <= max * (1.0 + ULPS))
        };
        match self {
            Self::Plane { tree, scale } => {
                let radius = max * scale * (1.0 + 4.0 * ULPS);
                band(tree, radius * radius, inside)
            }
            Self::Sphere(tree) => {
                let angle = (max / EARTH_RADIUS_KM).min(std::f64::consts::PI);
                let chord = 2.0 * (angle / 2.0).sin() * (1.0 + 1e-9) + 1e-14;
                band(tree, chord * chord, inside)
            }
        }
    }
}

/// A power of two that keeps squares of coordinates in range, one for usual coordinates.
fn scale(xy: &[[f64; 2]]) -> f64 {
    let largest = xy.iter().flatten().fold(0.0_f64, |m, x| m.max(x.abs()));
    if largest == 0.0 || (1e-100..1e100).contains(&largest) {
        1.0
    } else {
        (-largest.log2().floor()).clamp(-1022.0, 1022.0).exp2()
    }
}

fn nearest<const D: usize>(tree: &Tree<D>, positions: &[usize], k: usize) -> Vec<u32> {
    let items: Vec<(u32, &[f64; D])> = tree.in_order().collect();
    let mut slot = vec![u32::MAX; items.len()];
    for (s, &p) in positions.iter().enumerate() {
        slot[p] = s as u32;
    }
    let asked: Vec<(u32, &[f64; D])> = items
        .into_iter()
        .filter(|&(id, _)| slot[id as usize] != u32::MAX)
        .collect();
    let blocks = in_blocks(&asked, |block| {
        let mut found = Vec::with_capacity(k + 1);
        let mut out = Vec::with_capacity(block.len() * k);
        for &(id, point) in block {
            tree.nearest(id, point, k, &mut found);
            out.extend(found.iter().map(|f| f.1));
        }
        out
    });
    let mut out = vec![0; positions.len() * k];
    let found = blocks.iter().flat_map(|b| b.chunks(k));
    for (&(id, _), row) in asked.iter().zip(found) {
        let at = slot[id as usize] as usize * k;
        out[at..at + k].copy_from_slice(row);
    }
    out
}

fn band<const D: usize>(
    tree: &Tree<D>,
    radius2: f64,
    inside: impl Fn(u32, u32) -> bool + Sync,
) -> Result<(Vec<u32>, Vec<u32>)> {
    let items: Vec<(u32, &[f64; D])> = tree.in_order().collect();
    let n = items.len();
    let mut counts = vec![0_u32; n + 1];
    let (mut blocks, mut links) = (Vec::new(), 0);
    // in turns, so that too many links are noticed before they fill the memory
    for turn in items.chunks(1 << 16) {
        let done = in_blocks(turn, |block| {
            let (mut rows, mut found) = (Vec::new(), Vec::new());
            let mut out = Vec::new();
            for &(id, point) in block {
                tree.within(id, point, radius2, &mut found);
                found.retain(|&j| inside(id, j));
                found.sort_unstable();
                rows.push((id, found.len() as u32));
                out.extend_from_slice(&found);
            }
            (rows, out)
        });
        links += done.iter().map(|(_, out)| out.len()).sum::<usize>();
        check_links(links)?;
        for &(id, count) in done.iter().flat_map(|(rows, _)| rows) {
            counts[id as usize + 1] = count;
        }
        blocks.extend(done);
    }
    for i in 0..n {
        counts[i + 1] += counts[i];
    }
    let mut columns = vec![0; links];
    for (rows, out) in &blocks {
        let mut at = 0;
        for &(id, count) in rows {
            let (to, count) = (counts[id as usize] as usize, count as usize);
            columns[to..to + count].copy_from_slice(&out[at..at + count]);
            at += count;
        }
    }
    Ok((counts, columns))
}

/// A function of blocks of the items, results in order, over threads where the feature `rayon` is on.
fn in_blocks<T: Sync, R: Send>(items: &[T], f: impl Fn(&[T]) -> R + Sync + Send) -> Vec<R> {
    const BLOCK: usize = 2048;
    #[cfg(feature = "rayon")]
    {
        use rayon::prelude::*;
        items.par_chunks(BLOCK).map(f).collect()
    }
    #[cfg(not(feature = "rayon"))]
    {
        items.chunks(BLOCK).map(f).collect()
    }
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

    // spdep 1.2-7, dnearneigh(xy, 0, max_nn_distance) and nb2listwdist(type = "idw")
    #[test]
    fn band_and_inverse_distance_of_columbus() {
        let points = columbus_points();
        let max = Weights::smallest_band(&points).unwrap();
        assert_relative_eq!(max, 3.374_271_379_127_941_3, max_relative = 1e-14);
        let w = Weights::distance_band(&points, max).unwrap();
        assert_eq!((w.links(), checksum(&w)), (218, 5_493_488));
        assert_eq!((w.components(), w.is_symmetric()), (2, true));
        assert!(w.islands().is_empty());
        let w =
            Weights::inverse_distance(&points, InverseDistance::power(1.0).within(max)).unwrap();
        assert_relative_eq!(
            w.constants().s0,
            100.754_733_524_419_96,
            max_relative = 1e-13
        );
        let first = w.neighbours(0).next().unwrap();
        assert_relative_eq!(first.1, 0.326_294_197_638_984_65, max_relative = 1e-14);
        assert!(w.is_symmetric());
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
            let e = Weights::inverse_distance(&points, InverseDistance::power(max)).unwrap_err();
            assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        }
        for options in [
            InverseDistance::default(),
            InverseDistance::power(1.0).within(9.0),
        ] {
            let e = Weights::inverse_distance(&points, options).unwrap_err();
            assert!(matches!(e, Error::CoincidentPoints { .. }), "{e}");
        }
        let far = Points::planar([(0.0, 0.0), (1e200, 0.0)]).unwrap();
        let e = Weights::inverse_distance(&far, InverseDistance::power(2.0)).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        let many = Points::planar((0..5001).map(|i| (f64::from(i), 0.0))).unwrap();
        let e = Weights::inverse_distance(&many, InverseDistance::default()).unwrap_err();
        assert!(matches!(e, Error::TooLarge { .. }), "{e}");
        let one = Points::planar([(0.0, 0.0)]).unwrap();
        assert!(matches!(
            Weights::smallest_band(&one),
            Err(Error::TooFewUnits { .. })
        ));
    }
}
