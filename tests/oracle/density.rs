//! Kernel densities, tests of modes, stochastic kernels.

use std::collections::BTreeMap;

use ndarray::Array1;
use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, data, named, scalar, vector};

/// Silica in 22 chondrites, in percent (Good and Gaskins 1980, with the ninth value corrected).
const CHONDRITE: [f64; 22] = [
    20.77, 22.56, 22.71, 22.99, 26.39, 27.08, 27.32, 27.33, 27.57, 27.81, 28.69, 29.36, 30.25,
    31.89, 32.88, 33.23, 33.28, 33.40, 33.52, 33.83, 33.95, 34.82,
];

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let numbers = |q: &str| match case["part"].as_str().unwrap() {
        "density" => of_density(case, q),
        "modes" => of_modes(case, q),
        "kernel" => of_kernel(case, q),
        other => panic!("no part {other}"),
    };
    wanted
        .iter()
        .map(|q| ((*q).to_owned(), numbers(q)))
        .collect()
}

/// Where the sources evaluate: 18 points from 0.3 to 2.
fn places() -> Array1<f64> {
    Array1::linspace(0.3, 2.0, 18)
}

fn relative(case: &Value) -> Panel {
    RelativeTo::Mean
        .of(&data(case).panel.unwrap(), "income")
        .unwrap()
}

fn of_density(case: &Value, quantity: &str) -> Numbers {
    let panel = relative(case);
    let year = i32::try_from(case["year"].as_i64().unwrap()).unwrap();
    let y = || panel.variable_at("income", year).unwrap();
    let density = |rule: Bandwidth| {
        let density = KernelDensity::of(y(), rule).unwrap();
        if case["weights"].as_bool().unwrap_or(false) {
            density.weighted_by(&Array1::range(1.0, 49.0, 1.0)).unwrap()
        } else {
            density
        }
    };
    let logs = |rule: Bandwidth| density(rule).on_log_scale().unwrap();
    let fixed = case["bandwidth"].as_f64();
    let chosen = || density(fixed.map_or(Bandwidth::Silverman, Bandwidth::Fixed));
    let at = |f: &dyn Fn(f64) -> f64| vector(places().iter().map(|y| f(*y)));
    match quantity {
        "bandwidth, Silverman" => scalar(density(Bandwidth::Silverman).bandwidth()),
        "bandwidth, Scott" => scalar(density(Bandwidth::Scott).bandwidth()),
        "bandwidth, Sheather-Jones" => scalar(density(Bandwidth::SheatherJones).bandwidth()),
        "bandwidth of logs, Sheather-Jones" => scalar(logs(Bandwidth::SheatherJones).bandwidth()),
        "bandwidth of logs, Silverman" => scalar(logs(Bandwidth::Silverman).bandwidth()),
        "density" => at(&|y| chosen().evaluate(y)),
        "distribution" => at(&|y| chosen().distribution(y)),
        "density, logs" => at(&|y| logs(Bandwidth::Silverman).evaluate(y)),
        "distribution, logs" => at(&|y| logs(Bandwidth::Silverman).distribution(y)),
        "effective" => scalar(chosen().effective_units()),
        other => panic!("no quantity {other}"),
    }
}

fn of_modes(case: &Value, quantity: &str) -> Numbers {
    let panel = relative(case);
    let draws = Draws::new(9_999).seed(7);
    let critical = |modality: &Modality, most: usize| {
        vector((1..=most).map(|k| modality.critical_bandwidth(k).unwrap()))
    };
    match quantity {
        "chondrite" => critical(&Modality::of(&CHONDRITE[..]).unwrap(), 4),
        "chondrite, p" => {
            let modality = Modality::of(&CHONDRITE[..]).unwrap();
            let p = |k: usize| modality.test(k, draws).unwrap().p_value();
            // Four standard errors of 2,000 draws there and 9,999 here, and the draw that is counted here.
            let name = |k: usize| (k - 1).to_string();
            let error =
                |p: f64| 4.0 * (p * (1.0 - p) * (1.0 / 2_000.0 + 1.0 / 9_999.0)).sqrt() + 1e-4;
            named((1..=3).flat_map(|k| [(name(k), p(k)), (format!("±{}", name(k)), error(p(k)))]))
        }
        year => {
            let at = panel.variable_at("income", year.parse().unwrap()).unwrap();
            critical(&Modality::of(at).unwrap(), 3)
        }
    }
}

fn of_kernel(case: &Value, quantity: &str) -> Numbers {
    let data = data(case);
    let (panel, w) = (data.panel.unwrap(), data.weights.unwrap());
    let kernel = match case["of"].as_str().unwrap() {
        "step" => StochasticKernel::of(&panel, "income", 10),
        "dates" => StochasticKernel::between(&panel, "income", 1929, 2009),
        _ => StochasticKernel::conditioned(&panel, "income", RelativeTo::Neighbours(&w)),
    };
    let mut kernel = kernel.unwrap();
    if case["logs"].as_bool().unwrap_or(false) {
        kernel = kernel.on_log_scale().unwrap();
    }
    let kernel = kernel.with_cells(60).unwrap();
    let grid = kernel.conditional_density().unwrap();
    let given = kernel.given(0.9).unwrap();
    match quantity {
        "bandwidths" => vector([kernel.bandwidths().0, kernel.bandwidths().1]),
        "rows" => {
            let p = grid.probabilities();
            vector([0, 20, 30, 59].into_iter().flat_map(|i| p.row(i).to_vec()))
        }
        "ergodic" => vector(kernel.ergodic().unwrap().probabilities().to_vec()),
        "edges" => vector(grid.edges().to_vec()),
        "support" => vector(grid.support().to_vec()),
        "quantiles" => vector([0.25, 0.5, 0.75].map(|p| given.quantile(p))),
        "density" => vector(places().iter().map(|y| given.evaluate(*y))),
        "explained" => scalar(kernel.explained()),
        other => panic!("no quantity {other}"),
    }
}
