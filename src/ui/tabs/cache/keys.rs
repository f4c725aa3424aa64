//! The walk over the keys of the cache that is open: how far it is, what it costs, what it found.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::model::{KeySpace, ScanState, format};
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::padded;
use crate::ui::theme::Role;
use crate::ui::widgets::{Notice, NoticeKind};

/// Draws how far the walk is above the rows; what is left of the area.
pub(super) fn progress(cx: &Context<'_>, keys: &KeySpace, area: Rect, buf: &mut Buffer) -> Rect {
    let [bar, line, rest] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
    ])
    .areas(area);
    let share = (keys.keys > 0).then(|| (keys.seen as f64 / keys.keys as f64).min(1.0));
    let percent = share.map_or(format::UNKNOWN.to_owned(), |share| {
        format!("{:.0}%", share * 100.0)
    });
    Pen::new(padded(bar), buf, cx.look).gauge("seen", 4, share, &percent);
    let (role, state) = match keys.state {
        ScanState::Running => (Role::Info, "walking"),
        ScanState::Complete => (Role::Ok, "complete"),
        ScanState::Stopped => (Role::Warning, "stopped"),
    };
    let mut words = Words::new(cx.look)
        .put(role, state)
        .dim("  ")
        .value(format::grouped(keys.seen))
        .dim(format!(" of {} keys", format::grouped(keys.keys)))
        .dim("  cost the server ")
        .value(format::millis(keys.cost_ms))
        .dim("  begun ")
        .value(keys.begun.clock_text());
    if keys.state == ScanState::Running {
        words = words.dim("  x stops it");
    }
    Pen::new(padded(line), buf, cx.look).words(words);
    rest
}

/// What stands there before the keys were walked.
pub(super) fn not_walked(cx: &Context<'_>, walks: bool, area: Rect, buf: &mut Buffer) {
    let words = || Words::new(cx.look);
    let lines = match (walks, cx.locked) {
        (false, _) => vec![
            words()
                .dim("this server has no way to walk its keys")
                .line(),
        ],
        (true, Some(why)) => vec![words().dim(why.to_owned()).line()],
        (true, None) => vec![
            words()
                .put(Role::Key, "x")
                .dim(" walks them with SCAN, bounded a second and in all;")
                .line(),
            words()
                .dim("about 1ms of the server's time for each thousand keys")
                .line(),
        ],
    };
    let notice = Notice {
        kind: NoticeKind::Empty,
        title: "Its keys were not walked".to_owned(),
        lines: lines.into_iter().collect::<Vec<Line<'_>>>(),
    };
    notice.render(area, buf, cx.look);
}
