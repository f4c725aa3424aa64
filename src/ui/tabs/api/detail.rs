//! One endpoint: its exact figures over the chosen range, its own charts, where they come from.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::draw::latency_chart;
use super::heat;
use super::latency::{Latency, Whose};
use super::view::{CLASSES, bounds_text, class_role, endpoint_of, errors_role, latency_role};
use crate::model::{Distribution, Endpoint, Unit, latency};
use crate::ui::tabs::notices::silent;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{Plot, framed, padded, side_by_side};
use crate::ui::tabs::sheet_tab::Detail;
use crate::ui::tabs::source::trouble;
use crate::ui::tabs::{Context, Hits};
use crate::ui::theme::Role;
use crate::ui::widgets::{Notice, NoticeKind, Panel};

/// How many points the figures of the range are merged from.
const POINTS: usize = 60;

/// The endpoint that is open.
pub(super) struct OpenEndpoint {
    id: String,
}

impl OpenEndpoint {
    /// The endpoint with this identity.
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned() }
    }
}

impl Detail for OpenEndpoint {
    fn crumb(&self) -> String {
        Whose::of_row(Some(&self.id)).words().to_owned()
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, _hits: &mut Hits) {
        draw(cx, &self.id, area, buf);
    }
}

fn draw(cx: &Context<'_>, id: &str, area: Rect, buf: &mut Buffer) {
    let whose = Whose::of_row(Some(id));
    let [head, upper, lower] = Layout::vertical([
        Constraint::Length(6),
        Constraint::Fill(3),
        Constraint::Fill(2),
    ])
    .areas(area);
    let inner = framed(cx, (whose.words(), "Esc goes back"), head, buf);
    let endpoint = endpoint_of(cx.frame, id);
    let source = match whose {
        Whose::Of { source, .. } => source,
        Whose::All => "",
    };
    match trouble(cx.frame, source) {
        Some(trouble) => {
            let title = format!("{} is not known now", whose.words());
            silent(cx, title, &trouble, inner, buf);
        }
        None => figures(cx, whose, endpoint, inner, buf),
    }
    let [left, right] = side_by_side(upper, [1, 1]);
    let inner = framed(cx, ("Latency", cx.range.word()), left, buf);
    latency_chart(cx, whose, inner, buf);
    heat_map(cx, whose, right, buf);
    let [requests, errors, status] = side_by_side(lower, [3, 3, 2]);
    curve(
        cx,
        whose,
        ("Requests", "app.requests.per_sec", Unit::PerSec),
        requests,
        buf,
    );
    curve(
        cx,
        whose,
        ("Errors 5xx", "app.errors.rate_percent", Unit::Percent),
        errors,
        buf,
    );
    classes(cx, endpoint, status, buf);
}

fn heat_map(cx: &Context<'_>, whose: Whose<'_>, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let panel = Panel {
        title: Words::new(cx.look).title("How many took how long").line(),
        right: heat::legend(cx),
        focused: false,
    };
    let inner = panel.render(area, buf, cx.look);
    heat::draw(cx, whose, inner, buf);
}

fn curve(
    cx: &Context<'_>,
    whose: Whose<'_>,
    (title, metric, unit): (&str, &str, Unit),
    area: Rect,
    buf: &mut Buffer,
) {
    let inner = framed(cx, (title, cx.range.word()), area, buf);
    let Some(id) = whose.series(cx.frame, metric) else {
        let notice = Notice {
            kind: NoticeKind::Empty,
            title: "Not among the busiest".to_owned(),
            lines: vec![Line::from("only those have this chart")],
        };
        notice.render(inner, buf, cx.look);
        return;
    };
    Plot {
        curves: &[("", Some(id), Some(Role::Curve1))],
        unit,
        top: None,
        limit: None,
    }
    .draw(cx, inner, buf);
}

fn classes(cx: &Context<'_>, endpoint: Option<&Endpoint>, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let inner = framed(cx, ("Status", "last 1m"), area, buf);
    let mut pen = Pen::new(padded(inner), buf, cx.look);
    let shares = endpoint.and_then(|endpoint| endpoint.status_percent);
    for (n, class) in CLASSES.iter().enumerate() {
        let share = shares.map(|shares| shares[n]);
        let figure = cx.look.format.value(Unit::Percent, share);
        let role = share.map_or(Role::Dim, |share| class_role(class, share));
        pen.words(
            Words::new(cx.look)
                .dim(format!("{class} "))
                .put(role, format!("{figure:>5}")),
        );
    }
}

