//! Predictions of a fit: for its own units, and for new ones that are joined to them.

mod joined;
mod precision;
#[cfg(test)]
mod tests;

use std::fmt;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use super::Fit;
use crate::data::Units;
use crate::error::Result;
use crate::text::{Layout, significant};
use precision::Filter;

pub use joined::JoinedWeights;

/// What is predicted.
///
/// With A = I - rho W, B = I - lambda M (each I where the model lacks the term) and X with W X among its columns:
///
/// | | own units | new units O, sample S |
/// |---|---|---|
/// | `Trend` | X b | the same |
/// | `Signal` | rho W y + lambda M u, u = A y - X b | (rho W y + lambda M u) over the neighbours in S |
/// | `TrendSignal` | their sum, y - e = [`Fit::fitted`] | their sum |
/// | `ReducedForm` | A^-1 X b = E(y) | the same, by the joined weights |
/// | `Best` | E(`y_i` given all other y) = `y_i` - (A'B'BA (y - A^-1 X b))`_i` / (A'B'BA)`_ii` | E(`y_O` given `y_S`) = A^-1 X b`_O` - `Q_OO`^-1 `Q_OS` (y - A^-1 X b)`_S`, Q = A'B'BA |
///
/// The coefficients are taken as known. For OLS and SLX the last four kinds are the trend, or zero (`Signal`). For new units only
/// `Best` uses all that is observed, and weighs it; in simulations it has the least error.
///
/// # References
///
/// Goulard, Laurent and Thomas-Agnan (2017), Spatial Economic Analysis 12; Goldberger (1962), Journal of the American Statistical
/// Association 57.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[doc(alias("pred.type", "trend", "TS", "TC", "BP", "BLUP", "predict.Sarlm"))]
pub enum Prediction {
    /// X b + W X theta.
    Trend,
    /// What the observed neighbours add to the trend.
    Signal,
    /// Trend and signal (`TS`, for new units `TS1`).
    TrendSignal,
    /// The expectation given X alone (`TC`).
    ReducedForm,
    /// The best linear unbiased predictor, given all observations (`BP`; in sample, all other ones).
    #[default]
    Best,
}

impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trend => "trend",
            Self::Signal => "signal",
            Self::TrendSignal => "trend and signal",
            Self::ReducedForm => "reduced form",
            Self::Best => "best predictor",
        })
    }
}

/// Predicted values, one a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    kind: Prediction,
    response: String,
    units: Units,
    values: Array1<f64>,
    std_errors: Option<Array1<f64>>,
}

impl Predicted {
    /// What was predicted.
    #[must_use]
    pub fn kind(&self) -> Prediction {
        self.kind
    }

    /// The units, in the order of the values.
    #[must_use]
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The values, in units of the response.
    #[must_use]
    pub fn values(&self) -> ArrayView1<'_, f64> {
        self.values.view()
    }

    /// Standard errors of the expectation that is predicted, by the delta method on the covariance of the fit: for the trend
    /// and the reduced form. They leave out the errors of the units themselves.
    #[must_use]
    pub fn std_errors(&self) -> Option<ArrayView1<'_, f64>> {
        self.std_errors.as_ref().map(|e| e.view())
    }

    /// The value of one unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`](crate::Error::UnknownUnit).
    pub fn of(&self, unit: &str) -> Result<f64> {
        let at = self.units.require(unit, "the prediction")?;
        Ok(self.values[at])
    }
}

/// Rows that are printed.
const SHOWN: usize = 20;

impl fmt::Display for Predicted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Prediction of `{}`: {}, {} units",
            self.response,
            self.kind,
            self.values.len()
        )?;
        let mut table = Layout::new();
        match &self.std_errors {
            Some(_) => table.row(["unit", "value", "std error"]).rule(),
            None => table.row(["unit", "value"]).rule(),
        };
        for (i, value) in self.values.iter().take(SHOWN).enumerate() {
            let mut cells = vec![self.units.name(i), significant(*value, 6)];
            cells.extend(self.std_errors.as_ref().map(|e| significant(e[i], 4)));
            table.row(cells);
        }
        write!(f, "{table}")?;
        match self.values.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "and {more} more"),
        }
    }
}

