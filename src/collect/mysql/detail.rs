//! What is fetched for the statement that is open: a call of it with its values, and how the server means to run that.

use std::collections::HashMap;
use std::sync::Arc;

use super::explain;
use super::failure::Failure;
use super::field::{quoted, raw};
use super::server::Server;
use super::session::Session;
use super::statements::Statements;
use crate::collect::advice::{self, Dialect, TableFact, Verb};
use crate::model::{Plan, SourceName, StatementDetail};

/// Why nothing is run for a plan.
pub(super) const NOT_MEASURED: &str =
    "a plan of MySQL is not measured here: the planned one is shown";

/// Brings the detail of a statement; `None` when it is gone.
///
/// # Errors
/// When the connection is lost, or the server refuses the transaction in which a statement that writes is explained. Why
/// there is no plan otherwise is part of the detail.
pub(super) async fn ask(
    session: &mut Session,
    server: &Server,
    statements: &Statements,
    facts: &[TableFact],
    instance: &SourceName,
    id: &Arc<str>,
) -> Result<Option<StatementDetail>, Failure> {
    let listed = statements.rows().iter().find(|row| row.id == *id);
    let (Some(row), Some(known)) = (listed, statements.known(id, facts)) else {
        return Ok(None);
    };
    let mut detail = StatementDetail {
        instance: instance.clone(),
        id: id.clone(),
        not_measured: Some(NOT_MEASURED.into()),
        ..StatementDetail::default()
    };
    match plan(session, server, statements, id, &row.text).await? {
        Ok(plan) => detail.plan = Some(plan),
        Err(why) => detail.no_plan = Some(why.into()),
    }
    detail.advice = advice::advise(&row.text, &known, detail.plan.as_ref());
    Ok(Some(detail))
}

/// The plan, or why there is none.
async fn plan(
    session: &mut Session,
    server: &Server,
    statements: &Statements,
    id: &str,
    normalised: &str,
) -> Result<Result<Plan, String>, Failure> {
    let Some((database, digest)) = statements.digest(id) else {
        return Ok(Err("the server has forgotten it".to_owned()));
    };
    let call = match sample(session, server, &digest).await {
        Ok(call) => call,
        Err(Failure::Refused { .. }) => None,
        Err(lost) => return Err(lost),
    };
    // A statement without values is its own sample.
    let has_values = normalised.contains(['?']) || normalised.contains("...");
    let call = call.or_else(|| (!has_values).then(|| normalised.to_owned()));
    let Some(call) = call else {
        return Ok(Err(no_sample(server)));
    };
    let Some(verb) = advice::verb(&call, Dialect::Mysql) else {
        return Ok(Err(
            "only SELECT, UPDATE and DELETE have a plan that can be asked for".to_owned(),
        ));
    };
    match explain(session, &database, &call, verb).await {
        Ok(json) => Ok(explain::plan(&json, &real_names(&call))
            .map_err(|why| format!("the plan can't be read: {why}"))),
        Err(Failure::Refused { line, .. }) => Ok(Err(line)),
        Err(lost) => Err(lost),
    }
}

async fn explain(
    session: &mut Session,
    database: &str,
    call: &str,
    verb: Verb,
) -> Result<String, Failure> {
    if !database.is_empty() {
        session
            .run(&format!("USE `{}`", database.replace('`', "``")))
            .await?;
    }
    // A session that only reads may not even be told how it would write. Nothing is written, and nothing stays.
    if verb == Verb::Writes {
        session.run("START TRANSACTION READ WRITE").await?;
    }
    if !session.is_mariadb {
        // MySQL 9 writes another form unless it is told not to; the servers before 8.3 know only one.
        match session
            .run("SET SESSION explain_json_format_version = 1")
            .await
        {
            Ok(()) | Err(Failure::Refused { .. }) => {}
            Err(lost) => return Err(lost),
        }
    }
    let answer = session.rows(&format!("EXPLAIN FORMAT=JSON {call}")).await;
    if verb == Verb::Writes {
        session.run("ROLLBACK").await?;
    }
    let rows = answer?;
    Ok(rows
        .first()
        .and_then(|row| raw(row, "EXPLAIN"))
        .unwrap_or_default())
}

/// A call with its values: MySQL 8 keeps one of each digest; otherwise one of those that the server still remembers.
async fn sample(
    session: &mut Session,
    server: &Server,
    digest: &str,
) -> Result<Option<String>, Failure> {
    let digest = quoted(digest);
    let keeps_one = server
        .digest_columns
        .iter()
        .any(|column| &**column == "query_sample_text");
    let mut questions = Vec::new();
    if keeps_one {
        questions.push(format!(
            "SELECT QUERY_SAMPLE_TEXT AS call_text FROM performance_schema.events_statements_summary_by_digest AS hubtop \
             WHERE DIGEST = {digest} LIMIT 1"
        ));
    }
    for table in ["events_statements_history", "events_statements_current"] {
        questions.push(format!(
            "SELECT SQL_TEXT AS call_text FROM performance_schema.{table} AS hubtop WHERE DIGEST = {digest} \
             ORDER BY TIMER_START DESC LIMIT 1"
        ));
    }
    for question in questions {
        let rows = session.rows(&question).await?;
        let call = rows.first().and_then(|row| raw(row, "call_text"));
        // A text that was cut off ends so.
        if let Some(call) = call.filter(|call| !call.is_empty() && !call.ends_with("...")) {
            return Ok(Some(call));
        }
    }
    Ok(None)
}

fn no_sample(server: &Server) -> String {
    let product = if server.is_mariadb {
        "MariaDB"
    } else {
        "MySQL"
    };
    format!(
        "{product} keeps no call of it with its values: performance_schema_consumer_events_statements_history=ON keeps the latest"
    )
}

fn real_names(call: &str) -> HashMap<String, String> {
    let names = advice::tables_by_alias(call, Dialect::Mysql);
    names
        .into_iter()
        .map(|(alias, name)| (alias.to_ascii_lowercase(), name))
        .collect()
}
