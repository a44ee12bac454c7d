//! Conditional permutations over the rows of a sparse matrix: the value of unit i is held, its neighbours are drawn.
//!
//! One table of draws serves all units. Row p holds distinct ids out of 0..n - 1 (n - 1 of them), drawn by the stream
//! (seed, p); unit i takes as many of them as it has neighbours and reads an id of at least i as id + 1, so that it never
//! draws itself. From unit i - 1 to unit i only the entries with id i - 1 change. A sweep keeps the drawn values beside
//! each other and updates those entries: a unit with k neighbours costs k × R additions without a gather, and where the
//! statistic is a sum of equal weights, a search among sorted sums (see `ranked`).

use super::draw::{Drawer, other_than};
use super::enumeration::Choices;
use super::ranked::Ranked;
pub(crate) use super::table::LANES;
use super::table::{Portion, Tailing};
use super::tails::Tails;
use super::{Permutations, Plan, Watch, too_many};
use crate::data::Units;
use crate::error::Result;
use crate::inference::Alternative;
use crate::linalg::sparse::{Csr, Values};
use crate::parallel::{map_indexed, map_with_memory};
use crate::random::Stream;

/// Units that one sweep serves, by sums and by sorted sums. Like the sizes below, these change no result.
const BLOCK: usize = 1 << 10;
const RANKED_BLOCK: usize = 1 << 14;
/// Entries of the table that are held at once, so that the drawn values stay in cache; more draws come in portions.
const TABLE: usize = 1 << 16;
/// Draws of which sums are sorted at once.
const RANKED_DRAWS: usize = 1 << 10;

/// A local statistic as a function of weighted sums over the neighbours.
pub(crate) trait Local: Sync {
    /// What is summed, one value a unit in each channel.
    fn channels(&self) -> Vec<&[f64]>;

    /// The statistic of unit i, where `sums[c][l]` = Σ over the neighbours j ≠ i of w_ij channel_c(j), lane by lane.
    fn evaluate(&self, i: usize, sums: &[[f64; LANES]], out: &mut [f64; LANES]);

    /// The size of rounding errors of the statistic of unit i, whose weights have moduli that sum to `row_sum`.
    fn tolerance(&self, i: usize, row_sum: f64) -> f64;

    /// Whether the statistic is the sum of the only channel itself, which can be searched among sorted sums.
    fn is_sum(&self) -> bool {
        false
    }
}

/// Σ over j ≠ i of w_ij z_j.
#[derive(Debug)]
pub(crate) struct Sum<'a> {
    pub(crate) values: &'a [f64],
    /// Largest modulus among the data from which the values were computed.
    pub(crate) magnitude: f64,
}

impl Local for Sum<'_> {
    fn channels(&self) -> Vec<&[f64]> {
        vec![self.values]
    }

    #[inline(always)]
    fn evaluate(&self, _: usize, sums: &[[f64; LANES]], out: &mut [f64; LANES]) {
        if let Some(sum) = sums.first() {
            *out = *sum;
        }
    }

    fn tolerance(&self, _: usize, row_sum: f64) -> f64 {
        8.0 * f64::EPSILON * self.magnitude * row_sum
    }

    fn is_sum(&self) -> bool {
        true
    }
}

/// For each unit how its statistic stands among its draws.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conditional {
    tails: Vec<Tails>,
    plan: Plan,
    /// Number of arrangements of each unit, where all were taken.
    arrangements: Vec<u32>,
}

impl Conditional {
    /// From tails that were counted elsewhere; `arrangements` of each unit, where all were taken.
    pub(crate) fn counted(tails: Vec<Tails>, plan: Plan, arrangements: Vec<u32>) -> Self {
        Self {
            tails,
            plan,
            arrangements,
        }
    }

    /// Number of draws (or arrangements) of unit i.
    pub(crate) fn draws(&self, i: usize) -> usize {
        self.plan
            .count
            .unwrap_or_else(|| self.arrangements.get(i).map_or(1, |&a| a as usize))
    }

    pub(crate) fn plan(&self) -> Plan {
        self.plan
    }

