//! How a fit prints itself.

use std::fmt;

use super::fit::Fit;
use super::regimes::Groups;
use super::vcov::Vcov;
use crate::inference::Estimate;
use crate::text::{Layout, p_value, significant};
use crate::weights::Weights;

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.model())?;
        let design = &self.sample.design;
        write!(f, "Response: {}, n = {}", self.response(), self.n())?;
        match &design.panel {
            Some(p) => {
                let (n, t) = (p.units.len(), p.periods.len());
                writeln!(f, " ({n} units, {t} periods), {}", p.effects)?;
            }
            None => writeln!(f)?,
        }
        self.fmt_weights(f)?;
        if let Some(column) = self.weighted_by() {
            writeln!(f, "Observations weighted by {column}")?;
        }
        if let Some(regimes) = &design.regimes {
            writeln!(f, "Regimes by {}", sizes(&regimes.groups))?;
        }
        if let Some(groups) = &design.variances {
            writeln!(f, "Variances by {}, by maximum likelihood", sizes(groups))?;
        }
        let ratio = if self.is_least_squares() { "t" } else { "z" };
        let mut table = Layout::new();
        table.rule();
        table.row(["", "estimate", "std error", ratio, "p", "95% interval"]);
        table.rule();
        for e in self
            .coefficients()
            .iter()
            .chain(&self.rho())
            .chain(&self.lambda())
        {
            table.row(row(e));
        }
        table.rule();
        write!(f, "{table}")?;
        let kind = self.standard_errors();
        writeln!(f, "Standard errors: {kind}; p from {}", self.distribution())?;
        if let Some(variances) = self.group_variances() {
            for v in variances {
                let (value, se) = (significant(v.value, 6), significant(v.std_error, 5));
                writeln!(f, "{} {value} (std error {se})", v.name)?;
            }
        }
        writeln!(
            f,
            "sigma2 {}   log-likelihood {:.4}   AIC {:.4}   BIC {:.4}   ({} parameters)",
            significant(self.sigma2(), 6),
            self.log_likelihood(),
            self.aic(),
            self.bic(),
            self.parameters()
        )?;
        let r2 = self.r_squared();
        match (r2.ordinary, r2.adjusted) {
            (Some(o), Some(a)) => {
                let within = if design.absorbed() > 0 { "within " } else { "" };
                writeln!(f, "{within}R2 {o:.4}   adjusted R2 {a:.4}")?;
            }
            _ => writeln!(
                f,
                "squared correlation of response and fitted values {:.4}",
                r2.squared_correlation
            )?,
        }
        for note in self.notes() {
            writeln!(f, "Note: {note}.")?;
        }
        Ok(())
    }
}

impl Fit {
    /// What the standard errors rest on, in words.
    pub(crate) fn standard_errors(&self) -> String {
        match (self.information(), self.vcov_kind()) {
            (Some(i), Vcov::Classical) => i.to_string(),
            (_, kind) => kind.to_string(),
        }
    }

    /// One line where all terms have the same weights, else one a term.
    fn fmt_weights(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms: Vec<(&str, &Weights)> = [
            ("spatial lag", self.lag().map(|p| &p.w)),
            ("spatial error", self.error().map(|p| &p.w)),
            ("lags of regressors", self.durbin_weights()),
        ]
        .into_iter()
        .filter_map(|(term, w)| Some((term, w?)))
        .collect();
        let Some((_, first)) = terms.first() else {
            return Ok(());
        };
        if terms.iter().all(|(_, w)| w.csr() == first.csr()) {
            return writeln!(f, "Weights: {}, {}", first.built(), first.transform());
        }
        terms.iter().try_for_each(|(term, w)| {
            writeln!(f, "Weights of the {term}: {}, {}", w.built(), w.transform())
        })
    }
}

/// The label, its groups and their sizes.
fn sizes(groups: &Groups) -> String {
    let each: Vec<String> = (groups.names.iter().zip(&groups.sizes))
        .map(|(name, n)| format!("{name} (n = {n})"))
        .collect();
    format!("{}: {}", groups.label, each.join(", "))
}

fn row(e: &Estimate) -> [String; 6] {
    let (low, high) = e.interval(0.95);
    [
        e.name.clone(),
        significant(e.value, 6),
        significant(e.std_error, 5),
        format!("{:.3}", e.statistic()),
        p_value(e.p_value()),
        format!("[{}, {}]", significant(low, 4), significant(high, 4)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::{Comparison, Lattice, Regression, Table, Vcov, Weights};

    #[test]
    fn the_standard_errors_are_named_as_they_are() {
        let w = Weights::lattice(Lattice::rook(6, 6)).unwrap();
        let w = w.row_standardized().unwrap();
        let column = |m: u32| -> Vec<f64> { (0..36).map(|i| f64::from(i * i % m)).collect() };
        let table = Table::over(w.units()).column("x", column(7)).unwrap();
        let table = table.column("y", column(11)).unwrap();
        let sar = Regression::of("y").on(["x"]).spatial_lag(&w);
        let sar = sar.fit(&table).unwrap();
        let named = "Standard errors: expected information;";
        assert!(sar.to_string().contains(named), "{sar}");
        let qml = sar.with_vcov(Vcov::Qml).unwrap();
        let named = "QML sandwich";
        assert!(qml.to_string().contains(named), "{qml}");
        let sheet = Comparison::of([("SAR", &qml)]).unwrap().sheet().csv();
        assert!(sheet.contains(named), "{sheet}");
    }
}
