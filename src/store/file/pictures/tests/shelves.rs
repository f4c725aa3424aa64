//! The writer when things go wrong, and the bounds that all pictures have.

use std::sync::Arc;
use std::time::Duration;

use super::{Desk, START, seconds, story};
use crate::model::{
    Catalog, Cut, Frame, Process, ProcessIdentity, ProcessKey, ProcessState, Statement, Timestamp,
};
use crate::store::file::pictures;
use crate::store::file::pictures::rows::{put_named, read};
use crate::store::file::shelf::Shelf as _;
use crate::store::{Kept, Window};

fn process(pid: u32, cpu: f64, resident: u64) -> Arc<Process> {
    Arc::new(Process {
        identity: Arc::new(ProcessIdentity {
            key: ProcessKey { pid, started: 9 },
            user: "root".into(),
            name: "worker".into(),
            command: format!("/usr/bin/worker --number {pid}").into(),
            started_at: START,
            cgroup: None,
            container: None,
            is_kernel: false,
        }),
        parent: 1,
        state: ProcessState::Sleeping,
        cpu_percent: Some(cpu),
        memory_percent: 0.1,
        resident_bytes: resident,
        threads: Some(2),
        read_bytes_per_sec: None,
        write_bytes_per_sec: Some(0.0),
        cpu_time: Duration::new(3, 123_456_789),
        nice: None,
    })
}

fn tick_of(at: Timestamp, change: impl FnOnce(&mut Frame)) -> Kept {
    let mut frame = Frame::empty(at);
    change(&mut frame);
    Kept {
        frame: Arc::new(frame),
        came: [].into(),
    }
}

#[test]
fn what_a_transaction_failed_to_write_is_written_by_the_next() {
    let (catalog, ticks) = story::told();
    let mut desk = Desk::new(catalog.clone());
    let ticks = &ticks[ticks.len() - 200..];
    for (count, kept) in ticks.iter().enumerate() {
        desk.put(kept);
        match count % 6 {
            1 => desk.write(),
            3 | 5 => desk.fail_to_write(),
            _ => {}
        }
    }
    desk.write();
    for kept in ticks {
        let told = desk.frame_at(kept.frame.at, &[]);
        assert_eq!(told.number, kept.frame.number);
        assert_eq!(told.sources, kept.frame.sources);
    }
}

#[test]
fn what_waits_for_a_disk_that_takes_nothing_is_bounded() {
    let catalog = Catalog::new();
    let mut desk = Desk::new(catalog);
    // Texts that can't be compressed, anew each minute.
    let mut seed = 1u64;
    let mut noise = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from_u32(0x100 + (seed >> 40) as u32 % 0x600).unwrap()
    };
    for minute in 0..75 {
        let statements: Vec<Statement> = (0..400)
            .map(|_| Statement {
                text: (0..1000).map(|_| noise()).collect::<String>().into(),
                ..Statement::default()
            })
            .collect();
        let at = START.plus(seconds(60 * minute));
        desk.put(&tick_of(at, |frame| {
            frame.tables.statements = Some(Arc::new(statements));
        }));
        desk.fail_to_write();
        assert!(desk.shelf.bytes_held() < 48 << 20);
    }
    desk.write();
    let kept = desk.count("SELECT count(*) FROM picture");
    assert!((20..74).contains(&kept), "the oldest were let go: {kept}");
    let newest = desk.count("SELECT max(last) FROM picture");
    assert_eq!(newest, START.plus(seconds(60 * 73)).0);
}

#[test]
fn of_very_many_processes_the_busiest_are_kept_and_it_is_said() {
    let mut desk = Desk::new(Catalog::new());
    let processes: Vec<_> = (0..9_985)
        .map(|pid| {
            let cpu = f64::from(pid % 1000) / 10.0;
            process(pid, cpu, u64::from(pid.reverse_bits()))
        })
        .collect();
    let kept = tick_of(START, |frame| {
        frame.tables.processes = Some(Arc::new(processes.clone()));
    });
    desk.keep([&kept]);
    let told = desk.frame_at(START, &[]);
    let rows = told.tables.processes.unwrap();
    assert_eq!(rows.len(), 2000);
    assert!(rows.is_sorted_by_key(|row| row.key()));
    let has = |pid: u32| rows.iter().any(|row| row.key().pid == pid);
    assert!(has(999) && has(8_999), "busy ones");
    let largest = processes.iter().max_by_key(|row| row.resident_bytes);
    assert!(has(largest.unwrap().key().pid));
    assert_eq!(
        told.tables.cut,
        [Cut {
            table: "processes",
            kept: 2000,
            of: 9_985
        }]
    );
}

