//! Regressions composed from the terms of their equation.

pub(crate) mod checks;
mod design;
mod fit;
mod gaussian;
mod hac;
mod jackknife;
mod least_squares;
mod likelihood;
mod notes;
mod panel;
mod predict;
mod regimes;
mod requirements;
mod show;
mod terms;
mod vcov;

pub use checks::lm::LmTests;
pub use fit::{Fit, Optimization, RSquared, SpatialParameter};
pub(crate) use hac::newey_west_lags;
pub use jackknife::Jackknife;
pub use likelihood::{Information, LikelihoodProfile};
pub use panel::{Effects, FixedEffects};
pub use predict::{JoinedWeights, Predicted, Prediction};
pub use terms::Model;
pub use vcov::{Covariance, Vcov};

pub(crate) use regimes::Groups;
pub(crate) use terms::Regressor;

use design::Design;
use regimes::Regimes;
use terms::{Durbin, Lagged};

use crate::data::Observations;
use crate::error::Result;
use crate::weights::{LogDeterminant, Weights};

/// A regression, composed term by term: y = rho W y + X b + W X theta + u, u = lambda W u + e, e ~ (0, sigma² I).
///
/// A `Regression` holds no data: one specification fits many tables. Terms are added in the order of the equation; the model
/// that they make has its proper name (see [`Model`]):
///
/// | terms | model |
/// |---|---|
/// | none | OLS |
/// | [`durbin`](Self::durbin) | SLX |
/// | [`spatial_lag`](Self::spatial_lag) | SAR |
/// | [`spatial_error`](Self::spatial_error) | SEM |
/// | `spatial_lag`, `durbin` | SDM |
/// | `spatial_error`, `durbin` | SDEM |
/// | `spatial_lag`, `spatial_error` | SAC (SARAR) |
/// | `spatial_lag`, `spatial_error`, `durbin` | GNS |
///
/// The observations may have [weights](Self::weighted_by), coefficients may differ by [regime](Self::regimes), and variances by
/// [group](Self::variance_by).
///
/// OLS and SLX are estimated by least squares, the others by exact maximum likelihood, concentrated in rho or lambda (Ord 1975;
/// Anselin 1988). Cost: one QR of n × (2k + 2), and per value of rho a sum over the eigenvalues of W (up to 1,000 units) or a sparse
/// factorisation (above); no n × n array above 1,000 units.
///
/// # Example
///
/// ```
/// use ndarray::{Array1, array};
/// use spatialecon::{Regression, Table, Units, Weights};
/// let units = Units::range(6);
/// let ring = Weights::from_pairs(&units, [("0", "1"), ("1", "2"), ("2", "3"), ("3", "4"), ("4", "5"), ("5", "0")])?
///     .row_standardized()?;
/// let table = Table::over(&units)
///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
///     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
/// let ols = Regression::of("y").on(["x"]).fit(&table)?;
/// assert!((ols.coefficient("x")?.value - 0.8669).abs() < 1e-4);
/// let sar = Regression::of("y").on(["x"]).spatial_lag(&ring).fit(&table)?;
/// assert!(sar.log_likelihood() >= ols.log_likelihood());
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a specification does nothing until it is fitted"]
#[doc(alias(
    "lm",
    "lagsarlm",
    "errorsarlm",
    "lmSLX",
    "spreg",
    "ML_Lag",
    "ML_Error",
    "spregress"
))]
pub struct Regression {
    pub(crate) response: String,
    pub(crate) regressors: Vec<String>,
    pub(crate) intercept: bool,
    pub(crate) lag: Option<Weights>,
    pub(crate) error: Option<Weights>,
    pub(crate) durbin: Option<Durbin>,
    pub(crate) information: Option<Information>,
    pub(crate) log_determinant: Option<LogDeterminant>,
    pub(crate) weighted_by: Option<String>,
    pub(crate) regimes: Option<Regimes>,
    pub(crate) variance_by: Option<String>,
    pub(crate) effects: Effects,
}

