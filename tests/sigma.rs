//! Sigma convergence: laws that hold, and size and coverage in simulated samples.
//!
//! The long runs, whose results stand in `docs/monte_carlo.md`:
//!
//! ```text
//! cargo test --release --test sigma -- --ignored --nocapture --test-threads 1
//! ```

use ndarray::{Array1, Array2, Axis};
use spatialecon::*;

mod random;
use random::Random;

/// Log-normal histories: sd in each period, correlation of successive periods.
fn histories(random: &mut Random, n: usize, sd: &[f64], correlation: f64) -> Array2<f64> {
    let mut rows = Array2::zeros((sd.len(), n));
    let mut z = random.normals(n);
    for (s, mut row) in sd.iter().zip(rows.rows_mut()) {
        row.assign(&z.mapv(|v| (s * v).exp()));
        z = &z * correlation + &(random.normals(n) * (1.0 - correlation.powi(2)).sqrt());
    }
    rows
}

fn panel(levels: Array2<f64>, weights: Option<Array2<f64>>) -> Panel {
    let periods: Vec<i32> = (2000..).take(levels.nrows()).collect();
    let units = Units::range(levels.ncols());
    let panel = Panel::from_columns(&units, &periods, [("y", levels)]).unwrap();
    match weights {
        Some(w) => panel.column("people", w).unwrap(),
        None => panel,
    }
}

fn weighted(n: usize, periods: usize, seed: u64) -> SigmaConvergence {
    let mut random = Random(seed);
    let sd: Vec<f64> = (0..periods).map(|t| 0.6 - 0.01 * t as f64).collect();
    let levels = histories(&mut random, n, &sd, 0.95);
    let people = histories(&mut random, n, &vec![1.0; periods], 0.99);
    let panel = panel(levels, Some(people));
    let sigma = SigmaConvergence::of(&panel, "y").unwrap();
    sigma.weighted_by(&panel, "people").unwrap()
}

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * a.abs().max(b.abs()), "{a} {b}");
}

#[test]
fn equal_weights_weight_nothing() {
    let mut random = Random(1);
    let levels = histories(&mut random, 9, &[0.5, 0.4], 0.9);
    let panel = panel(levels, Some(Array2::from_elem((2, 9), 3.5)));
    let sigma = SigmaConvergence::of(&panel, "y").unwrap();
    let sigma = sigma.weighted_by(&panel, "people").unwrap();
    for (plain, weighted) in Measure::ALL.into_iter().zip(Measure::WEIGHTED) {
        let both = (
            sigma.values(plain).unwrap(),
            sigma.values(weighted).unwrap(),
        );
        both.0
            .iter()
            .zip(&both.1)
            .for_each(|(a, b)| close(*a, *b, 1e-13));
    }
}

#[test]
fn a_unit_cut_in_two_changes_no_weighted_measure() {
    let sigma = weighted(7, 2, 2);
    let mut random = Random(2);
    let sd = [0.6, 0.59];
    let levels = histories(&mut random, 7, &sd, 0.95);
    let people = histories(&mut random, 7, &[1.0, 1.0], 0.99);
    let mut more = Array2::zeros((2, 8));
    let mut split = Array2::zeros((2, 8));
    for t in 0..2 {
        for i in 0..8 {
            let from = i.min(6);
            more[[t, i]] = levels[[t, from]];
            let share = [1.0, 0.25, 0.75][if i < 6 { 0 } else { i - 5 }];
            split[[t, i]] = share * people[[t, from]];
        }
    }
    let panel = panel(more, Some(split));
    let other = SigmaConvergence::of(&panel, "y").unwrap();
    let other = other.weighted_by(&panel, "people").unwrap();
    for m in Measure::WEIGHTED {
        let both = (sigma.values(m).unwrap(), other.values(m).unwrap());
        both.0
            .iter()
            .zip(&both.1)
            .for_each(|(a, b)| close(*a, *b, 1e-12));
    }
}

/// Every number of a bootstrap.
fn numbers(bands: &SigmaBands) -> Vec<u64> {
    let mut out = Vec::new();
    let mut add = |b: &Bootstrapped| {
        for method in METHODS {
            let (low, high) = b.interval_by(method, 0.9);
            out.extend([low.to_bits(), high.to_bits()]);
        }
        out.extend([b.value, b.bias, b.std_error].map(f64::to_bits));
    };
    for m in bands.measures() {
        bands.series(m).unwrap().for_each(|(_, b)| add(b));
        add(&bands.change(m, 2000, 2002).unwrap());
        add(&bands.trend(m).unwrap());
    }
    out
}

