//! The facts of all panels where there is no room for the panels: one column of lines, or a single line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cpu::load_text;
use super::disks::Disks;
use super::memory::Memory;
use super::network::Network;
use crate::model::Unit;
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::source::Source;

/// The sources whose troubles are told, in the order of their worth.
const SOURCES: [&str; 5] = ["memory", "mounts", "network", "disk_io", "pressure"];

/// The column of facts.
pub fn draw(cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    let memory = Memory::of(cx);
    let source = Source::of(cx.frame, "memory");
    let swap = source.value("system.swap.usage_percent");
    let no_swap = source.value("system.swap.total_bytes") == Some(0.0);
    let mut pen = Pen::new(area, buf, cx.look);
    for name in SOURCES {
        if let Some(trouble) = Source::of(cx.frame, name).trouble(cx.look) {
            pen.words(trouble);
        }
    }
    let gauge = |pen: &mut Pen<'_>, label: &str, value: Option<f64>| {
        let figure = format!("{:>4}", cx.look.format.value(Unit::Percent, value));
        pen.gauge(label, 4, value.map(|value| value / 100.0), &figure);
    };
    gauge(&mut pen, "mem", memory.usage_percent());
    if pen.lines_left() > 4 {
        if no_swap {
            pen.gauge("swap", 4, None, "none");
        } else {
            gauge(&mut pen, "swap", swap);
        }
    }
    pen.words(Disks::of(cx).fullest_words(cx));
    pen.words(Network::of(cx).total_words(cx));
    pen.words(memory.pressure_words(cx));
}

/// The single line.
pub fn draw_line(cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
    let cpu = Source::of(cx.frame, "cpu");
    let percent = |value: Option<f64>| format!("{:>4}", cx.look.format.value(Unit::Percent, value));
    let usage = cpu.value("system.cpu.usage_percent");
    let memory = Memory::of(cx).usage_percent();
    let words = Words::new(cx.look)
        .dim("CPU")
        .heat(usage.map(|usage| usage / 100.0), percent(usage))
        .dim(" MEM")
        .heat(memory.map(|memory| memory / 100.0), percent(memory))
        .dim(" load ")
        .value(load_text(&cpu));
    Pen::new(area, buf, cx.look).words(words);
}
