//! The network panel: each interface with its traffic, and what TCP and UDP have to say.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::cpu::below_trouble;
use crate::model::format::{UNKNOWN, count, grouped};
use crate::model::{SeriesId, SeriesKey, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words, cells};
use crate::ui::tabs::plot::Plot;
use crate::ui::tabs::source::Source;
use crate::ui::theme::{Look, Role, Symbols};
use crate::ui::widgets::text::fit;

const RECEIVED: &str = "system.network.bytes_recv_per_sec";
const SENT: &str = "system.network.bytes_sent_per_sec";

/// The figures of the panel.
pub struct Network<'a> {
    source: Source<'a>,
    interfaces: Vec<Interface<'a>>,
}

struct Interface<'a> {
    name: String,
    key: &'a SeriesKey,
    received_id: SeriesId,
    sent_id: Option<SeriesId>,
    received: Option<f64>,
    sent: Option<f64>,
}

/// Arrows for received and sent.
#[must_use]
pub fn arrows(look: &Look) -> (&'static str, &'static str) {
    if look.symbols == Symbols::Ascii {
        ("rx", "tx")
    } else {
        ("↓", "↑")
    }
}

impl<'a> Network<'a> {
    /// The figures of a frame: the machine's own interfaces before the loop-back and those of containers.
    #[must_use]
    pub fn of(cx: &Context<'a>) -> Self {
        let source = Source::of(cx.frame, "network");
        let mut interfaces: Vec<Interface<'a>> = source
            .each(RECEIVED)
            .into_iter()
            .map(|(id, key, received)| Interface {
                name: key.labels.values_text(),
                key,
                received_id: id,
                sent_id: cx.frame.series.find(SENT, &key.labels),
                received,
                sent: source.beside(SENT, key),
            })
            .collect();
        interfaces.sort_by_key(|interface| rank(&interface.name));
        Self { source, interfaces }
    }

    /// The title.
    #[must_use]
    pub fn title(&self, cx: &Context<'a>) -> Line<'a> {
        Words::new(cx.look).title("Network").line()
    }

    /// Received and sent by all interfaces but the loop-back, as words of a fixed width.
    #[must_use]
    pub fn total_words<'b>(&self, cx: &Context<'b>) -> Words<'b> {
        let outer = || self.interfaces.iter().filter(|i| i.name != "lo");
        let sum = |of: fn(&Interface<'a>) -> Option<f64>| {
            outer().filter_map(of).reduce(|sum, value| sum + value)
        };
        let (down, up) = arrows(cx.look);
        Words::new(cx.look)
            .dim(format!("net {down} "))
            .value(rate(cx, sum(|i| i.received)))
            .dim(format!(" {up} "))
            .value(rate(cx, sum(|i| i.sent)))
    }

    /// The inside of the panel.
    pub fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let area = below_trouble(cx, &self.source, area, buf);
        let mut pen = Pen::new(area, buf, cx.look);
        let facts = usize::from(pen.lines_left() >= 4) + usize::from(pen.lines_left() >= 2);
        let room = (pen.lines_left() - facts.min(pen.lines_left())) / 2;
        for interface in self.interfaces.iter().take(room.max(1)) {
            interface.draw(cx, &mut pen);
        }
        if facts > 0 {
            pen.words(self.faults(cx));
        }
        if facts > 1 {
            pen.words(self.tcp(cx));
        }
        let hidden = self.interfaces.iter().skip(room.max(1));
        let hidden: Vec<&str> = hidden.map(|interface| interface.name.as_str()).collect();
        if !hidden.is_empty() {
            pen.words(Words::new(cx.look).dim(format!("not shown: {}", hidden.join(" "))));
        }
    }

    /// The panel when it fills the tab: every interface with its chart.
    pub fn draw_zoomed(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let area = below_trouble(cx, &self.source, area, buf);
        let mut pen = Pen::new(area, buf, cx.look);
        pen.words(self.faults(cx));
        pen.words(self.tcp(cx));
        let mut rest = pen.rest();
        let count = u16::try_from(self.interfaces.len())
            .unwrap_or(u16::MAX)
            .max(1);
        // A chart with less than four lines says nothing; the last interfaces go without.
        let height = (rest.height / count).max(5);
        for interface in &self.interfaces {
            let area = Rect {
                height: height.min(rest.height),
                ..rest
            };
            if area.is_empty() {
                return;
            }
            interface.draw_zoomed(cx, &self.source, area, buf);
            rest.y += area.height;
            rest.height -= area.height;
        }
    }

    fn faults<'b>(&self, cx: &Context<'b>) -> Words<'b> {
        let sum = |metric: &str| {
            let values = self.source.each(metric).into_iter();
            values
                .filter_map(|(_, _, value)| value)
                .reduce(|a, b| a + b)
        };
        let words = Words::new(cx.look);
        let words = fault(words, "err ", sum("system.network.errors_per_sec"));
        let words = fault(words, " drop ", sum("system.network.drops_per_sec"));
        fault(
            words,
            " retr ",
            self.source.value("system.tcp.retransmits_per_sec"),
        )
    }

    fn tcp<'b>(&self, cx: &Context<'b>) -> Words<'b> {
        let established = self.source.value("system.tcp.established_count");
        let established = established.map_or_else(
            || UNKNOWN.to_owned(),
            |established| grouped(established.max(0.0) as u64),
        );
        let words = Words::new(cx.look)
            .dim("tcp ")
            .value(format!("{established:<5}"));
        let overflows = self.source.value("system.tcp.listen_overflows_per_sec");
        let words = fault(words, " ovf ", overflows);
        fault(
            words,
            " udp err ",
            self.source.value("system.udp.errors_per_sec"),
        )
    }
}

