//! The figures of a source as far as they are to be believed: while it fails, refuses or is late they are unknown, and
//! one line says so.

use std::time::Duration;

use crate::model::{Frame, Health, SeriesId, SeriesKey};
use crate::ui::tabs::pen::Words;
use crate::ui::theme::{Look, Role};

/// After how many of its intervals without an answer a source is called stale.
const LATE: u32 = 3;

/// What is added to that, for ticks that come late on a busy machine.
const GRACE: Duration = Duration::from_secs(2);

/// A source whose figures are shown.
pub struct Source<'a> {
    frame: &'a Frame,
    trouble: Option<(Role, String)>,
}

impl<'a> Source<'a> {
    /// The source called `name` in a frame.
    #[must_use]
    pub fn of(frame: &'a Frame, name: &str) -> Self {
        Self {
            frame,
            trouble: trouble(frame, name),
        }
    }

    /// The value of a metric without labels.
    #[must_use]
    pub fn value(&self, metric: &str) -> Option<f64> {
        self.frame.value(metric).filter(|_| self.is_giving())
    }

    /// The value of `metric` with the labels of another series.
    #[must_use]
    pub fn beside(&self, metric: &str, key: &SeriesKey) -> Option<f64> {
        self.frame
            .value_with(metric, &key.labels)
            .filter(|_| self.is_giving())
    }

    /// The series of a metric that are known now; all that ever were, without values, while the source is in trouble.
    #[must_use]
    pub fn each(&self, metric: &str) -> Vec<(SeriesId, &'a SeriesKey, Option<f64>)> {
        if self.is_giving() {
            let known = self.frame.each(metric);
            return known
                .map(|(id, key, value)| (id, key, Some(value)))
                .collect();
        }
        let ids = self.frame.series.of_metric(metric).iter();
        ids.filter_map(|id| Some((*id, &**self.frame.series.key(*id)?, None)))
            .collect()
    }

    /// Whether its figures are to be believed.
    #[must_use]
    pub fn is_giving(&self) -> bool {
        self.trouble.is_none()
    }

    /// What is the matter with it, as a line.
    #[must_use]
    pub fn trouble<'b>(&'b self, look: &'b Look) -> Option<Words<'b>> {
        let (role, line) = self.trouble.as_ref()?;
        Some(Words::new(look).put(*role, line.as_str()))
    }
}

/// Whether the figures that a source brought are no longer to be believed.
#[must_use]
pub fn is_silent(frame: &Frame, name: &str) -> bool {
    trouble(frame, name).is_some()
}

/// What is the matter with the sources of some rows: the first of those in trouble as a line, and how many more are.
#[must_use]
pub fn trouble_among<'a>(
    frame: &Frame,
    names: impl Iterator<Item = &'a str>,
) -> Option<(Role, String)> {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    let mut troubles = seen.into_iter().filter_map(|name| trouble(frame, name));
    let (role, line) = troubles.next()?;
    Some(match troubles.count() {
        0 => (role, line),
        more => (role, format!("{line} · and {more} more")),
    })
}

fn trouble(frame: &Frame, name: &str) -> Option<(Role, String)> {
    let source = frame.source(name)?;
    match &source.health {
        Health::Absent => None,
        Health::Starting => Some((Role::Dim, format!("{name}: waiting for the first figures"))),
        Health::Failing { .. } => Some((Role::Critical, format!("! {name} {}", source.line()))),
        Health::Denied { .. } => Some((Role::Warning, format!("! {name} {}", source.line()))),
        Health::Up | Health::Slow { .. } => {
            let last = source.last_answer?;
            let patience = source.interval.max(frame.tick) * LATE + GRACE;
            let late = frame.at.since(last) > patience;
            late.then(|| {
                let since = last.clock_text();
                (
                    Role::Warning,
                    format!("! {name} stale: nothing since {since}"),
                )
            })
        }
    }
}