const METHODS: [BootstrapInterval; 4] = [
    BootstrapInterval::Studentized,
    BootstrapInterval::Percentile,
    BootstrapInterval::Basic,
    BootstrapInterval::BiasCorrected,
];

#[test]
fn bands_are_the_same_on_any_number_of_threads() {
    let sigma = weighted(15, 3, 3);
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| numbers(&sigma.bootstrap(Draws::new(199).seed(5)).unwrap()))
    };
    assert_eq!(of(1), of(3));
}

#[test]
fn changes_and_slopes_are_made_of_the_same_draws() {
    let sigma = weighted(12, 3, 4);
    let bands = sigma.bootstrap(Draws::new(500).seed(1)).unwrap();
    for m in bands.measures() {
        let values = sigma.values(m).unwrap();
        let level = |t: i32| bands.of(m, 2000 + t).unwrap();
        let (first, last) = (level(0), level(2));
        let change = bands.change(m, 2000, 2002).unwrap();
        close(change.value, values[2] - values[0], 1e-12);
        close(change.bias, last.bias - first.bias, 1e-9);
        // Three periods in a row: the slope is half the change.
        let slope = bands.trend(m).unwrap();
        close(slope.value, 0.5 * change.value, 1e-12);
        close(slope.std_error, 0.5 * change.std_error, 1e-9);
        let both = (slope.interval(0.95), change.interval(0.95));
        close(both.0.0, 0.5 * both.1.0, 1e-9);
        close(slope.p_value().unwrap(), change.p_value().unwrap(), 1e-12);
        assert_eq!(level(0).p_value(), None);
        assert_eq!(level(1).draws().len(), 500);
        // The standard error by linearisation and that of the draws are of one size.
        let ratio = last.linearized_std_error / last.std_error;
        assert!(ratio > 0.6 && ratio < 1.6, "{m}: {ratio}");
        for method in METHODS {
            let (wide, narrow) = (
                last.interval_by(method, 0.99),
                last.interval_by(method, 0.8),
            );
            assert!(wide.0 <= narrow.0 && narrow.0 <= narrow.1 && narrow.1 <= wide.1);
        }
    }
    // A draw is a sample with repetitions: a scale of money changes nothing.
    let slope = sigma.trend(Measure::Gini).unwrap();
    let drawn = bands.trend(Measure::Gini).unwrap();
    close(slope.slope(), drawn.value, 1e-10);
}

#[test]
fn periods_without_dispersion() {
    for (n, level) in [(8, 0.3), (7, 0.1), (21, 12_345.6)] {
        check_flat(n, level);
    }
}

fn check_flat(n: usize, level: f64) {
    let mut levels = histories(&mut Random(6), n, &[0.5, 0.4, 0.3, 0.3], 0.9);
    levels.row_mut(1).fill(level);
    let panel = panel(levels.clone(), Some(levels));
    let sigma = SigmaConvergence::of(&panel, "y").unwrap();
    let sigma = sigma.weighted_by(&panel, "people").unwrap();
    let bands = sigma.bootstrap(Draws::new(200)).unwrap();
    for m in bands.measures() {
        let flat = bands.of(m, 2001).unwrap();
        assert!(flat.value.abs() < 1e-15 && flat.std_error < 1e-15, "{m}");
        for method in METHODS {
            let (low, high) = flat.interval_by(method, 0.95);
            assert!(low.abs() < 1e-15 && high.abs() < 1e-15, "{m}");
        }
        let (low, high) = bands.change(m, 2001, 2002).unwrap().interval(0.95);
        assert!(low.is_finite() && high.is_finite() && low < high);
    }
    let test = sigma.test(2001, 2002);
    assert!(matches!(test, Err(Error::Constant { .. })));
}

#[test]
fn given_nothing_the_conditional_test_is_that_of_pitman_and_morgan() {
    let panel = panel(histories(&mut Random(7), 11, &[0.5, 0.4], 0.8), None);
    let sigma = SigmaConvergence::with_ddof(&panel, "y", Ddof::Sample).unwrap();
    let none: [&str; 0] = [];
    let given = sigma
        .conditional(&panel.at(2000).unwrap(), none, 2000, 2001)
        .unwrap();
    let plain = sigma.test(2000, 2001).unwrap();
    close(given.test.statistic, plain.statistic, 1e-11);
    close(given.test.p_value, plain.p_value, 1e-9);
    close(given.sd_first, sigma.series()[0].sd_log, 1e-12);
}

