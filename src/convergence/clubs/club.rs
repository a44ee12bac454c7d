//! `ConvergenceClubs`: the clubs that were found, and what can be asked of them.

use std::fmt;

use ndarray::{Array1, Array2};

use super::clustering::{Clustering, search};
use super::log_t::{LogT, Verdict};
use super::merging::{Merging, merge};
use super::paths::TransitionPaths;
use crate::data::{Table, Units};
use crate::error::Result;
use crate::inference::{Note, write_notes};
use crate::text::{Layout, counted, significant};

/// A club of units that converge together.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ConvergenceClub {
    /// Its units, from the highest.
    pub units: Vec<String>,
    /// Those of its core, which the others joined; of several clubs that were merged, the cores of all.
    pub core: Vec<String>,
    /// Log t of its units.
    pub log_t: LogT,
    /// c* at which units joined the core; the largest one of clubs that were merged.
    pub c_star: f64,
    /// The numbers, from 1, of the clubs that it was merged of; its own where there was no merging.
    pub merged_from: Vec<usize>,
    members: Vec<usize>,
    cores: Vec<usize>,
}

/// Convergence clubs by the algorithm of Phillips and Sul.
///
/// 1. Units are put in order of their last log (or trend), from the highest.
/// 2. If all pass log t they are one club. Otherwise the first two neighbours in the order whose log t is above -1.65 begin a core; units are added in order while log t stays above; the core is
///    what has the largest t on the way.
/// 3. Every other unit is tried alone with the core, and joins the club where t > c*. With [`Clustering::incremental`] c* is raised until the club passes as a whole.
/// 4. The same with the units that are left, until no two neighbours converge: the rest diverges.
///
/// Cost: a log t test is T + m² operations for m observations, and adding a unit T; a club needs one or two tests for each unit that is left. 3,000 units ×
/// 40 periods in a few clubs take tenths of a second, and in hundreds of clubs some seconds.
///
/// # Example
///
/// ```
/// use ndarray::Array2;
/// use spatialecon::{Clustering, Panel, TransitionPaths, Units};
/// // Two groups of logs that each close in on a level of their own.
/// let logs = Array2::from_shape_fn((40, 6), |(t, i)| {
///     let t = t as f64 + 1.0;
///     let level = if i < 3 { 10.0 } else { 8.0 };
///     let gap = [0.3, -0.1, -0.2][i % 3] / t + 0.0003 * (t * (i + 1) as f64).sin();
///     level + 0.02 * t + gap
/// });
/// let panel = Panel::from_columns(&Units::new(["a", "b", "c", "d", "e", "f"])?, &(2000..2040).collect::<Vec<_>>(), [("ln_income", logs)])?;
/// let clubs = TransitionPaths::of_logs(&panel, "ln_income")?.clubs(Clustering::new())?;
/// assert_eq!(clubs.clubs().len(), 2);
/// assert_eq!(clubs.club_of("b")?, Some(1));
/// assert_eq!(clubs.club_of("f")?, Some(2));
/// assert!(clubs.overall().t < -1.65);
/// # Ok::<(), spatialecon::Error>(())
/// ```
///
/// # References
///
/// Phillips and Sul (2007), Econometrica 75; (2009), Journal of Applied Econometrics 24.
#[derive(Debug, Clone)]
#[doc(alias("findClubs", "psecta", "club convergence"))]
pub struct ConvergenceClubs {
    paths: TransitionPaths,
    options: Clustering,
    overall: LogT,
    clubs: Vec<ConvergenceClub>,
    divergent: Vec<usize>,
    merging: Option<Merging>,
}

