//! Incomes of 3,000 units in 40 years, for the benches of convergence.

use ndarray::Array2;
use spatialecon::{Lattice, Panel, Weights};

pub const YEARS: i32 = 40;

/// Log incomes that return a fiftieth of the way to their steady state a year, shocked without regularity, smoothed over neighbours.
pub fn data() -> (Panel, Weights) {
    let w = Weights::lattice(Lattice::queen(60, 50)).unwrap();
    let w = w.row_standardized().unwrap();
    let n = w.n();
    let mut y = Array2::zeros((YEARS as usize, n));
    let noise = |t: usize, i: usize| (1.7 * ((i + 31 * t) as f64).powi(2)).sin();
    for t in 0..YEARS as usize {
        for i in 0..n {
            let before = if t == 0 {
                2.0 * noise(0, i)
            } else {
                y[[t - 1, i]]
            };
            y[[t, i]] = 0.98 * before + 0.05 * noise(t + 1, i) + 0.02;
        }
    }
    for mut year in y.rows_mut() {
        let lag = w.lag(&year.to_owned()).unwrap();
        year.zip_mut_with(&lag, |y, l| *y += 0.5 * l);
    }
    let years: Vec<i32> = (1..=YEARS).collect();
    let panel = Panel::from_columns(w.units(), &years, [("income", y.mapv(f64::exp))]).unwrap();
    (panel, w)
}
