//! The speed at which units converge to each other.

use ndarray::{Array1, Array2};
use spatialecon::*;

use crate::{close, growth, oracle, us_states};

fn us(model: impl Fn(Regression, &Weights) -> Regression) -> BetaConvergence {
    let (panel, w) = us_states();
    let growth = Growth::between(&panel, "income", 1929, 2009).unwrap();
    BetaConvergence::fit(&growth, &model(growth.regression(), &w)).unwrap()
}

/// numpy, eigenvalues of the dense transition.
#[test]
fn us_states_by_the_dense_transition() {
    let pins = oracle("37_speeds.json");
    let pin = |name: &str| pins[name].as_f64().unwrap();
    let sar = us(|r, w| r.spatial_lag(w));
    close(
        "SAR",
        sar.gap_speed().unwrap().value(),
        pin("us_sar_gap"),
        1e-6,
        0.0,
    );
    let sdm = us(|r, w| r.spatial_lag(w).durbin(w));
    close(
        "SDM",
        sdm.gap_speed().unwrap().value(),
        pin("us_sdm_gap"),
        1e-6,
        0.0,
    );
}

#[test]
fn one_speed_where_nothing_spills_over() {
    for beta in [us(|r, _| r), us(|r, w| r.spatial_error(w))] {
        let (own, gap) = (beta.speed().unwrap(), beta.gap_speed().unwrap());
        assert_eq!(
            own.estimate().value.to_bits(),
            gap.estimate().value.to_bits()
        );
        assert_eq!(own.std_error().to_bits(), gap.std_error().to_bits());
    }
}

/// Without rho a(w) is linear in w, so that an end of the spectrum binds; the rest is the delta method by hand.
#[test]
fn a_lag_of_the_initial_level_alone() {
    for beta in [
        us(|r, w| r.durbin(w)),
        us(|r, w| r.spatial_error(w).durbin(w)),
    ] {
        let fit = beta.regression();
        let (b, theta) = (
            fit.coefficient("ln_initial").unwrap().value,
            fit.coefficient("W ln_initial").unwrap().value,
        );
        let (_, w) = us_states();
        let mut all: Vec<f64> = w.eigenvalues().unwrap().iter().map(|w| w.0).collect();
        all.sort_by(f64::total_cmp);
        let left = |w: f64| 1.0 + 80.0 * (b + theta * w);
        let (low, second) = (all[0], all[all.len() - 2]);
        let at = if left(low).abs() > left(second).abs() {
            low
        } else {
            second
        };
        let gap = beta.gap_speed().unwrap();
        close(
            "speed",
            gap.value(),
            -left(at).abs().ln() / 80.0,
            1e-12,
            0.0,
        );
        let v = |x: &str, y: &str| fit.vcov().between(x, y).unwrap();
        let (x, y) = ("ln_initial", "W ln_initial");
        let variance = v(x, x) + 2.0 * at * v(x, y) + at * at * v(y, y);
        close(
            "se",
            gap.std_error(),
            variance.sqrt() / left(at).abs(),
            1e-9,
            0.0,
        );
    }
}

#[test]
fn it_does_not_depend_on_the_convention() {
    let (panel, w) = us_states();
    let annual = Growth::between(&panel, "income", 1929, 1994).unwrap();
    let total = annual.clone().total().unwrap();
    let gap = |g: &Growth| {
        let beta = BetaConvergence::fit(g, &g.regression().spatial_lag(&w).durbin(&w)).unwrap();
        beta.gap_speed().unwrap()
    };
    let (a, t) = (gap(&annual), gap(&total));
    close("speed", a.value(), t.value(), 1e-7, 0.0);
    close("se", a.std_error(), t.std_error(), 1e-6, 0.0);
}

/// Two maps that do not touch converge to each other at the common speed, and no faster.
#[test]
fn components_converge_to_each_other_at_the_common_speed() {
    let growth = growth(24, 5, -0.3, 20.0);
    let ring = (0..24).flat_map(|i| {
        let j = i / 12 * 12 + (i + 1) % 12;
        [(i, j, 1.0), (j, i, 1.0)]
    });
    let w = Weights::from_links_at(growth.table().units(), ring).unwrap();
    let w = w.row_standardized().unwrap();
    let beta = BetaConvergence::fit(&growth, &growth.regression().spatial_lag(&w)).unwrap();
    let (gap, common) = (beta.gap_speed().unwrap(), beta.total_speed().unwrap());
    assert!(gap.value() <= common.value() * (1.0 + 1e-12));
}

#[test]
fn what_has_no_gap_speed_says_why() {
    let growth = growth(1100, 3, -0.3, 20.0);
    let units = growth.table().units();
    // Each unit looks at the next ones: a matrix that is not similar to a symmetric one.
    let links =
        (0..1100).flat_map(|i| [1, 2].map(|s| (i, (i + s) % 1100, 1.0 / f64::from(s as u32))));
    let one_way = Weights::from_links_at(units, links)
        .unwrap()
        .row_standardized()
        .unwrap();
    let beta = BetaConvergence::fit(&growth, &growth.regression().durbin(&one_way)).unwrap();
    let e = beta.gap_speed().unwrap_err();
    assert!(e.to_string().contains("1100 units"), "{e}");
    let (panel, w) = us_states();
    let g = Growth::between(&panel, "income", 1929, 2009).unwrap();
    let other = w.raw().order(2).unwrap().row_standardized().unwrap();
    let beta = BetaConvergence::fit(&g, &g.regression().spatial_lag(&w).durbin(&other)).unwrap();
    let e = beta.gap_speed().unwrap_err();
    assert!(e.to_string().contains("different weights"), "{e}");
}

/// Simulated without noise, the distance between units shrinks at the gap speed once its slowest pattern is all that is left.
#[test]
fn gaps_shrink_so_in_the_equation_itself() {
    let (_, w) = us_states();
    let (b, theta, rho, years) = (-0.016, 0.004, 0.45, 20.0);
    let n = w.n();
    let dense = Array2::from_shape_fn((n, n), |(i, j)| w.weight(i, j));
    let eigenvalues = w.eigenvalues().unwrap();
    let second = {
        let mut all: Vec<f64> = eigenvalues.iter().map(|w| w.0).collect();
        all.sort_by(f64::total_cmp);
        [all[0], all[n - 2]]
    };
    let left = |w: f64| (1.0 + years * (b + theta * w) / (1.0 - rho * w)).abs();
    let speed = -left(second[0]).max(left(second[1])).ln() / years;
    let mut level: Array1<f64> = (0..n).map(|i| (i as f64 * 1.3).sin()).collect();
    let d = Array1::from_shape_fn(n, |i| w.raw().neighbours(i).count() as f64);
    let centre = |v: &mut Array1<f64>| *v -= d.dot(v) / d.sum();
    let mut before = 0.0;
    for _ in 0..400 {
        centre(&mut level);
        before = level.dot(&level).sqrt();
        level /= before;
        let moved = &level * b + dense.dot(&level) * theta;
        let mut g = moved.clone();
        for _ in 0..200 {
            g = &moved + dense.dot(&g) * rho;
        }
        level = &level + g * years;
    }
    close("speed", -before.ln() / years, speed, 1e-4, 0.0);
}
