//! ln|I - rho W| by every method beside a dense elimination.

use proptest::prelude::*;
use spatialecon::*;

use crate::close;
use crate::dense::ln_det;
use crate::maps::{Kind, any_map, filter, matrix};

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn every_method_equals_elimination(map in any_map(), share in -0.97_f64..0.97) {
        let w = map.weights();
        let (lo, hi) = w.admissible_interval().unwrap();
        let rho = if share < 0.0 { -share * lo } else { share * hi };
        let expected = ln_det(&filter(&matrix(&w), rho));
        let methods = [LogDeterminant::Eigenvalues, LogDeterminant::Lu, LogDeterminant::Cholesky];
        for method in methods {
            match w.ln_determinant_by(method, rho) {
                Ok(found) => close(&format!("{method:?}"), found, expected, 1e-10, 1e-2),
                Err(Error::Unsupported { .. }) if method == LogDeterminant::Cholesky => {
                    prop_assert!(!matches!(map.kind, Kind::Lattice | Kind::Symmetric));
                }
                Err(e) => panic!("{method:?} at {rho}: {e}"),
            }
        }
        prop_assert_eq!(w.ln_determinant(0.0).unwrap(), 0.0);
    }

    #[test]
    fn eigenvalues_have_the_traces_of_the_powers(map in any_map()) {
        let w = map.weights();
        let dense = matrix(&w);
        let mut power = dense.clone();
        for (m, trace) in w.traces(5).unwrap().into_iter().enumerate() {
            let expected: f64 = power.diag().sum();
            let scale = power.iter().map(|v| v.abs()).sum::<f64>();
            close(&format!("tr W^{}", m + 1), trace, expected, 1e-9, scale);
            power = power.dot(&dense);
        }
    }

    #[test]
    fn the_interval_ends_where_the_matrix_is_singular(map in any_map()) {
        let w = map.weights();
        let (lo, hi) = w.admissible_interval().unwrap();
        let dense = matrix(&w);
        let inside = [0.999 * lo, 0.5 * lo, 0.5 * hi, 0.999 * hi];
        for rho in inside {
            prop_assert!(ln_det(&filter(&dense, rho)).is_finite());
        }
        // The largest eigenvalue of a non-negative matrix is real, and 1 / hi.
        let near = |rho: f64| ln_det(&filter(&dense, rho));
        prop_assert!(near(hi * (1.0 - 1e-11)) < near(hi * (1.0 - 1e-5)) - 5.0);
    }
}
