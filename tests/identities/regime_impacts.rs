//! Impacts of fits with regimes beside the effect matrix by brute force, P = (I - rho W)^-1 (diag(b) + diag(theta) V), b_i and theta_i those of
//! the regime of unit i.

use ndarray::{Array1, Array2};
use spatialecon::*;

use crate::close;
use crate::dense::{cholesky, inverse};
use crate::impacts::{compare_quantiles, direct, total};
use crate::maps::{Kind, Map, Random, Scale, filter, fit, lattice, matrix, nearest, sample};

const GROUPS: [&str; 3] = ["north", "south", "west"];

struct Case {
    fit: Fit,
    w: Array2<f64>,
    v: Array2<f64>,
    part: Vec<String>,
}

fn with_parts(table: Table, random: &mut Random) -> Table {
    let n = table.len();
    // Each has a fifth of the units at least.
    let parts = (0..n).map(|i| {
        if i < 3 * n / 5 {
            i % 3
        } else {
            random.below(2)
        }
    });
    let parts: Vec<&str> = parts.map(|g| GROUPS[g]).collect();
    table.label("part", parts).unwrap()
}

/// Sixty units: all kinds of links and all scales; the eight models, other weights of W X, some terms only.
fn cases() -> Vec<Case> {
    let kinds = [
        Kind::Lattice,
        Kind::Nearest,
        Kind::Symmetric,
        Kind::Asymmetric,
    ];
    let scales = [Scale::Raw, Scale::Row, Scale::Spectral, Scale::MinMax];
    let maps = kinds.into_iter().enumerate().flat_map(|(k, kind)| {
        scales.into_iter().enumerate().map(move |(s, scale)| Map {
            kind,
            scale,
            n: 60,
            seed: 10 * k as u64 + s as u64,
        })
    });
    let mut all = Vec::new();
    for map in maps {
        let w = map.weights();
        let other = nearest(w.n(), 3, map.seed ^ 77)
            .relabelled(w.units())
            .unwrap();
        let mut random = map.random();
        let table = with_parts(sample(&w, &mut random, 0.4), &mut random);
        let base = || Regression::of("y").on(["x", "z"]).regimes("part");
        let some = |terms: &[&str]| {
            Regression::of("y")
                .on(["x", "z"])
                .regimes_of(terms.to_vec(), "part")
        };
        for (r, v) in [
            (base(), &w),
            (base().durbin(&w), &w),
            (base().spatial_lag(&w), &w),
            (base().spatial_error(&w), &w),
            (base().spatial_lag(&w).durbin(&w), &w),
            (base().spatial_error(&w).durbin(&other), &other),
            (base().spatial_lag(&w).spatial_error(&other), &w),
            (base().spatial_lag(&w).durbin(&w).spatial_error(&other), &w),
            (base().spatial_lag(&w).durbin(&other), &other),
            (base().spatial_lag(&w).durbin_of(["z"], &other), &other),
            (some(&["x"]).spatial_lag(&w).durbin(&other), &other),
            (some(&["const"]).spatial_lag(&w).durbin(&w), &w),
            (
                Regression::of("y")
                    .on(["x"])
                    .regimes("part")
                    .spatial_lag(&w)
                    .durbin_of(["z"], &w),
                &w,
            ),
        ] {
            if let Some(fit) = fit(&r, &table) {
                let part = table.labels("part").unwrap().to_vec();
                let (w, v) = (matrix(&w), matrix(v));
                all.push(Case { fit, w, v, part });
            }
        }
    }
    assert!(all.len() > 190, "{}", all.len());
    all
}

impl Case {
    fn parameters(&self) -> (Vec<String>, Array1<f64>) {
        let fit = &self.fit;
        let all = fit
            .coefficients()
            .into_iter()
            .chain(fit.rho())
            .chain(fit.lambda());
        let (names, values): (Vec<String>, Vec<f64>) = all.map(|e| (e.name, e.value)).unzip();
        (names, values.into())
    }

    /// (I - rho W)^-1.
    fn filtered(&self, names: &[String], p: &Array1<f64>) -> Array2<f64> {
        let rho = names.iter().position(|n| n == "rho").map_or(0.0, |i| p[i]);
        inverse(&filter(&self.w, rho))
    }

