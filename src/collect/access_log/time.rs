//! When a line was written, in the forms that servers write.

use chrono::{DateTime, Local, NaiveDateTime};

use crate::model::Timestamp;

/// `21/Nov/2026:07:44:33 +0000`, ISO 8601, HAProxy's `21/Nov/2026:07:44:32.837` (local time) or seconds since 1970.
#[must_use]
pub fn time_of(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(Timestamp((seconds * 1e3) as i64));
    }
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%d/%b/%Y:%H:%M:%S %z"));
    if let Ok(zoned) = zoned {
        return Some(Timestamp(zoned.timestamp_millis()));
    }
    let local = NaiveDateTime::parse_from_str(text, "%d/%b/%Y:%H:%M:%S%.f").ok()?;
    let local = local.and_local_timezone(Local).earliest()?;
    Some(Timestamp(local.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_the_same_moment() {
        let forms = [
            "21/Nov/2026:08:44:33 +0100",
            "2026-11-21T07:44:33+00:00",
            "2026-11-21T07:44:33.000Z",
            "1795247073.000",
        ];
        for form in forms {
            assert_eq!(time_of(form), Some(Timestamp(1_795_247_073_000)), "{form}");
        }
        assert!(time_of("21/Nov/2026:07:44:32.837").is_some());
        assert_eq!(time_of("yesterday"), None);
    }
}
