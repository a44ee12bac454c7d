//! Chains of ranks: full-rank (a state is a rank) and geographic rank (a state is a unit).

use ndarray::{Array2, ArrayView1};

use super::chain::{Histories, Kind, MarkovChain, check_periods};
use super::classes::MOST_CLASSES;
use crate::data::{Panel, Units};
use crate::error::{Cell, Error, Result};

/// What becomes of equal values where every unit has to have a rank of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RankTies {
    /// They are an error that names the first of them.
    #[default]
    Refused,
    /// Of equal values the unit that comes first in the panel is the lower one: `rankdata(method="ordinal")` of SciPy, which giddy takes.
    /// The result depends on the order of the units.
    InUnitOrder,
}

impl MarkovChain {
    /// The full-rank chain: n classes of one unit each, from rank 1, the highest value, to rank n.
    ///
    /// There are n² probabilities for n (T - 1) transitions, so that single ones say little; what is read are sojourn and passage times by rank. At most
    /// 1,000 units. Cost: n ln n a period, n³ for passage times.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::TooFewUnits`] for fewer than two; [`Error::TooLarge`]; [`Error::TooFewPeriods`]; [`Error::InvalidValue`] for
    /// ties that are refused; [`Error::Unsupported`] where periods are not equally spaced.
    ///
    /// # References
    ///
    /// Rey (2014), Rank-based Markov chains for regional income distribution dynamics, Journal of Geographical Systems 16: 115-137.
    #[doc(alias = "FullRank_Markov")]
    pub fn full_rank(panel: &Panel, column: &str, ties: RankTies) -> Result<Self> {
        let order = orders(panel, column, ties)?;
        let n = order.ncols();
        let mut states = Array2::zeros(order.raw_dim());
        for ((t, place), &unit) in order.indexed_iter() {
            states[[t, unit as usize]] = (n - 1 - place) as u32;
        }
        let labels = (1..=n).map(|r| r.to_string()).collect();
        let histories = Histories {
            units: panel.units().clone(),
            periods: panel.periods().to_vec(),
            states,
            step: 1,
            kind: Kind::Rank,
        };
        Ok(Self::of_histories(
            &format!("ranks of {column}"),
            labels,
            None,
            histories,
        ))
    }

    /// The geographic rank chain: n classes, which are the units; a transition from i to j is a rank that i holds and j holds a period later.
    ///
    /// Sojourn times say how long a unit keeps a rank, passage times how long it takes until a rank wanders from one unit to another.
    /// At most 1,000 units.
    ///
    /// # Errors
    ///
    /// As [`full_rank`](Self::full_rank).
    #[doc(alias = "GeoRank_Markov")]
    pub fn geographic_rank(panel: &Panel, column: &str, ties: RankTies) -> Result<Self> {
        let states = orders(panel, column, ties)?;
        let histories = Histories {
            units: Units::numbered(states.ncols()),
            periods: panel.periods().to_vec(),
            states,
            step: 1,
            kind: Kind::Unit,
        };
        let labels = panel.units().iter().map(|u| u.to_string()).collect();
        Ok(Self::of_histories(
            &format!("holders of ranks of {column}"),
            labels,
            None,
            histories,
        ))
    }
}

/// The units of each period in ascending order of their values.
fn orders(panel: &Panel, column: &str, ties: RankTies) -> Result<Array2<u32>> {
    let values = panel.values(column)?;
    let n = values.ncols();
    if n < 2 {
        return Err(Error::TooFewUnits {
            what: format!("a Markov chain of ranks of `{column}`"),
            needed: 2,
            n,
        });
    }
    if n > MOST_CLASSES {
        return Err(Error::TooLarge {
            what: "the number of units of a Markov chain of ranks",
            n,
            limit: MOST_CLASSES,
            instead: "take classes of ranks, `Classes::quantiles(k).by_period()`",
        });
    }
    check_periods(column, panel.periods(), 1)?;
    let mut orders = Array2::zeros(values.raw_dim());
    for ((row, mut order), &period) in (values.rows().into_iter())
        .zip(orders.rows_mut())
        .zip(panel.periods())
    {
        let ascending = ascending(row);
        if ties == RankTies::Refused {
            let tied = ascending
                .windows(2)
                .find(|pair| !(row[pair[0] as usize] < row[pair[1] as usize]));
            if let Some(pair) = tied {
                let unit = pair[1] as usize;
                return Err(Error::InvalidValue {
                    cell: Cell::new(panel.units().name(unit), Some(period), column),
                    value: row[unit],
                    expected: "a value that no other unit has in the period, for ranks of their own; or say `RankTies::InUnitOrder`",
                });
            }
        }
        order.assign(&ndarray::Array1::from_vec(ascending));
    }
    Ok(orders)
}

fn ascending(row: ArrayView1<'_, f64>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..row.len() as u32).collect();
    // Adding zero makes -0 the same as 0.
    order.sort_by(|&a, &b| (row[a as usize] + 0.0).total_cmp(&(row[b as usize] + 0.0)));
    order
}
