//! Local G and G*: where values are high, and where they are low.

use std::fmt;

use ndarray::{Array1, ArrayView1};

use super::super::deviations::Deviations;
use super::cluster::HotSpot;
use super::inference::{
    LocalInference, arrays, local_draws, local_inference, local_notes, moments_of_sum,
    standardized, weight_sums,
};
use crate::data::{Table, Variable};
use crate::error::{Error, Result};
use crate::inference::permutation::Sum;
use crate::inference::{Adjustment, Alternative, Distribution, Permutations, write_notes};
use crate::text;
use crate::weights::Weights;

/// Local G and G* of Getis and Ord: hot spots, around which values are high, and cold spots, around which they are low.
///
/// With the sum s_i = Σ_j w_ij x_j over the neighbours (G), or over the neighbours and the unit itself (G*), the statistic is
/// z_i = (s_i - E(s_i)) / sd(s_i), which is defined for values of any sign, and as a share of the total
/// G_i = s_i / Σ_{j≠i} x_j, G*_i = s_i / Σ_j x_j ([`ratio`](Self::ratio)), which supposes that no value is negative. Both rise
/// with s_i, so that they have the same p-values.
///
/// E and sd are those of Ord and Getis (1995): for G over all arrangements of the other n - 1 values, for G* of all n values.
/// [`normal_p_values`](Self::normal_p_values) refers z_i to the normal distribution, which few or unequal neighbours make
/// doubtful. The p-value of unit i is by conditional permutation, as for [`LocalMoran`](crate::LocalMoran): x_i is held,
/// the neighbours are drawn from the other units, for G* too (whose permutation p-values therefore equal those of G where
/// the weights of the neighbours are the same up to a factor a row).
///
/// An island has z_i = 0 by G, and (x_i - mean(x)) / s by G*; p = 1, and it is not tested. z_i = 0 where the variance is zero,
/// as of a unit whose equally weighted neighbours are all others.
///
/// # Example
///
/// ```
/// use spatialecon::{LocalGetisOrd, Permutations, Units, Weights};
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?;
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let g = LocalGetisOrd::g(&x[..], &w, Permutations::all())?;
/// assert!((g.ratio()?[4] - 10.0 / 16.0).abs() < 1e-12);
/// // Two of the other five, whose mean is 3.2 and whose variance is 2.96: s = 10, E = 6.4, Var = 2 · 2.96 · 3/4.
/// assert!((g.z()[4] - 3.6 / 4.44_f64.sqrt()).abs() < 1e-12);
/// let star = LocalGetisOrd::g_star(&x[..], &w, Permutations::all())?;
/// assert!((star.ratio()?[4] - 15.0 / 21.0).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Getis and Ord (1992), Geographical Analysis 24; Ord and Getis (1995), Geographical Analysis 27.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "localG")]
#[doc(alias = "localG_perm")]
#[doc(alias = "G_Local")]
#[doc(alias = "local_g")]
#[doc(alias = "local_gstar")]
#[doc(alias = "hot spot analysis")]
pub struct LocalGetisOrd {
    star: bool,
    x: Deviations,
    values: Array1<f64>,
    sums: Array1<f64>,
    expectation: Array1<f64>,
    variance: Array1<f64>,
    z: Array1<f64>,
    inference: LocalInference,
}

local_inference!(LocalGetisOrd);
local_notes!(LocalGetisOrd);
local_draws!(LocalGetisOrd, local => &sum_of(&local.x));

