//! The covariance of quasi-maximum likelihood: right where the errors are independent and alike, but not normal.

use ndarray::{Array1, Array2, Axis};

use super::expected::{Expected, expected};
use crate::error::{Error, Result};
use crate::linalg::logdet::DENSE_LIMIT;
use crate::linalg::selected::OwnEntries;
use crate::regression::Fit;

/// I^-1 J I^-1 in the order b, rho, lambda, sigma² (Lee 2004), with I the information under normal errors, expected up to 1,000 units, observed above
/// (`classical` is its inverse), and J the variance of the score.
///
/// The score of each parameter is linear-quadratic in e, a'e + e'A e less its mean, so that J = I + (m4 - 3 s⁴) d_k'd_l + m3 (a_k'd_l + a_l'd_k), d the diagonal
/// of A and m3, m4 the moments of the residuals (Kelejian and Prucha 2001).
pub(crate) fn sandwich(fit: &Fit, classical: &Array2<f64>) -> Result<Array2<f64>> {
    if fit.n() > DENSE_LIMIT {
        return Ok(around(classical, &Scores::sparse(fit)?.beyond(fit)));
    }
    let f: Vec<_> = (fit.processes().iter())
        .map(|p| p.local.at(p.value))
        .collect::<Result<_>>()?;
    let lag = fit.lag().map(|p| (&p.w, p.value));
    let error = fit.error().map(|p| (&p.w, p.value));
    let expected = expected(&fit.sample.design, fit.b(), fit.sigma2(), &f, lag, error)?;
    let inverse = expected.blocks.covariance()?;
    Ok(around(&inverse, &Scores::of(expected).beyond(fit)))
}

/// I^-1 + I^-1 (J - I) I^-1.
fn around(inverse: &Array2<f64>, beyond: &Array2<f64>) -> Array2<f64> {
    inverse + &inverse.dot(beyond).dot(inverse)
}

/// What the scores are made of.
struct Scores {
    /// D^(1/2) B X.
    bx: Array2<f64>,
    /// D^(1/2) B G X b, where there is a lag.
    bgxb: Option<Array1<f64>>,
    /// Diagonals of B G B^-1, where there is a lag, and of M B^-1, where there is a spatial error.
    diagonals: Vec<Array1<f64>>,
}

impl Scores {
    fn of(expected: Expected) -> Self {
        Self {
            bx: expected.bx,
            bgxb: expected.bgxb,
            diagonals: expected.diagonals,
        }
    }

    /// For one process: G = W (I - rho W)^-1 = (I - rho W)^-1 W, whose diagonal is one of selected entries of the inverse. With a lag and an
    /// error that of B G B^-1 is not.
    fn sparse(fit: &Fit) -> Result<Self> {
        let design = &fit.sample.design;
        let [process] = fit.processes() else {
            return Err(Error::TooLarge {
                what: "the covariance of quasi-maximum likelihood of a model with rho and lambda (it needs an n × n inverse)",
                n: fit.n(),
                limit: DENSE_LIMIT,
                instead: "take the classical covariance",
            });
        };
        let (w, value) = (process.w.csr(), process.value);
        let (_, diagonal) = OwnEntries::new(w, Some(w))?.at(value)?;
        let mut bx = design.x.clone();
        let bgxb = if fit.lag().is_some() {
            let xb = design.x.dot(fit.b());
            let solved = (process.w).with_factor(value, |factor| factor.solve(xb.view()))?;
            Some(design.weighted(w.product(solved.view()).view()))
        } else {
            bx = &bx - &(w.product_columns(bx.view()) * value);
            None
        };
        if let Some(root) = design.root_weights() {
            bx *= &root.insert_axis(Axis(1));
        }
        Ok(Self {
            bx,
            bgxb,
            diagonals: vec![diagonal],
        })
    }

