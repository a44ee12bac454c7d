//! Local bivariate Moran's I: one variable at a unit, another at its neighbours.

use std::fmt;

use ndarray::{Array1, ArrayView1};

use super::super::deviations::Deviations;
use super::cluster::{Cluster, Quadrant};
use super::inference::{
    LocalInference, arrays, local_draws, local_inference, local_notes, moments_of_sum,
    standardized, weight_sums,
};
use crate::data::{Table, Variable};
use crate::error::Result;
use crate::inference::permutation::Sum;
use crate::inference::{Adjustment, Permutations, write_notes};
use crate::text;
use crate::weights::Weights;

/// Local bivariate Moran's I: where values of one variable lie among high, and where among low values of another.
///
/// I_i = zx_i Σ_j w_ij zy_j, with zx = (x - mean(x)) / sx, sx² = Σ (x - mean(x))² / (n - 1), and zy alike, as in spdep and GeoDa.
/// Their sum is S0 (n - 1) / n times the global statistic. [`LocalMoran`](crate::LocalMoran) divides by n instead of n - 1.
///
/// The p-value of unit i is by conditional permutation, as for [`LocalMoran`](crate::LocalMoran): x_i is held, and y at its
/// neighbours is drawn from y at the other units. [`expectation`](Self::expectation) and [`variance`](Self::variance) are over all
/// these arrangements.
///
/// That x and y go together within units, and that y is clustered, is enough to make I_i large: it is no test of causation or
/// of diffusion.
///
/// An island has I_i = 0 and p = 1, and so has a unit whose x is the mean; neither is tested.
///
/// # Example
///
/// ```
/// use spatialecon::{LocalBivariateMoran, Permutations, Quadrant, Units, Weights};
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
/// let local = LocalBivariateMoran::of(&x[..], &y[..], &w, Permutations::all())?;
/// assert!((local.i()[0] + 2.5 * 1.5 / 3.5).abs() < 1e-12);
/// assert_eq!(local.quadrants()[0], Quadrant::LowHigh);
/// // Of the other five values of y, the one next to unit 0 is the largest.
/// assert!((local.p_values()[0] - 2.0 / 5.0).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Anselin, Syabri and Smirnov (2002), in: New Tools for Spatial Data Analysis.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "localmoran_bv")]
#[doc(alias = "Moran_Local_BV")]
#[doc(alias = "local_bimoran")]
pub struct LocalBivariateMoran {
    names: [String; 2],
    zx: Array1<f64>,
    zy: Array1<f64>,
    /// Largest modulus of y, in standard deviations.
    magnitude: f64,
    i: Array1<f64>,
    lag: Array1<f64>,
    quadrants: Vec<Quadrant>,
    expectation: Array1<f64>,
    variance: Array1<f64>,
    inference: LocalInference,
}

local_inference!(LocalBivariateMoran);
local_notes!(LocalBivariateMoran);
local_draws!(LocalBivariateMoran, local => &sum_of(&local.zy, local.magnitude));

impl LocalBivariateMoran {
    /// I_i of x at the units and y at their neighbours (length n, in the order of the weights), against the two-sided
    /// alternative.
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of), for either variable; [`Error::InvalidOption`](crate::Error::InvalidOption) where
    /// the number of permutations is zero.
    pub fn of<'a, 'b>(
        x: impl Into<Variable<'a>>,
        y: impl Into<Variable<'b>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let x = Deviations::of(&x.into(), w, "local bivariate Moran's I")?;
        let y = Deviations::of(&y.into(), w, "local bivariate Moran's I")?;
        let others = w.n() as f64 - 1.0;
        let [sx, sy] = [&x, &y].map(|d| (d.sum_of_squares / others).sqrt());
        let (zx, zy) = (&x.z / sx, &y.z / sy);
        let (lag, row_sums) = (w.csr().product(zy.view()), w.csr().row_sums());
        let (x_error, y_error) = (x.tolerance() / sx, y.tolerance() / sy);
        let quadrants = (0..w.n())
            .map(|i| {
                if w.csr().pattern.row(i).is_empty() {
                    Quadrant::Island
                } else {
                    Quadrant::of(zx[i], x_error, lag[i], y_error * row_sums[i])
                }
            })
            .collect();
        let (expectation, variance) = arrays((0..w.n()).map(|i| {
            let mean = -zy[i] / others;
            let rest = others - zy[i] * zy[i] * (others + 1.0) / others;
            let rest = if rest <= 1e-13 * others { 0.0 } else { rest };
            let (e, v) = moments_of_sum(others, (mean, rest), weight_sums(w, i, false));
            (zx[i] * e, zx[i] * zx[i] * v)
        }));
        let magnitude = y.magnitude / sy;
        let inference = LocalInference::of(w, &sum_of(&zy, magnitude), permutations, |i| {
            if zx[i].abs() <= x_error { 0.0 } else { zx[i] }
        })?;
        Ok(Self {
            names: [x.name, y.name],
            i: &zx * &lag,
            zx,
            zy,
            magnitude,
            lag,
            quadrants,
            expectation,
            variance,
            inference,
        })
    }

    /// The statistic I_i of each unit.
    #[must_use]
    pub fn i(&self) -> ArrayView1<'_, f64> {
        self.i.view()
    }

    /// The first variable, standardised.
    #[must_use]
    pub fn standardized(&self) -> ArrayView1<'_, f64> {
        self.zx.view()
    }

    /// The spatial lag of the second variable, standardised.
    #[must_use]
    pub fn lag(&self) -> ArrayView1<'_, f64> {
        self.lag.view()
    }

    /// E(I_i) over the conditional arrangements: -zx_i zy_i w_i. / (n - 1).
    #[must_use]
    pub fn expectation(&self) -> ArrayView1<'_, f64> {
        self.expectation.view()
    }

    /// Variance of I_i over the conditional arrangements: zx_i² times that of the sum of the neighbours' zy.
    #[must_use]
    pub fn variance(&self) -> ArrayView1<'_, f64> {
        self.variance.view()
    }

    /// (I_i - E(I_i)) / sd(I_i); zero where the variance is.
    #[must_use]
    pub fn z(&self) -> Array1<f64> {
        (0..self.i.len())
            .map(|i| standardized(self.i[i], self.expectation[i], self.variance[i]))
            .collect()
    }

    /// The quadrant of each unit, whatever its significance: its x against the mean, then y at its neighbours.
    #[must_use]
    pub fn quadrants(&self) -> &[Quadrant] {
        &self.quadrants
    }

    /// The label of each unit on the map of clusters: its quadrant where p is at most the level.
    ///
    /// `level` lies between 0 and 1; `adjustment` is the correction for the number of units, `None` for none.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) where the level is not between 0 and 1.
    pub fn clusters(&self, level: f64, adjustment: Option<Adjustment>) -> Result<Vec<Cluster>> {
        let significant = self.significant(level, adjustment)?;
        let each = significant.into_iter().enumerate();
        Ok(each.map(|(i, s)| self.label(i, s)).collect())
    }

    fn label(&self, i: usize, significant: bool) -> Cluster {
        Cluster::of(self.quadrants[i], significant)
    }

    fn reported(&self, i: usize, lag: f64) -> f64 {
        self.zx[i] * lag
    }

    /// The results as a table: columns `I`, `z` (the first variable, standardised), `lag` (of the second), `p`, `p_fdr`, labels
    /// `quadrant`, and `cluster` and `cluster_fdr` at 0.05.
    ///
    /// # Errors
    ///
    /// None that the result itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let table = Table::over(self.units())
            .column("I", self.i.clone())?
            .column("z", self.zx.clone())?
            .column("lag", self.lag.clone())?;
        let table = self.inference.tabulate(table)?;
        let table = table.label("quadrant", self.quadrants.iter().map(ToString::to_string))?;
        self.inference.labelled(table, |i, s| self.label(i, s))
    }
}

