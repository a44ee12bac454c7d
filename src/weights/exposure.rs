//! Group exposure: the weights of the links that come from, or go to, a group of units.

use std::collections::HashMap;

use super::Weights;
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Pattern};

impl Weights {
    /// The weights of the links that come from the units given (the columns j of `w_ij`); other links are left out.
    ///
    /// For the question to whom growth in a core spills over: with W row-standardised, `w.senders(core)?.lag(x)` is what the core
    /// contributes to W x. The weights stay as they are now, after a transformation, so that the exposures to the groups of a partition
    /// add up to W; rows without a link stay rows of zeros, which is what no exposure means, and are no undecided islands. The
    /// result counts as raw.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`].
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Units, Weights};
    /// let units = Units::new(["core", "belt", "edge"])?;
    /// let w = Weights::from_pairs(&units, [("core", "belt"), ("belt", "edge")])?.row_standardized()?;
    /// let from_core = w.senders(["core"])?;
    /// assert_eq!(from_core.lag(&array![8.0, 2.0, 1.0])?, array![0.0, 4.0, 0.0]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn senders<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Self> {
        let group = self.group(ids)?;
        let count = group.iter().filter(|g| **g).count();
        let built = format!("{}, from {count} of {} units", self.description(), self.n());
        Ok(self.links_where(|_, j| group[j], built))
    }

    /// The weights of the links that go to the units given (the rows i of `w_ij`); other rows are zero.
    ///
    /// As [`senders`](Self::senders), for the receivers.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`].
    pub fn receivers<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Self> {
        let group = self.group(ids)?;
        let count = group.iter().filter(|g| **g).count();
        let built = format!("{}, to {count} of {} units", self.description(), self.n());
        Ok(self.links_where(|i, _| group[i], built))
    }

    /// The exposure to each group of a partition: for each label, in the order of first appearance, the weights of the links that
    /// come from units with that label. They add up to W.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] where there is not one label a unit; [`Error::TooLarge`] where groups times units and links are more
    /// than 2³² - 1, as every group has a matrix of its own.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::new(["core", "belt", "edge"])?;
    /// let w = Weights::from_pairs(&units, [("core", "belt"), ("belt", "edge")])?.row_standardized()?;
    /// let parts = w.exposures(&["rich", "poor", "poor"])?;
    /// assert_eq!(parts[0].0, "rich");
    /// assert_eq!(parts.iter().map(|(_, w)| w.weight(1, 0)).sum::<f64>(), 0.5);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn exposures<S: AsRef<str>>(&self, labels: &[S]) -> Result<Vec<(String, Self)>> {
        if labels.len() != self.n() {
            return Err(Error::LengthMismatch {
                what: "labels of the units of the weights".to_owned(),
                expected: self.n(),
                found: labels.len(),
            });
        }
        let mut numbers = HashMap::new();
        let mut groups: Vec<&str> = Vec::new();
        let codes: Vec<usize> = labels
            .iter()
            .map(|label| {
                *numbers.entry(label.as_ref()).or_insert_with(|| {
                    groups.push(label.as_ref());
                    groups.len() - 1
                })
            })
            .collect();
        // each part has a row for every unit, and is found by looking at every link
        let limit = u32::MAX as usize / (self.n() + self.links()).max(1);
        if groups.len() > limit {
            return Err(Error::TooLarge {
                what: "the number of groups for a matrix of these units and links",
                n: groups.len(),
                limit,
                instead: "take the groups in question, one by one, with `senders`, or make larger ones",
            });
        }
        let part = |(code, group): (usize, &&str)| {
            let built = format!("{}, from `{group}`", self.description());
            (
                (*group).to_owned(),
                self.links_where(|_, j| codes[j] == code, built),
            )
        };
        Ok(groups.iter().enumerate().map(part).collect())
    }

    fn group<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Vec<bool>> {
        let mut group = vec![false; self.n()];
        for id in ids {
            group[self.units().require(id.as_ref(), "the weights")?] = true;
        }
        Ok(group)
    }

    /// The links that are wanted, with their weights as they are now; empty rows are meant.
    fn links_where(&self, wanted: impl Fn(usize, usize) -> bool, built: String) -> Self {
        let csr = self.csr();
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for i in 0..csr.n() {
            for (j, w) in csr.row(i).filter(|&(j, _)| wanted(i, j)) {
                columns.push(j as u32);
                weights.push(w);
            }
            offsets.push(columns.len() as u32);
        }
        let csr = Csr::compact(Pattern { offsets, columns }, weights);
        Self::from_csr(self.units().clone(), csr, built).islands_kept()
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::test_data::{CRIME, columbus};
    use super::*;
    use crate::data::Units;

    #[test]
    fn exposures_add_up() {
        let w = columbus().row_standardized().unwrap();
        let labels: Vec<String> = (0..49).map(|i| format!("group {}", i % 3)).collect();
        let parts = w.exposures(&labels).unwrap();
        assert_eq!(parts.len(), 3);
        let whole = w.lag(&CRIME[..]).unwrap();
        let sum = parts
            .iter()
            .map(|(_, part)| part.lag(&CRIME[..]).unwrap())
            .reduce(|a, b| a + b)
            .unwrap();
        for (a, b) in sum.iter().zip(&whole) {
            assert!((a - b).abs() < 1e-12);
        }
        let refs: Vec<(f64, &Weights)> = parts.iter().map(|(_, p)| (1.0, p)).collect();
        let again = Weights::combination(&refs).unwrap();
        assert_eq!(again.csr().to_dense(), w.csr().to_dense());
        assert!(matches!(
            w.exposures(&labels[1..]),
            Err(Error::LengthMismatch { .. })
        ));
    }

    #[test]
    fn senders_and_receivers() {
        let w = columbus();
        let from = w.senders(["1", "2"]).unwrap();
        let to = w.receivers(["1", "2"]).unwrap();
        assert_eq!(from.csr().to_dense(), to.csr().to_dense().t());
        assert_eq!(to.links(), 5);
        assert!(from.islands_decided());
        assert!(matches!(w.senders(["x"]), Err(Error::UnknownUnit { .. })));
    }

    #[test]
    fn too_many_groups_are_refused() {
        let n = 50_000;
        let units = Units::range(n);
        let w = Weights::from_links_at(&units, (1..n).map(|i| (i - 1, i, 1.0))).unwrap();
        let labels: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        assert!(matches!(
            w.exposures(&labels),
            Err(Error::TooLarge { limit: 42_950, .. })
        ));
    }
}
