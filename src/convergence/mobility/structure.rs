//! Which classes of a chain lead to one another.

use ndarray::ArrayView2;

use super::chain::MarkovChain;
use crate::linalg::stationary::reachable;

/// Classes that lead to one another, and whether they are ever left.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommunicatingClass {
    /// The classes, counted from 0, in increasing order.
    pub members: Vec<usize>,
    /// Whether no transition leads out of them: the chain stays there once it has come there.
    pub closed: bool,
}

impl MarkovChain {
    /// The sets of classes that lead to one another by moves that were observed, in the order of their first class.
    ///
    /// A class from which no transition starts is a set of its own, which is not called closed: what becomes of it is not known.
    #[must_use]
    #[doc(alias("communication_classes", "recurrent_classes", "communicatingClasses"))]
    pub fn communicating_classes(&self) -> Vec<CommunicatingClass> {
        sets(self.counts.view())
    }

    /// The classes that were entered or held, and never left: p_ii = 1, counted from 0.
    #[must_use]
    #[doc(alias = "absorbingStates")]
    pub fn absorbing(&self) -> Vec<usize> {
        (0..self.k())
            .filter(|&i| {
                let row = self.counts.row(i);
                row[i] > 0.0 && row.iter().enumerate().all(|(j, v)| j == i || *v <= 0.0)
            })
            .collect()
    }

    /// Whether every class leads to every other.
    #[must_use]
    pub fn is_irreducible(&self) -> bool {
        matches!(self.communicating_classes().as_slice(), [one] if one.closed)
    }

    /// The names of the members of a set.
    pub(super) fn names(&self, members: &[usize]) -> Vec<String> {
        members.iter().map(|&i| self.labels[i].clone()).collect()
    }
}

/// Communicating sets of a matrix with positive entries where there is a move.
pub(super) fn sets(moves: ArrayView2<'_, f64>) -> Vec<CommunicatingClass> {
    let k = moves.nrows();
    let reached = reachable(moves);
    let mut seen = vec![false; k];
    let mut sets = Vec::new();
    for i in 0..k {
        if seen[i] {
            continue;
        }
        let members: Vec<usize> = (i..k)
            .filter(|&j| j == i || (reached[[i, j]] && reached[[j, i]]))
            .collect();
        for &j in &members {
            seen[j] = true;
        }
        let starts = members
            .iter()
            .all(|&j| moves.row(j).iter().any(|v| *v > 0.0));
        let kept = (0..k).all(|j| !reached[[i, j]] || members.binary_search(&j).is_ok());
        sets.push(CommunicatingClass {
            members,
            closed: starts && kept,
        });
    }
    sets
}
