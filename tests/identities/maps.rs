//! Random maps, weights and data.

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use spatialecon::{Error, Fit, Lattice, Note, Points, Regression, Table, Units, Weights};

use crate::dense::eliminate;

/// Splitmix64, with normal deviates by Box and Muller.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        let (u, v) = (self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    pub fn normals(&mut self, n: usize) -> Array1<f64> {
        (0..n).map(|_| self.normal()).collect()
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// Positions 0..n in random order.
    pub fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A lattice with some units deleted: islands may arise.
    Lattice,
    /// Nearest neighbours of random points: asymmetric.
    Nearest,
    /// Weighted links in both directions with the same weight.
    Symmetric,
    /// Weighted links, each direction on its own.
    Asymmetric,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    Raw,
    Row,
    Spectral,
    MinMax,
}

/// A recipe for a map: printed by proptest where a law fails.
#[derive(Debug, Clone)]
pub struct Map {
    pub kind: Kind,
    pub scale: Scale,
    pub n: usize,
    pub seed: u64,
}

const KINDS: [Kind; 4] = [
    Kind::Lattice,
    Kind::Nearest,
    Kind::Symmetric,
    Kind::Asymmetric,
];
const SCALES: [Scale; 4] = [Scale::Raw, Scale::Row, Scale::Spectral, Scale::MinMax];

pub fn any_map() -> impl Strategy<Value = Map> {
    (
        prop::sample::select(&KINDS[..]),
        prop::sample::select(&SCALES[..]),
        14_usize..30,
        any::<u64>(),
    )
        .prop_map(|(kind, scale, n, seed)| Map {
            kind,
            scale,
            n,
            seed,
        })
}

/// The rook lattice of rows × columns.
pub fn lattice(rows: usize, columns: usize) -> Weights {
    Weights::lattice(Lattice::rook(rows, columns)).unwrap()
}

pub fn nearest(n: usize, k: usize, seed: u64) -> Weights {
    let mut random = Random::new(seed);
    let points: Vec<(f64, f64)> = (0..n)
        .map(|_| (random.uniform(), random.uniform()))
        .collect();
    Weights::k_nearest(&Points::planar(points).unwrap(), k).unwrap()
}

impl Map {
    pub fn random(&self) -> Random {
        Random::new(self.seed ^ 0x5eed)
    }

    /// The weights before they are scaled, islands kept.
    pub fn raw(&self) -> Weights {
        let mut random = Random::new(self.seed);
        let n = self.n;
        match self.kind {
            Kind::Nearest => nearest(n, 2 + random.below(4), self.seed),
            Kind::Lattice => {
                let columns = 5;
                let full = lattice(n.div_ceil(columns), columns);
                let names = Units::new((0..full.n()).map(|i| format!("cell {i}"))).unwrap();
                let full = full.relabelled(&names).unwrap();
                // A fifth of the cells is taken out, and its places are filled from behind.
                let kept: Vec<usize> = random
                    .order(full.n())
                    .into_iter()
                    .take(full.n() * 4 / 5)
                    .collect();
                let units = Units::new(kept.iter().map(|i| format!("cell {i}"))).unwrap();
                let w = full.only(&units).unwrap();
                w.relabelled(&Units::range(kept.len())).unwrap()
            }
            Kind::Symmetric | Kind::Asymmetric => {
                let mut links = Vec::new();
                // A ring both ways, so that there is a cycle, and chords on top.
                for i in 0..n {
                    for j in 0..i {
                        let ring = i == j + 1 && i < 2 * n / 3;
                        if ring || random.uniform() < 2.0 / n as f64 {
                            let w = 0.2 + random.uniform();
                            let back = match self.kind {
                                Kind::Symmetric => w,
                                _ => 0.2 + random.uniform(),
                            };
                            links.push((i, j, w));
                            if ring || self.kind == Kind::Symmetric || random.uniform() < 0.3 {
                                links.push((j, i, back));
                            }
                        }
                    }
                }
                Weights::from_links_at(&Units::range(n), links).unwrap()
            }
        }
        .islands_kept()
    }

    pub fn weights(&self) -> Weights {
        let raw = self.raw();
        match self.scale {
            Scale::Raw => raw,
            Scale::Row => raw.row_standardized().unwrap(),
            Scale::Spectral => raw.spectrally_normalized().unwrap(),
            Scale::MinMax => raw.min_max_normalized().unwrap(),
        }
    }
}

pub fn matrix(w: &Weights) -> Array2<f64> {
    Array2::from_shape_fn((w.n(), w.n()), |(i, j)| w.weight(i, j))
}

/// I - rho W.
pub fn filter(w: &Array2<f64>, rho: f64) -> Array2<f64> {
    Array2::eye(w.nrows()) - &(w * rho)
}

/// Columns x, z and y, with y of a spatial lag process with rho at a share of the way to the upper bound.
pub fn sample(w: &Weights, random: &mut Random, share: f64) -> Table {
    let n = w.n();
    let (x, z) = (random.normals(n), random.normals(n).mapv(|v| 3.0 + 0.5 * v));
    let rho = share * w.admissible_interval().unwrap().1;
    let noise = random.normals(n);
    let right = 1.0 + &x - &(&z * 0.7) + &(noise * 0.6);
    let y = eliminate(
        &filter(&matrix(w), rho),
        &right.into_shape_with_order((n, 1)).unwrap(),
    )
    .1;
    Table::over(w.units())
        .column("x", x)
        .unwrap()
        .column("z", z)
        .unwrap()
        .column("y", y.column(0).to_owned())
        .unwrap()
}

/// The fit; none where a column is a combination of others, or the likelihood has no maximum inside the interval (with as many equal
/// eigenvalues as nearest neighbours in closed groups make, it grows without bound towards its end).
pub fn fit(regression: &Regression, table: &Table) -> Option<Fit> {
    match regression.fit(table) {
        Ok(fit) => {
            let inside = |n: &Note| !matches!(n, Note::AtBound { .. });
            fit.notes().iter().all(inside).then_some(fit)
        }
        Err(Error::Collinear { .. } | Error::Singular { .. }) => None,
        Err(e) => panic!("{e}"),
    }
}

/// Hardly any fit is left out, so that the laws are not empty.
#[test]
fn few_fits_are_left_out() {
    let (mut tried, mut left_out) = (0, 0);
    for seed in 0..20 {
        for kind in KINDS {
            let map = Map {
                kind,
                scale: SCALES[seed as usize % 4],
                n: 14 + seed as usize % 16,
                seed,
            };
            let w = map.weights();
            let table = sample(&w, &mut map.random(), 0.4);
            let base = || Regression::of("y").on(["x", "z"]);
            for regression in [
                base().spatial_lag(&w),
                base().spatial_error(&w),
                base().spatial_lag(&w).durbin(&w),
                base().spatial_error(&w).durbin(&w),
            ] {
                tried += 1;
                left_out += usize::from(fit(&regression, &table).is_none());
            }
        }
    }
    println!("{left_out} of {tried} left out");
    assert!(20 * left_out < tried, "{left_out} of {tried}");
}
