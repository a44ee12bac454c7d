//! The estimates beside a full log-likelihood written out with a dense determinant: zero gradient, observed information, no better value nearby.

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::dense::{inverse, least_squares, ln_det};
use crate::maps::{Map, any_map, filter, fit, matrix, sample};

/// y, W and the columns of X that the fit names.
pub struct Dense {
    pub y: Array1<f64>,
    pub x: Array2<f64>,
    pub w: Array2<f64>,
    pub error: bool,
}

impl Dense {
    pub fn of(fit: &Fit, table: &Table, w: &Weights) -> Self {
        let w = matrix(w);
        let ones = Array1::<f64>::ones(table.len());
        let own = |name: &str| match name {
            "const" => ones.clone(),
            _ => table.values(name).unwrap().to_owned(),
        };
        let names: Vec<String> = fit.coefficients().into_iter().map(|c| c.name).collect();
        let mut x = Array2::zeros((table.len(), names.len()));
        for (name, mut to) in names.iter().zip(x.columns_mut()) {
            to.assign(&match name.strip_prefix("W ") {
                Some(lagged) => w.dot(&own(lagged)),
                None => own(name),
            });
        }
        Self {
            y: table.values("y").unwrap().to_owned(),
            x,
            w,
            error: fit.lambda().is_some(),
        }
    }

    /// Log-likelihood of (b, rho or lambda, sigma²).
    fn full(&self, p: &Array1<f64>) -> f64 {
        let (n, k) = self.x.dim();
        let a = filter(&self.w, p[k]);
        let xb = self.x.dot(&p.slice(ndarray::s![..k]));
        let e = if self.error {
            a.dot(&(&self.y - &xb))
        } else {
            a.dot(&self.y) - &xb
        };
        let s2 = p[k + 1];
        ln_det(&a) - 0.5 * n as f64 * (std::f64::consts::TAU * s2).ln() - e.dot(&e) / (2.0 * s2)
    }

    /// Log-likelihood with b and sigma² at their best for this rho, ln|I - rho W| given.
    pub fn profile(&self, rho: f64, ln_det: f64) -> f64 {
        let n = self.y.len() as f64;
        let ys = &self.y - &(self.w.dot(&self.y) * rho);
        let e = if self.error {
            least_squares(&(&self.x - &(self.w.dot(&self.x) * rho)), &ys).1
        } else {
            least_squares(&self.x, &ys).1
        };
        ln_det - 0.5 * n * ((std::f64::consts::TAU * e.dot(&e) / n).ln() + 1.0)
    }
}

/// The four models of maximum likelihood.
fn fits(map: &Map, information: Information) -> Vec<(Fit, Dense)> {
    let w = map.weights();
    let table = sample(&w, &mut map.random(), 0.4);
    let base = Regression::of("y").on(["x", "z"]).information(information);
    [
        base.clone().spatial_lag(&w),
        base.clone().spatial_error(&w),
        base.clone().spatial_lag(&w).durbin(&w),
        base.spatial_error(&w).durbin(&w),
    ]
    .iter()
    .filter_map(|r| {
        let fit = fit(r, &table)?;
        let dense = Dense::of(&fit, &table, &w);
        Some((fit, dense))
    })
    .collect()
}

fn spatial(fit: &Fit) -> f64 {
    fit.rho().or(fit.lambda()).unwrap().value
}

fn estimates(fit: &Fit) -> Array1<f64> {
    fit.coefficients()
        .iter()
        .map(|c| c.value)
        .chain([spatial(fit), fit.sigma2()])
        .collect()
}

fn std_errors(fit: &Fit) -> Array1<f64> {
    fit.vcov().matrix().diag().mapv(f64::sqrt)
}

fn moved(p: &Array1<f64>, by: &[(usize, f64)]) -> Array1<f64> {
    let mut p = p.clone();
    for (i, h) in by {
        p[*i] += h;
    }
    p
}

proptest! {
    #![proptest_config(crate::cases(24))]

    #[test]
    fn the_score_is_zero_at_the_estimates(map in any_map()) {
        for (fit, dense) in fits(&map, Information::Expected) {
            let (p, se) = (estimates(&fit), std_errors(&fit));
            for i in 0..p.len() {
                let h = 1e-4 * se[i];
                let slope = (dense.full(&moved(&p, &[(i, h)])) - dense.full(&moved(&p, &[(i, -h)]))) / 2e-4;
                // In units of a standard error.
                prop_assert!(slope.abs() < 1e-6, "{}: {} has slope {slope:e}", fit.model(), fit.vcov().names()[i]);
            }
            close("log-likelihood", fit.log_likelihood(), dense.full(&p), 1e-11, 1.0);
        }
    }

    #[test]
    fn nowhere_nearby_is_better(map in any_map()) {
        let w = map.weights();
        let (lo, hi) = w.admissible_interval().unwrap();
        let ols = Regression::of("y").on(["x", "z"])
            .fit(&sample(&w, &mut map.random(), 0.4)).unwrap();
        for (fit, dense) in fits(&map, Information::Expected) {
            let at = |rho: f64| dense.profile(rho, ln_det(&filter(&dense.w, rho)));
            let best = at(spatial(&fit));
            close("profile", fit.log_likelihood(), best, 1e-11, 1.0);
            prop_assert!(best >= ols.log_likelihood() - 1e-9);
            for step in [1e-6, 1e-4, 1e-2, 0.1, 0.5, 0.9] {
                for end in [lo, hi] {
                    let rho = spatial(&fit) + step * (end - spatial(&fit));
                    prop_assert!(at(rho) <= best + 1e-9, "{}: {rho} is better", fit.model());
                }
            }
        }
    }

    #[test]
    fn observed_information_is_minus_the_hessian(map in any_map()) {
        for (fit, dense) in fits(&map, Information::Observed) {
            let (p, se) = (estimates(&fit), std_errors(&fit));
            if !se.iter().all(|s| s.is_finite()) {
                continue;
            }
            let m = p.len();
            let scaled = Array2::from_shape_fn((m, m), |(i, j)| fit.vcov().matrix()[[i, j]] / (se[i] * se[j]));
            let information = inverse(&scaled);
            let second = |i: usize, j: usize, h: f64| {
                let f = |a: f64, b: f64| dense.full(&moved(&p, &[(i, a * h * se[i]), (j, b * h * se[j])]));
                (f(1.0, 1.0) - f(1.0, -1.0) - f(-1.0, 1.0) + f(-1.0, -1.0)) / (4.0 * h * h)
            };
            for i in 0..m {
                for j in 0..=i {
                    // Richardson: the error of order h² cancels.
                    let hessian = (4.0 * second(i, j, 1e-3) - second(i, j, 2e-3)) / 3.0;
                    let scale = (information[[i, i]] * information[[j, j]]).sqrt();
                    close(&format!("{} {i} {j}", fit.model()), information[[i, j]], -hessian, 1e-4, scale);
                }
            }
        }
    }
}
