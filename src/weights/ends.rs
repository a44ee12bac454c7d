//! The ends of the real spectrum of weights that are not similar to symmetric ones, at any number of units.
//!
//! The eigenvalues are those of the strongly connected components, so that links between these are left out first: what remains is
//! farther from defective, and a map without cycles has none but zeros and its diagonal.

use ndarray::{Array1, ArrayView1};

use super::perron::strong_components;
use crate::error::Result;
use crate::linalg::arnoldi::{Goal, most_negative};
use crate::linalg::dense;
use crate::linalg::logdet::SMALLEST_END;
use crate::linalg::sparse::{Csr, Pattern};

const EPS: f64 = f64::EPSILON;
/// Up to so many units in components of more than one all eigenvalues are computed.
const FEW: usize = 300;
pub(super) const MOST_RESTARTS: usize = 60;
/// Of the smallest eigenvalue, where it is slower the more digits are asked for than it is worth.
const LOW: Goal = Goal {
    tolerance: 1e-6,
    residual: 1e-3,
    most_restarts: MOST_RESTARTS,
};
/// Of the largest one, which ends the interval of rho in which estimates lie.
const HIGH: Goal = Goal {
    tolerance: 1e-10,
    residual: 1e-5,
    most_restarts: 300,
};

/// The smallest and the largest real eigenvalue; of the smallest one nothing where it is not found, or where it is nearer to zero than a tenth
/// of the largest one.
pub(super) fn asymmetric_ends(w: &Csr) -> Result<(Option<f64>, f64)> {
    let n = w.n();
    let components = strong_components(w);
    let mut label = vec![u32::MAX; n];
    let mut local = vec![u32::MAX; n];
    let mut units = Vec::new();
    // units of their own have their diagonal as eigenvalue
    let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
    for (c, members) in components.iter().enumerate() {
        if let [alone] = members[..] {
            let own = w.get(alone as usize, alone as usize);
            (lowest, highest) = (lowest.min(own), highest.max(own));
            continue;
        }
        for &i in members {
            label[i as usize] = c as u32;
            local[i as usize] = units.len() as u32;
            units.push(i);
        }
    }
    if units.is_empty() {
        return Ok(if lowest <= highest {
            (Some(lowest), highest)
        } else {
            (Some(0.0), 0.0)
        });
    }
    // neighbours in memory stay so
    units.sort_unstable();
    for (k, &i) in units.iter().enumerate() {
        local[i as usize] = k as u32;
    }
    let within = if units.len() == n && components.len() == 1 {
        w.clone()
    } else {
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for &i in &units {
            for (j, weight) in w
                .row(i as usize)
                .filter(|(j, _)| label[*j] == label[i as usize])
            {
                columns.push(local[j]);
                weights.push(weight);
            }
            offsets.push(columns.len() as u32);
        }
        Csr::compact(Pattern { offsets, columns }, weights)
    };
    if units.len() <= FEW {
        let omega = dense::eigenvalues(within.to_dense().view())?;
        let scale = omega
            .iter()
            .fold(0.0_f64, |m, (re, im)| m.max(re.hypot(*im)));
        for o in omega.iter().filter(|o| o.1.abs() <= 1e-6 * scale) {
            (lowest, highest) = (lowest.min(o.0), highest.max(o.0));
        }
        return Ok((Some(lowest), highest));
    }
    let sums = within.row_sums();
    let high = match constant_component(&components, &local, &sums) {
        Some(sum) => sum,
        None => largest(&within, &sums)?,
    }
    .max(highest);
    let least = -SMALLEST_END * high;
    let product = |x: &[f64]| within.product(ArrayView1::from(x)).to_vec();
    let low = most_negative(within.n(), LOW, high, least, product)?;
    Ok((low, high))
}

/// The largest row sum, where all rows of one component have it: the spectral radius, exactly.
fn constant_component(components: &[Vec<u32>], local: &[u32], sums: &Array1<f64>) -> Option<f64> {
    let most = sums.iter().copied().fold(0.0, f64::max);
    let full = |&i: &u32| {
        let sum = sums.get(local[i as usize] as usize);
        sum.is_some_and(|s| *s >= most * (1.0 - 4.0 * EPS))
    };
    let mut linked = components.iter().filter(|members| members.len() > 1);
    linked
        .any(|members| members.iter().all(full))
        .then_some(most)
}

