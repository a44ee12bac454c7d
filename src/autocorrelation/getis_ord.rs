//! The global G of Getis and Ord, its moments under randomisation, and its tests.

use std::fmt;

use ndarray::Array1;

use super::deviations::Deviations;
use super::moments::{Moments, Spread, rearranged};
use super::moran::Assumption;
use super::pairs::Pairs;
use super::show;
use crate::data::Variable;
use crate::error::{Cell, Error, Result};
use crate::inference::permutation::{Global, LANES};
use crate::inference::{
    Alternative, Distribution, Note, PermutationTest, Permutations, TestResult, write_notes,
};
use crate::text;
use crate::weights::Weights;

const NULL: &str = "no concentration of high or low values";

/// The global G of Getis and Ord: whether high values lie beside high ones.
///
/// G = Σ w_ij x_i x_j / Σ over i ≠ j of x_i x_j, of values that are not negative. Its expectation is S0 / (n (n - 1)), with S0 the
/// sum of the weights; values above speak for concentrations of high, values below for concentrations of low values. Where high
/// *and* low values are concentrated the two cancel; [`Moran`](crate::Moran) finds both and does not tell them apart.
///
/// G depends on the origin of x: it is meant for variables with a natural zero. Any weights serve; binary ones are usual.
///
/// n is the number of all units, islands included.
///
/// # Example
///
/// ```
/// use spatialecon::{Alternative, GetisOrd, Permutations, Units, Weights};
/// // Six units in a line, the high values side by side.
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?;
/// let g = GetisOrd::of(&[1.0, 9.0, 8.0, 7.0, 1.0, 0.0][..], &w)?;
/// assert!((g.g() - 2.0 * (9.0 + 72.0 + 56.0 + 7.0) / 480.0).abs() < 1e-12);
/// assert!((g.expectation() - 1.0 / 3.0).abs() < 1e-12);
/// // 12 of the 360 distinct orders have so large a G.
/// let permuted = g.permutation(Permutations::all())?;
/// assert!((permuted.p_value(Alternative::Greater) - 12.0 / 360.0).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Getis and Ord (1992), Geographical Analysis 24.
#[derive(Debug, Clone)]
#[doc(alias = "globalG.test")]
#[doc(alias = "esda.G")]
#[doc(alias = "general G")]
pub struct GetisOrd {
    x: Deviations,
    weights: Weights,
    s0: f64,
    g: f64,
    /// G - E(G), with the digits that the difference would lose.
    difference: f64,
    /// Of the products x_i x_j, x in units of its largest value.
    moments: Moments,
    scaled: Scaled,
}

/// x in units of its largest value, in deviations: what G is computed from.
#[derive(Debug, Clone)]
struct Scaled {
    u: Array1<f64>,
    mean: f64,
    /// Mean over the pairs i ≠ j of -u_i u_j.
    product: f64,
    /// Σ over i ≠ j of x_i x_j.
    total: f64,
}

