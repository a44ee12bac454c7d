//! The replicates of a bootstrap of a growth regression.

use ndarray::{Array1, Axis};

use super::BetaConvergence;
use super::bootstrap::{Resampling, Wanted};
use super::gap::Left;
use crate::convergence::growth::GROWTH;
use crate::data::{Table, Units};
use crate::error::{Error, Result};
use crate::linalg::dense::triangular_factor;
use crate::linalg::least_squares::leverage;
use crate::parallel::map_indexed;
use crate::random::Stream;
use crate::regression::{Fit, Regression};
use crate::weights::Weights;

/// From this many units on the signs of Rademacher make enough different samples (2^12).
const RADEMACHER_FROM: usize = 12;

/// What every replicate measures, or why it could not be fitted.
pub(super) fn replicates(
    beta: &BetaConvergence,
    how: Resampling,
    count: usize,
    seed: u64,
    wanted: &Wanted,
) -> Result<Vec<Result<Vec<Left>>>> {
    if how == Resampling::Pairs {
        return pairs(beta, count, seed, wanted);
    }
    let (fit, spec) = (beta.regression(), beta.spec());
    let base = without_growth(beta)?;
    let errors = Errors::of(fit, how)?;
    let mean = fit.x().dot(fit.b());
    let lag = fit.lag().map(|p| (&p.w, p.value));
    let error = fit.error().map(|p| (&p.w, p.value));
    with_inverse(lag, |solve_lag| {
        with_inverse(error, |solve_error| {
            Ok(map_indexed(count, |r| {
                let e = errors.draw(&mut Stream::new(seed, r as u64));
                let y = solve_lag(&mean + &solve_error(e)?)?;
                let table = base.clone().column(GROWTH, y)?;
                wanted.measure(&spec.fit(&table)?.with_vcov(fit.vcov_kind())?)
            }))
        })
    })
}

/// Solves (I - theta W) x = v.
type Solve<'a> = dyn Fn(Array1<f64>) -> Result<Array1<f64>> + Sync + 'a;

