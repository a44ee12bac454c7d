//! Traces of W^q V, by following the links from every unit.

use crate::error::{Error, Result};
use crate::linalg::sparse::Csr;
use crate::parallel::map_with_memory;

/// Units followed one after the other on one thread.
const BLOCK: usize = 256;
/// Units from which the cost is estimated.
const SAMPLE: usize = 64;
/// Most multiplications: some minutes of one processor.
const MOST_MULTIPLICATIONS: usize = 100_000_000_000;

/// tr V, tr W V, …, tr W^q V, exact up to rounding.
///
/// [`Error::TooLarge`] where units reach so many others that it would take more than 10¹¹ multiplications (estimated from 64 units,
/// evenly spaced).
pub(crate) fn cross_traces(w: &Csr, v: &Csr, q: usize) -> Result<Vec<f64>> {
    let n = w.n();
    let back = v.transposed();
    let mut probe = Reached::new(n);
    let sampled = n.min(SAMPLE);
    let mut cost = 0_usize;
    for s in 0..sampled {
        cost = cost.saturating_add(probe.follow(w, &back, s * n / sampled, &mut vec![0.0; q + 1]));
    }
    if cost / sampled.max(1) > MOST_MULTIPLICATIONS / n.max(1) {
        return Err(Error::TooLarge {
            what: "a partition by order with other weights of the Durbin term, in multiplications,",
            n: (cost / sampled).saturating_mul(n),
            limit: MOST_MULTIPLICATIONS,
            instead: "ask for fewer orders",
        });
    }
    let blocks = map_with_memory(
        n.div_ceil(BLOCK),
        || Reached::new(n),
        |reached, block| {
            let mut sums = vec![0.0; q + 1];
            for i in block * BLOCK..((block + 1) * BLOCK).min(n) {
                reached.follow(w, &back, i, &mut sums);
            }
            sums
        },
    );
    let mut traces = vec![0.0; q + 1];
    for block in blocks {
        traces.iter_mut().zip(block).for_each(|(t, b)| *t += b);
    }
    Ok(traces)
}

/// A row of a power of W, and room for the next one; zero where nothing is reached.
struct Reached {
    row: Vec<f64>,
    at: Vec<u32>,
    next: Vec<f64>,
    next_at: Vec<u32>,
    /// Whether an element of the next row is in the list of those reached.
    listed: Vec<bool>,
}

impl Reached {
    fn new(n: usize) -> Self {
        Self {
            row: vec![0.0; n],
            at: Vec::new(),
            next: vec![0.0; n],
            next_at: Vec::new(),
            listed: vec![false; n],
        }
    }

    /// Adds (W^q V)_ii for each q, and returns the number of multiplications.
    fn follow(&mut self, w: &Csr, back: &Csr, i: usize, sums: &mut [f64]) -> usize {
        let mut cost = 0;
        self.row[i] = 1.0;
        self.at.push(i as u32);
        let last = sums.len() - 1;
        for (q, sum) in sums.iter_mut().enumerate() {
            *sum += back.row(i).map(|(j, x)| self.row[j] * x).sum::<f64>();
            if q == last {
                break;
            }
            for &j in &self.at {
                let share = self.row[j as usize];
                for (k, x) in w.row(j as usize) {
                    if !self.listed[k] {
                        self.listed[k] = true;
                        self.next_at.push(k as u32);
                    }
                    self.next[k] += share * x;
                    cost += 1;
                }
                self.row[j as usize] = 0.0;
            }
            self.at.clear();
            std::mem::swap(&mut self.row, &mut self.next);
            std::mem::swap(&mut self.at, &mut self.next_at);
            self.at
                .iter()
                .for_each(|&j| self.listed[j as usize] = false);
        }
        for j in self.at.drain(..) {
            self.row[j as usize] = 0.0;
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_those_of_the_dense_powers() {
        let n = 300_u32;
        let rows = |step: u32, links: u32| -> Vec<Vec<(u32, f64)>> {
            (0..n)
                .map(|i| {
                    let mut row: Vec<u32> = (0..(i * step) % links)
                        .map(|k| (i * 7 + k * step + 1) % n)
                        .collect();
                    row.sort_unstable();
                    row.dedup();
                    row.into_iter()
                        .map(|j| (j, 0.1 + f64::from((i + j) % 5) / 10.0))
                        .collect()
                })
                .collect()
        };
        let (w, v) = (Csr::from_rows(&rows(11, 5)), Csr::from_rows(&rows(3, 4)));
        let found = cross_traces(&w, &v, 7).unwrap();
        let mut power = v.to_dense();
        for trace in found {
            let expected = power.diag().sum();
            assert!((trace - expected).abs() < 1e-12 * expected.abs().max(1.0));
            power = w.to_dense().dot(&power);
        }
    }
}
