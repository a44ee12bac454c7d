//! The least squares problem behind the likelihood of y = rho W y + X b + u, u = lambda M u + e, whatever n.
//!
//! With A = I - rho W and B = I - lambda M the residual is e = B (A y - X b), and b is the least squares of B A y on B X. All inner products
//! that the likelihood and its derivatives need are among the columns of [X, M X, W y, M y, M W y, y]: one QR turns them into columns of at most 2k + 4
//! rows with the conditioning of the data (no cross-products are formed), and a value of the profile costs a tiny least squares. With a
//! variance for every group of units each group has such a factor of its own, so that other variances cost no pass over the data.

use ndarray::{Array1, Array2, Axis, concatenate};

use super::super::design::Design;
use super::super::regimes::Groups;
use crate::error::Result;
use crate::linalg::dense;
use crate::linalg::least_squares::{Solution, solve};
use crate::linalg::triangular::dependent_columns;
use crate::weights::Weights;

/// The columns, in the coordinates of the triangular factor of each group of units: one group, or as many as there are variances.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    n: usize,
    layout: Layout,
    factors: Vec<Array2<f64>>,
    groups: Vec<Blocks>,
}

/// Which columns there are: k of X, and those of the terms.
#[derive(Debug, Clone, Copy)]
struct Layout {
    k: usize,
    lag: bool,
    error: bool,
}

/// One group of rows, or all of them, in the coordinates of their triangular factor.
#[derive(Debug, Clone)]
struct Blocks {
    x: Array2<f64>,
    y: Array1<f64>,
    wy: Option<Array1<f64>>,
    error: Option<Filtered>,
}

/// The least squares problem of all rows.
#[derive(Debug, Clone)]
pub(crate) struct Compressed {
    pub(crate) n: usize,
    blocks: Blocks,
    /// Without a spatial error B is the identity: the least squares of y and W y are done once.
    once: Option<Once>,
}

/// What one group of rows adds to inner products with the residual, at a given (rho, lambda, b).
#[derive(Debug, Clone)]
pub(crate) struct GroupProducts {
    /// e'e.
    pub(crate) sse: f64,
    /// (B X)'e.
    pub(crate) x: Array1<f64>,
    /// D_i'e, as in [`Point`].
    pub(crate) slope: Array1<f64>,
}

/// The columns multiplied by M.
#[derive(Debug, Clone)]
struct Filtered {
    mx: Array2<f64>,
    my: Array1<f64>,
    mwy: Option<Array1<f64>>,
}

#[derive(Debug, Clone)]
struct Once {
    r: Array2<f64>,
    /// Coefficients and residuals of y, and of W y.
    b: [Array1<f64>; 2],
    e: [Array1<f64>; 2],
}

/// The problem at one (rho, lambda), b at its best.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) coefficients: Array1<f64>,
    /// Triangular factor of B X.
    pub(crate) r: Array2<f64>,
    pub(crate) sse: f64,
    /// e'D_i, where D_i is minus the derivative of e with respect to the i-th process: B W y for rho, M (A y - X b) for lambda.
    pub(crate) slope: Array1<f64>,
    /// (B X)'D_i, and for lambda (M X)'e besides: k × processes.
    pub(crate) cross: Array2<f64>,
    /// D_i'D_j, and off the diagonal (M W y)'e besides.
    pub(crate) inner: Array2<f64>,
}