fn with_inverse<T>(
    term: Option<(&Weights, f64)>,
    then: impl FnOnce(&Solve<'_>) -> Result<T>,
) -> Result<T> {
    match term {
        Some((w, theta)) => w.with_factor(theta, |f| then(&|v| f.solve(v.view()))),
        None => then(&Ok),
    }
}

/// The table of the growth without what is drawn; labels only where the regression asks for them.
fn without_growth(beta: &BetaConvergence) -> Result<Table> {
    let from = beta.growth().table();
    let mut table = Table::over(from.units());
    for name in from.column_names().filter(|n| *n != GROWTH) {
        table = table.column(name, from.values(name)?.to_owned())?;
    }
    let spec = beta.spec();
    let by_regime = spec.regimes.as_ref().map(|r| r.label.as_str());
    let by_variance = spec.variance_by.as_deref();
    for label in by_regime
        .into_iter()
        .chain(by_variance.filter(|l| by_regime != Some(*l)))
    {
        table = table.label(label, from.labels(label)?.iter().cloned())?;
    }
    Ok(table)
}

/// The residuals behind the errors of replicates, of one variance.
struct Errors {
    e: Array1<f64>,
    how: Resampling,
    /// The roots of the weights of the observations, over the standard deviations of groups.
    root: Option<Array1<f64>>,
}

impl Errors {
    fn of(fit: &Fit, how: Resampling) -> Result<Self> {
        let design = &fit.sample.design;
        let mut e = fit.weighted_residuals();
        let (n, k) = (fit.n() as f64, design.k() as f64);
        if how == Resampling::Wild {
            for (e, h) in e.iter_mut().zip(leverages(fit)?) {
                // A unit that determines a coefficient alone has no residual.
                *e = if 1.0 - h > 1e-10 {
                    *e / (1.0 - h).sqrt()
                } else {
                    0.0
                };
            }
        } else {
            e -= e.sum() / n;
            e *= (n / (n - k)).sqrt();
        }
        Ok(Self {
            e,
            how,
            root: design.root_weights().map(|r| r.to_owned()),
        })
    }

    fn draw(&self, stream: &mut Stream) -> Array1<f64> {
        let n = self.e.len();
        let mut drawn: Array1<f64> = match self.how {
            Resampling::Wild => self.e.mapv(|e| e * two_sided(stream, n)),
            _ => (0..n)
                .map(|_| self.e[stream.below(n as u32) as usize])
                .collect(),
        };
        if let Some(root) = &self.root {
            drawn /= root;
        }
        drawn
    }
}

/// The leverages of the least squares behind the residuals: those of (I - lambda W) X in an error model.
fn leverages(fit: &Fit) -> Result<Array1<f64>> {
    let Some(error) = fit.error() else {
        return Ok(fit.leverage());
    };
    let mut x = &fit.x() - &(error.w.csr().product_columns(fit.x()) * error.value);
    if let Some(root) = fit.sample.design.root_weights() {
        x *= &root.insert_axis(Axis(1));
    }
    Ok(leverage(x.view(), triangular_factor(x.view())?.view()))
}

/// Mean zero, variance one: plus or minus one, or for few units one of six points.
fn two_sided(stream: &mut Stream, n: usize) -> f64 {
    if n >= RADEMACHER_FROM {
        return if stream.below(2) == 0 { -1.0 } else { 1.0 };
    }
    let point = stream.below(6);
    let size = [0.5_f64, 1.0, 1.5][(point / 2) as usize].sqrt();
    if point.is_multiple_of(2) { size } else { -size }
}

/// Units drawn with replacement; lags are columns of the units.
fn pairs(
    beta: &BetaConvergence,
    count: usize,
    seed: u64,
    wanted: &Wanted,
) -> Result<Vec<Result<Vec<Left>>>> {
    let (fit, spec, from) = (beta.regression(), beta.spec(), beta.growth().table());
    if fit.is_spatial_process() {
        return Err(Error::Unsupported {
            what: format!("a bootstrap by pairs of a {}", fit.model().abbreviation()),
            why: "units that are drawn again have no neighbours, so that rho and lambda have no meaning; take residuals or the wild bootstrap".to_owned(),
        });
    }
    let design = &fit.sample.design;
    // All columns as they stand, those of constants too, so that every coefficient keeps its place.
    let mut columns: Vec<(String, Array1<f64>)> = vec![(GROWTH.to_owned(), fit.y().clone())];
    for (i, name) in design.names.iter().enumerate() {
        columns.push((name.clone(), fit.x().column(i).to_owned()));
    }
    let mut again = Regression::of(GROWTH)
        .on(design.names.iter().cloned())
        .without_intercept();
    if let Some(weight) = &spec.weighted_by {
        again = again.weighted_by(weight);
        if columns.iter().all(|c| c.0 != *weight) {
            columns.push((weight.clone(), from.values(weight)?.to_owned()));
        }
    }
    let label = match &spec.variance_by {
        Some(label) => {
            again = again.variance_by(label);
            Some((label, from.labels(label)?))
        }
        None => None,
    };
    let n = fit.n();
    let units = Units::range(n);
    Ok(map_indexed(count, |r| {
        let mut stream = Stream::new(seed, r as u64);
        let at: Vec<usize> = (0..n).map(|_| stream.below(n as u32) as usize).collect();
        let mut table = Table::over(&units);
        for (name, values) in &columns {
            table = table.column(name, values.select(Axis(0), &at))?;
        }
        if let Some((name, labels)) = label {
            table = table.label(name, at.iter().map(|i| labels[*i].clone()))?;
        }
        let fit = again.fit(&table)?.with_vcov(fit.vcov_kind())?;
        Ok(wanted.measure_columns(&fit))
    }))
}
