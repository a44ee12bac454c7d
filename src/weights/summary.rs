//! The printed summary of a weight matrix.

use std::fmt;

use super::{Transform, Weights};
use crate::linalg::sparse::Values;

/// How many ids a line names at most.
const NAMED: usize = 5;

impl Weights {
    /// Ids of the units at some positions, the first few of them.
    fn names(&self, positions: &[usize]) -> String {
        let mut text = positions
            .iter()
            .take(NAMED)
            .map(|&i| self.units().name(i))
            .collect::<Vec<_>>()
            .join(", ");
        if positions.len() > NAMED {
            text.push_str(", …");
        }
        text
    }

    fn stored(&self) -> (&'static str, usize) {
        let pattern = 4 * (self.n() + 1 + self.links());
        match &self.csr().values {
            Values::One => ("all 1", pattern),
            Values::InverseCount => ("1 over the number of neighbours", pattern),
            Values::PerRow(v) => ("equal within each row", pattern + 8 * v.len()),
            Values::PerLink(v) => ("one value a link", pattern + 8 * v.len()),
        }
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, name: &str, text: String| {
            writeln!(f, "  {name:<15} {text}")
        };
        writeln!(f, "Spatial weights: {}", self.built())?;
        line(f, "Units", self.n().to_string())?;
        let pairs = self.pairs();
        line(f, "Links", format!("{} ({pairs} pairs)", self.links()))?;
        if self.n() > 1 {
            let possible = self.n() as f64 * (self.n() - 1) as f64;
            let share = 100.0 * self.links() as f64 / possible;
            line(f, "Density", format!("{share:.3} %"))?;
        }
        line(f, "Transformation", self.transform().to_string())?;
        let (kind, bytes) = self.stored();
        let range = match (&self.csr().values, self.transform()) {
            (Values::PerRow(_) | Values::PerLink(_), _) | (_, Transform::Row) => self.range(),
            _ => String::new(),
        };
        line(f, "Weights", format!("{kind}{range}"))?;
        let symmetric = if self.is_symmetric() { "yes" } else { "no" };
        line(f, "Symmetric", symmetric.to_owned())?;
        line(f, "Components", self.components().to_string())?;
        let cards = self.cardinalities();
        if let (Some(&least), Some(&most)) = (cards.iter().min(), cards.iter().max()) {
            let mean = self.links() as f64 / self.n() as f64;
            let who = |c: usize| {
                let those: Vec<usize> = (0..cards.len()).filter(|&i| cards[i] == c).collect();
                if those.len() == cards.len() {
                    return "every unit".to_owned();
                }
                match those.len() {
                    1 => format!("unit {}", self.names(&those)),
                    count => format!("{count} units: {}", self.names(&those)),
                }
            };
            line(f, "Neighbours", format!("mean {mean:.3}"))?;
            line(f, "  fewest", format!("{least} ({})", who(least)))?;
            line(f, "  most", format!("{most} ({})", who(most)))?;
        }
        let islands = self.island_positions();
        let text = if islands.is_empty() {
            "none".to_owned()
        } else {
            let policy = if self.islands_decided() {
                "kept"
            } else {
                "undecided"
            };
            format!("{} ({policy}): {}", islands.len(), self.names(&islands))
        };
        line(f, "Islands", text)?;
        let memory = match bytes {
            0..10_240 => format!("{bytes} bytes"),
            10_240..10_485_760 => format!("{:.1} KiB", bytes as f64 / 1024.0),
            _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
        };
        write!(f, "  {:<15} {memory}", "Storage")
    }
}

impl Weights {
    /// The range of the stored weights.
    fn range(&self) -> String {
        let weights = (0..self.n()).flat_map(|i| self.neighbours(i)).map(|l| l.1);
        let (low, high) = weights.fold((f64::INFINITY, 0.0_f64), |(l, h), w| (l.min(w), h.max(w)));
        if self.links() == 0 {
            return String::new();
        }
        format!(", {} to {}", short(low), short(high))
    }
}

/// A number to five significant digits.
fn short(x: f64) -> String {
    if (1e-3..1e5).contains(&x) {
        let decimals = (4 - x.log10().floor() as i32).max(0) as usize;
        let text = format!("{x:.decimals$}");
        if text.contains('.') {
            return text.trim_end_matches('0').trim_end_matches('.').to_owned();
        }
        return text;
    }
    format!("{x:.4e}")
}

#[cfg(test)]
mod tests {
    use super::super::test_data::columbus;
    use super::*;
    use crate::data::Units;

    #[test]
    fn columbus_in_print() {
        let w = columbus().row_standardized().unwrap();
        let expected = "\
Spatial weights: pairs
  Units           49
  Links           230 (115 pairs)
  Density         9.779 %
  Transformation  row-standardised
  Weights         1 over the number of neighbours, 0.1 to 0.5
  Symmetric       no
  Components      1
  Neighbours      mean 4.694
    fewest        2 (7 units: 1, 6, 31, 39, 42, …)
    most          10 (unit 20)
  Islands         none
  Storage         1120 bytes";
        assert_eq!(w.to_string(), expected);
        assert_eq!(format!("{w:?}"), "Weights(49 units, 230 links, pairs, Row)");
    }

    #[test]
    fn islands_in_print() {
        let units = Units::new(["a", "b", "c"]).unwrap();
        let w = Weights::from_links(&units, [("a", "b", 0.25)]).unwrap();
        assert!(
            w.to_string()
                .contains("Islands         2 (undecided): b, c"),
            "{w}"
        );
        assert!(
            w.to_string()
                .contains("equal within each row, 0.25 to 0.25"),
            "{w}"
        );
        assert!(w.islands_kept().to_string().contains("2 (kept): b, c"));
        let none: [(&str, &str); 0] = [];
        let empty = Weights::from_pairs(&Units::range(0), none).unwrap();
        assert!(empty.to_string().contains("Units           0"));
    }
}