#[test]
fn filtered_sigma_and_its_counterfactuals() {
    let w = Weights::lattice(Lattice::rook(5, 6)).unwrap();
    for w in [
        w.row_standardized().unwrap(),
        w.spectrally_normalized().unwrap(),
    ] {
        let panel = panel(histories(&mut Random(8), 30, &[0.5, 0.4, 0.3], 0.9), None);
        let panel = panel.relabelled(w.units()).unwrap();
        let sigma = SigmaConvergence::with_ddof(&panel, "y", Ddof::Sample).unwrap();
        let filtered = sigma.filtered(&w).unwrap();
        let none = filtered.at_dependence(0.0).unwrap();
        for (t, d) in filtered.series().iter().enumerate() {
            close(d.measured, sigma.series()[t].sd_log, 1e-14);
            close(d.filtered, none[t], 1e-12);
            let own = filtered.at_dependence_of(d.period).unwrap();
            close(own[t], d.measured, 1e-10);
            assert_eq!(d.inflation, Some(filtered.inflation(d.period).unwrap()));
            let v = filtered.shocks(d.period).unwrap();
            close(d.sigma_v, (v.dot(&v) / 30.0).sqrt(), 1e-13);
        }
        assert!(matches!(
            filtered.at_dependence(1.01),
            Err(Error::InvalidOption {
                option: "lambda",
                ..
            })
        ));
    }
}

/// The trace by sparse solves, where the dense inverse is not made: an even number of lines of a torus gives a known one.
#[test]
fn the_share_of_dependence_above_a_thousand_units() {
    // A ring of n units: eigenvalues cos(2πk/n), and S is symmetric.
    let n = 1_200;
    let pairs = (0..n).map(|i| (i.to_string(), ((i + 1) % n).to_string()));
    let w =
        Weights::from_pairs(&Units::new((0..n).map(|i| i.to_string())).unwrap(), pairs).unwrap();
    let w = w.row_standardized().unwrap();
    let panel = panel(histories(&mut Random(9), n, &[0.5], 0.9), None);
    let panel = panel.relabelled(w.units()).unwrap();
    let filtered = SigmaConvergence::of(&panel, "y")
        .unwrap()
        .filtered(&w)
        .unwrap();
    let d = &filtered.series()[0];
    assert_eq!(d.inflation, None);
    let expected: f64 = (1..n)
        .map(|k| (std::f64::consts::TAU * k as f64 / n as f64).cos())
        .map(|omega| (1.0 - d.lambda.value * omega).powi(-2))
        .sum();
    close(
        filtered.inflation(2000).unwrap(),
        expected / (n as f64 - 1.0),
        1e-9,
    );
}

/// How often something happened.
#[derive(Clone, Copy, Default)]
struct Share(usize, usize);

impl Share {
    fn add(&mut self, happened: bool) {
        self.0 += usize::from(happened);
        self.1 += 1;
    }

    fn value(self) -> f64 {
        self.0 as f64 / self.1.max(1) as f64
    }
}

/// Standard normal distribution function at z, from the upper tail of the crate.
fn phi(z: f64) -> f64 {
    1.0 - Distribution::Normal.upper_tail(z)
}

/// Coverage of 95 % intervals, for four measures in the last period, their change and their slope, by method.
fn coverage(n: usize, samples: usize, seed: u64, draws: usize) -> [[[Share; 4]; 4]; 3] {
    let sd = [0.6, 0.575, 0.55, 0.525, 0.5];
    let truth = |m: Measure, s: f64| match m {
        Measure::SdLog => s,
        Measure::Cv => ((s * s).exp() - 1.0).sqrt(),
        Measure::Theil => s * s / 2.0,
        _ => 2.0 * phi(s / std::f64::consts::SQRT_2) - 1.0,
    };
    let mut random = Random(seed);
    let mut out = [[[Share::default(); 4]; 4]; 3];
    for sample in 0..samples {
        let panel = panel(histories(&mut random, n, &sd, 0.95), None);
        let sigma = SigmaConvergence::of(&panel, "y").unwrap();
        let bands = sigma
            .bootstrap(Draws::new(draws).seed(sample as u64))
            .unwrap();
        for (k, m) in Measure::ALL.into_iter().enumerate() {
            let path: Array1<f64> = sd.iter().map(|s| truth(m, *s)).collect();
            let slope = (-2.0 * path[0] - path[1] + path[3] + 2.0 * path[4]) / 10.0;
            let quantities = [
                (bands.of(m, 2004).unwrap().clone(), path[4]),
                (bands.change(m, 2000, 2004).unwrap(), path[4] - path[0]),
                (bands.trend(m).unwrap(), slope),
            ];
            for (q, (b, truth)) in quantities.iter().enumerate() {
                for (j, method) in METHODS.into_iter().enumerate() {
                    let (low, high) = b.interval_by(method, 0.95);
                    out[q][k][j].add(low <= *truth && *truth <= high);
                }
            }
        }
    }
    out
}

