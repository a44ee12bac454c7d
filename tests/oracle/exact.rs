//! Moran's I under normality: exact, by the saddle point, and by moments, global and local.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::LocalAssumption::{Conditional, Total};
use spatialecon::*;

use crate::{Numbers, data, named, scalar, vector};

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
    let local = |alternative: Alternative| {
        let local = LocalMoran::of(x(), w, Permutations::new(1)).unwrap();
        local.alternative(alternative)
    };
    let moments = |assumption: LocalAssumption| local(Alternative::TwoSided).moments(assumption);
    // The p-values of every unit against the three alternatives.
    let local_p = |of: &dyn Fn(LocalMoran) -> ndarray::Array1<f64>| {
        named(ALTERNATIVES.iter().flat_map(|&(name, a)| {
            let p = of(local(a)).to_vec();
            let names = (0..p.len()).map(move |unit| format!("{name},{unit}"));
            names.zip(p).collect::<Vec<_>>()
        }))
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
                "local I" => vector(local(Alternative::Less).i().iter().copied()),
                "local exact z" => vector(local(Alternative::Less).exact().unwrap().z),
                "local exact p" => local_p(&|l| l.exact().unwrap().p_values),
                "local exact upper tail" => {
                    vector(local(Alternative::Greater).exact().unwrap().p_values)
                }
                "local saddlepoint z" => vector(local(Alternative::Less).saddlepoint().unwrap().z),
                "local saddlepoint p" => local_p(&|l| l.saddlepoint().unwrap().p_values),
                "conditional expectation" => vector(moments(Conditional).unwrap().expectation),
                "conditional variance" => vector(moments(Conditional).unwrap().variance),
                "conditional z" => vector(moments(Conditional).unwrap().z),
                "conditional p" => local_p(&|l| l.moments(Conditional).unwrap().p_values),
                "total expectation" => vector(moments(Total).unwrap().expectation),
                "total variance" => vector(moments(Total).unwrap().variance),
                "total z" => vector(moments(Total).unwrap().z),
                "total p" => local_p(&|l| l.moments(Total).unwrap().p_values),
                other => panic!("no quantity {other} of normality"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
