//! Sums of the first k drawn values, sorted, for every k that occurs: one binary search a unit instead of k × R additions.

use super::table::{Portion, Tailing};
use super::tails::Tails;

/// The sums of the first k values of each draw, for the numbers of neighbours k that occur.
pub(super) struct Ranked {
    lists: Vec<List>,
    /// Draws.
    draws: usize,
}

struct List {
    neighbours: usize,
    /// Of each draw.
    sums: Vec<f64>,
    sorted: Vec<f64>,
}

impl Ranked {
    /// From the drawn values, of which entry (k, p) stands at k · stride + p; `counts` are sorted and distinct.
    pub(super) fn new(drawn: &[f64], portion: &Portion, counts: &[usize]) -> Self {
        let lists = counts
            .iter()
            .filter(|&&k| k > 0)
            .map(|&neighbours| {
                let mut sums = vec![0.0; portion.draws];
                for row in drawn.chunks_exact(portion.stride).take(neighbours) {
                    for (sum, value) in sums.iter_mut().zip(row) {
                        *sum += value;
                    }
                }
                let mut sorted = sums.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                List {
                    neighbours,
                    sums,
                    sorted,
                }
            })
            .collect();
        Self {
            lists,
            draws: portion.draws,
        }
    }

    /// Entry `at` of the drawn values has changed.
    pub(super) fn changed(&mut self, drawn: &[f64], stride: usize, at: usize) {
        let (k, p) = (at / stride, at % stride);
        let (mut sum, mut done) = (0.0, 0);
        for list in &mut self.lists {
            // Sums go on from list to list, in the order of the neighbours.
            for row in drawn.chunks_exact(stride).take(list.neighbours).skip(done) {
                sum += row[p];
            }
            done = list.neighbours;
            if list.neighbours > k {
                let before = std::mem::replace(&mut list.sums[p], sum);
                replace(&mut list.sorted, before, sum);
            }
        }
    }

    /// The tails of a unit with so many neighbours.
    pub(super) fn tails(&self, neighbours: usize, target: Tailing) -> Tails {
        let list = self
            .lists
            .binary_search_by_key(&neighbours, |l| l.neighbours);
        let sorted = list.map_or(&[][..], |l| &self.lists[l].sorted);
        Tails {
            at_least: (self.draws - sorted.partition_point(|&s| s < target.low)) as u32,
            at_most: sorted.partition_point(|&s| s <= target.high) as u32,
        }
    }
}

/// Takes one value out of a sorted list and puts another in.
fn replace(sorted: &mut [f64], before: f64, after: f64) {
    let from = sorted.partition_point(|s| s.total_cmp(&before).is_lt());
    let to = sorted.partition_point(|s| s.total_cmp(&after).is_lt());
    if from < to {
        sorted.copy_within(from + 1..to, from);
        sorted[to - 1] = after;
    } else {
        sorted.copy_within(to..from, to + 1);
        sorted[to] = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn replaced_values_leave_the_list_sorted() {
        let mut stream = Stream::new(3, 1);
        let mut list: Vec<f64> = (0..40).map(|_| f64::from(stream.below(25))).collect();
        let mut sorted = list.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        for _ in 0..2_000 {
            let at = stream.below(40) as usize;
            let after = f64::from(stream.below(25)) - 5.0;
            replace(&mut sorted, list[at], after);
            list[at] = after;
            let mut again = list.clone();
            again.sort_unstable_by(f64::total_cmp);
            assert_eq!(sorted, again);
        }
    }
}
