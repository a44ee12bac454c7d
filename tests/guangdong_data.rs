//! Readers on real files: the prefectures of Guangdong.

use spatialecon::{Error, Panel, Regions, Result, Table, TableReader, Weights};

fn file(name: &str) -> String {
    format!(
        "{}/examples/data/guangdong/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn units_file() -> TableReader {
    Table::csv(file("guangdong_units.csv")).unit("adcode")
}

/// The reference centroids were taken on the ellipsoid, in an Albers projection; ours are those of the sphere.
#[test]
fn centroids_are_those_of_an_independent_program() -> Result<()> {
    let regions = Regions::from_geojson(file("guangdong.geojson"))?;
    let columns = [
        "centroid_lon",
        "centroid_lat",
        "main_centroid_lon",
        "main_centroid_lat",
    ];
    let table = units_file()
        .columns(columns)
        .read()?
        .aligned_to(regions.units())?;
    let all = (
        regions.centroids()?,
        table.points_lon_lat(columns[0], columns[1])?,
    );
    let main = (
        regions.main_centroids()?,
        table.points_lon_lat(columns[2], columns[3])?,
    );
    for (ours, theirs) in [all, main] {
        for (a, b) in ours.xy().iter().zip(theirs.xy()) {
            assert!(
                (a[0] - b[0]).abs() < 1.2e-4 && (a[1] - b[1]).abs() < 1.2e-4,
                "{a:?} {b:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn areas_are_ellipsoidal_ones_within_the_flattening() -> Result<()> {
    let regions = Regions::from_geojson(file("guangdong.geojson"))?;
    let table = units_file().columns(["polygon_area_km2"]).read()?;
    let geodesic = table.aligned_to(regions.units())?;
    for (ours, theirs) in regions
        .areas()
        .iter()
        .zip(geodesic.values("polygon_area_km2")?)
    {
        assert!((ours / theirs - 1.0).abs() < 0.006, "{ours} {theirs}");
    }
    Ok(())
}

#[test]
fn properties_give_ids_and_labels() -> Result<()> {
    let regions = Regions::geojson(file("guangdong.geojson"))
        .unit("adcode")
        .columns(["seat_lon", "seat_lat"])
        .labels(["name_zh", "region"])
        .read()?;
    let table = units_file()
        .columns(["seat_lon"])
        .labels(["name_zh", "region"])
        .read()?;
    assert_eq!(regions.units(), table.units());
    assert_eq!(
        regions.attributes().labels("name_zh")?,
        table.labels("name_zh")?
    );
    assert_eq!(regions.attributes().labels("name_zh")?[0], "广州市");
    assert_eq!(
        regions.attributes().values("seat_lon")?,
        table.values("seat_lon")?
    );
    Ok(())
}

#[test]
fn the_panel_is_complete_in_the_columns_that_are_named() -> Result<()> {
    let reader = Panel::csv(file("guangdong_panel.csv"))
        .unit("adcode")
        .period("year")
        .labels(["region"]);
    let panel = reader
        .clone()
        .columns(["gdp_100m_yuan", "gdp_pc_yuan"])
        .read()?;
    assert_eq!((panel.units().len(), panel.periods().len()), (21, 24));
    assert!((panel.at(2000)?.values("gdp_100m_yuan")?[0] - 2505.5794).abs() < 1e-9);
    // CV of GDP per head in 2000, population standard deviation: 0.6788120235 by an independent program.
    let values = panel.variable_at("gdp_pc_yuan", 2000)?;
    let cv = values.values().std(0.0) / values.values().mean().unwrap();
    assert!((cv - 0.678_812_023_5).abs() < 1e-9, "{cv}");

    let fdi = reader.columns(["fdi_musd"]).periods(2000..=2017);
    let Err(Error::Missing { cells, total }) = fdi.clone().read() else {
        panic!("the cell of Huizhou 2001 is empty")
    };
    assert_eq!(
        (total, cells[0].unit.as_str(), cells[0].period),
        (1, "441300", Some(2001))
    );
    let (panel, dropped) = fdi.read_complete()?;
    assert_eq!(
        (panel.units().len(), dropped.units()),
        (20, &["441300".to_owned()][..])
    );
    Ok(())
}

/// Queen and rook of the map are the 39 pairs of the file that another program made of it.
#[test]
fn contiguity_is_that_of_an_independent_program() -> Result<()> {
    let regions = Regions::geojson(file("guangdong.geojson"))
        .unit("adcode")
        .read()?;
    let pairs = Table::csv(file("guangdong_contiguity.csv"))
        .columns([""; 0])
        .labels(["adcode_i", "adcode_j"])
        .read()?;
    let expected: Vec<(String, String)> = pairs
        .labels("adcode_i")?
        .iter()
        .cloned()
        .zip(pairs.labels("adcode_j")?.iter().cloned())
        .collect();
    assert_eq!(expected.len(), 39);
    for w in [Weights::queen(&regions)?, Weights::rook(&regions)?] {
        assert_eq!((w.links(), w.pairs()), (78, 39));
        for (a, b) in &expected {
            let at = |id: &str| w.units().position(id).unwrap();
            assert!(
                w.weight(at(a), at(b)) == 1.0 && w.weight(at(b), at(a)) == 1.0,
                "{a} {b}"
            );
        }
    }
    Ok(())
}
