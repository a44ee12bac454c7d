//! Kernel densities, modes and stochastic kernels: laws, errors, and size and coverage in simulated samples.
//!
//! Long: `cargo test --release --test density -- --ignored --nocapture --test-threads 1`

mod random;

use ndarray::{Array1, Array2, array};
use random::Random;
use spatialecon::*;

fn lognormal(n: usize, seed: u64) -> Array1<f64> {
    Random(seed).normals(n).mapv(|z| (0.5 * z).exp())
}

fn close(a: f64, b: f64, by: f64) {
    assert!((a - b).abs() <= by, "{a} and {b}");
}

/// An autoregressive panel of incomes.
fn panel(n: usize, periods: usize, seed: u64) -> Panel {
    let mut random = Random(seed);
    let mut log = Array2::zeros((periods, n));
    for t in 0..periods {
        for i in 0..n {
            let before = if t == 0 { 0.0 } else { log[[t - 1, i]] };
            log[[t, i]] = 0.95 * before + 0.1 * random.normal();
        }
    }
    let years: Vec<i32> = (0..periods as i32).map(|t| 1980 + t).collect();
    let income = log.mapv(|v: f64| v.exp());
    Panel::from_columns(&Units::range(n), &years, [("income", income)]).unwrap()
}

#[test]
fn a_density_integrates_to_one_and_is_the_slope_of_its_distribution() {
    let x = lognormal(60, 1);
    for log in [false, true] {
        let mut f = KernelDensity::of(&x, Bandwidth::SheatherJones).unwrap();
        if log {
            f = f.on_log_scale().unwrap();
        }
        let f = f.with_cut(8.0).unwrap().with_grid(4_001).unwrap();
        let (grid, values) = (f.grid(), f.values());
        let areas =
            (1..grid.len()).map(|j| 0.5 * (values[j] + values[j - 1]) * (grid[j] - grid[j - 1]));
        close(areas.sum(), 1.0, 1e-5);
        for y in [0.4, 1.0, 2.2] {
            let slope = (f.distribution(y + 1e-5) - f.distribution(y - 1e-5)) / 2e-5;
            close(slope, f.evaluate(y), 1e-7);
            close(f.quantile(f.distribution(y)), y, 1e-10);
        }
        assert_eq!(f.csv().lines().count(), 4_002);
    }
}

#[test]
fn the_log_scale_is_a_change_of_variable() {
    let x = lognormal(40, 2);
    let logs = x.mapv(f64::ln);
    let h = KernelDensity::of(&logs, Bandwidth::Silverman).unwrap();
    let f = KernelDensity::of(&x, Bandwidth::Silverman)
        .unwrap()
        .on_log_scale()
        .unwrap();
    close(f.bandwidth(), h.bandwidth(), 1e-15);
    for y in [0.1, 0.7, 1.3, 4.0] {
        close(f.evaluate(y) * y, h.evaluate(f64::ln(y)), 1e-14);
        close(f.distribution(y), h.distribution(y.ln()), 1e-14);
    }
    assert_eq!(f.evaluate(-1.0).to_bits(), 0.0_f64.to_bits());
    assert_eq!(f.distribution(0.0).to_bits(), 0.0_f64.to_bits());
}

#[test]
fn whole_weights_are_copies() {
    let x = lognormal(20, 3);
    let times: Array1<f64> = (0..20).map(|i| f64::from(1 + i % 3)).collect();
    let copies: Array1<f64> = (0..20).flat_map(|i| vec![x[i]; 1 + i % 3]).collect();
    for h in [0.05, 0.2] {
        let weighted = KernelDensity::of(&x, Bandwidth::Fixed(h))
            .unwrap()
            .weighted_by(&times)
            .unwrap();
        let copied = KernelDensity::of(&copies, Bandwidth::Fixed(h)).unwrap();
        for y in [0.3, 0.9, 1.8] {
            close(weighted.evaluate(y), copied.evaluate(y), 1e-13);
            close(weighted.distribution(y), copied.distribution(y), 1e-13);
        }
        let (a, b) = (weighted.modes(), copied.modes());
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(&b).all(|(a, b)| (a.at - b.at).abs() < 1e-9));
    }
    // Equal weights are none, by every rule.
    for rule in [
        Bandwidth::Silverman,
        Bandwidth::Scott,
        Bandwidth::SheatherJones,
    ] {
        let plain = KernelDensity::of(&x, rule).unwrap();
        let equal = plain
            .clone()
            .weighted_by(&Array1::from_elem(20, 3.0))
            .unwrap();
        close(plain.bandwidth(), equal.bandwidth(), 1e-12);
    }
}

