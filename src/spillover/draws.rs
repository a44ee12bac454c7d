//! Simulated impacts: percentile intervals from draws of the estimates.

use std::fmt;

use super::delta::Terms;
use super::impacts::{Impact, Impacts, named};
use super::regimes::common;
use crate::error::{Error, Result};
use crate::inference::{Draws, Note, Simulated};
use crate::linalg::triangular::cholesky;
use crate::random::Stream;
use crate::regression::Fit;
use crate::text::{Layout, p_value, significant};

/// The simulated impacts of one regressor.
pub type SimulatedImpact = Impact<Simulated>;

/// Impacts with percentile intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedImpacts {
    model: &'static str,
    draws: usize,
    impacts: Vec<SimulatedImpact>,
    notes: Vec<Note>,
}

/// A draw is abandoned after this many values of rho outside the parameter space.
const MOST_REJECTIONS: usize = 1_000;

impl Impacts {
    /// Draws (b, theta, rho, lambda) from the normal distribution of the estimates and computes the impacts of each draw, exactly.
    ///
    /// Draws with rho or lambda outside the admissible interval of its weights are outside the parameter space: they are rejected and drawn
    /// again, and a note counts them. The averages are read from interpolants over rho ± six standard errors, which the first call
    /// makes and later ones share; the cost of a draw does not depend on n.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for fewer than 100 or more than 10 million draws; [`Error::NotConverged`] where hardly any draw is admissible;
    /// [`Error::Singular`] where the covariance of the estimates is not positive definite.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Draws, Lattice, Regression, Table, Weights};
    /// let w = Weights::lattice(Lattice::rook(1, 9))?.row_standardized()?;
    /// let table = Table::over(w.units())
    ///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5, 0.5, 3.5, 1.5])?
    ///     .column("y", array![1.6, 2.3, 3.8, 3.7, 4.6, 2.9, 1.2, 3.1, 1.9])?;
    /// let impacts = Regression::of("y").on(["x"]).spatial_lag(&w).fit(&table)?.impacts()?;
    /// let draws = impacts.simulated(Draws::new(2_000).seed(42))?;
    /// let total = &draws.of("x")?.total;
    /// let (low, high) = total.interval(0.95);
    /// assert!(low < total.value && total.value < high);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// LeSage and Pace (2009), chapter 5.
    #[doc(alias("impacts(R =)", "MCMC"))]
    pub fn simulated(&self, draws: Draws) -> Result<SimulatedImpacts> {
        let (count, seed) = draws.checked()?;
        let fit = &self.fit;
        let k = fit.b().len();
        let mut parameters = Parameters::of(fit)?;
        let (curve, traces) = (self.curve()?, self.traces());
        let has_rho = fit.lag().is_some();
        let terms: Vec<Terms> = common(fit)
            .into_iter()
            .map(|r| Terms::new(r.own, r.lagged, &parameters.centre))
            .collect();
        let mut effects: Vec<[Vec<f64>; 3]> = (self.all().iter())
            .map(|_| [(); 3].map(|()| Vec::with_capacity(count)))
            .collect();
        for replicate in 0..count {
            let drawn = parameters.draw(&mut Stream::new(seed, replicate as u64))?;
            let rho = if has_rho { drawn[k] } else { 0.0 };
            let averages = curve.at(fit, traces, rho)?;
            let pairs = terms.iter().map(|terms| {
                let terms = terms.at(drawn);
                (averages.direct(&terms), averages.total(&terms))
            });
            let by_regime = match self.by_regime() {
                Some(regimes) => regimes.effects_at(fit, drawn, rho)?,
                None => Vec::new(),
            };
            for ((d, t), [direct, indirect, total]) in pairs.chain(by_regime).zip(&mut effects) {
                direct.push(d);
                indirect.push(t - d);
                total.push(t);
            }
        }
        let impacts = self
            .all()
            .iter()
            .zip(effects)
            .map(|(i, [direct, indirect, total])| Impact {
                name: i.name.clone(),
                direct: Simulated::new(i.direct.value, direct),
                indirect: Simulated::new(i.indirect.value, indirect),
                total: Simulated::new(i.total.value, total),
            })
            .collect();
        let notes = if parameters.rejected > 0 {
            vec![Note::RejectedDraws {
                rejected: parameters.rejected,
                kept: count,
            }]
        } else {
            Vec::new()
        };
        Ok(SimulatedImpacts {
            model: fit.model().abbreviation(),
            draws: count,
            impacts,
            notes,
        })
    }
}

