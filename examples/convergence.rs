//! Do the poorer prefectures of Guangdong catch up, since when, how fast, and does the answer hang on a span, a price or a prefecture?
//!
//! Run with `cargo run --release --example convergence [FOLDER]`; with a folder it writes what to plot: `beta_by_span.csv` and `sigma_bands.csv`.
//! GDP a head of the 21 prefectures, 2000-2023, nominal and at prices of 2000: beta over every span of eight years and more, speeds in spatial
//! models, prefectures left out in turn, growth within prefectures, dispersion with bootstrap bands, and whether ranks change.
//! Needs the panel 2000-2023 (`guangdong_panel.csv`), which the published package leaves out.

use std::path::{Path, PathBuf};

use spatialecon::*;

const PRICES: [(&str, &str); 2] = [("nominal", "gdp_pc_yuan"), ("real", "gdp_pc_real2000_yuan")];
const REAL: &str = PRICES[1].1;
const PEOPLE: &str = "resident_pop_10k";
const FIRST: i32 = 2000;
const LAST: i32 = 2023;

fn main() -> Result<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/guangdong");
    let panel = Panel::csv(data.join("guangdong_panel.csv"))
        .unit("name_en")
        .period("year")
        .columns([REAL, PRICES[0].1, PEOPLE])
        .labels(["region"])
        .read()?;
    let regions = Regions::geojson(data.join("guangdong.geojson"))
        .unit("name_en")
        .read()?;
    let w = Weights::queen(&regions)?.row_standardized()?;
    let folder = std::env::args().nth(1).map(PathBuf::from);

    let mut plot = Sheet::new(
        "Beta over every span of at least 8 years",
        [
            "prices",
            "first",
            "last",
            "b",
            "se",
            "p",
            "speed",
            "low",
            "high",
            "half_life",
        ],
    );
    for (prices, column) in PRICES {
        let spans = BetaSpans::of(&panel, column, 8)?.with_vcov(Vcov::Hc3)?;
        println!("{}", by_span(prices, &spans)?.markdown());
        for span in spans.rows() {
            plot = plot.row(plotted(prices, span)?)?;
        }
    }
    write(&folder, "beta_by_span.csv", &plot)?;

    let growth = Growth::between(&panel, REAL, FIRST, LAST)?;
    println!("{}", spatial_speeds(&growth, &w)?.markdown());
    let ols = BetaConvergence::fit(&growth, &growth.regression())?.with_vcov(Vcov::Hc3)?;
    println!("{}", left_out(&ols)?.markdown());
    println!("{}", ols.variance_decomposition()?);
    println!("{}", within(&panel)?.markdown());

    let sigma = SigmaConvergence::of(&panel, REAL)?.weighted_by(&panel, PEOPLE)?;
    let bands = sigma.bootstrap(Draws::new(999).seed(42))?;
    println!("{}", dispersion(&sigma, &bands)?.markdown());
    write(&folder, "sigma_bands.csv", &all_bands(&bands)?)?;
    println!("{}", sigma.trend(Measure::SdLog)?);
    println!("{}", sigma.test(FIRST, LAST)?);
    println!("{}", sigma.filtered(&w)?);

    let gamma = GammaConvergence::of(&panel, REAL)?;
    for concordance in [gamma.binary_at(LAST)?, gamma.multi_year_at(LAST)?] {
        println!("{concordance}");
        let chance = concordance.permutation(Permutations::new(9_999).seed(1))?;
        println!("{}\n", chance.test(Alternative::Greater));
    }
    Ok(())
}

/// Percent of the gap that closes in a year, by first year (rows) and last year (columns).
fn by_span(prices: &str, spans: &BetaSpans) -> Result<Sheet> {
    let ends = || FIRST + 8..=LAST;
    let head = std::iter::once("from \\ to".to_owned()).chain(ends().map(|y| y.to_string()));
    let title =
        format!("Speed of convergence, % a year, {prices} GDP a head (OLS; * HC3 p < 0.05)");
    let mut sheet = Sheet::new(&title, head);
    for first in FIRST..=LAST - 8 {
        let mut cells = vec![first.to_string()];
        for last in ends() {
            cells.push(if last < first + 8 {
                String::new()
            } else {
                let span = spans.between(first, last)?;
                let star = if span.beta().p_value() < 0.05 {
                    "*"
                } else {
                    ""
                };
                format!("{:.2}{star}", 100.0 * span.speed()?.value())
            });
        }
        sheet = sheet.row(cells)?;
    }
    Ok(sheet.note("A negative speed: the richer grew faster."))
}

fn plotted(prices: &str, span: &SpanBeta) -> Result<Vec<String>> {
    let (b, speed) = (span.beta(), span.speed()?);
    let (low, high) = speed.estimate().interval(0.95);
    let mut cells = vec![
        prices.to_owned(),
        span.first().to_string(),
        span.last().to_string(),
    ];
    let numbers = [b.value, b.std_error, b.p_value(), speed.value(), low, high];
    cells.extend(numbers.map(|v| format!("{v:.8}")));
    cells.push(
        speed
            .half_life()
            .map_or_else(|_| String::new(), |h| format!("{:.3}", h.years())),
    );
    Ok(cells)
}