#[test]
fn modes_are_tops_and_their_number_never_grows_with_the_bandwidth() {
    let x = lognormal(80, 4);
    let modality = Modality::of(&x).unwrap();
    let mut before = usize::MAX;
    for k in 0..40 {
        let h = 0.01 * 1.12_f64.powi(k);
        let f = KernelDensity::of(&x, Bandwidth::Fixed(h)).unwrap();
        let modes = f.modes();
        assert_eq!(modes.len(), modality.modes_at(h).unwrap());
        assert!(modes.len() <= before);
        before = modes.len();
        for m in &modes {
            let beside = f.evaluate(m.at - 1e-3 * h).max(f.evaluate(m.at + 1e-3 * h));
            assert!(m.density >= beside - 1e-12);
        }
        let logs = f.on_log_scale().unwrap();
        for m in logs.modes() {
            let beside = logs
                .evaluate(m.at * (1.0 - 1e-3 * h))
                .max(logs.evaluate(m.at * (1.0 + 1e-3 * h)));
            assert!(m.density >= beside - 1e-12);
        }
    }
    for k in 1..6 {
        let h = modality.critical_bandwidth(k).unwrap();
        assert!(modality.modes_at(h * (1.0 + 1e-6)).unwrap() <= k);
        assert!(modality.modes_at(h * (1.0 - 1e-6)).unwrap() > k);
    }
}

#[test]
fn bands_are_those_of_their_seed_and_lie_round_the_density() {
    let x = lognormal(50, 5);
    let f = KernelDensity::of(&x, Bandwidth::Silverman).unwrap();
    let f = f
        .weighted_by(&Array1::range(1.0, 51.0, 1.0))
        .unwrap()
        .on_log_scale()
        .unwrap();
    let f = f.with_grid(40).unwrap();
    let bands = f.bootstrap(Draws::new(2_000).seed(9)).unwrap();
    let again = f.bootstrap(Draws::new(2_000).seed(9)).unwrap();
    assert_eq!(bands.csv(0.9), again.csv(0.9));
    for (p, value) in bands.points().iter().zip(f.values()) {
        close(p.value, *value, 0.0);
        // The mean of draws, with the bias of a ratio.
        close(p.mean, *value, 0.1 * p.std_error + 1e-12);
    }
    let columns = bands.columns(0.9);
    assert_eq!(columns.dim(), (40, 4));
    assert!(
        columns
            .rows()
            .into_iter()
            .all(|r| r[2] <= r[3] && r[2] >= 0.0)
    );
}

#[test]
fn cells_hold_the_mass_of_the_exact_conditional_density() {
    let panel = panel(30, 12, 6);
    for log in [false, true] {
        let mut kernel = StochasticKernel::of(&panel, "income", 3).unwrap();
        if log {
            kernel = kernel.on_log_scale().unwrap();
        }
        let kernel = kernel.with_cells(80).unwrap();
        assert_eq!(kernel.len(), 30 * 9);
        let grid = kernel.conditional_density().unwrap();
        for i in [0, 25, 40, 79] {
            let x = grid.centres()[i];
            let given = kernel.given(x).unwrap();
            close(kernel.support(x).unwrap(), grid.support()[i], 1e-9);
            // Rows sum to one: what lies outside the grid is given back in proportion.
            let below = |j: usize| given.distribution(grid.edges()[j]);
            let inside = below(80) - below(0);
            assert!(1.0 - inside <= grid.leak() + 1e-12);
            for j in 0..80 {
                let mass = (below(j + 1) - below(j)) / inside;
                close(grid.probabilities()[[i, j]], mass, 1e-12);
            }
        }
        let at = 40;
        let given = kernel.given(grid.centres()[at]).unwrap();
        let width = grid.edges()[at + 1] - grid.edges()[at];
        close(grid.median()[at], given.quantile(0.5), 0.1 * width);
        close(
            grid.quantile(0.9).unwrap()[at],
            given.quantile(0.9),
            0.1 * width,
        );
        let top = given
            .modes()
            .into_iter()
            .max_by(|a, b| a.density.total_cmp(&b.density))
            .unwrap();
        close(grid.ridge()[at], top.at, 0.5 * width);
        assert_eq!(grid.csv().lines().count(), 80 * 80 + 1);
        assert_eq!(grid.curves_csv(0.5).unwrap().lines().count(), 81);
    }
}

