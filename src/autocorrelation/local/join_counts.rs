//! Local join counts: how many of a unit's neighbours share a rare property with it, of one or of two variables.

use std::fmt;

use ndarray::{Array1, ArrayView1};

use super::super::deviations::Deviations;
use super::inference::{
    LocalInference, arrays, local_draws, local_inference, moments_of_sum, standardized, weight_sums,
};
use crate::data::{Table, Variable};
use crate::error::{Cell, Error, Result};
use crate::inference::permutation::Sum;
use crate::inference::{Alternative, Note, Permutations, write_notes};
use crate::text;
use crate::weights::Weights;

/// Local join counts of variables that are 0 or 1: where units of the value 1 have more neighbours of the value 1 than chance
/// gives them.
///
/// - [`of`](Self::of), of one variable: BB_i = x_i Σ_j w_ij x_j.
/// - [`bivariate`](Self::bivariate), without co-location: BJC_i = x_i (1 - z_i) Σ_j w_ij z_j (1 - x_j), units with x alone
///   among units with z alone. Where no unit has both, as the statistic was conceived, this is x_i Σ_j w_ij z_j.
/// - [`colocation`](Self::colocation): CLC_i = x_i z_i Σ_j w_ij x_j z_j, units with both among units with both.
///
/// With binary weights these are counts of neighbours, with row-standardised ones shares of them.
///
/// Units whose own value makes the count zero are not tested: they have p = 1, and no correction counts them. The p-value of
/// the others is by conditional permutation, as for [`LocalMoran`](crate::LocalMoran); what a neighbour has of both variables is
/// drawn together. It is one-sided, [`Alternative::Greater`], unless [`alternative`](Self::alternative) says otherwise: few
/// units of the value 1 leave no room below. [`expectation`](Self::expectation) and [`variance`](Self::variance) are over all
/// these arrangements.
///
/// # Example
///
/// ```
/// use spatialecon::{LocalJoinCounts, Permutations, Units, Weights};
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?;
/// let x = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
/// let local = LocalJoinCounts::of(&x[..], &w, Permutations::all())?;
/// assert_eq!(local.counts().to_vec(), [1.0, 2.0, 1.0, 0.0, 0.0, 0.0]);
/// assert_eq!(local.tested(), [true, true, true, false, false, false]);
/// // Two of the other five have the value 1; one of their ten pairs has it twice.
/// assert!((local.p_values()[1] - 0.1).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Anselin and Li (2019), Journal of Geographical Systems 21.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "Join_Counts_Local")]
#[doc(alias = "Join_Counts_Local_BV")]
#[doc(alias = "local_joincount")]
#[doc(alias = "local_bijoincount")]
#[doc(alias = "local_multijoincount")]
pub struct LocalJoinCounts {
    title: String,
    /// What a unit contributes to the counts of its neighbours.
    property: Vec<f64>,
    counts: Array1<f64>,
    expectation: Array1<f64>,
    variance: Array1<f64>,
    inference: LocalInference,
}

local_inference!(LocalJoinCounts);
local_draws!(LocalJoinCounts, local => &sum_of(&local.property));

