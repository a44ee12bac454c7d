//! Linear algebra by the book: elimination with partial pivoting, written apart from the crate's.

use ndarray::{Array1, Array2};

/// ln|det A| and A^-1 B.
pub fn eliminate(a: &Array2<f64>, b: &Array2<f64>) -> (f64, Array2<f64>) {
    let n = a.nrows();
    let (mut a, mut b) = (a.clone(), b.clone());
    let mut ln_det = 0.0;
    for j in 0..n {
        let pivot = (j..n)
            .max_by(|&p, &q| a[[p, j]].abs().total_cmp(&a[[q, j]].abs()))
            .unwrap();
        if pivot != j {
            for c in 0..n {
                a.swap([j, c], [pivot, c]);
            }
            for c in 0..b.ncols() {
                b.swap([j, c], [pivot, c]);
            }
        }
        ln_det += a[[j, j]].abs().ln();
        for i in j + 1..n {
            let factor = a[[i, j]] / a[[j, j]];
            if factor != 0.0 {
                for c in j..n {
                    a[[i, c]] -= factor * a[[j, c]];
                }
                for c in 0..b.ncols() {
                    b[[i, c]] -= factor * b[[j, c]];
                }
            }
        }
    }
    for i in (0..n).rev() {
        for c in 0..b.ncols() {
            let known: f64 = (i + 1..n).map(|j| a[[i, j]] * b[[j, c]]).sum();
            b[[i, c]] = (b[[i, c]] - known) / a[[i, i]];
        }
    }
    (ln_det, b)
}

pub fn ln_det(a: &Array2<f64>) -> f64 {
    eliminate(a, &Array2::zeros((a.nrows(), 0))).0
}

pub fn inverse(a: &Array2<f64>) -> Array2<f64> {
    eliminate(a, &Array2::eye(a.nrows())).1
}

/// Least squares by modified Gram-Schmidt, carried out twice: coefficients and residuals.
pub fn least_squares(x: &Array2<f64>, y: &Array1<f64>) -> (Array1<f64>, Array1<f64>) {
    let (n, k) = x.dim();
    let mut b = Array1::zeros(k);
    let mut e = y.clone();
    for _ in 0..2 {
        let mut q = x.clone();
        let mut r = Array2::<f64>::eye(k);
        let mut c = Array1::<f64>::zeros(k);
        for j in 0..k {
            let v = q.column(j).to_owned();
            let size = v.dot(&v);
            for l in j + 1..k {
                r[[j, l]] = v.dot(&q.column(l)) / size;
                for i in 0..n {
                    q[[i, l]] -= r[[j, l]] * v[i];
                }
            }
            c[j] = v.dot(&e) / size;
            e = &e - &(&v * c[j]);
        }
        for j in (0..k).rev() {
            c[j] -= (j + 1..k).map(|l| r[[j, l]] * c[l]).sum::<f64>();
        }
        b = b + c;
        e = y - &x.dot(&b);
    }
    (b, e)
}

/// Lower Cholesky factor.
pub fn cholesky(a: &Array2<f64>) -> Array2<f64> {
    let n = a.nrows();
    let mut l = Array2::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|c| l[[i, c]] * l[[j, c]]).sum();
            l[[i, j]] = if i == j {
                (a[[i, i]] - known).sqrt()
            } else {
                (a[[i, j]] - known) / l[[j, j]]
            };
        }
    }
    l
}

/// Where a function of one variable with one peak is largest, by golden section.
pub fn golden(mut low: f64, mut high: f64, tolerance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut fa, mut fb) = (f(a), f(b));
    while high - low > tolerance {
        if fa > fb {
            (high, b, fb) = (b, a, fa);
            a = high - ratio * (high - low);
            fa = f(a);
        } else {
            (low, a, fa) = (a, b, fb);
            b = low + ratio * (high - low);
            fb = f(b);
        }
    }
    0.5 * (low + high)
}
