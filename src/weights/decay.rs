//! Weights that fall with distance or with any cost.

use std::fmt;

use super::links::{check_end, check_row_sums, invalid, offsets};
use super::search::{Space, ULPS};
use super::{ALL_PAIRS, Weights, check_links, check_positive};
use crate::data::{Coordinates, Points, Units};
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Pattern};

/// Whether a distance is at least the one at which a function comes to zero, up to rounding of the coordinates.
///
/// Otherwise units just there would have a weight of 1e-16 or none, as it happens, and row-standardising could make it 1.
pub(super) fn at_least(distance: f64, end: f64) -> bool {
    distance >= end * (1.0 - 1e-12)
}

/// How weights fall with a distance or cost d, up to a cut-off where there is one.
///
/// | form | weight | by |
/// |---|---|---|
/// | inverse | d^-a | [`Decay::inverse`] |
/// | exponential | exp(-a d) | [`Decay::exponential`] |
/// | double power | (1 - (d / D)^a)^a for d < D | [`Decay::double_power`] |
///
/// d is in kilometres for longitude and latitude, in the unit of the coordinates for a plane, in the unit of the table for costs; a is
/// per that unit in the exponential form.
///
/// ```
/// use spatialecon::Decay;
/// let squared_up_to_300 = Decay::inverse(2.0).within(300.0);
/// assert_eq!(squared_up_to_300.weight(10.0), Some(0.01));
/// assert_eq!(squared_up_to_300.weight(301.0), None);
/// ```
///
/// # References
///
/// Bavaud (1998), Geographical Analysis 30: 153-171; Tiefelsdorf (2006), Geographical Analysis 38: 299-331, on forms of decay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay {
    form: Form,
    within: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    Inverse { power: f64 },
    Exponential { rate: f64 },
    DoublePower { power: f64, end: f64 },
}

impl Decay {
    /// w = d^-power, without a cut-off.
    #[doc(alias = "idw")]
    #[must_use]
    pub fn inverse(power: f64) -> Self {
        Self {
            form: Form::Inverse { power },
            within: None,
        }
    }

    /// w = exp(-rate d), without a cut-off.
    #[must_use]
    pub fn exponential(rate: f64) -> Self {
        Self {
            form: Form::Exponential { rate },
            within: None,
        }
    }

