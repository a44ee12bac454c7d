//! Impacts by order of neighbour: P as a sum over powers of W.

use std::fmt;

use super::averages::{Averages, durbin_sums, lag, other_durbin, trace};
use super::delta::{Delta, Slopes, Terms};
use super::impacts::{Impact, Impacts};
use super::walks::cross_traces;
use crate::error::{Error, Result};
use crate::text::Layout;
use crate::weights::Weights;

/// The impacts of one regressor by order of neighbour: what each power of W adds, and what is left beyond the last one.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderEffects {
    model: &'static str,
    regressor: String,
    orders: Vec<Impact>,
    remainder: Impact,
}

/// Most orders.
const MOST_ORDERS: usize = 100;
/// Row sums from here to there need no scale before powers are taken.
const USUAL: (f64, f64) = (0.1, 10.0);

impl Impacts {
    /// The impacts of a regressor by order of neighbour, q = 0, …, `last`: P = `Σ_q` rho^q W^q (b I + theta V).
    ///
    /// Order q is what reaches along q steps of the spatial lag. Both terms of the regressor take part in each order: theta
    /// V is of order 0, the part that the Durbin term passes to its neighbours without any lag, so that order q holds rho^q W^q b and
    /// rho^q W^q V theta, with V = W the power q + 1 of W. A direct part is tr / n, a total one 1'…1 / n; standard errors are of the delta
    /// method. The remainder is the impact less the orders. Without a spatial lag all is of order 0.
    ///
    /// Exact: the direct parts need traces of powers of W ([`Weights::traces`](crate::Weights::traces), whose cost grows with the neighbourhoods within
    /// `last` / 2 steps; with other weights of the Durbin term those within `last` steps), the totals products with W.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`]; [`Error::InvalidOption`] above 100 orders; [`Error::TooLarge`] where traces would take too long.
    ///
    /// # Example
    ///
    /// ```
    /// use ndarray::array;
    /// use spatialecon::{Lattice, Regression, Table, Weights};
    /// let ring = Weights::lattice(Lattice::rook(1, 6))?.row_standardized()?;
    /// let table = Table::over(ring.units())
    ///     .column("x", array![1.0, 2.0, 4.0, 3.0, 5.0, 2.5])?
    ///     .column("y", array![1.1, 2.3, 3.8, 3.4, 4.6, 2.2])?;
    /// let sar = Regression::of("y").on(["x"]).spatial_lag(&ring).fit(&table)?;
    /// let orders = sar.impacts()?.by_order("x", 3)?;
    /// let rho = sar.rho().map_or(0.0, |r| r.value);
    /// // Rows of W sum to one: order q adds rho^q b to the total.
    /// assert!((orders.all()[2].total.value - rho * rho * sar.coefficient("x")?.value).abs() < 1e-12);
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// LeSage and Pace (2009), Introduction to Spatial Econometrics, section 2.7.
    #[doc(alias("impacts(Q =)", "partitioning"))]
    pub fn by_order(&self, regressor: &str, last: usize) -> Result<OrderEffects> {
        if last > MOST_ORDERS {
            return Err(Error::InvalidOption {
                option: "last",
                value: last.to_string(),
                expected: "at most 100 orders",
            });
        }
        let terms = self.terms(regressor)?;
        let delta = Delta::of(&self.fit);
        let (averages, slopes) = self.averages();
        let mut left = (
            averages.direct_slopes(slopes, &terms),
            averages.total_slopes(slopes, &terms),
        );
        let mut orders = Vec::with_capacity(last + 1);
        for (q, (direct, total)) in self.slopes_by_order(&terms, last)?.into_iter().enumerate() {
            left = (left.0 - direct, left.1 - total);
            orders.push(Impact::new(&q.to_string(), &terms, &delta, direct, total));
        }
        if lag(&self.fit).is_none() {
            left = (Slopes::default(), Slopes::default());
        }
        let beyond = format!("above {last}");
        Ok(OrderEffects {
            model: self.fit.model().abbreviation(),
            regressor: regressor.to_owned(),
            orders,
            remainder: Impact::new(&beyond, &terms, &delta, left.0, left.1),
        })
    }

