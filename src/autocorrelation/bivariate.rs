//! Bivariate Moran's I: one variable at a unit, another at its neighbours.

use std::fmt;

use ndarray::Array1;

use super::deviations::Deviations;
use super::moran::Assumption;
use super::show;
use crate::data::Variable;
use crate::error::Result;
use crate::inference::permutation::{Global, LANES};
use crate::inference::{
    Alternative, Distribution, Note, PermutationTest, Permutations, TestResult, write_notes,
};
use crate::text;
use crate::weights::Weights;

const NULL: &str = "the second variable lies anywhere, whatever the first";

/// Bivariate Moran's I: whether high values of one variable are surrounded by high values of another.
///
/// I = (n / S0) zx'W zy / √(zx'zx zy'zy): x at the unit, y at its neighbours; zx and zy are deviations from the means, S0 is the sum of
/// the weights. For row-standardised weights without islands this is the slope of W y on x, both of variance one.
///
/// The null hypothesis rearranges y over the units while x stays. It is refused, too, where x and y are only correlated *within*
/// units and both are clustered: I is no test of causation, of diffusion, or of anything that runs from neighbours to a
/// unit. [`Lee`](crate::Lee) holds the correlation within units fixed; a spatial regression models it.
///
/// # Example
///
/// ```
/// use spatialecon::{Alternative, BivariateMoran, Permutations, Units, Weights};
/// // Six units in a line; y is x from the other end.
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?;
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
/// let bivariate = BivariateMoran::of(&x[..], &y[..], &w)?;
/// assert!((bivariate.i() + 0.6).abs() < 1e-12);
/// assert_eq!(bivariate.expectation(), 0.0);
/// let permuted = bivariate.permutation(Permutations::all())?;
/// assert!((permuted.standard_deviation().powi(2) - bivariate.variance()?).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Wartenberg (1985), Geographical Analysis 17; Anselin, Syabri and Smirnov (2002), in: New Tools for Spatial Data Analysis; Czaplewski
/// and Reich (1993), USDA Research Paper RM-309 (moments).
#[derive(Debug, Clone)]
#[doc(alias = "moran_bv")]
#[doc(alias = "Moran_BV")]
pub struct BivariateMoran {
    x: Deviations,
    y: Deviations,
    weights: Weights,
    /// What unit j's y, of length one, is multiplied by: (n / S0) Σ_i w_ij zx_i / √(zx'zx).
    influence: Array1<f64>,
    i: f64,
}

impl BivariateMoran {
    /// Bivariate Moran's I of x at the units and y at their neighbours (length n, in the order of the weights).
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of), for either variable.
    pub fn of<'a, 'b>(
        x: impl Into<Variable<'a>>,
        y: impl Into<Variable<'b>>,
        w: &Weights,
    ) -> Result<Self> {
        let x = Deviations::of(&x.into(), w, "bivariate Moran's I")?;
        let y = Deviations::of(&y.into(), w, "bivariate Moran's I")?;
        let scale = x.z.len() as f64 / w.constants().s0;
        let influence = w.csr().transposed_product(x.of_length_one().view()) * scale;
        Ok(Self {
            i: influence.dot(&y.of_length_one()),
            weights: w.clone(),
            influence,
            x,
            y,
        })
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

    /// E(I) = 0: y is rearranged whatever x.
    #[must_use]
    pub fn expectation(&self) -> f64 {
        0.0
    }

    /// Variance of I over the rearrangements of y: I is linear in y, so that with b = W'zx
    ///
    /// Var(I) = (n / S0)² Σ (b_j - mean(b))² / [(n - 1) zx'zx].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) where it is zero, since every arrangement gives the same I.
    pub fn variance(&self) -> Result<f64> {
        let n = self.n() as f64;
        let mean = self.influence.sum() / n;
        let squares: f64 = self.influence.iter().map(|b| (b - mean).powi(2)).sum();
        let size = self.influence.dot(&self.influence);
        let variance = if squares > 1e-24 * size {
            squares / (n - 1.0)
        } else {
            0.0
        };
        show::checked_variance(variance, "bivariate Moran's I under randomisation", "I")
    }

    /// The test by the standard normal: I / sd(I), under rearrangements of y.
    ///
    /// # Errors
    ///
    /// As [`variance`](Self::variance).
    pub fn test(&self, alternative: Alternative) -> Result<TestResult> {
        Ok(TestResult::symmetric(
            format!("{} under randomisation", self.name()),
            self.i / self.variance()?.sqrt(),
            Distribution::Normal,
            NULL,
            alternative,
        ))
    }

    /// The test by permutations of y over all units, x staying where it is.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) where the number of permutations is zero;
    /// [`Error::Unsupported`](crate::Error::Unsupported) where all arrangements are asked for and there are more than 10^6.
    pub fn permutation(&self, permutations: Permutations) -> Result<PermutationTest> {
        let y = self.y.of_length_one();
        let size: f64 = self.influence.iter().map(|b| b.abs()).sum();
        let tolerance = self.y.tolerance() / self.y.sum_of_squares.sqrt() * size;
        PermutationTest::total(
            format!("{} by permutation", self.name()),
            NULL,
            &[y.as_slice().unwrap_or_default()],
            (self.i, tolerance),
            &Linear(self.influence.as_slice().unwrap_or_default()),
            permutations,
        )
    }

    fn name(&self) -> String {
        format!(
            "bivariate Moran's I of `{}` beside `{}` of the neighbours",
            self.x.name, self.y.name
        )
    }

    /// What the reader of the result should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        show::islands(&self.weights)
    }
}

