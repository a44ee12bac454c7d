//! Join counts: how often neighbours are of the same category, or of two given ones.

use std::collections::BTreeMap;
use std::fmt;

use super::deviations::{Deviations, check_links, check_range};
use super::moments::{Spread, rearranged};
use super::pairs::Pairs;
use super::show;
use crate::data::Variable;
use crate::error::{Cell, Error, Result};
use crate::inference::permutation::{Global, LANES, total};
use crate::inference::{
    Alternative, Distribution, Note, PermutationTest, Permutations, TestResult, write_notes,
};
use crate::text;
use crate::weights::Weights;

const NULL: &str = "no spatial association of the categories";
/// So many categories at most: 5,050 pairs of them.
const CATEGORIES: usize = 100;

/// Join counts of two or more categories: how often neighbours are of the same category, or of two given ones.
///
/// The count of the joins between categories r and s is ½ Σ w_ij over the links between a unit of r and a unit of s, in
/// either direction: with binary symmetric weights the number of neighbouring pairs, each counted once; a directed link of
/// weight one counts a half. (spdep and esda count likewise.)
///
/// Expectations and variances are those of non-free sampling: the categories of the units are rearranged at random, the size of
/// each category stays. Weights may be directed and unequal. n is the number of all units, islands included.
///
/// Many joins of one category (`bb`, [`same`](Self::same)) speak for, many joins between categories (`bw`,
/// [`different`](Self::different)) against positive spatial autocorrelation.
///
/// # Example
///
/// ```
/// use spatialecon::{Alternative, JoinCounts, Permutations, Units, Weights};
/// // Six units in a line, three black ones side by side.
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?;
/// let counts = JoinCounts::of(&[1.0, 1.0, 1.0, 0.0, 0.0, 0.0][..], &w)?;
/// assert_eq!((counts.bb(), counts.bw(), counts.ww()), (Some(2.0), Some(1.0), Some(2.0)));
/// // The same by labels; 2 of the 20 arrangements have as few joins of unlike units.
/// let labels = JoinCounts::of_labels(&["b", "b", "b", "w", "w", "w"], &w)?;
/// assert_eq!(labels.join("w", "b").map(|j| j.count()), Some(1.0));
/// let permuted = labels.permutation(Permutations::all())?;
/// assert!((permuted.different.p_value(Alternative::Less) - 0.1).abs() < 1e-15);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Cliff and Ord (1981), Spatial Processes, chapters 1 and 2.
#[derive(Debug, Clone)]
#[doc(alias = "joincount.test")]
#[doc(alias = "joincount.multi")]
#[doc(alias = "joincount.mc")]
#[doc(alias = "Join_Counts")]
pub struct JoinCounts {
    name: String,
    weights: Weights,
    /// 0/1 rather than labels.
    binary: bool,
    categories: Vec<String>,
    sizes: Vec<usize>,
    /// Category of each unit.
    codes: Vec<f64>,
    /// (r, s), r ≤ s, row by row.
    joins: Vec<JoinCount>,
    same: JoinCount,
    different: JoinCount,
}

/// One join count with its moments: of a category with itself, of two categories, or of all alike or unlike pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinCount {
    /// What it is the count of, for the name of its test.
    what: String,
    label: String,
    count: f64,
    expectation: f64,
    variance: f64,
}

/// The permutation tests of all join counts, over the same rearrangements.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JoinCountPermutations {
    /// In the order of [`JoinCounts::joins`].
    pub joins: Vec<PermutationTest>,
    /// Of the joins of units of the same category.
    pub same: PermutationTest,
    /// Of the joins of units of different categories.
    pub different: PermutationTest,
}