impl Interface<'_> {
    fn draw(&self, cx: &Context<'_>, pen: &mut Pen<'_>) {
        let (down, up) = arrows(cx.look);
        let name = fit(&self.name, 6);
        let pad = " ".repeat(6_usize.saturating_sub(usize::from(cells(&name))));
        let received = Words::new(cx.look)
            .value(format!("{name}{pad} "))
            .dim(format!("{down} "))
            .value(rate(cx, self.received));
        let width = 7 + cells(down) + 1 + 8;
        pen.trend(received, width, |count| {
            cx.feed.points(self.received_id, cx.window(count)).avg
        });
        let sent = Words::new(cx.look)
            .dim(format!("       {up} "))
            .value(rate(cx, self.sent));
        pen.trend(sent, width, |count| match self.sent_id {
            Some(id) => cx.feed.points(id, cx.window(count)).avg,
            None => Vec::new(),
        });
    }

    fn draw_zoomed(&self, cx: &Context<'_>, source: &Source<'_>, area: Rect, buf: &mut Buffer) {
        let (down, up) = arrows(cx.look);
        let per_sec = |metric| {
            let value = source.beside(metric, self.key);
            format!("{:>5}/s", value.map_or_else(|| UNKNOWN.to_owned(), count))
        };
        let words = Words::new(cx.look)
            .value(format!("{:<10} ", fit(&self.name, 10)))
            .dim(format!("{down} "))
            .value(rate(cx, self.received))
            .value(per_sec("system.network.packets_recv_per_sec"))
            .dim(format!(" packets  {up} "))
            .value(rate(cx, self.sent))
            .value(per_sec("system.network.packets_sent_per_sec"))
            .dim(" packets ");
        let words = fault(
            words,
            " err ",
            source.beside("system.network.errors_per_sec", self.key),
        );
        let words = fault(
            words,
            " drop ",
            source.beside("system.network.drops_per_sec", self.key),
        );
        let mut pen = Pen::new(area, buf, cx.look);
        pen.words(words);
        let rest = pen.rest();
        let curves = [
            ("received", Some(self.received_id), Some(Role::Curve1)),
            ("sent", self.sent_id, Some(Role::Curve2)),
        ];
        Plot {
            curves: &curves,
            unit: Unit::BytesPerSec,
            top: None,
            limit: None,
        }
        .draw(cx, rest, buf);
    }
}

/// A count of faults a second: quiet at zero, a warning above.
fn fault<'a>(words: Words<'a>, label: &'static str, value: Option<f64>) -> Words<'a> {
    let figure = format!("{:<4}", value.map_or_else(|| UNKNOWN.to_owned(), count));
    let words = words.dim(label);
    match value {
        Some(value) if value > 0.0 => words.put(Role::Warning, figure),
        _ => words.value(figure),
    }
}

/// A rate in seven cells.
fn rate(cx: &Context<'_>, value: Option<f64>) -> String {
    format!("{:>7}", cx.look.format.value(Unit::BytesPerSec, value))
}

/// The machine's own interfaces first, then the loop-back, then what containers and bridges bring.
fn rank(name: &str) -> u8 {
    match name {
        "lo" => 1,
        name if [
            "veth", "docker", "br-", "cni", "cali", "flannel", "virbr", "vnet",
        ]
        .iter()
        .any(|made| name.starts_with(made)) =>
        {
            2
        }
        _ => 0,
    }
}
