//! The log t regression of a series of dispersions, and its long-run variance.

use super::log_t::LongRunVariance;

/// Why there is no log t regression.
#[derive(Debug, Clone, Copy)]
pub(super) enum Degenerate {
    /// H is zero in this period, counted from 0.
    NoDispersion(usize),
    /// Residuals are rounding.
    ExactFit,
}

/// The regressor of log t, which all groups of units share.
#[derive(Debug, Clone)]
pub(super) struct Design {
    /// First t that is used, counted from 1.
    first: usize,
    /// ln t less its mean, from the first t on.
    x: Vec<f64>,
    mean: f64,
    square: f64,
    /// 2 ln ln t.
    penalty: Vec<f64>,
    variance: LongRunVariance,
}

/// A fitted log t regression.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) b: f64,
    pub(super) intercept: f64,
    pub(super) std_error: f64,
    pub(super) long_run_variance: f64,
    pub(super) autocorrelation: f64,
    pub(super) bandwidth: f64,
}

impl Line {
    pub(super) fn t(&self) -> f64 {
        self.b / self.std_error
    }
}

/// H below this is the rounding of deviations of 1e-13, thus of equal values.
const NO_DISPERSION: f64 = 1e-26;
/// Squares of residuals below this share of those of the regressand are rounding.
const ROUNDING: f64 = 1e-24;
/// Bound of the autocorrelation in the plug-in bandwidth, which is infinite at one.
const MOST_CORRELATION: f64 = 0.97;

impl Design {
    /// For so many periods, from the `first` on, which is 2 or more.
    pub(super) fn new(first: usize, periods: usize, variance: LongRunVariance) -> Self {
        let logs: Vec<f64> = (first..=periods).map(|t| (t as f64).ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let x: Vec<f64> = logs.iter().map(|l| l - mean).collect();
        Self {
            first,
            mean,
            square: x.iter().map(|x| x * x).sum(),
            penalty: logs.iter().map(|l| 2.0 * l.ln()).collect(),
            x,
            variance,
        }
    }

    pub(super) fn first(&self) -> usize {
        self.first
    }

    pub(super) fn observations(&self) -> usize {
        self.x.len()
    }

    /// Least squares of ln(H_1 / H_t) - 2 ln ln t on ln t; `dispersion` gives H of a period counted from 0.
    pub(super) fn fit(&self, dispersion: impl Fn(usize) -> f64) -> Result<Line, Degenerate> {
        let log = |t: usize| {
            let h = dispersion(t);
            // NaN as well.
            if h > NO_DISPERSION {
                Ok(h.ln())
            } else {
                Err(Degenerate::NoDispersion(t))
            }
        };
        let initial = log(0)?;
        let mut u = Vec::with_capacity(self.x.len());
        for (k, penalty) in self.penalty.iter().enumerate() {
            u.push(initial - log(self.first - 1 + k)? - penalty);
        }
        let m = u.len() as f64;
        let mean = u.iter().sum::<f64>() / m;
        for u in &mut u {
            *u -= mean;
        }
        let total: f64 = u.iter().map(|u| u * u).sum();
        let b = dot(&self.x, &u) / self.square;
        for (u, x) in u.iter_mut().zip(&self.x) {
            *u -= b * x;
        }
        let squares = dot(&u, &u);
        if !(squares > ROUNDING * (total + mean * mean * m)) {
            return Err(Degenerate::ExactFit);
        }
        let (autocorrelation, bandwidth, long_run_variance) = self.long_run(&u, squares);
        if !(long_run_variance > 1e-12 * squares / m) {
            return Err(Degenerate::ExactFit);
        }
        Ok(Line {
            b,
            intercept: mean - b * self.mean,
            std_error: (long_run_variance / self.square).sqrt(),
            long_run_variance,
            autocorrelation,
            bandwidth,
        })
    }

    /// Autocorrelation, bandwidth and long-run variance of residuals.
    fn long_run(&self, u: &[f64], squares: f64) -> (f64, f64, f64) {
        let m = u.len();
        let (earlier, later) = (&u[..m - 1], &u[1..]);
        let before = dot(earlier, earlier);
        let raw = if before > 0.0 {
            dot(earlier, later) / before
        } else {
            0.0
        };
        let (r, used, divisor) = match self.variance {
            LongRunVariance::QuadraticSpectral => {
                (raw.clamp(-MOST_CORRELATION, MOST_CORRELATION), u, m as f64)
            }
            LongRunVariance::OneLeftOut => (raw, earlier, (m - 1) as f64),
        };
        let a = 4.0 * r * r / (1.0 - r).powi(4);
        let bandwidth = 1.3221 * (a * m as f64).powf(0.2);
        let mut sum = squares;
        for lag in 1..used.len() {
            let weight = quadratic_spectral(lag as f64 / bandwidth);
            sum += 2.0 * weight * dot(&used[lag..], &used[..used.len() - lag]);
        }
        (raw, bandwidth, sum / divisor)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// k(x) = 3 / z² (sin z / z - cos z), z = 6πx / 5.
fn quadratic_spectral(x: f64) -> f64 {
    let z = 1.2 * std::f64::consts::PI * x;
    let square = z * z;
    if square.is_infinite() {
        0.0
    } else if z < 0.05 {
        1.0 - square / 10.0 + square * square / 280.0 - square.powi(3) / 15_120.0
    } else {
        3.0 / square * (z.sin() / z - z.cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_continuous_at_its_change_of_form() {
        let at = |z: f64| quadratic_spectral(z / (1.2 * std::f64::consts::PI));
        assert!((at(0.05 - 1e-9) - at(0.05 + 1e-9)).abs() < 1e-10);
        assert!((at(0.0) - 1.0).abs() < f64::EPSILON);
        assert!(at(f64::INFINITY).abs() < f64::EPSILON);
        // Andrews (1991): k(x) near 0 is 1 - 1.4212 x².
        assert!(((1.0 - quadratic_spectral(1e-3)) / 1e-6 - 1.4212).abs() < 1e-4);
    }
}
