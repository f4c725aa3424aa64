//! Secured connections: certificates are verified unless the settings say otherwise.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::servers::asked::Asked;
use crate::servers::give_away;
use crate::servers::postgres::Postgres;

fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args([
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args(["-keyout", "server.key", "-out", "server.crt"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    for file in ["server.key", "server.crt"] {
        let path = folder.join(file);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        give_away(&path);
    }
}

#[test]
fn a_certificate_is_verified_unless_it_is_said_not_to() {
    let server = Postgres::start(15);
    let data = server.folder().join("data");
    certificate(&data);
    server.sql("ALTER SYSTEM SET ssl = on");
    server.sql("SELECT pg_reload_conf()");
    let authority = data.join("server.crt");
    let open = |tls: &str| {
        let keys = format!("{}\n[tls]\n{tls}", server.source("postgres", "postgres"));
        Asked::open(&keys)
            .ask()
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let known = format!("ca_file = {authority:?}");
    crate::servers::wait_for("the server to secure its connections", || open(&known).ok());
    let unknown = open("").unwrap_err();
    assert!(
        unknown.starts_with("TLS: ") && unknown.contains("tls.ca_file"),
        "{unknown}"
    );
    open("verify = false").unwrap();
    let other = open(&format!("{known}\nserver_name = \"db.example\"")).unwrap_err();
    assert!(other.starts_with("TLS: "), "{other}");
    let person = server.person("watcher");
    let mut asked = Asked::open(&format!(
        "{}\n[tls]\n{known}",
        server.source("postgres", "postgres")
    ));
    asked.ask().unwrap();
    let secured = person.ask(
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'hubtop'",
    );
    assert!(secured.iter().any(|row| row[0] == "t"), "{secured:?}");
}