    /// Of a regressor by its name without a regime.
    fn effects(
        &self,
        regressor: &str,
        names: &[String],
        p: &Array1<f64>,
        filtered: &Array2<f64>,
    ) -> Array2<f64> {
        let value = |name: &str| names.iter().position(|n| n == name).map(|i| p[i]);
        let of_unit = |term: &str, i: usize| {
            let own = value(&format!("{term} [{}]", self.part[i]));
            own.or_else(|| value(term)).unwrap_or(0.0)
        };
        let n = self.w.nrows();
        let lagged = format!("W {regressor}");
        let local = Array2::from_shape_fn((n, n), |(i, j)| {
            let own = if i == j { of_unit(regressor, i) } else { 0.0 };
            let link = self.v[[i, j]];
            own + if link == 0.0 {
                0.0
            } else {
                of_unit(&lagged, i) * link
            }
        });
        filtered.dot(&local)
    }

    fn group<'a>(&self, name: &'a str) -> (&'a str, Vec<usize>) {
        for g in GROUPS {
            if let Some(regressor) = name.strip_suffix(&format!(" [{g}]")) {
                return (
                    regressor,
                    (0..self.part.len())
                        .filter(|i| self.part[*i] == g)
                        .collect(),
                );
            }
        }
        (name, (0..self.part.len()).collect())
    }

    /// Direct and total of names with or without a regime.
    fn averages(&self, of: &[String], names: &[String], p: &Array1<f64>) -> Vec<[f64; 2]> {
        let filtered = self.filtered(names, p);
        let [x, z] = ["x", "z"].map(|r| self.effects(r, names, p, &filtered));
        let all = of.iter().map(|name| {
            let (regressor, units) = self.group(name);
            let e = if regressor == "x" { &x } else { &z };
            let n = units.len() as f64;
            [
                units.iter().map(|j| e[[*j, *j]]).sum::<f64>() / n,
                units.iter().map(|j| e.column(*j).sum()).sum::<f64>() / n,
            ]
        });
        all.collect()
    }

    /// Delta-method standard errors of direct, indirect and total of each name, by differences.
    fn std_errors(&self, of: &[String]) -> Vec<[f64; 3]> {
        let (names, p) = self.parameters();
        let cov = |i: usize, j: usize| self.fit.vcov().between(&names[i], &names[j]).unwrap();
        // By parameter, by name.
        let gradients: Vec<Vec<[f64; 3]>> = (0..p.len())
            .map(|i| {
                let h = 1e-4 * cov(i, i).sqrt().max(1e-6);
                let at = |k: f64| {
                    let mut p = p.clone();
                    p[i] += k * h;
                    self.averages(of, &names, &p)
                };
                let all = [1.0, -1.0, 2.0, -2.0].map(at);
                let slope = |m: usize, e: &dyn Fn([f64; 2]) -> f64| {
                    // Five points: error of order h⁴.
                    let [a, b, c, d] = [0, 1, 2, 3].map(|k: usize| e(all[k][m]));
                    (8.0 * (a - b) - (c - d)) / (12.0 * h)
                };
                (0..of.len())
                    .map(|m| {
                        [
                            slope(m, &|e| e[0]),
                            slope(m, &|e| e[1] - e[0]),
                            slope(m, &|e| e[1]),
                        ]
                    })
                    .collect()
            })
            .collect();
        (0..of.len())
            .map(|m| {
                [0, 1, 2].map(|e: usize| {
                    let mut variance = 0.0;
                    for (i, a) in gradients.iter().enumerate() {
                        for (j, b) in gradients.iter().enumerate() {
                            variance += a[m][e] * b[m][e] * cov(i, j);
                        }
                    }
                    variance.max(0.0).sqrt()
                })
            })
            .collect()
    }
}

fn names_of(impacts: &Impacts) -> Vec<String> {
    impacts.all().iter().map(|i| i.name.clone()).collect()
}

#[test]
fn averages_equal_the_dense_inverse() {
    for case in cases() {
        let (names, p) = case.parameters();
        let impacts = case.fit.impacts().unwrap();
        let expected = case.averages(&names_of(&impacts), &names, &p);
        for (i, [d, t]) in impacts.all().iter().zip(expected) {
            let scale = d.abs() + t.abs();
            let what = |w: &str| format!("{} {w} {}", case.fit.model(), i.name);
            close(&what("direct"), i.direct.value, d, 1e-9, scale);
            close(&what("total"), i.total.value, t, 1e-9, scale);
            close(&what("indirect"), i.indirect.value, t - d, 1e-9, scale);
        }
        // The whole is the mean of the regimes, weighted by their units.
        for regressor in ["x", "z"] {
            let Ok(whole) = impacts.of(regressor) else {
                continue;
            };
            let parts = GROUPS.map(|g| {
                let name = format!("{regressor} [{g}]");
                let units = case.part.iter().filter(|p| *p == g).count() as f64;
                impacts.of(&name).map(|i| units * i.total.value)
            });
            if let [Ok(a), Ok(b), Ok(c)] = parts {
                let mean = (a + b + c) / case.part.len() as f64;
                close(
                    "mean of regimes",
                    whole.total.value,
                    mean,
                    1e-11,
                    a.abs() + b.abs() + c.abs(),
                );
            }
        }
    }
}

