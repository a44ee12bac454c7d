//! Clubs of beta beside regressions of each club, and beside the effect matrix by brute force.

use ndarray::{Array1, Array2};
use spatialecon::*;

use crate::close;
use crate::dense::inverse;
use crate::maps::{Random, filter, lattice, matrix};

const PARTS: [&str; 2] = ["core", "rim"];

/// Growth of 60 units of a lattice, with a label and a column; the clubs converge at different speeds.
fn growth(w: &Weights, seed: u64) -> (Growth, Vec<&'static str>) {
    let n = w.n();
    let mut random = Random::new(seed);
    let start = random.normals(n).mapv(|v| 8.0 + 0.5 * v);
    let parts: Vec<&str> = (0..n).map(|i| PARTS[usize::from(i % 10 > 3)]).collect();
    let right: Array1<f64> = (0..n)
        .map(|i| {
            let b = if parts[i] == "core" { -0.03 } else { -0.01 };
            0.3 + b * start[i] + 0.01 * random.normal()
        })
        .collect();
    let rate = inverse(&filter(&matrix(w), 0.3)).dot(&right);
    let end = (&start + &(&rate * 10.0)).mapv(f64::exp);
    let values = ndarray::stack![ndarray::Axis(0), start.mapv(f64::exp), end];
    let panel = Panel::from_columns(w.units(), &[2000, 2010], [("income", values)]).unwrap();
    let panel = panel.label("part", parts.clone()).unwrap();
    let growth = Growth::between(&panel, "income", 2000, 2010).unwrap();
    (growth.column("z", random.normals(n)).unwrap(), parts)
}

#[test]
fn clubs_of_least_squares_are_regressions_of_their_own() {
    let w = lattice(6, 10).row_standardized().unwrap();
    let (growth, parts) = growth(&w, 1);
    let regression = growth.regression().on(["z"]);
    let clubs = BetaClubs::by_label(&growth, &regression, "part").unwrap();
    assert_eq!(clubs.clubs().len(), 2);
    for (at, part) in PARTS.iter().enumerate() {
        let club = clubs.of(part).unwrap();
        assert_eq!(club, &clubs.clubs()[at]);
        let others = (0..60)
            .filter(|i| parts[*i] != *part)
            .map(|i| w.units().iter().nth(i).unwrap().into_owned());
        let one = growth.table().without(others).unwrap();
        let own = regression.fit(&one).unwrap();
        assert_eq!(club.n, own.n());
        let beta = own.coefficient("ln_initial").unwrap().value;
        close("beta", club.beta.value, beta, 1e-11, 0.0);
        close(
            "speed",
            club.speed().unwrap().value(),
            -(1.0 + 10.0 * beta).ln() / 10.0,
            1e-10,
            0.0,
        );
        close(
            "common speed",
            club.total_speed().unwrap().value(),
            club.speed().unwrap().value(),
            1e-12,
            0.0,
        );
        close("se", club.common.std_error, club.beta.std_error, 1e-12, 0.0);
    }
    let fit = clubs.regression();
    let (a, b) = (&clubs.clubs()[0].beta, &clubs.clubs()[1].beta);
    let z2 = (a.value - b.value).powi(2) / (a.std_error.powi(2) + b.std_error.powi(2));
    close(
        "beta test",
        clubs.beta_test().unwrap().statistic,
        z2,
        1e-9,
        0.0,
    );
    assert_eq!(clubs.chow_test().unwrap(), fit.chow_test().unwrap());
    let robust = clubs.clone().with_vcov(Vcov::Hc3).unwrap();
    assert!(robust.clubs()[0].beta.value.to_bits() == a.value.to_bits());
    assert!((robust.clubs()[0].beta.std_error - a.std_error).abs() > 1e-6);
}

