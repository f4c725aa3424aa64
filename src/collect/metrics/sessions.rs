//! Sessions of users, from what a person says of a page with `[[api]] kind = "session"`: a gauge of those who are active,
//! and a histogram or summary of how long sessions lasted.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::book::Grown;
use super::form::{Mappings, WorkKind};
use super::meaning::{Meaning, Work, is_of};
use super::place::Place;
use crate::model::{Moment, Reading, Rows, SessionGroup, SourceName};

/// The mean length is that of the sessions that ended in this time: few do in a minute.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// So many groups are listed.
const MOST_GROUPS: usize = 100;

/// All sessions that a page tells of.
pub(super) struct Sessions {
    source: SourceName,
    is_wanted: bool,
    groups: BTreeMap<Arc<str>, Group>,
}

#[derive(Default)]
struct Group {
    /// Users who are active, when the page tells it.
    active: Option<f64>,
    /// Sessions that ended: when, how many, how many seconds they lasted together.
    ended: VecDeque<(Duration, f64, f64)>,
}

impl Sessions {
    pub fn new(source: &SourceName, mappings: &Mappings) -> Self {
        let mut forms = mappings.apis.iter();
        let is_wanted = forms
            .any(|form| form.kind == WorkKind::Session && is_of(form.source.as_deref(), source));
        Self {
            source: source.clone(),
            is_wanted,
            groups: BTreeMap::new(),
        }
    }

    /// Puts the groups that the page tells of, and what it does not tell.
    pub fn put(&mut self, grown: &[Grown<'_>], now: Moment, reading: &mut Reading) {
        if !self.is_wanted {
            return;
        }
        let first = now.mono.saturating_sub(WINDOW);
        for group in self.groups.values_mut() {
            group.active = None;
            group.ended.retain(|(at, ..)| *at > first);
        }
        for one in grown {
            if let Some((work, group)) = session(one) {
                self.take(one, work, group, now.mono);
            }
        }
        let rows: Vec<SessionGroup> = self.rows().collect();
        if rows.is_empty() {
            let line = "no gauge of active users on this page: look at metric of its [[api]] of the kind session";
            reading.lacks("sessions", line);
        }
        reading.rows.push(Rows::Sessions(rows));
    }

    fn take(&mut self, one: &Grown<'_>, work: &Work, group: &Arc<str>, now: Duration) {
        if self.groups.len() >= MOST_GROUPS && !self.groups.contains_key(group) {
            return;
        }
        let group = self.groups.entry(group.clone()).or_default();
        if one.now.sum.is_none() && one.now.buckets.is_empty() {
            let users = one.now.count.filter(|users| *users >= 0.0);
            group.active = match (group.active, users) {
                (Some(known), Some(more)) => Some(known + more),
                (known, more) => known.or(more),
            };
        } else if let Some(by) = &one.by
            && by.count > 0.0
            && let Some(sum) = by.sum
        {
            let seconds = sum * work.unit_ms.unwrap_or(1e3) / 1e3;
            group.ended.push_back((now, by.count, seconds));
        }
    }

    /// Who is there can't be told of a group without a gauge.
    fn rows(&self) -> impl Iterator<Item = SessionGroup> {
        self.groups.iter().filter_map(|(name, group)| {
            Some(SessionGroup {
                group: name.clone(),
                active_users: group.active?.round() as u64,
                mean_length_seconds: group.mean_length(),
                requests_per_minute: None,
                source: self.source.clone(),
            })
        })
    }
}

impl Group {
    fn mean_length(&self) -> Option<f64> {
        let (count, seconds) = self
            .ended
            .iter()
            .fold((0.0, 0.0), |(count, seconds), (_, more, longer)| {
                (count + more, seconds + longer)
            });
        (count > 0.0).then(|| seconds / count)
    }
}

fn session<'b>(grown: &Grown<'b>) -> Option<(&'b Work, &'b Arc<str>)> {
    let (Meaning::Work(work), Place::Work { route, .. }) = (grown.meaning, grown.place) else {
        return None;
    };
    (work.kind == WorkKind::Session).then_some((work, route))
}
