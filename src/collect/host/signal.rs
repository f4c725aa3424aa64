//! What can be done to a process: a signal, another nice value. Both check right before that the number still means the
//! process that was meant.

use thiserror::Error;

use crate::model::ProcessKey;
use crate::model::command::Signal;

/// Why something was not done to a process, and what to do about it.
#[derive(Debug, Error)]
pub enum ActError {
    /// It ended; its number may belong to another one by now.
    #[error("process {pid} is gone; nothing was done")]
    Gone {
        /// Its number.
        pid: u32,
    },
    /// The system refused.
    #[error("process {pid} belongs to {owner}: run hubtop as {owner} or as root")]
    NotPermitted {
        /// Its number.
        pid: u32,
        /// Whose it is.
        owner: String,
    },
    /// A nice value can be made smaller by root only.
    #[error(
        "only root may put process {pid} before others: run hubtop as root, or choose a larger value"
    )]
    OnlyRootFirst {
        /// Its number.
        pid: u32,
    },
    /// There is no such signal or nice value here.
    #[error("{what} is not to be had on this system")]
    Unsupported {
        /// What was asked for.
        what: String,
    },
    /// The system said something else.
    #[error("process {pid}: {source}")]
    System {
        /// Its number.
        pid: u32,
        /// What the system said.
        source: std::io::Error,
    },
}

const fn signal(number: i32, name: &'static str, effect: &'static str) -> Signal {
    Signal {
        number,
        name,
        effect,
    }
}

/// The signals that are offered, the gentlest first.
#[cfg(unix)]
pub const SIGNALS: &[Signal] = &[
    signal(libc::SIGTERM, "SIGTERM", "asks it to end"),
    signal(libc::SIGINT, "SIGINT", "interrupts it, as Ctrl-C does"),
    signal(
        libc::SIGHUP,
        "SIGHUP",
        "many servers read their settings again, others end",
    ),
    signal(
        libc::SIGKILL,
        "SIGKILL",
        "ends it at once, nothing is saved",
    ),
    signal(libc::SIGSTOP, "SIGSTOP", "stops it until SIGCONT"),
    signal(libc::SIGCONT, "SIGCONT", "lets it go on after a stop"),
    signal(
        libc::SIGUSR1,
        "SIGUSR1",
        "what the program makes of it; ends it by default",
    ),
    signal(
        libc::SIGUSR2,
        "SIGUSR2",
        "what the program makes of it; ends it by default",
    ),
    signal(
        libc::SIGQUIT,
        "SIGQUIT",
        "ends it with a core dump; Java prints its threads",
    ),
];

/// The one thing that can be done to a process here.
#[cfg(not(unix))]
pub const SIGNALS: &[Signal] = &[signal(9, "SIGKILL", "ends it at once, nothing is saved")];

/// Sends signal `number` to the process `key`.
///
/// # Errors
/// It is gone, or the system refused.
pub fn send_signal(key: ProcessKey, number: i32) -> Result<(), ActError> {
    system::send_signal(key, number)
}

/// Gives all threads of the process `key` the nice value `nice`, −20 (first) to 19 (last).
///
/// # Errors
/// It is gone, or the system refused.
pub fn renice(key: ProcessKey, nice: i32) -> Result<(), ActError> {
    system::renice(key, nice)
}

#[cfg(all(target_os = "linux", not(feature = "portable")))]
use super::linux::act as system;
#[cfg(any(not(target_os = "linux"), feature = "portable"))]
use crate::collect::portable::act as system;
