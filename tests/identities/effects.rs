//! Effects of unit on unit, by order, by distance, by group and on large maps, beside dense matrices.

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::dense::inverse;
use crate::impacts::{Case, cases, direct, total};
use crate::maps::{Random, any_map, filter, lattice, matrix, nearest};

/// The derivatives of P with respect to b, theta and rho, and the covariance of the three, for a regressor.
struct Gradient {
    p: Array2<f64>,
    slopes: [Array2<f64>; 3],
    covariance: [[f64; 3]; 3],
}

impl Gradient {
    fn of(case: &Case, regressor: &str) -> Self {
        let (names, values) = case.parameters();
        let lagged = format!("W {regressor}");
        let at = [regressor, lagged.as_str(), "rho"].map(|n| names.iter().position(|m| m == n));
        let value = |k: usize| at[k].map_or(0.0, |i| values[i]);
        let n = case.w.nrows();
        let a = match at[2] {
            Some(_) => inverse(&filter(&case.w, value(2))),
            None => Array2::eye(n),
        };
        let av = a.dot(&case.v);
        let p = &a * value(0) + &(&av * value(1));
        let by_rho = a.dot(&case.w).dot(&p);
        let vcov = case.fit.vcov();
        let covariance = at.map(|i| {
            at.map(|j| match (i, j) {
                (Some(i), Some(j)) => vcov.between(&names[i], &names[j]).unwrap(),
                _ => 0.0,
            })
        });
        Self {
            p,
            slopes: [a, av, by_rho],
            covariance,
        }
    }

    /// Standard error of a linear function of P.
    fn std_error(&self, f: impl Fn(&Array2<f64>) -> f64) -> f64 {
        let g = self.slopes.each_ref().map(f);
        let mut variance = 0.0;
        for i in 0..3 {
            for j in 0..3 {
                variance += g[i] * g[j] * self.covariance[i][j];
            }
        }
        variance.max(0.0).sqrt()
    }

    #[track_caller]
    fn check(&self, what: &str, e: &Estimate, tolerance: f64, f: impl Fn(&Array2<f64>) -> f64) {
        let scale = self.p.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        close(what, e.value, f(&self.p), tolerance, scale);
        let se = self.std_error(&f);
        close(
            &format!("{what}, std error"),
            e.std_error,
            se,
            100.0 * tolerance,
            1e-3 * scale,
        );
    }
}

fn points(n: usize, seed: u64) -> Points {
    let mut random = Random::new(seed);
    Points::planar((0..n).map(|_| (random.uniform(), random.uniform()))).unwrap()
}

/// Mean over the receivers of what comes from units at a distance in [from, to).
fn ring(m: &Array2<f64>, points: &Points, receivers: &[usize], from: f64, to: f64) -> f64 {
    let mut sum = 0.0;
    for &i in receivers {
        for j in (0..m.nrows()).filter(|j| *j != i) {
            let d = points.distance(i, j).unwrap();
            if d >= from && d < to {
                sum += m[[i, j]];
            }
        }
    }
    sum / receivers.len() as f64
}

fn own(m: &Array2<f64>, receivers: &[usize]) -> f64 {
    receivers.iter().map(|i| m[[*i, *i]]).sum::<f64>() / receivers.len() as f64
}

