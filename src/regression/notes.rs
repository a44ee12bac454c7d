//! What the reader of a fit should know, found from its design.

use ndarray::Array1;

use super::Regression;
use super::design::Design;
use crate::inference::Note;

/// Below this many units asymptotic p-values are noted.
pub(crate) const FEW_UNITS: usize = 30;
const HIGH_LEVERAGE: f64 = 0.5;

pub(crate) fn of(
    design: &Design,
    leverage: &Array1<f64>,
    spec: &Regression,
    parameters: usize,
) -> Vec<Note> {
    let n = design.n();
    let mut notes = Vec::new();
    let asymptotic = spec.lag.is_some() || spec.error.is_some() || spec.variance_by.is_some();
    if n < FEW_UNITS && asymptotic {
        notes.push(Note::FewUnits { n });
    }
    if 3 * parameters > n {
        notes.push(Note::ManyParameters { parameters, n });
    }
    let high: Vec<(String, f64)> = leverage
        .iter()
        .enumerate()
        .filter(|(_, h)| **h > HIGH_LEVERAGE)
        .map(|(i, h)| (design.units.name(i), *h))
        .collect();
    if !high.is_empty() {
        notes.push(Note::Leverage { units: high });
    }
    let islands = [&spec.lag, &spec.error]
        .into_iter()
        .flatten()
        .chain(spec.durbin.as_ref().map(|d| &d.w))
        .map(|w| w.islands().len())
        .max()
        .unwrap_or(0);
    if islands > 0 {
        notes.push(Note::Islands { count: islands });
    }
    if design.lagged_constant {
        notes.push(Note::LaggedConstant);
    }
    notes
}
