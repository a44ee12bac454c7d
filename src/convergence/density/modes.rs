//! Modes of sums of Gaussian kernels: where the slope changes its sign from plus to minus.

/// The slope of Σ w φ((z - x) / h) on an even grid, less a share of its value, with its own slope; both by u = z / h.
pub(super) struct Slopes {
    start: f64,
    step: f64,
    /// The step in bandwidths.
    spacing: f64,
    slope: Vec<f64>,
    bend: Vec<f64>,
}

/// Kernels are summed up to so many bandwidths, where they are below 2e-16 of their height.
const REACH: f64 = 8.5;
/// Bandwidths between two values whose kernels do not meet.
pub(super) const APART: f64 = 2.0 * REACH + 1.0;
/// Grid points a bandwidth for one answer, and for one of many.
pub(super) const FINE: usize = 32;
pub(super) const COARSE: usize = 8;

/// Number of grid points from `low` to `high`.
pub(super) fn grid_points(low: f64, high: f64, h: f64, each: usize) -> f64 {
    ((high - low) / h * each as f64).ceil() + 2.0
}

/// Where a grid starts that is to show a mode at the smallest value, where the slope may be zero to rounding: below it the slope is positive.
pub(super) fn starting(smallest: f64, h: f64) -> f64 {
    smallest - 0.5 * h
}

impl Slopes {
    pub(super) fn new() -> Self {
        Self {
            start: 0.0,
            step: 1.0,
            spacing: 1.0,
            slope: Vec::new(),
            bend: Vec::new(),
        }
    }

    /// With G(u) = Σ w φ(u - x / h) without its constant: G' - share · G and its derivative, from `low` to `high` with `each` points a bandwidth.
    ///
    /// Along the grid a kernel is multiplied up by ratios, so that a point costs three exponentials in all.
    pub(super) fn fill(
        &mut self,
        points: impl Iterator<Item = (f64, f64)>,
        h: f64,
        share: f64,
        (low, high): (f64, f64),
        each: usize,
    ) {
        let count = grid_points(low, high, h, each) as usize;
        for v in [&mut self.slope, &mut self.bend] {
            v.clear();
            v.resize(count, 0.0);
        }
        let d = 1.0 / each as f64;
        (self.start, self.step, self.spacing) = (low, h * d, d);
        let reach = (REACH / d).ceil() as usize;
        let ratio = (-d * d).exp();
        for (x, w) in points {
            let at = ((x - low) / self.step)
                .round()
                .clamp(0.0, (count - 1) as f64);
            let middle = at as usize;
            let u0 = (low + at * self.step - x) / h;
            let k0 = w * (-0.5 * u0 * u0).exp();
            let row = self.slope.iter_mut().zip(&mut self.bend);
            let add = |(slope, bend): (&mut f64, &mut f64), u: f64, k: f64| {
                *slope -= (u + share) * k;
                *bend += (u * u - 1.0 + share * u) * k;
            };
            let from = middle.saturating_sub(reach);
            let right = row.skip(middle).take(reach + 1);
            let (mut k, mut r, mut u) = (k0, (-u0 * d - 0.5 * d * d).exp(), u0);
            for cell in right {
                add(cell, u, k);
                k *= r;
                r *= ratio;
                u += d;
            }
            let left = self.slope[from..middle].iter_mut();
            let left = left.zip(&mut self.bend[from..middle]).rev();
            let (mut k, mut r, mut u) = (k0, (u0 * d - 0.5 * d * d).exp(), u0);
            for cell in left {
                k *= r;
                r *= ratio;
                u -= d;
                add(cell, u, k);
            }
        }
    }

    /// Calls with the ends of every interval in which the slope falls from plus to minus.
    ///
    /// Between two grid points the slope is the cubic of its values and derivatives there, so that pairs of roots within one cell are
    /// seen too; its error is (1 / each)⁴ / 384 of the fourth derivative.
    pub(super) fn falls(&self, mut found: impl FnMut(f64, f64)) {
        let d = self.spacing;
        let mut last: Option<(f64, f64)> = None;
        let mut visit = |z: f64, s: f64| {
            if s.abs() > 0.0 {
                if let Some((before, sign)) = last
                    && sign > 0.0
                    && s < 0.0
                {
                    found(before, z);
                }
                last = Some((z, s));
            }
        };
        for j in 0..self.slope.len() {
            let z = self.start + j as f64 * self.step;
            visit(z, self.slope[j]);
            if j + 1 == self.slope.len() {
                break;
            }
            let (a, b) = (self.slope[j], self.slope[j + 1]);
            let (da, db) = (self.bend[j] * d, self.bend[j + 1] * d);
            for t in turning_points(a, da, b, db).into_iter().flatten() {
                visit(z + t * self.step, cubic(a, da, b, db, t));
            }
        }
    }

    /// How often the slope falls from plus to minus: the number of modes.
    pub(super) fn count(&self) -> usize {
        let mut count = 0;
        self.falls(|_, _| count += 1);
        count
    }
}

fn cubic(a: f64, da: f64, b: f64, db: f64, t: f64) -> f64 {
    let (c2, c3) = (3.0 * (b - a) - 2.0 * da - db, 2.0 * (a - b) + da + db);
    a + t * (da + t * (c2 + t * c3))
}

/// Where the cubic turns inside (0, 1), in order.
fn turning_points(a: f64, da: f64, b: f64, db: f64) -> [Option<f64>; 2] {
    let (c2, c3) = (3.0 * (b - a) - 2.0 * da - db, 2.0 * (a - b) + da + db);
    // da + 2 c2 t + 3 c3 t²
    let root = c2 * c2 - 3.0 * c3 * da;
    if !(root > 0.0) {
        return [None, None];
    }
    let q = -(c2 + root.sqrt().copysign(c2));
    let inside = |t: f64| (t > 0.0 && t < 1.0).then_some(t);
    let (s, t) = (inside(q / (3.0 * c3)), inside(da / q));
    match (s, t) {
        (Some(x), Some(y)) if x > y => [Some(y), Some(x)],
        other => [other.0, other.1],
    }
}
