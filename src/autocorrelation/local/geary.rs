//! Local Geary's c of one variable and of several at once.

use std::fmt;

use ndarray::{Array1, ArrayView1};

use super::super::deviations::Deviations;
use super::cluster::GearyCluster;
use super::inference::{
    LocalInference, arrays, local_draws, local_inference, local_notes, moments_of_sum,
    standardized, weight_sums,
};
use crate::data::{Table, Variable};
use crate::error::{Error, Result};
use crate::inference::permutation::{LOCAL_LANES as LANES, Local};
use crate::inference::{Adjustment, Permutations, write_notes};
use crate::text;
use crate::weights::Weights;

/// Local Geary's c: which units are like their neighbours, and which differ from them, in value rather than in rank around
/// the mean.
///
/// c_i = Σ_j w_ij (z_i - z_j)², with z = (x - mean(x)) / s and s² = Σ (x - mean(x))² / (n - 1); of m variables the mean of
/// their c_i. With this s, as in spdep and GeoDa, Σ_i c_i = 2 S0 C, with C the global statistic. Anselin (1995) and esda
/// divide by n instead of n - 1: their values are n / (n - 1) times as large, with the same p-values.
///
/// Small values mean that neighbours are alike: they speak for positive, large ones for negative spatial autocorrelation, and
/// [`Alternative`](crate::Alternative) speaks of c_i itself. [`Alternative::Less`](crate::Alternative::Less) is the test for
/// positive autocorrelation.
///
/// The p-value of unit i is by conditional permutation, as for [`LocalMoran`](crate::LocalMoran): its own values are held,
/// those of its neighbours are drawn from the other units, all variables of a unit together. [`expectation`](Self::expectation)
/// and [`variance`](Self::variance) are the moments over all these arrangements.
///
/// An island has c_i = 0 and p = 1, and is not tested.
///
/// # Example
///
/// ```
/// use spatialecon::{Alternative, LocalGeary, Permutations, Units, Weights};
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let local = LocalGeary::of(&x[..], &w, Permutations::all())?.alternative(Alternative::Less);
/// // The variance is 3.5, the neighbours of unit 1 differ by one.
/// assert!((local.c()[1] - 2.0 / 2.0 / 3.5).abs() < 1e-12);
/// // Of the ten pairs of the other five values, {1, 3} alone is as near to 2.
/// assert!((local.p_values()[1] - 0.1).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Anselin (1995), Geographical Analysis 27; Anselin (2019), Geographical Analysis 51, for several variables.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "localC")]
#[doc(alias = "localC_perm")]
#[doc(alias = "Geary_Local")]
#[doc(alias = "Geary_Local_MV")]
#[doc(alias = "local_geary")]
#[doc(alias = "local_multigeary")]
pub struct LocalGeary {
    names: Vec<String>,
    distances: Distances,
    c: Array1<f64>,
    /// Of each unit the sign of z and of its lag, where both have one and the same; of one variable only.
    sides: Vec<i8>,
    expectation: Array1<f64>,
    variance: Array1<f64>,
    inference: LocalInference,
}

local_inference!(LocalGeary);
local_notes!(LocalGeary);
local_draws!(LocalGeary, local => &local.distances);

