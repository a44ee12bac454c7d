//! Vector registers, left as the code that comes next wants them.

/// Runs a kernel of faer, then clears the upper parts of the vector registers.
///
/// Its assembly for matrix products leaves them in use. On Intel's processors all scalar arithmetic of the thread is then some ten times slower, long
/// after the kernel, until an instruction clears them: the measures of dispersion of 3,000 units in 40 years took 8 ms before a regression and 100 ms
/// after one. A function compiled for wide registers ends with that instruction, so that one which hardly does anything is enough; it costs some
/// nanoseconds.
#[inline]
pub(crate) fn with_wide<T>(kernel: impl FnOnce() -> T) -> T {
    let out = kernel();
    std::hint::black_box(pulp::Arch::new().dispatch(Clear));
    out
}

struct Clear;

impl pulp::WithSimd for Clear {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> f64 {
        // A whole register has to be written and read, lest the compiler gets by with a part of it, or without.
        let one = simd.splat_f64s(std::hint::black_box(1.0));
        let two = std::hint::black_box(simd.add_f64s(one, one));
        simd.reduce_sum_f64s(two)
    }
}
