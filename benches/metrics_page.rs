//! How long a page of metrics takes: 50,000 lines, 5 MB, beside the crate `prometheus-parse`.
//!
//! `cargo bench --bench metrics_page`

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use hubtop::collect::metrics::{count_lines, read_apart, survey};

const LINES: usize = 50_000;
const RUNS: usize = 21;

fn main() {
    let page = page();
    let text = String::from_utf8_lossy(&page).into_owned();
    println!(
        "{LINES} lines, {:.1} MB; the median of {RUNS} runs",
        page.len() as f64 / 1e6
    );
    let lines = median(|| {
        black_box(count_lines(&page));
    });
    tell("lines alone", lines);
    let known = median(|| {
        black_box(survey(&page));
    });
    tell("lines and what they mean", known);
    let two = median(|| {
        black_box(read_apart(&[&page, &page]));
    });
    tell("two pages to rows", two);
    let other = median(|| {
        let lines = text.lines().map(|line| Ok(line.to_owned()));
        drop(black_box(prometheus_parse::Scrape::parse(lines)));
    });
    tell("prometheus-parse, lines alone", other);
    let read = (count_lines(&page).0, values(&text));
    assert_eq!(read, (LINES, LINES), "both read the same values");
    println!(
        "{:.1} times as fast; each read {LINES} values",
        other.as_secs_f64() / lines.as_secs_f64(),
    );
}

/// The values that `prometheus-parse` reads; it puts the buckets of a histogram into one sample.
fn values(text: &str) -> usize {
    let read = prometheus_parse::Scrape::parse(text.lines().map(|line| Ok(line.to_owned())));
    let samples = read.map_or(Vec::new(), |scrape| scrape.samples);
    let in_sample = |sample: &prometheus_parse::Sample| match &sample.value {
        prometheus_parse::Value::Histogram(buckets) => buckets.len(),
        prometheus_parse::Value::Summary(quantiles) => quantiles.len(),
        _ => 1,
    };
    samples.iter().map(in_sample).sum()
}

fn tell(what: &str, took: Duration) {
    println!("{what:<32} {:>8.1} ms", took.as_secs_f64() * 1e3);
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

/// A page as an application with many routes writes it: a histogram of ten buckets for each. Routes have no braces, which
/// end the labels of a line for `prometheus-parse`, so that it would pass over it.
fn page() -> Vec<u8> {
    const BOUNDS: [&str; 11] = [
        "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "+Inf",
    ];
    let mut page = String::from(
        "# HELP http_request_duration_seconds Requests\n# TYPE http_request_duration_seconds histogram\n",
    );
    let mut lines = 0;
    let mut series = 0;
    'page: loop {
        let labels = format!(
            "method=\"GET\",handler=\"/api/v1/resource-{series}/:id\",status=\"200\",instance=\"web-01\""
        );
        let name = "http_request_duration_seconds";
        for (place, bound) in BOUNDS.iter().enumerate() {
            let count = (place + 1) * (series + 3);
            let _ = writeln!(page, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
            lines += 1;
            if lines == LINES {
                break 'page;
            }
        }
        series += 1;
    }
    page.into_bytes()
}
