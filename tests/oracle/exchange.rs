//! Exchange of ranks between two dates, and directions of moves.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, json, main_folder, named, scalar, us_states, vector};

/// Incomes of Mexican states by decade, with the regions of Hanson (1998).
fn mexico() -> (Panel, Weights) {
    let folder = main_folder().join("tests/data/mexico");
    let years: Vec<i32> = (1940..=2000).step_by(10).collect();
    let columns: Vec<String> = years.iter().map(|y| format!("pcgdp{y}")).collect();
    let mut names = columns.clone();
    names.push("hanson98".to_owned());
    let table = Table::csv(folder.join("mexico.csv"))
        .unit("State")
        .columns(names)
        .read()
        .unwrap();
    let mut values = Array2::zeros((years.len(), table.len()));
    for (mut row, column) in values.rows_mut().into_iter().zip(&columns) {
        row.assign(&table.values(column).unwrap());
    }
    let regions = table.values("hanson98").unwrap().to_vec();
    let panel = Panel::from_columns(table.units(), &years, [("income", values)]).unwrap();
    let panel = panel
        .label("region", regions.iter().map(|r| format!("{r}")))
        .unwrap();
    let w = Weights::read_gal(folder.join("mexico.gal")).unwrap();
    let order = Units::new((0..32).map(|i| i.to_string())).unwrap();
    let w = w.only(&order).unwrap().relabelled(table.units()).unwrap();
    (panel, w)
}

fn states() -> (Panel, Weights) {
    let (panel, w) = us_states();
    let regions = json(&main_folder().join("tests/oracle/11_giddy_inequality.json"));
    let regions = regions["census_regions"]["labels"]
        .as_array()
        .unwrap()
        .clone();
    let panel = panel.label("region", regions.iter().map(Value::to_string));
    (panel.unwrap(), w)
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|v| v.as_f64().unwrap()).collect()
}

/// Our p-value as the share of all draws, and what it may differ from a share of `count` draws: both are samples, ours of R.
fn shares(
    p: impl IntoIterator<Item = (String, f64)>,
    ours: usize,
    count: f64,
) -> impl Iterator<Item = (String, f64)> {
    let ours = ours as f64;
    p.into_iter().flat_map(move |(name, p)| {
        let share = if ours > 0.0 {
            (p * (1.0 + ours) - 1.0) / ours
        } else {
            p
        };
        // One draw more or less where all or none are as extreme.
        let spread = (share * (1.0 - share)).max(1.0 / count);
        let rounds = 1.0 / count + if ours > 0.0 { 1.0 / ours } else { 0.0 };
        [
            (format!("±{name}"), 4.0 * (spread * rounds).sqrt()),
            (name, share),
        ]
    })
}

fn tails(test: &PermutationTest, count: f64) -> Numbers {
    let ours = if test.is_exact() {
        0
    } else {
        test.arrangements()
    };
    let p = [
        ("at least", Alternative::Greater),
        ("at most", Alternative::Less),
    ];
    let mut out: Numbers =
        shares(p.map(|(n, a)| (n.to_owned(), test.p_value(a))), ours, count).collect();
    let ours = if ours == 0 {
        f64::INFINITY
    } else {
        ours as f64
    };
    let sd = test.standard_deviation();
    let error = 4.0 * sd * (1.0 / count + 1.0 / ours).sqrt();
    out.insert("mean".to_owned(), test.mean());
    out.insert("±mean".to_owned(), error);
    out.insert("sd".to_owned(), sd);
    out.insert("±sd".to_owned(), error);
    out
}

