//! The Solow model in levels and in growth, as read by Mankiw, Romer and Weil.

mod ertur_koch;
mod fit;
mod structural;

pub use ertur_koch::ErturKoch;
pub use fit::SolowFit;

use ndarray::Array1;

use crate::convergence::growth::{GROWTH, Growth, INITIAL};
use crate::data::Table;
use crate::error::{Error, Result};
use crate::regression::Regression;
use crate::weights::Weights;
use structural::{RATE, ln_of, rates};

/// The Solow model of income a head, with physical capital (share alpha of income) and, where there is schooling, human capital (share eta).
///
/// Columns are named in levels; logarithms are taken inside.
///
/// ```text
/// levels   ln y            = a + b_k ln s + b_n ln(n + g + delta) [+ b_h ln s_h] + u
/// growth   ln y_T - ln y_0 = a + b_k ln s + b_n ln(n + g + delta) [+ b_h ln s_h] + B ln y_0 + u
/// ```
///
/// The model says b_k + b_n + b_h = 0. Each equation is fitted without and with this restriction, by least squares.
///
/// | option | default | |
/// |---|---|---|
/// | [`saving`](Self::saving) | required | share of investment in income; any unit |
/// | [`population_growth`](Self::population_growth) | required | a fraction a year, 0.012 for 1.2 percent |
/// | [`schooling`](Self::schooling) | none | share of human-capital investment; any unit |
/// | [`depreciation`](Self::depreciation) | 0.05 | g + delta |
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{Solow, Table};
/// let table = Table::from_columns([
///     ("gdp", array![900.0, 2100.0, 3900.0, 5200.0, 8800.0, 9900.0, 12000.0, 15000.0]),
///     ("invest", array![0.08, 0.15, 0.12, 0.18, 0.22, 0.21, 0.25, 0.24]),
///     ("n", array![0.029, 0.025, 0.027, 0.018, 0.012, 0.015, 0.008, 0.006]),
/// ])?;
/// let levels = Solow::of("gdp").saving("invest").population_growth("n").levels(&table)?;
/// let b = levels.restricted().coefficient("ln_invest_over_n_g_delta")?.value;
/// assert!((levels.alpha()?.value - b / (1.0 + b)).abs() < 1e-12);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Mankiw, Romer and Weil (1992), Quarterly Journal of Economics 107.
#[derive(Debug, Clone)]
#[must_use = "a model does nothing until it is fitted"]
#[doc(alias("Mankiw-Romer-Weil", "MRW", "GrowthDJ"))]
pub struct Solow {
    income: String,
    saving: Option<String>,
    population: Option<String>,
    schooling: Option<String>,
    depreciation: f64,
}

/// The columns in logs, named as regressors.
pub(crate) struct Logs {
    pub(crate) table: Table,
    /// `ln_` and the column: saving, then schooling where there is.
    pub(crate) shares: Vec<String>,
    /// Mean of n + g + delta.
    pub(crate) rate: f64,
}

impl Solow {
    /// The model of income in the column named (a head or a worker; for [`growth`](Self::growth) that of the first date).
    pub fn of(income: &str) -> Self {
        Self {
            income: income.to_owned(),
            saving: None,
            population: None,
            schooling: None,
            depreciation: 0.05,
        }
    }

    /// The column of the share of investment in income; positive, in any unit (a unit changes the constant only).
    pub fn saving(mut self, column: &str) -> Self {
        self.saving = Some(column.to_owned());
        self
    }

    /// The column of the growth of the (working) population, a fraction a year.
    pub fn population_growth(mut self, column: &str) -> Self {
        self.population = Some(column.to_owned());
        self
    }

    /// The column of the share of investment in human capital, such as the share of the young in secondary school.
    pub fn schooling(mut self, column: &str) -> Self {
        self.schooling = Some(column.to_owned());
        self
    }

    /// g + delta, technical progress and depreciation a year; 0.05 unless said otherwise.
    pub fn depreciation(mut self, rate: f64) -> Self {
        self.depreciation = rate;
        self
    }

