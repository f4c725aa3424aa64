//! What hubtop may see and do here, and the limits around it.

use super::finding::{Finding, Section};
use crate::model::{Formatter, Frame};

/// Rights and limits.
pub fn section(frame: &Frame) -> Section {
    let mut findings = rights();
    findings.push(container(frame));
    Section::new("Rights and limits", findings)
}

/// What other users' processes let be seen, capabilities(7): their I/O and open files with `CAP_SYS_PTRACE`, signals to
/// them with `CAP_KILL`.
#[cfg(target_os = "linux")]
fn rights() -> Vec<Finding> {
    const KILL: u64 = 1 << 5;
    const SYS_PTRACE: u64 = 1 << 19;
    let Some(effective) = effective_capabilities() else {
        return vec![Finding::doubt(
            "own capabilities can't be read: is /proc mounted?",
        )];
    };
    let finding = |bit: u64, able: &str, unable: &str, mend: &str| {
        if effective & bit == 0 {
            Finding::doubt(unable).mend(mend)
        } else {
            Finding::good(able)
        }
    };
    vec![
        finding(
            SYS_PTRACE,
            "I/O and open files of every user's processes can be seen",
            "I/O and open files of other users' processes can't be seen",
            "run it as root, or `setcap cap_sys_ptrace+ep` on its file",
        ),
        finding(
            KILL,
            "every user's processes can be signalled",
            "other users' processes can't be signalled",
            "run it as root to do that",
        ),
    ]
}

/// The bits of `CapEff` in proc_pid_status(5).
#[cfg(target_os = "linux")]
fn effective_capabilities() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let bits = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(bits.trim(), 16).ok()
}

#[cfg(not(target_os = "linux"))]
fn rights() -> Vec<Finding> {
    vec![Finding::absent("rights are not examined on this system")]
}

/// The control group around hubtop.
fn container(frame: &Frame) -> Finding {
    let format = Formatter::default();
    let memory = frame
        .value("container.memory.limit_bytes")
        .map(|bytes| format!("memory limit {}", format.bytes(bytes)));
    let cpu = frame
        .value("container.cpu.limit_cores")
        .map(|cores| format!("CPU limit {cores} cores"));
    let limits: Vec<String> = [memory, cpu].into_iter().flatten().collect();
    let limits = if limits.is_empty() {
        "no limits".to_owned()
    } else {
        limits.join(", ")
    };
    match &frame.host.container {
        Some(container) => Finding::good(format!("inside {}: {limits}", container.runtime)),
        None => Finding::absent(format!("in no container: {limits}")),
    }
}
