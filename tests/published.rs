//! Values of papers, textbooks and other programs, to the digits in which they are stated.
//!
//! Where a number was recomputed from the data of a paper and not read in its print, the comment says so: the test then names the paper as the
//! origin of the specification. Data that do not stand in `tests/data` are read by ignored tests from what environment variables name:
//!
//! ```text
//! SPATIALECON_OLDCOL=folder SPATIALECON_GCOUNTIES=counties.csv cargo test --test published -- --ignored
//! ```

use std::path::{Path, PathBuf};

use ndarray::Array1;
use spatialecon::*;

/// Half a unit of the last decimal of what is stated.
#[track_caller]
fn stated(what: &str, found: f64, stated: &str) {
    let digits = stated.split_once('.').map_or(0, |(_, d)| d.len());
    let value: f64 = stated.parse().unwrap();
    let half = 0.500_001 * 10_f64.powi(-i32::try_from(digits).unwrap());
    assert!(
        (found - value).abs() <= half,
        "{what}: {found} and {stated}"
    );
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(path)
}

fn us_states() -> (Panel, Weights) {
    let years: Vec<String> = (1929..=2009).map(|y: i32| y.to_string()).collect();
    let table = Table::csv(data("us_income/usjoin.csv"))
        .unit("Name")
        .columns(years)
        .read()
        .unwrap();
    let w = Weights::read_gal(data("us_income/states48.gal")).unwrap();
    let by_row = Units::new((0..48).map(|i| i.to_string())).unwrap();
    let w = w.only(&by_row).unwrap().relabelled(table.units()).unwrap();
    (
        Panel::from_wide(&table, "income").unwrap(),
        w.row_standardized().unwrap(),
    )
}

fn mexico(column: &str) -> Array1<f64> {
    let table = Table::csv(data("mexico/mexico.csv"))
        .unit("State")
        .read()
        .unwrap();
    table.values(column).unwrap().to_owned()
}

/// Speed of US states 1929-1994 by least squares and by nonlinear least squares of the equation of Barro and Sala-i-Martin (1992): the two
/// agree, with the same standard error. Recomputed on the income series of PySAL (BEA, revised).
#[test]
fn us_states_speed_1929_1994() {
    let (panel, _) = us_states();
    let growth = Growth::between(&panel, "income", 1929, 1994).unwrap();
    for growth in [growth.clone(), growth.total().unwrap()] {
        let beta = BetaConvergence::fit(&growth, &growth.regression()).unwrap();
        let speed = beta.speed().unwrap();
        stated("speed", speed.value(), "0.0195120");
        stated("its standard error", speed.std_error(), "0.0018318");
    }
}

/// The regressions of Rey and Montouri (1999), Regional Studies 33, in their order, on the revised BEA series (not their vintage):
/// R spatialreg and spdep, 1929-1994, total log growth.
#[test]
fn rey_and_montouri_1999() {
    let (panel, w) = us_states();
    let growth = Growth::between(&panel, "income", 1929, 1994)
        .unwrap()
        .total()
        .unwrap();
    let ols = growth.regression().fit(growth.table()).unwrap();
    stated(
        "b",
        ols.coefficient("ln_initial").unwrap().value,
        "-0.7186845",
    );
    let lm = ols.lm_tests(&w).unwrap();
    stated("LM lag", lm.lag.statistic, "4.7724");
    stated("LM error", lm.error.statistic, "3.5417");
    stated("log-likelihood of OLS", ols.log_likelihood(), "51.33816");
    let sem = BetaConvergence::fit(&growth, &growth.regression().spatial_error(&w)).unwrap();
    stated(
        "lambda",
        sem.regression().lambda().unwrap().value,
        "0.323184",
    );
    stated("rate of the SEM", sem.speed().unwrap().value(), "0.0182448");
    stated(
        "log-likelihood of the SEM",
        sem.regression().log_likelihood(),
        "52.88108",
    );
    let sar = growth
        .regression()
        .spatial_lag(&w)
        .fit(growth.table())
        .unwrap();
    stated("rho", sar.rho().unwrap().value, "0.18586");
    stated(
        "log-likelihood of the SAR",
        sar.log_likelihood(),
        "53.84757",
    );
}

