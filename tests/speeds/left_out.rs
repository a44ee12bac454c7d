//! Units left out, Galton's decomposition, spans.

use ndarray::{Array1, Array2};
use serde_json::Value;
use spatialecon::*;

use crate::{close, folder, growth, oracle, us_states};

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

fn us(model: impl Fn(Regression, &Weights) -> Regression) -> BetaConvergence {
    let (panel, w) = us_states();
    let growth = Growth::between(&panel, "income", 1929, 2009).unwrap();
    BetaConvergence::fit(&growth, &model(growth.regression(), &w)).unwrap()
}

/// statsmodels: OLSInfluence, and 48 refits with every covariance.
#[test]
fn us_states_left_out() {
    let pins = &oracle("37_speeds.json")["us_left_out"];
    let check = |out: &LeaveOneOut, what: &str, of: &dyn Fn(&LeftOut) -> f64, pin: &Value| {
        for (unit, expected) in out.units().iter().zip(numbers(pin)) {
            close(
                &format!("{what} {}", unit.unit()),
                of(unit),
                expected,
                1e-9,
                1e-12,
            );
        }
    };
    let beta = us(|r, _| r);
    let out = beta.leave_one_out().unwrap();
    assert_eq!(out.units().len(), 48);
    check(&out, "leverage", &LeftOut::leverage, &pins["leverage"]);
    check(
        &out,
        "Cook",
        &|u| u.influence().unwrap().cook(),
        &pins["cook"],
    );
    check(
        &out,
        "beta",
        &|u| u.influence().unwrap().beta().value,
        &pins["beta"],
    );
    check(
        &out,
        "se",
        &|u| u.influence().unwrap().beta().std_error,
        &pins["se"],
    );
    check(
        &out,
        "speed",
        &|u| u.influence().unwrap().speed().unwrap().value(),
        &pins["speed"],
    );
    for (vcov, name) in [
        (Vcov::Hc0, "HC0"),
        (Vcov::Hc1, "HC1"),
        (Vcov::Hc2, "HC2"),
        (Vcov::Hc3, "HC3"),
    ] {
        let out = beta
            .clone()
            .with_vcov(vcov)
            .unwrap()
            .leave_one_out()
            .unwrap();
        check(
            &out,
            name,
            &|u| u.influence().unwrap().beta().std_error,
            &pins["hc"][name],
        );
    }
    let top = out.most_influential(3);
    assert!(top[0].influence().unwrap().cook() >= top[1].influence().unwrap().cook());
    let largest = numbers(&pins["cook"]).into_iter().fold(0.0, f64::max);
    close(
        "largest",
        top[0].influence().unwrap().cook(),
        largest,
        1e-9,
        0.0,
    );
}

/// The closed form is a refit, also with weights of the observations and determinants.
#[test]
fn the_closed_form_is_a_refit() {
    let growth = growth(17, 6, -0.4, 20.0);
    for robust in [Vcov::Classical, Vcov::Hc1, Vcov::Hc3] {
        let spec = growth.regression().on(["x"]).weighted_by("people");
        let beta = BetaConvergence::fit(&growth, &spec)
            .unwrap()
            .with_vcov(robust)
            .unwrap();
        let out = beta.leave_one_out().unwrap();
        for unit in out.units() {
            let table = growth.table().without([unit.unit()]).unwrap();
            let fit = spec.fit(&table).unwrap().with_vcov(robust).unwrap();
            let (i, b) = (
                unit.influence().unwrap(),
                fit.coefficient("ln_initial").unwrap(),
            );
            close("beta", i.beta().value, b.value, 1e-9, 0.0);
            close("se", i.beta().std_error, b.std_error, 1e-9, 0.0);
            close("p", i.beta().p_value(), b.p_value(), 1e-7, 1e-12);
            close(
                "dfbeta",
                i.dfbeta(),
                beta.beta().value - b.value,
                1e-9,
                1e-9,
            );
        }
    }
}

