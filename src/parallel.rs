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

/// As [`map_indexed`], with working memory that calls may share one after another; results must not depend on what it holds.
#[cfg(feature = "rayon")]
pub(crate) fn map_with_memory<M: Send, T: Send>(
    count: usize,
    memory: impl Fn() -> M + Sync + Send,
    f: impl Fn(&mut M, usize) -> T + Sync + Send,
) -> Vec<T> {
    (0..count).into_par_iter().map_init(memory, f).collect()
}

/// As [`map_indexed`], with working memory that calls may share one after another; results must not depend on what it holds.
#[cfg(not(feature = "rayon"))]
pub(crate) fn map_with_memory<M: Send, T: Send>(
    count: usize,
    memory: impl Fn() -> M + Sync + Send,
    f: impl Fn(&mut M, usize) -> T + Sync + Send,
) -> Vec<T> {
    let mut memory = memory();
    (0..count).map(|i| f(&mut memory, i)).collect()
}

/// f(0, first `size` elements), f(1, the next ones), …, in that order; results must depend on `size`, not on the threads.
#[cfg(feature = "rayon")]
pub(crate) fn map_chunks<E: Send, T: Send>(
    elements: &mut [E],
    size: usize,
    f: impl Fn(usize, &mut [E]) -> T + Sync + Send,
) -> Vec<T> {
    let chunks = elements.par_chunks_mut(size).enumerate();
    chunks.map(|(k, chunk)| f(k, chunk)).collect()
}

/// f(0, first `size` elements), f(1, the next ones), …, in that order; results must depend on `size`, not on the threads.
#[cfg(not(feature = "rayon"))]
pub(crate) fn map_chunks<E: Send, T: Send>(
    elements: &mut [E],
    size: usize,
    f: impl Fn(usize, &mut [E]) -> T + Sync + Send,
) -> Vec<T> {
    let chunks = elements.chunks_mut(size).enumerate();
    chunks.map(|(k, chunk)| f(k, chunk)).collect()
}

/// f and g, side by side where the feature `rayon` is on.
pub(crate) fn join<A: Send, B: Send>(
    f: impl FnOnce() -> A + Send,
    g: impl FnOnce() -> B + Send,
) -> (A, B) {
    #[cfg(feature = "rayon")]
    return rayon::join(f, g);
    #[cfg(not(feature = "rayon"))]
    return (f(), g());
}

/// Number of threads, for cutting work into as many blocks; the result must not depend on it.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    return 1;
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
