//! Weights from links, pairs and dense matrices.

use ndarray::ArrayView2;

use super::{Weights, check_links};
use crate::data::Units;
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Pattern};

impl Weights {
    /// Weights from directed links (id of the row, id of the neighbour, weight).
    ///
    /// The order of the links does not matter. A weight is positive and finite; a weight of zero is an error, since it
    /// is no link (leave it out). A unit may be its own neighbour only where the statistic says so, so not here.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`]; [`Error::InvalidLink`] for a link given twice, a link from a unit to itself, and a weight
    /// that is not positive and finite; [`Error::TooLarge`] above 2³² - 1 links.
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::new(["a", "b", "c"])?;
    /// let w = Weights::from_links(&units, [("a", "b", 2.0), ("b", "a", 0.5), ("c", "a", 1.0)])?;
    /// assert_eq!((w.links(), w.pairs(), w.weight(0, 1)), (3, 2, 2.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "sn2listw")]
    pub fn from_links<A: AsRef<str>, B: AsRef<str>>(
        units: &Units,
        links: impl IntoIterator<Item = (A, B, f64)>,
    ) -> Result<Self> {
        let links = links.into_iter().map(|(from, to, w)| {
            Ok((
                check_end(units, from.as_ref())?,
                check_end(units, to.as_ref())?,
                w,
            ))
        });
        from_positions(units, links, SelfLinks::Refused, "links")
    }

    /// Weights from directed links (position of the row, position of the neighbour, weight); as
    /// [`from_links`](Self::from_links), with positions counted from 0 in place of ids.
    ///
    /// # Errors
    ///
    /// As [`from_links`](Self::from_links); a position beyond the end is [`Error::UnknownUnit`].
    pub fn from_links_at(
        units: &Units,
        links: impl IntoIterator<Item = (usize, usize, f64)>,
    ) -> Result<Self> {
        let inside = |i: usize| {
            if i < units.len() {
                return Ok(i);
            }
            Err(Error::UnknownUnit {
                unit: units.name(i),
                place: format!("{} units", units.len()),
            })
        };
        let links = links
            .into_iter()
            .map(|(i, j, w)| Ok((inside(i)?, inside(j)?, w)));
        from_positions(units, links, SelfLinks::Refused, "links")
    }

    /// Binary weights from unordered pairs of ids: each pair makes two links of weight 1.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`]; [`Error::InvalidLink`] for a pair given twice (in either order) and a pair of a unit with
    /// itself; [`Error::TooLarge`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Units, Weights};
    /// let units = Units::new(["a", "b", "c"])?;
    /// let w = Weights::from_pairs(&units, [("a", "b"), ("c", "b")])?;
    /// assert_eq!(w.cardinalities(), [1, 2, 1]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn from_pairs<A: AsRef<str>, B: AsRef<str>>(
        units: &Units,
        pairs: impl IntoIterator<Item = (A, B)>,
    ) -> Result<Self> {
        let links = pairs.into_iter().flat_map(|(a, b)| {
            let ends =
                check_end(units, a.as_ref()).and_then(|i| Ok((i, check_end(units, b.as_ref())?)));
            match ends {
                Err(e) => [Some(Err(e)), None],
                Ok((i, j)) => [Some(Ok((i, j, 1.0))), Some(Ok((j, i, 1.0)))],
            }
            .into_iter()
            .flatten()
        });
        from_positions(units, links, SelfLinks::Refused, "pairs")
    }

    /// Weights from a dense n × n matrix; an entry of zero is no link.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] where it is not n × n; [`Error::InvalidLink`] for an entry that is negative or not
    /// finite, and for a diagonal that is not zero.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Units, Weights};
    /// let dense = array![[0.0, 2.0], [1.0, 0.0]];
    /// let w = Weights::from_dense(&Units::range(2), dense.view())?;
    /// assert_eq!((w.links(), w.weight(0, 1)), (2, 2.0));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "mat2listw")]
    #[doc(alias = "full2W")]
    #[allow(clippy::needless_pass_by_value)]
    pub fn from_dense(units: &Units, dense: ArrayView2<'_, f64>) -> Result<Self> {
        for (found, what) in [(dense.nrows(), "rows"), (dense.ncols(), "columns")] {
            if found != units.len() {
                return Err(Error::LengthMismatch {
                    what: format!("{what} of the dense weights"),
                    expected: units.len(),
                    found,
                });
            }
        }
        let links = dense
            .indexed_iter()
            .filter(|&(_, &w)| w != 0.0)
            .map(|((i, j), &w)| Ok((i, j, w)));
        from_positions(units, links, SelfLinks::Refused, "a dense matrix")
    }
}

/// The position of an end of a link.
pub(super) fn check_end(units: &Units, id: &str) -> Result<usize> {
    units.require(id, "the units of the weights")
}

/// Whether units may be their own neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SelfLinks {
    Refused,
    Kept,
}

