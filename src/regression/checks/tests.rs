//! Nested models, linear restrictions, and information matrices beside numerical Hessians, for the eight models.

use ndarray::{Array1, Array2, Axis};

use crate::data::{Table, Units};
use crate::error::Error;
use crate::inference::Distribution;
use crate::linalg::dense;
use crate::regression::{Fit, Information, Regression};
use crate::weights::Weights;

fn table(n: usize) -> Table {
    let wave = |a: f64, b: f64| -> Array1<f64> {
        (0..n)
            .map(|i| (a * i as f64).sin() + b * (0.37 * i as f64).cos())
            .collect()
    };
    let (x, z) = (wave(1.3, 0.5), wave(2.1, -0.7));
    let y = &x * 2.0 - &z + wave(0.61, 1.5) + wave(4.7, 0.3) + 3.0;
    Table::from_columns([("x", x), ("z", z), ("y", y)]).unwrap()
}

fn ring(n: usize, steps: &[usize]) -> Weights {
    let links = (0..n).flat_map(|i| steps.iter().map(move |s| (i, (i + s) % n, 1.0)));
    let w = Weights::from_links_at(&Units::range(n), links).unwrap();
    w.row_standardized().unwrap()
}

/// Terms of the eight models: lag, error, Durbin.
const MODELS: [(&str, [bool; 3]); 8] = [
    ("OLS", [false, false, false]),
    ("SLX", [false, false, true]),
    ("SAR", [true, false, false]),
    ("SEM", [false, true, false]),
    ("SDM", [true, false, true]),
    ("SDEM", [false, true, true]),
    ("SAC", [true, true, false]),
    ("GNS", [true, true, true]),
];

fn model(terms: [bool; 3], w: [&Weights; 3]) -> Regression {
    let mut r = Regression::of("y").on(["x", "z"]);
    if terms[0] {
        r = r.spatial_lag(w[0]);
    }
    if terms[1] {
        r = r.spatial_error(w[1]);
    }
    if terms[2] {
        r = r.durbin(w[2]);
    }
    r
}

/// Which of the 64 pairs are nested, written out; the degrees of freedom count rho, lambda and two thetas.
#[test]
fn nestings_of_the_eight_models() {
    let n = 60;
    let (w, t) = (ring(n, &[1, 2, n - 1]), table(n));
    let fits: Vec<Fit> = MODELS
        .iter()
        .map(|(_, m)| model(*m, [&w; 3]).fit(&t).unwrap())
        .collect();
    let nested = [
        ("OLS", "SLX", 2),
        ("OLS", "SAR", 1),
        ("OLS", "SEM", 1),
        ("OLS", "SDM", 3),
        ("OLS", "SDEM", 3),
        ("OLS", "SAC", 2),
        ("OLS", "GNS", 4),
        ("SLX", "SDM", 1),
        ("SLX", "SDEM", 1),
        ("SLX", "GNS", 2),
        ("SAR", "SDM", 2),
        ("SAR", "SAC", 1),
        ("SAR", "GNS", 3),
        ("SEM", "SDM", 2),
        ("SEM", "SDEM", 2),
        ("SEM", "SAC", 1),
        ("SEM", "GNS", 3),
        ("SDM", "GNS", 1),
        ("SDEM", "GNS", 1),
        ("SAC", "GNS", 2),
    ];
    for (small, (a, _)) in fits.iter().zip(MODELS) {
        for (large, (b, _)) in fits.iter().zip(MODELS) {
            assert_eq!(small.model().abbreviation(), a);
            let wanted = nested.iter().find(|(s, l, _)| (*s, *l) == (a, b));
            match (large.lr_test(small), wanted) {
                (Ok(test), Some((_, _, df))) => {
                    assert_eq!(
                        test.distribution,
                        Distribution::ChiSquared { df: f64::from(*df) }
                    );
                    // A maximum over more is not lower.
                    assert!(test.statistic >= -1e-9, "{a} in {b}: {}", test.statistic);
                }
                (Err(Error::Unsupported { .. }), None) => {}
                (found, wanted) => panic!("{a} in {b}: {found:?} and {wanted:?}"),
            }
        }
    }
}

