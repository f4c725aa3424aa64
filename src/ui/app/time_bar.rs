//! The bar of the stretch of time around the moment that is shown: which stretch that is, what is known of it, and what
//! the mouse does on it. It is there while the screen does not simply show the present.

use std::time::Duration;

use ratatui::layout::Rect;

use super::position::Position;
use super::state::App;
use super::travel::fired_text;
use crate::feed::Window;
use crate::model::{Frame, Incident, Range, SeriesId, Timestamp};
use crate::ui::theme::Role;
use crate::ui::widgets::{Firing, TimeBar};

const HOUR: Duration = Duration::from_secs(3600);
/// How long the stretch may be: the shortest of these that holds the moment, and no shorter than that of the charts.
const SPANS: [Duration; 7] = [
    Range::FiveMinutes.span(),
    HOUR,
    Range::SixHours.span(),
    Range::Day.span(),
    Duration::from_secs(7 * 86_400),
    Duration::from_secs(30 * 86_400),
    Duration::from_secs(366 * 86_400),
];
/// Room before the moment, as a part of how far back it lies, so that it does not stand at the very edge.
const ROOM_BEFORE: u32 = 20;
/// By so many series it is told whether anything is remembered: one alone may have a source that failed.
const WITNESSES: usize = 2;

/// The stretch that was drawn last, and what is known of it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    start: Timestamp,
    end: Timestamp,
    /// Where the line was drawn.
    track: Rect,
    known: Vec<bool>,
    incidents: Vec<Incident>,
    firings: Vec<Firing>,
    read: Read,
    /// Whether the mouse holds the cursor. The stretch stands still then.
    is_held: bool,
}

/// What was read, as far as it matters in columns.
#[derive(Debug, Default, PartialEq, Eq)]
struct Read {
    start: Timestamp,
    end: Timestamp,
    columns: u16,
    /// How many alerts fire, and how many are over.
    alerts: (usize, usize),
    /// How often more of the past has come.
    arrivals: u64,
}

impl App {
    /// Whether the bar is shown.
    pub(super) fn has_time_bar(&self) -> bool {
        self.position != Position::Live || self.feed.link().is_recording()
    }

    /// The beginning and the end of the stretch.
    fn stretch(&self) -> (Timestamp, Timestamp) {
        if self.bar.is_held {
            return (self.bar.start, self.bar.end);
        }
        let bounds = self.bounds();
        if bounds.is_recording {
            return (bounds.oldest, bounds.latest);
        }
        let back = bounds.latest.since(self.moment());
        let needed = (back + back / ROOM_BEFORE).max(self.range.span());
        let fitting = SPANS.into_iter().find(|span| *span >= needed);
        let span = fitting.unwrap_or(needed);
        let remembered = bounds.latest.since(bounds.oldest).max(SPANS[0]);
        (bounds.latest.minus(span.min(remembered)), bounds.latest)
    }

    /// Reads what is known of the stretch, unless it moved by less than a column and no alert began or ended.
    pub(super) fn follow_time_bar(&mut self, columns: u16) {
        if self.bar.is_held {
            return;
        }
        let (start, end) = self.stretch();
        (self.bar.start, self.bar.end) = (start, end);
        let newest = self.feed.newest();
        let column = (end.since(start) / u32::from(columns.max(1))).max(newest.tick);
        let alerts = &newest.alerts;
        let read = Read {
            start: start.floor_to(column),
            end: end.floor_to(column),
            columns,
            alerts: (alerts.firing_count(), alerts.resolved.len()),
            arrivals: self.feed.arrivals(),
        };
        if self.bar.read == read {
            return;
        }
        self.bar.known = self.known(&newest, (start, end), columns);
        self.bar.incidents = self.feed.incidents(start, end);
        self.bar.firings = firings(&self.bar.incidents, start, end);
        self.bar.read = read;
    }

