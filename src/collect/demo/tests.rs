//! The story as a whole: what every reader tells at given moments.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{
    Catalog, Distribution, Labels, Process, ProcessDetail, ProcessKey, Reading, Rows, Unit, metric,
};

use super::*;

const START: Timestamp = Timestamp(1_700_000_000_000);

struct Telling {
    catalog: Catalog,
    sources: Vec<Source>,
    focus: watch::Sender<Focus>,
}

impl Telling {
    fn new(seed: u64) -> Self {
        let catalog = Catalog::new();
        let (focus, focus_seen) = watch::channel(Focus::None);
        let sources = demo_sources(&catalog, seed, START, focus_seen);
        Self {
            catalog,
            sources,
            focus,
        }
    }

    fn at(&mut self, seconds: i64) -> Vec<Reading> {
        let now = Moment {
            wall: Timestamp(START.0 + seconds * 1000),
            mono: Duration::ZERO,
        };
        self.sources
            .iter_mut()
            .filter_map(|source| match source {
                Source::Quick(reader) => reader.read(now).ok(),
                _ => None,
            })
            .collect()
    }

    fn values(&mut self, seconds: i64) -> BTreeMap<String, f64> {
        let readings = self.at(seconds);
        let table = self.catalog.table();
        readings
            .iter()
            .flat_map(|reading| &reading.samples)
            .map(|(id, value)| (table.key(*id).unwrap().to_string(), *value))
            .collect()
    }

    fn processes(&mut self, seconds: i64) -> Vec<Arc<Process>> {
        self.at(seconds)
            .into_iter()
            .flat_map(|reading| reading.rows)
            .find_map(|rows| match rows {
                Rows::Processes(rows) => Some(rows),
                _ => None,
            })
            .unwrap()
    }

    /// What is told of the process in focus, if anything is.
    fn detail(&mut self, seconds: i64, focus: Focus) -> Option<Option<ProcessDetail>> {
        self.focus.send_replace(focus);
        self.at(seconds)
            .into_iter()
            .flat_map(|reading| reading.rows)
            .find_map(|rows| match rows {
                Rows::ProcessDetail(detail) => Some(detail.map(|detail| *detail)),
                _ => None,
            })
    }
}

#[test]
fn the_same_seed_shows_the_same_picture_whatever_was_asked_before() {
    let mut one = Telling::new(7);
    let mut other = Telling::new(7);
    for seconds in [-20_000, -300, -1] {
        one.at(seconds);
    }
    assert_eq!(format!("{:?}", one.at(93)), format!("{:?}", other.at(93)));
    assert_ne!(one.values(93), Telling::new(8).values(93));
}

#[test]
fn every_metric_of_a_host_with_its_services_is_told() {
    let mut telling = Telling::new(1);
    let mut told: Vec<String> = telling.values(0).into_keys().collect();
    let times = telling
        .at(0)
        .into_iter()
        .flat_map(|reading| reading.distributions);
    let table = telling.catalog.table();
    told.extend(times.map(|(id, _)| table.key(id).unwrap().to_string()));
    let is_told = |name: &str| told.iter().any(|key| key.split('{').next() == Some(name));
    let of_services = |name: &str| {
        let mut prefixes = ["system.", "app.", "cache.", "db.", "ai."].iter();
        prefixes.any(|prefix| name.starts_with(prefix))
    };
    let (told, not_told): (Vec<&str>, Vec<&str>) = metric::METRICS
        .iter()
        .map(|def| def.name)
        .partition(|name| is_told(name));
    assert!(told.into_iter().all(of_services));
    let missing: Vec<&str> = not_told
        .into_iter()
        .filter(|name| of_services(name))
        .collect();
    // The first is reckoned over all sources in the pipeline, the others are MySQL's alone.
    let elsewhere = [
        "app.responses.percent",
        "db.statements_per_sec",
        "db.temp_tables_on_disk_per_sec",
    ];
    assert_eq!(missing, elsewhere);
}

#[test]
fn figures_stay_in_range_through_the_whole_story() {
    let mut telling = Telling::new(3);
    for seconds in (-21_600..-600).step_by(97).chain((-600..1200).step_by(7)) {
        for (key, value) in telling.values(seconds) {
            let unit = metric::describe(key.split('{').next().unwrap()).unit;
            let top = if unit == Unit::Percent {
                100.0
            } else {
                f64::MAX
            };
            assert!(
                (0.0..=top).contains(&value),
                "{key} is {value} at {seconds}"
            );
        }
    }
}

