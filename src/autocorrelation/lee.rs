//! Lee's L: whether the surroundings of two variables resemble each other.

use std::fmt;

use ndarray::Array1;

use super::deviations::Deviations;
use super::lanes::over_lags;
use super::moments::{Spread, rearranged};
use super::moran::Assumption;
use super::show;
use crate::data::Variable;
use crate::error::{Error, Result};
use crate::inference::permutation::{Global, LANES};
use crate::inference::{
    Alternative, Distribution, Note, PermutationTest, Permutations, TestResult, write_notes,
};
use crate::linalg::sparse::Csr;
use crate::parallel::map_with_memory;
use crate::text;
use crate::weights::Weights;

const NULL: &str = "the pairs of values lie anywhere";

/// Lee's L: the correlation of the spatial lags of two variables, with the smoothness of both.
///
/// L = n / Σ_i (Σ_j w_ij)² · (W zx)'(W zy) / √(zx'zx zy'zy), zx and zy the deviations from the means. For row-standardised weights
/// without islands the first factor is 1. L of a variable with itself is Lee's S, a measure of its smoothness between 0 and 1.
///
/// The null hypothesis rearranges the units' pairs (x_i, y_i), so that the correlation of x and y stays: L then has not zero but
/// [`expectation`](Self::expectation), of the sign of that correlation. Units may be their own neighbours, as Lee (2001) has it
/// ([`Weights::with_diagonal`]).
///
/// # Example
///
/// ```
/// use spatialecon::{Alternative, Lee, Permutations, Units, Weights};
/// // Six units in a line; y is x from the other end.
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
/// let (x, y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
/// let lee = Lee::of(&x[..], &y[..], &w)?;
/// assert!((lee.l() + 9.5 / 17.5).abs() < 1e-12);
/// assert!((lee.expectation() + 0.6).abs() < 1e-12);
/// let permuted = lee.permutation(Permutations::all())?;
/// assert!((permuted.mean() - lee.expectation()).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Lee (2001), Journal of Geographical Systems 3; Lee (2004), Environment and Planning A 36.
#[derive(Debug, Clone)]
#[doc(alias = "lee.test")]
#[doc(alias = "lee.mc")]
#[doc(alias = "Spatial_Pearson")]
pub struct Lee {
    x: Deviations,
    y: Deviations,
    weights: Weights,
    /// Σ_i (Σ_j w_ij)².
    row_squares: f64,
    l: f64,
}

