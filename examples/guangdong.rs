//! Do the poor prefectures of Guangdong catch up, how strongly do neighbours depend on each other, and what spills over?
//!
//! Run with `cargo run --release --example guangdong [FOLDER] [DATA]`. Reads DATA (default `examples/data/guangdong` of this
//! crate), prints its tables, and writes each as CSV, Markdown and LaTeX into FOLDER (default `output/guangdong`).
//!
//! Where the panel 2000-2023 is absent (its compiler allows academic use only, so that the published package leaves it
//! out) the example runs on the official yearbook GDP and the censuses of 2010 and 2020.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use spatialecon::*;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "output/guangdong".to_owned());
    let out = Output::new(Path::new(&folder))?;
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/guangdong");
    let study = Study::read(&std::env::args().nth(2).map_or(own, PathBuf::from))?;
    let map = study.data.join("guangdong.geojson");
    let regions = Regions::geojson(map)
        .unit("adcode")
        .labels(["name_en"])
        .read()?
        .aligned_to(study.panel.units())?;
    let queen = Weights::queen(&regions)?;
    let w = queen.row_standardized()?;

    println!(
        "Guangdong: convergence and spillovers of its {} prefectures\n",
        w.n()
    );
    println!("{}\n", study.about);
    out.table("1-summary", &summary(&study)?)?;
    println!("{w}\n");
    out.table("2-moran", &moran(&study, &w)?)?;
    out.table("3-clusters", &clusters(&study, &w, &regions)?)?;
    if let Some(gdp) = &study.yearbook {
        out.table("2-gdp", &yearbook(gdp, &w)?)?;
    }
    let sigma = SigmaConvergence::of(&study.panel, study.nominal)?;
    out.table("4-sigma", &dispersion(&study, &sigma)?)?;
    out.table("5-sigma-tests", &dispersion_tests(&study)?)?;
    let mut notes = Vec::new();
    for (name, column) in study.variables() {
        out.table(
            &format!("6-beta-{name}"),
            &beta(&study, column, &w, &mut notes)?,
        )?;
    }
    out.table("7-lm-tests", &lm_tests(&study, &w)?)?;
    out.table("8-impacts", &impacts(&study, &w)?)?;
    let (first, last) = study.spans[0];
    let growth = Growth::between(&study.panel, study.best(), first, last)?;
    let sdm = growth
        .regression()
        .spatial_lag(&w)
        .durbin(&w)
        .fit(growth.table())?;
    println!(
        "{}",
        BetaConvergence::fit(&growth, &growth.regression().spatial_lag(&w).durbin(&w))?
    );
    out.table(
        "9-blocks-row-standardised",
        &who_spills_onto_whom(&sdm, &growth, "row-standardised queen")?,
    )?;
    // A common scale for all rows lets the number of neighbours matter, so that who receives more is not imposed.
    let scaled = queen.spectrally_normalized()?;
    let sdm_scaled = growth
        .regression()
        .spatial_lag(&scaled)
        .durbin(&scaled)
        .fit(growth.table())?;
    out.table(
        "10-blocks-spectral",
        &who_spills_onto_whom(&sdm_scaled, &growth, "spectrally normalised queen")?,
    )?;
    out.table("11-senders", &senders(&sdm, &regions)?)?;
    answers(&study, &w, &sigma)?;
    limits(&study, &w, notes)?;
    println!("\nTables written to {folder} as CSV, Markdown and LaTeX.");
    Ok(())
}

/// The data, and what is asked of them.
struct Study {
    data: PathBuf,
    panel: Panel,
    /// GDP per head, current prices.
    nominal: &'static str,
    /// GDP per head at prices of 2000, where it is at hand.
    real: Option<&'static str>,
    spans: Vec<(i32, i32)>,
    /// GDP of the yearbook years, where the panel is absent.
    yearbook: Option<Panel>,
    about: &'static str,
}

