//! How hubtop comes into a PostgreSQL server: where it is, the way there, the greeting, and why there is none.

mod address;
mod failure;
mod stream;

use std::sync::Arc;

use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls;
pub(crate) use address::{Address, Place, Written};
pub(crate) use failure::{NoConnection, no_connection, with_cause, words};
pub(crate) use stream::{Allowance, Bounded};

/// Logs in over a stream.
///
/// # Errors
/// Why there is no session.
pub(crate) async fn greet(
    config: &Config,
    address: &Address,
    stream: Bounded,
) -> Result<Client, NoConnection> {
    let failed = |error: tokio_postgres::Error| no_connection(&error, address);
    let Some(form) = &address.tls else {
        let (client, connection) = config.connect_raw(stream, NoTls).await.map_err(failed)?;
        tokio::spawn(drive(connection));
        return Ok(client);
    };
    let settings =
        tls::client_config(form).map_err(|error| NoConnection::Failed(error.to_string()))?;
    let host = match (&form.server_name, &address.place) {
        (Some(name), _) => name.clone(),
        (None, Place::Tcp(host, _)) => host.clone(),
        #[cfg(unix)]
        (None, Place::Socket(_)) => "localhost".to_owned(),
    };
    let mut maker = MakeRustlsConnect::new(Arc::unwrap_or_clone(settings));
    let Ok(connect) =
        tokio_postgres::tls::MakeTlsConnect::<Bounded>::make_tls_connect(&mut maker, &host);
    let (client, connection) = config.connect_raw(stream, connect).await.map_err(failed)?;
    tokio::spawn(drive(connection));
    Ok(client)
}

/// Moves bytes until the connection ends; what ended it is told to whoever waits for an answer.
async fn drive<S, T>(connection: tokio_postgres::Connection<S, T>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to PostgreSQL ended");
    }
}
