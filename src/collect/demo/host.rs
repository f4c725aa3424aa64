//! The host of the demo: `web-01`, eight cores, 32 GiB, a database disk that is nearly full.

use std::time::Duration;

use crate::model::{Catalog, HostFacts, Labels, Reading, Rows, SeriesId, Timestamp};

use super::story::{Scene, blend};
use super::{CollectError, Teller};

const CORES: usize = 8;
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const MIB: f64 = 1024.0 * 1024.0;
/// Memory of the machine, bytes.
pub(super) const MEMORY: f64 = 32.0 * GIB;
/// How long the machine had run when the live part began.
const UPTIME: Duration = Duration::from_secs(41 * 86_400 + 7 * 3600 + 12 * 60);

/// The facts that stay.
pub(super) struct Facts(HostFacts);

impl Facts {
    pub(super) fn new(start: Timestamp) -> Self {
        Self(HostFacts {
            name: "web-01".to_owned(),
            os: Some("Debian GNU/Linux 12".to_owned()),
            kernel: Some("6.1.0-28-amd64".to_owned()),
            cpu_model: Some("AMD EPYC 7543P".to_owned()),
            cores: CORES,
            boot: Some(start.minus(UPTIME)),
            container: None,
        })
    }
}

impl Teller for Facts {
    fn name(&self) -> &'static str {
        "host"
    }

    fn tell(&mut self, _scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        reading.rows.push(Rows::Host(self.0.clone()));
        Ok(())
    }
}

/// Gives out the ids of one metric by the values of one label.
fn ids(catalog: &Catalog, metric: &str, label: &str, values: &[&str]) -> Vec<SeriesId> {
    values
        .iter()
        .map(|value| catalog.id(metric, Labels::one(label, value)))
        .collect()
}

/// Processors, load and pressure.
pub(super) struct Cpu {
    plain: [SeriesId; 14],
    cores: Vec<SeriesId>,
}

impl Cpu {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let names: Vec<String> = (0..CORES).map(|core| core.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Self {
            plain: [
                "system.cpu.usage_percent",
                "system.cpu.user_percent",
                "system.cpu.system_percent",
                "system.cpu.io_wait_percent",
                "system.cpu.steal_percent",
                "system.cpu.frequency_mhz",
                "system.cpu.context_switches_per_sec",
                "system.load.1m",
                "system.load.5m",
                "system.load.15m",
                "system.pressure.cpu_some_percent",
                "system.pressure.io_some_percent",
                "system.pressure.io_full_percent",
                "system.uptime_seconds",
            ]
            .map(|metric| catalog.plain(metric)),
            cores: ids(catalog, "system.cpu.core.usage_percent", "core", &names),
        }
    }
}

impl Teller for Cpu {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let user = scene.around(23.0 * scene.traffic, 0.3, "cpu.user", 0)
            + scene.around(24.0 * scene.statement, 0.15, "cpu.slow", 0);
        let system = scene.around(6.0 * scene.traffic + 4.0 * scene.disk, 0.3, "cpu.system", 0);
        let io_wait = scene.around(blend(1.1, 27.0, scene.disk), 0.25, "cpu.wait", 0);
        let usage = user + system;
        // The averages lag behind: what they show is a while ago, flatter the longer they look back.
        let load = |share: f64| {
            CORES as f64 * (0.3 + share * (0.4 * scene.connections + 0.3 * scene.disk))
        };
        let figures = [
            usage,
            user,
            system,
            io_wait,
            scene.around(0.2, 0.9, "cpu.steal", 0),
            scene.around(3020.0, 0.06, "cpu.frequency", 0),
            scene.around(
                18_400.0 * scene.traffic * (1.0 + 0.8 * scene.connections),
                0.2,
                "cpu.switches",
                0,
            ),
            scene.around(load(2.0), 0.1, "load", 1),
            scene.around(load(1.3), 0.05, "load", 5),
            scene.around(load(0.5), 0.02, "load", 15),
            scene.around(blend(1.4, 17.0, scene.connections), 0.5, "psi.cpu", 0),
            scene.around(blend(0.9, 38.0, scene.disk), 0.3, "psi.io", 0),
            scene.around(blend(0.2, 21.0, scene.disk), 0.3, "psi.io_full", 0),
            UPTIME.as_secs_f64() + scene.seconds,
        ];
        reading.samples.extend(self.plain.into_iter().zip(figures));
        for (core, id) in self.cores.iter().enumerate() {
            let share = 0.55 + 0.9 * scene.fixed("core", core);
            let busy = scene.around(usage * share, 0.45, "core", core);
            reading.put(*id, busy.clamp(0.0, 100.0));
        }
        Ok(())
    }
}

