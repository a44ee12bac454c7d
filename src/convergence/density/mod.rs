//! The shape of a distribution of incomes and how it moves: kernel densities, tests of modes, stochastic kernels.

mod bands;
mod bandwidth;
mod kernel;
mod modality;
mod modes;
mod relative;
mod sample;
mod show;
mod stochastic;

pub use bands::DensityBands;
pub use bandwidth::Bandwidth;
pub use kernel::{DensityMode, KernelDensity};
pub use modality::{Modality, ModalityTest};
pub use relative::RelativeTo;
pub use stochastic::{ConditionalDensity, ErgodicDensity, KernelPoint, StochasticKernel};
