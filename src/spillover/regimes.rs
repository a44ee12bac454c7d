//! Impacts of regressors whose coefficients differ by regime.
//!
//! With b_i and theta_i those of the regime of unit i, P = A^-1 (diag(b) + diag(theta) V): coefficients are those of the unit that a change reaches
//! first. Impacts are sums over the units s where the regressor changes. With z_ij the elements of A^-1 and c = A'^-1 1 the sums of its columns,
//! the diagonal over s and the columns of s sum to b_s t(s) + sum over h of theta_h u(s, h), where for the diagonal t(s) is the sum of z_jj and
//! u(s, h) of z_ji v_ij over j in s and i in h, and for the columns t(s) is the sum of c_j and u(s, h) of c_i v_ij.

use std::sync::OnceLock;

use ndarray::Array1;

use super::averages::{durbin_sums, lag};
use super::delta::{Delta, Linear};
use super::filter::with_filter;
use super::impacts::{Impact, Impacts};
use super::regime_sums::{Part, SumCurve, Sums, at_estimate, exact};
use crate::error::Result;
use crate::inference::Estimate;
use crate::regression::{Fit, Groups, Regressor};

/// The regressors whose coefficients differ by regime, and the sums behind their impacts.
#[derive(Clone)]
pub(crate) struct ByRegime {
    pub(crate) groups: Groups,
    split: Vec<Split>,
    /// At the estimate, and their derivatives with respect to rho.
    sums: (Sums, Sums),
    curve: OnceLock<Option<SumCurve>>,
}

/// A regressor and the columns of its coefficients, by regime.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Split {
    name: String,
    own: Option<Vec<usize>>,
    lagged: Option<Vec<usize>>,
}

/// The regressors with one coefficient for all units.
pub(crate) fn common(fit: &Fit) -> Vec<&Regressor> {
    let apart = columns_apart(fit);
    let differs = |r: &Regressor| {
        [r.own, r.lagged]
            .iter()
            .flatten()
            .any(|at| apart.contains(at))
    };
    fit.regressors().iter().filter(|r| !differs(r)).collect()
}

/// The columns of terms that differ by regime.
fn columns_apart(fit: &Fit) -> Vec<usize> {
    let terms = fit.sample.design.regimes.iter().flat_map(|r| &r.terms);
    terms.flat_map(|(_, at)| at.iter().copied()).collect()
}

impl ByRegime {
    /// None where every regressor has one coefficient for all units.
    pub(crate) fn of(fit: &Fit) -> Result<Option<Self>> {
        let Some(regimes) = &fit.sample.design.regimes else {
            return Ok(None);
        };
        let groups = regimes.groups.clone();
        let apart = columns_apart(fit);
        // Group by group, in each the same regressors.
        let all: Vec<&Regressor> = (fit.regressors().iter())
            .filter(|r| {
                [r.own, r.lagged]
                    .iter()
                    .flatten()
                    .any(|at| apart.contains(at))
            })
            .collect();
        let count = all.len() / groups.len();
        if count == 0 {
            return Ok(None);
        }
        let suffix = groups.named("", 0);
        let split = (0..count)
            .map(|k| {
                let of_groups = || all.iter().skip(k).step_by(count);
                Split {
                    name: (all[k].name.strip_suffix(&suffix))
                        .map_or_else(|| all[k].name.clone(), str::to_owned),
                    own: of_groups().map(|r| r.own).collect(),
                    lagged: of_groups().map(|r| r.lagged).collect(),
                }
            })
            .collect();
        Ok(Some(Self {
            sums: at_estimate(fit, &groups)?,
            groups,
            split,
            curve: OnceLock::new(),
        }))
    }

    /// Whether it is a regressor whose coefficients differ, whole or of one regime.
    pub(crate) fn has(&self, regressor: &str) -> bool {
        self.names().any(|name| name == regressor)
    }