#[test]
fn the_ergodic_density_is_kept_by_the_kernel() {
    let panel = panel(40, 15, 7);
    let kernel = StochasticKernel::of(&panel, "income", 1)
        .unwrap()
        .on_log_scale()
        .unwrap();
    let ergodic = kernel.ergodic().unwrap();
    let p = kernel.conditional_density().unwrap();
    let next = ergodic.probabilities().dot(p.probabilities());
    for (a, b) in next.iter().zip(ergodic.probabilities()) {
        close(*a, *b, 1e-14);
    }
    close(ergodic.probabilities().sum(), 1.0, 1e-13);
    let widths = ergodic.edges().windows(2).into_iter().map(|e| e[1] - e[0]);
    close(
        widths.zip(ergodic.values()).map(|(w, f)| w * f).sum(),
        1.0,
        1e-13,
    );
    assert!(ergodic.leak() < 1e-4);
    assert!(ergodic.quantile(0.2).unwrap() < ergodic.quantile(0.8).unwrap());
}

#[test]
fn the_ergodic_density_of_an_autoregression_is_its_stationary_one() {
    // x' = 0.8 x + e: smoothing adds h² to the variance of y given x, and flattens the slope by var(x) / (var(x) + h²).
    let mut random = Random(8);
    let n = 20_000;
    let sd = 0.3;
    let x: Array1<f64> = random.normals(n) * sd;
    let y = &x * 0.8 + random.normals(n) * (0.6 * sd);
    let mut log = Array2::zeros((2, n));
    log.row_mut(0).assign(&x);
    log.row_mut(1).assign(&y);
    let income = log.mapv(|v: f64| v.exp());
    let panel = Panel::from_columns(&Units::range(n), &[2000, 2001], [("income", income)]).unwrap();
    let kernel = StochasticKernel::of(&panel, "income", 1)
        .unwrap()
        .on_log_scale()
        .unwrap();
    let ergodic = kernel.ergodic().unwrap();
    let logs = ergodic.centres().mapv(f64::ln);
    let mean = ergodic.probabilities().dot(&logs);
    let variance = ergodic.probabilities().dot(&(&logs - mean).mapv(|v| v * v));
    let (hx, hy) = kernel.bandwidths();
    let slope = 0.8 * sd * sd / (sd * sd + hx * hx);
    let within = (0.6 * sd).powi(2) + hy * hy + 0.64 * sd * sd * hx * hx / (sd * sd + hx * hx);
    let expected = (within / (1.0 - slope * slope)).sqrt();
    close(variance.sqrt() / expected, 1.0, 0.02);
}

