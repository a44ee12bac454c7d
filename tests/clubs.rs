//! Log t and convergence clubs: a slow search beside the fast one, laws that hold, and size and power in simulated samples.
//!
//! The long runs:
//!
//! ```text
//! cargo test --release --test clubs -- --ignored --nocapture --test-threads 1
//! ```

use ndarray::{Array2, Axis};
use spatialecon::*;

mod random;
use random::Random;

/// Loadings of the kind of Phillips and Sul (2007, section 5): δ_it = δ_i + s_i ξ_it / (ln(t + 1) t^α), ξ autoregressive with ρ_i in [0, 0.5],
/// s_i in [0.01, 0.09], which keeps δ_it positive. The common trend cancels in h.
fn loadings(random: &mut Random, centres: &[f64], periods: usize, alpha: f64) -> Array2<f64> {
    let mut out = Array2::zeros((periods, centres.len()));
    for (centre, mut column) in centres.iter().zip(out.columns_mut()) {
        let (s, rho) = (0.01 + 0.08 * random.uniform(), 0.5 * random.uniform());
        let mut xi = random.normal() / (1.0 - rho * rho).sqrt();
        for (t, y) in (1..).map(f64::from).zip(&mut column) {
            *y = 10.0 * (centre + s * xi / ((t + 1.0).ln() * t.powf(alpha)));
            xi = rho * xi + random.normal();
        }
    }
    out
}

fn paths(logs: Array2<f64>) -> TransitionPaths {
    let years: Vec<i32> = (1900..).take(logs.nrows()).collect();
    let panel = Panel::from_columns(&Units::numbered(logs.ncols()), &years, [("y", logs)]);
    TransitionPaths::of_logs(&panel.unwrap(), "y").unwrap()
}

/// The search as it is written down, each group summed up anew.
fn slowly(paths: &TransitionPaths, c_star: f64) -> (Vec<Vec<String>>, Vec<String>) {
    let t = |units: &[String]| paths.log_t_of(units, LogTOptions::new()).unwrap().t;
    let last = paths
        .trends()
        .index_axis(Axis(1), paths.periods().len() - 1)
        .to_owned();
    let mut order: Vec<usize> = (0..last.len()).collect();
    order.sort_by(|a, b| last[*b].total_cmp(&last[*a]));
    let mut rest: Vec<String> = order
        .iter()
        .map(|i| paths.units().id(*i).unwrap().into_owned())
        .collect();
    let mut clubs = Vec::new();
    while rest.len() > 1 {
        if t(&rest) > -1.65 {
            clubs.push(std::mem::take(&mut rest));
            break;
        }
        let Some(start) = (0..rest.len() - 1).find(|&s| t(&rest[s..s + 2]) > -1.65) else {
            break;
        };
        let passing: Vec<(usize, f64)> = (start + 2..=rest.len())
            .map(|end| (end, t(&rest[start..end])))
            .take_while(|(_, t)| *t > -1.65)
            .collect();
        let best = passing
            .iter()
            .map(|p| p.1)
            .fold(f64::NEG_INFINITY, f64::max);
        let end = passing.iter().find(|p| p.1 == best).unwrap().0;
        let core = rest[start..end].to_vec();
        let joins = |u: &String| {
            core.contains(u) || t(&[&core[..], std::slice::from_ref(u)].concat()) > c_star
        };
        let (club, left) = rest.into_iter().partition(joins);
        clubs.push(club);
        rest = left;
    }
    (clubs, rest)
}

#[test]
fn the_fast_search_finds_what_the_slow_one_finds() {
    let mut random = Random(1);
    let mut found = [0, 0];
    for (periods, c_star) in [(24, 0.0), (40, 0.0), (40, 2.0), (60, -1.0)] {
        let centres: Vec<f64> = (0..30)
            .map(|i| [1.0, 1.1, 1.3][i % 3] + 0.02 * f64::from(i as u32 / 10))
            .collect();
        let paths = paths(loadings(&mut random, &centres, periods, 0.4));
        let paths = paths.filtered(Trend::hodrick_prescott()).unwrap();
        let fast = paths.clubs(Clustering::new().c_star(c_star)).unwrap();
        let (clubs, rest) = slowly(&paths, c_star);
        let units: Vec<Vec<String>> = fast.clubs().iter().map(|c| c.units.clone()).collect();
        assert_eq!(units, clubs);
        assert_eq!(fast.divergent(), rest);
        found[0] += clubs.len();
        found[1] += rest.len();
        // Every unit is somewhere, once.
        let labels = fast.labels();
        for (k, club) in (1..).zip(fast.clubs()) {
            assert_eq!(
                labels.iter().filter(|l| **l == format!("club {k}")).count(),
                club.units.len()
            );
            assert!(
                club.core
                    .iter()
                    .all(|u| fast.club_of(u).unwrap() == Some(k))
            );
        }
        assert_eq!(
            labels.iter().filter(|l| *l == "divergent").count(),
            rest.len()
        );
        // The curves are the means of h.
        let (curves, h) = (fast.curves(), paths.relative());
        for (k, club) in fast.clubs().iter().enumerate() {
            let of_club = club
                .units
                .iter()
                .map(|u| h[[5, paths.units().position(u).unwrap()]]);
            let mean = of_club.sum::<f64>() / club.units.len() as f64;
            assert!((curves[[5, k]] - mean).abs() < 1e-13);
        }
    }
    assert!(found[0] > 8, "{found:?}");
}

