//! Exact maximum likelihood of y = rho W y + X b + W X theta + u, u = lambda M u + e, with rho, lambda, or both, and one variance or many.

mod compressed;
mod curve;
mod expected;
mod groupwise;
mod information;
mod peaks;
pub(crate) mod sandwich;
mod search;

pub use curve::LikelihoodProfile;

use std::fmt;
use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::Regression;
use super::design::Design;
use super::fit::{Fit, LAMBDA, Optimization, Parts, Process, RHO, SpatialParameter};
use super::gaussian::{check_not_exact, concentrated};
use super::terms::Model;
use crate::error::{Error, Result};
use crate::inference::{Distribution, Note};
use crate::linalg::logdet::DENSE_LIMIT;
use crate::weights::Weights;
use compressed::{Columns, Compressed};
use search::{Peak, Profile, both};

/// The information matrix behind the standard errors of maximum likelihood.
///
/// The expected information needs tr G'G with G = W (I - rho W)^-1, and so an n × n inverse: it is the default up to 1,000 units. The
/// observed one (minus the Hessian at the estimate, analytic) needs only tr G², and is the default above. They differ by
/// sampling error, often by 5 to 12 % in the standard error of rho; a printed fit says which it used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Information {
    /// Minus the expected Hessian.
    Expected,
    /// Minus the Hessian at the estimate.
    Observed,
}

impl fmt::Display for Information {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expected => "expected information",
            Self::Observed => "observed information",
        })
    }
}

/// The estimate is at an end of its interval where it is as near to it as this share of the interval.
const AT_END: f64 = 1e-6;
/// A lag and an error are hardly told apart where their estimates are correlated more than this.
const ALIKE: f64 = 0.99;

