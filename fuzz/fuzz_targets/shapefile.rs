//! Any bytes as a .shp and a .dbf, the first two being the length of the .dbf, which comes first.

#![no_main]

mod allocated;

use libfuzzer_sys::fuzz_target;
use spatialecon::Regions;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[low, high], rest)) = bytes.split_first_chunk() else {
        return;
    };
    let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
    let (dbf, shp) = rest.split_at(length);
    // The length of the file in its header, which is found only by luck.
    let mut shp = shp.to_vec();
    if let Ok(words) = i32::try_from(shp.len() / 2)
        && let Some(place) = shp.get_mut(24..28)
    {
        place.copy_from_slice(&words.to_be_bytes());
    }
    let dbf = (length > 0).then(|| dbf.to_vec());
    let result = allocated::bounded(bytes.len(), 24, move || {
        let reader = Regions::shapefile_bytes(shp, dbf.clone()).planar();
        match dbf {
            None => reader.read_complete(),
            Some(_) => reader
                .unit("code")
                .columns(["count"])
                .labels(["name", "open"])
                .read_complete(),
        }
    });
    if let Ok((regions, _)) = result {
        assert!(regions.areas().iter().all(|a| *a > 0.0 && a.is_finite()));
        let _ = regions.centroids();
    }
});