#[test]
fn delta_method_equals_numerical_differentiation() {
    // Every fifth: all models, on maps of all kinds.
    for case in cases().into_iter().step_by(5) {
        let impacts = case.fit.impacts().unwrap();
        let expected = case.std_errors(&names_of(&impacts));
        for (i, theirs) in impacts.all().iter().zip(expected) {
            let ours = [&i.direct, &i.indirect, &i.total].map(|e| e.std_error);
            let what = format!("{} {}", case.fit.model(), i.name);
            for (ours, theirs) in ours.into_iter().zip(theirs) {
                close(&what, ours, theirs, 1e-6, 1e-3 * i.total.std_error);
            }
        }
    }
}

#[test]
fn names_are_the_regressors_and_their_regimes() {
    let w = lattice(6, 10).row_standardized().unwrap();
    let mut random = Random::new(3);
    let table = with_parts(sample(&w, &mut random, 0.4), &mut random);
    let base = || {
        Regression::of("y")
            .on(["x", "z"])
            .spatial_lag(&w)
            .durbin(&w)
    };
    let names =
        |r: &Regression| -> Vec<String> { names_of(&r.fit(&table).unwrap().impacts().unwrap()) };
    let of = |x: &str| {
        let parts = GROUPS.map(|g| format!("{x} [{g}]"));
        std::iter::once(x.to_owned())
            .chain(parts)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&base().regimes("part")), [of("x"), of("z")].concat());
    let some = base().regimes_of(["x"], "part");
    assert_eq!(names(&some), [vec!["z".to_owned()], of("x")].concat());
    assert_eq!(names(&base().regimes_of(["const"], "part")), ["x", "z"]);
    let impacts = some.fit(&table).unwrap().impacts().unwrap();
    assert!(impacts.of("z [north]").is_err() && impacts.by_unit("z").is_ok());
    for refused in ["x", "x [north]"] {
        assert!(matches!(
            impacts.by_unit(refused),
            Err(Error::Unsupported { .. })
        ));
    }
}

/// Where the estimates of all regimes are the same, so are the impacts: errors without any part in the span of the columns by regime.
#[test]
fn regimes_that_are_the_same_change_nothing() {
    let w = lattice(6, 10);
    let mut random = Random::new(5);
    let table = with_parts(sample(&w, &mut random, 0.4), &mut random);
    let base = || Regression::of("y").on(["x", "z"]).durbin(&w);
    let residuals = base()
        .regimes("part")
        .fit(&table)
        .unwrap()
        .residuals()
        .to_owned();
    let x = table.values("x").unwrap().to_owned();
    let y = &x * 2.0 + &w.lag(&x).unwrap() - 1.0 + residuals;
    let mut again = Table::over(w.units()).column("y", y).unwrap();
    for name in ["x", "z"] {
        again = again
            .column(name, table.values(name).unwrap().to_owned())
            .unwrap();
    }
    let again = again
        .label("part", table.labels("part").unwrap().to_vec())
        .unwrap();
    let (one, split) = (base(), base().regimes("part"));
    let (one, split) = (
        one.fit(&again).unwrap().impacts().unwrap(),
        split.fit(&again).unwrap().impacts().unwrap(),
    );
    for regressor in ["x", "z"] {
        let (a, b) = (one.of(regressor).unwrap(), split.of(regressor).unwrap());
        close("direct", b.direct.value, a.direct.value, 1e-9, 1.0);
        close("total", b.total.value, a.total.value, 1e-9, 1.0);
    }
}

