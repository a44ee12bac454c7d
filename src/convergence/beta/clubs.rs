//! Regimes and clubs of beta: groups of units that converge each at a speed of its own.

use std::fmt;

use super::threshold::{Threshold, threshold};
use crate::convergence::growth::{Convention, GROWTH, Growth, INITIAL, check_regression};
use crate::convergence::speed::Speed;
use crate::error::{Error, Result};
use crate::inference::{Draws, Estimate, TestResult};
use crate::regression::{Fit, Model, Regression, Vcov};
use crate::spillover::Impact;
use crate::text::{Layout, p_value, significant};

/// Beta convergence in groups of units: a growth regression whose coefficients differ by group, and the speeds of each.
///
/// All coefficients differ, the constant included, so that every club has its own steady state; rho and lambda are common. The clubs are
/// given by a label ([`by_label`](Self::by_label)), or are found by one split of a column ([`by_threshold`](Self::by_threshold)).
///
/// Clubs whose members converge to different steady states look like slow convergence, or none, in one regression for all.
///
/// # Example
///
/// ```
/// use ndarray::array;
/// use spatialecon::{BetaClubs, Growth, Panel, Units};
/// let units = Units::new(["a", "b", "c", "d", "e", "f", "g", "h"])?;
/// let income = array![
///     [100.0, 200.0, 300.0, 400.0, 100.0, 200.0, 300.0, 400.0],
///     [300.0, 420.0, 530.0, 600.0, 120.0, 250.0, 350.0, 490.0],
/// ];
/// let panel = Panel::from_columns(&units, &[2000, 2010], [("income", income)])?
///     .label("coast", ["yes", "yes", "yes", "yes", "no", "no", "no", "no"])?;
/// let growth = Growth::between(&panel, "income", 2000, 2010)?;
/// let clubs = BetaClubs::by_label(&growth, &growth.regression(), "coast")?;
/// assert!(clubs.of("yes")?.speed()?.value() > 0.06);
/// assert!(clubs.of("no")?.speed()?.value() < 0.01);
/// assert!(clubs.beta_test()?.p_value < 0.01);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Durlauf and Johnson (1995), Journal of Applied Econometrics 10; Ertur, Le Gallo and Baumont (2006), International Regional Science Review 29;
/// Hansen (2000), Econometrica 68.
#[derive(Debug, Clone)]
#[doc(alias("convergence clubs", "spatial regimes", "threshold regression"))]
pub struct BetaClubs {
    growth: Growth,
    label: String,
    fit: Fit,
    clubs: Vec<BetaClub>,
    threshold: Option<Threshold>,
}

/// One club: its coefficient of ln initial, and what follows from it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BetaClub {
    /// Name of the group.
    pub name: String,
    /// Number of its units.
    pub n: usize,
    /// The coefficient of ln initial of its units.
    pub beta: Estimate,
    /// The impacts on growth of ln initial in its units, [`Impacts`](crate::Impacts).
    pub impact: Impact,
    /// The mean effect on growth of its units of the same ln initial more in all units, of whatever club.
    pub common: Estimate,
    convention: Convention,
    span: f64,
}

impl BetaClub {
    /// The own speed of convergence, from the direct impact: how fast a unit of the club closes a gap of its own.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`] where 1 + bT ≤ 0.
    pub fn speed(&self) -> Result<Speed> {
        Speed::new("own speed", &self.impact.direct, self.convention, self.span)
    }

    /// The common speed of convergence: how fast the mean unit of the club closes a gap that all units share. The own speed without spatial
    /// terms.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`] where 1 + bT ≤ 0.
    pub fn total_speed(&self) -> Result<Speed> {
        Speed::new("common speed", &self.common, self.convention, self.span)
    }
}

