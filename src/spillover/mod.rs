//! Spillovers: what a change of a regressor in one unit does there and elsewhere.

mod averages;
mod blocks;
mod curve;
mod delta;
mod distance;
mod draws;
mod filter;
mod impacts;
mod order;
mod regime_sums;
mod regimes;
mod units;
mod walks;

pub use blocks::Blocks;
pub use distance::{DistanceEffects, Ring};
pub use draws::{SimulatedImpact, SimulatedImpacts};
pub use impacts::{Impact, Impacts};
pub use order::OrderEffects;
pub use units::{EffectsOfUnit, UnitEffects};
