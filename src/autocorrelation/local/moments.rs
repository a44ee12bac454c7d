//! Mean and variance of local Moran's I under three assumptions, and the tests that rest on them.

use ndarray::Array1;

use super::super::deviations::Deviations;
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution};
use crate::linalg::sparse::Csr;

/// Under which assumption the moments of a local statistic are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LocalAssumption {
    /// Conditional randomisation: the unit keeps its value, every arrangement of the others over the other units is equally
    /// likely. What conditional permutations approximate.
    #[default]
    Conditional,
    /// Total randomisation: every arrangement of all values over all units is equally likely.
    Total,
    /// The values are independent draws of one normal distribution.
    Normality,
}

/// Moments of a local statistic under an assumption, and the test by the standard normal; one number a unit.
///
/// A statistic that cannot vary under the assumption (of an island, and of a unit whose own value is the mean where that is
/// held) has variance zero, z = 0 and p = 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LocalMoments {
    /// Expectations.
    pub expectation: Array1<f64>,
    /// Variances.
    pub variance: Array1<f64>,
    /// (I_i - E(I_i)) / sd(I_i).
    pub z: Array1<f64>,
    /// p-values by the standard normal, not adjusted for their number.
    pub p_values: Array1<f64>,
}

/// Σ_j w_ij and Σ_j w_ij² of each row: all that the null distributions of a local statistic need to know of the weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowWeights {
    pub(super) sums: Array1<f64>,
    pub(super) squares: Array1<f64>,
}

impl RowWeights {
    pub(super) fn of(w: &Csr) -> Self {
        let squares = |i: usize| w.row(i).map(|(_, weight)| weight * weight).sum();
        Self {
            sums: w.row_sums(),
            squares: (0..w.n()).map(squares).collect(),
        }
    }
}

/// Below this, relative to the parts of which it is the difference, a variance is rounding error.
const NOTHING: f64 = 1e-12;

/// The moments of I_i = z_i Σ_j w_ij z_j / m2, and the tests of the observed ones.
pub(super) fn moments(
    i: &Array1<f64>,
    x: &Deviations,
    weights: &RowWeights,
    assumption: LocalAssumption,
    alternative: Alternative,
) -> Result<LocalMoments> {
    let n = x.z.len();
    if n < 3 {
        return Err(Error::TooFewUnits {
            what: "the variance of local Moran's I".to_owned(),
            needed: 3,
            n,
        });
    }
    let m2 = x.sum_of_squares / n as f64;
    let b2 = x.z.iter().map(|z| (z * z / m2).powi(2)).sum::<f64>() / n as f64;
    let both: Vec<(f64, f64)> = (0..n)
        .map(|unit| {
            let (r, q) = (weights.sums[unit], weights.squares[unit]);
            match assumption {
                LocalAssumption::Conditional => conditional(x, unit, r, q),
                LocalAssumption::Total => total(n as f64, b2, r, q),
                LocalAssumption::Normality => normal(n as f64, r, q),
            }
        })
        .collect();
    let z: Array1<f64> = both
        .iter()
        .zip(i)
        .map(|(&(mean, variance), i)| {
            if variance > 0.0 {
                (i - mean) / variance.sqrt()
            } else {
                0.0
            }
        })
        .collect();
    let p_values = both
        .iter()
        .zip(&z)
        .map(|(&(_, variance), &z)| {
            if variance > 0.0 {
                normal_p(z, alternative)
            } else {
                1.0
            }
        })
        .collect();
    Ok(LocalMoments {
        expectation: both.iter().map(|m| m.0).collect(),
        variance: both.iter().map(|m| m.1).collect(),
        z,
        p_values,
    })
}

/// The p-value of a standard normal deviate.
pub(super) fn normal_p(z: f64, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::TwoSided => Distribution::Normal.two_tails(z),
        Alternative::Greater => Distribution::Normal.upper_tail(z),
        Alternative::Less => Distribution::Normal.upper_tail(-z),
    }
}

/// A variance, or zero where it is rounding error beside the `parts` that cancelled.
fn or_nothing(variance: f64, parts: f64) -> f64 {
    if variance > NOTHING * parts {
        variance
    } else {
        0.0
    }
}

/// The neighbours' values are a sample without replacement from the other n - 1, whose mean is -z_i / (n - 1).
fn conditional(x: &Deviations, unit: usize, r: f64, q: f64) -> (f64, f64) {
    let others = x.z.len() as f64 - 1.0;
    let m2 = x.sum_of_squares / (others + 1.0);
    let z = x.z[unit];
    let mean = -z / others;
    let expectation = z * r * mean / m2;
    if z.abs() <= x.tolerance() {
        return (expectation, 0.0);
    }
    let spread = or_nothing(
        (x.sum_of_squares - z * z) / others - mean * mean,
        x.sum_of_squares / others,
    );
    let unequal = or_nothing(q - r * r / others, q);
    (
        expectation,
        (z / m2).powi(2) * spread * unequal * others / (others - 1.0),
    )
}

