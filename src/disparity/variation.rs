//! Standard deviation and coefficients of variation.

use super::{PerHead, Sign, check_mean, checked, units_of};
use crate::data::Variable;
use crate::error::Result;

/// The divisor of a variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ddof {
    /// n: the units are all there are (NumPy's and PySAL's `ddof = 0`).
    #[default]
    Population,
    /// n - 1: the units are a sample (R's `sd`, Stata's `summarize`, `ddof = 1`).
    Sample,
}

impl Ddof {
    /// What is subtracted from n: 0 or 1.
    pub(crate) fn subtracted(self) -> usize {
        usize::from(self == Self::Sample)
    }
}

/// The standard deviation √(Σ (x_i - μ)² / (n - d)), with d = 0 or 1 by `ddof`.
///
/// # Errors
///
/// [`Error::NotFinite`](crate::Error::NotFinite); [`Error::TooFewUnits`](crate::Error::TooFewUnits) where n - d < 1.
///
/// # Example
///
/// ```
/// use spatialecon::{Ddof, standard_deviation};
/// let x = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
/// assert!((standard_deviation(&x[..], Ddof::Population)? - 2.0).abs() < 1e-12);
/// assert!((standard_deviation(&x[..], Ddof::Sample)? - 2.138_089_935).abs() < 1e-9);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[doc(alias = "sd")]
#[doc(alias = "std")]
pub fn standard_deviation<'a>(x: impl Into<Variable<'a>>, ddof: Ddof) -> Result<f64> {
    let x = x.into();
    let (units, needed) = (units_of(&x), 1 + ddof.subtracted());
    let values = checked(&x, &units, Sign::Any, needed, "a standard deviation")?;
    Ok(moments(values.iter().copied(), ddof).1)
}

/// The coefficient of variation: standard deviation over mean.
///
/// Of levels, not of logarithms: the mean of logarithms depends on the unit of money, and so would their coefficient of
/// variation (see [`sd_of_logs`]).
///
/// # Errors
///
/// Those of [`standard_deviation`]; [`Error::Unsupported`](crate::Error::Unsupported) where the mean is not positive.
///
/// # Example
///
/// ```
/// use spatialecon::{Ddof, coefficient_of_variation};
/// let cv = coefficient_of_variation(&[1.0, 2.0, 3.0][..], Ddof::Sample)?;
/// assert!((cv - 0.5).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[doc(alias = "cv")]
pub fn coefficient_of_variation<'a>(x: impl Into<Variable<'a>>, ddof: Ddof) -> Result<f64> {
    const NAME: &str = "the coefficient of variation";
    let x = x.into();
    let values = checked(&x, &units_of(&x), Sign::Any, 1 + ddof.subtracted(), NAME)?;
    let (mean, sd) = moments(values.iter().copied(), ddof);
    check_mean(&x, mean, NAME)?;
    Ok(sd / mean)
}

/// The standard deviation of ln x, the measure of σ-convergence.
///
/// # Errors
///
/// [`Error::NonPositive`](crate::Error::NonPositive), which names the unit; those of [`standard_deviation`].
///
/// # Example
///
/// ```
/// use spatialecon::{Ddof, sd_of_logs};
/// let sd = sd_of_logs(&[1.0, std::f64::consts::E][..], Ddof::Population)?;
/// assert!((sd - 0.5).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[doc(alias = "sigmaconv")]
pub fn sd_of_logs<'a>(x: impl Into<Variable<'a>>, ddof: Ddof) -> Result<f64> {
    let x = x.into();
    let (units, needed) = (units_of(&x), 1 + ddof.subtracted());
    let what = "a standard deviation of logarithms";
    let values = checked(&x, &units, Sign::Positive, needed, what)?;
    Ok(moments(values.iter().map(|v| v.ln()), ddof).1)
}

