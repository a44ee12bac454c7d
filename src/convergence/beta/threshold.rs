//! The split of a sample at a value of one column: where it lies, whether there is one, and how well it is known.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::error::{Error, Result};
use crate::inference::{Alternative, Distribution, Draws, TestResult};
use crate::linalg::triangular::{cholesky, solve_upper_transposed};
use crate::parallel::map_indexed;
use crate::random::Stream;
use crate::regression::Fit;

/// A threshold that splits the units into two clubs, with the evidence for it.
///
/// The estimate minimises the sum of squared residuals S(g) over the values g of the column, where units with at most g have coefficients of
/// their own and the others have theirs.
///
/// The [`test`](Self::test) of one regression for all is the largest over g of the Lagrange multiplier statistic R(g)'K(g)^-1 R(g), R(g) the sum of
/// x_i e_i over the units up to g and K(g) its heteroskedasticity-robust covariance, e the residuals of one regression. Its p-value is that of
/// the fixed-regressor bootstrap: e_i with a sign drawn at random in the place of the response, (1 + count of draws as large) / (1 + draws). Hansen takes normal
/// numbers for signs; in small samples his test is too cautious, 2 % in the place of 5 % in 48 units, where with signs it holds its size.
///
/// The confidence set of g holds the values with n (S(g) - S) / S at most -2 ln(1 - √level) times the [`scale`](Self::scale), S the smallest S(g).
///
/// # References
///
/// Hansen (1996), Econometrica 64: 413-430; Hansen (2000), Econometrica 68: 575-603; Durlauf and Johnson (1995), Journal of Applied
/// Econometrics 10: 365-384; Davidson and Flachaire (2008), Journal of Econometrics 146: 162-169, for the signs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Threshold {
    /// The column.
    pub column: String,
    /// The largest value of the column in the lower club.
    pub value: f64,
    /// The sum of squared residuals of the two clubs.
    pub sum_of_squares: f64,
    /// That of one regression for all units.
    pub sum_of_squares_of_one: f64,
    /// The test that there is one regression for all units.
    pub test: TestResult,
    /// What heteroskedasticity multiplies the likelihood ratio by, eta²: the ratio of the means of (d'x)² e² / sigma² and of (d'x)² where the
    /// column is at the threshold, d the differences of coefficients; means by the kernel of Epanechnikov with the bandwidth 2.344 n^(-1/5) times the
    /// standard deviation of the column. One under homoskedasticity.
    pub scale: f64,
    /// Values at which the sample may be split, ascending, and n (S(g) - S) / S of each.
    pub likelihood_ratios: Vec<(f64, f64)>,
}

impl Threshold {
    /// The values of the column in the confidence set of a level such as 0.95, ascending; robust to heteroskedasticity.
    #[must_use]
    pub fn confidence_set(&self, level: f64) -> Vec<f64> {
        self.up_to(level, self.scale)
    }

    /// The same under homoskedasticity.
    #[must_use]
    pub fn homoskedastic_confidence_set(&self, level: f64) -> Vec<f64> {
        self.up_to(level, 1.0)
    }

    fn up_to(&self, level: f64, scale: f64) -> Vec<f64> {
        let most = scale * critical_value(level);
        let within = self
            .likelihood_ratios
            .iter()
            .filter(|(_, ratio)| *ratio <= most);
        within.map(|(value, _)| *value).collect()
    }
}

/// The quantile of Hansen's (2000) limit, with P(xi ≤ c) = (1 - exp(-c / 2))².
fn critical_value(level: f64) -> f64 {
    -2.0 * (-level.clamp(0.0, 1.0).sqrt()).ln_1p()
}

/// The share of the units that a club has at least.
pub(super) const TRIM: f64 = 0.15;
/// A club whose regressors vary less than this, relative to all units, has no coefficients of its own.
const SMALLEST_PIVOT: f64 = 1e-10;
/// Bandwidth of the kernel for a normal density.
const BANDWIDTH: f64 = 2.344;

/// A place between two units at which the sample may be split.
struct Candidate {
    /// Number of units in the lower club.
    below: usize,
    value: f64,
    /// Cholesky factors of M1, I - M1, and of K.
    lower: Array2<f64>,
    upper: Array2<f64>,
    scores: Array2<f64>,
}

