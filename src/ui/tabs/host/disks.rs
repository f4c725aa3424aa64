//! The disks panel: how full the file systems are and what the devices do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::cpu::below_trouble;
use crate::model::format::UNKNOWN;
use crate::model::{SeriesId, SeriesKey, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words, cells};
use crate::ui::tabs::plot::Plot;
use crate::ui::tabs::source::Source;
use crate::ui::theme::Role;
use crate::ui::widgets::text::{fit, fit_end};

const FULL: &str = "system.disk.usage_percent";
const READ: &str = "system.disk.read_bytes_per_sec";
const WRITTEN: &str = "system.disk.write_bytes_per_sec";

/// Share of the inodes from which on they are worth a word.
const MANY_INODES: f64 = 80.0;

/// The figures of the panel.
pub struct Disks<'a> {
    mounts_source: Source<'a>,
    devices_source: Source<'a>,
    mounts: Vec<Mount>,
    devices: Vec<Device<'a>>,
}

struct Mount {
    name: String,
    full: Option<f64>,
    total: Option<f64>,
    available: Option<f64>,
    inodes: Option<f64>,
}

struct Device<'a> {
    name: String,
    key: &'a SeriesKey,
    read_id: SeriesId,
    written_id: Option<SeriesId>,
    read: Option<f64>,
    written: Option<f64>,
    busy: Option<f64>,
}

impl<'a> Disks<'a> {
    /// The figures of a frame.
    #[must_use]
    pub fn of(cx: &Context<'a>) -> Self {
        let mounts_source = Source::of(cx.frame, "mounts");
        let devices_source = Source::of(cx.frame, "disk_io");
        let mounts = mounts_source.each(FULL).into_iter();
        let mounts = mounts.map(|(_, key, full)| Mount {
            name: key.labels.values_text(),
            full,
            total: mounts_source.beside("system.disk.total_bytes", key),
            available: mounts_source.beside("system.disk.available_bytes", key),
            inodes: mounts_source.beside("system.disk.inodes_usage_percent", key),
        });
        let mounts = mounts.collect();
        let devices = devices_source.each(READ).into_iter();
        let devices = devices.map(|(id, key, read)| Device {
            name: key.labels.values_text(),
            key,
            read_id: id,
            written_id: cx.frame.series.find(WRITTEN, &key.labels),
            read,
            written: devices_source.beside(WRITTEN, key),
            busy: devices_source.beside("system.disk.busy_percent", key),
        });
        let devices = devices.collect();
        Self {
            mounts_source,
            devices_source,
            mounts,
            devices,
        }
    }

    /// The title.
    #[must_use]
    pub fn title(&self, cx: &Context<'a>) -> Line<'a> {
        Words::new(cx.look).title("Disks").line()
    }

    /// The fullest file system as words.
    #[must_use]
    pub fn fullest_words<'b>(&self, cx: &Context<'b>) -> Words<'b> {
        let known = self.mounts.iter().filter(|mount| mount.full.is_some());
        let fullest = known.max_by(|a, b| a.full.unwrap_or(0.0).total_cmp(&b.full.unwrap_or(0.0)));
        let words = Words::new(cx.look).dim("disk ");
        match fullest {
            None => words.value(UNKNOWN),
            Some(mount) => words
                .heat(mount.full.map(|full| full / 100.0), mount.full_text(cx))
                .value(format!(" {}", fit_end(&mount.name, 16))),
        }
    }

    /// The inside of the panel: file systems first, the fullest where not all of them fit; then the devices.
    pub fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let area = below_trouble(cx, &self.mounts_source, area, buf);
        let area = below_trouble(cx, &self.devices_source, area, buf);
        let mut pen = Pen::new(area, buf, cx.look);
        let room = pen.lines_left();
        let for_devices = self
            .devices
            .len()
            .min((room / 2).max(room.saturating_sub(self.mounts.len())));
        let mut mounts: Vec<&Mount> = self.mounts.iter().collect();
        if mounts.len() > room - for_devices {
            mounts.sort_by(|a, b| b.full.unwrap_or(0.0).total_cmp(&a.full.unwrap_or(0.0)));
        }
        for mount in mounts.into_iter().take(room - for_devices) {
            mount.draw(cx, &mut pen);
        }
        let mut devices: Vec<&Device<'_>> = self.devices.iter().collect();
        if devices.len() > for_devices {
            devices.sort_by(|a, b| b.busy.unwrap_or(0.0).total_cmp(&a.busy.unwrap_or(0.0)));
        }
        for device in devices.into_iter().take(for_devices) {
            pen.words(device.words(cx));
        }
    }

    /// The panel when it fills the tab: every file system, every device with queue, waiting time, use and its chart.
    pub fn draw_zoomed(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let area = below_trouble(cx, &self.mounts_source, area, buf);
        let area = below_trouble(cx, &self.devices_source, area, buf);
        let mut pen = Pen::new(area, buf, cx.look);
        let room = pen.lines_left();
        for mount in self
            .mounts
            .iter()
            .take(room.saturating_sub(self.devices.len()))
        {
            mount.draw(cx, &mut pen);
        }
        let mut rest = pen.rest();
        let count = u16::try_from(self.devices.len()).unwrap_or(u16::MAX).max(1);
        let height = (rest.height / count).max(1);
        for device in &self.devices {
            let area = Rect {
                height: height.min(rest.height),
                ..rest
            };
            if area.is_empty() {
                return;
            }
            device.draw_zoomed(cx, &self.devices_source, area, buf);
            rest.y += area.height;
            rest.height -= area.height;
        }
    }
}