impl LocalGetisOrd {
    /// G_i of a variable (length n, in the order of the weights), over the neighbours without the unit itself, against the
    /// two-sided alternative.
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of), among them a unit that is its own neighbour; [`Error::InvalidOption`] where
    /// the number of permutations is zero.
    pub fn g<'a>(
        x: impl Into<Variable<'a>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let x = x.into();
        let deviations = Deviations::of(&x, w, "local G")?;
        Self::over(false, &x, deviations, w, permutations)
    }

    /// G*_i of a variable, over the neighbours and the unit itself.
    ///
    /// Weights with a diagonal are taken as they are. To weights without one the units are added: w_ii = 1 in binary weights, and
    /// where they were transformed, in the binary weights before the transformation, which is then applied anew, so that a
    /// unit with k neighbours and itself has k + 1 weights of 1 / (k + 1) after row standardisation (as in GeoDa and esda).
    /// Of weights that are not binary it is for the caller to say how near a unit is to itself:
    /// [`with_diagonal`](Weights::with_diagonal).
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of) but for the diagonal; [`Error::Unsupported`] where the weights have no diagonal and
    /// are not binary; [`Error::InvalidLink`] where some units are their own neighbours and some are not;
    /// [`Error::InvalidOption`] where the number of permutations is zero.
    #[doc(alias = "include.self")]
    pub fn g_star<'a>(
        x: impl Into<Variable<'a>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let x = x.into();
        let deviations = Deviations::over(&x, w, "local G*")?;
        Self::over(true, &x, deviations, &with_self(w)?, permutations)
    }

    fn over(
        star: bool,
        x: &Variable<'_>,
        deviations: Deviations,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let n = w.n() as f64;
        let values = x.values().to_owned();
        let (z, squares) = (&deviations.z, deviations.sum_of_squares);
        let mean = values[0] - z[0];
        // Of the deviations, whose sum over all units is zero.
        let (expected, variance) = arrays((0..w.n()).map(|i| {
            let weights = weight_sums(w, i, star);
            if star {
                return moments_of_sum(n, (0.0, squares), weights);
            }
            let rest = squares - z[i] * z[i] * n / (n - 1.0);
            let rest = if rest <= 1e-13 * squares { 0.0 } else { rest };
            moments_of_sum(n - 1.0, (-z[i] / (n - 1.0), rest), weights)
        }));
        let lag = w.csr().product(z.view());
        let standard = (0..w.n())
            .map(|i| standardized(lag[i], expected[i], variance[i]))
            .collect();
        let inference = LocalInference::of(w, &sum_of(&deviations), permutations, |_| 1.0)?;
        Ok(Self {
            star,
            sums: w.csr().product(values.view()),
            expectation: expected + w.csr().row_sums() * mean,
            values,
            variance,
            z: standard,
            x: deviations,
            inference,
        })
    }

    /// Whether the units themselves are in the sums: G* rather than G.
    #[must_use]
    pub fn is_star(&self) -> bool {
        self.star
    }

    /// The standardised statistic z_i of each unit: above zero among high values, below among low ones.
    #[must_use]
    #[doc(alias = "Zs")]
    pub fn z(&self) -> ArrayView1<'_, f64> {
        self.z.view()
    }

    /// The sum s_i = Σ_j w_ij x_j of each unit.
    #[must_use]
    pub fn sums(&self) -> ArrayView1<'_, f64> {
        self.sums.view()
    }

    /// E(s_i): w_i. times the mean of the other values (G) or of all values (G*).
    #[must_use]
    pub fn expectation(&self) -> ArrayView1<'_, f64> {
        self.expectation.view()
    }

    /// Variance of s_i: Σ (x_j - mean)² / (N - 1) · (Σ_j w_ij² - w_i.² / N), over the N = n - 1 other values (G) or all N = n
    /// values (G*).
    #[must_use]
    pub fn variance(&self) -> ArrayView1<'_, f64> {
        self.variance.view()
    }

    /// G_i or G*_i as a share of the total: s_i / Σ_{j≠i} x_j or s_i / Σ_j x_j. Its moments are those of s_i over the same total
    /// (squared, for the variance).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where a value is negative (the unit is named) or a total is zero: a share of such a total says
    /// nothing. [`z`](Self::z) and the p-values are defined for every value.
    #[doc(alias = "Gs")]
    #[doc(alias = "lisa_values")]
    pub fn ratio(&self) -> Result<Array1<f64>> {
        let what = || {
            format!(
                "{} of `{}` as a share of the total",
                self.symbol(),
                self.x.name
            )
        };
        if let Some(i) = self.values.iter().position(|&v| v < 0.0) {
            return Err(Error::Unsupported {
                what: what(),
                why: format!(
                    "unit `{}` has the value {}, and a share supposes values of at least zero; take `z()`, which is defined for all values",
                    self.units().name(i),
                    self.values[i]
                ),
            });
        }
        let total = self.values.sum();
        (0..self.values.len())
            .map(|i| {
                let total = if self.star {
                    total
                } else {
                    total - self.values[i]
                };
                if total > 0.0 {
                    return Ok(self.sums[i] / total);
                }
                Err(Error::Unsupported {
                    what: what(),
                    why: format!(
                        "all units but `{}` have the value zero; take `z()`",
                        self.units().name(i)
                    ),
                })
            })
            .collect()
    }

    /// The p-value of each unit by the normal distribution of z_i, against the [`alternative`](Self::alternative) chosen; 1 where
    /// the unit is not [tested](Self::tested) or its variance is zero.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Alternative, LocalGetisOrd, Permutations, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?;
    /// let g = LocalGetisOrd::g(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..], &w, Permutations::all())?;
    /// let p = g.alternative(Alternative::Greater).normal_p_values();
    /// assert!((p[4] - 0.043_773_25).abs() < 1e-8);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[must_use]
    #[doc(alias = "p_norm")]
    pub fn normal_p_values(&self) -> Array1<f64> {
        let normal = Distribution::Normal;
        (0..self.z.len())
            .map(|i| {
                if !self.tested()[i] || self.variance[i] <= 0.0 {
                    return 1.0;
                }
                match self.inference.alternative() {
                    Alternative::TwoSided => normal.two_tails(self.z[i]),
                    Alternative::Greater => normal.upper_tail(self.z[i]),
                    Alternative::Less => normal.upper_tail(-self.z[i]),
                }
            })
            .collect()
    }

    /// The label of each unit on the map: hot or cold where p is at most the level.
    ///
    /// A unit is hot where fewer draws are at least as large as s_i than are at most as large. `level` lies between 0 and 1;
    /// `adjustment` is the correction for the number of units, `None` for none.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the level is not between 0 and 1.
    pub fn clusters(&self, level: f64, adjustment: Option<Adjustment>) -> Result<Vec<HotSpot>> {
        let significant = self.significant(level, adjustment)?;
        let each = significant.into_iter().enumerate();
        Ok(each.map(|(i, s)| self.label(i, s)).collect())
    }

    fn label(&self, i: usize, significant: bool) -> HotSpot {
        if self.inference.is_island(i) {
            HotSpot::Island
        } else if !significant {
            HotSpot::NotSignificant
        } else if self.inference.is_low(i) {
            HotSpot::Cold
        } else {
            HotSpot::Hot
        }
    }

    /// s_i from the sum of the deviations of the neighbours other than the unit itself.
    fn reported(&self, i: usize, drawn: f64) -> f64 {
        let (row_sum, own) = self.inference.row(i);
        drawn + own * self.x.z[i] + row_sum * (self.values[0] - self.x.z[0])
    }

    fn symbol(&self) -> &'static str {
        if self.star { "G*" } else { "G" }
    }

    /// The results as a table: columns `sum`, `expectation`, `variance`, `z`, `p_normal`, `p`, `p_fdr`, labels `cluster` and
    /// `cluster_fdr` at 0.05.
    ///
    /// # Errors
    ///
    /// None that the result itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let table = Table::over(self.units())
            .column("sum", self.sums.clone())?
            .column("expectation", self.expectation.clone())?
            .column("variance", self.variance.clone())?
            .column("z", self.z.clone())?
            .column("p_normal", self.normal_p_values())?;
        let table = self.inference.tabulate(table)?;
        self.inference.labelled(table, |i, s| self.label(i, s))
    }
}

