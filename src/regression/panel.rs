//! Regressions on panels: the within transformation and the fixed effects that it removes.

use std::fmt;

use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::Regression;
use super::design::{CONSTANT, Design};
use crate::data::{Panel, Units, evenly_spaced};
use crate::error::{Error, Result};
use crate::text::counted;

/// The fixed effects of a regression on a panel; chosen by [`Regression::effects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[doc(alias("pooling", "within", "individual", "twoways", "absorb"))]
pub enum Effects {
    /// None: pooled least squares, with a constant.
    #[default]
    None,
    /// A constant for every unit.
    Unit,
    /// A constant for every period.
    Time,
    /// A constant for every unit and for every period.
    TwoWays,
}

impl Effects {
    fn of_units(self) -> bool {
        matches!(self, Self::Unit | Self::TwoWays)
    }

    fn of_periods(self) -> bool {
        matches!(self, Self::Time | Self::TwoWays)
    }

    /// How many coefficients they stand for.
    fn count(self, units: usize, periods: usize) -> usize {
        match self {
            Self::None => 0,
            Self::Unit => units,
            Self::Time => periods,
            Self::TwoWays => units + periods - 1,
        }
    }

    /// Whether another choice restricts this one.
    pub(crate) fn nest(self, other: Self) -> bool {
        other == self || other == Self::None || self == Self::TwoWays
    }
}

impl fmt::Display for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no effects",
            Self::Unit => "unit effects",
            Self::Time => "time effects",
            Self::TwoWays => "unit and time effects",
        })
    }
}

/// The estimated fixed effects of a panel regression: `y_it = constant + unit_i + period_t + x_it b + e_it`, each kind of effect with the sum zero.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[doc(alias = "fixef")]
pub struct FixedEffects {
    /// The constant round which the effects lie.
    pub constant: f64,
    /// One for each unit, in their order; none without unit effects.
    pub units: Option<Array1<f64>>,
    /// One for each period, in their order; none without time effects.
    pub periods: Option<Array1<f64>>,
}

/// What a panel adds to a design whose rows are its units, period by period.
#[derive(Debug, Clone)]
pub(crate) struct PanelDesign {
    pub(crate) units: Units,
    pub(crate) periods: Vec<i32>,
    pub(crate) effects: Effects,
    /// How many coefficients the effects stand for.
    pub(crate) absorbed: usize,
    /// The response as it came.
    pub(crate) y: Array1<f64>,
    /// Of [X, y] as they came.
    means: Means,
}

/// Means of columns, one row a unit, a period, and all.
#[derive(Debug, Clone)]
struct Means {
    units: Array2<f64>,
    periods: Array2<f64>,
    all: Array1<f64>,
}

impl PanelDesign {
    /// The effects that belong to coefficients b.
    fn fixed_effects(&self, b: &Array1<f64>) -> FixedEffects {
        let k = b.len();
        let left =
            |means: ArrayView1<'_, f64>| means[k] - means.slice_axis(Axis(0), (..k).into()).dot(b);
        let constant = left(self.means.all.view());
        let of = |means: &Array2<f64>| -> Array1<f64> {
            means
                .rows()
                .into_iter()
                .map(|m| left(m) - constant)
                .collect()
        };
        FixedEffects {
            constant,
            units: self.effects.of_units().then(|| of(&self.means.units)),
            periods: self.effects.of_periods().then(|| of(&self.means.periods)),
        }
    }

    /// An error where periods are not evenly spaced.
    pub(crate) fn step(&self, what: &str) -> Result<()> {
        evenly_spaced(
            &self.periods,
            &format!("{what} of a panel"),
            "a lag is a number of periods",
        )
    }
}

