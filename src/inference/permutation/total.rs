//! Total permutations: the values are rearranged over all units, eight rearrangements side by side.

use super::enumeration::Orders;
use super::tails::Tails;
use super::{Permutations, too_many};
use crate::error::Result;
use crate::parallel::map_with_memory;
use crate::random::Stream;

/// Rearrangements side by side: what one gathered line of memory serves.
pub(crate) const LANES: usize = 8;

/// A statistic of rearranged values, evaluated for `LANES` rearrangements at once.
pub(crate) trait Global: Sync {
    /// How many numbers it has.
    fn outputs(&self) -> usize {
        1
    }

    /// The numbers of each rearrangement: `vectors[v][i][l]` is what unit i has of vector v in rearrangement l. All vectors
    /// are rearranged alike.
    fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]);
}

/// What the rearrangements make of one number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference {
    pub(super) tails: Tails,
    pub(super) arrangements: usize,
    /// Not all arrangements, but a sample.
    pub(super) sampled: bool,
    pub(super) mean: f64,
    /// Σ (draw - mean)².
    squares: f64,
    pub(super) standard_deviation: f64,
    pub(super) draws: Option<Vec<f64>>,
}

/// Numbers that are held until they are counted: memory does not grow with the number of rearrangements.
const HELD: usize = 1 << 20;
/// At least so many rearrangements are evaluated before they are counted.
const FEWEST: usize = 64 * LANES;

/// For each number its reference distribution. Draws within `tolerance` of `observed` are ties.
pub(crate) fn total(
    what: &str,
    vectors: &[&[f64]],
    statistic: &impl Global,
    observed: &[(f64, f64)],
    permutations: Permutations<'_>,
) -> Result<Vec<Reference>> {
    let permutations = permutations.checked()?;
    let round = (HELD / statistic.outputs().max(1) / LANES * LANES).max(FEWEST);
    let mut references: Vec<Reference> = observed
        .iter()
        .map(|_| Reference::none_yet(permutations))
        .collect();
    let mut count_up = |batches: &[Batch]| {
        for (o, (reference, &observed)) in references.iter_mut().zip(observed).enumerate() {
            let draws = batches
                .iter()
                .flat_map(|(lanes, values)| values[o].iter().take(*lanes).copied())
                .collect();
            reference.add(draws, observed);
        }
    };
    match permutations.plan.count {
        Some(count) => {
            sampled(
                vectors,
                statistic,
                permutations,
                count,
                round,
                &mut count_up,
            );
        }
        None => enumerated(what, vectors, statistic, permutations, round, &mut count_up)?,
    }
    for reference in &mut references {
        let count = reference.arrangements as f64;
        reference.standard_deviation = (reference.squares / count).sqrt();
    }
    Ok(references)
}

impl Reference {
    fn none_yet(permutations: Permutations<'_>) -> Self {
        Self {
            tails: Tails::default(),
            arrangements: 0,
            sampled: permutations.plan.count.is_some(),
            mean: 0.0,
            squares: 0.0,
            standard_deviation: 0.0,
            draws: permutations.keep.then(Vec::new),
        }
    }

    /// More draws, at least one.
    fn add(&mut self, draws: Vec<f64>, (observed, tolerance): (f64, f64)) {
        for &draw in &draws {
            self.tails.count(draw, observed, tolerance);
        }
        // About the observed value, so that a large mean costs no digits.
        let count = draws.len() as f64;
        let mean = observed + draws.iter().map(|d| d - observed).sum::<f64>() / count;
        let squares: f64 = draws.iter().map(|d| (d - mean).powi(2)).sum();
        if self.arrangements == 0 {
            (self.mean, self.squares) = (mean, squares);
        } else {
            let before = self.arrangements as f64;
            let (change, share) = (mean - self.mean, count / (before + count));
            self.mean += change * share;
            self.squares += squares + change * change * before * share;
        }
        self.arrangements += draws.len();
        if let Some(kept) = &mut self.draws {
            kept.extend(draws);
        }
    }
}

/// Lanes in use, and each number of the statistic lane by lane.
type Batch = (usize, Vec<[f64; LANES]>);

