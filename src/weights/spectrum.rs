//! Eigenvalues and the Jacobian term ln|I - rho W| of a weight matrix, computed once and shared by clones.

use std::sync::Arc;

use ndarray::Array1;

use super::Weights;
use super::ends::{MOST_RESTARTS, asymmetric_ends};
use crate::error::{Error, Result};
use crate::linalg::factor::{Factor, Resolvent};
use crate::linalg::lanczos;
use crate::linalg::logdet::{
    Approximation, DENSE_LIMIT, Jacobian, LogDeterminant, SMALLEST_END, interval,
};
use crate::linalg::moments::Moments;

/// So many values of rho get a factorisation each.
const FEW_VALUES: usize = 6;

impl Weights {
    /// The eigenvalues of W as (real, imaginary) pairs, for at most 1,000 units; real ones where W is similar to a symmetric matrix.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`].
    #[doc(alias = "eigenw")]
    pub fn eigenvalues(&self) -> Result<Vec<(f64, f64)>> {
        Ok(self.spectrum()?.to_vec())
    }

    /// Whether W is similar to a symmetric matrix: D^(1/2) W D^(-1/2) is symmetric for some diagonal D > 0.
    ///
    /// So are symmetric weights, and row-standardised symmetric ones. The eigenvalues are real then, and are found faster.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let path = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?.row_standardized()?;
    /// assert!(path.is_similar_to_symmetric() && !path.is_symmetric());
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Ord (1975), Journal of the American Statistical Association 70: 120-126.
    #[doc(alias = "can.be.simmed")]
    #[doc(alias = "similar.listw")]
    #[must_use]
    pub fn is_similar_to_symmetric(&self) -> bool {
        self.symmetrizer().is_some()
    }

    /// The smallest and the largest real eigenvalue of W.
    ///
    /// Up to 1,000 units from all [`eigenvalues`](Self::eigenvalues); where W is not similar to a symmetric matrix, those with an imaginary part of up to
    /// 1e-6 of the largest modulus count as real, and multiple ones are known to fewer digits. Above, for W similar to a symmetric
    /// matrix, by at most 300 steps of the Lanczos method: to about 1e-9 of the larger modulus where the ends of the spectrum
    /// stand apart, to about 5e-5 of it on maps of a million units and 1e-4 on chains of thousands, where they are dense; never beyond
    /// the true ones. The largest one is exact where all row sums are equal. Other W of more than 1,000 units by the Arnoldi method with 20 to 40
    /// vectors, restarted, on their strongly connected components: the smallest one until it moves by less than 1e-6 of the largest. Zero
    /// and zero without units or links.
    ///
    /// # Errors
    ///
    /// [`Error::NotConverged`] for more than 1,000 units where W is not similar to a symmetric matrix and the smallest real eigenvalue is nearer
    /// to zero than a tenth of the largest, or complex ones crowd it.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Lattice, Weights};
    /// let w = Weights::lattice(Lattice::rook(1, 2))?;
    /// let (low, high) = w.extreme_eigenvalues()?;
    /// assert!((low + 1.0).abs() < 1e-14 && (high - 1.0).abs() < 1e-14);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "eigenw")]
    #[doc(alias = "lextrW")]
    pub fn extreme_eigenvalues(&self) -> Result<(f64, f64)> {
        let (low, high) = self.real_ends()?;
        let low = low.ok_or(Error::NotConverged {
            what: "the smallest real eigenvalue of weights that are not similar to symmetric ones",
            iterations: MOST_RESTARTS,
        })?;
        Ok((low, high))
    }

    /// The smallest, where it is found, and the largest real eigenvalue.
    fn real_ends(&self) -> Result<(Option<f64>, f64)> {
        if let Some(known) = self.0.derived.extremes.get() {
            return Ok(*known);
        }
        let known = |(low, high)| (Some(low), high);
        let fresh = if self.n() <= DENSE_LIMIT {
            known(real_extremes(self.spectrum()?))
        } else if let Some(d) = self.symmetrizer() {
            known(lanczos::extreme_eigenvalues(self.csr(), d, lanczos::FINE))
        } else {
            asymmetric_ends(self.csr())?
        };
        Ok(*self.0.derived.extremes.get_or_init(|| fresh))
    }

