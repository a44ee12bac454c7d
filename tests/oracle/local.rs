//! Local statistics beside spdep, esda and GeoDa.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, columbus, data, json, main_folder, named, scalar, vector};

/// Draws where p-values of another program's draws are rebuilt from our counts.
const DRAWS: usize = 99_999;

/// What only the counts of draws need waits for them; statistics are asked for with few.
fn few() -> Permutations<'static> {
    Permutations::new(9)
}

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    if case["data"] == "columbus of GeoDa" {
        return geoda(case, wanted);
    }
    let d = data(case);
    let w = d.weights.as_ref().unwrap();
    let source = source(case);
    let x = |name: &str| d.table.variable(name).unwrap();
    let indicator = |name: &str| numbers(&source[name]);
    wanted
        .iter()
        .map(|q| {
            let numbers = match *q {
                "local c" => vector(LocalGeary::of(x("CRIME"), w, few()).unwrap().c().to_vec()),
                "local c of two" => vector(of_many(&["CRIME", "INC"], &d.table, w)),
                "local c of three" => vector(of_many(&["CRIME", "INC", "HOVAL"], &d.table, w)),
                "z of G" => vector(LocalGetisOrd::g(x("CRIME"), w, few()).unwrap().z().to_vec()),
                "sums of G" => vector(
                    LocalGetisOrd::g(x("CRIME"), w, few())
                        .unwrap()
                        .sums()
                        .to_vec(),
                ),
                "G" => vector(
                    LocalGetisOrd::g(x("CRIME"), w, few())
                        .unwrap()
                        .ratio()
                        .unwrap(),
                ),
                "z of G*" => vector(
                    LocalGetisOrd::g_star(x("CRIME"), w, few())
                        .unwrap()
                        .z()
                        .to_vec(),
                ),
                "G*" => vector(
                    LocalGetisOrd::g_star(x("CRIME"), w, few())
                        .unwrap()
                        .ratio()
                        .unwrap(),
                ),
                "LOSH" => losh(&Losh::of(x("CRIME"), w, few()).unwrap()),
                "local L" => vector(
                    LocalLee::of(x("CRIME"), x("INC"), w, few())
                        .unwrap()
                        .l()
                        .to_vec(),
                ),
                "local bivariate I" => vector(bivariate(w, &d.table).i().to_vec()),
                // W has rows that sum to one: Σ I_i / (n - 1) is the slope of W y on x.
                "slope of bivariate I" => scalar(bivariate(w, &d.table).i().sum() / 48.0),
                "join counts" => {
                    let high = indicator("high");
                    vector(
                        LocalJoinCounts::of(&high, w, few())
                            .unwrap()
                            .counts()
                            .to_vec(),
                    )
                }
                "BJC" => {
                    let (high, poor) = (indicator("high"), indicator("poor"));
                    let local = LocalJoinCounts::bivariate(&high, &poor, w, few()).unwrap();
                    vector(local.counts().to_vec())
                }
                "CLC" => {
                    let (high, poor) = (indicator("high"), indicator("poor"));
                    let local = LocalJoinCounts::colocation(&high, &poor, w, few()).unwrap();
                    vector(local.counts().to_vec())
                }
                "FDR" => vector(Adjustment::Fdr.adjust(&total_p(&source))),
                "Bonferroni" => vector(Adjustment::Bonferroni.adjust(&total_p(&source))),
                // p.adjustSP takes the p-value of a unit for one of as many tests as it has neighbours, plus one, and adjusts it alone:
                // with any method min(1, (k_i + 1) p_i). It is a correction for the neighbourhood, not for the map.
                "p.adjustSP" => vector(total_p(&source).iter().zip(w.cardinalities()).map(
                    |(&p, k)| {
                        let as_many = vec![p; k + 1];
                        Adjustment::Bonferroni.adjust(&as_many)[0]
                    },
                )),
                other => panic!("no quantity {other} of local statistics"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}

fn source(case: &Value) -> Value {
    let folder = main_folder().join("tests/oracle");
    json(&folder.join(case["source"].as_str().unwrap()))
}

fn numbers(values: &Value) -> Vec<f64> {
    let values = values.as_array().unwrap().iter();
    values.map(|v| v.as_f64().unwrap()).collect()
}

fn of_many(names: &[&str], table: &Table, w: &Weights) -> Vec<f64> {
    let variables = names.iter().map(|n| table.variable(n).unwrap());
    LocalGeary::of_many(variables, w, few())
        .unwrap()
        .c()
        .to_vec()
}

fn bivariate(w: &Weights, table: &Table) -> LocalBivariateMoran {
    let (x, y) = (
        table.variable("CRIME").unwrap(),
        table.variable("INC").unwrap(),
    );
    LocalBivariateMoran::of(x, y, w, few()).unwrap()
}

/// The columns of `LOSH.cs`.
fn losh(local: &Losh) -> Numbers {
    let (z, p) = (local.chi_squared(), local.chi_squared_p_values());
    named((0..local.h().len()).flat_map(|i| {
        let row = [
            local.h()[i],
            1.0,
            local.variance()[i],
            z[i],
            local.local_means()[i],
            local.residuals()[i],
            p[i],
        ];
        (row.into_iter().enumerate()).map(move |(k, v)| (format!("{i},{k}"), v))
    }))
}

/// p of spdep's local Moran under total randomisation, which its adjusted ones are of.
fn total_p(source: &Value) -> Vec<f64> {
    let rows = source["localmoran_total"]["values"].as_array().unwrap();
    rows.iter().map(|row| row[4].as_f64().unwrap()).collect()
}

/// What GeoDa tells of one statistic.
struct Geoda {
    values: Vec<f64>,
    at_least: Vec<usize>,
    /// Labels of units whose two-sided p is at most 0.1, in GeoDa's words.
    labels: Vec<&'static str>,
}

/// Over GeoDa's own neighbours, row-standardised. GeoDa and esda fold p: (1 + min(c, R - c)) / (1 + R), with c the draws at least as large, is
/// half a two-sided p-value; its map at 0.05 is ours at 0.1.
fn geoda(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let source = source(case);
    let (table, _) = columbus();
    let queen = json(&main_folder().join("tests/oracle/12_pygeoda_lisa.json"));
    let rows = queen["queen"]["neighbors"].as_array().unwrap();
    let links = rows.iter().enumerate().flat_map(|(i, row)| {
        let row = row.as_array().unwrap().iter();
        row.map(move |j| (i.to_string(), j.to_string(), 1.0))
    });
    let w = Weights::from_links(table.units(), links).unwrap();
    let w = w.row_standardized().unwrap();
    let x = |name: &str| table.variable(name).unwrap();
    let statistic = case["statistic"].as_str().unwrap();
    let draws = if wanted.contains(&"folded p") {
        DRAWS
    } else {
        9
    };
    let permutations = Permutations::new(draws).seed(1);
    let found = match statistic {
        "local_moran" => {
            let local = LocalMoran::of(x("CRIME"), &w, permutations).unwrap();
            let labels = local.clusters(0.1, None).unwrap();
            Geoda {
                // GeoDa divides by n - 1.
                values: local.i().iter().map(|i| i * 48.0 / 49.0).collect(),
                at_least: local.at_least(),
                labels: labels
                    .iter()
                    .map(|l| match l {
                        Cluster::HighHigh => "High-High",
                        Cluster::LowLow => "Low-Low",
                        Cluster::HighLow => "High-Low",
                        Cluster::LowHigh => "Low-High",
                        _ => "Not significant",
                    })
                    .collect(),
            }
        }
        "local_geary" => {
            let local = LocalGeary::of(x("CRIME"), &w, permutations).unwrap();
            let labels = local.clusters(0.1, None).unwrap();
            Geoda {
                values: local.c().to_vec(),
                at_least: local.at_least(),
                labels: labels
                    .iter()
                    .map(|l| match l {
                        GearyCluster::HighHigh => "High-High",
                        GearyCluster::LowLow => "Low-Low",
                        GearyCluster::OtherPositive => "Other Positive",
                        GearyCluster::Negative => "Negative",
                        _ => "Not significant",
                    })
                    .collect(),
            }
        }
        "local_g" | "local_gstar" => {
            let local = if statistic == "local_g" {
                LocalGetisOrd::g(x("CRIME"), &w, permutations).unwrap()
            } else {
                LocalGetisOrd::g_star(x("CRIME"), &w, permutations).unwrap()
            };
            let labels = local.clusters(0.1, None).unwrap();
            Geoda {
                values: local.ratio().unwrap().to_vec(),
                at_least: local.at_least(),
                labels: labels
                    .iter()
                    .map(|l| match l {
                        HotSpot::Hot => "High-High",
                        HotSpot::Cold => "Low-Low",
                        _ => "Not significant",
                    })
                    .collect(),
            }
        }
        "local_bimoran" => Geoda {
            values: bivariate(&w, &table).i().to_vec(),
            at_least: Vec::new(),
            labels: Vec::new(),
        },
        other => panic!("no statistic {other}"),
    };
    let theirs = &source[statistic];
    let seeds = case["seeds"].as_str().map_or(Value::Null, |file| {
        json(&main_folder().join("tests/oracle").join(file))
    });
    wanted
        .iter()
        .map(|q| {
            let numbers = match *q {
                "values" => vector(found.values.iter().copied()),
                "folded p" => {
                    let r = DRAWS as f64;
                    let p: Vec<f64> = found
                        .at_least
                        .iter()
                        .map(|&c| (1 + c.min(DRAWS - c)) as f64 / (r + 1.0))
                        .collect();
                    // Ours and theirs are two runs: four errors of their difference, where theirs is of independent draws. GeoDa's are
                    // not: its error is the root mean square over seeds of what its p-values differ by from ours, up to eight
                    // times that of independent draws, and its tails are heavy, so that five of it are allowed.
                    let own = |p: f64| p * (1.0 - p) / r;
                    let errors = p.iter().enumerate().map(|(i, &p)| {
                        let error = if seeds[statistic].is_null() {
                            4.0 * (2.0 * own(p)).sqrt()
                        } else {
                            let [mean, sd] =
                                ["mean", "sd"].map(|k| seeds[statistic][k][i].as_f64().unwrap());
                            5.0 * (own(p) + sd * sd + (mean - p).powi(2)).sqrt()
                        };
                        (format!("±{i}"), error + 1.0 / r)
                    });
                    let errors = named(errors);
                    vector(p.iter().copied())
                        .into_iter()
                        .chain(errors)
                        .collect()
                }
                "clusters" => {
                    let labels = theirs["labels"].as_array().unwrap();
                    let code = |l: &str| labels.iter().position(|k| k == l).unwrap() as f64;
                    let p = numbers(&theirs["p_99999"]);
                    let clusters = numbers(&theirs["clusters_999"]);
                    // Where p is within four errors of 999 draws of the threshold, their label is one of that run.
                    let near = |p: f64| (p - 0.05).abs() < 4.0 * (0.05 * 0.95 / 999.0_f64).sqrt();
                    let compared = p.iter().filter(|&&p| !near(p)).count();
                    assert!(
                        compared >= 35,
                        "{statistic}: {compared} labels are compared"
                    );
                    vector((0..49).map(|i| {
                        if near(p[i]) {
                            clusters[i]
                        } else {
                            code(found.labels[i])
                        }
                    }))
                }
                other => panic!("no quantity {other} of GeoDa"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
