//! What a person has done on a server hits exactly the one that was meant.

use hubtop::model::{BackendKey, ServerDeed, Timestamp};

use crate::activity::chain;
use crate::servers::postgres::{Postgres, versions};
use crate::{name_of, rows, source_of};

#[test]
fn one_statement_is_cancelled_and_the_others_go_on() {
    for version in versions() {
        let server = Postgres::start(version);
        let [_first, second, third] = chain(&server);
        let mut asked = source_of(&server);
        let backends = asked.ask_until("the sessions", |reading, _| {
            rows!(reading, Backends).filter(|rows| rows.len() >= 3)
        });
        let key = |pid: u64| BackendKey {
            pid,
            started: backends.iter().find(|it| it.pid == pid).unwrap().started,
        };
        let cancel = ServerDeed::CancelStatements(vec![key(third.pid)]);
        let outcome = asked.deed(&name_of(&server), cancel);
        assert!(outcome.done, "{}", outcome.message);
        assert_eq!(
            outcome.message,
            format!("cancelled the statement of {}", third.pid)
        );
        asked.ask_until("one to wait no more", |reading, _| {
            let backends = rows!(reading, Backends)?;
            let state = |pid| {
                backends
                    .iter()
                    .find(|it| it.pid == pid)
                    .map(|it| it.state.to_string())
            };
            assert_eq!(state(second.pid).as_deref(), Some("active"), "{version}");
            (state(third.pid)? == "idle").then_some(())
        });
    }
}

#[test]
fn a_session_is_ended_only_if_it_is_still_the_one() {
    let server = Postgres::start(15);
    let person = server.person("victim");
    let other = server.person("other");
    let mut asked = source_of(&server);
    let started = asked.ask_until("the session", |reading, _| {
        let backends = rows!(reading, Backends)?;
        backends
            .into_iter()
            .find(|it| it.pid == person.pid)?
            .started
    });
    let end = |started: Timestamp| {
        ServerDeed::EndSessions(vec![BackendKey {
            pid: person.pid,
            started: Some(started),
        }])
    };
    let earlier = asked.deed(&name_of(&server), end(Timestamp(started.0 - 1)));
    assert!(!earlier.done);
    assert_eq!(
        earlier.message,
        format!("{} is gone or another by now", person.pid)
    );
    assert_eq!(person.ask("SELECT 1"), [["1"]]);
    let outcome = asked.deed(&name_of(&server), end(started));
    assert!(outcome.done, "{}", outcome.message);
    asked.ask_until("the session to be gone", |reading, _| {
        let backends = rows!(reading, Backends)?;
        assert!(backends.iter().any(|it| it.pid == other.pid));
        backends.iter().all(|it| it.pid != person.pid).then_some(())
    });
}
