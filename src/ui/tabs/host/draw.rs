//! The panels of the Host tab put on the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::HostTab;
use super::cpu;
use super::disks::Disks;
use super::facts;
use super::layout::{HostLayout, HostPanel};
use super::memory::Memory;
use super::network::Network;
use super::process_table;
use super::sensors::Sensors;
use crate::ui::tabs::pen::Words;
use crate::ui::tabs::{Context, Hits, Target, past};
use crate::ui::widgets::Panel;

/// The least height at which the process table has a border in the smallest layout.
const BORDER_FROM: u16 = 8;

/// All panels.
pub fn panels(tab: &HostTab, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let mut frame = Frames { cx, hits };
    match HostLayout::of(area, tab.has_sensors) {
        HostLayout::Wide {
            cpu: cpu_area,
            memory: memory_area,
            disks: disks_area,
            network: network_area,
            sensors: sensors_area,
            processes,
        } => {
            let inside = frame.panel(
                HostPanel::Cpu,
                cpu::title(cx, cpu_area.width),
                cpu_area,
                buf,
            );
            cpu::draw(cx, inside, buf);
            let memory = Memory::of(cx);
            let inside = frame.panel(HostPanel::Memory, memory.title(cx), memory_area, buf);
            memory.draw(cx, inside, buf);
            let disks = Disks::of(cx);
            let inside = frame.panel(HostPanel::Disks, disks.title(cx), disks_area, buf);
            disks.draw(cx, inside, buf);
            let network = Network::of(cx);
            let inside = frame.panel(HostPanel::Network, network.title(cx), network_area, buf);
            network.draw(cx, inside, buf);
            if let Some(area) = sensors_area {
                let sensors = Sensors::of(cx);
                let inside = frame.panel(HostPanel::Sensors, sensors.title(cx), area, buf);
                sensors.draw(cx, inside, buf);
            }
            frame.processes(tab, processes, buf);
        }
        HostLayout::Narrow {
            cpu: cpu_area,
            facts: facts_area,
            processes,
        } => {
            let inside = frame.panel(
                HostPanel::Cpu,
                cpu::title(cx, cpu_area.width),
                cpu_area,
                buf,
            );
            cpu::draw(cx, inside, buf);
            let title = Words::new(cx.look).title("Now").line();
            let focused = !matches!(
                HostPanel::at(cx.focus),
                HostPanel::Processes | HostPanel::Cpu
            );
            let panel = Panel {
                title,
                focused,
                ..Panel::default()
            };
            let inside = panel.render(facts_area, buf, cx.look);
            frame
                .hits
                .add(facts_area, Target::Panel(HostPanel::Memory.index()));
            facts::draw(cx, inside, buf);
            frame.processes(tab, processes, buf);
        }
        HostLayout::Tiny { line, processes } => {
            facts::draw_line(cx, line, buf);
            frame.processes(tab, processes, buf);
        }
    }
}

/// The panel with the keys alone, with more to see.
pub fn zoomed(tab: &HostTab, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let mut frame = Frames { cx, hits };
    let panel = HostPanel::at(cx.focus);
    match panel {
        HostPanel::Processes => frame.processes(tab, area, buf),
        HostPanel::Cpu => {
            let inside = frame.panel(panel, cpu::title(cx, area.width), area, buf);
            cpu::draw_zoomed(cx, inside, buf);
        }
        HostPanel::Memory => {
            let memory = Memory::of(cx);
            let inside = frame.panel(panel, memory.title(cx), area, buf);
            memory.draw_zoomed(cx, inside, buf);
        }
        HostPanel::Network => {
            let network = Network::of(cx);
            let inside = frame.panel(panel, network.title(cx), area, buf);
            network.draw_zoomed(cx, inside, buf);
        }
        HostPanel::Disks => {
            let disks = Disks::of(cx);
            let inside = frame.panel(panel, disks.title(cx), area, buf);
            disks.draw_zoomed(cx, inside, buf);
        }
        HostPanel::Sensors => {
            let sensors = Sensors::of(cx);
            let inside = frame.panel(panel, sensors.title(cx), area, buf);
            sensors.draw_zoomed(cx, inside, buf);
        }
    }
}

/// Draws borders and remembers where they are for the mouse.
struct Frames<'a, 'b> {
    cx: &'a Context<'a>,
    hits: &'b mut Hits,
}

impl Frames<'_, '_> {
    fn panel(&mut self, panel: HostPanel, title: Line<'_>, area: Rect, buf: &mut Buffer) -> Rect {
        self.hits.add(area, Target::Panel(panel.index()));
        let of_rows = past::rows_text(self.cx).filter(|_| panel == HostPanel::Processes);
        let border = Panel {
            title,
            right: Line::from(of_rows.unwrap_or_default()),
            focused: HostPanel::at(self.cx.focus) == panel,
        };
        border.render(area, buf, self.cx.look)
    }

    fn processes(&mut self, tab: &HostTab, area: Rect, buf: &mut Buffer) {
        let inside = if area.height < BORDER_FROM {
            self.hits
                .add(area, Target::Panel(HostPanel::Processes.index()));
            area
        } else {
            let title = process_table::title(self.cx, &tab.processes);
            self.panel(HostPanel::Processes, title, area, buf)
        };
        let focused = HostPanel::at(self.cx.focus) == HostPanel::Processes;
        process_table::draw(self.cx, &tab.processes, inside, buf, self.hits, focused);
    }
}
