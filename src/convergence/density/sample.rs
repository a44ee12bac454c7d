//! A sorted sample with weights, and the sums of Gaussian kernels over it.

/// Values in ascending order with weights that sum to one.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    values: Vec<f64>,
    weights: Vec<f64>,
    /// (Σ w)² / Σ w², n for equal weights.
    effective: f64,
}

/// Kernels beyond so many bandwidths underflow.
const UNDERFLOW: f64 = 38.6;

impl Sample {
    /// From values in any order, and positive weights in the same order.
    pub(super) fn new(values: &[f64], weights: Option<&[f64]>) -> Self {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]).then(i.cmp(&j)));
        let count = values.len() as f64;
        let (weights, effective) = match weights {
            None => (vec![1.0 / count; values.len()], count),
            Some(w) => {
                let total: f64 = w.iter().sum();
                let shares: Vec<f64> = order.iter().map(|&i| w[i] / total).collect();
                let squares: f64 = shares.iter().map(|w| w * w).sum();
                (shares, 1.0 / squares)
            }
        };
        Self {
            values: order.iter().map(|&i| values[i]).collect(),
            weights,
            effective,
        }
    }

    /// The same in another unit.
    pub(super) fn over(&self, unit: f64) -> Self {
        let mut sample = self.clone();
        sample.values.iter_mut().for_each(|x| *x /= unit);
        sample
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn weights(&self) -> &[f64] {
        &self.weights
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.values
            .iter()
            .copied()
            .zip(self.weights.iter().copied())
    }

    /// Kish's effective number of observations.
    pub(super) fn effective(&self) -> f64 {
        self.effective
    }

    /// Smallest and largest value.
    pub(super) fn ends(&self) -> (f64, f64) {
        let first = self.values.first().copied().unwrap_or(0.0);
        (first, self.values.last().copied().unwrap_or(first))
    }

    /// How many values differ.
    pub(super) fn distinct(&self) -> usize {
        let steps = self.values.windows(2).filter(|p| p[0] < p[1]).count();
        steps + usize::from(!self.values.is_empty())
    }

    pub(super) fn mean(&self) -> f64 {
        self.pairs().map(|(x, w)| w * x).sum()
    }

    /// The root of Σ w (x - m)² / (1 - Σ w²), the sample standard deviation where weights are equal; of values of any size.
    pub(super) fn sd(&self) -> f64 {
        let mean = self.mean();
        let away = |x: &f64| (x - mean).abs();
        let largest = self.values.iter().map(away).fold(0.0, f64::max);
        if !(largest > 0.0) {
            return 0.0;
        }
        let squares = |(x, w): (f64, f64)| w * ((x - mean) / largest).powi(2);
        let sum: f64 = self.pairs().map(squares).sum();
        largest * (sum / (1.0 - 1.0 / self.effective)).sqrt()
    }

    /// The quantile of type 7 of Hyndman and Fan, with weights by Akinshin (2023).
    pub(super) fn quantile(&self, p: f64) -> f64 {
        // the step function of the quantiles, averaged over [l, l + 1 / effective]
        let low = p * (self.effective - 1.0) / self.effective;
        let within = |t: f64| ((t - low) * self.effective).clamp(0.0, 1.0);
        let (mut reached, mut sum) = (0.0, 0.0);
        for (x, w) in self.pairs() {
            let next = reached + w;
            sum += x * (within(next) - within(reached));
            reached = next;
        }
        sum
    }

    /// The positions of the values within `reach` of z.
    fn near(&self, z: f64, reach: f64) -> std::ops::Range<usize> {
        let from = self.values.partition_point(|x| *x < z - reach);
        let to = self.values.partition_point(|x| *x <= z + reach);
        from..to.max(from)
    }

    /// Σ w (φ(u), u φ(u)) / h with u = (z - x) / h: the density, and minus h times its slope.
    pub(super) fn density_and_slope(&self, z: f64, h: f64) -> (f64, f64) {
        let near = self.near(z, UNDERFLOW * h);
        let terms = self.values[near.clone()].iter().zip(&self.weights[near]);
        let (mut value, mut slope) = (0.0, 0.0);
        for (x, w) in terms {
            let u = (z - x) / h;
            let k = w * (-0.5 * u * u).exp();
            value += k;
            slope += u * k;
        }
        let scale = 1.0 / (h * (2.0 * std::f64::consts::PI).sqrt());
        (scale * value, scale * slope)
    }

    /// Σ w φ((z - x) / h) / h.
    pub(super) fn density(&self, z: f64, h: f64) -> f64 {
        self.density_and_slope(z, h).0
    }

    /// Σ w Φ((z - x) / h).
    pub(super) fn distribution(&self, z: f64, h: f64) -> f64 {
        let near = self.near(z, UNDERFLOW * h);
        let below: f64 = self.weights[..near.start].iter().sum();
        let terms = self.values[near.clone()].iter().zip(&self.weights[near]);
        let sum: f64 = terms.map(|(x, w)| w * normal_below((z - x) / h)).sum();
        (below + sum).min(1.0)
    }
}

/// Φ(u).
pub(super) fn normal_below(u: f64) -> f64 {
    0.5 * libm::erfc(-u / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_are_no_weights() {
        let x = [3.0, 1.0, 7.5, 2.0, 2.0, 9.0];
        let (plain, equal) = (Sample::new(&x, None), Sample::new(&x, Some(&[4.0; 6])));
        assert!((plain.effective() - equal.effective()).abs() < 1e-12);
        assert!((plain.sd() - equal.sd()).abs() < 1e-12);
        // numpy.quantile(x, [.25, .5, .9])
        for (p, q) in [(0.25, 2.0), (0.5, 2.5), (0.9, 8.25)] {
            assert!((plain.quantile(p) - q).abs() < 1e-12);
            assert!((equal.quantile(p) - q).abs() < 1e-12);
        }
        assert_eq!(plain.distinct(), 5);
    }
}
