//! `Fit`: what a regression found, and the questions it answers.

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::Regression;
use super::design::Design;
use super::hac::{autocorrelated, with_lags};
use super::likelihood::Information;
use super::likelihood::sandwich::sandwich;
use super::notes;
use super::terms::{Model, Regressor};
use super::vcov::{Covariance, Vcov, heteroskedastic};
use crate::data::Units;
use crate::error::{Error, Result};
use crate::inference::{Distribution, Estimate, Note};
use crate::linalg::dense;
use crate::linalg::least_squares::block;
use crate::linalg::local::Local;
use crate::linalg::triangular::inverse_cross_product;
use crate::weights::{LogDeterminant, Weights};

/// A fitted regression.
///
/// Printing it gives the usual table. Coefficients of least squares are referred to t(n - k), those of maximum likelihood to the
/// normal distribution. It owns clones of its weights, so that impacts never ask for W again.
#[derive(Debug, Clone)]
pub struct Fit {
    pub(crate) sample: Arc<Sample>,
    model: Model,
    coefficients: Array1<f64>,
    /// rho before lambda.
    processes: Vec<Process>,
    information: Option<Information>,
    sigma2: f64,
    /// Of each group, where they differ.
    variances: Option<Vec<f64>>,
    vcov_kind: Vcov,
    vcov: Covariance,
    /// The covariance as estimated.
    classical: Array2<f64>,
    log_likelihood: f64,
    parameters: usize,
    residuals: Array1<f64>,
    distribution: Distribution,
    optimization: Option<Optimization>,
    notes: Vec<Note>,
}

/// What was fitted to what.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) design: Design,
    /// Triangular factor of X, its rows multiplied by the roots of the weights of the observations.
    pub(crate) r: Array2<f64>,
    /// Weights of the W X term.
    pub(crate) durbin: Option<Weights>,
}

/// A spatial process of a maximum likelihood fit: its parameter (`rho` or `lambda`) and its weights.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) w: Weights,
    /// ln|I - theta W| and its derivatives round the estimate.
    pub(crate) local: Local,
}

/// Names of the parameters of the two processes.
pub(crate) const RHO: &str = "rho";
pub(crate) const LAMBDA: &str = "lambda";

/// What an estimator hands over.
pub(crate) struct Parts {
    pub(crate) model: Model,
    pub(crate) coefficients: Array1<f64>,
    /// rho before lambda.
    pub(crate) processes: Vec<Process>,
    pub(crate) information: Option<Information>,
    pub(crate) sigma2: f64,
    pub(crate) variances: Option<Vec<f64>>,
    pub(crate) vcov: Array2<f64>,
    pub(crate) log_likelihood: f64,
    pub(crate) parameters: usize,
    pub(crate) residuals: Array1<f64>,
    pub(crate) distribution: Distribution,
    pub(crate) optimization: Option<Optimization>,
    pub(crate) notes: Vec<Note>,
}

/// The story of the optimiser.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Optimization {
    /// Values of the profile likelihood that were computed.
    pub evaluations: usize,
    /// One entry for rho, one for lambda, where the model has them.
    pub parameters: Vec<SpatialParameter>,
}

/// How a spatial parameter was found, with the evidence that it is a maximum.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SpatialParameter {
    /// `rho` or `lambda`.
    pub name: &'static str,
    /// The open interval in which it was sought.
    pub interval: (f64, f64),
    /// Derivative of the profile log-likelihood at the estimate.
    pub gradient: f64,
    /// Minus its second derivative there, positive at a maximum.
    pub curvature: f64,
    /// How ln|I - rho W| was computed.
    pub log_determinant: LogDeterminant,
    /// The values of the parameter with an exact sparse factorisation, in the order in which they were added; none where eigenvalues are used.
    pub nodes: Vec<f64>,
    /// Estimate, on the safe side, of the error of ln|I - rho W| at the estimate: the larger of what the last two nodes changed; zero from eigenvalues.
    pub error: f64,
}

