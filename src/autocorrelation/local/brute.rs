//! For tests: a small map with unequal weights, and local statistics over every conditional arrangement, slow and obvious.

use crate::data::Units;
use crate::linalg::sparse::Csr;
use crate::weights::Weights;

/// Seven units with two or three neighbours of unequal weights, and an island.
pub(super) fn map() -> Weights {
    let rows: Vec<Vec<(u32, f64)>> = (0..8_u32)
        .map(|i| {
            let mut row = match i {
                7 => vec![],
                _ if i % 2 == 0 => vec![((i + 1) % 7, 0.4), ((i + 2) % 7, 0.9), ((i + 4) % 7, 0.6)],
                _ => vec![((i + 1) % 7, 0.5), ((i + 3) % 8, 0.25)],
            };
            row.sort_by_key(|l| l.0);
            row
        })
        .collect();
    Weights::from_csr(Units::range(8), Csr::from_rows(&rows), "links").islands_kept()
}

/// A variable over it, with ties.
pub(super) const X: [f64; 8] = [2.0, 7.0, 1.0, 8.0, 2.0, 8.5, 1.8, 5.0];

/// Another.
pub(super) const Y: [f64; 8] = [0.3, -0.9, 1.4, -2.0, 0.1, -0.4, 2.2, 0.5];

/// What a statistic of one unit is over all ordered choices of its neighbours out of the other units.
pub(super) struct All {
    pub(super) mean: f64,
    pub(super) variance: f64,
    pub(super) at_least: f64,
    pub(super) at_most: f64,
}

/// `statistic(drawn)` is the statistic of unit i with these units in the places of its neighbours other than itself.
pub(super) fn all(w: &Weights, i: usize, statistic: impl Fn(&[usize]) -> f64) -> All {
    let neighbours: Vec<usize> = w.csr().row(i).map(|l| l.0).filter(|&j| j != i).collect();
    let observed = statistic(&neighbours);
    let mut values = Vec::new();
    choose(w.n(), i, &mut Vec::new(), neighbours.len(), &mut |drawn| {
        values.push(statistic(drawn));
    });
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let share =
        |keep: &dyn Fn(f64) -> bool| values.iter().filter(|&&v| keep(v)).count() as f64 / count;
    let tolerance = 1e-11 * observed.abs().max(1.0);
    All {
        mean,
        variance: values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count,
        at_least: share(&|v| v >= observed - tolerance),
        at_most: share(&|v| v <= observed + tolerance),
    }
}

/// Every ordered choice of `left` more units other than i.
pub(super) fn choose(
    n: usize,
    i: usize,
    drawn: &mut Vec<usize>,
    left: usize,
    take: &mut impl FnMut(&[usize]),
) {
    if left == 0 {
        return take(drawn);
    }
    for j in (0..n).filter(|&j| j != i) {
        if !drawn.contains(&j) {
            drawn.push(j);
            choose(n, i, drawn, left - 1, take);
            drawn.pop();
        }
    }
}

/// The weights of unit i beside what is drawn for its neighbours.
pub(super) fn links<'a>(
    w: &'a Weights,
    i: usize,
    drawn: &'a [usize],
) -> impl Iterator<Item = (usize, f64)> + 'a {
    let weights = w.csr().row(i).filter(move |&(j, _)| j != i).map(|l| l.1);
    drawn.iter().copied().zip(weights)
}
