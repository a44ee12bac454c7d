//! Hadri's test, whose null is stationarity.

use std::fmt;

use ndarray::Array2;

use super::dickey_fuller::{Columns, dot, norm};
use super::lags::Deterministic;
use super::{StochasticConvergence, long_run_variance};
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Note, TestResult, write_notes};
use crate::text::{counted, significant};

/// Hadri's Lagrange multiplier test: **its null is that every unit is stationary**, round a constant or a trend; rejecting it is evidence of a unit root somewhere.
///
/// ```text
/// LM_i = Σ_t S_it² / (T² σ²_i),   S_it = e_i1 + … + e_it,   z = sqrt(n) (mean LM_i - ξ) / ζ     N(0, 1), upper tail
/// ```
///
/// e are the residuals of y on the deterministic terms. ξ = 1/6, ζ² = 1/45 with a constant, 1/15 and 11/6300 with a trend. σ² = Σ e² / T: of each unit
/// ([`heteroskedastic`](Self::heteroskedastic)), or one of all ([`homoskedastic`](Self::homoskedastic)); with lags it is the long-run variance with Bartlett's weights.
///
/// [`exact_moments`](Self::exact_moments) takes for ξ and ζ² the mean and variance of LM_i at this T (independent normal errors; Hadri and Larsson 2005), which matter with few
/// periods. Persistent but stationary errors make all of them reject; units are taken to be independent.
#[derive(Debug, Clone)]
#[doc(alias("hadritest", "xtunitroot hadri", "KPSS"))]
#[must_use]
pub struct Hadri {
    subject: String,
    lags: usize,
    lm: Vec<f64>,
    heteroskedastic: TestResult,
    homoskedastic: TestResult,
    exact: Option<TestResult>,
    notes: Vec<Note>,
}

const NULL: &str = "every unit is stationary";

impl StochasticConvergence {
    /// Hadri's test of stationarity in every unit, errors without serial correlation.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] for one unit, or two relative to a mean; [`Error::TooFewPeriods`]; [`Error::Unsupported`] without a constant, and for a unit that does not vary or is a straight line.
    ///
    /// # References
    ///
    /// Hadri (2000), Econometrics Journal 3; Hadri and Larsson (2005), Econometrics Journal 8.
    pub fn hadri(&self) -> Result<Hadri> {
        self.hadri_robust(0)
    }

    /// The same with long-run variances: Bartlett's weights 1 - l/(L + 1) on the autocovariances of lags l = 1 … L.
    ///
    /// # Errors
    ///
    /// As [`hadri`](Self::hadri); [`Error::InvalidOption`] for as many lags as periods, or more.
    pub fn hadri_robust(&self, lags: usize) -> Result<Hadri> {
        self.require_panel("Hadri's test")?;
        self.deterministic.require_constant("Hadri's test")?;
        let (n, t) = (self.units.len(), self.periods.len());
        self.require_periods(|| "Hadri's test".to_owned(), self.deterministic.count() + 2)?;
        if lags >= t {
            return Err(Error::InvalidOption {
                option: "lags",
                value: lags.to_string(),
                expected: "fewer lags than there are periods",
            });
        }
        let mut columns = Columns::default();
        let (mut sums, mut variances) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for i in 0..n {
            let y = self.row(i);
            columns.clear(t);
            self.deterministic.append(t, &mut columns.data);
            columns.data.extend(y);
            let last = columns.count() - 1;
            columns
                .orthogonalize(last)
                .map_err(|why| self.degenerate(i, why))?;
            let e = columns.column(last);
            if !(norm(e) > 1e-10 * norm(y)) {
                return Err(self.refuse(i, "nothing is left of it beside the deterministic terms; leave the unit out with `Panel::without`"));
            }
            let mut sum = 0.0;
            let squares: f64 = e
                .iter()
                .map(|v| {
                    sum += v;
                    sum * sum
                })
                .sum();
            sums.push(squares / (t * t) as f64);
            variances.push(long_run_variance(e, lags) / t as f64);
        }
        let lm: Vec<f64> = sums.iter().zip(&variances).map(|(s, v)| s / v).collect();
        let mean = |x: &[f64]| x.iter().sum::<f64>() / n as f64;
        let (xi, zeta) = match self.deterministic {
            Deterministic::Trend => (1.0 / 15.0, 11.0 / 6300.0),
            _ => (1.0 / 6.0, 1.0 / 45.0),
        };
        let test = |name: &str, lm: f64, (xi, zeta): (f64, f64)| {
            TestResult::symmetric(
                name,
                (n as f64).sqrt() * (lm - xi) / f64::sqrt(zeta),
                Distribution::Normal,
                NULL,
                Alternative::Greater,
            )
        };
        let exact = (lags == 0).then(|| exact_moments(t, self.deterministic));
        let notes = match self.regressions() {
            Ok(regressions) => self.notes(&regressions),
            Err(e) => vec![Note::NotDefined {
                what: "the test of dependence between units",
                why: e.to_string(),
            }],
        };
        Ok(Hadri {
            subject: self.subject().to_string(),
            lags,
            heteroskedastic: test("Hadri z, a variance for each unit", mean(&lm), (xi, zeta)),
            homoskedastic: test(
                "Hadri z, one variance",
                mean(&sums) / mean(&variances),
                (xi, zeta),
            ),
            exact: exact.map(|m| test("Hadri z, moments at this T", mean(&lm), m)),
            lm,
            notes,
        })
    }
}

