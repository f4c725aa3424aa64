//! Why the command line could not do what was asked.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;

use crate::alert::RuleError;
use crate::config::Mistakes;

/// Why the command line could not do what was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// The settings are wrong.
    #[error("{0}")]
    Settings(#[from] Mistakes),
    /// The rules that hubtop comes with are wrong.
    #[error("hubtop: the default rules can't be read: {0}")]
    DefaultRules(#[from] RuleError),
    /// A source is written down in a way that it can't be opened.
    #[error("hubtop: source.{0}")]
    Source(#[from] crate::net::FormError),
    /// An export is written down in a way that it can't be started.
    #[error("hubtop: export.{0}")]
    Export(crate::net::FormError),
    /// There is no folder for what waits for an export.
    #[error(
        "hubtop: neither XDG_STATE_HOME nor HOME is set: name a folder for the queues of exports, `[history] folder`"
    )]
    NoQueues,
    /// An objective is written down in a way that it can't be judged.
    #[error("hubtop: {0}")]
    Objective(#[from] crate::alert::ObjectiveError),
    /// The answer could not be written.
    #[error("hubtop: the output can't be written: {0}")]
    Output(io::Error),
    /// The answer could not be put into words.
    #[error("hubtop: the snapshot can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A file could not be written.
    #[error("hubtop: {path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The sample would overwrite what a person wrote.
    #[error("hubtop: {path} is there already; `hubtop config check` looks through it", path = .0.display())]
    ConfigExists(PathBuf),
    /// There is no home folder to keep settings in.
    #[error("hubtop: neither XDG_CONFIG_HOME nor HOME is set; name a file with --config FILE")]
    NoHome,
    /// The engine could not be started.
    #[error("hubtop: the system gives no thread: {0}")]
    Start(io::Error),
    /// The screen could not be opened, or was lost.
    #[error("hubtop: {0}")]
    Screen(#[from] crate::ui::app::ScreenError),
    /// The history can't be read or written.
    #[error("hubtop: {0}")]
    History(#[from] crate::store::StoreError),
    /// The engine that is to be asked for the past is written down in a way that it can't be.
    #[error("hubtop: history.from: {0}")]
    ReadBack(crate::net::FormError),
    /// There is a file, and nothing in it yet.
    #[error("hubtop: nothing has been kept yet")]
    NothingKept,
    /// A recording can't be replayed.
    #[error("hubtop: {0}")]
    Replay(#[from] crate::feed::replay::ReplayError),
    /// There is no home folder to keep a history in.
    #[error("hubtop: neither XDG_STATE_HOME nor HOME is set: no history is kept")]
    NoStateFolder,
    /// An option means nothing, or nothing together with the others.
    #[error("hubtop: {option}: {why}")]
    Wrong {
        /// Which.
        option: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// No source answered.
    #[error("hubtop: no figures came within {0} s; `hubtop doctor` says why")]
    NoFigures(u64),
}

impl Error {
    /// 2 for wrong use or settings, 1 for what failed.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) | Self::Wrong { .. } => ExitCode::from(2),
            _ => ExitCode::from(1),
        }
    }
}
