//! The regression of Dickey and Fuller with lagged differences, and the choice of their number.

use super::lags::{Deterministic, Lags};

/// A column that keeps less than this share of its length beside the ones before it is a combination of them.
const RANK: f64 = 1e-10;

/// Why a series has no regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Degenerate {
    /// A regressor is a combination of the ones before it.
    Collinear,
    /// Nothing is left of the response.
    Exact,
}

/// Columns of one length, one after the other, made orthonormal from left to right (modified Gram and Schmidt).
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub(super) data: Vec<f64>,
    pub(super) rows: usize,
    /// R of [X, y], row by row.
    r: Vec<f64>,
}

impl Columns {
    pub(super) fn clear(&mut self, rows: usize) {
        self.data.clear();
        self.rows = rows;
    }

    pub(super) fn count(&self) -> usize {
        self.data.len() / self.rows.max(1)
    }

    pub(super) fn column(&self, j: usize) -> &[f64] {
        &self.data[j * self.rows..(j + 1) * self.rows]
    }

    /// Makes the first `fixed` columns orthonormal and takes their part out of the ones after them.
    pub(super) fn orthogonalize(&mut self, fixed: usize) -> Result<(), Degenerate> {
        let (rows, count) = (self.rows, self.count());
        self.r.clear();
        self.r.resize(count * count, 0.0);
        for j in 0..fixed {
            self.r[j * count + j] = norm(self.column(j));
        }
        for j in 0..fixed {
            let length = self.r[j * count + j];
            let (done, later) = self.data.split_at_mut((j + 1) * rows);
            let q = &mut done[j * rows..];
            let left = norm(q);
            if !(left > RANK * length) {
                return Err(Degenerate::Collinear);
            }
            for v in q.iter_mut() {
                *v /= left;
            }
            self.r[j * count + j] = left;
            for (l, column) in later.chunks_exact_mut(rows).enumerate() {
                let part = dot(q, column);
                self.r[j * count + j + 1 + l] = part;
                subtract(column, part, q);
            }
        }
        Ok(())
    }

    /// Element of R.
    pub(super) fn r(&self, i: usize, j: usize) -> f64 {
        self.r[i * self.count() + j]
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (four, rest) = a.as_chunks::<4>();
    let (others, last) = b.as_chunks::<4>();
    let mut sum = [0.0; 4];
    for (x, y) in four.iter().zip(others) {
        for k in 0..4 {
            sum[k] += x[k] * y[k];
        }
    }
    let tail: f64 = rest.iter().zip(last).map(|(x, y)| x * y).sum();
    (sum[0] + sum[2]) + (sum[1] + sum[3]) + tail
}

pub(super) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// a - c b.
pub(super) fn subtract(a: &mut [f64], c: f64, b: &[f64]) {
    for (x, y) in a.iter_mut().zip(b) {
        *x -= c * y;
    }
}

/// Δy_t = d_t + rho y_(t-1) + Σ_j φ_j Δy_(t-j) + e_t.
#[derive(Debug, Clone)]
pub(super) struct Regression {
    pub(super) lag: usize,
    /// Number of observations.
    pub(super) rows: usize,
    /// Number of coefficients.
    pub(super) count: usize,
    pub(super) rho: f64,
    pub(super) std_error: f64,
    pub(super) rss: f64,
    pub(super) residuals: Vec<f64>,
    /// What the regressors span: columns of `rows`, orthonormal.
    pub(super) basis: Vec<f64>,
}

impl Regression {
    /// rho over its standard error, with the residual variance RSS / (n - k).
    pub(super) fn t(&self) -> f64 {
        self.rho / self.std_error
    }

