//! Geary's C, its moments under two assumptions, and its tests.

use std::fmt;

use super::deviations::Deviations;
use super::moments::{Spread, rearranged};
use super::moran::Assumption;
use super::pairs::{Pairs, SquaredDifferences};
use super::show;
use crate::data::Variable;
use crate::error::Result;
use crate::inference::{
    Alternative, Distribution, Note, PermutationTest, Permutations, TestResult, write_notes,
};
use crate::text;
use crate::weights::{Constants, Weights};

const NULL: &str = "no spatial autocorrelation";

/// Geary's C: the squared differences of neighbours beside those of all pairs of units.
///
/// C = (n - 1) Σ w_ij (x_i - x_j)² / (2 S0 Σ (x_i - mean)²), with S0 the sum of the weights. Its expectation is 1; values
/// *below* 1 speak for positive, values above for negative spatial autocorrelation.
///
/// An [`Alternative`] speaks of C itself, and z = (C - 1) / sd(C): positive autocorrelation is [`Alternative::Less`].
/// (`geary.test` of spdep turns the sign of z round, esda does not.)
///
/// n is the number of all units, islands included. Weights may be directed.
///
/// # Example
///
/// ```
/// use spatialecon::{Alternative, Assumption, Geary, Permutations, Units, Weights};
/// // Six units in a line, values that rise along it.
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?;
/// let geary = Geary::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..], &w)?;
/// assert!((geary.c() - 1.0 / 7.0).abs() < 1e-12);
/// let test = geary.test(Assumption::Randomization, Alternative::Less)?;
/// assert!(test.statistic < 0.0 && test.p_value < 0.01);
/// // Only the two sorted ones of the 720 orders have so small a C.
/// let permuted = geary.permutation(Permutations::all())?;
/// assert!((permuted.p_value(Alternative::Less) - 2.0 / 720.0).abs() < 1e-15);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Geary (1954), The Incorporated Statistician 5; Cliff and Ord (1981), Spatial Processes.
#[derive(Debug, Clone)]
#[doc(alias = "geary.test")]
#[doc(alias = "geary.mc")]
#[doc(alias = "esda.Geary")]
#[doc(alias = "spatgsa")]
pub struct Geary {
    x: Deviations,
    weights: Weights,
    sums: Constants,
    c: f64,
}

