//! Weights of observations, variances by group and regimes beside the full likelihood written out with dense matrices: zero gradient,
//! observed information, expected information from the mean and covariance of the response.

use ndarray::{Array1, Array2};
use spatialecon::*;

use crate::close;
use crate::dense::{inverse, ln_det};
use crate::maps::{Random, filter, lattice, matrix, nearest};

const GROUPS: [&str; 3] = ["north", "south", "west"];

/// The model with all its matrices: (b, rho, lambda, variances) are the parameters.
struct Dense {
    y: Array1<f64>,
    x: Array2<f64>,
    w: Option<Array2<f64>>,
    m: Option<Array2<f64>>,
    weights: Array1<f64>,
    /// The group of each unit; one group without variances by group.
    groups: Vec<usize>,
}

impl Dense {
    fn parts(&self, p: &Array1<f64>) -> (Array2<f64>, Array2<f64>, Array1<f64>) {
        let (n, k) = self.x.dim();
        let mut at = k;
        let mut process = |w: &Option<Array2<f64>>| match w {
            Some(w) => {
                at += 1;
                filter(w, p[at - 1])
            }
            None => Array2::eye(n),
        };
        let (a, b) = (process(&self.w), process(&self.m));
        let variances = (0..n)
            .map(|i| p[at + self.groups[i]] / self.weights[i])
            .collect();
        (a, b, variances)
    }

    fn log_likelihood(&self, p: &Array1<f64>) -> f64 {
        let (a, b, variances) = self.parts(p);
        let xb = self.x.dot(&p.slice(ndarray::s![..self.x.ncols()]));
        let e = b.dot(&(a.dot(&self.y) - xb));
        let fit: f64 = (e.iter().zip(&variances))
            .map(|(e, v)| (std::f64::consts::TAU * v).ln() + e * e / v)
            .sum();
        ln_det(&a) + ln_det(&b) - 0.5 * fit
    }

    /// Mean and covariance of y.
    fn moments(&self, p: &Array1<f64>) -> (Array1<f64>, Array2<f64>) {
        let (a, b, variances) = self.parts(p);
        let xb = self.x.dot(&p.slice(ndarray::s![..self.x.ncols()]));
        let a = inverse(&a);
        let root = a.dot(&inverse(&b)) * &variances.mapv(f64::sqrt);
        (a.dot(&xb), root.dot(&root.t()))
    }

    /// m_i' S^-1 m_j + ½ tr S^-1 S_i S^-1 S_j, with the derivatives of mean and covariance by differences.
    fn expected_information(&self, p: &Array1<f64>, steps: &Array1<f64>) -> Array2<f64> {
        let s = inverse(&self.moments(p).1);
        let slopes: Vec<(Array1<f64>, Array2<f64>)> = (0..p.len())
            .map(|i| {
                let h = steps[i];
                let one = |h: f64| {
                    let (up, down) = (
                        self.moments(&moved(p, &[(i, h)])),
                        self.moments(&moved(p, &[(i, -h)])),
                    );
                    ((up.0 - down.0) / (2.0 * h), (up.1 - down.1) / (2.0 * h))
                };
                let (near, far) = (one(h), one(2.0 * h));
                (
                    (near.0 * 4.0 - far.0) / 3.0,
                    s.dot(&((near.1 * 4.0 - far.1) / 3.0)),
                )
            })
            .collect();
        Array2::from_shape_fn((p.len(), p.len()), |(i, j)| {
            let trace = (&slopes[i].1 * &slopes[j].1.t()).sum();
            slopes[i].0.dot(&s.dot(&slopes[j].0)) + 0.5 * trace
        })
    }
}

fn moved(p: &Array1<f64>, by: &[(usize, f64)]) -> Array1<f64> {
    let mut p = p.clone();
    for (i, h) in by {
        p[*i] += h;
    }
    p
}

fn sample(n: usize, seed: u64) -> Table {
    let mut random = Random::new(seed);
    let (x, z) = (random.normals(n), random.normals(n).mapv(|v| 3.0 + 0.5 * v));
    let people: Array1<f64> = (0..n).map(|_| 0.2 + 3.0 * random.uniform()).collect();
    let group: Vec<usize> = (0..n).map(|i| (i * 7 / 5) % 3).collect();
    let noise = random.normals(n);
    let y: Array1<f64> = (0..n)
        .map(|i| {
            1.0 + x[i] - 0.7 * z[i] + (0.4 + 0.5 * group[i] as f64) * noise[i] / people[i].sqrt()
        })
        .collect();
    Table::over(&Units::range(n))
        .column("x", x)
        .unwrap()
        .column("z", z)
        .unwrap()
        .column("people", people)
        .unwrap()
        .column("y", y)
        .unwrap()
        .label("part", group.iter().map(|g| GROUPS[*g]))
        .unwrap()
}