/// Replicate r shuffles the original order by the stream (seed, r).
fn sampled(
    vectors: &[&[f64]],
    statistic: &impl Global,
    permutations: Permutations<'_>,
    count: usize,
    round: usize,
    take: &mut impl FnMut(&[Batch]),
) {
    let n = vectors.first().map_or(0, |v| v.len());
    let watch = permutations.watch(count);
    for start in (0..count).step_by(round) {
        let end = count.min(start + round);
        let batches = map_with_memory(
            (end - start).div_ceil(LANES),
            || Memory::new(n, vectors.len()),
            |memory, batch| {
                let first = start + batch * LANES;
                let lanes = LANES.min(end - first);
                memory.shuffle(vectors, permutations.plan.seed, first, lanes);
                let values = memory.evaluate(statistic);
                watch.advance(lanes);
                (lanes, values)
            },
        );
        take(&batches);
    }
}

/// Every distinct arrangement of the (tuples of) values.
fn enumerated(
    what: &str,
    vectors: &[&[f64]],
    statistic: &impl Global,
    permutations: Permutations<'_>,
    round: usize,
    take: &mut impl FnMut(&[Batch]),
) -> Result<()> {
    let n = vectors.first().map_or(0, |v| v.len());
    let mut orders = Orders::of(vectors).map_err(|many| too_many(what, many))?;
    let watch = permutations.watch(orders.count());
    let mut memory = Memory::new(n, vectors.len());
    let mut batches = Vec::new();
    loop {
        let mut lanes = 0;
        while lanes < LANES
            && let Some(order) = orders.next()
        {
            memory.place(vectors, order, lanes);
            lanes += 1;
        }
        if lanes > 0 {
            batches.push((lanes, memory.evaluate(statistic)));
            watch.advance(lanes);
        }
        if !batches.is_empty() && (lanes == 0 || batches.len() * LANES >= round) {
            take(&batches);
            batches.clear();
        }
        if lanes == 0 {
            return Ok(());
        }
    }
}

/// The rearranged values of one thread.
struct Memory {
    lanes: Vec<Vec<[f64; LANES]>>,
    shuffled: Vec<f64>,
    /// One shuffled vector a lane (one vector), or one shuffled order a lane (several).
    values: [Vec<f64>; LANES],
    orders: [Vec<u32>; LANES],
}

impl Memory {
    fn new(n: usize, vectors: usize) -> Self {
        Self {
            lanes: vec![vec![[0.0; LANES]; n]; vectors],
            shuffled: Vec::new(),
            values: Default::default(),
            orders: Default::default(),
        }
    }

    fn shuffle(&mut self, vectors: &[&[f64]], seed: u64, first: usize, lanes: usize) {
        if let [vector] = vectors {
            for (l, values) in self.values.iter_mut().enumerate() {
                // One buffer is shuffled again and again, so that it stays in cache.
                self.shuffled.clear();
                self.shuffled.extend_from_slice(vector);
                if l < lanes {
                    Stream::new(seed, (first + l) as u64).shuffle(&mut self.shuffled);
                }
                values.clear();
                values.extend_from_slice(&self.shuffled);
            }
            interleave(&self.values, &mut self.lanes[0]);
            return;
        }
        let n = vectors.first().map_or(0, |v| v.len()) as u32;
        for (l, order) in self.orders.iter_mut().enumerate() {
            order.clear();
            order.extend(0..n);
            Stream::new(seed, (first + l) as u64).shuffle(order);
        }
        for (vector, lanes) in vectors.iter().zip(&mut self.lanes) {
            for (i, row) in lanes.iter_mut().enumerate() {
                for (value, order) in row.iter_mut().zip(&self.orders) {
                    *value = vector[order[i] as usize];
                }
            }
        }
    }

    fn place(&mut self, vectors: &[&[f64]], order: &[u32], lane: usize) {
        for (vector, lanes) in vectors.iter().zip(&mut self.lanes) {
            for (row, &from) in lanes.iter_mut().zip(order) {
                row[lane] = vector[from as usize];
            }
        }
    }

    fn evaluate(&self, statistic: &impl Global) -> Vec<[f64; LANES]> {
        let mut out = vec![[0.0; LANES]; statistic.outputs()];
        statistic.evaluate(&self.lanes, &mut out);
        out
    }
}

