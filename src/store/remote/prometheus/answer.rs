//! What an engine's answer to a remote write means, as its specification says.

use std::time::Duration;

use reqwest::StatusCode;

use super::client::Said;
use crate::model::Timestamp;

/// No server is waited for longer than this, whatever it asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What is to be done with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is there.
    Done,
    /// It is sent again, after this time if the server named one.
    Later {
        after: Option<Duration>,
        why: String,
    },
    /// It will never be taken.
    Never { why: String },
}

/// What an answer means. `in_doubt` tells that the same may have been sent before without an answer: then samples that
/// are there already are no news.
pub(super) fn judge(said: &Said, shown: &str, in_doubt: bool, now: Timestamp) -> Verdict {
    let status = said.status;
    let line = said.line();
    let why = match &*line {
        "" => format!("{shown}: HTTP {status}"),
        line => format!("{shown}: HTTP {}: {line}", status.as_u16()),
    };
    if status.is_success() {
        return Verdict::Done;
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let after = said.retry_after.as_deref();
        let after = after.and_then(|text| wait(text, now));
        return Verdict::Later { after, why };
    }
    if in_doubt && is_there_already(&line) {
        return Verdict::Done;
    }
    let why = match mend(status, &line) {
        Some(mend) => format!("{why}; {mend}"),
        None => why,
    };
    Verdict::Never { why }
}

/// Whether the server refuses because it has the like, or later ones, of these series.
fn is_there_already(line: &str) -> bool {
    line.contains("out of order sample") || line.contains("duplicate sample for timestamp")
}

/// What can be done against a refusal.
fn mend(status: StatusCode, line: &str) -> Option<&'static str> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Some("it wants user and password_file, or password_file alone for a token")
        }
        StatusCode::NOT_FOUND => {
            Some("is the path right? Prometheus needs --web.enable-remote-write-receiver")
        }
        _ if line.contains("out of order") || line.contains("out of bounds") || line.contains("too old") => {
            Some("out_of_order_time_window in its settings lets it take what comes late")
        }
        _ => None,
    }
}

/// How long `Retry-After` says: seconds, or a date of HTTP.
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let seconds = text.parse().ok().map(Duration::from_secs);
    let until = || {
        let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        Some(Timestamp(date.timestamp_millis()).since(now))
    };
    seconds.or_else(until).map(|wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn said(status: u16, retry_after: Option<&str>, body: &str) -> Said {
        Said {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: retry_after.map(str::to_owned),
            body: body.into(),
        }
    }

    fn verdict(status: u16, retry_after: Option<&str>, body: &str) -> Verdict {
        judge(&said(status, retry_after, body), "http://prom:9090", false, NOW)
    }

    #[test]
    fn each_class_of_answers_means_what_the_specification_says() {
        for status in [200, 204, 299] {
            assert_eq!(verdict(status, None, "whatever"), Verdict::Done);
        }
        for status in [429, 500, 502, 503] {
            assert!(matches!(verdict(status, None, ""), Verdict::Later { after: None, .. }));
        }
        for status in [302, 400, 401, 404, 413, 422] {
            assert!(matches!(verdict(status, None, ""), Verdict::Never { .. }), "{status}");
        }
    }

    #[test]
    fn who_says_when_is_asked_then() {
        let after = |text| match verdict(429, Some(text), "") {
            Verdict::Later { after, .. } => after,
            other => panic!("{other:?}"),
        };
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(after("Tue, 14 Nov 2023 22:13:50 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(after("Tue, 14 Nov 2000 22:13:50 GMT"), Some(Duration::ZERO));
        assert_eq!(after("99999999999"), Some(LONGEST_WAIT));
        for wrong in ["", "-1", "soon", "1.5"] {
            assert_eq!(after(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_refusal_is_told_in_one_bounded_line() {
        let long = format!("bad\x1b[31m {}\nsecond line", "x".repeat(5000));
        let Verdict::Never { why } = verdict(400, None, &long) else {
            panic!("it is refused");
        };
        assert!(why.len() < 300 && !why.contains(['\n', '\x1b']), "{why}");
        assert!(why.starts_with("http://prom:9090: HTTP 400: bad"), "{why}");
    }

    #[test]
    fn what_is_there_already_is_no_loss_when_it_may_have_been_sent() {
        let refusal = said(400, None, "out of order sample\n");
        assert_eq!(judge(&refusal, "p", true, NOW), Verdict::Done);
        let Verdict::Never { why } = judge(&refusal, "p", false, NOW) else {
            panic!("it was never sent before");
        };
        assert!(why.contains("out_of_order_time_window"), "{why}");
        let other = said(400, None, "label name is invalid");
        assert!(matches!(judge(&other, "p", true, NOW), Verdict::Never { .. }));
    }
}
