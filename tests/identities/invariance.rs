//! What a fit must not depend on: the order of the units, the unit of measurement, the origin.

use ndarray::Array1;
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::maps::{self, Kind, Map, Random, Scale, any_map, sample};

type Term = fn(Regression, &Weights) -> Regression;

const MODELS: [Term; 6] = [
    |r, _| r,
    |r, w| r.durbin(w),
    |r, w| r.spatial_lag(w),
    |r, w| r.spatial_error(w),
    |r, w| r.spatial_lag(w).durbin(w),
    |r, w| r.spatial_error(w).durbin(w),
];

fn fit(model: Term, w: &Weights, table: &Table) -> Option<Fit> {
    maps::fit(&model(Regression::of("y").on(["x", "z"]), w), table)
}

fn with_y(table: &Table, y: Array1<f64>) -> Table {
    Table::over(table.units())
        .column("x", table.values("x").unwrap().to_owned())
        .unwrap()
        .column("z", table.values("z").unwrap().to_owned())
        .unwrap()
        .column("y", y)
        .unwrap()
}

fn spatial(fit: &Fit) -> Option<Estimate> {
    fit.rho().or(fit.lambda())
}

/// The same units in another order: the same coefficients, the fitted values in that order.
fn check_order(map: &Map) {
    let w = map.weights();
    let table = sample(&w, &mut map.random(), 0.4);
    let order = map.random().order(w.n());
    let units = Units::new(order.iter().map(ToString::to_string)).unwrap();
    // Rebuilt link by link, apart from `only`.
    let raw = w.raw();
    let links: Vec<_> = (0..w.n())
        .flat_map(|i| {
            raw.neighbours(i)
                .map(move |(j, v)| (i.to_string(), j.to_string(), v))
        })
        .collect();
    let other = Weights::from_links(&units, links).unwrap().islands_kept();
    let other = match map.scale {
        Scale::Raw => other,
        Scale::Row => other.row_standardized().unwrap(),
        Scale::Spectral => other.spectrally_normalized().unwrap(),
        Scale::MinMax => other.min_max_normalized().unwrap(),
    };
    let moved = table.aligned_to(&units).unwrap();
    for model in MODELS {
        let (Some(a), Some(b)) = (fit(model, &w, &table), fit(model, &other, &moved)) else {
            continue;
        };
        for (p, q) in a.coefficients().iter().zip(b.coefficients()) {
            assert_eq!(&p.name, &q.name);
            close(&p.name, q.value, p.value, 1e-7, p.std_error);
            close("std error", q.std_error, p.std_error, 1e-6, 0.0);
        }
        if let (Some(p), Some(q)) = (spatial(&a), spatial(&b)) {
            close("rho", q.value, p.value, 1e-7, p.std_error);
        }
        close(
            "log-likelihood",
            b.log_likelihood(),
            a.log_likelihood(),
            1e-11,
            1.0,
        );
        let (fa, fb) = (a.fitted(), b.fitted());
        for (to, from) in order.iter().enumerate() {
            close("fitted", fb[to], fa[*from], 1e-7, 1.0);
        }
    }
}

/// Directed links with several eigenvalues of zero, which a solver returns as small numbers of either sign: the interval of rho must not
/// run to the inverse of such a number.
#[test]
fn eigenvalues_of_zero_do_not_stretch_the_interval() {
    let map = Map {
        kind: Kind::Asymmetric,
        scale: Scale::Row,
        n: 28,
        seed: 491_784_579_058_799_447,
    };
    let w = map.weights();
    let table = sample(&w, &mut map.random(), 0.4);
    for seed in 0..40 {
        let order = Random::new(seed).order(28);
        let units = Units::new(order.iter().map(ToString::to_string)).unwrap();
        let (w, table) = (w.only(&units).unwrap(), table.aligned_to(&units).unwrap());
        let (lo, _) = w.admissible_interval().unwrap();
        assert!(lo > -100.0, "order {seed}: lower end {lo}");
        let sem = Regression::of("y").on(["x", "z"]).spatial_error(&w);
        let lambda = sem.fit(&table).unwrap().lambda().unwrap().value;
        close("lambda", lambda, 0.797_148_558_788_394, 1e-8, 0.0);
    }
}