impl JoinCounts {
    /// The join counts of a variable that is 1 (black, B) or 0 (white, W) for each unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`]; [`Error::InvalidValue`] for a value that is
    /// neither 0 nor 1; [`Error::Constant`] where all are 0 or all are 1; [`Error::TooFewUnits`] below two units;
    /// [`Error::Islands`] where islands are not decided about; [`Error::Unsupported`] where the weights sum to zero;
    /// [`Error::InvalidLink`] where a unit is its own neighbour.
    // Categories are compared to the last bit.
    #[allow(clippy::float_cmp)]
    pub fn of<'a>(x: impl Into<Variable<'a>>, w: &Weights) -> Result<Self> {
        let x = x.into();
        let values = x.checked_for(w.units(), "the weights")?;
        if let Some(i) = values.iter().position(|&v| v != 0.0 && v != 1.0) {
            return Err(Error::InvalidValue {
                cell: Cell::new(w.units().name(i), None, x.name()),
                value: values[i],
                expected: "0 or 1; for other categories take JoinCounts::of_labels",
            });
        }
        let name = Deviations::of(&x, w, "a join count")?.name;
        let categories = vec!["0".to_owned(), "1".to_owned()];
        let codes = values.iter().map(|v| v.abs()).collect();
        Ok(Self::counted(name, true, categories, codes, w))
    }

    /// The join counts of all pairs of categories, from one label a unit in the order of the weights
    /// ([`Table::labels`](crate::Table::labels)). Categories are put in alphabetical order.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`]; [`Error::Constant`] where there is one category only; [`Error::TooLarge`] above 100 categories;
    /// [`Error::TooFewUnits`] below two units; [`Error::Islands`], [`Error::Unsupported`] and [`Error::InvalidLink`] as for
    /// [`of`](Self::of).
    pub fn of_labels<S: AsRef<str>>(labels: &[S], w: &Weights) -> Result<Self> {
        if labels.len() != w.n() {
            return Err(Error::LengthMismatch {
                what: "labels in the order of the weights".to_owned(),
                expected: w.n(),
                found: labels.len(),
            });
        }
        if labels.len() < 2 {
            return Err(Error::TooFewUnits {
                what: "a join count".to_owned(),
                needed: 2,
                n: labels.len(),
            });
        }
        let mut position: BTreeMap<&str, usize> =
            labels.iter().map(|label| (label.as_ref(), 0)).collect();
        for (code, (_, at)) in position.iter_mut().enumerate() {
            *at = code;
        }
        let count = position.len();
        if count < 2 {
            return Err(Error::Constant {
                name: "labels".to_owned(),
                what: "a join count",
            });
        }
        if count > CATEGORIES {
            return Err(Error::TooLarge {
                what: "the number of categories of join counts",
                n: count,
                limit: CATEGORIES,
                instead: "merge categories",
            });
        }
        w.check_ready()?;
        check_links(w, "a join count")?;
        check_range(w, "a join count")?;
        let categories = position.keys().map(|&label| label.to_owned()).collect();
        let codes = labels.iter().map(|label| position[label.as_ref()] as f64);
        let codes = codes.collect();
        Ok(Self::counted(
            "labels".to_owned(),
            false,
            categories,
            codes,
            w,
        ))
    }

    fn counted(
        name: String,
        binary: bool,
        categories: Vec<String>,
        codes: Vec<f64>,
        w: &Weights,
    ) -> Self {
        let k = categories.len();
        let mut sizes = vec![0; k];
        for &c in &codes {
            sizes[c as usize] += 1;
        }
        let lanes: Vec<[f64; LANES]> = codes.iter().map(|&c| [c; LANES]).collect();
        let statistic = Statistic::of(w, k);
        let mut counts = vec![[0.0; LANES]; statistic.outputs()];
        statistic.evaluate(&[lanes], &mut counts);
        let counts: Vec<f64> = counts.iter().map(|lanes| lanes[0]).collect();

        let (n, spread) = (codes.len() as f64, Spread::of_weights(&w.constants()));
        let size = |r: usize| sizes[r] as f64;
        let join = |what: String, label: String, count: f64, spread_of: Spread| {
            let moments = rearranged(&spread, &spread_of);
            JoinCount {
                what,
                label,
                count,
                expectation: moments.expectation / 2.0,
                variance: moments.variance / 4.0,
            }
        };
        let joins = (0..k)
            .flat_map(|r| (r..k).map(move |s| (r, s)))
            .zip(&counts)
            .map(|((r, s), &count)| {
                let pairs = if r == s {
                    vec![(size(r), size(r) - 1.0)]
                } else {
                    vec![(size(r), size(s)), (size(s), size(r))]
                };
                let label = format!("{}:{}", categories[r], categories[s]);
                let what = format!("join count {label} of `{name}`");
                join(what, label, count, indicator(n, &pairs))
            })
            .collect();
        let others: Vec<(f64, f64)> = (0..k).map(|r| (size(r), n - size(r))).collect();
        let fellows: Vec<(f64, f64)> = (0..k).map(|r| (size(r), size(r) - 1.0)).collect();
        let all = |label: &str, count, pairs: &[(f64, f64)]| {
            let what = format!("join count of {label} categories of `{name}`");
            join(what, label.to_owned(), count, indicator(n, pairs))
        };
        Self {
            same: all("same", counts[counts.len() - 2], &fellows),
            different: all("different", counts[counts.len() - 1], &others),
            joins,
            name,
            weights: w.clone(),
            binary,
            categories,
            sizes,
            codes,
        }
    }

    /// The categories, in alphabetical order; `0` and `1` of a variable.
    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// Number of units of each category.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Number of units, islands included.
    #[must_use]
    pub fn n(&self) -> usize {
        self.codes.len()
    }

    /// The count of every pair of categories: the first with itself, with the second, …, the second with itself, ….
    #[must_use]
    pub fn joins(&self) -> &[JoinCount] {
        &self.joins
    }

    /// The joins of two categories, in either order, or of one with itself; `None` for an unknown one.
    #[must_use]
    pub fn join(&self, first: &str, second: &str) -> Option<&JoinCount> {
        let at = |name: &str| self.categories.iter().position(|c| c == name);
        let (a, b) = (at(first)?, at(second)?);
        let (r, s, k) = (a.min(b), a.max(b), self.categories.len());
        self.joins.get(r * k - r * (r + 1) / 2 + s)
    }

    /// The joins of units of the same category, whichever.
    #[must_use]
    pub fn same(&self) -> &JoinCount {
        &self.same
    }

    /// The joins of units of different categories.
    #[must_use]
    #[doc(alias = "Jtot")]
    pub fn different(&self) -> &JoinCount {
        &self.different
    }

    /// BB, the count of the joins of ones; `None` of labels.
    #[must_use]
    pub fn bb(&self) -> Option<f64> {
        self.of_binary(2)
    }

    /// BW, the count of the joins of a one and a zero; `None` of labels.
    #[must_use]
    pub fn bw(&self) -> Option<f64> {
        self.of_binary(1)
    }

    /// WW, the count of the joins of zeros; `None` of labels.
    #[must_use]
    pub fn ww(&self) -> Option<f64> {
        self.of_binary(0)
    }

    fn of_binary(&self, at: usize) -> Option<f64> {
        let join = self.joins.get(at).filter(|_| self.binary);
        join.map(JoinCount::count)
    }

    /// The tests by permutations of the categories over all units, one for each count, all over the same rearrangements.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the number of permutations is zero; [`Error::Unsupported`] where all arrangements are
    /// asked for and there are more than 10^6.
    pub fn permutation(&self, permutations: Permutations) -> Result<JoinCountPermutations> {
        let counts: Vec<&JoinCount> = (self.joins.iter())
            .chain([&self.same, &self.different])
            .collect();
        let tolerance = 1e-12 * self.weights.constants().s0;
        let observed: Vec<(f64, f64)> = counts.iter().map(|j| (j.count, tolerance)).collect();
        let references = total(
            &format!("the join counts of `{}`", self.name),
            &[&self.codes],
            &Statistic::of(&self.weights, self.categories.len()),
            &observed,
            permutations,
        )?;
        let mut joins: Vec<PermutationTest> = counts
            .iter()
            .zip(references)
            .map(|(join, reference)| {
                let name = format!("{} by permutation", join.what);
                PermutationTest::of(name, NULL, join.count, reference)
            })
            .collect();
        let last = joins.split_off(self.joins.len());
        match <[PermutationTest; 2]>::try_from(last) {
            Ok([same, different]) => Ok(JoinCountPermutations {
                joins,
                same,
                different,
            }),
            Err(found) => Err(Error::LengthMismatch {
                what: "join counts of alike and unlike units".to_owned(),
                expected: 2,
                found: found.len(),
            }),
        }
    }

    /// What the reader of the result should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        show::islands(&self.weights)
    }
}

