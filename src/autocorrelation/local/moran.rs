//! Local Moran's I, with p-values by conditional permutation.

use std::fmt;

use ndarray::{Array1, ArrayView1};

use super::super::deviations::Deviations;
use super::cluster::{Cluster, Quadrant};
use super::exact::{self, LocalDeviates};
use super::inference::{LocalInference, local_draws, local_inference, local_notes};
use super::moments::{self, LocalAssumption, LocalMoments, RowWeights};
use crate::data::{Table, Variable};
use crate::error::Result;
use crate::inference::permutation::Sum;
use crate::inference::{Adjustment, Permutations, write_notes};
use crate::text;
use crate::weights::Weights;

/// Local Moran's I: which units lie among similar, and which among dissimilar neighbours.
///
/// I_i = z_i Σ_j w_ij z_j / m2, with z = x - mean(x) and m2 = Σ z² / n. Their sum is S0 times the global I.
///
/// The p-value of unit i is by conditional permutation: z_i is held, its neighbours are drawn without replacement from the
/// other n - 1 units, p = (1 + #{draws at least as extreme}) / (1 + R), two-sided 2 min of both sides, at most 1. Draws
/// within a few units of the last place of the observed value are ties, and ties count as at least as extreme.
///
/// All units share one table of draws. Unit by unit the p-values have the distribution of independent permutations; across
/// the map their Monte-Carlo errors are correlated, so that the number of significant units varies more from seed to seed.
/// [`Permutations::independent`] gives every unit draws of its own.
///
/// An island has I_i = 0 and p = 1, and so has a unit whose value is the mean; neither is tested.
///
/// # Example
///
/// ```
/// use spatialecon::{LocalMoran, Permutations, Quadrant, Units, Weights};
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
/// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let local = LocalMoran::of(&x[..], &w, Permutations::new(999).seed(7))?;
/// assert!((local.i()[0] - 1.285_714_285_714).abs() < 1e-9);
/// assert_eq!(local.quadrants()[0], Quadrant::LowLow);
/// assert!(local.p_values()[0] > 0.0);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Anselin (1995), Geographical Analysis 27; Caldas de Castro and Singer (2006), Geographical Analysis 38.
#[derive(Debug, Clone, PartialEq)]
#[doc(alias = "LISA")]
#[doc(alias = "localmoran_perm")]
#[doc(alias = "Moran_Local")]
pub struct LocalMoran {
    x: Deviations,
    i: Array1<f64>,
    lag: Array1<f64>,
    quadrants: Vec<Quadrant>,
    inference: LocalInference,
}

local_inference!(LocalMoran);
local_notes!(LocalMoran);
local_draws!(LocalMoran, local => &sum_of(&local.x));

