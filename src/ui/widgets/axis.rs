//! The clock below a chart and the numbers of its scale.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{TimeAxis, text};
use crate::model::Timestamp;
use crate::ui::theme::{Look, Role};

/// Narrower charts have no scale.
pub(super) const LEAST_WIDTH: u16 = 12;
/// Lower charts have no clock.
pub(super) const LEAST_HEIGHT: u16 = 3;
/// Cells from one tick of the clock to the next, at least: `14:32` and room to breathe.
const TICK_WIDTH: u16 = 11;

/// Steps that people count time in, in seconds.
const STEPS: [u64; 16] = [
    5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200,
];

/// Writes the local clock at round times, each centred under its moment.
pub(super) fn draw_clock(time: TimeAxis, area: Rect, buf: &mut Buffer, look: &Look) {
    let span = time.end.since(time.start);
    if span.is_zero() || area.width < 5 {
        return;
    }
    let step = step_for(span, area.width);
    let style = look.style(Role::Dim);
    // Round in the local zone, not in UTC: some zones lie half an hour off.
    let offset = i64::from(time.start.local().offset().local_minus_utc()) * 1000;
    let first = Timestamp(time.start.0.saturating_add(offset));
    let first = first.floor_to(step).0.saturating_sub(offset);
    let mut free = area.left();
    for tick in 0..u32::from(area.width) {
        let at = Timestamp(first).plus(step.saturating_mul(tick));
        if at >= time.end {
            break;
        }
        let Some(column) = column_of(at, time, area) else {
            continue;
        };
        let label = if step < Duration::from_secs(60) {
            at.clock_text()
        } else {
            at.minute_text()
        };
        let width = label.len() as u16;
        let left = column.saturating_sub(width / 2);
        if left < free || left + width > area.right() {
            continue;
        }
        free = text::put(buf, left, area.y, &label, width, style) + 2;
    }
}

/// The column in which a moment lies; `None` when it is outside.
pub(super) fn column_of(at: Timestamp, time: TimeAxis, area: Rect) -> Option<u16> {
    if at < time.start || at >= time.end {
        return None;
    }
    let span = time.end.0 as f64 - time.start.0 as f64;
    let share = (at.0 as f64 - time.start.0 as f64) / span;
    let column = (share * f64::from(area.width)) as u16;
    Some(area.x + column.min(area.width.saturating_sub(1)))
}

fn step_for(span: Duration, width: u16) -> Duration {
    let most = f64::from((width / TICK_WIDTH).max(1));
    let least = span.as_secs_f64() / most;
    let fitting = STEPS.iter().find(|step| **step as f64 >= least);
    Duration::from_secs(*fitting.unwrap_or(&86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_do_not_crowd() {
        let step = |seconds, width| step_for(Duration::from_secs(seconds), width).as_secs();
        assert_eq!(step(300, 60), 60);
        assert_eq!(step(300, 120), 30);
        assert_eq!(step(3600, 60), 900);
        assert_eq!(step(86_400, 100), 10_800);
        assert_eq!(step(300, 8), 300);
    }

    #[test]
    fn a_moment_outside_has_no_column() {
        let time = TimeAxis {
            start: Timestamp(1000),
            end: Timestamp(2000),
        };
        let area = Rect::new(10, 0, 10, 1);
        assert_eq!(column_of(Timestamp(999), time, area), None);
        assert_eq!(column_of(Timestamp(1000), time, area), Some(10));
        assert_eq!(column_of(Timestamp(1999), time, area), Some(19));
        assert_eq!(column_of(Timestamp(2000), time, area), None);
    }
}
