//! How chains print themselves: probabilities with the counts below them, as in a paper.

use std::fmt;

use super::chain::MarkovChain;
use super::indices::MobilityIndex;
use super::lisa::{LisaMarkov, SignificantMoves};
use super::spatial::SpatialMarkov;
use crate::data::{Table, Units};
use crate::error::Result;
use crate::inference::write_notes;
use crate::text::{Layout, counted, significant};

/// Larger matrices are not printed.
const MOST_PRINTED: usize = 10;

/// Probabilities, and below them the counts; the last row holds the ergodic distribution, where there is one.
fn matrix(chain: &MarkovChain) -> Layout {
    let mut table = Layout::new();
    let heads = ["from", "n"].map(ToOwned::to_owned);
    table
        .row(heads.into_iter().chain(chain.labels.iter().cloned()))
        .rule();
    let starts = chain.starts();
    for (i, label) in chain.labels.iter().enumerate() {
        let n = starts[i];
        let shares = chain.probabilities_from(i);
        let cells = (0..chain.k()).map(|j| match &shares {
            Some(p) => format!("{:.4}", p[j]),
            None => "none".to_owned(),
        });
        table.row([label.clone(), n.to_string()].into_iter().chain(cells));
        let counts = chain.counts.row(i);
        let counts = counts.iter().map(|c| format!("({c})"));
        table.row([String::new(), String::new()].into_iter().chain(counts));
    }
    if starts.iter().all(|n| *n > 0.0) {
        table.rule();
        let shares: Vec<String> = chain.ergodic().map_or_else(
            |_| vec!["not unique".to_owned()],
            |e| e.shares().iter().map(|s| format!("{s:.4}")).collect(),
        );
        table.row(
            ["ergodic".to_owned(), String::new()]
                .into_iter()
                .chain(shares),
        );
    }
    table
}

impl MarkovChain {
    /// The chain as a table, a row for each class that is left: the probabilities, a column for each class that is entered, named like it; `transitions`, how many
    /// start in the class; and `ergodic`, where there is one ergodic distribution.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyClass`](crate::Error::EmptyClass) as for [`probabilities`](Self::probabilities);
    /// [`Error::DuplicateColumn`](crate::Error::DuplicateColumn) for a class that is named `transitions` or `ergodic`.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{MarkovChain, Sheet};
    /// let chain = MarkovChain::from_transitions(array![[8.0, 2.0], [1.0, 9.0]])?.labelled(["poor", "rich"])?;
    /// let table = chain.table()?;
    /// assert_eq!(table.values("rich")?[0], 0.2);
    /// assert!(Sheet::of_table("Transitions", &table)?.latex().contains("poor & 0.8 & 0.2 & 10 & 0.3333333333333333"));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn table(&self) -> Result<Table> {
        let p = self.probabilities()?;
        let mut table = Table::over(&Units::new(self.labels())?);
        for (label, shares) in self.labels().iter().zip(p.columns()) {
            table = table.column(label, shares.to_owned())?;
        }
        table = table.column("transitions", self.starts())?;
        match self.ergodic() {
            Ok(ergodic) => table.column("ergodic", ergodic.shares().to_owned()),
            Err(_) => Ok(table),
        }
    }
}

impl fmt::Display for MarkovChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Markov chain of {}: {} classes, ", self.name, self.k())?;
        write!(f, "{} transitions", self.counts.sum())?;
        if let Some(known) = &self.histories {
            let (first, last) = (known.periods.first(), known.periods.last());
            if let (Some(first), Some(last)) = (first, last) {
                write!(
                    f,
                    " of {} in steps of {}, {first} to {last}",
                    counted(known.states.ncols(), "unit"),
                    known.length()
                )?;
            }
        }
        writeln!(f)?;
        if self.k() <= MOST_PRINTED {
            write!(f, "{}", matrix(self))?;
        }
        match self.ergodic() {
            Ok(ergodic) => write_notes(f, ergodic.notes())?,
            Err(e) => writeln!(f, "no ergodic distribution: {e}")?,
        }
        let Ok(modulus) = self.second_eigenvalue() else {
            return Ok(());
        };
        let half_life = self.half_life().map_or_else(
            |e| e.to_string(),
            |h| format!("half-life {} steps", significant(h, 4)),
        );
        writeln!(
            f,
            "|second eigenvalue| {}; {half_life}",
            significant(modulus, 5)
        )?;
        if let Ok(trace) = self.mobility(MobilityIndex::Trace) {
            writeln!(f, "{} {}", MobilityIndex::Trace, significant(trace, 4))?;
        }
        Ok(())
    }
}

impl fmt::Display for SpatialMarkov {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Spatial Markov chain of {}: {} classes by {} classes of the spatial lag, {} transitions",
            self.pooled.name,
            self.pooled.k(),
            self.conditional.len(),
            self.pooled.counts.sum()
        )?;
        if self.pooled.k() <= MOST_PRINTED && self.conditional.len() <= MOST_PRINTED {
            for chain in &self.conditional {
                writeln!(f, "\n{}", chain.name)?;
                write!(f, "{}", matrix(chain))?;
            }
            writeln!(f, "\nall")?;
            write!(f, "{}", matrix(&self.pooled))?;
        }
        writeln!(f)?;
        match self.homogeneity() {
            Ok(test) => write!(f, "{test}"),
            Err(e) => writeln!(f, "no test of homogeneity: {e}"),
        }
    }
}

impl fmt::Display for LisaMarkov {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.chain())?;
        match self.independence() {
            Ok(test) => write!(f, "{test}"),
            Err(e) => writeln!(f, "no test of independence: {e}"),
        }
    }
}

impl fmt::Display for SignificantMoves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Moves of quadrants with a local Moran significant at {}",
            self.level
        )?;
        let mut table = Layout::new();
        table.row(["significant at", "stay", "move"]).rule();
        for (name, counts) in [
            ("start and end", &self.both),
            ("start", &self.start),
            ("end", &self.end),
            ("neither", &self.neither),
        ] {
            let stay = counts.diag().sum();
            table.row([
                name.to_owned(),
                stay.to_string(),
                (counts.sum() - stay).to_string(),
            ]);
        }
        write!(f, "{table}")?;
        write_notes(f, &self.notes)
    }
}
