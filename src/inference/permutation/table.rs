//! The table of draws that all units share, and the bounds that a unit holds its draws to.

use super::draw::Drawer;
use super::tails::Tails;
use crate::parallel::map_with_memory;
use crate::random::Stream;

/// Draws side by side in one step of the kernel.
pub(crate) const LANES: usize = 16;

/// Observed value less and plus the tolerance.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tailing {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Tailing {
    pub(super) fn count(&self, values: &[f64], tails: &mut Tails) {
        for &value in values {
            tails.at_least += u32::from(value >= self.low);
            tails.at_most += u32::from(value <= self.high);
        }
    }
}

/// A portion of the shared table of draws.
pub(super) struct Portion {
    /// Ids, entry (k, p) at k · stride + p; the stride is a multiple of `LANES`.
    pub(super) ids: Vec<u32>,
    /// id · 2^32 + position, in the order of the ids.
    pub(super) by_id: Vec<u64>,
    pub(super) draws: usize,
    pub(super) stride: usize,
}

impl Portion {
    pub(super) fn new(n: usize, widest: usize, first: usize, draws: usize, seed: u64) -> Self {
        let pool = n.saturating_sub(1);
        let stride = draws.next_multiple_of(LANES);
        let rows = map_with_memory(draws, Drawer::default, |drawer, p| {
            let mut row = Vec::with_capacity(widest);
            let mut stream = Stream::new(seed, (first + p) as u64);
            drawer.distinct(&mut stream, widest, pool as u32, &mut row);
            row
        });
        let mut ids = vec![0; widest * stride];
        let mut by_id = Vec::with_capacity(widest * draws);
        for (p, row) in rows.iter().enumerate() {
            for (k, &id) in row.iter().enumerate() {
                ids[k * stride + p] = id;
                by_id.push(u64::from(id) << 32 | (k * stride + p) as u64);
            }
        }
        by_id.sort_unstable();
        Self {
            ids,
            by_id,
            draws,
            stride,
        }
    }
}
