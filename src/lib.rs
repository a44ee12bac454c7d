//! Spatial econometrics: weights, spatial autocorrelation, spatial regressions, spillovers and regional convergence.
//!
//! A regression is composed from the terms of its equation, fitted to data that know their units, and every later question is asked
//! of one [`Fit`].
//!
//! ```
//! use ndarray::array;
//! use spatialecon::{BetaConvergence, Draws, Growth, Moran, Panel, Permutations, Units, Weights};
//!
//! // Six regions on a line, at two dates; from files: `Panel::csv`, `Regions::geojson`, `Weights::queen`.
//! let units = Units::new(["a", "b", "c", "d", "e", "f"])?;
//! let income = array![[9.0, 7.5, 6.0, 4.0, 3.5, 2.0], [15.0, 14.0, 11.0, 9.0, 8.5, 5.0]];
//! let panel = Panel::from_columns(&units, &[2000, 2020], [("income", income)])?;
//! let w = Weights::from_pairs(&units, [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f")])?.row_standardized()?;
//!
//! let moran = Moran::of(panel.variable_at("income", 2020)?, &w)?;
//! assert!((moran.i() - 0.6385).abs() < 1e-4);
//! println!("{}", moran.permutation(Permutations::new(999).seed(42))?);
//!
//! let growth = Growth::between(&panel, "income", 2000, 2020)?;
//! let beta = BetaConvergence::fit(&growth, &growth.regression().spatial_lag(&w))?;
//! println!("{beta}");
//! println!("{}", beta.regression().impacts()?.simulated(Draws::new(1_000).seed(42))?);
//! # Ok::<(), spatialecon::Error>(())
//! ```
//!
//! # The nouns
//!
//! - **Data**: [`Units`] are the ids that everything shares; [`Table`] (units), [`Panel`] (units × periods), [`Points`], [`Regions`] cannot exist with
//!   a missing or infinite value, and are read from CSV, GeoJSON and shapefiles by readers that name file, line, unit and column. Where two of
//!   them meet, ids are compared, and nothing is reordered or dropped silently. Bare arrays are accepted too.
//! - **Weights**: [`Weights`], immutable, built from polygons ([`queen`](Weights::queen), [`rook`](Weights::rook),
//!   [`shared_borders`](Weights::shared_borders)), points ([`k_nearest`](Weights::k_nearest), [`distance_band`](Weights::distance_band),
//!   [`distance_decay`](Weights::distance_decay), [`kernel`](Weights::kernel), [`delaunay`](Weights::delaunay) and its kin), links, flows, costs and
//!   values ([`from_links`](Weights::from_links), [`economic_distance`](Weights::economic_distance), [`nested`](Weights::nested)), other weights
//!   ([`order`](Weights::order), [`union`](Weights::union), [`exposures`](Weights::exposures)) and files of nine formats; scaled by
//!   [`row_standardized`](Weights::row_standardized), [`spectrally_normalized`](Weights::spectrally_normalized) and others.
//! - **Dependence**: [`Moran`] (of variables, years, rates, [residuals](ResidualMoran)), [`Geary`], [`GetisOrd`], [`JoinCounts`], [`Lee`], [`BivariateMoran`],
//!   [`Aple`], [`Correlogram`]; unit by unit [`LocalMoran`], [`LocalGeary`], [`LocalGetisOrd`], [`LocalJoinCounts`], [`LocalLee`], [`LocalBivariateMoran`],
//!   [`Losh`]; all by the same [`Permutations`], a sample or every arrangement.
//! - **Regression**: [`Regression`] makes OLS, SLX, SAR, SEM, SDM, SDEM, SAC and GNS of its terms, with [`regimes`](Regression::regimes), weights of
//!   observations and variances by group; a [`Fit`] answers [`with_vcov`](Fit::with_vcov), [`lm_tests`](Fit::lm_tests),
//!   [`residual_moran`](Fit::residual_moran), [`lr_test`](Fit::lr_test), [`wald_test`](Fit::wald_test), [`chow_test`](Fit::chow_test),
//!   [`hausman_test`](Fit::hausman_test), [`likelihood_profile`](Fit::likelihood_profile), [`predict`](Fit::predict), [`impacts`](Fit::impacts) and more.
//! - **Spillovers**: [`Impacts`], direct, indirect and total, by the delta method or [`simulated`](Impacts::simulated), [`by_order`](Impacts::by_order),
//!   [`by_distance`](Impacts::by_distance), [`by_unit`](Impacts::by_unit) and [`between`](Impacts::between) groups.
//! - **Convergence**: [`Growth`], [`BetaConvergence`], [`SigmaConvergence`], [`GammaConvergence`]; within units [`PanelGrowth`]; of models [`Solow`]; dispersion by
//!   [`gini`], [`theil`], [`williamson`] and others.
//! - **Where regions go**: [`StochasticConvergence`] (unit roots of gaps, [`CrossDependence`] first), [`TransitionPaths`] with [`LogT`] and [`ConvergenceClubs`];
//!   [`MarkovChain`], [`SpatialMarkov`], [`LisaMarkov`], [`Homogeneity`]; [`ExchangeMobility`], [`DirectionalLisa`]; [`KernelDensity`], [`Modality`],
//!   [`StochasticKernel`].
//! - **Tables for papers**: [`Comparison`], [`Sheet`].
//! - Every estimate is an [`Estimate`], every test a [`TestResult`]; what others print as a warning is a [`Note`] on the result; every failure is
//!   one [`Error`] that names the culprit.
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `rayon` | yes | permutations, searches and lags over threads; results do not change by a byte |
//! | `geopackage`, `flatgeobuf` | no | `Regions::geopackage`, `Regions::flatgeobuf` |
//! | `openblas-system`, `openblas-static`, `netlib-static`, `intel-mkl-static` | no | dense linear algebra by LAPACK through ndarray-linalg instead of faer |
//!
//! Methods, conventions and limits stand in the folder `docs` of the repository, one page a method.

