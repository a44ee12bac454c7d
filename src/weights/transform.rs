//! Transformations of weights: by row, by one number, to stabilise variances, by both margins.

use std::fmt;
use std::sync::Arc;

use ndarray::Array1;

use super::perron::spectral_radius;
use super::{Derived, Inner, Weights};
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Values};

/// How the weights were transformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transform {
    /// As they were built.
    Raw,
    /// Every link weighs 1 (style B).
    Binary,
    /// Each row divided by its sum (style W, R).
    Row,
    /// All multiplied by one number, so that they sum to the number of units with neighbours (style C).
    Global,
    /// All divided by their sum, so that they sum to 1 (style U; libpysal's D).
    Unit,
    /// Each row divided by the root of its sum of squares, then all multiplied by one number (style S, V).
    VarianceStabilizing,
    /// Rows and columns multiplied so that each of them sums to 1.
    Doubly,
    /// All divided by the largest modulus of an eigenvalue.
    Spectral,
    /// All divided by the smaller of the largest row sum and the largest column sum.
    MinMax,
}

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
        raw.check_islands_decided()?;
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

    /// Every link with the weight 1.
    ///
    /// A transformation always starts from the raw weights, so that row-standardising the result standardises those and not the
    /// ones; [`links_only`](Self::links_only) forgets the weights instead.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_links(&Units::range(2), [("0", "1", 2.5), ("1", "0", 0.5)])?.binary();
    /// assert_eq!((w.weight(0, 1), w.weight(1, 0)), (1.0, 1.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "style B")]
    #[must_use]
    pub fn binary(&self) -> Self {
        self.raw().transformed(Values::One, Transform::Binary)
    }

    /// The same links as raw weights of 1, whatever they weighed: the weights are forgotten.
    ///
    /// For files of distances, and for neighbours by a decay or kernel, of which the links are wanted. [`binary`](Self::binary) keeps the
    /// weights behind it, and another transformation starts from them.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let distances = Weights::from_links(&Units::range(3), [("0", "1", 9.0), ("0", "2", 1.0)])?.islands_kept();
    /// assert_eq!(distances.links_only().row_standardized()?.weight(0, 1), 0.5);
    /// assert_eq!(distances.binary().row_standardized()?.weight(0, 1), 0.9);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[must_use]
    pub fn links_only(&self) -> Self {
        let csr = Csr {
            pattern: Arc::clone(&self.csr().pattern),
            values: Values::One,
        };
        self.successor(csr, format!("links of {}", self.built()))
    }

    /// All weights multiplied by n' / S0, so that they sum to n', the number of units that have neighbours, and the mean of
    /// their row sums is 1.
    ///
    /// A transformation always starts from the raw weights.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there is no link.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?.globally_standardized()?;
    /// assert_eq!((w.weight(0, 1), w.constants().s0), (0.75, 3.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "style C")]
    pub fn globally_standardized(&self) -> Result<Self> {
        let raw = self.raw();
        let with_neighbours = (raw.n() - raw.island_positions().len()) as f64;
        raw.divided_by(raw.constants().s0 / with_neighbours, Transform::Global)
    }

    /// All weights divided by their sum S0, so that they sum to 1.
    ///
    /// A transformation always starts from the raw weights.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there is no link.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?.unit_sum()?;
    /// assert_eq!((w.weight(0, 1), w.constants().s0), (0.25, 1.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "style U")]
    #[doc(alias = "transform D")]
    pub fn unit_sum(&self) -> Result<Self> {
        let raw = self.raw();
        raw.divided_by(raw.constants().s0, Transform::Unit)
    }

    /// The variance-stabilising coding scheme: `w_ij` / q_i · n' / Q with q_i = √(Σ_k `w_ik`²), Q = Σ_ij `w_ij` / q_i, and n' the
    /// number of units that have neighbours, so that the weights sum to n'.
    ///
    /// It evens out the variances of local statistics, which row-standardising makes large where there are few neighbours and raw
    /// weights where there are many. A transformation always starts from the raw weights.
    ///
    /// # Errors
    ///
    /// [`Error::Islands`] where units have no neighbour and nothing was decided about them; [`Error::Unsupported`] where there is no
    /// link.
    ///
    /// # References
    ///
    /// Tiefelsdorf, Griffith and Boots (1999), Environment and Planning A 31: 165-180.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?.variance_stabilized()?;
    /// // q = 1, √2, 1 and Q = 1 + 2/√2 + 1
    /// assert!((w.weight(0, 1) - 3.0 / (2.0 + 2.0_f64.sqrt())).abs() < 1e-15);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "style S")]
    #[doc(alias = "transform V")]
    pub fn variance_stabilized(&self) -> Result<Self> {
        let raw = self.raw();
        raw.check_islands_decided()?;
        let csr = raw.csr();
        let q: Array1<f64> = (0..csr.n())
            .map(|i| {
                // squares of the weights themselves may leave the range of numbers
                let largest = csr.row(i).map(|(_, w)| w).fold(0.0, f64::max);
                let squares = csr.row(i).map(|(_, w)| (w / largest).powi(2));
                largest * squares.sum::<f64>().sqrt()
            })
            .collect();
        let by_row = raw.rows_divided_by(&q);
        let sum = (0..csr.n())
            .map(|i| {
                csr.pattern
                    .range(i)
                    .map(|k| by_row.value(i, k))
                    .sum::<f64>()
            })
            .sum::<f64>();
        let with_neighbours = (raw.n() - raw.island_positions().len()) as f64;
        let values = by_row.divided_by(checked_divisor(
            sum / with_neighbours,
            Transform::VarianceStabilizing,
        )?);
        Ok(raw.transformed(values, Transform::VarianceStabilizing))
    }

    /// Rows and columns multiplied so that every row and every column sums to 1: `r_i w_ij c_j`, a doubly stochastic matrix.
    ///
    /// Found by iterative proportional fitting; of symmetric weights the result is symmetric. It exists where every link is part of a
    /// set of links that leaves and enters each unit exactly once (total support); many maps have links that are not: two units
    /// whose only neighbour is the same third one cannot both give it a weight of 1. Sums are 1 to 1e-10, after at most 20,000 sweeps over the links. The rows and columns of islands that were kept stay zero. A transformation
    /// always starts from the raw weights.
    ///
    /// # Errors
    ///
    /// [`Error::Islands`] where units have no neighbour and nothing was decided about them; [`Error::Unsupported`] where no such
    /// multipliers exist.
    ///
    /// # References
    ///
    /// Sinkhorn and Knopp (1967), Pacific Journal of Mathematics 21: 343-348.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let ring = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "0"), ("0", "2")];
    /// let w = Weights::from_pairs(&Units::range(5), ring)?.doubly_standardized()?;
    /// assert!(w.row_sums().iter().all(|s| (s - 1.0).abs() < 1e-9));
    /// assert!(w.is_symmetric());
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "doubly stochastic")]
    #[doc(alias = "Sinkhorn")]
    pub fn doubly_standardized(&self) -> Result<Self> {
        let raw = self.raw();
        raw.check_islands_decided()?;
        let csr = raw.csr();
        let (rows, columns) = balanced(csr, raw.is_symmetric())?;
        let values = (0..csr.n())
            .flat_map(|i| csr.row(i).map(move |(j, w)| (i, j, w)))
            .map(|(i, j, w)| rows[i] * w * columns[j])
            .collect();
        Ok(raw.transformed(Values::PerLink(values), Transform::Doubly))
    }

    /// The transformation of another matrix applied to these weights.
    pub(crate) fn transformed_like(&self, transform: Transform) -> Result<Self> {
        match transform {
            Transform::Raw => Ok(self.clone()),
            Transform::Binary => Ok(self.binary()),
            Transform::Row => self.row_standardized(),
            Transform::Global => self.globally_standardized(),
            Transform::Unit => self.unit_sum(),
            Transform::VarianceStabilizing => self.variance_stabilized(),
            Transform::Doubly => self.doubly_standardized(),
            Transform::Spectral => self.spectrally_normalized(),
            Transform::MinMax => self.min_max_normalized(),
        }
    }

    fn divided_by(&self, by: f64, transform: Transform) -> Result<Self> {
        let values = self.csr().divided_by(checked_divisor(by, transform)?);
        Ok(self.transformed(values, transform))
    }

    /// Row i divided by `by[i]`; empty rows are left.
    fn rows_divided_by(&self, by: &Array1<f64>) -> Csr {
        let csr = self.csr();
        let values = match &csr.values {
            Values::PerLink(w) => {
                let mut scaled = w.to_vec();
                for i in 0..csr.n() {
                    for w in &mut scaled[csr.pattern.range(i)] {
                        *w /= by[i];
                    }
                }
                Values::PerLink(scaled.into())
            }
            _ => Values::PerRow(
                (0..csr.n())
                    .map(|i| {
                        let range = csr.pattern.range(i);
                        if range.is_empty() {
                            0.0
                        } else {
                            csr.value(i, range.start) / by[i]
                        }
                    })
                    .collect(),
            ),
        };
        Csr {
            pattern: Arc::clone(&csr.pattern),
            values,
        }
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
            derived: Derived::default(),
        }))
    }
}

