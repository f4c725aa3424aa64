//! The engines elsewhere that the settings name.

use std::path::PathBuf;

use super::Error;
use crate::config::Settings;
use crate::model::Timestamp;
use crate::store::Sink;
use crate::store::file::own_folder;
use crate::store::remote::{Around, start_export};

/// The folder in which queues lie: that of the history.
pub fn folder(settings: &Settings) -> Option<PathBuf> {
    let folder = settings.history.folder.clone();
    folder.or_else(|| own_folder(|name| std::env::var_os(name)))
}

/// Starts every export.
pub fn start(settings: &Settings, now: Timestamp) -> Result<Vec<Box<dyn Sink>>, Error> {
    if settings.exports.is_empty() {
        return Ok(Vec::new());
    }
    let state = folder(settings).ok_or(Error::NoQueues)?;
    let around = Around { state, now };
    let exports = settings.exports.iter();
    exports
        .map(|form| start_export(&form.value, &around).map_err(Error::Export))
        .collect()
}
