//! Local statistics: one value a unit.

#[cfg(test)]
mod brute;
mod cluster;
mod geary;
mod inference;
mod moran;

pub use cluster::{Cluster, GearyCluster, HotSpot, Quadrant};
pub use geary::LocalGeary;
pub use moran::LocalMoran;
