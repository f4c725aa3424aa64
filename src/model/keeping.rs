//! How the places are doing in which frames are kept: the history on disk, and engines on other machines.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;

/// Whether what happens now is being kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepingState {
    /// It is being opened.
    Starting,
    /// It is.
    Keeping,
    /// Another hubtop keeps it; this one reads the same file.
    Reading,
    /// It is, later: what came meanwhile waits on the disk.
    Queueing,
    /// It is not, and what comes now will not be remembered there.
    Failing,
}

/// One place in which frames are kept, as it stands in a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeping {
    /// What it is called: `history`, or the name of an export.
    pub name: Arc<str>,
    /// Whether it keeps.
    pub state: KeepingState,
    /// What there is to say with the mend, in one line; empty when all is well.
    pub line: Arc<str>,
    /// Since when it has been in this state.
    pub since: Timestamp,
    /// Bytes on disk.
    pub bytes: Option<u64>,
    /// Ticks that could not be kept since the start: they came faster than they could be written, or the place was away
    /// and its queue full.
    pub lost: u64,
}
