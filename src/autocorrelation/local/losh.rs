//! LOSH, local spatial heteroscedasticity: where neighbours vary more among each other than elsewhere.

use std::fmt;

use ndarray::{Array1, ArrayView1};

use super::super::deviations::Deviations;
use super::inference::{LocalInference, arrays, local_inference, local_notes, weight_sums};
use super::residual_spread::{Power, Spread};
use crate::data::{Table, Variable};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Permutations, write_notes};
use crate::text;
use crate::weights::Weights;

/// LOSH of Ord and Getis: whether the values around a unit vary more than they do around others, as they do at the border of
/// two regimes.
///
/// H_i = Σ_j w_ij e_j / (mean(e) Σ_j w_ij), with e_j = |x_j - m_j|^a, the residual of unit j from the mean of its own neighbours
/// m_j = Σ_k w_jk x_k / Σ_k w_jk, and a = 2 ([`of`](Self::of)) or a = 1 ([`of_absolute`](Self::of_absolute)). E(H_i) = 1; above
/// one the surroundings are heterogeneous, below homogeneous.
///
/// Two tests: [`chi_squared_p_values`](Self::chi_squared_p_values), an approximation; and [`p_values`](Self::p_values) by
/// the bootstrap of Xu, Mei and Yan, for which x_i is held, the other values are rearranged over the other units, and all
/// residuals are computed anew. Both are one-sided, [`Alternative::Greater`]; the bootstrap has the others through
/// [`alternative`](Self::alternative).
///
/// One rearrangement of all values serves all units, each of which takes its own value back for the one that came to it; unit
/// by unit these are uniform arrangements of the other values. [`Permutations::independent`] rearranges anew for every unit, at n
/// times the cost of one rearrangement each.
///
/// # Example
///
/// ```
/// use spatialecon::{Losh, Permutations, Units, Weights};
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
/// let losh = Losh::of(&[1.0, 1.0, 1.0, 7.0, 7.0, 7.0][..], &w, Permutations::all())?;
/// // Units 2 and 3 differ by 3 from the mean of their neighbours, the others by 0: the mean square is 3.
/// assert_eq!(losh.residuals().to_vec(), [0.0, 0.0, 9.0, 9.0, 0.0, 0.0]);
/// assert!((losh.h()[2] - 9.0 / 2.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Ord and Getis (2012), Annals of Regional Science 48; Xu, Mei and Yan (2014), Annals of Regional Science 52.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "LOSH")]
#[doc(alias = "LOSH.cs")]
#[doc(alias = "LOSH.mc")]
#[doc(alias = "heteroscedasticity")]
pub struct Losh {
    name: String,
    power: Power,
    h: Array1<f64>,
    means: Array1<f64>,
    residuals: Array1<f64>,
    variance: Array1<f64>,
    inference: LocalInference,
}

local_inference!(Losh);
local_notes!(Losh);

