use std::sync::Arc;

use super::*;
use crate::model::{
    AlertBoard, AlertState, Catalog, Frame, Incident, IncidentId, Labels, SeriesId, Severity, Unit,
};
use crate::store::file::tests::{in_memory, tick};

const START: i64 = 1_790_000_000_000;

fn incident(number: u64, series: SeriesId, state: AlertState, began: i64) -> Incident {
    let at = |offset: i64| Some(Timestamp(START + began + offset));
    Incident {
        id: IncidentId(number),
        rule: "high_cpu_usage".into(),
        severity: Severity::Warning,
        state,
        metric: "system.cpu.usage_percent".into(),
        series,
        place: "web-1 · 0".into(),
        unit: Unit::Percent,
        value: Some(91.5),
        worst: 97.25,
        condition: "> 80%".into(),
        threshold: 80.0,
        began: Timestamp(START + began),
        fired: at(300_000).filter(|_| state != AlertState::Pending),
        resolved: at(600_000).filter(|_| state == AlertState::Resolved),
        stale_since: None,
    }
}

/// A tick with this board.
fn told(catalog: &Catalog, at: i64, open: Vec<Incident>, resolved: Vec<Incident>) -> Kept {
    let kept = tick(catalog, START + at, vec![1.0]);
    let board = AlertBoard {
        open,
        resolved: resolved.into(),
        ..AlertBoard::default()
    };
    Kept {
        frame: Arc::new(Frame {
            alerts: Arc::new(board),
            ..(*kept.frame).clone()
        }),
        came: kept.came,
    }
}

struct Writer {
    journal: Journal,
    ids: Ids,
}

impl Writer {
    fn new(db: &Connection) -> Self {
        let mut journal = Journal::default();
        journal.recover(db).unwrap();
        Self {
            journal,
            ids: Ids::default(),
        }
    }

    fn put(&mut self, db: &mut Connection, kept: &Kept) {
        let tx = db.transaction().unwrap();
        self.ids.take(&kept.frame.series, &tx).unwrap();
        self.journal.put(kept, &self.ids);
        self.journal.write(&tx).unwrap();
        tx.commit().unwrap();
        self.journal.written();
    }
}

fn all(db: &Connection, catalog: &Catalog) -> Vec<Incident> {
    between(db, catalog, Timestamp(0), Timestamp(START + 1_000_000_000)).unwrap()
}

#[test]
fn an_incident_is_read_back_as_it_stood_on_the_board() {
    use AlertState::{Firing, Pending, Resolved};

    let mut db = in_memory();
    let catalog = Catalog::new();
    let cpu = catalog.id("system.cpu.usage_percent", Labels::one("core", "0"));
    let mut writer = Writer::new(&db);
    for (at, state) in [(0, Pending), (300_000, Firing), (600_000, Resolved)] {
        let known = incident(1, cpu, state, 0);
        let (open, over) = match state {
            Resolved => (vec![], vec![known.clone()]),
            _ => (vec![known.clone()], vec![]),
        };
        writer.put(&mut db, &told(&catalog, at, open, over));
        let expected = Incident {
            id: IncidentId((1 << 32) | 1),
            ..known
        };
        assert_eq!(
            between(&db, &catalog, Timestamp(START), Timestamp(START + at)).unwrap(),
            [expected]
        );
    }
    // A reader with other numbers finds the same series.
    let reader = Catalog::new();
    reader.plain("something else");
    let read = &all(&db, &reader)[0];
    assert_eq!(reader.table().key(read.series), catalog.table().key(cpu));

    let within = |from: i64, to: i64| {
        between(
            &db,
            &catalog,
            Timestamp(START + from),
            Timestamp(START + to),
        )
        .unwrap()
        .len()
    };
    assert_eq!(within(-10, -1), 0, "it had not begun");
    assert_eq!(within(-10, 0), 1);
    assert_eq!(within(600_000, 700_000), 1);
    assert_eq!(within(600_001, 700_000), 0, "it was over");
}

#[test]
fn a_number_is_written_anew_when_it_matters() {
    let mut db = in_memory();
    let catalog = Catalog::new();
    let cpu = catalog.plain("system.cpu.usage_percent");
    let mut writer = Writer::new(&db);
    let value = |value: f64, worst: f64| Incident {
        value: Some(value),
        worst,
        ..incident(1, cpu, AlertState::Firing, 0)
    };
    let mut expect = |at: i64, told_now: Incident, kept: (f64, f64)| {
        writer.put(&mut db, &told(&catalog, at, vec![told_now], vec![]));
        let read = &all(&db, &catalog)[0];
        assert_eq!((read.value.unwrap(), read.worst), kept, "at {at}");
    };
    expect(0, value(91.0, 95.0), (91.0, 95.0));
    expect(1000, value(92.0, 95.0), (91.0, 95.0));
    expect(2000, value(96.0, 96.0), (96.0, 96.0));
    expect(12_000, value(90.0, 96.0), (90.0, 96.0));
}

#[test]
fn what_never_fired_is_forgotten_and_a_killed_run_knows_no_end() {
    let mut db = in_memory();
    let catalog = Catalog::new();
    let cpu = catalog.plain("system.cpu.usage_percent");
    let mut first = Writer::new(&db);
    let pending = incident(1, cpu, AlertState::Pending, 0);
    let firing = incident(2, cpu, AlertState::Firing, 0);
    first.put(
        &mut db,
        &told(&catalog, 0, vec![pending, firing.clone()], vec![]),
    );
    assert_eq!(all(&db, &catalog).len(), 2);
    first.put(&mut db, &told(&catalog, 5000, vec![firing.clone()], vec![]));
    assert_eq!(all(&db, &catalog).len(), 1);

    // It is killed here. The next run counts its incidents from 1 as well.
    let mut second = Writer::new(&db);
    let other = incident(2, cpu, AlertState::Firing, 60_000);
    second.put(&mut db, &told(&catalog, 100_000, vec![other], vec![]));
    let read = between(&db, &catalog, Timestamp(0), Timestamp(START + 100_000)).unwrap();
    assert_eq!(read.len(), 2);
    assert_ne!(read[0].id, read[1].id);
    assert_eq!(read[0].stale_since, Some(Timestamp(START + 5000)));
    assert_eq!(read[1].stale_since, None);
    let later = between(
        &db,
        &catalog,
        Timestamp(START + 5001),
        Timestamp(START + 100_000),
    )
    .unwrap();
    assert_eq!(
        later.len(),
        1,
        "nothing is known of the first after its run"
    );
}

