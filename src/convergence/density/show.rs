//! How densities and tests of modes print themselves.

use std::fmt;

use super::bands::DensityBands;
use super::kernel::KernelDensity;
use super::modality::ModalityTest;
use crate::text::{Layout, p_value, significant};

impl fmt::Display for KernelDensity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = if self.log { " on the log scale" } else { "" };
        write!(f, "Density of {}{scale}, {} units", self.variable, self.n())?;
        if let Some(weights) = self.weights() {
            write!(
                f,
                ", weighted by {weights} (as many as {:.1} equal ones)",
                self.effective_units()
            )?;
        }
        let of = if self.log { " of logs" } else { "" };
        writeln!(
            f,
            "\nGaussian kernel, bandwidth{of} {} ({})",
            significant(self.bandwidth(), 5),
            self.rule()
        )?;
        let mut table = Layout::new();
        table.row(["mode", "at", "density", "share below"]).rule();
        for (k, mode) in self.modes().iter().enumerate() {
            table.row([
                (k + 1).to_string(),
                significant(mode.at, 5),
                significant(mode.density, 4),
                format!("{:.4}", self.distribution(mode.at)),
            ]);
        }
        write!(f, "{table}")
    }
}

impl fmt::Display for DensityBands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.of)?;
        let grid = self.of.grid();
        let (low, high) = self.interval(0.95);
        let mut table = Layout::new();
        table
            .row([&self.of.variable, "density", "se", "95% interval", ""])
            .rule();
        let last = grid.len() - 1;
        for k in 0..=8 {
            let j = k * last / 8;
            let point = &self.points()[j];
            table.row([
                significant(grid[j], 4),
                significant(point.value, 4),
                significant(point.std_error, 3),
                significant(low[j], 4),
                significant(high[j], 4),
            ]);
        }
        write!(f, "\n{table}")?;
        writeln!(
            f,
            "{} draws of units, bandwidth kept: each interval is for one point, and for the smoothed density",
            self.draws().0
        )
    }
}

impl fmt::Display for ModalityTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Modes of {}, {} units: at most {}? Critical bandwidth {}, p {} ({}, {} draws",
            self.variable,
            self.n,
            self.modes,
            significant(self.critical, 5),
            p_value(self.p),
            if self.calibrated {
                "Hall-York"
            } else {
                "Silverman, conservative"
            },
            self.draws.0
        )?;
        if let Some((low, high)) = self.within {
            write!(
                f,
                ", modes between {} and {}",
                significant(low, 4),
                significant(high, 4)
            )?;
        }
        write!(f, ")")
    }
}