/// The normal distribution of the estimates, without what lies outside the parameter space.
struct Parameters {
    centre: Vec<f64>,
    /// Rows of the lower triangle of the covariance's Cholesky factor, one after the other.
    lower: Vec<f64>,
    /// Name, position and admissible interval of rho and of lambda.
    bounds: Vec<(&'static str, usize, (f64, f64))>,
    normal: Vec<f64>,
    drawn: Vec<f64>,
    rejected: usize,
}

impl Parameters {
    fn of(fit: &Fit) -> Result<Self> {
        let lower = cholesky(
            fit.vcov_of_location().view(),
            "the covariance of the estimates",
        )?;
        let centre = fit.location().to_vec();
        let k = fit.b().len();
        let bounds = (fit.processes().iter().enumerate())
            .map(|(at, p)| Ok((p.name, k + at, p.w.jacobian()?.interval)))
            .collect::<Result<_>>()?;
        Ok(Self {
            lower: (0..centre.len())
                .flat_map(|i| lower.row(i).iter().take(i + 1).copied().collect::<Vec<_>>())
                .collect(),
            bounds,
            normal: vec![0.0; centre.len()],
            drawn: centre.clone(),
            centre,
            rejected: 0,
        })
    }

    /// One admissible draw.
    fn draw(&mut self, stream: &mut Stream) -> Result<&[f64]> {
        for _ in 0..MOST_REJECTIONS {
            self.normal.fill_with(|| stream.normal());
            let mut from = 0;
            for (i, (to, centre)) in self.drawn.iter_mut().zip(&self.centre).enumerate() {
                let row = &self.lower[from..=from + i];
                from += i + 1;
                *to = centre
                    + row
                        .iter()
                        .zip(&self.normal)
                        .map(|(l, z)| l * z)
                        .sum::<f64>();
            }
            let outside = (self.bounds.iter())
                .any(|(_, i, (lo, hi))| !(self.drawn[*i] > *lo && self.drawn[*i] < *hi));
            if !outside {
                return Ok(&self.drawn);
            }
            self.rejected += 1;
        }
        Err(Error::NotConverged {
            what: match self.bounds.as_slice() {
                [(name, ..)] if *name == "lambda" => "the draw of an admissible lambda",
                [_, _, ..] => "the draw of an admissible rho and lambda",
                _ => "the draw of an admissible rho",
            },
            iterations: MOST_REJECTIONS,
        })
    }
}

impl SimulatedImpacts {
    /// The impacts, one a regressor, in the order of the regressors.
    #[must_use]
    pub fn all(&self) -> &[SimulatedImpact] {
        &self.impacts
    }

    /// The impacts of one regressor.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the regressors.
    pub fn of(&self, regressor: &str) -> Result<&SimulatedImpact> {
        named(&self.impacts, regressor)
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for SimulatedImpacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Impacts, {}, {} draws", self.model, self.draws)?;
        let mut table = Layout::new();
        table
            .row([
                "",
                "effect",
                "estimate",
                "sd of draws",
                "95% percentile interval",
                "p",
            ])
            .rule();
        for i in &self.impacts {
            for (what, e) in [
                ("direct", &i.direct),
                ("indirect", &i.indirect),
                ("total", &i.total),
            ] {
                let (low, high) = e.interval(0.95);
                table.row([
                    i.name.clone(),
                    what.to_owned(),
                    significant(e.value, 5),
                    significant(e.std_error, 4),
                    format!("[{}, {}]", significant(low, 4), significant(high, 4)),
                    p_value(e.p_value()),
                ]);
            }
        }
        write!(f, "{table}")?;
        self.notes
            .iter()
            .try_for_each(|n| writeln!(f, "Note: {n}."))
    }
}