/// The share of errors and the 95th percentile of all routes together.
fn of_all_routes(readings: Vec<Reading>) -> (f64, f64) {
    let (mut requests, mut errors) = (0.0, 0.0);
    let mut times = Distribution::default();
    for reading in readings {
        for rows in reading.rows {
            let Rows::Endpoints(rows) = rows else {
                continue;
            };
            for row in rows {
                requests += row.requests_per_sec;
                errors += row.requests_per_sec * row.error_percent.unwrap_or(0.0);
            }
            for (_, part) in &reading.distributions {
                times.merge(part);
            }
        }
    }
    (errors / requests, times.quantile(0.95).unwrap().ms)
}

#[test]
fn the_default_rules_have_reason_to_fire_at_a_first_look_and_none_after_the_cure() {
    let mut telling = Telling::new(1);
    telling.at(-181);
    let disk = "system.disk.usage_percent{mount=\"/var/lib/postgresql\"}";
    for seconds in -180..=0 {
        let (errors, p95) = of_all_routes(telling.at(seconds));
        assert!((1800.0..5000.0).contains(&p95), "{p95} at {seconds}");
        assert!(errors > 10.0 || seconds < -60, "{errors} at {seconds}");
    }
    assert!(telling.values(0)[disk] > 90.0);
    telling.at(299);
    let (errors, p95) = of_all_routes(telling.at(300));
    assert!(errors < 1.0 && p95 < 200.0, "{errors} {p95}");
}

#[test]
fn the_story_is_told_by_every_domain() {
    let mut telling = Telling::new(1);
    let calm = telling.values(-3600);
    let worst = telling.values(0);
    let statement = "db.statement.mean_ms{instance=\"pg@5432/shop\",statement=\"SELECT * FROM orders WHERE lower(email) = $1\"}";
    assert!(calm[statement] < 20.0 && worst[statement] > 1_500.0);
    let hits = "cache.hit_rate_percent{instance=\"redis@6379\"}";
    assert!(calm[hits] > 92.0 && worst[hits] < 74.0);
    let evictions = "cache.evictions_per_sec{instance=\"redis@6379\"}";
    assert!(calm[evictions] < 1.0 && worst[evictions] > 100.0);
    let waiting = "db.connections.waiting_count{instance=\"pg@5432/shop\"}";
    assert!(calm[waiting] == 0.0 && worst[waiting] > 3.0);
    let used = "db.connections.used_percent{instance=\"pg@5432/shop\"}";
    assert!(calm[used] < 60.0 && worst[used] > 90.0);
    assert!(calm["system.cpu.io_wait_percent"] < 4.0 && worst["system.cpu.io_wait_percent"] > 15.0);
}

#[test]
fn the_locks_have_one_root_and_everybody_in_them_is_a_backend_and_a_process() {
    let mut telling = Telling::new(1);
    let rows: Vec<Rows> = telling.at(0).into_iter().flat_map(|r| r.rows).collect();
    let locks = rows.iter().find_map(|rows| match rows {
        Rows::Locks(rows) => Some(rows),
        _ => None,
    });
    let locks = locks.unwrap();
    assert_eq!(
        locks
            .iter()
            .filter(|lock| lock.blocked_by.is_none())
            .count(),
        1
    );
    let processes = telling.processes(0);
    for lock in locks {
        assert!(processes.iter().any(|p| u64::from(p.key().pid) == lock.pid));
        if let Some(by) = lock.blocked_by {
            assert!(locks.iter().any(|other| other.pid == by));
        }
    }
}

#[test]
fn the_replica_is_lost_for_a_while_and_comes_back() {
    let mut telling = Telling::new(1);
    let replica = "cache.hit_rate_percent{instance=\"redis@6380\"}";
    assert!(telling.values(0).contains_key(replica));
    assert!(!telling.values(60).contains_key(replica));
    assert!(telling.values(300).contains_key(replica));
}

#[test]
fn processes_keep_their_identity_and_quiet_ones_their_row() {
    let mut telling = Telling::new(1);
    let first = telling.processes(200);
    let second = telling.processes(201);
    assert!((60..=140).contains(&first.len()), "{}", first.len());
    let shared = first
        .iter()
        .filter(|row| second.iter().any(|other| Arc::ptr_eq(row, other)))
        .count();
    assert!(shared * 3 > first.len(), "{shared} of {}", first.len());
    for row in &first {
        if let Some(later) = second.iter().find(|other| other.key() == row.key()) {
            assert_eq!(row.identity.started_at, later.identity.started_at);
            assert!(later.cpu_time >= row.cpu_time);
        }
    }
    assert!(second.is_sorted_by(|a, b| a.key().pid < b.key().pid));
    let worst = telling.processes(0);
    assert!((60..=140).contains(&worst.len()), "{}", worst.len());
    assert!(
        worst
            .iter()
            .all(|row| row.parent == 0 || worst.iter().any(|p| p.key().pid == row.parent))
    );
}

