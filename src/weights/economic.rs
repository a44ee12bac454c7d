//! Weights from economic closeness, mass and flows.

use ndarray::ArrayView1;

use super::Weights;
use super::decay::{Decay, all_pairs};
use super::links::{SelfLinks, check_end, check_row_sums, from_positions, invalid};
use crate::data::{Points, Units, Variable};
use crate::error::{Cell, Error, Result};
use crate::linalg::sparse::{Csr, Pattern};

/// How flows grow with the masses of both ends and fall with their distance: `w_ij` = `m_i`^a `m_j`^b f(`d_ij`), with a = b = 1 unless
/// said otherwise.
///
/// i is the receiver (the row), j the sender.
///
/// ```
/// use spatialecon::{Decay, Gravity};
/// let only_the_sender_counts = Gravity::new(Decay::inverse(2.0)).receiver_power(0.0);
/// # let _ = only_the_sender_counts;
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gravity {
    decay: Decay,
    receiver: f64,
    sender: f64,
}

impl Gravity {
    /// `m_i` `m_j` f(`d_ij`).
    #[must_use]
    pub fn new(decay: Decay) -> Self {
        Self {
            decay,
            receiver: 1.0,
            sender: 1.0,
        }
    }

    /// The power a of the mass of the receiver i; zero leaves it out.
    #[must_use]
    pub fn receiver_power(self, power: f64) -> Self {
        Self {
            receiver: power,
            ..self
        }
    }

    /// The power b of the mass of the sender j; zero leaves it out.
    #[must_use]
    pub fn sender_power(self, power: f64) -> Self {
        Self {
            sender: power,
            ..self
        }
    }
}