/// The spectral radius, an eigenvalue as the weights are not negative; a norm, which bounds it, where it does not converge.
fn largest(within: &Csr, sums: &Array1<f64>) -> Result<f64> {
    let most = |sums: &Array1<f64>| sums.iter().copied().fold(0.0, f64::max);
    let norm = most(sums).min(most(&within.column_sums()));
    let product = |x: &[f64]| (-within.product(ArrayView1::from(x))).to_vec();
    let found = most_negative(within.n(), HIGH, norm, -1e-3 * norm, product)?;
    Ok(found.map_or(norm, |f| -f))
}

#[cfg(test)]
mod tests {
    use super::super::{Lattice, Weights};
    use super::*;
    use crate::data::{Points, Units};
    use crate::random::Stream;

    fn nearest(n: usize, k: usize, seed: u64) -> Weights {
        let mut stream = Stream::new(seed, 0);
        let points: Vec<(f64, f64)> = (0..n)
            .map(|_| (stream.uniform(), stream.uniform()))
            .collect();
        Weights::k_nearest(&Points::planar(points).unwrap(), k).unwrap()
    }

    /// The real ends from all eigenvalues, as the interval of rho takes them.
    fn check(w: &Weights, tolerance: f64) {
        let omega = dense::eigenvalues(w.csr().to_dense().view()).unwrap();
        let scale = omega
            .iter()
            .fold(0.0_f64, |m, (re, im)| m.max(re.hypot(*im)));
        let real = || {
            omega
                .iter()
                .filter(|o| o.1.abs() <= 1e-6 * scale)
                .map(|o| o.0)
        };
        let (low, high) = (real().fold(0.0, f64::min), real().fold(0.0, f64::max));
        let found = asymmetric_ends(w.csr()).unwrap();
        assert!((found.1 - high).abs() <= 1e-9 * scale, "{found:?} {high}");
        match found.0 {
            Some(f) => assert!((f - low).abs() <= tolerance * scale, "{found:?} {low}"),
            None => assert!(low > -SMALLEST_END * scale, "{found:?} {low}"),
        }
    }

    #[test]
    fn nearest_neighbours_against_all_eigenvalues() {
        for (n, k, seed) in [(500, 4, 1), (600, 6, 2), (400, 10, 4)] {
            let w = nearest(n, k, seed);
            assert!(!w.is_similar_to_symmetric());
            check(&w.row_standardized().unwrap(), 1e-5);
        }
    }

    #[test]
    fn components_islands_diagonals_and_one_way_links() {
        let w = nearest(200, 5, 7);
        // two copies, an island, a chain of one-way links from one to the other, unequal weights
        let mut links = Vec::new();
        for i in 0..200 {
            for (j, _) in w.neighbours(i) {
                links.push((i, j, 1.0 + ((i * 7 + j) % 5) as f64));
                links.push((200 + i, 200 + j, 1.0 + ((i + j) % 3) as f64));
            }
        }
        links.extend([(3, 401, 20.0), (401, 402, 30.0), (402, 210, 40.0)]);
        let two = Weights::from_links_at(&Units::range(410), links).unwrap();
        check(&two, 1e-5);
        check(&two.with_diagonal(3.0).unwrap(), 1e-5);
        // no cycle at all
        let chain = (0..900).map(|i| (i, i + 1, 2.0));
        let chain = Weights::from_links_at(&Units::range(901), chain).unwrap();
        assert_eq!(asymmetric_ends(chain.csr()).unwrap(), (Some(0.0), 0.0));
        // one way round: complex eigenvalues but for one or two
        for (n, low) in [(801, None), (250, Some(-2.0))] {
            let ring = (0..n).map(|i| (i, (i + 1) % n, 2.0));
            let ring = Weights::from_links_at(&Units::range(n), ring).unwrap();
            let (found, high) = asymmetric_ends(ring.csr()).unwrap();
            assert!((high - 2.0).abs() < 1e-14);
            assert_eq!(found.is_some(), low.is_some());
            if let (Some(f), Some(l)) = (found, low) {
                assert!((f - l).abs() < 1e-11);
            }
        }
        // nearly symmetric
        let lattice = Weights::lattice(Lattice::queen(20, 20)).unwrap();
        let links: Vec<_> = (0..400)
            .flat_map(|i| lattice.neighbours(i).map(move |(j, w)| (i, j, w)))
            .filter(|&(i, j, _)| (i, j) != (5, 6))
            .collect();
        check(
            &Weights::from_links_at(&Units::range(400), links).unwrap(),
            1e-4,
        );
    }
}
