//! `Draws`: how many simulated or bootstrapped replicates, and from which seed.

use crate::error::{Error, Result};

/// How many draws, and the seed of their streams.
///
/// | option | default | range |
/// |---|---|---|
/// | count | given | 100 to 10 million |
/// | [`seed`](Self::seed) | 0 | any |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    count: usize,
    seed: u64,
}

impl Draws {
    /// This many draws, from 100 to 10 million (checked where they are made).
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, seed: 0 }
    }

    /// The seed; the same seed gives the same draws, on any number of threads and any platform.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The count and the seed.
    pub(crate) fn checked(self) -> Result<(usize, u64)> {
        if (LEAST..=MOST).contains(&self.count) {
            return Ok((self.count, self.seed));
        }
        Err(Error::InvalidOption {
            option: "draws",
            value: self.count.to_string(),
            expected: "from 100 (for percentile intervals) to 10 million draws",
        })
    }
}

const LEAST: usize = 100;
const MOST: usize = 10_000_000;