impl Losh {
    /// H_i of a variable (length n, in the order of the weights) by squared residuals, a = 2.
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of); [`Error::Unsupported`] where there are islands, whose neighbours have no mean,
    /// and where every unit has the mean of its neighbours; [`Error::InvalidOption`] where the number of permutations is zero.
    pub fn of<'a>(
        x: impl Into<Variable<'a>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        Self::with(Power::Squares, &x.into(), w, permutations)
    }

    /// H_i by the moduli of the residuals, a = 1, which an outlier dominates less.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Losh, Permutations, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
    /// let losh = Losh::of_absolute(&[1.0, 1.0, 1.0, 7.0, 7.0, 7.0][..], &w, Permutations::all())?;
    /// assert_eq!(losh.residuals().to_vec(), [0.0, 0.0, 3.0, 3.0, 0.0, 0.0]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn of_absolute<'a>(
        x: impl Into<Variable<'a>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        Self::with(Power::Moduli, &x.into(), w, permutations)
    }

    fn with(
        power: Power,
        x: &Variable<'_>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let x_values = x.values();
        let x = Deviations::of(x, w, "LOSH")?;
        let n = w.n();
        let row_sums = w.csr().row_sums().to_vec();
        if let Some(i) = row_sums.iter().position(|&sum| sum <= 0.0) {
            return Err(Error::Unsupported {
                what: format!("LOSH of `{}` over weights with islands", x.name),
                why: format!(
                    "unit `{}` has no neighbours from whose mean it could differ; take `without_islands` or `islands_attached`",
                    w.units().name(i)
                ),
            });
        }
        let spread = Spread {
            w: w.csr(),
            row_sums: &row_sums,
            power,
        };
        let z = x.z.to_vec();
        let (mut means, mut e) = (Vec::new(), Vec::new());
        spread.residuals(&z, &mut means, &mut e);
        let total: f64 = e.iter().sum();
        // Residuals that are rounding errors alone are none.
        let error = 8.0 * f64::EPSILON * x.magnitude;
        let largest = e.iter().fold(0.0_f64, |most, e| most.max(*e));
        let none = match power {
            Power::Squares => error * error,
            Power::Moduli => error,
        };
        if largest <= none {
            return Err(Error::Unsupported {
                what: format!("LOSH of `{}`", x.name),
                why: "every unit has the mean of its neighbours, so that there is no residual to compare".to_owned(),
            });
        }
        let mean = total / n as f64;
        // What rounding does to one residual power, over their mean, and to the sum of all.
        let slope = match power {
            Power::Squares => 4.0 * x.largest(),
            Power::Moduli => 1.0,
        };
        let observed: Vec<(f64, f64)> = (0..n)
            .map(|i| {
                let h = spread.statistic(i, &e, total).unwrap_or_default();
                let tolerance = 4.0 * error * slope / mean + f64::EPSILON * (n as f64 + 64.0) * h;
                (h, tolerance)
            })
            .collect();
        let squares: f64 = e.iter().map(|e| (e - mean).powi(2)).sum();
        let (h, variance) = arrays((0..n).map(|i| {
            let (sum, weights) = weight_sums(w, i, false);
            let spread = (weights - sum * sum / n as f64).max(0.0);
            let variance = squares / (n as f64 - 1.0) * spread / (mean * sum).powi(2);
            (observed[i].0, variance)
        }));
        let draws = spread.bootstrap(&z, w.units(), &observed, permutations)?;
        let inference = LocalInference::with(w, draws, |_| true).against(Alternative::Greater);
        let level = x_values[0] - z[0];
        Ok(Self {
            name: x.name,
            power,
            h,
            means: means.into_iter().map(|m| m + level).collect(),
            residuals: e.into(),
            variance,
            inference,
        })
    }

    /// The statistic H_i of each unit.
    #[must_use]
    #[doc(alias = "Hi")]
    pub fn h(&self) -> ArrayView1<'_, f64> {
        self.h.view()
    }

    /// The mean m_i of each unit's neighbours.
    #[must_use]
    #[doc(alias = "x_bar_i")]
    pub fn local_means(&self) -> ArrayView1<'_, f64> {
        self.means.view()
    }

    /// The residual power e_i of each unit.
    #[must_use]
    #[doc(alias = "ei")]
    pub fn residuals(&self) -> ArrayView1<'_, f64> {
        self.residuals.view()
    }

    /// Variance of H_i where the residual powers, taken as given, are rearranged over all units:
    /// Σ (e - mean(e))² / (n - 1) · (Σ_j w_ij² - w_i.² / n) / (mean(e) w_i.)². The expectation is 1.
    #[must_use]
    #[doc(alias = "Var.Hi")]
    pub fn variance(&self) -> ArrayView1<'_, f64> {
        self.variance.view()
    }

    /// 2 H_i / Var(H_i), to be referred to chi-squared with [`degrees_of_freedom`](Self::degrees_of_freedom); zero where the
    /// variance is.
    #[must_use]
    #[doc(alias = "Z.Hi")]
    pub fn chi_squared(&self) -> Array1<f64> {
        let each = self.h.iter().zip(&self.variance);
        each.map(|(h, &v)| if v > 0.0 { 2.0 * h / v } else { 0.0 })
            .collect()
    }

    /// 2 / Var(H_i): a chi-squared variable of so many degrees of freedom, times Var(H_i) / 2, has mean one and that variance; zero
    /// where the variance is.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> Array1<f64> {
        self.variance.mapv(|v| if v > 0.0 { 2.0 / v } else { 0.0 })
    }

    /// The p-value of each unit by the chi-squared approximation, against heterogeneity; 1 where the variance is zero.
    ///
    /// For a = 2 it is that of Ord and Getis (2012); for a = 1 the moments are matched alike. Xu, Mei and Yan (2014) found the
    /// bootstrap more accurate.
    #[must_use]
    pub fn chi_squared_p_values(&self) -> Array1<f64> {
        let each = self
            .chi_squared()
            .into_iter()
            .zip(self.degrees_of_freedom());
        each.map(|(z, df)| {
            if df > 0.0 {
                Distribution::ChiSquared { df }.upper_tail(z)
            } else {
                1.0
            }
        })
        .collect()
    }

    fn label(&self, i: usize, significant: bool) -> &'static str {
        match (significant, self.inference.is_low(i)) {
            (false, _) => "not significant",
            (true, true) => "homogeneous",
            (true, false) => "heterogeneous",
        }
    }

    /// The results as a table: columns `H`, `variance`, `chi_squared`, `df`, `p_chi_squared`, `local_mean`, `residual`, `p`, `p_fdr`,
    /// labels `cluster` and `cluster_fdr` (heterogeneous or homogeneous at 0.05, not significant).
    ///
    /// # Errors
    ///
    /// None that the result itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let table = Table::over(self.units())
            .column("H", self.h.clone())?
            .column("variance", self.variance.clone())?
            .column("chi_squared", self.chi_squared())?
            .column("df", self.degrees_of_freedom())?
            .column("p_chi_squared", self.chi_squared_p_values())?
            .column("local_mean", self.means.clone())?
            .column("residual", self.residuals.clone())?;
        let table = self.inference.tabulate(table)?;
        self.inference.labelled(table, |i, s| self.label(i, s))
    }
}

