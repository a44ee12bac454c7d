//! Regional convergence: growth, beta, sigma.

mod beta;
mod growth;
mod sigma;
mod sigma_tests;
mod speed;

pub use beta::BetaConvergence;
pub use growth::{Convention, Growth};
pub use sigma::{Dispersion, Measure, SigmaConvergence};
pub use sigma_tests::SigmaTest;
pub use speed::{HalfLife, Speed};
