//! The layers of the crate, held: `use crate::…` points to the same module or to a lower layer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules by layer, lowest first; inside L0 the order is that of the list.
const LAYERS: &[(u8, &[&str])] = &[
    (0, &["error"]),
    (1, &["text", "random", "optim", "parallel"]),
    (2, &["linalg"]),
    (3, &["data"]),
    (4, &["inference"]),
    (5, &["weights"]),
    (6, &["autocorrelation", "disparity"]),
    (7, &["regression"]),
    (8, &["spillover"]),
    (9, &["convergence"]),
    (10, &["report"]),
];

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let mut out = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut out);
    out.sort();
    out
}

fn module(path: &Path) -> String {
    let inside = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The code of a file, without its tests and comments; nothing of a file that holds tests only.
fn code(path: &Path) -> String {
    let name = path.file_name().unwrap().to_str().unwrap();
    if ["tests.rs", "test_data.rs", "columbus.rs"].contains(&name) {
        return String::new();
    }
    let text = fs::read_to_string(path).unwrap();
    let end = text.find("\nmod tests {").unwrap_or(text.len());
    let lines = text[..end]
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules that a file names after `crate::`.
fn used(code: &str) -> Vec<String> {
    let word = |rest: &str| {
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    code.match_indices("crate::")
        .map(|(at, hit)| word(&code[at + hit.len()..]))
        .filter(|w| !w.is_empty())
        .collect()
}

#[test]
fn arrows_point_down() {
    let layer: BTreeMap<&str, u8> = LAYERS
        .iter()
        .flat_map(|(l, names)| names.iter().map(|n| (*n, *l)))
        .collect();
    let mut wrong = Vec::new();
    for path in sources() {
        let own = module(&path);
        if own == "lib" {
            continue;
        }
        let own_layer = *layer
            .get(own.as_str())
            .unwrap_or_else(|| panic!("`{own}` has no layer; give it one in this test"));
        for other in used(&code(&path)) {
            let Some(&other_layer) = layer.get(other.as_str()) else {
                wrong.push(format!(
                    "{}: `crate::{other}` is not a module",
                    path.display()
                ));
                continue;
            };
            if other != own && other_layer >= own_layer {
                wrong.push(format!("{}: {own} uses {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_library_neither_panics_nor_prints() {
    let forbidden = [
        ".unwrap()",
        ".expect(",
        "panic!(",
        "todo!(",
        "unimplemented!(",
        "unreachable!(",
        "println!(",
        "eprintln!(",
        "dbg!(",
        "unsafe ",
    ];
    let mut wrong = Vec::new();
    for path in sources() {
        let code = code(&path);
        for word in forbidden {
            if code.contains(word) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//! "),
            "{} does not begin with a sentence about itself",
            path.display()
        );
    }
}