impl fmt::Display for LocalBivariateMoran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y] = &self.names;
        self.inference.write(
            f,
            &format!("Local bivariate Moran's I of `{x}` among `{y}`"),
            &[
                ("I", &|i| text::significant(self.i[i], 4)),
                ("quadrant", &|i| self.quadrants[i].to_string()),
            ],
            &Cluster::ALL,
            &|i, s| self.label(i, s),
        )?;
        write_notes(f, &self.notes())
    }
}

/// What is drawn: the sum of y at the neighbours.
fn sum_of(zy: &Array1<f64>, magnitude: f64) -> Sum<'_> {
    Sum {
        values: zy.as_slice().unwrap_or_default(),
        magnitude,
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::super::columbus::{CRIME, INC, weights};
    use super::super::brute::{X, Y, all, links, map};
    use super::super::moran::LocalMoran;
    use super::*;
    use crate::inference::Alternative;

    #[test]
    fn moments_and_p_values_are_those_of_all_conditional_arrangements() {
        let w = map();
        let local = LocalBivariateMoran::of(&X[..], &Y[..], &w, Permutations::all()).unwrap();
        let p = |a| local.clone().alternative(a).p_values();
        let (greater, less) = (p(Alternative::Greater), p(Alternative::Less));
        let (zx, zy) = (local.standardized(), &local.zy);
        assert_relative_eq!(zx.dot(&zx), 7.0, max_relative = 1e-14);
        assert_relative_eq!(zy.dot(zy), 7.0, max_relative = 1e-14);
        for i in 0..7 {
            let all = all(&w, i, |drawn| {
                zx[i] * links(&w, i, drawn).map(|(j, w)| w * zy[j]).sum::<f64>()
            });
            assert_relative_eq!(local.expectation()[i], all.mean, epsilon = 1e-13);
            assert_relative_eq!(local.variance()[i], all.variance, max_relative = 1e-11);
            assert_relative_eq!(greater[i], all.at_least, max_relative = 1e-12);
            assert_relative_eq!(less[i], all.at_most, max_relative = 1e-12);
            let drawn = local.draws_of(&i.to_string()).unwrap();
            assert_relative_eq!(drawn.mean().unwrap(), all.mean, epsilon = 1e-13);
        }
        assert!(!local.tested()[7]);
        assert_eq!(
            local.table().unwrap().labels("quadrant").unwrap()[7],
            "island"
        );
        assert!(local.to_string().contains("`x` among `x`"));
    }

    #[test]
    fn of_a_variable_with_itself_it_is_local_moran() {
        let w = weights(true);
        let permutations = Permutations::new(99).seed(5);
        let own = LocalBivariateMoran::of(&CRIME[..], &CRIME[..], &w, permutations).unwrap();
        let moran = LocalMoran::of(&CRIME[..], &w, permutations).unwrap();
        for (found, expected) in own.i().iter().zip(moran.i()) {
            assert_relative_eq!(*found, expected * 48.0 / 49.0, max_relative = 1e-12);
        }
        assert_eq!(own.p_values(), moran.p_values());
        assert_eq!(own.quadrants(), moran.quadrants());
        let scaled = INC.map(|x| 1e8 * x + 3.0);
        let local = LocalBivariateMoran::of(&scaled[..], &CRIME[..], &w, permutations).unwrap();
        let plain = LocalBivariateMoran::of(&INC[..], &CRIME[..], &w, permutations).unwrap();
        assert_eq!(local.p_values(), plain.p_values());
    }
}