impl Geary {
    /// Geary's C of a variable (length n, in the order of the weights).
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`](crate::Error::UnitsDiffer), [`Error::LengthMismatch`](crate::Error::LengthMismatch), [`Error::NotFinite`](crate::Error::NotFinite); [`Error::Constant`](crate::Error::Constant) where the variable does not
    /// vary; [`Error::TooFewUnits`](crate::Error::TooFewUnits) below two units; [`Error::Islands`](crate::Error::Islands) where islands are not decided about;
    /// [`Error::Unsupported`](crate::Error::Unsupported) where the weights sum to zero; [`Error::InvalidLink`](crate::Error::InvalidLink) where a unit is its own neighbour.
    pub fn of<'a>(x: impl Into<Variable<'a>>, w: &Weights) -> Result<Self> {
        let x = Deviations::of(&x.into(), w, "Geary's C")?;
        let csr = w.csr();
        let z = &x.z;
        let differences: f64 = (0..csr.n())
            .map(|i| {
                csr.row(i)
                    .map(|(j, weight)| weight * (z[i] - z[j]).powi(2))
                    .sum::<f64>()
            })
            .sum();
        let sums = w.constants();
        let mut geary = Self {
            x,
            weights: w.clone(),
            sums,
            c: 0.0,
        };
        geary.c = geary.scale() * differences;
        Ok(geary)
    }

    /// What the squared differences are multiplied by.
    fn scale(&self) -> f64 {
        (self.n() as f64 - 1.0) / (2.0 * self.sums.s0 * self.x.sum_of_squares)
    }

    /// The statistic C.
    #[must_use]
    pub fn c(&self) -> f64 {
        self.c
    }

    /// Number of units, islands included.
    #[must_use]
    pub fn n(&self) -> usize {
        self.x.z.len()
    }

    /// E(C) = 1, under either assumption.
    #[must_use]
    pub fn expectation(&self) -> f64 {
        1.0
    }

    /// Variance of C under an assumption.
    ///
    /// With S1 = ½ Σ (w_ij + w_ji)², S2 = Σ (w_i. + w_.i)² and b2 = n Σ z⁴ / (Σ z²)²:
    ///
    /// - normality: [(2 S1 + S2)(n - 1) - 4 S0²] / [2 (n + 1) S0²];
    /// - randomisation: { (n - 1) S1 [n² - 3n + 3 - (n - 1) b2] - ¼ (n - 1) S2 [n² + 3n - 6 - (n² - n + 2) b2]
    ///   + S0² [n² - 3 - (n - 1)² b2] } / [n (n - 2)(n - 3) S0²].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) where the variance is zero, since every arrangement of the values gives the same C (all pairs of
    /// units linked with equal weights; three units or fewer may be so too).
    pub fn variance(&self, assumption: Assumption) -> Result<f64> {
        let n = self.n() as f64;
        let Constants { s0, s1, s2, .. } = self.sums;
        let variance = match assumption {
            Assumption::Normality => {
                let (plus, minus) = ((2.0 * s1 + s2) * (n - 1.0), 4.0 * s0 * s0);
                let left = if plus - minus > 1e-12 * plus {
                    plus - minus
                } else {
                    0.0
                };
                left / (2.0 * (n + 1.0) * s0 * s0)
            }
            // in deviations from the means over all pairs, where no digits cancel
            Assumption::Randomization => {
                let scale = (n - 1.0) / (2.0 * s0);
                let moments = rearranged(&Spread::of_weights(&self.sums), &self.spread());
                scale * scale * moments.variance
            }
        };
        show::checked_variance(variance, &format!("Geary's C under {assumption}"), "C")
    }

    /// Of (u_i - u_j)², u = z / √(z'z).
    fn spread(&self) -> Spread {
        let n = self.n() as f64;
        let squares = self.x.z.mapv(|z| z * z / self.x.sum_of_squares);
        let fourth = squares.dot(&squares);
        Spread {
            n,
            mean: 2.0 / (n - 1.0),
            squares: 2.0 * n * fourth + 6.0 - 4.0 * n / (n - 1.0),
            rows: squares.iter().map(|u| (n * u - 1.0).powi(2)).sum(),
            size: (2.0 * n * fourth + 6.0).max(n * n * fourth),
        }
    }

    /// The test by the standard normal: (C - 1) / sd(C).
    ///
    /// # Errors
    ///
    /// As [`variance`](Self::variance).
    pub fn test(&self, assumption: Assumption, alternative: Alternative) -> Result<TestResult> {
        Ok(TestResult::symmetric(
            format!("Geary's C of `{}` under {assumption}", self.x.name),
            (self.c - 1.0) / self.variance(assumption)?.sqrt(),
            Distribution::Normal,
            NULL,
            alternative,
        ))
    }

    /// The test by permutations of the values over all units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) where the number of permutations is zero; [`Error::Unsupported`](crate::Error::Unsupported) where all arrangements are
    /// asked for and there are more than 10^6.
    pub fn permutation(&self, permutations: Permutations) -> Result<PermutationTest> {
        PermutationTest::total(
            format!("Geary's C of `{}` by permutation", self.x.name),
            NULL,
            &[self.x.z.as_slice().unwrap_or_default()],
            (self.c, self.tolerance()),
            &SquaredDifferences {
                pairs: &Pairs::of(self.weights.csr()),
                scale: self.scale(),
            },
            permutations,
        )
    }

    /// What rounding can make of C.
    fn tolerance(&self) -> f64 {
        4.0 * self.x.tolerance() * self.x.largest() * self.sums.s0 * self.scale()
    }

    /// What the reader of the result should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        show::islands(&self.weights)
    }
}

impl fmt::Display for Geary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Geary's C of `{}`: {} (expectation 1, n = {})",
            self.x.name,
            text::significant(self.c, 5),
            self.n()
        )?;
        show::assumptions(
            f,
            &[Assumption::Randomization, Assumption::Normality],
            |a| self.variance(a),
            |a, alternative| self.test(a, alternative),
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
    use crate::error::Error;

    /// spdep 1.2-7: geary.test(CRIME, nb2listw(col.gal.nb, style), randomisation, alternative = "two.sided"), whose z has
    /// the other sign.
    #[test]
    fn moments_agree_with_spdep() {
        for (standardized, assumption, c, variance, z, p) in [
            (
                true,
                Assumption::Randomization,
                0.5478033771672514,
                0.009804107870385501,
                4.566918633542654,
                4.949460193296385e-6,
            ),
            (
                true,
                Assumption::Normality,
                0.5478033771672514,
                0.010306735761082191,
                4.454169539136634,
                8.42185337271491e-6,
            ),
            (
                false,
                Assumption::Randomization,
                0.6058558791239844,
                0.011858121371253466,
                3.6194877186424765,
                0.00029518681978317934,
            ),
            (
                false,
                Assumption::Normality,
                0.6058558791239844,
                0.014151984877126654,
                3.313190252841653,
                0.0009223821267169186,
            ),
        ] {
            let geary = Geary::of(&CRIME[..], &weights(standardized)).unwrap();
            assert_relative_eq!(geary.c(), c, max_relative = 1e-12);
            let found = geary.variance(assumption).unwrap();
            assert_relative_eq!(found, variance, max_relative = 1e-12);
            let test = geary.test(assumption, Alternative::TwoSided).unwrap();
            assert_relative_eq!(test.statistic, -z, max_relative = 1e-12);
            assert_relative_eq!(test.p_value, p, max_relative = 1e-9);
        }
    }

    #[test]
    fn moments_under_randomisation_are_those_of_all_arrangements() {
        let w = directed();
        let x = [3.0, 1.0, 4.0, 1.5, 9.0, -2.0];
        let all: Vec<f64> = orders(6)
            .iter()
            .map(|o| Geary::of(&arranged(&x, o), &w).unwrap().c())
            .collect();
        let (mean, variance) = moments(&all);
        let geary = Geary::of(&x[..], &w).unwrap();
        assert_relative_eq!(geary.expectation(), mean, max_relative = 1e-12);
        let found = geary.variance(Assumption::Randomization).unwrap();
        assert_relative_eq!(found, variance, max_relative = 1e-12);
        assert_eq!(geary.notes(), [Note::Islands { count: 1 }]);
        let test = geary.permutation(Permutations::all()).unwrap();
        assert_eq!(test.arrangements(), 720);
        let most = all.iter().filter(|&&c| c <= geary.c() + 1e-12).count();
        assert_eq!(test.at_most(), most);
        assert_relative_eq!(test.mean(), mean, max_relative = 1e-12);
        assert_relative_eq!(
            test.standard_deviation(),
            variance.sqrt(),
            max_relative = 1e-12
        );
    }

    #[test]
    fn scale_and_origin_do_not_matter() {
        let w = weights(true);
        let plain = Geary::of(&CRIME[..], &w).unwrap();
        for (factor, shift) in [(1e8, 0.0), (1e-8, 0.0), (-3.0, 1e6), (1e-80, 0.0)] {
            let x = CRIME.map(|x| factor * x + shift);
            let geary = Geary::of(&x[..], &w).unwrap();
            assert_relative_eq!(geary.c(), plain.c(), max_relative = 1e-9);
            assert_relative_eq!(
                geary.variance(Assumption::Randomization).unwrap(),
                plain.variance(Assumption::Randomization).unwrap(),
                max_relative = 1e-9
            );
        }
    }

    #[test]
    fn ties_by_rounding_are_ties() {
        let w = weights(true);
        let x: Vec<f64> = (0..49)
            .map(|i| if i % 5 == 0 { 0.3 } else { 0.1 })
            .collect();
        let geary = Geary::of(&x, &w).unwrap();
        let test = geary
            .permutation(Permutations::new(999).keep_draws())
            .unwrap();
        let draws = test.draws().unwrap();
        let tied = draws.iter().filter(|d| (**d - geary.c()).abs() < 1e-9);
        assert_eq!(test.at_least() + test.at_most(), 999 + tied.count());
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(true);
        let constant = Geary::of(&[2.5; 49][..], &w);
        assert!(matches!(constant, Err(Error::Constant { .. })));
        let geary = Geary::of(&CRIME[..], &w).unwrap();
        let none = geary.permutation(Permutations::new(0));
        assert!(matches!(none, Err(Error::InvalidOption { .. })));
        let units = crate::data::Units::range(7);
        let links = (0..7).flat_map(|i| (0..7).filter(move |&j| j != i).map(move |j| (i, j, 0.1)));
        let complete = Weights::from_links_at(&units, links).unwrap();
        let geary = Geary::of(&CRIME[..7], &complete).unwrap();
        assert_relative_eq!(geary.c(), 1.0, max_relative = 1e-12);
        for assumption in [Assumption::Normality, Assumption::Randomization] {
            let test = geary.test(assumption, Alternative::Greater);
            assert!(matches!(test, Err(Error::Unsupported { .. })));
        }
    }
}