impl Regression {
    /// A regression of the column named, on a constant so far.
    pub fn of(response: &str) -> Self {
        Self {
            response: response.to_owned(),
            regressors: Vec::new(),
            intercept: true,
            lag: None,
            error: None,
            durbin: None,
            information: None,
            log_determinant: None,
            weighted_by: None,
            regimes: None,
            variance_by: None,
            effects: Effects::None,
        }
    }

    /// Adds regressors, X b.
    pub fn on<S: Into<String>>(mut self, regressors: impl IntoIterator<Item = S>) -> Self {
        self.regressors
            .extend(regressors.into_iter().map(Into::into));
        self
    }

    /// Leaves the constant out.
    pub fn without_intercept(mut self) -> Self {
        self.intercept = false;
        self
    }

    /// Adds the spatial lag of the response, rho W y.
    #[doc(alias = "lagsarlm")]
    pub fn spatial_lag(mut self, w: &Weights) -> Self {
        self.lag = Some(w.clone());
        self
    }

    /// Makes the error a spatial process, u = lambda W u + e.
    #[doc(alias = "errorsarlm")]
    pub fn spatial_error(mut self, w: &Weights) -> Self {
        self.error = Some(w.clone());
        self
    }

    /// Adds the spatial lags of all regressors, W X theta.
    ///
    /// The constant is lagged too where the rows of W do not all have the same sum (its lag is then a regressor of its own);
    /// the fit carries a [`Note`](crate::Note) of it.
    #[doc(alias("Durbin", "SLX"))]
    pub fn durbin(mut self, w: &Weights) -> Self {
        self.durbin = Some(Durbin {
            w: w.clone(),
            lagged: Lagged::All,
        });
        self
    }

    /// Adds the spatial lags of the columns named, W X theta; they need not be regressors themselves.
    pub fn durbin_of<S: Into<String>>(
        mut self,
        columns: impl IntoIterator<Item = S>,
        w: &Weights,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        self.durbin = Some(Durbin {
            w: w.clone(),
            lagged: Lagged::Only(columns),
        });
        self
    }

    /// Weights the observations by the column named, w: e_i has the variance sigma² / w_i.
    ///
    /// As for an average over w_i people or firms. The weights are positive and finite; only their ratios matter to the coefficients, rho, lambda
    /// and standard errors, and sigma² is in their unit. Least squares become weighted least squares; maximum likelihood has e'De, D = diag(w), in the
    /// place of e'e and ½ sum ln w besides. R², leverages, heteroskedasticity-consistent covariances and the tests of residuals are those of the rows
    /// multiplied by the root of w; [`Fit::residuals`] are not multiplied, [`Fit::weighted_residuals`] are.
    ///
    /// Of the model and not of W: the weights of observations have nothing to do with spatial weights.
    ///
    /// # Errors
    ///
    /// At the fit: [`Error::UnknownColumn`](crate::Error::UnknownColumn); [`Error::NonPositive`](crate::Error::NonPositive), which names the unit.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Regression, Table};
    /// let table = Table::from_columns([
    ///     ("y", array![1.0, 2.0, 6.0]),
    ///     ("people", array![1.0, 1.0, 2.0]),
    /// ])?;
    /// let mean = Regression::of("y").weighted_by("people").fit(&table)?;
    /// assert!((mean.coefficient("const")?.value - 15.0 / 4.0).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Aitken (1935), Proceedings of the Royal Society of Edinburgh 55.
    #[doc(alias("aweights", "analytic weights", "WLS"))]
    pub fn weighted_by(mut self, column: &str) -> Self {
        self.weighted_by = Some(column.to_owned());
        self
    }

