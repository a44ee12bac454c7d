//! Rows of links from what polygons have in common.

use super::edges::Edges;
use super::grouped::Grouped;
use super::mesh::Mesh;
use crate::error::Result;
use crate::linalg::sparse::Pattern;
use crate::parallel::{map_indexed, threads};
use crate::weights::check_links;

/// Links between the owners of a vertex.
pub(super) fn of_vertices(mesh: &Mesh, owners: &Grouped<u32>) -> Result<Pattern> {
    rows(mesh.n(), |row| {
        for &v in mesh.corners_of(row.of as usize) {
            owners.of(v).iter().for_each(|&q| row.add(q));
        }
    })
}

/// Links between the owners of an edge.
pub(super) fn of_edges(mesh: &Mesh, edges: &Edges) -> Result<Pattern> {
    rows(mesh.n(), |row| {
        for edge in mesh.edges_of(row.of as usize) {
            edges.owners(edge).for_each(|q| row.add(q));
        }
    })
}

/// The row of a polygon, behind those before it.
struct Row {
    of: u32,
    /// The last polygon that had this one in its row.
    seen: Vec<u32>,
    columns: Vec<u32>,
}

impl Row {
    /// A polygon that is not yet in the row, nor that of the row itself.
    fn add(&mut self, q: u32) {
        let seen = &mut self.seen[q as usize];
        if *seen != self.of {
            *seen = self.of;
            self.columns.push(q);
        }
    }
}

/// Sorted rows from what `fill` adds to each.
fn rows(n: usize, fill: impl Fn(&mut Row) + Sync + Send) -> Result<Pattern> {
    let count = if n < 256 { 1 } else { threads() };
    let size = n.div_ceil(count);
    let blocks = map_indexed(count, |b| {
        let [start, end] = [b, b + 1].map(|b| (b * size).min(n));
        let mut ends = Vec::with_capacity(end - start);
        let mut row = Row {
            of: 0,
            seen: vec![u32::MAX; n],
            columns: Vec::new(),
        };
        for p in start..end {
            let from = row.columns.len();
            row.of = p as u32;
            row.seen[p] = p as u32;
            fill(&mut row);
            row.columns[from..].sort_unstable();
            check_links(row.columns.len())?;
            ends.push(row.columns.len() as u32);
        }
        Ok((ends, row.columns))
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
    let new = |p: usize| rows.row(p).iter().filter(move |&&q| others.find(p, q as usize).is_none());
    (0..rows.n()).map(|p| new(p).count()).sum()
}
