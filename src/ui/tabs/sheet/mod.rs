//! A sheet is a list that a tab shows of one table of the frame: its columns are data ([`Field`]), the rest (order,
//! filter, selection, drawing, what stands there while it is empty) is the same for all.

mod field;
mod prose;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::list::{ListState, by_number, by_text};
use super::notices::{NOTHING_MATCHES, wrapped};
use super::pen::{Pen, Words};
use super::plot::padded;
use super::{Context, Hits, List, Target, past, source};
use crate::model::{Frame, Health, SourceKind};
use crate::ui::theme::Role;
use crate::ui::widgets::{Cell, Column, Notice, NoticeKind, Row, Table};

pub use field::{Field, Key, titles};
pub use prose::Prose;

/// What a sheet is of.
pub struct Kind<T: Clone + 'static> {
    /// Its title among the sub-lists.
    pub title: &'static str,
    /// Its columns.
    pub fields: &'static [Field<T>],
    /// Their titles.
    pub titles: &'static [&'static str],
    /// The columns that are ordered from A to Z at first.
    pub text_columns: &'static [usize],
    /// The column that it is ordered by at first, and whether the largest come first.
    pub order: (usize, bool),
    /// Its rows in a frame; `None` when no source brings them.
    pub rows: for<'a> fn(&'a Frame) -> Option<Cow<'a, [T]>>,
    /// What tells a row apart.
    pub id: fn(&T) -> String,
    /// The source that brought a row, as far as the rows are last ones that stay while it is silent.
    pub source: Option<fn(&T) -> &str>,
    /// What stands there when there is no row: that nothing is wrong.
    pub empty: &'static str,
}

/// A sheet, whatever it is of.
pub trait AnySheet: Send {
    /// Its title among the sub-lists.
    fn title(&self) -> &'static str;
    /// Orders and filters the rows of a frame; `only` leaves those that this source brought.
    fn refresh(&mut self, frame: &Frame, only: Option<&Arc<str>>);
    /// Shows them.
    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits, focused: bool);
    /// What can be walked, ordered and filtered.
    fn list(&mut self) -> &mut dyn List;
    /// How many rows are shown, and how many there are.
    fn counts(&self) -> (usize, usize);
    /// The filter as it was typed.
    fn filter(&self) -> &str;
    /// The identity of the selected row.
    fn selected(&self) -> Option<&str>;
    /// The identities of the marked rows, those that the filter hides included, or of the selected one.
    fn chosen(&self) -> Vec<&str>;
    /// Shows its other side, if it has one; whether it has.
    fn turn(&mut self) -> bool {
        false
    }
    /// Also tells of the sources of this kind that have brought no row.
    fn tell_of(&mut self, _kind: SourceKind) {}
    /// Selects a row by its identity; whether the frame has it.
    fn select(&mut self, id: &str, frame: &Frame) -> bool;
    /// The selected row as text.
    fn row_text(&self, cx: &Context<'_>) -> Option<String>;
}

/// A sheet with what a person chose in it.
pub struct Sheet<T: Clone + 'static> {
    kind: &'static Kind<T>,
    /// The same rows under other columns, which [`AnySheet::turn`] changes to.
    other_side: Option<&'static Kind<T>>,
    /// Which rows stand on this side, if not all of them.
    shows: Option<fn(&T) -> bool>,
    /// Which rows stand on the other side.
    other_shows: Option<fn(&T) -> bool>,
    /// The source whose rows alone are shown.
    only: Option<Arc<str>>,
    /// The sources that are told of though they have brought no row.
    told_of: Option<SourceKind>,
    columns: Vec<Column>,
    list: ListState<String>,
    /// Which row of the frame's table stands at each place of the list.
    places: Vec<usize>,
}