fn figures(
    cx: &Context<'_>,
    whose: Whose<'_>,
    endpoint: Option<&Endpoint>,
    area: Rect,
    buf: &mut Buffer,
) {
    let latency = Latency::read(cx, whose, POINTS);
    let all = latency.whole();
    let mut pen = Pen::new(padded(area), buf, cx.look);
    pen.words(range_line(cx, &latency, &all));
    pen.words(minute_line(cx, endpoint));
    pen.words(source_line(cx, whose));
    pen.words(exactness_line(cx, &all));
}

/// The percentiles of just this range.
fn range_line<'a>(cx: &Context<'a>, latency: &Latency, all: &Distribution) -> Words<'a> {
    let format = cx.look.format;
    let mut words = Words::new(cx.look).dim(format!("over {}  ", cx.range.word()));
    for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        let quantile = all
            .quantile(q)
            .filter(|_| q < 0.99 || all.count() >= latency::FEW);
        let figure = match quantile.and_then(|quantile| quantile.bounds_ms) {
            Some(bounds) => bounds_text(bounds),
            None => format.value(Unit::Millis, quantile.map(|quantile| quantile.ms)),
        };
        let role = quantile.map_or(Role::Dim, |quantile| bright(latency_role(quantile.ms)));
        words = words
            .dim(format!("{name} "))
            .put(role, format!("{figure}  "));
    }
    words = words
        .dim("slowest ")
        .value(format!("{}  ", format.value(Unit::Millis, all.max_ms())))
        .dim("requests ")
        .value(format.value(Unit::Count, Some(all.count() as f64)));
    match latency.since {
        Some(since) => words.dim(format!(
            "  since {}, older ones had to go",
            since.minute_text()
        )),
        None => words,
    }
}

fn minute_line<'a>(cx: &Context<'a>, endpoint: Option<&Endpoint>) -> Words<'a> {
    let format = cx.look.format;
    let Some(endpoint) = endpoint else {
        return Words::new(cx.look).dim("last 1m  no request");
    };
    let errors = endpoint.error_percent.map_or(Role::Dim, errors_role);
    Words::new(cx.look)
        .dim("last 1m  requests ")
        .value(format!(
            "{}  ",
            format.value(Unit::PerSec, Some(endpoint.requests_per_sec))
        ))
        .dim("errors ")
        .put(
            bright(errors),
            format!("{}  ", format.value(Unit::Percent, endpoint.error_percent)),
        )
        .dim("apdex ")
        .value(format.value(Unit::Ratio, endpoint.apdex))
}

fn source_line<'a>(cx: &Context<'a>, whose: Whose<'_>) -> Words<'a> {
    let Whose::Of { source, .. } = whose else {
        return Words::new(cx.look);
    };
    let words = Words::new(cx.look)
        .dim("from     ")
        .put(Role::Text, source.to_owned());
    let Some(status) = cx.frame.source(source) else {
        return words;
    };
    let took = cx.look.format.value(Unit::Millis, status.duration_ms);
    words
        .dim("  ")
        .put(Role::Text, status.health.word())
        .dim(format!(
            "  asked every {}s, took {took}",
            status.interval.as_secs_f64()
        ))
}

/// How exact the percentiles can be.
fn exactness_line<'a>(cx: &Context<'a>, all: &Distribution) -> Words<'a> {
    let told = match all {
        _ if all.count() == 0 => "nothing happened in this time",
        _ if all.count() < latency::FEW => "too few requests for a 99th percentile",
        Distribution::Sketch(_) => "every request was seen: percentiles are within 1%",
        Distribution::Buckets(_) => {
            "the source counts into buckets: a percentile lies between the bounds shown"
        }
    };
    Words::new(cx.look).dim(format!("exact?   {told}"))
}

/// A figure on its own is bright where a cell among many would be plain.
fn bright(role: Role) -> Role {
    if role == Role::Text {
        Role::Bright
    } else {
        role
    }
}
