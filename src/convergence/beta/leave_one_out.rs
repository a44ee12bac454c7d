//! The growth regression without each unit in turn: leverage, influence, and the speed that is left.

use std::fmt;
use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::BetaConvergence;
use crate::convergence::growth::{Convention, INITIAL};
use crate::convergence::speed::Speed;
use crate::error::{Error, Result};
use crate::inference::{Distribution, Estimate, Note};
use crate::linalg::triangular::{cholesky, inverse_cross_product, solve_upper_transposed};
use crate::parallel::map_indexed;
use crate::regression::{Fit, Vcov};
use crate::text::{Layout, p_value, significant};
use crate::weights::Weights;

/// Where 1 - h is smaller, the unit alone determines a coefficient.
const ALONE: f64 = 1e-10;
/// Where a smaller share of the sum of squares is left without a unit, it is rounding.
const EXACT: f64 = 1e-12;

impl BetaConvergence {
    /// Beta, its standard error and the speed without each unit in turn, with leverages, Cook's distances and DFBETA.
    ///
    /// OLS without a refit, exactly: with C = (X'X)^-1, b without unit i is b - C x_i e_i / (1 - h_i). n units cost O(n k²), with HC0 to HC3 O(n² k). All
    /// other models are fitted again, on the table and the weights without the unit; the weights are transformed again as they were
    /// (row-standardised, …), a unit that loses its last neighbour keeps an empty row, and a note of the unit left out says so.
    ///
    /// Cook's distance is (q - q_i)' V^-1 (q - q_i) / p with the p coefficients q (rho and lambda among them) and their classical covariance V; for OLS
    /// the usual one. DFBETA is b - b without the unit.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] where a unit less is too few; [`Error::Singular`] where V is not positive definite. What cannot be fitted
    /// without a unit is an error of that unit, see [`LeftOut::influence`].
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{BetaConvergence, Growth, Table, Units};
    /// let table = Table::over(&Units::new(["a", "b", "c", "d", "e", "rich"])?)
    ///     .column("y0", array![100.0, 150.0, 160.0, 220.0, 250.0, 900.0])?
    ///     .column("y1", array![190.0, 240.0, 290.0, 350.0, 380.0, 1300.0])?;
    /// let growth = Growth::of_columns(&table, "y0", "y1", 20.0)?;
    /// let beta = BetaConvergence::fit(&growth, &growth.regression())?;
    /// let out = beta.leave_one_out()?;
    /// let first = out.most_influential(1)[0];
    /// assert_eq!(first.unit(), "rich");
    /// let without = first.influence().unwrap();
    /// assert!((without.beta().value - (beta.beta().value - without.dfbeta())).abs() < 1e-15);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Cook (1977), Technometrics 19: 15-18; Belsley, Kuh and Welsch (1980).
    #[doc(alias("dfbeta", "cooks.distance", "influence.measures", "jackknife"))]
    pub fn leave_one_out(&self) -> Result<LeaveOneOut> {
        let fit = self.regression();
        let (n, p) = (fit.n(), fit.location().len());
        if n < p + 2 {
            return Err(Error::TooFewUnits {
                what: format!("leaving a unit out of a regression with {p} coefficients"),
                needed: p + 2,
                n,
            });
        }
        let leverage = fit.leverage();
        let whole_rows = matches!(
            fit.vcov_kind(),
            Vcov::Classical | Vcov::Hc0 | Vcov::Hc1 | Vcov::Hc2 | Vcov::Hc3
        );
        let results: Vec<(Result<Influence>, Vec<Note>)> =
            if fit.is_least_squares() && fit.durbin_weights().is_none() && whole_rows {
                let downdate = Downdate::of(self, &leverage);
                map_indexed(n, |i| (downdate.without(i), Vec::new()))
            } else {
                let factor = self.factor()?;
                map_indexed(n, |i| self.refitted_without(i, &factor))
            };
        let units = (results.into_iter().enumerate())
            .map(|(i, (influence, notes))| LeftOut {
                unit: fit.units().name(i),
                leverage: leverage[i],
                influence: influence.map_err(Arc::new),
                notes,
            })
            .collect();
        Ok(LeaveOneOut {
            beta: self.beta(),
            speed: self.speed().map_err(Arc::new),
            label: self.growth().label().to_owned(),
            model: fit.model().abbreviation(),
            units,
        })
    }

