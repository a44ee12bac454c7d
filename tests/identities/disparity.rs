//! Gini, Theil and the mean logarithmic deviation: invariances, the transfer principle, decompositions.

use ndarray::Array1;
use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::maps::Random;

type Weighted = fn(&Array1<f64>, &Array1<f64>) -> f64;
type Plain = fn(&Array1<f64>) -> f64;

/// The relative measures, each over units and over persons.
fn measures() -> [(&'static str, Plain, Weighted); 4] {
    [
        (
            "Gini",
            |x| gini(x).unwrap(),
            |x, p| gini_weighted(x, p).unwrap(),
        ),
        (
            "Theil",
            |x| theil(x).unwrap(),
            |x, p| theil_weighted(x, p).unwrap(),
        ),
        (
            "L",
            |x| mean_log_deviation(x).unwrap(),
            |x, p| mean_log_deviation_weighted(x, p).unwrap(),
        ),
        (
            "CV",
            |x| coefficient_of_variation(x, Ddof::Population).unwrap(),
            |x, p| williamson(x, p).unwrap(),
        ),
    ]
}

/// Incomes per head and people of n units.
fn incomes(n: usize, seed: u64) -> (Array1<f64>, Array1<f64>) {
    let mut random = Random::new(seed);
    let x = (0..n).map(|_| (0.7 * random.normal()).exp()).collect();
    let p = (0..n).map(|_| 0.1 + random.uniform()).collect();
    (x, p)
}

/// Dagum's within, net between and transvariation parts over groups 0..3, by double sums.
fn dagum(x: &Array1<f64>, f: &Array1<f64>, group: &[usize]) -> [f64; 3] {
    let of = |j: usize| (0..x.len()).filter(|&i| group[i] == j).collect::<Vec<_>>();
    let all: f64 = f.sum();
    let income = x.dot(f);
    let share = |j: usize| of(j).iter().map(|&i| f[i]).sum::<f64>();
    let total = |j: usize| of(j).iter().map(|&i| f[i] * x[i]).sum::<f64>();
    let mean = |j: usize| total(j) / share(j);
    let expect = |j: usize, h: usize, g: &dyn Fn(f64) -> f64| {
        let mut sum = 0.0;
        for &a in &of(j) {
            for &b in &of(h) {
                sum += f[a] * f[b] * g(x[a] - x[b]);
            }
        }
        sum / (share(j) * share(h))
    };
    let mut parts = [0.0; 3];
    for j in 0..3 {
        for h in 0..3 {
            let g = expect(j, h, &f64::abs) / (mean(j) + mean(h));
            let weight = share(j) / all * total(h) / income;
            if j == h {
                parts[0] += g * weight;
            } else {
                let (rich, poor) = if mean(j) > mean(h) { (j, h) } else { (h, j) };
                let d = expect(rich, poor, &|v| v.max(0.0));
                let p = expect(rich, poor, &|v| (-v).max(0.0));
                let distance = (d - p) / (d + p);
                parts[1] += g * weight * distance;
                parts[2] += g * weight * (1.0 - distance);
            }
        }
    }
    parts
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn scale_and_replication_do_not_matter(n in 3_usize..30, seed: u64, scale in 1e-3_f64..1e3, copies in 2_usize..4) {
        let (x, p) = incomes(n, seed);
        let repeat = |v: &Array1<f64>| -> Array1<f64> { (0..copies * n).map(|i| v[i % n]).collect() };
        for (name, plain, weighted) in measures() {
            close(name, plain(&(&x * scale)), plain(&x), 1e-11, 1e-3);
            close(name, weighted(&(&x * scale), &(&p / scale)), weighted(&x, &p), 1e-11, 1e-3);
            close(name, plain(&repeat(&x)), plain(&x), 1e-11, 1e-3);
            close(name, weighted(&repeat(&x), &repeat(&p)), weighted(&x, &p), 1e-11, 1e-3);
            close(name, weighted(&x, &Array1::from_elem(n, scale)), plain(&x), 1e-11, 1e-3);
        }
    }

    #[test]
    fn a_transfer_from_rich_to_poor_lowers_inequality(n in 3_usize..30, seed: u64, share in 0.01_f64..0.49) {
        let (x, p) = incomes(n, seed);
        let mut random = Random::new(seed ^ 1);
        let (a, b) = (random.below(n), random.below(n));
        prop_assume!((x[a] - x[b]).abs() > 1e-3);
        let (rich, poor) = if x[a] > x[b] { (a, b) } else { (b, a) };
        let mut after = x.clone();
        after[rich] -= share * (x[rich] - x[poor]);
        after[poor] += share * (x[rich] - x[poor]);
        // The same money from the people of one unit to those of the other, the order kept.
        let mut weighted_after = x.clone();
        let moved = share * (x[rich] - x[poor]) * p[rich].min(p[poor]);
        weighted_after[rich] -= moved / p[rich];
        weighted_after[poor] += moved / p[poor];
        for (name, plain, weighted) in measures() {
            prop_assert!(plain(&after) < plain(&x), "{}", name);
            prop_assert!(weighted(&weighted_after, &p) < weighted(&x, &p), "{}", name);
        }
    }

    #[test]
    fn parts_add_up(n in 6_usize..30, seed: u64) {
        let (x, p) = incomes(n, seed);
        let mut random = Random::new(seed ^ 2);
        let group: Vec<usize> = (0..n).map(|i| if i < 6 { i / 2 } else { random.below(3) }).collect();
        let pick = |v: &Array1<f64>, g: usize| -> Array1<f64> { (0..n).filter(|&i| group[i] == g).map(|i| v[i]).collect() };
        let people: Array1<f64> = (0..3).map(|g| pick(&p, g).sum()).collect();
        let means: Array1<f64> = (0..3).map(|g| pick(&x, g).dot(&pick(&p, g)) / people[g]).collect();
        let (all, income) = (people.sum(), x.dot(&p));
        let within = |weighted: Weighted, weight: &dyn Fn(usize) -> f64| (0..3).map(|g| weight(g) * weighted(&pick(&x, g), &pick(&p, g))).sum::<f64>();
        let [(_, _, gini), (_, _, theil), (_, _, l), _] = measures();
        let t = within(theil, &|g| means[g] * people[g] / income) + theil(&means, &people);
        close("Theil", theil(&x, &p), t, 1e-11, 1e-3);
        close("L", l(&x, &p), within(l, &|g| people[g] / all) + l(&means, &people), 1e-11, 1e-3);
        let [w, nb, t] = dagum(&x, &p, &group);
        close("Dagum", gini(&x, &p), w + nb + t, 1e-11, 1e-3);
        close("Gini of the means", gini(&means, &people), nb, 1e-10, 1e-3);
    }

    #[test]
    fn bounds(n in 3_usize..30, seed: u64) {
        let (x, _) = incomes(n, seed);
        let g = gini(&x).unwrap();
        prop_assert!(g >= 0.0 && g <= 1.0 - 1.0 / n as f64);
        let t = theil(&x).unwrap();
        prop_assert!(t >= 0.0 && t <= (n as f64).ln());
        // The sd of logs does not feel the unit of money, and n - 1 makes it larger by a known factor.
        let (population, sample) = (sd_of_logs(&x, Ddof::Population).unwrap(), sd_of_logs(&x, Ddof::Sample).unwrap());
        close("ddof", sample, population * (n as f64 / (n as f64 - 1.0)).sqrt(), 1e-12, 0.0);
        close("money", sd_of_logs(&(&x * 1e4), Ddof::Sample).unwrap(), sample, 1e-11, 0.1);
    }
}