impl JoinCount {
    /// `r:s` of two categories, `same`, `different`.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The count, ½ Σ w_ij over its links.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Its expectation under non-free sampling.
    #[must_use]
    pub fn expectation(&self) -> f64 {
        self.expectation
    }

    /// Its variance under non-free sampling.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where it is zero, since every arrangement gives the same count (a category of one unit with itself).
    pub fn variance(&self) -> Result<f64> {
        show::checked_variance(self.variance, &self.what, "count")
    }

    /// The test by the standard normal: (count - expectation) / standard deviation.
    ///
    /// # Errors
    ///
    /// As [`variance`](Self::variance).
    pub fn test(&self, alternative: Alternative) -> Result<TestResult> {
        Ok(TestResult::symmetric(
            format!("{} under non-free sampling", self.what),
            (self.count - self.expectation) / self.variance()?.sqrt(),
            Distribution::Normal,
            NULL,
            alternative,
        ))
    }
}

/// Of a number that is 1 for some pairs and 0 for the others; groups of (so many units, each with so many such pairs).
fn indicator(n: f64, groups: &[(f64, f64)]) -> Spread {
    let all: f64 = groups.iter().map(|(units, pairs)| units * pairs).sum();
    let mean = all / (n * (n - 1.0));
    let inside: f64 = groups.iter().map(|(units, _)| units).sum();
    let square = |pairs: f64| (pairs - all / n).powi(2);
    let rows = groups.iter().map(|&(units, pairs)| units * square(pairs));
    let rows = rows.sum::<f64>() + (n - inside) * square(0.0);
    Spread {
        n,
        mean,
        squares: all * (1.0 - mean),
        rows,
        size: all.max(rows),
    }
}

