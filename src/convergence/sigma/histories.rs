//! The numbers behind the bootstrap of dispersion: each period sorted once, two passes for each draw.

use ndarray::{ArrayView1, ArrayView2};

use crate::random::Stream;

/// The four measures of one kind: sd of logs, CV, Theil, Gini.
pub(super) const KINDS: usize = 4;

/// Whole histories of units, to be drawn with replacement.
#[derive(Debug, Clone)]
pub(super) struct Histories {
    n: usize,
    periods: Vec<Sorted>,
    /// n / (n - 1) or one: what the divisor of unweighted sd and CV makes of variances with n.
    correction: f64,
}

/// One period in the order of its values.
#[derive(Debug, Clone)]
struct Sorted {
    units: Vec<u32>,
    /// Values over their mean.
    x: Vec<f64>,
    /// Logs of them.
    l: Vec<f64>,
    /// Weights over their mean, where there are any.
    p: Option<Vec<f64>>,
}

/// The distribution of one draw in one period.
#[derive(Debug, Clone, Copy)]
struct Moments {
    total: f64,
    mean_log: f64,
    variance_log: f64,
    /// Mean of x - 1.
    mean: f64,
    variance: f64,
    product: f64,
    values: [f64; KINDS],
}

impl Histories {
    pub(super) fn new(
        levels: ArrayView2<'_, f64>,
        weights: Option<ArrayView2<'_, f64>>,
        subtracted: usize,
    ) -> Self {
        let n = levels.ncols();
        let sorted = |(t, x): (usize, ArrayView1<'_, f64>)| {
            Sorted::new(x, weights.as_ref().map(|w| w.row(t)))
        };
        Self {
            n,
            periods: levels.rows().into_iter().enumerate().map(sorted).collect(),
            correction: n as f64 / (n - subtracted) as f64,
        }
    }

    pub(super) fn n(&self) -> usize {
        self.n
    }

    pub(super) fn count(&self) -> usize {
        self.periods.len()
    }

    /// How often each unit is in draw r.
    pub(super) fn draw(&self, seed: u64, r: usize, counts: &mut Vec<f64>) {
        counts.clear();
        counts.resize(self.n, 0.0);
        let mut stream = Stream::new(seed, r as u64);
        for _ in 0..self.n {
            counts[stream.below(self.n as u32) as usize] += 1.0;
        }
    }

    /// Values and standard errors of the four measures in period t.
    pub(super) fn level(
        &self,
        t: usize,
        weighted: bool,
        counts: &[f64],
    ) -> ([f64; KINDS], [f64; KINDS]) {
        let period = &self.periods[t];
        let moments = period.moments(weighted, counts);
        let mut squares = [0.0; KINDS];
        period.influences(&moments, weighted, counts, |_, c, influence| {
            for (s, i) in squares.iter_mut().zip(influence) {
                *s += c * i * i;
            }
        });
        let scales = self.scales(weighted);
        let scaled = |v: [f64; KINDS]| std::array::from_fn(|k| v[k] * scales[k]);
        (scaled(moments.values), scaled(squares.map(f64::sqrt)))
    }

    /// Σ_t a_t (measure in t), and the influence of each unit on it: its standard error is √(Σ c_i influence_i²).
    pub(super) fn contrast(
        &self,
        a: &[f64],
        kind: usize,
        weighted: bool,
        counts: &[f64],
        influences: &mut Vec<f64>,
    ) -> f64 {
        influences.clear();
        influences.resize(self.n, 0.0);
        let scale = self.scales(weighted)[kind];
        let mut value = 0.0;
        for (period, a) in self.periods.iter().zip(a).filter(|(_, a)| **a != 0.0) {
            let moments = period.moments(weighted, counts);
            value += a * scale * moments.values[kind];
            period.influences(&moments, weighted, counts, |unit, _, influence| {
                influences[unit] += a * scale * influence[kind];
            });
        }
        value
    }

    fn scales(&self, weighted: bool) -> [f64; KINDS] {
        let s = if weighted {
            1.0
        } else {
            self.correction.sqrt()
        };
        [s, s, 1.0, 1.0]
    }
}