fn print_coverage(n: usize, samples: usize, seed: u64) {
    println!("n = {n}, {samples} samples, seed {seed}: studentised, percentile, basic, BCa");
    let shares = coverage(n, samples, seed, 999);
    for (q, name) in ["level", "change", "slope"].into_iter().enumerate() {
        for (k, m) in Measure::ALL.into_iter().enumerate() {
            let row = shares[q][k].map(|s| format!("{:.3}", s.value()));
            println!("| {name} | {m} | {} |", row.join(" | "));
        }
    }
}

#[test]
fn studentised_intervals_cover_more_than_percentiles_at_21_units() {
    let shares = coverage(21, 60, 11, 199);
    for (k, m) in Measure::ALL.into_iter().enumerate() {
        let [t, percentile, ..] = shares[0][k].map(Share::value);
        assert!(t > percentile && t > 0.75, "{m}: {t} {percentile}");
    }
}

#[test]
#[ignore = "some minutes; command in the header"]
fn coverage_of_the_bands() {
    print_coverage(21, 4_000, 11);
    print_coverage(100, 2_000, 12);
}

/// Rejections at 5 % of an unchanged variance: Pitman-Morgan, T2, T3, T1, and how often T3 is not defined.
fn sizes(samples: usize, seed: u64, correlation: f64) -> ([Share; 4], Share) {
    let mut random = Random(seed);
    let mut out = [Share::default(); 4];
    let mut undefined = Share::default();
    for _ in 0..samples {
        let panel = panel(histories(&mut random, 21, &[0.5, 0.5], correlation), None);
        let sigma = SigmaConvergence::of(&panel, "y").unwrap();
        let tests = [
            SigmaTest::PitmanMorgan,
            SigmaTest::CarreeKlompRatio,
            SigmaTest::CarreeKlompSlope,
            SigmaTest::Lichtenberg,
        ];
        for (share, t) in out.iter_mut().zip(tests) {
            match sigma.test_by(t, 2000, 2001) {
                Ok(test) => share.add(test.p_value <= 0.05),
                Err(Error::Unsupported { .. }) => share.add(false),
                Err(e) => panic!("{e}"),
            }
        }
        let slope = sigma.test_by(SigmaTest::CarreeKlompSlope, 2000, 2001);
        undefined.add(slope.is_err());
    }
    (out, undefined)
}

#[test]
fn pitman_and_morgan_have_their_size() {
    let ([pm, ..], _) = sizes(2_000, 21, 0.9);
    assert!((pm.value() - 0.05).abs() < 4.0 * 0.0049, "{}", pm.value());
}

#[test]
#[ignore = "some minutes; command in the header"]
fn size_of_the_tests() {
    println!("| correlation | seed | Pitman-Morgan | T2 | T3 | T1 | T3 undefined |");
    for (seed, correlation) in [(21, 0.0), (22, 0.5), (23, 0.9), (24, 0.98)] {
        let (shares, undefined) = sizes(20_000, seed, correlation);
        let row = shares.map(|s| format!("{:.4}", s.value())).join(" | ");
        println!(
            "| {correlation} | {seed} | {row} | {:.4} |",
            undefined.value()
        );
    }
}

