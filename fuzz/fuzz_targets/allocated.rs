//! An allocator that stops the process where a target takes more memory than its input allows; `mod allocated;` puts it to work.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Bounded;

static USED: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

// SAFETY: every call is passed on to the system's allocator.
unsafe impl GlobalAlloc for Bounded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let used = USED.fetch_add(layout.size(), Relaxed) + layout.size();
        if used > LIMIT.load(Relaxed) {
            std::process::abort();
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Bounded = Bounded;

/// Runs a call that may allocate 128 kB, and `most` bytes for each byte of its input.
pub fn bounded<T>(input: usize, most: usize, call: impl FnOnce() -> T) -> T {
    LIMIT.store(USED.load(Relaxed) + 131_072 + most * input, Relaxed);
    let result = call();
    LIMIT.store(usize::MAX, Relaxed);
    result
}