impl GetisOrd {
    /// G of a variable (length n, in the order of the weights) without negative values.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`]; [`Error::InvalidValue`] for a negative value;
    /// [`Error::Constant`] where the variable does not vary; [`Error::TooFewUnits`] below two units; [`Error::Islands`] where
    /// islands are not decided about; [`Error::Unsupported`] where the weights sum to zero, or all values but one are zero;
    /// [`Error::InvalidLink`] where a unit is its own neighbour.
    pub fn of<'a>(x: impl Into<Variable<'a>>, w: &Weights) -> Result<Self> {
        let variable = x.into();
        let x = Deviations::of(&variable, w, "the global G")?;
        let values = variable.values();
        if let Some(i) = values.iter().position(|&v| v < 0.0) {
            return Err(Error::InvalidValue {
                cell: Cell::new(w.units().name(i), None, &x.name),
                value: values[i],
                expected: "values of zero or more, since G is a share of products; take Moran's I, or a variable with a natural zero",
            });
        }
        let n = values.len() as f64;
        let u = x.z.mapv(|z| z / x.magnitude);
        let sum: f64 = values.iter().map(|v| v / x.magnitude).sum();
        let total: f64 = values
            .iter()
            .map(|v| v / x.magnitude)
            .map(|v| v * (sum - v))
            .sum();
        if total <= 0.0 {
            return Err(Error::Unsupported {
                what: format!("the global G of `{}`", x.name),
                why: "all values but one are zero, so that every product of two is zero".to_owned(),
            });
        }
        let scaled = Scaled {
            mean: x.mean / x.magnitude,
            product: u.dot(&u) / (n * (n - 1.0)),
            total,
            u,
        };
        let constants = w.constants();
        let moments = rearranged(&Spread::of_weights(&constants), &scaled.spread());
        let csr = w.csr();
        let difference = (scaled.u.dot(&csr.product(scaled.u.view()))
            + scaled.mean * scaled.u.dot(&(csr.row_sums() + csr.column_sums()))
            + scaled.product * constants.s0)
            / total;
        Ok(Self {
            weights: w.clone(),
            s0: constants.s0,
            g: constants.s0 / (n * (n - 1.0)) + difference,
            difference,
            moments,
            x,
            scaled,
        })
    }

    /// The statistic G.
    #[must_use]
    pub fn g(&self) -> f64 {
        self.g
    }

    /// Number of units, islands included.
    #[must_use]
    pub fn n(&self) -> usize {
        self.x.z.len()
    }

    /// E(G) = S0 / (n (n - 1)).
    #[must_use]
    pub fn expectation(&self) -> f64 {
        let n = self.n() as f64;
        self.s0 / (n * (n - 1.0))
    }

    /// Variance of G under randomisation, of symmetric or directed weights.
    ///
    /// That of Getis and Ord, from S0, S1 = ½ Σ (w_ij + w_ji)², S2 = Σ (w_i. + w_.i)² and the first four power sums of x; computed
    /// in deviations from the mean, so that values of small variation lose no digits.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the variance is zero, since every arrangement of the values gives the same G (all pairs of
    /// units linked with equal weights; two units).
    pub fn variance(&self) -> Result<f64> {
        let variance = self.moments.variance / self.scaled.total.powi(2);
        show::checked_variance(variance, "the global G under randomisation", "G")
    }

    /// The test by the standard normal: (G - E(G)) / sd(G), under randomisation.
    ///
    /// # Errors
    ///
    /// As [`variance`](Self::variance).
    pub fn test(&self, alternative: Alternative) -> Result<TestResult> {
        Ok(TestResult::symmetric(
            format!("global G of `{}` under randomisation", self.x.name),
            self.difference / self.variance()?.sqrt(),
            Distribution::Normal,
            NULL,
            alternative,
        ))
    }

    /// The test by permutations of the values over all units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the number of permutations is zero; [`Error::Unsupported`] where all arrangements are
    /// asked for and there are more than 10^6.
    pub fn permutation(&self, permutations: Permutations) -> Result<PermutationTest> {
        let (csr, scaled) = (self.weights.csr(), &self.scaled);
        let sums = csr.row_sums() + csr.column_sums();
        PermutationTest::total(
            format!("global G of `{}` by permutation", self.x.name),
            NULL,
            &[scaled.u.as_slice().unwrap_or_default()],
            (self.g, 32.0 * f64::EPSILON * self.s0 / scaled.total),
            &Statistic {
                pairs: &Pairs::of(csr),
                linear: &sums.mapv(|s| s * scaled.mean / scaled.total).to_vec(),
                scale: 1.0 / scaled.total,
                constant: self.expectation() + scaled.product * self.s0 / scaled.total,
            },
            permutations,
        )
    }

    /// What the reader of the result should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        show::islands(&self.weights)
    }
}

impl Scaled {
    /// Of x_i x_j = m² + m (u_i + u_j) + u_i u_j.
    fn spread(&self) -> Spread {
        let n = self.u.len() as f64;
        let (m, a) = (self.mean, self.product);
        let power = |k: i32| self.u.iter().map(|u| u.powi(k)).sum::<f64>();
        let (second, third, fourth) = (power(2), power(3), power(4));
        let squares = 2.0 * (n - 2.0) * m * m * second - 4.0 * m * third + second * second
            - fourth
            - a * second;
        let row = |u: &f64| (n - 2.0) * m * u - u * u + second / n;
        let rows: f64 = self.u.iter().map(|u| row(u).powi(2)).sum();
        Spread {
            n,
            mean: m * m - a,
            squares,
            rows,
            size: (2.0 * n * m * m * second + second * second).max(rows),
        }
    }
}

/// constant + linear'u + scale u'Wu.
struct Statistic<'a> {
    pairs: &'a Pairs,
    linear: &'a [f64],
    scale: f64,
    constant: f64,
}

impl Global for Statistic<'_> {
    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        for (out, u) in out.iter_mut().zip(vectors) {
            let products = self.pairs.products(u);
            let mut sums = [0.0; LANES];
            for (u, b) in u.iter().zip(self.linear) {
                for l in 0..LANES {
                    sums[l] += b * u[l];
                }
            }
            for l in 0..LANES {
                out[l] = self.constant + sums[l] + self.scale * products[l];
            }
        }
    }
}

