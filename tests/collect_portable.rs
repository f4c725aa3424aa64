//! The collectors of macOS and Windows, on whatever machine this is.
#![cfg(any(not(target_os = "linux"), feature = "portable"))]
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends here")]

use hubtop::collect::{CollectError, Reader, Source, host_sources};
use hubtop::model::{Catalog, Clock, Focus, Process, Reading, Rows, SystemClock};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn readers(catalog: &Catalog) -> Vec<Box<dyn Reader>> {
    let (_focus, focused) = tokio::sync::watch::channel(Focus::None);
    host_sources(catalog, focused)
        .into_iter()
        .map(|source| match source {
            Source::Quick(reader) | Source::Blocking(reader) => reader,
            Source::Asked(_) => panic!("nothing of a machine is asked over a connection"),
        })
        .collect()
}

fn named(catalog: &Catalog, name: &str) -> Box<dyn Reader> {
    let mut all = readers(catalog).into_iter();
    all.find(|reader| *reader.spec().name == *name).unwrap()
}

fn own_row(reading: &Reading) -> Arc<Process> {
    let Some(Rows::Processes(rows)) = reading.rows.first() else {
        panic!("{reading:?}");
    };
    let own = rows.iter().find(|row| row.key().pid == std::process::id());
    Arc::clone(own.unwrap())
}

#[test]
fn every_source_answers_with_described_metrics() {
    let catalog = Catalog::new();
    let clock = SystemClock::new();
    for mut reader in readers(&catalog) {
        for _ in 0..2 {
            match reader.read(clock.now()) {
                Ok(reading) => assert!(reading.samples.iter().all(|(_, v)| v.is_finite())),
                Err(CollectError::Absent) => {}
                Err(error) => panic!("{}: {error}", reader.spec().name),
            }
        }
    }
    for (_, key) in catalog.table().iter() {
        let found = hubtop::model::metric::find(&key.metric);
        assert!(found.is_some(), "{key} is not described");
    }
}

#[test]
fn this_process_is_in_the_table_and_its_rates_come_with_the_second_reading() {
    let catalog = Catalog::new();
    let clock = SystemClock::new();
    let mut reader = named(&catalog, "processes");
    let row = own_row(&reader.read(clock.now()).unwrap());
    assert_eq!(row.cpu_percent, None);
    assert!(row.resident_bytes > 1 << 20);
    assert!(row.identity.command.contains("collect_portable"));
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let row = own_row(&reader.read(clock.now()).unwrap());
        if row.cpu_percent.is_some_and(|cpu| cpu > 0.0) {
            break;
        }
        assert!(Instant::now() < deadline, "reading is work and must show");
    }
}

#[test]
#[cfg(unix)]
fn a_signal_reaches_the_process_that_was_meant_and_no_other() {
    use hubtop::collect::host::signal::{ActError, send_signal};
    use hubtop::model::ProcessKey;

    let mut child = std::process::Command::new("sleep")
        .arg("1000")
        .spawn()
        .unwrap();
    let catalog = Catalog::new();
    let reading = named(&catalog, "processes")
        .read(SystemClock::new().now())
        .unwrap();
    let Some(Rows::Processes(rows)) = reading.rows.first() else {
        panic!("{reading:?}");
    };
    let key = rows
        .iter()
        .find(|row| row.key().pid == child.id())
        .unwrap()
        .key();
    let other = ProcessKey {
        started: key.started + 100,
        ..key
    };
    let error = send_signal(other, libc::SIGKILL).unwrap_err();
    assert!(matches!(error, ActError::Gone { .. }));
    assert!(child.try_wait().unwrap().is_none());
    send_signal(key, libc::SIGTERM).unwrap();
    assert!(!child.wait().unwrap().success());
}