impl Design {
    /// y and X of a panel, without the means that its effects stand for.
    pub(crate) fn of_panel(spec: &Regression, panel: &Panel) -> Result<Self> {
        let effects = spec.effects;
        refuse(spec)?;
        refuse_single(effects, panel)?;
        let mut spec = spec.clone();
        spec.intercept &= effects == Effects::None;
        let regimes = spec.regimes.as_ref().map(|r| r.label.as_str());
        let names = std::iter::once(spec.response.as_str())
            .chain(spec.regressors.iter().map(String::as_str))
            .chain(spec.weighted_by.as_deref())
            .chain(regimes);
        let mut design = Self::unchecked(&spec, &panel.stacked(names)?)?;
        let (n, t, k) = (panel.units().len(), panel.periods().len(), design.k());
        let columns = design.x_and(&[design.y.view()]);
        let means = Means::of(&columns, n, t);
        for j in 0..=k {
            let from = columns.column(j);
            let within = means.remove(j, from, effects);
            if effects != Effects::None && !varies(within.view(), from, means.all[j]) {
                return Err(if j == k {
                    Error::Unsupported {
                        what: format!(
                            "`{}` as the response of a regression with {effects}",
                            spec.response
                        ),
                        why: "it is a sum of such effects, so that nothing is left to explain"
                            .to_owned(),
                    }
                } else {
                    Error::Collinear {
                        columns: vec![(design.names[j].clone(), vec![format!("the {effects}")])],
                    }
                });
            }
            if j == k {
                design.y = within;
            } else {
                design.x.column_mut(j).assign(&within);
            }
        }
        design.panel = Some(PanelDesign {
            units: panel.units().clone(),
            periods: panel.periods().to_vec(),
            effects,
            absorbed: effects.count(n, t),
            y: columns.column(k).to_owned(),
            means,
        });
        design.check_rank(0)?;
        Ok(design)
    }
}

impl super::Fit {
    /// The periods of the sample, where it is a panel; its units are then [`units`](Self::units), one for every unit and period.
    #[must_use]
    pub fn periods(&self) -> Option<&[i32]> {
        self.sample
            .design
            .panel
            .as_ref()
            .map(|p| p.periods.as_slice())
    }

    /// Which fixed effects the regression has; none where the sample is no panel.
    #[must_use]
    pub fn effects(&self) -> Effects {
        (self.sample.design.panel.as_ref()).map_or(Effects::None, |p| p.effects)
    }

    /// The estimated fixed effects, where the regression has some.
    ///
    /// Each rests on the observations of its unit or period alone: with few periods the unit effects are not estimated consistently.
    #[must_use]
    pub fn fixed_effects(&self) -> Option<FixedEffects> {
        let panel = self.sample.design.panel.as_ref()?;
        (panel.effects != Effects::None).then(|| panel.fixed_effects(self.b()))
    }
}

/// An error for terms that have no estimator on panels yet.
fn refuse(spec: &Regression) -> Result<()> {
    let spatial = spec.lag.is_some() || spec.error.is_some() || spec.durbin.is_some();
    let (what, why) = if spatial {
        (
            "a spatial term in a regression on a panel",
            "panels are fitted by least squares; fit a cross-section with `panel.at(period)`",
        )
    } else if spec.variance_by.is_some() {
        (
            "variances by group in a regression on a panel",
            "panels are fitted by least squares; take a heteroskedasticity-consistent covariance",
        )
    } else if spec.weighted_by.is_some() && spec.effects != Effects::None {
        (
            "weights of observations with fixed effects",
            "the means that the effects stand for are not weighted; leave the weights or the effects out",
        )
    } else {
        return Ok(());
    };
    Err(Error::Unsupported {
        what: what.to_owned(),
        why: why.to_owned(),
    })
}

/// An error for effects that leave nothing, since each has one observation.
fn refuse_single(effects: Effects, panel: &Panel) -> Result<()> {
    let (n, t) = (panel.units().len(), panel.periods().len());
    let why = if t == 1 && effects.of_units() {
        "every unit has a constant of its own and one period to estimate it from; take more periods (shorter spans), or `Effects::Time` or `Effects::None`"
    } else if n == 1 && effects.of_periods() {
        "every period has a constant of its own and one unit to estimate it from; take more units, or `Effects::Unit` or `Effects::None`"
    } else {
        return Ok(());
    };
    Err(Error::Unsupported {
        what: format!(
            "{effects} in a panel with {} and {}",
            counted(n, "unit"),
            counted(t, "period")
        ),
        why: why.to_owned(),
    })
}

