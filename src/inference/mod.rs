//! What every estimate and test has in common: estimates, test results, distributions, permutations, multiplicity.

pub(crate) mod distribution;
mod estimate;
mod multiplicity;
mod note;
pub(crate) mod permutation;
pub(crate) mod quadratic;
mod test_result;

pub use distribution::Distribution;
pub use estimate::Estimate;
pub use multiplicity::Adjustment;
pub use note::Note;
pub use permutation::{PermutationTest, Permutations};
pub use test_result::{Alternative, TestResult};
