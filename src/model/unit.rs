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

    /// A value with as many digits as are worth keeping: whole numbers as they are, percent to the hundredth (nearer to
    /// 0 and to 100, where objectives of many nines live, two digits of the distance), others with four significant
    /// digits, seconds with five and money with six. Every figure is rounded once, before it is shown, judged or kept, so
    /// that all of these speak of the same number, and a history takes a byte a sample rather than seven.
    #[must_use]
    pub fn rounded(self, value: f64) -> f64 {
        if !value.is_finite() || value == value.trunc() {
            return value;
        }
        let decimals = match self {
            Self::Percent => {
                let to_the_end = value.abs().min((100.0 - value).abs());
                decimals_of(to_the_end, 2).max(2)
            }
            Self::Seconds => decimals_of(value, 5),
            Self::Usd => decimals_of(value, 6),
            _ => decimals_of(value, 4),
        };
        let rounded = to_decimals(value, decimals);
        if rounded.is_finite() { rounded } else { value }
    }
}

/// How many decimals so many significant digits of a value are; less than none where it is large.
fn decimals_of(value: f64, digits: i32) -> i32 {
    digits - 1 - value.abs().log10().floor() as i32
}

/// The nearest number of so many decimals. Powers of ten above one are exact, those below are not.
fn to_decimals(value: f64, decimals: i32) -> f64 {
    let power = 10f64.powi(decimals.abs());
    if decimals < 0 {
        (value / power).round() * power
    } else {
        (value * power).round() / power
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::metric::METRICS;

    #[test]
    fn the_word_is_the_one_that_is_serialized() {
        for def in METRICS {
            let written = serde_json::to_value(def.unit).unwrap();
            assert_eq!(written, def.unit.word());
        }
    }

    const ALL: [Unit; 6] = [
        Unit::Percent,
        Unit::BytesPerSec,
        Unit::Millis,
        Unit::Seconds,
        Unit::Ratio,
        Unit::Usd,
    ];

    #[test]
    fn as_many_digits_are_kept_as_are_worth_it() {
        for (unit, value, kept) in [
            (Unit::Percent, 3.274_21, 3.27),
            (Unit::Percent, 0.004_123, 0.0041),
            (Unit::Percent, 99.995_12, 99.9951),
            (Unit::Percent, 99.712_34, 99.71),
            (Unit::Percent, 512.345_6, 512.35),
            (Unit::BytesPerSec, 8_123_456.78, 8_123_000.0),
            (Unit::BytesPerSec, 8_123_456.0, 8_123_456.0),
            (Unit::Millis, 0.123_456, 0.1235),
            (Unit::Seconds, 86_401.26, 86_401.0),
            (Unit::Usd, 1234.567, 1234.57),
            (Unit::Ratio, -1.234_567, -1.235),
        ] {
            assert_eq!(unit.rounded(value).to_string(), kept.to_string(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_rounded_value_is_near_and_stays(value in any::<f64>(), small in -1e6..1e6f64) {
            for unit in ALL {
                for value in [value, small] {
                    let rounded = unit.rounded(value);
                    prop_assert!(unit.rounded(rounded).to_bits() == rounded.to_bits() || rounded.is_nan());
                    let off = (rounded - value).abs();
                    let allowed = (value.abs() * 5.1e-4).max(if unit == Unit::Percent { 0.005_1 } else { 0.0 });
                    prop_assert!(off <= allowed || !value.is_finite(), "{value} became {rounded}");
                }
            }
        }
    }
}