    /// The open interval of rho round zero in which I - rho W is invertible, (1 / omega_min, 1 / omega_max) over the real eigenvalues
    /// (of an asymmetric W those of at least a tenth of the spectral radius, else one over that radius).
    ///
    /// Above 1,000 units the end on the other side of the largest eigenvalue is good to about 5e-4 on maps of a million units, and
    /// exact where all links cross between two sets of units and all row sums are equal; where W is asymmetric and
    /// its smallest real eigenvalue is not found, it is minus the end at the largest.
    ///
    /// # Errors
    ///
    /// [`Error::NotConverged`].
    pub fn admissible_interval(&self) -> Result<(f64, f64)> {
        if self.n() <= DENSE_LIMIT {
            return Ok(self.jacobian()?.interval);
        }
        let (low, high) = if let Some(d) = self.symmetrizer() {
            lanczos::extreme_eigenvalues(self.csr(), d, lanczos::INTERVAL)
        } else {
            let (low, high) = self.real_ends()?;
            let far = |low: &f64| *low < -SMALLEST_END * high;
            (low.filter(far).unwrap_or(-high), high)
        };
        Ok(interval((low, high)))
    }

    /// ln|I - rho W|, by eigenvalues up to 1,000 units and by a sparse factorisation above.
    ///
    /// # Errors
    ///
    /// [`Error::Singular`] at an eigenvalue, and outside the admissible interval where a Cholesky factorisation is used.
    pub fn ln_determinant(&self, rho: f64) -> Result<f64> {
        self.jacobian()?.ln_det(rho)
    }

