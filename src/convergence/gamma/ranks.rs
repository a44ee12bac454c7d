//! Mid-ranks, and the rank correlations of two dates.

use std::cmp::Ordering;

/// Twice the ascending mid-ranks less n + 1, their mean: whole numbers with the sum zero, whatever the ties.
pub(crate) fn centred_ranks(values: &[f64]) -> Vec<i64> {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| compare(values[a], values[b]));
    let mut ranks = vec![0; n];
    let mut first = 0;
    while first < n {
        let level = values[order[first]];
        let tied = order[first..]
            .iter()
            .take_while(|&&i| compare(values[i], level) == Ordering::Equal)
            .count();
        // The ranks first + 1, …, first + tied have the mean first + (tied + 1) / 2.
        let doubled = (2 * first + tied + 1) as i64;
        for &i in &order[first..first + tied] {
            ranks[i] = doubled - (n as i64 + 1);
        }
        first += tied;
    }
    ranks
}

/// The order of two finite numbers.
fn compare(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// Sum of squares, without overflow.
pub(crate) fn squares(ranks: &[i64]) -> i128 {
    ranks.iter().map(|&r| i128::from(r) * i128::from(r)).sum()
}

/// Spearman's rho, the correlation of mid-ranks; neither date may be constant.
pub(crate) fn spearman(a: &[i64], b: &[i64]) -> f64 {
    let cross: i128 = a
        .iter()
        .zip(b)
        .map(|(&a, &b)| i128::from(a) * i128::from(b))
        .sum();
    cross as f64 / ((squares(a) as f64).sqrt() * (squares(b) as f64).sqrt())
}

/// Pairs of units by how they stand at two dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PairCounts {
    /// In the same order at both dates.
    pub(crate) concordant: u64,
    /// In opposite orders.
    pub(crate) discordant: u64,
    /// Tied at the first date, or at both.
    pub(crate) tied_first: u64,
    /// Tied at the second date, or at both.
    pub(crate) tied_second: u64,
    /// Tied at both dates.
    pub(crate) tied_both: u64,
}

impl PairCounts {
    /// By Knight's sort, n ln n.
    pub(crate) fn of(a: &[i64], b: &[i64]) -> Self {
        let mut pairs: Vec<(i64, i64)> = a.iter().copied().zip(b.iter().copied()).collect();
        pairs.sort_unstable();
        let tied_both = tied_pairs(&pairs);
        let firsts: Vec<i64> = pairs.iter().map(|p| p.0).collect();
        let tied_first = tied_pairs(&firsts);
        let mut seconds: Vec<i64> = pairs.iter().map(|p| p.1).collect();
        let discordant = sort_counting(&mut seconds);
        let tied_second = tied_pairs(&seconds);
        let n = a.len() as u64;
        let all = n * n.saturating_sub(1) / 2;
        // Pairs that are tied at either date are neither concordant nor discordant.
        let apart = all + tied_both - tied_first - tied_second;
        Self {
            concordant: apart - discordant,
            discordant,
            tied_first,
            tied_second,
            tied_both,
        }
    }

    /// Pairs that differ at the first date, and at the second.
    pub(crate) fn differing(&self) -> (u64, u64) {
        let apart = self.concordant + self.discordant;
        (
            apart + self.tied_second - self.tied_both,
            apart + self.tied_first - self.tied_both,
        )
    }
}

/// Kendall's tau-b by Knight's sort; neither date may be constant.
pub(crate) fn kendall(a: &[i64], b: &[i64]) -> f64 {
    let pairs = PairCounts::of(a, b);
    let (first, second) = pairs.differing();
    (pairs.concordant as f64 - pairs.discordant as f64)
        / ((first as f64).sqrt() * (second as f64).sqrt())
}

/// Pairs of equal elements among sorted ones.
fn tied_pairs<T: PartialEq>(sorted: &[T]) -> u64 {
    sorted
        .chunk_by(|a, b| a == b)
        .map(|group| {
            let m = group.len() as u64;
            m * (m - 1) / 2
        })
        .sum()
}

/// Sorts by merging, and counts the pairs that stood in the wrong order.
fn sort_counting(values: &mut [i64]) -> u64 {
    let n = values.len();
    let mut from = values.to_vec();
    let mut to = vec![0; n];
    let mut inversions = 0;
    let mut width = 1;
    while width < n {
        for start in (0..n).step_by(2 * width) {
            let middle = n.min(start + width);
            let end = n.min(start + 2 * width);
            let (mut left, mut right) = (start, middle);
            for place in &mut to[start..end] {
                if left < middle && (right == end || from[left] <= from[right]) {
                    *place = from[left];
                    left += 1;
                } else {
                    *place = from[right];
                    right += 1;
                    inversions += (middle - left) as u64;
                }
            }
        }
        std::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    values.copy_from_slice(&from);
    inversions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn ties_share_the_mean_of_their_ranks() {
        // Ranks 2.5, 1, 4, 2.5; -0 is 0.
        assert_eq!(centred_ranks(&[0.0, -1.0, 7.0, -0.0]), [0, -3, 3, 0]);
        assert_eq!(centred_ranks(&[5.0, 5.0, 5.0]), [0, 0, 0]);
    }

    #[test]
    fn correlations_are_those_of_their_definition() {
        for seed in 0..200 {
            let mut stream = Stream::new(seed, 0);
            let n = 3 + stream.below(40) as usize;
            let levels = 2 + stream.below(2 * n as u32);
            let mut draw = || -> Vec<i64> {
                let mut values: Vec<f64> =
                    (0..n).map(|_| f64::from(stream.below(levels))).collect();
                values[0] = -1.0;
                centred_ranks(&values)
            };
            let (a, b) = (draw(), draw());
            let (mut score, mut of_a, mut of_b) = (0_i64, 0_i64, 0_i64);
            for i in 0..n {
                for j in 0..i {
                    let (x, y) = ((a[i] - a[j]).signum(), (b[i] - b[j]).signum());
                    score += x * y;
                    of_a += x * x;
                    of_b += y * y;
                }
            }
            let tau = score as f64 / ((of_a * of_b) as f64).sqrt();
            assert!((kendall(&a, &b) - tau).abs() < 1e-14);
            assert_eq!(a.iter().sum::<i64>(), 0);
        }
    }
}
