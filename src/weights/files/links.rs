//! Links as files state them, with their places, made into weights.

use std::collections::HashMap;
use std::hash::Hash;

use super::super::Weights;
use super::super::links::{SelfLinks, from_positions};
use crate::data::Units;
use crate::error::{Error, Result};

/// A link by positions, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Stated<P> {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) weight: f64,
    pub(super) place: P,
}

/// A link by ids, and where they stand.
pub(super) struct Named<S, P> {
    pub(super) from: (S, P),
    pub(super) to: (S, P),
    pub(super) weight: f64,
}

/// Distinct ids and their positions.
#[derive(Default)]
pub(super) struct Ids<S> {
    list: Vec<S>,
    index: HashMap<S, u32>,
}

impl<S: Copy + Eq + Hash> Ids<S> {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, id: S) -> Option<u32> {
        self.index.get(&id).copied()
    }

    /// The position of an id, which is added where it is new.
    pub(super) fn add(&mut self, id: S) -> u32 {
        let next = self.list.len() as u32;
        let position = *self.index.entry(id).or_insert(next);
        if position == next {
            self.list.push(id);
        }
        position
    }

    /// Adds an id, or gives the one that is the same.
    pub(super) fn add_new(&mut self, id: S) -> Result<(), S> {
        if let Some(first) = self.get(id) {
            return Err(self.list[first as usize]);
        }
        self.add(id);
        Ok(())
    }

    pub(super) fn units(&self) -> Result<Units>
    where
        S: ToString,
    {
        Units::new(self.list.iter().map(ToString::to_string))
    }
}

/// The units of links by ids, and their positions: the units given, or those that appear, first as origins and then as
/// destinations.
pub(super) fn positions<S: AsRef<str>, P: Copy>(
    links: &[Named<S, P>],
    over: Option<&Units>,
    syntax: impl Fn(P, String) -> Error,
) -> Result<(Units, Vec<Stated<P>>)> {
    if let Some(units) = over {
        let find = |(id, place): &(S, P)| {
            units
                .position(id.as_ref())
                .map(|p| p as u32)
                .ok_or_else(|| {
                    syntax(
                        *place,
                        format!("unit `{}` is not among the units given", id.as_ref()),
                    )
                })
        };
        let stated = links
            .iter()
            .map(|l| {
                let (from, to) = (find(&l.from)?, find(&l.to)?);
                Ok(stated(l, from, to))
            })
            .collect::<Result<_>>()?;
        return Ok((units.clone(), stated));
    }
    let mut ids = Ids::default();
    let mut origins: Vec<u32> = Vec::with_capacity(links.len());
    for (k, link) in links.iter().enumerate() {
        let id = link.from.0.as_ref();
        let before = k.checked_sub(1).map(|k| (&links[k].from.0, origins[k]));
        // files list links row by row
        let same = before.filter(|(before, _)| before.as_ref() == id);
        origins.push(same.map_or_else(|| ids.add(id), |(_, position)| position));
    }
    let links = links
        .iter()
        .zip(origins)
        .map(|(l, from)| stated(l, from, ids.add(l.to.0.as_ref())))
        .collect();
    Ok((ids.units()?, links))
}

fn stated<S, P: Copy>(link: &Named<S, P>, from: u32, to: u32) -> Stated<P> {
    Stated {
        from,
        to,
        weight: link.weight,
        place: link.to.1,
    }
}

/// Links in any order as weights; an error names the place of the link that cannot be one.
pub(super) fn assemble<P: Copy>(
    units: &Units,
    mut links: Vec<Stated<P>>,
    own: SelfLinks,
    built: &str,
    syntax: impl Fn(P, String) -> Error,
) -> Result<Weights> {
    let name = |i: u32| units.name(i as usize);
    if own == SelfLinks::Refused
        && let Some(link) = links.iter().find(|l| l.from == l.to)
    {
        let problem = format!("unit `{}` is its own neighbour", name(link.to));
        return Err(syntax(link.place, problem));
    }
    // stable: of two equal links the second one of the file is named
    links.sort_by_key(|l| (l.from, l.to));
    let mut sum = 0.0;
    for (k, link) in links.iter().enumerate() {
        let before = k.checked_sub(1).map(|k| (links[k].from, links[k].to));
        if before == Some((link.from, link.to)) {
            let problem = format!("the neighbour `{}` is given twice", name(link.to));
            return Err(syntax(link.place, problem));
        }
        if before.is_none_or(|(from, _)| from != link.from) {
            sum = 0.0;
        }
        sum += link.weight;
        if sum == f64::INFINITY {
            let problem = format!("the weights of `{}` sum to infinity", name(link.from));
            return Err(syntax(link.place, problem));
        }
    }
    let links = links
        .into_iter()
        .map(|l| Ok((l.from as usize, l.to as usize, l.weight)));
    from_positions(units, links, own, built)
}
