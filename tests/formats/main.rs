//! Weight files: real ones beside what libpysal reads in them, every format there and back, malformed and mutated ones.

mod files;
mod malformed;
mod mutated;
mod variants;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use spatialecon::*;

pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

pub fn rows(w: &Weights) -> Vec<Vec<(usize, u64)>> {
    let row = |i| w.neighbours(i).map(|(j, w)| (j, w.to_bits())).collect();
    (0..w.n()).map(row).collect()
}

/// The same units, pattern and weights, to the last bit.
pub fn same(a: &Weights, b: &Weights) -> bool {
    a.units() == b.units() && rows(a) == rows(b)
}

/// A format: writing, and reading of what was written over the same units.
pub struct Format {
    pub name: &'static str,
    pub write: fn(&Weights) -> Result<Vec<u8>>,
    pub read: fn(&Units, &[u8]) -> Result<Weights>,
    /// Whether it holds weights other than 1, a diagonal, ids with blanks, ids that are not integers.
    pub holds: [bool; 4],
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

pub const FORMATS: &[Format] = &[
    Format {
        name: "GAL",
        write: |w| w.to_gal().map(String::into_bytes),
        read: |_, b| Weights::gal_text(text(b)),
        holds: [false, false, false, true],
    },
    Format {
        name: "GWT",
        write: |w| w.to_gwt().map(String::into_bytes),
        read: |u, b| Weights::gwt_text_over(u, text(b)),
        holds: [true, true, false, true],
    },
    Format {
        name: "SWM",
        write: |w| w.to_swm("ID"),
        read: |_, b| Weights::swm_bytes(b),
        holds: [true, true, false, false],
    },
    Format {
        name: "MatrixMarket",
        write: |w| w.to_matrix_market().map(String::into_bytes),
        read: |u, b| Weights::matrix_market_text(text(b))?.relabelled(u),
        holds: [true, true, true, true],
    },
    Format {
        name: "Stata text, full",
        write: |w| w.to_stata().map(String::into_bytes),
        read: |_, b| Weights::stata_text(text(b)),
        holds: [true, true, false, true],
    },
    Format {
        name: "Stata text, sparse",
        write: |w| w.to_stata_sparse().map(String::into_bytes),
        read: |_, b| Weights::stata_text(text(b)),
        holds: [false, false, false, true],
    },
    Format {
        name: "DAT",
        write: |w| w.to_dat().map(String::into_bytes),
        read: |u, b| Weights::dat_text(text(b))?.relabelled(u),
        holds: [true, true, true, true],
    },
    Format {
        name: "DAT over units",
        write: |w| w.to_dat().map(String::into_bytes),
        read: |u, b| Weights::dat_text_over(u, text(b)),
        holds: [true, true, true, true],
    },
    Format {
        name: "GeoBUGS",
        write: |w| w.to_geobugs().map(String::into_bytes),
        read: |u, b| Weights::geobugs_text(text(b))?.relabelled(u),
        holds: [true, false, true, true],
    },
    Format {
        name: "CSV",
        write: |w| w.to_csv().map(String::into_bytes),
        read: |u, b| Weights::csv_text(text(b)).over(u).read(),
        holds: [true, true, true, true],
    },
    Format {
        name: "dense CSV",
        write: |w| w.to_dense_csv().map(String::into_bytes),
        read: |_, b| Weights::dense_csv_text(text(b)).read(),
        holds: [true, true, true, true],
    },
];

/// Writes and reads in every format that can hold the weights; the others have to say that they cannot. The number of the former.
pub fn there_and_back(w: &Weights) -> usize {
    let needs = [
        !w.is_binary(),
        w.self_links() > 0,
        w.units().iter().any(|id| id.contains(char::is_whitespace)),
        w.units().iter().any(|id| id.parse::<i32>().is_err()),
    ];
    let mut held = 0;
    for format in FORMATS {
        let can = needs
            .iter()
            .zip(format.holds)
            .all(|(need, holds)| holds || !need);
        match (format.write)(w) {
            Ok(bytes) => {
                assert!(can, "{}: {w:?}", format.name);
                let again = (format.read)(w.units(), &bytes);
                let again = again.unwrap_or_else(|e| panic!("{}: {e}", format.name));
                assert!(same(&again, w), "{}: {w:?}", format.name);
                assert_eq!(again.transform(), Transform::Raw);
                held += 1;
            }
            Err(Error::Unsupported { .. } | Error::InvalidLink { .. }) if !can => {}
            Err(e) => panic!("{}: {e}", format.name),
        }
    }
    held
}

pub type Read = fn(&str) -> Result<Weights>;
pub type ReadBytes = fn(&[u8]) -> Result<Weights>;

pub fn given() -> Units {
    Units::new(["a", "b"]).unwrap()
}

pub const GWT: Read = |t| Weights::gwt_text(t);
pub const GWT_OVER: Read = |t| Weights::gwt_text_over(&given(), t);
pub const DAT: Read = |t| Weights::dat_text(t);
pub const DAT_OVER: Read = |t| Weights::dat_text_over(&given(), t);
pub const MTX: Read = |t| Weights::matrix_market_text(t);
pub const STATA: Read = |t| Weights::stata_text(t);
pub const GEOBUGS: Read = |t| Weights::geobugs_text(t);
pub const CSV: Read = |t| Weights::csv_text(t).read();
pub const CSV_OVER: Read = |t| Weights::csv_text(t).over(&given()).read();
pub const DENSE: Read = |t| Weights::dense_csv_text(t).read();
pub const BARE: Read = |t| Weights::dense_csv_text(t).without_ids().read();

/// A record of an SWM file: id, neighbours, weights, sum.
pub type Record<'a> = (i64, &'a [i64], &'a [f64], Option<f64>);

/// The bytes of an SWM file, with integers of a width.
pub fn swm(header: &str, width: usize, records: &[Record<'_>]) -> Vec<u8> {
    let mut bytes = format!("{header}\n").into_bytes();
    let int = |bytes: &mut Vec<u8>, i: i64| bytes.extend(&i.to_le_bytes()[..width]);
    int(&mut bytes, records.len() as i64);
    int(&mut bytes, 1);
    for (id, neighbours, weights, sum) in records {
        int(&mut bytes, *id);
        int(&mut bytes, neighbours.len() as i64);
        for j in *neighbours {
            int(&mut bytes, *j);
        }
        for w in weights.iter().chain(sum) {
            bytes.extend(w.to_le_bytes());
        }
    }
    bytes
}

/// Random weights: some units without links, a diagonal or none, ids of four kinds, weights of any size or all 1.
fn any_weights() -> impl Strategy<Value = Weights> {
    let weight = prop_oneof![
        Just(1.0),
        0.0..1.0_f64,
        (-300.0..300.0_f64).prop_map(|e| 10.0_f64.powf(e)),
    ];
    let links = prop::collection::vec((0..40_usize, 0..40_usize, weight), 0..120);
    (0..40_usize, 0..4_usize, any::<bool>(), any::<bool>(), links).prop_map(
        |(n, kind, binary, diagonal, links)| {
            let id = |i: usize| match kind {
                0 => (7 * i as i64 - 50).to_string(),
                1 => i.to_string(),
                2 => format!("u-{i},\"广'é"),
                _ => format!("New\n {i} \"x\", y"),
            };
            let units = Units::new((0..n).map(id)).unwrap();
            let mut seen = std::collections::BTreeMap::new();
            for (i, j, w) in links {
                if i < n && j < n && w > 0.0 && (diagonal || i != j) {
                    seen.insert((i, j), if binary { 1.0 } else { w });
                }
            }
            let mut text = "i,j,w\n".to_owned();
            for ((i, j), w) in seen {
                let id = |i| format!("\"{}\"", units.id(i).unwrap().replace('"', "\"\""));
                text += &format!("{},{},{w:?}\n", id(i), id(j));
            }
            Weights::csv_text(text).over(&units).read().unwrap()
        },
    )
}

/// This many cases, the same on every run; with `PROPTEST_CASES` set, that many, and others on every run.
fn cases(cases: u32) -> ProptestConfig {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return config;
    }
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        ..config
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_format_there_and_back(w in any_weights()) {
        prop_assert!(there_and_back(&w) >= 2);
    }

    #[test]
    fn transformed_weights_there_and_back(w in any_weights()) {
        let row = w.islands_kept().row_standardized().unwrap();
        // a weight that became zero is no link
        prop_assume!(rows(&row).iter().flatten().all(|(_, w)| *w > 0));
        let again = Weights::csv_text(row.to_csv().unwrap()).over(w.units()).read().unwrap();
        prop_assert_eq!(rows(&again), rows(&row));
        let again = Weights::dat_text(&row.to_dat().unwrap()).unwrap();
        prop_assert_eq!(rows(&again), rows(&row));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9a-c%,.()=\n -]{0,60}") {
        mutated::every_reader(text.as_bytes());
        mutated::every_reader(format!("%%MatrixMarket matrix coordinate real general\n{text}").as_bytes());
        mutated::every_reader(format!("list(num={text}").as_bytes());
        mutated::every_reader(format!("i,j,w\n{text}").as_bytes());
    }
}
