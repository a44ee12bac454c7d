//! What LOSH is made of: residuals from the means of neighbours, and their rearrangement with one value held.

use crate::data::Units;
use crate::error::Result;
use crate::inference::permutation::{
    Conditional, MOST_ARRANGEMENTS, Permutations, Tails, too_many,
};
use crate::linalg::sparse::Csr;
use crate::parallel::{map_indexed, map_with_memory, threads};
use crate::random::Stream;

/// To which power residuals are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    Squares,
    Moduli,
}

impl Power {
    fn of(self, residual: f64) -> f64 {
        match self {
            Self::Squares => residual * residual,
            Self::Moduli => residual.abs(),
        }
    }
}

/// The weights with their row sums, none of which is zero.
pub(super) struct Spread<'a> {
    pub(super) w: &'a Csr,
    pub(super) row_sums: &'a [f64],
    pub(super) power: Power,
}

impl Spread<'_> {
    /// The mean of each unit's neighbours, and the power of its residual from it.
    pub(super) fn residuals(&self, x: &[f64], means: &mut Vec<f64>, e: &mut Vec<f64>) {
        means.clear();
        e.clear();
        for i in 0..x.len() {
            let mean = self.lag(i, x) / self.row_sums[i];
            means.push(mean);
            e.push(self.power.of(x[i] - mean));
        }
    }

    /// Σ_j w_ij x_j.
    fn lag(&self, i: usize, x: &[f64]) -> f64 {
        self.w.row(i).fold(0.0, |sum, (j, w)| sum + w * x[j])
    }

    /// H_i; nothing where every residual is zero.
    pub(super) fn statistic(&self, i: usize, e: &[f64], total: f64) -> Option<f64> {
        let mean = total / e.len() as f64;
        (mean > 0.0).then(|| self.lag(i, e) / (mean * self.row_sums[i]))
    }

    /// How H_i of each unit stands among its values where x_i is held and the others are rearranged.
    pub(super) fn bootstrap(
        &self,
        x: &[f64],
        units: &Units,
        observed: &[(f64, f64)],
        permutations: Permutations<'_>,
    ) -> Result<Conditional> {
        let permutations = permutations.checked()?;
        let plan = permutations.plan();
        let (n, seed) = (x.len(), permutations.seed_value());
        match permutations.count() {
            None => {
                let count: f64 = (2..n).map(|k| k as f64).product();
                if count > MOST_ARRANGEMENTS as f64 {
                    let what = format!(
                        "the values of the {} other units of {}",
                        n - 1,
                        units.name(0)
                    );
                    return Err(too_many(&what, count));
                }
                let watch = permutations.watch(n);
                let tails = map_indexed(n, |i| {
                    let tails = self.all(x, i, observed[i]);
                    watch.advance(1);
                    tails
                });
                Ok(Conditional::counted(tails, plan, vec![count as u32; n]))
            }
            Some(count) if permutations.is_independent() => {
                let watch = permutations.watch(n);
                let tails = map_with_memory(n, Memory::default, |memory, i| {
                    let mut tails = Tails::default();
                    let mut stream = Stream::new(seed, i as u64);
                    for _ in 0..count {
                        memory.others(x, i, |others| stream.shuffle(others));
                        self.count(memory, i, observed[i], &mut tails);
                    }
                    watch.advance(1);
                    tails
                });
                Ok(Conditional::counted(tails, plan, Vec::new()))
            }
            Some(count) => {
                let senders = self.w.transposed();
                // Counts add up to the same however the replicates are shared out.
                let blocks = threads().clamp(1, count);
                let watch = permutations.watch(n);
                let parts = map_indexed(blocks, |b| {
                    let replicates = b * count / blocks..(b + 1) * count / blocks;
                    let mut tails = vec![Tails::default(); n];
                    let mut memory = Memory::default();
                    for r in replicates {
                        self.replicate(&senders, x, observed, &mut memory, seed, r, &mut tails);
                    }
                    tails
                });
                let mut tails = vec![Tails::default(); n];
                for part in parts {
                    for (total, part) in tails.iter_mut().zip(part) {
                        total.add(part);
                    }
                }
                watch.advance(n);
                Ok(Conditional::counted(tails, plan, Vec::new()))
            }
        }
    }

    /// Counts what stands in the memory for unit i.
    fn count(&self, memory: &mut Memory, i: usize, (h, tolerance): (f64, f64), tails: &mut Tails) {
        let Memory { x, means, e, .. } = memory;
        self.residuals(x, means, e);
        let draw = self.statistic(i, e, e.iter().sum()).unwrap_or(h);
        tails.count(draw, h, tolerance);
    }

    /// Every order of the other values.
    fn all(&self, x: &[f64], i: usize, observed: (f64, f64)) -> Tails {
        let (mut tails, mut memory) = (Tails::default(), Memory::default());
        let mut order: Vec<usize> = (0..x.len()).filter(|&j| j != i).collect();
        let sorted = order.clone();
        loop {
            memory.others(x, i, |others| {
                for (value, &j) in others.iter_mut().zip(&order) {
                    *value = x[j];
                }
            });
            self.count(&mut memory, i, observed, &mut tails);
            if !next_order(&mut order) {
                debug_assert_eq!(order, sorted);
                return tails;
            }
        }
    }

    /// One rearrangement of all values serves all units: where it puts x_i elsewhere, x_i changes places with the value that came
    /// to unit i. Of every arrangement of the others the n rearrangements that lead to it are equally likely, so that they
    /// are, too. Only residuals at both places, and at units that have one of them for a neighbour, change.
    #[allow(clippy::too_many_arguments, reason = "one step of one loop")]
    fn replicate(
        &self,
        senders: &Csr,
        x: &[f64],
        observed: &[(f64, f64)],
        memory: &mut Memory,
        seed: u64,
        replicate: usize,
        tails: &mut [Tails],
    ) {
        let n = x.len();
        memory.order.clear();
        memory.order.extend(0..n as u32);
        Stream::new(seed, replicate as u64).shuffle(&mut memory.order);
        memory.x.clear();
        memory.x.extend(memory.order.iter().map(|&j| x[j as usize]));
        memory.place.clear();
        memory.place.resize(n, 0);
        for (place, &j) in memory.order.iter().enumerate() {
            memory.place[j as usize] = place as u32;
        }
        self.residuals(&memory.x, &mut memory.means, &mut memory.e);
        let total: f64 = memory.e.iter().sum();
        let Memory {
            x: drawn,
            means,
            e,
            place,
            changed,
            ..
        } = memory;
        for i in 0..n {
            let other = place[i] as usize;
            let change = x[i] - drawn[i];
            changed.clear();
            let mut sum = total;
            if other != i {
                changed.extend([(i, 0.0, 0.0), (other, 0.0, 0.0)]);
                changed.extend(senders.row(i).map(|(j, w)| (j, w * change, 0.0)));
                changed.extend(senders.row(other).map(|(j, w)| (j, -w * change, 0.0)));
                changed.sort_unstable_by_key(|c| c.0);
                changed.dedup_by(|later, first| {
                    let same = later.0 == first.0;
                    if same {
                        first.1 += later.1;
                    }
                    same
                });
                for (j, lag, before) in changed.iter_mut() {
                    let value = if *j == i {
                        x[i]
                    } else if *j == other {
                        drawn[i]
                    } else {
                        drawn[*j]
                    };
                    *before = e[*j];
                    e[*j] = self.power.of(value - means[*j] - *lag / self.row_sums[*j]);
                    sum += e[*j] - *before;
                }
            }
            let (h, tolerance) = observed[i];
            let draw = self.statistic(i, e, sum).unwrap_or(h);
            tails[i].count(draw, h, tolerance);
            for &(j, _, before) in changed.iter() {
                e[j] = before;
            }
        }
    }
}

