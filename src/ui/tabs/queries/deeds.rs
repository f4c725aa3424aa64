//! What can be done on a database server, each with a question that repeats what is done to whom.

use super::lists::{backend_id, lock_id};
use super::locks::{IDLE_IN_TRANSACTION, LockRow, lock_tree};
use crate::model::command::{BackendKey, ServerDeed};
use crate::model::{Backend, Command, Frame, SourceName, Statement, format};
use crate::ui::tabs::{Deed, DeedMenu};
use crate::ui::widgets::text;

/// How many sessions are named in a question.
const NAMED: usize = 3;
/// How much of a statement stands in a question, cells.
const BEGINNING: usize = 90;
/// How much of the statement that will run stands in the question before it does.
const MOST_OF_IT: usize = 240;

/// A session that something may be done to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub server: SourceName,
    pub key: BackendKey,
    /// `8128 (app@shop, active 4m12s): UPDATE orders …`.
    pub name: String,
    pub is_idle_in_transaction: bool,
    /// How many wait for it.
    pub victims: usize,
}

/// The sessions with these identities, from the activity or the locks of a frame.
pub(super) fn targets(frame: &Frame, ids: &[&str]) -> Vec<Target> {
    let locks = lock_tree(frame).unwrap_or_default();
    let backends = frame.tables.backends.iter().flat_map(|rows| rows.iter());
    let mut targets: Vec<Target> = backends
        .filter(|backend| ids.contains(&backend_id(backend).as_str()))
        .map(|backend| of_backend(backend, &locks))
        .collect();
    let known = |targets: &[Target], lock: &LockRow| {
        let same = |target: &Target| {
            target.key.pid == lock.lock.pid && target.server == lock.lock.instance
        };
        targets.iter().any(same)
    };
    for lock in locks
        .iter()
        .filter(|row| ids.contains(&lock_id(&row.lock).as_str()))
    {
        if !known(&targets, lock) {
            targets.push(of_lock(lock));
        }
    }
    targets
}

fn of_backend(backend: &Backend, locks: &[LockRow]) -> Target {
    let lock = locks
        .iter()
        .find(|row| row.lock.pid == backend.pid && row.lock.instance == backend.instance);
    let age = backend
        .transaction_age
        .or(backend.statement_age)
        .or(backend.state_age);
    Target {
        server: backend.instance.clone(),
        key: BackendKey {
            pid: backend.pid,
            started: backend.started,
        },
        name: name(
            backend.pid,
            &format!(
                "{}@{}",
                or_unknown(&backend.user),
                or_unknown(&backend.database)
            ),
            &state(&backend.state, age),
            &backend.text,
        ),
        is_idle_in_transaction: backend.state.starts_with(IDLE_IN_TRANSACTION),
        victims: lock.map_or(0, |row| row.victims),
    }
}

fn of_lock(row: &LockRow) -> Target {
    let lock = &row.lock;
    Target {
        server: lock.instance.clone(),
        key: BackendKey {
            pid: lock.pid,
            started: lock.started,
        },
        name: name(
            lock.pid,
            or_unknown(&lock.user),
            &state(&lock.state, lock.transaction_age),
            &lock.text,
        ),
        is_idle_in_transaction: lock.state.starts_with(IDLE_IN_TRANSACTION),
        victims: row.victims,
    }
}

fn or_unknown(word: &str) -> &str {
    if word.is_empty() {
        format::UNKNOWN
    } else {
        word
    }
}

fn state(state: &str, age: Option<std::time::Duration>) -> String {
    let age = age.map_or(format::UNKNOWN.to_owned(), format::duration);
    format!("{} {age}", or_unknown(state))
}

fn name(pid: u64, who: &str, state: &str, statement: &str) -> String {
    let beginning = text::fit(statement.trim_end_matches(';'), BEGINNING);
    format!("{pid} ({who}, {state}): {beginning}")
}

/// The menu for the sessions with these identities; `None` when there are none any more.
pub(super) fn of_sessions(frame: &Frame, ids: &[&str]) -> Option<DeedMenu> {
    let targets = targets(frame, ids);
    let mut servers: Vec<&SourceName> = targets.iter().map(|target| &target.server).collect();
    servers.sort();
    servers.dedup();
    let several = servers.len() > 1;
    let deeds = servers.iter().flat_map(|server| {
        let here: Vec<&Target> = targets.iter().filter(|it| it.server == **server).collect();
        session_deeds(server, &here, several)
    });
    let title = match targets.as_slice() {
        [] => return None,
        [one] => format!("session {}", one.key.pid),
        several => format!("{} sessions", several.len()),
    };
    Some(DeedMenu {
        deeds: deeds.collect(),
        title,
    })
}

fn session_deeds(server: &SourceName, targets: &[&Target], several: bool) -> [Deed; 2] {
    let keys: Vec<BackendKey> = targets.iter().map(|target| target.key).collect();
    let on = if several {
        format!(" on {server}")
    } else {
        String::new()
    };
    let whom = whom(targets);
    let order = |deed| Command::Server {
        source: server.clone(),
        deed,
    };
    let idle = targets.iter().all(|target| target.is_idle_in_transaction);
    let effect = if idle {
        "runs none now: frees nothing"
    } else {
        "the session stays, its work is undone"
    };
    let warning = if idle {
        " It runs none now, so its locks stay."
    } else {
        ""
    };
    [
        Deed {
            title: format!("cancel statement{on}  {effect}"),
            question: format!("On {server}: cancel the statement of {whom}?{warning}"),
            command: order(ServerDeed::CancelStatements(keys.clone())),
        },
        Deed {
            title: format!("end session{on}  {}", freed(targets)),
            question: format!(
                "On {server}: end session {whom}? Its transaction is undone; {}.",
                freed(targets)
            ),
            command: order(ServerDeed::EndSessions(keys)),
        },
    ]
}

/// What ending them would free.
fn freed(targets: &[&Target]) -> String {
    match targets.iter().map(|target| target.victims).sum::<usize>() {
        0 => "nobody waits for it".to_owned(),
        1 => "1 who waits goes on".to_owned(),
        victims => format!("{victims} who wait go on"),
    }
}

/// The sessions by name; of many the first few.
fn whom(targets: &[&Target]) -> String {
    let names: Vec<&str> = targets
        .iter()
        .take(NAMED)
        .map(|it| it.name.as_str())
        .collect();
    let names = names.join("; ");
    match targets.len() {
        1 => names,
        count if count > NAMED => format!("{count} sessions: {names}; and {} more", count - NAMED),
        count => format!("{count} sessions: {names}"),
    }
}

/// The menu for a statement: its plan, measured by running `sample`, which is it with values.
pub(super) fn of_statement(statement: &Statement, sample: &str) -> DeedMenu {
    let text = text::fit(sample, MOST_OF_IT);
    let server = &statement.instance;
    DeedMenu {
        title: "statement".to_owned(),
        deeds: vec![Deed {
            title: "measure the plan: runs the statement once, rolled back".to_owned(),
            question: format!(
                "On {server}: run this once, to measure its plan? It takes its time and its locks. It is rolled back; sequences and effects outside the database stay. {text}"
            ),
            command: Command::Server {
                source: server.clone(),
                deed: ServerDeed::MeasurePlan(statement.id.clone()),
            },
        }],
    }
}