impl Weights {
    /// Weights of economic closeness: `w_ij` = 1 / |`x_i` - `x_j`| for i ≠ j, all pairs, at most 5,000 units.
    ///
    /// x is a mean of before the sample, or over the whole of it, of income a head or the like: weights made of the response of
    /// the model itself are endogenous (Qu and Lee 2015). Equal values, up to rounding, would give an infinite weight, and are an error.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`] for x; [`Error::InvalidLink`] for equal values;
    /// [`Error::TooLarge`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::new(["core", "belt", "edge"])?;
    /// let w = Weights::economic_distance(&units, &vec![90.0, 50.0, 40.0])?;
    /// assert_eq!((w.weight(0, 1), w.weight(1, 2)), (0.025, 0.1));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Case, Rosen and Hines (1993), Journal of Public Economics 52: 285-307; Qu and Lee (2015), Journal of Econometrics 184: 209-232.
    pub fn economic_distance<'a>(units: &Units, x: impl Into<Variable<'a>>) -> Result<Self> {
        let x = x.into();
        let values = x.checked_for(units, "the weights")?;
        let (offsets, columns) = all_pairs(
            units.len(),
            "economic distance between all pairs",
            "take it on the links of other weights, with `economic_distance_on_links`",
        )?;
        let built = format!("inverse economic distance in {}", x.name());
        let csr = closeness(units, &Pattern { offsets, columns }, x.name(), values)?;
        Ok(Self::from_csr(units.clone(), csr, built))
    }

    /// The links of these weights with weights of economic closeness, `w_ij` = 1 / |`x_i` - `x_j`|; raw.
    ///
    /// # Errors
    ///
    /// As [`economic_distance`](Self::economic_distance), without a bound of the number of units.
    pub fn economic_distance_on_links<'a>(&self, x: impl Into<Variable<'a>>) -> Result<Self> {
        let x = x.into();
        let values = x.checked_for(self.units(), "the weights")?;
        let built = format!(
            "inverse economic distance in {}, on the links of {}",
            x.name(),
            self.built()
        );
        let csr = closeness(self.units(), &self.csr().pattern, x.name(), values)?;
        Ok(self.successor(csr, built))
    }

    /// Gravity weights: `w_ij` = `m_i`^a `m_j`^b f(`d_ij`), with the masses m of the units and a decay f of the distance between points.
    ///
    /// After row-standardising the mass of the receiver cancels. Masses of the response of the model make W endogenous: take values
    /// of before the sample. Without a cut-off of the decay at most 5,000 units.
    ///
    /// # Errors
    ///
    /// Those of [`distance_decay`](Self::distance_decay); [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`],
    /// [`Error::NonPositive`] for the masses; [`Error::InvalidOption`] for a power that is not finite; [`Error::InvalidLink`] where a
    /// weight leaves the range of numbers.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Decay, Gravity, Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (2.0, 0.0), (6.0, 0.0)])?;
    /// let w = Weights::gravity(&points, &vec![8.0, 2.0, 4.0], Gravity::new(Decay::inverse(2.0)))?;
    /// assert_eq!((w.weight(0, 1), w.weight(1, 2)), (4.0, 0.5));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn gravity<'a>(
        points: &Points,
        mass: impl Into<Variable<'a>>,
        gravity: Gravity,
    ) -> Result<Self> {
        let mass = mass.into();
        let values = positive(points.units(), &mass, "the points")?;
        for (option, power) in [
            ("receiver_power", gravity.receiver),
            ("sender_power", gravity.sender),
        ] {
            if !power.is_finite() {
                return Err(Error::InvalidOption {
                    option,
                    value: power.to_string(),
                    expected: "a finite number",
                });
            }
        }
        let decayed = Self::distance_decay(points, gravity.decay)?;
        let built = format!("gravity of {} with {}", mass.name(), decayed.built());
        let to = values.mapv(|m| m.powf(gravity.receiver));
        let from = values.mapv(|m| m.powf(gravity.sender));
        decayed.reweighted(|i, j, w| to[i] * w * from[j], built)
    }

    /// These weights with every column multiplied by a number of its unit: `w_ij` `x_j`; units with a larger x send more.
    ///
    /// The weights as they are now, after a transformation, are multiplied; the result is raw.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`], [`Error::NonPositive`] for x; [`Error::InvalidLink`] where
    /// a weight leaves the range of numbers.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?;
    /// let w = w.weighted_by_sender(&vec![1.0, 1.0, 3.0])?;
    /// assert_eq!((w.weight(1, 0), w.weight(1, 2), w.weight(2, 1)), (1.0, 3.0, 1.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn weighted_by_sender<'a>(&self, x: impl Into<Variable<'a>>) -> Result<Self> {
        let x = x.into();
        let values = positive(self.units(), &x, "the weights")?;
        let built = format!("{} times {} of the sender", self.description(), x.name());
        self.reweighted(|_, j, w| w * values[j], built)
    }

    /// Weights from flows (id of the origin, id of the destination, amount): `w_ij` = the flow to i from j.
    ///
    /// The destination is the row, the origin its neighbour. A flow of zero is no link, and a flow within a unit is none either;
    /// [`built`](Self::built) tells how many there were.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`]; [`Error::InvalidLink`] for a flow given twice, or one that is negative or not finite; [`Error::TooLarge`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::new(["a", "b"])?;
    /// let w = Weights::from_flows(&units, [("a", "b", 12.0), ("b", "a", 3.0), ("a", "a", 80.0)])?;
    /// assert_eq!((w.weight(1, 0), w.weight(0, 1), w.links()), (12.0, 3.0, 2));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "ODW")]
    pub fn from_flows<A: AsRef<str>, B: AsRef<str>>(
        units: &Units,
        flows: impl IntoIterator<Item = (A, B, f64)>,
    ) -> Result<Self> {
        let (mut within, mut none) = (0_usize, 0_usize);
        let mut links = Vec::new();
        for (origin, destination, flow) in flows {
            let j = check_end(units, origin.as_ref())?;
            let i = check_end(units, destination.as_ref())?;
            if !(flow >= 0.0 && flow.is_finite()) {
                let problem =
                    format!("its flow is {flow}, and a finite number of at least zero is needed");
                return Err(invalid(units, i, j, problem));
            }
            if i == j {
                within += 1;
            } else if flow > 0.0 {
                links.push(Ok((i, j, flow)));
            } else {
                none += 1;
            }
        }
        let mut built = "flows".to_owned();
        let left_out = [(within, "within a unit"), (none, "of zero")];
        let left_out = left_out.iter().filter(|(count, _)| *count > 0);
        let left_out: Vec<String> = left_out
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if !left_out.is_empty() {
            built = format!("flows ({} left out)", left_out.join(", "));
        }
        from_positions(units, links.into_iter(), SelfLinks::Refused, &built)
    }

    /// The links of these weights, as they are now, with weights of a function of both ends and the weight; raw.
    pub(super) fn reweighted(
        &self,
        weight: impl Fn(usize, usize, f64) -> f64,
        built: String,
    ) -> Result<Self> {
        let csr = self.csr();
        let mut weights = Vec::with_capacity(csr.links());
        for i in 0..csr.n() {
            for (j, w) in csr.row(i) {
                let w = weight(i, j, w);
                if !(w > 0.0 && w <= f64::MAX.sqrt()) {
                    let problem =
                        format!("its weight would be {w}; use other units of measurement");
                    return Err(invalid(self.units(), i, j, problem));
                }
                weights.push(w);
            }
        }
        let csr = Csr::compact((*csr.pattern).clone(), weights);
        Ok(self.successor(check_row_sums(self.units(), csr)?, built))
    }
}

