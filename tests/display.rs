//! How everything prints itself, held by snapshots.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test --test display`, then read the difference by eye.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use ndarray::array;
use spatialecon::*;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Crime in 49 neighbourhoods of Columbus, Ohio, with contiguity.
fn columbus() -> (Table, Weights) {
    let folder = folder("tests/data/columbus");
    let table = Table::csv(folder.join("columbus.csv"))
        .columns(["CRIME", "INC", "HOVAL", "X", "Y"])
        .read()
        .unwrap();
    let ids = Units::new((1..=49).map(|i| i.to_string())).unwrap();
    let w = Weights::read_gal(folder.join("columbus.gal")).unwrap();
    (
        table.clone(),
        w.only(&ids).unwrap().relabelled(table.units()).unwrap(),
    )
}

/// The prefectures of Guangdong, 2000 to 2023, with contiguity.
fn guangdong() -> (Panel, Weights) {
    let folder = folder("examples/data/guangdong");
    let panel = Panel::csv(folder.join("guangdong_panel.csv"))
        .unit("name_en")
        .period("year")
        .columns(["gdp_pc_real2000_yuan", "resident_pop_10k"])
        .labels(["region"])
        .read()
        .unwrap();
    let regions = Regions::geojson(folder.join("guangdong.geojson"))
        .unit("name_en")
        .read()
        .unwrap();
    let w = Weights::queen(&regions).unwrap();
    (panel, w.row_standardized().unwrap())
}

fn crime(model: &str) -> Fit {
    let (table, w) = columbus();
    let w = w.row_standardized().unwrap();
    let base = Regression::of("CRIME").on(["INC", "HOVAL"]);
    let spec = match model {
        "OLS" => base,
        "SLX" => base.durbin(&w),
        "SAR" => base.spatial_lag(&w),
        "SEM" => base.spatial_error(&w),
        "SDM" => base.spatial_lag(&w).durbin(&w),
        "SAC" => base.spatial_lag(&w).spatial_error(&w),
        "GNS" => base.spatial_lag(&w).spatial_error(&w).durbin(&w),
        _ => base.spatial_error(&w).durbin(&w),
    };
    spec.fit(&table).unwrap()
}

fn growth() -> Growth {
    Growth::between(&guangdong().0, "gdp_pc_real2000_yuan", 2000, 2020).unwrap()
}

/// One line for each.
fn lines<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let lines: Vec<String> = items.into_iter().map(|i| i.to_string()).collect();
    lines.join("\n")
}

#[test]
fn weights() {
    let (table, w) = columbus();
    let points = table.points_planar("X", "Y").unwrap();
    assert_snapshot!("weights_raw", w);
    assert_snapshot!("weights_row", w.row_standardized().unwrap());
    assert_snapshot!("weights_min_max", w.min_max_normalized().unwrap());
    assert_snapshot!("weights_k_nearest", Weights::k_nearest(&points, 4).unwrap());
    let inverse = Decay::inverse(2.0).within(5.0);
    assert_snapshot!(
        "weights_inverse_distance",
        Weights::distance_decay(&points, inverse).unwrap()
    );
    let band = Weights::distance_band(&points, 2.0).unwrap();
    assert_snapshot!("weights_islands", band);
    assert_snapshot!("weights_islands_kept", band.islands_kept());
    assert_snapshot!(
        "weights_islands_attached",
        band.islands_attached(&points).unwrap()
    );
    assert_snapshot!("weights_without_islands", band.without_islands().unwrap());
    assert_snapshot!("weights_guangdong", guangdong().1);
    assert_snapshot!(
        "weights_transforms",
        lines([
            Transform::Raw,
            Transform::Binary,
            Transform::Row,
            Transform::Global,
            Transform::Unit,
            Transform::VarianceStabilizing,
            Transform::Doubly,
            Transform::Spectral,
            Transform::MinMax,
        ])
    );
}

#[test]
fn moran() {
    let (table, w) = columbus();
    let w = w.row_standardized().unwrap();
    let m = Moran::of(table.variable("CRIME").unwrap(), &w).unwrap();
    assert_snapshot!("moran", m);
    let permuted = m.permutation(Permutations::new(999).seed(1)).unwrap();
    assert_snapshot!("moran_permutation", permuted);
    let points = table.points_planar("X", "Y").unwrap();
    let band = Weights::distance_band(&points, 2.0).unwrap().islands_kept();
    let kept = Moran::of(table.variable("CRIME").unwrap(), &band).unwrap();
    assert_snapshot!("moran_with_islands", kept);
    assert_snapshot!(
        "moran_of_the_residuals",
        crime("OLS").residual_moran(&w).unwrap()
    );
}

#[test]
fn local_moran() {
    let (panel, w) = guangdong();
    let x = panel.at(2020).unwrap();
    let x = x.variable("gdp_pc_real2000_yuan").unwrap();
    let local = LocalMoran::of(x.clone(), &w, Permutations::new(999).seed(1)).unwrap();
    assert_snapshot!("local_moran", local);
    let few = Permutations::new(99).seed(1).independent();
    let one_sided = LocalMoran::of(x, &w, few).unwrap();
    assert_snapshot!(
        "local_moran_one_sided",
        one_sided.alternative(Alternative::Greater)
    );
    // More than fifty units are counted, not listed.
    let n = 60;
    let links = (1..n).flat_map(|i| [(i - 1, i, 1.0), (i, i - 1, 1.0)]);
    let line = Weights::from_links_at(&Units::range(n), links).unwrap();
    let x: Vec<f64> = (0..n)
        .map(|i| ((i / 10) % 2) as f64 + 0.01 * i as f64)
        .collect();
    let many = LocalMoran::of(&x[..], &line, Permutations::new(999)).unwrap();
    assert_snapshot!("local_moran_many", many);
}