/// Why a weight cannot be one, if it cannot.
pub(super) fn check_weight(
    units: &Units,
    i: usize,
    j: usize,
    w: f64,
    own: SelfLinks,
) -> Result<()> {
    let problem = if i == j && own == SelfLinks::Refused {
        "a unit may be its own neighbour only where the statistic says so; leave it out, and take `with_diagonal` where it does"
            .to_owned()
    } else if w == 0.0 {
        "its weight is zero, which is no link; leave it out".to_owned()
    } else if w > 0.0 && w.is_finite() {
        return Ok(());
    } else {
        format!("its weight is {w}, and a positive finite number is needed")
    };
    Err(invalid(units, i, j, problem))
}

pub(super) fn invalid(units: &Units, i: usize, j: usize, problem: impl Into<String>) -> Error {
    Error::InvalidLink {
        from: units.name(i),
        to: units.name(j),
        problem: problem.into(),
    }
}

/// Checked links in any order, as rows.
pub(super) fn from_positions(
    units: &Units,
    links: impl Iterator<Item = Result<(usize, usize, f64)>>,
    own: SelfLinks,
    built: &str,
) -> Result<Weights> {
    let n = units.len();
    check_links(n)?;
    let mut entries: Vec<(u32, u32, f64)> = Vec::new();
    for link in links {
        let (i, j, w) = link?;
        check_weight(units, i, j, w, own)?;
        entries.push((i as u32, j as u32, w));
        check_links(entries.len())?;
    }
    entries.sort_unstable_by_key(|&(i, j, _)| (i, j));
    if let Some(twice) = entries
        .windows(2)
        .find(|p| (p[0].0, p[0].1) == (p[1].0, p[1].1))
    {
        let (i, j, _) = twice[0];
        return Err(invalid(units, i as usize, j as usize, "it is given twice"));
    }
    let offsets = offsets(n, entries.iter().map(|e| e.0));
    let pattern = Pattern {
        offsets,
        columns: entries.iter().map(|e| e.1).collect(),
    };
    let csr = Csr::compact(pattern, entries.iter().map(|e| e.2).collect());
    let csr = check_row_sums(units, csr)?;
    Ok(Weights::from_csr(units.clone(), csr, built))
}

/// The matrix, where every row sums to a number.
pub(super) fn check_row_sums(units: &Units, csr: Csr) -> Result<Csr> {
    match csr.row_sums().iter().position(|s| !s.is_finite()) {
        None => Ok(csr),
        Some(i) => {
            let last = csr.pattern.row(i).last().map_or(i, |&j| j as usize);
            let problem = "the weights of its row sum to infinity";
            Err(invalid(units, i, last, problem))
        }
    }
}

/// Row offsets from the rows of the links, in ascending order.
pub(super) fn offsets(n: usize, rows: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut offsets = vec![0_u32; n + 1];
    for i in rows {
        offsets[i as usize + 1] += 1;
    }
    for i in 0..n {
        offsets[i + 1] += offsets[i];
    }
    offsets
}

/// Binary weights from sorted rows.
pub(super) fn binary(units: Units, offsets: Vec<u32>, columns: Vec<u32>, built: String) -> Weights {
    Weights::from_csr(units, Csr::ones(offsets, columns), built)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn links_in_any_order() {
        let units = Units::new(["a", "b", "c"]).unwrap();
        let w = Weights::from_links(&units, [("c", "a", 3.0), ("a", "c", 1.0), ("a", "b", 2.0)])
            .unwrap();
        assert_eq!(w.neighbours(0).collect::<Vec<_>>(), [(1, 2.0), (2, 1.0)]);
        assert_eq!(w.cardinalities(), [2, 0, 1]);
        let dense = array![[0.0, 2.0, 1.0], [0.0, 0.0, 0.0], [3.0, 0.0, 0.0]];
        let again = Weights::from_dense(&units, dense.view()).unwrap();
        assert_eq!(again.csr(), w.csr());
        assert_eq!(again.csr().to_dense(), dense);
    }

    #[test]
    fn bad_links() {
        let units = Units::new(["a", "b"]).unwrap();
        for w in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let e = Weights::from_links(&units, [("a", "b", w)]).unwrap_err();
            assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        }
        let e = Weights::from_links(&units, [("a", "a", 1.0)]).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        let e = Weights::from_links(&units, [("a", "b", 1.0), ("a", "b", 2.0)]).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        let e = Weights::from_pairs(&units, [("a", "b"), ("b", "a")]).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
        let e = Weights::from_pairs(&units, [("a", "z")]).unwrap_err();
        assert!(matches!(e, Error::UnknownUnit { .. }), "{e}");
        let e = Weights::from_links_at(&units, [(0, 2, 1.0)]).unwrap_err();
        assert!(matches!(e, Error::UnknownUnit { .. }), "{e}");
        let e = Weights::from_dense(&units, Array2::zeros((2, 3)).view()).unwrap_err();
        assert!(matches!(e, Error::LengthMismatch { .. }), "{e}");
        let e = Weights::from_dense(&units, Array2::eye(2).view()).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
    }

    #[test]
    fn no_link_at_all() {
        let none: [(&str, &str); 0] = [];
        let w = Weights::from_pairs(&Units::range(3), none).unwrap();
        assert_eq!((w.links(), w.components()), (0, 3));
        let w = Weights::from_pairs(&Units::range(0), none).unwrap();
        assert_eq!((w.n(), w.components()), (0, 0));
    }
}
