//! The plan of the statement that is open. Nothing is run for it: the server is asked how it would do it, inside of a
//! read-only transaction that is rolled back, with its timeouts.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, Type};

use super::failure::Failure;
use super::flat::{first_word, has_parameters, most_parameter};
use super::plan;
use super::server::Server;
use super::session::{PLAN_NAME as NAME, Session, field, marked};
use super::statements::read::{Key, Questions};
use crate::model::Plan;

/// The longest statement that is planned, characters.
const LONGEST: usize = 100_000;

/// The words with which a statement begins that has a plan.
const PLANNED: [&str; 8] = [
    "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE",
];

/// A plan, or why there is none in one line.
pub(super) type Explained = Result<Plan, String>;

/// A statement as it can be planned.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// Its text; with `$1` where values are not known.
    pub text: Arc<str>,
    /// The same with values, as somebody sent it lately.
    pub sample: Option<Arc<str>>,
}

impl Planned {
    /// The text that can be run, with its values.
    ///
    /// # Errors
    /// In one line why there is none.
    pub fn runnable(self) -> Result<Arc<str>, &'static str> {
        if !has_parameters(&self.text) {
            return Ok(self.text);
        }
        self.sample
            .ok_or("its values ($1…) are not known; nobody sent it with values while hubtop looked")
    }
}

/// Finds the whole text of a statement.
///
/// # Errors
/// When the connection is lost, or the server refuses to tell its texts. Why a statement can't be planned is an answer, in
/// one line.
pub(super) async fn find(
    session: &mut Session,
    server: &Server,
    questions: &Questions,
    key: Key,
    sample: Option<Arc<str>>,
) -> Result<Result<Planned, String>, Failure> {
    let question = questions.whole_text(LONGEST);
    let rows = session
        .rows(&question, &[&key.user, &key.database, &key.query])
        .await?;
    let Some(row) = rows.first() else {
        return Ok(Err("the server no longer knows this statement".to_owned()));
    };
    let database: &str = field(row, "database").unwrap_or_default();
    if database != &*server.database {
        return Ok(Err(format!(
            "it runs in database {}, hubtop is connected to {}: add a [[source]] for it",
            crate::model::text::printable(database),
            server.database
        )));
    }
    let text: &str = field(row, "text").unwrap_or_default();
    if text.chars().count() >= LONGEST {
        return Ok(Err("its text is too long and was cut".to_owned()));
    }
    let word = first_word(text);
    if !PLANNED.contains(&&*word) {
        return Ok(Err(match &*word {
            "" => "its text is not known".to_owned(),
            word => format!("{word} has no plan"),
        }));
    }
    Ok(Ok(Planned {
        text: text.into(),
        sample,
    }))
}

/// How the server would do it, or why it does not tell.
///
/// # Errors
/// When the connection is lost, or the server refuses to begin or to end a transaction for it.
pub(super) async fn estimate(
    session: &mut Session,
    server: &Server,
    planned: &Planned,
) -> Result<Explained, Failure> {
    let explained = estimate_text(session, server, &planned.text).await?;
    // Normalised texts can hold a value where the grammar wants a constant: then what somebody sent may do.
    match (explained, &planned.sample) {
        (Err(_), Some(sample)) if has_parameters(&planned.text) => {
            estimate_text(session, server, sample).await
        }
        (explained, _) => Ok(explained),
    }
}

async fn estimate_text(
    session: &mut Session,
    server: &Server,
    text: &str,
) -> Result<Explained, Failure> {
    session.run(&around(server, "BEGIN READ ONLY")).await?;
    let asked = if !has_parameters(text) {
        let how = "estimated, nothing was run";
        explain(session, "FORMAT JSON", text, how).await
    } else {
        generic(session, server, text).await
    };
    session.run(&around(server, "ROLLBACK")).await?;
    settled(asked, &server.user)
}

/// A statement that begins or ends a transaction, as it is sent. Before 16 the server counts such statements by their
/// text, so that the mark tells hubtop's own from those of others; from 16 on all of one meaning and role are one entry,
/// of which nobody can tell how much is whose: it is left as it is, and so stands among the statements.
fn around(server: &Server, statement: &str) -> String {
    if server.version < 160_000 {
        marked(statement)
    } else {
        statement.to_owned()
    }
}

