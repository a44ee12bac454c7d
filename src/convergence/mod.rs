//! Regional convergence: growth, beta, sigma and gamma convergence, and convergence clubs.

mod beta;
mod clubs;
mod density;
mod exchange;
mod gamma;
mod growth;
mod mobility;
mod panel;
mod show;
mod sigma;
mod solow;
mod speed;
mod stochastic;

pub use beta::{
    BetaClub, BetaClubs, BetaConvergence, BetaSpans, BootstrapSpeed, BootstrapSpeeds, Influence,
    LeaveOneOut, LeftOut, NonlinearBeta, Resampling, SpanBeta, Threshold, VarianceDecomposition,
};
pub use clubs::{
    Clustering, ConvergenceClub, ConvergenceClubs, LogT, LogTOptions, LongRunVariance, Merging,
    TransitionPaths, Trend, Trim, Verdict,
};
pub use density::{
    Bandwidth, ConditionalDensity, DensityBands, DensityMode, ErgodicDensity, KernelDensity,
    KernelPoint, Modality, ModalityTest, RelativeTo, StochasticKernel,
};
pub use exchange::{
    DirectionalLisa, DirectionalTest, ExchangeMobility, KendallTau, LisaScale, LocalTau,
    LocalTauTest, NeighbourSet, RegionalTau, RegionalTauTest, SpatialTau, SpatialTauTest, Theta,
};
pub use gamma::{Concordance, ConcordanceTest, GammaConvergence, RankConcordance};
pub use growth::{Convention, Growth};
pub use mobility::{
    ChainTest, Classes, CommunicatingClass, Ergodic, Homogeneity, InitialDistribution, LisaMarkov,
    MarkovBootstrap, MarkovChain, MobilityIndex, RankTies, SignificantMoves, SpatialMarkov,
};
pub use panel::{JackknifedBeta, PanelBetaConvergence, PanelGrowth};
pub use sigma::{
    BootstrapInterval, Bootstrapped, ConditionalSigma, Dispersion, FilteredDispersion,
    FilteredSigma, Measure, SigmaBands, SigmaConvergence, SigmaTest, SigmaTrend,
    WeightedDispersion,
};
pub use solow::{ErturKoch, Solow, SolowFit};
pub use speed::{HalfLife, Speed};
pub use stochastic::{
    Cadf, CarlinoMills, Cips, CrossDependence, Deterministic, EvansKarras, EvansKarrasVerdict,
    FisherUnitRoot, GapLine, GapPath, Hadri, ImPesaranShin, Lags, LevinLinChu, Reference,
    StochasticConvergence, UnitRoot, UnitRoots,
};
