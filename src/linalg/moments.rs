//! Stochastic log-determinants: ln|I - rho W| and its derivatives from traces of Chebyshev polynomials or powers of W, estimated by random probes.
//!
//! A probe z of random signs has E z'f(W)z = tr f(W) (Hutchinson 1990). With the spectrum of W inside [m - h, m + h], the operator (S - m I)/h, where S is the
//! symmetric matrix similar to W, has Chebyshev traces t_k = tr T_k, of which every product gives two (T_2k = 2 T_k² - T_0, T_2k+1 = 2 T_k T_k+1 - T_1), and with
//! r = rho h / (1 - rho m) = 2q / (1 + q²)
//!
//! ln|I - rho W| = n ln(1 - rho m) - n ln(1 + q²) - 2 `Σ_k` (q^k / k) t_k.
//!
//! t_0, t_1 and t_2 are exact. A W that is not similar to a symmetric matrix has - `Σ_k` rho^k tr(W^k) / k instead, tr W and tr W² exact, and the tail continued.
//! That is a start for exact methods, and smooth in rho: the moments are drawn once. Products cost one pass over the links for eight probes.

use ndarray::Array1;

use super::sparse::{Csr, Values};
use crate::parallel::map_chunks;
use crate::random::Stream;

/// Probes side by side: a row of them fills a line of memory.
const LANES: usize = 8;
/// Rows worked on and summed together, whatever the number of threads.
const ROWS: usize = 2048;
/// Terms of the tail of the power series at most.
const MOST_TERMS: usize = 20_000;
/// The power series is used down to this share of the radius in which it converges.
const POWERS_REACH: f64 = 0.9;
/// Down to this share what it leaves is smooth: the tail that is continued has a singularity at minus the radius, the truth has none there.
const SMOOTH_REACH: f64 = 0.5;

type Lanes = [f64; LANES];

/// Estimated traces of polynomials of W.
#[derive(Debug, Clone)]
pub(crate) struct Moments {
    n: f64,
    kind: Kind,
    /// For each probe the traces k = 0, 1, …, degree; the exact ones are the same in all.
    probes: Vec<Vec<f64>>,
    mean: Vec<f64>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Traces of T_k((S - middle I) / half).
    Chebyshev { middle: f64, half: f64 },
    /// Traces of (scale W)^k, which shrink by `ratio` from one to the next but one beyond the last.
    Powers { scale: f64, ratio: f64 },
}

impl Moments {
    #[cfg(test)]
    /// For W with a symmetrizer d (`d_i w_ij = d_j w_ji`) and a scale c with the spectrum of c W inside [-1, 1]; 8 probes and
    /// degree 60 are a good start.
    pub(crate) fn of(
        w: &Csr,
        symmetrizer: &Array1<f64>,
        scale: f64,
        probes: usize,
        degree: usize,
        seed: u64,
    ) -> Self {
        let ends = (-1.0 / scale, 1.0 / scale);
        Self::within(w, symmetrizer, ends, probes, degree, seed)
    }

    /// For W with a symmetrizer and its spectrum inside [low, high], low < 0 < high: defined for 1/low < rho < 1/high.
    pub(crate) fn within(
        w: &Csr,
        symmetrizer: &Array1<f64>,
        (low, high): (f64, f64),
        probes: usize,
        degree: usize,
        seed: u64,
    ) -> Self {
        let n = w.n() as f64;
        let (middle, half) = (f64::midpoint(low, high), 0.5 * (high - low));
        // tr W and tr W² = `Σ w_ij w_ji`
        let (mut one, mut two) = (0.0, 0.0);
        for i in 0..w.n() {
            for (j, weight) in w.row(i) {
                two += weight * weight * (symmetrizer[i] / symmetrizer[j]);
                if i == j {
                    one += weight;
                }
            }
        }
        let exact = [
            n,
            (one - n * middle) / half,
            2.0 * (two - 2.0 * middle * one + n * middle * middle) / (half * half) - n,
        ];
        let probes = in_groups(probes, |group| {
            chebyshev_group(w, symmetrizer, (middle, half), degree, seed, group)
        });
        Self::new(n, Kind::Chebyshev { middle, half }, probes, &exact)
    }

