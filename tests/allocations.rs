//! What readers allocate at most, for each byte that they are given.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use spatialecon::*;

/// Bytes allocated for a byte of the file, at most.
const MOST: f64 = 24.0;

/// The system's allocator, with the bytes in use and their maximum.
struct Counting;

static USED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// One thread counts at a time.
static ONE: Mutex<()> = Mutex::new(());

// SAFETY: every call is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(used, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn alone() -> MutexGuard<'static, ()> {
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The peak of the bytes that a call allocates for each byte of its input, beyond the input itself.
fn multiple<T>(input: usize, call: impl FnOnce() -> T) -> (T, f64) {
    let before = USED.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = call();
    let peak = PEAK.load(Relaxed) - before;
    (result, peak as f64 / input as f64)
}

/// A comb of as many teeth, as short as it can be written.
fn comb(teeth: usize) -> Vec<(usize, usize)> {
    let up = (0..teeth).flat_map(|k| [(2 * k, 9), (2 * k, 1), (2 * k + 1, 1), (2 * k + 1, 9)]);
    let mut ring: Vec<(usize, usize)> = [(0, 0)].into_iter().chain(up).collect();
    ring.push((2 * teeth - 1, 0));
    ring.push((0, 0));
    ring
}

fn collection(features: &str) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)
}

fn feature(coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"x":1}},"geometry":{{"type":"Polygon","coordinates":{coordinates}}}}}"#
    )
}

fn ring(coords: &[(usize, usize)]) -> String {
    let mut text = "[".to_owned();
    for (k, (x, y)) in coords.iter().enumerate() {
        let _ = write!(text, "{}[{x},{y}]", if k > 0 { "," } else { "" });
    }
    text + "]"
}