    pub(crate) fn tails(&self, i: usize) -> Tails {
        self.tails[i]
    }

    pub(crate) fn p_value(&self, i: usize, alternative: Alternative) -> f64 {
        self.tails[i].p_value(self.draws(i), self.plan.count.is_some(), alternative)
    }

    /// The same for the negated statistic of the units named.
    pub(crate) fn mirror(&mut self, units: impl IntoIterator<Item = usize>) {
        for i in units {
            self.tails[i] = self.tails[i].mirrored();
        }
    }

    /// Every draw of the units named is a tie.
    pub(crate) fn tie(&mut self, units: impl IntoIterator<Item = usize>) {
        for i in units {
            self.tails[i] = Tails::all_tied(self.draws(i));
        }
    }
}

/// For each unit the number of draws of its statistic at least and at most as large as observed. A unit without
/// neighbours has tied draws only.
pub(crate) fn conditional(
    w: &Csr,
    units: &Units,
    statistic: &impl Local,
    permutations: Permutations<'_>,
) -> Result<Conditional> {
    let permutations = permutations.checked()?;
    let plan = permutations.plan;
    let n = w.n();
    let channels = statistic.channels();
    let task = Task {
        w,
        statistic,
        channels: &channels,
    };
    let watch = permutations.watch(n);
    let (tails, arrangements) = match plan.count {
        None => {
            let counted = map_with_memory(n, Memory::default, |memory, i| {
                let tails = task.enumerated(memory, units, i);
                watch.advance(1);
                tails
            });
            counted
                .into_iter()
                .collect::<Result<Vec<_>>>()?
                .into_iter()
                .unzip()
        }
        Some(count) if plan.independent => {
            let tails = map_with_memory(n, Memory::default, |memory, i| {
                let tails = task.drawn(memory, plan.seed, count, i);
                watch.advance(1);
                tails
            });
            (tails, Vec::new())
        }
        Some(count) => {
            let ranked = task.ranks(count);
            (task.shared(plan.seed, count, ranked, &watch), Vec::new())
        }
    };
    Ok(Conditional {
        tails,
        plan,
        arrangements,
    })
}

/// The statistic of each draw of unit i, those that [`conditional`] counts.
pub(crate) fn conditional_draws(
    w: &Csr,
    units: &Units,
    statistic: &impl Local,
    permutations: Permutations<'_>,
    i: usize,
) -> Result<Vec<f64>> {
    let permutations = permutations.checked()?;
    let plan = permutations.plan;
    let channels = statistic.channels();
    let task = Task {
        w,
        statistic,
        channels: &channels,
    };
    let mut memory = Memory::default();
    let target = task.target(&mut memory, i);
    let mut draws = Vec::new();
    let mut keep = |values: &[f64]| draws.extend_from_slice(values);
    match plan.count {
        None => {
            let mut choices = task.choices(units, i, &target)?;
            task.evaluate(
                &mut memory,
                &target,
                |ids| choices.next().map(|c| ids.extend_from_slice(c)).is_some(),
                &mut keep,
            );
        }
        Some(count) => {
            let widest = if plan.independent {
                target.neighbours
            } else {
                task.widest()
            };
            let mut own = Stream::new(plan.seed, i as u64);
            let (mut p, mut drawer, pool) = (0, Drawer::default(), task.pool());
            task.evaluate(
                &mut memory,
                &target,
                |ids| {
                    if p == count {
                        return false;
                    }
                    if plan.independent {
                        drawer.distinct(&mut own, widest, pool, ids);
                    } else {
                        drawer.distinct(&mut Stream::new(plan.seed, p as u64), widest, pool, ids);
                    }
                    p += 1;
                    true
                },
                &mut keep,
            );
        }
    }
    // What is compared are plain sums where weights are equal; what is told has the weights.
    if target.plain && target.weights.is_empty() {
        for draw in &mut draws {
            *draw *= target.weight;
        }
    }
    Ok(draws)
}