    /// For any W and a scale c with the moduli of the eigenvalues of c W at most one: defined for |rho| < c.
    pub(crate) fn of_powers(w: &Csr, scale: f64, probes: usize, degree: usize, seed: u64) -> Self {
        let n = w.n() as f64;
        let one: f64 = (0..w.n()).map(|i| w.get(i, i)).sum();
        let exact = [n, scale * one, scale * scale * w.traces_of_squares().0];
        let probes = in_groups(probes, |group| powers_group(w, scale, degree, seed, group));
        let mut new = Self::new(n, Kind::Powers { scale, ratio: 0.0 }, probes, &exact);
        new.kind = Kind::Powers {
            scale,
            ratio: ratio(&new.mean),
        };
        new
    }

    fn new(n: f64, kind: Kind, mut probes: Vec<Vec<f64>>, exact: &[f64]) -> Self {
        for probe in &mut probes {
            for (p, e) in probe.iter_mut().zip(exact) {
                *p = *e;
            }
        }
        let count = probes.len() as f64;
        let mean = (0..probes.first().map_or(0, Vec::len))
            .map(|k| probes.iter().map(|p| p[k]).sum::<f64>() / count)
            .collect();
        Self {
            n,
            kind,
            probes,
            mean,
        }
    }

    #[cfg(test)]
    /// The estimated traces of T_k or powers, k = 0, 1, ….
    pub(crate) fn traces(&self) -> &[f64] {
        &self.mean
    }

    /// The open interval of rho where the series converges; not numbers outside.
    pub(crate) fn interval(&self) -> (f64, f64) {
        match self.kind {
            Kind::Chebyshev { middle, half } => (1.0 / (middle - half), 1.0 / (middle + half)),
            Kind::Powers { scale, .. } => (-scale, scale),
        }
    }

    #[cfg(test)]
    /// ln|I - rho W|, estimated.
    pub(crate) fn ln_det(&self, rho: f64) -> f64 {
        self.at(rho).0
    }

    /// ln|I - rho W| and its first two derivatives, estimated.
    pub(crate) fn at(&self, rho: f64) -> (f64, f64, f64) {
        self.series(&self.mean, rho)
    }

    /// The least rho at which [`at`](Self::at) is near the truth: the power series diverges from minus the largest admissible rho downwards,
    /// where there may be admissible values.
    pub(crate) fn least(&self) -> f64 {
        match self.kind {
            Kind::Chebyshev { .. } => f64::NEG_INFINITY,
            Kind::Powers { scale, .. } => -POWERS_REACH * scale,
        }
    }

    /// The least rho down to which the difference to the truth is smooth.
    pub(crate) fn smooth_from(&self) -> f64 {
        match self.kind {
            Kind::Chebyshev { .. } => f64::NEG_INFINITY,
            Kind::Powers { scale, .. } => -SMOOTH_REACH * scale,
        }
    }

    /// As [`at`](Self::at), continued by a parabola below [`least`](Self::least): finite at every admissible rho.
    pub(crate) fn continued(&self, rho: f64) -> (f64, f64, f64) {
        let least = self.least();
        if rho >= least {
            return self.at(rho);
        }
        let (f, d, s) = self.at(least);
        let beyond = rho - least;
        (
            f + d * beyond + 0.5 * s * beyond * beyond,
            d + s * beyond,
            s,
        )
    }

    /// The standard error of [`ln_det`](Self::ln_det) over the probes, plus a bound of the terms left out; of the power series, the tail
    /// that was continued.
    pub(crate) fn error(&self, rho: f64) -> f64 {
        let values: Vec<f64> = (self.probes.iter())
            .map(|p| self.series(p, rho).0)
            .collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let random = if values.len() > 1 {
            (squares / (count * (count - 1.0))).sqrt()
        } else {
            f64::INFINITY
        };
        let degree = self.mean.len().saturating_sub(1);
        let left_out = match self.kind {
            Kind::Chebyshev { middle, half } => {
                // |t_k| <= n
                let q = root(rho * half / (1.0 - rho * middle)).abs();
                let first = (degree + 1) as f64;
                2.0 * self.n * q.powf(first) / (first * (1.0 - q))
            }
            Kind::Powers { scale, ratio } => tail(&self.mean, rho / scale, ratio).0.abs(),
        };
        random + left_out
    }

