//! Beta over every span between two periods of a panel.

use std::fmt;

use super::BetaConvergence;
use crate::convergence::growth::Growth;
use crate::convergence::show::interval;
use crate::convergence::speed::Speed;
use crate::data::Panel;
use crate::error::{Error, Result};
use crate::inference::Estimate;
use crate::parallel::map_indexed;
use crate::regression::Vcov;
use crate::text::{Layout, counted, p_value, significant};

/// Beta convergence over every span of a panel that is long enough.
///
/// A single pair of dates is a choice; the table shows what hangs on it. The spans overlap, so that their estimates are not independent of each
/// other, and the share of significant ones is not a test.
///
/// # Example
///
/// ```
/// use ndarray::{Array2, array};
/// use spatialecon::{BetaSpans, Panel, Units, Vcov};
/// let start = [1.0_f64, 1.5, 2.5, 4.0, 6.0];
/// let wobble = [0.02, -0.01, 0.015, -0.03, 0.005];
/// let values = Array2::from_shape_fn((11, 5), |(t, i)| {
///     (start[i].ln() * 0.97_f64.powi(t as i32) + wobble[(i + t) % 5]).exp()
/// });
/// let years: Vec<i32> = (2000..=2010).collect();
/// let panel = Panel::from_columns(&Units::range(5), &years, [("income", values)])?;
/// let spans = BetaSpans::of(&panel, "income", 8)?.with_vcov(Vcov::Hc3)?;
/// assert_eq!(spans.rows().len(), 6);
/// let longest = spans.between(2000, 2010)?;
/// assert!((longest.speed()?.value() - 0.0305).abs() < 0.005);
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct BetaSpans {
    column: String,
    least: u32,
    rows: Vec<SpanBeta>,
}

/// One span.
#[derive(Debug, Clone)]
pub struct SpanBeta {
    first: i32,
    last: i32,
    beta: BetaConvergence,
}

impl BetaSpans {
    /// Absolute convergence by OLS over every span of at least `min_years` years between two periods of the panel.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where no span is as long, or `min_years` is zero; those of [`Growth::between`] and [`BetaConvergence::fit`].
    pub fn of(panel: &Panel, column: &str, min_years: u32) -> Result<Self> {
        Self::of_each(panel, column, min_years, |growth| {
            BetaConvergence::fit(&growth, &growth.regression())
        })
    }

    /// The same with a regression of your own for each span: determinants, spatial terms, total growth.
    ///
    /// # Errors
    ///
    /// Those of [`of`](Self::of), and of the regression given.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use spatialecon::{BetaConvergence, BetaSpans, Panel, Result, Weights};
    /// # fn all(panel: &Panel, w: &Weights) -> Result<BetaSpans> {
    /// BetaSpans::of_each(panel, "income", 10, |growth| {
    ///     BetaConvergence::fit(&growth, &growth.regression().spatial_lag(w))
    /// })
    /// # }
    /// ```
    pub fn of_each(
        panel: &Panel,
        column: &str,
        min_years: u32,
        fit: impl Fn(Growth) -> Result<BetaConvergence> + Sync + Send,
    ) -> Result<Self> {
        let periods = panel.periods();
        let long = |first: &i32, last: &i32| {
            min_years > 0 && i64::from(*last) - i64::from(*first) >= i64::from(min_years)
        };
        let pairs: Vec<(i32, i32)> = (periods.iter())
            .flat_map(|a| periods.iter().map(move |b| (*a, *b)))
            .filter(|(a, b)| long(a, b))
            .collect();
        if pairs.is_empty() {
            return Err(Error::InvalidOption {
                option: "the shortest span",
                value: format!("{min_years} years"),
                expected: "at least one year, and at most as many as lie between the first and the last period of the panel",
            });
        }
        let rows = map_indexed(pairs.len(), |i| {
            let (first, last) = pairs[i];
            let beta = fit(Growth::between(panel, column, first, last)?)?;
            Ok(SpanBeta { first, last, beta })
        });
        Ok(Self {
            column: column.to_owned(),
            least: min_years,
            rows: rows.into_iter().collect::<Result<_>>()?,
        })
    }