    /// Whether anything is remembered in each column: some series has a value there.
    fn known(
        &self,
        newest: &Frame,
        (start, end): (Timestamp, Timestamp),
        columns: u16,
    ) -> Vec<bool> {
        let columns = usize::from(columns);
        let witnesses = witnesses(newest);
        if witnesses.is_empty() || end <= start {
            return vec![true; columns];
        }
        let window = Window::ending(end, end.since(start), columns, newest.tick);
        let points: Vec<Vec<f64>> = witnesses
            .into_iter()
            .map(|id| self.feed.points(id, window).avg)
            .collect();
        let column = |column: usize| {
            let place = end.since(start).as_millis() * (column as u128 * 2 + 1);
            let before = u64::try_from(place / (columns as u128 * 2)).unwrap_or(u64::MAX);
            // The first bucket may begin a little later than the stretch.
            let moment = start.plus(Duration::from_millis(before)).max(window.start);
            let bucket = window.bucket_of(moment);
            bucket.is_some_and(|bucket| points.iter().any(|values| !values[bucket].is_nan()))
        };
        (0..columns).map(column).collect()
    }

    /// What is drawn of it; `texts` stand at its beginning, its end and the cursor.
    pub(super) fn time_bar<'a>(&'a self, texts: (&'a str, &'a str, &'a str)) -> TimeBar<'a> {
        TimeBar {
            start: self.bar.start,
            end: self.bar.end,
            known: &self.bar.known,
            firings: &self.bar.firings,
            cursor: self.moment(),
            cursor_text: texts.2,
            labels: (texts.0, texts.1),
        }
    }

    /// Remembers where it was drawn.
    pub(super) fn place_time_bar(&mut self, track: Rect) {
        self.bar.track = track;
    }

    /// A click on it: to that moment, or to the alert that fired there. The mouse holds the cursor from then on.
    pub(super) fn click_time_bar(&mut self, column: u16) {
        self.bar.is_held = true;
        let track = self.bar.track;
        let bar = self.time_bar(("", "", ""));
        let fired = |incident: &&Incident| {
            let fired = incident.fired.and_then(|at| bar.column_of(at, track));
            fired == Some(column)
        };
        let worst = |incident: &&Incident| incident.severity;
        let there = self.bar.incidents.iter().filter(fired).max_by_key(worst);
        let Some((moment, incident)) = there.and_then(|it| Some((it.fired?, it.clone()))) else {
            return self.drag_time_bar(column);
        };
        self.travel(moment);
        let told = fired_text(&incident, moment, self.bar.end, 0);
        self.say(told, Role::of(incident.severity));
    }

    /// Moves the cursor that the mouse holds; beyond the ends it stays there.
    pub(super) fn drag_time_bar(&mut self, column: u16) {
        let track = self.bar.track;
        let last = track.right().saturating_sub(1);
        let column = column.clamp(track.left(), last.max(track.left()));
        let moment = self.time_bar(("", "", "")).moment_of(column, track);
        let bounds = self.bounds();
        self.travel(if column == last {
            bounds.latest
        } else {
            moment.max(bounds.oldest)
        });
    }

    /// Whether the mouse holds the cursor.
    pub(super) fn holds_time_bar(&self) -> bool {
        self.bar.is_held
    }

    /// Lets go of the cursor.
    pub(super) fn release_time_bar(&mut self) {
        self.bar.is_held = false;
    }

    /// Moves by columns, a tick at least; the wheel does.
    pub(super) fn walk_time_bar(&mut self, columns: i32) {
        let width = u32::from(self.bar.track.width.max(1));
        let column = self.bar.end.since(self.bar.start) / width;
        let span = column.max(self.tick()) * columns.unsigned_abs();
        if columns < 0 {
            self.step_back(span);
        } else {
            self.step_forward(span);
        }
    }
}

/// The first series whose value is known now.
fn witnesses(newest: &Frame) -> Vec<SeriesId> {
    let known = newest.values.iter().enumerate();
    let ids = known
        .filter(|(_, value)| !value.is_nan())
        .filter_map(|(index, _)| u32::try_from(index).ok().map(SeriesId));
    ids.take(WITNESSES).collect()
}

/// When alerts fired. What did all the time tells no moment of the stretch from another.
fn firings(incidents: &[Incident], start: Timestamp, end: Timestamp) -> Vec<Firing> {
    let firing = |incident: &Incident| {
        Some(Firing {
            severity: incident.severity,
            from: incident.fired?,
            to: incident.resolved.unwrap_or(end),
        })
    };
    let firings = incidents.iter().filter_map(firing);
    firings
        .filter(|firing| firing.from >= start || firing.to < end)
        .collect()
}