#[test]
fn labels_are_found_by_the_names_that_rows_carry() {
    let mut telling = Telling::new(1);
    let readings = telling.at(0);
    let table = telling.catalog.table();
    for rows in readings.iter().flat_map(|reading| &reading.rows) {
        match rows {
            Rows::Endpoints(rows) => rows.iter().for_each(|row| {
                let labels = Labels::of([("endpoint", &*row.label()), ("source", &*row.source)]);
                assert!(table.find("app.response_time.p95_ms", &labels).is_some());
            }),
            Rows::Statements(rows) => rows.iter().for_each(|row| {
                let labels =
                    Labels::of([("instance", &*row.instance), ("statement", &row.label())]);
                assert!(table.find("db.statement.mean_ms", &labels).is_some());
            }),
            _ => {}
        }
    }
}

#[test]
fn every_process_has_a_detail_that_agrees_with_its_row() {
    let mut telling = Telling::new(1);
    assert_eq!(telling.detail(0, Focus::None), None);
    let rows = telling.processes(0);
    for row in &rows {
        let detail = telling.detail(0, Focus::Process(row.key()));
        let detail = detail.flatten().unwrap();
        assert_eq!((detail.key, detail.at), (row.key(), START));
        let threads = detail.threads.unwrap();
        assert_eq!(threads.len() as u32, row.threads.unwrap());
        let sum: f64 = threads.iter().filter_map(|thread| thread.cpu_percent).sum();
        assert!(
            (sum - row.cpu_percent.unwrap()).abs() < 0.1,
            "{}",
            row.identity.command
        );
        assert_eq!(
            Some(detail.cgroup.unwrap().path.as_str()),
            row.identity.cgroup.as_deref()
        );
        assert_eq!(
            detail.parents.first().map(|(pid, _)| *pid),
            (row.parent > 0).then_some(row.parent)
        );
        if !row.identity.is_kernel {
            let program = detail.executable.unwrap();
            assert_ne!(program, "/usr/bin/busybox", "{}", row.identity.command);
        }
    }
    let gone = ProcessKey {
        pid: 1,
        started: 99,
    };
    assert_eq!(telling.detail(0, Focus::Process(gone)), Some(None));
}

#[test]
fn both_ends_of_a_connection_to_the_database_are_told() {
    let mut telling = Telling::new(1);
    let rows = telling.processes(0);
    let mut sockets = |row: &Process| {
        let detail = telling.detail(0, Focus::Process(row.key())).flatten();
        detail.unwrap().sockets.unwrap()
    };
    let ends: Vec<_> = rows
        .iter()
        .filter(|row| &*row.identity.name == "uvicorn")
        .flat_map(|row| sockets(row))
        .collect();
    let backends = rows
        .iter()
        .filter(|row| row.identity.command.contains("app shop"));
    for row in backends {
        let [end] = <[_; 1]>::try_from(sockets(row)).unwrap();
        assert_eq!(end.state, Some("ESTABLISHED"));
        assert!(
            ends.iter()
                .any(|other| Some(&other.local) == end.remote.as_ref()),
            "{}",
            row.identity.command
        );
    }
}

#[test]
fn the_application_is_throttled_more_while_it_is_slow() {
    let mut telling = Telling::new(1);
    let rows = telling.processes(0);
    let web = rows
        .iter()
        .find(|row| row.identity.container.as_deref() == Some("web"));
    let focus = Focus::Process(web.unwrap().key());
    let mut throttled = |seconds| {
        let detail = telling.detail(seconds, focus.clone()).flatten().unwrap();
        let group = detail.cgroup.unwrap();
        assert!(group.throttled_periods <= group.periods);
        assert!(group.memory_bytes < group.memory_limit_bytes);
        group.throttled_periods.unwrap()
    };
    let counts: Vec<u64> = [0, 30, 60, 300, 330, 600].map(&mut throttled).into();
    assert!(counts.is_sorted(), "{counts:?}");
    assert!(counts[1] - counts[0] > 10 * (counts[4] - counts[3]));
}
