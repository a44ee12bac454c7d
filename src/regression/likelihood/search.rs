//! The maximum of the profile likelihood over rho, over lambda, or over both.
//!
//! With f = ln|I - theta W| of each process the profile is the sum of the f less n/2 ln e'e (Ord 1975). Its gradient and Hessian are analytic. The
//! whole parameter space is searched first, with eigenvalues or with the stochastic start of f; then Newton's method runs on exact
//! values of f round the maximum, as many as the estimate needs.

use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::compressed::{Compressed, Point};
use super::information::{Blocks, inverse_of_few};
use crate::error::{Error, Result};
use crate::linalg::local::Local;
use crate::linalg::logdet::Jacobian;
use crate::optim;

/// f and its first two derivatives, of one process.
pub(crate) type Values = (f64, f64, f64);

/// The maximum of the profile.
#[derive(Debug)]
pub(crate) struct Peak {
    /// rho, lambda, or both.
    pub(crate) theta: Vec<f64>,
    pub(crate) point: Point,
    /// f of each process there.
    pub(crate) f: Vec<Values>,
    pub(crate) gradient: Array1<f64>,
    /// Minus the Hessian of the profile.
    pub(crate) curvature: Array2<f64>,
    /// The exact f of each process round the maximum.
    pub(crate) locals: Vec<Local>,
    /// Values of the profile that were computed.
    pub(crate) evaluations: usize,
}

/// What is maximised: the processes present, rho first.
pub(crate) struct Profile<'a> {
    pub(crate) compressed: &'a Compressed,
    pub(crate) jacobians: Vec<Arc<Jacobian>>,
    pub(crate) has_lag: bool,
}

/// Points of the scan of one parameter on either side of zero, and of each of two.
const SCAN_ONE: usize = 30;
const SCAN_TWO: usize = 7;
/// Of the local maxima of a scan in two parameters, so many are climbed.
const CLIMBED: usize = 6;
const MOST_STEPS: usize = 100;
/// The window of exact values reaches so many standard errors to either side; at least this many must be inside in the end.
const REACH: f64 = 7.0;
const LEAST_REACH: f64 = 5.0;
const MOST_WINDOWS: usize = 12;
/// What the last exact value may change: the estimate, in standard errors; its squared standard error, relative; and f.
const SHIFT: f64 = 3e-6;
const CURVATURE: f64 = 1e-4;
const VALUE: f64 = 1e-7;

/// One point of the profile with everything that Newton's method needs.
pub(super) struct Step {
    value: f64,
    gradient: Array1<f64>,
    pub(super) curvature: Array2<f64>,
    pub(super) point: Point,
    f: Vec<Values>,
}

