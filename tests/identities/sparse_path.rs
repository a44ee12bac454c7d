//! Large maps: sparse factorisations beside other routes to the same maximum.

use ndarray::Array1;
use spatialecon::*;

use crate::close;
use crate::dense::golden;
use crate::maps::{Random, lattice, nearest};

/// x and y = x + noise, with noise and response smoothed by a few powers of W: no n × n array.
fn sample(w: &Weights, seed: u64) -> Table {
    let mut random = Random::new(seed);
    let n = w.n();
    let x = random.normals(n);
    let smooth = |v: Array1<f64>| -> Array1<f64> {
        let (mut sum, mut power) = (v.clone(), v);
        for _ in 0..30 {
            power = w.lag(&power).unwrap() * 0.5;
            sum += &power;
        }
        sum
    };
    let y = smooth(1.0 + &x + &random.normals(n));
    Table::over(w.units())
        .column("x", x)
        .unwrap()
        .column("y", y)
        .unwrap()
}

/// Profile log-likelihood without constants, from normal equations of centred columns.
struct Profile<'a> {
    w: &'a Weights,
    y: Array1<f64>,
    wy: Array1<f64>,
    x: Vec<Array1<f64>>,
    wx: Vec<Array1<f64>>,
    error: bool,
}

impl<'a> Profile<'a> {
    fn new(table: &Table, w: &'a Weights, durbin: bool, error: bool) -> Self {
        let y = table.values("y").unwrap().to_owned();
        let own = table.values("x").unwrap().to_owned();
        let lagged = w.lag(&own).unwrap();
        // Rows sum to one: the constant is filtered to a constant.
        let x = if durbin { vec![own, lagged] } else { vec![own] };
        let wx = x.iter().map(|v| w.lag(v).unwrap()).collect();
        Self {
            w,
            wy: w.lag(&y).unwrap(),
            y,
            x,
            wx,
            error,
        }
    }

    fn sse(&self, rho: f64) -> f64 {
        let centred = |v: Array1<f64>| {
            let mean = v.sum() / v.len() as f64;
            v - mean
        };
        let mut e = centred(&self.y - &(&self.wy * rho));
        let mut q: Vec<Array1<f64>> = Vec::new();
        for (x, wx) in self.x.iter().zip(&self.wx) {
            let mut v = centred(if self.error {
                x - &(wx * rho)
            } else {
                x.clone()
            });
            for u in &q {
                v = &v - &(u * (u.dot(&v) / u.dot(u)));
            }
            e = &e - &(&v * (v.dot(&e) / v.dot(&v)));
            q.push(v);
        }
        e.dot(&e)
    }

    fn at(&self, rho: f64) -> f64 {
        let ln_det = self.w.ln_determinant_by(LogDeterminant::Lu, rho).unwrap();
        ln_det - 0.5 * self.y.len() as f64 * self.sse(rho).ln()
    }
}

fn check(w: &Weights, log_determinant: LogDeterminant, seed: u64) {
    let table = sample(w, seed);
    let base = || {
        Regression::of("y")
            .on(["x"])
            .information(Information::Observed)
    };
    for (fit, durbin, error) in [
        (base().spatial_lag(w).fit(&table).unwrap(), false, false),
        (base().spatial_error(w).fit(&table).unwrap(), false, true),
        (
            base().spatial_lag(w).durbin(w).fit(&table).unwrap(),
            true,
            false,
        ),
    ] {
        let story = &fit.optimization().unwrap().parameters[0];
        assert_eq!(story.log_determinant, log_determinant);
        assert!(
            story.gradient.abs() < 1e-6,
            "{}: {}",
            fit.model(),
            story.gradient
        );
        let rho = fit.rho().or(fit.lambda()).unwrap();
        let profile = Profile::new(&table, w, durbin, error);
        let best = golden(rho.value - 0.02, rho.value + 0.03, 1e-8, |r| profile.at(r));
        assert!(
            (best - rho.value).abs() < 1e-6,
            "{}: {} and {best}",
            fit.model(),
            rho.value
        );
        let n = w.n() as f64;
        let constant = 0.5 * n * (n.ln() - std::f64::consts::TAU.ln() - 1.0);
        close(
            "log-likelihood",
            fit.log_likelihood(),
            profile.at(rho.value) + constant,
            1e-11,
            1.0,
        );
        close(
            "sigma2",
            fit.sigma2(),
            profile.sse(rho.value) / n,
            1e-9,
            0.0,
        );
        // The variance of rho is minus the inverse curvature of the profile; five points.
        let h = 0.1 * rho.std_error;
        let f = |k: f64| profile.at(rho.value + k * h);
        let curvature =
            (16.0 * (f(1.0) + f(-1.0)) - (f(2.0) + f(-2.0)) - 30.0 * f(0.0)) / (12.0 * h * h);
        close(
            "std error of rho",
            rho.std_error,
            (-curvature).powf(-0.5),
            1e-5,
            0.0,
        );
    }
}

#[test]
fn eigenvalues_up_to_a_thousand_units() {
    check(
        &lattice(30, 30).row_standardized().unwrap(),
        LogDeterminant::Eigenvalues,
        1,
    );
}

#[test]
fn sparse_cholesky_above() {
    check(
        &lattice(40, 40).row_standardized().unwrap(),
        LogDeterminant::Cholesky,
        2,
    );
}

#[test]
fn sparse_lu_for_asymmetric_weights() {
    check(
        &nearest(1_200, 6, 3).row_standardized().unwrap(),
        LogDeterminant::Lu,
        3,
    );
}

/// The same map by both paths: a lattice of 961 units by eigenvalues, and within 1,023 units with a far block of two rows cut off.
#[test]
fn both_paths_give_the_same_determinant() {
    let small = lattice(31, 31).row_standardized().unwrap();
    let links = |w: &Weights, from: usize| -> Vec<(usize, usize, f64)> {
        (0..w.n())
            .flat_map(|i| w.neighbours(i).map(move |(j, v)| (from + i, from + j, v)))
            .collect()
    };
    let strip = lattice(2, 31).row_standardized().unwrap();
    let mut all = links(&small, 0);
    all.extend(links(&strip, 961));
    let large = Weights::from_links_at(&Units::range(1_023), all).unwrap();
    for rho in [-0.95, -0.4, 0.1, 0.5, 0.9, 0.99] {
        let parts = small.ln_determinant(rho).unwrap() + strip.ln_determinant(rho).unwrap();
        close(
            "ln det",
            large.ln_determinant(rho).unwrap(),
            parts,
            1e-10,
            1.0,
        );
        let lu = large.ln_determinant_by(LogDeterminant::Lu, rho).unwrap();
        close("ln det by LU", lu, parts, 1e-10, 1.0);
    }
    let (lo, hi) = large.admissible_interval().unwrap();
    let of_parts = small
        .admissible_interval()
        .unwrap()
        .0
        .max(strip.admissible_interval().unwrap().0);
    let smallest = large.extreme_eigenvalues().unwrap().0;
    close("smallest eigenvalue", 1.0 / smallest, of_parts, 1e-9, 1.0);
    // The interval takes fewer steps than the eigenvalues do.
    close("lower end", lo, of_parts, 1e-6, 1.0);
    close("upper end", hi, 1.0, 1e-9, 1.0);
}