impl<T: Clone + 'static> Sheet<T> {
    /// A sheet in which nothing was chosen yet.
    #[must_use]
    pub fn new(kind: &'static Kind<T>) -> Self {
        let (column, descending) = kind.order;
        Self {
            kind,
            other_side: None,
            shows: None,
            other_shows: None,
            only: None,
            told_of: None,
            columns: kind.fields.iter().map(|field| field.column).collect(),
            list: ListState::new(kind.titles, column, descending)
                .with_text_columns(kind.text_columns),
            places: Vec::new(),
        }
    }

    /// The same sheet with only those rows on this side that `shows` says yes to.
    #[must_use]
    pub fn showing(mut self, shows: fn(&T) -> bool) -> Self {
        self.shows = Some(shows);
        self
    }

    /// The same sheet with another side.
    #[must_use]
    pub fn with_other_side(mut self, other: &'static Kind<T>) -> Self {
        self.other_side = Some(other);
        self
    }

    /// Whether a row is of the source that is shown.
    fn is_of_source(&self, row: &T) -> bool {
        match (&self.only, self.kind.source) {
            (Some(only), Some(source)) => source(row) == &**only,
            _ => true,
        }
    }

    /// Shows the columns that name the source of a row only where there are several.
    fn fit_columns(&mut self, rows: &[T], frame: &Frame) {
        let Some(source) = self.kind.source else {
            return;
        };
        let mut sources = rows.iter().filter(|row| self.is_of_source(row)).map(source);
        let first = sources.next();
        let kind = self.told_of.filter(|_| self.only.is_none());
        let of_kind = frame.sources.iter().filter(|it| Some(it.kind) == kind);
        let watched = of_kind.filter(|it| it.health != Health::Absent);
        let several = watched.count() > 1 || sources.any(|source| Some(source) != first);
        for (column, field) in self.columns.iter_mut().zip(self.kind.fields) {
            *column = field.column;
            if field.names_source && !several {
                // The first to leave, since there is never room for it.
                (column.width, column.worth) = (u16::MAX, u8::MAX);
            }
        }
    }

    fn ordered(&self, rows: &[T]) -> Vec<usize> {
        let (column, descending) = self.list.order();
        let tie = |row: usize| row as u64;
        match self.kind.fields.get(column).map(|field| &field.key) {
            Some(Key::Number(number)) => {
                by_number(rows.len(), descending, |row| number(&rows[row]), tie)
            }
            Some(Key::Text(text)) => by_text(rows.len(), descending, |row| text(&rows[row]), tie),
            None => (0..rows.len()).collect(),
        }
    }

    fn passes(&self, row: &T) -> bool {
        let filter = self.list.filtering();
        filter.passes_all()
            || filter.passes(self.kind.fields.iter().filter_map(|field| match field.key {
                Key::Text(text) => Some(text(row)),
                Key::Number(_) => None,
            }))
    }

    fn visible_row(&self, place: usize, rows: &[T], cx: &Context<'_>) -> Option<Row<'static>> {
        let row = rows.get(*self.places.get(place)?)?;
        let marked = self
            .list
            .rows()
            .get(place)
            .is_some_and(|id| self.list.is_marked(id));
        let source = self.kind.source.map(|source| source(row));
        let is_silent = source.is_some_and(|name| source::is_silent(cx.frame, name));
        let cells = self.kind.fields.iter().map(|field| {
            if is_silent {
                field.cell_of_the_past(row, cx)
            } else {
                field.cell(row, cx)
            }
        });
        Some(Row {
            cells: cells.collect(),
            marked,
        })
    }

    /// Whether a source has brought one of these rows.
    fn has_row_of(&self, rows: &[T], name: &str) -> bool {
        rows.iter().any(|row| match self.kind.source {
            Some(source) => source(row) == name,
            None => (self.kind.id)(row) == name,
        })
    }

    /// What is the matter with the sources of the rows, and with those that never brought one.
    fn trouble(&self, rows: &[T], cx: &Context<'_>) -> Option<(Role, String)> {
        let shown = rows.iter().filter(|row| self.is_of_source(row));
        let of_rows = self.kind.source.into_iter().flat_map(|source| {
            let shown = shown.clone();
            shown.map(source)
        });
        let kind = self.told_of.filter(|_| self.only.is_none());
        let of_kind = cx.frame.sources.iter().filter(|it| Some(it.kind) == kind);
        let rowless = of_kind
            .map(|source| &*source.name)
            .filter(|name| !self.has_row_of(rows, name));
        let trouble = source::trouble_among(cx.frame, of_rows.chain(rowless))?;
        Some((trouble.role, trouble.line))
    }

    /// Writes a line above the rows; what is left of the area.
    fn draw_above(
        (role, line): (Role, String),
        cx: &Context<'_>,
        area: Rect,
        buf: &mut Buffer,
    ) -> Rect {
        let [above, below] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
        Pen::new(padded(above), buf, cx.look).words(Words::new(cx.look).put(role, line));
        below
    }

    /// Whether rows that a moment of the past lacks may have been there.
    fn was_there(&self, cx: &Context<'_>) -> bool {
        let is_there_now = || (self.kind.rows)(&cx.feed.newest()).is_some();
        past::is_without_rows(cx) || (cx.is_past && is_there_now())
    }

    /// What its sources can't bring of it although they answer.
    fn partial(&self, cx: &Context<'_>) -> Option<String> {
        source::partial(cx.frame, self.only.as_deref(), self.kind.title)
    }

    /// What stands in place of rows.
    fn notice(&self, rows: Option<&[T]>, cx: &Context<'_>) -> Option<Notice<'static>> {
        let is_shown =
            |row: &T| self.is_of_source(row) && self.shows.is_none_or(|shows| shows(row));
        let rows = rows.map(|rows| rows.iter().any(is_shown));
        let partial = self.partial(cx).filter(|_| rows != Some(true));
        if let Some(line) = partial {
            let room = 72;
            return Some(Notice {
                kind: NoticeKind::Denied,
                title: format!("{} can't be had in full", self.kind.title),
                lines: wrapped(&line, room).into_iter().map(Line::from).collect(),
            });
        }
        let (kind, title) = match rows {
            None => (
                NoticeKind::Absent,
                format!("No source brings {} yet", self.kind.title.to_lowercase()),
            ),
            Some(false) => (NoticeKind::Empty, self.kind.empty.to_owned()),
            Some(true) => return None,
        };
        Some(Notice {
            kind,
            title,
            lines: Vec::new(),
        })
    }
}

impl<T: Clone + 'static> AnySheet for Sheet<T> {
    fn title(&self) -> &'static str {
        self.kind.title
    }

    fn refresh(&mut self, frame: &Frame, only: Option<&Arc<str>>) {
        self.only = only.cloned();
        let rows = (self.kind.rows)(frame);
        if let Some(rows) = rows.as_deref().filter(|_| self.list.mark_count() > 0) {
            let known: HashSet<String> = rows.iter().map(self.kind.id).collect();
            self.list.keep_marks(|id| known.contains(id));
        }
        let rows = rows.unwrap_or_default();
        self.fit_columns(&rows, frame);
        let mut places = self.ordered(&rows);
        places.retain(|place| {
            let row = &rows[*place];
            self.is_of_source(row) && self.shows.is_none_or(|shows| shows(row))
        });
        let all = places.len();
        places.retain(|place| self.passes(&rows[*place]));
        let ids = places.iter().map(|place| (self.kind.id)(&rows[*place]));
        self.list.arrange(ids.collect(), all);
        self.places = places;
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits, focused: bool) {
        let rows = (self.kind.rows)(cx.frame);
        if rows.is_none() && self.was_there(cx) {
            return past::rows_forgotten(cx, self.kind.title, area, buf);
        }
        let notice = self.notice(rows.as_deref(), cx);
        let rows = rows.unwrap_or_default();
        let partial = || Some((Role::Warning, self.partial(cx)?));
        let above = match (self.trouble(&rows, cx), &notice) {
            (Some(trouble), _) => Some(trouble),
            // The notice tells what can't be had.
            (None, Some(_)) => None,
            (None, None) => partial(),
        };
        let area = match above {
            Some(line) => Self::draw_above(line, cx, area, buf),
            None => area,
        };
        if let Some(notice) = notice {
            notice.render(area, buf, cx.look);
            return;
        }
        if self.places.is_empty() {
            Pen::new(area, buf, cx.look).middle(Words::new(cx.look).dim(NOTHING_MATCHES));
            return;
        }
        let height = Table::visible_rows(area.height);
        let visible = self.list.visible(height);
        hits.page = height;
        let table = Table {
            columns: &self.columns,
            first: visible.start,
            rows: visible
                .filter_map(|place| self.visible_row(place, &rows, cx))
                .collect(),
            total: self.places.len(),
            selected: self.list.selected_index(),
            order: Some(self.list.order()),
            matched: self.list.filtering().matched(),
            focused,
        };
        let drawn = table.render(area, buf, cx.look);
        for (area, column) in drawn.heads {
            hits.add(area, Target::ColumnHead(column));
        }
        for (area, row) in drawn.rows {
            hits.add(area, Target::Row(row));
        }
    }

    fn list(&mut self) -> &mut dyn List {
        &mut self.list
    }

    fn counts(&self) -> (usize, usize) {
        self.list.counts()
    }

    fn filter(&self) -> &str {
        self.list.filter()
    }

    fn selected(&self) -> Option<&str> {
        self.list.selected().map(String::as_str)
    }

    fn chosen(&self) -> Vec<&str> {
        if self.list.mark_count() > 0 {
            return self.list.marks().map(String::as_str).collect();
        }
        self.selected().into_iter().collect()
    }

    fn turn(&mut self) -> bool {
        let Some(other) = self.other_side else {
            return false;
        };
        let before = std::mem::replace(self, Self::new(other));
        self.other_side = Some(before.kind);
        (self.shows, self.other_shows) = (before.other_shows, before.shows);
        (self.only, self.told_of) = (before.only, before.told_of);
        self.list.set_filter(before.list.filter());
        if let Some(selected) = before.list.selected() {
            self.list.select(selected);
        }
        true
    }

    fn tell_of(&mut self, kind: SourceKind) {
        self.told_of = Some(kind);
    }

    fn select(&mut self, id: &str, frame: &Frame) -> bool {
        let rows = (self.kind.rows)(frame).unwrap_or_default();
        let known = rows
            .iter()
            .any(|row| (self.kind.id)(row) == id && self.is_of_source(row));
        if known {
            self.list.select(&id.to_owned());
        }
        known
    }

    fn row_text(&self, cx: &Context<'_>) -> Option<String> {
        let rows = (self.kind.rows)(cx.frame)?;
        let row = self.visible_row(self.list.selected_index()?, &rows, cx)?;
        let cells = row.cells.into_iter().filter_map(|cell| match cell {
            Cell::Text(text, _) => Some(text.into_owned()),
            Cell::Parts(parts) => Some(parts.into_iter().map(|(text, _)| text).collect()),
            Cell::Trend(..) => None,
        });
        Some(cells.collect::<Vec<String>>().join("  "))
    }
}