#[test]
fn spatial_models_are_fitted_again() {
    let (panel, w) = us_states();
    let g = Growth::between(&panel, "income", 1929, 2009).unwrap();
    let beta = us(|r, w| r.spatial_lag(w));
    let out = beta.leave_one_out().unwrap();
    for unit in out.units().iter().step_by(7) {
        let less = w
            .raw()
            .without([unit.unit()])
            .unwrap()
            .islands_kept()
            .row_standardized()
            .unwrap();
        let fit = g.regression().spatial_lag(&less);
        let fit = fit.fit(&g.table().without([unit.unit()]).unwrap()).unwrap();
        let i = unit.influence().unwrap();
        close(
            "beta",
            i.beta().value,
            fit.coefficient("ln_initial").unwrap().value,
            1e-9,
            0.0,
        );
        assert!(i.cook() >= 0.0);
    }
    // Maine has one neighbour, New Hampshire.
    let maine = out
        .units()
        .iter()
        .find(|u| u.unit() == "New Hampshire")
        .unwrap();
    assert_eq!(maine.notes(), [Note::Islands { count: 1 }]);
    assert!(out.units().iter().filter(|u| !u.notes().is_empty()).count() == 1);
    assert!(
        out.to_string()
            .contains("without New Hampshire: 1 unit(s) without neighbours"),
        "{out}"
    );
}

#[test]
fn a_unit_that_alone_determines_a_coefficient() {
    let growth = growth(12, 2, -0.3, 20.0);
    let only: Vec<f64> = (0..12).map(|i| f64::from(u8::from(i == 3))).collect();
    let growth = growth.column("capital", only).unwrap();
    let beta = BetaConvergence::fit(&growth, &growth.regression().on(["capital"])).unwrap();
    let out = beta.leave_one_out().unwrap();
    assert!(
        out.units()[3]
            .influence()
            .unwrap_err()
            .to_string()
            .contains("`3`")
    );
    assert!(
        out.units()
            .iter()
            .enumerate()
            .all(|(i, u)| u.influence().is_ok() == (i != 3))
    );
    assert_eq!(out.most_influential(1)[0].unit(), "3");
    assert!(out.to_string().contains("leverage is one"));
    let few = crate::growth(3, 2, -0.3, 20.0);
    let few = BetaConvergence::fit(&few, &few.regression()).unwrap();
    assert!(matches!(
        few.leave_one_out(),
        Err(Error::TooFewUnits {
            needed: 4,
            n: 3,
            ..
        })
    ));
}

/// numpy.
#[test]
fn galton_of_us_states() {
    let pins = &oracle("37_speeds.json")["us_galton"];
    let v = us(|r, _| r).variance_decomposition().unwrap();
    let pin = |name: &str| pins[name].as_f64().unwrap();
    close("initial", v.initial, pin("initial"), 1e-12, 0.0);
    close("last", v.last, pin("last"), 1e-12, 0.0);
    close("carried", v.carried, pin("carried"), 1e-10, 0.0);
    close("covariance", v.covariance, 0.0, 1e-13, 1.0);
    close("shocks", v.shocks, pin("shocks"), 1e-10, 0.0);
    close(
        "stationary",
        v.stationary().unwrap(),
        pin("stationary"),
        1e-10,
        0.0,
    );
}

/// An identity, in every model and for both conventions; sigma is that of the panel.
#[test]
fn galton_is_an_identity() {
    let (panel, w) = us_states();
    let sigma = SigmaConvergence::of(&panel, "income").unwrap();
    let sd = |year: i32| {
        sigma
            .series()
            .iter()
            .find(|d| d.period == year)
            .unwrap()
            .sd_log
    };
    let annual = Growth::between(&panel, "income", 1950, 1990).unwrap();
    for growth in [annual.clone(), annual.total().unwrap()] {
        for spec in [
            growth.regression(),
            growth.regression().spatial_lag(&w).durbin(&w),
        ] {
            let v = BetaConvergence::fit(&growth, &spec)
                .unwrap()
                .variance_decomposition()
                .unwrap();
            close(
                "sum",
                v.carried + v.covariance + v.shocks,
                v.last,
                1e-12,
                0.0,
            );
            close("first", v.initial, sd(1950).powi(2), 1e-10, 0.0);
            close("last", v.last, sd(1990).powi(2), 1e-10, 0.0);
        }
    }
}