    /// The same regressions with another covariance (HC3 in small samples).
    ///
    /// # Errors
    ///
    /// As [`BetaConvergence::with_vcov`].
    pub fn with_vcov(self, vcov: Vcov) -> Result<Self> {
        let rows = self.rows.into_iter().map(|row| {
            Ok(SpanBeta {
                beta: row.beta.with_vcov(vcov)?,
                ..row
            })
        });
        Ok(Self {
            rows: rows.collect::<Result<_>>()?,
            ..self
        })
    }

    /// The spans, by their first and then by their last period.
    #[must_use]
    pub fn rows(&self) -> &[SpanBeta] {
        &self.rows
    }

    /// The span between two periods.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where it is not among the spans.
    pub fn between(&self, first: i32, last: i32) -> Result<&SpanBeta> {
        let found = self
            .rows
            .iter()
            .find(|r| (r.first, r.last) == (first, last));
        found.ok_or_else(|| Error::InvalidOption {
            option: "the span",
            value: format!("{first} to {last}"),
            expected: "two periods of the panel that lie at least as far apart as the shortest span",
        })
    }
}

impl SpanBeta {
    /// The first period.
    #[must_use]
    pub fn first(&self) -> i32 {
        self.first
    }

    /// The last period.
    #[must_use]
    pub fn last(&self) -> i32 {
        self.last
    }

    /// The coefficient of ln initial.
    #[must_use]
    pub fn beta(&self) -> Estimate {
        self.beta.beta()
    }

    /// The own speed, with its half-life.
    ///
    /// # Errors
    ///
    /// [`Error::SpeedUndefined`] where 1 + bT ≤ 0.
    pub fn speed(&self) -> Result<Speed> {
        self.beta.speed()
    }

    /// The whole of it: the regression, its notes, its impacts.
    #[must_use]
    pub fn convergence(&self) -> &BetaConvergence {
        &self.beta
    }

    fn cells(&self) -> Vec<String> {
        let fit = self.beta.regression();
        let b = self.beta();
        let mut cells = vec![
            format!("{}-{}", self.first, self.last),
            significant(b.value, 5),
            significant(b.std_error, 4),
            p_value(b.p_value()),
        ];
        let dash = || "-".to_owned();
        match self.speed() {
            Ok(speed) => {
                cells.push(significant(speed.value(), 5));
                cells.push(significant(speed.std_error(), 4));
                match speed.half_life() {
                    Ok(h) => {
                        cells.extend([format!("{:.1}", h.years()), interval(&h)]);
                    }
                    Err(_) => cells.extend([dash(), dash()]),
                }
            }
            Err(_) => cells.extend(["1 + bT <= 0".to_owned(), dash(), dash(), dash()]),
        }
        let r2 = fit.r_squared();
        let r2 = r2.ordinary.unwrap_or(r2.squared_correlation);
        cells.extend([format!("{r2:.3}"), fit.n().to_string()]);
        cells
    }
}

impl fmt::Display for BetaSpans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fit = self.rows.first().map(|r| r.beta.regression());
        let model = fit.map_or("", |f| f.model().abbreviation());
        writeln!(
            f,
            "Beta convergence of {}, {} of at least {}; {model}, {} standard errors",
            self.column,
            counted(self.rows.len(), "span"),
            counted(self.least as usize, "year"),
            fit.map_or_else(String::new, |f| f.vcov_kind().to_string())
        )?;
        let mut table = Layout::new();
        let heads = [
            "span",
            "b",
            "se",
            "p",
            "speed",
            "se",
            "half-life",
            "95% interval",
            "R2",
            "n",
        ];
        table.row(heads).rule();
        for row in &self.rows {
            table.row(row.cells());
        }
        write!(f, "{table}")?;
        if self.rows.len() == 1 {
            return Ok(());
        }
        writeln!(
            f,
            "Note: the spans overlap, so that the rows are not independent of each other."
        )
    }
}
