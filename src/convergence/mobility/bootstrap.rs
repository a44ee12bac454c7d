//! The bootstrap of a chain over whole histories of units.

use std::fmt;

use ndarray::{Array1, Array2};

use super::chain::{Histories, Kind, MarkovChain, shares_of_rows};
use super::indices::MobilityIndex;
use super::long_run::ergodic_of;
use super::structure::sets;
use crate::error::{Error, Result};
use crate::inference::{Draws, Note, Simulated, write_notes};
use crate::parallel::map_indexed;
use crate::random::Stream;
use crate::text::{Layout, significant};

/// Ergodic shares, indices of mobility and probabilities with their bootstrap distributions.
///
/// A replicate draws n units with replacement, each with its whole history, and counts their transitions: dependence over time within a unit is kept.
/// Dependence between units is not: where neighbours move together, intervals are too narrow. Classes stay those of the sample.
///
/// Replicates in which a class is not visited are left out, and of ergodic shares and what is weighted by them also those whose ergodic distribution is not
/// unique; both are counted in a [note](Self::notes).
#[derive(Debug, Clone, PartialEq)]
pub struct MarkovBootstrap {
    name: String,
    labels: Vec<String>,
    ergodic: Vec<Simulated>,
    indices: Vec<(MobilityIndex, Simulated)>,
    standard_errors: Array2<f64>,
    draws: usize,
    undefined: usize,
}

impl MarkovChain {
    /// The bootstrap of the chain over units.
    ///
    /// Cost: the kinds of moves of all units × draws, and k³ for each.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for too few draws; [`Error::TooFewUnits`] for one unit; [`Error::Unsupported`] where only transitions are known, for chains of
    /// ranks (which a draw of units does not keep), and where more than half of the draws are not defined; as [`ergodic`](Self::ergodic) for the sample.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Draws, MarkovChain, MobilityIndex};
    /// let states = array![[0, 0, 1, 1, 0, 1], [0, 1, 1, 0, 0, 1], [1, 1, 0, 0, 0, 1], [0, 1, 0, 1, 1, 1]];
    /// let chain = MarkovChain::from_states(states.view(), 2)?;
    /// let bootstrap = chain.bootstrap(Draws::new(500).seed(1))?;
    /// let trace = bootstrap.index(MobilityIndex::Trace).unwrap();
    /// let (low, high) = trace.interval(0.95);
    /// assert!(low < trace.value && trace.value < high);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Efron and Tibshirani (1993), An Introduction to the Bootstrap; Davison and Hinkley (1997), Bootstrap Methods and their Application.
    pub fn bootstrap(&self, draws: Draws) -> Result<MarkovBootstrap> {
        let (count, seed) = draws.checked()?;
        let known = self.known("a bootstrap over units")?;
        if known.kind != Kind::Class {
            return Err(Error::Unsupported {
                what: format!("a bootstrap of {}", self.name),
                why: "units that are drawn twice share a rank; take the chain of classes"
                    .to_owned(),
            });
        }
        let n = known.units.len();
        if n < 2 {
            return Err(Error::TooFewUnits {
                what: format!("a bootstrap of the Markov chain of {}", self.name),
                needed: 2,
                n,
            });
        }
        let sample = self.ergodic()?;
        let moves = moves(known);
        let drawn: Vec<Option<One>> = map_indexed(count, |r| {
            let mut stream = Stream::new(seed, r as u64);
            let mut counts = Array2::zeros((self.k(), self.k()));
            for _ in 0..n {
                for &(at, times) in &moves[stream.below(n as u32) as usize] {
                    counts[at] += times;
                }
            }
            One::of(&counts)
        })
        .into_iter()
        .collect::<Result<_>>()?;
        let kept: Vec<One> = drawn.into_iter().flatten().collect();
        let defined = kept.iter().filter(|one| one.ergodic.is_some()).count();
        if 2 * defined < count {
            return Err(few(&self.name, count - defined, count));
        }
        let p = self.probabilities()?;
        let simulated = |value: f64, of: &dyn Fn(&One) -> Option<f64>| {
            Simulated::new(value, kept.iter().filter_map(of).collect())
        };
        let ergodic = sample.shares.iter().enumerate().map(|(i, share)| {
            simulated(*share, &|one| one.ergodic.as_ref().map(|shares| shares[i]))
        });
        let mut indices = Vec::new();
        for (m, index) in MobilityIndex::ALL.into_iter().enumerate() {
            let value = self.mobility(index)?;
            indices.push((index, simulated(value, &|one| one.indices[m])));
        }
        Ok(MarkovBootstrap {
            name: self.name.clone(),
            labels: self.labels.clone(),
            ergodic: ergodic.collect(),
            indices,
            standard_errors: Array2::from_shape_fn(p.raw_dim(), |at| {
                simulated(p[at], &|one| Some(one.p[at])).std_error
            }),
            draws: count,
            undefined: count - defined,
        })
    }
}