impl LocalJoinCounts {
    /// BB_i of a variable that is 0 or 1 (length n, in the order of the weights).
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of); [`Error::InvalidValue`] for a value that is neither 0 nor 1 (the unit is
    /// named); [`Error::InvalidOption`] where the number of permutations is zero.
    pub fn of<'a>(
        x: impl Into<Variable<'a>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let (name, x) = indicator(&x.into(), w)?;
        let title = format!("Local join counts of `{name}`");
        Self::between(title, &x, x.clone(), w, permutations)
    }

    /// BJC_i of two variables that are 0 or 1: units that have x and not z among neighbours that have z and not x.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{LocalJoinCounts, Permutations, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?;
    /// let (x, z) = ([1.0, 0.0, 1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    /// let local = LocalJoinCounts::bivariate(&x[..], &z[..], &w, Permutations::new(99))?;
    /// // The last unit has both.
    /// assert_eq!(local.counts().to_vec(), [1.0, 0.0, 2.0, 0.0, 0.0, 0.0]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "BJC")]
    pub fn bivariate<'a, 'b>(
        x: impl Into<Variable<'a>>,
        z: impl Into<Variable<'b>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let ((x_name, x), (z_name, z)) = (indicator(&x.into(), w)?, indicator(&z.into(), w)?);
        let alone = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| a * (1.0 - b)).collect()
        };
        let title = format!("Local join counts of `{x_name}` among `{z_name}`");
        Self::between(title, &alone(&x, &z), alone(&z, &x), w, permutations)
    }

    /// CLC_i of two variables that are 0 or 1: units that have both among neighbours that have both.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{LocalJoinCounts, Permutations, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?;
    /// let (x, z) = ([1.0, 1.0, 1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    /// let local = LocalJoinCounts::colocation(&x[..], &z[..], &w, Permutations::new(99))?;
    /// assert_eq!(local.counts().to_vec(), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "CLC")]
    pub fn colocation<'a, 'b>(
        x: impl Into<Variable<'a>>,
        z: impl Into<Variable<'b>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let ((x_name, x), (z_name, z)) = (indicator(&x.into(), w)?, indicator(&z.into(), w)?);
        let both: Vec<f64> = x.iter().zip(&z).map(|(x, z)| x * z).collect();
        let title = format!("Local join counts of `{x_name}` with `{z_name}`");
        Self::between(title, &both, both.clone(), w, permutations)
    }

    /// own_i Σ_j w_ij property_j.
    fn between(
        title: String,
        own: &[f64],
        property: Vec<f64>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let others = w.n() as f64 - 1.0;
        let total: f64 = property.iter().sum();
        let (expectation, variance) = arrays((0..w.n()).map(|i| {
            // Of zeros and ones: K ones among N have the mean K/N and the squared deviations K (1 - K/N).
            let mean = (total - property[i]) / others;
            let deviations = (total - property[i]) * (1.0 - mean);
            let (e, v) = moments_of_sum(others, (mean, deviations), weight_sums(w, i, false));
            (own[i] * e, own[i] * v)
        }));
        let lag = w.csr().product(ArrayView1::from(&property));
        let counts = lag.iter().zip(own).map(|(lag, own)| own * lag).collect();
        let inference = LocalInference::of(w, &sum_of(&property), permutations, |i| own[i])?
            .against(Alternative::Greater);
        Ok(Self {
            title,
            property,
            counts,
            expectation,
            variance,
            inference,
        })
    }

    /// The count BB_i, BJC_i or CLC_i of each unit; zero where the unit's own value makes it so.
    #[must_use]
    #[doc(alias = "LJC")]
    pub fn counts(&self) -> ArrayView1<'_, f64> {
        self.counts.view()
    }

    /// Expectation of each count over the conditional arrangements: with K units of the property among the other n - 1 units,
    /// w_i. K / (n - 1); zero where the unit is not tested.
    #[must_use]
    pub fn expectation(&self) -> ArrayView1<'_, f64> {
        self.expectation.view()
    }

    /// Variance of each count over the conditional arrangements; with binary weights that of a hypergeometric distribution.
    #[must_use]
    pub fn variance(&self) -> ArrayView1<'_, f64> {
        self.variance.view()
    }

    /// (count - expectation) / standard deviation; zero where the variance is.
    #[must_use]
    pub fn z(&self) -> Array1<f64> {
        (0..self.counts.len())
            .map(|i| standardized(self.counts[i], self.expectation[i], self.variance[i]))
            .collect()
    }

    fn reported(&self, i: usize, count: f64) -> f64 {
        if self.tested()[i] { count } else { 0.0 }
    }

    fn label(&self, i: usize, significant: bool) -> &'static str {
        match (self.tested()[i], significant) {
            (false, _) => "not tested",
            (true, true) => "significant",
            (true, false) => "not significant",
        }
    }

    /// The results as a table: columns `count`, `expectation`, `variance`, `z`, `p`, `p_fdr`, labels `cluster` and `cluster_fdr`
    /// (significant at 0.05, not significant, not tested).
    ///
    /// # Errors
    ///
    /// None that the result itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let table = Table::over(self.units())
            .column("count", self.counts.clone())?
            .column("expectation", self.expectation.clone())?
            .column("variance", self.variance.clone())?
            .column("z", self.z())?;
        let table = self.inference.tabulate(table)?;
        self.inference.labelled(table, |i, s| self.label(i, s))
    }

    /// What the reader of the result should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.inference.notes();
        if !self.tested().contains(&true) {
            notes.push(Note::NotDefined {
                what: "a test of a local join count",
                why: "no unit with neighbours has the value that is counted from".to_owned(),
            });
        }
        notes
    }
}

impl fmt::Display for LocalJoinCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inference.write(
            f,
            &self.title,
            &[
                ("count", &|i| text::significant(self.counts[i], 4)),
                ("expectation", &|i| {
                    text::significant(self.expectation[i], 4)
                }),
            ],
            &["significant", "not significant", "not tested"],
            &|i, s| self.label(i, s),
        )?;
        write_notes(f, &self.notes())
    }
}