fn guangdong(column: &str) -> Panel {
    Panel::csv(folder("examples/data/guangdong/guangdong_panel.csv"))
        .unit("adcode")
        .period("year")
        .columns([column])
        .read()
        .unwrap()
}

/// statsmodels, 136 spans each of nominal and real GDP a head.
#[test]
fn spans_of_guangdong() {
    let pins = oracle("37_speeds.json");
    for column in ["gdp_pc_yuan", "gdp_pc_real2000_yuan"] {
        let panel = guangdong(column);
        let spans = BetaSpans::of(&panel, column, 8).unwrap();
        let robust = spans.clone().with_vcov(Vcov::Hc3).unwrap();
        let table = pins[format!("spans_{column}")].as_array().unwrap();
        assert_eq!((spans.rows().len(), table.len()), (136, 136));
        for ((row, hc3), pin) in spans.rows().iter().zip(robust.rows()).zip(table) {
            let pin = numbers(pin);
            assert_eq!([row.first(), row.last()].map(f64::from), pin[..2]);
            let b = row.beta();
            close("b", b.value, pin[2], 1e-9, 1e-6);
            close("se", b.std_error, pin[3], 1e-9, 0.0);
            close("HC3", hc3.beta().std_error, pin[4], 1e-9, 0.0);
            close("p", b.p_value(), pin[5], 1e-7, 1e-12);
            close("speed", row.speed().unwrap().value(), pin[6], 1e-9, 1e-6);
            let r2 = row.convergence().regression().r_squared().ordinary.unwrap();
            close("R2", r2, pin[7], 1e-9, 1e-6);
        }
        assert_eq!(spans.between(2000, 2023).unwrap().last(), 2023);
        assert!(spans.between(2000, 2002).is_err());
    }
}

#[test]
fn spans_that_are_not_there_and_gaps_that_more_than_close() {
    let panel = guangdong("gdp_pc_yuan");
    for years in [0, 24, u32::MAX] {
        let e = BetaSpans::of(&panel, "gdp_pc_yuan", years).unwrap_err();
        assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
    }
    let rows = [
        [1.0, 2.0, 4.0, 8.0, 16.0],
        [1.5, 2.5, 4.2, 7.5, 13.0],
        [30.0, 9.0, 5.0, 2.0, 1.1],
    ];
    let values = Array2::from_shape_vec((3, 5), rows.concat()).unwrap();
    let panel =
        Panel::from_columns(&Units::range(5), &[2000, 2005, 2010], [("y", values)]).unwrap();
    let spans = BetaSpans::of(&panel, "y", 5).unwrap();
    assert_eq!(spans.rows().len(), 3);
    let undefined = |first, last| spans.between(first, last).unwrap().speed().is_err();
    assert_eq!(
        [
            undefined(2000, 2005),
            undefined(2000, 2010),
            undefined(2005, 2010)
        ],
        [false, true, true]
    );
    assert_eq!(
        spans.to_string().matches("1 + bT <= 0").count(),
        2,
        "{spans}"
    );
}

#[test]
fn a_constant_initial_level_is_refused() {
    let last: Array1<f64> = (0..9).map(|i| 2.0 + f64::from(i)).collect();
    let table = Table::from_columns([("y0", Array1::from_elem(9, 3.0)), ("y1", last)]).unwrap();
    let growth = Growth::of_columns(&table, "y0", "y1", 5.0).unwrap();
    let e = BetaConvergence::fit(&growth, &growth.regression()).unwrap_err();
    assert!(e.to_string().contains("ln_initial"), "{e}");
}

/// The mean over parameters of (q - q_i)' V^-1 (q - q_i), by the Wald test that the whole fit has the parameters without unit i.
fn cook(whole: &Fit, without: &[(&str, f64)]) -> f64 {
    let factors: Vec<[(&str, f64); 1]> = without.iter().map(|(name, _)| [(*name, 1.0)]).collect();
    let restrictions: Vec<(&[(&str, f64)], f64)> = (factors.iter().zip(without))
        .map(|(f, (_, value))| (f.as_slice(), *value))
        .collect();
    let test = whole.wald_restrictions(&restrictions).unwrap();
    test.statistic / without.len() as f64
}