    /// ln|I - rho W| for many values of rho.
    ///
    /// Up to 1,000 units from the eigenvalues. Above, where there are more than a few values, read from an interpolant of exact sparse
    /// factorisations between the smallest and the largest rho, in a scale in which both ends of the admissible interval are smooth:
    /// factorisations are added until neither of the last two, which lie where the interpolant before was worst, was farther from it than 1e-8 or 1e-12 of
    /// ln|I - rho W|, some 10 to 25 on maps.
    ///
    /// # Errors
    ///
    /// [`Error::Singular`] for a rho outside the [`admissible_interval`](Self::admissible_interval); [`Error::NotConverged`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Lattice, Weights};
    /// let w = Weights::lattice(Lattice::rook(40, 40))?.row_standardized()?;
    /// let rho: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.019).collect();
    /// let all = w.ln_determinants(&rho)?;
    /// assert!((all[30] - w.ln_determinant(rho[30])?).abs() < 1e-8);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn ln_determinants(&self, rho: &[f64]) -> Result<Array1<f64>> {
        let jacobian = self.jacobian()?;
        rho.iter().try_for_each(|r| jacobian.check_inside(*r))?;
        if jacobian.is_exact_spectrum() || rho.len() <= FEW_VALUES {
            return rho.iter().map(|r| jacobian.ln_det(*r)).collect();
        }
        self.jacobian_with_start()?;
        let (low, high) = (rho.iter()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), r| {
            (l.min(*r), h.max(*r))
        });
        let largest = jacobian.ln_det(high)?.abs();
        let curve = jacobian.over(low, high, 1e-8_f64.max(1e-12 * largest))?;
        Ok(rho.iter().map(|r| curve.inside(*r).0).collect())
    }

    /// ln|I - rho W| by the method named; see [`ln_determinant_and_error`](Self::ln_determinant_and_error) for the error of an approximation.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] for eigenvalues of more than 1,000 units, and for a factor that does not fit in memory; [`Error::Unsupported`] for a Cholesky
    /// factorisation or a Chebyshev approximation where W is not similar to a symmetric matrix; [`Error::InvalidOption`] for an order, probes
    /// or a degree out of range; [`Error::Singular`].
    pub fn ln_determinant_by(&self, method: LogDeterminant, rho: f64) -> Result<f64> {
        self.jacobian_by(method)?.ln_det(rho)
    }

    /// ln|I - rho W| by the method named, and its error: zero for exact methods, a bound for the Chebyshev approximation, a standard error and what
    /// is left out for the stochastic one.
    ///
    /// # Errors
    ///
    /// Those of [`ln_determinant_by`](Self::ln_determinant_by).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Lattice, LogDeterminant, Weights};
    /// let w = Weights::lattice(Lattice::queen(30, 30))?.row_standardized()?;
    /// let exact = w.ln_determinant(0.5)?;
    /// let (value, bound) = w.ln_determinant_and_error(LogDeterminant::Chebyshev { order: 12 }, 0.5)?;
    /// assert!((value - exact).abs() <= bound && bound < 1e-3);
    /// let by_probes = LogDeterminant::Stochastic { probes: 30, degree: 40, seed: 1 };
    /// let (value, error) = w.ln_determinant_and_error(by_probes, 0.5)?;
    /// assert!((value - exact).abs() < 4.0 * error);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn ln_determinant_and_error(&self, method: LogDeterminant, rho: f64) -> Result<(f64, f64)> {
        let jacobian = self.jacobian_by(method)?;
        Ok((jacobian.ln_det(rho)?, jacobian.error(rho)))
    }

    /// ln|I - rho W| as a function, by the method named, ready for a search.
    pub(crate) fn jacobian_by(&self, method: LogDeterminant) -> Result<Arc<Jacobian>> {
        let symmetrizer = || {
            self.symmetrizer().ok_or_else(|| Error::Unsupported {
                what: format!("{method} of I - rho W"),
                why: "W is not similar to a symmetric matrix; take `LogDeterminant::Lu` or `LogDeterminant::Stochastic`"
                    .to_owned(),
            })
        };
        let within = |option: &'static str, value: usize, (low, high): (usize, usize), expected| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Error::InvalidOption {
                option,
                value: value.to_string(),
                expected,
            })
        };
        let by_factors = |symmetrizer| -> Result<Arc<Jacobian>> {
            let interval = self.admissible_interval()?;
            let jacobian = Jacobian::by_factors(self.csr(), symmetrizer, interval)?;
            jacobian.start(self.csr(), symmetrizer);
            Ok(Arc::new(jacobian))
        };
        match method {
            LogDeterminant::Eigenvalues => {
                self.spectrum()?;
                self.jacobian().map(Arc::clone)
            }
            LogDeterminant::Lu => by_factors(None),
            LogDeterminant::Cholesky => by_factors(Some(symmetrizer()?)),
            LogDeterminant::Chebyshev { order } => {
                symmetrizer()?;
                within("order", order, (1, 20), "an order from 1 to 20")?;
                let interval = self.admissible_interval()?;
                let approximation = Approximation::Chebyshev {
                    traces: self.traces(order)?,
                    n: self.n(),
                    scale: interval.1.min(-interval.0),
                    order,
                };
                Ok(Arc::new(Jacobian::by_approximation(
                    approximation,
                    method,
                    interval,
                )))
            }
            LogDeterminant::Stochastic {
                probes,
                degree,
                seed,
            } => {
                within("probes", probes, (2, 10_000), "from 2 to 10,000 probes")?;
                within("degree", degree, (2, 10_000), "a degree from 2 to 10,000")?;
                let interval = self.admissible_interval()?;
                let ends = (1.0 / interval.0, 1.0 / interval.1);
                let w = self.csr();
                let moments = match self.symmetrizer() {
                    Some(d) => Moments::within(w, d, ends, probes, degree, seed),
                    None => Moments::of_powers(w, interval.1, probes, degree, seed),
                };
                // The powers converge below one over the spectral radius only.
                let interval = moments.interval();
                Ok(Arc::new(Jacobian::by_approximation(
                    Approximation::Stochastic(moments),
                    method,
                    interval,
                )))
            }
        }
    }

    pub(super) fn spectrum(&self) -> Result<&[(f64, f64)]> {
        self.jacobian()?.eigenvalues().ok_or(Error::TooLarge {
            what: "a computation with eigenvalues",
            n: self.n(),
            limit: DENSE_LIMIT,
            instead: "take a sparse factorisation",
        })
    }

    /// ln|I - rho W| as a function, by eigenvalues up to 1,000 units and by sparse factorisations above.
    pub(crate) fn jacobian(&self) -> Result<&Arc<Jacobian>> {
        if let Some(known) = self.0.derived.jacobian.get() {
            return Ok(known);
        }
        let (csr, symmetrizer) = (self.csr(), self.symmetrizer());
        let fresh = Arc::new(if self.n() <= DENSE_LIMIT {
            Jacobian::by_eigenvalues(csr, symmetrizer)?
        } else {
            Jacobian::by_factors(csr, symmetrizer, self.admissible_interval()?)?
        });
        Ok(self.0.derived.jacobian.get_or_init(|| fresh))
    }

    /// The same, with the start of a search for rho.
    pub(crate) fn jacobian_with_start(&self) -> Result<&Arc<Jacobian>> {
        let jacobian = self.jacobian()?;
        jacobian.start(self.csr(), self.symmetrizer());
        Ok(jacobian)
    }

    /// Hands a sparse factor of I - rho W to whoever needs solves with it; the analysis is shared where the Jacobian term has one.
    pub(crate) fn with_factor<T>(
        &self,
        rho: f64,
        then: impl FnOnce(&Factor<'_>) -> Result<T>,
    ) -> Result<T> {
        match self.jacobian()?.resolvent() {
            Some(shared) => then(&shared.at(rho)?),
            None => then(&Resolvent::new(self.csr(), self.symmetrizer())?.at(rho)?),
        }
    }
}

