//! The sums over groups of units behind impacts by regime, exactly, with their derivatives, and as functions of rho.

use ndarray::{Array1, Array2};

use super::averages::{Own, inverse, lag};
use super::curve::{NARROW, Smooth, TOLERANCE_OF_TRACES, window};
use crate::error::{Error, Result};
use crate::linalg::logdet::DENSE_LIMIT;
use crate::regression::{Fit, Groups};

/// The sums of the diagonal or of the columns of A^-1, and of A^-1 V, by groups.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// By sender.
    pub(super) t: Array1<f64>,
    /// Sender in rows, the unit that is reached first in columns.
    pub(super) u: Array2<f64>,
}

/// Both parts at one rho.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sums {
    pub(super) diagonal: Part,
    pub(super) columns: Part,
}

/// The sums as functions of rho, over a window.
#[derive(Debug, Clone)]
pub(super) struct SumCurve {
    pub(super) interval: (f64, f64),
    /// t and u of the diagonal, t and u of the columns, row by row.
    all: Vec<Smooth>,
}

impl SumCurve {
    pub(super) fn of(fit: &Fit, groups: &Groups) -> Result<Option<Self>> {
        let Some((w, rho)) = lag(fit) else {
            return Ok(None);
        };
        let bounds = w.jacobian()?.interval;
        let interval = window(fit, bounds, rho);
        if interval.0 >= interval.1 {
            return Ok(None);
        }
        let own = own(fit)?;
        let all = Smooth::fit_together(bounds, interval, TOLERANCE_OF_TRACES, |rho| {
            let (diagonal, columns) = (
                own_sums(fit, groups, own.as_ref(), rho)?,
                column_sums(fit, groups, rho)?.0,
            );
            Ok([diagonal, columns].iter().flat_map(Part::values).collect())
        });
        match all {
            Ok(all) => Ok(Some(Self { interval, all })),
            Err(Error::NotConverged { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    pub(super) fn at(&self, rho: f64, groups: usize) -> Sums {
        let mut values = self.all.iter().map(|s| s.at(rho));
        let mut part = || Part::from_values(groups, &mut values);
        Sums {
            diagonal: part(),
            columns: part(),
        }
    }
}

impl Part {
    fn zero(groups: usize) -> Self {
        Self {
            t: Array1::zeros(groups),
            u: Array2::zeros((groups, groups)),
        }
    }

    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.t.iter().chain(self.u.iter()).copied()
    }

    fn from_values(groups: usize, values: &mut impl Iterator<Item = f64>) -> Self {
        let mut part = Self::zero(groups);
        let places = part.t.iter_mut().chain(part.u.iter_mut());
        places.zip(values).for_each(|(to, v)| *to = v);
        part
    }
}

/// The sums at the estimate, and their derivatives.
pub(super) fn at_estimate(fit: &Fit, groups: &Groups) -> Result<(Sums, Sums)> {
    let rho = lag(fit).map_or(0.0, |(_, rho)| rho);
    let (columns, columns_slope) = column_sums(fit, groups, rho)?;
    let (diagonal, diagonal_slope) = if fit.n() <= DENSE_LIMIT {
        dense_sums(fit, groups, rho)?
    } else {
        sparse_sums(fit, groups, rho)?
    };
    Ok((
        Sums { diagonal, columns },
        Sums {
            diagonal: diagonal_slope,
            columns: columns_slope,
        },
    ))
}

/// The sums at any rho.
pub(super) fn exact(fit: &Fit, groups: &Groups, rho: f64) -> Result<Sums> {
    Ok(Sums {
        diagonal: own_sums(fit, groups, own(fit)?.as_ref(), rho)?,
        columns: column_sums(fit, groups, rho)?.0,
    })
}

/// The sums of the columns, and their derivatives, by two solves: c = A'^-1 1, and its derivative A'^-1 W'c.
fn column_sums(fit: &Fit, groups: &Groups, rho: f64) -> Result<(Part, Part)> {
    let ones = Array1::<f64>::ones(fit.n());
    let (c, slope) = match lag(fit) {
        None => (ones, Array1::zeros(fit.n())),
        Some((w, _)) => w.with_factor(rho, |factor| {
            let c = factor.solve_transposed(ones.view())?;
            let slope = factor.solve_transposed(w.csr().transposed_product(c.view()).view())?;
            Ok((c, slope))
        })?,
    };
    let of = &groups.of;
    let sums = |c: &Array1<f64>| {
        let mut part = Part::zero(groups.len());
        for (c, g) in c.iter().zip(of) {
            part.t[*g as usize] += c;
        }
        if let Some(v) = fit.durbin_weights() {
            for i in 0..v.n() {
                let links = v.csr().row(i);
                links.for_each(|(j, x)| part.u[[of[j] as usize, of[i] as usize]] += c[i] * x);
            }
        }
        part
    };
    Ok((sums(&c), sums(&slope)))
}

/// What the selected entries of A^-1 are had from; none without rho.
fn own(fit: &Fit) -> Result<Option<Own<'_>>> {
    lag(fit)
        .map(|(w, _)| Own::new(w, fit.durbin_weights()))
        .transpose()
}

/// The sums of the diagonal at any rho.
fn own_sums(fit: &Fit, groups: &Groups, own: Option<&Own<'_>>, rho: f64) -> Result<Part> {
    if let Some(own) = own {
        let (t, u) = own.by_groups(rho, &groups.of, groups.len())?;
        return Ok(Part { t, u });
    }
    let mut part = Part::zero(groups.len());
    for (i, g) in groups.of.iter().enumerate() {
        part.t[*g as usize] += 1.0;
        if let Some(v) = fit.durbin_weights() {
            part.u[[*g as usize, *g as usize]] += v.csr().get(i, i);
        }
    }
    Ok(part)
}

/// The sums of the diagonal and their derivatives by the dense inverse Z, whose derivative is Z W Z; for at most [`DENSE_LIMIT`] units.
fn dense_sums(fit: &Fit, groups: &Groups, rho: f64) -> Result<(Part, Part)> {
    let Some((w, _)) = lag(fit) else {
        return Ok((own_sums(fit, groups, None, rho)?, Part::zero(groups.len())));
    };
    let z = inverse(w, rho)?;
    // Columns of W Z in rows.
    let wz = w.csr().product_columns(z.view()).reversed_axes();
    let wz = wz.as_standard_layout();
    let mut sums = (Part::zero(groups.len()), Part::zero(groups.len()));
    for j in 0..fit.n() {
        let s = groups.of[j] as usize;
        sums.0.t[s] += z[[j, j]];
        sums.1.t[s] += z.row(j).dot(&wz.row(j));
    }
    if let Some(v) = fit.durbin_weights() {
        for i in 0..fit.n() {
            let h = groups.of[i] as usize;
            for (j, x) in v.csr().row(i) {
                let s = groups.of[j] as usize;
                sums.0.u[[s, h]] += z[[j, i]] * x;
                sums.1.u[[s, h]] += z.row(j).dot(&wz.row(i)) * x;
            }
        }
    }
    Ok(sums)
}

/// The same by selected entries of the inverse, at some values round rho, of whose interpolants the derivatives are.
fn sparse_sums(fit: &Fit, groups: &Groups, rho: f64) -> Result<(Part, Part)> {
    let own = own(fit)?;
    let at = own_sums(fit, groups, own.as_ref(), rho)?;
    let Some((w, _)) = lag(fit) else {
        return Ok((at, Part::zero(groups.len())));
    };
    let bounds = w.jacobian()?.interval;
    let half = NARROW * (bounds.1 - rho).min(rho - bounds.0);
    let near = (rho - half, rho + half);
    let all = Smooth::fit_together(bounds, near, TOLERANCE_OF_TRACES, |rho| {
        Ok(own_sums(fit, groups, own.as_ref(), rho)?.values().collect())
    })?;
    let mut slopes = all.iter().map(|f| f.slope(rho));
    let slope = Part::from_values(groups.len(), &mut slopes);
    Ok((at, slope))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::{Lattice, Points, Regression, Table, Weights};

    fn parts(sums: &(Part, Part)) -> Vec<f64> {
        sums.0.values().chain(sums.1.values()).collect()
    }

    /// The two ways to the sums of the diagonal, and the derivatives of the sums of the columns by differences.
    #[test]
    fn sparse_sums_are_the_dense_ones() {
        let mut stream = crate::random::Stream::new(3, 0);
        let points = Points::planar((0..90).map(|_| (stream.uniform(), stream.uniform()))).unwrap();
        let nearest = Weights::k_nearest(&points, 4).unwrap();
        let lattice = Weights::lattice(Lattice::queen(9, 10)).unwrap();
        for (w, v) in [
            (lattice.row_standardized().unwrap(), &lattice),
            (nearest.row_standardized().unwrap(), &lattice),
            (lattice.spectrally_normalized().unwrap(), &nearest),
        ] {
            let v = v.relabelled(w.units()).unwrap();
            let x: Array1<f64> = (0..90).map(|_| stream.normal()).collect();
            let noise: Array1<f64> = (0..90).map(|_| stream.normal()).collect();
            let y = &x + &noise + &(w.csr().product((&x + &noise).view()) * 0.5);
            let names = ["a", "b", "c"];
            let table = Table::over(w.units())
                .column("x", x)
                .unwrap()
                .column("y", y)
                .unwrap()
                .label("part", (0..90).map(|i| names[(i * i / 7) % 3]))
                .unwrap();
            let base = Regression::of("y").on(["x"]).regimes("part");
            let fit = base.spatial_lag(&w).durbin(&v).fit(&table).unwrap();
            let groups = &fit.sample.design.regimes.as_ref().unwrap().groups;
            let rho = lag(&fit).unwrap().1;
            let (dense, sparse) = (
                parts(&dense_sums(&fit, groups, rho).unwrap()),
                parts(&sparse_sums(&fit, groups, rho).unwrap()),
            );
            let scale = dense.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            for (a, b) in dense.iter().zip(&sparse) {
                assert!((a - b).abs() < 1e-7 * scale, "{a} {b}");
            }
            let at = |rho: f64| column_sums(&fit, groups, rho).unwrap();
            let h = 1e-5;
            let (low, high) = (at(rho - h).0, at(rho + h).0);
            for ((a, b), slope) in (low.values().zip(high.values())).zip(at(rho).1.values()) {
                assert!(((b - a) / (2.0 * h) - slope).abs() < 1e-6 * scale.max(slope.abs()));
            }
            let many: Array2<f64> = own(&fit)
                .unwrap()
                .unwrap()
                .by_groups(rho, &groups.of, 3)
                .unwrap()
                .1;
            assert!((many.sum() - dense[3..12].iter().sum::<f64>()).abs() < 1e-9 * scale);
        }
    }
}
