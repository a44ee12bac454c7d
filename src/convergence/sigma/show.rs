//! How results of sigma convergence print.

use std::fmt;

use super::{FilteredSigma, Measure, SigmaBands, SigmaConvergence};
use crate::text::{Layout, significant};

/// Level of the intervals that are printed.
const LEVEL: f64 = 0.95;

impl fmt::Display for SigmaConvergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Dispersion of {}, {} units; sd and CV with ddof = {}",
            self.variable,
            self.units.len(),
            self.ddof().subtracted()
        )?;
        let mut table = Layout::new();
        let head = std::iter::once("period".to_owned()).chain(Measure::ALL.map(|m| m.to_string()));
        table.row(head.chain(["max / min".to_owned()])).rule();
        let cells = |measures: [Measure; 4], t: usize| {
            let d = &self.series[t];
            measures.map(|m| d.get(m).map_or_else(String::new, |v| significant(v, 5)))
        };
        for (t, d) in self.series.iter().enumerate() {
            table.row(
                std::iter::once(d.period.to_string())
                    .chain(cells(Measure::ALL, t))
                    .chain([significant(d.max_over_min, 4)]),
            );
        }
        write!(f, "{table}")?;
        let Some((weights, _)) = &self.weights else {
            return Ok(());
        };
        writeln!(f, "\nWeighted by {weights}")?;
        let mut table = Layout::new();
        let names = Measure::ALL.map(|m| m.to_string());
        table
            .row(std::iter::once("period".to_owned()).chain(names))
            .rule();
        for (t, d) in self.series.iter().enumerate() {
            let period = std::iter::once(d.period.to_string());
            table.row(period.chain(cells(Measure::WEIGHTED, t)));
        }
        write!(f, "{table}")
    }
}

impl fmt::Display for SigmaBands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, seed) = self.draws();
        writeln!(
            f,
            "Dispersion of {}, {} units; 95 % studentised intervals from {count} draws of whole histories (seed {seed})",
            self.variable(),
            self.n()
        )?;
        let mut blocks = vec![Measure::ALL];
        if self.measures().len() > Measure::ALL.len() {
            blocks.push(Measure::WEIGHTED);
        }
        for (b, measures) in blocks.into_iter().enumerate() {
            if b > 0 {
                writeln!(f)?;
            }
            let mut table = Layout::new();
            let names = measures.iter().flat_map(|m| [m.to_string(), String::new()]);
            table
                .row(std::iter::once("period".to_owned()).chain(names))
                .rule();
            for &period in self.periods() {
                let mut cells = vec![period.to_string()];
                for m in measures {
                    let Ok(v) = self.of(m, period) else { continue };
                    let (low, high) = v.interval(LEVEL);
                    cells.push(significant(v.value, 4));
                    cells.push(format!(
                        "[{}, {}]",
                        significant(low, 4),
                        significant(high, 4)
                    ));
                }
                table.row(cells);
            }
            write!(f, "{table}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FilteredSigma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Dispersion of ln {} with spatial dependence taken out, {} units; sd with ddof = {}",
            self.variable,
            self.w.n(),
            self.ddof.subtracted()
        )?;
        let mut table = Layout::new();
        table
            .row([
                "period",
                "sd of logs",
                "lambda",
                "se",
                "filtered sd",
                "sigma_v",
                "share of dependence",
            ])
            .rule();
        for d in &self.series {
            let share = d.share_of_dependence();
            table.row([
                d.period.to_string(),
                significant(d.measured, 5),
                significant(d.lambda.value, 4),
                significant(d.lambda.std_error, 4),
                significant(d.filtered, 5),
                significant(d.sigma_v, 5),
                share.map_or_else(|| "-".to_owned(), |s| significant(s, 4)),
            ]);
        }
        write!(f, "{table}")
    }
}
