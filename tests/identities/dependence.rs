//! Moran's I, its tests, and the Lagrange multiplier tests.

use ndarray::Array1;
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::dense::least_squares;
use crate::maps::{any_map, matrix, sample};

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn sarma_is_the_sum_either_way(map in any_map()) {
        let w = map.weights();
        let table = sample(&w, &mut map.random(), 0.3);
        let ols = Regression::of("y").on(["x", "z"]).fit(&table).unwrap();
        let t = ols.lm_tests(&w).unwrap();
        let sarma = t.sarma.statistic;
        close("lag + robust error", t.lag.statistic + t.robust_error.statistic, sarma, 1e-9, 1e-3);
        close("error + robust lag", t.error.statistic + t.robust_lag.statistic, sarma, 1e-9, 1e-3);
        for test in t.all() {
            prop_assert!(test.statistic >= 0.0 && (0.0..=1.0).contains(&test.p_value));
        }
    }

    #[test]
    fn lm_tests_equal_their_dense_formulae(map in any_map()) {
        let w = map.weights();
        let table = sample(&w, &mut map.random(), 0.3);
        let ols = Regression::of("y").on(["x", "z"]).fit(&table).unwrap();
        let t = ols.lm_tests(&w).unwrap();
        let (d, n) = (matrix(&w), table.len());
        let y = table.values("y").unwrap().to_owned();
        let mut x = ndarray::Array2::ones((n, 3));
        x.column_mut(1).assign(&table.values("x").unwrap());
        x.column_mut(2).assign(&table.values("z").unwrap());
        let (b, e) = least_squares(&x, &y);
        let s2 = e.dot(&e) / n as f64;
        let t_w = (d.dot(&d) + d.t().dot(&d)).diag().sum();
        let left = least_squares(&x, &d.dot(&x.dot(&b))).1;
        let nj = left.dot(&left) / s2 + t_w;
        let (we, wy) = (e.dot(&d.dot(&e)) / s2, e.dot(&d.dot(&y)) / s2);
        close("error", t.error.statistic, we * we / t_w, 1e-9, 1e-3);
        close("lag", t.lag.statistic, wy * wy / nj, 1e-9, 1e-3);
        close("robust lag", t.robust_lag.statistic, (wy - we).powi(2) / (nj - t_w), 1e-9, 1e-3);
        let robust = (we - t_w / nj * wy).powi(2) / (t_w * (1.0 - t_w / nj));
        close("robust error", t.robust_error.statistic, robust, 1e-9, 1e-3);
    }

    #[test]
    fn moran_does_not_feel_an_affine_map(map in any_map(), scale in 0.01_f64..100.0, shift in -50.0_f64..50.0) {
        let w = map.weights();
        let x = map.random().normals(w.n());
        for slope in [scale, -scale] {
            let (a, b) = (Moran::of(&x, &w).unwrap(), Moran::of(&(&x * slope + shift), &w).unwrap());
            close("I", b.i(), a.i(), 1e-9, 0.01);
            for assumption in [Assumption::Normality, Assumption::Randomization] {
                close("variance", b.variance(assumption).unwrap(), a.variance(assumption).unwrap(), 1e-8, 0.0);
                let p = |m: &Moran| m.test(assumption, Alternative::TwoSided).unwrap().p_value;
                close("p", p(&b), p(&a), 1e-6, 1e-3);
                prop_assert!((0.0..=1.0).contains(&p(&a)));
            }
            let by = Permutations::new(99).seed(map.seed);
            let test = |m: &Moran| m.permutation(by).unwrap();
            prop_assert_eq!(test(&a).at_least(), test(&b).at_least());
            prop_assert_eq!(test(&a).at_most(), test(&b).at_most());
        }
    }

    #[test]
    fn permutation_p_values_keep_their_bounds(map in any_map(), values in 2_usize..4) {
        let w = map.weights();
        // Few different values: many ties.
        let mut random = map.random();
        let x: Array1<f64> = (0..w.n()).map(|i| if i < values { i as f64 } else { random.below(values) as f64 }).collect();
        let test = Moran::of(&x, &w).unwrap().permutation(Permutations::new(199).seed(map.seed)).unwrap();
        let p = |a: Alternative| test.p_value(a);
        let (up, low, both) = (p(Alternative::Greater), p(Alternative::Less), p(Alternative::TwoSided));
        prop_assert!([up, low].iter().all(|p| (1.0 / 200.0..=1.0).contains(p)));
        prop_assert!(both <= 1.0);
        close("two-sided", both, (2.0 * up.min(low)).min(1.0), 1e-14, 0.0);
        prop_assert!(test.at_least() + test.at_most() >= 199);
    }

    #[test]
    fn local_morans_sum_to_the_global_one(map in any_map()) {
        let w = map.weights();
        let x = map.random().normals(w.n());
        let local = LocalMoran::of(&x, &w, Permutations::new(99)).unwrap();
        let global = Moran::of(&x, &w).unwrap().i();
        close("sum", local.i().sum(), w.constants().s0 * global, 1e-10, 1.0);
        let raw = local.p_values();
        let [fdr, bonferroni, holm] = [Adjustment::Fdr, Adjustment::Bonferroni, Adjustment::Holm].map(|a| local.adjusted(a));
        for i in 0..w.n() {
            // An island has no test.
            if raw[i].is_nan() {
                continue;
            }
            // A last digit may be lost in p m / m.
            let chain = [raw[i], fdr[i], holm[i], bonferroni[i], 1.0];
            prop_assert!(chain.windows(2).all(|c| c[0] <= c[1] * (1.0 + 1e-14)));
        }
    }

    #[test]
    fn adjusted_p_values_equal_their_definitions(p in prop::collection::vec(0.0_f64..=1.0, 1..40)) {
        let m = p.len() as f64;
        // Benjamini and Hochberg: the smallest of p_(k) m / k over the ranks k not below one's own.
        let fdr = |i: usize| {
            p.iter().filter(|&&q| q >= p[i]).map(|&q| q * m / p.iter().filter(|&&r| r <= q).count() as f64).fold(1.0, f64::min)
        };
        // Holm: the largest of (m - k + 1) p_(k) over the ranks k not above one's own.
        let holm = |i: usize| {
            p.iter().filter(|&&q| q <= p[i]).map(|&q| q * (m - p.iter().filter(|&&r| r < q).count() as f64)).fold(0.0, f64::max).min(1.0)
        };
        let [f, b, h] = [Adjustment::Fdr, Adjustment::Bonferroni, Adjustment::Holm].map(|a| a.adjust(&p));
        for i in 0..p.len() {
            close("FDR", f[i], fdr(i), 1e-12, 0.0);
            close("Holm", h[i], holm(i), 1e-12, 0.0);
            close("Bonferroni", b[i], (p[i] * m).min(1.0), 1e-12, 0.0);
        }
    }
}
