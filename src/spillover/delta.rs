//! Effects as functions of b, theta and rho, and their standard errors by the delta method.
//!
//! Every effect of a regressor is b e(rho) + theta f(rho): linear in its two coefficients, with derivatives e, f and b e' + theta f'. Lambda does
//! not enter.

use std::ops::{AddAssign, Sub};

use ndarray::{Array1, Array2};

use crate::inference::{Distribution, Estimate};
use crate::regression::Fit;

/// b and theta of one regressor, and their positions among the coefficients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    own: Option<usize>,
    lagged: Option<usize>,
    pub(crate) b: f64,
    pub(crate) theta: f64,
}

impl Terms {
    pub(crate) fn new(own: Option<usize>, lagged: Option<usize>, coefficients: &[f64]) -> Self {
        let at = |i: Option<usize>| i.map_or(0.0, |i| coefficients[i]);
        Self {
            own,
            lagged,
            b: at(own),
            theta: at(lagged),
        }
    }

    /// The same regressor at other coefficients.
    pub(crate) fn at(&self, coefficients: &[f64]) -> Self {
        Self::new(self.own, self.lagged, coefficients)
    }

    pub(crate) fn is_lagged(&self) -> bool {
        self.lagged.is_some()
    }
}

/// The derivatives of an effect with respect to b, theta and rho.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slopes {
    pub(crate) b: f64,
    pub(crate) theta: f64,
    pub(crate) rho: f64,
}

impl AddAssign for Slopes {
    fn add_assign(&mut self, other: Self) {
        self.b += other.b;
        self.theta += other.theta;
        self.rho += other.rho;
    }
}

impl Sub for Slopes {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            b: self.b - other.b,
            theta: self.theta - other.theta,
            rho: self.rho - other.rho,
        }
    }
}

impl Slopes {
    pub(crate) fn divided_by(self, by: f64) -> Self {
        Self {
            b: self.b / by,
            theta: self.theta / by,
            rho: self.rho / by,
        }
    }

    /// The effect itself.
    pub(crate) fn value(&self, terms: &Terms) -> f64 {
        terms.b * self.b + terms.theta * self.theta
    }
}

/// The derivatives of the effects on, or of, many units.
#[derive(Debug)]
pub(crate) struct SlopesByUnit {
    pub(crate) b: Array1<f64>,
    pub(crate) theta: Array1<f64>,
    pub(crate) rho: Array1<f64>,
}

impl SlopesByUnit {
    pub(crate) fn of(&self, i: usize) -> Slopes {
        Slopes {
            b: self.b[i],
            theta: self.theta[i],
            rho: self.rho[i],
        }
    }
}

/// An effect that is linear in many coefficients.
#[derive(Debug, Clone, Default)]
pub(crate) struct Linear {
    /// The position and the value of each coefficient, and the derivative with respect to it.
    pub(crate) slopes: Vec<(usize, f64, f64)>,
    /// The derivative with respect to rho.
    pub(crate) rho: f64,
}

impl Linear {
    pub(crate) fn value(&self) -> f64 {
        self.slopes.iter().map(|(_, b, x)| b * x).sum()
    }

    /// The effect less another, which is of the same coefficients in the same order.
    pub(crate) fn less(&self, other: &Self) -> Self {
        let pairs = self.slopes.iter().zip(&other.slopes);
        Self {
            slopes: pairs
                .map(|((at, b, x), (_, _, y))| (*at, *b, x - y))
                .collect(),
            rho: self.rho - other.rho,
        }
    }
}

/// The covariance of the estimates, for standard errors of effects.
pub(crate) struct Delta {
    covariance: Array2<f64>,
    /// Position of rho, where there is one.
    rho: Option<usize>,
    distribution: Distribution,
}

impl Delta {
    pub(crate) fn of(fit: &Fit) -> Self {
        Self {
            covariance: fit.vcov_of_location(),
            rho: fit.lag().map(|_| fit.b().len()),
            distribution: fit.distribution(),
        }
    }

    /// Standard error of an effect.
    pub(crate) fn std_error(&self, terms: &Terms, slopes: &Slopes) -> f64 {
        let by_coefficient = [(terms.own, slopes.b), (terms.lagged, slopes.theta)];
        self.root(
            by_coefficient
                .into_iter()
                .filter_map(|(i, x)| Some((i?, x))),
            slopes.rho,
        )
    }

    /// The root of g'Vg, g the derivatives of an effect with respect to some coefficients, by their positions, and to rho.
    fn root(&self, by_coefficient: impl Iterator<Item = (usize, f64)> + Clone, rho: f64) -> f64 {
        let gradient = by_coefficient.chain(self.rho.map(|at| (at, rho)));
        let mut variance = 0.0;
        for (i, x) in gradient.clone() {
            for (j, y) in gradient.clone() {
                variance += x * y * self.covariance[[i, j]];
            }
        }
        variance.max(0.0).sqrt()
    }

    /// An effect that is linear in many coefficients, from its derivatives.
    pub(crate) fn estimate_of(&self, name: &str, effect: &Linear) -> Estimate {
        let by_coefficient = effect.slopes.iter().map(|(at, _, x)| (*at, *x));
        Estimate::new(
            name,
            effect.value(),
            self.root(by_coefficient, effect.rho),
            self.distribution,
        )
    }

    pub(crate) fn estimate(&self, name: &str, terms: &Terms, slopes: &Slopes) -> Estimate {
        Estimate::new(
            name,
            slopes.value(terms),
            self.std_error(terms, slopes),
            self.distribution,
        )
    }
}
