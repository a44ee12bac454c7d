//! The Theil index T and the mean logarithmic deviation L.

use super::{PerHead, Sign, checked, units_of};
use crate::data::Variable;
use crate::error::Result;

const NAME: &str = "the Theil index";
const DEVIATION: &str = "the mean logarithmic deviation";

/// The Theil index T over units that count alike.
///
/// T = Σ s_i ln(n s_i), with s_i = x_i / Σ x; between 0 and ln n.
///
/// `x` is positive.
///
/// # Errors
///
/// [`Error::NonPositive`](crate::Error::NonPositive), which names the unit; [`Error::NotFinite`](crate::Error::NotFinite);
/// [`Error::TooFewUnits`](crate::Error::TooFewUnits) for no value.
///
/// # Example
///
/// ```
/// // Shares 1/4 and 3/4: T = ¼ ln ½ + ¾ ln 3/2.
/// let t = spatialecon::theil(&[1.0, 3.0][..])?;
/// assert!((t - 0.130_812_035_9).abs() < 1e-9);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Theil (1967), Economics and Information Theory.
#[doc(alias = "inequality.theil.Theil")]
#[doc(alias = "GE(1)")]
pub fn theil<'a>(x: impl Into<Variable<'a>>) -> Result<f64> {
    let x = x.into();
    let values = checked(&x, &units_of(&x), Sign::Positive, 1, NAME)?;
    let mean = values.sum() / values.len() as f64;
    let sum: f64 = values.iter().map(|v| v / mean * (v / mean).ln()).sum();
    Ok((sum / values.len() as f64).max(0.0))
}

/// The Theil index T over persons, each of whom has the value per head of the unit.
///
/// T = Σ s_i ln(s_i / f_i), with population shares f_i and income shares s_i = f_i x_i / Σ f_j x_j.
///
/// `x` is per head and positive (where totals are at hand, divide them by the population); `population` is positive, in any
/// unit.
///
/// # Errors
///
/// Those of [`theil`]; [`Error::UnitsDiffer`](crate::Error::UnitsDiffer) or
/// [`Error::LengthMismatch`](crate::Error::LengthMismatch) where the two variables do not belong to the same units.
///
/// # Example
///
/// ```
/// // Two units with shares of population 3/4 and 1/4, of income 1/2 and 1/2: T = ½ ln(2/3) + ½ ln 2.
/// let t = spatialecon::theil_weighted(&[2.0, 6.0][..], &[3.0, 1.0][..])?;
/// assert!((t - 0.143_841_036).abs() < 1e-9);
/// # Ok::<(), spatialecon::Error>(())
/// ```
pub fn theil_weighted<'a, 'b>(
    x: impl Into<Variable<'a>>,
    population: impl Into<Variable<'b>>,
) -> Result<f64> {
    let data = PerHead::of(&x.into(), &population.into(), Sign::Positive, NAME)?;
    let sum: f64 = data
        .iter()
        .map(|(x, f)| f * x / data.mean * (x / data.mean).ln())
        .sum();
    Ok(sum.max(0.0))
}

/// The mean logarithmic deviation (Theil's L) over units that count alike.
///
/// L = Σ ln(μ / x_i) / n. Among the measures that decompose into a part within and a part between groups it is the one whose
/// parts do not depend on which is taken out first.
///
/// `x` is positive.
///
/// # Errors
///
/// Those of [`theil`].
///
/// # Example
///
/// ```
/// let l = spatialecon::mean_log_deviation(&[10.0, 10.0, 10.0, 20.0, 50.0][..])?; // Störmann
/// assert!((l - 0.232_630_2).abs() < 1e-7);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Theil (1967), Economics and Information Theory; Shorrocks (1980), Econometrica 48.
#[doc(alias = "GE(0)")]
#[doc(alias = "Theil L")]
pub fn mean_log_deviation<'a>(x: impl Into<Variable<'a>>) -> Result<f64> {
    let x = x.into();
    let values = checked(&x, &units_of(&x), Sign::Positive, 1, DEVIATION)?;
    let n = values.len() as f64;
    let mean = values.sum() / n;
    let sum: f64 = values.iter().map(|v| (mean / v).ln()).sum();
    Ok((sum / n).max(0.0))
}

