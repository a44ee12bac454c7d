//! How stochastic kernels and ergodic densities print themselves.

use std::fmt;

use super::{ConditionalDensity, ErgodicDensity, StochasticKernel};
use crate::text::{Layout, counted, significant};

/// Fewer points make no surface.
const FEW: usize = 1_000;
/// Rows that are printed of a grid.
const ROWS: usize = 9;

impl fmt::Display for StochasticKernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = &self.words;
        write!(f, "Stochastic kernel of {}: ", self.variable)?;
        let ends = (self.spans.first(), self.spans.last());
        let (first, last) = (ends.0.map_or(0, |s| s.0), ends.1.map_or(0, |s| s.1));
        if self.transition {
            let years = ends.0.map_or(0, |s| s.1 - s.0);
            writeln!(
                f,
                "{from}, {} later, {first} to {last}",
                counted(years.unsigned_abs() as usize, "year")
            )?;
        } else {
            writeln!(f, "{to} given {from}, {first} to {last}")?;
        }
        let scale = if self.log { " of logs" } else { "" };
        let by = if self.given {
            "given"
        } else {
            "Scott, bivariate normal"
        };
        writeln!(
            f,
            "{} units × {}: {} points; bandwidths{scale} {} of x, {} of y ({by})",
            self.units.len(),
            counted(self.spans.len(), "span"),
            self.len(),
            significant(self.bandwidths.0, 4),
            significant(self.bandwidths.1, 4)
        )?;
        let mut sorted = self.x.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut table = Layout::new();
        table
            .row(["x", "points near", "y: 25%", "median", "75%"])
            .rule();
        for share in [0.1, 0.25, 0.5, 0.75, 0.9] {
            let x = sorted[(share * (sorted.len() - 1) as f64).round() as usize];
            let (Ok(given), Ok(support)) = (self.given(x), self.support(x)) else {
                continue;
            };
            table.row([
                significant(x, 4),
                format!("{support:.1}"),
                significant(given.quantile(0.25), 4),
                significant(given.quantile(0.5), 4),
                significant(given.quantile(0.75), 4),
            ]);
        }
        write!(f, "{table}")?;
        if !self.transition {
            writeln!(
                f,
                "1 - var(ln y) / var(ln x): {}",
                significant(self.explained(), 4)
            )?;
        }
        if self.units.len() < 100 || self.len() < FEW {
            writeln!(
                f,
                "{} units are few for a surface: draw the points",
                self.units.len()
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for ErgodicDensity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modes: Vec<String> = self.modes().iter().map(|m| significant(*m, 4)).collect();
        let q = |p: f64| {
            self.quantile(p)
                .map_or_else(|e| e.to_string(), |q| significant(q, 4))
        };
        writeln!(
            f,
            "Ergodic density of {}, {} cells from {} to {}",
            self.variable,
            self.centres().len(),
            significant(self.edges()[0], 4),
            significant(self.edges()[self.centres().len()], 4)
        )?;
        writeln!(
            f,
            "mean {}, 10% {}, median {}, 90% {}; {} at {}",
            significant(self.mean(), 4),
            q(0.1),
            significant(self.median(), 4),
            q(0.9),
            counted(modes.len(), "mode"),
            modes.join(", ")
        )?;
        writeln!(
            f,
            "mass outside the grid {}, added back",
            significant(self.leak(), 2)
        )
    }
}

impl fmt::Display for ConditionalDensity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells = self.centres().len();
        writeln!(
            f,
            "Density of y given x, {cells} cells from {} to {}, mass outside {}",
            significant(self.edges()[0], 4),
            significant(self.edges()[cells], 4),
            significant(self.leak(), 2)
        )?;
        let (ridge, median) = (self.ridge(), self.median());
        let mut table = Layout::new();
        table.row(["x", "points near", "ridge", "median"]).rule();
        let supported: Vec<usize> = (0..cells).filter(|i| self.support()[*i] >= 1.0).collect();
        let rows = supported.len().min(ROWS);
        for k in 0..rows {
            let i = supported[k * (supported.len() - 1) / (rows - 1).max(1)];
            table.row([
                significant(self.centres()[i], 4),
                format!("{:.1}", self.support()[i]),
                significant(ridge[i], 4),
                significant(median[i], 4),
            ]);
        }
        write!(f, "{table}")
    }
}
