//! Real files: what libpysal reads in them, written in every format, and on disk.

use std::path::PathBuf;

use serde_json::Value;
use spatialecon::*;

use crate::{FORMATS, data, rows, same, there_and_back};

/// The files, how they are read, and in how many formats they can be written.
fn files() -> Vec<(&'static str, Weights, usize)> {
    let read = |name: &str, read: &dyn Fn(PathBuf) -> Result<Weights>| {
        read(data(name)).unwrap_or_else(|e| panic!("{e}"))
    };
    [
        (
            "baltimore/baltim_q.gal",
            &(|p| Weights::read_gal(p)) as &dyn Fn(PathBuf) -> Result<Weights>,
            11,
        ),
        ("baltimore/baltim_k4.gwt", &|p| Weights::read_gwt(p), 11),
        ("baltimore/baltim.tri.k12.kwt", &|p| Weights::read_gwt(p), 8),
        ("columbus/columbus.gal", &|p| Weights::read_gal(p), 11),
        ("formats/ohio.swm", &|p| Weights::read_swm(p), 11),
        ("formats/wmat.dat", &|p| Weights::read_dat(p), 9),
        ("formats/wmat.mtx", &|p| Weights::read_matrix_market(p), 9),
        ("formats/stata_full.txt", &|p| Weights::read_stata(p), 9),
        ("formats/stata_sparse.txt", &|p| Weights::read_stata(p), 11),
        ("formats/geobugs_scot", &|p| Weights::read_geobugs(p), 11),
        (
            "formats/spdep_listw2WB_columbus",
            &|p| Weights::read_geobugs(p),
            9,
        ),
    ]
    .into_iter()
    .map(|(name, how, formats)| (name, read(name, how), formats))
    .collect()
}

#[test]
fn files_hold_what_libpysal_reads() {
    let expected: Value = serde_json::from_str(include_str!("../oracle/17_formats.json")).unwrap();
    for (name, w, _) in files() {
        let of = &expected[name];
        assert_eq!(w.n() as u64, of["n"].as_u64().unwrap(), "{name}");
        assert_eq!(w.links() as u64, of["links"].as_u64().unwrap(), "{name}");
        for (position, id) in [0, 1, w.n() - 1]
            .into_iter()
            .zip(of["ids"].as_array().unwrap())
        {
            assert_eq!(
                w.units().id(position).unwrap(),
                id.as_str().unwrap(),
                "{name}"
            );
        }
        let (mut moments, mut pattern, mut max) = ([0.0; 4], 0, 0.0_f64);
        for i in 0..w.n() {
            for (j, w) in w.neighbours(i) {
                let (p, q) = ((i + 1) as f64, (j + 1) as f64);
                for (m, by) in moments.iter_mut().zip([1.0, p, q, p * q]) {
                    *m += w * by;
                }
                pattern += (i + 1) as u64 * ((j + 1) * (j + 1)) as u64;
                max = max.max(w);
            }
        }
        for (m, key) in moments.iter().zip(["s", "s_row", "s_column", "s_both"]) {
            let e = of[key].as_f64().unwrap();
            assert!((m - e).abs() <= 1e-12 * e, "{name} {key}: {m} and {e}");
        }
        assert_eq!(pattern, of["pattern"].as_u64().unwrap(), "{name}");
        assert_eq!(
            max.to_bits(),
            of["max"].as_f64().unwrap().to_bits(),
            "{name}"
        );
        for (p, row) in of["rows"].as_object().unwrap() {
            let i = p.parse::<usize>().unwrap() - 1;
            let row = row.as_object().unwrap();
            assert_eq!(w.neighbours(i).count(), row.len(), "{name} {p}");
            for (q, e) in row {
                let ours = w.weight(i, q.parse::<usize>().unwrap() - 1);
                assert_eq!(
                    ours.to_bits(),
                    e.as_f64().unwrap().to_bits(),
                    "{name} {p} {q}"
                );
            }
        }
    }
}

#[test]
fn files_are_written_in_every_format_that_can_hold_them() {
    for (name, w, formats) in files() {
        assert_eq!(there_and_back(&w), formats, "{name}");
    }
}