#![forbid(unsafe_code)]
#![deny(missing_docs, missing_debug_implementations, unreachable_pub)]
#![warn(clippy::all, clippy::pedantic)]
#![warn(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::float_cmp
)]
// `!(x > 0.0)` says what it means of NaN; views are passed by value; constants have the digits of their source.
#![allow(
    clippy::neg_cmp_op_on_partial_ord,
    clippy::needless_pass_by_value,
    clippy::unreadable_literal
)]
// Kernels that run inside a dispatch on the processor's registers have to be part of it.
#![allow(clippy::inline_always)]
// Casts between counts and floats, and the short names of the field (w, n, k, x, y), are what the formulae are made of.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::many_single_char_names,
    clippy::similar_names,
    clippy::doc_markdown
)]

mod autocorrelation;
mod convergence;
mod data;
mod disparity;
mod error;
mod inference;
mod linalg;
mod optim;
mod parallel;
mod random;
mod regression;
mod report;
mod spillover;
mod text;
mod weights;

pub use autocorrelation::{
    Aple, Assumption, BivariateMoran, Cluster, Correlogram, CorrelogramClass, Geary, GearyCluster,
    GetisOrd, HotSpot, JoinCount, JoinCountPermutations, JoinCounts, Lee, LocalAssumption,
    LocalBivariateMoran, LocalDeviates, LocalGeary, LocalGetisOrd, LocalJoinCounts, LocalLee,
    LocalMoments, LocalMoran, Losh, Moran, Quadrant, ResidualMoran, standardized_rates,
};
pub use convergence::{
    Bandwidth, BetaClub, BetaClubs, BetaConvergence, BetaSpans, BootstrapInterval, BootstrapSpeed,
    BootstrapSpeeds, Bootstrapped, Cadf, CarlinoMills, ChainTest, Cips, Classes, Clustering,
    CommunicatingClass, Concordance, ConcordanceTest, ConditionalDensity, ConditionalSigma,
    Convention, ConvergenceClub, ConvergenceClubs, CrossDependence, DensityBands, DensityMode,
    Deterministic, DirectionalLisa, DirectionalTest, Dispersion, Ergodic, ErgodicDensity,
    ErturKoch, EvansKarras, EvansKarrasVerdict, ExchangeMobility, FilteredDispersion,
    FilteredSigma, FisherUnitRoot, GammaConvergence, GapLine, GapPath, Growth, Hadri, HalfLife,
    Homogeneity, ImPesaranShin, Influence, InitialDistribution, JackknifedBeta, KendallTau,
    KernelDensity, KernelPoint, Lags, LeaveOneOut, LeftOut, LevinLinChu, LisaMarkov, LisaScale,
    LocalTau, LocalTauTest, LogT, LogTOptions, LongRunVariance, MarkovBootstrap, MarkovChain,
    Measure, Merging, MobilityIndex, Modality, ModalityTest, NeighbourSet, NonlinearBeta,
    PanelBetaConvergence, PanelGrowth, RankConcordance, RankTies, Reference, RegionalTau,
    RegionalTauTest, RelativeTo, Resampling, SigmaBands, SigmaConvergence, SigmaTest, SigmaTrend,
    SignificantMoves, Solow, SolowFit, SpanBeta, SpatialMarkov, SpatialTau, SpatialTauTest, Speed,
    StochasticConvergence, StochasticKernel, Theta, Threshold, TransitionPaths, Trend, Trim,
    UnitRoot, UnitRoots, VarianceDecomposition, Verdict, WeightedDispersion,
};
#[cfg(fuzzing)]
#[doc(hidden)]
pub use data::geopackage_geometry;
pub use data::{
    Coordinates, Dropped, Observations, Panel, PanelReader, Points, Regions, RegionsReader, Table,
    TableReader, Units, Variable,
};
pub use disparity::{
    Ddof, coefficient_of_variation, gini, gini_weighted, mean_log_deviation,
    mean_log_deviation_weighted, sd_of_logs, standard_deviation, theil, theil_weighted, williamson,
};
pub use error::{Cell, Error, Result};
pub use inference::{
    Adjustment, Alternative, Distribution, Draws, Estimate, Note, PermutationTest, Permutations,
    Simulated, TestResult,
};
pub use regression::{
    Covariance, Effects, Fit, FixedEffects, Information, Jackknife, JoinedWeights,
    LikelihoodProfile, LmTests, Model, Optimization, Predicted, Prediction, RSquared, Regression,
    SpatialParameter, Vcov,
};
pub use report::{Comparison, Sheet};
pub use spillover::{
    Blocks, DistanceEffects, EffectsOfUnit, Impact, Impacts, OrderEffects, Ring, SimulatedImpact,
    SimulatedImpacts, UnitEffects,
};
pub use weights::{
    Borders, Clip, Constants, Contiguity, Decay, DenseWeightsReader, Gravity, Kernel,
    KernelFunction, Lattice, LogDeterminant, Symmetrize, Transform, Weights, WeightsReader,
};