#[test]
fn global_statistics() {
    let (table, w) = columbus();
    let row = w.row_standardized().unwrap();
    let x = || table.variable("CRIME").unwrap();
    let y = || table.variable("INC").unwrap();
    assert_snapshot!("geary", Geary::of(x(), &row).unwrap());
    assert_snapshot!("getis_ord", GetisOrd::of(x(), &w).unwrap());
    assert_snapshot!("lee", Lee::of(x(), y(), &row).unwrap());
    assert_snapshot!(
        "bivariate_moran",
        BivariateMoran::of(x(), y(), &row).unwrap()
    );
    assert_snapshot!("aple", Aple::of(x(), &row).unwrap());
    let high: Vec<f64> = x().values().iter().map(|&v| f64::from(v > 34.0)).collect();
    assert_snapshot!("join_counts", JoinCounts::of(&high, &w).unwrap());
    let thirds: Vec<&str> = (x().values().iter())
        .map(|&v| {
            if v > 45.0 {
                "high"
            } else if v > 25.0 {
                "middle"
            } else {
                "low"
            }
        })
        .collect();
    let joins = JoinCounts::of_labels(&thirds, &w).unwrap();
    assert_snapshot!("join_counts_of_three", joins);
    assert_snapshot!("correlogram", Correlogram::by_order(x(), &row, 4).unwrap());
    let points = table.points_planar("X", "Y").unwrap();
    let far = Correlogram::by_distance(x(), &points, &[4.0, 8.0, 16.0]).unwrap();
    assert_snapshot!("correlogram_by_distance", far);
    let m = Moran::of(x(), &row).unwrap();
    let four = [1.0, 3.0, 4.0, 9.0];
    let line = Weights::from_pairs(&Units::range(4), [("0", "1"), ("1", "2"), ("2", "3")]).unwrap();
    let all = Moran::of(&four[..], &line).unwrap();
    assert_snapshot!(
        "exact_tests",
        lines([
            m.exact(Alternative::TwoSided).unwrap().to_string(),
            m.saddlepoint(Alternative::Greater).unwrap().to_string(),
            all.permutation(Permutations::all()).unwrap().to_string(),
        ])
    );
}

#[test]
fn local_statistics() {
    let (panel, w) = guangdong();
    let at = panel.at(2020).unwrap();
    let x = || at.variable("gdp_pc_real2000_yuan").unwrap();
    let start = panel.at(2000).unwrap();
    let y = || start.variable("gdp_pc_real2000_yuan").unwrap();
    let p = Permutations::new(999).seed(1);
    assert_snapshot!("local_geary", LocalGeary::of(x(), &w, p).unwrap());
    let both = LocalGeary::of_many([x(), y()], &w, p).unwrap();
    assert_snapshot!("local_geary_of_two", both);
    let binary = w.links_only();
    assert_snapshot!(
        "local_g",
        LocalGetisOrd::g(x(), &binary, Permutations::all()).unwrap()
    );
    assert_snapshot!(
        "local_g_star",
        LocalGetisOrd::g_star(x(), &binary, p).unwrap()
    );
    assert_snapshot!("local_lee", LocalLee::of(x(), y(), &w, p).unwrap());
    let bivariate = LocalBivariateMoran::of(x(), y(), &w, p).unwrap();
    assert_snapshot!("local_bivariate_moran", bivariate);
    assert_snapshot!("losh", Losh::of(x(), &w, p).unwrap());
    let rich = |v: Variable<'_>, least: f64| -> Vec<f64> {
        v.values().iter().map(|&v| f64::from(v > least)).collect()
    };
    let (now, then) = (rich(x(), 50_000.0), rich(y(), 12_000.0));
    assert_snapshot!(
        "local_join_counts",
        LocalJoinCounts::of(&now, &binary, p).unwrap()
    );
    let together = LocalJoinCounts::colocation(&now, &then, &binary, p).unwrap();
    assert_snapshot!("local_join_counts_together", together);
    assert_snapshot!(
        "labels_of_maps",
        lines([
            lines([GearyCluster::HighHigh, GearyCluster::LowLow]),
            lines([
                HotSpot::Hot,
                HotSpot::Cold,
                HotSpot::NotSignificant,
                HotSpot::Island
            ]),
        ])
    );
}

#[test]
fn what_is_asked_of_fits() {
    let (table, w) = columbus();
    let points = table.points_planar("X", "Y").unwrap();
    let sdm = crime("SDM");
    let impacts = sdm.impacts().unwrap();
    assert_snapshot!("impacts_by_order", impacts.by_order("INC", 4).unwrap());
    let rings = impacts.by_distance("INC", &points, &[5.0, 10.0]).unwrap();
    assert_snapshot!("impacts_by_distance", rings);
    assert_snapshot!("predicted", sdm.predict(Prediction::Best).unwrap());
    let table = table
        .label(
            "side",
            (0..49).map(|i| if i % 2 == 0 { "even" } else { "odd" }),
        )
        .unwrap()
        .column(
            "size",
            (0..49).map(|i| f64::from(1 + i % 3)).collect::<Vec<_>>(),
        )
        .unwrap();
    let row = w.row_standardized().unwrap();
    let base = || Regression::of("CRIME").on(["INC", "HOVAL"]);
    let fits = [
        base().regimes("side").spatial_lag(&row),
        base().variance_by("side").spatial_error(&row),
        base()
            .weighted_by("size")
            .spatial_lag(&row)
            .spatial_error(&w),
        base()
            .spatial_lag(&row)
            .log_determinant(LogDeterminant::Stochastic {
                probes: 16,
                degree: 30,
                seed: 1,
            }),
    ];
    let fits = fits.map(|spec| spec.fit(&table).unwrap());
    assert_snapshot!("fits_of_other_kinds", lines(fits));
    let qml = crime("SAC").with_vcov(Vcov::Qml).unwrap();
    assert_snapshot!("fit_SAC_QML", qml);
}

#[test]
fn fits() {
    for model in ["OLS", "SLX", "SAR", "SEM", "SDM", "SDEM", "SAC", "GNS"] {
        let fit = crime(model);
        assert_eq!(fit.model().abbreviation(), model);
        assert_snapshot!(format!("fit_{model}"), fit);
    }
    assert_snapshot!("fit_OLS_HC3", crime("OLS").with_vcov(Vcov::Hc3).unwrap());
    let (table, w) = columbus();
    let origin = Regression::of("CRIME")
        .on(["INC", "HOVAL"])
        .without_intercept();
    assert_snapshot!("fit_OLS_without_intercept", origin.fit(&table).unwrap());
    // Rows of different sums: the constant is lagged too.
    let w = w.spectrally_normalized().unwrap();
    let raw = Regression::of("CRIME").on(["HOVAL"]).durbin_of(["INC"], &w);
    let raw = raw.spatial_lag(&w).information(Information::Observed);
    assert_snapshot!("fit_SDM_observed_information", raw.fit(&table).unwrap());
}

