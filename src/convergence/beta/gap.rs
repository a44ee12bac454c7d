//! How fast units close the gaps between each other, in models where they move each other.

use super::BetaConvergence;
use crate::convergence::growth::INITIAL;
use crate::convergence::speed::Speed;
use crate::error::{Error, Result};
use crate::inference::Estimate;
use crate::linalg::lanczos;
use crate::linalg::logdet::{DENSE_LIMIT, common};
use crate::regression::Fit;
use crate::weights::Weights;
use ndarray::Array1;

impl BetaConvergence {
    /// The speed at which gaps between units close, in the slowest way in which units can differ from one another.
    ///
    /// The levels obey y_T = A y_0 + …, A = I + T S(rho)(b I + theta W) for annual growth (B in the place of T b for total growth). An eigenvector of W
    /// with eigenvalue w is a pattern on the map that is only scaled over the span, by a(w) = 1 + T (b + theta w) / (1 - rho w). The pattern
    /// of the Perron root (under a row-standardised W the same value everywhere) is what [`total_speed`](Self::total_speed) is about; this is
    /// the slowest of all the others,
    ///
    /// gap speed = -ln max |a(w)| / T, over all eigenvalues but one Perron root.
    ///
    /// It answers whether the units converge to each other. The modulus counts: a pattern that changes its sign over the span and shrinks has a
    /// positive speed. Where |a| is not below one the speed is not positive. A map of several components has several Perron roots, and all but one count:
    /// the components then converge to each other no faster than the common speed. OLS and SEM have one speed, which is this one too. Standard error by the
    /// delta method at the eigenvalue that binds.
    ///
    /// All eigenvalues up to 1,000 units. Above, for W similar to a symmetric matrix, the smallest and the second largest by the Lanczos
    /// method (a is monotone in w): as exact as [`Weights::extreme_eigenvalues`].
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where ln initial is lagged with other weights than growth, and for more than 1,000 units where W is not similar
    /// to a symmetric matrix; [`Error::SpeedUndefined`] for OLS and SEM where 1 + bT ≤ 0, and where a = 0.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{BetaConvergence, Growth, Lattice, Table, Weights};
    /// let w = Weights::lattice(Lattice::rook(1, 8))?.row_standardized()?;
    /// let table = Table::over(w.units())
    ///     .column("y0", array![100.0, 150.0, 160.0, 220.0, 400.0, 390.0, 700.0, 650.0])?
    ///     .column("y1", array![190.0, 240.0, 260.0, 350.0, 520.0, 540.0, 830.0, 820.0])?;
    /// let growth = Growth::of_columns(&table, "y0", "y1", 20.0)?;
    /// let sar = BetaConvergence::fit(&growth, &growth.regression().spatial_lag(&w))?;
    /// // The eigenvalues of a path of eight, row-standardised: cos(pi j / 7), the Perron root with j = 0.
    /// let (b, rho) = (sar.beta().value, sar.regression().rho().unwrap().value);
    /// let left = |j: f64| (1.0 + 20.0 * b / (1.0 - rho * (std::f64::consts::PI * j / 7.0).cos())).abs();
    /// let slowest = (1..=7).map(|j| left(f64::from(j))).fold(0.0, f64::max);
    /// assert!((sar.gap_speed()?.value() + slowest.ln() / 20.0).abs() < 1e-9);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Elhorst, Piras and Arbia (2010), Geographical Analysis 42: 338-355; Yu and Lee (2012), Global Journal of Economics 1; Debarsy, Ertur and
    /// LeSage (2012), Statistical Methodology 9: 158-171.
    pub fn gap_speed(&self) -> Result<Speed> {
        let Some(w) = gap_weights(self.regression())? else {
            let own = self.speed()?;
            let e = own.estimate();
            let (value, std_error) = (e.value, e.std_error);
            let estimate = Estimate::new("gap speed", value, std_error, e.distribution);
            return Ok(Speed::from_estimate(estimate));
        };
        let fit = self.regression();
        let left = Parameters::of(fit).slowest(&patterns(w)?, self.growth().multiplier());
        let span = self.growth().span();
        if !(left.value > 0.0) {
            return Err(Error::SpeedUndefined {
                expression: "the share of a gap that is left",
                value: left.value,
                b: self.beta().value * self.growth().multiplier() / span,
                span,
            });
        }
        Ok(Speed::from_estimate(Estimate::new(
            "gap speed",
            -left.value.ln() / span,
            left.std_error / (left.value * span),
            fit.distribution(),
        )))
    }
}

