//! Who is connected, and what they do.

use hubtop::model::Rows;

use crate::rows;
use crate::servers::asked::Asked;
use crate::servers::postgres::{Postgres, versions};

#[test]
fn sessions_are_told_with_what_they_do() {
    for version in versions() {
        let server = Postgres::start(version);
        let person = server.person("shop");
        person.ask("BEGIN");
        person.ask("SELECT 42 -- the answer");
        let mut asked = Asked::open(&server.source("postgres", "postgres"));
        let backend = asked.ask_until("the session", |reading, _| {
            let backends = rows!(reading, Backends)?;
            assert!(
                backends
                    .iter()
                    .all(|backend| &*backend.application != "hubtop")
            );
            backends
                .into_iter()
                .find(|backend| backend.pid == person.pid)
        });
        assert_eq!(&*backend.state, "idle in transaction", "{version}");
        assert_eq!(&*backend.text, "SELECT 42");
        assert_eq!(&*backend.user, "postgres");
        assert_eq!(&*backend.database, "postgres");
        assert_eq!(&*backend.application, "shop");
        assert_eq!(&*backend.client, "127.0.0.1");
        assert!(backend.started.is_some() && backend.transaction_age.is_some());
        assert!(backend.wait.is_none() && backend.blocked_by.is_empty());
        assert_eq!(&*backend.instance, format!("pg@{}/postgres", server.port));
    }
}
