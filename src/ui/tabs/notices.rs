//! What stands where there are no figures: a tab that no source fills says what it would show, what was looked for, and
//! how to see it filled; a source that fails says since when and why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::pen::Words;
use super::source::Trouble;
use super::{Context, past};
use crate::model::{Found, SourceKind};
use crate::ui::theme::Role;
use crate::ui::widgets::{Notice, NoticeKind, Panel, text};

/// What stands in place of the rows of a list when its filter lets none through.
pub const NOTHING_MATCHES: &str = "nothing matches; Esc clears the filter";

/// What a tab says of itself while it has no source.
pub struct Absent {
    /// The tab's title.
    pub tab: &'static str,
    /// What the tab would show.
    pub shows: &'static [&'static str],
    /// What its figures come from, in words.
    pub not_read: &'static str,
}

/// The kinds of `[[source]]` that fill each tab.
const KINDS: &[(&str, SourceKind, &[&str])] = &[
    ("API", SourceKind::Api, &["metrics", "access_log"]),
    ("Cache", SourceKind::Cache, &["redis", "memcached"]),
    ("Queries", SourceKind::Database, &["postgres", "mysql"]),
];

/// No more of what was found is listed, so that the rest of the notice can be read.
const MOST_FOUND: usize = 4;

impl Absent {
    /// Shows it in place of the tab.
    pub fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let panel = Panel {
            title: Line::from(self.tab),
            right: Line::default(),
            focused: true,
        };
        let inner = panel.render(area, buf, cx.look);
        if past::is_without_rows(cx) {
            return past::rows_forgotten(cx, "The rows", inner, buf);
        }
        if cx.frame.number == 0 {
            let notice = Notice {
                kind: NoticeKind::Waiting,
                title: "Waiting for the first figures".to_owned(),
                lines: Vec::new(),
            };
            notice.render(inner, buf, cx.look);
            return;
        }
        let words = || Words::new(cx.look);
        let mut lines: Vec<Line<'_>> = self
            .shows
            .iter()
            .map(|line| words().put(Role::Text, *line).line())
            .collect();
        lines.push(Line::default());
        lines.extend(self.looked_for(cx));
        lines.extend([
            Line::default(),
            words()
                .dim("see it filled ")
                .put(Role::Key, "hubtop demo")
                .dim(" tells a story that fills every tab")
                .line(),
        ]);
        let notice = Notice {
            kind: NoticeKind::Absent,
            title: format!("{} has no source yet", self.tab),
            lines,
        };
        notice.render(inner, buf, cx.look);
    }
}

impl Absent {
    /// What was looked for on this machine, what came of it, and the lines of the settings that would fill the tab.
    fn looked_for<'a>(&self, cx: &'a Context<'_>) -> Vec<Line<'a>> {
        let words = || Words::new(cx.look);
        let head = words().dim("looked for    ").value(self.not_read).line();
        let kinds = KINDS.iter().find(|(tab, ..)| *tab == self.tab);
        let kinds = kinds.map_or(&[][..], |(.., kinds)| *kinds);
        let Some(found) = &cx.frame.tables.found else {
            // Who looks around says how that goes; without it nothing is looked for.
            let looks = cx.frame.source("discover").is_some();
            let word = if looks {
                "still looking"
            } else {
                "nothing: it is switched off; a [[source]] in the settings names what to watch"
            };
            return vec![head, words().dim("found         ").value(word).line()];
        };
        let own: Vec<&Found> = found
            .iter()
            .filter(|row| kinds.contains(&&*row.kind))
            .collect();
        let Some(first) = own.first() else {
            let kind = kinds.first().copied().unwrap_or_default();
            let example = format!("[[source]] with kind = \"{kind}\" and its address");
            return vec![
                head,
                words()
                    .dim("found         ")
                    .value("none listens here")
                    .line(),
                words().dim("name one      ").value(example).line(),
            ];
        };
        let mut lines = vec![head];
        for row in own.iter().take(MOST_FOUND) {
            let why = match (&row.attached, &row.why_not) {
                (Some(name), _) => format!("is watched as {name} and has not answered yet"),
                (None, Some(why)) => why.to_string(),
                (None, None) => String::new(),
            };
            let what = format!("{} {}  ", row.kind, row.address);
            lines.push(words().dim("found         ").value(what).dim(why).line());
        }
        if first.attached.is_none() {
            lines.push(words().dim("to watch it, in the settings:").line());
            let settings = first.settings.lines();
            lines.extend(settings.map(|line| words().put(Role::Key, line).line()));
        }
        lines
    }
}

/// What was found beside the sources that a tab has and is not watched, in one line that says where to go.
#[must_use]
pub fn more_found(cx: &Context<'_>, kind: SourceKind) -> Option<String> {
    let (.., kinds) = KINDS.iter().find(|(_, of, _)| *of == kind)?;
    let found = cx.frame.tables.found.as_deref()?;
    let unwatched: Vec<&Found> = found
        .iter()
        .filter(|row| row.attached.is_none() && kinds.contains(&&*row.kind))
        .collect();
    let first = unwatched.first()?;
    let mut line = format!(
        "{} more found, not watched: {} {}",
        unwatched.len(),
        first.kind,
        first.address
    );
    if let Some(why) = &first.why_not {
        line += &format!(" {why}");
    }
    Some(line + " (: watch)")
}

/// How a source in trouble is called above its trouble: one that has not answered yet does not fail.
#[must_use]
pub fn no_answer(name: &str, trouble: &Trouble) -> String {
    match trouble.kind {
        NoticeKind::Waiting if trouble.word == "starting" => format!("Asking {name}"),
        NoticeKind::Denied => format!("{name} refuses"),
        _ => format!("{name} does not answer"),
    }
}

/// Says that something does not answer, since when and why.
pub fn silent(cx: &Context<'_>, title: String, trouble: &Trouble, area: Rect, buf: &mut Buffer) {
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    let notice = Notice {
        kind: trouble.kind,
        title,
        lines: wrapped(&trouble.line, room)
            .into_iter()
            .map(Line::from)
            .collect(),
    };
    notice.render(area, buf, cx.look);
}

/// A text in lines of at most `cells`, broken between words.
#[must_use]
pub fn wrapped(words: &str, cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text::width(line) + 1 + text::width(word) <= cells => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(text::fit(word, cells).into_owned()),
        }
    }
    lines
}
