//! Growth within units: growth of panels, and growth regressions on them.

mod beta;
mod growth;

pub use beta::{JackknifedBeta, PanelBetaConvergence};
pub use growth::PanelGrowth;
