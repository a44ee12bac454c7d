//! Spatial autocorrelation: global and local statistics and their tests.

mod aple;
#[cfg(test)]
mod arrangements;
mod bivariate;
#[cfg(test)]
#[allow(clippy::unreadable_literal)]
mod columbus;
mod correlogram;
mod deviations;
mod exact;
mod geary;
mod getis_ord;
mod join_counts;
mod lanes;
mod lee;
mod local;
mod moments;
mod moran;
mod pairs;
mod rates;
mod residual;
mod series;
mod show;

pub use aple::Aple;
pub use bivariate::BivariateMoran;
pub use correlogram::{Correlogram, CorrelogramClass};
pub use geary::Geary;
pub use getis_ord::GetisOrd;
pub use join_counts::{JoinCount, JoinCountPermutations, JoinCounts};
pub use lee::Lee;
pub use local::{
    Cluster, GearyCluster, HotSpot, LocalAssumption, LocalBivariateMoran, LocalDeviates,
    LocalGeary, LocalGetisOrd, LocalJoinCounts, LocalLee, LocalMoments, LocalMoran, Losh, Quadrant,
};
pub use moran::{Assumption, Moran};
pub use rates::standardized_rates;
pub use residual::ResidualMoran;
#[allow(unused_imports, reason = "used by the checks of a fit")]
pub(crate) use residual::residual_moran;
