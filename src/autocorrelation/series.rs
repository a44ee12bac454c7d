//! Moran's I of many variables, or of one in every period of a panel, in one pass over the weights.

use ndarray::Array2;

use super::deviations::Deviations;
use super::moran::{Moran, NULL, PermutationPart};
use super::pairs::Pairs;
use crate::data::{Panel, Variable};
use crate::error::{Error, Result};
use crate::inference::permutation::{Global, LANES, total};
use crate::inference::{PermutationTest, Permutations};
use crate::weights::Weights;

/// Variables that are taken together: more of them do not fit into the cache.
const TOGETHER: usize = 8;

impl Moran {
    /// Moran's I of each of some variables, with one pass over the weights for every eight of them.
    ///
    /// Each is what [`of`](Self::of) gives, to the last bit.
    ///
    /// # Errors
    ///
    /// Those of [`of`](Self::of), for the first variable that has one.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Moran, Table, Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2"), ("2", "3")])?;
    /// let table = Table::from_columns([("a", vec![1.0, 2.0, 3.0, 4.0]), ("b", vec![1.0, 0.0, 1.0, 0.0])])?;
    /// let both = Moran::of_each([table.variable("a")?, table.variable("b")?], &w)?;
    /// assert!((both[0].i() - 1.0 / 3.0).abs() < 1e-12);
    /// assert!((both[1].i() + 1.0).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn of_each<'a, V: Into<Variable<'a>>>(
        variables: impl IntoIterator<Item = V>,
        w: &Weights,
    ) -> Result<Vec<Self>> {
        let mut variables = variables.into_iter().map(Into::into).peekable();
        let mut all = Vec::new();
        while variables.peek().is_some() {
            let together: Vec<Deviations> = variables
                .by_ref()
                .take(TOGETHER)
                .map(|x: Variable<'a>| Deviations::of(&x, w, "Moran's I"))
                .collect::<Result<_>>()?;
            let mut columns = Array2::zeros((w.n(), together.len()));
            for (mut column, x) in columns.columns_mut().into_iter().zip(&together) {
                column.assign(&x.z);
            }
            let lags = w.csr().product_columns(columns.view());
            for (x, lag) in together.into_iter().zip(lags.columns()) {
                // an array of its own, for sums in the same order as those of one variable
                let cross = x.z.dot(&lag.to_owned());
                all.push(Self::with_cross(x, w, cross));
            }
        }
        Ok(all)
    }

    /// Moran's I of a column of a panel in every period, with one pass over the weights for every eight of them.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; those of [`of`](Self::of), for the first period that has one.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Moran, Panel, Units, Weights};
    /// let units = Units::range(4);
    /// let w = Weights::from_pairs(&units, [("0", "1"), ("1", "2"), ("2", "3")])?;
    /// let income = array![[1.0, 0.0, 1.0, 0.0], [1.0, 2.0, 3.0, 4.0]];
    /// let panel = Panel::over(&units, &[2000, 2010])?.column("income", income)?;
    /// let series = Moran::by_period(&panel, "income", &w)?;
    /// assert_eq!(series[1].0, 2010);
    /// assert!((series[1].1.i() - 1.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn by_period(panel: &Panel, column: &str, w: &Weights) -> Result<Vec<(i32, Self)>> {
        let periods = panel.periods();
        let variables: Vec<Variable<'_>> = periods
            .iter()
            .map(|&period| {
                let variable = panel.variable_at(column, period)?;
                Ok(variable.named(&format!("{column}, {period}")))
            })
            .collect::<Result<_>>()?;
        let each = Self::of_each(variables, w)?;
        Ok(periods.iter().copied().zip(each).collect())
    }

    /// The tests of several statistics over the same weights by the same permutations: the values of a unit move together, so that
    /// the tests are as dependent as the variables are.
    ///
    /// Each test is what [`permutation`](Self::permutation) gives; together they cost less, since the weights are read once for eight of
    /// them. [`Permutations::all`] takes the distinct arrangements of eight variables together.
    ///
    /// # Errors
    ///
    /// Those of [`permutation`](Self::permutation); [`Error::UnitsDiffer`], or [`Error::Unsupported`] where the weights of two
    /// statistics are not the same.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Moran, Permutations, Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2"), ("2", "3")])?;
    /// let both = Moran::of_each([&[1.0, 2.0, 3.0, 4.0][..], &[1.0, 0.0, 1.0, 0.0]], &w)?;
    /// let tests = Moran::permutation_of_each(&both, Permutations::all())?;
    /// assert_eq!((tests[0].arrangements(), tests[0].at_least(), tests[1].at_most()), (24, 2, 8));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn permutation_of_each(
        series: &[Self],
        permutations: Permutations,
    ) -> Result<Vec<PermutationTest>> {
        let Some(first) = series.first() else {
            return Ok(Vec::new());
        };
        let w = first.permutation_part().weights;
        for other in &series[1..] {
            let theirs = other.permutation_part().weights;
            w.units()
                .check_same("the first weights", theirs.units(), "the others")?;
            if !std::ptr::eq(w.csr(), theirs.csr()) && w.csr() != theirs.csr() {
                return Err(Error::Unsupported {
                    what: "the same permutations for several of Moran's I".to_owned(),
                    why: "their weights differ; take `permutation` of each".to_owned(),
                });
            }
        }
        let pairs = Pairs::of(w.csr());
        let mut tests = Vec::new();
        for together in series.chunks(TOGETHER) {
            let parts: Vec<PermutationPart<'_>> =
                together.iter().map(Self::permutation_part).collect();
            let values: Vec<&[f64]> = parts.iter().map(|p| p.values).collect();
            let observed: Vec<(f64, f64)> = (together.iter().zip(&parts))
                .map(|(moran, part)| (moran.i(), part.tolerance))
                .collect();
            let statistic = Each {
                pairs: &pairs,
                scales: parts.iter().map(|p| p.scale).collect(),
            };
            let what = "the values of several variables";
            let references = total(what, &values, &statistic, &observed, permutations)?;
            for ((part, moran), reference) in parts.into_iter().zip(together).zip(references) {
                tests.push(PermutationTest::of(part.name, NULL, moran.i(), reference));
            }
        }
        Ok(tests)
    }
}