impl Study {
    fn read(data: &Path) -> Result<Self> {
        let (data, nominal) = (data.to_path_buf(), "gdp_pc_yuan");
        let full = data.join("guangdong_panel.csv");
        if full.exists() {
            let columns = [
                "gdp_100m_yuan",
                "resident_pop_10k",
                nominal,
                "gdp_pc_real2000_yuan",
            ];
            let panel = Panel::csv(&full)
                .unit("adcode")
                .period("year")
                .columns(columns)
                .labels(["region"])
                .read()?;
            return Ok(Self {
                data,
                panel,
                nominal,
                real: Some("gdp_pc_real2000_yuan"),
                spans: vec![(2000, 2023), (2000, 2010), (2010, 2023)],
                yearbook: None,
                about: "Data: guangdong_panel.csv, 2000-2023, GDP per resident in yuan, current prices and prices of 2000.",
            });
        }
        let gdp = Panel::csv(data.join("guangdong_gdp_yearbook.csv"));
        let gdp = gdp
            .unit("adcode")
            .period("year")
            .columns(["gdp_100m_yuan"])
            .read()?;
        let census = Panel::csv(data.join("guangdong_census.csv"));
        let census = census
            .unit("adcode")
            .period("year")
            .columns(["population"])
            .read()?
            .aligned_to(gdp.units())?;
        let labels = Table::csv(data.join("guangdong_units.csv"))
            .unit("adcode")
            .columns([] as [&str; 0]);
        let labels = labels.labels(["region"]).read()?.aligned_to(gdp.units())?;
        let years = [2010, 2020];
        let (n, t) = (gdp.units().len(), years.len());
        let (mut output, mut people) = (Array2::zeros((t, n)), Array2::zeros((t, n)));
        for (row, year) in years.into_iter().enumerate() {
            output
                .row_mut(row)
                .assign(&gdp.variable_at("gdp_100m_yuan", year)?.values());
            people.row_mut(row).assign(
                &census
                    .variable_at("population", year)?
                    .values()
                    .mapv(|p| p / 1e4),
            );
        }
        let per_head = &output / &people * 1e4;
        let columns = [
            ("gdp_100m_yuan", output),
            ("resident_pop_10k", people),
            (nominal, per_head),
        ];
        let panel = Panel::from_columns(gdp.units(), &years, columns)?;
        let panel = panel.label("region", labels.labels("region")?.iter().cloned())?;
        Ok(Self {
            data,
            panel,
            nominal,
            real: None,
            spans: vec![(2010, 2020)],
            yearbook: Some(gdp.label("region", labels.labels("region")?.iter().cloned())?),
            about: "Data: GDP of 14 yearbook years, census population of 2010 and 2020; guangdong_panel.csv (2000-2023) is absent.",
        })
    }

    fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [
            Some(("nominal", self.nominal)),
            self.real.map(|r| ("real", r)),
        ]
        .into_iter()
        .flatten()
    }

    /// The real series where there is one.
    fn best(&self) -> &'static str {
        self.real.unwrap_or(self.nominal)
    }

    fn region(&self) -> Result<&[String]> {
        self.panel.labels("region")
    }
}

/// A folder into which every table goes in three formats.
struct Output(PathBuf);

impl Output {
    fn new(folder: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self(folder.to_path_buf()))
    }

    fn table(&self, name: &str, sheet: &Sheet) -> std::io::Result<()> {
        println!("{sheet}");
        for (ending, text) in [
            ("csv", sheet.csv()),
            ("md", sheet.markdown()),
            ("tex", sheet.latex()),
        ] {
            fs::write(self.0.join(format!("{name}.{ending}")), text)?;
        }
        Ok(())
    }
}

/// Five significant digits; scientific below 1e-4.
fn digits(x: f64) -> String {
    let size = x.abs().log10().floor();
    if x == 0.0 {
        "0".to_owned()
    } else if size < -4.0 {
        format!("{x:.2e}")
    } else {
        format!("{x:.*}", (4.0 - size).max(0.0) as usize)
    }
}