#[test]
fn checks_of_a_fit() {
    let (_, w) = columbus();
    let w = w.row_standardized().unwrap();
    let ols = crime("OLS");
    assert_snapshot!("lm_tests", ols.lm_tests(&w).unwrap());
    let moran = Moran::of(columbus().0.variable("CRIME").unwrap(), &w).unwrap();
    let sigma = SigmaConvergence::of(&guangdong().0, "gdp_pc_real2000_yuan").unwrap();
    let by = |t: SigmaTest| sigma.test_by(t, 2000, 2020).unwrap();
    let tests = [
        moran
            .test(Assumption::Normality, Alternative::TwoSided)
            .unwrap(),
        moran
            .test(Assumption::Randomization, Alternative::Less)
            .unwrap(),
        ols.residual_moran(&w).unwrap().test(Alternative::Greater),
        moran
            .permutation(Permutations::new(99))
            .unwrap()
            .test(Alternative::Greater),
        ols.breusch_pagan().unwrap(),
        ols.koenker().unwrap(),
        ols.white().unwrap(),
        ols.jarque_bera().unwrap(),
        crime("SDM").lr_test(&crime("SEM")).unwrap(),
        crime("SAR").lr_test(&ols).unwrap(),
        crime("SDM").wald_test(["W INC", "W HOVAL"]).unwrap(),
        by(SigmaTest::PitmanMorgan),
        by(SigmaTest::CarreeKlompRatio),
        by(SigmaTest::CarreeKlompSlope),
        by(SigmaTest::Lichtenberg),
    ];
    assert_snapshot!("test_results", lines(tests));
}

#[test]
fn impacts() {
    for model in ["OLS", "SLX", "SAR", "SEM", "SDM"] {
        assert_snapshot!(format!("impacts_{model}"), crime(model).impacts().unwrap());
    }
    let impacts = crime("SDM").impacts().unwrap();
    let simulated = impacts.simulated(Draws::new(500).seed(1)).unwrap();
    assert_snapshot!("impacts_simulated", simulated);
    let (table, _) = columbus();
    let side: Vec<&str> = table
        .values("X")
        .unwrap()
        .iter()
        .map(|x| if *x > 38.0 { "east" } else { "west" })
        .collect();
    assert_snapshot!("blocks", impacts.between("INC", &side).unwrap());
}

#[test]
fn speeds() {
    let (panel, w) = guangdong();
    let g = growth();
    let ols = BetaConvergence::fit(&g, &g.regression()).unwrap();
    let sar = BetaConvergence::fit(&g, &g.regression().spatial_lag(&w)).unwrap();
    assert_snapshot!("beta_nonlinear", ols.nonlinear().unwrap());
    assert_snapshot!("beta_left_out", ols.leave_one_out().unwrap());
    assert_snapshot!("beta_left_out_SAR", sar.leave_one_out().unwrap());
    assert_snapshot!("beta_variance", ols.variance_decomposition().unwrap());
    let spans = BetaSpans::of(&panel, "gdp_pc_real2000_yuan", 20).unwrap();
    assert_snapshot!("beta_spans", spans.with_vcov(Vcov::Hc3).unwrap());
    let draws = Draws::new(199).seed(42);
    assert_snapshot!("beta_bootstrap", ols.bootstrap(draws).unwrap());
    assert_snapshot!("beta_bootstrap_SAR", sar.bootstrap(draws).unwrap());
    assert_snapshot!(
        "beta_bootstrap_wild",
        ols.bootstrap_by(Resampling::Wild, draws).unwrap()
    );
}

#[test]
fn convergence() {
    let (panel, w) = guangdong();
    let g = growth();
    let ols = BetaConvergence::fit(&g, &g.regression()).unwrap();
    assert_snapshot!("beta_OLS", ols);
    assert_snapshot!("beta_OLS_HC3", ols.with_vcov(Vcov::Hc3).unwrap());
    let sdm = g.regression().spatial_lag(&w).durbin(&w);
    assert_snapshot!("beta_SDM", BetaConvergence::fit(&g, &sdm).unwrap());
    let total = g.total().unwrap();
    assert_snapshot!(
        "beta_total_growth",
        BetaConvergence::fit(&total, &total.regression()).unwrap()
    );
    let g = growth();
    let clubs = |r: &Regression| BetaClubs::by_label(&g, r, "region").unwrap();
    assert_snapshot!("beta_clubs", clubs(&g.regression()));
    let sar = g.regression().spatial_lag(&w);
    assert_snapshot!("beta_clubs_SAR", clubs(&sar));
    assert_snapshot!(
        "impacts_regimes",
        clubs(&sar).regression().impacts().unwrap()
    );
    let draws = Draws::new(199).seed(1);
    let split = BetaClubs::by_threshold(&g, &g.regression(), "ln_initial", draws).unwrap();
    assert_snapshot!("beta_clubs_threshold", split);
    // The gap widens, and the gap more than closes.
    let of = |last: [f64; 5]| {
        let first = [1.0, 2.0, 4.0, 8.0, 16.0];
        let values = ndarray::Array2::from_shape_vec((2, 5), [first, last].concat()).unwrap();
        let units = Units::new(["a", "b", "c", "d", "e"]).unwrap();
        let panel = Panel::from_columns(&units, &[2000, 2010], [("gdp", values)]).unwrap();
        let growth = Growth::between(&panel, "gdp", 2000, 2010).unwrap();
        BetaConvergence::fit(&growth, &growth.regression()).unwrap()
    };
    assert_snapshot!("beta_divergence", of([1.1, 3.0, 9.0, 30.0, 80.0]));
    assert_snapshot!("beta_leapfrogging", of([30.0, 9.0, 5.0, 2.0, 1.1]));
    let sigma = SigmaConvergence::of(&panel, "gdp_pc_real2000_yuan").unwrap();
    assert_snapshot!("sigma", sigma);
    let sample = SigmaConvergence::with_ddof(&panel, "gdp_pc_real2000_yuan", Ddof::Sample).unwrap();
    assert_snapshot!("sigma_sample", sample);
    let span = panel.between(2019, 2023).unwrap();
    let sigma = SigmaConvergence::of(&span, "gdp_pc_real2000_yuan").unwrap();
    let weighted = sigma
        .clone()
        .weighted_by(&span, "resident_pop_10k")
        .unwrap();
    assert_snapshot!("sigma_weighted", weighted);
    let bands = weighted.bootstrap(Draws::new(199).seed(42)).unwrap();
    assert_snapshot!("sigma_bands", bands);
    assert_snapshot!("sigma_trend", sigma.trend(Measure::SdLog).unwrap());
    assert_snapshot!("sigma_filtered", sigma.filtered(&w).unwrap());
    let none: [&str; 0] = [];
    let given = |z: &[&str]| {
        let table = span.at(2019).unwrap();
        sigma
            .conditional(&table, z.iter().copied(), 2019, 2023)
            .unwrap()
    };
    assert_snapshot!(
        "sigma_conditional",
        lines([given(&["resident_pop_10k"]), given(&none)])
    );
}

