//! One session of a server: who it is, how long it has been at it, whom it keeps waiting, its whole statement.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::sql_lines;
use crate::model::{Backend, Frame, SourceName, format};
use crate::ui::tabs::notices::wrapped;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{framed, padded, side_by_side};
use crate::ui::tabs::queries::deeds;
use crate::ui::tabs::queries::lists::{backend_id, lock_id};
use crate::ui::tabs::queries::locks::{IDLE_IN_TRANSACTION, LockRow, lock_tree};
use crate::ui::tabs::sheet::Prose;
use crate::ui::tabs::sheet_tab::Detail;
use crate::ui::tabs::sheets::Sheets;
use crate::ui::tabs::source::trouble;
use crate::ui::tabs::{Context, DeedMenu, Hits};
use crate::ui::theme::Role;

/// What an idle holder's statement is not.
const LAST_STATEMENT: &str =
    "idle in a transaction: its text is its last statement, not the one that took the lock";

/// The session that is open; the newest that was seen of it.
pub(in crate::ui::tabs::queries) struct OpenSession {
    id: String,
    server: SourceName,
    pid: u64,
    backend: Option<Backend>,
    locks: Vec<LockRow>,
    is_gone: bool,
    sheets: Sheets,
}

impl OpenSession {
    /// The session of a frame that is told apart by `id`, from its activity or its locks.
    pub fn of(id: &str, frame: &Frame) -> Option<Box<dyn Detail>> {
        let known = known(frame, id);
        let lock = own_lock(&known.1, id).map(|row| row.lock.clone());
        let (server, pid, text) = match (&known.0, lock) {
            (Some(backend), _) => (backend.instance.clone(), backend.pid, backend.text.clone()),
            (None, Some(lock)) => (lock.instance, lock.pid, lock.text),
            (None, None) => return None,
        };
        let (shown, copied) = (id.to_owned(), id.to_owned());
        let last = text.clone();
        let prose = Prose::new(
            "Statement",
            move |cx, cells| {
                sql_lines(
                    cx,
                    &text_of(cx.frame, &shown).unwrap_or_else(|| text.to_string()),
                    cells,
                )
            },
            move |cx| text_of(cx.frame, &copied).or_else(|| Some(last.to_string())),
        );
        Some(Box::new(Self {
            id: id.to_owned(),
            server,
            pid,
            backend: known.0,
            locks: known.1,
            is_gone: false,
            sheets: Sheets::new(vec![Box::new(prose)]),
        }))
    }

    fn own_lock(&self) -> Option<&LockRow> {
        own_lock(&self.locks, &self.id)
    }

    fn state(&self) -> &str {
        match (&self.backend, self.own_lock()) {
            (Some(backend), _) => &backend.state,
            (None, Some(row)) => &row.lock.state,
            (None, None) => format::UNKNOWN,
        }
    }

    fn facts(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let mut pen = Pen::new(padded(area), buf, cx.look);
        let mut line = |label: &str, role: Role, value: String| {
            let value = if value.is_empty() {
                format::UNKNOWN.to_owned()
            } else {
                value
            };
            pen.words(
                Words::new(cx.look)
                    .dim(format!("{label:<13}"))
                    .put(role, value),
            );
        };
        if let Some(trouble) = trouble(cx.frame, &self.server) {
            line("", trouble.role, trouble.line);
        }
        let age = |age: Option<std::time::Duration>| age.map_or(String::new(), format::duration);
        let state = if self.state().starts_with(IDLE_IN_TRANSACTION) {
            Role::Warning
        } else {
            Role::Bright
        };
        let Some(backend) = &self.backend else {
            if let Some(row) = self.own_lock() {
                line("user", Role::Bright, row.lock.user.to_string());
                line("state", state, self.state().to_owned());
                line("transaction", Role::Bright, age(row.lock.transaction_age));
            }
            return;
        };
        line(
            "state",
            state,
            format!(
                "{}  for {}",
                self.state(),
                or_unknown(age(backend.state_age))
            ),
        );
        let wait = backend.wait.as_deref().unwrap_or("nothing");
        line("waits for", Role::Bright, wait.to_owned());
        line("transaction", Role::Bright, age(backend.transaction_age));
        line("statement", Role::Bright, age(backend.statement_age));
        line(
            "who",
            Role::Bright,
            format!(
                "{} on {}",
                or_unknown(backend.user.to_string()),
                or_unknown(backend.database.to_string())
            ),
        );
        line("application", Role::Bright, backend.application.to_string());
        line("from", Role::Bright, backend.client.to_string());
        let connected = backend.started.map(|started| cx.at().since(started));
        line("connected", Role::Bright, age(connected));
    }