impl Mount {
    fn full_text(&self, cx: &Context<'_>) -> String {
        format!("{:>4}", cx.look.format.value(Unit::Percent, self.full))
    }

    fn draw(&self, cx: &Context<'_>, pen: &mut Pen<'_>) {
        let bytes = |value| cx.look.format.value(Unit::Bytes, value);
        let wide = pen.rest().width >= 60;
        let mut figure = format!("{} {:>5}", self.full_text(cx), bytes(self.total));
        if wide {
            figure = format!("{figure}  {:>5} free", bytes(self.available));
        }
        if let Some(inodes) = self.inodes.filter(|inodes| *inodes > MANY_INODES) {
            figure = format!("{figure} inodes {inodes:.0}%");
        }
        let label = if wide { 24 } else { 9 };
        pen.gauge(
            &fit_end(&self.name, usize::from(label) - 1),
            label,
            self.full.map(|full| full / 100.0),
            &figure,
        );
    }
}

impl Device<'_> {
    fn words<'b>(&self, cx: &Context<'b>) -> Words<'b> {
        let bytes = |value| format!("{:>5}", cx.look.format.value(Unit::Bytes, value));
        let name = fit(&self.name, 8);
        let pad = " ".repeat(8_usize.saturating_sub(usize::from(cells(&name))));
        let busy = cx.look.format.value(Unit::Percent, self.busy);
        Words::new(cx.look)
            .dim(format!("{name}{pad} r "))
            .value(bytes(self.read))
            .dim(" w ")
            .value(bytes(self.written))
            .heat(self.busy.map(|busy| busy / 100.0), format!(" {busy:>4}"))
    }

    fn draw_zoomed(&self, cx: &Context<'_>, source: &Source<'_>, area: Rect, buf: &mut Buffer) {
        let figure = |metric: &str| {
            let unit = crate::model::metric::describe(metric).unit;
            format!(
                "{:>6}",
                cx.look.format.value(unit, source.beside(metric, self.key))
            )
        };
        let words = self
            .words(cx)
            .dim(" busy  reads ")
            .value(figure("system.disk.reads_per_sec"))
            .dim("  writes ")
            .value(figure("system.disk.writes_per_sec"))
            .dim("  queue ")
            .value(figure("system.disk.queue_length"))
            .dim("  await ")
            .value(figure("system.disk.await_ms"));
        let mut pen = Pen::new(area, buf, cx.look);
        pen.words(words);
        let rest = pen.rest();
        let curves = [
            ("read", Some(self.read_id), Some(Role::Curve1)),
            ("written", self.written_id, Some(Role::Curve2)),
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
