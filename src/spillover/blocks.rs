//! Who spills onto whom: the effect matrix itself, its sums by unit, and its averages by group.

use std::fmt;

use ndarray::{Array1, Array2, Axis};

use super::averages::{check_dense, inverse, lag};
use super::impacts::Impacts;
use crate::data::Units;
use crate::error::{Error, Result};
use crate::inference::{Estimate, Note};
use crate::text::{Layout, significant};
use crate::weights::Weights;

/// What each unit receives and sends: row and column sums of the effect matrix P, own effects included.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UnitEffects {
    /// The units.
    pub units: Units,
    /// Effect on each unit of a unit change of the regressor everywhere (row sums).
    pub received: Array1<f64>,
    /// Sum over all units of the effects of a unit change of the regressor in this one (column sums).
    pub sent: Array1<f64>,
    /// What the reader should know.
    pub notes: Vec<Note>,
}

/// Average effects between groups of units: the effect on the mean unit of a receiving group of the same change of the regressor in all
/// units of a sending group.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks {
    regressor: String,
    groups: Vec<String>,
    sizes: Vec<usize>,
    /// Row: receiver; column: sender.
    effects: Vec<Vec<Estimate>>,
    notes: Vec<Note>,
}

/// b, theta and their positions among the estimates.
struct Terms {
    own: Option<usize>,
    lagged: Option<usize>,
    b: f64,
    theta: f64,
}

impl Impacts {
    /// The effect matrix P = (I - rho W)^-1 (b I + theta W) of a regressor, for at most 1,000 units: P_ij is the effect on unit i of the regressor of
    /// unit j.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::TooLarge`].
    pub fn matrix(&self, regressor: &str) -> Result<Array2<f64>> {
        let terms = self.terms(regressor)?;
        let (a, av) = self.factors()?;
        Ok(a * terms.b + av * terms.theta)
    }

    /// What each unit receives and sends, by two sparse solves, at any n.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`].
    pub fn by_unit(&self, regressor: &str) -> Result<UnitEffects> {
        let Terms { b, theta, .. } = self.terms(regressor)?;
        let n = self.fit.n();
        let ones = Array1::<f64>::ones(n);
        let v = self.fit.durbin_weights().map(Weights::csr);
        let zeros = || Array1::zeros(n);
        let start = &ones * b
            + &(v.map_or_else(zeros, super::super::linalg::sparse::Csr::row_sums) * theta);
        let (received, back) = match lag(&self.fit) {
            None => (start, ones),
            Some((w, rho)) => w.with_factor(rho, |f| {
                Ok((f.solve(start.view())?, f.solve_transposed(ones.view())?))
            })?,
        };
        let sent =
            &back * b + &(v.map_or_else(zeros, |v| v.transposed_product(back.view())) * theta);
        Ok(UnitEffects {
            units: self.fit.units().clone(),
            received,
            sent,
            notes: self.receiver_notes(),
        })
    }

    /// Average effects between groups, for at most 1,000 units: for receivers H and senders G, (1 / |H|) sum over i in H, j in G of P_ij, with
    /// delta-method standard errors; one label a unit, groups in the order of their first unit.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::LengthMismatch`] for the labels; [`Error::TooLarge`].
    pub fn between<S: AsRef<str>>(&self, regressor: &str, labels: &[S]) -> Result<Blocks> {
        let n = self.fit.n();
        if labels.len() != n {
            return Err(Error::LengthMismatch {
                what: "labels of the groups".to_owned(),
                expected: n,
                found: labels.len(),
            });
        }
        let terms = self.terms(regressor)?;
        let mut groups: Vec<String> = Vec::new();
        let group_of: Vec<usize> = labels
            .iter()
            .map(|l| {
                groups
                    .iter()
                    .position(|g| g == l.as_ref())
                    .unwrap_or_else(|| {
                        groups.push(l.as_ref().to_owned());
                        groups.len() - 1
                    })
            })
            .collect();
        let mut sizes = vec![0; groups.len()];
        for g in &group_of {
            sizes[*g] += 1;
        }
        let (a, av) = self.factors()?;
        let p = &a * terms.b + &av * terms.theta;
        let by_rho = lag(&self.fit).map(|(w, _)| a.dot(&w.csr().product_columns(p.view())));
        let average = |m: &Array2<f64>| block_averages(m, &group_of, &sizes);
        let (value, on_b, on_theta) = (average(&p), average(&a), average(&av));
        let on_rho = by_rho.as_ref().map(average);
        let v = self.fit.vcov_of_location();
        let k = self.fit.b().len();
        let effects = (0..groups.len())
            .map(|h| {
                (0..groups.len())
                    .map(|g| {
                        let mut gradient = Array1::zeros(v.nrows());
                        if let Some(i) = terms.own {
                            gradient[i] = on_b[[h, g]];
                        }
                        if let Some(i) = terms.lagged {
                            gradient[i] = on_theta[[h, g]];
                        }
                        if let Some(on_rho) = &on_rho {
                            gradient[k] = on_rho[[h, g]];
                        }
                        let se = gradient.dot(&v.dot(&gradient)).max(0.0).sqrt();
                        let name = format!("{} <- {}", groups[h], groups[g]);
                        Estimate::new(name, value[[h, g]], se, self.fit.distribution())
                    })
                    .collect()
            })
            .collect();
        Ok(Blocks {
            regressor: regressor.to_owned(),
            groups,
            sizes,
            effects,
            notes: self.receiver_notes(),
        })
    }

