//! The answer to INFO.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hubtop::fuzzing::redis_info(bytes));
