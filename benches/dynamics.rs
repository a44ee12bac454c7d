//! Distribution dynamics of 21 prefectures of Guangdong over 24 years, and of 3,000 units over 40 (a queen lattice of 60 × 50): unit roots, clubs, Markov chains, exchange of
//! ranks, densities.
//!
//! `cargo bench --bench dynamics` · on one thread with `RAYON_NUM_THREADS=1` · one case with `-- 'lattice.*CIPS'`; results stand beside the times, so that speed is never bought with
//! accuracy. `whole_suite` is every case once: at most 5 s on Guangdong and 60 s on the lattice, on two cores.

mod incomes;

use std::fmt;
use std::path::PathBuf;

use divan::Bencher;
use ndarray::Array2;
use spatialecon::{
    Alternative, Bandwidth, Classes, Clustering, Deterministic, DirectionalLisa, Draws,
    ExchangeMobility, KernelDensity, Lags, LisaMarkov, MarkovChain, Merging, MobilityIndex,
    Modality, NeighbourSet, Panel, Permutations, RankTies, Reference, Regions, RelativeTo,
    SpatialMarkov, StochasticConvergence, StochasticKernel, TransitionPaths, Trend, Units, Weights,
};

use incomes::{YEARS, data};

/// A panel with a column `income` and a label `region`, and weights.
struct Data {
    panel: Panel,
    w: Weights,
}

fn draws() -> Draws {
    Draws::new(999)
}

impl Data {
    fn lattice() -> Self {
        let (panel, w) = data();
        let regions = (0..w.n()).map(|i| format!("region {}", i / 300));
        // In yuan, not in units of their mean: paths of transition need logs above zero.
        let income = panel.values("income").unwrap().mapv(|y| 2e4 * y);
        let panel = Panel::from_columns(w.units(), panel.periods(), [("income", income)]);
        let panel = panel.unwrap().label("region", regions).unwrap();
        Self { panel, w }
    }

    fn guangdong() -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/data/guangdong");
        let read = Panel::csv(folder.join("guangdong_panel.csv"))
            .unit("name_en")
            .period("year")
            .columns(["gdp_pc_real2000_yuan"])
            .labels(["region"])
            .read()
            .unwrap();
        let map = Regions::geojson(folder.join("guangdong.geojson"));
        let w = Weights::queen(&map.unit("name_en").read().unwrap()).unwrap();
        let income = read.values("gdp_pc_real2000_yuan").unwrap().to_owned();
        let panel = Panel::from_columns(read.units(), read.periods(), [("income", income)]);
        let regions = read.labels("region").unwrap().iter().cloned();
        Self {
            panel: panel.unwrap().label("region", regions).unwrap(),
            w: w.row_standardized().unwrap(),
        }
    }

    fn ends(&self) -> (i32, i32) {
        let periods = self.panel.periods();
        (periods[0], periods[periods.len() - 1])
    }

    fn paths(&self) -> TransitionPaths {
        let paths = TransitionPaths::of(&self.panel, "income").unwrap();
        paths.filtered(Trend::hodrick_prescott()).unwrap()
    }

    fn gaps(&self) -> StochasticConvergence {
        let gaps = StochasticConvergence::of(&self.panel, "income").unwrap();
        gaps.deterministic(Deterministic::Trend)
            .lags(Lags::Fixed(1))
    }

    fn chain(&self) -> MarkovChain {
        MarkovChain::of(&self.panel, "income", &classes()).unwrap()
    }

    fn exchange(&self) -> ExchangeMobility {
        let (first, last) = self.ends();
        ExchangeMobility::between(&self.panel, "income", first, last).unwrap()
    }

    fn local(&self, set: NeighbourSet, how: Permutations<'_>) -> f64 {
        let local = self.exchange().local_tau_of(&self.w, set).unwrap();
        let test = local.permutation(how).unwrap();
        test.p_values(Alternative::Less)[0]
    }

    fn modality(&self) -> Modality {
        Modality::of(self.panel.variable_at("income", self.ends().1).unwrap()).unwrap()
    }
}

fn classes() -> Classes {
    Classes::quantiles(5).relative()
}