/// The share of a gap that is left at the end of the span.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) value: f64,
    pub(super) std_error: f64,
}

impl Left {
    /// 1 + m b, from b.
    pub(super) fn of(coefficient: &Estimate, multiplier: f64) -> Self {
        Self {
            value: 1.0 + multiplier * coefficient.value,
            std_error: multiplier * coefficient.std_error,
        }
    }
}

/// The weights that move the gaps of a fit; none for OLS and SEM.
pub(super) fn gap_weights(fit: &Fit) -> Result<Option<&Weights>> {
    let lagged = fit
        .regressors()
        .iter()
        .any(|r| r.name == INITIAL && r.lagged.is_some());
    let durbin = fit.durbin_weights().filter(|_| lagged);
    let Some(lag) = fit.lag() else {
        return Ok(durbin);
    };
    if durbin.is_some_and(|v| v.csr() != lag.w.csr()) {
        return Err(Error::Unsupported {
            what: "the gap speed of a fit that lags growth and ln_initial with different weights".to_owned(),
            why: "the two matrices have no common eigenvectors, so that no pattern keeps its form; give both terms the same weights".to_owned(),
        });
    }
    Ok(Some(&lag.w))
}

/// The eigenvalues of W without one Perron root; of a large W the smallest and the largest of them.
pub(super) fn patterns(w: &Weights) -> Result<Vec<(f64, f64)>> {
    if w.n() <= DENSE_LIMIT {
        let mut all = w.eigenvalues()?;
        let by_size = |a: &(usize, &(f64, f64)), b: &(usize, &(f64, f64))| {
            a.1.0
                .total_cmp(&b.1.0)
                .then(b.1.1.abs().total_cmp(&a.1.1.abs()))
        };
        if let Some((perron, _)) = all.iter().enumerate().max_by(by_size) {
            all.swap_remove(perron);
        }
        return Ok(all);
    }
    let Some(d) = w.symmetrizer() else {
        return Err(Error::Unsupported {
            what: format!("the gap speed of {} units with weights that are not similar to symmetric ones", w.n()),
            why: "all their complex eigenvalues would be needed, which is done up to 1,000 units; take symmetric weights, row-standardised or not, or the common speed".to_owned(),
        });
    };
    let csr = w.csr();
    let sums = csr.row_sums();
    let linked = sums.mapv(|s| f64::from(u8::from(s > 0.0)));
    let one_sum = common(&sums.iter().copied().filter(|s| *s > 0.0).collect());
    let perron = match one_sum {
        Some(_) => linked,
        None => perron_vector(w)?,
    };
    let (low, mut second) = lanczos::extremes_without(csr, d, perron.view(), lanczos::FINE);
    let high = w.extreme_eigenvalues()?.1;
    if one_sum.is_some() && w.components() - w.islands().len() > 1 {
        second = high;
    }
    let low = if csr.is_bipartite() { -high } else { low };
    Ok(vec![(low, 0.0), (second, 0.0)])
}

/// So near to the pole stands the operator whose powers are taken; the largest eigenvalue is known better.
const OFF_POLE: f64 = 1e-3;
const MOST_SOLVES: usize = 300;

/// The right eigenvector of the largest eigenvalue, by inverse iteration. Where the next eigenvalue is so near that it is mixed in, what is
/// left out is as near to the root.
fn perron_vector(w: &Weights) -> Result<Array1<f64>> {
    let rho = (1.0 - OFF_POLE) / w.extreme_eigenvalues()?.1;
    w.with_factor(rho, |factor| {
        let mut x = Array1::<f64>::ones(w.n());
        let mut before = 0.0;
        for _ in 0..MOST_SOLVES {
            let y = factor.solve(x.view())?;
            let size = y.dot(&y).sqrt();
            let growth = size / x.dot(&x).sqrt();
            x = y / size;
            if (growth - before).abs() <= 1e-14 * growth {
                break;
            }
            before = growth;
        }
        Ok(x)
    })
}

/// b, theta and rho of ln initial, and their covariance.
#[derive(Debug)]
pub(super) struct Parameters {
    b: f64,
    theta: f64,
    rho: f64,
    covariance: [[f64; 3]; 3],
}

impl Parameters {
    pub(super) fn of(fit: &Fit) -> Self {
        let found = fit.regressors().iter().find(|r| r.name == INITIAL);
        let (own, lagged) = found.map_or((None, None), |r| (r.own, r.lagged));
        Self::at(fit, own, lagged)
    }

