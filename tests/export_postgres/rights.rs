//! Who may write, over which connection, and what is said when they may not.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use hubtop::model::KeepingState;
use hubtop::store::remote::look_at_export;

use crate::host::{Host, form, form_to, numbers, state};
use crate::servers::postgres::Postgres;
use crate::servers::wait_for;

/// The rights that the README names.
const GRANTS: &str = "CREATE ROLE writer LOGIN;
    GRANT SELECT ON hubtop_schema TO writer;
    GRANT SELECT, INSERT, UPDATE, DELETE ON hubtop_batches TO writer;
    GRANT INSERT ON performance_metrics, business_metrics, system_metrics TO writer;
    GRANT SELECT, INSERT, UPDATE ON alert_rules, alert_incidents TO writer;";

/// Tables that the owner has made.
fn made() -> Postgres {
    let server = Postgres::with(15, &[]);
    let state = state();
    let mut owner = Host::start("owner", form(&server, "postgres", ""), state.path());
    owner.put_all(0..=1);
    owner.wait_until_all_is_sent();
    server
}

#[test]
fn the_rights_that_are_documented_suffice() {
    let server = made();
    server.sql(GRANTS);
    let form = form(&server, "writer", "");
    let looked = look_at_export(&form).unwrap();
    assert!(looked.starts_with("PostgreSQL 15"), "{looked}");
    let state = state();
    let mut host = Host::start("web1", form, state.path());
    host.put_all(0..=3);
    host.wait_until_all_is_sent();
    assert_eq!(numbers(&server, "web1"), [1, 2, 3]);
}

#[test]
fn a_right_that_is_taken_away_is_named_and_nothing_is_lost() {
    let server = made();
    server.sql(GRANTS);
    let state = state();
    let form = form(&server, "writer", "");
    let mut host = Host::start("web1", form.clone(), state.path());
    host.put_all(0..=3);
    host.wait_until_all_is_sent();
    server.sql("REVOKE INSERT ON performance_metrics FROM writer");
    host.put_all(4..=6);
    let grant = "denied: GRANT INSERT ON performance_metrics TO writer";
    let line = host.wait_for_line(KeepingState::Queueing, "3 batches wait");
    assert_eq!(line, format!("{grant}; 3 batches wait"));
    assert_eq!(look_at_export(&form).unwrap_err(), grant);
    server.sql("GRANT INSERT ON performance_metrics TO writer");
    host.wait_until_all_is_sent();
    assert_eq!(numbers(&server, "web1"), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn who_may_not_make_the_tables_is_told_what_to_grant() {
    let server = Postgres::with(15, &[]);
    server.sql("CREATE ROLE writer LOGIN");
    let form = form(&server, "writer", "");
    let grant = "denied: the tables are not there: GRANT USAGE, CREATE ON SCHEMA public TO writer, or start hubtop once as who may";
    assert_eq!(look_at_export(&form).unwrap_err(), grant);
    let state = state();
    let mut host = Host::start("web1", form.clone(), state.path());
    host.put_all(0..=1);
    host.wait_for_line(KeepingState::Queueing, grant);
    server.sql("GRANT USAGE, CREATE ON SCHEMA public TO writer");
    host.wait_until_all_is_sent();
    assert_eq!(numbers(&server, "web1"), [1]);
}

#[test]
fn a_password_comes_from_a_file_and_is_shown_nowhere() {
    let server = made();
    server.sql(GRANTS);
    server.sql("ALTER ROLE writer PASSWORD 'hunter2'");
    let data = server.folder().join("data");
    let rules = "host all writer 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n";
    fs::write(data.join("pg_hba.conf"), rules).unwrap();
    server.sql("SELECT pg_reload_conf()");
    let state = state();
    let file = state.path().join("password");
    fs::write(&file, "hunter1\n").unwrap();
    let form = form(&server, "writer", &format!("password_file = {file:?}"));
    let mut host = Host::start("web1", form, state.path());
    host.put_all(0..=1);
    let line = host.wait_for_line(KeepingState::Queueing, "wrong password for writer");
    assert!(!line.contains("hunter"), "{line}");
    // Read anew for each connection.
    fs::write(&file, "hunter2\n").unwrap();
    host.wait_until_all_is_sent();
    assert_eq!(numbers(&server, "web1"), [1]);
}

#[test]
fn a_connection_is_secured_and_the_certificate_verified() {
    let server = made();
    let data = server.folder().join("data");
    let made = std::process::Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "server.key", "-out", "server.crt"])
        .current_dir(&data)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    for file in ["server.key", "server.crt"] {
        let path = data.join(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        crate::servers::give_away(&path);
    }
    server.sql("ALTER SYSTEM SET ssl = on");
    server.sql("SELECT pg_reload_conf()");
    let authority = format!("[tls]\nca_file = {:?}", data.join("server.crt"));
    let known = form(&server, "postgres", &authority);
    wait_for("the server to secure its connections", || {
        look_at_export(&known).ok()
    });
    let unknown = look_at_export(&form(&server, "postgres", "[tls]\n")).unwrap_err();
    assert!(unknown.starts_with("TLS: "), "{unknown}");
    let state = state();
    let mut host = Host::start("web1", known, state.path());
    host.put_all(0..=1);
    host.wait_until_all_is_sent();
    // Those that looked may need a moment to go.
    wait_for("one connection, and that one secured", || {
        let secured = server.sql(
            "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'hubtop'",
        );
        (secured == [["t"]]).then_some(())
    });
}

#[test]
fn nobody_at_home_is_told_with_the_place() {
    let state = state();
    let mut host = Host::start("web1", form_to(1, "writer", ""), state.path());
    host.put_all(0..=1);
    let line = host.wait_for_line(KeepingState::Queueing, "Connection refused");
    assert!(line.starts_with("127.0.0.1:1: "), "{line}");
}