impl LocalGeary {
    /// Local Geary's c of a variable (length n, in the order of the weights), against the two-sided alternative.
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of); [`Error::InvalidOption`] where the number of permutations is zero.
    pub fn of<'a>(
        x: impl Into<Variable<'a>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        Self::of_many([x], w, permutations)
    }

    /// The mean of the local c of several variables: whether a unit is like its neighbours in all of them together.
    ///
    /// Each variable is standardised, so that their units of measurement do not matter. In a draw a neighbour brings its values
    /// of all variables.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of); [`Error::InvalidOption`] where there is no variable.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{LocalGeary, Permutations, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
    /// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]);
    /// let one = |x: &[f64]| LocalGeary::of(x, &w, Permutations::new(99));
    /// let both = LocalGeary::of_many([&x[..], &y[..]], &w, Permutations::new(99))?;
    /// assert!((both.c()[2] - (one(&x)?.c()[2] + one(&y)?.c()[2]) / 2.0).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "localC_mv")]
    pub fn of_many<'a, V: Into<Variable<'a>>>(
        variables: impl IntoIterator<Item = V>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let variables: Vec<Deviations> = variables
            .into_iter()
            .map(|x| Deviations::of(&x.into(), w, "local Geary's c"))
            .collect::<Result<_>>()?;
        if variables.is_empty() {
            return Err(Error::InvalidOption {
                option: "variables",
                value: "none".to_owned(),
                expected: "at least one variable",
            });
        }
        let sides = sides(&variables, w);
        let distances = Distances::new(&variables, w);
        let c = (0..w.n())
            .map(|i| {
                let links = w.csr().row(i);
                links.map(|(j, w)| w * distances.between(i, j)).sum()
            })
            .collect();
        let (expectation, variance) = distances.moments(w);
        let inference = LocalInference::of(w, &distances, permutations, |_| 1.0)?;
        Ok(Self {
            names: variables.into_iter().map(|v| v.name).collect(),
            distances,
            c,
            sides,
            expectation,
            variance,
            inference,
        })
    }

    /// The statistic c_i of each unit.
    #[must_use]
    #[doc(alias = "localG")]
    pub fn c(&self) -> ArrayView1<'_, f64> {
        self.c.view()
    }

    /// E(c_i) over the conditional arrangements: w_i. times the mean of (z_i - z_j)² over the other units j.
    #[must_use]
    pub fn expectation(&self) -> ArrayView1<'_, f64> {
        self.expectation.view()
    }

    /// Variance of c_i over the conditional arrangements; zero where they all give the same c_i.
    ///
    /// With a_j = (z_i - z_j)² over the other n - 1 units: Σ (a_j - mean(a))² / (n - 2) · (Σ_j w_ij² - w_i.² / (n - 1)).
    #[must_use]
    pub fn variance(&self) -> ArrayView1<'_, f64> {
        self.variance.view()
    }

    /// (c_i - E(c_i)) / sd(c_i): below zero where a unit is more like its neighbours than like others; zero where the variance
    /// is.
    #[must_use]
    pub fn z(&self) -> Array1<f64> {
        (0..self.c.len())
            .map(|i| standardized(self.c[i], self.expectation[i], self.variance[i]))
            .collect()
    }

    /// The label of each unit on the map of clusters, where p is at most the level.
    ///
    /// Positive autocorrelation is where fewer draws are at most as large as c_i than are at least as large. Of one variable it is
    /// called High-High where the unit and the mean of its neighbours lie above the mean, Low-Low where both lie below, and other
    /// positive elsewhere. `level` lies between 0 and 1; `adjustment` is the correction for the number of units, `None` for none.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the level is not between 0 and 1.
    #[doc(alias = "labs")]
    pub fn clusters(
        &self,
        level: f64,
        adjustment: Option<Adjustment>,
    ) -> Result<Vec<GearyCluster>> {
        let significant = self.significant(level, adjustment)?;
        let each = significant.into_iter().enumerate();
        Ok(each.map(|(i, s)| self.label(i, s)).collect())
    }

    fn label(&self, i: usize, significant: bool) -> GearyCluster {
        match self.sides.get(i) {
            _ if self.inference.is_island(i) => GearyCluster::Island,
            _ if !significant => GearyCluster::NotSignificant,
            _ if !self.inference.is_low(i) => GearyCluster::Negative,
            None => GearyCluster::Positive,
            Some(1) => GearyCluster::HighHigh,
            Some(-1) => GearyCluster::LowLow,
            Some(_) => GearyCluster::OtherPositive,
        }
    }

    #[allow(
        clippy::unused_self,
        reason = "as of the statistics whose draws are scaled"
    )]
    fn reported(&self, _: usize, c: f64) -> f64 {
        c
    }

    /// The results as a table: columns `c`, `expectation`, `variance`, `z`, `p`, `p_fdr`, labels `cluster` and `cluster_fdr` at
    /// 0.05.
    ///
    /// # Errors
    ///
    /// None that the result itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let table = Table::over(self.units())
            .column("c", self.c.clone())?
            .column("expectation", self.expectation.clone())?
            .column("variance", self.variance.clone())?
            .column("z", self.z())?;
        let table = self.inference.tabulate(table)?;
        self.inference.labelled(table, |i, s| self.label(i, s))
    }
}

impl fmt::Display for LocalGeary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.names.iter().map(|n| format!("`{n}`")).collect();
        let one = [
            GearyCluster::HighHigh,
            GearyCluster::LowLow,
            GearyCluster::OtherPositive,
            GearyCluster::Negative,
            GearyCluster::NotSignificant,
            GearyCluster::Island,
        ];
        let many = [
            GearyCluster::Positive,
            GearyCluster::Negative,
            GearyCluster::NotSignificant,
            GearyCluster::Island,
        ];
        let z = self.z();
        self.inference.write(
            f,
            &format!("Local Geary's c of {}", names.join(", ")),
            &[
                ("c", &|i| text::significant(self.c[i], 4)),
                ("expectation", &|i| {
                    text::significant(self.expectation[i], 4)
                }),
                ("z", &|i| text::significant(z[i], 4)),
            ],
            if names.len() == 1 { &one } else { &many },
            &|i, s| self.label(i, s),
        )?;
        write_notes(f, &self.notes())
    }
}

