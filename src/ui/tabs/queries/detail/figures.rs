//! The figures of a statement, a line each: of this interval, and since the statistics were reset.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::{Statement, StatementTotals, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::padded;
use crate::ui::theme::Role;

/// One line.
struct Figure {
    label: &'static str,
    /// Of this interval.
    now: fn(&Statement) -> Option<f64>,
    unit: Unit,
    /// Since the reset.
    total: fn(&StatementTotals) -> Option<f64>,
    total_unit: Unit,
    /// Whether it is known of an interval in which the statement did not run.
    lasts: bool,
}

impl Figure {
    /// A figure that is the same since the reset.
    const fn of(
        label: &'static str,
        unit: Unit,
        now: fn(&Statement) -> Option<f64>,
        total: fn(&StatementTotals) -> Option<f64>,
    ) -> Self {
        Self {
            label,
            now,
            unit,
            total,
            total_unit: unit,
            lasts: false,
        }
    }

    /// A figure that is told of an interval alone.
    const fn of_interval(
        label: &'static str,
        unit: Unit,
        now: fn(&Statement) -> Option<f64>,
    ) -> Self {
        Self::of(label, unit, now, |_| None)
    }
}

const MEAN: &str = "mean";

#[rustfmt::skip]
const FIGURES: [Figure; 9] = [
    Figure::of(MEAN, Unit::Millis, |row| row.mean_ms, |total| total.mean_ms),
    Figure { lasts: true, ..Figure::of_interval("usual mean", Unit::Millis, |row| row.usual_mean_ms) },
    Figure { total_unit: Unit::Count, ..Figure::of("calls", Unit::PerSec, |row| row.calls_per_sec, calls) },
    Figure::of("of the time", Unit::Percent, |row| row.time_percent, |total| total.time_percent),
    Figure::of("from memory", Unit::Percent, |row| row.hit_percent, |total| total.hit_percent),
    Figure::of("rows a call", Unit::Count, |row| row.rows_per_call, |total| total.rows_per_call),
    Figure::of("p95 or max", Unit::Millis, |row| row.p95_ms, |total| total.max_ms),
    Figure::of_interval("I/O a call", Unit::Millis, |row| row.io_ms_per_call),
    Figure::of_interval("temp a call", Unit::Bytes, |row| row.temp_bytes_per_call),
];

fn calls(total: &StatementTotals) -> Option<f64> {
    (total.calls > 0).then_some(total.calls as f64)
}

/// Writes them; `ran` says whether the statement ran in the interval.
pub(super) fn draw(cx: &Context<'_>, row: &Statement, ran: bool, area: Rect, buf: &mut Buffer) {
    let total = &row.since_reset;
    let mut pen = Pen::new(padded(area), buf, cx.look);
    let since = total.since.map_or_else(
        || "since reset".to_owned(),
        |since| format!("since {}", since.local().format("%-d %b %H:%M")),
    );
    pen.words(Words::new(cx.look).dim(format!("{:<12}{:>7}  {since}", "", "now")));
    for figure in &FIGURES {
        let is_slow = row.is_slow && figure.label == MEAN;
        let role = if is_slow { Role::Warning } else { Role::Bright };
        let now = (figure.now)(row).filter(|_| ran || figure.lasts);
        let now = cx.look.format.value(figure.unit, now);
        let total = (figure.total)(total).map_or_else(String::new, |total| {
            cx.look.format.value(figure.total_unit, Some(total))
        });
        pen.words(
            Words::new(cx.look)
                .dim(format!("{:<12}", figure.label))
                .put(role, format!("{now:>7}"))
                .dim("  ")
                .value(format!("{total:<7}"))
                .put(Role::Warning, if is_slow && ran { "! slow" } else { "" }),
        );
    }
}