    /// rho alone.
    pub(super) fn coefficient(&self) -> Coefficient {
        Coefficient {
            value: self.rho,
            std_error: self.std_error,
            df: (self.rows - self.count) as f64,
        }
    }
}

/// Fewest periods with which a regression with this many lags has a degree of freedom.
pub(super) fn fewest_periods(deterministic: Deterministic, lag: usize) -> usize {
    lag.saturating_mul(2)
        .saturating_add(deterministic.count() + 3)
}

/// Fills the columns d, Δy_(t-1), …, Δy_(t-p), y_(t-1), Δy_t, for the periods from `start` on.
fn fill(columns: &mut Columns, y: &[f64], deterministic: Deterministic, lag: usize, start: usize) {
    let rows = y.len() - start;
    columns.clear(rows);
    deterministic.append(rows, &mut columns.data);
    for j in 1..=lag {
        columns
            .data
            .extend((start..y.len()).map(|t| y[t - j] - y[t - j - 1]));
    }
    columns.data.extend(&y[start - 1..y.len() - 1]);
    columns
        .data
        .extend((start..y.len()).map(|t| y[t] - y[t - 1]));
}

/// The regression with a number of lags, of all periods that it can have.
pub(super) fn regress(
    columns: &mut Columns,
    y: &[f64],
    deterministic: Deterministic,
    lag: usize,
) -> Result<Regression, Degenerate> {
    fill(columns, y, deterministic, lag, lag + 1);
    let (rows, k) = (columns.rows, columns.count() - 1);
    let length = norm(columns.column(k));
    columns.orthogonalize(k)?;
    let residuals = columns.column(k).to_vec();
    let rss = dot(&residuals, &residuals);
    if !(rss.sqrt() > RANK * length) {
        return Err(Degenerate::Exact);
    }
    let r = columns.r(k - 1, k - 1);
    Ok(Regression {
        lag,
        rows,
        count: k,
        rho: columns.r(k - 1, k) / r,
        std_error: (rss / (rows - k) as f64).sqrt() / r,
        rss,
        residuals,
        basis: columns.data[..k * rows].to_vec(),
    })
}

/// A coefficient of a regression, and nothing else of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coefficient {
    pub(super) value: f64,
    pub(super) std_error: f64,
    pub(super) df: f64,
}

impl Coefficient {
    /// That of the last regressor of a filled regression.
    fn last(columns: &mut Columns) -> Result<Self, Degenerate> {
        let (rows, k) = (columns.rows, columns.count() - 1);
        columns.orthogonalize(k)?;
        let rss = dot(columns.column(k), columns.column(k));
        let (df, r) = ((rows - k) as f64, columns.r(k - 1, k - 1));
        Ok(Self {
            value: columns.r(k - 1, k) / r,
            std_error: (rss / df).sqrt() / r,
            df,
        })
    }

    pub(super) fn t(&self) -> f64 {
        self.value / self.std_error
    }
}

/// rho of [`regress`].
pub(super) fn rho(
    columns: &mut Columns,
    y: &[f64],
    deterministic: Deterministic,
    lag: usize,
) -> Result<Coefficient, Degenerate> {
    fill(columns, y, deterministic, lag, lag + 1);
    Coefficient::last(columns)
}

/// The residuals of [`regress`].
pub(super) fn left<'a>(
    columns: &'a mut Columns,
    y: &[f64],
    deterministic: Deterministic,
    lag: usize,
) -> Result<&'a [f64], Degenerate> {
    fill(columns, y, deterministic, lag, lag + 1);
    let k = columns.count() - 1;
    columns.orthogonalize(k)?;
    Ok(columns.column(k))
}

/// The constant of [`regress`] with a constant.
pub(super) fn constant(
    columns: &mut Columns,
    y: &[f64],
    lag: usize,
) -> Result<Coefficient, Degenerate> {
    fill(columns, y, Deterministic::None, lag, lag + 1);
    // Before Δy.
    let (rows, at) = (columns.rows, columns.data.len() - columns.rows);
    let ones = std::iter::repeat_n(1.0, rows);
    columns.data.splice(at..at, ones);
    Coefficient::last(columns)
}

