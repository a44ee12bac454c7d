//! Regressions on a panel, by least squares.

use std::collections::BTreeMap;

use ndarray::ArrayView2;
use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, main_folder, named, scalar, vector};

fn munnell() -> Panel {
    let levels = ["P_CAP", "PC", "EMP", "GSP"];
    let panel = Panel::csv(main_folder().join("tests/data/munnell/munnell.csv"))
        .unit("STATE")
        .period("YR")
        .columns(levels.iter().chain(&["UNEMP"]).copied())
        .read()
        .unwrap();
    let logs = |p: Panel, c: &&str| p.with_ln(c).unwrap();
    levels.iter().fold(panel, logs)
}

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let panel = munnell();
    let effects = match case["effects"].as_str().unwrap() {
        "none" => Effects::None,
        "unit" => Effects::Unit,
        "time" => Effects::Time,
        "two ways" => Effects::TwoWays,
        other => panic!("no effects {other}"),
    };
    let spec = Regression::of("ln_GSP")
        .on(["ln_P_CAP", "ln_PC", "ln_EMP", "UNEMP"])
        .effects(effects);
    let fit = spec.fit(&panel).unwrap();
    let all = |f: &dyn Fn(&Estimate) -> f64| {
        named(fit.coefficients().iter().map(|e| (e.name.clone(), f(e))))
    };
    let matrix = |m: ArrayView2<f64>| {
        let names = fit.vcov().names();
        named(
            m.indexed_iter()
                .map(|((i, j), v)| (format!("{},{}", names[i], names[j]), *v)),
        )
    };
    let vcov = |kind: Vcov| matrix(fit.clone().with_vcov(kind).unwrap().vcov().matrix());
    let newey_west = |lags| vcov(Vcov::NeweyWest { lags: Some(lags) });
    let jackknife = |first| {
        let panel = panel.between(first, 1986).unwrap();
        let jackknife = spec.half_panel_jackknife(&panel).unwrap();
        named(
            jackknife
                .coefficients()
                .into_iter()
                .map(|e| (e.name, e.value)),
        )
    };
    let fixed = fit.fixed_effects();
    wanted
        .iter()
        .map(|q| {
            let numbers = match *q {
                "coefficients" => all(&|e| e.value),
                "std errors" => all(&|e| e.std_error),
                "t" => all(&Estimate::statistic),
                "p" => all(&Estimate::p_value),
                "R2" => scalar(fit.r_squared().ordinary.unwrap()),
                "adjusted R2" => scalar(fit.r_squared().adjusted.unwrap()),
                "log-likelihood" => scalar(fit.log_likelihood()),
                "AIC" => scalar(fit.aic()),
                "BIC" => scalar(fit.bic()),
                "sigma2" => scalar(fit.sigma2()),
                "residuals" => vector(fit.residuals().iter().copied()),
                "fitted" => vector(fit.fitted()),
                "leverage" => vector(fit.leverage()),
                "vcov" => matrix(fit.vcov().matrix()),
                "HC0" => vcov(Vcov::Hc0),
                "HC1" => vcov(Vcov::Hc1),
                "HC2" => vcov(Vcov::Hc2),
                "HC3" => vcov(Vcov::Hc3),
                "Newey-West, 1 lag" => newey_west(1),
                "Newey-West, 2 lags" => newey_west(2),
                "Newey-West, 5 lags" => newey_west(5),
                "clustered by unit" => vcov(Vcov::HansenHodrick { lags: 16 }),
                "unit effects" => vector(fixed.as_ref().unwrap().units.clone().unwrap()),
                "time effects" => vector(fixed.as_ref().unwrap().periods.clone().unwrap()),
                "jackknife, T = 17" => jackknife(1970),
                "jackknife, T = 16" => jackknife(1971),
                other => panic!("no quantity {other} of a panel"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
