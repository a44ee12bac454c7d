//! Bootstrap intervals.

use spatialecon::*;

use crate::{close, growth, us_states};

fn us(model: impl Fn(Regression, &Weights) -> Regression) -> BetaConvergence {
    let (panel, w) = us_states();
    let growth = Growth::between(&panel, "income", 1929, 1994).unwrap();
    BetaConvergence::fit(&growth, &model(growth.regression(), &w)).unwrap()
}

fn spread(b: &BootstrapSpeeds) -> f64 {
    b.own().left().std_error
}

/// The standard deviation of the draws of b under residuals has a closed form, s² C with s² = e'e / (n - k); Monte-Carlo error of 4,000 draws.
#[test]
fn residuals_have_the_variance_of_least_squares() {
    let beta = us(|r, _| r);
    let b = beta.bootstrap(Draws::new(4_000).seed(1)).unwrap();
    let expected = 65.0 * beta.beta().std_error;
    close(
        "sd of 1 + bT",
        spread(&b),
        expected,
        4.0 / (2.0_f64 * 4_000.0).sqrt(),
        0.0,
    );
    let error = 4.0 * expected / 4_000.0_f64.sqrt();
    close(
        "mean",
        b.own().left().mean,
        b.own().left().value,
        error,
        1.0,
    );
    // And of the wild one: C X' diag(e² / (1 - h)) X C, HC2.
    let wild = beta
        .bootstrap_by(Resampling::Wild, Draws::new(4_000).seed(1))
        .unwrap();
    let hc2 = 65.0 * beta.clone().with_vcov(Vcov::Hc2).unwrap().beta().std_error;
    close(
        "sd, wild",
        spread(&wild),
        hc2,
        4.0 / (2.0_f64 * 4_000.0).sqrt(),
        0.0,
    );
    // Pairs: near the heteroskedasticity-consistent one.
    let pairs = beta
        .bootstrap_by(Resampling::Pairs, Draws::new(4_000).seed(1))
        .unwrap();
    close("sd, pairs", spread(&pairs), hc2, 0.1, 0.0);
}

#[test]
fn intervals_are_those_of_the_share_that_is_left() {
    let beta = us(|r, w| r.spatial_lag(w));
    let b = beta.bootstrap(Draws::new(399).seed(7)).unwrap();
    for s in [b.own(), b.common().unwrap(), b.gap().unwrap()] {
        let (low, high) = s.left().interval(0.9);
        let (slow, fast) = s.interval(0.9);
        close("low", slow, -high.ln() / 65.0, 1e-14, 0.0);
        close("high", fast, -low.ln() / 65.0, 1e-14, 0.0);
        let (short, long) = s.half_life_interval(0.9).unwrap();
        close("half-life", short, 2.0_f64.ln() / fast, 1e-14, 0.0);
        close("half-life", long, 2.0_f64.ln() / slow, 1e-14, 0.0);
        let (slow, fast) = s.studentized(0.9).unwrap();
        assert!(slow < s.speed().value() && s.speed().value() < fast);
        // Near those of the delta method at 48 units.
        let se = s.speed().std_error();
        let delta = s.speed().estimate().interval(0.9);
        assert!(
            (slow - delta.0).abs() < se && (fast - delta.1).abs() < 1.5 * se,
            "{slow} {fast} {delta:?}"
        );
    }
    close(
        "own",
        b.own().speed().value(),
        beta.speed().unwrap().value(),
        0.0,
        0.0,
    );
    close(
        "common",
        b.common().unwrap().speed().value(),
        beta.total_speed().unwrap().value(),
        0.0,
        0.0,
    );
    close(
        "gap",
        b.gap().unwrap().speed().value(),
        beta.gap_speed().unwrap().value(),
        0.0,
        0.0,
    );
    assert_eq!((b.draws(), b.failed()), (399, 0));
}

