//! Moran's I, global and local.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, data, named, scalar, vector};

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let d = data(case);
    let w = d.weights.as_ref().unwrap();
    let name = case["variable"].as_str().unwrap();
    // One cross-section, or every period of a panel.
    let logs = case["logs"].as_bool().unwrap_or(false);
    let series: Vec<Moran> = match &d.panel {
        None => vec![Moran::of(d.table.variable(name).unwrap(), w).unwrap()],
        Some(panel) => panel
            .periods()
            .iter()
            .map(|&p| {
                let x = panel
                    .variable_at(name, p)
                    .unwrap()
                    .values()
                    .mapv(|v| if logs { v.ln() } else { v });
                Moran::of(&x, w).unwrap()
            })
            .collect(),
    };
    let tests = |a: Assumption| {
        series
            .iter()
            .map(|m| m.test(a, Alternative::TwoSided).unwrap())
            .collect::<Vec<_>>()
    };
    let one = &series[0];
    let estimate = |variance: f64| {
        named([
            ("Moran I statistic", one.i()),
            ("Expectation", one.expectation()),
            ("Variance", variance),
        ])
    };
    wanted
        .iter()
        .map(|q| {
            let numbers = match *q {
                "I by year" => vector(series.iter().map(Moran::i)),
                "z by year" => vector(tests(Assumption::Randomization).iter().map(|t| t.statistic)),
                "p by year" => vector(tests(Assumption::Randomization).iter().map(|t| t.p_value)),
                "randomisation" => estimate(one.variance(Assumption::Randomization).unwrap()),
                "randomisation z" => scalar(tests(Assumption::Randomization)[0].statistic),
                "randomisation p" => scalar(tests(Assumption::Randomization)[0].p_value),
                "normality" => estimate(one.variance(Assumption::Normality).unwrap()),
                "normality z" => scalar(tests(Assumption::Normality)[0].statistic),
                "normality p" => scalar(tests(Assumption::Normality)[0].p_value),
                "local I" => {
                    let x = d.table.variable(name).unwrap();
                    vector(
                        LocalMoran::of(x, w, Permutations::new(99))
                            .unwrap()
                            .i()
                            .iter()
                            .copied(),
                    )
                }
                other => panic!("no quantity {other} of dependence"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
