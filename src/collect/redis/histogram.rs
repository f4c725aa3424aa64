//! The answer to LATENCY HISTOGRAM (Redis 7): for each command how many calls took at most 1, 2, 4, 8, 16, 33 µs and
//! so on, counted since the last reset.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use redis::Value;

use crate::model::{Buckets, Distribution};

/// Finite buckets, and one for what takes longer than half a second: the server's own histogram ends at 1 s.
const BUCKETS: usize = 21;
/// The upper bound of the first one, µs. The server tells the highest value that its HdrHistogram (two significant
/// digits, so 7 bits) can't tell from 1024 ns: 1031 ns, and doubles from there.
const FIRST_BOUND_US: f64 = 1.032;
/// More commands than any server has.
const MOST_COMMANDS: usize = 1024;

/// How many calls of one command fell into each bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calls([u64; BUCKETS]);

/// Calls by command, in lower case as the server names it: `get`, `client|list`.
pub type Histograms = HashMap<Box<str>, Calls>;

/// Reads the answer; what is not understood is left out.
#[must_use]
pub fn parse_histogram(answer: &Value) -> Histograms {
    let commands = pairs(answer).take(MOST_COMMANDS);
    commands
        .filter_map(|(name, about)| {
            let (_, counted) = pairs(about).find(|(key, _)| text(key) == Some("histogram_usec"))?;
            Some((text(name)?.into(), calls(counted)))
        })
        .collect()
}

/// Bounds with cumulated counts; only bounds at which the count rises are told.
fn calls(counted: &Value) -> Calls {
    let mut calls = Calls::default();
    let mut below = 0;
    for (bound, cumulated) in pairs(counted).take(64) {
        if let (Value::Int(bound), Value::Int(cumulated)) = (bound, cumulated) {
            let cumulated = u64::try_from(*cumulated).unwrap_or(0);
            calls.0[place(*bound)] += cumulated.saturating_sub(below);
            below = cumulated.max(below);
        }
    }
    calls
}

/// The bucket whose upper bound, cut to whole microseconds, is told as this.
fn place(bound_us: i64) -> usize {
    let doublings = (bound_us.max(1) as f64 / 1.024).log2().round();
    (doublings.max(0.0) as usize).min(BUCKETS - 1)
}

impl Calls {
    /// What came since an earlier count; `None` when it was reset in between.
    #[must_use]
    pub fn since(&self, before: &Self) -> Option<Distribution> {
        let mut counts = Vec::with_capacity(BUCKETS);
        for (now, before) in self.0.iter().zip(&before.0) {
            counts.push(now.checked_sub(*before)? as f64);
        }
        Some(Distribution::Buckets(Buckets {
            bounds_ms: bounds_ms(),
            counts,
            sum_ms: None,
        }))
    }
}

fn bounds_ms() -> Arc<[f64]> {
    static BOUNDS: OnceLock<Arc<[f64]>> = OnceLock::new();
    let make = || {
        let finite = (0..BUCKETS - 1).map(|n| FIRST_BOUND_US * f64::powi(2.0, n as i32) / 1000.0);
        finite.chain([f64::INFINITY]).collect()
    };
    BOUNDS.get_or_init(make).clone()
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// Keys and values, which older protocols tell as one flat list.
fn pairs(value: &Value) -> Box<dyn Iterator<Item = (&Value, &Value)> + '_> {
    match value {
        Value::Map(pairs) => Box::new(pairs.iter().map(|(key, value)| (key, value))),
        Value::Array(flat) => Box::new(flat.chunks_exact(2).map(|pair| (&pair[0], &pair[1]))),
        _ => Box::new(std::iter::empty()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(text: &str) -> Value {
        redis::parse_redis_value(text.replace(' ', "\r\n").as_bytes()).unwrap()
    }

    /// As Redis 7.0.15 writes it: `get` with 3 calls up to 4 µs, 97 more up to 33 µs.
    const GET: &str = "*2 $3 get *4 $5 calls :100 $14 histogram_usec *4 :4 :3 :33 :100 ";

    #[test]
    fn the_buckets_of_an_interval_are_told_with_their_bounds() {
        let told = parse_histogram(&answer(GET));
        let calls = told["get"];
        assert_eq!((calls.0[2], calls.0[5]), (3, 97));
        let all = calls.since(&Calls::default()).unwrap();
        assert_eq!(all.count(), 100);
        let p99 = all.quantile(0.99).unwrap();
        let (lower, upper) = p99.bounds_ms.unwrap();
        assert_eq!(((lower * 1e3) as u32, (upper * 1e3) as u32), (16, 33));
        assert_eq!(calls.since(&calls).unwrap().count(), 0);
        assert_eq!(Calls::default().since(&calls), None, "it was reset");
    }

    #[test]
    fn every_bound_that_the_server_tells_has_its_bucket() {
        let told = [
            1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227, 8454, 16_908, 33_816, 67_633,
            135_266, 270_532, 541_065, 1_082_130,
        ];
        for (n, bound) in told.into_iter().enumerate() {
            assert_eq!(place(bound), n);
            if n + 1 < BUCKETS {
                let us = bounds_ms()[n] * 1000.0;
                assert_eq!(us as i64, bound, "cut to whole microseconds");
            }
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..120) {
            if let Ok(value) = redis::parse_redis_value(&bytes) {
                let _ = parse_histogram(&value);
            }
            let whole = GET.replace(' ', "\r\n");
            let mut changed = whole.into_bytes();
            let place = cut % changed.len();
            changed[place] = bytes.first().copied().unwrap_or(b':');
            if let Ok(value) = redis::parse_redis_value(&changed) {
                let _ = parse_histogram(&value);
            }
        }
    }
}
