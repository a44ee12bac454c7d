//! The Gini coefficient.

use super::{PerHead, Sign, check_mean, checked, units_of};
use crate::data::Variable;
use crate::error::Result;

const NAME: &str = "the Gini coefficient";

/// The Gini coefficient over units that count alike.
///
/// G = Σ_ij |x_i - x_j| / (2 n² μ) = 2 Σ i x_(i) / (n Σ x) - (n + 1)/n, with x_(1) ≤ … ≤ x_(n). It lies in [0, 1 - 1/n]; the
/// factor n/(n - 1), which some programs put in front, is not applied.
///
/// `x` has no negative value (zeros are taken).
///
/// # Errors
///
/// [`Error::NonPositive`](crate::Error::NonPositive), which names a unit with a negative value;
/// [`Error::NotFinite`](crate::Error::NotFinite); [`Error::TooFewUnits`](crate::Error::TooFewUnits) for no value;
/// [`Error::Unsupported`](crate::Error::Unsupported) where every value is zero.
///
/// # Example
///
/// ```
/// // Sales of four firms (Dörsam 2004).
/// let g = spatialecon::gini(&[20.0, 50.0, 20.0, 10.0][..])?;
/// assert!((g - 0.3).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Gini (1912), Variabilità e mutabilità; Cowell (2011), Measuring Inequality.
#[doc(alias = "ineq")]
#[doc(alias = "inequality.gini.Gini")]
pub fn gini<'a>(x: impl Into<Variable<'a>>) -> Result<f64> {
    let x = x.into();
    let values = checked(&x, &units_of(&x), Sign::NonNegative, 1, NAME)?;
    let n = values.len() as f64;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = sorted.iter().sum();
    check_mean(&x, total / n, NAME)?;
    // Σ (2i - n - 1) x_(i) / (n Σ x): the sort form without the difference of large numbers.
    let spread: f64 = sorted
        .iter()
        .enumerate()
        .map(|(i, v)| (2.0 * i as f64 + 1.0 - n) * v)
        .sum();
    Ok((spread / (n * total)).max(0.0))
}

/// The Gini coefficient over persons, each of whom has the value per head of the unit.
///
/// G = Σ_ij f_i f_j |x_i - x_j| / (2μ), with population shares f_i and μ = Σ f_i x_i.
///
/// `x` is per head and has no negative value; `population` is positive, in any unit.
///
/// # Errors
///
/// Those of [`gini`]; [`Error::UnitsDiffer`](crate::Error::UnitsDiffer) or
/// [`Error::LengthMismatch`](crate::Error::LengthMismatch) where the two variables do not belong to the same units.
///
/// # Example
///
/// ```
/// // Six classes of income and their sizes (Dörsam 2004).
/// let income = [500.0, 1500.0, 2500.0, 4000.0, 7500.0, 15000.0];
/// let persons = [1000.0, 1200.0, 1600.0, 400.0, 200.0, 600.0];
/// let g = spatialecon::gini_weighted(&income[..], &persons[..])?;
/// assert!((g - 0.527_826_1).abs() < 1e-7);
/// # Ok::<(), spatialecon::Error>(())
/// ```
pub fn gini_weighted<'a, 'b>(
    x: impl Into<Variable<'a>>,
    population: impl Into<Variable<'b>>,
) -> Result<f64> {
    let data = PerHead::of(&x.into(), &population.into(), Sign::NonNegative, NAME)?;
    let mut sorted: Vec<(f64, f64)> = data.iter().collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0.0;
    let mut spread = 0.0;
    for (x, f) in sorted {
        // share below less share above
        spread += f * x * (2.0 * below + f - 1.0);
        below += f;
    }
    Ok((spread / data.mean).max(0.0))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::data::{MEXICO_1940, SHARES_32};
    use super::*;
    use crate::error::Error;

    /// PySAL inequality, Gini and a published table (Rey and Sastre-Gutierrez 2010): 0.353724.
    #[test]
    fn mexico_1940() {
        let g = gini(&MEXICO_1940[..]).unwrap();
        assert_relative_eq!(g, 0.353_723_71, max_relative = 1e-7);
        let equal = gini_weighted(&MEXICO_1940[..], &[2.5; 32][..]).unwrap();
        assert_relative_eq!(equal, g, max_relative = 1e-12);
    }

    #[test]
    fn the_sort_form_equals_the_double_sum() {
        let (x, p) = (MEXICO_1940, SHARES_32);
        let total: f64 = p.iter().sum();
        let mean: f64 = x.iter().zip(&p).map(|(x, p)| x * p / total).sum();
        let mut sum = 0.0;
        for i in 0..32 {
            for j in 0..32 {
                sum += p[i] * p[j] * (x[i] - x[j]).abs();
            }
        }
        let expected = sum / (2.0 * mean * total * total);
        let found = gini_weighted(&x[..], &p[..]).unwrap();
        assert_relative_eq!(found, expected, max_relative = 1e-12);
    }

    #[test]
    fn bounds_and_errors() {
        assert!(gini(&[3.0; 5][..]).unwrap().abs() < 1e-15);
        assert_relative_eq!(gini(&[0.0, 0.0, 0.0, 8.0][..]).unwrap(), 0.75);
        assert!(matches!(
            gini(&[1.0, -1.0][..]),
            Err(Error::NonPositive { cell, .. }) if cell.unit == "1"
        ));
        assert!(matches!(
            gini(&[0.0, 0.0][..]),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            gini(&[0.0; 0][..]),
            Err(Error::TooFewUnits { .. })
        ));
        assert!(matches!(
            gini_weighted(&[1.0, 2.0][..], &[1.0][..]),
            Err(Error::LengthMismatch { .. })
        ));
    }
}
