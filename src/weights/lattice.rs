//! Weights of regular lattices and rasters, without geometry.

use ndarray::{Array2, ArrayView2};

use super::links::binary;
use super::{Weights, check_links};
use crate::data::Units;
use crate::error::{Error, Result};

/// A lattice of rows × columns cells, and which of them are neighbours.
///
/// ```
/// use spatialecon::Lattice;
/// let globe = Lattice::queen(180, 360).torus();
/// # let _ = globe;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lattice {
    rows: usize,
    columns: usize,
    kind: Kind,
    torus: bool,
    mask: Option<Array2<bool>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rook,
    Bishop,
    Queen,
}

impl Lattice {
    /// Neighbours share a side: up to four.
    #[must_use]
    pub fn rook(rows: usize, columns: usize) -> Self {
        Self::of(rows, columns, Kind::Rook)
    }

    /// Neighbours share a side or a corner: up to eight.
    #[must_use]
    pub fn queen(rows: usize, columns: usize) -> Self {
        Self::of(rows, columns, Kind::Queen)
    }

    /// Neighbours share a corner and no side: up to four.
    #[must_use]
    pub fn bishop(rows: usize, columns: usize) -> Self {
        Self::of(rows, columns, Kind::Bishop)
    }

    fn of(rows: usize, columns: usize, kind: Kind) -> Self {
        Self {
            rows,
            columns,
            kind,
            torus: false,
            mask: None,
        }
    }

    /// The last row borders on the first, and the last column on the first: every cell has the same number of neighbours.
    ///
    /// Where there are fewer than three rows or columns a cell meets the same neighbour on two sides, or itself: links are
    /// not doubled, and no cell is its own neighbour.
    #[must_use]
    pub fn torus(self) -> Self {
        Self {
            torus: true,
            ..self
        }
    }

    /// Only the cells at which the mask is true are units; it has the rows and columns of the lattice.
    #[must_use]
    pub fn masked(self, mask: ArrayView2<'_, bool>) -> Self {
        Self {
            mask: Some(mask.to_owned()),
            ..self
        }
    }

    /// Offsets of rows and columns, ascending.
    fn offsets(&self) -> &'static [(isize, isize)] {
        match self.kind {
            Kind::Rook => &[(-1, 0), (0, -1), (0, 1), (1, 0)],
            Kind::Bishop => &[(-1, -1), (-1, 1), (1, -1), (1, 1)],
            Kind::Queen => &[
                (-1, -1),
                (-1, 0),
                (-1, 1),
                (0, -1),
                (0, 1),
                (1, -1),
                (1, 0),
                (1, 1),
            ],
        }
    }

    /// The neighbours of a cell among all cells, row by row, as numbers of cells, ascending and distinct.
    fn around(&self, row: usize, column: usize, found: &mut Vec<u32>) {
        let (rows, columns) = (self.rows, self.columns);
        let step = |at: usize, by: isize, size: usize| {
            let to = at.checked_add_signed(by).filter(|to| *to < size);
            match (to, self.torus) {
                (None, true) => Some(if by < 0 { size - 1 } else { 0 }),
                (to, _) => to,
            }
        };
        found.clear();
        for &(down, right) in self.offsets() {
            if let (Some(r), Some(c)) = (step(row, down, rows), step(column, right, columns)) {
                found.push((r * columns + c) as u32);
            }
        }
        if self.torus {
            let own = (row * columns + column) as u32;
            found.sort_unstable();
            found.dedup();
            found.retain(|&cell| cell != own);
        }
    }

    /// An upper bound of the number of links, which is exact for a plane lattice without a mask.
    fn most_links(&self) -> usize {
        let (r, c) = (self.rows, self.columns);
        if self.torus {
            return r.saturating_mul(c).saturating_mul(self.offsets().len());
        }
        let times = |a: usize, b: usize, by: usize| a.saturating_mul(b).saturating_mul(by);
        let (r1, c1) = (r.saturating_sub(1), c.saturating_sub(1));
        let sides = times(r, c1, 2).saturating_add(times(r1, c, 2));
        let corners = times(r1, c1, 4);
        match self.kind {
            Kind::Rook => sides,
            Kind::Bishop => corners,
            Kind::Queen => sides.saturating_add(corners),
        }
    }
}

