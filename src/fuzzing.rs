//! The doors of the fuzz targets and of `tests/corpus.rs`: bytes from outside into each parser. The program uses none of
//! them.

use std::hint::black_box;

use crate::collect::access_log::format::Choice;
use crate::collect::{metrics, redis};

/// A parser: what it is called (the name of its target and of the folder of its corpus), and its door.
pub type Entry = (&'static str, fn(&[u8]));

/// Every parser of bytes from outside, one line each.
pub const ENTRIES: &[Entry] = &[
    ("metrics_page", metrics_page),
    ("access_log", access_log),
    ("log_format", log_format),
    ("redis_info", redis_info),
    ("redis_latency", redis_latency),
];

/// Two pages of one source, the second behind the first zero byte.
pub fn metrics_page(bytes: &[u8]) {
    let (first, second) = match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, bytes),
    };
    black_box(metrics::read_apart(&[first, second]));
}

/// Lines of an access log; each of them may be the one that the format is told from.
pub fn access_log(bytes: &[u8]) {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let formats = lines.iter().filter_map(|line| Choice::Auto.detect(line));
    for format in formats.take(8) {
        for line in &lines {
            black_box(format.read(line).map(|line| line.latency_ms()).ok());
        }
    }
}

/// A `log_format` of nginx in the first line, and lines to read by it.
pub fn log_format(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let format = lines.next().map(String::from_utf8_lossy);
    let Some(Ok(Choice::Given(format))) = format.map(|format| Choice::of(Some(&format))) else {
        return;
    };
    for line in lines {
        black_box(format.read(line).map(|line| line.latency_ms()).ok());
    }
}

/// The answer to INFO.
pub fn redis_info(bytes: &[u8]) {
    let info = redis::parse_info(bytes);
    for (name, value) in info.beginning("cmdstat_") {
        black_box((info.number(name), redis::part_number(value, "calls")));
    }
}

/// The answer to LATENCY HISTOGRAM as it comes over the connection.
pub fn redis_latency(bytes: &[u8]) {
    if let Ok(answer) = ::redis::parse_redis_value(bytes) {
        black_box(redis::parse_histogram(&answer));
    }
}
