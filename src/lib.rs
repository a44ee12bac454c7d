//! Spatial econometrics: spatial weights, spatial autocorrelation, spatial regressions, spillovers and regional convergence.

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

pub use autocorrelation::{Assumption, Cluster, LocalMoran, Moran, Quadrant, ResidualMoran};
pub use convergence::{
    BetaConvergence, Convention, Dispersion, Growth, HalfLife, Measure, SigmaConvergence,
    SigmaTest, Speed,
};
pub use data::{
    Coordinates, Dropped, Panel, PanelReader, Points, Regions, RegionsReader, Table, TableReader,
    Units, Variable,
};
pub use disparity::{
    Ddof, coefficient_of_variation, gini, gini_weighted, mean_log_deviation,
    mean_log_deviation_weighted, sd_of_logs, standard_deviation, theil, theil_weighted, williamson,
};
pub use error::{Cell, Error, Result};
pub use inference::{
    Adjustment, Alternative, Distribution, Estimate, Note, PermutationTest, Permutations,
    TestResult,
};
pub use regression::{
    Covariance, Fit, Information, LmTests, Model, Optimization, RSquared, Regression, Vcov,
};
pub use report::{Comparison, Sheet};
pub use spillover::{
    Blocks, Draws, Impact, Impacts, SimulatedEffect, SimulatedImpact, SimulatedImpacts, UnitEffects,
};
pub use weights::{Constants, Contiguity, InverseDistance, LogDeterminant, Transform, Weights};