    fn series(&self, traces: &[f64], rho: f64) -> (f64, f64, f64) {
        match self.kind {
            Kind::Chebyshev { middle, half } => {
                let shift = 1.0 - rho * middle;
                let (f, f1, f2) = in_r(self.n, traces, rho * half / shift);
                let (r1, r2) = (
                    half / (shift * shift),
                    2.0 * middle * half / (shift * shift * shift),
                );
                let share = middle / shift;
                (
                    self.n * shift.ln() + f,
                    -self.n * share + f1 * r1,
                    -self.n * share * share + f2 * r1 * r1 + f1 * r2,
                )
            }
            Kind::Powers { scale, ratio } => {
                let r = rho / scale;
                let (mut f, mut f1, mut f2) = tail(traces, r, ratio);
                let mut power = 1.0;
                let mut before = 0.0;
                for (k, t) in traces.iter().enumerate().skip(1) {
                    // r^(k-2), r^(k-1), r^k
                    let k = k as f64;
                    f2 -= (k - 1.0) * before * t;
                    f1 -= power * t;
                    before = power;
                    power *= r;
                    f -= power * t / k;
                }
                (f, f1 / scale, f2 / (scale * scale))
            }
        }
    }
}

/// q with r = 2q / (1 + q²), |q| < 1.
fn root(r: f64) -> f64 {
    r / (1.0 + (1.0 - r * r).sqrt())
}

/// ln|I - r X| and two derivatives in r, from the Chebyshev traces of X.
fn in_r(n: f64, traces: &[f64], r: f64) -> (f64, f64, f64) {
    let q = root(r);
    let size = 1.0 + q * q;
    let mut f = -n * (q * q).ln_1p();
    let mut f1 = -2.0 * n * q / size;
    let mut f2 = -2.0 * n * (1.0 - q * q) / (size * size);
    let (mut before, mut power) = (0.0, 1.0);
    for (k, t) in traces.iter().enumerate().skip(1) {
        let k = k as f64;
        f2 -= 2.0 * (k - 1.0) * before * t;
        f1 -= 2.0 * power * t;
        before = power;
        power *= q;
        f -= 2.0 * power * t / k;
    }
    // derivatives of r in q
    let r1 = 2.0 * (1.0 - q * q) / (size * size);
    let r2 = 4.0 * q * (q * q - 3.0) / (size * size * size);
    (f, f1 / r1, (f2 - f1 * r2 / r1) / (r1 * r1))
}

/// The share of the traces two powers on, over the last halves of the known ones.
fn ratio(traces: &[f64]) -> f64 {
    let known = traces.get(1..).unwrap_or_default();
    let window = known.len() / 4 * 2;
    if window == 0 {
        return 0.0;
    }
    let sum = |from: usize| known[from..from + window].iter().sum::<f64>();
    let (late, early) = (sum(known.len() - window), sum(known.len() - 2 * window));
    if late > 0.0 && early > 0.0 {
        (late / early).powf(2.0 / window as f64).min(1.0)
    } else {
        0.0
    }
}

/// The terms of the power series beyond the known traces, and their derivatives.
fn tail(traces: &[f64], r: f64, ratio: f64) -> (f64, f64, f64) {
    let mut sums = (0.0, 0.0, 0.0);
    let degree = traces.len().saturating_sub(1);
    if degree < 3 || r == 0.0 || ratio == 0.0 {
        return sums;
    }
    let level = |k: usize| f64::midpoint(traces[k], traces[k - 2]).max(0.0) * ratio.sqrt();
    // odd and even powers apart
    let mut next = [
        level(degree - 1) * ratio.sqrt(),
        level(degree) * ratio.sqrt(),
    ];
    let mut power = r.powf((degree - 1) as f64);
    for k in degree + 1..degree + MOST_TERMS {
        let t = next[(k - degree - 1) % 2];
        next[(k - degree - 1) % 2] *= ratio;
        let of = k as f64;
        sums.2 -= (of - 1.0) * power * t;
        power *= r;
        sums.1 -= power * t;
        let term = power * r * t / of;
        sums.0 -= term;
        if (of * of * term).abs() <= 1e-17 * sums.0.abs() {
            break;
        }
    }
    sums
}

/// Probes in groups of [`LANES`].
fn in_groups(probes: usize, group: impl Fn(usize) -> Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> = (0..probes.div_ceil(LANES)).flat_map(group).collect();
    all.truncate(probes);
    all
}

