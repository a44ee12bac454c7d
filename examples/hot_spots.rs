//! Where in Guangdong do the strong lie beside the strong and the weak beside the weak, and is it more than chance?
//!
//! Run with `cargo run --release --example hot_spots`. Income a head of the 21 prefectures at three dates, queen neighbours:
//! global statistics with exact p-values, the map of local ones by all arrangements of each prefecture's neighbours,
//! dependence by distance, and growth beside the income that neighbours had.
//! Needs the panel 2000-2023 (`guangdong_panel.csv`), which the published package leaves out.

use std::path::Path;

use spatialecon::*;

const INCOME: &str = "gdp_pc_real2000_yuan";
const YEARS: [i32; 3] = [2000, 2010, 2023];

fn main() -> Result<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/guangdong");
    let regions = Regions::geojson(data.join("guangdong.geojson"))
        .unit("adcode")
        .read()?;
    let panel = Panel::csv(data.join("guangdong_panel.csv"))
        .unit("adcode")
        .period("year")
        .columns([INCOME])
        .labels(["name_en"])
        .read()?;
    let units = Table::csv(data.join("guangdong_units.csv"))
        .unit("adcode")
        .columns(["seat_lon", "seat_lat"])
        .labels(["name_en"])
        .read()?;
    let seats = units.points_lon_lat("seat_lon", "seat_lat")?;
    let names = units.labels("name_en")?;
    let queen = Weights::queen(&regions)?;
    let w = queen.row_standardized()?;
    let income =
        |year| -> Result<_> { Ok(panel.variable_at(INCOME, year)?.values().mapv(f64::ln)) };

    println!("{}", global(&YEARS, income, &queen, &w)?);
    let local = |year| LocalMoran::of(&income(year)?, &w, Permutations::all());
    let hot = |year| LocalGetisOrd::g_star(&income(year)?, &queen, Permutations::all());
    let (then, now, spots) = (local(2000)?, local(2023)?, hot(2023)?);
    println!("\n{}", map(names, &then, &now, &spots)?);
    println!("\n{}", by_distance(&income(2023)?, &seats)?);

    let growth = Growth::between(&panel, INCOME, 2000, 2023)?;
    let growth = growth.table().variable("growth")?;
    let beside = BivariateMoran::of(growth.clone(), &income(2000)?, &w)?;
    let chance = beside.permutation(Permutations::new(9_999).seed(1))?;
    let own = Moran::of(growth, &w)?;
    let alone = own.permutation(Permutations::new(9_999).seed(1))?;
    println!("\nGrowth 2000-2023, and who grew beside whom (two-sided p, 9,999 permutations):");
    let p = |test: &PermutationTest| short(test.p_value(Alternative::TwoSided));
    println!(
        "- growth beside the growth of neighbours: I = {:.3}, p {}",
        own.i(),
        p(&alone)
    );
    println!(
        "- growth beside the income of 2000 of neighbours: I = {:.3}, p {}",
        beside.i(),
        p(&chance)
    );
    let significant = |l: &LocalMoran, a| -> Result<usize> {
        Ok(l.significant(0.05, a)?.iter().filter(|&&s| s).count())
    };
    println!("\nOf 21 local tests in 2023, at 5 %:");
    println!(
        "- {} are significant one by one (one is to be expected by chance)",
        significant(&now, None)?
    );
    println!(
        "- {} after the false discovery rate is held at 5 %",
        significant(&now, Some(Adjustment::Fdr))?
    );
    Ok(())
}

/// Moran, Geary and G of the logs of income by year.
fn global(
    years: &[i32],
    income: impl Fn(i32) -> Result<ndarray::Array1<f64>>,
    queen: &Weights,
    w: &Weights,
) -> Result<Sheet> {
    let head = [
        "year",
        "Moran's I",
        "p exact",
        "p perm.",
        "Geary's C",
        "p perm.",
        "G",
        "p perm.",
    ];
    let mut sheet = Sheet::new("Table 1. Is income alike among neighbours?", head);
    let permutations = Permutations::new(9_999).seed(1);
    let p = |test: PermutationTest| short(test.p_value(Alternative::TwoSided));
    for &year in years {
        let x = income(year)?;
        let (moran, geary) = (Moran::of(&x, w)?, Geary::of(&x, w)?);
        // G speaks of levels: high values among high ones, or low among low ones.
        let g = GetisOrd::of(&x.mapv(f64::exp), queen)?;
        sheet = sheet.row([
            year.to_string(),
            format!("{:.3}", moran.i()),
            short(moran.exact(Alternative::TwoSided)?.p_value),
            p(moran.permutation(permutations)?),
            format!("{:.3}", geary.c()),
            p(geary.permutation(permutations)?),
            format!("{:.4}", g.g()),
            p(g.permutation(permutations)?),
        ])?;
    }
    Ok(sheet
        .note("Moran and Geary of ln income a head, row-standardised queen; G of income a head, binary queen. Two-sided.")
        .note("p exact: under normality, by the eigenvalues; p perm.: 9,999 permutations."))
}

/// Local Moran at both dates and G* at the end, prefecture by prefecture.
fn map(
    names: &[String],
    then: &LocalMoran,
    now: &LocalMoran,
    spots: &LocalGetisOrd,
) -> Result<Sheet> {
    let head = [
        "prefecture",
        "2000",
        "p",
        "2023",
        "I",
        "p",
        "p (FDR)",
        "z of G*",
        "spot",
    ];
    let mut sheet = Sheet::new("Table 2. Who lies among whom?", head);
    let (p_then, p_now) = (then.p_values(), now.p_values());
    let fdr = now.adjusted(Adjustment::Fdr);
    let labels = spots.clusters(0.05, None)?;
    for (i, name) in names.iter().enumerate() {
        sheet = sheet.row([
            name.clone(),
            then.quadrants()[i].to_string(),
            short(p_then[i]),
            now.quadrants()[i].to_string(),
            format!("{:.3}", now.i()[i]),
            short(p_now[i]),
            short(fdr[i]),
            format!("{:.2}", spots.z()[i]),
            labels[i].to_string(),
        ])?;
    }
    Ok(sheet
        .note(
            "Local Moran's I and G* of ln income a head, two-sided p over all sets of neighbours.",
        )
        .note("Spot: significant at 0.05 by G*, without a correction for 21 tests."))
}

/// Moran's I of pairs of seats by distance.
fn by_distance(x: &ndarray::Array1<f64>, seats: &Points) -> Result<Correlogram> {
    let x = Variable::from(x).named("ln income a head, 2023");
    Correlogram::by_distance(x, seats, &[75.0, 150.0, 225.0, 300.0, 400.0])
}

fn short(p: f64) -> String {
    if p < 0.0001 {
        "<0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}
