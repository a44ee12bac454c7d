//! ln|I - rho W| and its derivatives near one rho: exact from eigenvalues, otherwise read from an interpolant that knows its error.

use std::sync::Arc;

use super::factor::Resolvent;
use super::logdet::{Jacobian, by_eigenvalues, from_u, to_u};
use super::newton::Newton;
use crate::error::{Error, Result};
use crate::parallel::map_indexed;

/// Exact values at first.
const FIRST_NODES: usize = 3;
/// Tolerance of tr G / n.
const TRACE_TOLERANCE: f64 = 1e-11;
/// The window keeps this share of the distance of rho from each end.
const NEAREST: f64 = 0.02;
/// Values at most.
const MOST_NODES: usize = 60;
/// With so many a window is made anew where it is this many times as wide as need be.
const MANY_NODES: usize = 20;
const TOO_WIDE: f64 = 1.5;
/// Factors of at most this many entries are computed side by side.
const ENTRIES_TOGETHER: usize = 40_000_000;

/// An error where there are as many values as there may be.
fn newton_is_not_full(newton: &Newton) -> Result<()> {
    if newton.len() < MOST_NODES {
        return Ok(());
    }
    Err(Error::NotConverged {
        what: "the interpolation of ln|I - rho W|",
        iterations: MOST_NODES,
    })
}

/// ln|I - rho W| and its derivatives over a neighbourhood of one rho.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    of: Arc<Jacobian>,
    /// Of what the start leaves, in u; none where eigenvalues are at hand.
    newton: Option<Newton>,
    /// Whether the start is of use over the whole window; otherwise all is left to the interpolant.
    started: bool,
}

impl Jacobian {
    /// The function near rho, its values and derivatives: exact from eigenvalues, otherwise from an interpolant over rho ± `half_width` whose
    /// derivative is known to [`TRACE_TOLERANCE`] a unit.
    pub(crate) fn near(self: &Arc<Self>, rho: f64, half_width: f64) -> Result<Local> {
        let mut local = self.window(rho, half_width)?;
        let tolerance = TRACE_TOLERANCE * self.resolvent().map_or(1, Resolvent::n) as f64;
        let places = [rho - 0.5 * half_width, rho, rho + 0.5 * half_width];
        local.refine(&places, tolerance)?;
        Ok(local)
    }

    /// The function over rho ± `half_width`, from the first few values.
    pub(crate) fn window(self: &Arc<Self>, rho: f64, half_width: f64) -> Result<Local> {
        let (lo, hi) = self.interval;
        self.check_inside(rho)?;
        // Nearer to an end than this a value gets a window of its own.
        let a = (rho - half_width).max(lo + NEAREST * (rho - lo));
        let b = (rho + half_width).min(hi - NEAREST * (hi - rho));
        self.between(a, b)
    }

    /// The function over [a, b], its values known to `tolerance` or to rounding.
    pub(crate) fn over(self: &Arc<Self>, a: f64, b: f64, tolerance: f64) -> Result<Local> {
        self.check_inside(a)?;
        self.check_inside(b)?;
        let mut local = self.between(a, b)?;
        while !local.is_settled(tolerance)? {
            local.add(1)?;
        }
        Ok(local)
    }

    fn between(self: &Arc<Self>, a: f64, b: f64) -> Result<Local> {
        Local::between(Arc::clone(self), a, b, FIRST_NODES)
    }
}

impl Local {
    /// The function between a and b, inside the admissible interval, from its first few values.
    pub(super) fn between(of: Arc<Jacobian>, a: f64, b: f64, nodes: usize) -> Result<Self> {
        let newton = (!of.is_exact_spectrum())
            .then(|| Newton::over(to_u(of.interval, a), to_u(of.interval, b)));
        // Decided once, whatever becomes of the start later.
        let started = of.has_start() && a >= of.start_from();
        let mut local = Self {
            of,
            newton,
            started,
        };
        local.add(nodes)?;
        Ok(local)
    }

