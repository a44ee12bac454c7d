//! From the terms and a table to y, X and the names of its columns.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, CowArray, Ix2};

use super::Regression;
use super::panel::PanelDesign;
use super::regimes::{Groups, RegimeTerms};
use super::terms::{Lagged, Regressor};
use crate::data::{Table, Units};
use crate::error::{Cell, Error, Result};
use crate::linalg::dense;
use crate::linalg::least_squares::leverage;
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
    /// The column of the constant; with regimes, of its first.
    pub(crate) constant: Option<usize>,
    pub(crate) lagged_constant: bool,
    pub(crate) regimes: Option<RegimeTerms>,
    /// The groups of units with a variance each.
    pub(crate) variances: Option<Groups>,
    /// The column of the weights of the observations.
    pub(crate) weighted_by: Option<String>,
    root_weights: Option<Array1<f64>>,
    /// Where the rows are units in periods.
    pub(crate) panel: Option<PanelDesign>,
}

impl Design {
    pub(crate) fn n(&self) -> usize {
        self.y.len()
    }

    pub(crate) fn k(&self) -> usize {
        self.names.len()
    }

    /// Coefficients that fixed effects stand for.
    pub(crate) fn absorbed(&self) -> usize {
        self.panel.as_ref().map_or(0, |p| p.absorbed)
    }

    /// Degrees of freedom of the residuals of least squares.
    pub(crate) fn df(&self) -> usize {
        self.n() - self.k() - self.absorbed()
    }