impl Fit {
    /// Predicts the response of the units of the sample; see [`Prediction`].
    ///
    /// Cost: the best predictor one pass over the links of W, of M and of their product; the reduced form a sparse solve for each coefficient.
    ///
    /// # Errors
    ///
    /// [`Error::Singular`](crate::Error::Singular) for the reduced form at a unit root.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Prediction, Regression, Table, Units, Weights};
    /// let units = Units::range(6);
    /// let ring = Weights::from_pairs(&units, [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5"), ("5", "0")])?
    ///     .row_standardized()?;
    /// let table = Table::over(&units)
    ///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    ///     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let sar = Regression::of("y").on(["x"]).spatial_lag(&ring).fit(&table)?;
    /// let with_neighbours = sar.predict(Prediction::TrendSignal)?;
    /// assert!((&with_neighbours.values() - &sar.fitted()).iter().all(|d| d.abs() < 1e-12));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias("predict.Sarlm", "predy", "predy_e"))]
    pub fn predict(&self, kind: Prediction) -> Result<Predicted> {
        self.require_cross_section("a prediction")?;
        let trend = || self.x().dot(self.b());
        let mut std_errors = None;
        let values = match kind {
            Prediction::Trend => {
                std_errors = Some(self.errors_of(self.x(), None));
                trend()
            }
            Prediction::Signal => self.fitted() - trend(),
            Prediction::TrendSignal => self.fitted(),
            Prediction::ReducedForm => {
                let Some(lag) = self.lag() else {
                    return self.predict(Prediction::Trend).map(|p| p.of_kind(kind));
                };
                let (values, errors) = lag.w.with_factor(lag.value, |factor| {
                    let solve = |v: ArrayView1<'_, f64>| factor.solve(v);
                    self.reduced_form(self.x(), &solve, |v| lag.w.csr().product(v))
                })?;
                std_errors = Some(errors);
                values
            }
            Prediction::Best => {
                let (lag, error) = (self.lag(), self.error());
                let filter = Filter::new(
                    lag.map(|p| (p.value, p.w.csr())),
                    error.map(|p| (p.value, p.w.csr())),
                    self.n(),
                );
                // B (A y - X b) is the residual; with D the weights, over the variances, Q = A'B'D B A.
                let root = self.sample.design.weighted(Array1::ones(self.n()).view());
                let pulled = filter.transposed(&(self.weighted_residuals() * &root));
                self.y() - &(pulled / filter.column_squares(&root))
            }
        };
        Ok(Predicted {
            kind,
            response: self.response().to_owned(),
            units: self.units().clone(),
            values,
            std_errors,
        })
    }

    /// Standard errors of X b, and of what more is given for each row: its derivatives with respect to rho.
    fn errors_of(&self, x: ArrayView2<'_, f64>, by_rho: Option<&Array1<f64>>) -> Array1<f64> {
        let k = self.b().len();
        let v = self.vcov_of_location();
        x.rows()
            .into_iter()
            .enumerate()
            .map(|(i, row)| {
                let mut g = Array1::zeros(v.nrows());
                for (to, from) in g.iter_mut().zip(row) {
                    *to = *from;
                }
                if let Some(d) = by_rho {
                    g[k] = d[i];
                }
                g.dot(&v.dot(&g)).max(0.0).sqrt()
            })
            .collect()
    }

    /// A^-1 X b and its standard errors; d/db = A^-1 X, d/d rho = A^-1 W A^-1 X b.
    fn reduced_form(
        &self,
        x: ArrayView2<'_, f64>,
        solve: &impl Fn(ArrayView1<'_, f64>) -> Result<Array1<f64>>,
        lag: impl Fn(ArrayView1<'_, f64>) -> Array1<f64>,
    ) -> Result<(Array1<f64>, Array1<f64>)> {
        let mut solved = Array2::zeros(x.raw_dim());
        for (mut to, from) in solved.columns_mut().into_iter().zip(x.columns()) {
            to.assign(&solve(from)?);
        }
        let values = solve(x.dot(self.b()).view())?;
        let by_rho = solve(lag(values.view()).view())?;
        let errors = self.errors_of(solved.view(), Some(&by_rho));
        Ok((values, errors))
    }
}

impl Predicted {
    fn of_kind(mut self, kind: Prediction) -> Self {
        self.kind = kind;
        self
    }
}
