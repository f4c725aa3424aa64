//! Moments as people type them: `14:28`, `-34m`, `yesterday 9:00`. For the prompt of the screen and for options of the
//! command line.

use chrono::{
    DateTime, Days, Local, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc,
};

use super::clock::Timestamp;
use super::span;

/// How a moment may be typed, for help and for what is said of a text that is none.
pub const FORMS: &str =
    "14:28, 14:28:07, -34m, yesterday 9:00, 2026-11-21 14:28 or seconds since 1970";

/// Fewer digits than this are no seconds since 1970 that anybody means: those would lie before September 2001.
const SECONDS_DIGITS: usize = 10;

/// The moment that a text names, in the time zone of the machine.
///
/// A time of day is the last such time that is not after `latest`; `-34m` is so long before `latest`; `today` and
/// `yesterday` are the days of `now`.
///
/// # Errors
/// What is wrong with the text, in one line with the forms that there are; also when the moment is after `latest`.
pub fn parse(text: &str, now: Timestamp, latest: Timestamp) -> Result<Timestamp, String> {
    parse_in(&Local, text, now, latest)
}

fn parse_in<Z: TimeZone>(
    zone: &Z,
    text: &str,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Timestamp, String> {
    let text = text.trim();
    let no_moment = || format!("{text:?} is no time; write {FORMS}");
    if let Some(back) = text.strip_prefix(['-', '−']) {
        let back = span::parse(back).ok_or_else(no_moment)?;
        return Ok(latest.minus(back));
    }
    if let Some(time) = time_of_day(text) {
        return last_time_of_day(zone, time, latest);
    }
    let named = match seconds(text).or_else(|| zoned(text)) {
        Some(moment) => moment,
        None => {
            let local = local_time(zone, text, now).ok_or_else(no_moment)?;
            of_local(zone.from_local_datetime(&local), latest)
                .ok_or_else(|| skipped(&local.time()))?
        }
    };
    if named > latest {
        let latest = in_zone(zone, latest).format("%Y-%m-%d %H:%M:%S");
        return Err(format!(
            "{text} is later than the latest there is, {latest}"
        ));
    }
    Ok(named)
}

/// Seconds since 1970.
fn seconds(text: &str) -> Option<Timestamp> {
    let whole = text.split('.').next()?;
    let is_number = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !is_number || whole.len() < SECONDS_DIGITS {
        return None;
    }
    let seconds: f64 = text.parse().ok()?;
    Some(Timestamp((seconds * 1000.0).round() as i64))
}

/// A moment that says its own zone, as logs and tickets have it: `2026-11-21T14:28:07Z`.
fn zoned(text: &str) -> Option<Timestamp> {
    let moment = DateTime::parse_from_rfc3339(text).ok()?;
    Some(Timestamp(moment.timestamp_millis()))
}

/// A day with a time; a day alone is its beginning.
fn local_time<Z: TimeZone>(zone: &Z, text: &str, now: Timestamp) -> Option<NaiveDateTime> {
    let iso = || {
        text.split_once('T')
            .filter(|(day, _)| day.starts_with(|c: char| c.is_ascii_digit()))
    };
    let (day, time) = match text.split_once(' ').or_else(iso) {
        Some((day, time)) => (day, time_of_day(time.trim())?),
        None => (text, NaiveTime::MIN),
    };
    let today = in_zone(zone, now).date();
    let day = match day.to_lowercase().as_str() {
        "today" => today,
        "yesterday" => today.checked_sub_days(Days::new(1))?,
        day => NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?,
    };
    Some(day.and_time(time))
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

/// Today's, or yesterday's where today's is yet to come; the day before that where the clocks left it out.
fn last_time_of_day<Z: TimeZone>(
    zone: &Z,
    time: NaiveTime,
    latest: Timestamp,
) -> Result<Timestamp, String> {
    let today = in_zone(zone, latest).date();
    (0..3)
        .filter_map(|back| today.checked_sub_days(Days::new(back)))
        .filter_map(|day| of_local(zone.from_local_datetime(&day.and_time(time)), latest))
        .find(|moment| *moment <= latest)
        .ok_or_else(|| skipped(&time))
}

/// Where the clocks were set back an hour is there twice: the later one that is not after `latest`.
fn of_local<Z: TimeZone>(
    mapped: MappedLocalTime<DateTime<Z>>,
    latest: Timestamp,
) -> Option<Timestamp> {
    let moment = |time: &DateTime<Z>| Timestamp(time.timestamp_millis());
    match mapped {
        MappedLocalTime::Single(time) => Some(moment(&time)),
        MappedLocalTime::Ambiguous(first, second) => Some(
            Some(moment(&second))
                .filter(|second| *second <= latest)
                .unwrap_or_else(|| moment(&first)),
        ),
        MappedLocalTime::None => None,
    }
}

fn skipped(time: &NaiveTime) -> String {
    format!(
        "there was no {} that day: the clocks were put forward",
        time.format("%H:%M")
    )
}

/// The wall clock of a zone.
fn in_zone<Z: TimeZone>(zone: &Z, at: Timestamp) -> NaiveDateTime {
    let utc = Utc.timestamp_millis_opt(at.0).single().unwrap_or_default();
    utc.with_timezone(zone).naive_local()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::FixedOffset;

    use super::*;

    /// 2026-11-21 14:32:07 at +01:00.
    const NOON: Timestamp = Timestamp(1_795_267_927_000);

    fn zone() -> FixedOffset {
        FixedOffset::east_opt(3600).unwrap()
    }

    fn told(text: &str) -> Result<String, String> {
        told_of(text, NOON)
    }

    /// What a text means on 2026-11-21 at 14:32:07 when there is nothing after `latest`.
    fn told_of(text: &str, latest: Timestamp) -> Result<String, String> {
        let moment = parse_in(&zone(), text, NOON, latest)?;
        let local = in_zone(&zone(), moment);
        Ok(local.format("%Y-%m-%d %H:%M:%S%.3f").to_string())
    }

    #[test]
    fn every_form_names_its_moment() {
        for (text, moment) in [
            ("14:28", "2026-11-21 14:28:00.000"),
            (" 14:28:07 ", "2026-11-21 14:28:07.000"),
            ("9:05", "2026-11-21 09:05:00.000"),
            ("14:32:07", "2026-11-21 14:32:07.000"),
            ("14:33", "2026-11-20 14:33:00.000"),
            ("-34m", "2026-11-21 13:58:07.000"),
            ("−1h30m", "2026-11-21 13:02:07.000"),
            ("-500ms", "2026-11-21 14:32:06.500"),
            ("-2d", "2026-11-19 14:32:07.000"),
            ("yesterday 9:00", "2026-11-20 09:00:00.000"),
            ("Today 0:10", "2026-11-21 00:10:00.000"),
            ("yesterday", "2026-11-20 00:00:00.000"),
            ("2026-11-21 14:28", "2026-11-21 14:28:00.000"),
            ("2026-11-21T14:28:01.25", "2026-11-21 14:28:01.250"),
            ("2026-11-21T12:28:00Z", "2026-11-21 13:28:00.000"),
            ("2025-03-01", "2025-03-01 00:00:00.000"),
            ("1795267687", "2026-11-21 14:28:07.000"),
            ("1795267687.5", "2026-11-21 14:28:07.500"),
        ] {
            assert_eq!(told(text).as_deref(), Ok(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_told_with_the_forms() {
        for text in [
            "",
            "noon",
            "25:00",
            "14",
            "-34",
            "-",
            "1 2 3",
            "2026-13-01",
            "1234",
            "99999999999999999999x",
        ] {
            let error = told(text).unwrap_err();
            assert!(error.contains("yesterday 9:00"), "{text}: {error}");
            assert!(
                error.starts_with(&format!("{text:?} is no time")),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_yet_to_come_is_told_with_the_latest() {
        for text in [
            "today 18:00",
            "2026-11-22",
            "1895267687",
            "99999999999999999999",
        ] {
            let error = told(text).unwrap_err();
            let latest = "is later than the latest there is, 2026-11-21 14:32:07";
            assert_eq!(error, format!("{text} {latest}"));
        }
    }

    #[test]
    fn a_recording_of_another_day_has_times_of_its_own() {
        let end = NOON.minus(Duration::from_secs(5 * 86_400));
        let moment = |text| told_of(text, end);
        assert_eq!(moment("14:28").unwrap(), "2026-11-16 14:28:00.000");
        assert_eq!(moment("15:00").unwrap(), "2026-11-15 15:00:00.000");
        assert_eq!(moment("-1m").unwrap(), "2026-11-16 14:31:07.000");
        assert!(moment("yesterday 9:00").unwrap_err().contains("2026-11-16"));
    }

    #[test]
    fn an_hour_that_is_there_twice_is_the_later_one_that_has_been() {
        let at = |seconds| zone().timestamp_opt(seconds, 0).unwrap();
        let twice = || MappedLocalTime::Ambiguous(at(1000), at(4600));
        assert_eq!(
            of_local(twice(), Timestamp(5_000_000)),
            Some(Timestamp(4_600_000))
        );
        assert_eq!(
            of_local(twice(), Timestamp(4_000_000)),
            Some(Timestamp(1_000_000))
        );
        assert_eq!(
            of_local(MappedLocalTime::<DateTime<Local>>::None, NOON),
            None
        );
    }
}