    fn terms(&self, regressor: &str) -> Result<Terms> {
        self.of(regressor)?;
        let location = self.fit.b();
        let (own, lagged) = self
            .fit
            .regressors()
            .iter()
            .find(|r| r.name == regressor)
            .map_or((None, None), |r| (r.own, r.lagged));
        let at = |i: Option<usize>| i.map_or(0.0, |i| location[i]);
        Ok(Terms {
            own,
            lagged,
            b: at(own),
            theta: at(lagged),
        })
    }

    /// A^-1 and A^-1 V as dense matrices.
    fn factors(&self) -> Result<(Array2<f64>, Array2<f64>)> {
        let n = self.fit.n();
        let a = match lag(&self.fit) {
            Some((w, rho)) => inverse(w, rho)?,
            None => identity(n)?,
        };
        let av = match self.fit.durbin_weights() {
            // (A^-1 V) = (V' A'^-1)'; one pass over the links of V for each row of A^-1.
            Some(v) => {
                let mut out = Array2::zeros((n, n));
                for (from, mut to) in a.rows().into_iter().zip(out.rows_mut()) {
                    to.assign(&v.csr().transposed_product(from));
                }
                out
            }
            None => Array2::zeros((n, n)),
        };
        Ok((a, av))
    }

    fn receiver_notes(&self) -> Vec<Note> {
        let one = |w: &Weights| w.csr().row_sums().iter().all(|s| (s - 1.0).abs() < 1e-10);
        let all =
            lag(&self.fit).is_none_or(|(w, _)| one(w)) && self.fit.durbin_weights().is_none_or(one);
        let spatial = lag(&self.fit).is_some() || self.fit.durbin_weights().is_some();
        if all && spatial {
            vec![Note::RowStandardizedReceivers]
        } else {
            Vec::new()
        }
    }
}

/// The identity, under the same bound as an inverse.
fn identity(n: usize) -> Result<Array2<f64>> {
    check_dense(n)?;
    Ok(Array2::eye(n))
}

fn block_averages(m: &Array2<f64>, group_of: &[usize], sizes: &[usize]) -> Array2<f64> {
    let mut sums = Array2::zeros((sizes.len(), sizes.len()));
    for ((i, j), v) in m.indexed_iter() {
        sums[[group_of[i], group_of[j]]] += v;
    }
    for (mut row, size) in sums.axis_iter_mut(Axis(0)).zip(sizes) {
        row /= *size as f64;
    }
    sums
}

impl Blocks {
    /// The regressor.
    #[must_use]
    pub fn regressor(&self) -> &str {
        &self.regressor
    }

    /// The groups, in the order of the rows and columns.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The effect on the mean unit of the receiving group of the sending group, by names.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], which lists the groups.
    pub fn effect(&self, receiver: &str, sender: &str) -> Result<&Estimate> {
        let at = |name: &str| {
            self.groups
                .iter()
                .position(|g| g == name)
                .ok_or_else(|| crate::data::unknown(name, self.groups.iter().map(String::as_str)))
        };
        Ok(&self.effects[at(receiver)?][at(sender)?])
    }

    /// The values, receivers in rows, senders in columns.
    #[must_use]
    pub fn values(&self) -> Array2<f64> {
        let g = self.groups.len();
        Array2::from_shape_fn((g, g), |(h, s)| self.effects[h][s].value)
    }

    /// What the reader should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Effect of {} on the mean unit of the row's group of a unit change in all of the column's group",
            self.regressor
        )?;
        writeln!(f, "(standard errors in brackets)")?;
        let mut table = Layout::new();
        table
            .row(
                std::iter::once("receiver \\ sender").chain(self.groups.iter().map(String::as_str)),
            )
            .rule();
        for ((group, row), size) in self.groups.iter().zip(&self.effects).zip(&self.sizes) {
            let cells = row.iter().map(|e| {
                format!(
                    "{} ({})",
                    significant(e.value, 4),
                    significant(e.std_error, 3)
                )
            });
            table.row(std::iter::once(format!("{group} ({size})")).chain(cells));
        }
        write!(f, "{table}")?;
        self.notes
            .iter()
            .try_for_each(|n| writeln!(f, "Note: {n}."))
    }
}
