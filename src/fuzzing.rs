//! The doors of the fuzz targets and of `tests/corpus.rs`: bytes from outside into each parser. The program uses none of
//! them.

use crate::collect;

/// A parser: what it is called (the name of its target and of the folder of its corpus), and its door.
pub type Entry = (&'static str, fn(&[u8]));

/// Every parser of bytes from outside, one line each.
pub const ENTRIES: &[Entry] = &[("metrics_page", metrics_page)];

/// Two pages of one source, the second behind the first zero byte.
pub fn metrics_page(bytes: &[u8]) {
    let (first, second) = match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, bytes),
    };
    collect::metrics::read_apart(&[first, second]);
}
