//! Signals and nice values where there is nothing to hold a process with: it is checked right before.

use sysinfo::{Pid, ProcessesToUpdate, System};

use crate::collect::host::signal::ActError;
use crate::model::ProcessKey;

use super::processes::key_of;

/// Sends signal `number` to the process `key`.
///
/// # Errors
/// It is gone, or the system refused.
pub fn send_signal(key: ProcessKey, number: i32) -> Result<(), ActError> {
    let system = checked(key)?;
    send(&system, key, number)
}

/// Gives the process `key` the nice value `nice`.
///
/// # Errors
/// It is gone, or the system refused.
pub fn renice(key: ProcessKey, nice: i32) -> Result<(), ActError> {
    checked(key)?;
    set_nice(key, nice)
}

/// The process as it is now, if it is the one that is meant.
fn checked(key: ProcessKey) -> Result<System, ActError> {
    let gone = ActError::Gone { pid: key.pid };
    let Ok(mut system) = System::new() else {
        return Err(gone);
    };
    let pid = Pid::from_u32(key.pid);
    system.refresh_processes(ProcessesToUpdate::Some(&[pid]), true);
    match system.process(pid) {
        Some(process) if key_of(process) == key => Ok(system),
        _ => Err(gone),
    }
}

#[cfg(unix)]
fn send(_system: &System, key: ProcessKey, number: i32) -> Result<(), ActError> {
    let signal =
        rustix::process::Signal::from_named_raw(number).ok_or_else(|| ActError::Unsupported {
            what: format!("signal {number}"),
        })?;
    rustix::process::kill_process(pid_of(key)?, signal).map_err(|error| refused(key, error))
}

#[cfg(unix)]
fn set_nice(key: ProcessKey, nice: i32) -> Result<(), ActError> {
    rustix::process::setpriority_process(Some(pid_of(key)?), nice).map_err(|error| match error {
        rustix::io::Errno::ACCESS => ActError::OnlyRootFirst { pid: key.pid },
        error => refused(key, error),
    })
}

#[cfg(unix)]
fn pid_of(key: ProcessKey) -> Result<rustix::process::Pid, ActError> {
    let pid = i32::try_from(key.pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    pid.ok_or(ActError::Gone { pid: key.pid })
}

#[cfg(unix)]
fn refused(key: ProcessKey, error: rustix::io::Errno) -> ActError {
    let pid = key.pid;
    match error {
        rustix::io::Errno::SRCH => ActError::Gone { pid },
        rustix::io::Errno::PERM => ActError::NotPermitted {
            pid,
            owner: "another user".to_owned(),
        },
        error => ActError::System {
            pid,
            source: error.into(),
        },
    }
}

#[cfg(not(unix))]
fn send(system: &System, key: ProcessKey, number: i32) -> Result<(), ActError> {
    let is_kill = super::super::host::signal::SIGNALS
        .iter()
        .any(|signal| signal.number == number);
    let process = system.process(Pid::from_u32(key.pid));
    match process {
        _ if !is_kill => Err(ActError::Unsupported {
            what: format!("signal {number}"),
        }),
        Some(process) if process.kill() => Ok(()),
        Some(_) => Err(ActError::NotPermitted {
            pid: key.pid,
            owner: "another user".to_owned(),
        }),
        None => Err(ActError::Gone { pid: key.pid }),
    }
}

#[cfg(not(unix))]
fn set_nice(_key: ProcessKey, nice: i32) -> Result<(), ActError> {
    Err(ActError::Unsupported {
        what: format!("nice value {nice}"),
    })
}
