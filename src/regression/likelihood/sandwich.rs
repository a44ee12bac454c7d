//! The covariance of quasi-maximum likelihood: right where the errors are independent and alike, but not normal.

use ndarray::{Array1, Array2};

use super::expected::{Expected, expected};
use crate::error::{Error, Result};
use crate::linalg::logdet::DENSE_LIMIT;
use crate::regression::Fit;

/// I^-1 J I^-1 in the order b, rho, lambda, sigma² (Lee 2004), with I the expected information under normal errors and J the variance of
/// the score.
///
/// The score of each parameter is linear-quadratic in e, a'e + e'A e less its mean, so that J = I + (m4 - 3 s⁴) d_k'd_l + m3 (a_k'd_l + a_l'd_k), d the diagonal
/// of A and m3, m4 the moments of the residuals (Kelejian and Prucha 2001).
pub(crate) fn sandwich(fit: &Fit) -> Result<Array2<f64>> {
    let n = fit.n();
    if n > DENSE_LIMIT {
        return Err(Error::TooLarge {
            what: "the covariance of quasi-maximum likelihood (it needs an n × n inverse)",
            n,
            limit: DENSE_LIMIT,
            instead: "take the classical covariance",
        });
    }
    let f: Vec<_> = (fit.processes().iter())
        .map(|p| p.local.at(p.value))
        .collect::<Result<_>>()?;
    let lag = fit.lag().map(|p| (&p.w, p.value));
    let error = fit.error().map(|p| (&p.w, p.value));
    let design = &fit.sample.design;
    let s2 = fit.sigma2();
    let Expected {
        blocks,
        bx,
        bgxb,
        diagonals,
    } = expected(design, fit.b(), s2, &f, lag, error)?;
    let mut e = fit.residuals().to_owned();
    if let Some(root) = design.root_weights() {
        e *= &root;
    }
    let moment = |power: i32| e.iter().map(|e| e.powi(power)).sum::<f64>() / n as f64;
    let (third, fourth) = (moment(3), moment(4));
    // a and d of each parameter, one column each.
    let k = bx.ncols();
    let count = k + diagonals.len() + 1;
    let (mut a, mut d) = (Array2::zeros((n, count)), Array2::zeros((n, count)));
    for j in 0..k {
        a.column_mut(j).assign(&(&bx.column(j) / s2));
    }
    if let Some(bgxb) = bgxb {
        a.column_mut(k).assign(&(bgxb / s2));
    }
    for (j, diagonal) in diagonals.iter().enumerate() {
        d.column_mut(k + j).assign(&(diagonal / s2));
    }
    d.column_mut(count - 1)
        .assign(&Array1::from_elem(n, 0.5 / (s2 * s2)));
    let crossed = a.t().dot(&d) * third;
    let beyond = d.t().dot(&d) * (fourth - 3.0 * s2 * s2) + &crossed + crossed.t();
    let inverse = blocks.covariance()?;
    Ok(&inverse + &inverse.dot(&beyond).dot(&inverse))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use crate::random::Stream;
    use crate::{Lattice, Regression, Table, Vcov, Weights};

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