#[test]
fn geojson_takes_a_small_multiple_of_its_length() {
    let _one = alone();
    let square = feature("[[[0,0],[1,0],[1,1],[0,0]]]");
    let repeated = |part: &str| vec![part; 200_000 / part.len()].join(",");
    let cases = [
        (
            "a comb",
            collection(&feature(&format!("[{}]", ring(&comb(5_000))))),
        ),
        ("small features", collection(&repeated(&square))),
        ("numbers for features", collection(&repeated("7"))),
        ("objects for features", collection(&repeated("{}"))),
        (
            "empty features",
            collection(&repeated(r#"{"type":"Feature"}"#)),
        ),
        (
            "empty rings",
            collection(&feature(&format!("[{}]", repeated("[]")))),
        ),
        (
            "numbers for rings",
            collection(&feature(&format!("[{}]", repeated("1")))),
        ),
        (
            "one position again and again",
            collection(&feature(&format!("[[{}]]", repeated("[0,0]")))),
        ),
        (
            "small rings",
            collection(&feature(&format!(
                "[{}]",
                repeated("[[0,0],[1,0],[1,1],[0,0]]")
            ))),
        ),
        (
            "short rings",
            collection(&feature(&format!("[{}]", repeated("[[0,0]]")))),
        ),
        (
            "a long position",
            collection(&feature(&format!("[[[{}]]]", repeated("1")))),
        ),
        ("names", {
            let names: Vec<String> = (0..20_000).map(|k| format!("\"{k}\":0")).collect();
            let properties = format!("{{{}}}", names.join(","));
            collection(&square.replace(r#"{"x":1}"#, &properties))
        }),
        ("a deep array", collection(&"[".repeat(200_000))),
        (
            "deep coordinates",
            collection(&feature(&"[".repeat(200_000))),
        ),
        (
            "a deep property",
            collection(&square.replace("1}", &"[".repeat(200_000))),
        ),
    ];
    for (name, text) in cases {
        let length = text.len();
        let (result, most) = multiple(length, move || {
            Regions::geojson_text(text)
                .columns(["x"])
                .planar()
                .read()
                .map(|r| r.len())
        });
        assert!(
            most < MOST,
            "{name}: {most:.1} times {length} bytes, {result:?}"
        );
    }
}

/// A shapefile of one record with the rings given.
fn shapefile(rings: &[Vec<(usize, usize)>]) -> Vec<u8> {
    let points: usize = rings.iter().map(Vec::len).sum();
    let mut content = 5_i32.to_le_bytes().to_vec();
    content.extend([0; 32]);
    content.extend((rings.len() as i32).to_le_bytes());
    content.extend((points as i32).to_le_bytes());
    let mut start = 0_i32;
    for ring in rings {
        content.extend(start.to_le_bytes());
        start += ring.len() as i32;
    }
    for (x, y) in rings.iter().flatten() {
        content.extend((*x as f64).to_le_bytes());
        content.extend((*y as f64).to_le_bytes());
    }
    let words = |bytes: usize| (bytes as i32 / 2).to_be_bytes();
    let mut bytes = 9994_i32.to_be_bytes().to_vec();
    bytes.extend([0; 20]);
    bytes.extend(words(108 + content.len()));
    bytes.extend(1000_i32.to_le_bytes());
    bytes.extend(5_i32.to_le_bytes());
    bytes.extend([0; 64]);
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(words(content.len()));
    bytes.extend(content);
    bytes
}

#[test]
fn shapefiles_take_a_small_multiple_of_their_length() {
    let _one = alone();
    let squares = (0..2_000).map(|k| vec![(2 * k, 0), (2 * k + 1, 0), (2 * k + 1, 1), (2 * k, 0)]);
    let mut huge = shapefile(&[comb(3)]);
    huge[144..148].copy_from_slice(&i32::MAX.to_le_bytes());
    for (name, shp) in [
        ("a comb", shapefile(&[comb(5_000)])),
        ("small rings", shapefile(&squares.collect::<Vec<_>>())),
        ("nested rings", {
            let ring = |k: usize| vec![(k, k), (5_000 - k, k), (5_000 - k, 5_000 - k), (k, k)];
            shapefile(&(0..2_000).map(ring).collect::<Vec<_>>())
        }),
        ("empty rings", shapefile(&vec![Vec::new(); 10_000])),
        ("a count of rings", huge),
    ] {
        let length = shp.len();
        let (result, most) = multiple(length, move || {
            Regions::shapefile_bytes(shp, None)
                .planar()
                .read()
                .map(|r| r.len())
        });
        assert!(
            most < MOST,
            "{name}: {most:.1} times {length} bytes, {result:?}"
        );
    }
}

/// A link may take two bytes of text, and takes some thirty until the rows are sorted.
#[test]
fn weight_files_take_a_small_multiple_of_their_length() {
    const MOST: f64 = 100.0;
    let _alone = alone();
    let n = 2_000;
    let mut gal = format!("{n}\n");
    let (mut gwt, mut dat) = (format!("0 {n} m id\n"), String::new());
    for i in 0..n {
        let row: Vec<String> = (0..9).map(|k| ((i + 7 * k + 1) % n).to_string()).collect();
        let _ = write!(gal, "{i} 9\n{}\n", row.join(" "));
        for j in &row {
            let _ = writeln!(gwt, "{i} {j} 1");
            let _ = writeln!(dat, "{} {} 1", i + 1, (j.parse::<usize>().unwrap()) + 1);
        }
    }
    let links = dat.lines().count();
    let csv = format!(
        "i,j\n{}",
        gwt.lines()
            .skip(1)
            .map(|l| l.replace(' ', ","))
            .collect::<Vec<_>>()
            .join("\n")
    )
    .replace("i,j", "i,j,w");
    let mtx = format!("%%MatrixMarket matrix coordinate real general\n{n} {n} {links}\n{dat}");
    let many = "%%MatrixMarket matrix coordinate pattern general\n1000 1000 1\n1 2\n".to_owned();
    let dense = (0..300).map(|i| {
        (0..300)
            .map(|j| if i == j { "0" } else { "1" })
            .collect::<Vec<_>>()
            .join(",")
    });
    let dense = dense.collect::<Vec<_>>().join("\n");
    let zeros = "4000000000\na 0\n".to_owned();
    type Read = fn(&str) -> Result<Weights>;
    let cases: [(&str, String, Read); 8] = [
        ("GAL", gal, |t| Weights::gal_text(t)),
        ("GWT", gwt, |t| Weights::gwt_text(t)),
        ("DAT", dat, |t| Weights::dat_text(t)),
        ("CSV", csv, |t| Weights::csv_text(t).read()),
        ("MatrixMarket", mtx, |t| Weights::matrix_market_text(t)),
        ("units without links", many, |t| {
            Weights::matrix_market_text(t)
        }),
        ("dense CSV", dense, |t| {
            Weights::dense_csv_text(t).without_ids().read()
        }),
        ("a count of units", zeros, |t| Weights::gal_text(t)),
    ];
    for (name, text, read) in cases {
        let length = text.len().max(4_096);
        let (result, most) = multiple(length, || read(&text).map(|w| w.links()));
        println!("{name}: {most:.1}");
        assert!(
            most < MOST,
            "{name}: {most:.1} times {length} bytes, {result:?}"
        );
    }
}
