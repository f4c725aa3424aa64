//! The Host tab, drawn and used with keys.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::model::process::{
    CgroupUse, Limit, OpenFile, Process, ProcessDetail, ProcessKey, ProcessState, Socket, Thread,
};
use crate::model::{Command, Container, Cut, Health, Labels};
use crate::ui::tabs::testing::{Scene, noon, process};

mod kept;

const GIB: f64 = (1_u64 << 30) as f64;
const MIB: f64 = (1_u64 << 20) as f64;

const SIGNALS: &[Signal] = &[Signal {
    number: 15,
    name: "SIGTERM",
    effect: "ask it to end",
}];

fn tab() -> HostTab {
    HostTab::new(SIGNALS)
}

/// A machine with everything.
fn full() -> Scene {
    let mut scene = Scene::new();
    for name in SOURCES {
        scene.source(name, Health::Up, Duration::ZERO);
    }
    cpu_and_memory(&mut scene);
    disks_and_network(&mut scene);
    scene.put_of(
        "sensor",
        "cpu",
        &[("system.sensor.temperature_celsius", 61.0)],
    );
    scene.put_of(
        "sensor",
        "nvme0",
        &[("system.sensor.temperature_celsius", 84.0)],
    );
    scene.frame.tables.processes = Some(Arc::new(processes()));
    scene
}

const SOURCES: [&str; 9] = [
    "cpu",
    "pressure",
    "memory",
    "container",
    "mounts",
    "disk_io",
    "network",
    "sensors",
    "processes",
];

fn cpu_and_memory(scene: &mut Scene) {
    scene.put_plain(&[
        ("system.cpu.usage_percent", 37.0),
        ("system.cpu.user_percent", 28.0),
        ("system.cpu.system_percent", 7.0),
        ("system.cpu.io_wait_percent", 2.0),
        ("system.cpu.steal_percent", 0.0),
        ("system.cpu.frequency_mhz", 3400.0),
        ("system.cpu.context_switches_per_sec", 12_400.0),
        ("system.load.1m", 2.1),
        ("system.load.5m", 1.8),
        ("system.load.15m", 1.6),
        ("system.pressure.cpu_some_percent", 3.0),
        ("system.pressure.memory_some_percent", 0.2),
        ("system.pressure.memory_full_percent", 0.0),
        ("system.memory.total_bytes", 16.0 * GIB),
        ("system.memory.used_bytes", 9.8 * GIB),
        ("system.memory.available_bytes", 6.2 * GIB),
        ("system.memory.cached_bytes", 3.4 * GIB),
        ("system.memory.buffers_bytes", 0.2 * GIB),
        ("system.memory.free_bytes", 2.6 * GIB),
        ("system.memory.usage_percent", 61.0),
        ("system.swap.total_bytes", 2.0 * GIB),
        ("system.swap.used_bytes", 0.1 * GIB),
        ("system.swap.usage_percent", 5.0),
    ]);
    for (core, usage) in [41.0, 33.0, 21.0, 55.0, 12.0, 61.0, 96.0, 8.0]
        .iter()
        .enumerate()
    {
        let labels = Labels::one("core", &core.to_string());
        scene.put("system.cpu.core.usage_percent", labels, *usage);
    }
}