/// Every join count of k categories, then those of alike and of unlike units.
struct Statistic {
    pairs: Pairs,
    k: usize,
}

impl Statistic {
    fn of(w: &Weights, k: usize) -> Self {
        let pairs = Pairs::of(w.csr());
        Self { pairs, k }
    }
}

impl Global for Statistic {
    fn outputs(&self) -> usize {
        self.k * (self.k + 1) / 2 + 2
    }

    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        let [codes] = vectors else { return };
        let k = self.k;
        let codes: Vec<[u8; LANES]> = codes.iter().map(|c| c.map(|c| c as u8)).collect();
        let mut sums = vec![[0.0; LANES]; k * k];
        self.pairs.each(|i, j, weight| {
            let (a, b) = (&codes[i], &codes[j]);
            for l in 0..LANES {
                sums[a[l] as usize * k + b[l] as usize][l] += weight;
            }
        });
        let (mut same, mut different) = ([0.0; LANES], [0.0; LANES]);
        let joins = (0..k).flat_map(|r| (r..k).map(move |s| (r, s)));
        let (counts, totals) = out.split_at_mut(k * (k + 1) / 2);
        for ((r, s), out) in joins.zip(counts) {
            for l in 0..LANES {
                let (there, back) = (sums[r * k + s][l], sums[s * k + r][l]);
                if r == s {
                    out[l] = there / 2.0;
                    same[l] += out[l];
                } else {
                    out[l] = f64::midpoint(there, back);
                    different[l] += out[l];
                }
            }
        }
        totals.copy_from_slice(&[same, different]);
    }
}