/// Threshold of a fit by least squares without weights, by a column.
pub(super) fn threshold(
    fit: &Fit,
    column: &str,
    values: ArrayView1<'_, f64>,
    draws: Draws,
) -> Result<Threshold> {
    let (count, seed) = draws.checked()?;
    let (n, k) = fit.x().dim();
    let least = ((TRIM * n as f64).ceil() as usize).max(k + 2);
    if n < 2 * least {
        return Err(Error::TooFewUnits {
            what: format!("two clubs with {k} coefficients each"),
            needed: 2 * (k + 2),
            n,
        });
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    let by = values.select(Axis(0), &order);
    if by[0] >= by[n - 1] {
        return Err(Error::Constant {
            name: column.to_owned(),
            what: "a threshold",
        });
    }
    // An orthonormal basis of the regressors in the place of X: sums of squares and statistics are the same.
    let q = basis(fit, &order);
    let e = fit.residuals().select(Axis(0), &order);
    let candidates = candidates(q.view(), &e, &by, least)?;
    let total = e.dot(&e);
    let sums = partial_sums(q.view(), &e);
    let gain = |c: &Candidate| {
        let r = sums.row(c.below - 1);
        squared(&c.lower, r) + squared(&c.upper, r)
    };
    let Some(best) = candidates
        .iter()
        .max_by(|a, b| gain(a).total_cmp(&gain(b)).then(b.below.cmp(&a.below)))
    else {
        return Err(Error::Unsupported {
            what: format!("a threshold of `{column}`"),
            why: format!(
                "no value leaves {least} units with regressors that vary on either side of it: too many units share a value; take another column"
            ),
        });
    };
    let smallest = total - gain(best);
    let statistic = supremum(&candidates, &sums);
    // Signs may come back, and the same statistic is then as large.
    let as_large_as = statistic * (1.0 - 1e-10);
    let as_large = map_indexed(count, |replicate| {
        let mut stream = Stream::new(seed, replicate as u64);
        let y = e.mapv(|e| if stream.uniform() < 0.5 { e } else { -e });
        let residuals = &y - &q.dot(&q.t().dot(&y));
        supremum(&candidates, &partial_sums(q.view(), &residuals)) >= as_large_as
    });
    let as_large = as_large.into_iter().filter(|large| *large).count();
    let test = TestResult {
        name: "Threshold, sup-LM".to_owned(),
        statistic,
        distribution: Distribution::Empirical { draws: count },
        null: "one regression for all units".to_owned(),
        alternative: Alternative::Greater,
        p_value: (1 + as_large) as f64 / (1 + count) as f64,
    };
    let ratio = |c: &Candidate| n as f64 * (gain(best) - gain(c)) / smallest;
    Ok(Threshold {
        column: column.to_owned(),
        value: best.value,
        sum_of_squares: smallest,
        sum_of_squares_of_one: total,
        test,
        scale: scale(best, q.view(), &e, &by, sums.row(best.below - 1), column)?,
        likelihood_ratios: candidates.iter().map(|c| (c.value, ratio(c))).collect(),
    })
}

/// X R^-1, rows in order.
fn basis(fit: &Fit, order: &[usize]) -> Array2<f64> {
    let mut q = fit.x().select(Axis(0), order);
    for mut row in q.rows_mut() {
        let basis = solve_upper_transposed(fit.sample.r.view(), row.view());
        row.assign(&basis);
    }
    q
}

/// Sums of q_i e_i over the units up to each.
fn partial_sums(q: ArrayView2<'_, f64>, e: &Array1<f64>) -> Array2<f64> {
    let mut sums = &q * &e.view().insert_axis(Axis(1));
    sums.accumulate_axis_inplace(Axis(0), |before, now| *now += before);
    sums
}

/// r'(L L')^-1 r.
fn squared(l: &Array2<f64>, r: ArrayView1<'_, f64>) -> f64 {
    let z = solve_upper_transposed(l.t(), r);
    z.dot(&z)
}

fn supremum(candidates: &[Candidate], sums: &Array2<f64>) -> f64 {
    let all = candidates
        .iter()
        .map(|c| squared(&c.scores, sums.row(c.below - 1)));
    all.fold(0.0, f64::max)
}

/// The places at which both clubs have `least` units and coefficients of their own.
fn candidates(
    q: ArrayView2<'_, f64>,
    e: &Array1<f64>,
    by: &Array1<f64>,
    least: usize,
) -> Result<Vec<Candidate>> {
    let (n, k) = q.dim();
    let outer = |q: ArrayView1<'_, f64>, scale: f64, to: &mut Array2<f64>| {
        for ((a, b), to) in to.indexed_iter_mut() {
            *to += q[a] * q[b] * scale;
        }
    };
    let one = Array2::<f64>::eye(k);
    let mut all_scores = Array2::<f64>::zeros((k, k));
    for (q, e) in q.rows().into_iter().zip(e) {
        outer(q, e * e, &mut all_scores);
    }
    let (mut m, mut v) = (Array2::zeros((k, k)), Array2::zeros((k, k)));
    let mut found = Vec::new();
    for below in 1..=n - least {
        let i = below - 1;
        outer(q.row(i), 1.0, &mut m);
        outer(q.row(i), e[i] * e[i], &mut v);
        if below < least || by[i] >= by[below] {
            continue;
        }
        let (Some(lower), Some(upper)) = (factor(&m), factor(&(&one - &m))) else {
            continue;
        };
        let mv = m.dot(&v);
        let k = &v - &mv - mv.t() + m.dot(&all_scores).dot(&m);
        found.push(Candidate {
            below,
            value: by[i],
            lower,
            upper,
            scores: cholesky(k.view(), "the covariance of the scores below a threshold")?,
        });
    }
    Ok(found)
}

