//! Moran's I under normality: exact, by the saddle point, and by moments, global and local.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, data, named, scalar};

const ALTERNATIVES: [(&str, Alternative); 3] = [
    ("greater", Alternative::Greater),
    ("less", Alternative::Less),
    ("two.sided", Alternative::TwoSided),
];

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let d = data(case);
    let w = d.weights.as_ref().unwrap();
    let name = case["variable"].as_str().unwrap();
    let x = || d.table.variable(name).unwrap();
    // Of the variable, or of its residuals from a regression.
    let on: Option<Vec<&str>> = case["on"]
        .as_array()
        .map(|on| on.iter().map(|v| v.as_str().unwrap()).collect());
    let test = |exact: bool, alternative: Alternative| -> TestResult {
        match &on {
            None => {
                let moran = Moran::of(x(), w).unwrap();
                if exact {
                    moran.exact(alternative)
                } else {
                    moran.saddlepoint(alternative)
                }
            }
            Some(on) => {
                let fit = Regression::of(name).on(on.clone()).fit(&d.table).unwrap();
                let moran = fit.residual_moran(w).unwrap();
                if exact {
                    moran.exact(alternative)
                } else {
                    moran.saddlepoint(alternative)
                }
            }
        }
        .unwrap()
    };
    let p = |exact: bool| named(ALTERNATIVES.map(|(n, a)| (n, test(exact, a).p_value)));
    wanted
        .iter()
        .map(|q| {
            let numbers = match *q {
                "I" => scalar(test(true, Alternative::Less).statistic),
                "exact p" => p(true),
                "exact upper tail" => scalar(test(true, Alternative::Greater).p_value),
                "saddlepoint p" => p(false),
                "saddlepoint z" => scalar(test(false, Alternative::Less).statistic),
                other => panic!("no quantity {other} of normality"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
