//! Exact distributions of rank statistics: of sum r_i s_i over all orders of s, and of sum (sum over dates of r_it)² over
//! all orders at every date but the first.

use std::collections::BTreeMap;

/// How many orders give at least, and at most, the observed statistic, of how many; whole numbers, rounded beyond 2^53.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Orders {
    pub(crate) at_least: f64,
    pub(crate) at_most: f64,
    pub(crate) all: f64,
}

impl Orders {
    fn mirrored(self) -> Self {
        Self {
            at_least: self.at_most,
            at_most: self.at_least,
            all: self.all,
        }
    }
}

/// No more numbers than this are held for one unit: 64 megabytes.
const MOST_CELLS: usize = 1 << 23;
/// No more additions than this are made: some seconds.
const MOST_WORK: usize = 1 << 33;
/// No more sums than this are formed at one date.
const MOST_SUMS: usize = 1 << 22;

/// The orders of so many things are the largest number of orders that is finite.
const MOST_UNITS: usize = 170;

/// The number of orders of n things; infinite above [`MOST_UNITS`].
pub(crate) fn factorial(n: usize) -> f64 {
    (1..=n).map(|i| i as f64).product()
}

/// The orders of s by sum r_i s_i beside the observed one; none where that would take too much memory.
///
/// Units are served in the order of falling r. A state is the multiset of values of s that are taken; with it are counted the
/// orders by their deficit, the distance of the sum to the largest that is possible. Deficits only grow, so that what lies beyond
/// the observed deficit is dropped: the further in the tail the observed sum, the less there is to count.
pub(crate) fn of_two(r: &[i64], s: &[i64]) -> Option<Orders> {
    let (r, s) = (scaled(r), scaled(s));
    let observed: i64 = r.iter().zip(&s).map(|(a, b)| a * b).sum();
    let (mut falling, mut values) = (r, s);
    falling.sort_unstable_by(|a, b| b.cmp(a));
    values.sort_unstable();
    let smallest: i64 = falling.iter().zip(&values).map(|(a, b)| a * b).sum();
    let largest: i64 = falling
        .iter()
        .zip(values.iter().rev())
        .map(|(a, b)| a * b)
        .sum();
    if largest - observed <= observed - smallest {
        upper_tail(&falling, &values, (largest - observed) as usize)
    } else {
        let top = values.last().copied().unwrap_or(0);
        let turned: Vec<i64> = values.iter().rev().map(|v| top - v).collect();
        upper_tail(&falling, &turned, (observed - smallest) as usize).map(Orders::mirrored)
    }
}

