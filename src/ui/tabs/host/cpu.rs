//! The CPU panel: use over time, and each core as far as there is room.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::model::Unit;
use crate::model::format::{UNKNOWN, count};
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::Plot;
use crate::ui::tabs::source::Source;
use crate::ui::theme::Role;
use crate::ui::widgets::Sparkline;

const USAGE: &str = "system.cpu.usage_percent";
const CORE: &str = "system.cpu.core.usage_percent";

/// The least width of the panel at which its title tells the cores.
const CORES_FROM: u16 = 52;

/// The title: use, cores (in a container, how many of them it may use), load, pressure.
#[must_use]
pub fn title<'a>(cx: &Context<'a>, width: u16) -> Line<'a> {
    let cpu = Source::of(cx.frame, "cpu");
    let usage = cpu.value(USAGE);
    let figure = format!("{:>4}", percent(cx, usage));
    let mut words = Words::new(cx.look)
        .title("CPU ")
        .heat(usage.map(|usage| usage / 100.0), figure);
    let cores = cx.frame.host.cores;
    let limit = container(cx).value("container.cpu.limit_cores");
    match limit {
        Some(limit) => words = words.dim(format!("  {limit:.1} of {cores} cores")),
        None if cores > 0 && width >= CORES_FROM => words = words.dim(format!("  {cores} cores")),
        None => {}
    }
    words = words.dim("  load ").value(load_text(&cpu));
    let pressure = Source::of(cx.frame, "pressure").value("system.pressure.cpu_some_percent");
    words.dim("  psi ").value(percent(cx, pressure)).line()
}

fn container<'a>(cx: &Context<'a>) -> Source<'a> {
    Source::of(cx.frame, "container")
}

/// The three load averages.
#[must_use]
pub fn load_text(cpu: &Source<'_>) -> String {
    let one = |metric| {
        cpu.value(metric)
            .map_or_else(|| UNKNOWN.to_owned(), |load| format!("{load:.1}"))
    };
    format!(
        "{} {} {}",
        one("system.load.1m"),
        one("system.load.5m"),
        one("system.load.15m")
    )
}

fn percent(cx: &Context<'_>, value: Option<f64>) -> String {
    cx.look.format.value(Unit::Percent, value)
}

/// The inside of the panel: the chart, and below it the cores.
pub fn draw(cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    let cpu = Source::of(cx.frame, "cpu");
    let area = below_trouble(cx, &cpu, area, buf);
    let cores: Vec<Option<f64>> = cpu.each(CORE).into_iter().map(|core| core.2).collect();
    // The chart keeps at least three lines and half of the panel.
    let room = (area.height / 2).min(area.height.saturating_sub(3));
    let core_lines = Cores::lines(&cores, area.width).min(room);
    let chart = Rect {
        height: area.height - core_lines,
        ..area
    };
    let usage = [("", cx.frame.id(USAGE), None)];
    Plot {
        curves: &usage,
        unit: Unit::Percent,
        top: Some(100.0),
        limit: None,
    }
    .draw(cx, chart, buf);
    let below = Rect {
        y: chart.bottom(),
        height: core_lines,
        ..area
    };
    Cores(&cores).draw(cx, below, buf);
}

/// The panel when it fills the tab: use, its parts, figures and all cores.
pub fn draw_zoomed(cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    let cpu = Source::of(cx.frame, "cpu");
    let area = below_trouble(cx, &cpu, area, buf);
    let cores: Vec<Option<f64>> = cpu.each(CORE).into_iter().map(|core| core.2).collect();
    let core_lines = Cores::lines(&cores, area.width).min(area.height / 3);
    let charts = area.height.saturating_sub(core_lines + 1);
    let usage_area = Rect {
        height: charts / 2,
        ..area
    };
    let parts_area = Rect {
        y: usage_area.bottom(),
        height: charts - charts / 2,
        ..area
    };
    let usage = [("", cx.frame.id(USAGE), None)];
    Plot {
        curves: &usage,
        unit: Unit::Percent,
        top: Some(100.0),
        limit: None,
    }
    .draw(cx, usage_area, buf);
    let parts = [
        (
            "user",
            cx.frame.id("system.cpu.user_percent"),
            Some(Role::Curve1),
        ),
        (
            "system",
            cx.frame.id("system.cpu.system_percent"),
            Some(Role::Curve2),
        ),
        (
            "iowait",
            cx.frame.id("system.cpu.io_wait_percent"),
            Some(Role::Curve3),
        ),
        (
            "steal",
            cx.frame.id("system.cpu.steal_percent"),
            Some(Role::Curve4),
        ),
    ];
    Plot {
        curves: &parts,
        unit: Unit::Percent,
        top: None,
        limit: None,
    }
    .draw(cx, parts_area, buf);
    let below = Rect {
        y: parts_area.bottom(),
        height: area.height.saturating_sub(charts),
        ..area
    };
    let mut pen = Pen::new(below, buf, cx.look);
    pen.words(parts_line(cx, &cpu));
    let rest = pen.rest();
    Cores(&cores).draw(cx, rest, buf);
}

