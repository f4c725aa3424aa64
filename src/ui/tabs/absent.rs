//! What stands in a tab for which no source has brought anything: what it would show, what was looked for, and how to
//! see it filled.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Context;
use super::pen::Words;
use crate::ui::theme::Role;
use crate::ui::widgets::{Notice, NoticeKind, Panel};

/// What a tab says of itself while it has no source.
pub struct Absent {
    /// The tab's title.
    pub tab: &'static str,
    /// What the tab would show.
    pub shows: &'static [&'static str],
    /// Where its figures will come from.
    pub sources: &'static str,
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
        let words = || Words::new(cx.look);
        let mut lines: Vec<Line<'_>> = self
            .shows
            .iter()
            .map(|line| words().dim(*line).line())
            .collect();
        lines.extend([
            Line::default(),
            words().dim("looked for: ").value("nothing").line(),
            words()
                .dim("because: this version reads the host alone; ")
                .line(),
            words().dim(self.sources).line(),
            Line::default(),
            words()
                .dim("to see it filled: ")
                .put(Role::Key, "hubtop demo")
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
