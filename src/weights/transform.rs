//! Row, spectral and min-max transformation.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::perron::spectral_radius;
use super::{Inner, Transform, Weights};
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Values};

impl Weights {
    /// Each row divided by its sum: `w_ij` / Σ_k `w_ik`.
    ///
    /// A transformation always starts from the raw weights, so that transforming twice is the same as once. The rows of
    /// islands that were kept stay zero.
    ///
    /// # Errors
    ///
    /// [`Error::Islands`] where units have no neighbour and nothing was decided about them.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?.row_standardized()?;
    /// assert_eq!(w.weight(1, 0), 0.5);
    /// assert_eq!(w.raw().weight(1, 0), 1.0);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "nb2listw")]
    #[doc(alias = "style W")]
    #[doc(alias = "row_standardize")]
    pub fn row_standardized(&self) -> Result<Self> {
        let raw = self.raw();
        if !raw.0.islands_decided {
            let units = raw.islands();
            if !units.is_empty() {
                return Err(Error::Islands { units });
            }
        }
        let csr = raw.csr();
        let values = match &csr.values {
            Values::PerLink(w) => {
                let mut scaled = w.to_vec();
                for i in 0..csr.n() {
                    let row = &mut scaled[csr.pattern.range(i)];
                    let sum: f64 = row.iter().sum();
                    for w in row {
                        *w /= sum;
                    }
                }
                Values::PerLink(scaled.into())
            }
            _ => Values::InverseCount,
        };
        Ok(raw.transformed(values, Transform::Row))
    }

    /// All weights divided by the largest modulus of an eigenvalue of W, which then is 1.
    ///
    /// `w_ij` / max |ω|. One number divides all, so that relative distances stay (Kelejian and Prucha 2010). A transformation
    /// always starts from the raw weights. The eigenvalue is the Perron root of the non-negative W, by the Lanczos method
    /// where W is similar to a symmetric matrix, by a restarted Arnoldi method otherwise, to about 1e-13.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where every eigenvalue is zero (no cycle of links); [`Error::NotConverged`].
    ///
    /// # References
    ///
    /// Kelejian and Prucha (2010), Journal of Econometrics 157: 53-67.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// // the path of three units has the eigenvalues -√2, 0, √2
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?.spectrally_normalized()?;
    /// assert!((w.weight(0, 1) - 0.5_f64.sqrt()).abs() < 1e-14);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "spmatrix normalize(spectral)")]
    pub fn spectrally_normalized(&self) -> Result<Self> {
        let raw = self.raw();
        raw.divided_by(spectral_radius(raw)?, Transform::Spectral)
    }

    /// All weights divided by the smaller of the largest row sum and the largest column sum, a bound of the largest modulus
    /// of an eigenvalue.
    ///
    /// `w_ij` / min(max_i Σ_j `w_ij`, max_j Σ_i `w_ij`). A transformation always starts from the raw weights.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there is no link.
    ///
    /// # References
    ///
    /// Kelejian and Prucha (2010), Journal of Econometrics 157: 53-67.
    #[doc(alias = "style minmax")]
    pub fn min_max_normalized(&self) -> Result<Self> {
        let raw = self.raw();
        let largest = |sums: ndarray::Array1<f64>| sums.iter().copied().fold(0.0, f64::max);
        let (rows, columns) = (raw.csr().row_sums(), raw.csr().column_sums());
        raw.divided_by(largest(rows).min(largest(columns)), Transform::MinMax)
    }

    /// The transformation of another matrix applied to these weights.
    pub(super) fn transformed_like(&self, transform: Transform) -> Result<Self> {
        match transform {
            Transform::Raw => Ok(self.clone()),
            Transform::Row => self.row_standardized(),
            Transform::Spectral => self.spectrally_normalized(),
            Transform::MinMax => self.min_max_normalized(),
        }
    }

