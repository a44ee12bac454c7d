//! E(t) and Var(t) of the Dickey-Fuller t by number of observations and lags: Im, Pesaran and Shin (2003), Table 3.

use super::lags::Deterministic;

/// Numbers of observations of the columns.
const OBSERVATIONS: [f64; 10] = [10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 70.0, 100.0];

/// The largest number of lags.
const MOST_LAGS: usize = 8;

/// Fewest observations at which the table has a number of lags, to eight.
pub(super) fn fewest_observations(lag: usize) -> Option<usize> {
    match lag {
        0..=4 => Some(10),
        5 => Some(20),
        6..=MOST_LAGS => Some(25),
        _ => None,
    }
}

/// E and Var of t with a constant or a trend, between two columns by a line, beyond the last one as in it; nothing outside the table.
pub(super) fn moments(
    observations: usize,
    lag: usize,
    deterministic: Deterministic,
) -> Option<(f64, f64)> {
    if observations < fewest_observations(lag)? {
        return None;
    }
    let (mean, variance) = match deterministic {
        Deterministic::None => return None,
        Deterministic::Constant => (&CONSTANT_MEAN[lag], &CONSTANT_VARIANCE[lag]),
        Deterministic::Trend => (&TREND_MEAN[lag], &TREND_VARIANCE[lag]),
    };
    let n = (observations as f64).min(OBSERVATIONS[9]);
    let right = OBSERVATIONS.iter().position(|o| *o >= n)?.max(1);
    let share = (n - OBSERVATIONS[right - 1]) / (OBSERVATIONS[right] - OBSERVATIONS[right - 1]);
    // Rows of many lags lack their first columns.
    let at = |row: &[f64], column: usize| {
        let missing = OBSERVATIONS.len() - row.len();
        column
            .checked_sub(missing)
            .and_then(|c| row.get(c))
            .copied()
    };
    let between = |row: &[f64]| {
        let last = at(row, right)?;
        let first = if share < 1.0 {
            at(row, right - 1)?
        } else {
            last
        };
        Some(first + share * (last - first))
    };
    Some((between(mean)?, between(variance)?))
}

/// E(t), constant; rows are lags 0 to 8.
#[rustfmt::skip]
const CONSTANT_MEAN: [&[f64]; MOST_LAGS + 1] = [
    &[-1.504, -1.514, -1.522, -1.520, -1.526, -1.523, -1.527, -1.519, -1.524, -1.532],
    &[-1.488, -1.503, -1.516, -1.514, -1.519, -1.520, -1.524, -1.519, -1.522, -1.530],
    &[-1.319, -1.387, -1.428, -1.443, -1.460, -1.476, -1.493, -1.490, -1.498, -1.514],
    &[-1.306, -1.366, -1.413, -1.433, -1.453, -1.471, -1.489, -1.486, -1.495, -1.512],
    &[-1.171, -1.260, -1.329, -1.363, -1.394, -1.428, -1.454, -1.458, -1.470, -1.495],
    &[-1.313, -1.351, -1.384, -1.421, -1.451, -1.454, -1.467, -1.494],
    &[-1.289, -1.331, -1.380, -1.418, -1.427, -1.444, -1.476],
    &[-1.273, -1.319, -1.371, -1.411, -1.423, -1.441, -1.474],
    &[-1.212, -1.266, -1.329, -1.377, -1.393, -1.415, -1.456],
];

/// Var(t), constant; rows are lags 0 to 8.
#[rustfmt::skip]
const CONSTANT_VARIANCE: [&[f64]; MOST_LAGS + 1] = [
    &[1.069, 0.923, 0.851, 0.809, 0.789, 0.770, 0.760, 0.749, 0.736, 0.735],
    &[1.255, 1.011, 0.915, 0.861, 0.831, 0.803, 0.781, 0.770, 0.753, 0.745],
    &[1.421, 1.078, 0.969, 0.905, 0.865, 0.830, 0.798, 0.789, 0.766, 0.754],
    &[1.759, 1.181, 1.037, 0.952, 0.907, 0.858, 0.819, 0.802, 0.782, 0.761],
    &[2.080, 1.279, 1.097, 1.005, 0.946, 0.886, 0.842, 0.819, 0.801, 0.771],
    &[1.171, 1.055, 0.980, 0.912, 0.863, 0.839, 0.814, 0.781],
    &[1.114, 1.023, 0.942, 0.886, 0.858, 0.834, 0.795],
    &[1.164, 1.062, 0.968, 0.910, 0.875, 0.851, 0.806],
    &[1.217, 1.105, 0.996, 0.929, 0.896, 0.871, 0.818],
];

