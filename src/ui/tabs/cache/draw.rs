//! Draws the Cache tab.
//!
//! ```text
//! ╭ Hit rate ──────╮╭ Memory ─────╮╭ Latency ────╮
//! ╰────────────────╯╰─────────────╯╰─────────────╯
//!  Levels: L1 memory 62% ▶ L2 redis 84% ▶ 6% of the requests reach the origin
//! ╭ Instances ───────────────────────────────────╮
//! ╰──────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::Sheets;
use super::figures::{command_line, memory_lines};
use super::view::{InstanceRow, busiest, hit_role, instance, level_hit, reaches_origin, series};
use crate::model::{SourceKind, Unit};
use crate::ui::tabs::notices;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{Plot, above_and_below, only_panel, padded, panel, side_by_side};
use crate::ui::tabs::source::{Trouble, trouble_of_kind};
use crate::ui::tabs::{Context, Hits, past};
use crate::ui::theme::{Role, Symbols};

/// The panels in the order of Tab.
pub(super) const PANELS: [&str; 4] = ["Hit rate", "Memory", "Latency", "Instances"];
const HIT_RATE: usize = 0;
const MEMORY: usize = 1;
const LATENCY: usize = 2;
/// The panel of the list.
pub(super) const INSTANCES: usize = 3;

/// Draws all panels, or the one that fills the tab.
pub(super) fn draw(
    cx: &Context<'_>,
    sheets: &Sheets,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let (areas, levels_area) = areas(cx, area);
    let row = sheets
        .selected_in(0)
        .and_then(|name| instance(cx.frame, name));
    hit_rate(cx, row.as_ref(), areas[HIT_RATE], buf, hits);
    memory(cx, row.as_ref(), areas[MEMORY], buf, hits);
    latency(cx, row.as_ref(), areas[LATENCY], buf, hits);
    levels(cx, levels_area, buf);
    sheets.draw(cx, INSTANCES, areas[INSTANCES], buf, hits);
}

/// The areas of the panels, and the line of the levels.
fn areas(cx: &Context<'_>, area: Rect) -> ([Rect; PANELS.len()], Rect) {
    let mut areas = [Rect::default(); PANELS.len()];
    if let Some(only) = only_panel(cx, area) {
        areas[only.min(INSTANCES)] = area;
        return (areas, Rect::default());
    }
    let [above, below] = above_and_below(area);
    let has_levels = cx.frame.tables.cache_levels.is_some();
    let [line, list] = Layout::vertical([
        Constraint::Length(u16::from(has_levels)),
        Constraint::Fill(1),
    ])
    .areas(below);
    let [chart, memory, latency] = side_by_side(above, [1, 1, 1]);
    ([chart, memory, latency, list], line)
}

fn hit_rate(
    cx: &Context<'_>,
    row: Option<&InstanceRow>,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    // Figures are remembered further back than what they are of.
    let newest = cx.feed.newest();
    let known = newest.tables.caches.as_deref().filter(|_| cx.is_past);
    let first = known.and_then(|caches| caches.first());
    let name = match row {
        Some(row) => &*row.cache.instance,
        None => first.map_or("", |cache| &*cache.instance),
    };
    let hit = match row {
        Some(row) => row.cache.hit_percent,
        None => {
            series(cx.frame, "cache.hit_rate_percent", name).and_then(|id| cx.frame.value_of(id))
        }
    };
    let role = match hit.map(hit_role) {
        Some(Role::Warning) => Role::Warning,
        _ => Role::Bright,
    };
    let title = Words::new(cx.look)
        .title("Hit rate")
        .dim(" · ")
        .value(name)
        .put(
            role,
            format!("  {}", cx.look.format.value(Unit::Percent, hit)),
        )
        .line();
    let right = Line::from(cx.range.word());
    let inner = panel(cx, (HIT_RATE, area), (title, right), buf, hits);
    if let Some((row, trouble)) = row.and_then(|row| Some((row, row.trouble.as_ref()?))) {
        silent(cx, row, trouble, inner, buf);
        return;
    }
    if let (None, Some((name, trouble))) = (row, trouble_of_kind(cx.frame, SourceKind::Cache, None))
    {
        notices::silent(
            cx,
            notices::no_answer(&name, &trouble),
            &trouble,
            inner,
            buf,
        );
        return;
    }
    let id = series(cx.frame, "cache.hit_rate_percent", name);
    let misses = series(cx.frame, "cache.miss_rate_percent", name);
    Plot {
        curves: &[
            ("hit", id, Some(Role::Curve1)),
            ("miss", misses, Some(Role::Curve2)),
        ],
        unit: Unit::Percent,
        top: Some(100.0),
        limit: None,
    }
    .draw(cx, inner, buf);
}

/// Says that an instance does not answer.
fn silent(cx: &Context<'_>, row: &InstanceRow, trouble: &Trouble, area: Rect, buf: &mut Buffer) {
    let title = notices::no_answer(&row.cache.instance, trouble);
    notices::silent(cx, title, trouble, area, buf);
}

/// `Memory · redis@6379`.
fn title_of<'a>(cx: &'a Context<'_>, word: &'static str, row: Option<&'a InstanceRow>) -> Line<'a> {
    let name = row.map_or("", |row| &*row.cache.instance);
    let words = Words::new(cx.look).title(word).dim(" · ").value(name);
    words.line()
}

fn memory(
    cx: &Context<'_>,
    row: Option<&InstanceRow>,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let title = title_of(cx, "Memory", row);
    let inner = panel(cx, (MEMORY, area), (title, Line::default()), buf, hits);
    match row {
        Some(row) => memory_lines(cx, &row.cache, inner, buf),
        None if past::is_without_rows(cx) => past::rows_forgotten(cx, "Memory", inner, buf),
        None => {}
    }
}

fn latency(
    cx: &Context<'_>,
    row: Option<&InstanceRow>,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let title = title_of(cx, "Latency", row);
    let inner = panel(cx, (LATENCY, area), (title, Line::default()), buf, hits);
    if row.is_none() && past::is_without_rows(cx) {
        return past::rows_forgotten(cx, "Commands", inner, buf);
    }
    let Some(row) = row.filter(|_| !inner.is_empty()) else {
        return;
    };
    let format = cx.look.format;
    let mut pen = Pen::new(padded(inner), buf, cx.look);
    let commands = busiest(&row.cache);
    let ping = format.value(Unit::Millis, row.cache.ping_ms);
    let room = pen.lines_left().saturating_sub(1);
    for command in commands.iter().take(room) {
        pen.words(command_line(cx, command));
    }
    if commands.is_empty() {
        pen.words(Words::new(cx.look).dim("its commands are not known"));
    }
    pen.words(Words::new(cx.look).dim("ping round trip ").value(ping));
}

fn levels(cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    let Some(levels) = cx.frame.tables.cache_levels.as_deref() else {
        return;
    };
    let percent = |value| cx.look.format.value(Unit::Percent, value);
    let arrow = match cx.look.symbols {
        Symbols::Ascii => "  > ",
        _ => "  ▶ ",
    };
    let mut words = Words::new(cx.look).dim(" Levels  ");
    for level in levels {
        words = words
            .put(Role::Text, &*level.level)
            .value(format!(" {}", percent(level_hit(cx.frame, level))))
            .dim(arrow);
    }
    let words = words
        .value(percent(reaches_origin(cx.frame)))
        .dim(" of the requests reach the origin");
    Pen::new(area, buf, cx.look).words(words);
}
