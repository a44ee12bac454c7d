//! Maps from files: known contiguities, the same map in every format, and files that are broken.

use std::path::PathBuf;

use spatialecon::*;

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn example(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("examples/data/guangdong")
        .join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(data(name)).unwrap()
}

fn columbus() -> Regions {
    let reader = Regions::shapefile(data("columbus/columbus.shp"));
    reader
        .unit("POLYID")
        .columns(["CRIME"])
        .planar()
        .read()
        .unwrap()
}

/// Links of both, as sets of positions.
fn same_links(a: &Weights, b: &Weights) {
    assert_eq!(a.units(), b.units());
    for i in 0..a.n() {
        let of = |w: &Weights| {
            let mut row: Vec<usize> = w.neighbours(i).map(|(j, _)| j).collect();
            row.sort_unstable();
            row
        };
        assert_eq!(of(a), of(b), "unit {}", a.units().iter().nth(i).unwrap());
    }
}

// ------------------------------------------------------------------------------------------------------------ contiguities

#[test]
fn columbus_is_the_gal_of_libpysal() {
    let regions = columbus();
    let queen = Weights::queen(&regions).unwrap();
    assert_eq!((queen.n(), queen.links(), queen.pairs()), (49, 236, 118));
    same_links(
        &queen,
        &Weights::read_gal(data("columbus/columbus.gal")).unwrap(),
    );
}

#[test]
fn sids2_is_the_gal_of_libpysal() {
    let regions = Regions::shapefile(data("sids2/sids2.shp"))
        .unit("FIPSNO")
        .lon_lat()
        .read()
        .unwrap();
    let rook = Weights::rook(&regions).unwrap();
    assert_eq!((rook.n(), rook.pairs()), (100, 231));
    let gal = Weights::read_gal(data("sids2/sids2.gal")).unwrap();
    same_links(&rook.only(gal.units()).unwrap(), &gal);
    assert_eq!(Weights::queen(&regions).unwrap().pairs(), 245);
}

#[test]
fn the_states_are_the_gal_of_libpysal() {
    let regions = Regions::shapefile(data("us_income/us48.shp"))
        .unit("STATE_NAME")
        .lon_lat()
        .read()
        .unwrap();
    let table = Table::csv(data("us_income/usjoin.csv"))
        .unit("Name")
        .columns([""; 0])
        .read()
        .unwrap();
    let queen = Weights::queen(&regions.aligned_to(table.units()).unwrap()).unwrap();
    assert_eq!((queen.n(), queen.pairs()), (48, 107));
    // GAL id k is row k of the table.
    let gal = Weights::read_gal(data("us_income/states48.gal")).unwrap();
    let names: Vec<String> = table.units().iter().map(|n| n.to_string()).collect();
    let named = gal
        .units()
        .iter()
        .map(|k| names[k.parse::<usize>().unwrap()].clone());
    let gal = gal.relabelled(&Units::new(named).unwrap()).unwrap();
    same_links(&queen, &gal.only(table.units()).unwrap());
}

#[test]
fn guangdong_and_china_have_their_pairs() {
    let guangdong = Regions::geojson(example("guangdong.geojson"))
        .read()
        .unwrap();
    assert_eq!(Weights::queen(&guangdong).unwrap().pairs(), 39);
    let counties = example("guangdong_counties.geojson");
    // Not in the published package.
    if counties.exists() {
        let w = Weights::queen(&Regions::geojson(counties).read().unwrap()).unwrap();
        assert_eq!((w.n(), w.pairs(), w.components()), (124, 293, 2));
    }
    let china = Regions::geojson(data("china/china_prefectures.geojson"));
    let w = Weights::queen(&china.unit("adcode").labels(["name_zh"]).read().unwrap()).unwrap();
    assert_eq!((w.n(), w.pairs(), w.components()), (369, 969, 3));
    assert_eq!(w.islands(), ["460300"]);
}

// ----------------------------------------------------------------------------------------------------------------- formats