/// Element i of lane l to row i, column l.
fn interleave(lanes: &[Vec<f64>; LANES], rows: &mut [[f64; LANES]]) {
    let [a, b, c, d, e, f, g, h] = lanes;
    let first = a.iter().zip(b).zip(c).zip(d);
    let second = e.iter().zip(f).zip(g).zip(h);
    for (row, ((((a, b), c), d), (((e, f), g), h))) in rows.iter_mut().zip(first.zip(second)) {
        *row = [*a, *b, *c, *d, *e, *f, *g, *h];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ i x_i, and Σ x_i y_i.
    struct Sums;

    impl Global for Sums {
        fn outputs(&self) -> usize {
            2
        }
        fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
            out.fill([0.0; LANES]);
            let [x, y] = vectors else { return };
            for (i, (x, y)) in x.iter().zip(y).enumerate() {
                for l in 0..LANES {
                    out[0][l] += i as f64 * x[l];
                    out[1][l] += x[l] * y[l];
                }
            }
        }
    }

    #[test]
    fn rearrangements_agree_with_their_enumeration() {
        // The 24 orders of 4 values: the observed one has the largest sum, 1 of 24; the pairs stay together.
        let (x, y) = ([1.0, 2.0, 3.0, 4.0], [2.0, 0.0, 1.0, 5.0]);
        let observed = [(20.0, 1e-12), (25.0, 1e-12)];
        let run = |p| total("t", &[&x, &y], &Sums, &observed, p).unwrap();
        let draws = 24_000;
        let some = run(Permutations::new(draws).seed(3));
        // Four standard errors of a binomial(24000, 1/24): 124.
        assert!((f64::from(some[0].tails.at_least) - 1000.0).abs() < 124.0);
        // Mean (n - 1)/2 · sum x = 15, variance n (n + 1)/12 · sum of squares about the mean = 8.3333.
        assert!((some[0].mean - 15.0).abs() < 4.0 * 2.8868 / 155.0);
        assert!((some[0].standard_deviation - 2.8868).abs() < 0.06);
        assert_eq!(some[1].tails, Tails::all_tied(draws));
        assert_eq!(some, run(Permutations::new(draws).seed(3)));
        assert_ne!(some, run(Permutations::new(draws).seed(4)));

        let all = run(Permutations::all().keep_draws());
        assert_eq!((all[0].arrangements, all[0].tails.at_least), (24, 1));
        assert_eq!(all[0].tails.at_most, 24);
        assert!((all[0].mean - 15.0).abs() < 1e-12);
        assert!((all[0].standard_deviation - (25.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(all[0].draws.as_ref().map(Vec::len), Some(24));
        assert_eq!(some[0].draws, None);
    }

    #[test]
    fn rounds_of_draws_add_up() {
        struct Many;
        impl Global for Many {
            fn outputs(&self) -> usize {
                1 + HELD / FEWEST
            }
            fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
                out.fill([0.0; LANES]);
                Sums.evaluate(vectors, &mut out[..2]);
            }
        }
        let (x, y) = ([1.0, 2.0, 3.0, 4.0, 7.0, 9.0], [2.0; 6]);
        let observed = [(60.0, 1e-12), (25.0, 1e-12)];
        let some = Permutations::new(3 * FEWEST + 5).seed(3).keep_draws();
        for p in [some, Permutations::all().keep_draws()] {
            let rounds = total("t", &[&x, &y], &Many, &observed, p).unwrap();
            let once = total("t", &[&x, &y], &Sums, &observed, p).unwrap();
            for (a, b) in rounds.iter().zip(&once) {
                assert_eq!((a.tails, &a.draws), (b.tails, &b.draws));
                assert_eq!(a.arrangements, b.arrangements);
                assert!((a.mean - b.mean).abs() < 1e-12 * b.mean);
                assert!((a.standard_deviation - b.standard_deviation).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn one_vector_and_several_are_shuffled_alike() {
        struct Weighted;
        impl Global for Weighted {
            fn evaluate(&self, vectors: &[Vec<[f64; LANES]>], out: &mut [[f64; LANES]]) {
                out.fill([0.0; LANES]);
                for (i, x) in vectors[0].iter().enumerate() {
                    for l in 0..LANES {
                        out[0][l] += i as f64 * x[l];
                    }
                }
            }
        }
        let x: Vec<f64> = (0..50).map(f64::from).collect();
        let run = |vectors: &[&[f64]]| {
            let p = Permutations::new(19).keep_draws();
            total("t", vectors, &Weighted, &[(0.0, 0.0)], p).unwrap()
        };
        assert_eq!(run(&[&x]), run(&[&x, &x]));
    }
}
