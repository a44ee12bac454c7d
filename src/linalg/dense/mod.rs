//! Dense linear algebra: one interface, two backends.
//!
//! The default backend is faer (pure Rust). With one of the features `openblas-system`, `openblas-static`, `netlib-static` or
//! `intel-mkl-static` it is LAPACK through ndarray-linalg. Nothing else in the crate knows which. Functions take
//! views of any layout and return owned arrays; the caller bounds the size of anything n × n.

#[cfg(not(any(
    feature = "openblas-system",
    feature = "openblas-static",
    feature = "netlib-static",
    feature = "intel-mkl-static"
)))]
#[path = "faer.rs"]
mod backend;
#[cfg(any(
    feature = "openblas-system",
    feature = "openblas-static",
    feature = "netlib-static",
    feature = "intel-mkl-static"
))]
#[path = "lapack.rs"]
mod backend;

pub(crate) use backend::{
    eigenvalues, inverse, singular_values, symmetric_eigenvalues, triangular_factor,
};

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use ndarray::{Array2, array};

    use super::*;

    fn sample() -> Array2<f64> {
        array![[4.0, 1.0, -2.0], [1.0, 3.0, 0.5], [-2.0, 0.5, 5.0]]
    }

    #[test]
    fn symmetric_eigenvalues_have_the_trace_and_the_squared_norm() {
        let a = sample();
        let omega = symmetric_eigenvalues(a.view()).unwrap();
        assert_relative_eq!(omega.iter().sum::<f64>(), 12.0, max_relative = 1e-14);
        let squares: f64 = omega.iter().map(|w| w * w).sum();
        assert_relative_eq!(squares, a.iter().map(|v| v * v).sum(), max_relative = 1e-14);
        assert!(omega.windows(2).all(|p| p[0] <= p[1]));
    }

    #[test]
    fn empty_matrices() {
        let a = Array2::<f64>::zeros((0, 0));
        assert!(symmetric_eigenvalues(a.view()).unwrap().is_empty());
        assert!(eigenvalues(a.view()).unwrap().is_empty());
        assert!(inverse(a.view(), "a").unwrap().is_empty());
    }

    #[test]
    fn general_eigenvalues_of_a_rotation_are_complex() {
        let mut omega = eigenvalues(array![[0.0, -2.0], [2.0, 0.0]].view()).unwrap();
        omega.sort_by(|a, b| a.1.total_cmp(&b.1));
        assert_relative_eq!(omega[0].1, -2.0, max_relative = 1e-14);
        assert_relative_eq!(omega[1].1, 2.0, max_relative = 1e-14);
        assert!(omega[0].0.abs() < 1e-14);
    }

    #[test]
    fn inverse_times_matrix_is_identity_and_singular_is_an_error() {
        let a = sample();
        let identity = inverse(a.view(), "a").unwrap().dot(&a);
        for ((i, j), v) in identity.indexed_iter() {
            assert!((v - f64::from(u8::from(i == j))).abs() < 1e-14);
        }
        assert!(inverse(array![[1.0, 2.0], [2.0, 4.0]].view(), "b").is_err());
    }

    #[test]
    fn triangular_factor_has_the_cross_products() {
        let z = array![[1.0, 2.0], [3.0, -1.0], [0.5, 4.0], [2.0, 2.0]];
        let r = triangular_factor(z.view()).unwrap();
        let (crossed, expected) = (r.t().dot(&r), z.t().dot(&z));
        for (a, b) in crossed.iter().zip(&expected) {
            assert_relative_eq!(a, b, max_relative = 1e-13);
        }
        assert!(r[[1, 0]] == 0.0);
    }

    #[test]
    fn singular_values_multiply_to_the_determinant() {
        let s = singular_values(sample().view()).unwrap();
        let omega = symmetric_eigenvalues(sample().view()).unwrap();
        assert_relative_eq!(
            s.iter().product::<f64>(),
            omega.iter().product(),
            max_relative = 1e-13
        );
    }
}
