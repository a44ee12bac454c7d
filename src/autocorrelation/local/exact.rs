//! The exact distribution of local Moran's I under normality, and its saddle-point approximation.

use ndarray::Array1;

use super::super::exact::{NormalRatio, p_value};
use super::moments::{RowWeights, normal_p};
use crate::error::{Error, Result};
use crate::inference::quadratic::TwoTails;
use crate::inference::{Alternative, Distribution};
use crate::parallel::map_indexed;

/// A test of each unit by a standard normal deviate.
///
/// An island has z = 0 and p = 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LocalDeviates {
    /// Standard normal deviates: what has the upper tail of the statistic; infinite where the statistic has reached its bound.
    pub z: Array1<f64>,
    /// p-values, not adjusted for their number.
    pub p_values: Array1<f64>,
}

/// The eigenvalues that are not zero of n M ½(e_i w_i' + w_i e_i') M, with w_i the weights of the links of unit i.
///
/// It has rank two: with u = M e_i and v = M w_i they are n ½ (u'v ± |u| |v|), u'v = -r / n, |u|² = 1 - 1 / n and
/// |v|² = q - r² / n, where r and q are the sums of the weights and of their squares.
pub(super) fn eigenvalues(n: f64, r: f64, q: f64) -> (f64, f64) {
    let root = (n * (n - 1.0) * (q - r * r / n)).max(0.0).sqrt();
    (0.5 * (root - r), -0.5 * (root + r))
}

fn ratio(n: usize, r: f64, q: f64) -> NormalRatio {
    let (high, low) = eigenvalues(n as f64, r, q);
    NormalRatio::new(vec![(high, 1.0), (low, 1.0), (0.0, n as f64 - 3.0)])
}

fn check(n: usize) -> Result<()> {
    if n < 3 {
        return Err(Error::TooFewUnits {
            what: "the distribution of local Moran's I under normality".to_owned(),
            needed: 3,
            n,
        });
    }
    Ok(())
}

/// The exact tests of the observed I_i.
pub(super) fn exact(
    i: &Array1<f64>,
    weights: &RowWeights,
    alternative: Alternative,
) -> Result<LocalDeviates> {
    let n = i.len();
    check(n)?;
    let units: Result<Vec<(f64, f64)>> = map_indexed(n, |unit| {
        let (r, q) = (weights.sums[unit], weights.squares[unit]);
        if q > 0.0 {
            let tails = ratio(n, r, q).tails(i[unit])?;
            Ok((deviate(tails), p_value(tails, alternative)))
        } else {
            Ok((0.0, 1.0))
        }
    })
    .into_iter()
    .collect();
    let (z, p): (Vec<f64>, Vec<f64>) = units?.into_iter().unzip();
    Ok(LocalDeviates {
        z: z.into(),
        p_values: p.into(),
    })
}

/// The tests of the observed I_i by the saddle-point approximation.
pub(super) fn saddlepoint(
    i: &Array1<f64>,
    weights: &RowWeights,
    alternative: Alternative,
) -> Result<LocalDeviates> {
    let n = i.len();
    check(n)?;
    let units = map_indexed(n, |unit| {
        let (r, q) = (weights.sums[unit], weights.squares[unit]);
        if q > 0.0 {
            let z = ratio(n, r, q).saddlepoint(i[unit]);
            (z, normal_p(z, alternative))
        } else {
            (0.0, 1.0)
        }
    });
    let (z, p): (Vec<f64>, Vec<f64>) = units.into_iter().unzip();
    Ok(LocalDeviates {
        z: z.into(),
        p_values: p.into(),
    })
}