impl Weights {
    /// Binary weights of a regular lattice.
    ///
    /// The units are the cells, row by row from the first, or those of them at which a mask is true, in the same order; they are named
    /// 0, 1, …, and [`relabelled`](Self::relabelled) gives them other ids. Cells without a neighbour are islands. Costs one pass
    /// over the links; needs the result, and with a mask four bytes a cell.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] where the mask has other rows or columns; [`Error::TooLarge`] above 2³² - 1 cells or links.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Lattice, Weights};
    /// let w = Weights::lattice(Lattice::queen(2, 3))?;
    /// assert_eq!(w.cardinalities(), [3, 5, 3, 3, 5, 3]);
    /// let mask = array![[true, true, false], [false, true, true]];
    /// let w = Weights::lattice(Lattice::rook(2, 3).masked(mask.view()))?;
    /// // 0 - 1
    /// //     |
    /// //     2 - 3
    /// assert_eq!(w.cardinalities(), [1, 2, 2, 1]);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    #[doc(alias = "cell2nb")]
    #[doc(alias = "grid2nb")]
    #[doc(alias = "lat2W")]
    #[doc(alias = "build_raster_contiguity")]
    #[allow(clippy::needless_pass_by_value)]
    pub fn lattice(lattice: Lattice) -> Result<Self> {
        let (rows, columns) = (lattice.rows, lattice.columns);
        let cells = rows.saturating_mul(columns);
        if u32::try_from(cells).is_err() {
            return Err(Error::TooLarge {
                what: "the number of cells of a lattice",
                n: cells,
                limit: u32::MAX as usize,
                instead: "use larger cells",
            });
        }
        let kind = match lattice.kind {
            Kind::Rook => "rook",
            Kind::Bishop => "bishop",
            Kind::Queen => "queen",
        };
        let surface = if lattice.torus { "torus" } else { "lattice" };
        let built = format!("{kind} {surface} of {rows} × {columns}");
        match &lattice.mask {
            None => {
                let (offsets, links) = all_cells(&lattice)?;
                Ok(binary(Units::range(cells), offsets, links, built))
            }
            Some(mask) => {
                for (found, expected, what) in [
                    (mask.nrows(), rows, "rows"),
                    (mask.ncols(), columns, "columns"),
                ] {
                    if found != expected {
                        return Err(Error::LengthMismatch {
                            what: format!("{what} of the mask"),
                            expected,
                            found,
                        });
                    }
                }
                let (offsets, links) = some_cells(&lattice, mask)?;
                let units = Units::range(offsets.len() - 1);
                let built = format!("{built}, {} cells", units.len());
                Ok(binary(units, offsets, links, built))
            }
        }
    }
}

/// Rows of all cells.
fn all_cells(lattice: &Lattice) -> Result<(Vec<u32>, Vec<u32>)> {
    let most = lattice.most_links();
    check_links(most)?;
    let mut offsets = Vec::with_capacity(lattice.rows * lattice.columns + 1);
    let (mut links, mut found) = (Vec::with_capacity(most), Vec::new());
    offsets.push(0);
    for row in 0..lattice.rows {
        for column in 0..lattice.columns {
            lattice.around(row, column, &mut found);
            links.extend_from_slice(&found);
            offsets.push(links.len() as u32);
        }
    }
    links.shrink_to_fit();
    Ok((offsets, links))
}

/// Rows of the cells at which the mask is true.
fn some_cells(lattice: &Lattice, mask: &Array2<bool>) -> Result<(Vec<u32>, Vec<u32>)> {
    const NONE: u32 = u32::MAX;
    let mut units = 0;
    let number: Vec<u32> = mask
        .iter()
        .map(|&here| {
            units += u32::from(here);
            if here { units - 1 } else { NONE }
        })
        .collect();
    let (mut offsets, mut links, mut found) = (vec![0], Vec::new(), Vec::new());
    for ((row, column), _) in mask.indexed_iter().filter(|(_, here)| **here) {
        lattice.around(row, column, &mut found);
        let units = found.iter().map(|&cell| number[cell as usize]);
        links.extend(units.filter(|&unit| unit != NONE));
        check_links(links.len())?;
        offsets.push(links.len() as u32);
    }
    links.shrink_to_fit();
    Ok((offsets, links))
}

#[cfg(test)]
mod tests {
    use super::super::test_data::checksum;
    use super::*;
    use ndarray::{Array2, array};

