//! Predictions for new units, by weights over the sample and them.

use ndarray::{Array1, Array2, ArrayView1};

use super::precision::{Filter, least_squares};
use super::{Predicted, Prediction};
use crate::data::{Table, Units};
use crate::error::{Cell, Error, Result};
use crate::regression::Fit;
use crate::regression::design::CONSTANT;
use crate::regression::fit::Process;
use crate::weights::{Transform, Weights};

/// Weights over the units of a sample and new ones together, for [`Fit::predict_for`].
///
/// They are built and transformed as those of the fit were, over all units. One for all terms, `(&w).into()`, or one a term where the
/// terms of the regression have different weights; only the terms that a prediction needs have to be there.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct JoinedWeights {
    all: Option<Weights>,
    lag: Option<Weights>,
    error: Option<Weights>,
    durbin: Option<Weights>,
}

impl JoinedWeights {
    /// None yet: enough for the trend of a model without W X.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those of rho W y.
    pub fn spatial_lag(mut self, w: &Weights) -> Self {
        self.lag = Some(w.clone());
        self
    }

    /// Those of lambda W u.
    pub fn spatial_error(mut self, w: &Weights) -> Self {
        self.error = Some(w.clone());
        self
    }

    /// Those of W X theta.
    pub fn durbin(mut self, w: &Weights) -> Self {
        self.durbin = Some(w.clone());
        self
    }
}

impl From<&Weights> for JoinedWeights {
    fn from(w: &Weights) -> Self {
        Self {
            all: Some(w.clone()),
            ..Self::default()
        }
    }
}

impl Fit {
    /// Predicts the response of new units; see [`Prediction`].
    ///
    /// The new units are the rows of the table whose ids the sample does not have; ids decide, never positions. The joined weights hold the units of the
    /// sample and the new ones, in any order. Values come in the order of the table. Lags of regressors run over both by
    /// the joined weights, so that new neighbours count in the trend of the sample too.
    ///
    /// The best predictor of a fit with weights of the observations needs those of the new units in the table too.
    ///
    /// A column that the fit knows only by its lag (`durbin_of`) has to be in the table for the units of the sample as well: the fit holds
    /// the values of its regressors, not of others.
    ///
    /// Cost: sparse products and, for the best predictor and the reduced form, sparse factorisations; no n × n array above 1,000 units.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`] where the joined weights lack a unit, or have one that neither the sample nor the table has;
    /// [`Error::UnknownColumn`]; [`Error::Unsupported`] where joined weights of a term are missing, are transformed in another
    /// way than those of the fit, the table has no new units, the fit has regimes or, for the best predictor, variances by group; [`Error::NonPositive`] for a weight of an observation; [`Error::Islands`]; [`Error::Singular`] where the joined weights do not admit rho or lambda.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Prediction, Regression, Table, Units, Weights};
    /// let ring = [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5"), ("5", "0")];
    /// let sample = Units::range(6);
    /// let w = Weights::from_pairs(&sample, ring)?.row_standardized()?;
    /// let table = Table::over(&sample)
    ///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    ///     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let sem = Regression::of("y").on(["x"]).spatial_error(&w).fit(&table)?;
    ///
    /// // A seventh unit beside unit 0.
    /// let joined = Weights::from_pairs(&Units::range(7), ring.into_iter().chain([("6", "0")]))?.row_standardized()?;
    /// let new = Table::over(&Units::new(["6"])?).column("x", array![2.0])?;
    /// let trend = sem.predict_for(&new, &joined, Prediction::Trend)?;
    /// let b = sem.coefficient("const")?.value + 2.0 * sem.coefficient("x")?.value;
    /// assert!((trend.of("6")? - b).abs() < 1e-12);
    /// let best = sem.predict_for(&new, &joined, Prediction::Best)?;
    /// assert!(best.of("6")? != trend.of("6")?);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias("newdata", "out of sample", "kriging"))]
    pub fn predict_for(
        &self,
        new: &Table,
        joined: impl Into<JoinedWeights>,
        kind: Prediction,
    ) -> Result<Predicted> {
        self.require_cross_section("a prediction for new units")?;
        self.require_common_coefficients("a prediction for new units")?;
        if kind == Prediction::Best && self.group_variances().is_some() {
            self.require_one_variance("the best predictor for new units")?;
        }
        let joined = joined.into();
        let signal = !matches!(kind, Prediction::Trend | Prediction::ReducedForm);
        let durbin = self.durbin_weights();
        let own = Terms {
            lag: self.lag().filter(|_| kind != Prediction::Trend),
            error: self.error().filter(|_| signal),
        };
        let weights = JoinedTerms {
            durbin: durbin
                .map(|d| self.joined(&joined, joined.durbin.as_ref(), d, "W X theta"))
                .transpose()?,
            lag: own
                .lag
                .map(|p| self.joined(&joined, joined.lag.as_ref(), &p.w, "rho W y"))
                .transpose()?,
            error: own
                .error
                .map(|p| self.joined(&joined, joined.error.as_ref(), &p.w, "lambda W u"))
                .transpose()?,
        };
        let places = Places::new(self.units(), new, &weights)?;
        let x = self.joined_design(new, &places, weights.durbin)?;
        let at_new =
            |v: &Array1<f64>| -> Array1<f64> { places.new.iter().map(|&i| v[i]).collect() };
        let trend = || x.dot(self.b());
        let observed = |v: ArrayView1<'_, f64>| places.of_sample(v);
        let signal = || {
            let mut out = Array1::<f64>::zeros(places.n());
            if let (Some(p), Some(w)) = (own.lag, weights.lag) {
                out = out + w.csr().product(observed(self.y().view()).view()) * p.value;
            }
            if let (Some(p), Some(w)) = (own.error, weights.error) {
                out = out + w.csr().product(observed(self.disturbances().view()).view()) * p.value;
            }
            out
        };
        let rows = |x: &Array2<f64>| {
            Array2::from_shape_fn((places.new.len(), x.ncols()), |(i, j)| {
                x[[places.new[i], j]]
            })
        };
        let mut std_errors = None;
        let values = match kind {
            Prediction::Trend => {
                std_errors = Some(self.errors_of(rows(&x).view(), None));
                at_new(&trend())
            }
            Prediction::Signal => at_new(&signal()),
            Prediction::TrendSignal => at_new(&(trend() + signal())),
            Prediction::ReducedForm => {
                if let (Some(p), Some(w)) = (own.lag, weights.lag) {
                    let (values, errors) = w.with_factor(p.value, |factor| {
                        let solve = |v: ArrayView1<'_, f64>| factor.solve(v);
                        self.reduced_form(x.view(), &solve, |v| w.csr().product(v))
                    })?;
                    std_errors = Some(at_new(&errors));
                    at_new(&values)
                } else {
                    std_errors = Some(self.errors_of(rows(&x).view(), None));
                    at_new(&trend())
                }
            }
            Prediction::Best => {
                let term = |p: Option<&Process>, w: Option<&Weights>| match (p, w) {
                    (Some(p), Some(w)) => Some((p.value, w.clone())),
                    _ => None,
                };
                let (lag, error) = (term(own.lag, weights.lag), term(own.error, weights.error));
                let filter = Filter::new(
                    lag.as_ref().map(|(v, w)| (*v, w.csr())),
                    error.as_ref().map(|(v, w)| (*v, w.csr())),
                    places.n(),
                );
                // The new responses that make |B (A y - X b)|² least are their expectation given those of the sample.
                let left = filter.error(&(filter.lag(&observed(self.y().view())) - trend()));
                let mut columns = filter.columns(&places.new);
                match self.joined_root_weights(new, &places)? {
                    None => least_squares(&columns, &left)?,
                    Some(root) => {
                        for (i, c) in columns.iter_mut().flatten() {
                            *c *= root[*i as usize];
                        }
                        least_squares(&columns, &(left * root))?
                    }
                }
            }
        };
        Ok(Predicted {
            kind,
            response: self.response().to_owned(),
            units: places.units,
            values,
            std_errors,
        })
    }