/// Random signs, probe p from stream p, and each row times `scale`.
fn signs(n: usize, seed: u64, group: usize, scale: impl Fn(usize) -> f64) -> Vec<Lanes> {
    let mut streams: [Stream; LANES] =
        std::array::from_fn(|lane| Stream::new(seed, (group * LANES + lane) as u64));
    (0..n)
        .map(|i| {
            let size = scale(i);
            std::array::from_fn(|lane| {
                if streams[lane].below(2) == 0 {
                    size
                } else {
                    -size
                }
            })
        })
        .collect()
}

/// Chebyshev traces of one group of probes.
///
/// Iterates are D^(-1/2) T_k(S) z: the symmetric matrix is never formed, and products are weighted by d.
fn chebyshev_group(
    w: &Csr,
    d: &Array1<f64>,
    (middle, half): (f64, f64),
    degree: usize,
    seed: u64,
    group: usize,
) -> Vec<Vec<f64>> {
    let n = w.n();
    let mut traces = vec![vec![0.0; degree + 1]; LANES];
    let mut now = signs(n, seed, group, |i| 1.0 / d[i].sqrt());
    let mut next = vec![[0.0; LANES]; n];
    let mut first = [0.0; LANES];
    for k in 0..degree.div_ceil(2) {
        // T_1 = X T_0, then T_k+1 = 2 X T_k - T_k-1
        let two = if k == 0 { 1.0 } else { 2.0 };
        let step = Step {
            w,
            x: &now,
            times: two / half,
            shift: -two * middle / half,
            minus: 1.0,
        };
        let sums = step.run(
            &mut next,
            #[inline(always)]
            |i, next, now| {
                std::array::from_fn(
                    #[inline(always)]
                    |lane| {
                        let scaled = d[i] * next[lane];
                        [scaled * now[lane], scaled * next[lane]]
                    },
                )
            },
        );
        for (lane, ([cross, own], traces)) in sums.into_iter().zip(&mut traces).enumerate() {
            if k == 0 {
                first[lane] = cross;
            }
            traces[2 * k + 1] = 2.0 * cross - first[lane];
            if let Some(even) = traces.get_mut(2 * k + 2) {
                *even = 2.0 * own - n as f64;
            }
        }
        std::mem::swap(&mut now, &mut next);
    }
    traces
}

/// Traces of powers from one group of probes.
fn powers_group(w: &Csr, scale: f64, degree: usize, seed: u64, group: usize) -> Vec<Vec<f64>> {
    let n = w.n();
    let mut traces = vec![vec![0.0; degree + 1]; LANES];
    let mut now = signs(n, seed, group, |_| 1.0);
    let negative: Vec<u8> = (now.iter())
        .map(|row| {
            let bits = row.iter().enumerate();
            bits.fold(0, |bits, (lane, z)| bits | u8::from(*z < 0.0) << lane)
        })
        .collect();
    let mut next = vec![[0.0; LANES]; n];
    for k in 1..=degree {
        let step = Step {
            w,
            x: &now,
            times: scale,
            shift: 0.0,
            minus: 0.0,
        };
        let sums = step.run(
            &mut next,
            #[inline(always)]
            |i, next, _| {
                std::array::from_fn(|lane| {
                    let signed = if negative[i] >> lane & 1 == 1 {
                        -next[lane]
                    } else {
                        next[lane]
                    };
                    [signed, 0.0]
                })
            },
        );
        for (traces, [sum, _]) in traces.iter_mut().zip(sums) {
            traces[k] = sum;
        }
        std::mem::swap(&mut now, &mut next);
    }
    traces
}

/// y <- times W x + shift x - minus y, row by row.
#[derive(Clone, Copy)]
struct Step<'a> {
    w: &'a Csr,
    x: &'a [Lanes],
    times: f64,
    shift: f64,
    minus: f64,
}

