//! Set operations on links: union, intersection, differences, complement, symmetrisation.

use super::ALL_PAIRS;
use super::links::{SelfLinks, check_row_sums, check_weight};
use super::{Weights, check_links};
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Pattern, Values};

/// What becomes of `w_ij` and `w_ji`; a link that is absent counts as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Symmetrize {
    /// Both become the larger one: linked where either direction was.
    Max,
    /// Both become the smaller one: linked where both directions were.
    Min,
    /// Both become their mean: linked where either direction was.
    Mean,
}

impl Weights {
    /// Binary weights: units are linked where they are in these weights or in the others.
    ///
    /// Links alone count, not weights or transformations; the result is raw. A link of a unit to itself is a link like any other. What was
    /// decided about the islands of these weights stands where they are the only ones.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`] where the others are of other units; [`Error::TooLarge`] above 2³² - 1 links.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::range(3);
    /// let road = Weights::from_pairs(&units, [("0", "1")])?;
    /// let rail = Weights::from_pairs(&units, [("0", "1"), ("1", "2")])?;
    /// assert_eq!((road.union(&rail)?.pairs(), road.intersection(&rail)?.pairs()), (2, 1));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "union.nb")]
    #[doc(alias = "w_union")]
    pub fn union(&self, other: &Self) -> Result<Self> {
        self.combined(other, '∪', |a, b| a || b)
    }

    /// Binary weights: units are linked where they are in these weights and in the others.
    ///
    /// As [`union`](Self::union); units may become islands, to be decided about.
    ///
    /// # Errors
    ///
    /// Those of [`union`](Self::union).
    #[doc(alias = "intersect.nb")]
    #[doc(alias = "w_intersection")]
    pub fn intersection(&self, other: &Self) -> Result<Self> {
        self.combined(other, '∩', |a, b| a && b)
    }

    /// Binary weights: units are linked where they are in these weights and not in the others.
    ///
    /// As [`union`](Self::union); units may become islands, to be decided about. The function of that name in spdep (1.2) takes for
    /// each unit the longer list of neighbours without the shorter one, whichever of the two it comes from (the first one where
    /// both are equally long): per unit one of A ∖ B and B ∖ A, not A ∖ B.
    ///
    /// # Errors
    ///
    /// Those of [`union`](Self::union).
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::range(3);
    /// let road = Weights::from_pairs(&units, [("0", "1")])?;
    /// let rail = Weights::from_pairs(&units, [("0", "1"), ("1", "2")])?;
    /// assert_eq!((road.difference(&rail)?.links(), rail.difference(&road)?.links()), (0, 2));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "setdiff.nb")]
    #[doc(alias = "w_difference")]
    pub fn difference(&self, other: &Self) -> Result<Self> {
        self.combined(other, '∖', |a, b| a && !b)
    }

    /// Binary weights: units are linked where they are in these weights or in the others, but not in both.
    ///
    /// As [`union`](Self::union); units may become islands, to be decided about.
    ///
    /// # Errors
    ///
    /// Those of [`union`](Self::union).
    #[doc(alias = "w_symmetric_difference")]
    pub fn symmetric_difference(&self, other: &Self) -> Result<Self> {
        self.combined(other, '△', |a, b| a != b)
    }

    /// Binary weights: two different units are linked where they are not in these weights.
    ///
    /// No unit is linked to itself, whether it was or not. A unit that was linked to all others becomes an island, to be
    /// decided about.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above 5,000 units, as nearly all pairs are linked.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let w = Weights::from_pairs(&Units::range(4), [("0", "1"), ("2", "3")])?;
    /// assert_eq!(w.complement()?.links(), 8);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "complement.nb")]
    pub fn complement(&self) -> Result<Self> {
        let n = self.n();
        if n > ALL_PAIRS {
            return Err(Error::TooLarge {
                what: "the complement of weights",
                n,
                limit: ALL_PAIRS,
                instead: "take the difference from weights that link fewer pairs, as a distance band",
            });
        }
        let (mut offsets, mut columns) = (vec![0], Vec::new());
        for i in 0..n {
            let mut linked = self.csr().pattern.row(i).iter().peekable();
            for j in 0..n as u32 {
                if linked.next_if_eq(&&j).is_none() && j as usize != i {
                    columns.push(j);
                }
            }
            offsets.push(columns.len() as u32);
        }
        let built = format!("complement of {}", term(self.built()));
        Ok(self.successor(Csr::ones(offsets, columns), built))
    }

