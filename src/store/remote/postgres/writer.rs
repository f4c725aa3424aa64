//! Writes parcels: one connection, one transaction a batch, with the batch's number in it.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use futures_util::SinkExt;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

use super::copied;
use super::failure::Failure;
use super::parcel::Parcel;
use super::schema::migrate;
use crate::net::postgres::{Address, Allowance, Bounded, greet};
use crate::store::remote::ExportForm;
use crate::store::remote::engine::{Engine, SendError};
use crate::store::remote::queue::{Batch, BatchId};

/// Queues that have been silent for so long are forgotten: their files are long gone.
const SILENT_QUEUES: &str = "DELETE FROM hubtop_batches WHERE sent_at < now() - INTERVAL '90 days'";

/// Takes the batch if it is news; the row of its queue stays locked until the end, so that the same batch on a connection
/// that was given up is waited for. It brings a row when it is news.
const TAKE: &str = "INSERT INTO hubtop_batches (queue, newest, host_name) VALUES ($1, $2::text::bigint, $3)
    ON CONFLICT (queue) DO UPDATE SET newest = excluded.newest, host_name = excluded.host_name, sent_at = now()
    WHERE hubtop_batches.newest < excluded.newest
    RETURNING newest";

const PERFORMANCE: &str =
    r#"COPY performance_metrics (metric_name, value, unit, tags, "timestamp") FROM STDIN"#;
const BUSINESS: &str = r#"COPY business_metrics
    (metric_name, value, unit, user_id, organization_id, tags, "timestamp") FROM STDIN"#;
const SYSTEM: &str = r#"COPY system_metrics
    (host_name, cpu_usage, memory_usage, disk_usage, network_io, tags, "timestamp") FROM STDIN"#;

/// The rules of a host: those that are there, and that others of it are not in force any more.
const RULES: &str = "INSERT INTO alert_rules
      (rule_name, metric_name, condition_operator, threshold_value, unit, duration_minutes, severity, tags)
    SELECT name, metric, operator, threshold, unit, minutes, severity, $2::text::jsonb
      FROM jsonb_to_recordset($1::text::jsonb) AS told
           (name text, metric text, operator text, threshold float8, unit text, minutes float8, severity text)
    ON CONFLICT (rule_name, (tags ->> 'host')) DO UPDATE
      SET metric_name = excluded.metric_name, condition_operator = excluded.condition_operator,
          threshold_value = excluded.threshold_value, unit = excluded.unit,
          duration_minutes = excluded.duration_minutes, severity = excluded.severity, enabled = true,
          tags = excluded.tags, updated_at = now()";
const RULES_GONE: &str = "UPDATE alert_rules SET enabled = false, updated_at = now()
    WHERE tags ->> 'host' = $2 AND enabled
      AND rule_name NOT IN (SELECT told.name FROM jsonb_to_recordset($1::text::jsonb) AS told (name text))";

/// What was open when hubtop ended; when it was over nobody knows.
const INTERRUPTED: &str = "UPDATE alert_incidents SET status = 'interrupted'
    WHERE status IN ('firing', 'acknowledged') AND tags ->> 'host' = $1 AND triggered_at < $2::text::timestamptz";

/// Incidents, each of them one row from when it fires to when it is over. People may have written notes meanwhile.
const INCIDENTS: &str = "INSERT INTO alert_incidents
      (rule_id, status, trigger_value, triggered_at, resolved_at, notes, tags)
    SELECT alert_rules.id, status, told.value, fired, resolved, told.notes, told.tags
      FROM jsonb_to_recordset($1::text::jsonb) AS told
           (rule text, status text, value float8, fired timestamptz, resolved timestamptz, notes text, tags jsonb)
      JOIN alert_rules ON rule_name = told.rule AND alert_rules.tags ->> 'host' = $2
    ON CONFLICT (rule_id, triggered_at, jsonb_hash_extended(tags, 0)) DO UPDATE
      SET status = excluded.status, resolved_at = excluded.resolved_at";

/// Who writes to a server.
pub(super) struct Writer {
    address: Address,
    form: ExportForm,
    session: Option<Session>,
}

/// A connection, and how much may still come over it.
pub(super) struct Session {
    pub client: Client,
    allowance: Allowance,
}

impl Writer {
    /// Nothing connects yet.
    pub fn new(address: Address, form: ExportForm) -> Self {
        Self {
            address,
            form,
            session: None,
        }
    }

    /// Connects. The password is read now.
    pub async fn connect(&self) -> Result<Session, Failure> {
        let mut config = self.address.config.clone();
        let password = self.form.password();
        if let Some(password) = password.map_err(|error| Failure::Line(error.to_string()))? {
            config.password(password.reveal());
        }
        let place = &self.address.place;
        let stream = Bounded::connect(place)
            .await
            .map_err(|error| Failure::Line(format!("{place}: {error}")))?;
        let allowance = stream.allowance();
        let client = greet(&config, &self.address, stream).await?;
        Ok(Session { client, allowance })
    }

