//! ln|I - rho W| from a few exact traces: the Chebyshev approximation of Pace and LeSage (2004), with a bound of its error.
//!
//! With x = c omega in [-1, 1] for every eigenvalue and r = rho / c, ln(1 - r x) is interpolated at the q + 1 points cos(pi (k - 1/2) / (q + 1)):
//! ln|I - rho W| ~ `Σ_j` c_j tr T_j(c W) - n c_0 / 2, c_j = 2 / (q + 1) `Σ_k` ln(1 - r x_k) T_j(x_k), j = 0, …, q.

use std::f64::consts::PI;

/// The approximation of order q and a bound of its error, from tr W, …, tr W^q (or more) of n units and a scale c with the spectrum of c W in
/// [-1, 1], real: W has to be similar to a symmetric matrix.
///
/// The coefficients of T_j in powers grow as 2.4^j: above order 20 rounding exceeds 1e-8. The bound is infinite for |rho| >= c.
/// Too few traces count as zeros.
pub(crate) fn chebyshev(
    traces: &[f64],
    n: usize,
    scale: f64,
    order: usize,
    rho: f64,
) -> (f64, f64) {
    let (n, r, points) = (n as f64, rho / scale, (order + 1) as f64);
    let angle = |k: usize| PI * (k as f64 + 0.5) / points;
    let logs: Vec<f64> = (0..=order).map(|k| (-r * angle(k).cos()).ln_1p()).collect();
    let coefficient = |j: usize| {
        let terms = logs.iter().enumerate();
        let sum: f64 = terms.map(|(k, l)| l * (angle(k) * j as f64).cos()).sum();
        sum * 2.0 / points
    };
    // tr T_j from the coefficients of T_j in powers
    let (mut before, mut now) = (vec![0.0; order + 1], vec![0.0; order + 1]);
    let mut powers = vec![n];
    let mut size = 1.0;
    for k in 0..order {
        size *= scale;
        powers.push(size * traces.get(k).copied().unwrap_or(0.0));
    }
    let mut value = 0.5 * n * coefficient(0);
    now[0] = 1.0;
    for j in 1..=order {
        let two = if j == 1 { 1.0 } else { 2.0 };
        let mut next: Vec<f64> = before.iter().map(|b| -b).collect();
        for k in 0..order {
            next[k + 1] += two * now[k];
        }
        (before, now) = (now, next);
        let trace: f64 = now.iter().zip(&powers).map(|(c, p)| c * p).sum();
        value += coefficient(j) * trace;
    }
    // ln(1 - r x) has the coefficients -2 s^j / j, s / (1 + s²) = r / 2; what is left out and what it is taken for at the points count once each
    let bound = if r.abs() < 1.0 {
        let s = r.abs() / (1.0 + (1.0 - r * r).sqrt());
        4.0 * n * s.powf(points) / (points * (1.0 - s))
    } else {
        f64::INFINITY
    };
    (value, bound)
}

#[cfg(test)]
#[allow(clippy::excessive_precision)]
mod tests {
    use super::*;

    const RHO: [f64; 10] = [-0.9, -0.5, -0.1, 0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99];
    // spatialreg 1.2-6, trW(as(nb2listw(col.gal.nb), "CsparseMatrix"), m = 8, type = "mult")
    const TRACES: [f64; 8] = [
        0.0,
        10.908_301_209_372_636,
        3.650_684_591_296_836,
        5.619_320_671_729_786,
        3.664_687_273_810_806,
        4.003_647_354_002_945,
        3.291_860_841_256_034,
        3.272_573_375_580_100_3,
    ];

    // spatialreg 1.2-6, cheb_setup(env, q = 2), cheb_setup(env, q = 5), eigen_setup(env) and do_ldet(rho, env)
    #[test]
    fn as_spatialreg_on_columbus() {
        let two = [
            -6.801_098_487_843_335_1,
            -1.509_995_155_949_260_6,
            -0.054_747_065_134_933_312,
            0.0,
            -0.054_747_065_134_933_312,
            -0.508_225_952_490_492_18,
            -1.509_995_155_949_260_6,
            -3.331_213_808_876_687_4,
            -6.801_098_487_843_335_1,
            -9.659_726_231_340_268_8,
        ];
        let five = [
            -4.112_469_767_261_011_1,
            -1.283_285_319_152_263_5,
            -0.053_458_356_326_915_243,
            0.0,
            -0.055_906_903_910_463_49,
            -0.537_495_110_419_465_85,
            -1.642_733_568_370_798_6,
            -3.720_911_254_956_439_2,
            -8.006_882_410_705_792_1,
            -12.732_335_899_864_189,
        ];
        let exact = [
            -4.256_329_139_449_395_2,
            -1.284_231_828_696_520_9,
            -0.053_458_388_863_596_377,
            0.0,
            -0.055_906_932_051_623_635,
            -0.537_514_700_112_024_96,
            -1.643_181_072_456_761_3,
            -3.725_093_991_566_092_1,
            -8.047_189_261_528_478_4,
            -13.494_841_874_674_796,
        ];
        for (k, rho) in RHO.into_iter().enumerate() {
            let (value, _) = chebyshev(&TRACES, 49, 1.0, 2, rho);
            assert!((value - two[k]).abs() < 1e-10, "{rho}: {value}");
            let (value, _) = chebyshev(&TRACES, 49, 1.0, 5, rho);
            assert!((value - five[k]).abs() < 1e-10, "{rho}: {value}");
            for order in 1..=8 {
                let (value, bound) = chebyshev(&TRACES, 49, 1.0, order, rho);
                assert!((value - exact[k]).abs() <= bound + 1e-12, "{rho} {order}");
                // weights times 1e-8
                let small: Vec<f64> = TRACES
                    .iter()
                    .enumerate()
                    .map(|(k, t)| t * 1e-8_f64.powi(k as i32 + 1))
                    .collect();
                let (again, _) = chebyshev(&small, 49, 1e8, order, rho * 1e8);
                assert!((again - value).abs() < 1e-11, "{rho} {order}");
            }
        }
        assert!(chebyshev(&TRACES, 49, 1.0, 5, 1.0).1.is_infinite());
    }

    #[test]
    fn converges_on_a_path_of_two() {
        // eigenvalues 1 and -1: ln(1 - rho²)
        let traces: Vec<f64> = (1..=20)
            .map(|k| if k % 2 == 0 { 2.0 } else { 0.0 })
            .collect();
        let mut last = f64::INFINITY;
        for order in [2, 6, 12, 20] {
            let (value, bound) = chebyshev(&traces, 2, 1.0, order, 0.6);
            let error = (value - 0.64_f64.ln()).abs();
            assert!(
                error <= bound + 1e-12 && error < last,
                "{order}: {error} {bound}"
            );
            last = error;
        }
        assert!(last < 1e-9);
    }
}
