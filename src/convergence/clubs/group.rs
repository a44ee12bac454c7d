//! A group of units as the mean and the squares about it in each period, which grow unit by unit.

use ndarray::ArrayView1;

/// Means and centred sums of squares by period; what is added is positive, so that nothing cancels.
#[derive(Debug, Clone)]
pub(super) struct Group {
    count: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Group {
    pub(super) fn empty(periods: usize) -> Self {
        Self {
            count: 0.0,
            mean: vec![0.0; periods],
            squares: vec![0.0; periods],
        }
    }

    /// Of rows of units.
    pub(super) fn of<'a>(
        periods: usize,
        units: impl IntoIterator<Item = ArrayView1<'a, f64>>,
    ) -> Self {
        let mut group = Self::empty(periods);
        units.into_iter().for_each(|unit| group.add(unit));
        group
    }

    pub(super) fn add(&mut self, unit: ArrayView1<'_, f64>) {
        self.count += 1.0;
        let sums = self.mean.iter_mut().zip(&mut self.squares);
        for (y, (mean, squares)) in unit.iter().zip(sums) {
            let deviation = y - *mean;
            *mean += deviation / self.count;
            *squares += deviation * (y - *mean);
        }
    }

    /// This group and another one.
    pub(super) fn joined(&self, other: &Self) -> Self {
        let count = self.count + other.count;
        let factor = self.count * other.count / count;
        let mut out = self.clone();
        out.count = count;
        for t in 0..self.mean.len() {
            let apart = other.mean[t] - self.mean[t];
            out.mean[t] += apart * other.count / count;
            out.squares[t] += other.squares[t] + apart * apart * factor;
        }
        out
    }

    pub(super) fn mean(&self, t: usize) -> f64 {
        self.mean[t]
    }

    /// H_t = (1/n) Σ (y / mean - 1)².
    pub(super) fn dispersion(&self, t: usize) -> f64 {
        self.squares[t] / self.count / (self.mean[t] * self.mean[t])
    }

    /// H_t of the group with one more unit, whose value is y.
    pub(super) fn dispersion_with(&self, t: usize, y: f64) -> f64 {
        let count = self.count + 1.0;
        let deviation = y - self.mean[t];
        let mean = self.mean[t] + deviation / count;
        let squares = self.squares[t] + deviation * (y - mean);
        squares / count / (mean * mean)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::random::Stream;

    /// By its definition.
    fn slowly(values: &[f64]) -> f64 {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        values.iter().map(|y| (y / mean - 1.0).powi(2)).sum::<f64>() / n
    }

    /// The definition loses what rounding of h near one does to its square.
    fn agree(fast: f64, slow: f64) {
        let rounding = 4.0 * f64::EPSILON;
        let allowed = 2.0 * slow.sqrt() * rounding + rounding * rounding;
        assert!((fast - slow).abs() <= allowed, "{fast} {slow}");
    }

    #[test]
    fn growing_groups_have_the_dispersion_of_their_definition() {
        let mut stream = Stream::new(8, 0);
        let y = Array2::from_shape_fn((40, 3), |_| 10.0 + 1e-3 * stream.normal());
        let mut group = Group::empty(3);
        for n in 1..40 {
            group.add(y.row(n - 1));
            for t in 0..3 {
                let so_far: Vec<f64> = y.column(t).iter().take(n + 1).copied().collect();
                agree(group.dispersion(t), slowly(&so_far[..n]));
                agree(group.dispersion_with(t, y[[n, t]]), slowly(&so_far));
            }
        }
        let (left, right) = (
            Group::of(3, y.rows().into_iter().take(13)),
            Group::of(3, y.rows().into_iter().skip(13)),
        );
        let both = left.joined(&right);
        for t in 0..3 {
            agree(both.dispersion(t), slowly(&y.column(t).to_vec()));
        }
        let alone = Array1::from_elem(3, 2.0);
        assert!(Group::of(3, [alone.view()]).dispersion(0).abs() < f64::MIN_POSITIVE);
    }
}