/// Units that join a lower core can lie above some of the club before, so that a merged club has an order of its own.
#[test]
fn merged_clubs_are_in_order_from_the_highest() {
    let mut random = Random(1);
    let mut mixed = 0;
    for _ in 0..40 {
        let centres: Vec<f64> = (0..30).map(|i| 1.0 + 0.01 * f64::from(i)).collect();
        let paths = paths(loadings(&mut random, &centres, 40, 0.2));
        let last = paths.trends().column(39).to_owned();
        let value = |u: &String| last[paths.units().position(u).unwrap()];
        let clubs = paths.clubs(Clustering::new()).unwrap();
        let merged = clubs.merged(Merging::PhillipsSul).unwrap();
        for club in merged.clubs() {
            assert!(club.units.windows(2).all(|w| value(&w[0]) >= value(&w[1])));
            assert!(club.core.windows(2).all(|w| value(&w[0]) >= value(&w[1])));
            let one_by_one: Vec<&String> = club
                .merged_from
                .iter()
                .flat_map(|k| &clubs.clubs()[k - 1].units)
                .collect();
            mixed += usize::from(!one_by_one.into_iter().eq(&club.units));
        }
    }
    assert!(mixed > 0);
}

#[test]
fn extremes_of_c_star_and_of_periods_are_refused_at_once() {
    let y = loadings(&mut Random(2), &[1.0, 1.1, 1.2], 30, 0.5);
    let lowest = Clustering::new().c_star(-1e9).incremental(1e-4, 0.0);
    let refused = paths(y.clone()).clubs(lowest).unwrap_err();
    assert!(refused.to_string().contains("-100"), "{refused}");
    let mut far: Vec<i32> = (0..30).collect();
    (far[0], far[29]) = (i32::MIN, i32::MAX);
    let panel = Panel::from_columns(&Units::range(3), &far, [("y", y)]).unwrap();
    let refused = TransitionPaths::of_logs(&panel, "y")
        .unwrap()
        .log_t(LogTOptions::new())
        .unwrap_err();
    assert!(refused.to_string().contains("evenly spaced"), "{refused}");
}

#[test]
fn h_depends_on_neither_the_scale_of_logs_nor_the_order_of_units() {
    let mut random = Random(2);
    let logs = loadings(&mut random, &[1.0, 1.05, 1.1, 1.2, 1.25], 40, 0.5);
    let plain = paths(logs.clone()).log_t(LogTOptions::new()).unwrap();
    let scaled = paths(&logs * 3.0).log_t(LogTOptions::new()).unwrap();
    let turned = paths(logs.slice(ndarray::s![.., ..;-1]).to_owned());
    let turned = turned.log_t(LogTOptions::new()).unwrap();
    for other in [scaled, turned] {
        assert!(
            (plain.b - other.b).abs() < 1e-11 && (plain.t - other.t).abs() < 1e-9 * plain.t.abs()
        );
    }
    // But a factor of levels, which is a constant added to logs, changes b.
    let shifted = paths(&logs + 5.0).log_t(LogTOptions::new()).unwrap();
    assert!((plain.b - shifted.b).abs() > 1e-6);
}

#[test]
fn a_filter_is_never_applied_twice() {
    let mut random = Random(3);
    let raw = paths(loadings(&mut random, &[1.0, 1.1, 1.2], 30, 0.5));
    let once = raw.clone().filtered(Trend::hodrick_prescott()).unwrap();
    let twice = once.clone().filtered(Trend::hodrick_prescott()).unwrap();
    assert_eq!(once.trends(), twice.trends());
    let none = twice.filtered(Trend::None).unwrap();
    assert_eq!(none.trends(), raw.trends());
}

#[test]
fn levels_and_their_logs_have_the_same_paths() {
    let mut random = Random(4);
    let logs = loadings(&mut random, &[1.0, 1.1, 1.2], 30, 0.5);
    let years: Vec<i32> = (1900..1930).collect();
    let columns = [("y", logs.mapv(f64::exp)), ("ln_y", logs)];
    let panel = Panel::from_columns(&Units::numbered(3), &years, columns).unwrap();
    let (of, of_logs) = (
        TransitionPaths::of(&panel, "y").unwrap(),
        TransitionPaths::of_logs(&panel, "ln_y").unwrap(),
    );
    for (a, b) in of.dispersion().iter().zip(of_logs.dispersion()) {
        assert!((a - b).abs() < 1e-12 * b);
    }
    assert!(
        of.notes()
            .iter()
            .all(|n| !matches!(n, Note::LogsOrLevels { .. }))
    );
    // Logs given as levels, and levels given as logs.
    let double = TransitionPaths::of(&panel, "ln_y").unwrap();
    assert!(matches!(
        double.notes()[0],
        Note::LogsOrLevels {
            taken_as: "levels",
            ..
        }
    ));
    let never = TransitionPaths::of_logs(&panel, "y").unwrap();
    assert!(matches!(
        never.notes()[0],
        Note::LogsOrLevels {
            taken_as: "logs",
            ..
        }
    ));
}