#[test]
fn above_a_thousand_units() {
    let w = lattice(36, 36).row_standardized().unwrap();
    let n = w.n();
    let mut random = Random::new(9);
    let x = random.normals(n);
    let part: Vec<&str> = (0..n)
        .map(|i| if i % 36 < 12 { "core" } else { "rim" })
        .collect();
    let slope: Array1<f64> = part
        .iter()
        .map(|p| if *p == "core" { 1.5 } else { 0.5 })
        .collect();
    let right = &x * &slope + random.normals(n);
    let (mut y, mut power) = (right.clone(), right);
    for _ in 0..40 {
        power = w.lag(&power).unwrap() * 0.5;
        y += &power;
    }
    let table = Table::over(w.units())
        .column("x", x)
        .unwrap()
        .column("y", y)
        .unwrap();
    let table = table.label("part", part.clone()).unwrap();
    let fit = Regression::of("y")
        .on(["x"])
        .regimes("part")
        .spatial_lag(&w)
        .durbin(&w)
        .fit(&table)
        .unwrap();
    let impacts = fit.impacts().unwrap();
    let rho = fit.rho().unwrap().value;
    let coefficient = |name: &str| fit.coefficient(name).unwrap().value;
    // The regressor that is changed, by hand: solved by the series of powers.
    let effect = |unit: usize| {
        let mut e = Array1::zeros(n);
        e[unit] = 1.0;
        let lagged = w.lag(&e).unwrap();
        let mut local: Array1<f64> = (0..n)
            .map(|i| {
                coefficient(&format!("x [{}]", part[i])) * e[i]
                    + coefficient(&format!("W x [{}]", part[i])) * lagged[i]
            })
            .collect();
        let mut sum = local.clone();
        for _ in 0..200 {
            local = w.lag(&local).unwrap() * rho;
            sum += &local;
        }
        (sum[unit], sum.sum())
    };
    let all: Vec<(f64, f64)> = (0..n).map(effect).collect();
    for name in ["core", "rim"] {
        let of: Vec<_> = (0..n)
            .filter(|i| part[*i] == name)
            .map(|i| all[i])
            .collect();
        let i = impacts.of(&format!("x [{name}]")).unwrap();
        let mean = |f: fn(&(f64, f64)) -> f64| of.iter().map(f).sum::<f64>() / of.len() as f64;
        close("direct", i.direct.value, mean(|e| e.0), 1e-9, 1.0);
        close("total", i.total.value, mean(|e| e.1), 1e-9, 1.0);
        assert!(i.direct.std_error > 0.0 && i.total.std_error > i.direct.std_error);
    }
    let simulated = impacts.simulated(Draws::new(2_000).seed(1)).unwrap();
    for (i, s) in impacts.all().iter().zip(simulated.all()) {
        assert_eq!(i.name, s.name);
        // Precise estimates: the draws have the delta-method standard errors, up to noise and curvature.
        close("direct", s.direct.std_error, i.direct.std_error, 0.1, 0.0);
        close("total", s.total.std_error, i.total.std_error, 0.1, 0.0);
    }
}

#[test]
fn simulated_quantiles_equal_those_of_a_brute_force_simulation() {
    let w = lattice(5, 8).row_standardized().unwrap();
    let mut random = Random::new(12);
    let table = with_parts(sample(&w, &mut random, 0.4), &mut random);
    let fit = Regression::of("y")
        .on(["x", "z"])
        .regimes_of(["x"], "part")
        .spatial_lag(&w)
        .durbin(&w)
        .fit(&table)
        .unwrap();
    let case = Case {
        part: table.labels("part").unwrap().to_vec(),
        w: matrix(&w),
        v: matrix(&w),
        fit,
    };
    let count = 2_000;
    let ours = case
        .fit
        .impacts()
        .unwrap()
        .simulated(Draws::new(count).seed(1))
        .unwrap();
    let (names, centre) = case.parameters();
    let m = centre.len();
    let cov = Array2::from_shape_fn((m, m), |(i, j)| {
        case.fit.vcov().between(&names[i], &names[j]).unwrap()
    });
    let lower = cholesky(&cov);
    let (lo, hi) = w.admissible_interval().unwrap();
    let asked = ["x", "x [north]", "x [west]", "z"].map(str::to_owned);
    let mut theirs = [const { [const { Vec::new() }; 3] }; 4];
    while theirs[0][0].len() < count {
        let p = &centre + &lower.dot(&random.normals(m));
        if p[m - 1] > lo && p[m - 1] < hi {
            let drawn = case.averages(&asked, &names, &p);
            for ([d, t], to) in drawn.into_iter().zip(&mut theirs) {
                for (to, value) in to.iter_mut().zip([d, t - d, t]) {
                    to.push(value);
                }
            }
        }
    }
    for (name, theirs) in asked.iter().zip(&theirs) {
        compare_quantiles(ours.of(name).unwrap(), theirs);
    }
    let whole = case.effects("x", &names, &centre, &case.filtered(&names, &centre));
    let x = case.fit.impacts().unwrap().of("x").unwrap().clone();
    close("direct", x.direct.value, direct(&whole), 1e-10, 1.0);
    close("total", x.total.value, total(&whole), 1e-10, 1.0);
}
