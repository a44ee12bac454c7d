//! Distribution dynamics by Markov chains: classes, transitions, mobility, homogeneity, and their spatial forms.

mod against;
mod bootstrap;
mod chain;
mod classes;
mod dealt;
mod homogeneity;
mod indices;
mod lisa;
mod long_run;
mod ranks;
mod show;
mod spatial;
mod structure;

pub use against::ChainTest;
pub use bootstrap::MarkovBootstrap;
pub use chain::MarkovChain;
pub use classes::Classes;
pub use homogeneity::Homogeneity;
pub use indices::{InitialDistribution, MobilityIndex};
pub use lisa::{LisaMarkov, SignificantMoves};
pub use long_run::Ergodic;
pub use ranks::RankTies;
pub use spatial::SpatialMarkov;
pub use structure::CommunicatingClass;