/// Differences to the smallest, over their greatest common divisor.
fn scaled(values: &[i64]) -> Vec<i64> {
    let least = values.iter().copied().min().unwrap_or(0);
    let divisor = values.iter().fold(0, |g, v| gcd(g, v - least)).max(1);
    values.iter().map(|v| (v - least) / divisor).collect()
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The orders with a deficit of at most `deficit`, r falling and s rising.
fn upper_tail(r: &[i64], s: &[i64], deficit: usize) -> Option<Orders> {
    // Distinct values of s, the largest first, how often each occurs, and its place in the code of a state.
    let mut classes: Vec<(i64, u64, u64)> = Vec::new();
    let mut radix = 1_u64;
    for group in s.chunk_by(|a, b| a == b).rev() {
        classes.push((group[0], group.len() as u64, radix));
        radix = radix.checked_mul(group.len() as u64 + 1)?;
    }
    let full = s.len();
    if deficit >= MOST_CELLS || full > MOST_UNITS {
        return None;
    }
    let mut work = 0;
    // By state, the counts by how much deficit is left.
    let mut states: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let mut start = vec![0.0; deficit + 1];
    start[deficit] = 1.0;
    states.insert(0, start);
    for k in 0..full {
        let mut next: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        let mut cells = 0;
        for (state, counts) in states {
            // Units are given a value of each class that is left; larger values then move down by one place.
            let (mut cost, mut places, mut above) = (0_usize, k, None::<i64>);
            let mut moved = 0_i64;
            for &(value, times, radix) in &classes {
                let left = times - state / radix % (times + 1);
                if left == 0 {
                    continue;
                }
                if let Some(before) = above {
                    cost += ((before - value) * moved) as usize;
                }
                if cost >= counts.len() {
                    break;
                }
                let target = next.entry(state + radix).or_default();
                let length = counts.len() - cost;
                if target.len() < length {
                    cells += length - target.len();
                    target.resize(length, 0.0);
                }
                work += length;
                for (to, from) in target.iter_mut().zip(&counts[cost..]) {
                    *to += left as f64 * from;
                }
                places += left as usize;
                moved = r[k] - r.get(places).copied().unwrap_or(0);
                above = Some(value);
            }
            if cells > MOST_CELLS || work > MOST_WORK {
                return None;
            }
        }
        states = next;
    }
    let counts = states.into_values().next()?;
    let at_least: f64 = counts.iter().sum();
    let all = factorial(full);
    Some(Orders {
        at_least,
        at_most: all - (at_least - counts.first().copied().unwrap_or(0.0)),
        all,
    })
}

/// The orders at every date but the first, by the sum of squared sums; none where there are too many.
///
/// Units are alike, so that only the sorted sums of a date matter to the next.
pub(crate) fn of_many(dates: &[&[i64]], observed: i128) -> Option<Orders> {
    let (first, others) = dates.split_first()?;
    let n = first.len();
    let orders = factorial(n);
    let mut start = first.to_vec();
    start.sort_unstable();
    let mut states: BTreeMap<Vec<i64>, f64> = BTreeMap::from([(start, 1.0)]);
    for date in others {
        if !(states.len() as f64 * orders <= MOST_SUMS as f64) {
            return None;
        }
        let mut next = BTreeMap::new();
        let mut order = date.to_vec();
        for (sums, count) in &states {
            each_order(&mut order, n, &mut |order| {
                let mut sums: Vec<i64> = sums.iter().zip(order).map(|(a, b)| a + b).collect();
                sums.sort_unstable();
                *next.entry(sums).or_insert(0.0) += count;
            });
        }
        states = next;
    }
    let mut found = Orders {
        at_least: 0.0,
        at_most: 0.0,
        all: others.iter().map(|_| orders).product(),
    };
    for (sums, count) in states {
        let statistic = super::ranks::squares(&sums);
        found.at_least += if statistic >= observed { count } else { 0.0 };
        found.at_most += if statistic <= observed { count } else { 0.0 };
    }
    found.all.is_finite().then_some(found)
}

/// Every order of the first m values once (Heap 1963).
fn each_order(values: &mut Vec<i64>, m: usize, take: &mut impl FnMut(&[i64])) {
    if m <= 1 {
        take(values);
        return;
    }
    for i in 0..m {
        each_order(values, m - 1, take);
        if i + 1 < m {
            values.swap(if m.is_multiple_of(2) { i } else { 0 }, m - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ranks::{centred_ranks, squares};
    use super::*;
    use crate::random::Stream;

    #[test]
    fn the_recursion_counts_what_enumeration_counts() {
        for seed in 0..120 {
            let mut stream = Stream::new(seed, 1);
            let n = 2 + stream.below(6) as usize;
            let levels = 2 + stream.below(12);
            let mut draw = || -> Vec<i64> {
                let values: Vec<f64> = (0..n).map(|_| f64::from(stream.below(levels))).collect();
                centred_ranks(&values)
            };
            let (r, s) = (draw(), draw());
            let sums: Vec<i64> = r.iter().zip(&s).map(|(a, b)| a + b).collect();
            let two = of_two(&r, &s).unwrap();
            assert_eq!(Some(two), of_many(&[&r, &s], squares(&sums)));
            assert!((two.all - factorial(n)).abs() < 0.5);
        }
    }

    /// The orders of four by half the sum of squared differences of ranks, 0 to 10 (row 4 of OEIS A175929).
    #[test]
    fn counts_are_those_of_the_tables() {
        let r = [1, 2, 3, 4];
        for (s, at_least) in [
            ([1, 2, 3, 4], 1.0),
            ([2, 1, 3, 4], 4.0),
            ([2, 1, 4, 3], 5.0),
            ([1, 4, 3, 2], 11.0),
            ([4, 3, 2, 1], 24.0),
        ] {
            assert!((of_two(&r, &s).unwrap().at_least - at_least).abs() < 1e-9);
        }
    }

    #[test]
    fn what_would_take_too_much_memory_is_refused() {
        let r: Vec<i64> = (0..40).collect();
        let s: Vec<i64> = (0..40).map(|i| i * 17 % 41).collect();
        assert_eq!(of_two(&r, &s), None);
        assert_eq!(of_many(&[&r, &s, &s], 1), None);
        // Two values of s, but a sum of many steps; and more units than have a finite number of orders.
        let r: Vec<i64> = (0..20_000).collect();
        let s: Vec<i64> = (0..20_000).map(|i| i % 2).collect();
        assert_eq!(of_two(&r, &s), None);
        assert_eq!(of_two(&s, &s), None);
        let r: Vec<i64> = (0..40).collect();
        // The largest sum is one order of 40!, and costs nothing.
        let top = of_two(&r, &r).unwrap();
        assert!((top.at_least - 1.0).abs() < 1e-12);
    }
}