#[test]
fn relative_to_neighbours_and_to_a_group() {
    let units = Units::new(["a", "b", "c", "d", "e", "f"]).unwrap();
    let income = array![
        [9.0, 7.5, 6.0, 4.0, 3.5, 2.0],
        [15.0, 14.0, 11.0, 9.0, 8.5, 5.0]
    ];
    let panel = Panel::from_columns(&units, &[2000, 2020], [("income", income)])
        .unwrap()
        .label("part", ["core", "core", "rest", "rest", "rest", "rest"])
        .unwrap();
    let pairs = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f")];
    let w = Weights::from_pairs(&units, pairs).unwrap();
    let raw = RelativeTo::Neighbours(&w).of(&panel, "income").unwrap();
    close(raw.values("income").unwrap()[[0, 1]], 1.0, 1e-15);
    close(raw.values("income").unwrap()[[1, 5]], 5.0 / 8.5, 1e-15);
    let standardized = w.row_standardized().unwrap();
    let same = RelativeTo::Neighbours(&standardized)
        .of(&panel, "income")
        .unwrap();
    close(
        same.values("income").unwrap()[[1, 3]],
        raw.values("income").unwrap()[[1, 3]],
        1e-15,
    );
    let core = RelativeTo::Group {
        label: "part",
        value: "core",
    };
    let of_core = core.of(&panel, "income").unwrap();
    close(
        of_core.values("income").unwrap()[[1, 2]],
        11.0 / 14.5,
        1e-15,
    );
    assert_eq!(of_core.labels("part").unwrap()[0], "core");
    // One number a period explains nothing within it.
    let one = panel.between(2000, 2000).unwrap();
    assert!(StochasticKernel::conditioned(&one, "income", core).is_err());
    let kernel =
        StochasticKernel::conditioned(&panel, "income", RelativeTo::Neighbours(&w)).unwrap();
    assert!(kernel.explained() > 0.5);
    let point = kernel.points().nth(7).unwrap();
    assert_eq!(
        (point.unit.as_str(), point.from, point.to),
        ("b", 2020, 2020)
    );
    assert!(kernel.csv().contains("b,2020,2020,"));
    assert!(matches!(kernel.ergodic(), Err(Error::Unsupported { .. })));
}

