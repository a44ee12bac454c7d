//! The global statistics beside Moran's I: Geary, G, join counts, Lee, bivariate, rates, APLE, correlograms.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, columbus, data, json, main_folder, named, scalar, vector};

/// Numbers of a list in the case's source.
fn source(case: &Value, at: &str) -> Vec<f64> {
    let path = main_folder()
        .join("tests/oracle")
        .join(case["source"].as_str().unwrap());
    let source = json(&path);
    let list = source.pointer(at).unwrap().as_array().unwrap().clone();
    list.iter().map(|v| v.as_f64().unwrap()).collect()
}

fn weights(case: &Value) -> Weights {
    if case["neighbours"].as_u64().is_none() {
        return data(case).weights.unwrap();
    }
    let points = columbus().0.points_planar("X", "Y").unwrap();
    let k = usize::try_from(case["neighbours"].as_u64().unwrap()).unwrap();
    let w = Weights::k_nearest(&points, k).unwrap();
    match case["style"].as_str().unwrap() {
        "W" => w.row_standardized().unwrap(),
        "B" => w,
        other => panic!("no style {other}"),
    }
}

fn table(case: &Value) -> Table {
    let d = data(case);
    match (case["year"].as_i64(), d.panel) {
        (Some(year), Some(panel)) => panel.at(i32::try_from(year).unwrap()).unwrap(),
        _ => d.table,
    }
}

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let (w, table) = (weights(case), table(case));
    let x = |key: &str| table.variable(case[key].as_str().unwrap()).unwrap();
    let statistic = case["statistic"].as_str().unwrap();
    let of = |quantity: &str| match statistic {
        "Geary" => geary(&Geary::of(x("variable"), &w).unwrap(), quantity),
        "G" => {
            let g = GetisOrd::of(x("variable"), &w).unwrap();
            let test = g.test(Alternative::TwoSided).unwrap();
            match quantity {
                "moments" => named([
                    ("Global G statistic", g.g()),
                    ("Expectation", g.expectation()),
                    ("Variance", g.variance().unwrap()),
                ]),
                "G" => scalar(g.g()),
                "E" => scalar(g.expectation()),
                "variance" => scalar(g.variance().unwrap()),
                "z" => scalar(test.statistic),
                "p" => scalar(test.p_value),
                other => panic!("no quantity {other} of G"),
            }
        }
        "join counts" => join_counts(&x("variable"), &w, quantity),
        "Lee" => {
            let lee = Lee::of(x("variable"), x("other"), &w).unwrap();
            match quantity {
                "L" => scalar(lee.l()),
                "E" => scalar(lee.expectation()),
                "variance" => scalar(lee.variance().unwrap()),
                other => panic!("no quantity {other} of Lee's L"),
            }
        }
        "bivariate Moran" => scalar(
            BivariateMoran::of(x("variable"), x("other"), &w)
                .unwrap()
                .i(),
        ),
        "APLE" => scalar(Aple::of(x("variable"), &w).unwrap().rho()),
        "rates" => {
            let at = |name: &str| format!("{}/{name}", case["at"].as_str().unwrap());
            let (e, p) = (source(case, &at("events")), source(case, &at("population")));
            match quantity {
                "rates" => vector(standardized_rates(&e, &p).unwrap()),
                "I" => scalar(Moran::of_rates(&e, &p, &w).unwrap().i()),
                other => panic!("no quantity {other} of rates"),
            }
        }
        "correlogram" => correlogram(&x("variable"), &w, case, quantity),
        other => panic!("no statistic {other}"),
    };
    wanted.iter().map(|q| ((*q).to_owned(), of(q))).collect()
}

fn geary(geary: &Geary, quantity: &str) -> Numbers {
    let assumption = if quantity.contains("normality") {
        Assumption::Normality
    } else {
        Assumption::Randomization
    };
    let variance = geary.variance(assumption).unwrap();
    let test = geary.test(assumption, Alternative::TwoSided).unwrap();
    match quantity {
        "randomisation" | "normality" => named([
            ("Geary C statistic", geary.c()),
            ("Expectation", geary.expectation()),
            ("Variance", variance),
        ]),
        "C" => scalar(geary.c()),
        "randomisation variance" | "normality variance" => scalar(variance),
        "randomisation z" | "normality z" => scalar(test.statistic),
        // the z of spdep has the other sign
        "randomisation -z" | "normality -z" => scalar(-test.statistic),
        "randomisation p" | "normality p" => scalar(test.p_value),
        other => panic!("no quantity {other} of Geary's C"),
    }
}

/// The variable above its median or not, or cut at 25 and 40.
fn join_counts(x: &Variable<'_>, w: &Weights, quantity: &str) -> Numbers {
    let values = x.values();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let high: Vec<f64> = values
        .iter()
        .map(|&v| f64::from(u8::from(v > sorted[values.len() / 2])))
        .collect();
    let two = JoinCounts::of(&high, w).unwrap();
    match quantity {
        "bb" => return scalar(two.bb().unwrap()),
        "bw" => return scalar(two.bw().unwrap()),
        "ww" => return scalar(two.ww().unwrap()),
        _ => {}
    }
    let (counts, names) = match quantity {
        "two categories" => (two, ["low", "high"].as_slice()),
        "three categories" => {
            let labels: Vec<&str> = values
                .iter()
                .map(|&v| match v {
                    v if v <= 25.0 => "a",
                    v if v <= 40.0 => "b",
                    _ => "c",
                })
                .collect();
            (
                JoinCounts::of_labels(&labels, w).unwrap(),
                ["a", "b", "c"].as_slice(),
            )
        }
        other => panic!("no quantity {other} of join counts"),
    };
    let mut all = Numbers::new();
    let mut add = |name: &str, join: &JoinCount| {
        let test = join.test(Alternative::Greater).unwrap();
        all.extend([
            (format!("{name},Joincount"), join.count()),
            (format!("{name},Expected"), join.expectation()),
            (format!("{name},Variance"), join.variance().unwrap()),
            (format!("{name},z-value"), test.statistic),
        ]);
    };
    let own = counts.categories();
    for (r, first) in names.iter().enumerate() {
        for (s, second) in names.iter().enumerate().skip(r) {
            let name = format!("{second}:{first}");
            add(&name, counts.join(&own[r], &own[s]).unwrap());
        }
    }
    add("Jtot", counts.different());
    all
}

fn correlogram(x: &Variable<'_>, w: &Weights, case: &Value, quantity: &str) -> Numbers {
    let orders = usize::try_from(case["orders"].as_u64().unwrap()).unwrap();
    let found = Correlogram::by_order(x.clone(), w, orders).unwrap();
    let under = (Assumption::Randomization, Alternative::TwoSided);
    let rows = |table: Table| {
        let names = ["estimate", "expectation", "variance"];
        let columns = names.map(|c| table.values(c).unwrap().to_vec());
        (0..orders)
            .flat_map(|k| (0..3).map(move |c| (k, c)))
            .map(|(k, c)| (format!("{k},{c}"), columns[c][k]))
            .collect()
    };
    match quantity {
        "I" => rows(found.moran_table(under.0, under.1).unwrap()),
        "C" => rows(found.geary_table(under.0, under.1).unwrap()),
        "correlation" => vector(found.classes().iter().map(|c| c.correlation().unwrap())),
        other => panic!("no quantity {other} of a correlogram"),
    }
}
