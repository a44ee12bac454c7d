//! Every reader survives truncated and mutated files.

use spatialecon::*;

use crate::*;

/// Every reader on the bytes; an error has a place in them. How many read them.
pub fn every_reader(bytes: &[u8]) -> usize {
    let mut found = vec![Weights::swm_bytes(bytes)];
    if let Ok(text) = std::str::from_utf8(bytes) {
        found.push(Weights::gal_text(text));
        let readers = [
            GWT, GWT_OVER, DAT, DAT_OVER, MTX, STATA, GEOBUGS, CSV, CSV_OVER, DENSE, BARE,
        ];
        found.extend(readers.iter().map(|read| read(text)));
    }
    for result in &found {
        match result {
            Ok(w) => {
                for i in 0..w.n() {
                    assert!(
                        w.neighbours(i)
                            .all(|(j, w)| j < 1 << 30 && w > 0.0 && w.is_finite())
                    );
                }
            }
            Err(Error::Syntax { line, column, .. }) => {
                let lines = bytes.iter().filter(|&&b| b == b'\n' || b == b'\r').count() as u64 + 1;
                assert!(
                    (1..=lines).contains(line) && (1..=bytes.len() as u64 + 1).contains(column)
                );
            }
            Err(Error::UnknownColumn { .. } | Error::InvalidOption { .. }) => {}
            Err(e) => panic!("{e}"),
        }
    }
    found.iter().filter(|r| r.is_ok()).count()
}

#[test]
fn mutated_small_files_never_panic() {
    let units = given();
    let w = Weights::from_links(&units, [("a", "b", 1.0), ("b", "a", 1.0)]).unwrap();
    let numbered = w.relabelled(&Units::new(["1", "2"]).unwrap()).unwrap();
    let (mut read, mut all) = (0, 0);
    for format in FORMATS {
        for w in [&w, &numbered] {
            let Ok(bytes) = (format.write)(w) else {
                continue;
            };
            assert!(every_reader(&bytes) > 0, "{}", format.name);
            for end in 0..bytes.len() {
                every_reader(&bytes[..end]);
            }
            for at in 0..bytes.len() {
                let mut changed = bytes.clone();
                for byte in 0..=255 {
                    changed[at] = byte;
                    read += usize::from(every_reader(&changed) > 0);
                    all += 1;
                }
            }
        }
    }
    assert!(read > 1000 && read < all, "{read} of {all}");
}

#[test]
fn mutated_real_files_never_panic() {
    let readers: &[(&str, ReadBytes)] = &[
        ("ohio.swm", |b| Weights::swm_bytes(b)),
        ("wmat.dat", |b| DAT(text(b))),
        ("wmat.mtx", |b| MTX(text(b))),
        ("stata_full.txt", |b| STATA(text(b))),
        ("stata_sparse.txt", |b| STATA(text(b))),
        ("geobugs_scot", |b| GEOBUGS(text(b))),
        ("spdep_listw2WB_columbus", |b| GEOBUGS(text(b))),
    ];
    for (name, read) in readers {
        let bytes = std::fs::read(data(&format!("formats/{name}"))).unwrap();
        // every end in short files and near the end, some of the others
        for end in (0..bytes.len())
            .filter(|end| bytes.len() < 2000 || end % 7 == 0 || end + 200 > bytes.len())
        {
            let _ = read(&bytes[..end]);
        }
        let mut changed = bytes.clone();
        for at in (0..bytes.len()).filter(|at| bytes.len() < 2000 || at % 5 == 0 || *at < 200) {
            for byte in [b' ', b'\n', b'0', b'9', b'-', b'e', b')', 0x7f] {
                changed[at] = byte;
                let _ = read(&changed);
            }
            changed[at] = bytes[at];
        }
    }
}
