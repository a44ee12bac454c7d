//! Size and coverage in simulated samples.
//!
//! The tests that are not ignored are small and seeded. The long runs, whose results stand in `docs/monte_carlo.md`:
//!
//! ```text
//! cargo test --release --test monte_carlo -- --ignored --nocapture --test-threads 1
//! ```

use ndarray::{Array1, Array2};
use spatialecon::*;

mod random;
use random::Random;

/// The rook lattice of rows × columns, row-standardised.
fn lattice(rows: usize, columns: usize) -> Weights {
    let raw = Weights::lattice(Lattice::rook(rows, columns)).unwrap();
    raw.row_standardized().unwrap()
}

/// How often something happened, with its Monte-Carlo standard error under the share that was wanted.
#[derive(Clone, Copy, Default)]
struct Share {
    count: usize,
    of: usize,
}

impl Share {
    fn add(&mut self, happened: bool) {
        self.count += usize::from(happened);
        self.of += 1;
    }

    fn value(self) -> f64 {
        self.count as f64 / self.of as f64
    }

    fn std_error(self, wanted: f64) -> f64 {
        (wanted * (1.0 - wanted) / self.of as f64).sqrt()
    }

    #[track_caller]
    fn check(self, what: &str, low: f64, high: f64) {
        println!("| {what} | {:.4} | {} |", self.value(), self.of);
        let room = |wanted: f64| 4.0 * self.std_error(wanted);
        assert!(
            self.value() >= low - room(low) && self.value() <= high + room(high),
            "{what}: {}, expected {low} to {high}",
            self.value()
        );
    }
}

const LEVEL: f64 = 0.05;

/// Shares of rejections of Moran's I among independent values: permutation (two-sided and to each side), and the two asymptotic tests.
fn moran(samples: usize, permutations: usize, seed: u64, skewed: bool) -> [Share; 5] {
    let w = lattice(3, 7);
    let mut random = Random(seed);
    let mut out = [Share::default(); 5];
    for sample in 0..samples {
        let x = random.normals(w.n());
        let x = if skewed { x.mapv(f64::exp) } else { x };
        let m = Moran::of(&x, &w).unwrap();
        let by = m
            .permutation(Permutations::new(permutations).seed(sample as u64))
            .unwrap();
        let tests = [
            Alternative::TwoSided,
            Alternative::Greater,
            Alternative::Less,
        ];
        for (share, a) in out.iter_mut().zip(tests) {
            share.add(by.p_value(a) <= LEVEL);
        }
        for (share, a) in out[3..]
            .iter_mut()
            .zip([Assumption::Randomization, Assumption::Normality])
        {
            share.add(m.test(a, Alternative::TwoSided).unwrap().p_value <= LEVEL);
        }
    }
    out
}

/// Shares of rejections of an unchanged variance, the logs of two dates correlated: Pitman and Morgan, Carree and Klomp's T2, Lichtenberg.
fn sigma(samples: usize, seed: u64, correlation: f64, fall: f64) -> [Share; 3] {
    let n = 21;
    let mut random = Random(seed);
    let mut out = [Share::default(); 3];
    for _ in 0..samples {
        let first = random.normals(n);
        let other = random.normals(n);
        let last = (&first * correlation + &(other * (1.0 - correlation.powi(2)).sqrt())) * fall;
        let mut levels = Array2::zeros((2, n));
        levels.row_mut(0).assign(&first.mapv(f64::exp));
        levels.row_mut(1).assign(&last.mapv(f64::exp));
        let panel = Panel::from_columns(&Units::range(n), &[1, 2], [("y", levels)]).unwrap();
        let sigma = SigmaConvergence::of(&panel, "y").unwrap();
        let tests = [
            SigmaTest::PitmanMorgan,
            SigmaTest::CarreeKlompRatio,
            SigmaTest::Lichtenberg,
        ];
        for (share, t) in out.iter_mut().zip(tests) {
            share.add(sigma.test_by(t, 1, 2).unwrap().p_value <= LEVEL);
        }
    }
    out
}

/// The shares of 95 % intervals of a SAR on side × side units that hold the truth, and the mean of the estimates of rho.
struct Coverage {
    /// b, rho, direct, indirect, total by the delta method, then direct, indirect, total by simulation.
    shares: [Share; 8],
    mean_rho: f64,
}