/// Working memory of one thread.
#[derive(Default)]
struct Memory {
    x: Vec<f64>,
    means: Vec<f64>,
    e: Vec<f64>,
    order: Vec<u32>,
    /// Where the value of each unit is.
    place: Vec<u32>,
    /// Units whose residual changes: by how much their lag does, and their residual before.
    changed: Vec<(usize, f64, f64)>,
    others: Vec<f64>,
}

impl Memory {
    /// x with x_i in its place and the others as `arrange` leaves them.
    fn others(&mut self, x: &[f64], i: usize, arrange: impl FnOnce(&mut [f64])) {
        self.others.clear();
        let before = x.iter().take(i);
        self.others.extend(before.chain(x.iter().skip(i + 1)));
        arrange(&mut self.others);
        self.x.clear();
        let (before, after) = self.others.split_at(i);
        self.x.extend_from_slice(before);
        self.x.push(x[i]);
        self.x.extend_from_slice(after);
    }
}

/// The next order in the order of the lexicon; false, and the first one, after the last.
fn next_order(order: &mut [usize]) -> bool {
    let Some(k) = (1..order.len()).rev().find(|&k| order[k - 1] < order[k]) else {
        order.reverse();
        return false;
    };
    if let Some(l) = (k..order.len()).rev().find(|&l| order[l] > order[k - 1]) {
        order.swap(k - 1, l);
    }
    order[k..].reverse();
    true
}