impl LocalMoran {
    /// Local Moran's I of a variable (length n, in the order of the weights), against the two-sided alternative.
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of); [`Error::InvalidOption`](crate::Error::InvalidOption) where the number of permutations is zero.
    pub fn of<'a>(
        x: impl Into<Variable<'a>>,
        w: &Weights,
        permutations: Permutations,
    ) -> Result<Self> {
        let x = Deviations::of(&x.into(), w, "local Moran's I")?;
        let z = &x.z;
        let m2 = x.sum_of_squares / z.len() as f64;
        let tolerance = x.tolerance();
        let (lag, quadrants) = lag_and_quadrants(&x, w);
        // I_i = z_i lag_i / m2 rises with the lag, falls with it, or is zero for every draw.
        let inference = LocalInference::of(w, &sum_of(&x), permutations, |i| {
            if z[i].abs() <= tolerance { 0.0 } else { z[i] }
        })?;
        Ok(Self {
            i: z * &lag / m2,
            lag,
            quadrants,
            inference,
            x,
        })
    }

    fn reported(&self, i: usize, lag: f64) -> f64 {
        self.x.z[i] * lag * self.x.z.len() as f64 / self.x.sum_of_squares
    }

    /// The statistic I_i of each unit.
    #[must_use]
    #[doc(alias = "Is")]
    pub fn i(&self) -> ArrayView1<'_, f64> {
        self.i.view()
    }

    /// The deviations z from the mean.
    #[must_use]
    pub fn deviations(&self) -> ArrayView1<'_, f64> {
        self.x.z.view()
    }

    /// The spatial lag of the deviations, W z.
    #[must_use]
    pub fn lag(&self) -> ArrayView1<'_, f64> {
        self.lag.view()
    }

    /// The quadrant of each unit in the Moran scatter plot, whatever its significance.
    #[must_use]
    #[doc(alias = "q")]
    pub fn quadrants(&self) -> &[Quadrant] {
        &self.quadrants
    }

    /// Expectation and variance of each I_i under an assumption, and the test by the standard normal against the
    /// [`alternative`](Self::alternative).
    ///
    /// With r = Σ_j w_ij, q = Σ_j w_ij², b2 = n Σ z⁴ / (Σ z²)² and s_i² the variance, with divisor n - 1, of the n - 1 values
    /// other than z_i:
    ///
    /// - conditional: E = -r z_i² / ((n - 1) m2), Var = (z_i / m2)² s_i² (q - r² / (n - 1)) (n - 1) / (n - 2);
    /// - total: E = -r / (n - 1), Var = q (n - b2) / (n - 1) + (r² - q)(2 b2 - n) / ((n - 1)(n - 2)) - E²;
    /// - normality: E = -r / (n - 1), Var = 2 [(n - 1) Σ g² - r²] / ((n - 1)² (n + 1)), Σ g² = ½ [r² + (n - 1)(n q - r²)].
    ///
    /// I_i is far from normal, however many units there are, since it has few neighbours: the p-values are rough, and those
    /// by [permutation](Self::p_values) or [`exact`](Self::exact) are to be preferred. A unit whose I_i cannot vary (an island;
    /// under the conditional assumption a unit that has the mean, or is linked with all others by equal weights) has variance
    /// zero, z = 0 and p = 1.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`](crate::Error::TooFewUnits) below three units.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{LocalAssumption, LocalMoran, Permutations, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
    /// let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    /// let local = LocalMoran::of(&x[..], &w, Permutations::new(99))?;
    /// let total = local.moments(LocalAssumption::Total)?;
    /// assert!((total.expectation[0] + 0.2).abs() < 1e-12);
    /// let conditional = local.moments(LocalAssumption::Conditional)?;
    /// // -z² / (5 m2) = -6.25 / (5 * 35 / 12)
    /// assert!((conditional.expectation[0] + 3.0 / 7.0).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Anselin (1995), Geographical Analysis 27; Sokal, Oden and Thomson (1998), Geographical Analysis 30.
    #[doc(alias = "localmoran")]
    #[doc(alias = "EI")]
    #[doc(alias = "VI")]
    pub fn moments(&self, assumption: LocalAssumption) -> Result<LocalMoments> {
        moments::moments(
            &self.i,
            &self.x,
            &self.row_weights(),
            assumption,
            self.inference.alternative(),
        )
    }

    /// The exact test of each I_i under normality of the values, against the [`alternative`](Self::alternative).
    ///
    /// I_i is a ratio of quadratic forms as the global I is ([`Moran::exact`](crate::Moran::exact)), with two eigenvalues that
    /// are not zero, ½ (-r ± √((n - 1)(n q - r²))), and n - 3 zeros: any number of units in time proportional to it. The
    /// deviates have the tails of the exact distribution. No value is held: the p-values are not those of a conditional
    /// permutation.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`](crate::Error::TooFewUnits) below three units; [`Error::NotConverged`](crate::Error::NotConverged).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Alternative, LocalMoran, Permutations, Units, Weights};
    /// // One neighbour, three units: the eigenvalues are 1/2 and -3/2, and P(I > c) is that of a Cauchy variable.
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1")])?.islands_kept();
    /// let local = LocalMoran::of(&[2.0, 3.0, 7.0][..], &w, Permutations::new(99))?;
    /// let exact = local.alternative(Alternative::Greater).exact()?;
    /// let c: f64 = -2.0 * -1.0 / (14.0 / 3.0);
    /// let p = 2.0 / std::f64::consts::PI * ((0.5 - c) / (c + 1.5)).sqrt().atan();
    /// assert!((exact.p_values[0] - p).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Tiefelsdorf and Boots (1997), Papers in Regional Science 76; Tiefelsdorf (1998).
    #[doc(alias = "localmoran.exact")]
    pub fn exact(&self) -> Result<LocalDeviates> {
        exact::exact(&self.i, &self.row_weights(), self.inference.alternative())
    }

    /// The test of each I_i under normality by the saddle-point approximation of [`exact`](Self::exact).
    ///
    /// # Errors
    ///
    /// As [`exact`](Self::exact).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{LocalMoran, Permutations, Units, Weights};
    /// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
    /// let w = Weights::from_pairs(&Units::range(6), pairs)?;
    /// let x = [1.0, 3.0, 2.0, 7.0, 5.0, 6.0];
    /// let local = LocalMoran::of(&x[..], &w, Permutations::new(99))?;
    /// let (rough, exact) = (local.saddlepoint()?, local.exact()?);
    /// assert!((rough.p_values[0] - exact.p_values[0]).abs() < 0.08);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Tiefelsdorf (2002), Geographical Analysis 34.
    #[doc(alias = "localmoran.sad")]
    pub fn saddlepoint(&self) -> Result<LocalDeviates> {
        exact::saddlepoint(&self.i, &self.row_weights(), self.inference.alternative())
    }

    /// The label of each unit on the map of clusters: its quadrant where p is at most the level.
    ///
    /// `level` lies between 0 and 1, such as 0.05; `adjustment` is the correction for the number of units, `None` for none.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) where the level is not between 0 and 1.
    pub fn clusters(&self, level: f64, adjustment: Option<Adjustment>) -> Result<Vec<Cluster>> {
        let significant = self.significant(level, adjustment)?;
        let each = significant.into_iter().enumerate();
        Ok(each.map(|(i, s)| self.label(i, s)).collect())
    }

    fn row_weights(&self) -> RowWeights {
        RowWeights::of(self.inference.weights().csr())
    }

    fn label(&self, i: usize, significant: bool) -> Cluster {
        Cluster::of(self.quadrants[i], significant)
    }

    /// The results as a table: columns `I`, `z`, `lag`, `p`, `p_fdr`, labels `quadrant`, and `cluster` and `cluster_fdr` at
    /// 0.05.
    ///
    /// # Errors
    ///
    /// None that the result itself has not raised.
    pub fn table(&self) -> Result<Table> {
        let table = Table::over(self.units())
            .column("I", self.i.clone())?
            .column("z", self.x.z.clone())?
            .column("lag", self.lag.clone())?;
        let table = self.inference.tabulate(table)?;
        let table = table.label("quadrant", self.quadrants.iter().map(ToString::to_string))?;
        self.inference.labelled(table, |i, s| self.label(i, s))
    }
}

