//! How a speed prints itself.

use std::fmt;

use super::speed::{HalfLife, Speed};
use crate::error::Result;
use crate::text::{p_value, significant};

/// A line with the speed and the half-life, or why there is none.
pub(crate) fn write_speed(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    speed: &Result<Speed>,
) -> fmt::Result {
    let speed = match speed {
        Ok(speed) => speed,
        Err(e) => return writeln!(f, "{name}: {e}"),
    };
    let e = speed.estimate();
    let (value, se, p) = (
        significant(e.value, 5),
        significant(e.std_error, 4),
        p_value(e.p_value()),
    );
    write!(f, "{name}: {value} a year (se {se}, p {p})")?;
    match speed.half_life() {
        Ok(h) => {
            let interval = interval(&h);
            writeln!(
                f,
                "; half-life {:.1} years, 95% interval {interval}",
                h.years()
            )
        }
        Err(e) => writeln!(f, "; {e}"),
    }
}

/// The 95 % interval of a half-life in years.
pub(crate) fn interval(h: &HalfLife) -> String {
    let (low, high) = h.interval(0.95);
    if high.is_finite() {
        format!("[{low:.1}, {high:.1}]")
    } else {
        format!("[{low:.1}, infinity]")
    }
}
