//! The Queries tab: where the time in the databases goes, who waits for whom, what tables and indexes are worth.

mod deeds;
mod detail;
mod draw;
mod lists;
mod locks;
mod now;
mod sql;
#[cfg(test)]
mod tests;
mod time;
mod view;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::notices::Absent;
use super::sheet::Sheet;
use super::sheet_tab::{Detail, SheetTab, Subject};
use super::sheets::Sheets;
use super::{Badge, Context, DeedMenu, Hits, Jump, Route, RowId};
use crate::model::{Frame, SourceKind, SourceName};

/// The tab's title.
const TITLE: &str = "Queries";

/// The sub-lists that rows are opened from.
const STATEMENTS: usize = 0;
const ACTIVITY: usize = 1;
const LOCKS: usize = 2;

/// Turns the statements to their figures since the server's statistics were reset.
const SINCE_RESET: &str = "since-reset";
/// Shows the next server alone.
const NEXT_SERVER: &str = "next-server";

/// Every row of every server, as the palette calls it.
const ALL_SERVERS: &str = "all servers";

/// The tab.
pub type QueriesTab = SheetTab<Queries>;

/// What a person chose in the tab beyond its lists.
#[derive(Debug, Default)]
pub struct Queries {
    /// Whether the frame that is shown has several servers.
    has_several: bool,
    /// Whether the statements show what was since the reset.
    since_reset: bool,
}

impl Subject for Queries {
    const TITLE: &'static str = TITLE;
    const KIND: Option<SourceKind> = Some(SourceKind::Database);
    const ABSENT: Absent = Absent {
        tab: TITLE,
        shows: &[
            "The statements that take the time of each database, with advice;",
            "sessions, who blocks whom as a tree, tables and indexes.",
        ],
        not_read: "PostgreSQL, MySQL, MariaDB",
    };
    const PANELS: &'static [&'static str] = &draw::PANELS;
    const LISTS: usize = draw::LISTS;

    fn sheets() -> Sheets {
        Sheets::new(vec![
            Box::new(
                Sheet::new(&lists::STATEMENTS)
                    .showing(view::ran)
                    .with_other_side(&lists::STATEMENTS_SINCE_RESET),
            ),
            Box::new(Sheet::new(&lists::ACTIVITY)),
            Box::new(Sheet::new(&lists::LOCKS)),
            Box::new(Sheet::new(&lists::TABLES)),
            Box::new(Sheet::new(&lists::INDEXES)),
        ])
    }

    fn has_source(frame: &Frame) -> bool {
        view::has_source(frame)
    }

    fn badge(frame: &Frame) -> Option<Badge> {
        view::badge(frame)
    }

    fn jumps(frame: &Frame) -> Vec<Jump> {
        let statements = frame.tables.statements.iter().flat_map(|rows| rows.iter());
        let to = |title: String, name: String| Jump {
            title,
            route: Route::Row(TITLE, RowId::Named(name)),
        };
        let mut jumps: Vec<Jump> = statements
            .map(|statement| {
                let title = format!("statement {}", statement.label());
                to(title, view::statement_id(statement))
            })
            .collect();
        let servers = view::servers(frame);
        if servers.len() > 1 {
            jumps.push(to(ALL_SERVERS.to_owned(), ALL_SERVERS.to_owned()));
            jumps.extend(
                servers
                    .iter()
                    .map(|server| to(format!("server {server}"), server.to_string())),
            );
        }
        jumps
    }

    fn refresh(&mut self, sheets: &mut Sheets, frame: &Frame) {
        let servers = view::servers(frame);
        self.has_several = servers.len() > 1;
        // A server that is no more must not hide the others.
        if sheets.only().is_some_and(|only| !servers.contains(only)) {
            sheets.show_only(None);
        }
    }

    fn draw(
        &self,
        cx: &Context<'_>,
        sheets: &Sheets,
        area: Rect,
        buf: &mut Buffer,
        hits: &mut Hits,
    ) {
        draw::draw(cx, sheets, self.since_reset, area, buf, hits);
    }

    fn detail(&self, sheet: usize, id: &str, frame: &Frame) -> Option<Box<dyn Detail>> {
        match sheet {
            STATEMENTS => detail::OpenStatement::of(id, frame),
            ACTIVITY | LOCKS => detail::OpenSession::of(id, frame),
            _ => None,
        }
    }

    fn opens(&self, sheet: usize) -> bool {
        matches!(sheet, STATEMENTS | ACTIVITY | LOCKS)
    }

    fn go_to(&mut self, name: &str, sheets: &mut Sheets, frame: &Frame) -> bool {
        let server = view::servers(frame)
            .into_iter()
            .find(|server| &**server == name);
        let is_place = server.is_some() || name == ALL_SERVERS;
        if is_place {
            sheets.show_only(server);
        }
        is_place
    }

    fn actions(&self, sheets: &Sheets, only: Option<usize>) -> &'static [&'static str] {
        if only.is_some_and(|panel| panel != draw::LISTS) {
            return &[];
        }
        match (sheets.shown() == STATEMENTS, self.has_several) {
            (true, true) => &[SINCE_RESET, NEXT_SERVER],
            (true, false) => &[SINCE_RESET],
            (false, true) => &[NEXT_SERVER],
            (false, false) => &[],
        }
    }

    fn act(&mut self, action: &str, sheets: &mut Sheets, frame: &Frame) -> Option<String> {
        match action {
            SINCE_RESET => {
                self.since_reset ^= sheets.turn();
                Some(match self.since_reset {
                    true => "statements since the server's statistics were reset".to_owned(),
                    false => "statements of this interval".to_owned(),
                })
            }
            NEXT_SERVER => {
                let next = next_server(view::servers(frame), sheets.only());
                let shown = next.as_deref().unwrap_or(ALL_SERVERS).to_owned();
                sheets.show_only(next);
                Some(format!("showing {shown}"))
            }
            _ => None,
        }
    }

    fn deeds(&self, sheets: &Sheets, frame: &Frame) -> Option<DeedMenu> {
        match sheets.shown() {
            ACTIVITY | LOCKS => deeds::of_sessions(frame, &sheets.chosen()),
            _ => None,
        }
    }
}

/// The server after the one that is shown alone; none after the last, which shows all.
fn next_server(servers: Vec<SourceName>, shown: Option<&SourceName>) -> Option<SourceName> {
    let after = match shown {
        None => 0,
        Some(shown) => servers.iter().position(|server| server == shown)? + 1,
    };
    servers.into_iter().nth(after)
}