    /// Whether two cells are neighbours, from distances round the torus or on the plane.
    fn near(l: &Lattice, a: (usize, usize), b: (usize, usize)) -> bool {
        let apart = |x: usize, y: usize, size: usize| {
            let d = x.abs_diff(y);
            if l.torus { d.min(size - d) } else { d }
        };
        let (dr, dc) = (apart(a.0, b.0, l.rows), apart(a.1, b.1, l.columns));
        // a step round a torus of one row ends in the same row
        let meets = |d: usize, size: usize, by: usize| d == by || (l.torus && by == 1 && size == 1);
        let pairs: &[(usize, usize)] = match l.kind {
            Kind::Rook => &[(0, 1), (1, 0)],
            Kind::Bishop => &[(1, 1)],
            Kind::Queen => &[(0, 1), (1, 0), (1, 1)],
        };
        a != b && (pairs.iter()).any(|&(r, c)| meets(dr, l.rows, r) && meets(dc, l.columns, c))
    }

    #[test]
    fn every_kind_of_every_small_size() {
        for kind in [Kind::Rook, Kind::Bishop, Kind::Queen] {
            for (rows, columns) in (0..6).flat_map(|r| (0..6).map(move |c| (r, c))) {
                for torus in [false, true] {
                    let l = Lattice {
                        torus,
                        ..Lattice::of(rows, columns, kind)
                    };
                    let w = Weights::lattice(l.clone()).unwrap();
                    let cell = |i: usize| (i / columns, i % columns);
                    let n = rows * columns;
                    for i in 0..n {
                        let brute = (0..n).filter(|&j| near(&l, cell(i), cell(j)));
                        let ours = w.neighbours(i).map(|link| link.0);
                        assert!(ours.eq(brute), "{l:?} {i}");
                    }
                    assert!(w.is_symmetric() && w.n() == n);
                    assert!(torus || l.most_links() == w.links());
                    assert!(l.most_links() >= w.links());
                }
            }
        }
    }

    // spdep 1.2-7, cell2nb(7, 5, type, torus)
    #[test]
    fn as_spdep_has_them() {
        for (lattice, links, sum) in [
            (Lattice::rook(7, 5), 116, 2_090_088),
            (Lattice::queen(7, 5), 212, 3_819_816),
            (Lattice::rook(7, 5).torus(), 140, 2_522_520),
            (Lattice::queen(7, 5).torus(), 280, 5_045_040),
        ] {
            let w = Weights::lattice(lattice.clone()).unwrap();
            assert_eq!((w.links(), checksum(&w)), (links, sum), "{lattice:?}");
        }
    }

    #[test]
    fn masks() {
        let mask = array![
            [true, false, true, true],
            [false, false, false, true],
            [true, false, true, false]
        ];
        let to = |w: &Weights, i: usize| w.neighbours(i).map(|l| l.0).collect::<Vec<_>>();
        let w = Weights::lattice(Lattice::queen(3, 4).masked(mask.view())).unwrap();
        let expected: [&[usize]; 6] = [&[], &[2, 3], &[1, 3], &[1, 2, 5], &[], &[3]];
        assert_eq!((0..6).map(|i| to(&w, i)).collect::<Vec<_>>(), expected);
        assert_eq!(
            (w.islands(), w.islands_decided()),
            (vec!["0".to_owned(), "4".to_owned()], false)
        );
        assert_eq!(w.built(), "queen lattice of 3 × 4, 6 cells");
        let round = Weights::lattice(Lattice::rook(3, 4).torus().masked(mask.view())).unwrap();
        let expected: [&[usize]; 6] = [&[2, 4], &[2, 5], &[0, 1, 3], &[2], &[0], &[1]];
        assert_eq!((0..6).map(|i| to(&round, i)).collect::<Vec<_>>(), expected);
        // a transposed view is read by its rows
        let turned = Lattice::queen(4, 3).masked(mask.t());
        assert_eq!(Weights::lattice(turned).unwrap().links(), w.links());
        let nothing = Array2::from_elem((2, 2), false);
        assert_eq!(
            Weights::lattice(Lattice::rook(2, 2).masked(nothing.view()))
                .unwrap()
                .n(),
            0
        );
        let e = Weights::lattice(Lattice::rook(4, 3).masked(mask.view())).unwrap_err();
        assert!(matches!(e, Error::LengthMismatch { .. }), "{e}");
    }

    #[test]
    fn too_many_cells_or_links() {
        for lattice in [
            Lattice::rook(1 << 16, 1 << 16),
            Lattice::rook(usize::MAX, 2),
            Lattice::queen(1 << 15, 1 << 15),
            Lattice::queen(1 << 15, 1 << 15).torus(),
        ] {
            let e = Weights::lattice(lattice).unwrap_err();
            assert!(matches!(e, Error::TooLarge { .. }), "{e}");
        }
    }
}
