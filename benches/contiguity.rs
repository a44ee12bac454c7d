//! Contiguity at sizes: lattices of unit squares row by row, and irregular cells in random order.
//!
//! `cargo bench --bench contiguity` · the regions are in memory; the number of links stands beside the time, so that speed is never
//! bought with links. One thread: `RAYON_NUM_THREADS=1`.

use divan::Bencher;
use divan::counter::ItemsCount;
use geo::{LineString, MultiPolygon, Polygon};
use spatialecon::{Coordinates, Regions, Units, Weights};

const SIDES: [usize; 4] = [100, 316, 700, 1000];

fn main() {
    for side in SIDES {
        for (name, map) in [("lattice", lattice(side)), ("cells", cells(side))] {
            let queen = Weights::queen(&map).unwrap().links();
            let rook = Weights::rook(&map).unwrap().links();
            println!("{name} {side} x {side}: {queen} queen links, {rook} rook links");
        }
    }
    divan::main();
}

fn regions(rings: impl Iterator<Item = Vec<(f64, f64)>>) -> Regions {
    let polygons: Vec<MultiPolygon<f64>> = rings
        .map(|ring| Polygon::new(LineString::from(ring), Vec::new()).into())
        .collect();
    let units = Units::range(polygons.len());
    Regions::from_polygons(&units, Coordinates::Planar, polygons).unwrap()
}

/// Unit squares, row by row.
fn lattice(side: usize) -> Regions {
    regions((0..side * side).map(|k| {
        let (x, y) = ((k % side) as f64, (k / side) as f64);
        vec![(x, y), (x + 1.0, y), (x + 1.0, y + 1.0), (x, y + 1.0)]
    }))
}

/// A honeycomb with displaced corners, three cells round each, as in a Voronoi diagram; the cells in random order.
fn cells(side: usize) -> Regions {
    let mut state = 7_u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    // rows of bricks two corners wide, every other row shifted by one corner
    let columns = 2 * side + 2;
    let corners: Vec<(f64, f64)> = (0..columns * (side + 1))
        .map(|k| {
            let (x, y) = ((k % columns) as f64, (k / columns) as f64);
            (x + 0.4 * random(), 2.0 * y + 0.8 * random())
        })
        .collect();
    let mut order: Vec<usize> = (0..side * side).collect();
    for k in (1..order.len()).rev() {
        order.swap(k, (random() * (k + 1) as f64) as usize);
    }
    regions(order.into_iter().map(|k| {
        let (c, r) = (2 * (k % side) + (k / side) % 2, k / side);
        let below = (c..c + 3).map(|x| corners[r * columns + x]);
        let above = (c..c + 3).rev().map(|x| corners[(r + 1) * columns + x]);
        below.chain(above).collect()
    }))
}

fn bench(bencher: Bencher<'_, '_>, map: &Regions, build: fn(&Regions) -> Weights) {
    bencher
        .counter(ItemsCount::new(map.len()))
        .bench_local(|| build(map));
}

#[divan::bench(args = SIDES, sample_count = 7, sample_size = 1)]
fn queen_of_lattice(bencher: Bencher<'_, '_>, side: usize) {
    bench(bencher, &lattice(side), |map| Weights::queen(map).unwrap());
}

#[divan::bench(args = SIDES, sample_count = 7, sample_size = 1)]
fn queen_of_cells(bencher: Bencher<'_, '_>, side: usize) {
    bench(bencher, &cells(side), |map| Weights::queen(map).unwrap());
}

#[divan::bench(args = SIDES, sample_count = 7, sample_size = 1)]
fn rook_of_lattice(bencher: Bencher<'_, '_>, side: usize) {
    bench(bencher, &lattice(side), |map| Weights::rook(map).unwrap());
}

#[divan::bench(args = SIDES, sample_count = 7, sample_size = 1)]
fn rook_of_cells(bencher: Bencher<'_, '_>, side: usize) {
    bench(bencher, &cells(side), |map| Weights::rook(map).unwrap());
}
