//! Our numbers beside those of independent programs.
//!
//! `tests/oracle/cases.json` lists the cases: data, specification, the file in which another program's values stand (with
//! the call that made them, beside the script that made the file), and for each quantity the place of the expected values
//! and a tolerance class. Whole vectors are compared, element by element and by name. One test runs them all, prints the
//! worst deviation of each quantity (`cargo test --test oracle -- --nocapture`) and fails where a model has no case.

// `!(x <= y)` counts NaN as a failure.
#![allow(clippy::neg_cmp_op_on_partial_ord)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use spatialecon::*;

mod clubs;
mod convergence;
mod density;
mod dependence;
mod exact;
mod exchange;
mod global;
mod local;
mod mobility;
mod panel;
mod regression;
mod transition;
mod unit_roots;
mod weights;

/// Named numbers: the elements of a scalar, vector or matrix.
pub type Numbers = BTreeMap<String, f64>;

/// Relative and absolute tolerance of a class; the absolute one is multiplied by the largest element of the vector, but for
/// `derived`, whose absolute part stands as it is.
fn tolerance(class: &str) -> (f64, f64) {
    match class {
        "exact" => (0.0, 0.0),
        "closed form" => (1e-12, 1e-12),
        "linear algebra" => (1e-10, 1e-10),
        // Tails of distributions: the incomplete beta and gamma functions behind them are good to about 1e-10.
        "tail" => (1e-9, 1e-14),
        // The integral of a distribution by integrate() of R, good to about 1e-12 where it is not small.
        "integral" => (1e-9, 1e-11),
        // spdep solves for the saddle point to a tolerance of 1.5e-8.
        "saddle point" => (1e-7, 1e-7),
        // Local statistics of spdep: integrate() at its default tolerance, and near the mean a saddle point that cancels. Both of
        // its styles should give the same numbers and differ by as much; thirty digits stand beside them (19_local_normal.json).
        "spdep integral" => (1e-7, 1e-8),
        "spdep saddle point" => (0.0, 2e-5),
        "log-determinant" => (1e-10, 1e-10),
        "optimised" => (1e-6, 1e-6),
        "curvature" => (1e-4, 1e-4),
        "derived" => (1e-6, 1e-6),
        // A reference printed with a limited number of digits, given to 1e-9.
        "printed 1e-9" => (1e-9, 1e-9),
        // Great circles of the mean sphere beside lengths on the WGS84 ellipsoid, whose radii of curvature are within this of its radius.
        "ellipsoid" => (5.7e-3, 0.0),
        other => panic!("no tolerance class `{other}`"),
    }
}

pub fn main_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Our name for a coefficient of another program.
fn our_name(name: &str) -> String {
    let name = name.strip_prefix("I(x - lambda * WX)").unwrap_or(name);
    match name {
        "(Intercept)" => "const".to_owned(),
        "sigma" => "sigma2".to_owned(),
        "y0" => "ln_initial".to_owned(),
        _ => name
            .strip_prefix("lag.")
            .map_or_else(|| name.to_owned(), |rest| format!("W {}", our_name(rest))),
    }
}

/// Every number below a JSON value, under a name made of keys and positions.
pub fn flatten(value: &Value) -> Numbers {
    let mut out = Numbers::new();
    match value {
        Value::Object(o) if o.contains_key("values") && o.contains_key("rows") => {
            let names = |key: &str| -> Option<Vec<String>> {
                Some(
                    o[key]
                        .as_array()?
                        .iter()
                        .map(|v| our_name(v.as_str().unwrap()))
                        .collect(),
                )
            };
            let (rows, columns) = (names("rows"), names("cols"));
            for (i, row) in o["values"].as_array().unwrap().iter().enumerate() {
                match row.as_array() {
                    Some(cells) => {
                        for (j, cell) in cells.iter().enumerate() {
                            let name = |n: &Option<Vec<String>>, i: usize| {
                                n.as_ref().map_or(i.to_string(), |n| n[i].clone())
                            };
                            out.insert(
                                format!("{},{}", name(&rows, i), name(&columns, j)),
                                cell.as_f64().unwrap(),
                            );
                        }
                    }
                    // A matrix of one column, exported as a vector.
                    None => {
                        out.insert(i.to_string(), row.as_f64().unwrap());
                    }
                }
            }
        }
        Value::Object(o) => {
            for (key, v) in o.iter().filter(|(key, _)| *key != "call") {
                for (rest, x) in flatten(v) {
                    let name = our_name(key);
                    out.insert(
                        if rest.is_empty() {
                            name
                        } else {
                            format!("{name},{rest}")
                        },
                        x,
                    );
                }
            }
        }
        Value::Array(a) => {
            for (i, v) in a.iter().enumerate() {
                for (rest, x) in flatten(v) {
                    out.insert(
                        if rest.is_empty() {
                            i.to_string()
                        } else {
                            format!("{i},{rest}")
                        },
                        x,
                    );
                }
            }
        }
        Value::Number(x) => {
            out.insert(String::new(), x.as_f64().unwrap());
        }
        Value::Bool(b) => {
            out.insert(String::new(), f64::from(u8::from(*b)));
        }
        other => panic!("not a number: {other}"),
    }
    out
}

