//! Linear algebra: dense kernels behind one interface with two backends, sparse products and factorisations, and the
//! log-determinant ln|I - rho W|.

pub(crate) mod arnoldi;
pub(crate) mod chebyshev;
pub(crate) mod dense;
pub(crate) mod factor;
pub(crate) mod fronts;
pub(crate) mod lanczos;
pub(crate) mod least_squares;
pub(crate) mod local;
pub(crate) mod logdet;
pub(crate) mod lu;
pub(crate) mod moments;
pub(crate) mod newton;
pub(crate) mod pace_lesage;
pub(crate) mod registers;
pub(crate) mod selected;
pub(crate) mod sparse;
pub(crate) mod stationary;
pub(crate) mod triangular;
