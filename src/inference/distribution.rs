//! Reference distributions: tails and quantiles, mended where the library behind them is weak.

use std::fmt;

use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor, Normal, StudentsT};

/// The distribution to which a statistic is referred.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Distribution {
    /// Standard normal.
    Normal,
    /// Student's t.
    T {
        /// Degrees of freedom.
        df: f64,
    },
    /// Chi-squared.
    ChiSquared {
        /// Degrees of freedom.
        df: f64,
    },
    /// F.
    F {
        /// Degrees of freedom of the numerator.
        df1: f64,
        /// Degrees of freedom of the denominator.
        df2: f64,
    },
    /// The draws of a permutation or of a simulation.
    Empirical {
        /// Number of draws.
        draws: usize,
    },
    /// All arrangements of the data.
    Arrangements {
        /// Number of arrangements.
        count: f64,
    },
    /// A ratio of quadratic forms in normal variables, by the eigenvalues that it has over weights of its own.
    QuadraticForm {
        /// Number of eigenvalues.
        eigenvalues: usize,
    },
}

/// Above this many degrees of freedom t is replaced by the normal (the error is below 1e-6 relative for |t| < 10).
const NORMAL_FROM: f64 = 1e8;

impl Distribution {
    /// P(X > x). NaN where x is NaN, the degrees of freedom are not positive, or the distribution is one of draws or
    /// arrangements, or that of a quadratic form, which only the test itself holds.
    #[must_use]
    pub fn upper_tail(&self, x: f64) -> f64 {
        if x.is_nan() {
            return f64::NAN;
        }
        match *self {
            Self::Normal => 0.5 * libm::erfc(x / std::f64::consts::SQRT_2),
            Self::T { df } if df >= NORMAL_FROM => Self::Normal.upper_tail(x),
            Self::T { df } => StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |d| d.sf(x)),
            Self::ChiSquared { df } => ChiSquared::new(df).map_or(f64::NAN, |d| d.sf(x)),
            Self::F { df1, df2 } => FisherSnedecor::new(df1, df2).map_or(f64::NAN, |d| d.sf(x)),
            Self::Empirical { .. } | Self::Arrangements { .. } | Self::QuadraticForm { .. } => {
                f64::NAN
            }
        }
    }

    /// P(|X| > |x|) for the symmetric distributions.
    pub(crate) fn two_tails(&self, x: f64) -> f64 {
        let p = 2.0 * self.upper_tail(x.abs());
        // `min` would turn NaN into one.
        if p > 1.0 { 1.0 } else { p }
    }

    /// The x with P(X ≤ x) = p; p is brought into [0, 1] first. NaN for draws, arrangements and quadratic forms, and for
    /// p = NaN.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        if p.is_nan() {
            return f64::NAN;
        }
        let p = p.clamp(0.0, 1.0);
        match *self {
            Self::Normal => Normal::standard().inverse_cdf(p),
            Self::T { df } if df >= NORMAL_FROM => Self::Normal.quantile(p),
            Self::T { df } => t_quantile(df, p),
            Self::ChiSquared { df } => ChiSquared::new(df).map_or(f64::NAN, |d| d.inverse_cdf(p)),
            Self::F { df1, df2 } => {
                FisherSnedecor::new(df1, df2).map_or(f64::NAN, |d| d.inverse_cdf(p))
            }
            Self::Empirical { .. } | Self::Arrangements { .. } | Self::QuadraticForm { .. } => {
                f64::NAN
            }
        }
    }
}