impl fmt::Display for LocalGetisOrd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let normal = self.normal_p_values();
        self.inference.write(
            f,
            &format!("Local {} of `{}`", self.symbol(), self.x.name),
            &[
                ("sum", &|i| text::significant(self.sums[i], 4)),
                ("z", &|i| text::significant(self.z[i], 4)),
                ("p (normal)", &|i| text::p_value(normal[i])),
            ],
            &HotSpot::ALL,
            &|i, s| self.label(i, s),
        )?;
        write_notes(f, &self.notes())
    }
}

/// What is drawn: the sum of the neighbours' deviations.
fn sum_of(x: &Deviations) -> Sum<'_> {
    Sum {
        values: x.z.as_slice().unwrap_or_default(),
        magnitude: x.magnitude,
    }
}

/// The weights with every unit its own neighbour.
fn with_self(w: &Weights) -> Result<Weights> {
    let links = w.self_links();
    if links == w.n() {
        return Ok(w.clone());
    }
    if links > 0 {
        let without = |&i: &usize| w.csr().pattern.find(i, i).is_none();
        let name = w.units().name((0..w.n()).find(without).unwrap_or(0));
        return Err(Error::InvalidLink {
            from: name.clone(),
            to: name,
            problem: "other units are their own neighbours, and this one is not; G* needs all or none, see `with_diagonal`".to_owned(),
        });
    }
    if w.is_binary() {
        return w.with_diagonal(1.0);
    }
    Err(Error::Unsupported {
        what: "G* over weights without a diagonal that are not binary".to_owned(),
        why: "how near a unit is to itself cannot be told from them; say so with `with_diagonal(weight)`, or take the links alone with `binary()`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::super::columbus::{CRIME, weights};
    use super::super::brute::{X, Y, all, links, map};
    use super::*;

    #[test]
    fn moments_and_p_values_are_those_of_all_conditional_arrangements() {
        let w = map();
        // Values of both signs too.
        for x in [X, Y] {
            let local = LocalGetisOrd::g(&x[..], &w, Permutations::all()).unwrap();
            let p = |a| local.clone().alternative(a).p_values();
            let (greater, less) = (p(Alternative::Greater), p(Alternative::Less));
            for i in 0..7 {
                let all = all(&w, i, |drawn| {
                    links(&w, i, drawn).map(|(j, w)| w * x[j]).sum()
                });
                assert_relative_eq!(
                    local.expectation()[i],
                    all.mean,
                    max_relative = 1e-12,
                    epsilon = 1e-14
                );
                assert_relative_eq!(local.variance()[i], all.variance, max_relative = 1e-12);
                let z = (local.sums()[i] - all.mean) / all.variance.sqrt();
                assert_relative_eq!(local.z()[i], z, max_relative = 1e-11, epsilon = 1e-14);
                assert_relative_eq!(greater[i], all.at_least, max_relative = 1e-12);
                assert_relative_eq!(less[i], all.at_most, max_relative = 1e-12);
            }
            assert_eq!((local.z()[7], local.p_values()[7]), (0.0, 1.0));
            assert!((local.normal_p_values()[7] - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn moments_of_the_star_are_those_of_all_arrangements() {
        // Four neighbours of seven units, all 7 · 6 · 5 · 4 choices, the unit itself among them.
        let w = map().with_diagonal(0.7).unwrap();
        let star = LocalGetisOrd::g_star(&X[..], &w, Permutations::all()).unwrap();
        for i in 0..8 {
            let weights: Vec<f64> = w.csr().row(i).map(|l| l.1).collect();
            let mut values = Vec::new();
            let mut take = |drawn: &[usize]| {
                if (1..drawn.len()).all(|k| !drawn[..k].contains(&drawn[k])) {
                    values.push(
                        drawn
                            .iter()
                            .zip(&weights)
                            .map(|(&j, w)| w * X[j])
                            .sum::<f64>(),
                    );
                }
            };
            for code in 0..8_usize.pow(weights.len() as u32) {
                let drawn: Vec<usize> = (0..weights.len() as u32)
                    .map(|k| code / 8_usize.pow(k) % 8)
                    .collect();
                take(&drawn);
            }
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance =
                values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
            assert_relative_eq!(star.expectation()[i], mean, max_relative = 1e-12);
            assert_relative_eq!(star.variance()[i], variance, max_relative = 1e-12);
        }
        // x_i is held: the p-values are those of G.
        let g = LocalGetisOrd::g(&X[..], &map(), Permutations::all()).unwrap();
        assert_eq!(star.p_values(), g.p_values());
        assert!(!star.tested()[7] && star.z()[7].abs() > 0.0);
        let drawn = star.draws_of("2").unwrap();
        let held = drawn.mean().unwrap() - g.draws_of("2").unwrap().mean().unwrap();
        assert_relative_eq!(held, 0.7 * X[2], max_relative = 1e-12);
    }

    #[test]
    fn the_star_adds_the_units_to_binary_weights() {
        let (binary, standard) = (weights(false), weights(true));
        let star = |w: &Weights| LocalGetisOrd::g_star(&CRIME[..], w, Permutations::new(99));
        let sums = star(&binary).unwrap();
        let means = star(&standard).unwrap();
        for (i, crime) in CRIME.iter().enumerate() {
            let k = binary.csr().pattern.row(i).len() as f64;
            assert_relative_eq!(
                sums.sums()[i],
                binary.csr().row(i).map(|(j, _)| CRIME[j]).sum::<f64>() + crime,
                max_relative = 1e-13
            );
            assert_relative_eq!(
                means.sums()[i] * (k + 1.0),
                sums.sums()[i],
                max_relative = 1e-13
            );
        }
        let e = star(&map()).unwrap_err();
        assert!(
            e.to_string().contains("49") || matches!(e, Error::LengthMismatch { .. }),
            "{e}"
        );
        let e = LocalGetisOrd::g_star(&X[..], &map(), Permutations::new(9)).unwrap_err();
        assert!(e.to_string().contains("with_diagonal(weight)"), "{e}");
        let some = Weights::from_csr(
            crate::data::Units::range(2),
            crate::linalg::sparse::Csr::from_rows(&[vec![(0, 1.0), (1, 1.0)], vec![(0, 1.0)]]),
            "links",
        );
        let e = LocalGetisOrd::g_star(&[1.0, 2.0][..], &some, Permutations::new(9)).unwrap_err();
        assert!(
            matches!(&e, Error::InvalidLink { from, .. } if from == "1"),
            "{e}"
        );
        let e = LocalGetisOrd::g(&[1.0, 2.0][..], &some, Permutations::new(9)).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
    }

    #[test]
    fn a_share_of_a_total_supposes_values_of_at_least_zero() {
        let w = map();
        let of = |x: &[f64]| LocalGetisOrd::g(x, &w, Permutations::new(99)).unwrap();
        let e = of(&Y).ratio().unwrap_err();
        assert!(e.to_string().contains("unit `1` has the value -0.9"), "{e}");
        let mut one = [0.0; 8];
        one[3] = 2.0;
        let e = of(&one).ratio().unwrap_err();
        assert!(e.to_string().contains("all units but `3`"), "{e}");
        let shares = of(&X).ratio().unwrap();
        assert_relative_eq!(
            shares[1],
            (0.5 * X[2] + 0.25 * X[4]) / (X.iter().sum::<f64>() - 7.0)
        );
        // Units linked to all others with equal weights have no variance.
        let pairs = [("0", "1"), ("0", "2"), ("1", "2")];
        let full = Weights::from_pairs(&crate::data::Units::range(3), pairs).unwrap();
        let local = LocalGetisOrd::g(&[1.0, 2.0, 5.0][..], &full, Permutations::new(99)).unwrap();
        assert_eq!(local.z().to_vec(), [0.0; 3]);
        assert_eq!(local.p_values().to_vec(), [1.0; 3]);
        assert_eq!(local.normal_p_values().to_vec(), [1.0; 3]);
    }
}