#[test]
fn panels() {
    let (panel, _) = guangdong();
    let growth = PanelGrowth::spans(&panel, "gdp_pc_real2000_yuan", 3).unwrap();
    let beta = PanelBetaConvergence::fit(&growth, &growth.regression()).unwrap();
    assert_snapshot!("panel_growth", growth);
    assert_snapshot!("panel_beta", beta);
    assert_snapshot!("panel_beta_jackknifed", beta.jackknifed().unwrap());
    let growth = PanelGrowth::overlapping(&panel, "gdp_pc_real2000_yuan", 5).unwrap();
    let pooled = growth.regression().effects(Effects::None);
    assert_snapshot!(
        "panel_beta_overlapping",
        PanelBetaConvergence::fit(&growth, &pooled).unwrap()
    );
    let unit = growth.regression().effects(Effects::Unit);
    assert_snapshot!(
        "jackknife",
        unit.half_panel_jackknife(growth.panel()).unwrap()
    );
    assert_snapshot!(
        "effects",
        lines([
            Effects::None,
            Effects::Unit,
            Effects::Time,
            Effects::TwoWays
        ])
    );
}

#[test]
fn convergence_clubs() {
    let panel = guangdong().0;
    let raw = TransitionPaths::of(&panel, "gdp_pc_real2000_yuan").unwrap();
    let paths = raw.clone().filtered(Trend::hodrick_prescott()).unwrap();
    assert_snapshot!("transition_paths", lines([&raw, &paths]));
    let log_t = paths.log_t(LogTOptions::new()).unwrap();
    assert_snapshot!("log_t", log_t);
    assert_snapshot!("log_t_tests", lines([log_t.test(), log_t.level_test()]));
    let short = panel.between(2012, 2023).unwrap();
    let short = TransitionPaths::of(&short, "gdp_pc_real2000_yuan").unwrap();
    let short = short.filtered(Trend::hodrick_prescott()).unwrap();
    let options = Clustering::new().c_star(-50.0);
    let clubs = short.clubs(options).unwrap();
    assert_snapshot!("convergence_clubs", clubs);
    assert_snapshot!(
        "convergence_clubs_merged",
        lines([
            short
                .clubs(options.c_star(1.0))
                .unwrap()
                .merged(Merging::PhillipsSul)
                .unwrap(),
            short
                .clubs(options.c_star(1.0))
                .unwrap()
                .merged(Merging::VonLynckerThoennessen)
                .unwrap(),
        ])
    );
    let few = ["Shenzhen", "Zhuhai"];
    let left_out = LogTOptions::new().variance(LongRunVariance::OneLeftOut);
    assert_snapshot!("log_t_of_two", paths.log_t_of(few, left_out).unwrap());
    let trends = [Trend::None, Trend::hodrick_prescott(), Trend::BoschanEbanks];
    let verdicts = [
        Verdict::Divergence,
        Verdict::GrowthConvergence,
        Verdict::LevelConvergence,
    ];
    assert_snapshot!(
        "log_t_names",
        format!("{}\n{}", lines(trends), lines(verdicts))
    );
}

#[test]
fn gamma_convergence() {
    let panel = guangdong().0.between(2018, 2023).unwrap();
    let gamma = GammaConvergence::of(&panel, "gdp_pc_real2000_yuan").unwrap();
    assert_snapshot!("gamma", gamma);
    let kinds = [Concordance::Binary, Concordance::MultiYear].map(|k| k.to_string());
    assert_eq!(kinds, ["binary", "multi-year"]);
    let last = gamma.binary_at(2023).unwrap();
    assert_snapshot!("gamma_of_a_period", last);
    let sampled = gamma.multi_year_at(2023).unwrap();
    let sampled = sampled.permutation(Permutations::new(999).seed(1)).unwrap();
    let exact = last.permutation(Permutations::all()).unwrap();
    let as_test = exact.test(Alternative::Greater);
    assert_snapshot!(
        "gamma_permutations",
        format!(
            "{sampled}\n{exact}\n{as_test}\n{}",
            sampled.test(Alternative::Less)
        )
    );
    let tied = array![[1.0, 2.0, 2.0, 4.0, 5.0], [1.0, 3.0, 2.0, 2.5, 7.0]];
    let units = Units::new(["a", "b", "c", "d", "e"]).unwrap();
    let tied = Panel::from_columns(&units, &[2000, 2010], [("gdp", tied)]).unwrap();
    let tied = GammaConvergence::of(&tied, "gdp").unwrap();
    assert_snapshot!("gamma_ties", format!("{tied}\n{}", tied.binary()[0]));
}

#[test]
fn exchange() {
    let (panel, w) = guangdong();
    let column = "gdp_pc_real2000_yuan";
    let mobility = ExchangeMobility::between(&panel, column, 2000, 2023).unwrap();
    let permutations = Permutations::new(999).seed(1);
    let spatial = mobility.spatial_tau(&w).unwrap();
    let of_neighbours = spatial.permutation(permutations).unwrap();
    let theta = mobility.theta("region").unwrap();
    assert_snapshot!(
        "exchange",
        format!(
            "{mobility}\n{}\n{spatial}\n{of_neighbours}\n{theta}\n{}",
            mobility.tau().exact_test(Alternative::Greater).unwrap(),
            theta.permutation(permutations).unwrap()
        )
    );
    let local = mobility.local_tau_of(&w, NeighbourSet::Neighbours).unwrap();
    let exact = local.permutation(Permutations::all()).unwrap();
    let around = mobility.local_tau_of(&w, NeighbourSet::Neighbourhood);
    let sampled = around.unwrap().permutation(permutations).unwrap();
    assert_snapshot!("exchange_local", format!("{local}\n{exact}\n{sampled}"));
    let regional = mobility.regional_tau("region").unwrap();
    let test = regional.permutation(permutations).unwrap();
    assert_snapshot!("exchange_regional", format!("{regional}\n{test}"));
    let tied = ExchangeMobility::of(&[1.0, 1.0, 2.0, 3.0][..], &[1.0, 2.0, 2.0, 0.0][..]).unwrap();
    let chain = Weights::from_pairs(&Units::range(4), [("0", "2"), ("2", "3")]).unwrap();
    let few = tied.spatial_tau(&chain).unwrap();
    assert_snapshot!("exchange_ties", format!("{tied}\n{few}"));
}

