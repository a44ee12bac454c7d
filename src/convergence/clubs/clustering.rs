//! `Clustering`: the algorithm of Phillips and Sul that sorts units into convergence clubs, and its options.

use super::group::Group;
use super::log_t::{LogTOptions, LongRunVariance, Trim};
use super::paths::TransitionPaths;
use super::regression::Design;
use crate::error::{Error, Result};
use crate::parallel;

/// Options of the search for convergence clubs.
///
/// | option | default | |
/// |---|---|---|
/// | [`trim`](Self::trim), [`variance`](Self::variance), [`critical`](Self::critical) | as [`LogTOptions`] | of every log t test |
/// | [`c_star`](Self::c_star) | 0 | a unit joins a core if their joint t exceeds c* |
/// | [`incremental`](Self::incremental) | off | c* is raised by a step while the club does not pass as a whole |
/// | order | [`order_by_last`](Self::order_by_last) | of units, from the highest |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clustering {
    log_t: LogTOptions,
    c_star: f64,
    increment: Option<(f64, f64)>,
    order: Order,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    Last,
    Average(f64),
}

impl Default for Clustering {
    fn default() -> Self {
        Self {
            log_t: LogTOptions::default(),
            c_star: 0.0,
            increment: None,
            order: Order::Last,
        }
    }
}

impl Clustering {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where each regression begins.
    #[must_use]
    pub fn trim(self, trim: Trim) -> Self {
        let log_t = self.log_t.trim(trim);
        Self { log_t, ..self }
    }

    /// The long-run variance of each regression.
    #[must_use]
    pub fn variance(self, variance: LongRunVariance) -> Self {
        let log_t = self.log_t.variance(variance);
        Self { log_t, ..self }
    }

    /// Units converge where t exceeds this.
    #[must_use]
    pub fn critical(self, critical: f64) -> Self {
        let log_t = self.log_t.critical(critical);
        Self { log_t, ..self }
    }

    /// c*, what t of the core with one more unit has to exceed for the unit to join.
    #[must_use]
    pub fn c_star(self, c_star: f64) -> Self {
        Self { c_star, ..self }
    }

    /// Where a club does not pass log t as a whole, c* is raised by `step` until it does; beyond `most` the club is the core alone.
    #[must_use]
    pub fn incremental(self, step: f64, most: f64) -> Self {
        let increment = Some((step, most));
        Self { increment, ..self }
    }

    /// Units in the order of their last value.
    #[must_use]
    pub fn order_by_last(self) -> Self {
        let order = Order::Last;
        Self { order, ..self }
    }

    /// Units in the order of their mean over the last share of the periods (rounded up), such as 1/3; for paths that were not filtered.
    #[must_use]
    pub fn order_by_average(self, share: f64) -> Self {
        let order = Order::Average(share);
        Self { order, ..self }
    }

    pub(super) fn log_t(self) -> LogTOptions {
        self.log_t
    }

    pub(super) fn checked(self) -> Result<Self> {
        let invalid = |option, value: f64, expected| {
            Err(Error::InvalidOption {
                option,
                value: value.to_string(),
                expected,
            })
        };
        if !(-100.0..=100.0).contains(&self.c_star) {
            return invalid(
                "c_star",
                self.c_star,
                "a number from -100 to 100, such as 0",
            );
        }
        if let Some((step, most)) = self.increment {
            if !(step >= 1e-4 && step.is_finite()) {
                return invalid("step of c*", step, "a step of 0.0001 or more, such as 0.1");
            }
            if !(most >= self.c_star && most <= 100.0) {
                return invalid("most c*", most, "a number from c* to 100, such as 3");
            }
        }
        match self.order {
            Order::Average(share) if !(share > 0.0 && share <= 1.0) => invalid(
                "share of the periods to order by",
                share,
                "a share above 0 and up to 1, such as 1/3",
            ),
            _ => Ok(self),
        }
    }

    /// Positions of units from the highest; equal ones in their order.
    pub(super) fn ordered(self, paths: &TransitionPaths) -> Vec<usize> {
        let periods = paths.periods().len();
        let count = match self.order {
            Order::Last => 1,
            Order::Average(share) => {
                ((share * periods as f64 - 1e-9).ceil() as usize).clamp(1, periods)
            }
        };
        let mut keys = vec![0.0; paths.units().len()];
        for t in periods - count..periods {
            keys.iter_mut()
                .zip(paths.column(t))
                .for_each(|(key, y)| *key += y);
        }
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|&a, &b| keys[b].total_cmp(&keys[a]));
        order
    }
}