/// The mean logarithmic deviation (Theil's L) over persons, each of whom has the value per head of the unit.
///
/// L = Σ f_i ln(f_i / s_i) = Σ f_i ln(μ / x_i), with population shares f_i, income shares s_i and μ = Σ f_i x_i.
///
/// `x` is per head and positive; `population` is positive, in any unit.
///
/// # Errors
///
/// Those of [`theil_weighted`].
///
/// # Example
///
/// ```
/// // Shares of population 3/4 and 1/4, of income 1/2 and 1/2: L = ¾ ln(3/2) + ¼ ln ½.
/// let l = spatialecon::mean_log_deviation_weighted(&[2.0, 6.0][..], &[3.0, 1.0][..])?;
/// assert!((l - 0.130_812_035_9).abs() < 1e-9);
/// # Ok::<(), spatialecon::Error>(())
/// ```
pub fn mean_log_deviation_weighted<'a, 'b>(
    x: impl Into<Variable<'a>>,
    population: impl Into<Variable<'b>>,
) -> Result<f64> {
    let data = PerHead::of(&x.into(), &population.into(), Sign::Positive, DEVIATION)?;
    let sum: f64 = data.iter().map(|(x, f)| f * (data.mean / x).ln()).sum();
    Ok(sum.max(0.0))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::data::{MEXICO_1940, SHARES_32};
    use super::*;
    use crate::error::Error;

    /// PySAL inequality, Theil: 0.208943 for the states of Mexico in 1940.
    #[test]
    fn mexico_1940() {
        let t = theil(&MEXICO_1940[..]).unwrap();
        assert!((t - 0.208_943).abs() < 5e-7);
        let equal = theil_weighted(&MEXICO_1940[..], &[0.1; 32][..]).unwrap();
        assert_relative_eq!(equal, t, max_relative = 1e-12);
        let l = mean_log_deviation(&MEXICO_1940[..]).unwrap();
        assert!((l - 0.202_949).abs() < 5e-7);
        let equal = mean_log_deviation_weighted(&MEXICO_1940[..], &[0.1; 32][..]).unwrap();
        assert_relative_eq!(equal, l, max_relative = 1e-12);
    }

    #[test]
    fn units_can_be_split_and_money_rescaled() {
        // A unit cut into two with the same value per head changes nothing; neither does another currency.
        let t = theil_weighted(&MEXICO_1940[..], &SHARES_32[..]).unwrap();
        let l = mean_log_deviation_weighted(&MEXICO_1940[..], &SHARES_32[..]).unwrap();
        let (mut x, mut p) = (MEXICO_1940.to_vec(), SHARES_32.to_vec());
        p[4] *= 0.3;
        x.push(x[4]);
        p.push(SHARES_32[4] * 0.7);
        for v in &mut x {
            *v *= 7.1;
        }
        assert_relative_eq!(theil_weighted(&x, &p).unwrap(), t, max_relative = 1e-12);
        let again = mean_log_deviation_weighted(&x, &p).unwrap();
        assert_relative_eq!(again, l, max_relative = 1e-12);
    }

    #[test]
    fn zero_is_an_error_that_names_the_unit() {
        assert!(matches!(
            theil(&[1.0, 0.0][..]),
            Err(Error::NonPositive { cell, .. }) if cell.unit == "1"
        ));
        assert!(matches!(
            theil_weighted(&[1.0, 2.0][..], &[0.0, 1.0][..]),
            Err(Error::NonPositive { cell, .. }) if cell.unit == "0"
        ));
    }
}