/// The number to divide by, where it is one.
fn checked_divisor(by: f64, transform: Transform) -> Result<f64> {
    if by > 0.0 && by.is_finite() {
        return Ok(by);
    }
    let why = if by == f64::INFINITY {
        "the weights sum to infinity; use another unit of measurement"
    } else {
        "the number to divide by is zero: there is no link, or no cycle of links"
    };
    Err(Error::Unsupported {
        what: format!("{transform} weights"),
        why: why.to_owned(),
    })
}

/// Multipliers of rows and columns that make both sum to 1, by turns (Sinkhorn and Knopp 1967).
fn balanced(csr: &Csr, symmetric: bool) -> Result<(Array1<f64>, Array1<f64>)> {
    const SWEEPS: usize = 20_000;
    const TOLERANCE: f64 = 1e-12;
    /// Sums are settled to this where the last digits of the multipliers no longer move.
    const SETTLED: f64 = 1e-10;
    let inverse = |sums: Array1<f64>| sums.mapv(|s| if s > 0.0 { 1.0 / s } else { 0.0 });
    let mut columns = Array1::<f64>::ones(csr.n());
    let mut rows = inverse(csr.product(columns.view()));
    let mut off = f64::INFINITY;
    for sweep in 0..SWEEPS {
        columns = inverse(csr.transposed_product(rows.view()));
        let sums = csr.product(columns.view());
        let before = off;
        off = (sums.iter().zip(&rows))
            .filter(|(s, _)| **s > 0.0)
            .fold(0.0_f64, |m, (s, r)| m.max((s * r - 1.0).abs()));
        let still = off <= SETTLED && off >= before;
        if !(rows.iter().chain(&columns)).all(|x| x.is_finite()) {
            off = f64::INFINITY;
            break;
        }
        if off <= TOLERANCE || still {
            if symmetric {
                let both = (&rows * &columns).mapv(f64::sqrt);
                return Ok((both.clone(), both));
            }
            return Ok((rows, columns));
        }
        if !off.is_finite() || (sweep == SWEEPS / 10 && off > 0.1) {
            break;
        }
        rows = inverse(sums);
    }
    Err(Error::Unsupported {
        what: "doubly standardised weights".to_owned(),
        why: format!(
            "no multipliers of rows and columns were found that make both sum to 1 ({}): some units have too few neighbours \
             between them, as two units have whose only neighbour is the same third one; add links, or take another \
             transformation",
            if off.is_finite() {
                format!("sums are off by {off:.1e} still")
            } else {
                "they grow without bound".to_owned()
            }
        ),
    })
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "raw",
            Self::Binary => "binary",
            Self::Row => "row-standardised",
            Self::Global => "globally standardised",
            Self::Unit => "divided by their sum",
            Self::VarianceStabilizing => "variance-stabilising",
            Self::Doubly => "doubly standardised",
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
    fn weights_at_the_ends_of_the_range_of_numbers() {
        let units = Units::range(3);
        let of = |by: f64| {
            let links = [(0, 1, 3.0 * by), (0, 2, 4.0 * by), (1, 0, by), (2, 0, by)];
            Weights::from_links_at(&units, links).unwrap()
        };
        let usual = of(1.0).variance_stabilized().unwrap();
        for by in [0.5_f64.powi(1000), 2.0_f64.powi(1000)] {
            let w = of(by).variance_stabilized().unwrap();
            assert_eq!(w.csr(), usual.csr(), "{by:e}");
        }
        // finite rows that sum to infinity
        let w = of(2.0_f64.powi(1021));
        for e in [w.unit_sum(), w.globally_standardized()] {
            let e = e.unwrap_err();
            assert!(e.to_string().contains("infinity"), "{e}");
        }
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

    // spdep 1.2-7, nb2listw(col.gal.nb, style = ...): first weight, S0, S1, S2
    #[test]
    fn coding_schemes_of_columbus() {
        let w = columbus();
        for (styled, first, s0, s1, s2) in [
            (
                w.globally_standardized().unwrap(),
                0.213_043_478_260_869_56,
                49.0,
                20.878_260_869_565_292,
                229.116_219_281_663_43,
            ),
            (
                w.unit_sum().unwrap(),
                0.004_347_826_086_956_522,
                1.0,
                0.008_695_652_173_913_08,
                0.095_425_330_812_854_45,
            ),
            (
                w.variance_stabilized().unwrap(),
                0.333_544_971_109_835_1,
                49.0,
                21.444_684_579_581_605,
                213.188_631_977_091_97,
            ),
        ] {
            let c = styled.constants();
            assert_relative_eq!(styled.weight(0, 1), first, max_relative = 1e-13);
            assert_relative_eq!(c.s0, s0, max_relative = 1e-12);
            assert_relative_eq!(c.s1, s1, max_relative = 1e-12);
            assert_relative_eq!(c.s2, s2, max_relative = 1e-12);
            assert!(matches!(styled.csr().values, Values::PerRow(_)));
        }
    }

    #[test]
    fn both_margins() {
        let links = [
            (0, 1, 1.0),
            (1, 2, 3.0),
            (2, 0, 5.0),
            (0, 2, 1.0),
            (1, 0, 1.0),
            (2, 1, 0.1),
        ];
        let w = Weights::from_links_at(&Units::range(4), links).unwrap();
        assert!(matches!(
            w.doubly_standardized(),
            Err(Error::Islands { .. })
        ));
        let w = w.islands_kept().doubly_standardized().unwrap();
        for (sums, axis) in [(w.row_sums(), "rows"), (w.csr().column_sums(), "columns")] {
            for (i, s) in sums.iter().enumerate() {
                let expected = if i == 3 { 0.0 } else { 1.0 };
                assert!((s - expected).abs() < 1e-10, "{axis} {i}: {s}");
            }
        }
        // the leaves of a star cannot all give the middle a weight of 1
        let star = [(0, 1), (0, 2), (0, 3)].map(|(a, b)| (a.to_string(), b.to_string()));
        let star = Weights::from_pairs(&Units::range(4), star).unwrap();
        assert!(matches!(
            star.doubly_standardized(),
            Err(Error::Unsupported { .. })
        ));
    }

    #[test]
    fn binary_forgets_the_weights_and_row_standardising_recalls_them() {
        let w = Weights::from_links_at(&Units::range(3), [(0, 1, 1.0), (0, 2, 3.0)]).unwrap();
        assert_eq!(w.binary().weight(0, 2), 1.0);
        let row = w.binary().islands_kept().row_standardized().unwrap();
        assert_eq!(row.weight(0, 2), 0.75);
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

    // decays leave weights whose squares are beyond the range of numbers
    #[test]
    fn tiny_and_huge_weights() {
        for scale in [1e-300, 1e-170, 1.0, 1e170] {
            let links = [(0, 1, scale), (1, 0, scale), (1, 2, scale), (2, 1, scale)];
            let w = Weights::from_links_at(&Units::range(3), links).unwrap();
            let stable = w.variance_stabilized().unwrap();
            assert_relative_eq!(
                stable.weight(0, 1),
                3.0 / (2.0 + 2.0_f64.sqrt()),
                max_relative = 1e-14
            );
        }
        let w = Weights::from_links_at(&Units::range(2), [(0, 1, 1e-320), (1, 0, 1.0)]).unwrap();
        let doubly = w.doubly_standardized();
        assert!(doubly.is_err_and(|e| e.to_string().contains("without bound")));
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
