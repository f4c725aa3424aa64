//! What hubtop writes about itself: to a file, never to the screen, and only if asked.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;

use super::Error;
use crate::config::LogLevel;

/// Opens the log; nobody else may read it.
pub fn open(path: &Path, level: LogLevel) -> Result<(), Error> {
    let file = append_to(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(filter(level))
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .finish();
    // Somebody who embeds the library may have set one already; theirs stays.
    let _ = tracing::subscriber::set_global_default(subscriber);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    Ok(())
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}