/// Williamson's V_w: the coefficient of variation over persons, each of whom has the value per head of the unit.
///
/// V_w = √(Σ f_i (x_i - μ)²) / μ, with population shares f_i and μ = Σ f_i x_i.
///
/// `x` is per head; `population` is positive, in any unit.
///
/// # Errors
///
/// [`Error::NonPositive`](crate::Error::NonPositive), which names a unit without population;
/// [`Error::Unsupported`](crate::Error::Unsupported) where the mean is not positive;
/// [`Error::UnitsDiffer`](crate::Error::UnitsDiffer) or [`Error::LengthMismatch`](crate::Error::LengthMismatch) where the two
/// variables do not belong to the same units; [`Error::NotFinite`](crate::Error::NotFinite);
/// [`Error::TooFewUnits`](crate::Error::TooFewUnits) for no value.
///
/// # Example
///
/// ```
/// // μ = 3, Σ f (x - μ)² = ¾ · 1 + ¼ · 9 = 3.
/// let v = spatialecon::williamson(&[2.0, 6.0][..], &[3.0, 1.0][..])?;
/// assert!((v - 3.0_f64.sqrt() / 3.0).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Williamson (1965), Economic Development and Cultural Change 13.
#[doc(alias = "weighted coefficient of variation")]
pub fn williamson<'a, 'b>(
    x: impl Into<Variable<'a>>,
    population: impl Into<Variable<'b>>,
) -> Result<f64> {
    let what = "the weighted coefficient of variation";
    let data = PerHead::of(&x.into(), &population.into(), Sign::Any, what)?;
    let variance: f64 = data.iter().map(|(x, f)| f * (x - data.mean).powi(2)).sum();
    Ok(variance.sqrt() / data.mean)
}

/// Mean and standard deviation.
fn moments(values: impl Iterator<Item = f64> + Clone, ddof: Ddof) -> (f64, f64) {
    let (n, sum) = values
        .clone()
        .fold((0_usize, 0.0), |(n, sum), v| (n + 1, sum + v));
    let mean = sum / n as f64;
    let squares: f64 = values.map(|v| (v - mean).powi(2)).sum();
    (mean, (squares / (n - ddof.subtracted()) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::data::{MEXICO_1940, SHARES_32};
    use super::*;
    use crate::data::{Table, Units};
    use crate::error::Error;

    #[test]
    fn divisors_differ_by_their_ratio() {
        let ratio = (32.0_f64 / 31.0).sqrt();
        let x = &MEXICO_1940[..];
        for of in [standard_deviation, coefficient_of_variation, sd_of_logs] {
            let (sample, population) = (of(x, Ddof::Sample), of(x, Ddof::Population));
            assert_relative_eq!(
                sample.unwrap(),
                ratio * population.unwrap(),
                max_relative = 1e-12
            );
        }
        assert_eq!(Ddof::default(), Ddof::Population);
    }

    #[test]
    fn equal_populations_give_the_plain_coefficient() {
        let x = &MEXICO_1940[..];
        assert_relative_eq!(
            williamson(x, &[4.0; 32][..]).unwrap(),
            coefficient_of_variation(x, Ddof::Population).unwrap(),
            max_relative = 1e-12
        );
        assert!(williamson(x, &SHARES_32[..]).unwrap() > 0.0);
    }

    #[test]
    fn errors_name_the_unit() {
        let table = Table::over(&Units::new(["440100", "440300"]).unwrap())
            .column("gdp", vec![5.0, -1.0])
            .unwrap();
        let gdp = table.variable("gdp").unwrap();
        assert!(matches!(
            sd_of_logs(gdp.clone(), Ddof::Sample),
            Err(Error::NonPositive { cell, .. }) if cell.unit == "440300" && cell.column == "gdp"
        ));
        assert!(matches!(
            coefficient_of_variation(&[1.0, -1.0][..], Ddof::Population),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            standard_deviation(&[1.0][..], Ddof::Sample),
            Err(Error::TooFewUnits { needed: 2, .. })
        ));
        let other = Table::over(&Units::new(["440300", "440100"]).unwrap())
            .column("population", vec![1.0, 1.0])
            .unwrap();
        assert!(matches!(
            williamson(gdp, other.variable("population").unwrap()),
            Err(Error::UnitsDiffer { .. })
        ));
    }
}