/// How often convergence is rejected at -1.65 by the formula and with one residual left out, and the mean of b.
fn rejections(
    samples: usize,
    seed: u64,
    n: usize,
    periods: usize,
    alpha: f64,
    spread: f64,
    filter: bool,
) -> [f64; 3] {
    let mut random = Random(seed);
    let mut out = [0.0; 3];
    for _ in 0..samples {
        let centres: Vec<f64> = (0..n).map(|_| 1.0 + spread * random.uniform()).collect();
        let mut paths = paths(loadings(&mut random, &centres, periods, alpha));
        if filter {
            paths = paths.filtered(Trend::hodrick_prescott()).unwrap();
        }
        let formula = paths.log_t(LogTOptions::new()).unwrap();
        let left_out = LogTOptions::new().variance(LongRunVariance::OneLeftOut);
        let left_out = paths.log_t(left_out).unwrap();
        for (sum, x) in out.iter_mut().zip([
            f64::from(u8::from(formula.t < -1.65)),
            f64::from(u8::from(left_out.t < -1.65)),
            formula.b,
        ]) {
            *sum += x / samples as f64;
        }
    }
    out
}

#[test]
fn log_t_tells_convergence_from_divergence() {
    let [converging, _, b] = rejections(200, 11, 100, 80, 0.5, 0.0, false);
    assert!(
        converging < 0.02 && (b - 1.0).abs() < 0.25,
        "{converging} {b}"
    );
    let [diverging, ..] = rejections(200, 12, 100, 80, 0.5, 0.5, false);
    assert!(diverging > 0.98, "{diverging}");
}

#[test]
#[ignore = "some minutes; command in the header"]
fn size_and_power_of_log_t() {
    println!("| T | n | alpha | filter | seed | rejected, formula | one left out | mean b |");
    let mut seed = 100;
    for filter in [false, true] {
        for periods in [24, 40, 80] {
            for n in [21, 100] {
                for (alpha, spread) in [(0.0, 0.0), (0.1, 0.0), (0.5, 0.0), (0.5, 0.1), (0.5, 0.5)]
                {
                    seed += 1;
                    let [formula, left_out, b] =
                        rejections(2_000, seed, n, periods, alpha, spread, filter);
                    let what = if spread > 0.0 {
                        format!("{alpha}, centres apart by up to {spread}")
                    } else {
                        alpha.to_string()
                    };
                    println!(
                        "| {periods} | {n} | {what} | {} | {seed} | {formula:.4} | {left_out:.4} | {b:.3} |",
                        if filter { "HP 400" } else { "none" }
                    );
                }
            }
        }
    }
}

#[test]
#[ignore = "some minutes; command in the header"]
fn clubs_that_are_found() {
    println!(
        "| T | n | true clubs | filter | seed | mean clubs found | as many, of 500 | after merging | units with their kind, % |"
    );
    let mut seed = 300;
    for filter in [false, true] {
        for periods in [24, 40, 80] {
            for n in [21, 100] {
                for gaps in [&[1.0][..], &[1.0, 1.2]] {
                    seed += 1;
                    let mut random = Random(seed);
                    let (mut count, mut right, mut merged_right, mut kind) = (0, 0, 0, 0.0);
                    for _ in 0..500 {
                        let centres: Vec<f64> = (0..n).map(|i| gaps[i % gaps.len()]).collect();
                        let mut paths = paths(loadings(&mut random, &centres, periods, 0.5));
                        if filter {
                            paths = paths.filtered(Trend::hodrick_prescott()).unwrap();
                        }
                        let clubs = paths.clubs(Clustering::new()).unwrap();
                        count += clubs.clubs().len();
                        right += usize::from(clubs.clubs().len() == gaps.len());
                        let merged = clubs.merged(Merging::PhillipsSul).unwrap();
                        merged_right += usize::from(merged.clubs().len() == gaps.len());
                        // Units in a club most of whose members are of their kind.
                        for club in merged.clubs() {
                            let mut of_kind = vec![0; gaps.len()];
                            for unit in &club.units {
                                of_kind[paths.units().position(unit).unwrap() % gaps.len()] += 1;
                            }
                            kind += *of_kind.iter().max().unwrap() as f64 / (500 * n) as f64;
                        }
                    }
                    println!(
                        "| {periods} | {n} | {} | {} | {seed} | {:.2} | {right} | {merged_right} | {:.1} |",
                        gaps.len(),
                        if filter { "HP 400" } else { "none" },
                        count as f64 / 500.0,
                        100.0 * kind
                    );
                }
            }
        }
    }
}