fn few(name: &str, undefined: usize, draws: usize) -> Error {
    Error::Unsupported {
        what: format!("a bootstrap of the Markov chain of {name}"),
        why: format!(
            "in {undefined} of {draws} draws a class was not visited, or the ergodic distribution was not unique; take fewer classes"
        ),
    }
}

/// The kinds of moves of each unit, and how often it made them.
fn moves(known: &Histories) -> Vec<Vec<([usize; 2], f64)>> {
    let mut all = vec![Vec::with_capacity(known.periods.len()); known.units.len()];
    known.each(|_, unit, i, j| all[unit].push([i, j]));
    let count = |mut moves: Vec<[usize; 2]>| {
        moves.sort_unstable();
        let kinds = moves.chunk_by(|a, b| a == b);
        kinds.map(|kind| (kind[0], kind.len() as f64)).collect()
    };
    all.into_iter().map(count).collect()
}

/// What is computed of a draw.
struct One {
    p: Array2<f64>,
    ergodic: Option<Array1<f64>>,
    indices: Vec<Option<f64>>,
}

impl One {
    /// None where a class has no transitions.
    fn of(counts: &Array2<f64>) -> Result<Option<Self>> {
        let Ok(p) = shares_of_rows(counts.view()) else {
            return Ok(None);
        };
        let ergodic = ergodic_of(p.view(), &sets(p.view()));
        let uniform = Array1::from_elem(p.nrows(), 1.0 / p.nrows() as f64);
        let index = |index: MobilityIndex| {
            let weights = if index.is_ergodic() {
                match &ergodic {
                    Some(shares) => shares,
                    None => return Ok(None),
                }
            } else {
                &uniform
            };
            index.of(p.view(), |_| Ok(weights.clone())).map(Some)
        };
        let indices = MobilityIndex::ALL
            .into_iter()
            .map(index)
            .collect::<Result<_>>()?;
        Ok(Some(Self {
            p,
            ergodic,
            indices,
        }))
    }
}

impl MarkovBootstrap {
    /// The ergodic shares of the classes.
    #[must_use]
    pub fn ergodic(&self) -> &[Simulated] {
        &self.ergodic
    }

    /// The [indices](MobilityIndex::ALL) of mobility.
    pub fn indices(&self) -> impl Iterator<Item = (MobilityIndex, &Simulated)> {
        self.indices.iter().map(|(index, s)| (*index, s))
    }

    /// One index; `None` for those that are not in [`MobilityIndex::ALL`].
    #[must_use]
    pub fn index(&self, index: MobilityIndex) -> Option<&Simulated> {
        let found = self.indices.iter().find(|(i, _)| *i == index);
        found.map(|(_, s)| s)
    }

    /// Standard errors of the probabilities, k × k.
    #[must_use]
    pub fn standard_errors(&self) -> &Array2<f64> {
        &self.standard_errors
    }

    /// What to know of it.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        if self.undefined == 0 {
            return Vec::new();
        }
        vec![Note::UndefinedDraws {
            undefined: self.undefined,
            draws: self.draws,
        }]
    }
}

impl fmt::Display for MarkovBootstrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Bootstrap of the Markov chain of {}, {} draws of units",
            self.name, self.draws
        )?;
        let mut table = Layout::new();
        table
            .row(["", "value", "std error", "95% from", "to"])
            .rule();
        let shares = self.labels.iter().zip(&self.ergodic);
        let shares = shares.map(|(label, s)| (format!("ergodic, {label}"), s));
        let few = if self.labels.len() > 10 {
            0
        } else {
            usize::MAX
        };
        let indices = self.indices.iter().map(|(i, s)| (i.to_string(), s));
        for (name, s) in shares.take(few).chain(indices) {
            let (low, high) = s.interval(0.95);
            let numbers = [s.value, s.std_error, low, high].map(|v| significant(v, 4));
            table.row(std::iter::once(name).chain(numbers));
        }
        write!(f, "{table}")?;
        write_notes(f, &self.notes())
    }
}
