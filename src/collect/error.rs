//! Why a source has no answer.

use std::time::Duration;

use thiserror::Error;

use crate::model::format;

/// Why a source has no answer; the text stands behind "because" on the screen.
#[derive(Debug, Error)]
pub enum CollectError {
    /// The machine has no such thing; not asked again for a long time.
    #[error("this machine has none")]
    Absent,
    /// The right to see it is missing.
    #[error("permission denied: {grant}")]
    Denied {
        /// What to grant, as a line to type.
        grant: String,
    },
    /// It did not answer in time.
    #[error("no answer within {}", format::millis(.0.as_secs_f64() * 1e3))]
    Timeout(Duration),
    /// A part of it does not answer; the rest is told elsewhere.
    #[error("{what} has not answered for {}", format::duration(*.silent))]
    Stuck {
        /// Which mount or device.
        what: String,
        /// For how long.
        silent: Duration,
    },
    /// It answered with something that is not understood.
    #[error("{what} can't be read: {why}")]
    Malformed {
        /// Which file or answer.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server can't be reached, refuses or broke off, for a reason that is told as it is, with the mend.
    #[error("{0}")]
    Server(String),
    /// The system said no.
    #[error("{what}: {source}")]
    Io {
        /// Which file or call.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The collector itself failed: a defect of hubtop, which goes on without it.
    #[error("a defect of hubtop while reading it; please report it with the log")]
    Defect,
}