#[test]
fn directions() {
    let (panel, w) = guangdong();
    let lisa = DirectionalLisa::between(&panel, "gdp_pc_real2000_yuan", 2000, 2023, &w).unwrap();
    let test = lisa.permutation(Permutations::new(999).seed(1)).unwrap();
    let scales = [
        LisaScale::RelativeToMean,
        LisaScale::ZScores,
        LisaScale::AsGiven,
    ];
    assert_snapshot!("directions", format!("{lisa}\n{test}\n{}", lines(scales)));
    // One of four units stays where it is, and one has no neighbours.
    let pairs = [("0", "1"), ("1", "2")];
    let w = Weights::from_pairs(&Units::range(4), pairs).unwrap();
    let w = w.islands_kept();
    let (x, y) = ([1.0, 2.0, 4.0, 3.0], [1.0, 2.0, 5.0, 1.0]);
    let lisa = DirectionalLisa::of(&x[..], &y[..], &w).unwrap();
    let lisa = lisa
        .with_scale(LisaScale::AsGiven)
        .unwrap()
        .with_sectors(4)
        .unwrap();
    assert_snapshot!("directions_apart", lisa);
}

/// Twenty economies on a ring.
#[test]
fn stochastic_convergence() {
    let (panel, _) = guangdong();
    let gaps = StochasticConvergence::of(&panel, "gdp_pc_real2000_yuan").unwrap();
    let draws = Draws::new(999).seed(1);
    let one = gaps.clone().lags(Lags::Fixed(1));
    assert_snapshot!("dependence_between_units", gaps.cross_dependence().unwrap());
    assert_snapshot!(
        "unit_roots",
        gaps.adf_all().unwrap().simulated(draws).unwrap()
    );
    let all = [
        gaps.adf("Guangzhou").unwrap().to_string(),
        one.ips().unwrap().to_string(),
        gaps.ips_simulated(draws).unwrap().to_string(),
        one.llc().unwrap().to_string(),
        one.llc().unwrap().simulated(draws).unwrap().to_string(),
        gaps.fisher().unwrap().to_string(),
        gaps.hadri().unwrap().to_string(),
        gaps.hadri_robust(2).unwrap().to_string(),
    ];
    assert_snapshot!("first_generation_unit_roots", all.join("\n"));
    assert_snapshot!("cips", gaps.cips(1, draws).unwrap());
    assert_snapshot!("carlino_mills", gaps.carlino_mills().unwrap());
    let to_mean = one.clone().relative_to(Reference::LogMean).unwrap();
    assert_snapshot!("evans_karras", to_mean.evans_karras(draws).unwrap());
    let names = [
        lines([
            Deterministic::None,
            Deterministic::Constant,
            Deterministic::Trend,
        ]),
        lines([
            Lags::Fixed(1),
            Lags::Aic(2),
            Lags::Bic(3),
            Lags::GeneralToSpecific(4),
        ]),
        lines([
            Reference::Others,
            Reference::Mean,
            Reference::LogMean,
            Reference::Unit("a".to_owned()),
        ]),
        lines([
            EvansKarrasVerdict::Divergence,
            EvansKarrasVerdict::Conditional,
            EvansKarrasVerdict::Absolute,
        ]),
        lines([
            GapPath::Closes,
            GapPath::Opens,
            GapPath::Lasts,
            GapPath::Begins,
            GapPath::None,
        ]),
    ];
    assert_snapshot!("names_of_stochastic_convergence", names.join("\n"));
}

#[test]
fn structural_readings() {
    let units = Units::range(20);
    let i = ndarray::Array1::from_iter((0..20).map(f64::from));
    let saving = i.mapv(|i| 0.2 + 0.1 * (2.3 * i).sin());
    let school = i.mapv(|i| 0.07 + 0.03 * (1.1 * i).cos());
    let population = i.mapv(|i| 0.015 + 0.01 * (3.7 * i).sin());
    let first = i.mapv(|i| (8.0 + 0.8 * (2.3 * i).sin() + 0.3 * (0.9 * i).cos()).exp());
    let last = first.mapv(|y| 30.0 * y.powf(0.7)) * i.mapv(|i| (0.1 * (5.3 * i).cos()).exp());
    let table = Table::over(&units)
        .column("first", first)
        .and_then(|t| t.column("last", last))
        .and_then(|t| t.column("invest", saving))
        .and_then(|t| t.column("school", school))
        .and_then(|t| t.column("n", population))
        .unwrap();
    let model = Solow::of("first").saving("invest").population_growth("n");
    assert_snapshot!("solow_levels", model.levels(&table).unwrap());
    let links = (0..20).flat_map(|i| [1, 2].map(|d| (i.to_string(), ((i + d) % 20).to_string())));
    let w = Weights::from_pairs(&units, links)
        .unwrap()
        .row_standardized()
        .unwrap();
    assert_snapshot!("ertur_koch", model.spatial_levels(&table, &w).unwrap());
    let growth = model
        .schooling("school")
        .growth(&table, "last", 25.0)
        .unwrap();
    assert_snapshot!("solow_growth", growth);
}

#[test]
fn markov() {
    let (panel, w) = guangdong();
    let column = "gdp_pc_real2000_yuan";
    let classes = Classes::quantiles(3).relative();
    assert_snapshot!(
        "classes",
        lines([
            classes.clone(),
            Classes::quantiles(4).by_period(),
            Classes::cut_points([0.5, 1.0]),
        ])
    );
    let chain = MarkovChain::of(&panel, column, &classes).unwrap();
    assert_snapshot!("markov", chain);
    assert_snapshot!("markov_step", chain.step(5).unwrap());
    assert_snapshot!(
        "markov_bootstrap",
        chain.bootstrap(Draws::new(999).seed(1)).unwrap()
    );
    assert_snapshot!("markov_order", chain.order_test(2).unwrap());
    let ranks = MarkovChain::full_rank(&panel, column, RankTies::Refused).unwrap();
    assert_snapshot!("markov_ranks", ranks);
    let halves = chain.homogeneity_over_time([2012]).unwrap();
    assert_snapshot!("markov_over_time", halves);
    assert_snapshot!(
        "markov_permutation",
        halves.permutation(Permutations::new(999).seed(1)).unwrap()
    );
    let transient = MarkovChain::from_transitions(array![[8.0, 2.0], [0.0, 9.0]]).unwrap();
    assert_snapshot!("markov_transient", transient);
    let unknown = MarkovChain::from_transitions(array![[8.0, 2.0], [0.0, 0.0]]).unwrap();
    assert_snapshot!("markov_unknown", unknown);
    let two = Classes::quantiles(2).relative();
    let spatial = SpatialMarkov::with_lag_classes(&panel, column, &w, &classes, &two).unwrap();
    assert_snapshot!("markov_spatial", spatial);
    let lisa = LisaMarkov::of(&panel, column, &w).unwrap();
    assert_snapshot!("markov_lisa", lisa);
    let how = Permutations::new(199).seed(1);
    let moves = lisa.significant(how, 0.05, None).unwrap();
    assert_snapshot!("markov_moves", moves);
    assert_snapshot!("mobility_indices", lines(MobilityIndex::ALL));
}