    /// The raw weights of those links that the others have too; their own weights do not matter.
    ///
    /// [`intersection`](Self::intersection) with the weights kept. Units may become islands, to be decided about.
    ///
    /// # Errors
    ///
    /// [`Error::UnitsDiffer`] where the others are of other units.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Decay, Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (2.0, 0.0), (6.0, 0.0)])?;
    /// let decay = Weights::distance_decay(&points, Decay::default())?;
    /// let near = decay.restricted_to(&Weights::k_nearest(&points, 1)?)?;
    /// assert_eq!((near.links(), near.weight(2, 1)), (3, 0.25));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "w_clip")]
    pub fn restricted_to(&self, other: &Self) -> Result<Self> {
        self.check_same_units(other)?;
        let raw = self.raw();
        let csr = raw.csr();
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for i in 0..raw.n() {
            let mut theirs = other.csr().pattern.row(i).iter().peekable();
            for (j, w) in csr.row(i) {
                let j = j as u32;
                while theirs.next_if(|&&t| t < j).is_some() {}
                if theirs.next_if_eq(&&j).is_some() {
                    columns.push(j);
                    weights.push(w);
                }
            }
            offsets.push(columns.len() as u32);
        }
        let built = format!(
            "{} on the links of {}",
            term(raw.built()),
            term(other.built())
        );
        let csr = Csr::compact(Pattern { offsets, columns }, weights);
        Ok(raw.successor(csr, built))
    }

    /// The raw weights made symmetric: `w_ij` and `w_ji` become the larger, the smaller, or the mean of both, an absent link counting
    /// as 0.
    ///
    /// Of binary weights the larger links units that were linked in either direction, the smaller those that were in both. The result
    /// is raw; with the smaller, units may become islands, to be decided about. Needs a transposed copy of the weights
    /// for a while.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above 2³² - 1 links; [`Error::InvalidLink`] where weights leave the range of numbers.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Points, Symmetrize, Weights};
    /// let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)])?;
    /// let w = Weights::k_nearest(&points, 1)?;
    /// assert_eq!(w.symmetrized(Symmetrize::Max)?.pairs(), 2);
    /// assert_eq!(w.symmetrized(Symmetrize::Min)?.pairs(), 1);
    /// assert_eq!(w.symmetrized(Symmetrize::Mean)?.weight(1, 2), 0.5);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "make.sym.nb")]
    #[doc(alias = "make_symmetric")]
    #[doc(alias = "symmetrize")]
    pub fn symmetrized(&self, how: Symmetrize) -> Result<Self> {
        let raw = self.raw();
        let csr = raw.csr();
        let back = csr.transposed();
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        let keep = |a: bool, b: bool| (a && b) || how != Symmetrize::Min;
        for i in 0..raw.n() {
            for (j, here, there) in merged(csr.pattern.row(i), back.pattern.row(i)) {
                if !keep(here.is_some(), there.is_some()) {
                    continue;
                }
                let weight = |of: &Csr, at: Option<usize>| {
                    at.map_or(0.0, |k| of.value(i, of.pattern.range(i).start + k))
                };
                let (w, v) = (weight(csr, here), weight(&back, there));
                let w = match how {
                    Symmetrize::Max => w.max(v),
                    Symmetrize::Min => w.min(v),
                    Symmetrize::Mean => f64::midpoint(w, v),
                };
                check_weight(raw.units(), i, j as usize, w, SelfLinks::Kept)?;
                columns.push(j);
                if !matches!(
                    (&csr.values, how),
                    (Values::One, Symmetrize::Max | Symmetrize::Min)
                ) {
                    weights.push(w);
                }
            }
            check_links(columns.len())?;
            offsets.push(columns.len() as u32);
        }
        let how = match how {
            Symmetrize::Max => "larger",
            Symmetrize::Min => "smaller",
            Symmetrize::Mean => "mean",
        };
        let built = format!("{}, symmetrised ({how})", term(raw.built()));
        // no weight was kept where all are one
        let csr = if weights.is_empty() {
            Csr::ones(offsets, columns)
        } else {
            Csr::compact(Pattern { offsets, columns }, weights)
        };
        Ok(raw.successor(check_row_sums(raw.units(), csr)?, built))
    }