/// φ_1, …, φ_p and the standard deviation of e where rho is given and there is no constant.
pub(super) fn restricted(
    columns: &mut Columns,
    y: &[f64],
    lag: usize,
    rho: f64,
) -> Result<(Vec<f64>, f64), Degenerate> {
    fill(columns, y, Deterministic::None, lag, lag + 1);
    let rows = columns.rows;
    let level = columns.column(lag).to_vec();
    columns.data.drain(lag * rows..(lag + 1) * rows);
    subtract(&mut columns.data[lag * rows..], rho, &level);
    columns.orthogonalize(lag)?;
    let mut phi = vec![0.0; lag];
    for i in (0..lag).rev() {
        let known: f64 = (i + 1..lag).map(|j| columns.r(i, j) * phi[j]).sum();
        phi[i] = (columns.r(i, lag) - known) / columns.r(i, i);
    }
    let left = columns.column(lag);
    Ok((phi, (dot(left, left) / (rows - lag) as f64).sqrt()))
}

/// What Δy and y_(t-1) keep beside d and the lagged differences: the auxiliary regressions of Levin, Lin and Chu.
pub(super) fn partialled(
    columns: &mut Columns,
    y: &[f64],
    deterministic: Deterministic,
    lag: usize,
) -> Result<(Vec<f64>, Vec<f64>), Degenerate> {
    fill(columns, y, deterministic, lag, lag + 1);
    let k = columns.count() - 2;
    columns.orthogonalize(k)?;
    Ok((columns.column(k + 1).to_vec(), columns.column(k).to_vec()))
}

/// The number of lags of a series.
pub(super) fn choose(
    columns: &mut Columns,
    y: &[f64],
    deterministic: Deterministic,
    lags: Lags,
) -> Result<usize, Degenerate> {
    let most = lags.most();
    if most == 0 || matches!(lags, Lags::Fixed(_)) {
        return Ok(most);
    }
    // d, y_(t-1), Δy_(t-1), …, Δy_(t-p), Δy_t, so that every shorter regression is a leading part.
    let start = most + 1;
    let rows = y.len() - start;
    columns.clear(rows);
    deterministic.append(rows, &mut columns.data);
    columns.data.extend(&y[start - 1..y.len() - 1]);
    for j in 0..=most {
        let j = if j == most { 0 } else { j + 1 };
        columns
            .data
            .extend((start..y.len()).map(|t| y[t - j] - y[t - j - 1]));
    }
    let k = columns.count() - 1;
    let length = norm(columns.column(k));
    columns.orthogonalize(k)?;
    let last = columns.column(k);
    let mut rss = vec![dot(last, last)];
    if !(rss[0].sqrt() > RANK * length) {
        return Err(Degenerate::Exact);
    }
    // From the largest number of lags to none.
    for j in (k - most..k).rev() {
        let more = columns.r(j, k).powi(2);
        rss.push(rss[rss.len() - 1] + more);
    }
    let n = rows as f64;
    let of = |lag: usize| rss[most - lag];
    let coefficients = |lag: usize| (k - most + lag) as f64;
    let criterion = |lag: usize, price: f64| (of(lag) / n).ln() + price * coefficients(lag) / n;
    Ok(match lags {
        Lags::Aic(_) => smallest(most, |lag| criterion(lag, 2.0)),
        Lags::Bic(_) => smallest(most, |lag| criterion(lag, n.ln())),
        _ => (1..=most)
            .rev()
            .find(|&lag| {
                let variance = of(lag) / (n - coefficients(lag));
                ((of(lag - 1) - of(lag)) / variance).sqrt() >= 1.96
            })
            .unwrap_or(0),
    })
}

/// The argument of the smallest value, the larger one of equals.
fn smallest(most: usize, f: impl Fn(usize) -> f64) -> usize {
    let mut best = (most, f(most));
    for lag in (0..most).rev() {
        let value = f(lag);
        if value < best.1 {
            best = (lag, value);
        }
    }
    best.0
}
