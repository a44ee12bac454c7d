//! Conditional permutations over the rows of a sparse matrix: the value of unit i is held, its neighbours are drawn.
//!
//! One table of draws serves all units. Row p holds distinct ids out of 0..n - 1 (n - 1 of them), drawn by the stream
//! (seed, p); unit i takes as many of them as it has neighbours and reads an id of at least i as id + 1, so that it never
//! draws itself. From unit i - 1 to unit i only the entries with id i - 1 change. A sweep keeps the drawn values beside
//! each other and updates those entries, and a unit with k neighbours costs k × R additions without a gather.

use super::permutation::{Permutations, Tails};
use crate::error::Result;
use crate::linalg::sparse::{Csr, Values};
use crate::parallel::map_indexed;
use crate::random::Stream;

/// Draws side by side in one step of the kernel.
const LANES: usize = 16;
/// Units that one sweep serves; neither this nor `TABLE` changes a result.
const BLOCK: usize = 1024;
/// Entries of the table that are held at once, so that the drawn values stay in cache; more draws come in portions.
const TABLE: usize = 1 << 18;

/// For each unit the number of draws of sum over j ≠ i of w_ij z_(j) at least and at most as large as observed.
///
/// `magnitude` is the largest modulus among the data from which `z` was computed: draws within 8 machine epsilons times
/// `magnitude` times the row sum are ties. A unit without neighbours has tied draws only.
pub(crate) fn conditional_tails(
    w: &Csr,
    z: &[f64],
    magnitude: f64,
    permutations: Permutations,
) -> Result<Vec<Tails>> {
    let permutations = permutations.checked()?;
    let n = w.n();
    if permutations.is_independent() {
        return Ok(independent_tails(w, z, magnitude, permutations));
    }
    let widest = (0..n).map(|i| w.pattern.row(i).len()).max().unwrap_or(0);
    let mut tails = vec![Tails::default(); n];
    let portion = (TABLE / widest.max(1) / LANES * LANES).max(LANES);
    let mut first = 0;
    while first < permutations.count() {
        let draws = portion.min(permutations.count() - first);
        let table = Table::new(n, widest, first, draws, permutations.seed_value());
        let blocks = map_indexed(n.div_ceil(BLOCK), |b| {
            sweep(w, z, magnitude, &table, b * BLOCK..n.min((b + 1) * BLOCK))
        });
        for (total, part) in tails.iter_mut().zip(blocks.iter().flatten()) {
            total.at_least += part.at_least;
            total.at_most += part.at_most;
        }
        first += draws;
    }
    Ok(tails)
}

/// What one unit compares its draws with.
struct Target {
    /// Weights of the neighbours; empty where they are equal, in which case plain sums are compared.
    weights: Vec<f64>,
    neighbours: usize,
    /// Observed sum less and plus the tolerance.
    low: f64,
    high: f64,
}

impl Target {
    fn new(w: &Csr, z: &[f64], magnitude: f64, i: usize) -> Self {
        let equal = !matches!(w.values, Values::PerLink(_));
        let (mut weights, mut neighbours, mut observed, mut row_sum) = (Vec::new(), 0, 0.0, 0.0);
        for (j, weight) in w.row(i).filter(|&(j, _)| j != i) {
            let weight = if equal { 1.0 } else { weight };
            if !equal {
                weights.push(weight);
            }
            neighbours += 1;
            observed += weight * z[j];
            row_sum += weight.abs();
        }
        let tolerance = 8.0 * f64::EPSILON * magnitude * row_sum;
        Self {
            weights,
            neighbours,
            low: observed - tolerance,
            high: observed + tolerance,
        }
    }

    fn count(&self, sum: f64, tails: &mut Tails) {
        tails.at_least += u32::from(sum >= self.low);
        tails.at_most += u32::from(sum <= self.high);
    }
}

/// A portion of the shared table of draws.
struct Table {
    /// Ids, entry (k, p) at k · stride + p; the stride is a multiple of `LANES`.
    ids: Vec<u32>,
    /// id · 2^32 + position, in the order of the ids.
    by_id: Vec<u64>,
    draws: usize,
    stride: usize,
}

impl Table {
    fn new(n: usize, widest: usize, first: usize, draws: usize, seed: u64) -> Self {
        let pool = n.saturating_sub(1);
        let widest = widest.min(pool);
        let stride = draws.next_multiple_of(LANES);
        let rows = map_indexed(draws, |p| {
            distinct(
                &mut Stream::new(seed, (first + p) as u64),
                widest,
                pool as u32,
            )
        });
        let mut ids = vec![0; widest * stride];
        let mut by_id = Vec::with_capacity(widest * draws);
        for (p, row) in rows.iter().enumerate() {
            for (k, &id) in row.iter().enumerate() {
                ids[k * stride + p] = id;
                by_id.push(u64::from(id) << 32 | (k * stride + p) as u64);
            }
        }
        by_id.sort_unstable();
        Self {
            ids,
            by_id,
            draws,
            stride,
        }
    }
}