    /// J - I.
    fn beyond(&self, fit: &Fit) -> Array2<f64> {
        let (n, s2) = (fit.n(), fit.sigma2());
        let mut e = fit.residuals().to_owned();
        if let Some(root) = fit.sample.design.root_weights() {
            e *= &root;
        }
        let moment = |power: i32| e.iter().map(|e| e.powi(power)).sum::<f64>() / n as f64;
        let (third, fourth) = (moment(3), moment(4));
        // a and d of each parameter, one column each.
        let k = self.bx.ncols();
        let count = k + self.diagonals.len() + 1;
        let (mut a, mut d) = (Array2::zeros((n, count)), Array2::zeros((n, count)));
        for j in 0..k {
            a.column_mut(j).assign(&(&self.bx.column(j) / s2));
        }
        if let Some(bgxb) = &self.bgxb {
            a.column_mut(k).assign(&(bgxb / s2));
        }
        for (j, diagonal) in self.diagonals.iter().enumerate() {
            d.column_mut(k + j).assign(&(diagonal / s2));
        }
        d.column_mut(count - 1)
            .assign(&Array1::from_elem(n, 0.5 / (s2 * s2)));
        let crossed = a.t().dot(&d) * third;
        d.t().dot(&d) * (fourth - 3.0 * s2 * s2) + &crossed + crossed.t()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::random::Stream;
    use crate::{Lattice, Regression, Table, Vcov, Weights};

    fn skewed(w: &Weights, seed: u64) -> Table {
        let mut s = Stream::new(seed, 0);
        let n = w.n();
        let x: Array1<f64> = (0..n).map(|_| s.normal()).collect();
        let e: Array1<f64> = (0..n).map(|_| s.normal().powi(2) - 1.0).collect();
        let (mut y, mut power) = (2.0 + &x + &e, 2.0 + &x + &e);
        for _ in 0..30 {
            power = w.csr().product(power.view()) * 0.4;
            y += &power;
        }
        Table::over(w.units())
            .column("x", x)
            .unwrap()
            .column("y", y)
            .unwrap()
            .column(
                "people",
                (0..n).map(|_| 1.0 + s.uniform()).collect::<Array1<f64>>(),
            )
            .unwrap()
    }

    /// By selected entries and by the dense inverse.
    #[test]
    fn scores_of_many_units_are_those_of_the_dense_inverse() {
        let lattice = Weights::lattice(Lattice::queen(9, 11)).unwrap();
        let points = {
            let mut s = Stream::new(8, 0);
            crate::Points::planar((0..99).map(|_| (s.uniform(), s.uniform()))).unwrap()
        };
        for w in [
            lattice.row_standardized().unwrap(),
            lattice.spectrally_normalized().unwrap(),
            Weights::k_nearest(&points, 4)
                .unwrap()
                .row_standardized()
                .unwrap(),
        ] {
            let table = skewed(&w, 3);
            let base = || Regression::of("y").on(["x"]);
            for r in [
                base().spatial_lag(&w),
                base().spatial_error(&w),
                base().spatial_lag(&w).durbin(&w),
                base().spatial_lag(&w).weighted_by("people"),
                base().spatial_error(&w).weighted_by("people"),
            ] {
                let fit = r.fit(&table).unwrap();
                let f: Vec<_> = fit
                    .processes()
                    .iter()
                    .map(|p| p.local.at(p.value).unwrap())
                    .collect();
                let lag = fit.lag().map(|p| (&p.w, p.value));
                let error = fit.error().map(|p| (&p.w, p.value));
                let (design, b, s2) = (&fit.sample.design, fit.b(), fit.sigma2());
                let expected = expected(design, b, s2, &f, lag, error);
                let dense = Scores::of(expected.unwrap()).beyond(&fit);
                let sparse = Scores::sparse(&fit).unwrap().beyond(&fit);
                let scale = dense.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
                assert!((&dense - &sparse).iter().all(|d| d.abs() < 1e-10 * scale));
            }
        }
    }

    /// Above a thousand units: the observed information in the place of the expected one, which it estimates.
    #[test]
    fn many_units() {
        let w = Weights::lattice(Lattice::queen(36, 36))
            .unwrap()
            .row_standardized()
            .unwrap();
        let table = skewed(&w, 5);
        let fit = Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .fit(&table)
            .unwrap();
        let qml = fit.clone().with_vcov(Vcov::Qml).unwrap();
        let ratio = |i: usize| qml.vcov().std_error(i) / fit.vcov().std_error(i);
        // The variance of sigma² is (m4 - s⁴) / n, whatever the rest: 2 s⁴ / n for normal errors, 14 s⁴ / n here, 7 in a ratio.
        let e = fit.residuals().to_owned();
        let moment = |p: i32| e.iter().map(|e| e.powi(p)).sum::<f64>() / w.n() as f64;
        let wanted = ((moment(4) / moment(2).powi(2) - 1.0) / 2.0).sqrt();
        assert!(
            (ratio(3) / wanted - 1.0).abs() < 0.02,
            "{} {wanted}",
            ratio(3)
        );
        assert!((0..3).all(|i| (0.8..1.25).contains(&ratio(i))));
        let sac = Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .spatial_error(&w)
            .fit(&table)
            .unwrap();
        assert!(matches!(
            sac.with_vcov(Vcov::Qml),
            Err(Error::TooLarge { .. })
        ));
    }

    /// Estimates from many samples with skewed errors have the covariance that the sandwich says.
    #[test]
    #[ignore = "a second or two in release, 20 without: estimates of 4,000 samples; command in docs/monte_carlo.md"]
    fn skewed_errors() {
        let w = Weights::lattice(Lattice::queen(7, 7))
            .unwrap()
            .row_standardized()
            .unwrap();
        let n = w.n();
        let x: Array1<f64> = {
            let mut s = Stream::new(1, 0);
            (0..n).map(|_| s.normal()).collect()
        };
        let mut a = -0.4 * w.csr().to_dense();
        a.diag_mut().mapv_inplace(|d| d + 1.0);
        let inverse = crate::linalg::dense::inverse(a.view(), "a").unwrap();
        let (mut draws, mut said, mut plain) = (
            Vec::new(),
            Array2::<f64>::zeros((4, 4)),
            Array2::<f64>::zeros((4, 4)),
        );
        let count = 4_000;
        for r in 0..count {
            let mut s = Stream::new(2, r);
            // chi-squared with one degree of freedom, centred
            let e: Array1<f64> = (0..n).map(|_| s.normal().powi(2) - 1.0).collect();
            let y = inverse.dot(&(&x * 1.5 + 2.0 + &e));
            let table = Table::over(w.units())
                .column("x", x.clone())
                .unwrap()
                .column("y", y)
                .unwrap();
            let fit = Regression::of("y")
                .on(["x"])
                .spatial_lag(&w)
                .fit(&table)
                .unwrap();
            plain += &fit.vcov().matrix();
            let mut row = fit.location().to_vec();
            row.push(fit.sigma2());
            draws.push(row);
            said += &fit.with_vcov(Vcov::Qml).unwrap().vcov().matrix();
        }
        let mean = |j: usize| draws.iter().map(|d| d[j]).sum::<f64>() / count as f64;
        let covariance = |i: usize, j: usize| {
            draws
                .iter()
                .map(|d| (d[i] - mean(i)) * (d[j] - mean(j)))
                .sum::<f64>()
                / count as f64
        };
        // the variance of sigma², which normal errors understate several times, and its covariance with the constant
        let (qml, normal) = (said / count as f64, plain / count as f64);
        assert!(covariance(3, 3) / normal[[3, 3]] > 3.0);
        for (i, j) in [(1, 1), (2, 2), (3, 3), (0, 3)] {
            let ratio = covariance(i, j) / qml[[i, j]];
            assert!((0.75..1.35).contains(&ratio), "{i} {j}: {ratio}");
        }
    }
}