/// Squared distances between units in the space of the standardised variables, over their number.
#[derive(Debug, Clone, PartialEq)]
struct Distances {
    z: Vec<Vec<f64>>,
    /// Mean of the squares of each unit.
    squares: Vec<f64>,
    row_sums: Array1<f64>,
    /// Rounding error of a squared distance.
    error: f64,
}

impl Distances {
    fn new(variables: &[Deviations], w: &Weights) -> Self {
        let n = w.n();
        let m = variables.len() as f64;
        let mut error = 0.0;
        let z: Vec<Vec<f64>> = variables
            .iter()
            .map(|x| {
                let s = (x.sum_of_squares / (n as f64 - 1.0)).sqrt();
                let z: Vec<f64> = x.z.iter().map(|z| z / s).collect();
                let largest = z.iter().fold(0.0_f64, |most, z| most.max(z.abs()));
                error += 32.0 * f64::EPSILON * largest * (largest + x.magnitude / s) / m;
                z
            })
            .collect();
        let square = |i: usize| z.iter().map(|z| z[i] * z[i]).sum::<f64>() / m;
        Self {
            squares: (0..n).map(square).collect(),
            row_sums: w.csr().row_sums(),
            error,
            z,
        }
    }

    fn between(&self, i: usize, j: usize) -> f64 {
        let each = self.z.iter().map(|z| (z[i] - z[j]).powi(2));
        each.sum::<f64>() / self.z.len() as f64
    }

    /// Expectation and variance of each c_i over the conditional arrangements.
    fn moments(&self, w: &Weights) -> (Array1<f64>, Array1<f64>) {
        let (n, m) = (w.n() as f64, self.z.len() as f64);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        // a_j = q_i + q_j - (2/m) z_i'z_j, with q the mean squares; Σ z = 0 and Σ q = n - 1.
        let fourth = dot(&self.squares, &self.squares);
        let skewness: Vec<f64> = self.z.iter().map(|z| dot(z, &self.squares)).collect();
        let products: Vec<Vec<f64>> = self
            .z
            .iter()
            .map(|a| self.z.iter().map(|b| dot(a, b)).collect())
            .collect();
        arrays((0..w.n()).map(|i| {
            let q = self.squares[i];
            let own: Vec<f64> = self.z.iter().map(|z| z[i]).collect();
            let quadratic: f64 = own
                .iter()
                .zip(&products)
                .map(|(z, row)| z * dot(row, &own))
                .sum();
            let sum = n * q + n - 1.0;
            let squares = n * q * q + fourth + 4.0 / (m * m) * quadratic + 2.0 * q * (n - 1.0)
                - 4.0 / m * dot(&own, &skewness);
            let deviations = squares - sum * sum / (n - 1.0);
            // What is left of a difference of equal numbers is rounding error.
            let deviations = if deviations <= 1e-13 * squares {
                0.0
            } else {
                deviations
            };
            let mean = sum / (n - 1.0);
            moments_of_sum(n - 1.0, (mean, deviations), weight_sums(w, i, false))
        }))
    }
}

impl Local for Distances {
    fn channels(&self) -> Vec<&[f64]> {
        let variables = self.z.iter().map(Vec::as_slice);
        std::iter::once(self.squares.as_slice())
            .chain(variables)
            .collect()
    }

    #[inline(always)]
    fn evaluate(&self, i: usize, sums: &[[f64; LANES]], out: &mut [f64; LANES]) {
        let Some((squares, products)) = sums.split_first() else {
            return;
        };
        let own = self.row_sums[i] * self.squares[i];
        for (out, square) in out.iter_mut().zip(squares) {
            *out = own + square;
        }
        for (product, z) in products.iter().zip(&self.z) {
            let twice = 2.0 * z[i] / self.z.len() as f64;
            for (out, sum) in out.iter_mut().zip(product) {
                *out -= twice * sum;
            }
        }
    }

    fn tolerance(&self, _: usize, row_sum: f64) -> f64 {
        self.error * row_sum
    }
}