/// Sigma convergence of US states: Lichtenberg (1994) and Carree and Klomp (1997), Review of Economics and Statistics 76 and 79, and Pitman
/// and Morgan (1939); formulae recomputed in another language on the same series. Between 1989 and 2009 Lichtenberg's
/// test misses the fall that the exact one finds.
#[test]
fn us_states_sigma() {
    let (panel, _) = us_states();
    let sigma = SigmaConvergence::with_ddof(&panel, "income", Ddof::Sample).unwrap();
    let sd = |year: i32| {
        sigma
            .series()
            .iter()
            .find(|d| d.period == year)
            .unwrap()
            .sd_log
    };
    stated("sd 1929", sd(1929), "0.369376");
    stated("sd 2009", sd(2009), "0.139084");
    let test = |t: SigmaTest, first: i32, last: i32| sigma.test_by(t, first, last).unwrap();
    let statistic = |t: SigmaTest| test(t, 1929, 2009).statistic;
    // The source cuts 7.0531635 where it rounds the others.
    stated("T1", statistic(SigmaTest::Lichtenberg), "7.05316");
    stated("T2", statistic(SigmaTest::CarreeKlompRatio), "58.622055");
    stated("T3", statistic(SigmaTest::CarreeKlompSlope), "21.763343");
    stated(
        "Pitman-Morgan",
        statistic(SigmaTest::PitmanMorgan),
        "10.992747",
    );
    // The slope of the last date on the first, behind T3.
    let logs = |year: i32| {
        panel
            .variable_at("income", year)
            .unwrap()
            .values()
            .mapv(f64::ln)
    };
    let table = Table::from_columns([("x", logs(1929)), ("y", logs(2009))]).unwrap();
    let slope = Regression::of("y").on(["x"]).fit(&table).unwrap();
    stated("p", slope.coefficient("x").unwrap().value, "0.267743");
    let late = test(SigmaTest::Lichtenberg, 1989, 2009);
    stated("T1, 1989-2009", late.statistic, "1.337606");
    stated("its p", late.p_value, "0.164");
    let late = test(SigmaTest::PitmanMorgan, 1989, 2009);
    stated("Pitman-Morgan, 1989-2009", late.statistic, "2.080953");
    stated("its p", late.p_value, "0.0430");
    // The logs diverged over the eighties, and T3 does not exist.
    let none = sigma.test_by(SigmaTest::CarreeKlompSlope, 1979, 1989);
    assert!(matches!(none, Err(Error::Unsupported { .. })));
}

/// Rey and Sastre-Gutierrez (2010), Spatial Economic Analysis 5: Theil, Theil between the regions of Hanson (1998) and Gini of the states of
/// Mexico by decade, as the documentation of PySAL's `inequality` prints them.
#[test]
fn mexico_by_decade() {
    let between: Vec<(Array1<f64>, Array1<f64>)> = {
        let regions = mexico("hanson98");
        let mut names: Vec<f64> = regions.to_vec();
        names.sort_by(f64::total_cmp);
        names.dedup();
        (1940..=2000)
            .step_by(10)
            .map(|year| {
                let x = mexico(&format!("pcgdp{year}"));
                names
                    .iter()
                    .map(|name| {
                        let of: Vec<f64> = x
                            .iter()
                            .zip(&regions)
                            .filter(|(_, r)| *r == name)
                            .map(|(v, _)| *v)
                            .collect();
                        (of.iter().sum::<f64>() / of.len() as f64, of.len() as f64)
                    })
                    .unzip::<f64, f64, Vec<f64>, Vec<f64>>()
            })
            .map(|(means, sizes)| (means.into(), sizes.into()))
            .collect()
    };
    for (i, (t, b, g)) in [
        ("0.208943", "0.034589", "0.3537"),
        ("0.152225", "0.028169", "0.2964"),
        ("0.104729", "0.052609", "0.2537"),
        ("0.101947", "0.059312", "0.2551"),
        ("0.095601", "0.032053", "0.2451"),
        ("0.105113", "0.029637", "0.2518"),
        ("0.106608", "0.036359", "0.2581"),
    ]
    .into_iter()
    .enumerate()
    {
        let x = mexico(&format!("pcgdp{}", 1940 + 10 * i));
        stated("Theil", theil(&x).unwrap(), t);
        stated(
            "Theil between",
            theil_weighted(&between[i].0, &between[i].1).unwrap(),
            b,
        );
        stated("Gini", gini(&x).unwrap(), g);
    }
    // Dagum (1997): the net part between groups is the Gini of their means; mean logarithmic deviation and its part between.
    let (means, sizes) = &between[0];
    stated(
        "Dagum's net between",
        gini_weighted(means, sizes).unwrap(),
        "0.140661",
    );
    let x = mexico("pcgdp1940");
    stated("Gini 1940", gini(&x).unwrap(), "0.353724");
    stated("L 1940", mean_log_deviation(&x).unwrap(), "0.202949");
    stated(
        "L 1940, between",
        mean_log_deviation_weighted(means, sizes).unwrap(),
        "0.033185",
    );
    // Atkinson's index at aversion 1 is 1 - exp(-L).
    stated(
        "Atkinson 1940",
        -(-mean_log_deviation(&x).unwrap()).exp_m1(),
        "0.183680",
    );
}

