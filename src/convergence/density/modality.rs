//! `Modality`: critical bandwidths, and the tests of Silverman, and of Hall and York.

use super::bandwidth::checked;
use super::kernel::finite;
use super::modes::{COARSE, FINE, Slopes, grid_points, starting};
use super::sample::Sample;
use crate::data::Variable;
use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Draws, TestResult};
use crate::parallel;
use crate::random::Stream;

/// How many modes the distribution of a variable has: critical bandwidths and their bootstrap tests.
///
/// A Gaussian kernel density loses modes as its bandwidth grows, and never gains one. The critical bandwidth h_k is the smallest with at
/// most k modes. If it is large, k modes had to be forced upon the data.
///
/// | test | samples drawn | p-value |
/// |---|---|---|
/// | [`test`](Self::test), Silverman | of the density with bandwidth h_k, shrunk to the variance of the data: m + (x_I - m + h_k e) / (1 + h_k² / s²)^(1/2) | the share of samples that have more than k modes at h_k |
/// | [`calibrated_test`](Self::calibrated_test), Hall and York, k = 1 | of the same density, not shrunk | corrected to its asymptotic level |
///
/// Silverman's test is **conservative**: with one mode in truth it rejects at 5 % in about 1 % of samples, also when n is large, so that not rejecting says
/// little. Bumps in the tails, of single units even, are modes as others are: [`within`](Self::within) leaves the tails out, and the calibration holds for
/// such an interval only.
///
/// Units count alike. For a test on the log scale, give logs: the number of modes is not the same on both.
///
/// # Example
///
/// ```
/// use spatialecon::{Draws, Modality};
/// // Silica in 22 chondrites, in percent (Good and Gaskins 1980), as in Silverman (1981).
/// let silica = [
///     20.77, 22.56, 22.71, 22.99, 26.39, 27.08, 27.32, 27.33, 27.57, 27.81, 28.69, 29.36, 30.25, 31.89, 32.88, 33.23, 33.28,
///     33.40, 33.52, 33.83, 33.95, 34.82,
/// ];
/// let modality = Modality::of(&silica[..])?;
/// assert!((modality.critical_bandwidth(1)? - 2.3988).abs() < 1e-4);
/// let three = modality.test(3, Draws::new(999).seed(1))?;
/// assert!(three.p_value() > 0.1); // no sign of a fourth mode
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Silverman (1981), Journal of the Royal Statistical Society B 43; Hall and York (2001), Statistica Sinica 11; Bianchi (1997), Journal of Applied
/// Econometrics 12.
#[derive(Debug, Clone)]
#[doc(alias(
    "silverman.test",
    "bw.crit",
    "modetest",
    "bimodality",
    "convergence clubs",
    "twin peaks"
))]
pub struct Modality {
    variable: String,
    sample: Sample,
    within: Option<(f64, f64)>,
}

/// A test of at most k modes.
#[derive(Debug, Clone, PartialEq)]
pub struct ModalityTest {
    pub(super) variable: String,
    pub(super) n: usize,
    pub(super) modes: usize,
    pub(super) critical: f64,
    pub(super) exceeding: usize,
    pub(super) draws: (usize, u64),
    pub(super) calibrated: bool,
    pub(super) within: Option<(f64, f64)>,
    pub(super) p: f64,
}

const FEWEST: usize = 4;
/// Cells of the search, and with them the smallest bandwidth beside the range.
const MOST_CELLS: f64 = 5e6;
const TOLERANCE: f64 = 1e-11;

