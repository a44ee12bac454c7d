//! Weights over some of the units.

use std::sync::Arc;

use super::Weights;
use crate::data::Units;
use crate::error::Result;
use crate::linalg::sparse::{Csr, Pattern, Values};

impl Weights {
    /// The weights among the units given, in their order; other units and their links are left out.
    ///
    /// Units may lose their last neighbour, and are islands then, to be decided about. A transformation is applied anew.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`](crate::Error::UnknownUnit) where the weights lack one of them; those of the transformation.
    #[doc(alias = "subset.nb")]
    #[doc(alias = "aligned_to")]
    pub fn only(&self, units: &Units) -> Result<Self> {
        let positions: Vec<usize> = units
            .iter()
            .map(|id| self.units().require(&id, "the weights"))
            .collect::<Result<_>>()?;
        self.at(&positions)
    }

    /// The weights without the units given, and without their links; as [`only`](Self::only).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`](crate::Error::UnknownUnit) where one of them is not there; those of the transformation.
    pub fn without<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut keep = vec![true; self.n()];
        for id in ids {
            keep[self.units().require(id.as_ref(), "the weights")?] = false;
        }
        self.at(&(0..self.n()).filter(|&i| keep[i]).collect::<Vec<_>>())
    }

    /// The weights among the units at distinct positions.
    pub(super) fn at(&self, positions: &[usize]) -> Result<Self> {
        let raw = self.raw();
        let csr = raw.csr();
        let mut new = vec![u32::MAX; raw.n()];
        for (to, &from) in positions.iter().enumerate() {
            new[from] = to as u32;
        }
        let mut decided = raw.0.islands_decided;
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for &from in positions {
            let mut row: Vec<(u32, f64)> = csr
                .row(from)
                .map(|(j, w)| (new[j], w))
                .filter(|&(j, _)| j != u32::MAX)
                .collect();
            row.sort_unstable_by_key(|&(j, _)| j);
            decided &= !row.is_empty() || csr.pattern.row(from).is_empty();
            columns.extend(row.iter().map(|&(j, _)| j));
            weights.extend(row.iter().map(|&(_, w)| w));
            offsets.push(columns.len() as u32);
        }
        let pattern = Pattern { offsets, columns };
        let values = match &csr.values {
            Values::One => Some(Values::One),
            _ => None,
        };
        let csr = match values {
            Some(values) => Csr {
                pattern: Arc::new(pattern),
                values,
            },
            None => Csr::compact(pattern, weights),
        };
        let whole = format!(" of {} units", raw.n());
        let built = if raw.built().contains(&whole) || positions.len() == raw.n() {
            raw.built().to_owned()
        } else {
            format!("{}, {}{whole}", raw.built(), positions.len())
        };
        let mut weights = Self::from_csr(raw.units().select(positions)?, csr, built);
        if decided {
            weights = weights.islands_kept();
        }
        weights.transformed_like(self.transform())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::test_data::columbus;
    use super::*;
    use crate::error::Error;

    #[test]
    fn fewer_units_and_their_new_islands() {
        let w = columbus();
        let w = w.without(["2", "3"]).unwrap();
        assert_eq!(w.islands(), ["1"]);
        assert!(!w.islands_decided());
        assert!(matches!(w.row_standardized(), Err(Error::Islands { .. })));
        let kept = columbus().islands_kept().without(["2", "3"]).unwrap();
        assert!(!kept.islands_decided());
        let units = Units::new(["4", "1", "3"]).unwrap();
        let few = columbus().only(&units).unwrap();
        assert_eq!(few.units(), &units);
        assert_eq!(few.weight(0, 2), 1.0);
        assert_eq!(few.weight(1, 2), 1.0);
        assert_eq!(few.weight(0, 1), 0.0);
        assert!(matches!(w.without(["2"]), Err(Error::UnknownUnit { .. })));
    }
}