/// The values of a variable, all of them positive.
fn positive<'a>(units: &Units, x: &Variable<'a>, of: &str) -> Result<ArrayView1<'a, f64>> {
    let values = x.checked_for(units, of)?;
    match values.iter().position(|v| *v <= 0.0) {
        None => Ok(values),
        Some(i) => Err(Error::NonPositive {
            cell: Cell::new(units.name(i), None, x.name()),
            value: values[i],
        }),
    }
}

/// Values that differ by no more than this part of them, as means summed in another order do, are equal.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// 1 / |x_i - x_j| on the links of a pattern.
fn closeness(units: &Units, pattern: &Pattern, name: &str, x: ArrayView1<'_, f64>) -> Result<Csr> {
    let mut weights = Vec::with_capacity(pattern.columns.len());
    for i in 0..pattern.n() {
        for &j in pattern.row(i) {
            let j = j as usize;
            let apart = (x[i] - x[j]).abs();
            let w = 1.0 / apart;
            let equal = apart <= ROUNDING * x[i].abs().max(x[j].abs());
            if equal || !(w > 0.0 && w <= f64::MAX.sqrt()) {
                let problem = format!(
                    "`{name}` is {} and {}, so that the inverse of their difference is no weight; leave one of them out, or take a \
                     variable in which they differ",
                    x[i], x[j]
                );
                return Err(invalid(units, i, j, problem));
            }
            weights.push(w);
        }
    }
    check_row_sums(units, Csr::compact(pattern.clone(), weights))
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::*;
    use crate::data::Table;
    use approx::assert_relative_eq;

    fn units() -> Units {
        Units::new(["a", "b", "c"]).unwrap()
    }

    #[test]
    fn values_that_are_equal_up_to_rounding() {
        let units = Units::range(3);
        let e = Weights::economic_distance(&units, &vec![0.1 + 0.2, 1.0, 0.3]).unwrap_err();
        assert!(
            matches!(&e, Error::InvalidLink { from, to, .. } if from == "0" && to == "2"),
            "{e}"
        );
        let zero = Weights::economic_distance(&units, &vec![0.0, 0.0, 1.0]).unwrap_err();
        assert!(matches!(zero, Error::InvalidLink { .. }), "{zero}");
        let w = Weights::economic_distance(&units, &vec![1.0, 1.0 + 1e-12, 2.0]).unwrap();
        assert!(w.weight(0, 1) > 9e11);
    }

    #[test]
    fn closeness_on_all_pairs_and_on_links() {
        let x = vec![1.0, 3.0, 7.0];
        let all = Weights::economic_distance(&units(), &x).unwrap();
        assert_eq!((all.links(), all.weight(0, 2)), (6, 1.0 / 6.0));
        assert!(all.is_symmetric());
        let line = Weights::from_pairs(&units(), [("a", "b"), ("b", "c")]).unwrap();
        let on = line.economic_distance_on_links(&x).unwrap();
        assert_eq!(
            (on.links(), on.weight(1, 2), on.weight(0, 2)),
            (4, 0.25, 0.0)
        );
        assert!(
            on.built().contains("on the links of pairs"),
            "{}",
            on.built()
        );
    }

    #[test]
    fn equal_values_name_both_units() {
        let e = Weights::economic_distance(&units(), &vec![1.0, 5.0, 1.0]).unwrap_err();
        assert!(
            matches!(&e, Error::InvalidLink { from, to, .. } if from == "a" && to == "c"),
            "{e}"
        );
        let line = Weights::from_pairs(&units(), [("a", "b"), ("b", "c")]).unwrap();
        assert!(
            line.economic_distance_on_links(&vec![1.0, 5.0, 1.0])
                .is_ok()
        );
        let many = Units::range(5001);
        let x: Vec<f64> = (0..5001).map(f64::from).collect();
        let e = Weights::economic_distance(&many, &x).unwrap_err();
        assert!(matches!(e, Error::TooLarge { .. }), "{e}");
        let other = Table::from_columns([("x", vec![1.0, 2.0, 3.0])]).unwrap();
        let e = Weights::economic_distance(&units(), other.variable("x").unwrap()).unwrap_err();
        assert!(matches!(e, Error::UnitsDiffer { .. }), "{e}");
    }

    #[test]
    fn gravity_is_mass_times_mass_times_decay() {
        let points = Points::planar([(0.0, 0.0), (3.0, 4.0), (0.0, 1.0)]).unwrap();
        let mass = vec![2.0, 5.0, 9.0];
        let decay = Decay::inverse(2.0);
        let w = Weights::gravity(&points, &mass, Gravity::new(decay)).unwrap();
        assert_relative_eq!(w.weight(0, 1), 10.0 / 25.0, max_relative = 1e-15);
        assert!(w.is_symmetric());
        let sender = Gravity::new(decay).receiver_power(0.0).sender_power(0.5);
        let w = Weights::gravity(&points, &mass, sender).unwrap();
        assert_relative_eq!(w.weight(0, 2), 3.0, max_relative = 1e-15);
        assert_relative_eq!(w.weight(2, 0), 2.0_f64.sqrt(), max_relative = 1e-15);
        let plain = Weights::distance_decay(&points, decay).unwrap();
        let twice = plain
            .weighted_by_sender(&vec![2.0_f64.sqrt(), 5.0_f64.sqrt(), 3.0])
            .unwrap();
        assert_relative_eq!(twice.weight(0, 2), w.weight(0, 2), max_relative = 1e-15);
        let e = Weights::gravity(&points, &vec![2.0, 0.0, 1.0], Gravity::new(decay)).unwrap_err();
        assert!(
            matches!(&e, Error::NonPositive { cell, .. } if cell.unit == "1"),
            "{e}"
        );
        let bad = Gravity::new(decay).sender_power(f64::NAN);
        let e = Weights::gravity(&points, &mass, bad).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        let huge = Weights::gravity(&points, &vec![1e200; 3], Gravity::new(decay)).unwrap_err();
        assert!(matches!(huge, Error::InvalidLink { .. }), "{huge}");
    }

    #[test]
    fn flows_go_from_the_column_to_the_row() {
        let flows = [
            ("a", "b", 2.0),
            ("b", "b", 9.0),
            ("c", "a", 0.0),
            ("c", "b", 1.0),
        ];
        let w = Weights::from_flows(&units(), flows).unwrap();
        assert_eq!(w.neighbours(1).collect::<Vec<_>>(), [(0, 2.0), (2, 1.0)]);
        assert_eq!(
            (w.links(), w.built()),
            (2, "flows (1 within a unit, 1 of zero left out)")
        );
        for bad in [
            vec![("a", "b", -1.0)],
            vec![("a", "b", 1.0), ("a", "b", 2.0)],
        ] {
            let e = Weights::from_flows(&units(), bad).unwrap_err();
            assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        }
    }
}