    /// Adds `count` exact values, computed side by side where their factors fit in memory together.
    pub(crate) fn add(&mut self, count: usize) -> Result<()> {
        let started = self.started;
        let Some(newton) = &mut self.newton else {
            return Ok(());
        };
        let of = &self.of;
        let value = |u: f64| {
            let rho = from_u(of.interval, u);
            let start = if started { of.start_at(rho).0 } else { 0.0 };
            Ok(of.ln_det_inside(rho)? - start)
        };
        let points = newton.next(count);
        let entries = of.resolvent().map_or(0, Resolvent::entries);
        let values: Vec<Result<f64>> = if entries <= ENTRIES_TOGETHER {
            map_indexed(count, |i| value(points[i]))
        } else {
            points.iter().map(|u| value(*u)).collect()
        };
        for (u, value) in points.into_iter().zip(values) {
            newton.push(u, value?);
        }
        Ok(())
    }

    /// Adds values until the derivative is known to `tolerance` at the places given, or to rounding.
    pub(crate) fn refine(&mut self, places: &[f64], tolerance: f64) -> Result<()> {
        while !self.is_known(places, [f64::INFINITY, tolerance, f64::INFINITY])? {
            self.add(1)?;
        }
        Ok(())
    }

    /// Whether the value and the two derivatives are known to these tolerances, or to rounding, at the places given.
    ///
    /// [`Error::NotConverged`] where they are not and there are as many values as there may be.
    pub(crate) fn is_known(&self, places: &[f64], tolerances: [f64; 3]) -> Result<bool> {
        let Some(newton) = &self.newton else {
            return Ok(true);
        };
        let error = self.error(places);
        let rounding = self.rounding();
        if error.0 <= tolerances[0].max(rounding[0])
            && error.1 <= tolerances[1].max(rounding[1])
            && error.2 <= tolerances[2].max(rounding[2])
        {
            return Ok(true);
        }
        newton_is_not_full(newton)?;
        Ok(false)
    }

    /// Whether the values over the whole window are known to this tolerance, or to rounding: neither of the last two exact values, which lie where
    /// the interpolant before was worst, was farther than that from it.
    pub(crate) fn is_settled(&self, tolerance: f64) -> Result<bool> {
        let Some(newton) = &self.newton else {
            return Ok(true);
        };
        let last = newton.len();
        let worst = newton.surprise(last).max(newton.surprise(last - 1));
        if worst <= tolerance.max(self.rounding()[0]) {
            return Ok(true);
        }
        newton_is_not_full(newton)?;
        Ok(false)
    }

    /// How well the value and the derivatives can be known, for rounding of the exact values.
    fn rounding(&self) -> [f64; 3] {
        let Some(newton) = &self.newton else {
            return [0.0; 3];
        };
        let (a, b) = newton.interval();
        let u1 = self.slope(from_u(self.of.interval, 0.5 * (a + b))).0;
        let per_node = (newton.len() as f64).powi(2) / (b - a) * u1;
        let n = self.of.resolvent().map_or(1, Resolvent::n) as f64;
        let value = 16.0 * f64::EPSILON * n.sqrt();
        [value, value * per_node, value * per_node * per_node]
    }

    /// Estimates, on the safe side, of the errors of the value and of the derivatives: what the last exact value changed, at the
    /// worst of the places given; zero from eigenvalues.
    pub(crate) fn error(&self, places: &[f64]) -> (f64, f64, f64) {
        let Some(newton) = &self.newton else {
            return (0.0, 0.0, 0.0);
        };
        let (a, b) = newton.interval();
        places
            .iter()
            .fold((0.0_f64, 0.0_f64, 0.0_f64), |worst, rho| {
                let u = to_u(self.of.interval, *rho).clamp(a, b);
                let change = newton.last_change(u);
                let (f, d, s) = self.to_rho(from_u(self.of.interval, u), change);
                (
                    worst.0.max(f.abs()),
                    worst.1.max(d.abs()),
                    worst.2.max(s.abs()),
                )
            })
    }

    /// An estimate of the error of the value at the worst of the places that one lucky node cannot make small: the larger of what the last two
    /// exact values changed.
    pub(crate) fn stated_error(&self, places: &[f64]) -> f64 {
        let Some(newton) = &self.newton else {
            return 0.0;
        };
        let (a, b) = newton.interval();
        let last = newton.len();
        places.iter().fold(0.0, |worst: f64, rho| {
            let u = to_u(self.of.interval, *rho).clamp(a, b);
            let changes = [last, last.saturating_sub(1)].map(|k| newton.change(k, u).0.abs());
            worst.max(changes[0]).max(changes[1])
        })
    }

