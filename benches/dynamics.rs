//! Distribution dynamics of 3,000 units over 40 years (a queen lattice of 60 × 50): unit roots, clubs, Markov chains, exchange of ranks, densities.
//!
//! `cargo bench --bench dynamics` · on one thread with `RAYON_NUM_THREADS=1`; results stand beside the times, so that speed is never bought with accuracy.

mod incomes;

use divan::Bencher;
use spatialecon::{
    Bandwidth, Classes, Clustering, Deterministic, DirectionalLisa, Draws, ExchangeMobility,
    KernelDensity, Lags, LisaMarkov, MarkovChain, Merging, Modality, NeighbourSet, Panel,
    Permutations, Relative, SpatialMarkov, StochasticConvergence, StochasticKernel, Ties,
    TransitionPaths, Trend,
};

use incomes::{YEARS, data};

fn main() {
    let (panel, w) = data();
    let clubs = paths(&panel).clubs(Clustering::new()).unwrap();
    let chain = MarkovChain::of(&panel, "income", &classes()).unwrap();
    let exchange = ExchangeMobility::between(&panel, "income", 1, YEARS).unwrap();
    println!(
        "log t {:.6}, {} clubs, {} units in none; ergodic {:.6}; tau {:.8}, of neighbours {:.8}",
        clubs.overall().t,
        clubs.clubs().len(),
        clubs.divergent().len(),
        chain.ergodic().unwrap().shares(),
        exchange.tau().value(),
        exchange.spatial_tau(&w).unwrap().value(),
    );
    divan::main();
}

fn paths(panel: &Panel) -> TransitionPaths {
    let paths = TransitionPaths::of(panel, "income").unwrap();
    paths.filtered(Trend::hodrick_prescott()).unwrap()
}

fn gaps(panel: &Panel) -> StochasticConvergence {
    let gaps = StochasticConvergence::of(panel, "income").unwrap();
    gaps.deterministic(Deterministic::Trend)
        .lags(Lags::Fixed(1))
}

fn classes() -> Classes {
    Classes::quantiles(5).relative()
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn clubs_and_merging(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| {
        let clubs = paths(&panel).clubs(Clustering::new()).unwrap();
        clubs.merged(Merging::PhillipsSul).unwrap()
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn dependence_of_units(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| gaps(&panel).cross_dependence().unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn im_pesaran_shin_by_aic(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| gaps(&panel).lags(Lags::Aic(4)).ips().unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn levin_lin_chu_and_hadri(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| (gaps(&panel).llc().unwrap(), gaps(&panel).hadri().unwrap()));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn cips_999_draws(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| gaps(&panel).cips(1, Draws::new(999)).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn levels_and_trends_of_gaps(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| gaps(&panel).carlino_mills().unwrap());
}

#[divan::bench(sample_count = 5)]
fn markov_and_bootstrap_999(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| {
        let chain = MarkovChain::of(&panel, "income", &classes()).unwrap();
        chain.bootstrap(Draws::new(999)).unwrap()
    });
}

#[divan::bench(sample_count = 5)]
fn spatial_markov_and_homogeneity(bencher: Bencher) {
    let (panel, w) = data();
    bencher.bench(|| {
        let spatial = SpatialMarkov::of(&panel, "income", &w, &classes()).unwrap();
        spatial.homogeneity().unwrap()
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn homogeneity_permuted_999(bencher: Bencher) {
    let (panel, w) = data();
    let spatial = SpatialMarkov::of(&panel, "income", &w, &classes()).unwrap();
    let test = spatial.homogeneity().unwrap();
    bencher.bench(|| test.permutation(Permutations::new(999)).unwrap());
}

#[divan::bench(sample_count = 5)]
fn lisa_markov(bencher: Bencher) {
    let (panel, w) = data();
    bencher.bench(|| LisaMarkov::of(&panel, "income", &w).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn full_rank_markov_of_300_units(bencher: Bencher) {
    let (panel, _) = data();
    let some: Vec<_> = panel.units().iter().skip(300).collect();
    let panel = panel.without(some).unwrap();
    bencher.bench(|| {
        let chain = MarkovChain::full_rank(&panel, "income", Ties::Refused).unwrap();
        chain.sojourn_times().unwrap()
    });
}

#[divan::bench(sample_count = 5)]
fn exchange_of_ranks_999(bencher: Bencher) {
    let (panel, w) = data();
    bencher.bench(|| {
        let exchange = ExchangeMobility::between(&panel, "income", 1, YEARS).unwrap();
        let near = exchange.spatial_tau(&w).unwrap();
        let local = exchange.local_tau_of(&w, NeighbourSet::Neighbours).unwrap();
        (
            near.permutation(Permutations::new(999)).unwrap(),
            local.permutation(Permutations::new(999)).unwrap(),
        )
    });
}

#[divan::bench(sample_count = 5)]
fn directional_lisa_999(bencher: Bencher) {
    let (panel, w) = data();
    let directions = DirectionalLisa::between(&panel, "income", 1, YEARS, &w).unwrap();
    bencher.bench(|| directions.permutation(Permutations::new(999)).unwrap());
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn density_with_bands_999(bencher: Bencher) {
    let (panel, _) = data();
    let relative = Relative::Mean.of(&panel, "income").unwrap();
    bencher.bench(|| {
        let last = relative.variable_at("income", YEARS).unwrap();
        let density = KernelDensity::of(last, Bandwidth::SheatherJones).unwrap();
        density
            .on_log_scale()
            .unwrap()
            .bootstrap(Draws::new(999))
            .unwrap()
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn modes_999(bencher: Bencher) {
    let (panel, _) = data();
    bencher.bench(|| {
        let modes = Modality::of(panel.variable_at("income", YEARS).unwrap()).unwrap();
        modes.test(1, Draws::new(999)).unwrap()
    });
}

#[divan::bench(sample_count = 5)]
fn stochastic_kernel_and_ergodic(bencher: Bencher) {
    let (panel, w) = data();
    bencher.bench(|| {
        let kernel = StochasticKernel::of(&panel, "income", 5).unwrap();
        let near = StochasticKernel::conditioned(&panel, "income", Relative::Neighbours(&w));
        let near = near.unwrap().conditional_density().unwrap();
        (kernel.ergodic().unwrap(), near)
    });
}