impl fmt::Display for Losh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = match self.power {
            Power::Squares => "squared",
            Power::Moduli => "absolute",
        };
        let p = self.chi_squared_p_values();
        self.inference.write(
            f,
            &format!("LOSH of `{}` by {power} residuals", self.name),
            &[
                ("H", &|i| text::significant(self.h[i], 4)),
                ("p (chi2)", &|i| text::p_value(p[i])),
            ],
            &["heterogeneous", "homogeneous", "not significant"],
            &|i, s| self.label(i, s),
        )?;
        write_notes(f, &self.notes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::brute::choose;
    use super::*;
    use crate::data::Units;
    use crate::linalg::sparse::Csr;

    const X: [f64; 7] = [2.0, 7.0, 1.0, 8.0, 2.0, 8.5, 1.8];

    /// Directed links of unequal weights.
    fn weights() -> Weights {
        let rows: Vec<Vec<(u32, f64)>> = (0..7_u32)
            .map(|i| {
                let mut row = vec![((i + 1) % 7, 0.4), ((i + 2) % 7, 0.9)];
                if i % 2 == 0 {
                    row.push(((i + 4) % 7, 0.6));
                }
                row.sort_by_key(|l| l.0);
                row
            })
            .collect();
        Weights::from_csr(Units::range(7), Csr::from_rows(&rows), "links")
    }

    /// The definition, written out.
    fn losh(w: &Weights, x: &[f64], i: usize, a: i32) -> f64 {
        let n = x.len();
        let mean = |i: usize, v: &[f64]| {
            let row: Vec<(usize, f64)> = w.neighbours(i).collect();
            row.iter().map(|(j, w)| w * v[*j]).sum::<f64>() / row.iter().map(|l| l.1).sum::<f64>()
        };
        let e: Vec<f64> = (0..n).map(|j| (x[j] - mean(j, x)).abs().powi(a)).collect();
        mean(i, &e) / (e.iter().sum::<f64>() / n as f64)
    }

    #[test]
    fn bootstrap_is_that_of_all_arrangements_of_the_other_values() {
        let w = weights();
        for a in [1, 2] {
            let of = |permutations| {
                let x = X.map(|x| 1e4 * x + 1e6);
                match a {
                    1 => Losh::of_absolute(&x[..], &w, permutations).unwrap(),
                    _ => Losh::of(&x[..], &w, permutations).unwrap(),
                }
            };
            let exact = of(Permutations::all());
            let less = exact.clone().alternative(Alternative::Less).p_values();
            let draws = 20_000;
            let shared = of(Permutations::new(draws).seed(2));
            let independent = of(Permutations::new(draws).seed(2).independent());
            for i in 0..7 {
                let h = losh(&w, &X, i, a);
                assert!((exact.h()[i] - h).abs() < 1e-9 * h);
                let (mut at_least, mut at_most, mut all) = (0, 0, 0);
                choose(7, i, &mut Vec::new(), 6, &mut |drawn| {
                    let mut x = X;
                    for (place, &j) in (0..7).filter(|&p| p != i).zip(drawn) {
                        x[place] = X[j];
                    }
                    let draw = losh(&w, &x, i, a);
                    at_least += usize::from(draw >= h - 1e-9);
                    at_most += usize::from(draw <= h + 1e-9);
                    all += 1;
                });
                assert_eq!(
                    (exact.at_least()[i], exact.at_most()[i]),
                    (at_least, at_most)
                );
                assert_eq!(exact.arrangements()[i], all);
                assert!((less[i] - at_most as f64 / all as f64).abs() < 1e-15);
                let p = at_least as f64 / all as f64;
                let error = (p * (1.0 - p) / draws as f64).sqrt();
                for sampled in [&shared, &independent] {
                    let found = sampled.at_least()[i] as f64 / draws as f64;
                    assert!(
                        (found - p).abs() < 4.0 * error + 1e-12,
                        "{i}: {found} and {p}"
                    );
                }
            }
        }
    }

    #[test]
    fn variance_is_that_of_rearranged_residuals() {
        let w = weights();
        let local = Losh::of(&X[..], &w, Permutations::new(9)).unwrap();
        let e = local.residuals();
        let mean = e.mean().unwrap();
        for i in 0..7 {
            let row: Vec<f64> = w.neighbours(i).map(|l| l.1).collect();
            let mut values = Vec::new();
            // All units can come, the unit itself too: there is none of number 7.
            choose(7, 7, &mut Vec::new(), row.len(), &mut |drawn| {
                let sum: f64 = drawn.iter().zip(&row).map(|(&j, w)| w * e[j]).sum();
                values.push(sum / mean / row.iter().sum::<f64>());
            });
            let count = values.len() as f64;
            let expected = values.iter().sum::<f64>() / count;
            let variance = values.iter().map(|v| (v - expected).powi(2)).sum::<f64>() / count;
            assert!((expected - 1.0).abs() < 1e-12);
            assert!((local.variance()[i] - variance).abs() < 1e-12 * variance);
        }
    }

    #[test]
    fn what_has_no_residual_is_refused() {
        let pairs = [("0", "1"), ("1", "2"), ("2", "3")];
        let w = Weights::from_pairs(&Units::range(5), pairs)
            .unwrap()
            .islands_kept();
        let e = Losh::of(&X[..5], &w, Permutations::new(9)).unwrap_err();
        assert!(e.to_string().contains("unit `4` has no neighbours"), "{e}");
        // Two components, either of one value.
        let w = Weights::from_pairs(&Units::range(4), [("0", "1"), ("2", "3")]).unwrap();
        let e = Losh::of(&[0.1, 0.1, 0.7, 0.7][..], &w, Permutations::new(9)).unwrap_err();
        assert!(e.to_string().contains("no residual"), "{e}");
        let e = Losh::of(&X[..4], &w, Permutations::new(0)).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }));
        let long: Vec<f64> = (0..30).map(|i| f64::from(i * i % 7)).collect();
        let ring = (0..30).map(|i| (i.to_string(), ((i + 1) % 30).to_string()));
        let w = Weights::from_pairs(&Units::range(30), ring).unwrap();
        let e = Losh::of(&long, &w, Permutations::all()).unwrap_err();
        assert!(e.to_string().contains("take a sample"), "{e}");
    }
}