/// Measures of fit, each with its definition.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RSquared {
    /// 1 - e'e / sum (y - mean y)², for least squares with a constant; with fixed effects y is what they leave of it (R² within).
    pub ordinary: Option<f64>,
    /// 1 - (1 - R²)(n - 1) / (n - k), k with the fixed effects, for least squares with a constant.
    pub adjusted: Option<f64>,
    /// Squared correlation of the response and the fitted values; zero where the fitted values do not vary.
    pub squared_correlation: f64,
}

impl Fit {
    pub(crate) fn assemble(spec: &Regression, design: Design, parts: Parts) -> Result<Self> {
        let x = design.weighted_x();
        let r = dense::triangular_factor(x.view())?;
        let mut names = design.names.clone();
        names.extend(parts.processes.iter().map(|p| p.name.to_owned()));
        match &design.variances {
            Some(groups) => names.extend(groups.all_named("sigma2")),
            None if parts.processes.is_empty() => {}
            None => names.push("sigma2".to_owned()),
        }
        let mut notes = parts.notes;
        notes.extend(notes::of(
            &design,
            &design.leverage(r.view()),
            spec,
            parts.parameters,
        ));
        drop(x);
        if !parts.vcov.diag().iter().all(|v| *v > 0.0) {
            notes.push(Note::NotDefined {
                what: "a standard error",
                why: "the information matrix is not positive definite at the estimate (as at a bound)".to_owned(),
            });
        }
        let sample = Sample {
            r,
            durbin: spec.durbin.as_ref().map(|d| d.w.clone()),
            design,
        };
        Ok(Self {
            sample: Arc::new(sample),
            model: parts.model,
            coefficients: parts.coefficients,
            processes: parts.processes,
            information: parts.information,
            sigma2: parts.sigma2,
            variances: parts.variances,
            vcov_kind: Vcov::Classical,
            classical: parts.vcov.clone(),
            vcov: Covariance::new(names, parts.vcov),
            log_likelihood: parts.log_likelihood,
            parameters: parts.parameters,
            residuals: parts.residuals,
            distribution: parts.distribution,
            optimization: parts.optimization,
            notes,
        })
    }

    /// The same fit with another covariance of its coefficients; nothing is estimated again.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a combination without theory (see [`Vcov`]), and for HC2 and HC3 where a unit has leverage one.
    pub fn with_vcov(mut self, kind: Vcov) -> Result<Self> {
        let design = &self.sample.design;
        let kind = with_lags(kind, design)?;
        let k = design.k();
        let matrix = match (kind, self.is_spatial_process()) {
            (same, _) if same == self.vcov_kind => return Ok(self),
            _ if self.variances.is_some() => {
                return Err(Error::Unsupported {
                    what: format!("{kind} for a fit with variances by group"),
                    why: "they are its model of heteroskedasticity, and it is estimated by maximum likelihood; heteroskedasticity-consistent covariances are for OLS and SLX by least squares".to_owned(),
                });
            }
            (Vcov::Qml, true) => sandwich(&self, &self.classical)?,
            (Vcov::Qml, false) => {
                return Err(Error::Unsupported {
                    what: format!("{kind} for a {}", self.model.abbreviation()),
                    why: "it is for maximum likelihood with rho or lambda; least squares needs no normal errors".to_owned(),
                });
            }
            (Vcov::Classical, true) => self.classical.clone(),
            (_, true) => {
                return Err(Error::Unsupported {
                    what: format!("{kind} for a {} by maximum likelihood", self.model.abbreviation()),
                    why: "under heteroskedasticity its estimates are themselves inconsistent, so that no covariance mends them; heteroskedasticity-consistent covariances are for OLS and SLX, `Vcov::Qml` is for errors that are not normal".to_owned(),
                });
            }
            (Vcov::Classical, false) => inverse_cross_product(self.sample.r.view()) * self.sigma2,
            (Vcov::NeweyWest { .. } | Vcov::HansenHodrick { .. }, false) => autocorrelated(
                kind,
                design,
                design.weighted_x().view(),
                &self.weighted_residuals(),
                &inverse_cross_product(self.sample.r.view()),
            )?,
            (kind, false) => heteroskedastic(
                kind,
                design.weighted_x().view(),
                self.sample.r.view(),
                &self.weighted_residuals(),
                &inverse_cross_product(block(&self.sample.r, k).view()),
                design,
            )?,
        };
        self.vcov = Covariance::new(self.vcov.names().to_vec(), matrix);
        self.vcov_kind = kind;
        Ok(self)
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> Model {
        self.model
    }

    /// Name of the response.
    #[must_use]
    pub fn response(&self) -> &str {
        &self.sample.design.response
    }

    /// The units of the sample.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.sample.design.units
    }