impl Step<'_> {
    /// The new y in the place of the old one, and two sums over its rows for each lane, of (row, y, x).
    fn run(
        &self,
        y: &mut [Lanes],
        weigh: impl Fn(usize, &Lanes, &Lanes) -> [[f64; 2]; LANES] + Sync + Send,
    ) -> [[f64; 2]; LANES] {
        let parts = map_chunks(y, ROWS, |part, y| {
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || self.rows(part * ROWS, y, &weigh),
            )
        });
        let mut sums = [[0.0; 2]; LANES];
        for part in parts {
            add(&mut sums, &part);
        }
        sums
    }

    #[inline(always)]
    fn rows(
        &self,
        first: usize,
        y: &mut [Lanes],
        weigh: &impl Fn(usize, &Lanes, &Lanes) -> [[f64; 2]; LANES],
    ) -> [[f64; 2]; LANES] {
        let mut sums = [[0.0; 2]; LANES];
        for (i, y) in y.iter_mut().enumerate().map(|(i, y)| (first + i, y)) {
            let product = self.row(i);
            let x = &self.x[i];
            for lane in 0..LANES {
                y[lane] = product[lane] + self.shift * x[lane] - self.minus * y[lane];
            }
            add(&mut sums, &weigh(i, y, x));
        }
        sums
    }

    #[inline(always)]
    fn row(&self, i: usize) -> Lanes {
        let range = self.w.pattern.range(i);
        let columns = &self.w.pattern.columns[range.clone()];
        let mut sums = [0.0; LANES];
        let factor = match &self.w.values {
            Values::PerLink(v) => {
                for (v, &j) in v[range].iter().zip(columns) {
                    for (sum, x) in sums.iter_mut().zip(&self.x[j as usize]) {
                        *sum += v * x;
                    }
                }
                return sums.map(|s| self.times * s);
            }
            Values::One => self.times,
            Values::InverseCount => self.times / columns.len().max(1) as f64,
            Values::PerRow(v) => self.times * v[i],
        };
        for &j in columns {
            for (sum, x) in sums.iter_mut().zip(&self.x[j as usize]) {
                *sum += x;
            }
        }
        sums.map(|s| factor * s)
    }
}