    /// Each regressor as a whole, then by regime.
    fn names(&self) -> impl Iterator<Item = String> + '_ {
        let of = |s: &Split, sender: Option<usize>| match sender {
            None => s.name.clone(),
            Some(g) => self.groups.named(&s.name, g),
        };
        (self.split.iter()).flat_map(move |s| self.senders().map(move |sender| of(s, sender)))
    }

    /// All units, then each group.
    fn senders(&self) -> impl Iterator<Item = Option<usize>> + use<> {
        std::iter::once(None).chain((0..self.groups.len()).map(Some))
    }

    pub(crate) fn impacts(&self, fit: &Fit) -> Vec<Impact> {
        let delta = Delta::of(fit);
        let b = fit.b().to_vec();
        let effects =
            (self.split.iter()).flat_map(|s| self.senders().map(move |sender| (s, sender)));
        (effects.zip(self.names()))
            .map(|((split, sender), name)| {
                let of = |part: fn(&Sums) -> &Part| {
                    let (at, slope) = (part(&self.sums.0), part(&self.sums.1));
                    self.effect(split, sender, &b, at, Some(slope))
                };
                let (direct, total) = (of(|s| &s.diagonal), of(|s| &s.columns));
                Impact {
                    direct: delta.estimate_of(&name, &direct),
                    indirect: delta.estimate_of(&name, &total.less(&direct)),
                    total: delta.estimate_of(&name, &total),
                    name,
                }
            })
            .collect()
    }

    /// Direct and total effects at other coefficients and another rho, in the order of [`impacts`](Self::impacts).
    pub(crate) fn effects_at(&self, fit: &Fit, b: &[f64], rho: f64) -> Result<Vec<(f64, f64)>> {
        let sums = match self.curve(fit)? {
            Some(curve) if rho >= curve.interval.0 && rho <= curve.interval.1 => {
                curve.at(rho, self.groups.len())
            }
            _ if lag(fit).is_none() => self.sums.0.clone(),
            _ => exact(fit, &self.groups, rho)?,
        };
        let effects =
            (self.split.iter()).flat_map(|s| self.senders().map(move |sender| (s, sender)));
        Ok(effects
            .map(|(split, sender)| {
                let of = |part| self.effect(split, sender, b, part, None).value();
                (of(&sums.diagonal), of(&sums.columns))
            })
            .collect())
    }

    /// The average over the senders of a part of P, and its derivatives.
    fn effect(
        &self,
        split: &Split,
        sender: Option<usize>,
        b: &[f64],
        part: &Part,
        slope: Option<&Part>,
    ) -> Linear {
        let (senders, n) = match sender {
            Some(g) => (g..g + 1, self.groups.sizes[g]),
            None => (0..self.groups.len(), self.groups.of.len()),
        };
        let mut effect = Linear::default();
        let mut add = |at: usize, x: f64, by_rho: f64| {
            effect.slopes.push((at, b[at], x / n as f64));
            effect.rho += b[at] * by_rho / n as f64;
        };
        for (g, at) in split.own.iter().flatten().enumerate() {
            if senders.contains(&g) {
                add(*at, part.t[g], slope.map_or(0.0, |s| s.t[g]));
            }
        }
        for (h, at) in split.lagged.iter().flatten().enumerate() {
            let over = |p: &Part| senders.clone().map(|s| p.u[[s, h]]).sum::<f64>();
            add(*at, over(part), slope.map_or(0.0, over));
        }
        effect
    }

    /// The sums round the estimate, made once; none without rho, and where an interpolant would need too many values.
    fn curve(&self, fit: &Fit) -> Result<Option<&SumCurve>> {
        if let Some(known) = self.curve.get() {
            return Ok(known.as_ref());
        }
        let fresh = SumCurve::of(fit, &self.groups)?;
        Ok(self.curve.get_or_init(|| fresh).as_ref())
    }
}

impl Impacts {
    /// The mean effect on the units of each regime of the same change of a regressor in all units, whose coefficients differ by regime; with a =
    /// A'^-1 1_g / n_g it is the sum of a_i (b_i + theta_i (V 1)_i).
    pub(crate) fn received_by_regime(&self, regressor: &str) -> Result<Vec<Estimate>> {
        self.of(regressor)?;
        let fit = &self.fit;
        let by_regime = self.by_regime();
        let found =
            by_regime.and_then(|r| Some((r, r.split.iter().find(|s| s.name == regressor)?)));
        let Some((regimes, split)) = found else {
            return Err(crate::data::unknown(
                regressor,
                by_regime
                    .into_iter()
                    .flat_map(|r| r.split.iter().map(|s| s.name.as_str())),
            ));
        };
        let (groups, b, sums) = (&regimes.groups, fit.b(), durbin_sums(fit));
        let at = |columns: &Option<Vec<usize>>, i: usize| {
            columns.as_ref().map(|c| c[groups.of[i] as usize])
        };
        let coefficient = |columns, i| at(columns, i).map_or(0.0, |at| b[at]);
        let local: Array1<f64> = (0..fit.n())
            .map(|i| coefficient(&split.own, i) + coefficient(&split.lagged, i) * sums[i])
            .collect();
        let delta = Delta::of(fit);
        with_filter(fit, |filter| {
            (0..groups.len())
                .map(|g| {
                    let share = 1.0 / groups.sizes[g] as f64;
                    let a = filter.solve_transposed(
                        groups.part(Array1::from_elem(fit.n(), share).view(), g),
                    )?;
                    let mut effect = Linear::default();
                    if let Some((w, _)) = lag(fit) {
                        let after =
                            filter.solve_transposed(w.csr().transposed_product(a.view()))?;
                        effect.rho = after.dot(&local);
                    }
                    let mut by_group = vec![(0.0, 0.0); groups.len()];
                    for ((a, v), h) in a.iter().zip(&sums).zip(&groups.of) {
                        let to = &mut by_group[*h as usize];
                        *to = (to.0 + a, to.1 + a * v);
                    }
                    for (h, (own, lagged)) in by_group.into_iter().enumerate() {
                        let pairs = [(&split.own, own), (&split.lagged, lagged)];
                        let pairs = pairs
                            .into_iter()
                            .filter_map(|(columns, x)| Some((columns.as_ref()?[h], x)));
                        effect.slopes.extend(pairs.map(|(at, x)| (at, b[at], x)));
                    }
                    Ok(delta.estimate_of(&groups.named(regressor, g), &effect))
                })
                .collect()
        })
    }
}
