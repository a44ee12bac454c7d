//! Dickey-Fuller regressions augmented by averages over units: the t of all units at once.

use super::dickey_fuller::{Columns, Degenerate, dot, norm, subtract};
use super::lags::Deterministic;

/// The shape of the regressions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) periods: usize,
    pub(super) lags: usize,
    pub(super) deterministic: Deterministic,
}

impl Shape {
    /// Number of observations, T - 1 - p.
    pub(super) fn observations(self) -> usize {
        self.periods.saturating_sub(1 + self.lags)
    }

    /// Number of coefficients: d + 3 + 2 p.
    pub(super) fn coefficients(self) -> usize {
        self.deterministic.count() + 3 + 2 * self.lags
    }

    /// Fewest periods that leave a degree of freedom.
    pub(super) fn fewest_periods(self) -> usize {
        self.lags
            .saturating_mul(3)
            .saturating_add(self.deterministic.count() + 5)
    }
}

/// What the regressions of one panel after another may share.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    mean: Vec<f64>,
    common: Columns,
    own: Columns,
}

/// Why there are no statistics: the averages, or the unit at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Averages,
    Unit(usize, Degenerate),
}

/// A norm below this share of what it is compared with is rounding.
const RANK: f64 = 1e-10;

/// Calls `each` with the t of every unit; `y` is units × periods, unit by unit.
///
/// What all units share, d_t, ybar_(t-1), Δybar_t, …, Δybar_(t-p), is made orthonormal once.
pub(super) fn statistics(
    memory: &mut Memory,
    y: &[f64],
    shape: Shape,
    mut each: impl FnMut(f64),
) -> Result<(), Refused> {
    let (t, p) = (shape.periods, shape.lags);
    let Memory { mean, common, own } = memory;
    let (start, rows) = (p + 1, shape.observations());
    mean.clear();
    mean.resize(t, 0.0);
    for series in y.chunks_exact(t) {
        for (m, v) in mean.iter_mut().zip(series) {
            *m += v;
        }
    }
    let n = (y.len() / t) as f64;
    for m in mean.iter_mut() {
        *m /= n;
    }
    common.clear(rows);
    shape.deterministic.append(rows, &mut common.data);
    common.data.extend(&mean[start - 1..t - 1]);
    for j in 0..=p {
        common
            .data
            .extend((start..t).map(|s| mean[s - j] - mean[s - j - 1]));
    }
    let shared = common.count();
    common
        .orthogonalize(shared)
        .map_err(|_| Refused::Averages)?;
    let freedom = (rows - shape.coefficients()) as f64;
    for (i, series) in y.chunks_exact(t).enumerate() {
        own.clear(rows);
        for j in 1..=p {
            own.data
                .extend((start..t).map(|s| series[s - j] - series[s - j - 1]));
        }
        own.data.extend(&series[start - 1..t - 1]);
        own.data
            .extend((start..t).map(|s| series[s] - series[s - 1]));
        for (j, column) in own.data.chunks_exact_mut(rows).enumerate() {
            let before = norm(column);
            for q in common.data.chunks_exact(rows) {
                let part = dot(q, column);
                subtract(column, part, q);
            }
            if !(norm(column) > RANK * before) {
                let why = if j == p + 1 {
                    Degenerate::Exact
                } else {
                    Degenerate::Collinear
                };
                return Err(Refused::Unit(i, why));
            }
        }
        own.orthogonalize(p + 1)
            .map_err(|why| Refused::Unit(i, why))?;
        let residuals = own.column(p + 1);
        let rss = dot(residuals, residuals);
        if !(rss > 0.0) {
            return Err(Refused::Unit(i, Degenerate::Exact));
        }
        each(own.r(p, p + 1) / (rss / freedom).sqrt());
    }
    Ok(())
}
