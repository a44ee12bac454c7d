//! Impacts beside the effect matrix built by brute force, P = (I - rho W)^-1 (b I + theta V).

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::dense::{cholesky, inverse};
use crate::maps::{Map, Random, Scale, any_map, filter, fit, lattice, matrix, nearest, sample};

/// A fit with the dense weights of its lag and of its W X term.
pub struct Case {
    pub fit: Fit,
    pub w: Array2<f64>,
    pub v: Array2<f64>,
}

/// The eight models, models whose W X or error has weights of its own, without a constant, and with the lag of a column that is no regressor.
pub fn cases(map: &Map) -> Vec<Case> {
    let w = map.weights();
    let other = nearest(w.n(), 3, map.seed ^ 77)
        .relabelled(w.units())
        .unwrap();
    let other = other.row_standardized().unwrap();
    let table = sample(&w, &mut map.random(), 0.4);
    let base = || Regression::of("y").on(["x", "z"]);
    [
        (base(), &w),
        (base().durbin(&w), &w),
        (base().spatial_lag(&w), &w),
        (base().spatial_error(&w), &w),
        (base().spatial_lag(&w).durbin(&w), &w),
        (base().spatial_error(&w).durbin(&w), &w),
        (base().spatial_lag(&w).durbin_of(["x"], &w), &w),
        (base().spatial_lag(&w).durbin(&other), &other),
        (base().spatial_lag(&w).spatial_error(&other), &w),
        (base().spatial_lag(&w).durbin(&w).spatial_error(&other), &w),
        (base().spatial_lag(&w).durbin(&w).without_intercept(), &w),
        (
            Regression::of("y")
                .on(["x"])
                .spatial_lag(&w)
                .durbin_of(["z"], &other),
            &other,
        ),
        (
            Regression::of("y")
                .on(["x"])
                .spatial_error(&w)
                .durbin_of(["z", "x"], &other),
            &other,
        ),
    ]
    .into_iter()
    .filter_map(|(r, v)| {
        let (w, v) = (matrix(&w), matrix(v));
        Some(Case {
            fit: fit(&r, &table)?,
            w,
            v,
        })
    })
    .collect()
}

impl Case {
    /// The coefficients, then rho and lambda where there are, by name.
    pub fn parameters(&self) -> (Vec<String>, Array1<f64>) {
        let (names, values): (Vec<String>, Vec<f64>) = self
            .fit
            .coefficients()
            .into_iter()
            .chain(self.fit.rho())
            .chain(self.fit.lambda())
            .map(|e| (e.name, e.value))
            .unzip();
        (names, values.into())
    }

    pub fn effects(&self, regressor: &str, names: &[String], p: &Array1<f64>) -> Array2<f64> {
        let value = |name: &str| names.iter().position(|n| n == name).map_or(0.0, |i| p[i]);
        let n = self.w.nrows();
        let local = Array2::<f64>::eye(n) * value(regressor)
            + &(&self.v * value(&format!("W {regressor}")));
        match self.fit.rho() {
            None => local,
            Some(_) => inverse(&filter(&self.w, value("rho"))).dot(&local),
        }
    }

    /// Delta-method standard error of a function of the parameters, by differences.
    pub fn std_error(&self, f: impl Fn(&[String], &Array1<f64>) -> f64) -> f64 {
        let (names, p) = self.parameters();
        let cov = |i: usize, j: usize| self.fit.vcov().between(&names[i], &names[j]).unwrap();
        let gradient: Array1<f64> = (0..p.len())
            .map(|i| {
                let h = 1e-4 * cov(i, i).sqrt().max(1e-6);
                let at = |k: f64| {
                    let mut p = p.clone();
                    p[i] += k * h;
                    f(&names, &p)
                };
                // Five points: error of order h⁴.
                (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h)
            })
            .collect();
        let mut variance = 0.0;
        for i in 0..p.len() {
            for j in 0..p.len() {
                variance += gradient[i] * gradient[j] * cov(i, j);
            }
        }
        variance.max(0.0).sqrt()
    }
}

pub fn direct(p: &Array2<f64>) -> f64 {
    p.diag().sum() / p.nrows() as f64
}

pub fn total(p: &Array2<f64>) -> f64 {
    p.sum() / p.nrows() as f64
}

fn block(p: &Array2<f64>, h: usize, g: usize) -> f64 {
    let n = p.nrows();
    let sum: f64 = p
        .indexed_iter()
        .filter(|((i, j), _)| i % 3 == h && j % 3 == g)
        .map(|(_, v)| v)
        .sum();
    sum / (0..n).filter(|i| i % 3 == h).count() as f64
}

