//! Who spills onto whom, unit by unit: the effect matrix, its rows, columns and diagonal, and its sums.

use ndarray::{Array1, Array2};

use super::averages::{Own, check_dense, inverse, lag};
use super::delta::{Delta, SlopesByUnit, Terms};
use super::filter::with_filter;
use super::impacts::Impacts;
use crate::data::Units;
use crate::error::Result;
use crate::inference::Note;

/// What each unit does to itself, receives and sends: the diagonal, the row and the column sums of the effect matrix P.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UnitEffects {
    /// The units.
    pub units: Units,
    /// Effect on each unit of a unit change of its own regressor (the diagonal); their mean is the direct impact.
    pub own: Array1<f64>,
    /// Effect on each unit of a unit change of the regressor everywhere (row sums, own effects included).
    pub received: Array1<f64>,
    /// Sum over all units of the effects of a unit change of the regressor in this one (column sums, own effects included).
    pub sent: Array1<f64>,
    /// What the reader should know.
    pub notes: Vec<Note>,
}

/// One row or one column of the effect matrix, with delta-method standard errors.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EffectsOfUnit {
    /// The unit that receives (of a row) or sends (of a column).
    pub unit: String,
    /// The units of the other side, in the order of the sample.
    pub units: Units,
    /// The effects; that of the unit on itself stands at its position.
    pub values: Array1<f64>,
    /// Their standard errors.
    pub std_errors: Array1<f64>,
}

