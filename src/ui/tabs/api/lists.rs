//! The columns of the API tab's lists.

use std::borrow::Cow;

use super::latency::{Latency, Whose};
use super::view::{apdex_role, bounds_text, endpoint_id, errors_role, latency_role};
use crate::feed::Window;
use crate::model::metric::MODEL_TIME;
use crate::model::{Endpoint, Labels, ModelUse, Page, Probe, SessionGroup, Unit, latency};
use crate::ui::tabs::Context;
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::Role;
use crate::ui::widgets::{Cell, spread};

/// The width of a trend.
const TREND: u16 = 14;
/// A certificate that ends sooner is worth a colour, days.
const CERTIFICATE_SOON: f64 = 14.0;

/// Routes.
pub(super) const ENDPOINTS: Kind<Endpoint> = Kind {
    title: "Endpoints",
    fields: &ENDPOINT_FIELDS,
    titles: &titles(&ENDPOINT_FIELDS),
    text_columns: &[0, 1, 10],
    order: (2, true),
    rows: |frame| {
        frame
            .tables
            .endpoints
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: endpoint_id,
    source: Some(|row| &row.source),
    empty: "No request yet",
};

#[rustfmt::skip]
const ENDPOINT_FIELDS: [Field<Endpoint>; 11] = [
    Field::word("METHOD", 6, 3, |e| &e.method),
    Field::word("ROUTE", 18, 0, |e: &Endpoint| &e.route).growing(),
    Field::figure("REQ/s", 6, 0, Unit::PerSec, |e| Some(e.requests_per_sec)),
    Field::figure("ERR%", 5, 0, Unit::Percent, |e: &Endpoint| e.error_percent).judged(errors_role),
    Field::drawn("P50", 9, 2, Key::Number(|e: &Endpoint| e.p50_ms), p50).right(),
    Field::drawn("P95", 9, 0, Key::Number(|e: &Endpoint| e.p95_ms), p95).right(),
    Field::drawn("P99", 9, 1, Key::Number(|e: &Endpoint| e.p99_ms), p99).right(),
    Field::figure("MAX", 6, 6, Unit::Millis, |e| e.max_ms),
    Field::figure("APDEX", 5, 5, Unit::Ratio, |e: &Endpoint| e.apdex).judged(apdex_role),
    Field::drawn("TREND P95", TREND, 4, Key::Number(|e: &Endpoint| e.p95_ms), endpoint_trend),
    Field::word("SOURCE", 16, 7, |e: &Endpoint| &e.source).toned(|_| Role::Dim),
];

fn p50(endpoint: &Endpoint, cx: &Context<'_>) -> Cell<'static> {
    percentile(endpoint.p50_ms, endpoint.p50_bounds_ms, latency_role, cx)
}

fn p95(endpoint: &Endpoint, cx: &Context<'_>) -> Cell<'static> {
    percentile(endpoint.p95_ms, endpoint.p95_bounds_ms, latency_role, cx)
}

/// With a handful of requests their number says more than the slowest of them.
fn p99(endpoint: &Endpoint, cx: &Context<'_>) -> Cell<'static> {
    if endpoint.requests < latency::FEW {
        return Cell::Text(format!("{} req", endpoint.requests).into(), Role::Dim);
    }
    percentile(endpoint.p99_ms, endpoint.p99_bounds_ms, |_| Role::Text, cx)
}

fn percentile(
    ms: Option<f64>,
    bounds: Option<(f64, f64)>,
    role: fn(f64) -> Role,
    cx: &Context<'_>,
) -> Cell<'static> {
    let text = match bounds.filter(|_| ms.is_some()) {
        Some(bounds) => bounds_text(bounds),
        None => cx.look.format.value(Unit::Millis, ms),
    };
    Cell::Text(text.into(), ms.map_or(Role::Dim, role))
}

/// The worst 95th percentile in each stretch of the range, or that of all that happened in it where the route is not
/// among those that are charted.
fn endpoint_trend(endpoint: &Endpoint, cx: &Context<'_>) -> Cell<'static> {
    let label = endpoint.label();
    let whose = Whose::Of {
        endpoint: &label,
        source: &endpoint.source,
    };
    let values = match whose.series(cx.frame, "app.response_time.p95_ms") {
        Some(id) => {
            let window = cx.window(usize::from(TREND));
            spread(&cx.feed.points(id, window).max, usize::from(TREND))
        }
        None => spread(
            &Latency::read(cx, whose, usize::from(TREND)).percentile(0.95),
            usize::from(TREND),
        ),
    };
    let role = match endpoint.p95_ms.map(latency_role) {
        Some(role @ (Role::Warning | Role::Critical)) => role,
        // Where all is well the eye rests.
        _ => Role::Dim,
    };
    Cell::Trend(values, Some(role))
}

/// Models.
pub(super) const MODELS: Kind<ModelUse> = Kind {
    title: "Models",
    fields: &MODEL_FIELDS,
    titles: &titles(&MODEL_FIELDS),
    text_columns: &[0],
    order: (1, true),
    rows: |frame| {
        frame
            .tables
            .models
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: |model| model.model.to_string(),
    source: Some(|row| &row.source),
    empty: "No model was asked yet",
};

#[rustfmt::skip]
const MODEL_FIELDS: [Field<ModelUse>; 10] = [
    Field::word("MODEL", 16, 0, |m: &ModelUse| &m.model).growing(),
    Field::figure("CALLS/s", 7, 0, Unit::PerSec, |m| Some(m.calls_per_sec)),
    Field::figure("IN TOK/s", 8, 2, Unit::PerSec, |m| m.input_tokens_per_sec),
    Field::figure("OUT TOK/s", 9, 2, Unit::PerSec, |m| m.output_tokens_per_sec),
    Field::figure("COST/h", 8, 1, Unit::Usd, |m| m.cost_per_hour_usd),
    Field::figure("1ST P95", 7, 3, Unit::Millis, |m| m.first_token_p95_ms),
    Field::figure("P95", 6, 0, Unit::Millis, |m| m.p95_ms),
    Field::figure("OK%", 5, 0, Unit::Percent, |m: &ModelUse| m.success_percent).judged(|ok| errors_role(100.0 - ok)),
    Field::drawn("TREND P95", TREND, 4, Key::Number(|m| m.p95_ms), model_trend),
    Field::word("SOURCE", 16, 5, |m: &ModelUse| &m.source).toned(|_| Role::Dim),
];

/// The 95th percentile of the calls in each stretch of the range.
fn model_trend(model: &ModelUse, cx: &Context<'_>) -> Cell<'static> {
    let labels = Labels::of([("model", &*model.model), ("source", &*model.source)]);
    let Some(id) = cx.frame.series.find(MODEL_TIME, &labels) else {
        return Cell::Trend(Vec::new(), None);
    };
    let columns = usize::from(TREND);
    let window = Window::of_distributions(cx.at(), cx.range.span(), columns, cx.frame.tick);
    let points = cx.feed.distributions(id, window).into_iter();
    let p95 = points.map(|point| point?.quantile(0.95).map(|quantile| quantile.ms));
    let values: Vec<f64> = p95.map(|ms| ms.unwrap_or(f64::NAN)).collect();
    Cell::Trend(spread(&values, columns), Some(Role::Dim))
}

/// Sessions.
pub(super) const SESSIONS: Kind<SessionGroup> = Kind {
    title: "Sessions",
    fields: &SESSION_FIELDS,
    titles: &titles(&SESSION_FIELDS),
    text_columns: &[0],
    order: (1, true),
    rows: |frame| {
        frame
            .tables
            .sessions
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: |group| group.group.to_string(),
    source: Some(|row| &row.source),
    empty: "Nobody is there",
};

#[rustfmt::skip]
const SESSION_FIELDS: [Field<SessionGroup>; 5] = [
    Field::word("GROUP", 16, 0, |g: &SessionGroup| &g.group).growing(),
    Field::figure("ACTIVE USERS", 12, 0, Unit::Count, |g| Some(g.active_users as f64)),
    Field::figure("MEAN LENGTH", 11, 1, Unit::Seconds, |g| g.mean_length_seconds),
    Field::figure("REQ/min", 8, 2, Unit::Count, |g| g.requests_per_minute),
    Field::word("SOURCE", 16, 5, |g: &SessionGroup| &g.source).toned(|_| Role::Dim),
];

/// Pages.
pub(super) const PAGES: Kind<Page> = Kind {
    title: "Pages",
    fields: &PAGE_FIELDS,
    titles: &titles(&PAGE_FIELDS),
    text_columns: &[0],
    order: (1, true),
    rows: |frame| {
        frame
            .tables
            .pages
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: |page| page.path.to_string(),
    source: Some(|row| &row.source),
    empty: "No page was viewed yet",
};

#[rustfmt::skip]
const PAGE_FIELDS: [Field<Page>; 7] = [
    Field::word("PAGE", 16, 0, |p: &Page| &p.path).growing(),
    Field::figure("VIEWS/min", 9, 0, Unit::Count, |p| Some(p.views_per_minute)),
    Field::figure("1ST BYTE", 8, 2, Unit::Millis, |p| p.first_byte_ms),
    // The limits of web.dev/vitals: poor is more than 4 s and more than 500 ms at the 75th percentile.
    Field::figure("PAINT", 7, 0, Unit::Millis, |p: &Page| p.largest_paint_ms).judged(|ms| warn_over(ms, 4000.0)),
    Field::figure("INTERACT", 8, 1, Unit::Millis, |p: &Page| p.interaction_ms).judged(|ms| warn_over(ms, 500.0)),
    Field::figure("ERR%", 5, 0, Unit::Percent, |p: &Page| p.error_percent).judged(errors_role),
    Field::word("SOURCE", 16, 5, |p: &Page| &p.source).toned(|_| Role::Dim),
];

/// Probes.
pub(super) const PROBES: Kind<Probe> = Kind {
    title: "Probes",
    fields: &PROBE_FIELDS,
    titles: &titles(&PROBE_FIELDS),
    text_columns: &[0, 1],
    order: (0, false),
    rows: |frame| {
        frame
            .tables
            .probes
            .as_deref()
            .map(|rows| Cow::Borrowed(&rows[..]))
    },
    id: |probe| probe.name.to_string(),
    source: Some(|row| &row.source),
    empty: "No probe is set up",
};

#[rustfmt::skip]
const PROBE_FIELDS: [Field<Probe>; 10] = [
    Field::word("PROBE", 18, 0, |p| &p.name),
    Field::word("TARGET", 16, 4, |p: &Probe| &p.target).growing().toned(|_| Role::Dim),
    Field::figure("DNS", 6, 3, Unit::Millis, |p| p.dns_ms),
    Field::figure("CONNECT", 7, 3, Unit::Millis, |p| p.connect_ms),
    Field::figure("TLS", 6, 3, Unit::Millis, |p| p.tls_ms),
    Field::figure("1ST BYTE", 8, 2, Unit::Millis, |p| p.first_byte_ms),
    Field::figure("TOTAL", 6, 0, Unit::Millis, |p: &Probe| p.total_ms).judged(latency_role),
    Field::drawn("RESULT", 20, 0, Key::Number(|p| p.result.as_ref().ok().copied().map(f64::from)), probe_result),
    Field::figure("CERT d", 6, 1, Unit::Count, |p: &Probe| p.certificate_days)
        .judged(|days| if days < CERTIFICATE_SOON { Role::Warning } else { Role::Text }),
    Field::word("SOURCE", 16, 5, |p: &Probe| &p.source).toned(|_| Role::Dim),
];

fn probe_result(probe: &Probe, _cx: &Context<'_>) -> Cell<'static> {
    match &probe.result {
        Ok(status) if *status < 400 => Cell::Text(format!("{status} ok").into(), Role::Ok),
        Ok(status) => Cell::Text(format!("{status} failed").into(), Role::Critical),
        Err(why) => Cell::Text(why.clone().into(), Role::Critical),
    }
}

fn warn_over(value: f64, limit: f64) -> Role {
    if value > limit {
        Role::Warning
    } else {
        Role::Text
    }
}