/// An error where the regression is not one of growth on ln initial, or has regimes.
fn check(regression: &Regression) -> Result<()> {
    check_regression(regression, "clubs of beta")?;
    if regression.regimes.is_some() {
        return Err(Error::Unsupported {
            what: "clubs of beta of a regression with regimes".to_owned(),
            why: "the clubs are its regimes; leave out `regimes`, and name the label here"
                .to_owned(),
        });
    }
    Ok(())
}

/// An error where the coefficient of ln initial differs by regime, so that there is no one speed.
pub(super) fn refuse_regimes(regression: &Regression) -> Result<()> {
    match &regression.regimes {
        Some(regimes) if regimes.has(INITIAL) => Err(Error::Unsupported {
            what: format!(
                "one beta of a regression with regimes by `{}`",
                regimes.label
            ),
            why: format!(
                "each regime has a speed of its own; ask `BetaClubs::by_label(&growth, &regression, \"{}\")`, with the regression without regimes",
                regimes.label
            ),
        }),
        _ => Ok(()),
    }
}

impl BetaClubs {
    /// Fits the regression with coefficients by the groups of a label of the table of [`Growth`]; any model.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the regression is not one of `growth` on `ln_initial`, or has regimes itself; those of
    /// [`Regression::regimes`] and [`Regression::fit`].
    pub fn by_label(growth: &Growth, regression: &Regression, label: &str) -> Result<Self> {
        check(regression)?;
        let fit = regression.clone().regimes(label).fit(growth.table())?;
        Self::assemble(growth.clone(), label.to_owned(), fit, None)
    }

    /// Finds two clubs, the units with at most a value of the column and those with more; for OLS and SLX, of one variance.
    ///
    /// The value minimises the sum of squared residuals, of all values of the column that leave at least 15 % of the units, and two units more
    /// than there are coefficients, on either side; values beside which the regressors of a club hardly vary are passed over. The
    /// [`threshold`](Self::threshold) holds the test that there are two clubs at all, and the confidence set of the value. The fit is then
    /// that of [`by_label`](Self::by_label) with these clubs: its standard errors and Chow tests take the threshold as given, the bootstrap does not.
    ///
    /// # Errors
    ///
    /// As [`by_label`](Self::by_label); [`Error::Unsupported`] for other models, weights of observations and variances by group, and where too many
    /// units share a value; [`Error::UnknownColumn`], [`Error::Constant`], [`Error::TooFewUnits`]; [`Error::InvalidOption`] for the number of draws.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::Array1;
    /// use spatialecon::{BetaClubs, Draws, Growth, Table};
    /// // Poor units converge, rich ones do not.
    /// let start: Array1<f64> = (0..30).map(|i| 100.0 * 1.08_f64.powi(i)).collect();
    /// let end: Array1<f64> = (start.iter().enumerate())
    ///     .map(|(i, y)| {
    ///         let noise = 0.02 * f64::from((i as u32 * 7) % 5);
    ///         y * (noise + if i < 15 { 3.0 - 0.5 * y.ln() } else { 0.3 }).exp()
    ///     })
    ///     .collect();
    /// let table = Table::from_columns([("start", start.clone()), ("end", end)])?;
    /// let growth = Growth::of_columns(&table, "start", "end", 10.0)?;
    /// let clubs = BetaClubs::by_threshold(&growth, &growth.regression(), "ln_initial", Draws::new(199).seed(1))?;
    /// let threshold = clubs.threshold().map_or(f64::NAN, |t| t.value);
    /// assert!((threshold - start[14].ln()).abs() < 1e-12);
    /// assert!(clubs.clubs()[0].speed()?.value() > 0.06);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Hansen (1996), Econometrica 64; Hansen (2000), Econometrica 68; Durlauf and Johnson (1995), Journal of Applied Econometrics 10.
    #[doc(alias("thr_est", "thr_test_het", "threshold", "regression tree"))]
    pub fn by_threshold(
        growth: &Growth,
        regression: &Regression,
        column: &str,
        draws: Draws,
    ) -> Result<Self> {
        check(regression)?;
        check_least_squares(regression)?;
        if column == GROWTH {
            return Err(Error::Unsupported {
                what: format!("a threshold of `{GROWTH}`"),
                why: "clubs of winners and losers follow from the response itself; split a column that is known at the first date, such as `ln_initial`".to_owned(),
            });
        }
        let table = growth.table();
        let values = table.values(column)?;
        let one = regression.fit(table)?;
        let threshold = threshold(&one, column, values, draws)?;
        let at = significant(threshold.value, 6);
        let label = format!("split of {column}");
        let names = [format!("{column} <= {at}"), format!("{column} > {at}")];
        let clubs: Vec<String> = (values.iter())
            .map(|v| names[usize::from(*v > threshold.value)].clone())
            .collect();
        let table = table.clone().label(&label, clubs)?;
        let fit = regression.clone().regimes(&label).fit(&table)?;
        Self::assemble(growth.clone(), label, fit, Some(threshold))
    }

