//! The sensors and GPUs panel; where the machine has neither there is no such panel.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::cpu::below_trouble;
use crate::model::{SeriesId, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words, cells};
use crate::ui::tabs::plot::{CurveOf, Plot};
use crate::ui::tabs::source::Source;
use crate::ui::theme::Role;
use crate::ui::widgets::text::fit;

const TEMPERATURE: &str = "system.sensor.temperature_celsius";
const GPU: &str = "system.gpu.usage_percent";

/// Degrees that count as all of the scale: what processors throttle at.
const HOTTEST: f64 = 100.0;

/// The figures of the panel.
pub struct Sensors<'a> {
    sensors_source: Source<'a>,
    gpu_source: Source<'a>,
    sensors: Vec<(String, SeriesId, Option<f64>)>,
    gpus: Vec<Gpu>,
}

struct Gpu {
    name: String,
    usage_id: SeriesId,
    usage: Option<f64>,
    memory_used: Option<f64>,
    memory_total: Option<f64>,
    temperature: Option<f64>,
    power: Option<f64>,
}

impl<'a> Sensors<'a> {
    /// The figures of a frame.
    #[must_use]
    pub fn of(cx: &Context<'a>) -> Self {
        let sensors_source = Source::of(cx.frame, "sensors");
        let gpu_source = Source::of(cx.frame, "gpu");
        let sensors = sensors_source.each(TEMPERATURE).into_iter();
        let sensors = sensors.map(|(id, key, value)| (key.labels.values_text(), id, value));
        let gpus = gpu_source
            .each(GPU)
            .into_iter()
            .map(|(id, key, usage)| Gpu {
                name: key.labels.values_text(),
                usage_id: id,
                usage,
                memory_used: gpu_source.beside("system.gpu.memory_used_bytes", key),
                memory_total: gpu_source.beside("system.gpu.memory_total_bytes", key),
                temperature: gpu_source.beside("system.gpu.temperature_celsius", key),
                power: gpu_source.beside("system.gpu.power_watts", key),
            });
        let (sensors, gpus) = (sensors.collect(), gpus.collect());
        Self {
            sensors_source,
            gpu_source,
            sensors,
            gpus,
        }
    }

    /// Whether the machine has any.
    #[must_use]
    pub fn has_any(&self) -> bool {
        !self.sensors.is_empty() || !self.gpus.is_empty()
    }

    /// The title.
    #[must_use]
    pub fn title(&self, cx: &Context<'a>) -> Line<'a> {
        let title = match (self.sensors.is_empty(), self.gpus.is_empty()) {
            (false, true) => "Sensors",
            (true, false) => "GPU",
            _ => "Sensors / GPU",
        };
        Words::new(cx.look).title(title).line()
    }

    /// The inside of the panel: GPUs, then the hottest sensors where not all fit.
    pub fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let mut pen = self.pen_below_troubles(cx, area, buf);
        for gpu in &self.gpus {
            pen.words(gpu.words(cx, false));
        }
        let mut sensors: Vec<_> = self.sensors.iter().collect();
        let two_columns = pen.rest().width >= 2 * SENSOR_WIDTH;
        let room = pen.lines_left() * if two_columns { 2 } else { 1 };
        if sensors.len() > room {
            sensors.sort_by(|a, b| b.2.unwrap_or(0.0).total_cmp(&a.2.unwrap_or(0.0)));
        }
        for line in sensors.chunks(if two_columns { 2 } else { 1 }) {
            let words = line
                .iter()
                .fold(Words::new(cx.look), |words, (name, _, value)| {
                    sensor_words(cx, words, name, *value)
                });
            pen.words(words);
        }
    }

    /// The panel when it fills the tab: every sensor and GPU with its history.
    pub fn draw_zoomed(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let mut pen = self.pen_below_troubles(cx, area, buf);
        for gpu in &self.gpus {
            let words = gpu.words(cx, true);
            let width = u16::try_from(words.clone().line().width()).unwrap_or(u16::MAX);
            pen.trend(words, width + 2, |count| {
                cx.feed.points(gpu.usage_id, cx.window(count)).avg
            });
        }
        for (name, id, value) in &self.sensors {
            let words = sensor_words(cx, Words::new(cx.look), name, *value);
            pen.trend(words, SENSOR_WIDTH, |count| {
                cx.feed.points(*id, cx.window(count)).avg
            });
        }
        let rest = pen.rest();
        let roles = [Role::Curve1, Role::Curve2, Role::Curve3, Role::Curve4];
        let curves: Vec<CurveOf<'_>> = self
            .sensors
            .iter()
            .zip(roles)
            .map(|((name, id, _), role)| (name.as_str(), Some(*id), Some(role)))
            .collect();
        if !curves.is_empty() {
            Plot {
                curves: &curves,
                unit: Unit::Celsius,
                top: None,
                limit: None,
            }
            .draw(cx, rest, buf);
        }
    }

    fn pen_below_troubles<'b>(&self, cx: &Context<'b>, area: Rect, buf: &'b mut Buffer) -> Pen<'b> {
        let area = below_trouble(cx, &self.sensors_source, area, buf);
        let area = below_trouble(cx, &self.gpu_source, area, buf);
        Pen::new(area, buf, cx.look)
    }
}

/// Cells of a sensor's name and its temperature.
const SENSOR_WIDTH: u16 = 20;

fn sensor_words<'a>(
    cx: &Context<'a>,
    words: Words<'a>,
    name: &str,
    value: Option<f64>,
) -> Words<'a> {
    let name = fit(name, 12);
    let pad = " ".repeat(12_usize.saturating_sub(usize::from(cells(&name))));
    let figure = cx.look.format.value(Unit::Celsius, value);
    words
        .dim(format!("{name}{pad} "))
        .heat(value.map(|value| value / HOTTEST), format!("{figure:>5}"))
        .dim("  ")
}

impl Gpu {
    fn words<'b>(&self, cx: &Context<'b>, all: bool) -> Words<'b> {
        let figure = |unit, value| cx.look.format.value(unit, value);
        let usage = figure(Unit::Percent, self.usage);
        let words = Words::new(cx.look)
            .dim(format!("{} ", fit(&self.name, if all { 24 } else { 8 })))
            .heat(self.usage.map(|usage| usage / 100.0), format!("{usage:>4}"))
            .value(format!(
                " {:>5}/{}",
                figure(Unit::Bytes, self.memory_used),
                figure(Unit::Bytes, self.memory_total)
            ));
        if !all {
            return words;
        }
        words
            .value(format!(" {:>5}", figure(Unit::Celsius, self.temperature)))
            .value(format!(" {:>5}", figure(Unit::Watts, self.power)))
    }
}
