//! Requests that hubtop itself makes on a schedule: a source each.

mod ask;
mod failure;
mod form;
mod plan;
mod timetable;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub use form::ProbeForm;

use self::ask::{Progress, ask};
use self::failure::Failure;
use self::plan::Plan;
use self::timetable::Timetable;
use super::{Cadence, Collecting, Collector, Source, Spec, Surroundings};
use crate::model::text::printable;
use crate::model::{
    Catalog, Labels, Moment, Probe, Reading, Rows, SeriesId, SourceKind, Timestamp,
};
use crate::net::FormError;

/// How often a probe is asked, if the settings don't say.
const INTERVAL: Duration = Duration::from_secs(30);
/// How much longer than the probe's own limit its source may take: the row says more than that it took too long.
const GRACE: Duration = Duration::from_secs(1);

/// Makes a source of a form, without connecting yet. Its name is `probe NAME`.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &ProbeForm, around: &Surroundings) -> Result<Source, FormError> {
    let plan = Plan::of(form)?;
    let interval = form.interval.unwrap_or(INTERVAL);
    if interval.is_zero() {
        return Err(FormError::of("interval", "must be longer than nothing"));
    }
    let name: Arc<str> = printable(form.name.as_deref().unwrap_or(&plan.called)).into();
    let spec = Spec {
        name: format!("probe {name}").into(),
        kind: SourceKind::Api,
        cadence: Cadence::Every(interval),
        timeout: plan.timeout + GRACE,
    };
    Ok(Source::Asked(Box::new(Prober {
        series: Series::of(&around.catalog, &name),
        timetable: Timetable::new(interval),
        spec,
        name,
        plan,
    })))
}

/// A probe that is asked again and again, over a new connection each time.
struct Prober {
    spec: Spec,
    name: Arc<str>,
    plan: Plan,
    timetable: Timetable,
    series: Series,
}

struct Series {
    total: SeriesId,
    success: SeriesId,
    certificate: SeriesId,
}

impl Series {
    fn of(catalog: &Catalog, name: &str) -> Self {
        let id = |metric| catalog.id(metric, Labels::one("probe", name));
        Self {
            total: id("probe.total_ms"),
            success: id("probe.success_percent"),
            certificate: id("probe.certificate_days"),
        }
    }
}

impl Collector for Prober {
    fn spec(&self) -> Spec {
        self.spec.clone()
    }

    fn collect(&mut self, now: Moment) -> Collecting<'_> {
        Box::pin(async move {
            let late = self.timetable.begin(now.mono);
            let begun = Instant::now();
            let mut progress = Progress::default();
            let result = ask(&self.plan, &mut progress).await;
            let took = begun.elapsed();
            self.timetable.end(now.mono, took);
            Ok(self.reading(now, late + took, &progress, result))
        })
    }
}

impl Prober {
    fn reading(
        &self,
        now: Moment,
        total: Duration,
        progress: &Progress,
        result: Result<u16, Failure>,
    ) -> Reading {
        let mut reading = Reading::at(now.wall);
        let total_ms = result.is_ok().then(|| millis(total));
        let certificate_days = progress
            .certificate_end
            .map(|end| days_until(end, now.wall));
        let success = if result.is_ok() { 100.0 } else { 0.0 };
        reading.put(self.series.success, success);
        reading.put_known(self.series.total, total_ms);
        reading.put_known(self.series.certificate, certificate_days);
        let result = result.map_err(|failure| printable(&failure.to_string()).into_owned());
        if let Err(line) = &result {
            reading.lacks("answer", &**line);
        }
        reading.rows.push(Rows::Probes(vec![Probe {
            name: self.name.clone(),
            target: self.plan.shown.clone(),
            dns_ms: progress.dns.map(millis),
            connect_ms: progress.connect.map(millis),
            tls_ms: progress.tls.map(millis),
            first_byte_ms: progress.first_byte.map(millis),
            total_ms,
            result,
            certificate_days,
            source: self.spec.name.clone(),
        }]));
        reading
    }
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// Days from a moment until a second since 1970; negative when that is over.
fn days_until(end: i64, now: Timestamp) -> f64 {
    const DAY_MS: f64 = 86_400_000.0;
    (end as f64 * 1e3 - now.0 as f64) / DAY_MS
}