    fn divided_by(&self, by: f64, transform: Transform) -> Result<Self> {
        if by <= 0.0 {
            return Err(Error::Unsupported {
                what: format!("{transform} weights"),
                why: "the number to divide by is zero: there is no link, or no cycle of links"
                    .to_owned(),
            });
        }
        let csr = self.csr();
        let values = match &csr.values {
            Values::One => Values::PerRow(vec![1.0 / by; csr.n()].into()),
            Values::PerRow(w) => Values::PerRow(w.iter().map(|w| w / by).collect()),
            Values::PerLink(w) => Values::PerLink(w.iter().map(|w| w / by).collect()),
            Values::InverseCount => Values::PerRow(
                (0..csr.n())
                    .map(|i| 1.0 / (csr.pattern.row(i).len().max(1) as f64 * by))
                    .collect(),
            ),
        };
        Ok(self.transformed(values, transform))
    }

    fn transformed(&self, values: Values, transform: Transform) -> Self {
        let csr = Csr {
            pattern: Arc::clone(&self.csr().pattern),
            values,
        };
        Self(Arc::new(Inner {
            units: self.units().clone(),
            csr,
            transform,
            built: self.built().to_owned(),
            raw: Some(self.clone()),
            islands_decided: self.0.islands_decided,
            symmetric: OnceLock::new(),
            symmetrizer: OnceLock::new(),
            jacobian: OnceLock::new(),
        }))
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "raw",
            Self::Row => "row-standardised",
            Self::Spectral => "spectrally normalised",
            Self::MinMax => "min-max normalised",
        })
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, clippy::excessive_precision)]
mod tests {
    use super::super::test_data::{CRIME, columbus};
    use super::*;
    use crate::data::Units;
    use approx::assert_relative_eq;

    // spdep 1.2-7: lag.listw(nb2listw(col.gal.nb), CRIME), first, middle and last values
    #[test]
    fn lag_of_crime() {
        let w = columbus().row_standardized().unwrap();
        assert!(matches!(w.csr().values, Values::InverseCount));
        let lag = w.lag(&CRIME[..]).unwrap();
        assert_relative_eq!(lag[0], 24.714_267_499_999_998, max_relative = 1e-14);
        assert_relative_eq!(lag[24], 47.268_279_857_142_851, max_relative = 1e-14);
        assert_relative_eq!(lag[48], 27.212_005_666_666_663, max_relative = 1e-14);
    }

    #[test]
    fn spectral_radius_of_columbus() {
        let w = columbus().spectrally_normalized().unwrap();
        assert_relative_eq!(
            w.weight(0, 1),
            1.0 / 5.979_482_987_526_077_8,
            max_relative = 1e-13
        );
    }

    #[test]
    fn transformations_start_from_the_raw_weights() {
        let w = columbus();
        let once = w.min_max_normalized().unwrap();
        let twice = w.row_standardized().unwrap().min_max_normalized().unwrap();
        assert_eq!(once.csr(), twice.csr());
        assert_eq!(once.weight(0, 1), 0.1);
        assert_eq!(twice.raw().csr(), w.csr());
    }

    #[test]
    fn unequal_weights_are_divided_by_their_sum() {
        let links = [
            (0, 1, 1.0),
            (0, 2, 3.0),
            (1, 0, 5.0),
            (2, 0, 1.0),
            (2, 1, 1.0),
        ];
        let w = Weights::from_links_at(&Units::range(3), links).unwrap();
        let row = w.row_standardized().unwrap();
        assert_eq!(
            (row.weight(0, 1), row.weight(0, 2), row.weight(1, 0)),
            (0.25, 0.75, 1.0)
        );
        assert_eq!(row.row_sums().to_vec(), [1.0; 3]);
        // row sums 4, 5, 2 and column sums 6, 2, 3
        assert_eq!(w.min_max_normalized().unwrap().weight(1, 0), 1.0);
    }

    #[test]
    fn zero_matrices_and_islands() {
        let w = Weights::from_links_at(&Units::range(3), [(0, 1, 1.0)]).unwrap();
        assert!(
            matches!(w.row_standardized(), Err(Error::Islands { units }) if units == ["1", "2"])
        );
        let kept = w.islands_kept().row_standardized().unwrap();
        assert_eq!(kept.row_sums().to_vec(), [1.0, 0.0, 0.0]);
        assert!(matches!(
            w.spectrally_normalized(),
            Err(Error::Unsupported { .. })
        ));
        let none = Weights::from_links_at(&Units::range(3), []).unwrap();
        assert!(matches!(
            none.min_max_normalized(),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            none.spectrally_normalized(),
            Err(Error::Unsupported { .. })
        ));
    }
}
