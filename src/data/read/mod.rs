//! Readers of tables, panels and maps, and the account of what they leave out.

mod binary;
mod charset;
pub(crate) mod csv;
mod dbf;
mod dropped;
#[cfg(feature = "flatgeobuf")]
mod flatgeobuf;
mod geojson;
#[cfg(feature = "geopackage")]
mod geopackage;
mod json;
mod layer;
mod panel;
mod prj;
mod regions;
mod rings;
mod shapefile;
mod table;
#[cfg(any(feature = "geopackage", fuzzing))]
mod wkb;

pub use dropped::Dropped;
pub use panel::PanelReader;
pub use regions::RegionsReader;
pub use table::TableReader;

use std::path::{Path, PathBuf};

/// Whether bytes are a polygon as GeoPackages hold them, for the target of `fuzz`.
#[cfg(fuzzing)]
#[doc(hidden)]
#[must_use]
pub fn geopackage_geometry(bytes: &[u8]) -> bool {
    wkb::geopackage(bytes).is_ok()
}

use crate::error::{Cell, Error, Result};

/// How many missing cells or holes an error lists.
const LISTED: usize = 100;

/// Where the text comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    File(PathBuf),
    Text(String),
}

impl Source {
    pub(crate) fn file(path: impl AsRef<Path>) -> Self {
        Self::File(path.as_ref().to_path_buf())
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The path that errors name; `<text>` where the text was given.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Text(_) => PathBuf::from("<text>"),
        }
    }

    /// The bytes without a UTF-8 byte order mark.
    pub(crate) fn bytes(self, format: &'static str) -> Result<Vec<u8>> {
        let path = self.path();
        let mut bytes = match self {
            Self::Text(text) => text.into_bytes(),
            Self::File(path) => {
                std::fs::read(&path).map_err(|source| Error::Io { path, source })?
            }
        };
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(Error::Syntax {
                path,
                format,
                line: 1,
                column: 1,
                problem: "the file is in UTF-16; save it as UTF-8".to_owned(),
            });
        }
        if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
            bytes.drain(..3);
        }
        Ok(bytes)
    }
}

/// The error of cells that are missing, where there are any.
fn none_missing(cells: &[(usize, Cell)]) -> Result<()> {
    if cells.is_empty() {
        return Ok(());
    }
    let listed = cells.iter().take(LISTED).map(|(_, c)| c.clone()).collect();
    Err(Error::Missing {
        cells: listed,
        total: cells.len(),
    })
}

/// The first name that is asked for twice, as an error.
fn distinct<'a>(names: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::DuplicateColumn { name: name.clone() });
        }
    }
    Ok(())
}

fn strings<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Vec<String> {
    names.into_iter().map(Into::into).collect()
}
