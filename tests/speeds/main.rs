//! Speeds of convergence: nonlinear least squares, gaps between units, the bootstrap, units left out, variances, spans.
//!
//! The long runs:
//!
//! ```text
//! cargo test --release --test speeds -- --ignored --nocapture --test-threads 1
//! ```

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use spatialecon::*;

#[path = "../random/mod.rs"]
mod random;
use random::Random;

mod bootstrap;
mod gap;
mod left_out;
mod monte_carlo;
mod nonlinear;

/// Fails where two numbers differ by more than `relative` times the larger of |b| and `scale`.
#[track_caller]
fn close(what: &str, a: f64, b: f64, relative: f64, scale: f64) {
    assert!(
        (a - b).abs() <= relative * b.abs().max(scale),
        "{what}: {a} and {b}, difference {:e}",
        a - b
    );
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn oracle(name: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(folder("tests/oracle").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Income of 48 US states, 1929 to 2009, and their contiguity, row-standardised.
fn us_states() -> (Panel, Weights) {
    let years: Vec<String> = (1929..=2009).map(|y: i32| y.to_string()).collect();
    let table = Table::csv(folder("tests/data/us_income/usjoin.csv"))
        .unit("Name")
        .columns(years)
        .read()
        .unwrap();
    let w = Weights::read_gal(folder("tests/data/us_income/states48.gal")).unwrap();
    let by_row = Units::new((0..48).map(|i| i.to_string())).unwrap();
    let w = w.only(&by_row).unwrap().relabelled(table.units()).unwrap();
    let panel = Panel::from_wide(&table, "income").unwrap();
    (panel, w.row_standardized().unwrap())
}

/// Levels at two dates whose logs have the slope 1 + `slope`, a determinant `x` and weights of the observations `people`.
fn growth(n: usize, seed: u64, slope: f64, span: f64) -> Growth {
    let mut random = Random(seed);
    let first = random.normals(n).mapv(|v| 9.0 + 0.6 * v);
    let x = random.normals(n);
    let last = &first * (1.0 + slope) + 3.0 + &x * 0.1 + random.normals(n) * 0.15;
    let people = random.normals(n).mapv(f64::exp);
    let table = Table::from_columns([
        ("first", first.mapv(f64::exp)),
        ("last", last.mapv(f64::exp)),
    ])
    .unwrap();
    let growth = Growth::of_columns(&table, "first", "last", span).unwrap();
    let growth = growth.column("x", x).unwrap();
    growth.column("people", people).unwrap()
}