/// Memory and swap.
pub(super) struct Memory([SeriesId; 16]);

impl Memory {
    pub(super) fn new(catalog: &Catalog) -> Self {
        Self(
            [
                "system.memory.total_bytes",
                "system.memory.used_bytes",
                "system.memory.available_bytes",
                "system.memory.cached_bytes",
                "system.memory.buffers_bytes",
                "system.memory.free_bytes",
                "system.memory.usage_percent",
                "system.swap.total_bytes",
                "system.swap.used_bytes",
                "system.swap.usage_percent",
                "system.swap.in_bytes_per_sec",
                "system.swap.out_bytes_per_sec",
                "system.hugepages.total_bytes",
                "system.hugepages.used_bytes",
                "system.pressure.memory_some_percent",
                "system.pressure.memory_full_percent",
            ]
            .map(|metric| catalog.plain(metric)),
        )
    }
}

impl Teller for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let share = scene.around(0.61, 0.02, "memory", 0) + 0.13 * scene.connections;
        let used = MEMORY * share;
        let available = MEMORY - used;
        let free = 0.18 * available;
        let buffers = 0.31 * GIB;
        let swap = 4.0 * GIB;
        let swapped = scene.around(0.031, 0.02, "swap", 0) + 0.02 * scene.connections;
        let figures = [
            MEMORY,
            used,
            available,
            available - free - buffers,
            buffers,
            free,
            share * 100.0,
            swap,
            swap * swapped,
            swapped * 100.0,
            0.0,
            (scene.connections * 96.0 * 1024.0 * (1.0 + scene.sway("swap.out", 0))).max(0.0),
            4.0 * GIB,
            scene.around(3.4 * GIB, 0.01, "hugepages", 0),
            scene.around(blend(0.1, 2.2, scene.connections), 0.6, "psi.memory", 0),
            scene.around(
                blend(0.0, 0.6, scene.connections),
                0.6,
                "psi.memory_full",
                0,
            ),
        ];
        reading.samples.extend(self.0.into_iter().zip(figures));
        Ok(())
    }
}

/// A mounted file system: where, its size in GiB, how full it is and its inodes, percent.
const MOUNTS: [(&str, f64, f64, f64); 4] = [
    ("/", 96.0, 58.3, 11.0),
    ("/boot", 0.9, 31.0, 0.4),
    ("/var/lib/postgresql", 500.0, 91.2, 2.1),
    ("/var/lib/containerd", 240.0, 66.4, 24.0),
];
/// A device: its name, bytes read and written a second when calm, and how much of the incident it sees.
const DEVICES: [(&str, f64, f64, f64); 2] = [
    ("nvme0n1", 1.4 * MIB, 5.2 * MIB, 0.08),
    ("nvme1n1", 2.2 * MIB, 11.0 * MIB, 1.0),
];

/// File systems and devices.
pub(super) struct Disks {
    mounts: Vec<[SeriesId; 5]>,
    devices: Vec<[SeriesId; 7]>,
}

impl Disks {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let mounts = MOUNTS.iter().map(|(mount, ..)| {
            [
                "system.disk.total_bytes",
                "system.disk.used_bytes",
                "system.disk.available_bytes",
                "system.disk.usage_percent",
                "system.disk.inodes_usage_percent",
            ]
            .map(|metric| catalog.id(metric, Labels::one("mount", mount)))
        });
        let devices = DEVICES.iter().map(|(device, ..)| {
            [
                "system.disk.read_bytes_per_sec",
                "system.disk.write_bytes_per_sec",
                "system.disk.reads_per_sec",
                "system.disk.writes_per_sec",
                "system.disk.queue_length",
                "system.disk.busy_percent",
                "system.disk.await_ms",
            ]
            .map(|metric| catalog.id(metric, Labels::one("device", device)))
        });
        Self {
            mounts: mounts.collect(),
            devices: devices.collect(),
        }
    }
}

impl Teller for Disks {
    fn name(&self) -> &'static str {
        "mounts"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        for (n, ((_, size, full, inodes), ids)) in MOUNTS.iter().zip(&self.mounts).enumerate() {
            let total = size * GIB;
            let full = full + 0.25 * scene.sway("mount", n);
            let used = total * full / 100.0;
            reading.samples.extend(ids.iter().copied().zip([
                total,
                used,
                total - used,
                full,
                *inodes,
            ]));
        }
        for (n, ((_, read, write, part), ids)) in DEVICES.iter().zip(&self.devices).enumerate() {
            let hit = scene.disk * part;
            let read = scene.around(blend(*read, read + 310.0 * MIB, hit), 0.5, "disk.read", n);
            let write = scene.around(
                write * scene.traffic + 9.0 * MIB * hit,
                0.5,
                "disk.write",
                n,
            );
            let busy = scene.around(blend(7.0, 88.0, hit), 0.12, "disk.busy", n);
            let figures = [
                read,
                write,
                read / (28.0 * 1024.0),
                write / (19.0 * 1024.0),
                scene.around(blend(0.1, 11.0, hit), 0.3, "disk.queue", n),
                busy,
                scene.around(blend(0.4, 14.0, hit), 0.3, "disk.await", n),
            ];
            reading.samples.extend(ids.iter().copied().zip(figures));
        }
        Ok(())
    }
}

