//! Regional convergence: growth, beta, sigma.

mod beta;
mod growth;
mod panel_beta;
mod panel_growth;
mod show;
mod sigma;
mod sigma_tests;
mod speed;

pub use beta::BetaConvergence;
pub use growth::{Convention, Growth};
pub use panel_beta::{JackknifedBeta, PanelBetaConvergence};
pub use panel_growth::PanelGrowth;
pub use sigma::{Dispersion, Measure, SigmaConvergence};
pub use sigma_tests::SigmaTest;
pub use speed::{HalfLife, Speed};