/// Areas by the plane, whatever the coordinates are.
fn squares(reader: RegionsReader, scale: f64) -> Regions {
    let reader = reader
        .unit("code")
        .columns(["count"])
        .labels(["name", "open"]);
    let regions = reader.clone().planar().read().unwrap();
    for (area, expected) in regions.areas().iter().zip([15.0, 7.25, 1.0]) {
        assert!(
            (area / (expected * scale * scale) - 1.0).abs() < 1e-9,
            "{area}"
        );
    }
    let parts = |r: &Regions| -> Vec<Vec<usize>> {
        let holes = |p: &geo::MultiPolygon| p.0.iter().map(|p| p.interiors().len()).collect();
        r.polygons().iter().map(holes).collect()
    };
    assert_eq!(parts(&regions), [vec![1], vec![0, 1, 0], vec![0]]);
    let attributes = regions.attributes();
    assert_eq!(
        regions.units(),
        &Units::new(["440100", "440200", "440300"]).unwrap()
    );
    assert_eq!(
        attributes.values("count").unwrap().to_vec(),
        [1.0, 2.0, 3.0]
    );
    assert_eq!(attributes.labels("name").unwrap(), ["广州", "韶关", "深圳"]);
    assert_eq!(
        attributes.labels("open").unwrap(),
        ["true", "false", "true"]
    );
    let (complete, dropped) = reader
        .clone()
        .columns(["pop"])
        .planar()
        .read_complete()
        .unwrap();
    assert_eq!(
        complete.attributes().values("pop").unwrap().to_vec(),
        [12.5, -3.0]
    );
    assert_eq!(dropped.units(), ["440300"]);
    reader.read().unwrap()
}

#[test]
fn the_same_map_in_every_format() {
    let degrees = squares(Regions::shapefile(data("formats/squares.shp")), 1.0);
    assert_eq!(degrees.coordinates(), Coordinates::LonLat);
    let without_extension = squares(Regions::shapefile(data("formats/squares_gbk")), 1.0);
    assert_eq!(without_extension.coordinates(), Coordinates::LonLat);
    for name in ["formats/squares_utm.shp", "formats/squares_z.shp"] {
        let metres = squares(Regions::shapefile(data(name)), 1000.0);
        assert_eq!(metres.coordinates(), Coordinates::Planar);
    }
    let geojson = squares(Regions::geojson(data("formats/squares.geojson")), 1.0);
    assert_eq!(geojson.coordinates(), Coordinates::LonLat);
    for (a, b) in degrees.areas().iter().zip(geojson.areas()) {
        assert!((a / b - 1.0).abs() < 1e-12);
    }
}

/// geopandas 1.2.0: `area` (sum, first, last), `centroid` (sums of x and y), parts.
#[test]
fn areas_and_centroids_are_those_of_geopandas() {
    let maps: [(&str, [f64; 5], usize); 3] = [
        (
            "columbus/columbus.shp",
            [
                9.137979963482621,
                0.30943978072264144,
                0.2059636316093929,
                438.4317522038544,
                602.6507704073929,
            ],
            49,
        ),
        (
            "sids2/sids2.shp",
            [
                12.627802119779517,
                0.11428350451751612,
                0.21164594129368197,
                -7951.015257612403,
                3562.37182320915,
            ],
            108,
        ),
        (
            "us_income/us48.shp",
            [
                817.0945376356394,
                20.74983112933114,
                16.927959310880397,
                -4382.0126379270005,
                1896.943772713439,
            ],
            94,
        ),
    ];
    for (name, expected, parts) in maps {
        let regions = Regions::shapefile(data(name)).planar().read().unwrap();
        let areas = regions.areas();
        let centroids = regions.centroids().unwrap();
        let sum = |k: usize| centroids.xy().iter().map(|c| c[k]).sum::<f64>();
        let found = [
            areas.sum(),
            areas[0],
            areas[areas.len() - 1],
            sum(0),
            sum(1),
        ];
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found / expected - 1.0).abs() < 1e-12,
                "{name}: {found} {expected}"
            );
        }
        let of = |p: &geo::MultiPolygon| p.0.len();
        assert_eq!(regions.polygons().iter().map(of).sum::<usize>(), parts);
    }
}

#[cfg(feature = "geopackage")]
#[test]
fn geopackages_have_layers() {
    let reader = |layer: &str| Regions::geopackage(data("formats/squares.gpkg")).layer(layer);
    assert_eq!(
        squares(reader("degrees"), 1.0).coordinates(),
        Coordinates::LonLat
    );
    for layer in ["metres", "solid"] {
        assert_eq!(
            squares(reader(layer), 1000.0).coordinates(),
            Coordinates::Planar
        );
    }
    let by_key = reader("degrees").unit("fid").read().unwrap();
    assert_eq!(by_key.units(), &Units::new(["1", "2", "3"]).unwrap());
    for reader in [
        reader("feet"),
        Regions::geopackage(data("formats/squares.gpkg")),
    ] {
        let error = refusal(reader.read());
        assert!(
            matches!(
                error,
                Error::InvalidOption {
                    option: "layer",
                    ..
                }
            ),
            "{error}"
        );
        assert!(
            error.to_string().contains("degrees, metres, solid"),
            "{error}"
        );
    }
    let error = refusal(reader("degrees").columns(["gdp"]).read());
    assert!(
        matches!(&error, Error::UnknownColumn { available, .. } if available.len() == 6),
        "{error}"
    );
    let regions = Regions::geopackage(data("formats/columbus.gpkg"))
        .unit("POLYID")
        .read()
        .unwrap();
    assert_eq!(regions.coordinates(), Coordinates::Planar);
    same_links(
        &Weights::queen(&regions).unwrap(),
        &Weights::queen(&columbus()).unwrap(),
    );
}