#[test]
fn reports() {
    let fits = ["OLS", "SAR", "SEM", "SDM"].map(|m| (m, crime(m)));
    let comparison = Comparison::of(fits.iter().map(|(m, f)| (*m, f))).unwrap();
    assert_snapshot!("comparison", comparison);
    assert_snapshot!("comparison_markdown", comparison.sheet().markdown());
    assert_snapshot!("comparison_latex", comparison.sheet().latex());
    assert_snapshot!("comparison_csv", comparison.sheet().csv());
    // What each format has to escape.
    let sheet = Sheet::new("R&D in %, by a|b", ["unit", "x_1", "广州"])
        .row(["a|b", "1,5", "50%"])
        .and_then(|s| s.row(["\"q\"", "{x} ~ $", "-1 < 2"]))
        .unwrap()
        .note("p < 0.05; c:\\data ^ #1");
    assert_snapshot!("sheet", sheet);
    assert_snapshot!("sheet_markdown", sheet.markdown());
    assert_snapshot!("sheet_latex", sheet.latex());
    assert_snapshot!("sheet_csv", sheet.csv());
}

#[test]
fn dropped() {
    let text = "id,year,gdp,side\na,2000,1,east\na,2001,2,east\nb,2000,,west\nb,2001,4,west\nc,2001,5,west\n";
    let reader = Panel::csv_text(text)
        .unit("id")
        .period("year")
        .columns(["gdp"])
        .labels(["side"]);
    assert_snapshot!("dropped", reader.read_complete().unwrap().1);
    let none = Table::csv_text("id,x\na,1\n")
        .unit("id")
        .read_complete()
        .unwrap()
        .1;
    assert_snapshot!("dropped_none", none);
}

#[test]
fn notes() {
    let notes = [
        Note::FewUnits { n: 21 },
        Note::ManyParameters {
            parameters: 9,
            n: 21,
        },
        Note::Leverage {
            units: vec![("440300".to_owned(), 0.76), ("440400".to_owned(), 0.512)],
        },
        Note::Islands { count: 2 },
        Note::RowStandardizedReceivers,
        Note::LagLikeError {
            correlation: -0.9987,
        },
        Note::ApproximateLogDeterminant {
            parameter: "lambda",
            method: "Chebyshev approximation of order 5".into(),
            error: 0.01,
        },
        Note::AtBound {
            parameter: "rho",
            value: 0.999_999_9,
        },
        Note::RejectedDraws {
            rejected: 17,
            kept: 1_000,
        },
        Note::FewPermutations {
            permutations: 99,
            tests: 21,
            needed: 839,
        },
        Note::FewPeriods {
            periods: 12,
            observations: 8,
        },
        Note::DependsOnUnit {
            lowest: 8.123,
            highest: 11.456,
        },
        Note::LogsOrLevels {
            taken_as: "levels",
            extreme: 11.25,
        },
        Note::LogsOrLevels {
            taken_as: "logs",
            extreme: 61_234.0,
        },
        Note::ClubsRejected { clubs: vec![2, 5] },
        Note::LaggedConstant,
        Note::DependentUnits {
            test: "Pesaran's CD".to_owned(),
            statistic: 12.345,
            p_value: 1e-9,
        },
        Note::CoarseDraws {
            least: 0.002,
            tests: 280,
            level: 0.05,
        },
        Note::NotTabulated {
            what: "Table 2",
            least: 25.0,
            value: 22.5,
            instead: "draws",
        },
        Note::AveragesOfGaps,
        Note::SmallExpectedCounts {
            small: 12,
            cells: 65,
        },
        Note::TransientClasses {
            classes: vec!["to 0.5".to_owned(), "above 2".to_owned()],
        },
        Note::UndefinedDraws {
            undefined: 3,
            draws: 999,
        },
        Note::NotDefined {
            what: "the statistic",
            why: "there is no link".to_owned(),
        },
    ];
    assert_snapshot!("notes", lines(notes));
}

#[test]
fn names() {
    let all = [
        lines([
            Distribution::Normal,
            Distribution::T { df: 46.0 },
            Distribution::ChiSquared { df: 2.0 },
            Distribution::F {
                df1: 3.0,
                df2: 19.5,
            },
            Distribution::Empirical { draws: 999 },
            Distribution::Arrangements { count: 720.0 },
            Distribution::QuadraticForm { eigenvalues: 20 },
        ]),
        lines([
            Alternative::TwoSided,
            Alternative::Greater,
            Alternative::Less,
        ]),
        lines([Assumption::Randomization, Assumption::Normality]),
        lines([Vcov::Classical, Vcov::Hc0, Vcov::Hc1, Vcov::Hc2, Vcov::Hc3]),
        lines([Information::Expected, Information::Observed]),
        lines([
            Model::Ols,
            Model::Slx,
            Model::Sar,
            Model::Sem,
            Model::Sdm,
            Model::Sdem,
        ]),
        lines([
            Quadrant::HighHigh,
            Quadrant::LowLow,
            Quadrant::HighLow,
            Quadrant::LowHigh,
            Quadrant::OnAxis,
            Quadrant::Island,
        ]),
        lines([
            Cluster::HighHigh,
            Cluster::LowLow,
            Cluster::HighLow,
            Cluster::LowHigh,
            Cluster::NotSignificant,
            Cluster::Island,
        ]),
        lines([Convention::Annual, Convention::Total]),
        lines(Measure::ALL),
    ];
    assert_snapshot!("names", all.join("\n\n"));
}