/// Quantile of t: closed form for one degree of freedom, otherwise the library's value improved by Newton on the tail.
fn t_quantile(df: f64, p: f64) -> f64 {
    if (df - 1.0).abs() < f64::EPSILON {
        return -1.0 / (std::f64::consts::PI * p).tan();
    }
    let Ok(d) = StudentsT::new(0.0, 1.0, df) else {
        return f64::NAN;
    };
    if p <= 0.0 || p >= 1.0 {
        return d.inverse_cdf(p);
    }
    let tail = p.min(1.0 - p);
    let mut x = -d.inverse_cdf(tail);
    for _ in 0..4 {
        let density = statrs::distribution::Continuous::pdf(&d, x);
        let step = (d.sf(x) - tail) / density;
        if !step.is_finite() {
            break;
        }
        x += step;
    }
    if p < 0.5 { -x } else { x }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => write!(f, "N(0, 1)"),
            Self::T { df } => write!(f, "t({df})"),
            Self::ChiSquared { df } => write!(f, "chi2({df})"),
            Self::F { df1, df2 } => write!(f, "F({df1}, {df2})"),
            Self::Empirical { draws } => write!(f, "{draws} draws"),
            Self::Arrangements { count } if *count < 1e15 => {
                write!(f, "all {count:.0} arrangements")
            }
            Self::Arrangements { count } => write!(f, "all {count:.4e} arrangements"),
            Self::QuadraticForm { eigenvalues } => write!(f, "{eigenvalues} eigenvalues"),
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// The incomplete beta function behind t is good to about 1e-10, its quantiles to 1e-9.
    /// R 4.2.2: `qt`, `pt`, `pnorm`, `qchisq`, `pf` with `lower.tail` as needed.
    #[test]
    fn tails_and_quantiles_agree_with_r() {
        assert_relative_eq!(
            Distribution::T { df: 1.0 }.quantile(1.0 - 1e-9),
            318_309_886.0,
            max_relative = 1e-6
        );
        assert_relative_eq!(
            Distribution::T { df: 2.0 }.quantile(0.975),
            4.302652729911275,
            max_relative = 1e-9
        );
        assert_relative_eq!(
            Distribution::T { df: 19.0 }.quantile(0.975),
            2.093024054408263,
            max_relative = 1e-12
        );
        assert_relative_eq!(
            Distribution::T { df: 19.0 }.upper_tail(4.841971885),
            5.6743e-5,
            max_relative = 2e-2
        );
        assert_relative_eq!(
            Distribution::Normal.upper_tail(1.959963984540054),
            0.025,
            max_relative = 1e-14
        );
        assert_relative_eq!(
            Distribution::Normal.upper_tail(38.0),
            2.88542835e-316,
            max_relative = 1e-6
        );
        assert_relative_eq!(
            Distribution::ChiSquared { df: 1.0 }.upper_tail(3.841458820694124),
            0.05,
            max_relative = 1e-12
        );
        assert_relative_eq!(
            Distribution::F {
                df1: 2.0,
                df2: 46.0
            }
            .upper_tail(28.38562922469525),
            9.340734e-9,
            max_relative = 1e-5
        );
    }

    #[test]
    fn no_p_value_without_a_statistic() {
        for d in [Distribution::Normal, Distribution::T { df: 3.0 }] {
            assert!(d.two_tails(f64::NAN).is_nan());
            assert!((d.two_tails(0.0) - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn the_ends_of_every_distribution_are_reached_without_a_panic() {
        let all = [
            Distribution::Normal,
            Distribution::T { df: 1.0 },
            Distribution::T { df: 7.0 },
            Distribution::T { df: 1e9 },
            Distribution::ChiSquared { df: 3.0 },
            Distribution::F { df1: 2.0, df2: 9.0 },
        ];
        for d in all {
            assert!(d.quantile(f64::NAN).is_nan() && d.upper_tail(f64::NAN).is_nan());
            assert!(d.quantile(1.5) >= 1e15, "{d}");
            assert!(d.quantile(-0.5) <= 0.0, "{d}");
            assert!(d.upper_tail(f64::INFINITY) <= 0.0, "{d}");
            assert!(d.upper_tail(f64::NEG_INFINITY) >= 1.0, "{d}");
        }
        assert!(Distribution::T { df: -1.0 }.upper_tail(1.0).is_nan());
        assert!(Distribution::Empirical { draws: 9 }.quantile(0.5).is_nan());
        let form = Distribution::QuadraticForm { eigenvalues: 48 };
        assert!(form.quantile(0.5).is_nan() && form.upper_tail(0.5).is_nan());
    }
}