#[cfg(feature = "flatgeobuf")]
#[test]
fn flatgeobuf_is_read() {
    let degrees = squares(Regions::flatgeobuf(data("formats/squares.fgb")), 1.0);
    assert_eq!(degrees.coordinates(), Coordinates::LonLat);
    let metres = squares(Regions::flatgeobuf(data("formats/squares_utm.fgb")), 1000.0);
    assert_eq!(metres.coordinates(), Coordinates::Planar);
    let error = refusal(Regions::flatgeobuf(data("formats/squares_bare.fgb")).read());
    assert!(
        matches!(
            error,
            Error::InvalidOption {
                option: "coordinates",
                ..
            }
        ),
        "{error}"
    );
    let regions = Regions::flatgeobuf(data("formats/columbus.fgb"))
        .unit("POLYID")
        .planar()
        .read()
        .unwrap();
    // The features of a file with an index stand in the order of the index.
    let own = columbus();
    let queen = Weights::queen(&regions.aligned_to(own.units()).unwrap()).unwrap();
    same_links(&queen, &Weights::queen(&own).unwrap());
}

#[cfg(feature = "flatgeobuf")]
#[test]
fn broken_flatgeobuf_never_panics() {
    let whole = bytes("formats/squares_bare.fgb");
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("broken.fgb");
    let (mut read, mut tried) = (0, 0);
    for broken in mutations(&whole) {
        std::fs::write(&path, &broken).unwrap();
        let reader = Regions::flatgeobuf(&path)
            .unit("code")
            .columns(["count"])
            .labels(["name", "open"]);
        tried += 1;
        read += usize::from(survives(reader.planar()));
    }
    assert!(read > 100 && read < tried, "{read} of {tried}");
}

#[cfg(feature = "geopackage")]
#[test]
fn broken_geopackages_never_panic() {
    let whole = bytes("formats/squares.gpkg");
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("broken.gpkg");
    let (mut read, mut tried) = (0, 0);
    // A prime step: every part of a page is met somewhere.
    for at in (0..whole.len()).step_by(211) {
        for byte in [0, 0xFF, whole[at] ^ 1] {
            let mut other = whole.clone();
            other[at] = byte;
            std::fs::write(&path, &other).unwrap();
            let reader = Regions::geopackage(&path).layer("degrees").unit("code");
            tried += 1;
            read += usize::from(survives(reader.columns(["count"]).labels(["name", "open"])));
        }
        std::fs::write(&path, &whole[..at]).unwrap();
        survives(Regions::geopackage(&path).layer("degrees"));
    }
    assert!(read > 100 && read < tried, "{read} of {tried}");
}

// ------------------------------------------------------------------------------------------------------------------ faults

fn refusal<T>(result: Result<T>) -> Error {
    match result {
        Ok(_) => panic!("accepted"),
        Err(error) => error,
    }
}

#[test]
fn a_map_says_what_its_coordinates_are_or_is_asked() {
    let error = refusal(Regions::shapefile(data("columbus/columbus.shp")).read());
    let text = error.to_string();
    assert!(
        matches!(
            error,
            Error::InvalidOption {
                option: "coordinates",
                ..
            }
        ),
        "{text}"
    );
    assert!(
        text.contains("there is no .prj") && text.contains("`planar()`"),
        "{text}"
    );
    let error = refusal(
        Regions::shapefile(data("formats/squares_utm.shp"))
            .lon_lat()
            .read(),
    );
    assert!(
        matches!(
            error,
            Error::InvalidOption {
                option: "lon_lat",
                ..
            }
        ),
        "{error}"
    );
    // Without a .dbf: a map without attributes.
    let shp = bytes("formats/squares.shp");
    let bare = Regions::shapefile_bytes(shp.clone(), None)
        .lon_lat()
        .read()
        .unwrap();
    assert_eq!(bare.units(), &Units::range(3));
    let error = refusal(
        Regions::shapefile_bytes(shp, None)
            .unit("code")
            .lon_lat()
            .read(),
    );
    assert!(
        matches!(&error, Error::Io { path, .. } if path.ends_with("<dbf>")),
        "{error}"
    );
}

