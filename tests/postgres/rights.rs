//! What hubtop may see and do, and how it says so when it may not.

use hubtop::collect::CollectError;
use hubtop::model::{BackendKey, ServerDeed};

use crate::servers::asked::Asked;
use crate::servers::free_port;
use crate::servers::postgres::{Postgres, versions};
use crate::{labels_of, lack, name_of, rows, source_as};

#[test]
fn without_pg_monitor_it_is_said_and_no_calm_is_shown() {
    for version in versions() {
        let server = Postgres::start(version);
        server.sql("CREATE ROLE mon LOGIN");
        let person = server.person("shop");
        person.ask("BEGIN; SELECT 1 AS hidden_from_mon");
        let mut asked = source_as(&server, "mon", "postgres");
        let reading = asked.ask_until("the lines", |reading, _| {
            let both = lack(reading, "activity").and(lack(reading, "statements"));
            both.map(|_| reading.clone())
        });
        assert_eq!(
            lack(&reading, "activity").unwrap(),
            "others' sessions are hidden: GRANT pg_monitor TO mon"
        );
        let line = lack(&reading, "statements").unwrap();
        assert!(
            line.ends_with("are hidden: GRANT pg_monitor TO mon"),
            "{line}"
        );
        let figure = |metric| asked.value(&reading, metric, &labels_of(&server));
        assert_eq!(figure("db.connections.idle_in_transaction_count"), None);
        assert!(figure("db.connections.used_count").is_some_and(|used| used >= 2.0));
        server.sql("GRANT pg_monitor TO mon");
        let reading = asked.ask_until("everything", |reading, _| {
            let rows = rows!(reading, Statements)?;
            let seen = rows.iter().any(|row| row.text.contains("hidden_from_mon"));
            let whole =
                lack(reading, "activity").is_none() && lack(reading, "statements").is_none();
            (seen && whole).then(|| reading.clone())
        });
        let burst = rows!(reading, Statements).unwrap();
        assert!(
            burst
                .iter()
                .all(|row| row.calls.is_none_or(|calls| calls < 100)),
            "{burst:#?}"
        );
    }
}

#[test]
fn who_may_not_signal_is_told_the_grant() {
    let server = Postgres::start(15);
    server.sql("CREATE ROLE mon LOGIN; GRANT pg_monitor TO mon; CREATE ROLE app LOGIN");
    let person =
        crate::servers::postgres::Person::try_connect(server.port, "app", "postgres", "app")
            .unwrap();
    let mut asked = source_as(&server, "mon", "postgres");
    let started = asked.ask_until("the session", |reading, _| {
        let backends = rows!(reading, Backends)?;
        backends
            .into_iter()
            .find(|it| it.pid == person.pid)?
            .started
    });
    let key = BackendKey {
        pid: person.pid,
        started: Some(started),
    };
    let deed = || ServerDeed::EndSessions(vec![key]);
    let outcome = asked.deed(&name_of(&server), deed());
    assert!(!outcome.done);
    assert_eq!(
        outcome.message,
        format!("{}: GRANT pg_signal_backend TO mon", person.pid)
    );
    server.sql("GRANT pg_signal_backend TO mon");
    let outcome = asked.deed(&name_of(&server), deed());
    assert_eq!(
        (outcome.done, outcome.message),
        (true, format!("ended {}", person.pid))
    );
}

/// The line of a source that can't get in; of one that the server keeps out, the mend alone.
fn line(keys: &str) -> String {
    let error = match Asked::open(keys).ask().unwrap_err() {
        CollectError::Denied { grant } => grant,
        other => format!("not denied: {other}"),
    };
    assert!(
        !error.contains('\n') && error.chars().count() < 200,
        "{error:?}"
    );
    error
}

#[test]
fn each_way_of_not_getting_in_has_its_line() {
    let server = Postgres::with(15, &["password_encryption=scram-sha-256"]);
    server.sql("CREATE ROLE app LOGIN PASSWORD 'right'");
    server.sql("CREATE ROLE idle NOLOGIN");
    let hba = server.folder().join("data/pg_hba.conf");
    std::fs::write(
        &hba,
        "host all app 127.0.0.1/32 scram-sha-256\nhost all postgres,idle,ghost 127.0.0.1/32 trust\n",
    )
    .unwrap();
    server.sql("SELECT pg_reload_conf()");
    // The reload has arrived once someone without a line is refused.
    crate::servers::wait_for("the reload", || {
        crate::servers::postgres::Person::try_connect(server.port, "nobody", "postgres", "x")
            .err()
            .filter(|line| line.contains("pg_hba"))
    });
    let port = server.port;
    let at = |user: &str, database: &str, more: &str| {
        line(&format!(
            "kind = \"postgres\"\naddress = \"postgres://{user}@127.0.0.1:{port}/{database}\"\n{more}"
        ))
    };
    assert_eq!(
        at("app", "postgres", ""),
        "app needs a password: add password_file or password_env"
    );
    let wrong = at("app:wrong", "postgres", "");
    assert_eq!(
        wrong,
        "wrong password for app: see password_file or password_env"
    );
    assert_eq!(
        at("postgres", "nowhere", ""),
        "database nowhere does not exist: name another in the address of its [[source]]"
    );
    assert_eq!(
        at("other", "postgres", ""),
        "pg_hba.conf lets other not in from here: add a line for it"
    );
    assert_eq!(
        at("ghost", "postgres", ""),
        "role ghost does not exist: CREATE ROLE ghost LOGIN IN ROLE pg_monitor, or set user of its [[source]]"
    );
    assert_eq!(
        at("idle", "postgres", ""),
        "role idle may not log in: ALTER ROLE idle LOGIN"
    );
    let file = server.folder().join("password");
    std::fs::write(&file, "right\n").unwrap();
    let keys = format!(
        "kind = \"postgres\"\naddress = \"postgres://app@127.0.0.1:{port}/postgres\"\npassword_file = {file:?}"
    );
    Asked::open(&keys).ask().unwrap();
    let socket = format!(
        "kind = \"postgres\"\naddress = \"host={} port={port} user=postgres dbname=postgres\"",
        server.folder().display()
    );
    // No line for sockets in pg_hba.conf.
    assert!(line(&socket).contains("pg_hba.conf"));
    let down = format!(
        "kind = \"postgres\"\naddress = \"postgres://x@127.0.0.1:{}/x\"",
        free_port()
    );
    assert!(line(&down).to_lowercase().contains("refused"));
}