/// The Cholesky factor; none where a column hardly varies apart from the others.
fn factor(m: &Array2<f64>) -> Option<Array2<f64>> {
    let l = cholesky(m.view(), "a club").ok()?;
    l.diag().iter().all(|d| d * d > SMALLEST_PIVOT).then_some(l)
}

/// eta² at the split.
fn scale(
    best: &Candidate,
    q: ArrayView2<'_, f64>,
    e: &Array1<f64>,
    by: &Array1<f64>,
    r: ArrayView1<'_, f64>,
    column: &str,
) -> Result<f64> {
    let n = by.len() as f64;
    let solve = |l: &Array2<f64>| {
        let z = solve_upper_transposed(l.t(), r);
        crate::linalg::triangular::solve_upper(l.t(), z.view())
    };
    // Coefficients of the clubs less those of one regression, the upper ones with the other sign.
    let (low, high) = (solve(&best.lower), solve(&best.upper));
    let difference = &low + &high;
    let mean = by.sum() / n;
    let sd = (by.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    let bandwidth = BANDWIDTH * sd * n.powf(-0.2);
    let (mut with_errors, mut without, mut squares) = (0.0, 0.0, 0.0);
    for (i, (q, x)) in q.rows().into_iter().zip(by).enumerate() {
        let residual = if i < best.below {
            e[i] - q.dot(&low)
        } else {
            e[i] + q.dot(&high)
        };
        squares += residual * residual / n;
        let u = (x - best.value) / bandwidth;
        let weight = (1.0 - u * u).max(0.0) * q.dot(&difference).powi(2);
        with_errors += weight * residual * residual;
        without += weight;
    }
    let eta = with_errors / (without * squares);
    if eta.is_finite() && eta > 0.0 {
        return Ok(eta);
    }
    Err(Error::Unsupported {
        what: format!("the confidence set of a threshold of `{column}`"),
        why: "next to it the two clubs have the same regression, or fit without error".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hansen (2000), table 1.
    #[test]
    fn critical_values_are_the_published_ones() {
        let table = [
            (0.8, 4.50),
            (0.85, 5.10),
            (0.9, 5.94),
            (0.925, 6.53),
            (0.95, 7.35),
            (0.975, 8.75),
            (0.99, 10.59),
        ];
        for (level, value) in table {
            assert!(
                (critical_value(level) - value).abs() < 0.005 + 1e-9,
                "{level}"
            );
        }
        assert!(critical_value(0.0).abs() < 1e-15 && critical_value(1.0).is_infinite());
    }
}
