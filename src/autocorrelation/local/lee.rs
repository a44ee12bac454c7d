//! Local Lee's L: where the surroundings of two variables resemble each other.

use std::fmt;

use ndarray::{Array1, ArrayView1};

use super::super::deviations::Deviations;
use super::cluster::{Cluster, Quadrant};
use super::inference::{LocalInference, local_draws, local_inference, local_notes, weight_sums};
use crate::data::{Table, Variable};
use crate::error::{Error, Result};
use crate::inference::permutation::{LOCAL_LANES as LANES, Local};
use crate::inference::{Adjustment, Permutations, write_notes};
use crate::text;
use crate::weights::Weights;

/// Local Lee's L: where two variables are high or low together around a unit, and where one is high and the other low.
///
/// L_i = n (Σ_j w_ij zx_j) (Σ_j w_ij zy_j) / √(zx'zx zy'zy), zx and zy the deviations from the means. Their sum is Σ_i w_i.² times the
/// global L; for row-standardised weights without islands their mean is L. Units may be their own neighbours
/// ([`Weights::with_diagonal`]), as Lee (2001) has it.
///
/// The p-value of unit i is by conditional permutation, as for [`LocalMoran`](crate::LocalMoran): the pair (x_i, y_i) is held,
/// and the pairs of the neighbours are drawn from those of the other units, so that the correlation of x and y within units
/// stays. L_i then has not zero but [`expectation`](Self::expectation).
///
/// A unit without neighbours other than itself has p = 1 and is not tested.
///
/// # Example
///
/// ```
/// use spatialecon::{LocalLee, Permutations, Units, Weights};
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
/// let local = LocalLee::of(&x[..], &y[..], &w, Permutations::all())?;
/// assert!((local.l()[0] + 6.0 * 1.5 * 1.5 / 17.5).abs() < 1e-12);
/// assert!((local.l().mean().unwrap() + 9.5 / 17.5).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Lee (2001), Journal of Geographical Systems 3; Lee (2009), Geographical Analysis 41.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "localL")]
#[doc(alias = "Spatial_Pearson_Local")]
pub struct LocalLee {
    names: [String; 2],
    lags: Lags,
    l: Array1<f64>,
    quadrants: Vec<Quadrant>,
    expectation: Array1<f64>,
    inference: LocalInference,
}

local_inference!(LocalLee);
local_notes!(LocalLee);
local_draws!(LocalLee, local => &local.lags);

impl LocalLee {
    /// L_i of two variables (length n, in the order of the weights), against the two-sided alternative.
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of) but for the diagonal, for either variable; [`Error::InvalidOption`] where the
    /// number of permutations is zero.
    pub fn of<'a, 'b>(
        x: impl Into<Variable<'a>>,
        y: impl Into<Variable<'b>>,
        w: &Weights,
        permutations: Permutations<'_>,
    ) -> Result<Self> {
        let x = Deviations::over(&x.into(), w, "local Lee's L")?;
        let y = Deviations::over(&y.into(), w, "local Lee's L")?;
        if w.links() == 0 {
            return Err(Error::Unsupported {
                what: "local Lee's L without a link".to_owned(),
                why: "the weights sum to zero".to_owned(),
            });
        }
        let lags = Lags::new(&x, &y, w);
        let [lag_x, lag_y] = [&x, &y].map(|d| w.csr().product(d.z.view()));
        let row_sums = w.csr().row_sums();
        let quadrants = (0..w.n())
            .map(|i| {
                if w.csr().pattern.row(i).is_empty() {
                    return Quadrant::Island;
                }
                let errors = [&x, &y].map(|d| d.tolerance() * row_sums[i]);
                Quadrant::of(lag_x[i], errors[0], lag_y[i], errors[1])
            })
            .collect();
        let inference = LocalInference::of(w, &lags, permutations, |_| 1.0)?;
        Ok(Self {
            names: [x.name, y.name],
            l: lag_x * lag_y * lags.scale,
            expectation: lags.expectation(w),
            lags,
            quadrants,
            inference,
        })
    }

    /// The statistic L_i of each unit.
    #[must_use]
    pub fn l(&self) -> ArrayView1<'_, f64> {
        self.l.view()
    }

    /// E(L_i) over the conditional arrangements: the product of the expected lags, and their covariance, which has the sign of the
    /// correlation of x and y at the other units.
    #[must_use]
    pub fn expectation(&self) -> ArrayView1<'_, f64> {
        self.expectation.view()
    }

    /// The quadrant of each unit, whatever its significance: the lag of x against the mean, then the lag of y.
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
    /// [`Error::InvalidOption`] where the level is not between 0 and 1.
    pub fn clusters(&self, level: f64, adjustment: Option<Adjustment>) -> Result<Vec<Cluster>> {
        let significant = self.significant(level, adjustment)?;
        let each = significant.into_iter().enumerate();
        Ok(each.map(|(i, s)| self.label(i, s)).collect())
    }

    fn label(&self, i: usize, significant: bool) -> Cluster {
        Cluster::of(self.quadrants[i], significant)
    }

    #[allow(
        clippy::unused_self,
        reason = "as of the statistics whose draws are scaled"
    )]
    fn reported(&self, _: usize, l: f64) -> f64 {
        l
    }

    /// The results as a table: columns `L`, `expectation`, `p`, `p_fdr`, labels `quadrant`, and `cluster` and `cluster_fdr` at
    /// 0.05.
    ///
    /// # Errors
    ///
    /// None that the result itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let table = Table::over(self.units())
            .column("L", self.l.clone())?
            .column("expectation", self.expectation.clone())?;
        let table = self.inference.tabulate(table)?;
        let table = table.label("quadrant", self.quadrants.iter().map(ToString::to_string))?;
        self.inference.labelled(table, |i, s| self.label(i, s))
    }
}

