//! `/proc/PID/stat` and `/proc/PID/io`, the two files that are read of every process at every tick.

use crate::model::ProcessState;

use super::super::bytes::{fields, number, value_of};

/// A thread of the kernel (`PF_KTHREAD`, include/linux/sched.h).
const KERNEL_THREAD: u64 = 0x0020_0000;

/// What is used of `/proc/PID/stat` (proc_pid_stat(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat<'a> {
    /// The short name, any bytes.
    pub name: &'a [u8],
    pub state: ProcessState,
    pub parent: u32,
    pub is_kernel: bool,
    /// Pages touched for the first time or read back: rises whenever a process works on new memory.
    pub faults: u64,
    /// User and system time, in clock ticks.
    pub cpu_ticks: u64,
    pub nice: i32,
    pub threads: u32,
    /// In clock ticks since boot.
    pub started: u64,
    pub resident_pages: u64,
}

/// Reads a line of `/proc/PID/stat`; `None` when it is not one.
#[must_use]
pub fn parse_stat(text: &[u8]) -> Option<Stat<'_>> {
    // The name stands in parentheses and may hold any byte, parentheses and blanks too; nothing after it holds one.
    let open = text.iter().position(|&b| b == b'(')?;
    let close = text.iter().rposition(|&b| b == b')')?;
    let name = text.get(open + 1..close)?;
    let mut fields = fields(text.get(close + 1..)?);
    let state = state_of(*fields.next()?.first()?);
    let parent = small(fields.next()?)?;
    // pgrp, session, tty, tpgid
    let flags = number(fields.nth(4)?)?;
    let minor_faults = number(fields.next()?)?;
    let major_faults = number(fields.nth(1)?)?;
    let user = number(fields.nth(1)?)?;
    let system = number(fields.next()?)?;
    // cutime, cstime, priority
    let nice = signed(fields.nth(3)?)?;
    let threads = small(fields.next()?)?;
    // itrealvalue
    let started = number(fields.nth(1)?)?;
    // vsize
    let resident_pages = number(fields.nth(1)?)?;
    Some(Stat {
        name,
        state,
        parent,
        is_kernel: flags & KERNEL_THREAD != 0,
        faults: minor_faults.wrapping_add(major_faults),
        cpu_ticks: user.saturating_add(system),
        nice,
        threads,
        started,
        resident_pages,
    })
}

/// The letter of a state as the kernel writes it.
#[must_use]
pub fn state_of(letter: u8) -> ProcessState {
    match letter {
        b'R' => ProcessState::Running,
        b'S' => ProcessState::Sleeping,
        b'D' => ProcessState::Blocked,
        b'T' | b't' => ProcessState::Stopped,
        b'Z' | b'X' | b'x' => ProcessState::Zombie,
        b'I' => ProcessState::Idle,
        _ => ProcessState::Unknown,
    }
}

/// Bytes that a process read from and wrote to storage since it started, from `/proc/PID/io`.
#[must_use]
pub fn parse_io(text: &[u8]) -> Option<(u64, u64)> {
    Some((
        value_of(text, b"read_bytes")?,
        value_of(text, b"write_bytes")?,
    ))
}

fn small(field: &[u8]) -> Option<u32> {
    u32::try_from(number(field)?).ok()
}

fn signed(field: &[u8]) -> Option<i32> {
    match field.strip_prefix(b"-") {
        Some(digits) => Some(-i32::try_from(number(digits)?).ok()?),
        None => i32::try_from(number(field)?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_with_the_worst_name_is_read() {
        let line = b"4242 (a) S 1 (\xff b) R 17 4242 4242 34816 4242 4194304 100 7 5 6 250 50 0 0 20 -5 3 0 987654 1000000 2048 18446744073709551615 1 1";
        assert_eq!(
            parse_stat(line),
            Some(Stat {
                name: b"a) S 1 (\xff b",
                state: ProcessState::Running,
                parent: 17,
                is_kernel: false,
                faults: 105,
                cpu_ticks: 300,
                nice: -5,
                threads: 3,
                started: 987_654,
                resident_pages: 2048,
            })
        );
    }

    #[test]
    fn a_kernel_thread_is_known_by_its_flag() {
        let line = b"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0";
        assert!(parse_stat(line).unwrap().is_kernel);
    }

    #[test]
    fn storage_is_what_is_told_not_what_went_through_the_cache() {
        let text = b"rchar: 9\nwchar: 8\nsyscr: 7\nsyscw: 6\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n";
        assert_eq!(parse_io(text), Some((4096, 8192)));
        assert_eq!(parse_io(b""), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_stat(&text);
            let _ = parse_io(&text);
        }

        #[test]
        fn no_line_that_is_cut_panics(cut in 0_usize..120) {
            let line = b"4242 (a b) R 17 4242 4242 34816 4242 4194304 100 7 5 6 250 50 0 0 20 -5 3 0 987654 1000000 2048";
            let _ = parse_stat(&line[..cut.min(line.len())]);
        }
    }
}
