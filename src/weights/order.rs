//! Neighbours of higher order: units a number of steps away.

use super::{Weights, check_links};
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Pattern};
use crate::parallel::map_with_memory;

/// Units whose paths are followed one after the other on one thread.
const BLOCK: usize = 64;
/// Blocks of the first turn, when nothing is known yet about how many units are reached.
const FIRST: usize = 2;
/// Links that a turn is meant to find at most: 128 MiB of them.
const TURN: usize = 1 << 25;

impl Weights {
    /// Binary weights of order k: unit i is linked to the units whose shortest path from i has exactly k steps.
    ///
    /// A step goes along a stored link, from the row to its neighbour, so that directed links are followed in their direction. Weights
    /// and their transformation do not matter, and a link of a unit to itself is no step. The result is raw. Order 1 has the links
    /// of the weights themselves. An island stays an island; a unit from which no unit is k steps away becomes one, to be decided
    /// about.
    ///
    /// Costs one pass over the links of the units within k - 1 steps, for each unit, over threads; needs the result, once more at
    /// most 128 MiB of it, and 4 n bytes a thread.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for k = 0; [`Error::TooLarge`] above 2³² - 1 links.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let path = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2"), ("2", "3")])?;
    /// let second = path.order(2)?;
    /// assert_eq!((second.links(), second.weight(0, 2), second.weight(0, 1)), (4, 1.0, 0.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Anselin and Smirnov (1996), Journal of Regional Science 36: 67-89.
    #[doc(alias = "nblag")]
    #[doc(alias = "higher_order")]
    #[doc(alias = "mOrdNbr")]
    pub fn order(&self, k: usize) -> Result<Self> {
        self.within_steps(k, Steps::Exactly)
    }

    /// Binary weights of the orders 1 to k: unit i is linked to the units whose shortest path from i has at most k steps.
    ///
    /// As [`order`](Self::order), whose links for 1, 2, …, k it holds.
    ///
    /// # Errors
    ///
    /// Those of [`order`](Self::order).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let path = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2"), ("2", "3")])?;
    /// assert_eq!(path.up_to_order(2)?.cardinalities(), [2, 3, 3, 2]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "nblag_cumul")]
    #[doc(alias = "lower_order")]
    pub fn up_to_order(&self, k: usize) -> Result<Self> {
        self.within_steps(k, Steps::UpTo)
    }

    fn within_steps(&self, k: usize, steps: Steps) -> Result<Self> {
        if k == 0 {
            return Err(Error::InvalidOption {
                option: "k",
                value: k.to_string(),
                expected: "a number of steps from 1",
            });
        }
        let n = self.n();
        let pattern = &*self.csr().pattern;
        let (mut offsets, mut columns) = (vec![0], Vec::new());
        let (mut done, mut blocks) = (0, FIRST);
        // in turns, so that too many links are noticed before they fill the memory
        while done < n {
            let here = blocks.min((n - done).div_ceil(BLOCK));
            let found = map_with_memory(
                here,
                || vec![0; n],
                |mark, block| {
                    let start = done + block * BLOCK;
                    let units = start..(start + BLOCK).min(n);
                    rows(pattern, units, k, steps, mark)
                },
            );
            for (counts, links) in found {
                check_links(columns.len().saturating_add(links.len()))?;
                let mut end = columns.len();
                for count in counts {
                    end += count;
                    offsets.push(end as u32);
                }
                columns.extend_from_slice(&links);
            }
            done = (done + here * BLOCK).min(n);
            let links_a_unit = columns.len() / done + 1;
            blocks = (TURN / BLOCK / links_a_unit).clamp(FIRST, 4 * here.max(FIRST));
        }
        columns.shrink_to_fit();
        let built = match (steps, k) {
            (Steps::UpTo, 2..) => format!("{}, orders 1 to {k}", self.built()),
            _ => format!("{}, order {k}", self.built()),
        };
        Ok(self.successor(Csr::ones(offsets, columns), built))
    }
}

/// Which of the units reached are neighbours.
#[derive(Debug, Clone, Copy)]
enum Steps {
    Exactly,
    UpTo,
}

