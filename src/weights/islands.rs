//! Units without neighbours, and what becomes of them.

use std::sync::Arc;

use super::links::offsets;
use super::search::Space;
use super::{Derived, Inner, Transform, Weights, check_links};
use crate::data::Points;
use crate::error::{Error, Result};
use crate::linalg::sparse::Csr;

impl Weights {
    /// Ids of the units without a neighbour (empty rows), in order.
    #[must_use]
    pub fn islands(&self) -> Vec<String> {
        self.island_positions()
            .into_iter()
            .map(|i| self.units().name(i))
            .collect()
    }

    pub(super) fn island_positions(&self) -> Vec<usize> {
        (0..self.n())
            .filter(|&i| self.csr().pattern.row(i).is_empty())
            .collect()
    }

    /// Whether it was decided what becomes of islands, or there are none.
    pub(crate) fn islands_decided(&self) -> bool {
        self.0.islands_decided || self.island_positions().is_empty()
    }

    /// An error that names the islands where it was not decided what becomes of them.
    pub(crate) fn check_islands_decided(&self) -> Result<()> {
        if self.islands_decided() {
            return Ok(());
        }
        Err(Error::Islands {
            units: self.islands(),
        })
    }

    /// The same weights, with islands kept as rows of zeros: their spatial lag is zero.
    #[doc(alias = "zero.policy")]
    #[must_use]
    pub fn islands_kept(&self) -> Self {
        Self(Arc::new(Inner {
            islands_decided: true,
            raw: self.0.raw.as_ref().map(Self::islands_kept),
            ..(*self.0).clone()
        }))
    }

    /// Raw weights of these units made from these weights: what was decided about islands stands where no other unit became one.
    pub(super) fn successor(&self, csr: Csr, built: String) -> Self {
        let (old, new) = (&self.csr().pattern, &csr.pattern);
        let islands_decided = self.0.islands_decided
            && (0..self.n()).all(|i| !new.row(i).is_empty() || old.row(i).is_empty());
        Self(Arc::new(Inner {
            units: self.units().clone(),
            csr,
            transform: Transform::Raw,
            built,
            raw: None,
            islands_decided,
            derived: Derived::default(),
        }))
    }