    fn assemble(
        growth: Growth,
        label: String,
        fit: Fit,
        threshold: Option<Threshold>,
    ) -> Result<Self> {
        let impacts = fit.impacts()?;
        let common = impacts.received_by_regime(INITIAL)?;
        let groups = fit.regime_sizes();
        let mut clubs = (groups.into_iter().zip(common))
            .map(|((name, n), common)| {
                let term = format!("{INITIAL} [{name}]");
                Ok(BetaClub {
                    n,
                    beta: fit.coefficient(&term)?,
                    impact: impacts.of(&term)?.clone(),
                    common,
                    convention: growth.convention(),
                    span: growth.span(),
                    name,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        if let Some(threshold) = &threshold {
            // The lower club first.
            clubs.sort_by_key(|club| !club.name.starts_with(&format!("{} <= ", threshold.column)));
        }
        Ok(Self {
            growth,
            label,
            fit,
            clubs,
            threshold,
        })
    }

    /// The same clubs with another covariance of the coefficients (HC3 in small samples), for OLS and SLX.
    ///
    /// # Errors
    ///
    /// As [`Fit::with_vcov`].
    pub fn with_vcov(self, vcov: Vcov) -> Result<Self> {
        let fit = self.fit.with_vcov(vcov)?;
        Self::assemble(self.growth, self.label, fit, self.threshold)
    }

    /// The clubs: in the order of the first unit of each, or the lower one first.
    #[must_use]
    pub fn clubs(&self) -> &[BetaClub] {
        &self.clubs
    }

    /// A club by its name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the clubs.
    pub fn of(&self, club: &str) -> Result<&BetaClub> {
        (self.clubs.iter().find(|c| c.name == club))
            .ok_or_else(|| crate::data::unknown(club, self.clubs.iter().map(|c| c.name.as_str())))
    }

    /// The growth that was regressed.
    #[must_use]
    pub fn growth(&self) -> &Growth {
        &self.growth
    }

    /// The fitted regression, with regimes.
    #[must_use]
    pub fn regression(&self) -> &Fit {
        &self.fit
    }

    /// Where the sample was split, for clubs by threshold.
    #[must_use]
    pub fn threshold(&self) -> Option<&Threshold> {
        self.threshold.as_ref()
    }

    /// The Chow test that all coefficients are the same in all clubs.
    ///
    /// # Errors
    ///
    /// As [`Fit::chow_test`].
    pub fn chow_test(&self) -> Result<TestResult> {
        self.fit.chow_test()
    }

    /// The Chow test that the coefficient of ln initial is the same in all clubs.
    ///
    /// # Errors
    ///
    /// As [`Fit::chow_tests`].
    pub fn beta_test(&self) -> Result<TestResult> {
        let name = format!("Chow, {INITIAL}");
        let tests = self.fit.chow_tests()?;
        let names: Vec<String> = tests.iter().map(|t| t.name.clone()).collect();
        (tests.into_iter().find(|t| t.name == name))
            .ok_or_else(|| crate::data::unknown(&name, names.iter().map(String::as_str)))
    }
}

/// An error where the sum of squares is not what is minimised.
fn check_least_squares(regression: &Regression) -> Result<()> {
    let what = match (
        regression.model(),
        &regression.weighted_by,
        &regression.variance_by,
    ) {
        (Model::Ols | Model::Slx, None, None) => return Ok(()),
        (Model::Ols | Model::Slx, Some(_), _) => "weights of the observations".to_owned(),
        (Model::Ols | Model::Slx, None, Some(_)) => "variances by group".to_owned(),
        (model, ..) => format!("a {}", model.abbreviation()),
    };
    Err(Error::Unsupported {
        what: format!("a threshold of a regression with {what}"),
        why: "its search and its bootstrap are those of least squares with one variance; find the clubs by OLS or SLX, add them as a label, and ask `by_label`".to_owned(),
    })
}

impl fmt::Display for BetaClubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Clubs of beta, {}; {} on {INITIAL}, {}, by {}",
            self.growth.label(),
            self.growth.convention(),
            self.fit.model().abbreviation(),
            self.label
        )?;
        let spatial = self.clubs.iter().any(|c| c.impact.indirect.value != 0.0);
        let mut table = Layout::new();
        let heads = [
            "club",
            "n",
            "beta",
            "se",
            "p",
            "own speed",
            "se",
            "half-life",
        ];
        let more: &[&str] = if spatial {
            &["common speed", "se"]
        } else {
            &[]
        };
        table.row(heads.iter().chain(more).copied()).rule();
        let mut undefined = Vec::new();
        for club in &self.clubs {
            let beta = &club.beta;
            let mut cells = vec![
                club.name.clone(),
                club.n.to_string(),
                significant(beta.value, 5),
                significant(beta.std_error, 4),
                p_value(beta.p_value()),
            ];
            let mut push = |speed: Result<Speed>, with_half_life: bool| {
                let mut of_speed = ["-", "-", "-"].map(str::to_owned);
                match speed {
                    Ok(speed) => {
                        of_speed[0] = significant(speed.value(), 5);
                        of_speed[1] = significant(speed.std_error(), 4);
                        match speed.half_life() {
                            Ok(half_life) => of_speed[2] = format!("{:.1}", half_life.years()),
                            Err(e) if with_half_life => {
                                undefined.push(format!("{}: {e}", club.name));
                            }
                            Err(_) => {}
                        }
                    }
                    Err(e) => undefined.push(format!("{}: {e}", club.name)),
                }
                cells.extend(
                    of_speed
                        .into_iter()
                        .take(if with_half_life { 3 } else { 2 }),
                );
            };
            push(club.speed(), true);
            if spatial {
                push(club.total_speed(), false);
            }
            table.row(cells);
        }
        write!(f, "{table}")?;
        undefined
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))?;
        for test in [self.chow_test(), self.beta_test()] {
            match test {
                Ok(test) => writeln!(f, "{test}")?,
                Err(e) => writeln!(f, "{e}")?,
            }
        }
        let Some(threshold) = &self.threshold else {
            return Ok(());
        };
        let set = threshold.confidence_set(0.95);
        let ends = set.first().zip(set.last());
        let (low, high) = ends.map_or((threshold.value, threshold.value), |(a, b)| (*a, *b));
        writeln!(f, "{}", threshold.test)?;
        writeln!(
            f,
            "Threshold {} = {}; 95% confidence set of {} of {} values, from {} to {}",
            threshold.column,
            significant(threshold.value, 6),
            set.len(),
            threshold.likelihood_ratios.len(),
            significant(low, 6),
            significant(high, 6)
        )?;
        writeln!(
            f,
            "The Chow tests and the standard errors take the threshold as given."
        )
    }
}