    /// From coefficients at positions.
    pub(super) fn at(fit: &Fit, own: Option<usize>, lagged: Option<usize>) -> Self {
        let at = [own, lagged, fit.lag().map(|_| fit.b().len())];
        let (location, vcov) = (fit.location(), fit.vcov_of_location());
        let value = |i: usize| at[i].map_or(0.0, |i| location[i]);
        let mut covariance = [[0.0; 3]; 3];
        for (i, row) in covariance.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                if let (Some(i), Some(j)) = (at[i], at[j]) {
                    *cell = vcov[[i, j]];
                }
            }
        }
        Self {
            b: value(0),
            theta: value(1),
            rho: value(2),
            covariance,
        }
    }

    /// b + theta s, for a model without rho.
    pub(super) fn sum(&self, s: f64, multiplier: f64) -> Left {
        Left {
            value: 1.0 + multiplier * (self.b + s * self.theta),
            std_error: self.std_error([multiplier, multiplier * s, 0.0]),
        }
    }

    fn std_error(&self, gradient: [f64; 3]) -> f64 {
        let rows = self.covariance.iter().zip(gradient);
        let variance: f64 = rows
            .map(|(row, g)| g * row.iter().zip(gradient).map(|(c, h)| c * h).sum::<f64>())
            .sum();
        variance.max(0.0).sqrt()
    }

    /// The largest |a(w)| and its standard error.
    pub(super) fn slowest(&self, patterns: &[(f64, f64)], multiplier: f64) -> Left {
        let all = patterns.iter().map(|w| (self.left(*w, multiplier), *w));
        let largest = all.max_by(|x, y| modulus(x.0).total_cmp(&modulus(y.0)));
        let Some((a, w)) = largest else {
            return Left {
                value: 0.0,
                std_error: 0.0,
            };
        };
        // d|a| = Re(da conj(a)) / |a|
        let size = modulus(a);
        let along = |da: (f64, f64)| (da.0 * a.0 + da.1 * a.1) / size;
        let one = (1.0 - self.rho * w.0, -self.rho * w.1);
        let db = over((multiplier, 0.0), one);
        let moved = (self.b + self.theta * w.0, self.theta * w.1);
        let drho = over(times(times(moved, w), db), one);
        Left {
            value: size,
            std_error: self.std_error([along(db), along(times(w, db)), along(drho)]),
        }
    }

    /// a(w) = 1 + m (b + theta w) / (1 - rho w).
    fn left(&self, w: (f64, f64), multiplier: f64) -> (f64, f64) {
        let moved = (
            multiplier * (self.b + self.theta * w.0),
            multiplier * self.theta * w.1,
        );
        let p = over(moved, (1.0 - self.rho * w.0, -self.rho * w.1));
        (1.0 + p.0, p.1)
    }
}

fn modulus(a: (f64, f64)) -> f64 {
    a.0.hypot(a.1)
}