/// Own effects from the impacts; what the mean unit of a club receives from the dense inverse, with differences for its standard error.
#[test]
fn common_effects_equal_the_dense_inverse() {
    for w in [
        lattice(6, 10).row_standardized().unwrap(),
        lattice(6, 10).spectrally_normalized().unwrap(),
    ] {
        let other = lattice(6, 10);
        let (growth, parts) = growth(&w, 2);
        let base = || growth.regression().on(["z"]);
        for (regression, v) in [
            (base().spatial_lag(&w), &w),
            (base().spatial_error(&w), &w),
            (base().spatial_lag(&w).durbin(&w), &w),
            (base().durbin(&other), &other),
            (
                base().spatial_lag(&w).durbin_of(["ln_initial"], &other),
                &other,
            ),
            (base().spatial_lag(&w).spatial_error(&other), &w),
        ] {
            let clubs = BetaClubs::by_label(&growth, &regression, "part").unwrap();
            let fit = clubs.regression();
            let all = fit.coefficients().into_iter().chain(fit.rho());
            let (names, p): (Vec<String>, Vec<f64>) = all.map(|e| (e.name, e.value)).unzip();
            let n = w.n();
            let received = |p: &[f64], part: &str| {
                let value = |name: &str| names.iter().position(|n| n == name).map_or(0.0, |i| p[i]);
                let local = Array2::from_shape_fn((n, n), |(i, j)| {
                    let own = if i == j {
                        value(&format!("ln_initial [{}]", parts[i]))
                    } else {
                        0.0
                    };
                    own + value(&format!("W ln_initial [{}]", parts[i])) * v.weight(i, j)
                });
                let e = inverse(&filter(&matrix(&w), value("rho"))).dot(&local);
                let rows: Vec<f64> = (0..n)
                    .filter(|i| parts[*i] == part)
                    .map(|i| e.row(i).sum())
                    .collect();
                rows.iter().sum::<f64>() / rows.len() as f64
            };
            for club in clubs.clubs() {
                close(
                    "common",
                    club.common.value,
                    received(&p, &club.name),
                    1e-9,
                    0.0,
                );
                let cov = |i: usize, j: usize| fit.vcov().between(&names[i], &names[j]).unwrap();
                let gradient: Vec<f64> = (0..p.len())
                    .map(|i| {
                        let h = 1e-3 * cov(i, i).sqrt();
                        let at = |k: f64| {
                            let mut p = p.clone();
                            p[i] += k * h;
                            received(&p, &club.name)
                        };
                        (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h)
                    })
                    .collect();
                let mut variance = 0.0;
                for (i, a) in gradient.iter().enumerate() {
                    for (j, b) in gradient.iter().enumerate() {
                        variance += a * b * cov(i, j);
                    }
                }
                close("se", club.common.std_error, variance.sqrt(), 1e-6, 0.0);
                let impacts = fit.impacts().unwrap();
                let impact = impacts.of(&format!("ln_initial [{}]", club.name)).unwrap();
                assert_eq!(&club.impact, impact);
                let speed = club.speed().unwrap().value();
                close(
                    "own",
                    speed,
                    -(1.0 + 10.0 * impact.direct.value).ln() / 10.0,
                    1e-12,
                    0.0,
                );
            }
        }
    }
}

#[test]
fn a_threshold_does_not_depend_on_units_of_measurement() {
    let w = lattice(6, 10).row_standardized().unwrap();
    let (growth, _) = growth(&w, 3);
    let z = growth.table().values("z").unwrap().to_owned();
    let growth = growth
        .column("exp z", z.mapv(|z| z.exp() * 1e6))
        .unwrap()
        .column("ln_initial, shifted", growth_of(&z))
        .unwrap();
    let draws = || Draws::new(199).seed(4);
    let of = |on: &str, by: &str| {
        let regression = growth.regression().on([on]).durbin_of(["ln_initial"], &w);
        BetaClubs::by_threshold(&growth, &regression, by, draws()).unwrap()
    };
    let (a, b) = (of("z", "z"), of("ln_initial, shifted", "exp z"));
    let (s, t) = (a.threshold().unwrap(), b.threshold().unwrap());
    close("threshold", t.value, s.value.exp() * 1e6, 1e-12, 0.0);
    close(
        "sum of squares",
        t.sum_of_squares,
        s.sum_of_squares,
        1e-9,
        0.0,
    );
    close("sup-LM", t.test.statistic, s.test.statistic, 1e-8, 0.0);
    close("p", t.test.p_value, s.test.p_value, 1e-12, 0.0);
    // The search and the fit are of the same clubs.
    let e = a.regression().residuals().to_owned();
    close("sum of squares", s.sum_of_squares, e.dot(&e), 1e-9, 0.0);
    assert!(a.clubs()[0].name.starts_with("z <= ") && a.clubs()[1].name.starts_with("z > "));
    assert_eq!(a.clubs()[0].n + a.clubs()[1].n, 60);
    assert!(a.clubs().iter().all(|c| c.n >= 9));
    assert!(s.confidence_set(0.9).len() <= s.confidence_set(0.99).len());
    assert!(s.confidence_set(0.0).contains(&s.value));
    assert_eq!(s.confidence_set(1.0).len(), s.likelihood_ratios.len());
}