#[test]
fn every_model_and_kind() {
    let pairs = |r: &BetaConvergence| r.bootstrap_by(Resampling::Pairs, Draws::new(100));
    let models: [fn(Regression, &Weights) -> Regression; 7] = [
        |r, _| r,
        |r, w| r.durbin(w),
        |r, w| r.spatial_lag(w),
        |r, w| r.spatial_error(w),
        |r, w| r.spatial_lag(w).durbin(w),
        |r, w| r.spatial_error(w).durbin(w),
        |r, w| {
            r.spatial_lag(w)
                .spatial_error(&w.raw().order(2).unwrap().row_standardized().unwrap())
        },
    ];
    for model in models {
        let beta = us(model);
        let abbreviation = beta.regression().model().abbreviation();
        let has_speeds = !["OLS", "SEM"].contains(&abbreviation);
        for how in [Resampling::Residual, Resampling::Wild] {
            let b = beta.bootstrap_by(how, Draws::new(100).seed(3)).unwrap();
            assert_eq!(
                (b.common().is_some(), b.gap().is_some()),
                (has_speeds, has_speeds)
            );
            let se = beta.impact().direct.std_error * 65.0;
            assert!(
                (0.6..1.6).contains(&(spread(&b) / se)),
                "{abbreviation}: {}",
                spread(&b) / se
            );
        }
        if ["OLS", "SLX"].contains(&abbreviation) {
            let b = pairs(&beta).unwrap();
            let se = beta.impact().direct.std_error * 65.0;
            assert!(
                (0.6..1.6).contains(&(spread(&b) / se)),
                "{abbreviation}: {}",
                spread(&b) / se
            );
        } else {
            let e = pairs(&beta).unwrap_err();
            assert!(e.to_string().contains("no neighbours"), "{e}");
        }
    }
}

#[test]
fn weights_of_observations_and_variances_by_group() {
    let growth = growth(40, 11, -0.4, 20.0);
    let side: Vec<&str> = (0..40)
        .map(|i| if i % 2 == 0 { "a" } else { "b" })
        .collect();
    let weighted = growth.regression().on(["x"]).weighted_by("people");
    let beta = BetaConvergence::fit(&growth, &weighted).unwrap();
    let b = beta.bootstrap(Draws::new(4_000).seed(2)).unwrap();
    close("sd", spread(&b), 20.0 * beta.beta().std_error, 0.08, 0.0);
    // The errors do not have the variances of the weights, which the wild bootstrap and pairs see.
    let robust = beta.with_vcov(Vcov::Hc2).unwrap();
    let hc2 = 20.0 * robust.beta().std_error;
    let spread_by = |how| spread(&robust.bootstrap_by(how, Draws::new(4_000).seed(2)).unwrap());
    close("sd, wild", spread_by(Resampling::Wild), hc2, 0.05, 0.0);
    close("sd, pairs", spread_by(Resampling::Pairs), hc2, 0.5, 0.0);
    let labelled = growth.labelled("side", side).unwrap();
    let groups = labelled.regression().variance_by("side");
    let beta = BetaConvergence::fit(&labelled, &groups).unwrap();
    for how in [Resampling::Residual, Resampling::Wild, Resampling::Pairs] {
        let b = beta.bootstrap_by(how, Draws::new(200).seed(2)).unwrap();
        close("sd", spread(&b), 20.0 * beta.beta().std_error, 0.4, 0.0);
    }
}

/// A gap that nearly closes within the span: some replicates leap over, and are infinite speeds.
#[test]
fn replicates_that_leap_over_are_infinite_speeds() {
    let drawn = (0..60).find_map(|seed| {
        let growth = growth(12, seed, -0.9, 20.0);
        let beta = BetaConvergence::fit(&growth, &growth.regression()).unwrap();
        let b = beta.bootstrap(Draws::new(999).seed(5)).ok()?;
        (26..500).contains(&b.own().infinite()).then_some(b)
    });
    let b = drawn.unwrap();
    let own = b.own();
    let (low, high) = own.interval(0.95);
    assert!(low > 0.0 && low.is_finite() && high.is_infinite());
    let (short, long) = own.half_life_interval(0.95).unwrap();
    assert!(short.abs() < 1e-300 && long.is_finite());
    assert!(b.to_string().contains("count as infinite speeds"), "{b}");
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let beta = us(|r, _| r);
    assert!(matches!(
        beta.bootstrap(Draws::new(99)),
        Err(Error::InvalidOption { .. })
    ));
    let few = growth(7, 1, -0.3, 20.0);
    let few = BetaConvergence::fit(&few, &few.regression()).unwrap();
    let e = few.bootstrap(Draws::new(100)).unwrap_err();
    assert!(
        matches!(
            e,
            Error::TooFewUnits {
                needed: 8,
                n: 7,
                ..
            }
        ),
        "{e}"
    );
    let leap = growth(30, 1, -1.5, 20.0);
    let leap = BetaConvergence::fit(&leap, &leap.regression()).unwrap();
    assert!(matches!(
        leap.bootstrap(Draws::new(100)),
        Err(Error::SpeedUndefined { .. })
    ));
}