    /// The triangular factor of the classical covariance.
    fn factor(&self) -> Result<Array2<f64>> {
        let what = "the covariance of the coefficients";
        let classical = self.regression().clone().with_vcov(Vcov::Classical)?;
        let lower = cholesky(classical.vcov_of_location().view(), what)?;
        if lower.diag().iter().all(|d| *d > 0.0) {
            return Ok(lower);
        }
        Err(Error::Singular {
            what: what.to_owned(),
        })
    }

    /// The coefficients less those of the fit without a unit, by name: regimes may stand in another order, and where units lose neighbours, so
    /// that the sums of the rows of W differ, the fit has a lag of the constant that the whole has not.
    fn change(&self, fit: &Fit, unit: &str) -> Result<Array1<f64>> {
        let whole = self.regression();
        let names = whole.location_names();
        let sums = whole.durbin_weights().map(|v| v.csr().row_sums());
        let mut change = whole.location();
        let mut met = vec![false; names.len()];
        for (name, value) in fit.location_names().iter().zip(fit.location()) {
            if let Some(at) = names.iter().position(|n| n == name) {
                change[at] -= value;
                met[at] = true;
                continue;
            }
            // The constant of a unit whose weights sum to what they did.
            let constant = name.strip_prefix("W ").unwrap_or(name);
            if let (Some(at), Some(sums)) = (names.iter().position(|n| n == constant), &sums) {
                let of_unit = whole.x().column(at).iter().position(|x| *x > 0.0);
                change[at] -= value * of_unit.map_or(0.0, |i| sums[i]);
            }
        }
        let Some(gone) = met.iter().position(|m| !m) else {
            return Ok(change);
        };
        Err(Error::Unsupported {
            what: format!("the regression without unit `{unit}`"),
            why: format!(
                "without it there is no coefficient of `{}`, which the unit alone determines",
                names[gone]
            ),
        })
    }

    fn refitted_without(&self, i: usize, factor: &Array2<f64>) -> (Result<Influence>, Vec<Note>) {
        let unit = self.regression().units().name(i);
        let mut islands = 0;
        let refit = || -> Result<Influence> {
            let mut spec = self.spec().clone();
            let terms = [&mut spec.lag, &mut spec.error].into_iter().flatten();
            for w in terms.chain(spec.durbin.as_mut().map(|d| &mut d.w)) {
                let (less, more_islands) = without(w, &unit)?;
                islands = islands.max(more_islands);
                *w = less;
            }
            let table = self.growth().table().without([&unit])?;
            let fit = spec.fit(&table)?.with_vcov(self.regression().vcov_kind())?;
            let change = self.change(&fit, &unit)?;
            let z = solve_upper_transposed(factor.t(), change.view());
            Ok(Influence {
                cook: z.dot(&z) / z.len() as f64,
                dfbeta: self.beta().value - fit.coefficient(INITIAL)?.value,
                beta: fit.coefficient(INITIAL)?,
                direct: fit.impacts()?.of(INITIAL)?.direct.clone(),
                convention: self.growth().convention(),
                span: self.growth().span(),
            })
        };
        let result = { refit }();
        let notes = if islands > 0 {
            vec![Note::Islands { count: islands }]
        } else {
            Vec::new()
        };
        (result, notes)
    }
}

/// W without a unit, transformed as it was, and how many units lose their last neighbour.
fn without(w: &Weights, unit: &str) -> Result<(Weights, usize)> {
    let less = w.raw().without([unit])?;
    let before = w.islands();
    let others = before.iter().filter(|i| *i != unit).count();
    let more = less.islands().len() - others;
    Ok((less.islands_kept().transformed_like(w.transform())?, more))
}

/// Least squares without one row, from the fit with all.
struct Downdate<'a> {
    beta: &'a BetaConvergence,
    at: usize,
    x: Array2<f64>,
    e: Array1<f64>,
    h: &'a Array1<f64>,
    c: Array2<f64>,
    sse: f64,
}

