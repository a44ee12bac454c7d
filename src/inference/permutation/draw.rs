//! Draws of distinct units, for conditional permutations.

use crate::random::Stream;

/// Up to here the displaced elements are searched one by one.
const FEW: usize = 48;

/// Draws distinct elements of 0..pool; its memory serves draw after draw.
#[derive(Debug, Default)]
pub(super) struct Drawer {
    few: Vec<(u32, u32)>,
    many: std::collections::HashMap<u32, u32>,
}

impl Drawer {
    /// The first `count` elements of a uniform permutation of 0..pool (Fisher-Yates), so that every prefix is uniform too.
    /// What is drawn does not depend on how the permutation is stored.
    pub(super) fn distinct(
        &mut self,
        stream: &mut Stream,
        count: usize,
        pool: u32,
        drawn: &mut Vec<u32>,
    ) {
        drawn.clear();
        if count > FEW.max(pool as usize / 64) {
            drawn.extend(0..pool);
            for j in 0..count {
                let other = j + stream.below(pool - j as u32) as usize;
                drawn.swap(j, other);
            }
            drawn.truncate(count);
        } else if count > FEW {
            self.many.clear();
            for j in 0..count as u32 {
                let other = j + stream.below(pool - j);
                drawn.push(self.many.get(&other).copied().unwrap_or(other));
                let own = self.many.get(&j).copied().unwrap_or(j);
                self.many.insert(other, own);
            }
        } else {
            self.few.clear();
            for j in 0..count as u32 {
                let other = j + stream.below(pool - j);
                drawn.push(self.at(other));
                let own = self.at(j);
                self.few.push((other, own));
            }
        }
    }

    /// The element that a shuffle has moved to a position.
    fn at(&self, position: u32) -> u32 {
        self.few
            .iter()
            .rev()
            .find(|m| m.0 == position)
            .map_or(position, |m| m.1)
    }
}

/// The id-th unit among those other than i.
pub(super) fn other_than(i: usize, id: u32) -> usize {
    id as usize + usize::from(id as usize >= i)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn distinct(stream: &mut Stream, count: usize, pool: u32) -> Vec<u32> {
        let mut drawn = vec![7; 3];
        Drawer::default().distinct(stream, count, pool, &mut drawn);
        drawn
    }

    #[test]
    fn every_ordered_draw_of_every_unit_is_equally_frequent() {
        // Five units, two neighbours each: the 4 · 3 ordered pairs of the others.
        let replicates = 24_000;
        for i in 0..5 {
            let mut counts = BTreeMap::new();
            for p in 0..replicates {
                let ids = distinct(&mut Stream::new(5, p), 2, 4);
                let pair = (other_than(i, ids[0]), other_than(i, ids[1]));
                assert!(pair.0 != pair.1 && pair.0 != i && pair.1 != i);
                *counts.entry(pair).or_insert(0_i32) += 1;
            }
            assert_eq!(counts.len(), 12);
            // Four standard errors of a binomial(24000, 1/12): 171.
            assert!(counts.values().all(|c| (c - 2000).abs() < 171));
        }
    }

    #[test]
    fn draws_do_not_depend_on_how_the_permutation_is_stored() {
        for (count, pool) in [(10, 12_000), (60, 12_000), (187, 12_000)] {
            let sparse = distinct(&mut Stream::new(2, 9), count, pool);
            let dense = distinct(&mut Stream::new(2, 9), pool as usize, pool);
            assert_eq!(sparse[..], dense[..count]);
            let mut sorted = dense;
            sorted.sort_unstable();
            assert!(sorted.iter().enumerate().all(|(i, &v)| i as u32 == v));
        }
    }
}