/// An interface with bytes received and sent a second.
const INTERFACES: [(&str, f64, f64); 3] = [
    ("eth0", 3.9 * MIB, 12.1 * MIB),
    ("docker0", 1.1 * MIB, 2.0 * MIB),
    ("lo", 1.2 * MIB, 1.2 * MIB),
];

/// Interfaces and protocols.
pub(super) struct Network {
    interfaces: Vec<[SeriesId; 6]>,
    protocols: [SeriesId; 4],
}

impl Network {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let interfaces = INTERFACES.iter().map(|(interface, ..)| {
            [
                "system.network.bytes_recv_per_sec",
                "system.network.bytes_sent_per_sec",
                "system.network.packets_recv_per_sec",
                "system.network.packets_sent_per_sec",
                "system.network.errors_per_sec",
                "system.network.drops_per_sec",
            ]
            .map(|metric| catalog.id(metric, Labels::one("interface", interface)))
        });
        Self {
            interfaces: interfaces.collect(),
            protocols: [
                "system.tcp.established_count",
                "system.tcp.retransmits_per_sec",
                "system.tcp.listen_overflows_per_sec",
                "system.udp.errors_per_sec",
            ]
            .map(|metric| catalog.plain(metric)),
        }
    }
}

impl Teller for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let flow = scene.traffic * (1.0 - 0.35 * scene.errors);
        for (n, ((_, recv, sent), ids)) in INTERFACES.iter().zip(&self.interfaces).enumerate() {
            let recv = scene.around(recv * flow, 0.35, "net.recv", n);
            let sent = scene.around(sent * flow, 0.35, "net.sent", n);
            let figures = [recv, sent, recv / 780.0, sent / 1130.0, 0.0, 0.0];
            reading.samples.extend(ids.iter().copied().zip(figures));
        }
        let figures = [
            scene
                .around(blend(1204.0, 2380.0, scene.connections), 0.03, "tcp", 0)
                .round(),
            scene.around(blend(1.2, 9.0, scene.errors), 0.8, "tcp.retransmits", 0),
            (6.0 * scene.errors - 3.5).max(0.0),
            0.0,
        ];
        reading
            .samples
            .extend(self.protocols.into_iter().zip(figures));
        Ok(())
    }
}

/// Sensors with their temperature in calm.
const SENSORS: [(&str, f64); 3] = [
    ("k10temp Tctl", 52.0),
    ("nvme0 Composite", 39.0),
    ("nvme1 Composite", 43.0),
];
const GPU: &str = "NVIDIA L4";

/// Temperatures and the GPU.
pub(super) struct Sensors {
    temperatures: Vec<SeriesId>,
    gpu: [SeriesId; 5],
}

impl Sensors {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let names = SENSORS.map(|(name, _)| name);
        Self {
            temperatures: ids(
                catalog,
                "system.sensor.temperature_celsius",
                "sensor",
                &names,
            ),
            gpu: [
                "system.gpu.usage_percent",
                "system.gpu.memory_used_bytes",
                "system.gpu.memory_total_bytes",
                "system.gpu.temperature_celsius",
                "system.gpu.power_watts",
            ]
            .map(|metric| catalog.id(metric, Labels::one("gpu", GPU))),
        }
    }
}

impl Teller for Sensors {
    fn name(&self) -> &'static str {
        "sensors"
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        for (n, ((_, calm), id)) in SENSORS.iter().zip(&self.temperatures).enumerate() {
            reading.put(
                *id,
                calm + 11.0 * scene.disk + 2.0 * scene.sway("sensor", n),
            );
        }
        let busy = scene
            .around(34.0 * scene.traffic, 0.6, "gpu", 0)
            .clamp(0.0, 100.0);
        let figures = [
            busy,
            scene.around(14.2 * GIB, 0.02, "gpu.memory", 0),
            23.0 * GIB,
            44.0 + busy * 0.3,
            18.0 + busy * 0.5,
        ];
        reading.samples.extend(self.gpu.into_iter().zip(figures));
        Ok(())
    }
}
