//! Conditional permutations for statistics that are no sum over the neighbours: unit i is held, the set of its neighbours is drawn.

use super::draw::{Drawer, other_than};
use super::enumeration::Choices;
use super::tails::Tails;
use super::{Conditional, Permutations, too_many};
use crate::data::Units;
use crate::error::Result;
use crate::parallel::map_with_memory;
use crate::random::Stream;

/// The draws are cut into at most so many blocks, each of which holds two counts a unit.
const BLOCKS: usize = 128;
/// A block has at least so many draws.
const FEWEST: usize = 16;

/// For each unit the number of draws of its statistic at least and at most as large as `observed`.
///
/// `statistic(i, set)` is a whole number, so that ties need no tolerance; `set` holds the positions of `sizes[i]` distinct units other than i.
/// Draw p takes its ids from the stream (seed, p), as [`conditional`](super::conditional) does; a unit without neighbours has tied draws only.
/// Cost: draws × units × what the statistic costs.
pub(crate) fn conditional_sets(
    units: &Units,
    sizes: &[usize],
    observed: &[i64],
    statistic: &(impl Fn(usize, &[u32]) -> i64 + Sync),
    permutations: Permutations<'_>,
) -> Result<Conditional> {
    let permutations = permutations.checked()?;
    let plan = permutations.plan;
    let n = sizes.len();
    let pool = n.saturating_sub(1) as u32;
    let widest = sizes.iter().copied().max().unwrap_or(0).min(pool as usize);
    let count = |tails: &mut Tails, i: usize, ids: &[u32], set: &mut Vec<u32>| {
        set.clear();
        let drawn = ids.iter().take(sizes[i]);
        set.extend(drawn.map(|&id| other_than(i, id) as u32));
        let value = statistic(i, set);
        tails.at_least += u32::from(value >= observed[i]);
        tails.at_most += u32::from(value <= observed[i]);
    };
    let Some(draws) = plan.count else {
        let watch = permutations.watch(n);
        let counted = map_with_memory(n, Vec::new, |set, i| {
            let mut choices = Choices::of(sizes[i], pool, false).map_err(|many| {
                too_many(&format!("the neighbours of `{}`", units.name(i)), many)
            })?;
            let mut tails = Tails::default();
            while let Some(ids) = choices.next() {
                count(&mut tails, i, ids, set);
            }
            watch.advance(1);
            Ok((tails, choices.count() as u32))
        });
        let counted: Vec<(Tails, u32)> = counted.into_iter().collect::<Result<_>>()?;
        let (tails, arrangements) = counted.into_iter().unzip();
        return Ok(Conditional::counted(tails, plan, arrangements));
    };
    let memory = || (Drawer::default(), Vec::new(), Vec::new());
    if plan.independent {
        let watch = permutations.watch(n);
        let tails = map_with_memory(n, memory, |(drawer, ids, set), i| {
            let mut stream = Stream::new(plan.seed, i as u64);
            let mut tails = Tails::default();
            for _ in 0..draws {
                drawer.distinct(&mut stream, sizes[i].min(pool as usize), pool, ids);
                count(&mut tails, i, ids, set);
            }
            watch.advance(1);
            tails
        });
        return Ok(Conditional::counted(tails, plan, Vec::new()));
    }
    let watch = permutations.watch(draws);
    let block = draws.div_ceil(BLOCKS).max(FEWEST);
    let parts = map_with_memory(draws.div_ceil(block), memory, |(drawer, ids, set), b| {
        let mut tails = vec![Tails::default(); n];
        let (first, end) = (b * block, draws.min((b + 1) * block));
        for p in first..end {
            drawer.distinct(&mut Stream::new(plan.seed, p as u64), widest, pool, ids);
            for (i, tails) in tails.iter_mut().enumerate() {
                count(tails, i, ids, set);
            }
        }
        watch.advance(end - first);
        tails
    });
    let mut all = vec![Tails::default(); n];
    for part in parts {
        for (all, tails) in all.iter_mut().zip(part) {
            all.add(tails);
        }
    }
    Ok(Conditional::counted(all, plan, Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Alternative;

    #[test]
    fn draws_agree_with_the_enumeration() {
        // The sum of the squared ids of two or three of the other six, beside those of the first.
        let statistic = |_: usize, set: &[u32]| set.iter().map(|&j| i64::from(j * j)).sum::<i64>();
        let (sizes, observed) = ([2, 3, 0, 2, 1, 6, 2], [30, 20, 0, 10, 9, 55, 61]);
        let units = Units::range(7);
        let run = |p| conditional_sets(&units, &sizes, &observed, &statistic, p).unwrap();
        let all = run(Permutations::all());
        // Of 15 pairs among 1, 4, 9, 16, 25, 36, nine sum to 30 or less: unit 0.
        let pairs: Vec<i64> = (1..7_i64)
            .flat_map(|a| (a + 1..7).map(move |b| a * a + b * b))
            .collect();
        let at_most = pairs.iter().filter(|&&s| s <= 30).count();
        assert_eq!((all.draws(0), all.draws(1)), (15, 20));
        assert_eq!(all.tails(0).at_most as usize, at_most);
        assert_eq!(all.tails(2), Tails::all_tied(1));
        let draws = 20_000;
        for p in [
            Permutations::new(draws).seed(4),
            Permutations::new(draws).seed(4).independent(),
        ] {
            let some = run(p);
            assert_eq!(some, run(p));
            assert_eq!(some.tails(2), Tails::all_tied(draws));
            for i in 0..7 {
                for alternative in [Alternative::Greater, Alternative::Less] {
                    let exact = all.p_value(i, alternative);
                    let error = (exact * (1.0 - exact) / draws as f64).sqrt();
                    let found = some.p_value(i, alternative);
                    assert!((found - exact).abs() <= 4.5 * error + 1.0 / draws as f64);
                }
            }
        }
        let wide = Units::range(60);
        let refused = conditional_sets(&wide, &[20; 60], &[0; 60], &statistic, Permutations::all());
        assert!(refused.unwrap_err().to_string().contains("`0`"));
    }
}
