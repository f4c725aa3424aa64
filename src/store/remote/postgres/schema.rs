//! The tables, and how those of an older hubtop become those of this one.

use tokio_postgres::{Client, Transaction};

use super::failure::Failure;

/// One step each from one version of the tables to the next; the version is the number of steps taken. A step that has
/// been in a release is never changed.
const STEPS: &[&str] = &[include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// What two hubtops that start at once wait at: `hubtop` in ASCII.
const LOCK: i64 = 0x6875_6274_6f70;

/// Which steps were taken.
const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS hubtop_schema (
    version    integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
)";

/// The tables that grow with time, and how long a chunk of each is. A host in one row is read by all its columns at
/// once, for few minutes or for years.
const HYPERTABLES: &[(&str, &str)] = &[
    ("performance_metrics", "1 hour"),
    ("business_metrics", "1 hour"),
    ("system_metrics", "5 minutes"),
];

/// Brings the tables to this version. Safe when several do it at once.
///
/// # Errors
/// What the server says, or that the tables are a newer hubtop's.
pub(super) async fn migrate(client: &mut Client) -> Result<(), Failure> {
    // Without a lock and without the right to create anything when all is done, as it is at most starts.
    if version(client).await? == STEPS.len() {
        return Ok(());
    }
    let tx = client.transaction().await?;
    tx.batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
        .await?;
    tx.batch_execute(VERSIONS).await?;
    let found = tx
        .query_typed("SELECT coalesce(max(version), 0) FROM hubtop_schema", &[])
        .await?;
    let found: i32 = found.first().map_or(0, |row| row.get(0));
    let taken = usize::try_from(found).unwrap_or_default();
    for (index, step) in STEPS.iter().enumerate().skip(taken) {
        tx.batch_execute(step).await?;
        let note = format!("INSERT INTO hubtop_schema (version) VALUES ({})", index + 1);
        tx.batch_execute(&note).await?;
    }
    if taken == 0 {
        make_hypertables(&tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether the tables are of this version; 0 when there are none.
///
/// # Errors
/// What the server says, or that they are a newer hubtop's.
pub(super) async fn version(client: &Client) -> Result<usize, Failure> {
    let is_there = client
        .query_typed("SELECT to_regclass('hubtop_schema') IS NOT NULL", &[])
        .await?;
    if !is_there.first().is_some_and(|row| row.get(0)) {
        return Ok(0);
    }
    let found = client
        .query_typed("SELECT coalesce(max(version), 0) FROM hubtop_schema", &[])
        .await?;
    let found: i32 = found.first().map_or(0, |row| row.get(0));
    let found = usize::try_from(found).unwrap_or_default();
    if found > STEPS.len() {
        let known = STEPS.len();
        return Err(Failure::Line(format!(
            "the tables are a newer hubtop's (version {found}, {known} known here): use that one"
        )));
    }
    Ok(found)
}

/// Whether this hubtop has nothing to change about tables of that version.
pub(super) fn is_current(version: usize) -> bool {
    version == STEPS.len()
}

/// Cuts the tables that grow into chunks, when the extension timescaledb is in the database; it stands in any schema.
async fn make_hypertables(tx: &Transaction<'_>) -> Result<(), Failure> {
    let place = tx
        .query_typed(
            "SELECT quote_ident(nspname) FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
              WHERE proname = 'create_hypertable' LIMIT 1",
            &[],
        )
        .await?;
    let Some(schema) = place.first().map(|row| row.get::<_, String>(0)) else {
        return Ok(());
    };
    for (table, chunk) in HYPERTABLES {
        let make = format!(
            "SELECT {schema}.create_hypertable('{table}', 'timestamp', chunk_time_interval => INTERVAL '{chunk}')"
        );
        tx.batch_execute(&make).await?;
    }
    Ok(())
}