fn coverage(side: usize, samples: usize, seed: u64, rho: f64, draws: usize) -> Coverage {
    let w = lattice(side, side);
    let n = w.n();
    let b = 1.0;
    let mut random = Random(seed);
    // y = (I - rho W)^-1 v by the series, to rounding.
    let solve = |v: Array1<f64>| {
        let (mut sum, mut term) = (v.clone(), v);
        for _ in 0..400 {
            term = w.lag(&term).unwrap() * rho;
            sum += &term;
        }
        sum
    };
    let trace: f64 = w
        .eigenvalues()
        .unwrap()
        .iter()
        .map(|(re, _)| 1.0 / (1.0 - rho * re))
        .sum();
    let direct = b * trace / n as f64;
    let total = b / (1.0 - rho);
    let mut shares = [Share::default(); 8];
    let mut sum = 0.0;
    for sample in 0..samples {
        let x = random.normals(n);
        let y = solve(1.0 + &x * b + &random.normals(n));
        let table = Table::from_columns([("x", x), ("y", y)]).unwrap();
        let fit = Regression::of("y")
            .on(["x"])
            .spatial_lag(&w)
            .fit(&table)
            .unwrap();
        let estimated = fit.rho().unwrap();
        sum += estimated.value;
        let impacts = fit.impacts().unwrap();
        let i = impacts.of("x").unwrap();
        let simulated = impacts
            .simulated(Draws::new(draws).seed(sample as u64))
            .unwrap();
        let s = simulated.of("x").unwrap();
        let intervals = [
            (fit.coefficient("x").unwrap().interval(0.95), b),
            (estimated.interval(0.95), rho),
            (i.direct.interval(0.95), direct),
            (i.indirect.interval(0.95), total - direct),
            (i.total.interval(0.95), total),
            (s.direct.interval(0.95), direct),
            (s.indirect.interval(0.95), total - direct),
            (s.total.interval(0.95), total),
        ];
        for (share, ((low, high), truth)) in shares.iter_mut().zip(intervals) {
            share.add(low <= truth && truth <= high);
        }
    }
    Coverage {
        shares,
        mean_rho: sum / samples as f64,
    }
}

const COVERED: [&str; 8] = [
    "b",
    "rho",
    "direct, delta method",
    "indirect, delta method",
    "total, delta method",
    "direct, simulated",
    "indirect, simulated",
    "total, simulated",
];

fn check_moran(samples: usize, permutations: usize) {
    for (values, skewed, seed) in [("normal", false, 1), ("log-normal", true, 2)] {
        let [two, up, low, randomisation, normality] = moran(samples, permutations, seed, skewed);
        // With ties impossible the permutation test has its level exactly, but for the grain of the p-values.
        let fits =
            |share: f64| (share * (permutations + 1) as f64).floor() / (permutations + 1) as f64;
        let side = fits(LEVEL);
        let both = 2.0 * fits(0.5 * LEVEL);
        two.check(
            &format!("Moran, {values}, permutation, two-sided"),
            both,
            both,
        );
        up.check(
            &format!("Moran, {values}, permutation, greater"),
            side,
            side,
        );
        low.check(&format!("Moran, {values}, permutation, less"), side, side);
        randomisation.check(&format!("Moran, {values}, randomisation"), 0.02, 0.07);
        normality.check(&format!("Moran, {values}, normality"), 0.02, 0.07);
    }
}

