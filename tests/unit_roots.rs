//! Unit roots in panels: laws that hold, published tables, and size and power in simulated samples.
//!
//! The long runs, which print tables:
//!
//! ```text
//! cargo test --release --test unit_roots -- --ignored --nocapture --test-threads 1
//! ```

use ndarray::Array2;
use spatialecon::*;

mod random;
use random::Random;

fn panel(values: Array2<f64>) -> Panel {
    let periods: Vec<i32> = (2000..).take(values.nrows()).collect();
    let units = Units::range(values.ncols());
    Panel::from_columns(&units, &periods, [("y", values)]).unwrap()
}

/// y_it = phi y_i,t-1 + loading_i f_t + e_it, e_it = theta e_i,t-1 + noise, periods × units, after 50 periods that are thrown away; phi = 1 is a unit root.
fn simulated(
    random: &mut Random,
    n: usize,
    periods: usize,
    phi: f64,
    factor: f64,
    theta: f64,
) -> Array2<f64> {
    let loadings: Vec<f64> = (0..n).map(|_| factor * (0.5 + random.uniform())).collect();
    let (mut y, mut e) = (vec![0.0; n], vec![0.0; n]);
    let mut rows = Array2::zeros((periods, n));
    for t in 0..periods + 50 {
        let f = random.normal();
        for i in 0..n {
            e[i] = theta * e[i] + random.normal();
            y[i] = phi * y[i] + loadings[i] * f + e[i];
            if t >= 50 {
                rows[[t - 50, i]] = y[i];
            }
        }
    }
    rows
}

fn tests(values: Array2<f64>) -> StochasticConvergence {
    StochasticConvergence::of_series(&panel(values), "y").unwrap()
}

/// Pesaran (2007), Tables II(a) to (c): T is the number of observations of the regression, one less than the periods here. The tables have two decimals, and some thousands of draws.
#[test]
fn critical_values_of_pesaran() {
    let mut random = Random(1);
    for (n, t, terms, [one, five, ten]) in [
        (20, 20, Deterministic::Constant, [-2.40, -2.21, -2.10]),
        (10, 30, Deterministic::Constant, [-2.57, -2.33, -2.21]),
        (20, 20, Deterministic::Trend, [-2.92, -2.73, -2.63]),
        (15, 30, Deterministic::Trend, [-2.96, -2.76, -2.66]),
    ] {
        let y = simulated(&mut random, n, t + 1, 1.0, 0.0, 0.0);
        let cips = tests(y)
            .deterministic(terms)
            .cips(0, Draws::new(9_999).seed(3))
            .unwrap();
        for (level, value) in [(0.01, one), (0.05, five), (0.10, ten)] {
            let ours = cips.critical_value(level).unwrap();
            assert!(
                (ours - value).abs() < 0.025,
                "{n} {t} {terms} {level}: {ours} {value}"
            );
        }
    }
}

