//! Kernel weights: a bounded function of distance over a bandwidth, the same for all units or one of each.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::decay::{all_pairs, at_least, no_distance, unit_of};
use super::distance::check_neighbours;
use super::links::check_row_sums;
use super::search::Space;
use super::{Weights, check_links, check_positive};
use crate::data::Points;
use crate::error::{Error, Result};
use crate::linalg::sparse::{Csr, Pattern};

/// The function K(z) of a kernel, with z = distance / bandwidth ≥ 0.
///
/// | function | K(z) | support |
/// |---|---|---|
/// | uniform | 1/2 | z ≤ 1 |
/// | triangular | 1 - z | z < 1 |
/// | Epanechnikov | 3/4 (1 - z²) | z < 1 |
/// | quartic | 15/16 (1 - z²)² | z < 1 |
/// | bisquare | (1 - z²)² | z < 1 |
/// | tricube | (1 - z³)³ | z < 1 |
/// | cosine | π/4 cos(π z / 2) | z < 1 |
/// | Gaussian | exp(-z² / 2) / √(2π) | z ≥ 0, taken up to z ≤ 1 |
/// | exponential | exp(-z) | z ≥ 0, taken up to z ≤ 1 |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KernelFunction {
    /// 1/2, as far as the bandwidth.
    Uniform,
    /// 1 - z.
    Triangular,
    /// 3/4 (1 - z²); libpysal's `parabolic`.
    Epanechnikov,
    /// 15/16 (1 - z²)².
    Quartic,
    /// (1 - z²)².
    Bisquare,
    /// (1 - z³)³.
    Tricube,
    /// π/4 cos(π z / 2).
    Cosine,
    /// exp(-z² / 2) / √(2π).
    Gaussian,
    /// exp(-z).
    Exponential,
}

impl KernelFunction {
    /// K(z), zero outside the support.
    ///
    /// ```
    /// use spatialecon::KernelFunction;
    /// assert_eq!(KernelFunction::Epanechnikov.at(0.5), 0.5625);
    /// ```
    #[must_use]
    pub fn at(self, z: f64) -> f64 {
        let inside = z < 1.0;
        match self {
            Self::Uniform if z <= 1.0 => 0.5,
            Self::Triangular if inside => 1.0 - z,
            Self::Epanechnikov if inside => 0.75 * (1.0 - z * z),
            Self::Quartic if inside => 0.9375 * (1.0 - z * z).powi(2),
            Self::Bisquare if inside => (1.0 - z * z).powi(2),
            Self::Tricube if inside => (1.0 - z * z * z).powi(3),
            Self::Cosine if inside => FRAC_PI_4 * (FRAC_PI_2 * z).cos(),
            Self::Gaussian => (-0.5 * z * z).exp() / (2.0 * PI).sqrt(),
            Self::Exponential => (-z).exp(),
            _ => 0.0,
        }
    }

    /// Whether K is positive at any distance.
    fn is_unbounded(self) -> bool {
        matches!(self, Self::Gaussian | Self::Exponential)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Triangular => "triangular",
            Self::Epanechnikov => "Epanechnikov",
            Self::Quartic => "quartic",
            Self::Bisquare => "bisquare",
            Self::Tricube => "tricube",
            Self::Cosine => "cosine",
            Self::Gaussian => "Gaussian",
            Self::Exponential => "exponential",
        }
    }
}