/// For each of some units the number of units it reaches, and these, sorted.
///
/// `mark[j]` is one more than the last unit from which j was reached, so that nothing is ever cleared.
fn rows(
    pattern: &Pattern,
    units: std::ops::Range<usize>,
    k: usize,
    steps: Steps,
    mark: &mut [u32],
) -> (Vec<usize>, Vec<u32>) {
    let (mut counts, mut links) = (Vec::new(), Vec::new());
    // the units reached, by steps; those of the last step begin at `last`
    let mut reached = Vec::new();
    for i in units {
        let stamp = i as u32 + 1;
        mark[i] = stamp;
        reached.clear();
        reached.push(i as u32);
        let mut last = 0;
        for _ in 0..k {
            let end = reached.len();
            if last == end {
                break;
            }
            for at in last..end {
                for &j in pattern.row(reached[at] as usize) {
                    let seen = &mut mark[j as usize];
                    if *seen != stamp {
                        *seen = stamp;
                        reached.push(j);
                    }
                }
            }
            last = end;
        }
        let wanted = match steps {
            Steps::Exactly => &mut reached[last..],
            Steps::UpTo => &mut reached[1..],
        };
        wanted.sort_unstable();
        counts.push(wanted.len());
        links.extend_from_slice(wanted);
    }
    (counts, links)
}

#[cfg(test)]
mod tests {
    use super::super::test_data::{checksum, columbus};
    use super::*;
    use crate::data::Units;

    // spdep 1.2-7, nblag(col.gal.nb, 4) and nblag_cumul(nblag(col.gal.nb, 3))
    #[test]
    fn orders_of_columbus() {
        let w = columbus();
        let first = w.row_standardized().unwrap().order(1).unwrap();
        assert_eq!(first.csr(), w.csr());
        for (k, links, components, sum, last) in [
            (2, 406, 1, 9_661_652, 4),
            (3, 472, 1, 11_168_157, 6),
            (4, 470, 1, 11_322_311, 13),
        ] {
            let order = w.order(k).unwrap();
            assert_eq!((order.links(), checksum(&order)), (links, sum));
            assert_eq!(
                (order.components(), order.is_symmetric()),
                (components, true)
            );
            assert_eq!(order.cardinalities()[48], last);
            assert!(order.is_binary());
        }
        let cumulated = w.up_to_order(3).unwrap();
        assert_eq!(
            (cumulated.links(), checksum(&cumulated)),
            (1108, 26_398_372)
        );
        assert_eq!(cumulated.built(), "pairs, orders 1 to 3");
        assert_eq!(w.order(2).unwrap().built(), "pairs, order 2");
    }

    #[test]
    fn directed_links_own_links_and_islands() {
        // 0 -> 1 -> 2 -> 0, 3 -> 0, 4 alone
        let links = [(0, 1, 2.0), (1, 2, 3.0), (2, 0, 1.0), (3, 0, 1.0)];
        let w = Weights::from_links_at(&Units::range(5), links).unwrap();
        let second = w.order(2).unwrap();
        let to = |w: &Weights, i: usize| w.neighbours(i).map(|l| l.0).collect::<Vec<_>>();
        assert_eq!([0, 1, 2, 3].map(|i| to(&second, i)), [[2], [0], [1], [1]]);
        assert_eq!(second.islands(), ["4"]);
        // three steps round the cycle lead back, which is no link
        let third = w.islands_kept().order(3).unwrap();
        assert_eq!((third.links(), to(&third, 3)), (1, vec![2]));
        assert!(!third.islands_decided());
        assert!(w.islands_kept().order(2).unwrap().islands_decided());
        assert_eq!(w.order(usize::MAX).unwrap().links(), 0);
        assert_eq!(to(&w.up_to_order(usize::MAX).unwrap(), 3), [0, 1, 2]);
        let own = w.with_diagonal(1.0).unwrap();
        assert_eq!(own.order(2).unwrap().csr(), second.csr());
    }

    #[test]
    fn no_step_and_no_unit() {
        let e = columbus().order(0).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        let none = Weights::from_links_at(&Units::range(0), []).unwrap();
        assert_eq!(none.order(3).unwrap().n(), 0);
    }

    #[test]
    fn more_units_than_a_turn() {
        let n = 5000;
        let ring = (0..n).map(|i| (i, (i + 1) % n, 1.0));
        let w = Weights::from_links_at(&Units::range(n), ring).unwrap();
        for (k, order) in [(7, w.order(7).unwrap()), (1, w.order(1).unwrap())] {
            let hit = (0..n).all(|i| order.neighbours(i).eq([((i + k) % n, 1.0)]));
            assert!(hit && order.links() == n, "{k}");
        }
        assert_eq!(w.up_to_order(7).unwrap().links(), 7 * n);
    }
}