/// The Rust blocks of README and documentation compile and run.
#[cfg(doctest)]
mod documentation {
    macro_rules! pages {
        ($($name:ident $path:literal),* $(,)?) => {
            $(#[doc = include_str!(concat!("../", $path))] mod $name {})*
        };
    }
    pages! {
        readme "README.md",
        weights "docs/methods/weights.md",
        weight_files "docs/methods/weight-files.md",
        autocorrelation "docs/methods/autocorrelation.md",
        local "docs/methods/local.md",
        permutations "docs/methods/permutations.md",
        regression "docs/methods/regression.md",
        likelihood "docs/methods/likelihood.md",
        tests "docs/methods/tests.md",
        impacts "docs/methods/impacts.md",
        prediction "docs/methods/prediction.md",
        beta "docs/methods/beta.md",
        panel "docs/methods/panel.md",
        beta_clubs "docs/methods/beta-clubs.md",
        clubs "docs/methods/clubs.md",
        sigma "docs/methods/sigma.md",
        gamma "docs/methods/gamma.md",
        exchange "docs/methods/exchange.md",
        density "docs/methods/density.md",
        mobility "docs/methods/mobility.md",
        solow "docs/methods/solow.md",
        stochastic "docs/methods/stochastic.md",
        compare "docs/compare.md",
        limitations "docs/limitations.md",
        notation "docs/notation.md",
        design "docs/design.md",
        validation "docs/validation.md",
        performance "docs/performance.md",
        monte_carlo "docs/monte_carlo.md",
    }
}