#[inline(always)]
fn add(sums: &mut [[f64; 2]; LANES], more: &[[f64; 2]; LANES]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        sum[0] += more[0];
        sum[1] += more[1];
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::Units;
    use crate::weights::{Lattice, Weights};

    /// ln|I - rho W| and two derivatives from eigenvalues.
    fn exact(omega: &[(f64, f64)], rho: f64) -> (f64, f64, f64) {
        omega.iter().fold((0.0, 0.0, 0.0), |s, &(re, im)| {
            let size = (1.0 - rho * re).powi(2) + (rho * im).powi(2);
            let a = (re - rho * (re * re + im * im)) / size;
            let b = im / size;
            (s.0 + 0.5 * size.ln(), s.1 - a, s.2 - (a * a - b * b))
        })
    }

    fn check(moments: &Moments, omega: &[(f64, f64)], rhos: &[f64]) {
        for &rho in rhos {
            let (f, f1, f2) = moments.at(rho);
            let (error, (e, _, _)) = (moments.error(rho), exact(omega, rho));
            assert!(
                (f - e).abs() <= 4.0 * error + 1e-9,
                "{rho}: {f} {e} {error}"
            );
            assert_eq!(moments.ln_det(rho), f);
            // in units of the half width of the interval
            let unit = moments.interval().1;
            let h = 1e-5 * unit;
            let (above, below) = (moments.at(rho + h), moments.at(rho - h));
            let (d1, d2) = (
                (above.0 - below.0) / 2e-5,
                (above.1 - below.1) / 2e-5 * unit,
            );
            let (f1, f2) = (f1 * unit, f2 * unit * unit);
            assert!(
                (f1 - d1).abs() < 1e-6 * (1.0 + d1.abs() + f2.abs()),
                "{rho}: {f1} {d1}"
            );
            assert!(
                (f2 - d2).abs() < 1e-5 * (1.0 + d2.abs()),
                "{rho}: {f2} {d2}"
            );
        }
    }

    #[test]
    fn within_four_standard_errors_of_the_eigenvalues() {
        let queen = Weights::lattice(Lattice::queen(20, 30)).unwrap();
        // per link, with a diagonal, an island and a factor of 1e6
        let links: Vec<_> = (0..400)
            .flat_map(|i| queen.neighbours(i).map(move |(j, _)| (i, j)))
            .filter(|&(_, j)| j < 400)
            .map(|(i, j)| {
                (
                    i,
                    j,
                    1e6 * (1.0 + ((i * j) % 7) as f64) * (1.0 + (i % 3) as f64),
                )
            })
            .collect();
        let odd = Weights::from_links_at(&Units::range(401), links).unwrap();
        let odd = odd.with_diagonal(2e6).unwrap();
        for w in [
            queen.clone(),
            queen.row_standardized().unwrap(),
            queen.variance_stabilized().unwrap(),
            odd,
        ] {
            let d = w.symmetrizer().unwrap();
            let omega = w.eigenvalues().unwrap();
            let (low, high) = w.extreme_eigenvalues().unwrap();
            let m = Moments::of(w.csr(), d, 1.0 / high, 8, 60, 5);
            let (a, b) = m.interval();
            check(
                &m,
                &omega,
                &[-0.9, -0.3, 0.0, 0.4, 0.8, 0.95].map(|s| s * b),
            );
            assert!(a == -b && (b * high - 1.0).abs() < 1e-14);
            let m = Moments::within(w.csr(), d, (low, high), 20, 40, 5);
            assert_eq!((m.probes.len(), m.traces().len()), (20, 41));
            let (a, b) = m.interval();
            check(&m, &omega, &[0.9 * a, 0.5 * a, 0.0, 0.5 * b, 0.9 * b]);
        }
    }

    #[test]
    fn probes_of_a_dense_product_have_these_traces() {
        // T_k of the dense symmetric matrix, and the same signs
        let w = Weights::lattice(Lattice::queen(9, 11))
            .unwrap()
            .row_standardized()
            .unwrap();
        let (d, n, degree) = (w.symmetrizer().unwrap(), w.n(), 7);
        let (middle, half) = (0.25, 0.8);
        let ends = (middle - half, middle + half);
        let mut s = w.csr().to_dense();
        for ((i, j), v) in s.indexed_iter_mut() {
            *v = (*v * (d[i] / d[j]).sqrt() - if i == j { middle } else { 0.0 }) / half;
        }
        let mut t = vec![Array2::<f64>::eye(n), s.clone()];
        for k in 2..=degree {
            t.push(2.0 * s.dot(&t[k - 1]) - &t[k - 2]);
        }
        let found = Moments::within(w.csr(), d, ends, 10, degree, 3);
        for p in 0..10 {
            let mut stream = Stream::new(3, p as u64);
            let z: Array1<f64> = (0..n)
                .map(|_| if stream.below(2) == 0 { 1.0 } else { -1.0 })
                .collect();
            for (k, t) in t.iter().enumerate() {
                let expected = if k < 3 {
                    t.diag().sum()
                } else {
                    z.dot(&t.dot(&z))
                };
                assert!((found.probes[p][k] - expected).abs() < 1e-10, "{p} {k}");
            }
        }
    }

    #[test]
    fn powers_of_asymmetric_weights() {
        // each unit linked to six of those before and after it, unequally many
        let n = 900;
        let links = (0..n).flat_map(|i: usize| {
            [1, 2, 5, 31, 890, 871].map(move |s| (i, (i + s + i % 3) % n, 1.0 + (s % 2) as f64))
        });
        let w = Weights::from_links_at(&Units::range(n), links.collect::<Vec<_>>()).unwrap();
        assert!(!w.is_similar_to_symmetric());
        let w = w.row_standardized().unwrap();
        let omega = w.eigenvalues().unwrap();
        let m = Moments::of_powers(w.csr(), 1.0, 16, 40, 11);
        check(&m, &omega, &[-0.8, -0.5, 0.0, 0.3, 0.6, 0.9]);
        assert_eq!(m.interval(), (-1.0, 1.0));
        let mut small = w.csr().clone();
        small.values = small.divided_by(1e8);
        let same = Moments::of_powers(&small, 1e8, 16, 40, 11);
        let (f, g) = (m.at(0.6), same.at(0.6e8));
        assert!((f.0 - g.0).abs() < 1e-9 && (f.1 - g.1 * 1e8).abs() < 1e-7);
    }

    #[test]
    fn without_links() {
        let none = Weights::from_links_at(&Units::range(5), []).unwrap();
        let m = Moments::of(none.csr(), none.symmetrizer().unwrap(), 1.0, 8, 60, 1);
        let (f, f1, f2) = m.at(0.7);
        assert!(
            f.abs() < 1e-14 && f1.abs() < 1e-14 && f2.abs() < 1e-13,
            "{f} {f1} {f2}"
        );
        let m = Moments::of_powers(none.csr(), 1.0, 8, 40, 1);
        assert_eq!(m.at(0.7), (0.0, 0.0, 0.0));
    }
}