/// A piece of work that ends in a number.
#[derive(Clone, Copy)]
struct Case(&'static str, fn(&Data) -> f64);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

const CASES: &[Case] = &[
    Case("clubs, both mergings", |d| {
        let clubs = d.paths().clubs(Clustering::new()).unwrap();
        let other = clubs.merged(Merging::VonLynckerThoennessen).unwrap();
        let merged = clubs.merged(Merging::PhillipsSul).unwrap();
        (other.clubs().len() + merged.clubs().len()) as f64
    }),
    Case("dependence of units", |d| {
        d.gaps().cross_dependence().unwrap().mean_correlation()
    }),
    Case("ADF, 999 draws, Carlino-Mills", |d| {
        let all = d.gaps().adf_all().unwrap().simulated(draws()).unwrap();
        let lines = d.gaps().carlino_mills().unwrap();
        (all.rejections(0.05) + lines.converging()) as f64
    }),
    Case("IPS by AIC", |d| {
        let ips = d.gaps().lags(Lags::Aic(4)).ips().unwrap();
        ips.test().statistic
    }),
    Case("IPS, 999 draws", |d| {
        d.gaps().ips_simulated(draws()).unwrap().test().p_value
    }),
    Case("LLC, 999 draws", |d| {
        let llc = d.gaps().llc().unwrap().simulated(draws()).unwrap();
        llc.test().p_value
    }),
    Case("Fisher, Hadri", |d| {
        let fisher = d.gaps().fisher_simulated(draws()).unwrap();
        let hadri = d.gaps().hadri().unwrap();
        let robust = d.gaps().hadri_robust(2).unwrap();
        fisher.maddala_wu().p_value
            + hadri.heteroskedastic().p_value
            + robust.heteroskedastic().p_value
    }),
    Case("CIPS, 999 draws", |d| {
        d.gaps().cips(1, draws()).unwrap().test().p_value
    }),
    Case("Evans and Karras, 999 draws", |d| {
        let gaps = d.gaps().deterministic(Deterministic::Constant);
        let gaps = gaps.relative_to(Reference::LogMean).unwrap();
        gaps.evans_karras(draws()).unwrap().test().p_value
    }),
    Case("Markov chain, passage times", |d| {
        let chain = d.chain();
        let indices = MobilityIndex::ALL.map(|index| chain.mobility(index).unwrap());
        let order = chain.order_test(2).unwrap();
        let given = chain.test_against(chain.probabilities().unwrap().view());
        let passage = chain.mean_first_passage().unwrap();
        let tests = order.pearson.p_value + given.unwrap().pearson.p_value;
        passage[[0, 4]] + indices.iter().sum::<f64>() + tests + chain.half_life().unwrap()
    }),
    Case("Markov bootstrap, 999", |d| {
        let bootstrap = d.chain().bootstrap(draws()).unwrap();
        bootstrap.ergodic()[0].mean
    }),
    Case("homogeneity over time, permuted 999", |d| {
        let (first, last) = d.ends();
        let test = d
            .chain()
            .homogeneity_over_time([first + (last - first) / 2]);
        let permutations = Permutations::new(999);
        test.unwrap().permutation(permutations).unwrap().p_value
    }),
    Case("homogeneity across regions", |d| {
        let test = d.chain().homogeneity_across(&d.panel, "region").unwrap();
        test.likelihood_ratio().p_value
    }),
    Case("spatial Markov chain", |d| {
        let spatial = SpatialMarkov::of(&d.panel, "income", &d.w, &classes()).unwrap();
        spatial.homogeneity().unwrap().pearson().p_value
    }),
    Case("LISA Markov chain", |d| {
        let lisa = LisaMarkov::of(&d.panel, "income", &d.w).unwrap();
        lisa.independence().unwrap().pearson.p_value
    }),
    Case("LISA Markov, local Moran 999", |d| {
        let lisa = LisaMarkov::of(&d.panel, "income", &d.w).unwrap();
        let moves = lisa.significant(Permutations::new(999), 0.05, None);
        moves.unwrap().both.sum()
    }),
    Case("ranks of at most 1000 units, passage", |d| {
        let rest: Vec<_> = d.panel.units().iter().skip(1_000).collect();
        let some = d.panel.without(rest).unwrap();
        let ranks = MarkovChain::full_rank(&some, "income", RankTies::Refused).unwrap();
        let places = MarkovChain::geographic_rank(&some, "income", RankTies::Refused).unwrap();
        f64::from(u8::from(ranks.mean_first_passage().is_ok())) + places.starts()[0]
    }),
    Case("tau", |d| {
        d.exchange().tau().value() + d.exchange().local_tau()[0]
    }),
    Case("tau of neighbours, 999", |d| {
        let near = d.exchange().spatial_tau(&d.w).unwrap();
        let test = near.permutation(Permutations::new(999)).unwrap();
        test.neighbours().p_value(Alternative::Less)
    }),
    Case("local tau of neighbours, 999", |d| {
        d.local(NeighbourSet::Neighbours, Permutations::new(999))
    }),
    Case("local tau of neighbours, exact", |d| {
        d.local(NeighbourSet::Neighbours, Permutations::all())
    }),
    Case("local tau of neighbourhoods, 999", |d| {
        d.local(NeighbourSet::Neighbourhood, Permutations::new(999))
    }),
    Case("tau of regions, 999", |d| {
        let regional = d.exchange().regional_tau("region").unwrap();
        let test = regional.permutation(Permutations::new(999)).unwrap();
        let first = &regional.regions()[0];
        let first = test.of(first, first).unwrap();
        first.map_or(0.0, |test| test.p_value(Alternative::Less))
    }),
    Case("theta, 999", |d| {
        let theta = d.exchange().theta("region").unwrap();
        let test = theta.permutation(Permutations::new(999)).unwrap();
        test.p_value(Alternative::Greater)
    }),
    Case("directional LISA, 999", |d| {
        let (first, last) = d.ends();
        let moves = DirectionalLisa::between(&d.panel, "income", first, last, &d.w).unwrap();
        let test = moves.permutation(Permutations::new(999)).unwrap();
        test.p_values(Alternative::Greater)[0]
    }),
    Case("density by Sheather and Jones, bands 999", |d| {
        let relative = RelativeTo::Mean.of(&d.panel, "income").unwrap();
        let last = relative.variable_at("income", d.ends().1).unwrap();
        let density = KernelDensity::of(last, Bandwidth::SheatherJones).unwrap();
        let bands = density.on_log_scale().unwrap().bootstrap(draws()).unwrap();
        bands.density().bandwidth()
    }),
    Case("density of all periods by Sheather and Jones", |d| {
        let all: Vec<f64> = d.panel.values("income").unwrap().iter().copied().collect();
        let density = KernelDensity::of(&all, Bandwidth::SheatherJones).unwrap();
        density.bandwidth()
    }),
    Case("one mode, Silverman 999", |d| {
        d.modality().test(1, draws()).unwrap().p_value()
    }),
    Case("three modes, Silverman 999", |d| {
        d.modality().test(3, draws()).unwrap().p_value()
    }),
    Case("one mode, Hall and York 999", |d| {
        d.modality().calibrated_test(draws()).unwrap().p_value()
    }),
    Case("stochastic kernel, ergodic density", |d| {
        let kernel = StochasticKernel::of(&d.panel, "income", 5).unwrap();
        kernel.ergodic().unwrap().modes().len() as f64
    }),
    Case("stochastic kernel given neighbours", |d| {
        let on = RelativeTo::Neighbours(&d.w);
        let kernel = StochasticKernel::conditioned(&d.panel, "income", on).unwrap();
        kernel.conditional_density().unwrap().centres().len() as f64
    }),
];

fn main() {
    let d = Data::lattice();
    let clubs = d.paths().clubs(Clustering::new()).unwrap();
    let exchange = d.exchange();
    println!(
        "lattice: log t {:.6}, {} clubs, {} units in none; ergodic {:.6}; tau {:.8}, of neighbours {:.8}",
        clubs.overall().t,
        clubs.clubs().len(),
        clubs.divergent().len(),
        d.chain().ergodic().unwrap().shares(),
        exchange.tau().value(),
        exchange.spatial_tau(&d.w).unwrap().value(),
    );
    divan::main();
}

#[divan::bench(args = CASES, sample_count = 3, sample_size = 1)]
fn guangdong_21_by_24(bencher: Bencher, case: &Case) {
    let d = Data::guangdong();
    bencher.bench(|| (case.1)(&d));
}

#[divan::bench(args = CASES, sample_count = 3, sample_size = 1)]
fn lattice_3000_by_40(bencher: Bencher, case: &Case) {
    let d = Data::lattice();
    bencher.bench(|| (case.1)(&d));
}

#[divan::bench(args = ["Guangdong", "lattice"], sample_count = 3, sample_size = 1)]
fn whole_suite(bencher: Bencher, of: &str) {
    let d = if of == "lattice" {
        Data::lattice()
    } else {
        Data::guangdong()
    };
    bencher.bench(|| {
        let results = CASES.iter().map(|case| (case.1)(&d));
        results.sum::<f64>()
    });
}

/// 3,000 units that close in on a few levels, and the most that the search for clubs can have to do: a level for every unit.
#[divan::bench(args = [4, 3_000], sample_count = 3, sample_size = 1)]
fn clubs_of_levels(bencher: Bencher, levels: usize) {
    let noise = |t: usize, i: usize| (1.7 * ((i + 31 * t) as f64).powi(2)).sin();
    let logs = Array2::from_shape_fn((YEARS as usize, 3_000), |(t, i)| {
        10.0 + 10.0 * (i % levels) as f64 / levels as f64 + 0.3 * noise(t, i) / (t as f64 + 2.0)
    });
    let years: Vec<i32> = (1..=YEARS).collect();
    let panel = Panel::from_columns(&Units::range(3_000), &years, [("y", logs)]).unwrap();
    bencher.bench(|| {
        let paths = TransitionPaths::of_logs(&panel, "y").unwrap();
        let paths = paths.filtered(Trend::hodrick_prescott()).unwrap();
        let clubs = paths.clubs(Clustering::new()).unwrap();
        clubs.merged(Merging::PhillipsSul).unwrap()
    });
}