/// A factor on which all units load alike changes neither CIPS nor its null distribution beyond the path of the averages; scale and starting values drop out.
#[test]
fn scale_and_starting_values_drop_out() {
    let y = simulated(&mut Random(4), 8, 25, 1.0, 1.0, 0.0);
    let moved = Array2::from_shape_fn(y.dim(), |(t, i)| 3.0 * y[[t, i]] + i as f64);
    let draws = Draws::new(199);
    for terms in [Deterministic::Constant, Deterministic::Trend] {
        let of = |y: &Array2<f64>| {
            let tests = tests(y.clone()).deterministic(terms).lags(Lags::Aic(2));
            let cips = tests.cips(1, draws).unwrap();
            [
                cips.test().statistic,
                cips.test().p_value,
                tests.ips_simulated(draws).unwrap().test().statistic,
                tests.hadri().unwrap().heteroskedastic().statistic,
                tests.cross_dependence().unwrap().cd().statistic,
            ]
        };
        for (a, b) in of(&y).into_iter().zip(of(&moved)) {
            assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
    }
}

/// No number of lags is so large that counting periods for it leaves the range of numbers.
#[test]
fn lags_without_end_are_refused() {
    let y = simulated(&mut Random(5), 4, 25, 1.0, 0.0, 0.0);
    for lags in [
        12,
        1_000,
        usize::MAX / 3 + 1,
        usize::MAX / 2 + 1,
        usize::MAX,
    ] {
        let s = tests(y.clone());
        let few = |e: Error| assert!(matches!(e, Error::TooFewPeriods { periods: 25, .. }), "{e}");
        few(s.cips(lags, Draws::new(100)).unwrap_err());
        for choice in [
            Lags::Fixed(lags),
            Lags::Aic(lags),
            Lags::GeneralToSpecific(lags),
        ] {
            few(s.clone().lags(choice).adf_all().unwrap_err());
        }
        assert!(s.hadri_robust(lags.max(25)).is_err());
    }
}

#[test]
fn draws_do_not_depend_on_threads() {
    let y = simulated(&mut Random(5), 6, 24, 1.0, 1.0, 0.0);
    let tests = tests(y);
    let run = || {
        let draws = Draws::new(300).seed(9);
        let cips = tests.cips(1, draws).unwrap();
        let llc = tests
            .clone()
            .lags(Lags::Fixed(1))
            .llc()
            .unwrap()
            .simulated(draws)
            .unwrap();
        [
            cips.test().p_value,
            cips.critical_value(0.05).unwrap(),
            cips.units()[2].p_value,
            llc.test().p_value,
        ]
        .map(f64::to_bits)
    };
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    assert_eq!(pool(1).install(run), pool(3).install(run));
}

/// Simulated moments, on average over units, are those of the table.
#[test]
fn simulated_moments_are_those_of_the_table() {
    let y = simulated(&mut Random(6), 12, 27, 1.0, 0.0, 0.0);
    let tests = tests(y).lags(Lags::Fixed(1));
    let (table, drawn) = (
        tests.ips().unwrap(),
        tests.ips_simulated(Draws::new(20_000)).unwrap(),
    );
    assert!((table.test().statistic - drawn.test().statistic).abs() < 0.06);
    // MacKinnon's p-values are for many periods; at 26 they are within some hundredths of those of draws.
    let roots = tests.adf_all().unwrap();
    let exact = roots.clone().simulated(Draws::new(20_000)).unwrap();
    for (a, b) in roots.units().iter().zip(exact.units()) {
        assert!(
            (a.p_value() - b.p_value()).abs() < 0.03,
            "{} {}",
            a.p_value(),
            b.p_value()
        );
    }
}

/// Where a mean was taken out, CD rejects by itself, and the test of squares does not.
#[test]
fn cd_without_the_mean_is_what_it_says() {
    let y = simulated(&mut Random(7), 21, 24, 1.0, 0.0, 0.0).mapv(|v| (0.05 * v).exp());
    let tests = StochasticConvergence::of(&panel(y), "y")
        .unwrap()
        .lags(Lags::Fixed(0));
    let d = tests.cross_dependence().unwrap();
    let share = d.cd().statistic / d.expected_cd().unwrap();
    assert!((0.7..1.3).contains(&share), "{d}");
    assert!(d.cd().p_value < 0.01 && d.test().p_value > 0.05, "{d}");
}

/// Shares of rejections at 5 %.
struct Shares {
    names: Vec<&'static str>,
    counts: Vec<usize>,
    runs: usize,
}

impl Shares {
    fn add(&mut self, results: &[(&'static str, bool)]) {
        if self.names.is_empty() {
            self.names = results.iter().map(|r| r.0).collect();
            self.counts = vec![0; results.len()];
        }
        self.runs += 1;
        for (count, (_, rejected)) in self.counts.iter_mut().zip(results) {
            *count += usize::from(*rejected);
        }
    }

    fn line(&self) -> String {
        let share = |c: &usize| format!("{:.3}", *c as f64 / self.runs as f64);
        self.counts
            .iter()
            .map(share)
            .collect::<Vec<_>>()
            .join(" | ")
    }
}

/// 21 units, 24 years: size and power of CIPS; the tests that take units as independent beside it.
#[test]
#[ignore = "some minutes; command in the header"]
fn size_and_power_at_21_units_and_24_years() {
    let (n, t, runs) = (21, 24, 2_000);
    let names = [
        "CIPS 0",
        "CIPS 1",
        "IPS",
        "LLC",
        "LLC drawn",
        "Fisher P",
        "Hadri",
        "CD",
        "squares",
    ];
    println!("| phi | factor | theta | {} |", names.join(" | "));
    // Critical values of CIPS are the same in every sample.
    let first = tests(simulated(&mut Random(1), n, t, 1.0, 0.0, 0.0));
    let draws = Draws::new(9_999).seed(1);
    let critical: Vec<f64> = (0..2)
        .map(|p| first.cips(p, draws).unwrap().critical_value(0.05).unwrap())
        .collect();
    let llc_critical = {
        // The 5 % point of t* by draws: the value of the test whose p-value is 0.05.
        let mut values: Vec<f64> = (0..4_000)
            .map(|s| {
                let y = simulated(&mut Random(1_000_000 + s), n, t, 1.0, 0.0, 0.0);
                tests(y)
                    .lags(Lags::Fixed(1))
                    .llc()
                    .unwrap()
                    .test()
                    .statistic
            })
            .collect();
        values.sort_by(f64::total_cmp);
        values[199]
    };
    let mut cips_size = Vec::new();
    for (phi, factor, theta) in [
        (1.0, 0.0, 0.0),
        (1.0, 0.0, 0.3),
        (1.0, 1.0, 0.0),
        (1.0, 1.0, 0.3),
        (1.0, 2.0, 0.0),
        (0.9, 0.0, 0.0),
        (0.9, 1.0, 0.0),
        (0.8, 0.0, 0.0),
        (0.8, 1.0, 0.0),
        (0.6, 1.0, 0.0),
    ] {
        let mut shares = Shares {
            names: Vec::new(),
            counts: Vec::new(),
            runs: 0,
        };
        let mut random = Random(77);
        for _ in 0..runs {
            let s = tests(simulated(&mut random, n, t, phi, factor, theta)).lags(Lags::Fixed(1));
            let few = Draws::new(100);
            let cips = |p: usize| s.cips(p, few).unwrap().test().statistic < critical[p];
            let d = s.cross_dependence().unwrap();
            let llc = s.llc().unwrap();
            shares.add(&[
                ("CIPS 0", cips(0)),
                ("CIPS 1", cips(1)),
                ("IPS", s.ips().unwrap().test().p_value < 0.05),
                ("LLC", llc.test().p_value < 0.05),
                ("LLC drawn", llc.test().statistic < llc_critical),
                ("Fisher P", s.fisher().unwrap().maddala_wu().p_value < 0.05),
                ("Hadri", s.hadri().unwrap().heteroskedastic().p_value < 0.05),
                ("CD", d.cd().p_value < 0.05),
                ("squares", d.squares().p_value < 0.05),
            ]);
        }
        println!("| {phi} | {factor} | {theta} | {} |", shares.line());
        if phi == 1.0 && theta == 0.0 {
            cips_size.push(shares.counts[0] as f64 / runs as f64);
        }
    }
    // Four standard errors of 5 %.
    assert!(
        cips_size.iter().all(|s| (s - 0.05).abs() < 0.02),
        "{cips_size:?}"
    );
}

/// The averages of incomes relative to a mean are no common factor: with a constant CIPS rejects a true null of units that begin alike far too often; not with a trend, nor relative to a leader.
#[test]
#[ignore = "some minutes; command in the header"]
fn size_of_cips_of_relative_incomes() {
    let (n, t, runs) = (21, 24, 500);
    let size = |terms: Deterministic, leader: bool| {
        let mut random = Random(9);
        let (mut critical, mut rejected) = (None, 0);
        for _ in 0..runs {
            let mut y = vec![9.0; n];
            let mut rows = Array2::zeros((t, n));
            for mut row in rows.rows_mut() {
                let common = 0.05 + 0.03 * random.normal();
                for (level, cell) in y.iter_mut().zip(&mut row) {
                    *level += common + 0.03 * random.normal();
                    *cell = f64::exp(*level);
                }
            }
            let mut gaps = StochasticConvergence::of(&panel(rows), "y").unwrap();
            if leader {
                let first = gaps.units().iter().next().unwrap().to_string();
                gaps = gaps.relative_to(Reference::Unit(first)).unwrap();
            }
            let gaps = gaps.deterministic(terms);
            let critical = *critical.get_or_insert_with(|| {
                let many = gaps.cips(0, Draws::new(4_999)).unwrap();
                many.critical_value(0.05).unwrap()
            });
            let cips = gaps.cips(0, Draws::new(100)).unwrap();
            rejected += usize::from(cips.test().statistic < critical);
        }
        f64::from(rejected as u32) / f64::from(runs)
    };
    println!(
        "relative to others, constant: {}",
        size(Deterministic::Constant, false)
    );
    for (terms, leader) in [
        (Deterministic::Trend, false),
        (Deterministic::Constant, true),
        (Deterministic::Trend, true),
    ] {
        let size = size(terms, leader);
        println!("leader: {leader}, {terms}: {size}");
        // Four standard errors of 5 %, and half a percent for the draws behind the critical value.
        assert!((size - 0.05).abs() < 0.045, "{size}");
    }
}

fn to_mean_of_logs(logs: &Array2<f64>) -> StochasticConvergence {
    let gaps = StochasticConvergence::of(&panel(logs.mapv(f64::exp)), "y").unwrap();
    gaps.relative_to(Reference::LogMean).unwrap()
}

/// A mean of the units' rho by the inverse of their variances; shocks that all share, and the unit of money, change nothing.
#[test]
fn the_pooled_rho_of_evans_and_karras_is_a_weighted_mean() {
    let logs = simulated(&mut Random(5), 9, 30, 0.8, 0.0, 0.0);
    let draws = Draws::new(199).seed(2);
    let test = to_mean_of_logs(&logs).lags(Lags::Fixed(1));
    let test = test.evans_karras(draws).unwrap();
    let (mut sum, mut weights) = (0.0, 0.0);
    for u in test.units().units() {
        let weight = u.std_error().powi(-2);
        sum += weight * u.rho();
        weights += weight;
    }
    assert!((test.rho().value - sum / weights).abs() < 1e-13);
    let mut shocked = logs + 3.0;
    for (t, mut row) in shocked.rows_mut().into_iter().enumerate() {
        row += 0.1 * t as f64 + (t as f64).sin();
    }
    let shocked = to_mean_of_logs(&shocked).lags(Lags::Fixed(1));
    let shocked = shocked.evans_karras(draws).unwrap();
    for (a, b) in [
        (test.test(), shocked.test()),
        (test.absolute(), shocked.absolute()),
    ] {
        assert!((a.statistic - b.statistic).abs() < 1e-9);
        assert!((a.p_value - b.p_value).abs() < 1e-12);
    }
    assert_eq!(test.verdict(), shocked.verdict());
    let speed = test.speed().unwrap();
    assert!((speed.value() + test.rho().value.ln_1p()).abs() < 1e-15);
    // Periods that are five years apart have a fifth of the speed.
    let decades: Vec<i32> = (0..30).map(|t| 1900 + 5 * t).collect();
    let values = simulated(&mut Random(5), 9, 30, 0.8, 0.0, 0.0).mapv(f64::exp);
    let apart = Panel::from_columns(&Units::range(9), &decades, [("y", values)]).unwrap();
    let apart = StochasticConvergence::of(&apart, "y").unwrap();
    let apart = apart.relative_to(Reference::LogMean).unwrap();
    let apart = apart.lags(Lags::Fixed(1)).evans_karras(draws).unwrap();
    assert!((5.0 * apart.speed().unwrap().value() - speed.value()).abs() < 1e-12);
}

/// p-values of another program, with draws of its own: equal within four standard errors of both.
#[test]
fn p_values_of_evans_and_karras_are_those_of_another_program() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/oracle/45_evans_karras.json"
    );
    let all: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/guangdong/");
    let panel = Panel::csv(format!("{folder}guangdong_panel.csv"))
        .unit("name_en")
        .period("year")
        .columns(["gdp_pc_real2000_yuan"])
        .read()
        .unwrap();
    let gaps = StochasticConvergence::of(&panel, "gdp_pc_real2000_yuan").unwrap();
    let gaps = gaps.relative_to(Reference::LogMean).unwrap();
    let count = 3_999;
    for (key, lags) in [("1", Lags::Fixed(1)), ("AIC 4", Lags::Aic(4))] {
        let theirs = &all[format!("guangdong, {key}")];
        let number = |name: &str| theirs[name].as_f64().unwrap();
        let test = gaps.clone().lags(lags);
        let test = test.evans_karras(Draws::new(count).seed(3)).unwrap();
        for (name, p) in [
            ("tau p, draws", test.test().p_value),
            ("phi p, draws", test.absolute().p_value),
        ] {
            let expected = number(name);
            let (ours, theirs) = (count as f64, number("draws"));
            let both = (p * ours + expected * theirs) / (ours + theirs);
            let error = (both * (1.0 - both) * (1.0 / ours + 1.0 / theirs)).sqrt();
            assert!(
                (p - expected).abs() < 4.0 * error,
                "{key}, {name}: {p} and {expected}"
            );
        }
        let rho = test.rho_of_random_walks();
        assert!((rho - number("rho of random walks")).abs() < 0.002, "{rho}");
    }
}

/// 21 units, 24 years, no lags: shares of samples in which tau and Phi reject at 5 %.
///
/// Gaps return with phi, or at rates from phi - spread to phi + spread, to zero, or to levels with the standard deviation `levels`; they begin with a standard deviation of 5 shocks; shocks of all sizes from 0.5 to 2 where `sizes`;
/// loadings of a factor are alike (1) or differ (0.5 to 1.5).
#[test]
#[ignore = "some minutes; command in the header"]
fn size_and_power_of_evans_and_karras() {
    let (n, t, runs) = (21, 24, 1_000);
    println!("| phi | spread | levels | factor | sizes | tau | Phi | Phi by F | mean rho |");
    for (phi, spread, levels, factor, sizes) in [
        (1.0, 0.0, 0.0, "", false),
        (1.0, 0.0, 0.0, "", true),
        (1.0, 0.0, 0.0, "alike", false),
        (1.0, 0.0, 0.0, "differs", false),
        (0.9, 0.0, 0.0, "", false),
        (0.8, 0.0, 0.0, "", false),
        (0.6, 0.0, 0.0, "", false),
        (0.6, 0.0, 0.0, "", true),
        (0.3, 0.0, 0.0, "", false),
        (0.8, 0.1, 0.0, "", false),
        (0.7, 0.25, 0.0, "", false),
        (0.9, 0.0, 5.0, "", false),
        (0.8, 0.0, 5.0, "", false),
        (0.6, 0.0, 1.0, "", false),
    ] {
        let mut random = Random(91);
        let mut rejected = [0; 3];
        let mut rho = 0.0;
        for run in 0..runs {
            let size = |i: usize| {
                if sizes {
                    0.5 + 1.5 * i as f64 / (n as f64 - 1.0)
                } else {
                    1.0
                }
            };
            let centres: Vec<f64> = (0..n).map(|_| levels * random.normal()).collect();
            let loadings: Vec<f64> = (0..n)
                .map(|_| match factor {
                    "alike" => 1.0,
                    "differs" => 0.5 + random.uniform(),
                    _ => 0.0,
                })
                .collect();
            let mut y: Vec<f64> = (0..n).map(|i| centres[i] + 5.0 * random.normal()).collect();
            let mut logs = Array2::zeros((t, n));
            for period in 0..t {
                let f = random.normal();
                for i in 0..n {
                    logs[[period, i]] = 0.01 * y[i];
                    let shock = size(i) * random.normal() + loadings[i] * f;
                    let own = phi + spread * (2.0 * i as f64 / (n as f64 - 1.0) - 1.0);
                    y[i] = centres[i] + own * (y[i] - centres[i]) + shock;
                }
            }
            let test = to_mean_of_logs(&logs).lags(Lags::Fixed(0));
            let test = test.evans_karras(Draws::new(199).seed(run)).unwrap();
            rho += test.rho().value / runs as f64;
            for (count, test) in
                rejected
                    .iter_mut()
                    .zip([test.test(), test.absolute(), test.absolute_by_f()])
            {
                *count += usize::from(test.p_value <= 0.05);
            }
        }
        let share = |k: usize| rejected[k] as f64 / runs as f64;
        println!(
            "| {phi} | {spread} | {levels} | {factor} | {sizes} | {:.3} | {:.3} | {:.3} | {rho:.3} |",
            share(0),
            share(1),
            share(2)
        );
    }
}

/// Shares of samples in which tests reject at 5 % where independent random walks of 21 units and 24 years choose their lags: those by draws, by tables, and both tests of dependence by squares.
fn shares_with_chosen_lags(runs: u64, terms: Deterministic, lags: Option<Lags>) -> [f64; 7] {
    let draws = Draws::new(499).seed(3);
    let mut counts = [0; 7];
    for run in 0..runs {
        let y = simulated(&mut Random(500 + run), 21, 24, 1.0, 0.0, 0.0);
        let mut tests = tests(y).deterministic(terms);
        if let Some(lags) = lags {
            tests = tests.lags(lags);
        }
        let llc = tests.llc().unwrap();
        let p = [
            tests.ips_simulated(draws).unwrap().test().p_value,
            tests.fisher_simulated(draws).unwrap().maddala_wu().p_value,
            llc.clone()
                .simulated(Draws::new(199).seed(3))
                .unwrap()
                .test()
                .p_value,
            tests.ips().map_or(1.0, |ips| ips.test().p_value),
            tests.fisher().unwrap().maddala_wu().p_value,
            tests
                .cross_dependence_simulated(Draws::new(199).seed(3))
                .unwrap()
                .squares()
                .p_value,
            tests.cross_dependence().unwrap().squares().p_value,
        ];
        for (count, p) in counts.iter_mut().zip(p) {
            *count += usize::from(p <= 0.05);
        }
    }
    counts.map(|count| count as f64 / runs as f64)
}

#[test]
fn draws_that_choose_their_lags_hold_their_size() {
    let runs = 100;
    let shares = shares_with_chosen_lags(runs, Deterministic::Trend, Some(Lags::Aic(3)));
    // Four standard errors of 5 % are 0.09.
    for share in [shares[0], shares[1], shares[2], shares[5]] {
        assert!(share <= 0.14, "{shares:?}");
    }
}

#[test]
#[ignore = "some minutes; command in the header"]
fn size_with_chosen_lags() {
    println!(
        "| terms | lags | IPS, draws | Fisher, draws | LLC, draws | IPS, table | Fisher, MacKinnon | squares, draws | squares, normal |"
    );
    for terms in [Deterministic::Constant, Deterministic::Trend] {
        for lags in [
            Some(Lags::Fixed(0)),
            Some(Lags::Fixed(1)),
            Some(Lags::Aic(4)),
            None,
        ] {
            let shares = shares_with_chosen_lags(500, terms, lags);
            let name = lags.map_or_else(|| "default".to_owned(), |l| l.to_string());
            let cells = shares.map(|s| format!("{s:.3}")).join(" | ");
            println!("| {terms} | {name} | {cells} |");
        }
    }
}
