//! The memory panel: what is used, cached and swapped, the container's limit, pressure.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::cpu::below_trouble;
use crate::model::Unit;
use crate::model::format::UNKNOWN;
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::Plot;
use crate::ui::tabs::source::Source;
use crate::ui::theme::Role;

/// The figures of the panel.
pub struct Memory<'a> {
    memory: Source<'a>,
    container: Source<'a>,
    pressure: Source<'a>,
}

/// A share with what is written behind its bar.
struct Share {
    label: &'static str,
    fraction: Option<f64>,
    figure: String,
}

impl<'a> Memory<'a> {
    /// The figures of a frame.
    #[must_use]
    pub fn of(cx: &Context<'a>) -> Self {
        Self {
            memory: Source::of(cx.frame, "memory"),
            container: Source::of(cx.frame, "container"),
            pressure: Source::of(cx.frame, "pressure"),
        }
    }

    fn limit(&self) -> Option<f64> {
        self.container.value("container.memory.limit_bytes")
    }

    /// The title: used of how much; in a container, of its limit.
    #[must_use]
    pub fn title(&self, cx: &Context<'a>) -> Line<'a> {
        let (used, total, container) = match self.limit() {
            Some(limit) => (
                self.container.value("container.memory.used_bytes"),
                Some(limit),
                cx.frame.host.container.as_ref(),
            ),
            None => (
                self.memory.value("system.memory.used_bytes"),
                self.memory.value("system.memory.total_bytes"),
                None,
            ),
        };
        let bytes = |value| cx.look.format.value(Unit::Bytes, value);
        let mut words = Words::new(cx.look)
            .title("Memory ")
            .value(format!("{:>5}", bytes(used)))
            .dim("/")
            .value(bytes(total));
        if let Some(container) = container {
            words = words.dim(format!(" {} limit", container.runtime));
        }
        words.line()
    }

    /// Used share of the memory that counts, 0 to 100.
    #[must_use]
    pub fn usage_percent(&self) -> Option<f64> {
        self.memory.value("system.memory.usage_percent")
    }

    fn shares(&self, cx: &Context<'_>) -> Vec<Share> {
        let percent = |value| format!("{:>4}", cx.look.format.value(Unit::Percent, value));
        let share = |label, value: Option<f64>| Share {
            label,
            fraction: value.map(|value| value / 100.0),
            figure: percent(value),
        };
        let memory = &self.memory;
        let total = memory.value("system.memory.total_bytes");
        let of_total = |value: Option<f64>| Some(100.0 * value? / total.filter(|t| *t > 0.0)?);
        let mut shares = Vec::with_capacity(5);
        if self.limit().is_some() {
            let usage = self.container.value("container.memory.usage_percent");
            shares.push(share("limit", usage));
        }
        shares.push(share(
            "used",
            of_total(memory.value("system.memory.used_bytes")),
        ));
        shares.push(share(
            "cache",
            of_total(memory.value("system.memory.cached_bytes")),
        ));
        shares.push(self.swap(share));
        if let Some(huge) = memory
            .value("system.hugepages.total_bytes")
            .filter(|huge| *huge > 0.0)
        {
            let used = memory.value("system.hugepages.used_bytes");
            shares.push(share("huge", used.map(|used| 100.0 * used / huge)));
        }
        shares
    }

    fn swap(&self, share: impl Fn(&'static str, Option<f64>) -> Share) -> Share {
        let total = self.memory.value("system.swap.total_bytes");
        if total == Some(0.0) {
            return Share {
                label: "swap",
                fraction: None,
                figure: "none".to_owned(),
            };
        }
        share("swap", self.memory.value("system.swap.usage_percent"))
    }

    /// Pressure in words.
    #[must_use]
    pub fn pressure_words<'b>(&self, cx: &Context<'b>) -> Words<'b> {
        let percent = |metric| {
            let value = self.pressure.value(metric);
            (
                value.map(|value| value / 100.0),
                format!("{:<5}", cx.look.format.value(Unit::Percent, value)),
            )
        };
        let (some, some_text) = percent("system.pressure.memory_some_percent");
        let (full, full_text) = percent("system.pressure.memory_full_percent");
        Words::new(cx.look)
            .dim("psi some ")
            .heat(some, some_text)
            .dim(" full ")
            .heat(full, full_text)
    }

