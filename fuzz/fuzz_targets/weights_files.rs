//! Readers of weight files: the first byte chooses the reader, the rest is the file. What is read is written, and read again the same.
//!
//! `cargo +nightly fuzz run weights_files -- -rss_limit_mb=1024 -malloc_limit_mb=256 -dict=fuzz/weights_files.dict`

#![no_main]

mod allocated;

use allocated::bounded;
use libfuzzer_sys::{Corpus, fuzz_target};
use spatialecon::{Result, Units, Weights};

fn read(format: u8, bytes: &[u8]) -> Option<Result<Weights>> {
    if format == b'S' {
        return Some(Weights::swm_bytes(bytes));
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let units = || Units::new(["1", "2", "a", "b"]);
    Some(match format {
        b'A' => Weights::gal_text(text),
        b'W' => Weights::gwt_text(text),
        b'w' => units().and_then(|u| Weights::gwt_text_over(&u, text)),
        b'D' => Weights::dat_text(text),
        b'd' => units().and_then(|u| Weights::dat_text_over(&u, text)),
        b'M' => Weights::matrix_market_text(text),
        b'T' => Weights::stata_text(text),
        b'G' => Weights::geobugs_text(text),
        b'C' => Weights::csv_text(text).read(),
        b'c' => units().and_then(|u| Weights::csv_text(text).delimiter(b';').over(&u).read()),
        b'F' => Weights::dense_csv_text(text).read(),
        b'f' => Weights::dense_csv_text(text).without_ids().read(),
        _ => return None,
    })
}

fn same(a: &Weights, b: &Weights) {
    assert_eq!(a.units(), b.units());
    for i in 0..a.n() {
        assert!(a.neighbours(i).eq(b.neighbours(i)), "row {i}");
    }
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((&format, bytes)) = data.split_first() else {
        return Corpus::Reject;
    };
    let Some(result) = bounded(bytes.len(), 100, || read(format, bytes)) else {
        return Corpus::Reject;
    };
    match result {
        Err(e) => assert!(!e.to_string().is_empty()),
        Ok(w) => {
            assert!((0..w.n()).all(|i| {
                w.neighbours(i)
                    .all(|(j, w)| j < u32::MAX as usize && w > 0.0 && w.is_finite())
            }));
            if let Ok(text) = w.to_gwt() {
                same(&Weights::gwt_text_over(w.units(), &text).unwrap(), &w);
            }
            let text = w.to_matrix_market().unwrap();
            same(
                &Weights::matrix_market_text(&text)
                    .unwrap()
                    .relabelled(w.units())
                    .unwrap(),
                &w,
            );
            if let Ok(text) = w.to_csv() {
                same(&Weights::csv_text(text).over(w.units()).read().unwrap(), &w);
            }
            if w.n() < 100 {
                if let Ok(text) = w.to_dense_csv() {
                    same(&Weights::dense_csv_text(text).read().unwrap(), &w);
                }
                if let Ok(text) = w.to_stata() {
                    same(&Weights::stata_text(&text).unwrap(), &w);
                }
            }
            if let Ok(bytes) = w.to_swm("ID") {
                same(&Weights::swm_bytes(&bytes).unwrap(), &w);
            }
            if let Ok(text) = w.to_geobugs() {
                same(
                    &Weights::geobugs_text(&text)
                        .unwrap()
                        .relabelled(w.units())
                        .unwrap(),
                    &w,
                );
            }
        }
    }
    Corpus::Keep
});