    /// Links that are wanted, given whether they are here and in the others.
    fn combined(&self, other: &Self, sign: char, wanted: fn(bool, bool) -> bool) -> Result<Self> {
        self.check_same_units(other)?;
        let (ours, theirs) = (&self.csr().pattern, &other.csr().pattern);
        let (mut offsets, mut columns) = (vec![0], Vec::new());
        for i in 0..self.n() {
            columns.extend(
                merged(ours.row(i), theirs.row(i))
                    .filter(|(_, a, b)| wanted(a.is_some(), b.is_some()))
                    .map(|(j, ..)| j),
            );
            check_links(columns.len())?;
            offsets.push(columns.len() as u32);
        }
        columns.shrink_to_fit();
        let built = format!("{} {sign} {}", term(self.built()), term(other.built()));
        Ok(self.successor(Csr::ones(offsets, columns), built))
    }
}

/// The members of two sorted lists in order, with their places in each of them.
fn merged<'a>(
    a: &'a [u32],
    b: &'a [u32],
) -> impl Iterator<Item = (u32, Option<usize>, Option<usize>)> + 'a {
    let (mut at, mut bt) = (0, 0);
    std::iter::from_fn(move || {
        let next = match (a.get(at), b.get(bt)) {
            (None, None) => return None,
            (Some(&x), None) => x,
            (None, Some(&y)) => y,
            (Some(&x), Some(&y)) => x.min(y),
        };
        let here = (a.get(at) == Some(&next)).then_some(at);
        let there = (b.get(bt) == Some(&next)).then_some(bt);
        at += usize::from(here.is_some());
        bt += usize::from(there.is_some());
        Some((next, here, there))
    })
}

