//! Rows that stand otherwise in the file than in the frame, and how all of them are encoded.
//!
//! Rows are MessagePack with the names of their fields, so that those of an older file are read by a newer hubtop: what
//! is missing is what serde is told to put there, what is unknown is read over. The figures of processes alone, of which
//! there are most by far, go without names.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bytes::Broken;
use crate::model::{Frame, Process, ProcessIdentity, ProcessState};

/// Puts a row down; whether it could be.
pub(super) fn put_named(row: impl Serialize, out: &mut Vec<u8>) -> bool {
    rmp_serde::encode::write_named(out, &row).is_ok()
}

/// Reads a row.
pub(super) fn read<T: DeserializeOwned>(row: &[u8]) -> Result<T, Broken> {
    rmp_serde::from_slice(row).map_err(|_| Broken)
}

/// What a frame says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Head {
    pub number: u64,
    pub tick: Duration,
    pub demo: bool,
}

impl Head {
    pub fn of(frame: &Frame) -> Self {
        Self {
            number: frame.number,
            tick: frame.tick,
            demo: frame.demo,
        }
    }
}

/// What changes of a process. The fields stand in the file in this order: a new one goes to the end and has a default.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Figures {
    parent: u32,
    state: ProcessState,
    cpu_percent: Option<f64>,
    memory_percent: f64,
    resident_bytes: u64,
    threads: Option<u32>,
    read_bytes_per_sec: Option<f64>,
    write_bytes_per_sec: Option<f64>,
    cpu_time: Duration,
    nice: Option<i32>,
}

impl Figures {
    pub fn of(process: &Process) -> Self {
        // Taken apart in full, so that a field that is added is not forgotten here.
        let &Process {
            identity: _,
            parent,
            state,
            cpu_percent,
            memory_percent,
            resident_bytes,
            threads,
            read_bytes_per_sec,
            write_bytes_per_sec,
            cpu_time,
            nice,
        } = process;
        Self {
            parent,
            state,
            cpu_percent,
            memory_percent,
            resident_bytes,
            threads,
            read_bytes_per_sec,
            write_bytes_per_sec,
            cpu_time,
            nice,
        }
    }

    pub fn put(&self, out: &mut Vec<u8>) -> bool {
        rmp_serde::encode::write(out, self).is_ok()
    }

    pub fn with(self, identity: Arc<ProcessIdentity>) -> Process {
        Process {
            identity,
            parent: self.parent,
            state: self.state,
            cpu_percent: self.cpu_percent,
            memory_percent: self.memory_percent,
            resident_bytes: self.resident_bytes,
            threads: self.threads,
            read_bytes_per_sec: self.read_bytes_per_sec,
            write_bytes_per_sec: self.write_bytes_per_sec,
            cpu_time: self.cpu_time,
            nice: self.nice,
        }
    }
}