/// The tails of the units of one block.
fn sweep(
    w: &Csr,
    z: &[f64],
    magnitude: f64,
    table: &Table,
    units: std::ops::Range<usize>,
) -> Vec<Tails> {
    let stride = table.stride;
    let widest = units
        .clone()
        .map(|i| w.pattern.row(i).len())
        .max()
        .unwrap_or(0)
        .min(table.ids.len() / stride);
    // The lanes beyond the last draw stay NaN, which is neither at least nor at most anything.
    let mut drawn = vec![f64::NAN; widest * stride];
    for (values, ids) in drawn.chunks_mut(stride).zip(table.ids.chunks(stride)) {
        for (value, &id) in values.iter_mut().zip(ids).take(table.draws) {
            *value = z[other_than(units.start, id)];
        }
    }
    let mut next = table
        .by_id
        .partition_point(|&e| e >> 32 < units.start as u64);
    units
        .clone()
        .map(|i| {
            while let Some(&entry) = table.by_id.get(next)
                && entry >> 32 < i as u64
            {
                if let Some(value) = drawn.get_mut(entry as u32 as usize) {
                    *value = z[(entry >> 32) as usize];
                }
                next += 1;
            }
            let target = Target::new(w, z, magnitude, i);
            if target.neighbours == 0 {
                return Tails::all_tied(table.draws);
            }
            let mut tails = Tails::default();
            for p in (0..stride).step_by(LANES) {
                for sum in sums(&drawn, stride, p, &target) {
                    target.count(sum, &mut tails);
                }
            }
            tails
        })
        .collect()
}

/// The sums of draws p to p + LANES, in the order of the neighbours.
fn sums(drawn: &[f64], stride: usize, p: usize, target: &Target) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    let rows = drawn
        .chunks_exact(stride)
        .take(target.neighbours)
        .filter_map(|row| row[p..].first_chunk::<LANES>());
    if target.weights.is_empty() {
        for row in rows {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += value;
            }
        }
    } else {
        for (row, weight) in rows.zip(&target.weights) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
    }
    sums
}

/// Draws of its own for every unit, from the stream (seed, i).
fn independent_tails(w: &Csr, z: &[f64], magnitude: f64, permutations: Permutations) -> Vec<Tails> {
    let n = w.n();
    map_indexed(n, |i| {
        let target = Target::new(w, z, magnitude, i);
        if target.neighbours == 0 {
            return Tails::all_tied(permutations.count());
        }
        let mut stream = Stream::new(permutations.seed_value(), i as u64);
        let mut tails = Tails::default();
        for _ in 0..permutations.count() {
            let ids = distinct(&mut stream, target.neighbours, n as u32 - 1);
            target.count(gathered(z, &ids, i, &target), &mut tails);
        }
        tails
    })
}

/// The sum of one draw of unit i.
fn gathered(z: &[f64], ids: &[u32], i: usize, target: &Target) -> f64 {
    ids.iter()
        .take(target.neighbours)
        .enumerate()
        .fold(0.0, |sum, (k, &id)| {
            sum + target.weights.get(k).copied().unwrap_or(1.0) * z[other_than(i, id)]
        })
}

/// The id-th unit among those other than i.
fn other_than(i: usize, id: u32) -> usize {
    id as usize + usize::from(id as usize >= i)
}

/// The first `count` elements of a uniform permutation of 0..pool (Fisher-Yates), so that every prefix is uniform too.
/// What is drawn does not depend on how the permutation is stored.
fn distinct(stream: &mut Stream, count: usize, pool: u32) -> Vec<u32> {
    /// Up to here the displaced elements are searched one by one.
    const FEW: usize = 48;
    if count > FEW.max(pool as usize / 64) {
        let mut all: Vec<u32> = (0..pool).collect();
        for j in 0..count {
            let other = j + stream.below(pool - j as u32) as usize;
            all.swap(j, other);
        }
        all.truncate(count);
        return all;
    }
    let mut displaced = Displaced::new(count > FEW);
    (0..count as u32)
        .map(|j| {
            let other = j + stream.below(pool - j);
            let taken = displaced.get(other);
            displaced.set(other, displaced.get(j));
            taken
        })
        .collect()
}

/// The elements of 0..pool that a shuffle has moved: (position, element).
enum Displaced {
    Few(Vec<(u32, u32)>),
    Many(std::collections::HashMap<u32, u32>),
}

impl Displaced {
    fn new(many: bool) -> Self {
        if many {
            Self::Many(std::collections::HashMap::new())
        } else {
            Self::Few(Vec::new())
        }
    }

    fn get(&self, position: u32) -> u32 {
        match self {
            Self::Few(moved) => moved
                .iter()
                .rev()
                .find(|m| m.0 == position)
                .map_or(position, |m| m.1),
            Self::Many(moved) => moved.get(&position).copied().unwrap_or(position),
        }
    }