    /// Lets all coefficients, the constant included, differ by the groups of a label (spatial regimes); rho, lambda and sigma² are common.
    ///
    /// The coefficients of group g are named `x [g]`, `const [g]`, `W x [g]`; groups stand in the order of their first unit. The lag
    /// `W x [g]` is that of the receiving units: (W x)_i where unit i is of group g, whatever the groups of its neighbours. Whether the
    /// coefficients differ is tested by [`Fit::chow_test`] and [`Fit::chow_tests`].
    ///
    /// # Errors
    ///
    /// At the fit: [`Error::UnknownColumn`](crate::Error::UnknownColumn), which lists the labels;
    /// [`Error::Constant`](crate::Error::Constant) where there is a single group; [`Error::TooFewUnits`](crate::Error::TooFewUnits), which names a group
    /// that has no more units than coefficients of its own; [`Error::Unsupported`](crate::Error::Unsupported) where a label is empty, or a column of
    /// numbers is named.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Regression, Table};
    /// let table = Table::from_columns([
    ///     ("x", array![1.0, 2.0, 3.0, 1.0, 2.0, 4.0]),
    ///     ("y", array![2.0, 4.0, 7.0, 5.0, 4.0, 3.0]),
    /// ])?
    /// .label("coast", ["yes", "yes", "yes", "no", "no", "no"])?;
    /// let fit = Regression::of("y").on(["x"]).regimes("coast").fit(&table)?;
    /// assert!((fit.coefficient("x [yes]")?.value - 2.5).abs() < 1e-12);
    /// assert!((fit.coefficient("x [no]")?.value + 9.0 / 14.0).abs() < 1e-12);
    /// assert!(fit.chow_test()?.p_value < 0.01);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Anselin (1988), chapter 9; Anselin (1990), Journal of Regional Science 30.
    #[doc(alias("OLS_Regimes", "ML_Lag_Regimes", "spatial regimes"))]
    pub fn regimes(mut self, label: &str) -> Self {
        self.regimes = Some(Regimes {
            label: label.to_owned(),
            terms: None,
        });
        self
    }

    /// Lets the coefficients of the terms named differ by the groups of a label, with those of their spatial lags; `const` is the constant.
    ///
    /// As [`regimes`](Self::regimes); the other coefficients are common, and stand first.
    ///
    /// # Errors
    ///
    /// At the fit, those of [`regimes`](Self::regimes), and [`Error::UnknownColumn`](crate::Error::UnknownColumn) for a name that is no term.
    #[doc(alias = "cols2regi")]
    pub fn regimes_of<S: Into<String>>(
        mut self,
        terms: impl IntoIterator<Item = S>,
        label: &str,
    ) -> Self {
        self.regimes = Some(Regimes {
            label: label.to_owned(),
            terms: Some(terms.into_iter().map(Into::into).collect()),
        });
        self
    }