/// What one unit compares its draws with.
#[derive(Debug, Default)]
struct Target {
    i: usize,
    neighbours: usize,
    /// Weights of the neighbours; empty where they are equal.
    weights: Vec<f64>,
    /// The weight of every neighbour where they are equal.
    weight: f64,
    /// Plain sums are compared where weights are equal, as they are what is compared in the sorted sums.
    plain: bool,
    bounds: Tailing,
}

/// Working memory of one thread.
#[derive(Debug, Default)]
struct Memory {
    drawer: Drawer,
    ids: Vec<u32>,
    sums: Vec<[f64; LANES]>,
}

/// The statistic over the weights.
struct Task<'a, S> {
    w: &'a Csr,
    statistic: &'a S,
    channels: &'a [&'a [f64]],
}

impl<S: Local> Task<'_, S> {
    fn pool(&self) -> u32 {
        self.w.n().saturating_sub(1) as u32
    }

    /// The largest number of neighbours.
    fn widest(&self) -> usize {
        let n = self.w.n();
        let widest = (0..n).map(|i| self.w.pattern.row(i).len()).max();
        widest.unwrap_or(0).min(n.saturating_sub(1))
    }

    fn target(&self, memory: &mut Memory, i: usize) -> Target {
        let equal = !matches!(self.w.values, Values::PerLink(_));
        let plain = self.statistic.is_sum();
        let mut target = Target {
            i,
            plain,
            ..Target::default()
        };
        let mut row_sum = 0.0;
        memory.ids.clear();
        memory.sums.clear();
        memory.sums.resize(self.channels.len(), [0.0; LANES]);
        for k in self.w.pattern.range(i) {
            let j = self.w.pattern.columns[k] as usize;
            if j == i {
                continue;
            }
            let weight = self.w.value(i, k);
            target.neighbours += 1;
            if equal {
                target.weight = weight;
            } else {
                target.weights.push(weight);
            }
            let weight = if equal { 1.0 } else { weight };
            row_sum += weight.abs();
            for (sum, channel) in memory.sums.iter_mut().zip(self.channels) {
                sum[0] += weight * channel[j];
            }
        }
        if equal && !plain {
            row_sum *= target.weight.abs();
            for sum in &mut memory.sums {
                sum[0] *= target.weight;
            }
        }
        let mut out = [0.0; LANES];
        self.statistic.evaluate(i, &memory.sums, &mut out);
        let tolerance = self.statistic.tolerance(i, row_sum);
        target.bounds = Tailing {
            low: out[0] - tolerance,
            high: out[0] + tolerance,
        };
        target
    }

    /// Counts what stands in the lanes.
    #[inline(always)]
    fn count(&self, target: &Target, sums: &mut [[f64; LANES]], out: &mut [f64; LANES]) {
        if target.weights.is_empty() && !target.plain {
            for sum in sums.iter_mut() {
                for s in sum.iter_mut() {
                    *s *= target.weight;
                }
            }
        }
        self.statistic.evaluate(target.i, sums, out);
    }

    /// Evaluates draw after draw, whose ids `next` gives until it is false, and hands the values to `take` by lanes.
    fn evaluate(
        &self,
        memory: &mut Memory,
        target: &Target,
        mut next: impl FnMut(&mut Vec<u32>) -> bool,
        take: &mut impl FnMut(&[f64]),
    ) {
        let mut out = [0.0; LANES];
        loop {
            memory.sums.fill([0.0; LANES]);
            let mut lanes = 0;
            while lanes < LANES {
                memory.ids.clear();
                if !next(&mut memory.ids) {
                    break;
                }
                for (k, &id) in memory.ids.iter().take(target.neighbours).enumerate() {
                    let j = other_than(target.i, id);
                    let weight = target.weights.get(k).copied().unwrap_or(1.0);
                    for (sum, channel) in memory.sums.iter_mut().zip(self.channels) {
                        sum[lanes] += weight * channel[j];
                    }
                }
                lanes += 1;
            }
            if lanes == 0 {
                return;
            }
            self.count(target, &mut memory.sums, &mut out);
            take(&out[..lanes]);
        }
    }

    fn choices(&self, units: &Units, i: usize, target: &Target) -> Result<Choices> {
        let ordered = target
            .weights
            .windows(2)
            .any(|p| p[0].to_bits() != p[1].to_bits());
        Choices::of(target.neighbours, self.pool(), ordered)
            .map_err(|many| too_many(&format!("the neighbours of unit {}", units.name(i)), many))
    }

    /// The tails of unit i among all its arrangements, and their number.
    fn enumerated(&self, memory: &mut Memory, units: &Units, i: usize) -> Result<(Tails, u32)> {
        let target = self.target(memory, i);
        let mut choices = self.choices(units, i, &target)?;
        let count = choices.count();
        if target.neighbours == 0 {
            return Ok((Tails::all_tied(count), count as u32));
        }
        let mut tails = Tails::default();
        self.evaluate(
            memory,
            &target,
            |ids| choices.next().map(|c| ids.extend_from_slice(c)).is_some(),
            &mut |values: &[f64]| target.bounds.count(values, &mut tails),
        );
        Ok((tails, count as u32))
    }

    /// The tails of unit i among draws of its own, from the stream (seed, i).
    fn drawn(&self, memory: &mut Memory, seed: u64, count: usize, i: usize) -> Tails {
        let target = self.target(memory, i);
        if target.neighbours == 0 {
            return Tails::all_tied(count);
        }
        let (mut stream, mut left, pool) = (Stream::new(seed, i as u64), count, self.pool());
        let mut drawer = std::mem::take(&mut memory.drawer);
        let mut tails = Tails::default();
        self.evaluate(
            memory,
            &target,
            |ids| {
                let more = left > 0;
                if more {
                    drawer.distinct(&mut stream, target.neighbours, pool, ids);
                    left -= 1;
                }
                more
            },
            &mut |values: &[f64]| target.bounds.count(values, &mut tails),
        );
        memory.drawer = drawer;
        tails
    }

    /// The tails of all units among shared draws.
    fn shared(&self, seed: u64, count: usize, ranked: bool, watch: &Watch<'_>) -> Vec<Tails> {
        let n = self.w.n();
        let mut tails = vec![Tails::default(); n];
        let widest = self.widest();
        let counts = self.numbers_of_neighbours();
        let most = if ranked { RANKED_DRAWS } else { TABLE };
        let most = most.min(TABLE / widest.max(1)) / LANES * LANES;
        let block = if ranked { RANKED_BLOCK } else { BLOCK };
        let (mut first, most) = (0, most.max(LANES));
        while first < count {
            let draws = most.min(count - first);
            let portion = Portion::new(n, widest, first, draws, seed);
            let last = first + draws == count;
            let parts = map_indexed(n.div_ceil(block), |b| {
                let units = b * block..n.min((b + 1) * block);
                let all = units.len();
                let sorted = if ranked {
                    Some(counts.as_slice())
                } else {
                    None
                };
                let part = self.sweep(&portion, sorted, units);
                if last {
                    watch.advance(all);
                }
                part
            });
            for (total, part) in tails.iter_mut().zip(parts.into_iter().flatten()) {
                total.add(part);
            }
            first += draws;
        }
        tails
    }

    /// The numbers of neighbours that occur, sorted.
    fn numbers_of_neighbours(&self) -> Vec<usize> {
        let mut counts: Vec<usize> = (0..self.w.n())
            .map(|i| {
                let own = usize::from(self.w.pattern.find(i, i).is_some());
                self.w.pattern.row(i).len() - own
            })
            .collect();
        counts.sort_unstable();
        counts.dedup();
        counts
    }

    fn can_rank(&self) -> bool {
        self.statistic.is_sum() && !matches!(self.w.values, Values::PerLink(_))
    }

    /// Whether sorted sums are faster: by rough nanoseconds, since both give the same counts.
    fn ranks(&self, draws: usize) -> bool {
        if !self.can_rank() {
            return false;
        }
        let (widest, lists) = (self.widest(), self.numbers_of_neighbours().len());
        let portion = draws.min(RANKED_DRAWS) as f64;
        let portions = draws as f64 / portion;
        let (n, lists) = (self.w.n() as f64, lists as f64);
        let sorting = (n / RANKED_BLOCK as f64).ceil() * lists * portion * portion.log2() * 3.0;
        let changes = widest as f64 * portion * lists * (60.0 + 0.05 * portion);
        let searches = n * (20.0 + 5.0 * portion.log2());
        let sums = self.w.links() as f64 * draws as f64 * 0.12;
        portions * (sorting + changes + searches) < sums
    }

    /// The tails of the units of one block.
    fn sweep(
        &self,
        portion: &Portion,
        counts: Option<&[usize]>,
        units: std::ops::Range<usize>,
    ) -> Vec<Tails> {
        let stride = portion.stride;
        let rows = units.clone().map(|i| self.w.pattern.row(i).len()).max();
        let widest = rows.unwrap_or(0).min(portion.ids.len() / stride);
        // The lanes beyond the last draw stay NaN, which is neither at least nor at most anything.
        let mut drawn = vec![vec![f64::NAN; widest * stride]; self.channels.len()];
        for (drawn, channel) in drawn.iter_mut().zip(self.channels) {
            for (values, ids) in drawn.chunks_mut(stride).zip(portion.ids.chunks(stride)) {
                for (value, &id) in values.iter_mut().zip(ids).take(portion.draws) {
                    *value = channel[other_than(units.start, id)];
                }
            }
        }
        let mut ranked = counts
            .zip(drawn.first())
            .map(|(counts, drawn)| Ranked::new(drawn, portion, counts));
        let mut next = portion
            .by_id
            .partition_point(|&e| e >> 32 < units.start as u64);
        let mut memory = Memory::default();
        let arch = pulp::Arch::new();
        units
            .clone()
            .map(|i| {
                while let Some(&entry) = portion.by_id.get(next)
                    && entry >> 32 < i as u64
                {
                    let at = entry as u32 as usize;
                    if at < widest * stride {
                        for (drawn, channel) in drawn.iter_mut().zip(self.channels) {
                            drawn[at] = channel[(entry >> 32) as usize];
                        }
                        if let (Some(ranked), Some(drawn)) = (&mut ranked, drawn.first()) {
                            ranked.changed(drawn, stride, at);
                        }
                    }
                    next += 1;
                }
                let target = self.target(&mut memory, i);
                if target.neighbours == 0 {
                    return Tails::all_tied(portion.draws);
                }
                if let Some(ranked) = &ranked {
                    return ranked.tails(target.neighbours, target.bounds);
                }
                let mut tails = Tails::default();
                arch.dispatch(
                    #[inline(always)]
                    || self.sum_up(&drawn, stride, &target, &mut memory.sums, &mut tails),
                );
                tails
            })
            .collect()
    }

    /// The sums of all draws of one unit, in the order of the neighbours, and their tails.
    #[inline(always)]
    fn sum_up(
        &self,
        drawn: &[Vec<f64>],
        stride: usize,
        target: &Target,
        sums: &mut [[f64; LANES]],
        tails: &mut Tails,
    ) {
        let mut out = [0.0; LANES];
        let (mut at_least, mut at_most) = ([0_u32; LANES], [0_u32; LANES]);
        for p in (0..stride).step_by(LANES) {
            for (drawn, to) in drawn.iter().zip(sums.iter_mut()) {
                let mut sum = [0.0; LANES];
                let rows = drawn
                    .chunks_exact(stride)
                    .take(target.neighbours)
                    .filter_map(|row| row[p..].first_chunk::<LANES>());
                if target.weights.is_empty() {
                    for row in rows {
                        for l in 0..LANES {
                            sum[l] += row[l];
                        }
                    }
                } else {
                    for (row, &weight) in rows.zip(&target.weights) {
                        for l in 0..LANES {
                            sum[l] += weight * row[l];
                        }
                    }
                }
                *to = sum;
            }
            self.count(target, sums, &mut out);
            for l in 0..LANES {
                at_least[l] += u32::from(out[l] >= target.bounds.low);
                at_most[l] += u32::from(out[l] <= target.bounds.high);
            }
        }
        tails.at_least = at_least.iter().sum();
        tails.at_most = at_most.iter().sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Links of i: up to `most` others at random, and itself at times; weights equal within rows or not.
    fn random_csr(n: usize, most: u32, equal: bool, seed: u64) -> Csr {
        let mut stream = Stream::new(seed, 0);
        let (mut drawer, mut ids) = (Drawer::default(), Vec::new());
        let rows: Vec<Vec<(u32, f64)>> = (0..n)
            .map(|i| {
                let k = stream.below(most + 1) as usize;
                drawer.distinct(&mut stream, k.min(n - 1), n as u32 - 1, &mut ids);
                for id in &mut ids {
                    *id = other_than(i, *id) as u32;
                }
                if i % 5 == 3 {
                    ids.push(i as u32);
                }
                ids.sort_unstable();
                let own = 0.5 + stream.uniform();
                ids.iter()
                    .map(|&id| (id, if equal { own } else { 0.1 + stream.uniform() }))
                    .collect()
            })
            .collect();
        Csr::from_rows(&rows)
    }

    /// Σ w_ij (z_i - z_j)² from two sums.
    struct Differences<'a> {
        z: &'a [f64],
        squares: &'a [f64],
        row_sums: &'a [f64],
    }

    impl Local for Differences<'_> {
        fn channels(&self) -> Vec<&[f64]> {
            vec![self.z, self.squares]
        }
        #[inline(always)]
        fn evaluate(&self, i: usize, sums: &[[f64; LANES]], out: &mut [f64; LANES]) {
            for l in 0..LANES {
                let own = self.z[i] * self.z[i] * self.row_sums[i];
                out[l] = own - 2.0 * self.z[i] * sums[0][l] + sums[1][l];
            }
        }
        fn tolerance(&self, _: usize, row_sum: f64) -> f64 {
            1e-13 * 16.0 * row_sum
        }
    }

    /// The tails of unit i from its draws, one by one.
    fn twin(w: &Csr, statistic: &impl Local, p: Permutations<'_>, i: usize) -> Tails {
        let draws = conditional_draws(w, &Units::range(w.n()), statistic, p, i).unwrap();
        let channels = statistic.channels();
        let mut sums = vec![[0.0; LANES]; channels.len()];
        let mut row_sum = 0.0;
        for (j, weight) in w.row(i).filter(|l| l.0 != i) {
            row_sum += weight;
            for (sum, channel) in sums.iter_mut().zip(&channels) {
                sum[0] += weight * channel[j];
            }
        }
        let mut out = [0.0; LANES];
        statistic.evaluate(i, &sums, &mut out);
        let mut tails = Tails::default();
        for draw in draws {
            tails.count(draw, out[0], statistic.tolerance(i, row_sum));
        }
        tails
    }

    #[test]
    fn sweeps_and_sorted_sums_equal_gathering_unit_by_unit() {
        for (n, most, equal, draws) in [
            (2100, 7, true, 37),
            (1500, 9, false, 16),
            (60, 59, true, 99),
            (60, 59, false, 99),
            (2, 1, true, 5),
            (18_000, 6, true, 40),   // several blocks of sorted sums
            (300, 5, true, 2500),    // sorted sums come in portions
            (1000, 200, false, 700), // the table comes in portions
        ] {
            let w = random_csr(n, most, equal, n as u64 + u64::from(most));
            let mut stream = Stream::new(8, 8);
            let z: Vec<f64> = (0..n).map(|_| stream.normal().round()).collect();
            let squares: Vec<f64> = z.iter().map(|z| z * z).collect();
            let p = Permutations::new(draws).seed(11);
            let statistic = Sum {
                values: &z,
                magnitude: 4.0,
            };
            let task = Task {
                w: &w,
                statistic: &statistic,
                channels: &[&z[..]],
            };
            let watch = p.watch(n);
            let fast = task.shared(11, draws, false, &watch);
            if task.can_rank() {
                assert_eq!(fast, task.shared(11, draws, true, &watch), "n = {n}");
            }
            let row_sums: Vec<f64> = (0..n)
                .map(|i| w.row(i).filter(|l| l.0 != i).map(|l| l.1).sum())
                .collect();
            let differences = Differences {
                z: &z,
                squares: &squares,
                row_sums: &row_sums,
            };
            let two = conditional(&w, &Units::range(n), &differences, p).unwrap();
            let own = conditional(&w, &Units::range(n), &statistic, p.independent()).unwrap();
            for i in (0..n).step_by(n / 40 + 1) {
                assert_eq!(fast[i], twin(&w, &statistic, p, i), "n = {n}, unit {i}");
                assert_eq!(
                    two.tails(i),
                    twin(&w, &differences, p, i),
                    "n = {n}, unit {i}"
                );
                assert_eq!(own.tails(i), twin(&w, &statistic, p.independent(), i));
            }
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
        let sum = Sum {
            values: &centred,
            magnitude: 1002.0,
        };
        let (w, units) = (Csr::from_rows(&rows), Units::range(40));
        for p in [Permutations::new(99), Permutations::new(99).independent()] {
            let found = conditional(&w, &units, &sum, p).unwrap();
            assert!((0..40).all(|i| found.tails(i) == Tails::all_tied(99)));
        }
        let all = conditional(&w, &units, &sum, Permutations::all()).unwrap();
        assert!((0..40).all(|i| all.draws(i) == 1 && all.tails(i) == Tails::all_tied(1)));
    }

    #[test]
    fn draws_approach_the_exact_p_value() {
        // Unit 0 with neighbours 1 and 2 among six units: 20 ordered pairs of the others.
        let mut rows = vec![Vec::new(); 6];
        rows[0] = vec![(1, 0.3), (2, 0.7)];
        rows[4] = vec![(1, 0.5), (2, 0.5), (3, 0.5)];
        let (w, units) = (Csr::from_rows(&rows), Units::range(6));
        let z = [0.5, 1.0, 0.2, -0.4, 0.9, -1.1];
        let sum = Sum {
            values: &z,
            magnitude: 1.1,
        };
        let all = conditional(&w, &units, &sum, Permutations::all()).unwrap();
        assert_eq!((all.draws(0), all.draws(3)), (20, 1));
        let observed = 0.3 * z[1] + 0.7 * z[2];
        let mut at_least = 0;
        for a in 1..6 {
            for b in (1..6).filter(|&b| b != a) {
                at_least += u32::from(0.3 * z[a] + 0.7 * z[b] >= observed - 1e-12);
            }
        }
        assert_eq!(all.tails(0).at_least, at_least);
        let draws = 20_000;
        for i in [0, 4] {
            let exact = all.p_value(i, Alternative::Greater);
            for p in [
                Permutations::new(draws).seed(1),
                Permutations::new(draws).independent(),
            ] {
                let found = conditional(&w, &units, &sum, p).unwrap();
                let share = f64::from(found.tails(i).at_least) / draws as f64;
                let error = (exact * (1.0 - exact) / draws as f64).sqrt();
                assert!((share - exact).abs() < 4.0 * error);
                assert_eq!(found.tails(3), Tails::all_tied(draws));
            }
        }
    }

    #[test]
    fn too_many_arrangements_are_an_error_that_names_the_unit() {
        let rows: Vec<Vec<(u32, f64)>> = (0..60_u32)
            .map(|i| {
                if i == 7 {
                    (20..30).map(|j| (j, 1.0)).collect()
                } else {
                    Vec::new()
                }
            })
            .collect();
        let z = vec![1.0; 60];
        let sum = Sum {
            values: &z,
            magnitude: 1.0,
        };
        let found = conditional(
            &Csr::from_rows(&rows),
            &Units::range(60),
            &sum,
            Permutations::all(),
        );
        let message = found.unwrap_err().to_string();
        assert!(
            message.contains("unit 7") && message.contains("10^6"),
            "{message}"
        );
    }
}