    /// Leverages, from the triangular factor of X; fixed effects of a balanced panel add the same to each.
    pub(crate) fn leverage(&self, r: ArrayView2<'_, f64>) -> Array1<f64> {
        let effects = self.absorbed() as f64 / self.n() as f64;
        leverage(self.weighted_x().view(), r) + effects
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

    /// Weights w_i / sigma²_g in the place of w_i, where there are variances by group.
    pub(crate) fn divide_weights(&mut self, variances: &[f64]) {
        if let Some(groups) = &self.variances {
            let n = self.y.len();
            let root = (self.root_weights).get_or_insert_with(|| Array1::ones(n));
            for (r, g) in root.iter_mut().zip(&groups.of) {
                *r /= variances[*g as usize].sqrt();
            }
        }
    }

    /// ½ sum ln w, which the weights of the observations add to the log-likelihood.
    pub(crate) fn half_ln_weights(&self) -> f64 {
        (self.root_weights.as_ref()).map_or(0.0, |root| root.iter().map(|r| r.ln()).sum())
    }

    pub(crate) fn new(spec: &Regression, table: &Table) -> Result<Self> {
        spec.require_no_effects()?;
        let design = Self::unchecked(spec, table)?;
        design.check_rank(usize::from(spec.lag.is_some()) + usize::from(spec.error.is_some()))?;
        Ok(design)
    }

    /// The columns, whatever their rank.
    pub(crate) fn unchecked(spec: &Regression, table: &Table) -> Result<Self> {
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
        let terms = Term::all(spec, table)?;
        let regimes = match &spec.regimes {
            Some(regimes) => {
                let mut known: Vec<String> = terms.iter().map(|t| t.of.clone()).collect();
                known.dedup();
                regimes.check_terms(&known)?;
                Some(Groups::of(table, &regimes.label, "regimes")?)
            }
            None => None,
        };
        let lagged_constant = terms.iter().any(|t| t.constant && t.lagged);
        let (split, common): (Vec<Term>, Vec<Term>) =
            (terms.into_iter()).partition(|t| spec.regimes.as_ref().is_some_and(|r| r.has(&t.of)));
        let mut columns = Columns::default();
        for mut term in common {
            let values = std::mem::take(&mut term.values);
            columns.push(&term, None, values);
        }
        let mut by_group: Vec<(String, Vec<usize>)> =
            split.iter().map(|t| (t.name(), Vec::new())).collect();
        if let Some(groups) = &regimes {
            let mut counts = Vec::with_capacity(groups.len());
            for g in 0..groups.len() {
                let before = columns.names.len();
                for (term, (_, at)) in split.iter().zip(&mut by_group) {
                    // The lag of the constant is a multiple of the constant where the sums of the rows are the same within the group.
                    let rows =
                        (term.values.iter().zip(&groups.of)).filter(|(_, h)| **h as usize == g);
                    if term.constant && term.lagged && !varies(rows.map(|(v, _)| *v)) {
                        continue;
                    }
                    at.push(columns.names.len());
                    let part = groups.part(term.values.view(), g);
                    columns.push(term, Some((groups, g)), part);
                }
                counts.push(columns.names.len() - before);
            }
            groups.check_sizes(&counts)?;
        }
        let Columns {
            names,
            values,
            regressors,
            constant,
        } = columns;
        let variances = match &spec.variance_by {
            Some(label) => Some(Groups::of(table, label, "variances by group")?),
            None => None,
        };
        // Parameters are asked for by name: a column must not be called like another parameter.
        let spatial = [(&spec.lag, "rho"), (&spec.error, "lambda")];
        let mut parameters: Vec<String> = (spatial.iter().filter(|(w, _)| w.is_some()))
            .map(|(_, n)| (*n).to_owned())
            .collect();
        match &variances {
            Some(groups) => parameters.extend(groups.all_named("sigma2")),
            None if parameters.is_empty() => {}
            None => parameters.push("sigma2".to_owned()),
        }
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) || parameters.contains(name) {
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
        Ok(Self {
            units,
            response: spec.response.clone(),
            y,
            x,
            names,
            regressors,
            intercept: spec.intercept,
            constant,
            lagged_constant,
            regimes: regimes.map(|groups| RegimeTerms {
                groups,
                terms: by_group,
            }),
            variances,
            weighted_by: spec.weighted_by.clone(),
            root_weights,
            panel: None,
        })
    }

    pub(crate) fn check_rank(&self, processes: usize) -> Result<()> {
        let (n, k) = (self.n(), self.k());
        // A residual variance needs a unit more than there are coefficients, rho and lambda one more each.
        let needed = k + 1 + processes + self.absorbed();
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

/// One term of the equation before it is split by regimes.
struct Term {
    /// The regressor, or the constant.
    of: String,
    constant: bool,
    lagged: bool,
    values: Array1<f64>,
}

impl Term {
    fn name(&self) -> String {
        if self.lagged {
            format!("W {}", self.of)
        } else {
            self.of.clone()
        }
    }

    /// The constant, the regressors, their lags.
    fn all(spec: &Regression, table: &Table) -> Result<Vec<Self>> {
        let n = table.len();
        let mut terms: Vec<Self> = Vec::new();
        let mut push = |of: &str, constant: bool, lagged: bool, values: Array1<f64>| {
            if terms.iter().any(|t| t.of == of && t.lagged == lagged) {
                return Err(Error::DuplicateColumn {
                    name: of.to_owned(),
                });
            }
            terms.push(Self {
                of: of.to_owned(),
                constant,
                lagged,
                values,
            });
            Ok(())
        };
        if spec.intercept {
            push(CONSTANT, true, false, Array1::ones(n))?;
        }
        for name in &spec.regressors {
            if *name == spec.response {
                return Err(Error::DuplicateColumn { name: name.clone() });
            }
            push(name, false, false, table.values(name)?.to_owned())?;
        }
        if let Some(durbin) = &spec.durbin {
            // Where W 1 is not a multiple of 1 it is a regressor of its own.
            let sums = durbin.w.csr().row_sums();
            if spec.intercept && varies(sums.iter().copied()) {
                push(CONSTANT, true, true, sums)?;
            }
            let lagged = match &durbin.lagged {
                Lagged::All => &spec.regressors,
                Lagged::Only(names) => names,
            };
            for name in lagged {
                push(name, false, true, durbin.w.lag(table.variable(name)?)?)?;
            }
            if !terms.iter().any(|t| t.lagged) {
                return Err(Error::Unsupported {
                    what: "a Durbin term without regressors".to_owned(),
                    why: "there is nothing to lag; add regressors, or leave the term out"
                        .to_owned(),
                });
            }
        }
        Ok(terms)
    }
}

/// The columns of X as they come.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    values: Vec<Array1<f64>>,
    regressors: Vec<Regressor>,
    constant: Option<usize>,
}

impl Columns {
    /// A term, or its part of one regime.
    fn push(&mut self, term: &Term, regime: Option<(&Groups, usize)>, values: Array1<f64>) {
        let named = |name: &str| match regime {
            Some((groups, g)) => groups.named(name, g),
            None => name.to_owned(),
        };
        let at = self.names.len();
        self.names.push(named(&term.name()));
        self.values.push(values);
        if term.constant {
            if !term.lagged {
                self.constant.get_or_insert(at);
            }
            return;
        }
        let name = named(&term.of);
        let (own, lagged) = if term.lagged {
            (None, Some(at))
        } else {
            (Some(at), None)
        };
        match self.regressors.iter_mut().find(|r| r.name == name) {
            Some(r) => {
                r.own = r.own.or(own);
                r.lagged = r.lagged.or(lagged);
            }
            None => self.regressors.push(Regressor { name, own, lagged }),
        }
    }
}

/// Whether sums of rows of W differ.
fn varies(sums: impl Iterator<Item = f64>) -> bool {
    let (low, high) = sums.fold((f64::INFINITY, 0.0_f64), |(l, h), s| (l.min(s), h.max(s)));
    high - low > 1e-10 * high
}