/// Rejections at 5 % of an unchanged variance given two determinants whose coefficients change, by the conditional test and by the plain one.
fn conditional_sizes(samples: usize, seed: u64, correlation: f64) -> [Share; 2] {
    let mut random = Random(seed);
    let mut out = [Share::default(); 2];
    for _ in 0..samples {
        let n = 21;
        let (z1, z2) = (random.normals(n), random.normals(n));
        let e = histories(&mut random, n, &[0.5, 0.5], correlation).mapv(f64::ln);
        let mut levels = Array2::zeros((2, n));
        let first = &e.index_axis(Axis(0), 0) + &(&z1 * 0.6) + &(&z2 * 0.4);
        let last = &e.index_axis(Axis(0), 1) + &(&z1 * 0.2);
        levels.row_mut(0).assign(&first.mapv(f64::exp));
        levels.row_mut(1).assign(&last.mapv(f64::exp));
        let panel = panel(levels, None);
        let table = Table::over(panel.units()).column("z1", z1).unwrap();
        let table = table.column("z2", z2).unwrap();
        let sigma = SigmaConvergence::of(&panel, "y").unwrap();
        let given = sigma.conditional(&table, ["z1", "z2"], 2000, 2001).unwrap();
        out[0].add(given.test.p_value <= 0.05);
        out[1].add(sigma.test(2000, 2001).unwrap().p_value <= 0.05);
    }
    out
}

#[test]
fn the_conditional_test_has_its_size() {
    let [given, _] = conditional_sizes(2_000, 31, 0.9);
    assert!(
        (given.value() - 0.05).abs() < 4.0 * 0.0049,
        "{}",
        given.value()
    );
}

#[test]
#[ignore = "some minutes; command in the header"]
fn size_of_the_conditional_test() {
    println!("| correlation | seed | given z1, z2 | Pitman-Morgan of the logs |");
    for (seed, correlation) in [(31, 0.0), (32, 0.5), (33, 0.9), (34, 0.98)] {
        let row = conditional_sizes(20_000, seed, correlation);
        let row = row.map(|s| format!("{:.4}", s.value())).join(" | ");
        println!("| {correlation} | {seed} | {row} |");
    }
}

/// Rejections at 5 % where shocks have the same variance at both dates and neighbours depend on each other: of logs, and of shocks filtered by estimated lambdas.
fn spatial_sizes(samples: usize, seed: u64, lambda: [f64; 2], correlation: f64) -> [Share; 2] {
    let w = Weights::lattice(Lattice::rook(7, 7)).unwrap();
    let w = w.row_standardized().unwrap();
    let mut random = Random(seed);
    let mut out = [Share::default(); 2];
    for _ in 0..samples {
        let shocks = histories(&mut random, 49, &[0.5, 0.5], correlation).mapv(f64::ln);
        let mut levels = Array2::zeros((2, 49));
        for (t, lambda) in lambda.iter().enumerate() {
            // (I - lambda W)^-1 v by the series, to rounding.
            let mut term = shocks.row(t).to_owned();
            let mut sum = term.clone();
            for _ in 0..200 {
                term = w.lag(&term).unwrap() * *lambda;
                sum += &term;
            }
            levels.row_mut(t).assign(&sum.mapv(f64::exp));
        }
        let panel = panel(levels, None).relabelled(w.units()).unwrap();
        let sigma = SigmaConvergence::of(&panel, "y").unwrap();
        out[0].add(sigma.test(2000, 2001).unwrap().p_value <= 0.05);
        let filtered = sigma.filtered(&w).unwrap();
        let mut v = Array2::zeros((2, 49));
        for t in 0..2 {
            let shocks = filtered.shocks(2000 + t as i32).unwrap();
            v.row_mut(t).assign(&shocks.mapv(f64::exp));
        }
        let panel = self::panel(v, None);
        let of_shocks = SigmaConvergence::of(&panel, "y").unwrap();
        out[1].add(of_shocks.test(2000, 2001).unwrap().p_value <= 0.05);
    }
    out
}

#[test]
#[ignore = "some minutes; command in the header"]
fn size_under_spatial_dependence() {
    println!("| lambda | correlation | seed | Pitman-Morgan of logs | of filtered shocks |");
    let cases = [
        ([0.0, 0.0], 0.9),
        ([0.5, 0.5], 0.0),
        ([0.5, 0.5], 0.9),
        ([0.8, 0.8], 0.9),
        ([0.2, 0.7], 0.9),
    ];
    for (seed, (lambda, correlation)) in (41..).zip(cases) {
        let row = spatial_sizes(5_000, seed, lambda, correlation);
        let row = row.map(|s| format!("{:.4}", s.value())).join(" | ");
        println!(
            "| {}, {} | {correlation} | {seed} | {row} |",
            lambda[0], lambda[1]
        );
    }
}