proptest! {
    #![proptest_config(crate::cases(16))]

    #[test]
    fn rows_columns_and_own_effects(map in any_map()) {
        for case in cases(&map) {
            for regressor in case.fit.impacts().unwrap().all() {
                let impacts = case.fit.impacts().unwrap();
                let g = Gradient::of(&case, &regressor.name);
                let scale = g.p.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
                let by_unit = impacts.by_unit(&regressor.name).unwrap();
                for i in 0..g.p.nrows() {
                    close("own", by_unit.own[i], g.p[[i, i]], 1e-9, scale);
                }
                for i in [0, 7] {
                    let id = case.fit.units().id(i).unwrap().into_owned();
                    let row = impacts.row(&regressor.name, &id).unwrap();
                    let column = impacts.column(&regressor.name, &id).unwrap();
                    for j in 0..g.p.nrows() {
                        close("row", row.values[j], g.p[[i, j]], 1e-9, scale);
                        close("column", column.values[j], g.p[[j, i]], 1e-9, scale);
                        let se = |i: usize, j: usize| g.std_error(|m| m[[i, j]]);
                        close("row, std error", row.std_errors[j], se(i, j), 1e-7, 1e-3 * scale);
                        close("column, std error", column.std_errors[j], se(j, i), 1e-7, 1e-3 * scale);
                    }
                }
            }
        }
    }

    #[test]
    fn orders_sum_to_the_impacts(map in any_map()) {
        for case in cases(&map) {
            let rho = case.fit.rho().map_or(0.0, |r| r.value);
            for i in case.fit.impacts().unwrap().all() {
                let orders = case.fit.impacts().unwrap().by_order(&i.name, 5).unwrap();
                let (names, p) = case.parameters();
                let value = |name: &str| names.iter().position(|n| n == name).map_or(0.0, |i| p[i]);
                let (b, theta) = (value(&i.name), value(&format!("W {}", i.name)));
                let scale = i.total.value.abs().max(i.direct.value.abs());
                // rho^q W^q (b I + theta V) and its standard error by differences
                let part = |name: &[String], p: &Array1<f64>, q: i32| {
                    let value = |n: &str| name.iter().position(|m| m == n).map_or(0.0, |i| p[i]);
                    let (b, theta) = (value(&i.name), value(&format!("W {}", i.name)));
                    let local = Array2::<f64>::eye(case.w.nrows()) * b + &(&case.v * theta);
                    (0..q).fold(local, |m, _| case.w.dot(&m) * value("rho"))
                };
                let mut sums = [0.0; 3];
                for (q, order) in orders.all().iter().enumerate() {
                    prop_assert_eq!(&order.name, &q.to_string());
                    let m = part(&names, &p, q as i32);
                    close("direct", order.direct.value, direct(&m), 1e-9, scale);
                    close("total", order.total.value, total(&m), 1e-9, scale);
                    for (e, f) in [(&order.direct, direct as fn(&Array2<f64>) -> f64), (&order.total, total), (&order.indirect, |m| total(m) - direct(m))] {
                        let se = case.std_error(|n, p| f(&part(n, p, q as i32)));
                        close("std error of an order", e.std_error, se, 1e-6, 1e-3 * i.total.std_error.max(i.direct.std_error));
                    }
                    for (sum, e) in sums.iter_mut().zip([&order.direct, &order.indirect, &order.total]) {
                        *sum += e.value;
                    }
                }
                let rest = orders.remainder();
                for (sum, (left, all)) in sums.iter().zip([(&rest.direct, &i.direct), (&rest.indirect, &i.indirect), (&rest.total, &i.total)]) {
                    close("orders and remainder", sum + left.value, all.value, 1e-9, scale);
                    if rho == 0.0 {
                        close("nothing is left", left.value, 0.0, 0.0, 0.0);
                    }
                }
                let far = case.std_error(|n, p| {
                    total(&case.effects(&i.name, n, p)) - (0..=5).map(|q| total(&part(n, p, q))).sum::<f64>()
                });
                close("std error of the remainder", rest.total.std_error, far, 1e-5, 1e-2 * i.total.std_error);
                let _ = (b, theta);
            }
        }
    }

    #[test]
    fn rings_of_distance(map in any_map()) {
        for case in cases(&map) {
            let n = case.w.nrows();
            let points = points(n, map.seed).relabelled(case.fit.units()).unwrap();
            let impacts = case.fit.impacts().unwrap();
            let g = Gradient::of(&case, "x");
            let ends = [0.0, 0.2, 0.45, f64::INFINITY];
            let all: Vec<usize> = (0..n).collect();
            let some: Vec<usize> = (0..n).step_by(4).collect();
            let ids: Vec<String> = some.iter().map(|i| case.fit.units().id(*i).unwrap().into_owned()).collect();
            let everyone = impacts.by_distance("x", &points, &ends[1..3]).unwrap();
            let sample = impacts.by_distance_to("x", &points, &ends[1..3], &ids).unwrap();
            for (found, receivers) in [(&everyone, &all), (&sample, &some)] {
                prop_assert_eq!(found.receivers, receivers.len());
                g.check("own", &found.own, 1e-9, |m| own(m, receivers));
                for (k, r) in found.rings.iter().enumerate() {
                    prop_assert!(r.from.to_bits() == ends[k].to_bits() && r.to.to_bits() == ends[k + 1].to_bits());
                    g.check("ring", &r.effect, 1e-9, |m| ring(m, &points, receivers, ends[k], ends[k + 1]));
                }
            }
            let sum = everyone.own.value + everyone.rings.iter().map(|r| r.effect.value).sum::<f64>();
            let t = impacts.of("x").unwrap().total.value;
            close("own effect and rings", sum, t, 1e-10, everyone.own.value.abs());
        }
    }
}