fn disks_and_network(scene: &mut Scene) {
    for (mount, full, inodes) in [("/", 83.0, 12.0), ("/var/lib/postgresql", 91.0, 88.0)] {
        let values = [
            ("system.disk.usage_percent", full),
            ("system.disk.total_bytes", 412.0 * GIB),
            ("system.disk.available_bytes", 40.0 * GIB),
            ("system.disk.inodes_usage_percent", inodes),
        ];
        scene.put_of("mount", mount, &values);
    }
    let values = [
        ("system.disk.read_bytes_per_sec", 2.0 * MIB),
        ("system.disk.write_bytes_per_sec", 14.0 * MIB),
        ("system.disk.reads_per_sec", 120.0),
        ("system.disk.writes_per_sec", 900.0),
        ("system.disk.queue_length", 1.2),
        ("system.disk.await_ms", 1.4),
        ("system.disk.busy_percent", 31.0),
    ];
    scene.put_of("device", "nvme0n1", &values);
    for (interface, received, sent) in [("lo", 1.2, 1.2), ("eth0", 12.1, 3.1)] {
        let values = [
            ("system.network.bytes_recv_per_sec", received * MIB),
            ("system.network.bytes_sent_per_sec", sent * MIB),
            ("system.network.packets_recv_per_sec", 9000.0),
            ("system.network.packets_sent_per_sec", 4000.0),
            ("system.network.errors_per_sec", 0.0),
            ("system.network.drops_per_sec", 0.0),
        ];
        scene.put_of("interface", interface, &values);
    }
    scene.put_plain(&[
        ("system.tcp.established_count", 1204.0),
        ("system.tcp.retransmits_per_sec", 2.0),
        ("system.tcp.listen_overflows_per_sec", 0.0),
        ("system.udp.errors_per_sec", 0.0),
    ]);
}

fn processes() -> Vec<Arc<Process>> {
    let mut list = vec![
        process(1, 0, "root", Some(0.0), "/sbin/init"),
        process(2, 0, "root", Some(0.0), "[kthreadd]"),
        process(611, 1, "root", Some(0.1), "/usr/sbin/sshd -D"),
        process(
            812,
            1,
            "postgres",
            Some(0.4),
            "/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql",
        ),
        process(7710, 1, "app", Some(22.0), "python -m uvicorn app.main:app"),
        process(
            8121,
            812,
            "postgres",
            Some(61.2),
            "postgres: app orders SELECT",
        ),
        process(8122, 812, "postgres", None, "postgres: app users idle"),
        process(
            9001,
            611,
            "日本語",
            Some(3.5),
            "/opt/日本/サーバー --名前 値 🚀",
        ),
    ];
    list[5].state = ProcessState::Running;
    list[5].read_bytes_per_sec = Some(2.1 * MIB);
    list[5].write_bytes_per_sec = Some(11.2 * MIB);
    list[4].nice = Some(10);
    Arc::make_mut(&mut list[4].identity).container = Some("web".into());
    list.into_iter().map(Arc::new).collect()
}

fn detail() -> ProcessDetail {
    ProcessDetail {
        key: ProcessKey {
            pid: 8121,
            started: 8121,
        },
        at: noon(),
        executable: Ok("/usr/lib/postgresql/15/bin/postgres".to_owned()),
        directory: Err("not permitted: run as postgres or root".to_owned()),
        threads: Ok(vec![
            Thread {
                tid: 8121,
                name: "postgres".to_owned(),
                state: ProcessState::Running,
                cpu_percent: Some(61.2),
            },
            Thread {
                tid: 8130,
                name: "io worker".to_owned(),
                state: ProcessState::Sleeping,
                cpu_percent: None,
            },
        ]),
        files: Ok(vec![OpenFile {
            fd: 3,
            kind: "file",
            target: "/var/lib/postgresql/15/main/base/16384/2619".to_owned(),
        }]),
        file_count: Some(34),
        sockets: Ok(vec![Socket {
            protocol: "tcp",
            local: "127.0.0.1:5432".to_owned(),
            remote: Some("127.0.0.1:40112".to_owned()),
            state: Some("ESTABLISHED"),
        }]),
        limits: Ok(vec![Limit {
            name: "Max open files".to_owned(),
            soft: "1024".to_owned(),
            hard: "524288".to_owned(),
        }]),
        cgroup: Ok(CgroupUse {
            path: "/system.slice/postgresql.service".to_owned(),
            memory_bytes: Some(655 << 20),
            memory_limit_bytes: Some(2 << 30),
            cpu_limit_cores: Some(2.0),
            periods: Some(1200),
            throttled_periods: Some(31),
            throttled: Some(Duration::from_secs(4)),
            oom_kills: Some(0),
        }),
        environment: Err("not permitted: run as postgres or root".to_owned()),
        parents: vec![(812, "postgres".to_owned()), (1, "systemd".to_owned())],
    }
}

