//! Does what is found of Guangdong depend on who is taken for a neighbour of whom?
//!
//! Run with `cargo run --release --example which_weights`. Under thirteen spatial weights: how alike neighbours are in income, and
//! whether a rich neighbourhood raised or lowered growth in 2010-2023 (spatial Durbin model of growth on initial income).
//! Needs the panel 2000-2023 (`guangdong_panel.csv`), which the published package leaves out.

use std::path::Path;

use spatialecon::*;

const INCOME: &str = "gdp_pc_real2000_yuan";

fn main() -> Result<()> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/guangdong");
    let regions = Regions::geojson(data.join("guangdong.geojson"))
        .unit("adcode")
        .read()?;
    let panel = Panel::csv(data.join("guangdong_panel.csv"))
        .unit("adcode")
        .period("year")
        .columns([INCOME, "resident_pop_10k"])
        .read()?;
    let units = Table::csv(data.join("guangdong_units.csv"))
        .unit("adcode")
        .columns(["seat_lon", "seat_lat"])
        .read()?;
    let seats = units.points_lon_lat("seat_lon", "seat_lat")?;

    // Economic weights are made of values of before the sample 2010-2023.
    let before = panel.variable_at(INCOME, 2005)?;
    let people = panel.variable_at("resident_pop_10k", 2005)?;
    let queen = Weights::queen(&regions)?;
    let near = Weights::distance_decay(&seats, Decay::inverse(1.0))?;
    let alike = Weights::economic_distance(seats.units(), before)?;
    let candidates = [
        ("queen", queen.clone()),
        ("queen, orders 1 and 2", queen.up_to_order(2)?),
        (
            "length of border",
            Weights::shared_borders(&regions, Borders::length())?,
        ),
        ("4 nearest seats", Weights::k_nearest(&seats, 4)?),
        (
            "seats within 150 km",
            Weights::distance_band(&seats, 150.0)?,
        ),
        ("1 / km", near.clone()),
        (
            "1 / km²",
            Weights::distance_decay(&seats, Decay::inverse(2.0))?,
        ),
        (
            "exp(-km / 50)",
            Weights::distance_decay(&seats, Decay::exponential(1.0 / 50.0))?,
        ),
        (
            "Gaussian kernel, 6 nearest",
            Weights::kernel(&seats, Kernel::adaptive(KernelFunction::Gaussian, 6))?,
        ),
        ("Delaunay", Weights::delaunay(&seats)?),
        (
            "gravity of population",
            Weights::gravity(&seats, people, Gravity::new(Decay::inverse(2.0)))?,
        ),
        ("economic distance 2005", alike.clone()),
        (
            "half 1 / km, half economic",
            Weights::nested(&near, &alike, 0.5)?,
        ),
    ];

    let growth = Growth::between(&panel, INCOME, 2010, 2023)?;
    let income = panel.variable_at(INCOME, 2023)?.values().mapv(f64::ln);
    let mut sheet = Sheet::new(
        "Income of 2023 and growth 2010-2023 under different weights, row-standardised",
        [
            "weights",
            "links",
            "Moran's I",
            "p",
            "own effect",
            "p",
            "indirect effect",
            "p",
        ],
    );
    let (mut catch_up, mut spillover, mut alike_in_space) = (0, 0, 0);
    let count = candidates.len();
    for (name, w) in candidates {
        let w = w.row_standardized()?;
        let moran = Moran::of(&income, &w)?;
        let permuted = moran.permutation(Permutations::new(9_999).seed(1))?;
        let sdm = growth
            .regression()
            .spatial_lag(&w)
            .durbin(&w)
            .fit(growth.table())?;
        let effects = sdm.impacts()?;
        let effect = effects.of("ln_initial")?;
        let p = permuted.p_value(Alternative::TwoSided);
        alike_in_space += usize::from(p < 0.05);
        catch_up += usize::from(effect.direct.p_value() < 0.05);
        spillover += usize::from(effect.indirect.p_value() < 0.05);
        sheet = sheet.row([
            name.to_owned(),
            w.links().to_string(),
            format!("{:.3}", moran.i()),
            short(p),
            format!("{:.4}", effect.direct.value),
            short(effect.direct.p_value()),
            format!("{:.4}", effect.indirect.value),
            short(effect.indirect.p_value()),
        ])?;
    }
    let sheet = sheet
        .note("Moran's I of ln income a head in 2023: 9,999 permutations, two-sided.")
        .note("Effects of ln income of 2010 on mean annual growth, by a spatial Durbin model.")
        .note("With 21 prefectures a p-value near a threshold is undecided.");
    println!("{sheet}");
    println!("\nOf {count} weights, at 5 %:");
    println!("- income is alike among neighbours under {alike_in_space};");
    println!("- the poorer grew faster (own effect) under {catch_up};");
    println!("- the income of neighbours mattered for growth (indirect effect) under {spillover}.");
    Ok(())
}

fn short(p: f64) -> String {
    if p < 0.0001 {
        "<0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}