    /// Whether there are many exact values in a window that is much wider than `needed`, so that a narrower one takes fewer.
    pub(crate) fn is_too_wide(&self, needed: f64) -> bool {
        let (a, b) = self.interval();
        let nodes = self.newton.as_ref().map_or(0, Newton::len);
        nodes >= MANY_NODES && b - a > TOO_WIDE * needed
    }

    /// First and second derivative of u with respect to rho.
    fn slope(&self, rho: f64) -> (f64, f64) {
        let (lo, hi) = self.of.interval;
        let (below, above) = (1.0 / (rho - lo), 1.0 / (hi - rho));
        (below + above, above * above - below * below)
    }

    /// Derivatives with respect to u to those with respect to rho.
    fn to_rho(&self, rho: f64, (f, d, s): (f64, f64, f64)) -> (f64, f64, f64) {
        let (u1, u2) = self.slope(rho);
        (f, d * u1, s * u1 * u1 + d * u2)
    }

    /// The window.
    pub(crate) fn interval(&self) -> (f64, f64) {
        self.newton.as_ref().map_or(self.of.interval, |newton| {
            let (a, b) = newton.interval();
            (from_u(self.of.interval, a), from_u(self.of.interval, b))
        })
    }

    /// Whether rho lies in the window, or beyond an end of it that lies as near to the end of the admissible interval as windows go.
    pub(crate) fn holds(&self, rho: f64) -> bool {
        if self.newton.is_none() {
            return true;
        }
        let ((lo, hi), (a, b)) = (self.of.interval, self.interval());
        let near = 2.0 * NEAREST * 0.5 * (b - a);
        (rho >= a || a - lo <= near) && (rho <= b || hi - b <= near)
    }

    /// The Jacobian of which it is a part.
    pub(crate) fn jacobian(&self) -> &Arc<Jacobian> {
        &self.of
    }

    /// Whether rho lies in the window.
    pub(crate) fn covers(&self, rho: f64) -> bool {
        let Some(newton) = &self.newton else {
            return true;
        };
        let (lo, hi) = self.of.interval;
        let (a, b) = newton.interval();
        let u = if rho > lo && rho < hi {
            to_u((lo, hi), rho)
        } else {
            f64::NAN
        };
        u >= a - 1e-9 && u <= b + 1e-9
    }

    /// ln|I - rho W| and its first two derivatives, in the window.
    pub(crate) fn inside(&self, rho: f64) -> (f64, f64, f64) {
        match (self.of.eigenvalues(), &self.newton) {
            (Some(omega), _) => by_eigenvalues(omega, rho),
            (None, Some(newton)) => {
                let rest = self.to_rho(rho, newton.at(to_u(self.of.interval, rho)));
                let (f, d, s) = if self.started {
                    self.of.start_at(rho)
                } else {
                    (0.0, 0.0, 0.0)
                };
                (f + rest.0, d + rest.1, s + rest.2)
            }
            (None, None) => (f64::NAN, f64::NAN, f64::NAN),
        }
    }

    /// ln|I - rho W| and its first two derivatives; a value outside the window gets a window of its own.
    pub(crate) fn at(&self, rho: f64) -> Result<(f64, f64, f64)> {
        if self.covers(rho) {
            return Ok(self.inside(rho));
        }
        let (lo, hi) = self.of.interval;
        let width = 0.02 * (hi - rho).min(rho - lo).min(1.0);
        let own = self.of.near(rho, width)?;
        Ok(own.inside(rho))
    }

    /// tr G and tr G² with G = W (I - rho W)^-1.
    pub(crate) fn traces(&self, rho: f64) -> Result<(f64, f64)> {
        self.at(rho).map(|(_, d, s)| (-d, -s))
    }

