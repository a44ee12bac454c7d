//! Units as their own neighbours: the diagonal of W.

use super::links::invalid;
use super::{Weights, check_links, check_positive};
use crate::error::Result;
use crate::linalg::sparse::{Csr, Pattern};

impl Weights {
    /// Number of units that are their own neighbours, `w_ii` > 0.
    ///
    /// None after most builders; kernels have them on request, and G* needs them. Moran's I, the regressions and their tests refuse
    /// weights that have them: their moments and models suppose a diagonal of zeros.
    #[must_use]
    pub fn self_links(&self) -> usize {
        let pattern = &self.csr().pattern;
        (0..self.n())
            .filter(|&i| pattern.find(i, i).is_some())
            .count()
    }

    /// The raw weights with every unit its own neighbour, `w_ii` = weight; a diagonal that was there is replaced.
    ///
    /// No unit is an island then. A transformation is applied anew.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) where the weight is not positive and finite;
    /// [`Error::TooLarge`](crate::Error::TooLarge); those of the transformation.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")])?;
    /// let star = w.with_diagonal(1.0)?.row_standardized()?;
    /// assert_eq!((star.self_links(), star.weight(0, 0), star.weight(1, 1)), (3, 0.5, 1.0 / 3.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "include.self")]
    #[doc(alias = "fill_diagonal")]
    #[doc(alias = "assign_self_weight")]
    pub fn with_diagonal(&self, weight: f64) -> Result<Self> {
        check_positive("weight", weight)?;
        check_links(self.links().saturating_add(self.n()))?;
        self.diagonal_replaced(Some(weight))
    }

    /// The raw weights with no unit its own neighbour, `w_ii` = 0.
    ///
    /// A unit that had no other neighbour is an island then, to be decided about. A transformation is applied anew.
    ///
    /// # Errors
    ///
    /// Those of the transformation.
    #[doc(alias = "remove.self")]
    pub fn without_diagonal(&self) -> Result<Self> {
        self.diagonal_replaced(None)
    }

    fn diagonal_replaced(&self, weight: Option<f64>) -> Result<Self> {
        let raw = self.raw();
        let csr = raw.csr();
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for i in 0..raw.n() {
            let start = columns.len();
            for (j, w) in csr.row(i).filter(|&(j, _)| j != i) {
                columns.push(j as u32);
                weights.push(w);
            }
            if let Some(w) = weight {
                let at = start + columns[start..].partition_point(|&j| (j as usize) < i);
                columns.insert(at, i as u32);
                weights.insert(at, w);
            }
            offsets.push(columns.len() as u32);
        }
        let csr = Csr::compact(Pattern { offsets, columns }, weights);
        raw.successor(csr, raw.built().to_owned())
            .transformed_like(self.transform())
    }

    /// Nothing where statistics and models of a zero diagonal can use the weights: islands are decided about, and no unit is its
    /// own neighbour.
    pub(crate) fn check_ready(&self) -> Result<()> {
        self.check_islands_decided()?;
        let own = (0..self.n()).find(|&i| self.csr().pattern.find(i, i).is_some());
        own.map_or(Ok(()), |i| {
            let problem = "this statistic or model supposes that no unit is its own neighbour; take `without_diagonal()`";
            Err(invalid(self.units(), i, i, problem))
        })
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::test_data::columbus;
    use super::*;
    use crate::error::Error;

    #[test]
    fn there_and_back() {
        let w = columbus();
        let with = w.with_diagonal(0.5).unwrap();
        assert_eq!((with.self_links(), with.links()), (49, 279));
        assert_eq!((with.pairs(), with.weight(7, 7)), (115, 0.5));
        assert_eq!(with.with_diagonal(1.0).unwrap().weight(7, 7), 1.0);
        let back = with.row_standardized().unwrap().without_diagonal().unwrap();
        assert_eq!(back.csr(), w.row_standardized().unwrap().csr());
        assert_eq!(back.raw().csr(), w.csr());
    }

    #[test]
    fn statistics_of_a_zero_diagonal_refuse_it() {
        let w = columbus().with_diagonal(1.0).unwrap();
        assert!(matches!(w.check_ready(), Err(Error::InvalidLink { .. })));
        for bad in [0.0, -1.0, f64::NAN] {
            let e = w.with_diagonal(bad).unwrap_err();
            assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        }
    }

    #[test]
    fn a_unit_left_alone_is_an_undecided_island() {
        let units = crate::data::Units::range(2);
        let none: [(&str, &str); 0] = [];
        let own = Weights::from_pairs(&units, none)
            .unwrap()
            .with_diagonal(1.0)
            .unwrap();
        assert!(own.islands().is_empty());
        let alone = own.islands_kept().without_diagonal().unwrap();
        assert_eq!(alone.islands(), ["0", "1"]);
        assert!(!alone.islands_decided());
    }
}