impl fmt::Display for LocalLee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y] = &self.names;
        self.inference.write(
            f,
            &format!("Local Lee's L of `{x}` and `{y}`"),
            &[
                ("L", &|i| text::significant(self.l[i], 4)),
                ("expectation", &|i| {
                    text::significant(self.expectation[i], 4)
                }),
                ("quadrant", &|i| self.quadrants[i].to_string()),
            ],
            &Cluster::ALL,
            &|i, s| self.label(i, s),
        )?;
        write_notes(f, &self.notes())
    }
}

/// The product of two lags.
#[derive(Debug, Clone, PartialEq)]
struct Lags {
    x: Vec<f64>,
    y: Vec<f64>,
    /// The weight of each unit for itself; empty where none has one.
    own: Vec<f64>,
    /// n / √(zx'zx zy'zy).
    scale: f64,
    /// Rounding error of a product of deviations.
    error: f64,
}

impl Lags {
    fn new(x: &Deviations, y: &Deviations, w: &Weights) -> Self {
        let scale = w.n() as f64 / x.sum_of_squares.sqrt() / y.sum_of_squares.sqrt();
        let products = x.largest() * y.magnitude + y.largest() * x.magnitude;
        let own = if w.self_links() == 0 {
            Vec::new()
        } else {
            (0..w.n()).map(|i| w.csr().get(i, i)).collect()
        };
        Self {
            x: x.z.to_vec(),
            y: y.z.to_vec(),
            own,
            scale,
            error: 8.0 * f64::EPSILON * scale * products,
        }
    }

    fn own(&self, i: usize) -> f64 {
        self.own.get(i).copied().unwrap_or(0.0)
    }

    fn expectation(&self, w: &Weights) -> Array1<f64> {
        let others = w.n() as f64 - 1.0;
        let products = self.x.iter().zip(&self.y).map(|(x, y)| x * y);
        let cross: f64 = products.sum();
        (0..w.n())
            .map(|i| {
                let (x, y) = (self.x[i], self.y[i]);
                let (sum, squares) = weight_sums(w, i, false);
                let mean = self.own(i) - sum / others;
                let covariance = if others > 1.0 {
                    (cross - x * y * (others + 1.0) / others) / (others - 1.0)
                        * (squares - sum * sum / others)
                } else {
                    0.0
                };
                self.scale * (mean * x * mean * y + covariance)
            })
            .collect()
    }
}

impl Local for Lags {
    fn channels(&self) -> Vec<&[f64]> {
        vec![&self.x, &self.y]
    }

    #[inline(always)]
    fn evaluate(&self, i: usize, sums: &[[f64; LANES]], out: &mut [f64; LANES]) {
        let [x, y] = sums else {
            return;
        };
        let own = self.own(i);
        let (own_x, own_y) = (own * self.x[i], own * self.y[i]);
        for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
            *out = self.scale * (own_x + x) * (own_y + y);
        }
    }

    fn tolerance(&self, i: usize, row_sum: f64) -> f64 {
        self.error * (row_sum + self.own(i).abs()).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::brute::{X, Y, all, links, map};
    use super::*;
    use crate::inference::Alternative;

    #[test]
    fn expectation_and_p_values_are_those_of_all_conditional_arrangements() {
        for w in [map(), map().with_diagonal(0.8).unwrap()] {
            let local = LocalLee::of(&X[..], &Y[..], &w, Permutations::all()).unwrap();
            let p = |a| local.clone().alternative(a).p_values();
            let (greater, less) = (p(Alternative::Greater), p(Alternative::Less));
            for i in 0..7 {
                let all = all(&w, i, |drawn| {
                    let lag = |z: &[f64]| {
                        let others = links(&w, i, drawn).map(|(j, w)| w * z[j]).sum::<f64>();
                        others + w.weight(i, i) * z[i]
                    };
                    local.lags.scale * lag(&local.lags.x) * lag(&local.lags.y)
                });
                assert_relative_eq!(local.expectation()[i], all.mean, epsilon = 1e-13);
                assert_relative_eq!(greater[i], all.at_least, max_relative = 1e-12);
                assert_relative_eq!(less[i], all.at_most, max_relative = 1e-12);
                let drawn = local.draws_of(&i.to_string()).unwrap();
                assert_relative_eq!(drawn.mean().unwrap(), all.mean, epsilon = 1e-13);
            }
            assert!(!local.tested()[7]);
        }
        let local = LocalLee::of(&X[..], &Y[..], &map(), Permutations::all()).unwrap();
        assert_eq!(
            (local.l()[7], local.quadrants()[7]),
            (0.0, Quadrant::Island)
        );
        assert!(local.to_string().contains("Lee's L"));
        assert_eq!(local.table().unwrap().column_names().count(), 4);
    }

    #[test]
    fn scale_does_not_matter() {
        let w = map();
        let of = |x: &[f64]| LocalLee::of(x, &Y[..], &w, Permutations::new(999)).unwrap();
        for a in [1e8, 1e-8, -3.0] {
            let moved = of(&X.map(|x| a * x + a));
            let (found, expected) = if a < 0.0 {
                (moved.at_least(), of(&X).at_most())
            } else {
                (moved.at_least(), of(&X).at_least())
            };
            assert_eq!(found[..7], expected[..7]);
        }
    }
}