/// b'y.
struct Linear<'a>(&'a [f64]);

impl Global for Linear<'_> {
    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        for (out, y) in out.iter_mut().zip(vectors) {
            *out = [0.0; LANES];
            for (y, b) in y.iter().zip(self.0) {
                for l in 0..LANES {
                    out[l] += b * y[l];
                }
            }
        }
    }
}

impl fmt::Display for BivariateMoran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        writeln!(
            f,
            "{}{}: {} (expectation 0, n = {})",
            name[..1].to_uppercase(),
            &name[1..],
            text::significant(self.i, 5),
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
    use super::super::columbus::{CRIME, INC, weights};
    use super::*;
    use crate::error::Error;
    use crate::inference::Alternative;

    // esda 2.9.0, Moran_BV(CRIME, INC, w).I; spdep 1.2-7, moran_bv(scale(CRIME), scale(INC), lw)$t0. With binary weights esda leaves
    // n / S0 out: -2.023059918705896 · 49 / 230.
    #[test]
    fn statistics_agree_with_esda() {
        for (standardized, i) in [
            (true, -0.42326974001743617),
            (false, -2.023059918705896 * 49.0 / 230.0),
        ] {
            let found = BivariateMoran::of(&CRIME[..], &INC[..], &weights(standardized)).unwrap();
            assert_relative_eq!(found.i(), i, max_relative = 1e-12);
        }
        let w = weights(true);
        let same = BivariateMoran::of(&CRIME[..], &CRIME[..], &w).unwrap();
        let moran = crate::Moran::of(&CRIME[..], &w).unwrap();
        assert_relative_eq!(same.i(), moran.i(), max_relative = 1e-13);
    }

    #[test]
    fn moments_are_those_of_all_arrangements() {
        let w = directed();
        let (x, y) = (
            [3.0, 1.0, 4.0, 1.5, 9.0, -2.0],
            [2.0, 7.0, 1.0, 8.0, 2.5, 0.0],
        );
        let all: Vec<f64> = orders(6)
            .iter()
            .map(|o| {
                BivariateMoran::of(&x[..], &arranged(&y, o), &w)
                    .unwrap()
                    .i()
            })
            .collect();
        let (mean, variance) = moments(&all);
        let found = BivariateMoran::of(&x[..], &y[..], &w).unwrap();
        assert!(mean.abs() < 1e-14);
        assert_relative_eq!(found.variance().unwrap(), variance, max_relative = 1e-12);
        let test = found.permutation(Permutations::all()).unwrap();
        let most = all.iter().filter(|&&a| a >= found.i() - 1e-12).count();
        assert_eq!((test.arrangements(), test.at_least()), (720, most));
        let normal = found.test(Alternative::Greater).unwrap();
        assert_relative_eq!(
            normal.statistic,
            found.i() / variance.sqrt(),
            max_relative = 1e-12
        );
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(true);
        let constant = BivariateMoran::of(&[1.0; 49][..], &CRIME[..], &w);
        assert!(matches!(constant, Err(Error::Constant { .. })));
        let found = BivariateMoran::of(&CRIME[..], &INC[..], &w).unwrap();
        let none = found.permutation(Permutations::new(0));
        assert!(matches!(none, Err(Error::InvalidOption { .. })));
        // two units that look at each other: y has two orders
        let pair = Weights::from_pairs(&crate::data::Units::range(2), [("0", "1")]).unwrap();
        let found = BivariateMoran::of(&[1.0, 2.0][..], &[5.0, 3.0][..], &pair).unwrap();
        assert_relative_eq!(found.i(), 1.0, max_relative = 1e-14);
        assert_relative_eq!(found.variance().unwrap(), 1.0, max_relative = 1e-14);
    }
}