/// A prepared statement whose plan is made without looking at the values. `GENERIC_PLAN` (from 16 on) would only do in
/// the simple protocol, which runs whatever stands behind a semicolon.
async fn generic(session: &mut Session, server: &Server, text: &str) -> Result<Plan, Failure> {
    let prepared = async {
        session
            .run(&marked("SET LOCAL plan_cache_mode = force_generic_plan"))
            .await?;
        session.once(&format!("PREPARE {NAME} AS {text}")).await?;
        let values = vec!["NULL"; most_parameter(text)].join(", ");
        let how = "generic plan, nothing was run";
        explain(
            session,
            "FORMAT JSON",
            &format!("EXECUTE {NAME}({values})"),
            how,
        )
        .await
    }
    .await;
    // What was prepared outlives the transaction, also a failed one.
    session.run(&around(server, "ROLLBACK")).await?;
    if prepared.is_ok() {
        session.run(&marked(&format!("DEALLOCATE {NAME}"))).await?;
    } else {
        session.run(&around(server, "DEALLOCATE ALL")).await?;
        session.forget_prepared();
    }
    prepared
}

/// Runs a statement once for its plan and rolls back what it changed.
///
/// # Errors
/// When the connection is lost, or the server refuses to begin such a transaction (a standby does one that writes) or to
/// end it.
pub(super) async fn measure(
    session: &mut Session,
    server: &Server,
    text: &str,
    limit: Duration,
) -> Result<Explained, Failure> {
    let changes = !matches!(&*first_word(text), "SELECT" | "VALUES" | "TABLE");
    let mode = if changes { "READ WRITE" } else { "READ ONLY" };
    let limit = limit.as_millis();
    session
        .run(&format!(
            "{}; {}",
            around(server, &format!("BEGIN {mode}")),
            marked(&format!("SET LOCAL statement_timeout = {limit}")),
        ))
        .await?;
    let how = "measured: it ran once and was rolled back";
    let asked = explain(session, "ANALYZE, BUFFERS, FORMAT JSON", text, how).await;
    session.run(&around(server, "ROLLBACK")).await?;
    settled(asked, &server.user)
}

async fn explain(
    session: &mut Session,
    options: &str,
    text: &str,
    how: &str,
) -> Result<Plan, Failure> {
    let rows = session.once(&format!("EXPLAIN ({options}) {text}")).await?;
    let json = rows.first().and_then(json).unwrap_or_default();
    plan::parse(json, how).ok_or_else(|| Failure::Refused {
        code: SqlState::INTERNAL_ERROR,
        line: "the server's plan can't be read".to_owned(),
    })
}

/// A refusal becomes the reason why there is no plan.
fn settled(asked: Result<Plan, Failure>, user: &str) -> Result<Explained, Failure> {
    match asked {
        Ok(plan) => Ok(Ok(plan)),
        Err(Failure::Refused { code, line }) => Ok(Err(reason(&code, &line, user))),
        Err(lost) => Err(lost),
    }
}

fn reason(code: &SqlState, line: &str, user: &str) -> String {
    match code.code() {
        // The server's words name the table, not the right.
        "42501" => match line.strip_prefix("permission denied for table ") {
            Some(table) => format!("planning needs the right: GRANT SELECT ON {table} TO {user}"),
            None => format!("planning needs a right: {line}"),
        },
        "42P01" => format!("{line} here: it ran with another search_path, or the table is gone"),
        "42P18" | "42P08" => "the types of its values can't be told from its text".to_owned(),
        "42601" => format!("its normalised text can't be planned: {line}"),
        "57014" => "it took too long and was given up".to_owned(),
        "55P03" => "a table of it is locked: no plan until that ends".to_owned(),
        _ => line.to_owned(),
    }
}

/// The bytes of a value, whatever its type: JSON comes as its text.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(
        _type: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_type: &Type) -> bool {
        true
    }
}

fn json(row: &Row) -> Option<&str> {
    let raw: Raw<'_> = row.try_get(0).ok()?;
    std::str::from_utf8(raw.0).ok()
}
