//! Work over threads where the feature `rayon` is on, one after the other where it is not; the results are the same.

#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// f(0), f(1), …, f(count - 1), in that order. `f` must depend on its argument alone.
#[cfg(feature = "rayon")]
pub(crate) fn map_indexed<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..count).into_par_iter().map(f).collect()
}

/// f(0), f(1), …, f(count - 1), in that order. `f` must depend on its argument alone.
#[cfg(not(feature = "rayon"))]
pub(crate) fn map_indexed<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..count).map(f).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        let squares = map_indexed(1000, |i| i * i);
        assert!(squares.iter().enumerate().all(|(i, &s)| s == i * i));
        assert!(map_indexed(0, |i| i).is_empty());
    }
}