/// Shares of rejections of two-sided permutation tests among independent log-normal values on a lattice: Moran, Geary, G, and local
/// Moran of one unit a sample, another one in each.
fn permutation_sizes(
    (rows, columns): (usize, usize),
    samples: usize,
    permutations: usize,
    seed: u64,
) -> [(&'static str, Share); 4] {
    let w = lattice(rows, columns);
    let binary = w.binary();
    let mut random = Random(seed);
    let mut out = ["Moran", "Geary", "Getis-Ord G", "local Moran"].map(|n| (n, Share::default()));
    for sample in 0..samples {
        let x = random.normals(w.n()).mapv(f64::exp);
        let p = Permutations::new(permutations).seed(sample as u64);
        let moran = Moran::of(&x, &w).unwrap().permutation(p).unwrap();
        let geary = Geary::of(&x, &w).unwrap().permutation(p).unwrap();
        let g = GetisOrd::of(&x, &binary).unwrap().permutation(p).unwrap();
        for ((_, share), test) in out.iter_mut().zip([moran, geary, g]) {
            share.add(test.p_value(Alternative::TwoSided) <= LEVEL);
        }
        let local = LocalMoran::of(&x, &w, p).unwrap();
        out[3].1.add(local.p_values()[sample % w.n()] <= LEVEL);
    }
    out
}

fn check_permutation_sizes(samples: usize, permutations: usize) {
    // The grain of the p-values: the largest one of each side that is at most half the level.
    let grain = (permutations + 1) as f64;
    let level = 2.0 * (0.5 * LEVEL * grain).floor() / grain;
    for (shape, seed) in [((3, 7), 11), ((10, 10), 12)] {
        for (name, share) in permutation_sizes(shape, samples, permutations, seed) {
            let n = shape.0 * shape.1;
            share.check(&format!("{name}, n = {n}, two-sided"), level, level);
        }
    }
}

/// What seeds do to local Moran's p-values of one map: the counts of one unit, and the number of units with p at most 0.05.
struct Seeds {
    /// Mean and variance of #{draws at least as large} of the unit.
    mean: f64,
    variance: f64,
    /// Mean and standard deviation of the number of significant units.
    significant: f64,
    spread: f64,
}

fn seeds(x: &Array1<f64>, w: &Weights, unit: usize, runs: usize, how: Permutations) -> Seeds {
    let moments = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        (mean, squares / (values.len() as f64 - 1.0))
    };
    let mut counts = Vec::new();
    let mut numbers = Vec::new();
    for seed in 0..runs {
        let local = LocalMoran::of(x, w, how.seed(seed as u64)).unwrap();
        counts.push(local.at_least()[unit] as f64);
        let p = local.p_values();
        numbers.push(p.iter().filter(|&&p| p <= LEVEL).count() as f64);
    }
    let ((mean, variance), (significant, spread)) = (moments(&counts), moments(&numbers));
    Seeds {
        mean,
        variance,
        significant,
        spread: spread.sqrt(),
    }
}

/// Unit by unit shared draws are as good as independent ones: the counts are binomial about the exact p-value. Across the map they are not.
fn check_shared_draws(runs: usize, draws: usize) {
    let mut random = Random(13);
    // Autocorrelated, so that many units are near the level.
    let mut sample = |side: usize| {
        let w = lattice(side, side);
        let noise = random.normals(w.n());
        let x = &noise + &w.lag(&noise).unwrap() * 2.0;
        (w, x)
    };
    let (w, x) = sample(7);
    let exact = LocalMoran::of(&x, &w, Permutations::all()).unwrap();
    let modes = |draws| {
        [
            (Permutations::new(draws), "shared draws"),
            (Permutations::new(draws).independent(), "independent draws"),
        ]
    };
    for unit in [0, 5, 24, 40] {
        let share = exact.at_least()[unit] as f64 / exact.arrangements()[unit] as f64;
        for (how, name) in modes(draws) {
            let found = seeds(&x, &w, unit, runs, how);
            let (mean, variance) = (draws as f64 * share, draws as f64 * share * (1.0 - share));
            println!(
                "| {name}, unit {unit} | {mean:.2} | {:.2} | {variance:.2} | {:.2} |",
                found.mean, found.variance
            );
            // Four Monte-Carlo standard errors; that of a variance is about the variance times sqrt(2 / runs).
            assert!((found.mean - mean).abs() <= 4.0 * (variance / runs as f64).sqrt());
            let error = variance * (2.0 / runs as f64).sqrt();
            assert!((found.variance - variance).abs() <= 4.0 * error);
        }
    }
    for side in [10, 30] {
        let (w, x) = sample(side);
        let [shared, own] = modes(draws).map(|(how, _)| seeds(&x, &w, 0, runs / 2, how));
        println!(
            "| significant units of {} | {:.2} | {:.2} | {:.2} | {:.2} |",
            w.n(),
            shared.significant,
            shared.spread,
            own.significant,
            own.spread
        );
        // The numbers agree within four Monte-Carlo standard errors; the spreads do not.
        let error = (shared.spread.powi(2) + own.spread.powi(2)) / (runs / 2) as f64;
        assert!((shared.significant - own.significant).abs() <= 4.0 * error.sqrt());
    }
}