/// 1 where a unit and the sum of its neighbours lie above the mean, -1 where both lie below, 0 elsewhere; nothing for several
/// variables.
fn sides(variables: &[Deviations], w: &Weights) -> Vec<i8> {
    let [x] = variables else {
        return Vec::new();
    };
    let (lag, row_sums) = (w.csr().product(x.z.view()), w.csr().row_sums());
    let tolerance = x.tolerance();
    let sign =
        |value: f64, tolerance: f64| i8::from(value > tolerance) - i8::from(value < -tolerance);
    (0..w.n())
        .map(|i| {
            let (own, others) = (
                sign(x.z[i], tolerance),
                sign(lag[i], tolerance * row_sums[i]),
            );
            if own == others { own } else { 0 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::brute::{X, Y, all, links, map};
    use super::*;
    use crate::inference::Alternative;

    fn standard(x: &[f64]) -> Vec<f64> {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let s = (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        x.iter().map(|v| (v - mean) / s).collect()
    }

    #[test]
    fn moments_and_p_values_are_those_of_all_conditional_arrangements() {
        let w = map();
        for variables in [&[&X[..]][..], &[&X[..], &Y[..]]] {
            let standard: Vec<Vec<f64>> = variables.iter().map(|x| standard(x)).collect();
            let local = LocalGeary::of_many(
                variables.iter().map(|x| Variable::from(*x)),
                &w,
                Permutations::all(),
            )
            .unwrap();
            let p = |a| local.clone().alternative(a).p_values();
            let (greater, less) = (p(Alternative::Greater), p(Alternative::Less));
            for i in 0..7 {
                let c = |drawn: &[usize]| {
                    let each = standard.iter().map(|z| {
                        let links = links(&w, i, drawn);
                        links.map(|(j, w)| w * (z[i] - z[j]).powi(2)).sum::<f64>()
                    });
                    each.sum::<f64>() / standard.len() as f64
                };
                let all = all(&w, i, c);
                assert_relative_eq!(local.expectation()[i], all.mean, max_relative = 1e-12);
                assert_relative_eq!(local.variance()[i], all.variance, max_relative = 1e-11);
                assert_relative_eq!(greater[i], all.at_least, max_relative = 1e-12);
                assert_relative_eq!(less[i], all.at_most, max_relative = 1e-12);
                let own: Vec<usize> = w.csr().row(i).map(|l| l.0).collect();
                assert_relative_eq!(local.c()[i], c(&own), max_relative = 1e-12);
            }
            let island = (local.c()[7], local.variance()[7], greater[7], local.z()[7]);
            assert_eq!(island, (0.0, 0.0, 1.0, 0.0));
            assert!(!local.tested()[7] && local.tested()[..7].iter().all(|&t| t));
            let drawn = local.draws_of("3").unwrap();
            assert_relative_eq!(
                drawn.mean().unwrap(),
                local.expectation()[3],
                max_relative = 1e-12
            );
        }
    }

    #[test]
    fn scale_and_level_do_not_matter() {
        let w = map();
        let of = |x: &[f64]| LocalGeary::of(x, &w, Permutations::new(999)).unwrap();
        let plain = of(&X);
        for (a, b) in [(1e8, 0.0), (1e-8, 0.0), (-1.0, 0.0), (1.0, 1e6)] {
            let moved = of(&X.map(|x| a * x + b));
            for (found, expected) in moved.c().iter().zip(plain.c()) {
                assert_relative_eq!(*found, *expected, max_relative = 1e-8);
            }
            assert_eq!(moved.p_values(), plain.p_values());
        }
    }

    #[test]
    fn labels_say_how_a_unit_is_like_its_neighbours() {
        let units = crate::data::Units::range(30);
        let pairs = (0..29).map(|i| (i.to_string(), (i + 1).to_string()));
        let w = Weights::from_pairs(&units, pairs).unwrap();
        // Low, high, and one outlier among the low.
        let x: Vec<f64> = (0..30)
            .map(|i| match i {
                5 => 40.0,
                0..=14 => 0.1 * f64::from(i % 3),
                _ => 9.0 + 0.1 * f64::from(i % 2),
            })
            .collect();
        let local = LocalGeary::of(&x, &w, Permutations::new(9_999)).unwrap();
        let labels = local.clusters(0.6, None).unwrap();
        assert_eq!(labels[5], GearyCluster::Negative);
        assert_eq!(labels[12], GearyCluster::LowLow);
        assert_eq!(labels[20], GearyCluster::HighHigh);
        let table = local.table().unwrap();
        assert_eq!(table.labels("cluster").unwrap().len(), 30);
        assert!(local.to_string().contains("other positive"));
        let no_variables: [&[f64]; 0] = [];
        let e = LocalGeary::of_many(no_variables, &w, Permutations::new(9)).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }));
    }
}
