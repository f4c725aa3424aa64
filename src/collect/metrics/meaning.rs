//! What the series of a name are read for: by the tables of known names, or because a person wrote so.

use std::sync::Arc;

use super::form::{ApiForm, LevelForm, Mappings, SeriesForm, WorkKind};
use super::known::{self, KnownRequests, ModelPart};
use super::page::Type;

/// Which part of a family a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `_bucket`.
    Bucket,
    /// `_sum`.
    Sum,
    /// `_count`.
    Count,
    /// The name itself: a counter, a gauge, a quantile of a summary.
    Value,
}

/// The labels that are looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Words {
    /// The first of these that is there.
    Usual(&'static [&'static str]),
    /// This one.
    Own(Arc<str>),
}

/// Requests (or skills, turns, searches…), timed or counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Work {
    pub kind: WorkKind,
    /// Of several families with the same kind on one page only those with the lowest rank count: they tell of the same
    /// requests.
    pub rank: usize,
    /// What one of its unit is in milliseconds; counters have none.
    pub unit_ms: Option<f64>,
    pub method: Words,
    pub route: Words,
    pub status: Words,
    /// What it is called where no label says a route.
    pub name: Arc<str>,
}

/// Which figure of a cache level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LevelPart {
    Hits,
    Misses,
    Evictions,
    Size,
}

/// What a family of series is read for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Work(Work),
    Model(ModelPart, f64),
    /// The place of the level among the forms, and the labels that a series must have.
    Level(usize, LevelPart, Vec<(String, String)>),
    /// When the process was started: another value is another process.
    Started,
}

impl Meaning {
    /// What one of the unit of its times is in milliseconds.
    pub fn unit_ms(&self) -> f64 {
        match self {
            Self::Work(work) => work.unit_ms.unwrap_or(1.0),
            Self::Model(_, unit_ms) => *unit_ms,
            Self::Level(..) | Self::Started => 1.0,
        }
    }

    /// Whether a value less than the one before shows that the process began anew.
    pub fn only_rises(&self) -> bool {
        match self {
            // Users come and go.
            Self::Work(work) => work.kind != WorkKind::Session,
            Self::Level(_, part, _) => *part != LevelPart::Size,
            Self::Model(..) => true,
            Self::Started => false,
        }
    }
}

/// A name in the form of the tables: the dots that OpenMetrics allows in quotes are underscores to everybody else.
fn plain(name: &str) -> String {
    name.replace(['.', '/', '-'], "_")
}

/// The family that a name belongs to, and which part of it.
pub(super) fn split(name: &str) -> (&str, Part) {
    for (end, part) in [
        ("_bucket", Part::Bucket),
        ("_sum", Part::Sum),
        ("_count", Part::Count),
    ] {
        if let Some(base) = name.strip_suffix(end) {
            return (base, part);
        }
    }
    (name, Part::Value)
}

/// Everything that the series called `name` are read for, with the part of it and the family's name. `source` is the
/// page's; `told` and `unit` are what the page says of the family.
pub(super) fn of(
    name: &str,
    told: Option<Type>,
    unit: Option<&str>,
    mappings: &Mappings,
    source: &str,
) -> Vec<(String, Part, Meaning)> {
    let (base, part) = split(name);
    let mut meanings = Vec::new();
    for form in mappings
        .apis
        .iter()
        .filter(|form| is_of(form.source.as_deref(), source))
    {
        if let Some((base, part)) = form_part(form, name, base, part) {
            meanings.push((
                base.to_owned(),
                part,
                Meaning::Work(work_of_form(form, unit)),
            ));
        }
    }
    for (place, form) in mappings.levels.iter().enumerate() {
        if is_of(form.source.as_deref(), source) {
            for (part, series) in level_series(form) {
                if series.metric == name {
                    let labels = series.labels.clone().into_iter().collect();
                    let meaning = Meaning::Level(place, part, labels);
                    meanings.push((name.to_owned(), Part::Value, meaning));
                }
            }
        }
    }
    let is_mapped = meanings
        .iter()
        .any(|(.., meaning)| matches!(meaning, Meaning::Work(_)));
    if !is_mapped && let Some(meaning) = known_meaning(base, part, told) {
        meanings.push((base.to_owned(), part, meaning));
    }
    meanings
}

/// Whether a form with this source is of a page; one without is of every page.
pub(super) fn is_of(wanted: Option<&str>, source: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == source)
}

fn form_part<'a>(
    form: &ApiForm,
    name: &'a str,
    base: &'a str,
    part: Part,
) -> Option<(&'a str, Part)> {
    if form.metric == name {
        return Some((name, Part::Value));
    }
    (form.metric == base).then_some((base, part))
}

fn work_of_form(form: &ApiForm, unit: Option<&str>) -> Work {
    let words = |own: &Option<String>, usual| match own {
        Some(own) => Words::Own(own.as_str().into()),
        None => Words::Usual(usual),
    };
    let told = unit.and_then(|unit| known::split_unit(&format!("_{unit}")).1);
    let (_, ending) = known::split_unit(&form.metric);
    let unit = form.unit.or(ending).or(told);
    let unnamed = match form.kind {
        WorkKind::Session => "all",
        _ => &form.metric,
    };
    Work {
        kind: form.kind,
        rank: 0,
        unit_ms: Some(unit.map_or(1e3, super::form::TimeUnit::in_ms)),
        method: words(&form.method, known::METHOD_LABELS),
        route: words(&form.route, known::ROUTE_LABELS),
        status: words(&form.status, known::STATUS_LABELS),
        name: form.name.as_deref().unwrap_or(unnamed).into(),
    }
}

fn level_series(form: &LevelForm) -> impl Iterator<Item = (LevelPart, &SeriesForm)> {
    [
        (LevelPart::Hits, Some(&form.hits)),
        (LevelPart::Misses, Some(&form.misses)),
        (LevelPart::Evictions, form.evictions.as_ref()),
        (LevelPart::Size, form.size.as_ref()),
    ]
    .into_iter()
    .filter_map(|(part, series)| Some((part, series?)))
}

fn known_meaning(base: &str, part: Part, told: Option<Type>) -> Option<Meaning> {
    if base == "process_start_time_seconds" {
        return Some(Meaning::Started);
    }
    let name = plain(base);
    let stem = name.strip_suffix("_total").unwrap_or(&name);
    let (stem, unit) = known::split_unit(stem);
    if let Some(part) = known::model(stem) {
        let unit_ms = unit.map_or(1e3, super::form::TimeUnit::in_ms);
        return Some(Meaning::Model(part, unit_ms));
    }
    let is_counter = part == Part::Value && told != Some(Type::Gauge) && unit.is_none();
    if is_counter && let Some((rank, known)) = known::requests(known::COUNTS, stem) {
        return Some(Meaning::Work(work(rank, known, None)));
    }
    let (rank, known) = known::requests(known::TIMINGS, stem)?;
    let unit = unit.unwrap_or(known.unit);
    Some(Meaning::Work(work(rank, known, Some(unit.in_ms()))))
}

fn work(rank: usize, known: &KnownRequests, unit_ms: Option<f64>) -> Work {
    let route = match known.route {
        "" => Words::Usual(known::ROUTE_LABELS),
        own => Words::Own(own.into()),
    };
    Work {
        kind: WorkKind::Http,
        // A person's own forms have the first rank.
        rank: rank + 1,
        unit_ms,
        method: Words::Usual(known::METHOD_LABELS),
        route,
        status: Words::Usual(known::STATUS_LABELS),
        name: "all".into(),
    }
}
