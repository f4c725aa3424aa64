//! Draws the Queries tab.
//!
//! ```text
//! ╭ Time in the database ─────────────╮╭ Now ────────────╮
//! ╰───────────────────────────────────╯╰─────────────────╯
//! ╭ Statements · Activity · Locks · Tables · Indexes ────╮
//! ╰──────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::Sheets;
use super::view::{connections_role, heaviest, series, server};
use crate::model::{Labels, Unit};
use crate::ui::tabs::notices;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{
    CurveOf, Plot, above_and_below, only_panel, padded, panel, side_by_side,
};
use crate::ui::tabs::source::{is_silent, trouble};
use crate::ui::tabs::{Context, Hits};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::{Chart, Notice, NoticeKind, text};

/// The panels in the order of Tab.
pub(super) const PANELS: [&str; 3] = ["Time", "Now", "Lists"];
const TIME: usize = 0;
const NOW: usize = 1;
/// The panel of the lists.
pub(super) const LISTS: usize = 2;
/// The colours of the statements that take most of the time.
const CURVES: [Role; 4] = [Role::Curve1, Role::Curve2, Role::Curve3, Role::Curve4];

/// Draws all panels, or the one that fills the tab.
pub(super) fn draw(
    cx: &Context<'_>,
    sheets: &Sheets,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let areas = areas(cx, area);
    time(cx, areas[TIME], buf, hits);
    now(cx, areas[NOW], buf, hits);
    sheets.draw(cx, LISTS, areas[LISTS], buf, hits);
}

fn areas(cx: &Context<'_>, area: Rect) -> [Rect; PANELS.len()] {
    let mut areas = [Rect::default(); PANELS.len()];
    if let Some(only) = only_panel(cx, area) {
        areas[only.min(LISTS)] = area;
        return areas;
    }
    let [above, below] = above_and_below(area);
    let [chart, now] = side_by_side(above, [5, 4]);
    [chart, now, below]
}

fn time(cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let title = Words::new(cx.look)
        .title("Time in the database")
        .dim(" · ")
        .value(server(cx.frame).unwrap_or("all"))
        .line();
    let right = Line::from(format!("by statement · {}", cx.range.word()));
    let inner = panel(cx, (TIME, area), (title, right), buf, hits);
    if inner.is_empty() {
        return;
    }
    let statements = heaviest(
        cx.frame,
        CURVES.len().min(usize::from(inner.height / 3)).max(1),
    );
    let legend = u16::try_from(statements.len()).unwrap_or(0);
    let [chart, names] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(legend)]).areas(inner);
    let curves: Vec<CurveOf<'_>> = statements
        .iter()
        .zip(CURVES)
        .map(|(row, role)| {
            (
                "",
                series(cx.frame, "db.statement.time_percent", row),
                Some(role),
            )
        })
        .collect();
    Plot {
        curves: &curves,
        unit: Unit::Percent,
        top: Some(100.0),
        limit: None,
    }
    .draw(cx, chart, buf);
    let mut pen = Pen::new(padded(names), buf, cx.look);
    for ((index, row), role) in statements.iter().enumerate().zip(CURVES) {
        let room = usize::from(names.width).saturating_sub(12);
        let percent = row
            .time_percent
            .filter(|_| !is_silent(cx.frame, &row.instance));
        let share = cx.look.format.value(Unit::Percent, percent);
        let dash = match cx.look.symbols {
            Symbols::Ascii => format!("{}  ", Chart::ascii_point(index)),
            _ => "━━ ".to_owned(),
        };
        pen.words(
            Words::new(cx.look)
                .put(role, dash)
                .value(format!("{share:>5} "))
                .dim(text::fit(&row.text, room)),
        );
    }
}

fn now(cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let title = Words::new(cx.look).title("Now").line();
    let inner = panel(cx, (NOW, area), (title, Line::default()), buf, hits);
    if inner.is_empty() {
        return;
    }
    let Some(server) = server(cx.frame) else {
        let notice = Notice {
            kind: NoticeKind::Waiting,
            title: "No figures of a server yet".to_owned(),
            lines: Vec::new(),
        };
        notice.render(inner, buf, cx.look);
        return;
    };
    if let Some(trouble) = trouble(cx.frame, server) {
        let title = format!("{server} does not answer");
        notices::silent(cx, title, &trouble, inner, buf);
        return;
    }
    let figures = Figures { cx, server };
    figures.draw(inner, buf);
}

/// The width from which on idle connections are told too: those used and active say as much.
const ROOM_FOR_IDLE: u16 = 44;

/// The figures of one server.
struct Figures<'a> {
    cx: &'a Context<'a>,
    server: &'a str,
}

impl Figures<'_> {
    fn value(&self, metric: &str) -> Option<f64> {
        let labels = Labels::one("instance", self.server);
        self.cx.frame.value_with(metric, &labels)
    }

    fn text(&self, metric: &str, unit: Unit) -> String {
        self.cx.look.format.value(unit, self.value(metric))
    }

    fn draw(&self, area: Rect, buf: &mut Buffer) {
        let words = || Words::new(self.cx.look);
        let count = |metric| self.text(metric, Unit::Count);
        let mut pen = Pen::new(padded(area), buf, self.cx.look);
        let percent = self.value("db.connections.used_percent");
        let role = percent.map_or(Role::Bright, connections_role);
        let mut connections = words()
            .dim("connections ")
            .put(role, count("db.connections.used_count"))
            .dim(format!("/{}", count("db.connections.max_count")))
            .dim("  active ")
            .value(count("db.connections.active_count"));
        if area.width >= ROOM_FOR_IDLE {
            connections = connections
                .dim("  idle ")
                .value(count("db.connections.idle_count"));
        }
        pen.words(connections);
        let share = self.cx.look.format.value(Unit::Percent, percent);
        pen.gauge("used", 4, percent.map(|percent| percent / 100.0), &share);
        self.waits(&mut pen);
        pen.words(
            words()
                .dim("cache hit ")
                .value(self.text("db.cache_hit_percent", Unit::Percent))
                .dim("  tps ")
                .value(count("db.transactions_per_sec")),
        );
        pen.words(
            words()
                .dim("replication lag ")
                .value(self.text("db.replication.lag_seconds", Unit::Seconds)),
        );
        pen.words(words().dim("slow statements ").value(self.slow()));
    }

    fn waits(&self, pen: &mut Pen<'_>) {
        let waiting = self.value("db.connections.waiting_count");
        let role = match waiting {
            Some(count) if count > 0.0 => Role::Warning,
            _ => Role::Bright,
        };
        pen.words(
            Words::new(self.cx.look)
                .dim("waiting on locks ")
                .put(role, self.text("db.connections.waiting_count", Unit::Count)),
        );
        pen.words(
            Words::new(self.cx.look)
                .dim("longest transaction ")
                .value(self.text("db.transaction.longest_seconds", Unit::Seconds)),
        );
    }

    fn slow(&self) -> String {
        let count = self.cx.frame.value("db.statements.slow_count");
        self.cx.look.format.value(Unit::Count, count)
    }
}