proptest! {
    #![proptest_config(crate::cases(32))]

    #[test]
    fn averages_equal_the_dense_inverse(map in any_map()) {
        for case in cases(&map) {
            let (names, p) = case.parameters();
            let impacts = case.fit.impacts().unwrap();
            for i in impacts.all() {
                let e = case.effects(&i.name, &names, &p);
                let scale = e.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
                let what = |w: &str| format!("{} {w} {}", case.fit.model(), i.name);
                close(&what("direct"), i.direct.value, direct(&e), 1e-9, scale);
                close(&what("total"), i.total.value, total(&e), 1e-9, scale);
                close(&what("indirect"), i.indirect.value, total(&e) - direct(&e), 1e-9, scale);
            }
        }
    }

    #[test]
    fn matrix_units_and_groups_equal_the_dense_inverse(map in any_map()) {
        for case in cases(&map) {
            let (names, p) = case.parameters();
            let impacts = case.fit.impacts().unwrap();
            let e = case.effects("x", &names, &p);
            let scale = e.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
            let found = impacts.matrix("x").unwrap();
            for (at, v) in found.indexed_iter() {
                close("matrix", *v, e[at], 1e-9, scale);
            }
            let by_unit = impacts.by_unit("x").unwrap();
            for i in 0..e.nrows() {
                close("received", by_unit.received[i], e.row(i).sum(), 1e-9, scale);
                close("sent", by_unit.sent[i], e.column(i).sum(), 1e-9, scale);
            }
            let labels: Vec<String> = (0..e.nrows()).map(|i| format!("g{}", i % 3)).collect();
            let blocks = impacts.between("x", &labels).unwrap();
            for h in 0..3 {
                for g in 0..3 {
                    let found = blocks.effect(&format!("g{h}"), &format!("g{g}")).unwrap();
                    close("between", found.value, block(&e, h, g), 1e-9, scale);
                    let se = case.std_error(|n, p| block(&case.effects("x", n, p), h, g));
                    close("between, std error", found.std_error, se, 1e-6, 1e-3 * scale);
                }
            }
        }
    }

    #[test]
    fn delta_method_equals_numerical_differentiation(map in any_map()) {
        for case in cases(&map) {
            for i in case.fit.impacts().unwrap().all() {
                let of = |f: fn(&Array2<f64>) -> f64| case.std_error(|n, p| f(&case.effects(&i.name, n, p)));
                let what = |w: &str| format!("{} {w} {}", case.fit.model(), i.name);
                let scale = 1e-3 * i.total.std_error;
                close(&what("direct"), i.direct.std_error, of(direct), 1e-6, scale);
                close(&what("total"), i.total.std_error, of(total), 1e-6, scale);
                close(&what("indirect"), i.indirect.std_error, of(|e| total(e) - direct(e)), 1e-6, scale);
            }
        }
    }

    #[test]
    fn total_impact_of_a_row_standardised_lag(map in any_map()) {
        let map = Map { scale: Scale::Row, ..map };
        let w = map.weights();
        prop_assume!(w.islands().is_empty());
        let table = sample(&w, &mut map.random(), 0.4);
        let base = Regression::of("y").on(["x", "z"]).spatial_lag(&w);
        let sar = base.fit(&table).unwrap();
        let rho = sar.rho().unwrap().value;
        for i in sar.impacts().unwrap().all() {
            let b = sar.coefficient(&i.name).unwrap().value;
            close("b / (1 - rho)", i.total.value, b / (1.0 - rho), 1e-10, 0.0);
        }
        if let Ok(sdm) = base.durbin(&w).fit(&table) {
            let rho = sdm.rho().unwrap().value;
            let b = |n: &str| sdm.coefficient(n).unwrap().value;
            let total = sdm.impacts().unwrap().of("x").unwrap().total.value;
            close("(b + theta) / (1 - rho)", total, (b("x") + b("W x")) / (1.0 - rho), 1e-10, b("x").abs());
        }
    }
}

/// Direct, indirect and total of x in many draws, by brute force.
fn brute_force(case: &Case, count: usize, seed: u64) -> [Vec<f64>; 3] {
    let (names, centre) = case.parameters();
    let m = centre.len();
    let v = Array2::from_shape_fn((m, m), |(i, j)| {
        case.fit.vcov().between(&names[i], &names[j]).unwrap()
    });
    let lower = cholesky(&v);
    let rho = names.iter().position(|n| n == "rho").unwrap();
    let (lo, hi) = case.fit.weights().unwrap().admissible_interval().unwrap();
    let mut random = Random::new(seed);
    let mut out = [const { Vec::new() }; 3];
    while out[0].len() < count {
        let p = &centre + &lower.dot(&random.normals(m));
        // lambda, where there is one, has the same weights.
        if p.iter().skip(rho).all(|v| *v > lo && *v < hi) {
            let e = case.effects("x", &names, &p);
            let (d, t) = (direct(&e), total(&e));
            for (to, value) in out.iter_mut().zip([d, t - d, t]) {
                to.push(value);
            }
        }
    }
    out
}

