//! What a number is measured in.

use serde::{Deserialize, Serialize};

/// The unit of a metric; [`super::Formatter`] writes values in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 0 to 100 (or beyond, for sums over cores).
    Percent,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSec,
    /// A plain count of things.
    Count,
    /// Things a second.
    PerSec,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Degrees Celsius.
    Celsius,
    /// Megahertz.
    Megahertz,
    /// Watts.
    Watts,
    /// A number without a unit: a load, a ratio, a score.
    Ratio,
    /// United States dollars.
    Usd,
}