#[test]
fn nested_models_have_the_same_weights() {
    let n = 60;
    let (w, m, t) = (ring(n, &[1, 2, n - 1]), ring(n, &[2, n - 2]), table(n));
    let fit = |terms, w| model(terms, w).fit(&t).unwrap();
    let gns = fit([true, true, true], [&w, &m, &w]);
    assert!(gns.lr_test(&fit([true, false, false], [&w; 3])).is_ok());
    assert!(gns.lr_test(&fit([false, true, false], [&m; 3])).is_ok());
    assert!(gns.lr_test(&fit([false, true, true], [&w, &m, &w])).is_ok());
    for other in [
        fit([true, false, false], [&m; 3]),
        fit([false, true, false], [&w; 3]),
        fit([false, false, true], [&m; 3]),
    ] {
        let e = gns.lr_test(&other).unwrap_err();
        assert!(e.to_string().contains("different weights"), "{e}");
    }
    // Common factors need one W for all.
    let sdm = fit([true, false, true], [&w; 3]);
    assert!(sdm.lr_test(&fit([false, true, false], [&w; 3])).is_ok());
    assert!(sdm.lr_test(&fit([false, true, false], [&m; 3])).is_err());
    let e = fit([true, false, false], [&w; 3])
        .lr_test(&sdm)
        .unwrap_err();
    assert!(e.to_string().contains("the other way round"), "{e}");
    assert!(sdm.common_factor_test().is_ok());
    let two = fit([true, false, true], [&w, &w, &m]);
    assert!(two.lr_test(&fit([false, true, false], [&w; 3])).is_err());
    assert!(matches!(
        two.common_factor_test(),
        Err(Error::Unsupported { .. })
    ));
    assert!(matches!(
        gns.common_factor_test(),
        Err(Error::Unsupported { .. })
    ));
}

/// A linear restriction by its estimate and its variance; F of least squares by the restricted sum of squares.
#[test]
fn linear_restrictions() {
    let n = 60;
    let (w, t) = (ring(n, &[1, 2, n - 1]), table(n));
    let sdm = model([true, false, true], [&w; 3]).fit(&t).unwrap();
    let (b, v) = (sdm.coefficients(), sdm.vcov());
    let d = b[1].value * 2.0 - b[2].value - 1.5;
    let variance = 4.0 * v.between("x", "x").unwrap() + v.between("z", "z").unwrap()
        - 4.0 * v.between("x", "z").unwrap();
    let test = sdm
        .wald_restrictions(&[(&[("x", 2.0), ("z", -1.0)], 1.5)])
        .unwrap();
    assert!((test.statistic - d * d / variance).abs() < 1e-10 * test.statistic);
    assert_eq!(test.null, "2 x - z = 1.5");
    let equal = sdm.wald_equal([("x", "z"), ("W x", "W z")]).unwrap();
    assert_eq!(equal.null, "x = z, W x = W z");
    let by_rows = sdm
        .wald_restrictions(&[
            (&[("x", 1.0), ("z", -1.0)], 0.0),
            (&[("W z", -3.0), ("W x", 3.0)], 0.0),
        ])
        .unwrap();
    assert!((equal.statistic - by_rows.statistic).abs() < 1e-10 * equal.statistic);
    // Of least squares: (SSE_0 - SSE) / s².
    let ols = model([false; 3], [&w; 3]).fit(&t).unwrap();
    let sum = t.values("x").unwrap().to_owned() + t.values("z").unwrap();
    let restricted = Regression::of("y")
        .on(["sum"])
        .fit(&t.clone().column("sum", sum).unwrap())
        .unwrap();
    let sse = |f: &Fit| f.residuals().dot(&f.residuals());
    let wanted = (sse(&restricted) - sse(&ols)) / ols.sigma2();
    let found = ols.wald_equal([("x", "z")]).unwrap().statistic;
    assert!((found - wanted).abs() < 1e-10 * wanted);
    for refused in [
        ols.wald_equal([("x", "x")]),
        ols.wald_equal([("x", "z"), ("z", "x")]),
        ols.wald_restrictions(&[(&[("x", 0.0)], 0.0)]),
    ] {
        assert!(
            matches!(refused, Err(Error::Singular { .. })),
            "{refused:?}"
        );
    }
    assert!(matches!(
        ols.wald_equal([("x", "q")]),
        Err(Error::UnknownColumn { .. })
    ));
    let none: [(&str, &str); 0] = [];
    assert!(matches!(
        ols.wald_equal(none),
        Err(Error::InvalidOption { .. })
    ));
    let nan = ols.wald_restrictions(&[(&[("x", f64::NAN)], 0.0)]);
    assert!(matches!(nan, Err(Error::InvalidOption { .. })));
}

