//! Spatial autocorrelation: global and local statistics and their tests.

#[cfg(test)]
mod arrangements;
#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod columbus;
mod deviations;
mod geary;
mod local;
mod moments;
mod moran;
mod pairs;
mod residual;
mod show;

pub use geary::Geary;
pub use local::{Cluster, GearyCluster, HotSpot, LocalGeary, LocalMoran, Quadrant};
pub use moran::{Assumption, Moran};
pub use residual::ResidualMoran;
#[allow(unused_imports, reason = "used by the checks of a fit")]
pub(crate) use residual::residual_moran;
