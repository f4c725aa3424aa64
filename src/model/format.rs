//! Numbers as people read them: `12µs`, `182ms`, `1.3s`, `4m10s`; `1.2G` for GiB, or powers of ten with `--si`.
//!
//! One writer for the screen, the snapshot and the messages of rules, so that a figure reads the same everywhere.

use std::time::Duration;

use super::unit::Unit;

/// What stands for a figure that is not known.
pub const UNKNOWN: &str = "–";

/// How numbers are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Formatter {
    /// Powers of 1000 instead of 1024 for sizes.
    pub si: bool,
}

impl Formatter {
    /// `value` in `unit`; [`UNKNOWN`] when there is none or it is not a number.
    #[must_use]
    pub fn value(self, unit: Unit, value: Option<f64>) -> String {
        let Some(value) = value.filter(|v| v.is_finite()) else {
            return UNKNOWN.to_owned();
        };
        match unit {
            Unit::Percent => percent(value),
            Unit::Bytes => self.bytes(value),
            Unit::BytesPerSec => format!("{}/s", self.bytes(value)),
            Unit::Count => count(value),
            Unit::PerSec => format!("{}/s", count(value)),
            Unit::Millis => millis(value),
            Unit::Seconds => millis(value * 1000.0),
            Unit::Celsius => format!("{value:.0}°C"),
            Unit::Megahertz if value >= 1000.0 => format!("{:.2}GHz", value / 1000.0),
            Unit::Megahertz => format!("{value:.0}MHz"),
            Unit::Watts => format!("{value:.0}W"),
            Unit::Ratio => format!("{value:.2}"),
            Unit::Usd => format!("${value:.2}"),
        }
    }

    /// A size in at most five characters: `0`, `812`, `1.2K`, `655M`, `1.3G`.
    #[must_use]
    pub fn bytes(self, value: f64) -> String {
        let base = if self.si { 1000.0 } else { 1024.0 };
        let sign = if value < 0.0 { "-" } else { "" };
        let mut rest = value.abs();
        for suffix in ["", "K", "M", "G", "T", "P"] {
            // 999.5 would round to 1000 and grow a fourth digit.
            if rest < 999.5 {
                return if suffix.is_empty() || rest >= 99.95 {
                    format!("{sign}{rest:.0}{suffix}")
                } else {
                    format!("{sign}{rest:.1}{suffix}")
                };
            }
            rest /= base;
        }
        format!("{sign}{rest:.1}E")
    }
}

/// A percentage: `0.4%`, `37%`. One decimal below ten, where it matters.
fn percent(value: f64) -> String {
    if value.abs() < 9.95 {
        format!("{value:.1}%")
    } else {
        format!("{value:.0}%")
    }
}

/// A count in at most five characters: `12`, `0.4`, `1.2k`, `655k`, `1.1M`.
#[must_use]
pub fn count(value: f64) -> String {
    let size = value.abs();
    if size < 9.95 && (value.fract().abs() > 0.049) {
        return format!("{value:.1}");
    }
    if size < 999.5 {
        return format!("{value:.0}");
    }
    let mut rest = value;
    for suffix in ["k", "M", "G", "T"] {
        rest /= 1000.0;
        if rest.abs() < 99.95 {
            return format!("{rest:.1}{suffix}");
        }
        if rest.abs() < 999.5 {
            return format!("{rest:.0}{suffix}");
        }
    }
    format!("{rest:.0}T")
}

/// A whole number with thousands separated: `1,204`.
#[must_use]
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A duration given in milliseconds: `12µs`, `182ms`, `1.3s`, `4m10s`, `3h05m`, `2d04h`.
#[must_use]
pub fn millis(value: f64) -> String {
    if value < 0.0 {
        return format!("-{}", millis(-value));
    }
    if value == 0.0 {
        return "0ms".to_owned();
    }
    if value < 0.9995 {
        return format!("{:.0}µs", value * 1000.0);
    }
    if value < 9.95 {
        return format!("{value:.1}ms");
    }
    if value < 999.5 {
        return format!("{value:.0}ms");
    }
    if value < 59_950.0 {
        return format!("{:.1}s", value / 1000.0);
    }
    duration(Duration::from_secs_f64(value / 1000.0))
}

/// A span of whole seconds: `42s`, `4m10s`, `3h05m`, `2d04h`.
#[must_use]
pub fn duration(span: Duration) -> String {
    let s = span.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m{:02}s", s / 60, s % 60),
        3600..86_400 => format!("{}h{:02}m", s / 3600, s % 3600 / 60),
        _ => format!("{}d{:02}h", s / 86_400, s % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_to_the_words_of_the_field() {
        let iec = Formatter::default();
        let cases = [
            (Unit::Percent, 0.42, "0.4%"),
            (Unit::Percent, 37.2, "37%"),
            (Unit::Bytes, 0.0, "0"),
            (Unit::Bytes, 1024.0 * 1.2, "1.2K"),
            (Unit::Bytes, 1023.9, "1.0K"),
            (Unit::Bytes, 655.0 * 1024.0 * 1024.0, "655M"),
            (Unit::BytesPerSec, 1.3 * 1024.0 * 1024.0 * 1024.0, "1.3G/s"),
            (Unit::Millis, 0.012, "12µs"),
            (Unit::Millis, 182.0, "182ms"),
            (Unit::Millis, 1300.0, "1.3s"),
            (Unit::Seconds, 250.0, "4m10s"),
            (Unit::Seconds, 59.97, "59s"),
            (Unit::Count, 12_400.0, "12.4k"),
            (Unit::Celsius, 61.2, "61°C"),
        ];
        for (unit, value, text) in cases {
            assert_eq!(iec.value(unit, Some(value)), text, "{unit:?} {value}");
        }
        assert_eq!(iec.value(Unit::Percent, None), UNKNOWN);
        assert_eq!(iec.value(Unit::Percent, Some(f64::NAN)), UNKNOWN);
        assert_eq!(Formatter { si: true }.bytes(1_200_000.0), "1.2M");
        assert_eq!(grouped(1_204_000), "1,204,000");
    }

    #[test]
    fn sizes_never_outgrow_their_column() {
        for si in [false, true] {
            let mut value = 1.0;
            while value < 1e18 {
                let text = Formatter { si }.bytes(value);
                assert!(text.len() <= 5, "{value} is {text}");
                value *= 1.01;
            }
        }
    }
}