fn check_sigma(samples: usize) {
    for (correlation, seed) in [(0.0, 3), (0.5, 4), (0.9, 5), (0.98, 6)] {
        let [exact, t2, t1] = sigma(samples, seed, correlation, 1.0);
        let what = |t: &str| format!("{t}, correlation {correlation}");
        exact.check(&what("Pitman-Morgan"), LEVEL, LEVEL);
        t2.check(&what("Carree-Klomp T2"), LEVEL, LEVEL);
        // F(n - 2, n - 2) in place of F(n - 1, n - 1) at independence; far too few rejections under dependence.
        let (low, high) = match correlation {
            0.0 => (0.04, 0.06),
            0.5 => (0.015, 0.04),
            _ => (0.0, 0.002),
        };
        t1.check(&what("Lichtenberg T1"), low, high);
    }
    let [exact, _, t1] = sigma(samples, 7, 0.9, 0.75);
    exact.check(
        "Pitman-Morgan, correlation 0.9, sd falls by a quarter",
        0.6,
        1.0,
    );
    t1.check(
        "Lichtenberg T1, correlation 0.9, sd falls by a quarter",
        0.0,
        0.3,
    );
}

fn check_coverage(side: usize, samples: usize, draws: usize) {
    for (rho, seed) in [(0.0, 8), (0.4, 9), (0.7, 10)] {
        let found = coverage(side, samples, seed, rho, draws);
        println!(
            "| mean of the estimates of rho = {rho} | {:.4} | {samples} |",
            found.mean_rho
        );
        // Biased downwards in small samples.
        assert!(found.mean_rho < rho + 0.02 && found.mean_rho > rho - 0.1);
        for (share, name) in found.shares.into_iter().zip(COVERED) {
            // Indirect and total effects are skewed: symmetric intervals of the delta method miss them the more, the larger rho.
            let low = match name {
                "indirect, delta method" | "total, delta method" => 0.80,
                _ => 0.91,
            };
            share.check(&format!("rho = {rho}: {name}"), low, 0.96);
        }
    }
}

#[test]
fn moran_keeps_its_size() {
    check_moran(2_000, 99);
}

#[test]
fn permutation_tests_keep_their_size() {
    check_permutation_sizes(2_000, 199);
}

#[test]
fn shared_draws_have_the_distribution_of_independent_ones() {
    check_shared_draws(300, 199);
}

#[test]
fn pitman_morgan_keeps_its_size_and_lichtenberg_does_not() {
    check_sigma(4_000);
}

#[test]
fn intervals_of_a_lag_model_cover() {
    check_coverage(7, 400, 200);
}

#[test]
#[ignore = "about four minutes for all; command in the header"]
fn moran_keeps_its_size_long() {
    check_moran(20_000, 999);
}

#[test]
#[ignore = "about four minutes for all; command in the header"]
fn permutation_tests_keep_their_size_long() {
    check_permutation_sizes(20_000, 999);
}

#[test]
#[ignore = "about four minutes for all; command in the header"]
fn shared_draws_have_the_distribution_of_independent_ones_long() {
    check_shared_draws(2_000, 999);
}

#[test]
#[ignore = "about four minutes for all; command in the header"]
fn pitman_morgan_keeps_its_size_and_lichtenberg_does_not_long() {
    check_sigma(50_000);
}

#[test]
#[ignore = "about four minutes for all; command in the header"]
fn intervals_of_a_lag_model_cover_long() {
    check_coverage(7, 10_000, 1_000);
    check_coverage(20, 4_000, 1_000);
}

/// A panel of `exp(y)`, `y_it = r y_i,t-1 + mu_i + e_it` from its stationary distribution, over years 0 to t; the sd of mu is that of the stationary deviations times `effects`.
fn dynamic_panel(random: &mut Random, units: usize, t: usize, r: f64, effects: f64) -> Panel {
    let spread = 1.0 / (1.0 - r * r).sqrt();
    let mut y = Array2::zeros((t + 1, units));
    for mut history in y.columns_mut() {
        let level = effects * spread * random.normal();
        let mut deviation = spread * random.normal();
        for value in &mut history {
            // A tenth, so that levels stay numbers of a usual size.
            *value = (0.1 * (level + deviation)).exp();
            deviation = r * deviation + random.normal();
        }
    }
    let years: Vec<i32> = (0..=t as i32).collect();
    Panel::from_columns(&Units::range(units), &years, [("y", y)]).unwrap()
}

