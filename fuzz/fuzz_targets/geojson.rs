//! Any text as GeoJSON: an error, or regions that can be measured.

#![no_main]

mod allocated;

use libfuzzer_sys::fuzz_target;
use spatialecon::Regions;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let planar = bytes.len() % 2 == 0;
    let result = allocated::bounded(text.len(), 24, move || {
        let reader = Regions::geojson_text(text).columns(["x"]).labels(["l"]);
        let reader = if planar { reader.planar() } else { reader };
        reader.read_complete()
    });
    if let Ok((regions, _)) = result {
        assert!(regions.areas().iter().all(|a| *a > 0.0 && a.is_finite()));
        let _ = regions.centroids();
    }
});
