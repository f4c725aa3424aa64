//! PostgreSQL and TimescaleDB: figures, rules and incidents as rows of tables that hubtop makes itself.

mod copied;
mod failure;
mod packer;
mod parcel;
mod schema;
mod writer;

use std::time::Duration;

use super::desk::Target;
use super::form::ExportForm;
use super::worker::Export;
use super::{Around, Kind};
use crate::net::postgres::{Address, Written};
use crate::net::{FormError, tls};
use crate::store::Sink;
use failure::{Failure, RIGHTS};
use packer::Packer;
use writer::{Writer, within};

/// Whoever only wants to know whether it works does not wait for longer.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// `[[export]] kind = "postgres"`.
pub(super) const KIND: Kind = Kind {
    word: "postgres",
    keys: &["user", "password_file", "password_env", "tls"],
    check,
    start,
    look,
};

fn check(form: &ExportForm) -> Result<(), FormError> {
    let address = address(form)?;
    if let Some(form) = &address.tls {
        tls::client_config(form)?;
    }
    Ok(())
}

fn start(form: &ExportForm, around: &Around) -> Result<Box<dyn Sink>, FormError> {
    let writer = Writer::new(address(form)?, form.clone());
    let target = Target {
        folder: around.state.clone(),
        name: form.name().to_owned(),
        most_bytes: form.queue_bytes(),
    };
    let packer = Packer::new(&form.labels);
    let export = Export::start(target, form.interval(), packer, writer, around.now);
    Ok(Box::new(export))
}

fn address(form: &ExportForm) -> Result<Address, FormError> {
    Address::of(Written {
        section: "[[export]]",
        key: "url",
        address: &form.url,
        user: form.user.as_deref(),
        tls: form.tls.as_ref(),
    })
}

fn look(form: &ExportForm) -> Result<String, String> {
    let address = address(form).map_err(|error| error.to_string())?;
    let user = address.user.clone();
    let writer = Writer::new(address, form.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let looked = runtime.block_on(within(
        form.timeout().min(LONGEST_LOOK),
        look_with(&writer, &user),
    ));
    runtime.shutdown_background();
    looked.map_err(|failure| failure.line(&user))
}

async fn look_with(writer: &Writer, user: &str) -> Result<String, Failure> {
    let client = writer.connect().await?.client;
    let server = client
        .query_typed("SELECT current_setting('server_version')", &[])
        .await?;
    let server: String = server.first().map(|row| row.get(0)).unwrap_or_default();
    let version = schema::version(&client).await?;
    if !schema::is_current(version) {
        let may = "SELECT has_schema_privilege(current_schema(), 'CREATE')";
        let may = client.query_typed(may, &[]).await?;
        return match may.first().and_then(|row| row.get::<_, Option<bool>>(0)) {
            Some(true) => Ok(format!("PostgreSQL {server}, its tables will be made")),
            _ => Err(Failure::Line(format!(
                "denied: the tables are not there: GRANT USAGE, CREATE ON SCHEMA public TO {user}, or start hubtop once as who may"
            ))),
        };
    }
    for (table, rights) in RIGHTS {
        for right in rights.split(", ") {
            let may = format!("SELECT has_table_privilege('{table}', '{right}')");
            let may = client.query_typed(&may, &[]).await?;
            if !may.first().is_some_and(|row| row.get(0)) {
                let grant = format!("denied: GRANT {rights} ON {table} TO {user}");
                return Err(Failure::Line(grant));
            }
        }
    }
    Ok(format!("PostgreSQL {server}, tables of version {version}"))
}