fn opened(scene: &mut Scene) -> HostTab {
    let mut tab = tab();
    tab.refresh(&scene.context());
    assert!(
        tab.open(&scene.context()),
        "the busiest process is selected"
    );
    tab
}

#[test]
fn full_machine() {
    assert_snapshot!("host_full_120x36", full().draw(&mut tab(), 120, 36));
    assert_snapshot!("host_full_80x20", full().draw(&mut tab(), 80, 20));
    assert_snapshot!("host_full_40x12", full().draw(&mut tab(), 40, 12));
    assert_snapshot!("host_full_20x5", full().draw(&mut tab(), 20, 5));
}

#[test]
fn nothing_known_yet() {
    let scene = Scene::new();
    assert_snapshot!("host_empty_120x36", scene.draw(&mut tab(), 120, 36));
    assert_snapshot!("host_empty_80x20", scene.draw(&mut tab(), 80, 20));
}

#[test]
fn sources_that_fail_refuse_or_are_late_say_so_and_show_no_figures() {
    let mut scene = full();
    let failing = Health::Failing {
        since: noon().minus(Duration::from_secs(60)),
        because: "/proc/stat is not there".to_owned(),
        next_try: noon().plus(Duration::from_secs(5)),
    };
    scene.source("cpu", failing, Duration::from_secs(60));
    scene.source("memory", Health::Starting, Duration::ZERO);
    scene.source("mounts", Health::Up, Duration::from_secs(75));
    let grant = "setcap cap_net_admin+ep hubtop".to_owned();
    scene.source("network", Health::Denied { grant }, Duration::ZERO);
    assert_snapshot!("host_troubles_120x36", scene.draw(&mut tab(), 120, 36));
    assert_snapshot!("host_troubles_80x20", scene.draw(&mut tab(), 80, 20));
}

#[test]
fn a_container_shows_its_limit() {
    let mut scene = full();
    Arc::make_mut(&mut scene.frame.host).container = Some(Container {
        runtime: "docker".to_owned(),
        name: Some("web".to_owned()),
    });
    scene.put_plain(&[
        ("container.memory.limit_bytes", 2.0 * GIB),
        ("container.memory.used_bytes", 1.5 * GIB),
        ("container.memory.usage_percent", 75.0),
        ("container.cpu.limit_cores", 2.0),
    ]);
    let picture = scene.draw(&mut tab(), 120, 36);
    assert!(picture.contains("1.5G/2.0G docker limit"), "{picture}");
    assert!(picture.contains("2.0 of 8 cores"), "{picture}");
}

#[test]
fn a_panel_alone_shows_more() {
    let mut scene = full();
    scene.zoomed = true;
    for panel in HostPanel::ALL {
        scene.focus = panel.index();
        let name = format!(
            "host_zoomed_{}",
            HostPanel::TITLES[panel.index()].to_lowercase()
        );
        assert_snapshot!(name, scene.draw(&mut tab(), 120, 36));
    }
}

#[test]
fn tree_and_filter() {
    let scene = full();
    let mut tab = tab();
    tab.act("tree", &scene.context());
    assert_snapshot!("host_tree", scene.draw(&mut tab, 120, 36));
    tab.act("tree", &scene.context());
    tab.list().unwrap().set_filter("postgres");
    assert_snapshot!("host_filtered", scene.draw(&mut tab, 120, 30));
    tab.list().unwrap().set_filter("~(");
    assert!(
        scene
            .draw(&mut tab, 120, 30)
            .contains("not a regular expression")
    );
}

#[test]
fn many_cores_become_one_glyph_each() {
    let mut scene = full();
    for core in 8..160 {
        let labels = Labels::one("core", &core.to_string());
        scene.put(
            "system.cpu.core.usage_percent",
            labels,
            f64::from(core % 100),
        );
    }
    assert_snapshot!("host_160_cores", scene.draw(&mut tab(), 120, 36));
}