#[test]
fn bad_input_is_named() {
    let x = lognormal(30, 9);
    let of = |b| KernelDensity::of(&x, b);
    for h in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            of(Bandwidth::Fixed(h)),
            Err(Error::InvalidOption {
                option: "bandwidth",
                ..
            })
        ));
    }
    let f = of(Bandwidth::Silverman).unwrap();
    let same = array![2.0, 2.0, 2.0, 2.0, 2.0];
    for rule in [
        Bandwidth::Silverman,
        Bandwidth::Scott,
        Bandwidth::SheatherJones,
    ] {
        assert!(matches!(
            KernelDensity::of(&same, rule),
            Err(Error::Constant { .. })
        ));
    }
    assert!(KernelDensity::of(&same, Bandwidth::Fixed(1.0)).is_ok());
    assert!(
        KernelDensity::of(&same, Bandwidth::Fixed(1.0))
            .unwrap()
            .with_cut(0.0)
            .is_err()
    );
    assert!(matches!(
        KernelDensity::of(&array![1.0], Bandwidth::Silverman),
        Err(Error::TooFewUnits { .. })
    ));
    assert!(matches!(
        KernelDensity::of(&array![1.0, f64::NAN], Bandwidth::Silverman),
        Err(Error::NotFinite { .. })
    ));
    let zero = array![0.0, 1.0, 2.0, 4.0];
    let error = KernelDensity::of(&zero, Bandwidth::Silverman)
        .unwrap()
        .on_log_scale()
        .unwrap_err();
    assert!(matches!(error, Error::NonPositive { .. }));
    assert!(matches!(
        f.clone().weighted_by(&zero),
        Err(Error::LengthMismatch { .. })
    ));
    let mut w = Array1::ones(30);
    w[4] = 0.0;
    assert!(matches!(
        f.clone().weighted_by(&w),
        Err(Error::NonPositive { .. })
    ));
    for (low, high) in [(2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        assert!(f.clone().between(low, high).is_err());
    }
    assert!(
        f.clone()
            .between(-1.0, 1.0)
            .unwrap()
            .on_log_scale()
            .is_err()
    );
    assert!(f.clone().on_log_scale().unwrap().between(0.0, 1.0).is_err());
    assert!(f.clone().with_grid(1).is_err() && f.clone().with_cut(-1.0).is_err());
    assert!(f.bootstrap(Draws::new(3)).is_err());
    let wide = f.with_grid(100_000).unwrap();
    assert!(matches!(
        wide.bootstrap(Draws::new(9_999)),
        Err(Error::TooLarge { .. })
    ));

    let m = Modality::of(&x).unwrap();
    assert!(matches!(
        m.critical_bandwidth(0),
        Err(Error::InvalidOption { .. })
    ));
    assert!(matches!(
        m.critical_bandwidth(30),
        Err(Error::TooFewUnits { .. })
    ));
    assert!(m.modes_at(1e-9).is_err() && m.modes_at(-1.0).is_err());
    assert!(m.clone().within(1.0, 0.5).is_err() && m.within(50.0, 60.0).is_err());
    assert!(matches!(Modality::of(&same), Err(Error::Constant { .. })));
    assert!(matches!(
        Modality::of(&array![1.0, 2.0]),
        Err(Error::TooFewUnits { .. })
    ));
    // Values that nearly coincide: no bandwidth is small enough for the grid.
    let near = array![0.0, 1e-9, 1.0, 1.0 + 1e-9];
    assert!(matches!(
        Modality::of(&near).unwrap().critical_bandwidth(2),
        Err(Error::Unsupported { .. })
    ));

    let panel = panel(12, 4, 10);
    let kernel = || StochasticKernel::of(&panel, "income", 1).unwrap();
    assert!(matches!(
        StochasticKernel::of(&panel, "gdp", 1),
        Err(Error::UnknownColumn { .. })
    ));
    for step in [0, -1, 4, i32::MAX] {
        assert!(matches!(
            StochasticKernel::of(&panel, "income", step),
            Err(Error::InvalidOption { option: "step", .. })
        ));
    }
    assert!(matches!(
        StochasticKernel::between(&panel, "income", 1980, 1999),
        Err(Error::UnknownPeriod { .. })
    ));
    assert!(StochasticKernel::between(&panel, "income", 1982, 1980).is_err());
    assert!(kernel().with_bandwidths(0.0, 1.0).is_err());
    assert!(kernel().with_cells(3).is_err() && kernel().with_ends(1.0, 1.0).is_err());
    assert!(
        kernel()
            .on_log_scale()
            .unwrap()
            .with_ends(-1.0, 2.0)
            .is_err()
    );
    assert!(kernel().on_log_scale().unwrap().given(-1.0).is_err());
    assert!(kernel().given(f64::NAN).is_err());
    let cut = kernel().with_ends(0.9, 1.1).unwrap();
    assert!(matches!(
        cut.conditional_density(),
        Err(Error::InvalidOption {
            option: "the ends of the grid",
            ..
        })
    ));
    assert!(
        kernel()
            .conditional_density()
            .unwrap()
            .quantile(1.0)
            .is_err()
    );
    // All units grow alike.
    let first = Array1::range(1.0, 13.0, 1.0);
    let mut alike = Array2::zeros((2, 12));
    alike.row_mut(0).assign(&first);
    alike.row_mut(1).assign(&(first * 2.0));
    let alike = Panel::from_columns(&Units::range(12), &[1, 2], [("income", alike)]).unwrap();
    assert!(matches!(
        StochasticKernel::of(&alike, "income", 1),
        Err(Error::Unsupported { .. })
    ));
    let flat = Panel::from_columns(
        &Units::range(12),
        &[1, 2],
        [("income", Array2::<f64>::ones((2, 12)))],
    )
    .unwrap();
    assert!(matches!(
        StochasticKernel::of(&flat, "income", 1),
        Err(Error::Constant { .. })
    ));
    let few = self::panel(4, 4, 1);
    assert!(matches!(
        StochasticKernel::of(&few, "income", 1),
        Err(Error::TooFewUnits { .. })
    ));
    // Two clubs that never meet have no single ergodic density.
    let clubs = Array2::from_shape_fn((2, 12), |(t, i)| {
        let club = if i < 6 { 1.0 } else { 1_000.0 };
        club + 0.01 * ((i * 7 + t * 5) % 6) as f64
    });
    let clubs = Panel::from_columns(&Units::range(12), &[1, 2], [("income", clubs)]).unwrap();
    let clubs = StochasticKernel::of(&clubs, "income", 1)
        .unwrap()
        .with_bandwidths(0.001, 0.001)
        .unwrap();
    assert!(matches!(clubs.ergodic(), Err(Error::Unsupported { .. })));
    // Islands.
    let w = Weights::from_pairs(panel.units(), [("0", "1")])
        .unwrap()
        .islands_kept();
    let on = RelativeTo::Neighbours(&w);
    assert!(matches!(
        StochasticKernel::conditioned(&panel, "income", on),
        Err(Error::Islands { .. })
    ));
    let none = RelativeTo::Group {
        label: "part",
        value: "core",
    };
    assert!(matches!(
        none.of(&panel, "income"),
        Err(Error::UnknownColumn { .. })
    ));
}