    /// w = (1 - (d / end)^power)^power where d < `end`; no link from there on, nor within 1e-12 of it, relative to it.
    #[doc(alias = "dpd")]
    #[must_use]
    pub fn double_power(power: f64, end: f64) -> Self {
        Self {
            form: Form::DoublePower { power, end },
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

    /// The weight at a distance; none beyond the cut-off, and at a distance that is negative or not a number.
    #[must_use]
    pub fn weight(&self, distance: f64) -> Option<f64> {
        let inside = |max: f64| distance <= max * (1.0 + ULPS);
        if !(distance >= 0.0) || self.within.is_some_and(|max| !inside(max)) {
            return None;
        }
        match self.form {
            Form::Inverse { power } => Some(match power {
                1.0 => 1.0 / distance,
                2.0 => 1.0 / (distance * distance),
                power => distance.powf(-power),
            }),
            Form::Exponential { rate } => Some((-rate * distance).exp()),
            Form::DoublePower { power, end } => {
                (!at_least(distance, end)).then(|| (1.0 - (distance / end).powf(power)).powf(power))
            }
        }
    }

    /// The distance from which on there is no link, where there is one.
    fn end(&self) -> Option<f64> {
        match (self.form, self.within) {
            (Form::DoublePower { end, .. }, Some(max)) => Some(max.min(end)),
            (Form::DoublePower { end, .. }, None) => Some(end),
            (_, within) => within,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        match self.form {
            Form::Inverse { power } => check_positive("power", power)?,
            Form::Exponential { rate } => check_positive("rate", rate)?,
            Form::DoublePower { power, end } => {
                check_positive("power", power)?;
                check_positive("end", end)?;
            }
        }
        self.within
            .map_or(Ok(()), |max| check_positive("within", max))
    }

    /// The weight of a link with a distance or cost; none beyond the cut-off.
    fn of(&self, units: &Units, i: usize, j: usize, d: f64, what: &str) -> Result<Option<f64>> {
        let Some(w) = self.weight(d) else {
            return Ok(None);
        };
        if w > 0.0 && w <= f64::MAX.sqrt() {
            return Ok(Some(w));
        }
        let problem = format!(
            "at their {what} of {d} the weight is {w}; use another unit of measurement, a slower decay, or a cut-off"
        );
        Err(invalid(units, i, j, problem))
    }
}

impl Default for Decay {
    /// w = 1/d, without a cut-off.
    fn default() -> Self {
        Self::inverse(1.0)
    }
}

/// `inverse distance to the power of 2 up to 300`, with `distance` or `cost`.
struct Words<'a>(&'a Decay, &'a str, &'a str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(decay, what, unit) = self;
        match decay.form {
            Form::Inverse { power: 1.0 } => write!(f, "inverse {what}")?,
            Form::Inverse { power } => write!(f, "inverse {what} to the power of {power}")?,
            Form::Exponential { rate } => {
                write!(f, "exponential decay of {what} at the rate {rate}")?;
            }
            Form::DoublePower { power, end } => write!(
                f,
                "double-power decay of {what} with the power {power} up to {end}{unit}"
            )?,
        }
        match decay.within {
            Some(max) => write!(f, " up to {max}{unit}"),
            None => Ok(()),
        }
    }
}

impl Weights {
    /// Weights that fall with the distance between points: `w_ij` = f(`d_ij`) for i ≠ j, up to a cut-off where there is one.
    ///
    /// d is in kilometres along great circles for longitude and latitude, in the unit of the coordinates for a plane. Without a
    /// cut-off all pairs are linked, which is bounded to 5,000 units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where a parameter of the decay is not positive and finite; [`Error::TooLarge`] above 5,000
    /// units without a cut-off, or 2³² - 1 links; [`Error::CoincidentPoints`] for the inverse form; [`Error::InvalidLink`] where a
    /// weight is beyond the range of numbers.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Decay, Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (2.0, 0.0), (6.0, 0.0)])?;
    /// let w = Weights::distance_decay(&points, Decay::inverse(2.0).within(5.0))?;
    /// assert_eq!((w.weight(0, 1), w.weight(1, 2), w.weight(0, 2)), (0.25, 0.0625, 0.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "inverse_distance")]
    #[doc(alias = "nb2listwdist")]
    #[doc(alias = "idistance")]
    #[doc(alias = "DistanceBand(binary=False)")]
    pub fn distance_decay(points: &Points, decay: Decay) -> Result<Self> {
        decay.check()?;
        let n = points.len();
        let (offsets, columns) = match decay.end() {
            Some(max) => Space::of(points).band(points, max)?,
            None => all_pairs(
                n,
                "a decay of distance without a cut-off",
                "give a cut-off with `within`",
            )?,
        };
        let csr = distances_decayed(points, &Pattern { offsets, columns }, decay)?;
        let built = Words(&decay, "distance", unit_of(points)).to_string();
        Ok(Self::from_csr(points.units().clone(), csr, built))
    }

    /// The links of these weights with weights that fall with the distance between points, `w_ij` = f(`d_ij`).
    ///
    /// Links beyond a cut-off are left out, and units may be islands then, to be decided about. The result is raw. A unit that
    /// is its own neighbour stays so, where f(0) is a number.
    ///
    /// # Errors
    ///
    /// Those of [`distance_decay`](Self::distance_decay); [`Error::UnitsDiffer`] where the points are of other units.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Decay, Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (2.0, 0.0), (6.0, 0.0)])?;
    /// let nearest = Weights::k_nearest(&points, 1)?;
    /// let w = nearest.decay_on_links(&points, Decay::exponential(0.5))?;
    /// assert_eq!((w.weight(2, 1), w.weight(1, 2)), ((-2.0_f64).exp(), 0.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "nb2listwdist")]
    pub fn decay_on_links(&self, points: &Points, decay: Decay) -> Result<Self> {
        decay.check()?;
        points
            .units()
            .check_same("the points", self.units(), "the weights")?;
        let csr = distances_decayed(points, &self.csr().pattern, decay)?;
        let words = Words(&decay, "distance", unit_of(points));
        Ok(self.successor(csr, format!("{words}, on the links of {}", self.built())))
    }

