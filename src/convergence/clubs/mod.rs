//! Convergence clubs: relative transition paths, the log t test, and the algorithm of Phillips and Sul.

mod club;
mod clustering;
mod group;
mod log_t;
mod merging;
mod paths;
mod phases;
mod regression;
mod trend;

pub use club::{ConvergenceClub, ConvergenceClubs};
pub use clustering::Clustering;
pub use log_t::{LogT, LogTOptions, LongRunVariance, Trim, Verdict};
pub use merging::Merging;
pub use paths::TransitionPaths;
pub use trend::Trend;