impl<'a> Downdate<'a> {
    fn of(beta: &'a BetaConvergence, h: &'a Array1<f64>) -> Self {
        let fit = beta.regression();
        let design = &fit.sample.design;
        let e = fit.weighted_residuals();
        Self {
            at: beta.at(),
            x: design.weighted_x().to_owned(),
            sse: e.dot(&e),
            e,
            h,
            c: inverse_cross_product(fit.sample.r.view()),
            beta,
        }
    }

    fn without(&self, i: usize) -> Result<Influence> {
        let fit = self.beta.regression();
        let ((n, k), j) = (self.x.dim(), self.at);
        let rest = 1.0 - self.h[i];
        if rest < ALONE {
            return Err(Error::Unsupported {
                what: format!("the regression without unit `{}`", fit.units().name(i)),
                why: "the unit alone determines a coefficient (its leverage is one), so that the regressors are linearly dependent without it; drop the column with it".to_owned(),
            });
        }
        // C x_i, by which everything moves.
        let cx = self.c.dot(&self.x.row(i));
        let b = self.beta.beta().value - cx[j] * self.e[i] / rest;
        let df = (n - 1 - k) as f64;
        let sse = self.sse - self.e[i].powi(2) / rest;
        if sse <= EXACT * self.sse {
            return Err(Error::Unsupported {
                what: format!("the regression without unit `{}`", fit.units().name(i)),
                why: "it fits the other units exactly, so that nothing can be inferred".to_owned(),
            });
        }
        let sigma2 = sse / df;
        let variance = match fit.vcov_kind() {
            Vcov::Classical => sigma2 * (self.c[[j, j]] + cx[j].powi(2) / rest),
            kind => self.robust(kind, i, &cx)?,
        };
        let s2 = self.sse / (n - k) as f64;
        let beta = Estimate::new(INITIAL, b, variance.sqrt(), Distribution::T { df });
        Ok(Influence {
            cook: self.e[i].powi(2) * self.h[i] / (k as f64 * s2 * rest.powi(2)),
            dfbeta: self.beta.beta().value - b,
            direct: beta.clone(),
            beta,
            convention: self.beta.growth().convention(),
            span: self.beta.growth().span(),
        })
    }

    /// The heteroskedasticity-consistent variance of beta without unit i.
    fn robust(&self, kind: Vcov, i: usize, cx: &Array1<f64>) -> Result<f64> {
        let ((n, k), j) = (self.x.dim(), self.at);
        let rest = 1.0 - self.h[i];
        let row = self.c.row(j);
        let mut variance = 0.0;
        for (l, x) in self.x.rows().into_iter().enumerate() {
            if l == i {
                continue;
            }
            let cross = x.dot(cx);
            let e = self.e[l] + cross * self.e[i] / rest;
            let share = 1.0 - self.h[l] - cross * cross / rest;
            if matches!(kind, Vcov::Hc2 | Vcov::Hc3) && share < ALONE {
                let name = |i| self.beta.regression().units().name(i);
                return Err(Error::Unsupported {
                    what: format!(
                        "{kind} without unit `{}`, where unit `{}` has leverage one",
                        name(i),
                        name(l)
                    ),
                    why: "the unit alone determines a coefficient and has no residual; take HC1"
                        .to_owned(),
                });
            }
            let weight = match kind {
                Vcov::Hc1 => (n - 1) as f64 / (n - 1 - k) as f64,
                Vcov::Hc2 => 1.0 / share,
                Vcov::Hc3 => 1.0 / share.powi(2),
                _ => 1.0,
            };
            variance += weight * (e * (row.dot(&x) + cx[j] * cross / rest)).powi(2);
        }
        Ok(variance)
    }
}

/// What a regression is without one unit.
#[derive(Debug, Clone)]
pub struct Influence {
    cook: f64,
    dfbeta: f64,
    beta: Estimate,
    direct: Estimate,
    convention: Convention,
    span: f64,
}

impl Influence {
    /// Cook's distance.
    #[must_use]
    pub fn cook(&self) -> f64 {
        self.cook
    }

    /// The coefficient of ln initial with the unit less that without it.
    #[must_use]
    pub fn dfbeta(&self) -> f64 {
        self.dfbeta
    }

    /// The coefficient of ln initial without the unit.
    #[must_use]
    pub fn beta(&self) -> &Estimate {
        &self.beta
    }