impl fmt::Display for GetisOrd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Global G of `{}`: {} (expectation {}, n = {})",
            self.x.name,
            text::significant(self.g, 5),
            text::significant(self.expectation(), 5),
            self.n()
        )?;
        show::assumptions(
            f,
            &[Assumption::Randomization],
            |_| self.variance(),
            |_, alternative| self.test(alternative),
        )?;
        write_notes(f, &self.notes())
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::arrangements::{arranged, directed, moments, orders};
    use super::super::columbus::{CRIME, weights};
    use super::*;

    // spdep 1.2-7: globalG.test(CRIME, nb2listw(col.gal.nb, style = "B"), alternative = "two.sided")
    #[test]
    fn moments_agree_with_spdep() {
        let g = GetisOrd::of(&CRIME[..], &weights(false)).unwrap();
        assert_relative_eq!(g.g(), 0.12272424537925644, max_relative = 1e-12);
        assert_relative_eq!(g.expectation(), 0.0977891156462585, max_relative = 1e-12);
        let variance = g.variance().unwrap();
        assert_relative_eq!(variance, 3.3839715584634e-5, max_relative = 1e-12);
        let test = g.test(Alternative::TwoSided).unwrap();
        assert_relative_eq!(test.statistic, 4.286455110714862, max_relative = 1e-12);
        assert_relative_eq!(test.p_value, 1.8154686673886625e-5, max_relative = 1e-9);
    }

    #[test]
    fn moments_are_those_of_all_arrangements() {
        let w = directed();
        let x = [3.0, 0.0, 4.0, 1.5, 9.0, 2.0];
        let by_definition = |x: &[f64]| {
            let over = |weight: &dyn Fn(usize, usize) -> f64| -> f64 {
                let pairs = (0..6).flat_map(|i| (0..6).map(move |j| (i, j)));
                pairs
                    .filter(|(i, j)| i != j)
                    .map(|(i, j)| weight(i, j) * x[i] * x[j])
                    .sum()
            };
            over(&|i, j| w.weight(i, j)) / over(&|_, _| 1.0)
        };
        let all: Vec<f64> = orders(6)
            .iter()
            .map(|o| by_definition(&arranged(&x, o)))
            .collect();
        let (mean, variance) = moments(&all);
        let g = GetisOrd::of(&x[..], &w).unwrap();
        assert_relative_eq!(g.g(), by_definition(&x), max_relative = 1e-13);
        assert_relative_eq!(g.expectation(), mean, max_relative = 1e-12);
        assert_relative_eq!(g.variance().unwrap(), variance, max_relative = 1e-12);
        let test = g.permutation(Permutations::all()).unwrap();
        let most = all.iter().filter(|&&a| a >= g.g() - 1e-12).count();
        assert_eq!((test.arrangements(), test.at_least()), (720, most));
        assert_relative_eq!(test.mean(), mean, max_relative = 1e-12);
        assert_relative_eq!(
            test.standard_deviation(),
            variance.sqrt(),
            max_relative = 1e-12
        );
        assert_eq!(g.notes(), [Note::Islands { count: 1 }]);
    }

    #[test]
    fn few_units_have_moments_too() {
        let w = Weights::from_links_at(
            &crate::data::Units::range(3),
            [(0, 1, 1.0), (2, 1, 0.5), (1, 0, 2.0)],
        );
        let w = w.unwrap().islands_kept();
        let x = [3.0, 0.5, 4.0];
        let all: Vec<f64> = orders(3)
            .iter()
            .map(|o| GetisOrd::of(&arranged(&x, o), &w).unwrap().g())
            .collect();
        let g = GetisOrd::of(&x[..], &w).unwrap();
        assert_relative_eq!(g.expectation(), moments(&all).0, max_relative = 1e-12);
        assert_relative_eq!(g.variance().unwrap(), moments(&all).1, max_relative = 1e-12);
    }

    #[test]
    fn scale_does_not_matter_and_small_variation_loses_no_digits() {
        let w = weights(false);
        let plain = GetisOrd::of(&CRIME[..], &w).unwrap();
        for factor in [1e8, 1e-8, 1e-150] {
            let g = GetisOrd::of(&CRIME.map(|x| factor * x)[..], &w).unwrap();
            assert_relative_eq!(g.g(), plain.g(), max_relative = 1e-12);
            assert_relative_eq!(
                g.variance().unwrap(),
                plain.variance().unwrap(),
                max_relative = 1e-11
            );
        }
        // Far from the origin G is linear in x: z is that of Σ (w_i. + w_.i) x_i.
        let g = GetisOrd::of(&CRIME.map(|x| x + 1e9)[..], &w).unwrap();
        let degree = w.row_sums();
        let (z, centred) = (
            Array1::from_vec(CRIME.to_vec()) - CRIME.iter().sum::<f64>() / 49.0,
            &degree - degree.sum() / 49.0,
        );
        let linear = z.dot(&centred) / (z.dot(&z) * centred.dot(&centred) / 48.0).sqrt();
        let test = g.test(Alternative::TwoSided).unwrap();
        assert_relative_eq!(test.statistic, linear, epsilon = 1e-6);
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(false);
        let mut x = CRIME;
        x[7] = -0.5;
        assert!(matches!(
            GetisOrd::of(&x[..], &w),
            Err(Error::InvalidValue { cell, .. }) if cell.unit == w.units().name(7)
        ));
        let constant = GetisOrd::of(&[2.5; 49][..], &w);
        assert!(matches!(constant, Err(Error::Constant { .. })));
        let mut x = [0.0; 49];
        x[3] = 1.0;
        let one = GetisOrd::of(&x[..], &w);
        assert!(matches!(one, Err(Error::Unsupported { .. })));
        x[4] = 1.0;
        let g = GetisOrd::of(&x[..], &w).unwrap();
        let none = g.permutation(Permutations::new(0));
        assert!(matches!(none, Err(Error::InvalidOption { .. })));
        // two ones: G is the share of linked pairs
        assert_relative_eq!(g.g(), w.weight(3, 4), epsilon = 1e-15);
    }
}