    /// The values of rho with exact factorisations; none from eigenvalues and for approximations.
    pub(crate) fn nodes(&self) -> Vec<f64> {
        let newton = self.newton.as_ref().filter(|_| self.of.is_exact());
        newton.map_or_else(Vec::new, |newton| {
            newton
                .points()
                .map(|u| from_u(self.of.interval, u))
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Points, Units};
    use crate::random::Stream;
    use crate::weights::{Lattice, Weights};

    fn scattered(n: usize) -> Points {
        let mut s = Stream::new(5, 0);
        Points::planar((0..n).map(|_| (s.uniform(), s.uniform()))).unwrap()
    }

    /// Two lattices that no link joins.
    fn two_components() -> Weights {
        let (one, other) = (Lattice::queen(15, 16), Lattice::rook(12, 11));
        let (one, other) = (
            Weights::lattice(one).unwrap(),
            Weights::lattice(other).unwrap(),
        );
        let of = |w: &Weights, first: usize| -> Vec<(usize, usize, f64)> {
            (0..w.n())
                .flat_map(|i| w.neighbours(i).map(move |(j, x)| (first + i, first + j, x)))
                .collect()
        };
        let links = [of(&one, 0), of(&other, one.n())].concat();
        Weights::from_links_at(&Units::range(one.n() + other.n()), links).unwrap()
    }

    fn with_an_island() -> Weights {
        let w = Weights::lattice(Lattice::queen(18, 18)).unwrap();
        let links: Vec<_> = (0..w.n())
            .flat_map(|i| w.neighbours(i).map(move |(j, x)| (i, j, x)))
            .collect();
        let w = Weights::from_links_at(&Units::range(w.n() + 1), links).unwrap();
        w.islands_kept()
    }

    fn maps() -> Vec<(&'static str, Weights)> {
        let points = scattered(450);
        let raw = [
            ("queen", Weights::lattice(Lattice::queen(20, 21)).unwrap()),
            ("irregular", Weights::delaunay(&points).unwrap()),
            ("two components", two_components()),
            ("island", with_an_island()),
            ("6 nearest", Weights::k_nearest(&points, 6).unwrap()),
        ];
        let mut all: Vec<_> = (raw.iter())
            .map(|(name, w)| (*name, w.row_standardized().unwrap()))
            .collect();
        all.push((
            "irregular, spectral",
            raw[1].1.spectrally_normalized().unwrap(),
        ));
        all
    }

    /// By factorisations and by eigenvalues, over the same interval.
    fn both(w: &Weights) -> (Arc<Jacobian>, Vec<(f64, f64)>) {
        let interval = w.admissible_interval().unwrap();
        let sparse = Jacobian::by_factors(w.csr(), w.symmetrizer(), interval).unwrap();
        sparse.start(w.csr(), w.symmetrizer());
        (Arc::new(sparse), w.eigenvalues().unwrap())
    }

    #[test]
    fn value_and_derivatives_are_those_of_the_eigenvalues() {
        for (name, w) in maps() {
            let (jacobian, omega) = both(&w);
            let (lo, hi) = jacobian.interval;
            for share in [-0.9, -0.4, 0.0, 0.3, 0.6, 0.9, 0.97] {
                let rho = if share < 0.0 { -share * lo } else { share * hi };
                let half = 0.05 * (hi - rho).min(rho - lo).min(1.0);
                let local = jacobian.near(rho, half).unwrap();
                for at in [rho - 0.5 * half, rho, rho + 0.5 * half] {
                    let (f, d, s) = local.inside(at);
                    let (f0, d0, s0) = by_eigenvalues(&omega, at);
                    let n = w.n() as f64;
                    assert!((f - f0).abs() < 1e-10 * n, "{name} at {at}: {f} {f0}");
                    assert!(
                        (d - d0).abs() < 1e-10 * n + 1e-9 * d0.abs(),
                        "{name} at {at}: {d} {d0}"
                    );
                    assert!(
                        (s - s0).abs() < 1e-6 * (n + s0.abs()),
                        "{name} at {at}: {s} {s0}"
                    );
                }
                assert!(local.nodes().len() < 20, "{name} at {rho}");
            }
        }
    }

    #[test]
    fn one_interpolant_over_the_whole_range() {
        for (name, w) in maps() {
            let (jacobian, omega) = both(&w);
            let (lo, hi) = jacobian.interval;
            let (a, b) = (0.9 * lo.max(-hi), 0.99 * hi);
            let local = jacobian.over(a, b, 1e-8).unwrap();
            for k in 0..=200 {
                let rho = a + (b - a) * f64::from(k) / 200.0;
                let (f, f0) = (local.inside(rho).0, by_eigenvalues(&omega, rho).0);
                assert!((f - f0).abs() < 2e-8, "{name} at {rho}: {f} {f0}");
            }
            assert!(local.nodes().len() < 45, "{name}: {}", local.nodes().len());
        }
    }
}
