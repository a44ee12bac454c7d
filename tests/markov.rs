//! Markov chains: laws that hold, and the size of the tests of homogeneity in simulated samples.
//!
//! The long runs:
//!
//! ```text
//! cargo test --release --test markov -- --ignored --nocapture --test-threads 1
//! ```

use ndarray::{Array1, Array2, Axis, array};
use spatialecon::*;

mod random;
use random::Random;

/// States of n independent units over t periods by the probabilities given, from the ergodic distribution.
fn states(
    random: &mut Random,
    p: &Array2<f64>,
    start: &Array1<f64>,
    n: usize,
    t: usize,
) -> Array2<usize> {
    let draw = |random: &mut Random, shares: &[f64]| {
        let mut u = random.uniform();
        let class = shares.iter().position(|share| {
            u -= share;
            u < 0.0
        });
        class.unwrap_or(shares.len() - 1)
    };
    let rows: Vec<Vec<f64>> = p.rows().into_iter().map(|r| r.to_vec()).collect();
    let mut all = Array2::zeros((t, n));
    for i in 0..n {
        let mut state = draw(random, start.as_slice().unwrap());
        for s in 0..t {
            all[[s, i]] = state;
            state = draw(random, &rows[state]);
        }
    }
    all
}

/// Persistent classes; what is not a move to the next class is rare, or never.
fn persistent(k: usize, step: f64, jump: f64) -> Array2<f64> {
    let mut p = Array2::from_shape_fn((k, k), |(i, j)| match i.abs_diff(j) {
        0 => 0.0,
        1 => step,
        2 => jump,
        _ => 0.0,
    });
    for i in 0..k {
        p[[i, i]] = 1.0 - p.row(i).sum();
    }
    p
}

fn ergodic(p: &Array2<f64>) -> Array1<f64> {
    let chain = MarkovChain::from_transitions(p.clone()).unwrap();
    chain.ergodic().unwrap().shares().to_owned()
}

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{a} {b}");
}

#[test]
fn passage_times_solve_their_equations() {
    let mut random = Random(1);
    for k in 2..9 {
        let counts = Array2::from_shape_fn((k, k), |_| (9.0 * random.uniform()).floor() + 1.0);
        let chain = MarkovChain::from_transitions(counts).unwrap();
        assert!(chain.is_irreducible());
        let (p, m) = (
            chain.probabilities().unwrap(),
            chain.mean_first_passage().unwrap(),
        );
        let pi = chain.ergodic().unwrap().shares().to_owned();
        for (a, b) in pi.dot(&p).iter().zip(&pi) {
            close(*a, *b, 1e-14);
        }
        for j in 0..k {
            let to = chain.passage_to(j).unwrap();
            for i in 0..k {
                let later: f64 = (0..k)
                    .filter(|&l| l != j)
                    .map(|l| p[[i, l]] * m[[l, j]])
                    .sum();
                close(m[[i, j]], 1.0 + later, 1e-11);
                close(to[i].unwrap(), m[[i, j]], 1e-11);
            }
        }
        // Mobility weighted alike is the trace; the determinant is the product of the eigenvalues.
        let index = |i| chain.mobility(i).unwrap();
        close(
            index(MobilityIndex::Leaving(InitialDistribution::Uniform)),
            index(MobilityIndex::Trace),
            1e-14,
        );
        if k == 2 {
            close(
                index(MobilityIndex::Determinant),
                index(MobilityIndex::SecondEigenvalue),
                1e-14,
            );
        }
    }
}