    /// Number of units.
    #[must_use]
    pub fn n(&self) -> usize {
        self.sample.design.n()
    }

    /// The regression coefficients: the constant (`const`), the regressors, their lags (`W name`).
    #[must_use]
    pub fn coefficients(&self) -> Vec<Estimate> {
        (0..self.coefficients.len())
            .map(|i| self.estimate(i, self.coefficients[i]))
            .collect()
    }

    /// One coefficient by its name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the names.
    pub fn coefficient(&self, name: &str) -> Result<Estimate> {
        let at = self.position(name)?;
        Ok(self.estimate(at, self.coefficients[at]))
    }

    /// The spatial lag parameter rho, where the model has one.
    #[must_use]
    pub fn rho(&self) -> Option<Estimate> {
        self.spatial_estimate(RHO)
    }

    /// The spatial error parameter lambda, where the model has one.
    #[must_use]
    pub fn lambda(&self) -> Option<Estimate> {
        self.spatial_estimate(LAMBDA)
    }

    /// The residual variance: e'e / (n - k) for least squares, e'e / n for maximum likelihood; with weights of the observations e'De, D = diag(w),
    /// in the place of e'e.
    #[must_use]
    pub fn sigma2(&self) -> f64 {
        self.sigma2
    }

    /// The variances of the groups, `sigma2 [g]`, where they differ ([`Regression::variance_by`](super::Regression::variance_by));
    /// [`sigma2`](Self::sigma2) is then their mean over the units.
    #[must_use]
    pub fn group_variances(&self) -> Option<Vec<Estimate>> {
        let variances = self.variances.as_ref()?;
        let first = self.coefficients.len() + self.processes.len();
        let values = variances.iter().enumerate();
        Some(values.map(|(g, v)| self.estimate(first + g, *v)).collect())
    }

    /// The covariance of the estimates, with named rows: the coefficients, and for maximum likelihood rho or lambda, and
    /// sigma2 (of each group, where they differ).
    #[must_use]
    pub fn vcov(&self) -> &Covariance {
        &self.vcov
    }

    /// Which covariance it is.
    #[must_use]
    pub fn vcov_kind(&self) -> Vcov {
        self.vcov_kind
    }

    /// The information matrix behind the standard errors, for maximum likelihood.
    #[must_use]
    pub fn information(&self) -> Option<Information> {
        self.information
    }

