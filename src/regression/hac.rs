//! Covariances that are consistent under serial correlation of a unit's errors.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::design::Design;
use super::panel::PanelDesign;
use super::vcov::Vcov;
use crate::error::{Error, Result};

/// Newey and West's rule, floor(4 (T / 100)^(2/9)), below the number of periods.
pub(crate) fn newey_west_lags(periods: usize) -> usize {
    let lags = (4.0 * (periods as f64 / 100.0).powf(2.0 / 9.0)).floor() as usize;
    lags.min(periods.saturating_sub(1))
}

/// The kind with its number of lags, from 0 to T - 1.
pub(crate) fn with_lags(kind: Vcov, design: &Design) -> Result<Vcov> {
    let asked = match kind {
        Vcov::NeweyWest { lags } => lags,
        Vcov::HansenHodrick { lags } => Some(lags),
        other => return Ok(other),
    };
    let panel = panel(kind, design)?;
    let most = panel.periods.len() - 1;
    // With all lags at the weight one every pair of periods counts alike, however far apart.
    if kind != (Vcov::HansenHodrick { lags: most }) {
        panel.step(&kind.to_string())?;
    }
    let lags = asked.unwrap_or_else(|| newey_west_lags(most + 1));
    if lags > most {
        return Err(Error::InvalidOption {
            option: "lags",
            value: lags.to_string(),
            expected: "fewer lags than the panel has periods",
        });
    }
    Ok(match kind {
        Vcov::NeweyWest { .. } => Vcov::NeweyWest { lags: Some(lags) },
        _ => Vcov::HansenHodrick { lags },
    })
}

fn panel(kind: Vcov, design: &Design) -> Result<&PanelDesign> {
    design.panel.as_ref().ok_or_else(|| Error::Unsupported {
        what: format!("{kind} for a regression on a table"),
        why: "the units of a table have no order in time; fit a `Panel` (a single series is a panel of one unit)".to_owned(),
    })
}

/// A variance so much below that without lags is zero but for rounding, as of one unit with all lags, whose x and e are orthogonal.
const ROUNDING: f64 = 1e-12;

/// (X'X)^-1 M (X'X)^-1 with M the sum over units of sum_l w_l (G_l + G_l'), `G_l = sum_t x_it e_it e_i,t-l x_i,t-l'`.
pub(crate) fn autocorrelated(
    kind: Vcov,
    design: &Design,
    x: ArrayView2<'_, f64>,
    residuals: &Array1<f64>,
    bread: &Array2<f64>,
) -> Result<Array2<f64>> {
    let panel = panel(kind, design)?;
    let lags = match kind {
        Vcov::NeweyWest { lags } => lags.unwrap_or_default(),
        Vcov::HansenHodrick { lags } => lags,
        _ => 0,
    };
    let n = panel.units.len();
    let rows = x.nrows();
    let scores = &x * &residuals.view().insert_axis(Axis(1));
    let mut meat = scores.t().dot(&scores);
    let rounding = bread.dot(&meat).dot(bread).diag().mapv(|v| v * ROUNDING);
    for lag in 1..=lags {
        let weight = match kind {
            Vcov::NeweyWest { .. } => 1.0 - lag as f64 / (lags + 1) as f64,
            _ => 1.0,
        };
        // Rows are period by period, so that the same unit stands n rows further in the next one.
        let shift = (lag * n).min(rows);
        let later = scores.slice_axis(Axis(0), (shift..).into());
        let earlier = scores.slice_axis(Axis(0), (..rows - shift).into());
        let gamma = later.t().dot(&earlier);
        meat = meat + (&gamma + &gamma.t()) * weight;
    }
    let vcov = bread.dot(&meat).dot(bread);
    let positive = (vcov.diag().iter().zip(&rounding)).all(|(v, zero)| v > zero);
    if positive {
        return Ok(vcov);
    }
    Err(Error::Unsupported {
        what: format!("{kind} in this sample"),
        why: "a variance is not positive, as can happen where all lags have the weight one; take `Vcov::NeweyWest`, whose weights fall with the lag".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use crate::random::Stream;
    use crate::{Effects, Panel, Regression, Units, Vcov};

    #[test]
    fn one_unit_is_no_sample_of_units() {
        let mut stream = Stream::new(4, 0);
        let columns =
            ["x", "y"].map(|name| (name, Array2::from_shape_fn((12, 1), |_| stream.normal())));
        let years: Vec<i32> = (0..12).collect();
        let panel = Panel::from_columns(&Units::range(1), &years, columns).unwrap();
        let fit = Regression::of("y").on(["x"]).fit(&panel).unwrap();
        assert!(
            fit.clone()
                .with_vcov(Vcov::HansenHodrick { lags: 11 })
                .is_err()
        );
        assert!(fit.with_vcov(Vcov::NeweyWest { lags: Some(11) }).is_ok());
    }

    /// Where Hansen and Hodrick's covariance has a combination of coefficients with a negative variance, tests that need it are refused.
    #[test]
    fn tests_of_more_than_one_coefficient_are_defined() {
        let mut refused = 0;
        for seed in 0..100 {
            let mut stream = Stream::new(seed, 0);
            let mut draw = || Array2::from_shape_fn((8, 3), |_| stream.normal());
            let columns = ["a", "b", "c", "y"].map(|name| (name, draw()));
            let panel =
                Panel::from_columns(&Units::range(3), &[0, 1, 2, 3, 4, 5, 6, 7], columns).unwrap();
            let spec = Regression::of("y").on(["a", "b", "c"]);
            let fit = spec.effects(Effects::Unit).fit(&panel).unwrap();
            let Ok(fit) = fit.with_vcov(Vcov::HansenHodrick { lags: 3 }) else {
                continue;
            };
            for names in [["a", "b"], ["b", "c"], ["a", "c"]] {
                match fit.wald_test(names) {
                    Ok(test) => assert!(test.statistic >= 0.0 && test.p_value >= 0.0),
                    Err(e) => {
                        assert!(e.to_string().contains("negative variance"), "{e}");
                        refused += 1;
                    }
                }
            }
        }
        assert!((1..200).contains(&refused), "{refused}");
    }
}
