//! From the terms and a table to y, X and the names of its columns.

use ndarray::{Array1, Array2, ArrayView1, Axis, CowArray, Ix2};

use super::Regression;
use super::terms::{Lagged, Regressor};
use crate::data::{Table, Units};
use crate::error::{Cell, Error, Result};
use crate::linalg::dense;
use crate::linalg::triangular::dependent_columns;
use crate::weights::Weights;

/// Name of the constant.
pub(crate) const CONSTANT: &str = "const";

/// y and X of one sample.
#[derive(Debug, Clone)]
pub(crate) struct Design {
    pub(crate) units: Units,
    pub(crate) response: String,
    pub(crate) y: Array1<f64>,
    /// n × k: the constant, the regressors, their lags.
    pub(crate) x: Array2<f64>,
    pub(crate) names: Vec<String>,
    pub(crate) regressors: Vec<Regressor>,
    pub(crate) intercept: bool,
    pub(crate) lagged_constant: bool,
    /// The column of the weights of the observations.
    pub(crate) weighted_by: Option<String>,
    root_weights: Option<Array1<f64>>,
}

impl Design {
    pub(crate) fn n(&self) -> usize {
        self.y.len()
    }

    pub(crate) fn k(&self) -> usize {
        self.names.len()
    }

    /// Square roots of the weights of the observations, where there are any.
    pub(crate) fn root_weights(&self) -> Option<ArrayView1<'_, f64>> {
        self.root_weights.as_ref().map(|r| r.view())
    }

    /// X, its rows multiplied by the roots of the weights.
    pub(crate) fn weighted_x(&self) -> CowArray<'_, f64, Ix2> {
        match &self.root_weights {
            Some(root) => (&self.x * &root.view().insert_axis(Axis(1))).into(),
            None => self.x.view().into(),
        }
    }

    /// A column, multiplied by the roots of the weights.
    pub(crate) fn weighted(&self, v: ArrayView1<'_, f64>) -> Array1<f64> {
        match &self.root_weights {
            Some(root) => &v * root,
            None => v.to_owned(),
        }
    }

    /// ½ sum ln w, which the weights of the observations add to the log-likelihood.
    pub(crate) fn half_ln_weights(&self) -> f64 {
        (self.root_weights.as_ref()).map_or(0.0, |root| root.iter().map(|r| r.ln()).sum())
    }

    pub(crate) fn new(spec: &Regression, table: &Table) -> Result<Self> {
        let units = table.units().clone();
        for w in [&spec.lag, &spec.error]
            .into_iter()
            .flatten()
            .chain(spec.durbin.as_ref().map(|d| &d.w))
        {
            units.check_same("the table", w.units(), "the weights")?;
            usable(w)?;
        }
        let y = table.values(&spec.response)?.to_owned();
        let mut columns: Vec<(String, Array1<f64>)> = Vec::new();
        if spec.intercept {
            columns.push((CONSTANT.to_owned(), Array1::ones(y.len())));
        }
        let mut regressors: Vec<Regressor> = Vec::new();
        for name in &spec.regressors {
            if *name == spec.response || regressors.iter().any(|r| r.name == *name) {
                return Err(Error::DuplicateColumn { name: name.clone() });
            }
            regressors.push(Regressor {
                name: name.clone(),
                own: Some(columns.len()),
                lagged: None,
            });
            columns.push((name.clone(), table.values(name)?.to_owned()));
        }
        let mut lagged_constant = false;
        if let Some(durbin) = &spec.durbin {
            if spec.intercept && lag_of_constant_varies(&durbin.w) {
                lagged_constant = true;
                columns.push((format!("W {CONSTANT}"), durbin.w.csr().row_sums()));
            }
            let lagged = match &durbin.lagged {
                Lagged::All => spec.regressors.clone(),
                Lagged::Only(names) => names.clone(),
            };
            for name in lagged {
                let at = columns.len();
                columns.push((format!("W {name}"), durbin.w.lag(table.variable(&name)?)?));
                match regressors.iter_mut().find(|r| r.name == name) {
                    Some(Regressor {
                        lagged: Some(_), ..
                    }) => return Err(Error::DuplicateColumn { name }),
                    Some(r) => r.lagged = Some(at),
                    None => regressors.push(Regressor {
                        name,
                        own: None,
                        lagged: Some(at),
                    }),
                }
            }
        }
        let (names, values): (Vec<String>, Vec<Array1<f64>>) = columns.into_iter().unzip();
        // Parameters are asked for by name: a column must not be called like another parameter.
        let parameters: &[&str] = match (&spec.lag, &spec.error) {
            (Some(_), _) => &["rho", "sigma2"],
            (None, Some(_)) => &["lambda", "sigma2"],
            (None, None) => &[],
        };
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) || parameters.contains(&name.as_str()) {
                return Err(Error::DuplicateColumn { name: name.clone() });
            }
        }
        let mut x = Array2::zeros((y.len(), names.len()));
        for (mut to, from) in x.columns_mut().into_iter().zip(&values) {
            to.assign(from);
        }
        let root_weights = match &spec.weighted_by {
            Some(column) => Some(roots(table, column)?),
            None => None,
        };
        let design = Self {
            units,
            response: spec.response.clone(),
            y,
            x,
            names,
            regressors,
            intercept: spec.intercept,
            lagged_constant,
            weighted_by: spec.weighted_by.clone(),
            root_weights,
        };
        design.check_rank(spec.lag.is_some() || spec.error.is_some())?;
        Ok(design)
    }

    fn check_rank(&self, spatial: bool) -> Result<()> {
        let (n, k) = (self.n(), self.k());
        // A residual variance needs a unit more than there are coefficients, a profile of rho one more.
        let needed = k + 1 + usize::from(spatial);
        if n < needed {
            return Err(Error::TooFewUnits {
                what: format!("a regression with {k} coefficients"),
                needed,
                n,
            });
        }
        if k == 0 {
            return Err(Error::Unsupported {
                what: "a regression without regressors and without a constant".to_owned(),
                why: "there is nothing to estimate; add a regressor".to_owned(),
            });
        }
        let dependent =
            dependent_columns(dense::triangular_factor(self.weighted_x().view())?.view());
        if dependent.is_empty() {
            return Ok(());
        }
        let name = |j: usize| self.names[j].clone();
        Err(Error::Collinear {
            columns: dependent
                .into_iter()
                .map(|(j, of)| (name(j), of.into_iter().map(name).collect()))
                .collect(),
        })
    }

    /// The columns of X, then more columns.
    pub(crate) fn x_and(&self, more: &[ArrayView1<'_, f64>]) -> Array2<f64> {
        let (n, k) = self.x.dim();
        let mut z = Array2::zeros((n, k + more.len()));
        for (j, mut to) in z.columns_mut().into_iter().enumerate() {
            if j < k {
                to.assign(&self.x.column(j));
            } else {
                to.assign(&more[j - k]);
            }
        }
        z
    }
}

/// The roots of the weights of the observations.
fn roots(table: &Table, column: &str) -> Result<Array1<f64>> {
    let w = table.values(column)?;
    match w.iter().position(|w| *w <= 0.0) {
        Some(i) => Err(Error::NonPositive {
            cell: Cell::new(table.units().name(i), None, column),
            value: w[i],
        }),
        None => Ok(w.mapv(f64::sqrt)),
    }
}

/// W has links, and its islands are decided.
fn usable(w: &Weights) -> Result<()> {
    w.check_ready()?;
    if w.links() == 0 {
        return Err(Error::Unsupported {
            what: "a spatial term with weights that have no links".to_owned(),
            why: "its lag is zero for every unit".to_owned(),
        });
    }
    Ok(())
}

/// Whether W 1 is not a multiple of 1, so that it is a regressor of its own.
fn lag_of_constant_varies(w: &Weights) -> bool {
    let sums = w.csr().row_sums();
    let (low, high) = sums
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(l, h), s| (l.min(*s), h.max(*s)));
    high - low > 1e-10 * high
}
