//! Every arrangement once: distinct orders of values, sets and ordered choices of units.

use std::collections::BTreeMap;

use super::MOST_ARRANGEMENTS;

/// The distinct orders of units that are alike where all their values are.
#[derive(Debug)]
pub(super) struct Orders {
    /// The class at each place, in lexicographic order of the arrangements.
    classes: Vec<u32>,
    /// A unit of each class.
    of_class: Vec<u32>,
    order: Vec<u32>,
    count: usize,
    state: State,
}

#[derive(Debug, PartialEq)]
enum State {
    Fresh,
    Going,
    Done,
}

impl Orders {
    /// Of the tuples that the vectors make; an error with their number where they are too many.
    pub(super) fn of(vectors: &[&[f64]]) -> Result<Self, f64> {
        let n = vectors.first().map_or(0, |v| v.len());
        let mut members: BTreeMap<Vec<u64>, Vec<u32>> = BTreeMap::new();
        for i in 0..n {
            // -0.0 is 0.0
            let key = vectors.iter().map(|v| (v[i] + 0.0).to_bits()).collect();
            members.entry(key).or_default().push(i as u32);
        }
        let (mut count, mut placed) = (1.0_f64, 0.0_f64);
        for units in members.values() {
            for m in 1..=units.len() {
                placed += 1.0;
                count *= placed / m as f64;
            }
        }
        if !(count.round() <= MOST_ARRANGEMENTS as f64) {
            return Err(count);
        }
        let mut classes = Vec::with_capacity(n);
        let mut of_class = Vec::with_capacity(members.len());
        for (class, units) in members.values().enumerate() {
            classes.extend(units.iter().map(|_| class as u32));
            of_class.extend(units.first());
        }
        Ok(Self {
            order: vec![0; n],
            classes,
            of_class,
            count: count.round() as usize,
            state: State::Fresh,
        })
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The next arrangement: which unit's values each place gets.
    pub(super) fn next(&mut self) -> Option<&[u32]> {
        match self.state {
            State::Done => return None,
            State::Fresh => self.state = State::Going,
            State::Going => {
                if !next_in_order(&mut self.classes) {
                    self.state = State::Done;
                    return None;
                }
            }
        }
        for (unit, &class) in self.order.iter_mut().zip(&self.classes) {
            *unit = self.of_class[class as usize];
        }
        Some(&self.order)
    }
}

/// The next arrangement in lexicographic order; false after the last.
fn next_in_order(a: &mut [u32]) -> bool {
    let Some(pivot) = a.windows(2).rposition(|p| p[0] < p[1]) else {
        return false;
    };
    if let Some(other) = a.iter().rposition(|&x| x > a[pivot]) {
        a.swap(pivot, other);
    }
    a[pivot + 1..].reverse();
    true
}

/// Sets, or ordered choices, of k among 0..pool.
#[derive(Debug)]
pub(super) struct Choices {
    chosen: Vec<u32>,
    taken: Vec<bool>,
    pool: u32,
    ordered: bool,
    count: usize,
    state: State,
}

impl Choices {
    /// An error with their number where they are too many.
    pub(super) fn of(k: usize, pool: u32, ordered: bool) -> Result<Self, f64> {
        let pool = pool.max(k as u32);
        let few = if ordered { k } else { k.min(pool as usize - k) };
        let mut count = 1.0_f64;
        for j in 0..few {
            count *= f64::from(pool) - j as f64;
            if !ordered {
                count /= j as f64 + 1.0;
            }
        }
        if !(count.round() <= MOST_ARRANGEMENTS as f64) {
            return Err(count);
        }
        let mut taken = vec![false; pool as usize];
        taken[..k].fill(true);
        Ok(Self {
            chosen: (0..k as u32).collect(),
            taken,
            pool,
            ordered,
            count: count.round() as usize,
            state: State::Fresh,
        })
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn next(&mut self) -> Option<&[u32]> {
        match self.state {
            State::Done => return None,
            State::Fresh => self.state = State::Going,
            State::Going => {
                let more = if self.ordered {
                    self.next_choice()
                } else {
                    self.next_set()
                };
                if !more {
                    self.state = State::Done;
                    return None;
                }
            }
        }
        Some(&self.chosen)
    }

    fn next_set(&mut self) -> bool {
        let k = self.chosen.len();
        let last = |j: usize| self.pool - (k - j) as u32;
        let Some(j) = (0..k).rev().find(|&j| self.chosen[j] < last(j)) else {
            return false;
        };
        let from = self.chosen[j] + 1;
        for (id, chosen) in (from..).zip(&mut self.chosen[j..]) {
            *chosen = id;
        }
        true
    }

    fn next_choice(&mut self) -> bool {
        for j in (0..self.chosen.len()).rev() {
            let free = self.chosen[j];
            self.taken[free as usize] = false;
            let larger = (free + 1..self.pool).find(|&id| !self.taken[id as usize]);
            if let Some(id) = larger {
                self.chosen[j] = id;
                self.taken[id as usize] = true;
                for after in j + 1..self.chosen.len() {
                    if let Some(least) = (0..self.pool).find(|&id| !self.taken[id as usize]) {
                        self.chosen[after] = least;
                        self.taken[least as usize] = true;
                    }
                }
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn orders_are_distinct_and_all() {
        // 5! / (2! 2!) of (a, a, b, b, c); the pair (1, 0) differs from (1, 1).
        for (x, y, expected) in [
            ([1.0, 1.0, 2.0, 2.0, 3.0], [0.0; 5], 30),
            ([1.0, 1.0, 2.0, 2.0, 3.0], [0.0, 1.0, 0.0, -0.0, 0.0], 60),
            ([1.0, 2.0, 3.0, 4.0, 5.0], [0.0; 5], 120),
            ([0.0; 5], [0.0; 5], 1),
        ] {
            let mut orders = Orders::of(&[&x, &y]).unwrap();
            assert_eq!(orders.count(), expected);
            let mut seen = BTreeSet::new();
            while let Some(order) = orders.next() {
                let values: Vec<_> = order
                    .iter()
                    .map(|&i| (x[i as usize].to_bits(), (y[i as usize] + 0.0).to_bits()))
                    .collect();
                assert!(seen.insert(values));
            }
            assert_eq!(seen.len(), expected);
        }
        let many: Vec<f64> = (0..10).map(f64::from).collect();
        assert!((Orders::of(&[&many]).unwrap_err() - 3_628_800.0).abs() < 1e-6);
        let long = vec![0.5; 2_000_000];
        assert_eq!(Orders::of(&[&long]).unwrap().count(), 1);
    }

    #[test]
    fn choices_are_distinct_and_all() {
        for (k, pool, ordered, expected) in [
            (2, 5, false, 10),
            (2, 5, true, 20),
            (5, 5, true, 120),
            (5, 5, false, 1),
            (0, 4, false, 1),
            (4, 20, false, 4845),
        ] {
            let mut choices = Choices::of(k, pool, ordered).unwrap();
            assert_eq!(choices.count(), expected);
            let mut seen = BTreeSet::new();
            while let Some(chosen) = choices.next() {
                let units: BTreeSet<_> = chosen.iter().collect();
                assert!(units.len() == k && units.iter().all(|&&id| id < pool));
                assert!(ordered || chosen.windows(2).all(|p| p[0] < p[1]));
                assert!(seen.insert(chosen.to_vec()));
            }
            assert_eq!(seen.len(), expected);
        }
        assert!(Choices::of(8, 99, false).is_err());
    }
}