impl Columns {
    /// `wy` and what is multiplied by M are computed here; rows are multiplied by the root of the observation weights, where there are any.
    pub(crate) fn new(
        design: &Design,
        lag: Option<&Weights>,
        error: Option<&Weights>,
        groups: Option<&Groups>,
    ) -> Result<Self> {
        let (n, k) = (design.n(), design.k());
        let wy = lag.map(|w| w.csr().product(design.y.view()));
        let mx = error.map(|m| m.csr().product_columns(design.x.view()));
        let by_m = |v: &Array1<f64>| error.map(|m| m.csr().product(v.view()));
        let (my, mwy) = (by_m(&design.y), wy.as_ref().and_then(by_m));
        let mut more = Vec::new();
        if let Some(mx) = &mx {
            more.extend(mx.columns());
        }
        more.extend([&wy, &my, &mwy].into_iter().flatten().map(|v| v.view()));
        more.push(design.y.view());
        let mut z = design.x_and(&more);
        if let Some(root) = design.root_weights() {
            z *= &root.insert_axis(Axis(1));
        }
        let layout = Layout {
            k,
            lag: lag.is_some(),
            error: error.is_some(),
        };
        let factors = match groups {
            None => vec![dense::triangular_factor(z.view())?],
            Some(groups) => {
                let mut rows = vec![Vec::new(); groups.len()];
                for (i, g) in groups.of.iter().enumerate() {
                    rows[*g as usize].push(i);
                }
                (rows.iter())
                    .map(|rows| dense::triangular_factor(z.select(Axis(0), rows).view()))
                    .collect::<Result<_>>()?
            }
        };
        let groups = factors.iter().map(|r| Blocks::of(r, layout)).collect();
        Ok(Self {
            n,
            layout,
            factors,
            groups,
        })
    }

    /// The problem with weights 1 / variance of the groups; without variances all weights are one.
    pub(crate) fn compress(&self, variances: Option<&[f64]>) -> Result<Compressed> {
        let blocks = if let (None, [one]) = (variances, self.groups.as_slice()) {
            one.clone()
        } else {
            Blocks::of(&self.stacked(variances)?, self.layout)
        };
        let once = match blocks.error {
            Some(_) => None,
            None => Some(Once::new(&blocks.x, &blocks.y, blocks.wy.as_ref())?),
        };
        Ok(Compressed {
            n: self.n,
            blocks,
            once,
        })
    }

    /// The triangular factor of all rows, those of each group divided by the root of its variance.
    fn stacked(&self, variances: Option<&[f64]>) -> Result<Array2<f64>> {
        let width = self.factors.iter().map(Array2::ncols).max().unwrap_or(0);
        let height = self.factors.iter().map(Array2::nrows).sum();
        let mut z = Array2::zeros((height, width));
        let mut at = 0;
        for (g, r) in self.factors.iter().enumerate() {
            let variance = variances.and_then(|v| v.get(g)).copied().unwrap_or(1.0);
            z.slice_axis_mut(Axis(0), (at..at + r.nrows()).into())
                .assign(&(r / variance.sqrt()));
            at += r.nrows();
        }
        dense::triangular_factor(z.view())
    }

    /// The inner products of each group.
    pub(crate) fn products(&self, rho: f64, lambda: f64, b: &Array1<f64>) -> Vec<GroupProducts> {
        (self.groups.iter())
            .map(|group| {
                let (x, y, bwy) = group.filtered(rho, lambda);
                let e = y - x.dot(b);
                let moved = (bwy.into_iter()).chain(group.moved_by_lambda(rho, b));
                GroupProducts {
                    sse: e.dot(&e),
                    slope: moved.map(|d| d.dot(&e)).collect(),
                    x: x.t().dot(&e),
                }
            })
            .collect()
    }

    /// For each group the rank of B X, with B of a lambda well inside its interval.
    pub(crate) fn ranks(&self, lambda: f64) -> Vec<usize> {
        (self.groups.iter())
            .map(|group| {
                let (x, _, _) = group.filtered(0.0, lambda);
                x.ncols() - dependent_columns(x.view()).len()
            })
            .collect()
    }
}

impl Blocks {
    /// The blocks of the triangular factor of [X, M X, W y, M y, M W y, y], of which there are those with the terms given.
    fn of(r: &Array2<f64>, layout: Layout) -> Self {
        let Layout { k, lag, error } = layout;
        let mut at = 0;
        let mut block = |count: usize| {
            at += count;
            r.slice_axis(Axis(1), (at - count..at).into()).to_owned()
        };
        let x = block(k);
        let mx = error.then(|| block(k));
        let mut one = |there: bool| there.then(|| block(1).column(0).to_owned());
        let (wy, my, mwy) = (one(lag), one(error), one(lag && error));
        let y = one(true).unwrap_or_default();
        let error = mx.zip(my).map(|(mx, my)| Filtered { mx, my, mwy });
        Self { x, y, wy, error }
    }

