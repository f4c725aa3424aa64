//! ` 14:02 ─────▲━━━──●━━┃ 14:28:07 ────── now`: where in time the screen stands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::mark;
use crate::model::Timestamp;
use crate::ui::app::App;
use crate::ui::tabs::{Hits, Target};

pub(super) fn draw(app: &mut App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    if area.is_empty() {
        return;
    }
    app.follow_time_bar(area.width);
    let bounds = app.bounds();
    let cursor = app.moment();
    let bar = app.time_bar(("", "", ""));
    let begin = short_text(bar.start, bounds.latest);
    let end = if bounds.is_recording {
        bounds.latest.minute_text()
    } else {
        "now".to_owned()
    };
    let cursor = cursor.clock_text();
    let track = app
        .time_bar((&begin, &end, &cursor))
        .render(area, buf, &app.look);
    app.place_time_bar(track);
    if !track.is_empty() {
        hits.add(track, Target::TimeBar);
    }
    let behind = Rect {
        x: track.right(),
        width: area.right().saturating_sub(track.right()),
        ..area
    };
    mark(hits, behind, Target::Action("live"));
}

/// `14:02`, of another day `03-13 14:02`.
fn short_text(at: Timestamp, now: Timestamp) -> String {
    if at.local().date_naive() == now.local().date_naive() {
        at.minute_text()
    } else {
        at.local().format("%m-%d %H:%M").to_string()
    }
}
