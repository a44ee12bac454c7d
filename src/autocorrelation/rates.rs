//! Rates of small populations: their standardisation by empirical Bayes, and Moran's I of it.

use ndarray::Array1;

use super::local::LocalMoran;
use super::moran::Moran;
use crate::data::{Units, Variable};
use crate::error::{Cell, Error, Result};
use crate::inference::Permutations;
use crate::weights::Weights;

/// Rates (events over population) in standard deviations from the overall rate, by empirical Bayes.
///
/// A rate of a small population varies more than one of a large: its plain Moran's I mistakes that for a pattern. With
/// r_i = e_i / p_i, b = Σ e / Σ p, s² = Σ p_i (r_i - b)² / Σ p and a = s² - b n / Σ p, the variance among the underlying rates,
///
/// z_i = (r_i - b) / √(a + b / p_i).
///
/// a is an estimate and can be negative, where the rates vary less than independent Poisson counts would; it is then taken as zero, as
/// GeoDa and spdep do. (esda keeps a negative a for those units where a + b / p_i stays positive.)
///
/// Events need be neither whole nor fewer than the population: the model is Poisson. Returns n values, in the order of the units.
///
/// # Errors
///
/// [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`]; [`Error::NonPositive`] for a population of zero or
/// below; [`Error::InvalidValue`] for a negative number of events; [`Error::Constant`] where there is no event at all.
///
/// # Example
///
/// ```
/// use spatialecon::standardized_rates;
/// let z = standardized_rates(
///     &[30.0, 25.0, 25.0, 15.0, 33.0, 21.0, 30.0, 20.0][..],
///     &[100.0, 100.0, 110.0, 90.0, 100.0, 90.0, 110.0, 90.0][..],
/// )?;
/// assert!((z[2] + 0.514608964).abs() < 1e-8);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Assunção and Reis (1999), Statistics in Medicine 18; Marshall (1991), Applied Statistics 40.
#[doc(alias = "assuncao_rate")]
#[doc(alias = "EBest")]
#[doc(alias = "EB rates")]
pub fn standardized_rates<'a, 'b>(
    events: impl Into<Variable<'a>>,
    population: impl Into<Variable<'b>>,
) -> Result<Array1<f64>> {
    let (events, population) = (events.into(), population.into());
    let units = match (events.units(), population.units()) {
        (Some(units), _) | (None, Some(units)) => units.clone(),
        (None, None) => Units::range(events.len()),
    };
    rates(&events, &population, &units, "the events")
}

/// Over units that both variables must have.
fn rates(
    events: &Variable<'_>,
    population: &Variable<'_>,
    units: &Units,
    of: &str,
) -> Result<Array1<f64>> {
    let e = events.checked_for(units, of)?;
    let p = population.checked_for(units, of)?;
    let cell = |i: usize, v: &Variable<'_>| Cell::new(units.name(i), None, v.name());
    if let Some(i) = p.iter().position(|&p| p <= 0.0) {
        return Err(Error::NonPositive {
            cell: cell(i, population),
            value: p[i],
        });
    }
    if let Some(i) = e.iter().position(|&e| e < 0.0) {
        return Err(Error::InvalidValue {
            cell: cell(i, events),
            value: e[i],
            expected: "a number of events, zero or more",
        });
    }
    let (sum_e, sum_p) = (e.sum(), p.sum());
    if sum_e <= 0.0 {
        return Err(Error::Constant {
            name: events.name().to_owned(),
            what: "a rate",
        });
    }
    let b = sum_e / sum_p;
    let deviations = &e / &p - b;
    let spread: f64 = (p.iter().zip(&deviations))
        .map(|(p, d)| p / sum_p * d * d)
        .sum();
    let a = (spread - b * e.len() as f64 / sum_p).max(0.0);
    let standardized = deviations
        .iter()
        .zip(&p)
        .map(|(d, p)| d / (a + b / p).sqrt());
    Ok(standardized.collect())
}

impl Moran {
    /// Moran's I of rates: of events over populations, standardised by empirical Bayes ([`standardized_rates`]).
    ///
    /// EBI = (n / S0) z'Wz / z'z of the standardised rates z less their mean; moments and tests are those of Moran's I of z.
    ///
    /// # Errors
    ///
    /// Those of [`standardized_rates`] and of [`of`](Self::of).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Moran, Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2"), ("2", "3")])?;
    /// let (cases, people) = ([4.0, 3.0, 0.0, 1.0], [1000.0, 500.0, 800.0, 1200.0]);
    /// let moran = Moran::of_rates(&cases[..], &people[..], &w)?;
    /// assert!(moran.i() > 0.0);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Assunção and Reis (1999), Statistics in Medicine 18.
    #[doc(alias = "EBImoran.mc")]
    #[doc(alias = "Moran_Rate")]
    pub fn of_rates<'a, 'b>(
        events: impl Into<Variable<'a>>,
        population: impl Into<Variable<'b>>,
        w: &Weights,
    ) -> Result<Self> {
        let (events, population) = (events.into(), population.into());
        let z = rates(&events, &population, w.units(), "the weights")?;
        let name = format!("{} / {}", events.name(), population.name());
        Self::of(Variable::from(&z).named(&name), w)
    }
}

