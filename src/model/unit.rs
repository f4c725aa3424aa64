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

impl Unit {
    /// Its word in whatever programs read: `bytes_per_sec`; the same as serde writes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Bytes => "bytes",
            Self::BytesPerSec => "bytes_per_sec",
            Self::Count => "count",
            Self::PerSec => "per_sec",
            Self::Millis => "millis",
            Self::Seconds => "seconds",
            Self::Celsius => "celsius",
            Self::Megahertz => "megahertz",
            Self::Watts => "watts",
            Self::Ratio => "ratio",
            Self::Usd => "usd",
        }
    }

    /// A value with as many digits as are worth keeping: whole numbers as they are, others with five significant digits.
    /// Every figure is rounded once, before it is shown, judged or kept, so that all of these speak of the same number,
    /// and a history takes a byte a sample rather than seven.
    #[must_use]
    pub fn rounded(self, value: f64) -> f64 {
        const DIGITS: i32 = 5;
        if !value.is_finite() || value == value.trunc() {
            return value;
        }
        let exponent = DIGITS - 1 - value.abs().log10().floor() as i32;
        let scale = 10f64.powi(exponent);
        let rounded = (value * scale).round() / scale;
        if rounded.is_finite() { rounded } else { value }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::metric::METRICS;

    #[test]
    fn the_word_is_the_one_that_is_serialized() {
        for def in METRICS {
            let written = serde_json::to_value(def.unit).unwrap();
            assert_eq!(written, def.unit.word());
        }
    }
}
