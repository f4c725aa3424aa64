//! Where the history of this host lies, and who writes it.

use std::path::PathBuf;

use crate::config::{HistorySettings, Settings};
use crate::store::Sink;
use crate::store::file::{Keeper, Limits, file_in, own_folder};

/// There is no folder to keep it in.
const NO_FOLDER: &str =
    "off, neither XDG_STATE_HOME nor HOME is set; name a folder, `[history] folder`";

/// The folder in which it lies, and the queues of exports beside it; `None` where there is none to keep them in.
pub fn folder(settings: &Settings) -> Option<PathBuf> {
    let folder = settings.history.folder.clone();
    folder.or_else(|| own_folder(|name| std::env::var_os(name)))
}

/// The file of this host, whether or not it is there; `None` without a folder to keep it in.
pub fn file(settings: &Settings) -> Option<PathBuf> {
    folder(settings).map(|folder| file_in(&folder))
}

/// What keeps every frame, if that is wished.
pub fn keeper(settings: &Settings) -> Option<Box<dyn Sink>> {
    if !settings.history.enabled {
        return None;
    }
    let keeper = match file(settings) {
        Some(path) => Keeper::start(&path, limits(&settings.history)),
        None => Keeper::off(NO_FOLDER),
    };
    Some(Box::new(keeper))
}

/// How much is kept.
pub fn limits(history: &HistorySettings) -> Limits {
    Limits {
        bytes: history.bytes,
        ticks: history.ticks,
        ten_seconds: history.ten_seconds,
        minutes: history.minutes,
        quarters: history.quarters,
        ..Limits::default()
    }
}