impl Lee {
    /// Lee's L of two variables (length n, in the order of the weights).
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`], [`Error::LengthMismatch`], [`Error::NotFinite`]; [`Error::Constant`] where a variable does not
    /// vary; [`Error::TooFewUnits`] below two units; [`Error::Islands`] where islands are not decided about;
    /// [`Error::Unsupported`] where there is no link.
    pub fn of<'a, 'b>(
        x: impl Into<Variable<'a>>,
        y: impl Into<Variable<'b>>,
        w: &Weights,
    ) -> Result<Self> {
        let x = Deviations::over(&x.into(), w, "Lee's L")?;
        let y = Deviations::over(&y.into(), w, "Lee's L")?;
        if !w.islands_decided() {
            return Err(Error::Islands { units: w.islands() });
        }
        let csr = w.csr();
        let rows = csr.row_sums();
        let row_squares = rows.dot(&rows);
        if row_squares <= 0.0 {
            return Err(Error::Unsupported {
                what: "Lee's L without a link".to_owned(),
                why: "the weights sum to zero".to_owned(),
            });
        }
        let lag = |d: &Deviations| csr.product(d.of_length_one().view());
        Ok(Self {
            l: x.z.len() as f64 / row_squares * lag(&x).dot(&lag(&y)),
            weights: w.clone(),
            row_squares,
            x,
            y,
        })
    }

    /// The statistic L.
    #[must_use]
    pub fn l(&self) -> f64 {
        self.l
    }

    /// Number of units, islands included.
    #[must_use]
    pub fn n(&self) -> usize {
        self.x.z.len()
    }

    fn scale(&self) -> f64 {
        self.n() as f64 / self.row_squares
    }

    /// The products of both variables' values, of length one, unit by unit; their sum is the correlation.
    fn products(&self) -> Array1<f64> {
        self.x.of_length_one() * self.y.of_length_one()
    }

    /// E(L) over the rearrangements of the pairs (x_i, y_i): with r the correlation of x and y, t = Σ w_ij² and q = Σ_i (Σ_j w_ij)²,
    /// r [t - (q - t) / (n - 1)] / q.
    #[must_use]
    pub fn expectation(&self) -> f64 {
        let squares = squares(self.weights.csr());
        let rest = (self.row_squares - squares) / (self.n() as f64 - 1.0);
        self.products().sum() * (squares - rest) / self.row_squares
    }

    /// Variance of L over the rearrangements of the pairs (x_i, y_i).
    ///
    /// The generalised randomisation of Lee (2004) for Σ p_ij x_i y_j with P = W'W, whose diagonal is rearranged with the
    /// products x_i y_i, and x_i y_j and x_j y_i both halved, since the formulae are those of symmetric matrices. (`lee.test` of spdep
    /// does not symmetrise: of two different variables its variance is too large or too small.) Costs one pass over the paths of two steps, Σ over the links of the number of links to the neighbour, over
    /// threads; P is never stored.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the variance is zero, since every arrangement gives the same L.
    pub fn variance(&self) -> Result<f64> {
        let csr = self.weights.csr();
        let n = self.n() as f64;
        // P = W'W: its diagonal, and its rows without the diagonal
        let mut diagonal = Array1::<f64>::zeros(self.n());
        for i in 0..csr.n() {
            for (j, w) in csr.row(i) {
                diagonal[j] += w * w;
            }
        }
        let rows = csr.transposed_product(csr.row_sums().view()) - &diagonal;
        let sum = rows.sum();
        let centred_rows = rows - sum / n;
        let off_diagonal = squared_norm(csr) - diagonal.dot(&diagonal);
        let mean = sum / (n * (n - 1.0));
        let p = Spread {
            n,
            mean,
            squares: off_diagonal - sum * mean,
            rows: centred_rows.dot(&centred_rows),
            size: off_diagonal.max(sum * sum / n),
        };
        // x_i y_j and x_j y_i, both halved
        let d = self.products();
        let correlation = d.sum();
        let centred = &d - correlation / n;
        let (raw, spread) = (d.dot(&d), centred.dot(&centred));
        let mean = -correlation / (n * (n - 1.0));
        let squares = f64::midpoint(1.0, correlation * correlation) - raw + correlation * mean;
        let q = Spread {
            n,
            mean,
            squares,
            rows: spread,
            size: 1.0,
        };
        let between = rearranged(&p, &q).variance;
        let diagonal = &diagonal - diagonal.sum() / n;
        let own = diagonal.dot(&diagonal) * spread / (n - 1.0);
        let both = if n > 2.0 {
            -2.0 * diagonal.dot(&centred_rows) * spread / ((n - 1.0) * (n - 2.0))
        } else {
            0.0
        };
        let mut variance = between + own + 2.0 * both;
        if variance <= 1e-12 * (between + own + 2.0 * both.abs()) {
            variance = 0.0;
        }
        show::checked_variance(
            self.scale().powi(2) * variance,
            "Lee's L under randomisation",
            "L",
        )
    }

    /// The test by the standard normal: (L - E(L)) / sd(L), under randomisation of the pairs.
    ///
    /// # Errors
    ///
    /// As [`variance`](Self::variance).
    pub fn test(&self, alternative: Alternative) -> Result<TestResult> {
        Ok(TestResult::symmetric(
            format!("{} under randomisation", self.name()),
            (self.l - self.expectation()) / self.variance()?.sqrt(),
            Distribution::Normal,
            NULL,
            alternative,
        ))
    }

    /// The test by permutations of the pairs (x_i, y_i) over all units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the number of permutations is zero; [`Error::Unsupported`] where all arrangements are
    /// asked for and there are more than 10^6.
    pub fn permutation(&self, permutations: Permutations) -> Result<PermutationTest> {
        let (x, y) = (self.x.of_length_one(), self.y.of_length_one());
        let relative = |d: &Deviations| d.tolerance() / d.sum_of_squares.sqrt();
        let largest = |d: &Deviations| d.largest() / d.sum_of_squares.sqrt();
        let tolerance = relative(&self.x) * largest(&self.y) + relative(&self.y) * largest(&self.x);
        PermutationTest::total(
            format!("{} by permutation", self.name()),
            NULL,
            &[
                x.as_slice().unwrap_or_default(),
                y.as_slice().unwrap_or_default(),
            ],
            (self.l, self.n() as f64 * tolerance),
            &Statistic {
                w: self.weights.csr(),
                scale: self.scale(),
            },
            permutations,
        )
    }

    fn name(&self) -> String {
        format!("Lee's L of `{}` and `{}`", self.x.name, self.y.name)
    }

    /// What the reader of the result should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        show::islands(&self.weights)
    }
}

/// Σ w_ij².
fn squares(w: &Csr) -> f64 {
    (0..w.n())
        .map(|i| w.row(i).map(|(_, w)| w * w).sum::<f64>())
        .sum()
}

/// Rows of which the sum is taken in one go.
const BLOCK: usize = 1 << 8;

/// Sum of the squares of the elements of W'W, which is that of WW': row by row, from a row of numbers a thread.
fn squared_norm(w: &Csr) -> f64 {
    let (n, transposed) = (w.n(), w.transposed());
    let parts = map_with_memory(
        n.div_ceil(BLOCK),
        || (vec![0.0; n], Vec::new()),
        |(row, reached): &mut (Vec<f64>, Vec<usize>), block| {
            let mut sum = 0.0;
            for i in block * BLOCK..n.min((block + 1) * BLOCK) {
                for (k, there) in w.row(i) {
                    for (j, back) in transposed.row(k) {
                        row[j] += there * back;
                        reached.push(j);
                    }
                }
                for j in reached.drain(..) {
                    sum += row[j] * row[j];
                    row[j] = 0.0;
                }
            }
            sum
        },
    );
    parts.into_iter().sum()
}

/// scale (W x)'(W y).
struct Statistic<'a> {
    w: &'a Csr,
    scale: f64,
}

impl Global for Statistic<'_> {
    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        let ([x, y], [out]) = (vectors, out) else {
            return;
        };
        let [sums] = over_lags(
            self.w,
            [x, y],
            #[inline(always)]
            |_, [x, y], _| [x * y],
        );
        *out = sums.map(|sum| self.scale * sum);
    }
}

impl fmt::Display for Lee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} (expectation {}, n = {})",
            self.name(),
            text::significant(self.l, 5),
            text::significant(self.expectation(), 5),
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

    // spdep 1.2-7: lee.test(CRIME, y, nb2listw(col.gal.nb, style)). For two variables its variance is that of a matrix Q = x y'
    // which is taken for symmetric and is not (0.0035028 for W; 400,000 permutations have 0.0027569 ± 0.0000062); the variances
    // here are those of its VarGamma for ½ (Q + Q').
    #[test]
    fn moments_agree_with_spdep() {
        for (y, standardized, l, expectation, variance) in [
            (
                INC,
                true,
                -0.4655374048267078,
                -0.1677615778861088,
                0.002760137325300818,
            ),
            (
                INC,
                false,
                -0.3813256100492929,
                -0.11492113135189336,
                0.0012834459787291965,
            ),
            (
                CRIME,
                true,
                0.5255020459971231,
                0.24117890211640214,
                0.0034453057255073864,
            ),
            (
                CRIME,
                false,
                0.4543699885723952,
                0.16521394611727422,
                0.0016997237978547304,
            ),
        ] {
            let lee = Lee::of(&CRIME[..], &y[..], &weights(standardized)).unwrap();
            assert_relative_eq!(lee.l(), l, max_relative = 1e-12);
            assert_relative_eq!(lee.expectation(), expectation, max_relative = 1e-12);
            assert_relative_eq!(lee.variance().unwrap(), variance, max_relative = 1e-11);
            let test = lee.test(Alternative::TwoSided).unwrap();
            let z = (l - expectation) / variance.sqrt();
            assert_relative_eq!(test.statistic, z, max_relative = 1e-11);
        }
    }

    #[test]
    fn moments_are_those_of_all_arrangements() {
        let zero = directed();
        let own = Weights::from_csr(
            zero.units().clone(),
            Csr::from_rows(
                &(0..6)
                    .map(|i| {
                        let mut row: Vec<(u32, f64)> =
                            zero.neighbours(i).map(|(j, w)| (j as u32, w)).collect();
                        row.push((i as u32, 0.3 + 0.1 * i as f64));
                        row.sort_by_key(|l| l.0);
                        row
                    })
                    .collect::<Vec<_>>(),
            ),
            "links",
        );
        for w in [zero, own] {
            let (x, y) = (
                [3.0, 1.0, 4.0, 1.5, 9.0, -2.0],
                [2.0, 7.0, 1.0, 8.0, 2.5, 0.0],
            );
            let by_definition = |x: &[f64], y: &[f64]| {
                let deviations = |x: &[f64]| -> Vec<f64> {
                    let mean = x.iter().sum::<f64>() / 6.0;
                    x.iter().map(|v| v - mean).collect()
                };
                let lag = |x: &[f64]| -> Vec<f64> {
                    let mut lag = vec![0.0; 6];
                    for (i, lag) in lag.iter_mut().enumerate() {
                        *lag = (0..6).map(|j| w.weight(i, j) * x[j]).sum();
                    }
                    lag
                };
                let dot =
                    |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
                let (x, y, rows) = (deviations(x), deviations(y), lag(&[1.0; 6]));
                6.0 / dot(&rows, &rows) * dot(&lag(&x), &lag(&y))
                    / (dot(&x, &x) * dot(&y, &y)).sqrt()
            };
            let all: Vec<f64> = orders(6)
                .iter()
                .map(|o| by_definition(&arranged(&x, o), &arranged(&y, o)))
                .collect();
            let (mean, variance) = moments(&all);
            let lee = Lee::of(&x[..], &y[..], &w).unwrap();
            assert_relative_eq!(lee.l(), by_definition(&x, &y), max_relative = 1e-12);
            assert_relative_eq!(lee.expectation(), mean, max_relative = 1e-12);
            assert_relative_eq!(lee.variance().unwrap(), variance, max_relative = 1e-12);
            let test = lee.permutation(Permutations::all()).unwrap();
            let most = all.iter().filter(|&&a| a >= lee.l() - 1e-12).count();
            assert_eq!((test.arrangements(), test.at_least()), (720, most));
            assert_relative_eq!(test.mean(), mean, max_relative = 1e-11);
        }
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(true);
        let constant = Lee::of(&CRIME[..], &[1.0; 49][..], &w);
        assert!(matches!(constant, Err(Error::Constant { .. })));
        let short = Lee::of(&CRIME[..], &INC[..48], &w);
        assert!(matches!(short, Err(Error::LengthMismatch { .. })));
        let units = crate::data::Units::range(4);
        let all = (0..4).flat_map(|i| (0..4).map(move |j| (i, j)));
        let rest = all.filter(|(i, j)| i != j).map(|(i, j)| (i, j, 1.0));
        let complete = Weights::from_links_at(&units, rest).unwrap();
        let lee = Lee::of(&CRIME[..4], &INC[..4], &complete).unwrap();
        // the lag of a unit is the sum less the unit itself
        let r = lee.products().sum();
        assert_relative_eq!(lee.l(), r / 9.0, max_relative = 1e-12);
        assert!(matches!(lee.variance(), Err(Error::Unsupported { .. })));
        let islands = Weights::from_links_at(&units, [(0, 1, 1.0)]).unwrap();
        let lee = Lee::of(&CRIME[..4], &INC[..4], &islands);
        assert!(matches!(lee, Err(Error::Islands { .. })));
    }
}
