//! Pages of metrics, two of one source after the other.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hubtop::fuzzing::metrics_page(bytes));
