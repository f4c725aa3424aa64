//! Spans of time as people write them in settings: `250ms`, `30s`, `1m30s`, `2d`, `1y` (365 days).

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Parts of a number and a unit, one after the other; `None` for what is no span.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, tail) = split_number(rest)?;
        let unit_end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let seconds = match &tail[..unit_end] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            "y" => 365.0 * 86_400.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number * seconds).ok()?;
        // What was meant is whole milliseconds; 1.1 s is not 1.100000000000000088 s.
        sum = sum.checked_add(Duration::from_millis(
            part.as_secs_f64().mul_add(1000.0, 0.5) as u64,
        ))?;
        rest = &tail[unit_end..];
    }
    Some(sum)
}

/// The number that `text` begins with, and the rest.
#[must_use]
pub fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    Some((number, text[end..].trim_start()))
}

/// For serde's `deserialize_with` on a field that may be left out.
///
/// # Errors
/// When there is something else than a span.
pub fn optional<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(input)?;
    parse(&text)
        .map(Some)
        .ok_or_else(|| D::Error::custom(format!("{text:?} is no time; write 30s, 5m or 1h")))
}

/// For serde's `serialize_with`: a span in seconds.
///
/// # Errors
/// Those of the writer.
pub fn in_seconds<S: Serializer>(span: &Duration, output: S) -> Result<S::Ok, S::Error> {
    output.serialize_f64(span.as_secs_f64())
}

/// For serde's `with`: a span in seconds where people read it, exactly where programs do; where it is known.
pub mod known_in_seconds {
    use super::{Deserialize, Deserializer, Duration, Serialize, Serializer, in_seconds};

    /// Writes it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn serialize<S: Serializer>(span: &Option<Duration>, output: S) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) if output.is_human_readable() => in_seconds(span, output),
            span => span.serialize(output),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// When there is something else than a span.
    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Duration>, D::Error> {
        if input.is_human_readable() {
            let seconds = Option::<f64>::deserialize(input)?;
            return Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()));
        }
        Option::deserialize(input)
    }
}

/// For serde's `with`: a span in whole milliseconds where people read it, exactly where programs do.
pub mod in_millis {
    use super::{Deserialize, Deserializer, Duration, Serialize, Serializer};

    /// Writes it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn serialize<S: Serializer>(span: &Duration, output: S) -> Result<S::Ok, S::Error> {
        if output.is_human_readable() {
            return output.serialize_u64(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        }
        span.serialize(output)
    }

    /// Reads it.
    ///
    /// # Errors
    /// When there is something else than a span.
    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
        if input.is_human_readable() {
            return u64::deserialize(input).map(Duration::from_millis);
        }
        Duration::deserialize(input)
    }
}
