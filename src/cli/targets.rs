//! The engines elsewhere that the settings name.

use super::{Error, engine::Watched, history};
use crate::config::Settings;
use crate::model::{Catalog, Timestamp};
use crate::store::Sink;
use crate::store::remote::prometheus::{RemoteHistory, read_back};
use crate::store::remote::{Around, ExportForm, start_export};

/// Starts every export.
pub fn start(settings: &Settings, now: Timestamp) -> Result<Vec<Box<dyn Sink>>, Error> {
    if settings.exports.is_empty() {
        return Ok(Vec::new());
    }
    let state = history::folder(settings).ok_or(Error::NoQueues)?;
    let around = Around { state, now };
    let exports = settings.exports.iter();
    exports
        .map(|form| start_export(&form.value, &around).map_err(Error::Export))
        .collect()
}

/// What is asked for the time before all that is kept here, if the settings name it; a story has no other past.
pub fn read_from(
    settings: &Settings,
    watched: Watched,
    catalog: Catalog,
) -> Result<Option<RemoteHistory>, Error> {
    let url = settings.history.from.as_ref();
    let read = |url: &String| read_back(url, &forms(settings), catalog).map_err(Error::ReadBack);
    url.filter(|_| watched == Watched::Host)
        .map(read)
        .transpose()
}

/// The exports, without their places.
pub fn forms(settings: &Settings) -> Vec<ExportForm> {
    let exports = settings.exports.iter();
    exports.map(|form| form.value.clone()).collect()
}