fn line(n: usize) -> Weights {
    let line = Weights::lattice(Lattice::rook(1, n)).unwrap();
    line.row_standardized().unwrap()
}

/// Without the second unit of a line the first has no neighbour, and its row no sum: the lag of the constant is a regressor that the whole fit has not.
#[test]
fn units_that_lose_their_neighbour_keep_a_durbin_model() {
    let w = line(14);
    let growth = growth(14, 3, -0.3, 20.0);
    for model in [
        growth.regression().durbin(&w),
        growth.regression().spatial_lag(&w).durbin(&w),
    ] {
        let whole = BetaConvergence::fit(&growth, &model).unwrap();
        let out = whole.leave_one_out().unwrap();
        let unit = &out.units()[1];
        assert!(matches!(unit.notes(), [Note::Islands { count: 1 }]));
        let less = w.raw().without(["1"]).unwrap().islands_kept();
        let less = less.row_standardized().unwrap();
        let base = growth.regression().durbin(&less);
        let again = match whole.regression().rho() {
            Some(_) => base.spatial_lag(&less),
            None => base,
        };
        let fit = again.fit(&growth.table().without(["1"]).unwrap()).unwrap();
        let of = |name: &str| fit.coefficient(name).unwrap().value;
        // The constant of a unit with neighbours.
        let mut expected = vec![
            ("const", of("const") + of("W const")),
            ("ln_initial", of("ln_initial")),
            ("W ln_initial", of("W ln_initial")),
        ];
        expected.extend(fit.rho().map(|rho| ("rho", rho.value)));
        let influence = unit.influence().unwrap();
        let expected = cook(whole.regression(), &expected);
        close("Cook", influence.cook(), expected, 1e-8, 0.0);
        close("beta", influence.beta().value, of("ln_initial"), 1e-12, 0.0);
    }
    // The one unit without neighbours alone tells the lag of the constant from the constant.
    let pairs = (1..13).map(|i| (i.to_string(), (i + 1).to_string()));
    let w = Weights::from_pairs(growth.table().units(), pairs).unwrap();
    let w = w.islands_kept().row_standardized().unwrap();
    let one = BetaConvergence::fit(&growth, &growth.regression().durbin(&w)).unwrap();
    let out = one.leave_one_out().unwrap();
    let error = out.units()[0].influence().unwrap_err().to_string();
    assert!(
        error.contains("`0`") && error.contains("`W const`"),
        "{error}"
    );
    assert!(out.units()[5].influence().is_ok());
}

/// Without the first unit the groups come in another order.
#[test]
fn coefficients_by_regime_are_compared_by_name() {
    let w = line(30);
    let growth = growth(30, 4, -0.3, 20.0);
    let sides = (0..30).map(|i| if i % 3 == 0 { "a" } else { "b" });
    let growth = growth.labelled("side", sides).unwrap();
    let model = |w: &Weights| {
        let base = growth.regression().regimes_of(["const"], "side");
        base.spatial_lag(w)
    };
    let whole = BetaConvergence::fit(&growth, &model(&w)).unwrap();
    let out = whole.leave_one_out().unwrap();
    let less = w.raw().without(["0"]).unwrap().row_standardized().unwrap();
    let fit = model(&less)
        .fit(&growth.table().without(["0"]).unwrap())
        .unwrap();
    assert_eq!(fit.regimes().unwrap(), ["b", "a"]);
    let names = ["const [a]", "const [b]", "ln_initial"];
    let mut expected = names
        .map(|n| (n, fit.coefficient(n).unwrap().value))
        .to_vec();
    expected.push(("rho", fit.rho().unwrap().value));
    let found = out.units()[0].influence().unwrap().cook();
    close(
        "Cook",
        found,
        cook(whole.regression(), &expected),
        1e-8,
        0.0,
    );
}
