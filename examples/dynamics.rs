//! Where do the prefectures of Guangdong go: to one level, to several clubs, or apart?
//!
//! Run with `cargo run --release --example dynamics [FOLDER]`; with a folder it writes what to plot: `paths.csv`, `density.csv`, `ergodic.csv` and `kernel.csv`.
//! GDP a head of the 21 prefectures at prices of 2000, 2000-2023: are gaps stationary, how many clubs are there, how do prefectures move between classes and does the
//! class of the neighbours matter, who changes places with whom, and where does the whole distribution go if it moves on as it did?
//! Needs the panel 2000-2023 (`guangdong_panel.csv`), which the published package leaves out.

use std::path::{Path, PathBuf};

use spatialecon::*;

const REAL: &str = "gdp_pc_real2000_yuan";
const FIRST: i32 = 2000;
const LAST: i32 = 2023;

fn main() -> Result<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/guangdong");
    let panel = Panel::csv(data.join("guangdong_panel.csv"))
        .unit("name_en")
        .period("year")
        .columns([REAL])
        .labels(["region"])
        .read()?;
    let regions = Regions::geojson(data.join("guangdong.geojson"))
        .unit("name_en")
        .read()?;
    let w = Weights::queen(&regions)?.row_standardized()?;
    let folder = std::env::args().nth(1).map(PathBuf::from);

    gaps(&panel)?;
    clubs(&panel, &folder)?;
    classes(&panel, &w)?;
    places(&panel, &w)?;
    shape(&panel, &w, &folder)
}

/// Do gaps to the others return to a level or a trend? Dependence first, since most tests take units as independent.
fn gaps(panel: &Panel) -> Result<()> {
    println!("1. Are the gaps stationary?\n");
    let gaps = StochasticConvergence::of(panel, REAL)?.lags(Lags::Fixed(1));
    println!("{}", gaps.cross_dependence()?);
    for terms in [Deterministic::Constant, Deterministic::Trend] {
        let gaps = gaps.clone().deterministic(terms);
        println!("{}", gaps.ips()?.test());
        let hadri = gaps.hadri()?;
        println!(
            "{}",
            hadri.exact_moments().unwrap_or(hadri.heteroskedastic())
        );
    }
    // With a constant alone CIPS of gaps to a mean rejects too often.
    let gaps = gaps.deterministic(Deterministic::Trend);
    println!("{}\n", gaps.cips(1, Draws::new(9_999).seed(42))?.test());
    // Do gaps to the mean of logs die out, and to nothing or to constants?
    let constant = gaps.clone().deterministic(Deterministic::Constant);
    let to_mean = constant.relative_to(Reference::LogMean)?;
    println!("{}", to_mean.evans_karras(Draws::new(9_999).seed(42))?);
    println!("{}", gaps.carlino_mills()?);
    Ok(())
}

/// One club or several? Log t on trends, and on the logs as they are.
fn clubs(panel: &Panel, folder: &Option<PathBuf>) -> Result<()> {
    println!("2. One level, or clubs?\n");
    let paths = TransitionPaths::of(panel, REAL)?.filtered(Trend::hodrick_prescott())?;
    let clubs = paths.clubs(Clustering::new())?;
    println!("{clubs}");
    let raw = TransitionPaths::of(panel, REAL)?.log_t(LogTOptions::new())?;
    println!("Without the trend filter:\n{raw}");
    let head = std::iter::once("year".to_owned()).chain(panel.units().iter().map(String::from));
    let mut sheet = Sheet::new("Relative transition paths", head);
    for (year, row) in panel.periods().iter().zip(paths.relative().rows()) {
        let cells = row.iter().map(|h| format!("{h:.6}"));
        sheet = sheet.row(std::iter::once(year.to_string()).chain(cells))?;
    }
    write(folder, "paths.csv", &sheet.csv())
}

/// How do prefectures move between thirds of relative income, before and after 2010, and beside rich or poor neighbours?
fn classes(panel: &Panel, w: &Weights) -> Result<()> {
    println!("3. Who moves up, who moves down?\n");
    let thirds = Classes::quantiles(3).relative();
    let chain = MarkovChain::of(panel, REAL, &thirds)?;
    println!("{chain}");
    println!("{}", chain.homogeneity_over_time([2010])?);
    println!("{}", chain.homogeneity_across(panel, "region")?);
    println!("{}", SpatialMarkov::of(panel, REAL, w, &thirds)?);
    println!("{}", LisaMarkov::of(panel, REAL, w)?);
    Ok(())
}

/// Who changes places with whom?
fn places(panel: &Panel, w: &Weights) -> Result<()> {
    println!("4. Who changes places with whom?\n");
    let exchange = ExchangeMobility::between(panel, REAL, FIRST, LAST)?;
    println!("{}", exchange.tau());
    let draws = || Permutations::new(9_999).seed(42);
    let near = exchange.spatial_tau(w)?;
    println!("{near}");
    println!("{}", near.permutation(draws())?);
    let theta = exchange.theta("region")?;
    println!("{theta}");
    println!("{}", theta.permutation(draws())?.test(Alternative::Greater));
    let directions = DirectionalLisa::between(panel, REAL, FIRST, LAST, w)?;
    println!("\n{directions}");
    println!("{}", directions.permutation(draws())?);
    Ok(())
}

/// The shape of the distribution, and where it goes.
fn shape(panel: &Panel, w: &Weights, folder: &Option<PathBuf>) -> Result<()> {
    println!("5. One peak or two, and then?\n");
    let relative = RelativeTo::Mean.of(panel, REAL)?;
    for year in [FIRST, LAST] {
        let values = relative.variable_at(REAL, year)?;
        let density = KernelDensity::of(values, Bandwidth::SheatherJones)?.on_log_scale()?;
        println!("{density}");
        let bands = density.bootstrap(Draws::new(999).seed(42))?;
        write(folder, &format!("density_{year}.csv"), &bands.csv(0.95))?;
        for modes in [1, 2] {
            let values = relative.variable_at(REAL, year)?;
            println!(
                "{}",
                Modality::of(values)?.test(modes, Draws::new(999).seed(42))?
            );
        }
        println!();
    }
    let kernel = StochasticKernel::of(panel, REAL, 5)?
        .on_log_scale()?
        .with_bandwidths(0.12, 0.12)?;
    println!("{kernel}");
    let ergodic = kernel.ergodic()?;
    println!("{ergodic}");
    let given = StochasticKernel::conditioned(panel, REAL, RelativeTo::Neighbours(w))?;
    println!(
        "Variance of logs that neighbours explain: {:.3}",
        given.explained()
    );
    write(folder, "ergodic.csv", &ergodic.csv())?;
    write(folder, "kernel.csv", &kernel.csv())
}

fn write(folder: &Option<PathBuf>, name: &str, text: &str) -> Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    let path = folder.join(name);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text));
    written.map_err(|source| Error::Io { path, source })
}
