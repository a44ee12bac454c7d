//! Permutation tests at sizes: 999 permutations on a row-standardised queen lattice, as exploratory spatial statistics take them.
//!
//! `cargo bench --bench permutations` · on one thread with `RAYON_NUM_THREADS=1`; the statistics and the numbers of significant units
//! stand beside the times, so that speed is never bought with accuracy.

use divan::Bencher;
use ndarray::Array1;
use spatialecon::{
    Alternative, Geary, Lattice, LocalGeary, LocalMoran, Moran, Permutations, Weights,
};

const SIDES: [usize; 4] = [32, 100, 316, 1000];

fn main() {
    for side in SIDES {
        let (w, x) = data(side);
        let p = Permutations::new(999).seed(1);
        let moran = Moran::of(&x, &w).unwrap();
        let test = moran.permutation(p).unwrap();
        let local = LocalMoran::of(&x, &w, p).unwrap();
        println!(
            "n = {}: I = {:.8}, p = {:.3}; sum of local I {:.6}, {} units with p <= 0.05",
            w.n(),
            moran.i(),
            test.p_value(Alternative::TwoSided),
            local.i().sum(),
            local.p_values().iter().filter(|&&p| p <= 0.05).count()
        );
    }
    divan::main();
}

/// The lattice and a variable without regularity: sin(1.7 i²), smoothed once so that it is autocorrelated.
fn data(side: usize) -> (Weights, Array1<f64>) {
    let w = Weights::lattice(Lattice::queen(side, side)).unwrap();
    let w = w.row_standardized().unwrap();
    let x = Array1::from_shape_fn(w.n(), |i| (1.7 * (i as f64).powi(2)).sin());
    let x = &x + &(w.lag(&x).unwrap() * 0.5);
    (w, x)
}

/// The same lattice with weights that differ within rows.
fn uneven(w: &Weights) -> Weights {
    let links = (0..w.n()).flat_map(|i| {
        w.neighbours(i)
            .map(move |(j, _)| (i, j, 1.0 + ((i + 3 * j) % 7) as f64))
    });
    Weights::from_links_at(w.units(), links).unwrap()
}

#[divan::bench(args = SIDES, sample_count = 3, sample_size = 1)]
fn moran(bencher: Bencher<'_, '_>, side: usize) {
    let (w, x) = data(side);
    bencher.bench_local(|| {
        let moran = Moran::of(&x, &w).unwrap();
        moran.permutation(Permutations::new(999)).unwrap()
    });
}

#[divan::bench(args = SIDES, sample_count = 3, sample_size = 1)]
fn geary(bencher: Bencher<'_, '_>, side: usize) {
    let (w, x) = data(side);
    bencher.bench_local(|| {
        let geary = Geary::of(&x, &w).unwrap();
        geary.permutation(Permutations::new(999)).unwrap()
    });
}

#[divan::bench(args = SIDES, sample_count = 5, sample_size = 1)]
fn local_moran(bencher: Bencher<'_, '_>, side: usize) {
    let (w, x) = data(side);
    bencher.bench_local(|| LocalMoran::of(&x, &w, Permutations::new(999)).unwrap());
}

#[divan::bench(args = SIDES, sample_count = 3, sample_size = 1)]
fn local_moran_of_unequal_weights(bencher: Bencher<'_, '_>, side: usize) {
    let (w, x) = data(side);
    let w = uneven(&w);
    bencher.bench_local(|| LocalMoran::of(&x, &w, Permutations::new(999)).unwrap());
}

#[divan::bench(args = SIDES, sample_count = 3, sample_size = 1)]
fn local_geary(bencher: Bencher<'_, '_>, side: usize) {
    let (w, x) = data(side);
    bencher.bench_local(|| LocalGeary::of(&x, &w, Permutations::new(999)).unwrap());
}

#[divan::bench(args = [32, 100, 316], sample_count = 3, sample_size = 1)]
fn local_moran_by_draws_of_each_unit(bencher: Bencher<'_, '_>, side: usize) {
    let (w, x) = data(side);
    let p = Permutations::new(999).independent();
    bencher.bench_local(|| LocalMoran::of(&x, &w, p).unwrap());
}
