//! Local statistics: one value a unit.

mod cluster;
mod inference;
mod moran;

pub use cluster::{Cluster, Quadrant};
pub use moran::LocalMoran;