    /// Fits the equation in levels.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where a column is not named, or depreciation is not in [0, 1); [`Error::UnknownColumn`];
    /// [`Error::NonPositive`], which names the unit whose income, share or n + g + delta is not positive; [`Error::InvalidValue`] for population
    /// growth of one or more, which looks like percent; those of [`Regression::fit`].
    pub fn levels(&self, table: &Table) -> Result<SolowFit> {
        let logs = self.logs(Table::over(table.units()), table)?;
        let response = format!("ln_{}", self.income);
        let with_income = logs.table.column(&response, ln_of(table, &self.income)?)?;
        SolowFit::of(&response, &with_income, &logs.shares, logs.rate, None)
    }

    /// Fits the equation of total growth from the income column to the column `last`, `span` years later.
    ///
    /// # Errors
    ///
    /// As [`levels`](Self::levels); [`Error::InvalidOption`] for a span that is not positive.
    pub fn growth(&self, table: &Table, last: &str, span: f64) -> Result<SolowFit> {
        let growth = Growth::of_columns(table, &self.income, last, span)?.total()?;
        let logs = self.logs(growth.table().clone(), table)?;
        SolowFit::of(GROWTH, &logs.table, &logs.shares, logs.rate, Some(&growth))
    }

    /// Fits the equation in levels of Ertur and Koch (2007), in which technology spills over to neighbours; see [`ErturKoch`].
    ///
    /// # Errors
    ///
    /// As [`levels`](Self::levels); [`Error::Unsupported`] with schooling, which their equation does not have, and for weights whose rows do not
    /// all sum to one; [`Error::UnitsDiffer`].
    pub fn spatial_levels(&self, table: &Table, w: &Weights) -> Result<ErturKoch> {
        if self.schooling.is_some() {
            return Err(Error::Unsupported {
                what: "the spatial Solow model with schooling".to_owned(),
                why: "the equation of Ertur and Koch (2007) has physical capital only; leave `schooling` out".to_owned(),
            });
        }
        let logs = self.logs(Table::over(table.units()), table)?;
        let response = format!("ln_{}", self.income);
        let with_income = logs.table.column(&response, ln_of(table, &self.income)?)?;
        // One share: that of saving.
        let saving = logs.shares.first().cloned().unwrap_or_default();
        ErturKoch::of(&response, &with_income, &saving, w)
    }

    /// Adds the logs of shares and of n + g + delta, and the differences of the restricted equation.
    fn logs(&self, mut to: Table, table: &Table) -> Result<Logs> {
        let named = |column: &Option<String>, option: &'static str| {
            column.clone().ok_or_else(|| Error::InvalidOption {
                option,
                value: "none".to_owned(),
                expected: "the name of a column",
            })
        };
        let saving = named(&self.saving, "saving")?;
        let population = named(&self.population, "population_growth")?;
        if self.schooling.as_ref() == Some(&saving) {
            return Err(Error::InvalidOption {
                option: "schooling",
                value: saving,
                expected: "another column than that of `saving`",
            });
        }
        if !(0.0..1.0).contains(&self.depreciation) {
            return Err(Error::InvalidOption {
                option: "depreciation",
                value: self.depreciation.to_string(),
                expected: "g + delta a year as a fraction, such as 0.05",
            });
        }
        let rates = rates(table, &population, self.depreciation)?;
        let ln_rates = rates.mapv(f64::ln);
        let mut shares = Vec::new();
        for column in std::iter::once(&saving).chain(&self.schooling) {
            let name = format!("ln_{column}");
            let ln: Array1<f64> = ln_of(table, column)?;
            to = to
                .column(&difference(&name), &ln - &ln_rates)?
                .column(&name, ln)?;
            shares.push(name);
        }
        Ok(Logs {
            table: to.column(RATE, ln_rates)?,
            shares,
            rate: rates.sum() / rates.len() as f64,
        })
    }
}

/// Name of a regressor of the restricted equation.
pub(crate) fn difference(share: &str) -> String {
    format!("{share}_over_n_g_delta")
}

/// The regression on shares and n + g + delta, and the one in which their coefficients sum to zero.
pub(crate) fn both(response: &str, shares: &[String], initial: bool) -> (Regression, Regression) {
    let initial = || initial.then_some(INITIAL);
    let free = Regression::of(response).on(shares).on([RATE]).on(initial());
    let bound = Regression::of(response)
        .on(shares.iter().map(|s| difference(s)))
        .on(initial());
    (free, bound)
}