/// What is drawn: the neighbours of the property.
fn sum_of(property: &[f64]) -> Sum<'_> {
    Sum {
        values: property,
        magnitude: 1.0,
    }
}

/// The values of a variable that must be 0 or 1, and its name.
#[allow(clippy::float_cmp, reason = "categories are compared to the last bit")]
fn indicator(x: &Variable<'_>, w: &Weights) -> Result<(String, Vec<f64>)> {
    let values = x.checked_for(w.units(), "the weights")?;
    if let Some(i) = values.iter().position(|&v| v != 0.0 && v != 1.0) {
        return Err(Error::InvalidValue {
            cell: Cell::new(w.units().name(i), None, x.name()),
            value: values[i],
            expected: "0 or 1",
        });
    }
    let name = Deviations::of(x, w, "a local join count")?.name;
    Ok((name, values.iter().map(|v| v.abs()).collect()))
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::brute::{all, links, map};
    use super::*;

    type Own<'a> = &'a dyn Fn(usize) -> f64;

    const X: [f64; 8] = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0];
    const Z: [f64; 8] = [0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0];

    #[test]
    fn moments_and_p_values_are_those_of_all_conditional_arrangements() {
        let w = map();
        let every = Permutations::all();
        let alone = |a: &[f64; 8], b: &[f64; 8], j: usize| a[j] * (1.0 - b[j]);
        let cases: [(LocalJoinCounts, Own<'_>, Own<'_>); 3] = [
            (
                LocalJoinCounts::of(&X[..], &w, every).unwrap(),
                &|i| X[i],
                &|j| X[j],
            ),
            (
                LocalJoinCounts::bivariate(&X[..], &Z[..], &w, every).unwrap(),
                &|i| alone(&X, &Z, i),
                &|j| alone(&Z, &X, j),
            ),
            (
                LocalJoinCounts::colocation(&X[..], &Z[..], &w, every).unwrap(),
                &|i| X[i] * Z[i],
                &|j| X[j] * Z[j],
            ),
        ];
        for (local, own, property) in cases {
            let less = local.clone().alternative(Alternative::Less).p_values();
            let greater = local.p_values();
            let z = local.z();
            for i in 0..8 {
                let all = all(&w, i, |drawn| {
                    own(i)
                        * links(&w, i, drawn)
                            .map(|(j, w)| w * property(j))
                            .sum::<f64>()
                });
                assert_relative_eq!(local.expectation()[i], all.mean, epsilon = 1e-13);
                assert_relative_eq!(local.variance()[i], all.variance, epsilon = 1e-13);
                assert_relative_eq!(greater[i], all.at_least, max_relative = 1e-12);
                assert_relative_eq!(less[i], all.at_most, max_relative = 1e-12);
                assert_eq!(local.tested()[i], own(i) > 0.0 && i < 7, "unit {i}");
                if all.variance > 1e-12 {
                    let expected = (local.counts()[i] - all.mean) / all.variance.sqrt();
                    assert_relative_eq!(z[i], expected, epsilon = 1e-12);
                }
            }
        }
    }

    #[test]
    fn other_values_are_named() {
        let w = map();
        let bad = [1.0, 0.0, 0.5, 1.0, 0.0, 0.0, 1.0, 1.0];
        let e = LocalJoinCounts::of(&bad[..], &w, Permutations::new(9)).unwrap_err();
        assert_eq!(
            e.to_string(),
            "column `x`, unit `2`: the value is 0.5; expected: 0 or 1"
        );
        let e =
            LocalJoinCounts::colocation(&X[..], &bad[..], &w, Permutations::new(9)).unwrap_err();
        assert!(matches!(e, Error::InvalidValue { value, .. } if (value - 0.5).abs() < 1e-15));
        let e = LocalJoinCounts::of(&[1.0; 8][..], &w, Permutations::new(9)).unwrap_err();
        assert!(matches!(e, Error::Constant { .. }));
    }

    #[test]
    fn nothing_to_test_is_said() {
        let w = map();
        let x = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        let local = LocalJoinCounts::of(&x[..], &w, Permutations::new(99)).unwrap();
        assert_eq!(local.p_values().to_vec(), [1.0; 8]);
        assert!(matches!(
            local.notes()[..],
            [Note::Islands { .. }, Note::NotDefined { .. }]
        ));
        assert_eq!(
            local.table().unwrap().labels("cluster").unwrap()[7],
            "not tested"
        );
        assert!(local.to_string().contains("not tested"));
    }
}
