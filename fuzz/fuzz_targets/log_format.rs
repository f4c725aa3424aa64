//! A log_format of nginx, and lines by it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hubtop::fuzzing::log_format(bytes));