/// A map of many units: y of a process with a lag, x and z.
fn large(w: &Weights, seed: u64) -> Table {
    let mut random = Random::new(seed);
    let n = w.n();
    let (x, z) = (random.normals(n), random.normals(n));
    let scale = w.admissible_interval().unwrap().1;
    let smooth = |v: Array1<f64>| -> Array1<f64> {
        let (mut sum, mut power) = (v.clone(), v);
        for _ in 0..30 {
            power = w.lag(&power).unwrap() * (0.5 * scale);
            sum += &power;
        }
        sum
    };
    // Without a constant, as one of the models is.
    let y = smooth(&x - &(&z * 0.5) + &random.normals(n));
    Table::over(w.units())
        .column("x", x)
        .unwrap()
        .column("z", z)
        .unwrap()
        .column("y", y)
        .unwrap()
}

fn check_large(w: &Weights, v: &Weights, seed: u64) {
    let table = large(w, seed);
    let base = || Regression::of("y").on(["x"]).spatial_lag(w);
    let mut regressions = vec![
        base().durbin(v).spatial_error(v),
        base(),
        base().durbin(v),
        base().durbin_of(["z"], v).without_intercept(),
    ];
    if w.n() > 1_000 {
        // Dense matrices of the test take their time.
        regressions.truncate(1);
    }
    for regression in regressions {
        let fit = regression
            .clone()
            .information(Information::Observed)
            .fit(&table)
            .unwrap_or_else(|e| panic!("{:?}, {} units: {e}", regression.model(), w.n()));
        let case = Case {
            fit,
            w: matrix(w),
            v: matrix(v),
        };
        let impacts = case.fit.impacts().unwrap();
        for i in impacts.all() {
            let g = Gradient::of(&case, &i.name);
            g.check("direct", &i.direct, 1e-10, direct);
            g.check("total", &i.total, 1e-10, total);
            g.check("indirect", &i.indirect, 1e-10, |m| total(m) - direct(m));
            let units = impacts.by_unit(&i.name).unwrap();
            for k in 0..w.n() {
                close("own", units.own[k], g.p[[k, k]], 1e-10, 1.0);
                close("received", units.received[k], g.p.row(k).sum(), 1e-10, 1.0);
                close("sent", units.sent[k], g.p.column(k).sum(), 1e-10, 1.0);
            }
            let labels: Vec<String> = (0..w.n()).map(|k| (k * k % 5).to_string()).collect();
            let blocks = impacts.between(&i.name, &labels).unwrap();
            for h in blocks.groups() {
                for s in blocks.groups() {
                    let size = labels.iter().filter(|l| *l == h).count() as f64;
                    g.check("block", blocks.effect(h, s).unwrap(), 1e-10, |m| {
                        let inside = |((a, b), _): &((usize, usize), &f64)| {
                            labels[*a] == *h && labels[*b] == *s
                        };
                        m.indexed_iter().filter(inside).map(|(_, v)| v).sum::<f64>() / size
                    });
                }
            }
        }
    }
}

#[test]
fn large_maps_equal_the_dense_inverse() {
    for n in [500, 1_100] {
        let w = lattice(n / 20, 20);
        let other = nearest(n, 4, 3).relabelled(w.units()).unwrap();
        let binary_far = other.islands_kept();
        check_large(&w.row_standardized().unwrap(), &binary_far, 1);
        // Asymmetric, not row-standardised, with an island.
        let cut: Vec<(usize, usize, f64)> = (0..n)
            .flat_map(|i| (0..n).map(move |j| (i, j)))
            .filter(|(i, j)| *i != 5 && *j != 5 && other.weight(*i, *j) > 0.0)
            .map(|(i, j)| (i, j, 0.5 + ((i * 7 + j) % 10) as f64 / 10.0))
            .collect();
        let cut = Weights::from_links_at(w.units(), cut)
            .unwrap()
            .islands_kept();
        check_large(&cut, &w.row_standardized().unwrap(), 2);
    }
}