/// E(t), constant and trend; rows are lags 0 to 8.
#[rustfmt::skip]
const TREND_MEAN: [&[f64]; MOST_LAGS + 1] = [
    &[-2.166, -2.167, -2.168, -2.167, -2.172, -2.173, -2.176, -2.174, -2.174, -2.177],
    &[-2.173, -2.169, -2.172, -2.172, -2.173, -2.177, -2.180, -2.178, -2.176, -2.179],
    &[-1.914, -1.999, -2.047, -2.074, -2.095, -2.120, -2.137, -2.143, -2.146, -2.158],
    &[-1.922, -1.977, -2.032, -2.065, -2.091, -2.117, -2.137, -2.142, -2.146, -2.158],
    &[-1.750, -1.823, -1.911, -1.968, -2.009, -2.057, -2.091, -2.103, -2.114, -2.135],
    &[-1.888, -1.955, -1.998, -2.051, -2.087, -2.101, -2.111, -2.135],
    &[-1.868, -1.923, -1.995, -2.042, -2.065, -2.081, -2.113],
    &[-1.851, -1.912, -1.986, -2.036, -2.063, -2.079, -2.112],
    &[-1.761, -1.835, -1.925, -1.987, -2.024, -2.046, -2.088],
];

/// Var(t), constant and trend; rows are lags 0 to 8.
#[rustfmt::skip]
const TREND_VARIANCE: [&[f64]; MOST_LAGS + 1] = [
    &[1.132, 0.869, 0.763, 0.713, 0.690, 0.655, 0.633, 0.621, 0.610, 0.597],
    &[1.453, 0.975, 0.845, 0.769, 0.734, 0.687, 0.654, 0.641, 0.627, 0.605],
    &[1.627, 1.036, 0.882, 0.796, 0.756, 0.702, 0.661, 0.653, 0.634, 0.613],
    &[2.482, 1.214, 0.983, 0.861, 0.808, 0.735, 0.688, 0.674, 0.650, 0.625],
    &[3.947, 1.332, 1.052, 0.913, 0.845, 0.759, 0.705, 0.685, 0.662, 0.629],
    &[1.165, 0.991, 0.899, 0.792, 0.730, 0.705, 0.673, 0.638],
    &[1.055, 0.945, 0.828, 0.753, 0.725, 0.689, 0.650],
    &[1.145, 1.009, 0.872, 0.786, 0.747, 0.713, 0.661],
    &[1.208, 1.063, 0.902, 0.808, 0.766, 0.728, 0.670],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convergence::stochastic::Lags;
    use crate::convergence::stochastic::adf::null_statistics;

    #[test]
    fn cells_lines_and_gaps() {
        let constant = |n, p| moments(n, p, Deterministic::Constant);
        assert_eq!(constant(10, 0), Some((-1.504, 1.069)));
        assert_eq!(constant(25, 8), Some((-1.212, 1.217)));
        assert_eq!(constant(20, 5), Some((-1.313, 1.171)));
        assert_eq!(constant(100, 0), constant(4_000, 0));
        let (mean, variance) = moments(22, 1, Deterministic::Trend).unwrap_or_default();
        assert!((mean + 2.172).abs() < 1e-12 && (variance - 0.8146).abs() < 1e-12);
        for (n, p) in [(9, 0), (19, 5), (24, 6), (50, 9)] {
            assert_eq!(constant(n, p), None);
        }
        assert_eq!(moments(50, 0, Deterministic::None), None);
    }

    /// The cells are the moments of t with residual variance RSS / (n - k), n the observations of the regression: 50,000 replications there, 20,000 here.
    #[test]
    fn cells_are_what_simulation_gives() {
        for (n, p, d) in [
            (10, 0, Deterministic::Constant),
            (25, 4, Deterministic::Constant),
            (15, 1, Deterministic::Trend),
            (20, 2, Deterministic::Trend),
            (50, 8, Deterministic::Trend),
        ] {
            let t = null_statistics(n + p + 1, Lags::Fixed(p), d, (20_000, 5));
            let count = t.len() as f64;
            let mean = t.iter().sum::<f64>() / count;
            let variance = t.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / count;
            let fourth = t.iter().map(|t| (t - mean).powi(4)).sum::<f64>() / count;
            let (table_mean, table_variance) = moments(n, p, d).unwrap_or_default();
            // Four standard errors of both simulations.
            let both = (1.0 / count + 1.0 / 50_000.0).sqrt();
            assert!(
                (mean - table_mean).abs() < 4.0 * both * variance.sqrt(),
                "{n} {p} {d}"
            );
            let of_variance = (fourth - variance * variance).sqrt();
            assert!(
                (variance - table_variance).abs() < 4.0 * both * of_variance,
                "{n} {p} {d}"
            );
        }
    }
}
