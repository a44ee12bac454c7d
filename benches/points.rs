//! Neighbours of points at sizes, and the spatial lag: uniform points on the unit square, some ten neighbours each.
//!
//! `cargo bench --bench points` · on one thread with `RAYON_NUM_THREADS=1`; the numbers of links and the sums of the neighbours'
//! positions stand beside the times, so that speed is never bought with accuracy.

use std::f64::consts::PI;

use divan::Bencher;
use ndarray::Array1;
use spatialecon::{Points, Weights};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

fn main() {
    for n in SIZES {
        let points = sample(n);
        for w in [
            Weights::k_nearest(&points, 8).unwrap(),
            Weights::distance_band(&points, radius(n)).unwrap(),
        ] {
            let neighbours = (0..n).flat_map(|i| w.neighbours(i).map(|l| l.0));
            let sum: usize = neighbours.sum();
            println!(
                "n = {n}: {}, {} links, positions sum to {sum}",
                w.built(),
                w.links()
            );
        }
    }
    divan::main();
}

/// Uniform points of a fixed stream (xorshift).
fn sample(n: usize) -> Points {
    let mut state = 88_172_645_463_325_252_u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    Points::planar((0..n).map(|_| (uniform(), uniform()))).unwrap()
}

/// Ten neighbours a unit, but for the edge.
fn radius(n: usize) -> f64 {
    (10.0 / (PI * n as f64)).sqrt()
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn eight_nearest(bencher: Bencher<'_, '_>, n: usize) {
    let points = sample(n);
    bencher.bench_local(|| Weights::k_nearest(&points, 8).unwrap().links());
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn distance_band(bencher: Bencher<'_, '_>, n: usize) {
    let points = sample(n);
    bencher.bench_local(|| Weights::distance_band(&points, radius(n)).unwrap().links());
}

/// Of a lattice of queen neighbours, whose units lie row by row, and with row-standardised weights.
#[divan::bench(args = [100, 316, 1000], sample_count = 20)]
fn lag_on_lattice(bencher: Bencher<'_, '_>, side: usize) {
    let at = |i: usize| ((i % side) as f64, (i / side) as f64);
    let points = Points::planar((0..side * side).map(at)).unwrap();
    // 1.5 reaches the diagonal neighbours
    let w = Weights::distance_band(&points, 1.5).unwrap();
    let w = w.row_standardized().unwrap();
    let x = Array1::from_shape_fn(w.n(), |i| (1.7 * i as f64).sin());
    bencher.bench_local(|| w.lag(&x).unwrap());
}