/// A p-value with four decimals.
fn p_value(p: f64) -> String {
    if p < 0.0001 {
        "<0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}

fn summary(study: &Study) -> Result<Sheet> {
    let panel = &study.panel;
    let (first, last) = study.spans[0];
    let mut head = vec!["sub-region".to_owned(), "prefectures".to_owned()];
    head.extend([first, last].iter().flat_map(|y| {
        [
            format!("GDP share {y}"),
            format!("people share {y}"),
            format!("GDP a head {y}"),
        ]
    }));
    head.push("growth a year".to_owned());
    let mut sheet = Sheet::new("Table 1. The four sub-regions", head);
    let region = study.region()?;
    let mut names: Vec<&String> = Vec::new();
    region.iter().for_each(|r| {
        if !names.contains(&r) {
            names.push(r)
        }
    });
    let everywhere = "Guangdong".to_owned();
    for name in names.into_iter().chain([&everywhere]) {
        let inside: Vec<bool> = region
            .iter()
            .map(|r| r == name || *name == everywhere)
            .collect();
        let sum = |column: &str, year: i32| -> Result<(f64, f64)> {
            let x = panel.variable_at(column, year)?.values().to_owned();
            Ok((
                x.iter()
                    .zip(&inside)
                    .filter(|(_, i)| **i)
                    .map(|(v, _)| v)
                    .sum(),
                x.sum(),
            ))
        };
        let mut cells = vec![
            name.clone(),
            inside.iter().filter(|i| **i).count().to_string(),
        ];
        let mut heads = Vec::new();
        for year in [first, last] {
            let (gdp, people) = (sum("gdp_100m_yuan", year)?, sum("resident_pop_10k", year)?);
            heads.push(gdp.0 / people.0 * 1e4);
            cells.extend([
                digits(gdp.0 / gdp.1),
                digits(people.0 / people.1),
                digits(heads[heads.len() - 1]),
            ]);
        }
        cells.push(digits((heads[1] / heads[0]).ln() / f64::from(last - first)));
        sheet = sheet.row(cells)?;
    }
    Ok(sheet
        .note("GDP a head in yuan, current prices; growth: mean annual log growth of GDP a head."))
}

fn moran(study: &Study, w: &Weights) -> Result<Sheet> {
    let head = [
        "year",
        "Moran's I",
        "expected",
        "z",
        "p (randomisation)",
        "p (9,999 permutations)",
    ];
    let mut sheet = Sheet::new("Table 2. Moran's I of ln GDP a head, current prices", head);
    for &year in study.panel.periods() {
        let x = study
            .panel
            .variable_at(study.nominal, year)?
            .values()
            .mapv(f64::ln);
        let moran = Moran::of(&x, w)?;
        let z = moran.test(Assumption::Randomization, Alternative::TwoSided)?;
        let p = moran.permutation(Permutations::new(9_999).seed(42))?;
        let values = [
            digits(moran.i()),
            digits(moran.expectation()),
            digits(z.statistic),
            p_value(z.p_value),
        ];
        let values = values
            .into_iter()
            .chain([p_value(p.p_value(Alternative::TwoSided))]);
        sheet = sheet.row(std::iter::once(year.to_string()).chain(values))?;
    }
    Ok(sheet.note("Two-sided; row-standardised queen contiguity."))
}

/// Total GDP in the years of the yearbook, for which there is no population.
fn yearbook(gdp: &Panel, w: &Weights) -> Result<Sheet> {
    let head = [
        "year",
        "sd of ln GDP",
        "Gini",
        "share of the delta",
        "Moran's I of ln GDP",
        "z",
        "p",
    ];
    let mut sheet = Sheet::new("Table 2b. GDP (not a head) in 14 yearbook years", head);
    let sigma = SigmaConvergence::of(gdp, "gdp_100m_yuan")?;
    let region = gdp.labels("region")?;
    for d in sigma.series() {
        let x = gdp
            .variable_at("gdp_100m_yuan", d.period)?
            .values()
            .to_owned();
        let inside = x
            .iter()
            .zip(region)
            .filter(|(_, r)| *r == "pearl_river_delta");
        let share = inside.map(|(v, _)| v).sum::<f64>() / x.sum();
        let moran = Moran::of(&x.mapv(f64::ln), w)?;
        let z = moran.test(Assumption::Randomization, Alternative::TwoSided)?;
        let values = [d.sd_log, d.gini, share, moran.i(), z.statistic].map(digits);
        sheet = sheet.row(
            std::iter::once(d.period.to_string())
                .chain(values)
                .chain([p_value(z.p_value)]),
        )?;
    }
    Ok(sheet.note("Two-sided, randomisation; row-standardised queen contiguity."))
}

fn clusters(study: &Study, w: &Weights, regions: &Regions) -> Result<Sheet> {
    let (first, last) = study.spans[0];
    let names = regions.attributes().labels("name_en")?;
    let mut sheet = Sheet::new(
        "Table 3. Local Moran, ln GDP a head",
        ["prefecture", "year", "I", "quadrant", "p", "p (FDR)"],
    );
    for year in [first, last] {
        let x = study
            .panel
            .variable_at(study.nominal, year)?
            .values()
            .mapv(f64::ln);
        let local = LocalMoran::of(&x, w, Permutations::new(9_999).seed(42))?;
        let adjusted = local.adjusted(Adjustment::Fdr);
        for i in (0..w.n()).filter(|&i| local.p_values()[i] <= 0.05) {
            let quadrant = local.quadrants()[i].to_string();
            let value = digits(local.i()[i]);
            let [p, fdr] = [local.p_values()[i], adjusted[i]].map(p_value);
            sheet = sheet.row([names[i].clone(), year.to_string(), value, quadrant, p, fdr])?;
        }
    }
    Ok(sheet.note("Prefectures with p ≤ 0.05 by 9,999 conditional permutations, two-sided, before adjustment."))
}

fn dispersion(study: &Study, nominal: &SigmaConvergence) -> Result<Sheet> {
    let real = study
        .real
        .map(|r| SigmaConvergence::of(&study.panel, r))
        .transpose()?;
    let mut head: Vec<String> = ["year", "sd of logs", "CV", "Theil T", "Gini", "max / min"]
        .map(str::to_owned)
        .to_vec();
    if real.is_some() {
        head.extend(["sd of logs (real)", "CV (real)"].map(str::to_owned));
    }
    let mut sheet = Sheet::new(
        "Table 4. Sigma convergence: dispersion of GDP a head between prefectures",
        head,
    );
    for (i, d) in nominal.series().iter().enumerate() {
        let mut cells = vec![d.period.to_string()];
        cells.extend([d.sd_log, d.cv, d.theil, d.gini, d.max_over_min].map(digits));
        cells.extend(
            real.iter()
                .flat_map(|r| [r.series()[i].sd_log, r.series()[i].cv].map(digits)),
        );
        sheet = sheet.row(cells)?;
    }
    Ok(sheet.note("Each prefecture counts once; sd and CV with ddof = 0."))
}

fn dispersion_tests(study: &Study) -> Result<Sheet> {
    let head = [
        "variable",
        "from",
        "to",
        "Pitman-Morgan t",
        "p",
        "T2",
        "p",
        "T3",
        "p",
        "T1 (invalid)",
        "p",
        "slope of sd a year",
    ];
    let mut sheet = Sheet::new(
        "Table 5. Tests that the variance of logs did not change",
        head,
    );
    for (name, column) in study.variables() {
        for &(first, last) in &study.spans {
            let span = study.panel.between(first, last)?;
            let sigma = SigmaConvergence::of(&span, column)?;
            let mut cells = vec![name.to_owned(), first.to_string(), last.to_string()];
            let all = [
                SigmaTest::PitmanMorgan,
                SigmaTest::CarreeKlompRatio,
                SigmaTest::CarreeKlompSlope,
                SigmaTest::Lichtenberg,
            ];
            for test in all {
                match sigma.test_by(test, first, last) {
                    Ok(t) => cells.extend([digits(t.statistic), p_value(t.p_value)]),
                    Err(Error::Unsupported { .. }) => {
                        cells.extend(["undefined".to_owned(), String::new()])
                    }
                    Err(e) => return Err(e),
                }
            }
            cells.push(match sigma.trend(Measure::SdLog) {
                Ok(trend) => digits(trend.slope()),
                Err(Error::TooFewPeriods { .. }) => "too few years".to_owned(),
                Err(e) => return Err(e),
            });
            sheet = sheet.row(cells)?;
        }
    }
    let note = "Pitman-Morgan: two-sided, exact under normality, positive where dispersion fell; T3 and T1 one-sided. T1 treats the two years as independent samples, which they are not.";
    Ok(sheet.note(note))
}

fn beta(study: &Study, column: &str, w: &Weights, notes: &mut Vec<Note>) -> Result<Sheet> {
    let head = [
        "span",
        "model",
        "b",
        "se",
        "p",
        "rho / lambda",
        "se",
        "own speed",
        "se",
        "half-life",
        "common speed",
        "log-lik.",
        "AIC",
    ];
    let mut sheet = Sheet::new(&format!("Table 6. Beta convergence of {column}"), head);
    for &(first, last) in &study.spans {
        let growth = Growth::between(&study.panel, column, first, last)?;
        let base = growth.regression();
        let ols = BetaConvergence::fit(&growth, &base)?;
        let models = [
            ("OLS", ols.clone()),
            ("OLS, HC3", ols.with_vcov(Vcov::Hc3)?),
            (
                "SAR",
                BetaConvergence::fit(&growth, &base.clone().spatial_lag(w))?,
            ),
            (
                "SEM",
                BetaConvergence::fit(&growth, &base.clone().spatial_error(w))?,
            ),
            (
                "SDM",
                BetaConvergence::fit(&growth, &base.clone().spatial_lag(w).durbin(w))?,
            ),
        ];
        for (name, model) in models {
            let (fit, b) = (model.regression(), model.beta());
            let spatial = fit.rho().or(fit.lambda());
            let spatial = spatial.map_or_else(
                || [String::new(), String::new()],
                |e| [e.value, e.std_error].map(digits),
            );
            let mut cells = vec![
                format!("{first}-{last}"),
                name.to_owned(),
                digits(b.value),
                digits(b.std_error),
                p_value(b.p_value()),
            ];
            cells.extend(spatial);
            let speed = model.speed()?;
            cells.extend([digits(speed.value()), digits(speed.std_error())]);
            cells.push(
                speed
                    .half_life()
                    .map_or_else(|_| "none".to_owned(), |h| digits(h.years())),
            );
            cells.push(digits(model.total_speed()?.value()));
            cells.extend([digits(fit.log_likelihood()), digits(fit.aic())]);
            sheet = sheet.row(cells)?;
            notes.extend(fit.notes().iter().cloned());
        }
    }
    let note = "Mean annual log growth on ln initial. Own speed from the direct impact, common speed from the total impact of ln initial. Standard errors: classical or HC3 for OLS, expected information for the others.";
    Ok(sheet.note(note))
}

fn lm_tests(study: &Study, w: &Weights) -> Result<Sheet> {
    let head = [
        "variable",
        "span",
        "LM lag",
        "p",
        "robust lag",
        "p",
        "LM error",
        "p",
        "robust error",
        "p",
        "SARMA",
        "p",
        "Moran z",
        "p",
    ];
    let mut sheet = Sheet::new("Table 7. Spatial dependence in the OLS residuals", head);
    for (name, column) in study.variables() {
        for &(first, last) in &study.spans {
            let growth = Growth::between(&study.panel, column, first, last)?;
            let ols = growth.regression().fit(growth.table())?;
            let mut cells = vec![name.to_owned(), format!("{first}-{last}")];
            cells.extend(
                ols.lm_tests(w)?
                    .all()
                    .iter()
                    .flat_map(|t| [digits(t.statistic), p_value(t.p_value)]),
            );
            let moran = ols.residual_moran(w)?.test(Alternative::TwoSided);
            cells.extend([digits(moran.statistic), p_value(moran.p_value)]);
            sheet = sheet.row(cells)?;
        }
    }
    Ok(sheet.note(
        "LM tests: chi-squared(1), SARMA chi-squared(2); Moran of residuals: normal, two-sided.",
    ))
}

fn impacts(study: &Study, w: &Weights) -> Result<Sheet> {
    let head = [
        "span",
        "model",
        "effect",
        "estimate",
        "delta se",
        "p",
        "simulated se",
        "2.5 %",
        "97.5 %",
    ];
    let title = format!("Table 8. Impacts of ln initial on growth, {}", study.best());
    let mut sheet = Sheet::new(&title, head);
    for &(first, last) in &study.spans {
        let growth = Growth::between(&study.panel, study.best(), first, last)?;
        let base = growth.regression();
        for spec in [
            base.clone().durbin(w),
            base.clone().spatial_lag(w),
            base.clone().spatial_lag(w).durbin(w),
        ] {
            let fit = spec.fit(growth.table())?;
            let impacts = fit.impacts()?;
            let simulated = impacts.simulated(Draws::new(10_000).seed(42))?;
            let (exact, draws) = (impacts.of("ln_initial")?, simulated.of("ln_initial")?);
            let rows = [
                ("direct", &exact.direct, &draws.direct),
                ("indirect", &exact.indirect, &draws.indirect),
                ("total", &exact.total, &draws.total),
            ];
            for (effect, e, d) in rows {
                let (low, high) = d.interval(0.95);
                let model = fit.model().abbreviation().to_owned();
                let p = p_value(e.p_value());
                let [value, se, sim, low, high] =
                    [e.value, e.std_error, d.std_error, low, high].map(digits);
                let values = [value, se, p, sim, low, high];
                sheet = sheet.row(
                    [format!("{first}-{last}"), model, effect.to_owned()]
                        .into_iter()
                        .chain(values),
                )?;
            }
        }
    }
    Ok(sheet.note("Exact impacts; percentile intervals from 10,000 draws."))
}

fn who_spills_onto_whom(sdm: &Fit, growth: &Growth, weights: &str) -> Result<Sheet> {
    let region = growth.table().labels("region")?;
    let blocks = sdm.impacts()?.between("ln_initial", region)?;
    let head =
        std::iter::once("receiver \\ sender".to_owned()).chain(blocks.groups().iter().cloned());
    let title = format!("Who spills onto whom: SDM of {}, {weights}", growth.label());
    let mut sheet = Sheet::new(&title, head);
    for receiver in blocks.groups() {
        let mut cells = vec![receiver.clone()];
        for sender in blocks.groups() {
            let e = blocks.effect(receiver, sender)?;
            cells.push(format!("{} ({})", digits(e.value), digits(e.std_error)));
        }
        sheet = sheet.row(cells)?;
    }
    let what = "Effect on annual growth of the mean prefecture of the row of ln initial one higher in every prefecture of the column (delta-method standard errors).";
    Ok(blocks
        .notes()
        .iter()
        .fold(sheet.note(what), |s, n| s.note(format!("Note: {n}."))))
}

fn senders(sdm: &Fit, regions: &Regions) -> Result<Sheet> {
    let effects = sdm.impacts()?.by_unit("ln_initial")?;
    let names = regions.attributes().labels("name_en")?;
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|&a, &b| {
        effects.sent[b]
            .abs()
            .total_cmp(&effects.sent[a].abs())
            .then(a.cmp(&b))
    });
    let mut sheet = Sheet::new(
        "Table 11. What each prefecture sends (SDM, row-standardised queen)",
        ["prefecture", "sent", "received"],
    );
    for i in order {
        sheet = sheet.row([
            names[i].clone(),
            digits(effects.sent[i]),
            digits(effects.received[i]),
        ])?;
    }
    let what = "Sent: sum over all prefectures of the effects on annual growth of ln initial one higher in this one; received: effect on this one of ln initial one higher everywhere.";
    Ok(effects
        .notes
        .iter()
        .fold(sheet.note(what), |s, n| s.note(format!("Note: {n}."))))
}

/// The findings in sentences, each from its number.
fn answers(study: &Study, w: &Weights, sigma: &SigmaConvergence) -> Result<()> {
    println!("In short\n");
    let (first, last) = study.spans[0];
    let series = sigma.series();
    let widest = series
        .iter()
        .max_by(|a, b| a.sd_log.total_cmp(&b.sd_log))
        .map_or(first, |d| d.period);
    let (start, end) = (&series[0], &series[series.len() - 1]);
    let test = sigma.test(first, last)?;
    let way = if end.sd_log < start.sd_log {
        "fell"
    } else {
        "rose"
    };
    println!(
        "- Sigma: the sd of ln GDP a head {way} from {:.3} in {first} to {:.3} in {last} (Pitman-Morgan p {}), with its peak in {widest}.",
        start.sd_log,
        end.sd_log,
        p_value(test.p_value)
    );
    for &(from, to) in &study.spans {
        let growth = Growth::between(&study.panel, study.best(), from, to)?;
        let ols = BetaConvergence::fit(&growth, &growth.regression())?.with_vcov(Vcov::Hc3)?;
        let (speed, p) = (ols.speed()?, ols.beta().p_value());
        let verdict = match (p < 0.05, speed.value() > 0.0) {
            (true, true) => "the poorer grew faster",
            (true, false) => "the richer grew faster",
            (false, _) => "no significant relation of growth to the initial level",
        };
        println!(
            "- Beta {from}-{to}: {verdict}; {:.2} % of the gap a year (OLS, HC3 p {}).",
            100.0 * speed.value(),
            p_value(p)
        );
    }
    let x = study
        .panel
        .variable_at(study.nominal, last)?
        .values()
        .mapv(f64::ln);
    let moran = Moran::of(&x, w)?.permutation(Permutations::new(9_999).seed(42))?;
    let p = moran.p_value(Alternative::TwoSided);
    let pattern = match (p < 0.05, moran.statistic() > 0.0) {
        (true, true) => "rich prefectures lie beside rich ones",
        (true, false) => "rich prefectures lie beside poor ones",
        (false, _) => "no significant pattern",
    };
    println!(
        "- Neighbours: Moran's I of ln GDP a head in {last} is {:.3} (permutation p {}): {pattern}.",
        moran.statistic(),
        p_value(p)
    );
    for &(from, to) in &study.spans {
        let growth = Growth::between(&study.panel, study.best(), from, to)?;
        let sdm = growth
            .regression()
            .spatial_lag(w)
            .durbin(w)
            .fit(growth.table())?;
        let indirect = sdm.impacts()?.of("ln_initial")?.indirect.clone();
        let sense = match (indirect.p_value() < 0.05, indirect.value > 0.0) {
            (true, true) => "a rich neighbourhood raised growth",
            (true, false) => "a rich neighbourhood lowered growth",
            (false, _) => "no significant spillover of the neighbours' initial level",
        };
        println!(
            "- Spillovers {from}-{to}: {sense} (SDM, indirect impact {}, p {}).",
            digits(indirect.value),
            p_value(indirect.p_value())
        );
    }
    println!();
    Ok(())
}

fn limits(study: &Study, w: &Weights, notes: Vec<Note>) -> Result<()> {
    println!("What {} units cannot support\n", w.n());
    let mut said: Vec<String> = Vec::new();
    for note in notes.iter().chain([&Note::RowStandardizedReceivers]) {
        let text = note.to_string();
        if !said.contains(&text) {
            said.push(text);
        }
    }
    let most = (w.n() / 3).saturating_sub(3) / 2;
    said.push(format!(
        "an SDM has 2k + 3 parameters for k regressors: a third of {} units allows k = {most}",
        w.n()
    ));
    let (first, last) = study.spans[0];
    let growth = Growth::between(&study.panel, study.best(), first, last)?;
    let leverage = growth
        .regression()
        .durbin(w)
        .fit(growth.table())?
        .leverage();
    let top = (0..w.n())
        .max_by(|&a, &b| leverage[a].total_cmp(&leverage[b]))
        .unwrap_or(0);
    let unit = w.units().id(top).unwrap_or_default();
    let above = leverage.iter().filter(|h| **h > 0.5).count();
    said.push(format!(
        "the largest leverage is {:.2} (unit {unit}, with the neighbours' initial level); {above} are above 0.5; repeat without Shenzhen and without Guangzhou before building on a result",
        leverage[top]
    ));
    said.push("neighbours beyond the border (Hong Kong, Macao, the adjoining provinces) are missing: weights of border prefectures rest on fewer neighbours than they have".to_owned());
    if study.real.is_some() {
        said.push("yearly populations of 2001-05 look smoothed at the source; do not read yearly changes of GDP a head before 2006 as data".to_owned());
    }
    for s in said {
        println!("- {s}.");
    }
    Ok(())
}
