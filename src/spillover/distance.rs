//! Impacts by distance: what reaches a unit from the others in rings round it.

use std::collections::HashSet;
use std::fmt;

use ndarray::Array1;

use super::delta::{Delta, Slopes, Terms};
use super::filter::{Filter, with_filter};
use super::impacts::Impacts;
use crate::data::Points;
use crate::error::{Error, Result};
use crate::inference::Estimate;
use crate::parallel::map_indexed;
use crate::text::{Layout, p_value, significant};

/// The average effect on a unit of the regressor in the unit itself and in the units of rings of distance round it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DistanceEffects {
    /// The regressor.
    pub regressor: String,
    /// Number of receiving units over which the averages are taken.
    pub receivers: usize,
    /// Average effect of a unit's own regressor: over all units the direct impact.
    pub own: Estimate,
    /// The rings, from the nearest to the one without an outer end.
    pub rings: Vec<Ring>,
}

/// A ring of distance, its inner end included, its outer end not, and what it sends to its centre.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ring {
    /// Inner end, in kilometres for longitude and latitude, in the unit of the coordinates for a plane.
    pub from: f64,
    /// Outer end; infinite for the last ring.
    pub to: f64,
    /// Average number of units in the ring.
    pub units: f64,
    /// Average effect on the receiving unit of the same change of the regressor in all units of the ring.
    pub effect: Estimate,
}

/// Units up to which every one is a receiver: some minutes of one processor.
const MOST_RECEIVERS: usize = 10_000;
/// Receivers whose sums are added on one thread.
const BLOCK: usize = 32;

impl Impacts {
    /// The average effect on a unit of the same change of the regressor in all units at a distance of at least `bands[k - 1]` and less than
    /// `bands[k]`, with its own effect apart and all beyond the last band in a last ring; delta-method standard errors.
    ///
    /// (1 / n) `Σ_i Σ_j` P_ij over the j ≠ i in the ring round i. Own effect and rings add up to the total impact. Two sparse solves and n
    /// distances a receiver, over threads; no n × n array.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::UnitsDiffer`] where the points have other units than the fit; [`Error::InvalidOption`] where the bands are
    /// not positive, finite and ascending; [`Error::TooLarge`] above 10,000 units, for which
    /// [`by_distance_to`](Self::by_distance_to) takes the receivers.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Points, Regression, Table, Weights};
    /// let points = Points::planar((0..6).map(|i| (f64::from(i), 0.0)))?;
    /// let w = Weights::distance_band(&points, 1.0)?.row_standardized()?;
    /// let table = Table::over(w.units())
    ///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    ///     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let slx = Regression::of("y").on(["x"]).durbin(&w).fit(&table)?;
    /// let by_distance = slx.impacts()?.by_distance("x", &points, &[1.5, 3.5])?;
    /// // Without a spatial lag nothing comes from farther than the neighbours.
    /// assert!((by_distance.rings[0].effect.value - slx.coefficient("W x")?.value).abs() < 1e-12);
    /// assert_eq!(by_distance.rings[1].effect.value, 0.0);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "distance decay")]
    pub fn by_distance(
        &self,
        regressor: &str,
        points: &Points,
        bands: &[f64],
    ) -> Result<DistanceEffects> {
        let n = self.fit.n();
        if n > MOST_RECEIVERS {
            return Err(Error::TooLarge {
                what: "an average by distance over all units",
                n,
                limit: MOST_RECEIVERS,
                instead: "give the receiving units, or a sample of them, with `by_distance_to`",
            });
        }
        self.rings(regressor, points, bands, &(0..n).collect::<Vec<_>>())
    }