    /// u = y - rho W y - X b over the sample.
    fn disturbances(&self) -> Array1<f64> {
        let u = self.y() - &self.x().dot(self.b());
        match self.lag() {
            Some(p) => u - p.w.csr().product(self.y().view()) * p.value,
            None => u,
        }
    }

    /// The joined weights of a term: its own, else those for all terms.
    fn joined<'a>(
        &self,
        joined: &'a JoinedWeights,
        of_term: Option<&'a Weights>,
        fitted: &Weights,
        term: &str,
    ) -> Result<&'a Weights> {
        let refuse = |why: String| Error::Unsupported {
            what: format!(
                "this prediction for new units by a {}",
                self.model().abbreviation()
            ),
            why,
        };
        let one = || {
            let mut all = self
                .processes()
                .iter()
                .map(|p| &p.w)
                .chain(self.durbin_weights());
            all.all(|w| w.csr() == fitted.csr())
        };
        let w = match (of_term, &joined.all) {
            (Some(w), _) => w,
            (None, Some(w)) if one() => w,
            (None, Some(_)) => {
                return Err(refuse("its terms have different weights; give joined weights for each of them (`JoinedWeights::new().spatial_lag(&w)` …)".to_owned()));
            }
            (None, None) => {
                return Err(refuse(format!(
                    "{term} needs weights over the sample and the new units together"
                )));
            }
        };
        w.check_ready()?;
        let (theirs, ours) = (w.transform(), fitted.transform());
        let comparable = theirs == ours
            || theirs == Transform::Raw && !w.is_binary()
            || ours == Transform::Raw && !fitted.is_binary();
        if comparable {
            Ok(w)
        } else {
            Err(refuse(format!(
                "the joined weights of {term} are transformed in another way ({theirs:?}) than those of the fit ({ours:?}), on whose scale the parameter is; transform them in the same way"
            )))
        }
    }

    /// The roots of the weights of the observations over the joined units, where they matter.
    fn joined_root_weights(&self, new: &Table, places: &Places) -> Result<Option<Array1<f64>>> {
        let design = &self.sample.design;
        let (Some(root), Some(name), true) = (
            design.root_weights(),
            &design.weighted_by,
            self.is_spatial_process(),
        ) else {
            return Ok(None);
        };
        let values = new.values(name)?;
        let mut out = Array1::zeros(places.n());
        for (&at, r) in places.sample.iter().zip(root) {
            out[at] = *r;
        }
        for (&at, &row) in places.new.iter().zip(&places.rows) {
            if !(values[row] > 0.0) {
                return Err(Error::NonPositive {
                    cell: Cell {
                        unit: new.units().name(row),
                        period: None,
                        column: name.clone(),
                    },
                    value: values[row],
                });
            }
            out[at] = values[row].sqrt();
        }
        Ok(Some(out))
    }

    /// The design over the joined units.
    fn joined_design(
        &self,
        new: &Table,
        places: &Places,
        durbin: Option<&Weights>,
    ) -> Result<Array2<f64>> {
        let design = &self.sample.design;
        let mut x = Array2::zeros((places.n(), design.k()));
        if design.intercept {
            x.column_mut(0).fill(1.0);
        }
        if design.lagged_constant
            && let Some(w) = durbin
            && let Some(at) = design
                .names
                .iter()
                .position(|n| *n == format!("W {CONSTANT}"))
        {
            x.column_mut(at).assign(&w.csr().row_sums());
        }
        for r in self.regressors() {
            let values = new.values(&r.name)?;
            let mut z = Array1::zeros(places.n());
            for (&at, &row) in places.new.iter().zip(&places.rows) {
                z[at] = values[row];
            }
            match r.own {
                Some(own) => {
                    for (&at, v) in places.sample.iter().zip(design.x.column(own)) {
                        z[at] = *v;
                    }
                    x.column_mut(own).assign(&z);
                }
                None => {
                    for (&at, id) in places.sample.iter().zip(design.units.iter()) {
                        let row = new.units().position(&id).ok_or_else(|| Error::Unsupported {
                            what: format!("a prediction by the lag of `{}` alone", r.name),
                            why: format!("it is no regressor of its own, so that the fit does not hold its values for the sample: the table has to have them too, and lacks unit `{id}`"),
                        })?;
                        z[at] = values[row];
                    }
                }
            }
            if let (Some(lagged), Some(w)) = (r.lagged, durbin) {
                x.column_mut(lagged).assign(&w.csr().product(z.view()));
            }
        }
        Ok(x)
    }
}