impl TransitionPaths {
    /// Convergence clubs.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) (an option of [`Clustering`]); [`Error::TooFewPeriods`](crate::Error::TooFewPeriods);
    /// [`Error::Unsupported`](crate::Error::Unsupported) for unevenly spaced periods, and where units that are tried together are the same in a period, as two
    /// unfiltered paths that cross there.
    pub fn clubs(&self, options: Clustering) -> Result<ConvergenceClubs> {
        let options = options.checked()?;
        let overall = self.log_t(options.log_t())?;
        let (found, divergent) = search(self, options)?;
        let mut clubs = Vec::with_capacity(found.len());
        for (k, club) in found.into_iter().enumerate() {
            clubs.push(ConvergenceClub {
                units: names(self, &club.members),
                core: names(self, &club.core),
                log_t: self.test(&club.members, options.log_t())?,
                c_star: club.c_star,
                merged_from: vec![k + 1],
                members: club.members,
                cores: club.core,
            });
        }
        Ok(ConvergenceClubs {
            paths: self.clone(),
            options,
            overall,
            clubs,
            divergent,
            merging: None,
        })
    }
}

fn names(paths: &TransitionPaths, positions: &[usize]) -> Vec<String> {
    positions.iter().map(|&i| paths.units().name(i)).collect()
}

impl ConvergenceClubs {
    /// The clubs with those merged that converge together.
    ///
    /// Divergent units stay what they are.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) where a log t test of two clubs is not defined.
    pub fn merged(&self, merging: Merging) -> Result<Self> {
        let mut rank = vec![0; self.paths.units().len()];
        for (place, i) in self.options.ordered(&self.paths).into_iter().enumerate() {
            rank[i] = place;
        }
        let mut clubs = Vec::new();
        for of in merge(self, merging)? {
            let parts: Vec<&ConvergenceClub> = of.iter().map(|&k| &self.clubs[k]).collect();
            let all = |f: fn(&ConvergenceClub) -> &Vec<usize>| -> Vec<usize> {
                parts.iter().flat_map(|c| f(c).iter().copied()).collect()
            };
            let highest_first = |mut positions: Vec<usize>| {
                positions.sort_by_key(|&i| rank[i]);
                positions
            };
            let members = highest_first(all(|c| &c.members));
            let cores = highest_first(all(|c| &c.cores));
            clubs.push(ConvergenceClub {
                units: names(&self.paths, &members),
                core: names(&self.paths, &cores),
                log_t: self.paths.test(&members, self.options.log_t())?,
                c_star: parts.iter().fold(f64::NEG_INFINITY, |m, c| m.max(c.c_star)),
                merged_from: all(|c| &c.merged_from),
                members,
                cores,
            });
        }
        Ok(Self {
            clubs,
            merging: Some(merging),
            ..self.clone()
        })
    }

    /// The clubs, from the highest.
    #[must_use]
    pub fn clubs(&self) -> &[ConvergenceClub] {
        &self.clubs
    }

    /// Units that belong to no club, from the highest.
    #[must_use]
    pub fn divergent(&self) -> Vec<String> {
        names(&self.paths, &self.divergent)
    }

    /// The log t test of all units together.
    #[must_use]
    pub fn overall(&self) -> &LogT {
        &self.overall
    }

    /// The number of a unit's club, counted from 1; `None` for a divergent unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUnit`](crate::Error::UnknownUnit).
    pub fn club_of(&self, unit: &str) -> Result<Option<usize>> {
        let i = self.paths.units().require(unit, "the panel")?;
        let found = self.clubs.iter().position(|c| c.members.contains(&i));
        Ok(found.map(|k| k + 1))
    }

