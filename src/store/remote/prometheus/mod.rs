//! Engines that speak Prometheus' protocols (Prometheus itself, VictoriaMetrics, Mimir, Thanos): remote write 1.0 to keep
//! samples there, its HTTP API to read them back.

mod answer;
mod begin;
mod cache;
mod client;
mod encode;
mod every;
mod message;
mod moments;
mod query;
mod read;
mod reader;
mod writer;

use super::desk::Target;
use super::worker::Export;
use super::{Around, ExportForm, Kind};
use crate::model::Catalog;
use crate::net::FormError;
use crate::store::Sink;
use crate::store::names::Label;
use client::{Access, is_same_server};
use encode::Encoder;
use writer::Writer;

pub use read::RemoteHistory;

/// This kind of export.
pub(super) const KIND: Kind = Kind {
    word: "prometheus",
    keys: &["user", "password_file", "password_env", "tls", "headers"],
    check: |form| Writer::new(&access(form)).map(drop),
    start,
    look: |form| {
        waiting_for(
            || Writer::new(&access(form)),
            async |writer| writer.look().await,
        )
    },
};

fn start(form: &ExportForm, around: &Around) -> Result<Box<dyn Sink>, FormError> {
    let target = Target {
        folder: around.state.clone(),
        name: form.name().to_owned(),
        most_bytes: form.queue_bytes(),
    };
    let writer = Writer::new(&access(form))?;
    let encoder = Encoder::new(labels_of_host(form));
    let export = Export::start(target, form.interval(), encoder, writer, around.now);
    Ok(Box::new(export))
}

/// Begins to read back from the engine at `url` what this host has written there. What an export to the same server says
/// of user, password, TLS, headers, labels and interval holds for reading too. Nothing connects before something is
/// asked.
///
/// # Errors
/// What is wrong with the URL.
pub fn read_back(
    url: &str,
    exports: &[ExportForm],
    catalog: Catalog,
) -> Result<RemoteHistory, FormError> {
    let form = reading_form(url, exports);
    let of_host = labels_of_host(&form);
    RemoteHistory::start(&access(&form), of_host, form.interval(), catalog)
}

/// Looks through a URL that is to be read from; nothing connects.
///
/// # Errors
/// What is wrong with it.
pub fn check_url(url: &str) -> Result<(), FormError> {
    client::Http::new(&access(&reading_form(url, &[])), "").map(drop)
}

/// Asks the engine at `url` whether it answers questions, and waits for it. Where it is.
///
/// # Errors
/// What is wrong, in one line.
pub fn look_back(url: &str, exports: &[ExportForm]) -> Result<String, String> {
    let form = reading_form(url, exports);
    let open = || client::Http::new(&access(&form), "");
    waiting_for(open, async |http| reader::look(http).await)
}

/// The form of an export to the same server with another URL; where there is none, of one that says nothing.
fn reading_form(url: &str, exports: &[ExportForm]) -> ExportForm {
    let mut exports = exports.iter().filter(|form| form.kind == KIND.word);
    let beside = exports.find(|form| is_same_server(&form.url, url));
    ExportForm {
        url: url.to_owned(),
        ..beside.cloned().unwrap_or_default()
    }
}

fn access(form: &ExportForm) -> Access {
    Access {
        address: form.url.clone(),
        user: form.user.clone(),
        password_file: form.password_file.clone(),
        password_env: form.password_env.clone(),
        tls: form.tls.clone().unwrap_or_default(),
        headers: form.headers.clone(),
        timeout: form.timeout(),
    }
}

/// The labels that all series of this host bear: `host`, and those of the form.
fn labels_of_host(form: &ExportForm) -> Vec<Label> {
    let mut labels: Vec<Label> = form.labels.clone().into_iter().collect();
    if labels.iter().all(|(name, _)| name != "host") {
        labels.push(("host".to_owned(), crate::store::file::host_name()));
    }
    labels
}

/// Does something with a server and waits for it, for those who have no runtime.
fn waiting_for<T>(
    open: impl FnOnce() -> Result<T, FormError>,
    ask: impl AsyncFnOnce(T) -> Result<String, String>,
) -> Result<String, String> {
    let opened = open().map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the system gives no thread: {error}"))?;
    runtime.block_on(ask(opened))
}
