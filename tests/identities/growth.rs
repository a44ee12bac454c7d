//! Beta and sigma convergence: conventions, nonlinear least squares, tests of two dates.

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::maps::{Random, any_map, nearest};

fn levels(n: usize, seed: u64, slope: f64) -> (Array1<f64>, Array1<f64>) {
    let mut random = Random::new(seed);
    let first = random.normals(n).mapv(|v| 9.0 + 0.6 * v);
    let last = &first * (1.0 + slope) + 3.0 + random.normals(n) * 0.15;
    (first.mapv(f64::exp), last.mapv(f64::exp))
}

fn growth(n: usize, seed: u64, slope: f64, span: f64) -> Growth {
    let (first, last) = levels(n, seed, slope);
    let table = Table::from_columns([("first", first), ("last", last)]).unwrap();
    Growth::of_columns(&table, "first", "last", span).unwrap()
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn speed_does_not_depend_on_the_convention(n in 12_usize..40, seed: u64, slope in -0.8_f64..0.3, span in 1.0_f64..60.0) {
        let annual = growth(n, seed, slope, span);
        let total = annual.clone().total().unwrap();
        let w = nearest(n, 4, seed).row_standardized().unwrap();
        let models: [fn(Regression, &Weights) -> Regression; 4] = [
            |r, _| r,
            |r, w| r.spatial_lag(w),
            |r, w| r.spatial_error(w),
            |r, w| r.spatial_lag(w).durbin(w),
        ];
        for model in models {
            let fit = |g: &Growth| BetaConvergence::fit(g, &model(g.regression(), &w)).unwrap();
            let (a, t) = (fit(&annual), fit(&total));
            let (Ok(a), Ok(t)) = (a.speed(), t.speed()) else {
                prop_assert!(a.speed().is_err() && t.speed().is_err());
                continue;
            };
            let scale = 1.0 / span;
            close("speed", a.value(), t.value(), 1e-7, scale);
            close("std error", a.std_error(), t.std_error(), 1e-6, 0.0);
            if let (Ok(a), Ok(t)) = (a.half_life(), t.half_life()) && a.years() < 100.0 * span {
                close("half-life", a.years(), t.years(), 1e-4, 0.0);
            }
        }
    }

    /// (1 / T) ln(y_T / y_0) = a - [(1 - e^(-beta T)) / T] ln y_0: the sum of squares is stationary in (a, beta) at our speed, and the inverse of
    /// the Gauss-Newton matrix there gives our standard error.
    #[test]
    fn the_speed_solves_nonlinear_least_squares(n in 12_usize..40, seed: u64, slope in -0.8_f64..0.3, span in 1.0_f64..60.0) {
        let annual = growth(n, seed, slope, span);
        let beta = BetaConvergence::fit(&annual, &annual.regression()).unwrap();
        let speed = beta.speed().unwrap();
        let a = beta.regression().coefficient("const").unwrap().value;
        let (g, x) = (annual.table().values("growth").unwrap(), annual.table().values("ln_initial").unwrap());
        let e = &g - &x.mapv(|x| a - (1.0 - (-speed.value() * span).exp()) / span * x);
        let by_speed = x.mapv(|x| -(-speed.value() * span).exp() * x);
        let size = e.dot(&e).sqrt();
        prop_assert!(e.sum().abs() < 1e-8 * size * (n as f64).sqrt());
        prop_assert!(e.dot(&by_speed).abs() < 1e-8 * size * by_speed.dot(&by_speed).sqrt());
        let nf = n as f64;
        let spread = by_speed.dot(&by_speed) - by_speed.sum().powi(2) / nf;
        close("std error", speed.std_error(), (e.dot(&e) / (nf - 2.0) / spread).sqrt(), 1e-8, 0.0);
    }

    #[test]
    fn carree_klomp_follows_from_pitman_morgan(n in 6_usize..40, seed: u64, slope in -0.8_f64..0.3) {
        let (first, last) = levels(n, seed, slope);
        // The dates, and, two decades later, the dates turned over.
        let mut values = Array2::zeros((4, n));
        for (mut row, from) in values.rows_mut().into_iter().zip([&first, &last, &last, &first]) {
            row.assign(from);
        }
        let years = [2000, 2010, 2020, 2030];
        let panel = Panel::from_columns(&Units::range(n), &years, [("y", values)]).unwrap();
        let sigma = SigmaConvergence::of(&panel, "y").unwrap();
        let (x, y) = (first.mapv(f64::ln), last.mapv(f64::ln));
        let centred = |v: Array1<f64>| { let mean = v.mean().unwrap(); v - mean };
        let (s, d) = (centred(&x + &y), centred(&x - &y));
        let r = s.dot(&d) / (s.dot(&s) * d.dot(&d)).sqrt();
        let nf = n as f64;
        let statistic = |t: SigmaTest, a: i32, b: i32| sigma.test_by(t, a, b).unwrap().statistic;
        close("T2", statistic(SigmaTest::CarreeKlompRatio, 2000, 2010), -(nf - 2.5) * (1.0 - r * r).ln(), 1e-9, 1e-3);
        let t = statistic(SigmaTest::PitmanMorgan, 2000, 2010);
        close("Pitman-Morgan", t, r * ((nf - 2.0) / (1.0 - r * r)).sqrt(), 1e-9, 1e-3);
        close("the dates turned over", statistic(SigmaTest::PitmanMorgan, 2020, 2030), -t, 1e-9, 1e-3);
        let t1 = statistic(SigmaTest::Lichtenberg, 2000, 2010);
        close("T1", t1 * statistic(SigmaTest::Lichtenberg, 2020, 2030), 1.0, 1e-12, 0.0);
        prop_assert_eq!(t > 0.0, t1 > 1.0);
        // A T2 rises with |t|: both say the same of how far the variances are apart.
        close("T2 of t", statistic(SigmaTest::CarreeKlompRatio, 2000, 2010), (nf - 2.5) * (t * t / (nf - 2.0)).ln_1p(), 1e-9, 1e-3);
    }

    #[test]
    fn speeds_of_a_lag_model_come_from_its_impacts(map in any_map()) {
        let w = map.weights();
        let n = w.n();
        let (first, last) = levels(n, map.seed, -0.3);
        let table = Table::over(w.units()).column("first", first).unwrap().column("last", last).unwrap();
        let growth = Growth::of_columns(&table, "first", "last", 20.0).unwrap();
        let beta = BetaConvergence::fit(&growth, &growth.regression().spatial_lag(&w)).unwrap();
        let impacts = beta.regression().impacts().unwrap();
        let i = impacts.of("ln_initial").unwrap();
        for (speed, e) in [(beta.speed(), &i.direct), (beta.total_speed(), &i.total)] {
            let gap = 1.0 + 20.0 * e.value;
            let Ok(speed) = speed else {
                prop_assert!(gap <= 0.0);
                continue;
            };
            close("speed", speed.value(), -gap.ln() / 20.0, 1e-12, 1e-3);
            close("std error", speed.std_error(), e.std_error / gap, 1e-12, 0.0);
        }
    }
}