#[test]
#[ignore = "some minutes; command in the header"]
fn size_and_power_of_the_tests_of_modes() {
    println!(
        "| truth | n | Silverman 5 % | 10 % | Hall-York 5 % | 10 % |\n|---|---|---|---|---|---|"
    );
    for (truth, apart) in [("normal", 0.0), ("two normals, 3 sd apart", 3.0)] {
        for n in [21, 100, 500] {
            let count = 500;
            let mut rejected = [0; 4];
            for r in 0..count {
                let mut random = Random(1_000 * n as u64 + r);
                let x: Array1<f64> = (0..n)
                    .map(|i| random.normal() + if i % 2 == 0 { 0.0 } else { apart })
                    .collect();
                let draws = Draws::new(199).seed(r);
                let m = Modality::of(&x).unwrap();
                let plain = m.test(1, draws).unwrap().p_value();
                let inside = m.within(-1.5, 1.5 + apart).unwrap();
                let calibrated = inside.calibrated_test(draws).map_or(1.0, |t| t.p_value());
                for (k, hit) in [
                    plain <= 0.05,
                    plain <= 0.1,
                    calibrated <= 0.05,
                    calibrated <= 0.1,
                ]
                .into_iter()
                .enumerate()
                {
                    rejected[k] += u32::from(hit);
                }
            }
            let share = rejected.map(|r| format!("{:.3}", f64::from(r) / count as f64));
            println!("| {truth} | {n} | {} |", share.join(" | "));
        }
    }
}

#[test]
#[ignore = "some minutes; command in the header"]
fn coverage_of_bands() {
    // Of standard normal values, E f(y) is the density of N(0, 1 + h²) where h is given.
    println!("| n | h | y | 95 % covers E f | 95 % covers f |\n|---|---|---|---|---|");
    let normal = |y: f64, v: f64| (-0.5 * y * y / v).exp() / (std::f64::consts::TAU * v).sqrt();
    for n in [21, 48, 200] {
        let h = 0.9 * (n as f64).powf(-0.2);
        let count = 1_000;
        let mut covered = [[0; 2]; 3];
        for r in 0..count {
            let x = Random(77 * n as u64 + r).normals(n);
            let f = KernelDensity::of(&x, Bandwidth::Fixed(h)).unwrap();
            let f = f.between(-2.0, 2.0).unwrap().with_grid(5).unwrap();
            let bands = f.bootstrap(Draws::new(499).seed(r)).unwrap();
            let (low, high) = bands.interval(0.95);
            for (k, hits) in covered.iter_mut().enumerate() {
                let y = f64::from(k as u32);
                for (hit, v) in hits.iter_mut().zip([1.0 + h * h, 1.0]) {
                    let truth = normal(y, v);
                    *hit += u32::from(low[k + 2] <= truth && truth <= high[k + 2]);
                }
            }
        }
        for (k, hits) in covered.iter().enumerate() {
            let share = hits.map(|c| format!("{:.3}", f64::from(c) / count as f64));
            println!("| {n} | {h:.3} | {k} | {} |", share.join(" | "));
        }
    }
}

