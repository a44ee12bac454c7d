//! `Merging`: clubs that converge together, made one.

use super::club::ConvergenceClubs;
use super::group::Group;
use crate::error::Result;

/// How clubs that converge together are merged. Only neighbours in the order of clubs are.
///
/// | | rule |
/// |---|---|
/// | `PhillipsSul` | club 1 takes in club 2 if log t of both is above the critical value, then club 3 if log t of all three is, and so on; the first that it cannot take in begins anew |
/// | `VonLynckerThoennessen` | with t(m) the log t of clubs m and m + 1: the first pair with t(m) above the critical value and t(m) > t(m + 1) is merged, then all t(m) are taken anew; the last pair needs the first condition only |
///
/// The outcome depends on the order in which pairs are tried (Schnurbus, Haupt and Meier 2017).
///
/// # References
///
/// Phillips and Sul (2009), Journal of Applied Econometrics 24; von Lyncker and Thoennessen (2017), Empirical Economics 52; Schnurbus, Haupt and Meier (2017),
/// Journal of Applied Econometrics 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias("mergeClubs", "imergeclub", "scheckmerge"))]
pub enum Merging {
    /// Phillips and Sul (2009).
    PhillipsSul,
    /// Von Lyncker and Thoennessen (2017).
    VonLynckerThoennessen,
}

/// Clubs under way: their positions in the result before, and their sums.
#[derive(Clone)]
struct Union {
    clubs: Vec<usize>,
    members: Vec<usize>,
    group: Group,
}

impl Union {
    fn joined(&self, other: &Self) -> Self {
        Self {
            clubs: [&self.clubs[..], &other.clubs].concat(),
            members: [&self.members[..], &other.members].concat(),
            group: self.group.joined(&other.group),
        }
    }
}

/// Positions of the clubs that make each merged club.
pub(super) fn merge(clubs: &ConvergenceClubs, merging: Merging) -> Result<Vec<Vec<usize>>> {
    let (paths, options) = (clubs.paths(), clubs.options().log_t());
    let periods = paths.periods().len();
    let design = options.design(periods)?;
    let critical = options.threshold();
    let t = |u: &Union| {
        let line = design.fit(|t| u.group.dispersion(t));
        line.map(|l| l.t()).map_err(|e| paths.refuse(e, &u.members))
    };
    let mut unions: Vec<Union> = Vec::new();
    for k in 0..clubs.clubs().len() {
        let members = clubs.positions(k).to_vec();
        unions.push(Union {
            clubs: vec![k],
            group: Group::of(periods, members.iter().map(|&i| paths.row(i))),
            members,
        });
    }
    match merging {
        Merging::PhillipsSul => {
            let mut out: Vec<Union> = Vec::new();
            for next in unions {
                if let Some(current) = out.last_mut() {
                    let both = current.joined(&next);
                    if t(&both)? > critical {
                        *current = both;
                        continue;
                    }
                }
                out.push(next);
            }
            unions = out;
        }
        Merging::VonLynckerThoennessen => {
            let mut pairs = Vec::new();
            for w in unions.windows(2) {
                pairs.push(t(&w[0].joined(&w[1]))?);
            }
            let first = |pairs: &[f64]| {
                (0..pairs.len()).find(|&m| {
                    pairs[m] > critical && pairs.get(m + 1).is_none_or(|next| pairs[m] > *next)
                })
            };
            while let Some(m) = first(&pairs) {
                unions[m] = unions[m].joined(&unions[m + 1]);
                unions.remove(m + 1);
                pairs.remove(m);
                if m > 0 {
                    pairs[m - 1] = t(&unions[m - 1].joined(&unions[m]))?;
                }
                if m < pairs.len() {
                    pairs[m] = t(&unions[m].joined(&unions[m + 1]))?;
                }
            }
        }
    }
    Ok(unions.into_iter().map(|u| u.clubs).collect())
}