/// Other speeds than the own one are left out with a note: here the gap speed, whose patterns two matrices do not share.
#[test]
fn speeds_that_are_not_defined_are_noted() {
    let (_, w) = us_states();
    let other = w.raw().order(2).unwrap().row_standardized().unwrap();
    let beta = us(|r, w| r.spatial_lag(w).durbin(&other));
    let b = beta.bootstrap(Draws::new(100)).unwrap();
    assert!(b.common().is_some() && b.gap().is_none());
    assert!(matches!(
        b.notes(),
        [Note::NotDefined {
            what: "the gap speed",
            ..
        }]
    ));
    assert!(b.to_string().contains("different weights"), "{b}");
}

/// Whatever the number of threads; and a time that a user waits for without noticing (printed, 21 units, SAR, 999 draws).
#[test]
fn the_same_bits_on_any_number_of_threads() {
    let growth = growth(21, 4, -0.3, 20.0);
    let raw = Weights::lattice(Lattice::queen(3, 7)).unwrap();
    let w = raw
        .relabelled(growth.table().units())
        .unwrap()
        .row_standardized()
        .unwrap();
    let beta = BetaConvergence::fit(&growth, &growth.regression().spatial_lag(&w)).unwrap();
    let run = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let b = pool.install(|| beta.bootstrap(Draws::new(199).seed(seed)).unwrap());
        let ends = [b.own(), b.common().unwrap(), b.gap().unwrap()].map(|s| {
            [s.interval(0.9), s.studentized(0.9).unwrap()].map(|(a, b)| [a.to_bits(), b.to_bits()])
        });
        ends.as_flattened().as_flattened().to_vec()
    };
    let first = run(1, 1);
    assert!(run(2, 1) == first && run(7, 1) == first);
    assert!(run(2, 2) != first);
}

/// A constant by regime is a column of zeros and ones: the same draws, the same speeds.
#[test]
fn regimes_are_columns() {
    let sides: Vec<usize> = (0..40).map(|i| usize::from(i % 3 == 0)).collect();
    let growth = growth(40, 5, -0.3, 20.0)
        .labelled("side", sides.iter().map(|s| ["b", "a"][*s]))
        .unwrap()
        .column("a", sides.iter().map(|s| *s as f64).collect::<Vec<_>>())
        .unwrap();
    let w = Weights::lattice(Lattice::rook(5, 8)).unwrap();
    let w = w.row_standardized().unwrap();
    let base = growth.regression().on(["x"]);
    let by_regime = base.clone().regimes_of(["const"], "side");
    let by_column = base.on(["a"]);
    for how in [Resampling::Residual, Resampling::Wild, Resampling::Pairs] {
        for lagged in [false, true] {
            if lagged && how == Resampling::Pairs {
                continue;
            }
            let [regime, column] = [&by_regime, &by_column].map(|r| {
                let r = if lagged {
                    r.clone().spatial_lag(&w)
                } else {
                    r.clone()
                };
                let beta = BetaConvergence::fit(&growth, &r).unwrap();
                beta.bootstrap_by(how, Draws::new(100).seed(2)).unwrap()
            });
            assert_eq!((regime.failed(), column.failed()), (0, 0));
            close("sd", spread(&regime), spread(&column), 1e-6, 0.0);
            let (a, b) = (regime.own().interval(0.9), column.own().interval(0.9));
            close("low", a.0, b.0, 1e-6, 0.0);
            close("high", a.1, b.1, 1e-6, 0.0);
        }
    }
}
