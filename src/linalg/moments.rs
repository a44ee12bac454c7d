//! Stochastic traces of Chebyshev polynomials of a weight matrix, from which a search for rho starts.
use super::sparse::Csr;
use ndarray::Array1;
#[derive(Debug)]
pub(crate) struct Moments {
    mid: f64,
    half: f64,
    t: Vec<f64>,
}
impl Moments {
    pub(crate) fn of(
        w: &Csr,
        symmetrizer: Option<&Array1<f64>>,
        (low, high): (f64, f64),
        probes: usize,
        degree: usize,
        seed: u64,
    ) -> Self {
        let n = w.n();
        let (mid, half) = (0.5 * (low + high), 0.5 * (high - low));
        let mut t = vec![0.0; degree + 1];
        let one = Array1::ones(n);
        let d = symmetrizer.unwrap_or(&one).mapv(f64::sqrt);
        let di = d.mapv(f64::recip);
        let apply = |v: &Array1<f64>| {
            let x = v * &di;
            (w.product(x.view()) * &d - &(v * mid)) / half
        };
        for p in 0..probes {
            let mut s = crate::random::Stream::new(seed, p as u64);
            let z: Array1<f64> = (0..n)
                .map(|_| if s.below(2) == 0 { 1.0 } else { -1.0 })
                .collect();
            let (mut a, mut b) = (z.clone(), apply(&z));
            let (t0, t1) = (z.dot(&z), z.dot(&b));
            let mut k = 1;
            t[0] += t0;
            t[1] += t1;
            while 2 * k <= degree {
                t[2 * k] += 2.0 * b.dot(&b) - t0;
                let c = apply(&b) * 2.0 - &a;
                if 2 * k < degree {
                    t[2 * k + 1] += 2.0 * b.dot(&c) - t1;
                }
                a = b;
                b = c;
                k += 1;
            }
        }
        for x in &mut t {
            *x /= probes as f64;
        }
        let tr1: f64 = (0..n).map(|i| w.get(i, i)).sum();
        let (tr2, _) = w.traces_of_squares();
        let nf = n as f64;
        t[1] = (tr1 - nf * mid) / half;
        t[2] = 2.0 * (tr2 - 2.0 * mid * tr1 + nf * mid * mid) / (half * half) - nf;
        Self { mid, half, t }
    }
    pub(crate) fn at(&self, rho: f64) -> (f64, f64, f64) {
        let f = |rho: f64| {
            let (m, h) = (self.mid, self.half);
            let r = rho * h / (1.0 - rho * m);
            let q = r / (1.0 + (1.0 - r * r).sqrt());
            let n = self.t[0];
            let mut s = n * (1.0 - rho * m).ln() - n * (1.0 + q * q).ln();
            let mut p = 1.0;
            for (k, t) in self.t.iter().enumerate().skip(1) {
                p *= q;
                s -= 2.0 * p / k as f64 * t;
            }
            s
        };
        let h = 1e-4 * (1.0 - rho.abs()).abs().max(1e-3);
        let (a, b, c) = (f(rho - h), f(rho), f(rho + h));
        (b, (c - a) / (2.0 * h), (a - 2.0 * b + c) / (h * h))
    }
}