pub fn scalar(x: f64) -> Numbers {
    Numbers::from([(String::new(), x)])
}

pub fn vector(values: impl IntoIterator<Item = f64>) -> Numbers {
    values
        .into_iter()
        .enumerate()
        .map(|(i, v)| (i.to_string(), v))
        .collect()
}

pub fn named<S: Into<String>>(values: impl IntoIterator<Item = (S, f64)>) -> Numbers {
    values.into_iter().map(|(n, v)| (n.into(), v)).collect()
}

/// The data sets that cases name.
pub struct Data {
    pub table: Table,
    pub weights: Option<Weights>,
    pub growth: Option<Growth>,
    pub panel: Option<Panel>,
}

pub fn columbus() -> (Table, Weights) {
    let folder = main_folder().join("tests/data/columbus");
    let table = Table::csv(folder.join("columbus.csv"))
        .columns(["CRIME", "INC", "HOVAL", "X", "Y", "DISCBD"])
        .labels(["NSA"])
        .read()
        .unwrap();
    let links = Table::csv(folder.join("links_230.csv"))
        .columns(["i", "j"])
        .read()
        .unwrap();
    let id = |v: &f64| format!("{}", *v as usize - 1);
    let pairs: Vec<(String, String, f64)> = links
        .values("i")
        .unwrap()
        .iter()
        .zip(links.values("j").unwrap())
        .map(|(i, j)| (id(i), id(j), 1.0))
        .collect();
    let w = Weights::from_links(table.units(), pairs).unwrap();
    (table, w)
}

pub fn us_states() -> (Panel, Weights) {
    let folder = main_folder().join("tests/data/us_income");
    let years: Vec<String> = (1929..=2009).map(|y: i32| y.to_string()).collect();
    let table = Table::csv(folder.join("usjoin.csv"))
        .unit("Name")
        .columns(years)
        .read()
        .unwrap();
    let w = Weights::read_gal(folder.join("states48.gal")).unwrap();
    // The ids of the file are the rows of the table, counted from 0, in another order of appearance or not: align, then name.
    let w = w
        .only(&Units::new((0..48).map(|i| i.to_string())).unwrap())
        .unwrap();
    (
        Panel::from_wide(&table, "income").unwrap(),
        w.relabelled(table.units()).unwrap(),
    )
}

/// GDP per head of the states of Mexico by decade.
fn mexico() -> (Panel, Weights) {
    let folder = main_folder().join("tests/data/mexico");
    let decades = (1940..=2000).step_by(10);
    let names: Vec<String> = decades.clone().map(|d: i32| format!("pcgdp{d}")).collect();
    let table = Table::csv(folder.join("mexico.csv"))
        .unit("State")
        .columns(names.clone())
        .labels(["hanson98"])
        .read()
        .unwrap();
    let mut gdp = ndarray::Array2::zeros((names.len(), table.len()));
    for (mut row, name) in gdp.rows_mut().into_iter().zip(&names) {
        row.assign(&table.values(name).unwrap());
    }
    let periods: Vec<i32> = decades.collect();
    let panel = Panel::from_columns(table.units(), &periods, [("gdp", gdp)]).unwrap();
    let panel = panel
        .label("hanson98", table.labels("hanson98").unwrap())
        .unwrap();
    let w = Weights::read_gal(folder.join("mexico.gal")).unwrap();
    let w = w.only(&Units::range(32)).unwrap();
    (panel, w.relabelled(table.units()).unwrap())
}