/// The eight models.
fn models(base: &Regression, w: &Weights, m: &Weights) -> Vec<Regression> {
    let base = || base.clone();
    vec![
        base(),
        base().durbin(w),
        base().spatial_lag(w),
        base().spatial_error(m),
        base().spatial_lag(w).durbin(w),
        base().spatial_error(m).durbin(w),
        base().spatial_lag(w).spatial_error(m),
        base().spatial_lag(w).spatial_error(m).durbin(w),
    ]
}

fn maps() -> (Weights, Weights) {
    let w = lattice(6, 10).row_standardized().unwrap();
    let w = w.relabelled(&Units::range(60)).unwrap();
    (w, nearest(60, 4, 5).row_standardized().unwrap())
}

/// Column j of the design, by its name.
fn column(name: &str, table: &Table, w: &Array2<f64>) -> Array1<f64> {
    if let Some((term, group)) = name.strip_suffix(']').and_then(|n| n.split_once(" [")) {
        let part = table.labels("part").unwrap();
        let all = column(term, table, w);
        return (0..table.len())
            .map(|i| if part[i] == group { all[i] } else { 0.0 })
            .collect();
    }
    match name.strip_prefix("W ") {
        Some(of) => w.dot(&column(of, table, w)),
        None if name == "const" => Array1::ones(table.len()),
        None => table.values(name).unwrap().to_owned(),
    }
}

fn check(fit: &Fit, table: &Table, w: &Weights, m: &Weights) {
    let n = table.len();
    let (w, m) = (matrix(w), matrix(m));
    let names: Vec<String> = fit.coefficients().into_iter().map(|c| c.name).collect();
    let mut x = Array2::zeros((n, names.len()));
    for (name, mut to) in names.iter().zip(x.columns_mut()) {
        to.assign(&column(name, table, &w));
    }
    let labels = table.labels("part").unwrap();
    let mut order: Vec<&String> = Vec::new();
    for l in labels {
        if !order.contains(&l) {
            order.push(l);
        }
    }
    let by_group = fit.group_variances();
    let groups = (0..n)
        .map(|i| match by_group {
            Some(_) => order.iter().position(|g| *g == &labels[i]).unwrap(),
            None => 0,
        })
        .collect();
    let dense = Dense {
        y: table.values("y").unwrap().to_owned(),
        x,
        w: fit.rho().map(|_| w.clone()),
        m: fit.lambda().map(|_| m.clone()),
        weights: match fit.weighted_by() {
            Some(c) => table.values(c).unwrap().to_owned(),
            None => Array1::ones(n),
        },
        groups,
    };
    let variances = match &by_group {
        Some(v) => v.iter().map(|e| e.value).collect(),
        None => vec![fit.sigma2()],
    };
    let p: Array1<f64> = (fit.coefficients().iter().map(|c| c.value))
        .chain(fit.rho().into_iter().chain(fit.lambda()).map(|e| e.value))
        .chain(variances)
        .collect();
    let what = format!(
        "{:?} {:?} {}",
        fit.weighted_by(),
        fit.regimes(),
        fit.model()
    );
    close(
        &what,
        fit.log_likelihood(),
        dense.log_likelihood(&p),
        1e-11,
        1.0,
    );
    // y_i given all other responses.
    let (mean, covariance) = dense.moments(&p);
    let q = inverse(&covariance);
    let best = &dense.y - &(q.dot(&(&dense.y - &mean)) / q.diag());
    for (a, b) in fit
        .predict(Prediction::Best)
        .unwrap()
        .values()
        .iter()
        .zip(&best)
    {
        close(&what, *a, *b, 1e-9, 1.0);
    }
    let v = fit.vcov();
    assert_eq!(v.names().len(), p.len());
    let se = v.matrix().diag().mapv(f64::sqrt);
    for i in 0..p.len() {
        let h = 1e-4 * se[i];
        let slope = (dense.log_likelihood(&moved(&p, &[(i, h)]))
            - dense.log_likelihood(&moved(&p, &[(i, -h)])))
            / 2e-4;
        assert!(
            slope.abs() < 1e-6,
            "{what}: {} has slope {slope:e}",
            v.names()[i]
        );
    }
    let scaled = Array2::from_shape_fn((p.len(), p.len()), |(i, j)| {
        v.matrix()[[i, j]] / (se[i] * se[j])
    });
    let ours = inverse(&scaled);
    let theirs = match fit.information().unwrap() {
        Information::Expected => {
            let plain = dense.expected_information(&p, &(&se * 1e-3));
            Array2::from_shape_fn(plain.dim(), |(i, j)| plain[[i, j]] * se[i] * se[j])
        }
        Information::Observed => {
            let second = |i: usize, j: usize, h: f64| {
                let f = |a: f64, b: f64| {
                    dense.log_likelihood(&moved(&p, &[(i, a * h * se[i]), (j, b * h * se[j])]))
                };
                (f(1.0, 1.0) - f(1.0, -1.0) - f(-1.0, 1.0) + f(-1.0, -1.0)) / (4.0 * h * h)
            };
            Array2::from_shape_fn(ours.dim(), |(i, j)| {
                -(4.0 * second(i, j, 1e-3) - second(i, j, 2e-3)) / 3.0
            })
        }
    };
    for ((i, j), a) in ours.indexed_iter() {
        let scale = (ours[[i, i]] * ours[[j, j]]).sqrt();
        let tolerance = match fit.information().unwrap() {
            Information::Expected => 1e-7,
            Information::Observed => 1e-4,
        };
        close(
            &format!("{what} {i} {j}"),
            *a,
            theirs[[i, j]],
            tolerance,
            scale,
        );
    }
}

