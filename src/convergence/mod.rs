//! Regional convergence: growth, beta, sigma.

mod beta;
mod beta_clubs;
mod bootstrap;
mod concordance;
mod ertur_koch;
mod gamma;
mod gap;
mod growth;
mod leave_one_out;
mod nonlinear;
mod panel_beta;
mod panel_growth;
mod rank_sums;
mod ranks;
mod show;
mod sigma;
mod sigma_tests;
mod solow;
mod solow_fit;
mod speed;
mod structural;

pub use beta::BetaConvergence;
pub use concordance::{Concordance, ConcordanceTest, RankConcordance};
pub use ertur_koch::ErturKoch;
pub use gamma::GammaConvergence;
mod resample;
mod spans;
mod variance;
pub use bootstrap::{BootstrapSpeed, BootstrapSpeeds, Resampling};
mod threshold;
pub use beta_clubs::{BetaClub, BetaClubs};
pub use growth::{Convention, Growth};
pub use leave_one_out::{Influence, LeaveOneOut, LeftOut};
pub use nonlinear::NonlinearBeta;
pub use panel_beta::{JackknifedBeta, PanelBetaConvergence};
pub use panel_growth::PanelGrowth;
pub use sigma::{
    BootstrapInterval, Bootstrapped, ConditionalSigma, Dispersion, FilteredDispersion,
    FilteredSigma, Measure, SigmaBands, SigmaConvergence, SigmaTrend, WeightedDispersion,
};
pub use sigma_tests::SigmaTest;
pub use solow::Solow;
pub use solow_fit::SolowFit;
pub use spans::{BetaSpans, SpanBeta};
pub use speed::{HalfLife, Speed};
pub use threshold::Threshold;
pub use variance::VarianceDecomposition;
