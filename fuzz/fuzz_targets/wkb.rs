//! Any bytes as the geometry of a GeoPackage.

#![no_main]

mod allocated;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    allocated::bounded(bytes.len(), 24, || {
        let _ = spatialecon::geopackage_geometry(bytes);
    });
});
