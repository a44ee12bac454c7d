//! Weights: constants, neighbours, lags, eigenvalues, log-determinants.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, columbus, data, scalar, vector};

fn points() -> Points {
    columbus().0.points_planar("X", "Y").unwrap()
}

/// The weights of a case: those of its data, or built from the Columbus centroids.
fn weights(case: &Value) -> Weights {
    match case["build"].as_str() {
        None => data(case).weights.unwrap(),
        Some("k nearest") => {
            let k = usize::try_from(case["k"].as_u64().unwrap()).unwrap();
            Weights::k_nearest(&points(), k).unwrap()
        }
        Some("distance band") => {
            Weights::distance_band(&points(), Weights::smallest_band(&points()).unwrap()).unwrap()
        }
        Some("inverse distance") => {
            let band = Weights::smallest_band(&points()).unwrap();
            Weights::distance_decay(&points(), Decay::inverse(1.0).within(band)).unwrap()
        }
        Some(other) => panic!("no builder {other}"),
    }
}

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let w = weights(case);
    let at: Vec<f64> = case["rho"].as_array().map_or_else(Vec::new, |a| {
        a.iter().map(|v| v.as_f64().unwrap()).collect()
    });
    let log = |method| {
        vector(
            at.iter()
                .map(|&rho| w.ln_determinant_by(method, rho).unwrap()),
        )
    };
    wanted
        .iter()
        .map(|q| {
            let c = w.constants();
            let numbers = match *q {
                "S0" => scalar(c.s0),
                "S1" => scalar(c.s1),
                "S2" => scalar(c.s2),
                "links" => scalar(w.links() as f64),
                "cardinalities" => vector(w.cardinalities().iter().map(|c| *c as f64)),
                "components" => scalar(w.components() as f64),
                "checksum" => scalar(
                    (0..w.n())
                        .flat_map(|i| {
                            w.neighbours(i)
                                .map(move |(j, _)| (1000 * (i + 1) + j + 1) as f64)
                        })
                        .sum(),
                ),
                "smallest band" => scalar(Weights::smallest_band(&points()).unwrap()),
                "first row" => vector(w.neighbours(0).map(|(_, x)| x)),
                "first weight" => scalar(w.neighbours(0).map(|(_, x)| x).next().unwrap()),
                "lag of CRIME" => vector(w.lag(columbus().0.variable("CRIME").unwrap()).unwrap()),
                "largest eigenvalue" => scalar(
                    w.eigenvalues()
                        .unwrap()
                        .iter()
                        .map(|o| o.0)
                        .fold(f64::MIN, f64::max),
                ),
                "smallest eigenvalue" => scalar(
                    w.eigenvalues()
                        .unwrap()
                        .iter()
                        .map(|o| o.0)
                        .fold(f64::MAX, f64::min),
                ),
                "eigenvalues" => {
                    let mut omega: Vec<f64> =
                        w.eigenvalues().unwrap().iter().map(|o| o.0).collect();
                    omega.sort_by(f64::total_cmp);
                    vector(omega)
                }
                "interval" => {
                    let (lo, hi) = w.admissible_interval().unwrap();
                    vector([lo, hi])
                }
                "traces" => vector(
                    w.traces(
                        case["m"]
                            .as_u64()
                            .map_or(10, |m| usize::try_from(m).unwrap()),
                    )
                    .unwrap(),
                ),
                "ln det by eigenvalues" => log(LogDeterminant::Eigenvalues),
                "ln det by LU" => log(LogDeterminant::Lu),
                "ln det by Cholesky" => log(LogDeterminant::Cholesky),
                other => panic!("no quantity {other} of weights"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
