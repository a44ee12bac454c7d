//! Numbers in binary files, at positions that may lie beyond their end.

/// The bytes at a position, where there are as many.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// A big-endian integer that counts something.
pub(super) fn count_be(bytes: &[u8], at: usize) -> Option<usize> {
    i32::from_be_bytes(array(bytes, at)?).try_into().ok()
}

/// A little-endian integer that counts something.
pub(super) fn count_le(bytes: &[u8], at: usize) -> Option<usize> {
    i32::from_le_bytes(array(bytes, at)?).try_into().ok()
}

pub(super) fn f64_le(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(array(bytes, at)?))
}