fn csv(text: &str) -> Error {
    Table::csv_text(text).unit("id").read().unwrap_err()
}

/// Every variant; those that hold a cell come from a reader, since only the crate makes cells.
fn errors() -> Vec<Error> {
    let owned = |ids: &[&str]| ids.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let path = || PathBuf::from("data/panel.csv");
    let not_a_number = csv("id,gdp\na,\"1,5\"\n");
    let not_finite = csv("id,gdp\na,inf\n");
    let missing = csv("id,gdp,pop\na,,NA\nb,1,2\n");
    let panel = Panel::from_columns(&Units::range(2), &[2000], [("gdp", array![[1.0, -2.5]])]);
    let non_positive = panel.unwrap().with_ln("gdp").unwrap_err();
    let line = Weights::from_pairs(&Units::range(3), [("0", "1"), ("1", "2")]).unwrap();
    let invalid = JoinCounts::of(&[0.0, 1.0, 0.5][..], &line).unwrap_err();
    assert!(matches!(invalid, Error::InvalidValue { .. }));
    let cell = match &non_positive {
        Error::NonPositive { cell, .. } => cell.to_string(),
        other => panic!("another error: {other}"),
    };
    assert_eq!(cell, "column `gdp`, unit `1`, period 2000");
    let differ = |same_set: bool, missing: &[&str], right: Option<&str>| Error::UnitsDiffer {
        left: "the table".into(),
        right: "the weights".into(),
        position: 2,
        left_unit: Some("c".into()),
        right_unit: right.map(Into::into),
        same_set,
        missing: owned(missing).into(),
    };
    assert!(matches!(not_a_number, Error::NotANumber { .. }));
    assert!(matches!(not_finite, Error::NotFinite { .. }));
    assert!(matches!(missing, Error::Missing { .. }));
    vec![
        Error::Io {
            path: path(),
            source: std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"),
        },
        Error::Syntax {
            path: path(),
            format: "CSV",
            line: 3,
            column: 2,
            problem: "the header has 4 fields, and this record has 3".to_owned(),
        },
        Error::Binary {
            path: "map.shp".into(),
            format: "shapefile",
            offset: 100,
            problem: "record 1 does not end inside the file".to_owned(),
        },
        not_a_number,
        Error::Feature {
            path: "map.geojson".into(),
            feature: 2,
            id: None,
            problem: "it has no `code`".to_owned(),
        },
        Error::Feature {
            path: "map.geojson".into(),
            feature: 2,
            id: Some("b".to_owned()),
            problem: "its geometry has no type".to_owned(),
        },
        Error::InvalidGeometry {
            unit: "b".to_owned(),
            problem: "the polygon is empty".to_owned(),
        },
        Error::CoordinateOutOfRange {
            unit: "b".to_owned(),
            x: 450_000.0,
            y: 2_500_000.5,
        },
        Error::CoincidentPoints {
            first: "a".to_owned(),
            second: "b".to_owned(),
            consequence: "a decreasing function of their distance is infinite",
        },
        Error::UnknownColumn {
            name: "gpd".to_owned(),
            available: owned(&["gdp", "pop"]),
        },
        Error::DuplicateColumn {
            name: "gdp".to_owned(),
        },
        Error::UnknownUnit {
            unit: "z".to_owned(),
            place: "the table".to_owned(),
        },
        Error::UnknownPeriod {
            period: 1999,
            available: vec![2000, 2001],
        },
        Error::DuplicateUnit {
            unit: "a".to_owned(),
            period: Some(2000),
            first: "line 2".to_owned(),
            second: "line 9".to_owned(),
        },
        Error::DuplicateUnit {
            unit: "a".to_owned(),
            period: None,
            first: "position 0".to_owned(),
            second: "position 3".to_owned(),
        },
        Error::LabelVaries {
            label: "side".to_owned(),
            unit: "b".to_owned(),
            first: "`west` in line 4".to_owned(),
            second: "`east` in line 5".to_owned(),
        },
        differ(true, &[], Some("d")),
        differ(false, &["c", "e"], Some("d")),
        differ(false, &["c"], None),
        Error::LengthMismatch {
            what: "column `gdp`".to_owned(),
            expected: 21,
            found: 20,
        },
        missing,
        not_finite,
        non_positive,
        Error::Unbalanced {
            holes: (1..=11).map(|k| (format!("unit {k}"), 2000 + k)).collect(),
            total: 40,
        },
        Error::Islands {
            units: owned(&["a", "b"]),
        },
        Error::InvalidLink {
            from: "a".to_owned(),
            to: "b".to_owned(),
            problem: "it is given twice".to_owned(),
        },
        Error::Collinear {
            columns: vec![
                ("west".to_owned(), owned(&["const", "east"])),
                ("zero".to_owned(), Vec::new()),
            ],
        },
        Error::Constant {
            name: "gdp".to_owned(),
            what: "Moran's I",
        },
        invalid,
        Error::TiedCutPoints {
            column: "gdp".to_owned(),
            period: Some(2001),
            classes: 5,
            first: 2,
            value: 1.5,
        },
        Error::EmptyClass {
            what: "probabilities of gdp".to_owned(),
            class: "above 2.000".to_owned(),
            problem: "has no transition that starts in it, so that its probabilities are not known",
        },
        Error::SeveralClosedSets {
            what: "the ergodic distribution of gdp".to_owned(),
            sets: vec![owned(&["1", "2"]), owned(&["4"])],
        },
        Error::TooFewPeriods {
            what: "a trend".to_owned(),
            needed: 3,
            periods: 2,
        },
        Error::TooFewUnits {
            what: "dispersion".to_owned(),
            needed: 2,
            n: 1,
        },
        Error::TooLarge {
            what: "an effect matrix of all units",
            n: 5_000,
            limit: 1_000,
            instead: "take the average effects",
        },
        Error::InvalidOption {
            option: "draws",
            value: "10".to_owned(),
            expected: "at least 100 draws",
        },
        Error::Unsupported {
            what: "HC3 for a SAR".to_owned(),
            why: "it has no theory".to_owned(),
        },
        Error::SpeedUndefined {
            expression: "1 + bT",
            value: -0.25,
            b: -0.125,
            span: 10.0,
        },
        Error::HalfLifeUndefined { speed: -0.0125 },
        Error::Singular {
            what: "I - rho W at rho = 1".to_owned(),
        },
        Error::NotConverged {
            what: "the likelihood",
            iterations: 41,
        },
    ]
}