/// Störmann's example of five incomes, which is the mean logarithmic deviation (Theil's L) and not T; Dörsam's (2004) six classes of income.
#[test]
fn textbooks() {
    let incomes = [10.0, 10.0, 10.0, 20.0, 50.0];
    stated(
        "Theil's L",
        mean_log_deviation(&incomes[..]).unwrap(),
        "0.2326302",
    );
    let income = [500.0, 1500.0, 2500.0, 4000.0, 7500.0, 15000.0];
    let persons = [1000.0, 1200.0, 1600.0, 400.0, 200.0, 600.0];
    stated(
        "Gini",
        gini_weighted(&income[..], &persons[..]).unwrap(),
        "0.5278261",
    );
}

/// Anselin (1988), chapter 12, neighbourhoods of Columbus: least squares, which does not depend on the weights (his have 232 links, those
/// that are at hand here 230). Coefficients as in R.
#[test]
fn anselin_1988_least_squares() {
    let table = Table::csv(data("columbus/columbus.csv"))
        .columns(["CRIME", "INC", "HOVAL"])
        .read()
        .unwrap();
    let ols = Regression::of("CRIME")
        .on(["INC", "HOVAL"])
        .fit(&table)
        .unwrap();
    for (name, value, std_error) in [
        ("const", "68.618961", "4.735486"),
        ("INC", "-1.597311", "0.334131"),
        ("HOVAL", "-0.273931", "0.103199"),
    ] {
        let b = ols.coefficient(name).unwrap();
        stated(name, b.value, value);
        stated(name, b.std_error, std_error);
    }
    stated("log-likelihood", ols.log_likelihood(), "-187.3772");
}

/// The interval of rho that R spatialreg finds for the 230 links.
#[test]
fn interval_of_columbus() {
    let links = Table::csv(data("columbus/links_230.csv"))
        .columns(["i", "j"])
        .read()
        .unwrap();
    let (i, j) = (links.values("i").unwrap(), links.values("j").unwrap());
    let pairs = i
        .iter()
        .zip(j)
        .map(|(i, j)| (*i as usize - 1, *j as usize - 1, 1.0));
    let w = Weights::from_links_at(&Units::range(49), pairs)
        .unwrap()
        .row_standardized()
        .unwrap();
    let (lo, hi) = w.admissible_interval().unwrap();
    stated("lower end", lo, "-1.533849");
    stated("upper end", hi, "1.000000");
}

