//! The maximum of the profile likelihood over rho, over lambda, or over both.
//!
//! With f = ln|I - theta W| of each process the profile is the sum of the f less n/2 ln e'e (Ord 1975). Its gradient and Hessian are analytic. The
//! whole parameter space is searched first ([`super::peaks`]); then Newton's method runs on exact
//! values of f round the maximum, as many as the estimate needs.

use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::compressed::{Compressed, Point};
use super::information::{Blocks, inverse_of_few};
use crate::error::{Error, Result};
use crate::linalg::local::Local;
use crate::linalg::logdet::Jacobian;
use crate::regression::fit::{LAMBDA, RHO};

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

const MOST_STEPS: usize = 100;
/// Cheap values place the first window at least this share of the interval from its ends.
const OFF_END: f64 = 1e-5;
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
    pub(super) value: f64,
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
                    Ok(step) if step.value.is_finite() && (close || step.value > here.value) => {
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

    /// The maximum, on exact values of f.
    pub(crate) fn maximize(&self) -> Result<Peak> {
        let mut evaluations = 0;
        let mut best: Option<(Peak, f64)> = None;
        let mut failure = None;
        for theta in self.peaks(&mut evaluations)? {
            match self.maximize_from(theta, evaluations) {
                Ok((peak, value)) => {
                    evaluations = peak.evaluations;
                    if best.as_ref().is_none_or(|(_, top)| value > *top) {
                        best = Some((peak, value));
                    }
                }
                Err(e) => failure = failure.or(Some(e)),
            }
        }
        match (best, failure) {
            (Some((peak, _)), _) => Ok(Peak {
                evaluations,
                ..peak
            }),
            (None, Some(e)) => Err(e),
            (None, None) => Err(Error::NotConverged {
                what: "the likelihood",
                iterations: evaluations,
            }),
        }
    }

    /// The local maximum near a rough one, on exact values of f, and the profile there.
    ///
    /// Where none is found and a parameter has run to an end of its interval, the error says which.
    fn maximize_from(&self, mut theta: Vec<f64>, evaluations: usize) -> Result<(Peak, f64)> {
        self.by_windows(&mut theta, evaluations).map_err(|error| {
            let names = if self.has_lag { [RHO, LAMBDA] } else { [LAMBDA, LAMBDA] };
            let each = names.into_iter().zip(&theta).zip(&self.jacobians);
            let mut at_end = each.filter(|((_, t), j)| {
                let (lo, hi) = j.interval;
                (hi - *t).min(*t - lo) < 10.0 * OFF_END * (hi - lo)
            });
            match (at_end.next(), error) {
                (
                    Some(((name, t), j)),
                    Error::NotConverged { .. } | Error::Singular { .. },
                ) => Error::Singular {
                    what: format!(
                        "I - {name} W where the likelihood is highest, {name} = {t:.9}, at the bound of the interval ({:.6}, {:.6}),",
                        j.interval.0, j.interval.1
                    ),
                },
                (_, error) => error,
            }
        })
    }

    fn by_windows(&self, theta: &mut Vec<f64>, mut evaluations: usize) -> Result<(Peak, f64)> {
        // A cheap f may rise up to the very end of the interval, where the exact one falls without bound and no window can lie.
        for (t, j) in theta.iter_mut().zip(&self.jacobians) {
            let ((lo, hi), room) = (j.interval, OFF_END * (j.interval.1 - j.interval.0));
            if !j.is_exact_spectrum() {
                *t = t.clamp(lo + room, hi - room);
            }
        }
        let rough = |i: usize, t: f64| Ok(self.jacobians[i].rough(t));
        let mut errors = standard_errors(&self.step(theta, &rough)?.curvature, &self.jacobians);
        for _ in 0..MOST_WINDOWS {
            let mut locals = (self.jacobians.iter().zip(&*theta).zip(&errors))
                .map(|((j, t), se)| j.window(*t, REACH * se))
                .collect::<Result<Vec<Local>>>()?;
            let bounds: Vec<(f64, f64)> = locals.iter().map(Local::interval).collect();
            let step = loop {
                let f = |i: usize, t: f64| Ok(locals[i].inside(t));
                let (found, step) = self.climb(theta, &bounds, &f, &mut evaluations)?;
                *theta = found;
                errors = standard_errors(&step.curvature, &self.jacobians);
                let too_wide = (locals.iter().zip(&errors))
                    .any(|(local, se)| local.is_too_wide(2.0 * REACH * se));
                if too_wide {
                    break None;
                }
                let mut known = true;
                for ((local, t), se) in locals.iter_mut().zip(&*theta).zip(&errors) {
                    let places = [t - 2.0 * se, *t, t + 2.0 * se];
                    if !local.is_known(&places, [VALUE, SHIFT / se, CURVATURE / (se * se)])? {
                        local.add(1)?;
                        known = false;
                    }
                }
                if known {
                    break Some(step);
                }
            };
            let Some(step) = step else {
                continue;
            };
            let inside = (locals.iter().zip(&*theta).zip(&errors)).all(|((local, t), se)| {
                local.holds(t - LEAST_REACH * se) && local.holds(t + LEAST_REACH * se)
            });
            if inside {
                let value = step.value;
                let peak = Peak {
                    theta: theta.clone(),
                    point: step.point,
                    f: step.f,
                    gradient: step.gradient,
                    curvature: step.curvature,
                    locals,
                    evaluations,
                };
                return Ok((peak, value));
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

    use crate::data::Units;
    use crate::random::Stream;
    use crate::{Error, Regression, Table, Weights};

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

    /// Links round a ring with weights of their own, and a response of a lag with a large mean.
    fn sample(seed: u64) -> (Weights, Table) {
        let n = 1_100;
        let mut s = Stream::new(seed, 0);
        let mut links = Vec::new();
        for i in 0..n {
            for step in [1, 2, 3, n - 1, n - 4] {
                links.push((i, (i + step) % n, 0.2 + 1.8 * s.uniform()));
            }
        }
        let w = Weights::from_links_at(&Units::range(n), links).unwrap();
        let rho = 0.5 * w.admissible_interval().unwrap().1;
        let x: Array1<f64> = (0..n).map(|_| s.normal()).collect();
        let start: Array1<f64> = &x + 30.0 + Array1::from_iter((0..n).map(|_| s.normal()));
        let mut y = start.clone();
        for _ in 0..60 {
            y = &start + &(w.lag(&y).unwrap() * rho);
        }
        let table = (Table::over(w.units()).column("x", x).unwrap())
            .column("y", y)
            .unwrap();
        (w, table)
    }

    /// Without a constant rho or lambda runs towards the end of its interval, and the likelihood of both has two maxima.
    #[test]
    fn without_a_constant_on_data_that_have_one() {
        for seed in 1..4 {
            let (w, table) = sample(seed);
            let base = Regression::of("y").on(["x"]).without_intercept();
            let fits = [
                base.clone().spatial_lag(&w).durbin(&w),
                base.clone().spatial_lag(&w).spatial_error(&w),
                base.spatial_lag(&w).spatial_error(&w).durbin(&w),
            ];
            for spec in fits {
                match spec.fit(&table) {
                    Ok(fit) => {
                        let (lo, hi) = w.admissible_interval().unwrap();
                        let at: Vec<f64> = [-0.5, 0.0, 0.3, 0.6, 0.9, 0.97, 0.99, 0.998]
                            .map(|share| share * if share < 0.0 { -lo } else { hi })
                            .to_vec();
                        let profile = fit.likelihood_profile("rho", &at).unwrap();
                        for (t, value) in at.iter().zip(&profile.log_likelihood) {
                            assert!(
                                *value <= fit.log_likelihood() + 1e-5,
                                "{seed} {}: {value} at {t}, {} at {:?}",
                                fit.model(),
                                fit.log_likelihood(),
                                fit.rho()
                            );
                        }
                    }
                    Err(e) => {
                        assert!(matches!(e, Error::Singular { .. }), "{e}");
                        assert!(
                            e.to_string().contains("at the bound of the interval"),
                            "{e}"
                        );
                    }
                }
            }
        }
    }

    /// Below minus the upper end the power series behind the cheap values diverges; there are admissible values there.
    #[test]
    fn below_minus_the_upper_end_of_asymmetric_weights() {
        let (w, table) = sample(9);
        let (lo, hi) = w.admissible_interval().unwrap();
        assert!(lo < -1.2 * hi);
        let mut s = Stream::new(4, 1);
        let x = table.values("x").unwrap().to_owned();
        let rho = 0.5 * (lo - hi);
        let y = w
            .with_factor(rho, |factor| {
                let start: Array1<f64> = &x + Array1::from_iter((0..x.len()).map(|_| s.normal()));
                factor.solve(start.view())
            })
            .unwrap();
        let table = (Table::over(w.units()).column("x", x).unwrap())
            .column("y", y)
            .unwrap();
        let fit = (Regression::of("y").on(["x"]).spatial_lag(&w))
            .fit(&table)
            .unwrap();
        let found = fit.rho().unwrap();
        assert!(
            (found.value - rho).abs() < 4.0 * found.std_error,
            "{found:?}"
        );
        let same =
            w.ln_determinants(&[1.01 * -hi, rho, 0.0, 0.1 * hi, 0.2 * hi, 0.3 * hi, 0.4 * hi]);
        let exact = w.ln_determinant(rho).unwrap();
        assert!((same.unwrap()[1] - exact).abs() < 1e-7);
        assert!(fit.optimization().unwrap().parameters[0].nodes.len() < 25);
    }
}