/// For least squares with a constant Nagelkerke's R² is the ordinary one.
#[test]
fn measures_of_fit() {
    let n = 60;
    let (w, t) = (ring(n, &[1, 2, n - 1]), table(n));
    let ols = model([false; 3], [&w; 3]).fit(&t).unwrap();
    let r2 = ols.r_squared().ordinary.unwrap();
    assert!((ols.nagelkerke_r_squared() - r2).abs() < 1e-12);
    let c = ols
        .squared_correlation(crate::regression::Prediction::ReducedForm)
        .unwrap();
    assert!((c - r2).abs() < 1e-12);
    let constant = Regression::of("y").fit(&t).unwrap();
    assert!(constant.nagelkerke_r_squared().abs() < 1e-12);
    assert!(
        constant
            .squared_correlation(crate::regression::Prediction::Trend)
            .unwrap()
            .abs()
            < 1e-12
    );
}

/// The full log-likelihood of (b, rho, lambda, sigma²) by dense algebra.
fn log_likelihood(p: &Array1<f64>, fit: &Fit, w: &Weights, m: &Weights) -> f64 {
    let n = fit.n();
    let k = fit.b().len();
    let mut at = k;
    let mut next = |there: bool| {
        at += usize::from(there);
        if there { p[at - 1] } else { 0.0 }
    };
    let (rho, lambda) = (next(fit.lag().is_some()), next(fit.error().is_some()));
    let filter = |value: f64, w: &Weights| Array2::eye(n) - w.csr().to_dense() * value;
    let (a, b) = (filter(rho, w), filter(lambda, m));
    let ln_det = |a: &Array2<f64>| {
        let r = dense::triangular_factor(a.view()).unwrap();
        r.diag().iter().map(|d| d.abs().ln()).sum::<f64>()
    };
    let e = b.dot(&(a.dot(fit.y()) - fit.x().dot(&p.slice_axis(Axis(0), (..k).into()))));
    let s2 = p[p.len() - 1];
    ln_det(&a) + ln_det(&b)
        - 0.5 * n as f64 * (2.0 * std::f64::consts::PI * s2).ln()
        - e.dot(&e) / (2.0 * s2)
}

/// Covariances by the observed information beside the inverse of minus the numerical Hessian of the full likelihood, with different weights for each term: six models.
#[test]
fn observed_information_by_numerical_hessian() {
    let n = 40;
    let (w, m, d, t) = (
        ring(n, &[1, 2, n - 1]),
        ring(n, &[3, n - 4]),
        ring(n, &[2, n - 2, 7]),
        table(n),
    );
    for (name, terms) in MODELS.into_iter().skip(2) {
        let fit = model(terms, [&w, &m, &d])
            .information(Information::Observed)
            .fit(&t)
            .unwrap();
        let p: Array1<f64> = fit.location().into_iter().chain([fit.sigma2()]).collect();
        let f = |p: &Array1<f64>| log_likelihood(p, &fit, &w, &m);
        assert!((f(&p) - fit.log_likelihood()).abs() < 1e-9, "{name}");
        let v = fit.vcov().matrix();
        let h: Array1<f64> = v.diag().mapv(|x| 0.02 * x.sqrt());
        let q = p.len();
        // Fourth order differences by extrapolation of steps h and 2 h.
        let second = |i: usize, j: usize, s: f64| {
            let at = |a: f64, b: f64| {
                let mut x = p.clone();
                x[i] += a * s * h[i];
                x[j] += b * s * h[j];
                f(&x)
            };
            (at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0))
                / (4.0 * s * s * h[i] * h[j])
        };
        let hessian = Array2::from_shape_fn((q, q), |(i, j)| {
            -(4.0 * second(i, j, 1.0) - second(i, j, 2.0)) / 3.0
        });
        // In units of the standard errors.
        let scaled = Array2::from_shape_fn((q, q), |(i, j)| {
            hessian[[i, j]] * (v[[i, i]] * v[[j, j]]).sqrt()
        });
        let inverse = dense::inverse(scaled.view(), "the Hessian").unwrap();
        for i in 0..q {
            for j in 0..q {
                let found = v[[i, j]] / (v[[i, i]] * v[[j, j]]).sqrt();
                assert!(
                    (found - inverse[[i, j]]).abs() < 1e-4,
                    "{name} [{i}, {j}]: {found} and {}",
                    inverse[[i, j]]
                );
            }
        }
    }
}