pub fn guangdong() -> (Panel, Weights) {
    let folder = main_folder().join("examples/data/guangdong");
    let panel = Panel::csv(folder.join("guangdong_panel.csv"))
        .unit("adcode")
        .period("year")
        .columns([
            "gdp_pc_yuan",
            "gdp_pc_real2000_yuan",
            "gdp_100m_yuan",
            "resident_pop_10k",
        ])
        .labels(["region"])
        .read()
        .unwrap();
    let regions = Regions::geojson(folder.join("guangdong.geojson"))
        .unit("adcode")
        .read()
        .unwrap();
    let w = Weights::queen(&regions).unwrap();
    (panel, w)
}

/// The data of a case: a sample, its weights in the style asked for, and for growth regressions the span.
pub fn data(case: &Value) -> Data {
    let style = |w: Weights| match case["style"].as_str().unwrap_or("W") {
        "W" => w.row_standardized().unwrap(),
        "B" => w,
        "C" => w.globally_standardized().unwrap(),
        "U" => w.unit_sum().unwrap(),
        "S" => w.variance_stabilized().unwrap(),
        "minmax" => w.min_max_normalized().unwrap(),
        other => panic!("no style {other}"),
    };
    let growth = |panel: Panel, w: Weights| {
        let (column, first, last) = (&case["column"], &case["first"], &case["last"]);
        let growth = column.as_str().map(|c| {
            let year = |v: &Value| i32::try_from(v.as_i64().unwrap()).unwrap();
            Growth::between(&panel, c, year(first), year(last)).unwrap()
        });
        let table = growth.as_ref().map_or_else(
            || panel.at(panel.periods()[0]).unwrap(),
            |g| g.table().clone(),
        );
        Data {
            table,
            weights: Some(style(w)),
            growth,
            panel: Some(panel),
        }
    };
    match case["data"].as_str().unwrap() {
        "columbus" => {
            let (table, w) = columbus();
            Data {
                table,
                weights: Some(style(w)),
                growth: None,
                panel: None,
            }
        }
        "us states" => {
            let (panel, w) = us_states();
            growth(panel, w)
        }
        "guangdong" => {
            let (panel, w) = guangdong();
            growth(panel, w)
        }
        "mexico" => {
            let (panel, w) = mexico();
            growth(panel, w)
        }
        other => panic!("no data set {other}"),
    }
}

