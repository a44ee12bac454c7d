//! What every estimate and test has in common: estimates, test results, distributions, permutations, multiplicity.

pub(crate) mod distribution;
mod draws;
mod estimate;
mod multiplicity;
mod note;
pub(crate) mod permutation;
pub(crate) mod quadratic;
mod simulated;
mod test_result;

pub use distribution::Distribution;
pub use draws::Draws;
pub use estimate::Estimate;
pub use multiplicity::Adjustment;
pub use note::Note;
pub(crate) use note::write_notes;
pub use permutation::{PermutationTest, Permutations};
pub use simulated::Simulated;
pub use test_result::{Alternative, TestResult};