/// W z, and where each unit stands in the Moran scatter plot.
pub(in crate::autocorrelation) fn lag_and_quadrants(
    x: &Deviations,
    w: &Weights,
) -> (Array1<f64>, Vec<Quadrant>) {
    let (csr, z, tolerance) = (w.csr(), &x.z, x.tolerance());
    let (lag, row_sums) = (csr.product(z.view()), csr.row_sums());
    let quadrants = (0..z.len())
        .map(|i| {
            if csr.pattern.row(i).is_empty() {
                Quadrant::Island
            } else {
                Quadrant::of(z[i], tolerance, lag[i], tolerance * row_sums[i])
            }
        })
        .collect();
    (lag, quadrants)
}

/// What is drawn: the sum of the neighbours' deviations.
fn sum_of(x: &Deviations) -> Sum<'_> {
    Sum {
        values: x.z.as_slice().unwrap_or_default(),
        magnitude: x.magnitude,
    }
}

impl fmt::Display for LocalMoran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inference.write(
            f,
            &format!("Local Moran's I of `{}`", self.x.name),
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

#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::super::columbus::{CRIME, weights};
    use super::super::super::moran::Moran;
    use super::*;
    use crate::data::Units;
    use crate::error::Error;
    use crate::inference::{Alternative, Note};
    use crate::linalg::sparse::Csr;

    /// spdep 1.2-7: localmoran(CRIME, nb2listw(col.gal.nb, style = "W")), column Ii.
    const SPDEP: [f64; 49] = [
        0.7368184906083562,
        0.5287770132659666,
        0.09385074166160122,
        0.0048209666282163196,
        0.18678679912414461,
        -0.18157051694471654,
        -1.8605873755716358,
        0.07658401791648366,
        -0.030595081598651833,
        0.04030925254415554,
        1.4579154168993613,
        0.6389488565745653,
        0.12528083736190074,
        0.6152630410832151,
        0.7348439097251586,
        1.2555475648603671,
        -0.10809462858147517,
        0.5170513082721677,
        0.8000061254199681,
        0.3414097897215292,
        0.1549393280588018,
        -0.004024793545048014,
        0.9008494695486229,
        0.228527044626409,
        1.1584122014955953,
        0.2875311242561374,
        -0.1239735854831706,
        0.9769528791503994,
        1.5566245326449863,
        1.2634973994982923,
        1.0174475155417526,
        1.2398550367006202,
        0.05360364090324035,
        0.5284208794643083,
        -0.029954304264440016,
        1.243242522233056,
        0.42324701076705806,
        0.5775464229420332,
        1.1519574076879233,
        0.9692978651274496,
        0.8316779937537304,
        1.0865531720378356,
        0.00577740194947923,
        -0.020671121482004798,
        0.06795384007071033,
        1.2495377025819556,
        0.46767862825991263,
        0.2035396661420137,
        0.3633613597885452,
    ];

    /// The same, attribute `quadr`, column `mean`.
    const QUADRANTS: &str = "LL LL LL LL HH LH LH HH LH LL HH HH HH HH HH HH HL HH HH LL HH LH LL HH HH HH HL HH HH \
        HH LL LL HH LL HL LL HH HH LL LL LL LL HH LH LL LL LL LL LL";

    #[test]
    fn statistics_and_quadrants_agree_with_spdep() {
        let w = weights(true);
        let local = LocalMoran::of(&CRIME[..], &w, Permutations::new(9)).unwrap();
        for (found, expected) in local.i().iter().zip(SPDEP) {
            assert_relative_eq!(*found, expected, max_relative = 1e-11);
        }
        for (found, expected) in local.quadrants().iter().zip(QUADRANTS.split_whitespace()) {
            let found = found.to_string();
            let letters: String = found.split('-').filter_map(|s| s.chars().next()).collect();
            assert_eq!(letters, expected);
        }
        let global = Moran::of(&CRIME[..], &w).unwrap();
        assert_relative_eq!(local.i().sum(), 49.0 * global.i(), max_relative = 1e-12);
    }

    #[test]
    fn p_values_are_those_of_all_conditional_arrangements() {
        // Seven units, every ordered choice of two or three neighbours out of the other six.
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
        let w = Weights::from_csr(Units::range(7), Csr::from_rows(&rows), "links");
        let x = [2.0, 7.0, 1.0, 8.0, 2.0, 8.5, 1.8];
        let draws = 20_000;
        for permutations in [
            Permutations::new(draws).seed(3),
            Permutations::new(draws).seed(3).independent(),
        ] {
            for alternative in [Alternative::Greater, Alternative::Less] {
                let local = LocalMoran::of(&x[..], &w, permutations)
                    .unwrap()
                    .alternative(alternative);
                let (z, i, p) = (local.deviations(), local.i(), local.p_values());
                let m2 = z.dot(&z) / 7.0;
                for unit in 0..7 {
                    let weights: Vec<f64> = w.csr().row(unit).map(|l| l.1).collect();
                    let (mut extreme, mut all) = (0.0, 0.0);
                    let mut count = |drawn: &[usize]| {
                        let lag: f64 = drawn.iter().zip(&weights).map(|(&j, w)| w * z[j]).sum();
                        let difference = z[unit] * lag / m2 - i[unit];
                        all += 1.0;
                        extreme += f64::from(u8::from(match alternative {
                            Alternative::Greater => difference >= -1e-12,
                            _ => difference <= 1e-12,
                        }));
                    };
                    for a in (0..7).filter(|&a| a != unit) {
                        for b in (0..7).filter(|&b| b != unit && b != a) {
                            if weights.len() == 2 {
                                count(&[a, b]);
                            } else {
                                (0..7)
                                    .filter(|&c| c != unit && c != a && c != b)
                                    .for_each(|c| count(&[a, b, c]));
                            }
                        }
                    }
                    let exact = extreme / all;
                    let error = (exact * (1.0 - exact) / draws as f64).sqrt();
                    assert!((p[unit] - exact).abs() < 4.0 * error + 1e-4, "unit {unit}");
                }
            }
        }
    }

    #[test]
    fn islands_and_axes_have_their_names() {
        // The last unit is an island, unit 1 has the mean.
        let rows = [
            vec![(1, 1.0), (2, 1.0)],
            vec![(0, 1.0)],
            vec![(0, 1.0)],
            vec![(2, 1.0)],
            vec![],
        ];
        let w = Weights::from_csr(Units::range(5), Csr::from_rows(&rows), "links").islands_kept();
        let x = [1.1, 0.3, 0.9, -1.0, 0.2];
        let local = LocalMoran::of(&x[..], &w, Permutations::new(99)).unwrap();
        assert_eq!(
            local.quadrants(),
            [
                Quadrant::HighHigh,
                Quadrant::OnAxis,
                Quadrant::HighHigh,
                Quadrant::LowHigh,
                Quadrant::Island
            ]
        );
        let p = local.p_values();
        assert!((p[1] - 1.0).abs() < 1e-15 && (p[4] - 1.0).abs() < 1e-15);
        let labels = local.clusters(0.999, Some(Adjustment::Holm)).unwrap();
        assert_eq!(labels[4], Cluster::Island);
        assert_eq!(labels[1], Cluster::NotSignificant);
        assert!(matches!(
            local.clusters(5.0, None),
            Err(Error::InvalidOption { .. })
        ));
        assert_eq!(
            local.notes(),
            [
                Note::Islands { count: 1 },
                Note::FewPermutations {
                    permutations: 99,
                    tests: 3,
                    needed: 119
                }
            ]
        );
        assert!(local.to_string().contains("on axis"));
    }
}
