//! The host: CPU, memory, pressure, disks, network, sensors.

use super::{Figures, sides};
use crate::cli::snapshot::page::Page;
use crate::model::{Formatter, Frame};

/// Writes what is known of the host.
pub fn write(page: &mut Page, frame: &Frame, format: Formatter) {
    let figures = Figures { frame, format };
    page.heading("Host");
    cpu(page, &figures);
    memory(page, &figures);
    container(page, &figures);
    pressure(page, &figures);
    connections(page, &figures);
    tables(page, &figures);
}

fn cpu(page: &mut Page, f: &Figures<'_>) {
    page.line(&format!(
        "  cpu {}  user {}  system {}  io wait {}  steal {}  load {} {} {}",
        f.plain("system.cpu.usage_percent"),
        f.plain("system.cpu.user_percent"),
        f.plain("system.cpu.system_percent"),
        f.plain("system.cpu.io_wait_percent"),
        f.plain("system.cpu.steal_percent"),
        f.plain("system.load.1m"),
        f.plain("system.load.5m"),
        f.plain("system.load.15m"),
    ));
}

fn memory(page: &mut Page, f: &Figures<'_>) {
    page.line(&format!(
        "  memory {}  used {} of {}  available {}  cached {}  buffers {}",
        f.plain("system.memory.usage_percent"),
        f.plain("system.memory.used_bytes"),
        f.plain("system.memory.total_bytes"),
        f.plain("system.memory.available_bytes"),
        f.plain("system.memory.cached_bytes"),
        f.plain("system.memory.buffers_bytes"),
    ));
    if f.frame.value("system.swap.total_bytes") == Some(0.0) {
        return page.line("  swap none");
    }
    page.line(&format!(
        "  swap {}  used {} of {}  in {}  out {}",
        f.plain("system.swap.usage_percent"),
        f.plain("system.swap.used_bytes"),
        f.plain("system.swap.total_bytes"),
        f.plain("system.swap.in_bytes_per_sec"),
        f.plain("system.swap.out_bytes_per_sec"),
    ));
}

/// The limits around hubtop, where there are any.
fn container(page: &mut Page, f: &Figures<'_>) {
    if f.knows("container.memory.limit_bytes") {
        page.line(&format!(
            "  container memory {}  used {} of {}",
            f.plain("container.memory.usage_percent"),
            f.plain("container.memory.used_bytes"),
            f.plain("container.memory.limit_bytes"),
        ));
    }
    if f.knows("container.cpu.limit_cores") {
        page.line(&format!(
            "  container cpu {} of {} cores  throttled {}",
            f.plain("container.cpu.usage_percent"),
            f.plain("container.cpu.limit_cores"),
            f.plain("container.cpu.throttled_percent"),
        ));
    }
}

fn pressure(page: &mut Page, f: &Figures<'_>) {
    page.line(&format!(
        "  pressure cpu {}  memory {} full {}  io {} full {}",
        f.plain("system.pressure.cpu_some_percent"),
        f.plain("system.pressure.memory_some_percent"),
        f.plain("system.pressure.memory_full_percent"),
        f.plain("system.pressure.io_some_percent"),
        f.plain("system.pressure.io_full_percent"),
    ));
}

/// What there may be several of: a title, the head of the first column, heads and metrics of the others. The first
/// metric decides which rows there are.
type Listing = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const LISTINGS: &[Listing] = &[
    (
        "Disks",
        "MOUNT",
        &[
            ("USE", "system.disk.usage_percent"),
            ("USED", "system.disk.used_bytes"),
            ("FREE", "system.disk.available_bytes"),
            ("SIZE", "system.disk.total_bytes"),
            ("INODES", "system.disk.inodes_usage_percent"),
        ],
    ),
    (
        "Devices",
        "DEVICE",
        &[
            ("READ", "system.disk.read_bytes_per_sec"),
            ("WRITE", "system.disk.write_bytes_per_sec"),
            ("READS", "system.disk.reads_per_sec"),
            ("WRITES", "system.disk.writes_per_sec"),
            ("BUSY", "system.disk.busy_percent"),
            ("AWAIT", "system.disk.await_ms"),
            ("QUEUE", "system.disk.queue_length"),
        ],
    ),
    (
        "Network",
        "INTERFACE",
        &[
            ("RECV", "system.network.bytes_recv_per_sec"),
            ("SENT", "system.network.bytes_sent_per_sec"),
            ("ERRORS", "system.network.errors_per_sec"),
            ("DROPS", "system.network.drops_per_sec"),
        ],
    ),
    (
        "Sensors",
        "SENSOR",
        &[("TEMPERATURE", "system.sensor.temperature_celsius")],
    ),
    (
        "GPUs",
        "GPU",
        &[
            ("USE", "system.gpu.usage_percent"),
            ("MEMORY", "system.gpu.memory_used_bytes"),
            ("OF", "system.gpu.memory_total_bytes"),
            ("TEMPERATURE", "system.gpu.temperature_celsius"),
            ("POWER", "system.gpu.power_watts"),
        ],
    ),
];

fn tables(page: &mut Page, f: &Figures<'_>) {
    for (title, head, columns) in LISTINGS {
        let rows = f.by_label(head, columns);
        if !rows.is_empty() {
            page.heading(title);
            page.table(&sides(columns.len()), &rows);
        }
    }
}

fn connections(page: &mut Page, f: &Figures<'_>) {
    if f.knows("system.tcp.established_count") {
        page.line(&format!(
            "  tcp {} established  retransmits {}  listen overflows {}",
            f.plain("system.tcp.established_count"),
            f.plain("system.tcp.retransmits_per_sec"),
            f.plain("system.tcp.listen_overflows_per_sec"),
        ));
    }
}
