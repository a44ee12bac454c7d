//! Columbus, for tests: regressors, and the weights of 230 links in both styles.

use crate::weights::Weights;
pub(crate) use crate::weights::test_data::CRIME;
use crate::weights::test_data::columbus;

pub(crate) const INC: [f64; 49] = [
    19.531, 21.232, 15.956, 4.477, 11.252, 16.028999, 8.438, 11.337, 17.586, 13.598, 7.467, 10.048,
    9.549, 9.963, 9.873, 7.625, 9.798, 13.185, 11.618, 31.07, 10.655, 11.709, 21.155001, 14.236,
    8.461, 8.085, 10.822, 7.856, 8.681, 13.906, 16.940001, 18.941999, 9.918, 14.948, 12.814,
    18.739, 17.017, 11.107, 18.476999, 29.833, 22.207001, 25.872999, 13.38, 16.961, 14.135,
    18.323999, 18.950001, 11.813, 18.796,
];

/// Value of housing in thousand dollars.
pub(crate) const HOVAL: [f64; 49] = [
    80.467003, 44.567001, 26.35, 33.200001, 23.225, 28.75, 75.0, 37.125, 52.599998, 96.400002,
    19.700001, 19.9, 41.700001, 42.900002, 18.0, 18.799999, 41.75, 60.0, 30.6, 81.266998, 19.975,
    30.450001, 47.733002, 53.200001, 17.9, 20.299999, 34.099998, 22.85, 32.5, 22.5, 31.799999,
    40.299999, 23.6, 28.450001, 27.0, 36.299999, 43.299999, 22.700001, 39.599998, 61.950001,
    42.099998, 44.333, 25.700001, 33.5, 27.733, 76.099998, 42.5, 26.799999, 35.799999,
];

/// Contiguous pairs.
/// The binary matrix, or the row-standardised one.
pub(crate) fn weights(standardized: bool) -> Weights {
    let binary = columbus();
    if standardized {
        binary.row_standardized().unwrap()
    } else {
        binary
    }
}
