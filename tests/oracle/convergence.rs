//! Dispersion by year and its tests.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, data, named, scalar, vector};

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let (panel, w) = {
        let data = data(case);
        (data.panel.unwrap(), data.weights.unwrap())
    };
    let column_name = case["variable"].as_str().unwrap();
    let mut sigma = SigmaConvergence::of(&panel, column_name).unwrap();
    if let Some(weights) = case["weights"].as_str() {
        sigma = sigma.weighted_by(&panel, weights).unwrap();
    }
    let sample = SigmaConvergence::with_ddof(&panel, column_name, Ddof::Sample).unwrap();
    let series = |s: &SigmaConvergence, m: Measure| vector(s.values(m).unwrap());
    let years_of = |key: &str| -> Vec<i32> {
        case[key].as_array().map_or_else(Vec::new, |a| {
            a.iter()
                .map(|v| i32::try_from(v.as_i64().unwrap()).unwrap())
                .collect()
        })
    };
    let years = years_of("test");
    let trend = || {
        let span = match years_of("span")[..] {
            [first, last] => panel.between(first, last).unwrap(),
            _ => panel.clone(),
        };
        let sigma = SigmaConvergence::of(&span, column_name).unwrap();
        let trend = sigma.trend(Measure::SdLog).unwrap();
        match case["lag"].as_u64() {
            Some(lag) => trend.with_lag(lag as usize).unwrap(),
            None => trend,
        }
    };
    let filtered = || {
        let filtered = sigma.filtered(&w).unwrap();
        let fixed = filtered.at_dependence_of(1929).unwrap();
        let chosen = years_of("periods");
        let rows = filtered.series().iter().zip(fixed);
        let rows = rows.filter(|(d, _)| chosen.contains(&d.period));
        rows.map(|(d, fixed)| (d.clone(), fixed))
            .collect::<Vec<_>>()
    };
    let conditional = || {
        // Determinants that stand in no file: the square of logs in 1929, and the position of the state.
        let first = panel.variable_at(column_name, panel.periods()[0]).unwrap();
        let square = first.values().mapv(|v: f64| v.ln().powi(2));
        let position = ndarray::Array1::range(0.0, square.len() as f64, 1.0);
        let table = Table::over(panel.units()).column("square", square).unwrap();
        let table = table.column("position", position).unwrap();
        sigma
            .conditional(&table, ["square", "position"], years[0], years[1])
            .unwrap()
    };
    let test = |t: SigmaTest| sigma.test_by(t, years[0], years[1]).unwrap();
    let column =
        |name: &str, period: i32| panel.variable_at(name, period).unwrap().values().to_owned();
    let weighted_theil = |period: i32| {
        // Shares of GDP and of people: GDP a head, weighted by people.
        let people = column("resident_pop_10k", period);
        theil_weighted(&(column("gdp_100m_yuan", period) / &people), &people).unwrap()
    };
    let weighted_cv = |period: i32| {
        // The source takes the rounded GDP a head, and total GDP over total people as its mean.
        let (x, people) = (
            column("gdp_pc_yuan", period),
            column("resident_pop_10k", period),
        );
        let mean = x.dot(&people) / people.sum();
        let stated = column("gdp_100m_yuan", period).sum() / people.sum() * 1e4;
        let sd = williamson(&x, &people).unwrap() * mean;
        sd.hypot(mean - stated) / stated
    };
    let gamma = || GammaConvergence::of(&panel, column_name).unwrap();
    let by_year = |f: &dyn Fn(i32) -> f64| vector(panel.periods().iter().map(|&p| f(p)));
    wanted
        .iter()
        .map(|q| {
            let numbers = match *q {
                "sd of logs" => series(&sigma, Measure::SdLog),
                "sd of logs, n - 1" => series(&sample, Measure::SdLog),
                "CV" => series(&sigma, Measure::Cv),
                "CV, n - 1" => series(&sample, Measure::Cv),
                "Theil" => series(&sigma, Measure::Theil),
                "Gini" => series(&sigma, Measure::Gini),
                "max over min" => vector(sigma.series().iter().map(|d| d.max_over_min)),
                "population-weighted CV" => by_year(&weighted_cv),
                "population-weighted Theil" => by_year(&weighted_theil),
                "trend" => {
                    let trend = sample.trend(Measure::SdLog).unwrap();
                    // The classical standard error, which the source has; Newey and West's is another quantity.
                    let years = panel.periods().iter().map(|&p| f64::from(p));
                    let n = years.len() as f64;
                    let mean = years.clone().sum::<f64>() / n;
                    let square: f64 = years.map(|y| (y - mean).powi(2)).sum();
                    let e = sample.values(Measure::SdLog).unwrap() - trend.fitted();
                    vector([trend.slope(), (e.dot(&e) / (n - 2.0) / square).sqrt()])
                }
                "weighted sd of logs" => series(&sigma, Measure::WeightedSdLog),
                "weighted CV" => series(&sigma, Measure::WeightedCv),
                "weighted Theil" => series(&sigma, Measure::WeightedTheil),
                "weighted Gini" => series(&sigma, Measure::WeightedGini),
                "HAC lag" => scalar(trend().lag() as f64),
                "HAC slope" => scalar(trend().slope()),
                "HAC std error" => scalar(trend().std_error()),
                "HAC std error, use_correction" => {
                    let t = trend().periods().len() as f64;
                    scalar(trend().std_error() * (t / (t - 2.0)).sqrt())
                }
                "fixed-b p" => scalar(trend().p_value()),
                "fixed-b critical value" => scalar(trend().critical_value(0.95).unwrap()),
                "error lambda" => vector(filtered().iter().map(|(d, _)| d.lambda.value)),
                "error mu" => vector(filtered().iter().map(|(d, _)| d.mu)),
                "error measured" => vector(filtered().iter().map(|(d, _)| d.measured)),
                "error filtered" => vector(filtered().iter().map(|(d, _)| d.filtered)),
                "error sigma_v" => vector(filtered().iter().map(|(d, _)| d.sigma_v)),
                "error inflation" => vector(filtered().iter().map(|(d, _)| d.inflation.unwrap())),
                "error at 1929" => vector(filtered().iter().map(|(_, fixed)| *fixed)),
                "conditional sd" => vector([conditional().sd_first, conditional().sd_last]),
                "conditional t" => scalar(conditional().test.statistic),
                "conditional p" => scalar(conditional().test.p_value),
                "Moran of logs by decade" => {
                    named(panel.periods().iter().step_by(10).flat_map(|p| {
                        let x = panel.variable_at(column_name, *p).unwrap();
                        let moran = Moran::of(&x.values().mapv(f64::ln), &w).unwrap();
                        let how = Assumption::Randomization;
                        let var = moran.variance(how).unwrap();
                        let z = moran.test(how, Alternative::TwoSided).unwrap().statistic;
                        [("I", moran.i()), ("var", var), ("z", z)]
                            .map(|(k, v)| (format!("{p},{k}"), v))
                    }))
                }
                "T1" => scalar(test(SigmaTest::Lichtenberg).statistic),
                "T1 p" => scalar(test(SigmaTest::Lichtenberg).p_value),
                "T2" => scalar(test(SigmaTest::CarreeKlompRatio).statistic),
                "T3" => scalar(test(SigmaTest::CarreeKlompSlope).statistic),
                "Pitman-Morgan t" => scalar(test(SigmaTest::PitmanMorgan).statistic),
                "Pitman-Morgan p" => scalar(test(SigmaTest::PitmanMorgan).p_value),
                "gamma" => vector(gamma().binary().iter().map(RankConcordance::value)),
                "k (n - 1) RC" => {
                    let last = gamma().binary_at(years[1]).unwrap().clone();
                    let df = (panel.units().len() - 1) as f64;
                    scalar(last.dates() as f64 * df * last.value())
                }
                "Kendall tau" => scalar(gamma().kendall(years[0], years[1]).unwrap()),
                "Spearman" => scalar(gamma().spearman(years[0], years[1]).unwrap()),
                other => panic!("no quantity {other} of convergence"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
