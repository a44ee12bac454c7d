//! Laws that must hold on any map and any data, as property tests.
//!
//! Every number is set beside one that the tests compute on their own, by brute force on dense matrices (`dense.rs`), from the definition.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

mod beta_clubs;
mod dense;
mod dependence;
mod disparity;
mod effects;
mod files;
mod growth;
mod impacts;
mod invariance;
mod likelihood;
mod links;
mod log_determinant;
mod maps;
mod regime_impacts;
mod sparse_path;
mod tables;
mod variances;

/// Fails where two numbers differ by more than `relative` times the larger of |b| and `scale`.
#[track_caller]
pub fn close(what: &str, a: f64, b: f64, relative: f64, scale: f64) {
    assert!(
        (a - b).abs() <= relative * b.abs().max(scale),
        "{what}: {a} and {b}, difference {:e}",
        a - b
    );
}

/// This many cases, the same on every run; with `PROPTEST_CASES` set, that many, and others on every run.
pub fn cases(cases: u32) -> ProptestConfig {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        };
    }
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}