    /// The log-likelihood at the estimate (normal errors, variance e'e / n).
    #[must_use]
    #[doc(alias = "logLik")]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Number of parameters that AIC and BIC count: coefficients, rho or lambda, and the variance or variances.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Akaike's criterion, -2 log L + 2 p.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.parameters as f64 - 2.0 * self.log_likelihood
    }

    /// Schwarz' criterion, -2 log L + p ln n.
    #[must_use]
    pub fn bic(&self) -> f64 {
        (self.n() as f64).ln() * self.parameters as f64 - 2.0 * self.log_likelihood
    }

    /// The residuals e: y - X b for least squares, y - rho W y - X b for the lag models, (I - lambda W)(y - X b) for the error models.
    #[must_use]
    pub fn residuals(&self) -> ArrayView1<'_, f64> {
        self.residuals.view()
    }

    /// The residuals multiplied by the roots of the weights of the observations, and divided by the standard deviation of their group where
    /// variances differ; the [`residuals`](Self::residuals) themselves without weights.
    #[must_use]
    #[doc(alias = "weighted.residuals")]
    pub fn weighted_residuals(&self) -> Array1<f64> {
        self.sample.design.weighted(self.residuals.view())
    }

    /// The column of the weights of the observations, where there is one.
    #[must_use]
    pub fn weighted_by(&self) -> Option<&str> {
        self.sample.design.weighted_by.as_deref()
    }

    /// The names of the regimes, where coefficients differ by group.
    #[must_use]
    pub fn regimes(&self) -> Option<&[String]> {
        let regimes = self.sample.design.regimes.as_ref();
        regimes.map(|r| r.groups.names.as_slice())
    }

    /// The names of the regimes and their numbers of units; empty without regimes.
    pub(crate) fn regime_sizes(&self) -> Vec<(String, usize)> {
        let groups = self.sample.design.regimes.iter().map(|r| &r.groups);
        let pairs = groups.flat_map(|g| g.names.iter().zip(&g.sizes));
        pairs.map(|(name, n)| (name.clone(), *n)).collect()
    }

    /// The fitted values y - e, which for the spatial models use the observed neighbours.
    #[must_use]
    pub fn fitted(&self) -> Array1<f64> {
        self.response_values() - &self.residuals
    }

    /// Leverages, the diagonal of X (X'X)^-1 X', rows multiplied by the roots of the weights of the observations.
    #[must_use]
    #[doc(alias = "hatvalues")]
    pub fn leverage(&self) -> Array1<f64> {
        self.sample.design.leverage(self.sample.r.view())
    }

    /// Measures of fit; sums, means and the correlation are weighted where the observations are.
    #[must_use]
    pub fn r_squared(&self) -> RSquared {
        let design = &self.sample.design;
        let (n, df) = (design.n() as f64, design.df() as f64);
        let centred = |v: &Array1<f64>| match design.root_weights() {
            Some(root) => {
                let w = root.mapv(|r| r * r);
                (v - w.dot(v) / w.sum()) * root
            }
            None => v - v.sum() / n,
        };
        let within = centred(&design.y);
        let (y, fitted) = (centred(self.response_values()), centred(&self.fitted()));
        let e = self.weighted_residuals();
        let flat = fitted.dot(&fitted) <= 1e-24 * y.dot(&y);
        let squared_correlation = if flat {
            0.0
        } else {
            y.dot(&fitted).powi(2) / (y.dot(&y) * fitted.dot(&fitted))
        };
        let constant = design.intercept || design.absorbed() > 0;
        let ordinary =
            (constant && self.is_least_squares()).then(|| 1.0 - e.dot(&e) / within.dot(&within));
        let adjusted = ordinary.map(|r2| 1.0 - (1.0 - r2) * (n - 1.0) / df);
        RSquared {
            ordinary,
            adjusted,
            squared_correlation,
        }
    }

    /// The story of the optimiser, for maximum likelihood.
    #[must_use]
    pub fn optimization(&self) -> Option<&Optimization> {
        self.optimization.as_ref()
    }

    /// What the reader of the fit should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The weights of the spatial lag or error, where there is one, else those of W X.
    #[must_use]
    pub fn weights(&self) -> Option<&Weights> {
        self.processes
            .first()
            .map(|p| &p.w)
            .or(self.sample.durbin.as_ref())
    }

    /// Where a coefficient stands.
    pub(crate) fn position(&self, name: &str) -> Result<usize> {
        let names = &self.sample.design.names;
        let found = names.iter().position(|n| n == name);
        found.ok_or_else(|| Error::UnknownColumn {
            name: name.to_owned(),
            available: names.clone(),
        })
    }

    pub(crate) fn estimate(&self, i: usize, value: f64) -> Estimate {
        Estimate::new(
            self.vcov.names()[i].clone(),
            value,
            self.vcov.std_error(i),
            self.distribution,
        )
    }

    fn spatial_estimate(&self, name: &str) -> Option<Estimate> {
        let at = self.processes.iter().position(|p| p.name == name)?;
        Some(self.estimate(self.coefficients.len() + at, self.processes[at].value))
    }

    /// The spatial processes, rho before lambda; none for OLS and SLX.
    pub(crate) fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// The process of the spatial lag, where there is one.
    pub(crate) fn lag(&self) -> Option<&Process> {
        self.processes.iter().find(|p| p.name == RHO)
    }

    /// The process of the spatial error, where there is one.
    pub(crate) fn error(&self) -> Option<&Process> {
        self.processes.iter().find(|p| p.name == LAMBDA)
    }

    /// Whether there is a spatial lag or a spatial error.
    pub(crate) fn is_spatial_process(&self) -> bool {
        !self.processes.is_empty()
    }

    /// Whether the fit is of least squares, weighted or not: without rho, lambda and variances by group.
    pub(crate) fn is_least_squares(&self) -> bool {
        self.processes.is_empty() && self.variances.is_none()
    }

    /// The coefficients, then rho, then lambda.
    pub(crate) fn location(&self) -> Array1<f64> {
        let spatial = self.processes.iter().map(|p| p.value);
        self.coefficients.iter().copied().chain(spatial).collect()
    }

    /// The names of [`location`](Self::location).
    pub(crate) fn location_names(&self) -> Vec<String> {
        let spatial = self.processes.iter().map(|p| p.name.to_owned());
        self.sample
            .design
            .names
            .iter()
            .cloned()
            .chain(spatial)
            .collect()
    }

    /// Whether the term has a coefficient in every regime.
    pub(crate) fn differs_by_regime(&self, term: &str) -> bool {
        self.sample.design.regimes.as_ref().is_some_and(|r| {
            let all = r.groups.len();
            (r.terms.iter()).any(|(name, at)| name == term && at.len() == all)
        })
    }

    /// The responses multiplied by the roots of the weights of the observations, whatever the variances of groups.
    pub(crate) fn response_by_weights(&self) -> (Array1<f64>, Array1<f64>) {
        let design = &self.sample.design;
        let mut root = design.weighted(Array1::ones(self.n()).view());
        if let (Some(variances), Some(groups)) = (&self.variances, &design.variances) {
            for (r, g) in root.iter_mut().zip(&groups.of) {
                *r *= variances[*g as usize].sqrt();
            }
        }
        (self.y() * &root, root)
    }

    pub(crate) fn distribution(&self) -> Distribution {
        self.distribution
    }

    pub(crate) fn b(&self) -> &Array1<f64> {
        &self.coefficients
    }

    pub(crate) fn x(&self) -> ArrayView2<'_, f64> {
        self.sample.design.x.view()
    }

    /// The response as it came, before fixed effects were removed.
    pub(crate) fn response_values(&self) -> &Array1<f64> {
        let design = &self.sample.design;
        design.panel.as_ref().map_or(&design.y, |p| &p.y)
    }

    pub(crate) fn y(&self) -> &Array1<f64> {
        &self.sample.design.y
    }

    pub(crate) fn regressors(&self) -> &[Regressor] {
        &self.sample.design.regressors
    }

    pub(crate) fn durbin_weights(&self) -> Option<&Weights> {
        self.sample.durbin.as_ref()
    }

    /// The covariance of the coefficients, of rho and of lambda, without that of sigma².
    pub(crate) fn vcov_of_location(&self) -> Array2<f64> {
        let m = self.coefficients.len() + self.processes.len();
        self.vcov
            .matrix()
            .slice_axis(Axis(0), (..m).into())
            .slice_axis(Axis(1), (..m).into())
            .to_owned()
    }
}