impl Profile<'_> {
    fn both(&self, theta: &[f64]) -> (f64, f64) {
        both(theta, self.has_lag)
    }

    /// The profile likelihood without its constant.
    pub(crate) fn value(
        &self,
        theta: &[f64],
        f: impl Fn(usize, f64) -> Result<f64>,
    ) -> Result<f64> {
        let (rho, lambda) = self.both(theta);
        let mut value = -0.5 * self.compressed.n as f64 * self.compressed.sse(rho, lambda)?.ln();
        for (i, t) in theta.iter().enumerate() {
            value += f(i, *t)?;
        }
        Ok(value)
    }

    fn step(&self, theta: &[f64], f: &dyn Fn(usize, f64) -> Result<Values>) -> Result<Step> {
        let (rho, lambda) = self.both(theta);
        let point = self.compressed.at(rho, lambda)?;
        let f: Vec<Values> = (theta.iter().enumerate())
            .map(|(i, t)| f(i, *t))
            .collect::<Result<_>>()?;
        let n = self.compressed.n as f64;
        let first: Array1<f64> = f.iter().map(|f| f.1).collect();
        Ok(Step {
            value: f.iter().map(|f| f.0).sum::<f64>() - 0.5 * n * point.sse.ln(),
            gradient: first + &(&point.slope * (n / point.sse)),
            curvature: observed(&point, &f, n).schur(),
            point,
            f,
        })
    }

    /// Newton's method from a point inside the bounds, damped until the profile rises.
    pub(super) fn climb(
        &self,
        start: &[f64],
        bounds: &[(f64, f64)],
        f: &dyn Fn(usize, f64) -> Result<Values>,
        evaluations: &mut usize,
    ) -> Result<(Vec<f64>, Step)> {
        let mut theta = start.to_vec();
        let mut here = self.step(&theta, f)?;
        *evaluations += 1;
        for _ in 0..MOST_STEPS {
            let (direction, decrement) = uphill(&here);
            if decrement < 1e-26 {
                break;
            }
            // Near the top a rise is below rounding: the step is taken as it is.
            let close = decrement < 1e-7;
            let mut length = 1.0_f64;
            for ((t, d), (lo, hi)) in theta.iter().zip(&direction).zip(bounds) {
                let room = if *d > 0.0 { hi - t } else { t - lo };
                length = length.min(0.9 * room / d.abs().max(f64::MIN_POSITIVE));
            }
            let mut next = None;
            while length > 1e-12 {
                let moved: Vec<f64> = (theta.iter().zip(&direction))
                    .map(|(t, d)| t + length * d)
                    .collect();
                *evaluations += 1;
                match self.step(&moved, f) {
                    Ok(step) if close || step.value > here.value => {
                        next = Some((moved, step));
                        break;
                    }
                    _ => length *= 0.3,
                }
            }
            let Some((moved, step)) = next else {
                break;
            };
            let far =
                (theta.iter().zip(&moved)).any(|(a, b)| (a - b).abs() > 1e-14 * (1.0 + b.abs()));
            // Rounding makes the last steps wander: they end where the gradient no longer falls.
            let better = !close || uphill(&step).1 < decrement;
            if better {
                (theta, here) = (moved, step);
            }
            if !far || !better {
                break;
            }
        }
        Ok((theta, here))
    }

    /// The maximum by cheap values of f over the whole parameter space.
    fn rough(&self, evaluations: &mut usize) -> Result<Vec<f64>> {
        let f = |i: usize, t: f64| Ok(self.jacobians[i].rough(t));
        let intervals: Vec<(f64, f64)> = self.jacobians.iter().map(|j| j.interval).collect();
        if let [(lo, hi)] = intervals[..] {
            let found = optim::maximize(lo, hi, &optim::scan(lo, hi, SCAN_ONE), |t| {
                self.value(&[t], |i, t| Ok(self.jacobians[i].rough(t).0))
            })?;
            *evaluations += found.evaluations;
            return Ok(vec![found.at]);
        }
        let axes: Vec<Vec<f64>> = (intervals.iter())
            .map(|(lo, hi)| optim::scan(*lo, *hi, SCAN_TWO))
            .collect();
        let (rows, columns) = (axes[0].len(), axes[1].len());
        let grid = Array2::from_shape_fn((rows, columns), |(i, j)| {
            self.value(&[axes[0][i], axes[1][j]], |i, t| {
                Ok(self.jacobians[i].rough(t).0)
            })
            .ok()
            .filter(|v| v.is_finite())
            .unwrap_or(f64::NEG_INFINITY)
        });
        *evaluations += grid.len();
        let mut starts: Vec<(usize, usize)> = grid
            .indexed_iter()
            .filter(|&((i, j), v)| {
                v.is_finite()
                    && (i.saturating_sub(1)..(i + 2).min(rows)).all(|a| {
                        (j.saturating_sub(1)..(j + 2).min(columns)).all(|b| grid[[a, b]] <= *v)
                    })
            })
            .map(|(at, _)| at)
            .collect();
        starts.sort_by(|a, b| grid[*b].total_cmp(&grid[*a]));
        starts.truncate(CLIMBED);
        let mut starts: Vec<[f64; 2]> = (starts.iter())
            .map(|(i, j)| [axes[0][*i], axes[1][*j]])
            .collect();
        // The models that it holds are maxima that the grid may be too coarse for, as next to a unit root.
        for (i, (lo, hi)) in intervals.iter().enumerate() {
            let alone = |t: f64| if i == 0 { [t, 0.0] } else { [0.0, t] };
            let found = optim::maximize(*lo, *hi, &optim::scan(*lo, *hi, SCAN_ONE), |t| {
                self.value(&alone(t), |k, t| Ok(f(k, t)?.0))
            });
            if let Ok(found) = found {
                *evaluations += found.evaluations;
                starts.push(alone(found.at));
            }
        }
        let mut best: Option<(Vec<f64>, f64)> = None;
        let mut failure = Error::NotConverged {
            what: "the likelihood",
            iterations: rows * columns,
        };
        for start in starts {
            match self.climb(&start, &intervals, &f, evaluations) {
                Ok((theta, step)) => {
                    if best.as_ref().is_none_or(|(_, top)| step.value > *top) {
                        best = Some((theta, step.value));
                    }
                }
                Err(e) => failure = e,
            }
        }
        best.map(|(theta, _)| theta).ok_or(failure)
    }

    /// The maximum, on exact values of f.
    pub(crate) fn maximize(&self) -> Result<Peak> {
        let mut evaluations = 0;
        let mut theta = self.rough(&mut evaluations)?;
        let rough = |i: usize, t: f64| Ok(self.jacobians[i].rough(t));
        let mut errors = standard_errors(&self.step(&theta, &rough)?.curvature, &self.jacobians);
        for _ in 0..MOST_WINDOWS {
            let mut locals = (self.jacobians.iter().zip(&theta).zip(&errors))
                .map(|((j, t), se)| j.window(*t, REACH * se))
                .collect::<Result<Vec<Local>>>()?;
            let bounds: Vec<(f64, f64)> = locals.iter().map(Local::interval).collect();
            let step = loop {
                let f = |i: usize, t: f64| Ok(locals[i].inside(t));
                let (found, step) = self.climb(&theta, &bounds, &f, &mut evaluations)?;
                theta = found;
                errors = standard_errors(&step.curvature, &self.jacobians);
                let mut known = true;
                for ((local, t), se) in locals.iter_mut().zip(&theta).zip(&errors) {
                    let places = [t - 2.0 * se, *t, t + 2.0 * se];
                    if !local.is_known(&places, [VALUE, SHIFT / se, CURVATURE / (se * se)])? {
                        local.add(1)?;
                        known = false;
                    }
                }
                if known {
                    break step;
                }
            };
            let inside = (locals.iter().zip(&theta).zip(&errors)).all(|((local, t), se)| {
                local.holds(t - LEAST_REACH * se) && local.holds(t + LEAST_REACH * se)
            });
            if inside {
                return Ok(Peak {
                    theta,
                    point: step.point,
                    f: step.f,
                    gradient: step.gradient,
                    curvature: step.curvature,
                    locals,
                    evaluations,
                });
            }
        }
        Err(Error::NotConverged {
            what: "the likelihood: its maximum moved out of every window of exact log-determinants",
            iterations: MOST_WINDOWS,
        })
    }
}

