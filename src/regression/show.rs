//! How a fit prints itself.

use std::fmt;

use super::fit::Fit;
use crate::inference::Estimate;
use crate::text::{Layout, p_value, significant};

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.model())?;
        writeln!(f, "Response: {}, n = {}", self.response(), self.n())?;
        if let Some(w) = self.weights() {
            writeln!(f, "Weights: {}, {}", w.built(), w.transform())?;
        }
        let ratio = if self.is_spatial_process() { "z" } else { "t" };
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
        match self.information() {
            Some(i) => writeln!(f, "Standard errors: {i}; p from {}", self.distribution())?,
            None => writeln!(
                f,
                "Standard errors: {}; p from {}",
                self.vcov_kind(),
                self.distribution()
            )?,
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
            (Some(o), Some(a)) => writeln!(f, "R2 {o:.4}   adjusted R2 {a:.4}")?,
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
