//! A quantity with its simulated distribution: percentile and highest density intervals.

/// A quantity (an effect, a speed) with the distribution of its simulated or bootstrapped values.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Simulated {
    /// Its value at the estimate.
    pub value: f64,
    /// Mean of the draws.
    pub mean: f64,
    /// Standard deviation of the draws.
    pub std_error: f64,
    sorted: Vec<f64>,
}

impl Simulated {
    pub(crate) fn new(value: f64, mut draws: Vec<f64>) -> Self {
        draws.sort_unstable_by(f64::total_cmp);
        let n = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / n;
        let std_error = (draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        Self {
            value,
            mean,
            std_error,
            sorted: draws,
        }
    }

    /// The percentile interval at a level such as 0.95: equal shares of draws below and above it.
    #[must_use]
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let tail = (0.5 - 0.5 * level).clamp(0.0, 0.5);
        (self.quantile(tail), self.quantile(1.0 - tail))
    }

    /// The highest density interval at a level such as 0.95: the shortest one from draw to draw that spans this share of the steps
    /// between draws, and the lowest of several.
    ///
    /// With R sorted draws it is `(x_i, x_(i + m))`, m = level · R rounded and at most R - 1, of the i with the smallest length. For the skewed
    /// distribution of an indirect effect it is shorter than the percentile interval; it assumes one peak.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Draws, Lattice, Regression, Table, Weights};
    /// let ring = Weights::lattice(Lattice::rook(1, 9))?.row_standardized()?;
    /// let table = Table::over(ring.units())
    ///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5, 0.5, 3.5, 1.5])?
    ///     .column("y", array![1.6, 2.3, 3.8, 3.7, 4.6, 2.9, 1.2, 3.1, 1.9])?;
    /// let sar = Regression::of("y").on(["x"]).spatial_lag(&ring).fit(&table)?;
    /// let draws = sar.impacts()?.simulated(Draws::new(2_000))?;
    /// let indirect = &draws.of("x")?.indirect;
    /// let ((low, high), (from, to)) = (indirect.hpd_interval(0.9), indirect.interval(0.9));
    /// assert!(high - low < to - from);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Chen and Shao (1999), Journal of Computational and Graphical Statistics 8: 69-92.
    #[must_use]
    #[doc(alias = "HPDinterval")]
    pub fn hpd_interval(&self, level: f64) -> (f64, f64) {
        let count = self.sorted.len();
        let Some(last) = count.checked_sub(1) else {
            return (f64::NAN, f64::NAN);
        };
        let step =
            ((level.clamp(0.0, 1.0) * count as f64).round() as usize).clamp(1.min(last), last);
        let ends = self.sorted.iter().zip(&self.sorted[step..]);
        let shortest = ends.min_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
        shortest.map_or((f64::NAN, f64::NAN), |(low, high)| (*low, *high))
    }

    /// Two-sided p-value of the hypothesis that it is zero: twice the smaller share of draws on one side of zero, with the estimate counted
    /// as a draw.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let r = self.sorted.len() as f64;
        let below = self.sorted.partition_point(|d| *d <= 0.0) as f64;
        let above = r - self.sorted.partition_point(|d| *d < 0.0) as f64;
        (2.0 * (1.0 + below.min(above)) / (1.0 + r)).min(1.0)
    }

    /// Linear interpolation between order statistics.
    fn quantile(&self, p: f64) -> f64 {
        let Some(last) = self.sorted.len().checked_sub(1) else {
            return f64::NAN;
        };
        let at = p * last as f64;
        let below = (at.floor() as usize).min(last);
        let above = (below + 1).min(last);
        self.sorted[below] + (at - below as f64) * (self.sorted[above] - self.sorted[below])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // coda 0.19-4, HPDinterval(as.mcmc(x), level) with x = ((0:199)/50)^3
    #[test]
    fn highest_density_intervals_of_coda() {
        let draws: Vec<f64> = (0..200)
            .rev()
            .map(|i| (f64::from(i) / 50.0).powi(3))
            .collect();
        let effect = Simulated::new(1.0, draws);
        for (level, step) in [(0.95, 190.0), (0.9, 180.0), (0.5, 100.0), (0.001, 1.0)] {
            let (low, high) = effect.hpd_interval(level);
            assert_eq!(low.to_bits(), 0.0_f64.to_bits());
            assert!((high - (step / 50.0_f64).powi(3)).abs() < 1e-12);
        }
        assert_eq!(effect.hpd_interval(1.0), effect.interval(1.0));
        assert_eq!(effect.hpd_interval(7.0), effect.interval(1.0));
        let one = Simulated::new(1.0, vec![2.0]);
        assert_eq!(one.hpd_interval(0.9), (2.0, 2.0));
    }
}
