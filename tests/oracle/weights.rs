//! Weights: constants, neighbours, lags, eigenvalues, log-determinants.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, columbus, data, scalar, vector};

fn points() -> Points {
    columbus().0.points_planar("X", "Y").unwrap()
}

/// The weights of a case: those of its data, or built from the Columbus contiguity and centroids; a builder is one line here.
fn weights(case: &Value) -> Weights {
    let Some(build) = case["build"].as_str() else {
        return data(case).weights.unwrap();
    };
    let k = || usize::try_from(case["k"].as_u64().unwrap()).unwrap();
    let contiguity = || columbus().1;
    let nearest = |k| Weights::k_nearest(&points(), k).unwrap();
    let band = || Weights::smallest_band(&points()).unwrap();
    let decay = |decay: Decay| Weights::distance_decay(&points(), decay.within(band()));
    let built = match build {
        "k nearest" => Weights::k_nearest(&points(), k()),
        "distance band" => Weights::distance_band(&points(), band()),
        "inverse distance" => decay(Decay::inverse(1.0)),
        "exponential decay" => decay(Decay::exponential(1.0)),
        "double-power decay" => decay(Decay::double_power(1.0, band())),
        "delaunay" => Weights::delaunay(&points()),
        "gabriel" => Weights::gabriel(&points()),
        "relative neighbours" => Weights::relative_neighbours(&points()),
        "order" => contiguity().order(k()),
        "orders up to" => contiguity().up_to_order(k()),
        "union with k nearest" => contiguity().union(&nearest(k())),
        "intersection with k nearest" => contiguity().intersection(&nearest(k())),
        "longer list without the shorter" => Ok(longer(&contiguity(), &nearest(k()))),
        "k nearest either way" => nearest(k()).symmetrized(Symmetrize::Max),
        other => panic!("no builder {other}"),
    };
    built.unwrap()
}

/// What spdep calls the difference: unit by unit the longer list without the shorter one, the first of two that are equally long.
fn longer(a: &Weights, b: &Weights) -> Weights {
    let (ours, theirs) = (a.difference(b).unwrap(), b.difference(a).unwrap());
    let (first, second) = (a.cardinalities(), b.cardinalities());
    let links = (0..a.n()).flat_map(|i| {
        let from = if first[i] >= second[i] {
            &ours
        } else {
            &theirs
        };
        from.neighbours(i).map(move |(j, w)| (i, j, w))
    });
    Weights::from_links_at(a.units(), links).unwrap()
}

/// Distances between Berlin, Paris, London and Rome in kilometres.
fn great_circles() -> Numbers {
    let cities = [
        (13.40, 52.52),
        (2.35, 48.86),
        (-0.13, 51.51),
        (12.50, 41.90),
    ];
    let cities = Points::lon_lat(cities).unwrap();
    let pairs = (0..4).flat_map(|i| (0..4).map(move |j| (i, j)));
    let named = pairs.map(|(i, j)| (format!("{i},{j}"), cities.distance(i, j).unwrap()));
    named.collect()
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
                "n - 1" => scalar(c.n as f64 - 1.0),
                "n squared" => scalar((c.n * c.n) as f64),
                "symmetric" => scalar(f64::from(u8::from(w.is_symmetric()))),
                "great circles" => great_circles(),
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
                "largest eigenvalue" => scalar(w.extreme_eigenvalues().unwrap().1),
                "smallest eigenvalue" => scalar(w.extreme_eigenvalues().unwrap().0),
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
                "ln det by Chebyshev 2" => log(LogDeterminant::Chebyshev { order: 2 }),
                "ln det by Chebyshev 5" => log(LogDeterminant::Chebyshev { order: 5 }),
                other => panic!("no quantity {other} of weights"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
