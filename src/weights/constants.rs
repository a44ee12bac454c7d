//! Counts and sums of a weight matrix: cardinalities, pairs, S0, S1, S2, components.

use ndarray::Array1;

use super::Weights;

/// The sums of the weights that enter the moments of spatial statistics.
///
/// S0 = Σ `w_ij`, S1 = ½ Σ (`w_ij` + `w_ji`)², S2 = Σ_i (`w_i.` + `w_.i`)², sums over all i and j.
///
/// # References
///
/// Cliff and Ord (1981), Spatial Processes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Constants {
    /// Number of units, islands included.
    pub n: usize,
    /// Sum of all weights.
    pub s0: f64,
    /// Half the sum of the squares of `w_ij` + `w_ji`.
    pub s1: f64,
    /// Sum of the squares of row sum plus column sum.
    pub s2: f64,
}

impl Weights {
    /// The constants n, S0, S1 and S2.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?;
    /// let c = w.constants();
    /// assert_eq!((c.s0, c.s1, c.s2), (4.0, 8.0, 24.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "spweights.constants")]
    #[must_use]
    pub fn constants(&self) -> Constants {
        *self.0.derived.constants.get_or_init(|| self.sums())
    }

    fn sums(&self) -> Constants {
        let (rows, columns) = (self.csr().row_sums(), self.csr().column_sums());
        // ½ Σ (w_ij + w_ji)² = Σ w_ij² + Σ w_ij w_ji
        let (ww, wtw) = self.csr().traces_of_squares();
        Constants {
            n: self.n(),
            s0: rows.sum(),
            s1: wtw + ww,
            s2: rows
                .iter()
                .zip(&columns)
                .map(|(r, c)| (r + c).powi(2))
                .sum(),
        }
    }

    /// Sum of the weights of each row, of length n.
    #[must_use]
    pub fn row_sums(&self) -> Array1<f64> {
        self.csr().row_sums()
    }

    /// Number of neighbours of each unit, itself counted where it is one, of length n.
    #[doc(alias = "card")]
    #[must_use]
    pub fn cardinalities(&self) -> Vec<usize> {
        (0..self.n())
            .map(|i| self.csr().pattern.row(i).len())
            .collect()
    }

    /// How many units have how many neighbours: (number of neighbours, units that have so many), ascending; numbers that no unit
    /// has are left out.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2")])?;
    /// assert_eq!(w.neighbour_histogram(), [(0, 1), (1, 2), (2, 1)]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "histogram")]
    #[must_use]
    pub fn neighbour_histogram(&self) -> Vec<(usize, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        for c in self.cardinalities() {
            *counts.entry(c).or_insert(0) += 1;
        }
        counts.into_iter().collect()
    }

    /// Number of unordered pairs {i, j} that are linked in at least one direction.
    #[must_use]
    pub fn pairs(&self) -> usize {
        let pattern = &self.csr().pattern;
        (0..self.n())
            .map(|i| {
                let row = pattern.row(i).iter().map(|&j| j as usize);
                row.filter(|&j| j > i || (j < i && pattern.find(j, i).is_none()))
                    .count()
            })
            .sum()
    }

    /// Number of components: sets of units connected through links in either direction.
    #[doc(alias = "n.comp.nb")]
    #[doc(alias = "n_components")]
    #[must_use]
    pub fn components(&self) -> usize {
        let labels = self.labels();
        labels.iter().max().map_or(0, |&most| most as usize + 1)
    }

    /// Component of each unit, numbered from 0 in the order of their first units, of length n.
    #[must_use]
    pub fn component_labels(&self) -> Vec<usize> {
        self.labels().iter().map(|&l| l as usize).collect()
    }

    fn labels(&self) -> &[u32] {
        let derived = &self.0.derived.component_labels;
        derived.get_or_init(|| self.find_components().into())
    }

    fn find_components(&self) -> Vec<u32> {
        let mut sets = UnionFind::new(self.n());
        for i in 0..self.n() {
            for &j in self.csr().pattern.row(i) {
                sets.union(i as u32, j);
            }
        }
        let mut labels = vec![u32::MAX; self.n()];
        let mut next = 0;
        for i in 0..self.n() {
            // the root is the smallest position of its set, so it is labelled before its members
            let root = sets.root(i as u32) as usize;
            if labels[root] == u32::MAX {
                labels[root] = next;
                next += 1;
            }
            labels[i] = labels[root];
        }
        labels
    }
}

/// Disjoint sets of positions; the root of a set is its smallest position.
#[derive(Debug)]
pub(super) struct UnionFind(Vec<u32>);

impl UnionFind {
    pub(super) fn new(n: usize) -> Self {
        Self((0..n as u32).collect())
    }

    pub(super) fn root(&mut self, mut i: u32) -> u32 {
        while self.0[i as usize] != i {
            let above = self.0[self.0[i as usize] as usize];
            self.0[i as usize] = above;
            i = above;
        }
        i
    }

    pub(super) fn union(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_data::{CARDS, columbus};
    use crate::data::Units;
    use crate::weights::Weights;
    use approx::assert_relative_eq;

    // spdep 1.2-7, spweights.constants(nb2listw(col.gal.nb, style = ...))
    #[test]
    fn constants_of_columbus() {
        let w = columbus();
        let c = w.constants();
        assert_eq!((c.n, c.s0, c.s1, c.s2), (49, 230.0, 460.0, 5048.0));
        let c = w.row_standardized().unwrap().constants();
        assert_relative_eq!(c.s0, 49.0, max_relative = 1e-14);
        assert_relative_eq!(c.s1, 23.484_888_510_960_005, max_relative = 1e-12);
        assert_relative_eq!(c.s2, 204.668_707_482_993_2, max_relative = 1e-12);
        let c = w.min_max_normalized().unwrap().constants();
        assert_relative_eq!(c.s0, 23.0, max_relative = 1e-12);
        assert_relative_eq!(c.s1, 4.6, max_relative = 1e-12);
        assert_relative_eq!(c.s2, 50.48, max_relative = 1e-12);
    }

    #[test]
    fn counts_of_columbus() {
        let w = columbus();
        assert_eq!((w.links(), w.pairs(), w.components()), (230, 115, 1));
        assert_eq!(w.cardinalities(), CARDS);
        assert!(w.is_symmetric());
    }

    #[test]
    fn pairs_and_components_of_directed_links() {
        let links = [(0, 1, 1.0), (1, 0, 1.0), (2, 1, 1.0), (4, 3, 1.0)];
        let w = Weights::from_links_at(&Units::range(6), links).unwrap();
        assert_eq!((w.pairs(), w.components()), (3, 3));
        assert_eq!(w.component_labels(), [0, 0, 0, 1, 1, 2]);
        assert!(!w.is_symmetric());
    }
}