/// A lattice of 21 units with spectrally normalised weights; `signal` scales the regressor, and so the precision of rho.
fn small(signal: f64, durbin: bool) -> Case {
    let w = lattice(3, 7).spectrally_normalized().unwrap();
    let mut random = Random::new(7);
    let x = random.normals(21) * signal;
    let rho = 0.4;
    let right = 1.0 + &x + &(random.normals(21) * 0.5);
    let y = inverse(&filter(&matrix(&w), rho)).dot(&right);
    let table = Table::over(w.units())
        .column("x", x)
        .unwrap()
        .column("y", y)
        .unwrap();
    let base = Regression::of("y").on(["x"]).spatial_lag(&w);
    let base = if durbin { base.durbin(&w) } else { base };
    Case {
        fit: base.fit(&table).unwrap(),
        w: matrix(&w),
        v: matrix(&w),
    }
}

#[test]
fn simulated_mean_and_sd_equal_those_of_a_brute_force_simulation() {
    let count = 3_000;
    for durbin in [false, true] {
        let case = small(4.0, durbin);
        let ours = case
            .fit
            .impacts()
            .unwrap()
            .simulated(Draws::new(count).seed(1))
            .unwrap();
        let i = ours.of("x").unwrap();
        let theirs = brute_force(&case, count, 3);
        for (what, effect, draws) in [
            ("direct", &i.direct, &theirs[0]),
            ("indirect", &i.indirect, &theirs[1]),
            ("total", &i.total, &theirs[2]),
        ] {
            let r = count as f64;
            let mean = draws.iter().sum::<f64>() / r;
            let deviation = |p: i32| draws.iter().map(|d| (d - mean).powi(p)).sum::<f64>() / r;
            let sd = deviation(2).sqrt();
            // Four Monte-Carlo standard errors of a difference of two means, and of two standard deviations.
            let kurtosis = deviation(4) / deviation(2).powi(2);
            close(
                &format!("mean, {what}"),
                effect.mean,
                mean,
                4.0 * sd * (2.0 / r).sqrt(),
                1.0,
            );
            close(
                &format!("sd, {what}"),
                effect.std_error,
                sd,
                4.0 * ((kurtosis - 1.0) / (2.0 * r)).sqrt(),
                0.0,
            );
        }
    }
}

/// With a lag and an error: lambda does not enter the effects, but bounds the draws.
#[test]
fn simulated_quantiles_with_rho_and_lambda_equal_those_of_a_brute_force_simulation() {
    let base = small(2.0, false);
    let w = lattice(3, 7).spectrally_normalized().unwrap();
    let mut random = Random::new(11);
    let (x, noise) = (random.normals(21) * 2.0, random.normals(21) * 0.5);
    let y = inverse(&filter(&base.w, 0.4))
        .dot(&(1.0 + &x + &inverse(&filter(&base.w, 0.9)).dot(&noise)));
    let table = Table::over(w.units())
        .column("x", x)
        .unwrap()
        .column("y", y)
        .unwrap();
    let sac = Regression::of("y")
        .on(["x"])
        .spatial_lag(&w)
        .spatial_error(&w);
    let case = Case {
        fit: sac.fit(&table).unwrap(),
        ..base
    };
    let count = 3_000;
    let ours = case
        .fit
        .impacts()
        .unwrap()
        .simulated(Draws::new(count).seed(5))
        .unwrap();
    let rejects = |n: &Note| matches!(n, Note::RejectedDraws { .. });
    assert!(
        ours.notes().iter().any(rejects),
        "lambda is uncertain enough to leave its interval"
    );
    compare_quantiles(ours.of("x").unwrap(), &brute_force(&case, count, 6));
}

/// With a weak regressor rho is so uncertain that draws fill the parameter space: moments are not to be compared, quantiles are.
#[test]
fn simulated_quantiles_equal_those_of_a_brute_force_simulation() {
    let count = 3_000;
    let case = small(0.7, false);
    let ours = case
        .fit
        .impacts()
        .unwrap()
        .simulated(Draws::new(count).seed(2))
        .unwrap();
    compare_quantiles(ours.of("x").unwrap(), &brute_force(&case, count, 4));
}

pub fn compare_quantiles(i: &SimulatedImpact, theirs: &[Vec<f64>; 3]) {
    let count = theirs[0].len();
    for (what, effect, draws) in [
        ("direct", &i.direct, &theirs[0]),
        ("indirect", &i.indirect, &theirs[1]),
        ("total", &i.total, &theirs[2]),
    ] {
        for level in [0.5, 0.8, 0.9] {
            for (end, p) in [
                (effect.interval(level).0, 0.5 - 0.5 * level),
                (effect.interval(level).1, 0.5 + 0.5 * level),
            ] {
                // The share of their draws below our quantile.
                let share = draws.iter().filter(|d| **d < end).count() as f64 / count as f64;
                let se = (2.0 * p * (1.0 - p) / count as f64).sqrt();
                close(&format!("{what}, quantile {p}"), share, p, 4.0 * se, 1.0);
            }
        }
    }
}
