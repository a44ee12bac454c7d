//! Coverage of the intervals of speeds and half-lives in simulated samples.
//!
//! ```text
//! cargo test --release --test speeds -- --ignored --nocapture coverage
//! ```

use ndarray::Array1;
use rayon::prelude::*;
use spatialecon::*;

use crate::Random;

const SPAN: f64 = 20.0;

/// A sample of n = rows × columns units with the own speed given: ln y_0 with mean 9.5 and sd 0.6, errors of mean annual growth with sd 0.01.
struct World {
    w: Weights,
    /// (I - rho W)^-1, dense; none for OLS.
    inverse: Option<Vec<Array1<f64>>>,
    b: f64,
    first: Array1<f64>,
}

impl World {
    fn new((rows, columns): (usize, usize), rho: f64, speed: f64) -> Self {
        let w = Weights::lattice(Lattice::rook(rows, columns)).unwrap();
        let w = w.row_standardized().unwrap();
        let n = w.n();
        let mut random = Random(99);
        let first = random.normals(n);
        let mean = first.sum() / n as f64;
        let first = first.mapv(|v| v - mean);
        let sd = (first.dot(&first) / n as f64).sqrt();
        let direct = ((-speed * SPAN).exp() - 1.0) / SPAN;
        let inverse = (rho != 0.0).then(|| {
            let column = |j: usize| {
                let mut unit = Array1::zeros(n);
                unit[j] = 1.0;
                let mut x: Array1<f64> = Array1::zeros(n);
                for _ in 0..200 {
                    x = &unit + w.lag(&x).unwrap() * rho;
                }
                x
            };
            (0..n).map(column).collect::<Vec<_>>()
        });
        let own = inverse.as_ref().map_or(1.0, |s| {
            s.iter().enumerate().map(|(i, c)| c[i]).sum::<f64>() / n as f64
        });
        Self {
            w,
            inverse,
            b: direct / own,
            first: first.mapv(|v| 9.5 + 0.6 * v / sd),
        }
    }

    fn sample(&self, seed: u64) -> BetaConvergence {
        let mut random = Random(seed);
        let e = random.normals(self.w.n()) * 0.01;
        let mean = self.first.mapv(|x| 0.25 + self.b * x) + e;
        let growth = match &self.inverse {
            None => mean,
            Some(s) => s
                .iter()
                .zip(&mean)
                .map(|(c, m)| c * *m)
                .fold(Array1::zeros(mean.len()), |sum: Array1<f64>, c| sum + c),
        };
        let table = Table::over(self.w.units())
            .column("y0", self.first.mapv(f64::exp))
            .unwrap()
            .column("y1", (&self.first + &(growth * SPAN)).mapv(f64::exp))
            .unwrap();
        let growth = Growth::of_columns(&table, "y0", "y1", SPAN).unwrap();
        let spec = match &self.inverse {
            None => growth.regression(),
            Some(_) => growth.regression().spatial_lag(&self.w),
        };
        BetaConvergence::fit(&growth, &spec).unwrap()
    }
}

/// Whether the true own speed (and half-life) lies in: delta, percentile, studentised; half-life turned over (none where the estimate is not
/// positive), half-life ± z se.
fn covered(
    beta: &BetaConvergence,
    speed: f64,
    draws: usize,
    seed: u64,
) -> Option<[Option<bool>; 5]> {
    let own = beta.speed().ok()?;
    let bootstrap = beta.bootstrap(Draws::new(draws).seed(seed)).unwrap();
    let bootstrap = bootstrap.own();
    let holds = |(low, high): (f64, f64), x: f64| Some(low <= x && x <= high);
    let years = 2.0_f64.ln() / speed;
    let half_life = own.half_life().ok();
    let symmetric = |h: &HalfLife| {
        let half = h.distribution().quantile(0.975) * h.std_error();
        (h.years() - half, h.years() + half)
    };
    Some([
        holds(own.estimate().interval(0.95), speed),
        holds(bootstrap.interval(0.95), speed),
        bootstrap
            .studentized(0.95)
            .ok()
            .and_then(|i| holds(i, speed)),
        half_life
            .as_ref()
            .and_then(|h| holds(h.interval(0.95), years)),
        half_life.as_ref().and_then(|h| holds(symmetric(h), years)),
    ])
}

fn row(side: (usize, usize), rho: f64, speed: f64, samples: usize, draws: usize) -> [f64; 5] {
    let world = World::new(side, rho, speed);
    let all: Vec<_> = (0..samples as u64)
        .into_par_iter()
        .map(|s| covered(&world.sample(s * 7919 + 17), speed, draws, s))
        .collect();
    let share = |i: usize| {
        let known: Vec<bool> = all.iter().flatten().filter_map(|c| c[i]).collect();
        let held = known.iter().filter(|h| **h).count() as f64 / known.len() as f64;
        (held, known.len())
    };
    let cells: Vec<String> = (0..5)
        .map(|i| match share(i) {
            (held, of) if of == samples => format!("{held:.3}"),
            (held, of) => format!("{held:.3} of {of}"),
        })
        .collect();
    let model = if rho == 0.0 { "OLS" } else { "SAR" };
    println!(
        "| {model} | {} | {speed} | {} | {samples} | {draws} |",
        world.w.n(),
        cells.join(" | ")
    );
    [0, 1, 2, 3, 4].map(|i| share(i).0)
}

/// A small run: OLS of 21 units, where the delta method and bootstrap t are near their level (0.95, Monte-Carlo error 0.011).
#[test]
fn intervals_hold_the_speed() {
    let [delta, percentile, studentized, ..] = row((3, 7), 0.0, 0.02, 400, 199);
    for (what, share) in [
        ("delta", delta),
        ("percentile", percentile),
        ("studentised", studentized),
    ] {
        assert!((share - 0.945).abs() < 0.045, "{what}: {share}");
    }
}

#[test]
#[ignore = "some minutes; command in the header"]
fn coverage() {
    println!(
        "| model | n | speed | delta | percentile | studentised | half-life, turned over | half-life ± t se | samples | draws |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (rho, plans) in [
        (0.0, [((3, 7), 2_000, 399), ((10, 10), 2_000, 399)]),
        (0.4, [((3, 7), 2_000, 199), ((10, 10), 500, 199)]),
    ] {
        for (side, samples, draws) in plans {
            for speed in [0.005, 0.02] {
                row(side, rho, speed, samples, draws);
            }
        }
    }
}