    /// The same average over the receiving units given by their ids, at any number of units.
    ///
    /// # Errors
    ///
    /// As [`by_distance`](Self::by_distance); [`Error::UnknownUnit`], [`Error::DuplicateUnit`] and [`Error::InvalidOption`] for the receivers.
    ///
    /// # Example
    ///
    /// ```
    /// # use ndarray::array;
    /// # use spatialecon::{Points, Regression, Table, Weights};
    /// # let points = Points::planar((0..6).map(|i| (f64::from(i), 0.0)))?;
    /// # let w = Weights::distance_band(&points, 1.0)?.row_standardized()?;
    /// # let table = Table::over(w.units())
    /// #     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    /// #     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let impacts = Regression::of("y").on(["x"]).spatial_lag(&w).fit(&table)?.impacts()?;
    /// let ends = impacts.by_distance_to("x", &points, &[1.5, 3.5], &["0", "5"])?;
    /// let units: Vec<f64> = ends.rings.iter().map(|r| r.units).collect();
    /// assert_eq!(units, [1.0, 2.0, 2.0]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn by_distance_to<S: AsRef<str>>(
        &self,
        regressor: &str,
        points: &Points,
        bands: &[f64],
        receivers: &[S],
    ) -> Result<DistanceEffects> {
        let mut positions = Vec::with_capacity(receivers.len());
        let mut seen = HashSet::new();
        for (at, id) in receivers.iter().enumerate() {
            let position = (self.fit.units()).require(id.as_ref(), "the sample of the fit")?;
            if !seen.insert(position) {
                let first = positions.iter().position(|p| *p == position).unwrap_or(at);
                return Err(Error::DuplicateUnit {
                    unit: id.as_ref().to_owned(),
                    period: None,
                    first: format!("receiver {first}"),
                    second: format!("receiver {at}"),
                });
            }
            positions.push(position);
        }
        if positions.is_empty() {
            return Err(Error::InvalidOption {
                option: "receivers",
                value: "none".to_owned(),
                expected: "at least one unit",
            });
        }
        self.rings(regressor, points, bands, &positions)
    }

    fn rings(
        &self,
        regressor: &str,
        points: &Points,
        bands: &[f64],
        receivers: &[usize],
    ) -> Result<DistanceEffects> {
        let terms = self.terms(regressor)?;
        (self.fit.units()).check_same("the sample of the fit", points.units(), "the points")?;
        let ascending = bands.windows(2).all(|pair| pair[0] < pair[1]);
        let positive = bands.iter().all(|d| d.is_finite() && *d > 0.0);
        if bands.is_empty() || !ascending || !positive {
            return Err(Error::InvalidOption {
                option: "bands",
                value: format!("{bands:?}"),
                expected: "positive, finite distances, each greater than the one before",
            });
        }
        let delta = Delta::of(&self.fit);
        let blocks = with_filter(&self.fit, |filter| {
            Ok(map_indexed(receivers.len().div_ceil(BLOCK), |block| {
                let mut sums = Sums::new(bands.len() + 1);
                for &i in receivers.iter().skip(block * BLOCK).take(BLOCK) {
                    sums.add(filter, &terms, points, bands, i)?;
                }
                Ok(sums)
            }))
        })?;
        let mut sums = Sums::new(bands.len() + 1);
        for block in blocks {
            sums.join(&block?);
        }
        let count = receivers.len() as f64;
        let mean = |name: &str, sum: &Slopes| delta.estimate(name, &terms, &sum.divided_by(count));
        let end = |k: usize| bands.get(k).copied().unwrap_or(f64::INFINITY);
        let rings = (sums.rings.iter().enumerate())
            .map(|(k, (units, slopes))| {
                let from = k.checked_sub(1).map_or(0.0, end);
                let mut ring = Ring {
                    from,
                    to: end(k),
                    units: *units as f64 / count,
                    effect: mean("", slopes),
                };
                ring.effect.name = ring.label();
                ring
            })
            .collect();
        Ok(DistanceEffects {
            regressor: regressor.to_owned(),
            receivers: receivers.len(),
            own: mean("own", &sums.own),
            rings,
        })
    }
}

/// Sums over receivers: the own effects, and for each ring its units and their effects.
struct Sums {
    own: Slopes,
    rings: Vec<(usize, Slopes)>,
}

impl Sums {
    fn new(rings: usize) -> Self {
        Self {
            own: Slopes::default(),
            rings: vec![(0, Slopes::default()); rings],
        }
    }

    fn add(
        &mut self,
        filter: &Filter<'_>,
        terms: &Terms,
        points: &Points,
        bands: &[f64],
        i: usize,
    ) -> Result<()> {
        let mut unit = Array1::zeros(points.len());
        unit[i] = 1.0;
        let row = filter.received(terms, unit.view())?;
        for j in 0..points.len() {
            if j == i {
                self.own += row.of(j);
                continue;
            }
            let d = points.distance(i, j).unwrap_or(f64::INFINITY);
            let (units, slopes) = &mut self.rings[bands.partition_point(|end| *end <= d)];
            *units += 1;
            *slopes += row.of(j);
        }
        Ok(())
    }

    fn join(&mut self, other: &Self) {
        self.own += other.own;
        for (to, from) in self.rings.iter_mut().zip(&other.rings) {
            to.0 += from.0;
            to.1 += from.1;
        }
    }
}

impl Ring {
    /// Its ends, as in `[50, 100)`.
    fn label(&self) -> String {
        if self.to.is_finite() {
            format!(
                "[{}, {})",
                significant(self.from, 5),
                significant(self.to, 5)
            )
        } else {
            format!("from {} on", significant(self.from, 5))
        }
    }
}

impl fmt::Display for DistanceEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Average effect on a unit of a unit change of {} in all units at a distance, {} receiver(s), delta-method standard errors",
            self.regressor, self.receivers
        )?;
        let mut table = Layout::new();
        table.row(["distance", "units", "effect", "se", "p"]).rule();
        let mut line = |units: f64, e: &Estimate| {
            let p = if e.std_error > 0.0 {
                p_value(e.p_value())
            } else {
                "-".to_owned()
            };
            table.row([
                e.name.clone(),
                significant(units, 4),
                significant(e.value, 5),
                significant(e.std_error, 4),
                p,
            ]);
        };
        line(1.0, &self.own);
        for ring in &self.rings {
            line(ring.units, &ring.effect);
        }
        write!(f, "{table}")
    }
}