/// Bias of 1 + b within units, of its half-panel jackknife and of pooled least squares, with Monte-Carlo standard errors of the first two.
fn nickell(samples: usize, units: usize, t: usize, r: f64, seed: u64) -> [f64; 5] {
    let mut random = Random(seed);
    let mut found = [(); 3].map(|()| Vec::with_capacity(samples));
    for _ in 0..samples {
        let panel = dynamic_panel(&mut random, units, t, r, 1.0);
        let growth = PanelGrowth::spans(&panel, "y", 1).unwrap();
        let with = |effects| growth.regression().effects(effects);
        let within = PanelBetaConvergence::fit(&growth, &with(Effects::Unit)).unwrap();
        let pooled = PanelBetaConvergence::fit(&growth, &with(Effects::None)).unwrap();
        let values = [
            within.beta().value,
            within.jackknifed().unwrap().beta().value,
            pooled.beta().value,
        ];
        for (all, b) in found.iter_mut().zip(values) {
            all.push(1.0 + b - r);
        }
    }
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let error = |v: &[f64]| {
        let m = mean(v);
        let variance = v.iter().map(|x| (x - m).powi(2)).sum::<f64>() / v.len() as f64;
        (variance / v.len() as f64).sqrt()
    };
    [
        mean(&found[0]),
        mean(&found[1]),
        mean(&found[2]),
        error(&found[0]),
        error(&found[1]),
    ]
}

fn check_nickell(samples: usize) {
    println!(
        "| T | r | Nickell's limit | within | jackknife | pooled | MC error |\n|---|---|---|---|---|---|---|"
    );
    for (t, r) in [(6, 0.9), (10, 0.9), (20, 0.9), (21, 0.95)] {
        let [within, jackknife, pooled, se, se_jackknife] = nickell(samples, 200, t, r, 11);
        // Nickell (1981), equation 18: the limit for many units.
        let periods = t as f64;
        let a = 1.0 - (1.0 - r.powi(t as i32)) / (periods * (1.0 - r));
        let limit =
            -(1.0 + r) / (periods - 1.0) * a / (1.0 - 2.0 * r / ((1.0 - r) * (periods - 1.0)) * a);
        println!(
            "| {t} | {r} | {limit:.4} | {within:.4} | {jackknife:.4} | {pooled:.4} | {se:.4}, {se_jackknife:.4} |"
        );
        assert!((within - limit).abs() < 4.0 * se + 0.01 * limit.abs());
        assert!(jackknife.abs() < 0.6 * within.abs());
        assert!(within < 0.0 && pooled > 0.0);
    }
}

/// Coverage of 95 % intervals of b from overlapping spans of five years: classical, Newey-West with 4 lags, Hansen-Hodrick with 4 lags, clustered by unit.
fn check_overlapping(samples: usize) {
    println!(
        "| units | years | classical | Newey-West | Hansen-Hodrick | clustered |\n|---|---|---|---|---|---|"
    );
    for (units, t) in [(21, 24), (48, 40), (200, 40)] {
        let mut random = Random(5);
        let r: f64 = 0.9;
        let truth = (r.powi(5) - 1.0) / 5.0;
        let mut covered = [Share::default(); 4];
        for _ in 0..samples {
            let panel = dynamic_panel(&mut random, units, t, r, 0.0);
            let growth = PanelGrowth::overlapping(&panel, "y", 5).unwrap();
            let spec = growth.regression().effects(Effects::Time);
            let beta = PanelBetaConvergence::fit(&growth, &spec).unwrap();
            let last = growth.panel().periods().len() - 1;
            let kinds = [
                Vcov::Classical,
                Vcov::NeweyWest { lags: Some(4) },
                Vcov::HansenHodrick { lags: 4 },
                Vcov::HansenHodrick { lags: last },
            ];
            for (share, kind) in covered.iter_mut().zip(kinds) {
                // A kind without a variance in this sample does not cover.
                let inside = beta.clone().with_vcov(kind).is_ok_and(|b| {
                    let (low, high) = b.beta().interval(0.95);
                    low < truth && truth < high
                });
                share.add(inside);
            }
        }
        let [classical, newey_west, hansen_hodrick, clustered] = covered.map(Share::value);
        println!(
            "| {units} | {t} | {classical:.3} | {newey_west:.3} | {hansen_hodrick:.3} | {clustered:.3} |"
        );
        assert!(classical < 0.8 && hansen_hodrick > 0.85);
    }
}

