//! Spillovers: what a change of a regressor in one unit does there and elsewhere.

mod averages;
mod blocks;
mod draws;
mod impacts;

pub use blocks::{Blocks, UnitEffects};
pub use draws::{Draws, SimulatedEffect, SimulatedImpact, SimulatedImpacts};
pub use impacts::{Impact, Impacts};