/// scale · z'Wz of each vector.
struct Each<'a> {
    pairs: &'a Pairs,
    scales: Vec<f64>,
}

impl Global for Each<'_> {
    fn outputs(&self) -> usize {
        self.scales.len()
    }

    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        for ((out, x), scale) in out.iter_mut().zip(vectors).zip(&self.scales) {
            *out = self.pairs.products(x).map(|sum| scale * sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::columbus::{CRIME, HOVAL, INC, weights};
    use super::*;
    use crate::data::Units;

    #[test]
    fn each_is_what_it_is_alone() {
        for w in [weights(true), weights(false)] {
            let shifted: Vec<Vec<f64>> = (0..9)
                .map(|k| {
                    CRIME
                        .iter()
                        .zip(INC)
                        .map(|(a, b)| a + f64::from(k) * b)
                        .collect()
                })
                .collect();
            let mut variables: Vec<&[f64]> = vec![&CRIME, &INC, &HOVAL];
            variables.extend(shifted.iter().map(Vec::as_slice));
            let each = Moran::of_each(variables.iter().copied(), &w).unwrap();
            let permutations = Permutations::new(99).seed(3).keep_draws();
            let tests = Moran::permutation_of_each(&each, permutations).unwrap();
            assert_eq!((each.len(), tests.len()), (12, 12));
            for ((x, moran), test) in variables.iter().zip(&each).zip(&tests) {
                let alone = Moran::of(*x, &w).unwrap();
                assert_eq!(alone.i().to_bits(), moran.i().to_bits());
                assert_eq!(&alone.permutation(permutations).unwrap(), test);
            }
        }
        let none: [&[f64]; 0] = [];
        assert!(Moran::of_each(none, &weights(true)).unwrap().is_empty());
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(true);
        let constant = Moran::of_each([&CRIME[..], &[1.0; 49]], &w);
        assert!(matches!(constant, Err(Error::Constant { .. })));
        let units = Units::range(3);
        let panel = Panel::over(&units, &[1, 2]).unwrap();
        let path = Weights::from_pairs(&units, [("0", "1"), ("1", "2")]).unwrap();
        let unknown = Moran::by_period(&panel, "x", &path);
        assert!(matches!(unknown, Err(Error::UnknownColumn { .. })));
        let two = [
            Moran::of(&CRIME[..], &w).unwrap(),
            Moran::of(&CRIME[..], &weights(false)).unwrap(),
        ];
        let differ = Moran::permutation_of_each(&two, Permutations::new(9));
        assert!(matches!(differ, Err(Error::Unsupported { .. })));
    }
}
