//! Fits, impacts and checks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use spatialecon::*;

use crate::{Data, Numbers, data, named, scalar, vector};

/// The regression of a case: `model` by its abbreviation, `response` and `on` (for growth regressions both follow).
fn specification(case: &Value, d: &Data, model: &str) -> Regression {
    let base = match &d.growth {
        Some(g) => g.regression(),
        None if case["regime columns"].is_string() => {
            Regression::of(case["response"].as_str().unwrap())
                .on(REGIMES.iter().flatten().copied())
                .without_intercept()
        }
        None => {
            let on = case["on"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap().to_owned());
            Regression::of(case["response"].as_str().unwrap()).on(on)
        }
    };
    let base = match case["weighted_by"].as_str() {
        Some(column) => base.weighted_by(column),
        None => base,
    };
    let base = match case["regimes"].as_str() {
        Some(label) => base.regimes(label),
        None => base,
    };
    let base = match case["variance_by"].as_str() {
        Some(label) => base.variance_by(label),
        None => base,
    };
    let Some(w) = &d.weights else { return base };
    let base = match &case["durbin_of"] {
        Value::Array(names) => base.durbin_of(names.iter().map(|v| v.as_str().unwrap()), w),
        _ if ["SLX", "SDM", "SDEM", "GNS"].contains(&model) => base.durbin(w),
        _ => base,
    };
    match model {
        "SAR" | "SDM" => base.spatial_lag(w),
        "SEM" | "SDEM" => base.spatial_error(w),
        "SAC" | "GNS" => base.spatial_lag(w).spatial_error(w),
        _ => base,
    }
}

/// The columns of `columbus` by the values 0 and 1 of `NSA`.
const REGIMES: [[&str; 3]; 2] = [
    ["const 0", "INC 0", "HOVAL 0"],
    ["const 1", "INC 1", "HOVAL 1"],
];

fn by_regimes(case: &Value, d: &mut Data) {
    let Some(regime) = case["regime columns"].as_str() else {
        return;
    };
    let labels = d.table.labels(regime).unwrap();
    let of: ndarray::Array1<f64> = labels
        .iter()
        .map(|l| f64::from(u8::from(l == "1")))
        .collect();
    let one = ndarray::Array1::ones(of.len());
    let columns = [
        one.clone(),
        d.table.values("INC").unwrap().to_owned(),
        d.table.values("HOVAL").unwrap().to_owned(),
    ];
    let mut table = d.table.clone();
    for (names, share) in REGIMES.iter().zip([&one - &of, of]) {
        for (name, column) in names.iter().zip(&columns) {
            table = table.column(name, column * &share).unwrap();
        }
    }
    d.table = table;
}

pub fn fit(case: &Value, d: &Data, model: &str) -> Fit {
    let fit = specification(case, d, model).fit(&d.table).unwrap();
    match case["vcov"].as_str() {
        None => fit,
        Some("HC0") => fit.with_vcov(Vcov::Hc0).unwrap(),
        Some("HC1") => fit.with_vcov(Vcov::Hc1).unwrap(),
        Some("HC2") => fit.with_vcov(Vcov::Hc2).unwrap(),
        Some("HC3") => fit.with_vcov(Vcov::Hc3).unwrap(),
        Some(other) => panic!("no covariance {other}"),
    }
}

fn test(t: &TestResult) -> Numbers {
    let mut out = named([("stat", t.statistic), ("p", t.p_value)]);
    if let Distribution::ChiSquared { df } = t.distribution {
        out.insert("df".to_owned(), df);
    }
    out
}