    /// Gives the errors of every group of a label a variance of its own, e_i ~ N(0, sigma²_g) (groupwise heteroskedasticity).
    ///
    /// Estimated by maximum likelihood, OLS and SLX too: with weights 1 / sigma²_g the coefficients, rho and lambda are found, with these
    /// sigma²_g = e_g'e_g / n_g, in turn until no variance changes by more than 1e-12 of itself; the likelihood rises at each step. It starts at
    /// one common variance; the maximum is that which is reached from there. All variances count in AIC and BIC; they are
    /// [`Fit::group_variances`], and [`Fit::lr_test`] against the fit without them tests whether they are equal. With weights of the
    /// observations the variance is sigma²_g / w_i. Coefficients are referred to the normal distribution.
    ///
    /// # Errors
    ///
    /// At the fit, those of the label as for [`regimes`](Self::regimes); [`Error::TooFewUnits`](crate::Error::TooFewUnits), which names a group whose
    /// units the coefficients, rho and lambda can fit exactly, so that the likelihood has no maximum;
    /// [`Error::NotConverged`](crate::Error::NotConverged).
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Regression, Table};
    /// let table = Table::from_columns([("y", array![1.0, 3.0, 2.0, 9.0, 1.0, 6.0, 0.0])])?
    ///     .label("coast", ["yes", "yes", "yes", "no", "no", "no", "no"])?;
    /// // The numbers are those of nlme 3.1, gls(y ~ 1, weights = varIdent(form = ~ 1 | coast), method = "ML").
    /// let fit = Regression::of("y").variance_by("coast").fit(&table)?;
    /// let one = Regression::of("y").fit(&table)?;
    /// assert!((fit.coefficient("const")?.value - 2.100188).abs() < 1e-6);
    /// assert!((fit.lr_test(&one)?.statistic - 5.177758).abs() < 1e-6);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Oberhofer and Kmenta (1974), Econometrica 42; Anselin (1988), chapter 9; Greene (2018), section 9.7.
    #[doc(alias("groupwise heteroskedasticity", "varIdent", "hetreg"))]
    pub fn variance_by(mut self, label: &str) -> Self {
        self.variance_by = Some(label.to_owned());
        self
    }

    /// Chooses the information matrix behind the standard errors of maximum likelihood; by default the expected one up to 1,000
    /// units and the observed one above.
    pub fn information(mut self, information: Information) -> Self {
        self.information = Some(information);
        self
    }

    /// Chooses how ln|I - rho W| is computed, for rho and for lambda; by default exactly, by eigenvalues up to 1,000 units and by sparse factorisations above.
    ///
    /// An approximation has to be named; the fit then carries a [`Note`](crate::Note) of its error.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Lattice, LogDeterminant, Regression, Table, Weights};
    /// let w = Weights::lattice(Lattice::rook(6, 6))?.row_standardized()?;
    /// let x: Vec<f64> = (0..36).map(|i| f64::from(i * i % 7)).collect();
    /// let y: Vec<f64> = (0..36).map(|i| f64::from(i % 6 + i * i % 7)).collect();
    /// let table = Table::over(w.units()).column("x", x)?.column("y", y)?;
    /// let sar = Regression::of("y").on(["x"]).spatial_lag(&w);
    /// let exact = sar.clone().fit(&table)?;
    /// let near = sar.log_determinant(LogDeterminant::Chebyshev { order: 12 }).fit(&table)?;
    /// let rho = |fit: &spatialecon::Fit| fit.rho().map_or(0.0, |r| r.value);
    /// assert!((rho(&near) - rho(&exact)).abs() < 1e-3);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn log_determinant(mut self, method: LogDeterminant) -> Self {
        self.log_determinant = Some(method);
        self
    }

    /// The model that the terms make.
    #[must_use]
    pub fn model(&self) -> Model {
        match (&self.lag, &self.error, &self.durbin) {
            (None, None, None) => Model::Ols,
            (None, None, Some(_)) => Model::Slx,
            (Some(_), None, None) => Model::Sar,
            (None, Some(_), None) => Model::Sem,
            (Some(_), None, Some(_)) => Model::Sdm,
            (None, Some(_), Some(_)) => Model::Sdem,
            (Some(_), Some(_), None) => Model::Sac,
            (Some(_), Some(_), Some(_)) => Model::Gns,
        }
    }

    /// Fits the regression to a table, or to a panel: every unit in every period, with the [effects](Self::effects) chosen.
    ///
    /// Panels are fitted by least squares, without spatial terms so far.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) for a combination that does not exist; [`Error::UnknownColumn`](crate::Error::UnknownColumn); [`Error::UnitsDiffer`](crate::Error::UnitsDiffer) where the table
    /// and the weights do not have the same units in the same order; [`Error::Islands`](crate::Error::Islands) where the weights have undecided islands;
    /// [`Error::Collinear`](crate::Error::Collinear), which names the columns; [`Error::TooFewUnits`](crate::Error::TooFewUnits); [`Error::Unsupported`](crate::Error::Unsupported) where the fit is exact, where a Durbin term has no
    /// regressors, and where lag and error have the same weights and W X lies in the span of X, so that rho and lambda can be exchanged;
    /// those of [`weighted_by`](Self::weighted_by), [`regimes`](Self::regimes) and [`variance_by`](Self::variance_by).
    pub fn fit<'a>(&self, data: impl Into<Observations<'a>>) -> Result<Fit> {
        let model = self.model();
        let design = match data.into() {
            Observations::Table(table) => Design::new(self, table)?,
            Observations::Panel(panel) => Design::of_panel(self, panel)?,
        };
        if self.lag.is_some() || self.error.is_some() || self.variance_by.is_some() {
            likelihood::fit(self, model, design)
        } else {
            least_squares::fit(self, model, design)
        }
    }
}
