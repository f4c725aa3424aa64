//! What a server suffers from in the long run: an archive that fails, slots that hold back its log, transaction numbers
//! that are used up.

use hubtop::model::DatabaseInstance;

use crate::servers::asked::Asked;
use crate::servers::postgres::{Postgres, versions};
use crate::servers::wait_for;
use crate::{labels_of, rows, source_of};

/// A finding of the server with these words.
fn finding(asked: &mut Asked, words: &str) -> String {
    asked.ask_until(words, |reading, _| {
        let row: DatabaseInstance = rows!(reading, Databases)?.remove(0);
        let found = row.findings.iter().find(|line| line.contains(words))?;
        Some(found.to_string())
    })
}

/// Begins a new file of the log, which is 16 MB further on.
fn next_file(server: &Postgres) {
    server.sql("SELECT txid_current()");
    server.sql("SELECT pg_switch_wal()");
}

#[test]
fn an_archive_that_fails_is_told_until_it_works_again() {
    for version in versions() {
        let server = Postgres::with(version, &["archive_mode=on"]);
        let archive_with = |command: &str| {
            server.sql(&format!("ALTER SYSTEM SET archive_command = '{command}'"));
            server.sql("SELECT pg_reload_conf()");
        };
        archive_with("false");
        let mut asked = source_of(&server);
        next_file(&server);
        let line = finding(&mut asked, "archiving fails");
        assert!(
            line.starts_with("archiving fails for ")
                && line.contains(", now at 0000000100000000000000")
                && line.ends_with(": see archive_command in the server's log"),
            "{version}: {line}"
        );
        archive_with("true");
        asked.ask_until("the archive to work again", |reading, _| {
            let row: DatabaseInstance = rows!(reading, Databases)?.remove(0);
            row.findings.is_empty().then_some(())
        });
    }
}

#[test]
fn a_slot_that_nobody_reads_holds_back_log_until_the_server_gives_it_up() {
    for version in versions() {
        let server = Postgres::with(
            version,
            &[
                "min_wal_size=32MB",
                "max_wal_size=32MB",
                "wal_level=replica",
            ],
        );
        server.sql("SELECT pg_create_physical_replication_slot('forgotten', true)");
        let mut asked = source_of(&server);
        for _ in 0..4 {
            next_file(&server);
        }
        server.sql("CHECKPOINT");
        let line = finding(&mut asked, "forgotten");
        assert!(
            line.starts_with("replication slot forgotten holds back ")
                && line.ends_with(" of log and nobody reads it: start its reader, or drop it"),
            "{version}: {line}"
        );
        let held = server.sql(
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) FROM pg_replication_slots",
        );
        let row = asked.ask_until("the slot", |reading, _| {
            let row = rows!(reading, Databases)?.remove(0);
            let slot = row.replicas.into_iter().next()?;
            (slot.lag_bytes.map(|bytes| bytes.to_string()).as_ref() == Some(&held[0][0]))
                .then_some(slot)
        });
        assert_eq!(
            (&*row.name, &*row.state),
            ("forgotten", "slot, nobody reads")
        );

        server.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'");
        server.sql("SELECT pg_reload_conf()");
        wait_for("the slot to be lost", || {
            server.sql("CHECKPOINT");
            let status = server.sql("SELECT wal_status FROM pg_replication_slots");
            (status[0][0] == "lost").then_some(())
        });
        let line = finding(&mut asked, "lost");
        assert_eq!(
            line,
            "replication slot forgotten lost log that its reader still needed: drop it, build the reader anew",
            "{version}"
        );
    }
}

#[test]
fn the_age_of_transaction_numbers_is_the_servers_own() {
    for version in versions() {
        // The least that the server takes.
        let server = Postgres::with(version, &["autovacuum_freeze_max_age=100000"]);
        // While this one is open nothing can be frozen.
        let old = server.person("old");
        old.ask("BEGIN; SELECT txid_current()");
        let age = || {
            let told = server.sql("SELECT max(age(datfrozenxid)) FROM pg_database");
            told[0][0].parse::<f64>().unwrap()
        };
        let mut asked = source_of(&server);
        let labels = labels_of(&server);
        let told = |asked: &mut Asked, wanted: f64| {
            asked.ask_until("the age", |reading, catalog| {
                let id = catalog.id("db.transaction_ids.age_count", labels.clone());
                let mut values = reading.samples.iter();
                let (_, value) = values.find(|(series, _)| *series == id)?;
                (*value >= wanted).then_some(*value)
            })
        };
        let before = age();
        assert_eq!(told(&mut asked, before), before, "{version}");
        // Each block that catches its errors has a number of its own.
        server.sql("CREATE TABLE numbers (n int)");
        server.sql(
            "DO $$ BEGIN FOR i IN 1..210000 LOOP \
             BEGIN INSERT INTO numbers VALUES (i); EXCEPTION WHEN division_by_zero THEN NULL; END; \
             END LOOP; END $$",
        );
        let after = age();
        assert!(after > 210_000.0, "{version}: {after}");
        assert_eq!(told(&mut asked, after), after, "{version}");
        let line = finding(&mut asked, "transaction numbers");
        assert!(
            line.contains("VACUUM (FREEZE)") && line.contains("autovacuum_freeze_max_age"),
            "{version}: {line}"
        );
    }
}