    /// B X, B A y and B W y.
    fn filtered(&self, rho: f64, lambda: f64) -> (Array2<f64>, Array1<f64>, Option<Array1<f64>>) {
        let minus = |v: &Array1<f64>, by: f64, w: Option<&Array1<f64>>| match w {
            Some(w) => v - &(w * by),
            None => v.clone(),
        };
        let ay = minus(&self.y, rho, self.wy.as_ref());
        let Some(Filtered { mx, my, mwy }) = &self.error else {
            return (self.x.clone(), ay, self.wy.clone());
        };
        let may = minus(my, rho, mwy.as_ref());
        (
            &self.x - &(mx * lambda),
            ay - may * lambda,
            self.wy.as_ref().map(|wy| minus(wy, lambda, mwy.as_ref())),
        )
    }

    /// M (A y - X b), where there is a spatial error.
    fn moved_by_lambda(&self, rho: f64, b: &Array1<f64>) -> Option<Array1<f64>> {
        self.error.as_ref().map(|f| {
            let m_fitted = f.mx.dot(b);
            match &f.mwy {
                Some(mwy) => &f.my - &(mwy * rho) - &m_fitted,
                None => &f.my - &m_fitted,
            }
        })
    }
}

impl Compressed {
    /// Whether M X is in the span of X.
    pub(crate) fn holds_its_lag(&self) -> bool {
        let Some(f) = &self.blocks.error else {
            return false;
        };
        let k = self.blocks.x.ncols();
        let z = concatenate![Axis(1), self.blocks.x, f.mx];
        dependent_columns(z.view()).len() == k
    }

    /// The sum of squares alone.
    pub(crate) fn sse(&self, rho: f64, lambda: f64) -> Result<f64> {
        if let Some(once) = &self.once {
            let e = &once.e[0] - &(&once.e[1] * rho);
            return Ok(e.dot(&e));
        }
        let (x, y, _) = self.blocks.filtered(rho, lambda);
        let e = solve(x.view(), &y)?.residuals;
        Ok(e.dot(&e))
    }

    /// The problem at (rho, lambda).
    pub(crate) fn at(&self, rho: f64, lambda: f64) -> Result<Point> {
        let (x, y, bwy) = self.blocks.filtered(rho, lambda);
        let (coefficients, e, r) = if let Some(once) = &self.once {
            (
                &once.b[0] - &(&once.b[1] * rho),
                &once.e[0] - &(&once.e[1] * rho),
                once.r.clone(),
            )
        } else {
            let Solution {
                coefficients,
                residuals,
                r,
            } = solve(x.view(), &y)?;
            (coefficients, residuals, r)
        };
        let mu = self.blocks.moved_by_lambda(rho, &coefficients);
        let has_lag = bwy.is_some();
        let moved: Vec<Array1<f64>> = bwy.into_iter().chain(mu).collect();
        let p = moved.len();
        let mut cross = Array2::zeros((x.ncols(), p));
        for (mut to, d) in cross.columns_mut().into_iter().zip(&moved) {
            to.assign(&x.t().dot(d));
        }
        let mut inner = Array2::from_shape_fn((p, p), |(i, j)| moved[i].dot(&moved[j]));
        if let Some(f) = &self.blocks.error {
            let mut last = cross.column_mut(p - 1);
            last += &f.mx.t().dot(&e);
            if let (true, Some(mwy)) = (has_lag, &f.mwy) {
                let both = mwy.dot(&e);
                inner[[0, 1]] += both;
                inner[[1, 0]] += both;
            }
        }
        Ok(Point {
            slope: moved.iter().map(|d| d.dot(&e)).collect(),
            sse: e.dot(&e),
            coefficients,
            r,
            cross,
            inner,
        })
    }
}

impl Once {
    fn new(x: &Array2<f64>, y: &Array1<f64>, wy: Option<&Array1<f64>>) -> Result<Self> {
        let of_y = solve(x.view(), y)?;
        let (b, e) = match wy {
            Some(wy) => {
                let of_wy = solve(x.view(), wy)?;
                (of_wy.coefficients, of_wy.residuals)
            }
            None => (Array1::zeros(x.ncols()), Array1::zeros(y.len())),
        };
        Ok(Self {
            r: of_y.r,
            b: [of_y.coefficients, b],
            e: [of_y.residuals, e],
        })
    }
}