pub fn compute(
    case: &Value,
    wanted: &[&str],
    models: &mut BTreeSet<String>,
) -> BTreeMap<String, Numbers> {
    let mut d = data(case);
    let joined = hold_out(case, &mut d);
    by_regimes(case, &mut d);
    let model = case["model"].as_str().unwrap();
    let fit = fit(case, &d, model);
    assert_eq!(fit.model().abbreviation(), model);
    models.insert(model.to_owned());
    wanted
        .iter()
        .map(|q| {
            let numbers = match (prediction(q), &joined) {
                (Some(kind), Some((table, w))) => {
                    vector(fit.predict_for(table, w, kind).unwrap().values().to_vec())
                }
                (Some(kind), None) => vector(fit.predict(kind).unwrap().values().to_vec()),
                (None, _) => quantity(case, &d, &fit, q),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}

/// Keeps the units named under `new units` out of the sample; gives the whole table and the joined weights.
fn hold_out(case: &Value, d: &mut Data) -> Option<(Table, Weights)> {
    let new: Vec<String> = case["new units"]
        .as_array()?
        .iter()
        .map(ToString::to_string)
        .collect();
    let sample = d.table.without(&new).unwrap();
    let joined = d.weights.clone().unwrap();
    d.weights = Some(joined.only(sample.units()).unwrap());
    Some((std::mem::replace(&mut d.table, sample), joined))
}

fn prediction(quantity: &str) -> Option<Prediction> {
    Some(match quantity.strip_prefix("prediction, ")? {
        "trend" => Prediction::Trend,
        "signal" => Prediction::Signal,
        "trend and signal" => Prediction::TrendSignal,
        "reduced form" => Prediction::ReducedForm,
        "best" => Prediction::Best,
        other => panic!("no prediction {other}"),
    })
}

fn quantity(case: &Value, d: &Data, fit: &Fit, quantity: &str) -> Numbers {
    let w = || d.weights.as_ref().unwrap();
    let all = |f: fn(&Estimate) -> f64| -> Vec<(String, f64)> {
        fit.coefficients()
            .iter()
            .map(|e| (e.name.clone(), f(e)))
            .collect()
    };
    let with_rho = || {
        let spatial = fit
            .rho()
            .into_iter()
            .chain(fit.lambda())
            .map(|e| (e.name.clone(), e.value));
        named(all(|e| e.value).into_iter().chain(spatial))
    };
    let impacts = || fit.impacts().unwrap();
    let of_impacts = |f: fn(&Impact) -> f64| -> Numbers { vector(impacts().all().iter().map(f)) };
    let named_impacts = |f: fn(&Impact) -> f64| -> Numbers {
        named(impacts().all().iter().map(|i| (i.name.clone(), f(i))))
    };
    let other = |name: &str| self::fit(case, d, name);
    let f_statistic = || {
        let (n, k) = (fit.n() as f64, fit.coefficients().len() as f64);
        let r2 = fit.r_squared().ordinary.unwrap();
        vector([r2 / (k - 1.0) / ((1.0 - r2) / (n - k)), k - 1.0, n - k])
    };
    match quantity {
        "coefficients" => with_rho(),
        "coefficients in order" => vector(all(|e| e.value).into_iter().map(|p| p.1)),
        "std errors" => named(all(|e| e.std_error)),
        "std errors in order" => vector(all(|e| e.std_error).into_iter().map(|p| p.1)),
        // Other programs take the regimes in the order of their labels.
        "coefficients by regime" => vector(by_regime(fit).into_iter().map(|e| e.value)),
        "std errors by regime" => vector(by_regime(fit).into_iter().map(|e| e.std_error)),
        "vcov by regime" => {
            let names: Vec<String> = by_regime(fit).into_iter().map(|e| e.name).collect();
            let mut out = Numbers::new();
            for (i, a) in names.iter().enumerate() {
                for (j, b) in names.iter().enumerate() {
                    out.insert(format!("{i},{j}"), fit.vcov().between(a, b).unwrap());
                }
            }
            out
        }
        "group variances" => {
            let variances = fit.group_variances().unwrap().into_iter();
            named(variances.map(|v| {
                let group = v.name.trim_start_matches("sigma2 [").trim_end_matches(']');
                (group.to_owned(), v.value)
            }))
        }
        "Chow" => {
            let t = fit.chow_test().unwrap();
            vector([t.statistic, t.p_value])
        }
        "Chow by coefficient" => {
            let tests = fit.chow_tests().unwrap();
            let cells = tests.iter().enumerate().flat_map(|(i, t)| {
                [
                    (format!("{i},0"), t.statistic),
                    (format!("{i},1"), t.p_value),
                ]
            });
            named(cells)
        }
        "t" => named(all(Estimate::statistic)),
        "p" => named(all(Estimate::p_value)),
        "beta" => scalar(fit.coefficient("ln_initial").unwrap().value),
        "beta std error" => scalar(fit.coefficient("ln_initial").unwrap().std_error),
        "rho" => scalar(fit.rho().unwrap().value),
        "rho std error" => scalar(fit.rho().unwrap().std_error),
        "lambda" => scalar(fit.lambda().unwrap().value),
        "lambda std error" => scalar(fit.lambda().unwrap().std_error),
        "R2" => scalar(fit.r_squared().ordinary.unwrap()),
        "adjusted R2" => scalar(fit.r_squared().adjusted.unwrap()),
        "sigma" => scalar(fit.sigma2().sqrt()),
        "sigma2" => scalar(fit.sigma2()),
        "F" => f_statistic(),
        "log-likelihood" => scalar(fit.log_likelihood()),
        "AIC" => scalar(fit.aic()),
        "BIC" => scalar(fit.bic()),
        "residuals" => vector(fit.residuals().iter().copied()),
        "weighted residuals" => vector(fit.weighted_residuals()),
        "fitted" => vector(fit.fitted()),
        "leverage" => vector(fit.leverage()),
        "vcov" => {
            let v = fit.vcov();
            let names = v.names();
            let cells = v
                .matrix()
                .indexed_iter()
                .map(|((i, j), x)| (format!("{},{}", names[i], names[j]), *x))
                .collect::<Vec<_>>();
            named(cells)
        }
        "vcov in order" => {
            let cells: Vec<_> = fit
                .vcov()
                .matrix()
                .indexed_iter()
                .map(|((i, j), x)| (format!("{i},{j}"), *x))
                .collect();
            named(cells)
        }
        "direct" => of_impacts(|i| i.direct.value),
        "indirect" => of_impacts(|i| i.indirect.value),
        "total" => of_impacts(|i| i.total.value),
        "direct impact" => scalar(impacts().all()[0].direct.value),
        "indirect impact" => scalar(impacts().all()[0].indirect.value),
        "total impact" => scalar(impacts().all()[0].total.value),
        "direct by name" => named_impacts(|i| i.direct.value),
        "indirect by name" => named_impacts(|i| i.indirect.value),
        "total by name" => named_impacts(|i| i.total.value),
        "impact std errors" => named(impacts().all().iter().flat_map(|i| {
            [
                ("Direct", &i.direct),
                ("Indirect", &i.indirect),
                ("Total", &i.total),
            ]
            .map(|(what, e)| (format!("{},{what}", i.name), e.std_error))
        })),
        "LM tests" | "LM tests without df" => {
            let t = fit.lm_tests(w()).unwrap();
            let pairs = [
                ("LMerr", &t.error),
                ("LMlag", &t.lag),
                ("RLMerr", &t.robust_error),
                ("RLMlag", &t.robust_lag),
                ("SARMA", &t.sarma),
            ];
            let cells = pairs.iter().flat_map(|(n, t)| {
                test(t)
                    .into_iter()
                    .map(move |(k, v)| (format!("{n},{k}"), v))
            });
            let df = quantity == "LM tests";
            named(cells.filter(|(name, _)| df || !name.ends_with(",df")))
        }
        "LM statistics" => {
            let t = fit.lm_tests(w()).unwrap();
            named([
                ("error", t.error.statistic),
                ("lag", t.lag.statistic),
                ("robust_error", t.robust_error.statistic),
                ("robust_lag", t.robust_lag.statistic),
            ])
        }
        "LM lag" => scalar(fit.lm_tests(w()).unwrap().lag.statistic),
        "LM error" => scalar(fit.lm_tests(w()).unwrap().error.statistic),
        "residual Moran" => {
            let m = fit.residual_moran(w()).unwrap();
            named([
                ("Observed Moran I", m.i),
                ("Expectation", m.expectation),
                ("Variance", m.variance),
            ])
        }
        "residual Moran z" => scalar(
            fit.residual_moran(w())
                .unwrap()
                .test(Alternative::TwoSided)
                .statistic,
        ),
        "residual Moran p" => scalar(
            fit.residual_moran(w())
                .unwrap()
                .test(Alternative::TwoSided)
                .p_value,
        ),
        "Breusch-Pagan" => scalar(fit.breusch_pagan().unwrap().statistic),
        "Breusch-Pagan p" => scalar(fit.breusch_pagan().unwrap().p_value),
        "Koenker" => scalar(fit.koenker().unwrap().statistic),
        "Koenker p" => scalar(fit.koenker().unwrap().p_value),
        "Jarque-Bera" => scalar(fit.jarque_bera().unwrap().statistic),
        "Jarque-Bera p" => scalar(fit.jarque_bera().unwrap().p_value),
        "condition number" => scalar(fit.condition_number().unwrap()),
        "direct by order" => by_order(fit, |i| i.direct.value),
        "indirect by order" => by_order(fit, |i| i.indirect.value),
        "total by order" => by_order(fit, |i| i.total.value),
        "simulated direct sd" => simulated_sd(fit, |i| &i.direct),
        "simulated indirect sd" => simulated_sd(fit, |i| &i.indirect),
        "simulated total sd" => simulated_sd(fit, |i| &i.total),
        "White" => scalar(fit.white().unwrap().statistic),
        "White p" => scalar(fit.white().unwrap().p_value),
        "Nagelkerke R2" => scalar(fit.nagelkerke_r_squared()),
        "squared correlation of trend" => {
            scalar(fit.squared_correlation(Prediction::Trend).unwrap())
        }
        "squared correlation of trend and signal" => {
            scalar(fit.squared_correlation(Prediction::TrendSignal).unwrap())
        }
        "squared correlation of reduced form" => {
            scalar(fit.squared_correlation(Prediction::ReducedForm).unwrap())
        }
        "LM error left by the lag" => scalar(fit.lm_error_left(w()).unwrap().statistic),
        "Hausman" => test(&fit.hausman_test().unwrap()),
        "Koenker, whole" => test(&fit.koenker().unwrap()),
        "common factors, Wald" => pair(&fit.common_factor_test().unwrap()),
        "Chow of columns" => {
            let pairs = REGIMES[0].iter().zip(&REGIMES[1]);
            pair(&fit.wald_equal(pairs).unwrap())
        }
        "parameters in order" => vector(location(fit).into_iter().map(|e| e.value)),
        "std errors of parameters in order" => {
            vector(location(fit).into_iter().map(|e| e.std_error))
        }
        "vcov of parameters in order" => {
            let m = location(fit).len();
            named(
                fit.vcov()
                    .matrix()
                    .indexed_iter()
                    .filter(|((i, j), _)| *i < m && *j < m)
                    .map(|((i, j), x)| (format!("{i},{j}"), *x)),
            )
        }
        // spreg counts neither sigma² nor, in error models, lambda.
        "AIC, sigma2 not counted" => scalar(fit.aic() - 2.0),
        "BIC, sigma2 not counted" => scalar(fit.bic() - (fit.n() as f64).ln()),
        "AIC, sigma2 and lambda not counted" => scalar(fit.aic() - 4.0),
        "BIC, sigma2 and lambda not counted" => scalar(fit.bic() - 2.0 * (fit.n() as f64).ln()),
        "sum of squares" => scalar(fit.residuals().dot(&fit.residuals())),
        "first five residuals" => vector(fit.residuals().iter().copied().take(5)),
        "sum of squares of y - Xb" => scalar(disturbances(d, fit).map(|u| u * u).sum()),
        "first five of y - Xb" => vector(disturbances(d, fit).take(5)),
        // Impacts of the first regressor in units of its coefficient.
        "multipliers" => {
            let all = impacts();
            let i = &all.all()[0];
            let b = fit.coefficient(&i.name).unwrap().value;
            vector([i.direct.value, i.indirect.value, i.total.value].map(|v| v / b))
        }
        "simple multipliers" => {
            let all = impacts();
            let i = &all.all()[0];
            let total = i.total.value / fit.coefficient(&i.name).unwrap().value;
            vector([1.0, total - 1.0, total])
        }
        "multipliers of rho" => {
            // Those of y = rho W y + x b alone: the Durbin terms are left out, as spreg does.
            let s = 1.0 / (1.0 - fit.rho().unwrap().value);
            let omega = w().eigenvalues().unwrap();
            let rho = fit.rho().unwrap().value;
            let direct: f64 = omega
                .iter()
                .map(|(re, im)| (1.0 - rho * re) / ((1.0 - rho * re).powi(2) + (rho * im).powi(2)))
                .sum::<f64>()
                / fit.n() as f64;
            vector([direct, s - direct, s])
        }
        "LR against SAR" => test(&fit.lr_test(&other("SAR")).unwrap()),
        "LR against SEM" => test(&fit.lr_test(&other("SEM")).unwrap()),
        "LR against OLS" => test(&fit.lr_test(&other("OLS")).unwrap()),
        "Wald of rho" => test(&fit.wald_test(["rho"]).unwrap()),
        "speed" => scalar(beta(d, fit).speed().unwrap().value()),
        "speed std error" => scalar(beta(d, fit).speed().unwrap().std_error()),
        "half-life" => scalar(beta(d, fit).speed().unwrap().half_life().unwrap().years()),
        "nls" => {
            let b = beta(d, fit);
            named([
                ("a", fit.coefficient("const").unwrap().value),
                ("b", b.speed().unwrap().value()),
            ])
        }
        "nls std errors" => {
            let b = beta(d, fit);
            named([
                ("a", fit.coefficient("const").unwrap().std_error),
                ("b", b.speed().unwrap().std_error()),
            ])
        }
        other => panic!("no quantity {other} of a regression"),
    }
}

/// Coefficients by the labels of their regimes, then rho or lambda.
fn by_regime(fit: &Fit) -> Vec<Estimate> {
    let mut groups = fit.regimes().unwrap().to_vec();
    groups.sort();
    let mut out = Vec::new();
    for g in groups {
        let of = fit.coefficients().into_iter();
        out.extend(of.filter(|e| e.name.ends_with(&format!(" [{g}]"))));
    }
    assert_eq!(out.len(), fit.coefficients().len());
    out.extend(fit.rho().into_iter().chain(fit.lambda()));
    out
}

fn pair(t: &TestResult) -> Numbers {
    vector([t.statistic, t.p_value])
}

/// Coefficients, rho, lambda.
fn location(fit: &Fit) -> Vec<Estimate> {
    let mut all = fit.coefficients();
    all.extend(fit.rho());
    all.extend(fit.lambda());
    all
}

/// y - X b.
fn disturbances(d: &Data, fit: &Fit) -> impl Iterator<Item = f64> {
    let y = d.table.values(fit.response()).unwrap().to_owned();
    let trend = fit.predict(Prediction::Trend).unwrap();
    (y - trend.values()).into_iter()
}

fn beta(d: &Data, fit: &Fit) -> BetaConvergence {
    let growth = d.growth.as_ref().unwrap();
    assert_eq!(fit.model(), Model::Ols);
    BetaConvergence::fit(growth, &growth.regression()).unwrap()
}

/// Standard deviations of 20,000 draws, the mean over ten seeds; under `±` four times the error of comparing that mean with one
/// run of another program with as many draws.
/// Orders 0 to 5, and in each the regressors.
fn by_order(fit: &Fit, effect: fn(&Impact) -> f64) -> Numbers {
    let impacts = fit.impacts().unwrap();
    let all: Vec<OrderEffects> = (impacts.all().iter())
        .map(|i| impacts.by_order(&i.name, 5).unwrap())
        .collect();
    let cell = |q: usize, r: usize| (format!("{q},{r}"), effect(&all[r].all()[q]));
    named(
        (0..6)
            .flat_map(|q| (0..all.len()).map(move |r| (q, r)))
            .map(|(q, r)| cell(q, r)),
    )
}

fn simulated_sd(fit: &Fit, effect: fn(&SimulatedImpact) -> &Simulated) -> Numbers {
    let impacts = fit.impacts().unwrap();
    let runs: Vec<SimulatedImpacts> = (0..10)
        .map(|seed| impacts.simulated(Draws::new(20_000).seed(seed)).unwrap())
        .collect();
    let mut out = Numbers::new();
    for (at, impact) in impacts.all().iter().enumerate() {
        let sds: Vec<f64> = runs
            .iter()
            .map(|r| effect(&r.all()[at]).std_error)
            .collect();
        let mean = sds.iter().sum::<f64>() / 10.0;
        let spread = (sds.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / 9.0).sqrt();
        out.insert(impact.name.clone(), mean);
        out.insert(format!("±{}", impact.name), 4.0 * spread * 1.1_f64.sqrt());
    }
    out
}