#[test]
fn detail_of_a_process() {
    let mut scene = full();
    let mut tab = opened(&mut scene);
    assert!(tab.panels().is_empty());
    let Focus::Process(key) = tab.focus() else {
        panic!("the detail of the open process is not asked for");
    };
    assert_eq!(key.pid, 8121);
    assert_snapshot!("host_detail_reading", scene.draw(&mut tab, 120, 36));
    scene.frame.tables.process_detail = Some(Arc::new(detail()));
    assert_snapshot!("host_detail_120x36", scene.draw(&mut tab, 120, 36));
    assert_snapshot!("host_detail_80x20", scene.draw(&mut tab, 80, 20));
    let (titles, _) = tab.sub_lists();
    for section in 0..titles.len() {
        tab.show_sub_list(section);
        let name = format!("host_detail_section_{section}");
        assert_snapshot!(name, scene.draw(&mut tab, 100, 24));
    }
    assert_eq!(tab.crumbs(), ["postgres (8121)"]);
    assert!(tab.back());
    assert_eq!(tab.focus(), Focus::None);
}

#[test]
fn a_process_that_ended_is_said_to_have() {
    let mut scene = full();
    let mut tab = opened(&mut scene);
    scene.frame.tables.processes = Some(Arc::new(processes()[..3].to_vec()));
    let picture = scene.draw(&mut tab, 120, 36);
    assert!(
        picture.contains("it has ended; last seen at 14:32:07"),
        "{picture}"
    );
    assert_eq!(tab.deeds(&scene.context()), None);
}

#[test]
fn deeds_are_for_the_marked_rows_or_the_selected_one_and_for_none_when_locked() {
    let mut scene = full();
    let mut tab = tab();
    tab.refresh(&scene.context());
    let menu = tab.deeds(&scene.context()).unwrap();
    assert_eq!(menu.title, "postgres (8121)");
    assert_eq!(menu.deeds[0].question, "Send SIGTERM to postgres (8121)?");
    tab.list().unwrap().toggle_mark();
    tab.list().unwrap().toggle_mark();
    let menu = tab.deeds(&scene.context()).unwrap();
    let Command::Signal { targets, .. } = &menu.deeds[0].command else {
        panic!("not a signal: {:?}", menu.deeds[0]);
    };
    let pids: Vec<u32> = targets.iter().map(|key| key.pid).collect();
    assert_eq!(pids, [7710, 8121]);
    scene.locked = Some("read-only");
    assert_eq!(tab.deeds(&scene.context()), None);
}

#[test]
fn the_mouse_finds_rows_heads_and_panels() {
    use crate::ui::tabs::Target;
    let scene = full();
    let mut tab = tab();
    let cx = scene.context();
    tab.refresh(&cx);
    let area = Rect::new(0, 0, 120, 36);
    let mut hits = Hits::default();
    tab.draw(&cx, area, &mut Buffer::empty(area), &mut hits);
    let find = |wanted: Target| {
        let positions = (0..36).flat_map(|y| (0..120).map(move |x| (x, y)));
        positions
            .into_iter()
            .any(|(x, y)| hits.at(x, y) == Some(&wanted))
    };
    assert!(find(Target::Row(0)) && find(Target::Row(7)) && !find(Target::Row(8)));
    assert!(find(Target::ColumnHead(ProcessColumn::Command.index())));
    assert!(find(Target::Panel(HostPanel::Network.index())));
    assert_eq!(hits.page, 8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_size_panics(width in 1u16..180, height in 1u16..60, focus in 0usize..7, state in 0u8..4) {
        let mut scene = full();
        scene.focus = focus;
        scene.zoomed = state == 1;
        let mut tab = tab();
        if state >= 2 {
            tab = opened(&mut scene);
            if state == 3 {
                scene.frame.tables.process_detail = Some(Arc::new(detail()));
            }
        }
        let _ = scene.draw(&mut tab, width, height);
    }
}
