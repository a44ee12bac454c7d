//! Data that know their units: ids, points, regions, tables, panels, and their readers.

mod crossing;
mod geometry;
mod observations;
mod panel;
mod points;
mod read;
mod regions;
mod table;
mod units;
mod variable;

pub use observations::Observations;
pub use panel::Panel;
pub(crate) use panel::evenly_spaced;
pub(crate) use points::EARTH_RADIUS_KM;
pub use points::{Coordinates, Points};
#[cfg(fuzzing)]
pub use read::geopackage_geometry;
pub use read::{Dropped, PanelReader, RegionsReader, TableReader};
pub(crate) use read::{Source, csv};
pub use regions::Regions;
pub use table::Table;
pub(crate) use table::unknown;
pub use units::Units;
pub use variable::Variable;