#[test]
fn of_a_long_window_a_process_is_told_from_fewer_pictures() {
    let mut desk = Desk::new(Catalog::new());
    let minutes = 120;
    let ticks: Vec<Kept> = (0..minutes * 6)
        .map(|count| {
            let processes = vec![process(7, count as f64, 1)];
            tick_of(START.plus(seconds(10 * count)), |frame| {
                frame.tables.processes = Some(Arc::new(processes));
            })
        })
        .collect();
    desk.keep(&ticks);
    assert!(desk.count("SELECT count(*) FROM picture") > 100);
    let key = process(7, 0.0, 1).key();
    let told = |from: u64, step: u64, count: usize| {
        let window = Window::whole(START.plus(seconds(60 * from)), seconds(step), count);
        pictures::process_rows(&desk.db, key, window).unwrap()
    };
    // Each bucket from its first picture, also where that is not the first of a chunk.
    let hour = told(10, 20, 150);
    let at = |row: &(Timestamp, Arc<Process>)| row.0.since(START).as_secs();
    let moments: Vec<u64> = hour.rows.iter().map(at).collect();
    let begins: Vec<u64> = (0..150).map(|bucket| 600 + 20 * bucket).collect();
    assert_eq!((hour.step, moments), (seconds(20), begins));
    // A chunk without the first picture of a bucket costs nothing: two hours in wide buckets stay as they are.
    let wide = told(0, 240, 30);
    assert_eq!((wide.step, wide.rows.len()), (seconds(240), 30));
    // In narrow ones they are told in wider steps.
    let narrow = told(0, 20, 360);
    assert!(narrow.step > seconds(115), "{:?}", narrow.step);
    assert!(
        (58..=61).contains(&narrow.rows.len()),
        "{}",
        narrow.rows.len()
    );
}

#[test]
fn a_picture_that_is_too_large_is_cut_and_the_alerts_are_not() {
    let mut desk = Desk::new(Catalog::new());
    let statements: Vec<Statement> = (0..600)
        .map(|row| Statement {
            text: format!(
                "{row} {}",
                "x".repeat(if row == 3 { 90_000 } else { 5_000 })
            )
            .into(),
            ..Statement::default()
        })
        .collect();
    let kept = tick_of(START, |frame| {
        frame.tables.statements = Some(Arc::new(statements));
    });
    desk.keep([&kept]);
    let told = desk.frame_at(START, &[]).tables;
    let rows = told.statements.unwrap();
    assert!((100..300).contains(&rows.len()), "{}", rows.len());
    assert!(rows.iter().all(|row| row.text.len() < 65_536));
    assert_eq!(told.cut[0].of, 600);
}

#[test]
fn where_the_clock_was_set_back_the_later_pictures_are_told_and_the_others_stay() {
    let mut desk = Desk::new(Catalog::new());
    let named = |at: u64, name: &str| {
        tick_of(START.plus(seconds(at)), |frame| {
            frame.host = Arc::new(crate::model::HostFacts {
                name: name.to_owned(),
                ..Default::default()
            });
        })
    };
    let first: Vec<Kept> = (0..600).map(|at| named(at, "first")).collect();
    let second: Vec<Kept> = (200..330).map(|at| named(at, "second")).collect();
    desk.keep(&first);
    desk.keep(&second);
    let assert_told = |desk: &Desk| {
        for (at, name) in [
            (100, "first"),
            (210, "second"),
            (320, "second"),
            (500, "first"),
        ] {
            let frame = desk.frame_at(START.plus(seconds(at)), &[]);
            assert_eq!(frame.host.name, name, "{at}");
        }
        let all = (START, START.plus(seconds(600)));
        let all = crate::store::file::pictures::pictures(&desk.db, &[], all.0, all.1, seconds(10));
        let times: Vec<_> = all.unwrap().iter().map(|it| it.at).collect();
        assert!(times.is_sorted());
        assert!(times.len() >= 58, "{}", times.len());
    };
    assert_told(&desk);
    desk.restart();
    desk.write();
    assert_told(&desk);
    desk.tidy(START.plus(seconds(5000)));
    assert_told(&desk);
}

#[test]
fn room_is_made_from_the_oldest_on() {
    let (catalog, ticks) = story::told();
    let mut desk = Desk::new(catalog.clone());
    desk.keep(ticks);
    desk.tidy(START);
    let oldest = desk.count("SELECT min(last) FROM picture");
    let held =
        "SELECT (SELECT sum(length(data)) FROM picture) + (SELECT sum(length(data)) FROM sketch)";
    let before = desk.count(held);
    let tx = desk.db.transaction().unwrap();
    let freed = desk.shelf.make_room(&tx, 50_000).unwrap();
    tx.commit().unwrap();
    assert!(freed > 0);
    assert_eq!(before - desk.count(held), i64::try_from(freed).unwrap());
    assert!(desk.count("SELECT min(last) FROM picture") > oldest);
    let tx = desk.db.transaction().unwrap();
    let mut pieces = Vec::new();
    while pieces.last() != Some(&0) {
        pieces.push(desk.shelf.make_room(&tx, u64::MAX).unwrap());
    }
    tx.commit().unwrap();
    assert!(pieces.len() > 2, "one piece was all: {pieces:?}");
    let all: u64 = pieces.iter().sum();
    assert_eq!(i64::try_from(freed + all).unwrap(), before);
    // What is not sealed is still there.
    let last = &ticks.last().unwrap().frame;
    assert_eq!(desk.frame_at(last.at, &[]).number, last.number);
}

#[test]
fn rows_of_an_older_and_of_a_newer_hubtop_are_read() {
    #[derive(serde::Serialize)]
    struct Other {
        text: &'static str,
        calls: u64,
        something_new: [u8; 3],
    }
    let mut row = Vec::new();
    assert!(put_named(
        Other {
            text: "select 1",
            calls: 7,
            something_new: [1, 2, 3],
        },
        &mut row
    ));
    let told: Statement = read(&row).unwrap();
    let expected = Statement {
        text: "select 1".into(),
        calls: Some(7),
        ..Statement::default()
    };
    assert_eq!(told, expected);
}