/// Anselin (1988), chapter 12, with his own data and 232 links: Moran, LM, SAR, SEM, and the values of R spatialreg for the models that followed. The
/// data are of R spdep (GPL): `tests/oracle/27_oldcol.R` writes them into a folder that `SPATIALECON_OLDCOL` names.
#[test]
#[ignore = "needs the folder SPATIALECON_OLDCOL, written by tests/oracle/27_oldcol.R; command in the header"]
fn columbus_of_anselin_1988() {
    let folder = PathBuf::from(std::env::var("SPATIALECON_OLDCOL").unwrap());
    let table = Table::csv(folder.join("oldcol.csv"))
        .unit("id")
        .columns(["CRIME", "INC", "HOVAL"])
        .read()
        .unwrap();
    let links = std::fs::read_to_string(folder.join("oldcol_links.csv")).unwrap();
    let links = links.lines().skip(1).map(|l| {
        let (from, to) = l.split_once(',').unwrap();
        (from.to_owned(), to.to_owned(), 1.0)
    });
    let w = Weights::from_links(table.units(), links).unwrap();
    assert_eq!(w.links(), 232);
    let w = w.row_standardized().unwrap();
    let base = || Regression::of("CRIME").on(["INC", "HOVAL"]);
    let fit = |r: Regression| r.fit(&table).unwrap();
    let ols = fit(base());
    stated("log-likelihood of OLS", ols.log_likelihood(), "-187.3772");
    let moran = Moran::of(table.variable("CRIME").unwrap(), &w).unwrap();
    stated("I", moran.i(), "0.510951");
    let z = |a: Assumption| moran.test(a, Alternative::Greater).unwrap().statistic;
    stated("z, randomisation", z(Assumption::Randomization), "5.6341");
    stated("z, normality", z(Assumption::Normality), "5.67535");
    let residual = ols.residual_moran(&w).unwrap();
    stated("I of residuals", residual.i, "0.235638");
    stated(
        "its z",
        residual.test(Alternative::Greater).statistic,
        "2.9539",
    );
    let lm = ols.lm_tests(&w).unwrap();
    for (test, value) in lm
        .all()
        .into_iter()
        .zip(["9.3637", "3.7200", "5.7231", "0.0795", "9.4432"])
    {
        stated(&test.name, test.statistic, value);
    }
    let coefficients = |f: &Fit, values: [&str; 3]| {
        for (b, value) in f.coefficients().iter().zip(values) {
            stated(&b.name, b.value, value);
        }
    };
    let sar = fit(base().spatial_lag(&w));
    let rho = sar.rho().unwrap();
    stated("rho", rho.value, "0.4310232");
    stated("its standard error", rho.std_error, "0.1176807");
    // 45.079251 in spatialreg, whose optimiser stops at the eighth digit of rho.
    coefficients(&sar, ["45.07925", "-1.031616", "-0.265926"]);
    stated("log-likelihood of SAR", sar.log_likelihood(), "-182.3904");
    stated("variance of SAR", sar.sigma2(), "95.4945");
    stated(
        "what the lag leaves",
        sar.lm_error_left(&w).unwrap().statistic,
        "0.3195",
    );
    let sem = fit(base().spatial_error(&w));
    let lambda = sem.lambda().unwrap();
    stated("lambda", lambda.value, "0.5617903");
    stated("its standard error", lambda.std_error, "0.1338687");
    coefficients(&sem, ["59.893219", "-0.941312", "-0.302250"]);
    stated("log-likelihood of SEM", sem.log_likelihood(), "-183.3805");
    stated("variance of SEM", sem.sigma2(), "95.5745");
    // Of spatialreg 4.902, without a transpose that the covariance of Pace and LeSage (2008) has; this by dense algebra, in 27_oldcol.R.
    let hausman = sem.hausman_test().unwrap();
    stated("Hausman", hausman.statistic, "5.184631");
    stated("its p", hausman.p_value, "0.158766");
    let sdm = fit(base().spatial_lag(&w).durbin(&w));
    stated("rho of SDM", sdm.rho().unwrap().value, "0.4263355");
    stated("log-likelihood of SDM", sdm.log_likelihood(), "-181.3935");
    let impacts = sdm.impacts().unwrap();
    let of_income = impacts.of("INC").unwrap();
    stated("direct", of_income.direct.value, "-1.023891");
    stated("indirect", of_income.indirect.value, "-1.476711");
    stated("total", of_income.total.value, "-2.500602");
    stated("LR of SAR", sdm.lr_test(&sar).unwrap().statistic, "1.9938");
    stated(
        "LR of common factors",
        sdm.lr_test(&sem).unwrap().statistic,
        "3.9739",
    );
    stated(
        "log-likelihood of SLX",
        fit(base().durbin(&w)).log_likelihood(),
        "-184.0782",
    );
    let sdem = fit(base().spatial_error(&w).durbin(&w));
    stated("lambda of SDEM", sdem.lambda().unwrap().value, "0.425399");
    stated("log-likelihood of SDEM", sdem.log_likelihood(), "-181.5846");
    let sac = fit(base().spatial_lag(&w).spatial_error(&w));
    stated("log-likelihood of SAC", sac.log_likelihood(), "-182.2348");
    stated("rho of SAC", sac.rho().unwrap().value, "0.36807");
    stated("lambda of SAC", sac.lambda().unwrap().value, "0.16668");
}

