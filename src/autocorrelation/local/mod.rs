//! Local statistics: one value a unit.

mod bivariate;
#[cfg(test)]
mod brute;
mod cluster;
mod exact;
mod geary;
mod getis_ord;
mod inference;
mod join_counts;
mod lee;
mod losh;
mod moments;
mod moran;
mod residual_spread;

pub use bivariate::LocalBivariateMoran;
pub use cluster::{Cluster, GearyCluster, HotSpot, Quadrant};
pub use exact::LocalDeviates;
pub use geary::LocalGeary;
pub use getis_ord::LocalGetisOrd;
pub use join_counts::LocalJoinCounts;
pub use lee::LocalLee;
pub use losh::Losh;
pub use moments::{LocalAssumption, LocalMoments};
pub use moran::LocalMoran;

pub(super) use moran::lag_and_quadrants;
