//! Sends batches by remote write.

use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};

use super::answer::judge;
use super::client::{Access, Http};
use crate::net::FormError;
use crate::store::remote::engine::{Engine, SendError};
use crate::store::remote::queue::{Batch, BatchId};

/// Where Prometheus takes samples, when the address names no path.
const USUAL_PATH: &str = "/api/v1/write";

/// One engine that takes samples.
#[derive(Debug)]
pub(super) struct Writer {
    http: Http,
    /// Which batch may be there although nobody said so: it was sent and not answered; at the start whichever is first.
    in_doubt: Doubt,
}

#[derive(Debug, PartialEq, Eq)]
enum Doubt {
    Any,
    One(BatchId),
    None,
}

impl Writer {
    /// Reads the address and makes the client; nothing connects yet.
    pub fn new(access: &Access) -> Result<Self, FormError> {
        Ok(Self {
            http: Http::new(access, USUAL_PATH)?,
            in_doubt: Doubt::Any,
        })
    }

    /// Whether it would take samples: it is sent a request with none.
    pub async fn look(self) -> Result<String, String> {
        let nothing = snap::raw::Encoder::new().compress_vec(&[]);
        let nothing = nothing.map_err(|error| error.to_string())?;
        let said = self.http.ask(self.request(nothing)).await?;
        let shown = self.http.shown();
        judge(&said, shown, false).map_err(|error| error.to_string())?;
        Ok(format!("{shown} takes samples"))
    }

    fn request(&self, body: Vec<u8>) -> RequestBuilder {
        self.http
            .post("")
            .header(CONTENT_ENCODING, "snappy")
            .header(CONTENT_TYPE, "application/x-protobuf")
            .header("X-Prometheus-Remote-Write-Version", "0.1.0")
            .body(body)
    }
}

impl Engine for Writer {
    async fn send(&mut self, batch: &Batch) -> Result<(), SendError> {
        let in_doubt = match &self.in_doubt {
            Doubt::Any => true,
            Doubt::One(id) => *id == batch.id,
            Doubt::None => false,
        };
        // Until there is an answer; whoever drops this here leaves it so.
        self.in_doubt = Doubt::One(batch.id.clone());
        let request = self.request(batch.bytes.clone());
        let said = self.http.ask(request).await.map_err(SendError::later)?;
        let told = judge(&said, self.http.shown(), in_doubt);
        // A server in trouble (5xx) may have written it all the same.
        if !said.status.is_server_error() {
            self.in_doubt = Doubt::None;
        }
        told
    }
}
