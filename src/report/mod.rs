//! Tables for papers.

mod comparison;
mod sheet;

pub use comparison::Comparison;
pub use sheet::Sheet;
