//! Secured connections: certificates are verified unless the settings say otherwise.

use crate::servers::asked::Asked;
use crate::servers::certificates::Certificate;
use crate::servers::postgres::Postgres;

#[test]
fn a_certificate_is_verified_unless_it_is_said_not_to() {
    let server = Postgres::start(15);
    let data = server.folder().join("data");
    let made = Certificate::make(&data, "server", "IP:127.0.0.1");
    server.sql("ALTER SYSTEM SET ssl_cert_file = 'server.pem'");
    server.sql("ALTER SYSTEM SET ssl = on");
    server.sql("SELECT pg_reload_conf()");
    let open = |tls: &str| {
        let keys = format!("{}\n[tls]\n{tls}", server.source("postgres", "postgres"));
        Asked::open(&keys)
            .ask()
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let known = format!("ca_file = {:?}", made.file);
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
