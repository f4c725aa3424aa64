//! A window of one series as a PromQL question, and the answer as points.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded::Serializer;

use crate::model::Timestamp;
use crate::store::names::Label;
use crate::store::{Points, Window};

/// The label under which the three parts of an answer (`avg`, `min`, `max`) are told apart.
const PART: &str = "hubtop_part";

/// One question over some buckets of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// The end of the first bucket that is asked for; it counts.
    first: Timestamp,
    /// The end of the last.
    last: Timestamp,
    step: Duration,
    /// How far each looks back, its end included.
    range: Duration,
}

impl Question {
    /// The questions for a window: one for the buckets that are whole, one for a bucket that `until` cuts. A sample
    /// stands for `stands`: where buckets are narrower, it is in those too in which the next has not come yet.
    pub fn of_window(window: &Window, stands: Duration) -> Vec<Self> {
        let millisecond = Duration::from_millis(1);
        let end_of = |bucket: usize| {
            let buckets = u32::try_from(bucket + 1).unwrap_or(u32::MAX);
            let after = window.start.plus(window.step.saturating_mul(buckets));
            after.minus(millisecond)
        };
        let whole = (0..window.count)
            .take_while(|bucket| end_of(*bucket) <= window.until)
            .count();
        let mut questions = Vec::new();
        if whole > 0 {
            questions.push(Self {
                first: end_of(0),
                last: end_of(whole - 1),
                step: window.step,
                range: window.step.max(stands),
            });
        }
        let cut_begins = end_of(whole).minus(window.step).plus(millisecond);
        if whole < window.count && window.until >= cut_begins {
            questions.push(Self {
                first: window.until,
                last: window.until,
                step: millisecond,
                range: (window.until.since(cut_begins) + millisecond).max(stands),
            });
        }
        questions
    }

    /// The body of a request to `/api/v1/query_range`.
    pub fn body(&self, selector: &str, timeout: Duration) -> String {
        range_body(
            &self.promql(selector),
            (self.first, self.last),
            self.step,
            timeout,
        )
    }

    fn promql(&self, selector: &str) -> String {
        let range = self.range.as_millis();
        let part = |name: &str| {
            let over = format!("{name}_over_time({selector}[{range}ms])");
            format!("label_replace({over}, \"{PART}\", \"{name}\", \"\", \"\")")
        };
        ["avg", "min", "max"].map(part).join(" or ")
    }
}

/// The body of a request to `/api/v1/query_range`: a question at each step from one moment to another, both included.
pub(super) fn range_body(
    promql: &str,
    (first, last): (Timestamp, Timestamp),
    step: Duration,
    timeout: Duration,
) -> String {
    let mut body = body(promql, timeout);
    body.append_pair("start", &seconds(first.0))
        .append_pair("end", &seconds(last.0))
        .append_pair("step", &seconds(millis(step)));
    body.finish()
}

/// The body of a request to `/api/v1/query`: a question at a moment.
pub(super) fn moment_body(promql: &str, at: Timestamp, timeout: Duration) -> String {
    let mut body = body(promql, timeout);
    body.append_pair("time", &seconds(at.0)).finish()
}

fn body(promql: &str, timeout: Duration) -> Serializer<'static, String> {
    let mut body = Serializer::new(String::new());
    body.append_pair("query", promql)
        .append_pair("timeout", &format!("{}ms", timeout.as_millis()))
        // VictoriaMetrics moves the buckets of what it caches, and holds the last half minute back.
        .append_pair("nocache", "1")
        .append_pair("latency_offset", "1ms");
    body
}

/// The series that bears exactly these labels, and none of `without`.
pub(super) fn selector<'a>(labels: &[Label], without: impl Iterator<Item = &'a str>) -> String {
    let has = labels
        .iter()
        .map(|(name, value)| format!("{name}={}", quoted(value)));
    let lacks = without.map(|name| format!("{name}=\"\""));
    let matchers: Vec<String> = has.chain(lacks).collect();
    format!("{{{}}}", matchers.join(","))
}

/// Text as PromQL quotes it; the escapes of JSON are its own too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A span as PromQL writes it.
pub(super) fn span(span: Duration) -> String {
    format!("{}ms", millis(span))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Seconds with milliseconds, without a detour over binary fractions.
fn seconds(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let millis = millis.unsigned_abs();
    format!("{sign}{}.{:03}", millis / 1000, millis % 1000)
}

/// What the API answers to a question.
#[derive(Debug, Deserialize)]
struct Answer<R> {
    status: String,
    #[serde(default)]
    error: String,
    data: Option<Data<R>>,
}

#[derive(Debug, Deserialize)]
struct Data<R> {
    result: Vec<R>,
}

/// A series of what `/api/v1/query_range` answers.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    metric: BTreeMap<String, String>,
    /// Seconds since 1970, and what there is then.
    pub values: Vec<(f64, String)>,
}

