//! APLE, the approximate profile-likelihood estimator of the spatial parameter.

use std::fmt;

use super::deviations::Deviations;
use super::lanes::over_lags;
use super::show;
use crate::data::Variable;
use crate::error::{Error, Result};
use crate::inference::permutation::{Global, LANES};
use crate::inference::{Note, PermutationTest, Permutations, write_notes};
use crate::linalg::sparse::Csr;
use crate::text;
use crate::weights::Weights;

/// APLE: an estimate of the spatial parameter rho of z = rho W z + e in closed form.
///
/// APLE = z' ½ (W + W') z / z' (W'W + (tr(W²) / n) I) z, z = x - mean(x). It is one Newton step on the profile likelihood of rho
/// from rho = 0: close to the maximum-likelihood estimate where rho is not large, whereas Moran's I is only a test statistic
/// for rho = 0. Row-standardised weights are usual; the paper supposes real eigenvalues
/// ([`Weights::is_similar_to_symmetric`]), the Newton step does not.
///
/// # Example
///
/// ```
/// use spatialecon::{Aple, Units, Weights};
/// let pairs = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5")];
/// let w = Weights::from_pairs(&Units::range(6), pairs)?.row_standardized()?;
/// let aple = Aple::of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..], &w)?;
/// // z'Wz = 12.5, z'W'Wz = 9.5, tr(W²) = 3.5
/// assert!((aple.rho() - 12.5 / (9.5 + 3.5 / 6.0 * 17.5)).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Li, Calder and Cressie (2007), Geographical Analysis 39.
#[derive(Debug, Clone)]
#[doc(alias = "aple.mc")]
pub struct Aple {
    x: Deviations,
    weights: Weights,
    rho: f64,
}

impl Aple {
    /// APLE of a variable (length n, in the order of the weights).
    ///
    /// # Errors
    ///
    /// Those of [`Moran::of`](crate::Moran::of); [`Error::Unsupported`] where no two units are linked in both directions: tr(W²) is then
    /// zero, and with it the whole denominator where the values let W z vanish.
    pub fn of<'a>(x: impl Into<Variable<'a>>, w: &Weights) -> Result<Self> {
        let x = Deviations::of(&x.into(), w, "APLE")?;
        let own = mean_square(w);
        if own <= 0.0 {
            return Err(Error::Unsupported {
                what: format!("APLE of `{}`", x.name),
                why: "no two units are linked in both directions, so that tr(W²) is zero"
                    .to_owned(),
            });
        }
        let u = x.of_length_one();
        let lag = w.csr().product(u.view());
        Ok(Self {
            rho: u.dot(&lag) / (lag.dot(&lag) + own),
            weights: w.clone(),
            x,
        })
    }

    /// The estimate of rho.
    #[must_use]
    #[doc(alias = "aple")]
    pub fn rho(&self) -> f64 {
        self.rho
    }

    /// Number of units, islands included.
    #[must_use]
    pub fn n(&self) -> usize {
        self.x.z.len()
    }

    /// The test by permutations of the values over all units.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) where the number of permutations is zero;
    /// [`Error::Unsupported`](crate::Error::Unsupported) where all arrangements are asked for and there are more than 10^6.
    pub fn permutation(&self, permutations: Permutations) -> Result<PermutationTest> {
        let u = self.x.of_length_one();
        let own = mean_square(&self.weights);
        let rounding =
            self.x.tolerance() * self.x.largest() / self.x.sum_of_squares * self.n() as f64;
        PermutationTest::total(
            format!("APLE of `{}` by permutation", self.x.name),
            "rho is zero",
            &[u.as_slice().unwrap_or_default()],
            (self.rho, rounding * self.rho.abs().max(1.0)),
            &Statistic {
                w: self.weights.csr(),
                own,
            },
            permutations,
        )
    }

    /// What the reader of the result should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        show::islands(&self.weights)
    }
}

/// tr(W²) / n.
fn mean_square(w: &Weights) -> f64 {
    w.csr().traces_of_squares().0 / w.n() as f64
}

/// u'Wu / (u'W'Wu + own), u'u = 1.
struct Statistic<'a> {
    w: &'a Csr,
    own: f64,
}

impl Global for Statistic<'_> {
    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
        let ([u], [out]) = (vectors, out) else {
            return;
        };
        let [products, squares] = over_lags(
            self.w,
            [u],
            #[inline(always)]
            |i, [lag], l| [u[i][l] * lag, lag * lag],
        );
        for l in 0..LANES {
            out[l] = products[l] / (squares[l] + self.own);
        }
    }
}

impl fmt::Display for Aple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "APLE of `{}`: rho = {} (n = {})",
            self.x.name,
            text::significant(self.rho, 5),
            self.n()
        )?;
        write_notes(f, &self.notes())
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::arrangements::{arranged, directed, orders};
    use super::super::columbus::{CRIME, weights};
    use super::*;
    use crate::data::Units;
    use crate::inference::Alternative;

    // spatialreg 1.2-6: aple(scale(CRIME, scale = FALSE), nb2listw(col.gal.nb, style))
    #[test]
    fn estimates_agree_with_spatialreg() {
        for (standardized, rho) in [(true, 0.6493218056494958), (false, 0.13806394065472463)] {
            let aple = Aple::of(&CRIME[..], &weights(standardized)).unwrap();
            assert_relative_eq!(aple.rho(), rho, max_relative = 1e-12);
        }
    }

    #[test]
    fn permutations_are_all_arrangements() {
        let w = directed();
        let x = [3.0, 1.0, 4.0, 1.5, 9.0, -2.0];
        let all: Vec<f64> = orders(6)
            .iter()
            .map(|o| Aple::of(&arranged(&x, o), &w).unwrap().rho())
            .collect();
        let aple = Aple::of(&x[..], &w).unwrap();
        let test = aple.permutation(Permutations::all().keep_draws()).unwrap();
        let most = all.iter().filter(|&&a| a >= aple.rho() - 1e-12).count();
        assert_relative_eq!(
            test.p_value(Alternative::Greater),
            most as f64 / 720.0,
            max_relative = 1e-14
        );
        let sorted = |draws: &[f64]| {
            let mut draws = draws.to_vec();
            draws.sort_by(f64::total_cmp);
            draws
        };
        for (a, b) in sorted(test.draws().unwrap()).iter().zip(sorted(&all)) {
            assert_relative_eq!(*a, b, epsilon = 1e-12);
        }
    }

    #[test]
    fn what_is_not_defined_is_an_error() {
        let w = weights(true);
        let constant = Aple::of(&[1.0; 49][..], &w);
        assert!(matches!(constant, Err(Error::Constant { .. })));
        let own = Aple::of(&CRIME[..], &w.with_diagonal(1.0).unwrap());
        assert!(matches!(own, Err(Error::InvalidLink { .. })));
        // One link, to a unit at the mean: W z and tr(W²) are zero.
        let one = Weights::from_links(&Units::range(3), [("0", "1", 1.0)]).unwrap();
        let nothing = Aple::of(&[1.0, 2.0, 3.0][..], &one.islands_kept());
        assert!(matches!(nothing, Err(Error::Unsupported { .. })));
    }
}
