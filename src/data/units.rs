//! `Units`: the ordered, unique ids that points, regions, tables, panels and weights share.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};

/// The ordered, unique ids of the units of observation (prefectures, counties, points).
///
/// Points, regions, tables, panels and weights each hold a `Units`, a shared handle whose clones cost nothing. Wherever
/// two of them meet, ids are compared, not lengths, and nothing is reordered silently. A plain range `0..n`
/// ([`Units::range`]) stores no strings, so that a million units cost nothing; its ids read `0`, `1`, ….
///
/// # Example
///
/// ```
/// use spatialecon::Units;
/// let units = Units::new(["440100", "440200", "440300"])?;
/// assert_eq!(units.len(), 3);
/// assert_eq!(units.position("440300"), Some(2));
/// assert_eq!(Units::range(3).id(1).as_deref(), Some("1"));
/// # Ok::<(), spatialecon::Error>(())
/// ```
#[derive(Clone)]
pub struct Units(Arc<Kind>);

enum Kind {
    /// The numbers from `first` on.
    Range { first: usize, n: usize },
    Named {
        ids: Vec<Box<str>>,
        index: HashMap<Box<str>, u32>,
    },
    /// Every unit in every period, period by period; the ids read `unit, period`.
    Crossed { units: Units, periods: Vec<i32> },
}

impl Units {
    /// Units with the ids given, in that order.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateUnit`] where an id occurs twice (both positions are named).
    pub fn new<S: Into<String>>(ids: impl IntoIterator<Item = S>) -> Result<Self> {
        let ids: Vec<Box<str>> = ids.into_iter().map(|s| s.into().into_boxed_str()).collect();
        let mut index = HashMap::with_capacity(ids.len());
        for (position, id) in ids.iter().enumerate() {
            if let Some(first) = index.insert(id.clone(), position as u32) {
                return Err(Error::DuplicateUnit {
                    unit: id.to_string(),
                    period: None,
                    first: format!("position {first}"),
                    second: format!("position {position}"),
                });
            }
        }
        Ok(Self(Arc::new(Kind::Named { ids, index })))
    }

    /// The units `0, 1, …, n - 1`, for data that come as bare arrays.
    #[must_use]
    pub fn range(n: usize) -> Self {
        Self(Arc::new(Kind::Range { first: 0, n }))
    }

    /// The units `1, 2, …, n`, as many programs number them; nothing is stored for them either.
    ///
    /// ```
    /// use spatialecon::Units;
    /// let units = Units::numbered(3);
    /// assert_eq!(units.id(0).as_deref(), Some("1"));
    /// assert_eq!((units.position("3"), units.position("0")), (Some(2), None));
    /// ```
    #[must_use]
    pub fn numbered(n: usize) -> Self {
        Self(Arc::new(Kind::Range { first: 1, n }))
    }

    /// The observations of a panel: every unit in the first period, then in the second; nothing is stored for them.
    pub(crate) fn crossed(units: &Self, periods: &[i32]) -> Self {
        Self(Arc::new(Kind::Crossed {
            units: units.clone(),
            periods: periods.to_vec(),
        }))
    }

    /// Number of units.
    #[must_use]
    pub fn len(&self) -> usize {
        match &*self.0 {
            Kind::Range { n, .. } => *n,
            Kind::Named { ids, .. } => ids.len(),
            Kind::Crossed { units, periods } => units.len() * periods.len(),
        }
    }