    /// The own speed without the unit.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`].
    pub fn speed(&self) -> Result<Speed> {
        Speed::new("own speed", &self.direct, self.convention, self.span)
    }
}

/// One unit left out.
#[derive(Debug, Clone)]
pub struct LeftOut {
    unit: String,
    leverage: f64,
    influence: std::result::Result<Influence, Arc<Error>>,
    notes: Vec<Note>,
}

impl LeftOut {
    /// Id of the unit.
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// Its leverage in the whole regression.
    #[must_use]
    pub fn leverage(&self) -> f64 {
        self.leverage
    }

    /// What the regression is without it.
    ///
    /// # Errors
    ///
    /// Why there is no regression without it, for instance since the unit alone determines a coefficient.
    pub fn influence(&self) -> std::result::Result<&Influence, &Error> {
        self.influence.as_ref().map_err(AsRef::as_ref)
    }

    /// What the reader should know of the regression without it.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// A growth regression without each of its units in turn; made by [`BetaConvergence::leave_one_out`].
#[derive(Debug, Clone)]
pub struct LeaveOneOut {
    beta: Estimate,
    speed: std::result::Result<Speed, Arc<Error>>,
    label: String,
    model: &'static str,
    units: Vec<LeftOut>,
}

impl LeaveOneOut {
    /// The units, in the order of the sample.
    #[must_use]
    pub fn units(&self) -> &[LeftOut] {
        &self.units
    }

    /// The units of the largest Cook's distances, largest first; before all others those without which there is no regression.
    #[must_use]
    pub fn most_influential(&self, count: usize) -> Vec<&LeftOut> {
        let cook = |u: &LeftOut| u.influence().map_or(f64::INFINITY, Influence::cook);
        let mut all: Vec<&LeftOut> = self.units.iter().collect();
        all.sort_by(|a, b| cook(b).total_cmp(&cook(a)));
        all.truncate(count);
        all
    }
}

/// So many units are printed.
const SHOWN: usize = 25;

impl fmt::Display for LeaveOneOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Leaving one unit out: {}, {}, n = {}",
            self.label,
            self.model,
            self.units.len()
        )?;
        let mut table = Layout::new();
        let heads = [
            "without", "leverage", "Cook", "DFBETA", "beta", "se", "p", "speed", "se",
        ];
        table.row(heads).rule();
        let dash = || "-".to_owned();
        let speed_cells = |speed: std::result::Result<&Speed, &Error>| match speed {
            Ok(s) => [significant(s.value(), 5), significant(s.std_error(), 4)],
            Err(_) => [dash(), dash()],
        };
        let beta_cells = |b: &Estimate| {
            [
                significant(b.value, 5),
                significant(b.std_error, 4),
                p_value(b.p_value()),
            ]
        };
        let whole = self.speed.as_ref().map_err(AsRef::as_ref);
        let cells = ["none".to_owned(), dash(), dash(), dash()];
        table.row(
            (cells.into_iter())
                .chain(beta_cells(&self.beta))
                .chain(speed_cells(whole)),
        );
        let mut notes = Vec::new();
        for unit in self.most_influential(SHOWN) {
            let mut cells = vec![unit.unit.clone(), format!("{:.3}", unit.leverage)];
            match unit.influence() {
                Ok(i) => {
                    cells.push(format!("{:.3}", i.cook));
                    cells.push(significant(i.dfbeta, 3));
                    cells.extend(beta_cells(&i.beta));
                    let speed = i.speed();
                    cells.extend(speed_cells(speed.as_ref()));
                    if let Err(e) = speed {
                        notes.push(format!("without {}: {e}", unit.unit));
                    }
                }
                Err(e) => {
                    cells.extend((0..7).map(|_| dash()));
                    notes.push(format!("without {}: {e}", unit.unit));
                }
            }
            let own = unit.notes.iter();
            notes.extend(own.map(|n| format!("without {}: {n}", unit.unit)));
            table.row(cells);
        }
        write!(f, "{table}")?;
        if self.units.len() > SHOWN {
            writeln!(f, "… and {} more", self.units.len() - SHOWN)?;
        }
        notes.iter().try_for_each(|n| writeln!(f, "Note: {n}."))
    }
}