#[test]
fn encodings_are_said_or_refused() {
    let shp = bytes("formats/squares_gbk.shp");
    let reader = || {
        let dbf = bytes("formats/squares_gbk.dbf");
        Regions::shapefile_bytes(shp.clone(), Some(dbf))
            .unit("code")
            .labels(["name"])
            .lon_lat()
    };
    let error = refusal(reader().read());
    assert!(
        matches!(error, Error::Feature { feature: 1, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("encoding"), "{error}");
    let read = reader().encoding("gbk").read().unwrap();
    assert_eq!(
        read.attributes().labels("name").unwrap(),
        ["广州", "韶关", "深圳"]
    );
    assert!(matches!(
        refusal(reader().encoding("runes").read()),
        Error::InvalidOption {
            option: "encoding",
            ..
        }
    ));
}

#[test]
fn deleted_records_take_their_shape_along() {
    let (shp, mut dbf) = (bytes("formats/squares.shp"), bytes("formats/squares.dbf"));
    let start = usize::from(u16::from_le_bytes([dbf[8], dbf[9]]));
    let width = usize::from(u16::from_le_bytes([dbf[10], dbf[11]]));
    dbf[start + width] = b'*';
    let reader = Regions::shapefile_bytes(shp.clone(), Some(dbf.clone())).planar();
    let regions = reader.unit("code").read().unwrap();
    assert_eq!(regions.units(), &Units::new(["440100", "440300"]).unwrap());
    assert!((regions.areas()[1] - 1.0).abs() < 1e-9);
    dbf[4] = 2;
    let error = refusal(Regions::shapefile_bytes(shp, Some(dbf)).planar().read());
    let text = error.to_string();
    assert!(
        matches!(error, Error::Binary { .. }) && text.contains("3 shapes, and its .dbf 2"),
        "{text}"
    );
}

#[test]
fn shapes_that_are_no_polygons_are_named() {
    let (shp, dbf) = (bytes("formats/squares.shp"), bytes("formats/squares.dbf"));
    let first = 8 + 2 * usize::from(u16::from_be_bytes([shp[106], shp[107]]));
    for (kind, words) in [
        (0_u8, "null shape"),
        (1, "points"),
        (3, "lines"),
        (31, "patches"),
    ] {
        let mut other = shp.clone();
        other[100 + first + 8] = kind;
        let reader = Regions::shapefile_bytes(other, Some(dbf.clone()))
            .unit("code")
            .planar();
        let error = refusal(reader.read());
        assert!(
            matches!(&error, Error::Feature { feature: 2, id: Some(id), problem, .. }
                if id == "440200" && problem.contains(words)),
            "{error}"
        );
    }
    let mut points = shp;
    points[32] = 1;
    let error = refusal(Regions::shapefile_bytes(points, Some(dbf)).planar().read());
    assert!(
        matches!(&error, Error::Binary { offset: 32, .. }),
        "{error}"
    );
}

// ------------------------------------------------------------------------------------------------------- broken at random

/// The bytes cut at every place, and with every byte replaced by a few others.
fn mutations(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let cut = (0..bytes.len()).map(|at| bytes[..at].to_vec());
    let changed = (0..bytes.len()).flat_map(move |at| {
        [0, 1, 0x7F, 0x80, 0xFF, b'*', bytes[at] ^ 1]
            .into_iter()
            .map(move |b| {
                let mut other = bytes.to_vec();
                other[at] = b;
                other
            })
    });
    cut.chain(changed)
}

/// Whether a reader reads a map, which then has to be one.
fn survives(reader: RegionsReader) -> bool {
    match reader.read() {
        Ok(regions) => {
            assert!(regions.areas().iter().all(|a| *a > 0.0 && a.is_finite()));
            assert_eq!(regions.len(), regions.attributes().units().len());
            true
        }
        Err(error) => {
            assert!(error.to_string().len() > 10, "{error:?}");
            false
        }
    }
}

#[test]
fn broken_shapefiles_never_panic() {
    let (shp, dbf) = (bytes("formats/squares_z.shp"), bytes("formats/squares.dbf"));
    let all = |r: RegionsReader| {
        r.unit("code")
            .columns(["count"])
            .labels(["name", "open"])
            .planar()
    };
    let (mut read, mut tried) = (0, 0);
    for shp in mutations(&shp) {
        tried += 1;
        read += usize::from(survives(all(Regions::shapefile_bytes(
            shp,
            Some(dbf.clone()),
        ))));
    }
    assert!(read > 100 && read < tried, "{read} of {tried}");
    let (mut read, mut tried) = (0, 0);
    for dbf in mutations(&dbf) {
        tried += 1;
        read += usize::from(survives(all(Regions::shapefile_bytes(
            shp.clone(),
            Some(dbf),
        ))));
    }
    assert!(read > 100 && read < tried, "{read} of {tried}");
}