/// rho and lambda, zero where there is none.
pub(super) fn both(theta: &[f64], has_lag: bool) -> (f64, f64) {
    match (theta, has_lag) {
        ([rho, lambda], _) => (*rho, *lambda),
        ([one], true) => (*one, 0.0),
        ([one], false) => (0.0, *one),
        _ => (0.0, 0.0),
    }
}

/// The direction of Newton's method, where minus the Hessian is positive definite, else of the gradient in its scale; and how much
/// the profile rises along it, to second order, twice.
fn uphill(step: &Step) -> (Vec<f64>, f64) {
    let g = &step.gradient;
    let c = &step.curvature;
    let definite = match c.nrows() {
        1 => c[[0, 0]] > 0.0,
        _ => c[[0, 0]] > 0.0 && c[[0, 0]] * c[[1, 1]] - c[[0, 1]] * c[[1, 0]] > 0.0,
    };
    let direction = match inverse_of_few(c).filter(|_| definite) {
        Some(inverse) => inverse.dot(g),
        None => (g.iter().zip(c.diag()))
            .map(|(g, c)| g / c.abs().max(f64::MIN_POSITIVE))
            .collect(),
    };
    let rise = direction.dot(g);
    (direction.to_vec(), rise)
}

/// Standard errors of theta from minus the Hessian of the profile; a tenth of the interval where it is not positive.
pub(super) fn standard_errors(curvature: &Array2<f64>, jacobians: &[Arc<Jacobian>]) -> Vec<f64> {
    let inverse = inverse_of_few(curvature);
    (jacobians.iter().enumerate())
        .map(|(i, j)| {
            let width = 0.1 * (j.interval.1 - j.interval.0);
            match &inverse {
                Some(v) if v[[i, i]] > 0.0 => v[[i, i]].sqrt().min(width),
                _ => width,
            }
        })
        .collect()
}