    /// Derivatives of the direct and of the total part of each order.
    fn slopes_by_order(&self, terms: &Terms, last: usize) -> Result<Vec<(Slopes, Slopes)>> {
        let n = self.fit.n() as f64;
        let v_sums = durbin_sums(&self.fit);
        let Some((w, rho)) = lag(&self.fit) else {
            let (averages, slopes) = self.averages();
            let first = (
                averages.direct_slopes(slopes, terms),
                averages.total_slopes(slopes, terms),
            );
            let mut all = vec![(Slopes::default(), Slopes::default()); last + 1];
            all[0] = first;
            return Ok(all);
        };
        // Powers of weights in metres leave the range of numbers: rho^q W^q = (c rho)^q (W / c)^q.
        let (w, c) = scaled(w)?;
        let rho = rho * c;
        let powers = w.traces(last + 1)?;
        let own: Vec<f64> = (0..=last + 1)
            .map(|q| match q {
                0 => n,
                // Exactly zero without own links.
                1 => trace(&w),
                _ => powers[q - 1],
            })
            .collect();
        let lagged = match (self.fit.durbin_weights(), other_durbin(&self.fit)) {
            _ if !terms.is_lagged() => vec![0.0; last + 1],
            (_, Some(v)) => cross_traces(w.csr(), v.csr(), last)?,
            (Some(_), None) => own[1..].iter().map(|t| t * c).collect(),
            (None, None) => vec![0.0; last + 1],
        };
        let mut left = ndarray::Array1::<f64>::ones(self.fit.n());
        let (mut power, mut before) = (1.0, 0.0);
        let mut all = Vec::with_capacity(last + 1);
        for q in 0..=last {
            if q > 0 {
                left = w.csr().transposed_product(left.view());
                (before, power) = (power, power * rho);
            }
            let of_power = Averages {
                t0: own[q] / n,
                t1: lagged[q] / n,
                s0: left.sum() / n,
                s1: left.dot(&v_sums) / n,
            };
            let slopes = |b: f64, theta: f64| Slopes {
                b: power * b,
                theta: power * theta,
                rho: q as f64 * before * c * (terms.b * b + terms.theta * theta),
            };
            all.push((
                slopes(of_power.t0, of_power.t1),
                slopes(of_power.s0, of_power.s1),
            ));
        }
        Ok(all)
    }
}

/// W, divided by c where its row sums are far from one.
fn scaled(w: &Weights) -> Result<(Weights, f64)> {
    let largest = |sums: ndarray::Array1<f64>| sums.fold(0.0_f64, |m, s| m.max(*s));
    let c = largest(w.csr().row_sums()).min(largest(w.csr().column_sums()));
    if c >= USUAL.0 && c <= USUAL.1 {
        return Ok((w.clone(), 1.0));
    }
    Ok((w.min_max_normalized()?, c))
}

impl OrderEffects {
    /// The regressor.
    #[must_use]
    pub fn regressor(&self) -> &str {
        &self.regressor
    }

    /// The parts, that of order q at position q.
    #[must_use]
    pub fn all(&self) -> &[Impact] {
        &self.orders
    }

    /// What the orders leave of the impacts.
    #[must_use]
    pub fn remainder(&self) -> &Impact {
        &self.remainder
    }
}

impl fmt::Display for OrderEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Impacts of {} by order of neighbour, {}, delta-method standard errors",
            self.regressor, self.model
        )?;
        let mut table = Layout::new();
        table.row(Impact::HEADS).rule();
        for i in self.orders.iter().chain([&self.remainder]) {
            table.row(i.cells());
        }
        write!(f, "{table}")
    }
}