    /// Weights that fall with a cost of every link, such as a travel time: `w_ij` = f(`c_ij`), from directed links (id of the row,
    /// id of the neighbour, cost).
    ///
    /// Links beyond the cut-off of the decay are left out. A cost of zero or more is taken; zero only where f(0) is a number.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for the parameters of the decay; [`Error::UnknownUnit`]; [`Error::InvalidLink`] for a link given
    /// twice, a unit with itself, a cost that is negative or not finite, a weight beyond the range of numbers;
    /// [`Error::TooLarge`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Decay, Units, Weights};
    /// let units = Units::new(["Guangzhou", "Foshan", "Heyuan"])?;
    /// let hours = [("Guangzhou", "Foshan", 0.5), ("Foshan", "Guangzhou", 0.5), ("Heyuan", "Guangzhou", 2.5)];
    /// let w = Weights::from_costs(&units, hours, Decay::inverse(1.0).within(2.0))?;
    /// assert_eq!((w.links(), w.weight(0, 1)), (2, 2.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "build_travel_cost")]
    pub fn from_costs<A: AsRef<str>, B: AsRef<str>>(
        units: &Units,
        costs: impl IntoIterator<Item = (A, B, f64)>,
        decay: Decay,
    ) -> Result<Self> {
        decay.check()?;
        let mut links = Vec::new();
        for (from, to, cost) in costs {
            let i = check_end(units, from.as_ref())?;
            let j = check_end(units, to.as_ref())?;
            if !(cost >= 0.0 && cost.is_finite()) {
                let problem =
                    format!("its cost is {cost}, and a finite number of at least zero is needed");
                return Err(invalid(units, i, j, problem));
            }
            if i == j {
                return Err(invalid(
                    units,
                    i,
                    j,
                    "a unit has no cost to itself here; leave it out",
                ));
            }
            links.push((i as u32, j as u32, cost));
            check_links(links.len())?;
        }
        links.sort_unstable_by_key(|&(i, j, _)| (i, j));
        if let Some(p) = links
            .windows(2)
            .find(|p| (p[0].0, p[0].1) == (p[1].0, p[1].1))
        {
            return Err(invalid(
                units,
                p[0].0 as usize,
                p[0].1 as usize,
                "it is given twice",
            ));
        }
        let pattern = Pattern {
            offsets: offsets(units.len(), links.iter().map(|l| l.0)),
            columns: links.iter().map(|l| l.1).collect(),
        };
        let built = Words(&decay, "cost", "").to_string();
        let costs = |k: usize, _: usize, _: usize| links[k].2;
        let csr = decayed(units, &pattern, decay, costs, "cost")?;
        Ok(Self::from_csr(units.clone(), csr, built))
    }

    /// Weights that fall with the raw weights of this matrix, which are distances or costs: `w_ij` = f(`c_ij`).
    ///
    /// For files that hold distances in the place of weights, as GWT files of GeoDa do. Links beyond the cut-off are left out.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for the parameters of the decay; [`Error::InvalidLink`] for a weight beyond the range of numbers.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Decay, Units, Weights};
    /// let distances = Weights::from_links(&Units::range(2), [("0", "1", 4.0), ("1", "0", 4.0)])?;
    /// assert_eq!(distances.decayed(Decay::inverse(0.5))?.weight(0, 1), 0.5);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn decayed(&self, decay: Decay) -> Result<Self> {
        decay.check()?;
        let csr = self.raw().csr();
        let built = format!("{}, of {}", Words(&decay, "cost", ""), self.built());
        let cost = |k: usize, i: usize, _: usize| csr.value(i, k);
        let csr = decayed(self.units(), &csr.pattern, decay, cost, "cost")?;
        Ok(self.successor(csr, built))
    }
}