/// The standard normal deviate with these tails.
fn deviate(tails: TwoTails) -> f64 {
    if tails.upper < tails.lower {
        -Distribution::Normal.quantile(tails.upper)
    } else {
        Distribution::Normal.quantile(tails.lower)
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use ndarray::Array2;

    use super::super::moments::LocalAssumption;
    use super::super::moran::LocalMoran;
    use super::*;
    use crate::data::Units;
    use crate::inference::Permutations;
    use crate::linalg::dense::symmetric_eigenvalues;
    use crate::linalg::sparse::Csr;
    use crate::random::Stream;
    use crate::weights::Weights;

    /// Directed links of unequal weights, and an island.
    fn map() -> Weights {
        let rows = [
            vec![(1, 0.5), (2, 2.0), (5, 1.0)],
            vec![(0, 1.0)],
            vec![(1, 1.0), (3, 0.25)],
            vec![(0, 3.0), (4, 0.3)],
            vec![(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0), (5, 1.0), (6, 1.0)],
            vec![(4, 1.0), (6, 1.0)],
            vec![],
        ];
        Weights::from_csr(Units::range(7), Csr::from_rows(&rows), "links").islands_kept()
    }

    #[test]
    fn two_eigenvalues_and_zeros() {
        let w = map();
        let dense = w.csr().to_dense();
        let m = Array2::eye(7) - Array2::from_elem((7, 7), 1.0 / 7.0);
        for unit in 0..6 {
            let a = Array2::from_shape_fn((7, 7), |(i, j)| {
                let part = |i: usize, j: usize| if i == unit { dense[[i, j]] } else { 0.0 };
                3.5 * (part(i, j) + part(j, i))
            });
            let found = symmetric_eigenvalues(m.dot(&a).dot(&m).view()).unwrap();
            let row = dense.row(unit);
            let (high, low) = eigenvalues(7.0, row.sum(), row.dot(&row));
            assert!((found[0] - low).abs() < 1e-13 && (found[6] - high).abs() < 1e-13);
            assert!(found[1..6].iter().all(|g| g.abs() < 1e-13));
        }
    }

    #[test]
    fn p_values_are_those_of_simulated_samples() {
        let w = map();
        let x = [3.0, 1.0, 4.0, 1.5, 9.0, 5.5, 2.5];
        let of = |x: &[f64]| LocalMoran::of(x, &w, Permutations::new(1)).unwrap();
        let local = of(&x).alternative(Alternative::Greater);
        let exact = local.exact().unwrap();
        let moments = local.moments(LocalAssumption::Normality).unwrap();
        let samples = 200_000;
        let (mut above, mut sum, mut square) = ([0.0; 7], [0.0; 7], [0.0; 7]);
        for sample in 0..samples {
            let mut stream = Stream::new(11, sample);
            let y: Vec<f64> = (0..7).map(|_| stream.normal()).collect();
            for (unit, &i) in of(&y).i().iter().enumerate() {
                above[unit] += f64::from(u8::from(i > local.i()[unit]));
                sum[unit] += i;
                square[unit] += (i - moments.expectation[unit]).powi(2);
            }
        }
        for unit in 0..6 {
            let p = exact.p_values[unit];
            let error = (p * (1.0 - p) / samples as f64).sqrt();
            assert!(
                (above[unit] / samples as f64 - p).abs() < 4.0 * error,
                "{unit}"
            );
            let variance = moments.variance[unit];
            let mean = sum[unit] / samples as f64 - moments.expectation[unit];
            assert!(mean.abs() < 4.0 * (variance / samples as f64).sqrt());
            // The fourth moment of I is bounded by its range.
            assert_relative_eq!(square[unit] / samples as f64, variance, max_relative = 0.02);
        }
        assert_eq!((exact.z[6], exact.p_values[6]), (0.0, 1.0));
    }

    #[test]
    fn deviates_have_the_tails_of_the_p_values() {
        let w = map();
        // The third value is the mean: I = 0, a Cauchy variable.
        let x = [3.0, 1.0, 4.0, 1.5, 9.0, 5.5, 4.0];
        let of = |a| {
            LocalMoran::of(&x[..], &w, Permutations::new(1))
                .unwrap()
                .alternative(a)
        };
        let (greater, less, both) = (
            of(Alternative::Greater).exact().unwrap(),
            of(Alternative::Less).exact().unwrap(),
            of(Alternative::TwoSided).exact().unwrap(),
        );
        for unit in 0..6 {
            let (up, low) = (greater.p_values[unit], less.p_values[unit]);
            assert_relative_eq!(up + low, 1.0, max_relative = 1e-14);
            assert_relative_eq!(both.p_values[unit], 2.0 * up.min(low), max_relative = 1e-14);
            let tail = Distribution::Normal.upper_tail(greater.z[unit]);
            assert_relative_eq!(tail, up, max_relative = 1e-10);
        }
        let approximate = of(Alternative::Greater).saddlepoint().unwrap();
        for unit in 0..6 {
            assert!((approximate.p_values[unit] - greater.p_values[unit]).abs() < 0.1);
        }
        assert_eq!((approximate.z[6], approximate.p_values[6]), (0.0, 1.0));
    }

    #[test]
    fn a_value_at_the_mean_is_a_ratio_of_squares() {
        let (n, r, q) = (49.0, 1.0, 0.25);
        let (high, low) = eigenvalues(n, r, q);
        let expected = 2.0 / std::f64::consts::PI * (high / -low).sqrt().atan();
        let tails = ratio(49, r, q).tails(0.0).unwrap();
        assert_relative_eq!(tails.upper, expected, max_relative = 1e-12);
        // Nothing jumps where -I_i, of multiplicity 46, leaves zero.
        for c in [1e-12, -1e-12, 1e-300] {
            let near = ratio(49, r, q).tails(c).unwrap().upper;
            assert_relative_eq!(near, expected, max_relative = 1e-9);
        }
        // A million units, and a bound that is reached.
        let tails = ratio(1_000_000, r, q).tails(3.0).unwrap();
        assert!(tails.upper > 0.0 && tails.upper < 1e-3);
        assert!(ratio(49, r, q).tails(high).unwrap().upper <= 0.0);
    }
}
