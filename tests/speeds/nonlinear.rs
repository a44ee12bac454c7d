//! The speed as a parameter of nonlinear least squares.

use proptest::prelude::*;
use spatialecon::*;

use crate::{cases, close, growth, oracle, us_states};

/// R 4.2.2, nls(g ~ a - (1 - exp(-b * 80)) / 80 * y0): its last step leaves a part in 3e-10.
#[test]
fn us_states_by_nls_of_r() {
    let (panel, _) = us_states();
    let growth = Growth::between(&panel, "income", 1929, 2009).unwrap();
    let beta = BetaConvergence::fit(&growth, &growth.regression()).unwrap();
    let nls = beta.nonlinear().unwrap();
    let r = oracle("07_convergence.json");
    let pin = |at: &str| r.pointer(at).unwrap().as_f64().unwrap();
    let a = &nls.coefficients()[0];
    assert_eq!(a.name, "const");
    let speed = nls.speed();
    close(
        "speed",
        speed.value(),
        pin("/us_beta_nls/coef/b"),
        1e-9,
        0.0,
    );
    close("a", a.value, pin("/us_beta_nls/coef/a"), 1e-9, 0.0);
    close(
        "se(speed)",
        speed.std_error(),
        pin("/us_beta_nls/se/b"),
        1e-7,
        0.0,
    );
    close("se(a)", a.std_error, pin("/us_beta_nls/se/a"), 1e-7, 0.0);
    // lm of R, whose numbers are final.
    close(
        "speed",
        speed.value(),
        pin("/us_beta_ols/speed"),
        1e-12,
        0.0,
    );
    close(
        "se(speed)",
        speed.std_error(),
        pin("/us_beta_ols/speed_se_delta"),
        1e-12,
        0.0,
    );
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn it_is_least_squares_in_another_parameter(
        n in 8_usize..60, seed: u64, slope in -0.93_f64..3.0, span in 1.0_f64..80.0,
        conditional: bool, weighted: bool, robust: bool, total: bool,
    ) {
        let growth = growth(n, seed, slope, span);
        let growth = if total { growth.total().unwrap() } else { growth };
        let mut spec = growth.regression();
        if conditional { spec = spec.on(["x"]); }
        if weighted { spec = spec.weighted_by("people"); }
        let mut beta = BetaConvergence::fit(&growth, &spec).unwrap();
        if robust { beta = beta.with_vcov(Vcov::Hc3).unwrap(); }
        let Ok(speed) = beta.speed() else {
            let e = beta.nonlinear().unwrap_err();
            let undefined = matches!(e, Error::SpeedUndefined { .. });
            prop_assert!(undefined);
            return Ok(());
        };
        let nls = beta.nonlinear().unwrap();
        close("speed", nls.speed().value(), speed.value(), 1e-10, 1e-3 / span);
        close("se", nls.speed().std_error(), speed.std_error(), 1e-10, 0.0);
        let e = beta.regression().weighted_residuals();
        close("sse", nls.sse(), e.dot(&e), 1e-10, 0.0);
        for c in nls.coefficients() {
            let of = beta.regression().coefficient(&c.name).unwrap();
            close(&c.name, c.value, of.value, 1e-9, of.std_error);
            close(&c.name, c.std_error, of.std_error, 1e-10, 0.0);
        }
        prop_assert!(nls.iterations() < 60, "{}", nls.iterations());
    }
}

#[test]
fn an_slx_too_and_other_models_not() {
    let (panel, w) = us_states();
    let growth = Growth::between(&panel, "income", 1929, 2009).unwrap();
    let fit = |spec: Regression| BetaConvergence::fit(&growth, &spec).unwrap();
    let slx = fit(growth.regression().durbin(&w));
    let (nls, speed) = (slx.nonlinear().unwrap(), slx.speed().unwrap());
    close("speed", nls.speed().value(), speed.value(), 1e-10, 0.0);
    close("se", nls.speed().std_error(), speed.std_error(), 1e-10, 0.0);
    for other in [
        growth.regression().spatial_lag(&w),
        growth.regression().spatial_error(&w),
    ] {
        let e = fit(other).nonlinear().unwrap_err();
        assert!(matches!(e, Error::Unsupported { .. }), "{e}");
    }
}