const BOTH: [(&str, Alternative); 2] = [
    ("at least", Alternative::Greater),
    ("at most", Alternative::Less),
];

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let source = case["source"].as_str();
    let source = source.map(|s| json(&main_folder().join("tests/oracle").join(s)));
    let part = |key: &str| {
        let at = case["part"].as_str().unwrap();
        let found = source.as_ref().unwrap().pointer(at).unwrap();
        found[key].clone()
    };
    let (panel, w) = match case["data"].as_str().unwrap() {
        "mexico" => mexico(),
        "us states" => states(),
        other => panic!("no data set {other}"),
    };
    let year = |key: &str| i32::try_from(case[key].as_i64().unwrap()).unwrap();
    let (first, last) = (year("first"), year("last"));
    // Steps of income stand in the source, for ties.
    let steps = case["steps"].as_bool().unwrap_or(false);
    let mobility = if steps {
        let (x, y) = (numbers(&part("x")), numbers(&part("y")));
        let labels = panel.labels("region").unwrap().to_vec();
        let mobility = ExchangeMobility::of(&x, &y).unwrap();
        mobility.label("region", labels).unwrap()
    } else {
        ExchangeMobility::between(&panel, "income", first, last).unwrap()
    };
    let spatial = || mobility.spatial_tau(&w).unwrap();
    let theta = || mobility.theta("region").unwrap();
    let regional = || mobility.regional_tau("region").unwrap();
    let local = |set| mobility.local_tau_of(&w, set).unwrap();
    let neighbours = || local(NeighbourSet::Neighbours);
    let permutations = |count| Permutations::new(count).seed(7);
    let lisa = || {
        let w = w.row_standardized().unwrap();
        DirectionalLisa::between(&panel, "income", first, last, &w).unwrap()
    };
    let counts = |scale, k| {
        let lisa = lisa().with_scale(scale).unwrap().with_sectors(k).unwrap();
        assert_eq!(lisa.unmoved() + lisa.islands(), 0);
        vector(lisa.counts().iter().map(|&c| c as f64))
    };
    let cells = |of: &dyn Fn(&str, &str) -> Option<f64>| {
        let names = regional().regions().to_vec();
        let pairs = names
            .iter()
            .enumerate()
            .flat_map(|(g, a)| names[g..].iter().map(move |b| (a.clone(), b.clone())));
        pairs
            .map(|(a, b)| (format!("{a},{b}"), of(&a, &b).unwrap()))
            .collect::<Vec<_>>()
    };
    let between_regions = || -> Numbers {
        let test = regional().permutation(permutations(4_999)).unwrap();
        let count = part("regional draws")["count"].as_f64().unwrap();
        let p = BOTH.iter().flat_map(|(name, a)| {
            let p = |g: &str, h: &str| test.of(g, h).unwrap().map(|t| t.p_value(*a));
            cells(&p)
                .into_iter()
                .map(move |(n, p)| (format!("{name},{n}"), p))
        });
        let mut out: Numbers = shares(p, 4_999, count).collect();
        out.insert("count".to_owned(), count);
        out.insert("±count".to_owned(), 0.0);
        out
    };
    let of_units = |set, key: &str, ours: Option<usize>| -> Numbers {
        let how = ours.map_or_else(Permutations::all, permutations);
        let test = local(set).permutation(how).unwrap();
        let count = part(key)["count"].as_f64().unwrap();
        let p = BOTH.iter().flat_map(|(name, a)| {
            let p = test.p_values(*a).to_vec();
            (0..).zip(p).map(move |(i, p)| (format!("{name},{i}"), p))
        });
        let mut out: Numbers = shares(p, ours.unwrap_or(0), count).collect();
        out.insert("count".to_owned(), count);
        out.insert("±count".to_owned(), 0.0);
        out
    };
    let sectors = |k: usize| -> Numbers {
        let count = part("draws").as_f64().unwrap();
        let lisa = lisa().with_sectors(k).unwrap();
        let test = lisa.permutation(permutations(9_999)).unwrap();
        let each = BOTH.iter().flat_map(|(name, a)| {
            let p = test.p_values(*a);
            (0..).zip(p).map(move |(s, p)| (format!("{name},{s}"), p))
        });
        let mut out: Numbers = shares(each, 9_999, count).collect();
        for (s, (of_sector, c)) in test.sectors().iter().zip(lisa.counts()).enumerate() {
            let error = 4.0 * of_sector.standard_deviation() * (1.0 / count + 1.0 / 9_999.0).sqrt();
            out.insert(format!("expected,{s}"), of_sector.mean());
            out.insert(format!("±expected,{s}"), error);
            out.insert(format!("counts,{s}"), *c as f64);
            out.insert(format!("±counts,{s}"), 0.0);
        }
        out
    };
    let compute = |q: &str| match q {
        "tau" => scalar(mobility.tau().value()),
        "p without ties, as giddy" => {
            // giddy divides z by 1.4142136, where the square root of two is meant: 8e-7 of the p-value at z = 5.
            let z = mobility
                .tau()
                .uncorrected_test(Alternative::TwoSided)
                .statistic;
            let z = z * std::f64::consts::SQRT_2 / (14_142_136.0 / 1e7);
            scalar(2.0 * Distribution::Normal.upper_tail(z.abs()))
        }
        "p" => scalar(mobility.tau().test(Alternative::TwoSided).p_value),
        "p, greater" => scalar(mobility.tau().test(Alternative::Greater).p_value),
        "concordant" => scalar(mobility.tau().concordant() as f64),
        "discordant" => scalar(mobility.tau().discordant() as f64),
        "spatial tau" => scalar(spatial().value()),
        "concordant neighbours" => scalar(spatial().concordant() as f64),
        "discordant neighbours" => scalar(spatial().discordant() as f64),
        "pairs of neighbours" => scalar(spatial().pairs() as f64),
        "spatial draws" => {
            let test = spatial().permutation(permutations(9_999)).unwrap();
            tails(test.neighbours(), part("draws").as_f64().unwrap())
        }
        "theta" => scalar(theta().value()),
        "total change" => scalar(theta().total()),
        "largest change" => scalar(theta().max_total() as f64),
        "theta draws" => {
            let test = theta().permutation(permutations(9_999)).unwrap();
            tails(&test, part("draws").as_f64().unwrap())
        }
        "theta by step" => {
            let years = case["years"].as_array().map_or_else(
                || panel.periods().to_vec(),
                |y| {
                    y.iter()
                        .map(|y| i32::try_from(y.as_i64().unwrap()).unwrap())
                        .collect()
                },
            );
            vector(years.windows(2).map(|step| {
                let step = ExchangeMobility::between(&panel, "income", step[0], step[1]);
                step.unwrap().theta("region").unwrap().value()
            }))
        }
        "regions as neighbours" => {
            let w = Weights::block(panel.units(), panel.labels("region").unwrap()).unwrap();
            vector(panel.periods().windows(2).map(|step| {
                let step = ExchangeMobility::between(&panel, "income", step[0], step[1]);
                step.unwrap().spatial_tau(&w).unwrap().value()
            }))
        }
        "local tau" => vector(mobility.local_tau()),
        "neighbours" => vector(neighbours().values()),
        "shares" => vector(neighbours().shares()),
        "neighbourhood" => vector(local(NeighbourSet::Neighbourhood).values()),
        "neighbour draws" => of_units(NeighbourSet::Neighbours, q, None),
        "neighbour draws, sampled" => {
            of_units(NeighbourSet::Neighbours, "neighbour draws", Some(4_999))
        }
        "neighbourhood draws" => of_units(NeighbourSet::Neighbourhood, q, Some(4_999)),
        "regional" => named(cells(&|g, h| regional().value(g, h).unwrap())),
        "regional draws" => between_regions(),
        "relative, 4" => counts(LisaScale::RelativeToMean, 4),
        "relative, 8" => counts(LisaScale::RelativeToMean, 8),
        "relative, 16" => counts(LisaScale::RelativeToMean, 16),
        "z, 4" => counts(LisaScale::ZScores, 4),
        "z, 8" => counts(LisaScale::ZScores, 8),
        "z, 16" => counts(LisaScale::ZScores, 16),
        "as given, 4" => counts(LisaScale::AsGiven, 4),
        "as given, 8" => counts(LisaScale::AsGiven, 8),
        "as given, 16" => counts(LisaScale::AsGiven, 16),
        "angles" => vector(lisa().angles().into_iter().map(Option::unwrap)),
        "lengths" => vector(lisa().lengths()),
        "dx" => vector(lisa().dx().to_vec()),
        "dy" => vector(lisa().dy().to_vec()),
        "sector draws, 4" => sectors(4),
        "sector draws, 8" => sectors(8),
        "sector draws, 16" => sectors(16),
        other => panic!("no quantity {other}"),
    };
    wanted
        .iter()
        .map(|q| ((*q).to_owned(), compute(q)))
        .collect()
}