/// Modes of x are those of -x mirrored, also where the smallest value stands alone.
#[test]
fn the_lowest_mode_is_a_mode() {
    let at = |x: &[f64], h: f64| {
        let density = KernelDensity::of(x, Bandwidth::Fixed(h)).unwrap();
        let modes = density.modes();
        modes.iter().map(|m| m.at).collect::<Vec<f64>>()
    };
    let two = at(&[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0], 0.1);
    assert_eq!(two.len(), 2);
    close(two[0], 1.0, 1e-9);
    close(two[1], 2.0, 1e-9);
    let equal = at(&[1.0, 1.0], 0.1);
    assert_eq!(equal.len(), 1);
    close(equal[0], 1.0, 1e-9);
    let x = [0.1, 0.1, 0.1, 1.0, 1.1, 1.3, 1.32, 1.5];
    let mirrored = x.map(|v| 3.0 - v);
    for modes in [1, 2, 3] {
        let h = |x: &[f64]| Modality::of(x).unwrap().critical_bandwidth(modes).unwrap();
        close(h(&x), h(&mirrored), 1e-7);
    }
    let plus = Modality::of(&x[..]).unwrap();
    let minus = Modality::of(&mirrored[..]).unwrap();
    for h in [0.02, 0.05, 0.1, 0.3] {
        assert_eq!(plus.modes_at(h).unwrap(), minus.modes_at(h).unwrap());
    }
}

#[test]
fn bandwidths_and_weights_beyond_reason_are_refused_or_do_not_matter() {
    let x = [
        3.0, 5.0, 5.5, 6.0, 7.0, 8.0, 8.5, 9.0, 11.0, 12.0, 15.0, 20.0,
    ];
    // Every value is a mode where the bandwidth is nothing beside the gaps.
    for h in [1e-9, 1e-3] {
        let narrow = KernelDensity::of(&x[..], Bandwidth::Fixed(h)).unwrap();
        let at: Vec<f64> = narrow.modes().iter().map(|m| m.at).collect();
        assert_eq!(at.len(), x.len(), "{h}");
        for (mode, value) in at.iter().zip(&x) {
            close(*mode, *value, 1e-9);
        }
    }
    // A bandwidth within rounding of the values shows nothing.
    let none = KernelDensity::of(&x[..], Bandwidth::Fixed(1e-300)).unwrap();
    assert!(none.modes().is_empty());
    let mut skewed = [1.0; 12];
    skewed[0] = 1e6;
    let density = KernelDensity::of(&x[..], Bandwidth::SheatherJones).unwrap();
    assert!(matches!(
        density.weighted_by(&skewed[..]).unwrap_err(),
        Error::Unsupported { .. } | Error::InvalidOption { .. }
    ));
    let plain = KernelDensity::of(&x[..], Bandwidth::Silverman).unwrap();
    let huge = plain.clone().weighted_by(&[1e300; 12][..]).unwrap();
    close(huge.evaluate(7.0), plain.evaluate(7.0), 1e-15);
    let kernel = StochasticKernel::of(&panel(12, 4, 3), "income", 1).unwrap();
    let given = kernel.conditional_density().unwrap();
    for level in [0.0, -0.1, 1.5, f64::NAN] {
        assert!(matches!(
            given.curves_csv(level).unwrap_err(),
            Error::InvalidOption {
                option: "level",
                ..
            }
        ));
    }
}

#[test]
fn bandwidths_follow_the_unit_of_the_values() {
    let x = [0.4, 0.5, 0.55, 0.6, 0.62, 0.7, 1.6, 1.75, 1.8, 2.0];
    for rule in [
        Bandwidth::Silverman,
        Bandwidth::Scott,
        Bandwidth::SheatherJones,
    ] {
        let h = KernelDensity::of(&x[..], rule).unwrap().bandwidth();
        for unit in [1e-150, 1e-40, 1e40, 1e150] {
            let scaled = x.map(|v| v * unit);
            let other = KernelDensity::of(&scaled[..], rule).unwrap();
            close(other.bandwidth() / unit / h, 1.0, 1e-11);
        }
    }
}

