//! Markov chains, their spatial forms, and indices of mobility.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2};
use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, data, json, main_folder, scalar, vector};

fn matrix(m: ArrayView2<'_, f64>) -> Numbers {
    m.indexed_iter()
        .map(|((i, j), v)| (format!("{i},{j}"), *v))
        .collect()
}

/// A matrix for each of several chains.
fn matrices<'a>(
    chains: impl IntoIterator<Item = &'a MarkovChain>,
    of: &dyn Fn(&MarkovChain) -> Array2<f64>,
) -> Numbers {
    let each = chains.into_iter().enumerate();
    each.flat_map(|(s, chain)| {
        let one = matrix(of(chain).view());
        one.into_iter().map(move |(n, v)| (format!("{s},{n}"), v))
    })
    .collect()
}

fn years(value: &Value) -> Vec<i32> {
    let years = value.as_array().unwrap().iter();
    years
        .map(|y| i32::try_from(y.as_i64().unwrap()).unwrap())
        .collect()
}

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let (panel, w) = {
        let data = data(case);
        (data.panel.unwrap(), data.weights.unwrap())
    };
    let column = case["variable"].as_str().unwrap();
    let classes = |k: &Value| {
        let mut classes = Classes::quantiles(k.as_u64().unwrap() as usize);
        if case["by period"] == true {
            classes = classes.by_period();
        }
        if case["relative"] == true {
            classes = classes.relative();
        }
        classes
    };
    let chain = || match case["chain"].as_str().unwrap() {
        "classes" => {
            let chain = MarkovChain::of(&panel, column, &classes(&case["k"])).unwrap();
            match case["step"].as_u64() {
                Some(s) => chain.step(s as usize).unwrap(),
                None => chain,
            }
        }
        "full rank" => MarkovChain::full_rank(&panel, column, RankTies::InUnitOrder).unwrap(),
        "geographic rank" => {
            MarkovChain::geographic_rank(&panel, column, RankTies::InUnitOrder).unwrap()
        }
        "lisa" => LisaMarkov::of(&panel, column, &w).unwrap().chain().clone(),
        "given" => {
            let source = json(
                &main_folder()
                    .join("tests/oracle")
                    .join(case["source"].as_str().unwrap()),
            );
            let rows = source
                .pointer(case["transitions"].as_str().unwrap())
                .unwrap();
            let rows: Vec<Vec<f64>> = serde_json::from_value(rows.clone()).unwrap();
            let counts = Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| rows[i][j]);
            MarkovChain::from_transitions(counts).unwrap()
        }
        other => panic!("no chain {other}"),
    };
    let spatial = || {
        let lag = classes(if case["m"].is_null() {
            &case["k"]
        } else {
            &case["m"]
        });
        SpatialMarkov::with_lag_classes(&panel, column, &w, &classes(&case["k"]), &lag).unwrap()
    };
    let conditional = || -> Vec<MarkovChain> {
        let spatial = spatial();
        (0..spatial.lag_classes())
            .map(|s| spatial.conditional(s).unwrap().clone())
            .collect()
    };
    let lisa = || LisaMarkov::of(&panel, column, &w).unwrap();
    let homogeneity = || {
        if let Some(label) = case["label"].as_str() {
            chain().homogeneity_across(&panel, label).unwrap()
        } else if case["breaks"] == "all" {
            let breaks = panel.periods()[1..panel.periods().len() - 1].to_vec();
            chain().homogeneity_over_time(breaks).unwrap()
        } else {
            chain()
                .homogeneity_over_time(years(&case["breaks"]))
                .unwrap()
        }
    };
    let both = |test: ChainTest| {
        let Distribution::ChiSquared { df } = test.pearson.distribution else {
            panic!("another distribution")
        };
        vector([test.pearson.statistic, test.likelihood_ratio.statistic, df])
    };
    let chi2 = |test: TestResult| scalar(test.statistic);
    let index = |index: MobilityIndex| scalar(chain().mobility(index).unwrap());
    let passage = |j: usize| {
        let times = chain().passage_to(j).unwrap();
        vector(times.into_iter().map(Option::unwrap))
    };
    let sojourn = |never: f64| {
        let times = chain().sojourn_times().unwrap();
        vector(times.into_iter().map(|s| s.unwrap_or(never)))
    };
    let first = |v: Numbers, n: usize| -> Numbers {
        (0..n).map(|i| (i.to_string(), v[&i.to_string()])).collect()
    };
    let times = || chain().mean_first_passage().unwrap();
    let against = || {
        let k = chain().k();
        let given = Array2::from_shape_fn((k, k), |(i, j)| {
            0.8 * f64::from(u8::from(i == j)) + 0.2 / k as f64
        });
        chain().test_against(given.view()).unwrap()
    };
    wanted
        .iter()
        .map(|q| {
            let numbers = match *q {
                "transitions" => matrix(chain().transitions()),
                "transitions first row" => vector(chain().transitions().row(0).to_vec()),
                "probabilities" => matrix(chain().probabilities().unwrap().view()),
                "std errors" => matrix(chain().standard_errors().unwrap().view()),
                "cut points" => vector(chain().cut_points().unwrap().row(0).to_vec()),
                "ergodic" => vector(chain().ergodic().unwrap().shares().to_vec()),
                "sojourn" => sojourn(-1.0),
                "sojourn of five" => first(sojourn(-1.0), 5),
                "mfpt" => matrix(times().view()),
                "mfpt first row" => vector(times().row(0).to_vec()),
                "mfpt last row" => vector(times().rows().into_iter().next_back().unwrap().to_vec()),
                "mfpt from first to last" => scalar(times()[[0, chain().k() - 1]]),
                "to third" => passage(2),
                "to fourth" => passage(3),
                "prais" => vector(chain().prais().unwrap()),
                "P" => index(MobilityIndex::Trace),
                "D" => index(MobilityIndex::Determinant),
                "L2" => index(MobilityIndex::SecondEigenvalue),
                "B1" => index(MobilityIndex::Leaving(InitialDistribution::Uniform)),
                "B2" => index(MobilityIndex::Crossings(InitialDistribution::Uniform)),
                "observed B1" => index(MobilityIndex::Leaving(InitialDistribution::Observed)),
                "observed B2" => index(MobilityIndex::Crossings(InitialDistribution::Observed)),
                "ergodic B1" => index(MobilityIndex::Leaving(InitialDistribution::Ergodic)),
                "first B2" => index(MobilityIndex::Crossings(InitialDistribution::First)),
                "second eigenvalue" => scalar(chain().second_eigenvalue().unwrap()),
                "half-life" => scalar(chain().half_life().unwrap()),
                "Q" => chi2(homogeneity().pearson()),
                "LR" => chi2(homogeneity().likelihood_ratio()),
                "Q p" => scalar(homogeneity().pearson().p_value),
                "LR p" => scalar(homogeneity().likelihood_ratio().p_value),
                "df" => scalar(homogeneity().df() as f64),
                "first order" => both(chain().order_test(1).unwrap()),
                "second order" => both(chain().order_test(2).unwrap()),
                "against Q" => chi2(against().pearson),
                "against LR" => chi2(against().likelihood_ratio),
                "against df" => first(both(against()), 3)
                    .remove("2")
                    .map_or_else(Numbers::new, scalar),
                "spatial transitions" => matrices(&conditional(), &|c| c.transitions().to_owned()),
                "spatial probabilities" => {
                    matrices(&conditional(), &|c| c.probabilities().unwrap())
                }
                "spatial ergodic" => matrices(&conditional(), &|c| {
                    c.ergodic()
                        .unwrap()
                        .shares()
                        .insert_axis(ndarray::Axis(0))
                        .to_owned()
                })
                .into_iter()
                .map(|(n, v)| (n.replacen(",0,", ",", 1), v))
                .collect(),
                "spatial mfpt" => matrices(&conditional(), &|c| c.mean_first_passage().unwrap()),
                "pooled transitions" => matrix(spatial().pooled().transitions()),
                "pooled probabilities" => {
                    matrix(spatial().pooled().probabilities().unwrap().view())
                }
                "pooled ergodic" => vector(spatial().pooled().ergodic().unwrap().shares().to_vec()),
                "pooled cut points" => {
                    vector(spatial().pooled().cut_points().unwrap().row(0).to_vec())
                }
                "lag cut points" => vector(spatial().lag().cut_points().unwrap().row(0).to_vec()),
                "spatial Q" => chi2(spatial().homogeneity().unwrap().pearson()),
                "spatial LR" => chi2(spatial().homogeneity().unwrap().likelihood_ratio()),
                "spatial df" => scalar(spatial().homogeneity().unwrap().df() as f64),
                "first class chi2" => chi2(spatial().against_pooled(0).unwrap().pearson),
                "class chi2" => {
                    let spatial = spatial();
                    vector(
                        (0..spatial.lag_classes())
                            .map(|s| spatial.against_pooled(s).unwrap().pearson.statistic),
                    )
                }
                "against rest Q" => chi2(spatial().against_rest(0).unwrap().pearson),
                "against rest df" => both(spatial().against_rest(0).unwrap())
                    .remove("2")
                    .map_or_else(Numbers::new, scalar),
                "lisa expected" => matrix(lisa().expected().view()),
                "lisa chi2" => chi2(lisa().independence().unwrap().pearson),
                "lisa LR" => chi2(lisa().independence().unwrap().likelihood_ratio),
                other => panic!("no quantity {other}"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