/// With b2 = m4 / m2²: E(z_i² z_j²) / m2² = (n - b2) / (n - 1), E(z_i² z_j z_k) / m2² = (2 b2 - n) / ((n - 1)(n - 2)).
fn total(n: f64, b2: f64, r: f64, q: f64) -> (f64, f64) {
    let squares = q * (n - b2) / (n - 1.0);
    let products = (r * r - q) * (2.0 * b2 - n) / ((n - 1.0) * (n - 2.0));
    let expectation = -r / (n - 1.0);
    let variance = squares + products - expectation * expectation;
    let parts = q + products.abs() + expectation * expectation;
    (expectation, or_nothing(variance, parts))
}

/// With the two eigenvalues g of [`eigenvalues`](super::exact::eigenvalues): Σ g / (n - 1) and
/// 2 [(n - 1) Σ g² - (Σ g)²] / ((n - 1)² (n + 1)).
fn normal(n: f64, r: f64, q: f64) -> (f64, f64) {
    let squares = 0.5 * (r * r + n * (n - 1.0) * (q - r * r / n));
    let variance = 2.0 * ((n - 1.0) * squares - r * r) / ((n - 1.0).powi(2) * (n + 1.0));
    (-r / (n - 1.0), variance.max(0.0))
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::moran::LocalMoran;
    use super::*;
    use crate::data::Units;
    use crate::inference::Permutations;
    use crate::weights::Weights;

    /// Directed links of unequal weights, and an island; the third value is the mean.
    fn small() -> (Weights, [f64; 6]) {
        let rows = [
            vec![(1, 0.5), (2, 2.0), (5, 1.0)],
            vec![(0, 1.0)],
            vec![(1, 1.0), (3, 0.25)],
            vec![(0, 3.0), (4, 0.3)],
            vec![(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0), (5, 1.0)],
            vec![],
        ];
        let w = Weights::from_csr(Units::range(6), Csr::from_rows(&rows), "links").islands_kept();
        (w, [3.0, 1.0, 4.0, 1.5, 9.0, 5.5])
    }

    fn orders(n: usize) -> Vec<Vec<usize>> {
        let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..n {
            let mut longer = Vec::new();
            for order in &orders {
                for j in (0..n).filter(|j| !order.contains(j)) {
                    longer.push([order.as_slice(), &[j]].concat());
                }
            }
            orders = longer;
        }
        orders
    }

    fn of(x: &[f64], w: &Weights) -> LocalMoran {
        LocalMoran::of(x, w, Permutations::new(9)).unwrap()
    }

    #[test]
    fn moments_are_those_of_all_arrangements() {
        let (w, x) = small();
        let local = of(&x, &w);
        let total = local.moments(LocalAssumption::Total).unwrap();
        let conditional = local.moments(LocalAssumption::Conditional).unwrap();
        let all: Vec<(Vec<usize>, Vec<f64>)> = orders(6)
            .into_iter()
            .map(|order| {
                let y: Vec<f64> = order.iter().map(|&j| x[j]).collect();
                (order, of(&y, &w).i().to_vec())
            })
            .collect();
        for unit in 0..6 {
            for (found, held) in [(&total, false), (&conditional, true)] {
                let values: Vec<f64> = all
                    .iter()
                    .filter(|(order, _)| !held || order[unit] == unit)
                    .map(|(_, i)| i[unit])
                    .collect();
                let count = values.len() as f64;
                let mean = values.iter().sum::<f64>() / count;
                let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
                assert!((found.expectation[unit] - mean).abs() < 1e-13);
                assert!(
                    (found.variance[unit] - variance).abs() < 1e-13,
                    "{unit} {held}"
                );
                if variance < 1e-20 {
                    assert_eq!((found.z[unit], found.p_values[unit]), (0.0, 1.0));
                    assert_eq!(found.variance[unit], 0.0);
                } else {
                    let z = (local.i()[unit] - mean) / variance.sqrt();
                    assert_relative_eq!(found.z[unit], z, max_relative = 1e-11);
                }
            }
        }
        // The island; conditionally the unit at the mean, and the one linked with all others.
        assert_eq!(total.variance.iter().filter(|&&v| v == 0.0).count(), 1);
        let fixed: Vec<bool> = conditional.variance.iter().map(|&v| v == 0.0).collect();
        assert_eq!(fixed, [false, false, true, false, true, true]);
    }

    #[test]
    fn scale_and_direction_do_not_matter() {
        let (w, x) = small();
        let large: Vec<f64> = x.iter().map(|v| 1e8 * v).collect();
        for assumption in [
            LocalAssumption::Conditional,
            LocalAssumption::Total,
            LocalAssumption::Normality,
        ] {
            let local = of(&x, &w).alternative(Alternative::Greater);
            let (a, b) = (
                local.moments(assumption).unwrap(),
                of(&large, &w).moments(assumption).unwrap(),
            );
            let less = local
                .alternative(Alternative::Less)
                .moments(assumption)
                .unwrap();
            for unit in 0..5 {
                assert_relative_eq!(a.z[unit], b.z[unit], max_relative = 1e-9);
                if a.variance[unit] > 0.0 {
                    assert_relative_eq!(
                        a.p_values[unit] + less.p_values[unit],
                        1.0,
                        max_relative = 1e-14
                    );
                }
            }
        }
        let two = Weights::from_pairs(&Units::range(2), [("0", "1")]).unwrap();
        assert!(matches!(
            of(&[1.0, 2.0], &two).moments(LocalAssumption::Total),
            Err(Error::TooFewUnits { needed: 3, .. })
        ));
    }
}