#[test]
fn a_chain_that_goes_round_has_a_stationary_distribution_and_no_half_life() {
    let circle = ndarray::array![[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
    let chain = MarkovChain::from_transitions(circle).unwrap();
    close(chain.ergodic().unwrap().shares()[1], 1.0 / 3.0, 1e-15);
    assert!(matches!(
        chain.half_life(),
        Err(Error::HalfLifeUndefined { .. })
    ));
    // Rows that are alike forget the past at once.
    let alike = MarkovChain::from_transitions(ndarray::array![[1.0, 3.0], [1.0, 3.0]]).unwrap();
    assert!(alike.half_life().unwrap() < 0.1);
    assert!(alike.order_test(1).unwrap().pearson.statistic < 1e-12);
}

/// Classes that are hardly ever left lose no digits.
#[test]
fn the_ergodic_distribution_is_exact_where_classes_are_hardly_left() {
    let e = 1e-13;
    let chain = MarkovChain::from_transitions(ndarray::array![[1.0, e], [2.0 * e, 1.0]]).unwrap();
    let shares = chain.ergodic().unwrap().shares().to_owned();
    assert!((shares[0] * 3.0 / 2.0 - 1.0).abs() < 1e-12);
}

#[test]
fn homogeneity_does_not_depend_on_names_and_adds_up() {
    let mut random = Random(7);
    let p = persistent(4, 0.1, 0.01);
    let (n, t) = (60, 30);
    let x = states(&mut random, &p, &ergodic(&p), n, t).mapv(|s| s as f64) + 1.0;
    let units = Units::new((0..n).map(|i| i.to_string())).unwrap();
    let periods: Vec<i32> = (0..).take(t).collect();
    let panel = Panel::from_columns(&units, &periods, [("x", x)]).unwrap();
    let ring = (0..n).map(|i| (i.to_string(), ((i + 1) % n).to_string()));
    let w = Weights::from_pairs(&units, ring)
        .unwrap()
        .row_standardized()
        .unwrap();
    let classes = Classes::cut_points([1.5, 2.5, 3.5]);
    let spatial = SpatialMarkov::of(&panel, "x", &w, &classes).unwrap();
    let test = spatial.homogeneity().unwrap();
    let parts: f64 = (0..4)
        .map(|s| spatial.against_pooled(s).unwrap().pearson.statistic)
        .sum();
    close(parts, test.pearson().statistic, 1e-12);
    let backwards: Vec<(String, Array2<f64>)> = (test.strata().iter().rev())
        .map(|s| {
            let mut m = s.transitions().to_owned();
            m.invert_axis(Axis(0));
            m.invert_axis(Axis(1));
            (s.name().to_owned(), m)
        })
        .collect();
    let again = Homogeneity::of(backwards).unwrap();
    assert_eq!(again.df(), test.df());
    close(
        again.likelihood_ratio().statistic,
        test.likelihood_ratio().statistic,
        1e-12,
    );
    // Counts of the chain, of the histories and of the classes are one.
    let chain = spatial.pooled();
    let counts = chain.class_counts().unwrap();
    let starting: Vec<f64> = (0..4)
        .map(|j| (0..t - 1).map(|s| counts[[s, j]] as f64).sum())
        .collect();
    assert_eq!(chain.starts().to_vec(), starting);
    let again = MarkovChain::from_states(chain.states().unwrap().view(), 4).unwrap();
    assert_eq!(again.transitions(), chain.transitions());
    assert_eq!(
        chain.step(3).unwrap().transitions().sum(),
        (n * (t - 3)) as f64
    );
    let rates = chain.bootstrap(Draws::new(400).seed(3)).unwrap();
    let plain = chain.standard_errors().unwrap();
    // Histories are Markov here, so that both standard errors estimate the same.
    for (a, b) in rates
        .standard_errors()
        .iter()
        .zip(&plain)
        .filter(|(_, b)| **b > 0.01)
    {
        assert!((a / b - 1.0).abs() < 0.35, "{a} {b}");
    }
}

/// Twelve probabilities of quadrants less four of two chains: the mean of the statistic is 8, and not 9.
#[test]
fn independence_of_units_and_neighbours_has_eight_degrees_of_freedom() {
    let mut random = Random(11);
    let p = ndarray::array![[0.7, 0.3], [0.4, 0.6]];
    let (n, t, draws) = (60, 31, 600);
    let units = Units::range(n);
    // Each unit has one neighbour, which moves independently of it.
    let links = (0..n).map(|i| (i.to_string(), ((i + 1) % n).to_string(), 1.0));
    let w = Weights::from_links(&units, links).unwrap();
    let periods: Vec<i32> = (0..).take(t).collect();
    let mut sum = 0.0;
    for _ in 0..draws {
        let x = states(&mut random, &p, &ergodic(&p), n, t).mapv(|s| s as f64);
        let panel = Panel::from_columns(&units, &periods, [("x", x)]).unwrap();
        let test = LisaMarkov::of(&panel, "x", &w)
            .unwrap()
            .independence()
            .unwrap();
        assert_eq!(
            test.pearson.distribution,
            Distribution::ChiSquared { df: 8.0 }
        );
        sum += test.pearson.statistic / f64::from(draws);
    }
    let error = (16.0 / f64::from(draws)).sqrt();
    assert!((sum - 8.0).abs() < 4.0 * error, "{sum} ± {error}");
}

/// Rejection rates at 5 % of Q, LR, Q by the degrees of freedom of full matrices, and permutation (0 where not asked for); and the mean df.
struct Rates {
    q: f64,
    lr: f64,
    naive: f64,
    permuted: f64,
    df: f64,
    naive_df: f64,
}

fn rates(
    p: &Array2<f64>,
    n: usize,
    t: usize,
    breaks: &[i32],
    draws: u64,
    permutations: Option<usize>,
) -> Rates {
    let k = p.nrows();
    let start = ergodic(p);
    let naive_df = (breaks.len() * k * (k - 1)) as f64;
    let mut r = Rates {
        q: 0.0,
        lr: 0.0,
        naive: 0.0,
        permuted: 0.0,
        df: 0.0,
        naive_df,
    };
    let each = 1.0 / draws as f64;
    for seed in 0..draws {
        let mut random = Random(1_000_003 * seed + 17);
        let sample = states(&mut random, p, &start, n, t);
        let chain = MarkovChain::from_states(sample.view(), k).unwrap();
        let test = chain.homogeneity_over_time(breaks.iter().copied()).unwrap();
        let (q, lr) = (test.pearson(), test.likelihood_ratio());
        let count = |p: f64| if p <= 0.05 { each } else { 0.0 };
        r.q += count(q.p_value);
        r.lr += count(lr.p_value);
        r.naive += count(Distribution::ChiSquared { df: naive_df }.upper_tail(q.statistic));
        r.df += test.df() as f64 * each;
        if let Some(count_of) = permutations {
            let permuted = test
                .permutation(Permutations::new(count_of).seed(seed))
                .unwrap();
            r.permuted += count(permuted.p_value);
        }
    }
    r
}

#[test]
fn the_degrees_of_freedom_of_seen_moves_have_the_size_that_those_of_full_matrices_lack() {
    let r = rates(&persistent(5, 0.1, 0.0), 48, 81, &[40], 400, None);
    // Four standard errors of 400 draws at 0.05 are 0.044.
    assert!((r.q - 0.05).abs() < 0.044, "{}", r.q);
    assert!(r.naive < 0.02 && r.df < 8.1, "{} {}", r.naive, r.df);
    let r = rates(&persistent(3, 0.08, 0.01), 21, 24, &[12], 200, Some(99));
    assert!((r.permuted - 0.05).abs() < 0.062, "{}", r.permuted);
}

#[test]
#[ignore = "a minute; command in the header"]
fn size_of_the_tests_of_homogeneity_over_time() {
    println!(
        "| n | T - 1 | k | p to next, to the one after | spans | df, mean | df of full matrices | Q | LR | Q, full df | Q by permutation |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for (n, t, k, step, jump, breaks) in [
        (21, 24, 3, 0.08, 0.0, vec![12]),
        (21, 24, 3, 0.08, 0.01, vec![12]),
        (21, 24, 4, 0.08, 0.0, vec![12]),
        (21, 24, 4, 0.08, 0.01, vec![12]),
        (21, 24, 4, 0.08, 0.01, vec![8, 16]),
        (21, 24, 4, 0.03, 0.0, vec![8, 16]),
        (48, 81, 5, 0.09, 0.0, vec![40]),
        (48, 81, 5, 0.09, 0.002, vec![40]),
        (48, 81, 5, 0.09, 0.002, vec![20, 40, 60]),
    ] {
        let draws = 4_000;
        let permutations = (n < 40).then_some(199);
        let r = rates(
            &persistent(k, step, jump),
            n,
            t,
            &breaks,
            draws,
            permutations,
        );
        println!(
            "| {n} | {} | {k} | {step}, {jump} | {} | {:.2} | {} | {:.3} | {:.3} | {:.3} | {} |",
            t - 1,
            breaks.len() + 1,
            r.df,
            r.naive_df,
            r.q,
            r.lr,
            r.naive,
            if permutations.is_some() {
                format!("{:.3}", r.permuted)
            } else {
                "not run".to_owned()
            }
        );
        let error = (0.05_f64 * 0.95 / draws as f64).sqrt();
        // Neither the counts nor their margins are given in a chain of few units: a little above 5 % is what the test has.
        assert!(
            r.q < 0.05 + 0.03 && r.permuted < 0.05 + 0.03 + 4.0 * error,
            "{}",
            r.permuted
        );
        assert!(r.naive <= r.q);
    }
}

#[test]
fn steps_and_breaks_that_cannot_be() {
    let x = array![
        [1.0, 2.0, 3.0, 4.0],
        [2.0, 1.0, 4.0, 3.0],
        [1.0, 2.0, 4.0, 3.0]
    ];
    let panel = Panel::from_columns(&Units::range(4), &[2000, 2001, 2002], [("x", x)]).unwrap();
    let chain = MarkovChain::of(&panel, "x", &Classes::cut_points([2.5])).unwrap();
    assert!(matches!(
        chain.step(usize::MAX).unwrap_err(),
        Error::TooFewPeriods {
            needed: usize::MAX,
            ..
        }
    ));
    for period in [2000, 2002] {
        assert!(matches!(
            chain.homogeneity_over_time([period]).unwrap_err(),
            Error::InvalidOption {
                option: "breaks",
                ..
            }
        ));
    }
    assert!(matches!(
        chain.homogeneity_over_time([1999]).unwrap_err(),
        Error::UnknownPeriod { period: 1999, .. }
    ));
}

#[test]
fn classes_that_are_hardly_ever_come_to_have_numbers() {
    // Up a million times as often as down: the first share is 1e-594, which is no number.
    let k = 100;
    let counts = Array2::from_shape_fn((k, k), |(i, j)| {
        if j == i + 1 || (i == k - 1 && j == i) {
            1e6
        } else if i == j + 1 || (i == 0 && j == 0) {
            1.0
        } else {
            0.0
        }
    });
    let chain = MarkovChain::from_transitions(counts).unwrap();
    let ergodic = chain.ergodic().unwrap();
    let shares = ergodic.shares();
    assert!((shares.sum() - 1.0).abs() < 1e-14);
    for i in 80..99 {
        // Detailed balance.
        assert!((shares[i + 1] / shares[i] / 1e6 - 1.0).abs() < 1e-9);
    }
    assert!(shares[0] <= 0.0);
    assert!(chain.mean_first_passage().is_err());
}

#[test]
fn rows_that_are_alike_forget_at_once() {
    let counts = array![[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]];
    let chain = MarkovChain::from_transitions(counts).unwrap();
    assert!(chain.second_eigenvalue().unwrap() <= 0.0);
    assert!(chain.half_life().unwrap() <= 0.0);
}

#[test]
fn a_label_with_one_group_is_named() {
    let income = array![[1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 3.0, 4.0]];
    let panel = Panel::from_columns(&Units::range(4), &[2000, 2001], [("income", income)])
        .unwrap()
        .label("coast", ["yes"; 4])
        .unwrap();
    let chain = MarkovChain::of(&panel, "income", &Classes::quantiles(2)).unwrap();
    let error = chain.homogeneity_across(&panel, "coast").unwrap_err();
    assert!(error.to_string().contains("coast"), "{error}");
}
