//! Rows of links from what polygons have in common.

use std::ops::Range;

use super::edges::Edges;
use super::grouped::Grouped;
use super::mesh::Mesh;
use crate::error::Result;
use crate::linalg::sparse::Pattern;
use crate::parallel::{map_indexed, threads};
use crate::weights::check_links;

/// Polygons whose memory is asked for together, so that waiting for that of one hides that of the others.
const BATCH: usize = 16;

/// Links between the owners of a vertex.
pub(super) fn of_vertices(mesh: &Mesh, owners: &Grouped<u32>) -> Result<Pattern> {
    rows(mesh.n(), |batch, row| {
        let (mut ranges, mut first) = (Vec::new(), Vec::new());
        let corners = mesh.corners_of(batch.clone());
        ranges.extend(corners.iter().map(|&v| owners.range(v)));
        first.extend(ranges.iter().map(|r| owners.items[r.start]));
        let mut corners = ranges.into_iter().zip(first);
        for p in batch {
            row.start(p);
            let count = mesh.corners_of(p..p + 1).len();
            for (range, first) in corners.by_ref().take(count) {
                row.add(first);
                for &q in &owners.items[range][1..] {
                    row.add(q);
                }
            }
            row.end()?;
        }
        Ok(())
    })
}

/// Links between the owners of an edge.
pub(super) fn of_edges(mesh: &Mesh, edges: &Edges) -> Result<Pattern> {
    rows(mesh.n(), |batch, row| {
        for p in batch {
            row.start(p);
            for edge in mesh.edges_of(p) {
                edges.owners(edge).for_each(|q| row.add(q));
            }
            row.end()?;
        }
        Ok(())
    })
}

/// Rows that grow.
struct Rows {
    /// The last polygon that had this one in its row.
    seen: Vec<u32>,
    /// The polygon of the row that is being filled, its neighbours so far, and their number.
    of: u32,
    row: Vec<u32>,
    length: usize,
    ends: Vec<u32>,
    columns: Vec<u32>,
}

impl Rows {
    fn start(&mut self, polygon: usize) {
        self.of = polygon as u32;
        self.length = 0;
        self.seen[polygon] = self.of;
    }

    /// Adds a polygon that is not yet in the row, nor that of the row itself; without a branch on which it is.
    fn add(&mut self, q: u32) {
        if self.length == self.row.len() {
            self.row.resize(2 * self.length + 16, 0);
        }
        self.row[self.length] = q;
        let seen = &mut self.seen[q as usize];
        self.length += usize::from(*seen != self.of);
        *seen = self.of;
    }

    fn end(&mut self) -> Result<()> {
        let row = &mut self.row[..self.length];
        row.sort_unstable();
        self.columns.extend_from_slice(row);
        check_links(self.columns.len())?;
        self.ends.push(self.columns.len() as u32);
        Ok(())
    }
}

/// Sorted rows, filled in batches of polygons.
fn rows(
    n: usize,
    fill: impl Fn(Range<usize>, &mut Rows) -> Result<()> + Sync + Send,
) -> Result<Pattern> {
    let count = if n < 256 { 1 } else { threads() };
    let size = n.div_ceil(count);
    let blocks = map_indexed(count, |b| {
        let [start, end] = [b, b + 1].map(|b| (b * size).min(n));
        let mut rows = Rows {
            seen: vec![u32::MAX; n],
            of: 0,
            row: Vec::new(),
            length: 0,
            ends: Vec::with_capacity(end - start),
            columns: Vec::new(),
        };
        for p in (start..end).step_by(BATCH) {
            fill(p..end.min(p + BATCH), &mut rows)?;
        }
        Ok((rows.ends, rows.columns))
    });
    let mut offsets = vec![0];
    let mut columns = Vec::new();
    for block in blocks {
        let (ends, more) = block?;
        check_links(columns.len() + more.len())?;
        let start = columns.len() as u32;
        offsets.extend(ends.iter().map(|end| end + start));
        if columns.is_empty() {
            columns = more;
        } else {
            columns.extend_from_slice(&more);
        }
    }
    Ok(Pattern { offsets, columns })
}

/// The rows with more links, given as pairs.
pub(super) fn with_pairs(rows: Pattern, pairs: &[(u32, u32)]) -> Result<Pattern> {
    let mut links: Vec<(u32, u32)> = pairs
        .iter()
        .flat_map(|&(p, q)| [(p, q), (q, p)])
        .filter(|&(p, q)| p != q && rows.find(p as usize, q as usize).is_none())
        .collect();
    if links.is_empty() {
        return Ok(rows);
    }
    links.sort_unstable();
    links.dedup();
    let mut links = links.into_iter().peekable();
    check_links(rows.columns.len() + links.len())?;
    let mut offsets = Vec::with_capacity(rows.offsets.len());
    let mut columns = Vec::with_capacity(rows.columns.len() + links.len());
    for p in 0..rows.n() {
        offsets.push(columns.len() as u32);
        for &q in rows.row(p) {
            while let Some((_, more)) = links.next_if(|&link| link < (p as u32, q)) {
                columns.push(more);
            }
            columns.push(q);
        }
        while let Some((_, more)) = links.next_if(|&link| link.0 == p as u32) {
            columns.push(more);
        }
    }
    offsets.push(columns.len() as u32);
    Ok(Pattern { offsets, columns })
}

/// Number of links of the rows that others do not have.
pub(super) fn links_beyond(rows: &Pattern, others: &Pattern) -> usize {
    let new = |p: usize| {
        rows.row(p)
            .iter()
            .filter(move |&&q| others.find(p, q as usize).is_none())
    };
    (0..rows.n()).map(|p| new(p).count()).sum()
}
