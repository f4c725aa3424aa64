//! The figures of a source as far as they are to be believed: while it fails, refuses or is late they are unknown, and
//! one line says so.

use std::time::Duration;

use crate::model::{Frame, Health, SeriesId, SeriesKey, SourceKind, SourceName, SourceStatus};
use crate::ui::tabs::pen::Words;
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::NoticeKind;

/// After how many of its intervals without an answer a source is called stale.
const LATE: u32 = 3;

/// What is added to that, for ticks that come late on a busy machine.
const GRACE: Duration = Duration::from_secs(2);

/// What is the matter with a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The matter as one word: `failing`, `stale`.
    pub word: &'static str,
    /// What stands in place of its figures.
    pub kind: NoticeKind,
    /// How bad it is.
    pub role: Role,
    /// The matter as a line: since when, why, when it is asked again.
    pub line: String,
}

/// A source whose figures are shown.
pub struct Source<'a> {
    frame: &'a Frame,
    trouble: Option<Trouble>,
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
        let trouble = self.trouble.as_ref()?;
        Some(Words::new(look).put(trouble.role, trouble.line.as_str()))
    }
}

/// Whether the figures that a source brought are no longer to be believed.
#[must_use]
pub fn is_silent(frame: &Frame, name: &str) -> bool {
    trouble(frame, name).is_some()
}

/// What is the matter with the sources of some rows: the first of those in trouble, and how many more are.
#[must_use]
pub fn trouble_among<'a>(
    frame: &Frame,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<Trouble> {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    let mut troubles = seen.into_iter().filter_map(|name| trouble(frame, name));
    let mut first = troubles.next()?;
    first.line += &and_more(troubles.count());
    Some(first)
}

/// What stands behind the first of several lines of which only one has room: that there are so many more.
#[must_use]
pub fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(" · and {more} more"),
    }
}

/// What sources that answer can't bring of a part, as one line with the mend; `only` asks one source alone.
#[must_use]
pub fn partial(frame: &Frame, only: Option<&str>, part: &str) -> Option<String> {
    let asked = frame.sources.iter().filter(|source| {
        source.health.is_giving() && only.is_none_or(|only| &*source.name == only)
    });
    let mut lines = asked.flat_map(|source| {
        let lacking = source.partial.iter();
        lacking
            .filter(|it| it.part.eq_ignore_ascii_case(part))
            .map(|it| format!("! {} {} partial: {}", source.name, it.part, it.line))
    });
    let mut first = lines.next()?;
    first += &and_more(lines.count());
    Some(first)
}

/// The first source of a kind whose figures are not to be believed; `only` asks one source alone.
#[must_use]
pub fn trouble_of_kind(
    frame: &Frame,
    kind: SourceKind,
    only: Option<&str>,
) -> Option<(SourceName, Trouble)> {
    let asked = frame
        .sources
        .iter()
        .filter(|source| source.kind == kind && only.is_none_or(|only| &*source.name == only));
    asked
        .filter_map(|source| Some((source.name.clone(), trouble(frame, &source.name)?)))
        .next()
}

/// Whether the figures of any source of a kind are to be believed; `only` asks one source alone.
#[must_use]
pub fn any_answers(frame: &Frame, kind: SourceKind, only: Option<&str>) -> bool {
    let mut asked = frame
        .sources
        .iter()
        .filter(|source| source.kind == kind && only.is_none_or(|only| &*source.name == only));
    asked.any(|source| source.health != Health::Absent && !is_silent(frame, &source.name))
}

/// The sources of a kind that do not answer or refuse, though they are there.
pub fn failing_of_kind(frame: &Frame, kind: SourceKind) -> impl Iterator<Item = &SourceStatus> {
    frame.sources.iter().filter(move |source| {
        let failing = matches!(
            source.health,
            Health::Failing { .. } | Health::Denied { .. }
        );
        source.kind == kind && failing
    })
}

/// Whether there is a source of this kind that this machine has.
#[must_use]
pub fn has_kind(frame: &Frame, kind: SourceKind) -> bool {
    let mut of_kind = frame.sources.iter().filter(|source| source.kind == kind);
    of_kind.any(|source| source.health != Health::Absent)
}

/// What is the matter with the source called `name`, if its figures are not to be believed.
#[must_use]
pub fn trouble(frame: &Frame, name: &str) -> Option<Trouble> {
    let source = frame.source(name)?;
    let word = source.health.word();
    let (word, kind, role, line) = match &source.health {
        Health::Absent => return None,
        Health::Starting => {
            let line = format!("{name}: waiting for the first figures");
            (word, NoticeKind::Waiting, Role::Dim, line)
        }
        Health::Failing { .. } => {
            let line = format!("! {name} {}", source.line());
            (word, NoticeKind::Failing, Role::Critical, line)
        }
        Health::Denied { .. } => {
            let line = format!("! {name} {}", source.line());
            (word, NoticeKind::Denied, Role::Warning, line)
        }
        Health::Up | Health::Slow { .. } => {
            let last = source.last_answer?;
            let patience = source.interval.max(frame.tick) * LATE + GRACE;
            if frame.at.since(last) <= patience {
                return None;
            }
            let line = format!("! {name} stale since {}", last.clock_text());
            ("stale", NoticeKind::Waiting, Role::Warning, line)
        }
    };
    Some(Trouble {
        word,
        kind,
        role,
        line,
    })
}