#[test]
fn weights_variances_and_regimes_are_those_of_the_full_likelihood() {
    let (w, m) = maps();
    let table = sample(60, 3);
    for information in [Information::Observed, Information::Expected] {
        let base = Regression::of("y").on(["x", "z"]).information(information);
        for base in [
            base.clone().weighted_by("people"),
            base.clone().variance_by("part"),
            base.clone().variance_by("part").weighted_by("people"),
            base.clone().regimes_of(["x"], "part").weighted_by("people"),
            base.clone()
                .regimes_of(["const", "z"], "part")
                .variance_by("part"),
        ] {
            for regression in models(&base, &w, &m) {
                let fit = regression.fit(&table).unwrap();
                if fit.information().is_some() {
                    check(&fit, &table, &w, &m);
                }
            }
        }
    }
}

/// Nothing nearby, and no other start, is better: the likelihood of a grid of variances is below.
#[test]
fn no_other_variances_are_better() {
    let (w, m) = maps();
    let table = sample(60, 8);
    let base = Regression::of("y").on(["x"]);
    let grouped = models(&base.clone().variance_by("part"), &w, &m);
    for (regression, plain) in grouped.iter().zip(models(&base, &w, &m)) {
        let fit = regression.fit(&table).unwrap();
        let variances = fit.group_variances().unwrap();
        let factors = [0.3, 0.8, 1.0, 1.3, 4.0];
        for a in factors {
            for b in factors {
                // The fit with these variances as weights, less what its own sigma² adds.
                let by = [a, b, 1.0];
                let part = table.labels("part").unwrap();
                let weight: Array1<f64> = (part.iter())
                    .map(|l| {
                        let g = variances
                            .iter()
                            .position(|v| v.name == format!("sigma2 [{l}]"))
                            .unwrap();
                        1.0 / (variances[g].value * by[g])
                    })
                    .collect();
                let table = table.clone().column("weight", weight).unwrap();
                let given = plain.clone().weighted_by("weight").fit(&table).unwrap();
                assert!(given.log_likelihood() <= fit.log_likelihood() + 1e-9);
                if a == 1.0 && b == 1.0 {
                    close(
                        "the same",
                        given.log_likelihood(),
                        fit.log_likelihood(),
                        1e-10,
                        1.0,
                    );
                }
            }
        }
    }
}

/// Regimes of everything in least squares are regressions of their own; with Durbin terms and rho, columns written out by hand.
#[test]
fn regimes_are_columns_by_group() {
    let (w, _) = maps();
    let table = sample(60, 4);
    let all = Regression::of("y")
        .on(["x", "z"])
        .regimes("part")
        .fit(&table)
        .unwrap();
    let part = table.labels("part").unwrap().to_vec();
    for group in GROUPS {
        let others = (0..60).filter(|i| part[*i] != group).map(|i| i.to_string());
        let one = table.without(others).unwrap();
        let own = Regression::of("y").on(["x", "z"]).fit(&one).unwrap();
        for e in own.coefficients() {
            let ours = all
                .coefficient(&format!("{} [{group}]", e.name))
                .unwrap()
                .value;
            close(&e.name, ours, e.value, 1e-11, 1.0);
        }
    }
    let fit = Regression::of("y")
        .on(["x", "z"])
        .spatial_lag(&w)
        .durbin(&w)
        .regimes("part")
        .fit(&table)
        .unwrap();
    let dense = matrix(&w);
    let mut by_hand = table.clone();
    let names: Vec<String> = fit.coefficients().into_iter().map(|c| c.name).collect();
    assert_eq!(
        names[..5],
        [
            "const [north]",
            "x [north]",
            "z [north]",
            "W x [north]",
            "W z [north]"
        ]
    );
    assert_eq!(names.len(), 15);
    for name in &names {
        by_hand = by_hand.column(name, column(name, &table, &dense)).unwrap();
    }
    let again = Regression::of("y")
        .on(names)
        .without_intercept()
        .spatial_lag(&w)
        .fit(&by_hand)
        .unwrap();
    close(
        "log-likelihood",
        fit.log_likelihood(),
        again.log_likelihood(),
        1e-12,
        1.0,
    );
    for (a, b) in fit.coefficients().iter().zip(again.coefficients()) {
        close(&a.name, a.value, b.value, 1e-10, 1.0);
        close(&a.name, a.std_error, b.std_error, 1e-10, 1.0);
    }
}