proptest! {
    #![proptest_config(crate::cases(24))]

    #[test]
    fn the_order_of_the_units(map in any_map()) {
        check_order(&map);
    }

    #[test]
    fn the_unit_of_the_response(map in any_map(), scale in 1e-3_f64..1e3) {
        let w = map.weights();
        let table = sample(&w, &mut map.random(), 0.4);
        let scaled = with_y(&table, &table.values("y").unwrap() * scale);
        for model in MODELS {
            let (Some(a), Some(b)) = (fit(model, &w, &table), fit(model, &w, &scaled)) else { continue };
            for (p, q) in a.coefficients().iter().zip(b.coefficients()) {
                close(&p.name, q.value, scale * p.value, 1e-7, scale * p.std_error);
                close("std error", q.std_error, scale * p.std_error, 1e-6, 0.0);
            }
            if let (Some(p), Some(q)) = (spatial(&a), spatial(&b)) {
                close("rho", q.value, p.value, 1e-7, p.std_error);
                close("std error of rho", q.std_error, p.std_error, 1e-6, 0.0);
            }
            close("sigma2", b.sigma2(), scale * scale * a.sigma2(), 1e-7, 0.0);
            close("log-likelihood", b.log_likelihood(), a.log_likelihood() - w.n() as f64 * scale.ln(), 1e-9, 1.0);
        }
    }

    #[test]
    fn the_origin_of_the_response(map in any_map(), shift in -20.0_f64..20.0) {
        // With rows that sum to one a constant stays a constant under W.
        let map = Map { scale: Scale::Row, kind: if map.kind == Kind::Lattice { Kind::Nearest } else { map.kind }, ..map };
        let w = map.weights();
        prop_assume!(w.islands().is_empty());
        let table = sample(&w, &mut map.random(), 0.4);
        let shifted = with_y(&table, &table.values("y").unwrap() + shift);
        for model in MODELS {
            let (Some(a), Some(b)) = (fit(model, &w, &table), fit(model, &w, &shifted)) else { continue };
            let by = shift * (1.0 - a.rho().map_or(0.0, |r| r.value));
            for (p, q) in a.coefficients().iter().zip(b.coefficients()) {
                let by = if p.name == "const" { by } else { 0.0 };
                close(&p.name, q.value, p.value + by, 1e-6, p.std_error);
            }
            if let (Some(p), Some(q)) = (spatial(&a), spatial(&b)) {
                close("rho", q.value, p.value, 1e-7, p.std_error);
            }
            close("sigma2", b.sigma2(), a.sigma2(), 1e-7, 0.0);
            close("log-likelihood", b.log_likelihood(), a.log_likelihood(), 1e-9, 1.0);
            for (p, q) in a.residuals().iter().zip(b.residuals()) {
                close("residual", *q, *p, 1e-6, 1.0);
            }
        }
    }

    #[test]
    fn fitted_and_residuals_make_the_response(map in any_map()) {
        let w = map.weights();
        let table = sample(&w, &mut map.random(), 0.4);
        let y = table.values("y").unwrap();
        for model in MODELS {
            let Some(fit) = fit(model, &w, &table) else { continue };
            for i in 0..w.n() {
                close("y", fit.fitted()[i] + fit.residuals()[i], y[i], 1e-12, 1.0);
            }
            let divisor = if spatial(&fit).is_some() { w.n() } else { w.n() - fit.coefficients().len() };
            close("sigma2", fit.residuals().dot(&fit.residuals()) / divisor as f64, fit.sigma2(), 1e-9, 0.0);
        }
    }
}
/// Regressors far from zero keep their standard errors: only the constant feels the origin of x.
#[test]
fn the_origin_of_a_regressor() {
    let n = 40;
    let noise = |i: usize, k: usize| ((i * k * 7919 % 1009) as f64 / 1009.0 - 0.5) * 2.0;
    let w = Weights::from_pairs(
        &Units::range(n),
        (0..n).map(|i| (i.to_string(), ((i + 1) % n).to_string())),
    )
    .unwrap()
    .row_standardized()
    .unwrap();
    let x: Vec<f64> = (0..n).map(|i| noise(i, 3)).collect();
    let y: Vec<f64> = (0..n).map(|i| 2.0 * x[i] + noise(i, 11)).collect();
    let statistic = |shift: f64, error: bool, information: Information| {
        let table = Table::from_columns([
            ("y", y.clone()),
            ("x", x.iter().map(|v| v + shift).collect::<Vec<_>>()),
        ])
        .unwrap();
        let base = Regression::of("y").on(["x"]).information(information);
        let base = if error {
            base.spatial_error(&w)
        } else {
            base.spatial_lag(&w)
        };
        base.fit(&table)
            .unwrap()
            .coefficient("x")
            .unwrap()
            .statistic()
    };
    for error in [false, true] {
        for information in [Information::Expected, Information::Observed] {
            let here = statistic(0.0, error, information);
            for (shift, tolerance) in [(1e4, 1e-9), (1e6, 1e-7), (1e8, 1e-5)] {
                let there = statistic(shift, error, information);
                assert!(
                    (there - here).abs() < tolerance * here.abs(),
                    "{error} {information}: {here} {there} {shift}"
                );
            }
        }
    }
}