    fn set(&mut self, position: u32, element: u32) {
        match self {
            Self::Few(moved) => moved.push((position, element)),
            Self::Many(moved) => {
                moved.insert(position, element);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Links of i: up to `most` random others; weights equal within rows or not.
    fn random_csr(n: usize, most: u32, equal: bool, seed: u64) -> Csr {
        let mut stream = Stream::new(seed, 0);
        let rows: Vec<Vec<(u32, f64)>> = (0..n)
            .map(|i| {
                let k = stream.below(most + 1) as usize;
                let mut ids = distinct(&mut stream, k.min(n - 1), n as u32 - 1);
                ids.sort_unstable();
                ids.iter()
                    .map(|&id| {
                        let weight = if equal { 1.0 } else { 0.1 + stream.uniform() };
                        (other_than(i, id) as u32, weight)
                    })
                    .collect()
            })
            .collect();
        Csr::from_rows(&rows)
    }

    /// The same by a gather per unit and draw.
    fn twin(w: &Csr, z: &[f64], magnitude: f64, permutations: Permutations) -> Vec<Tails> {
        let n = w.n();
        let widest = (0..n).map(|i| w.pattern.row(i).len()).max().unwrap();
        (0..n)
            .map(|i| {
                let target = Target::new(w, z, magnitude, i);
                let mut tails = Tails::default();
                for p in 0..permutations.count() {
                    let mut stream = Stream::new(permutations.seed_value(), p as u64);
                    let ids = distinct(&mut stream, widest, n as u32 - 1);
                    target.count(gathered(z, &ids, i, &target), &mut tails);
                }
                tails
            })
            .collect()
    }

    #[test]
    fn sweep_equals_gathering_unit_by_unit() {
        for (n, most, equal, draws) in [
            (2100, 7, true, 37),
            (1500, 9, false, 16),
            (60, 59, true, 99),
            (60, 59, false, 99),
            (2, 1, true, 5),
            (3000, 400, false, 700), // the table comes in portions
        ] {
            let w = random_csr(n, most, equal, n as u64 + u64::from(most));
            let mut stream = Stream::new(8, 8);
            let z: Vec<f64> = (0..n).map(|_| stream.normal().round()).collect();
            let permutations = Permutations::new(draws).seed(11);
            let fast = conditional_tails(&w, &z, 4.0, permutations).unwrap();
            if n < 3000 {
                assert_eq!(fast, twin(&w, &z, 4.0, permutations), "n = {n}");
            } else {
                let some: Vec<usize> = (0..n).step_by(511).collect();
                let widest = (0..n).map(|i| w.pattern.row(i).len()).max().unwrap();
                assert!(widest * draws > TABLE);
                let mut slow = vec![Tails::default(); some.len()];
                for p in 0..draws {
                    let ids = distinct(&mut Stream::new(11, p as u64), widest, n as u32 - 1);
                    for (tails, &i) in slow.iter_mut().zip(&some) {
                        let target = Target::new(&w, &z, 4.0, i);
                        target.count(gathered(&z, &ids, i, &target), tails);
                    }
                }
                assert!(some.iter().zip(&slow).all(|(&i, t)| fast[i] == *t));
            }
        }
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

    #[test]
    fn sums_equal_in_exact_arithmetic_are_ties() {
        // Complete graph: every draw is a rearrangement of the same values.
        let n = 40;
        let rows: Vec<Vec<(u32, f64)>> = (0..n)
            .map(|i| (0..n).filter(|&j| j != i).map(|j| (j, 1.0)).collect())
            .collect();
        let z: Vec<f64> = (0..n)
            .map(|i| 1000.0 + 0.1 * f64::from(i * i % 17))
            .collect();
        let mean = z.iter().sum::<f64>() / f64::from(n);
        let centred: Vec<f64> = z.iter().map(|v| v - mean).collect();
        let permutations = Permutations::new(99);
        for p in [permutations, permutations.independent()] {
            let tails = conditional_tails(&Csr::from_rows(&rows), &centred, 1002.0, p).unwrap();
            assert!(tails.iter().all(|t| *t == Tails::all_tied(99)));
        }
    }

    #[test]
    fn shared_and_independent_draws_have_the_exact_p_value() {
        // Unit 0 with neighbours 1 and 2 among six units: 20 ordered pairs of the others, counted by enumeration.
        let mut rows = vec![Vec::new(); 6];
        rows[0] = vec![(1, 0.3), (2, 0.7)];
        let w = Csr::from_rows(&rows);
        let z = [0.5, 1.0, 0.2, -0.4, 0.9, -1.1];
        let observed = 0.3 * z[1] + 0.7 * z[2];
        let (mut at_least, mut all) = (0.0, 0.0);
        for a in 1..6 {
            for b in (1..6).filter(|&b| b != a) {
                all += 1.0;
                at_least += f64::from(u8::from(0.3 * z[a] + 0.7 * z[b] >= observed - 1e-12));
            }
        }
        let exact = at_least / all;
        let draws = 20_000;
        let permutations = Permutations::new(draws).seed(1);
        for p in [permutations, permutations.independent()] {
            let tails = conditional_tails(&w, &z, 1.1, p).unwrap();
            let share = f64::from(tails[0].at_least) / draws as f64;
            let error = (exact * (1.0 - exact) / draws as f64).sqrt();
            assert!((share - exact).abs() < 4.0 * error);
            assert_eq!(tails[3], Tails::all_tied(draws));
        }
    }
}
