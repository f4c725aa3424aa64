//! What the labels of a series say: which route with which status, which model, or nothing that counts.

use std::sync::Arc;

use super::known::{self, ModelPart};
use super::meaning::{LevelPart, Meaning, Words, Work};
use super::page::Sample;
use crate::collect::red::route::route_of;
use crate::model::text::printable;

/// What a series counts towards.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    /// Requests of a route.
    Work {
        /// Empty where no label says it.
        method: Arc<str>,
        /// The route, safe to show.
        route: Arc<str>,
        /// Whether a label says the route.
        is_routed: bool,
        /// The status as a number of HTTP; `None` where no label says one.
        status: Option<Option<u16>>,
    },
    /// Use of a model.
    Model {
        model: Arc<str>,
        part: ModelPart,
        /// Whether the calls failed, where a label says so.
        failed: Option<bool>,
    },
    /// A level of a cache.
    Level(usize, LevelPart),
    /// It does not count: the sum of others, or other labels than those that were asked for.
    Nothing,
}

/// What the labels of a line say.
pub(super) fn place_of(meaning: &Meaning, sample: &Sample<'_, '_>) -> Place {
    match meaning {
        Meaning::Work(work) => work_place(work, sample),
        Meaning::Model(part, _) => model_place(*part, sample),
        Meaning::Level(level, part, labels) => {
            let has = |(name, value): &(String, String)| {
                sample.label(name).unwrap_or_default() == value.as_str()
            };
            if labels.iter().all(has) {
                Place::Level(*level, *part)
            } else {
                Place::Nothing
            }
        }
        Meaning::Started => Place::Nothing,
    }
}

fn work_place(work: &Work, sample: &Sample<'_, '_>) -> Place {
    let status = find(&work.status, sample).map(known::status);
    let Ok(status) = status.transpose() else {
        return Place::Nothing;
    };
    let route = find(&work.route, sample);
    Place::Work {
        method: printable(find(&work.method, sample).unwrap_or_default()).into(),
        route: match route {
            Some(path) if path.starts_with('/') => route_of(path).into(),
            Some(other) => printable(other).into(),
            None => work.name.clone(),
        },
        is_routed: route.is_some(),
        status,
    }
}

fn model_place(part: ModelPart, sample: &Sample<'_, '_>) -> Place {
    let model = label(known::MODEL_LABELS, sample).unwrap_or("unnamed");
    let part = match part {
        ModelPart::Tokens => match label(&["gen_ai_token_type", "token_type", "type"], sample) {
            Some("input" | "prompt") => ModelPart::Input,
            Some("output" | "completion") => ModelPart::Output,
            _ => return Place::Nothing,
        },
        part => part,
    };
    Place::Model {
        model: printable(model).into(),
        part,
        failed: failed(part, sample),
    }
}

/// Whether the calls of a series failed: OpenTelemetry names the error only then; vLLM tells how each one ended.
fn failed(part: ModelPart, sample: &Sample<'_, '_>) -> Option<bool> {
    match part {
        ModelPart::Success => Some(false),
        ModelPart::Failure => Some(true),
        ModelPart::Duration if sample.name.starts_with("gen_ai") => {
            Some(label(&["error_type"], sample).is_some())
        }
        ModelPart::Calls => {
            let reason = label(&["finished_reason"], sample)?;
            Some(matches!(reason, "abort" | "error"))
        }
        _ => None,
    }
}

fn find<'s>(words: &Words, sample: &'s Sample<'_, '_>) -> Option<&'s str> {
    match words {
        Words::Usual(names) => label(names, sample),
        Words::Own(name) => sample.label(name).filter(|value| !value.is_empty()),
    }
}

/// The first of these labels that is there and says something. Dots in names of labels are underscores to everybody
/// else.
fn label<'s>(names: &[&str], sample: &'s Sample<'_, '_>) -> Option<&'s str> {
    names.iter().find_map(|name| {
        let is_named = |known: &str| {
            known == *name || known.contains('.') && known.replace('.', "_") == **name
        };
        let found = sample
            .labels
            .iter()
            .find(|(known, value)| is_named(known) && !value.is_empty());
        found.map(|(_, value)| &**value)
    })
}