#[test]
fn error_messages() {
    assert_snapshot!("errors", lines(errors()));
}

/// The items of an enum, read from the source.
fn variants(file: &str, name: &str) -> Vec<String> {
    let source = std::fs::read_to_string(folder(file)).unwrap();
    let body = source.split(&format!("pub enum {name} {{")).nth(1).unwrap();
    let body = &body[..body.find("\n}").unwrap()];
    body.lines()
        .filter_map(|l| l.strip_prefix("    "))
        .filter(|l| l.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|l| l.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect()
}

/// Public types that print themselves, read from the source.
fn printing(folder: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            printing(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            for rest in source.split("Display for ").skip(1) {
                let name: String = rest
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                let public = [format!("pub struct {name}"), format!("pub enum {name}")];
                if public.iter().any(|p| source.contains(p)) {
                    out.push(name);
                }
            }
        }
    }
}

#[test]
fn nothing_that_prints_is_left_out() {
    let own = include_str!("display.rs");
    for (file, name) in [("src/error.rs", "Error"), ("src/inference/note.rs", "Note")] {
        let all = variants(file, name);
        assert!(all.len() > 10, "{name}: {all:?}");
        for variant in all {
            assert!(
                own.contains(&format!("{name}::{variant}")),
                "{name}::{variant} has no snapshot"
            );
        }
    }
    let mut types = Vec::new();
    printing(&folder("src"), &mut types);
    assert!(types.len() > 20, "{types:?}");
    // Types that a method gives, by the method: the others are named.
    let given = [
        ("PermutationTest", ".permutation("),
        ("TestResult", "test_results"),
        ("ResidualMoran", ".residual_moran("),
        ("Fit", "crime(model)"),
        ("LmTests", ".lm_tests("),
        ("Impacts", ".impacts()"),
        ("SimulatedImpacts", ".simulated("),
        ("Blocks", ".between("),
        ("OrderEffects", ".by_order("),
        ("DistanceEffects", ".by_distance("),
        ("Predicted", ".predict("),
        ("Dropped", ".read_complete()"),
        ("Jackknife", ".half_panel_jackknife("),
        ("JackknifedBeta", ".jackknifed()"),
        ("Cell", "cell.to_string()"),
        ("SigmaBands", "sigma_bands"),
        ("SigmaTrend", "sigma_trend"),
        ("FilteredSigma", "sigma_filtered"),
        ("ConditionalSigma", "sigma_conditional"),
        ("RankConcordance", ".binary_at("),
        ("LogT", ".log_t("),
        ("ConvergenceClubs", ".clubs("),
        ("ConcordanceTest", ".multi_year_at("),
        ("SolowFit", ".levels("),
        ("Subject", ".adf_all()"),
        ("CrossDependence", ".cross_dependence()"),
        ("UnitRoot", ".adf("),
        ("UnitRoots", ".adf_all()"),
        ("ImPesaranShin", ".ips()"),
        ("LevinLinChu", ".llc()"),
        ("FisherUnitRoot", ".fisher()"),
        ("Hadri", ".hadri()"),
        ("EvansKarras", ".evans_karras("),
        ("EvansKarrasVerdict", "EvansKarrasVerdict::"),
        ("Cips", ".cips("),
        ("CarlinoMills", ".carlino_mills()"),
        ("DirectionalTest", "\"directions\""),
        ("KendallTau", ".tau()"),
        ("SpatialTau", ".spatial_tau("),
        ("SpatialTauTest", ".spatial_tau("),
        ("LocalTau", ".local_tau_of("),
        ("LocalTauTest", ".local_tau_of("),
        ("RegionalTau", ".regional_tau("),
        ("RegionalTauTest", ".regional_tau("),
        ("Theta", ".theta("),
        ("ErturKoch", ".spatial_levels("),
        ("NonlinearBeta", ".nonlinear()"),
        ("LeaveOneOut", ".leave_one_out()"),
        ("BootstrapSpeeds", ".bootstrap("),
        ("VarianceDecomposition", ".variance_decomposition()"),
        ("MarkovBootstrap", ".bootstrap(Draws"),
        ("Homogeneity", ".homogeneity_over_time("),
        ("ChainTest", ".order_test("),
        ("SignificantMoves", ".significant("),
        ("InitialDistribution", "mobility_indices"),
    ];
    for name in types {
        let method = given.iter().find(|(n, _)| *n == name).map(|g| g.1);
        let named = format!("{name}::");
        assert!(
            own.contains(method.unwrap_or(&named)),
            "{name} has no snapshot"
        );
    }
}

#[test]
fn densities_and_modes() {
    let (panel, _) = guangdong();
    let relative = RelativeTo::Mean.of(&panel, "gdp_pc_real2000_yuan").unwrap();
    let at = relative.variable_at("gdp_pc_real2000_yuan", 2023).unwrap();
    let people = panel.variable_at("resident_pop_10k", 2023).unwrap();
    let density = KernelDensity::of(at.clone(), Bandwidth::SheatherJones).unwrap();
    assert_snapshot!("density", density);
    let weighted = density.on_log_scale().unwrap().weighted_by(people).unwrap();
    let bands = weighted.bootstrap(Draws::new(999).seed(1)).unwrap();
    assert_snapshot!("density_bands", bands);
    let modality = Modality::of(at).unwrap();
    let draws = Draws::new(999).seed(1);
    let inside = modality.clone().within(0.3, 2.5).unwrap();
    assert_snapshot!(
        "modality",
        format!(
            "{}\n{}\n{}",
            modality.test(1, draws).unwrap(),
            inside.calibrated_test(draws).unwrap(),
            modality.test(2, draws).unwrap().test()
        )
    );
}

#[test]
fn stochastic_kernels() {
    let (panel, w) = guangdong();
    let column = "gdp_pc_real2000_yuan";
    let kernel = StochasticKernel::of(&panel, column, 5).unwrap();
    assert_snapshot!("stochastic_kernel", kernel);
    let kernel = kernel.on_log_scale().unwrap();
    assert_snapshot!(
        "ergodic",
        format!(
            "{}\n{}",
            kernel.conditional_density().unwrap(),
            kernel.ergodic().unwrap()
        )
    );
    let on = RelativeTo::Neighbours(&w);
    let given = StochasticKernel::conditioned(&panel, column, on).unwrap();
    assert_snapshot!("stochastic_kernel_neighbours", given);
}