/// The series of an answer.
///
/// # Errors
/// The server's own line when it could not answer, or that what it said is no answer.
pub(super) fn rows<R: DeserializeOwned>(body: &[u8]) -> Result<Vec<R>, String> {
    let answer: Answer<R> = serde_json::from_slice(body)
        .map_err(|error| format!("answers in no form that Prometheus has ({error})"))?;
    match answer.data.filter(|_| answer.status == "success") {
        Some(data) => Ok(data.result),
        None => Err(answer.error),
    }
}

/// A moment of an answer.
pub(super) fn moment(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1000.0).round() as i64)
}

/// Puts an answer into the points of the window that was asked for. Of several series (an engine may add labels of its
/// own, such as the replica's) that with the fewest labels counts.
///
/// # Errors
/// See [`rows`].
pub(super) fn read(body: &[u8], points: &mut Points) -> Result<(), String> {
    let rows: Vec<Row> = rows(body)?;
    let window = points.window;
    let of_part = |part: &str| {
        let rows = rows.iter();
        rows.filter(|row| row.metric.get(PART).is_some_and(|own| own == part))
            .min_by_key(|row| row.metric.len())
    };
    for (part, own) in [
        ("avg", &mut points.avg),
        ("min", &mut points.min),
        ("max", &mut points.max),
    ] {
        for (at, value) in of_part(part).into_iter().flat_map(|row| &row.values) {
            let Ok(value) = value.parse() else {
                return Err(format!("{value:?} is no number"));
            };
            if let Some(bucket) = window.bucket_of(moment(*at)) {
                own[bucket] = value;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn label(name: &str, value: &str) -> Label {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_bucket_is_asked_for_at_its_last_millisecond() {
        let window = Window::whole(Timestamp(10_000), SECOND * 10, 3);
        let questions = Question::of_window(&window, SECOND);
        assert_eq!(questions.len(), 1);
        let body = questions[0].body("{a=\"b\"}", SECOND);
        assert!(
            body.contains("start=19.999&end=39.999&step=10.000"),
            "{body}"
        );
        assert!(body.contains("%5B10000ms%5D"), "{body}");
    }

    #[test]
    fn nothing_later_than_the_moment_counts() {
        let window = Window {
            until: Timestamp(23_456),
            ..Window::whole(Timestamp(10_000), SECOND * 10, 3)
        };
        let [whole, cut] = &Question::of_window(&window, SECOND)[..] else {
            panic!("two questions");
        };
        assert_eq!((whole.first.0, whole.last.0), (19_999, 19_999));
        assert_eq!((cut.first.0, cut.last.0), (23_456, 23_456));
        // From 20.000 on: both ends count.
        assert_eq!(cut.range, Duration::from_millis(3457));
    }

    #[test]
    fn narrow_buckets_look_back_to_the_sample_that_still_stands() {
        let window = Window::whole(Timestamp(10_000), SECOND, 3);
        let questions = Question::of_window(&window, SECOND * 15);
        assert_eq!(questions[0].step, SECOND);
        assert_eq!(questions[0].range, SECOND * 15);
    }

    #[test]
    fn a_window_that_lies_ahead_asks_nothing() {
        let window = Window {
            until: Timestamp(9_999),
            ..Window::whole(Timestamp(10_000), SECOND * 10, 3)
        };
        assert_eq!(Question::of_window(&window, SECOND), []);
    }

    #[test]
    fn a_series_is_matched_by_all_of_its_labels() {
        let labels = [label("__name__", "x_percent"), label("mount", "/a \"b\"\\")];
        assert_eq!(
            selector(&labels, ["device"].into_iter()),
            r#"{__name__="x_percent",mount="/a \"b\"\\",device=""}"#
        );
    }

    #[test]
    fn an_answer_falls_into_its_buckets() {
        let window = Window::whole(Timestamp(10_000), SECOND * 10, 3);
        let mut points = Points::unknown(window);
        let body = br#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"hubtop_part":"avg","replica":"b"},"values":[[19.999,"7"]]},
            {"metric":{"hubtop_part":"avg"},"values":[[19.999,"1.5"],[39.999,"2"],[99.999,"3"]]},
            {"metric":{"hubtop_part":"max"},"values":[[39.999,"+Inf"]]}]}}"#;
        read(body, &mut points).unwrap();
        assert_eq!(points.avg[0], 1.5);
        assert!(points.avg[1].is_nan());
        assert_eq!((points.avg[2], points.max[2]), (2.0, f64::INFINITY));
        assert!(points.min.iter().all(|value| value.is_nan()));
    }

    #[test]
    fn what_a_server_says_is_told_and_no_bytes_do_harm() {
        let mut points = Points::unknown(Window::whole(Timestamp(0), SECOND, 1));
        let refusal = br#"{"status":"error","errorType":"bad_data","error":"exceeded maximum"}"#;
        assert_eq!(read(refusal, &mut points), Err("exceeded maximum".into()));
        for bytes in [
            &b""[..],
            b"{}",
            b"[1]",
            b"\xff\xfe",
            b"{\"status\":\"success\"}",
        ] {
            assert!(read(bytes, &mut points).is_err());
        }
    }
}
