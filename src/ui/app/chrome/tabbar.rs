//! ` 1 Host   2 API   3 Cache   4 Queries   5 Alerts•3`

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Writer, mark};
use crate::ui::app::App;
use crate::ui::tabs::{Hits, Target};
use crate::ui::theme::{Role, Symbols};

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let look = &app.look;
    let mut line = Writer::new(area, buf);
    for (index, tab) in app.tabs.iter().enumerate() {
        let style = look.style(if index == app.active {
            Role::TabActive
        } else {
            Role::TabInactive
        });
        let mut taken = line.put(&format!(" {} {} ", index + 1, tab.title()), style);
        if let Some(badge) = tab.badge(&app.frame) {
            let sign = if look.symbols == Symbols::Ascii {
                "*"
            } else {
                "•"
            };
            let count = line.put(
                &format!("{sign}{} ", badge.count),
                look.style(Role::of(badge.severity)),
            );
            taken = taken.union(count);
        }
        mark(hits, taken, Target::Tab(index));
        line.skip(1);
    }
    let range = format!("charts {} ", app.range.word());
    if line.until_right(u16::try_from(range.len()).unwrap_or(0)) {
        let taken = line.put(&range, look.style(Role::Dim));
        mark(hits, taken, Target::Action("longer-range"));
    }
}