impl Impacts {
    /// The effect matrix P = (I - rho W)^-1 (b I + theta V) of a regressor, for at most 1,000 units: P_ij is the effect on unit i of the regressor of
    /// unit j.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`](crate::Error::UnknownColumn); [`Error::TooLarge`](crate::Error::TooLarge).
    ///
    /// # Example
    ///
    /// ```
    /// # use ndarray::array;
    /// # use spatialecon::{Lattice, Regression, Table, Weights};
    /// # let w = Weights::lattice(Lattice::rook(1, 6))?.row_standardized()?;
    /// # let table = Table::over(w.units())
    /// #     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    /// #     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let slx = Regression::of("y").on(["x"]).durbin(&w).fit(&table)?;
    /// let p = slx.impacts()?.matrix("x")?;
    /// // The first of six units in a row has one neighbour, and nothing reaches farther.
    /// assert!((p[[0, 1]] - slx.coefficient("W x")?.value).abs() < 1e-12 && p[[0, 2]] == 0.0);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn matrix(&self, regressor: &str) -> Result<Array2<f64>> {
        let Terms { b, theta, .. } = self.terms(regressor)?;
        let n = self.fit.n();
        let a = if let Some((w, rho)) = lag(&self.fit) {
            inverse(w, rho)?
        } else {
            check_dense(n)?;
            Array2::eye(n)
        };
        let mut p = &a * b;
        if let Some(v) = self.fit.durbin_weights() {
            // A row of A^-1 V is V' times that row of A^-1: one pass over the links of V.
            for (from, mut to) in a.rows().into_iter().zip(p.rows_mut()) {
                to.scaled_add(theta, &v.csr().transposed_product(from));
            }
        }
        Ok(p)
    }

    /// What each unit does to itself, receives and sends, at any number of units.
    ///
    /// Received and sent effects take two sparse solves; own effects, with a spatial lag, one sparse LU factorisation and the selected
    /// inversion of it, which costs about twice as much.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`](crate::Error::UnknownColumn).
    ///
    /// # Example
    ///
    /// ```
    /// # use ndarray::array;
    /// # use spatialecon::{Lattice, Regression, Table, Weights};
    /// # let w = Weights::lattice(Lattice::rook(1, 6))?.row_standardized()?;
    /// # let table = Table::over(w.units())
    /// #     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    /// #     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let impacts = Regression::of("y").on(["x"]).spatial_lag(&w).fit(&table)?.impacts()?;
    /// let units = impacts.by_unit("x")?;
    /// assert!((units.own.sum() / 6.0 - impacts.of("x")?.direct.value).abs() < 1e-12);
    /// assert!((units.sent.sum() - units.received.sum()).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Takahashi, Fagan and Chen (1973), 8th PICA Conference; Erisman and Tinney (1975), Communications of the ACM 18: 177-179.
    pub fn by_unit(&self, regressor: &str) -> Result<UnitEffects> {
        let terms = self.terms(regressor)?;
        let Terms { b, theta, .. } = terms;
        let n = self.fit.n();
        let ones = Array1::<f64>::ones(n);
        let v = self.fit.durbin_weights().filter(|_| terms.is_lagged());
        let (received, back) = with_filter(&self.fit, |f| {
            let start = v.map_or_else(|| &ones * b, |v| &ones * b + &(v.csr().row_sums() * theta));
            Ok((f.solve(start)?, f.solve_transposed(ones.clone())?))
        })?;
        let mut sent = &back * b;
        if let Some(v) = v {
            sent.scaled_add(theta, &v.csr().transposed_product(back.view()));
        }
        let own = match (lag(&self.fit), v) {
            (Some((w, rho)), v) => {
                let (one, lagged) = Own::new(w, v)?.at(rho)?;
                one * b + &(lagged * theta)
            }
            (None, Some(v)) => (0..n).map(|i| b + theta * v.csr().get(i, i)).collect(),
            (None, None) => ones * b,
        };
        Ok(UnitEffects {
            units: self.fit.units().clone(),
            own,
            received,
            sent,
            notes: self.receiver_notes(),
        })
    }

    /// The effects that one unit receives from each: its row of the effect matrix, by two sparse solves at any number of units.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`](crate::Error::UnknownColumn); [`Error::UnknownUnit`](crate::Error::UnknownUnit).
    ///
    /// # Example
    ///
    /// ```
    /// # use ndarray::array;
    /// # use spatialecon::{Lattice, Regression, Table, Weights};
    /// # let w = Weights::lattice(Lattice::rook(1, 6))?.row_standardized()?;
    /// # let table = Table::over(w.units())
    /// #     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    /// #     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let impacts = Regression::of("y").on(["x"]).spatial_lag(&w).fit(&table)?.impacts()?;
    /// let row = impacts.row("x", "2")?;
    /// assert!((row.values.sum() - impacts.by_unit("x")?.received[2]).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn row(&self, regressor: &str, unit: &str) -> Result<EffectsOfUnit> {
        let terms = self.terms(regressor)?;
        let c = self.indicator(unit)?;
        let slopes = with_filter(&self.fit, |filter| filter.received(&terms, c.view()))?;
        Ok(self.effects_of(unit, &terms, &slopes))
    }

    /// The effects that one unit sends to each: its column of the effect matrix, by two sparse solves at any number of units, three with
    /// a Durbin term.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`](crate::Error::UnknownColumn); [`Error::UnknownUnit`](crate::Error::UnknownUnit).
    ///
    /// # Example
    ///
    /// ```
    /// # use ndarray::array;
    /// # use spatialecon::{Lattice, Regression, Table, Weights};
    /// # let w = Weights::lattice(Lattice::rook(1, 6))?.row_standardized()?;
    /// # let table = Table::over(w.units())
    /// #     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    /// #     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let impacts = Regression::of("y").on(["x"]).spatial_lag(&w).fit(&table)?.impacts()?;
    /// let column = impacts.column("x", "2")?;
    /// assert!((column.values.sum() - impacts.by_unit("x")?.sent[2]).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    pub fn column(&self, regressor: &str, unit: &str) -> Result<EffectsOfUnit> {
        let terms = self.terms(regressor)?;
        let c = self.indicator(unit)?;
        let slopes = with_filter(&self.fit, |filter| filter.sent(&terms, c.view()))?;
        Ok(self.effects_of(unit, &terms, &slopes))
    }

    /// One at a unit, zero elsewhere.
    fn indicator(&self, unit: &str) -> Result<Array1<f64>> {
        let at = self.fit.units().require(unit, "the sample of the fit")?;
        let mut c = Array1::zeros(self.fit.n());
        c[at] = 1.0;
        Ok(c)
    }

    fn effects_of(&self, unit: &str, terms: &Terms, slopes: &SlopesByUnit) -> EffectsOfUnit {
        let delta = Delta::of(&self.fit);
        let each = || (0..self.fit.n()).map(|i| slopes.of(i));
        EffectsOfUnit {
            unit: unit.to_owned(),
            units: self.fit.units().clone(),
            values: each().map(|s| s.value(terms)).collect(),
            std_errors: each().map(|s| delta.std_error(terms, &s)).collect(),
        }
    }
}