/// Smallest and largest of the eigenvalues that are real up to rounding.
fn real_extremes(omega: &[(f64, f64)]) -> (f64, f64) {
    let scale = (omega.iter()).fold(0.0_f64, |m, (re, im)| m.max(re.hypot(*im)));
    let real = omega.iter().filter(|o| o.1.abs() <= 1e-6 * scale);
    let (low, high) = real.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), o| {
        (l.min(o.0), h.max(o.0))
    });
    if low <= high { (low, high) } else { (0.0, 0.0) }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::test_data::columbus;
    use super::super::{Lattice, Weights};
    use super::*;
    use crate::data::Units;
    use approx::assert_relative_eq;

    // spatialreg 1.2-6, range(Re(eigenw(nb2listw(col.gal.nb, style = ...))))
    #[test]
    fn extreme_eigenvalues_of_columbus() {
        let w = columbus();
        for (styled, low, high) in [
            (w.row_standardized().unwrap(), -0.651_954_598_242_387_4, 1.0),
            (w.binary(), -2.983_677_080_615_73, 5.979_482_987_526_078),
            (
                w.globally_standardized().unwrap(),
                -0.635_652_943_261_612_4,
                1.273_889_853_864_250_5,
            ),
            (
                w.unit_sum().unwrap(),
                -0.012_972_509_046_155_342,
                0.025_997_752_119_678_56,
            ),
            (
                w.variance_stabilized().unwrap(),
                -0.559_738_293_122_273_4,
                1.127_783_732_251_206_5,
            ),
            (
                w.min_max_normalized().unwrap(),
                -0.298_367_708_061_572_7,
                0.597_948_298_752_607_6,
            ),
        ] {
            let name = styled.transform();
            assert!(styled.is_similar_to_symmetric(), "{name}");
            let (l, h) = styled.extreme_eigenvalues().unwrap();
            assert_relative_eq!(l, low, max_relative = 1e-12);
            assert_relative_eq!(h, high, max_relative = 1e-12);
            assert_eq!(
                styled.admissible_interval().unwrap(),
                (1.0 / l, 1.0 / h),
                "{name}"
            );
            // what is found above 1,000 units agrees
            let d = styled.symmetrizer().unwrap();
            let (l, h) = lanczos::extreme_eigenvalues(styled.csr(), d, lanczos::FINE);
            assert_relative_eq!(l, low, max_relative = 1e-9);
            assert_relative_eq!(h, high, max_relative = 1e-9);
        }
    }

    #[test]
    fn above_the_dense_limit() {
        let w = Weights::lattice(Lattice::rook(30, 40)).unwrap();
        let cosine = |m: f64| 2.0 * (std::f64::consts::PI / (m + 1.0)).cos();
        let (low, high) = w.extreme_eigenvalues().unwrap();
        let exact = cosine(30.0) + cosine(40.0);
        assert_relative_eq!(high, exact, max_relative = 1e-9);
        assert_relative_eq!(low, -exact, max_relative = 1e-9);
        let (from, to) = w.admissible_interval().unwrap();
        assert_relative_eq!(from, 1.0 / low, max_relative = 1e-6);
        assert_relative_eq!(to, 1.0 / high, max_relative = 1e-6);
        assert!(
            w.0.derived.jacobian.get().is_none(),
            "no factor is needed for an interval"
        );
        let row = w.row_standardized().unwrap();
        assert_eq!(row.extreme_eigenvalues().unwrap().1, 1.0);
        assert_eq!(
            row.jacobian().unwrap().interval,
            row.admissible_interval().unwrap()
        );
        let one_way =
            Weights::from_links_at(&Units::range(1001), [(0, 1, 4.0), (1, 0, 1.0), (0, 2, 1.0)]);
        let one_way = one_way.unwrap();
        assert!(!one_way.is_similar_to_symmetric());
        let (low, high) = one_way.extreme_eigenvalues().unwrap();
        assert_relative_eq!(low, -2.0, max_relative = 1e-14);
        assert_relative_eq!(high, 2.0, max_relative = 1e-14);
        let ends = (1.0 / low, 1.0 / high);
        assert_eq!(one_way.admissible_interval().unwrap(), ends);
        // one way round an odd number of units: no negative real eigenvalue
        let ring = (0..1001).map(|i| (i, (i + 1) % 1001, 0.5));
        let ring = Weights::from_links_at(&Units::range(1001), ring).unwrap();
        let e = ring.extreme_eigenvalues().unwrap_err();
        assert!(matches!(e, Error::NotConverged { .. }), "{e}");
        assert_eq!(ring.admissible_interval().unwrap(), (-2.0, 2.0));
    }

    #[test]
    fn both_ends_where_the_units_fall_into_two_sets() {
        let ring = |n: usize| {
            let links = (0..n).flat_map(|i| [(i, (i + 1) % n, 0.5), (i, (i + n - 1) % n, 0.5)]);
            Weights::from_links_at(&Units::range(n), links).unwrap()
        };
        assert_eq!(ring(1500).admissible_interval().unwrap(), (-1.0, 1.0));
        assert_eq!(ring(1500).extreme_eigenvalues().unwrap(), (-1.0, 1.0));
        let (low, _) = ring(1501).extreme_eigenvalues().unwrap();
        assert!(low > -1.0 && low < -0.999, "{low}");
    }

    #[test]
    fn no_log_determinant_at_what_is_no_number() {
        let w = Weights::lattice(Lattice::rook(30, 40)).unwrap();
        let w = w.row_standardized().unwrap();
        let rho = [0.0, 0.1, 0.2, 0.3, f64::NAN, 0.4, 0.5];
        let e = w.ln_determinants(&rho).unwrap_err();
        assert!(matches!(e, Error::Singular { .. }), "{e}");
    }

    #[test]
    fn real_ones_alone_and_none_at_all() {
        // a cycle of three one way: the cube roots of one, of which one is real
        let cycle = [(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)];
        let w = Weights::from_links_at(&Units::range(3), cycle).unwrap();
        let (low, high) = w.extreme_eigenvalues().unwrap();
        assert_relative_eq!(low, 1.0, max_relative = 1e-14);
        assert_relative_eq!(high, 1.0, max_relative = 1e-14);
        for n in [0, 3, 1001] {
            let none = Weights::from_links_at(&Units::range(n), []).unwrap();
            assert_eq!(none.extreme_eigenvalues().unwrap(), (0.0, 0.0));
            assert_eq!(none.admissible_interval().unwrap(), (-1.0, 1.0));
        }
    }
}