/// A kernel: its function, its bandwidth, and whether units weigh on themselves.
///
/// ```
/// use spatialecon::{Kernel, KernelFunction};
/// let adaptive = Kernel::adaptive(KernelFunction::Triangular, 12).with_diagonal();
/// # let _ = adaptive;
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kernel {
    function: KernelFunction,
    bandwidth: Bandwidth,
    diagonal: bool,
    truncated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bandwidth {
    Fixed(f64),
    Adaptive(usize),
}

impl Kernel {
    /// One bandwidth for all units, in kilometres for longitude and latitude, in the unit of the coordinates for a plane.
    #[must_use]
    pub fn fixed(function: KernelFunction, bandwidth: f64) -> Self {
        Self {
            function,
            bandwidth: Bandwidth::Fixed(bandwidth),
            diagonal: false,
            truncated: true,
        }
    }

    /// For each unit the distance of its k-th nearest other unit as its bandwidth.
    #[must_use]
    pub fn adaptive(function: KernelFunction, k: usize) -> Self {
        Self {
            bandwidth: Bandwidth::Adaptive(k),
            ..Self::fixed(function, 0.0)
        }
    }

    /// Every unit weighs on itself with K(0); without this no unit is its own neighbour.
    #[doc(alias = "diagonal")]
    #[must_use]
    pub fn with_diagonal(self) -> Self {
        Self {
            diagonal: true,
            ..self
        }
    }

    /// A Gaussian or exponential kernel is not cut off at the bandwidth, and links all pairs, at most 5,000 units.
    #[must_use]
    pub fn untruncated(self) -> Self {
        Self {
            truncated: false,
            ..self
        }
    }
}

impl Weights {
    /// Kernel weights: `w_ij` = K(`d_ij` / `h_i`) for `d_ij` ≤ `h_i`, with a bandwidth h for all units or one of each.
    ///
    /// d is in kilometres along great circles for longitude and latitude, in the unit of the coordinates for a plane. A weight
    /// of zero is no link: with the functions that end at the bandwidth a unit just there (the k-th nearest) has none; a distance
    /// within 1e-12 of the bandwidth, relative to it, counts as just there. With bandwidths of each unit the matrix is not symmetric. Units at equal distances are all taken, so that a row may have more than
    /// k. The Gaussian and the exponential function are cut off at the bandwidth unless [`untruncated`](Kernel::untruncated).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] where the bandwidth is not positive and finite, for k = 0 and k ≥ n, and for an untruncated kernel that ends
    /// at its bandwidth; [`Error::Unsupported`] where a unit's k nearest lie at its own point, so that its bandwidth is zero;
    /// [`Error::InvalidLink`] where an untruncated weight is below the range of numbers; [`Error::TooLarge`].
    ///
    /// # Example
    ///
    /// ```
    /// use spatialecon::{Kernel, KernelFunction, Points, Weights};
    /// let points = Points::planar([(0.0, 0.0), (1.0, 0.0), (4.0, 0.0)])?;
    /// let w = Weights::kernel(&points, Kernel::fixed(KernelFunction::Triangular, 4.0).with_diagonal())?;
    /// assert_eq!((w.weight(0, 0), w.weight(0, 1), w.weight(0, 2), w.weight(1, 2)), (1.0, 0.75, 0.0, 0.25));
    /// # Ok::<(), spatialecon::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// Silverman (1986), Density Estimation; Kelejian and Prucha (2007), Journal of Econometrics 140: 131-154; Fotheringham, Brunsdon and
    /// Charlton (2002), Geographically Weighted Regression, on adaptive bandwidths.
    #[doc(alias = "build_kernel")]
    #[doc(alias = "kernel_weights")]
    #[doc(alias = "kernel_knn_weights")]
    pub fn kernel(points: &Points, kernel: Kernel) -> Result<Self> {
        let n = points.len();
        if !kernel.truncated && !kernel.function.is_unbounded() {
            return Err(Error::InvalidOption {
                option: "untruncated",
                value: kernel.function.name().to_owned(),
                expected: "a Gaussian or exponential kernel, as the others end at their bandwidth",
            });
        }
        let (pattern, bandwidths) = match kernel.bandwidth {
            Bandwidth::Fixed(h) => {
                check_positive("bandwidth", h)?;
                let (offsets, columns) = if kernel.truncated {
                    Space::of(points).band(points, h)?
                } else {
                    every_pair(n)?
                };
                (Pattern { offsets, columns }, vec![h; n])
            }
            Bandwidth::Adaptive(k) => {
                let (pattern, h) = nearest_with_ties(points, k)?;
                if kernel.truncated {
                    (pattern, h)
                } else {
                    let (offsets, columns) = every_pair(n)?;
                    (Pattern { offsets, columns }, h)
                }
            }
        };
        let units = points.units();
        let (mut offsets, mut columns, mut weights) = (vec![0], Vec::new(), Vec::new());
        for (i, &bandwidth) in bandwidths.iter().enumerate() {
            let mut own = kernel.diagonal.then_some(i as u32);
            for &j in pattern.row(i) {
                if let Some(i) = own.take_if(|i| *i < j) {
                    columns.push(i);
                    weights.push(kernel.function.at(0.0));
                }
                let d = points.distance(i, j as usize).unwrap_or(f64::NAN);
                // a unit at the bandwidth is just there, whatever rounding says
                let w = kernel
                    .function
                    .at(if kernel.truncated && at_least(d, bandwidth) {
                        1.0
                    } else {
                        d / bandwidth
                    });
                if w > 0.0 {
                    columns.push(j);
                    weights.push(w);
                } else if !kernel.truncated {
                    let problem = format!(
                        "at their distance of {d} and the bandwidth {bandwidth} the weight is below the range of numbers; take a larger \
                         bandwidth, or a kernel that is cut off"
                    );
                    return Err(super::links::invalid(units, i, j as usize, problem));
                }
            }
            if let Some(i) = own {
                columns.push(i);
                weights.push(kernel.function.at(0.0));
            }
            check_links(columns.len())?;
            offsets.push(columns.len() as u32);
        }
        let told = match kernel.bandwidth {
            Bandwidth::Fixed(h) => format!("bandwidth {h}{}", unit_of(points)),
            Bandwidth::Adaptive(k) => format!("bandwidths of the nearest {k}"),
        };
        let built = format!(
            "{} kernel, {told}{}",
            kernel.function.name(),
            if kernel.truncated { "" } else { ", all pairs" }
        );
        let csr = check_row_sums(units, Csr::compact(Pattern { offsets, columns }, weights))?;
        Ok(Self::from_csr(units.clone(), csr, built))
    }
}

fn every_pair(n: usize) -> Result<(Vec<u32>, Vec<u32>)> {
    all_pairs(n, "a kernel that is not cut off", "leave `untruncated` out")
}

/// The units as near as the k-th nearest of each, ties included, and the distance of the k-th.
fn nearest_with_ties(points: &Points, k: usize) -> Result<(Pattern, Vec<f64>)> {
    let n = points.len();
    check_neighbours(k, n)?;
    let space = Space::of(points);
    let bandwidths = space.kth_distances(k);
    if let Some(i) = bandwidths.iter().position(|h| *h <= no_distance(points)) {
        let unit = points.units().name(i);
        return Err(Error::Unsupported {
            what: format!("a bandwidth of the nearest {k} for unit `{unit}`"),
            why: "they lie at its own point, so that the bandwidth is zero; take a larger k, or a fixed bandwidth".to_owned(),
        });
    }
    let (offsets, columns) = space.balls(&bandwidths)?;
    Ok((Pattern { offsets, columns }, bandwidths))
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::test_data::columbus_points;
    use super::KernelFunction as F;
    use super::*;
    use approx::assert_relative_eq;

    // libpysal 4.14.1, libpysal.kernels._kernel_functions[name](distances, 4.0) on pairs of distance at most 4, and
    // libpysal.weights.Kernel(points, bandwidth=4.0, function=name): sum of weights, S1, S2, without the diagonal
    #[test]
    fn fixed_kernels_of_columbus() {
        for (function, s0, s1, s2) in [
            (
                F::Triangular,
                93.366_106_031_400_96,
                82.375_614_745_795_56,
                1_001.892_374_690_723_7,
            ),
            (
                F::Epanechnikov,
                109.158_303_517_428_11,
                103.693_174_611_936_43,
                1_326.423_031_284_665_7,
            ),
            (
                F::Quartic,
                86.410_978_843_280_36,
                83.996_429_934_266_76,
                908.536_501_793_215_2,
            ),
            (
                F::Cosine,
                104.905_364_754_927_38,
                98.928_220_247_171_45,
                1_239.659_339_301_608_3,
            ),
            (
                F::Gaussian,
                90.441_404_576_654_12,
                57.696_018_705_732_61,
                852.645_357_395_055,
            ),
            (
                F::Exponential,
                149.378_237_039_512_3,
                161.256_710_821_027_2,
                2_357.520_914_321_243_7,
            ),
        ] {
            let w = Weights::kernel(&columbus_points(), Kernel::fixed(function, 4.0)).unwrap();
            let c = w.constants();
            assert_eq!((w.links(), w.self_links()), (288, 0));
            assert_relative_eq!(c.s0, s0, max_relative = 1e-12);
            assert_relative_eq!(c.s1, s1, max_relative = 1e-12);
            assert_relative_eq!(c.s2, s2, max_relative = 1e-12);
        }
    }

    // libpysal 4.14.1, libpysal.weights.Kernel(points, bandwidth=h, fixed=False, function=name) with h the distances of the
    // 12th nearest: sum of weights, S1, S2, with the diagonal
    #[test]
    fn adaptive_kernels_of_columbus() {
        for (function, s0, s1, s2) in [
            (
                F::Triangular,
                234.585_809_978_029_15,
                272.922_518_523_924_05,
                4_621.169_265_815_322,
            ),
            (
                F::Epanechnikov,
                246.756_830_380_302_1,
                256.393_560_748_899_06,
                5_122.931_228_818_522,
            ),
            (
                F::Quartic,
                222.663_465_943_754_23,
                274.562_671_639_651_85,
                4_192.393_063_802_59,
            ),
        ] {
            let kernel = Kernel::adaptive(function, 12).with_diagonal();
            let w = Weights::kernel(&columbus_points(), kernel).unwrap();
            let c = w.constants();
            assert_eq!((w.links(), w.self_links()), (588, 49));
            assert_relative_eq!(c.s0, s0, max_relative = 1e-12);
            assert_relative_eq!(c.s1, s1, max_relative = 1e-12);
            assert_relative_eq!(c.s2, s2, max_relative = 1e-12);
        }
    }

    #[test]
    fn functions_integrate_to_one_where_they_are_densities() {
        // ∫ K over the line, by the midpoint rule; the others are 1 at zero
        let integral = |f: F, end: f64| {
            let steps = 200_000;
            (0..steps)
                .map(|k| f.at((f64::from(k) + 0.5) / f64::from(steps) * end))
                .sum::<f64>()
                * 2.0
                * end
                / f64::from(steps)
        };
        for f in [
            F::Uniform,
            F::Triangular,
            F::Epanechnikov,
            F::Quartic,
            F::Cosine,
        ] {
            assert_relative_eq!(integral(f, 1.0), 1.0, max_relative = 1e-9);
        }
        assert_relative_eq!(integral(F::Gaussian, 40.0), 1.0, max_relative = 1e-9);
        // 70/81 (1 - z³)³ is a density
        assert_relative_eq!(
            integral(F::Tricube, 1.0) * 70.0 / 81.0,
            1.0,
            max_relative = 1e-9
        );
        for f in [F::Bisquare, F::Tricube, F::Exponential, F::Triangular] {
            assert_eq!(f.at(0.0), 1.0);
        }
        assert_eq!((F::Uniform.at(1.0), F::Uniform.at(1.0 + 1e-9)), (0.5, 0.0));
    }

    #[test]
    fn ties_at_the_bandwidth_are_all_taken() {
        let cross = [
            (0.0, 0.0),
            (1.0, 0.0),
            (-1.0, 0.0),
            (0.0, 1.0),
            (0.0, -1.0),
            (9.0, 0.0),
        ];
        let points = Points::planar(cross).unwrap();
        let w = Weights::kernel(&points, Kernel::adaptive(F::Uniform, 2)).unwrap();
        assert_eq!(
            w.neighbours(0).collect::<Vec<_>>(),
            [(1, 0.5), (2, 0.5), (3, 0.5), (4, 0.5)]
        );
        let w = Weights::kernel(&points, Kernel::adaptive(F::Triangular, 2)).unwrap();
        assert_eq!(w.neighbours(0).count(), 0);
        let lattice =
            Points::planar((0..400).map(|k| (f64::from(k % 20), f64::from(k / 20)))).unwrap();
        let w = Weights::kernel(&lattice, Kernel::adaptive(F::Gaussian, 5)).unwrap();
        assert_eq!(w.neighbours(210).count(), 8);
    }

    // 0.1, 0.30000000000000004 - 0.2 and their like are one distance
    #[test]
    fn units_at_the_bandwidth_up_to_rounding_have_no_weight() {
        let tenths = (0..36).map(|k| (f64::from(k % 6) * 0.1, f64::from(k / 6) * 0.1));
        let lattice = Points::planar(tenths).unwrap();
        for kernel in [
            Kernel::fixed(F::Triangular, 0.1),
            Kernel::fixed(F::Cosine, 0.1),
            Kernel::adaptive(F::Epanechnikov, 2),
        ] {
            let w = Weights::kernel(&lattice, kernel).unwrap();
            assert_eq!(w.links(), 0);
        }
        let w = Weights::kernel(&lattice, Kernel::fixed(F::Uniform, 0.1)).unwrap();
        assert_eq!(w.links(), 120);
    }

    #[test]
    fn all_pairs_where_the_function_has_no_end() {
        let points = columbus_points();
        let w = Weights::kernel(&points, Kernel::adaptive(F::Gaussian, 6).untruncated()).unwrap();
        assert_eq!(w.links(), 49 * 48);
        let near = Weights::kernel(&points, Kernel::adaptive(F::Gaussian, 6)).unwrap();
        for (j, v) in near.neighbours(3) {
            assert_eq!(v, w.weight(3, j));
        }
        let far = Points::planar([(0.0, 0.0), (1.0, 0.0), (1e9, 0.0)]).unwrap();
        let e =
            Weights::kernel(&far, Kernel::fixed(F::Exponential, 1.0).untruncated()).unwrap_err();
        assert!(matches!(e, Error::InvalidLink { .. }), "{e}");
    }

    #[test]
    fn bad_options() {
        let points = Points::planar([(0.0, 0.0), (0.0, 0.0), (1.0, 0.0)]).unwrap();
        for kernel in [
            Kernel::fixed(F::Uniform, 0.0),
            Kernel::fixed(F::Uniform, f64::NAN),
            Kernel::adaptive(F::Uniform, 0),
            Kernel::adaptive(F::Uniform, 3),
            Kernel::fixed(F::Uniform, 1.0).untruncated(),
        ] {
            let e = Weights::kernel(&points, kernel).unwrap_err();
            assert!(matches!(e, Error::InvalidOption { .. }), "{e}");
        }
        // one place with two longitudes, whose distance is rounding
        let dateline = Points::lon_lat([(180.0, 20.0), (-180.0, 20.0), (0.0, 0.0)]).unwrap();
        let e = Weights::kernel(&dateline, Kernel::adaptive(F::Uniform, 1)).unwrap_err();
        assert!(matches!(e, Error::Unsupported { .. }), "{e}");
        let e = Weights::kernel(&points, Kernel::adaptive(F::Uniform, 1)).unwrap_err();
        assert!(
            matches!(&e, Error::Unsupported { what, .. } if what.contains("`0`")),
            "{e}"
        );
        let own = Weights::kernel(&points, Kernel::fixed(F::Quartic, 0.5).with_diagonal()).unwrap();
        assert_eq!((own.weight(0, 1), own.weight(2, 2)), (0.9375, 0.9375));
    }
}