    /// The weights with each island linked, both ways and with weight 1, to its nearest unit (ties: the first in order).
    ///
    /// The new links are told by [`built`](Self::built). A transformation is applied anew.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`] where the points are of other units; [`Error::Unsupported`] where the raw weights are not
    /// binary, as no weight follows for the new links; [`Error::TooFewUnits`] below two units.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (5.0, 0.0)])?;
    /// let w = Weights::distance_band(&points, 1.0)?;
    /// assert_eq!(w.islands(), ["2"]);
    /// assert_eq!(w.islands_attached(&points)?.cardinalities(), [1, 2, 1]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn islands_attached(&self, points: &Points) -> Result<Self> {
        points
            .units()
            .check_same("the points", self.units(), "the weights")?;
        let raw = self.raw();
        let islands = raw.island_positions();
        if islands.is_empty() {
            return Ok(self.clone());
        }
        if !raw.is_binary() {
            return Err(Error::Unsupported {
                what: "attaching islands to weights that are not binary".to_owned(),
                why: "no weight follows for the new links; use `islands_kept`, `without_islands`, or add the links to \
                      `from_links`"
                    .to_owned(),
            });
        }
        if raw.n() < 2 {
            return Err(Error::TooFewUnits {
                what: "attaching islands".to_owned(),
                needed: 2,
                n: raw.n(),
            });
        }
        let nearest = Space::of(points).nearest(&islands, 1);
        let mut links: Vec<(u32, u32)> = (0..raw.n())
            .flat_map(|i| raw.csr().pattern.row(i).iter().map(move |&j| (i as u32, j)))
            .collect();
        let mut told = Vec::new();
        for (&i, &j) in islands.iter().zip(&nearest) {
            links.extend([(i as u32, j), (j, i as u32)]);
            told.push(format!(
                "{} to {}",
                raw.units().name(i),
                raw.units().name(j as usize)
            ));
        }
        links.sort_unstable();
        links.dedup();
        check_links(links.len())?;
        let more = if told.len() > 10 { ", …" } else { "" };
        told.truncate(10);
        let built = format!(
            "{}; {} island(s) attached to the nearest unit ({}{more})",
            raw.built(),
            islands.len(),
            told.join(", ")
        );
        let offsets = offsets(raw.n(), links.iter().map(|l| l.0));
        let columns = links.iter().map(|l| l.1).collect();
        super::links::binary(raw.units().clone(), offsets, columns, built)
            .transformed_like(self.transform())
    }

    /// The weights over the units that have neighbours.
    ///
    /// [`islands`](Self::islands) tells beforehand which are left out. Where links are directed, leaving an island out may take
    /// from another unit its last neighbour; that unit is left out too, and so on. A transformation is applied anew.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewUnits`] where no unit would remain.
    pub fn without_islands(&self) -> Result<Self> {
        let pattern = &self.csr().pattern;
        let mut queue = self.island_positions();
        if queue.is_empty() {
            return Ok(self.clone());
        }
        let mut keep = vec![true; self.n()];
        let mut left = self.cardinalities();
        let mut pointing = vec![Vec::new(); self.n()];
        for i in 0..self.n() {
            for &j in pattern.row(i) {
                pointing[j as usize].push(i);
            }
        }
        while let Some(i) = queue.pop() {
            keep[i] = false;
            for &from in &pointing[i] {
                left[from] -= 1;
                if left[from] == 0 {
                    queue.push(from);
                }
            }
        }
        let positions: Vec<usize> = (0..self.n()).filter(|&i| keep[i]).collect();
        if positions.is_empty() {
            return Err(Error::TooFewUnits {
                what: "leaving the islands out".to_owned(),
                needed: 2,
                n: 0,
            });
        }
        self.at(&positions)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::*;
    use crate::data::Units;

    fn with_island() -> Weights {
        let units = Units::new(["a", "b", "c", "d"]).unwrap();
        Weights::from_pairs(&units, [("a", "b"), ("b", "d")]).unwrap()
    }

    #[test]
    fn attached_to_the_nearest() {
        let w = with_island();
        let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]).unwrap();
        assert!(matches!(
            w.islands_attached(&points),
            Err(Error::UnitsDiffer { .. })
        ));
        let points = points.relabelled(w.units()).unwrap();
        let attached = w.islands_attached(&points).unwrap();
        assert_eq!(attached.cardinalities(), [1, 3, 1, 1]);
        assert!(attached.built().contains("c to b"), "{}", attached.built());
        let row = w.islands_kept().row_standardized().unwrap();
        let row = row.islands_attached(&points).unwrap();
        assert_eq!((row.transform(), row.weight(2, 1)), (Transform::Row, 1.0));
    }

    #[test]
    fn left_out() {
        let w = with_island().without_islands().unwrap();
        assert_eq!(w.units().iter().collect::<Vec<_>>(), ["a", "b", "d"]);
        assert_eq!(w.cardinalities(), [1, 2, 1]);
        assert!(w.row_standardized().is_ok());
        // c -> d -> e -> nothing: the chain goes, a <-> b stays
        let links = [(0, 1, 1.0), (1, 0, 1.0), (2, 3, 1.0), (3, 4, 1.0)];
        let w = Weights::from_links_at(&Units::range(5), links).unwrap();
        assert_eq!(w.without_islands().unwrap().n(), 2);
        let w = Weights::from_links_at(&Units::range(2), [(0, 1, 1.0)]).unwrap();
        assert!(matches!(
            w.without_islands(),
            Err(Error::TooFewUnits { .. })
        ));
    }
}
