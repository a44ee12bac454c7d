//! Spatial autocorrelation: global and local statistics and their tests.

#[cfg(test)]
mod arrangements;
#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod columbus;
mod deviations;
mod exact;
mod geary;
mod getis_ord;
mod join_counts;
mod local;
mod moments;
mod moran;
mod pairs;
mod residual;
mod show;

pub use geary::Geary;
pub use getis_ord::GetisOrd;
pub use join_counts::{JoinCount, JoinCountPermutations, JoinCounts};
pub use local::{
    Cluster, GearyCluster, HotSpot, LocalAssumption, LocalDeviates, LocalGeary, LocalGetisOrd,
    LocalJoinCounts, LocalMoments, LocalMoran, Quadrant,
};
pub use moran::{Assumption, Moran};
pub use residual::ResidualMoran;
#[allow(unused_imports, reason = "used by the checks of a fit")]
pub(crate) use residual::residual_moran;