#[test]
fn short_panels_have_the_bias_of_nickell_and_the_jackknife_less_of_it() {
    check_nickell(30);
}

#[test]
#[ignore = "about a minute; command in the header"]
fn short_panels_have_the_bias_of_nickell_and_the_jackknife_less_of_it_long() {
    check_nickell(2_000);
}

#[test]
#[ignore = "about a minute; command in the header"]
fn overlapping_spans_need_lags_long() {
    check_overlapping(2_000);
}
/// Shares of p-values of at most 5 and 10 % of the bootstrap test of a threshold, and of confidence sets at 90 % that hold the true threshold:
/// 48 units, growth on ln initial, split by it; `spread` makes errors heteroskedastic, `jump` is the difference of slopes.
fn thresholds(samples: u64, draws: usize, spread: f64, jump: f64) -> (Share, Share, Share) {
    let (mut five, mut ten, mut covered) = (Share::default(), Share::default(), Share::default());
    for sample in 0..samples {
        let mut random = Random(1_000_003 * (sample + 1));
        let x = random.normals(48).mapv(|v| 8.0 + 0.4 * v);
        let mut sorted = x.to_vec();
        sorted.sort_by(f64::total_cmp);
        let split = sorted[23];
        let rate: Array1<f64> = (x.iter())
            .map(|x| {
                let slope = -0.02 + if *x <= split { 0.0 } else { jump };
                0.2 + slope * (x - 8.0) + 0.004 * (spread * (x - 8.0)).exp() * random.normal()
            })
            .collect();
        let end = (&x + &(rate * 20.0)).mapv(f64::exp);
        let table = Table::from_columns([("start", x.mapv(f64::exp)), ("end", end)]).unwrap();
        let growth = Growth::of_columns(&table, "start", "end", 20.0).unwrap();
        let draws = Draws::new(draws).seed(sample);
        let clubs =
            BetaClubs::by_threshold(&growth, &growth.regression(), "ln_initial", draws).unwrap();
        let found = clubs.threshold().unwrap();
        five.add(found.test.p_value <= 0.05);
        ten.add(found.test.p_value <= 0.10);
        covered.add(
            found
                .confidence_set(0.9)
                .iter()
                .any(|v| (v - split).abs() < 1e-9),
        );
    }
    (five, ten, covered)
}

/// In 48 units the test holds its size, whatever the errors, and sees a large jump.
#[test]
fn the_bootstrap_test_of_a_threshold_has_about_its_size() {
    let (five, ten, _) = thresholds(200, 199, 0.0, 0.0);
    assert!(
        five.value() < 0.05 + 3.0 * five.std_error(0.05),
        "{}",
        five.value()
    );
    assert!(
        ten.value() < 0.10 + 3.0 * ten.std_error(0.10),
        "{}",
        ten.value()
    );
    let (power, _, covered) = thresholds(50, 199, 0.0, 0.06);
    assert!(
        power.value() > 0.8 && covered.value() > 0.7,
        "{} {}",
        power.value(),
        covered.value()
    );
}

/// cargo test --release --test monte_carlo -- --ignored --nocapture --test-threads 1 size_of_a_threshold
#[test]
#[ignore = "about four minutes for all; command in the header"]
fn size_of_a_threshold() {
    println!(
        "| errors | jump | p <= 0.05 | p <= 0.10 | 90 % sets that hold the threshold |\n|---|---|---|---|---|"
    );
    for (spread, jump) in [
        (0.0, 0.0),
        (1.5, 0.0),
        (-1.5, 0.0),
        (0.0, 0.02),
        (1.5, 0.02),
        (0.0, 0.06),
        (1.5, 0.06),
    ] {
        let (five, ten, covered) = thresholds(5_000, 499, spread, jump);
        println!(
            "| exp({spread} x) | {jump} | {:.4} | {:.4} | {:.4} |",
            five.value(),
            ten.value(),
            covered.value()
        );
    }
}
