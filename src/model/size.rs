//! Sizes in bytes as people write them in settings: `32MB`, `64MiB`.

use serde::{Deserialize, Deserializer, de::Error};

use super::span;

/// A number and a unit: powers of 1000 (`MB`) or of 1024 (`MiB`); `None` for what is no size.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let (number, unit) = span::split_number(text.trim())?;
    let factor: f64 = match unit.to_ascii_lowercase().as_str() {
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some((number * factor) as u64)
}

/// For serde's `deserialize_with` on a field that may be left out.
///
/// # Errors
/// When there is something else than a size.
pub fn optional<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(input)?;
    parse(&text)
        .map(Some)
        .ok_or_else(|| D::Error::custom(format!("{text:?} is no size; write 32MB or 64MiB")))
}
