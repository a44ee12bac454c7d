//! Unit roots in panels.

use std::collections::BTreeMap;

use serde_json::Value;
use spatialecon::*;

use crate::{Numbers, guangdong, main_folder, scalar, us_states, vector};

fn series(case: &Value) -> (Panel, &'static str) {
    let folder = main_folder().join("tests/data");
    match case["data"].as_str().unwrap() {
        "grunfeld" => {
            let panel = Panel::csv(folder.join("grunfeld/grunfeld.csv"))
                .unit("firm")
                .period("year")
                .columns(["invest"])
                .read()
                .unwrap();
            (panel, "invest")
        }
        "munnell" => {
            let panel = Panel::csv(folder.join("munnell/munnell.csv"))
                .unit("STATE")
                .period("YR")
                .columns(["P_CAP", "PC", "EMP", "GSP", "UNEMP"])
                .read()
                .unwrap();
            let levels = ["P_CAP", "PC", "EMP", "GSP"];
            let panel = levels.iter().fold(panel, |p, c| p.with_ln(c).unwrap());
            (panel, "ln_GSP")
        }
        other => panic!("no series {other}"),
    }
}

fn tests(case: &Value) -> StochasticConvergence {
    let (panel, column) = series(case);
    let tests = StochasticConvergence::of_series(&panel, column).unwrap();
    let tests = tests.deterministic(match case["terms"].as_str().unwrap() {
        "none" => Deterministic::None,
        "constant" => Deterministic::Constant,
        "trend" => Deterministic::Trend,
        other => panic!("no terms {other}"),
    });
    match case["lags"].as_str() {
        None => tests,
        Some("AIC 3") => tests.lags(Lags::Aic(3)),
        Some("AIC 4") => tests.lags(Lags::Aic(4)),
        Some("BIC 3") => tests.lags(Lags::Bic(3)),
        Some("GTS 3") => tests.lags(Lags::GeneralToSpecific(3)),
        Some("1") => tests.lags(Lags::Fixed(1)),
        Some(other) => panic!("no lags {other}"),
    }
}

/// The W of plm without `dfcor`: t with the variance RSS / n.
fn w_of_plm(ips: &ImPesaranShin) -> f64 {
    let units = ips.units().units();
    let t = |u: &UnitRoot| {
        let (rows, k) = (u.observations() as f64, u.coefficients() as f64);
        u.statistic() * (rows / (rows - k)).sqrt()
    };
    let gap: f64 = units
        .iter()
        .zip(ips.moments())
        .map(|(u, m)| t(u) - m.0)
        .sum();
    let variance: f64 = ips.moments().iter().map(|m| m.1).sum();
    // sqrt(n) (gap / n) / sqrt(variance / n)
    gap / variance.sqrt()
}

fn residuals(case: &Value) -> CrossDependence {
    let effects = match case["effects"].as_str().unwrap() {
        "pooled" => Effects::None,
        "individual" => Effects::Unit,
        "time" => Effects::Time,
        "twoways" => Effects::TwoWays,
        other => panic!("no effects {other}"),
    };
    let (panel, _) = series(case);
    let spec = Regression::of("ln_GSP").on(["ln_P_CAP", "ln_PC", "ln_EMP", "UNEMP"]);
    CrossDependence::of_residuals(&spec.effects(effects).fit(&panel).unwrap()).unwrap()
}

/// Relative incomes: the levels, not their logs.
fn lines(case: &Value) -> CarlinoMills {
    let (panel, _) = series(case);
    let tests = StochasticConvergence::of(&panel, "GSP").unwrap();
    tests.lags(Lags::Fixed(1)).carlino_mills().unwrap()
}

fn of_lines(case: &Value, f: &dyn Fn(&GapLine) -> f64) -> Numbers {
    vector(lines(case).units().iter().map(f))
}

/// Gaps to the mean of logs.
fn evans_karras(case: &Value) -> EvansKarras {
    let ((panel, _), column) = match case["data"].as_str().unwrap() {
        "us states" => (us_states(), "income"),
        "guangdong" => (guangdong(), "gdp_pc_real2000_yuan"),
        other => panic!("no incomes {other}"),
    };
    let lags = match case["lags"].as_str().unwrap() {
        "AIC 4" => Lags::Aic(4),
        fixed => Lags::Fixed(fixed.parse().unwrap()),
    };
    let gaps = StochasticConvergence::of(&panel, column).unwrap();
    let gaps = gaps.relative_to(Reference::LogMean).unwrap().lags(lags);
    gaps.evans_karras(Draws::new(100)).unwrap()
}