    /// `club 1`, `club 2`, … or `divergent` for every unit, in the order of the panel: a label for [`Panel::label`](crate::Panel::label).
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let mut labels = vec!["divergent".to_owned(); self.paths.units().len()];
        for (k, club) in self.clubs.iter().enumerate() {
            for &i in &club.members {
                labels[i] = format!("club {}", k + 1);
            }
        }
        labels
    }

    /// The transition curve of each club: the mean of h over its units, relative to all units of the panel; periods × clubs.
    #[must_use]
    #[doc(alias = "plot.convergence.clubs")]
    pub fn curves(&self) -> Array2<f64> {
        let mut curves = Array2::zeros((self.paths.periods().len(), self.clubs.len()));
        for (k, club) in self.clubs.iter().enumerate() {
            let curve: Array1<f64> = self.paths.mean_path(&club.members);
            curves.column_mut(k).assign(&curve);
        }
        curves
    }

    /// The clubs as a table, a row a club from the highest: columns `units` (how many), `b`, `se`, `t` and `alpha` of log t and `h`, the mean of the last
    /// transition coefficients; label `members`, separated by `; `. Divergent units are in no row.
    ///
    /// # Errors
    ///
    /// None that the clubs themselves have not raised.
    pub fn table(&self) -> Result<Table> {
        let of = |f: fn(&LogT) -> f64| self.clubs.iter().map(|c| f(&c.log_t)).collect::<Vec<f64>>();
        let last = self.paths.periods().len() - 1;
        Table::over(&Units::new((1..=self.clubs.len()).map(|k| k.to_string()))?)
            .column("units", of(|l| l.units as f64))?
            .column("b", of(|l| l.b))?
            .column("se", of(|l| l.std_error))?
            .column("t", of(|l| l.t))?
            .column("alpha", of(LogT::alpha))?
            .column("h", self.curves().row(last).to_owned())?
            .label("members", self.clubs.iter().map(|c| c.units.join("; ")))
    }

    /// The paths that were sorted.
    #[must_use]
    pub fn paths(&self) -> &TransitionPaths {
        &self.paths
    }

    /// The options.
    #[must_use]
    pub fn options(&self) -> Clustering {
        self.options
    }

    /// How clubs were merged, if they were.
    #[must_use]
    pub fn merging(&self) -> Option<Merging> {
        self.merging
    }

    pub(super) fn positions(&self, club: usize) -> &[usize] {
        &self.clubs[club].members
    }

    /// What a reader should know.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.overall.notes();
        notes.extend(self.paths.notes());
        let rejected = |c: &ConvergenceClub| c.log_t.verdict() == Verdict::Divergence;
        let numbers = (1..).zip(&self.clubs).filter(|(_, c)| rejected(c));
        let clubs: Vec<usize> = numbers.map(|(k, _)| k).collect();
        if !clubs.is_empty() {
            notes.push(Note::ClubsRejected { clubs });
        }
        notes
    }
}

/// The first few names.
fn listed(units: &[String]) -> String {
    const SHOWN: usize = 5;
    let first = units[..units.len().min(SHOWN)].join(", ");
    match units.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first}, … {more} more"),
    }
}

impl fmt::Display for ConvergenceClubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = &self.overall;
        let periods = self.paths.periods();
        let ends = (periods.first(), periods.last());
        writeln!(
            f,
            "Convergence clubs of `{}`, {}, {} to {}, {}; log t on t = {} to {}{}",
            self.paths.variable(),
            counted(all.units, "unit"),
            ends.0.unwrap_or(&0),
            ends.1.unwrap_or(&0),
            self.paths.trend(),
            all.first,
            all.periods,
            match self.merging {
                None => "",
                Some(Merging::PhillipsSul) => "; merged as by Phillips and Sul",
                Some(Merging::VonLynckerThoennessen) =>
                    "; merged as by von Lyncker and Thoennessen",
            }
        )?;
        let mut table = Layout::new();
        table
            .row(["club", "units", "b", "se", "t", "alpha", "  "])
            .rule();
        let cells = |name: String, size: usize, l: &LogT, members: String| {
            let number = |x: f64| significant(x, 3);
            [
                name,
                size.to_string(),
                number(l.b),
                number(l.std_error),
                number(l.t),
                number(l.alpha()),
                members,
            ]
        };
        table.row(cells("all".to_owned(), all.units, all, String::new()));
        for (k, club) in self.clubs.iter().enumerate() {
            let name = if club.merged_from.len() > 1 {
                let numbers: Vec<_> = club.merged_from.iter().map(usize::to_string).collect();
                format!("{} (of {})", k + 1, numbers.join(", "))
            } else {
                (k + 1).to_string()
            };
            table.row(cells(name, club.units.len(), &club.log_t, String::new()));
        }
        write!(f, "{table}")?;
        for (k, club) in self.clubs.iter().enumerate() {
            writeln!(f, "{}: {}", k + 1, listed(&club.units))?;
        }
        if !self.divergent.is_empty() {
            writeln!(
                f,
                "divergent ({}): {}",
                self.divergent.len(),
                listed(&self.divergent())
            )?;
        }
        write_notes(f, &self.notes())?;
        Ok(())
    }
}