impl fmt::Display for JoinCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Join counts of `{}`: {} categories, n = {}, non-free sampling",
            self.name,
            self.categories.len(),
            self.n()
        )?;
        let mut layout = text::Layout::new();
        layout.row(["", "count", "expectation", "variance", "z", "p (two-sided)"]);
        for (row, join) in (self.joins.iter())
            .chain([&self.same, &self.different])
            .enumerate()
        {
            if row == self.joins.len() {
                layout.rule();
            }
            let number = |x| text::significant(x, 5);
            let (variance, z, p) = match join.test(Alternative::TwoSided) {
                Ok(test) => (
                    number(join.variance),
                    number(test.statistic),
                    text::p_value(test.p_value),
                ),
                Err(_) => ("none".to_owned(), "none".to_owned(), "none".to_owned()),
            };
            layout.row([
                join.label.clone(),
                number(join.count),
                number(join.expectation),
                variance,
                z,
                p,
            ]);
        }
        write!(f, "{layout}")?;
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

    fn above_the_median() -> Vec<f64> {
        let mut sorted = CRIME;
        sorted.sort_by(f64::total_cmp);
        CRIME
            .iter()
            .map(|&x| f64::from(u8::from(x > sorted[24])))
            .collect()
    }

    // spdep 1.2-7: joincount.test and joincount.multi(factor(CRIME > median(CRIME)), nb2listw(col.gal.nb, style = "B")),
    // whose variance of Jtot has lost digits.
    #[test]
    fn two_categories_agree_with_spdep() {
        let counts = JoinCounts::of(&above_the_median(), &weights(false)).unwrap();
        let expected = [
            (
                34.0,
                29.336734693877553,
                18.63845516495769,
                1.080152730233299,
            ),
            (
                29.0,
                58.673469387755105,
                26.041011280759903,
                -5.814861883095853,
            ),
            (
                52.0,
                26.989795918367346,
                17.648397830691238,
                5.953393555654723,
            ),
        ];
        for (join, (count, expectation, variance, z)) in counts.joins().iter().zip(expected) {
            assert_relative_eq!(join.count(), count);
            assert_relative_eq!(join.expectation(), expectation, max_relative = 1e-13);
            assert_relative_eq!(join.variance().unwrap(), variance, max_relative = 1e-12);
            let test = join.test(Alternative::Greater).unwrap();
            assert_relative_eq!(test.statistic, z, max_relative = 1e-12);
        }
        let p = counts.joins()[0]
            .test(Alternative::Greater)
            .unwrap()
            .p_value;
        assert_relative_eq!(p, 0.14003708697255324, max_relative = 1e-9);
        let (different, same) = (counts.different(), counts.same());
        assert_relative_eq!(
            different.variance().unwrap(),
            expected[1].2,
            max_relative = 1e-12
        );
        assert_relative_eq!(
            same.variance().unwrap(),
            expected[1].2,
            max_relative = 1e-12
        );
        assert_relative_eq!(same.count() + different.count(), 115.0);
        assert_eq!(counts.sizes(), [25, 24]);
    }

    #[test]
    fn moments_of_three_categories_are_those_of_all_arrangements() {
        let w = directed();
        let labels = ["b", "a", "c", "a", "c", "a"];
        let counts = JoinCounts::of_labels(&labels, &w).unwrap();
        assert_eq!(counts.categories(), ["a", "b", "c"]);
        let by_definition = |labels: &[&str], r: &str, s: &str| -> f64 {
            let pairs = (0..6).flat_map(|i| (0..6).map(move |j| (i, j)));
            let joined = |a: &str, b: &str| (a == r && b == s) || (a == s && b == r);
            pairs
                .filter(|&(i, j)| joined(labels[i], labels[j]))
                .map(|(i, j)| w.weight(i, j) / 2.0)
                .sum()
        };
        let orders: Vec<Vec<&str>> = orders(6).iter().map(|o| arranged(&labels, o)).collect();
        let permuted = counts.permutation(Permutations::all()).unwrap();
        let mut seen = 0;
        for (r, first) in ["a", "b", "c"].into_iter().enumerate() {
            for second in &["a", "b", "c"][r..] {
                let all: Vec<f64> = orders
                    .iter()
                    .map(|o| by_definition(o, first, second))
                    .collect();
                let (mean, variance) = moments(&all);
                let join = counts.join(second, first).unwrap();
                assert_eq!(join, &counts.joins()[seen]);
                assert_relative_eq!(
                    join.count(),
                    by_definition(&labels, first, second),
                    max_relative = 1e-14
                );
                assert_relative_eq!(
                    join.expectation(),
                    mean,
                    max_relative = 1e-12,
                    epsilon = 1e-14
                );
                match join.variance() {
                    Ok(found) => assert_relative_eq!(found, variance, max_relative = 1e-12),
                    // the only unit of `b` has no join with another `b`
                    Err(_) => assert_eq!((first, *second, variance), ("b", "b", 0.0)),
                }
                let test = &permuted.joins[seen];
                assert_eq!(test.arrangements(), 60);
                assert_relative_eq!(test.mean(), mean, max_relative = 1e-12, epsilon = 1e-14);
                let least = all.iter().filter(|&&a| a >= join.count() - 1e-12).count();
                assert_eq!(test.at_least() * 12, least);
                seen += 1;
            }
        }
        for (join, test, alike) in [
            (counts.same(), &permuted.same, true),
            (counts.different(), &permuted.different, false),
        ] {
            let total = |labels: &[&str]| -> f64 {
                let pairs = (0..6).flat_map(|i| (0..6).map(move |j| (i, j)));
                pairs
                    .filter(|&(i, j)| (labels[i] == labels[j]) == alike)
                    .map(|(i, j)| w.weight(i, j) / 2.0)
                    .sum()
            };
            let all: Vec<f64> = orders.iter().map(|o| total(o)).collect();
            let (mean, variance) = moments(&all);
            assert_relative_eq!(join.count(), total(&labels), max_relative = 1e-14);
            assert_relative_eq!(join.expectation(), mean, max_relative = 1e-12);
            assert_relative_eq!(join.variance().unwrap(), variance, max_relative = 1e-12);
            assert_relative_eq!(test.mean(), mean, max_relative = 1e-12);
        }
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(false);
        let mut x = above_the_median();
        x[5] = 2.0;
        let error = JoinCounts::of(&x, &w).unwrap_err();
        assert!(
            matches!(&error, Error::InvalidValue { cell, .. } if cell.unit == w.units().name(5))
        );
        assert!(error.to_string().contains("the value is 2"));
        let ones = JoinCounts::of(&[1.0; 49][..], &w);
        assert!(matches!(ones, Err(Error::Constant { .. })));
        let one = JoinCounts::of_labels(&["a"; 49], &w);
        assert!(matches!(one, Err(Error::Constant { .. })));
        let short = JoinCounts::of_labels(&["a", "b"], &w);
        assert!(matches!(short, Err(Error::LengthMismatch { .. })));
        let units = crate::data::Units::range(200);
        let line = Weights::from_links_at(&units, (0..199).map(|i| (i, i + 1, 1.0))).unwrap();
        let names: Vec<String> = (0..200).map(|i| i.to_string()).collect();
        let many = JoinCounts::of_labels(&names, &line.islands_kept());
        assert!(matches!(many, Err(Error::TooLarge { .. })));
        let counts = JoinCounts::of(&above_the_median(), &w).unwrap();
        let none = counts.permutation(Permutations::new(0));
        assert!(matches!(none, Err(Error::InvalidOption { .. })));
        assert!(counts.join("0", "2").is_none());
    }
}