struct Terms<'a> {
    lag: Option<&'a Process>,
    error: Option<&'a Process>,
}

struct JoinedTerms<'a> {
    lag: Option<&'a Weights>,
    error: Option<&'a Weights>,
    durbin: Option<&'a Weights>,
}

/// Where the units stand.
struct Places {
    /// The new units, in the order of the table.
    units: Units,
    /// Their rows in the table.
    rows: Vec<usize>,
    /// Their places among the joined units.
    new: Vec<usize>,
    /// The places of the units of the sample among the joined units.
    sample: Vec<usize>,
}

impl Places {
    /// Values of the sample at its places, zero at the others.
    fn of_sample(&self, v: ArrayView1<'_, f64>) -> Array1<f64> {
        let mut out = Array1::zeros(self.n());
        for (&at, value) in self.sample.iter().zip(v) {
            out[at] = *value;
        }
        out
    }

    fn n(&self) -> usize {
        self.new.len() + self.sample.len()
    }

    fn new(sample: &Units, table: &Table, weights: &JoinedTerms<'_>) -> Result<Self> {
        let rows: Vec<usize> = (0..table.len())
            .filter(|&i| sample.position(&table.units().name(i)).is_none())
            .collect();
        if rows.is_empty() {
            return Err(Error::Unsupported {
                what: "a prediction for new units".to_owned(),
                why: "every unit of the table is in the sample; ids decide, so give new units ids of their own (`relabelled`), or ask for `predict`".to_owned(),
            });
        }
        let units = table.units().select(&rows)?;
        let mut all = [weights.durbin, weights.lag, weights.error]
            .into_iter()
            .flatten();
        let Some(first) = all.next() else {
            return Ok(Self {
                units,
                new: (sample.len()..sample.len() + rows.len()).collect(),
                sample: (0..sample.len()).collect(),
                rows,
            });
        };
        for other in all {
            first.units().check_same(
                "the joined weights of one term",
                other.units(),
                "those of another",
            )?;
        }
        let joined = first.units();
        let place = |id: &str| joined.require(id, "the joined weights");
        let of_sample = sample
            .iter()
            .map(|id| place(&id))
            .collect::<Result<Vec<_>>>()?;
        let of_new = units
            .iter()
            .map(|id| place(&id))
            .collect::<Result<Vec<_>>>()?;
        if joined.len() > of_sample.len() + of_new.len() {
            for id in joined.iter() {
                if sample.position(&id).is_none() {
                    table.units().require(
                        &id,
                        "the table of new units, though the joined weights have it",
                    )?;
                }
            }
        }
        Ok(Self {
            units,
            rows,
            new: of_new,
            sample: of_sample,
        })
    }
}
