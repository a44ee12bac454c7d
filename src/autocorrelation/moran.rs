//! Moran's I, its moments under two assumptions, and its tests.

use std::fmt;

use ndarray::Array2;

use super::deviations::Deviations;
use super::exact::NormalRatio;
use super::local::lag_and_quadrants;
use super::pairs::{Pairs, Products};
use crate::data::{Table, Variable};
use crate::error::{Error, Result};
use crate::inference::{
    Alternative, Distribution, Note, PermutationTest, Permutations, TestResult, write_notes,
};
use crate::text;
use crate::weights::{Constants, Weights};

pub(super) const NULL: &str = "no spatial autocorrelation";

/// Under which assumption the moments of a statistic are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Assumption {
    /// The observed values are fixed, and every arrangement over the units is equally likely.
    #[default]
    Randomization,
    /// The values are independent draws of one normal distribution.
    Normality,
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Randomization => "randomisation",
            Self::Normality => "normality",
        })
    }
}

/// Moran's I: whether neighbours resemble each other more, or less, than units at random.
///
/// I = (n / S0) z'Wz / z'z, with z = x - mean(x) and S0 the sum of the weights. Its expectation is -1/(n - 1); values above
/// speak for positive, values below for negative spatial autocorrelation.
///
/// n is the number of all units: islands count, in n, in the mean and in z'z, though they have no neighbour
/// (a [`Note`] tells how many there are).
///
/// # Example
///
/// ```
/// use spatialecon::{Alternative, Assumption, Moran, Permutations, Units, Weights};
/// // Six units in a line, values that rise along it.
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?;
/// let moran = Moran::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..], &w)?;
/// assert!((moran.i() - 0.6).abs() < 1e-12);
/// assert!((moran.expectation() + 0.2).abs() < 1e-12);
/// let test = moran.test(Assumption::Randomization, Alternative::TwoSided)?;
/// assert!((test.p_value - 0.039_545_285).abs() < 1e-9);
/// // 16 of the 720 arrangements have I of at least 0.6.
/// let permuted = moran.permutation(Permutations::new(9_999).seed(1))?;
/// assert!((permuted.p_value(Alternative::Greater) - 16.0 / 720.0).abs() < 0.006);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Moran (1950), Biometrika 37; Cliff and Ord (1981), Spatial Processes.
#[derive(Debug, Clone)]
#[doc(alias = "moran.test")]
#[doc(alias = "moran.mc")]
#[doc(alias = "esda.Moran")]
#[doc(alias = "estat moran")]
pub struct Moran {
    x: Deviations,
    weights: Weights,
    sums: Constants,
    i: f64,
    islands: usize,
}

/// What a test by permutations of one variable needs to know.
pub(super) struct PermutationPart<'a> {
    pub(super) name: String,
    pub(super) values: &'a [f64],
    pub(super) weights: &'a Weights,
    /// What z'Wz is multiplied by.
    pub(super) scale: f64,
    pub(super) tolerance: f64,
}