#[test]
fn two_files_hold_the_same_matrix() {
    let columbus = Weights::read_geobugs(data("formats/spdep_listw2WB_columbus")).unwrap();
    assert_eq!((columbus.n(), columbus.links()), (49, 230));
    let text = std::fs::read_to_string(data("columbus/links_230.csv")).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let links = Weights::csv(data("columbus/links_230.csv"))
        .from(header[0].trim_matches('"'))
        .to(header[1].trim_matches('"'))
        .binary()
        .over(columbus.units())
        .read()
        .unwrap();
    assert!(same(&links, &columbus.binary()));
    let dat = Weights::read_dat(data("formats/wmat.dat")).unwrap();
    let mtx = Weights::read_matrix_market(data("formats/wmat.mtx")).unwrap();
    assert!(same(&dat, &mtx));
    let kernel = Weights::read_gwt(data("baltimore/baltim.tri.k12.kwt")).unwrap();
    assert_eq!((kernel.self_links(), kernel.weight(0, 0)), (211, 1.0));
}

#[test]
fn transformed_weights_are_written_as_they_are() {
    let w = Weights::read_gal(data("columbus/columbus.gal")).unwrap();
    let row = w.row_standardized().unwrap();
    for format in FORMATS.iter().filter(|f| f.holds[0]) {
        let again = (format.read)(w.units(), &(format.write)(&row).unwrap()).unwrap();
        assert_eq!(rows(&again), rows(&row), "{}", format.name);
    }
    assert!(same(
        &Weights::gal_text(&row.to_gal().unwrap()).unwrap(),
        &w
    ));
    // of a row-standardised SWM the sums are those of the raw rows
    let bytes = row.to_swm("ID").unwrap();
    let header = "ID;Unknown\n".len();
    assert_eq!(bytes[header..header + 8], [49, 0, 0, 0, 1, 0, 0, 0]);
    let m = w.cardinalities()[0];
    let at = header + 16 + 12 * m;
    let sum = f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    assert_eq!(sum.to_bits(), (m as f64).to_bits());
}

#[test]
fn files_are_written_to_disk() {
    let folder = std::env::temp_dir().join(format!("spatialecon-formats-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let at = |name: &str| folder.join(name);
    let units = Units::new(["1", "2", "3"]).unwrap();
    let w = Weights::from_pairs(&units, [("1", "2")]).unwrap();
    w.write_gal(at("a.gal")).unwrap();
    w.write_gwt(at("a.gwt")).unwrap();
    w.write_swm(at("a.swm"), "ID").unwrap();
    w.write_matrix_market(at("a.mtx")).unwrap();
    w.write_stata(at("a.txt")).unwrap();
    w.write_stata_sparse(at("b.txt")).unwrap();
    w.write_dat(at("a.dat")).unwrap();
    w.write_geobugs(at("a")).unwrap();
    w.write_csv(at("a.csv")).unwrap();
    w.write_dense_csv(at("b.csv")).unwrap();
    for again in [
        Weights::read_gal(at("a.gal")),
        Weights::read_gwt_over(&units, at("a.gwt")),
        Weights::read_swm(at("a.swm")),
        Weights::read_matrix_market(at("a.mtx")),
        Weights::read_stata(at("a.txt")),
        Weights::read_stata(at("b.txt")),
        Weights::read_dat(at("a.dat")),
        Weights::read_dat_over(&units, at("a.dat")),
        Weights::read_geobugs(at("a")),
        Weights::csv(at("a.csv")).over(&units).read(),
        Weights::dense_csv(at("b.csv")).read(),
    ] {
        let again = again.unwrap();
        assert!(same(&again, &w), "{again:?}");
        assert!(again.built().starts_with("links of "), "{}", again.built());
    }
    let absent = folder.join("none").join("a");
    for e in [
        Weights::read_gwt(&absent).unwrap_err(),
        Weights::read_swm(&absent).unwrap_err(),
        Weights::csv(&absent).read().unwrap_err(),
        w.write_swm(&absent, "ID").unwrap_err(),
        w.write_dat(&absent).unwrap_err(),
    ] {
        assert!(
            matches!(&e, Error::Io { path, .. } if *path == absent),
            "{e}"
        );
    }
    std::fs::write(at("utf16"), b"\xff\xfe1\0").unwrap();
    std::fs::write(at("latin"), b"1 2 3\n1 \xe9").unwrap();
    let e = Weights::read_dat(at("utf16")).unwrap_err().to_string();
    assert!(e.contains("UTF-16"), "{e}");
    let e = Weights::read_dat(at("latin")).unwrap_err().to_string();
    assert!(
        e.contains("latin:2:3: not valid DAT: the text is not UTF-8"),
        "{e}"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}