/// A linear map of z.
fn growth_of(z: &Array1<f64>) -> Array1<f64> {
    z.mapv(|z| 1e4 * z - 3.0)
}

#[test]
fn what_has_no_clubs_is_refused() {
    let w = lattice(6, 10).row_standardized().unwrap();
    let (growth, parts) = growth(&w, 5);
    let growth = growth
        .column(
            "few",
            Array1::from_shape_fn(60, |i| f64::from(u8::from(i < 3))),
        )
        .unwrap();
    let growth = growth.column("flat", Array1::from_elem(60, 2.5)).unwrap();
    let growth = growth
        .column("people", Array1::from_shape_fn(60, |i| 1.0 + i as f64))
        .unwrap();
    let base = || growth.regression();
    let says = |e: Error, words: &[&str]| {
        let text = e.to_string();
        for word in words {
            assert!(text.contains(word), "`{word}` is not in: {text}");
        }
    };
    let one = |r: &Regression| BetaConvergence::fit(&growth, r);
    says(
        one(&base().regimes("part")).unwrap_err(),
        &["regimes by `part`", "BetaClubs::by_label", "\"part\""],
    );
    // With constants that differ there is one speed.
    assert!(
        one(&base().regimes_of(["const"], "part"))
            .unwrap()
            .speed()
            .is_ok()
    );
    let label = |r: &Regression, l: &str| BetaClubs::by_label(&growth, r, l).unwrap_err();
    says(
        label(&base().regimes("part"), "part"),
        &["regression with regimes"],
    );
    says(label(&base(), "nowhere"), &["`nowhere`", "part"]);
    says(
        label(&Regression::of("growth").on(["z"]), "part"),
        &["`ln_initial`", "growth.regression()"],
    );
    let by = |r: &Regression, c: &str| {
        BetaClubs::by_threshold(&growth, r, c, Draws::new(199)).unwrap_err()
    };
    for (r, what) in [
        (base().spatial_lag(&w), "a SAR"),
        (base().spatial_error(&w).durbin(&w), "a SDEM"),
        (base().weighted_by("people"), "weights of the observations"),
        (base().variance_by("part"), "variances by group"),
    ] {
        says(by(&r, "z"), &[what, "by_label"]);
    }
    says(
        by(&base(), "few"),
        &["threshold of `few`", "9 units", "share a value"],
    );
    says(by(&base(), "flat"), &["`flat` is the same for every unit"]);
    says(by(&base(), "nowhere"), &["`nowhere`"]);
    says(
        by(&base(), "growth"),
        &["threshold of `growth`", "first date"],
    );
    let clubs = BetaClubs::by_label(&growth, &base(), "part").unwrap();
    says(clubs.of("shore").unwrap_err(), &["`shore`", "core, rim"]);
    assert!(clubs.threshold().is_none());
    let others = w.units().iter().skip(7).map(std::borrow::Cow::into_owned);
    let small = growth.table().without(others).unwrap();
    let (start, end) = (
        small.values("ln_initial").unwrap().mapv(f64::exp),
        small
            .values("ln_initial")
            .unwrap()
            .mapv(|l| (1.1 * l + (9.0 * l).sin()).exp()),
    );
    let small = Table::from_columns([("start", start), ("end", end)]).unwrap();
    let small = Growth::of_columns(&small, "start", "end", 10.0).unwrap();
    let few = BetaClubs::by_threshold(&small, &small.regression(), "ln_initial", Draws::new(199));
    says(
        few.unwrap_err(),
        &[
            "two clubs with 2 coefficients",
            "at least 8 units",
            "there are 7",
        ],
    );
    assert_eq!(parts.len(), 60);
}

/// Also where the name of the column looks like a split.
#[test]
fn the_lower_club_comes_first() {
    let w = lattice(6, 10).row_standardized().unwrap();
    let (growth, _) = growth(&w, 4);
    let mut column = growth.table().values("z").unwrap().to_owned();
    column[0] = column[0].abs() + 9.0;
    let growth = growth.column("z <= 3", column).unwrap();
    let draws = Draws::new(100);
    let clubs = BetaClubs::by_threshold(&growth, &growth.regression(), "z <= 3", draws).unwrap();
    let at = clubs.threshold().unwrap().value;
    let values = growth.table().values("z <= 3").unwrap();
    let lower = values.iter().filter(|v| **v <= at).count();
    assert_eq!(clubs.clubs()[0].n, lower);
    assert!(clubs.clubs()[0].name.starts_with("z <= 3 <= "));
}
