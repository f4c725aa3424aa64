//! Lines of access logs.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hubtop::fuzzing::access_log(bytes));