impl Modality {
    /// The modality of a variable.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] for fewer than four; [`Error::Constant`]; [`Error::NotFinite`].
    pub fn of<'a>(variable: impl Into<Variable<'a>>) -> Result<Self> {
        let variable = variable.into();
        let values = finite(&variable)?;
        if values.len() < FEWEST {
            return Err(Error::TooFewUnits {
                what: "a test of modes".to_owned(),
                needed: FEWEST,
                n: values.len(),
            });
        }
        let sample = Sample::new(&values, None);
        if sample.distinct() < 2 {
            return Err(Error::Constant {
                name: variable.name().to_owned(),
                what: "the number of its modes",
            });
        }
        Ok(Self {
            variable: variable.name().to_owned(),
            sample,
            within: None,
        })
    }

    /// Counts only the modes between `low` and `high`.
    ///
    /// Within an interval the number of modes need not fall as the bandwidth grows; the critical bandwidth is then the one that bisection comes to.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where `low` is not below `high`, or no value lies between them.
    pub fn within(mut self, low: f64, high: f64) -> Result<Self> {
        let inside = self.sample.values().iter().any(|x| *x > low && *x < high);
        if !(low < high && inside) {
            return Err(Error::InvalidOption {
                option: "the interval of modes",
                value: format!("{low} to {high}"),
                expected: "an interval that holds values of the variable",
            });
        }
        self.within = Some((low, high));
        Ok(self)
    }

    /// The number of modes of the Gaussian kernel density with bandwidth h.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a bandwidth that is not positive; [`Error::Unsupported`] for one below about 1e-5 of the range.
    #[doc(alias = "nmodes")]
    pub fn modes_at(&self, h: f64) -> Result<usize> {
        let h = checked(h)?;
        self.count(&mut Slopes::new(), h)
    }

    /// The smallest bandwidth with at most k modes, by bisection to 1e-11 of itself.
    ///
    /// Modes are counted on a grid of 32 points a bandwidth with cubics between them; h_k is good to about 1e-8. Cost: about 40 times units × 544.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for k = 0; [`Error::TooFewUnits`] where there are not more than k different values, which have at most k modes at any
    /// bandwidth; [`Error::Unsupported`] where it is below about 1e-5 of the range.
    #[doc(alias("bw.crit", "h.crit"))]
    pub fn critical_bandwidth(&self, modes: usize) -> Result<f64> {
        if modes == 0 {
            return Err(Error::InvalidOption {
                option: "modes",
                value: modes.to_string(),
                expected: "one or more",
            });
        }
        let (low, high) = self.ends();
        let inside = |x: &&f64| **x >= low && **x <= high;
        let mut values: Vec<f64> = self
            .sample
            .values()
            .iter()
            .filter(inside)
            .copied()
            .collect();
        values.dedup();
        if values.len() <= modes {
            return Err(Error::TooFewUnits {
                what: format!(
                    "a density of `{}` with more than {modes} modes (by different values)",
                    self.variable
                ),
                needed: modes.saturating_add(1),
                n: values.len(),
            });
        }
        let mut slopes = Slopes::new();
        // With h as large as the range the density is concave between the data.
        let (first, last) = self.sample.ends();
        let mut above = last - first;
        let mut below = 0.5 * above;
        while self.count(&mut slopes, below)? <= modes {
            above = below;
            below *= 0.5;
        }
        while above - below > TOLERANCE * above {
            let middle = f64::midpoint(below, above);
            if middle <= below || middle >= above {
                break;
            }
            if self.count(&mut slopes, middle)? <= modes {
                above = middle;
            } else {
                below = middle;
            }
        }
        Ok(above)
    }

    /// Silverman's test of at most k modes.
    ///
    /// p = (1 + #)/(1 + R), # the samples with more than k modes at h_k. Replicate r is of the stream (seed, r); modes are counted on eight points a
    /// bandwidth with cubics between them. Cost: draws × units × 136 multiplications.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] (draws), and those of [`critical_bandwidth`](Self::critical_bandwidth).
    #[doc(alias = "silverman_test")]
    pub fn test(&self, modes: usize, draws: Draws) -> Result<ModalityTest> {
        let (count, seed) = draws.checked()?;
        let h = self.critical_bandwidth(modes)?;
        let shrink = 1.0 / (1.0 + (h / self.sample.sd()).powi(2)).sqrt();
        let memory = || (Slopes::new(), Vec::new());
        let exceeding = parallel::map_with_memory(count, memory, |(slopes, drawn), r| {
            self.draw(seed, r, h, shrink, drawn);
            usize::from(self.count_drawn(slopes, drawn, h) > modes)
        });
        let exceeding = exceeding.iter().sum();
        Ok(self.result(modes, h, exceeding, (count, seed), false, None))
    }

    /// Hall and York's test of one mode, at its asymptotic level.
    ///
    /// With h* the critical bandwidth of a sample drawn, one mode is rejected at level a where P(h* / h_1 ≤ λ_a) ≥ 1 - a,
    ///
    /// ```text
    /// λ_a = (0.94029 a³ - 1.59914 a² + 0.17695 a + 0.48971) / (a³ - 1.77793 a² + 0.36162 a + 0.42423)
    /// ```
    ///
    /// and the p-value is the smallest such a, in steps of 0.001 from 0.002 to 0.998. Use it [`within`](Self::within) an interval that leaves the tails
    /// out. Cost: up to ten times that of [`test`](Self::test).
    ///
    /// # Errors
    ///
    /// As for [`test`](Self::test).
    pub fn calibrated_test(&self, draws: Draws) -> Result<ModalityTest> {
        let (count, seed) = draws.checked()?;
        let h = self.critical_bandwidth(1)?;
        let memory = || (Slopes::new(), Vec::new());
        let (least, most) = (lambda(0.998), lambda(0.002));
        let mut ratios = parallel::map_with_memory(count, memory, |(slopes, drawn), r| {
            self.draw(seed, r, h, 1.0, drawn);
            let mut more = |ratio: f64| self.count_drawn(slopes, drawn, ratio * h) > 1;
            if more(most) {
                return f64::INFINITY;
            }
            if !more(least) {
                return 0.0;
            }
            let (mut below, mut above) = (least, most);
            while above - below > 1e-4 {
                let middle = f64::midpoint(below, above);
                if more(middle) {
                    below = middle;
                } else {
                    above = middle;
                }
            }
            above
        });
        ratios.sort_unstable_by(f64::total_cmp);
        let beyond = |a: f64| count - ratios.partition_point(|r| *r <= lambda(a));
        let share = |a: f64| (1 + beyond(a)) as f64 / (1 + count) as f64;
        let p = (2..=998)
            .map(|k| f64::from(k) / 1000.0)
            .find(|&a| share(a) <= a)
            .unwrap_or(1.0);
        Ok(self.result(1, h, beyond(0.05), (count, seed), true, Some(p)))
    }

    fn result(
        &self,
        modes: usize,
        critical: f64,
        exceeding: usize,
        draws: (usize, u64),
        calibrated: bool,
        p: Option<f64>,
    ) -> ModalityTest {
        ModalityTest {
            variable: self.variable.clone(),
            n: self.sample.len(),
            modes,
            critical,
            exceeding,
            draws,
            calibrated,
            within: self.within,
            p: p.unwrap_or((1 + exceeding) as f64 / (1 + draws.0) as f64),
        }
    }

    /// Name of the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Number of units.
    #[must_use]
    pub fn n(&self) -> usize {
        self.sample.len()
    }

    /// Where modes are looked for.
    fn ends(&self) -> (f64, f64) {
        let (first, last) = self.sample.ends();
        self.within.map_or((first, last), |(low, high)| {
            (low.max(first), high.min(last))
        })
    }

    fn count(&self, slopes: &mut Slopes, h: f64) -> Result<usize> {
        let (low, high) = self.ends();
        if grid_points(low, high, h, FINE) > MOST_CELLS {
            return Err(Error::Unsupported {
                what: format!("counting the modes of `{}` at a bandwidth of {h:.3e}", self.variable),
                why: "it is tiny beside the range of the values, as where some nearly coincide; take logs, or fewer modes"
                    .to_owned(),
            });
        }
        let low = if low > self.sample.ends().0 {
            low
        } else {
            starting(low, h)
        };
        slopes.fill(self.sample.pairs(), h, 0.0, (low, high), FINE);
        Ok(slopes.count())
    }

    /// A sample of the density with bandwidth h, shrunk towards the mean.
    fn draw(&self, seed: u64, r: usize, h: f64, shrink: f64, drawn: &mut Vec<f64>) {
        let (values, n) = (self.sample.values(), self.sample.len());
        let mean = self.sample.mean();
        let mut stream = Stream::new(seed, r as u64);
        drawn.clear();
        drawn.extend((0..n).map(|_| {
            let x = values[stream.below(n as u32) as usize];
            mean + (x - mean + h * stream.normal()) * shrink
        }));
    }

    fn count_drawn(&self, slopes: &mut Slopes, drawn: &[f64], h: f64) -> usize {
        let first = drawn.iter().copied().fold(f64::INFINITY, f64::min);
        let last = drawn.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = self.within.map_or((first, last), |(low, high)| {
            (low.max(first), high.min(last))
        });
        if !(low < high) {
            return 0;
        }
        let low = if low > first { low } else { starting(low, h) };
        slopes.fill(drawn.iter().map(|x| (*x, 1.0)), h, 0.0, (low, high), COARSE);
        slopes.count()
    }
}

