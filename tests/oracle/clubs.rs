//! Clubs of beta by threshold beside a search by brute force.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Data, Numbers, data, json, main_folder, scalar, vector};

fn clubs(case: &Value, draws: usize) -> BetaClubs {
    let Data {
        growth, weights, ..
    } = data(case);
    let (growth, w) = (growth.unwrap(), weights.unwrap());
    let neighbours = w.lag(&growth.table().values("ln_initial").unwrap().to_owned());
    let growth = growth.column("w_initial", neighbours.unwrap()).unwrap();
    let regression = if case["durbin"].as_bool().unwrap() {
        growth.regression().durbin(&w)
    } else {
        growth.regression()
    };
    let by = case["by"].as_str().unwrap();
    BetaClubs::by_threshold(&growth, &regression, by, Draws::new(draws).seed(28)).unwrap()
}

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let clubs = clubs(case, 100);
    let t = clubs.threshold().unwrap();
    let of = |f: fn(&BetaClub) -> f64| vector(clubs.clubs().iter().map(f));
    wanted
        .iter()
        .map(|q| {
            let numbers = match *q {
                "threshold" => scalar(t.value),
                "sums of squares" => vector([t.sum_of_squares, t.sum_of_squares_of_one]),
                "sup-LM" => scalar(t.test.statistic),
                "scale" => scalar(t.scale),
                "values" => vector(t.likelihood_ratios.iter().map(|r| r.0)),
                "likelihood ratios" => vector(t.likelihood_ratios.iter().map(|r| r.1)),
                "confidence set" => vector(t.confidence_set(0.95)),
                "homoskedastic confidence set" => vector(t.homoskedastic_confidence_set(0.95)),
                "n" => of(|c| c.n as f64),
                "beta" => of(|c| c.beta.value),
                "beta se" => of(|c| c.beta.std_error),
                other => panic!("no quantity {other} of clubs"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}

/// The two bootstraps have draws of their own: their p-values differ by Monte-Carlo error.
#[test]
fn bootstrap_p_values_agree_with_another_program() {
    let folder = main_folder().join("tests/oracle");
    let cases = json(&folder.join("cases.json"));
    let source = json(&folder.join("28_threshold.json"));
    let mut count = 0;
    for case in cases.as_array().unwrap() {
        if case["kind"] != "clubs" {
            continue;
        }
        count += 1;
        let theirs = &source[case["part"].as_str().unwrap()];
        let p = theirs["bootstrap p"].as_f64().unwrap();
        let replicates = theirs["bootstrap replicates"].as_f64().unwrap();
        let draws = 9_999;
        let ours = clubs(case, draws).threshold().unwrap().test.p_value;
        let se = (p * (1.0 - p) * (1.0 / replicates + 1.0 / draws as f64)).sqrt();
        assert!((ours - p).abs() < 4.0 * se, "{ours} and {p}, {se}");
    }
    assert_eq!(count, 3);
}