/// All pairs of different units, as offsets and columns, where there are not too many.
pub(super) fn all_pairs(
    n: usize,
    what: &'static str,
    instead: &'static str,
) -> Result<(Vec<u32>, Vec<u32>)> {
    if n > ALL_PAIRS {
        return Err(Error::TooLarge {
            what,
            n,
            limit: ALL_PAIRS,
            instead,
        });
    }
    let others = |i: usize| (0..n as u32).filter(move |&j| j as usize != i);
    let offsets = (0..=n).map(|i| (i * n.saturating_sub(1)) as u32).collect();
    Ok((offsets, (0..n).flat_map(others).collect()))
}

/// The name of the unit of distances, after a blank.
pub(super) fn unit_of(points: &Points) -> &'static str {
    match points.coordinates() {
        Coordinates::LonLat => " km",
        Coordinates::Planar => "",
    }
}

/// Distances up to this are none: on the sphere one point has many coordinates, equal up to rounding, and a micrometre is nothing.
pub(super) fn no_distance(points: &Points) -> f64 {
    match points.coordinates() {
        Coordinates::LonLat => 1e-9,
        Coordinates::Planar => 0.0,
    }
}

/// Decays of the distances of a pattern's links.
fn distances_decayed(points: &Points, pattern: &Pattern, decay: Decay) -> Result<Csr> {
    let units = points.units();
    let nothing = no_distance(points);
    if let Form::Inverse { .. } = decay.form {
        for i in 0..pattern.n() {
            for &j in pattern.row(i) {
                let d = points.distance(i, j as usize).unwrap_or(f64::NAN);
                if d <= nothing && i != j as usize {
                    return Err(Error::CoincidentPoints {
                        first: units.name(i),
                        second: units.name(j as usize),
                        consequence: "a decreasing function of their distance is infinite",
                    });
                }
            }
        }
    }
    let distance = |_: usize, i: usize, j: usize| points.distance(i, j).unwrap_or(f64::NAN);
    decayed(units, pattern, decay, distance, "distance")
}