fn times(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn over(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let size = b.0 * b.0 + b.1 * b.1;
    let (re, im) = times(a, (b.0, -b.1));
    (re / size, im / size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Points;
    use crate::linalg::dense;
    use crate::weights::Lattice;

    fn parameters(b: f64, theta: f64, rho: f64) -> Parameters {
        Parameters {
            b,
            theta,
            rho,
            covariance: [
                [4e-6, -1e-6, 2e-5],
                [-1e-6, 9e-6, -3e-5],
                [2e-5, -3e-5, 2e-2],
            ],
        }
    }

    fn maps() -> [Weights; 3] {
        let points = |n: usize| {
            let at = |i: usize| ((1.7 * i as f64).sin(), (2.9 * i as f64).cos());
            Points::planar((0..n).map(at)).unwrap()
        };
        [
            Weights::k_nearest(&points(31), 4)
                .unwrap()
                .row_standardized()
                .unwrap(),
            Weights::lattice(Lattice::queen(4, 6))
                .unwrap()
                .row_standardized()
                .unwrap(),
            Weights::lattice(Lattice::rook(3, 5))
                .unwrap()
                .min_max_normalized()
                .unwrap(),
        ]
    }

    /// The eigenvalues of the transition as a dense matrix, without that of the Perron root.
    #[test]
    fn the_slowest_pattern_is_an_eigenvector_of_the_transition() {
        for w in maps() {
            let n = w.n();
            for (b, theta, rho) in [
                (-0.02, 0.0, 0.6),
                (-0.016, 0.006, 0.3),
                (-0.05, -0.01, -0.4),
                (-0.02, 0.009, 0.0),
            ] {
                let p = parameters(b, theta, rho);
                let dense_w = w.csr().to_dense();
                let mut s = &dense_w * -rho;
                s.diag_mut().mapv_inplace(|d| d + 1.0);
                let mut inner = &dense_w * theta;
                inner.diag_mut().mapv_inplace(|d| d + b);
                let mut a = dense::inverse(s.view(), "S").unwrap().dot(&inner) * 20.0;
                a.diag_mut().mapv_inplace(|d| d + 1.0);
                let mut all = dense::eigenvalues(a.view()).unwrap();
                assert_eq!(all.len(), n);
                let root = p.left((w.extreme_eigenvalues().unwrap().1, 0.0), 20.0);
                let distance = |a: &(f64, f64)| (a.0 - root.0).hypot(a.1 - root.1);
                let at = (0..n)
                    .min_by(|i, j| distance(&all[*i]).total_cmp(&distance(&all[*j])))
                    .unwrap();
                assert!(distance(&all[at]) < 1e-9);
                all.swap_remove(at);
                let largest = all.iter().map(|a| a.0.hypot(a.1)).fold(0.0, f64::max);
                let found = p.slowest(&patterns(&w).unwrap(), 20.0).value;
                assert!((found - largest).abs() < 1e-9, "{found} {largest}");
            }
        }
    }

    #[test]
    fn its_standard_error_has_the_derivatives_of_differences() {
        for w in maps() {
            let all = patterns(&w).unwrap();
            for at in [
                [-0.02, 0.003, 0.6],
                [-0.12, 0.006, 0.3],
                [-0.05, -0.01, -0.4],
                [-0.09, 0.08, 0.1],
            ] {
                let p = parameters(at[0], at[1], at[2]);
                let gradient = [0, 1, 2].map(|i| {
                    let h = 1e-6;
                    let value = |by: f64| {
                        let mut moved = at;
                        moved[i] += by;
                        parameters(moved[0], moved[1], moved[2])
                            .slowest(&all, 20.0)
                            .value
                    };
                    (value(h) - value(-h)) / (2.0 * h)
                });
                let found = p.slowest(&all, 20.0).std_error;
                let expected = p.std_error(gradient);
                assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
            }
        }
    }

    /// Closed forms of the spectra of lattices.
    #[test]
    fn second_eigenvalues_of_large_maps() {
        use std::f64::consts::PI;
        let check = |w: &Weights, low: f64, second: f64| {
            let found = patterns(w).unwrap();
            assert!((found[0].0 - low).abs() < 1e-8, "{found:?} {low}");
            assert!((found[1].0 - second).abs() < 1e-8, "{found:?} {second}");
        };
        let torus = Weights::lattice(Lattice::rook(35, 40).torus()).unwrap();
        let one = torus.row_standardized().unwrap();
        let low = 0.5 * ((34.0 * PI / 35.0).cos() - 1.0);
        check(&one, low, 0.5 * (1.0 + (2.0 * PI / 40.0).cos()));
        // Unequal sums of rows, and all links between two sets of units.
        let grid = Weights::lattice(Lattice::rook(30, 37)).unwrap();
        let wave = |i: f64, of: f64| 2.0 * (i * PI / of).cos();
        let high = wave(1.0, 31.0) + wave(1.0, 38.0);
        check(&grid, -high, wave(1.0, 31.0) + wave(2.0, 38.0));
        // Two maps: the second root is one too.
        let side = Weights::lattice(Lattice::rook(25, 25).torus()).unwrap();
        let n = side.n();
        let links = [0, n]
            .into_iter()
            .flat_map(|by| (0..n).flat_map(move |i| [1, 25].map(|step| (i, by, step))));
        let links = links.flat_map(|(i, by, step)| {
            let j = if step == 1 {
                i / 25 * 25 + (i + 1) % 25
            } else {
                (i + 25) % n
            };
            [(i + by, j + by, 1.0), (j + by, i + by, 1.0)]
        });
        let units = crate::data::Units::range(2 * n);
        let two = Weights::from_links_at(&units, links)
            .unwrap()
            .row_standardized()
            .unwrap();
        let least = (24.0 * PI / 25.0).cos();
        check(&two, least, 1.0);
    }
}
