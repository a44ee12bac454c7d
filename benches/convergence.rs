//! Convergence of 3,000 units over 40 years (a queen lattice of 60 × 50): growth regressions over every span, dispersion with bands, ranks, growth within units.
//!
//! `cargo bench --bench convergence` · on one thread with `RAYON_NUM_THREADS=1`; results stand beside the times, so that speed is never bought with accuracy.

mod incomes;

use divan::Bencher;
use spatialecon::{
    BetaConvergence, BetaSpans, Draws, GammaConvergence, Growth, Measure, Panel,
    PanelBetaConvergence, PanelGrowth, Permutations, SigmaConvergence, Vcov,
};

use incomes::{YEARS, data};

fn main() {
    let (panel, w) = data();
    let growth = Growth::between(&panel, "income", 1, YEARS).unwrap();
    let sar = BetaConvergence::fit(&growth, &growth.regression().spatial_lag(&w)).unwrap();
    let sigma = SigmaConvergence::of(&panel, "income").unwrap();
    let bands = sigma.bootstrap(Draws::new(999).seed(1)).unwrap();
    let (low, high) = bands.of(Measure::Gini, YEARS).unwrap().interval(0.95);
    println!(
        "b {:.8} (SAR), rho {:.8}; Gini of the last year [{low:.6}, {high:.6}]; RC {:.8}",
        sar.beta().value,
        sar.regression().rho().unwrap().value,
        gamma(&panel).multi_year_at(YEARS).unwrap().value()
    );
    divan::main();
}

fn gamma(panel: &Panel) -> GammaConvergence {
    GammaConvergence::of(panel, "income").unwrap()
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn every_span_of_eight_years_hc3(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| {
        let spans = BetaSpans::of(&panel, "income", 8).unwrap();
        spans.with_vcov(Vcov::Hc3).unwrap()
    });
}

#[divan::bench]
fn leave_one_out_ols(bencher: Bencher) {
    let (panel, _) = data();
    let growth = Growth::between(&panel, "income", 1, YEARS).unwrap();
    let beta = BetaConvergence::fit(&growth, &growth.regression()).unwrap();
    bencher.bench(|| beta.leave_one_out().unwrap());
}

#[divan::bench]
fn speeds_of_an_sdm(bencher: Bencher) {
    let (panel, w) = data();
    let growth = Growth::between(&panel, "income", 1, YEARS).unwrap();
    bencher.bench(|| {
        let spec = growth.regression().spatial_lag(&w).durbin(&w);
        let beta = BetaConvergence::fit(&growth, &spec).unwrap();
        (beta.speed(), beta.total_speed(), beta.gap_speed())
    });
}

#[divan::bench(sample_count = 3)]
fn bootstrap_of_an_sar_100(bencher: Bencher) {
    let (panel, w) = data();
    let growth = Growth::between(&panel, "income", 1, YEARS).unwrap();
    let beta = BetaConvergence::fit(&growth, &growth.regression().spatial_lag(&w)).unwrap();
    bencher.bench(|| beta.bootstrap(Draws::new(100)).unwrap());
}

#[divan::bench]
fn within_two_ways_newey_west(bencher: Bencher) {
    let (panel, _) = data();
    let growth = PanelGrowth::overlapping(&panel, "income", 5).unwrap();
    bencher.bench(|| PanelBetaConvergence::fit(&growth, &growth.regression()).unwrap());
}

#[divan::bench]
fn within_jackknife(bencher: Bencher) {
    let (panel, _) = data();
    let growth = PanelGrowth::spans(&panel, "income", 1).unwrap();
    let beta = PanelBetaConvergence::fit(&growth, &growth.regression()).unwrap();
    bencher.bench(|| beta.jackknifed().unwrap());
}

#[divan::bench]
fn dispersion(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| SigmaConvergence::of(&panel, "income").unwrap());
}

#[divan::bench(sample_count = 5)]
fn dispersion_bands_999(bencher: Bencher) {
    let (panel, _) = data();
    let sigma = SigmaConvergence::of(&panel, "income").unwrap();
    bencher.bench(|| sigma.bootstrap(Draws::new(999)).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn dispersion_bands_weighted_999_and_slope(bencher: Bencher) {
    let (panel, _) = data();
    let sigma = SigmaConvergence::of(&panel, "income").unwrap();
    let sigma = sigma.weighted_by(&panel, "income").unwrap();
    bencher.bench(|| {
        let bands = sigma.bootstrap(Draws::new(999)).unwrap();
        bands.trend(Measure::SdLog).unwrap()
    });
}

#[divan::bench(sample_count = 5)]
fn dispersion_filtered(bencher: Bencher) {
    let (panel, w) = data();
    let sigma = SigmaConvergence::of(&panel, "income").unwrap();
    bencher.bench(|| sigma.filtered(&w).unwrap());
}

#[divan::bench]
fn gamma_999(bencher: Bencher) {
    let (panel, _) = data();
    let gamma = gamma(&panel);
    let last = gamma.multi_year_at(YEARS).unwrap();
    bencher.bench(|| last.permutation(Permutations::new(999)).unwrap());
}