#[test]
fn every_case_agrees_with_its_source() {
    let folder = main_folder().join("tests/oracle");
    let cases = json(&folder.join("cases.json"));
    let mut models_seen = BTreeSet::new();
    let mut failures = Vec::new();
    let mut count = 0;
    println!("| case | quantity | size | worst | class |\n|---|---|---|---|---|");
    for case in cases.as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        // Values that are not of a JSON file of another program stand in the case itself, with their origin.
        let source = case["source"].as_str().map(|s| json(&folder.join(s)));
        let wanted: Vec<&str> = case["expect"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let ours = match case["kind"].as_str().unwrap() {
            "regression" => regression::compute(case, &wanted, &mut models_seen),
            "dependence" => dependence::compute(case, &wanted),
            "normality" => exact::compute(case, &wanted),
            "global" => global::compute(case, &wanted),
            "local" => local::compute(case, &wanted),
            "weights" => weights::compute(case, &wanted),
            "convergence" => convergence::compute(case, &wanted),
            "panel" => panel::compute(case, &wanted),
            "clubs" => clubs::compute(case, &wanted),
            "exchange" => exchange::compute(case, &wanted),
            "density" => density::compute(case, &wanted),
            "transition" => transition::compute(case, &wanted),
            "unit roots" => unit_roots::compute(case, &wanted),
            "mobility" => mobility::compute(case, &wanted),
            other => panic!("no kind {other}"),
        };
        for (quantity, rule) in case["expect"].as_object().unwrap() {
            let class = rule["class"].as_str().unwrap();
            let expected = match (&rule["at"], &source) {
                (Value::String(at), Some(source)) => flatten(
                    source
                        .pointer(at)
                        .unwrap_or_else(|| panic!("{id}: nothing at {at}")),
                ),
                _ => flatten(&rule["value"]),
            };
            let found = ours
                .get(quantity.as_str())
                .unwrap_or_else(|| panic!("{id}: {quantity} is not computed"));
            // What a simulated number may deviate by is found by simulation too.
            let (errors, found): (Numbers, Numbers) = found
                .clone()
                .into_iter()
                .partition(|(n, _)| n.starts_with('±'));
            let names: (Vec<_>, Vec<_>) = (found.keys().collect(), expected.keys().collect());
            if names.0 != names.1 {
                failures.push(format!(
                    "{id}: {quantity}: names {:?} and {:?}",
                    names.0, names.1
                ));
                continue;
            }
            let largest = expected.values().fold(0.0_f64, |m, v| m.max(v.abs()));
            // Printed with so many decimals: half a unit of the last.
            if let Some(decimals) = class.strip_suffix(" decimals") {
                let half = 0.500_001 * 10_f64.powi(-decimals.parse::<i32>().unwrap());
                for (name, b) in &expected {
                    if !((found[name] - b).abs() <= half) {
                        failures.push(format!(
                            "{id}: {quantity}[{name}] = {} and {b} ({class})",
                            found[name]
                        ));
                    }
                }
                count += expected.len();
                println!(
                    "| {id} | {quantity} | {} | printed | {class} |",
                    expected.len()
                );
                continue;
            }
            let (relative, absolute) = if class == "simulated" {
                (0.0, 0.0)
            } else {
                tolerance(class)
            };
            let allowed = |name: &str, b: f64| {
                if class == "simulated" {
                    return errors[&format!("±{name}")];
                }
                absolute
                    * if class == "derived" {
                        largest.max(1.0)
                    } else {
                        largest
                    }
                    + relative * b.abs()
            };
            let mut worst = 0.0_f64;
            for (name, b) in &expected {
                let deviation = (found[name] - b).abs();
                worst = worst.max(if largest > 0.0 {
                    deviation / largest
                } else {
                    deviation
                });
                if !(deviation <= allowed(name, *b)) {
                    failures.push(format!(
                        "{id}: {quantity}[{name}] = {} and {b} ({class})",
                        found[name]
                    ));
                }
            }
            // A maximum may be higher than another program's, but not lower.
            if quantity == "log-likelihood" && found[""] < expected[""] - 1e-8 {
                failures.push(format!(
                    "{id}: log-likelihood {} below {}",
                    found[""], expected[""]
                ));
            }
            count += expected.len();
            println!(
                "| {id} | {quantity} | {} | {worst:.1e} | {class} |",
                expected.len()
            );
        }
    }
    println!("{count} numbers compared");
    assert!(
        failures.is_empty(),
        "{} deviations:\n{}",
        failures.len(),
        failures.join("\n")
    );
    for model in [
        Model::Ols,
        Model::Slx,
        Model::Sar,
        Model::Sem,
        Model::Sdm,
        Model::Sdem,
    ] {
        assert!(
            models_seen.contains(model.abbreviation()),
            "no case for {model}"
        );
    }
}

/// All that `04_weights.json` holds is compared.
#[test]
fn no_weights_are_left_out() {
    let folder = main_folder().join("tests/oracle");
    let source = json(&folder.join("04_weights.json"));
    let cases = json(&folder.join("cases.json"));
    let places: BTreeSet<&str> = (cases.as_array().unwrap().iter())
        .filter(|case| case["source"] == "04_weights.json")
        .flat_map(|case| case["expect"].as_object().unwrap().values())
        .map(|rule| rule["at"].as_str().unwrap())
        .collect();
    for (key, value) in source.as_object().unwrap() {
        if key == "meta" {
            continue;
        }
        // n2 and n3 are n - 2 and n - 3, as n1 is n - 1
        let parts = value.as_object().map_or_else(Vec::new, |o| {
            let named = |k: &&String| !["call", "n2", "n3"].contains(&k.as_str());
            o.keys().filter(named).collect()
        });
        if parts.is_empty() {
            assert!(places.contains(&*format!("/{key}")), "{key}");
        }
        for part in parts {
            assert!(places.contains(&*format!("/{key}/{part}")), "{key}/{part}");
        }
    }
}
