//! What goes wrong with a server: it stops, comes back, hangs, refuses.

use hubtop::collect::CollectError;
use hubtop::model::Labels;

use super::servers::asked::Asked;
use super::servers::certificates::Certificate;
use super::servers::mysql::{Mysql, Product};
use super::servers::wait_for;
use super::{on_both, rows};

on_both!(
    after_a_restart_it_goes_on_without_a_spike,
    a_server_that_hangs_costs_its_timeout_and_no_more,
    who_is_refused_is_told_what_to_change,
    a_socket_does_as_well,
    a_secured_connection_is_made_to_whom_one_trusts_only,
);

const STOP: i32 = 19;
const GO_ON: i32 = 18;

fn after_a_restart_it_goes_on_without_a_spike(product: Product) {
    let mut server = Mysql::start(product);
    let person = server.person();
    for _ in 0..100 {
        person.ask("SELECT 1");
    }
    let mut asked = Asked::open(&server.source("mon"));
    asked.ask_until("a look", |reading, _| {
        rows!(reading, Statements).map(|_| ())
    });
    server.restart();
    let error = asked.ask().expect_err("the connection is gone");
    assert!(!error.to_string().contains('\n'), "{error}");
    let instance = Labels::one("instance", &server.name());
    let rates = ["db.transactions_per_sec", "db.statements_per_sec"];
    let reading = wait_for("it to come back", || asked.ask().ok());
    for rate in rates {
        assert_eq!(
            asked.value(&reading, rate, &instance),
            None,
            "{rate}: no rate over a restart"
        );
    }
    asked.ask_until("rates again", |reading, catalog| {
        let id = catalog.id("db.statements_per_sec", instance.clone());
        reading
            .samples
            .iter()
            .find(|(series, _)| *series == id)
            .map(|_| ())
    });
}

fn a_server_that_hangs_costs_its_timeout_and_no_more(product: Product) {
    let server = Mysql::start(product);
    let mut asked = Asked::open(&server.source("mon"));
    asked.ask().unwrap();
    server.server().signal(STOP);
    assert!(matches!(asked.ask(), Err(CollectError::Timeout(_))));
    assert!(
        matches!(asked.ask(), Err(CollectError::Timeout(_))),
        "nor does a new connection come about"
    );
    server.server().signal(GO_ON);
    wait_for("it to come back", || asked.ask().ok());
}

fn who_is_refused_is_told_what_to_change(product: Product) {
    let server = Mysql::with(product, &["performance-schema=OFF", "max-connections=10"]);
    server.sql("CREATE USER secret@'%' IDENTIFIED BY 'hunter2'");
    let error = Asked::open(&server.source("secret"))
        .ask()
        .expect_err("no password");
    let line = error.to_string();
    assert!(
        line.contains("secret") && line.contains("password_file"),
        "{line}"
    );

    let folder = super::servers::folder();
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    let with_password = format!("{}\npassword_file = {file:?}", server.source("secret"));
    Asked::open(&with_password).ask().unwrap();

    let _all: Vec<_> = (0..10).map(|_| server.person()).collect();
    let error = Asked::open(&with_password)
        .ask()
        .expect_err("no connection left");
    assert!(error.to_string().contains("max_connections"), "{error}");
}

fn a_socket_does_as_well(product: Product) {
    let server = Mysql::with(product, &["performance-schema=OFF"]);
    let socket = server.socket();
    let mut asked = Asked::open(&format!(
        "kind = \"mysql\"\naddress = {socket:?}\nuser = \"root\""
    ));
    let reading = asked.ask().unwrap();
    let row = &rows!(reading, Databases).unwrap()[0];
    let kind = match product {
        Product::Mariadb => "MariaDB 1",
        Product::Mysql => "MySQL 9.",
    };
    assert!(row.kind.starts_with(kind), "{}", row.kind);
    assert!(row.started.is_some());
}

fn a_secured_connection_is_made_to_whom_one_trusts_only(product: Product) {
    let folder = super::servers::folder();
    for name in ["server", "stranger"] {
        Certificate::make(folder.path(), name, "DNS:localhost,IP:127.0.0.1");
    }
    let here = folder.path().display();
    let server = Mysql::with(
        product,
        &[
            "performance-schema=OFF",
            &format!("ssl-cert={here}/server.pem"),
            &format!("ssl-key={here}/server.key"),
        ],
    );
    server.sql("CREATE USER safe@'%' REQUIRE SSL");
    let source = server.source("safe");
    let with = |tls: &str| Asked::open(&format!("{source}\n[tls]\n{tls}")).ask();

    with(&format!("ca_file = \"{here}/server.pem\"")).unwrap();
    with("verify = false").unwrap();
    let error = with(&format!("ca_file = \"{here}/stranger.pem\"")).expect_err("a stranger");
    assert!(error.to_string().starts_with("TLS: "), "{error}");
    Asked::open(&source)
        .ask()
        .expect_err("it asks for a secured connection");
}
