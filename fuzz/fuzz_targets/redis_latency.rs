//! The answer to LATENCY HISTOGRAM.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hubtop::fuzzing::redis_latency(bytes));