#[test]
fn runs_and_jumps_of_the_clock() {
    let mut db = in_memory();
    let catalog = Catalog::new();
    catalog.plain("system.cpu.usage_percent");
    let mut first = Writer::new(&db);
    for at in [0, 1000, -3_600_000, -3_599_000, 7_200_000] {
        first.put(&mut db, &told(&catalog, at, vec![], vec![]));
    }
    let tx = db.transaction().unwrap();
    first.journal.end(&tx).unwrap();
    tx.commit().unwrap();
    let mut second = Writer::new(&db);
    second.put(&mut db, &told(&catalog, 7_300_000, vec![], vec![]));

    let at = |offset: i64| Timestamp(START + offset);
    let known = runs(&db).unwrap();
    let told: Vec<_> = known
        .iter()
        .map(|run| (run.number, run.started, run.seen, run.ended))
        .collect();
    let expected = [
        (1, at(0), at(7_200_000), Some(at(7_200_000))),
        (2, at(7_300_000), at(7_300_000), None),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        (&*known[0].host, known[0].pid),
        ("web-1", std::process::id())
    );
    let jumps: Vec<_> = clock_jumps(&db)
        .unwrap()
        .iter()
        .map(|jump| (jump.was, jump.became))
        .collect();
    assert_eq!(
        jumps,
        [(at(1000), at(-3_600_000)), (at(-3_599_000), at(7_200_000))]
    );
}

#[test]
fn notes_are_read_back_by_their_time() {
    let db = in_memory();
    let at = |offset: i64| Timestamp(START + offset);
    let acknowledgement = Acknowledgement {
        run: 1,
        incident: 7,
        at: at(0),
        who: "ada".into(),
        note: "looking".into(),
    };
    let silence = Silence {
        at: at(0),
        until: at(5000),
        matches: "disk_*".into(),
        who: "ada".into(),
        note: "the move".into(),
    };
    let notification = Notification {
        run: 1,
        incident: 7,
        at: at(10),
        channel: "mail".into(),
        event: "opened".into(),
        error: Some("refused".into()),
    };
    let mark = Mark {
        at: at(20),
        until: None,
        kind: "deploy".into(),
        text: "v2".into(),
    };
    let model = |offset: i64, byte: u8| Model {
        name: "cpu".into(),
        at: at(offset),
        data: vec![byte; 3],
    };
    acknowledgement.write(&db).unwrap();
    silence.write(&db).unwrap();
    notification.write(&db).unwrap();
    mark.write(&db).unwrap();
    model(0, 1).write(&db).unwrap();
    model(1000, 2).write(&db).unwrap();

    assert_eq!(
        Acknowledgement::between(&db, at(0), at(0)).unwrap(),
        [acknowledgement]
    );
    assert_eq!(
        Silence::between(&db, at(4000), at(9000)).unwrap(),
        [silence]
    );
    assert!(
        Silence::between(&db, at(5001), at(9000))
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        Notification::between(&db, at(0), at(10)).unwrap(),
        [notification]
    );
    assert_eq!(Mark::between(&db, at(20), at(30)).unwrap(), [mark]);
    assert_eq!(
        Model::newest(&db, "cpu", at(999)).unwrap(),
        Some(model(0, 1))
    );
    assert_eq!(
        Model::newest(&db, "cpu", at(1000)).unwrap(),
        Some(model(1000, 2))
    );
    assert_eq!(Model::newest(&db, "memory", at(1000)).unwrap(), None);
}

#[test]
fn what_is_older_than_everything_else_is_forgotten() {
    let mut db = in_memory();
    let catalog = Catalog::new();
    let cpu = catalog.plain("system.cpu.usage_percent");
    let mut writer = Writer::new(&db);
    let over = incident(1, cpu, AlertState::Resolved, 0);
    writer.put(&mut db, &told(&catalog, 600_000, vec![], vec![over]));
    let learnt = |at: i64| Model {
        name: "cpu".into(),
        at: Timestamp(START + at),
        data: vec![1],
    };
    for at in [0, 1000] {
        learnt(at).write(&db).unwrap();
    }
    db.execute("UPDATE run SET id = id + 1", []).unwrap();
    let first_run = "INSERT INTO run VALUES (1, ?1, ?1, NULL, '1', 'web-1', 1)";
    db.execute(first_run, [START]).unwrap();
    let limits = Limits::default();
    let mut tidy = |now: Timestamp| {
        let tx = db.transaction().unwrap();
        while writer.journal.forget(&tx, now, &limits).unwrap() {}
        tx.commit().unwrap();
        let count = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        (
            all(&db, &catalog).len(),
            count("SELECT count(*) FROM run"),
            count("SELECT count(*) FROM model"),
        )
    };
    let year = Timestamp(START + 600_000).plus(limits.quarters);
    assert_eq!(tidy(year), (1, 2, 1));
    assert_eq!(
        tidy(year.plus(std::time::Duration::from_secs(3601))),
        (0, 1, 1)
    );
}