impl Means {
    /// Of columns whose rows are n units, period by period.
    fn of(columns: &Array2<f64>, n: usize, t: usize) -> Self {
        let k = columns.ncols();
        let (mut units, mut periods) = (Array2::zeros((n, k)), Array2::zeros((t, k)));
        for (row, values) in columns.rows().into_iter().enumerate() {
            let mut unit = units.row_mut(row % n);
            unit += &values;
            let mut period = periods.row_mut(row / n);
            period += &values;
        }
        units /= t as f64;
        periods /= n as f64;
        let all = units.sum_axis(Axis(0)) / n as f64;
        Self {
            units,
            periods,
            all,
        }
    }

    /// A column without the means that the effects stand for.
    fn remove(&self, j: usize, from: ArrayView1<'_, f64>, effects: Effects) -> Array1<f64> {
        let n = self.units.nrows();
        let both = if effects == Effects::TwoWays {
            self.all[j]
        } else {
            0.0
        };
        let (units, periods) = (effects.of_units(), effects.of_periods());
        from.iter()
            .enumerate()
            .map(|(row, v)| {
                let unit = if units { self.units[[row % n, j]] } else { 0.0 };
                let period = if periods {
                    self.periods[[row / n, j]]
                } else {
                    0.0
                };
                v - unit - (period - both)
            })
            .collect()
    }
}

/// Whether more than rounding is left of a column.
fn varies(within: ArrayView1<'_, f64>, from: ArrayView1<'_, f64>, mean: f64) -> bool {
    let left = within.dot(&within);
    let total: f64 = from.iter().map(|v| (v - mean).powi(2)).sum();
    let rounding = from.len() as f64 * (16.0 * f64::EPSILON * mean).powi(2);
    left > (1e-20 * total).max(rounding)
}

impl Regression {
    /// Chooses the fixed effects of a regression on a panel: a constant for every unit, every period, or both.
    ///
    /// They are removed by the within transformation, exactly: with both, `x_it - mean_i x - mean_t x + mean x` in a balanced panel. The coefficients are
    /// those of least squares with a column of zeros and ones for each effect, which count as parameters in the degrees of freedom, in
    /// AIC and in BIC; R² is that within. A regressor that does not vary within units, or within periods, is refused as collinear with the effects.
    ///
    /// # Errors
    ///
    /// At the fit: [`Error::Unsupported`] for a table, and for spatial terms, weights of observations or variances by group on a panel.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Effects, Panel, Regression, Units};
    /// let panel = Panel::from_columns(
    ///     &Units::new(["a", "b"])?,
    ///     &[2000, 2001, 2002],
    ///     [
    ///         ("x", array![[1.0, 5.0], [2.0, 5.0], [4.0, 9.0]]),
    ///         ("y", array![[1.0, 11.0], [1.5, 12.0], [3.5, 14.5]]),
    ///     ],
    /// )?;
    /// let within = Regression::of("y").on(["x"]).effects(Effects::Unit).fit(&panel)?;
    /// assert!((within.coefficient("x")?.value - 18.0 / 23.0).abs() < 1e-12);
    /// assert_eq!(within.parameters(), 4);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Baltagi (2021), Econometric Analysis of Panel Data, chapters 2 and 3.
    #[doc(alias("plm", "xtreg", "felm", "feols", "PanelOLS"))]
    pub fn effects(mut self, effects: Effects) -> Self {
        self.effects = effects;
        self
    }