    /// Whether there is no unit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Id of the unit at a position, or `None` beyond the end.
    #[must_use]
    pub fn id(&self, position: usize) -> Option<Cow<'_, str>> {
        match &*self.0 {
            Kind::Range { first, n } => {
                (position < *n).then(|| Cow::Owned((first + position).to_string()))
            }
            Kind::Named { ids, .. } => ids.get(position).map(|id| Cow::Borrowed(&**id)),
            Kind::Crossed { units, periods } => {
                let period = periods.get(position.checked_div(units.len())?)?;
                let unit = units.id(position % units.len())?;
                Some(Cow::Owned(format!("{unit}, {period}")))
            }
        }
    }

    /// Position of an id, or `None` where there is no such unit.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        match &*self.0 {
            Kind::Range { first, n } => {
                let number: usize = id.parse().ok()?;
                let position = number.checked_sub(*first)?;
                (position < *n && number.to_string() == id).then_some(position)
            }
            Kind::Named { index, .. } => index.get(id).map(|&p| p as usize),
            Kind::Crossed { units, periods } => {
                let (unit, period) = id.rsplit_once(", ")?;
                let t = periods.binary_search(&period.parse().ok()?).ok()?;
                Some(t * units.len() + units.position(unit)?)
            }
        }
    }

    /// The ids in order.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, str>> {
        (0..self.len()).filter_map(|i| self.id(i))
    }

    /// The id for a message; positions beyond the end read `#position`.
    pub(crate) fn name(&self, position: usize) -> String {
        self.id(position)
            .map_or_else(|| format!("#{position}"), Cow::into_owned)
    }

    /// The position of an id, or an error that says where it was looked for.
    pub(crate) fn require(&self, id: &str, place: &str) -> Result<usize> {
        self.position(id).ok_or_else(|| Error::UnknownUnit {
            unit: id.to_owned(),
            place: place.to_owned(),
        })
    }

    /// The units at the positions given, in that order; positions must be valid and distinct.
    pub(crate) fn select(&self, positions: &[usize]) -> Result<Self> {
        Self::new(positions.iter().map(|&p| self.name(p)))
    }

    /// The positions of all units but those given.
    pub(crate) fn complement<S: AsRef<str>>(
        &self,
        ids: impl IntoIterator<Item = S>,
        place: &str,
    ) -> Result<Vec<usize>> {
        let mut keep = vec![true; self.len()];
        for id in ids {
            keep[self.require(id.as_ref(), place)?] = false;
        }
        Ok((0..self.len()).filter(|&i| keep[i]).collect())
    }

    /// Nothing where both have the same ids in the same order; otherwise the first difference.
    pub(crate) fn check_same(&self, left: &str, other: &Self, right: &str) -> Result<()> {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ok(());
        }
        if let (Kind::Range { first: a, n }, Kind::Range { first: b, n: m }) = (&*self.0, &*other.0)
            && (a, n) == (b, m)
        {
            return Ok(());
        }
        if let (
            Kind::Crossed { units, periods },
            Kind::Crossed {
                units: others,
                periods: theirs,
            },
        ) = (&*self.0, &*other.0)
            && periods == theirs
            && units == others
        {
            return Ok(());
        }
        let n = self.len().max(other.len());
        let Some(position) = (0..n).find(|&i| self.id(i) != other.id(i)) else {
            return Ok(());
        };
        let missing: Box<[String]> = self
            .iter()
            .filter(|u| other.position(u).is_none())
            .take(10)
            .map(Cow::into_owned)
            .collect();
        Err(Error::UnitsDiffer {
            left: left.into(),
            right: right.into(),
            position,
            left_unit: self.id(position).map(|u| u.as_ref().into()),
            right_unit: other.id(position).map(|u| u.as_ref().into()),
            same_set: self.len() == other.len() && missing.is_empty(),
            missing,
        })
    }

    /// New ids for the same number of units.
    pub(crate) fn check_relabel(&self, other: &Self, what: &str) -> Result<()> {
        if self.len() == other.len() {
            return Ok(());
        }
        Err(Error::LengthMismatch {
            what: format!("new ids of {what}"),
            expected: self.len(),
            found: other.len(),
        })
    }
}

impl PartialEq for Units {
    fn eq(&self, other: &Self) -> bool {
        self.check_same("", other, "").is_ok()
    }
}

impl Eq for Units {}

impl fmt::Debug for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: Vec<_> = self.iter().take(3).collect();
        let more = if self.len() > 3 { ", …" } else { "" };
        write!(f, "Units({}: {}{more})", self.len(), first.join(", "))
    }
}
