//! The distribution of the Dickey-Fuller t: MacKinnon's approximate p-values (1994) and critical values by sample size (2010).

use super::lags::Deterministic;
use crate::inference::Distribution;

/// Coefficients of 1, t, t², t³ in Φ^-1(p), left of the point where they change, and right of it.
struct Curve {
    change: f64,
    /// Where the right part is largest; beyond, p stays as it is there.
    most: f64,
    left: [f64; 3],
    right: [f64; 4],
}

/// MacKinnon (1994), tables 3 and 4, one series.
fn curve(deterministic: Deterministic) -> Curve {
    match deterministic {
        Deterministic::None => Curve {
            change: -1.04,
            most: f64::INFINITY,
            left: [0.6344, 1.2378, 0.032496],
            right: [0.4797, 0.93557, -0.06999, 0.033066],
        },
        Deterministic::Constant => Curve {
            change: -1.61,
            most: 2.74,
            left: [2.1659, 1.4412, 0.038269],
            right: [1.7339, 0.93202, -0.12745, -0.010368],
        },
        Deterministic::Trend => Curve {
            change: -2.89,
            most: 0.70,
            left: [3.2512, 1.6047, 0.049588],
            right: [2.5261, 0.61654, -0.37956, -0.060285],
        },
    }
}

/// P(t' ≤ t) for a unit root, many periods.
pub(super) fn p_value(t: f64, deterministic: Deterministic) -> f64 {
    let c = curve(deterministic);
    // Other programs make it one there, or follow the curve downwards; combined p-values cannot do with one, whose normal quantile is infinite.
    let t = t.min(c.most);
    let value = |b: &[f64]| b.iter().rev().fold(0.0, |sum, b| sum * t + b);
    // The parabola turns at its least value; left of it p would rise again.
    let z = if t <= c.change {
        let bottom = -0.5 * c.left[1] / c.left[2];
        if t < bottom {
            return 0.0;
        }
        value(&c.left)
    } else {
        value(&c.right)
    };
    Distribution::Normal.upper_tail(-z)
}

/// Critical values at 1, 5 and 10 % with n observations, MacKinnon (2010), table 2, one series.
pub(super) fn critical_values(observations: usize, deterministic: Deterministic) -> [f64; 3] {
    let table: [[f64; 4]; 3] = match deterministic {
        Deterministic::None => [
            [-2.56574, -2.2358, -3.627, 0.0],
            [-1.94100, -0.2686, -3.365, 31.223],
            [-1.61682, 0.2656, -2.714, 25.364],
        ],
        Deterministic::Constant => [
            [-3.43035, -6.5393, -16.786, -79.433],
            [-2.86154, -2.8903, -4.234, -40.040],
            [-2.56677, -1.5384, -2.809, 0.0],
        ],
        Deterministic::Trend => [
            [-3.95877, -9.0531, -28.428, -134.155],
            [-3.41049, -4.3904, -9.036, -45.374],
            [-3.12705, -2.5856, -3.925, -22.380],
        ],
    };
    let inverse = 1.0 / observations as f64;
    table.map(|b| b.iter().rev().fold(0.0, |sum, b| sum * inverse + b))
}

#[cfg(test)]
mod tests {
    use super::*;

    // statsmodels 0.14, mackinnonp and mackinnoncrit.
    #[test]
    fn values_of_statsmodels() {
        for (t, d, p) in [
            (-3.0, Deterministic::Constant, 0.034894400275345266),
            (-1.0, Deterministic::Constant, 0.7532643012005655),
            (-3.0, Deterministic::Trend, 0.1320809847799973),
            (-3.5, Deterministic::Trend, 0.03939102799324626),
            (-2.0, Deterministic::None, 0.043520623056049056),
            (0.5, Deterministic::None, 0.824879195252956),
        ] {
            let ours = p_value(t, d);
            assert!((ours - p).abs() < 1e-12, "{t} {d}: {ours}");
        }
        let beyond = p_value(3.0, Deterministic::Constant);
        assert!((beyond - 0.99908).abs() < 1e-5 && beyond >= p_value(2.7, Deterministic::Constant));
        assert!(p_value(-30.0, Deterministic::Constant) <= 0.0);
        assert!(p_value(-18.8, Deterministic::Constant) < 1e-9);
        let [one, five, ten] = critical_values(23, Deterministic::Constant);
        assert!((one + 3.7529275211638033).abs() < 1e-12);
        assert!((five + 2.998499866852963).abs() < 1e-12);
        assert!((ten + 2.6389669754253307).abs() < 1e-12);
    }
}
