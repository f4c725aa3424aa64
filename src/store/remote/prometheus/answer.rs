//! What an engine's answer to a remote write means, as its specification says.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use reqwest::StatusCode;

use super::client::Said;
use crate::store::remote::engine::SendError;

/// What an answer means: 2xx that it is there, 5xx and 429 that it is to be sent again, anything else that it never
/// will be taken. `in_doubt` tells that the same may have been sent before without an answer: then samples that are
/// there already are no news.
pub(super) fn judge(said: &Said, shown: &str, in_doubt: bool) -> Result<(), SendError> {
    let status = said.status;
    let told = said.line();
    if status.is_success() || in_doubt && is_there_already(&told) {
        return Ok(());
    }
    let line = match &*told {
        "" => format!("{shown}: HTTP {status}"),
        told => format!("{shown}: HTTP {}: {told}", status.as_u16()),
    };
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let after = wait(said);
        return Err(SendError::Later { line, after });
    }
    let line = match mend(status, &told) {
        Some(mend) => format!("{line}; {mend}"),
        None => line,
    };
    Err(SendError::Never { line })
}

/// Whether the server refuses because it has the like, or later ones, of these series.
fn is_there_already(told: &str) -> bool {
    told.contains("out of order sample") || told.contains("duplicate sample for timestamp")
}

/// What can be done against a refusal.
fn mend(status: StatusCode, told: &str) -> Option<&'static str> {
    let is_late = ["out of order", "out of bounds", "too old"];
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Some("it wants user and password_file, or password_file alone for a token")
        }
        StatusCode::NOT_FOUND => {
            Some("is the path right? Prometheus needs --web.enable-remote-write-receiver")
        }
        _ if is_late.iter().any(|words| told.contains(words)) => {
            Some("out_of_order_time_window in its settings lets it take what comes late")
        }
        _ => None,
    }
}

/// How long `Retry-After` says: seconds, or a moment of the server's own clock.
fn wait(said: &Said) -> Option<Duration> {
    let after = said.retry_after.as_deref()?.trim();
    if let Ok(seconds) = after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text: &str| -> Option<DateTime<FixedOffset>> {
        DateTime::parse_from_rfc2822(text.trim()).ok()
    };
    let wait = moment(after)? - moment(said.date.as_deref()?)?;
    Some(wait.to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, retry_after: Option<&str>, body: &str) -> Said {
        Said {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: retry_after.map(str::to_owned),
            date: Some("Tue, 14 Nov 2023 22:13:20 GMT".to_owned()),
            body: body.into(),
        }
    }

    fn verdict(status: u16, body: &str) -> Result<(), SendError> {
        judge(&said(status, None, body), "http://prom:9090", false)
    }

    #[test]
    fn each_class_of_answers_means_what_the_specification_says() {
        for status in [200, 204, 299] {
            assert_eq!(verdict(status, "whatever"), Ok(()));
        }
        for status in [429, 500, 502, 503] {
            let told = verdict(status, "");
            assert!(
                matches!(told, Err(SendError::Later { after: None, .. })),
                "{told:?}"
            );
        }
        for status in [302, 400, 401, 404, 413, 422] {
            let told = verdict(status, "");
            assert!(matches!(told, Err(SendError::Never { .. })), "{told:?}");
        }
    }

    #[test]
    fn who_says_when_is_asked_then() {
        let after = |text| match judge(&said(429, Some(text), ""), "p", false) {
            Err(SendError::Later { after, .. }) => after,
            other => panic!("{other:?}"),
        };
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        let date = "Tue, 14 Nov 2023 22:13:50 GMT";
        assert_eq!(after(date), Some(Duration::from_secs(30)));
        let past = "Tue, 14 Nov 2000 22:13:50 GMT";
        assert_eq!(after(past), Some(Duration::ZERO));
        for wrong in ["", "-1", "soon", "1.5"] {
            assert_eq!(after(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_refusal_is_told_in_one_bounded_line() {
        let long = format!("bad\x1b[31m {}\nsecond line", "x".repeat(5000));
        let Err(SendError::Never { line }) = verdict(400, &long) else {
            panic!("it is refused");
        };
        assert!(line.len() < 300 && !line.contains(['\n', '\x1b']), "{line}");
        assert!(
            line.starts_with("http://prom:9090: HTTP 400: bad"),
            "{line}"
        );
    }

    #[test]
    fn what_is_there_already_is_no_loss_when_it_may_have_been_sent() {
        let refusal = said(400, None, "out of order sample\n");
        assert_eq!(judge(&refusal, "p", true), Ok(()));
        let Err(SendError::Never { line }) = judge(&refusal, "p", false) else {
            panic!("it was never sent before");
        };
        assert!(line.contains("out_of_order_time_window"), "{line}");
        let other = said(400, None, "label name is invalid");
        assert!(judge(&other, "p", true).is_err());
    }
}