/// REAT 3.0.3 on the 402 counties of Germany (`reat_*` of tests/oracle/07_convergence.json): its coefficients are ours, its speeds are not, see the unit test of `Speed`;
/// its F test of sigma takes two samples of the same counties as independent. In R: `library(REAT); data(G.counties.gdp); write.csv(G.counties.gdp, "counties.csv")`.
///
/// ```text
/// SPATIALECON_GCOUNTIES=counties.csv cargo test --test published -- --ignored counties_of_reat
/// ```
#[test]
#[ignore = "needs the file SPATIALECON_GCOUNTIES, which is not shipped; command in the header, how to write it above"]
fn counties_of_reat() {
    let path = std::env::var("SPATIALECON_GCOUNTIES").unwrap();
    let years = [
        "gdppc2010",
        "gdppc2011",
        "gdppc2012",
        "gdppc2013",
        "gdppc2014",
    ];
    let table = Table::csv(path)
        .columns(years)
        .labels(["regional"])
        .read()
        .unwrap();
    let fit = |last: &str, span| {
        let growth = Growth::of_columns(&table, "gdppc2010", last, span).unwrap();
        BetaConvergence::fit(&growth, &growth.regression()).unwrap()
    };
    let (one, four) = (fit("gdppc2011", 1.0), fit("gdppc2014", 4.0));
    stated("beta 2010-11", one.beta().value, "-0.0080705329830");
    stated(
        "its standard error",
        one.beta().std_error,
        "0.0044901364179",
    );
    stated(
        "speed 2010-11",
        one.speed().unwrap().value(),
        "0.0081032760201",
    );
    stated(
        "alpha 2010-14",
        four.regression().coefficient("const").unwrap().value,
        "0.1041585292323",
    );
    stated("beta 2010-14", four.beta().value, "-0.0073733470700");
    // The nonlinear parameter of REAT stops at seven digits.
    stated(
        "speed 2010-14",
        four.nonlinear().unwrap().speed().value(),
        "0.007484",
    );
    stated(
        "its standard error",
        four.speed().unwrap().std_error(),
        "0.001904",
    );
    let west = table
        .labels("regional")
        .unwrap()
        .iter()
        .map(|l| f64::from(u8::from(l == "West")));
    let growth = Growth::of_columns(&table, "gdppc2010", "gdppc2014", 4.0).unwrap();
    let growth = growth
        .column("West", west.collect::<Array1<f64>>())
        .unwrap();
    let conditional = BetaConvergence::fit(&growth, &growth.regression().on(["West"])).unwrap();
    stated(
        "beta given West",
        conditional.beta().value,
        "-0.0069545096181",
    );
    for (year, sd) in years
        .iter()
        .zip(["0.349777", "0.348373", "0.344758", "0.342070", "0.343378"])
    {
        let sample = sd_of_logs(table.variable(year).unwrap(), Ddof::Sample).unwrap();
        stated("sd of logs", sample, sd);
    }
}
