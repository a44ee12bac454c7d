//! Several matrices in one: sums, nested weights, products.

use super::links::check_row_sums;
use super::{Weights, check_links, check_positive};
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Pattern};

impl Weights {
    /// A linear combination Σ_k `a_k` `W_k` of matrices over the same units, with positive coefficients.
    ///
    /// The weights as they are now, after their transformations, are combined; the result is raw, and can be transformed in its turn.
    /// Parts of different scale (1/km and 1/yuan) have to be brought to one first: see [`nested`](Self::nested). What was decided about
    /// islands stands where it was decided for every part.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for no part; [`Error::UnitsDiffer`]; [`Error::InvalidOption`] for a coefficient that is not positive and
    /// finite; [`Error::InvalidLink`] where weights sum to infinity; [`Error::TooLarge`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::range(3);
    /// let near = Weights::from_pairs(&units, [("0", "1")])?.islands_kept();
    /// let trade = Weights::from_links(&units, [("0", "1", 2.0), ("0", "2", 4.0)])?.islands_kept();
    /// let w = Weights::combination(&[(1.0, &near), (0.5, &trade)])?;
    /// assert_eq!((w.weight(0, 1), w.weight(0, 2), w.weight(1, 0)), (2.0, 2.0, 1.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn combination(parts: &[(f64, &Self)]) -> Result<Self> {
        let Some(&(_, first)) = parts.first() else {
            return Err(Error::Unsupported {
                what: "a combination of no weights".to_owned(),
                why: "it has no units; give at least one matrix".to_owned(),
            });
        };
        for &(a, part) in parts {
            check_positive("coefficient", a)?;
            part.check_same_units(first)?;
        }
        let n = first.n();
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        let mut sum = vec![0.0_f64; n];
        let mut row: Vec<u32> = Vec::new();
        for i in 0..n {
            for &(a, part) in parts {
                for (j, w) in part.csr().row(i) {
                    if sum[j] == 0.0 {
                        row.push(j as u32);
                    }
                    sum[j] += a * w;
                }
            }
            row.sort_unstable();
            // a sum below the range of numbers was pushed more than once
            row.dedup();
            for j in row.drain(..) {
                let w = std::mem::take(&mut sum[j as usize]);
                if !(w > 0.0 && w.is_finite()) {
                    let problem =
                        format!("its weight would be {w}; use other units of measurement");
                    return Err(super::links::invalid(first.units(), i, j as usize, problem));
                }
                columns.push(j);
                weights.push(w);
            }
            check_links(columns.len())?;
            offsets.push(columns.len() as u32);
        }
        let terms: Vec<String> = parts
            .iter()
            .map(|(a, part)| format!("{a} × {}", part.description()))
            .collect();
        let csr = check_row_sums(
            first.units(),
            Csr::compact(Pattern { offsets, columns }, weights),
        )?;
        let sum = Self::from_csr(first.units().clone(), csr, terms.join(" + "));
        // an island of the sum is one of every part
        if parts.iter().all(|(_, part)| part.islands_decided()) {
            return Ok(sum.islands_kept());
        }
        Ok(sum)
    }

    /// Nested weights: `share` · G + (1 - `share`) · E with G and E divided by the largest moduli of their eigenvalues first, so that
    /// geographic and economic weights, say, are on one scale.
    ///
    /// The parts are scaled from their raw weights; `share` lies between 0 and 1. The result is raw. For parts on a scale of your own
    /// choice (row-standardised, say) take [`combination`](Self::combination); for the product form
    /// [`elementwise_product`](Self::elementwise_product) or [`gravity`](Self::gravity).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a share outside (0, 1); [`Error::UnitsDiffer`]; those of
    /// [`spectrally_normalized`](Self::spectrally_normalized).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::range(3);
    /// let near = Weights::from_pairs(&units, [("0", "1"), ("1", "2")])?;
    /// let alike = Weights::economic_distance(&units, &vec![10.0, 20.0, 40.0])?;
    /// let w = Weights::nested(&near, &alike, 0.5)?;
    /// assert!((w.weight(0, 1) - 0.5 * (0.5_f64.sqrt() + alike.spectrally_normalized()?.weight(0, 1))).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn nested(geographic: &Self, economic: &Self, share: f64) -> Result<Self> {
        if !(share > 0.0 && share < 1.0) {
            return Err(Error::InvalidOption {
                option: "share",
                value: share.to_string(),
                expected: "a number between 0 and 1, both excluded",
            });
        }
        geographic.check_same_units(economic)?;
        let (g, e) = (
            geographic.spectrally_normalized()?,
            economic.spectrally_normalized()?,
        );
        Self::combination(&[(share, &g), (1.0 - share, &e)])
    }

    /// The products of the weights of two matrices, `w_ij` `v_ij`, on the links that both have.
    ///
    /// The weights as they are now are multiplied; the result is raw. Units may become islands, to be decided about.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`]; [`Error::InvalidLink`] where a product leaves the range of numbers.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::range(3);
    /// let a = Weights::from_links(&units, [("0", "1", 3.0), ("1", "2", 1.0)])?;
    /// let b = Weights::from_links(&units, [("0", "1", 0.5), ("0", "2", 1.0)])?;
    /// let w = a.elementwise_product(&b)?;
    /// assert_eq!((w.links(), w.weight(0, 1)), (1, 1.5));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "Hadamard")]
    pub fn elementwise_product(&self, other: &Self) -> Result<Self> {
        self.check_same_units(other)?;
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for i in 0..self.n() {
            for (j, w) in self.csr().row(i) {
                let v = other.csr().get(i, j);
                if v > 0.0 {
                    columns.push(j as u32);
                    weights.push(w * v);
                }
            }
            offsets.push(columns.len() as u32);
        }
        let built = format!("{} times {}", self.description(), other.description());
        let csr = Csr::compact(Pattern { offsets, columns }, weights);
        let product = self.successor(csr, built.clone());
        product.reweighted(|_, _, w| w, built)
    }

    /// Nothing where both matrices are over the same units, in the same order.
    pub(super) fn check_same_units(&self, other: &Self) -> Result<()> {
        self.units()
            .check_same("the weights", other.units(), "the other weights")
    }

    /// How the matrix was built, and how it was transformed where it was.
    pub(super) fn description(&self) -> String {
        match self.transform() {
            super::Transform::Raw => self.built().to_owned(),
            transform => format!("{} ({transform})", self.built()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::test_data::{columbus, columbus_points};
    use super::*;
    use crate::data::Units;
    use approx::assert_relative_eq;

    #[test]
    fn sums_and_products_are_those_of_dense_matrices() {
        let c = columbus().row_standardized().unwrap();
        let points = columbus_points().relabelled(c.units()).unwrap();
        let k = Weights::k_nearest(&points, 4).unwrap();
        let sum = Weights::combination(&[(0.25, &c), (2.0, &k), (0.5, &c)]).unwrap();
        let product = c.elementwise_product(&k).unwrap();
        for i in 0..49 {
            for j in 0..49 {
                let expected = 0.25 * c.weight(i, j) + 2.0 * k.weight(i, j) + 0.5 * c.weight(i, j);
                assert_relative_eq!(sum.weight(i, j), expected, max_relative = 1e-15);
                assert_eq!(product.weight(i, j), c.weight(i, j) * k.weight(i, j));
            }
        }
        assert!(
            sum.built()
                .starts_with("0.25 × pairs (row-standardised) + 2 × 4 nearest"),
            "{}",
            sum.built()
        );
    }

    #[test]
    fn nested_weights_do_not_depend_on_units_of_measurement() {
        let c = columbus();
        let x: Vec<f64> = (0..49).map(|i| 10.0 + f64::from(i * i)).collect();
        let yuan: Vec<f64> = x.iter().map(|x| x * 1e4).collect();
        let of = |x: &Vec<f64>| {
            let e = Weights::economic_distance(c.units(), x).unwrap();
            Weights::nested(&c, &e, 0.3).unwrap()
        };
        let (a, b) = (of(&x), of(&yuan));
        for i in 0..49 {
            for (j, w) in a.neighbours(i) {
                assert_relative_eq!(w, b.weight(i, j), max_relative = 1e-12);
            }
        }
        for share in [0.0, 1.0, f64::NAN] {
            let e = Weights::nested(&c, &c, share).unwrap_err();
            assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        }
    }

    #[test]
    fn islands_are_decided_about_where_they_are_the_old_ones() {
        let units = Units::range(3);
        let open = Weights::from_pairs(&units, [("0", "1")]).unwrap();
        let kept = open.islands_kept();
        let whole = Weights::from_pairs(&units, [("0", "1"), ("1", "2")]).unwrap();
        let sum = |parts: &[(f64, &Weights)]| Weights::combination(parts).unwrap();
        assert!(sum(&[(1.0, &kept), (1.0, &kept)]).islands_decided());
        assert!(!sum(&[(1.0, &kept), (1.0, &open)]).islands_decided());
        let nested = Weights::nested(&kept, &kept, 0.5).unwrap();
        assert!(nested.row_standardized().is_ok());
        let product = |a: &Weights, b: &Weights| a.elementwise_product(b).unwrap();
        assert!(product(&kept, &whole).islands_decided());
        assert!(!product(&whole.islands_kept(), &kept).islands_decided());
        let points = crate::data::Points::planar([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)]).unwrap();
        let of = |w: &Weights, max: f64| {
            let decay = crate::weights::Decay::inverse(1.0).within(max);
            w.decay_on_links(&points, decay).unwrap()
        };
        assert!(of(&kept, 1.0).islands_decided());
        assert!(!of(&whole.islands_kept(), 1.0).islands_decided());
        let x = vec![1.0, 2.0, 4.0];
        assert!(kept.weighted_by_sender(&x).unwrap().islands_decided());
        assert!(
            kept.economic_distance_on_links(&x)
                .unwrap()
                .islands_decided()
        );
        assert!(
            !open
                .economic_distance_on_links(&x)
                .unwrap()
                .islands_decided()
        );
    }

    #[test]
    fn bad_parts() {
        let w = columbus();
        assert!(matches!(
            Weights::combination(&[]),
            Err(Error::Unsupported { .. })
        ));
        let e = Weights::combination(&[(-1.0, &w)]).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        let other = w.relabelled(&Units::range(49)).unwrap();
        let e = Weights::combination(&[(1.0, &w), (1.0, &other)]).unwrap_err();
        assert!(matches!(e, Error::UnitsDiffer { .. }), "{e}");
        let tiny = Weights::from_links_at(&Units::range(2), [(0, 1, 1e-200)]).unwrap();
        let e = tiny.elementwise_product(&tiny).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        let e = Weights::combination(&[(1e-200, &tiny), (1e-200, &tiny)]).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
    }
}
