//! Where the profile likelihood may be highest: the whole parameter space by cheap values of f = ln|I - theta W|, exact from eigenvalues and
//! else the stochastic start.

use ndarray::Array2;

use super::search::Profile;
use crate::error::{Error, Result};
use crate::optim;

/// Points of the scan of one parameter on either side of zero, and of each of two.
const SCAN_ONE: usize = 30;
const SCAN_TWO: usize = 7;
/// Of the local maxima of a scan in two parameters, so many are climbed.
const CLIMBED: usize = 6;
/// Local maxima count as one where they lie within this share of the interval of each other; those within so many standard errors of
/// the cheap values of the highest are compared by exact ones.
const SAME_PEAK: f64 = 0.02;
const DOUBTS: f64 = 3.0;

/// A local maximum and the profile there.
type Height = (Vec<f64>, f64);

impl Profile<'_> {
    /// The highest local maximum by cheap values, and in two parameters those that are less high by no more than the doubt in these values.
    pub(super) fn peaks(&self, evaluations: &mut usize) -> Result<Vec<Vec<f64>>> {
        if let [jacobian] = &self.jacobians[..] {
            let alone = self.highest_along(jacobian.interval, |t| vec![t], evaluations)?;
            return Ok(vec![alone]);
        }
        let intervals: Vec<(f64, f64)> = self.jacobians.iter().map(|j| j.interval).collect();
        let f = |i: usize, t: f64| Ok(self.jacobians[i].rough(t));
        let mut peaks: Vec<Height> = Vec::new();
        let mut failure = None;
        let mut climb = |start: &[f64], peaks: &mut Vec<Height>, evaluations: &mut usize| match self
            .climb(start, &intervals, &f, evaluations)
        {
            Ok((theta, step)) if step.value.is_finite() => peaks.push((theta, step.value)),
            Ok(_) => {}
            Err(e) => failure = Some(e),
        };
        let mut starts = self.maxima_of_grid(evaluations);
        // The models that it holds are maxima that the grid may be too coarse for, as next to a unit root.
        let held = [|t| vec![t, 0.0], |t| vec![0.0, t]];
        for (interval, at) in intervals.iter().zip(held) {
            starts.extend(self.highest_along(*interval, at, evaluations));
        }
        for start in starts {
            climb(&start, &mut peaks, evaluations);
        }
        // With like weights a lag and an error can nearly be exchanged: where one peak is, there may be another, too narrow for the grid.
        let exchanged: Vec<Vec<f64>> = (peaks.iter())
            .map(|(theta, _)| theta.iter().rev().copied().collect())
            .filter(|theta: &Vec<f64>| {
                let mut each = theta.iter().zip(&intervals);
                each.all(|(t, (lo, hi))| t > lo && t < hi)
            })
            .collect();
        for start in exchanged {
            climb(&start, &mut peaks, evaluations);
        }
        peaks.sort_by(|a, b| b.1.total_cmp(&a.1));
        if peaks.is_empty() {
            return Err(failure.unwrap_or(Error::NotConverged {
                what: "the likelihood",
                iterations: *evaluations,
            }));
        }
        Ok(self.in_doubt(peaks))
    }

    /// The profile by cheap values.
    fn cheap(&self, theta: &[f64]) -> Result<f64> {
        self.value(theta, |i, t| Ok(self.jacobians[i].rough(t).0))
    }

    /// The maximum along a line through the parameter space.
    fn highest_along(
        &self,
        (lo, hi): (f64, f64),
        at: impl Fn(f64) -> Vec<f64>,
        evaluations: &mut usize,
    ) -> Result<Vec<f64>> {
        let scan = optim::scan(lo, hi, SCAN_ONE);
        let found = optim::maximize(lo, hi, &scan, |t| self.cheap(&at(t)))?;
        *evaluations += found.evaluations;
        Ok(at(found.at))
    }

    /// The highest of the local maxima over a grid in two parameters.
    fn maxima_of_grid(&self, evaluations: &mut usize) -> Vec<Vec<f64>> {
        let axes: Vec<Vec<f64>> = (self.jacobians.iter())
            .map(|j| optim::scan(j.interval.0, j.interval.1, SCAN_TWO))
            .collect();
        let (rows, columns) = (axes[0].len(), axes[1].len());
        let grid = Array2::from_shape_fn((rows, columns), |(i, j)| {
            let value = self.cheap(&[axes[0][i], axes[1][j]]).ok();
            value.filter(|v| v.is_finite()).unwrap_or(f64::NEG_INFINITY)
        });
        *evaluations += grid.len();
        let round = |i: usize, count: usize| i.saturating_sub(1)..(i + 2).min(count);
        let mut maxima: Vec<((usize, usize), f64)> = grid
            .indexed_iter()
            .map(|(at, v)| (at, *v))
            .filter(|&((i, j), v)| {
                let mut near = round(i, rows).flat_map(|a| round(j, columns).map(move |b| (a, b)));
                v.is_finite() && near.all(|at| grid[at] <= v)
            })
            .collect();
        maxima.sort_by(|a, b| b.1.total_cmp(&a.1));
        maxima.truncate(CLIMBED);
        (maxima.into_iter())
            .map(|((i, j), _)| vec![axes[0][i], axes[1][j]])
            .collect()
    }

    /// Of peaks in descending order the first, and those that stand apart and are as high within the doubt in the cheap values.
    fn in_doubt(&self, peaks: Vec<Height>) -> Vec<Vec<f64>> {
        let doubt = |theta: &[f64]| -> f64 {
            let each = self.jacobians.iter().zip(theta);
            DOUBTS * each.map(|(j, t)| j.doubt(*t)).sum::<f64>()
        };
        let apart = |one: &[f64], other: &[f64]| {
            let mut each = one.iter().zip(other).zip(&self.jacobians);
            each.any(|((a, b), j)| (a - b).abs() > SAME_PEAK * (j.interval.1 - j.interval.0))
        };
        let mut kept: Vec<Height> = Vec::new();
        for (theta, value) in peaks {
            let stays = kept.first().is_none_or(|(top, height)| {
                height - value <= doubt(&theta) + doubt(top)
                    && kept.iter().all(|(other, _)| apart(&theta, other))
            });
            if stays {
                kept.push((theta, value));
            }
        }
        kept.into_iter().map(|(theta, _)| theta).collect()
    }
}