pub fn compute(case: &Value, wanted: &[&str]) -> BTreeMap<String, Numbers> {
    let draws = Draws::new(100);
    let cips = || {
        let lags = case["p"].as_u64().unwrap() as usize;
        tests(case).cips(lags, draws).unwrap()
    };
    wanted
        .iter()
        .map(|q| {
            let of_units = |f: &dyn Fn(&UnitRoot) -> f64| {
                vector(tests(case).adf_all().unwrap().units().iter().map(f))
            };
            let numbers = match *q {
                "t" => of_units(&UnitRoot::statistic),
                "rho" => of_units(&UnitRoot::rho),
                "lag" => of_units(&|u| u.lag() as f64),
                "unit p" => of_units(&UnitRoot::p_value),
                "P" => scalar(tests(case).fisher().unwrap().maddala_wu().statistic),
                "P p" => scalar(tests(case).fisher().unwrap().maddala_wu().p_value),
                "Pm" => scalar(tests(case).fisher().unwrap().modified().statistic),
                "Pm p" => scalar(tests(case).fisher().unwrap().modified().p_value),
                "Z" => scalar(tests(case).fisher().unwrap().inverse_normal().statistic),
                "Z p" => scalar(tests(case).fisher().unwrap().inverse_normal().p_value),
                "L*" => scalar(tests(case).fisher().unwrap().logit().statistic),
                "L* p" => scalar(tests(case).fisher().unwrap().logit().p_value),
                "W" => scalar(tests(case).ips().unwrap().test().statistic),
                "W p" => scalar(tests(case).ips().unwrap().test().p_value),
                "moments" => {
                    let ips = tests(case).ips().unwrap();
                    vector(ips.moments().iter().flat_map(|m| [m.0, m.1]))
                }
                "W, RSS / n" => scalar(w_of_plm(&tests(case).ips().unwrap())),
                "t*" | "t* of plm" => scalar(tests(case).llc().unwrap().test().statistic),
                "truncation" => scalar(tests(case).llc().unwrap().truncation() as f64),
                "CD" => scalar(tests(case).cross_dependence().unwrap().cd().statistic),
                "squares" => scalar(tests(case).cross_dependence().unwrap().squares().statistic),
                "mean absolute correlation" => {
                    let d = tests(case).cross_dependence().unwrap();
                    scalar(d.mean_absolute_correlation())
                }
                "CADF" => vector(cips().units().iter().map(|u| u.statistic)),
                "CIPS" => scalar(cips().test().statistic),
                "CIPS*" => scalar(cips().truncated().statistic),
                "Hadri" => scalar(tests(case).hadri().unwrap().heteroskedastic().statistic),
                "Hadri, one variance" => {
                    scalar(tests(case).hadri().unwrap().homoskedastic().statistic)
                }
                "Hadri, 2 lags" => {
                    let hadri = tests(case).hadri_robust(2).unwrap();
                    scalar(hadri.heteroskedastic().statistic)
                }
                "Hadri, one variance, 2 lags" => scalar(
                    tests(case)
                        .hadri_robust(2)
                        .unwrap()
                        .homoskedastic()
                        .statistic,
                ),
                "line lag" => scalar(lines(case).lag() as f64),
                "line level" => of_lines(case, &|l| l.level.value),
                "line level se" => of_lines(case, &|l| l.level.std_error),
                "line trend" => of_lines(case, &|l| l.trend.value),
                "line trend se" => of_lines(case, &|l| l.trend.std_error),
                "line t" => of_lines(case, &|l| l.unit_root.statistic()),
                "CD of residuals" => scalar(residuals(case).cd().statistic),
                "CD of residuals p" => scalar(residuals(case).cd().p_value),
                "mean correlation of residuals" => scalar(residuals(case).mean_correlation()),
                "mean absolute correlation of residuals" => {
                    scalar(residuals(case).mean_absolute_correlation())
                }
                "pooled rho" => scalar(evans_karras(case).rho().value),
                "pooled rho se" => scalar(evans_karras(case).rho().std_error),
                "tau" => scalar(evans_karras(case).test().statistic),
                "constants" => vector(evans_karras(case).intercepts().iter().map(|e| e.value)),
                "constants se" => {
                    vector(evans_karras(case).intercepts().iter().map(|e| e.std_error))
                }
                "Phi" => scalar(evans_karras(case).absolute().statistic),
                "Phi p, F" => scalar(evans_karras(case).absolute_by_f().p_value),
                "unit lags" => {
                    let test = evans_karras(case);
                    vector(test.units().units().iter().map(|u| u.lag() as f64))
                }
                other => panic!("no quantity {other} of unit roots"),
            };
            ((*q).to_owned(), numbers)
        })
        .collect()
}
