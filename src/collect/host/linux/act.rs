//! Signals and nice values on Linux. A process is held by a descriptor before it is checked, so that a number that was
//! given to another process in between can't be hit.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal};

use crate::collect::host::signal::ActError;
use crate::model::ProcessKey;

use super::processes::{UserNames, parse_process_stat};

/// Sends signal `number` to the process `key`.
///
/// # Errors
/// It is gone, or the system refused.
pub fn send_signal(key: ProcessKey, number: i32) -> Result<(), ActError> {
    let signal = Signal::from_named_raw(number).ok_or_else(|| ActError::Unsupported {
        what: format!("signal {number}"),
    })?;
    let held = hold(key)?;
    let sent = match &held {
        Some(held) => rustix::process::pidfd_send_signal(held, signal),
        None => rustix::process::kill_process(pid_of(key)?, signal),
    };
    sent.map_err(|error| refused(key, error))
}

/// Gives all threads of the process `key` the nice value `nice`: on Linux each thread has its own.
///
/// # Errors
/// It is gone, or the system refused.
pub fn renice(key: ProcessKey, nice: i32) -> Result<(), ActError> {
    let _held = hold(key)?;
    for tid in threads_of(key) {
        match rustix::process::setpriority_process(Some(tid), nice) {
            // A thread may end at any moment.
            Ok(()) | Err(Errno::SRCH) => {}
            Err(Errno::ACCESS) => return Err(ActError::OnlyRootFirst { pid: key.pid }),
            Err(error) => return Err(refused(key, error)),
        }
    }
    Ok(())
}

/// Holds the process and proves that it is the one that is meant; `None` on kernels (before 5.3) that can't hold one.
fn hold(key: ProcessKey) -> Result<Option<OwnedFd>, ActError> {
    let held = match rustix::process::pidfd_open(pid_of(key)?, PidfdFlags::empty()) {
        Ok(held) => Some(held),
        Err(Errno::NOSYS | Errno::PERM) => None,
        Err(error) => return Err(refused(key, error)),
    };
    let stat = std::fs::read(folder_of(key).join("stat")).unwrap_or_default();
    let is_meant = parse_process_stat(&stat).is_some_and(|stat| stat.started == key.started);
    if is_meant {
        Ok(held)
    } else {
        Err(ActError::Gone { pid: key.pid })
    }
}

fn pid_of(key: ProcessKey) -> Result<Pid, ActError> {
    let pid = i32::try_from(key.pid).ok().and_then(Pid::from_raw);
    pid.ok_or(ActError::Gone { pid: key.pid })
}

fn threads_of(key: ProcessKey) -> Vec<Pid> {
    let entries = std::fs::read_dir(folder_of(key).join("task"));
    let names = entries.into_iter().flatten().flatten();
    names
        .filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

fn folder_of(key: ProcessKey) -> PathBuf {
    PathBuf::from(format!("/proc/{}", key.pid))
}

fn refused(key: ProcessKey, error: Errno) -> ActError {
    let pid = key.pid;
    match error {
        Errno::SRCH => ActError::Gone { pid },
        Errno::PERM => ActError::NotPermitted {
            pid,
            owner: owner_of(key),
        },
        error => ActError::System {
            pid,
            source: error.into(),
        },
    }
}

fn owner_of(key: ProcessKey) -> String {
    use std::os::unix::fs::MetadataExt;
    match std::fs::metadata(folder_of(key)) {
        Ok(folder) => UserNames::new("/etc/passwd".into())
            .name(folder.uid(), std::time::Duration::ZERO)
            .to_string(),
        Err(_) => "another user".to_owned(),
    }
}