impl LocalMoran {
    /// Local Moran's I of rates: of events over populations, standardised by empirical Bayes ([`standardized_rates`]).
    ///
    /// As [`Moran::of_rates`], unit by unit; a unit's standardised rate goes with it in a permutation.
    ///
    /// # Errors
    ///
    /// Those of [`standardized_rates`] and of [`of`](Self::of).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{LocalMoran, Moran, Permutations, Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2"), ("2", "3")])?;
    /// let (cases, people) = ([4.0, 3.0, 0.0, 1.0], [1000.0, 500.0, 800.0, 1200.0]);
    /// let local = LocalMoran::of_rates(&cases[..], &people[..], &w, Permutations::all())?;
    /// let global = Moran::of_rates(&cases[..], &people[..], &w)?;
    /// assert!((local.i().sum() - 6.0 * global.i()).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Assunção and Reis (1999), Statistics in Medicine 18; Anselin, Lozano-Gracia and Koschinsky (2006), Rate transformations and
    /// smoothing.
    #[doc(alias = "Moran_Local_Rate")]
    #[doc(alias = "local_moran_eb")]
    pub fn of_rates<'a, 'b>(
        events: impl Into<Variable<'a>>,
        population: impl Into<Variable<'b>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let (events, population) = (events.into(), population.into());
        let z = rates(&events, &population, w.units(), "the weights")?;
        let name = format!("{} / {}", events.name(), population.name());
        Self::of(Variable::from(&z).named(&name), w, permutations)
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::columbus::{CRIME, weights};
    use super::*;

    // esda 2.9.0, smoothing.assuncao_rate(e, b)
    #[test]
    fn rates_agree_with_esda() {
        let e = [30.0, 5.0, 25.0, 45.0, 13.0, 21.0, 60.0, 20.0];
        let p = [100.0, 100.0, 110.0, 90.0, 100.0, 90.0, 110.0, 90.0];
        let z = standardized_rates(&e[..], &p[..]).unwrap();
        let expected = [
            0.14159630547099236,
            -1.4120298240023954,
            -0.3118891463852013,
            1.3763352214552946,
            -0.9148694625709112,
            -0.27109633149876994,
            1.6751465442947107,
            -0.3397393128718561,
        ];
        for (z, expected) in z.iter().zip(expected) {
            assert_relative_eq!(*z, expected, max_relative = 1e-12);
        }
    }

    #[test]
    fn a_negative_variance_among_rates_is_none() {
        // a = -0.00037: Poisson counts would vary more, and z² = p (r - b)² / b. GeoDa has the same eight numbers (pygeoda
        // 0.1.3, gda_rateStandardizeEB), esda others.
        let e = [30.0, 25.0, 25.0, 15.0, 33.0, 21.0, 30.0, 20.0];
        let p = [100.0, 100.0, 110.0, 90.0, 100.0, 90.0, 110.0, 90.0];
        let (z, b) = (standardized_rates(&e[..], &p[..]).unwrap(), 199.0 / 790.0);
        for ((z, e), p) in z.iter().zip(e).zip(p) {
            let expected: f64 = (e / p - b) / (b / p).sqrt();
            assert_relative_eq!(*z, expected, max_relative = 1e-12);
        }
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(true);
        let people = [100.0; 49];
        let mut some = people;
        some[4] = 0.0;
        let zero = Moran::of_rates(&CRIME[..], &some[..], &w);
        assert!(
            matches!(zero, Err(Error::NonPositive { cell, .. }) if cell.unit == w.units().name(4))
        );
        let mut events = CRIME;
        events[6] = -1.0;
        let negative = Moran::of_rates(&events[..], &people[..], &w);
        assert!(
            matches!(negative, Err(Error::InvalidValue { cell, .. }) if cell.unit == w.units().name(6))
        );
        let none = Moran::of_rates(&[0.0; 49][..], &people[..], &w);
        assert!(matches!(none, Err(Error::Constant { .. })));
        let short = standardized_rates(&CRIME[..], &people[..48]);
        assert!(matches!(short, Err(Error::LengthMismatch { .. })));
        // as many events as people, and more
        assert!(Moran::of_rates(&CRIME[..], &[10.0; 49][..], &w).is_ok());
    }
}
