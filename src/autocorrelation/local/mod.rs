//! Local statistics: one value a unit.

mod cluster;
mod moran;

pub use cluster::{Cluster, Quadrant};
pub use moran::LocalMoran;