impl Sorted {
    fn new(x: ArrayView1<'_, f64>, p: Option<ArrayView1<'_, f64>>) -> Self {
        let n = x.len() as f64;
        let mut units: Vec<u32> = (0..x.len() as u32).collect();
        units.sort_by(|&a, &b| x[a as usize].total_cmp(&x[b as usize]));
        let in_order = |v: ArrayView1<'_, f64>| {
            let mean = v.sum() / n;
            let values = units.iter().map(|&u| v[u as usize] / mean);
            values.collect::<Vec<f64>>()
        };
        let x = in_order(x);
        Self {
            l: x.iter().map(|v| v.ln()).collect(),
            p: p.map(in_order),
            x,
            units,
        }
    }

    fn weight(&self, weighted: bool, i: usize) -> f64 {
        match &self.p {
            Some(p) if weighted => p[i],
            _ => 1.0,
        }
    }

    fn moments(&self, weighted: bool, counts: &[f64]) -> Moments {
        let mut sums = [0.0; 6];
        let mut below = 0.0;
        let count = |i: usize| counts[self.units[i] as usize];
        for (i, (x, l)) in self.x.iter().zip(&self.l).enumerate() {
            let w = count(i) * self.weight(weighted, i);
            let d = x - 1.0;
            let (wl, wd) = (w * l, w * d);
            sums[0] += wl;
            sums[1] += wl * l;
            sums[2] += wd;
            sums[3] += wd * d;
            sums[4] += wl * x;
            sums[5] += wd * (2.0 * below + w);
            below += w;
        }
        let total = below;
        let [mean_log, square_log, mean, square, product, spread] = sums.map(|s| s / total);
        let mut moments = Moments {
            total,
            mean_log,
            variance_log: (square_log - mean_log * mean_log).max(0.0),
            mean,
            variance: (square - mean * mean).max(0.0),
            product,
            values: [0.0; KINDS],
        };
        // A draw of one value alone has no dispersion, whatever the rounding.
        let mut drawn = (0..self.x.len()).filter(|&i| count(i) > 0.0);
        let ends = (drawn.next(), drawn.next_back());
        let constant = match ends {
            (Some(low), Some(high)) => self.x[low] >= self.x[high],
            _ => true,
        };
        if constant {
            moments.variance_log = 0.0;
            moments.variance = 0.0;
            return moments;
        }
        let mu = 1.0 + mean;
        moments.values = [
            moments.variance_log.sqrt(),
            moments.variance.sqrt() / mu,
            (product / mu - mu.ln()).max(0.0),
            ((spread / total - mean) / mu).max(0.0),
        ];
        moments
    }

    /// For each unit that is drawn, its number, how often, and its influence on each measure: the derivative with respect to its count.
    #[inline]
    fn influences(
        &self,
        m: &Moments,
        weighted: bool,
        counts: &[f64],
        mut take: impl FnMut(usize, f64, [f64; KINDS]),
    ) {
        let [sd, cv, _, gini] = m.values;
        let mu = 1.0 + m.mean;
        let over = |x: f64| if x > 0.0 { 1.0 / x } else { 0.0 };
        let (half_sd, half_cv) = (0.5 * over(sd), 0.5 * over(cv * mu * mu));
        let (slope_cv, slope_theil) = (cv / mu, m.product / (mu * mu) + 1.0 / mu);
        let flat = !(sd > 0.0);
        let (mut below, mut sum_below) = (0.0, 0.0);
        for (i, (x, l)) in self.x.iter().zip(&self.l).enumerate() {
            let unit = self.units[i] as usize;
            let c = counts[unit];
            if c == 0.0 || flat {
                continue;
            }
            let p = self.weight(weighted, i);
            let f = c * p / m.total;
            let (a, d) = (l - m.mean_log, x - 1.0 - m.mean);
            // E |x - X|
            let distance = x * (2.0 * below + f - 1.0) + mu - 2.0 * sum_below - f * x;
            let scale = p / m.total;
            take(
                unit,
                c,
                [
                    scale * (a * a - m.variance_log) * half_sd,
                    scale * ((d * d - m.variance) * half_cv - slope_cv * d),
                    scale * ((x * l - m.product) / mu - slope_theil * d),
                    scale * (distance / mu - gini - gini * x / mu),
                ],
            );
            below += f;
            sum_below += f * x;
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::disparity::{gini_weighted, sd_of_logs, theil_weighted, williamson};

    fn sample() -> (ndarray::Array2<f64>, ndarray::Array2<f64>) {
        let y = array![[3.0, 1.0, 7.0, 2.0, 2.0, 11.0]];
        let p = array![[1.0, 4.0, 2.0, 0.5, 3.0, 1.5]];
        (y, p)
    }

    /// A draw is a sample with repetitions: the measures of the sample written out.
    #[test]
    fn the_measures_of_a_draw_are_those_of_the_sample_written_out() {
        let (y, p) = sample();
        let histories = Histories::new(y.view(), Some(p.view()), 0);
        let counts = [2.0, 0.0, 1.0, 1.0, 2.0, 0.0];
        let (mut x, mut q) = (Vec::new(), Vec::new());
        for (i, c) in counts.iter().enumerate() {
            for _ in 0..*c as usize {
                x.push(y[[0, i]]);
                q.push(p[[0, i]]);
            }
        }
        let ones = vec![1.0; x.len()];
        for (weighted, q) in [(true, &q), (false, &ones)] {
            let (values, _) = histories.level(0, weighted, &counts);
            assert!((values[1] - williamson(&x, q).unwrap()).abs() < 1e-14);
            assert!((values[2] - theil_weighted(&x, q).unwrap()).abs() < 1e-14);
            assert!((values[3] - gini_weighted(&x, q).unwrap()).abs() < 1e-14);
        }
        let (values, _) = histories.level(0, false, &counts);
        let sd = sd_of_logs(&x, crate::disparity::Ddof::Population).unwrap();
        assert!((values[0] - sd).abs() < 1e-14);
        let sample = Histories::new(y.view(), None, 1);
        let corrected = sample.level(0, false, &counts).0;
        assert!((corrected[0] - sd * 1.2_f64.sqrt()).abs() < 1e-14);
    }

    /// The influence of a unit is the derivative with respect to how often it counts.
    #[test]
    fn influences_are_derivatives() {
        let (y, p) = sample();
        let histories = Histories::new(y.view(), Some(p.view()), 0);
        let counts = [2.0, 1.0, 1.0, 1.0, 3.0, 1.0];
        for weighted in [true, false] {
            for kind in 0..KINDS {
                let mut influences = Vec::new();
                histories.contrast(&[1.0], kind, weighted, &counts, &mut influences);
                let mut sum = 0.0;
                for (i, influence) in influences.iter().enumerate() {
                    let h = 1e-5;
                    let at = |step: f64| {
                        let mut moved = counts;
                        moved[i] += step;
                        histories.level(0, weighted, &moved).0[kind]
                    };
                    let slope = (at(h) - at(-h)) / (2.0 * h);
                    assert!(
                        (slope - influence).abs() < 1e-8,
                        "{kind} {i} {slope} {influence}"
                    );
                    sum += counts[i] * influence;
                }
                // The measures depend on shares alone.
                assert!(sum.abs() < 1e-13);
                let squares = influences.iter().zip(counts).map(|(i, c)| c * i * i);
                let error = squares.sum::<f64>().sqrt();
                assert!((histories.level(0, weighted, &counts).1[kind] - error).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn one_value_alone_has_no_dispersion() {
        let (y, p) = sample();
        let histories = Histories::new(y.view(), Some(p.view()), 0);
        // Units 3 and 4 have the same value.
        for weighted in [true, false] {
            let (values, errors) = histories.level(0, weighted, &[0.0, 0.0, 0.0, 4.0, 2.0, 0.0]);
            assert_eq!((values, errors), ([0.0; KINDS], [0.0; KINDS]));
        }
    }
}