/// The observed information, with sigma² at its best.
pub(crate) fn observed(point: &Point, f: &[Values], n: f64) -> Blocks {
    let sigma2 = point.sse / n;
    let mut theta = &point.inner / sigma2;
    for (i, f) in f.iter().enumerate() {
        theta[[i, i]] -= f.2;
    }
    Blocks {
        r: point.r.clone(),
        b_theta: point.cross.clone(),
        theta,
        theta_sigma2: &point.slope / (sigma2 * sigma2),
        sigma2_sigma2: n / (2.0 * sigma2 * sigma2),
        sigma2,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use crate::random::Stream;
    use crate::{Regression, Table, Units, Weights};

    /// A ring, and y = rho W y + x + e on it.
    fn ring(n: usize, rho: f64, seed: u64) -> (Weights, Table) {
        let links = (0..n).flat_map(|i| [(i, (i + 1) % n, 0.5), (i, (i + n - 1) % n, 0.5)]);
        let w = Weights::from_links_at(&Units::range(n), links).unwrap();
        let mut s = Stream::new(seed, 0);
        let mut draw = || -> Array1<f64> { (0..n).map(|_| s.normal()).collect() };
        let (x, e) = (draw(), draw());
        let sum = &x + &e;
        let mut y = sum.clone();
        for _ in 0..3000 {
            y = &sum + &(w.lag(&y).unwrap() * rho);
            y -= y.mean().unwrap();
        }
        let table = Table::over(w.units()).column("x", x).unwrap();
        let table = table.column("y", y).unwrap();
        (w, table)
    }

    #[test]
    fn next_to_a_unit_root_a_model_is_no_less_likely_than_those_that_it_holds() {
        for seed in 0..6 {
            let (w, table) = ring(1500, 1.0, seed);
            let of = || Regression::of("y").on(["x"]);
            let likelihood = |r: Regression| r.fit(&table).unwrap().log_likelihood();
            let sac = likelihood(of().spatial_lag(&w).spatial_error(&w));
            for held in [of().spatial_lag(&w), of().spatial_error(&w)] {
                let held = likelihood(held);
                assert!(sac > held - 1e-5, "seed {seed}: {sac} < {held}");
            }
        }
    }

    #[test]
    fn next_to_minus_one_where_the_units_fall_into_two_sets() {
        let (w, table) = ring(1500, -1.0, 1);
        let sac = Regression::of("y").on(["x"]).spatial_lag(&w);
        let sac = sac.spatial_error(&w).fit(&table).unwrap();
        assert!(sac.rho().unwrap().value < -0.99);
    }
}