fn columbus() -> (Table, Weights) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/columbus");
    let table = Table::csv(folder.join("columbus.csv"))
        .columns(["CRIME", "INC", "HOVAL"])
        .read()
        .unwrap();
    let links = Table::csv(folder.join("links_230.csv"))
        .columns(["i", "j"])
        .read()
        .unwrap();
    let (from, to) = (links.values("i").unwrap(), links.values("j").unwrap());
    let links = from
        .iter()
        .zip(to)
        .map(|(i, j)| (*i as usize - 1, *j as usize - 1, 1.0));
    let w = Weights::from_links_at(table.units(), links).unwrap();
    (table, w.row_standardized().unwrap())
}

// spatialreg 1.2-6: attr(impacts(lagsarlm(CRIME ~ INC + HOVAL, columbus, lw, control = list(tol.opt = 1e-12)), tr = trW(W, m = 50, type = "mult"), R = 200, Q = 6)$res, "Qres")
#[test]
fn orders_of_columbus_equal_those_of_spatialreg() {
    let (table, w) = columbus();
    let base = || Regression::of("CRIME").on(["INC", "HOVAL"]).spatial_lag(&w);
    let lag = base().fit(&table).unwrap().impacts().unwrap();
    let expected_direct = [
        [-1.073_533_436_298_469_9, -0.269_997_123_420_804_06],
        [0.0, 0.0],
        [-0.038_985_417_955_333_244, -0.009_804_958_418_054_58],
        [-0.005_269_654_894_637_372, -0.001_325_335_210_683_534],
        [-0.003_276_079_761_059_234_6, -0.000_823_944_631_508_604_4],
        [-0.000_862_919_651_359_876_9, -0.000_217_027_076_877_812_07],
    ];
    let expected_total = [
        [-1.073_533_436_298_469_9, -0.269_997_123_420_804_06],
        [-0.433_589_108_342_462_84, -0.109_049_059_899_526_47],
        [-0.175_122_179_260_137_46, -0.044_043_793_186_776_68],
        [-0.070_730_046_209_088_14, -0.017_788_834_860_812_768],
        [-0.028_567_137_856_983_605, -0.007_184_727_354_506_639],
        [-0.011_537_973_026_731_14, -0.002_901_837_448_179_979],
    ];
    compare_orders(&lag, &expected_direct, &expected_total);
    let sdm = base().durbin(&w).fit(&table).unwrap().impacts().unwrap();
    compare_orders(&sdm, &SDM_DIRECT, &SDM_TOTAL);
}

fn compare_orders(
    impacts: &Impacts,
    expected_direct: &[[f64; 2]; 6],
    expected_total: &[[f64; 2]; 6],
) {
    for (k, name) in ["INC", "HOVAL"].iter().enumerate() {
        let orders = impacts.by_order(name, 5).unwrap();
        let scale = impacts.of(name).unwrap().direct.value.abs();
        for (q, order) in orders.all().iter().enumerate() {
            close(
                "direct",
                order.direct.value,
                expected_direct[q][k],
                1e-6,
                1e-3 * scale,
            );
            close(
                "total",
                order.total.value,
                expected_total[q][k],
                1e-6,
                1e-3 * scale,
            );
        }
    }
}

// The same of lagsarlm(…, Durbin = TRUE).
const SDM_DIRECT: [[f64; 2]; 6] = [
    [-0.939_087_972_745_529_9, -0.299_605_421_234_924],
    [-0.052_656_431_447_140_47, 0.022_703_011_797_882_1],
    [-0.037_328_257_661_937_34, -0.006_852_313_111_907_14],
    [-0.007_884_378_122_464_574, 0.000_461_913_539_003_164],
    [-0.003_295_435_626_965_075, -0.000_308_661_376_982_161],
    [-0.000_988_812_822_008_964, -0.000_005_101_687_685_025_74],
];
const SDM_TOTAL: [[f64; 2]; 6] = [
    [-1.557_462_904_130_354, -0.032_990_822_088_809_435],
    [-0.595_739_255_142_824_3, -0.012_619_194_797_908_203],
    [-0.227_873_973_227_180_5, -0.004_826_920_557_447_08],
    [-0.087_163_213_144_134_3, -0.001_846_327_158_034_471],
    [-0.033_340_471_568_622_2, -0.000_706_231_630_275_39],
    [-0.012_752_937_900_304, -0.000_270_137_994_467_026],
];