/// Rejections at 5 % of a trend that is not there, errors independent or autoregressive: by the exact distribution, by t(T - 2) on the same error.
///
/// Two units with logs ± s have the sd of logs s.
fn trend_sizes(samples: usize, seed: u64, periods: usize, autocorrelation: f64) -> [Share; 2] {
    let mut random = Random(seed);
    let mut out = [Share::default(); 2];
    for _ in 0..samples {
        let mut u = random.normal();
        let mut levels = Array2::zeros((periods, 2));
        for t in 0..periods {
            let s = 0.5 + 0.02 * u;
            levels[[t, 0]] = s.exp();
            levels[[t, 1]] = (-s).exp();
            u = autocorrelation * u + (1.0 - autocorrelation.powi(2)).sqrt() * random.normal();
        }
        let sigma = SigmaConvergence::of(&panel(levels, None), "y").unwrap();
        let trend = sigma.trend(Measure::SdLog).unwrap();
        out[0].add(trend.p_value() <= 0.05);
        out[1].add(trend.estimate().p_value() <= 0.05);
    }
    out
}

#[test]
fn trends_have_their_size() {
    let [exact, by_t] = trend_sizes(2_000, 51, 10, 0.0);
    assert!(
        (exact.value() - 0.05).abs() < 4.0 * 0.0049,
        "{}",
        exact.value()
    );
    assert!(by_t.value() > 0.1, "{}", by_t.value());
}

#[test]
#[ignore = "some minutes; command in the header"]
fn size_of_the_trend() {
    println!("| T | autocorrelation | seed | exact at this T and lag | t(T - 2) |");
    let cases = [
        (5, 0.0),
        (10, 0.0),
        (24, 0.0),
        (24, 0.5),
        (24, 0.8),
        (80, 0.0),
        (80, 0.8),
    ];
    for (seed, (periods, autocorrelation)) in (51..).zip(cases) {
        let row = trend_sizes(20_000, seed, periods, autocorrelation);
        let row = row.map(|s| format!("{:.4}", s.value())).join(" | ");
        println!("| {periods} | {autocorrelation} | {seed} | {row} |");
    }
}

/// Levels and weights whose squares, or sums, leave the range of numbers have the dispersion that they have in another unit.
#[test]
fn dispersion_is_the_same_in_any_unit() {
    let mut random = Random(12);
    let levels = histories(&mut random, 9, &[0.5, 0.4, 0.3, 0.3], 0.9);
    let people = histories(&mut random, 9, &[1.0; 4], 0.9);
    let measured = |scale: f64| {
        let panel = panel(&levels * scale, Some(&people * scale));
        let sigma = SigmaConvergence::of(&panel, "y").unwrap();
        let sigma = sigma.weighted_by(&panel, "people").unwrap();
        let bands = sigma.bootstrap(Draws::new(100).seed(3)).unwrap();
        let mut all = Vec::new();
        for measure in bands.measures() {
            all.extend(sigma.values(measure).unwrap());
            let (low, high) = bands.of(measure, 2001).unwrap().interval(0.9);
            all.extend([low, high, sigma.trend(measure).unwrap().slope()]);
        }
        all
    };
    let plain = measured(1.0);
    for scale in [1e-305, 1e-170, 1e160, 1e300, 5e306] {
        for (a, b) in measured(scale).into_iter().zip(&plain) {
            close(a, *b, 1e-10);
        }
    }
}

/// Two values that are as frequent as each other have a spread without a standard error: an end is then infinite, not a large number made of rounding.
#[test]
fn ends_that_draws_do_not_bound_are_infinite() {
    let levels = ndarray::array![
        [1.0, 1.0, 1.0, 2.0],
        [1.0, 1.0, 2.0, 2.0],
        [1.0, 3.0, 2.0, 5.0]
    ];
    let sigma = SigmaConvergence::of(&panel(levels, None), "y").unwrap();
    let bands = sigma.bootstrap(Draws::new(300)).unwrap();
    for measure in Measure::ALL {
        for (first, last) in [(2000, 2001), (2000, 2002), (2001, 2002)] {
            let (low, high) = bands.change(measure, first, last).unwrap().interval(0.9);
            for end in [low, high] {
                assert!(end.is_infinite() || end.abs() < 1e3, "{measure} {end}");
            }
        }
    }
    // The standard error of the sample itself is zero.
    let spread = bands.of(Measure::SdLog, 2001).unwrap();
    assert!(spread.linearized_std_error.abs() < f64::MIN_POSITIVE);
    assert_eq!(spread.interval(0.9), (0.0, f64::INFINITY));
}