    async fn write(&mut self, id: &BatchId, parcel: &Parcel) -> Result<(), Failure> {
        // Taken out, so that a connection on which something went wrong, or nobody waited, is not used again.
        let known = self.session.take();
        let known = known.filter(|session| !session.client.is_closed());
        let mut session = match known {
            Some(session) => session,
            None => {
                let mut session = self.connect().await?;
                migrate(&mut session.client).await?;
                session
            }
        };
        session.allowance.renew();
        write(&mut session.client, id, parcel, self.form.timeout()).await?;
        self.session = Some(session);
        Ok(())
    }
}

impl Engine for Writer {
    async fn send(&mut self, batch: &Batch) -> Result<(), SendError> {
        let Some(parcel) = Parcel::unpack(&batch.bytes) else {
            let line = "a batch of the queue is damaged".to_owned();
            return Err(SendError::Never { line });
        };
        let limit = self.form.timeout();
        let user = self.address.user.clone();
        within(limit, self.write(&batch.id, &parcel))
            .await
            .map_err(|failure| failure.of_batch(&user))
    }
}

/// Does something that must not take forever.
pub(super) async fn within<T>(
    limit: Duration,
    doing: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, doing).await {
        Ok(done) => done,
        Err(_) => {
            let limit = crate::model::format::millis(limit.as_secs_f64() * 1e3);
            Err(Failure::Line(format!("no answer within {limit}")))
        }
    }
}

/// Writes a parcel, or finds that it is there already.
async fn write(
    client: &mut Client,
    id: &BatchId,
    parcel: &Parcel,
    limit: Duration,
) -> Result<(), Failure> {
    let tx = client.transaction().await?;
    tx.batch_execute(&manners(limit)).await?;
    if !is_news(&tx, id, parcel).await? {
        return Ok(tx.rollback().await?);
    }
    copy(&tx, PERFORMANCE, copied::performance(parcel)).await?;
    copy(&tx, BUSINESS, copied::business(parcel)).await?;
    copy(&tx, SYSTEM, copied::system(parcel)).await?;
    if let Some(rules) = &parcel.rules {
        let told = copied::rules(rules);
        let tags = serde_json::json!(parcel.tags).to_string();
        run(&tx, RULES, &[&told, &tags]).await?;
        run(&tx, RULES_GONE, &[&told, &parcel.host]).await?;
    }
    if parcel.is_first {
        run(
            &tx,
            INTERRUPTED,
            &[&parcel.host, &copied::moment(parcel.at)],
        )
        .await?;
        run(&tx, SILENT_QUEUES, &[]).await?;
    }
    if !parcel.incidents.is_empty() {
        let told = copied::incidents(&parcel.incidents);
        run(&tx, INCIDENTS, &[&told, &parcel.host]).await?;
    }
    Ok(tx.commit().await?)
}

/// Ends on the server what nobody waits for any more, and has the server write what it says is written. All of it ends
/// with the transaction: between us and the server may be one who lends connections out.
fn manners(limit: Duration) -> String {
    let limit = limit.as_millis();
    format!(
        "SELECT set_config('statement_timeout', '{limit}ms', true), set_config('lock_timeout', '{limit}ms', true),
            set_config('idle_in_transaction_session_timeout', '{limit}ms', true),
            set_config('synchronous_commit',
                CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
                     ELSE current_setting('synchronous_commit') END, true)"
    )
}

async fn is_news(tx: &Transaction<'_>, id: &BatchId, parcel: &Parcel) -> Result<bool, Failure> {
    let rows = run(tx, TAKE, &[&id.queue, &id.number.to_string(), &parcel.host]).await?;
    Ok(rows > 0)
}

/// Runs a statement without having it prepared for later. How many rows it brought.
async fn run(tx: &Transaction<'_>, statement: &str, values: &[&str]) -> Result<usize, Failure> {
    let values: Vec<(&(dyn tokio_postgres::types::ToSql + Sync), Type)> = values
        .iter()
        .map(|value| {
            (
                value as &(dyn tokio_postgres::types::ToSql + Sync),
                Type::TEXT,
            )
        })
        .collect();
    Ok(tx.query_typed(statement, &values).await?.len())
}

async fn copy(tx: &Transaction<'_>, statement: &str, rows: String) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let sink = tx.copy_in::<_, Bytes>(statement).await?;
    let mut sink = std::pin::pin!(sink);
    sink.send(Bytes::from(rows)).await?;
    sink.finish().await?;
    Ok(())
}