/// The parts of the use and what goes with it, as figures.
fn parts_line<'a>(cx: &Context<'a>, cpu: &Source<'_>) -> Words<'a> {
    let mut words = Words::new(cx.look);
    for (name, metric) in [
        ("user", "system.cpu.user_percent"),
        ("system", "system.cpu.system_percent"),
        ("iowait", "system.cpu.io_wait_percent"),
        ("steal", "system.cpu.steal_percent"),
    ] {
        let figure = percent(cx, cpu.value(metric));
        words = words.dim(name).value(format!(" {figure:<5} "));
    }
    let switches = cpu.value("system.cpu.context_switches_per_sec");
    let switches = switches.map_or_else(|| UNKNOWN.to_owned(), count);
    let frequency = cpu.value("system.cpu.frequency_mhz");
    words = words
        .dim(" switches ")
        .value(format!("{switches:>5}/s"))
        .dim("  frequency ")
        .value(cx.look.format.value(Unit::Megahertz, frequency));
    if let Some(throttled) = container(cx).value("container.cpu.throttled_percent") {
        words = words
            .dim("  throttled ")
            .heat(Some(throttled / 100.0), percent(cx, Some(throttled)));
    }
    words
}

/// Says what is the matter with a source in the first line; the area below.
pub fn below_trouble(cx: &Context<'_>, source: &Source<'_>, area: Rect, buf: &mut Buffer) -> Rect {
    let mut pen = Pen::new(area, buf, cx.look);
    if let Some(line) = source.trouble(cx.look) {
        pen.words(line);
    }
    pen.rest()
}

/// Use of each core, in their order.
struct Cores<'a>(&'a [Option<f64>]);

/// The most lines that cores written out may take; with more they become one glyph each.
const WRITTEN_LINES: usize = 4;

impl Cores<'_> {
    /// Cells of `0 ▇  41%  `.
    fn item_width(count: usize) -> usize {
        let digits = count.saturating_sub(1).to_string().len();
        digits + 1 + 1 + 1 + 4 + 2
    }

    fn is_written(cores: &[Option<f64>], width: u16) -> bool {
        let in_a_line = Self::in_a_line(cores.len(), width);
        cores.len() <= in_a_line * WRITTEN_LINES
    }

    fn in_a_line(count: usize, width: u16) -> usize {
        // The last one needs no gap behind it.
        (usize::from(width) + 2) / Self::item_width(count)
    }

    fn lines(cores: &[Option<f64>], width: u16) -> u16 {
        if cores.is_empty() || width == 0 {
            return 0;
        }
        let in_a_line = if Self::is_written(cores, width) {
            Self::in_a_line(cores.len(), width)
        } else {
            usize::from(width)
        };
        u16::try_from(cores.len().div_ceil(in_a_line.max(1))).unwrap_or(u16::MAX)
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        if area.is_empty() || self.0.is_empty() {
            return;
        }
        if Self::is_written(self.0, area.width) && Self::lines(self.0, area.width) <= area.height {
            self.draw_written(cx, area, buf);
        } else {
            self.draw_strip(cx, area, buf);
        }
    }

    fn draw_written(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let width = Self::item_width(self.0.len());
        let digits = width - 9;
        let in_a_line = Self::in_a_line(self.0.len(), area.width).max(1);
        for (core, usage) in self.0.iter().enumerate() {
            let x = area.x + u16::try_from(core % in_a_line * width).unwrap_or(u16::MAX);
            let y = area.y + u16::try_from(core / in_a_line).unwrap_or(u16::MAX);
            let label = Words::new(cx.look).dim(format!("{core:>digits$} "));
            let glyph_x = x + u16::try_from(digits + 1).unwrap_or(0);
            buf.set_line(x, y, &label.line(), area.right() - x);
            strip(cx, &[*usage], Rect::new(glyph_x, y, 1, 1), buf);
            let figure = format!("{:>4}", percent(cx, *usage));
            let figure = Words::new(cx.look).heat(usage.map(|usage| usage / 100.0), figure);
            buf.set_line(glyph_x + 2, y, &figure.line(), 4);
        }
    }

    fn draw_strip(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        for (line, cores) in self.0.chunks(usize::from(area.width)).enumerate() {
            let Ok(line) = u16::try_from(line) else {
                return;
            };
            if line >= area.height {
                return;
            }
            let width = u16::try_from(cores.len()).unwrap_or(area.width);
            strip(cx, cores, Rect::new(area.x, area.y + line, width, 1), buf);
        }
    }
}

fn strip(cx: &Context<'_>, cores: &[Option<f64>], area: Rect, buf: &mut Buffer) {
    let values: Vec<f64> = cores.iter().map(|core| core.unwrap_or(f64::NAN)).collect();
    let sparkline = Sparkline {
        values: &values,
        top: Some(100.0),
        role: None,
    };
    sparkline.render(area.intersection(buf.area), buf, cx.look);
}