/// The ratio of polynomials of Hall and York (2001).
fn lambda(a: f64) -> f64 {
    let above = 0.48971 + a * (0.17695 + a * (-1.59914 + a * 0.94029));
    let below = 0.42423 + a * (0.36162 + a * (-1.77793 + a));
    above / below
}

impl ModalityTest {
    /// k: the null is at most k modes.
    #[must_use]
    pub fn modes(&self) -> usize {
        self.modes
    }

    /// The critical bandwidth h_k of the data.
    #[must_use]
    pub fn critical_bandwidth(&self) -> f64 {
        self.critical
    }

    /// Samples whose critical bandwidth is larger; in the calibrated test larger than λ_0.05 h_1.
    #[must_use]
    pub fn exceeding(&self) -> usize {
        self.exceeding
    }

    /// How many draws, and their seed.
    #[must_use]
    pub fn draws(&self) -> (usize, u64) {
        self.draws
    }

    /// Whether the test is the calibrated one of Hall and York.
    #[must_use]
    pub fn is_calibrated(&self) -> bool {
        self.calibrated
    }

    /// The p-value of at most k modes.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        self.p
    }

    /// The test as a value; its statistic is h_k.
    #[must_use]
    pub fn test(&self) -> TestResult {
        let by = if self.calibrated {
            "Hall-York"
        } else {
            "Silverman"
        };
        TestResult {
            name: format!("{by}, critical bandwidth"),
            statistic: self.critical,
            distribution: Distribution::Empirical {
                draws: self.draws.0,
            },
            null: format!("at most {}", crate::text::counted(self.modes, "mode")),
            alternative: Alternative::Greater,
            p_value: self.p,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_have_two_modes_below_half_their_distance() {
        // Two equal clusters at ±1: one mode from h = 1 on, where three roots meet in one point.
        let modality = Modality::of(&[-1.0, -1.0, 1.0, 1.0][..]).unwrap();
        assert!((modality.critical_bandwidth(1).unwrap() - 1.0).abs() < 1e-4);
        assert_eq!(modality.modes_at(0.999).unwrap(), 2);
        assert_eq!(modality.modes_at(1.001).unwrap(), 1);
    }

    #[test]
    fn the_calibration_falls_with_the_level() {
        // The ratio at 0.05 by hand.
        assert!((lambda(0.05) - 1.129).abs() < 1e-3);
        let all: Vec<f64> = (2..=998).map(|k| lambda(f64::from(k) / 1000.0)).collect();
        assert!(all.windows(2).all(|p| p[1] < p[0]), "{all:?}");
    }
}