/// A club as it was found: members from the highest, the core among them, the c* of the others.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) members: Vec<usize>,
    pub(super) core: Vec<usize>,
    pub(super) c_star: f64,
}

/// Clubs and the units that belong to none.
pub(super) fn search(
    paths: &TransitionPaths,
    options: Clustering,
) -> Result<(Vec<Found>, Vec<usize>)> {
    let periods = paths.periods().len();
    let design = options.log_t.design(periods)?;
    let search = Search {
        paths,
        options,
        design,
        periods,
    };
    let mut rest = options.ordered(paths);
    let mut clubs = Vec::new();
    while rest.len() > 1 {
        if search.t(&search.group(&rest), &rest)? > options.log_t.threshold() {
            clubs.push(Found {
                core: rest.clone(),
                members: std::mem::take(&mut rest),
                c_star: options.c_star,
            });
            break;
        }
        let Some(core) = search.core(&rest)? else {
            break;
        };
        let club = search.sieve(&rest, core)?;
        let mut inside = vec![false; paths.units().len()];
        club.members.iter().for_each(|&i| inside[i] = true);
        rest.retain(|&i| !inside[i]);
        clubs.push(club);
    }
    Ok((clubs, rest))
}

struct Search<'a> {
    paths: &'a TransitionPaths,
    options: Clustering,
    design: Design,
    periods: usize,
}

impl Search<'_> {
    fn group(&self, members: &[usize]) -> Group {
        Group::of(self.periods, members.iter().map(|&i| self.paths.row(i)))
    }

    /// t of a group; its members are for a message.
    fn t(&self, group: &Group, members: &[usize]) -> Result<f64> {
        let line = self.design.fit(|t| group.dispersion(t));
        line.map(|l| l.t())
            .map_err(|e| self.paths.refuse(e, members))
    }

    /// The first pair of neighbours in the order that converges, and as many units after it as make t largest while it stays above the critical value.
    ///
    /// Returned as the range of positions in the order.
    fn core(&self, order: &[usize]) -> Result<Option<std::ops::Range<usize>>> {
        let critical = self.options.log_t.threshold();
        for start in 0..order.len() - 1 {
            let mut group = self.group(&order[start..start + 2]);
            let mut best = self.t(&group, &order[start..start + 2])?;
            if !(best > critical) {
                continue;
            }
            let mut end = start + 2;
            for next in start + 2..order.len() {
                group.add(self.paths.row(order[next]));
                let t = self.t(&group, &order[start..=next])?;
                if !(t > critical) {
                    break;
                }
                if t > best {
                    best = t;
                    end = next + 1;
                }
            }
            return Ok(Some(start..end));
        }
        Ok(None)
    }

    /// The core with every unit whose joint t with it exceeds c*.
    fn sieve(&self, order: &[usize], core: std::ops::Range<usize>) -> Result<Found> {
        let of_core = self.group(&order[core.clone()]);
        let each = parallel::map_indexed(order.len(), |k| {
            if core.contains(&k) {
                return Ok(f64::INFINITY);
            }
            let unit = self.paths.row(order[k]);
            let line = self.design.fit(|t| of_core.dispersion_with(t, unit[t]));
            line.map(|l| l.t()).map_err(|e| (k, e))
        });
        let mut t = Vec::with_capacity(order.len());
        for one in each {
            t.push(one.map_err(|(k, e)| {
                self.paths
                    .refuse(e, &[&order[core.clone()], &[order[k]]].concat())
            })?);
        }
        let with = |c: f64| -> Vec<usize> {
            let passed = order.iter().zip(&t).filter(|(_, t)| **t > c);
            passed.map(|(i, _)| *i).collect()
        };
        let mut c_star = self.options.c_star;
        let mut members = with(c_star);
        if let Some((step, most)) = self.options.increment {
            let mut raised = 0_u32;
            while members.len() > core.len()
                && !(self.t(&self.group(&members), &members)? > self.options.log_t.threshold())
            {
                let before = members.len();
                while members.len() == before {
                    raised += 1;
                    c_star = self.options.c_star + step * f64::from(raised);
                    members = if c_star > most + 1e-9 {
                        order[core.clone()].to_vec()
                    } else {
                        with(c_star)
                    };
                }
            }
        }
        Ok(Found {
            members,
            core: order[core].to_vec(),
            c_star,
        })
    }
}