    /// Whom it waits for, who waits for it, and what ending it would free.
    fn locks_panel(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let area = padded(area);
        let mut pen = Pen::new(area, buf, cx.look);
        let words = || Words::new(cx.look);
        let Some(own) = self.own_lock() else {
            pen.words(words().dim("it waits for nobody, and nobody for it"));
            return;
        };
        let lock = &own.lock;
        if let Some(by) = lock.blocked_by {
            let waited = lock
                .waiting
                .map_or(format::UNKNOWN.to_owned(), format::duration);
            pen.words(
                words()
                    .dim("waits for ")
                    .put(Role::Warning, by.to_string())
                    .dim(" since ")
                    .value(waited),
            );
        }
        if !lock.object.is_empty() {
            pen.words(
                words()
                    .dim("lock ")
                    .value(lock.mode.to_string())
                    .dim(" on ")
                    .value(lock.object.to_string()),
            );
        }
        match own.victims {
            0 => pen.words(words().dim("nobody waits for it")),
            victims => {
                let these = self.victims_text();
                pen.words(
                    words()
                        .put(Role::Critical, format!("holds up {victims}: "))
                        .value(these),
                );
                pen.words(words().dim("ending it lets them go on, and undoes its transaction"));
            }
        }
        if own.is_idle_holder() {
            for line in wrapped(LAST_STATEMENT, usize::from(area.width)) {
                pen.words(words().put(Role::Warning, line));
            }
        }
    }

    /// The numbers of those who wait for it.
    fn victims_text(&self) -> String {
        let own = self
            .locks
            .iter()
            .position(|row| lock_id(&row.lock) == self.id);
        let Some((place, row)) = own.and_then(|place| Some((place, self.locks.get(place)?))) else {
            return String::new();
        };
        let victims = self.locks.iter().skip(place + 1).take(row.victims);
        victims
            .map(|row| row.lock.pid.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn or_unknown(text: String) -> String {
    if text.is_empty() {
        format::UNKNOWN.to_owned()
    } else {
        text
    }
}

/// What a frame knows of a session, and all locks.
fn known(frame: &Frame, id: &str) -> (Option<Backend>, Vec<LockRow>) {
    let mut backends = frame.tables.backends.iter().flat_map(|rows| rows.iter());
    let backend = backends.find(|backend| backend_id(backend) == id).cloned();
    (backend, lock_tree(frame).unwrap_or_default())
}

fn own_lock<'a>(locks: &'a [LockRow], id: &str) -> Option<&'a LockRow> {
    locks.iter().find(|row| lock_id(&row.lock) == id)
}

fn text_of(frame: &Frame, id: &str) -> Option<String> {
    let (backend, locks) = known(frame, id);
    let of_lock = || own_lock(&locks, id).map(|row| row.lock.text.to_string());
    backend
        .map(|backend| backend.text.to_string())
        .or_else(of_lock)
}

impl Detail for OpenSession {
    fn crumb(&self) -> String {
        format!("session {}", self.pid)
    }

    fn refresh(&mut self, cx: &Context<'_>) {
        let (backend, locks) = known(cx.frame, &self.id);
        let is_known = backend.is_some() || own_lock(&locks, &self.id).is_some();
        self.is_gone = !is_known;
        if is_known {
            (self.backend, self.locks) = (backend, locks);
        }
        self.sheets.refresh(cx.frame);
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        let height = (area.height / 2).clamp(6, 10);
        let [above, below] =
            Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
        let [left, right] = side_by_side(above, [1, 1]);
        let gone = match (self.is_gone, cx.is_past) {
            (false, _) => "",
            (true, false) => " · gone, what was last seen",
            (true, true) => " · not there then, what was last seen",
        };
        let title = format!("Session {} · {}{gone}", self.pid, self.server);
        let inner = framed(cx, (&title, "Esc goes back"), left, buf);
        self.facts(cx, inner, buf);
        let inner = framed(cx, ("Locks", ""), right, buf);
        if !inner.is_empty() {
            self.locks_panel(cx, inner, buf);
        }
        if !below.is_empty() {
            let inner = self.sheets.draw_frame(cx, true, below, buf, hits);
            self.sheets.draw_rows(cx, true, inner, buf, hits);
        }
    }

    fn sheets(&self) -> Option<&Sheets> {
        Some(&self.sheets)
    }

    fn sheets_mut(&mut self) -> Option<&mut Sheets> {
        Some(&mut self.sheets)
    }

    fn deeds(&self, frame: &Frame) -> Option<DeedMenu> {
        if self.is_gone {
            return None;
        }
        deeds::of_sessions(frame, &[self.id.as_str()])
    }
}