/// Decays of a number for every link: `costs(k, i, j)` of the k-th link, from i to j.
fn decayed(
    units: &Units,
    pattern: &Pattern,
    decay: Decay,
    costs: impl Fn(usize, usize, usize) -> f64,
    what: &str,
) -> Result<Csr> {
    let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
    for i in 0..pattern.n() {
        for k in pattern.range(i) {
            let j = pattern.columns[k];
            if let Some(w) = decay.of(units, i, j as usize, costs(k, i, j as usize), what)? {
                columns.push(j);
                weights.push(w);
            }
        }
        offsets.push(columns.len() as u32);
    }
    let pattern = Pattern { offsets, columns };
    check_row_sums(units, Csr::compact(pattern, weights))
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::test_data::columbus_points;
    use super::*;
    use approx::assert_relative_eq;

    // spdep 1.2-7, nb2listwdist(nd, pts, type = "idw", "exp", "dpd", alpha = 1, dmax = max_nn_distance, style = "raw")
    #[test]
    fn decays_of_columbus() {
        let points = columbus_points();
        let max = Weights::smallest_band(&points).unwrap();
        for (decay, s0, first) in [
            (
                Decay::inverse(1.0).within(max),
                100.754_733_524_419_96,
                0.326_294_197_638_984_65,
            ),
            (
                Decay::exponential(1.0).within(max),
                24.721_144_251_681_55,
                0.046_666_957_311_131_85,
            ),
            (
                Decay::double_power(1.0, max),
                63.355_116_832_036_906,
                0.091_739_053_378_477_43,
            ),
        ] {
            let w = Weights::distance_decay(&points, decay).unwrap();
            assert_relative_eq!(w.constants().s0, s0, max_relative = 1e-13);
            assert_relative_eq!(
                w.neighbours(0).next().unwrap().1,
                first,
                max_relative = 1e-13
            );
            assert!(w.is_symmetric());
            let band = Weights::distance_band(&points, max).unwrap();
            let again = band.decay_on_links(&points, decay).unwrap();
            assert_eq!(again.csr(), w.csr());
        }
    }

    #[test]
    fn the_bound_is_included_and_the_end_of_double_power_is_not() {
        let points = Points::planar([(0.0, 0.0), (0.3, 0.0), (0.9, 0.0)]).unwrap();
        let max = points.distance(1, 2).unwrap();
        let w = Weights::distance_decay(&points, Decay::inverse(1.0).within(max)).unwrap();
        assert_eq!(w.cardinalities(), [1, 2, 1]);
        let w = Weights::distance_decay(&points, Decay::double_power(2.0, max)).unwrap();
        assert_eq!(w.cardinalities(), [1, 1, 0]);
        // 0.30000000000000004 - 0.2 is less than 0.1
        let tenths = Points::planar([(0.2, 0.0), (0.1 + 0.2, 0.0), (0.3 + 0.1, 0.0)]).unwrap();
        let w = Weights::distance_decay(&tenths, Decay::double_power(1.0, 0.1)).unwrap();
        assert_eq!(w.links(), 0);
    }

    #[test]
    fn costs() {
        let units = Units::new(["a", "b", "c"]).unwrap();
        let of =
            |costs: &[(&str, &str, f64)], decay| Weights::from_costs(&units, costs.to_vec(), decay);
        let w = of(
            &[("c", "a", 4.0), ("a", "b", 0.0), ("a", "c", 2.0)],
            Decay::exponential(0.5),
        )
        .unwrap();
        assert_eq!(
            w.neighbours(0).collect::<Vec<_>>(),
            [(1, 1.0), (2, (-1.0_f64).exp())]
        );
        for bad in [
            vec![("a", "b", -1.0)],
            vec![("a", "b", f64::NAN)],
            vec![("a", "b", 0.0)],
            vec![("a", "a", 1.0)],
            vec![("a", "b", 1.0), ("a", "b", 2.0)],
        ] {
            let e = of(&bad, Decay::default()).unwrap_err();
            assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        }
        let e = of(&[("a", "z", 1.0)], Decay::default()).unwrap_err();
        assert!(matches!(e, Error::UnknownUnit { .. }), "{e}");
    }

    #[test]
    fn bad_options() {
        let points = Points::planar([(0.0, 0.0), (0.0, 0.0), (1.0, 0.0)]).unwrap();
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            for decay in [
                Decay::inverse(bad),
                Decay::inverse(1.0).within(bad),
                Decay::exponential(bad),
                Decay::double_power(bad, 1.0),
                Decay::double_power(1.0, bad),
            ] {
                let e = Weights::distance_decay(&points, decay).unwrap_err();
                assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
            }
        }
        for decay in [Decay::default(), Decay::inverse(1.0).within(9.0)] {
            let e = Weights::distance_decay(&points, decay).unwrap_err();
            assert!(matches!(e, Error::CoincidentPoints { .. }), "{e}");
        }
        assert_eq!(
            Weights::distance_decay(&points, Decay::exponential(1.0))
                .unwrap()
                .weight(0, 1),
            1.0
        );
        let far = Points::planar([(0.0, 0.0), (1e200, 0.0)]).unwrap();
        for decay in [Decay::inverse(2.0), Decay::exponential(1.0)] {
            let e = Weights::distance_decay(&far, decay).unwrap_err();
            assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        }
        let many = Points::planar((0..5001).map(|i| (f64::from(i), 0.0))).unwrap();
        let e = Weights::distance_decay(&many, Decay::default()).unwrap_err();
        assert!(matches!(e, Error::TooLarge { .. }), "{e}");
    }
}