#[test]
fn a_grid_of_logs_that_leaves_the_range_of_numbers_is_refused() {
    let wide = [1e-150, 1e-100, 1.0, 1e100, 1e150];
    let density = KernelDensity::of(&wide[..], Bandwidth::Silverman).unwrap();
    let error = density.clone().on_log_scale().unwrap_err();
    assert!(error.to_string().contains("between"), "{error}");
    let ended = density.between(1e-200, 1e200).unwrap();
    let ended = ended.on_log_scale().unwrap();
    assert!(ended.values().iter().all(|f| f.is_finite()));
    let income = Array2::from_shape_fn((3, 5), |(t, i)| wide[(i + t) % 5]);
    let panel = Panel::from_columns(&Units::range(5), &[1, 2, 3], [("y", income)]).unwrap();
    let kernel = StochasticKernel::of(&panel, "y", 1)
        .unwrap()
        .on_log_scale()
        .unwrap();
    assert!(kernel.ergodic().is_err());
    assert!(kernel.given(1.0).is_err());
}

#[test]
fn spans_that_overlap_do_not_narrow_the_bandwidths() {
    let income = Array2::from_shape_fn((13, 8), |(t, i)| {
        10.0 + ((7 * t + 5 * i * i + t * i) % 11) as f64
    });
    let years: Vec<i32> = (2000..2013).collect();
    let panel = Panel::from_columns(&Units::range(8), &years, [("y", income)]).unwrap();
    let kernel = StochasticKernel::of(&panel, "y", 5).unwrap();
    assert_eq!(kernel.spans().len(), 8);
    // Scott's rule with 8 units × 2 spans, 2000 to 2005 and 2005 to 2010.
    let spread = |v: &[f64]| {
        let n = v.len() as f64;
        let mean = v.iter().sum::<f64>() / n;
        let mut sorted = v.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let quartile = |p: f64| {
            let at = p * (n - 1.0);
            let (low, part) = (at.floor() as usize, at.fract());
            sorted[low] + part * (sorted[(low + 1).min(v.len() - 1)] - sorted[low])
        };
        let sd = (v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        (mean, sd, sd.min((quartile(0.75) - quartile(0.25)) / 1.349))
    };
    let (x, y): (Vec<f64>, Vec<f64>) = kernel.points().map(|p| (p.x, p.y)).unzip();
    let ((mx, sx, hx), (my, sy, _)) = (spread(&x), spread(&y));
    let products = x.iter().zip(&y).map(|(a, b)| (a - mx) * (b - my));
    let r = products.sum::<f64>() / (x.len() as f64 - 1.0) / (sx * sy);
    let factor = (1.0 - r * r).powf(5.0 / 12.0) * (1.0 + r * r / 2.0).powf(-1.0 / 6.0);
    close(
        kernel.bandwidths().0,
        hx * factor * 16.0_f64.powf(-1.0 / 6.0),
        1e-12,
    );
}

#[test]
fn the_unit_of_the_values_does_not_matter() {
    let x = lognormal(20, 8);
    let of = |unit: f64| {
        let scaled = x.mapv(|x| x * unit);
        let modes = Modality::of(&scaled).unwrap();
        let p = modes.test(1, Draws::new(199).seed(1)).unwrap().p_value();
        let h = KernelDensity::of(&scaled, Bandwidth::SheatherJones).unwrap();
        let narrow = KernelDensity::of(&scaled, Bandwidth::Silverman).unwrap();
        (p, h.bandwidth() / unit, narrow.bandwidth() / unit)
    };
    let one = of(1.0);
    for unit in [1e-280, 1e-160, 1e155, 1e290] {
        let other = of(unit);
        assert!((one.0 - other.0).abs() < 1e-12, "{unit}");
        assert!((one.1 / other.1 - 1.0).abs() < 1e-9, "{unit}");
        assert!((one.2 / other.2 - 1.0).abs() < 1e-9, "{unit}");
    }
    for unit in [1e-300, 1e304] {
        let scaled = x.mapv(|x| x * unit);
        let error = Modality::of(&scaled).unwrap_err().to_string();
        assert!(error.contains("another unit"), "{error}");
        assert!(KernelDensity::of(&scaled, Bandwidth::Silverman).is_err());
    }
    assert!(matches!(
        Modality::of(&x).unwrap().critical_bandwidth(usize::MAX),
        Err(Error::TooFewUnits { .. })
    ));
}
