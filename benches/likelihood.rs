//! Maximum likelihood at sizes: a queen lattice, five regressors, true rho 0.5.
//!
//! `cargo bench --bench likelihood` · one fit a sample; the estimate stands beside the time, so that speed is never bought
//! with accuracy.

use divan::Bencher;
use ndarray::Array1;
use spatialecon::{Lattice, Regression, Table, Weights};

fn main() {
    for side in [32, 100] {
        let (table, w) = sample(side);
        let sar = regression().spatial_lag(&w).fit(&table).unwrap();
        let sem = regression().spatial_error(&w).fit(&table).unwrap();
        for (name, e) in [
            ("rho", sar.rho().unwrap()),
            ("lambda", sem.lambda().unwrap()),
        ] {
            println!(
                "n = {}: {name} {:.10} (se {:.6})",
                side * side,
                e.value,
                e.std_error
            );
        }
    }
    divan::main();
}

/// A queen lattice of side × side units.
fn lattice(side: usize) -> Weights {
    let raw = Weights::lattice(Lattice::queen(side, side)).unwrap();
    raw.row_standardized().unwrap()
}

/// y = 0.5 W y + 1 + x1 - x2 + 0.5 x3 + 0 x4 + 0.25 x5 + e, by repeated lags; a fixed congruential generator.
fn sample(side: usize) -> (Table, Weights) {
    let w = lattice(side);
    let n = w.n();
    let mut state = 20_261_124_u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 9_007_199_254_740_992.0
    };
    let mut normal = |n: usize| -> Array1<f64> {
        (0..n)
            .map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0)
            .collect()
    };
    let x: Vec<Array1<f64>> = (0..5).map(|_| normal(n)).collect();
    let start = normal(n) + 1.0 + &x[0] - &x[1] + &(&x[2] * 0.5) + &(&x[4] * 0.25);
    let mut y = start.clone();
    for _ in 0..60 {
        y = &start + &(w.lag(&y).unwrap() * 0.5);
    }
    let mut table = Table::over(w.units()).column("y", y).unwrap();
    for (j, x) in x.into_iter().enumerate() {
        table = table.column(&format!("x{}", j + 1), x).unwrap();
    }
    (table, w)
}

fn regression() -> Regression {
    Regression::of("y").on(["x1", "x2", "x3", "x4", "x5"])
}

/// The weights are made anew for each sample, so that no spectrum or factorisation is reused.
#[divan::bench(args = [7, 32, 100, 316], sample_count = 3, sample_size = 1)]
fn sar(bencher: Bencher<'_, '_>, side: usize) {
    bencher
        .with_inputs(|| sample(side))
        .bench_values(|(table, w)| regression().spatial_lag(&w).fit(&table).unwrap());
}

#[divan::bench(args = [7, 32, 100, 316], sample_count = 3, sample_size = 1)]
fn sem(bencher: Bencher<'_, '_>, side: usize) {
    bencher
        .with_inputs(|| sample(side))
        .bench_values(|(table, w)| regression().spatial_error(&w).fit(&table).unwrap());
}

#[divan::bench(args = [7, 32, 100, 316], sample_count = 3, sample_size = 1)]
fn sac(bencher: Bencher<'_, '_>, side: usize) {
    bencher
        .with_inputs(|| sample(side))
        .bench_values(|(table, w)| {
            let both = regression().spatial_lag(&w).spatial_error(&w);
            both.fit(&table).unwrap()
        });
}

/// The 100 values of rho from -0.9 to 0.99, by one interpolant.
#[divan::bench(args = [100, 316], sample_count = 3, sample_size = 1)]
fn log_determinants(bencher: Bencher<'_, '_>, side: usize) {
    let rho: Vec<f64> = (0..100)
        .map(|i| -0.9 + 1.89 * f64::from(i) / 99.0)
        .collect();
    bencher
        .with_inputs(|| lattice(side))
        .bench_values(|w| w.ln_determinants(&rho).unwrap());
}

/// The largest size that is meant: `cargo bench --bench likelihood -- --ignored a_million`.
#[divan::bench(ignore = true, sample_count = 1, sample_size = 1)]
fn a_million(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| sample(1_000))
        .bench_values(|(table, w)| regression().spatial_lag(&w).fit(&table).unwrap());
}

#[divan::bench(args = [32, 100, 316], sample_count = 3, sample_size = 1)]
fn sdm_impacts(bencher: Bencher<'_, '_>, side: usize) {
    let (table, w) = sample(side);
    let fit = regression().spatial_lag(&w).durbin(&w).fit(&table).unwrap();
    bencher.bench(|| fit.impacts().unwrap());
}

#[divan::bench(args = [32, 100, 316], sample_count = 3, sample_size = 1)]
fn sdm_impacts_simulated(bencher: Bencher<'_, '_>, side: usize) {
    let (table, w) = sample(side);
    let fit = regression().spatial_lag(&w).durbin(&w).fit(&table).unwrap();
    let impacts = fit.impacts().unwrap();
    bencher.bench(|| impacts.simulated(spatialecon::Draws::new(1_000)).unwrap());
}