/// Own, common and gap speeds of OLS and of spatial models, with bootstrap intervals.
fn spatial_speeds(growth: &Growth, w: &Weights) -> Result<Sheet> {
    let base = growth.regression();
    let models = [
        base.clone(),
        base.clone().spatial_error(w),
        base.clone().spatial_lag(w),
        base.clone().spatial_lag(w).durbin(w),
    ];
    let head = [
        "model",
        "speed",
        "% a year",
        "delta se",
        "bootstrap 95 %",
        "half-life, years",
        "bootstrap 95 %",
    ];
    let title = format!("Speeds by model, {}", growth.label());
    let mut sheet = Sheet::new(&title, head);
    for spec in models {
        let beta = BetaConvergence::fit(growth, &spec)?;
        let draws = beta.bootstrap(Draws::new(999).seed(42))?;
        let kinds = [
            ("own", Some(draws.own())),
            ("common", draws.common()),
            ("gap", draws.gap()),
        ];
        for (kind, found) in kinds {
            let Some(found) = found else { continue };
            let speed = found.speed();
            let range = |(low, high): (f64, f64), scale: f64| {
                format!("{:.2} to {:.2}", scale * low, scale * high)
            };
            let half_life = speed
                .half_life()
                .map_or_else(|_| "none".to_owned(), |h| format!("{:.1}", h.years()));
            let bounds = found
                .half_life_interval(0.95)
                .map_or_else(|_| "none".to_owned(), |i| range(i, 1.0));
            sheet = sheet.row([
                spec.model().abbreviation().to_owned(),
                kind.to_owned(),
                format!("{:.2}", 100.0 * speed.value()),
                format!("{:.2}", 100.0 * speed.std_error()),
                range(found.interval(0.95), 100.0),
                half_life,
                bounds,
            ])?;
        }
    }
    Ok(sheet.note("Own: a prefecture's own gap; common: a gap that all share; gap: the slowest way in which prefectures differ from one another. Residual bootstrap, 999 draws."))
}

/// The prefectures without which the speed changes most.
fn left_out(ols: &BetaConvergence) -> Result<Sheet> {
    let all = ols.leave_one_out()?;
    let head = [
        "without",
        "leverage",
        "Cook's distance",
        "b",
        "HC3 p",
        "% a year",
    ];
    let mut sheet = Sheet::new("The five prefectures that decide most", head);
    for unit in all.most_influential(5) {
        let Ok(influence) = unit.influence() else {
            continue;
        };
        sheet = sheet.row([
            unit.unit().to_owned(),
            format!("{:.3}", unit.leverage()),
            format!("{:.3}", influence.cook()),
            format!("{:.5}", influence.beta().value),
            format!("{:.4}", influence.beta().p_value()),
            format!("{:.2}", 100.0 * influence.speed()?.value()),
        ])?;
    }
    Ok(sheet.note(format!(
        "With all 21: {:.2} % a year.",
        100.0 * ols.speed()?.value()
    )))
}

/// Growth within prefectures over successive spans: pooled, within, jackknifed.
fn within(panel: &Panel) -> Result<Sheet> {
    let head = [
        "years of a span",
        "spans",
        "pooled, time effects",
        "within",
        "within, jackknife",
    ];
    let mut sheet = Sheet::new("Speed within prefectures, % a year (se)", head);
    let cell = |speed: Result<Speed>| match speed {
        Ok(s) => format!("{:.1} ({:.1})", 100.0 * s.value(), 100.0 * s.std_error()),
        Err(_) => "1 + bT is not positive".to_owned(),
    };
    for years in [1, 3, 5] {
        let growth = PanelGrowth::spans(panel, REAL, years)?;
        let within = PanelBetaConvergence::fit(&growth, &growth.regression())?;
        let pooled = growth.regression().effects(Effects::Time);
        let pooled = PanelBetaConvergence::fit(&growth, &pooled)?;
        sheet = sheet.row([
            years.to_string(),
            growth.panel().periods().len().to_string(),
            cell(pooled.speed()),
            cell(within.speed()),
            cell(within.jackknifed()?.speed()),
        ])?;
    }
    Ok(sheet.note("Within: unit and time effects, overstated where spans are few; pooled understated. A negative speed: away from the steady state."))
}

fn dispersion(sigma: &SigmaConvergence, bands: &SigmaBands) -> Result<Sheet> {
    let measures = Measure::ALL.into_iter().chain([Measure::WeightedTheil]);
    let measures: Vec<Measure> = measures.collect();
    let head = std::iter::once("year".to_owned()).chain(measures.iter().map(ToString::to_string));
    let title = format!("Dispersion of {}, 95 % bootstrap bands", sigma.variable());
    let mut sheet = Sheet::new(&title, head);
    for year in (FIRST..=LAST).filter(|y| [0, 6, 12, 18, 23].contains(&(y - FIRST))) {
        let mut cells = vec![year.to_string()];
        for &measure in &measures {
            let band = bands.of(measure, year)?;
            let (low, high) = band.interval(0.95);
            cells.push(format!("{:.3} [{low:.3}, {high:.3}]", band.value));
        }
        sheet = sheet.row(cells)?;
    }
    let change = bands.change(Measure::SdLog, FIRST, LAST)?;
    let (low, high) = change.interval(0.95);
    Ok(sheet.note(format!(
        "Whole histories of prefectures drawn, 999 times. Change of the sd of logs {FIRST}-{LAST}: {:.3} [{low:.3}, {high:.3}].",
        change.value
    )))
}

fn all_bands(bands: &SigmaBands) -> Result<Sheet> {
    let mut sheet = Sheet::new(
        "Bands of dispersion",
        ["measure", "year", "value", "low", "high"],
    );
    for measure in bands.measures() {
        for (year, band) in bands.series(measure)? {
            let (low, high) = band.interval(0.95);
            let numbers = [band.value, low, high].map(|v| format!("{v:.6}"));
            sheet = sheet.row(
                [measure.to_string(), year.to_string()]
                    .into_iter()
                    .chain(numbers),
            )?;
        }
    }
    Ok(sheet)
}

fn write(folder: &Option<PathBuf>, name: &str, sheet: &Sheet) -> Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    let path = folder.join(name);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, sheet.csv()));
    written.map_err(|source| Error::Io { path, source })
}