/// Mean and variance of e'Be/(e'e/T), B = M L'L M / T², e = M u, u independent normal: a ratio that does not depend on its denominator.
fn exact_moments(t: usize, deterministic: Deterministic) -> (f64, f64) {
    // Columns of L M: partial sums of what unit impulses leave.
    let mut columns = Columns::default();
    let mut sums = Array2::<f64>::zeros((t, t));
    for s in 0..t {
        columns.clear(t);
        deterministic.append(t, &mut columns.data);
        columns
            .data
            .extend((0..t).map(|r| f64::from(u8::from(r == s))));
        let last = columns.count() - 1;
        // The deterministic terms are never dependent.
        if columns.orthogonalize(last).is_err() {
            continue;
        }
        let mut sum = 0.0;
        for (r, e) in columns.column(last).iter().enumerate() {
            sum += e;
            sums[[r, s]] = sum;
        }
    }
    let b = sums.t().dot(&sums);
    let flat: Vec<f64> = b.iter().copied().collect();
    let (one, two) = (b.diag().sum(), dot(&flat, &flat));
    let v = (t - deterministic.count()) as f64;
    let mean = one / v;
    let square = (one * one + 2.0 * two) / (v * (v + 2.0));
    let scale = t as f64;
    (mean / scale, (square - mean * mean) / (scale * scale))
}

impl Hadri {
    /// z with a variance for each unit.
    #[must_use]
    pub fn heteroskedastic(&self) -> &TestResult {
        &self.heteroskedastic
    }

    /// z with one variance for all.
    #[must_use]
    pub fn homoskedastic(&self) -> &TestResult {
        &self.homoskedastic
    }

    /// z with a variance for each unit and the moments of LM at this number of periods; nothing with lags.
    #[must_use]
    pub fn exact_moments(&self) -> Option<&TestResult> {
        self.exact.as_ref()
    }

    /// LM_i by unit.
    #[must_use]
    pub fn lm(&self) -> &[f64] {
        &self.lm
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for Hadri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Hadri: {}", self.subject)?;
        writeln!(
            f,
            "the null is stationarity of every unit: rejecting speaks for unit roots"
        )?;
        let tests = [&self.heteroskedastic, &self.homoskedastic];
        for test in tests.into_iter().chain(&self.exact) {
            writeln!(f, "{test}")?;
        }
        let mean = self.lm.iter().sum::<f64>() / self.lm.len() as f64;
        writeln!(
            f,
            "mean LM {}; variances with {}",
            significant(mean, 4),
            counted(self.lags, "lag")
        )?;
        write_notes(f, &self.notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The means are (1 + 1/T)/6 and (1 + 2/T)/15, and the limits of all moments the constants of the paper.
    #[test]
    fn exact_moments_have_the_limits_of_the_paper() {
        let (mean, variance) = exact_moments(400, Deterministic::Constant);
        assert!((mean - 401.0 / 400.0 / 6.0).abs() < 1e-12);
        assert!((variance - 1.0 / 45.0).abs() < 3e-4);
        let (mean, variance) = exact_moments(400, Deterministic::Trend);
        assert!((mean - 402.0 / 400.0 / 15.0).abs() < 1e-12);
        assert!((variance - 11.0 / 6300.0).abs() < 3e-5);
        // Two periods and a constant: e = (a, -a), S = (a, 0), LM = a² / (4 a²).
        let (mean, variance) = exact_moments(2, Deterministic::Constant);
        assert!((mean - 0.25).abs() < 1e-15 && variance.abs() < 1e-15);
    }
}