    /// An error where fixed effects are asked of one cross-section.
    pub(crate) fn require_no_effects(&self) -> Result<()> {
        if self.effects == Effects::None {
            return Ok(());
        }
        Err(Error::Unsupported {
            what: format!("{} in a regression on a table", self.effects),
            why: format!(
                "a table is one period, in which every unit occurs once; fit a `Panel`, or leave the effects out and keep `{CONSTANT}`"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use crate::random::Stream;
    use crate::{Effects, Error, Fit, Panel, Regression, Table, Units, Vcov};

    fn panel() -> Panel {
        let mut s = Stream::new(4, 0);
        let mut draw = |_| s.normal();
        let x = Array2::from_shape_fn((6, 5), &mut draw);
        let e = Array2::from_shape_fn((6, 5), &mut draw);
        let y = Array2::from_shape_fn((6, 5), |(t, i)| i as f64 - 0.3 * t as f64) + &x * 0.7 + e;
        Panel::from_columns(
            &Units::new(["a", "b", "c", "d", "e, f"]).unwrap(),
            &[2000, 2001, 2002, 2003, 2004, 2005],
            [("x", x), ("y", y)],
        )
        .unwrap()
        .label("side", ["w", "e", "w", "e", "w"])
        .unwrap()
    }

    fn fit(effects: Effects) -> Fit {
        let spec = Regression::of("y").on(["x"]).effects(effects);
        spec.fit(&panel()).unwrap()
    }

    #[test]
    fn fixed_effects_and_regressors_make_the_fitted_values() {
        let p = panel();
        for effects in [Effects::Unit, Effects::Time, Effects::TwoWays] {
            let fit = fit(effects);
            let fixed = fit.fixed_effects().unwrap();
            let (b, x) = (fit.coefficient("x").unwrap().value, p.values("x").unwrap());
            for (row, fitted) in fit.fitted().iter().enumerate() {
                let (t, i) = (row / 5, row % 5);
                let of = |e: &Option<Array1<f64>>, at: usize| e.as_ref().map_or(0.0, |e| e[at]);
                let sum = fixed.constant + of(&fixed.units, i) + of(&fixed.periods, t);
                assert!((fitted - sum - b * x[[t, i]]).abs() < 1e-12);
            }
            assert!(fixed.units.iter().all(|e| e.sum().abs() < 1e-12));
        }
    }

    /// Effects are restrictions of more effects; the likelihoods themselves stand beside those of `lm` with dummies.
    #[test]
    fn effects_are_nested() {
        let [none, unit, time, both] = [
            Effects::None,
            Effects::Unit,
            Effects::Time,
            Effects::TwoWays,
        ]
        .map(fit);
        for (large, small, df) in [
            (&unit, &none, 4.0),
            (&time, &none, 5.0),
            (&both, &none, 9.0),
            (&both, &unit, 5.0),
            (&both, &time, 4.0),
        ] {
            let test = large.lr_test(small).unwrap();
            let gain = large.log_likelihood() - small.log_likelihood();
            assert!((test.statistic - 2.0 * gain).abs() < 1e-12);
            assert_eq!(test.distribution, crate::Distribution::ChiSquared { df });
        }
        for (large, small) in [(&unit, &time), (&none, &unit)] {
            assert!(matches!(
                large.lr_test(small),
                Err(Error::Unsupported { .. })
            ));
        }
    }

    #[test]
    fn without_lags_the_covariance_is_that_of_white() {
        for effects in [Effects::None, Effects::TwoWays] {
            let of = |kind| {
                fit(effects)
                    .with_vcov(kind)
                    .unwrap()
                    .vcov()
                    .matrix()
                    .to_owned()
            };
            let white = of(Vcov::Hc0);
            for kind in [
                Vcov::NeweyWest { lags: Some(0) },
                Vcov::HansenHodrick { lags: 0 },
            ] {
                assert!((&of(kind) - &white).iter().all(|d| d.abs() < 1e-15));
            }
        }
    }

    /// Pooled, a panel is the table of its observations, with labels and ids.
    #[test]
    fn pooled_it_is_a_table_of_observations() {
        let p = panel();
        let column = |name: &str| {
            p.values(name)
                .unwrap()
                .iter()
                .copied()
                .collect::<Array1<f64>>()
        };
        let labels = p.labels("side").unwrap().iter().cycle().take(30).cloned();
        let table = Table::over(&Units::range(30))
            .column("x", column("x"))
            .and_then(|t| t.column("y", column("y")))
            .and_then(|t| t.label("side", labels))
            .unwrap();
        let spec = Regression::of("y").on(["x"]).regimes("side");
        let (ours, theirs) = (spec.fit(&p).unwrap(), spec.fit(&table).unwrap());
        assert_eq!(ours.coefficients(), theirs.coefficients());
        let units = ours.units();
        assert_eq!(units.id(9).as_deref(), Some("e, f, 2001"));
        assert_eq!(units.position("e, f, 2001"), Some(9));
        assert!(units.id(30).is_none() && units.position("a, 1999").is_none());
        assert_eq!(ours.units(), spec.fit(&panel()).unwrap().units());
        assert_ne!(ours.units(), theirs.units());
    }
}