/// How weights were built, in parentheses where that is an operation itself.
fn term(built: &str) -> String {
    if ['∪', '∩', '∖', '△']
        .iter()
        .any(|sign| built.contains(*sign))
    {
        return format!("({built})");
    }
    built.to_owned()
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::test_data::{checksum, columbus, columbus_points};
    use super::*;
    use crate::data::Units;

    fn nearest(k: usize) -> Weights {
        let w = Weights::k_nearest(&columbus_points(), k).unwrap();
        w.relabelled(columbus().units()).unwrap()
    }

    // spdep 1.2-7, union.nb, intersect.nb and setdiff.nb of col.gal.nb and knn2nb(knearneigh(xy, 4)), make.sym.nb of the latter
    #[test]
    fn sets_of_columbus() {
        let (w, four) = (columbus(), nearest(4));
        let union = w.union(&four).unwrap();
        assert_eq!((union.links(), checksum(&union)), (267, 6_443_412));
        assert_eq!(union.built(), "pairs ∪ 4 nearest neighbours");
        let common = w.intersection(&four).unwrap();
        assert_eq!((common.links(), checksum(&common)), (159, 4_030_063));
        let (ours, theirs) = (w.difference(&four).unwrap(), four.difference(&w).unwrap());
        assert_eq!((ours.links(), theirs.links()), (71, 37));
        // the longer list without the shorter one, unit by unit
        let longer = (0..49).flat_map(|i| {
            let from = if w.neighbours(i).count() >= 4 {
                &ours
            } else {
                &theirs
            };
            from.neighbours(i).map(move |(j, w)| (i, j, w))
        });
        let longer = Weights::from_links_at(w.units(), longer).unwrap();
        assert_eq!((longer.links(), checksum(&longer)), (92, 2_135_030));
        let either = w.symmetric_difference(&four).unwrap();
        assert_eq!(either.links(), 108);
        assert_eq!(
            either.complement().unwrap().built(),
            "complement of (pairs △ 4 nearest neighbours)"
        );
        let max = four.symmetrized(Symmetrize::Max).unwrap();
        assert_eq!((max.links(), checksum(&max)), (250, 6_052_046));
        assert!(max.is_symmetric() && max.is_binary());
        let min = four.symmetrized(Symmetrize::Min).unwrap();
        assert_eq!(min.links(), 2 * 196 - 250);
        assert!(min.is_symmetric() && min.is_binary());
    }

    #[test]
    fn weights_are_kept_or_forgotten() {
        let units = Units::range(3);
        let links = [(0, 1, 2.0), (1, 0, 5.0), (1, 2, 3.0)];
        let w = Weights::from_links_at(&units, links).unwrap();
        let other =
            Weights::from_links_at(&units, [(0, 1, 9.0), (0, 2, 1.0), (1, 2, 9.0)]).unwrap();
        let kept = w
            .restricted_to(&other.min_max_normalized().unwrap())
            .unwrap();
        assert_eq!(
            (kept.links(), kept.weight(0, 1), kept.weight(1, 2)),
            (2, 2.0, 3.0)
        );
        assert!(w.union(&other).unwrap().is_binary());
        for (how, values) in [
            (Symmetrize::Max, [5.0, 3.0]),
            (Symmetrize::Min, [2.0, 0.0]),
            (Symmetrize::Mean, [3.5, 1.5]),
        ] {
            let s = w.min_max_normalized().unwrap().symmetrized(how).unwrap();
            assert!(s.is_symmetric());
            assert_eq!([s.weight(0, 1), s.weight(1, 2)], values);
            assert_eq!(s.links(), if how == Symmetrize::Min { 2 } else { 4 });
        }
    }

    #[test]
    fn own_links() {
        let w = columbus().with_diagonal(2.0).unwrap();
        let mean = w.symmetrized(Symmetrize::Mean).unwrap();
        assert_eq!((mean.self_links(), mean.weight(3, 3)), (49, 2.0));
        assert_eq!(w.difference(&columbus()).unwrap().self_links(), 49);
        assert_eq!(
            w.complement().unwrap().csr(),
            columbus().complement().unwrap().csr()
        );
        assert_eq!(w.complement().unwrap().links(), 49 * 48 - 230);
    }

    #[test]
    fn islands_are_decided_about_where_they_are_the_old_ones() {
        let units = Units::range(3);
        let w = Weights::from_links_at(&units, [(0, 1, 1.0), (1, 0, 1.0)]).unwrap();
        let kept = w.islands_kept();
        let other = Weights::from_links_at(&units, [(0, 1, 1.0), (1, 2, 1.0)]).unwrap();
        assert!(kept.union(&w).unwrap().islands_decided());
        assert!(!w.union(&kept).unwrap().islands_decided());
        assert!(!kept.intersection(&other).unwrap().islands_decided());
        assert!(!kept.difference(&other).unwrap().islands_decided());
        assert!(kept.symmetrized(Symmetrize::Min).unwrap().islands_decided());
        let all = w.union(&w.complement().unwrap()).unwrap();
        assert_eq!(
            (all.links(), all.complement().unwrap().islands().len()),
            (6, 3)
        );
    }

    #[test]
    fn bad_input() {
        let w = columbus();
        let other = w.relabelled(&Units::range(49)).unwrap();
        for result in [
            w.union(&other),
            w.intersection(&other),
            w.difference(&other),
            w.symmetric_difference(&other),
            w.restricted_to(&other),
        ] {
            let e = result.unwrap_err();
            assert!(matches!(e, Error::UnitsDiffer { .. }), "{e}");
        }
        let many = Weights::from_links_at(&Units::range(5001), []).unwrap();
        let e = many.complement().unwrap_err();
        assert!(matches!(e, Error::TooLarge { .. }), "{e}");
        // finite rows, but a column that sums to infinity
        let links = [(0, 2, f64::MAX), (1, 2, f64::MAX)];
        let w = Weights::from_links_at(&Units::range(3), links).unwrap();
        let e = w.symmetrized(Symmetrize::Max).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        let tiny = Weights::from_links_at(&Units::range(2), [(0, 1, f64::from_bits(1))]).unwrap();
        let e = tiny.symmetrized(Symmetrize::Mean).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
    }
}