/// Fits a model with a spatial lag, a spatial error, or both; with variances by group also one without.
pub(crate) fn fit(spec: &Regression, model: Model, mut design: Design) -> Result<Fit> {
    let n = design.n();
    let information = choose(spec.information, n)?;
    let (lag, error) = (spec.lag.as_ref(), spec.error.as_ref());
    let columns = Columns::new(&design, lag, error, design.variances.as_ref())?;
    let compressed = columns.compress(None)?;
    check_not_exact(compressed.sse(0.0, 0.0)?, &design.weighted(design.y.view()))?;
    let terms: Vec<(&'static str, &Weights)> = (lag.map(|w| (RHO, w)).into_iter())
        .chain(error.map(|w| (LAMBDA, w)))
        .collect();
    check_apart(model, &compressed, lag, error)?;
    let profile = Profile {
        compressed: &compressed,
        jacobians: (terms.iter())
            .map(|(_, w)| match spec.log_determinant {
                Some(method) => w.jacobian_by(method),
                None => w.jacobian_with_start().map(Arc::clone),
            })
            .collect::<Result<_>>()?,
        has_lag: lag.is_some(),
    };
    let (peak, variances) = match &design.variances {
        None => (profile.maximize()?, None),
        Some(groups) => {
            let (peak, variances) =
                groupwise::maximize(&columns, groups, &profile.jacobians, profile.has_lag)?;
            (peak, Some(variances))
        }
    };
    if let Some(variances) = &variances {
        design.divide_weights(variances);
    }
    if check_not_exact(peak.point.sse, &design.weighted(design.y.view())).is_err() {
        return Err(exact_at(model, &terms, &peak.theta));
    }
    let with_lag = lag.zip(peak.theta.first().copied());
    let with_error = error.zip(peak.theta.last().copied());
    let (blocks, diagonals) = match information {
        Information::Observed => (search::observed(&peak.point, &peak.f, n as f64), Vec::new()),
        Information::Expected => {
            let (b, s2) = (&peak.point.coefficients, peak.point.sse / n as f64);
            let e = expected::expected(&design, b, s2, &peak.f, with_lag, with_error)?;
            (e.blocks, e.diagonals)
        }
    };
    let vcov = match design.variances.as_ref().zip(variances.as_deref()) {
        None => blocks.covariance()?,
        Some((groups, variances)) => match information {
            Information::Expected => {
                groupwise::expected(blocks, &diagonals, variances, groups).covariance()?
            }
            Information::Observed => {
                let (rho, lambda) = both(&peak.theta, lag.is_some());
                let products = columns.products(rho, lambda, &peak.point.coefficients);
                groupwise::observed(blocks, &products, variances, groups).covariance()?
            }
        },
    };
    let sigma2 = match (&design.variances, &variances) {
        (Some(groups), Some(variances)) => groups.mean(variances),
        _ => peak.point.sse / n as f64,
    };
    let residuals = residuals(&design, &peak.point.coefficients, with_lag, with_error);
    let (optimization, notes) = story(&terms, &profile, &peak, &vcov);
    let f: f64 = peak.f.iter().map(|f| f.0).sum();
    let log_likelihood = f + concentrated(n, peak.point.sse) + design.half_ln_weights();
    let processes = (terms.iter().zip(&peak.theta).zip(peak.locals))
        .map(|(((name, w), value), local)| Process {
            name,
            value: *value,
            w: (*w).clone(),
            local,
        })
        .collect();
    Fit::assemble(
        spec,
        design,
        Parts {
            model,
            parameters: peak.point.coefficients.len()
                + terms.len()
                + variances.as_ref().map_or(1, Vec::len),
            coefficients: peak.point.coefficients,
            processes,
            information: Some(information),
            sigma2,
            variances,
            vcov,
            log_likelihood,
            residuals,
            distribution: Distribution::Normal,
            optimization: Some(optimization),
            notes,
        },
    )
}

/// e = (I - lambda M)((I - rho W) y - X b).
fn residuals(
    design: &Design,
    coefficients: &Array1<f64>,
    lag: Option<(&Weights, f64)>,
    error: Option<(&Weights, f64)>,
) -> Array1<f64> {
    let filtered = |v: Array1<f64>, term: Option<(&Weights, f64)>| match term {
        Some((w, theta)) => &v - &(w.csr().product(v.view()) * theta),
        None => v,
    };
    let u = filtered(design.y.clone(), lag) - design.x.dot(coefficients);
    filtered(u, error)
}

/// An error where rho and lambda can be exchanged: with the same weights, and W X in the span of X.
fn check_apart(
    model: Model,
    compressed: &Compressed,
    lag: Option<&Weights>,
    error: Option<&Weights>,
) -> Result<()> {
    if let (Some(w), Some(m)) = (lag, error)
        && w.csr() == m.csr()
        && compressed.holds_its_lag()
    {
        return Err(Error::Unsupported {
            what: format!("rho and lambda of a {} with these regressors", model.abbreviation()),
            why: "both terms have the same weights and the spatial lags of all regressors are combinations of the regressors (as of a constant alone), so that rho and lambda can be exchanged and the data cannot tell them apart; give the error other weights, add a regressor, or leave one of the terms out".to_owned(),
        });
    }
    Ok(())
}

/// The error of a likelihood that grows without bound towards rho and lambda as given.
fn exact_at(model: Model, terms: &[(&'static str, &Weights)], theta: &[f64]) -> Error {
    let at: Vec<String> = (terms.iter().zip(theta))
        .map(|((name, _), value)| format!("{name} = {value:.6}"))
        .collect();
    Error::Unsupported {
        what: format!("a {} that fits exactly", model.abbreviation()),
        why: format!(
            "at {} the residual variance is zero, so that the likelihood has no maximum: there are nearly as many coefficients as units, or the weights make W y a combination of y and the regressors (as where each unit is linked to all others alike); take fewer regressors or other weights",
            at.join(", ")
        ),
    }
}

/// How the maximum was found, and what the reader should know of it.
fn story(
    terms: &[(&'static str, &Weights)],
    profile: &Profile<'_>,
    peak: &Peak,
    vcov: &Array2<f64>,
) -> (Optimization, Vec<Note>) {
    let mut notes = Vec::new();
    let mut parameters = Vec::new();
    for (i, (name, _)) in terms.iter().enumerate() {
        let (lo, hi) = profile.jacobians[i].interval;
        let value = peak.theta[i];
        if (hi - value).min(value - lo) < AT_END * (hi - lo) {
            notes.push(Note::AtBound {
                parameter: name,
                value,
            });
        }
        let approximation = profile.jacobians[i].error(value);
        if !profile.jacobians[i].is_exact() {
            notes.push(Note::ApproximateLogDeterminant {
                parameter: name,
                method: profile.jacobians[i].method().to_string(),
                error: approximation,
            });
        }
        parameters.push(SpatialParameter {
            name,
            interval: (lo, hi),
            gradient: peak.gradient[i],
            curvature: peak.curvature[[i, i]],
            log_determinant: profile.jacobians[i].method(),
            nodes: peak.locals[i].nodes(),
            error: peak.locals[i].stated_error(&[value]) + approximation,
        });
    }
    if terms.len() == 2 {
        let k = peak.point.coefficients.len();
        let variances = vcov[[k, k]] * vcov[[k + 1, k + 1]];
        let correlation = vcov[[k, k + 1]] / variances.sqrt();
        if correlation.abs() > ALIKE {
            notes.push(Note::LagLikeError { correlation });
        }
    }
    let optimization = Optimization {
        evaluations: peak.evaluations,
        parameters,
    };
    (optimization, notes)
}

/// The information to use: the one asked for, else the default for the size.
fn choose(asked: Option<Information>, n: usize) -> Result<Information> {
    match asked {
        Some(Information::Expected) if n > DENSE_LIMIT => Err(Error::TooLarge {
            what: "the expected information (it needs an n × n inverse)",
            n,
            limit: DENSE_LIMIT,
            instead: "take the observed information, the default at this size",
        }),
        Some(information) => Ok(information),
        None if n <= DENSE_LIMIT => Ok(Information::Expected),
        None => Ok(Information::Observed),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use crate::random::Stream;
    use crate::{Lattice, Note, Regression, Table, Weights};

    /// Regressors that hardly matter leave rho and lambda to be exchanged; those that do tell them apart.
    #[test]
    fn a_lag_like_an_error_is_noted_where_the_correlation_says_so() {
        let w = Weights::lattice(Lattice::queen(8, 8)).unwrap();
        let w = w.row_standardized().unwrap();
        let mut noted = [0, 0];
        for seed in 0..20 {
            for (weak, effect) in [0.0, 5.0].into_iter().enumerate() {
                let mut s = Stream::new(seed, 0);
                let mut draw = || -> Array1<f64> { (0..64).map(|_| s.normal()).collect() };
                let (x, e) = (draw(), draw());
                let start = &x * effect + &e;
                let mut y = start.clone();
                for _ in 0..60 {
                    y = &start + &(w.lag(&y).unwrap() * 0.5);
                }
                let table = Table::over(w.units()).column("x", x).unwrap();
                let both = Regression::of("y")
                    .on(["x"])
                    .spatial_lag(&w)
                    .spatial_error(&w);
                let fit = both.fit(&table.column("y", y).unwrap()).unwrap();
                let v = fit.vcov();
                let of = |a: &str, b: &str| v.between(a, b).unwrap();
                let correlation =
                    of("rho", "lambda") / (of("rho", "rho") * of("lambda", "lambda")).sqrt();
                let note = (fit.notes().iter()).any(|n| matches!(n, Note::LagLikeError { .. }));
                assert_eq!(note, correlation.abs() > 0.99, "{correlation}");
                noted[weak] += usize::from(note);
            }
        }
        assert!(noted[0] > 0 && noted[1] == 0, "{noted:?}");
    }
}