    /// The inside of the panel.
    pub fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let area = below_trouble(cx, &self.memory, area, buf);
        let mut pen = Pen::new(area, buf, cx.look);
        let mut shares = self.shares(cx);
        // Pressure says more than the size of the cache where only one of them fits.
        let room = pen.lines_left().saturating_sub(1);
        if shares.len() > room {
            shares.retain(|share| share.label != "cache");
        }
        for share in shares.iter().take(room.max(1)) {
            pen.gauge(share.label, 5, share.fraction, &share.figure);
        }
        pen.words(self.pressure_words(cx));
        let rest = pen.rest();
        if rest.height >= 2 {
            self.draw_history(cx, rest, buf);
        }
    }

    /// The panel when it fills the tab: its history and every figure.
    pub fn draw_zoomed(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let area = below_trouble(cx, &self.memory, area, buf);
        let figures = 4 + self.shares(cx).len();
        let figures = u16::try_from(figures).unwrap_or(0).min(area.height / 2);
        let chart = Rect {
            height: area.height - figures,
            ..area
        };
        self.draw_history(cx, chart, buf);
        let below = Rect {
            y: chart.bottom(),
            height: figures,
            ..area
        };
        let mut pen = Pen::new(below, buf, cx.look);
        for share in self.shares(cx) {
            pen.gauge(share.label, 5, share.fraction, &share.figure);
        }
        pen.words(self.pressure_words(cx));
        pen.words(self.sizes(
            cx,
            &[
                ("used", "system.memory.used_bytes"),
                ("available", "system.memory.available_bytes"),
                ("cached", "system.memory.cached_bytes"),
                ("buffers", "system.memory.buffers_bytes"),
                ("free", "system.memory.free_bytes"),
                ("total", "system.memory.total_bytes"),
            ],
        ));
        pen.words(self.sizes(
            cx,
            &[
                ("swap used", "system.swap.used_bytes"),
                ("of", "system.swap.total_bytes"),
                ("in", "system.swap.in_bytes_per_sec"),
                ("out", "system.swap.out_bytes_per_sec"),
            ],
        ));
        pen.words(self.container_words(cx));
    }

    fn sizes<'b>(&self, cx: &Context<'b>, figures: &[(&'static str, &str)]) -> Words<'b> {
        figures
            .iter()
            .fold(Words::new(cx.look), |words, (label, metric)| {
                let unit = crate::model::metric::describe(metric).unit;
                let figure = cx.look.format.value(unit, self.memory.value(metric));
                words.dim(*label).value(format!(" {figure:<7} "))
            })
    }

    fn container_words<'b>(&self, cx: &Context<'b>) -> Words<'b> {
        let Some(around) = &cx.frame.host.container else {
            return Words::new(cx.look);
        };
        let name = around.name.as_deref().unwrap_or(UNKNOWN);
        let bytes = |metric| {
            cx.look
                .format
                .value(Unit::Bytes, self.container.value(metric))
        };
        Words::new(cx.look)
            .dim("container ")
            .value(format!("{} {name}", around.runtime))
            .dim("  used ")
            .value(bytes("container.memory.used_bytes"))
            .dim(" of limit ")
            .value(bytes("container.memory.limit_bytes"))
    }

    fn draw_history(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let memory = ("memory", cx.frame.id("system.memory.usage_percent"), None);
        let swap = cx
            .frame
            .id("system.swap.usage_percent")
            .filter(|_| self.memory.value("system.swap.total_bytes") > Some(0.0));
        let mut curves = vec![memory];
        if swap.is_some() && area.height >= 6 {
            curves[0].2 = Some(Role::Curve1);
            curves.push(("swap", swap, Some(Role::Curve3)));
        }
        Plot {
            curves: &curves,
            unit: Unit::Percent,
            top: Some(100.0),
            limit: None,
        }
        .draw(cx, area, buf);
    }
}