impl Moran {
    /// Moran's I of a variable (length n, in the order of the weights).
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`]; [`Error::Constant`] where the variable does not
    /// vary; [`Error::TooFewUnits`] below two units; [`Error::Unsupported`] where the weights sum to zero;
    /// [`Error::InvalidLink`] where a unit is its own neighbour.
    pub fn of<'a>(x: impl Into<Variable<'a>>, w: &Weights) -> Result<Self> {
        let x = Deviations::of(&x.into(), w, "Moran's I")?;
        let cross = x.z.dot(&w.csr().product(x.z.view()));
        Ok(Self::with_cross(x, w, cross))
    }

    /// From z'Wz.
    pub(super) fn with_cross(x: Deviations, w: &Weights, cross: f64) -> Self {
        let sums = w.constants();
        let i = x.z.len() as f64 / sums.s0 * cross / x.sum_of_squares;
        let pattern = &w.csr().pattern;
        let islands = (0..pattern.n())
            .filter(|&i| pattern.row(i).is_empty())
            .count();
        Self {
            x,
            weights: w.clone(),
            sums,
            i,
            islands,
        }
    }

    /// The statistic I.
    #[must_use]
    pub fn i(&self) -> f64 {
        self.i
    }

    /// Number of units, islands included.
    #[must_use]
    pub fn n(&self) -> usize {
        self.x.z.len()
    }

    /// E(I) = -1/(n - 1), under either assumption.
    #[must_use]
    pub fn expectation(&self) -> f64 {
        -1.0 / (self.n() as f64 - 1.0)
    }

    /// Variance of I under an assumption.
    ///
    /// With S1 = ½ Σ (w_ij + w_ji)², S2 = Σ (w_i. + w_.i)² and b2 = n Σ z⁴ / (Σ z²)²:
    ///
    /// - normality: (n² S1 - n S2 + 3 S0²) / (S0² (n² - 1)) - E(I)²;
    /// - randomisation: { n [(n² - 3n + 3) S1 - n S2 + 3 S0²] - b2 [(n² - n) S1 - 2n S2 + 6 S0²] }
    ///   / [(n - 1)(n - 2)(n - 3) S0²] - E(I)².
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] below four units (randomisation); [`Error::Unsupported`] where the variance is zero, since every
    /// arrangement of the values gives the same I (all pairs of units linked with equal weights).
    pub fn variance(&self, assumption: Assumption) -> Result<f64> {
        let n = self.n() as f64;
        let Constants { s0, s1, s2, .. } = self.sums;
        let square = match assumption {
            Assumption::Normality => {
                (n * n * s1 - n * s2 + 3.0 * s0 * s0) / (s0 * s0 * (n * n - 1.0))
            }
            Assumption::Randomization => {
                if self.n() < 4 {
                    return Err(Error::TooFewUnits {
                        what: "the variance of Moran's I under randomisation".to_owned(),
                        needed: 4,
                        n: self.n(),
                    });
                }
                let fourth: f64 = self.x.z.iter().map(|z| z.powi(4)).sum();
                let b2 = n * fourth / self.x.sum_of_squares.powi(2);
                let main = (n * n - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * s0 * s0;
                let kurtosis = (n * n - n) * s1 - 2.0 * n * s2 + 6.0 * s0 * s0;
                (n * main - b2 * kurtosis) / ((n - 1.0) * (n - 2.0) * (n - 3.0) * s0 * s0)
            }
        };
        let expected = self.expectation().powi(2);
        let variance = square - expected;
        // What is left of a difference of equal numbers is rounding error.
        if variance <= 1e-11 * expected {
            return Err(Error::Unsupported {
                what: format!("a test of Moran's I under {assumption}"),
                why: "its variance is zero: every arrangement of the values over these weights gives the same I"
                    .to_owned(),
            });
        }
        Ok(variance)
    }

    /// The test by the standard normal: (I - E(I)) / sd(I).
    ///
    /// # Errors
    ///
    /// As [`variance`](Self::variance).
    pub fn test(&self, assumption: Assumption, alternative: Alternative) -> Result<TestResult> {
        Ok(TestResult::symmetric(
            format!("Moran's I of `{}` under {assumption}", self.x.name),
            (self.i - self.expectation()) / self.variance(assumption)?.sqrt(),
            Distribution::Normal,
            NULL,
            alternative,
        ))
    }

    /// The exact test under normality: the values are independent draws of one normal distribution.
    ///
    /// P(I > c) = P(Σ (g_r - c) x_r² > 0), with independent standard normal x_r and the n - 1 eigenvalues g_r of
    /// (n / S0) M ½(W + W') M on the range of M = I - 11'/n; the zero that belongs to the constant is left out. The
    /// probability is found by an integral along a contour through the saddle point, each tail to about ten digits however
    /// small it is. Two-sided, p is twice the smaller tail, at most 1. The statistic is I itself.
    ///
    /// The normal approximation of [`test`](Self::test) under normality has the right mean and variance, not the skewness of
    /// I: at n = 21 this matters, and this test costs nothing. It takes the eigenvalues of an n × n matrix, up to 5,000 units.
    ///
    /// # Errors
    ///
    /// As [`variance`](Self::variance) under normality; [`Error::TooLarge`] above 5,000 units; [`Error::NotConverged`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Alternative, Moran, Units, Weights};
    /// // Two neighbours and a third unit: the eigenvalues are -3/2 and 1/2, and P(I > c) is that of a Cauchy variable.
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1")])?.islands_kept();
    /// let moran = Moran::of(&[2.0, 3.0, 7.0][..], &w)?;
    /// let test = moran.exact(Alternative::Greater)?;
    /// let c = moran.i();
    /// let p = 2.0 / std::f64::consts::PI * ((0.5 - c) / (c + 1.5)).sqrt().atan();
    /// assert!((test.p_value - p).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Tiefelsdorf and Boots (1995), Environment and Planning A 27; Imhof (1961), Biometrika 48; Helstrom and Rice (1984),
    /// Journal of Computational Physics 54.
    #[doc(alias = "lm.morantest.exact")]
    pub fn exact(&self, alternative: Alternative) -> Result<TestResult> {
        self.ratio()?
            .exact_test(&self.quoted(), self.i, NULL, alternative)
    }

    /// The test under normality by the saddle-point approximation of the exact distribution.
    ///
    /// The statistic is a standard normal deviate, r + ln(u / r) / r (Barndorff-Nielsen's form of Lugannani and Rice), from the
    /// eigenvalues of [`exact`](Self::exact). It is infinite where I has reached its least or largest value.
    ///
    /// # Errors
    ///
    /// As [`exact`](Self::exact).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Alternative, Moran, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?;
    /// let moran = Moran::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..], &w)?;
    /// let rough = moran.saddlepoint(Alternative::Greater)?;
    /// let exact = moran.exact(Alternative::Greater)?;
    /// assert!((rough.p_value / exact.p_value - 1.0).abs() < 0.1);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Tiefelsdorf (2002), Geographical Analysis 34; Kuonen (1999), Biometrika 86.
    #[doc(alias = "lm.morantest.sad")]
    pub fn saddlepoint(&self, alternative: Alternative) -> Result<TestResult> {
        Ok(self
            .ratio()?
            .saddlepoint_test(&self.quoted(), self.i, NULL, alternative))
    }

    fn ratio(&self) -> Result<NormalRatio> {
        self.variance(Assumption::Normality)?;
        let constant = Array2::ones((self.n(), 1));
        NormalRatio::of_residuals(self.weights.csr(), constant.view())
    }

    fn quoted(&self) -> String {
        format!("`{}`", self.x.name)
    }

    /// The test by permutations of the values over all units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the number of permutations is zero; [`Error::Unsupported`] where all arrangements are
    /// asked for and there are more than 10^6.
    pub fn permutation(&self, permutations: Permutations) -> Result<PermutationTest> {
        let part = self.permutation_part();
        PermutationTest::total(
            part.name,
            NULL,
            &[part.values],
            (self.i, part.tolerance),
            &Products {
                pairs: &Pairs::of(self.weights.csr()),
                scale: part.scale,
            },
            permutations,
        )
    }

    /// What a test by permutations needs to know.
    pub(super) fn permutation_part(&self) -> PermutationPart<'_> {
        let scale = self.n() as f64 / self.sums.s0 / self.x.sum_of_squares;
        PermutationPart {
            name: format!("Moran's I of `{}` by permutation", self.x.name),
            values: self.x.z.as_slice().unwrap_or_default(),
            weights: &self.weights,
            scale,
            tolerance: self.x.tolerance() * self.x.largest() * self.sums.s0 * scale,
        }
    }

    /// The Moran scatter plot as a table: columns `z`, the deviations from the mean, and `lag`, their spatial lag W z; label
    /// `quadrant`.
    ///
    /// The slope of the line through the origin is z'Wz / z'z, which is I where the weights are row-standardised without islands,
    /// and S0 / n times I in general.
    ///
    /// # Errors
    ///
    /// None that the statistic itself has not raised.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Moran, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
    /// let moran = Moran::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..], &w)?;
    /// let plot = moran.scatter()?;
    /// let (z, lag) = (plot.values("z")?, plot.values("lag")?);
    /// assert!((z.dot(&lag) / z.dot(&z) - moran.i()).abs() < 1e-12);
    /// assert_eq!(plot.labels("quadrant")?[0], "Low-Low");
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "moran.plot")]
    #[doc(alias = "moran_scatterplot")]
    pub fn scatter(&self) -> Result<Table> {
        let (lag, quadrants) = lag_and_quadrants(&self.x, &self.weights);
        Table::over(self.weights.units())
            .column("z", self.x.z.clone())?
            .column("lag", lag)?
            .label("quadrant", quadrants.iter().map(ToString::to_string))
    }

    /// What the reader of the result should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.islands > 0 {
            notes.push(Note::Islands {
                count: self.islands,
            });
        }
        notes
    }
}

impl fmt::Display for Moran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Moran's I of `{}`: {} (expectation {}, n = {})",
            self.x.name,
            text::significant(self.i, 5),
            text::significant(self.expectation(), 5),
            self.n()
        )?;
        let mut layout = text::Layout::new();
        layout.row(["", "variance", "z", "p (two-sided)"]);
        for assumption in [Assumption::Randomization, Assumption::Normality] {
            if let (Ok(variance), Ok(test)) = (
                self.variance(assumption),
                self.test(assumption, Alternative::TwoSided),
            ) {
                layout.row([
                    assumption.to_string(),
                    text::significant(variance, 5),
                    text::significant(test.statistic, 5),
                    text::p_value(test.p_value),
                ]);
            } else {
                layout.row([assumption.to_string().as_str(), "none", "none", "none"]);
            }
        }
        write!(f, "{layout}")?;
        write_notes(f, &self.notes())
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod tests {
    use approx::assert_relative_eq;
    use ndarray::Array1;

    use super::super::columbus::{CRIME, weights};
    use super::*;
    use crate::data::Units;
    use crate::linalg::sparse::Csr;

    /// spdep 1.2-7: moran.test(CRIME, nb2listw(col.gal.nb, style), randomisation, alternative = "two.sided").
    #[test]
    fn moments_agree_with_spdep() {
        for (standardized, assumption, i, variance, z, p) in [
            (
                true,
                Assumption::Randomization,
                0.48577091366177316,
                0.008991121321779066,
                5.342713639408028,
                9.156535482603929e-8,
            ),
            (
                true,
                Assumption::Normality,
                0.48577091366177316,
                0.008860962269450514,
                5.381810263959626,
                7.374046856055175e-8,
            ),
            (
                false,
                Assumption::Randomization,
                0.48227230698335266,
                0.007674757260970749,
                5.7428419221757725,
                9.310063242339358e-9,
            ),
            (
                false,
                Assumption::Normality,
                0.48227230698335266,
                0.007566980413778618,
                5.783595102612115,
                7.3120818173809895e-9,
            ),
        ] {
            let moran = Moran::of(&CRIME[..], &weights(standardized)).unwrap();
            assert_relative_eq!(moran.i(), i, max_relative = 1e-12);
            assert_relative_eq!(moran.expectation(), -1.0 / 48.0, max_relative = 1e-15);
            let found = moran.variance(assumption).unwrap();
            assert_relative_eq!(found, variance, max_relative = 1e-12);
            let test = moran.test(assumption, Alternative::TwoSided).unwrap();
            assert_relative_eq!(test.statistic, z, max_relative = 1e-12);
            assert_relative_eq!(test.p_value, p, max_relative = 1e-9);
        }
    }

    #[test]
    fn moments_under_randomisation_are_those_of_all_arrangements() {
        // Directed links with unequal weights, an island, and the 120 orders of five values.
        let rows = [
            vec![(1, 0.5), (2, 2.0)],
            vec![(0, 1.0)],
            vec![(3, 0.25), (1, 1.0)],
            vec![(0, 3.0)],
            vec![],
        ];
        let rows = rows.map(|mut r: Vec<(u32, f64)>| {
            r.sort_by_key(|l| l.0);
            r
        });
        let w = Weights::from_csr(Units::range(5), Csr::from_rows(&rows), "links").islands_kept();
        let x = [3.0, 1.0, 4.0, 1.5, 9.0];
        let mut all = Vec::new();
        let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..5 {
            let mut longer = Vec::new();
            for order in &orders {
                for j in (0..5).filter(|j| !order.contains(j)) {
                    longer.push([order.as_slice(), &[j]].concat());
                }
            }
            orders = longer;
        }
        for order in &orders {
            let y: Vec<f64> = order.iter().map(|&j| x[j]).collect();
            all.push(Moran::of(&y, &w).unwrap().i());
        }
        let mean = all.iter().sum::<f64>() / 120.0;
        let variance = all.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / 120.0;
        let moran = Moran::of(&x[..], &w).unwrap();
        assert_relative_eq!(moran.expectation(), mean, max_relative = 1e-12);
        assert_relative_eq!(
            moran.variance(Assumption::Randomization).unwrap(),
            variance,
            max_relative = 1e-12
        );
        assert_eq!(moran.notes(), [Note::Islands { count: 1 }]);
        // Exact p-value by enumeration, and within four Monte-Carlo standard errors.
        let exact = all.iter().filter(|&&i| i >= moran.i() - 1e-12).count() as f64 / 120.0;
        let test = moran
            .permutation(Permutations::new(20_000).seed(5))
            .unwrap();
        let error = (exact * (1.0 - exact) / 20_000.0).sqrt();
        assert!((test.p_value(Alternative::Greater) - exact).abs() < 4.0 * error + 1e-4);
        assert!((test.mean() - mean).abs() < 4.0 * (variance / 20_000.0).sqrt());
        let every = moran.permutation(Permutations::all()).unwrap();
        assert!(every.is_exact() && every.arrangements() == 120);
        assert_relative_eq!(
            every.p_value(Alternative::Greater),
            exact,
            max_relative = 1e-12
        );
        assert_relative_eq!(every.mean(), mean, max_relative = 1e-12);
    }

    #[test]
    fn ties_by_rounding_are_ties() {
        // Two values only, in decimal fractions: with binary weights I takes few values, and many draws equal the observed.
        let w = weights(false);
        let x: Array1<f64> = (0..49)
            .map(|i| if i % 5 == 0 { 0.3 } else { 0.1 })
            .collect();
        let moran = Moran::of(&x, &w).unwrap();
        let test = moran
            .permutation(Permutations::new(499).keep_draws())
            .unwrap();
        let near = |d: &&f64| (**d - moran.i()).abs() < 1e-9;
        let tied = test.draws().unwrap().iter().filter(near).count();
        assert!(tied > 0);
        assert_eq!(test.at_least() + test.at_most(), 499 + tied);
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(true);
        assert!(matches!(
            Moran::of(&[2.5; 49][..], &w),
            Err(Error::Constant { .. })
        ));
        assert!(matches!(
            Moran::of(&CRIME[..48], &w),
            Err(Error::LengthMismatch { .. })
        ));
        let of = |rows: &[Vec<(u32, f64)>]| {
            let w = Weights::from_csr(Units::range(rows.len()), Csr::from_rows(rows), "links");
            Moran::of(&CRIME[..rows.len()], &w.islands_kept())
        };
        assert!(matches!(
            of(&[vec![], vec![], vec![]]),
            Err(Error::Unsupported { .. })
        ));
        let islands = Weights::from_csr(Units::range(3), Csr::from_rows(&vec![vec![]; 3]), "links");
        assert!(matches!(
            Moran::of(&CRIME[..3], &islands),
            Err(Error::Islands { .. })
        ));
        assert!(matches!(
            of(&[vec![(0, 1.0), (1, 1.0)], vec![(0, 1.0)]]),
            Err(Error::InvalidLink { .. })
        ));
        let three = of(&[vec![(1, 1.0)], vec![(0, 1.0), (2, 1.0)], vec![(1, 1.0)]]).unwrap();
        assert!(matches!(
            three.variance(Assumption::Randomization),
            Err(Error::TooFewUnits { needed: 4, .. })
        ));
        let complete: Vec<Vec<(u32, f64)>> = (0..7)
            .map(|i| (0..7).filter(|&j| j != i).map(|j| (j, 0.1)).collect())
            .collect();
        let complete = of(&complete).unwrap();
        for assumption in [Assumption::Normality, Assumption::Randomization] {
            assert!(matches!(
                complete.test(assumption, Alternative::Greater),
                Err(Error::Unsupported { .. })
            ));
        }
        assert_relative_eq!(complete.i(), complete.expectation(), max_relative = 1e-12);
    }
}
