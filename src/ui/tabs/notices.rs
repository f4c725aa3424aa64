//! What stands where there are no figures: a tab that no source fills says what it would show, what was looked for, and
//! how to see it filled; a source that fails says since when and why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Context;
use super::pen::Words;
use super::source::Trouble;
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
    /// The places that its figures will come from.
    pub not_read: &'static str,
}

impl Absent {
    /// Shows it in place of the tab.
    pub fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let panel = Panel {
            title: Line::from(self.tab),
            right: Line::default(),
            focused: true,
        };
        let inner = panel.render(area, buf, cx.look);
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
        lines.extend([
            Line::default(),
            words()
                .dim("looked for    ")
                .value("nothing: this version reads the host alone")
                .line(),
            words().dim("not read      ").value(self.not_read).line(),
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
